/** Which cards go into the clip. */
import { plural } from "../../format";
import type { Store, Track } from "../../store";
import { type ClipForm, MAX_SERIES, type Which } from "../../store/clipform";
import { Pills } from "../fields";
import { Select } from "./field";

const labelOf = (track: Track): string => {
  const { tag, display_name, run } = track.series.peek();
  return `${display_name || tag} · ${run}`;
};

export function Subject({ store, form }: { store: Store; form: ClipForm }) {
  const runs = form.of("runs").length;
  const view = form.of("view").length;
  const choices: { value: Which; label: string }[] = [{ value: "card", label: "This card" }];
  if (runs > 1) choices.push({ value: "runs", label: `Its ${runs} runs side by side` });
  if (view > 1) choices.push({ value: "view", label: `The ${view} cards in view` });
  const count = form.tracks.value.length;
  return (
    <>
      <Select
        label="Card"
        wide
        value={form.card.value}
        choices={store.chosen.value.map((one) => ({ value: one.id, label: labelOf(one) }))}
        choose={(id) => form.setCard(id)}
      />
      {choices.length > 1 && (
        <div class="wide">
          <Pills
            name="clip-which"
            label="What"
            choices={choices}
            value={form.which.value}
            choose={(which) => form.setWhich(which)}
          />
        </div>
      )}
      {form.overlaid && (
        <p class="hint wide">A clip shows runs side by side, not laid over each other.</p>
      )}
      {form.differs.value && (
        <p class="hint wide">A clip is drawn in one way: all cards look as the chosen one does.</p>
      )}
      {count > MAX_SERIES && (
        <p class="problem wide" role="alert">
          {plural(count, "card")} are more than the {MAX_SERIES} that one clip can hold; filter some
          out.
        </p>
      )}
    </>
  );
}
