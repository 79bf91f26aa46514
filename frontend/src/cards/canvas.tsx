/** The picture of a card: drawn whenever the playhead, the frames or the look change. */
import { effect, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Store, Track } from "../store";

/** A canvas of more pixels than this costs memory that nobody sees. */
const MAX_SIDE = 4096;

interface Props {
  readonly store: Store;
  readonly track: Track;
  /** Position of the frame to draw; -1: none yet. */
  readonly index: () => number;
  readonly label: string;
}

export function Canvas({ store, track, index, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useSignal({ width: 0, height: 0 });

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      const ratio = window.devicePixelRatio || 1;
      const width = Math.min(MAX_SIDE, Math.round(element.clientWidth * ratio));
      const height = Math.min(MAX_SIDE, Math.round(element.clientHeight * ratio));
      if (width !== size.peek().width || height !== size.peek().height) {
        size.value = { width, height };
      }
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(
    () =>
      effect(() => {
        const element = canvas.current;
        // Only what is in view is drawn.
        if (!store.visible.value.has(track)) return;
        const { width, height } = size.value;
        const scene = track.scene.value;
        track.version.value;
        const crisp = store.crisp.value;
        const now = store.head.value;
        if (!element || !scene || !track.kind || width === 0 || height === 0) return;
        const at = index();
        const slot = at < 0 ? undefined : track.buffer?.slot(at);
        if (at < 0) {
          element.getContext("2d")?.clearRect(0, 0, element.width, element.height);
          return;
        }
        // Until the frame is here, the one before it stays.
        if (!slot || !("data" in slot)) return;
        const context = element.getContext("2d");
        if (!context) return;
        if (element.width !== width || element.height !== height) {
          element.width = width;
          element.height = height;
        }
        const phase = now.direction > 0 ? now.phase : 1 - Number.EPSILON - now.phase;
        track.kind.draw(context, scene, slot.data, { width, height, phase, crisp });
        element.dataset.index = String(at);
      }),
    [track],
  );

  return <canvas ref={canvas} class="picture" role="img" aria-label={label} />;
}
