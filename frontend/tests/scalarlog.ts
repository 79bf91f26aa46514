/** Scalars that are made up, without a server. */
import { computed, signal } from "@preact/signals";
import { vi } from "vitest";
import type { Api, ApiError } from "../src/api";
import type { Measure, Points, Scalar } from "../src/model";
import { Curves } from "../src/store/curves";
import type { RunExtent } from "../src/timeline";

const scalar = (run: string, tag: string, points: number): Scalar => ({
  run,
  tag,
  display_name: "",
  description: "",
  points,
  first_step: 0,
  last_step: 10 * (points - 1),
  sampled: false,
});

/** A log that the test writes, and what the page asked of it. */
export class Log {
  readonly values = new Map<string, (number | null)[]>();
  readonly asked: string[] = [];
  readonly signals: AbortSignal[] = [];
  under = 0;
  most = 0;
  lists = 0;
  /** Why curves do not come, and why the list does not. */
  fails: ApiError | null = null;
  unlisted: ApiError | null = null;

  write(run: string, tag: string, values: (number | null)[]): void {
    this.values.set(`${run} ${tag}`, values);
  }

  get api(): Api {
    return {
      scalars: async () => {
        this.lists += 1;
        if (this.unlisted) throw this.unlisted;
        return {
          scalars: [...this.values].map(([key, values]) => {
            const [run = "", tag = ""] = key.split(" ");
            return scalar(run, tag, values.length);
          }),
          progress: { done: 1, total: 1 },
        };
      },
      points: async (run: string, tag: string, abort: AbortSignal): Promise<Points> => {
        this.asked.push(`${run} ${tag}`);
        this.signals.push(abort);
        this.most = Math.max(this.most, ++this.under);
        const values = this.values.get(`${run} ${tag}`) ?? [];
        await new Promise((done) => setTimeout(done, 10));
        this.under -= 1;
        if (abort.aborted) throw new DOMException("", "AbortError");
        if (this.fails) throw this.fails;
        return {
          steps: values.map((_, i) => 10 * i),
          values,
          wall_times: values.map((_, i) => 1e9 + 2 * i),
          points: values.length,
        };
      },
    } as unknown as Api;
  }
}

/** The curves of that log, and what the page around them says. */
export function open(log: Log) {
  const measure = signal<Measure>("step");
  const listing = signal<{ series: readonly unknown[] } | null>(null);
  const extent = signal<RunExtent | undefined>(undefined);
  const asleep = signal(false);
  const hidden = signal<readonly string[]>([]);
  const ticks = signal<readonly number[]>([0, 20, 40]);
  const place = signal(0);
  const position = computed(() => ticks.value.findLast((tick) => tick <= place.value) ?? 0);
  const curves = new Curves(log.api, {
    measure,
    listing,
    asleep,
    extentOf: () => extent.value,
    runShown: (run) => !hidden.value.includes(run),
    position,
    goTo: (to) => {
      place.value = to;
    },
  });
  return { curves, listing, asleep, measure, extent, hidden, place, position };
}

/** The same when all of it has come; timers are the test's. */
export async function loaded(log: Log) {
  const opened = open(log);
  await opened.curves.refresh();
  await vi.advanceTimersByTimeAsync(1000);
  return opened;
}
