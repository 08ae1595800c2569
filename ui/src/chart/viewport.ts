// The visible span of a chart: zooming and panning within what is known. Pure.

export interface View {
  from: number;
  to: number;
}

/** Nothing shorter can be seen: readings are minutes apart. */
export const SHORTEST = 30 * 60_000;

export const length = (view: View): number => view.to - view.from;

export const isSame = (a: View, b: View): boolean => a.from === b.from && a.to === b.to;

/** The nearest view that is neither too short nor longer than the bounds, and lies within them. */
export function clampView(view: View, bounds: View): View {
  const whole = Math.max(SHORTEST, length(bounds));
  const long = Math.min(whole, Math.max(SHORTEST, length(view)));
  // What was too short or too long is stretched around its middle.
  const middle = (view.from + view.to) / 2;
  const from = long === length(view) ? view.from : middle - long / 2;
  const start = Math.round(Math.min(bounds.from + whole - long, Math.max(bounds.from, from)));
  return { from: start, to: Math.round(start + long) };
}

/** Changes the length by a factor; the moment `at` stays where it is. */
export function zoomView(view: View, at: number, factor: number, bounds: View): View {
  const long = Math.min(length(bounds), Math.max(SHORTEST, length(view) * factor));
  const share = (at - view.from) / (length(view) || 1);
  const from = at - share * long;
  return clampView({ from, to: from + long }, bounds);
}

export const panView = (view: View, by: number, bounds: View): View =>
  clampView({ from: view.from + by, to: view.to + by }, bounds);

/** The span of the same length that ends where a view begins. */
export const spanBefore = (view: View): View => ({ from: view.from - length(view), to: view.from });
