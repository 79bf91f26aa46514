/** Where the playhead is, in words. */
import { formatDuration, formatShare, formatStep } from "../format";
import type { Measure } from "../model";
import type { Player } from "../store";

function Words({ measure, at, last }: { measure: Measure; at: number; last: number }) {
  switch (measure) {
    case "step":
      return (
        <>
          step <b>{formatStep(at)}</b> <small>of {formatStep(last)}</small>
        </>
      );
    case "time":
      return (
        <>
          <b>{formatDuration(at)}</b> <small>of {formatDuration(last)}</small>
        </>
      );
    case "share":
      return (
        <>
          <b>{formatShare(at)}</b> <small>of each run</small>
        </>
      );
  }
}

export function Where({ player }: { player: Player }) {
  const { tick, count } = player.head.value;
  const { value: measure } = player.measure;
  const at = player.position.value;
  const last = player.ticks.value.at(-1);
  if (at === undefined || last === undefined) return <span class="where">nothing to play</span>;
  const words = (position: number, frame: number) => (
    <>
      <Words measure={measure} at={position} last={last} />{" "}
      <small>
        · frame {formatStep(frame)} / {formatStep(count)}
      </small>
    </>
  );
  return (
    <span class="where" aria-live="off">
      <span>{words(at, tick + 1)}</span>
      {/* The widest that comes: nothing beside it moves while it plays. */}
      <span aria-hidden="true">{words(last, count)}</span>
    </span>
  );
}
