import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AMOUNTS, MODES } from "../src/compare";
import { type Link, readLink, writeLink } from "../src/link";
import { LOOPS, MEASURES } from "../src/model";
import { FPS_LIMITS, HOLD_LIMITS, initial, SPEED_LIMITS } from "../src/playhead";
import { GOALS, MAX_WEIGHT } from "../src/scalars";

const number = (min: number, max: number) =>
  fc.double({ min, max, noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
const names = fc.array(text, { minLength: 1, maxLength: 4 });
const position = number(-1e12, 1e12);
const byName = <T>(value: fc.Arbitrary<T>) =>
  fc.array(fc.tuple(text, value), { minLength: 1, maxLength: 3 }).map((list) => new Map(list));
const compare = fc.constantFrom(...MODES.filter((mode) => mode !== "off")).chain((mode) =>
  fc.record({
    mode: fc.constant(mode),
    amount:
      mode === "difference"
        ? fc.integer({ min: AMOUNTS[mode].min, max: AMOUNTS[mode].max })
        : number(AMOUNTS[mode].min, AMOUNTS[mode].max),
    against: fc.oneof(
      fc.constantFrom("first" as const, "previous" as const),
      fc.record({ run: text }),
    ),
  }),
);

/** Links whose values all differ from the defaults. */
const anyLink: fc.Arbitrary<Link> = fc.record(
  {
    runs: names,
    runFilter: text,
    tagFilter: text,
    kinds: names,
    measure: fc.constantFrom(...MEASURES.slice(1)),
    at: position,
    in: position,
    out: position,
    loop: fc.constantFrom(...LOOPS.filter((loop) => loop !== initial.loop)),
    speed: number(SPEED_LIMITS.min, SPEED_LIMITS.max).filter((speed) => speed !== 1),
    fps: number(FPS_LIMITS.min, FPS_LIMITS.max).filter((fps) => fps !== 10),
    reverse: fc.constant(true),
    hold: number(0.01, HOLD_LIMITS.max),
    follow: fc.oneof(fc.constant("newest" as const), fc.integer({ min: 1, max: 1000 })),
    compare,
    options: byName(fc.oneof(text, number(-100, 100))),
    views: byName(fc.dictionary(text, fc.oneof(text, number(-9, 9)), { noNullPrototype: true })),
    pinned: names,
    large: names,
    samples: byName(fc.nat({ max: 1000 })),
    closed: names,
    unlinked: byName(position),
    scalars: fc.oneof(names, fc.constant([])),
    smoothing: number(0.01, MAX_WEIGHT),
    best: fc
      .record({
        tag: fc.option(text),
        goal: fc.option(fc.constantFrom(...GOALS)),
        smoothed: fc.boolean(),
      })
      .filter(({ tag, goal, smoothed }) => tag !== null || goal !== null || smoothed),
  },
  { requiredKeys: [] },
);

/** As TensorBoard's own page reads its address. */
function tensorboardReads(hash: string): Map<string, string> {
  const pairs = hash
    .slice(1)
    .split("&")
    .map((part) => part.split("="));
  for (const pair of pairs) expect(pair.length).toBeLessThanOrEqual(2);
  return new Map(
    pairs.map(([key = "", value]) =>
      value === undefined ? ["", key] : [decodeURIComponent(key), decodeURIComponent(value)],
    ),
  );
}

const foreignPart = fc
  .tuple(fc.constantFrom("animate", "tagFilter=", "p.other.x=", "regexInput=", "_smoothing="), text)
  .map(([key, value]) => (key.endsWith("=") ? key + encodeURIComponent(value) : key));

describe("a link", () => {
  it("comes back as it was written, and again after TensorBoard wrote it anew", () => {
    fc.assert(
      fc.property(fc.array(foreignPart, { maxLength: 4 }), anyLink, (foreign, link) => {
        const { hash, cut } = writeLink(`#${foreign.join("&")}`, link);
        fc.pre(!cut);
        expect(readLink(hash)).toEqual(link);
        expect(readLink(hash.slice(1))).toEqual(link);
        const rewritten = [...tensorboardReads(hash)]
          .map(([key, value]) =>
            key ? `${encodeURIComponent(key)}=${encodeURIComponent(value)}` : value,
          )
          .join("&");
        expect(readLink(rewritten)).toEqual(link);
      }),
    );
  });

  it("keeps what belongs to others as it is, in order, and replaces its own", () => {
    fc.assert(
      fc.property(
        fc.array(foreignPart, { maxLength: 4 }),
        anyLink,
        anyLink,
        (foreign, one, two) => {
          const once = writeLink(`#${foreign.join("&")}`, one).hash;
          const twice = writeLink(once, two);
          expect(twice).toEqual(writeLink(`#${foreign.join("&")}`, two));
          const parts = twice.hash.slice(1).split("&");
          expect(parts.filter((part) => part && !part.startsWith("p.animate."))).toEqual(foreign);
        },
      ),
    );
  });

  it("looks as people know it", () => {
    const link: Link = {
      at: 120,
      measure: "time",
      compare: { mode: "wipe", against: { run: "a/b" }, amount: 0.5 },
    };
    const { hash } = writeLink("#animate&tagFilter=x", link);
    expect(hash).toBe(
      "#animate&tagFilter=x&p.animate.measure=time&p.animate.at=120&p.animate.compare=wipe,0.5,run:a/b",
    );
  });

  it("leaves out what is as it is anyway, and what would not be read", () => {
    const defaults: Link = {
      runs: [],
      runFilter: "",
      measure: "step",
      loop: initial.loop,
      speed: 1,
      fps: 10,
      reverse: false,
      hold: 0,
      follow: "",
      compare: { mode: "off", against: "first", amount: 0 },
      options: new Map(),
      views: new Map(),
    };
    expect(writeLink("#animate", defaults)).toEqual({ hash: "#animate", cut: false });
    const wrong = { at: Number.NaN, in: Infinity, speed: 1000, follow: 0.5 };
    expect(writeLink("#animate", wrong)).toEqual({ hash: "#animate", cut: false });
  });

  it("replaces half a character, which an address cannot hold", () => {
    expect(readLink(writeLink("", { runFilter: "a\ud800b" }).hash)).toEqual({
      runFilter: "a\ufffdb",
    });
    expect(readLink(writeLink("", { runs: ["a\ud800b"] }).hash)).toEqual({ runs: ["a\ud800b"] });
  });

  it("says when it had to be cut, first of all by the views", () => {
    const views = new Map([["id", { text: "x".repeat(7900) }]]);
    const cut = writeLink("#animate", { at: 1, runs: ["a"], views });
    expect(cut.cut).toBe(true);
    expect(readLink(cut.hash)).toEqual({ at: 1, runs: ["a"] });
    const long = ["r".repeat(5000)];
    const less = writeLink("#animate", {
      runs: long,
      views: new Map([["id", { text: "x".repeat(3500) }]]),
    });
    expect(readLink(less.hash)).toEqual({ runs: long });
    const runs = Array.from({ length: 900 }, (_, i) => `a run ${i}`);
    const more = writeLink("#animate", { at: 1, runs, pinned: ["b"], views });
    expect(readLink(more.hash)).toEqual({ at: 1, pinned: ["b"] });
    expect(more.hash.length).toBeLessThanOrEqual(8000);
    expect(writeLink(`#${"x".repeat(9000)}`, { at: 1 }).hash).toBe(`#${"x".repeat(9000)}`);
  });
});

describe("an address from anywhere", () => {
  const key = fc.oneof(
    fc.constantFrom("runs", "at", "in", "speed", "follow", "compare", "views", "options", "loop"),
    fc.constantFrom("__proto__", "constructor", "toString", ""),
    text,
  );
  const hostile = fc
    .array(
      fc.tuple(
        key,
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.json().map(encodeURIComponent),
          fc.constantFrom("%", "%zz", "%ff", "NaN", "Infinity", "1e999", "-1", "0x10", "", "null"),
          fc.constantFrom("%7B%22__proto__%22:%7B%22x%22:1%7D%7D", "[[[[", "wipe,,first"),
        ),
      ),
      { maxLength: 6 },
    )
    .map(
      (parts) => `#animate&${parts.map(([name, value]) => `p.animate.${name}=${value}`).join("&")}`,
    );

  it("never throws, and yields nothing but what could have been written", () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: "binary" })), (hash) => {
        const link = readLink(hash);
        const { hash: written, cut } = writeLink("", link);
        tensorboardReads(written);
        if (!cut) {
          const again = readLink(written);
          expect(writeLink("", again).hash).toBe(written);
          for (const [name, value] of Object.entries(again)) {
            expect(value).toEqual(link[name as keyof Link]);
          }
        }
        expect(({} as Record<string, unknown>).x).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it("loses what is wrong, and that alone", () => {
    const read = (own: string) =>
      readLink(`#animate&p.animate.at=5&${own.replaceAll("~", "p.animate.")}`);
    for (const wrong of [
      "~speed=1000",
      "~speed=0",
      "~speed=NaN",
      "~speed=",
      "~fps=0x10",
      "~hold=-1",
      "~in=1e999",
      "~loop=backwards",
      "~measure=STEP",
      "~follow=2.5",
      "~follow=-3",
      "~runs=%5B",
      "~runs=3",
      "~views=%5B%5D",
      "~compare=wipe,7,first",
      "~compare=blink,1,first",
      "~compare=wipe,0.5,run",
      "~reverse=yes",
      "~runFilter=%E0%A4%A",
      "~unknown=1",
      "~at",
      "p.other.speed=4",
      "~__proto__=1",
    ]) {
      expect(read(wrong), wrong).toEqual({ at: 5 });
    }
    expect(read("~runs=%5B%22a%22,3,null%5D")).toEqual({ at: 5, runs: ["a"] });
    expect(read("~views=%7B%22a%22:%7B%7D,%22b%22:3%7D")).toEqual({
      at: 5,
      views: new Map([["a", {}]]),
    });
    expect(read("~at=7")).toEqual({ at: 7 });
    expect(writeLink("#animate&p.animate.unknown=1&p.animate.at=%", {}).hash).toBe("#animate");
  });
});
