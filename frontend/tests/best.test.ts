import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { USUAL_BEST } from "../src/scalars";
import { Log, loaded } from "./scalarlog";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
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
