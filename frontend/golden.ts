/**
 * Draws a golden scene on a canvas as the page does, for tests that hold the browser's
 * pictures against Python's.
 */

import { isCompare } from "./src/compare";
import { type Against, kindOf, loadKinds, type View } from "./src/kinds";
import { paintWith } from "./src/kinds/embedding";
import { FlatPainter, GlPainter } from "./src/kinds/embedding/painters";
import type { Scene, Theme } from "./src/model";

interface GoldenTable {
  readonly columns: readonly {
    readonly type: string;
    readonly numbers: string | null;
    readonly values: readonly unknown[];
  }[];
  readonly sprites: readonly { readonly data: string }[];
  readonly cells: readonly string[];
}

/** A file of `tests/golden`. */
export interface Golden {
  readonly kind: string;
  readonly size: readonly [number, number];
  readonly theme: Theme;
  readonly options: Readonly<Record<string, unknown>>;
  readonly scene: Scene;
  /** What `/table` tells, where the kind has one; base 64 in place of bytes. */
  readonly table?: GoldenTable;
  readonly frames: readonly { readonly step: number; readonly data: string | string[] }[];
  /** Of the frame in front; those before it are its trail. */
  readonly index: number;
  /** How far on the way to the next one. */
  readonly phase: number;
  /** The index of the frame that it is compared with. */
  readonly against?: number;
}

declare global {
  interface Window {
    drawGolden: typeof drawGolden;
  }
}

const bytes = (text: string): Uint8Array => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));

const tableOf = (golden: GoldenTable): unknown => ({
  ...golden,
  columns: golden.columns.map((column) =>
    column.type === "text"
      ? column
      : {
          ...column,
          numbers: column.numbers && bytes(column.numbers),
          values: column.values.map((one) => bytes(one as string)),
        },
  ),
  sprites: golden.sprites.map((sprite) => ({ ...sprite, data: bytes(sprite.data) })),
  cells: golden.cells.map(bytes),
});

/** Long enough for thumbnails to come, in milliseconds. */
const LATE = 2000;

/** @param flat points are drawn without WebGL. */
export async function drawGolden(
  canvas: HTMLCanvasElement,
  golden: Golden,
  flat = false,
): Promise<void> {
  paintWith(flat ? new FlatPainter() : new GlPainter(true));
  const { size, theme, index, phase } = golden;
  await loadKinds([golden.kind]);
  const kind = kindOf(golden.kind);
  if (!kind) throw new Error(`There is no kind ${golden.kind}.`);
  const table = golden.table && kind.table?.(tableOf(golden.table));
  const scene: Scene = { ...golden.scene, ...golden.options, ...(table ? { table } : {}) };
  const { signal } = new AbortController();
  const moments = await Promise.all(
    golden.frames.map(async ({ step, data }) => ({
      step,
      data: await kind.decode(Array.isArray(data) ? data.map(bytes) : bytes(data), signal),
    })),
  );
  const present = moments[index];
  if (!present) throw new Error(`There is no frame ${index}.`);
  const next = phase > 0 ? moments[index + 1] : undefined;
  [canvas.width, canvas.height] = size;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This canvas cannot be drawn on.");
  const other = golden.against === undefined ? undefined : moments[golden.against];
  const compare = {
    mode: golden.options.compare,
    amount: golden.options.amount,
    against: golden.options.against,
  };
  if (other && !isCompare(compare)) throw new Error("These options compare nothing.");
  const view = (redraw: () => void): View => ({
    width: size[0],
    height: size[1],
    // As in clips: by the picture's size.
    unit: null,
    theme,
    ratio: 1,
    step: present.step,
    earlier: moments.slice(Math.max(0, index - kind.trail(scene, 1)), index),
    following: next?.data ?? null,
    phase: next ? phase : 0,
    against: other ? ({ ...compare, data: other.data, word: "" } as Against) : null,
    layer: { index: 0, count: 1, color: "" },
    state: {},
    redraw,
  });
  const late = new Promise<void>((resolve) => {
    kind.draw(context, scene, present.data, view(resolve));
    if (scene.points !== "thumbnails") resolve();
    else setTimeout(resolve, LATE);
  });
  await late;
  kind.draw(
    context,
    scene,
    present.data,
    view(() => {}),
  );
}

window.drawGolden = drawGolden;
