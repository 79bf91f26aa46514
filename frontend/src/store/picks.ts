/** Which scalars people most likely want to see, by the names that are usual for them. */
import { compareNames } from "../model";
import { goalOf } from "../scalars";

/** Not the scale of mixed precision. */
const LOSS = /(?<![a-z])loss(?![a-z]|_?scale)/;
const VALIDATION = /(?<![a-z])(val|valid|validation|eval|test|dev)(?![a-z])/;
/** Counted in batches while everything else counts epochs, as Keras does. */
const OF_BATCHES = /(?<![a-z])(batch|iterations?)(?![a-z])/;

const words = (tag: string): string => tag.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();

/** Validation before training, epochs before batches, `loss` before `aux_loss`. */
function compareInterest(a: string, b: string): number {
  const rank = (tag: string) => {
    const text = words(tag);
    const length = text.match(/[a-z0-9]+/g)?.length ?? 0;
    return 1e4 * +OF_BATCHES.test(text) + 1e3 * +!VALIDATION.test(text) + length;
  };
  return rank(a) - rank(b) || compareNames(a, b);
}

/** Whether a run is the part of an experiment that validates, as Keras names it. */
export const validates = (run: string): boolean =>
  VALIDATION.test(run.slice(run.lastIndexOf("/") + 1).toLowerCase());

/** At most one loss and one scalar that is to rise. */
export function usualPicks(tags: readonly string[]): string[] {
  const losses = tags.filter((tag) => LOSS.test(words(tag))).sort(compareInterest);
  const rising = tags.filter((tag) => goalOf(tag) === "highest").sort(compareInterest);
  return [...losses.slice(0, 1), ...rising.slice(0, 1)];
}
