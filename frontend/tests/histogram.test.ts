import { describe, expect, it } from "vitest";
import type { View } from "../src/kinds";
import { type Histogram, histogram } from "../src/kinds/histogram";
import { momentsOf, recorder, viewOf } from "./views";
import { unaligned, wire } from "./wire";

const { signal } = new AbortController();
const decode = (bytes: unknown) => histogram.decode(bytes, signal) as Histogram;

const scene = {
  lo: 0,
  hi: 160,
  bins: 160,
  top: 0.1,
  top_count: 10,
  mode: "ridge",
  trail: 4,
  scale: "linear",
  range: "robust",
  fitted: 5,
  frames: 5,
};

const view = (data: Histogram[], more: Partial<View<Histogram>> = {}) =>
  viewOf({ step: 100, earlier: momentsOf(data), ...more });

describe("decode", () => {
  it("reads the numbers and the buckets, wherever the bytes lie", () => {
    const bytes = wire(
      [
        [-1, 0, 3],
        [0, 0, 5],
        [2, 4, 1e12],
      ],
      { mean: 0.5, sd: 2, zero: 0.25 },
    );
    const found = decode(unaligned(bytes));
    expect([...found.left]).toEqual([-1, 0, 2]);
    expect([...found.right]).toEqual([0, 0, 4]);
    expect(found.count[2]).toBeCloseTo(1e12, -6);
    expect(found).toMatchObject({ mean: 0.5, sd: 2, zeroShare: 0.25, p1: -1, p99: 4 });
  });

  it("tells narrow buckets far from zero apart", () => {
    const { left, right } = decode(wire([[1e6 + 0.01, 1e6 + 0.011, 1]]));
    expect(left[0]).toBeCloseTo(1e6 + 0.01, 6);
    expect((right[0] as number) - (left[0] as number)).toBeCloseTo(0.001, 8);
  });

  it("tells the bulk apart beside a value far below it", () => {
    const { left, right } = decode(
      wire([
        [-1e5, -9e4, 1],
        [-0.001, 0, 500],
        [0, 0.0011, 500],
      ]),
    );
    for (const [sent, logged] of [
      [left, [-1e5, -0.001, 0]],
      [right, [-9e4, 0, 0.0011]],
    ] as const) {
      logged.forEach((edge, i) => {
        expect(sent[i]).toBeCloseTo(edge, 15);
      });
    }
  });

  it("takes an empty one and refuses what is none", () => {
    expect(decode(wire([])).count).toHaveLength(0);
    expect(() => decode(new Uint8Array(20))).toThrow("cut short");
    expect(() => decode(wire([[0, 1, 1]]).subarray(0, 36))).toThrow("cut short");
    expect(() => decode("text")).toThrow("no histogram");
  });
});

describe("draw", () => {
  const peak = (x: number) => decode(wire([[x, x + 1, 10]]));

  it("stands the trail behind the front, the oldest first", () => {
    const { context, fills, texts } = recorder();
    histogram.draw(context, scene, peak(80), view([peak(20), peak(40)]));
    // 300 pixels high: margins of 14 and 30, half of the rest for a trail of four.
    const baselines = fills.map(({ points }) => points[0]?.[1]);
    expect(baselines).toEqual([270 - 2 * 32, 270 - 32, 270]);
    const top = (i: number) => Math.min(...(fills[i]?.points.map((point) => point[1]) ?? []));
    // Ten times as high as the scale goes: cut at half of the plot.
    expect(top(2)).toBe(270 - 128);
    expect(fills[2]?.color).toBe("#f57c00");
    expect(texts.slice(-2)).toEqual(["100", "0"]);
  });

  it("moves a peak on the way to the next frame", () => {
    const middle = (phase: number) => {
      const { context, fills } = recorder();
      histogram.draw(context, scene, peak(20), view([], { following: peak(100), phase }));
      const xs = fills[0]?.points.map((point) => point[0]) ?? [];
      return (Math.min(...xs) + Math.max(...xs)) / 2;
    };
    const places = [0, 0.25, 0.5, 0.75].map(middle);
    const pitch = (400 - 66) / 160;
    for (const [i, place] of places.entries()) {
      expect(Math.abs(place - (14 + (20 + 20 * i + 0.5) * pitch))).toBeLessThan(pitch);
    }
  });

  it("asks for no trail where there is no room for one", () => {
    expect(histogram.trail(scene, 1)).toBe(4);
    expect(histogram.trail(scene, 2)).toBe(0);
    expect(histogram.trail({ ...scene, mode: "single" }, 1)).toBe(0);
  });

  it("draws an empty frame as an axis alone", () => {
    const { context, fills, texts } = recorder();
    histogram.draw(context, scene, decode(wire([])), view([]));
    expect(fills.every(({ points }) => points.length === 0)).toBe(true);
    expect(texts).toContain("100");
  });
});

describe("words", () => {
  const data = decode(
    wire([
      [10, 11, 30],
      [500, 500, 10],
    ]),
  );
  const pitch = (400 - 66) / 160;
  const x = 14 + 10.5 * pitch;

  it("reads the ridge under the pointer", () => {
    const shown = view([data]);
    expect(histogram.read?.(scene, data, shown, x, 265)).toBe(
      "value 10.5\ncount 30 (75 %)\nstep 100\n25 % outside",
    );
    // The front's curve hides those behind it up to its top; above it is the one behind.
    expect(histogram.read?.(scene, data, shown, x, 150)).toContain("step 100");
    expect(histogram.read?.(scene, data, shown, x, 120)).toContain("step 0");
    expect(histogram.read?.(scene, data, shown, x, 20)).toBeNull();
    expect(histogram.read?.(scene, data, shown, 2, 265)).toBeNull();
    // Beside the peak the band of the one behind begins where the front's ends.
    expect(histogram.read?.(scene, data, shown, 200, 265)).toContain("count 0 (0 %)\nstep 100");
    expect(histogram.read?.(scene, data, shown, 200, 230)).toContain("count 0 (0 %)\nstep 0");
  });

  it("says what diagnoses", () => {
    const found = decode(wire([[-1, 1, 4]], { mean: 0.034, sd: 0.11, zero: 0.04 }));
    expect(histogram.numbers?.(found)).toEqual([
      "mean 0.034",
      "sd 0.11",
      "4 % zero",
      "p1 -1",
      "p99 1",
    ]);
    expect(histogram.numbers?.(decode(wire([])))).toEqual(["nothing counted"]);
  });

  it("states thinning, and only that", () => {
    expect(histogram.note?.(scene)).toBeNull();
    expect(histogram.note?.({ ...scene, fitted: 1000, frames: 10_000 })).toBe(
      "axes from 1,000 of 10,000 frames",
    );
  });
});
