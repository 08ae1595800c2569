// How a quota stands: its use against the time that has passed, and the tone that both and its forecast give it.
import type { Forecast, MeterView } from '../api/types';

const HOUR = 3_600_000;
/** The lengths of quotas, in milliseconds; that of a month depends on the month. */
const LENGTHS: Record<string, number> = { '5h': 5 * HOUR, week: 7 * 24 * HOUR };

/** The first instant of the cycle that ends at `end`, in milliseconds; `null` for a quota of unknown length. */
export function cycleStart(meter: string, end: number): number | null {
  const length = LENGTHS[meter];
  if (length !== undefined) return end - length;
  if (!meter.startsWith('month')) return null;
  const start = new Date(end);
  const day = start.getUTCDate();
  start.setUTCMonth(start.getUTCMonth() - 1);
  // The month before may have no such day: its last one then.
  if (start.getUTCDate() !== day) start.setUTCDate(0);
  return start.getTime();
}

/** The share of a quota's cycle that has passed, 0 to 1; `null` where its end or length is not known. */
export function elapsedShare(meter: MeterView, now: number): number | null {
  if (meter.resets_at === null) return null;
  const end = Date.parse(meter.resets_at);
  const start = cycleStart(meter.meter, end);
  if (start === null || now >= end) return null;
  return Math.min(1, Math.max(0, (now - start) / (end - start)));
}

/** Whether the share used is of the cycle that runs: what has been reset since says nothing of now. */
export const isCurrent = (meter: MeterView, now: number): boolean =>
  !meter.was_reset && (meter.resets_at === null || Date.parse(meter.resets_at) > now);

/** From this probability on it is almost certain. */
export const CERTAIN = 0.95;
/** Between these probabilities of lasting neither is likelier, and nothing is forecast. */
const EVEN = { from: 0.45, to: 0.55 } as const;

/** Whether a forecast that lasts with a probability says nothing. */
export const isEven = (lasts: number): boolean => lasts > EVEN.from && lasts < EVEN.to;

export const isLasting = (forecast: Forecast | null): boolean =>
  forecast !== null && forecast.lasts >= CERTAIN;
/** Whether a quota is likelier to run out before its reset than to last. */
export const runsOut = (forecast: Forecast | null): boolean =>
  forecast !== null && forecast.lasts <= EVEN.from;

export type Tone = 'calm' | 'near' | 'over';

/** The tone of a quota, from what is used and from its forecast together. */
export function meterTone(used: number, forecast: Forecast | null): Tone {
  if (used >= 100) return 'over';
  if (used >= 90) return isLasting(forecast) ? 'near' : 'over';
  if (runsOut(forecast)) return 'near';
  return used >= 75 && !isLasting(forecast) ? 'near' : 'calm';
}

/** Where a forecast is drawn in a stretch of time: shares from 0 to 1 of its width, and the probability at its end. */
export interface Wedge {
  /** Before it the quota is hardly empty. */
  from: number;
  /** After it the quota is nearly as likely empty as at the reset. */
  to: number;
  /** The probability of an empty quota at the reset, 0 to 1. */
  empty: number;
}

/**
 * The shape of a forecast between two instants; `null` where a quota is likely to last. One that is likely to run out at
 * a time that is not known grows over the whole stretch.
 */
export function wedge(forecast: Forecast | null, start: number, end: number): Wedge | null {
  if (forecast === null || end <= start) return null;
  const { empty: span, lasts } = forecast;
  if (span === null) return runsOut(forecast) ? { from: 0, to: 1, empty: 1 - lasts } : null;
  const share = (at: string): number =>
    Math.min(1, Math.max(0, (Date.parse(at) - start) / (end - start)));
  const [from, to] = [share(span.from), share(span.to)];
  return { from, to: Math.max(from, to), empty: 1 - lasts };
}

/** A wedge as the points of a CSS polygon: it grows to its height, and keeps it until the reset, which is at `end`. */
export function wedgePolygon({ from, to, empty }: Wedge, end = 1): string {
  const x = (share: number): string => `${(share * 100).toFixed(2)}%`;
  const top = `${((1 - Math.max(0.3, empty)) * 100).toFixed(1)}%`;
  const last = end === 1 ? '100%' : x(end);
  return `polygon(${x(from)} 100%, ${x(to)} ${top}, ${last} ${top}, ${last} 100%)`;
}
