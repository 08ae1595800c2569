// The choices and the input that Settings accepts. They have the engine's own limits.
import { SETTINGS_LIMITS } from '../api/types';
import { t } from '../state/i18n.svelte';

/** Settings that are on or off. */
export type Flag =
  | 'status_page'
  | 'start_at_login'
  | 'check_updates'
  | 'notifications'
  | 'notify_resets'
  | 'notify_early_resets'
  | 'notify_refusals'
  | 'notify_anomalies'
  | 'notify_extra_usage';

/** The currencies of balances and worth. */
export const CURRENCIES = ['CNY', 'USD'];

const POLLS = [60, 120, 300, 600, 900, 1800, 3600];
const LIKELY_PERCENTS = [50, 60, 70, 80, 90, 95];
const KEPT_DAYS = [30, 90, 180, 365, 730];

/** The choices for the seconds between two polls. */
export const pollChoices = (): number[] =>
  POLLS.filter(
    (one) => one >= SETTINGS_LIMITS.min_poll_seconds && one <= SETTINGS_LIMITS.max_poll_seconds,
  );

/** The same for accounts in use: never longer than the usual interval. */
export const busyChoices = (pollSeconds: number): number[] =>
  [60, 120, 300].filter((one) => one >= SETTINGS_LIMITS.min_poll_seconds && one <= pollSeconds);

/** The choices for the probability from which on is notified of a forecast, in percent. */
export const likelyChoices = (): number[] =>
  LIKELY_PERCENTS.filter(
    (one) => one >= SETTINGS_LIMITS.min_likely_percent && one <= SETTINGS_LIMITS.max_likely_percent,
  );

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

/** The text of the engine's rule for a setting that can be typed; `null` for the others. */
export function settingsRule(name: string): string | null {
  const limits = SETTINGS_LIMITS;
  switch (name) {
    case 'log_homes':
      return t('log-homes.wrong', { most: limits.max_log_homes });
    case 'hidden_projects':
      return t('hidden-projects.wrong', {
        most: limits.max_hidden_projects,
        length: limits.max_hidden_project_len,
      });
    case 'meter_thresholds':
      return t('thresholds-wrong', {
        low: limits.min_meter_threshold,
        high: limits.max_meter_threshold,
        most: limits.max_meter_thresholds,
      });
    case 'balance_thresholds':
      return t('amount-wrong');
    default:
      return null;
  }
}

/** Whether a text is a path from the root, on Unix or on Windows. */
export const isAbsolutePath = (path: string): boolean => /^(\/|[A-Za-z]:[\\/]|\\\\)/.test(path);

/** What is wrong with additional folders; `null` where nothing is. */
export const foldersProblem = (folders: readonly string[]): string | null =>
  new Set(folders).size <= SETTINGS_LIMITS.max_log_homes && folders.every(isAbsolutePath)
    ? null
    : settingsRule('log_homes');

/** What is wrong with the words for hidden projects; `null` where nothing is. */
export const projectsProblem = (words: readonly string[]): string | null =>
  new Set(words).size <= SETTINGS_LIMITS.max_hidden_projects &&
  words.every((word) => [...word].length <= SETTINGS_LIMITS.max_hidden_project_len)
    ? null
    : settingsRule('hidden_projects');

/** Whether the texts of a setting have every word that is sought. */
export function settingMatches(sought: string, texts: readonly string[]): boolean {
  const all = texts.join(' ').toLowerCase();
  return sought
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}
