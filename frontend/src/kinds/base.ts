/** What a kind is in the browser: it decodes what the log holds and draws it. */
import type { Box, Mode } from "../compare";
import type { Query, Scene, Theme } from "../model";

/** Something about a kind's pictures that people choose. */
export type Option = {
  /** As `/scene` and `/clip` call it. */
  readonly name: string;
  readonly label: string;
  /** The scene depends on it: another value is asked for at the server. */
  readonly fitted: boolean;
  /** It is about clips alone, and stands in their dialog. */
  readonly clips?: true;
  /** It is about the page alone: clips do not know it. */
  readonly page?: true;
} & (
  | {
      readonly values: readonly { readonly value: string; readonly label: string }[];
      readonly initial: string;
    }
  | {
      /** Whole numbers. */
      readonly min: number;
      readonly max: number;
      readonly initial: number;
      readonly unit?: string;
    }
);

/** A frame and the step that it was logged at. */
export interface Moment<Data = unknown> {
  readonly step: number;
  readonly data: Data;
}

/** Another frame that is drawn in the same place. */
export interface Against<Data = unknown> {
  readonly mode: Exclude<Mode, "off">;
  /** As in `Compare`. */
  readonly amount: number;
  readonly data: Data;
  /** Whose frame it is, or which. */
  readonly word: string;
}

/**
 * What was done to one card's picture: its camera, what is hidden or selected in it. Plain
 * JSON, so that a link can hold it; each kind has its own fields, and `{}` is untouched.
 */
export type CardState = Readonly<Record<string, unknown>>;

/** How a picture is wanted. */
export interface View<Data = unknown> {
  /** Of the canvas, in its own pixels. */
  readonly width: number;
  readonly height: number;
  /** Pixels of the canvas that text and lines take for one; null: by the picture's size. */
  readonly unit: number | null;
  readonly theme: Theme;
  /** Pixels of the canvas for one of CSS. */
  readonly ratio: number;
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
  /** What it is compared with, of a kind that compares; then `following` is null. */
  readonly against: Against<Data> | null;
  /** Several runs in one picture are drawn one after the other, each as a layer. */
  readonly layer: { readonly index: number; readonly count: number; readonly color: string };
  readonly state: CardState;
  /** To be called when the same picture would now come out differently. */
  readonly redraw: () => void;
}

/** What people do to a picture, in pixels of the canvas. */
export type Gesture =
  /** Dragged by so much; `turn`: with the main button alone. */
  | { readonly type: "drag"; readonly dx: number; readonly dy: number; readonly turn: boolean }
  /** Larger by that factor, where the place stays under the pointer. */
  | { readonly type: "zoom"; readonly factor: number; readonly x: number; readonly y: number }
  | { readonly type: "click"; readonly x: number; readonly y: number }
  /** Back to where everything was. */
  | { readonly type: "reset" }
  /** Nothing is selected any more. */
  | { readonly type: "clear" };

/** Something under the picture that belongs to one card. */
export type Control =
  | {
      readonly type: "choice";
      readonly label: string;
      readonly value: string;
      readonly choices: readonly { readonly value: string; readonly label: string }[];
      choose(value: string): CardState;
    }
  | {
      readonly type: "legend";
      readonly label: string;
      readonly entries: readonly {
        readonly name: string;
        readonly color: string;
        readonly shown: boolean;
      }[];
      /** Shows or hides one. */
      toggle(name: string): CardState;
      /** Hides all others, or shows them again. */
      only(name: string): CardState;
    }
  | {
      readonly type: "scale";
      readonly label: string;
      readonly min: string;
      readonly max: string;
      /** At even distances from the least to the most. */
      readonly colors: readonly string[];
    };

export interface Kind<Data = unknown> {
  /** As in `/series`. */
  readonly name: string;
  readonly options: readonly Option[];
  /** The runs of a tag have one scene together, and can be laid over each other. */
  readonly shares: boolean;
  /** It can draw another frame in the same place. */
  readonly compares?: true;
  /** The cards of a tag have one state: what is moved in one is moved in all. */
  readonly sharesState?: true;
  /**
   * Frames come as the scene places them: they are asked for with the options that it was
   * fitted with, and those of another `key` are of no use.
   */
  readonly placed?: true;
  /** Throws or rejects with one plain sentence when the frame is broken. */
  decode(data: unknown, signal: AbortSignal): Data | Promise<Data>;
  /** Memory that a decoded frame holds, in bytes. */
  bytes(data: Data): number;
  /** How many pictures the frame itself consists of, 1 unless it moves by itself. */
  parts(data: Data): number;
  /** Gives that memory back. */
  close(data: Data): void;
  /** What `/table` told, as the scene is to hold it under `table`. */
  table?(data: unknown): unknown;
  /** Width over height of the picture. */
  aspect(scene: Scene): number;
  /** How many frames before the present one are drawn with it, in a picture of so many layers. */
  trail(scene: Scene, layers: number): number;
  /** The scene holds the server's answer and the options' present values. */
  draw(context: CanvasRenderingContext2D, scene: Scene, data: Data, view: View<Data>): void;
  /** What of the picture lies on the canvas, of a kind that compares: a wipe cuts that in two. */
  seen?(scene: Scene, data: Data, view: View<Data>): Box;
  /** What is at that pixel of the canvas, in lines of words; null: nothing. */
  read?(scene: Scene, data: Data, view: View<Data>, x: number, y: number): string | null;
  /** What the card's state is after that. */
  gesture?(scene: Scene, data: Data, view: View<Data>, gesture: Gesture): CardState;
  /** What stands under the picture. */
  controls?(scene: Scene, state: CardState, theme: Theme): readonly Control[];
  /** What a clip has to know of the card's state, as `/clip` calls it. */
  clip?(scene: Scene, state: CardState): Query;
  /** The frame in one line of numbers, item by item. */
  numbers?(data: Data): readonly string[];
  /** What these numbers are, for people who do not know them. */
  readonly aboutNumbers?: string;
  /** What one should know about the scene, such as that not all frames were looked at. */
  note?(scene: Scene): string | null;
}
