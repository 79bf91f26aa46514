import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mix, numberText, shareText, ticksOf } from "../src/kinds/axes";

const texts = (lo: number, hi: number) => ticksOf(lo, hi).map((tick) => tick.text);

describe("ticks", () => {
  it("are round, and as many as find room", () => {
    expect(texts(-0.37, 0.37)).toEqual(["-0.2", "0", "0.2"]);
    expect(texts(0, 1)).toEqual(["0", "0.5", "1.0"]);
    expect(texts(0, 4)).toEqual(["0", "1", "2", "3", "4"]);
    expect(texts(-3, 47)).toEqual(["0", "10", "20", "30", "40"]);
  });

  it("turn to exponents where digits would be many", () => {
    expect(texts(-2e-5, 3e-5)).toEqual(["-2e-5", "0", "2e-5"]);
    expect(texts(0, 4e7)).toEqual(["0", "1e7", "2e7", "3e7", "4e7"]);
    expect(texts(1.5e6, 1.9e6)).toEqual(["1.5e6", "1.6e6", "1.7e6", "1.8e6", "1.9e6"]);
  });

  it("are inside and at most five, whatever the axis", () => {
    const ends = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(ends, fc.double({ min: 1e-6, max: 1e9, noNaN: true }), (lo, width) => {
        const hi = lo + width;
        // Less than this between both ends is rounding, which the scene never asks for.
        fc.pre(hi - lo > 1e-9 * Math.abs(lo));
        const found = ticksOf(lo, hi);
        expect(found.length).toBeLessThanOrEqual(5);
        expect(found.length).toBeGreaterThan(0);
        expect(new Set(found.map((tick) => tick.text)).size).toBe(found.length);
        for (const { value } of found) {
          expect(value).toBeGreaterThanOrEqual(lo - 1e-6 * width);
          expect(value).toBeLessThanOrEqual(hi + 1e-6 * width);
        }
      }),
    );
  });

  it("there are none on an axis without a width", () => {
    expect(ticksOf(1, 1)).toEqual([]);
    expect(ticksOf(0, Number.POSITIVE_INFINITY)).toEqual([]);
  });
});

it("writes numbers with three digits that count", () => {
  expect([0, 0.03, -0.1234, 12.345, 45678, 1.5e-7, -2e8].map(numberText)).toEqual([
    "0",
    "0.03",
    "-0.123",
    "12.3",
    "45678",
    "1.5e-7",
    "-2e8",
  ]);
  expect(numberText(Number.NaN)).toBe("–");
});

it("never calls almost nothing nothing, or almost all all", () => {
  expect([0, 0.0001, 0.012, 0.5, 0.995, 0.9999, 1].map(shareText)).toEqual([
    "0 %",
    "<0.1 %",
    "1.2 %",
    "50 %",
    "99.5 %",
    ">99.9 %",
    "100 %",
  ]);
});

it("mixes colours", () => {
  expect(mix("#f57c00", "#ffffff", 0)).toBe("rgb(245 124 0)");
  expect(mix("#000000", "#ffffff", 0.5)).toBe("rgb(128 128 128)");
});
