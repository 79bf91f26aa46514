/** Curves of scalars: smoothed, searched and thinned for drawing. */
import type { Points } from "./model";
import { latest } from "./timeline";

type Values = Pick<Points, "values">;

export const GOALS = ["lowest", "highest"] as const;
export type Goal = (typeof GOALS)[number];

/** What counts as the best step. */
export interface BestChoice {
  /** null: the first that is picked. */
  readonly tag: string | null;
  /** null: what the tag's name suggests. */
  readonly goal: Goal | null;
  /** Whether the smoothed curve decides, or what was logged. */
  readonly smoothed: boolean;
}

export const USUAL_BEST: BestChoice = { tag: null, goal: null, smoothed: false };

export const MAX_WEIGHT = 0.99;

const isValue = (value: number | null | undefined): value is number => Number.isFinite(value);

/**
 * TensorBoard's smoothing: an exponential moving average in which the past weighs `weight`,
 * 0 to MAX_WEIGHT, divided by the sum of the weights so far, or the curve would start at
 * zero. Here each value moves the mean by its share, which keeps a constant curve exact.
 * What is no finite number stays out of it and stays null.
 */
export function smooth(
  values: readonly (number | null)[],
  weight: number,
): readonly (number | null)[] {
  if (!(weight > 0)) return values;
  const past = Math.min(weight, MAX_WEIGHT);
  let mean = 0;
  let unseen = 1;
  return values.map((value) => {
    if (!isValue(value)) return null;
    unseen *= past;
    mean += ((1 - past) / (1 - unseen)) * (value - mean);
    return mean;
  });
}

/** The index of the best value once smoothed, of equal ones the earliest; -1 if there is none. */
export function best({ values }: Values, goal: Goal, weight = 0): number {
  const sign = goal === "lowest" ? 1 : -1;
  let found = -1;
  let least = Infinity;
  smooth(values, weight).forEach((value, i) => {
    if (!isValue(value) || sign * value >= least) return;
    least = sign * value;
    found = i;
  });
  return found;
}

/** The value last logged at or before `position`; null before the first, and for no number. */
export function valueAt(
  { values }: Values,
  positions: readonly number[],
  position: number,
  slack = 0,
): number | null {
  const value = values[latest(positions, position, slack)];
  return isValue(value) ? value : null;
}

/**
 * Indices of the points that a curve of so many pixels needs, increasing: of each pixel the
 * least and the greatest value, and the first and the last point. A pixel without a single
 * number keeps one, so that the gap shows.
 */
export function downsample(
  { values }: Values,
  positions: readonly number[],
  pixels: number,
): number[] {
  const count = values.length;
  const columns = Math.max(1, Math.floor(pixels));
  if (count <= 2 * columns) return values.map((_, i) => i);
  const from = positions[0] as number;
  const span = (positions[count - 1] as number) - from;
  const columnOf = (i: number) => {
    const share = span > 0 ? ((positions[i] as number) - from) / span : 0;
    return Math.min(Math.floor(share * columns), columns - 1);
  };
  const kept = new Set([0]);
  for (let begin = 0; begin < count; ) {
    const column = columnOf(begin);
    let [low, high, end] = [begin, begin, begin];
    for (; end < count && columnOf(end) === column; end++) {
      const value = values[end];
      if (!isValue(value)) continue;
      if (value < (values[low] ?? Infinity)) low = end;
      if (value > (values[high] ?? -Infinity)) high = end;
    }
    kept.add(Math.min(low, high)).add(Math.max(low, high));
    begin = end;
  }
  return [...kept.add(count - 1)];
}

const RISING =
  /(?<![a-z])(accuracy|acc|auc|auroc|f1|precision|recall|iou|miou|map|bleu|rouge|psnr|ssim|r2|reward|return|score)(?![a-z])/;
const FALLING = /(?<![a-z])(loss|error|err)(?![a-z])/;

/** Not what is measured, but on what: `Accuracy/test`. */
const DATA = /^(|train|training|val|valid|validation|eval|test|dev)$/i;

/** What one most likely wants of a scalar, by the last part of its tag that says something. */
export function goalOf(tag: string): Goal {
  const name = tag.split("/").findLast((part) => !DATA.test(part)) ?? "";
  // `valAcc` and `mAP` alike: words are found in either reading.
  const readings = `${name} ${name.replace(/([a-z])([A-Z])/g, "$1 $2")}`.toLowerCase();
  return RISING.test(readings) && !FALLING.test(readings) ? "highest" : "lowest";
}

/** The share of a curve's values that may be outliers, at either end. */
const OUTLYING = 0.02;

/**
 * What a picture of these values shows: all of them, or, where few lie far out, what the
 * others span and half as much again on that side. null if there is no number.
 */
export function robustRange(
  values: readonly (number | null)[],
): { readonly min: number; readonly max: number } | null {
  const sorted = Float64Array.from(values.filter(isValue)).sort();
  const count = sorted.length;
  if (count === 0) return null;
  const at = (index: number) => sorted[index] as number;
  const skipped = Math.floor(OUTLYING * count);
  const [low, high] = [at(skipped), at(count - 1 - skipped)];
  const room = (high - low) / 2;
  return { min: Math.max(at(0), low - room), max: Math.min(at(count - 1), high + room) };
}
