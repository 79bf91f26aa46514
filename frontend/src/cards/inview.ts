/** Which cards are in view: only those are drawn, play, and hold memory. */
import { type ReadonlySignal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Store, Track } from "../store";

/** Pictures are drawn a little before they scroll into view. */
const VIEW_MARGIN = "200px";

interface InView {
  readonly element: RefObject<HTMLElement | null>;
  readonly inView: ReadonlySignal<boolean>;
  /** Height that was under the stage when the card left the view, in CSS pixels. */
  readonly below: ReadonlySignal<number | null>;
}

export function useInView(store: Store, tracks: readonly Track[]): InView {
  const element = useRef<HTMLElement>(null);
  const inView = useSignal(false);
  const below = useSignal<number | null>(null);
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    let hide: (() => void) | undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        const now = entries.at(-1)?.isIntersecting ?? false;
        const stage = target.querySelector(".stage");
        if (!now && inView.peek() && stage) {
          below.value =
            target.getBoundingClientRect().bottom - stage.getBoundingClientRect().bottom;
        }
        hide?.();
        hide = now ? store.show(tracks) : undefined;
        inView.value = now;
      },
      { rootMargin: VIEW_MARGIN },
    );
    observer.observe(target);
    return () => {
      observer.disconnect();
      hide?.();
    };
  }, [tracks]);
  return { element, inView, below };
}
