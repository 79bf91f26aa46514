/** Brightness and contrast, as TensorBoard's own image cards have them. */

/** Both in per cent; 100 is as logged. */
export interface Adjustment {
  readonly brightness: number;
  readonly contrast: number;
}

export const isNeutral = ({ brightness, contrast }: Adjustment): boolean =>
  brightness === 100 && contrast === 100;

const clamp = (value: number): number => Math.min(Math.max(value, 0), 1);

/**
 * What each level of a channel becomes: first the contrast about the middle, then the
 * brightness, each clamped, by the formulas of CSS Filter Effects 1, 9.1.
 */
export function levels({ brightness, contrast }: Adjustment): Uint8ClampedArray {
  return Uint8ClampedArray.from({ length: 256 }, (_, level) => {
    const contrasted = clamp((level / 255 - 0.5) * (contrast / 100) + 0.5);
    return Math.round(255 * clamp((contrasted * brightness) / 100));
  });
}

/** Pixels of red, green, blue and alpha, in place; alpha stays. */
export function adjustPixels(pixels: Uint8ClampedArray, adjustment: Adjustment): void {
  const table = levels(adjustment);
  for (let i = 0; i < pixels.length; i += 4) {
    for (let channel = i; channel < i + 3; channel++) {
      pixels[channel] = table[pixels[channel] as number] as number;
    }
  }
}

/** Changes what is drawn on the canvas so far. */
export function adjust(context: CanvasRenderingContext2D, adjustment: Adjustment): void {
  const { brightness, contrast } = adjustment;
  const { canvas } = context;
  if (context.filter === undefined) {
    // Safari: the same on the processor, where it takes longer.
    const image = context.getImageData(0, 0, canvas.width, canvas.height);
    adjustPixels(image.data, adjustment);
    context.putImageData(image, 0, 0);
    return;
  }
  context.save();
  context.globalCompositeOperation = "copy";
  context.filter = `contrast(${contrast}%) brightness(${brightness}%)`;
  context.drawImage(canvas, 0, 0);
  context.restore();
}
