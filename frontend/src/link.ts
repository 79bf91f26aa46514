/**
 * What one sees, in the page's address: `#animate&p.animate.at=120&...`, the form that
 * TensorBoard keeps for its plugins. Whatever is damaged in an address is ignored, key by
 * key; whatever belongs to others stays as it is.
 */
import type { Compare } from "./compare";
import * as codecs from "./link/codecs";
import { LOOPS, type Loop, MEASURES, type Measure } from "./model";
import { FPS_LIMITS, HOLD_LIMITS, initial as head, SPEED_LIMITS } from "./playhead";
import { type BestChoice, MAX_WEIGHT } from "./scalars";

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

const PREFIX = "p.animate.";
/** Characters of a whole address part: chats and mail programs break longer ones. */
const MAX_LENGTH = 8000;

const CODECS: { readonly [Key in keyof Required<Link>]: codecs.Codec<Required<Link>[Key]> } = {
  runs: codecs.names,
  runFilter: codecs.text,
  tagFilter: codecs.text,
  kinds: codecs.names,
  measure: codecs.oneOf(MEASURES, "step"),
  at: codecs.anyNumber,
  in: codecs.anyNumber,
  out: codecs.anyNumber,
  loop: codecs.oneOf(LOOPS, head.loop),
  speed: codecs.numberIn(SPEED_LIMITS.min, SPEED_LIMITS.max, head.speed),
  fps: codecs.numberIn(FPS_LIMITS.min, FPS_LIMITS.max, head.fps),
  reverse: codecs.flag,
  hold: codecs.numberIn(HOLD_LIMITS.min, HOLD_LIMITS.max, head.hold),
  follow: codecs.follow,
  compare: codecs.compare,
  options: codecs.byName(codecs.isLook),
  samples: codecs.byName(codecs.isCount),
  pinned: codecs.names,
  large: codecs.names,
  unlinked: codecs.byName(codecs.isNumber),
  closed: codecs.names,
  scalars: codecs.chosenNames,
  smoothing: codecs.numberIn(0, MAX_WEIGHT, 0),
  best: codecs.best,
  views: codecs.byName(codecs.isObject),
};

const KEYS = Object.keys(CODECS) as (keyof Link)[];

/** Any codec of a key, whose value is then whatever that key has. */
const codecOf = (key: keyof Link): codecs.Codec<unknown> => CODECS[key] as codecs.Codec<unknown>;

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
