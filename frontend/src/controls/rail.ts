/** Draws the timeline: a mark for every tick, what is loaded, what is played, the playhead. */
import type { Playhead } from "../playhead";
import { axisOf, INSET } from "./axis";
import { type Size, sharpContext } from "./size";

/** Marks closer than this, in CSS pixels, are thinned: they would only be a grey bar. */
const MARK_GAP = 3;
/** Of the shade over what is played. */
const SHADE = 0.12;
const RADIUS = 6;

export interface Colors {
  readonly track: string;
  readonly loaded: string;
  readonly accent: string;
  readonly faint: string;
}

export function colorsOf(element: Element): Colors {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(name).trim();
  return {
    track: color("--track"),
    loaded: color("--loaded"),
    accent: color("--accent"),
    faint: color("--faint"),
  };
}

interface Rail extends Size {
  readonly head: Playhead;
  readonly ticks: readonly number[];
  /** The position at which the playhead is drawn. */
  readonly at: number;
  /** Whether not everything is played. */
  readonly bounded: boolean;
  /** For each of equal pieces of the timeline, whether it is here. */
  readonly loaded: readonly boolean[];
}

export function paintRail(element: HTMLCanvasElement, colors: Colors, rail: Rail): void {
  const { width, height, head, ticks, at, bounded, loaded } = rail;
  const context = sharpContext(element, rail);
  if (context === null) return;
  const axis = axisOf(ticks, width);
  const span = width - 2 * INSET;
  const middle = height / 2 - 3;
  const line = (from: number, to: number) => context.fillRect(from, middle - 1, to - from, 2);

  context.fillStyle = colors.accent;
  if (bounded) {
    const from = axis.x(ticks[head.first] ?? 0);
    context.globalAlpha = SHADE;
    context.fillRect(from, 0, axis.x(ticks[head.last] ?? 0) - from, middle);
    context.globalAlpha = 1;
  }

  context.fillStyle = colors.track;
  line(INSET, INSET + span);
  context.fillStyle = colors.loaded;
  loaded.forEach((held, piece) => {
    const from = INSET + (piece / loaded.length) * span;
    if (held) line(from, from + span / loaded.length + 0.5);
  });
  const handle = Math.min(Math.max(axis.x(at), INSET), width - INSET);
  context.fillStyle = colors.accent;
  line(INSET, handle);

  context.fillStyle = colors.faint;
  let marked = Number.NEGATIVE_INFINITY;
  for (const tick of ticks) {
    const x = axis.x(tick);
    if (x - marked < MARK_GAP) continue;
    context.fillRect(x - 0.5, middle + 7, 1, 4);
    marked = x;
  }

  context.fillStyle = colors.accent;
  context.beginPath();
  context.arc(handle, middle, RADIUS, 0, 2 * Math.PI);
  context.fill();
}
