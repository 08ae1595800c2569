// The limits of the guard: from where on coding agents are warned, and stopped.
import type { GuardLimit, GuardRule } from '../api/types';
import { t } from '../state/i18n.svelte';

/** The quotas for which limits can be set. */
export const GUARDED = ['5h', 'week', 'month', 'month-code'] as const;

/** The most limits; the engine's own. */
export const MAX_GUARD_RULES = 200;

export const limitText = (limit: GuardLimit | null): string =>
  limit === null
    ? t('guard-wider')
    : limit === 'never'
      ? t('never')
      : t('guard-at', { percent: limit.at });

/** A limit as it was typed: empty leaves it to a wider rule, 0 is never; `undefined` where it is not valid. */
export function limitOf(text: string): GuardLimit | null | undefined {
  const plain = text.trim().replace(/\s*%$/u, '');
  if (plain === '') return null;
  const percent = Number(plain);
  if (!/^\d+$/.test(plain) || percent > 100) return undefined;
  return percent === 0 ? 'never' : { at: percent };
}

/** A limit as it is typed. */
export const typedLimit = (limit: GuardLimit | null): string =>
  limit === null ? '' : limit === 'never' ? '0' : String(limit.at);

const isSame = (a: GuardRule, b: GuardRule): boolean =>
  a.account_id === b.account_id && a.meter === b.meter;

/** The rules with one set in the place of that for the same account and quota; one that sets nothing is taken out. */
export function withRule(rules: readonly GuardRule[], rule: GuardRule): GuardRule[] {
  const isEmpty = rule.warn === null && rule.stop === null;
  const others = rules.filter((one) => !isSame(one, rule));
  if (isEmpty) return others;
  const at = rules.findIndex((one) => isSame(one, rule));
  return at < 0 ? [...rules, rule] : rules.map((one) => (isSame(one, rule) ? rule : one));
}
