import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wipe } from "../src/compare";
import type { CardState, Gesture } from "../src/kinds";
import { image } from "../src/kinds/image";
import { adjustPixels, levels } from "../src/kinds/image/adjust";
import {
  afterGesture,
  areaOf,
  asScene,
  cameraOf,
  cellOf,
  fitted,
  grid,
  seenOf,
} from "../src/kinds/image/place";
import { announcedPixels } from "../src/kinds/image/samples";
import { clip } from "../src/kinds/image/words";
import { viewOf } from "./views";

it("finds room for every sample, without an empty row", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), (samples) => {
      const { columns, rows } = grid(samples);
      expect(columns * rows).toBeGreaterThanOrEqual(samples);
      expect(columns * (rows - 1)).toBeLessThan(samples);
      expect(columns).toBeGreaterThanOrEqual(rows);
    }),
  );
});

it("is as wide as the grid of its samples", () => {
  expect(image.aspect({ width: 20, height: 10, samples: 1 })).toBe(2);
  expect(image.aspect({ width: 10, height: 10, samples: 12 })).toBeCloseTo(4 / 3);
});

describe("what is decoded", () => {
  const png = (side: number) => {
    const bytes = new Uint8Array(33);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 0x89504e47);
    view.setUint32(16, side);
    view.setUint32(20, side);
    return bytes;
  };

  it("announces its size before anything is decoded", () => {
    expect(announcedPixels(png(100_000))).toBe(1e10);
    const gif = new Uint8Array([0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 3, 0, 2, 0, 0, 0, 0, 0]);
    expect(announcedPixels(gif)).toBe(6);
    expect(announcedPixels(new Uint8Array(4))).toBe(0);
  });

  it("is refused over the limit, and where it is no picture, in a sentence", async () => {
    const { signal } = new AbortController();
    await expect(image.decode(png(100_000), signal)).rejects.toThrow("limit of 67 million pixels");
    await expect(image.decode([new Uint8Array(0)], signal)).rejects.toThrow("no bytes were logged");
    await expect(image.decode([], signal)).rejects.toThrow("No image was logged");
  });
});

const scene = (width: number, height: number, samples = 1, actual = "off") =>
  asScene({
    ...{ width, height, samples, actual },
    ...{ brightness: 100, contrast: 100, smooth: "off", zoom: "0.5,0.5,1" },
  });

const view = (width: number, height: number, state: CardState = {}, ratio = 1) => ({
  width,
  height,
  ratio,
  state,
});

const side = fc.integer({ min: 1, max: 600 });
const anyScene = fc
  .record({ width: side, height: side, samples: fc.integer({ min: 1, max: 12 }) })
  .map(({ width, height, samples }) => scene(width, height, samples));
const anyRoom = fc.record({ width: side, height: side });
const anyGesture: fc.Arbitrary<Gesture> = fc.oneof(
  fc.record({
    type: fc.constant("drag" as const),
    dx: fc.integer({ min: -999, max: 999 }),
    dy: fc.integer({ min: -999, max: 999 }),
    turn: fc.boolean(),
  }),
  fc.record({
    type: fc.constant("zoom" as const),
    factor: fc.double({ min: 0.1, max: 10, noNaN: true }),
    x: fc.integer({ min: 0, max: 600 }),
    y: fc.integer({ min: 0, max: 600 }),
  }),
);

describe("where samples lie", () => {
  it("is in the middle, as large as the card allows, while nothing was moved", () => {
    fc.assert(
      fc.property(anyScene, anyRoom, (given, room) => {
        const area = areaOf(given, given.samples, view(room.width, room.height));
        expect(area.x).toBeCloseTo((room.width - area.width) / 2);
        expect(area.y).toBeCloseTo((room.height - area.height) / 2);
        const fills = [area.width / room.width, area.height / room.height];
        expect(Math.max(...fills)).toBeCloseTo(1);
      }),
    );
  });

  it("leaves no gap between cells and no room beside an enlarged picture", () => {
    fc.assert(
      fc.property(anyScene, anyRoom, fc.array(anyGesture), (given, room, gestures) => {
        let state: CardState = {};
        for (const gesture of gestures) {
          state = afterGesture(given, given.samples, view(room.width, room.height, state), gesture);
        }
        const area = areaOf(given, given.samples, view(room.width, room.height, state));
        for (const [at, size, all] of [
          [area.x, area.width, room.width],
          [area.y, area.height, room.height],
        ] as const) {
          if (size <= all) expect(at).toBeCloseTo((all - size) / 2);
          else {
            expect(at).toBeLessThanOrEqual(1e-6);
            expect(at + size).toBeGreaterThanOrEqual(all - 1e-6);
          }
        }
        for (let sample = 1; sample < area.columns; sample++) {
          const before = cellOf(area, sample - 1);
          // Rounding may give -0.
          expect(before.x + before.width === cellOf(area, sample).x).toBe(true);
        }
      }),
    );
  });

  it("keeps what is under the pointer there while it is enlarged", () => {
    const given = scene(100, 100);
    let state: CardState = {};
    const at = { x: 130, y: 170 };
    const place = () => {
      const area = areaOf(given, 1, view(200, 200, state));
      return [(at.x - area.x) / area.width, (at.y - area.y) / area.height];
    };
    const before = place();
    for (let i = 0; i < 5; i++) {
      state = afterGesture(given, 1, view(200, 200, state), { type: "zoom", factor: 1.5, ...at });
      expect(place()[0]).toBeCloseTo(before[0] as number);
      expect(place()[1]).toBeCloseTo(before[1] as number);
    }
    expect(cameraOf(given, state).zoom).toBeCloseTo(1.5 ** 5);
    expect(afterGesture(given, 1, view(200, 200, state), { type: "reset" })).toEqual({});
  });

  it("has a pixel for a pixel in actual size, whatever the screen", () => {
    for (const [ratio, scale] of [
      [1, 1],
      [1.25, 1],
      [2, 2],
      [0.5, 1],
    ] as const) {
      const area = areaOf(scene(40, 30, 4, "on"), 4, view(500, 500, {}, ratio));
      expect([area.width, area.height]).toEqual([80 * scale, 60 * scale]);
    }
    // Larger than the card: its middle is seen, and dragging shows the rest.
    const large = scene(1000, 1000, 1, "on");
    expect(areaOf(large, 1, view(200, 200)).x).toBe(-400);
    const drag = { type: "drag", dx: 9999, dy: 0, turn: true } as const;
    const moved = afterGesture(large, 1, view(200, 200), drag);
    expect(areaOf(large, 1, view(200, 200, moved))).toMatchObject({ x: 0, y: -400 });
  });

  it("takes a state out of an address for none if it is none", () => {
    for (const camera of [null, 3, {}, { x: 2, y: 0, zoom: 1 }, { x: 0, y: 0, zoom: -1 }]) {
      const state = { camera } as CardState;
      const area = areaOf(scene(10, 10), 1, view(100, 100, state));
      expect(area).toMatchObject({ x: 0, y: 0, width: 100, height: 100 });
    }
  });

  it("is wiped where the picture lies on the card, however tall or large it is", () => {
    const seen = (state: CardState, actual = "off") => {
      const room = view(300, 400, state);
      return seenOf(areaOf(scene(100, 400, 1, actual), 1, room), room);
    };
    expect(seen({})).toEqual({ x: 100, y: 0, width: 100, height: 400 });
    const whole = { x: 0, y: 0, width: 300, height: 400 };
    expect(wipe(whole, 0.3, seen({}))).toEqual({
      own: { ...whole, width: 130 },
      other: { ...whole, x: 130, width: 170 },
    });
    const camera = (zoom: number) => ({ camera: { x: 0.5, y: 0.25, zoom } });
    expect(seen(camera(2))).toEqual({ x: 50, y: 0, width: 200, height: 400 });
    expect(seen(camera(4))).toEqual(whole);
    const given = scene(100, 400) as unknown as Record<string, unknown>;
    const room = viewOf({ width: 300, height: 400 });
    expect(image.seen?.(given, { samples: [] }, room as never)).toEqual(seen({}));
  });

  it("fits a picture of another shape into its cell", () => {
    const cell = { x: 10, y: 20, width: 100, height: 50 };
    expect(fitted({ width: 10, height: 10 }, cell)).toEqual({
      x: 35,
      y: 20,
      width: 50,
      height: 50,
    });
    expect(fitted({ width: 201, height: 100 }, cell)).toEqual(cell);
  });
});

describe("brightness and contrast", () => {
  const by = (brightness: number, contrast: number) => levels({ brightness, contrast });

  it("are TensorBoard's: contrast about the middle, then brightness", () => {
    expect([...by(100, 100)]).toEqual(Array.from({ length: 256 }, (_, level) => level));
    expect(new Set(by(0, 300))).toEqual(new Set([0]));
    expect(new Set(by(100, 0))).toEqual(new Set([128]));
    expect(by(50, 100)[200]).toBe(100);
    expect(by(200, 100)[200]).toBe(255);
    // 0.5 + 2 * (100/255 - 0.5), and half of it.
    expect(by(100, 200)[100]).toBe(73);
    expect(by(50, 200)[100]).toBe(36);
    // What the contrast clamps does not come back.
    expect(by(50, 500)[255]).toBe(128);
  });

  it("leave alpha as it is", () => {
    const pixels = new Uint8ClampedArray([10, 128, 200, 77, 255, 0, 60, 255]);
    adjustPixels(pixels, { brightness: 50, contrast: 100 });
    expect([...pixels]).toEqual([5, 64, 100, 77, 128, 0, 30, 255]);
  });
});

it("tells clips what is looked at, unless it is the whole", () => {
  const given = { ...scene(10, 10) } as unknown as Record<string, unknown>;
  expect(clip(given, {})).toEqual({});
  expect(clip(given, { camera: { x: 0.25, y: 0.5, zoom: 2.5 } })).toEqual({ zoom: "0.25,0.5,2.5" });
});
