import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Api, ApiError } from "../src/api";
import { histogram } from "../src/kinds/histogram";
import type { Listing, Series } from "../src/model";
import { createStore } from "../src/store";
import { seriesOf } from "./series";
import { wire } from "./wire";

const FRAMES = 500;

const series = (run: string, tag: string): Series =>
  seriesOf({
    id: `${run}:${tag}`,
    run,
    tag,
    kind: histogram.name,
    frames: FRAMES,
    last_step: FRAMES - 1,
  });

function build() {
  const list = ["a", "b"].flatMap((run) => [series(run, "x/kernel"), series(run, "x/bias")]);
  const listing: Listing = {
    series: list,
    runs: ["a", "b"],
    kinds: [{ name: histogram.name, title: "Histograms", plugin_name: "histograms" }],
    formats: [],
    warnings: [],
    progress: { done: 1, total: 1 },
  };
  const scenes: { series: readonly string[]; options: object }[] = [];
  const frames: { series: string; start: number; count: number }[] = [];
  /** Why neither comes; null: they do. */
  const server: { refuses: ApiError | null } = { refuses: null };
  const api = {
    listing: async () => listing,
    runs: async () => ["a", "b"],
    steps: async (ids: readonly string[]) =>
      Object.fromEntries(
        ids.map((id) => [
          id,
          {
            steps: Array.from({ length: FRAMES }, (_, i) => i),
            wall_times: [],
            generation: "1",
          },
        ]),
      ),
    scene: async (ids: readonly string[], options: object) => {
      scenes.push({ series: ids, options });
      if (server.refuses) throw server.refuses;
      const own = { lo: 0, hi: 1, bins: 160, top: 1, top_count: 1, fitted: FRAMES, frames: FRAMES };
      return { ...own, ...options };
    },
    frames: async (id: string, start: number, count: number) => {
      frames.push({ series: id, start, count });
      if (server.refuses) throw server.refuses;
      const most = Math.min(count, FRAMES - start);
      return {
        frames: Array.from({ length: most }, (_, i) => ({
          step: start + i,
          wall_time: 0,
          data: wire([[0, 1, 1]]),
        })),
        generation: "1",
        start,
      };
    },
  } as unknown as Api;
  return { store: createStore(api), scenes, frames, server };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

async function opened() {
  const built = build();
  await built.store.refresh();
  await vi.advanceTimersByTimeAsync(0);
  const kernel = built.store.chosen.value.filter((track) => track.id.endsWith("kernel"));
  const [first, second] = kernel;
  if (!first || !second) throw new Error("Two runs have this tag.");
  return { ...built, kernel, first, second };
}

describe("scenes of several runs", () => {
  it("are asked for once for all runs of a tag, when one of them is in view", async () => {
    const { store, scenes, first, second } = await opened();
    expect(scenes).toEqual([]);
    store.show([first]);
    await vi.advanceTimersByTimeAsync(0);
    expect(scenes).toEqual([
      { series: [first.id, second.id], options: { scale: "linear", range: "robust" } },
    ]);
    expect(second.scene.value).toMatchObject({ lo: 0, mode: "ridge", trail: 20 });
    store.show([second]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(scenes).toHaveLength(1);
  });

  it("are asked for anew when a run is hidden, and stay until they are there", async () => {
    const { store, scenes, first, second } = await opened();
    store.show([first]);
    await vi.advanceTimersByTimeAsync(0);
    store.hiddenRuns.value = new Set(["b"]);
    expect(first.scene.value).not.toBeNull();
    await vi.advanceTimersByTimeAsync(200);
    expect(scenes.map((scene) => scene.series)).toEqual([[first.id, second.id], [first.id]]);
  });

  it("change without the server where nothing has to be fitted", async () => {
    const { store, scenes, first } = await opened();
    const { kind } = first;
    if (!kind) throw new Error("The page knows this kind.");
    store.show([first]);
    await vi.advanceTimersByTimeAsync(0);
    for (const option of kind.options) {
      const value = store.looks.option(kind, option);
      value.value = "values" in option ? (option.values[1]?.value ?? "") : 7;
      await vi.advanceTimersByTimeAsync(200);
      expect(first.scene.value).toMatchObject({ [option.name]: value.value });
    }
    expect(scenes.map((scene) => scene.options)).toEqual([
      { scale: "linear", range: "robust" },
      { scale: "log", range: "robust" },
      { scale: "log", range: "full" },
    ]);
  });
});

describe("what failed", () => {
  async function failing() {
    const built = await opened();
    built.server.refuses = new ApiError("No.", 400);
    const leave = built.store.show([built.first]);
    await vi.advanceTimersByTimeAsync(6000);
    const { frames, scenes } = built;
    expect(frames.length).toBeGreaterThan(1);
    expect(scenes.length).toBeGreaterThan(1);
    const asked = () => ({ frames: frames.length, scenes: scenes.length });
    return { ...built, leave, asked };
  }

  it("is not asked for again while nobody looks, and at once when somebody does", async () => {
    const { store, first, server, asked } = await failing();
    store.asleep.value = true;
    const before = asked();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked()).toEqual(before);
    server.refuses = null;
    store.asleep.value = false;
    await vi.advanceTimersByTimeAsync(0);
    expect(first.scene.value).toMatchObject({ lo: 0 });
    expect(first.buffer?.slot(0)).toHaveProperty("data");
  });

  it("is not asked for again while it is out of view", async () => {
    const { store, first, second, server, leave, asked } = await failing();
    leave();
    const before = asked();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked()).toEqual(before);
    server.refuses = null;
    // Another run's card has the same scene.
    store.show([second]);
    await vi.advanceTimersByTimeAsync(0);
    expect(first.scene.value).toMatchObject({ lo: 0 });
  });

  it("is not asked for again where its runs are hidden", async () => {
    const { store, asked } = await failing();
    store.hiddenRuns.value = new Set(["a", "b"]);
    const before = asked();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked().scenes).toBe(before.scenes);
  });
});

describe("the trail", () => {
  it("is fetched after the present frame and what comes", async () => {
    const { store, frames, first } = await opened();
    store.player.seek(300);
    store.show([first]);
    await vi.advanceTimersByTimeAsync(0);
    expect(frames[0]).toMatchObject({ series: first.id, start: 300 });
    // Backwards from what is here, all that may come in one answer.
    const behind = frames.find((one) => one.start < 300);
    expect(behind).toMatchObject({ start: 44, count: 256 });
    for (let i = 280; i <= 300; i++) expect(first.buffer?.slot(i)).toHaveProperty("data");
    expect(first.buffer?.slot(279)).toBeUndefined();
  });

  it("is not waited for", async () => {
    const { store, frames, first } = await opened();
    store.player.seek(300);
    store.show([first]);
    let drawn = false;
    let behind: unknown = "unknown";
    first.version.subscribe(() => {
      // The first that is told of the present frame: nothing behind it is here yet.
      if (drawn || first.buffer?.slot(300) === undefined) return;
      drawn = true;
      behind = first.buffer.slot(299);
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(drawn).toBe(true);
    expect(behind).toBeUndefined();
    expect(frames.length).toBeGreaterThan(1);
  });
});

describe("overlaid runs", () => {
  it("are one card of each tag, which keeps its key when a run is hidden", async () => {
    const { store, first } = await opened();
    const panels = () => store.groups.value.flatMap((group) => group.panels);
    expect(panels().map((panel) => panel.tracks.length)).toEqual([1, 1, 1, 1]);
    if (!first.kind) throw new Error("The page knows this kind.");
    const overlaid = store.looks.overlaid(first.kind);
    if (!overlaid) throw new Error("Its runs can be laid over each other.");
    overlaid.value = true;
    expect(panels().map((panel) => panel.tracks.map((track) => track.id))).toEqual([
      ["a:x/bias", "b:x/bias"],
      ["a:x/kernel", "b:x/kernel"],
    ]);
    const keys = panels().map((panel) => panel.key);
    store.hiddenRuns.value = new Set(["a"]);
    expect(panels().map((panel) => panel.key)).toEqual(keys);
  });
});

describe("tweening", () => {
  it("goes to the next tick while it plays, and nowhere around the end", async () => {
    const { store } = await opened();
    store.player.seek(10);
    store.player.play();
    expect(store.player.following.value).toBeUndefined();
    store.tween.value = true;
    expect(store.player.following.value).toBe(11);
    store.player.seek(FRAMES - 1);
    expect(store.player.following.value).toBeUndefined();
    store.player.pause();
    store.player.seek(10);
    expect(store.player.following.value).toBeUndefined();
  });
});
