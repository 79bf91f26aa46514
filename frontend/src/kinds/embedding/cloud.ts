/** One frame's points as the scene places them. */
import { floatsOf } from "../floats";

export interface Cloud {
  /** Frames whose points can be joined have the same one. */
  readonly segment: number;
  /** Which of the table's versions tells about the points; -1: none. */
  readonly version: number;
  /** How many places there are for points, in this order in every frame of the segment. */
  readonly slots: number;
  readonly dims: 2 | 3;
  /** The mean of the points that are here. */
  readonly centre: readonly [number, number, number];
  /** Their root mean square distance from it. */
  readonly radius: number;
  /** `dims` numbers a slot; NaN: the point is not in this frame. */
  readonly positions: Float32Array;
}

const HEAD = 8;
/** Of the objects around the numbers. */
const OVERHEAD = 512;

export function decodeCloud(wire: unknown): Cloud {
  const floats = floatsOf(wire, "points");
  if (floats.length < HEAD) throw new Error("These points are cut short.");
  const [segment, version, slots, dims, x, y, z, radius] = floats as unknown as number[];
  const positions = floats.subarray(HEAD);
  if ((dims !== 2 && dims !== 3) || positions.length !== (slots as number) * dims) {
    throw new Error("These points are cut short.");
  }
  return {
    segment: segment as number,
    version: version as number,
    slots: slots as number,
    dims,
    centre: [x as number, y as number, z as number],
    radius: radius as number,
    positions,
  };
}

const grown = new WeakMap<Cloud, Cloud>();

/** The same frame with room for the points that its segment got later. */
export function padded(cloud: Cloud, slots: number): Cloud {
  if (cloud.slots >= slots) return cloud;
  const known = grown.get(cloud);
  if (known?.slots === slots) return known;
  const positions = new Float32Array(slots * cloud.dims).fill(Number.NaN);
  positions.set(cloud.positions);
  const made = { ...cloud, slots, positions };
  grown.set(cloud, made);
  return made;
}

/** Whether the point is in that frame. */
export const isIn = ({ positions, dims }: Cloud, slot: number): boolean =>
  !Number.isNaN(positions[slot * dims]);

/** Of the numbers, and of their copy at the graphics card. */
export const cloudBytes = ({ positions }: Cloud): number => OVERHEAD + 2 * positions.byteLength;

/**
 * Where the point is at `phase` of the way from one frame to the next, written to `out`
 * (x, y, z); returns how much of it is to be seen, 0 where it is in neither.
 */
export function pointBetween(
  from: Cloud,
  to: Cloud,
  phase: number,
  slot: number,
  out: Float64Array,
): number {
  const { dims } = from;
  const at = slot * dims;
  const a = from.positions[at] as number;
  const b = to.positions[at] as number;
  const here = !Number.isNaN(a);
  const there = !Number.isNaN(b);
  if (!here && !there) return 0;
  out[2] = 0;
  for (let i = 0; i < dims; i++) {
    const start = from.positions[at + i] as number;
    const end = to.positions[at + i] as number;
    out[i] = here ? (there ? start + (end - start) * phase : start) : end;
  }
  return here ? (there ? 1 : 1 - phase) : phase;
}
