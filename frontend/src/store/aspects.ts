/** Width over height of each card's picture, also before anything of it was asked for. */
import { computed, type ReadonlySignal } from "@preact/signals";
import { tagKey } from "../model";
import type { Track } from "./track";

/** A very tall or wide picture is fitted into a card of at most this shape. */
const LIMITS = { min: 0.75, max: 4 };

const ownAspect = ({ scene, kind }: Track): number | null =>
  scene.value && kind ? kind.aspect(scene.value) : null;

/** The tag's other runs are the most alike, then whatever is of the same kind. */
const likeness = (track: Track): readonly string[] => {
  const series = track.series.peek();
  return [tagKey(series), series.kind];
};

/** Cards that come into view later should not change their height when they do. */
export function aspectsOf(chosen: ReadonlySignal<readonly Track[]>): (track: Track) => number {
  const known = computed(() => {
    const found = new Map<string, number>();
    for (const track of chosen.value) {
      const aspect = ownAspect(track);
      if (aspect === null) continue;
      for (const name of likeness(track)) if (!found.has(name)) found.set(name, aspect);
    }
    return found;
  });
  return (track) => {
    const alike = likeness(track).map((name) => known.value.get(name));
    const aspect = ownAspect(track) ?? alike.find((one) => one !== undefined) ?? 1;
    return Math.min(Math.max(aspect, LIMITS.min), LIMITS.max);
  };
}
