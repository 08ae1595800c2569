// The choices and the input that Settings accepts. They have the engine's own limits.
import { SETTINGS_LIMITS } from '../api/types';

/** Settings that are on or off. */
export type Flag =
  | 'status_page'
  | 'start_at_login'
  | 'check_updates'
  | 'notifications'
  | 'notify_resets'
  | 'notify_early_resets'
  | 'notify_refusals'
  | 'notify_anomalies';

/** The currencies of balances and worth. */
export const CURRENCIES = ['CNY', 'USD'];

const POLLS = [60, 120, 300, 600, 900, 1800, 3600];
const KEPT_DAYS = [30, 90, 180, 365, 730];

/** The choices for the seconds between two polls. */
export const pollChoices = (): number[] =>
  POLLS.filter(
    (one) => one >= SETTINGS_LIMITS.min_poll_seconds && one <= SETTINGS_LIMITS.max_poll_seconds,
  );

/** The same for accounts in use: never longer than the usual interval. */
export const busyChoices = (pollSeconds: number): number[] =>
  [60, 120, 300].filter((one) => one >= SETTINGS_LIMITS.min_poll_seconds && one <= pollSeconds);

/** The choices for how many days raw readings are kept. */
export const keptDaysChoices = (): number[] =>
  KEPT_DAYS.filter((one) => one >= SETTINGS_LIMITS.min_keep_raw_days);

/** Thresholds that were typed as a list (`75, 90, 100`), in order and once each; `null` where they are not valid. */
export function thresholdsOf(text: string): number[] | null {
  const parts = text.split(/[\s,;，、%]+/u).filter((part) => part !== '');
  const numbers = [...new Set(parts.map(Number))].sort((a, b) => a - b);
  const { min_meter_threshold: low, max_meter_threshold: high } = SETTINGS_LIMITS;
  const valid = numbers.every((one) => Number.isInteger(one) && one >= low && one <= high);
  return valid && numbers.length <= SETTINGS_LIMITS.max_meter_thresholds ? numbers : null;
}

/** An amount above zero that was typed, with a decimal point; `null` where it is not valid. */
export function amountOf(text: string): string | null {
  const amount = text.trim().replace(',', '.');
  return /^\d{1,9}(\.\d{1,8})?$/.test(amount) && Number(amount) > 0 ? amount : null;
}
