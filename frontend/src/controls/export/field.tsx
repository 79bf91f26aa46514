/** One field of the dialog, with the sentence that says what is wrong with it. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Choice } from "../fields";

interface FieldProps {
  readonly label: string;
  /** What the server said about it. */
  readonly problem?: string | null | undefined;
  readonly wide?: boolean;
  /** Told the attributes of the field itself. */
  readonly children: (own: Own) => ComponentChildren;
}

interface Own {
  readonly id: string;
  readonly "aria-invalid": boolean;
  readonly "aria-describedby"?: string;
}

export function Field({ label, problem, wide = false, children }: FieldProps) {
  const id = useId();
  const said = `${id}-problem`;
  const own: Own = { id, "aria-invalid": !!problem, ...(problem && { "aria-describedby": said }) };
  return (
    <div class={wide ? "field wide" : "field"}>
      <label htmlFor={id}>{label}</label>
      {children(own)}
      {problem && (
        <small id={said} class="problem" role="alert">
          {problem}
        </small>
      )}
    </div>
  );
}

interface SelectProps<T> {
  readonly label: string;
  readonly value: T;
  readonly choices: readonly (Choice<T> & { readonly disabled?: boolean })[];
  readonly choose: (value: T) => void;
  readonly problem?: string | null | undefined;
  readonly wide?: boolean;
}

export function Select<T extends string>(props: SelectProps<T>) {
  const { label, value, choices, choose, problem, wide = false } = props;
  return (
    <Field label={label} problem={problem} wide={wide}>
      {(own) => (
        <select {...own} value={value} onChange={(event) => choose(event.currentTarget.value as T)}>
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value} disabled={choice.disabled ?? false}>
              {choice.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface NumberProps {
  readonly label: string;
  /** As it stands in the field: what is half typed is no number yet. */
  readonly value: string | number;
  readonly type: (text: string) => void;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number | "any";
  readonly placeholder?: string;
  readonly required?: boolean;
  readonly problem?: string | null | undefined;
}

export function NumberInput({ label, problem, type, step = "any", ...rest }: NumberProps) {
  return (
    <Field label={label} problem={problem}>
      {(own) => (
        <input
          type="number"
          {...own}
          {...rest}
          step={step}
          onInput={(event) => type(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}
