/** One scene for several series: the runs of a tag that are shown together. */
import { type Signal, signal } from "@preact/signals";
import { type Api, ApiError, isAbort, type Query } from "../api";
import type { Scene } from "../model";

/** Runs are often hidden and shown several at a time (in milliseconds). */
const SETTLE = 150;
/** After a failed request (in milliseconds). */
const RETRY_AFTER = 3000;
/** The server takes no more series at once; axes of so many would not differ by the rest. */
const MAX_SERIES = 64;

function spread<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, i) => list[Math.floor((i * list.length) / most)] as T);
}

export class SharedScene {
  /** What is known best: it stays while another one is on its way. */
  readonly scene: Signal<Scene | null> = signal(null);
  /** One sentence that says why there is none. */
  readonly error: Signal<string | null> = signal(null);
  /** The series whose frames decide it. */
  series: readonly string[] = [];
  #wish = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #controller: AbortController | null = null;

  constructor(private readonly api: Api) {}

  /**
   * The scene is to be of these series; what was asked for before is given up.
   *
   * @param revision changes when the series' frames did.
   */
  want(series: readonly string[], options: Query, revision: string): void {
    const wish = JSON.stringify([series, options, revision]);
    if (wish === this.#wish) return;
    this.close();
    this.#wish = wish;
    this.series = spread(series, MAX_SERIES);
    const ask = () => void this.#ask(this.series, options);
    // Somebody waits in front of an empty card: at once.
    if (this.scene.peek() === null) ask();
    else this.#timer = setTimeout(ask, SETTLE);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#controller?.abort();
    this.#wish = "";
  }

  async #ask(series: readonly string[], options: Query): Promise<void> {
    const controller = new AbortController();
    this.#controller = controller;
    try {
      const scene = await this.api.scene(series, options, controller.signal);
      if (controller.signal.aborted) return;
      this.scene.value = scene;
      this.error.value = null;
    } catch (error) {
      if (isAbort(error) || controller.signal.aborted) return;
      this.error.value = error instanceof ApiError ? error.message : String(error);
      this.#timer = setTimeout(() => void this.#ask(series, options), RETRY_AFTER);
    }
  }
}
