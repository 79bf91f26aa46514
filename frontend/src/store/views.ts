/** What was done to each card's picture. */
import { computed, type Signal, signal } from "@preact/signals";
import type { CardState } from "../kinds";

const UNTOUCHED: CardState = {};

export class Views {
  readonly #states = new Map<string, Signal<CardState>>();
  readonly #count = signal(0);

  /** By key, of all to which something was done. */
  readonly touched = computed<ReadonlyMap<string, CardState>>(() => {
    this.#count.value;
    const all = [...this.#states].map(([key, state]) => [key, state.value] as const);
    return new Map(all.filter(([, state]) => Object.keys(state).length > 0));
  });

  /** These are as they say, and all others untouched. */
  open(states: ReadonlyMap<string, object>): void {
    for (const [key, state] of this.#states) if (!states.has(key)) state.value = UNTOUCHED;
    for (const [key, state] of states) this.of(key).value = { ...state };
  }

  /** Of the cards of that key, see `Track.stateKey`; it outlives them. */
  of(key: string): Signal<CardState> {
    let state = this.#states.get(key);
    if (state === undefined) {
      state = signal(UNTOUCHED);
      this.#states.set(key, state);
      this.#count.value = this.#states.size;
    }
    return state;
  }
}
