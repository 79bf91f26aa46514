/** Where the strip's curves lie: places for drawing, and for finding what is pointed at. */
import { downsample, robustRange } from "../../scalars";
import type { Trace } from "../../store/trace";
import { latest, nearest } from "../../timeline";
import type { Axis } from "../axis";

/** Room above and below the curves, in CSS pixels. */
const PADDING = 6;
/** Tags beyond these repeat them. */
const DASHES: readonly (readonly number[])[] = [[], [5, 3], [1.5, 2.5], [8, 3, 1.5, 3]];
const LINE_WIDTH = 1.5;

/** Lengths of strokes and gaps, in CSS pixels, that tell a tag from the others. */
export const dashOf = (tags: readonly string[], tag: string): readonly number[] =>
  DASHES[tags.indexOf(tag) % DASHES.length] ?? [];

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface Line {
  readonly trace: Trace;
  readonly dash: readonly number[];
  /** null: a gap, as the value is no finite number. */
  readonly places: readonly (Place | null)[];
  /** Where a value is marked: within the strip, also of one that its curve leaves it for. */
  y(value: number): number;
}

interface Piece {
  readonly trace: Trace;
  /** What it was made of. */
  readonly of: readonly unknown[];
  readonly positions: readonly number[];
  readonly values: readonly (number | null)[];
}

/** Curves come and grow one at a time, and thinning all of them anew would take long. */
const pieces = new WeakMap<Trace, Piece>();

/** What is on the timeline of a curve, and the points beside it; thinned to the pixels. */
function visiblePiece(trace: Trace, axis: Axis): Piece {
  const of = [trace.positions.value, trace.smoothed.value, axis] as const;
  const known = pieces.get(trace);
  if (known?.of.every((part, i) => part === of[i])) return known;
  const [places, all] = of;
  const from = Math.max(0, latest(places, axis.first));
  const to = latest(places, axis.last) + 2;
  const positions = places.slice(from, to);
  const values = all.slice(from, to);
  const kept = downsample({ values }, positions, axis.width);
  const piece = {
    trace,
    of,
    positions: kept.map((i) => positions[i] as number),
    values: kept.map((i) => values[i] ?? null),
  };
  pieces.set(trace, piece);
  return piece;
}

/** The curves of all tags, each tag over the whole height of the strip. */
export function linesOf(
  traces: readonly Trace[],
  tags: readonly string[],
  axis: Axis,
  height: number,
): Line[] {
  return tags.flatMap((tag) => {
    const runs = traces
      .filter((trace) => trace.tag === tag)
      .map((trace) => visiblePiece(trace, axis));
    const range = robustRange(runs.flatMap(({ values }) => values));
    if (range === null) return [];
    const { min, max } = range;
    const span = height - 2 * PADDING;
    const y = (value: number) =>
      PADDING + (max > min ? ((max - value) / (max - min)) * span : span / 2);
    return runs.map(({ trace, positions, values }) => ({
      trace,
      dash: dashOf(tags, tag),
      places: values.map((value, i) =>
        value === null ? null : { x: axis.x(positions[i] as number), y: y(value) },
      ),
      y: (value: number) => Math.min(Math.max(y(value), PADDING), PADDING + span),
    }));
  });
}

/** Draws on a canvas of CSS pixels. */
export function paintLines(
  context: CanvasRenderingContext2D,
  lines: readonly Line[],
  colorOf: (run: string) => string,
): void {
  context.lineJoin = "round";
  for (const { trace, dash, places } of lines) {
    context.strokeStyle = colorOf(trace.run);
    context.fillStyle = context.strokeStyle;
    context.lineWidth = LINE_WIDTH;
    context.setLineDash([...dash]);
    context.beginPath();
    places.forEach((place, i) => {
      if (place === null) return;
      const [before, after] = [places[i - 1], places[i + 1]];
      if (before) context.lineTo(place.x, place.y);
      else if (after) context.moveTo(place.x, place.y);
      // A value between gaps is no line, but it was logged.
      else context.fillRect(place.x - LINE_WIDTH, place.y - LINE_WIDTH, 3, 3);
    });
    context.stroke();
  }
}

/** The point of a curve that is nearest to a place in the strip. */
export interface Pointed {
  readonly line: Line;
  /** Of the point in its curve. */
  readonly index: number;
  readonly x: number;
  readonly y: number;
}

/** Of each curve, the point logged nearest in time; of these, the nearest in height. */
export function pointedAt(lines: readonly Line[], axis: Axis, at: Place): Pointed | null {
  let found: Pointed | null = null;
  for (const line of lines) {
    const { trace } = line;
    const index = nearest(trace.positions.value, axis.positionAt(at.x));
    const value = trace.smoothed.value[index];
    if (typeof value !== "number") continue;
    const x = axis.x(trace.positions.value[index] as number);
    const y = line.y(value);
    if (found === null || Math.abs(y - at.y) < Math.abs(found.y - at.y)) {
      found = { line, index, x, y };
    }
  }
  return found;
}
