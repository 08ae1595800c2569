// Times as people read them. The current time is an argument: nothing here reads a clock.
import { i18n, t } from '../state/i18n.svelte';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const formats = new Map<string, Intl.DateTimeFormat>();

/** The zone if Intl knows it, otherwise `undefined`, which Intl takes as the system's. */
function guarded(zone: string): string | undefined {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
    return zone;
  } catch {
    return undefined;
  }
}

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${i18n.tag} ${zone} ${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (found === undefined) {
    const known = guarded(zone);
    found = new Intl.DateTimeFormat(i18n.tag, {
      ...options,
      ...(known === undefined ? {} : { timeZone: known }),
    });
    formats.set(key, found);
  }
  return found;
}

/** A format a zone: making one takes much longer than using it. */
const dayFormats = new Map<string, Intl.DateTimeFormat>();

/** The day in a time zone, as `2026-11-22`. */
export function dayKey(at: string | number, zone: string): string {
  let days = dayFormats.get(zone);
  if (days === undefined) {
    days = new Intl.DateTimeFormat('en-US', {
      timeZone: guarded(zone),
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    } as Intl.DateTimeFormatOptions);
    dayFormats.set(zone, days);
  }
  const parts = new Map(days.formatToParts(new Date(at)).map((part) => [part.type, part.value]));
  return `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`;
}

/** The day some days before or after another. A calendar day has no time zone. */
export function shiftDay(day: string, days: number): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/** The first day of the month some months before or after that of a day. */
export function firstOfMonth(day: string, months: number): string {
  const at = new Date(`${day.slice(0, 7)}-01T00:00:00Z`);
  at.setUTCMonth(at.getUTCMonth() + months);
  return at.toISOString().slice(0, 10);
}

export const clock = (at: string | number, zone: string): string =>
  format(zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(at));

/** The year, where it is not the one of `now`. */
function yearUnless(at: string | number, zone: string, now?: number): Intl.DateTimeFormatOptions {
  const same = now !== undefined && dayKey(at, zone).slice(0, 4) === dayKey(now, zone).slice(0, 4);
  return same ? {} : { year: 'numeric' };
}

/** `22 Nov`, with the year where it is not the one of `now`. */
export const day = (at: string | number, zone: string, now?: number): string =>
  format(zone, { day: 'numeric', month: 'short', ...yearUnless(at, zone, now) }).format(
    new Date(at),
  );

/** `Sunday, 22 November`, `11月22日 星期日`; with the year where it is not the one of `now`. */
export function longDay(at: string | number, zone: string, now?: number): string {
  const date: Intl.DateTimeFormatOptions = {
    day: 'numeric',
    month: 'long',
    ...yearUnless(at, zone, now),
  };
  const write = (options: Intl.DateTimeFormatOptions): string =>
    format(zone, options).format(new Date(at));
  // Intl writes a Chinese date and its weekday without a space.
  return i18n.language === 'zh-CN'
    ? `${write(date)} ${write({ weekday: 'long' })}`
    : write({ weekday: 'long', ...date });
}

/** Consecutive days: `9–13 November`, `11月9日 – 11月13日`. */
export function longDays(
  from: string | number,
  to: string | number,
  zone: string,
  now?: number,
): string {
  // Intl falls back to `2026/11/9` for ranges in Chinese.
  if (i18n.language === 'zh-CN') return `${day(from, zone, now)} – ${day(to, zone, now)}`;
  return format(zone, {
    day: 'numeric',
    month: 'long',
    ...yearUnless(from, zone, now),
  }).formatRange(new Date(from), new Date(to));
}

export const weekday = (at: string | number, zone: string): string =>
  format(zone, { weekday: 'short' }).format(new Date(at));

export const month = (at: string | number, zone: string): string =>
  format(zone, { month: 'long', year: 'numeric' }).format(new Date(at));

/** `Nov 2026`, `2026年11月` */
export const monthOfYear = (at: string | number, zone: string): string =>
  format(zone, { month: 'short', year: 'numeric' }).format(new Date(at));

export const shortMonth = (at: string | number, zone: string): string =>
  format(zone, { month: 'short' }).format(new Date(at));

/** The moment in full, for tooltips and tables. */
export const moment = (at: string | number, zone: string): string =>
  format(zone, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(at));

/** The span of a case: `20:10 – 21:10`; the day of its beginning where that is another one. */
export function spanOfTime(from: string, to: string, zone: string, now?: number): string {
  if (clock(from, zone) === clock(to, zone) && dayKey(from, zone) === dayKey(to, zone)) {
    return clock(to, zone);
  }
  const begin =
    dayKey(from, zone) === dayKey(to, zone)
      ? clock(from, zone)
      : t('day-at', { day: day(from, zone, now), time: clock(from, zone) });
  return t('between', { from: begin, to: clock(to, zone) });
}

/** A moment near now: `14:05` today, `Tue 14:05` within a week, `17 Dec, 08:00` beyond. */
export function nearMoment(at: string | number, zone: string, now: number): string {
  const then = typeof at === 'number' ? at : Date.parse(at);
  const time = clock(then, zone);
  const days = daysApart(dayKey(now, zone), dayKey(then, zone));
  if (days === 0) return time;
  if (days === 1) return t('tomorrow-at', { time });
  if (days === -1) return t('yesterday-at', { time });
  if (Math.abs(days) < 7) return t('weekday-at', { day: weekday(then, zone), time });
  return t('day-at', { day: day(then, zone, now), time });
}

function daysApart(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY);
}

/** A length of time in at most two units: `3 d 4 h`, `2 h 14 min`, `9 min 5 s`, `41 s`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const d = Math.floor(seconds / 86_400);
  const h = Math.floor(seconds / 3600) % 24;
  const min = Math.floor(seconds / 60) % 60;
  const s = seconds % 60;
  const parts: string[] = [];
  if (d > 0) {
    parts.push(t('days-short', { count: d }));
    if (h > 0 && d < 14) parts.push(t('hours-short', { count: h }));
  } else if (h > 0) {
    parts.push(t('hours-short', { count: h }));
    if (min > 0) parts.push(t('minutes-short', { count: min }));
  } else if (min > 0) {
    parts.push(t('minutes-short', { count: min }));
    if (min < 10 && s > 0) parts.push(t('seconds-short', { count: s }));
  } else {
    parts.push(t('seconds-short', { count: s }));
  }
  return parts.join(' ');
}

/** A length of time in its largest unit only, which is enough for an age. */
export function roughSpan(ms: number): string {
  if (ms < MINUTE) return t('seconds-short', { count: Math.max(0, Math.floor(ms / 1000)) });
  if (ms < HOUR) return t('minutes-short', { count: Math.floor(ms / MINUTE) });
  if (ms < 2 * DAY) return t('hours-short', { count: Math.floor(ms / HOUR) });
  return t('days-short', { count: Math.floor(ms / DAY) });
}

/** How old a value is: `just now`, `4 min ago`. A value from the future counts as just now. */
export function age(at: string, now: number): string {
  const ms = now - Date.parse(at);
  return ms < 45_000 ? t('just-now') : t('ago', { time: roughSpan(ms) });
}

/** Until a reset: `resets in 2 h 14 min`, or that it is due. */
export function countdown(at: string, now: number): string {
  const ms = Date.parse(at) - now;
  return ms <= 0 ? t('reset-due') : t('resets-in', { time: span(ms) });
}

/** Until the next update, where seconds do not matter: `in 4 min`, `in a moment`. */
export function soon(at: string, now: number): string {
  const ms = Date.parse(at) - now;
  return ms < 5000 ? t('now') : t('in-time', { time: roughSpan(ms < MINUTE ? ms : ms + 30_000) });
}

/** Until something else: `in 4 min`, `in a moment`. */
export function until(at: string, now: number): string {
  const ms = Date.parse(at) - now;
  return ms <= 0 ? t('now') : t('in-time', { time: span(ms) });
}

/** A moment to the minute, in UTC: `2026-11-22T05:17Z`. */
export const toMinute = (at: number): string => `${new Date(at).toISOString().slice(0, 16)}Z`;

const midnights = new Map<string, number>();

/** The first moment of a day such as `2026-11-22` in a time zone. */
export function zoneMidnight(key: string, zone: string): number {
  const name = `${key} ${zone}`;
  let at = midnights.get(name);
  if (at === undefined) {
    const wanted = Date.parse(`${key}T00:00:00Z`);
    // The clock in the zone, read as if it were UTC, is off by the zone's offset. Twice, where the offset changes.
    at = wanted;
    for (let pass = 0; pass < 2; pass += 1) at = wanted - zoneOffset(at, zone);
    if (midnights.size > 20_000) midnights.clear();
    midnights.set(name, at);
  }
  return at;
}

const wallClocks = new Map<string, Intl.DateTimeFormat>();

/** How far the clock in a zone is ahead of UTC at a moment, in milliseconds. */
function zoneOffset(at: number, zone: string): number {
  let wall = wallClocks.get(zone);
  if (wall === undefined) {
    wall = new Intl.DateTimeFormat('en-US', {
      timeZone: guarded(zone),
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      hourCycle: 'h23',
    } as Intl.DateTimeFormatOptions);
    wallClocks.set(zone, wall);
  }
  const part = new Map(wall.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const read = (type: string): number => part.get(type as Intl.DateTimeFormatPartTypes) ?? 0;
  const shown = Date.UTC(
    read('year'),
    read('month') - 1,
    read('day'),
    read('hour'),
    read('minute'),
    read('second'),
  );
  return shown - Math.floor(at / 1000) * 1000;
}

/** The weekday from Monday, and the hour, on a zone's clock. */
export function hourOfWeek(at: string | number, zone: string): { weekday: number; hour: number } {
  const moment = new Date(at).getTime();
  const local = new Date(moment + zoneOffset(moment, zone));
  return { weekday: (local.getUTCDay() + 6) % 7, hour: local.getUTCHours() };
}
