/** Playheads for tests. */
import fc from "fast-check";
import type { Loop } from "../src/model";
import * as heads from "../src/playhead";

/** One that plays the whole, unless told otherwise. */
export const of = (changes: Partial<heads.Playhead>): heads.Playhead => ({
  ...heads.clearRange({ ...heads.initial, playing: true, ...changes }),
  ...changes,
});

/** The ticks shown in `count` pictures, one tick apart. */
export function shown(head: heads.Playhead, count: number): number[] {
  const ticks: number[] = [];
  let now = head;
  for (let i = 0; i < count; i++) {
    ticks.push(now.tick);
    now = heads.update(now, 1 / heads.rate(now));
  }
  return ticks;
}

export const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

/** Any state that a playhead can be in, outside its range too. */
export const anyHead = fc
  .record({
    count: fc.integer({ min: 1, max: 40 }),
    tick: fc.nat(1000),
    ends: fc.tuple(fc.nat(1000), fc.nat(1000)),
    phase: number(0, 0.999),
    direction: fc.constantFrom<heads.Direction>(1, -1),
    loop: fc.constantFrom<Loop>("forever", "bounce", "once"),
    reverse: fc.boolean(),
    fps: number(0.1, 60),
    speed: number(heads.SPEED_LIMITS.min, heads.SPEED_LIMITS.max),
    shuttle: fc.constantFrom(1, 4),
    hold: fc.constantFrom(0, 0.01, 1.5),
  })
  .map(({ count, tick, ends, ...rest }) => {
    const [first = 0, last = 0] = ends.map((end) => end % count).sort((a, b) => a - b);
    return of({ ...rest, count, tick: tick % count, first, last });
  });
