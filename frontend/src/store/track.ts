/** One series as it is played: its steps, its scene, its frames. */
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type Api, ApiError, isAbort } from "../api";
import { type Kind, kindOf } from "../kinds";
import type { Query, Scene, Series, Steps } from "../model";
import { latest } from "../timeline";
import { type Budgets, FrameBuffer } from "./frames";
import type { Looks } from "./looks";
import type { FittedScene } from "./scenes";

export class Track {
  readonly series: Signal<Series>;
  readonly steps = signal<Steps | null>(null);
  /** Where the scene comes from if it is not told together with the steps. */
  readonly fit = signal<FittedScene | null>(null);
  /** What was fitted, and what people chose. */
  readonly scene: ReadonlySignal<Scene | null>;
  /** One sentence that says why there is nothing to show. */
  readonly error = signal<string | null>(null);
  /** The sample shown; null: all of them as a grid. */
  readonly sample = signal<number | null>(null);
  /** Changes whenever a frame arrived or went. */
  readonly version = signal(0);
  readonly kind: Kind | undefined;
  readonly frames = computed(() => this.steps.value?.steps.length ?? 0);

  /** The same, or why there is no scene. */
  readonly problem = computed(() => {
    if (this.error.value !== null || this.scene.value !== null) return this.error.value;
    return this.fit.value?.error.value ?? null;
  });

  /** How far the server is with the scene, where that takes long. */
  readonly pending = computed(() => this.fit.value?.pending.value ?? null);

  readonly #own = signal<Scene | null>(null);
  #buffer: FrameBuffer | null = null;
  #loading: AbortController | null = null;
  #stale = true;

  constructor(
    series: Series,
    private readonly api: Api,
    private readonly budgets: Budgets,
    private readonly looks: Looks,
  ) {
    this.series = signal(series);
    const kind = kindOf(series.kind);
    this.kind = kind;
    this.scene = computed(() => {
      const { value: fit } = this.fit;
      const fitted = fit === null ? this.#own.value : fit.scene.value;
      return fitted && kind ? { ...fitted, ...looks.query(kind, false) } : fitted;
    });
  }

  get id(): string {
    return this.series.peek().id;
  }

  /** The position of the frame at or before that step; -1 before the first. */
  indexAt(step: number): number {
    return latest(this.steps.value?.steps ?? [], step);
  }

  get buffer(): FrameBuffer | null {
    if (this.#buffer === null && this.kind !== undefined && this.#begun()) {
      this.#buffer = new FrameBuffer(
        this.id,
        this.#options(),
        this.kind,
        this.api,
        this.budgets,
        () => {
          this.version.value += 1;
        },
        (generation) => this.#hear(generation),
      );
    }
    return this.#buffer;
  }

  /** Whether it is known what to ask frames with. */
  #begun(): boolean {
    if (this.steps.peek() === null) return false;
    return !this.kind?.placed || (this.scene.peek() !== null && this.pending.peek() === null);
  }

  /** The log may have changed: the next load asks again. */
  update(series: Series): void {
    this.series.value = series;
    this.#stale = true;
  }

  choose(sample: number | null): void {
    if (sample === this.sample.peek()) return;
    // All at once, or somebody would ask for frames of the old sample in between.
    batch(() => {
      this.drop();
      this.sample.value = sample;
      this.#own.value = null;
    });
    this.#stale = true;
    void this.load();
  }

  /** The scene depends on something that was chosen anew. */
  refit(): void {
    this.#stale = true;
  }

  /** Asks for steps, and for a scene of its own, unless they are up to date. */
  async load(): Promise<void> {
    if (!this.#stale || this.kind === undefined) return;
    this.#stale = false;
    this.#loading?.abort();
    this.#loading = new AbortController();
    const { signal } = this.#loading;
    try {
      const [steps, scene] = await Promise.all([
        this.api.steps(this.id, signal),
        this.kind.shares || this.kind.placed
          ? null
          : (this.api.scene(
              this.id,
              { ...this.#sampled(), ...this.looks.query(this.kind, true) },
              signal,
            ) as Promise<Scene>),
      ]);
      if (signal.aborted) return;
      const known = this.steps.peek();
      if (known !== null && known.generation !== steps.generation) this.drop();
      if (!sameSteps(known, steps)) this.steps.value = steps;
      this.#own.value = scene;
      this.error.value = steps.steps.length > 0 ? null : "Nothing is logged under this tag.";
    } catch (error) {
      if (isAbort(error)) return;
      this.#stale = true;
      // What is loaded plays on; only a card without anything needs the sentence.
      if (this.steps.peek() === null) {
        this.error.value = error instanceof ApiError ? error.message : String(error);
      }
    }
  }

  close(): void {
    this.#loading?.abort();
    this.drop();
  }

  #sampled(): Query {
    const sample = this.sample.peek();
    return sample === null ? {} : { sample };
  }

  #options(): Query {
    return { ...this.#sampled(), ...(this.kind?.placed && this.fit.peek()?.options) };
  }

  /** The frames that are here are of no use any more. */
  drop(): void {
    this.#buffer?.close();
    this.#buffer = null;
    this.version.value += 1;
  }

  #hear(generation: string): void {
    if (generation === this.steps.peek()?.generation) return;
    this.#stale = true;
    void this.load();
  }
}

function sameSteps(a: Steps | null, b: Steps): boolean {
  return (
    a !== null &&
    a.generation === b.generation &&
    a.steps.length === b.steps.length &&
    a.steps.at(-1) === b.steps.at(-1)
  );
}
