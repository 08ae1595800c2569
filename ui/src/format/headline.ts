// All accounts in one sentence: what does not work, what is likely to run out, and how the others stand.
import type { AccountCard } from '../api/types';
import { enumerate, sentences, t } from '../state/i18n.svelte';
import { seriesName } from './names';
import { currentMeters, type Need, needOf } from './need';
import { money, percent } from './number';
import { meterTone, type Tone } from './pace';
import { nearMoment } from './time';

/** A clause of the sentence, in the tone of what it says. */
export interface Clause {
  tone: Tone | 'quiet';
  text: string;
}

/** More names than these are a number. */
const MAX_NAMES = 3;
const MAX_NAME = 28;

const nameOf = ({ name }: AccountCard): string => {
  const letters = [...name];
  return letters.length > MAX_NAME ? `${letters.slice(0, MAX_NAME - 1).join('')}…` : name;
};

type Needy = { card: AccountCard; need: Need };

/** One sentence for one account, and another for several. */
function about(
  list: Needy[],
  tone: Clause['tone'],
  several: string,
  one: (needy: Needy) => string,
): Clause[] {
  const [first, ...more] = list;
  if (first === undefined) return [];
  if (more.length === 0) return [{ tone, text: one(first) }];
  const names = list.length > MAX_NAMES ? '' : enumerate(list.map(({ card }) => nameOf(card)));
  const named = names === '' ? 'none' : names;
  return [{ tone, text: t(several, { count: list.length, names: named }) }];
}

/** The clauses of the head, the gravest first. `lost`: the agent does not answer, so no figure is of now. */
export function headline(
  cards: readonly AccountCard[],
  zone: string,
  now: number,
  lost = false,
): Clause[] {
  if (lost) return [{ tone: 'over', text: t('head-lost') }];
  const all = cards.map((card): Needy => ({ card, need: needOf(card, now) }));
  const of = (...kinds: Need['kind'][]): Needy[] =>
    all.filter(({ need }) => kinds.includes(need.kind));

  const stopped = of('debt', 'no-balance', 'refused', 'key');
  const usedUp = of('used-up');
  const runsOut = of('runs-out');
  const unknown = of('unknown');
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
    ...about(runsOut, 'near', 'head-runs-out-several', ({ card, need }) => {
      const meter = 'meter' in need ? need.meter : null;
      const lasts = meter?.forecast?.lasts ?? 0;
      return t('head-runs-out', {
        name: nameOf(card),
        quota: seriesName(meter?.meter ?? null),
        chance: percent(10 * Math.min(9, Math.round((1 - lasts) * 10))),
      });
    }),
    ...about(of('near'), 'near', 'head-near-several', ({ card, need }) => {
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
  const rest = of('anomaly', 'calm');
  if (rest.length === 0) return clauses;
  const meters = rest.flatMap(({ card }) => currentMeters(card, now));
  // Without a forecast of each quota it only says how they stand.
  const foreseen =
    meters.length > 0 &&
    meters.every(
      ({ used_percent, forecast }) =>
        forecast !== null && forecast.lasts >= 0.55 && meterTone(used_percent, forecast) === 'calm',
    );
  const which = clauses.length > 0 ? 'others' : 'all';
  const text = t(foreseen ? 'head-last' : 'head-calm', { which, count: rest.length });
  return [...clauses, { tone: 'calm', text }];
}

/** The clauses as one text. */
export const headlineText = (clauses: readonly Clause[]): string =>
  sentences(clauses.map(({ text }) => text));
