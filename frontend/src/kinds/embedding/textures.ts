/** Thumbnails at the graphics card. */
import type { Sprite } from "./table";

/** Four bytes each: the largest two pictures that there are, 8,192 x 8,192. */
const MOST_PIXELS = 2 * 8192 ** 2;
/** What was drawn so long ago (in milliseconds) belongs to no card that plays. */
const STALE = 1000;

export interface Texture {
  readonly texture: WebGLTexture;
  /** Thumbnails beside and below each other. */
  readonly columns: number;
  readonly rows: number;
  /** Of one thumbnail, in pixels. */
  readonly width: number;
  readonly height: number;
}

interface Entry {
  /** null while it is on its way, and where it cannot be had. */
  loaded: Texture | null;
  pixels: number;
  /** When it was last asked for. */
  asked: number;
  /** When there was no room for it; null: it was not refused, or can never be had. */
  refused: number | null;
}

export class Textures {
  /** The one asked for longest ago first. */
  readonly #entries = new Map<Sprite, Entry>();

  constructor(private readonly gl: WebGL2RenderingContext) {}

  /** null until it is here, when `redraw` is called, and where it cannot be had. */
  of(sprite: Sprite, redraw: () => void): Texture | null {
    const known = this.#entries.get(sprite);
    const entry = known ?? { loaded: null, pixels: 0, asked: 0, refused: null };
    entry.asked = performance.now();
    this.#entries.delete(sprite);
    this.#entries.set(sprite, entry);
    // Cards that had the room may have gone since.
    const again = entry.refused !== null && entry.asked - entry.refused > STALE;
    if (known === undefined || again) {
      entry.refused = null;
      void this.#load(sprite, entry).then(
        () => entry.loaded && redraw(),
        () => {},
      );
    }
    return entry.loaded;
  }

  async #load(sprite: Sprite, entry: Entry): Promise<void> {
    const gl = this.gl;
    const image = await createImageBitmap(new Blob([sprite.png]), { premultiplyAlpha: "none" });
    const columns = Math.floor(image.width / sprite.width);
    const rows = Math.floor(image.height / sprite.height);
    const pixels = image.width * image.height;
    const largest = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
    const usable = Math.max(image.width, image.height) <= largest && columns > 0;
    const wanted = usable && this.#entries.get(sprite) === entry;
    if (wanted && !this.#hasRoom(pixels)) {
      entry.refused = performance.now();
    } else if (wanted) {
      const texture = gl.createTexture();
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, image);
      for (const way of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
        gl.texParameteri(gl.TEXTURE_2D, way, gl.LINEAR);
      }
      for (const way of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) {
        gl.texParameteri(gl.TEXTURE_2D, way, gl.CLAMP_TO_EDGE);
      }
      const { width, height } = sprite;
      entry.loaded = { texture, columns, rows, width, height };
      entry.pixels = pixels;
    }
    image.close();
  }

  /**
   * Whether so many pixels more fit, after what is stale has gone. What was drawn a moment ago
   * stays: cards that took each other's place would load for ever.
   */
  #hasRoom(pixels: number): boolean {
    let held = pixels;
    for (const { pixels } of this.#entries.values()) held += pixels;
    const now = performance.now();
    for (const [sprite, { loaded, pixels, asked }] of this.#entries) {
      if (held <= MOST_PIXELS) break;
      if (now - asked < STALE) continue;
      if (loaded) this.gl.deleteTexture(loaded.texture);
      held -= pixels;
      this.#entries.delete(sprite);
    }
    return held <= MOST_PIXELS;
  }
}
