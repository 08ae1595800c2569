// Names of the engine's words in the language of the window.
import { t, word, words } from '../state/words.svelte';

/** A meter's or a money series' name: `5h`, `balance:CNY`. */
export function seriesName(series: string | null, short = false): string {
  if (series === null) return t('series-account');
  const [place = '', currency] = series.split(':');
  const attribute = short ? '.short' : '';
  if (currency !== undefined) {
    const id = `series-${place}${attribute}`;
    return words.has(id) ? t(id, { currency }) : series;
  }
  const id = `meter-${place}${attribute}`;
  return words.has(id) ? t(id) : series;
}

export const sourceName = (source: string): string => word('source', source, 'platform');
export const regionName = (region: string): string => word('region', region, 'global');

// Of a failure without permission, what is denied has words of its own.
const failureKey = (kind: string, denied: string | null): string =>
  denied === null ? kind : `${kind}-${denied}`;

export const failureName = (kind: string, denied: string | null = null): string =>
  word('failure', failureKey(kind, denied), 'unknown');
export const failureAdvice = (kind: string, denied: string | null = null): string =>
  word('failure', failureKey(kind, denied), 'unknown', 'advice');
