import fc from "fast-check";
import { expect, it } from "vitest";
import { formatDuration, formatPosition, formatValue } from "../src/format";

it("says a place on the timeline in its measure", () => {
  expect(formatPosition("step", 1480)).toBe("step 1,480");
  expect(formatPosition("time", 7380)).toBe("2 h 03 min");
  expect(formatPosition("share", 0.6194)).toBe("61.9 %");
});

it("says how long something takes, and never 60 seconds or minutes", () => {
  const said = [0, 12.44, 59.94, 59.96, 187, 3599.4, 3599.6, 7199, 400_000, -12.44].map(
    formatDuration,
  );
  expect(said).toEqual([
    "0.0 s",
    "12.4 s",
    "59.9 s",
    "1 min 00 s",
    "3 min 07 s",
    "59 min 59 s",
    "1 h 00 min",
    "2 h 00 min",
    "111 h 07 min",
    "-12.4 s",
  ]);
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (seconds) => {
      const words = formatDuration(seconds);
      const units: Record<string, number> = { h: 3600, min: 60, s: 1 };
      const back = [...words.matchAll(/([\d.]+) (h|min|s)/g)];
      const sum = back.reduce(
        (all, [, number, unit]) => all + Number(number) * (units[unit ?? ""] ?? 0),
        0,
      );
      const finest = words.endsWith("min") ? 60 : seconds < 59.95 ? 0.1 : 1;
      expect(Math.abs(sum - seconds)).toBeLessThanOrEqual(finest / 2 + 1e-6);
      expect(words).not.toMatch(/\b60/);
    }),
  );
});

it("says a scalar in four digits", () => {
  const said = [0, 0.03125, 1480, 0.0000321, -2.5e9, 1e6, null, Number.NaN].map(formatValue);
  expect(said).toEqual(["0", "0.03125", "1,480", "3.21e-5", "-2.5e9", "1e6", "–", "–"]);
  expect(formatValue(0.123456)).toBe("0.1235");
});
