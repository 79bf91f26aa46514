/** The dialog that makes a clip and downloads it. */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { formatBytes, formatStep, plural } from "../format";
import { CloseIcon } from "../icons";
import type { Kind, Option } from "../kinds";
import type { Format, Loop, Query } from "../model";
import { rate } from "../playhead";
import type { Store, Track } from "../store";
import type { ClipState } from "../store/clips";

interface Props {
  readonly store: Store;
  /** The card that was asked for; undefined: the first one. */
  readonly track: Track | undefined;
  readonly onClose: () => void;
}

const labelOf = (track: Track): string => {
  const { tag, run } = track.series.peek();
  return `${tag} · ${run}`;
};

/** What the clip's rate will be: what is seen, as far as the format goes. */
export const clipFps = (store: Store, format: Format): number =>
  Number(Math.min(rate(store.head.peek()), format.max_fps).toFixed(2));

/** Smoother than this is not seen, and makes files larger. */
const SMOOTH_FPS = 30;
const MAX_TWEEN = 30;

/** Pictures between two frames that make so many frames a second run smoothly. */
export function tweenOf(fps: number, maxFps: number): number {
  const wanted = Math.ceil(SMOOTH_FPS / fps - 1e-9) - 1;
  const allowed = Math.floor(maxFps / fps + 1e-9) - 1;
  return Math.min(Math.max(0, Math.min(wanted, allowed)), MAX_TWEEN);
}

export function ExportDialog({ store, track, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const formats = store.listing.value?.formats ?? [];
  const first = formats[0];
  const choice = useSignal(track?.id ?? store.chosen.peek()[0]?.id ?? "");
  const format = useSignal(first?.name ?? "gif");
  const fps = useSignal(first ? clipFps(store, first) : 10);
  const loop = useSignal<Loop>(store.head.peek().loop);
  const width = useSignal("");
  const from = useSignal("");
  const to = useSignal("");
  const every = useSignal(1);
  const tween = useSignal(store.tween.peek());
  const state = store.clips.state.value;
  const running = state.state === "running";
  const picked = store.chosen.value.find((one) => one.id === choice.value);
  const steps = picked?.steps.value?.steps ?? [];

  useEffect(() => {
    dialog.current?.showModal();
    return () => store.clips.cancel();
  }, []);

  const inRange = steps.filter(
    (step) =>
      (from.value === "" || step >= Number(from.value)) &&
      (to.value === "" || step <= Number(to.value)),
  ).length;
  const frames = Math.ceil(inRange / Math.max(1, every.value));
  const maxFps = formats.find((one) => one.name === format.value)?.max_fps ?? 50;

  const start = () => {
    if (!picked) return;
    const scene = picked.scene.peek();
    const query: Query = {
      series: picked.id,
      axes: (picked.kind?.shares && picked.fit.peek()?.series) || null,
      format: format.value,
      fps: fps.value,
      loop: loop.value,
      sample: picked.sample.peek(),
      theme: store.theme.peek(),
      width: width.value === "" ? null : Number(width.value),
      start_step: from.value === "" ? null : Number(from.value),
      end_step: to.value === "" ? null : Number(to.value),
      every: every.value === 1 ? null : every.value,
      tween: (tween.value && tweenOf(fps.value, maxFps)) || null,
      ...(picked.kind && store.looks.query(picked.kind)),
      ...(scene && picked.kind?.clip?.(scene, store.cardStates.of(picked.id).peek())),
    };
    void store.clips.download(query);
  };

  return (
    <dialog ref={dialog} class="export" aria-labelledby="export-title" onClose={onClose}>
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          start();
        }}
      >
        <header>
          <h2 id="export-title">Download clip</h2>
          <button
            type="button"
            class="icon"
            aria-label="Close"
            onClick={() => dialog.current?.close()}
          >
            <CloseIcon />
          </button>
        </header>
        <fieldset disabled={running}>
          <label class="field wide">
            Card
            <select
              autofocus
              value={choice.value}
              onChange={(event) => {
                choice.value = event.currentTarget.value;
              }}
            >
              {store.chosen.value.map((one) => (
                <option key={one.id} value={one.id}>
                  {labelOf(one)}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            Format
            <select
              value={format.value}
              onChange={(event) => {
                format.value = event.currentTarget.value;
              }}
            >
              {formats.map((one) => (
                <option key={one.name} value={one.name}>
                  {one.name.toUpperCase()}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            Loop
            <select
              value={loop.value}
              onChange={(event) => {
                loop.value = event.currentTarget.value as Loop;
              }}
            >
              <option value="forever">forever</option>
              <option value="bounce">bounce</option>
              <option value="once">once</option>
            </select>
          </label>
          <label class="field">
            Frames per second
            <input
              type="number"
              min={0.1}
              max={maxFps}
              step="any"
              required
              value={fps.value}
              onInput={(event) => {
                fps.value = event.currentTarget.valueAsNumber;
              }}
            />
          </label>
          <label class="field">
            Width in pixels
            <input
              type="number"
              min={1}
              max={4096}
              placeholder="its own"
              value={width.value}
              onInput={(event) => {
                width.value = event.currentTarget.value;
              }}
            />
          </label>
          <label class="field">
            From step
            <input
              type="number"
              placeholder={steps.length > 0 ? formatStep(steps[0] as number) : ""}
              value={from.value}
              onInput={(event) => {
                from.value = event.currentTarget.value;
              }}
            />
          </label>
          <label class="field">
            To step
            <input
              type="number"
              placeholder={steps.length > 0 ? formatStep(steps.at(-1) as number) : ""}
              value={to.value}
              onInput={(event) => {
                to.value = event.currentTarget.value;
              }}
            />
          </label>
          <label class="field">
            Every … frame
            <input
              type="number"
              min={1}
              step={1}
              required
              value={every.value}
              onInput={(event) => {
                every.value = Math.max(1, Math.round(event.currentTarget.valueAsNumber || 1));
              }}
            />
          </label>
          <label class="row check">
            <input
              type="checkbox"
              checked={tween.value}
              onChange={() => {
                tween.value = !tween.value;
              }}
            />
            <span class="name">Tween between frames</span>
          </label>
          {picked?.kind?.options
            .filter((option) => option.clips)
            .map((option) => (
              <ClipOption
                key={option.name}
                option={option}
                value={store.looks.option(picked.kind as Kind, option)}
              />
            ))}
          <p class="sum">
            {frames > 0
              ? `${plural(frames, "frame")}, ${(frames / (fps.value || 1)).toFixed(1)} seconds`
              : "No frame lies in this range of steps."}
          </p>
        </fieldset>
        <Outcome state={state} />
        <div class="actions">
          {running ? (
            <button type="button" class="plain" onClick={() => store.clips.cancel()}>
              Cancel
            </button>
          ) : (
            <button type="button" class="plain" onClick={() => dialog.current?.close()}>
              Close
            </button>
          )}
          <button type="submit" class="cta" disabled={running || frames === 0 || !picked}>
            Download
          </button>
        </div>
      </form>
    </dialog>
  );
}

function ClipOption({ option, value }: { option: Option; value: Signal<string | number> }) {
  if (!("values" in option)) return null;
  return (
    <label class="field">
      {option.label}
      <select
        value={value.value}
        onChange={(event) => {
          value.value = event.currentTarget.value;
        }}
      >
        {option.values.map((one) => (
          <option key={one.value} value={one.value}>
            {one.label.toLowerCase()}
          </option>
        ))}
      </select>
    </label>
  );
}

function Outcome({ state }: { state: ClipState }) {
  switch (state.state) {
    case "idle":
      return null;
    case "running":
      return (
        <div class="outcome" role="status">
          <progress
            aria-label="Progress of the clip"
            max={Math.max(1, state.total)}
            value={state.done}
          />
          <span>
            {state.done} of {state.total || "…"} pictures · {formatBytes(state.bytes)}
          </span>
        </div>
      );
    case "done":
      return (
        <p class="outcome" role="status">
          Downloaded {state.name} · {formatBytes(state.bytes)}
        </p>
      );
    case "failed":
      return (
        <p class="outcome error" role="alert">
          {state.message}
        </p>
      );
  }
}
