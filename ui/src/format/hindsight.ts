// Forecasts beside what came. Pure.
import type { PastForecast } from '../api/types';
import { t } from '../state/i18n.svelte';
import { chanceText } from './forecast';
import { percent } from './number';
import { isEven } from './pace';
import { day, nearMoment } from './time';

/** Whether what was more likely came; `null` where neither was: that can be neither right nor wrong. */
export function cameTrue({ forecast, emptied }: PastForecast): boolean | null {
  if (isEven(forecast.lasts)) return null;
  return forecast.lasts > 0.5 === (emptied === null);
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
  if (isEven(forecast.lasts)) return t('hindsight-open');
  const lasts = forecast.lasts > 0.5;
  const chance = chanceText(lasts ? forecast.lasts : 1 - forecast.lasts);
  const said = t(lasts ? 'hindsight-lasts' : 'hindsight-empties', { chance });
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
