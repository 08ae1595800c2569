// Numbers as people read them. Percentages and money are formatted apart; unknown is a dash, never 0.
import type { Money } from '../api/types';
import { i18n, t } from '../state/i18n.svelte';

const formats = new Map<string, Intl.NumberFormat>();

function format(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${i18n.tag} ${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (found === undefined) {
    found = new Intl.NumberFormat(i18n.tag, options);
    formats.set(key, found);
  }
  return found;
}

/** `43.7%`: at most one decimal, none from 100 on. More than 0 is never shown as 0%, less than 100 never as 100%. */
export function percent(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return t('unknown-mark');
  let shown = Math.round(value * 10) / 10;
  if (value > 0 && shown === 0) shown = 0.1;
  if (value < 100 && shown >= 100) shown = 99.9;
  // From the value itself: rounded twice, 141.47 would become 142.
  if (Math.abs(shown) >= 100) shown = Math.round(value);
  return format({ style: 'percent', maximumFractionDigits: 1 }).format(shown / 100);
}

/** A change: `+12%`, `−3%`; from 1000 % on `×11`. */
export function signedPercent(value: number): string {
  if (value >= 1000) return `×${format({ maximumFractionDigits: 0 }).format(value / 100 + 1)}`;
  return format({
    style: 'percent',
    maximumFractionDigits: 0,
    signDisplay: 'exceptZero',
  }).format(value / 100);
}

/** The number of a percentage without its sign. */
export const plainNumber = (value: number): string =>
  format({ maximumFractionDigits: 1 }).format(value);

/** At most one decimal, two below 1. More than none is never shown as none. */
export function shortNumber(value: number): string {
  const digits = Math.abs(value) < 1 ? 2 : 1;
  const shown = value > 0 && value < 0.005 ? 0.01 : value;
  return format({ maximumFractionDigits: digits }).format(shown);
}

export const count = (value: number): string => format({ maximumFractionDigits: 0 }).format(value);

/** `2M`, `500K`, in Chinese `200万`. */
export function compact(value: number): string {
  // British Intl writes millions with an m, which reads as thousandths.
  const tag = i18n.language === 'en' ? 'en-US' : i18n.tag;
  // Chinese shortens from 万 on, and what is not shortened is written as everywhere else.
  if (i18n.language === 'zh-CN' && Math.abs(value) < 10_000) {
    return format({ maximumFractionDigits: 1 }).format(value);
  }
  return new Intl.NumberFormat(tag, { notation: 'compact', maximumFractionDigits: 1 }).format(
    value,
  );
}

function currencyFormat(currency: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  try {
    return format({
      style: 'currency',
      currency,
      currencyDisplay: 'narrowSymbol',
      ...options,
    });
  } catch {
    return format({ minimumFractionDigits: 2, ...options });
  }
}

/** Whether Intl formats the unit as a currency. */
function isCurrencyCode(currency: string): boolean {
  return /^[A-Za-z]{3}$/.test(currency);
}

/** `¥49.59`, with two decimals; an amount that rounds to zero is `<¥0.01`. */
export function money(value: Money | null): string {
  if (value === null) return t('unknown-mark');
  return amount(Number(value.amount), value.currency);
}

export function amount(value: number, currency: string): string {
  if (!Number.isFinite(value)) return t('unknown-mark');
  if (!isCurrencyCode(currency)) {
    return `${format({ minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value)} ${currency}`;
  }
  const two = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  if (value !== 0 && Math.abs(value) < 0.005) {
    return `${value < 0 ? '>-' : '<'}${currencyFormat(currency, two).format(0.01)}`;
  }
  return currencyFormat(currency, two).format(value);
}

/** Beside an axis, as short as possible: `50%`, `$0.25`, `¥1.2K`; a plain number for other units. */
export function axisValue(value: number, unit: string): string {
  const digits = { maximumFractionDigits: value < 1 ? 2 : 1 };
  if (isCurrencyCode(unit)) {
    return currencyFormat(unit, {
      ...(value >= 10_000 ? { notation: 'compact' } : {}),
      minimumFractionDigits: 0,
      ...digits,
    }).format(value);
  }
  const text = value >= 10_000 ? compact(value) : format(digits).format(value);
  return unit === 'percent' ? `${text}%` : text;
}

/** All decimals that the service gave, for tooltips: `49.58894 USD`. */
export function exactMoney(value: Money | null): string {
  return value === null ? t('unknown') : `${value.amount} ${value.currency}`;
}

/** A quantity in a series' unit: `percent` or a currency code. */
export function quantity(value: number | null, unit: string): string {
  if (value === null) return t('unknown-mark');
  return unit === 'percent' ? percent(value) : amount(value, unit);
}
