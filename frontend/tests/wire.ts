/** Histograms as `/frames` sends them. */

export type Rows = readonly (readonly [left: number, right: number, count: number])[];

/** Little-endian float32: six numbers, then the buckets, with edges in two parts. */
export function wire(rows: Rows, about: Partial<Record<"mean" | "sd" | "zero", number>> = {}) {
  const total = rows.reduce((sum, [, , count]) => sum + count, 0);
  const { mean = 0, sd = 0, zero = 0 } = about;
  const parts = (edge: number) => [Math.fround(edge), edge - Math.fround(edge)];
  const numbers = new Float32Array([
    ...[total, mean, sd, zero, rows[0]?.[0] ?? 0, rows.at(-1)?.[1] ?? 0],
    ...rows.flatMap(([left, right, count]) => [...parts(left), ...parts(right), count]),
  ]);
  return new Uint8Array(numbers.buffer);
}

/** As msgpack hands it out: in the middle of a larger answer, on no multiple of four. */
export function unaligned(bytes: Uint8Array): Uint8Array {
  const answer = new Uint8Array(bytes.length + 7);
  answer.set(bytes, 3);
  return answer.subarray(3, 3 + bytes.length);
}
