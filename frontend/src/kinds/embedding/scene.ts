/** The scene as the server tells it, and what people do to a card's picture. */
import type { Scene } from "../../model";
import { PALETTES } from "../axes";
import type { CardState, Gesture, View } from "../base";
import { type Cloud, isIn, padded } from "./cloud";
import { colorsOf } from "./colors";
import { type Camera, focusOf, type Lens, lensOf, panned, turned, zoomed } from "./lens";
import { orderOf, type Pass, type Picture, pick, trailOf } from "./scatter";
import { type Column, cellsOf, coloring, type Table } from "./table";

/** As `/scene` gives it; `http_api.md` says what each is. */
export interface EmbeddingScene {
  readonly method: string;
  readonly dims: 2 | 3;
  readonly color_by: string;
  /** "x,y,zoom,yaw,pitch" */
  readonly camera: string;
  /** Percent-encoded, with commas between. */
  readonly hidden: string;
  /** Slots of the first segment, with commas between. */
  readonly selected: string;
  readonly trail: number;
  readonly follow: string;
  readonly points: string;
  readonly centroids: string;
  readonly aligned: boolean;
  readonly variance: number;
  readonly shown: number;
  readonly logged: number;
  readonly notes: readonly string[];
  readonly table: Table;
}

export const asScene = (scene: Scene): EmbeddingScene => scene as unknown as EmbeddingScene;

/** Each field is there only where something was done; a type, so that it is a `CardState`. */
export type EmbeddingState = {
  readonly camera?: Camera;
  /** Categories that are not drawn. */
  readonly hidden?: readonly string[];
  /** Slots, and the segment in which they are. */
  readonly selected?: readonly number[];
  readonly segment?: number;
  /** A column, or "none". */
  readonly color_by?: string;
};

/** The state as it is to be drawn: what nothing was done to is as the scene has it. */
export interface Present {
  readonly camera: Camera;
  readonly hidden: readonly string[];
  readonly selected: readonly number[];
  readonly segment: number;
  /** Of what colours the points. */
  readonly column: Column | undefined;
}

function cameraOf(text: string): Camera {
  const [x, y, zoom, yaw, pitch] = text.split(",").map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return { x, y, zoom, yaw, pitch };
}

const listed = (text: string): string[] => (text === "" ? [] : text.split(","));

const isText = (value: unknown): value is string => typeof value === "string";

/** Each of them, of what may come out of an address. */
const VALID: { readonly [Key in keyof Required<EmbeddingState>]: (value: unknown) => boolean } = {
  camera: (value) =>
    typeof value === "object" &&
    value !== null &&
    ["x", "y", "zoom", "yaw", "pitch"].every((key) =>
      Number.isFinite((value as Record<string, unknown>)[key]),
    ),
  hidden: (value) => Array.isArray(value) && value.every(isText),
  selected: (value) => Array.isArray(value) && value.every(Number.isInteger),
  segment: Number.isInteger,
  color_by: isText,
};

/** What of a card's state is meant for this kind. */
function stateOf(given: CardState): EmbeddingState {
  const fields = Object.entries(VALID).filter(([key, valid]) => valid(given[key]));
  return Object.fromEntries(fields.map(([key]) => [key, given[key]]));
}

export function presentOf(scene: EmbeddingScene, given: CardState): Present {
  const state = stateOf(given);
  return {
    camera: state.camera ?? cameraOf(scene.camera),
    hidden: state.hidden ?? listed(scene.hidden).map(decodeURIComponent),
    selected: state.selected ?? listed(scene.selected).map(Number),
    segment: state.segment ?? 0,
    column: coloring(scene.table, state.color_by ?? scene.color_by),
  };
}

/** The points selected in that frame. */
export const selectedIn = ({ segment, selected }: Present, cloud: Cloud): readonly number[] =>
  segment === cloud.segment ? selected : [];

/** The frames before it that its points can be joined with, the latest first. */
export function joined(data: Cloud, view: View<Cloud>, most: number): Cloud[] {
  const found: Cloud[] = [];
  for (let i = view.earlier.length - 1; i >= 0 && found.length < most; i--) {
    const cloud = view.earlier[i]?.data;
    if (cloud?.segment !== data.segment) break;
    found.push(cloud);
  }
  return found;
}

function lens(scene: EmbeddingScene, data: Cloud, view: View<Cloud>): Lens {
  const focus = focusOf(scene.follow, data, view.following, view.phase);
  return lensOf(view, presentOf(scene, view.state).camera, data.dims, focus);
}

const merged = new WeakMap<
  Cloud,
  { readonly of: readonly Uint8Array[]; readonly colors: Uint8Array }
>();

/** Colours of points of which the frame before or the next one tells. */
function merge(from: Cloud, own: Uint8Array, next: Uint8Array): Uint8Array {
  const known = merged.get(from);
  if (known?.of[0] === own && known.of[1] === next) return known.colors;
  const colors = own.slice();
  for (let slot = 0; slot < from.slots; slot++) {
    if (!isIn(from, slot)) colors.set(next.subarray(4 * slot, 4 * slot + 4), 4 * slot);
  }
  merged.set(from, { of: [own, next], colors });
  return colors;
}

/** All that is drawn of points. */
export function pictureOf(scene: EmbeddingScene, data: Cloud, view: View<Cloud>): Picture {
  const { following, phase, theme } = view;
  const { table } = scene;
  const seen = lens(scene, data, view);
  const { column, hidden } = presentOf(scene, view.state);
  const by = { column, hidden, theme };

  function pass(start: Cloud, end: Cloud, fade: number, before: readonly Cloud[]): Pass {
    const moving = start === end ? 0 : phase;
    const behind = before.slice(0, scene.trail);
    // A segment may have got more points since.
    const slots = Math.max(start.slots, end.slots, ...behind.map((cloud) => cloud.slots));
    const [from, to] = [padded(start, slots), padded(end, slots)];
    const own = colorsOf(table, from.version, slots, by);
    const next = colorsOf(table, to.version, slots, by);
    const sprite = scene.points === "thumbnails" ? table.sprites[from.version] : null;
    const places = behind.map((cloud) => padded(cloud, slots));
    return {
      from,
      to,
      phase: moving,
      fade,
      colors: own === next ? own : merge(from, own, next),
      order: orderOf(from, to, moving, seen),
      trail: trailOf(from, places, scene.trail, moving),
      thumbnails: sprite ? { sprite, cells: cellsOf(table, from.version, slots) } : null,
    };
  }

  const before = joined(data, view, scene.trail);
  const passes: Pass[] = [];
  if (following === null || phase === 0) passes.push(pass(data, data, 1, before));
  else if (following.segment === data.segment) passes.push(pass(data, following, 1, before));
  // What cannot be joined fades over.
  else passes.push(pass(data, data, 1 - phase, before), pass(following, following, phase, []));
  const { background } = PALETTES[theme];
  return { lens: seen, background, passes, redraw: view.redraw };
}

export function afterGesture(
  scene: EmbeddingScene,
  data: Cloud,
  view: View<Cloud>,
  gesture: Gesture,
): EmbeddingState {
  const state: EmbeddingState = view.state;
  const now = presentOf(scene, state);
  const { camera } = now;
  switch (gesture.type) {
    case "drag": {
      const move = gesture.turn && data.dims === 3 ? turned : panned;
      return { ...state, camera: move(camera, lens(scene, data, view), gesture.dx, gesture.dy) };
    }
    case "zoom": {
      const { factor, x, y } = gesture;
      return { ...state, camera: zoomed(camera, lens(scene, data, view), factor, x, y) };
    }
    case "reset": {
      const { camera: _, ...rest } = state;
      return rest;
    }
    case "clear": {
      const { selected: _, segment: __, ...rest } = state;
      return rest;
    }
    case "click": {
      const found = pick(pictureOf(scene, data, view), gesture.x, gesture.y);
      if (found === null) return state;
      const { slot } = found;
      const { segment } = found.pass.from;
      const before = selectedIn(now, found.pass.from);
      const selected = before.includes(slot)
        ? before.filter((one) => one !== slot)
        : [...before, slot];
      return { ...state, selected, segment };
    }
  }
}
