/** What each card shows: one series, or the runs of a tag laid over each other. */
import { tagKey } from "../model";
import type { Track } from "./track";

export interface Panel {
  /** The same as long as the card is, whichever runs it shows. */
  readonly key: string;
  readonly tag: string;
  /** At least one. */
  readonly tracks: readonly Track[];
}

const sharedKey = (track: Track): string => tagKey(track.series.peek());

/** The items by their keys, each group and the groups in the order given. */
export function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const members = groups.get(key);
    if (members) members.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** The series that have one scene, by a name for what they share. */
export const fitting = (tracks: readonly Track[]): Map<string, Track[]> =>
  grouped(tracks, (track) => (track.kind?.shares ? sharedKey(track) : track.id));

/**
 * Those before in the place of those that are the same: what is drawn of them stays.
 *
 * @param before by key.
 */
export const steady = (
  panels: readonly Panel[],
  before: ReadonlyMap<string, Panel>,
): readonly Panel[] =>
  panels.map((panel) => {
    const known = before.get(panel.key);
    const same =
      known?.tracks.length === panel.tracks.length &&
      known.tracks.every((track, i) => track === panel.tracks[i]);
    return same ? known : panel;
  });

export function panelsOf(
  tracks: readonly Track[],
  overlaid: (track: Track) => boolean,
): readonly Panel[] {
  const groups = grouped(tracks, (track) => (overlaid(track) ? sharedKey(track) : track.id));
  return [...groups].map(([key, members]) => ({
    key,
    tag: members[0]?.series.peek().tag ?? "",
    tracks: members,
  }));
}
