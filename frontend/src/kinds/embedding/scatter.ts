/** What a picture of points consists of, for whichever way it is drawn. */
import { type Cloud, isIn, pointBetween } from "./cloud";
import { dotRadius, type Lens, project, type Spot } from "./lens";
import type { Sprite } from "./table";

/** Points that move from one frame to the next, or stand where both are the same. */
export interface Pass {
  readonly from: Cloud;
  readonly to: Cloud;
  readonly phase: number;
  /** How much is to be seen of all of them. */
  readonly fade: number;
  /** Red, green, blue, alpha of each slot; alpha 0: not drawn. */
  readonly colors: Uint8Array;
  /** Slots from back to front; null: in their own order. */
  readonly order: Uint32Array | null;
  /** From the oldest to the latest. */
  readonly trail: readonly Piece[];
  readonly thumbnails: Thumbnails | null;
}

/** Lines from where points were to where they were next. */
export interface Piece {
  readonly start: Cloud;
  /** null: to where they are at the moment. */
  readonly end: Cloud | null;
  readonly alpha: number;
}

export interface Thumbnails {
  readonly sprite: Sprite;
  readonly cells: Uint32Array;
}

export interface Picture {
  readonly lens: Lens;
  /** As #rrggbb. */
  readonly background: string;
  readonly passes: readonly Pass[];
  /** To be called when thumbnails have come. */
  readonly redraw: () => void;
}

/** What draws points. */
export interface Painter {
  /** Covers the canvas from its upper left corner. */
  paint(context: CanvasRenderingContext2D, picture: Picture): void;
  /** Gives back what is kept of the frame. */
  forget(cloud: Cloud): void;
}

export const DOT_ALPHA = 0.85;
const TRAIL_ALPHA = 0.5;

/**
 * The lines behind points that come from these frames, the latest first. While they are on
 * their way, the line to the frame that they come from grows and all others grow older, so
 * that nothing jumps when they arrive.
 *
 * @param length of a whole trail, in frames.
 */
export function trailOf(
  from: Cloud,
  before: readonly Cloud[],
  length: number,
  phase: number,
): Piece[] {
  if (length === 0) return [];
  const places = phase > 0 ? [from, ...before] : before;
  const pieces = places.map((start, i): Piece => {
    const age = phase > 0 ? Math.max(i - 1 + phase, 0) : i;
    return { start, end: places[i - 1] ?? null, alpha: TRAIL_ALPHA * (1 - age / length) };
  });
  return pieces.reverse();
}

/** The frame that says what is known of a point. */
export const tellerOf = ({ from, to }: Pass, slot: number): Cloud => (isIn(from, slot) ? from : to);

/** Sides of thumbnails in pixels of text, before the camera comes in. */
export const THUMBNAIL = { usual: 18, least: 8, most: 64 } as const;

/** The longer side in pixels of a thumbnail that is so much larger than at the middle. */
export function thumbnailSide({ unit, zoom }: Lens, size: number): number {
  const { usual, least, most } = THUMBNAIL;
  return Math.min(Math.max(usual * size * Math.sqrt(zoom), least), most) * unit;
}

/** More are drawn in their own order: sorting them anew for each picture would cost it. */
const MOST_SORTED = 20_000;
const LEVELS = 65_536;

const point = new Float64Array(3);
const spot: Spot = { x: 0, y: 0, depth: 0, size: 1 };

/** Slots from back to front, equal ones in their own order; null where that does not matter. */
export function orderOf(from: Cloud, to: Cloud, phase: number, lens: Lens): Uint32Array | null {
  const { slots } = from;
  if (!lens.solid || slots > MOST_SORTED) return null;
  const depths = new Float64Array(slots);
  let near = Number.NEGATIVE_INFINITY;
  let far = Number.POSITIVE_INFINITY;
  for (let slot = 0; slot < slots; slot++) {
    if (pointBetween(from, to, phase, slot, point) === 0) continue;
    const { depth } = project(lens, point, spot);
    depths[slot] = depth;
    near = Math.max(near, depth);
    far = Math.min(far, depth);
  }
  // Sorting by counting: in the time of one look at each.
  const scale = near > far ? (LEVELS - 1) / (near - far) : 0;
  const levels = new Uint16Array(slots);
  const starts = new Uint32Array(LEVELS + 1);
  for (let slot = 0; slot < slots; slot++) {
    const level = Math.min(Math.max(((depths[slot] as number) - far) * scale, 0), LEVELS - 1) | 0;
    levels[slot] = level;
    starts[level + 1] = (starts[level + 1] as number) + 1;
  }
  for (let level = 0; level < LEVELS; level++) {
    starts[level + 1] = (starts[level + 1] as number) + (starts[level] as number);
  }
  const order = new Uint32Array(slots);
  for (let slot = 0; slot < slots; slot++) {
    const level = levels[slot] as number;
    const at = starts[level] as number;
    order[at] = slot;
    starts[level] = at + 1;
  }
  return order;
}

/** A visible point nearest to that pixel, within its reach; null: none is. */
export function pick(picture: Picture, x: number, y: number): { pass: Pass; slot: number } | null {
  const { lens } = picture;
  let found: { pass: Pass; slot: number } | null = null;
  let best = Number.POSITIVE_INFINITY;
  for (const pass of picture.passes) {
    if (pass.fade < 0.5) continue;
    const radius = dotRadius(pass.from.slots, lens.unit);
    for (let slot = 0; slot < pass.from.slots; slot++) {
      if (pass.colors[4 * slot + 3] === 0) continue;
      if (pointBetween(pass.from, pass.to, pass.phase, slot, point) === 0) continue;
      const { x: left, y: top, size } = project(lens, point, spot);
      const distance = Math.hypot(left - x, top - y);
      const half = pass.thumbnails ? thumbnailSide(lens, size) / 2 : radius * size;
      if (size === 0 || distance > half + 4 * lens.unit || distance > best) continue;
      best = distance;
      found = { pass, slot };
    }
  }
  return found;
}
