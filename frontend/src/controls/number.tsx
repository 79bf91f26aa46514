/** A number that is typed, with its unit; what comes of it stands there afterwards. */
import { useLayoutEffect, useRef } from "preact/hooks";

interface Props {
  readonly label: string;
  readonly unit: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number | "any";
  readonly disabled?: boolean;
  /** Whether the label is only for those who cannot see where the field stands. */
  readonly bare?: boolean;
  /** Told a number within the limits. */
  readonly choose: (value: number) => void;
}

export function NumberField(props: Props) {
  const { label, unit, value, min, max, step = "any", disabled = false, bare, choose } = props;
  const field = useRef<HTMLInputElement>(null);
  // Not as an attribute: that is set whenever anything is drawn, over what is half typed.
  useLayoutEffect(() => {
    if (field.current) field.current.value = String(value);
  }, [value]);
  return (
    <label class={bare ? "pill number" : "row number"}>
      {!bare && <span class="name">{label}</span>}
      <input
        ref={field}
        type="number"
        {...{ min, max, step, disabled }}
        {...(bare && { "aria-label": label })}
        onChange={(event) => {
          const typed = event.currentTarget.valueAsNumber;
          const chosen = Number.isFinite(typed) ? Math.min(Math.max(typed, min), max) : value;
          event.currentTarget.value = String(chosen);
          if (chosen !== value) choose(chosen);
        }}
      />
      {unit}
    </label>
  );
}
