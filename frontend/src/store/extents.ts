/** What positions in each run are counted from. */
import { computed, type ReadonlySignal } from "@preact/signals";
import type { Measure } from "../model";
import { extentOf, type RunExtent } from "../timeline";
import type { Comparison } from "./compare";
import { grouped } from "./panels";
import type { Track } from "./track";

/** What decides where frames and points lie on the timeline. */
export interface Alignment {
  readonly measure: ReadonlySignal<Measure>;
  /** What positions in a run are counted from; undefined: none of its series tells. */
  extentOf(run: string): RunExtent | undefined;
}

/**
 * Of all series that are shown, and of those that the run compared with has of the same tags;
 * the steps are known with the listing, the times later.
 */
export function extentsOf(
  chosen: ReadonlySignal<readonly Track[]>,
  comparison: Comparison,
): ReadonlySignal<ReadonlyMap<string, RunExtent>> {
  return computed(() => {
    const telling = new Set([...chosen.value, ...comparison.counterparts(chosen.value)]);
    const byRun = grouped([...telling], (track) => track.series.value.run);
    return new Map(
      [...byRun].map(([run, tracks]) => [
        run,
        extentOf(
          tracks.map(({ series, steps }) => ({
            steps: [series.value.first_step, series.value.last_step],
            wall_times: steps.value?.wall_times ?? [],
          })),
        ),
      ]),
    );
  });
}
