/** The common playhead, those of unlinked cards, and the measure that they share. */
import {
  batch,
  computed,
  effect,
  type ReadonlySignal,
  type Signal,
  signal,
  untracked,
} from "@preact/signals";
import type { Measure } from "../model";
import { initial } from "../playhead";
import type { Pace } from "./pace";
import type { Panel } from "./panels";
import { Player, type Stage } from "./player";
import type { Track } from "./track";

/** A longer pause between two pictures is a hidden tab or a busy machine, not time to skip. */
const MAX_TICK_SECONDS = 0.25;

interface Context extends Omit<Stage, "tracks" | "measure"> {
  readonly panels: ReadonlySignal<readonly Panel[]>;
  readonly asleep: ReadonlySignal<boolean>;
  readonly measure: Signal<Measure>;
  readonly pace: Pace;
}

export class Players {
  /** The keys of the panels that are played alone. */
  readonly unlinked: Signal<ReadonlySet<string>> = signal(new Set());
  readonly common: Player;
  readonly #own = new Map<string, Player>();
  readonly #keys: ReadonlySignal<ReadonlyMap<Track, string>>;
  readonly #all: ReadonlySignal<readonly Player[]>;
  readonly #running: ReadonlySignal<boolean>;

  constructor(private readonly context: Context) {
    const { panels, asleep, pace } = context;
    this.#keys = computed(
      () => new Map(panels.value.flatMap(({ key, tracks }) => tracks.map((one) => [one, key]))),
    );
    const linked = computed(() =>
      panels.value.flatMap(({ key, tracks }) => (this.unlinked.value.has(key) ? [] : tracks)),
    );
    const head = pace.of(initial);
    this.common = new Player({ ...context, tracks: linked }, { head, liked: pace.remember });
    this.#all = computed(() => {
      const alone = panels.value.filter(({ key }) => this.unlinked.value.has(key));
      return [this.common, ...alone.map(({ key }) => this.#ownOf(key))];
    });
    this.#running = computed(
      () => !asleep.value && this.#all.value.some((player) => player.moving.value),
    );
  }

  /** The playhead of a card: its own if it is unlinked. */
  of(track: Track): Player {
    const key = this.#keys.value.get(track);
    return key !== undefined && this.unlinked.value.has(key) ? this.#ownOf(key) : this.common;
  }

  /**
   * A card gets a playhead of its own, or loses it. It begins where the common one is and plays
   * all of its frames: there is no in or out point that one could not move.
   */
  toggleLink(key: string): void {
    const unlinked = new Set(this.unlinked.peek());
    if (unlinked.delete(key)) this.#own.delete(key);
    else unlinked.add(key);
    this.unlinked.value = unlinked;
  }

  /** By key, where the cards are that are played alone. */
  get places(): ReadonlyMap<string, number> {
    const found = new Map<string, number>();
    for (const key of this.unlinked.value) {
      const position = this.#ownOf(key).position.value;
      if (position !== undefined) found.set(key, position);
    }
    return found;
  }

  /** Exactly these cards are played alone, and stand there. */
  open(places: ReadonlyMap<string, number>): void {
    this.#own.clear();
    for (const [key, position] of places) this.#ownOf(key).seekTo(position);
    this.unlinked.value = new Set(places.keys());
  }

  /** Another measure; the frames that are shown stay. */
  align(measure: Measure): void {
    this.keeping(() => {
      this.context.measure.value = measure;
    });
  }

  /** A change of the positions, after which each playhead is at the same frame as before. */
  keeping(change: () => void): void {
    const restore = this.#all.peek().map((player) => player.anchor());
    batch(() => {
      change();
      for (const go of restore) go();
    });
  }

  /** Advances by the seconds since the last picture, as long as something plays. */
  animate(): () => void {
    return effect(() => {
      if (!this.#running.value) return;
      let last: number | undefined;
      const picture = (now: number): void => {
        // The loop goes on before anything changes, as a change may end it.
        handle = requestAnimationFrame(picture);
        if (last !== undefined) {
          const seconds = Math.min((now - last) / 1000, MAX_TICK_SECONDS);
          untracked(() => batch(() => this.#tickBy(seconds)));
        }
        last = now;
      };
      let handle = requestAnimationFrame(picture);
      return () => cancelAnimationFrame(handle);
    });
  }

  #tickBy(seconds: number): void {
    for (const player of this.#all.peek()) player.tickBy(seconds);
  }

  #ownOf(key: string): Player {
    let player = this.#own.get(key);
    if (player === undefined) {
      const { panels } = this.context;
      const tracks = computed(() => panels.value.find((panel) => panel.key === key)?.tracks ?? []);
      // Whoever asks first does not depend on where the common one goes from here.
      const { head, position } = this.common;
      player = new Player(
        { ...this.context, tracks },
        { head: head.peek(), place: position.peek() },
      );
      this.#own.set(key, player);
    }
    return player;
  }
}
