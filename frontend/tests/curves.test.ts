import { computed, signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Api, ApiError } from "../src/api";
import type { Measure, Points, Scalar } from "../src/model";
import { USUAL_BEST } from "../src/scalars";
import { Curves, MAX_TRACES, POINTS_BUDGET } from "../src/store/curves";
import type { RunExtent } from "../src/timeline";

const scalar = (run: string, tag: string, points: number): Scalar => ({
  run,
  tag,
  display_name: "",
  description: "",
  points,
  first_step: 0,
  last_step: 10 * (points - 1),
  sampled: false,
});

/** A log that the test writes, and what the page asked of it. */
class Log {
  readonly values = new Map<string, (number | null)[]>();
  readonly asked: string[] = [];
  readonly signals: AbortSignal[] = [];
  under = 0;
  most = 0;
  fails: ApiError | null = null;

  write(run: string, tag: string, values: (number | null)[]): void {
    this.values.set(`${run} ${tag}`, values);
  }

  get api(): Api {
    return {
      scalars: async () => ({
        scalars: [...this.values].map(([key, values]) => {
          const [run = "", tag = ""] = key.split(" ");
          return scalar(run, tag, values.length);
        }),
        progress: { done: 1, total: 1 },
      }),
      points: async (run: string, tag: string, abort: AbortSignal): Promise<Points> => {
        this.asked.push(`${run} ${tag}`);
        this.signals.push(abort);
        this.most = Math.max(this.most, ++this.under);
        const values = this.values.get(`${run} ${tag}`) ?? [];
        await new Promise((done) => setTimeout(done, 10));
        this.under -= 1;
        if (abort.aborted) throw new DOMException("", "AbortError");
        if (this.fails) throw this.fails;
        return {
          steps: values.map((_, i) => 10 * i),
          values,
          wall_times: values.map((_, i) => 1e9 + 2 * i),
          points: values.length,
        };
      },
    } as unknown as Api;
  }
}

function open(log: Log) {
  const measure = signal<Measure>("step");
  const listing = signal<{ series: readonly unknown[] } | null>(null);
  const extent = signal<RunExtent | undefined>(undefined);
  const hidden = signal<readonly string[]>([]);
  const ticks = signal<readonly number[]>([0, 20, 40]);
  const place = signal(0);
  const position = computed(() => ticks.value.findLast((tick) => tick <= place.value) ?? 0);
  const curves = new Curves(log.api, {
    measure,
    listing,
    extentOf: () => extent.value,
    runShown: (run) => !hidden.value.includes(run),
    position,
    goTo: (to) => {
      place.value = to;
    },
  });
  return { curves, listing, measure, extent, hidden, place, position };
}

async function loaded(log: Log) {
  const opened = open(log);
  await opened.curves.refresh();
  await vi.advanceTimersByTimeAsync(1000);
  return opened;
}

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

describe("the best step", () => {
  it("is that of each run, the best of all first, in the goal's sense", async () => {
    const log = new Log();
    log.write("a", "val/loss", [4, 3, null, 3, 5]);
    log.write("b", "val/loss", [4, 6, 1]);
    log.write("c", "val/loss", [null]);
    const { curves } = await loaded(log);
    const { best } = curves;
    const found = () => best.steps.value.map(({ run, step, value }) => [run, step, value]);
    expect(best.tag.value).toBe("val/loss");
    expect(found()).toEqual([
      ["b", 20, 1],
      ["a", 10, 3],
    ]);
    best.choice.value = { ...USUAL_BEST, goal: "highest" };
    expect(found()).toEqual([
      ["b", 10, 6],
      ["a", 40, 5],
    ]);
  });

  it("is another one on the smoothed curve, if that is to decide", async () => {
    const log = new Log();
    log.write("a", "loss", [5, 1, 5, 3, 2, 2, 2, 2, 4]);
    const { curves } = await loaded(log);
    curves.smoothing.value = 0.5;
    expect(curves.best.present.value?.step).toBe(10);
    curves.best.choice.value = { ...USUAL_BEST, smoothed: true };
    expect(curves.best.present.value?.step).toBe(70);
  });

  it("is jumped to, and then that of the next run, as long as the playhead stays", async () => {
    const log = new Log();
    log.write("a", "loss", [4, 3, 9, 9, 9]);
    log.write("b", "loss", [4, 6, 6, 1, 9]);
    const { curves, place, position } = await loaded(log);
    const { best } = curves;
    best.jump();
    // The frame that is shown at step 30 is that of step 20.
    expect([best.present.value?.run, place.value, position.value]).toEqual(["b", 30, 20]);
    best.jump();
    expect([best.present.value?.run, place.value]).toEqual(["a", 10]);
    best.jump();
    expect(best.present.value?.run).toBe("b");
    best.jump();
    place.value = 40;
    expect(best.present.value?.run).toBe("b");
    best.jump();
    expect([best.present.value?.run, place.value]).toEqual(["b", 30]);
  });

  it("is looked for in what validates first", async () => {
    const log = new Log();
    log.write("x/train", "loss", [4, 1]);
    log.write("x/validation", "loss", [4, 3, 5]);
    log.write("y/validation", "loss", [4, 2, 1.5]);
    const { curves } = await loaded(log);
    const runs = curves.best.steps.value.map(({ run }) => run);
    expect(runs).toEqual(["y/validation", "x/validation", "x/train"]);
  });

  it("is none without a number, and of the chosen tag while that is picked", async () => {
    const log = new Log();
    log.write("a", "val/loss", [null, null]);
    log.write("a", "acc", [1, 3, 2]);
    const { curves } = await loaded(log);
    expect(curves.best.present.value).toBeNull();
    curves.best.jump();
    curves.best.choice.value = { ...USUAL_BEST, tag: "acc" };
    expect(curves.best.present.value).toMatchObject({ step: 10, value: 3 });
    curves.toggle("acc");
    expect(curves.best.tag.value).toBe("val/loss");
  });
});
