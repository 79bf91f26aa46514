/** Curves over one axis, one before the other; Python's `kinds/ridge.py` draws the same. */
import { formatStep } from "../format";
import { figures, hairline, type Palette, ticksOf, unitOf } from "./axes";
import type { View } from "./base";

/** From the axis down to where its labels stand. */
const TEXT_BELOW = 15;
/** Labels closer than this touch. */
const LABELS_APART = 12;
/** Flatter than this many pixels is not filled: empty tails would be a fat line. */
const FLAT = 0.25;

/** Where things are, in pixels of the canvas. */
export interface Plot {
  readonly unit: number;
  readonly left: number;
  readonly width: number;
  /** The baseline of the curve in front. */
  readonly front: number;
  /** From one baseline to that behind it; 0 where the front stands alone. */
  readonly gap: number;
  /** Of a curve that is as high as can be. */
  readonly rise: number;
  /** Baselines behind the front one. */
  readonly depth: number;
}

/** @param depth baselines behind the front one; null: it stands alone, over the whole height. */
export function plotOf({ width, height, unit: given }: View, depth: number | null): Plot {
  const unit = given ?? unitOf(width, height);
  const inner = Math.max(1, height - 44 * unit);
  return {
    unit,
    left: 14 * unit,
    width: Math.max(1, width - 66 * unit),
    front: height - 30 * unit,
    gap: depth === null ? 0 : (0.5 * inner) / Math.max(depth, 1),
    rise: depth === null ? inner : 0.5 * inner,
    depth: depth ?? 0,
  };
}

/** The stretches of the curve that stand out, each with the point before and behind it. */
function stretches(curve: Float32Array, rise: number): [number, number][] {
  const found: [number, number][] = [];
  const last = curve.length - 1;
  for (let i = 0; i <= last; i++) {
    if ((curve[i] as number) * rise <= FLAT) continue;
    const start = Math.max(0, i - 1);
    while (i <= last && (curve[i] as number) * rise > FLAT) i++;
    found.push([start, Math.min(i, last)]);
  }
  return found;
}

export interface Paint {
  readonly fill: string;
  readonly alpha: number;
  readonly stroke: string;
  /** The width of the stroke; 0: none. */
  readonly line: number;
}

/** @param curve heights at even distances, 0 to 1. */
export function drawCurve(
  context: CanvasRenderingContext2D,
  curve: Float32Array,
  plot: Plot,
  baseline: number,
  paint: Paint,
): void {
  const { left, width, rise } = plot;
  const pitch = width / curve.length;
  const x = (i: number) => left + (i + 0.5) * pitch;
  const visible = stretches(curve, rise);
  const trace = (closed: boolean) => {
    context.beginPath();
    for (const [start, end] of visible) {
      if (closed) context.moveTo(x(start), baseline);
      for (let i = start; i <= end; i++) {
        const y = baseline - (curve[i] as number) * rise;
        if (i === start && !closed) context.moveTo(x(i), y);
        else context.lineTo(x(i), y);
      }
      if (closed) context.lineTo(x(end), baseline);
    }
  };
  context.globalAlpha = paint.alpha;
  context.fillStyle = paint.fill;
  trace(true);
  context.fill();
  context.globalAlpha = 1;
  if (paint.line === 0) return;
  context.strokeStyle = paint.stroke;
  context.lineWidth = paint.line;
  context.lineJoin = "round";
  trace(false);
  context.stroke();
}

/** The axis under the front, from `lo` to `hi`. */
export function drawAxis(
  context: CanvasRenderingContext2D,
  { lo, hi }: { readonly lo: number; readonly hi: number },
  { unit, left, width, front }: Plot,
  palette: Palette,
): void {
  const thick = hairline(unit);
  const base = Math.round(front);
  const start = Math.round(left);
  context.fillStyle = palette.line;
  context.fillRect(start, base, Math.round(left + width) - start, thick);
  context.font = figures(unit);
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  for (const { value, text } of ticksOf(lo, hi)) {
    const x = left + ((value - lo) / (hi - lo)) * width;
    context.fillStyle = palette.line;
    context.fillRect(Math.round(x - thick / 2), base, thick, Math.round(4 * unit));
    context.fillStyle = palette.soft;
    context.fillText(text, x, base + TEXT_BELOW * unit);
  }
}

/** The step beside the front, and that of the oldest frame where there is room for it. */
export function drawSteps(
  context: CanvasRenderingContext2D,
  { unit, front, gap }: Plot,
  palette: Palette,
  view: View,
): void {
  const x = view.width - 6 * unit;
  context.font = figures(unit);
  context.textAlign = "right";
  context.textBaseline = "alphabetic";
  context.fillStyle = palette.ink;
  context.fillText(formatStep(view.step), x, front);
  const oldest = view.earlier[0];
  const up = view.earlier.length * gap;
  if (oldest === undefined || up < LABELS_APART * unit) return;
  context.fillStyle = palette.faint;
  context.fillText(formatStep(oldest.step), x, front - up);
}
