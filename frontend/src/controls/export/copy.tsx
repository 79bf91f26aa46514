/** The same clip for other places: a link, a command, a call in Python. */
import { useSignal } from "@preact/signals";
import type { Query } from "../../model";
import { clipCommand, clipLink, clipPython, type Known } from "../../store/clipwords";
import { copied, useSaid } from "../clipboard";

export function Copies({ query, known }: { query: Query | null; known: Known }) {
  /** Of the button that was pressed. */
  const said = useSaid();
  /** What cannot be put into the clipboard is shown, to be copied by hand. */
  const shown = useSignal("");

  const copy = async (label: string, text: string) => {
    const done = await copied(text);
    shown.value = done ? "" : text;
    if (done) said.value = label;
  };

  const one = (label: string, text: string | null | undefined, title: string) => (
    <button
      type="button"
      class="plain"
      title={text === null ? "Only clips of one tag can be made there." : title}
      disabled={!text}
      onClick={() => void copy(label, text ?? "")}
    >
      {said.value === label ? "Copied" : `Copy ${label}`}
    </button>
  );
  const logdir = "LOGDIR in it stands for the folder with the logs.";
  return (
    <>
      {one("link", query && clipLink(query, document.baseURI), "The clip's own address")}
      {one("command", query && clipCommand(query, known), `For a terminal. ${logdir}`)}
      {one("Python", query && clipPython(query, known), `A call of the package. ${logdir}`)}
      <span class="unseen" role="status">
        {said.value && `Copied the ${said.value}`}
      </span>
      {shown.value && (
        <textarea
          readonly
          aria-label="To be copied by hand"
          rows={3}
          value={shown.value}
          ref={(area) => area?.select()}
        />
      )}
    </>
  );
}
