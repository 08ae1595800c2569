// Where a tooltip stands: beside what it explains, and always inside the window. Pure.

export interface Rect {
  width: number;
  height: number;
}

const MARGIN = 8;

/** `at` is the point it explains, in the window's pixels; it stands beside it, `away` pixels from it. */
export function tooltipPlace(
  at: { x: number; y: number },
  tip: Rect,
  window: Rect,
  away = 14,
): { left: number; top: number } {
  const right = at.x + away;
  const fitsRight = right + tip.width <= window.width - MARGIN;
  const left = at.x - away - tip.width;
  const most = Math.max(MARGIN, window.width - MARGIN - tip.width);
  return {
    left: Math.min(most, Math.max(MARGIN, fitsRight || left < MARGIN ? right : left)),
    top: Math.max(MARGIN, Math.min(at.y, window.height - MARGIN - tip.height)),
  };
}
