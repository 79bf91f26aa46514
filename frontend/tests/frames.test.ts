import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Api, ApiError } from "../src/api";
import type { Kind } from "../src/kinds";
import { SharedLru } from "../src/lru";
import type { FrameChunk } from "../src/model";
import { type Budgets, FrameBuffer } from "../src/store/frames";

const FRAME_BYTES = 1000;
/** What all frames are made of: a test of large ones needs no more. */
const MEMORY = new ArrayBuffer(2 ** 22);

interface Call {
  readonly start: number;
  readonly count: number;
  readonly signal: AbortSignal;
  /** So many frames, each of so many bytes. */
  answer(frames?: number, bytes?: (index: number) => number): Promise<void>;
  fail(error: Error): Promise<void>;
}

/** An API whose answers the test gives when it likes. */
function slowApi() {
  const calls: Call[] = [];
  const frames: Api["frames"] = (_series, start, count, _options, signal) =>
    new Promise<FrameChunk>((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
      calls.push({
        start,
        count,
        signal: signal as AbortSignal,
        async answer(most = count, bytes = () => FRAME_BYTES) {
          const list = Array.from({ length: most }, (_, i) => ({
            step: start + i,
            wall_time: 0,
            data: new Uint8Array(MEMORY, 0, bytes(start + i)),
          }));
          resolve({ frames: list, generation: "1", start });
          await vi.advanceTimersByTimeAsync(0);
        },
        async fail(error) {
          reject(error);
          await vi.advanceTimersByTimeAsync(0);
        },
      });
    });
  return { calls, api: { frames } as unknown as Api };
}

/** How many frames the server sends of those asked for: about 2 MiB, and at least one. */
function sent({ start, count }: Call, bytes: (index: number) => number): number {
  let total = 0;
  for (let i = 0; i < count; i++) {
    total += bytes(start + i);
    if (i > 0 && total > 2 ** 21) return i;
  }
  return count;
}

const closed: unknown[] = [];
const kind: Kind = {
  name: "test",
  options: [],
  shares: false,
  trail: () => 0,
  decode: async (data) => data,
  bytes: () => FRAME_BYTES,
  parts: () => 1,
  close: (data) => closed.push(data),
  aspect: () => 1,
  draw: () => {},
};

function build(budgets: Partial<Budgets> = {}) {
  const { calls, api } = slowApi();
  const heard: string[] = [];
  const all = { decoded: new SharedLru(1e6), logged: new SharedLru(1e6), ...budgets };
  const buffer = new FrameBuffer(
    "id",
    {},
    kind,
    api,
    all,
    () => {},
    (text) => heard.push(text),
  );
  return { buffer, calls, heard, budgets: all };
}

beforeEach(() => {
  vi.useFakeTimers();
  closed.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
});

describe("FrameBuffer", () => {
  it("fetches from the first frame that is missing and decodes what is wanted", async () => {
    const { buffer, calls, heard } = build();
    buffer.want([4, 5]);
    expect(calls.map(({ start }) => start)).toEqual([4]);
    await calls[0]?.answer();
    expect(buffer.slot(4)).toHaveProperty("data");
    expect(buffer.slot(5)).toHaveProperty("data");
    expect(buffer.slot(6)).toBeUndefined();
    expect(buffer.holds(6)).toBe(true);
    expect(heard).toEqual(["1"]);
  });

  it("goes on from where a short answer ended", async () => {
    const { buffer, calls } = build();
    buffer.want([0, 1, 2]);
    await calls[0]?.answer(2);
    expect(calls[1]?.start).toBe(2);
  });

  it("keeps a request that brings what is wanted and aborts one that does not", async () => {
    const { buffer, calls } = build();
    buffer.want([0, 1]);
    buffer.want([1, 2]);
    expect(calls).toHaveLength(1);
    buffer.want([500]);
    expect(calls[0]?.signal.aborted).toBe(true);
    expect(calls[1]?.start).toBe(500);
    buffer.rest();
    expect(calls[1]?.signal.aborted).toBe(true);
  });

  it("fetches a chunk that ends at the frame when playing backwards", async () => {
    const { buffer, calls } = build();
    buffer.want([40, 39, 38]);
    expect(calls[0]).toMatchObject({ start: 25, count: 16 });
  });

  it("comes to the end of a series whose last frames are far larger than its first", async () => {
    const bytes = (index: number) => (index < 40 ? 1_000 : 100_000);
    const { buffer, calls } = build({ logged: new SharedLru(1e9) });
    buffer.want([0, 1]);
    await calls[0]?.answer(16, bytes);
    buffer.want([299, 298, 297, 296]);
    for (let i = 1; i < calls.length && i < 9; i++) {
      const call = calls[i] as Call;
      await call.answer(sent(call, bytes), bytes);
    }
    const asked = calls.slice(1).map(({ start, count }) => [start, count]);
    // The answer to the first ends at frame 63; then the size is known.
    expect(asked).toEqual([
      [44, 256],
      [299, 5],
      [294, 5],
    ]);
    for (const index of [299, 298, 297, 296]) expect(buffer.slot(index)).toHaveProperty("data");
  });

  it("comes to every frame going backwards, whatever the frames' sizes are", async () => {
    const sizes = [
      (index: number) => Math.ceil(1.05 ** (300 - index)),
      (index: number) => Math.ceil(1.05 ** index),
      (index: number) => (index % 20 === 0 ? 1_500_000 : 1_000),
      (index: number) => (index % 100 < 50 ? 1_500_000 : 10),
    ];
    for (const bytes of sizes) {
      const { buffer, calls } = build({ logged: new SharedLru(1e9) });
      for (let first = 299; first >= 100; first--) {
        buffer.want([first, first - 1, first - 2]);
        await vi.advanceTimersByTimeAsync(0);
        for (let tries = 0; buffer.slot(first) === undefined && tries < 3; tries++) {
          const call = calls.at(-1) as Call;
          await call.answer(sent(call, bytes), bytes);
        }
        expect(buffer.slot(first), String(first)).toHaveProperty("data");
      }
    }
  });

  it("says of all that is no longer in the log that it is gone, and asks once", async () => {
    const { buffer, calls } = build();
    buffer.want([40, 39, 38]);
    await calls[0]?.answer(0);
    for (const index of [40, 39, 38]) expect(buffer.slot(index)).toHaveProperty("error");
    // It may be logged later.
    expect(buffer.slot(41)).toBeUndefined();
    expect(calls).toHaveLength(1);
  });

  it("says what is wrong, lets the rest play, and asks again by itself", async () => {
    const { buffer, calls } = build();
    buffer.want([0]);
    expect(buffer.settled(0)).toBe(false);
    await calls[0]?.fail(new ApiError("TensorBoard does not answer.", 0));
    expect(buffer.trouble).toBe("TensorBoard does not answer.");
    expect(buffer.settled(0)).toBe(true);
    expect(calls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2000);
    await calls[1]?.answer();
    expect(buffer.trouble).toBeNull();
    expect(buffer.slot(0)).toHaveProperty("data");
  });

  it("keeps decoded frames within the budget, those that are wanted in any case", async () => {
    const { buffer, calls, budgets } = build({ decoded: new SharedLru(3 * FRAME_BYTES) });
    buffer.want([0, 1, 2]);
    await calls[0]?.answer();
    buffer.want([3, 4, 5]);
    await vi.advanceTimersByTimeAsync(0);
    expect(budgets.decoded.used).toBe(3 * FRAME_BYTES);
    expect([0, 1, 2, 3, 4, 5].map((i) => buffer.slot(i) !== undefined)).toEqual([
      false,
      false,
      false,
      true,
      true,
      true,
    ]);
    expect(closed).toHaveLength(3);
  });

  it("tells once of frames that are decoded at once", async () => {
    const { calls, api } = slowApi();
    const budgets = { decoded: new SharedLru(1e6), logged: new SharedLru(1e6) };
    let told = 0;
    const buffer = new FrameBuffer(
      "id",
      {},
      { ...kind, decode: (data) => data },
      api,
      budgets,
      () => {
        told += 1;
      },
      () => {},
    );
    buffer.want([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await calls[0]?.answer();
    for (let i = 0; i < 10; i++) expect(buffer.slot(i)).toHaveProperty("data");
    expect(buffer.slot(10)).toBeUndefined();
    // Once that they came, once that they are decoded.
    expect(told).toBe(2);
  });

  it("asks anew after a rest, without waiting for what it gave up", () => {
    const { buffer, calls } = build();
    buffer.want([0]);
    buffer.rest();
    buffer.want([0]);
    expect(calls).toHaveLength(2);
    expect(calls[1]?.signal.aborted).toBe(false);
  });

  it("remembers a broken frame with its sentence", async () => {
    const { api } = slowApi();
    const broken = {
      ...api,
      frames: async () => ({
        frames: [{ step: 0, wall_time: 0, data: null, error: "This record is damaged." }],
        generation: "1",
        start: 0,
      }),
    } as unknown as Api;
    const budgets = { decoded: new SharedLru(1e6), logged: new SharedLru(1e6) };
    const buffer = new FrameBuffer(
      "id",
      {},
      kind,
      broken,
      budgets,
      () => {},
      () => {},
    );
    buffer.want([0]);
    await vi.advanceTimersByTimeAsync(0);
    expect(buffer.slot(0)).toEqual({ error: "This record is damaged." });
  });

  it("gives all memory back when it is closed", async () => {
    const { buffer, calls, budgets } = build();
    buffer.want([0, 1]);
    await calls[0]?.answer();
    buffer.close();
    expect(budgets.decoded.used).toBe(0);
    expect(budgets.logged.used).toBe(0);
    expect(closed).toHaveLength(2);
  });
});
