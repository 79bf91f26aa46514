/** The whole tab. */
import { useSignal } from "@preact/signals";
import { useCallback, useEffect } from "preact/hooks";
import { Empty } from "./cards/empty";
import { Groups } from "./cards/groups";
import { Tray } from "./controls/export/tray";
import { listenToKeys } from "./controls/keys";
import { Notices } from "./controls/notices";
import { Sidebar } from "./controls/sidebar";
import { Transport } from "./controls/transport";
import { lazyDialog } from "./lazy";
import type { Store, Track } from "./store";
import type { AddressBar } from "./store/addressbar";

const ExportDialog = lazyDialog(async () => (await import("./controls/export")).ExportDialog);
const Help = lazyDialog(async () => (await import("./controls/help")).Help);

type Asked = { readonly track: Track | undefined } | null;

interface Props {
  readonly store: Store;
  readonly address: AddressBar;
}

export function App({ store, address }: Props) {
  const asked = useSignal<Asked>(null);
  const filters = useSignal(false);
  // The same function each time: hundreds of cards need not be looked at again.
  const ask = useCallback((track: Track) => {
    asked.value = { track };
  }, []);
  const help = useSignal(false);

  const openHelp = () => {
    help.value = true;
  };
  useEffect(() => listenToKeys(store, { "?": openHelp }), []);
  const listed = store.listing.value !== null;
  useEffect(() => {
    if (listed) ExportDialog.ahead();
  }, [listed]);
  useEffect(() => store.animate(), []);
  useEffect(() => store.watch(), []);

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
          <Groups store={store} onExport={ask} />
        ) : (
          <Empty store={store} />
        )}
      </main>
      <Transport
        store={store}
        address={address}
        filters={filters}
        onExport={() => {
          asked.value = { track: undefined };
        }}
        onFilters={() => {
          filters.value = !filters.value;
        }}
        onHelp={openHelp}
      />
      {help.value && (
        <Help
          onClose={() => {
            help.value = false;
          }}
        />
      )}
      {!asked.value && <Tray store={store} />}
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
