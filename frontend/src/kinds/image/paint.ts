/** Draws the samples of a step, alone or with those of another one in the same place. */
import { type Box, wipe } from "../../compare";
import type { Scene } from "../../model";
import { PALETTES } from "../axes";
import type { Against, View } from "../base";
import { adjust, isNeutral } from "./adjust";
import { areaOf, asScene, cellOf, fitted, type ImageScene, seenOf } from "./place";
import { type DecodedImage, pictureOf } from "./samples";

type ImageView = View<DecodedImage>;

const BROKEN = "#9e9e9e";

/** Samples for which a frame needs room; another one in its place has no more. */
export const roomFor = (scene: ImageScene, { samples }: DecodedImage): number =>
  Math.max(scene.samples, samples.length);

function drawBroken(context: CanvasRenderingContext2D, box: Box): void {
  context.strokeStyle = BROKEN;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(box.x, box.y);
  context.lineTo(box.x + box.width, box.y + box.height);
  context.moveTo(box.x + box.width, box.y);
  context.lineTo(box.x, box.y + box.height);
  context.stroke();
}

class Painter {
  readonly #area;
  readonly #room: number;

  readonly #background: string;

  constructor(
    private readonly scene: ImageScene,
    room: number,
    view: ImageView,
  ) {
    this.#area = areaOf(scene, room, view);
    this.#room = this.#area.columns * this.#area.rows;
    this.#background = PALETTES[view.theme].background;
  }

  grid(context: CanvasRenderingContext2D, { samples }: DecodedImage, phase: number): void {
    samples.slice(0, this.#room).forEach((sample, i) => {
      const cell = cellOf(this.#area, i);
      if (sample instanceof Error) {
        drawBroken(context, cell);
        return;
      }
      const picture = pictureOf(sample, phase);
      if (!picture) return;
      const box = fitted(picture, cell);
      context.imageSmoothingEnabled = this.scene.smooth === "on" || box.width < picture.width;
      context.imageSmoothingQuality = "high";
      context.drawImage(picture, box.x, box.y, box.width, box.height);
    });
  }

  /** Lays the card's colour under so many samples, where they are transparent. */
  ground(context: CanvasRenderingContext2D, samples: number): void {
    context.save();
    context.globalCompositeOperation = "destination-over";
    context.fillStyle = this.#background;
    for (let i = 0; i < Math.min(samples, this.#room); i++) {
      const cell = cellOf(this.#area, i);
      context.fillRect(cell.x, cell.y, cell.width, cell.height);
    }
    context.restore();
  }

  /** Cells of which one of the two has no picture: their difference would be none. */
  crossOut(context: CanvasRenderingContext2D, own: DecodedImage, other: DecodedImage): void {
    const count = Math.max(own.samples.length, other.samples.length);
    for (let i = 0; i < Math.min(count, this.#room); i++) {
      if (pictureOf(own.samples[i], 0) && pictureOf(other.samples[i], 0)) continue;
      const cell = cellOf(this.#area, i);
      context.fillStyle = this.#background;
      context.fillRect(cell.x, cell.y, cell.width, cell.height);
      drawBroken(context, cell);
    }
  }
}

let scratch: CanvasRenderingContext2D | null = null;

/** A canvas of at least that size to draw on beside the card's. */
function beside(width: number, height: number): CanvasRenderingContext2D {
  scratch ??= document.createElement("canvas").getContext("2d");
  if (!scratch) throw new Error("This browser gives no more canvases.");
  const { canvas } = scratch;
  if (canvas.width < width) canvas.width = width;
  if (canvas.height < height) canvas.height = height;
  return scratch;
}

/** |own - other| * gain for each channel of each pixel, white at most. */
function drawDifference(
  context: CanvasRenderingContext2D,
  painter: Painter,
  own: DecodedImage,
  view: ImageView,
  { data, amount }: Against<DecodedImage>,
): void {
  const { width, height, phase } = view;
  const other = beside(width, height);
  const copy = (to: CanvasRenderingContext2D, from: CanvasRenderingContext2D) =>
    to.drawImage(from.canvas, 0, 0, width, height, 0, 0, width, height);
  other.clearRect(0, 0, width, height);
  const count = Math.max(own.samples.length, data.samples.length);
  for (const [target, frame] of [
    [context, own],
    [other, data],
  ] as const) {
    painter.grid(target, frame, phase);
    painter.ground(target, count);
  }
  context.save();
  context.globalCompositeOperation = "difference";
  copy(context, other);
  other.save();
  other.globalCompositeOperation = "copy";
  copy(other, context);
  other.restore();
  // Adding whole levels rounds nothing.
  context.globalCompositeOperation = "lighter";
  for (let times = 1; times < amount; times++) copy(context, other);
  context.restore();
  painter.crossOut(context, own, data);
}

function clipped(context: CanvasRenderingContext2D, box: Box, draw: () => void): void {
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  draw();
  context.restore();
}

/** Weighted colours add up to the linear mixture, empty places included. */
function mixed(
  context: CanvasRenderingContext2D,
  amount: number,
  first: () => void,
  second: () => void,
): void {
  context.save();
  context.globalAlpha = 1 - amount;
  first();
  context.globalCompositeOperation = "lighter";
  context.globalAlpha = amount;
  second();
  context.restore();
}

export function draw(
  context: CanvasRenderingContext2D,
  given: Scene,
  data: DecodedImage,
  view: ImageView,
): void {
  const { width, height, following, against, phase } = view;
  const scene = asScene(given);
  const painter = new Painter(scene, roomFor(scene, data), view);
  context.clearRect(0, 0, width, height);
  const own = () => painter.grid(context, data, following === null ? phase : 0);
  if (against?.mode === "difference") {
    // The difference is one of logged values.
    drawDifference(context, painter, data, view, against);
    return;
  }
  if (against !== null) {
    const other = () => painter.grid(context, against.data, phase);
    if (against.mode === "onion") {
      mixed(context, against.amount, own, other);
    } else {
      // Beside a tall picture the card is empty, and clips have no such room.
      const picture = seenOf(areaOf(scene, roomFor(scene, data), view), view);
      const parts = wipe({ x: 0, y: 0, width, height }, against.amount, picture);
      clipped(context, parts.own, own);
      clipped(context, parts.other, other);
    }
  } else if (following === null) {
    own();
  } else {
    mixed(context, phase, own, () => painter.grid(context, following, 0));
  }
  if (isNeutral(scene)) return;
  // As in clips, which have no transparency.
  const other = against === null ? following : against.data;
  painter.ground(context, Math.max(data.samples.length, other?.samples.length ?? 0));
  adjust(context, scene);
}
