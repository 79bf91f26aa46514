/** What dialogs begin with. */
import type { RefObject } from "preact";
import { CloseIcon } from "../icons";

interface Props {
  /** Of the title, which names the dialog. */
  readonly id: string;
  readonly title: string;
  readonly dialog: RefObject<HTMLDialogElement | null>;
}

export function DialogHead({ id, title, dialog }: Props) {
  return (
    <header>
      <h2 id={id}>{title}</h2>
      <button type="button" class="icon" aria-label="Close" onClick={() => dialog.current?.close()}>
        <CloseIcon />
      </button>
    </header>
  );
}
