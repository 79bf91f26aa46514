import { describe, expect, it } from "vitest";
import { padded, pointBetween } from "../src/kinds/embedding/cloud";
import { focusOf, lensOf, project, turned, zoomed } from "../src/kinds/embedding/lens";
import { orderOf, trailOf } from "../src/kinds/embedding/scatter";
import { asScene, pictureOf } from "../src/kinds/embedding/scene";
import { cloud, NAN, scene, view } from "./clouds";

const FIXED = { centre: [0, 0, 0], gain: 1 } as const;
const camera = { x: 0, y: 0, zoom: 1, yaw: 35, pitch: 20 };
const spotOf = (lens: Parameters<typeof project>[0], ...at: number[]) =>
  project(lens, Float64Array.from(at), { x: 0, y: 0, depth: 0, size: 1 });

describe("the camera", () => {
  it("places points as laid down, in both numbers of axes", () => {
    const flat = lensOf(view(), { ...camera, x: 0.5, zoom: 2 }, 2, FIXED);
    expect(spotOf(flat, 1, 0.25, 0)).toMatchObject({ x: 200 + 0.5 * 264, y: 150 - 0.25 * 264 });
    const solid = lensOf(view(), { ...camera, yaw: 90, pitch: 0 }, 3, FIXED);
    // Turned by a right angle, what was at the right lies behind.
    const { x, depth, size } = spotOf(solid, 1, 0, 0);
    expect(x).toBeCloseTo(200);
    expect(depth).toBeCloseTo(-1);
    expect(size).toBeCloseTo(0.8);
    expect(spotOf(solid, -3.95, 0, 0).size).toBe(0);
  });

  it("keeps what is under the pointer when it zooms", () => {
    const lens = lensOf(view(), camera, 2, FIXED);
    const closer = zoomed(camera, lens, 3, 90, 250);
    const before = { x: -110 / 132, y: -100 / 132 };
    const seen = spotOf(lensOf(view(), closer, 2, FIXED), before.x, before.y, 0);
    expect(seen.x).toBeCloseTo(90);
    expect(seen.y).toBeCloseTo(250);
    expect(zoomed(camera, lens, 1e9, 0, 0).zoom).toBe(200);
  });

  it("turns with the pointer, never over the top", () => {
    const lens = lensOf(view(), { ...camera, yaw: 0, pitch: 0 }, 3, FIXED);
    const after = turned({ ...camera, yaw: 0, pitch: 0 }, lens, 30, 0);
    expect(spotOf(lensOf(view(), after, 3, FIXED), 0, 0, 1).x).toBeGreaterThan(200);
    expect(turned(camera, lens, 0, 1e4).pitch).toBe(90);
    expect(Math.abs(turned(camera, lens, 1e4, 0).yaw)).toBeLessThanOrEqual(180);
  });

  it("follows the cloud, evenly between frames", () => {
    const a = cloud([[0, 0]], { centre: [1, 0, 0], radius: 1 });
    const b = cloud([[0, 0]], { centre: [3, 0, 0], radius: 4 });
    expect(focusOf("off", a, b, 0.5)).toEqual(FIXED);
    expect(focusOf("center", a, b, 0.5)).toEqual({ centre: [2, 0, 0], gain: 1 });
    expect(focusOf("fit", a, b, 0.5).gain).toBeCloseTo(0.55 / 2);
  });
});

describe("between frames", () => {
  const out = new Float64Array(3);
  const a = cloud([
    [0, 0],
    [NAN, NAN],
    [1, 1],
    [NAN, NAN],
  ]);
  const b = cloud([
    [1, 2],
    [5, 5],
    [NAN, NAN],
    [NAN, NAN],
  ]);

  it("moves what is in both and fades the rest", () => {
    expect(pointBetween(a, b, 0.25, 0, out)).toBe(1);
    expect([...out]).toEqual([0.25, 0.5, 0]);
    expect(pointBetween(a, b, 0.25, 1, out)).toBe(0.25);
    expect([...out]).toEqual([5, 5, 0]);
    expect(pointBetween(a, b, 0.25, 2, out)).toBe(0.75);
    expect(pointBetween(a, b, 0.25, 3, out)).toBe(0);
  });

  it("has room for points that came later", () => {
    expect([...padded(cloud([[1, 2]]), 2).positions]).toEqual([1, 2, NAN, NAN]);
  });

  it("fades over where frames cannot be joined", () => {
    const next = cloud([[3, 3]], { segment: 1 });
    const { passes } = pictureOf(asScene(scene), a, view({ following: next, phase: 0.25 }));
    expect(passes.map(({ from, fade }) => [from.segment, fade])).toEqual([
      [0, 0.75],
      [1, 0.25],
    ]);
  });

  it("lets trails grow older on the way, without a jump at its end", () => {
    const alphas = (phase: number) => trailOf(a, [b, a], 2, phase).map(({ alpha }) => alpha);
    expect(alphas(0)).toEqual([0.25, 0.5]);
    expect(alphas(0.5)).toEqual([0.125, 0.375, 0.5]);
    expect(trailOf(a, [b], 0, 0.5)).toEqual([]);
  });

  it("draws from back to front, equal ones in their own order", () => {
    const solid = cloud([
      [0, 0, 1],
      [0, 0, -1],
      [0, 0, 1],
    ]);
    const lens = lensOf(view(), { ...camera, yaw: 0, pitch: 0 }, 3, FIXED);
    expect([...(orderOf(solid, solid, 0, lens) ?? [])]).toEqual([1, 0, 2]);
    expect(orderOf(a, a, 0, lensOf(view(), camera, 2, FIXED))).toBeNull();
  });
});
