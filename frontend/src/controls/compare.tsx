/** Whether pictures are compared, how, and with what. */
import { type Against, AMOUNTS, type Mode, setAmount, setMode } from "../compare";
import { formatGain, formatShare } from "../format";
import type { Store } from "../store";
import { type Choice, Pills, Slider } from "./fields";

const MODES: readonly Choice<Mode>[] = [
  { value: "off", label: "Side by side" },
  { value: "wipe", label: "Wipe" },
  { value: "onion", label: "Onion" },
  { value: "difference", label: "Difference" },
];

const AMOUNT_LABELS: Readonly<Record<Mode, string>> = {
  off: "",
  wipe: "Wipe at",
  onion: "Opacity",
  difference: "Gain",
};

/** Runs may be called like anything, but for what has the other beginning. */
const keyOf = (against: Against): string =>
  typeof against === "string" ? `own:${against}` : `run:${against.run}`;

const fromKey = (key: string): Against => {
  const name = key.slice(4);
  return key.startsWith("run:") ? { run: name } : name === "first" ? "first" : "previous";
};

export function CompareImages({ store }: { store: Store }) {
  const { value: compare } = store.compare;
  const runs = store.comparison.runs(store.chosen.value);
  if (!store.chosen.value.some((track) => track.kind?.compares)) return null;
  const { mode, against, amount } = compare;
  const { min, max, step, initial } = AMOUNTS[mode];
  const gone = typeof against === "object" && !runs.includes(against.run) ? against.run : null;
  return (
    <section class="compare">
      <Pills
        name="compare"
        label="Compare images"
        choices={MODES}
        value={mode}
        choose={(value) => {
          store.compare.value = setMode(compare, value);
        }}
      />
      {mode !== "off" && (
        <>
          <label class="row">
            <span class="name">Against</span>
            <select
              class="pill small"
              value={keyOf(against)}
              onChange={(event) => {
                store.compare.value = { ...compare, against: fromKey(event.currentTarget.value) };
              }}
            >
              <option value="own:previous">the previous frame</option>
              <option value="own:first">the first frame</option>
              {runs.map((run) => (
                <option key={run} value={`run:${run}`}>
                  {run}
                </option>
              ))}
              {gone !== null && <option value={`run:${gone}`}>{gone}</option>}
            </select>
          </label>
          <Slider
            {...{ min, max, step, initial }}
            label={AMOUNT_LABELS[mode]}
            value={amount}
            text={mode === "difference" ? formatGain(amount) : formatShare(amount)}
            choose={(value) => {
              store.compare.value = setAmount(compare, value);
            }}
          />
        </>
      )}
    </section>
  );
}
