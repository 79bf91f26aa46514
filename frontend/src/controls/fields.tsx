/** What people choose with in the sidebar: one of a few, a number, yes or no. */
import type { Signal } from "@preact/signals";
import type { Loop } from "../model";

/** Puts what is chosen into that signal. */
export const into =
  <T,>(signal: Signal<T>) =>
  (value: T): void => {
    signal.value = value;
  };

export interface Choice<T> {
  readonly value: T;
  readonly label: string;
}

/** How it goes round, in the words of the menu and of the export dialog. */
export const LOOP_CHOICES: readonly Choice<Loop>[] = [
  { value: "forever", label: "Forever" },
  { value: "bounce", label: "Bounce" },
  { value: "once", label: "Once" },
];

interface PillsProps<T> {
  /** Another one for each group of pills on the page. */
  readonly name: string;
  readonly label: string;
  readonly choices: readonly Choice<T>[];
  readonly value: T;
  readonly choose: (value: T) => void;
}

export function Pills<T extends string | number | boolean>({
  name,
  label,
  choices,
  value,
  choose,
}: PillsProps<T>) {
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      <div>
        {choices.map((choice) => (
          <label key={String(choice.value)} class="pill">
            <input
              type="radio"
              name={name}
              checked={value === choice.value}
              onChange={() => choose(choice.value)}
            />
            {choice.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface SliderProps {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
  readonly choose: (value: number) => void;
  /** The number in words, where it says something. */
  readonly text?: string;
  /** What a double click goes back to. */
  readonly initial?: number;
}

export function Slider({
  label,
  min,
  max,
  step,
  value,
  choose,
  text,
  initial = value,
}: SliderProps) {
  return (
    <label
      class="row slider"
      title={value === initial ? undefined : "Double click to reset"}
      onDblClick={() => choose(initial)}
    >
      <span class="name">{label}</span>
      <input
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        {...(text && { "aria-valuetext": text })}
        onInput={(event) => choose(event.currentTarget.valueAsNumber)}
      />
      {text && <small>{text}</small>}
    </label>
  );
}

interface CheckProps {
  readonly label: string;
  readonly value: boolean;
  readonly choose: (value: boolean) => void;
}

export function Check({ label, value, choose }: CheckProps) {
  return (
    <label class="row">
      <input type="checkbox" checked={value} onChange={() => choose(!value)} />
      <span class="name">{label}</span>
    </label>
  );
}
