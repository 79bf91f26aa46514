/** What is known of the points: columns of words or numbers, ids, and thumbnails. */

import type { Cloud } from "./cloud";

/** A table together with the segment that it is about. */
type Version = number;

export type Column =
  | {
      readonly name: string;
      readonly type: "category";
      readonly categories: readonly string[];
      /** Number of each slot's category, by version; `NONE`: it has none. */
      readonly codes: readonly Uint16Array[];
    }
  | {
      readonly name: string;
      readonly type: "number";
      /** As logged: float32 would say 16777216 of 16777217. */
      readonly texts: readonly string[];
      /** What each text means. */
      readonly numbers: Float32Array;
      /** Number of each slot's text, by version; `NO_TEXT`: it has none. */
      readonly codes: readonly Uint32Array[];
      readonly min: number;
      readonly max: number;
    }
  | {
      readonly name: string;
      readonly type: "text";
      readonly texts: readonly (readonly string[])[];
    };

/** A picture of all thumbnails side by side, row by row. */
export interface Sprite {
  readonly png: Uint8Array<ArrayBuffer>;
  /** Of one thumbnail, in pixels. */
  readonly width: number;
  readonly height: number;
}

export interface Table {
  readonly columns: readonly Column[];
  /** By version. */
  readonly sprites: readonly (Sprite | null)[];
  /** By version, the thumbnail's number of each slot; `NO_CELL`: it has none. */
  readonly cells: readonly Uint32Array[];
  /** By segment. */
  readonly ids: readonly (readonly string[] | null)[];
  /** Colours that were asked for lately. */
  readonly colors: Map<string, Uint8Array>;
}

export const NONE = 65535;
export const NO_CELL = 0xffffffff;
export const NO_TEXT = 0xffffffff;

interface Wire {
  readonly columns: readonly {
    readonly name: string;
    readonly type: "category" | "number" | "text";
    readonly categories: readonly string[] | null;
    /** Of a column of numbers alone. */
    readonly texts: readonly string[] | null;
    readonly numbers: Uint8Array | null;
    readonly values: readonly (Uint8Array | readonly string[])[];
    /** The position in `values` of each version's. */
    readonly of: readonly number[];
  }[];
  readonly versions: readonly number[];
  readonly sprites: readonly { data: Uint8Array; width: number; height: number }[];
  readonly sprite_of: readonly number[];
  readonly cells: readonly Uint8Array[];
  readonly ids: readonly (readonly string[] | null)[];
}

/** A copy: the bytes lie anywhere in the answer, numbers only on multiples of their size. */
const owned = (bytes: Uint8Array): ArrayBuffer => bytes.slice().buffer as ArrayBuffer;

function range(list: Float32Array): { min: number; max: number } {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of list) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}

function columnOf(column: Wire["columns"][number]): Column {
  const { name, type, categories, values, of } = column;
  const versions = <T>(list: readonly T[]): T[] => of.map((position) => list[position] as T);
  if (type === "text") return { name, type, texts: versions(values as string[][]) };
  const parts = (values as Uint8Array[]).map(owned);
  if (type === "category") {
    const codes = versions(parts.map((part) => new Uint16Array(part)));
    return { name, type, categories: categories ?? [], codes };
  }
  const numbers = new Float32Array(owned(column.numbers ?? new Uint8Array()));
  const codes = versions(parts.map((part) => new Uint32Array(part)));
  return { name, type, texts: column.texts ?? [], numbers, codes, ...range(numbers) };
}

export function decodeTable(data: unknown): Table {
  const wire = data as Wire;
  const sprites = wire.sprites.map((sprite) => ({
    png: new Uint8Array(owned(sprite.data)),
    width: sprite.width,
    height: sprite.height,
  }));
  return {
    columns: wire.columns.map(columnOf),
    sprites: wire.sprite_of.map((position) => sprites[position] ?? null),
    cells: wire.cells.map((part) => new Uint32Array(owned(part))),
    ids: wire.ids,
    colors: new Map(),
  };
}

/** Of a version, as many as there are slots; points that came later have none. */
export function cellsOf({ cells }: Table, version: Version, slots: number): Uint32Array {
  const known = cells[version] as Uint32Array;
  if (known.length >= slots) return known;
  let whole = grown.get(known);
  if (whole === undefined || whole.length < slots) {
    whole = new Uint32Array(slots).fill(NO_CELL);
    whole.set(known);
    grown.set(known, whole);
  }
  return whole;
}

const grown = new WeakMap<Uint32Array, Uint32Array>();

/** What a point is called: by its first column, its id, or its slot. */
export function labelOf(table: Table, cloud: Cloud, slot: number): string {
  const first = table.columns[0];
  const word = first && wordOf(first, cloud.version, slot);
  if (first && word) return `${first.name} ${word}`;
  return table.ids[cloud.segment]?.[slot] || `point ${slot}`;
}

/** What that column says of the point; null: nothing. */
export function wordOf(column: Column, version: Version, slot: number): string | null {
  switch (column.type) {
    case "category":
      return column.categories[column.codes[version]?.[slot] ?? NONE] ?? null;
    case "number":
      return column.texts[column.codes[version]?.[slot] ?? NO_TEXT] ?? null;
    case "text":
      return column.texts[version]?.[slot] || null;
  }
}

/** The column that colours the points; undefined: none does. */
export function coloring(table: Table, name: string): Column | undefined {
  if (name === "none") return undefined;
  const usable = table.columns.filter((column) => column.type !== "text");
  const asked = usable.find((column) => column.name === name);
  return asked ?? usable.find((column) => column.type === "category") ?? usable[0];
}
