/** What stands on top of the points: the selection's rings and names, and categories' paths. */
import { figures, PALETTES } from "../axes";
import type { View } from "../base";
import { type Cloud, pointBetween } from "./cloud";
import { categoryColor } from "./colors";
import { dotRadius, project, type Spot } from "./lens";
import { type Pass, type Picture, tellerOf, thumbnailSide } from "./scatter";
import { type EmbeddingScene, joined, presentOf, selectedIn } from "./scene";
import { type Column, labelOf, NONE } from "./table";

/** Frames that a path goes back, whatever the trail's length. */
export const PATH_FRAMES = 100;
const PATH_ALPHA = 0.9;

type Categories = Column & { readonly type: "category" };

const point = new Float64Array(3);
const spot: Spot = { x: 0, y: 0, depth: 0, size: 1 };

/** By frame and column: x, y, z of each category's mean, NaN where it has no point. */
const means = new WeakMap<Cloud, Map<Categories, Float64Array>>();

function meansOf(cloud: Cloud, column: Categories): Float64Array {
  let known = means.get(cloud);
  if (known === undefined) {
    known = new Map();
    means.set(cloud, known);
  }
  const found = known.get(column);
  if (found !== undefined) return found;
  const sums = new Float64Array(3 * column.categories.length);
  const counts = new Uint32Array(column.categories.length);
  column.codes[cloud.version]?.forEach((code, slot) => {
    if (code === NONE || slot >= cloud.slots) return;
    if (pointBetween(cloud, cloud, 0, slot, point) === 0) return;
    counts[code] = (counts[code] as number) + 1;
    for (let i = 0; i < 3; i++) {
      sums[3 * code + i] = (sums[3 * code + i] as number) + (point[i] as number);
    }
  });
  const made = sums.map((sum, i) => sum / (counts[Math.floor(i / 3)] as number));
  known.set(column, made);
  return made;
}

export function drawPaths(
  context: CanvasRenderingContext2D,
  scene: EmbeddingScene,
  data: Cloud,
  view: View<Cloud>,
  { lens }: Picture,
): void {
  const { column, hidden } = presentOf(scene, view.state);
  if (scene.centroids !== "on" || column?.type !== "category") return;
  const { background } = PALETTES[view.theme];
  const way = [...joined(data, view, PATH_FRAMES).reverse(), data].map((one) =>
    meansOf(one, column),
  );
  if (view.phase > 0 && view.following?.segment === data.segment) {
    const now = way.at(-1) as Float64Array;
    const then = meansOf(view.following, column);
    way.push(now.map((start, i) => start + ((then[i] as number) - start) * view.phase));
  }
  context.lineJoin = "round";
  context.lineCap = "butt";
  column.categories.forEach((name, i) => {
    if (hidden.includes(name)) return;
    const color = categoryColor(i, view.theme);
    context.globalAlpha = PATH_ALPHA;
    context.strokeStyle = color;
    context.lineWidth = 2 * lens.unit;
    context.beginPath();
    // Where a category has no point, its path has a gap.
    let there = false;
    for (const mean of way) {
      for (let axis = 0; axis < 3; axis++) point[axis] = mean[3 * i + axis] as number;
      const { x, y, size } = project(lens, point, spot);
      const before = there;
      there = !Number.isNaN(point[0]) && size > 0;
      if (there && before) context.lineTo(x, y);
      else if (there) context.moveTo(x, y);
    }
    context.stroke();
    context.globalAlpha = 1;
    if (!there) return;
    context.beginPath();
    context.arc(spot.x, spot.y, 5 * lens.unit, 0, 2 * Math.PI);
    context.fillStyle = color;
    context.fill();
    context.strokeStyle = background;
    context.lineWidth = 1.5 * lens.unit;
    context.stroke();
  });
}

export function drawSelection(
  context: CanvasRenderingContext2D,
  scene: EmbeddingScene,
  view: View<Cloud>,
  { lens, passes }: Picture,
): void {
  const { ink, background } = PALETTES[view.theme];
  const { unit } = lens;
  context.font = figures(unit);
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  const now = presentOf(scene, view.state);
  for (const pass of passes) {
    for (const slot of selectedIn(now, pass.from)) {
      const seen = slot < pass.from.slots ? seenAt(pass, slot) : 0;
      const { x, y, size } = project(lens, point, spot);
      if (seen === 0 || size === 0) continue;
      const { thumbnails } = pass;
      const own = thumbnails
        ? thumbnailSide(lens, size) / 2
        : dotRadius(pass.from.slots, unit) * size;
      const radius = own + 3 * unit;
      context.globalAlpha = seen;
      context.strokeStyle = ink;
      context.lineWidth = 1.5 * unit;
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.stroke();
      const text = labelOf(scene.table, tellerOf(pass, slot), slot);
      const left = x + radius + 6 * unit;
      context.strokeStyle = background;
      context.lineWidth = 2 * unit;
      context.strokeText(text, left, y);
      context.fillStyle = ink;
      context.fillText(text, left, y);
    }
  }
  context.globalAlpha = 1;
}

/** Whether hidden or not in the frame: 0. Leaves the place in `point`. */
function seenAt(pass: Pass, slot: number): number {
  if (pass.colors[4 * slot + 3] === 0) return 0;
  return pointBetween(pass.from, pass.to, pass.phase, slot, point) * pass.fade;
}
