import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Api, ApiError } from "../src/api";
import type { Query } from "../src/model";
import { Clips } from "../src/store/clips";
import { Preview } from "../src/store/preview";

interface Asked {
  readonly query: Query;
  readonly signal: AbortSignal;
  readonly answer: (value: unknown) => void;
  readonly fail: (error: unknown) => void;
}

/** A server that answers when it is told to. */
function server() {
  const asked: Asked[] = [];
  const ask = (query: Query, aborted: AbortSignal) =>
    new Promise((resolve, reject) => {
      aborted.addEventListener("abort", () => reject(aborted.reason));
      asked.push({ query, signal: aborted, answer: resolve, fail: reject });
    });
  const progress = vi.fn(async () => ({ done: 0, total: 0, waiting: 2 }));
  const api = { clip: ask, preview: ask, progress } as unknown as Api;
  return { api, asked, progress };
}

const file = (text: string, headers: Record<string, string> = {}) =>
  new Response(text, {
    headers: { "content-disposition": "attachment; filename=a.gif", ...headers },
  });

/** Lets everything that has been answered arrive. */
const settle = () => vi.advanceTimersByTimeAsync(0);

let saved: string[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  saved = [];
  const link = () => {
    const made = { href: "", download: "", click: () => saved.push(made.download) };
    return made;
  };
  vi.stubGlobal("document", { createElement: link });
  let urls = 0;
  vi.spyOn(URL, "createObjectURL").mockImplementation(() => `blob:${urls++}`);
  vi.spyOn(URL, "revokeObjectURL").mockImplementation(() => {});
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("exports", () => {
  test("a clip is saved when it is whole, and can be saved again", async () => {
    const { api, asked } = server();
    const clip = new Clips(api).start("a", { fps: 3 });
    expect(asked[0]?.query).toMatchObject({ fps: 3, download: 1 });
    asked[0]?.answer(file("bytes", { "x-animate-notes": "Fewer%20pictures%3A 5." }));
    await settle();
    expect(saved).toEqual(["a.gif"]);
    const notes = "Fewer pictures: 5.";
    expect(clip.state.value).toEqual({ state: "done", name: "a.gif", bytes: 5, notes });
    clip.save();
    expect(saved).toEqual(["a.gif", "a.gif"]);
  });

  test("a few at a time; the next begins when one is over, in whatever way", async () => {
    const { api, asked } = server();
    const clips = new Clips(api);
    const all = ["a", "b", "c", "d", "e"].map((name) => clips.start(name, { name }));
    expect(asked.map(({ query }) => query.name)).toEqual(["a", "b", "c"]);
    expect(all[4]?.state.value).toEqual({ state: "waiting", ahead: 4 });
    asked[1]?.fail(new ApiError("No.", 400));
    await settle();
    expect(all[1]?.state.value).toEqual({ state: "failed", message: "No." });
    expect(asked[3]?.query.name).toBe("d");
    clips.remove(all[0] as (typeof all)[0]);
    await settle();
    expect(asked[0]?.signal.aborted).toBe(true);
    expect(asked[4]?.query.name).toBe("e");
    expect(clips.all.value.map((clip) => clip.title)).toEqual(["b", "c", "d", "e"]);
    expect(saved).toEqual([]);
  });

  test("one that waits can be cancelled before it was asked for", async () => {
    const { api, asked } = server();
    const clips = new Clips(api);
    const all = ["a", "b", "c", "d"].map((name) => clips.start(name, { name }));
    clips.remove(all[3] as (typeof all)[0]);
    asked[0]?.answer(file(""));
    await settle();
    expect(asked).toHaveLength(3);
  });

  test("the place in the server's queue is told", async () => {
    const { api, progress } = server();
    const clip = new Clips(api).start("a", {});
    await vi.advanceTimersByTimeAsync(400);
    expect(clip.state.value).toEqual({ state: "waiting", ahead: 2 });
    progress.mockResolvedValue({ done: 3, total: 9, waiting: 0 });
    await vi.advanceTimersByTimeAsync(400);
    expect(clip.state.value).toMatchObject({ state: "running", done: 3, total: 9 });
  });

  test("a slow server is asked how far it is once at a time, also after it failed", async () => {
    const { api, progress } = server();
    let under = 0;
    let most = 0;
    progress.mockImplementation(async () => {
      most = Math.max(most, ++under);
      await new Promise((done) => setTimeout(done, 1000));
      under -= 1;
      if (progress.mock.calls.length === 1) throw new ApiError("TensorBoard does not answer.", 0);
      return { done: progress.mock.calls.length, total: 9, waiting: 0 };
    });
    const clip = new Clips(api).start("a", {});
    await vi.advanceTimersByTimeAsync(4000);
    expect(most).toBe(1);
    expect(clip.state.value).toMatchObject({ state: "running", done: 3, total: 9 });
  });
});

describe("preview", () => {
  const answer = (pictures: number) => ({
    width: 4,
    height: 3,
    pictures,
    seconds: 1,
    bytes: 100,
    change: "",
    frames: [{ picture: 0, data: new Uint8Array(1) }],
  });

  test("only the latest wish is asked for, and an earlier one's answer is not shown", async () => {
    const { api, asked } = server();
    const wish = signal<Query | null>({ fps: 1 });
    const preview = new Preview(api, wish);
    wish.value = { fps: 2 };
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked.map(({ query }) => query.fps)).toEqual([2]);
    wish.value = { fps: 3 };
    expect(asked[0]?.signal.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(1000);
    asked[1]?.answer(answer(7));
    await settle();
    expect(preview.facts.value?.pictures).toBe(7);
    expect(preview.stale.value).toBe(false);
    wish.value = { fps: 4 };
    expect([preview.stale.value, preview.facts.value?.pictures]).toEqual([true, 7]);
    preview.close();
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toHaveLength(2);
    expect(URL.revokeObjectURL).toHaveBeenCalledWith("blob:0");
  });

  test("the same wish again asks nothing", async () => {
    const { api, asked } = server();
    const wish = signal<Query | null>({ fps: 1 });
    const preview = new Preview(api, wish);
    wish.value = { fps: 1 };
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toHaveLength(1);
    preview.close();
  });

  test("a scene that is being computed, and a busy server, are asked again", async () => {
    const { api, asked } = server();
    const preview = new Preview(api, signal<Query | null>({}));
    await vi.advanceTimersByTimeAsync(1000);
    asked[0]?.answer({ pending: { done: 1, total: 2 } });
    await vi.advanceTimersByTimeAsync(2000);
    asked[1]?.fail(new ApiError("Busy.", 503));
    await settle();
    expect(preview.error.value).toBe("Busy.");
    await vi.advanceTimersByTimeAsync(2000);
    asked[2]?.answer(answer(1));
    await settle();
    expect([preview.error.value, preview.facts.value?.pictures]).toEqual([null, 1]);
    preview.close();
  });

  test("it is told that no answer came, or none that can be read, and asked again", async () => {
    const { api, asked } = server();
    const preview = new Preview(api, signal<Query | null>({}));
    await vi.advanceTimersByTimeAsync(300);
    const failures = [
      [new ApiError("TensorBoard does not answer.", 0), "TensorBoard does not answer."],
      // The body broke off, or is no MessagePack.
      [new TypeError("network error"), "The preview could not be read."],
      [new RangeError("Insufficient data"), "The preview could not be read."],
    ] as const;
    for (const [error, sentence] of failures) {
      asked.at(-1)?.fail(error);
      await settle();
      expect(preview.error.value).toBe(sentence);
      expect(preview.busy.value).toBe(true);
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(asked).toHaveLength(4);
    asked[3]?.answer({ pending: { done: 1, total: 2 } });
    await settle();
    // It answers again, and that it did not is no longer so.
    expect(preview.error.value).toBeNull();
    await vi.advanceTimersByTimeAsync(1000);
    asked[4]?.answer(answer(1));
    await settle();
    expect([preview.error.value, preview.facts.value?.pictures]).toEqual([null, 1]);
    expect(preview.busy.value).toBe(false);
    preview.close();
  });

  test("nothing is waited for where nothing was chosen", () => {
    const { api } = server();
    const preview = new Preview(api, signal<Query | null>(null));
    expect([preview.busy.value, preview.stale.value]).toEqual([false, true]);
    preview.close();
  });

  test("what cannot be made is told, and not asked again", async () => {
    const { api, asked } = server();
    const preview = new Preview(api, signal<Query | null>({}));
    await vi.advanceTimersByTimeAsync(1000);
    asked[0]?.fail(new ApiError("Too wide.", 400));
    await vi.advanceTimersByTimeAsync(5000);
    expect([preview.error.value, preview.busy.value]).toEqual(["Too wide.", false]);
    expect(asked).toHaveLength(1);
    preview.close();
  });
});
