/** Keeps the page's address as what one sees, and what one sees as the address. */
import { computed, effect, type ReadonlySignal, untracked } from "@preact/signals";
import { type Link, readLink, type Written, writeLink } from "../link";
import type { Store } from ".";
import { open, placesOf, settingsOf } from "./address";

/** Browsers refuse addresses that change much more often (in milliseconds). */
const WRITE_AFTER = 500;

/** Where addresses are; `host.ts` has the browser's. */
export interface Bar {
  /** The part behind `#`. */
  hash: string;
  /** The whole address. */
  readonly href: string;
  /** Calls the listener when somebody else changed it. */
  watch(listener: () => void): void;
  /** What was left here by the page that was reloaded; null: this is no reload. */
  readonly left: unknown;
  /** Asks what to leave when the page goes. */
  onLeave(leave: () => unknown): void;
}

/** What a page leaves for itself: addresses cannot be written while it goes. */
interface Left {
  readonly found: string;
  readonly hash: string;
  readonly playing: boolean;
}

/** Our part of an address, written as we write it. */
const canonical = (hash: string): string => writeLink("", readLink(hash)).hash;

const isEmpty = (link: Link): boolean => Object.keys(link).length === 0;

function isLeft(value: unknown): value is Left {
  const { found, hash, playing } = (value ?? {}) as Partial<Record<keyof Left, unknown>>;
  return typeof found === "string" && typeof hash === "string" && typeof playing === "boolean";
}

export class AddressBar {
  /** Whether it should stand as it was opened. */
  readonly stands: boolean;
  /** What is set, as text: it only differs where something else is set. */
  readonly #settings: ReadonlySignal<string>;
  readonly #playing: ReadonlySignal<boolean>;
  /** Our part of the address as it was last opened or written, and what was set then. */
  #known = { address: "", settings: "" };
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly store: Store,
    private readonly bar: Bar,
  ) {
    this.#settings = computed(() => writeLink("", settingsOf(store)).hash);
    this.#playing = computed(() => store.player.head.value.playing);
    this.stands = this.#begin();
    bar.watch(() => this.#follow());
    bar.onLeave((): Left => {
      const playing = this.#playing.peek();
      return { found: canonical(bar.hash), hash: this.#written().hash, playing };
    });
    let begun = false;
    effect(() => {
      this.#settings.value;
      store.asleep.value;
      if (!this.#playing.value) placesOf(store);
      if (begun) this.#timer ??= setTimeout(() => this.#keep(), WRITE_AFTER);
      begun = true;
    });
  }

  /** The address of what one sees now. */
  share(): { readonly href: string; readonly cut: boolean } {
    const { cut } = this.#write();
    return { href: this.bar.href, cut };
  }

  #begin(): boolean {
    const { left, hash } = this.bar;
    const again = isLeft(left) && left.found === canonical(hash) ? left : null;
    const link = readLink(again?.hash ?? hash);
    if (!isEmpty(link)) open(this.store, link);
    this.#know(hash);
    return !isEmpty(link) && !again?.playing;
  }

  #follow(): void {
    const { hash } = this.bar;
    const link = readLink(hash);
    // TensorBoard writes our part anew when tabs change, in its own way.
    if (isEmpty(link) || canonical(hash) === this.#known.address) return;
    open(this.store, link);
    this.#know(hash);
  }

  #know(hash: string): void {
    this.#known = { address: canonical(hash), settings: this.#settings.peek() };
  }

  /** While it plays, only what else changed is worth a new address. */
  #keep(): void {
    this.#timer = undefined;
    if (!this.#arrived) {
      this.#timer = setTimeout(() => this.#keep(), WRITE_AFTER);
      return;
    }
    if (!this.#playing.peek() || this.#settings.peek() !== this.#known.settings) this.#write();
  }

  /** Before all steps are here nobody knows where the playheads of a link are. */
  get #arrived(): boolean {
    const { listing, chosen } = this.store;
    return (
      listing.peek() !== null &&
      chosen.peek().every(({ kind, steps, error }) => !kind || steps.peek() || error.peek())
    );
  }

  #written(): Written {
    const { store } = this;
    const link = untracked(() => ({ ...settingsOf(store), ...placesOf(store) }));
    return writeLink(this.bar.hash, link);
  }

  #write(): Written {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const written = this.#written();
    // While another tab is shown, the address is that tab's.
    if (!this.store.asleep.peek() && written.hash !== this.bar.hash) {
      this.bar.hash = written.hash;
      this.#know(written.hash);
    }
    return written;
  }
}
