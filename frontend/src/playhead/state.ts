/** The state of the playhead, and what both its course and its commands need of it. */
import type { Loop } from "../model";

/** 1: towards the last tick; -1: towards the first. */
export type Direction = 1 | -1;

export interface Playhead {
  /** How many ticks there are; 0 when nothing can be played. */
  readonly count: number;
  /** The tick shown, 0 <= tick < count (0 when count is 0). */
  readonly tick: number;
  /** The time that has passed since the tick came, in ticks: below 1, on hold more. */
  readonly phase: number;
  /** Where it goes at the moment; a bounce turns it as it arrives at an end. */
  readonly direction: Direction;
  readonly playing: boolean;
  readonly loop: Loop;
  /** Ticks a second at speed 1. */
  readonly fps: number;
  readonly speed: number;
  /** What J and L multiply the speed by until one pauses. */
  readonly shuttle: number;
  /** Playing starts towards the first tick. */
  readonly reverse: boolean;
  /** The in and the out point, 0 <= first <= last < count (both 0 when count is 0). */
  readonly first: number;
  readonly last: number;
  /** Seconds that the out point stays longer. */
  readonly hold: number;
}

/** On offer; any speed within the limits can be typed. */
export const SPEEDS: readonly number[] = [0.25, 0.5, 1, 2, 4, 8];
export const SPEED_LIMITS = { min: 0.05, max: 32 } as const;
export const FPS_LIMITS = { min: 0.1, max: 60 } as const;
export const HOLD_LIMITS = { min: 0, max: 60 } as const;
/** How many of the last frames can be followed. */
export const FOLLOW_LIMITS = { min: 1, max: 100_000 } as const;

export const initial: Playhead = {
  count: 0,
  tick: 0,
  phase: 0,
  direction: 1,
  playing: false,
  loop: "forever",
  fps: 10,
  speed: 1,
  shuttle: 1,
  reverse: false,
  first: 0,
  last: 0,
  hold: 0,
};

/** Ticks a second. */
export const rate = (head: Playhead): number => head.fps * head.speed * head.shuttle;

export const clamp = (value: number, { min, max }: { min: number; max: number }): number =>
  Math.min(Math.max(value, min), max);

/** The tick nearest to that one. */
export const within = (head: Playhead, tick: number): number =>
  clamp(Math.round(tick), { min: 0, max: Math.max(0, head.count - 1) });

export const inRange = (head: Playhead, tick: number): boolean =>
  head.first <= tick && tick <= head.last;

export const natural = (head: Playhead): Direction => (head.reverse ? -1 : 1);

export function seek(head: Playhead, tick: number): Playhead {
  return Number.isNaN(tick) ? head : { ...head, tick: within(head, tick), phase: 0 };
}

export const pause = (head: Playhead): Playhead => ({
  ...head,
  playing: false,
  phase: 0,
  shuttle: 1,
});

/** The tick starts over, as its phase counts from the other side. */
export const turn = (head: Playhead, direction: Direction): Playhead =>
  head.direction === direction ? head : { ...head, direction, phase: 0 };
