/** Which scalars are drawn, how smooth, and which of them says what is best. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { plural } from "../../format";
import { groupOf } from "../../model";
import { GOALS, type Goal, MAX_WEIGHT } from "../../scalars";
import type { Store } from "../../store";
import type { ScalarTag } from "../../store/curves";
import { pattern } from "../../store/filter";
import { grouped } from "../../store/panels";
import { Check, into, Slider } from "../fields";

/** Longer lists are searched, not read. */
const MAX_LISTED = 200;
/** CSS pixels between the button and what it opens. */
const GAP = 4;

const GOAL_LABELS: Readonly<Record<Goal, string>> = { lowest: "Lowest", highest: "Highest" };

function Tags({ store, tags }: { store: Store; tags: readonly ScalarTag[] }) {
  const shown = store.curves.shownTags.value;
  const groups = grouped(tags.slice(0, MAX_LISTED), ({ tag }) => groupOf(tag));
  return (
    <div class="tags">
      {[...groups].map(([name, members]) => (
        <fieldset key={name}>
          {members.some(({ tag }) => tag !== name) && <legend>{name}</legend>}
          {members.map(({ tag, name: title, runs }) => (
            <label key={tag} class="row" title={title}>
              <input
                type="checkbox"
                checked={shown.includes(tag)}
                onChange={() => store.curves.toggle(tag)}
              />
              <span class="name">{tag}</span>
              <small>{plural(runs, "run")}</small>
            </label>
          ))}
        </fieldset>
      ))}
      {tags.length === 0 && <p class="hint">No scalar has this in its name.</p>}
      {tags.length > MAX_LISTED && (
        <p class="hint">
          The first {MAX_LISTED} of {tags.length}: search for the others.
        </p>
      )}
    </div>
  );
}

function BestChoices({ store }: { store: Store }) {
  const { best, shownTags, smoothing } = store.curves;
  const { value: choice } = best.choice;
  if (best.tag.value === null) return null;
  return (
    <>
      <label class="row">
        <span class="name">Best step of</span>
        <select
          class="pill small"
          value={best.tag.value}
          onChange={(event) => {
            best.choice.value = { ...choice, tag: event.currentTarget.value, goal: null };
          }}
        >
          {shownTags.value.map((tag) => (
            <option key={tag}>{tag}</option>
          ))}
        </select>
      </label>
      <label class="row">
        <span class="name">is its</span>
        <select
          class="pill small"
          value={best.goal.value}
          onChange={(event) => {
            best.choice.value = { ...choice, goal: event.currentTarget.value as Goal };
          }}
        >
          {GOALS.map((goal) => (
            <option key={goal} value={goal}>
              {GOAL_LABELS[goal]}
            </option>
          ))}
        </select>
      </label>
      {smoothing.value > 0 && (
        <Check
          label="of the smoothed curve"
          value={choice.smoothed}
          choose={(smoothed) => {
            best.choice.value = { ...choice, smoothed };
          }}
        />
      )}
    </>
  );
}

export function Picker({ store }: { store: Store }) {
  const { curves } = store;
  const button = useRef<HTMLButtonElement>(null);
  const search = useSignal("");
  const wanted = pattern(search.value);
  const tags = curves.tags.value.filter(({ tag }) => wanted?.test(tag) ?? true);
  return (
    <>
      <button
        ref={button}
        type="button"
        class="link"
        popoverTarget="scalars"
        title="Choose what is drawn beneath the timeline"
      >
        Scalars …
      </button>
      <div
        id="scalars"
        class="picker"
        popover="auto"
        role="dialog"
        aria-label="Scalars"
        onBeforeToggle={(event) => {
          // The page's top layer knows nothing of the button.
          const { left, top } = button.current?.getBoundingClientRect() ?? { left: 0, top: 0 };
          event.currentTarget.style.left = `${left}px`;
          event.currentTarget.style.bottom = `${window.innerHeight - top + GAP}px`;
        }}
        // An attribute would be a complaint of the browser's in a notebook's frame.
        onToggle={({ newState, currentTarget }) => {
          if (newState === "open") currentTarget.querySelector("input")?.focus();
        }}
      >
        <input
          class="find"
          type="search"
          spellcheck={false}
          aria-label="Search scalars"
          placeholder="Search scalars (regex)"
          value={search.value}
          onInput={(event) => {
            search.value = event.currentTarget.value;
          }}
        />
        <Tags store={store} tags={tags} />
        <Slider
          label="Smoothing"
          min={0}
          max={MAX_WEIGHT}
          step={0.01}
          value={curves.smoothing.value}
          text={String(curves.smoothing.value)}
          initial={0}
          choose={into(curves.smoothing)}
        />
        <BestChoices store={store} />
      </div>
    </>
  );
}
