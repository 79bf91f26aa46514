/** What the timeline counts, and with it what frames of several runs stand side by side. */
import type { Measure } from "../model";
import type { Store } from "../store";
import { type Choice, Pills } from "./fields";

const CHOICES: readonly Choice<Measure>[] = [
  { value: "step", label: "Step" },
  { value: "time", label: "Time" },
  { value: "share", label: "Share" },
];

const SAYS: Readonly<Record<Measure, string | null>> = {
  step: null,
  time: "By the time since each run's start.",
  share: "By how much of each run is over.",
};

export function Align({ store }: { store: Store }) {
  const { value: measure } = store.measure;
  return (
    <section>
      <Pills
        name="measure"
        label="Align runs by"
        choices={CHOICES}
        value={measure}
        choose={store.align}
      />
      {SAYS[measure] && <p class="hint">{SAYS[measure]}</p>}
    </section>
  );
}
