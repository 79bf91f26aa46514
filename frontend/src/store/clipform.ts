/** The wishes that the export dialog collects; they begin as what the page shows. */
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type Format, type Loop, type Query, type Scalar, type Theme, tagKey } from "../model";
import { rate } from "../playhead";
import { union } from "../timeline";
import { clipQuery, differ, type Shot, type Shots } from "./clipquery";
import { stepsOf } from "./cliprange";
import type { Store, Track } from "./index";
import type { Range } from "./range";

/** As many as the server puts into one clip. */
export const MAX_SERIES = 64;
export const MAX_SCALARS = 8;

/** One card, all runs of its tag side by side, or all cards in view. */
export type Which = "card" | "runs" | "view";

/** What the field says, as a whole number; null: nothing, or no number. */
export const wholeOf = (text: string): number | null =>
  text.trim() !== "" && Number.isInteger(Number(text)) ? Number(text) : null;

const folderOf = (run: string): string => run.slice(0, Math.max(0, run.lastIndexOf("/")));

/**
 * The tags that a clip of these runs can show: each run has it, or only one that lies
 * beside it has, as trainers log pictures in one folder and some numbers in the next.
 */
export function tagsFor(scalars: readonly Scalar[], runs: readonly string[]): readonly string[] {
  const having = new Map<string, string[]>();
  for (const { tag, run } of scalars) having.set(tag, [...(having.get(tag) ?? []), run]);
  const suits = (run: string, others: readonly string[]) =>
    others.includes(run) ||
    others.filter((other) => folderOf(other) === folderOf(run)).length === 1;
  return [...having]
    .filter(([, others]) => runs.every((run) => suits(run, others)))
    .map(([tag]) => tag);
}

export class ClipForm {
  /** The id of the card's series. */
  readonly card: Signal<string>;
  readonly which: Signal<Which>;
  readonly format: Signal<string>;
  readonly fps: Signal<number>;
  readonly loop: Signal<Loop>;
  readonly reverse: Signal<boolean>;
  readonly hold: Signal<number>;
  readonly tween: Signal<boolean>;
  /** As typed; empty: no bound, or its own. */
  readonly from: Signal<string>;
  readonly to: Signal<string>;
  /** NaN where nothing is typed, or no whole number; so, too, `fps`. */
  readonly every = signal(1);
  readonly width = signal("");
  /** Megabytes as typed; empty: no limit. */
  readonly limit = signal("");
  readonly theme: Signal<Theme>;
  readonly caption = signal(false);
  readonly scalars: Signal<readonly string[]>;

  /** What was asked for, in the page's order. */
  readonly tracks: ReadonlySignal<readonly Track[]>;
  /** The scalars that can be chosen. */
  readonly tags: ReadonlySignal<readonly string[]>;
  /** All steps that the cards have. */
  readonly steps: ReadonlySignal<readonly number[]>;
  /** How many frames as logged. */
  readonly frames: ReadonlySignal<number>;
  readonly shots: ReadonlySignal<Shots>;
  /** Whether cards are drawn in another way than on the page. */
  readonly differs: ReadonlySignal<boolean>;
  /** null: there is nothing that could be exported. */
  readonly query: ReadonlySignal<Query | null>;

  /** What the page played when the dialog was opened. */
  readonly #range: Range;
  /** What of it the fields were given, unless somebody types. */
  #given: { readonly from: string; readonly to: string };

  constructor(
    private readonly store: Store,
    asked: Track | undefined,
  ) {
    const track = asked ?? store.chosen.peek()[0];
    const player = track ? store.playerOf(track) : store.player;
    const head = player.head.peek();
    this.card = signal(track?.id ?? "");
    this.which = signal(this.#runsIn(track) > 1 ? "runs" : "card");
    this.format = signal(this.formats.find((one) => one.available)?.name ?? "gif");
    const fps = Math.min(rate({ ...head, shuttle: 1 }), this.#maxFps());
    this.fps = signal(Number(fps.toFixed(2)));
    this.loop = signal(head.loop);
    this.reverse = signal(head.reverse);
    this.hold = signal(head.hold);
    this.tween = signal(store.tween.peek());
    this.theme = signal(store.theme.peek());
    this.#range = player.bounds.peek();
    this.#given = this.#texts();
    this.from = signal(this.#given.from);
    this.to = signal(this.#given.to);

    this.tracks = computed(() => this.of(this.which.value));
    this.tags = computed(() => {
      const runs = [...new Set(this.tracks.value.map((one) => one.series.value.run))];
      return tagsFor(store.curves.list.value ?? [], runs);
    });
    this.scalars = signal(store.curves.shownTags.peek().slice(0, MAX_SCALARS));
    this.steps = computed(() =>
      union(this.tracks.value.map((one) => one.steps.value?.steps ?? [])),
    );
    this.frames = computed(() => {
      const [from, to] = [wholeOf(this.from.value), wholeOf(this.to.value)];
      const within = (step: number) =>
        (from === null || step >= from) && (to === null || step <= to);
      const count = (steps: readonly number[]) => steps.filter(within).length;
      // Even moments are as many as the longest series has frames.
      const most =
        store.measure.value === "step"
          ? count(this.steps.value)
          : Math.max(0, ...this.tracks.value.map((one) => count(one.steps.value?.steps ?? [])));
      return this.every.value >= 1 ? Math.ceil(most / this.every.value) : 0;
    });
    this.shots = computed(() => {
      const all = this.tracks.value.map((one) => this.#shot(one));
      return { all, lead: all.find((one) => one.series.id === this.card.value) ?? all[0] };
    });
    this.differs = computed(() => differ(this.shots.value));
    this.query = computed(() => this.#query());
  }

  get formats(): readonly Format[] {
    return this.store.listing.value?.formats ?? [];
  }

  get chosen(): Format | undefined {
    return this.formats.find((one) => one.name === this.format.value);
  }

  /** Another format may keep fewer pictures a second. */
  setFormat(name: string): void {
    this.format.value = name;
    this.fps.value = Math.min(this.fps.peek(), this.#maxFps());
  }

  setCard(id: string): void {
    this.card.value = id;
    this.#follow();
  }

  setWhich(which: Which): void {
    this.which.value = which;
    this.#follow();
  }

  /** The cards that would be in it. */
  of(which: Which): readonly Track[] {
    const { store } = this;
    const picked = store.chosen.value.find((one) => one.id === this.card.value);
    if (picked === undefined) return [];
    if (which === "card") return [picked];
    if (which === "view") return store.chosen.value.filter((one) => store.visible.value.has(one));
    const key = tagKey(picked.series.peek());
    return store.chosen.value.filter((one) => tagKey(one.series.peek()) === key);
  }

  /** Whether the card shows its runs over each other, which no clip does. */
  get overlaid(): boolean {
    return this.#runsIn(this.of("card")[0]) > 1;
  }

  /** A name for the export. */
  get title(): string {
    const tracks = this.tracks.peek();
    const [first] = tracks;
    if (first === undefined) return "";
    const { tag, display_name, run } = first.series.peek();
    const name = display_name || tag;
    if (tracks.length === 1) return `${name} · ${run}`;
    return this.which.peek() === "runs"
      ? `${name} · ${tracks.length} runs`
      : `${tracks.length} cards`;
  }

  #maxFps(): number {
    return this.chosen?.max_fps ?? Infinity;
  }

  /** How many runs the card shows. */
  #runsIn(track: Track | undefined): number {
    if (track === undefined) return 0;
    const panels = this.store.groups.value.flatMap((group) => group.panels);
    return panels.find((panel) => panel.tracks.includes(track))?.tracks.length ?? 0;
  }

  /** The range that the page plays, as the present cards' fields have it. */
  #texts(): { readonly from: string; readonly to: string } {
    const tracks = this.of(this.which.peek());
    const { in: first, out } = stepsOf(this.store.measure.peek(), this.#range, tracks);
    return { from: first === null ? "" : String(first), to: out === null ? "" : String(out) };
  }

  /** Other cards, other steps; what somebody typed stays. */
  #follow(): void {
    const before = this.#given;
    this.#given = this.#texts();
    if (this.from.peek() === before.from) this.from.value = this.#given.from;
    if (this.to.peek() === before.to) this.to.value = this.#given.to;
  }

  #shot(track: Track): Shot {
    const { store } = this;
    const { kind } = track;
    const scene = track.scene.value;
    const state = store.cardStates.of(track.stateKey).value;
    return {
      series: track.series.value,
      sample: track.sample.value,
      axes: (kind?.shares && track.fit.value?.series) || [],
      look: {
        ...(kind && store.looks.clip(kind)),
        ...store.comparison.clip(track),
        ...(scene && kind?.clip?.(scene, state)),
      },
    };
  }

  #query(): Query | null {
    const fps = this.fps.value;
    const limit = Number(this.limit.value);
    const count = this.tracks.value.length;
    if (count === 0 || count > MAX_SERIES || !(fps > 0) || this.frames.value === 0) return null;
    const { tags } = this;
    return clipQuery(this.shots.value, {
      format: this.format.value,
      maxFps: this.#maxFps(),
      fps,
      loop: this.loop.value,
      reverse: this.reverse.value,
      hold: this.hold.value,
      tween: this.tween.value,
      from: wholeOf(this.from.value),
      to: wholeOf(this.to.value),
      every: this.every.value,
      width: wholeOf(this.width.value),
      maxBytes: this.limit.value !== "" && limit > 0 ? Math.round(limit * 1e6) : null,
      theme: this.theme.value,
      measure: this.store.measure.value,
      caption: this.caption.value,
      scalars: this.scalars.value.filter((tag) => tags.value.includes(tag)),
    });
  }
}
