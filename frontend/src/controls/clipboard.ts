/** Copying to the clipboard, and saying so for a while. */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** How long it is said, in milliseconds. */
const SAID_FOR = 2000;

/** Whether it could be copied. */
export async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // There is no clipboard on plain http to another machine, nor in many notebooks.
    return false;
  }
}

/** Words that go away by themselves; empty: nothing is said. */
export function useSaid(): Signal<string> {
  const said = useSignal("");
  useEffect(() => {
    if (said.value === "") return;
    const timer = setTimeout(() => {
      said.value = "";
    }, SAID_FOR);
    return () => clearTimeout(timer);
  }, [said.value]);
  return said;
}
