/** The timeline: a mark for every step, the part that is loaded, and the playhead. */
import { effect, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { formatStep } from "../format";
import type { Store } from "../store";

/** Room at both ends, in CSS pixels, so that the handle is never cut off. */
const INSET = 8;
/** Marks closer than this are thinned: they would only be a grey bar. */
const MARK_GAP = 3;
/** The loaded part is drawn in at most so many pieces. */
const MAX_PIECES = 400;

interface Drawn {
  readonly width: number;
  readonly height: number;
}

/** For each piece of the timeline, whether all cards in view hold its first frame. */
function loadedPieces(store: Store): boolean[] {
  const ticks = store.ticks.value;
  const tracks = [...store.visible.value];
  for (const track of tracks) track.version.value;
  const pieces = Math.min(ticks.length, MAX_PIECES);
  return Array.from({ length: pieces }, (_, piece) => {
    const step = ticks[Math.floor((piece * ticks.length) / pieces)] as number;
    return tracks.every((track) => {
      const index = track.indexAt(step);
      return index < 0 || (track.buffer?.holds(index) ?? false);
    });
  });
}

function paint(element: HTMLCanvasElement, store: Store, { width, height }: Drawn): void {
  const context = element.getContext("2d");
  if (!context) return;
  const ratio = window.devicePixelRatio || 1;
  element.width = Math.round(width * ratio);
  element.height = Math.round(height * ratio);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const count = store.ticks.value.length;
  const span = width - 2 * INSET;
  const x = (tick: number) => INSET + (count > 1 ? (tick / (count - 1)) * span : 0);
  const middle = height / 2 - 3;

  context.fillStyle = color("--track");
  context.fillRect(INSET, middle - 1, span, 2);

  const pieces = loadedPieces(store);
  context.fillStyle = color("--loaded");
  pieces.forEach((held, piece) => {
    if (!held) return;
    const from = INSET + (piece / pieces.length) * span;
    context.fillRect(from, middle - 1, span / pieces.length + 0.5, 2);
  });

  const { tick, phase, direction } = store.head.value;
  const at =
    x(tick) + (store.head.value.playing && count > 1 ? (phase * direction * span) / count : 0);
  const handle = Math.min(Math.max(at, INSET), width - INSET);
  context.fillStyle = color("--accent");
  context.fillRect(INSET, middle - 1, handle - INSET, 2);

  context.fillStyle = color("--faint");
  const every = Math.max(1, Math.ceil((count * MARK_GAP) / Math.max(1, span)));
  for (let mark = 0; mark < count; mark += every) context.fillRect(x(mark) - 0.5, middle + 7, 1, 4);

  context.fillStyle = color("--accent");
  context.beginPath();
  context.arc(handle, middle, 6, 0, 2 * Math.PI);
  context.fill();
}

export function Scrubber({ store }: { store: Store }) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useSignal<Drawn>({ width: 0, height: 0 });

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      size.value = { width: element.clientWidth, height: element.clientHeight };
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(
    () =>
      effect(() => {
        store.theme.value;
        if (canvas.current && size.value.width > 0) paint(canvas.current, store, size.value);
      }),
    [],
  );

  const seekTo = (event: PointerEvent) => {
    const element = box.current;
    if (!element) return;
    const { left, width } = element.getBoundingClientRect();
    const share = (event.clientX - left - INSET) / Math.max(1, width - 2 * INSET);
    store.seek(share * (store.head.peek().count - 1));
  };

  const { tick, count } = store.head.value;
  const step = store.step.value;
  return (
    // The keys of the whole page move it too; here the screen reader learns what it is.
    <div
      ref={box}
      class="scrubber"
      role="slider"
      tabIndex={0}
      aria-label="Timeline"
      aria-valuemin={1}
      aria-valuemax={Math.max(1, count)}
      aria-valuenow={count === 0 ? 1 : tick + 1}
      aria-valuetext={step === undefined ? "empty" : `step ${formatStep(step)}`}
      aria-disabled={count < 2}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        store.pause();
        seekTo(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) seekTo(event);
      }}
    >
      <canvas ref={canvas} />
    </div>
  );
}
