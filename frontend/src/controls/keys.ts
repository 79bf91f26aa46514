/** The keyboard: the same keys wherever one is, except in fields that need them. */
import type { Player, Store } from "../store";

export interface Shortcut {
  /** As `nameOf` has them. */
  readonly keys: readonly string[];
  /** How they are written. */
  readonly shown: string;
  readonly says: string;
  act(player: Player, key: string, store: Store): void;
}

/** Of the playhead of the card that has the focus, or of the common one. */
export const SHORTCUTS: readonly Shortcut[] = [
  { keys: [" "], shown: "Space", says: "Play or pause", act: (player) => player.toggle() },
  {
    keys: ["ArrowLeft"],
    shown: "←",
    says: "One frame back",
    act: (player) => player.stepBy(-1),
  },
  { keys: ["ArrowRight"], shown: "→", says: "One frame on", act: (player) => player.stepBy(1) },
  {
    keys: ["Home"],
    shown: "Home",
    says: "First frame of the range",
    act: (player) => player.first(),
  },
  { keys: ["End"], shown: "End", says: "Last frame of the range", act: (player) => player.last() },
  {
    keys: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    shown: "0 – 9",
    says: "To so many tenths of the range",
    act: (player, key) => player.jump(Number(key) / 10),
  },
  {
    keys: ["j"],
    shown: "J",
    says: "Play backwards; again, twice as fast",
    act: (player) => player.shuttle("back"),
  },
  { keys: ["k"], shown: "K", says: "Pause", act: (player) => player.shuttle("stop") },
  {
    keys: ["l"],
    shown: "L",
    says: "Play forwards; again, twice as fast",
    act: (player) => player.shuttle("on"),
  },
  {
    keys: ["<"],
    shown: "<",
    says: "Slower",
    act: (player) => player.shiftSpeed(-1),
  },
  { keys: [">"], shown: ">", says: "Faster", act: (player) => player.shiftSpeed(1) },
  { keys: ["i"], shown: "I", says: "In point here", act: (player) => player.markIn() },
  { keys: ["o"], shown: "O", says: "Out point here", act: (player) => player.markOut() },
  {
    keys: ["Shift+i"],
    shown: "Shift I",
    says: "In point to the start",
    act: (player) => player.markIn(0),
  },
  {
    keys: ["Shift+o"],
    shown: "Shift O",
    says: "Out point to the end",
    act: (player) => player.markOut(Number.POSITIVE_INFINITY),
  },
  { keys: ["x"], shown: "X", says: "Clear the range", act: (player) => player.clearRange() },
  {
    keys: ["b"],
    shown: "B",
    says: "To the best step of a scalar; again, to that of the next run",
    act: (_player, _key, store) => store.curves.best.jump(),
  },
];

const ACTIONS = new Map(SHORTCUTS.flatMap((one) => one.keys.map((key) => [key, one] as const)));

/** Inputs that are no text: they leave all keys alone but these. */
const OWN_KEYS: Readonly<Record<string, readonly string[]>> = {
  checkbox: [" "],
  range: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"],
  radio: [" ", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"],
};

function isTaken(target: Element | null, key: string): boolean {
  if (target?.closest("dialog")) return true;
  if (target instanceof HTMLInputElement) return OWN_KEYS[target.type]?.includes(key) ?? true;
  if (target?.matches("select, textarea, [contenteditable]")) return true;
  return key === " " && target?.closest("button, a") != null;
}

interface Click {
  readonly detail: number;
  readonly currentTarget: HTMLElement;
}

/** After a click of the mouse the space bar should play, not click again. */
export function releaseKeys({ detail, currentTarget }: Click): void {
  if (detail > 0) currentTarget.blur();
}

/** "x", "Shift+x", "ArrowLeft", "?": letters do not hang on the caps lock. */
function nameOf(event: KeyboardEvent): string {
  const letter = /^\p{L}$/u.test(event.key);
  if (!letter) return event.key;
  return (event.shiftKey ? "Shift+" : "") + event.key.toLowerCase();
}

/** The playhead that keys mean: that of the card in which the focus is. */
function playerAt(store: Store, target: Element | null): Player {
  const ids = target?.closest<HTMLElement>("[data-series]")?.dataset.series?.split(" ");
  const track = ids && store.chosen.peek().find((one) => ids.includes(one.id));
  return track ? store.playerOf(track) : store.player;
}

/**
 * Listens until the function that comes back is called.
 *
 * @param others further keys, by name.
 */
export function listenToKeys(
  store: Store,
  others: Readonly<Record<string, () => void>>,
): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target instanceof Element ? event.target : null;
    const name = nameOf(event);
    if (isTaken(target, name)) return;
    const shortcut = ACTIONS.get(name);
    const other = others[name];
    if (!shortcut && !other) return;
    event.preventDefault();
    shortcut?.act(playerAt(store, target), name, store);
    other?.();
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}
