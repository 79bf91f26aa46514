/** One transport for all cards. */
import { formatSpeed, formatStep } from "../format";
import {
  FirstIcon,
  LastIcon,
  MenuIcon,
  NextIcon,
  PauseIcon,
  PlayIcon,
  PreviousIcon,
} from "../icons";
import type { Loop } from "../model";
import { FPS_LIMITS, SPEEDS } from "../playhead";
import type { Store } from "../store";
import { Scrubber } from "./scrubber";

interface ButtonProps {
  readonly label: string;
  readonly keys: string;
  readonly disabled: boolean;
  readonly onPress: () => void;
  readonly class?: string;
  readonly children: preact.ComponentChildren;
}

function Button({ label, keys, disabled, onPress, class: extra, children }: ButtonProps) {
  return (
    <button
      type="button"
      class={`icon ${extra ?? ""}`}
      aria-label={label}
      title={`${label} (${keys})`}
      disabled={disabled}
      onClick={(event) => {
        onPress();
        // After a click of the mouse the space bar should play, not click again.
        if (event.detail > 0) event.currentTarget.blur();
      }}
    >
      {children}
    </button>
  );
}

function Where({ store }: { store: Store }) {
  const { tick, count } = store.head.value;
  const step = store.step.value;
  const last = store.ticks.value.at(-1);
  if (step === undefined || last === undefined) return <span class="where">nothing to play</span>;
  return (
    <span class="where" aria-live="off">
      step <b>{formatStep(step)}</b>{" "}
      <small>
        of {formatStep(last)} · frame {formatStep(tick + 1)} / {formatStep(count)}
      </small>
    </span>
  );
}

const LOOPS: readonly { value: Loop; label: string }[] = [
  { value: "forever", label: "Loop: forever" },
  { value: "bounce", label: "Loop: bounce" },
  { value: "once", label: "Play once" },
];

interface Props {
  readonly store: Store;
  readonly onExport: () => void;
  readonly onFilters: () => void;
}

export function Transport({ store, onExport, onFilters }: Props) {
  const head = store.head.value;
  const none = head.count === 0;
  const still = head.count < 2;
  return (
    <section class="transport" aria-label="Playback">
      <Scrubber store={store} />
      <div class="controls">
        <button
          type="button"
          class="icon filters"
          aria-label="Filters"
          aria-controls="sidebar"
          onClick={onFilters}
        >
          <MenuIcon />
        </button>
        <Button label="First frame" keys="Home" disabled={none} onPress={store.first}>
          <FirstIcon />
        </Button>
        <Button label="Previous frame" keys="←" disabled={none} onPress={() => store.stepBy(-1)}>
          <PreviousIcon />
        </Button>
        <Button
          label={head.playing ? "Pause" : "Play"}
          keys="Space"
          disabled={still}
          onPress={store.toggle}
          class={store.buffering.value ? "play busy" : "play"}
        >
          {head.playing ? <PauseIcon /> : <PlayIcon />}
        </Button>
        <Button label="Next frame" keys="→" disabled={none} onPress={() => store.stepBy(1)}>
          <NextIcon />
        </Button>
        <Button label="Last frame" keys="End" disabled={none} onPress={store.last}>
          <LastIcon />
        </Button>
        <Where store={store} />
        <span class="spring" />
        <select
          class="pill"
          aria-label="Loop"
          value={head.loop}
          onChange={(event) => store.setLoop(event.currentTarget.value as Loop)}
        >
          {LOOPS.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
        <select
          class="pill"
          aria-label="Speed"
          title="Speed (< and >)"
          value={String(head.speed)}
          onChange={(event) => store.setSpeed(Number(event.currentTarget.value))}
        >
          {SPEEDS.map((speed) => (
            <option key={speed} value={String(speed)}>
              {formatSpeed(speed)}
            </option>
          ))}
        </select>
        <label class="pill fps">
          <input
            type="number"
            aria-label="Frames per second"
            min={FPS_LIMITS.min}
            max={FPS_LIMITS.max}
            step="any"
            value={head.fps}
            onChange={(event) => {
              store.setFps(event.currentTarget.valueAsNumber);
              event.currentTarget.value = String(store.head.peek().fps);
            }}
          />
          fps
        </label>
        <button type="button" class="cta" disabled={none} onClick={onExport}>
          Download<span class="long"> clip</span>
        </button>
      </div>
    </section>
  );
}
