/** What a card shows while it is in view: its picture, and where in the series it stands. */
import { useSignal } from "@preact/signals";
import { formatStep } from "../format";
import type { Series } from "../model";
import type { Store, Track } from "../store";
import { Canvas, WHOLE } from "./canvas";
import { CompareNote, WipeHandle } from "./compare";
import { Controls } from "./controls";
import { Foot, troubleOf } from "./foot";
import { Waiting } from "./waiting";

interface Props {
  readonly store: Store;
  readonly tracks: readonly Track[];
  readonly label: string;
}

export function Body({ store, tracks, label }: Props) {
  const span = useSignal(WHOLE);
  const first = tracks[0] as Track;
  const position = store.playerOf(first).position.value;
  const indexes = tracks.map((track) => track.indexAt(position));
  const troubles = tracks.map((track, i) => troubleOf(track, indexes[i] as number));
  const waiting = tracks.some((track, i) => {
    const index = indexes[i] as number;
    const here = track.buffer?.slot(index) !== undefined && track.scene.value !== null;
    const other = store.comparison.at(track, position);
    return track.steps.value !== null && index >= 0 && (!here || other?.state === "coming");
  });
  const pending = tracks.find((track) => track.pending.value !== null);
  // As long as one run has something to show, the others' sentences stand beneath it.
  const message = troubles.every((trouble) => trouble !== null)
    ? troubles[0]
    : tracks.every((track, i) => track.steps.value && (indexes[i] as number) < 0)
      ? notYet(tracks.map((track) => track.series.value))
      : null;
  return (
    <>
      <div class="stage" style={{ aspectRatio: String(store.aspectOf(first)) }}>
        <Canvas store={store} tracks={tracks} label={label} span={span} />
        {!message && <WipeHandle store={store} track={first} position={position} span={span} />}
        {pending && <Waiting store={store} track={pending} />}
        {message && !pending && (
          <p class="message" role="status">
            {message}
          </p>
        )}
        {waiting && !message && !pending && <div class="loading" role="presentation" />}
      </div>
      {tracks.length === 1 && <Controls store={store} track={first} />}
      <CompareNote store={store} track={first} position={position} />
      <Foot store={store} tracks={tracks} />
    </>
  );
}

const notYet = (runs: readonly Series[]): string => {
  const first = Math.min(...runs.map((series) => series.first_step));
  return `${runs.length === 1 ? "This run begins" : "These runs begin"} later, at step ${formatStep(first)}.`;
};
