import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Loop } from "../src/model";
import * as heads from "../src/playhead";

const of = (changes: Partial<heads.Playhead>): heads.Playhead => ({
  ...heads.initial,
  playing: true,
  ...changes,
});

/** The ticks shown in `count` pictures, one tick apart. */
function shown(head: heads.Playhead, count: number): number[] {
  const ticks: number[] = [];
  let now = head;
  for (let i = 0; i < count; i++) {
    ticks.push(now.tick);
    now = heads.update(now, 1 / heads.rate(now));
  }
  return ticks;
}

const anyHead = fc
  .record({
    count: fc.integer({ min: 1, max: 50 }),
    at: fc.nat(1000),
    phase: fc.double({ min: 0, max: 0.999, noNaN: true }),
    back: fc.boolean(),
    loop: fc.constantFrom<Loop>("forever", "bounce", "once"),
    fps: fc.double({ min: 0.1, max: 60, noNaN: true }),
    speed: fc.constantFrom(...heads.SPEEDS),
  })
  .map(({ count, at, phase, back, loop, fps, speed }) =>
    of({
      count,
      tick: at % count,
      phase,
      loop,
      fps,
      speed,
      // Only a bounce has a way back, and it never turns at the last tick.
      direction: back && loop === "bounce" && at % count < count - 1 && at % count > 0 ? -1 : 1,
    }),
  );

describe("playing", () => {
  it("loops for ever from the last tick to the first", () => {
    expect(shown(of({ count: 3, fps: 8 }), 7)).toEqual([0, 1, 2, 0, 1, 2, 0]);
  });

  it("bounces without showing an end twice", () => {
    expect(shown(of({ count: 4, fps: 8, loop: "bounce" }), 9)).toEqual([0, 1, 2, 3, 2, 1, 0, 1, 2]);
  });

  it("bounces between two ticks and stays on one", () => {
    expect(shown(of({ count: 2, fps: 8, loop: "bounce" }), 4)).toEqual([0, 1, 0, 1]);
    expect(shown(of({ count: 1, fps: 8, loop: "bounce" }), 3)).toEqual([0, 0, 0]);
  });

  it("stops on the last tick when played once, and plays again from the first", () => {
    const end = heads.update(of({ count: 3, loop: "once", fps: 1 }), 10);
    expect(end).toMatchObject({ tick: 2, playing: false, phase: 0 });
    expect(heads.play(end)).toMatchObject({ tick: 0, playing: true });
  });

  it("goes by frames a second times speed", () => {
    const head = of({ count: 1000, fps: 10, speed: 4 });
    expect(heads.update(head, 2).tick).toBe(80);
  });

  it("does nothing while paused, or without ticks", () => {
    const paused = of({ count: 5, playing: false });
    expect(heads.update(paused, 3)).toBe(paused);
    const empty = of({ count: 0 });
    expect(heads.update(empty, 3)).toBe(empty);
    expect(heads.play({ ...heads.initial, count: 0 }).playing).toBe(false);
  });

  it("is where it would be however the time is cut up", () => {
    fc.assert(
      fc.property(
        anyHead,
        fc.array(fc.double({ min: 0, max: 0.5, noNaN: true }), { maxLength: 20 }),
        (head, parts) => {
          let cut = head;
          for (const part of parts) cut = heads.update(cut, part);
          const total = parts.reduce((sum, part) => sum + part, 0);
          const whole = heads.update(head, total);
          const place = (at: heads.Playhead) =>
            at.playing ? at.tick + at.direction * at.phase : at.tick;
          const length = head.loop === "bounce" ? 2 * Math.max(1, head.count - 1) : head.count;
          const apart = Math.abs(place(cut) - place(whole));
          // Rounding may leave the two on either side of a turn of the loop.
          expect(Math.min(apart, Math.abs(length - apart))).toBeLessThan(1e-6);
        },
      ),
    );
  });

  it("never leaves the timeline", () => {
    fc.assert(
      fc.property(anyHead, fc.double({ min: 0, max: 1e4, noNaN: true }), (head, seconds) => {
        const { tick, phase, count } = heads.update(head, seconds);
        expect(Number.isInteger(tick)).toBe(true);
        expect(tick).toBeGreaterThanOrEqual(0);
        expect(tick).toBeLessThan(count);
        expect(phase).toBeGreaterThanOrEqual(0);
        expect(phase).toBeLessThan(1);
      }),
    );
  });
});

describe("a display that is not quite even", () => {
  it("shows each tick once at its own rate", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -3e-4, max: 3e-4, noNaN: true })), (jitter) => {
        let head = of({ count: 1000, fps: 60 });
        for (const late of jitter) {
          const before = head.tick;
          head = heads.update(head, heads.even(head, 1 / 60 + late));
          expect(head.tick - before).toBe(1);
        }
      }),
    );
  });

  it("counts the time as it is where it is no whole number of ticks", () => {
    expect(heads.even(of({ fps: 10 }), 0.016)).toBe(0.016);
    expect(heads.even(of({ fps: 24 }), 1 / 60)).toBe(1 / 60);
    expect(heads.even(of({ fps: 60 }), 1 / 50)).toBe(1 / 50);
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

  it("goes through the speeds on offer and stays within them", () => {
    let head = of({ speed: 1 });
    for (let i = 0; i < 10; i++) head = heads.shiftSpeed(head, 1);
    expect(head.speed).toBe(8);
    for (let i = 0; i < 10; i++) head = heads.shiftSpeed(head, -1);
    expect(head.speed).toBe(0.25);
    expect(heads.setSpeed(head, Number.NaN).speed).toBe(0.25);
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

describe("upcoming", () => {
  it("names what comes, around the end, each once", () => {
    expect(heads.upcoming(of({ count: 4, tick: 2 }), 3)).toEqual([2, 3, 0]);
    expect(heads.upcoming(of({ count: 2 }), 10)).toEqual([0, 1]);
    expect(heads.upcoming(of({ count: 4, tick: 2, loop: "bounce" }), 4)).toEqual([2, 3, 1, 0]);
    expect(heads.upcoming(of({ count: 4, tick: 2, loop: "once" }), 4)).toEqual([2, 3]);
    expect(heads.upcoming(of({ count: 0 }), 4)).toEqual([]);
  });
});
