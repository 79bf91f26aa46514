/** The steps of several series on one line. */

/** All steps that any of the series logged, strictly increasing. */
export function union(lists: readonly (readonly number[])[]): number[] {
  const distinct = lists.filter((list, i) => list.length > 0 && lists.indexOf(list) === i);
  const only = distinct[0];
  if (only === undefined) return [];
  if (distinct.length === 1) return [...only];
  const all = new Set<number>();
  for (const list of distinct) for (const value of list) all.add(value);
  return [...all].sort((a, b) => a - b);
}

/** The position of the last step at or before `step`; -1 before the first. */
export function latest(steps: readonly number[], step: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((steps[middle] as number) <= step) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
