import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as compare from "../src/compare";

const box = fc.record({
  x: fc.integer({ min: -50, max: 50 }),
  y: fc.integer({ min: -50, max: 50 }),
  width: fc.integer({ min: 1, max: 900 }),
  height: fc.integer({ min: 1, max: 900 }),
});
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe("the wipe", () => {
  it("cuts the picture in two at a whole pixel and loses none", () => {
    fc.assert(
      fc.property(box, fc.double({ min: -1, max: 2, noNaN: true }), (whole, amount) => {
        const { own, other } = compare.wipe(whole, amount);
        expect(own).toMatchObject({ x: whole.x, y: whole.y, height: whole.height });
        expect(other).toMatchObject({ y: whole.y, height: whole.height });
        expect(other.x).toBe(own.x + own.width);
        expect(own.width + other.width).toBe(whole.width);
        expect(Math.min(own.width, other.width)).toBeGreaterThanOrEqual(0);
        expect(Number.isInteger(own.width)).toBe(true);
      }),
    );
  });

  it("lies under the pointer that drags it, and no further than the picture's edges", () => {
    fc.assert(
      fc.property(box, share, (whole, amount) => {
        const x = whole.x + Math.round(amount * whole.width);
        expect(compare.wipeLine(whole, compare.amountAt(whole, x))).toBe(x);
      }),
    );
    const whole = { x: 10, y: 0, width: 100, height: 50 };
    expect(compare.amountAt(whole, 0)).toBe(0);
    expect(compare.amountAt(whole, 999)).toBe(1);
    expect(compare.amountAt({ ...whole, width: 0 }, 10)).toBe(0);
  });
});

it("states the least difference that becomes white", () => {
  expect([1, 2, 4, 16].map(compare.whiteFrom)).toEqual([255, 128, 64, 16]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 16 }), (gain) => {
      const white = compare.whiteFrom(gain);
      expect(white * gain).toBeGreaterThanOrEqual(255);
      expect((white - 1) * gain).toBeLessThan(255);
    }),
  );
});

it("finds the frame to compare with, which may not be there", () => {
  expect([0, 1, 5].map((index) => compare.indexAgainst("previous", index))).toEqual([-1, 0, 4]);
  expect([-1, 0, 5].map((index) => compare.indexAgainst("first", index))).toEqual([-1, 0, 0]);
  expect(compare.indexAgainst("previous", -1)).toBeLessThan(0);
});

describe("a comparison", () => {
  const anyCompare = fc.constantFrom(...compare.MODES).chain((mode) => {
    const { min, max } = compare.AMOUNTS[mode];
    const any = fc.double({ min, max, noNaN: true });
    return fc.record({
      mode: fc.constant(mode),
      amount: mode === "difference" ? fc.integer({ min, max }) : any,
      against: fc.oneof(
        fc.constantFrom("first" as const, "previous" as const),
        fc.record({ run: fc.string() }),
      ),
    });
  });

  it("stays one whatever is set", () => {
    expect(compare.isCompare(compare.initial)).toBe(true);
    fc.assert(
      fc.property(
        anyCompare,
        fc.constantFrom(...compare.MODES),
        fc.double(),
        (any, mode, amount) => {
          expect(compare.isCompare(any)).toBe(true);
          expect(compare.isCompare(compare.setAmount(any, amount))).toBe(true);
          const other = compare.setMode(any, mode);
          expect(compare.isCompare(other)).toBe(true);
          expect(other.amount).toBe(mode === any.mode ? any.amount : compare.AMOUNTS[mode].initial);
        },
      ),
    );
  });

  it("is set in steps, without a trace of how they were added", () => {
    const set = (mode: compare.Mode, amount: number) =>
      compare.setAmount({ mode, against: "first", amount: 1 }, amount).amount;
    expect(set("onion", 0.1 + 0.2)).toBe(0.3);
    expect(set("wipe", 0.12345)).toBe(0.123);
    expect(set("difference", 3.6)).toBe(4);
  });

  it("is told from what is none", () => {
    const good = { mode: "wipe", against: "first", amount: 0.5 };
    expect(compare.isCompare(good)).toBe(true);
    for (const bad of [
      null,
      [],
      "wipe",
      { ...good, mode: "toString" },
      { ...good, against: "last" },
      { ...good, against: null },
      { ...good, against: { run: 3 } },
      { ...good, amount: 2 },
      { ...good, amount: Number.NaN },
      { ...good, amount: "0.5" },
      { mode: "difference", against: "first", amount: 0 },
      { mode: "difference", against: "first", amount: 2.5 },
    ]) {
      expect(compare.isCompare(bad)).toBe(false);
    }
    fc.assert(fc.property(fc.anything(), (value) => void compare.isCompare(value)));
  });
});
