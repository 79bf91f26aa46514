import fc from "fast-check";
import { expect, it } from "vitest";
import { latest, union } from "../src/timeline";

const steps = fc
  .uniqueArray(fc.integer({ min: -50, max: 200 }), { maxLength: 40 })
  .map((list) => list.sort((a, b) => a - b));

it("joins steps in order, each once", () => {
  expect(union([[0, 7, 14], [0, 1, 2], [], [100]])).toEqual([0, 1, 2, 7, 14, 100]);
  expect(union([])).toEqual([]);
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 5 }), (lists) => {
      const expected = [...new Set(lists.flat())].sort((a, b) => a - b);
      expect(union(lists)).toEqual(expected);
    }),
  );
});

it("finds the last step at or before another", () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: -60, max: 210 }), (list, step) => {
      expect(latest(list, step)).toBe(list.filter((one) => one <= step).length - 1);
    }),
  );
});
