/** The in and the out point on the timeline: handles to drag, or to move by arrows. */
import { formatPosition } from "../format";
import type { Player } from "../store";
import { axisOf } from "./axis";

type End = "in" | "out";

interface Props {
  readonly player: Player;
  /** Of the timeline, in CSS pixels; 0 before it is known. */
  readonly width: number;
}

export function Ends({ player, width }: Props) {
  if (width === 0 || player.head.value.count < 2) return null;
  return (
    <>
      <Handle end="in" player={player} width={width} />
      <Handle end="out" player={player} width={width} />
    </>
  );
}

function Handle({ end, player, width }: Props & { end: End }) {
  const { first, last, count } = player.head.value;
  const { value: ticks } = player.ticks;
  const axis = axisOf(ticks, width);
  const tick = end === "in" ? first : last;
  const position = ticks[tick] ?? 0;
  const set = player.bounds.value[end] !== null;

  /** It stops at the other one: who drags past it does not mean another range. */
  const move = (to: number) => {
    if (end === "in") player.markIn(Math.min(Math.max(to, 0), last));
    else player.markOut(Math.max(Math.min(to, count - 1), first));
  };
  const keys: Record<string, () => void> = {
    ArrowLeft: () => move(tick - 1),
    ArrowRight: () => move(tick + 1),
    Home: () => move(0),
    End: () => move(count - 1),
    Delete: () => move(end === "in" ? 0 : count - 1),
  };

  return (
    <div
      class={set ? `end ${end} set` : `end ${end}`}
      style={{ left: `${axis.x(position)}px` }}
      role="slider"
      tabIndex={0}
      aria-label={end === "in" ? "In point" : "Out point"}
      aria-valuemin={1}
      aria-valuemax={count}
      aria-valuenow={tick + 1}
      aria-valuetext={formatPosition(player.measure.value, position)}
      title={end === "in" ? "In point (I)" : "Out point (O)"}
      onKeyDown={(event) => {
        const act = keys[event.key];
        if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
        // Elsewhere, these keys move the playhead.
        event.preventDefault();
        act();
      }}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        const handle = event.currentTarget;
        const timeline = handle.parentElement?.getBoundingClientRect();
        if (timeline && handle.hasPointerCapture(event.pointerId)) {
          move(axis.tickAt(event.clientX - timeline.left));
        }
      }}
    />
  );
}
