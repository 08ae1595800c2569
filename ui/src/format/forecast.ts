// The forecast of a quota as one line. Its text says that it is an estimate.
import type { Forecast } from '../api/types';
import { t } from '../state/i18n.svelte';
import { percent } from './number';
import { clock, day, dayKey, nearMoment } from './time';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** From these probabilities on the text has no number. */
const PLAIN = 0.95;
const EVEN = 0.55;

/** The line of a forecast; `reset` is when its quota is reset. */
export function forecastLine(
  forecast: Forecast,
  zone: string,
  now: number,
  reset: number | null = null,
): string {
  const { lasts, empty } = forecast;
  // In tenths: the forecast is not more exact than that.
  const chance = percent(10 * Math.min(9, Math.round(Math.max(lasts, 1 - lasts) * 10)));
  if (lasts >= PLAIN) return t('forecast-lasts');
  if (lasts >= EVEN) return t('forecast-lasts-likely', { chance });
  if (lasts > 1 - EVEN) return t('forecast-even');
  if (empty === null) return t('forecast-empty-likely', { chance });
  const span = emptySpan(Date.parse(empty.from), Date.parse(empty.to), zone, now, reset);
  return lasts <= 1 - PLAIN
    ? t('forecast-empty-at', { span })
    : t('forecast-empty-within', { chance, span });
}

/** A time range, rounded to what the forecast knows: `16:40 – 18:10`, `Tue 09:00 – Wed 18:00`, `25 Nov – 29 Nov`. */
function emptySpan(
  from: number,
  to: number,
  zone: string,
  now: number,
  reset: number | null,
): string {
  const length = to - from;
  const step = length < 12 * HOUR ? 10 * MINUTE : HOUR;
  // Rounded outwards, but not into the past.
  const first = Math.max(now, Math.floor(from / step) * step);
  const last = Math.ceil(to / step) * step;
  // A span that ends with the cycle has no end of its own.
  if (reset !== null && last >= reset - step) {
    const begin = length > 72 * HOUR ? day(first, zone, now) : nearMoment(first, zone, now);
    return t('forecast-span-open', { from: begin });
  }
  if (length > 72 * HOUR) {
    return t('forecast-span', { from: day(first, zone, now), to: day(last, zone, now) });
  }
  const sameDay = dayKey(first, zone) === dayKey(last, zone);
  return t('forecast-span', {
    from: nearMoment(first, zone, now),
    to: sameDay ? clock(last, zone) : nearMoment(last, zone, now),
  });
}
