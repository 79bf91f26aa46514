import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MEASURES } from "../src/model";
import * as timeline from "../src/timeline";

const { extentOf, latest, nearest, positionsOf, slackOf, ticksOf, union } = timeline;

const steps = fc
  .uniqueArray(fc.integer({ min: -50, max: 200 }), { maxLength: 40 })
  .map((list) => list.sort((a, b) => a - b));

const wallTime = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 1e7 }).map((ms) => 1.7e9 + ms / 1000) },
  fc.constantFrom(null, Number.NaN, Infinity),
);

const logged = steps.chain((list) =>
  fc.record({
    steps: fc.constant(list),
    wall_times: fc.array(wallTime, { minLength: list.length, maxLength: list.length }),
  }),
);

/** A run of `count` frames, `every` steps apart and a second a step. */
const regular = (count: number, every: number): timeline.Logged => {
  const list = Array.from({ length: count }, (_, i) => i * every);
  return { steps: list, wall_times: list.map((step) => 1.7e9 + step) };
};

it("joins steps in order, each once", () => {
  expect(union([[0, 7, 14], [0, 1, 2], [], [100]])).toEqual([0, 1, 2, 7, 14, 100]);
  expect(union([])).toEqual([]);
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 5 }), (lists) => {
      const expected = [...new Set(lists.flat())].sort((a, b) => a - b);
      expect(union(lists)).toEqual(expected);
    }),
  );
});

it("finds the last step at or before another, and the nearest", () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: -60, max: 210 }), (list, step) => {
      expect(latest(list, step)).toBe(list.filter((one) => one <= step).length - 1);
      const apart = list.map((one) => Math.abs(one - step));
      expect(nearest(list, step)).toBe(apart.indexOf(Math.min(...apart)));
    }),
  );
});

it("knows where a run begins and ends", () => {
  const run = [
    { steps: [3, 9], wall_times: [null, 120.5] },
    { steps: [1, 5], wall_times: [130, Number.NaN] },
    { steps: [], wall_times: [] },
  ];
  expect(extentOf(run)).toEqual({ start: 120.5, firstStep: 1, lastStep: 9 });
  expect(extentOf([])).toEqual({ start: null, firstStep: 0, lastStep: 0 });
});

describe("positions", () => {
  it("never decrease, one for each frame, whatever the clock did", () => {
    fc.assert(
      fc.property(fc.constantFrom(...MEASURES), logged, logged, (measure, one, other) => {
        const positions = positionsOf(measure, one, extentOf([one, other]));
        expect(positions).toHaveLength(one.steps.length);
        expect(positions.every(Number.isFinite)).toBe(true);
        positions.forEach((position, i) => {
          expect(position).toBeGreaterThanOrEqual(positions[i - 1] ?? -Infinity);
          if (measure !== "step") expect(position).toBeGreaterThanOrEqual(0);
          if (measure === "share") expect(position).toBeLessThanOrEqual(1);
        });
      }),
    );
  });

  it("are steps, seconds since the run's start, or shares of the run", () => {
    const series = { steps: [10, 20, 60], wall_times: [107, 109, 140] };
    const run = { start: 100, firstStep: 10, lastStep: 110 };
    expect(positionsOf("step", series, run)).toEqual([10, 20, 60]);
    expect(positionsOf("time", series, run)).toEqual([7, 9, 40]);
    expect(positionsOf("share", series, run)).toEqual([0, 0.1, 0.5]);
  });

  it("take the time before where a clock is missing or goes back", () => {
    const series = { steps: [0, 1, 2, 3, 4], wall_times: [null, 103, Number.NaN, 101, 110] };
    expect(positionsOf("time", series, extentOf([series]))).toEqual([2, 2, 2, 2, 9]);
    const none = { steps: [0, 1], wall_times: [null, null] };
    expect(positionsOf("time", none, extentOf([none]))).toEqual([0, 0]);
  });

  it("are 0 in a run of one step", () => {
    const one = { steps: [7], wall_times: [5] };
    expect(positionsOf("share", one, extentOf([one]))).toEqual([0]);
  });
});

describe("ticks", () => {
  it("increase strictly from 0 to the end, as many as the longest has frames", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("time", "share"),
        fc.array(logged, { maxLength: 4 }),
        (measure, run) => {
          const extent = extentOf(run);
          const lists = run.map((series) => positionsOf(measure, series, extent));
          const ticks = ticksOf(measure, lists);
          const longest = Math.max(0, ...lists.map((list) => list.length));
          const end = Math.max(0, ...lists.flat());
          if (end === 0) {
            expect(ticks).toEqual(longest === 0 ? [] : [0]);
            return;
          }
          expect(ticks).toHaveLength(Math.max(2, longest));
          expect(ticks[0]).toBe(0);
          expect(ticks.at(-1)).toBe(end);
          ticks.forEach((tick, i) => {
            expect(tick).toBeGreaterThan(ticks[i - 1] ?? -1);
            expect(tick).toBeCloseTo((end * i) / (ticks.length - 1), 5);
          });
        },
      ),
    );
  });

  it("stop at every frame of a series that is logged evenly", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...MEASURES),
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 100 }),
        (measure, count, every) => {
          const series = regular(count, every);
          const positions = positionsOf(measure, series, extentOf([series]));
          const ticks = ticksOf(measure, [positions]);
          const slack = slackOf(measure, ticks);
          expect(ticks.map((tick) => latest(positions, tick, slack))).toEqual(
            series.steps.map((_, i) => i),
          );
        },
      ),
    );
  });

  it("keep runs of cadence 1, 7 and 100 together in each measure", () => {
    const runs = [regular(701, 1), regular(101, 7), regular(8, 100)];
    for (const measure of MEASURES) {
      const lists = runs.map((series) => positionsOf(measure, series, extentOf([series])));
      const ticks = ticksOf(measure, lists);
      expect(ticks).toHaveLength(701);
      const slack = slackOf(measure, ticks);
      ticks.forEach((tick, step) => {
        const shown = lists.map((list) => latest(list, tick, slack));
        expect(shown).toEqual([step, Math.floor(step / 7), Math.floor(step / 100)]);
      });
    }
  });
});
