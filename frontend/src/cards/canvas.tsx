/** The picture of a card: drawn whenever the playhead, the frames or the look change. */
import { effect, type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Gesture } from "../kinds";
import type { Store, Track } from "../store";
import { listenToGestures, scaled } from "./gestures";
import { type Layer, layersOf, type Size, same, signature } from "./layers";
import { type Tip, TipView, tipAt } from "./tip";

/** A canvas of more pixels than this costs memory that nobody sees. */
const MAX_SIDE = 4096;
/** How long the way to zoom is told, in milliseconds. */
const HINT_TIME = 2500;
/** Once is enough: who scrolls past a page of pictures means the page. */
let told = false;

/** From where to where the picture goes, in shares of the canvas' width. */
export interface Span {
  readonly left: number;
  readonly width: number;
}

export const WHOLE: Span = { left: 0, width: 1 };

interface Props {
  readonly store: Store;
  /** The first is at the back. */
  readonly tracks: readonly Track[];
  readonly label: string;
  /** Told whenever it is drawn elsewhere. */
  readonly span: Signal<Span>;
}

function spanOf({ kind, scene, data, view }: Layer): Span {
  const seen = kind.seen?.(scene, data, view);
  return seen ? { left: seen.x / view.width, width: seen.width / view.width } : WHOLE;
}

export function Canvas({ store, tracks, label, span }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useSignal<Size>({ width: 0, height: 0, ratio: 1 });
  const tip = useSignal<Tip | null>(null);
  const hinted = useSignal(false);
  /** Counts what comes late to pictures that are drawn already. */
  const late = useSignal(0);
  const drawn = useRef<readonly Layer[]>([]);
  /** Where the pointer is, in CSS pixels of the picture. */
  const pointer = useRef<{ x: number; y: number } | null>(null);
  const moves = tracks.some((track) => track.kind?.gesture !== undefined);

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      const ratio = window.devicePixelRatio || 1;
      const width = Math.min(MAX_SIDE, Math.round(element.clientWidth * ratio));
      const height = Math.min(MAX_SIDE, Math.round(element.clientHeight * ratio));
      const now = size.peek();
      if (width !== now.width || height !== now.height || ratio !== now.ratio) {
        size.value = { width, height, ratio };
      }
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  /** Says what is under the pointer; the layer in front is asked first. */
  const look = () => {
    const element = canvas.current;
    const at = pointer.current;
    let text: string | null = null;
    if (element && at) {
      const scale = element.width / element.clientWidth;
      for (const { kind, scene, data, view, track } of [...drawn.current].reverse()) {
        text = kind.read?.(scene, data, view, at.x * scale, at.y * scale) ?? null;
        if (text !== null && view.layer.count > 1) text = `${track.series.peek().run}\n${text}`;
        if (text !== null) break;
      }
    }
    if (text !== null && element && at) tip.value = tipAt(text, at.x, at.y, element);
    else if (tip.peek() !== null) tip.value = null;
  };

  useEffect(() => {
    const element = canvas.current;
    if (!element || !moves) return;
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const act = (gesture: Gesture) => {
      hinted.value = false;
      const ratio = element.width / Math.max(1, element.clientWidth);
      for (const { kind, scene, data, view, track } of drawn.current) {
        const state = store.cardStates.of(track.stateKey);
        // Several can come between two pictures.
        const now = { ...view, state: state.peek() };
        const next = kind.gesture?.(scene, data, now, scaled(gesture, ratio));
        if (next) state.value = next;
      }
    };
    listenToGestures(element, controller.signal, (gesture) => {
      if (gesture !== null) {
        act(gesture);
        return;
      }
      if (told) return;
      told = true;
      hinted.value = true;
      clearTimeout(timer);
      timer = setTimeout(() => {
        hinted.value = false;
      }, HINT_TIME);
    });
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [tracks, moves]);

  useEffect(() => {
    let last: readonly unknown[] = [];
    const redraw = () => {
      late.value += 1;
    };
    return effect(() => {
      const element = canvas.current;
      // Only what is in view is drawn.
      const cards = store.visible.value;
      if (!tracks.some((track) => cards.has(track))) return;
      if (!element || size.value.width === 0 || size.value.height === 0) return;
      const layers = layersOf(store, tracks, size.value, redraw);
      // Until the frame is here, the one before it stays.
      if (layers === null) return;
      const now = [late.value, ...signature(layers)];
      if (same(now, last) && layers.length > 0) return;
      last = now;
      const context = element.getContext("2d");
      if (!context) return;
      const { width, height } = size.value;
      if (element.width !== width || element.height !== height) {
        element.width = width;
        element.height = height;
      }
      if (layers.length === 0) context.clearRect(0, 0, width, height);
      for (const { kind, scene, data, view } of layers) kind.draw(context, scene, data, view);
      drawn.current = layers;
      if (layers[0]) {
        element.dataset.index = String(layers[0].index);
        const { left, width } = spanOf(layers[0]);
        const before = span.peek();
        if (left !== before.left || width !== before.width) span.value = { left, width };
      }
      if (pointer.current) look();
    });
  }, [tracks]);

  return (
    <>
      <canvas
        ref={canvas}
        class={moves ? "picture moves" : "picture"}
        {...(moves ? MOVING : { role: "img" as const })}
        aria-label={label}
        onPointerMove={(event) => {
          pointer.current = { x: event.offsetX, y: event.offsetY };
          look();
        }}
        onPointerLeave={() => {
          pointer.current = null;
          look();
        }}
      />
      {hinted.value && (
        <p class="how" role="status">
          Click the picture first, or hold Ctrl, to zoom by scrolling
        </p>
      )}
      {tip.value && <TipView tip={tip.value} />}
    </>
  );
}

const MOVING = {
  role: "application",
  tabIndex: 0,
  "aria-roledescription": "picture to move",
  "aria-keyshortcuts":
    "Shift+ArrowLeft Shift+ArrowRight Shift+ArrowUp Shift+ArrowDown + - 0 Escape",
} as const;
