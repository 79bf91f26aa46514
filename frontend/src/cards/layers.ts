/** What a card's picture consists of at the moment. */
import type { Kind, Moment, View } from "../kinds";
import type { Scene } from "../model";
import type { Store, Track } from "../store";

/** Text grows with a large picture, but slower: CSS pixels of width for text of usual size. */
const USUAL_WIDTH = 500;
const MAX_UNIT = 1.5;

export interface Layer {
  readonly track: Track;
  readonly kind: Kind;
  readonly scene: Scene;
  readonly index: number;
  readonly data: unknown;
  readonly view: View;
}

export interface Size {
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
export function layersOf(
  store: Store,
  tracks: readonly Track[],
  size: Size,
  redraw: () => void,
): readonly Layer[] | null {
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
      state: store.cardStates.of(track.id).value,
      redraw,
    };
    return { ...layer, view };
  });
}

/** All that a picture depends on: what is the same again need not be drawn again. */
export const signature = (layers: readonly Layer[]): unknown[] =>
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
    view.state,
  ]);

export const same = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, i) => Object.is(item, b[i]));
