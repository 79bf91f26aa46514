/** Steps of all that is shown, many series with each request. */
import { batch, computed, effect, type ReadonlySignal, untracked } from "@preact/signals";
import { type Api, reasonOf } from "../api";
import type { Measure } from "../model";
import type { Comparison } from "./compare";
import type { Track } from "./track";

/** Series of the first request: about what is in view, whose answer should be short. */
const FIRST_SERIES = 16;
/** As many as the server takes at once. */
const MAX_SERIES = 64;
/** When TensorBoard does not answer (in milliseconds). */
const RETRY_AFTER = 3000;

interface Context {
  readonly api: Pick<Api, "steps">;
  readonly comparison: Comparison;
  readonly chosen: ReadonlySignal<readonly Track[]>;
  readonly visible: ReadonlySignal<ReadonlySet<Track>>;
  readonly measure: ReadonlySignal<Measure>;
  /** The listing, as soon as all logs are read. */
  readonly whole: ReadonlySignal<unknown>;
}

export function loadSteps({ api, comparison, chosen, visible, measure, whole }: Context): void {
  let loading = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Whose steps are not known or may be others now; what is in view comes first. */
  const stale = computed(() => {
    const inView = visible.value;
    // When a run began is told by all of these, shown or not.
    const telling = measure.value === "time" ? comparison.counterparts(chosen.value) : [];
    const all = new Set([...comparison.others(inView), ...chosen.value, ...telling]);
    const waiting = [...all].filter((track) => track.stale.value);
    return waiting.sort((a, b) => +inView.has(b) - +inView.has(a));
  });

  async function load(): Promise<void> {
    if (loading) return;
    loading = true;
    clearTimeout(timer);
    timer = undefined;
    const failed = new Set<Track>();
    const next = (most: number) =>
      stale
        .peek()
        .filter((track) => !failed.has(track))
        .slice(0, most);
    for (let part = next(FIRST_SERIES); part.length > 0; part = next(MAX_SERIES)) {
      for (const track of await ask(part)) failed.add(track);
    }
    loading = false;
    if (failed.size > 0) timer = setTimeout(() => void load(), RETRY_AFTER);
  }

  /** Returns those that it had no answer for. */
  async function ask(tracks: readonly Track[]): Promise<readonly Track[]> {
    batch(() => {
      for (const track of tracks) track.stale.value = false;
    });
    try {
      const ids = tracks.map((track) => track.id);
      const found = await api.steps(ids, whole.peek() === null);
      const missing = tracks.filter((track) => found[track.id] === undefined);
      batch(() => {
        for (const track of tracks) {
          const steps = found[track.id];
          if (steps !== undefined) track.take(steps);
        }
        for (const track of missing) track.fail("This series is no longer in the log.");
      });
      return missing;
    } catch (error) {
      batch(() => {
        for (const track of tracks) track.fail(reasonOf(error));
      });
      return tracks;
    }
  }

  effect(() => {
    // While it waits to try again, what comes new waits with it.
    if (stale.value.length > 0 && timer === undefined) untracked(() => void load());
  });
}
