/** What stands under a card's picture and belongs to it alone: a legend, a choice, a scale. */
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { CardState, Control } from "../kinds";
import type { Store, Track } from "../store";

/** Rows of a legend that are shown at first. */
const ROWS = 2;

interface Props {
  readonly store: Store;
  readonly track: Track;
}

export function Controls({ store, track }: Props) {
  const scene = track.scene.value;
  const state = store.cardStates.of(track.stateKey);
  if (!scene || !track.kind?.controls) return null;
  const controls = track.kind.controls(scene, state.value, store.theme.value);
  if (controls.length === 0) return null;
  const set = (next: CardState) => {
    state.value = next;
  };
  return (
    <div class="own">
      {controls.map((control) => (
        <One key={`${control.type} ${control.label}`} control={control} set={set} />
      ))}
    </div>
  );
}

interface OneProps<T> {
  readonly control: T;
  readonly set: (state: CardState) => void;
}

function One({ control, set }: OneProps<Control>) {
  switch (control.type) {
    case "choice":
      return <Choice control={control} set={set} />;
    case "legend":
      return <Legend control={control} set={set} />;
    case "scale":
      return <Scale control={control} />;
  }
}

function Choice({ control, set }: OneProps<Control & { type: "choice" }>) {
  return (
    <label class="by">
      {control.label}
      <select
        value={control.value}
        onChange={(event) => set(control.choose(event.currentTarget.value))}
      >
        {control.choices.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}

function Scale({ control }: { control: Control & { type: "scale" } }) {
  const { min, max, colors, label } = control;
  return (
    <div class="scale" role="img" aria-label={`${label} from ${min} to ${max}`}>
      {min}
      <i style={{ background: `linear-gradient(90deg, ${colors.join(", ")})` }} />
      {max}
    </div>
  );
}

/** How many of the entries stand in the first rows. */
function fitting(list: HTMLElement): number {
  const entries = [...list.children] as HTMLElement[];
  let rows = 0;
  let top = Number.NEGATIVE_INFINITY;
  for (const [i, entry] of entries.entries()) {
    if (entry.offsetTop > top) rows += 1;
    top = Math.max(top, entry.offsetTop);
    if (rows > ROWS) return i;
  }
  return entries.length;
}

function Legend({ control, set }: OneProps<Control & { type: "legend" }>) {
  const list = useRef<HTMLDivElement>(null);
  const open = useSignal(false);
  const room = useSignal(Number.POSITIVE_INFINITY);
  const { entries } = control;

  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      room.value = fitting(element);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [entries.length]);

  const shown = open.value ? entries.length : room.value;
  const rest = entries.length - room.value;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would not wrap its rows.
    <div class={open.value ? "legend open" : "legend"} role="group" aria-label={control.label}>
      <div ref={list}>
        {entries.map(({ name, color, shown: pressed }, i) => (
          <button
            key={name}
            type="button"
            class="entry"
            aria-pressed={pressed}
            title={`${name}: click to hide or show, double click for it alone`}
            // Cut off, but measured.
            style={i < shown ? undefined : { visibility: "hidden" }}
            onClick={(event) => {
              // The first click of two has been undone by the second.
              set(event.altKey ? control.only(name) : control.toggle(name));
            }}
            onDblClick={() => set(control.only(name))}
          >
            <i class="dot" style={{ background: color }} />
            {name}
          </button>
        ))}
      </div>
      {rest > 0 && (
        <button
          type="button"
          class="link"
          aria-expanded={open.value}
          onClick={() => {
            open.value = !open.value;
          }}
        >
          {open.value ? "fewer" : `+ ${rest} more`}
        </button>
      )}
    </div>
  );
}
