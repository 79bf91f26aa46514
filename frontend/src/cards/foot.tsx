/** Under the picture: which frame it is, of how many, and what its numbers are. */
import { useSignal } from "@preact/signals";
import { Fragment } from "preact";
import { formatStep, formatTime, plural } from "../format";
import type { Series } from "../model";
import type { Store, Track } from "../store";

interface Props {
  readonly store: Store;
  readonly tracks: readonly Track[];
}

/** "12 of 300 frames", where 300 is what can be played. */
const countText = (position: number, count: number): string =>
  `${formatStep(position)} of ${plural(count, "frame")}`;

/** Why these are not all frames that were logged, and the way to more. */
function shortfall(store: Store, series: Series): { word: string; explanation: string } | null {
  if (series.complete) return null;
  const of = series.logged === null ? "" : `of ${formatStep(series.logged)} logged, `;
  if (series.sampled) {
    const kind = store.listing.value?.kinds.find(({ name }) => name === series.kind);
    return {
      word: `${of}sampled by TensorBoard`,
      explanation:
        "TensorBoard keeps a random sample of what was logged, and no event files can be read " +
        "here. To see every frame, start TensorBoard with --logdir on the files themselves; " +
        `--samples_per_plugin=${kind?.plugin_name}=200 keeps more of them.`,
    };
  }
  return {
    word: `${of}log damaged`,
    explanation:
      "A log file of this run is damaged, and the frames behind the damage cannot be read. " +
      "The notice above the cards says where.",
  };
}

export function Foot({ store, tracks }: Props) {
  const only = tracks.length === 1 ? tracks[0] : undefined;
  return (
    <footer>
      {only ? (
        <Single store={store} track={only} />
      ) : (
        tracks.map((track) => <Row key={track.id} store={store} track={track} />)
      )}
      <Note track={tracks[0]} />
    </footer>
  );
}

function Held({ store, track, index }: { store: Store; track: Track; index: number }) {
  const position = track.positions.value[index];
  if (position === undefined || !store.playerOf(track).holds(position)) return null;
  return <em title="This run logged nothing at the playhead: the frame before it stays."> held</em>;
}

/** Position and step of the track's frame at the playhead. */
function at(store: Store, track: Track): { index: number; step: number | undefined } {
  const index = track.indexAt(store.playerOf(track).position.value);
  return { index, step: track.steps.value?.steps[index] };
}

/** The frame in numbers, if its kind has any; they are what the keyboard's users read. */
function numbersOf(track: Track, index: number): preact.ComponentChildren {
  track.version.value;
  const slot = index < 0 ? undefined : track.buffer?.slot(index);
  const items = slot && "data" in slot ? track.kind?.numbers?.(slot.data) : undefined;
  // A number and its name stay on one line.
  return items?.map((item, i) => (
    <Fragment key={item}>
      {i > 0 && " · "}
      <span>{item}</span>
    </Fragment>
  ));
}

function Single({ store, track }: { store: Store; track: Track }) {
  const explained = useSignal(false);
  const series = track.series.value;
  const short = shortfall(store, series);
  const { index, step } = at(store, track);
  const numbers = numbersOf(track, index);
  return (
    <>
      {track.kind?.numbers && (
        <p class="numbers" title={track.kind?.aboutNumbers}>
          {numbers ?? "…"}
        </p>
      )}
      <span class="where">
        {step === undefined ? "no frame yet" : `step ${formatStep(step)}`}
        <Held store={store} track={track} index={index} />
        <time>{formatTime(track.steps.value?.wall_times[index])}</time>
      </span>
      <span class="count">
        {countText(index + 1, track.frames.value)}
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
    </>
  );
}

/** One of several runs in the same picture. */
function Row({ store, track }: { store: Store; track: Track }) {
  const series = track.series.value;
  const short = shortfall(store, series);
  const { index, step } = at(store, track);
  const trouble = troubleOf(track, index);
  return (
    <div class="layer">
      <i class="dot" style={{ background: store.colorOf(series.run) }} title={series.run} />
      <p class="numbers" title={track.kind?.aboutNumbers}>
        {trouble ?? numbersOf(track, index) ?? (index < 0 ? "begins later" : "…")}
      </p>
      <span
        class="where"
        title={`${series.run}: ${countText(index + 1, track.frames.value)}${
          short ? ` (${short.word}). ${short.explanation}` : ""
        }`}
      >
        {step === undefined ? `step ${formatStep(series.first_step)}` : `step ${formatStep(step)}`}
        {short && "*"}
        <Held store={store} track={track} index={index} />
      </span>
    </div>
  );
}

/** Why that series has no picture there: one sentence, or null. */
export function troubleOf(track: Track, index: number): string | null {
  track.version.value;
  if (!track.kind) {
    return `This page does not know how to play “${track.series.value.kind}” yet.`;
  }
  if (track.problem.value) return track.problem.value;
  const slot = index < 0 ? undefined : track.buffer?.slot(index);
  if (slot && "error" in slot) return slot.error;
  const { buffer } = track;
  return index >= 0 && !slot && buffer?.trouble ? `${buffer.trouble} Trying again …` : null;
}

function Note({ track }: { track: Track | undefined }) {
  const scene = track?.scene.value;
  // How frames are drawn is known with the first.
  track?.version.value;
  const note = scene && track?.kind?.note?.(scene);
  return note ? <p class="note">{note}</p> : null;
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
