/** What was done to each card's picture. */
import { type Signal, signal } from "@preact/signals";
import type { CardState } from "../kinds";

const UNTOUCHED: CardState = {};

export class Views {
  readonly #states = new Map<string, Signal<CardState>>();

  /** Of the card that shows that series; it outlives the card. */
  of(series: string): Signal<CardState> {
    let state = this.#states.get(series);
    if (state === undefined) {
      state = signal(UNTOUCHED);
      this.#states.set(series, state);
    }
    return state;
  }
}
