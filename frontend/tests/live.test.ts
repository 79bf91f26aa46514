import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MEASURES } from "../src/model";
import { LIVELY, QUIET } from "../src/store/live";
import { made, opened, run, shown, trackOf } from "./tracks";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("samples", () => {
  const logged = (samples: number) => ({ a: { ...run(5, 10), samples } });

  it("are all shown where the chosen one is not logged any more, until it is again", async () => {
    const { store, logs } = await opened(logged(4));
    const track = trackOf(store, "a");
    track.choose(3);
    const stop = store.watch();
    await vi.advanceTimersByTimeAsync(0);
    expect(track.sample.value).toBe(3);
    for (const [samples, shown] of [
      [1, null],
      [3, null],
      [5, 3],
    ] as const) {
      logs.runs = logged(samples);
      await vi.advanceTimersByTimeAsync(QUIET);
      expect(trackOf(store, "a"), "It is the same card.").toBe(track);
      expect(track.sample.value).toBe(shown);
    }
    stop();
  });

  it("of a link are shown when they are listed, and not after somebody chose others", async () => {
    const { store, logs } = made(logged(1));
    store.samples.open(new Map([["a", 3]]));
    await store.refresh();
    expect(trackOf(store, "a").sample.value).toBeNull();
    logs.runs = logged(4);
    await store.refresh();
    expect(trackOf(store, "a").sample.value).toBe(3);
    trackOf(store, "a").choose(null);
    await store.refresh();
    expect(trackOf(store, "a").sample.value).toBeNull();
  });

  it("of another run stay those that one compares with", async () => {
    const runs = { ...logged(4), b: { ...run(5, 10), samples: 4 } };
    const { store } = await opened(runs);
    const a = trackOf(store, "a");
    store.compare.value = { mode: "wipe", against: { run: "b" }, amount: 0.5 };
    a.choose(3);
    const others = () => [...store.comparison.others([a])].map(({ sample }) => sample.value);
    expect(others()).toEqual([3]);
    await store.refresh();
    expect(others()).toEqual([3]);
    expect(trackOf(store, "b").sample.value).toBeNull();
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

  it("has a colour of its own also if it began after the page", async () => {
    const { store, logs } = await opened({ first: run(20, 10) });
    const stop = store.watch();
    logs.runs = { ...logs.runs, second: run(5, 10), third: run(5, 10) };
    await vi.advanceTimersByTimeAsync(QUIET);
    const colours = ["first", "second", "third"].map(store.colorOf);
    expect(new Set(colours).size).toBe(3);
    expect(colours).not.toContain(store.colorOf("of no run"));
    stop();
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
