/**
 * Draws a golden scene on a canvas as the page does, for tests that hold the browser's
 * pictures against Python's.
 */
import { histogram } from "./src/kinds/histogram";
import type { Scene, Theme } from "./src/model";

/** A file of `tests/golden`. */
export interface Golden {
  readonly size: readonly [number, number];
  readonly theme: Theme;
  readonly options: Readonly<Record<string, unknown>>;
  readonly scene: Scene;
  readonly frames: readonly { readonly step: number; readonly data: string }[];
  /** Of the frame in front; those before it are its trail. */
  readonly index: number;
  /** How far on the way to the next one. */
  readonly phase: number;
}

declare global {
  interface Window {
    drawGolden: typeof drawGolden;
  }
}

const bytes = (text: string): Uint8Array => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));

export async function drawGolden(canvas: HTMLCanvasElement, golden: Golden): Promise<void> {
  const { size, theme, index, phase } = golden;
  const scene = { ...golden.scene, ...golden.options };
  const { signal } = new AbortController();
  const moments = await Promise.all(
    golden.frames.map(async ({ step, data }) => ({
      step,
      data: await histogram.decode(bytes(data), signal),
    })),
  );
  const present = moments[index];
  if (!present) throw new Error(`There is no frame ${index}.`);
  const next = phase > 0 ? moments[index + 1] : undefined;
  [canvas.width, canvas.height] = size;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This canvas cannot be drawn on.");
  histogram.draw(context, scene, present.data, {
    width: size[0],
    height: size[1],
    // As in clips: by the picture's size.
    unit: null,
    theme,
    crisp: false,
    step: present.step,
    earlier: moments.slice(Math.max(0, index - histogram.trail(scene, 1)), index),
    following: next?.data ?? null,
    phase: next ? phase : 0,
    layer: { index: 0, count: 1, color: "" },
  });
}

window.drawGolden = drawGolden;
