/** Where the samples of a step lie on the canvas, and how people move them. Pure. */
import type { Box } from "../../compare";
import type { Scene } from "../../model";
import type { CardState, Gesture } from "../base";

/** As `/scene` gives it, and what people chose; `http_api.md` says what each is. */
export interface ImageScene {
  readonly width: number;
  readonly height: number;
  readonly samples: number;
  /** Per cent. */
  readonly brightness: number;
  readonly contrast: number;
  readonly smooth: "off" | "on";
  readonly actual: "off" | "on";
  /** "x,y,zoom": where nothing was moved. */
  readonly zoom: string;
}

export const asScene = (scene: Scene): ImageScene => scene as unknown as ImageScene;

/** The place of the whole picture, from 0 to 1, in the card's middle; and how large it is. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  /** 1: as large as it is untouched. */
  readonly zoom: number;
}

/** A camera only where something was moved; a type, so that it is a `CardState`. */
export type ImageState = { readonly camera?: Camera };

/** Pixels of the canvas for a logged one, as far as zooming goes. */
const MAX_SCALE = 64;
/** Small pictures, of which few pixels fill the card, are enlarged so much all the same. */
const MAX_ZOOM = 8;
/** Pixels of the canvas by which a cell may miss a picture's shape through rounding. */
const SEAM = 2;

const isShare = (value: unknown): value is number =>
  typeof value === "number" && value >= 0 && value <= 1;

/** The camera of a state, which may come out of an address. */
export function cameraOf(scene: ImageScene, state: CardState): Camera {
  const told = scene.zoom.split(",").map(Number);
  const unmoved = { x: told[0] as number, y: told[1] as number, zoom: told[2] as number };
  const { x, y, zoom } = (state as ImageState).camera ?? unmoved;
  const valid = isShare(x) && isShare(y) && Number.isFinite(zoom) && zoom > 0;
  return valid ? { x, y, zoom } : unmoved;
}

/** Columns and rows that hold so many samples, as square as can be. */
export function grid(samples: number): { columns: number; rows: number } {
  const columns = Math.max(1, Math.ceil(Math.sqrt(samples)));
  return { columns, rows: Math.max(1, Math.ceil(samples / columns)) };
}

/** Width over height of the whole grid. */
export function aspectOf({ width, height, samples }: ImageScene): number {
  const { columns, rows } = grid(samples);
  return (columns * Math.max(1, width)) / (rows * Math.max(1, height));
}

/** What of a view decides where things lie. */
export interface Window {
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
  readonly state: CardState;
}

/** Pixels of the canvas for a logged one: untouched, and the least and most there can be. */
function scales(scene: ImageScene, samples: number, { width, height, ratio }: Window) {
  const { columns, rows } = grid(samples);
  const fit = Math.min(
    width / (columns * Math.max(1, scene.width)),
    height / (rows * Math.max(1, scene.height)),
  );
  const actual = Math.max(1, Math.round(ratio));
  const base = scene.actual === "on" ? actual : fit;
  return { base, min: Math.min(base, fit), max: Math.max(base, MAX_ZOOM * fit, MAX_SCALE) };
}

/** The whole grid on the canvas, which it may exceed. */
export interface Area extends Box {
  readonly columns: number;
  readonly rows: number;
}

/** Where one side begins: in the middle, or so that nothing beside it is seen. */
function begin(room: number, size: number, at: number): number {
  if (size <= room) return (room - size) / 2;
  return Math.min(0, Math.max(room - size, room / 2 - at * size));
}

/** @param samples those of the scene, or as many as a frame has above them. */
export function areaOf(scene: ImageScene, samples: number, view: Window): Area {
  const { columns, rows } = grid(samples);
  const camera = cameraOf(scene, view.state);
  const { base, min, max } = scales(scene, samples, view);
  const scale = Math.min(Math.max(base * camera.zoom, min), max);
  const width = columns * Math.max(1, scene.width) * scale;
  const height = rows * Math.max(1, scene.height) * scale;
  return {
    x: begin(view.width, width, camera.x),
    y: begin(view.height, height, camera.y),
    width,
    height,
    columns,
    rows,
  };
}

/** What of the whole grid is on the canvas, in its pixels. */
export function seenOf(area: Area, view: Window): Box {
  const [left, top] = [Math.max(0, Math.round(area.x)), Math.max(0, Math.round(area.y))];
  const right = Math.min(view.width, Math.round(area.x + area.width));
  const bottom = Math.min(view.height, Math.round(area.y + area.height));
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The cell of a sample. Cells meet on whole pixels, so no seam shows between them. */
export function cellOf(area: Area, sample: number): Box {
  const column = sample % area.columns;
  const row = Math.floor(sample / area.columns);
  const x = Math.round(area.x + (column * area.width) / area.columns);
  const y = Math.round(area.y + (row * area.height) / area.rows);
  return {
    x,
    y,
    width: Math.round(area.x + ((column + 1) * area.width) / area.columns) - x,
    height: Math.round(area.y + ((row + 1) * area.height) / area.rows) - y,
  };
}

/** A picture of that size, in the middle of its cell and as large as that allows. */
export function fitted(size: { readonly width: number; readonly height: number }, cell: Box): Box {
  const scale = Math.min(cell.width / size.width, cell.height / size.height);
  // A cell is up to a pixel off the picture's shape: filled all the same, or a seam shows.
  const filled = (side: number, room: number) => {
    const scaled = Math.max(1, Math.round(side * scale));
    return room - scaled <= SEAM ? room : scaled;
  };
  const width = filled(size.width, cell.width);
  const height = filled(size.height, cell.height);
  return {
    x: cell.x + Math.floor((cell.width - width) / 2),
    y: cell.y + Math.floor((cell.height - height) / 2),
    width,
    height,
  };
}

export const contains = (box: Box, x: number, y: number): boolean =>
  x >= box.x && y >= box.y && x < box.x + box.width && y < box.y + box.height;

/** The place of the grid that is in the card's middle, in shares of it. */
const middle = (area: Area, view: Window, zoom: number): Camera => ({
  x: Math.min(Math.max((view.width / 2 - area.x) / area.width, 0), 1),
  y: Math.min(Math.max((view.height / 2 - area.y) / area.height, 0), 1),
  zoom,
});

/** What the card's state is after that. */
export function afterGesture(
  scene: ImageScene,
  samples: number,
  view: Window,
  gesture: Gesture,
): CardState {
  const area = areaOf(scene, samples, view);
  const { base, min, max } = scales(scene, samples, view);
  const zoom = area.width / (area.columns * Math.max(1, scene.width) * base);
  switch (gesture.type) {
    case "drag": {
      const { dx, dy } = gesture;
      const moved = { ...area, x: area.x + dx, y: area.y + dy };
      return { ...view.state, camera: middle(moved, view, zoom) };
    }
    case "zoom": {
      const { factor, x, y } = gesture;
      const next = Math.min(Math.max(zoom * factor, min / base), max / base);
      const by = next / zoom;
      const about = {
        ...area,
        x: x - (x - area.x) * by,
        y: y - (y - area.y) * by,
        width: area.width * by,
        height: area.height * by,
      };
      return { ...view.state, camera: middle(about, view, next) };
    }
    case "reset": {
      const { camera: _, ...rest } = view.state as ImageState;
      return rest;
    }
    default:
      return view.state;
  }
}
