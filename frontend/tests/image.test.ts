import fc from "fast-check";
import { expect, it } from "vitest";
import { announcedPixels, grid, image } from "../src/kinds/image";

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

it("reads the announced size of PNG and GIF before anything is decoded", () => {
  const png = new Uint8Array(33);
  const view = new DataView(png.buffer);
  view.setUint32(0, 0x89504e47);
  view.setUint32(16, 100_000);
  view.setUint32(20, 100_000);
  expect(announcedPixels(png)).toBe(1e10);
  const gif = new Uint8Array([0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 3, 0, 2, 0, 0, 0, 0, 0]);
  expect(announcedPixels(gif)).toBe(6);
  expect(announcedPixels(new Uint8Array(4))).toBe(0);
});

it("refuses a picture over the limit and bytes that are none, in a sentence", async () => {
  const png = new Uint8Array(33);
  const view = new DataView(png.buffer);
  view.setUint32(0, 0x89504e47);
  view.setUint32(16, 100_000);
  view.setUint32(20, 100_000);
  const { signal } = new AbortController();
  await expect(image.decode(png, signal)).rejects.toThrow("limit of 67 million pixels");
  await expect(image.decode([new Uint8Array(0)], signal)).rejects.toThrow("no bytes were logged");
  await expect(image.decode([], signal)).rejects.toThrow("No image was logged");
});
