// @ts-check
// The days of the made-up history: one value a day, series and account, whatever span is asked for. Hours are parts of
// their day and months the sum of theirs, so that all pages show the same figures.
/** @typedef {import('../src/api/types').PointView} PointView */

export const NOW = Date.parse('2026-11-22T06:20:00Z');
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** The zone of the fixture is eight hours ahead all year. */
export const ZONE = 8 * HOUR;
/** The first reading. */
export const SINCE = '2026-06-03';

/** The day of an instant, as `2026-11-22`. @param {number} at */
export const dayOf = (at) => new Date(at + ZONE).toISOString().slice(0, 10);
/** The first instant of a day. @param {string} key */
export const startOf = (key) => Date.parse(`${key}T00:00:00Z`) - ZONE;
export const TODAY = dayOf(NOW);

/** A number from 0 to 1 that belongs to its names, in whatever order numbers are asked for. @param {...(string | number)} names */
export function drawn(...names) {
  let hash = 2166136261;
  for (const letter of names.join('/')) {
    hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16777619);
  }
  // The last names must change all of it.
  hash = Math.imul(hash ^ (hash >>> 15), 2246822507);
  hash = Math.imul(hash ^ (hash >>> 13), 3266489909);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** @param {number} value */
export const cents = (value) => Math.round(value * 100) / 100;

/** How much of a day's work is done by an hour of it, 0 to 1. @param {number} hour */
function doneBy(hour) {
  const weight = (/** @type {number} */ at) =>
    at >= 8 && at <= 23 ? Math.exp(-(((at - 15) / 5) ** 2)) : 0.01;
  let sum = 0;
  let all = 0;
  for (let at = 0; at < 24; at += 1) {
    all += weight(at);
    if (at < hour) sum += weight(at);
  }
  return sum / all;
}

/** The hours of a day that have passed, 0 to 24. @param {string} key */
const hoursOf = (key) =>
  key < TODAY ? 24 : key > TODAY ? 0 : Math.ceil((NOW - startOf(key)) / HOUR);

/**
 * The part of a day's value that an hour has; the parts of a day are the whole.
 * @param {string} key @param {number} hour from 0 @param {number} value @param {number} [digits]
 */
export function hourPart(key, hour, value, digits = 1) {
  const all = doneBy(hoursOf(key)) || 1;
  const until = (/** @type {number} */ at) =>
    Math.round(value * digits * Math.min(1, doneBy(at) / all) * 1) / digits;
  return hour >= hoursOf(key) ? 0 : Math.round((until(hour + 1) - until(hour)) * digits) / digits;
}

/** The days of a bucket, and of a bucket of an hour which one. @param {import('../src/api/types').BucketView} bucket */
export function daysIn({ start, end }) {
  const [from, to] = [Date.parse(start), Date.parse(end)];
  const keys = [];
  for (let at = from; at < to; at += DAY) keys.push(dayOf(at));
  const hour = to - from === HOUR ? Math.round((from - startOf(dayOf(from))) / HOUR) : null;
  return { keys, hour };
}

/**
 * A value of each day, summed over the days of each bucket.
 * @param {import('../src/api/types').BucketView[]} buckets @param {(key: string) => number} value
 */
export const summed = (buckets, value) =>
  buckets.map((bucket) => {
    const { keys, hour } = daysIn(bucket);
    if (hour !== null) return hourPart(keys[0] ?? TODAY, hour, value(keys[0] ?? TODAY));
    return keys.reduce((sum, key) => sum + value(key), 0);
  });

/** Days without polls, and the day after them, on which what was missed is seen at once. @param {string} key */
function pollsOf(key) {
  const place = Math.round((startOf(TODAY) - startOf(key)) / DAY) % 29;
  return place === 8 || place === 9 ? 'none' : place === 7 ? 'late' : 'all';
}

/**
 * What is known of a series besides its days.
 * @typedef {object} Known
 * @property {number} id
 * @property {string} series
 * @property {number} now the share used, or the money left
 * @property {number | null} resets_at when the cycle ends
 * @property {number | null} today what was taken today, where that is known from elsewhere
 * @property {number | null} month what was taken this month, where that is known from elsewhere
 * @property {{ key: string, taken: number, beyond: number }[]} accused deductions that are anomalies
 * @property {{ key: string, given: number }[]} given what was restored or came in, without resets
 */

/** @returns {PointView} */
const unknown = () => ({
  deducted: null,
  returned: null,
  credited: null,
  expired: null,
  uncertain: 0,
  coverage: 0,
  last: null,
  high: null,
  resets: 0,
  explained: null,
});

/** @param {string} series */
const lengthOf = (series) => (series === 'week' ? 7 : series.startsWith('month') ? 31 : 0);

/**
 * The days of a series from the first reading to today, as they must be for what is known of it now.
 * @param {Known} known @returns {Map<string, PointView>}
 */
export function daysOf(known) {
  const { id, series, accused, given } = known;
  const money = series.includes(':');
  const length = lengthOf(series);
  /** @type {string[]} */
  const keys = [];
  for (let at = startOf(SINCE); at <= NOW; at += DAY) keys.push(dayOf(at));
  const ordinary = new Map(
    keys.map((key) => {
      const quiet = key !== TODAY && drawn('quiet', id, series, key) < 0.12;
      return [key, quiet ? 0 : 0.3 + drawn('day', id, series, key)];
    }),
  );
  /** Makes the ordinary days of a span add up to a sum. @param {string[]} span @param {number} sum */
  const fit = (span, sum) => {
    const all = span.reduce((total, key) => total + (ordinary.get(key) ?? 0), 0);
    for (const key of span) {
      ordinary.set(key, all > 0 ? cents(((ordinary.get(key) ?? 0) * Math.max(0, sum)) / all) : 0);
    }
    // What rounding left belongs to the day that had most.
    const [most] = [...span].sort((a, b) => (ordinary.get(b) ?? 0) - (ordinary.get(a) ?? 0));
    const left = sum - span.reduce((total, key) => total + (ordinary.get(key) ?? 0), 0);
    if (most !== undefined && all > 0) ordinary.set(most, cents((ordinary.get(most) ?? 0) + left));
  };
  const within = (/** @type {{ key: string }[]} */ list, /** @type {string[]} */ span) =>
    list.filter(({ key }) => span.includes(key));
  const sumOf = (/** @type {number[]} */ list) => list.reduce((sum, one) => sum + one, 0);
  /** Which cycle a day is in, counted back from the one that runs. @param {string} key */
  const cycleOf = (key) => {
    const begins = startOf(dayOf((known.resets_at ?? NOW + 3 * DAY) - length * DAY));
    return startOf(key) >= begins ? 0 : Math.ceil((begins - startOf(key)) / (length * DAY));
  };
  if (length > 0) {
    /** @type {Map<number, string[]>} */
    const cycles = new Map();
    for (const key of keys) cycles.set(cycleOf(key), [...(cycles.get(cycleOf(key)) ?? []), key]);
    for (const [cycle, span] of cycles) {
      const full = (series === 'week' ? 45 : 18) + 40 * drawn('cycle', id, series, cycle);
      const peak = cycle === 0 ? known.now : full;
      const odd = sumOf(within(accused, span).map((one) => /** @type {any} */ (one).taken));
      const back = sumOf(within(given, span).map((one) => /** @type {any} */ (one).given));
      fit(span, peak - odd + back);
    }
  } else {
    const scale = money ? 2.4 : 90;
    for (const key of keys) ordinary.set(key, cents((ordinary.get(key) ?? 0) * scale));
    const month = keys.filter((key) => key.slice(0, 7) === TODAY.slice(0, 7));
    if (known.today !== null) ordinary.set(TODAY, known.today);
    if (known.month !== null) {
      const odd = sumOf(within(accused, month).map((one) => /** @type {any} */ (one).taken));
      fit(
        month.filter((key) => known.today === null || key !== TODAY),
        known.month - odd - (known.today ?? 0),
      );
    }
  }
  /** @type {Map<string, PointView>} */
  const days = new Map();
  let held = 0;
  for (const key of keys) {
    const own = accused.filter((one) => one.key === key);
    const polls = pollsOf(key);
    const whole = cents((ordinary.get(key) ?? 0) + sumOf(own.map(({ taken }) => taken)) + held);
    if (polls === 'none') {
      // It is seen with the next poll.
      held = whole;
      days.set(key, unknown());
      continue;
    }
    const back = sumOf(given.filter((one) => one.key === key).map((one) => one.given));
    const first =
      length > 0 && days.size > 0 && cycleOf(key) !== cycleOf(dayOf(startOf(key) - DAY));
    const not = cents(sumOf(own.map(({ beyond }) => beyond)));
    const cannot = own.length > 0 ? 0 : cents(whole * (drawn('logs', id, key) < 0.2 ? 0.3 : 0));
    days.set(key, {
      deducted: whole,
      returned: money ? 0 : back,
      credited: money ? back : null,
      expired: money ? 0 : null,
      uncertain: polls === 'late' ? cents(whole * 0.6) : 0,
      coverage: polls === 'late' ? 0.55 : 0.995,
      last: null,
      high: null,
      resets: money ? 0 : length === 0 ? (whole > 0 ? 3 : 0) : Number(first),
      explained:
        whole === 0
          ? null
          : {
              fully: cents(whole - not - cannot),
              partly: 0,
              not,
              elsewhere: 0,
              cannot_tell: cannot,
            },
    });
    held = 0;
  }
  // The level at the end of each day: of money back from what is left now, of a quota up from its cycle's start.
  let level = known.now;
  if (money) {
    for (const key of [...keys].reverse()) {
      const day = days.get(key);
      if (day === undefined || day.deducted === null) continue;
      day.last = cents(level);
      level = level + day.deducted - (day.credited ?? 0);
      day.high = cents(Math.max(level, day.last));
    }
    return days;
  }
  level = 0;
  for (const key of keys) {
    const day = days.get(key);
    if (day === undefined || day.deducted === null) continue;
    if (day.resets > 0 && length > 0) {
      day.returned = cents((day.returned ?? 0) + level);
      level = 0;
    }
    const back = sumOf(given.filter((one) => one.key === key).map((one) => one.given));
    level = length > 0 ? cents(level + day.deducted - back) : Math.min(100, day.deducted);
    if (length === 0) day.returned = day.deducted;
    day.last = key === TODAY ? known.now : level;
    day.high = cents(Math.max(day.last, level + back));
  }
  return days;
}

/**
 * The points of a series, a bucket each.
 * @param {import('../src/api/types').BucketView[]} buckets @param {Map<string, PointView>} days
 * @returns {PointView[]}
 */
export function pointsOf(buckets, days) {
  return buckets.map((bucket) => {
    const { keys, hour } = daysIn(bucket);
    const known = keys.flatMap((key) => {
      const day = days.get(key);
      return day === undefined || day.deducted === null ? [] : [{ key, day }];
    });
    const [one] = known;
    if (one === undefined || Date.parse(bucket.start) > NOW) return unknown();
    const last = known.at(-1)?.day ?? one.day;
    const part = (/** @type {number} */ value) =>
      hour === null ? value : hourPart(one.key, hour, value, 100);
    /** @param {(day: PointView) => number | null} read */
    const sum = (read) => cents(known.reduce((all, { day }) => all + part(read(day) ?? 0), 0));
    const money = one.day.credited !== null;
    const deducted = sum((day) => day.deducted);
    /** @param {'fully' | 'not' | 'cannot_tell'} word */
    const verdict = (word) => sum((day) => day.explained?.[word] ?? 0);
    return {
      deducted,
      returned: sum((day) => day.returned),
      credited: money ? sum((day) => day.credited) : null,
      expired: money ? 0 : null,
      uncertain: sum((day) => day.uncertain),
      coverage: known.reduce((all, { day }) => all + day.coverage, 0) / keys.length,
      last: last.last,
      high: known.reduce((most, { day }) => Math.max(most, day.high ?? 0), 0),
      resets:
        hour === null
          ? known.reduce((all, { day }) => all + day.resets, 0)
          : hour === 9
            ? one.day.resets
            : 0,
      explained:
        deducted === 0
          ? null
          : {
              fully: verdict('fully'),
              partly: 0,
              not: verdict('not'),
              elsewhere: 0,
              cannot_tell: verdict('cannot_tell'),
            },
    };
  });
}
