// Figures of a quota's cycles, from reset to reset. Pure.
import type { Cycle } from '../api/types';

export interface CycleFigures {
  /** Cycles in which something was used. */
  count: number;
  /** The average of their highest shares used, in percent. */
  average: number;
  /** The highest of them. */
  fullest: number;
  /** How many were used up. */
  emptied: number;
  /** Cycles without any use. */
  idle: number;
}

/** Of the cycles that were seen from their beginning; the one that goes on counts for the fullest only. */
export function cycleFigures(all: readonly Cycle[]): CycleFigures {
  const usedOnes = all.filter((cycle) => cycle.peak > 0);
  const done = usedOnes.filter((cycle) => cycle.end !== null);
  const sum = done.reduce((sum, cycle) => sum + Math.min(100, cycle.peak), 0);
  return {
    count: done.length,
    average: done.length > 0 ? sum / done.length : 0,
    fullest: usedOnes.reduce((most, cycle) => Math.max(most, Math.min(100, cycle.peak)), 0),
    emptied: usedOnes.filter((cycle) => cycle.emptied_at !== null).length,
    idle: all.length - usedOnes.length,
  };
}

/** What was left at the end of a cycle, in percent; `null` as long as it goes on. */
export const unused = (cycle: Cycle): number | null =>
  cycle.end === null ? null : Math.max(0, 100 - cycle.peak);

/** How often a quota was used up in each month of a zone, by `2026-11`. */
export function emptiedByMonth(
  all: readonly Cycle[],
  monthOf: (at: string) => string,
): Map<string, number> {
  const months = new Map<string, number>();
  for (const cycle of all) {
    if (cycle.emptied_at === null) continue;
    const month = monthOf(cycle.emptied_at);
    months.set(month, (months.get(month) ?? 0) + 1);
  }
  return months;
}
