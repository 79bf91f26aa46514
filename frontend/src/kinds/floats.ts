/** Frames that travel as numbers. */

/** Numbers lie anywhere in the answer, but typed arrays begin on multiples of their size. */
function apart(wire: unknown, what: string): ArrayBuffer {
  if (!(wire instanceof Uint8Array)) throw new Error(`This frame holds no ${what}.`);
  return wire.slice().buffer;
}

/** The little-endian float32 of a frame; `what` it ought to be, in words. */
export function floatsOf(wire: unknown, what: string): Float32Array {
  const bytes = apart(wire, what);
  return new Float32Array(bytes, 0, Math.floor(bytes.byteLength / Float32Array.BYTES_PER_ELEMENT));
}

/** The same of little-endian float64. */
export function doublesOf(wire: unknown, what: string): Float64Array {
  const bytes = apart(wire, what);
  return new Float64Array(bytes, 0, Math.floor(bytes.byteLength / Float64Array.BYTES_PER_ELEMENT));
}
