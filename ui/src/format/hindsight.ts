// Forecasts beside what came. Pure.
import type { PastForecast } from '../api/types';
import { t } from '../state/i18n.svelte';
import { percent } from './number';
import { day, nearMoment } from './time';

/** Between these, a forecast says that either is as likely, and can be neither right nor wrong. */
const UNSURE = [0.4, 0.6] as const;

/** Whether what was more likely came; `null` where neither was. */
export function cameTrue({ forecast, emptied }: PastForecast): boolean | null {
  if (forecast.lasts > UNSURE[0] && forecast.lasts < UNSURE[1]) return null;
  return forecast.lasts >= UNSURE[1] === (emptied === null);
}

/** How many of the forecasts that said something came true, and how many said nothing. */
export function hindsightScore(rows: readonly PastForecast[]): {
  right: number;
  wrong: number;
  all: number;
  unsure: number;
} {
  const said = rows.map(cameTrue).filter((right) => right !== null);
  const right = said.filter(Boolean).length;
  return {
    right,
    wrong: said.length - right,
    all: said.length,
    unsure: rows.length - said.length,
  };
}

/** `lasts, about 90%`, `runs out, about 80%: 12–14 Nov`. */
export function forecastSaid({ forecast }: PastForecast, zone: string, now: number): string {
  // Where either is as likely, nothing was forecast.
  if (forecast.lasts > UNSURE[0] && forecast.lasts < UNSURE[1]) return t('hindsight-open');
  const lasts = forecast.lasts >= 0.5;
  // To the next five: more would look more exact than it is, and no forecast is certain.
  const share = Math.min(95, Math.round((lasts ? forecast.lasts : 1 - forecast.lasts) * 20) * 5);
  const said = t(lasts ? 'hindsight-lasts' : 'hindsight-empties', { percent: percent(share) });
  if (lasts || forecast.empty === null) return said;
  const { from, to } = forecast.empty;
  const days = [day(from, zone, now), day(to, zone, now)];
  const span =
    days[0] === days[1]
      ? (days[0] ?? '')
      : t('between', { from: days[0] ?? '', to: days[1] ?? '' });
  return t('with-note', { text: said, note: span });
}

/** What became of the cycle: used up when, or how much was used at its end. */
export const whatCame = ({ emptied, ended_at }: PastForecast, zone: string, now: number): string =>
  emptied === null
    ? t('hindsight-lasted', { percent: percent(ended_at) })
    : t('hindsight-emptied', { time: nearMoment(emptied, zone, now) });
