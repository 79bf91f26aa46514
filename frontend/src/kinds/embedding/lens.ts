/** From the scene's space to pixels: the camera, and what it follows. */
import { unitOf } from "../axes";
import type { Cloud } from "./cloud";

/** What people turn: where the middle is, how large, and in 3D from where; degrees. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
  readonly yaw: number;
  readonly pitch: number;
}
const ZOOM = { min: 0.1, max: 200 };

/** Of the picture's shorter side, for one unit of the scene. */
const SCALE = 0.44;
/** Radii that a followed cloud has on screen, in units. */
const FITTED_RADIUS = 0.55;
/** From the viewer to the middle, in units. */
const DISTANCE = 4;
/** Nearer than this is behind the viewer. */
const NEAREST = 0.1;
/** A drag over the picture's shorter side turns by so many degrees. */
const TURN = 180;

/** What the picture follows. */
export interface Focus {
  readonly centre: readonly [number, number, number];
  readonly gain: number;
}

const FIXED: Focus = { centre: [0, 0, 0], gain: 1 };

function focusOn(follow: string, { centre, radius }: Cloud): Focus {
  if (follow === "center") return { centre, gain: 1 };
  if (follow === "fit") return { centre, gain: FITTED_RADIUS / Math.max(radius, 1e-6) };
  return FIXED;
}

/** Between frames the middle moves evenly, and so does the size's logarithm. */
export function focusOf(follow: string, from: Cloud, to: Cloud | null, phase: number): Focus {
  const start = focusOn(follow, from);
  if (to === null || phase === 0) return start;
  const end = focusOn(follow, to);
  const mixed = (i: 0 | 1 | 2) => start.centre[i] + (end.centre[i] - start.centre[i]) * phase;
  return {
    centre: [mixed(0), mixed(1), mixed(2)],
    gain: start.gain * (end.gain / start.gain) ** phase,
  };
}

/** All numbers that a projection needs; the shaders have the same. */
export interface Lens {
  readonly width: number;
  readonly height: number;
  /** Pixels of the canvas for one of text. */
  readonly unit: number;
  readonly solid: boolean;
  readonly zoom: number;
  /** Pixels for one unit of the scene, at its middle. */
  readonly scale: number;
  readonly pan: readonly [number, number];
  /** Cosine and sine of the yaw and of the pitch. */
  readonly turn: readonly [number, number, number, number];
  readonly focus: Focus;
}

export function lensOf(
  { width, height, unit }: { width: number; height: number; unit: number | null },
  camera: Camera,
  dims: 2 | 3,
  focus: Focus,
): Lens {
  const yaw = (camera.yaw * Math.PI) / 180;
  const pitch = (camera.pitch * Math.PI) / 180;
  return {
    width,
    height,
    unit: unit ?? unitOf(width, height),
    solid: dims === 3,
    zoom: camera.zoom,
    scale: SCALE * Math.min(width, height) * camera.zoom,
    pan: [camera.x, camera.y],
    turn: [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)],
    focus,
  };
}

/** A place on the picture. */
export interface Spot {
  x: number;
  y: number;
  /** Towards the viewer. */
  depth: number;
  /** How much larger than at the middle; 0: behind the viewer. */
  size: number;
}

/** Where that point (x, y, z) of the scene is seen; writes to `spot`. */
export function project(lens: Lens, point: Float64Array, spot: Spot): Spot {
  const { centre, gain } = lens.focus;
  let x = ((point[0] as number) - centre[0]) * gain;
  let y = ((point[1] as number) - centre[1]) * gain;
  spot.size = 1;
  spot.depth = 0;
  if (lens.solid) {
    const z = ((point[2] as number) - centre[2]) * gain;
    const [cosYaw, sinYaw, cosPitch, sinPitch] = lens.turn;
    const across = x * cosYaw + z * sinYaw;
    const along = -x * sinYaw + z * cosYaw;
    spot.depth = y * sinPitch + along * cosPitch;
    const away = DISTANCE - spot.depth;
    spot.size = away < NEAREST ? 0 : DISTANCE / away;
    x = across * spot.size;
    y = (y * cosPitch - along * sinPitch) * spot.size;
  }
  spot.x = lens.width / 2 + (x - lens.pan[0]) * lens.scale;
  spot.y = lens.height / 2 - (y - lens.pan[1]) * lens.scale;
  return spot;
}

/** The picture is shifted by so many pixels. */
export const panned = (camera: Camera, lens: Lens, dx: number, dy: number): Camera => ({
  ...camera,
  x: camera.x - dx / lens.scale,
  y: camera.y + dy / lens.scale,
});

/** The points in front go with the pointer. */
export function turned(camera: Camera, lens: Lens, dx: number, dy: number): Camera {
  const degrees = TURN / Math.min(lens.width, lens.height);
  const yaw = camera.yaw + dx * degrees;
  return {
    ...camera,
    yaw: yaw - 360 * Math.round(yaw / 360),
    pitch: Math.min(Math.max(camera.pitch + dy * degrees, -90), 90),
  };
}

/** Larger by that factor; what is at that pixel stays there. */
export function zoomed(camera: Camera, lens: Lens, factor: number, x: number, y: number): Camera {
  const zoom = Math.min(Math.max(camera.zoom * factor, ZOOM.min), ZOOM.max);
  const scale = (lens.scale / camera.zoom) * zoom;
  const right = x - lens.width / 2;
  const down = y - lens.height / 2;
  return {
    ...camera,
    zoom,
    x: camera.x + right / lens.scale - right / scale,
    y: camera.y - down / lens.scale + down / scale,
  };
}

/** A dot's radius in pixels, in a picture of so many points. */
export function dotRadius(slots: number, unit: number): number {
  const size =
    slots <= 500 ? 3.5 : slots <= 2000 ? 2.6 : slots <= 10_000 ? 2 : slots <= 50_000 ? 1.5 : 1.1;
  return size * unit;
}
