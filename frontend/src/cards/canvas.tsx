/** The picture of a card: drawn whenever the playhead, the frames or the look change. */
import { effect, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Kind, Moment, View } from "../kinds";
import type { Scene } from "../model";
import type { Store, Track } from "../store";

/** A canvas of more pixels than this costs memory that nobody sees. */
const MAX_SIDE = 4096;
/** Text grows with a large picture, but slower: CSS pixels of width for text of usual size. */
const USUAL_WIDTH = 500;
const MAX_UNIT = 1.5;
/** From the pointer to what is said about the place under it, in CSS pixels. */
const TIP_OFFSET = 12;

interface Props {
  readonly store: Store;
  /** The first is at the back. */
  readonly tracks: readonly Track[];
  readonly label: string;
}

interface Layer {
  readonly track: Track;
  readonly kind: Kind;
  readonly scene: Scene;
  readonly index: number;
  readonly data: unknown;
  readonly view: View;
}

interface Size {
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
}

/** The frames before that one that are here already, without a gap, oldest first. */
function earlierOf(track: Track, index: number, most: number): Moment[] {
  const steps = track.steps.peek()?.steps ?? [];
  const found: Moment[] = [];
  for (let i = index - 1; i >= 0 && found.length < most; i--) {
    const slot = track.buffer?.slot(i);
    if (slot === undefined) break;
    if ("data" in slot) found.push({ step: steps[i] as number, data: slot.data });
  }
  return found.reverse();
}

/**
 * What is to be drawn, from back to front. Nothing: no series has a frame yet. Null: the
 * frames are on their way, and what is drawn stays.
 */
function layersOf(store: Store, tracks: readonly Track[], size: Size): readonly Layer[] | null {
  const { width, height, ratio } = size;
  const head = store.head.value;
  const step = store.step.value ?? Number.NEGATIVE_INFINITY;
  const begun = tracks.filter((track) => track.indexAt(step) >= 0);
  const shown = begun.map((track) => {
    track.version.value;
    const index = track.indexAt(step);
    return { track, index, slot: track.buffer?.slot(index), scene: track.scene.value };
  });
  if (shown.some(({ slot, scene }) => slot === undefined || scene === null)) return null;
  const whole = shown.flatMap(({ track, index, slot, scene }) =>
    slot && "data" in slot && scene && track.kind
      ? [{ track, index, scene, kind: track.kind, data: slot.data }]
      : [],
  );
  // A broken frame has its sentence instead.
  if (whole.length === 0 && shown.length > 0) return null;
  const coming = store.following.value;
  return whole.map((layer, i) => {
    const { track, index, scene, kind, data } = layer;
    const next = coming === undefined ? -1 : track.indexAt(coming);
    const slot = next < 0 || next === index ? undefined : track.buffer?.slot(next);
    const moves = slot !== undefined && "data" in slot && kind.parts(data) === 1;
    const own = head.direction > 0 ? head.phase : 1 - Number.EPSILON - head.phase;
    const grown = Math.min(Math.max(width / ratio / USUAL_WIDTH, 1), MAX_UNIT);
    const view: View = {
      width,
      height,
      unit: ratio * grown,
      theme: store.theme.value,
      crisp: store.crisp.value,
      step: track.steps.value?.steps[index] as number,
      earlier: earlierOf(track, index, kind.trail(scene, whole.length)),
      following: moves ? slot.data : null,
      phase: moves ? head.phase : own,
      layer: {
        index: i,
        count: whole.length,
        color: store.colorOf(track.series.value.run),
      },
    };
    return { ...layer, view };
  });
}

/** All that a picture depends on: what is the same again need not be drawn again. */
const signature = (layers: readonly Layer[]): unknown[] =>
  layers.flatMap(({ scene, data, kind, view }) => [
    scene,
    data,
    view.earlier.length,
    view.earlier[0]?.data,
    view.following,
    view.following !== null || kind.parts(data) > 1 ? view.phase : 0,
    view.width,
    view.height,
    view.unit,
    view.theme,
    view.crisp,
    view.layer.color,
  ]);

const same = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, i) => Object.is(item, b[i]));

interface Tip {
  readonly text: string;
  /** Distances in CSS pixels from the sides of the picture that are named. */
  readonly place: Readonly<Record<string, number>>;
}

export function Canvas({ store, tracks, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useSignal<Size>({ width: 0, height: 0, ratio: 1 });
  const tip = useSignal<Tip | null>(null);
  const drawn = useRef<readonly Layer[]>([]);
  /** Where the pointer is, in CSS pixels of the picture. */
  const pointer = useRef<{ x: number; y: number } | null>(null);

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
    if (text === null || !element || !at) {
      if (tip.peek() !== null) tip.value = null;
      return;
    }
    // Towards the middle of the card, where there is more room.
    const { clientWidth: width, clientHeight: height } = element;
    tip.value = {
      text,
      place: {
        ...(at.x < width / 2 ? { left: at.x + TIP_OFFSET } : { right: width - at.x + TIP_OFFSET }),
        ...(at.y < height / 2
          ? { top: at.y + TIP_OFFSET }
          : { bottom: height - at.y + TIP_OFFSET }),
      },
    };
  };

  useEffect(() => {
    let last: readonly unknown[] = [];
    return effect(() => {
      const element = canvas.current;
      // Only what is in view is drawn.
      const cards = store.visible.value;
      if (!tracks.some((track) => cards.has(track))) return;
      if (!element || size.value.width === 0 || size.value.height === 0) return;
      const layers = layersOf(store, tracks, size.value);
      // Until the frame is here, the one before it stays.
      if (layers === null) return;
      const now = signature(layers);
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
      if (layers[0]) element.dataset.index = String(layers[0].index);
      if (pointer.current) look();
    });
  }, [tracks]);

  return (
    <>
      <canvas
        ref={canvas}
        class="picture"
        role="img"
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
      {tip.value && (
        <div
          class="tip"
          role="tooltip"
          style={Object.fromEntries(
            Object.entries(tip.value.place).map(([side, away]) => [side, `${away}px`]),
          )}
        >
          {tip.value.text}
        </div>
      )}
    </>
  );
}
