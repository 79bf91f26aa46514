/** Which series are shown. */
import type { Series } from "../model";

/** A regular expression that people type: anywhere, whatever the case. */
export function pattern(text: string): RegExp | null {
  try {
    return new RegExp(text, "i");
  } catch {
    return null;
  }
}

export interface Filter {
  /** null: what was typed is no regular expression, and hides nothing. */
  readonly runs: RegExp | null;
  readonly tags: RegExp | null;
  readonly hiddenRuns: ReadonlySet<string>;
  readonly hiddenKinds: ReadonlySet<string>;
}

export const runShown = (run: string, filter: Filter): boolean =>
  !filter.hiddenRuns.has(run) && (filter.runs?.test(run) ?? true);

export const shown = (series: Series, filter: Filter): boolean =>
  runShown(series.run, filter) &&
  !filter.hiddenKinds.has(series.kind) &&
  (filter.tags?.test(series.tag) ?? true);
