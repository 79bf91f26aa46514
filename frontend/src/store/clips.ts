/** Exports: one at a time, with progress and cancel. */
import { type Signal, signal } from "@preact/signals";
import { type Api, ApiError, isAbort } from "../api";
import type { Query } from "../model";

/** How often the server is asked how far it is, in milliseconds. */
const ASK_EVERY = 300;

export type ClipState =
  | { readonly state: "idle" }
  | {
      readonly state: "running";
      readonly done: number;
      readonly total: number;
      readonly bytes: number;
    }
  | { readonly state: "done"; readonly name: string; readonly bytes: number }
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

export class Clips {
  readonly state: Signal<ClipState> = signal({ state: "idle" });
  #controller: AbortController | null = null;

  constructor(private readonly api: Api) {}

  async download(query: Query): Promise<void> {
    this.cancel();
    const controller = new AbortController();
    this.#controller = controller;
    const token = newToken();
    this.state.value = { state: "running", done: 0, total: 0, bytes: 0 };
    const asking = setInterval(() => void this.#ask(token, controller.signal), ASK_EVERY);
    try {
      const response = await this.api.clip({ ...query, token, download: 1 }, controller.signal);
      const total = Number(response.headers.get("x-animate-pictures") ?? 0);
      this.#report(controller.signal, { total });
      const blob = await this.#receive(response, controller.signal);
      const name = fileName(response);
      save(blob, name);
      this.state.value = { state: "done", name, bytes: blob.size };
    } catch (error) {
      if (isAbort(error) || controller.signal.aborted) return;
      const message =
        error instanceof ApiError ? error.message : "The clip broke off. Try it once more.";
      this.state.value = { state: "failed", message };
    } finally {
      clearInterval(asking);
    }
  }

  cancel(): void {
    this.#controller?.abort();
    this.#controller = null;
    this.state.value = { state: "idle" };
  }

  #report(
    signal: AbortSignal,
    news: Partial<{ done: number; total: number; bytes: number }>,
  ): void {
    const now = this.state.peek();
    if (!signal.aborted && now.state === "running") this.state.value = { ...now, ...news };
  }

  async #ask(token: string, signal: AbortSignal): Promise<void> {
    try {
      this.#report(signal, await this.api.progress(token, signal));
    } catch {
      // Not begun or already over: the next answer, or the clip itself, tells.
    }
  }

  async #receive(response: Response, signal: AbortSignal): Promise<Blob> {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    let bytes = 0;
    const reader = response.body?.getReader();
    while (reader) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      bytes += value.byteLength;
      this.#report(signal, { bytes });
    }
    return new Blob(pieces, { type: response.headers.get("content-type") ?? "" });
  }
}
