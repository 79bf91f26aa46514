/** What is said about the picture and its points. */
import { formatStep, plural } from "../../format";
import type { Query, Theme } from "../../model";
import { numberText, shareText } from "../axes";
import type { Control, View } from "../base";
import { type Cloud, isIn, pointBetween } from "./cloud";
import { categoryColor, SCALE } from "./colors";
import { pick, tellerOf } from "./scatter";
import { type EmbeddingScene, type EmbeddingState, joined, pictureOf, presentOf } from "./scene";
import { labelOf, wordOf } from "./table";

/** More lines than this cover the picture. */
const MOST_COLUMNS = 6;
/** Longer words are cut. */
const MOST_LETTERS = 40;

const short = (text: string): string =>
  text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS - 1)}…` : text;

const point = new Float64Array(3);

/** The way from the frame before to this one, in the scene's units. */
function moved(data: Cloud, view: View<Cloud>, slot: number): string | null {
  const [before] = joined(data, view, 1);
  const step = view.earlier.findLast((moment) => moment.data === before)?.step;
  if (before === undefined || step === undefined) return null;
  if (slot >= data.slots || !isIn(data, slot)) return null;
  if (slot >= before.slots || !isIn(before, slot)) return `new since step ${formatStep(step)}`;
  pointBetween(before, before, 0, slot, point);
  const [x, y, z] = point as unknown as [number, number, number];
  pointBetween(data, data, 0, slot, point);
  const way = Math.hypot(
    (point[0] as number) - x,
    (point[1] as number) - y,
    (point[2] as number) - z,
  );
  return `moved ${shareText(way)} since step ${formatStep(step)}`;
}

export function read(
  scene: EmbeddingScene,
  data: Cloud,
  view: View<Cloud>,
  x: number,
  y: number,
): string | null {
  const picture = pictureOf(scene, data, view);
  const found = pick(picture, x, y);
  if (found === null) return null;
  const { slot } = found;
  const cloud = tellerOf(found.pass, slot);
  const { columns, ids } = scene.table;
  const lines = columns.slice(0, MOST_COLUMNS).flatMap((column) => {
    const word = wordOf(column, cloud.version, slot);
    return word === null ? [] : [short(`${column.name} ${word}`)];
  });
  const id = ids[cloud.segment]?.[slot];
  if (id) lines.push(short(`id ${id}`));
  if (lines.length === 0) lines.push(labelOf(scene.table, cloud, slot));
  const way = found.pass === picture.passes[0] ? moved(data, view, slot) : null;
  return [...lines, ...(way ? [way] : [])].join("\n");
}

const METHODS: Readonly<Record<string, string>> = {
  pca: "PCA of all frames",
  last: "PCA of the last frame",
  tsne: "joint t-SNE, distances are not metric",
};

export function note(scene: EmbeddingScene, flat: boolean): string {
  const { method, variance, aligned, shown, logged, notes } = scene;
  const parts = [METHODS[method] ?? method];
  if (method !== "tsne") parts.push(`${shareText(variance)} of the variance`);
  parts.push(aligned ? "frames aligned" : "not aligned");
  parts.push(`${shown < logged ? `${formatStep(shown)} of ` : ""}${plural(logged, "point")}`);
  const sentences = [parts.join(" · "), ...notes];
  if (flat) sentences.push("drawn without a graphics card (no WebGL 2)");
  return sentences.join("\n");
}

export function controls(
  scene: EmbeddingScene,
  state: EmbeddingState,
  theme: Theme,
): readonly Control[] {
  const usable = scene.table.columns.filter((column) => column.type !== "text");
  if (usable.length === 0) return [];
  const { column, hidden } = presentOf(scene, state);
  const found: Control[] = [
    {
      type: "choice",
      label: "Colour by",
      value: column?.name ?? "none",
      choices: [
        ...usable.map(({ name }) => ({ value: name, label: name })),
        { value: "none", label: "nothing" },
      ],
      // Categories of another column have other names.
      choose: (value) => ({ ...state, hidden: [], color_by: value }),
    },
  ];
  if (column?.type === "number") {
    const [min, max] = [numberText(column.min), numberText(column.max)];
    found.push({ type: "scale", label: column.name, min, max, colors: SCALE });
  } else if (column?.type === "category") {
    const names = column.categories;
    found.push({
      type: "legend",
      label: column.name,
      entries: names.map((name, i) => ({
        name,
        color: categoryColor(i, theme),
        shown: !hidden.includes(name),
      })),
      toggle: (name) => ({
        ...state,
        hidden: hidden.includes(name) ? hidden.filter((one) => one !== name) : [...hidden, name],
      }),
      only: (name) => {
        const others = names.filter((one) => one !== name);
        const alone = !hidden.includes(name) && others.every((one) => hidden.includes(one));
        return { ...state, hidden: alone ? [] : others };
      },
    });
  }
  return found;
}

const rounded = (value: number): number => Number(value.toFixed(5));

export function clip(scene: EmbeddingScene, state: EmbeddingState): Query {
  const { camera, hidden, selected, segment } = presentOf(scene, state);
  const { x, y, zoom, yaw, pitch } = camera;
  return {
    color_by: state.color_by ?? (scene.color_by || null),
    camera: [x, y, zoom, yaw, pitch].map(rounded).join(","),
    hidden: hidden.map(encodeURIComponent).join(",") || null,
    // Elsewhere the same numbers are other points.
    selected: (segment === 0 && selected.join(",")) || null,
  };
}
