/** The in and the out point as a clip knows them: steps, the same ones for all its series. */
import type { Measure } from "../model";
import { latest, slackOf } from "../timeline";
import type { Range } from "./range";
import type { Track } from "./track";

interface Played {
  /** Of its first and its last frame within the range; of none, of the frame that stays. */
  readonly steps: readonly number[];
  readonly own: boolean;
}

function played({ steps, positions }: Track, measure: Measure, range: Range): Played {
  const known = steps.peek()?.steps ?? [];
  const places = positions.peek();
  const slack = slackOf(measure, places);
  const first = places.findIndex((place) => place >= (range.in ?? -Infinity) - slack);
  const last = latest(places, range.out ?? Infinity, slack);
  const own = first >= 0 && first <= last;
  const step = (index: number) => known.slice(index, index + 1);
  return { own, steps: own ? [...step(first), ...step(last)] : last < 0 ? [] : step(last) };
}

/**
 * The range in steps. Time and share run through each series' steps at another pace: of
 * several, these are the widest that any of them plays, so that nothing of it is missing.
 * Where no series has a frame in the range it is those that stay, by step as well; before the
 * first frame of all, steps that none has, as no bound would mean everything.
 */
export function stepsOf(measure: Measure, range: Range, tracks: readonly Track[]): Range {
  const all = tracks.map((track) => played(track, measure, range));
  const moving = all.some(({ own }) => own);
  if (measure === "step" && (moving || all.every(({ steps }) => steps.length === 0))) {
    const { in: first, out } = range;
    return { in: first && Math.ceil(first), out: out && Math.floor(out) };
  }
  let [first, last] = [Infinity, -Infinity];
  for (const { steps, own } of all) {
    if (own || !moving) first = Math.min(first, ...steps);
    // What stays has to be within the range as well, or an earlier frame would stay instead.
    last = Math.max(last, ...steps);
  }
  if (first > last) {
    const begin = Math.min(...tracks.map(({ steps }) => steps.peek()?.steps[0] ?? Infinity));
    first = last = Number.isFinite(begin) ? begin - 1 : 0;
  }
  return { in: range.in === null ? null : first, out: range.out === null ? null : last };
}
