// Names of the engine's codes in the language of the window.
import type { MessageView } from '../api/types';
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
/** A program, by its log format. Another machine may know programs that this window does not. */
export const programName = (format: string): string =>
  i18n.has(`format-${format}`) ? i18n.text(`format-${format}`) : format;
export const regionName = (region: string): string => codeText('region', region, 'global');

/** What is known of a failure: its kind, what is denied, and what Tidemark says about it. */
export interface Failed {
  kind: string;
  denied?: string | null;
  cause?: MessageView | null;
}

/** The message that names a failure. A cause has one of its own where it says more than the kind. */
function failureId({ kind, denied, cause }: Failed): string {
  const ids = [`${kind}-${denied ?? ''}`, kind, 'unknown'].map((one) => `failure-${one}`);
  if (cause) ids.unshift(`failure-${cause.id}`, `error-${cause.id}`);
  return ids.find((id) => i18n.has(id)) ?? '';
}

export const failureName = (failed: Failed): string => i18n.text(failureId(failed));
export const failureAdvice = (failed: Failed): string => i18n.text(`${failureId(failed)}.advice`);

/** Whether there is more to say about a failure than its name: what its cause adds, or the service's own words. */
export const hasDetails = (cause: MessageView | null, said: string | null): boolean =>
  cause === null
    ? !!said
    : Object.keys(cause.args).length > 0 || failureId({ kind: '', cause }) === 'failure-unknown';
