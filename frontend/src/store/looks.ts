/** What people chose of each kind's options, remembered like their other tastes. */
import type { Signal } from "@preact/signals";
import { KINDS, type Kind, type Option } from "../kinds";
import type { Query } from "../model";
import { isBoolean, remembered } from "./taste";

type Value = string | number;

function valid(option: Option): (value: unknown) => value is Value {
  return (value): value is Value => {
    if ("values" in option) return option.values.some((one) => one.value === value);
    return Number.isInteger(value) && Number(value) >= option.min && Number(value) <= option.max;
  };
}

export class Looks {
  readonly #values = new Map<string, Signal<Value>>();
  readonly #overlaid = new Map<string, Signal<boolean>>();

  constructor(kinds: readonly Kind[] = KINDS) {
    for (const kind of kinds) {
      for (const option of kind.options) {
        const name = `${kind.name}.${option.name}`;
        this.#values.set(name, remembered<Value>(name, option.initial, valid(option)));
      }
      if (kind.shares) {
        this.#overlaid.set(kind.name, remembered(`${kind.name}.overlaid`, false, isBoolean));
      }
    }
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

  /** Goes back to what the scene depended on; what is not named, to its first value. */
  restore(kind: Kind, query: Query): void {
    for (const option of kind.options) {
      if (!option.fitted) continue;
      const before = query[option.name];
      this.option(kind, option).value = valid(option)(before) ? before : option.initial;
    }
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
