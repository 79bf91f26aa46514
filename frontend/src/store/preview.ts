/** What a clip will look like, while one still chooses: the latest wish wins. */
import { batch, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type Api, ApiError, isAbort } from "../api";
import type { ClipPreview, Query } from "../model";

/** Milliseconds that a wish has to stand before the server is asked. */
const SETTLED = 300;
/** Milliseconds before a server that is busy, or did not answer, is asked again. */
const AGAIN = 1000;
/** First, middle and last. */
const PICTURES = 3;

export interface Facts extends Omit<ClipPreview, "frames"> {
  /** Addresses of pictures that hold until the next ones come. */
  readonly stills: readonly { readonly picture: number; readonly url: string }[];
}

export class Preview {
  /** Of the latest wish that was answered; null: none was. */
  readonly facts: Signal<Facts | null> = signal(null);
  /** Whether they are of an earlier wish. */
  readonly stale = signal(true);
  /** Whether others will come by themselves. */
  readonly busy = signal(true);
  /** Why there is nothing to see. */
  readonly error: Signal<string | null> = signal(null);

  #timer: ReturnType<typeof setTimeout> | undefined;
  #controller: AbortController | null = null;
  readonly #stop: () => void;

  /** @param wish null: nothing that could be shown. */
  constructor(
    private readonly api: Api,
    wish: ReadonlySignal<Query | null>,
  ) {
    let asked = "";
    this.#stop = effect(() => {
      const query = wish.value;
      const text = JSON.stringify(query);
      if (text === asked) return;
      asked = text;
      this.#rest();
      batch(() => {
        this.stale.value = true;
        this.busy.value = query !== null;
        this.error.value = null;
      });
      if (query !== null) this.#timer = setTimeout(() => void this.#ask(query), SETTLED);
    });
  }

  close(): void {
    this.#stop();
    this.#rest();
    this.#show(null);
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#controller?.abort();
    this.#controller = null;
  }

  async #ask(query: Query): Promise<void> {
    const controller = new AbortController();
    this.#controller = controller;
    const again = () => {
      this.#timer = setTimeout(() => void this.#ask(query), AGAIN);
    };
    try {
      const answer = await this.api.preview({ ...query, frames: PICTURES }, controller.signal);
      if (controller.signal.aborted) return;
      if ("pending" in answer) {
        this.error.value = null;
        return again();
      }
      const { frames, ...facts } = answer;
      const stills = frames.map(({ picture, data }) => ({
        picture,
        url: URL.createObjectURL(new Blob([data], { type: "image/png" })),
      }));
      this.#show({ ...facts, stills });
    } catch (error) {
      if (isAbort(error) || controller.signal.aborted) return;
      const known = error instanceof ApiError;
      const refused = known && error.status !== 0 && error.status !== 503;
      batch(() => {
        this.error.value = known ? error.message : "The preview could not be read.";
        this.busy.value = !refused;
      });
      if (!refused) again();
    }
  }

  #show(facts: Facts | null): void {
    for (const { url } of this.facts.peek()?.stills ?? []) URL.revokeObjectURL(url);
    batch(() => {
      this.facts.value = facts;
      this.stale.value = facts === null;
      this.busy.value = false;
      this.error.value = null;
    });
  }
}
