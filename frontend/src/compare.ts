/** Two pictures in one place: what is compared, and where and how much of each is seen. */

export const MODES = ["off", "wipe", "onion", "difference"] as const;
export type Mode = (typeof MODES)[number];

/** What is laid over the picture: its own series' first or previous frame, or another run's. */
export type Against = "first" | "previous" | { readonly run: string };

export interface Compare {
  readonly mode: Mode;
  readonly against: Against;
  /** Where the wipe lies, the opacity of the onion skin, or the gain of the difference. */
  readonly amount: number;
}

interface Amounts {
  readonly min: number;
  readonly max: number;
  /** What people set is a whole multiple of this. */
  readonly step: number;
  readonly initial: number;
}

/** What the amount may be, and is at first, in each mode. */
export const AMOUNTS: Readonly<Record<Mode, Amounts>> = {
  off: { min: 0, max: 0, step: 1, initial: 0 },
  wipe: { min: 0, max: 1, step: 0.001, initial: 0.5 },
  onion: { min: 0, max: 1, step: 0.01, initial: 0.5 },
  // Whole, so that levels are multiplied without rounding.
  difference: { min: 1, max: 16, step: 1, initial: 4 },
};

export const initial: Compare = { mode: "off", against: "previous", amount: 0 };

const clamp = (value: number, min: number, max: number): number =>
  Math.min(Math.max(value, min), max);

/** The nearest amount that there is; the quotient keeps 0.07 from becoming 0.07000000000000001. */
const rounded = (mode: Mode, amount: number): number => {
  const perUnit = Math.round(1 / AMOUNTS[mode].step);
  return Math.round(amount * perUnit) / perUnit;
};

/** Another mode begins with an amount of its own. */
export const setMode = (compare: Compare, mode: Mode): Compare =>
  mode === compare.mode ? compare : { ...compare, mode, amount: AMOUNTS[mode].initial };

export function setAmount(compare: Compare, amount: number): Compare {
  const { min, max } = AMOUNTS[compare.mode];
  if (!Number.isFinite(amount)) return compare;
  return { ...compare, amount: clamp(rounded(compare.mode, amount), min, max) };
}

const isAgainst = (value: unknown): value is Against =>
  value === "first" ||
  value === "previous" ||
  (typeof value === "object" && value !== null && "run" in value && typeof value.run === "string");

export function isCompare(value: unknown): value is Compare {
  if (typeof value !== "object" || value === null) return false;
  const { mode, against, amount } = value as Partial<Record<keyof Compare, unknown>>;
  if (!MODES.includes(mode as Mode) || !isAgainst(against) || typeof amount !== "number") {
    return false;
  }
  const { min, max } = AMOUNTS[mode as Mode];
  const possible = mode !== "difference" || Number.isInteger(amount);
  return possible && amount >= min && amount <= max;
}

/**
 * The frame of the own series that one is compared against; -1 if there is none.
 * `index` is the frame shown, counted from 0.
 */
export function indexAgainst(against: "first" | "previous", index: number): number {
  return against === "previous" ? index - 1 : Math.min(index, 0);
}

/** Pixels of a canvas. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The pixel column at which the wipe lies: the own picture is left of it. */
export const wipeLine = (box: Box, amount: number): number =>
  box.x + Math.round(clamp(amount, 0, 1) * box.width);

/**
 * The two parts of what is wiped; together they are the box.
 *
 * @param picture what of the box the picture fills: the amount is a share of its width.
 */
export function wipe(
  box: Box,
  amount: number,
  picture = box,
): { readonly own: Box; readonly other: Box } {
  const line = wipeLine(picture, amount);
  const width = line - box.x;
  return {
    own: { ...box, width },
    other: { ...box, x: line, width: box.width - width },
  };
}

/** The amount of the wipe whose line is under the pointer. */
export const amountAt = (box: Box, x: number): number =>
  box.width > 0 ? clamp((x - box.x) / box.width, 0, 1) : 0;

/** The least difference, of 255, that a gain makes white; what is further apart looks the same. */
export const whiteFrom = (gain: number): number => Math.ceil(255 / gain);
