/** Where frames lie on one line, in the measure that one chooses. */
import type { Measure } from "./model";

/** When things were logged; as `/steps` has it, or `/scalars`. */
export interface Logged {
  /** Strictly increasing. */
  readonly steps: readonly number[];
  /** Seconds since the epoch; null where the log holds no number. */
  readonly wall_times: readonly (number | null)[];
}

/** What the positions in a run are counted from. */
export interface RunExtent {
  /** The least wall time, in seconds since the epoch; null where none is known. */
  readonly start: number | null;
  readonly firstStep: number;
  readonly lastStep: number;
}

const isTime = (time: number | null | undefined): time is number => Number.isFinite(time);

/** The extent of all that a run logged; of nothing, 0 to 0. */
export function extentOf(series: readonly Logged[]): RunExtent {
  let [start, firstStep, lastStep] = [Infinity, Infinity, -Infinity];
  for (const { steps, wall_times } of series) {
    for (const time of wall_times) if (isTime(time)) start = Math.min(start, time);
    firstStep = Math.min(firstStep, steps[0] ?? Infinity);
    lastStep = Math.max(lastStep, steps.at(-1) ?? -Infinity);
  }
  return {
    start: Number.isFinite(start) ? start : null,
    firstStep: Number.isFinite(firstStep) ? firstStep : 0,
    lastStep: Number.isFinite(lastStep) ? lastStep : 0,
  };
}

/**
 * The position of each frame, never decreasing. `step`: its step. `time`: the seconds since
 * the run's start; a missing wall time is the one before it, and so is one that goes back.
 * `share`: how far along the run's steps, 0 at its first and 1 at its last.
 */
export function positionsOf(measure: Measure, logged: Logged, run: RunExtent): readonly number[] {
  const { steps, wall_times } = logged;
  if (measure === "step") return steps;
  if (measure === "share") {
    const span = run.lastStep - run.firstStep;
    return steps.map((step) => (span > 0 ? (step - run.firstStep) / span : 0));
  }
  const start = run.start ?? 0;
  let at = (wall_times.find(isTime) ?? start) - start;
  return steps.map((_, i) => {
    const time = wall_times[i];
    if (isTime(time)) at = Math.max(at, time - start);
    return at;
  });
}

/** All values that occur in any of the lists, strictly increasing. */
export function union(lists: readonly (readonly number[])[]): number[] {
  const distinct = lists.filter((list, i) => list.length > 0 && lists.indexOf(list) === i);
  const only = distinct[0];
  if (only === undefined) return [];
  if (distinct.length === 1) return [...only];
  const all = new Set<number>();
  for (const list of distinct) for (const value of list) all.add(value);
  return [...all].sort((a, b) => a - b);
}

/**
 * The positions that the playhead stops at, strictly increasing. Steps: each that any of
 * the series logged. Time and share pass evenly: from 0 to the greatest position in as
 * many moments as the longest series has frames, both ends exactly.
 */
export function ticksOf(measure: Measure, lists: readonly (readonly number[])[]): number[] {
  if (measure === "step") return union(lists);
  let longest = 0;
  let whole = 0;
  for (const list of lists) {
    longest = Math.max(longest, list.length);
    whole = Math.max(whole, list.at(-1) ?? 0);
  }
  if (longest === 0) return [];
  if (whole === 0) return [0];
  const gaps = Math.max(longest, 2) - 1;
  return Array.from({ length: gaps + 1 }, (_, i) => (i === gaps ? whole : (whole / gaps) * i));
}

/** How far a position may lie behind another and still count as the same: rounding. */
export const slackOf = (measure: Measure, ticks: readonly number[]): number =>
  measure === "step" ? 0 : 1e-9 * (ticks.at(-1) ?? 0);

/** The index of the last position at or before `position`; -1 before the first. */
export function latest(positions: readonly number[], position: number, slack = 0): number {
  const until = position + slack;
  let low = 0;
  let high = positions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((positions[middle] as number) <= until) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The index of the position closest to `position`, of two the earlier; -1 if there is none. */
export function nearest(positions: readonly number[], position: number): number {
  const before = latest(positions, position);
  const low = positions[before] ?? -Infinity;
  const high = positions[before + 1] ?? Infinity;
  return high - position < position - low ? before + 1 : before;
}
