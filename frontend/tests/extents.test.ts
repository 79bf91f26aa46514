import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { histogram } from "../src/kinds/histogram";
import { made, type Run, TAG, trackOf } from "./tracks";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** From step to step, 50 steps apart, a step in a second. */
const between = (run: string, tag: string, first: number, last: number): Run => {
  const steps = Array.from({ length: (last - first) / 50 + 1 }, (_, i) => first + 50 * i);
  return { run, tag, steps, wall_times: steps.map((step) => 1.7e9 + step) };
};
const early = (run: string, kind: string) => ({ ...between(run, "early", 0, 1000), kind });
const late = (run: string) => between(run, TAG, 500, 1000);

describe("the run that others are compared with", () => {
  const compared = async (kind: string, measure: "share" | "time", hidden: readonly string[]) => {
    const logs = { a: late("a"), a2: early("a", kind), b: late("b"), b2: early("b", kind) };
    const { store } = made(logs);
    store.align(measure);
    store.compare.value = { mode: "wipe", against: { run: "b" }, amount: 0.5 };
    store.hiddenRuns.value = new Set(hidden);
    await store.refresh();
    await vi.advanceTimersByTimeAsync(0);
    const own = trackOf(store, "a");
    const leave = store.show([own]);
    await vi.advanceTimersByTimeAsync(0);
    const pairs = own.positions.value.map((position, i) => {
      const other = store.comparison.wanted(own, position);
      return [own.steps.value?.steps[i], other?.track.steps.value?.steps[other.index]];
    });
    leave();
    return pairs;
  };

  it("counts from the tags that are shown, whether it is shown itself or not", async () => {
    const same = late("a").steps.map((step) => [step, step]);
    for (const kind of ["image", histogram.name]) {
      for (const measure of ["share", "time"] as const) {
        expect(await compared(kind, measure, [])).toEqual(same);
        expect(await compared(kind, measure, ["b"])).toEqual(same);
      }
    }
  });

  it("stays where it is while the amount is changed", async () => {
    const { store } = made({ a: late("a"), b: late("b") });
    store.align("share");
    store.compare.value = { mode: "wipe", against: { run: "b" }, amount: 0.5 };
    await store.refresh();
    await vi.advanceTimersByTimeAsync(0);
    const { value: before } = trackOf(store, "b").positions;
    store.compare.value = { mode: "wipe", against: { run: "b" }, amount: 0.6 };
    expect(trackOf(store, "b").positions.value).toBe(before);
  });
});
