/** What is said of the pixel under the pointer. */
import type { Query, Scene } from "../../model";
import type { CardState, View } from "../base";
import { roomFor } from "./paint";
import { areaOf, asScene, cameraOf, cellOf, contains, fitted } from "./place";
import { type DecodedImage, pictureOf } from "./samples";

let probe: CanvasRenderingContext2D | null = null;

/** Red, green, blue and alpha of one pixel. */
function pixelOf(picture: ImageBitmap, x: number, y: number): readonly number[] {
  if (probe === null) {
    const canvas = document.createElement("canvas");
    canvas.width = 1;
    canvas.height = 1;
    probe = canvas.getContext("2d", { willReadFrequently: true });
  }
  if (!probe) return [];
  probe.clearRect(0, 0, 1, 1);
  probe.drawImage(picture, x, y, 1, 1, 0, 0, 1, 1);
  return [...probe.getImageData(0, 0, 1, 1).data];
}

/** "200 130 7"; a fourth number is the alpha of what is not opaque. */
const colour = (channels: readonly number[]): string =>
  (channels[3] === 255 ? channels.slice(0, 3) : channels).join(" ");

/** The logged pixel and its values; in a comparison those of both pictures. */
export function read(
  given: Scene,
  data: DecodedImage,
  view: View<DecodedImage>,
  x: number,
  y: number,
): string | null {
  const scene = asScene(given);
  const { against, phase, following } = view;
  const room = roomFor(scene, data);
  const area = areaOf(scene, room, view);
  const number = Array.from({ length: room }, (_, i) => i).find((i) =>
    contains(cellOf(area, i), x, y),
  );
  if (number === undefined) return null;
  const cell = cellOf(area, number);

  /** What of that frame is there. */
  const found = ({ samples }: DecodedImage, at: number) => {
    const picture = pictureOf(samples[number], at);
    const box = picture && fitted(picture, cell);
    if (!picture || !box || !contains(box, x, y)) return null;
    const column = Math.floor(((x - box.x) / box.width) * picture.width);
    const row = Math.floor(((y - box.y) / box.height) * picture.height);
    return { place: `x ${column}, y ${row}`, channels: pixelOf(picture, column, row) };
  };

  const own = found(data, following === null ? phase : 0);
  const other = against && found(against.data, phase);
  const sample = room > 1 ? `sample ${number + 1}, ` : "";
  if (!against) return own && `${sample}${own.place}: ${colour(own.channels)}`;
  if (!own && !other) return null;
  const lines = [own, other].map((pixel) =>
    pixel ? `${pixel.place}: ${colour(pixel.channels)}` : "nothing here",
  );
  lines[1] = `${against.word}: ${lines[1]}`;
  if (own && other) {
    const apart = [0, 1, 2].map((i) =>
      Math.abs((own.channels[i] as number) - (other.channels[i] as number)),
    );
    lines.push(`difference: ${apart.join(" ")}`);
  }
  return sample + lines.join("\n");
}

/** The part of the picture that is looked at. */
export function clip(scene: Scene, state: CardState): Query {
  const { x, y, zoom } = cameraOf(asScene(scene), state);
  // A clip has the picture's own size as it is.
  if (zoom === 1 || asScene(scene).actual === "on") return {};
  return { zoom: [x, y, zoom].map((value) => Number(value.toFixed(5))).join(",") };
}
