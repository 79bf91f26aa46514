/** How it looks: of all cards, and of each kind by its own options. */
import type { Signal } from "@preact/signals";
import { KINDS, type Kind } from "../kinds";
import type { Store } from "../store";

interface Choice<T> {
  readonly value: T;
  readonly label: string;
}

interface PillsProps<T> {
  readonly name: string;
  readonly label: string;
  readonly choices: readonly Choice<T>[];
  readonly chosen: Signal<T>;
}

function Pills<T extends string | number | boolean>({
  name,
  label,
  choices,
  chosen,
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
              checked={chosen.value === choice.value}
              onChange={() => {
                chosen.value = choice.value;
              }}
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
  readonly value: Signal<number>;
  /** Whether the number itself says something. */
  readonly shown?: boolean;
}

function Slider({ label, min, max, step, value, shown }: SliderProps) {
  return (
    <label class="row slider">
      <span class="name">{label}</span>
      <input
        type="range"
        min={min}
        max={max}
        step={step}
        value={value.value}
        onInput={(event) => {
          value.value = event.currentTarget.valueAsNumber;
        }}
      />
      {shown && <small>{value.value}</small>}
    </label>
  );
}

function Check({ label, value }: { label: string; value: Signal<boolean> }) {
  return (
    <label class="row">
      <input
        type="checkbox"
        checked={value.value}
        onChange={() => {
          value.value = !value.value;
        }}
      />
      <span class="name">{label}</span>
    </label>
  );
}

const RUNS: readonly Choice<boolean>[] = [
  { value: false, label: "Side by side" },
  { value: true, label: "Overlaid" },
];

function KindOptions({ store, kind, title }: { store: Store; kind: Kind; title: string }) {
  const overlaid = store.looks.overlaid(kind);
  const options = kind.options.filter((option) => !option.clips);
  const [first, ...rest] = options.map((option) => {
    const name = `${kind.name}.${option.name}`;
    const value = store.looks.option(kind, option);
    if ("values" in option) {
      const chosen = value as Signal<string>;
      return <Pills key={name} {...option} name={name} choices={option.values} chosen={chosen} />;
    }
    return <Slider key={name} {...option} step={1} value={value as Signal<number>} shown />;
  });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would lay them out as one choice.
    <div role="group" aria-label={title}>
      {first}
      {overlaid && (
        <Pills name={`${kind.name}.overlaid`} label="Runs" choices={RUNS} chosen={overlaid} />
      )}
      {rest}
    </div>
  );
}

/** The kinds that the log has something of. */
function present(store: Store): ReadonlyMap<string, string> {
  const listing = store.listing.value;
  const logged = new Set(listing?.series.map((series) => series.kind));
  const kinds = (listing?.kinds ?? []).filter((kind) => logged.has(kind.name));
  return new Map(kinds.map((kind) => [kind.name, kind.title]));
}

export function Look({ store }: { store: Store }) {
  const titles = present(store);
  return (
    <section>
      <h2>Look</h2>
      <Check label="Crisp pixels" value={store.crisp} />
      <Check label="Tween between frames" value={store.tween} />
      <Slider label="Card size" min={200} max={800} step={20} value={store.cardWidth} />
      {KINDS.filter((kind) => titles.has(kind.name)).map((kind) => (
        <KindOptions
          key={kind.name}
          store={store}
          kind={kind}
          title={titles.get(kind.name) ?? kind.name}
        />
      ))}
    </section>
  );
}
