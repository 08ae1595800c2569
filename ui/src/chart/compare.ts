// Two spans side by side: what moved. Pure.

export interface Moved {
  name: string;
  now: number;
  before: number;
}

/** What two lists of named sums have, by name; the largest change first. */
export function movers(
  now: readonly { name: string; value: number }[],
  before: readonly { name: string; value: number }[],
): Moved[] {
  const names = new Set([...now, ...before].map((one) => one.name));
  const sum = (all: readonly { name: string; value: number }[], name: string): number =>
    all.filter((one) => one.name === name).reduce((sum, one) => sum + one.value, 0);
  return [...names]
    .map((name) => ({ name, now: sum(now, name), before: sum(before, name) }))
    .filter((one) => one.now > 0 || one.before > 0)
    .toSorted((a, b) => Math.abs(b.now - b.before) - Math.abs(a.now - a.before));
}

/** How much more or less it is, as a factor; `null` where there was nothing before. */
export const change = ({ now, before }: Moved): number | null =>
  before > 0 ? now / before - 1 : null;
