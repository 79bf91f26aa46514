/** The whole tab. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Empty } from "./cards/empty";
import { Groups } from "./cards/groups";
import { ExportDialog } from "./controls/export";
import { listenToKeys } from "./controls/keys";
import { Notices } from "./controls/notices";
import { Sidebar } from "./controls/sidebar";
import { Transport } from "./controls/transport";
import type { Store, Track } from "./store";

type Asked = { readonly track: Track | undefined } | null;

export function App({ store }: { store: Store }) {
  const asked = useSignal<Asked>(null);
  const filters = useSignal(false);

  useEffect(() => listenToKeys(store), []);
  useEffect(() => store.animate(), []);

  return (
    <div
      class="app"
      data-theme={store.theme.value}
      style={{ "--card-width": `${store.cardWidth.value}px` }}
    >
      <Sidebar store={store} open={filters} />
      <main>
        <Notices store={store} />
        {store.groups.value.length > 0 ? (
          <Groups
            store={store}
            onExport={(track) => {
              asked.value = { track };
            }}
          />
        ) : (
          <Empty store={store} />
        )}
      </main>
      <Transport
        store={store}
        onExport={() => {
          asked.value = { track: undefined };
        }}
        onFilters={() => {
          filters.value = !filters.value;
        }}
      />
      {asked.value && (
        <ExportDialog
          store={store}
          track={asked.value.track}
          onClose={() => {
            asked.value = null;
          }}
        />
      )}
    </div>
  );
}
