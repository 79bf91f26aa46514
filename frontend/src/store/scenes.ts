/** What is fitted over the frames of a series, or over the runs of a tag together. */
import { batch, type Signal, signal } from "@preact/signals";
import { type Api, isAbort, reasonOf } from "../api";
import type { Kind } from "../kinds";
import type { Pending, Progress, Query, Scene } from "../model";

/** Runs are often hidden and shown several at a time (in milliseconds). */
const SETTLE = 150;
/** After a failed request (in milliseconds). */
const RETRY_AFTER = 3000;
/** Where frames could not be read, which may be possible by now (the same). */
const RETRY_UNREAD = 5000;
/** Work that takes long is asked after so often (in milliseconds). */
const POLL_PENDING = 1000;
/** The server takes no more series at once; axes of so many would not differ by the rest. */
const MAX_SERIES = 64;

function spread<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, i) => list[Math.floor((i * list.length) / most)] as T);
}

const isPending = (answer: Scene | Pending): answer is Pending => "pending" in answer;

export class FittedScene {
  /** What is known best: it stays while another one is on its way. */
  readonly scene: Signal<Scene | null> = signal(null);
  /** One sentence that says why there is none. */
  readonly error: Signal<string | null> = signal(null);
  /** How far the server is with the next one, where that takes long. */
  readonly pending: Signal<Progress | null> = signal(null);
  /** The series whose frames decide it. */
  series: readonly string[] = [];
  /** What the present one was fitted with. */
  options: Query = {};
  #wish = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What the timer calls, or would if it did not rest. */
  #due: (() => void) | null = null;
  #resting = false;
  #controller: AbortController | null = null;

  constructor(
    private readonly api: Pick<Api, "scene" | "table">,
    private readonly kind: Pick<Kind, "table">,
    /** Called before a scene is exchanged for one that places frames in another way. */
    private readonly moved: () => void = () => {},
  ) {}

  /**
   * The scene is to be of these series; what was asked for before is given up.
   *
   * @param revision changes when the series' frames did.
   */
  want(series: readonly string[], options: Query, revision: string): void {
    const wish = JSON.stringify([series, options, revision]);
    const rested = this.#resting;
    this.#resting = false;
    if (wish === this.#wish) {
      if (rested) this.#due?.();
      return;
    }
    this.close();
    this.#wish = wish;
    this.series = spread(series, MAX_SERIES);
    const ask = () => void this.#ask(this.series, options);
    // Somebody waits in front of an empty card: at once.
    if (this.scene.peek() === null) ask();
    else this.#later(ask, SETTLE);
  }

  /**
   * Nobody looks: nothing is asked for again until it is wanted again. The server's work on
   * what takes long goes on, and its result is kept there.
   */
  rest(): void {
    this.#resting = true;
    clearTimeout(this.#timer);
  }

  /** Lets the server stop what takes long; says what to go back to. */
  async cancel(options: Query): Promise<void> {
    this.close();
    // Whether it was stopped or came to its end before: nobody waits for it.
    await this.api.scene(this.series, { ...options, cancel: 1 }).catch(() => null);
  }

  /** What is known does not hold any more, and the next wish is asked for at once. */
  clear(): void {
    this.close();
    this.scene.value = null;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#due = null;
    this.#controller?.abort();
    this.#wish = "";
    this.pending.value = null;
  }

  async #ask(series: readonly string[], options: Query): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    this.#controller = controller;
    try {
      const answer = await this.api.scene(series, options, signal);
      if (signal.aborted) return;
      if (isPending(answer)) {
        this.#wait(answer.pending, series, options);
        return;
      }
      const table = this.kind.table && (await this.#table(series, options, signal));
      if (signal.aborted) return;
      const scene = table === undefined ? answer : { ...answer, table };
      batch(() => {
        const known = this.scene.peek();
        const same = JSON.stringify(options) === JSON.stringify(this.options);
        if (known && !(same && known.key === scene.key)) this.moved();
        this.options = options;
        this.scene.value = scene;
        this.pending.value = null;
        this.error.value = null;
      });
      // It is made anew when somebody asks and they can be read.
      if (Number(answer.unread) > 0) {
        this.#later(() => void this.#ask(series, options), RETRY_UNREAD);
      }
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      this.pending.value = null;
      this.error.value = reasonOf(error);
      this.#later(() => void this.#ask(series, options), RETRY_AFTER);
    }
  }

  async #table(series: readonly string[], options: Query, signal: AbortSignal): Promise<unknown> {
    return this.kind.table?.(await this.api.table(series, options, signal));
  }

  #wait(progress: Progress, series: readonly string[], options: Query): void {
    batch(() => {
      if (this.pending.peek() === null) this.moved();
      this.pending.value = progress;
      this.error.value = null;
    });
    this.#later(() => void this.#ask(series, options), POLL_PENDING);
  }

  #later(ask: () => void, after: number): void {
    this.#due = () => {
      this.#due = null;
      ask();
    };
    if (!this.#resting) this.#timer = setTimeout(this.#due, after);
  }
}
