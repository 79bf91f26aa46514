/** How pictures are wanted, and a canvas that remembers them, for tests that draw. */
import type { Moment, View } from "../src/kinds";

/** One run in the light theme, 400 x 300 pixels, that stands still; unless told otherwise. */
export const viewOf = <Data>(more: Partial<View<Data>> = {}): View<Data> => ({
  width: 400,
  height: 300,
  unit: null,
  theme: "light",
  ratio: 1,
  against: null,
  step: 0,
  earlier: [],
  following: null,
  phase: 0,
  layer: { index: 0, count: 1, color: "#0077bb" },
  state: {},
  redraw: () => {},
  ...more,
});

/** Ten steps apart, from step 0 on. */
export const momentsOf = <Data>(data: readonly Data[]): Moment<Data>[] =>
  data.map((one, i) => ({ step: 10 * i, data: one }));

interface Drawn {
  readonly color: string;
  readonly alpha: number;
  /** The corners of the path. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** A canvas that remembers what is filled, stroked and written. */
export function recorder() {
  const fills: Drawn[] = [];
  const strokes: Drawn[] = [];
  const texts: string[] = [];
  let points: [number, number][] = [];
  const drawn = (color: string): Drawn => ({ color, alpha: context.globalAlpha, points });
  const context = {
    fillStyle: "",
    strokeStyle: "",
    globalAlpha: 1,
    beginPath: () => {
      points = [];
    },
    moveTo: (x: number, y: number) => points.push([x, y]),
    lineTo: (x: number, y: number) => points.push([x, y]),
    fill: () => fills.push(drawn(context.fillStyle)),
    stroke: () => strokes.push(drawn(context.strokeStyle)),
    fillRect: () => {},
    fillText: (text: string) => texts.push(text),
  };
  return { context: context as unknown as CanvasRenderingContext2D, fills, strokes, texts };
}
