/** Parts of the page that nothing needs at first are loaded later. */
import { useSignal } from "@preact/signals";
import { type ComponentType, h } from "preact";
import { useEffect } from "preact/hooks";

interface Props {
  readonly onClose: () => void;
}

/** A dialog that opens when it is loaded; it closes again where it cannot be. */
export function lazyDialog<P extends Props>(load: () => Promise<ComponentType<P>>) {
  let found: ComponentType<P> | null = null;
  const fetch = async () => {
    found ??= await load();
  };
  const Dialog = (props: P) => {
    const here = useSignal(found !== null);
    useEffect(() => {
      if (here.peek()) return;
      const show = () => {
        here.value = true;
      };
      // TensorBoard is gone, which the page says by itself; the next click tries again.
      fetch().then(show, props.onClose);
    }, []);
    return here.value && found ? h(found, props) : null;
  };
  /** Loads it ahead: it should open also when TensorBoard has gone. */
  const ahead = () => void fetch().catch(() => {});
  return Object.assign(Dialog, { ahead });
}
