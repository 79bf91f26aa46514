/** Embeddings: points of many dimensions, as the server projects them over the whole series. */
import type { Scene } from "../model";
import type { Kind, Option, View } from "./base";
import { type Cloud, cloudBytes, decodeCloud } from "./embedding/cloud";
import { drawPaths, drawSelection, PATH_FRAMES } from "./embedding/marks";
import type { AnyPainter } from "./embedding/painters";
import { afterGesture, asScene, pictureOf } from "./embedding/scene";
import { decodeTable } from "./embedding/table";
import * as words from "./embedding/words";

const ON_OFF = [
  { value: "off", label: "Off" },
  { value: "on", label: "On" },
];

const OPTIONS: readonly Option[] = [
  {
    name: "method",
    label: "Embeddings",
    fitted: true,
    values: [
      { value: "pca", label: "PCA" },
      { value: "last", label: "Last frame's" },
      { value: "tsne", label: "t-SNE" },
    ],
    initial: "pca",
  },
  {
    name: "dims",
    label: "Axes",
    fitted: true,
    values: [
      { value: "2", label: "2D" },
      { value: "3", label: "3D" },
    ],
    initial: "2",
  },
  {
    name: "align",
    label: "Align frames",
    fitted: true,
    values: [
      { value: "auto", label: "Auto" },
      { value: "rigid", label: "On" },
      { value: "none", label: "Off" },
    ],
    initial: "auto",
  },
  {
    name: "follow",
    label: "Follow the cloud",
    fitted: false,
    values: [
      { value: "off", label: "Off" },
      { value: "center", label: "Centre" },
      { value: "fit", label: "Fit" },
    ],
    initial: "off",
  },
  {
    name: "points",
    label: "Points",
    fitted: false,
    values: [
      { value: "dots", label: "Dots" },
      { value: "thumbnails", label: "Thumbnails" },
    ],
    initial: "dots",
  },
  {
    name: "centroids",
    label: "Paths of means",
    fitted: false,
    values: ON_OFF,
    initial: "off",
  },
  { name: "trail", label: "Points' trail", fitted: false, min: 0, max: 20, initial: 0 },
  {
    name: "legend",
    label: "Legend",
    fitted: false,
    clips: true,
    values: [...ON_OFF].reverse(),
    initial: "on",
  },
];

// --- the painter --------------------------------------------------------------------

let painter: AnyPainter | null = null;
let coming: Promise<void> | null = null;
let make: () => AnyPainter;

/** Both ways to draw are loaded only when a cloud is on screen. */
async function load(): Promise<void> {
  make = (await import("./embedding/painters")).makePainter;
  painter = make();
}

/** What there is to draw with; another one when the graphics card took everything back. */
function present(): AnyPainter {
  if (painter === null || painter.lost) painter = make();
  return painter;
}

/** Draws with that from now on: tests hold both ways against each other. */
export function paintWith(chosen: AnyPainter): void {
  painter = chosen;
}

// --- decode and draw ----------------------------------------------------------------

async function decodeLater(data: unknown): Promise<Cloud> {
  coming ??= load();
  await coming;
  return decodeCloud(data);
}

function draw(
  context: CanvasRenderingContext2D,
  given: Scene,
  data: Cloud,
  view: View<Cloud>,
): void {
  const scene = asScene(given);
  const picture = pictureOf(scene, data, view);
  present().paint(context, picture);
  drawPaths(context, scene, data, view, picture);
  drawSelection(context, scene, view, picture);
}

export const embedding: Kind<Cloud> = {
  name: "embedding",
  options: OPTIONS,
  shares: false,
  placed: true,
  decode: (data) => (painter === null ? decodeLater(data) : decodeCloud(data)),
  bytes: cloudBytes,
  parts: () => 1,
  close: (cloud) => painter?.forget(cloud),
  table: decodeTable,
  aspect: () => 4 / 3,
  // One at least, to say how far a point has moved.
  trail: (scene) => {
    const { centroids, trail } = asScene(scene);
    return centroids === "on" ? PATH_FRAMES : Math.max(1, trail);
  },
  draw,
  read: (scene, data, view, x, y) => words.read(asScene(scene), data, view, x, y),
  gesture: (scene, data, view, gesture) => afterGesture(asScene(scene), data, view, gesture),
  controls: (scene, state, theme) => words.controls(asScene(scene), state, theme),
  clip: (scene, state) => words.clip(asScene(scene), state),
  note: (scene) => words.note(asScene(scene), painter?.flat === true),
};
