import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MEASURES, type Measure } from "../src/model";
import * as heads from "../src/playhead";
import { made, opened, type Run, run, shown, trackOf } from "./tracks";

const CADENCES = { every1: run(301, 1, 2), every7: run(43, 7, 1, 1.6e9), every100: run(4, 100, 3) };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Where a frame lies, by what the measures mean. */
function place(measure: Measure, { steps, wall_times }: Run, index: number): number {
  const step = steps[index] as number;
  if (measure === "step") return step;
  if (measure === "share") return step / (steps.at(-1) as number);
  return (wall_times[index] as number) - (wall_times[0] as number);
}

describe("three runs of another cadence", () => {
  it("show their last frame at or before the playhead, in each measure", async () => {
    const { store, logs } = await opened(CADENCES);
    for (const measure of MEASURES) {
      store.align(measure);
      for (let tick = 0; tick < store.player.head.value.count; tick++) {
        store.player.seek(tick);
        const at = store.player.position.value as number;
        for (const [name, one] of Object.entries(logs.runs)) {
          const before = one.steps.filter((_, i) => place(measure, one, i) <= at * (1 + 1e-12));
          expect(shown(store, name), `${measure} ${at} ${name}`).toBe(before.at(-1));
        }
      }
    }
  });

  it("pass a step a tick, and shares and times evenly from end to end", async () => {
    const { store } = await opened(CADENCES);
    expect(store.player.ticks.value).toEqual(CADENCES.every1.steps);
    store.align("share");
    expect(store.player.ticks.value).toHaveLength(301);
    expect(store.player.ticks.value.at(-1)).toBe(1);
    store.align("time");
    expect(store.player.ticks.value.at(-1)).toBe(900);
  });

  it("keep the frame of the finest when the measure changes, there and back", async () => {
    const { store } = await opened(CADENCES);
    store.player.seek(250);
    store.player.markIn(50);
    store.player.markOut(280);
    const range = store.range.value;
    for (const measure of ["time", "share", "step"] as const) {
      store.align(measure);
      expect(shown(store, "every1")).toBe(250);
    }
    expect(store.range.value).toEqual(range);
    expect(store.player.position.value).toBe(250);
  });

  it("say what is held: a frame that did not come with this tick", async () => {
    const { store } = await opened(CADENCES);
    const held = (name: string) => {
      const track = trackOf(store, name);
      const index = track.indexAt(store.player.position.value);
      return store.player.holds(track.positions.value[index] as number);
    };
    store.player.seek(14);
    expect(["every1", "every7", "every100"].map(held)).toEqual([false, false, true]);
    store.align("share");
    // 29 of 43 and 3 of 4 frames are over at two thirds exactly.
    store.player.seek(200);
    expect(["every1", "every7", "every100"].map(held)).toEqual([false, false, false]);
    store.player.seek(201);
    expect(["every1", "every7", "every100"].map(held)).toEqual([false, true, true]);
  });
});

describe("the playhead", () => {
  it("does not move when playing stops and goes on", async () => {
    const { store } = await opened(CADENCES);
    fc.assert(
      fc.property(fc.nat(300), fc.double({ min: 0.001, max: 20, noNaN: true }), (tick, seconds) => {
        store.player.seek(tick);
        store.player.play();
        store.player.tickBy(seconds);
        const at = store.player.head.value.tick;
        store.player.pause();
        store.player.play();
        expect(store.player.head.value.tick).toBe(at);
      }),
    );
  });

  it("waits where it was put until its step is known, and stays there when runs are hidden", async () => {
    const { store } = made(CADENCES);
    store.player.seekTo(35);
    store.range.value = { in: 30, out: 200 };
    await store.refresh();
    await vi.advanceTimersByTimeAsync(0);
    expect(store.player.head.value).toMatchObject({ tick: 35, first: 30, last: 200 });
    store.runFilter.value = "every100";
    expect(store.player.ticks.value).toEqual([0, 100, 200, 300]);
    expect(store.player.head.value).toMatchObject({ tick: 0, first: 1, last: 2 });
    store.runFilter.value = "";
    expect(store.player.head.value).toMatchObject({ tick: 35, first: 30, last: 200 });
  });

  it("remembers the pace that one chooses, not the one of a link", async () => {
    const kept = new Map<string, string>();
    vi.stubGlobal("localStorage", {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
    });
    const { store } = await opened(CADENCES);
    store.player.setSpeed(1.7);
    store.player.setHold(2);
    store.player.setLoop("bounce");
    // As a link does; what one chooses afterwards is one's own again.
    store.player.command((now) => heads.setSpeed(now, 8));
    store.player.setLoop("once");
    const { store: next } = await opened(CADENCES);
    expect(next.player.head.value).toMatchObject({ speed: 1.7, hold: 2, loop: "once" });
  });
});

describe("an unlinked card", () => {
  it("begins where the others are, goes its own way, and comes back", async () => {
    const { store } = await opened(CADENCES);
    const own = trackOf(store, "every7");
    store.player.seek(70);
    store.toggleLink("every7");
    const player = store.playerOf(own);
    expect(player).not.toBe(store.player);
    expect(shown(store, "every7")).toBe(70);
    // Its timeline is of its own frames, the others' without them.
    expect(player.ticks.value).toEqual(CADENCES.every7.steps);
    store.player.seek(300);
    expect(shown(store, "every7")).toBe(70);
    player.stepBy(1);
    player.setLoop("once");
    expect([shown(store, "every7"), shown(store, "every1")]).toEqual([77, 300]);
    expect(store.player.head.value.loop).toBe("forever");
    store.toggleLink("every7");
    expect(store.playerOf(own)).toBe(store.player);
    expect(shown(store, "every7")).toBe(294);
  });

  it("plays on by the same clock", async () => {
    const { store } = await opened(CADENCES);
    let drawing: FrameRequestCallback | null = null;
    vi.stubGlobal("requestAnimationFrame", (draw: FrameRequestCallback) => {
      drawing = draw;
    });
    vi.stubGlobal("cancelAnimationFrame", () => {
      drawing = null;
    });
    const picture = (at: number) => drawing?.(at);
    const stop = store.animate();
    store.toggleLink("every1");
    const player = store.playerOf(trackOf(store, "every1"));
    player.play();
    picture(0);
    picture(100);
    picture(200);
    expect([player.head.value.tick, store.player.head.value.tick]).toEqual([2, 0]);
    player.pause();
    expect(drawing).toBeNull();
    stop();
  });
});
