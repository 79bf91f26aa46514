/**
 * Which tick is shown, and what comes next. Pure: a state goes in with a command or with
 * the seconds that passed, a state comes out.
 *
 * A tick is one moment of the timeline (a step that some series logged); each stays for the
 * same time.
 */
import type { Loop } from "./model";

export interface Playhead {
  /** How many ticks there are; 0 when nothing can be played. */
  readonly count: number;
  /** The tick shown, 0 <= tick < count (0 when count is 0). */
  readonly tick: number;
  /** The part of the tick's time that has passed, 0 <= phase < 1. */
  readonly phase: number;
  /** 1 forth, -1 on the way back of a bounce. */
  readonly direction: 1 | -1;
  readonly playing: boolean;
  readonly loop: Loop;
  /** Ticks a second at speed 1. */
  readonly fps: number;
  readonly speed: number;
}

export const SPEEDS: readonly number[] = [0.25, 0.5, 1, 2, 4, 8];
export const FPS_LIMITS = { min: 0.1, max: 60 } as const;

export const initial: Playhead = {
  count: 0,
  tick: 0,
  phase: 0,
  direction: 1,
  playing: false,
  loop: "forever",
  fps: 10,
  speed: 1,
};

/** Ticks a second. */
export const rate = (head: Playhead): number => head.fps * head.speed;

const clamp = (value: number, low: number, high: number): number =>
  Math.min(Math.max(value, low), high);

export function seek(head: Playhead, tick: number): Playhead {
  const last = Math.max(0, head.count - 1);
  return { ...head, tick: clamp(Math.round(tick), 0, last), phase: 0 };
}

/** Another number of ticks; `tick` is where the step that was shown lies now. */
export function resize(head: Playhead, count: number, tick: number): Playhead {
  const moved = seek({ ...head, count }, tick);
  return moved.tick === head.tick ? { ...moved, phase: head.phase } : moved;
}

export function play(head: Playhead): Playhead {
  if (head.count === 0) return head;
  const ended = head.loop === "once" && head.tick === head.count - 1;
  return { ...head, playing: true, direction: 1, ...(ended ? { tick: 0, phase: 0 } : {}) };
}

export const pause = (head: Playhead): Playhead => ({ ...head, playing: false, phase: 0 });

export const toggle = (head: Playhead): Playhead => (head.playing ? pause(head) : play(head));

/** One tick on or back, around the ends; playing stops, as one wants to look. */
export function step(head: Playhead, by: 1 | -1): Playhead {
  if (head.count === 0) return head;
  return seek(pause(head), (head.tick + by + head.count) % head.count);
}

export function setLoop(head: Playhead, loop: Loop): Playhead {
  return { ...head, loop, direction: 1 };
}

export function setSpeed(head: Playhead, speed: number): Playhead {
  const slowest = SPEEDS[0] ?? 1;
  const fastest = SPEEDS[SPEEDS.length - 1] ?? 1;
  return Number.isFinite(speed) ? { ...head, speed: clamp(speed, slowest, fastest) } : head;
}

/** The next faster or slower of the speeds on offer. */
export function shiftSpeed(head: Playhead, by: 1 | -1): Playhead {
  const offered = by > 0 ? SPEEDS : [...SPEEDS].reverse();
  const next = offered.find((speed) => (by > 0 ? speed > head.speed : speed < head.speed));
  return next === undefined ? head : setSpeed(head, next);
}

export function setFps(head: Playhead, fps: number): Playhead {
  return Number.isFinite(fps) ? { ...head, fps: clamp(fps, FPS_LIMITS.min, FPS_LIMITS.max) } : head;
}

/** Where the playhead is `ticks` whole ticks later. */
export function advance(head: Playhead, ticks: number): Playhead {
  const { count, tick, direction, loop } = head;
  if (count === 0 || ticks === 0) return head;
  if (loop === "once") {
    const next = tick + ticks;
    return next < count
      ? { ...head, tick: next }
      : { ...head, tick: count - 1, phase: 0, playing: false };
  }
  if (loop === "forever" || count === 1) return { ...head, tick: (tick + ticks) % count };
  // A bounce shows 0 1 2 3 2 1 and so on: one round has 2 (count - 1) ticks.
  const round = 2 * (count - 1);
  const at = ((direction > 0 ? tick : round - tick) + ticks) % round;
  return at < count - 1
    ? { ...head, tick: at, direction: 1 }
    : { ...head, tick: round - at, direction: -1 };
}

/** Where the playhead is `seconds` later. */
export function update(head: Playhead, seconds: number): Playhead {
  if (!head.playing || head.count === 0 || !(seconds > 0)) return head;
  const passed = head.phase + seconds * rate(head);
  const ticks = Math.floor(passed);
  const moved = advance(head, ticks);
  return moved.playing ? { ...moved, phase: passed - ticks } : moved;
}

/** A display's time for a picture that is this close to whole ticks is meant to be that. */
const NEARLY = 0.05;

/**
 * The seconds between two pictures as they are to count. Displays are not quite even: at a
 * rate of theirs, or a multiple, one picture would now and then show the same tick twice and
 * the next one skip one.
 */
export function even(head: Playhead, seconds: number): number {
  const ticks = seconds * rate(head);
  const whole = Math.round(ticks);
  if (whole === 0 || Math.abs(ticks - whole) > NEARLY * whole) return seconds;
  // A hair more than whole: rounding must not leave a tick unfinished.
  return (whole + 1e-9) / rate(head);
}

/** The ticks that will be shown, the present one first, each once, at most `ahead`. */
export function upcoming(head: Playhead, ahead: number): number[] {
  if (head.count === 0) return [];
  const ticks = new Set<number>([head.tick]);
  let next: Playhead = { ...head, playing: true };
  for (let i = 0; i < ahead && ticks.size < Math.min(ahead, head.count) && next.playing; i++) {
    next = advance(next, 1);
    ticks.add(next.tick);
  }
  return [...ticks];
}
