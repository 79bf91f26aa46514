/** Cards, grouped by the first part of their tag. */
import { useSignal } from "@preact/signals";
import { plural } from "../format";
import { ChevronIcon } from "../icons";
import type { Group, Store, Track } from "../store";
import { Card } from "./card";

interface Props {
  readonly store: Store;
  readonly onExport: (track: Track) => void;
}

export function Groups({ store, onExport }: Props) {
  return (
    <>
      {store.groups.value.map((group) => (
        <GroupView key={group.name} store={store} group={group} onExport={onExport} />
      ))}
    </>
  );
}

function GroupView({ store, group, onExport }: Props & { group: Group }) {
  const open = useSignal(true);
  const samples = group.tracks.reduce((sum, track) => sum + track.series.value.samples, 0);
  const note =
    plural(group.tracks.length, "card") +
    (samples > group.tracks.length ? ` · ${plural(samples, "sample")}` : "");
  return (
    <section class="group" aria-label={group.name}>
      <h2>
        <button
          type="button"
          aria-expanded={open.value}
          onClick={() => {
            open.value = !open.value;
          }}
        >
          <ChevronIcon open={open.value} />
          {group.name}
          <small>{note}</small>
        </button>
      </h2>
      {open.value && (
        <div class="cards">
          {group.tracks.map((track) => (
            <Card key={track.id} store={store} track={track} onExport={onExport} />
          ))}
        </div>
      )}
    </section>
  );
}
