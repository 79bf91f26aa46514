import { expect, test } from "vitest";
import { fieldOf } from "../src/controls/export/problems";
import type { Scalar } from "../src/model";
import { tagsFor, wholeOf } from "../src/store/clipform";

const scalar = (run: string, tag: string) => ({ run, tag }) as Scalar;

test("a scalar is offered if each run has it, or only one beside it", () => {
  const scalars = [
    scalar("a/train", "loss"),
    scalar("a/validation", "loss"),
    scalar("a/validation", "accuracy"),
    scalar("b/one", "far"),
    scalar("b/two", "far"),
    scalar("top", "alone"),
  ];
  expect(tagsFor(scalars, ["a/train"])).toEqual(["loss", "accuracy"]);
  expect(tagsFor(scalars, ["a/train", "top"])).toEqual([]);
  expect(tagsFor(scalars, ["b/three"])).toEqual([]);
  expect(tagsFor(scalars, ["b/one", "b/two"])).toEqual(["far"]);
  expect(tagsFor(scalars, ["beside"])).toEqual(["alone"]);
});

test("what is half typed is no number", () => {
  expect(["", " ", "-", "1.5", "-0", "12"].map(wholeOf)).toEqual([null, null, null, null, -0, 12]);
});

test.each([
  ["width is '9000'; it must be a whole number of pixels from 1 to 4096.", "size"],
  [
    "The clip would be 9000 x 10 pixels, and 4096 is the most for a side; ask for a smaller width or height.",
    "size",
  ],
  ["fps 60 makes 60 pictures per second, and gif keeps at most 50; lower fps.", "pace"],
  ["No frame lies in the range from step 5; the logged steps go from 0 to 3.", "range"],
  ["start_step 5 lies after end_step 2; swap them.", "range"],
  [
    "The clip would have 200,000 pictures, and 100,000 is the most; lower max_frames or tween, or raise every.",
    "every",
  ],
  [
    "max_bytes is '5'; it must be a number of bytes from 1kB to 100GB, such as 500kB, 10MB or 8MiB.",
    "limit",
  ],
  [
    "The clip cannot be made to fit 600 kB: less is not worth watching. Raise max_bytes, choose fewer steps, samples or runs, or another format.",
    "limit",
  ],
  ["The run 'a' has no scalar 'b'. Its scalars are 'c'.", "scalars"],
  ["MP4 needs the package av, which is not installed; get it with: pip install x", "format"],
  ["TensorBoard does not answer.", null],
])("%s", (sentence, field) => {
  expect(fieldOf(sentence)).toBe(field);
});
