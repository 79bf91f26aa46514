/** The way that playing takes through the ticks, and when it is where. */
import {
  clamp,
  type Direction,
  inRange,
  natural,
  type Playhead,
  pause,
  rate,
  seek,
  turn,
} from "./state";

interface Place {
  readonly tick: number;
  readonly direction: Direction;
}

/** How long the hold is, in ticks. */
const held = (head: Playhead): number => head.hold * rate(head);

/** How long a tick stays, in ticks. */
const stay = (head: Playhead, tick: number): number => 1 + (tick === head.last ? held(head) : 0);

/** Plays from where it is; from outside the range, or where once has ended, from its start. */
export function play(head: Playhead, direction: Direction = natural(head)): Playhead {
  if (head.count === 0) return head;
  const [start, end] = direction > 0 ? [head.first, head.last] : [head.last, head.first];
  const ended = head.loop === "once" && head.tick === end;
  const anew = ended || !inRange(head, head.tick);
  return { ...turn(anew ? seek(head, start) : head, direction), playing: true, shuttle: 1 };
}

function arrive(head: Playhead, tick: number, direction: Direction): Place {
  const end = direction > 0 ? head.last : head.first;
  const turns = head.loop === "bounce" && head.first < head.last && tick === end;
  return { tick, direction: turns ? (-direction as Direction) : direction };
}

/** The tick after that place; null where playing ends. */
function next(head: Playhead, { tick, direction }: Place): Place | null {
  const { count, loop } = head;
  const [low, high] = inRange(head, tick) ? [head.first, head.last] : [0, count - 1];
  if (tick !== (direction > 0 ? high : low)) return arrive(head, tick + direction, direction);
  if (loop === "once") return null;
  if (loop === "bounce" && low < high) {
    return arrive(head, tick - direction, -direction as Direction);
  }
  return { tick: direction > 0 ? head.first : head.last, direction };
}

/** How long the way round the range is, in ticks. */
function round(head: Playhead): number {
  const between = head.last - head.first;
  return (head.loop === "bounce" && between > 0 ? 2 * between : between + 1) + held(head);
}

/** Where the playhead is `seconds` later. */
export function update(head: Playhead, seconds: number): Playhead {
  if (!head.playing || head.count === 0 || !(seconds > 0 && seconds < Infinity)) return head;
  let at = arrive(head, head.tick, head.direction);
  // Another speed, hold or range may have made the tick's own time shorter.
  let passed = Math.min(head.phase, stay(head, at.tick)) + seconds * rate(head);
  for (;;) {
    const whole = stay(head, at.tick);
    if (passed < whole) return { ...head, ...at, phase: passed };
    if (head.loop !== "once" && inRange(head, at.tick) && passed >= round(head)) {
      passed %= round(head);
      continue;
    }
    const after = next(head, at);
    if (after === null) return pause({ ...head, ...at });
    passed -= whole;
    at = after;
  }
}

/** The tick that the present one turns into; undefined: it jumps, or playing ends with it. */
export function following(head: Playhead): number | undefined {
  const at = arrive(head, head.tick, head.direction);
  const after = next(head, at);
  return after?.tick === at.tick + at.direction ? after.tick : undefined;
}

/**
 * How much of the tick's time has passed as pictures know it, 0 <= phase < 1. What turns
 * into another tick stands still for its hold first; what jumps stands still at its end.
 */
export function drawnPhase(head: Playhead): number {
  const wait = head.tick === head.last && following(head) !== undefined ? held(head) : 0;
  return clamp(head.phase - wait, { min: 0, max: 1 - Number.EPSILON });
}

/** It is as fast as would take it to the newest tick in so many seconds. */
const CATCH_UP = 2;

/** On the way to the newest tick, where it stays: at its own rate, and faster from far behind. */
export function toNewest(head: Playhead): Playhead {
  const last = Math.max(0, head.count - 1);
  const fps = Math.max(rate(head), (last - head.tick) / CATCH_UP);
  const onward = { ...head, direction: 1 as const, playing: head.count > 0, loop: "once" as const };
  return { ...onward, first: 0, last, hold: 0, fps, speed: 1, shuttle: 1 };
}

/**
 * Where it is `seconds` later on that way, and whether it waits. Each frame is shown for its
 * time, however late it comes or the page is.
 */
export function comeBy(
  head: Playhead,
  seconds: number,
  ready: (tick: number) => boolean,
): { readonly next: Playhead; readonly waits: boolean } {
  if (head.count === 0) return { next: head, waits: false };
  if (!ready(head.tick)) return { next: { ...head, phase: 0 }, waits: true };
  const course = toNewest(head);
  const { tick, phase } = update(course, even(course, seconds));
  if (tick === head.tick) return { next: { ...head, phase }, waits: false };
  const waits = !ready(head.tick + 1);
  return { next: waits ? head : seek(head, head.tick + 1), waits };
}

/** The ticks that will be shown, the present one first, each once, at most `ahead`. */
export function upcoming(head: Playhead, ahead: number): number[] {
  if (head.count === 0) return [];
  const ticks = new Set<number>([head.tick]);
  // Paused, it is what playing would show.
  const start = head.playing ? head : play(head);
  let at: Place | null = arrive(start, start.tick, start.direction);
  for (let i = 0; i <= ahead && ticks.size < ahead && at !== null; i++) {
    ticks.add(at.tick);
    at = next(start, at);
  }
  return [...ticks];
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
