/** Histograms: the present distribution in front, those before it receding as a ridge. */
import { formatStep } from "../format";
import type { Scene } from "../model";
import { cover, mix, numberText, PALETTES, shareText } from "./axes";
import type { Kind, Option, View } from "./base";
import { between, type Distribution, resample } from "./distribution";
import { floatsOf } from "./floats";
import { drawAxis, drawCurve, drawSteps, plotOf } from "./ridge";

// --- options ------------------------------------------------------------------------

const OPTIONS: readonly Option[] = [
  {
    name: "mode",
    label: "Histograms",
    fitted: false,
    values: [
      { value: "ridge", label: "Ridge" },
      { value: "single", label: "Single" },
    ],
    initial: "ridge",
  },
  {
    name: "scale",
    label: "Counts",
    fitted: true,
    values: [
      { value: "linear", label: "Linear" },
      { value: "log", label: "Log" },
    ],
    initial: "linear",
  },
  {
    name: "range",
    label: "Range",
    fitted: true,
    values: [
      { value: "robust", label: "Robust" },
      { value: "full", label: "Full" },
    ],
    initial: "robust",
  },
  { name: "trail", label: "Trail length", fitted: false, min: 0, max: 60, initial: 20 },
];

/** As `/scene` gives it; `http_api.md` says what each is. */
interface HistogramScene {
  readonly lo: number;
  readonly hi: number;
  readonly bins: number;
  readonly top: number;
  readonly top_count: number;
  readonly mode: string;
  readonly trail: number;
  readonly scale: string;
  readonly fitted: number;
  readonly frames: number;
}

const asScene = (scene: Scene): HistogramScene => scene as unknown as HistogramScene;

// --- decode -------------------------------------------------------------------------

export interface Histogram extends Distribution {
  readonly mean: number;
  readonly sd: number;
  /** Share of the mass at 0 or as good as there. */
  readonly zeroShare: number;
  readonly p1: number;
  readonly p99: number;
}

const HEAD = 6;
const ROW = 5;
/** Of the objects around the numbers, and of a curve or two. */
const OVERHEAD = 2048;

function decode(wire: unknown): Histogram {
  const numbers = floatsOf(wire, "histogram");
  const buckets = (numbers.length - HEAD) / ROW;
  if (!Number.isInteger(buckets) || buckets < 0) throw new Error("This histogram is cut short.");
  const [total, mean, sd, zeroShare, p1, p99] = numbers;
  const left = new Float64Array(buckets);
  const right = new Float64Array(buckets);
  const count = new Float64Array(buckets);
  // Two floats hold what one cannot: all edges keep their digits, however far apart they are.
  const edge = (at: number) => (numbers[at] as number) + (numbers[at + 1] as number);
  for (let i = 0, at = HEAD; i < buckets; i++, at += ROW) {
    left[i] = edge(at);
    right[i] = edge(at + 2);
    count[i] = numbers[at + 4] as number;
  }
  return {
    left,
    right,
    count,
    total: total as number,
    mean: mean as number,
    sd: sd as number,
    zeroShare: zeroShare as number,
    p1: p1 as number,
    p99: p99 as number,
  };
}

// --- draw ---------------------------------------------------------------------------

const OVERLAID_ALPHA = 0.55;

/** How many frames stand behind the one in front; null: it stands alone. */
const depthOf = ({ mode, trail }: HistogramScene, layers: number): number | null =>
  mode === "single" || layers > 1 ? null : trail;

/** The height of each bin, 0 to 1. */
function heights(scene: HistogramScene, from: Distribution): Float32Array {
  const masses = resample(from, scene.lo, scene.hi, scene.bins);
  const heightOf =
    scene.scale === "log"
      ? (mass: number) => Math.log1p(mass) / Math.log1p(scene.top_count)
      : (mass: number) => mass / from.total / scene.top;
  // Nothing counted, or nothing to measure it by, lies flat.
  return Float32Array.from(masses, (mass) => Math.min(1, heightOf(mass) || 0));
}

/** By scene, as each has an axis of its own. */
const curves = new WeakMap<Scene, WeakMap<Distribution, Float32Array>>();

/** The same heights, made when they are first drawn. */
function curveOf(given: Scene, from: Distribution): Float32Array {
  const known = curves.get(given) ?? new WeakMap<Distribution, Float32Array>();
  curves.set(given, known);
  const curve = known.get(from) ?? heights(asScene(given), from);
  known.set(from, curve);
  return curve;
}

/** What the frame is at this moment: itself, or on the way to the next one. */
const present = (data: Histogram, { following, phase }: View<Histogram>): Distribution =>
  following && phase > 0 ? between(data, following, phase) : data;

function draw(
  context: CanvasRenderingContext2D,
  given: Scene,
  data: Histogram,
  view: View<Histogram>,
): void {
  const scene = asScene(given);
  const plot = plotOf(view, depthOf(scene, view.layer.count));
  const palette = PALETTES[view.theme];
  const { index, count, color } = view.layer;
  // Lines part neighbours; what has none needs no line.
  const line = plot.depth > 0 ? plot.unit : 0;
  cover(context, view);
  const curve = curveOf(given, present(data, view));
  if (count > 1) {
    const paint = { fill: color, alpha: OVERLAID_ALPHA, stroke: color, line: 1.5 * plot.unit };
    drawCurve(context, curve, plot, plot.front, paint);
  } else {
    const { background, accent } = palette;
    const { length } = view.earlier;
    view.earlier.forEach((moment, i) => {
      const back = length - i;
      const fill = mix(accent, background, 0.2 + (0.7 * back) / plot.depth);
      const baseline = plot.front - back * plot.gap;
      const paint = { fill, alpha: 1, stroke: background, line };
      drawCurve(context, curveOf(given, moment.data), plot, baseline, paint);
    });
    const paint = { fill: accent, alpha: 1, stroke: background, line };
    drawCurve(context, curve, plot, plot.front, paint);
  }
  if (index < count - 1) return;
  drawAxis(context, scene, plot, palette);
  // Runs laid over each other can be at different steps: their numbers tell which.
  if (count === 1) drawSteps(context, plot, palette, view);
}

// --- words --------------------------------------------------------------------------

function read(
  given: Scene,
  data: Histogram,
  view: View<Histogram>,
  x: number,
  y: number,
): string | null {
  const scene = asScene(given);
  const plot = plotOf(view, depthOf(scene, view.layer.count));
  const { lo, hi, bins } = scene;
  const bin = Math.floor(((x - plot.left) / plot.width) * bins);
  if (bin < 0 || bin >= bins) return null;
  const shown = [{ step: view.step, data: present(data, view) }, ...[...view.earlier].reverse()];
  // From front to back: the first whose curve, or the band up to the next, is met.
  for (const [back, { step, data: distribution }] of shown.entries()) {
    const baseline = plot.front - back * plot.gap;
    const height = (curveOf(given, distribution)[bin] as number) * plot.rise;
    const slack = 3 * plot.unit;
    const below = back === 0 ? slack : 0;
    if (y > baseline + below || y < baseline - Math.max(height + slack, plot.gap)) continue;
    const masses = resample(distribution, lo, hi, bins);
    const mass = masses[bin] as number;
    const value = lo + ((bin + 0.5) * (hi - lo)) / bins;
    const share = distribution.total > 0 ? mass / distribution.total : 0;
    const words = [
      `value ${numberText(value)}`,
      `count ${numberText(mass)} (${shareText(share)})`,
      `step ${formatStep(step)}`,
    ];
    const inside = masses.reduce((sum, one) => sum + one, 0);
    const outside = distribution.total > 0 ? 1 - inside / distribution.total : 0;
    if (outside > 5e-4) words.push(`${shareText(outside)} outside`);
    return words.join("\n");
  }
  return null;
}

function numbers({ total, mean, sd, zeroShare, p1, p99 }: Histogram): string[] {
  if (!(total > 0)) return ["nothing counted"];
  return [
    `mean ${numberText(mean)}`,
    `sd ${numberText(sd)}`,
    `${shareText(zeroShare)} zero`,
    `p1 ${numberText(p1)}`,
    `p99 ${numberText(p99)}`,
  ];
}

export const histogram: Kind<Histogram> = {
  name: "histogram",
  options: OPTIONS,
  shares: true,
  decode,
  bytes: ({ count }) => OVERHEAD + 3 * 8 * count.length,
  parts: () => 1,
  close: () => {},
  aspect: () => 4 / 3,
  trail: (scene, layers) => depthOf(asScene(scene), layers) ?? 0,
  draw,
  read,
  numbers,
  aboutNumbers:
    "Of the values at this step: mean, standard deviation, share at or next to zero, " +
    "1st and 99th percentile",
  note: (scene) => {
    const { fitted, frames } = asScene(scene);
    return fitted < frames
      ? `axes from ${formatStep(fitted)} of ${formatStep(frames)} frames`
      : null;
  },
};
