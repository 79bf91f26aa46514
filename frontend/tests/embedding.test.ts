import { describe, expect, it } from "vitest";
import type { Gesture, View } from "../src/kinds";
import { PALETTES } from "../src/kinds/axes";
import { embedding } from "../src/kinds/embedding";
import { type Cloud, decodeCloud, padded, pointBetween } from "../src/kinds/embedding/cloud";
import { categoryColor, colorsOf, scaleRgb } from "../src/kinds/embedding/colors";
import { focusOf, lensOf, project, turned, zoomed } from "../src/kinds/embedding/lens";
import { orderOf, trailOf } from "../src/kinds/embedding/scatter";
import { afterGesture, asScene, pictureOf } from "../src/kinds/embedding/scene";
import { decodeTable } from "../src/kinds/embedding/table";
import { viewOf } from "./views";
import { unaligned } from "./wire";

const NAN = Number.NaN;
const bytes = (list: ArrayBufferView): Uint8Array =>
  new Uint8Array(list.buffer, list.byteOffset, list.byteLength);

function cloud(rows: number[][], more: Partial<Cloud> = {}): Cloud {
  const dims = (rows[0]?.length ?? 2) as 2 | 3;
  const head = [0, 0, rows.length, dims, 0, 0, 0, 1];
  return { ...decodeCloud(bytes(new Float32Array([...head, ...rows.flat()]))), ...more };
}

const table = decodeTable({
  columns: [
    {
      name: "digit",
      type: "category",
      categories: ["2", "10"],
      values: [bytes(new Uint16Array([0, 1, 65535]))],
      of: [0],
    },
    {
      name: "loss",
      type: "number",
      categories: null,
      values: [unaligned(bytes(new Float32Array([1, 3, NAN])))],
      of: [0],
    },
    { name: "file", type: "text", categories: null, values: [["a.png", "b.png", ""]], of: [0] },
  ],
  versions: [0],
  sprites: [],
  sprite_of: [-1],
  cells: [new Uint8Array()],
  ids: [["x", "y", ""]],
});

const scene = {
  method: "pca",
  dims: 2,
  color_by: "",
  camera: "0,0,1,35,20",
  hidden: "",
  selected: "",
  trail: 2,
  follow: "off",
  points: "dots",
  centroids: "off",
  aligned: true,
  variance: 0.614,
  shown: 10_000,
  logged: 120_000,
  notes: ["2 points are far away."],
  table,
};

const view = (more: Partial<View<Cloud>> = {}) => viewOf({ unit: 1, step: 30, ...more });

const FIXED = { centre: [0, 0, 0], gain: 1 } as const;
const camera = { x: 0, y: 0, zoom: 1, yaw: 35, pitch: 20 };
const spotOf = (lens: Parameters<typeof project>[0], ...at: number[]) =>
  project(lens, Float64Array.from(at), { x: 0, y: 0, depth: 0, size: 1 });

describe("the wire", () => {
  it("is read wherever the bytes lie, and refused when cut short", () => {
    const head = [1, -1, 2, 2, 0.5, 0, 0, 3];
    const wire = bytes(new Float32Array([...head, 1, 2, NAN, NAN]));
    const found = decodeCloud(unaligned(wire));
    expect(found).toMatchObject({ segment: 1, version: -1, slots: 2, dims: 2, radius: 3 });
    expect([...found.positions]).toEqual([1, 2, NAN, NAN]);
    expect(() => decodeCloud(wire.subarray(0, 40))).toThrow("cut short");
    expect(() => decodeCloud(wire.subarray(0, 8))).toThrow("cut short");
    expect(() => decodeCloud("text")).toThrow("no points");
    expect(embedding.bytes(found)).toBeGreaterThan(2 * 16);
  });

  it("tells columns of words and of numbers", () => {
    const [digit, loss] = table.columns;
    expect(digit).toMatchObject({ categories: ["2", "10"] });
    expect(loss).toMatchObject({ min: 1, max: 3 });
  });
});

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

describe("colours", () => {
  const at = (colors: Uint8Array, slot: number) => [...colors.subarray(4 * slot, 4 * slot + 4)];

  it("repeat in other shades after ten", () => {
    expect(categoryColor(0, "light")).toBe("rgb(78 121 167)");
    expect(categoryColor(10, "light")).toBe("rgb(51 79 109)");
    expect(categoryColor(10, "dark")).toBe(categoryColor(20, "light"));
    expect(categoryColor(30, "light")).toBe(categoryColor(0, "light"));
  });

  it("show numbers on a scale, and what has none faintly", () => {
    expect(scaleRgb(0)).toEqual([0x44, 0x01, 0x54]);
    expect(scaleRgb(2)).toEqual([0xfd, 0xe7, 0x25]);
    expect(scaleRgb(1 / 16)).toEqual([0x46, 0x17, 0x68]);
    const column = table.columns[1];
    const colors = colorsOf(table, 0, 3, { column, hidden: [], theme: "light" });
    expect(at(colors, 1)).toEqual([0xfd, 0xe7, 0x25, 255]);
    expect(PALETTES.light.faint).toBe("#9e9e9e");
    expect(at(colors, 2)).toEqual([0x9e, 0x9e, 0x9e, 255]);
  });

  it("leave out hidden categories, and have one for points without a table", () => {
    const column = table.columns[0];
    const colors = colorsOf(table, 0, 4, { column, hidden: ["10"], theme: "light" });
    expect([0, 1, 2, 3].map((slot) => at(colors, slot)[3])).toEqual([255, 0, 255, 255]);
    expect(
      at(colorsOf(table, -1, 1, { column: undefined, hidden: [], theme: "light" }), 0),
    ).toEqual([0xf5, 0x7c, 0x00, 255]);
  });
});

describe("what people do", () => {
  const data = cloud([
    [0, 0],
    [0.5, 0],
    [0.5, 0.5],
  ]);
  const done = (state: object, gesture: Gesture) =>
    afterGesture(asScene(scene), data, view({ state: { ...state } }), gesture);

  it("selects the nearest point, and not twice", () => {
    const once = done({}, { type: "click", x: 200 + 66 + 3, y: 150 });
    expect(once).toEqual({ selected: [1], segment: 0 });
    expect(done(once, { type: "click", x: 266, y: 150 })).toMatchObject({ selected: [] });
    expect(done(once, { type: "click", x: 20, y: 20 })).toEqual(once);
    expect(done({ ...once, hidden: ["10"] }, { type: "click", x: 266, y: 150 }).selected).toEqual([
      1,
    ]);
    expect(done(once, { type: "clear" })).toEqual({});
  });

  it("moves, and goes back without forgetting the rest", () => {
    const moved = done({ hidden: ["2"] }, { type: "drag", dx: 13.2, dy: 0, turn: true });
    expect(moved.camera).toMatchObject({ x: expect.closeTo(-0.1), yaw: 35 });
    expect(done(moved, { type: "reset" })).toEqual({ hidden: ["2"] });
  });

  it("switches categories and colours", () => {
    const controls = (state: object) => embedding.controls?.(scene, { ...state }, "light") ?? [];
    const [choice, legend] = controls({});
    if (choice?.type !== "choice" || legend?.type !== "legend") throw new Error("None is there.");
    expect(choice.choices.map(({ value }) => value)).toEqual(["digit", "loss", "none"]);
    expect(legend.toggle("2")).toEqual({ hidden: ["2"] });
    expect(legend.only("2")).toEqual({ hidden: ["10"] });
    const [, now] = controls({ hidden: ["10"] });
    if (now?.type !== "legend") throw new Error("None is there.");
    expect(now.only("2")).toEqual({ hidden: [] });
    expect(now.toggle("10")).toEqual({ hidden: [] });
    const [, scale] = controls({ color_by: "loss" });
    expect(scale).toMatchObject({ type: "scale", min: "1", max: "3" });
    expect(controls({ color_by: "none" })).toHaveLength(1);
  });

  it("goes into clips", () => {
    expect(embedding.clip?.(scene, {})).toEqual({
      color_by: null,
      camera: "0,0,1,35,20",
      hidden: null,
      selected: null,
    });
    const state = { hidden: ["a,b", "ç"], selected: [4, 7], segment: 0, color_by: "loss" };
    expect(embedding.clip?.(scene, state)).toMatchObject({
      hidden: "a%2Cb,%C3%A7",
      selected: "4,7",
      color_by: "loss",
    });
    expect(embedding.clip?.(scene, { ...state, segment: 1 })).toMatchObject({ selected: null });
  });

  it("reads what is under the pointer", () => {
    const before = cloud([
      [0, 0],
      [0.2, 0],
    ]);
    const shown = view({ earlier: [{ step: 20, data: before }] });
    expect(embedding.read?.(scene, data, shown, 266, 150)).toBe(
      "digit 10\nloss 3\nfile b.png\nid y\nmoved 30 % since step 20",
    );
    expect(embedding.read?.(scene, data, shown, 266, 84)).toBe("point 2\nnew since step 20");
    expect(embedding.read?.(scene, data, shown, 20, 20)).toBeNull();
  });

  it("says what is shown", () => {
    expect(embedding.note?.(scene)).toBe(
      "PCA of all frames · 61 % of the variance · frames aligned · 10,000 of 120,000 points\n" +
        "2 points are far away.",
    );
    const other = { ...scene, method: "tsne", aligned: false, notes: [], shown: 1, logged: 1 };
    expect(embedding.note?.(other)).toBe(
      "joint t-SNE, distances are not metric · not aligned · 1 point",
    );
  });
});
