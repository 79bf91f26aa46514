/** What is written into the picture, and its colours. */
import type { Signal } from "@preact/signals";
import type { Option } from "../../kinds";
import type { Store } from "../../store";
import { type ClipForm, MAX_SCALARS } from "../../store/clipform";
import { Check, into } from "../fields";
import { Select } from "./field";
import type { Problems } from "./problems";

interface Props {
  readonly store: Store;
  readonly form: ClipForm;
  readonly problems: Problems;
}

export function Words({ store, form, problems }: Props) {
  const kinds = [...new Set(form.tracks.value.flatMap((one) => one.kind ?? []))];
  return (
    <>
      <Select
        label="Theme"
        value={form.theme.value}
        choices={[
          { value: "light", label: "Light" },
          { value: "dark", label: "Dark" },
        ]}
        choose={into(form.theme)}
      />
      {kinds.flatMap((kind) =>
        kind.options
          .filter((option) => option.clips)
          .map((option) => (
            <ClipOption
              key={`${kind.name}.${option.name}`}
              option={option}
              chosen={store.looks.option(kind, option)}
            />
          )),
      )}
      <div class="wide">
        <Check
          label="Caption: run, tag, step and time"
          value={form.caption.value}
          choose={into(form.caption)}
        />
      </div>
      {form.caption.value && form.tags.value.length > 0 && <Scalars form={form} />}
      {problems.scalars && (
        <p class="problem wide" role="alert">
          {problems.scalars}
        </p>
      )}
    </>
  );
}

function Scalars({ form }: { form: ClipForm }) {
  const picked = form.scalars.value;
  const tags = form.tags.value;
  const full = picked.filter((tag) => tags.includes(tag)).length >= MAX_SCALARS;
  return (
    <fieldset class="scalars wide">
      <legend>With the values and curves of</legend>
      {tags.map((tag) => (
        <label key={tag} class="row">
          <input
            type="checkbox"
            checked={picked.includes(tag)}
            disabled={full && !picked.includes(tag)}
            onChange={() => {
              form.scalars.value = picked.includes(tag)
                ? picked.filter((one) => one !== tag)
                : [...picked, tag];
            }}
          />
          <span class="name">{tag}</span>
        </label>
      ))}
    </fieldset>
  );
}

function ClipOption({ option, chosen }: { option: Option; chosen: Signal<string | number> }) {
  if (!("values" in option)) return null;
  return (
    <Select
      label={option.label}
      value={String(chosen.value)}
      choices={option.values}
      choose={into(chosen)}
    />
  );
}
