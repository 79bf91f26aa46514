/** What pictures of numbers have around them: colours, ticks, numbers as text. */
import { formatExponent } from "../format";
import type { Theme } from "../model";
import type { View } from "./base";

export interface Palette {
  readonly background: string;
  readonly ink: string;
  readonly soft: string;
  readonly faint: string;
  readonly line: string;
  readonly accent: string;
}

export const PALETTES: Readonly<Record<Theme, Palette>> = {
  light: {
    background: "#ffffff",
    ink: "#212121",
    soft: "#616161",
    faint: "#9e9e9e",
    line: "#e0e0e0",
    accent: "#f57c00",
  },
  dark: {
    background: "#3a3a3a",
    ink: "#ffffff",
    soft: "#bdbdbd",
    faint: "#8a8a8a",
    line: "#555555",
    accent: "#ff9800",
  },
};

/** Of what is written in a plot. */
export const figures = (unit: number): string => `${11 * unit}px Roboto, Arial, sans-serif`;

export type Rgb = readonly [red: number, green: number, blue: number];

/** Of #rrggbb, each 0 to 255. */
export function rgb(color: string): Rgb {
  const part = (i: number) => Number.parseInt(color.slice(i, i + 2), 16);
  return [part(1), part(3), part(5)];
}

/** At `share` of the way from one colour to another, both as #rrggbb. */
export function mix(from: string, to: string, share: number): string {
  const end = rgb(to);
  const parts = rgb(from).map((part, i) =>
    Math.round(part * (1 - share) + (end[i] as number) * share),
  );
  return `rgb(${parts.join(" ")})`;
}

/** Covers the canvas, on which the first of the layers is about to be drawn. */
export function cover(context: CanvasRenderingContext2D, view: View): void {
  if (view.layer.index > 0) return;
  context.fillStyle = PALETTES[view.theme].background;
  context.fillRect(0, 0, view.width, view.height);
}

/** The width of a line on whole pixels, so that it is sharp. */
export const hairline = (unit: number): number => Math.max(1, Math.round(unit));

/** More labels than this run into each other on a small card. */
const MAX_TICKS = 5;
/** Beyond these, in size, numbers are written with an exponent. */
const SMALLEST_PLAIN = 1e-4;
const LARGEST_PLAIN = 1e5;

export interface Tick {
  readonly value: number;
  readonly text: string;
}

/**
 * Where ticks stand and what they are called. Their step is the smallest of 1, 2 or 5 times
 * a power of ten that gives no more than find room.
 */
export function ticksOf(lo: number, hi: number): Tick[] {
  const width = hi - lo;
  if (!(width > 0 && Number.isFinite(width))) return [];
  const largest = Math.max(Math.abs(lo), Math.abs(hi));
  for (let power = Math.floor(Math.log10(width / MAX_TICKS)); ; power++) {
    for (const digit of [1, 2, 5]) {
      const step = Number(`${digit}e${power}`);
      const first = Math.ceil(lo / step - 1e-9);
      const last = Math.floor(hi / step + 1e-9);
      if (last - first >= MAX_TICKS) continue;
      return Array.from({ length: last - first + 1 }, (_, i) => {
        const multiple = (first + i) * digit;
        // Read as a decimal number: products would come out as 3.0000000000000004e-05.
        const value = Number(`${multiple}e${power}`);
        return { value, text: tickText(multiple, power, value, largest) };
      });
    }
  }
}

function tickText(multiple: number, power: number, value: number, largest: number): string {
  // A zero needs no decimals, and no sign.
  if (multiple === 0) return "0";
  if (largest >= SMALLEST_PLAIN && largest < LARGEST_PLAIN) {
    return value.toFixed(Math.min(Math.max(-power, 0), 100));
  }
  return value.toExponential().replace("e+", "e");
}

/** A value with three digits that count, as short as can be. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < SMALLEST_PLAIN || size >= LARGEST_PLAIN)) {
    return formatExponent(value, 2);
  }
  return String(size >= 1000 ? Math.round(value) : Number(value.toPrecision(3)));
}

/** "12 %"; a share that is not quite nothing or all never looks as if it were. */
export function shareText(share: number): string {
  const percent = 100 * share;
  if (percent > 0 && percent < 0.1) return "<0.1 %";
  if (percent < 100 && percent > 99.9) return ">99.9 %";
  return `${Number(percent.toFixed(percent < 10 || percent > 99 ? 1 : 0))} %`;
}

/** Between these widths lengths are as they are told; elsewhere they grow and shrink. */
const USUAL = [300, 500] as const;
const UNITS = { min: 0.5, max: 8 } as const;

/** What lengths in a plot of this size are multiplied with; as in Python's `raster.unit`. */
export function unitOf(width: number, height: number): number {
  const side = Math.min(width, (height * 4) / 3);
  const grown = Math.max(Math.min(side / USUAL[0], 1), side / USUAL[1]);
  return Math.min(Math.max(grown, UNITS.min), UNITS.max);
}
