// Facts and bars of local usage. The worth of tokens without a price is unknown, and so is a share of nothing.
import type { BucketView, Money, NamedUse, Usage, UseView } from '../api/types';
import { compact, count, money, percent, plainNumber } from '../format/number';
import { t } from '../state/i18n.svelte';
import type { BarKind } from './bars';
import type { Fact } from './labels';
import { STACK_PATTERNS, type Pattern } from './patterns';

export type Measure = 'tokens' | 'worth';

/** The facts about tokens or worth, always the same number of them: they are columns of a table, too. */
export function usageFacts(use: UseView, measure: Measure, exact: boolean): Fact[] {
  const number = exact ? count : compact;
  const fact = (name: string, value: string): Fact => ({ name: t(`use-${name}`), value });
  if (measure === 'worth') {
    return [
      fact('worth', exact || use.worth === null ? money(use.worth) : worthText(use)),
      fact('unpriced', number(use.unpriced_tokens)),
    ];
  }
  return [
    fact('tokens', number(use.total)),
    fact('requests', number(use.requests)),
    fact('input', number(use.input)),
    fact('cache-read', number(use.cache_read)),
    fact('cache-write', number(use.cache_write)),
    fact('output', number(use.output)),
    fact('cache-hits', hits(use)),
  ];
}

/**
 * What tokens are worth: always an estimate, `≈ $3.00`. Where some of them have no price, it is the least, `≥ $3.00`; and
 * where none has one, a word says so.
 */
export function worthText(use: Pick<UseView, 'worth' | 'unpriced_tokens'>): string {
  if (use.worth === null) return t('use-unpriced');
  const amount = money(use.worth);
  return t(use.unpriced_tokens > 0 ? 'at-least' : 'about-amount', { amount });
}

/** The last folder of a path, of this system or of Windows. */
export const lastFolder = (path: string): string => /[^\\/]*[\\/]*$/.exec(path)?.[0] ?? path;

/** A project by the name of its folder, and the paths at which folders of that name are. */
export interface Folder extends NamedUse {
  paths: NamedUse[];
}

/** Projects by the names of their folders: the same project on several machines, or by several accounts, is one. */
export function byFolder(projects: readonly NamedUse[]): Folder[] {
  const folders = new Map<string | null, NamedUse[]>();
  for (const one of projects) {
    const name = one.name === null ? null : lastFolder(one.name);
    folders.set(name, [...(folders.get(name) ?? []), one]);
  }
  return [...folders]
    .map(([name, paths]): Folder => ({
      name,
      use: mergeUse(paths.map((one) => one.use)),
      totals: (paths[0]?.totals ?? []).map((_, at) =>
        paths.reduce((sum, one) => sum + (one.totals[at] ?? 0), 0),
      ),
      paths,
    }))
    .toSorted((a, b) => b.use.total - a.use.total);
}

/** A usage whose projects are named by their folders. */
export const withFolders = (usage: Usage): Usage => ({
  ...usage,
  projects: byFolder(usage.projects),
});

/** The share of the input that came from the cache. */
export const hits = (use: UseView): string =>
  percent(use.cache_hit_share === null ? null : use.cache_hit_share * 100);

/** What was used in a bucket, and the parts that its bar is drawn of. */
export interface UseItem {
  use: UseView;
  parts: readonly number[];
}

export interface UseStack {
  layers: { key: string; name: string; pattern: Pattern }[];
  /** The names of the layers among the parts of the split, in their order; the rest is the last layer. */
  names: (string | null)[];
  split: Split | null;
  /** The share that is drawn inside the bars, by the starts of the buckets. */
  chosen: { buckets: readonly BucketView[]; totals: readonly number[] } | null;
  measure: Measure;
}

export type Split = 'kinds' | 'models' | 'projects' | 'programs' | 'accounts' | 'machines';

interface Named {
  name: string | null;
  tokens: number;
  totals: readonly number[];
}

/** The parts of a usage by one split, by names that stay the same from one answer to another. */
function partsBy(usage: Usage, split: Split): Named[] {
  if (split === 'accounts') {
    return usage.accounts.map((one) => ({
      name: one.account,
      tokens: one.use.total,
      totals: one.totals,
    }));
  }
  if (split === 'machines') {
    return usage.machines.map((one) => ({
      name: one.machine === null ? null : String(one.machine),
      tokens: one.use.total,
      totals: one.totals,
    }));
  }
  if (split === 'kinds') return [];
  return usage[split].map((one) => ({ name: one.name, tokens: one.use.total, totals: one.totals }));
}

/** What bars are split by: the largest parts, each with a pattern, and all others together. */
export function stackOf(
  usage: Usage,
  measure: Measure,
  split: Split | null,
  part: { name: string; totals: readonly number[] } | null,
  nameOf: (name: string | null) => string,
): UseStack {
  const whole = { names: [], split: null, chosen: null, measure };
  if (measure === 'worth') {
    return { ...whole, layers: [{ key: 'worth', name: t('use-worth'), pattern: 's1' }] };
  }
  if (part !== null) {
    return {
      ...whole,
      chosen: { buckets: usage.buckets, totals: part.totals },
      layers: [
        { key: 'rest', name: t('others'), pattern: 's1' },
        { key: 'inner', name: part.name, pattern: 's0' },
      ],
    };
  }
  if (split === null || split === 'kinds') {
    return {
      ...whole,
      split: 'kinds',
      layers: [
        { key: 'cache-read', name: t('use-cache-read'), pattern: 's5' },
        { key: 'input', name: t('use-input'), pattern: 's1' },
        { key: 'output', name: t('use-output'), pattern: 's0' },
      ],
    };
  }
  const all = partsBy(usage, split).toSorted((a, b) => b.tokens - a.tokens);
  const most = STACK_PATTERNS.length - 1;
  const named = all
    .slice(0, all.length > most + 1 ? most : most + 1)
    .filter((one) => one.tokens > 0);
  const rest = all.length > named.length;
  return {
    ...whole,
    split,
    names: named.map((one) => one.name),
    layers: [
      ...named.map((one, index) => ({
        key: `${split} ${one.name ?? ''}`,
        name: nameOf(one.name),
        pattern: STACK_PATTERNS[index] ?? 's5',
      })),
      ...(rest ? [{ key: 'rest', name: t('others'), pattern: 's5' as const }] : []),
    ],
  };
}

/** What each bucket's bar is drawn of. */
export function useItems(usage: Usage, stack: UseStack): UseItem[] {
  const parts = stack.split === null ? [] : partsBy(usage, stack.split);
  const byName = new Map(parts.map((one) => [one.name, one.totals]));
  const chosen =
    stack.chosen === null
      ? null
      : new Map(
          stack.chosen.buckets.map((bucket, index) => [
            bucket.start,
            stack.chosen?.totals[index] ?? 0,
          ]),
        );
  return usage.used.map((use, index): UseItem => {
    if (stack.measure === 'worth') return { use, parts: [Number(use.worth?.amount ?? 0)] };
    if (chosen !== null) {
      const inner = Math.min(use.total, chosen.get(usage.buckets[index]?.start ?? '') ?? 0);
      return { use, parts: [use.total - inner, inner] };
    }
    if (stack.split === null || stack.split === 'kinds') {
      return { use, parts: [use.cache_read, use.input + use.cache_write, use.output] };
    }
    const values = stack.names.map((name) => byName.get(name)?.[index] ?? 0);
    const rest = Math.max(0, use.total - values.reduce((sum, value) => sum + value, 0));
    return { use, parts: stack.layers.length > values.length ? [...values, rest] : values };
  });
}

/** Sums of money of one currency; `null` where nothing has a price. */
function sumMoney(all: readonly (Money | null | undefined)[]): Money | null {
  const known = all.filter((one): one is Money => Boolean(one));
  const [first] = known;
  if (first === undefined) return null;
  const sum = known.reduce((sum, one) => sum + Number(one.amount), 0);
  return { amount: String(sum), currency: first.currency };
}

export function mergeUse(all: readonly UseView[]): UseView {
  const sum = (of: (use: UseView) => number): number => all.reduce((sum, use) => sum + of(use), 0);
  const [input, read, write] = [
    sum((use) => use.input),
    sum((use) => use.cache_read),
    sum((use) => use.cache_write),
  ];
  const sent = input + read + write;
  return {
    requests: sum((use) => use.requests),
    input,
    cache_read: read,
    cache_write: write,
    output: sum((use) => use.output),
    total: sum((use) => use.total),
    cache_hit_share: sent > 0 ? read / sent : null,
    worth: sumMoney(all.map((use) => use.worth)),
    saved: sumMoney(all.map((use) => use.saved)),
    unpriced_tokens: sum((use) => use.unpriced_tokens),
  };
}

/** A bucket whose tokens have no price is drawn as one without data. */
export function usageBars(measure: Measure, stack: UseStack, now: number): BarKind<UseItem> {
  void now;
  return {
    parts: (item) => item.parts,
    total: (item) =>
      measure === 'tokens'
        ? item.use.total
        : item.use.worth === null
          ? null
          : Number(item.use.worth.amount),
    coverage: (item) => (measure === 'worth' && item.use.worth === null ? 0 : 1),
    merge: (items) => ({
      use: mergeUse(items.map((item) => item.use)),
      parts: stack.layers.map((_, index) =>
        items.reduce((sum, item) => sum + (item.parts[index] ?? 0), 0),
      ),
    }),
  };
}

export interface PlanComparison {
  account: string;
  plan: string;
  price: Money;
  worth: Money;
  /** How many times the price the worth is. */
  times: string;
  /** Some tokens have no price: it is worth more. */
  isPartly: boolean;
}

const DAY = 86_400_000;
/** The average month. */
const MONTH = 30.44 * DAY;

/** Memberships whose price is known, beside what their usage is worth; only of about a month or more. */
export function planComparisons(usage: Usage): PlanComparison[] {
  const months = (Date.parse(usage.to) - Date.parse(usage.from)) / MONTH;
  if (months < 0.9) return [];
  const times = Math.max(1, Math.round(months));
  return usage.accounts.flatMap((one): PlanComparison[] => {
    const { plan } = one;
    if (!plan || Number(plan.worth.amount) <= 0) return [];
    const price = { ...plan.price, amount: String(Number(plan.price.amount) * times) };
    return [
      {
        account: one.account ?? '',
        plan: plan.plan,
        price,
        worth: plan.worth,
        times: plainNumber(Number(plan.worth.amount) / Number(price.amount)),
        isPartly: one.use.unpriced_tokens > 0,
      },
    ];
  });
}

/** The usage from its first request on. */
export function fromFirst(usage: Usage): Usage {
  const first = Math.max(
    0,
    usage.used.findIndex((use) => use.requests > 0),
  );
  const cut = <T extends { totals: number[] }>(all: T[]): T[] =>
    all.map((one) => ({ ...one, totals: one.totals.slice(first) }));
  return {
    ...usage,
    buckets: usage.buckets.slice(first),
    used: usage.used.slice(first),
    models: cut(usage.models),
    projects: cut(usage.projects),
    programs: cut(usage.programs),
    accounts: cut(usage.accounts),
    machines: cut(usage.machines),
  };
}
