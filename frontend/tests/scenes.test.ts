import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Api, ApiError } from "../src/api";
import { FittedScene } from "../src/store/scenes";

interface Call {
  readonly series: readonly string[];
  readonly signal: AbortSignal;
  answer(scene: object): Promise<void>;
  fail(error: Error): Promise<void>;
}

function build() {
  const calls: Call[] = [];
  const scene: Api["scene"] = (series, _options, signal) =>
    new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
      calls.push({
        series: [series].flat(),
        signal: signal as AbortSignal,
        async answer(found) {
          resolve(found as never);
          await vi.advanceTimersByTimeAsync(0);
        },
        async fail(error) {
          reject(error);
          await vi.advanceTimersByTimeAsync(0);
        },
      });
    });
  return { calls, shared: new FittedScene({ scene } as unknown as Api, {}) };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("FittedScene", () => {
  it("asks at once for the first scene, and not again for the same", async () => {
    const { calls, shared } = build();
    shared.want(["a", "b"], {}, "1");
    shared.want(["a", "b"], {}, "1");
    expect(calls.map((call) => call.series)).toEqual([["a", "b"]]);
    await calls[0]?.answer({ lo: 1 });
    expect(shared.scene.value).toEqual({ lo: 1 });
    shared.want(["a", "b"], {}, "1");
    await vi.advanceTimersByTimeAsync(1000);
    expect(calls).toHaveLength(1);
  });

  it("asks again as long as frames of it could not be read", async () => {
    const { calls, shared } = build();
    shared.want(["a"], {}, "1");
    await calls[0]?.answer({ lo: 1, unread: 2 });
    await vi.advanceTimersByTimeAsync(5000);
    expect(calls).toHaveLength(2);
    expect(shared.scene.value).toEqual({ lo: 1, unread: 2 });
    await calls[1]?.answer({ lo: 2 });
    expect(shared.scene.value).toEqual({ lo: 2 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toHaveLength(2);
  });

  it("asks once for runs that are hidden one after the other, and keeps what it has", async () => {
    const { calls, shared } = build();
    shared.want(["a", "b", "c"], {}, "1");
    await calls[0]?.answer({ lo: 1 });
    shared.want(["a", "b"], {}, "1");
    shared.want(["a"], {}, "1");
    expect(calls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(calls.map((call) => call.series)).toEqual([["a", "b", "c"], ["a"]]);
    expect(shared.scene.value).toEqual({ lo: 1 });
    await calls[1]?.answer({ lo: 2 });
    expect(shared.scene.value).toEqual({ lo: 2 });
  });

  it("gives up what is superseded: the latest wins, in whatever order answers come", async () => {
    const { calls, shared } = build();
    shared.want(["a"], { range: "robust" }, "1");
    shared.want(["a"], { range: "full" }, "1");
    expect(calls[0]?.signal.aborted).toBe(true);
    await calls[1]?.answer({ lo: 2 });
    await calls[0]?.answer({ lo: 1 });
    expect(shared.scene.value).toEqual({ lo: 2 });
    expect(shared.error.value).toBeNull();
  });

  it("says why there is none, and tries again", async () => {
    const { calls, shared } = build();
    shared.want(["a"], {}, "1");
    await calls[0]?.fail(new ApiError("TensorBoard does not answer.", 0));
    expect(shared.error.value).toBe("TensorBoard does not answer.");
    await vi.advanceTimersByTimeAsync(3000);
    await calls[1]?.answer({ lo: 1 });
    expect(shared.error.value).toBeNull();
    expect(shared.scene.value).toEqual({ lo: 1 });
  });

  it("lets what failed, and what takes long, wait while it rests, and asks at once after it", async () => {
    const outcomes = {
      failed: (call: Call | undefined) => call?.fail(new ApiError("No.", 400)),
      pending: (call: Call | undefined) => call?.answer({ pending: { done: 0, total: 9 } }),
    };
    for (const [name, happens] of Object.entries(outcomes)) {
      const { calls, shared } = build();
      shared.want(["a"], {}, "1");
      await happens(calls[0]);
      shared.rest();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(calls, name).toHaveLength(1);
      shared.want(["a"], {}, "1");
      expect(calls, name).toHaveLength(2);
      // The answer may also come while it rests.
      shared.rest();
      await happens(calls[1]);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(calls, name).toHaveLength(2);
      shared.want(["a"], {}, "1");
      await calls[2]?.answer({ lo: 1 });
      expect(shared.scene.value, name).toEqual({ lo: 1 });
      shared.rest();
      shared.want(["a"], {}, "1");
      await vi.advanceTimersByTimeAsync(60_000);
      expect(calls, name).toHaveLength(3);
    }
  });

  it("asks for what changed while it rested, and for nothing else", async () => {
    const { calls, shared } = build();
    shared.want(["a"], {}, "1");
    await calls[0]?.answer({ lo: 1 });
    shared.want(["a"], {}, "2");
    shared.rest();
    shared.want(["a"], {}, "3");
    await vi.advanceTimersByTimeAsync(1000);
    expect(calls).toHaveLength(2);
    await calls[1]?.answer({ lo: 3 });
    expect(shared.scene.value).toEqual({ lo: 3 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("asks for no more series than the server takes, spread over all", () => {
    const { calls, shared } = build();
    shared.want(
      Array.from({ length: 128 }, (_, i) => String(i)),
      {},
      "1",
    );
    expect(calls[0]?.series).toHaveLength(64);
    expect(calls[0]?.series.slice(0, 3)).toEqual(["0", "2", "4"]);
  });

  it("waits for what takes long, then has the table as well", async () => {
    const answers: unknown[] = [
      { pending: { done: 0, total: 9 } },
      { pending: { done: 5, total: 9 } },
      { key: "a" },
    ];
    const api = {
      scene: vi.fn(async () => answers.shift()),
      table: vi.fn(async () => "raw"),
    };
    const moved = vi.fn();
    const kind = { table: (raw: unknown) => `read ${raw}` };
    const fitted = new FittedScene(api as unknown as Api, kind, moved);
    fitted.want(["a"], { method: "slow" }, "1");
    await vi.advanceTimersByTimeAsync(0);
    expect(fitted.pending.value).toEqual({ done: 0, total: 9 });
    await vi.advanceTimersByTimeAsync(1000);
    expect(fitted.pending.value?.done).toBe(5);
    expect(moved).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(fitted.pending.value).toBeNull();
    expect(fitted.scene.value).toEqual({ key: "a", table: "read raw" });
    expect(fitted.options).toEqual({ method: "slow" });
  });

  it("tells when frames are placed in another way, and only then", async () => {
    const keys = ["a", "a", "b", "b"];
    const api = { scene: vi.fn(async () => ({ key: keys.shift() })) };
    const moved = vi.fn();
    const fitted = new FittedScene(api as unknown as Api, {}, moved);
    const wishes = [
      [{ dims: "2" }, "1", 0],
      [{ dims: "2" }, "2", 0],
      [{ dims: "2" }, "3", 1],
      [{ dims: "3" }, "3", 2],
    ] as const;
    for (const [options, revision, times] of wishes) {
      fitted.want(["a"], options, revision);
      await vi.advanceTimersByTimeAsync(200);
      expect(moved).toHaveBeenCalledTimes(times);
    }
  });

  it("lets the server stop, and asks no more", async () => {
    const api = { scene: vi.fn(async () => ({ pending: { done: 0, total: 9 } })) };
    const fitted = new FittedScene(api as unknown as Api, {});
    fitted.want(["a"], { method: "slow" }, "1");
    await vi.advanceTimersByTimeAsync(0);
    await fitted.cancel({ method: "slow" });
    expect(api.scene).toHaveBeenLastCalledWith(["a"], { method: "slow", cancel: 1 });
    expect(fitted.pending.value).toBeNull();
    await vi.advanceTimersByTimeAsync(5000);
    expect(api.scene).toHaveBeenCalledTimes(2);
  });
});
