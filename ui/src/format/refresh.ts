// What a refresh does, as a sentence.
import type { AccountCard, Refreshed } from '../api/types';
import { sentences, t } from '../state/i18n.svelte';

/** What a refresh does: the accounts that it polls, and those that it skips. */
export function describeRefresh(refreshed: Refreshed, cards: AccountCard[]): string {
  const parts: string[] = [];
  if (refreshed.polling.length > 0)
    parts.push(t('refresh-polling', { count: refreshed.polling.length }));
  for (const why of ['just-now', 'retry-after', 'polled-through']) {
    const skipped = refreshed.left_alone.filter((one) => one.why === why);
    if (skipped.length === 0) continue;
    const only =
      skipped.length === 1 ? cards.find((card) => card.id === skipped[0]?.account_id) : undefined;
    parts.push(t(`refresh-left-${why}`, { count: skipped.length, name: only?.name ?? '' }));
  }
  return sentences(parts) || t('refresh-nothing');
}
