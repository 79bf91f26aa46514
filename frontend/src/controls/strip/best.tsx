/** The best step of a scalar, and the way there. */
import { formatStep, formatValue } from "../../format";
import { StarIcon } from "../../icons";
import type { Store } from "../../store";
import { releaseKeys } from "../keys";

export function Best({ store }: { store: Store }) {
  const { best } = store.curves;
  const { value: present } = best.present;
  if (present === null) return null;
  const { run, tag, step, value } = present;
  const several = best.steps.value.length > 1;
  const smoothed = best.weight.value > 0 ? "smoothed " : "";
  const what = `The ${best.goal.value} ${smoothed}${tag} of ${run} is ${formatValue(value)}`;
  return (
    <button
      type="button"
      class="pill best"
      title={`${what} (B${several ? "; again: the next run's" : ""})`}
      onClick={(event) => {
        best.jump();
        releaseKeys(event);
      }}
    >
      {several && <i class="dot" style={{ background: store.colorOf(run) }} />}
      <StarIcon full={false} />
      <span class="name">Best {tag}:</span> <b>{formatStep(step)}</b>
    </button>
  );
}
