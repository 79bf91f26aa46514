/**
 * Which tick is shown, and what comes next. Pure: a state goes in with a command or with
 * the seconds that passed, a state comes out.
 *
 * A tick is one moment of the timeline; each stays for the same time, the out point longer
 * if there is a hold. Playing stays within the in and the out point; seeking need not.
 */
import type { Loop } from "../model";
import { play } from "./course";
import {
  clamp,
  type Direction,
  FPS_LIMITS,
  HOLD_LIMITS,
  inRange,
  natural,
  type Playhead,
  pause,
  SPEED_LIMITS,
  SPEEDS,
  seek,
  turn,
  within,
} from "./state";

export { comeBy, drawnPhase, even, following, play, toNewest, upcoming, update } from "./course";
export {
  type Direction,
  FOLLOW_LIMITS,
  FPS_LIMITS,
  HOLD_LIMITS,
  initial,
  type Playhead,
  pause,
  rate,
  SPEED_LIMITS,
  SPEEDS,
  seek,
} from "./state";

const FASTEST_SHUTTLE = 8;

export const toggle = (head: Playhead): Playhead => (head.playing ? pause(head) : play(head));

/** J, K and L: the same way again doubles the speed. */
export function shuttle(head: Playhead, way: "back" | "stop" | "on"): Playhead {
  if (way === "stop") return pause(head);
  const direction = way === "on" ? 1 : -1;
  if (!head.playing || head.direction !== direction) return play(head, direction);
  return { ...head, shuttle: Math.min(2 * head.shuttle, FASTEST_SHUTTLE) };
}

export const setReverse = (head: Playhead, reverse: boolean): Playhead => ({
  ...turn(head, reverse ? -1 : 1),
  reverse,
  shuttle: 1,
});

export const setLoop = (head: Playhead, loop: Loop): Playhead => ({
  ...turn(head, natural(head)),
  loop,
  shuttle: 1,
});

/** To a share of the range: 0 is the in point, 1 the out point. */
export const seekShare = (head: Playhead, share: number): Playhead =>
  seek(head, head.first + share * (head.last - head.first));

/** One tick on or back, around the ends; playing stops, as one wants to look. */
export function step(head: Playhead, by: Direction): Playhead {
  if (head.count === 0) return head;
  const [low, high] = inRange(head, head.tick) ? [head.first, head.last] : [0, head.count - 1];
  const end = by > 0 ? high : low;
  return seek(pause(head), head.tick === end ? low + high - end : head.tick + by);
}

/** The in point; if the out point is before it, that moves to the end. */
export function setIn(head: Playhead, tick: number): Playhead {
  if (head.count === 0 || Number.isNaN(tick)) return head;
  const first = within(head, tick);
  return { ...head, first, last: first <= head.last ? head.last : head.count - 1 };
}

/** The out point; if the in point is behind it, that moves to the start. */
export function setOut(head: Playhead, tick: number): Playhead {
  if (head.count === 0 || Number.isNaN(tick)) return head;
  const last = within(head, tick);
  return { ...head, last, first: head.first <= last ? head.first : 0 };
}

export const clearRange = (head: Playhead): Playhead => ({
  ...head,
  first: 0,
  last: Math.max(0, head.count - 1),
});

/**
 * Another number of ticks. `tick`, `first` and `last` are where what was shown, and the in
 * and the out point lie now; without the latter two, the range is the whole.
 */
export function resize(
  head: Playhead,
  count: number,
  tick: number,
  first = 0,
  last = count - 1,
): Playhead {
  const moved = seek({ ...head, count }, tick);
  const phase = moved.tick === head.tick ? head.phase : 0;
  return setOut(setIn(clearRange({ ...moved, phase }), first), Math.max(first, last));
}

export function setSpeed(head: Playhead, speed: number): Playhead {
  return Number.isFinite(speed) ? { ...head, speed: clamp(speed, SPEED_LIMITS) } : head;
}

/** The next faster or slower of the speeds on offer. */
export function shiftSpeed(head: Playhead, by: Direction): Playhead {
  const offered = by > 0 ? SPEEDS : [...SPEEDS].reverse();
  const shifted = offered.find((speed) => (by > 0 ? speed > head.speed : speed < head.speed));
  return shifted === undefined ? head : setSpeed(head, shifted);
}

export function setFps(head: Playhead, fps: number): Playhead {
  return Number.isFinite(fps) ? { ...head, fps: clamp(fps, FPS_LIMITS) } : head;
}

export function setHold(head: Playhead, seconds: number): Playhead {
  return Number.isFinite(seconds) ? { ...head, hold: clamp(seconds, HOLD_LIMITS) } : head;
}
