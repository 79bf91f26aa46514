/** The keys, in a small dialog. */
import { useEffect, useRef } from "preact/hooks";
import { DialogHead } from "./dialog";
import { SHORTCUTS } from "./keys";

/** Keys that other parts of the page listen to. */
const OTHERS = [
  { shown: "+ − Shift+←↑↓→", says: "Enlarge, shrink, and move the picture that has the focus" },
  { shown: "0 in a picture", says: "The picture as it was at first" },
  { shown: "?", says: "These keys" },
  { shown: "Esc", says: "Close what is open" },
] as const;

export function Help({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="keys" aria-labelledby="keys-title" onClose={onClose}>
      <DialogHead id="keys-title" title="Keys" dialog={dialog} />
      <dl>
        {[...SHORTCUTS, ...OTHERS].map(({ shown, says }) => (
          <div key={shown}>
            <dt>
              <kbd>{shown}</kbd>
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
      <p>In a card that is played alone, they move that card's playhead.</p>
    </dialog>
  );
}
