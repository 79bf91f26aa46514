/** How it looks: of all cards, and of each kind by its own options. */
import type { Signal } from "@preact/signals";
import { type Kind, loadedKinds, type Option } from "../kinds";
import type { Store } from "../store";
import { Check, type Choice, into, Pills, Slider } from "./fields";

const RUNS: readonly Choice<boolean>[] = [
  { value: false, label: "Side by side" },
  { value: true, label: "Overlaid" },
];

interface OptionProps {
  readonly option: Option;
  /** Another one for each option on the page. */
  readonly name: string;
  readonly chosen: Signal<string | number>;
}

function OneOption({ option, name, chosen }: OptionProps) {
  const { label } = option;
  const { value } = chosen;
  const choose = into(chosen);
  if ("values" in option) {
    return <Pills {...{ name, label, value, choose }} choices={option.values} />;
  }
  const { min, max, initial, unit } = option;
  const text = unit ? `${value} ${unit}` : String(value);
  return <Slider {...{ label, min, max, initial, text, choose }} step={1} value={Number(value)} />;
}

function KindOptions({ store, kind, title }: { store: Store; kind: Kind; title: string }) {
  const overlaid = store.looks.overlaid(kind);
  const options = kind.options.filter((option) => !option.clips);
  const [first, ...rest] = options.map((option) => {
    const name = `${kind.name}.${option.name}`;
    const chosen = store.looks.option(kind, option);
    return <OneOption key={name} option={option} name={name} chosen={chosen} />;
  });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would lay them out as one choice.
    <div role="group" aria-label={title}>
      {first}
      {overlaid && (
        <Pills
          name={`${kind.name}.overlaid`}
          label="Runs"
          choices={RUNS}
          value={overlaid.value}
          choose={into(overlaid)}
        />
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
      <Check label="Tween between frames" value={store.tween.value} choose={into(store.tween)} />
      <Slider
        label="Card size"
        min={200}
        max={800}
        step={20}
        value={store.cardWidth.value}
        choose={into(store.cardWidth)}
      />
      {loadedKinds()
        .filter((kind) => titles.has(kind.name))
        .map((kind) => (
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
