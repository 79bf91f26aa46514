/** Frames that travel as numbers. */

const BYTES = 4;

/** The little-endian float32 of a frame; `what` it ought to be, in words. */
export function floatsOf(wire: unknown, what: string): Float32Array {
  if (!(wire instanceof Uint8Array)) throw new Error(`This frame holds no ${what}.`);
  // The bytes lie anywhere in the answer, floats only on multiples of four.
  return new Float32Array(wire.slice().buffer, 0, Math.floor(wire.length / BYTES));
}
