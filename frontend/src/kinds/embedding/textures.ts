/** Thumbnails at the graphics card. */
import type { Sprite } from "./table";

/** A picture of 8,192 x 8,192 pixels takes 256 MB there. */
const MOST_SPRITES = 2;

export interface Texture {
  readonly texture: WebGLTexture;
  /** Thumbnails beside and below each other. */
  readonly columns: number;
  readonly rows: number;
  /** Of one thumbnail, in pixels. */
  readonly width: number;
  readonly height: number;
}

export class Textures {
  /** null while it is on its way, or where it cannot be had. */
  readonly #sprites = new Map<Sprite, Texture | null>();

  constructor(private readonly gl: WebGL2RenderingContext) {}

  /** null until it is here, when `redraw` is called, and where it cannot be had. */
  of(sprite: Sprite, redraw: () => void): Texture | null {
    const known = this.#sprites.get(sprite);
    if (known !== undefined) return known;
    for (const [old, loaded] of this.#sprites) {
      if (this.#sprites.size < MOST_SPRITES) break;
      if (loaded) this.gl.deleteTexture(loaded.texture);
      this.#sprites.delete(old);
    }
    this.#sprites.set(sprite, null);
    void this.#load(sprite).then(redraw, () => {});
    return null;
  }

  async #load(sprite: Sprite): Promise<void> {
    const gl = this.gl;
    const image = await createImageBitmap(new Blob([sprite.png]), { premultiplyAlpha: "none" });
    const columns = Math.floor(image.width / sprite.width);
    const rows = Math.floor(image.height / sprite.height);
    const largest = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
    if (this.#sprites.has(sprite) && Math.max(image.width, image.height) <= largest && columns) {
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
      this.#sprites.set(sprite, { texture, columns, rows, width, height });
    }
    image.close();
  }
}
