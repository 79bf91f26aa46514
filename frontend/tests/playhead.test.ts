import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as heads from "../src/playhead";
import { anyHead, number, of, shown } from "./heads";

describe("backwards", () => {
  it("loops from the first tick to the last, and stops on the first", () => {
    const back = { count: 3, fps: 8, tick: 2, direction: -1 } as const;
    expect(shown(of(back), 5)).toEqual([2, 1, 0, 2, 1]);
    expect(shown(of({ ...back, loop: "once" }), 5)).toEqual([2, 1, 0, 0, 0]);
    expect(shown(of({ ...back, loop: "bounce" }), 7)).toEqual([2, 1, 0, 1, 2, 1, 0]);
  });

  it("is where playing goes when reverse is set, and at once when it is set while playing", () => {
    const head = heads.setReverse(of({ count: 5, tick: 3, fps: 8 }), true);
    expect(shown(head, 3)).toEqual([3, 2, 1]);
    expect(shown(heads.setReverse(head, false), 3)).toEqual([3, 4, 0]);
    expect(heads.play(heads.pause(head)).direction).toBe(-1);
    expect(heads.play(of({ count: 5, reverse: true, loop: "once", tick: 0 })).tick).toBe(4);
  });

  it("begins a bounce on the way down", () => {
    const head = heads.play(of({ count: 4, tick: 2, fps: 8, reverse: true, loop: "bounce" }));
    expect(shown(head, 5)).toEqual([2, 1, 0, 1, 2]);
  });

  it("shuttles with J, K and L, faster each time, and forgets it on a pause", () => {
    let head = of({ count: 9, playing: false, speed: 0.5 });
    const speeds = (way: "back" | "on", times: number) =>
      Array.from({ length: times }, () => {
        head = heads.shuttle(head, way);
        return head.direction * heads.rate(head);
      });
    expect(speeds("on", 5)).toEqual([5, 10, 20, 40, 40]);
    expect(speeds("back", 3)).toEqual([-5, -10, -20]);
    head = heads.shuttle(head, "stop");
    expect(head).toMatchObject({ playing: false, shuttle: 1, speed: 0.5 });
    expect(speeds("back", 1)).toEqual([-5]);
    expect(heads.toggle(heads.toggle(heads.shuttle(head, "on")))).toMatchObject({
      shuttle: 1,
      direction: 1,
    });
  });
});

describe("the range", () => {
  const part = { count: 10, first: 3, last: 5, fps: 8 };

  it("is what is played", () => {
    expect(shown(of({ ...part, tick: 4 }), 6)).toEqual([4, 5, 3, 4, 5, 3]);
    expect(shown(of({ ...part, tick: 4, loop: "bounce" }), 6)).toEqual([4, 5, 4, 3, 4, 5]);
  });

  it("begins at its start when one plays from outside", () => {
    for (const tick of [0, 2, 6, 9]) {
      expect(heads.play(of({ ...part, tick })).tick).toBe(3);
      expect(heads.play(of({ ...part, tick }), -1).tick).toBe(5);
    }
    expect(heads.play(of({ ...part, tick: 4 })).tick).toBe(4);
  });

  it("is come to by whoever plays outside it", () => {
    expect(shown(of({ ...part, tick: 1 }), 7)).toEqual([1, 2, 3, 4, 5, 3, 4]);
    expect(shown(of({ ...part, tick: 8 }), 5)).toEqual([8, 9, 3, 4, 5]);
    expect(shown(of({ ...part, tick: 8, loop: "bounce" }), 8)).toEqual([8, 9, 8, 7, 6, 5, 4, 3]);
    expect(shown(of({ ...part, tick: 8, loop: "once" }), 4)).toEqual([8, 9, 9, 9]);
  });

  it("keeps its points in order and on the timeline", () => {
    fc.assert(
      fc.property(anyHead, number(-100, 100), number(-100, 100), (head, one, other) => {
        for (const set of [heads.setIn, heads.setOut]) {
          const { first, last, count } = set(set(head, one), other);
          expect(0 <= first && first <= last && last < count).toBe(true);
        }
        const { first } = heads.setIn(head, one);
        expect(first).toBe(heads.seek(head, one).tick);
      }),
    );
    expect(heads.setIn(of(part), 7)).toMatchObject({ first: 7, last: 9 });
    expect(heads.setOut(of(part), 1)).toMatchObject({ first: 0, last: 1 });
    expect(heads.clearRange(of(part))).toMatchObject({ first: 0, last: 9 });
  });

  it("is stepped around inside, and left alone outside", () => {
    expect(heads.step(of({ ...part, tick: 5 }), 1).tick).toBe(3);
    expect(heads.step(of({ ...part, tick: 3 }), -1).tick).toBe(5);
    expect(heads.step(of({ ...part, tick: 2 }), 1).tick).toBe(3);
    expect(heads.step(of({ ...part, tick: 9 }), 1).tick).toBe(0);
  });

  it("is jumped through by shares", () => {
    const head = of({ count: 101, first: 20, last: 40 });
    expect([0, 0.5, 0.9].map((share) => heads.seekShare(head, share).tick)).toEqual([20, 30, 38]);
    expect(heads.seekShare(head, Number.NaN)).toBe(head);
  });

  it("moves with a timeline that grows, and becomes the whole if none is told", () => {
    expect(heads.resize(of({ ...part, tick: 4 }), 20, 8, 6, 10)).toMatchObject({
      count: 20,
      tick: 8,
      first: 6,
      last: 10,
    });
    expect(heads.resize(of(part), 20, 8)).toMatchObject({ first: 0, last: 19 });
    expect(heads.resize(of(part), 0, 0)).toMatchObject({ tick: 0, first: 0, last: 0 });
  });
});

describe("the hold", () => {
  it("lets the out point stay longer, whatever the speed", () => {
    const head = heads.setHold(of({ count: 3, tick: 1, fps: 10, speed: 2 }), 1);
    expect(heads.update(head, 0.05 + 0.05 + 0.99).tick).toBe(2);
    expect(heads.update(head, 0.05 + 0.05 + 1.01).tick).toBe(0);
    expect(heads.setHold(head, -1).hold).toBe(0);
    expect(heads.setHold(head, Infinity).hold).toBe(1);
  });

  it("is over at once, and skips nothing, when it becomes shorter while it lasts", () => {
    const head = heads.update(of({ count: 9, tick: 8, fps: 60, hold: 10 }), 9);
    expect(heads.update(heads.setSpeed(head, 0.05), 1e-3).tick).toBe(0);
    expect(heads.update(heads.setHold(head, 0), 1e-3).tick).toBe(0);
    expect(heads.update(heads.resize(head, 12, 8), 1e-3).tick).toBe(9);
  });

  it("stands still before a tick that turns into another, at the end of one that jumps", () => {
    const jumps = heads.update(of({ count: 3, tick: 2, fps: 10, hold: 1 }), 0.95);
    expect(heads.following(jumps)).toBeUndefined();
    expect(heads.drawnPhase(jumps)).toBeCloseTo(1);
    expect(heads.drawnPhase(jumps)).toBeLessThan(1);
    const turns = { ...jumps, loop: "bounce" } as const;
    expect(heads.following(turns)).toBe(1);
    expect(heads.drawnPhase(turns)).toBe(0);
    expect(heads.drawnPhase(heads.update(turns, 0.1))).toBeCloseTo(0.5);
  });
});

describe("commands", () => {
  it("steps one frame and pauses, around the ends", () => {
    const head = of({ count: 3, tick: 2, phase: 0.5 });
    expect(heads.step(head, 1)).toMatchObject({ tick: 0, playing: false, phase: 0 });
    expect(heads.step(heads.seek(head, 0), -1).tick).toBe(2);
  });

  it("keeps a seek within the timeline", () => {
    expect(heads.seek(of({ count: 3 }), 99).tick).toBe(2);
    expect(heads.seek(of({ count: 3 }), -99).tick).toBe(0);
  });

  it("ignores a seek to nowhere", () => {
    const head = of({ count: 3, tick: 1 });
    expect(heads.seek(head, Number.NaN)).toBe(head);
  });

  it("goes through the speeds on offer and stays within them", () => {
    let head = of({ speed: 1 });
    for (let i = 0; i < 10; i++) head = heads.shiftSpeed(head, 1);
    expect(head.speed).toBe(8);
    for (let i = 0; i < 10; i++) head = heads.shiftSpeed(head, -1);
    expect(head.speed).toBe(0.25);
    expect(heads.shiftSpeed(heads.setSpeed(head, 3), 1).speed).toBe(4);
  });

  it("takes any speed within the limits and ignores what is no number", () => {
    expect(heads.setSpeed(of({}), 0.3).speed).toBe(0.3);
    expect(heads.setSpeed(of({}), 1000).speed).toBe(heads.SPEED_LIMITS.max);
    expect(heads.setSpeed(of({}), -1).speed).toBe(heads.SPEED_LIMITS.min);
    expect(heads.setSpeed(of({ speed: 2 }), Number.NaN).speed).toBe(2);
  });

  it("takes a frame rate within the limits and ignores what is no number", () => {
    expect(heads.setFps(of({}), 1000).fps).toBe(heads.FPS_LIMITS.max);
    expect(heads.setFps(of({ fps: 12 }), Number.NaN).fps).toBe(12);
  });

  it("keeps tick and phase when the timeline grows behind them", () => {
    const head = of({ count: 5, tick: 3, phase: 0.4 });
    expect(heads.resize(head, 9, 3)).toMatchObject({ count: 9, tick: 3, phase: 0.4 });
  });
});
