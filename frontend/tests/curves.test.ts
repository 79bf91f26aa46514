import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../src/api";
import { type Curves, MAX_TRACES, POINTS_BUDGET } from "../src/store/curves";
import { Log, loaded, open } from "./scalarlog";

const names = (curves: Curves) => curves.traces.value.map(({ run, tag }) => `${run} ${tag}`);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("what is picked", () => {
  it("is what is usual until somebody picks, and then that, in this order", async () => {
    const log = new Log();
    for (const tag of ["lr", "train/loss", "val/accuracy", "val/loss"]) log.write("a", tag, [1]);
    const { curves } = await loaded(log);
    expect(curves.shownTags.value).toEqual(["val/loss", "val/accuracy"]);
    curves.toggle("lr");
    curves.toggle("val/loss");
    expect(curves.shownTags.value).toEqual(["val/accuracy", "lr"]);
    curves.toggle("val/accuracy");
    curves.toggle("lr");
    expect(curves.picked.value).toEqual([]);
    expect(names(curves)).toEqual([]);
    curves.picked.value = ["gone", "train/loss"];
    expect(names(curves)).toEqual(["a train/loss"]);
  });
});

describe("loading", () => {
  it("asks for curves that are shown, few at a time, each once", async () => {
    const log = new Log();
    for (let run = 0; run < 9; run++) log.write(`r${run}`, "loss", [run, run]);
    log.write("r0", "lr", [1]);
    const { curves, hidden } = open(log);
    hidden.value = ["r3"];
    await curves.refresh();
    await vi.advanceTimersByTimeAsync(1000);
    const all = ["r0", "r1", "r2", "r4", "r5", "r6", "r7", "r8"].map((run) => `${run} loss`);
    expect(log.asked).toEqual(all);
    expect(log.most).toBe(2);
    await curves.refresh();
    await vi.advanceTimersByTimeAsync(1000);
    expect(log.asked).toHaveLength(8);
    hidden.value = [];
    await vi.advanceTimersByTimeAsync(1000);
    expect(log.asked.slice(8)).toEqual(["r3 loss"]);
  });

  it("looks for scalars with each listing of something to play, and once more after it", async () => {
    const log = new Log();
    log.write("a", "loss", [1]);
    const { curves, listing } = open(log);
    listing.value = { series: [] };
    await vi.advanceTimersByTimeAsync(10_000);
    expect(curves.list.value).toBeNull();
    listing.value = { series: ["one"] };
    await vi.advanceTimersByTimeAsync(1000);
    expect(curves.traces.value[0]?.points.value?.values).toEqual([1]);
    log.write("a", "loss", [1, 2]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(curves.traces.value[0]?.points.value?.values).toEqual([1, 2]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("gives up what is no longer shown", async () => {
    const log = new Log();
    log.write("a", "loss", [1, 2]);
    const { curves, hidden } = open(log);
    await curves.refresh();
    await vi.advanceTimersByTimeAsync(5);
    hidden.value = ["a"];
    expect(log.signals[0]?.aborted).toBe(true);
    hidden.value = [];
    await vi.advanceTimersByTimeAsync(1000);
    expect(curves.traces.value[0]?.points.value?.values).toEqual([1, 2]);
  });

  it("asks again for what grew, restarted or went, and for nothing else", async () => {
    const log = new Log();
    log.write("a", "loss", [1, 2]);
    log.write("b", "loss", [5, 6, 7]);
    log.write("c", "loss", [9]);
    const { curves } = await loaded(log);
    log.asked.length = 0;
    log.write("a", "loss", [1, 2, null]);
    log.write("b", "loss", [5]);
    log.values.delete("c loss");
    const before = curves.traces.value[0]?.points.value;
    await curves.refresh();
    // What is here stays until the new is.
    expect(curves.traces.value[0]?.points.value).toBe(before);
    await vi.advanceTimersByTimeAsync(1000);
    expect(log.asked).toEqual(["a loss", "b loss"]);
    expect(names(curves)).toEqual(["a loss", "b loss"]);
    expect(curves.traces.value.map((trace) => trace.points.value?.values)).toEqual([
      [1, 2, null],
      [5],
    ]);
  });

  it("says why a curve does not come, and tries again with the next look", async () => {
    const log = new Log();
    log.write("a", "loss", [1, 2]);
    log.fails = new ApiError("The logs are still being read.", 503);
    const { curves } = await loaded(log);
    expect(log.asked).toHaveLength(1);
    expect(curves.traces.value[0]?.error.value).toBe("The logs are still being read.");
    log.fails = null;
    await curves.refresh();
    await vi.advanceTimersByTimeAsync(1000);
    expect(curves.traces.value[0]?.error.value).toBeNull();
    expect(curves.traces.value[0]?.points.value?.values).toEqual([1, 2]);
  });

  it("asks by itself again for what failed, the list as well as curves, and then no more", async () => {
    const log = new Log();
    log.write("a", "loss", [1, 2]);
    log.write("b", "loss", [3]);
    log.unlisted = new ApiError("TensorBoard does not answer.", 0);
    const { curves } = await loaded(log);
    expect(curves.list.value).toBeNull();
    log.unlisted = null;
    log.fails = new ApiError("TensorBoard does not answer.", 0);
    await vi.advanceTimersByTimeAsync(3000);
    expect(curves.traces.value.map((trace) => trace.error.value)).toEqual([
      "TensorBoard does not answer.",
      "TensorBoard does not answer.",
    ]);
    // Meanwhile one of them was deleted.
    log.values.delete("b loss");
    await vi.advanceTimersByTimeAsync(3000);
    log.fails = null;
    await vi.advanceTimersByTimeAsync(4000);
    expect(names(curves)).toEqual(["a loss"]);
    expect(curves.traces.value[0]?.points.value?.values).toEqual([1, 2]);
    expect(curves.traces.value[0]?.error.value).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does not ask again for what failed while nobody looks", async () => {
    const log = new Log();
    log.write("a", "loss", [1, 2]);
    log.fails = new ApiError("TensorBoard does not answer.", 0);
    const { curves, asleep } = await loaded(log);
    asleep.value = true;
    const before = log.lists;
    await vi.advanceTimersByTimeAsync(60_000);
    expect([log.lists, log.asked.length]).toEqual([before, 1]);
    log.fails = null;
    asleep.value = false;
    await vi.advanceTimersByTimeAsync(4000);
    expect(curves.traces.value[0]?.points.value?.values).toEqual([1, 2]);
  });

  it("draws so many and no more, and says how many are left", async () => {
    const log = new Log();
    for (let run = 0; run < MAX_TRACES + 5; run++) log.write(`r${run}`, "loss", [run]);
    const { curves } = await loaded(log);
    expect(log.asked).toHaveLength(MAX_TRACES);
    expect(names(curves).slice(0, 3)).toEqual(["r0 loss", "r1 loss", "r2 loss"]);
    expect(curves.left.value).toBe(5);
  });

  it("forgets the curves that were not shown for longest when they become many", async () => {
    const log = new Log();
    const long = new Array<number>(POINTS_BUDGET / 4).fill(1);
    for (const tag of "abcde") log.write("run", tag, long);
    const { curves } = open(log);
    await curves.refresh();
    for (const tag of "abcde") {
      curves.picked.value = [tag];
      await vi.advanceTimersByTimeAsync(1000);
    }
    log.asked.length = 0;
    for (const tag of "ba") {
      curves.picked.value = [tag];
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(log.asked).toEqual(["run a"]);
  });
});

it("tells the value at the playhead in each measure", async () => {
  const log = new Log();
  log.write("a", "loss", [4, null, 2]);
  const { curves, measure, extent } = await loaded(log);
  const at = (...places: number[]) => places.map((one) => curves.traces.value[0]?.valueAt(one));
  expect(at(-1, 0, 9, 10, 20, 99)).toEqual([null, 4, 4, null, 2, 2]);
  measure.value = "time";
  expect(at(0, 1.9, 2, 4)).toEqual([4, 4, null, 2]);
  measure.value = "share";
  expect(at(0, 0.4, 0.5, 1)).toEqual([4, 4, null, 2]);
  // What is played of the run says where it begins and ends.
  extent.value = { start: 1e9 - 10, firstStep: 0, lastStep: 40 };
  expect(at(0.2, 0.25, 0.5)).toEqual([4, null, 2]);
  measure.value = "time";
  expect(at(9, 10, 14)).toEqual([null, 4, 2]);
});
