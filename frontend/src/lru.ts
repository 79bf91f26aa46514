/**
 * Keeps what was used, up to a budget that several owners share.
 *
 * What somebody is done with goes first, the longest unused before the others. Of what is
 * being played round after round, that would be the very thing that is needed next, and
 * nothing would ever be found again where a round is larger than the budget: there, what was
 * passed last goes first, as it comes back last.
 */

interface Item {
  readonly owner: string;
  readonly size: number;
  readonly evict: () => void;
  used: number;
  /** When it was last let go by an owner that holds on to others; 0: not since it came. */
  passed: number;
}

export class SharedLru {
  #used = 0;
  #clock = 0;
  readonly #items = new Map<string, Item>();

  // Each owner's keys that must stay for the moment.
  readonly #pins = new Map<string, ReadonlySet<string>>();

  constructor(
    readonly limit: number,
    /** So much more is made free at once: with many items, not each addition has to look. */
    private readonly slack = 0,
  ) {}

  get used(): number {
    return this.#used;
  }

  add(key: string, size: number, evict: () => void, owner = ""): void {
    this.remove(key);
    this.#items.set(key, { owner, size, evict, used: ++this.#clock, passed: 0 });
    this.#used += size;
  }

  touch(key: string): void {
    const item = this.#items.get(key);
    if (item !== undefined) item.used = ++this.#clock;
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
    for (const key of this.#pins.get(owner) ?? []) {
      const item = keys.has(key) ? undefined : this.#items.get(key);
      if (item !== undefined) item.passed = ++this.#clock;
    }
    if (keys.size > 0) this.#pins.set(owner, keys);
    else this.#pins.delete(owner);
  }

  /** Evicts until the budget is met or only pinned ones are left. */
  trim(): void {
    if (this.#used <= this.limit) return;
    const enough = this.limit - this.slack;
    for (const [key, item] of this.#order()) {
      this.#items.delete(key);
      this.#used -= item.size;
      item.evict();
      if (this.#used <= enough) return;
    }
  }

  /** What may go, the first to go first. */
  #order(): [string, Item][] {
    const pinned = [...this.#pins.values()];
    const free = [...this.#items].filter(([key]) => !pinned.some((keys) => keys.has(key)));
    const rank = ({ owner, passed }: Item): number => {
      if (!this.#pins.has(owner)) return 0;
      // What came with others, and was not asked for yet, is what is played next.
      return passed > 0 ? 1 : 2;
    };
    return free.sort(([, a], [, b]) => {
      const by = rank(a) - rank(b);
      if (by !== 0) return by;
      return rank(a) === 1 ? b.passed - a.passed : a.used - b.used;
    });
  }
}
