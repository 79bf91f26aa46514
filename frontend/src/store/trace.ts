/** One run's curve of one scalar: loaded when it is shown, and again when its log grew. */
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type Api, isAbort, reasonOf } from "../api";
import type { Points, Scalar } from "../model";
import { smooth, valueAt } from "../scalars";
import { extentOf, positionsOf } from "../timeline";
import type { Alignment } from "./extents";

/** Changes when something was logged. */
const revisionOf = ({ points, first_step, last_step }: Scalar): string =>
  `${points}:${first_step}:${last_step}`;

export class Trace {
  readonly info: Signal<Scalar>;
  readonly points = signal<Points | null>(null);
  /** One sentence that says why there is nothing to draw. */
  readonly error = signal<string | null>(null);
  /** Of each point, in the present measure. */
  readonly positions: ReadonlySignal<readonly number[]>;
  readonly smoothed: ReadonlySignal<readonly (number | null)[]>;
  #loading: AbortController | null = null;
  /** The revision that is here, or that could not be had. */
  #settled: string | null = null;

  constructor(
    info: Scalar,
    alignment: Alignment,
    smoothing: ReadonlySignal<number>,
    private readonly api: Api,
  ) {
    this.info = signal(info);
    this.positions = computed(() => {
      const points = this.points.value;
      if (points === null) return [];
      const run = alignment.extentOf(this.run) ?? extentOf([points]);
      return positionsOf(alignment.measure.value, points, run);
    });
    this.smoothed = computed(() => smooth(this.points.value?.values ?? [], smoothing.value));
  }

  get run(): string {
    return this.info.peek().run;
  }

  get tag(): string {
    return this.info.peek().tag;
  }

  /** Whether points are missing, or newer ones are there. */
  get stale(): boolean {
    return this.#settled !== revisionOf(this.info.peek());
  }

  /** Whether only some of the points came. */
  get thinned(): boolean {
    const points = this.points.value;
    return points !== null && points.points > points.steps.length;
  }

  /** The value as it was logged; null where there is none yet, or no finite one. */
  valueAt(position: number | undefined, slack = 0): number | null {
    const points = this.points.value;
    if (points === null || position === undefined) return null;
    return valueAt(points, this.positions.value, position, slack);
  }

  /** What failed may succeed now. */
  retry(): void {
    if (this.error.peek() !== null) this.#settled = null;
  }

  async load(): Promise<void> {
    this.#loading?.abort();
    const controller = new AbortController();
    this.#loading = controller;
    const revision = revisionOf(this.info.peek());
    try {
      const points = await this.api.points(this.run, this.tag, controller.signal);
      if (controller.signal.aborted) return;
      this.#settled = revision;
      this.error.value = null;
      this.points.value = points;
    } catch (error) {
      if (isAbort(error) || controller.signal.aborted) return;
      this.#settled = revision;
      // What is here stays.
      this.error.value = reasonOf(error);
    }
  }

  /** Gives up the request under way. */
  rest(): void {
    this.#loading?.abort();
  }

  /** Forgets the points. */
  drop(): void {
    this.rest();
    this.#settled = null;
    this.points.value = null;
  }
}
