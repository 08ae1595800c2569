// Small geometry that several charts share: scales, and the path of a sparkline. Pure.

export interface Tick {
  at: number;
  value: number;
}

/** Values to pixels. */
export function linear(
  domain: [number, number],
  range: [number, number],
): (value: number) => number {
  const factor = (range[1] - range[0]) / (domain[1] - domain[0] || 1);
  return (value) => range[0] + (value - domain[0]) * factor;
}

/** The path of a sparkline. `null` is an hour without data, and breaks the line. */
export function trendPath(
  values: readonly (number | null)[],
  width: number,
  height: number,
): { path: string; lone: { x: number; y: number }[] } {
  const known = values.filter((value): value is number => value !== null);
  if (known.length === 0) return { path: '', lone: [] };
  const x = linear([0, Math.max(1, values.length - 1)], [1, width - 1]);
  // The height is at least 25 points, so that small changes do not look large.
  const low = Math.min(...known);
  const y = linear([low, Math.max(low + 25, ...known)], [height - 2, 2]);
  const path = values
    .map((value, index) => {
      if (value === null) return '';
      const starts = (values[index - 1] ?? null) === null;
      return `${starts ? 'M' : 'L'}${round(x(index))},${round(y(value))}`;
    })
    .join('');
  // A single value between two gaps cannot be a line: it is a dot.
  const lone = values.flatMap((value, index) =>
    value !== null && (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null
      ? [{ x: round(x(index)), y: round(y(value)) }]
      : [],
  );
  return { path, lone };
}

export const round = (value: number): number => Math.round(value * 10) / 10;
