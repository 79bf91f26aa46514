import { expect, it } from "vitest";
import { address } from "../src/api";
import { formatBytes, formatStep, formatTime } from "../src/format";
import { compareNames, groupOf } from "../src/model";
import { pattern, shown } from "../src/store/filter";
import { seriesOf } from "./series";

it("groups tags as TensorBoard does and orders names as people do", () => {
  expect(groupOf("generated/digits/8")).toBe("generated");
  expect(groupOf("plain")).toBe("plain");
  expect(groupOf("/odd")).toBe("/odd");
  expect(["b", "layer10", "layer2", "a"].sort(compareNames)).toEqual([
    "a",
    "b",
    "layer2",
    "layer10",
  ]);
});

it("filters by expressions, boxes and kinds; what is no expression hides nothing", () => {
  const open = { runs: null, tags: null, hiddenRuns: new Set(""), hiddenKinds: new Set("") };
  expect(shown(seriesOf({}), open)).toBe(true);
  expect(shown(seriesOf({ run: "lr=0.1/train" }), { ...open, runs: pattern("0.1.*TRAIN") })).toBe(
    true,
  );
  expect(shown(seriesOf({ tag: "loss" }), { ...open, tags: pattern("^a") })).toBe(false);
  expect(shown(seriesOf({}), { ...open, hiddenRuns: new Set(["train"]) })).toBe(false);
  expect(shown(seriesOf({}), { ...open, hiddenKinds: new Set(["image"]) })).toBe(false);
  expect(pattern("(")).toBeNull();
});

it("writes numbers for people", () => {
  expect(formatStep(1234567)).toBe("1,234,567");
  expect(formatBytes(999)).toBe("999 B");
  expect(formatBytes(1_270_000_000)).toBe("1.3 GB");
  expect(formatTime(null)).toBe("");
  expect(formatTime(1e300)).toBe("");
});

it("makes relative addresses and leaves out what is not set", () => {
  expect(address("clip", { series: ["a", "b"], fps: 10, width: null })).toBe(
    "./clip?series=a&series=b&fps=10",
  );
  expect(address("series")).toBe("./series");
});
