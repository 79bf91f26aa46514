/** What the clip will look like: its first, middle and last picture, and how large it gets. */
import type { ReadonlySignal } from "@preact/signals";
import { formatBytes, formatDuration, plural } from "../../format";
import type { Facts } from "../../store/preview";

interface Props {
  readonly facts: ReadonlySignal<Facts | null>;
  readonly stale: ReadonlySignal<boolean>;
  readonly busy: ReadonlySignal<boolean>;
  /** Frames as logged; 0: there is nothing in the range. */
  readonly frames: number;
  readonly problem: string | null;
}

export function Stills({ facts, stale, busy, frames, problem }: Props) {
  const now = facts.value;
  const old = stale.value;
  return (
    <section class={old ? "stills old" : "stills"} aria-label="Preview" aria-busy={busy.value}>
      <div class="pictures">
        {now?.stills.map(({ picture, url }) => (
          <figure key={url}>
            <img
              src={url}
              width={now.width}
              height={now.height}
              alt={`${picture + 1} of ${now.pictures}`}
            />
            <figcaption>{picture + 1}</figcaption>
          </figure>
        ))}
      </div>
      <p class="sum">
        {frames > 0 ? plural(frames, "frame") : "No frame lies in this range of steps."}
        {now && frames > 0 && (
          <>
            {` · ${plural(now.pictures, "picture")} · ${now.width} × ${now.height}`}
            <br />
            {`${formatDuration(now.seconds)} · about ${formatBytes(now.bytes)}`}
          </>
        )}
      </p>
      {now?.change && <p class="hint">{now.change}</p>}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}
