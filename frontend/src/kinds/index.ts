/**
 * The table of kinds. A new kind is one file and one row. A file is loaded when the logs hold
 * something of its kind.
 */
import type { Kind } from "./base";

// A kind's data passes through the page untouched: only the kind itself looks inside.
const KINDS = new Map<string, () => Promise<unknown>>([
  ["image", async () => (await import("./image")).image],
  ["histogram", async () => (await import("./histogram")).histogram],
  ["embedding", async () => (await import("./embedding")).embedding],
  ["pr_curve", async () => (await import("./pr_curve")).prCurve],
]);

const loaded = new Map<string, Kind>();

/** Loads those kinds of these names that this page knows. */
export async function loadKinds(names: Iterable<string>): Promise<void> {
  const load = async (name: string) => {
    const kind = KINDS.get(name);
    if (kind !== undefined && !loaded.has(name)) loaded.set(name, (await kind()) as Kind);
  };
  await Promise.all([...new Set(names)].map(load));
}

/** The kinds that are loaded, in the order of the table. */
export const loadedKinds = (): readonly Kind[] =>
  [...KINDS.keys()].flatMap((name) => loaded.get(name) ?? []);

/** The loaded kind of that name; undefined for one that this page does not know. */
export const kindOf = (name: string): Kind | undefined => loaded.get(name);

export type { Against, CardState, Control, Gesture, Kind, Moment, Option, View } from "./base";
