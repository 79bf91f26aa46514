/**
 * The frames of one series as they are needed: fetched in chunks, decoded ahead, and
 * forgotten again. Memory is bounded over all series together.
 */
import { signal } from "@preact/signals";
import { type Api, ApiError, isAbort } from "../api";
import type { Kind } from "../kinds";
import { SharedLru } from "../lru";
import type { Query, WireFrame } from "../model";
import { type Chunk, chunkOf, sizeOf } from "./chunks";

/** Decoded pictures of all cards. A dozen cards of 256 x 256 keep 64 frames each in it. */
const DECODED_BUDGET = 192 * 2 ** 20;
/** Frames as logged, of all cards. */
const LOGGED_BUDGET = 256 * 2 ** 20;
/** Made free at once: many frames, and little of either. */
const SLACK = 8 * 2 ** 20;
/** More at once would only compete for the same cores. */
const MAX_DECODING = 6;
/** After a failed request, the same one is tried again so much later (in milliseconds). */
const RETRY_AFTER = 2000;

export interface Budgets {
  readonly decoded: SharedLru;
  readonly logged: SharedLru;
}

export const createBudgets = (): Budgets => ({
  decoded: new SharedLru(DECODED_BUDGET, SLACK),
  logged: new SharedLru(LOGGED_BUDGET, SLACK),
});

/** A frame: decoded, or known to be broken. */
export type Slot = { readonly data: unknown } | { readonly error: string };

interface Request extends Chunk {
  readonly controller: AbortController;
}

let owners = 0;

export class FrameBuffer {
  /** Why frames do not come at the moment; they are asked for again by themselves. */
  trouble: string | null = null;
  /** Memory of the largest frame that was decoded, in bytes; 0 before the first. */
  readonly frameBytes = signal(0);

  readonly #owner = `${owners++}:`;
  readonly #logged = new Map<number, WireFrame>();
  readonly #slots = new Map<number, Slot>();
  readonly #decoding = new Map<number, AbortController>();
  #request: Request | null = null;
  /** The last frame that was asked for, where the answer ended before it. */
  #unreached: number | null = null;
  #wanted: number[] = [];
  #retry: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(
    private readonly series: string,
    private readonly options: Query,
    private readonly kind: Kind,
    private readonly api: Api,
    private readonly budgets: Budgets,
    private readonly changed: () => void,
    /** Told the generation of every answer. */
    private readonly heard: (generation: string) => void,
  ) {}

  slot(index: number): Slot | undefined {
    return this.#slots.get(index);
  }

  /** Nothing better than now will come soon: decoded, broken, or out of reach. */
  settled(index: number): boolean {
    return this.#slots.has(index) || (this.trouble !== null && !this.#logged.has(index));
  }

  /** Whether the frame is here, decoded or as logged. */
  holds(index: number): boolean {
    return this.#slots.has(index) || this.#logged.has(index);
  }

  /** These frames are wanted, the most urgent first; what else is under way is given up. */
  want(indices: readonly number[]): void {
    if (this.#closed) return;
    this.#wanted = [...indices];
    const wanted = new Set(indices);
    this.#pin();
    for (const [index, controller] of this.#decoding) {
      if (!wanted.has(index)) controller.abort();
    }
    this.#pump();
  }

  /** Gives up what is under way; what is here stays until the memory is needed. */
  rest(): void {
    this.#wanted = [];
    this.#pin();
    this.#request?.controller.abort();
    // What is wanted next does not wait for a request that brings nothing.
    this.#request = null;
    for (const controller of this.#decoding.values()) controller.abort();
    clearTimeout(this.#retry);
    this.trouble = null;
  }

  close(): void {
    this.rest();
    this.#closed = true;
    for (const [index, slot] of this.#slots) {
      this.budgets.decoded.remove(this.#key(index));
      if ("data" in slot) this.kind.close(slot.data);
    }
    for (const index of this.#logged.keys()) this.budgets.logged.remove(this.#key(index));
    this.#slots.clear();
    this.#logged.clear();
  }

  #key(index: number): string {
    return this.#owner + index;
  }

  #pin(): void {
    const keys = new Set(this.#wanted.map((index) => this.#key(index)));
    this.budgets.decoded.pin(this.#owner, keys);
    this.budgets.logged.pin(this.#owner, keys);
  }

  #pump(): void {
    let decoded = false;
    for (const index of this.#wanted) {
      if (this.#slots.has(index)) {
        this.budgets.decoded.touch(this.#key(index));
      } else if (!this.#decoding.has(index) && this.#decoding.size < MAX_DECODING) {
        decoded = this.#decode(index) || decoded;
      }
    }
    this.#fetchMissing();
    // Once for all that was decoded at once: each time, a picture is drawn.
    if (decoded) this.changed();
  }

  #fetchMissing(): void {
    const missing = this.#wanted.filter((index) => !this.holds(index));
    if (this.#request) {
      const { start, count, controller } = this.#request;
      if (missing.some((index) => index >= start && index < start + count)) return;
      controller.abort();
      this.#request = null;
    }
    const chunk = this.trouble === null ? chunkOf(missing, this.#logged, this.#unreached) : null;
    if (chunk !== null) void this.#fetch(chunk);
  }

  async #fetch({ start, count }: Chunk): Promise<void> {
    const controller = new AbortController();
    const request: Request = { start, count, controller };
    this.#request = request;
    try {
      const { signal } = controller;
      const chunk = await this.api.frames(this.series, start, count, this.options, signal);
      if (this.#closed || signal.aborted) return;
      chunk.frames.forEach((frame, i) => {
        this.#keep(chunk.start + i, frame);
      });
      const last = start + count - 1;
      this.#unreached = start + chunk.frames.length > last ? null : last;
      if (chunk.frames.length === 0) this.#lose(start, last);
      this.heard(chunk.generation);
    } catch (error) {
      if (isAbort(error) || this.#closed) return;
      this.#trouble(error instanceof ApiError ? error.message : "The answer could not be read.");
    } finally {
      if (this.#request === request) this.#request = null;
    }
    this.changed();
    this.#pump();
  }

  #trouble(sentence: string): void {
    this.trouble = sentence;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.trouble = null;
      this.#pump();
    }, RETRY_AFTER);
  }

  /** What is wanted from one to the other frame is gone. */
  #lose(from: number, to: number): void {
    for (const index of this.#wanted) {
      if (index < from || index > to || this.holds(index)) continue;
      this.#slots.set(index, { error: "This frame is no longer in the log." });
    }
  }

  #keep(index: number, frame: WireFrame): void {
    const key = this.#key(index);
    this.#logged.set(index, frame);
    const evict = () => this.#logged.delete(index);
    this.budgets.logged.add(key, sizeOf(frame.data), evict, this.#owner);
    this.budgets.logged.trim();
  }

  /** Decodes at once, and says so, or begins to. */
  #decode(index: number): boolean {
    const frame = this.#logged.get(index);
    if (frame === undefined) return false;
    const controller = new AbortController();
    let found: unknown;
    try {
      if (frame.data === null) throw new Error(frame.error ?? "This frame could not be read.");
      found = this.kind.decode(frame.data, controller.signal);
    } catch (error) {
      this.#place(index, broken(error));
      return true;
    }
    if (!(found instanceof Promise)) {
      this.#place(index, { data: found });
      return true;
    }
    this.#decoding.set(index, controller);
    void this.#finish(index, found, controller.signal);
    return false;
  }

  async #finish(index: number, decoding: Promise<unknown>, signal: AbortSignal): Promise<void> {
    const slot: Slot = await decoding.then((data) => ({ data }), broken);
    this.#decoding.delete(index);
    if (signal.aborted || this.#closed) {
      if ("data" in slot) this.kind.close(slot.data);
      if (!this.#closed) this.#pump();
      return;
    }
    this.#place(index, slot);
    this.changed();
    this.#pump();
  }

  #place(index: number, slot: Slot): void {
    this.#slots.set(index, slot);
    if (!("data" in slot)) return;
    const { data } = slot;
    const bytes = this.kind.bytes(data);
    this.frameBytes.value = Math.max(this.frameBytes.peek(), bytes);
    const evict = () => {
      this.#slots.delete(index);
      this.kind.close(data);
    };
    this.budgets.decoded.add(this.#key(index), bytes, evict, this.#owner);
    this.budgets.decoded.trim();
  }
}

const broken = (error: unknown): Slot => ({
  error: error instanceof Error ? error.message : String(error),
});
