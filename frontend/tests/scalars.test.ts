import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { best, downsample, goalOf, MAX_WEIGHT, robustRange, smooth, valueAt } from "../src/scalars";

const value = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => x + 0) },
  { weight: 1, arbitrary: fc.constant(null) },
);
const values = fc.array(value, { maxLength: 60 });
const weight = fc.double({ min: 0, max: MAX_WEIGHT, noNaN: true });

describe("smoothing", () => {
  it("is the mean of all values so far, each weighed less by its age", () => {
    fc.assert(
      fc.property(values, weight, (list, w) => {
        const smoothed = smooth(list, w);
        expect(smoothed).toHaveLength(list.length);
        list.forEach((raw, i) => {
          if (raw === null) {
            expect(smoothed[i]).toBeNull();
            return;
          }
          const past = list.slice(0, i + 1).filter((one) => one !== null);
          const weights = past.map((_, age) => w ** (past.length - 1 - age));
          const sum = weights.reduce((a, b) => a + b, 0);
          const mean = past.reduce((a, one, k) => a + (one * (weights[k] as number)) / sum, 0);
          expect(Math.abs((smoothed[i] as number) - mean)).toBeLessThan(1e-6);
        });
      }),
    );
  });

  it("leaves a constant curve as it is, and every curve without a weight", () => {
    const constant = fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((x) => x + 0);
    fc.assert(
      fc.property(constant, weight, (one, w) => {
        expect(smooth([one, one, null, one], w)).toEqual([one, one, null, one]);
      }),
    );
    const list = [1e20, 1, null];
    expect(smooth(list, 0)).toBe(list);
    expect(smooth([1, Number.NaN, Infinity, 1], 0.5)).toEqual([1, null, null, 1]);
  });
});

describe("the best value", () => {
  it("is the earliest of the lowest, or of the highest", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(-2, 0, 1, 3, null)), (list) => {
        const finite = list.filter((one) => one !== null);
        const at = (one: number) => list.findIndex((other) => other !== null && other === one);
        const [low, high] = [Math.min(...finite), Math.max(...finite)];
        expect(best({ values: list }, "lowest")).toBe(finite.length ? at(low) : -1);
        expect(best({ values: list }, "highest")).toBe(finite.length ? at(high) : -1);
      }),
    );
  });

  it("is not a single lucky one once the curve is smoothed", () => {
    const list = [5, 1, 5, 3, 2, 2, 2, 2, 4];
    expect(best({ values: list }, "lowest")).toBe(1);
    expect(best({ values: list }, "lowest", 0.5)).toBe(7);
    expect(best({ values: [null, null] }, "lowest", 0.5)).toBe(-1);
  });
});

it("knows the value at a position, and none before the first", () => {
  const curve = { values: [4, null, 2] };
  const at = (position: number) => valueAt(curve, [10, 20, 30], position);
  expect([9, 10, 19, 20, 30, 99].map(at)).toEqual([null, 4, 4, null, 2, 2]);
  expect(valueAt(curve, [10, 20, 30], 30 - 1e-9, 1e-8)).toBe(2);
});

describe("thinning", () => {
  it("keeps the ends and the extremes, in order, of at most two points a pixel", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(value, fc.double({ min: 0, max: 9, noNaN: true })), { maxLength: 200 }),
        fc.integer({ min: 1, max: 40 }),
        (points, pixels) => {
          const list = points.map(([one]) => one);
          const positions = points.map(([, position]) => position).sort((a, b) => a - b);
          const kept = downsample({ values: list }, positions, pixels);
          expect(kept.length).toBeLessThanOrEqual(2 * pixels + 2);
          expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
          if (list.length === 0) return;
          expect([kept[0], kept.at(-1)]).toEqual([0, list.length - 1]);
          const extremes = (some: readonly (number | null | undefined)[]) => {
            const finite = some.filter((one) => typeof one === "number");
            return [Math.min(...finite), Math.max(...finite)];
          };
          expect(extremes(kept.map((i) => list[i]))).toEqual(extremes(list));
        },
      ),
    );
  });

  it("keeps the extremes of each pixel and shows a gap", () => {
    const list = Array.from({ length: 100 }, (_, i) => (i >= 40 && i < 60 ? null : i % 10));
    const kept = downsample({ values: list }, [...list.keys()], 10);
    for (const ten of [0, 1, 2, 3, 6, 7, 8]) {
      const here = kept.filter((i) => Math.floor(i / 10) === ten).map((i) => list[i]);
      expect(here).toContain(0);
      expect(here).toContain(9);
    }
    expect(kept.some((i) => list[i] === null)).toBe(true);
  });
});

describe("what a picture shows of the values", () => {
  it("is all of them where they are few or lie together", () => {
    expect(robustRange([3, null, -1, 2])).toEqual({ min: -1, max: 3 });
    expect(robustRange([5])).toEqual({ min: 5, max: 5 });
    expect(robustRange([null])).toBeNull();
    const even = Array.from({ length: 1000 }, (_, i) => i);
    expect(robustRange(even)).toEqual({ min: 0, max: 999 });
  });

  it("leaves single values far out, and never more than a few", () => {
    const list = Array.from({ length: 200 }, (_, i) => (i === 7 ? 1e9 : i % 10));
    const range = robustRange(list);
    expect(range).toEqual({ min: 0, max: 13.5 });
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }),
        (list) => {
          const { min, max } = robustRange(list) ?? { min: 0, max: -1 };
          const outside = list.filter((value) => value < min || value > max);
          expect(outside.length).toBeLessThanOrEqual(0.04 * list.length);
          expect(min).toBeGreaterThanOrEqual(Math.min(...list));
          expect(max).toBeLessThanOrEqual(Math.max(...list));
        },
      ),
    );
  });
});

it("guesses whether a scalar is to rise", () => {
  const rising = [
    "accuracy",
    "val/acc",
    "epoch_sparse_categorical_accuracy",
    "valAcc",
    "metrics/mAP@0.5",
    "mAP50",
    "eval/F1",
    "f1_score",
    "top5acc",
    "AUC",
    "psnr",
    "rollout/ep_reward",
    "R2",
    "acc/",
    "Accuracy/test",
  ];
  const falling = [
    "loss",
    "acc/loss",
    "Loss/Val",
    "reward_loss",
    "IoULoss",
    "scoreboard",
    "returned",
    "heatmap",
    "lr",
    "",
    "accuracy/mse",
    "map_error",
  ];
  expect(rising.filter((tag) => goalOf(tag) !== "highest")).toEqual([]);
  expect(falling.filter((tag) => goalOf(tag) !== "lowest")).toEqual([]);
});
