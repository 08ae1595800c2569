// Accounts that fail for the same reason, folded into one card, or one event, where there are many of them.
import type { AccountCard, FailureRow } from '../api/types';
import { failureAdvice, failureName } from './names';

/** From so many accounts on, cards are compact by default, and equal failures are folded. */
export const MANY = 12;
/** So few equal failures are shown one by one. */
const FEW = 2;

export interface Folded {
  /** An account's number, or below zero for a group: unique among both. */
  id: number;
  /** One account, or several with the same failure. */
  cards: AccountCard[];
}

/** What is the same about failures that need the same of the user; `null` where a card is not in such a state. */
function sameness(card: AccountCard): string | null {
  const { failure, state } = card;
  if (failure === null || !['refused', 'key-unavailable'].includes(state)) return null;
  return [state, failure.kind, failure.denied, failure.reason, failure.keyring].join('/');
}

/** The cards in their order; those with a failure that more than two others have too are one, where the first of them was. */
export function foldEqual(cards: readonly AccountCard[]): Folded[] {
  const groups = new Map<string, AccountCard[]>();
  for (const card of cards) {
    const same = sameness(card);
    if (same !== null) groups.set(same, [...(groups.get(same) ?? []), card]);
  }
  const folded: Folded[] = [];
  const done = new Set<string>();
  for (const card of cards) {
    const same = sameness(card);
    const group = same === null ? [] : (groups.get(same) ?? []);
    if (same === null || group.length <= FEW) folded.push({ id: card.id, cards: [card] });
    else if (!done.has(same)) {
      done.add(same);
      folded.push({ id: -card.id, cards: group });
    }
  }
  return folded;
}

/** Failures that say the same and call for the same: they all last, or are all over. */
const sameFailure = (row: FailureRow): string =>
  JSON.stringify([row.over, failureName(row), failureAdvice(row)]);

/** The failures in their order; those that more than two accounts have too are together, where the first of them was. */
export function foldFailures(rows: readonly FailureRow[]): [FailureRow, ...FailureRow[]][] {
  const groups = new Map<string, FailureRow[]>();
  for (const row of rows) {
    const same = sameFailure(row);
    groups.set(same, [...(groups.get(same) ?? []), row]);
  }
  const accounts = (group: readonly FailureRow[]): number =>
    new Set(group.map((row) => row.account_id)).size;
  return rows.flatMap((row): [FailureRow, ...FailureRow[]][] => {
    const group = groups.get(sameFailure(row)) ?? [];
    if (accounts(group) <= FEW) return [[row]];
    return group[0] === row ? [[row, ...group.slice(1)]] : [];
  });
}
