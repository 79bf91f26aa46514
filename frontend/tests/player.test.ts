import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MEASURES, type Measure } from "../src/model";
import * as heads from "../src/playhead";
import type { Store, Track } from "../src/store";
import { LIVELY, QUIET } from "../src/store/live";
import { made, type Run, run } from "./tracks";

const CADENCES = { every1: run(301, 1, 2), every7: run(43, 7, 1, 1.6e9), every100: run(4, 100, 3) };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function opened(runs: Readonly<Record<string, Run>> = CADENCES) {
  const built = made(runs);
  await built.store.refresh();
  await vi.advanceTimersByTimeAsync(0);
  return built;
}

const trackOf = (store: Store, name: string): Track => {
  const track = store.chosen.value.find((one) => one.id === name);
  if (!track) throw new Error(`There is a run ${name}.`);
  return track;
};

/** The step that a card shows; null before its first. */
const shown = (store: Store, name: string): number | null => {
  const track = trackOf(store, name);
  const index = track.indexAt(store.playerOf(track).position.value);
  return track.steps.value?.steps[index] ?? null;
};

/** Where a frame lies, by what the measures mean. */
function place(measure: Measure, { steps, wall_times }: Run, index: number): number {
  const step = steps[index] as number;
  if (measure === "step") return step;
  if (measure === "share") return step / (steps.at(-1) as number);
  return (wall_times[index] as number) - (wall_times[0] as number);
}

describe("three runs of another cadence", () => {
  it("show their last frame at or before the playhead, in each measure", async () => {
    const { store, logs } = await opened();
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
    const { store } = await opened();
    expect(store.player.ticks.value).toEqual(CADENCES.every1.steps);
    store.align("share");
    expect(store.player.ticks.value).toHaveLength(301);
    expect(store.player.ticks.value.at(-1)).toBe(1);
    store.align("time");
    expect(store.player.ticks.value.at(-1)).toBe(900);
  });

  it("keep the frame of the finest when the measure changes, there and back", async () => {
    const { store } = await opened();
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
    const { store } = await opened();
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

describe("a run that grows", () => {
  const growing = (frames: number) => ({ grows: run(frames, 10), done: run(30, 10) });

  it("extends the timeline; the frame that is shown stays, in each measure", async () => {
    for (const measure of MEASURES) {
      const { store, logs } = await opened({ grows: run(20, 10), short: run(5, 10) });
      store.align(measure);
      store.player.seek(7);
      const before = store.player.position.value;
      for (const frames of [21, 40, 77]) {
        logs.runs = { ...logs.runs, grows: run(frames, 10) };
        await store.refresh();
        await vi.advanceTimersByTimeAsync(0);
        expect(shown(store, "grows"), `${measure} ${frames}`).toBe(70);
        expect(store.player.head.value.count).toBe(frames);
        if (measure !== "share") expect(store.player.position.value).toBe(before);
      }
    }
  });

  it("is asked for again alone, often while it grows and rarely when all is quiet", async () => {
    const { store, logs, asked } = await opened(growing(20));
    const stop = store.watch();
    await vi.advanceTimersByTimeAsync(0);
    const begun = asked.listings;
    await vi.advanceTimersByTimeAsync(QUIET);
    expect(asked.listings).toBe(begun + 1);
    asked.steps.length = 0;
    logs.runs = growing(25);
    await vi.advanceTimersByTimeAsync(QUIET);
    expect(asked.steps).toEqual(["grows"]);
    expect(trackOf(store, "grows").frames.value).toBe(25);
    const grown = asked.listings;
    // Somebody sets the clock.
    vi.setSystemTime(Date.now() + 3_600_000);
    await vi.advanceTimersByTimeAsync(3 * LIVELY);
    expect(asked.listings).toBe(grown + 3);
    store.asleep.value = true;
    await vi.advanceTimersByTimeAsync(10 * QUIET);
    expect(asked.listings).toBe(grown + 3);
    store.asleep.value = false;
    await vi.advanceTimersByTimeAsync(0);
    expect(asked.listings).toBe(grown + 4);
    stop();
    await vi.advanceTimersByTimeAsync(10 * QUIET);
    expect(asked.listings).toBe(grown + 4);
  });

  it("is looked at anew where it is in view, as other frames may be at the same steps", async () => {
    const { store, asked } = await opened(growing(20));
    const [hidden, ...others] = store.chosen.value;
    const leave = store.show(others);
    const stop = store.watch();
    await vi.advanceTimersByTimeAsync(0);
    asked.steps.length = 0;
    await vi.advanceTimersByTimeAsync(QUIET);
    expect(asked.steps).toEqual(others.map((one) => one.id));
    expect(asked.steps).not.toContain(hidden?.id);
    leave();
    stop();
  });

  it("is followed: the newest, until one moves", async () => {
    const { store, logs } = await opened({ grows: run(20, 10) });
    store.player.setReverse(true);
    store.player.setFollow("newest");
    expect(shown(store, "grows")).toBe(190);
    expect(store.player.moving.value).toBe(false);
    logs.runs = { grows: run(30, 10) };
    await store.refresh();
    await vi.advanceTimersByTimeAsync(0);
    expect(shown(store, "grows")).toBe(190);
    // Slow pictures come late, and none of them is left out.
    for (const seconds of [0.02, 0.25, 0.09, 0.25, 0.25]) store.player.tickBy(seconds);
    expect(shown(store, "grows")).toBe(220);
    while (store.player.moving.value) {
      const before = shown(store, "grows") ?? 0;
      store.player.tickBy(0.25);
      expect(shown(store, "grows")).toBe(before + 10);
    }
    expect(shown(store, "grows")).toBe(290);
    store.player.stepBy(-1);
    expect(store.follow.value).toBeNull();
    logs.runs = { grows: run(40, 10) };
    await store.refresh();
    await vi.advanceTimersByTimeAsync(0);
    expect(shown(store, "grows")).toBe(280);
  });

  it("is followed: at once where more came than one can watch, or where nothing was seen", async () => {
    const { store, logs } = await opened({ grows: run(20, 10) });
    store.player.setFollow("newest");
    logs.runs = { grows: run(2_000, 10) };
    await store.refresh();
    await vi.advanceTimersByTimeAsync(0);
    expect(shown(store, "grows")).toBe(19_990);
    store.player.tickBy(0.01);
    expect(store.player.moving.value).toBe(false);
    logs.runs = { grows: run(2_001, 10) };
    await store.refresh();
    await vi.advanceTimersByTimeAsync(0);
    expect(shown(store, "grows")).toBe(19_990);
    expect(store.player.moving.value).toBe(true);

    const { store: early } = made({ grows: run(20, 10) });
    early.player.setFollow("newest");
    await early.refresh();
    await vi.advanceTimersByTimeAsync(0);
    expect(shown(early, "grows")).toBe(190);
  });

  it("is followed: the last frames, in place of the range, which comes back", async () => {
    const { store, logs } = await opened({ grows: run(20, 10) });
    store.player.markIn(3);
    store.player.setFollow(5);
    expect(store.player.head.value).toMatchObject({ first: 15, last: 19, playing: true, tick: 15 });
    logs.runs = { grows: run(30, 10) };
    await store.refresh();
    await vi.advanceTimersByTimeAsync(0);
    expect(store.player.head.value).toMatchObject({ first: 25, last: 29 });
    store.player.setFollow(null);
    expect(store.player.head.value).toMatchObject({ first: 3, last: 29 });
    store.player.setFollow(100);
    expect(store.player.head.value).toMatchObject({ first: 0, last: 29 });
    store.player.markOut(10);
    expect(store.follow.value).toBeNull();
    expect(store.player.head.value).toMatchObject({ first: 0, last: 10 });
  });
});

describe("the playhead", () => {
  it("does not move when playing stops and goes on", async () => {
    const { store } = await opened();
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
    const { store } = await opened();
    store.player.setSpeed(1.7);
    store.player.setHold(2);
    store.player.setLoop("bounce");
    store.player.command((now) => heads.setSpeed(now, 8));
    const { store: next } = await opened();
    expect(next.player.head.value).toMatchObject({ speed: 1.7, hold: 2, loop: "bounce" });
  });
});

describe("an unlinked card", () => {
  it("begins where the others are, goes its own way, and comes back", async () => {
    const { store } = await opened();
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
    const { store } = await opened();
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
