/** What a kind is in the browser: it decodes what the log holds and draws it. */
import type { Scene, Theme } from "../model";

/** Something about a kind's pictures that people choose. */
export type Option = {
  /** As `/scene` and `/clip` call it. */
  readonly name: string;
  readonly label: string;
  /** The scene depends on it: another value is asked for at the server. */
  readonly fitted: boolean;
} & (
  | {
      readonly values: readonly { readonly value: string; readonly label: string }[];
      readonly initial: string;
    }
  | { readonly min: number; readonly max: number; readonly initial: number }
);

/** A frame and the step that it was logged at. */
export interface Moment<Data = unknown> {
  readonly step: number;
  readonly data: Data;
}

/** How a picture is wanted. */
export interface View<Data = unknown> {
  /** Of the canvas, in its own pixels. */
  readonly width: number;
  readonly height: number;
  /** Pixels of the canvas that text and lines take for one; null: by the picture's size. */
  readonly unit: number | null;
  readonly theme: Theme;
  /** Enlarged pixels stay squares. */
  readonly crisp: boolean;
  /** The step of the frame that is drawn. */
  readonly step: number;
  /** The frames before it, oldest first: at most as many as `trail` asked for. */
  readonly earlier: readonly Moment<Data>[];
  /** The frame that it turns into; null: it stands still, or moves by itself. */
  readonly following: Data | null;
  /**
   * How far on the way to `following`, or else the part of the frame's own time that has
   * passed; 0 <= phase < 1.
   */
  readonly phase: number;
  /** Several runs in one picture are drawn one after the other, each as a layer. */
  readonly layer: { readonly index: number; readonly count: number; readonly color: string };
}

export interface Kind<Data = unknown> {
  /** As in `/series`. */
  readonly name: string;
  readonly options: readonly Option[];
  /** The runs of a tag have one scene together, and can be laid over each other. */
  readonly shares: boolean;
  /** Throws or rejects with one plain sentence when the frame is broken. */
  decode(data: unknown, signal: AbortSignal): Data | Promise<Data>;
  /** Memory that a decoded frame holds, in bytes. */
  bytes(data: Data): number;
  /** How many pictures the frame itself consists of, 1 unless it moves by itself. */
  parts(data: Data): number;
  /** Gives that memory back. */
  close(data: Data): void;
  /** Width over height of the picture. */
  aspect(scene: Scene): number;
  /** How many frames before the present one are drawn with it, in a picture of so many layers. */
  trail(scene: Scene, layers: number): number;
  /** The scene holds the server's answer and the options' present values. */
  draw(context: CanvasRenderingContext2D, scene: Scene, data: Data, view: View<Data>): void;
  /** What is at that pixel of the canvas, in lines of words; null: nothing. */
  read?(scene: Scene, data: Data, view: View<Data>, x: number, y: number): string | null;
  /** The frame in one line of numbers, item by item. */
  numbers?(data: Data): readonly string[];
  /** What one should know about the scene, such as that not all frames were looked at. */
  note?(scene: Scene): string | null;
}
