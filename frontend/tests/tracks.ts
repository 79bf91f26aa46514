/** A store over logs that are made up, without a server. */
import { vi } from "vitest";
import type { Api } from "../src/api";
import { image } from "../src/kinds/image";
import type { Listing, Series, Steps } from "../src/model";
import { createStore, type Store, type Track } from "../src/store";
import { seriesOf } from "./series";

/**
 * What a run logged, under one tag: its steps, and when; one sample unless told otherwise. The
 * run is named as the series is, and the tag is TAG.
 */
export interface Run {
  readonly run?: string;
  readonly tag?: string;
  readonly kind?: string;
  readonly samples?: number;
  readonly steps: readonly number[];
  readonly wall_times: readonly (number | null)[];
}

/** `count` frames, `every` steps apart, a step in so many seconds. */
export const run = (count: number, every: number, seconds = 1, start = 1.7e9): Run => {
  const steps = Array.from({ length: count }, (_, i) => i * every);
  return { steps, wall_times: steps.map((step) => start + step * seconds) };
};

export const TAG = "samples";

const listed = (id: string, { steps, run = id, tag = TAG, ...rest }: Run): Series =>
  seriesOf({
    id,
    run,
    tag,
    kind: rest.kind ?? image.name,
    samples: rest.samples ?? 1,
    frames: steps.length,
    first_step: steps[0] ?? 0,
    last_step: steps.at(-1) ?? 0,
  });

/** The logs can be exchanged: `logs.runs = {...}`; the store learns of it when it asks. */
export function made(runs: Readonly<Record<string, Run>>) {
  const logs = { runs };
  const asked: { listings: number; steps: string[] } = { listings: 0, steps: [] };
  const names = () => [...new Set(Object.entries(logs.runs).map(([id, one]) => one.run ?? id))];
  const listing = (): Listing => ({
    series: Object.entries(logs.runs).map(([name, one]) => listed(name, one)),
    runs: names(),
    kinds: [{ name: image.name, title: "Images", plugin_name: "images" }],
    formats: [],
    warnings: [],
    progress: { done: 1, total: 1 },
  });
  const api = {
    listing: async () => {
      asked.listings += 1;
      return listing();
    },
    runs: async () => names(),
    steps: async (ids: readonly string[]) => {
      asked.steps.push(...ids);
      const answer = (id: string): Steps => ({ ...(logs.runs[id] as Run), generation: "1" });
      return Object.fromEntries(ids.map((id) => [id, answer(id)]));
    },
    scalars: async () => ({ scalars: [], progress: { done: 1, total: 1 } }),
  } as unknown as Api;
  return { store: createStore(api), logs, asked };
}

/** The same, as soon as the page knows them; timers are the test's. */
export async function opened(runs: Readonly<Record<string, Run>>) {
  const built = made(runs);
  await built.store.refresh();
  await vi.advanceTimersByTimeAsync(0);
  return built;
}

export const trackOf = (store: Store, name: string): Track => {
  const track = store.chosen.value.find((one) => one.id === name);
  if (!track) throw new Error(`There is no run ${name}.`);
  return track;
};

/** The step that a card shows; null before its first. */
export const shown = (store: Store, name: string): number | null => {
  const track = trackOf(store, name);
  const index = track.indexAt(store.playerOf(track).position.value);
  return track.steps.value?.steps[index] ?? null;
};
