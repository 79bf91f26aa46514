/** Exports: several at once, each with its progress, until somebody puts it away. */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type Api, ApiError, isAbort } from "../api";
import type { Query } from "../model";

/** How often the server is asked how far it is, in milliseconds. */
const ASK_EVERY = 300;
/** A browser has six connections to a server; frames need some, too. */
const REQUESTS = 3;

export type ClipState =
  /** `ahead`: how many have to end first. */
  | { readonly state: "waiting"; readonly ahead: number }
  | {
      readonly state: "running";
      readonly done: number;
      readonly total: number;
      readonly bytes: number;
    }
  | {
      readonly state: "done";
      readonly name: string;
      readonly bytes: number;
      /** What the server did unasked so that it fits; empty: nothing. */
      readonly notes: string;
    }
  | { readonly state: "failed"; readonly message: string };

const newToken = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");

function fileName(response: Response): string {
  const header = response.headers.get("content-disposition") ?? "";
  return /filename="?([^";]+)/.exec(header)?.[1] ?? "clip";
}

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The download has its own hold on the data once the click is through.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Whether it has been made, or cannot be. */
export const isOver = ({ state }: ClipState): boolean => state === "done" || state === "failed";

/** One export. */
export class Clip {
  readonly state: Signal<ClipState> = signal({ state: "waiting", ahead: 0 });
  readonly #controller = new AbortController();
  #file: File | null = null;
  #asking = false;

  constructor(
    /** Tells it from others. */
    readonly key: number,
    readonly title: string,
    readonly query: Query,
  ) {}

  /** Makes and saves it; resolves when it is over, in whatever way. */
  async run(api: Api): Promise<void> {
    const { signal } = this.#controller;
    const token = newToken();
    this.state.value = { state: "running", done: 0, total: 0, bytes: 0 };
    const asking = setInterval(() => void this.#ask(api, token), ASK_EVERY);
    try {
      const response = await api.clip({ ...this.query, token, download: 1 }, signal);
      this.#report({ total: Number(response.headers.get("x-animate-pictures") ?? 0) });
      const blob = await this.#receive(response);
      this.#file = new File([blob], fileName(response), { type: blob.type });
      this.save();
      this.state.value = {
        state: "done",
        name: this.#file.name,
        bytes: blob.size,
        notes: decodeURIComponent(response.headers.get("x-animate-notes") ?? ""),
      };
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      const message =
        error instanceof ApiError ? error.message : "The clip broke off. Try it once more.";
      this.state.value = { state: "failed", message };
    } finally {
      clearInterval(asking);
    }
  }

  /** Saves it once more; nothing before it is done. */
  save(): void {
    if (this.#file !== null) save(this.#file, this.#file.name);
  }

  /** The server notices that nobody listens any more, and stops. */
  abort(): void {
    this.#controller.abort();
  }

  #report(news: Partial<{ done: number; total: number; bytes: number }>): void {
    const now = this.state.peek();
    if (this.#controller.signal.aborted || isOver(now)) return;
    const counted = now.state === "running" ? now : { done: 0, total: 0, bytes: 0 };
    this.state.value = { ...counted, state: "running", ...news };
  }

  async #ask(api: Api, token: string): Promise<void> {
    // Where an answer takes long, more requests would only queue up behind it.
    if (this.#asking) return;
    this.#asking = true;
    try {
      const found = await api.progress(token, this.#controller.signal);
      if (found === null) return;
      const { waiting = 0, ...news } = found;
      if (waiting === 0) this.#report(news);
      else if (!isOver(this.state.peek())) this.state.value = { state: "waiting", ahead: waiting };
    } catch {
      // The next answer, or the clip itself, tells.
    } finally {
      this.#asking = false;
    }
  }

  async #receive(response: Response): Promise<Blob> {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    let bytes = 0;
    const reader = response.body?.getReader();
    while (reader) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      bytes += value.byteLength;
      this.#report({ bytes });
    }
    return new Blob(pieces, { type: response.headers.get("content-type") ?? "" });
  }
}

export class Clips {
  readonly #all = signal<readonly Clip[]>([]);
  readonly #running = new Set<Clip>();
  #count = 0;

  constructor(private readonly api: Api) {}

  /** The oldest first; those that are over, too. */
  get all(): ReadonlySignal<readonly Clip[]> {
    return this.#all;
  }

  start(title: string, query: Query): Clip {
    const clip = new Clip(this.#count++, title, query);
    this.#all.value = [...this.#all.peek(), clip];
    this.#next();
    return clip;
  }

  /** Cancels it if it is not over, and puts it away. */
  remove(clip: Clip): void {
    clip.abort();
    this.#running.delete(clip);
    this.#all.value = this.#all.peek().filter((one) => one !== clip);
    this.#next();
  }

  #next(): void {
    const open = this.#all
      .peek()
      .filter((clip) => !this.#running.has(clip) && !isOver(clip.state.peek()));
    for (const clip of open.splice(0, REQUESTS - this.#running.size)) {
      this.#running.add(clip);
      void clip.run(this.api).finally(() => {
        this.#running.delete(clip);
        this.#next();
      });
    }
    open.forEach((clip, i) => {
      clip.state.value = { state: "waiting", ahead: this.#running.size + i };
    });
  }
}
