import { expect, it } from "vitest";
import { SharedLru } from "../src/lru";

function filled(limit: number, ...keys: string[]): { lru: SharedLru; evicted: string[] } {
  const lru = new SharedLru(limit);
  const evicted: string[] = [];
  for (const key of keys) lru.add(key, 10, () => evicted.push(key));
  return { lru, evicted };
}

it("evicts what was unused longest, and no more than needed", () => {
  const { lru, evicted } = filled(20, "a", "b", "c");
  lru.touch("a");
  lru.trim();
  expect(evicted).toEqual(["b"]);
  expect(lru.used).toBe(20);
});

it("keeps what any owner pinned, even over the budget", () => {
  const { lru, evicted } = filled(10, "a", "b", "c");
  lru.pin("one", new Set(["a"]));
  lru.pin("two", new Set(["b"]));
  lru.trim();
  expect(evicted).toEqual(["c"]);
  lru.pin("one", new Set());
  lru.trim();
  expect(evicted).toEqual(["c", "a"]);
});

it("forgets without evicting, and replaces under the same key", () => {
  const { lru, evicted } = filled(100, "a", "b");
  lru.remove("a");
  lru.add("b", 30, () => evicted.push("b2"));
  expect(lru.used).toBe(30);
  expect(evicted).toEqual([]);
});
