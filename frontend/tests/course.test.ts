import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as heads from "../src/playhead";
import { anyHead, number, of, shown } from "./heads";

/** The ticks in the order of playing, written out one by one from the words alone. */
function course({ loop, first, last }: heads.Playhead, direction: heads.Direction): number[] {
  const on = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const back = [...on].reverse();
  const [there, home] = direction > 0 ? [on, back] : [back, on];
  return loop === "bounce" ? [...there, ...home.slice(1, -1)] : there;
}

describe("the way to the newest", () => {
  it("shows each tick for its time, and faster from far behind", () => {
    const seen: number[] = [];
    let head = of({ count: 60, fps: 10, playing: false, reverse: true, direction: -1 });
    for (let time = 0; time < 5; time += 1 / 60) {
      if (seen.at(-1) !== head.tick) seen.push(head.tick);
      head = heads.comeBy(head, 1 / 60, () => true).next;
    }
    expect(seen).toEqual([...Array(60).keys()]);
    expect(head).toMatchObject({ tick: 59, playing: false });
  });

  it("waits for what is late, which then has its whole time", () => {
    const head = of({ count: 5, fps: 10, tick: 1, phase: 0.9, playing: false });
    const { next, waits } = heads.comeBy(head, 0.05, (tick) => tick !== 1);
    expect(waits).toBe(true);
    expect(heads.comeBy(next, 0.09, () => true)).toMatchObject({ next: { tick: 1 }, waits: false });
    expect(heads.comeBy(head, 0.05, (tick) => tick !== 2)).toMatchObject({
      next: head,
      waits: true,
    });
    expect(heads.comeBy(head, 0.05, () => true)).toMatchObject({ next: { tick: 2, phase: 0 } });
  });
});

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

  it("shows the ticks of the range in order, each as long as it should be", () => {
    fc.assert(
      fc.property(
        anyHead,
        fc.constantFrom<heads.Direction>(1, -1),
        number(0, 1),
        (any, direction, share) => {
          const start = direction > 0 ? any.first : any.last;
          const head = heads.play({ ...any, tick: start, phase: 0 }, direction);
          const way = course(head, direction);
          const ticks = (tick: number) =>
            1 + (tick === head.last ? head.hold * heads.rate(head) : 0);
          // To that share of every tick's time, on the first two rounds.
          const rounds = head.loop === "once" ? way : [...way, ...way];
          let begun = 0;
          for (const tick of rounds) {
            const inside = begun + ticks(tick) * (0.01 + 0.98 * share);
            expect(heads.update(head, inside / heads.rate(head)).tick).toBe(tick);
            begun += ticks(tick);
          }
          const after = heads.update(head, (begun + 0.01) / heads.rate(head));
          expect(after.playing).toBe(head.loop !== "once");
        },
      ),
    );
  });

  it("is where it would be however the time is cut up", () => {
    fc.assert(
      fc.property(anyHead, fc.array(number(0, 0.5), { maxLength: 20 }), (head, parts) => {
        let cut = head;
        for (const part of parts) cut = heads.update(cut, part);
        const total = parts.reduce((sum, part) => sum + part, 0);
        // Rounding may leave the two on either side of a tick's end, never further apart.
        const hair = 1e-9 / heads.rate(head);
        const around = [total - hair, total, total + hair].map((time) => heads.update(head, time));
        const near = around.find(
          ({ tick, direction, playing, phase }) =>
            tick === cut.tick &&
            direction === cut.direction &&
            playing === cut.playing &&
            Math.abs(phase - cut.phase) < 1e-6,
        );
        expect(parts.some((part) => part > 0) ? near : head).toBeDefined();
      }),
    );
  });

  it("never leaves the timeline, nor the range once inside", () => {
    fc.assert(
      fc.property(anyHead, number(0, 1e4), number(0, 1e4), (head, seconds, more) => {
        const held = 1 + head.hold * heads.rate(head);
        const now = heads.update(head, seconds);
        expect(Number.isInteger(now.tick)).toBe(true);
        expect(now.tick).toBeGreaterThanOrEqual(0);
        expect(now.tick).toBeLessThan(now.count);
        expect(now.phase).toBeGreaterThanOrEqual(0);
        expect(now.phase).toBeLessThan(now.tick === now.last ? held : 1);
        const inside = (at: heads.Playhead) => at.first <= at.tick && at.tick <= at.last;
        if (inside(now)) expect(inside(heads.update(now, more))).toBe(true);
        // In twice the timeline everything but `once` has come to the range.
        const long = heads.update(head, (2 * head.count) / heads.rate(head));
        expect(head.loop === "once" || inside(long)).toBe(true);
      }),
    );
  });

  it("takes no harm from times that are none", () => {
    const head = of({ count: 5 });
    for (const seconds of [0, -1, Number.NaN, Infinity]) {
      expect(heads.update(head, seconds)).toBe(head);
    }
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

describe("upcoming", () => {
  it("names what comes, around the end, each once", () => {
    expect(heads.upcoming(of({ count: 4, tick: 2 }), 3)).toEqual([2, 3, 0]);
    expect(heads.upcoming(of({ count: 2 }), 10)).toEqual([0, 1]);
    expect(heads.upcoming(of({ count: 4, tick: 2, loop: "bounce" }), 4)).toEqual([2, 3, 1, 0]);
    expect(heads.upcoming(of({ count: 4, tick: 2, loop: "once" }), 4)).toEqual([2, 3]);
    expect(heads.upcoming(of({ count: 0 }), 4)).toEqual([]);
  });

  it("names what playing would show where it is paused", () => {
    const paused = { count: 9, first: 2, last: 4, playing: false };
    expect(heads.upcoming(of({ ...paused, tick: 7 }), 3)).toEqual([7, 2, 3]);
    expect(heads.upcoming(of({ ...paused, tick: 4, loop: "once" }), 3)).toEqual([4, 2, 3]);
    expect(heads.upcoming(of({ ...paused, tick: 3, reverse: true }), 3)).toEqual([3, 2, 4]);
  });

  it("tells what update shows", () => {
    fc.assert(
      fc.property(anyHead, fc.integer({ min: 1, max: 60 }), (any, ahead) => {
        const head = { ...any, hold: 0, phase: 0 };
        const seen: number[] = [];
        for (let i = 0; i <= ahead && seen.length < ahead; i++) {
          const now = i === 0 ? head : heads.update(head, (i + 0.5) / heads.rate(head));
          if (!seen.includes(now.tick)) seen.push(now.tick);
        }
        expect(heads.upcoming(head, ahead)).toEqual(seen);
        const next = heads.following(head);
        if (next !== undefined) {
          expect(heads.update(head, 1.5 / heads.rate(head)).tick).toBe(next);
          expect(Math.abs(next - head.tick)).toBe(1);
        }
      }),
    );
  });
});
