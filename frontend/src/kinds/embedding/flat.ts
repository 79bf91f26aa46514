/** Points without a graphics card: the same picture, by the processor alone. */
import { rgb } from "../axes";
import { pointBetween } from "./cloud";
import { dotRadius, type Lens, project, type Spot } from "./lens";
import { Pixels } from "./pixels";
import { DOT_ALPHA, type Painter, type Pass, type Picture, thumbnailSide } from "./scatter";
import { NO_CELL, type Sprite } from "./table";

const point = new Float64Array(3);
const spot: Spot = { x: 0, y: 0, depth: 0, size: 1 };
const first: Spot = { x: 0, y: 0, depth: 0, size: 1 };

function drawTrail(pixels: Pixels, pass: Pass, lens: Lens): void {
  const { from, to, colors } = pass;
  for (const { start, end, alpha } of pass.trail) {
    for (let slot = 0; slot < from.slots; slot++) {
      if (colors[4 * slot + 3] === 0 || pointBetween(start, start, 0, slot, point) === 0) continue;
      project(lens, point, first);
      const seen = pointBetween(end ?? from, end ?? to, end ? 0 : pass.phase, slot, point);
      if (seen === 0) continue;
      project(lens, point, spot);
      if (spot.size === 0 || first.size === 0) continue;
      const { x, y } = first;
      pixels.line(x, y, spot.x, spot.y, lens.unit, alpha * pass.fade * seen, colors, 4 * slot);
    }
  }
}

/** Tells of each point that is to be seen, from back to front; `spot` has its place. */
function eachPoint(pass: Pass, lens: Lens, tell: (slot: number, seen: number) => void): void {
  const { from, to, phase, order, colors } = pass;
  for (let i = 0; i < from.slots; i++) {
    const slot = order === null ? i : (order[i] as number);
    if (colors[4 * slot + 3] === 0) continue;
    const seen = pointBetween(from, to, phase, slot, point) * pass.fade;
    if (seen > 0 && project(lens, point, spot).size > 0) tell(slot, seen);
  }
}

export class FlatPainter implements Painter {
  readonly flat = true;
  /** null while it is on its way, or where it cannot be read. */
  readonly #images = new WeakMap<Sprite, ImageBitmap | null>();
  #pixels: Pixels | null = null;

  paint(context: CanvasRenderingContext2D, picture: Picture): void {
    const { lens, background, passes } = picture;
    const { width, height } = lens;
    if (this.#pixels?.width !== width || this.#pixels.height !== height) {
      this.#pixels = new Pixels(width, height);
    }
    const pixels = this.#pixels;
    pixels.fill(...rgb(background));
    for (const pass of passes) drawTrail(pixels, pass, lens);
    for (const pass of passes) this.#drawDots(pixels, pass, picture);
    context.putImageData(pixels.image, 0, 0);
    for (const pass of passes) this.#drawThumbnails(context, pass, picture);
  }

  forget(): void {}

  #drawDots(pixels: Pixels, pass: Pass, { lens, redraw }: Picture): void {
    const { thumbnails, colors } = pass;
    const radius = dotRadius(pass.from.slots, lens.unit);
    const pictured = thumbnails !== null && this.#image(thumbnails.sprite, redraw) !== null;
    eachPoint(pass, lens, (slot, seen) => {
      if (pictured && thumbnails.cells[slot] !== NO_CELL) return;
      pixels.disc(spot.x, spot.y, radius * spot.size, DOT_ALPHA * seen, colors, 4 * slot);
    });
  }

  #drawThumbnails(context: CanvasRenderingContext2D, pass: Pass, { lens, redraw }: Picture): void {
    const { thumbnails } = pass;
    const image = thumbnails && this.#image(thumbnails.sprite, redraw);
    if (!image) return;
    const { width, height } = thumbnails.sprite;
    const columns = Math.max(1, Math.floor(image.width / width));
    eachPoint(pass, lens, (slot, seen) => {
      const cell = thumbnails.cells[slot] as number;
      if (cell === NO_CELL) return;
      // On whole pixels, so that its own ones stay as even as can be.
      const side = Math.round(thumbnailSide(lens, spot.size));
      const wide = Math.max(1, Math.round((side * width) / Math.max(width, height)));
      const high = Math.max(1, Math.round((side * height) / Math.max(width, height)));
      const [left, top] = [(cell % columns) * width, Math.floor(cell / columns) * height];
      const [x, y] = [Math.round(spot.x - wide / 2), Math.round(spot.y - high / 2)];
      context.globalAlpha = seen;
      context.imageSmoothingEnabled = wide < width || high < height;
      context.drawImage(image, left, top, width, height, x, y, wide, high);
    });
    context.globalAlpha = 1;
  }

  #image(sprite: Sprite, redraw: () => void): ImageBitmap | null {
    const known = this.#images.get(sprite);
    if (known !== undefined) return known;
    this.#images.set(sprite, null);
    void createImageBitmap(new Blob([sprite.png])).then(
      (image) => {
        this.#images.set(sprite, image);
        redraw();
      },
      () => {},
    );
    return null;
  }
}
