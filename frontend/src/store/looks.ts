/** What people chose of each kind's options, remembered like their other tastes. */
import { type Signal, signal } from "@preact/signals";
import type { Kind, Option } from "../kinds";
import type { Query } from "../model";
import { borrow, isBoolean, remembered } from "./taste";

type Value = string | number;

function valid(option: Option): (value: unknown) => value is Value {
  return (value): value is Value => {
    if ("values" in option) return option.values.some((one) => one.value === value);
    return Number.isInteger(value) && Number(value) >= option.min && Number(value) <= option.max;
  };
}

const overlaidName = (kind: string): string => `${kind}.overlaid`;

export class Looks {
  readonly #kinds = new Map<string, Kind>();
  readonly #values = new Map<string, Signal<Value>>();
  readonly #options = new Map<string, Option>();
  readonly #overlaid = new Map<string, Signal<boolean>>();
  readonly #known = signal(0);
  /** What a link says, also of kinds that come later. */
  #opened: ReadonlyMap<string, Value> | null = null;

  constructor(kinds: readonly Kind[] = []) {
    this.add(kinds);
  }

  /** These kinds have options, too. */
  add(kinds: readonly Kind[]): void {
    const added = kinds.filter(({ name }) => !this.#kinds.has(name));
    if (added.length === 0) return;
    for (const kind of added) {
      this.#kinds.set(kind.name, kind);
      for (const option of kind.options) {
        const name = `${kind.name}.${option.name}`;
        this.#options.set(name, option);
        this.#values.set(name, remembered<Value>(name, option.initial, valid(option)));
      }
      if (kind.shares) {
        this.#overlaid.set(kind.name, remembered(overlaidName(kind.name), false, isBoolean));
      }
    }
    const opened = this.#opened;
    if (opened) borrow(() => this.#open(added, opened));
    this.#known.value += 1;
  }

  option(kind: Kind, option: Option): Signal<Value> {
    const found = this.#values.get(`${kind.name}.${option.name}`);
    if (found === undefined) throw new Error(`${kind.name} has no option ${option.name}.`);
    return found;
  }

  /** Whether runs are laid over each other; undefined for a kind that cannot. */
  overlaid(kind: Kind): Signal<boolean> | undefined {
    return this.#overlaid.get(kind.name);
  }

  /** What differs from the first values, `kind.option` by value. */
  get changed(): ReadonlyMap<string, Value> {
    this.#known.value;
    const found = new Map<string, Value>();
    for (const [name, { value }] of this.#values) {
      if (value !== this.#options.get(name)?.initial) found.set(name, value);
    }
    for (const [kind, { value }] of this.#overlaid) if (value) found.set(overlaidName(kind), 1);
    return found;
  }

  /** These values, as far as there are such; all others are the first ones. */
  open(values: ReadonlyMap<string, Value>): void {
    this.#opened = values;
    this.#open([...this.#kinds.values()], values);
  }

  #open(kinds: readonly Kind[], values: ReadonlyMap<string, Value>): void {
    for (const kind of kinds) {
      for (const option of kind.options) {
        const value = values.get(`${kind.name}.${option.name}`);
        this.option(kind, option).value = valid(option)(value) ? value : option.initial;
      }
      const overlaid = this.overlaid(kind);
      if (overlaid) overlaid.value = values.get(overlaidName(kind.name)) === 1;
    }
  }

  /** Goes back to what the scene depended on; what is not named, to its first value. */
  restore(kind: Kind, query: Query): void {
    for (const option of kind.options) {
      if (!option.fitted) continue;
      const before = query[option.name];
      this.option(kind, option).value = valid(option)(before) ? before : option.initial;
    }
  }

  /** The present values that a clip has to know. */
  clip(kind: Kind): Query {
    const chosen = kind.options.filter((one) => !one.page);
    return Object.fromEntries(chosen.map((one) => [one.name, this.option(kind, one).value]));
  }

  /**
   * The present values by name: of all options, of those on which the scene depends, or of
   * the others.
   */
  query(kind: Kind, fitted?: boolean): Query {
    const chosen = kind.options.filter((one) => fitted === undefined || one.fitted === fitted);
    return Object.fromEntries(chosen.map((one) => [one.name, this.option(kind, one).value]));
  }
}
