/** Runs that are being written: the page looks for new frames by itself. */
import { effect, type ReadonlySignal, untracked } from "@preact/signals";
import type { Catalog } from "./catalog";

/** While something grows, or somebody waits for it (in milliseconds). */
export const LIVELY = 5_000;
/** When nothing has grown for long (in milliseconds). */
export const QUIET = 30_000;
/** An epoch can take this long (in milliseconds). */
const LONG = 5 * 60_000;

interface Context {
  readonly catalog: Catalog;
  /** Nobody looks: what is asked for now would be asked for again later. */
  readonly asleep: ReadonlySignal<boolean>;
  readonly following: ReadonlySignal<boolean>;
}

/** Asks every now and then, until the function that comes back is called. */
export function watch({ catalog, asleep, following }: Context): () => void {
  return effect(() => {
    if (asleep.value) return;
    const waited = following.value;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const wait = () => {
      if (over) return;
      const lively = waited || performance.now() - catalog.grown < LONG;
      timer = setTimeout(ask, lively ? LIVELY : QUIET);
    };
    const ask = () => void catalog.poll().then(wait);
    // Much may have been logged while nobody looked.
    untracked(ask);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  });
}
