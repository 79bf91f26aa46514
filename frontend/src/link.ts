/**
 * What one sees, in the page's address: `#animate&p.animate.at=120&...`, the form that
 * TensorBoard keeps for its plugins. Whatever is damaged in an address is ignored, key by
 * key; whatever belongs to others stays as it is.
 */
import { type Compare, initial as comparing, isCompare } from "./compare";
import { LOOPS, type Loop, MEASURES, type Measure } from "./model";
import { FPS_LIMITS, HOLD_LIMITS, initial as head, SPEED_LIMITS } from "./playhead";
import { type BestChoice, GOALS, MAX_WEIGHT } from "./scalars";

/** What a key leaves out has its default. */
export interface Link {
  /** Runs that are hidden. */
  readonly runs?: readonly string[];
  readonly runFilter?: string;
  readonly tagFilter?: string;
  /** Kinds that are hidden. */
  readonly kinds?: readonly string[];
  readonly measure?: Measure;
  /** The playhead's position, and the in and out points', in the measure. */
  readonly at?: number;
  readonly in?: number;
  readonly out?: number;
  readonly loop?: Loop;
  readonly speed?: number;
  readonly fps?: number;
  readonly reverse?: boolean;
  readonly hold?: number;
  /** Whether it stays with the newest frame, or loops the last so many. */
  readonly follow?: "" | "newest" | number;
  readonly compare?: Compare;
  /** Looks, `kind.option` by value. */
  readonly options?: ReadonlyMap<string, string | number>;
  /** The state of single cards, by the series' id; the cards check it. */
  readonly views?: ReadonlyMap<string, object>;
  /** The sample that is shown alone, by the series' id. */
  readonly samples?: ReadonlyMap<string, number>;
  /** Keys of cards. */
  readonly pinned?: readonly string[];
  readonly large?: readonly string[];
  /** The positions of the cards that are played alone, by their keys. */
  readonly unlinked?: ReadonlyMap<string, number>;
  /** Names of groups of cards. */
  readonly closed?: readonly string[];
  /** Tags; none at all is another thing than what is usual. */
  readonly scalars?: readonly string[];
  /** Weight of the past in their curves. */
  readonly smoothing?: number;
  readonly best?: BestChoice;
}

/** How a value is written; null: what was read is no such value, or need not be written. */
interface Codec<Value> {
  read(text: string): Value | null;
  write(value: Value): string | null;
}

const PREFIX = "p.animate.";
/** Characters of a whole address part: chats and mail programs break longer ones. */
const MAX_LENGTH = 8000;
const MAX_FOLLOWED = 100_000;

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/;

function numberIn(min: number, max: number, fallback?: number): Codec<number> {
  return {
    read(text) {
      const value = NUMBER.test(text) ? Number(text) : Number.NaN;
      return Number.isFinite(value) && value >= min && value <= max ? value : null;
    },
    write: (value) => (value === fallback ? null : String(value)),
  };
}

const anyNumber = numberIn(-Infinity, Infinity);

const oneOf = <Value extends string>(values: readonly Value[], fallback: Value): Codec<Value> => ({
  read: (text) => values.find((value) => value === text) ?? null,
  write: (value) => (value === fallback ? null : value),
});

const text: Codec<string> = {
  read: (written) => written,
  write: (value) => value || null,
};

const flag: Codec<boolean> = {
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

const names: Codec<readonly string[]> = {
  read(written) {
    const list = parsed(written);
    return Array.isArray(list) ? list.filter((name) => typeof name === "string") : null;
  },
  write: (list) => (list.length > 0 ? JSON.stringify(list) : null),
};

/** No names are worth their place, too. */
const chosenNames: Codec<readonly string[]> = { read: names.read, write: JSON.stringify };

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Maps, as a name out of an address may be one that every object has. */
function byName<Value>(valid: (value: unknown) => value is Value) {
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

const follow: Codec<"" | "newest" | number> = {
  read: (written) => (written === "newest" ? "newest" : lastFrames.read(written)),
  write: (value) => (value === "" ? null : String(value)),
};

const lastFrames: Codec<number> = {
  read(written) {
    const count = numberIn(1, MAX_FOLLOWED).read(written);
    return Number.isInteger(count) ? count : null;
  },
  write: String,
};

/** `wipe,0.5,previous` or `wipe,0.5,run:NAME`. */
const compare: Codec<Compare> = {
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
const best: Codec<BestChoice> = {
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

const isNumber = (value: unknown): value is number => Number.isFinite(value);

const isCount = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0;

const isLook = (value: unknown): value is string | number =>
  typeof value === "string" || isNumber(value);

const CODECS: { readonly [Key in keyof Required<Link>]: Codec<Required<Link>[Key]> } = {
  runs: names,
  runFilter: text,
  tagFilter: text,
  kinds: names,
  measure: oneOf(MEASURES, "step"),
  at: anyNumber,
  in: anyNumber,
  out: anyNumber,
  loop: oneOf(LOOPS, head.loop),
  speed: numberIn(SPEED_LIMITS.min, SPEED_LIMITS.max, head.speed),
  fps: numberIn(FPS_LIMITS.min, FPS_LIMITS.max, head.fps),
  reverse: flag,
  hold: numberIn(HOLD_LIMITS.min, HOLD_LIMITS.max, head.hold),
  follow,
  compare,
  options: byName(isLook),
  samples: byName(isCount),
  pinned: names,
  large: names,
  unlinked: byName(isNumber),
  closed: names,
  scalars: chosenNames,
  smoothing: numberIn(0, MAX_WEIGHT, 0),
  best,
  views: byName(isObject),
};

const KEYS = Object.keys(CODECS) as (keyof Link)[];

/** Any codec of a key, whose value is then whatever that key has. */
const codecOf = (key: keyof Link): Codec<unknown> => CODECS[key] as Codec<unknown>;

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** Half of a pair of code units cannot be written; what an address may hold stays readable. */
const encoded = (value: string): string =>
  encodeURIComponent(value.replace(/\p{Surrogate}/gu, "\ufffd")).replace(
    /%(2C|2F|3A|40)/g,
    (part) => decodeURIComponent(part),
  );

const partsOf = (hash: string): string[] => hash.replace(/^#/, "").split("&");

/** The key and value of a part of the address that is ours; null for any other. */
function ours(part: string): { readonly key: string; readonly value: string | null } | null {
  const sign = part.indexOf("=");
  const key = decoded(sign < 0 ? part : part.slice(0, sign));
  if (!key?.startsWith(PREFIX)) return null;
  return { key: key.slice(PREFIX.length), value: sign < 0 ? null : decoded(part.slice(sign + 1)) };
}

/** What an address holds, of several equal keys the last; with or without its `#`. */
export function readLink(hash: string): Link {
  const link: Partial<Record<keyof Link, unknown>> = {};
  for (const part of partsOf(hash)) {
    const found = ours(part);
    const key = KEYS.find((known) => known === found?.key);
    if (key === undefined || !found || found.value === null) continue;
    const value = codecOf(key).read(found.value);
    if (value !== null) link[key] = value;
  }
  return link as Link;
}

/** An address, and whether something had to be left out as it became too long. */
export interface Written {
  readonly hash: string;
  readonly cut: boolean;
}

/** The address with our keys replaced by the link's; views are the first to be left out. */
export function writeLink(hash: string, link: Link): Written {
  const foreign = partsOf(hash).filter((part) => part !== "" && ours(part) === null);
  const own = new Map<keyof Link, string>();
  for (const key of KEYS) {
    const written = link[key] === undefined ? null : codecOf(key).write(link[key]);
    // What would be ignored when it is read is not worth its length.
    if (written === null || codecOf(key).read(written) === null) continue;
    own.set(key, `${PREFIX}${key}=${encoded(written)}`);
  }
  const address = () => `#${[...foreign, ...own.values()].join("&")}`;
  const size = own.size;
  while (address().length > MAX_LENGTH && own.size > 0) {
    const [longest] = [...own].reduce((a, b) => (b[1].length > a[1].length ? b : a));
    own.delete(own.has("views") ? "views" : longest);
  }
  return { hash: address(), cut: own.size < size };
}
