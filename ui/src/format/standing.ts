// How an account stands, in one or two words: the same in its card's pill, in the list of accounts, and in events.
import type { AccountCard, CardState } from '../api/types';
import { codeText, t } from '../state/i18n.svelte';
import { failureName } from './names';
import { needOf } from './need';

export interface Standing {
  /** The state whose icon and tone it has. */
  state: CardState;
  text: string;
  /** What it means, in a sentence. */
  about: string;
}

/** Needs that a state of the connection does not show: it may be fine while requests are refused for want of money. */
const STOPPED = ['debt', 'no-balance'];

export const isStopped = (card: AccountCard, now: number): boolean =>
  STOPPED.includes(needOf(card, now).kind);

export function standing(card: AccountCard, now: number): Standing {
  const { kind } = needOf(card, now);
  if (STOPPED.includes(kind)) {
    return { state: 'refused', text: t(`state-${kind}`), about: t(`state-${kind}.about`) };
  }
  return {
    state: card.state,
    // The failure's own name says more than that there is one.
    text:
      card.state === 'refused' && card.failure !== null
        ? failureName(card.failure)
        : codeText('state', card.state, 'stale'),
    about: codeText('state', card.state, 'stale', 'about'),
  };
}
