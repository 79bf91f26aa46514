/** The table of kinds. A new kind is one file and one row. */
import type { Kind } from "./base";
import { embedding } from "./embedding";
import { histogram } from "./histogram";
import { image } from "./image";

// A kind's data passes through the page untouched: only the kind itself looks inside.
export const KINDS = [image, histogram, embedding] as unknown as readonly Kind[];

const byName = new Map<string, Kind>();
for (const kind of KINDS) {
  if (byName.has(kind.name)) throw new Error(`Two kinds are called ${kind.name}.`);
  byName.set(kind.name, kind);
}

/** The kind of that name; undefined for one that this page does not know. */
export const kindOf = (name: string): Kind | undefined => byName.get(name);

export type { CardState, Control, Gesture, Kind, Moment, Option, View } from "./base";
