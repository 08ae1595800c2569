// The next resets of all accounts on time lines: one of the next day, one of what comes after.
import type { AccountCard, MeterView } from '../api/types';
import { currentMeters } from './need';
import { meterTone, type Tone, wedge, type Wedge } from './pace';
import { clock, dayKey, shiftDay } from './time';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export interface ResetLine {
  card: AccountCard;
  meter: MeterView;
  at: number;
  tone: Tone;
  /** Where the reset is on its line, 0 to 1. */
  place: number;
  /** The forecast between now and the reset. */
  wedge: Wedge | null;
}

export interface ResetPanel {
  name: 'day' | 'later';
  /** The first and the last instant of its line. */
  start: number;
  end: number;
  /** Marks below the line: instants, and where they are. */
  ticks: { at: number; place: number }[];
  lines: ResetLine[];
}

/** The instants at which a day begins in the zone, between two instants, every `days` days. */
function midnights(start: number, end: number, zone: string, days: number): number[] {
  const found: number[] = [];
  const first = dayKey(start, zone);
  let offset = 0;
  for (let n = 1; n * DAY < end - start + 2 * DAY && found.length < 40; n += days) {
    const key = shiftDay(first, n);
    // A day begins at its UTC midnight minus the zone's offset, which is mostly that of the day before.
    const utc = Date.parse(`${key}T00:00:00Z`);
    for (let quarter = -1; quarter <= 29 * 4; quarter += 1) {
      const guess = utc + (quarter < 0 ? offset : quarter * (HOUR / 4) - 14 * HOUR);
      if (dayKey(guess, zone) === key && dayKey(guess - 1, zone) !== key) {
        offset = guess - utc;
        break;
      }
    }
    const at = utc + offset;
    if (at > start && at < end) found.push(at);
  }
  return found;
}

/** The quarters of a day in the zone between two instants: midnight, six, noon, and six. */
function quarters(start: number, end: number, zone: string): number[] {
  const found: number[] = [];
  // Some zones are a quarter of an hour off.
  for (let at = Math.ceil(start / (HOUR / 4)) * (HOUR / 4); at < end; at += HOUR / 4) {
    const [hours = '', minutes] = clock(at, zone).split(':');
    if (minutes === '00' && Number(hours) % 6 === 0) found.push(at);
  }
  return found;
}

/** The resets that are ahead, the next first, in a panel of the next 24 hours and one of what comes later. */
export function resetPanels(
  cards: readonly AccountCard[],
  zone: string,
  now: number,
): ResetPanel[] {
  const ahead = cards
    .flatMap((card) => currentMeters(card, now).map((meter) => ({ card, meter })))
    .flatMap(({ card, meter }) =>
      meter.resets_at === null ? [] : [{ card, meter, at: Date.parse(meter.resets_at) }],
    )
    .sort((a, b) => a.at - b.at);
  const panel = (name: ResetPanel['name'], start: number, end: number): ResetPanel => {
    const share = (at: number): number => (at - start) / (end - start);
    const lines = ahead
      .filter(({ at }) => at - now <= DAY === (name === 'day'))
      .map(({ card, meter, at }) => ({
        card,
        meter,
        at,
        tone: meterTone(meter.used_percent, meter.forecast),
        place: share(at),
        wedge: wedge(meter.forecast, now, at),
      }));
    const ticks =
      name === 'day'
        ? quarters(start, end, zone)
        : midnights(start, end, zone, end - start > 10 * DAY ? 7 : 1);
    return {
      name,
      start,
      end,
      // Not so near the ends that its label would meet another.
      ticks: ticks
        .map((at) => ({ at, place: share(at) }))
        .filter(({ place }) => place > 0.2 && place < 0.97),
      lines,
    };
  };
  const last = ahead.at(-1)?.at ?? now;
  const later = Math.max(now + 7 * DAY, Math.ceil((last - now) / DAY) * DAY + now);
  return [panel('day', now, now + DAY), panel('later', now, later)].filter(
    ({ lines }) => lines.length > 0,
  );
}

/** The lines that are shown first: those in a tone, then the next ones; in the order of their resets. */
export function firstLines(lines: readonly ResetLine[], most: number): ResetLine[] {
  const rank = { over: 0, near: 1, calm: 2 };
  const kept = new Set(
    [...lines].sort((a, b) => rank[a.tone] - rank[b.tone] || a.at - b.at).slice(0, most),
  );
  return lines.filter((line) => kept.has(line));
}
