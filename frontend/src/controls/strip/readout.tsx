/** The values at the playhead, one row for each curve. */
import { useComputed } from "@preact/signals";
import { formatStep, formatValue } from "../../format";
import type { Store } from "../../store";
import { MAX_TRACES } from "../../store/curves";
import type { Trace } from "../../store/trace";
import { slackOf } from "../../timeline";
import { dashOf } from "./lines";

/** The curve's line, so that it can be told which of the strip is meant. */
function Sample({ store, trace }: { store: Store; trace: Trace }) {
  const tags = store.curves.shownTags.value;
  return (
    <svg
      class="sample"
      viewBox="0 0 20 8"
      aria-hidden="true"
      style={{ color: store.colorOf(trace.run) }}
    >
      {tags.length > 1 && (
        <path d="M0 4H20" stroke-dasharray={dashOf(tags, trace.tag).join(" ") || "none"} />
      )}
      <circle cx="10" cy="4" r="3" />
    </svg>
  );
}

function Row({ store, trace }: { store: Store; trace: Trace }) {
  const { player } = store;
  const value = useComputed(() => {
    const slack = slackOf(player.measure.value, player.ticks.value);
    const text = formatValue(trace.valueAt(player.position.value, slack));
    // Between points that were left out, others may have been logged.
    return trace.thinned ? `≈ ${text}` : text;
  });
  const points = trace.points.value;
  const thinned = points && trace.thinned;
  const about = [
    `${trace.tag} of ${trace.run}`,
    trace.error.value,
    thinned &&
      `${formatStep(points.steps.length)} of ${formatStep(points.points)} points are drawn.`,
    trace.info.value.sampled && "TensorBoard keeps only a sample of this scalar's points.",
  ].filter(Boolean);
  return (
    <li title={about.join("\n")}>
      <Sample store={store} trace={trace} />
      <span class="name">
        {trace.tag} <small>{trace.run}</small>
      </span>
      <b>{value}</b>
    </li>
  );
}

export function Readout({ store }: { store: Store }) {
  const { traces, left } = store.curves;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard, too. */}
      <ul class="readout" tabIndex={0} aria-label="Values at the playhead">
        {traces.value.map((trace) => (
          <Row key={`${trace.run}\0${trace.tag}`} store={store} trace={trace} />
        ))}
        {traces.value.length === 0 && <li class="hint">No run that is shown logged this.</li>}
        {left.value > 0 && (
          <li class="hint">
            {left.value} more than {MAX_TRACES} curves are left out: hide runs to see them.
          </li>
        )}
      </ul>
    </>
  );
}
