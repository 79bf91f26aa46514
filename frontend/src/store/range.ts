/** Which part of the timeline is played. */
import { latest } from "../timeline";

/** The in and the out point as positions; null: the end of the timeline, wherever it is. */
export interface Range {
  readonly in: number | null;
  readonly out: number | null;
}

export const WHOLE: Range = { in: null, out: null };

/** Stays with the newest tick, or plays the last so many; null: neither. */
export type Follow = null | "newest" | number;

/** The first and the last tick of the range. */
export function endsOf(
  { in: first, out }: Range,
  ticks: readonly number[],
  slack: number,
): readonly [number, number] {
  const end = ticks.length - 1;
  return [
    first === null ? 0 : Math.min(firstFrom(ticks, first, slack), end),
    out === null ? end : Math.max(0, latest(ticks, out, slack)),
  ];
}

/** The index of the first position at or after `position`. */
function firstFrom(ticks: readonly number[], position: number, slack: number): number {
  const before = latest(ticks, position, slack);
  return (ticks[before] ?? -Infinity) >= position - slack ? before : before + 1;
}
