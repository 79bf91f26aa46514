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

it("keeps of a round that is larger than the budget what it can, and finds it again", () => {
  const lru = new SharedLru(6);
  const here = new Set<number>();
  let found = 0;
  for (let tick = 0; tick < 30; tick++) {
    const frame = tick % 10;
    lru.pin("film", new Set([`${frame}`]));
    if (here.has(frame)) found += 1;
    else lru.add(`${frame}`, 1, () => here.delete(frame), "film");
    here.add(frame);
    lru.trim();
  }
  // Six of ten fit: after the first round, that many of ten are where they were.
  expect(found).toBe(12);
});

it("evicts what was read ahead only after what was passed", () => {
  const { lru, evicted } = filled(4);
  for (const key of ["a", "b", "c", "d"]) lru.add(key, 1, () => evicted.push(key), "film");
  lru.pin("film", new Set(["a"]));
  lru.pin("film", new Set(["b"]));
  lru.add("e", 1, () => evicted.push("e"), "film");
  lru.trim();
  expect(evicted).toEqual(["a"]);
});

it("evicts first what belongs to nobody who plays", () => {
  const { lru, evicted } = filled(3);
  lru.add("old", 1, () => evicted.push("old"));
  for (const key of ["a", "b"]) lru.add(key, 1, () => evicted.push(key), "film");
  lru.pin("film", new Set(["a"]));
  lru.pin("film", new Set(["b"]));
  lru.add("c", 1, () => evicted.push("c"), "film");
  lru.trim();
  expect(evicted).toEqual(["old"]);
});
