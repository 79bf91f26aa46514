/** The best step of a scalar, run by run: "the epoch where validation turned". */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { best, type Goal, goalOf, USUAL_BEST } from "../scalars";
import { validates } from "./picks";
import type { Trace } from "./trace";

export interface BestStep {
  readonly run: string;
  readonly tag: string;
  readonly step: number;
  /** That of the curve that decides. */
  readonly value: number;
  readonly position: number;
}

/** The playhead, as far as a jump needs it. */
export interface Seeking {
  readonly position: ReadonlySignal<number | undefined>;
  /** Pauses there, as one wants to look. */
  goTo(position: number): void;
}

interface Sent {
  readonly to: BestStep;
  /** Where the playhead then was: the timeline need not have a tick at the step. */
  readonly came: number | undefined;
}

export class Best {
  readonly choice = signal(USUAL_BEST);
  readonly tag: ReadonlySignal<string | null>;
  readonly goal: ReadonlySignal<Goal>;
  /** Of the smoothing that decides; 0: what was logged does. */
  readonly weight: ReadonlySignal<number>;
  /** Of each run that has one, the best first: training is better than what validates it. */
  readonly steps: ReadonlySignal<readonly BestStep[]>;
  /** The one that the playhead was sent to, as long as it is there; else the best of all. */
  readonly present: ReadonlySignal<BestStep | null>;
  readonly #sent = signal<Sent | null>(null);

  constructor(
    tags: ReadonlySignal<readonly string[]>,
    traces: ReadonlySignal<readonly Trace[]>,
    smoothing: ReadonlySignal<number>,
    private readonly seeking: Seeking,
  ) {
    this.tag = computed(() => {
      const { tag } = this.choice.value;
      return tag !== null && tags.value.includes(tag) ? tag : (tags.value[0] ?? null);
    });
    this.goal = computed(() => this.choice.value.goal ?? goalOf(this.tag.value ?? ""));
    this.weight = computed(() => (this.choice.value.smoothed ? smoothing.value : 0));
    this.steps = computed(() => {
      const sign = this.goal.value === "lowest" ? 1 : -1;
      return traces.value
        .filter((trace) => trace.tag === this.tag.value)
        .flatMap((trace) => bestOf(trace, this.goal.value, this.weight.value) ?? [])
        .sort((a, b) => +validates(b.run) - +validates(a.run) || sign * (a.value - b.value));
    });
    this.present = computed(() => this.steps.value[this.#there()] ?? this.steps.value[0] ?? null);
  }

  /** To the best step of all; once it is there, to that of the next run. */
  jump(): void {
    const steps = this.steps.peek();
    const to = steps[(this.#there() + 1) % Math.max(1, steps.length)];
    if (to === undefined) return;
    this.seeking.goTo(to.position);
    this.#sent.value = { to, came: this.seeking.position.peek() };
  }

  /** The index of the step that the playhead was sent to and still is at, or -1. */
  #there(): number {
    const sent = this.#sent.value;
    if (sent === null || sent.came !== this.seeking.position.value) return -1;
    const { run, position } = sent.to;
    return this.steps.value.findIndex((one) => one.run === run && one.position === position);
  }
}

function bestOf(trace: Trace, goal: Goal, weight: number): BestStep | null {
  const points = trace.points.value;
  if (points === null) return null;
  const index = best(points, goal, weight);
  const value = (weight > 0 ? trace.smoothed.value : points.values)[index];
  const step = points.steps[index];
  const position = trace.positions.value[index];
  if (step === undefined || position === undefined || typeof value !== "number") return null;
  return { run: trace.run, tag: trace.tag, step, value, position };
}
