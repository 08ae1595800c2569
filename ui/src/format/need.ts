// What an account needs of its user, and the order that follows.
import type { AccountCard, MeterView, Money } from '../api/types';
import { isCurrent, meterTone, runsOut } from './pace';

/** What is the matter with an account, the gravest first. */
export type Need =
  | { kind: 'debt'; owed: Money }
  | { kind: 'no-balance' }
  | { kind: 'refused' }
  | { kind: 'key' }
  | { kind: 'used-up'; meter: MeterView }
  | { kind: 'runs-out'; meter: MeterView }
  | { kind: 'near'; meter: MeterView }
  | { kind: 'anomaly' }
  | { kind: 'unknown' }
  | { kind: 'calm' };

const ORDER: Need['kind'][] = [
  'debt',
  'no-balance',
  'refused',
  'key',
  'used-up',
  'runs-out',
  'near',
  'anomaly',
  'unknown',
  'calm',
];

const positive = (money: Money | null): boolean => money !== null && Number(money.amount) > 0;

/** The quotas whose figures are of now. Kimi Code's share is a part of the month's, and no quota of its own. */
export const currentMeters = (card: AccountCard, now: number): MeterView[] =>
  card.meters.filter((meter) => meter.meter !== 'month-code' && isCurrent(meter, now));

/** Whether a prepaid account has money for calls: `null` where nothing is known of it. */
export function canPay(card: AccountCard): boolean | null {
  const available = card.balance?.available ?? null;
  return available === null ? null : positive(available);
}

/** The gravest need of an account. */
export function needOf(card: AccountCard, now: number): Need {
  const debt = card.balance?.debt ?? null;
  if (card.state === 'refused') return { kind: 'refused' };
  if (card.state === 'key-unavailable') return { kind: 'key' };
  if (debt !== null && positive(debt) && canPay(card) !== true) return { kind: 'debt', owed: debt };
  if (canPay(card) === false) return { kind: 'no-balance' };
  const meters = currentMeters(card, now);
  const full = meters.filter((meter) => meter.used_percent >= 100);
  // Where several quotas are used up, work goes on when the last of them is reset.
  const [last] = full.sort((a, b) => ends(b) - ends(a));
  if (last !== undefined) return { kind: 'used-up', meter: last };
  const [scarce] = meters
    .filter((meter) => runsOut(meter.forecast))
    .sort((a, b) => (a.forecast?.lasts ?? 1) - (b.forecast?.lasts ?? 1));
  if (scarce !== undefined) return { kind: 'runs-out', meter: scarce };
  const [near] = meters
    .filter((meter) => meterTone(meter.used_percent, meter.forecast) !== 'calm')
    .sort((a, b) => b.used_percent - a.used_percent);
  if (near !== undefined) return { kind: 'near', meter: near };
  if (card.anomalies.count > 0) return { kind: 'anomaly' };
  return { kind: isKnown(card) ? 'calm' : 'unknown' };
}

/** Whether its figures are of now, as far as its polls say. */
export const isKnown = ({ state }: AccountCard): boolean =>
  state === 'live' || state === 'polled-through';

const ends = (meter: MeterView): number =>
  meter.resets_at === null ? Infinity : Date.parse(meter.resets_at);

/** How urgent a need is within its kind: the smaller, the more. */
function within(need: Need): number {
  if (need.kind === 'runs-out') return need.meter.forecast?.lasts ?? 1;
  return need.kind === 'near' ? -need.meter.used_percent : 0;
}

/** The accounts by what they need, the gravest first; those that need the same stay in the user's order. */
export function byNeed(cards: readonly AccountCard[], now: number): AccountCard[] {
  const ranked = cards.map((card) => ({ card, need: needOf(card, now) }));
  ranked.sort(
    (a, b) =>
      ORDER.indexOf(a.need.kind) - ORDER.indexOf(b.need.kind) || within(a.need) - within(b.need),
  );
  return ranked.map(({ card }) => card);
}
