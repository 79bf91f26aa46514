/** Points by WebGL 2: one canvas that nobody sees, for all cards. */
import { rgb } from "../axes";
import type { Cloud } from "./cloud";
import { dotRadius, type Lens } from "./lens";
import { Program } from "./program";
import { DOT_ALPHA, type Painter, type Pass, type Picture, THUMBNAIL } from "./scatter";
import {
  ABSENT,
  DOT_FRAGMENT,
  DOT_VERTEX,
  LINE_FRAGMENT,
  LINE_VERTEX,
  THUMBNAIL_FRAGMENT,
  THUMBNAIL_VERTEX,
} from "./shaders";
import { type Texture, Textures } from "./textures";

/** Colours and thumbnails' numbers that stay at the card. */
const MOST_ARRAYS = 16;
/** Times its radius that a dot near the viewer is large before it leaves the picture. */
const MOST_NEAR = 8;

/** Names of processors that imitate a graphics card; not every browser admits it otherwise. */
const IMITATED = /swiftshader|llvmpipe|softpipe|software|basic render/i;

type Numbers = Uint8Array | Uint32Array;

export class GlPainter implements Painter {
  readonly #canvas: HTMLCanvasElement;
  readonly #gl: WebGL2RenderingContext;
  readonly #dots: Program;
  readonly #thumbnails: Program;
  readonly #lines: Program;
  readonly #clouds = new WeakMap<Cloud, WebGLBuffer>();
  readonly #arrays = new Map<Numbers, WebGLBuffer>();
  readonly #sprites: Textures;
  readonly #order: WebGLBuffer;

  /**
   * Throws where there is no WebGL 2.
   *
   * @param imitated one that the processor imitates will do.
   */
  constructor(imitated: boolean) {
    this.#canvas = document.createElement("canvas");
    const gl = this.#canvas.getContext("webgl2", {
      antialias: false,
      depth: false,
      failIfMajorPerformanceCaveat: !imitated,
    });
    if (gl === null) throw new Error("This browser has no WebGL 2.");
    const told = gl.getExtension("WEBGL_debug_renderer_info");
    const name = String(gl.getParameter(told ? told.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
    if (!imitated && IMITATED.test(name)) throw new Error(`${name} is no graphics card.`);
    this.#gl = gl;
    this.#dots = new Program(gl, DOT_VERTEX, DOT_FRAGMENT);
    this.#thumbnails = new Program(gl, THUMBNAIL_VERTEX, THUMBNAIL_FRAGMENT);
    this.#lines = new Program(gl, LINE_VERTEX, LINE_FRAGMENT);
    this.#order = gl.createBuffer();
    this.#sprites = new Textures(gl);
    gl.enable(gl.BLEND);
    gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  /** The graphics card has taken everything back. */
  get lost(): boolean {
    return this.#gl.isContextLost();
  }

  paint(context: CanvasRenderingContext2D, picture: Picture): void {
    const gl = this.#gl;
    const { width, height } = picture.lens;
    const canvas = this.#canvas;
    // It only grows: cards of several sizes take turns.
    if (canvas.width < width) canvas.width = width;
    if (canvas.height < height) canvas.height = height;
    const [red, green, blue] = rgb(picture.background);
    gl.clearColor(red / 255, green / 255, blue / 255, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    for (const pass of picture.passes) this.#drawTrail(pass, picture.lens);
    for (const pass of picture.passes) this.#drawPoints(pass, picture);
    const top = canvas.height - height;
    context.drawImage(canvas, 0, top, width, height, 0, 0, width, height);
  }

  forget(cloud: Cloud): void {
    const buffer = this.#clouds.get(cloud);
    if (buffer !== undefined) this.#gl.deleteBuffer(buffer);
    this.#clouds.delete(cloud);
  }

  #begin(program: Program, lens: Lens, margin: number): void {
    const gl = this.#gl;
    program.use();
    const { width, height, focus } = lens;
    gl.viewport(-margin, -margin, width + 2 * margin, height + 2 * margin);
    gl.uniform2f(program.at("u_size"), width, height);
    gl.uniform1f(program.at("u_margin"), margin);
    gl.uniform1f(program.at("u_scale"), lens.scale);
    gl.uniform2f(program.at("u_pan"), ...lens.pan);
    gl.uniform3f(program.at("u_centre"), ...focus.centre);
    gl.uniform1f(program.at("u_gain"), focus.gain);
    gl.uniform1i(program.at("u_solid"), Number(lens.solid));
    gl.uniform4f(program.at("u_turn"), ...lens.turn);
  }

  #drawPoints(pass: Pass, picture: Picture): void {
    const { lens } = picture;
    const { thumbnails } = pass;
    const loaded = thumbnails && this.#sprites.of(thumbnails.sprite, picture.redraw);
    this.#drawDots(pass, lens, loaded);
    if (loaded) this.#drawThumbnails(pass, lens, loaded);
  }

  /** All points, or those without a thumbnail. */
  #drawDots(pass: Pass, lens: Lens, pictured: Texture | null): void {
    const gl = this.#gl;
    const program = this.#dots;
    const radius = dotRadius(pass.from.slots, lens.unit);
    // What lies outside by less than its size reaches into the picture.
    this.#begin(program, lens, Math.ceil(MOST_NEAR * radius));
    gl.uniform1f(program.at("u_alpha"), DOT_ALPHA);
    gl.uniform1f(program.at("u_radius"), radius);
    gl.uniform1i(program.at("u_pictured"), Number(pictured !== null));
    this.#drawAll(program, pass, pictured);
  }

  #drawThumbnails(pass: Pass, lens: Lens, loaded: Texture): void {
    const gl = this.#gl;
    const program = this.#thumbnails;
    const { usual, least, most } = THUMBNAIL;
    const { unit, zoom } = lens;
    this.#begin(program, lens, Math.ceil(most * unit));
    gl.uniform3f(program.at("u_side"), usual * unit * Math.sqrt(zoom), least * unit, most * unit);
    gl.uniform2f(program.at("u_cell"), loaded.width, loaded.height);
    gl.uniform1ui(program.at("u_columns"), loaded.columns);
    gl.bindTexture(gl.TEXTURE_2D, loaded.texture);
    this.#drawAll(program, pass, loaded);
  }

  #drawAll(program: Program, pass: Pass, loaded: Texture | null): void {
    const gl = this.#gl;
    const { from, to, order, thumbnails } = pass;
    gl.uniform1f(program.at("u_phase"), pass.phase);
    gl.uniform1f(program.at("u_fade"), pass.fade);
    gl.uniform1ui(program.at("u_cells"), loaded ? loaded.columns * loaded.rows : 0);
    this.#attribute(0, from, 0);
    this.#attribute(1, to, 0);
    this.#colors(pass.colors, 0);
    if (loaded && thumbnails) {
      gl.bindBuffer(gl.ARRAY_BUFFER, this.#array(thumbnails.cells));
      gl.enableVertexAttribArray(3);
      gl.vertexAttribIPointer(3, 1, gl.UNSIGNED_INT, 0, 0);
      gl.vertexAttribDivisor(3, 0);
    } else {
      gl.disableVertexAttribArray(3);
      gl.vertexAttribI4ui(3, 0, 0, 0, 0);
    }
    if (order === null) {
      gl.drawArrays(gl.POINTS, 0, from.slots);
      return;
    }
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.#order);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, order, gl.STREAM_DRAW);
    gl.drawElements(gl.POINTS, order.length, gl.UNSIGNED_INT, 0);
  }

  #drawTrail(pass: Pass, lens: Lens): void {
    const gl = this.#gl;
    const program = this.#lines;
    const { trail, from, to } = pass;
    if (trail.length === 0) return;
    this.#begin(program, lens, 0);
    gl.uniform1f(program.at("u_width"), lens.unit);
    gl.uniform1f(program.at("u_fade"), pass.fade);
    this.#colors(pass.colors, 1);
    for (const { start, end, alpha } of trail) {
      gl.uniform1f(program.at("u_alpha"), alpha);
      gl.uniform1f(program.at("u_phase"), end ? 0 : pass.phase);
      this.#attribute(0, end ?? from, 1);
      this.#attribute(1, end ?? to, 1);
      this.#attribute(3, start, 1);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, from.slots);
    }
  }

  #attribute(place: number, cloud: Cloud, divisor: number): void {
    const gl = this.#gl;
    let buffer = this.#clouds.get(cloud);
    if (buffer === undefined) {
      buffer = gl.createBuffer();
      this.#clouds.set(cloud, buffer);
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      // Shaders need not know what is not a number.
      const known = cloud.positions.map((value) => (Number.isNaN(value) ? ABSENT : value));
      gl.bufferData(gl.ARRAY_BUFFER, known, gl.STATIC_DRAW);
    }
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, cloud.dims, gl.FLOAT, false, 0, 0);
    gl.vertexAttribDivisor(place, divisor);
  }

  #colors(colors: Uint8Array, divisor: number): void {
    const gl = this.#gl;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#array(colors));
    gl.enableVertexAttribArray(2);
    gl.vertexAttribPointer(2, 4, gl.UNSIGNED_BYTE, true, 0, 0);
    gl.vertexAttribDivisor(2, divisor);
  }

  #array(numbers: Numbers): WebGLBuffer {
    const gl = this.#gl;
    const known = this.#arrays.get(numbers);
    if (known !== undefined) return known;
    for (const [old, buffer] of this.#arrays) {
      if (this.#arrays.size < MOST_ARRAYS) break;
      gl.deleteBuffer(buffer);
      this.#arrays.delete(old);
    }
    const buffer = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, numbers, gl.STATIC_DRAW);
    this.#arrays.set(numbers, buffer);
    return buffer;
  }
}
