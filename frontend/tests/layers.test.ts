import { signal } from "@preact/signals";
import { describe, expect, it } from "vitest";
import { layersOf } from "../src/cards/layers";
import type { Kind } from "../src/kinds";
import { prCurve } from "../src/kinds/pr_curve";
import type { PrCurve } from "../src/kinds/pr_curve/curve";
import { initial } from "../src/playhead";
import type { Store, Track } from "../src/store";
import { fetchAhead } from "../src/store/ahead";
import { seriesOf } from "./series";
import { recorder } from "./views";

const SIZE = { width: 480, height: 360, ratio: 1 };
const SCENE = { trail: 3 };

/** Straight lines, each a hundredth above the one before. */
const CURVES = Array.from({ length: 10 }, (_, i) => {
  const list = (...values: number[]) => Float32Array.from(values);
  const counts = { tp: list(0, 0), fp: list(0, 0), tn: list(0, 0), fn: list(0, 0) };
  const line = { threshold: list(0, 1), precision: list(i / 100, i / 100), recall: list(1, 0) };
  return { averagePrecision: 0, ...counts, ...line } as unknown as PrCurve;
});

/** The card's only layer on the way from one frame to another, ten steps apart. */
function layer(from: number, to: number, phase: number, kind: Partial<Kind<PrCurve>> = {}) {
  const track = {
    series: signal(seriesOf()),
    steps: signal({ steps: CURVES.map((_, i) => 10 * i) }),
    version: signal(0),
    scene: signal(SCENE),
    kind: { ...prCurve, ...kind },
    buffer: { slot: (index: number) => CURVES[index] && { data: CURVES[index] } },
    indexAt: (position: number) => position / 10,
  } as unknown as Track;
  const direction = to < from ? -1 : 1;
  const player = {
    head: signal({ ...initial, count: 10, tick: from, phase, direction, playing: true }),
    position: signal(10 * from),
    following: signal(10 * to),
  };
  const store = {
    playerOf: () => player,
    compare: signal({ mode: "off" }),
    comparison: { at: () => null },
    theme: signal("light"),
    cardStates: { of: () => signal({}) },
    colorOf: () => "#0077bb",
  } as unknown as Store;
  const [found] = layersOf(store, [track], SIZE, () => {}) ?? [];
  if (found === undefined) throw new Error("There is nothing to draw.");
  return found;
}

/** The lines drawn then: how far up, and how strong. */
function lines(from: number, to: number, phase: number) {
  const { kind, scene, data, view } = layer(from, to, phase);
  const { context, strokes } = recorder();
  kind.draw(context, scene, data, view);
  return strokes.map(({ alpha, points }) => [points[0]?.[1] ?? 0, alpha]);
}

const close = (a: number[][], b: number[][]) => {
  expect(a).toHaveLength(b.length);
  for (const [i, one] of a.entries()) {
    for (const [j, value] of one.entries()) expect(value).toBeCloseTo(b[i]?.[j] as number, 1);
  }
};

describe("the way back", () => {
  it("is the way on from its end, trail and step included", () => {
    for (const phase of [0.25, 0.5, 0.75]) {
      expect(lines(6, 5, phase)).toEqual(lines(5, 6, 1 - phase));
    }
    const { index, data, view } = layer(6, 5, 0.75);
    expect(data).toBe(CURVES[5]);
    expect(view).toMatchObject({ step: 50, following: CURVES[6], phase: 0.25 });
    expect(view.earlier.map(({ step }) => step)).toEqual([20, 30, 40]);
    // The card's words and the transport stay with the playhead.
    expect(index).toBe(6);
  });

  it("begins and ends at what stands still", () => {
    expect(layer(6, 5, 0)).toMatchObject({ index: 6, data: CURVES[6] });
    const least = layer(6, 5, Number.MIN_VALUE).view.phase;
    expect(least).toBeLessThan(1);
    // But for the line that comes out of the front, or goes into it.
    const left = (list: number[][]) => list.filter(([, alpha]) => (alpha as number) > 0.01);
    close(left(lines(6, 5, 0.999).slice(0, -2)), left(lines(5, 4, 0).slice(0, -1)));
    close(left(lines(6, 5, 0.001).slice(0, -1)), left(lines(6, 5, 0).slice(0, -1)));
  });

  it("plays what moves by itself backwards, and does not blend it", () => {
    const parts = (data: PrCurve) => (data === CURVES[5] ? 4 : 1);
    expect(layer(5, 6, 0.75, { parts }).view).toMatchObject({ following: null, phase: 0.75 });
    const back = layer(5, 4, 0.25, { parts });
    expect(back).toMatchObject({ data: CURVES[5], view: { following: null, step: 50 } });
    expect(back.view.phase).toBeCloseTo(0.75);
    // At the end of a bounce it holds on its last part.
    expect(layer(5, 4, 0, { parts }).view.phase).toBeCloseTo(1);
    expect(layer(5, 4, 0, { parts }).view.phase).toBeLessThan(1);
    // What stands still turns into its first part, on either way.
    const into = { data: CURVES[6], view: { following: CURVES[5], phase: 0.25 } };
    expect(layer(6, 5, 0.25, { parts })).toMatchObject(into);
    const on = layer(4, 5, 0.25, { parts });
    expect(on).toMatchObject({ data: CURVES[4], view: { following: CURVES[5], phase: 0.25 } });
  });
});

it("has the whole trail fetched of the frame that it comes to", () => {
  const wanted: number[][] = [];
  const buffer = { frameBytes: signal(1), want: (all: number[]) => wanted.push(all), rest() {} };
  const track = {
    ...{ sample: signal(null), pending: signal(null), scene: signal({ trail: 4 }) },
    ...{ kind: prCurve, buffer, indexAt: (position = -1) => position },
  } as unknown as Track;
  const head = { ...initial, count: 10, tick: 9, direction: -1 as const, playing: true, fps: 1 };
  const player = { course: signal(head), following: signal(8), positionAt: (tick: number) => tick };
  fetchAhead({
    asleep: signal(false),
    visible: signal(new Set([track])),
    budgets: { decoded: { limit: 100 } } as never,
    comparison: { concerns: () => false, wanted: () => null } as never,
    playerOf: () => player as never,
  });
  // Four ticks ahead; frame 8 has those from 4 on behind it.
  expect(wanted).toEqual([[9, 8, 7, 6, 5, 4]]);
});
