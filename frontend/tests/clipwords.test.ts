import fc from "fast-check";
import { expect, test } from "vitest";
import type { Format, Series } from "../src/model";
import { clipCommand, clipLink, clipPython, shellWord } from "../src/store/clipwords";

const series = (id: string, run: string, tag: string, kind = "image") =>
  ({ id, run, tag, kind }) as Series;

const known = {
  series: [
    series("1", "lr=0.1/train", "a/it's"),
    series("2", "run two", "a/it's"),
    series("3", "run two", "-b"),
    series("4", "run two", "-b", "histogram"),
  ],
  formats: [{ name: "webp", suffix: ".webp" } as Format],
};

/** The words of a line, by POSIX's rules of quoting. */
function parsed(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (let i = 0; i < line.length; i++) {
    const char = line.charAt(i);
    if (char === "'") {
      const end = line.indexOf("'", i + 1);
      word = (word ?? "") + line.slice(i + 1, end);
      i = end;
    } else if (char === "\\") {
      word = (word ?? "") + line.charAt(++i);
    } else if (char === " ") {
      if (word !== null) words.push(word);
      word = null;
    } else {
      expect(char).not.toMatch(/[\s|&;<>()$`"*?[#~!{}]/);
      word = (word ?? "") + char;
    }
  }
  return word === null ? words : [...words, word];
}

test("a shell gets back every word as it was", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" }), { minLength: 1 }), (words) => {
      expect(parsed(words.map(shellWord).join(" "))).toEqual(words);
    }),
  );
});

test("a command names runs and tags, and each value with its option", () => {
  const query = {
    series: ["1", "2"],
    axes: ["1", "2"],
    format: "webp",
    sample: null,
    start_step: -5,
    camera: "-1,0,1,35,20",
    caption: 1,
    scalar: ["loss", "val loss"],
  };
  expect(clipCommand(query, known)).toBe(
    "tb-animate export LOGDIR -o clip.webp '--tag=a/it'\\''s' --run=lr=0.1/train '--run=run two' " +
      "--start-step=-5 --camera=-1,0,1,35,20 --caption --scalar=loss '--scalar=val loss'",
  );
});

test("axes of other runs, and a tag of two kinds, are named", () => {
  expect(clipCommand({ series: ["1"], axes: ["1", "2"], format: "webp" }, known)).toMatch(
    / --run=lr=0.1\/train --axes=lr=0.1\/train '--axes=run two'$/,
  );
  expect(clipCommand({ series: ["4"], format: "webp" }, known)).toBe(
    "tb-animate export LOGDIR -o clip.webp --tag=-b '--run=run two' --kind=histogram",
  );
});

test("what one command cannot make has none", () => {
  expect(clipCommand({ series: ["1", "3"], format: "webp" }, known)).toBeNull();
  expect(clipPython({ series: ["3", "4"], format: "webp" }, known)).toBeNull();
});

test("Python's call has the same fields", () => {
  const query = { series: ["1"], format: "webp", fps: 12.5, caption: 1, scalar: ['a"b'] };
  expect(clipPython(query, known)).toBe(
    'import tb_animate\n\ntb_animate.export_clip(\n    "LOGDIR",\n    "clip.webp",\n' +
      '    tag="a/it\'s",\n    run="lr=0.1/train",\n    fps=12.5,\n    caption=True,\n' +
      '    scalar="a\\"b",\n)\n',
  );
});

test("a link is whole, and keeps TensorBoard's path prefix", () => {
  const link = clipLink({ series: ["1"], sample: null }, "http://h:1/x/data/plugin/animate/index");
  expect(link).toBe("http://h:1/x/data/plugin/animate/clip?series=1");
});
