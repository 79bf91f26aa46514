/** PR curves: the present one strong, those that it has come from ever fainter behind it. */
import { formatStep } from "../format";
import type { Scene } from "../model";
import {
  cover,
  figures,
  hairline,
  numberText,
  PALETTES,
  type Palette,
  shareText,
  unitOf,
} from "./axes";
import type { Kind, Option, View } from "./base";
import { between, curveBytes, decodeCurve, type Line, type PrCurve } from "./pr_curve/curve";

// --- options ------------------------------------------------------------------------

const OPTIONS: readonly Option[] = [
  { name: "trail", label: "PR curves' trail", fitted: false, min: 0, max: 60, initial: 10 },
];

const trailOf = (scene: Scene, layers: number): number =>
  layers > 1 ? 0 : (scene as unknown as { trail: number }).trail;

// --- draw ---------------------------------------------------------------------------

const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];
/** Widths of lines, in units. */
const FRONT = 2.5;
const BEHIND = 1.25;
/** Opacity of a curve that has just been left; it is gone when it leaves the trail. */
const LEFT_BEHIND = 0.65;

/** Where the axes lie, in pixels of the canvas. */
interface Plot {
  readonly unit: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  x(recall: number): number;
  y(precision: number): number;
}

function plotOf({ width, height, unit: given }: View<PrCurve>): Plot {
  const unit = given ?? unitOf(width, height);
  const left = 36 * unit;
  const right = Math.max(left + 1, width - 14 * unit);
  const top = 26 * unit;
  const bottom = Math.max(top + 1, height - 40 * unit);
  return {
    ...{ unit, left, right, top, bottom },
    x: (recall) => left + recall * (right - left),
    y: (precision) => bottom - precision * (bottom - top),
  };
}

const present = (data: PrCurve, { following, phase }: View<PrCurve>): Line =>
  following && phase > 0 ? between(data, following, phase) : data;

function drawGrid(context: CanvasRenderingContext2D, plot: Plot, palette: Palette): void {
  const thick = hairline(plot.unit);
  const [left, right] = [Math.round(plot.left), Math.round(plot.right)];
  const [top, bottom] = [Math.round(plot.top), Math.round(plot.bottom)];
  context.fillStyle = palette.line;
  for (const tick of TICKS) {
    context.fillRect(Math.round(plot.x(tick) - thick / 2), top, thick, bottom - top);
    context.fillRect(left, Math.round(plot.y(tick) - thick / 2), right - left, thick);
  }
}

function drawLine(
  context: CanvasRenderingContext2D,
  { recall, precision }: Line,
  { x, y }: Plot,
  width: number,
  color: string,
): void {
  context.beginPath();
  for (let i = 0; i < recall.length; i++) {
    const place = [x(recall[i] as number), y(precision[i] as number)] as const;
    if (i === 0) context.moveTo(...place);
    // Also to the first: a curve of one point is a dot.
    context.lineTo(...place);
  }
  context.strokeStyle = color;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.lineCap = "round";
  context.stroke();
}

function drawWords(
  context: CanvasRenderingContext2D,
  { unit, left, right, x, y }: Plot,
  palette: Palette,
  view: View<PrCurve>,
): void {
  const write = (text: string, align: CanvasTextAlign, ...place: [number, number]) => {
    context.textAlign = align;
    context.fillText(text, ...place);
  };
  context.font = figures(unit);
  context.textBaseline = "alphabetic";
  context.fillStyle = palette.soft;
  for (const tick of TICKS) {
    write(String(tick), "center", x(tick), view.height - 25 * unit);
    write(String(tick), "right", left - 6 * unit, y(tick) + 4 * unit);
  }
  write("precision", "left", 6 * unit, 16 * unit);
  write("recall", "right", right, view.height - 8 * unit);
  if (view.layer.count > 1) return;
  context.fillStyle = palette.ink;
  write(formatStep(view.step), "right", right, 16 * unit);
}

function draw(
  context: CanvasRenderingContext2D,
  scene: Scene,
  data: PrCurve,
  view: View<PrCurve>,
): void {
  const plot = plotOf(view);
  const palette = PALETTES[view.theme];
  const { index, count, color } = view.layer;
  cover(context, view);
  if (index === 0) drawGrid(context, plot, palette);
  const depth = trailOf(scene, count);
  const moves = view.following !== null && view.phase > 0;
  const trail = view.earlier.map((moment) => moment.data);
  // On its way the curve leaves the frame behind, so that nothing jumps when it arrives.
  if (depth > 0 && moves) trail.push(data);
  for (const [i, one] of trail.entries()) {
    const age = trail.length - i - (moves ? 1 - view.phase : 0);
    context.globalAlpha = LEFT_BEHIND * (1 - age / (depth + 1));
    drawLine(context, one, plot, BEHIND * plot.unit, palette.accent);
  }
  context.globalAlpha = 1;
  const front = count > 1 ? color : palette.accent;
  drawLine(context, present(data, view), plot, FRONT * plot.unit, front);
  if (index === count - 1) drawWords(context, plot, palette, view);
}

// --- words --------------------------------------------------------------------------

/** How far from a point the pointer may be, in units: of the front, and of those behind. */
const REACH = { front: 24, behind: 8 };

/** The point of the curve that is next to a place, if one is near. */
function nearest({ recall, precision }: Line, plot: Plot, x: number, y: number, reach: number) {
  let found = -1;
  let least = reach * plot.unit;
  for (let i = 0; i < recall.length; i++) {
    const away = Math.hypot(plot.x(recall[i] as number) - x, plot.y(precision[i] as number) - y);
    if (away < least) [found, least] = [i, away];
  }
  return found;
}

function read(_: Scene, data: PrCurve, view: View<PrCurve>, x: number, y: number): string | null {
  const plot = plotOf(view);
  const shown = [{ step: view.step, data }, ...[...view.earlier].reverse()];
  for (const [back, { step, data: curve }] of shown.entries()) {
    const i = nearest(curve, plot, x, y, back === 0 ? REACH.front : REACH.behind);
    if (i < 0) continue;
    const text = (list: Float32Array) => numberText(list[i] as number);
    return [
      `recall ${text(curve.recall)}, precision ${text(curve.precision)}`,
      `threshold ${text(curve.threshold)}`,
      `true positives ${text(curve.tp)}, false ${text(curve.fp)}`,
      `true negatives ${text(curve.tn)}, false ${text(curve.fn)}`,
      `step ${formatStep(step)}`,
    ].join("\n");
  }
  return null;
}

function numbers(data: PrCurve): string[] {
  const { averagePrecision, threshold, tp, fp, tn, fn, precision, recall } = data;
  if (threshold.length === 0) return ["nothing predicted"];
  const scores = precision.map((p, i) => (2 * p * (recall[i] as number)) / (p + (recall[i] ?? 0)));
  const best = Math.max(...scores.map((score) => score || 0));
  const at = threshold[scores.indexOf(best)] ?? 0;
  const positive = (tp[0] as number) + (fn[0] as number);
  const share = positive / (positive + (fp[0] as number) + (tn[0] as number));
  return [
    `AP ${numberText(averagePrecision)}`,
    `best F1 ${numberText(best)} at ${numberText(at)}`,
    ...(Number.isFinite(share) ? [`${shareText(share)} positive`] : []),
  ];
}

export const prCurve: Kind<PrCurve> = {
  name: "pr_curve",
  options: OPTIONS,
  shares: true,
  decode: decodeCurve,
  bytes: curveBytes,
  parts: () => 1,
  close: () => {},
  aspect: () => 4 / 3,
  trail: trailOf,
  draw,
  read,
  numbers,
  aboutNumbers:
    "At this step: average precision (the area under the curve), the best harmonic mean of " +
    "precision and recall with its threshold, and the share of examples that are positive",
};
