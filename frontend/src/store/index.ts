/** Everything the page knows, as signals, and the commands that change it. */
import { batch, computed, effect, type Signal, signal, untracked } from "@preact/signals";
import { type Api, ApiError, isAbort } from "../api";
import { KINDS, type Kind } from "../kinds";
import { compareNames, groupOf, type Listing, type Loop, type Series, type Theme } from "../model";
import * as heads from "../playhead";
import { latest, union } from "../timeline";
import { Clips } from "./clips";
import { type Filter, pattern, shown } from "./filter";
import { createBudgets } from "./frames";
import { Looks } from "./looks";
import { fitting, grouped, type Panel, panelsOf } from "./panels";
import { FittedScene } from "./scenes";
import { isBoolean, isNumber, oneOf, remembered } from "./taste";
import { Track } from "./track";
import { Views } from "./views";

/** Colours of TensorBoard's own image and histogram dashboards, in the order of runs. */
const RUN_COLORS = ["#ff7043", "#0077bb", "#cc3311", "#33bbee", "#ee3377", "#009988", "#bbbbbb"];
/** Seconds that are decoded ahead, and the bounds of it in frames. */
const AHEAD_SECONDS = 1;
const MIN_AHEAD = 4;
const MAX_AHEAD = 48;
/** A longer pause between two pictures is a hidden tab or a busy machine, not time to skip. */
const MAX_TICK_SECONDS = 0.25;
/** While logs are still being read, the listing is asked for so often (in milliseconds). */
const POLL_READING = 1000;
/** When TensorBoard does not answer (in milliseconds). */
const RETRY_AFTER = 3000;
/** Requests for steps under way at once: browsers open six connections to a host. */
const STEP_REQUESTS = 4;

export interface Group {
  readonly name: string;
  readonly panels: readonly Panel[];
}

export type Store = ReturnType<typeof createStore>;

export function createStore(api: Api) {
  const budgets = createBudgets();
  const looks = new Looks();
  const tracks = new Map<string, Track>();
  const scenes = new Map<string, FittedScene>();
  const cardStates = new Views();

  const listing = signal<Listing | null>(null);
  /** Why the listing does not come; null while all is well. */
  const trouble = signal<string | null>(null);
  const theme = signal<Theme>("light");
  const runOrder = signal<readonly string[]>([]);
  const runFilter = signal("");
  const tagFilter = signal("");
  const hiddenRuns: Signal<ReadonlySet<string>> = signal(new Set());
  const hiddenKinds: Signal<ReadonlySet<string>> = signal(new Set());
  /** What is in view, card by card. */
  const views: Signal<readonly ReadonlySet<Track>[]> = signal([]);
  const visible = computed<ReadonlySet<Track>>(
    () => new Set(views.value.flatMap((view) => [...view])),
  );
  const buffering = signal(false);
  const asleep = signal(false);
  const crisp = remembered("crisp", true, isBoolean);
  const tween = remembered("tween", false, isBoolean);
  const cardWidth = remembered("card_width", 300, isNumber);
  const speed = remembered("speed", 1, isNumber);
  const fps = remembered("fps", 10, isNumber);
  const loop = remembered<Loop>("loop", "forever", oneOf(["forever", "bounce", "once"] as const));
  const head = signal(
    heads.setLoop(
      heads.setSpeed(heads.setFps(heads.initial, fps.peek()), speed.peek()),
      loop.peek(),
    ),
  );
  const clips = new Clips(api);

  const filter = computed<Filter>(() => ({
    runs: pattern(runFilter.value),
    tags: pattern(tagFilter.value),
    hiddenRuns: hiddenRuns.value,
    hiddenKinds: hiddenKinds.value,
  }));

  function trackOf(series: Series): Track {
    let track = tracks.get(series.id);
    if (track === undefined) {
      track = new Track(series, api, budgets, looks);
      tracks.set(series.id, track);
    }
    return track;
  }

  const chosen = computed<readonly Track[]>(() =>
    (listing.value?.series ?? [])
      .filter((series) => shown(series, filter.value))
      .sort((a, b) => compareNames(a.tag, b.tag) || compareNames(a.run, b.run))
      .map(trackOf),
  );

  const groups = computed<readonly Group[]>(() => {
    const overlaid = (track: Track) => !!track.kind && !!looks.overlaid(track.kind)?.value;
    const byName = grouped(panelsOf(chosen.value, overlaid), (panel) => groupOf(panel.tag));
    return [...byName].map(([name, panels]) => ({ name, panels }));
  });

  /** The steps that any shown series logged. */
  const ticks = computed(() => union(chosen.value.map((track) => track.steps.value?.steps ?? [])));
  const step = computed(() => ticks.value[head.value.tick]);
  /** The step that the present one turns into; undefined: it stands, or jumps at its end. */
  const following = computed(() => {
    const { playing, tick, direction } = head.value;
    return tween.value && playing ? ticks.value[tick + direction] : undefined;
  });

  const colors = computed(() => {
    const runs = runOrder.value.length > 0 ? runOrder.value : (listing.value?.runs ?? []);
    return new Map(runs.map((run, i) => [run, RUN_COLORS[i % RUN_COLORS.length] as string]));
  });
  const colorOf = (run: string): string => colors.value.get(run) ?? "#9e9e9e";

  // --- the playhead -----------------------------------------------------------------

  /** Whether every card in view has something to show at that tick. */
  function ready(tick: number): boolean {
    const at = ticks.peek()[tick];
    if (at === undefined) return true;
    for (const track of visible.peek()) {
      const index = track.indexAt(at);
      const { buffer } = track;
      if (index >= 0 && buffer !== null && !buffer.settled(index)) return false;
      if (track.kind === undefined || track.problem.peek() !== null) continue;
      // What takes long stops nobody else.
      if (track.pending.peek() !== null) continue;
      if (buffer === null || track.scene.peek() === null) return false;
    }
    return true;
  }

  function tickBy(seconds: number): void {
    const next = heads.update(head.peek(), seconds);
    // No frame is skipped because it is late: all cards wait for it together.
    const waits = next.tick !== head.peek().tick && !ready(next.tick);
    buffering.value = waits;
    if (!waits) head.value = next;
  }

  // The timeline changes with filters and growing logs; the step that is shown does not.
  let shownStep: number | undefined;
  effect(() => {
    const list = ticks.value;
    untracked(() => {
      const at = shownStep === undefined ? 0 : latest(list, shownStep);
      const grown = heads.resize(head.peek(), list.length, Math.max(0, at));
      if (grown.count !== head.peek().count || grown.tick !== head.peek().tick) head.value = grown;
    });
  });
  effect(() => {
    if (step.value !== undefined) shownStep = step.value;
  });

  // Frames that are about to be shown are fetched and decoded.
  effect(() => {
    const now = head.value;
    const list = ticks.value;
    const cards = visible.value;
    if (asleep.value) return;
    const ahead = Math.ceil(heads.rate(now) * AHEAD_SECONDS);
    const next = heads.upcoming(now, Math.min(Math.max(ahead, MIN_AHEAD), MAX_AHEAD));
    // A step back should be there at once, too.
    if (!now.playing && now.tick > 0) next.push(now.tick - 1);
    const share = budgets.decoded.limit / Math.max(1, cards.size);
    for (const track of cards) {
      track.sample.value;
      track.steps.value;
      const scene = track.scene.value;
      track.pending.value;
      const { buffer } = track;
      if (buffer === null) continue;
      const indices = new Set<number>();
      for (const tick of next) {
        const index = track.indexAt(list[tick] ?? Number.NEGATIVE_INFINITY);
        if (index >= 0) indices.add(index);
      }
      // Those behind come last: the picture is drawn without them until they are here.
      const trail = scene && track.kind ? track.kind.trail(scene, 1) : 0;
      const at = track.indexAt(list[now.tick] ?? Number.NEGATIVE_INFINITY);
      for (let back = 1; back <= Math.min(trail, at); back++) indices.add(at - back);
      const room = buffer.frameBytes > 0 ? Math.floor(share / buffer.frameBytes) : MIN_AHEAD;
      buffer.want([...indices].slice(0, Math.max(2, room)));
    }
  });

  // --- scenes -------------------------------------------------------------------------

  effect(() => {
    const cards = visible.value;
    if (asleep.value) return;
    for (const [key, members] of fitting(chosen.value)) {
      const kind = members[0]?.kind;
      if (!kind) continue;
      let scene = scenes.get(key);
      if (scene === undefined) {
        scene = new FittedScene(api, kind, () => {
          for (const track of members) if (kind.placed) track.drop();
        });
        scenes.set(key, scene);
      }
      for (const track of members) track.fit.value = scene;
      const known = members.filter((track) => track.steps.value !== null);
      const all = members.every((track) => known.includes(track) || track.error.value !== null);
      if (known.length === 0 || !members.some((track) => cards.has(track))) continue;
      // With the first run's steps alone, the first picture would be of other axes.
      if (!all && scene.scene.peek() === null) continue;
      const revision = known.map(({ steps: { value } }) => [
        value?.generation,
        value?.steps.length,
        value?.steps.at(-1),
      ]);
      const ids = known.map((track) => track.id);
      scene.want(ids, looks.query(kind, true), JSON.stringify(revision));
    }
  });

  // --- loading ----------------------------------------------------------------------

  let listingRequest: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function refresh(): Promise<void> {
    listingRequest?.abort();
    clearTimeout(timer);
    listingRequest = new AbortController();
    const { signal } = listingRequest;
    try {
      const [next, order] = await Promise.all([
        api.listing(signal),
        // Colours alone hang on it, and a notebook's proxy may hide the route.
        api.runs(signal).catch(() => [] as string[]),
      ]);
      batch(() => {
        trouble.value = null;
        runOrder.value = order;
        for (const series of next.series) tracks.get(series.id)?.update(series);
        forget(next);
        listing.value = next;
      });
      if (next.progress.done < next.progress.total) {
        timer = setTimeout(() => void refresh(), POLL_READING);
      }
    } catch (error) {
      if (isAbort(error)) return;
      trouble.value = error instanceof ApiError ? error.message : String(error);
      timer = setTimeout(() => void refresh(), RETRY_AFTER);
    }
  }

  function forget(next: Listing): void {
    const ids = new Set(next.series.map((series) => series.id));
    for (const [id, track] of tracks) {
      if (ids.has(id)) continue;
      track.close();
      tracks.delete(id);
    }
    const used = new Set([...tracks.values()].map((track) => track.fit.peek()));
    for (const [key, scene] of scenes) {
      if (used.has(scene)) continue;
      scene.close();
      scenes.delete(key);
    }
  }

  // Steps of all that is shown, a few requests at a time.
  let loading = false;
  let changed = false;
  let stepTimer: ReturnType<typeof setTimeout> | undefined;

  async function loadSteps(): Promise<void> {
    changed = true;
    if (loading) return;
    loading = true;
    clearTimeout(stepTimer);
    while (changed) {
      changed = false;
      // What is in view comes first.
      const inView = visible.peek();
      const queue = [...chosen.peek()].sort((a, b) => +inView.has(b) - +inView.has(a));
      const worker = async (): Promise<void> => {
        for (let track = queue.shift(); track !== undefined; track = queue.shift()) {
          await track.load();
        }
      };
      await Promise.all(Array.from({ length: STEP_REQUESTS }, worker));
    }
    loading = false;
    if (chosen.peek().some((track) => track.kind && track.steps.peek() === null)) {
      stepTimer = setTimeout(() => void loadSteps(), RETRY_AFTER);
    }
  }
  effect(() => {
    chosen.value;
    listing.value;
    untracked(() => void loadSteps());
  });
  // Where the scene is each series' own, another choice asks for it with the steps.
  for (const kind of KINDS) {
    if (kind.shares || kind.placed) continue;
    let first = true;
    effect(() => {
      looks.query(kind, true);
      if (first) {
        first = false;
        return;
      }
      untracked(() => {
        for (const track of tracks.values()) if (track.kind === kind) track.refit();
        void loadSteps();
      });
    });
  }

  // --- commands ---------------------------------------------------------------------

  const running = computed(() => head.value.playing && !asleep.value);

  const command = (change: (now: heads.Playhead) => heads.Playhead): void => {
    head.value = change(head.peek());
  };

  return {
    listing,
    trouble,
    theme,
    runFilter,
    tagFilter,
    hiddenRuns,
    hiddenKinds,
    filter,
    visible,
    buffering,
    asleep,
    crisp,
    tween,
    looks,
    cardStates,
    cardWidth,
    head,
    clips,
    chosen,
    groups,
    ticks,
    step,
    following,
    colorOf,
    refresh,
    tickBy,

    /** Advances by the seconds since the last picture, as long as it plays. */
    animate(): () => void {
      return effect(() => {
        if (!running.value) return;
        let last: number | undefined;
        let handle = requestAnimationFrame(function picture(now) {
          // The loop goes on before anything changes, as a change may end it.
          handle = requestAnimationFrame(picture);
          if (last !== undefined) {
            const seconds = Math.min((now - last) / 1000, MAX_TICK_SECONDS);
            untracked(() => tickBy(heads.even(head.peek(), seconds)));
          }
          last = now;
        });
        return () => cancelAnimationFrame(handle);
      });
    },

    /** A card with these is in view; the function that comes back says that it no longer is. */
    show(shown: readonly Track[]): () => void {
      const view = new Set(shown);
      views.value = [...views.peek(), view];
      return () => {
        views.value = views.peek().filter((one) => one !== view);
        // Another card may show the same series.
        for (const track of view) if (!visible.peek().has(track)) track.buffer?.rest();
      };
    },

    /** Gives up what takes long, for all cards of the kind: they share its options. */
    cancelFit(kind: Kind): void {
      const waiting = new Set(
        [...tracks.values()].filter((track) => track.kind === kind && track.pending.peek()),
      );
      const asked = looks.query(kind, true);
      const before = [...waiting].find((track) => track.scene.peek() !== null)?.fit.peek();
      for (const track of waiting) void track.fit.peek()?.cancel(asked);
      looks.restore(kind, before?.options ?? {});
    },

    play: () => command(heads.play),
    pause: () => command(heads.pause),
    toggle: () => command(heads.toggle),
    seek: (tick: number) => command((now) => heads.seek(now, tick)),
    first: () => command((now) => heads.seek(heads.pause(now), 0)),
    last: () => command((now) => heads.seek(heads.pause(now), now.count - 1)),
    stepBy: (by: 1 | -1) => command((now) => heads.step(now, by)),
    shiftSpeed: (by: 1 | -1) => {
      command((now) => heads.shiftSpeed(now, by));
      speed.value = head.peek().speed;
    },
    setSpeed: (value: number) => {
      command((now) => heads.setSpeed(now, value));
      speed.value = head.peek().speed;
    },
    setFps: (value: number) => {
      command((now) => heads.setFps(now, value));
      fps.value = head.peek().fps;
    },
    setLoop: (value: Loop) => {
      command((now) => heads.setLoop(now, value));
      loop.value = value;
    },
  };
}

export type { Panel } from "./panels";
export type { Track } from "./track";
