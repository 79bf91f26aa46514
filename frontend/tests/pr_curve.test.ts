import { describe, expect, it } from "vitest";
import type { View } from "../src/kinds";
import { prCurve } from "../src/kinds/pr_curve";
import { between, type PrCurve } from "../src/kinds/pr_curve/curve";
import { momentsOf, recorder, viewOf } from "./views";
import { unaligned } from "./wire";

const { signal } = new AbortController();
const decode = (bytes: unknown) => prCurve.decode(bytes, signal) as PrCurve;

interface Point {
  readonly threshold: number;
  readonly precision: number;
  readonly recall: number;
  readonly counts?: readonly [tp: number, fp: number, tn: number, fn: number];
}

/** As `/frames` sends it. */
function wire(points: readonly Point[], averagePrecision = 0): Uint8Array {
  const counts = [0, 1, 2, 3].map((i) => points.map((one) => one.counts?.[i] ?? 0));
  const lists = [
    points.map((one) => one.threshold),
    ...counts,
    points.map((one) => one.precision),
    points.map((one) => one.recall),
  ];
  return new Uint8Array(new Float32Array([averagePrecision, ...lists.flat()]).buffer);
}

/** The same precision from recall 1 to recall 0. */
const flat = (precision: number): PrCurve =>
  decode(
    wire([
      { threshold: 0, precision, recall: 1 },
      { threshold: 1, precision, recall: 0 },
    ]),
  );

const scene = { trail: 3, fitted: 2, frames: 9 };

const view = (data: PrCurve[], more: Partial<View<PrCurve>> = {}) =>
  viewOf({ step: 1500, earlier: momentsOf(data), ...more });

describe("decode", () => {
  const points: Point[] = [
    { threshold: 0, precision: 0.25, recall: 1, counts: [10, 30, 0, 0] },
    { threshold: 0.5, precision: 0.75, recall: 0.5, counts: [5, 2, 28, 5] },
  ];

  it("reads the lists, wherever the bytes lie", () => {
    const found = decode(unaligned(wire(points, 0.625)));
    expect(found.averagePrecision).toBe(0.625);
    expect([...found.threshold]).toEqual([0, 0.5]);
    expect([found.tp, found.fp, found.tn, found.fn].map((list) => [...list])).toEqual([
      [10, 5],
      [30, 2],
      [0, 28],
      [0, 5],
    ]);
    expect([...found.precision]).toEqual([0.25, 0.75]);
    expect([...found.recall]).toEqual([1, 0.5]);
  });

  it("takes an empty one and refuses what is none", () => {
    expect(decode(wire([])).threshold).toHaveLength(0);
    expect(() => decode(new Uint8Array(0))).toThrow("cut short");
    expect(() => decode(wire(points).subarray(0, 40))).toThrow("cut short");
    expect(() => decode(null)).toThrow("no PR curve");
  });

  it("says what diagnoses", () => {
    // F1 of the first is 2 * 0.25 / 1.25, of the second 2 * 0.375 / 1.25.
    expect(prCurve.numbers?.(decode(wire(points, 0.625)))).toEqual([
      "AP 0.625",
      "best F1 0.6 at 0.5",
      "25 % positive",
    ]);
    const uncounted = points.map(({ counts: _, ...rest }) => rest);
    expect(prCurve.numbers?.(decode(wire(uncounted)))).toHaveLength(2);
    expect(prCurve.numbers?.(decode(wire([])))).toEqual(["nothing predicted"]);
  });
});

describe("between", () => {
  it("moves each threshold, also those of one side only", () => {
    const coarse = decode(
      wire([
        { threshold: 0, precision: 0.5, recall: 1 },
        { threshold: 0.5, precision: 0.5, recall: 0.5 },
        { threshold: 1, precision: 1, recall: 0.25 },
      ]),
    );
    const fine = decode(
      wire([
        { threshold: 0, precision: 0.5, recall: 1 },
        { threshold: 0.25, precision: 1, recall: 1 },
        { threshold: 0.5, precision: 1, recall: 0.5 },
        { threshold: 0.75, precision: 1, recall: 0.5 },
      ]),
    );
    const { recall, precision } = between(coarse, fine, 0.5);
    expect([...recall]).toEqual([1, 0.875, 0.5, 0.4375, 0.375]);
    expect([...precision]).toEqual([0.5, 0.75, 0.75, 0.875, 1]);
  });

  it("leaves a curve without points away, and one on its way to it where it is", () => {
    const nothing = decode(wire([]));
    expect(between(nothing, flat(1), 0.5).recall).toHaveLength(0);
    expect([...between(flat(0.5), nothing, 0.5).precision]).toEqual([0.5, 0.5]);
  });
});

describe("draw", () => {
  // 300 pixels high, with margins of 26 and 40.
  const height = (precision: number) => 260 - 234 * precision;

  it("lays the present curve over ever fainter ones", () => {
    const { context, strokes, texts } = recorder();
    prCurve.draw(context, scene, flat(0.5), view([flat(0), flat(0.25)]));
    expect(strokes.map(({ points }) => points[0]?.[1])).toEqual([0, 0.25, 0.5].map(height));
    const [older, newer, front] = strokes.map((line) => line.alpha) as [number, number, number];
    expect(front).toBe(1);
    expect(newer).toBeCloseTo((0.65 * 3) / 4);
    expect(older).toBeCloseTo((0.65 * 2) / 4);
    expect(texts).toContain("1,500");
    expect(texts).toContain("precision");
  });

  it("leaves the frame behind on the way to the next", () => {
    const { context, strokes } = recorder();
    const following = flat(1);
    prCurve.draw(context, scene, flat(0.5), view([flat(0)], { following, phase: 0.25 }));
    expect(strokes.map(({ points }) => points[0]?.[1])).toEqual([0, 0.5, 0.625].map(height));
    expect(strokes.map((line) => line.alpha)).toEqual([
      0.65 * (1 - 1.25 / 4),
      0.65 * (1 - 0.25 / 4),
      1,
    ]);
  });

  it("draws runs over each other in their colours, without trails", () => {
    expect(prCurve.trail(scene, 1)).toBe(3);
    expect(prCurve.trail(scene, 2)).toBe(0);
    const { context, strokes, texts } = recorder();
    const layer = (index: number, color: string) => ({ layer: { index, count: 2, color } });
    const following = flat(0.75);
    prCurve.draw(context, scene, flat(0), view([], { ...layer(0, "red"), following, phase: 0.5 }));
    expect(texts).toEqual([]);
    prCurve.draw(context, scene, flat(0.5), view([], layer(1, "blue")));
    expect(strokes.map((line) => line.color)).toEqual(["red", "blue"]);
    expect(texts).not.toContain("1,500");
  });
});

describe("read", () => {
  const data = decode(
    wire([
      { threshold: 0, precision: 0.25, recall: 1, counts: [10, 30, 0, 0] },
      { threshold: 0.5, precision: 0.75, recall: 0.5, counts: [5, 2, 28, 5] },
    ]),
  );
  const [x, y] = [36 + 350 / 2, 260 - 234 * 0.75];

  it("tells the point next to the pointer", () => {
    const said = prCurve.read?.(scene, data, view([]), x + 9, y - 9);
    expect(said?.split("\n")).toEqual([
      "recall 0.5, precision 0.75",
      "threshold 0.5",
      "true positives 5, false 2",
      "true negatives 28, false 5",
      "step 1,500",
    ]);
    expect(prCurve.read?.(scene, data, view([]), x + 30, y - 30)).toBeNull();
  });

  it("tells those behind where the front is not", () => {
    const shown = view([flat(0), flat(0)]);
    expect(prCurve.read?.(scene, data, shown, 39, 258)).toContain("step 10");
    expect(prCurve.read?.(scene, data, shown, 50, 250)).toBeNull();
    expect(prCurve.read?.(scene, data, view([data]), x, y)).toContain("step 1,500");
  });
});
