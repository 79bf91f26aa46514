/** How the values of a link are written, and read again. */
import { type Compare, initial as comparing, isCompare } from "../compare";
import { FOLLOW_LIMITS } from "../playhead";
import { type BestChoice, GOALS } from "../scalars";

/** How a value is written; null: what was read is no such value, or need not be written. */
export interface Codec<Value> {
  read(text: string): Value | null;
  write(value: Value): string | null;
}

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/;

export function numberIn(min: number, max: number, fallback?: number): Codec<number> {
  return {
    read(text) {
      const value = NUMBER.test(text) ? Number(text) : Number.NaN;
      return Number.isFinite(value) && value >= min && value <= max ? value : null;
    },
    write: (value) => (value === fallback ? null : String(value)),
  };
}

export const anyNumber = numberIn(-Infinity, Infinity);

export const oneOf = <Value extends string>(
  values: readonly Value[],
  fallback: Value,
): Codec<Value> => ({
  read: (text) => values.find((value) => value === text) ?? null,
  write: (value) => (value === fallback ? null : value),
});

export const text: Codec<string> = {
  read: (written) => written,
  write: (value) => value || null,
};

export const flag: Codec<boolean> = {
  read: (written) => (written === "1" ? true : null),
  write: (value) => (value ? "1" : null),
};

function parsed(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    return null;
  }
}

export const names: Codec<readonly string[]> = {
  read(written) {
    const list = parsed(written);
    return Array.isArray(list) ? list.filter((name) => typeof name === "string") : null;
  },
  write: (list) => (list.length > 0 ? JSON.stringify(list) : null),
};

/** No names are worth their place, too. */
export const chosenNames: Codec<readonly string[]> = { read: names.read, write: JSON.stringify };

export const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Maps, as a name out of an address may be one that every object has. */
export function byName<Value>(valid: (value: unknown) => value is Value) {
  const codec: Codec<ReadonlyMap<string, Value>> = {
    read(written) {
      const found = parsed(written);
      if (!isObject(found)) return null;
      const entries = Object.entries(found) as [string, unknown][];
      return new Map(entries.filter((entry): entry is [string, Value] => valid(entry[1])));
    },
    write: (map) => (map.size > 0 ? JSON.stringify(Object.fromEntries(map)) : null),
  };
  return codec;
}

const followed = numberIn(FOLLOW_LIMITS.min, FOLLOW_LIMITS.max);

export const follow: Codec<"" | "newest" | number> = {
  read(written) {
    if (written === "newest") return "newest";
    const count = followed.read(written);
    return Number.isInteger(count) ? count : null;
  },
  write: (value) => (value === "" ? null : String(value)),
};

/** `wipe,0.5,previous` or `wipe,0.5,run:NAME`. */
export const compare: Codec<Compare> = {
  read(written) {
    const [, mode, amount, own, run] =
      /^(\w+),([^,]*),(?:(first|previous)|run:(.*))$/s.exec(written) ?? [];
    const value = { mode, against: own ?? { run }, amount: anyNumber.read(amount ?? "") };
    return isCompare(value) ? value : null;
  },
  write({ mode, against, amount }) {
    if (mode === comparing.mode) return null;
    return `${mode},${amount},${typeof against === "string" ? against : `run:${against.run}`}`;
  },
};

/** `lowest,smoothed,TAG`, each of which may be missing. */
export const best: Codec<BestChoice> = {
  read(written) {
    const [, goal, smoothed, tag] = /^(\w*),(smoothed)?,(.*)$/s.exec(written) ?? [];
    if (tag === undefined) return null;
    const known = GOALS.find((one) => one === goal) ?? null;
    return { tag: tag || null, goal: known, smoothed: smoothed !== undefined };
  },
  write({ tag, goal, smoothed }) {
    const written = `${goal ?? ""},${smoothed ? "smoothed" : ""},${tag ?? ""}`;
    return written === ",," ? null : written;
  },
};

export const isNumber = (value: unknown): value is number => Number.isFinite(value);

export const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0;

export const isLook = (value: unknown): value is string | number =>
  typeof value === "string" || isNumber(value);
