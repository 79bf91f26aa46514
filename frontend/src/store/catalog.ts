/** What the logs hold: the listing, a track for each series, and the colours of runs. */
import { batch, computed, signal } from "@preact/signals";
import { type Api, isAbort, reasonOf } from "../api";
import { loadKinds } from "../kinds";
import type { Listing, Series } from "../model";
import type { Track } from "./track";

/** Colours of TensorBoard's own image and histogram dashboards, in the order of runs. */
const RUN_COLORS = ["#ff7043", "#0077bb", "#cc3311", "#33bbee", "#ee3377", "#009988", "#bbbbbb"];
/** While logs are still being read, the listing is asked for so often (in milliseconds). */
const POLL_READING = 1000;
/** When TensorBoard does not answer (in milliseconds). */
const RETRY_AFTER = 3000;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

interface Context {
  readonly api: Api;
  create(series: Series): Track;
  inView(): Iterable<Track>;
  /** Makes the change that a new listing is. */
  exchange(next: Listing, change: () => void): void;
}

export class Catalog {
  readonly listing = signal<Listing | null>(null);
  /** Why the listing does not come; null while all is well. */
  readonly trouble = signal<string | null>(null);
  /** When something was last seen to grow, in milliseconds as `performance.now` has them. */
  grown = Number.NEGATIVE_INFINITY;

  readonly #tracks = new Map<string, Track>();
  readonly #order = signal<readonly string[]>([]);
  readonly #colors = computed(() => {
    // TensorBoard's order is asked for once, and runs come that it did not know then.
    const runs = new Set([...this.#order.value, ...(this.listing.value?.runs ?? [])]);
    return new Map([...runs].map((run, i) => [run, RUN_COLORS[i % RUN_COLORS.length] as string]));
  });
  #request: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly context: Context) {}

  get tracks(): Iterable<Track> {
    return this.#tracks.values();
  }

  trackOf(series: Series): Track {
    let track = this.#tracks.get(series.id);
    if (track === undefined) {
      track = this.context.create(series);
      this.#tracks.set(series.id, track);
    }
    return track;
  }

  readonly colorOf = (run: string): string => this.#colors.value.get(run) ?? "#9e9e9e";

  /** Asks for all anew: anything may have changed. */
  async refresh(): Promise<void> {
    this.#request?.abort();
    clearTimeout(this.#timer);
    this.#request = new AbortController();
    const { signal } = this.#request;
    const { api } = this.context;
    try {
      const [next, order] = await Promise.all([
        api.listing(signal),
        // Colours alone hang on it, and a notebook's proxy may hide the route.
        api.runs(signal).catch(() => [] as string[]),
      ]);
      await loadKinds(next.series.map((series) => series.kind));
      if (signal.aborted) return;
      this.context.exchange(next, () => {
        this.trouble.value = null;
        this.#order.value = order;
        this.#take(next, () => true);
      });
      if (next.progress.done < next.progress.total) {
        this.#timer = setTimeout(() => void this.refresh(), POLL_READING);
      }
    } catch (error) {
      if (isAbort(error)) return;
      this.trouble.value = reasonOf(error);
      this.#timer = setTimeout(() => void this.refresh(), RETRY_AFTER);
    } finally {
      if (this.#request?.signal === signal) this.#request = null;
    }
  }

  /** Looks for what was logged since; only what is listed in another way is asked for anew. */
  async poll(): Promise<void> {
    const known = this.listing.peek();
    if (known === null || this.#request !== null) return;
    const controller = new AbortController();
    this.#request = controller;
    try {
      const next = await this.context.api.listing(controller.signal);
      if (controller.signal.aborted) return;
      // A file may be another one with as many frames at the same steps.
      batch(() => {
        for (const track of this.context.inView()) track.update(track.series.peek());
      });
      if (same(known, next)) return;
      await loadKinds(next.series.map((series) => series.kind));
      if (controller.signal.aborted) return;
      const before = new Map(known.series.map((series) => [series.id, series]));
      this.context.exchange(next, () => {
        this.#take(next, (series) => !same(before.get(series.id), series));
      });
    } catch {
      // Nobody asked for it; the next time may do.
    } finally {
      if (this.#request === controller) this.#request = null;
    }
  }

  #take(next: Listing, isNew: (series: Series) => boolean): void {
    const known = this.listing.peek();
    const frames = new Map(known?.series.map((series) => [series.id, series.frames]));
    const grew = (series: Series) => series.frames > (frames.get(series.id) ?? 0);
    if (known !== null && next.series.some(grew)) this.grown = performance.now();
    const ids = new Set(next.series.map((series) => series.id));
    for (const series of next.series) {
      if (isNew(series)) this.#tracks.get(series.id)?.update(series);
    }
    for (const [id, track] of this.#tracks) {
      if (ids.has(id)) continue;
      track.close();
      this.#tracks.delete(id);
    }
    this.listing.value = next;
  }
}
