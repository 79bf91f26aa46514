/** One series as it is played: its steps, its scene, its frames. */
import {
  batch,
  computed,
  type ReadonlySignal,
  type Signal,
  signal,
  untracked,
} from "@preact/signals";
import type { Api } from "../api";
import { type Kind, kindOf } from "../kinds";
import type { Query, Scene, Series, Steps } from "../model";
import { extentOf, latest, positionsOf, slackOf } from "../timeline";
import type { Alignment } from "./extents";
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
  /** Of each frame, in the present measure; never decreasing. */
  readonly positions: ReadonlySignal<readonly number[]>;

  /** The same, or why there is no scene. */
  readonly problem = computed(() => {
    if (this.error.value !== null || this.scene.value !== null) return this.error.value;
    return this.fit.value?.error.value ?? null;
  });

  /** How far the server is with the scene, where that takes long. */
  readonly pending = computed(() => this.fit.value?.pending.value ?? null);

  /** Whether the steps have to be asked for: they are unknown, or may be others now. */
  readonly stale: Signal<boolean>;

  /** The sample that was chosen, whether it is logged by now or not. */
  #wanted: number | null = null;
  #buffer: FrameBuffer | null = null;

  constructor(
    series: Series,
    private readonly api: Api,
    private readonly budgets: Budgets,
    looks: Looks,
    private readonly alignment: Alignment,
  ) {
    this.series = signal(series);
    this.positions = computed(() => {
      const { value: steps } = this.steps;
      const { value: measure } = alignment.measure;
      if (steps === null) return [];
      if (measure === "step") return steps.steps;
      return positionsOf(measure, steps, alignment.extentOf(series.run) ?? extentOf([steps]));
    });
    const kind = kindOf(series.kind);
    this.kind = kind;
    // What cannot be shown needs no steps.
    this.stale = signal(kind !== undefined);
    this.scene = computed(() => {
      const fitted = this.fit.value?.scene.value ?? null;
      return fitted && kind ? { ...fitted, ...looks.query(kind, false) } : fitted;
    });
  }

  get id(): string {
    return this.series.peek().id;
  }

  /** Under which name the card's state is kept. */
  get stateKey(): string {
    const { kind, tag } = this.series.peek();
    return this.kind?.sharesState ? `${kind}:${tag}` : this.id;
  }

  /** The index of the frame at or before that position; -1 before the first. */
  indexAt(position: number | undefined): number {
    const { value: positions } = this.positions;
    if (position === undefined) return -1;
    return latest(positions, position, slackOf(this.alignment.measure.value, positions));
  }

  /** Whether something of it could be shown by now. */
  get begun(): boolean {
    return (this.#buffer?.frameBytes.peek() ?? 0) > 0 && this.scene.peek() !== null;
  }

  /** Whether there is something to show at that position, or nobody should wait for it. */
  ready(position: number): boolean {
    const index = this.indexAt(position);
    const { buffer } = this;
    if (index >= 0 && buffer !== null && !buffer.settled(index)) return false;
    if (this.kind === undefined || this.problem.peek() !== null) return true;
    // What takes long stops nobody else.
    if (this.pending.peek() !== null) return true;
    return buffer !== null && this.scene.peek() !== null;
  }

  get buffer(): FrameBuffer | null {
    if (this.#buffer === null && this.kind !== undefined && this.#askable) {
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
  get #askable(): boolean {
    if (this.steps.peek() === null) return false;
    return !this.kind?.placed || (this.scene.peek() !== null && this.pending.peek() === null);
  }

  /** The log may have changed: the next load asks again. */
  update(series: Series): void {
    this.series.value = series;
    this.stale.value = this.kind !== undefined;
    // The sample that was chosen may be gone, or have come.
    this.choose(this.#wanted);
  }

  /** All of them for null, or as long as there is no such sample. */
  choose(wanted: number | null): void {
    this.#wanted = wanted;
    const { samples } = this.series.peek();
    const sample = wanted !== null && wanted < samples ? wanted : null;
    if (sample === this.sample.peek()) return;
    // All at once, or somebody would ask for frames of the old sample in between.
    batch(() => {
      this.drop();
      this.sample.value = sample;
      this.fit.peek()?.clear();
    });
  }

  /** The steps as the log has them now. */
  take(steps: Steps): void {
    const known = this.steps.peek();
    if (known !== null && known.generation !== steps.generation) this.drop();
    if (!sameSteps(known, steps)) this.steps.value = steps;
    this.error.value = steps.steps.length > 0 ? null : "Nothing is logged under this tag.";
  }

  /** The steps did not come; somebody asks again. */
  fail(sentence: string): void {
    this.stale.value = true;
    // What is loaded plays on; only a card without anything needs the sentence.
    if (this.steps.peek() === null) this.error.value = sentence;
  }

  close(): void {
    this.drop();
  }

  /** As requests call the sample that is shown. */
  get sampled(): Query {
    const { value: sample } = this.sample;
    return sample === null ? {} : { sample };
  }

  #options(): Query {
    return { ...untracked(() => this.sampled), ...(this.kind?.placed && this.fit.peek()?.options) };
  }

  /** The frames that are here are of no use any more. */
  drop(): void {
    this.#buffer?.close();
    this.#buffer = null;
    this.version.value += 1;
  }

  #hear(generation: string): void {
    if (generation === this.steps.peek()?.generation) return;
    this.stale.value = true;
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
