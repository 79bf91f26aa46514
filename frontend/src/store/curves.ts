/** The scalars beneath the timeline: which there are, which are picked, and their curves. */
import {
  computed,
  effect,
  type ReadonlySignal,
  type Signal,
  signal,
  untracked,
} from "@preact/signals";
import type { Api } from "../api";
import { SharedLru } from "../lru";
import { compareNames, type Scalar } from "../model";
import { MAX_WEIGHT } from "../scalars";
import { Best, type Seeking } from "./best";
import type { Alignment } from "./extents";
import { usualPicks } from "./picks";
import { isBoolean, isNumber, remembered } from "./taste";
import { Trace } from "./trace";

/** More curves at once cannot be told apart. */
export const MAX_TRACES = 48;
/** Points of all curves that are kept, shown or not: as many as MAX_TRACES of the longest. */
export const POINTS_BUDGET = 1_000_000;
/** Frames are waited for, curves are not. */
const REQUESTS = 2;
/** While logs are still being read, the list is asked for so often (in milliseconds). */
const POLL_READING = 1000;
/** What belongs to a new frame may be logged after it, and be the last for long (the same). */
const LOOK_AGAIN = 5000;
/** After a failed request (the same). */
const RETRY_AFTER = 3000;

/** A tag that some run logged numbers under. */
export interface ScalarTag {
  readonly tag: string;
  readonly name: string;
  readonly runs: number;
}

export interface Around extends Alignment, Seeking {
  /** Scalars are asked for whenever it changes, if there is something to play. */
  readonly listing: ReadonlySignal<{ readonly series: readonly unknown[] } | null>;
  /** Nobody looks: what failed can wait. */
  readonly asleep: ReadonlySignal<boolean>;
  runShown(run: string): boolean;
}

const isWeight = (value: unknown): value is number =>
  isNumber(value) && value >= 0 && value <= MAX_WEIGHT;

const keyOf = ({ run, tag }: Scalar): string => `${run}\0${tag}`;

export class Curves {
  /** Of all runs; null before it is known. */
  readonly list: ReadonlySignal<readonly Scalar[] | null>;
  /** The tags that somebody picked; null: those that are usual. */
  readonly picked: Signal<readonly string[] | null> = signal(null);
  readonly smoothing = remembered("smoothing", 0, isWeight);
  readonly folded = remembered("strip_folded", false, isBoolean);
  /** All that could be picked, in natural order. */
  readonly tags: ReadonlySignal<readonly ScalarTag[]>;
  /** Those that are picked and there, in the order in which they were. */
  readonly shownTags: ReadonlySignal<readonly string[]>;
  /** All runs that logged something that is picked. */
  readonly runs: ReadonlySignal<readonly string[]>;
  /** The curves that are drawn: tag by tag, at most MAX_TRACES. */
  readonly traces: ReadonlySignal<readonly Trace[]>;
  /** How many more there would be. */
  readonly left: ReadonlySignal<number>;
  readonly best: Best;

  readonly #list = signal<readonly Scalar[] | null>(null);
  readonly #traces = new Map<string, Trace>();
  readonly #kept = new SharedLru(POINTS_BUDGET);
  readonly #loading = new Set<Trace>();
  /** Whether the list or a curve did not come since the list was last asked for. */
  readonly #failed = signal(false);
  #asking = false;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly api: Api,
    private readonly around: Around,
  ) {
    this.list = this.#list;
    this.tags = computed(() => tagsOf(this.#list.value ?? []));
    this.shownTags = computed(() => {
      const tags = this.tags.value.map(({ tag }) => tag);
      return this.picked.value?.filter((tag) => tags.includes(tag)) ?? usualPicks(tags);
    });
    const picked = computed(() =>
      this.shownTags.value.flatMap((tag) =>
        (this.#list.value ?? [])
          .filter((one) => one.tag === tag)
          .sort((a, b) => compareNames(a.run, b.run)),
      ),
    );
    this.runs = computed(() => [...new Set(picked.value.map(({ run }) => run))]);
    const wanted = computed(() => picked.value.filter(({ run }) => around.runShown(run)));
    this.traces = computed(() => wanted.value.slice(0, MAX_TRACES).map((one) => this.#of(one)));
    this.left = computed(() => Math.max(0, wanted.value.length - MAX_TRACES));
    this.best = new Best(this.shownTags, this.traces, this.smoothing, around);
    effect(() => {
      if (!around.listing.value?.series.length) return;
      untracked(() => void this.refresh());
      const timer = setTimeout(() => void this.refresh(), LOOK_AGAIN);
      return () => clearTimeout(timer);
    });
    effect(() => {
      if (!this.#failed.value || around.asleep.value) return;
      // The list as well: what fails may be gone.
      const timer = setTimeout(() => void this.refresh(), RETRY_AFTER);
      return () => clearTimeout(timer);
    });
    effect(() => {
      this.traces.value;
      untracked(() => this.#pump());
    });
  }

  toggle(tag: string): void {
    const now = this.shownTags.peek();
    this.picked.value = now.includes(tag) ? now.filter((one) => one !== tag) : [...now, tag];
  }

  /** Asks what there is, and for what was logged since. */
  async refresh(): Promise<void> {
    this.#again = this.#asking;
    if (this.#asking) return;
    this.#asking = true;
    this.#failed.value = false;
    clearTimeout(this.#timer);
    try {
      const { scalars, progress } = await this.api.scalars();
      this.#update(scalars);
      if (progress.done < progress.total) {
        this.#timer = setTimeout(() => void this.refresh(), POLL_READING);
      }
    } catch {
      // What is known stays.
      this.#failed.value = true;
    }
    this.#asking = false;
    if (this.#again) await this.refresh();
  }

  #update(scalars: readonly Scalar[]): void {
    const known = new Map(scalars.map((one) => [keyOf(one), one]));
    for (const [key, trace] of this.#traces) {
      const info = known.get(key);
      if (info !== undefined) {
        trace.info.value = info;
        trace.retry();
        continue;
      }
      trace.drop();
      this.#kept.remove(key);
      this.#traces.delete(key);
    }
    this.#list.value = scalars;
  }

  #of(info: Scalar): Trace {
    let trace = this.#traces.get(keyOf(info));
    if (trace === undefined) {
      trace = new Trace(info, this.around, this.smoothing, this.api);
      this.#traces.set(keyOf(info), trace);
    }
    return trace;
  }

  /** Loads what is shown and missing, a few at a time. */
  #pump(): void {
    const shown = new Set(this.traces.peek());
    for (const trace of this.#loading) if (!shown.has(trace)) trace.rest();
    this.#kept.pin("shown", new Set([...shown].map((trace) => keyOf(trace.info.peek()))));
    for (const trace of shown) {
      const key = keyOf(trace.info.peek());
      this.#kept.touch(key);
      if (!trace.stale || this.#loading.has(trace) || this.#loading.size >= REQUESTS) continue;
      this.#loading.add(trace);
      void trace.load().then(() => {
        this.#loading.delete(trace);
        if (trace.error.peek() !== null) this.#failed.value = true;
        const size = trace.points.peek()?.steps.length ?? 0;
        if (size > 0 && this.#traces.get(key) === trace) {
          this.#kept.add(key, size, () => trace.drop());
          this.#kept.trim();
        }
        this.#pump();
      });
    }
  }
}

function tagsOf(scalars: readonly Scalar[]): ScalarTag[] {
  const tags = new Map<string, ScalarTag>();
  for (const { tag, display_name } of scalars) {
    const known = tags.get(tag);
    const name = known?.name || display_name || tag;
    tags.set(tag, { tag, name, runs: (known?.runs ?? 0) + 1 });
  }
  return [...tags.values()].sort((a, b) => compareNames(a.tag, b.tag));
}
