/** What is shown: runs, tags, kinds; and how it looks. */
import { type Signal, useSignalEffect } from "@preact/signals";
import { CloseIcon } from "../icons";
import { compareNames } from "../model";
import type { Store } from "../store";
import { pattern, runShown } from "../store/filter";
import { toggled } from "../store/sets";
import { Align } from "./align";
import { CompareImages } from "./compare";
import { Look } from "./look";

interface FilterProps {
  readonly value: Signal<string>;
  readonly label: string;
  readonly placeholder: string;
}

function FilterInput({ value, label, placeholder }: FilterProps) {
  const wrong = pattern(value.value) === null;
  return (
    <>
      <input
        class="find"
        type="search"
        spellcheck={false}
        aria-label={label}
        aria-invalid={wrong}
        placeholder={placeholder}
        value={value.value}
        onInput={(event) => {
          value.value = event.currentTarget.value;
        }}
      />
      {wrong && <p class="hint">Not a regular expression yet: nothing is filtered.</p>}
    </>
  );
}

function Runs({ store }: { store: Store }) {
  const listing = store.listing.value;
  if (!listing) return null;
  const frames = new Map<string, number>();
  for (const series of listing.series) {
    frames.set(series.run, Math.max(frames.get(series.run) ?? 0, series.frames));
  }
  // A run can be in the strip alone: Keras logs what validates to a run of its own.
  for (const run of store.curves.runs.value) if (!frames.has(run)) frames.set(run, 0);
  const runs = [...frames.keys()].sort(compareNames);
  const filter = store.filter.value;
  const matching = runs.filter((run) => filter.runs?.test(run) ?? true);
  const shown = runs.filter((run) => runShown(run, filter));
  const hidden = store.hiddenRuns;
  return (
    <section>
      <h2>
        Runs
        <span>
          {shown.length} of {runs.length}
        </span>
      </h2>
      <FilterInput value={store.runFilter} label="Filter runs" placeholder="Filter runs (regex)" />
      <ul class="list">
        {matching.map((run) => (
          <li key={run}>
            <label class="row" title={run}>
              <input
                type="checkbox"
                checked={!hidden.value.has(run)}
                style={{ accentColor: store.colorOf(run), "--box": store.colorOf(run) }}
                onChange={() => {
                  hidden.value = toggled(hidden.value, run);
                }}
              />
              <span class="name">{run}</span>
              <small>{frames.get(run) || "scalars"}</small>
            </label>
          </li>
        ))}
      </ul>
      {matching.length === 0 && runs.length > 0 && <p class="hint">No run has this in its name.</p>}
      {matching.length > 1 && (
        <button
          type="button"
          class="link"
          onClick={() => {
            const all = new Set(hidden.value);
            for (const run of matching) {
              if (shown.length > 0) all.add(run);
              else all.delete(run);
            }
            hidden.value = all;
          }}
        >
          {shown.length > 0 ? "Hide all runs" : "Show all runs"}
        </button>
      )}
    </section>
  );
}

function Tags({ store }: { store: Store }) {
  const listing = store.listing.value;
  const filter = store.filter.value;
  const logged = new Set(listing?.series.map((series) => series.kind));
  const counts = new Map<string, Set<string>>();
  for (const series of listing?.series ?? []) {
    if (!(filter.tags?.test(series.tag) ?? true)) continue;
    const tags = counts.get(series.kind) ?? new Set();
    counts.set(series.kind, tags.add(series.tag));
  }
  return (
    <section>
      <h2>Tags</h2>
      <FilterInput value={store.tagFilter} label="Filter tags" placeholder="Filter tags (regex)" />
      <ul class="list">
        {listing?.kinds
          .filter((kind) => logged.has(kind.name))
          .map((kind) => (
            <li key={kind.name}>
              <label class="row">
                <input
                  type="checkbox"
                  checked={!store.hiddenKinds.value.has(kind.name)}
                  onChange={() => {
                    store.hiddenKinds.value = toggled(store.hiddenKinds.value, kind.name);
                  }}
                />
                <span class="name">{kind.title}</span>
                <small>{counts.get(kind.name)?.size ?? 0}</small>
              </label>
            </li>
          ))}
      </ul>
    </section>
  );
}

/** Whether Escape closes a dialog or a menu that lies above, or empties a filter. */
const isForOthers = ({ target }: KeyboardEvent): boolean =>
  document.querySelector("dialog[open], :popover-open") !== null ||
  (target instanceof HTMLInputElement && target.type === "search" && target.value !== "");

interface Props {
  readonly store: Store;
  /** On a narrow window: whether the bar is drawn over the cards. */
  readonly open: Signal<boolean>;
}

export function Sidebar({ store, open }: Props) {
  const close = () => {
    open.value = false;
  };
  useSignalEffect(() => {
    if (!open.value) return;
    const listen = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !isForOthers(event)) close();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  });
  return (
    <aside id="sidebar" class={open.value ? "open" : ""} aria-label="What is shown">
      <button type="button" class="icon close" aria-label="Close filters" onClick={close}>
        <CloseIcon />
      </button>
      <Runs store={store} />
      <Tags store={store} />
      <Align store={store} />
      <CompareImages store={store} />
      <Look store={store} />
    </aside>
  );
}
