import { signal } from "@preact/signals";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Measure } from "../src/model";
import type { Track } from "../src/store";
import { ClipForm } from "../src/store/clipform";
import { stepsOf } from "../src/store/cliprange";
import type { Range } from "../src/store/range";
import { opened, type Run, run, trackOf } from "./tracks";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The dialog as it opens on that run's card. */
async function formOf(
  runs: Readonly<Record<string, Run>>,
  asked: string,
  range: Range,
  measure: Measure = "step",
) {
  const { store } = await opened(runs);
  store.measure.value = measure;
  const track = trackOf(store, asked);
  store.playerOf(track).range.value = range;
  return new ClipForm(store, track);
}

const texts = ({ from, to }: ClipForm) => [from.value, to.value];

test.each([
  [120, 180, "120", "180"],
  [null, 150, "", "150"],
  [null, null, "", ""],
  // Zero is a bound, too.
  [0, 0, "0", "0"],
])("steps from %s to %s are those of the page, whatever the card has", async (...given) => {
  const [first, out, ...expected] = given;
  const runs = { a: run(11, 10), b: run(21, 10) };
  const form = await formOf(runs, "a", { in: first, out });
  form.setWhich("runs");
  expect(texts(form)).toEqual(expected);
});

test("a card that plays no frame of its own in the range has the one that stays", async () => {
  const form = await formOf({ a: run(11, 10), b: run(21, 10) }, "a", { in: 120, out: 180 });
  expect(texts(form)).toEqual(["100", "100"]);
  expect(form.frames.value).toBe(1);
});

test("an end beside the card's own frames stays where it is", async () => {
  const later = { steps: [5, 15, 25, 35], wall_times: [0, 1, 2, 3] };
  const form = await formOf({ a: run(11, 10), later }, "a", { in: 5, out: 25 });
  expect(texts(form)).toEqual(["5", "25"]);
});

test("a run that begins after the range has nothing to export rather than everything", async () => {
  const late = { steps: [500, 510, 520], wall_times: [0, 1, 2] };
  const form = await formOf({ a: run(11, 10), late }, "late", { in: null, out: 90 });
  expect(texts(form)).toEqual(["", "90"]);
  expect(form.frames.value).toBe(0);
});

// A step in a tenth of a second, and in a whole one.
const paces = { fast: run(101, 10, 0.1), slow: run(101, 10, 1) };

test.each([
  ["fast", "card", "200", "500"],
  ["slow", "card", "20", "50"],
  // Nothing that plays is missing, of whichever run the dialog was opened on.
  ["fast", "runs", "20", "500"],
  ["slow", "runs", "20", "500"],
] as const)("by time, %s and its %s are given the widest steps", async (asked, which, ...ends) => {
  const form = await formOf(paces, asked, { in: 20, out: 50 }, "time");
  form.setWhich(which);
  expect(texts(form)).toEqual(ends);
});

test.each([
  // It plays its last frame on: 100 seconds are over.
  [{ in: 200, out: 300 }, "1000", "1000"],
  // Nothing of it is in the range: the frame before stays.
  [{ in: 2.5, out: 2.7 }, "20", "20"],
])("by time, a run without a frame in %j shows the one that stays", async (range, ...ends) => {
  const form = await formOf(paces, "fast", range, "time");
  expect(texts(form)).toEqual(ends);
  expect(form.frames.value).toBe(1);
});

test("by time, the frame that stays of a run that has ended is within the range", async () => {
  const runs = { ended: run(11, 10, 0.1), slow: run(101, 10, 1) };
  const form = await formOf(runs, "slow", { in: 20, out: 50 }, "time");
  expect(texts(form)).toEqual(["20", "50"]);
  form.setWhich("runs");
  expect(texts(form)).toEqual(["20", "100"]);
});

test("by time, no end falls away where all begin after the range", () => {
  const steps = signal({ steps: [500, 510], wall_times: [1060, 1061], generation: "" });
  const late = { steps, positions: signal([60, 61]) } as unknown as Track;
  expect(stepsOf("time", { in: null, out: 50 }, [late])).toEqual({ in: null, out: 499 });
  expect(stepsOf("time", { in: 10, out: 50 }, [late])).toEqual({ in: 499, out: 499 });
});

test("other cards bring other steps, except where something was typed", async () => {
  const form = await formOf(paces, "slow", { in: 20, out: 50 }, "time");
  form.to.value = "70";
  for (const [which, from] of [
    ["runs", "20"],
    ["card", "20"],
  ] as const) {
    form.setWhich(which);
    expect(texts(form)).toEqual([from, "70"]);
  }
  form.setCard("fast");
  expect(texts(form)).toEqual(["200", "70"]);
});
