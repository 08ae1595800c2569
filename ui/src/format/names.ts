// Names of the engine's codes in the language of the window.
import { codeText, i18n, t } from '../state/i18n.svelte';

/** The name of a quota or money series, such as `5h` or `balance:CNY`. */
export function seriesName(series: string | null, short = false): string {
  if (series === null) return t('series-account');
  const [place = '', currency] = series.split(':');
  const attribute = short ? '.short' : '';
  if (currency !== undefined) {
    const id = `series-${place}${attribute}`;
    return i18n.has(id) ? t(id, { currency }) : series;
  }
  const id = `meter-${place}${attribute}`;
  return i18n.has(id) ? t(id) : series;
}

export const sourceName = (source: string): string => codeText('source', source, 'platform');
export const regionName = (region: string): string => codeText('region', region, 'global');

// Of a failure without permission, what is denied has words of its own.
const failureKey = (kind: string, denied: string | null): string =>
  denied === null ? kind : `${kind}-${denied}`;

export const failureName = (kind: string, denied: string | null = null): string =>
  codeText('failure', failureKey(kind, denied), 'unknown');
export const failureAdvice = (kind: string, denied: string | null = null): string =>
  codeText('failure', failureKey(kind, denied), 'unknown', 'advice');
