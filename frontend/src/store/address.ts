/** What one sees, as a link, and a link as what one sees. */
import { initial as alone } from "../compare";
import type { Link } from "../link";
import * as heads from "../playhead";
import { USUAL_BEST } from "../scalars";
import type { Store } from ".";
import { borrow } from "./taste";

/** A taste, but seen all the same; kinds' options are called `kind.option`. */
const TWEEN = "tween";

/** All but the places of playheads, which change while they play. */
export function settingsOf(store: Store): Link {
  const { loop, speed, fps, reverse, hold } = store.player.head.value;
  const { in: first, out } = store.range.value;
  const options = new Map(store.looks.changed);
  if (store.tween.value) options.set(TWEEN, 1);
  const samples = store.chosen.value.flatMap(({ id, sample }) =>
    sample.value === null ? [] : [[id, sample.value] as const],
  );
  const { value: scalars } = store.curves.picked;
  return {
    runs: [...store.hiddenRuns.value],
    runFilter: store.runFilter.value,
    tagFilter: store.tagFilter.value,
    kinds: [...store.hiddenKinds.value],
    measure: store.measure.value,
    ...(first !== null && { in: first }),
    ...(out !== null && { out }),
    loop,
    speed,
    fps,
    reverse,
    hold,
    follow: store.follow.value ?? "",
    compare: store.compare.value,
    options,
    samples: new Map(samples),
    pinned: [...store.pinned.value],
    large: [...store.large.value],
    closed: [...store.closed.value],
    ...(scalars !== null && { scalars }),
    smoothing: store.curves.smoothing.value,
    best: store.curves.best.choice.value,
    views: store.cardStates.touched.value,
  };
}

export function placesOf(store: Store): Link {
  const { value: at } = store.player.position;
  return { ...(at !== undefined && { at }), unlinked: store.players.places };
}

/** What the link leaves out is as at first, whatever this browser's tastes are. */
export function open(store: Store, link: Link): void {
  const { player } = store;
  borrow(() => {
    store.hiddenRuns.value = new Set(link.runs);
    store.runFilter.value = link.runFilter ?? "";
    store.tagFilter.value = link.tagFilter ?? "";
    store.hiddenKinds.value = new Set(link.kinds);
    store.compare.value = link.compare ?? alone;
    store.looks.open(link.options ?? new Map());
    store.tween.value = link.options?.get(TWEEN) === 1;
    store.samples.open(link.samples ?? new Map());
    store.cardStates.open(link.views ?? new Map());
    store.pinned.value = new Set(link.pinned);
    store.large.value = new Set(link.large);
    store.closed.value = new Set(link.closed);
    store.curves.picked.value = link.scalars ?? null;
    store.curves.smoothing.value = link.smoothing ?? 0;
    store.curves.best.choice.value = link.best ?? USUAL_BEST;
    store.measure.value = link.measure ?? "step";
    store.range.value = { in: link.in ?? null, out: link.out ?? null };
    player.command((head) => paced(head, link));
    // Whoever opens the link later is shown what is the newest then.
    player.seekTo(link.follow === "newest" ? undefined : link.at);
    store.follow.value = link.follow || null;
    store.players.open(link.unlinked ?? new Map());
  });
}

/** It stands, so that it stays where the link says. */
function paced(head: heads.Playhead, link: Link): heads.Playhead {
  const { loop, speed, fps, reverse, hold } = { ...heads.initial, ...link };
  const still = heads.setReverse(heads.pause(head), reverse);
  const timed = heads.setHold(heads.setFps(heads.setSpeed(still, speed), fps), hold);
  return heads.setLoop(timed, loop);
}
