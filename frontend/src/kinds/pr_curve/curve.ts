/** One PR curve: as it was logged, and on the way to the next. */
import { floatsOf } from "../floats";

/** One number for each threshold, which increase, in every list. */
export interface PrCurve {
  readonly averagePrecision: number;
  readonly threshold: Float32Array;
  readonly tp: Float32Array;
  readonly fp: Float32Array;
  readonly tn: Float32Array;
  readonly fn: Float32Array;
  readonly precision: Float32Array;
  readonly recall: Float32Array;
}

const LISTS = 7;
/** Of the objects around the numbers. */
const OVERHEAD = 1024;

export function decodeCurve(wire: unknown): PrCurve {
  const floats = floatsOf(wire, "PR curve");
  const count = (floats.length - 1) / LISTS;
  if (!Number.isInteger(count) || count < 0) throw new Error("This PR curve is cut short.");
  const list = (i: number) => floats.subarray(1 + i * count, 1 + (i + 1) * count);
  return {
    averagePrecision: floats[0] as number,
    threshold: list(0),
    tp: list(1),
    fp: list(2),
    tn: list(3),
    fn: list(4),
    precision: list(5),
    recall: list(6),
  };
}

/** Memory that it holds, in bytes. */
export const curveBytes = ({ threshold }: PrCurve): number =>
  OVERHEAD + LISTS * threshold.byteLength;

/** What is drawn of it. */
export type Line = Pick<PrCurve, "recall" | "precision">;

/** What a list of the curve has at these thresholds, which increase; lines between its own. */
function along({ threshold }: PrCurve, list: Float32Array, at: Float32Array): Float32Array {
  let after = 0;
  return at.map((wanted) => {
    while (after < threshold.length - 1 && (threshold[after] as number) < wanted) after++;
    const before = Math.max(after - 1, 0);
    const [start, end] = [threshold[before] as number, threshold[after] as number];
    const share = end > start ? Math.min((wanted - start) / (end - start), 1) : 1;
    return (list[before] as number) * (1 - share) + (list[after] as number) * share;
  });
}

/**
 * Recall and precision on the way: those of each threshold go straight to the next ones. A
 * threshold that only one of both has lies between its neighbours in the other, or where the
 * other ends. A curve without points stays away until it is there.
 */
export function between(first: PrCurve, second: PrCurve, phase: number): Line {
  if (first.threshold.length === 0 || second.threshold.length === 0) return first;
  const at = Float32Array.from(new Set([...first.threshold, ...second.threshold])).sort();
  const way = (list: "recall" | "precision") => {
    const end = along(second, second[list], at);
    return along(first, first[list], at).map(
      (start, i) => (1 - phase) * start + phase * (end[i] as number),
    );
  };
  return { recall: way("recall"), precision: way("precision") };
}
