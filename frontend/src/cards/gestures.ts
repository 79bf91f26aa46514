/** Pointer, wheel and keys on a picture, as gestures. Places are CSS pixels of the element. */
import type { Gesture } from "../kinds";

/** A pointer that moves less than this, in CSS pixels, clicks. */
const STILL = 4;
/** Pixels that a line and a page of a wheel stand for. */
const WHEEL_UNITS = [1, 16, 400];
/** A notch of a usual wheel, 100 pixels, enlarges by this. */
const ZOOM_PER_NOTCH = 1.25;
const KEY_ZOOM = 1.25;
/** A key moves the picture by so many CSS pixels. */
const KEY_MOVE = 24;

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Told what was done, or null: something that needs the focus first. */
export type Listener = (gesture: Gesture | null) => void;

interface Point {
  readonly x: number;
  readonly y: number;
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

/** The gesture that a key stands for on a picture that has the focus. */
function gestureOfKey(event: KeyboardEvent, middle: Point): Gesture | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const arrow = ARROWS[event.key];
  if (arrow && event.shiftKey) {
    return { type: "drag", dx: KEY_MOVE * arrow[0], dy: KEY_MOVE * arrow[1], turn: true };
  }
  if (event.key === "+" || event.key === "=") return { type: "zoom", factor: KEY_ZOOM, ...middle };
  if (event.key === "-") return { type: "zoom", factor: 1 / KEY_ZOOM, ...middle };
  if (event.key === "0") return { type: "reset" };
  return event.key === "Escape" ? { type: "clear" } : null;
}

/** Listens until the signal says so. */
export function listenToGestures(element: HTMLElement, signal: AbortSignal, tell: Listener): void {
  const pointers = new Map<number, Point>();
  let begun: Point | null = null;
  let moved = false;
  let turn = true;

  const on = <K extends keyof HTMLElementEventMap>(
    type: K,
    listener: (event: HTMLElementEventMap[K]) => void,
  ) => element.addEventListener(type, listener, { signal, passive: false });

  on("pointerdown", (event) => {
    const at = { x: event.offsetX, y: event.offsetY };
    if (pointers.size === 0) {
      begun = at;
      moved = false;
      turn = event.button === 0 && !event.shiftKey;
    }
    pointers.set(event.pointerId, at);
    element.setPointerCapture(event.pointerId);
  });

  on("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (before === undefined) return;
    const at = { x: event.offsetX, y: event.offsetY };
    if (!moved && pointers.size === 1 && begun && distance(begun, at) < STILL) return;
    moved = true;
    pointers.set(event.pointerId, at);
    const move = { dx: at.x - before.x, dy: at.y - before.y };
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other === undefined) {
      tell({ type: "drag", ...move, turn });
      return;
    }
    // Two fingers: half of the movement is their middle's, the rest their distance's.
    tell({ type: "drag", dx: move.dx / 2, dy: move.dy / 2, turn: false });
    const factor = distance(at, other) / Math.max(1, distance(before, other));
    tell({ type: "zoom", factor, x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 });
  });

  const end = (event: PointerEvent) => {
    if (!pointers.delete(event.pointerId)) return;
    if (event.type === "pointerup" && !moved && event.button === 0) {
      tell({ type: "click", x: event.offsetX, y: event.offsetY });
    }
  };
  on("pointerup", end);
  on("pointercancel", end);
  on("contextmenu", (event) => {
    if (moved) event.preventDefault();
  });
  on("dblclick", () => tell({ type: "reset" }));

  on("wheel", (event) => {
    // The page scrolls unless somebody means the picture. A pinch comes with ctrl.
    const meant = event.ctrlKey || event.metaKey || document.activeElement === element;
    if (!meant) {
      tell(null);
      return;
    }
    event.preventDefault();
    const notches = (event.deltaY * (WHEEL_UNITS[event.deltaMode] ?? 1)) / 100;
    const factor = ZOOM_PER_NOTCH ** -Math.min(Math.max(notches, -3), 3);
    tell({ type: "zoom", factor, x: event.offsetX, y: event.offsetY });
  });

  on("keydown", (event) => {
    const middle = { x: element.clientWidth / 2, y: element.clientHeight / 2 };
    const gesture = gestureOfKey(event, middle);
    if (gesture === null) return;
    event.preventDefault();
    tell(gesture);
  });
}

/** The same in pixels of a canvas that has so many of them to one of CSS. */
export function scaled(gesture: Gesture, ratio: number): Gesture {
  switch (gesture.type) {
    case "drag":
      return { ...gesture, dx: gesture.dx * ratio, dy: gesture.dy * ratio };
    case "zoom":
    case "click":
      return { ...gesture, x: gesture.x * ratio, y: gesture.y * ratio };
    default:
      return gesture;
  }
}
