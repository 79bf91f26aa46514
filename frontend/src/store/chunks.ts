/** How many frames one request asks for, and which. */
import type { WireFrame } from "../model";

/** One request brings about so much: unpacking more delays a picture, and less is all waiting. */
const CHUNK_BYTES = 2 ** 19;
/** As many as the server gives at once. */
const MAX_FRAMES = 256;
/** Before the size of any is known. */
const FIRST_FRAMES = 16;
/** Frames close to each other are much alike: the mean of so many will do. */
const MEASURED = 16;

export interface Chunk {
  /** The first frame's index. */
  readonly start: number;
  readonly count: number;
}

/** Memory of a frame as logged, in bytes. */
export function sizeOf(data: unknown): number {
  if (data instanceof Uint8Array) return data.byteLength;
  if (Array.isArray(data)) return data.reduce<number>((sum, item) => sum + sizeOf(item), 64);
  return 64;
}

/** In bytes, of the frames that are nearest to that one; 0 where none are here. */
function meanSize(index: number, logged: ReadonlyMap<number, WireFrame>): number {
  const near: WireFrame[] = [];
  for (let away = 1; away <= MAX_FRAMES && near.length < MEASURED; away++) {
    for (const one of [logged.get(index - away), logged.get(index + away)]) if (one) near.push(one);
  }
  // One from far away tells more than none.
  const found = near.length > 0 ? near : [...logged.values()].slice(-MEASURED);
  const bytes = found.reduce((sum, frame) => sum + sizeOf(frame.data), 0);
  return found.length > 0 ? bytes / found.length : 0;
}

/**
 * What to ask for when frames are missing; null: nothing.
 *
 * @param missing their indices, the most urgent first.
 * @param logged frames of the same series that are here, by their indices.
 * @param unreached a frame before which the last answer ended.
 */
export function chunkOf(
  missing: readonly number[],
  logged: ReadonlyMap<number, WireFrame>,
  unreached: number | null,
): Chunk | null {
  const [first, second] = missing;
  if (first === undefined) return null;
  const mean = meanSize(first, logged);
  const most = mean > 0 ? Math.floor(CHUNK_BYTES / mean) : FIRST_FRAMES;
  const count = Math.min(Math.max(most, 2), MAX_FRAMES);
  // However large it is, the frame that an answer begins with comes.
  if (second !== first - 1 || first === unreached) return { start: first, count };
  // Going backwards, the chunk ends where it is needed first.
  const start = Math.max(0, first - count + 1);
  return { start, count: first - start + 1 };
}
