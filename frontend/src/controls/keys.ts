/** The keyboard: the same keys wherever one is, except in fields that need them. */
import type { Store } from "../store";

const FIELDS = "input, select, textarea, [contenteditable]";

export function listenToKeys(store: Store): () => void {
  const commands: Record<string, () => void> = {
    " ": store.toggle,
    ArrowLeft: () => store.stepBy(-1),
    ArrowRight: () => store.stepBy(1),
    Home: store.first,
    End: store.last,
    "<": () => store.shiftSpeed(-1),
    ">": () => store.shiftSpeed(1),
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target instanceof Element ? event.target : null;
    // Check boxes have no use for arrows, but for the space bar.
    const checkbox = target?.matches("input[type=checkbox]") ?? false;
    if (target?.closest("dialog") || (target?.matches(FIELDS) && !checkbox)) return;
    if (event.key === " " && target?.closest("button, input, a")) return;
    const command = commands[event.key];
    if (!command) return;
    event.preventDefault();
    command();
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}
