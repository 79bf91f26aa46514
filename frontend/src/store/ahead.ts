/** Frames that are about to be shown are fetched and decoded. */
import { effect, type ReadonlySignal } from "@preact/signals";
import * as heads from "../playhead";
import type { Comparison } from "./compare";
import type { Budgets, FrameBuffer } from "./frames";
import type { Player } from "./player";
import type { Track } from "./track";

/** Seconds that are decoded ahead, and the bounds of it in frames. */
const AHEAD_SECONDS = 1;
const MIN_AHEAD = 4;
const MAX_AHEAD = 48;

interface Context {
  readonly asleep: ReadonlySignal<boolean>;
  readonly visible: ReadonlySignal<ReadonlySet<Track>>;
  readonly budgets: Budgets;
  readonly comparison: Comparison;
  playerOf(track: Track): Player;
}

/** The positions that a playhead comes to, the most urgent first. */
function positionsAhead(player: Player): number[] {
  const { value: now } = player.course;
  const ahead = Math.ceil(heads.rate(now) * AHEAD_SECONDS);
  const next = heads.upcoming(now, Math.min(Math.max(ahead, MIN_AHEAD), MAX_AHEAD));
  // A step back should be there at once, too.
  if (!now.playing && now.tick > 0) next.push(now.tick - 1);
  return next.flatMap((tick) => player.positionAt(tick) ?? []);
}

/**
 * The frames of a card that are wanted, the most urgent first.
 *
 * @param following what the present position turns into; undefined: nothing.
 */
function framesAhead(
  track: Track,
  positions: readonly number[],
  following: number | undefined,
): Set<number> {
  const indices = new Set(positions.map((at) => track.indexAt(at)).filter((index) => index >= 0));
  // Those behind come last: the picture is drawn without them until they are here.
  const scene = track.scene.value;
  const trail = scene && track.kind ? track.kind.trail(scene, 1) : 0;
  const at = track.indexAt(positions[0]);
  // On the way back the trail is that of the frame that is come to.
  const next = track.indexAt(following);
  const oldest = Math.max(0, (next < 0 ? at : Math.min(at, next)) - trail);
  for (let index = at - 1; index >= oldest; index--) indices.add(index);
  return indices;
}

export function fetchAhead(context: Context): void {
  const { asleep, visible, budgets, comparison, playerOf } = context;
  let before: ReadonlySet<FrameBuffer> = new Set();
  effect(() => {
    const cards = visible.value;
    if (asleep.value) {
      // Nobody looks: what failed would be asked for again and again.
      for (const buffer of before) buffer.rest();
      return;
    }
    const share = budgets.decoded.limit / Math.max(1, cards.size);
    const positions = new Map<Player, readonly number[]>();
    // A series may be on its own card, and beside it on those that are compared with it.
    const wanted = new Map<FrameBuffer, Set<number>>();
    const want = (buffer: FrameBuffer, index: number) => {
      wanted.set(buffer, (wanted.get(buffer) ?? new Set()).add(index));
    };
    for (const track of cards) {
      const player = playerOf(track);
      const ahead = positions.get(player) ?? positionsAhead(player);
      positions.set(player, ahead);
      track.sample.value;
      track.pending.value;
      const indices = framesAhead(track, ahead, player.following.value);
      const { buffer } = track;
      if (buffer === null) continue;
      const size = buffer.frameBytes.value;
      const room = size > 0 ? Math.floor(share / size) : MIN_AHEAD;
      const most = Math.max(2, Math.floor(room / (comparison.concerns(track) ? 2 : 1)));
      for (const index of [...indices].slice(0, most)) want(buffer, index);
      for (const at of ahead.slice(0, most)) {
        const other = comparison.wanted(track, at);
        if (other?.track.buffer) want(other.track.buffer, other.index);
      }
    }
    for (const buffer of before) if (!wanted.has(buffer)) buffer.rest();
    for (const [buffer, indices] of wanted) buffer.want([...indices]);
    before = new Set(wanted.keys());
  });
}
