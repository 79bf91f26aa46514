/** Masses on the line: buckets, their cumulative distribution, and what is made of it. */

/** Buckets in the order of their left edges; one of no width is a mass at a point. */
export interface Distribution {
  readonly left: Float64Array;
  readonly right: Float64Array;
  /** Mass of each bucket, spread evenly over it; greater than 0. */
  readonly count: Float64Array;
  /** The sum of all counts. */
  readonly total: number;
}

/**
 * The mass in each of `bins` equal bins between `lo` and `hi`: differences of the cumulative
 * distribution, so nothing is lost but what lies outside. A mass at a point belongs to the
 * bin that holds it; one at an inner edge to the bin on its right.
 */
export function resample(from: Distribution, lo: number, hi: number, bins: number): Float64Array {
  const masses = new Float64Array(bins);
  const { left, right, count } = from;
  const scale = bins / (hi - lo);
  for (let i = 0; i < count.length; i++) {
    const mass = count[i] as number;
    // Before they are scaled, which may put the axis' own end a hair beyond the last bin.
    if (!((right[i] as number) >= lo && (left[i] as number) <= hi)) continue;
    const start = ((left[i] as number) - lo) * scale;
    const end = ((right[i] as number) - lo) * scale;
    const last = Math.min(Math.floor(end), bins - 1);
    // A bucket narrower than rounding can tell is a point as well.
    if (!(end > start)) {
      masses[last] = (masses[last] as number) + mass;
      continue;
    }
    const density = mass / (end - start);
    for (let bin = Math.max(0, Math.floor(start)); bin <= last; bin++) {
      const overlap = Math.min(end, bin + 1) - Math.max(start, bin);
      if (overlap > 0) masses[bin] = (masses[bin] as number) + density * overlap;
    }
  }
  return masses;
}

/** Cumulated shares at the edges between buckets: from 0 to 1, one more than buckets. */
function cumulated({ count }: Distribution): Float64Array {
  const shares = new Float64Array(count.length + 1);
  let sum = 0;
  for (let i = 0; i < count.length; i++) {
    sum += count[i] as number;
    shares[i + 1] = sum;
  }
  for (let i = 1; i < shares.length; i++) shares[i] = (shares[i] as number) / sum;
  shares[count.length] = 1;
  return shares;
}

function scaled(from: Distribution, total: number): Distribution {
  const factor = from.total > 0 ? total / from.total : 0;
  return { ...from, count: from.count.map((mass) => mass * factor), total };
}

/**
 * At `phase` of the way from `a` to `b`: quantiles are interpolated, so mass travels and a
 * peak that moves stays one peak.
 */
export function between(a: Distribution, b: Distribution, phase: number): Distribution {
  const total = (1 - phase) * a.total + phase * b.total;
  if (a.count.length === 0) return scaled(b, total);
  if (b.count.length === 0) return scaled(a, total);
  const shareA = cumulated(a);
  const shareB = cumulated(b);
  const most = a.count.length + b.count.length;
  const left = new Float64Array(most);
  const right = new Float64Array(most);
  const count = new Float64Array(most);
  let size = 0;
  let share = 0;
  for (let i = 0, j = 0; i < a.count.length && j < b.count.length; ) {
    const endA = shareA[i + 1] as number;
    const endB = shareB[j + 1] as number;
    const end = Math.min(endA, endB);
    if (end > share) {
      left[size] =
        (1 - phase) * quantile(a, shareA, i, share) + phase * quantile(b, shareB, j, share);
      right[size] = (1 - phase) * quantile(a, shareA, i, end) + phase * quantile(b, shareB, j, end);
      count[size] = (end - share) * total;
      size += 1;
      share = end;
    }
    if (endA <= end) i += 1;
    if (endB <= end) j += 1;
  }
  return {
    left: left.subarray(0, size),
    right: right.subarray(0, size),
    count: count.subarray(0, size),
    total,
  };
}

/** The value below which that share lies, within bucket `i`. */
function quantile(from: Distribution, shares: Float64Array, i: number, share: number): number {
  const left = from.left[i] as number;
  const right = from.right[i] as number;
  const start = shares[i] as number;
  const width = (shares[i + 1] as number) - start;
  const part = width > 0 ? Math.min(Math.max((share - start) / width, 0), 1) : 0;
  return left + (right - left) * part;
}
