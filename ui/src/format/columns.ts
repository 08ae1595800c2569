// Cards in columns without holes: each goes below the column that is shortest so far.

export interface Slot {
  /** From 0. */
  column: number;
  /** From the top, in pixels. */
  top: number;
}

/** Where cards of these heights go, in their order, and how tall the whole is. */
export function columnSlots(
  heights: readonly number[],
  columns: number,
  gap: number,
): { slots: Slot[]; height: number } {
  const tops = Array.from({ length: Math.max(1, columns) }, () => 0);
  const slots = heights.map((height): Slot => {
    const top = Math.min(...tops);
    const column = tops.indexOf(top);
    tops[column] = top + height + gap;
    return { column, top };
  });
  return { slots, height: Math.max(0, Math.max(...tops) - gap) };
}
