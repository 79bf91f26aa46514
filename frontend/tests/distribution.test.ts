import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { between, type Distribution, resample } from "../src/kinds/distribution";

function of(rows: readonly (readonly [number, number, number])[]): Distribution {
  return {
    left: Float64Array.from(rows, (row) => row[0]),
    right: Float64Array.from(rows, (row) => row[1]),
    count: Float64Array.from(rows, (row) => row[2]),
    total: rows.reduce((sum, row) => sum + row[2], 0),
  };
}

const sum = (list: Iterable<number>) => [...list].reduce((a, b) => a + b, 0);

/** Buckets in order, gaps and points among them, 1 to 1e12 in each. */
const distributions = fc
  .tuple(
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    fc.array(
      fc.tuple(
        fc.constantFrom(0, 0.5, 3),
        fc.constantFrom(0, 0, 1, 0.001, 70),
        fc.double({ min: 1, max: 1e12, noNaN: true }),
      ),
      { minLength: 1, maxLength: 30 },
    ),
  )
  .map(([start, parts]) => {
    let at = start;
    return of(
      parts.map(([gap, width, count]) => {
        const left = at + gap;
        at = left + width;
        return [left, at, count] as const;
      }),
    );
  });

describe("resample", () => {
  it("keeps the mass", () => {
    fc.assert(
      fc.property(distributions, fc.integer({ min: 1, max: 200 }), (from, bins) => {
        const lo = (from.left[0] as number) - 1;
        const hi = (from.right.at(-1) as number) + 1;
        expect(sum(resample(from, lo, hi, bins)) / from.total).toBeCloseTo(1, 9);
      }),
    );
  });

  it("spreads a bucket evenly and cuts what lies outside", () => {
    expect([...resample(of([[0, 4, 8]]), 1, 3, 4)]).toEqual([1, 1, 1, 1]);
    expect([...resample(of([[0.5, 1.5, 8]]), 0, 4, 4)]).toEqual([4, 4, 0, 0]);
    expect(sum(resample(of([[7, 9, 8]]), 0, 4, 4))).toBe(0);
  });

  it("puts a point into the bin that holds it, the last edge into the last bin", () => {
    const bins = (x: number) => [...resample(of([[x, x, 5]]), 0, 4, 4)];
    expect(bins(0)).toEqual([5, 0, 0, 0]);
    expect(bins(1)).toEqual([0, 5, 0, 0]);
    expect(bins(3.9)).toEqual([0, 0, 0, 5]);
    expect(bins(4)).toEqual([0, 0, 0, 5]);
    expect(bins(4.1)).toEqual([0, 0, 0, 0]);
  });

  it("keeps a point at either end of the axis, whatever the ends are", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        (lo, width) => {
          const hi = lo + width;
          const low = resample(of([[lo, lo, 5]]), lo, hi, 160);
          const high = resample(of([[hi, hi, 5]]), lo, hi, 160);
          expect([low[0], high[159]]).toEqual([5, 5]);
        },
      ),
    );
  });
});

describe("between", () => {
  it("moves a peak as one peak", () => {
    const peak = (x: number) =>
      of([
        [x - 1, x, 10],
        [x, x + 1, 10],
      ]);
    const half = between(peak(0), peak(10), 0.5);
    expect(half.left[0]).toBeCloseTo(4);
    expect(half.right.at(-1)).toBeCloseTo(6);
    const masses = resample(half, 0, 10, 10);
    expect([...masses].map(Math.round)).toEqual([0, 0, 0, 0, 10, 10, 0, 0, 0, 0]);
  });

  it("carries a gap between two peaks along", () => {
    const pair = (a: number, b: number) =>
      of([
        [a, a, 5],
        [b, b, 5],
      ]);
    const half = between(pair(0, 8), pair(2, 10), 0.5);
    expect([...half.left]).toEqual([1, 9]);
    expect([...half.count]).toEqual([5, 5]);
  });

  it("lies between both, keeps the mass and is each of them at the ends", () => {
    fc.assert(
      fc.property(
        distributions,
        distributions,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (a, b, phase) => {
          const found = between(a, b, phase);
          const total = (1 - phase) * a.total + phase * b.total;
          expect(sum(found.count) / total).toBeCloseTo(1, 9);
          const lo = Math.min(a.left[0] as number, b.left[0] as number);
          const hi = Math.max(a.right.at(-1) as number, b.right.at(-1) as number);
          const slack = 1e-6 * Math.max(1, Math.abs(lo), Math.abs(hi));
          for (const x of [...found.left, ...found.right]) {
            expect(x).toBeGreaterThanOrEqual(lo - slack);
            expect(x).toBeLessThanOrEqual(hi + slack);
          }
          for (const [end, original] of [
            [0, a],
            [1, b],
          ] as const) {
            const same = resample(between(a, b, end), lo - 1, hi + 1, 7);
            const wanted = resample(original, lo - 1, hi + 1, 7);
            // A point on the edge of two bins may fall on either side.
            expect(sum(same) / sum(wanted)).toBeCloseTo(1, 9);
          }
        },
      ),
    );
  });

  it("holds the other one where one is empty", () => {
    const full = of([[1, 2, 8]]);
    const found = between(of([]), full, 0.25);
    expect([...found.left, ...found.right, ...found.count]).toEqual([1, 2, 2]);
    expect(between(of([]), of([]), 0.5).total).toBe(0);
    expect(between(full, of([]), 0.25).total).toBe(6);
  });
});
