/** Both ways to draw points; loaded when the first cloud is on screen. */
import { FlatPainter } from "./flat";
import { GlPainter } from "./gl";
import type { Painter } from "./scatter";

export type AnyPainter = Painter & {
  /** The graphics card has taken everything back. */
  readonly lost?: boolean;
  /** It does without a graphics card. */
  readonly flat?: boolean;
};

/**
 * WebGL where a graphics card does it. Where the browser would imitate one, the processor
 * draws the same picture itself: measured four times as fast, and trails far more than that.
 */
export function makePainter(imitated = false): AnyPainter {
  try {
    return new GlPainter(imitated);
  } catch {
    return new FlatPainter();
  }
}

export { FlatPainter, GlPainter };
