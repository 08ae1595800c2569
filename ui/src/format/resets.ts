// The next resets of all accounts on one line of time, an account a lane. Near times have more room than far ones: the
// five hours of one quota and the month of another are on it together.
import type { AccountCard, MeterView } from '../api/types';
import { currentMeters } from './need';
import { meterTone, runsOut, type Tone, wedge, type Wedge } from './pace';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export interface ResetMark {
  meter: MeterView;
  at: number;
  tone: Tone;
  /** Where the reset is on the line, 0 to 1. */
  place: number;
  /** Where the quota is likely to run out before it, in shares of the line; `null` where it is not. */
  wedge: Wedge | null;
}

export interface ResetLane {
  card: AccountCard;
  /** In the order of their resets. */
  marks: ResetMark[];
  /** The gravest tone of its marks. */
  tone: Tone;
}

export interface ResetLine {
  lanes: ResetLane[];
  /** Lengths of time from now, and where they are. */
  ticks: { hours: number; place: number }[];
}

/** The times that may be named below the line, in hours. */
const TICKS = [1, 3, 6, 12, 24, 72, 168, 336, 672];
/** Ticks nearer than this would be read as one. */
const APART = 0.085;

/** The gravest first. */
const RANK: Record<Tone, number> = { over: 0, near: 1, calm: 2 };

/** Where a time is on a line from `now` to `end`, 0 to 1. An hour from now is as far from it as a tenth of the way to a week. */
export function placeOf(at: number, now: number, end: number): number {
  const scaled = (ms: number): number => Math.log1p(Math.max(0, ms) / HOUR);
  return Math.min(1, scaled(at - now) / scaled(Math.max(end - now, HOUR)));
}

/** The resets that are ahead. Accounts whose next reset is the first come first. `lost`: figures and forecasts are of another time. */
export function resetLine(
  cards: readonly AccountCard[],
  now: number,
  lost = false,
): ResetLine | null {
  const ahead = cards.map((card) => ({
    card,
    meters: currentMeters(card, now)
      .flatMap((meter) =>
        meter.resets_at === null ? [] : [{ meter, at: Date.parse(meter.resets_at) }],
      )
      .sort((a, b) => a.at - b.at),
  }));
  const times = ahead.flatMap(({ meters }) => meters.map(({ at }) => at));
  if (times.length === 0) return null;
  const end = Math.max(now + DAY, ...times);
  const place = (at: number): number => placeOf(at, now, end);
  const lanes = ahead
    .filter(({ meters }) => meters.length > 0)
    .map(({ card, meters }): ResetLane => {
      const marks = meters.map(({ meter, at }): ResetMark => {
        const forecast = lost ? null : meter.forecast;
        return {
          meter,
          at,
          // What is used may be more by now, or less.
          tone: lost ? 'calm' : meterTone(meter.used_percent, forecast),
          place: place(at),
          wedge: runsOut(forecast) ? onLine(wedge(forecast, now, at), now, at, place) : null,
        };
      });
      const [worst] = marks.map(({ tone }) => tone).sort((a, b) => RANK[a] - RANK[b]);
      return { card, marks, tone: worst ?? 'calm' };
    })
    .sort((a, b) => (a.marks[0]?.at ?? 0) - (b.marks[0]?.at ?? 0));
  const ticks: ResetLine['ticks'] = [];
  for (const hours of TICKS) {
    const at = place(now + hours * HOUR);
    const last = ticks.at(-1)?.place ?? 0;
    if (hours * HOUR < end - now && at - last >= APART && at <= 1 - APART / 2) {
      ticks.push({ hours, place: at });
    }
  }
  return { lanes, ticks };
}

/** A wedge in shares of the line. A forecast that names no time grows from now to the reset. */
function onLine(
  given: Wedge | null,
  now: number,
  at: number,
  place: (at: number) => number,
): Wedge | null {
  if (given === null) return null;
  const moved = (share: number): number => place(now + share * (at - now));
  return { from: moved(given.from), to: moved(given.to), empty: given.empty };
}

/** The lanes that are shown first: those in a tone, then the next ones; in the order of their resets. */
export function firstLanes(lanes: readonly ResetLane[], most: number): ResetLane[] {
  const next = (lane: ResetLane): number => lane.marks[0]?.at ?? Infinity;
  const kept = new Set(
    [...lanes].sort((a, b) => RANK[a.tone] - RANK[b.tone] || next(a) - next(b)).slice(0, most),
  );
  return lanes.filter((lane) => kept.has(lane));
}

export interface Label {
  mark: ResetMark;
  side: 'left' | 'right';
}

/**
 * The marks of a lane whose labels have room beside them, where a label is as wide as `width` says, in shares of the
 * line. Wedges are not covered. The first comes first; one without room is `null`, and is only named in the lane's text.
 */
export function labelSides(
  marks: readonly ResetMark[],
  width: (mark: ResetMark) => number,
): (Label | null)[] {
  const taken = marks.map(({ place }) => ({ from: place - 0.01, to: place + 0.01 }));
  // A wedge is beside its mark, where the mark's own label would be as well.
  const wedges = marks.flatMap(({ wedge: one, place }) =>
    one === null ? [] : [{ from: one.from, to: place }],
  );
  return marks.map((mark, index) => {
    const need = width(mark);
    const spans = [
      { side: 'right' as const, from: mark.place + 0.011, to: mark.place + need },
      { side: 'left' as const, from: mark.place - need, to: mark.place - 0.011 },
    ];
    const free = spans.find(
      ({ from, to }) =>
        from >= 0 &&
        to <= 1 &&
        taken.every((one, at) => at === index || one.to <= from || one.from >= to) &&
        wedges.every((one) => one.to <= from || one.from >= to),
    );
    if (free === undefined) return null;
    taken.push({ from: free.from, to: free.to });
    return { mark, side: free.side };
  });
}
