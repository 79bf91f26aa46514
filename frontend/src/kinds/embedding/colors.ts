/** What colour a point has. */
import type { Theme } from "../../model";
import { PALETTES, type Rgb, rgb } from "../axes";
import { type Column, NO_TEXT, NONE, type Table } from "./table";

const BASE = [
  "#4e79a7",
  "#f28e2b",
  "#e15759",
  "#76b7b2",
  "#59a14f",
  "#edc948",
  "#b07aa1",
  "#ff9da7",
  "#9c755f",
  "#bab0ac",
];
/** From the least to the most: viridis. */
export const SCALE: readonly string[] = [
  "#440154",
  "#472d7b",
  "#3b528b",
  "#2c728e",
  "#21918c",
  "#28ae80",
  "#5ec962",
  "#addc30",
  "#fde725",
];
/** More of them are kept at once by a series of many tables and hidden categories. */
const KEPT = 8;

const STOPS = SCALE.map(rgb);

/** Ten hues; the next ten are deeper, the ten after those paler, then from the start. */
function categoryRgb(index: number, theme: Theme): Rgb {
  const base = rgb(BASE[index % BASE.length] as string);
  const round = Math.floor(index / BASE.length) % 3;
  if (round === 0) return base;
  const other = (round === 1) === (theme === "light") ? 0 : 255;
  const mixed = (part: number) => Math.round(part * 0.65 + other * 0.35);
  return [mixed(base[0]), mixed(base[1]), mixed(base[2])];
}

export const categoryColor = (index: number, theme: Theme): string =>
  `rgb(${categoryRgb(index, theme).join(" ")})`;

/** At that share of the scale. */
export function scaleRgb(share: number): Rgb {
  const at = Math.min(Math.max(share, 0), 1) * (STOPS.length - 1);
  const i = Math.min(Math.floor(at), STOPS.length - 2);
  const [from, to] = [STOPS[i] as Rgb, STOPS[i + 1] as Rgb];
  const part = (k: 0 | 1 | 2) => Math.round(from[k] + (to[k] - from[k]) * (at - i));
  return [part(0), part(1), part(2)];
}

export interface Coloring {
  readonly column: Column | undefined;
  /** Names of categories that are not drawn. */
  readonly hidden: readonly string[];
  readonly theme: Theme;
}

/** Red, green, blue and alpha of each slot; alpha 0: not drawn, else 255. */
export function colorsOf(table: Table, version: number, slots: number, by: Coloring): Uint8Array {
  const { column, hidden, theme } = by;
  const key = JSON.stringify([version, slots, column?.name, hidden, theme]);
  const found = table.colors.get(key);
  if (found) return found;
  const made = make(version, slots, by);
  if (table.colors.size >= KEPT) table.colors.delete(table.colors.keys().next().value as string);
  table.colors.set(key, made);
  return made;
}

function make(version: number, slots: number, { column, hidden, theme }: Coloring): Uint8Array {
  const colors = new Uint8Array(4 * slots);
  const { accent, faint } = PALETTES[theme];
  const none = rgb(column === undefined ? accent : faint);
  const write = (slot: number, color: Rgb) => {
    colors.set(color, 4 * slot);
    colors[4 * slot + 3] = 255;
  };
  for (let slot = 0; slot < slots; slot++) write(slot, none);
  if (column?.type === "category") {
    const palette = column.categories.map((_, i) => categoryRgb(i, theme));
    const away = column.categories.map((name) => hidden.includes(name));
    column.codes[version]?.forEach((code, slot) => {
      if (code === NONE || slot >= slots) return;
      write(slot, palette[code] ?? none);
      if (away[code]) colors[4 * slot + 3] = 0;
    });
  } else if (column?.type === "number") {
    const width = column.max - column.min;
    column.codes[version]?.forEach((code, slot) => {
      if (code === NO_TEXT || slot >= slots) return;
      const value = column.numbers[code] as number;
      if (Number.isNaN(value)) return;
      write(slot, scaleRgb(width > 0 ? (value - column.min) / width : 0));
    });
  }
  return colors;
}
