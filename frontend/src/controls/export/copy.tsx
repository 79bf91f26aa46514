/** The same clip for other places: a link, a command, a call in Python. */
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Query } from "../../model";
import { clipCommand, clipLink, clipPython, type Known } from "../../store/clipwords";
import { copied, useSaid } from "../clipboard";

type Form = "link" | "command" | "Python";

export function Copies({ query, known }: { query: Query | null; known: Known }) {
  /** Of the button that was pressed. */
  const said = useSaid();
  /** What cannot be put into the clipboard is shown, to be copied by hand. */
  const shown = useSignal<Form | null>(null);
  const texts: Record<Form, string | null> = {
    link: query && clipLink(query, document.baseURI),
    command: query && clipCommand(query, known),
    Python: query && clipPython(query, known),
  };
  const byHand = shown.value && texts[shown.value];

  const copy = async (label: Form) => {
    const done = await copied(texts[label] ?? "");
    shown.value = done ? null : label;
    if (done) said.value = label;
  };

  const one = (label: Form, title: string) => (
    <button
      type="button"
      class="plain"
      title={texts[label] === null ? "Only clips of one tag can be made there." : title}
      disabled={!texts[label]}
      onClick={() => void copy(label)}
    >
      {said.value === label ? "Copied" : `Copy ${label}`}
    </button>
  );
  const logdir = "LOGDIR in it stands for the folder with the logs.";
  return (
    <>
      {one("link", "The clip's own address")}
      {one("command", `For a terminal. ${logdir}`)}
      {one("Python", `A call of the package. ${logdir}`)}
      <span class="unseen" role="status">
        {said.value && `Copied the ${said.value}`}
      </span>
      {byHand && <ByHand key={shown.value} text={byHand} />}
    </>
  );
}

function ByHand({ text }: { text: string }) {
  const area = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => area.current?.select(), []);
  return <textarea ref={area} readonly aria-label="To be copied by hand" rows={3} value={text} />;
}
