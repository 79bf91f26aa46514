/** While the server is at something that takes long. */
import { formatStep } from "../format";
import type { Store, Track } from "../store";

export function Waiting({ store, track }: { store: Store; track: Track }) {
  const progress = track.pending.value;
  const { kind } = track;
  if (!progress || !kind) return null;
  const { done, total } = progress;
  return (
    <div class="message waiting">
      <p role="status">
        {total > 0
          ? `Being computed: ${formatStep(done)} of ${formatStep(total)}`
          : "Being computed …"}
      </p>
      <progress aria-label="Progress" max={Math.max(1, total)} value={done} />
      <button type="button" class="link" onClick={() => store.cancelFit(kind)}>
        Cancel
      </button>
    </div>
  );
}
