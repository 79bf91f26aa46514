/** Keeps what was used last, up to a budget that several owners share. */

interface Item {
  readonly size: number;
  readonly evict: () => void;
}

export class SharedLru {
  #used = 0;
  // A Map iterates in the order of insertion: the first key is the one longest unused.
  readonly #items = new Map<string, Item>();

  // Each owner's keys that must stay for the moment.
  readonly #pins = new Map<string, ReadonlySet<string>>();

  constructor(readonly limit: number) {}

  get used(): number {
    return this.#used;
  }

  add(key: string, size: number, evict: () => void): void {
    this.remove(key);
    this.#items.set(key, { size, evict });
    this.#used += size;
  }

  touch(key: string): void {
    const item = this.#items.get(key);
    if (item === undefined) return;
    this.#items.delete(key);
    this.#items.set(key, item);
  }

  /** Forgets without evicting. */
  remove(key: string): void {
    const item = this.#items.get(key);
    if (item === undefined) return;
    this.#items.delete(key);
    this.#used -= item.size;
  }

  /** These keys of an owner stay, whatever the budget; replaces what it pinned before. */
  pin(owner: string, keys: ReadonlySet<string>): void {
    if (keys.size > 0) this.#pins.set(owner, keys);
    else this.#pins.delete(owner);
  }

  /** Evicts the longest unused until the budget is met or only pinned ones are left. */
  trim(): void {
    if (this.#used <= this.limit) return;
    const pinned = [...this.#pins.values()];
    for (const [key, item] of this.#items) {
      if (pinned.some((keys) => keys.has(key))) continue;
      this.#items.delete(key);
      this.#used -= item.size;
      item.evict();
      if (this.#used <= this.limit) return;
    }
  }
}
