/** One tag: what it is and of which runs, its picture, and where in the series it stands. */
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { formatStep } from "../format";
import { DownloadIcon, ExpandIcon } from "../icons";
import type { Series } from "../model";
import type { Panel, Store, Track } from "../store";
import { Canvas } from "./canvas";
import { Controls } from "./controls";
import { Foot, troubleOf } from "./foot";
import { Waiting } from "./waiting";

interface Props {
  readonly store: Store;
  readonly panel: Panel;
  readonly onExport: (track: Track) => void;
}

/** Pictures are drawn a little before they scroll into view. */
const VIEW_MARGIN = "200px";
/** A very tall or wide picture is fitted into a card of at most this shape. */
const ASPECT = { min: 0.6, max: 4 };

function useVisible(store: Store, tracks: readonly Track[]) {
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    let hide: (() => void) | undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        hide?.();
        hide = entries.at(-1)?.isIntersecting ? store.show(tracks) : undefined;
      },
      { rootMargin: VIEW_MARGIN },
    );
    observer.observe(target);
    return () => {
      observer.disconnect();
      hide?.();
    };
  }, [tracks]);
  return element;
}

/** The same list as long as the same tracks are in it: what is drawn of it stays. */
function useSteady(tracks: readonly Track[]): readonly Track[] {
  const kept = useRef(tracks);
  const changed =
    kept.current.length !== tracks.length || tracks.some((track, i) => track !== kept.current[i]);
  if (changed) kept.current = tracks;
  return kept.current;
}

export function Card({ store, panel, onExport }: Props) {
  const tracks = useSteady(panel.tracks);
  const first = tracks[0] as Track;
  const element = useVisible(store, tracks);
  const large = useSignal(false);
  const series = first.series.value;
  const runs = tracks.map((track) => track.series.value.run);
  const step = store.step.value ?? Number.NEGATIVE_INFINITY;
  const indexes = tracks.map((track) => track.indexAt(step));
  const troubles = tracks.map((track, i) => troubleOf(track, indexes[i] as number));
  const waiting = tracks.some((track, i) => {
    const inView = store.visible.value.has(track) && track.steps.value !== null;
    const index = indexes[i] as number;
    const here = track.buffer?.slot(index) !== undefined && track.scene.value !== null;
    return inView && index >= 0 && !here;
  });
  const pending = tracks.find((track) => track.pending.value !== null);
  const aspect = useComputed(() => {
    const scene = first.scene.value;
    const value = scene && first.kind ? first.kind.aspect(scene) : 1;
    return Math.min(Math.max(value, ASPECT.min), ASPECT.max);
  });
  // As long as one run has something to show, the others' sentences stand beneath it.
  const message = troubles.every((trouble) => trouble !== null)
    ? troubles[0]
    : tracks.every((track, i) => track.steps.value && (indexes[i] as number) < 0)
      ? notYet(tracks.map((track) => track.series.value))
      : null;
  const name = series.display_name || series.tag;
  const whose = runs.join(", ");

  return (
    <article
      ref={element}
      class={large.value ? "card large" : "card"}
      aria-label={`${name}, ${whose}`}
      data-series={tracks.map((track) => track.id).join(" ")}
    >
      <header>
        <h3 title={series.description ? `${series.tag}\n${series.description}` : series.tag}>
          {name}
        </h3>
        <span class="runs">
          {runs.map((run) => (
            <span key={run} class="run" title={run}>
              <i class="dot" style={{ background: store.colorOf(run) }} />
              {run}
            </span>
          ))}
        </span>
        <button
          type="button"
          class="icon"
          title="Download this card's clip"
          aria-label={`Download the clip of ${name}, ${whose}`}
          onClick={() => onExport(first)}
        >
          <DownloadIcon />
        </button>
        <button
          type="button"
          class="icon"
          aria-pressed={large.value}
          title={large.value ? "Make smaller" : "Make larger"}
          aria-label={`Enlarge ${name}, ${whose}`}
          onClick={() => {
            large.value = !large.value;
          }}
        >
          <ExpandIcon />
        </button>
      </header>
      <div class="stage" style={{ aspectRatio: String(aspect.value) }}>
        <Canvas store={store} tracks={tracks} label={`${name} of ${whose}`} />
        {pending && <Waiting store={store} track={pending} />}
        {message && !pending && (
          <p class="message" role="status">
            {message}
          </p>
        )}
        {waiting && !message && !pending && <div class="loading" role="presentation" />}
      </div>
      {tracks.length === 1 && <Controls store={store} track={first} />}
      <Foot store={store} tracks={tracks} />
    </article>
  );
}

const notYet = (runs: readonly Series[]): string => {
  const first = Math.min(...runs.map((series) => series.first_step));
  return `${runs.length === 1 ? "This run begins" : "These runs begin"} later, at step ${formatStep(first)}.`;
};
