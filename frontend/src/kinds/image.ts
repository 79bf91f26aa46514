/** Images: a grid of the samples that a step logged. */
import type { Scene } from "../model";
import type { Kind, View } from "./base";

/** More would be gigabytes once decoded; a larger picture is refused before that. */
export const MAX_PIXELS = 2 ** 26;
/** Of all pictures of one animated sample, decoded. */
const MAX_ANIMATED_BYTES = 2 ** 28;

/** Pixels of the canvas by which a cell may miss a picture's shape through rounding. */
const SEAM = 2;

/** One sample: the pictures that it consists of, or why there is none. */
type Sample = readonly ImageBitmap[] | Error;

export interface DecodedImage {
  readonly samples: readonly Sample[];
}

interface ImageScene {
  readonly width: number;
  readonly height: number;
  readonly samples: number;
}

/** Columns and rows that hold so many samples, as square as can be. */
export function grid(samples: number): { columns: number; rows: number } {
  const columns = Math.max(1, Math.ceil(Math.sqrt(samples)));
  return { columns, rows: Math.max(1, Math.ceil(samples / columns)) };
}

/** Pixels that the header announces; 0 for a format whose header is not looked at. */
export function announcedPixels(bytes: Uint8Array<ArrayBuffer>): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length >= 24 && view.getUint32(0) === 0x89504e47) {
    return view.getUint32(16) * view.getUint32(20);
  }
  if (isGif(bytes)) return view.getUint16(6, true) * view.getUint16(8, true);
  return 0;
}

function isGif(bytes: Uint8Array): boolean {
  return bytes.length > 13 && bytes[0] === 0x47 && bytes[1] === 0x49 && bytes[2] === 0x46;
}

async function animated(part: Uint8Array<ArrayBuffer>): Promise<ImageBitmap[]> {
  // The decoder reads the whole buffer, of which a sample is only a part.
  const bytes = part.slice();
  // Loaded only when a GIF is met: browsers decode its first picture alone.
  const { decode, decodeFrames } = await import("modern-gif");
  const gif = decode(bytes);
  const most = Math.max(1, Math.floor(MAX_ANIMATED_BYTES / (gif.width * gif.height * 4)));
  const range = [0, Math.min(gif.frames.length, most) - 1];
  const frames = decodeFrames(bytes, { gif, range });
  return Promise.all(
    frames.map((frame) => {
      const pixels = new Uint8ClampedArray(frame.data);
      return createImageBitmap(new ImageData(pixels, frame.width, frame.height));
    }),
  );
}

async function decodeSample(bytes: Uint8Array<ArrayBuffer>): Promise<Sample> {
  if (bytes.length === 0) return new Error("This image is empty: no bytes were logged.");
  if (announcedPixels(bytes) > MAX_PIXELS) {
    return new Error("This image is over the limit of 67 million pixels. Log a smaller one.");
  }
  try {
    if (isGif(bytes)) return await animated(bytes);
    return [await createImageBitmap(new Blob([bytes]))];
  } catch {
    return new Error(`These ${bytes.length} bytes could not be decoded as an image.`);
  }
}

const asScene = (scene: Scene): ImageScene => scene as unknown as ImageScene;

function drawSample(
  context: CanvasRenderingContext2D,
  picture: ImageBitmap,
  box: { x: number; y: number; width: number; height: number },
  crisp: boolean,
): void {
  const scale = Math.min(box.width / picture.width, box.height / picture.height);
  // A cell is up to a pixel off the picture's shape: filled all the same, or a seam shows.
  const filled = (size: number, room: number) => {
    const scaled = Math.max(1, Math.round(size * scale));
    return room - scaled <= SEAM ? room : scaled;
  };
  const width = filled(picture.width, box.width);
  const height = filled(picture.height, box.height);
  context.imageSmoothingEnabled = !(crisp && scale > 1);
  context.imageSmoothingQuality = "high";
  context.drawImage(
    picture,
    box.x + Math.floor((box.width - width) / 2),
    box.y + Math.floor((box.height - height) / 2),
    width,
    height,
  );
}

function drawBroken(
  context: CanvasRenderingContext2D,
  box: { x: number; y: number; width: number; height: number },
): void {
  context.strokeStyle = "#9e9e9e";
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(box.x, box.y);
  context.lineTo(box.x + box.width, box.y + box.height);
  context.moveTo(box.x + box.width, box.y);
  context.lineTo(box.x, box.y + box.height);
  context.stroke();
}

function drawGrid(
  context: CanvasRenderingContext2D,
  scene: Scene,
  { samples }: DecodedImage,
  view: View<DecodedImage>,
  phase: number,
): void {
  const { columns, rows } = grid(Math.max(asScene(scene).samples, samples.length));
  // The grid as a whole is fitted into the card: its samples stay side by side.
  const aspect = image.aspect({ ...scene, samples: columns * rows });
  const whole = Math.min(view.width, view.height * aspect);
  const area = { width: whole, height: whole / aspect };
  const left = (view.width - area.width) / 2;
  const top = (view.height - area.height) / 2;
  samples.forEach((sample, i) => {
    const column = i % columns;
    const row = Math.floor(i / columns);
    // Cells meet on whole pixels, so no seam shows between them.
    const x = Math.round(left + (column * area.width) / columns);
    const y = Math.round(top + (row * area.height) / rows);
    const width = Math.round(left + ((column + 1) * area.width) / columns) - x;
    const height = Math.round(top + ((row + 1) * area.height) / rows) - y;
    const box = { x, y, width, height };
    if (sample instanceof Error) {
      drawBroken(context, box);
      return;
    }
    const picture = sample[Math.floor(phase * sample.length)] ?? sample[0];
    if (picture) drawSample(context, picture, box, view.crisp);
  });
}

export const image: Kind<DecodedImage> = {
  name: "image",
  options: [],
  shares: false,

  async decode(data, signal) {
    const list = (Array.isArray(data) ? data : [data]) as Uint8Array<ArrayBuffer>[];
    const samples = await Promise.all(list.map(decodeSample));
    const decoded: DecodedImage = { samples };
    const broken = samples.find((sample) => sample instanceof Error);
    const empty = samples.every((sample) => sample instanceof Error);
    if (signal.aborted || empty) {
      image.close(decoded);
      if (signal.aborted) throw signal.reason;
      throw broken ?? new Error("No image was logged at this step.");
    }
    return decoded;
  },

  bytes({ samples }) {
    let bytes = 0;
    for (const sample of samples) {
      if (sample instanceof Error) continue;
      for (const picture of sample) bytes += picture.width * picture.height * 4;
    }
    return bytes;
  },

  parts({ samples }) {
    return Math.max(1, ...samples.map((sample) => (sample instanceof Error ? 1 : sample.length)));
  },

  close({ samples }) {
    for (const sample of samples) {
      if (sample instanceof Error) continue;
      for (const picture of sample) picture.close();
    }
  },

  aspect(scene) {
    const { width, height, samples } = asScene(scene);
    const { columns, rows } = grid(samples);
    return (columns * Math.max(1, width)) / (rows * Math.max(1, height));
  },

  trail: () => 0,

  draw(context, scene, data, view) {
    context.clearRect(0, 0, view.width, view.height);
    const { following, phase } = view;
    if (following === null) {
      drawGrid(context, scene, data, view, phase);
      return;
    }
    // Weighted colours add up to the linear mixture, transparent pixels included.
    context.save();
    context.globalAlpha = 1 - phase;
    drawGrid(context, scene, data, view, 0);
    context.globalCompositeOperation = "lighter";
    context.globalAlpha = phase;
    drawGrid(context, scene, following, view, 0);
    context.restore();
  },
};
