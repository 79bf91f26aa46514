/** The dialog that makes clips. */
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Store, Track } from "../../store";
import { ClipForm } from "../../store/clipform";
import { DialogHead } from "../dialog";
import { Copies } from "./copy";
import { FileFields } from "./file";
import { ExportList } from "./list";
import { fieldOf, type Problems } from "./problems";
import { Stills } from "./stills";
import { Subject } from "./subject";
import { Timing } from "./timing";
import { Words } from "./words";

interface Props {
  readonly store: Store;
  /** The card that was asked for; undefined: the first one. */
  readonly track: Track | undefined;
  readonly onClose: () => void;
}

export function ExportDialog({ store, track, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const form = useMemo(() => new ClipForm(store, track), []);
  const preview = useMemo(() => store.preview(form.query), []);
  const refused = preview.error.value;
  const query = form.query.value;
  const facts = preview.facts.value;

  useEffect(() => {
    dialog.current?.showModal();
    // By hand: in frames of other sites, browsers refuse autofocus and complain of it.
    dialog.current?.querySelector("select")?.focus();
    return () => preview.close();
  }, []);

  // What only came out when the clip was made.
  const tried = store.clips.all.value.findLast((clip) => clip.query === query)?.state.value;
  const problem = refused ?? (tried?.state === "failed" ? tried.message : null);
  const field = problem === null ? null : fieldOf(problem);
  const problems: Problems = field === null ? {} : { [field]: problem };
  const listing = store.listing.value;

  return (
    <dialog ref={dialog} class="export" aria-labelledby="export-title" onClose={onClose}>
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          if (query && (refused === null || field === null)) store.clips.start(form.title, query);
          else event.currentTarget.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
        }}
      >
        <DialogHead id="export-title" title="Download clip" dialog={dialog} />
        <div class="body">
          <div class="fields">
            <Subject store={store} form={form} />
            <FileFields
              form={form}
              problems={problems}
              size={facts && `${facts.width} × ${facts.height}`}
            />
            <Timing form={form} problems={problems} />
            <Words store={store} form={form} problems={problems} />
          </div>
          <Stills
            facts={preview.facts}
            stale={preview.stale}
            busy={preview.busy}
            frames={form.frames.value}
            problem={field === null ? problem : null}
          />
        </div>
        <ExportList store={store} />
        <div class="actions">
          {listing && <Copies query={query} known={listing} />}
          <button type="submit" class="cta" disabled={query === null}>
            Download
          </button>
        </div>
      </form>
    </dialog>
  );
}
