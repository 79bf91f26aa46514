/** Which samples a link asked for, also of series that are listed only later. */
import type { Track } from "./track";

export class Samples {
  #wanted: ReadonlyMap<string, number> = new Map();

  constructor(private readonly tracks: () => Iterable<Track>) {}

  /** These samples alone, by the series' id, and all samples of all others. */
  open(wanted: ReadonlyMap<string, number>): void {
    this.#wanted = wanted;
    for (const track of this.tracks()) this.applied(track);
  }

  applied(track: Track): Track {
    track.choose(this.#wanted.get(track.id) ?? null);
    return track;
  }
}
