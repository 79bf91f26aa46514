import { describe, expect, it } from "vitest";
import type { Gesture } from "../src/kinds";
import { PALETTES } from "../src/kinds/axes";
import { embedding } from "../src/kinds/embedding";
import { decodeCloud } from "../src/kinds/embedding/cloud";
import { categoryColor, colorsOf, scaleRgb } from "../src/kinds/embedding/colors";
import { afterGesture, asScene } from "../src/kinds/embedding/scene";
import { type Column, decodeTable, labelOf, wordOf } from "../src/kinds/embedding/table";
import { bytes, cloud, NAN, scene, table, view } from "./clouds";
import { unaligned } from "./wire";

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
    if (column?.type !== "number") throw new Error("It is one of numbers.");
    const gone = { ...column, numbers: Float32Array.of(1, NAN), codes: [Uint32Array.of(0, 1)] };
    const others = colorsOf({ ...table, colors: new Map() }, 0, 2, {
      column: gone,
      hidden: [],
      theme: "light",
    });
    expect(at(others, 0)).toEqual([0x44, 0x01, 0x54, 255]);
    expect(at(others, 1)).toEqual([0x9e, 0x9e, 0x9e, 255]);
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
      "digit 10\nloss 3.00\nfile b.png\nid y\nmoved 30 % since step 20",
    );
    expect(embedding.read?.(scene, data, shown, 266, 84)).toBe("point 2\nnew since step 20");
    expect(embedding.read?.(scene, data, shown, 20, 20)).toBeNull();
  });

  it("says numbers as they were logged, whatever they are", () => {
    const texts = ["16777217", "4006381333931", "9223372036854775807", "0.10", "1e-3"];
    const found = decodeTable({
      columns: [
        {
          name: "id",
          type: "number",
          categories: null,
          texts,
          numbers: bytes(Float32Array.from(texts, Number)),
          values: [bytes(Uint32Array.from([4, 3, 2, 1, 0, 0xffffffff]))],
          of: [0],
        },
      ],
      versions: [0],
      sprites: [],
      sprite_of: [-1],
      cells: [new Uint8Array()],
      ids: [null],
    });
    const words = Array.from({ length: 7 }, (_, slot) =>
      wordOf(found.columns[0] as Column, 0, slot),
    );
    expect(words).toEqual([...[...texts].reverse(), null, null]);
    expect(labelOf(found, cloud([[0, 0]]), 4)).toBe("id 16777217");
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
