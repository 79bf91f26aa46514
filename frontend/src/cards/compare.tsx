/** On a card whose picture is compared: the wipe's handle, and what is seen where. */
import type { ReadonlySignal } from "@preact/signals";
import { AMOUNTS, amountAt, setAmount, whiteFrom } from "../compare";
import { formatGain, formatShare, formatStep } from "../format";
import type { Store, Track } from "../store";
import type { Counterpart } from "../store/compare";
import type { Span } from "./canvas";

interface Props {
  readonly store: Store;
  readonly track: Track;
  /** Where the card's playhead is. */
  readonly position: number | undefined;
}

/** Shares of the picture by which a key moves the handle, without and with Shift. */
const KEY_STEP = 0.01;
const LONG_STEP = 0.1;

interface HandleProps extends Props {
  readonly span: ReadonlySignal<Span>;
}

export function WipeHandle({ store, track, position, span }: HandleProps) {
  const { value: compare } = store.compare;
  if (compare.mode !== "wipe") return null;
  if (store.comparison.at(track, position)?.state !== "frame") return null;
  const { amount } = compare;
  const { min, max } = AMOUNTS.wipe;
  const set = (share: number) => {
    store.compare.value = setAmount(store.compare.peek(), share);
  };

  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = event.shiftKey ? LONG_STEP : KEY_STEP;
    const next = {
      ArrowLeft: amount - by,
      ArrowDown: amount - by,
      ArrowRight: amount + by,
      ArrowUp: amount + by,
      Home: min,
      End: max,
    }[event.key];
    if (next === undefined) return;
    // The page has the same keys for the playhead.
    event.preventDefault();
    event.stopPropagation();
    set(next);
  };

  const onMove = (event: PointerEvent) => {
    const handle = event.currentTarget as HTMLElement;
    const stage = handle.parentElement;
    if (!stage || !handle.hasPointerCapture(event.pointerId)) return;
    const { left, width: whole } = stage.getBoundingClientRect();
    const picture = span.peek();
    const [x, width] = [left + picture.left * whole, picture.width * whole];
    set(amountAt({ x, y: 0, width, height: 0 }, event.clientX));
  };

  return (
    <div
      class="wipe"
      role="slider"
      tabIndex={0}
      aria-label="Wipe"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(amount * 100)}
      aria-valuetext={`${formatShare(amount)} of the picture`}
      style={{ left: `${(span.value.left + amount * span.value.width) * 100}%` }}
      onKeyDown={onKey}
      onPointerDown={(event) => {
        if (event.button === 0) event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={onMove}
    />
  );
}

/** What is seen, in one line, or in two where there is a scale to state. */
function wordsOf(store: Store, found: Counterpart & { state: "frame" | "coming" }): string[] {
  const { mode, amount } = store.compare.value;
  const { word } = store.comparison;
  const step = found.track.steps.value?.steps[found.index];
  const other = step === undefined ? `${word} …` : `${word}, step ${formatStep(step)}`;
  if (mode === "wipe") return [`Left: this. Right: ${other}`];
  if (mode === "onion") return [`${formatShare(amount)} of ${other}`];
  return [
    `Difference ${formatGain(amount)} of ${other}`,
    `white = ${whiteFrom(amount)} or more of 255`,
  ];
}

/** Under the picture: what is compared with what, and on which scale. */
export function CompareNote({ store, track, position }: Props) {
  const found = store.comparison.at(track, position);
  if (found === null) return null;
  const words =
    found.state === "missing" ? [`Not compared. ${found.reason}`] : wordsOf(store, found);
  // As high without a counterpart: nothing jumps while it plays.
  const scaled = store.compare.value.mode === "difference";
  return (
    <p class={scaled ? "compared scaled" : "compared"}>
      {words.map((line) => (
        <span key={line}>{line}</span>
      ))}
    </p>
  );
}
