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
  const { panels } = group;
  const tracks = panels.flatMap((panel) => panel.tracks);
  const samples = tracks.reduce((sum, track) => sum + track.series.value.samples, 0);
  const note =
    plural(panels.length, "card") +
    (samples > tracks.length ? ` · ${plural(samples, "sample")}` : "");
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
          {panels.map((panel) => (
            <Card key={panel.key} store={store} panel={panel} onExport={onExport} />
          ))}
        </div>
      )}
    </section>
  );
}
