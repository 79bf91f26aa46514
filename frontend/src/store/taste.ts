/** What somebody likes, remembered by the browser. */
import { batch, effect, type Signal, signal } from "@preact/signals";

const PREFIX = "tb_animate.";

let borrowing = false;

/** Tastes take part in the change for now, but are remembered as they were. */
export function borrow(change: () => void): void {
  borrowing = true;
  try {
    batch(change);
  } finally {
    borrowing = false;
  }
}

/** A signal that comes back with the value it had, if `valid` still says so. */
export function remembered<T>(
  name: string,
  fallback: T,
  valid: (value: unknown) => value is T,
): Signal<T> {
  const key = PREFIX + name;
  const value = signal(read(key, fallback, valid));
  let first = true;
  effect(() => {
    const text = JSON.stringify(value.value);
    if (first) {
      first = false;
      return;
    }
    if (borrowing) return;
    try {
      localStorage.setItem(key, text);
    } catch {
      // Storage can be full or forbidden: then the taste lasts as long as the page.
    }
  });
  return value;
}

function read<T>(key: string, fallback: T, valid: (value: unknown) => value is T): T {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    return valid(value) ? value : fallback;
  } catch {
    return fallback;
  }
}

export const isBoolean = (value: unknown): value is boolean => typeof value === "boolean";
export const isNumber = (value: unknown): value is number => Number.isFinite(value);
export const oneOf =
  <T>(values: readonly T[]) =>
  (value: unknown): value is T =>
    values.includes(value as T);
