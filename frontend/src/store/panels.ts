/** What each card shows: one series, or the runs of a tag laid over each other. */
import type { Track } from "./track";

export interface Panel {
  /** The same as long as the card is, whichever runs it shows. */
  readonly key: string;
  readonly tag: string;
  /** At least one. */
  readonly tracks: readonly Track[];
}

const sharedKey = (track: Track): string => {
  const { kind, tag } = track.series.peek();
  return `${kind}\0${tag}`;
};

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

/** The series that are fitted together when they are in view, by a name for what they share. */
export const fitting = (tracks: readonly Track[]): Map<string, Track[]> =>
  grouped(
    tracks.filter(({ kind }) => kind?.shares || kind?.placed),
    (track) => (track.kind?.shares ? sharedKey(track) : track.id),
  );

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
