/** The address of what one sees, to hand on. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { AddressBar } from "../store/addressbar";
import { copied, useSaid } from "./clipboard";
import { releaseKeys } from "./keys";

/** From the button to the panel, in CSS pixels. */
const GAP = 6;

export function Share({ address }: { address: AddressBar }) {
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const said = useSaid();
  const href = useSignal("");

  const show = (): void => {
    const box = button.current?.getBoundingClientRect();
    if (!panel.current || !box) return;
    panel.current.style.right = `${Math.max(GAP, window.innerWidth - box.right)}px`;
    panel.current.style.bottom = `${window.innerHeight - box.top + GAP}px`;
    panel.current.showPopover();
    field.current?.select();
  };

  const share = async (): Promise<void> => {
    const shared = address.share();
    href.value = shared.href;
    if (!(await copied(shared.href))) show();
    else said.value = shared.cut ? "Copied in part" : "Copied";
  };

  return (
    <>
      <button
        ref={button}
        type="button"
        class="pill share"
        title={
          said.value === "Copied in part"
            ? "The address would be too long with all that was done to single cards"
            : "Copy the address of what you see"
        }
        onClick={(event) => {
          releaseKeys(event);
          void share();
        }}
      >
        {said.value || "Link"}
      </button>
      <span class="unseen" role="status">
        {said.value}
      </span>
      {/* biome-ignore lint/a11y/useSemanticElements: it is no part of a form. */}
      <div ref={panel} popover="auto" class="panel link" role="group" aria-label="Link">
        <label>
          The address of what you see, to copy:
          <input ref={field} type="text" readOnly value={href.value} />
        </label>
      </div>
    </>
  );
}
