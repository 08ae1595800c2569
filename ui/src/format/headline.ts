// All accounts at a glance: a verdict, then a line for each thing that is the matter, the gravest first.
import type { AccountCard } from '../api/types';
import { enumerate, sentences, t } from '../state/i18n.svelte';
import { chanceText, sureness } from './forecast';
import { seriesName } from './names';
import { currentMeters, isKnown, type Need, needOf } from './need';
import { money, percent } from './number';
import { isEven, meterTone, runsOut as isScarce, type Tone } from './pace';
import { nearMoment } from './time';

/** A line of the head, in the tone of what it says. */
export interface Clause {
  tone: Tone | 'quiet';
  text: string;
  /** The accounts that it is about. */
  ids: number[];
}

export interface Headline {
  verdict: { tone: Tone | 'quiet'; text: string };
  clauses: Clause[];
  /** Names in the texts that must not be broken at the end of a line. */
  names: string[];
}

/** More names than these are a number. */
const MAX_NAMES = 3;
const MAX_NAME = 28;

const nameOf = ({ name }: AccountCard): string => {
  const letters = [...name];
  return letters.length > MAX_NAME ? `${letters.slice(0, MAX_NAME - 1).join('')}…` : name;
};

type Needy = { card: AccountCard; need: Need };
const idsOf = (list: readonly Needy[]): number[] => list.map(({ card }) => card.id);

/** A line for one account, and another for several. */
function about(
  list: Needy[],
  tone: Clause['tone'],
  several: string,
  one: (needy: Needy) => string,
  more: Record<string, string> = {},
): Clause[] {
  const [first, ...others] = list;
  if (first === undefined) return [];
  const ids = idsOf(list);
  if (others.length === 0) return [{ tone, text: one(first), ids }];
  const names = list.length > MAX_NAMES ? '' : enumerate(list.map(({ card }) => nameOf(card)));
  const named = names === '' ? 'none' : names;
  return [{ tone, text: t(several, { count: list.length, names: named, ...more }), ids }];
}

interface Counts {
  total: number;
  /** Those that need the user. */
  needing: number;
  low: number;
  /** Those with an open anomaly, whatever else is the matter with them. */
  odd: number;
  /** Those without current figures. */
  unknown: number;
}

/** What is said of all accounts. `lost`: the agent does not answer, so no figure is of now. */
export function headline(
  cards: readonly AccountCard[],
  zone: string,
  now: number,
  lost = false,
): Headline {
  if (lost) {
    return { verdict: { tone: 'over', text: t('head-lost') }, clauses: [], names: [] };
  }
  const all = cards.map((card): Needy => ({ card, need: needOf(card, now) }));
  const of = (...kinds: Need['kind'][]): Needy[] =>
    all.filter(({ need }) => kinds.includes(need.kind));

  const stopped = of('debt', 'no-balance', 'refused', 'key');
  const usedUp = of('used-up');
  const runsOut = of('runs-out');
  const near = of('near');
  // An anomaly outranks missing figures in an account's need, but its figures are missing nonetheless.
  const withFigures = ({ card, need }: Needy): boolean =>
    need.kind === 'calm' || (need.kind === 'anomaly' && isKnown(card));
  const rest = all.filter(withFigures);
  const unknown = of('anomaly', 'unknown').filter((one) => !withFigures(one));
  // Of several it is as sure as of the least sure one.
  const emptiness = ({ need }: Needy): number =>
    'meter' in need ? 1 - (need.meter.forecast?.lasts ?? 0) : 0;
  const clauses = [
    ...about(stopped, 'over', 'head-stopped', ({ card, need }) =>
      t(`head-${need.kind}`, {
        name: nameOf(card),
        amount: need.kind === 'debt' ? money(need.owed) : '',
      }),
    ),
    ...about(usedUp, 'over', 'head-used-up-several', ({ card, need }) => {
      const meter = 'meter' in need ? need.meter : null;
      return t('head-used-up', {
        name: nameOf(card),
        quota: seriesName(meter?.meter ?? null),
        until: meter?.resets_at ? nearMoment(meter.resets_at, zone, now) : 'none',
      });
    }),
    ...about(
      runsOut,
      'near',
      'head-runs-out-several',
      (needy) => {
        const { card, need } = needy;
        return t('head-runs-out', {
          name: nameOf(card),
          quota: seriesName('meter' in need ? need.meter.meter : null),
          sure: sureness(emptiness(needy)),
          chance: chanceText(emptiness(needy)),
        });
      },
      { sure: sureness(Math.min(...runsOut.map(emptiness))) },
    ),
    ...about(near, 'near', 'head-near-several', ({ card, need }) => {
      const meter = 'meter' in need ? need.meter : null;
      return t('head-near', {
        name: nameOf(card),
        quota: seriesName(meter?.meter ?? null),
        percent: percent(meter?.used_percent ?? null),
      });
    }),
    ...about(unknown, 'quiet', 'head-unknown-several', ({ card }) =>
      t('head-unknown', { name: nameOf(card) }),
    ),
  ];
  if (rest.length > 0) {
    const meters = rest.flatMap(({ card }) => currentMeters(card, now));
    // Without a forecast of each quota it only says how they stand.
    const foreseen =
      meters.length > 0 &&
      meters.every(
        ({ used_percent, forecast }) =>
          forecast !== null &&
          !isEven(forecast.lasts) &&
          !isScarce(forecast) &&
          meterTone(used_percent, forecast) === 'calm',
      );
    const least = Math.min(1, ...meters.map(({ forecast }) => forecast?.lasts ?? 1));
    const sure = sureness(least) === 'rather' ? 'rather' : 'likely';
    const which = clauses.length > 0 ? 'others' : 'all';
    const text = t(foreseen ? 'head-last' : 'head-calm', {
      which,
      count: rest.length,
      sure,
    });
    clauses.push({ tone: 'calm', text, ids: [] });
  }
  const names = [
    ...cards.map(nameOf),
    ...cards.flatMap(({ meters }) => meters.map(({ meter }) => seriesName(meter))),
  ];
  return {
    verdict: verdictOf({
      total: cards.length,
      needing: stopped.length + usedUp.length,
      low: runsOut.length + near.length,
      odd: cards.filter((card) => card.anomalies.count > 0).length,
      unknown: unknown.length,
    }),
    clauses,
    names: [...new Set(names)],
  };
}

/** The answer in a few words: the gravest of what is the matter, and how many accounts it is about. */
function verdictOf({ total, needing, low, odd, unknown }: Counts): Headline['verdict'] {
  if (needing > 0) return { tone: 'over', text: t('head-need', { count: needing, total }) };
  if (low > 0) return { tone: 'near', text: t('head-low', { count: low, total }) };
  if (odd > 0) return { tone: 'near', text: t('head-odd', { count: odd, total }) };
  if (unknown > 0) return { tone: 'quiet', text: t('head-partly', { count: unknown, total }) };
  return { tone: 'calm', text: t('head-fine') };
}

/** The whole as one text. */
export const headlineText = ({ verdict, clauses }: Headline): string =>
  sentences([verdict.text, ...clauses.map(({ text }) => text)]);

/** A text in pieces: those that are one of `names` must not be broken. */
export function pieces(text: string, names: readonly string[]): { text: string; whole: boolean }[] {
  const found: { text: string; whole: boolean }[] = [];
  // The longer first: one name may be a part of another.
  const known = [...names].filter((name) => name !== '').sort((a, b) => b.length - a.length);
  let rest = text;
  while (rest !== '') {
    const next = known
      .map((name) => ({ name, at: rest.indexOf(name) }))
      .filter(({ at }) => at >= 0)
      .reduce<{ name: string; at: number } | null>(
        (first, one) => (first === null || one.at < first.at ? one : first),
        null,
      );
    if (next === null) {
      found.push({ text: rest, whole: false });
      break;
    }
    if (next.at > 0) found.push({ text: rest.slice(0, next.at), whole: false });
    found.push({ text: next.name, whole: true });
    rest = rest.slice(next.at + next.name.length);
  }
  return found;
}
