/** How large a part of the page is, and what becomes of it. */
import { type ReadonlySignal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** In CSS pixels; 0 before the page is laid out. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export function useSize(): {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly size: ReadonlySignal<Size>;
} {
  const box = useRef<HTMLDivElement>(null);
  const size = useSignal<Size>({ width: 0, height: 0 });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      size.value = { width: element.clientWidth, height: element.clientHeight };
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { box, size };
}

/** A canvas as sharp as the screen, in whose drawing a unit is a CSS pixel; null without one. */
export function sharpContext(
  canvas: HTMLCanvasElement | null,
  { width, height }: Size,
): CanvasRenderingContext2D | null {
  const context = canvas?.getContext("2d") ?? null;
  if (context === null || width === 0) return null;
  const ratio = window.devicePixelRatio || 1;
  context.canvas.width = Math.round(width * ratio);
  context.canvas.height = Math.round(height * ratio);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}
