/** A number that is typed, with its unit; what comes of it stands there afterwards. */

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
  return (
    <label class={bare ? "pill number" : "row number"}>
      {!bare && <span class="name">{label}</span>}
      <input
        type="number"
        {...{ min, max, step, disabled }}
        {...(bare && { "aria-label": label })}
        value={value}
        onChange={(event) => {
          const typed = event.currentTarget.valueAsNumber;
          if (Number.isFinite(typed)) choose(Math.min(Math.max(typed, min), max));
          else event.currentTarget.value = String(value);
        }}
      />
      {unit}
    </label>
  );
}
