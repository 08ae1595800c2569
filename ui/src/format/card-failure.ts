// What the failure of a card says, and what helps: the same on the card and where equal failures are one card.
import type { AccountCard } from '../api/types';
import { i18n } from '../state/i18n.svelte';
import { failureAdvice, failureName } from './names';

export interface CardFailure {
  name: string;
  advice: string;
  /** Whether another key helps. */
  keyAtFault: boolean;
  /** Whether the key is in a keyring that does not give it out: unlocking helps all accounts at once. */
  keyringShut: boolean;
}

const SHUT = ['locked', 'denied', 'gone'];

/** `null` for a card without a failure. */
export function cardFailure({ failure, state }: AccountCard): CardFailure | null {
  if (failure === null) return null;
  // The reason why a key could not be read is more useful than the kind of the failure.
  const reason =
    typeof failure.reason === 'string' && i18n.has(`error-${failure.reason}`)
      ? `error-${failure.reason}`
      : null;
  const unavailable = state === 'key-unavailable';
  return {
    name: reason === null ? failureName(failure) : i18n.text(reason),
    advice: reason === null ? failureAdvice(failure) : i18n.text(`${reason}.advice`),
    // Another key helps neither a suspended account nor a membership that is over.
    keyAtFault:
      unavailable ||
      (state === 'refused' && failure.kind !== 'membership-lapsed' && failure.denied !== 'account'),
    keyringShut: unavailable && SHUT.includes(failure.keyring ?? ''),
  };
}
