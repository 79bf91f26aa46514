/** What a card's picture consists of at the moment. */
import type { Against, Kind, Moment, View } from "../kinds";
import { unitOf } from "../kinds/axes";
import type { Scene } from "../model";
import { drawnPhase } from "../playhead";
import type { Store, Track } from "../store";

export interface Layer {
  readonly track: Track;
  readonly kind: Kind;
  readonly scene: Scene;
  /** The frame at the playhead. */
  readonly index: number;
  /** What is drawn: that frame, or on the way back the one that it comes to. */
  readonly data: unknown;
  readonly view: View;
}

export interface Size {
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
}

/** The frames before that one that are here already, without a gap, oldest first. */
function earlierOf(track: Track, index: number, most: number): Moment[] {
  const steps = track.steps.peek()?.steps ?? [];
  const found: Moment[] = [];
  for (let i = index - 1; i >= 0 && found.length < most; i--) {
    const slot = track.buffer?.slot(i);
    if (slot === undefined) break;
    if ("data" in slot) found.push({ step: steps[i] as number, data: slot.data });
  }
  return found.reverse();
}

/** Where a picture is among a track's frames. */
interface Place {
  readonly index: number;
  readonly data: unknown;
  readonly following: unknown;
  readonly phase: number;
}

/**
 * Where it is while one frame turns into the next one, as in clips. The way back is the way on,
 * run from its end: the earlier frame is drawn and turns into the later one, whose trail is not
 * yet there. What moves by itself does so within its own time, and turns into nothing.
 *
 * @param own how far a frame that moves by itself is.
 */
function placeOf(
  here: Omit<Place, "following">,
  next: { readonly index: number; readonly data: unknown },
  kind: Kind,
  own: number,
): Place {
  if (kind.parts(here.data) !== 1) return { ...here, following: null, phase: own };
  const back = next.index < here.index && here.phase > 0 && kind.parts(next.data) === 1;
  if (!back) return { ...here, following: next.data };
  // Rounding must not make it the whole way.
  const phase = Math.min(1 - here.phase, 1 - Number.EPSILON);
  return { index: next.index, data: next.data, following: here.data, phase };
}

/** What that track's frame is compared with; "coming" while it is on its way. */
function againstOf(
  store: Store,
  track: Track,
  position: number | undefined,
): Against | "coming" | null {
  const { mode, amount } = store.compare.value;
  const other = store.comparison.at(track, position);
  if (mode === "off" || other === null || other.state === "missing") return null;
  if (other.state === "coming") return "coming";
  return { mode, amount, data: other.data, word: store.comparison.word };
}

/**
 * What is to be drawn, from back to front. Nothing: no series has a frame yet. Null: the
 * frames are on their way, and what is drawn stays.
 */
export function layersOf(
  store: Store,
  tracks: readonly Track[],
  size: Size,
  redraw: () => void,
): readonly Layer[] | null {
  const { width, height, ratio } = size;
  const player = store.playerOf(tracks[0] as Track);
  const { value: head } = player.head;
  const { value: position } = player.position;
  const begun = tracks.filter((track) => track.indexAt(position) >= 0);
  const shown = begun.map((track) => {
    track.version.value;
    const index = track.indexAt(position);
    return { track, index, slot: track.buffer?.slot(index), scene: track.scene.value };
  });
  if (shown.some(({ slot, scene }) => slot === undefined || scene === null)) return null;
  const whole = shown.flatMap(({ track, index, slot, scene }) =>
    slot && "data" in slot && scene && track.kind
      ? [
          {
            track,
            index,
            scene,
            kind: track.kind,
            data: slot.data,
            against: againstOf(store, track, position),
          },
        ]
      : [],
  );
  // A broken frame has its sentence instead.
  if (whole.length === 0 && shown.length > 0) return null;
  if (whole.some(({ against }) => against === "coming")) return null;
  const coming = player.following.value;
  const phase = drawnPhase(head);
  return whole.map((layer, i) => {
    const { track, index, scene, kind, data } = layer;
    const against = layer.against === "coming" ? null : layer.against;
    // Only what was logged is compared.
    const next = coming === undefined || against !== null ? -1 : track.indexAt(coming);
    const slot = next < 0 || next === index ? undefined : track.buffer?.slot(next);
    const own = head.direction > 0 ? phase : 1 - Number.EPSILON - phase;
    const place =
      slot !== undefined && "data" in slot
        ? placeOf({ index, data, phase }, { index: next, data: slot.data }, kind, own)
        : { index, data, following: null, phase: own };
    const view: View = {
      width,
      height,
      unit: ratio * unitOf(width / ratio, height / ratio),
      theme: store.theme.value,
      ratio,
      step: track.steps.value?.steps[place.index] as number,
      earlier: earlierOf(track, place.index, kind.trail(scene, whole.length)),
      following: place.following,
      phase: place.phase,
      against,
      layer: {
        index: i,
        count: whole.length,
        color: store.colorOf(track.series.value.run),
      },
      state: store.cardStates.of(track.stateKey).value,
      redraw,
    };
    return { ...layer, data: place.data, view };
  });
}

const movesItself = (kind: Kind, data: unknown, { against }: View): boolean =>
  kind.parts(data) > 1 || (against !== null && kind.parts(against.data) > 1);

/** All that a picture depends on: what is the same again need not be drawn again. */
export const signature = (layers: readonly Layer[]): unknown[] =>
  layers.flatMap(({ scene, data, kind, view }) => [
    scene,
    data,
    view.earlier.length,
    view.earlier[0]?.data,
    view.following,
    view.following !== null || movesItself(kind, data, view) ? view.phase : 0,
    view.width,
    view.height,
    view.unit,
    view.theme,
    view.ratio,
    view.against?.mode,
    view.against?.amount,
    view.against?.data,
    view.layer.color,
    view.state,
  ]);

export const same = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, i) => Object.is(item, b[i]));
