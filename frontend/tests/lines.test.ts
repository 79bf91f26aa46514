import { signal } from "@preact/signals";
import { describe, expect, it } from "vitest";
import type { Api } from "../src/api";
import { axisOf, handleAt, INSET } from "../src/controls/axis";
import { dashOf, linesOf, pointedAt } from "../src/controls/strip/lines";
import { initial, type Playhead } from "../src/playhead";
import { Trace } from "../src/store/trace";

const WIDTH = 100 + 2 * INSET;
const HEIGHT = 52;

function trace(run: string, tag: string, steps: number[], values: (number | null)[], weight = 0) {
  const info = { run, tag, display_name: "", description: "", points: steps.length };
  const made = new Trace(
    { ...info, first_step: 0, last_step: 0, sampled: false },
    { measure: signal("step"), extentOf: () => undefined },
    signal(weight),
    {} as Api,
  );
  made.points.value = { steps, values, wall_times: steps, points: steps.length };
  return made;
}

describe("the axis", () => {
  it("is that of positions, wherever the ticks lie", () => {
    const axis = axisOf([100, 110, 200], WIDTH);
    expect([100, 110, 150, 200].map(axis.x)).toEqual([0, 10, 50, 100].map((x) => x + INSET));
    expect(axis.positionAt(axis.x(137))).toBeCloseTo(137);
    expect([-50, axis.x(104), axis.x(106), axis.x(154), axis.x(156), 999].map(axis.tickAt)).toEqual(
      [0, 0, 1, 1, 2, 2],
    );
  });

  it("stands without ticks, with one, and without room", () => {
    expect(axisOf([], WIDTH).tickAt(50)).toBe(-1);
    expect(axisOf([7], WIDTH).x(7)).toBe(INSET);
    expect(axisOf([7], WIDTH).tickAt(90)).toBe(0);
    expect(axisOf([0, 1], 0).x(1)).toBeGreaterThanOrEqual(INSET);
  });

  it("has the handle on its way to the next tick while it plays, and to none where it jumps", () => {
    const at = (change: Partial<Playhead>, position = 10) =>
      handleAt({
        head: signal({ ...initial, count: 3, last: 2, tick: 1, phase: 0.5, ...change }),
        ticks: signal([0, 10, 100]),
        position: signal(position),
      });
    expect(at({})).toBe(10);
    expect(at({ playing: true })).toBe(55);
    expect(at({ playing: true, direction: -1 })).toBe(5);
    expect(at({ playing: true, tick: 2 }, 100)).toBe(100);
    // Where it was put, between ticks too.
    expect(at({}, 12)).toBe(12);
  });
});

describe("the curves", () => {
  const axis = axisOf([0, 50, 100], WIDTH);

  it("have each tag over the whole height, all its runs on one scale", () => {
    const traces = [
      trace("a", "loss", [0, 100], [4, 2]),
      trace("b", "loss", [0, 100], [3, 0]),
      trace("a", "acc", [0, 100], [0.1, 0.9]),
    ];
    const lines = linesOf(traces, ["loss", "acc"], axis, HEIGHT);
    const heights = lines.map(({ places }) => places.map((place) => place?.y));
    expect(heights).toEqual([
      [6, 26],
      [16, 46],
      [46, 6],
    ]);
    expect(lines.map(({ places }) => places.map((place) => place?.x))).toEqual(
      Array(3).fill([INSET, 100 + INSET]),
    );
    const dashes = lines.map(({ dash }) => dash);
    expect(dashes[0]).toEqual(dashes[1]);
    expect(dashes[0]).not.toEqual(dashes[2]);
    expect(dashOf(["loss", "acc"], "acc")).toEqual(dashes[2]);
  });

  it("have a gap where a value is no number, and lie flat where they are constant", () => {
    const [line] = linesOf(
      [trace("a", "loss", [0, 50, 100], [4, null, 4])],
      ["loss"],
      axis,
      HEIGHT,
    );
    expect(line?.places).toEqual([{ x: INSET, y: 26 }, null, { x: 100 + INSET, y: 26 }]);
    expect(linesOf([trace("a", "loss", [0], [null])], ["loss"], axis, HEIGHT)).toEqual([]);
  });

  it("are scaled by what is on the timeline, and enter and leave it at its ends", () => {
    const steps = Array.from({ length: 1001 }, (_, i) => i - 450);
    const values = steps.map((step) => (step < -1 || step > 101 ? 1e6 : step));
    const [line] = linesOf([trace("a", "loss", steps, values)], ["loss"], axis, HEIGHT);
    const drawn = line?.places.map((place) => place?.x ?? 0) ?? [];
    expect(Math.min(...drawn)).toBe(INSET);
    expect(Math.max(...drawn)).toBeCloseTo(101 + INSET);
    expect(drawn.length).toBeGreaterThan(100);
    expect(line?.y(0)).toBeCloseTo(46);
  });

  it("may leave the strip for a value far out, which is marked at its edge", () => {
    const steps = Array.from({ length: 100 }, (_, i) => i);
    const values = steps.map((step) => (step === 50 ? -1e6 : 2 + (step % 10) / 10));
    const lines = linesOf([trace("a", "loss", steps, values)], ["loss"], axis, HEIGHT);
    expect(lines[0]?.places[50]?.y).toBeGreaterThan(HEIGHT);
    expect(lines[0]?.y(-1e6)).toBe(46);
    expect(lines[0]?.y(1e6)).toBe(6);
    expect(pointedAt(lines, axis, { x: axis.x(50), y: 20 })).toMatchObject({ index: 50, y: 46 });
  });

  it("never have more points than the pixels need", () => {
    const steps = Array.from({ length: 20_000 }, (_, i) => i / 200);
    const [line] = linesOf([trace("a", "loss", steps, steps)], ["loss"], axis, HEIGHT);
    expect(line?.places.length).toBeLessThanOrEqual(2 * WIDTH + 2);
  });

  it("tell the point that is pointed at, the nearest curve's", () => {
    const lines = linesOf(
      [trace("a", "x", [0, 40, 100], [0, 0, 4]), trace("b", "x", [0, 50, 100], [4, null, 4])],
      ["x"],
      axis,
      HEIGHT,
    );
    const at = (x: number, y: number) => {
      const found = pointedAt(lines, axis, { x: x + INSET, y });
      return found && [found.line.trace.run, found.index, found.x - INSET, found.y];
    };
    expect(at(5, 8)).toEqual(["b", 0, 0, 6]);
    expect(at(5, 40)).toEqual(["a", 0, 0, 46]);
    // There the other curve has no number.
    expect(at(52, 6)).toEqual(["a", 1, 40, 46]);
    expect(pointedAt([], axis, { x: 1, y: 1 })).toBeNull();
  });
});
