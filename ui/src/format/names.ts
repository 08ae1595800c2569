// Names of the engine's words in the language of the window.
import { t, word, words } from '../state/words.svelte';
import type { FindingView } from '../api/types';
import { money, percent } from './number';

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
export const failureName = (kind: string): string => word('failure', kind, 'unknown');
export const failureAdvice = (kind: string): string => word('failure', kind, 'unknown', 'advice');

/** The kind of a finding, with the class or schedule that makes it what it is. */
export function findingTitle(finding: FindingView): string {
  const about = seriesName(finding.series);
  switch (finding.kind) {
    case 'reset':
      return t('finding-title-reset', {
        what: about,
        schedule: word('schedule', finding.schedule ?? 'on-time', 'on-time'),
      });
    case 'anomaly':
      return t('finding-title-anomaly', {
        what: about,
        class: word('anomaly', finding.class ?? 'unexplained', 'unexplained'),
      });
    case 'credit':
      return t('finding-title-credit', {
        class: word('credit', finding.class ?? 'unknown', 'unknown'),
        amount: finding.amount === null ? '' : money(finding.amount),
      });
    case 'expiry':
      return t('finding-title-expiry', {
        amount: finding.amount === null ? '' : money(finding.amount),
      });
    case 'limit-change':
      return t('finding-title-limit-change', { limit: limitName(finding.limit) });
    case 'plan-change':
      return t('finding-title-plan-change');
    default:
      return `${word('finding', finding.kind, 'other')} · ${about}`;
  }
}

/** What moved: `78.5 % → 0 %`, `2048 → 4096`. Empty where nothing of the sort is known. */
export function findingMove(finding: FindingView): string {
  if (finding.used_before !== null && finding.used_after !== null) {
    return t('from-to', {
      before: percent(finding.used_before),
      after: percent(finding.used_after),
    });
  }
  if (finding.before !== null || finding.after !== null) {
    return t('from-to', {
      before: finding.before ?? t('none-before'),
      after: finding.after ?? t('none-before'),
    });
  }
  return '';
}

/** A limit that changed is a meter or a rate limit. */
function limitName(limit: string | null): string {
  if (limit === null) return t('limits');
  const id = `limit-${limit}`;
  return words.has(id) ? t(id) : seriesName(limit);
}
