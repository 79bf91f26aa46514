/** The scalars that are drawn through the timeline; without any, the timeline alone. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { ChevronIcon } from "../../icons";
import type { Store } from "../../store";

export { Best } from "./best";

interface Props {
  readonly store: Store;
  /** The timeline, which lies on the same axis. */
  readonly children: ComponentChildren;
}

type Parts = typeof import("./parts");

export function Strip({ store, children }: Props) {
  const { list, shownTags, folded } = store.curves;
  const parts = useSignal<Parts | null>(null);
  const wanted = !!list.value?.length && store.player.ticks.value.length > 0;
  useEffect(() => {
    if (!wanted || parts.peek() !== null) return;
    const take = (loaded: Parts) => {
      parts.value = loaded;
    };
    // Without them the timeline is still there.
    import("./parts").then(take, () => {});
  }, [wanted]);
  const shown = wanted ? parts.value : null;
  const drawn = shown !== null && shownTags.value.length > 0;
  const open = drawn && !folded.value;
  return (
    <div class={shown ? "strip" : ""}>
      {shown && (
        <div class="readings">
          <div class="head">
            {drawn && (
              <button
                type="button"
                class="icon"
                aria-label="Curves"
                aria-expanded={open}
                onClick={() => {
                  folded.value = open;
                }}
              >
                <ChevronIcon open={open} />
              </button>
            )}
            <shown.Picker store={store} />
          </div>
          {open && <shown.Readout store={store} />}
        </div>
      )}
      <div class="lane">
        {open && <shown.Plot store={store} />}
        {children}
      </div>
    </div>
  );
}
