/** The words that everything else is written in; the wire's types are in `http_api.md`. */

export interface Series {
  readonly id: string;
  readonly run: string;
  readonly tag: string;
  readonly kind: string;
  readonly samples: number;
  readonly frames: number;
  /** How many frames were logged; null where nobody knows. */
  readonly logged: number | null;
  readonly first_step: number;
  readonly last_step: number;
  readonly complete: boolean;
  /** Not complete because TensorBoard keeps a random sample only. */
  readonly sampled: boolean;
  readonly display_name: string;
  readonly description: string;
}

export interface KindInfo {
  readonly name: string;
  readonly title: string;
  /** What TensorBoard's flags call it. */
  readonly plugin_name: string;
}

export interface Format {
  readonly name: string;
  readonly title: string;
  readonly suffix: string;
  readonly mime_type: string;
  readonly max_fps: number;
  /** Pixels of the longer side. */
  readonly max_side: number;
  /** Whether the file itself tells players to repeat it. */
  readonly loops: boolean;
  readonly available: boolean;
  /** How to get what it needs, in one sentence; empty where it is available. */
  readonly hint: string;
}

export interface LogWarning {
  readonly run: string;
  readonly file: string;
  readonly offset: number | null;
  readonly message: string;
}

export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** How far an export is. */
export interface ClipProgress extends Progress {
  /** How many have to end before it begins. */
  readonly waiting?: number;
}

/** What a clip will be. */
export interface ClipPreview {
  readonly width: number;
  readonly height: number;
  readonly pictures: number;
  /** Of one turn. */
  readonly seconds: number;
  /** Estimated. */
  readonly bytes: number;
  /** What is done unasked so that it fits a limit; empty: nothing. */
  readonly change: string;
  /** Some of its pictures, as PNG files. */
  readonly frames: readonly {
    /** Counted from 0. */
    readonly picture: number;
    readonly data: Uint8Array<ArrayBuffer>;
  }[];
}

/** Instead of a scene: it takes long, and somebody may ask again. */
export interface Pending {
  readonly pending: Progress;
}

export interface Listing {
  readonly series: readonly Series[];
  readonly runs: readonly string[];
  readonly kinds: readonly KindInfo[];
  readonly formats: readonly Format[];
  readonly warnings: readonly LogWarning[];
  readonly progress: Progress;
}

export interface Steps {
  /** Strictly increasing. */
  readonly steps: readonly number[];
  /** Seconds since the epoch; null where the log holds no number. */
  readonly wall_times: readonly (number | null)[];
  readonly generation: string;
}

export interface WireFrame {
  readonly step: number;
  readonly wall_time: number | null;
  readonly data: unknown;
  readonly error?: string;
}

export interface FrameChunk {
  readonly frames: readonly WireFrame[];
  readonly generation: string;
  readonly start: number;
}

/** What a run logged under a tag as numbers, in few words. */
export interface Scalar {
  readonly run: string;
  readonly tag: string;
  readonly display_name: string;
  readonly description: string;
  readonly points: number;
  readonly first_step: number;
  readonly last_step: number;
  readonly sampled: boolean;
}

export interface Scalars {
  readonly scalars: readonly Scalar[];
  readonly progress: Progress;
}

/** A curve; of a long one only some points. */
export interface Points {
  /** Strictly increasing. */
  readonly steps: readonly number[];
  /** null where the logged value is not a finite number. */
  readonly values: readonly (number | null)[];
  /** Seconds since the epoch; null where the log holds no number. */
  readonly wall_times: readonly (number | null)[];
  /** How many points there are in all. */
  readonly points: number;
}

/** What holds still over a series; each kind adds its own fields. */
export type Scene = Readonly<Record<string, unknown>>;

type Value = string | number | boolean;
/** Parameters of a request; null and undefined are left out, lists repeat their name. */
export type Query = Readonly<Record<string, Value | readonly Value[] | null | undefined>>;

export const LOOPS = ["forever", "bounce", "once"] as const;
export type Loop = (typeof LOOPS)[number];

/** What the timeline counts: steps, seconds since the run's start, or the share of the run. */
export const MEASURES = ["step", "time", "share"] as const;
export type Measure = (typeof MEASURES)[number];

export type Theme = "light" | "dark";

/** The part of a tag before its first slash: cards are grouped by it, as in TensorBoard. */
export function groupOf(tag: string): string {
  const slash = tag.indexOf("/");
  return slash > 0 ? tag.slice(0, slash) : tag;
}

/** The same for all runs of a tag, as far as they are of one kind. */
export const tagKey = ({ kind, tag }: Pick<Series, "kind" | "tag">): string => `${kind}\0${tag}`;

const natural = new Intl.Collator("en", { numeric: true });

/** Orders names as people do: `layer2` before `layer10`. */
export function compareNames(a: string, b: string): number {
  return natural.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}
