/** How it goes round, how fast, and which part of the timeline. */
import { useComputed } from "@preact/signals";
import { formatPosition, formatSpeed, formatStep } from "../format";
import { CloseIcon } from "../icons";
import { FPS_LIMITS, HOLD_LIMITS, SPEED_LIMITS, SPEEDS } from "../playhead";
import type { Player } from "../store";
import { Check, LOOP_CHOICES, Pills } from "./fields";
import { Menu } from "./menu";
import { NumberField } from "./number";

export function LoopMenu({ player }: { player: Player }) {
  // The playhead is another one with every picture; these are not.
  const loop = useComputed(() => player.head.value.loop).value;
  const reverse = useComputed(() => player.head.value.reverse).value;
  const hold = useComputed(() => player.head.value.hold).value;
  return (
    <Menu
      label="Loop"
      text={
        <>
          Loop: <b>{loop}</b>
          {reverse && " ◂"}
        </>
      }
      set={`${loop}${reverse ? ", reverse" : ""}`}
      title="How it goes round"
    >
      <Pills name="loop" label="Loop" choices={LOOP_CHOICES} value={loop} choose={player.setLoop} />
      <Check label="Reverse" value={reverse} choose={player.setReverse} />
      <NumberField
        {...HOLD_LIMITS}
        label="Hold the last frame"
        unit="s"
        value={hold}
        choose={player.setHold}
      />
    </Menu>
  );
}

const OFFERS = SPEEDS.map((value) => ({ value, label: formatSpeed(value) }));

export function SpeedMenu({ player }: { player: Player }) {
  const speed = useComputed(() => player.head.value.speed).value;
  return (
    <Menu
      label="Speed"
      set={formatSpeed(speed)}
      title="Speed (< and >)"
      text={<b>{formatSpeed(speed)}</b>}
    >
      <Pills name="speed" label="Speed" choices={OFFERS} value={speed} choose={player.setSpeed} />
      <NumberField
        {...SPEED_LIMITS}
        label="Any other"
        unit="×"
        value={speed}
        choose={player.setSpeed}
      />
    </Menu>
  );
}

export function Fps({ player }: { player: Player }) {
  const fps = useComputed(() => player.head.value.fps).value;
  return (
    <NumberField
      {...FPS_LIMITS}
      bare
      label="Frames per second"
      unit="fps"
      value={fps}
      choose={player.setFps}
    />
  );
}

export function RangePill({ player }: { player: Player }) {
  const { in: from, out: to } = player.bounds.value;
  const first = useComputed(() => player.head.value.first).value;
  const last = useComputed(() => player.head.value.last).value;
  const measure = player.measure.value;
  if (from === null && to === null) return null;
  const text = (tick: number): string => {
    const at = player.ticks.value[tick] ?? 0;
    return measure === "step" ? formatStep(at) : formatPosition(measure, at);
  };
  return (
    <span class="pill range">
      <span>
        Range{" "}
        <b>
          {text(first)} – {text(last)}
        </b>
      </span>
      <button
        type="button"
        class="icon"
        aria-label="Clear the range"
        title="Clear the range (X)"
        onClick={player.clearRange}
      >
        <CloseIcon />
      </button>
    </span>
  );
}
