/** One run and tag: what it is, its picture, and where in the series it stands. */
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { formatStep, formatTime } from "../format";
import { DownloadIcon, ExpandIcon } from "../icons";
import type { Series } from "../model";
import type { Store, Track } from "../store";
import { Canvas } from "./canvas";

interface Props {
  readonly store: Store;
  readonly track: Track;
  readonly onExport: (track: Track) => void;
}

/** Pictures are drawn a little before they scroll into view. */
const VIEW_MARGIN = "200px";
/** A very tall or wide picture is fitted into a card of at most this shape. */
const ASPECT = { min: 0.6, max: 4 };

function useVisible(store: Store, track: Track) {
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.at(-1)?.isIntersecting) store.show(track);
        else store.hide(track);
      },
      { rootMargin: VIEW_MARGIN },
    );
    observer.observe(target);
    return () => {
      observer.disconnect();
      store.hide(track);
    };
  }, [track]);
  return element;
}

/** "12 of 300 frames", where 300 is what can be played. */
const countText = (position: number, count: number): string =>
  `${formatStep(position)} of ${formatStep(count)} frame${count === 1 ? "" : "s"}`;

/** Why these are not all frames that were logged, and the way to more. */
function shortfall(series: Series): { word: string; explanation: string } | null {
  if (series.complete) return null;
  const of = series.logged === null ? "" : `of ${formatStep(series.logged)} logged, `;
  if (series.sampled) {
    return {
      word: `${of}sampled by TensorBoard`,
      explanation:
        "TensorBoard keeps a random sample of what was logged, and no event files can be read " +
        "here. To see every frame, start TensorBoard with --logdir on the files themselves; " +
        "--samples_per_plugin=images=200 keeps more of them.",
    };
  }
  return {
    word: `${of}log damaged`,
    explanation:
      "A log file of this run is damaged, and the frames behind the damage cannot be read. " +
      "The notice above the cards says where.",
  };
}

export function Card({ store, track, onExport }: Props) {
  const element = useVisible(store, track);
  const large = useSignal(false);
  const series = track.series.value;
  const index = useComputed(() => {
    const step = store.step.value;
    return step === undefined ? -1 : track.indexAt(step);
  });
  const broken = useComputed(() => {
    track.version.value;
    const slot = index.value < 0 ? undefined : track.buffer?.slot(index.value);
    return slot && "error" in slot ? slot.error : null;
  });
  const waiting = useComputed(() => {
    track.version.value;
    const inView = store.visible.value.has(track);
    return inView && index.value >= 0 && track.buffer?.slot(index.value) === undefined;
  });
  const aspect = useComputed(() => {
    const scene = track.scene.value;
    const value = scene && track.kind ? track.kind.aspect(scene) : 1;
    return Math.min(Math.max(value, ASPECT.min), ASPECT.max);
  });
  const message = useComputed(() => {
    track.version.value;
    if (!track.kind) return `This page does not know how to play “${series.kind}” yet.`;
    if (track.error.value) return track.error.value;
    if (broken.value) return broken.value;
    if (waiting.value && track.buffer?.trouble) return `${track.buffer.trouble} Trying again …`;
    if (track.steps.value && index.value < 0) return notYet(series);
    return null;
  });
  const name = series.display_name || series.tag;

  return (
    <article
      ref={element}
      class={large.value ? "card large" : "card"}
      aria-label={`${name}, ${series.run}`}
      data-series={series.id}
    >
      <header>
        <h3 title={series.description ? `${series.tag}\n${series.description}` : series.tag}>
          {name}
        </h3>
        <span class="run" title={series.run}>
          <i class="dot" style={{ background: store.colorOf(series.run) }} />
          {series.run}
        </span>
        <button
          type="button"
          class="icon"
          title="Download this card's clip"
          aria-label={`Download the clip of ${name}, ${series.run}`}
          onClick={() => onExport(track)}
        >
          <DownloadIcon />
        </button>
        <button
          type="button"
          class="icon"
          aria-pressed={large.value}
          title={large.value ? "Make smaller" : "Make larger"}
          aria-label={`Enlarge ${name}, ${series.run}`}
          onClick={() => {
            large.value = !large.value;
          }}
        >
          <ExpandIcon />
        </button>
      </header>
      <div class="stage" style={{ aspectRatio: String(aspect.value) }}>
        <Canvas
          store={store}
          track={track}
          index={() => index.value}
          label={`${name} of ${series.run}`}
        />
        {message.value && (
          <p class="message" role="status">
            {message.value}
          </p>
        )}
        {waiting.value && !message.value && <div class="loading" role="presentation" />}
      </div>
      <Foot store={store} track={track} index={() => index.value} />
    </article>
  );
}

const notYet = (series: Series): string =>
  `This run begins later, at step ${formatStep(series.first_step)}.`;

function Foot({ store, track, index }: { store: Store; track: Track; index: () => number }) {
  const explained = useSignal(false);
  const series = track.series.value;
  const short = shortfall(series);
  const at = index();
  const steps = track.steps.value;
  const step = steps?.steps[at];
  const held = step !== undefined && step !== store.step.value;
  return (
    <footer>
      <span class="where">
        {step === undefined ? "no frame yet" : `step ${formatStep(step)}`}
        {held && (
          <em title="This run logged nothing at the playhead's step: the frame before it stays.">
            {" "}
            held
          </em>
        )}
        <time>{formatTime(steps?.wall_times[at])}</time>
      </span>
      <span class="count">
        {countText(at + 1, track.frames.value)}
        {short && (
          <>
            {" ("}
            <button
              type="button"
              class="link"
              aria-expanded={explained.value}
              onClick={() => {
                explained.value = !explained.value;
              }}
            >
              {short.word}
            </button>
            )
          </>
        )}
      </span>
      {short && explained.value && <p class="why">{short.explanation}</p>}
      {series.samples > 1 && <Samples track={track} samples={series.samples} />}
    </footer>
  );
}

function Samples({ track, samples }: { track: Track; samples: number }) {
  const value = track.sample.value;
  return (
    <select
      class="pill small"
      aria-label="Samples shown"
      value={value === null ? "all" : String(value)}
      onChange={(event) => {
        const picked = event.currentTarget.value;
        track.choose(picked === "all" ? null : Number(picked));
      }}
    >
      <option value="all">all {samples} samples</option>
      {Array.from({ length: samples }, (_, i) => (
        <option key={i} value={String(i)}>
          sample {i + 1} of {samples}
        </option>
      ))}
    </select>
  );
}
