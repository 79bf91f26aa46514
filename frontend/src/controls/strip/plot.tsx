/** The curves behind the playhead: point at them to read them, press to seek. */
import { computed, effect, type ReadonlySignal, useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { formatStep, formatValue } from "../../format";
import { StarIcon } from "../../icons";
import type { Store } from "../../store";
import type { BestStep } from "../../store/best";
import { latest } from "../../timeline";
import { type Axis, axisOf, handleAt, INSET } from "../axis";
import { sharpContext, useSize } from "../size";
import { type Line, linesOf, type Place, type Pointed, paintLines, pointedAt } from "./lines";

interface Laid {
  readonly axis: ReadonlySignal<Axis>;
  readonly lines: ReadonlySignal<readonly Line[]>;
}

/** What lies between the in and the out point. */
function Shade({ store, axis }: { store: Store; axis: Axis }) {
  const { ticks, head } = store.player;
  const ends = useComputed(() => {
    const { first, last, count } = head.value;
    return last - first + 1 < count ? `${ticks.value[first]},${ticks.value[last]}` : "";
  }).value;
  if (ends === "") return null;
  const [from = 0, to = 0] = ends.split(",").map((position) => axis.x(Number(position)));
  return <div class="shade" style={{ left: `${from}px`, width: `${to - from}px` }} />;
}

/** On each curve, at its best step. */
function Stars({ store, axis, lines }: { store: Store; axis: Axis; lines: readonly Line[] }) {
  const placed = (best: BestStep): Place | null => {
    const line = lines.find(({ trace }) => trace.run === best.run && trace.tag === best.tag);
    const index = latest(line?.trace.points.value?.steps ?? [], best.step);
    const value = line?.trace.smoothed.value[index];
    if (!line || typeof value !== "number") return null;
    const x = Math.min(Math.max(axis.x(best.position), INSET), axis.width - INSET);
    return { x, y: line.y(value) };
  };
  return (
    <>
      {store.curves.best.steps.value.map((best, i) => {
        const place = placed(best);
        return (
          place && (
            <span
              key={best.run}
              class={i === 0 ? "star first" : "star"}
              style={{
                left: `${place.x}px`,
                top: `${place.y}px`,
                color: store.colorOf(best.run),
              }}
              title={`Best ${best.tag} of ${best.run}: step ${formatStep(best.step)}`}
            >
              <StarIcon full={i === 0} />
            </span>
          )
        );
      })}
    </>
  );
}

function Tip({ store, axis, pointed }: { store: Store; axis: Axis; pointed: Pointed }) {
  const { x, y, index, line } = pointed;
  const { run, tag, points, smoothed } = line.trace;
  const side = x < axis.width / 2 ? { left: `${x}px` } : { right: `${axis.width - x}px` };
  return (
    <>
      <i class="point" style={{ left: `${x}px`, top: `${y}px`, color: store.colorOf(run) }} />
      <div class="tip" style={side}>
        <i class="dot" style={{ background: store.colorOf(run) }} />
        {tag} · {run} <b>{formatValue(points.value?.values[index] ?? null)}</b>
        {store.curves.smoothing.value > 0 &&
          ` · smoothed ${formatValue(smoothed.value[index] ?? null)}`}
        {` · step ${formatStep(points.value?.steps[index] ?? 0)}`}
      </div>
    </>
  );
}

export function Plot({ store }: { store: Store }) {
  const { curves, player } = store;
  const canvas = useRef<HTMLCanvasElement>(null);
  const handle = useRef<HTMLDivElement>(null);
  const { box, size } = useSize();
  const pointer = useSignal<Place | null>(null);

  const { axis, lines } = useMemo<Laid>(() => {
    const axis = computed(() => axisOf(player.ticks.value, size.value.width));
    const lines = computed(() => {
      if (size.value.width === 0) return [];
      return linesOf(curves.traces.value, curves.shownTags.value, axis.value, size.value.height);
    });
    return { axis, lines };
  }, []);

  useEffect(
    () =>
      effect(() => {
        const context = sharpContext(canvas.current, size.value);
        if (context) paintLines(context, lines.value, store.colorOf);
      }),
    [],
  );
  // While it plays this line alone moves: curves are not drawn again for each frame.
  useEffect(
    () =>
      effect(() => {
        const at = axis.value.x(handleAt(player));
        handle.current?.style.setProperty("transform", `translateX(${at}px)`);
      }),
    [],
  );

  const place = (event: PointerEvent): Place => {
    const { left, top } = (event.currentTarget as Element).getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const seek = (event: PointerEvent) => {
    const tick = axis.value.tickAt(place(event).x);
    if (tick >= 0) player.seek(tick);
  };
  const pointed = pointer.value && pointedAt(lines.value, axis.value, pointer.value);

  return (
    <div
      ref={box}
      class="plot"
      role="img"
      aria-label={`Curves of ${curves.shownTags.value.join(", ")}`}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        player.pause();
        seek(event);
      }}
      onPointerMove={(event) => {
        pointer.value = place(event);
        if (event.currentTarget.hasPointerCapture(event.pointerId)) seek(event);
      }}
      onPointerLeave={() => {
        pointer.value = null;
      }}
    >
      <Shade store={store} axis={axis.value} />
      <canvas ref={canvas} />
      <div ref={handle} class="now" />
      <Stars store={store} axis={axis.value} lines={lines.value} />
      {pointed && <Tip store={store} axis={axis.value} pointed={pointed} />}
    </div>
  );
}
