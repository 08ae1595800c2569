// What failed requests mean, and what to do about them.
import type { ApiFailure } from '../api/backend';
import { i18n, t } from '../state/i18n.svelte';

/** What a failed request means and what to do, in the language of the window. */
export function explain(failure: ApiFailure): { title: string; advice: string; known: boolean } {
  // A failed test of a key has this status, and the kind of failure as its code.
  const groups = failure.status === 422 ? ['failure', 'error'] : ['error', 'failure'];
  for (const group of groups) {
    const id = `${group}-${failure.code}`;
    if (i18n.has(id)) {
      return { title: i18n.text(id), advice: i18n.text(`${id}.advice`), known: true };
    }
  }
  const advice =
    failure.said === null
      ? t('error-code', { code: failure.code })
      : t('raw-text', { text: failure.said });
  return { title: t('error-other'), advice, known: false };
}

/** The same as one or two sentences. */
export function describeFailure(failure: ApiFailure): string {
  const { title, advice } = explain(failure);
  return t('sentence-two', { first: title, second: advice });
}
