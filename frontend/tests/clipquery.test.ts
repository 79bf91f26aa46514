import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Series } from "../src/model";
import {
  clipQuery,
  differ,
  type Shot,
  type Shots,
  tweenOf,
  type Wishes,
} from "../src/store/clipquery";
import { seriesOf } from "./series";

const series = (run: string, changes: Partial<Series> = {}): Series =>
  seriesOf({ id: `id-${run}`, run, tag: "x", samples: 4, frames: 3, last_step: 2, ...changes });

const shot = (run: string, changes: Partial<Shot> = {}): Shot => ({
  series: series(run),
  sample: null,
  axes: [],
  look: {},
  ...changes,
});

const wishes: Wishes = {
  format: "gif",
  maxFps: 50,
  fps: 10,
  loop: "forever",
  reverse: false,
  hold: 0,
  tween: false,
  from: null,
  to: null,
  every: 1,
  width: null,
  maxBytes: null,
  theme: "light",
  measure: "step",
  caption: false,
  scalars: ["loss"],
};

const of = (...all: Shot[]): Shots => ({ all, lead: all[0] });
/** What would be sent. */
const sent = (shots: Shots, changes: Partial<Wishes> = {}) =>
  Object.fromEntries(
    Object.entries(clipQuery(shots, { ...wishes, ...changes })).filter(
      ([, value]) => value !== null,
    ),
  );

describe("clipQuery", () => {
  test("names what was chosen, and nothing that is as it always is", () => {
    expect(sent(of(shot("a")))).toEqual({
      series: ["id-a"],
      format: "gif",
      fps: 10,
      loop: "forever",
      theme: "light",
    });
    expect(
      sent(of(shot("a", { sample: 2, axes: ["id-a", "id-b"], look: { mode: "ridge" } })), {
        reverse: true,
        hold: 1.5,
        tween: true,
        from: -5,
        to: 0,
        every: 2,
        width: 480,
        maxBytes: 1e7,
        theme: "dark",
        measure: "share",
        caption: true,
      }),
    ).toEqual({
      series: ["id-a"],
      axes: ["id-a", "id-b"],
      format: "gif",
      sample: 2,
      start_step: -5,
      end_step: 0,
      every: 2,
      fps: 10,
      loop: "forever",
      reverse: 1,
      hold: 1.5,
      tween: 2,
      width: 480,
      max_bytes: 1e7,
      theme: "dark",
      measure: "share",
      caption: 1,
      scalar: ["loss"],
      mode: "ridge",
    });
  });

  test("the chosen card decides where cards differ, also by what it leaves out", () => {
    const a = shot("a", { look: { zoom: "1,1,2" } });
    const b = shot("b");
    const other = shot("c", {
      series: series("c", { kind: "histogram" }),
      look: { trail: 7, zoom: "9" },
    });
    expect(sent({ all: [a, b], lead: b }).zoom).toBeUndefined();
    expect(sent({ all: [b, a], lead: a }).zoom).toBe("1,1,2");
    expect(sent({ all: [a, other], lead: a })).toMatchObject({ zoom: "1,1,2", trail: 7 });
    expect(differ({ all: [a, b], lead: b })).toBe(true);
    expect(differ({ all: [a, b], lead: a })).toBe(true);
    expect(differ(of(b, shot("d")))).toBe(false);
    expect(differ(of(shot("a", { look: { n: 1 } }), other))).toBe(false);
  });

  test("a sample that one of the cards lacks is chosen for none", () => {
    const few = shot("b", { series: series("b", { samples: 2 }), sample: 1 });
    expect(sent(of(shot("a", { sample: 3 }), few)).sample).toBeUndefined();
    expect(sent(of(shot("a", { sample: 1 }), few)).sample).toBe(1);
    expect(differ(of(shot("a", { sample: 3 }), few))).toBe(true);
  });
});

test("tweening makes 30 pictures a second where the format keeps so many", () => {
  expect(tweenOf(10, 50)).toBe(2);
  expect(tweenOf(30, 50)).toBe(0);
  expect(tweenOf(0.1, 50)).toBe(30);
  fc.assert(
    fc.property(fc.double({ min: 0.1, max: 60, noNaN: true }), (fps) => {
      const tween = tweenOf(fps, 50);
      expect(Number.isInteger(tween) && tween >= 0).toBe(true);
      if (tween > 0) expect(fps * (tween + 1)).toBeLessThanOrEqual(50 + 1e-6);
    }),
  );
});
