/** The timeline, to see and to drag: the playhead, the in and the out point. */
import { computed, effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { formatPosition } from "../format";
import type { Theme } from "../model";
import type { Store, Track } from "../store";
import { axisOf, handleAt } from "./axis";
import { Ends } from "./ends";
import { type Colors, colorsOf, paintRail } from "./rail";
import { useSize } from "./size";

/** The loaded part is drawn in at most so many pieces. */
const MAX_PIECES = 400;

/** For each piece of the timeline, whether all cards in view hold its last frame. */
function loadedPieces(store: Store): boolean[] {
  const { value: ticks } = store.player.ticks;
  const { first, last } = axisOf(ticks, 0);
  const tracks = inView(store);
  for (const track of tracks) track.version.value;
  const pieces = Math.min(ticks.length, MAX_PIECES);
  return Array.from({ length: pieces }, (_, piece) => {
    const position = first + ((piece + 1) / pieces) * (last - first);
    return tracks.every((track) => {
      const index = track.indexAt(position);
      return index < 0 || (track.buffer?.holds(index) ?? false);
    });
  });
}

const inView = (store: Store): Track[] =>
  [...store.visible.value].filter((track) => store.playerOf(track) === store.player);

export function Scrubber({ store }: { store: Store }) {
  const { player } = store;
  const canvas = useRef<HTMLCanvasElement>(null);
  const { box, size } = useSize();

  useEffect(() => {
    const loaded = computed(() => loadedPieces(store));
    const colors = new Map<Theme, Colors>();
    let picture = 0;
    const paint = () => {
      picture = 0;
      const { current: element } = canvas;
      if (!element) return;
      const theme = store.theme.peek();
      // Each look at the style makes the browser work it out.
      const palette = colors.get(theme) ?? colorsOf(element);
      colors.set(theme, palette);
      const { head, ticks, bounds } = player;
      paintRail(element, palette, {
        ...size.peek(),
        head: head.peek(),
        ticks: ticks.peek(),
        at: handleAt(player),
        bounded: bounds.peek().in !== null || bounds.peek().out !== null,
        loaded: loaded.peek(),
      });
    };
    // Frames come by the dozen: one picture for all that changed since the last. What waits is
    // never put off, as something changes with every picture while the tab plays.
    const stop = effect(() => {
      store.theme.value;
      player.head.value;
      player.position.value;
      player.bounds.value;
      for (const track of inView(store)) track.version.value;
      if (size.value.width > 0 && picture === 0) picture = requestAnimationFrame(paint);
    });
    return () => {
      stop();
      cancelAnimationFrame(picture);
    };
  }, []);

  const seekTo = (event: PointerEvent) => {
    const element = box.current;
    if (!element) return;
    const { left, width } = element.getBoundingClientRect();
    const tick = axisOf(player.ticks.peek(), width).tickAt(event.clientX - left);
    if (tick >= 0) player.seek(tick);
  };

  const { tick, count } = player.head.value;
  const position = player.position.value;
  const text = position === undefined ? "empty" : formatPosition(player.measure.value, position);
  return (
    <div class="timeline">
      {/* The keys of the whole page move it too; here the screen reader learns what it is. */}
      <div
        ref={box}
        class="scrubber"
        role="slider"
        tabIndex={0}
        aria-label="Timeline"
        aria-valuemin={1}
        aria-valuemax={Math.max(1, count)}
        aria-valuenow={count === 0 ? 1 : tick + 1}
        aria-valuetext={text}
        aria-disabled={count < 2}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          player.pause();
          seekTo(event);
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) seekTo(event);
        }}
      >
        <canvas ref={canvas} />
      </div>
      <Ends player={player} width={size.value.width} />
    </div>
  );
}
