/** The exports that go on while the dialog is closed. */
import { useSignal } from "@preact/signals";
import { plural } from "../../format";
import { ChevronIcon } from "../../icons";
import type { Store } from "../../store";
import { ExportList } from "./list";

export function Tray({ store }: { store: Store }) {
  const folded = useSignal(false);
  const clips = store.clips.all.value;
  if (clips.length === 0) return null;
  return (
    <section class="tray" aria-label="Exports">
      <button
        type="button"
        class="plain"
        aria-expanded={!folded.value}
        onClick={() => {
          folded.value = !folded.value;
        }}
      >
        {plural(clips.length, "export")}
        <ChevronIcon open={!folded.value} />
      </button>
      {!folded.value && <ExportList store={store} />}
    </section>
  );
}
