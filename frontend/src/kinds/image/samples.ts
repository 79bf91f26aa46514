/** The pictures of a step, as logged: decoded, or known to be broken. */
import { decodeBitmap, isPng } from "./bitmap";

/** More would be gigabytes once decoded; a larger picture is refused before that. */
const MAX_PIXELS = 2 ** 26;
/** Of all pictures of one animated sample, decoded. */
const MAX_ANIMATED_BYTES = 2 ** 28;

/** One sample: the pictures that it consists of, or why there is none. */
export type Sample = readonly ImageBitmap[] | Error;

export interface DecodedImage {
  readonly samples: readonly Sample[];
}

/** The picture of a sample that is shown at that part of the frame's time; null: none. */
export function pictureOf(sample: Sample | undefined, phase: number): ImageBitmap | null {
  if (sample === undefined || sample instanceof Error) return null;
  return sample[Math.floor(phase * sample.length)] ?? sample[0] ?? null;
}

/** Pixels that the header announces; 0 for a format whose header is not looked at. */
export function announcedPixels(bytes: Uint8Array<ArrayBuffer>): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isPng(bytes)) {
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
    return [await decodeBitmap(bytes)];
  } catch {
    return new Error(`These ${bytes.length} bytes could not be decoded as an image.`);
  }
}

/** Rejects with one plain sentence where not one sample can be shown. */
export async function decodeSamples(data: unknown, signal: AbortSignal): Promise<DecodedImage> {
  const list = (Array.isArray(data) ? data : [data]) as Uint8Array<ArrayBuffer>[];
  const decoded: DecodedImage = { samples: await Promise.all(list.map(decodeSample)) };
  const broken = decoded.samples.find((sample) => sample instanceof Error);
  const empty = decoded.samples.every((sample) => sample instanceof Error);
  if (signal.aborted || empty) {
    closeSamples(decoded);
    if (signal.aborted) throw signal.reason;
    throw broken ?? new Error("No image was logged at this step.");
  }
  return decoded;
}

/** Memory of all pictures, in bytes. */
export function bytesOf({ samples }: DecodedImage): number {
  let bytes = 0;
  for (const sample of samples) {
    if (sample instanceof Error) continue;
    for (const picture of sample) bytes += picture.width * picture.height * 4;
  }
  return bytes;
}

export const partsOf = ({ samples }: DecodedImage): number =>
  Math.max(1, ...samples.map((sample) => (sample instanceof Error ? 1 : sample.length)));

export function closeSamples({ samples }: DecodedImage): void {
  for (const sample of samples) {
    if (sample instanceof Error) continue;
    for (const picture of sample) picture.close();
  }
}
