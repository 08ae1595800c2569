// The forecast of a quota as one line, in words as sure as it is. Its text says that it is an estimate.
import type { Forecast } from '../api/types';
import { t } from '../state/i18n.svelte';
import { percent } from './number';
import { CERTAIN, isEven } from './pace';
import { clock, day, dayKey, nearMoment } from './time';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** More likely than not, likely, and almost certain. */
export type Sureness = 'rather' | 'likely' | 'certain';

/** From this probability on it is likely. */
const LIKELY = 0.75;

/** A probability of more than a half in words. */
export const sureness = (probability: number): Sureness =>
  probability >= CERTAIN ? 'certain' : probability >= LIKELY ? 'likely' : 'rather';

/** In tenths: a forecast is not more exact than that, and never certain. */
const tenths = (probability: number): string =>
  percent(10 * Math.min(9, Math.round(probability * 10)));

/** The probability itself, as everywhere: `about 80%`, `over 90%`. */
export const chanceText = (probability: number): string =>
  t(probability >= CERTAIN ? 'chance-over' : 'chance-about', { percent: tenths(probability) });

const LASTS = {
  rather: 'forecast-lasts-rather',
  likely: 'forecast-lasts-likely',
  certain: 'forecast-lasts',
};
const EMPTY = {
  rather: 'forecast-empty-rather',
  likely: 'forecast-empty-likely',
  certain: 'forecast-empty-certain',
};
const EMPTY_WITHIN = {
  rather: 'forecast-empty-rather-within',
  likely: 'forecast-empty-within',
  certain: 'forecast-empty-at',
};

/** The line of a forecast; `reset` is when its quota is reset. */
export function forecastLine(
  forecast: Forecast,
  zone: string,
  now: number,
  reset: number | null = null,
): string {
  const { lasts, empty } = forecast;
  if (isEven(lasts)) return t('forecast-even');
  const probability = Math.max(lasts, 1 - lasts);
  const sure = sureness(probability);
  const chance = tenths(probability);
  if (lasts > 0.5) return t(LASTS[sure], { chance });
  if (empty === null) return t(EMPTY[sure], { chance });
  const span = emptySpan(Date.parse(empty.from), Date.parse(empty.to), zone, now, reset);
  return t(EMPTY_WITHIN[sure], { chance, span });
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
