/** How many frames one request asks for, and which. */
import type { WireFrame } from "../model";

/** One request brings about so much: unpacking more delays a picture, and less is all waiting. */
const CHUNK_BYTES = 2 ** 19;
/** As many as the server gives at once. */
const MAX_FRAMES = 256;
/** Before the size of any is known. */
const FIRST_FRAMES = 16;
/** Frames of a series are much alike: the mean of so many will do. */
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

/** In bytes; 0 of no frames. */
function meanSize(frames: Iterable<WireFrame>): number {
  let bytes = 0;
  let count = 0;
  for (const frame of frames) {
    bytes += sizeOf(frame.data);
    count += 1;
    if (count === MEASURED) break;
  }
  return count > 0 ? bytes / count : 0;
}

/**
 * What to ask for when frames are missing; null: nothing.
 *
 * @param missing their indices, the most urgent first.
 * @param logged frames of the same series that are here.
 */
export function chunkOf(missing: readonly number[], logged: Iterable<WireFrame>): Chunk | null {
  const [first, second] = missing;
  if (first === undefined) return null;
  const mean = meanSize(logged);
  const most = mean > 0 ? Math.floor(CHUNK_BYTES / mean) : FIRST_FRAMES;
  const count = Math.min(Math.max(most, 2), MAX_FRAMES);
  if (second !== first - 1) return { start: first, count };
  // Going backwards, the chunk ends where it is needed first.
  const start = Math.max(0, first - count + 1);
  return { start, count: first - start + 1 };
}
