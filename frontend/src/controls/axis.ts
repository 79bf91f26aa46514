/** Where the timeline's positions lie across the page: the scrubber and the strip share it. */
import { drawnPhase, following } from "../playhead";
import type { Player } from "../store";
import { nearest } from "../timeline";

/** Room at both ends, in CSS pixels, so that the handle is never cut off. */
export const INSET = 8;

type Needed = "head" | "ticks" | "position";

export interface Axis {
  /** Of the box, in CSS pixels. */
  readonly width: number;
  /** The positions at its ends. */
  readonly first: number;
  readonly last: number;
  /** CSS pixels from the left; beyond the ends for what lies outside of the timeline. */
  x(position: number): number;
  positionAt(x: number): number;
  /** The tick nearest to so many CSS pixels from the left; -1 if there is none. */
  tickAt(x: number): number;
}

/** Ticks lie where their positions are, not one beside the other: so do curves. */
export function axisOf(ticks: readonly number[], width: number): Axis {
  const first = ticks[0] ?? 0;
  const last = ticks.at(-1) ?? first;
  const span = Math.max(1, width - 2 * INSET);
  const whole = last > first ? last - first : 1;
  const positionAt = (x: number) => first + ((x - INSET) / span) * whole;
  return {
    width,
    first,
    last,
    x: (position) => INSET + ((position - first) / whole) * span,
    positionAt,
    tickAt: (x) => nearest(ticks, positionAt(x)),
  };
}

/** Where the playhead is drawn: on its way from its tick to the next while it plays. */
export function handleAt({ head, ticks, position }: Pick<Player, Needed>): number {
  const { value: now } = head;
  const at = position.value ?? 0;
  const next = now.playing ? following(now) : undefined;
  const to = next === undefined ? at : (ticks.value[next] ?? at);
  return at + drawnPhase(now) * (to - at);
}
