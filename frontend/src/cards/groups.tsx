/** Cards, grouped by the first part of their tag. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { plural } from "../format";
import { ChevronIcon } from "../icons";
import type { Group, Store, Track } from "../store";
import { toggled } from "../store/sets";
import { Card } from "./card";

interface Props {
  readonly store: Store;
  readonly onExport: (track: Track) => void;
}

/** Cards at once: hundreds would keep the first ones waiting. */
const BATCH = 24;
/** The next ones follow so much later, in milliseconds. */
const NEXT_AFTER = 50;

/** How many of so many cards are there by now. */
function useGrowing(total: number): number {
  const count = useSignal(BATCH);
  useEffect(() => {
    if (count.value >= total) return;
    const timer = setTimeout(() => {
      count.value += BATCH;
    }, NEXT_AFTER);
    return () => clearTimeout(timer);
  }, [count.value, total]);
  return count.value;
}

export function Groups({ store, onExport }: Props) {
  const groups = store.groups.value;
  let room = useGrowing(groups.reduce((sum, { panels }) => sum + panels.length, 0));
  return (
    <>
      {groups.map((group) => {
        const most = Math.max(0, room);
        room -= group.panels.length;
        return (
          <GroupView
            key={`${group.pinned} ${group.name}`}
            store={store}
            group={group}
            most={Math.min(most, group.panels.length)}
            onExport={onExport}
          />
        );
      })}
    </>
  );
}

interface GroupProps extends Props {
  readonly group: Group;
  /** So many cards of it are shown. */
  readonly most: number;
}

function GroupView({ store, group, most, onExport }: GroupProps) {
  const { name, panels } = group;
  const open = !store.closed.value.has(name);
  const tracks = panels.flatMap((panel) => panel.tracks);
  const samples = tracks.reduce((sum, track) => sum + track.series.value.samples, 0);
  const note =
    plural(panels.length, "card") +
    (samples > tracks.length ? ` · ${plural(samples, "sample")}` : "");
  return (
    <section class="group" aria-label={name}>
      <h2>
        <button
          type="button"
          aria-expanded={open}
          onClick={() => {
            store.closed.value = toggled(store.closed.peek(), name);
          }}
        >
          <ChevronIcon open={open} />
          {name}
          <small>{note}</small>
        </button>
      </h2>
      {open && (
        <div class="cards">
          {panels.slice(0, most).map((panel) => (
            <Card key={panel.key} store={store} panel={panel} onExport={onExport} />
          ))}
        </div>
      )}
    </section>
  );
}
