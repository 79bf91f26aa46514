/** What each card's picture is compared with: another run's frame, or one of its own. */
import { computed, type ReadonlySignal, type Signal, signal, untracked } from "@preact/signals";
import { type Compare, indexAgainst, initial } from "../compare";
import { formatStep } from "../format";
import { type Query, type Series, tagKey } from "../model";
import type { Slot } from "./frames";
import { Track } from "./track";

/** A frame that is there, or on its way, or one sentence that says why there is none. */
export type Counterpart =
  | {
      readonly state: "frame";
      readonly track: Track;
      readonly index: number;
      readonly data: unknown;
    }
  | { readonly state: "coming"; readonly track: Track; readonly index: number }
  | { readonly state: "missing"; readonly reason: string };

const missing = (reason: string): Counterpart => ({ state: "missing", reason });

/** Where a counterpart is; its index is -1 as long as its steps are not known. */
type Place = { readonly track: Track; readonly index: number } | { readonly reason: string };

export class Comparison {
  readonly chosen: Signal<Compare> = signal(initial);
  /** Series with another sample than their own cards show. */
  readonly #apart = new Map<string, Track>();
  readonly #byName: ReadonlySignal<ReadonlyMap<string, Series>>;
  /** Which run is compared with, if one is; the same while people change the amount. */
  readonly #run: ReadonlySignal<string | null> = computed(() => {
    const { mode, against } = this.chosen.value;
    return mode === "off" || typeof against === "string" ? null : against.run;
  });

  constructor(
    private readonly all: () => readonly Series[],
    private readonly trackOf: (series: Series) => Track,
    private readonly open: (series: Series) => Track,
  ) {
    this.#byName = computed(
      () => new Map(all().map((series) => [nameIn(series.run, series), series])),
    );
  }

  /** Whether that track's pictures are compared at all. */
  concerns(track: Track): boolean {
    return track.kind?.compares === true && this.chosen.value.mode !== "off";
  }

  /** Runs that have something to compare with, in the listing's order. */
  runs(tracks: readonly Track[]): readonly string[] {
    const tags = new Set(
      tracks.filter((track) => track.kind?.compares).map((track) => tagKey(track.series.value)),
    );
    const having = this.all().filter((series) => tags.has(tagKey(series)));
    return [...new Set(having.map((series) => series.run))];
  }

  /** Whose frame, or which: "baseline", "first frame". */
  get word(): string {
    const { against } = this.chosen.value;
    return typeof against === "string" ? `${against} frame` : against.run;
  }

  /** What a clip of that track has to know. */
  clip(track: Track): Query {
    const { mode, against, amount } = this.chosen.value;
    if (!this.concerns(track)) return {};
    const whose = typeof against === "string" ? against : `run:${against.run}`;
    return { compare: mode, against: whose, amount };
  }

  /** The other series that the tracks need, to be loaded with them. */
  others(tracks: Iterable<Track>): ReadonlySet<Track> {
    const found = new Set<Track>();
    for (const track of tracks) {
      const other = this.concerns(track) ? this.#other(track) : null;
      if (other instanceof Track && other !== track) found.add(other);
    }
    return found;
  }

  /**
   * What the run that is compared with has of these tags, shown or not, compared or not: what it
   * is counted from is told from all of them, as it is of the tracks' own runs.
   */
  counterparts(tracks: readonly Track[]): readonly Track[] {
    const run = this.#run.value;
    if (run === null || !tracks.some((track) => track.kind?.compares)) return [];
    const found = new Set(
      tracks.flatMap((track) => this.#byName.value.get(nameIn(run, track.series.value)) ?? []),
    );
    return [...found].map((series) => this.trackOf(series));
  }

  /** The frame that the track's own at this position is compared with; null: none is wanted. */
  at(track: Track, position: number | undefined): Counterpart | null {
    const place = this.#place(track, position);
    if (place === null) return null;
    if ("reason" in place) return missing(place.reason);
    const { track: other, index } = place;
    other.version.value;
    if (index < 0) return { state: "coming", track: other, index };
    const slot: Slot | undefined = other.buffer?.slot(index);
    if (slot === undefined) {
      const trouble = other.buffer?.trouble;
      return trouble ? missing(trouble) : { state: "coming", track: other, index };
    }
    return "error" in slot
      ? missing(slot.error)
      : { state: "frame", track: other, index, data: slot.data };
  }

  /** The series whose frame has to be fetched for that, and which. */
  wanted(track: Track, position: number | undefined): { track: Track; index: number } | null {
    const place = this.#place(track, position);
    return place !== null && "track" in place && place.index >= 0 ? place : null;
  }

  /** Series were listed anew; those that are not among them are gone. */
  update(listed: readonly Series[]): void {
    const byId = new Map(listed.map((series) => [series.id, series]));
    for (const [key, track] of this.#apart) {
      const series = byId.get(track.id);
      if (series) {
        track.update(series);
      } else {
        track.close();
        this.#apart.delete(key);
      }
    }
  }

  #place(track: Track, position: number | undefined): Place | null {
    if (!this.concerns(track)) return null;
    const own = track.indexAt(position);
    if (own < 0) return null;
    const { against } = this.chosen.value;
    if (typeof against === "string") {
      const index = indexAgainst(against, own);
      return index < 0 ? { reason: "There is no frame before the first." } : { track, index };
    }
    const other = this.#other(track);
    if (!(other instanceof Track)) return other;
    if (other.error.value !== null) return { reason: `${against.run}: ${other.error.value}` };
    if (other.steps.value === null) return { track: other, index: -1 };
    const index = other.indexAt(position);
    if (index >= 0) return { track: other, index };
    const step = formatStep(other.series.value.first_step);
    return { reason: `${against.run} begins later, at step ${step}.` };
  }

  #other(track: Track): Track | { readonly reason: string } {
    const { against } = this.chosen.value;
    if (typeof against === "string") return track;
    const { run } = against;
    const own = track.series.value;
    if (own.run === run) return { reason: "Others are compared with it." };
    const series = this.#byName.value.get(nameIn(run, own));
    if (!series) return { reason: `${run} has not logged this tag.` };
    const sample = track.sample.value;
    if (sample !== null && sample >= series.samples) {
      return { reason: `${run} has no sample ${sample + 1}.` };
    }
    const shared = this.trackOf(series);
    // Its own card may show another one.
    return shared.sample.value === sample ? shared : this.#with(series, sample);
  }

  #with(series: Series, sample: number | null): Track {
    const key = `${series.id} ${sample}`;
    let track = this.#apart.get(key);
    if (track === undefined) {
      const opened = this.open(series);
      // Whoever asks for the track does not hang on what choosing reads.
      untracked(() => opened.choose(sample));
      this.#apart.set(key, opened);
      track = opened;
    }
    return track;
  }
}

const nameIn = (run: string, series: Series): string => `${run}\0${tagKey(series)}`;
