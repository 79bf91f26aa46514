/** Points that are made up, for tests of embeddings. */
import type { View } from "../src/kinds";
import { type Cloud, decodeCloud } from "../src/kinds/embedding/cloud";
import { decodeTable } from "../src/kinds/embedding/table";
import { viewOf } from "./views";
import { unaligned } from "./wire";

export const NAN = Number.NaN;
export const bytes = (list: ArrayBufferView): Uint8Array =>
  new Uint8Array(list.buffer, list.byteOffset, list.byteLength);

/** One frame: a row for each point. */
export function cloud(rows: number[][], more: Partial<Cloud> = {}): Cloud {
  const dims = (rows[0]?.length ?? 2) as 2 | 3;
  const head = [0, 0, rows.length, dims, 0, 0, 0, 1];
  return { ...decodeCloud(bytes(new Float32Array([...head, ...rows.flat()]))), ...more };
}

/** A column of words, one of numbers and one of texts, of three points. */
export const table = decodeTable({
  columns: [
    {
      name: "digit",
      type: "category",
      categories: ["2", "10"],
      values: [bytes(new Uint16Array([0, 1, 65535]))],
      of: [0],
    },
    {
      name: "loss",
      type: "number",
      categories: null,
      texts: ["1", "3.00"],
      numbers: unaligned(bytes(new Float32Array([1, 3]))),
      values: [unaligned(bytes(new Uint32Array([0, 1, 0xffffffff])))],
      of: [0],
    },
    { name: "file", type: "text", categories: null, values: [["a.png", "b.png", ""]], of: [0] },
  ],
  versions: [0],
  sprites: [],
  sprite_of: [-1],
  cells: [new Uint8Array()],
  ids: [["x", "y", ""]],
});

/** As `/scene` gives it, with that table. */
export const scene = {
  method: "pca",
  dims: 2,
  color_by: "",
  camera: "0,0,1,35,20",
  hidden: "",
  selected: "",
  trail: 2,
  follow: "off",
  points: "dots",
  centroids: "off",
  aligned: true,
  variance: 0.614,
  shown: 10_000,
  logged: 120_000,
  notes: ["2 points are far away."],
  table,
};

export const view = (more: Partial<View<Cloud>> = {}) => viewOf({ unit: 1, step: 30, ...more });
