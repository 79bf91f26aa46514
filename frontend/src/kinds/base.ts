/** What a kind is in the browser: it decodes what the log holds and draws it. */
import type { Scene } from "../model";

/** How a picture is wanted. */
export interface View {
  /** Of the canvas, in its own pixels. */
  readonly width: number;
  readonly height: number;
  /** The part of the frame's time that has passed, 0 <= phase < 1. */
  readonly phase: number;
  /** Enlarged pixels stay squares. */
  readonly crisp: boolean;
}

export interface Kind<Data = unknown> {
  /** As in `/series`. */
  readonly name: string;
  /** Rejects with one plain sentence when the frame is broken. */
  decode(data: unknown, signal: AbortSignal): Promise<Data>;
  /** Memory that a decoded frame holds, in bytes. */
  bytes(data: Data): number;
  /** How many pictures the frame itself consists of, 1 unless it moves by itself. */
  parts(data: Data): number;
  /** Gives that memory back. */
  close(data: Data): void;
  /** Width over height of the picture. */
  aspect(scene: Scene): number;
  draw(context: CanvasRenderingContext2D, scene: Scene, data: Data, view: View): void;
}
