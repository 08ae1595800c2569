// @ts-check
// Made-up answers of the engine, for tests and for looking at the window while it is built.
/** @typedef {import('../src/api/types').AccountCard} AccountCard */
/** @typedef {import('../src/api/types').MeterView} MeterView */
/** @typedef {import('../src/api/types').PointView} PointView */
/** @typedef {import('../src/api/types').History} History */

import {
  cents,
  DAY,
  dayOf,
  daysOf,
  drawn,
  HOUR,
  NOW,
  pointsOf,
  SINCE,
  startOf,
  summed,
  TODAY,
} from './days.mjs';

export { NOW };

/** What people name: of these, long ones must fit too. */
const NAMED = new Set(['name', 'account', 'project', 'title', 'plan']);

/**
 * The same answer with long names, some of them without a place to break.
 * @param {unknown} value @returns {unknown}
 */
export function lengthened(value) {
  if (Array.isArray(value)) return value.map(lengthened);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      NAMED.has(key) && typeof inner === 'string'
        ? `${inner} 研究组共用账号 for_the_long_nightly_evaluation_runs_of_the_group/2026`
        : lengthened(inner),
    ]),
  );
}

/** @param {number} ms */
export const iso = (ms) => new Date(ms).toISOString();

/** A repeatable row of numbers between 0 and 1. @param {number} seed */
function numbers(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * @param {Partial<MeterView> & { meter: string, used_percent: number }} given
 * @returns {MeterView}
 */
export function meter(given) {
  const random = numbers(given.meter.length * 31 + Math.round(given.used_percent * 10));
  let value = Math.max(0, given.used_percent - 30);
  const trend = Array.from({ length: 24 }, (_, index) => {
    value = Math.min(given.used_percent, value + random() * 3);
    return index > 8 && index < 12 ? null : Math.round(value * 10) / 10;
  });
  trend[23] = given.used_percent;
  return {
    count: null,
    resets_at: iso(NOW + 3 * HOUR + 27 * 60_000),
    conflict: false,
    was_reset: false,
    unconfirmed: false,
    trend,
    forecast: null,
    ...given,
  };
}

/**
 * @param {Partial<AccountCard> & { id: number, name: string }} given
 * @returns {AccountCard}
 */
export function card(given) {
  return {
    source: 'kimi-code',
    region: 'china',
    plan: null,
    state: 'live',
    failure: null,
    read_at: iso(NOW - 2 * 60_000),
    next_poll_at: iso(NOW + 3 * 60_000),
    polling: false,
    meters: [],
    balance: null,
    wallet: null,
    limits: {
      concurrency: null,
      requests_per_minute: null,
      tokens_per_minute: null,
      tokens_per_day: null,
    },
    not_understood: [],
    unseen_findings: 0,
    anomalies: {
      count: 0,
      severity: null,
      id: null,
      class: null,
      series: null,
      from: null,
      to: null,
      detected_at: null,
    },
    known_use: [],
    ...given,
  };
}

/** @returns {AccountCard[]} */
export function cards() {
  return [
    card({
      id: 1,
      name: 'Work',
      plan: 'Allegretto',
      meters: [
        meter({ meter: '5h', used_percent: 43.72, forecast: { lasts: 0.83, empty: null } }),
        meter({
          meter: 'month',
          used_percent: 78.77,
          resets_at: iso(NOW + 24 * DAY + 18 * HOUR),
        }),
        meter({
          meter: 'month-code',
          used_percent: 61.4,
          resets_at: iso(NOW + 24 * DAY + 18 * HOUR),
        }),
      ],
      wallet: {
        enabled: true,
        frozen: false,
        balance: { amount: '31.52', currency: 'CNY' },
        month_used: { amount: '8.40', currency: 'CNY' },
        month_cap: { amount: '100.00', currency: 'CNY' },
      },
      limits: {
        concurrency: 20,
        requests_per_minute: null,
        tokens_per_minute: null,
        tokens_per_day: null,
      },
      unseen_findings: 3,
      anomalies: {
        count: 2,
        severity: 'critical',
        id: 10,
        class: 'wipe-out',
        series: '5h',
        from: iso(NOW - 5 * HOUR - 5 * 60_000),
        to: iso(NOW - 5 * HOUR),
        detected_at: iso(NOW - 5 * HOUR),
      },
      known_use: knownUse(),
    }),
    card({
      id: 2,
      name: 'Laptop, old plan',
      region: 'global',
      plan: 'Moderato',
      meters: [
        meter({
          meter: '5h',
          used_percent: 96.5,
          count: { used: '193', limit: '200' },
          resets_at: iso(NOW + 7 * 60_000 + 12_000),
        }),
        meter({
          meter: 'week',
          used_percent: 31.2,
          conflict: true,
          count: { used: '639', limit: '2048' },
          resets_at: iso(NOW + 3 * DAY + 4 * HOUR),
        }),
      ],
      not_understood: ['usage.resetTime', 'limits[1].detail'],
    }),
    card({
      id: 3,
      name: 'Batch jobs',
      source: 'platform',
      region: 'global',
      balance: {
        available: { amount: '49.58894', currency: 'USD' },
        cash: { amount: '3.00001', currency: 'USD' },
        voucher: { amount: '46.58893', currency: 'USD' },
        debt: null,
        spent_today: { amount: '1.2745', currency: 'USD' },
        spent_month: { amount: '37.90', currency: 'USD' },
      },
      limits: {
        concurrency: 50,
        requests_per_minute: 200,
        tokens_per_minute: 2_000_000,
        tokens_per_day: null,
      },
    }),
    card({
      id: 4,
      name: 'Research group, shared key for the long nightly evaluation runs',
      source: 'platform',
      state: 'refused',
      failure: {
        kind: 'unauthorized',
        message: 'Invalid Authentication',
        cause: null,
        status: 401,
        since: iso(NOW - 3 * HOUR),
        denied: null,
        meter: null,
        retry_at: null,
        keyring: null,
        reason: null,
      },
      read_at: iso(NOW - 3 * HOUR),
      next_poll_at: iso(NOW + 3 * HOUR),
      balance: {
        available: { amount: '12.00', currency: 'CNY' },
        cash: { amount: '0.00', currency: 'CNY' },
        voucher: { amount: '12.00', currency: 'CNY' },
        debt: { amount: '4.37', currency: 'CNY' },
        spent_today: null,
        spent_month: { amount: '210.55', currency: 'CNY' },
      },
    }),
    card({
      id: 5,
      name: '家里的电脑',
      state: 'limited',
      failure: {
        kind: 'rate-limited',
        denied: null,
        meter: null,
        message: 'request reached organization max RPM: 20, please try again after 30 seconds',
        cause: null,
        status: 429,
        since: iso(NOW - 4 * 60_000),
        retry_at: iso(NOW + 5 * 60_000),
        keyring: null,
        reason: null,
      },
      read_at: iso(NOW - 9 * 60_000),
      meters: [
        meter({ meter: '5h', used_percent: 104.2, resets_at: iso(NOW + 40 * 60_000) }),
        meter({ meter: 'week', used_percent: 8, unconfirmed: true, resets_at: iso(NOW - 60_000) }),
      ],
    }),
    card({
      id: 6,
      name: 'Second laptop',
      state: 'key-unavailable',
      failure: {
        kind: 'key-unavailable',
        message:
          'the system keyring is locked. Unlock it in the window that it opens, then try again',
        cause: { id: 'keyring-locked', args: {} },
        status: null,
        since: iso(NOW - 26 * HOUR),
        denied: null,
        meter: null,
        retry_at: null,
        keyring: 'locked',
        reason: 'keyring-locked',
      },
      read_at: iso(NOW - 26 * HOUR),
      meters: [meter({ meter: 'month', used_percent: 12.3, resets_at: iso(NOW + 9 * DAY) })],
    }),
  ];
}

/**
 * @param {Partial<import('../src/api/types').Overview>} [given]
 * @returns {import('../src/api/types').Overview}
 */
export function overview(given = {}) {
  return {
    now: iso(NOW),
    accounts: cards(),
    agent: agent(),
    service: [
      {
        indicator: 'none',
        description: 'All Systems Operational',
        incidents: [],
        read_at: iso(NOW - 5 * 60_000),
        url: 'https://status.moonshot.cn',
      },
    ],
    ...given,
  };
}

/**
 * @param {Partial<import('../src/api/types').AgentState>} [given]
 * @returns {import('../src/api/types').AgentState}
 */
export function agent(given = {}) {
  return {
    version: '0.2.0',
    demo: false,
    paused_until: null,
    tray: 'shown',
    notifications: 'working',
    keyring: 'ready',
    timezone: 'Asia/Shanghai',
    trouble: null,
    update: update(),
    ...given,
  };
}

/**
 * @param {Partial<import('../src/api/types').Update>} [given]
 * @returns {import('../src/api/types').Update}
 */
export function update(given = {}) {
  return {
    version: '0.2.0',
    installed_by: 'appimage',
    replaces_itself: true,
    can_check: true,
    command: null,
    page: 'https://github.com/tidemark-dev/tidemark/releases/latest',
    consent: true,
    checked_at: iso(NOW - 2 * HOUR),
    newer: null,
    newer_date: null,
    work: null,
    updated: null,
    failure: null,
    failed_installation: null,
    lines: [{ id: 'current', args: { at: { kind: 'time', value: iso(NOW - 2 * HOUR) } } }],
    actions: ['check'],
    ...given,
  };
}

/** The user was not asked yet. */
export const unanswered = () =>
  update({ consent: null, checked_at: null, lines: [{ id: 'unchecked', args: {} }] });

/** A newer version than this one. */
export const newerVersion = () =>
  update({
    newer: '0.3.0',
    newer_date: '2026-11-20',
    lines: [{ id: 'newer', args: { version: { kind: 'text', value: '0.3.0' } } }],
    actions: ['install', 'check'],
  });

/** Everything that can be wrong at once. @returns {import('../src/api/types').Overview} */
export function troubled() {
  return overview({
    agent: agent({
      demo: true,
      paused_until: iso(NOW + HOUR),
      tray: 'no-host',
      notifications: 'no-service',
      keyring: 'locked',
      update: unanswered(),
      trouble: {
        code: 'disk-full',
        detail: 'the disk is full; nothing can be saved until there is space',
        said: null,
        lost: 3,
        since: iso(NOW - HOUR),
      },
    }),
    service: [
      {
        indicator: 'major',
        description: 'Partial System Outage',
        incidents: [
          {
            id: 'i1',
            title: 'Elevated error rates on the API',
            impact: 'major',
            since: iso(NOW - 2 * HOUR),
          },
        ],
        read_at: iso(NOW - 60_000),
        url: 'https://status.moonshot.cn',
      },
    ],
  });
}

/** @returns {import('../src/api/types').Budgets} */
export function budgets() {
  const [from, to] = [
    iso(Date.parse('2026-10-31T16:00:00Z')),
    iso(Date.parse('2026-11-30T16:00:00Z')),
  ];
  return {
    budgets: [
      {
        budget: {
          account_id: 3,
          project: null,
          period: 'month',
          limit: { unit: 'money', money: { amount: '45.00', currency: 'USD' } },
        },
        account: overview().accounts.find((one) => one.id === 3)?.name ?? '',
        from,
        to,
        used: { unit: 'money', money: { amount: '37.90', currency: 'USD' } },
        percent: 84.2,
        is_estimate: false,
        is_part: false,
      },
      {
        budget: {
          account_id: 1,
          project: 'boat',
          period: 'week',
          limit: { unit: 'tokens', tokens: 50_000_000 },
        },
        account: overview().accounts.find((one) => one.id === 1)?.name ?? '',
        from: iso(Date.parse('2026-11-15T16:00:00Z')),
        to: iso(Date.parse('2026-11-22T16:00:00Z')),
        used: { unit: 'tokens', tokens: 21_300_000 },
        percent: 42.6,
        is_estimate: false,
        is_part: false,
      },
    ],
  };
}

/** @returns {import('../src/api/types').Settings} */
export function settings() {
  return {
    poll_seconds: 300,
    poll_seconds_busy: 60,
    meter_thresholds: [75, 90, 100],
    balance_thresholds: [{ amount: '10.00', currency: 'CNY' }],
    notify_resets: true,
    notify_early_resets: true,
    notify_refusals: true,
    notify_anomalies: true,
    notify_likely_empty: 80,
    notify_extra_usage: true,
    notifications: true,
    quiet_hours: { from: '22:00', to: '08:00' },
    timezone: 'Asia/Shanghai',
    language: null,
    theme: null,
    start_at_login: true,
    status_page: true,
    check_updates: true,
    keep_raw_days: null,
    log_homes: ['/srv/agents/kimi-code'],
    hidden_projects: ['client-*'],
    guard: [],
    budgets: budgets().budgets.map((one) => one.budget),
    worth_currency: null,
  };
}

/** Channels: one that is well, one that fails, and one that was never tried. */
/** @returns {import('../src/api/types').Channels} */
export function channels() {
  /** @type {import('../src/api/types').ChannelView} */
  const usual = {
    name: 'phone',
    kind: 'ntfy',
    place: 'ntfy.sh',
    has_secret: false,
    allow_private: false,
    kinds: [],
    accounts: [],
    min_level: 'info',
    quiet_hours: { from: '22:00', to: '08:00' },
    timezone: null,
    language: null,
    digest: 'day',
    last: { at: iso(NOW - 2 * HOUR), failure: null, said: null },
    failing_since: null,
  };
  return {
    channels: [
      usual,
      {
        ...usual,
        name: '值班群',
        kind: 'feishu',
        place: '',
        has_secret: true,
        kinds: ['anomaly', 'key-refused'],
        min_level: 'warning',
        quiet_hours: null,
        digest: null,
        last: { at: iso(NOW - HOUR), failure: 'key-refused', said: 'sign match fail' },
        failing_since: iso(NOW - 3 * HOUR),
      },
      {
        ...usual,
        name: 'log',
        kind: 'program',
        place: '/home/lin/bin/alert',
        quiet_hours: null,
        digest: null,
        last: null,
      },
    ],
  };
}

/** @returns {import('../src/api/types').Account[]} */
export function accounts() {
  /** @type {Record<string, string>} */
  const hosts = {
    'kimi-code china': 'https://api.kimi.com/coding/v1',
    'kimi-code global': 'https://api.kimi.ai/coding/v1',
    'platform china': 'https://api.moonshot.cn/v1',
    'platform global': 'https://api.moonshot.ai/v1',
  };
  const places = [
    'keyring',
    'kimi-code-login',
    'environment',
    'keyring',
    'encrypted-file',
    'this-run',
  ];
  return cards().map(({ id, name, source, region }, index) => ({
    id,
    name,
    source,
    region,
    base_url: hosts[`${source} ${region}`] ?? '',
    credential: places[index] ?? 'keyring',
    credential_detail: places[index] === 'environment' ? 'MOONSHOT_API_KEY' : null,
    created_at: iso(NOW - (40 + index) * DAY),
    same_as: [],
  }));
}

/** @returns {import('../src/api/types').Welcome} */
export function welcome() {
  return {
    keyring: 'ready',
    kimi_code_login: { region: 'china', fresh: true, expires_at: iso(NOW + 11 * 60_000) },
    kimi_code_server: false,
    encrypted_file: 'none',
  };
}

/**
 * Whole days, hours or months at +08:00.
 * @param {string} by @param {string} from @param {string} to first day, and the day after the last
 */
function cut(by, from, to) {
  const zone = 8 * HOUR;
  const start = Date.parse(`${from.slice(0, 10)}T00:00:00Z`) - zone;
  const end = Date.parse(`${to.slice(0, 10)}T00:00:00Z`) - zone;
  /** @type {import('../src/api/types').BucketView[]} */
  const buckets = [];
  for (let at = start; at < end && buckets.length < 2000;) {
    const local = new Date(at + zone);
    const next =
      by === 'month'
        ? Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 1) - zone
        : at + (by === 'hour' ? HOUR : DAY);
    const name = local.toISOString();
    const key =
      by === 'month'
        ? name.slice(0, 7)
        : by === 'day'
          ? name.slice(0, 10)
          : `${name.slice(0, 13)}:00+08:00`;
    buckets.push({ key, start: iso(at), end: iso(next) });
    at = next;
  }
  return { start, end, buckets };
}

/**
 * Points with gaps, resets and a late sight.
 * @param {string} by @param {string} from @param {string} to first day, and the day after the last @param {number | null} account
 * @returns {import('../src/api/types').History}
 */
export function history(by, from, to, account) {
  const { start, end, buckets } = cut(by, from, to);
  const chosen = cards().filter((one) => account === null || one.id === account);
  const series = chosen.flatMap((one) => {
    const names = [
      ...one.meters.map((each) => each.meter),
      ...(one.balance === null ? [] : [one.region === 'china' ? 'balance:CNY' : 'balance:USD']),
      ...(one.wallet === null ? [] : ['wallet:CNY']),
    ];
    return names.map((name) => ({
      account_id: one.id,
      account: one.name,
      series: name,
      unit: name.includes(':') ? (name.split(':')[1] ?? '') : 'percent',
      since: iso(startOf(SINCE)),
      points: pointsOf(buckets, seriesDays(one, name)),
    }));
  });
  return {
    by,
    timezone: 'Asia/Shanghai',
    from: iso(start),
    to: iso(end),
    buckets,
    series,
    marks: findings()
      .findings.filter((one) => one.schedule !== 'on-time' && one.from < iso(end))
      .map(mark)
      .filter((one) => account === null || one.account_id === account),
    incidents: [incident()].filter((one) => one.since < iso(end)),
  };
}

/** @type {Map<string, Map<string, PointView>>} */
const kept = new Map();

/**
 * The days of a series of an account: its figures now, and its events, are theirs.
 * @param {AccountCard} one @param {string} series @returns {Map<string, PointView>}
 */
function seriesDays(one, series) {
  const name = `${one.id}/${series}`;
  const found = kept.get(name);
  if (found !== undefined) return found;
  const quota = one.meters.find(({ meter }) => meter === series);
  const month = one.meters.find(({ meter }) => meter === 'month');
  if (series === 'month-code' && quota !== undefined && month !== undefined) {
    // A part of the month's quota, day by day.
    const share = quota.used_percent / month.used_percent;
    const of = (/** @type {number | null} */ value) =>
      value === null ? null : cents(value * share);
    const part = new Map(
      [...seriesDays(one, 'month')].map(([key, day]) => {
        const deducted = of(day.deducted);
        const fully = deducted ?? 0;
        /** @type {PointView} */
        const mine = {
          ...day,
          deducted,
          returned: of(day.returned),
          uncertain: of(day.uncertain) ?? 0,
          last: of(day.last),
          high: of(day.high),
          explained: day.explained && { fully, partly: 0, not: 0, elsewhere: 0, cannot_tell: 0 },
        };
        return [key, mine];
      }),
    );
    kept.set(name, part);
    return part;
  }
  const [kind = ''] = series.split(':');
  const amount = (/** @type {import('../src/api/types').Money | null | undefined} */ money) =>
    money === null || money === undefined ? null : Number(money.amount);
  const taken = recorded().findings.filter(
    (finding) => finding.account_id === one.id && finding.series === series,
  );
  const days = daysOf({
    id: one.id,
    series,
    now:
      quota?.used_percent ??
      amount(kind === 'wallet' ? one.wallet?.balance : one.balance?.available) ??
      0,
    resets_at: quota?.resets_at ? Date.parse(quota.resets_at) : null,
    today: kind === 'balance' ? amount(one.balance?.spent_today) : null,
    month: amount(kind === 'wallet' ? one.wallet?.month_used : one.balance?.spent_month),
    accused: taken
      .filter(({ kind: sort, withdrawn, beyond }) => sort === 'anomaly' && !withdrawn && beyond)
      .map(({ from, observed, beyond }) => ({
        key: dayOf(Date.parse(from)),
        taken: observed ?? 0,
        beyond: cents(beyond?.low ?? 0),
      })),
    given: taken
      .filter(({ kind: sort }) => ['recovered', 'credit'].includes(sort))
      .map(({ to, observed, amount: came }) => ({
        key: dayOf(Date.parse(to)),
        given: observed ?? amount(came) ?? 0,
      })),
  });
  kept.set(name, days);
  return days;
}

/** @returns {import('../src/api/types').KnownUse[]} */
const knownUse = () => [
  { account_id: 1, series: '5h', share: 0.88 },
  { account_id: 1, series: 'month', share: 0.92 },
];

/** @returns {import('../src/api/types').IncidentRow} */
const incident = () => ({
  id: 'i0',
  title: 'Quota display and deduction errors',
  impact: 'major',
  since: iso(NOW - 10 * HOUR),
  until: iso(NOW - 7 * HOUR),
});

/** @param {import('../src/api/types').FindingView} finding @returns {import('../src/api/types').HistoryMark} */
function mark(finding) {
  const { id, account_id, series, from, to, kind, schedule, severity, state } = finding;
  const [named, withdrawn] = [finding.class, finding.withdrawn !== null];
  return {
    id,
    account_id,
    series,
    from,
    to,
    kind,
    class: named,
    schedule,
    severity,
    state,
    withdrawn,
    beyond:
      kind === 'anomaly' && finding.observed !== null && finding.expected !== null
        ? {
            low: Math.max(0, finding.observed - finding.expected.high),
            high: Math.max(0, finding.observed - finding.expected.low),
          }
        : null,
  };
}

/**
 * The case of a finding: eleven points of use in its span, more at the finding than expected.
 * @param {number} id @returns {import('../src/api/types').Case | null}
 */
export function caseOf(id) {
  const finding = findings().findings.find((one) => one.id === id);
  if (finding === undefined || finding.series === null) return null;
  const end = Date.parse(finding.to);
  const from = Date.parse(finding.from) - 6 * HOUR;
  const to = Math.min(NOW, end + 4 * HOUR);
  const money = finding.unit !== 'percent';
  const whole = finding.observed ?? 0;
  /** @type {import('../src/api/types').CasePoint[]} */
  const observed = [];
  /** @type {import('../src/api/types').BandPoint[]} */
  const expected = [];
  const words = /** @type {const} */ (['fully', 'fully', 'partly', 'cannot-tell']);
  let value = money ? 80 : 41;
  /** @type {(at: number, deducted: number, word: import('../src/api/types').VerdictWord) => void} */
  const look = (at, deducted, word) => {
    value = Math.round((money ? value - deducted : value + deducted) * 100) / 100;
    observed.push({
      at: iso(at),
      until: iso(Math.min(to, at + 40 * 60_000)),
      value,
      gap: observed.length === 3,
      deducted,
      verdict:
        deducted === 0
          ? null
          : {
              word,
              explained: word === 'partly' ? { low: deducted * 0.4, high: deducted * 0.7 } : null,
              parts: {
                fully: word === 'fully' ? deducted : 0,
                partly: word === 'partly' ? deducted * 0.7 : 0,
                elsewhere: 0,
                not: word === 'not' ? deducted : 0,
                cannot_tell:
                  word === 'cannot-tell' ? deducted : word === 'partly' ? deducted * 0.3 : 0,
              },
            },
    });
  };
  for (let at = from; at < end - HOUR; at += 45 * 60_000) {
    look(at, (observed.length % 3) * 0.8, words[observed.length % 4] ?? 'fully');
  }
  const before = value;
  look(end, whole, 'not');
  if (finding.expected !== null) {
    const { low, high } = finding.expected;
    const up = money ? -1 : 1;
    expected.push({ at: finding.from, low: before, high: before });
    const ends = [before + up * low, before + up * high];
    for (let at = end; at <= to - HOUR; at += HOUR) {
      if (at > end) look(at, 0.5, 'fully');
      const more = at > end ? ((at - end) / HOUR) * 0.5 * up : 0;
      expected.push({ at: iso(at), low: Math.min(...ends) + more, high: Math.max(...ends) + more });
    }
  }
  if (finding.used_after !== null) value = finding.used_after;
  if (finding.used_after !== null) look(end + 5 * 60_000, 0, 'fully');
  return {
    finding,
    series: finding.series,
    unit: finding.unit ?? 'percent',
    from: iso(from),
    to: iso(to),
    observed,
    expected,
    marks: findings()
      .findings.filter((one) => one.id !== id && one.account_id === finding.account_id)
      .filter((one) => Date.parse(one.to) > from && Date.parse(one.to) < to)
      .map(mark),
    incidents: [incident()].filter((one) => Date.parse(one.since) < to),
    failures: findings().failures.filter(
      (one) => one.account_id === finding.account_id && Date.parse(one.to) > from,
    ),
  };
}

/**
 * @typedef {import('../src/api/types').ArgView} ArgView
 * @typedef {import('../src/api/types').MessageView} MessageView
 */

/** @type {(id: string, args?: Record<string, ArgView>) => MessageView} */
const message = (id, args = {}) => ({ id, args });
/** @type {(value: string) => ArgView} */
const series = (value) => ({ kind: 'series', value });
/** @type {(at: number) => ArgView} */
const time = (at) => ({ kind: 'time', value: iso(at) });
/** @type {(value: number, unit?: string) => ArgView} */
const amount = (value, unit = 'percent') => ({ kind: 'amount', value: { value, unit } });
/** @type {(value: number) => ArgView} */
const level = (value) => ({ kind: 'level', value: { value, unit: 'percent' } });
/** @type {(value: number) => ArgView} */
const percent = (value) => ({ kind: 'percent', value });

/**
 * What a finding says; its English text is made of the messages too, but is not shown beside them.
 * @param {MessageView[]} explanation
 * @param {MessageView[]} evidence
 */
const messages = (explanation, evidence) => ({
  explanation: 'Made from the messages.',
  evidence: evidence.map(() => 'Made from a message.'),
  messages: { explanation, evidence },
});

/**
 * The level of a quota in a saw: it rises, and is reset at the end of each cycle.
 * @param {number} account @param {string} series @param {string} from @param {string} to
 * @returns {import('../src/api/types').Levels}
 */
export function levels(account, series, from, to) {
  const [start, end] = [Date.parse(from), Math.min(NOW, Date.parse(to))];
  const cycle = CYCLE[series] ?? 30 * DAY;
  const money = series.includes(':');
  const step = Math.max(5 * 60_000, Math.floor((end - start) / 3000));
  /** @type {import('../src/api/types').Levels} */
  const levels = {
    account_id: account,
    series,
    unit: money ? (series.split(':')[1] ?? '') : 'percent',
    from: iso(start),
    to: iso(end),
    complete: true,
    at: [],
    until: [],
    value: [],
    gap: [],
    resets: [],
  };
  for (let at = start; at < end; at += step) {
    const [place, before] = [at % cycle, (at - step) % cycle];
    if (place < before && !money) levels.resets.push(at);
    const share = place / cycle;
    levels.at.push(at);
    levels.until.push(at + step - 1000);
    levels.value.push(
      Math.round((money ? 90 - 60 * share : Math.min(100, 104 * share ** 0.8)) * 10) / 10,
    );
    levels.gap.push(at > start && at % (11 * DAY) < step);
  }
  const now = nowOf(account, series);
  if (end === NOW && now !== null && levels.value.length > 0)
    levels.value[levels.value.length - 1] = now;
  return levels;
}

/** What an account's card shows of a series. @param {number} account @param {string} series */
function nowOf(account, series) {
  const one = cards().find(({ id }) => id === account);
  const money = series.startsWith('wallet') ? one?.wallet?.balance : one?.balance?.available;
  return (
    one?.meters.find(({ meter }) => meter === series)?.used_percent ??
    (series.includes(':') && money ? Number(money.amount) : null)
  );
}

/** @type {Record<string, number>} */
const CYCLE = { '5h': 5 * HOUR, week: 7 * DAY };

/**
 * @param {number} account @param {string} series @param {string} from @param {string} to
 * @returns {import('../src/api/types').Cycles}
 */
export function cycles(account, series, from, to) {
  const cycle = CYCLE[series] ?? 30 * DAY;
  const random = numbers(account * 17 + series.length);
  const begin = Math.floor(Date.parse(from) / cycle) * cycle;
  const all = [];
  for (let at = begin; at < Math.min(NOW, Date.parse(to)); at += cycle) {
    const idle = series === '5h' && random() < 0.45;
    const drawnPeak = idle ? 0 : Math.round(Math.min(100, 115 * random() ** 0.7) * 10) / 10;
    // The cycle that runs is as full as the card says.
    const peak = at + cycle > NOW ? (nowOf(account, series) ?? drawnPeak) : drawnPeak;
    all.push({
      start: iso(at),
      end: at + cycle > NOW ? null : iso(at + cycle),
      peak,
      used: peak,
      emptied_at: peak >= 100 ? iso(at + 0.8 * cycle) : null,
      gap: random() < 0.1,
      partial: all.length === 0,
    });
  }
  return { account_id: account, series, cycles: all };
}

/**
 * @param {string} from @param {string} to
 * @returns {import('../src/api/types').Sessions}
 */
export function sessions(from, to) {
  const start = Date.parse(from);
  const shares = [0.46, 0.27, 0.14, 0.07, 0.04, 0.02];
  const projects = ['tidewater', 'harbour-master-console', 'notes', 'weather', 'site', null];
  return {
    from: iso(start),
    to,
    sessions: shares.map((share, index) => ({
      session: `session-${index + 1}`,
      program: index % 3 === 2 ? 'claude-code' : 'kimi-code',
      project: projects[index] ? `/home/lin/work/${projects[index]}` : null,
      machine: index === 3 ? 1 : null,
      machine_name: index === 3 ? '笔记本' : 'desk',
      account_id: 1,
      models: index % 2 === 0 ? ['kimi-for-coding'] : ['kimi-k2.5', 'kimi-for-coding'],
      first: iso(start + (2 + index) * HOUR),
      last: iso(start + (3.5 + index) * HOUR),
      requests: Math.round(210 * share),
      tokens: Math.round(18_400_000 * share),
      share,
      worth: index % 2 === 0 ? null : { amount: (9.2 * share).toFixed(4), currency: 'USD' },
      // Of two models, one has a price.
      unpriced_tokens: Math.round(18_400_000 * share * (index % 2 === 0 ? 1 : 0.4)),
    })),
    more_sessions: 0,
    requests: Array.from({ length: 30 }, (_, index) => ({
      at: iso(start + 2 * HOUR + index * 7 * 60_000),
      model: 'kimi-for-coding',
      program: 'kimi-code',
      session: 'session-1',
      project: '/home/lin/work/tidewater',
      input: 12_000 - 300 * index,
      cache_read: 180_000 - 4000 * index,
      cache_write: 0,
      output: 2400 - 60 * index,
    })),
    requests_kept: 210,
  };
}

/** @returns {import('../src/api/types').Findings} */
export function findings() {
  const all = recorded();
  const { findings } = all;
  const open = findings.filter(
    (one) =>
      one.kind === 'anomaly' &&
      one.state === 'open' &&
      one.recovered_by === null &&
      one.withdrawn === null,
  );
  const counted = findings.filter(isCounted);
  return { ...all, open, counted, unexplained: unexplained(counted) };
}

/** @param {import('../src/api/types').FindingView} finding */
const isCounted = ({ beyond, state, withdrawn, series }) =>
  beyond !== null && state !== 'mine' && withdrawn === null && series !== null;

/**
 * What anomalies took beyond the expected amount, as the engine sums it: by month, account and series.
 * @param {import('../src/api/types').FindingView[]} findings
 * @returns {import('../src/api/types').UnexplainedSum[]}
 */
function unexplained(findings) {
  /** @type {Map<string, import('../src/api/types').UnexplainedSum>} */
  const sums = new Map();
  for (const { beyond, recovered_by, series, unit, to, account_id, account } of findings) {
    if (beyond === null || series === null) continue;
    const month = to.slice(0, 7);
    const zero = { low: 0, high: 0 };
    const key = `${month} ${account_id} ${series}`;
    const sum = sums.get(key) ?? {
      month,
      account_id,
      account,
      series,
      unit: unit ?? 'percent',
      beyond: zero,
      given_back: zero,
      cases: 0,
    };
    /** @param {{ low: number, high: number }} range */
    const more = ({ low, high }) => ({ low: low + beyond.low, high: high + beyond.high });
    sums.set(key, {
      ...sum,
      cases: sum.cases + 1,
      beyond: more(sum.beyond),
      given_back: recovered_by === null ? sum.given_back : more(sum.given_back),
    });
  }
  return [...sums.values()];
}

/** What to write to the service about an anomaly. @param {number} id @param {string} language */
export function claimOf(id, language) {
  const found = findings().findings.find((one) => one.id === id);
  const chinese = language === 'zh-CN';
  return {
    language,
    subject: chinese
      ? '不明扣减：每月额度（2026-11-22）'
      : 'Unexplained deduction: monthly quota, 2026-11-22',
    text: chinese
      ? `您好：\n\n我的 Kimi Code 账号出现一笔异常扣减，请协助核查。\n扣减 ${found?.observed} 个百分点。`
      : `Hello,\n\nI ask you to check a deduction on my Kimi Code account.\nDeducted ${found?.observed} points.`,
  };
}

/**
 * Forecasts of cycles that are over: one that came true, one that did not, one that was unsure.
 * @returns {import('../src/api/types').Hindsight}
 */
export function hindsight() {
  const base = { account_id: 1, account: 'Work' };
  /** @type {(back: number, days: number) => { from: string, to: string }} */
  const cycle = (back, days) => ({
    from: iso(NOW - (back + days) * DAY),
    to: iso(NOW - back * DAY),
  });
  return {
    forecasts: [
      {
        ...base,
        meter: 'week',
        cycle: cycle(1, 7),
        at: iso(NOW - 4.5 * DAY),
        used: 61,
        forecast: { lasts: 0.12, empty: { from: iso(NOW - 3 * DAY), to: iso(NOW - 2 * DAY) } },
        emptied: iso(NOW - 2.4 * DAY),
        ended_at: 100,
      },
      {
        ...base,
        meter: 'month',
        cycle: cycle(6, 30),
        at: iso(NOW - 21 * DAY),
        used: 38,
        forecast: { lasts: 0.88, empty: null },
        emptied: iso(NOW - 8 * DAY),
        ended_at: 100,
      },
      {
        ...base,
        meter: 'week',
        cycle: cycle(8, 7),
        at: iso(NOW - 11.5 * DAY),
        used: 44,
        forecast: { lasts: 0.52, empty: null },
        emptied: null,
        ended_at: 93,
      },
    ],
  };
}

/** @returns {Omit<import('../src/api/types').Findings, 'open' | 'counted' | 'unexplained'>} */
function recorded() {
  /** @type {import('../src/api/types').FindingView} */
  const base = {
    id: 0,
    account_id: 1,
    account: 'Work',
    kind: 'reset',
    class: null,
    series: 'week',
    unit: 'percent',
    from: iso(NOW - 2 * HOUR - 5 * 60_000),
    to: iso(NOW - 2 * HOUR),
    detected_at: iso(NOW - 2 * HOUR),
    severity: 'note',
    state: 'open',
    marked_at: null,
    observed: null,
    expected: null,
    beyond: null,
    factor: null,
    incident: null,
    schedule: null,
    used_before: null,
    used_after: null,
    announced: null,
    amount: null,
    limit: null,
    before: null,
    after: null,
    of: null,
    recovered_by: null,
    withdrawn: null,
    has_case: true,
    confidence: 1,
    explanation: '',
    evidence: [],
    messages: { explanation: [], evidence: [] },
    seen: true,
  };
  const lateUsage = message('late-usage-explains', {
    machine: { kind: 'text', value: '笔记本' },
    series: series('week'),
    of: time(NOW - 2 * DAY - HOUR),
    amount: amount(9),
    at_most: amount(9.4),
  });
  return {
    findings: [
      {
        ...base,
        id: 9,
        severity: 'good',
        schedule: 'early',
        used_before: 78.5,
        used_after: 0,
        announced: iso(NOW + 2 * DAY),
        confidence: 0.98,
        ...messages(
          [
            message('reset-early', {
              meter: series('week'),
              from: time(NOW - 2 * HOUR - 5 * 60_000),
              to: time(NOW - 2 * HOUR),
              before: percent(78.5),
              after: percent(0),
              due: time(NOW + 2 * DAY),
            }),
          ],
          [
            message('quota-at', {
              at: time(NOW - 2 * HOUR - 5 * 60_000),
              meter: series('week'),
              used: percent(78.5),
              ends: time(NOW + 2 * DAY),
            }),
            message('quota-at', {
              at: time(NOW - 2 * HOUR),
              meter: series('week'),
              used: percent(0),
              ends: time(NOW + 7 * DAY - 2 * HOUR),
            }),
          ],
        ),
        seen: false,
      },
      {
        ...base,
        id: 10,
        kind: 'anomaly',
        class: 'wipe-out',
        severity: 'critical',
        series: '5h',
        from: iso(NOW - 5 * HOUR - 5 * 60_000),
        to: iso(NOW - 5 * HOUR),
        detected_at: iso(NOW - 5 * HOUR),
        observed: 52.5,
        expected: { low: 0, high: 0 },
        beyond: { low: 52.5, high: 52.5 },
        confidence: 0.999,
        ...messages(
          [
            message('emptied', {
              series: series('5h'),
              from: time(NOW - 5 * HOUR - 5 * 60_000),
              to: time(NOW - 5 * HOUR),
              before: level(47.5),
              after: level(100),
            }),
            message('no-usage'),
          ],
          [
            message('deducted-expected', {
              series: series('5h'),
              amount: amount(52.5),
              slack: amount(0.1),
              low: amount(0),
              high: amount(0),
            }),
            message('no-usage-logged'),
          ],
        ),
        seen: false,
      },
      {
        ...base,
        id: 8,
        kind: 'anomaly',
        class: 'unexplained',
        severity: 'warning',
        series: 'month',
        from: iso(NOW - 9 * HOUR),
        to: iso(NOW - 8 * HOUR),
        detected_at: iso(NOW - 8 * HOUR),
        observed: 14,
        expected: { low: 0, high: 1.5 },
        beyond: { low: 12.5, high: 14 },
        incident: incident(),
        confidence: 0.93,
        ...messages(
          [
            message('lost', {
              series: series('month'),
              from: time(NOW - 9 * HOUR),
              to: time(NOW - 8 * HOUR),
              amount: amount(14),
            }),
            message('usage-explains', { series: series('month'), at_most: amount(1.5) }),
            message('incident', {
              title: { kind: 'text', value: 'Elevated 502 errors on the API' },
              impact: { kind: 'text', value: 'major' },
              since: time(NOW - 9.5 * HOUR),
            }),
          ],
          [
            message('deducted-expected', {
              series: series('month'),
              amount: amount(14),
              slack: amount(0.1),
              low: amount(0),
              high: amount(1.5),
            }),
            message('failed-polls', { count: { kind: 'number', value: 3 } }),
          ],
        ),
        seen: false,
      },
      {
        ...base,
        id: 12,
        kind: 'recovered',
        severity: 'good',
        series: 'month',
        from: iso(NOW - DAY - 30 * 60_000),
        to: iso(NOW - DAY - 25 * 60_000),
        detected_at: iso(NOW - DAY - 25 * 60_000),
        observed: 21,
        of: 11,
        // As an older version recorded it.
        explanation: 'The monthly quota got back 21 points of the 21 lost at 2026-11-21 03:20 UTC.',
        evidence: ['2026-11-21 05:55 UTC: +21 points'],
      },
      {
        ...base,
        id: 7,
        account_id: 3,
        account: 'Batch jobs',
        kind: 'credit',
        class: 'top-up',
        series: 'balance:USD',
        unit: 'USD',
        amount: { amount: '50.00', currency: 'USD' },
        detected_at: iso(NOW - DAY - HOUR),
        from: iso(NOW - DAY - 2 * HOUR),
        to: iso(NOW - DAY - HOUR),
        severity: 'good',
        ...messages(
          [
            message('paid-in', {
              series: series('balance:USD'),
              amount: amount(50, 'USD'),
              from: time(NOW - DAY - 2 * HOUR),
              to: time(NOW - DAY - HOUR),
            }),
          ],
          [
            message('money-at', {
              at: time(NOW - DAY - HOUR),
              series: series('balance:USD'),
              left: {
                kind: 'split',
                value: {
                  cash: { amount: '49.58894', currency: 'USD' },
                  voucher: { amount: '5.00', currency: 'USD' },
                },
              },
            }),
          ],
        ),
      },
      {
        ...base,
        id: 11,
        kind: 'anomaly',
        class: 'accelerated',
        severity: 'warning',
        series: 'month',
        from: iso(NOW - DAY - 9 * HOUR),
        to: iso(NOW - DAY - 3 * HOUR),
        detected_at: iso(NOW - DAY - 3 * HOUR),
        observed: 21,
        expected: { low: 6.8, high: 8.75 },
        beyond: { low: 12.25, high: 14.2 },
        factor: { low: 2.4, high: 3.1 },
        confidence: 0.97,
        recovered_by: 12,
      },
      {
        ...base,
        id: 13,
        account_id: 3,
        account: 'Batch jobs',
        kind: 'anomaly',
        class: 'unexplained',
        severity: 'warning',
        state: 'mine',
        marked_at: iso(NOW - DAY),
        series: 'balance:USD',
        unit: 'USD',
        from: iso(NOW - DAY - 7 * HOUR),
        to: iso(NOW - DAY - 6 * HOUR),
        detected_at: iso(NOW - DAY - 6 * HOUR),
        observed: 6.4,
        expected: { low: 1.1, high: 2.35 },
        beyond: { low: 4.05, high: 5.3 },
        confidence: 0.7,
      },
      {
        ...base,
        id: 15,
        kind: 'withdrawn',
        severity: 'good',
        series: 'week',
        from: iso(NOW - 2 * DAY - 2 * HOUR),
        to: iso(NOW - 2 * DAY - HOUR),
        detected_at: iso(NOW - DAY - 2 * HOUR),
        observed: 9,
        expected: null,
        of: 14,
        confidence: 0.9,
        ...messages([lateUsage], [message('finding-of', { at: time(NOW - 2 * DAY - HOUR) })]),
      },
      {
        ...base,
        id: 14,
        kind: 'anomaly',
        class: 'unexplained',
        severity: 'warning',
        series: 'week',
        from: iso(NOW - 2 * DAY - 2 * HOUR),
        to: iso(NOW - 2 * DAY - HOUR),
        detected_at: iso(NOW - 2 * DAY - HOUR),
        observed: 9,
        expected: { low: 0, high: 1 },
        beyond: { low: 8, high: 9 },
        confidence: 0.8,
        withdrawn: { by: 15, at: iso(NOW - DAY - 2 * HOUR), machine: '笔记本' },
      },
      {
        ...base,
        id: 6,
        account_id: 2,
        account: 'Laptop, old plan',
        kind: 'limit-change',
        limit: 'week',
        before: '2048',
        after: '4096',
        detected_at: iso(NOW - 2 * DAY),
        from: iso(NOW - 2 * DAY - HOUR),
        to: iso(NOW - 2 * DAY),
      },
      {
        ...base,
        id: 5,
        kind: 'plan-change',
        series: null,
        unit: null,
        has_case: false,
        before: 'Moderato',
        after: 'Allegretto',
        detected_at: iso(NOW - 2 * DAY - 3 * HOUR),
      },
      {
        ...base,
        id: 4,
        series: '5h',
        schedule: 'on-time',
        used_before: 61,
        used_after: 2.5,
        announced: iso(NOW - 2 * DAY - 4 * HOUR),
        detected_at: iso(NOW - 2 * DAY - 4 * HOUR),
      },
    ],
    failures: [
      {
        account_id: 4,
        account: 'Research group, shared key for the long nightly evaluation runs',
        kind: 'unauthorized',
        message: 'Invalid Authentication',
        cause: null,
        from: iso(NOW - 3 * HOUR),
        to: iso(NOW - 5 * 60_000),
        count: 3,
        over: false,
      },
      {
        account_id: 1,
        account: 'Work',
        kind: 'server-error',
        message: 'the service answered with status 502 without a message',
        cause: { id: 'status-alone', args: { status: { kind: 'text', value: '502' } } },
        from: iso(NOW - DAY - 5 * HOUR),
        to: iso(NOW - DAY - 4 * HOUR),
        count: 11,
        over: true,
      },
    ],
    incidents: [incident()],
    announcements: [
      {
        id: 'china:b1',
        text: 'Kimi Code – Pro: 100%',
        since: iso(NOW - 26 * 3600_000),
        until: null,
      },
    ],
    known_use: knownUse(),
  };
}

/** @typedef {import('../src/api/types').UseView} UseView */

/** Prices of a made-up list: USD a million tokens. */
const PRICES = { input: 0.6, cache_read: 0.15, output: 2.5 };

/** @param {number} requests @param {number} tokens @param {boolean} [priced] @returns {UseView} */
export function use(requests, tokens, priced = true) {
  const output = Math.round(tokens * 0.05);
  const cache_read = Math.round(tokens * 0.78);
  const input = tokens - output - cache_read;
  const worth =
    (input * PRICES.input + cache_read * PRICES.cache_read + output * PRICES.output) / 1e6;
  return {
    requests,
    input,
    cache_read,
    cache_write: 0,
    output,
    total: tokens,
    cache_hit_share: tokens > 0 ? cache_read / (input + cache_read) : null,
    worth: priced || tokens === 0 ? { amount: worth.toFixed(4), currency: 'USD' } : null,
    saved:
      priced && tokens > 0
        ? {
            amount: ((cache_read * (PRICES.input - PRICES.cache_read)) / 1e6).toFixed(4),
            currency: 'USD',
          }
        : null,
    unpriced_tokens: priced ? 0 : tokens,
  };
}

/** @param {UseView[]} uses @returns {UseView} */
function together(uses) {
  /** @param {(use: UseView) => number} read */
  const sum = (read) => uses.reduce((all, one) => all + read(one), 0);
  const [input, cache_read] = [sum((one) => one.input), sum((one) => one.cache_read)];
  const counted = uses.filter((one) => one.total > 0);
  const known = counted.filter((one) => one.worth !== null);
  return {
    requests: sum((one) => one.requests),
    input,
    cache_read,
    cache_write: 0,
    output: sum((one) => one.output),
    total: sum((one) => one.total),
    cache_hit_share: input + cache_read > 0 ? cache_read / (input + cache_read) : null,
    worth:
      known.length > 0 || counted.length === 0
        ? {
            amount: known.reduce((all, one) => all + Number(one.worth?.amount), 0).toFixed(4),
            currency: 'USD',
          }
        : null,
    saved: {
      amount: counted.reduce((all, one) => all + Number(one.saved?.amount ?? 0), 0).toFixed(4),
      currency: 'USD',
    },
    unpriced_tokens: sum((one) => one.unpriced_tokens),
  };
}

/** @param {number} requests @param {number} tokens @param {number | null} concurrency */
const rate = (requests, tokens, concurrency) => ({
  requests,
  tokens,
  most_requests_a_minute: Math.min(requests, 41),
  most_tokens_a_minute: Math.min(tokens, 1_640_000),
  greatest_concurrency: concurrency,
});

/** @param {Partial<import('../src/api/types').ScanView>} [given] @returns {import('../src/api/types').ScanView} */
export function scan(given = {}) {
  return {
    running: false,
    slow: false,
    files: 0,
    files_done: 0,
    bytes: 0,
    bytes_done: 0,
    last_done: iso(NOW - 12_000),
    files_known: 1284,
    files_dated: 0,
    lines_skipped: 0,
    files_unreadable: 0,
    homes: [
      { format: 'kimi-code', path: '/home/lin/.kimi-code' },
      { format: 'kimi-cli', path: '/home/lin/.kimi' },
      { format: 'claude-code', path: '/home/lin/.claude/projects' },
    ],
    programs_absent: ['codex', 'qwen-code', 'goose'],
    homes_missing: [],
    watching: true,
    ...given,
  };
}

/** What a scene changes about the use of this machine. */
export const USAGE = {
  normal: {},
  troubled: {
    doubtful_times: 3,
    scan: scan({
      files_dated: 4,
      lines_skipped: 17,
      files_unreadable: 2,
      homes_missing: ['/srv/agents/kimi-code'],
      watching: false,
    }),
  },
  scanning: {
    scan: scan({
      running: true,
      slow: true,
      files: 1284,
      files_done: 402,
      bytes: 1_073_741_824,
      bytes_done: 341_203_000,
      last_done: null,
    }),
  },
};

/** The parts of days that were asked for before. @type {Map<string, number[]>} */
const daysSplit = new Map();

/** The accounts whose usage is known, and unassigned usage. @type {(string | null)[]} */
const ACCOUNTS = ['Work', 'Batch jobs', null];
const ACCOUNT_SHARES = [0.55, 0.3];
const YUAN_A_DOLLAR = 7.1;

/**
 * Local use. Every sum is the sum of its parts: a model's, a project's and an account's tokens are each
 * those of all buckets.
 * @param {string} by @param {string} from @param {string} to first day, and the day after the last
 * @param {Partial<import('../src/api/types').Usage>} [given]
 * @returns {import('../src/api/types').Usage}
 */
export function usage(by, from, to, given = {}) {
  const { start, end, buckets } = cut(by, from, to);
  const models = ['kimi-k2.5', 'kimi-k2-thinking', 'kimi-for-coding', 'kimi-k3-preview'];
  const SHARES = [0.62, 0.2, 0.13, 0.05];
  /** The tokens of a model on a day. @param {string} key @param {number} model */
  const ofModel = (key, model) => {
    if (key > TODAY || (key !== TODAY && drawn('no use', key) < 0.15)) return 0;
    const day = key === TODAY ? 0.55 : 1;
    return Math.round(7e6 * day * (SHARES[model] ?? 0) * (0.3 + drawn('use', key, model)));
  };
  /** @param {string} key */
  const ofDay = (key) => SHARES.reduce((sum, _, model) => sum + ofModel(key, model), 0);
  const byModel = models.map((_, model) => summed(buckets, (key) => ofModel(key, model)));
  const parts = buckets.map((_, at) =>
    models.map((_, model) => {
      const tokens = byModel[model]?.[at] ?? 0;
      return use(Math.ceil(tokens / 61_000), tokens, model !== 3);
    }),
  );
  const used = parts.map(together);
  const totals = together(used);
  /**
   * The tokens of each part on a day: the last has what the others leave.
   * @param {string} key @param {(string | null)[]} names @param {number[]} shares
   */
  const splitDay = (key, names, shares) => {
    const memo = `${key} ${names.join('/')}`;
    const found = daysSplit.get(memo);
    if (found !== undefined) return found;
    let left = ofDay(key);
    const whole = left;
    const parts = names.map((name, index) => {
      const share = (shares[index] ?? 0) * (0.6 + 0.8 * drawn('part', key, name ?? ''));
      const part =
        index === names.length - 1 ? left : Math.min(left, Math.round(whole * Math.min(1, share)));
      left -= part;
      return part;
    });
    daysSplit.set(memo, parts);
    return parts;
  };
  /** @param {(string | null)[]} names @param {number[]} shares */
  const split = (names, shares) =>
    names.map((name, index) => {
      const totals = summed(buckets, (key) => splitDay(key, names, shares)[index] ?? 0);
      const tokens = totals.reduce((all, part) => all + part, 0);
      return { name, use: use(Math.ceil(tokens / 61_000), tokens), totals };
    });
  const [desk, laptop, nightly] = split(['desk', '笔记本', 'nightly-evaluation'], [0.6, 0.3]);
  const none = { minute: rate(0, 0, null), hour: rate(0, 0, null), day: rate(0, 0, null) };
  const [work, batch, unknown] = split(ACCOUNTS, ACCOUNT_SHARES);
  const programs = split(['kimi-code', 'claude-code', 'opencode'], [0.6, 0.15]).sort(
    (a, b) => b.use.total - a.use.total,
  );
  /**
   * The programs in whose logs an account's usage was seen: together they are all of it.
   * @param {ReturnType<typeof split>[number] | undefined} part @param {[string, number][]} shares
   * @returns {import('../src/api/types').NamedCount[]}
   */
  const counts = (part, shares) => {
    let left = part?.use.total ?? 0;
    return shares.map(([name, of], index) => {
      const all = part?.use.total ?? 0;
      const tokens = index === shares.length - 1 ? left : Math.round(all * of);
      left -= tokens;
      return { name, requests: Math.ceil(tokens / 61_000), tokens };
    });
  };
  /**
   * What an account used on each of the machines: this one, and those of the numbers.
   * @param {ReturnType<typeof split>[number] | undefined} part
   * @param {[number | null, number][]} shares
   */
  const seenOn = (part, shares) =>
    shares.map(([machine, of]) => ({
      machine,
      requests: Math.round((part?.use.requests ?? 0) * of),
      tokens: Math.round((part?.use.total ?? 0) * of),
    }));
  const [workCard, , batchCard] = cards();
  /** What an account sent in the last minute, hour and day: parts of today. @param {string} name @param {[number, number, number]} most */
  const ratesOf = (name, most) => {
    const at = ACCOUNTS.indexOf(name);
    const tokens = splitDay(TODAY, ACCOUNTS, ACCOUNT_SHARES)[at] ?? 0;
    /** @param {number} share @param {number} requests @param {number} concurrency */
    const of = (share, requests, concurrency) =>
      rate(requests, Math.round(tokens * share), concurrency);
    return {
      minute: of(0.3, 38, most[0]),
      hour: of(0.6, 410, most[1]),
      day: of(1, 1902, most[2]),
    };
  };
  const nothing = { use: use(0, 0), totals: buckets.map(() => 0) };
  /** @param {ReturnType<typeof split>[number] | undefined} part */
  const share = (part) => ({
    use: part?.use ?? nothing.use,
    totals: part?.totals ?? nothing.totals,
  });
  return {
    now: iso(NOW),
    by,
    timezone: 'Asia/Shanghai',
    from: iso(start),
    to: iso(end),
    currency: 'USD',
    buckets,
    used,
    totals,
    models: models.map((name, index) => ({
      name,
      use: together(parts.flatMap((part) => part[index] ?? [])),
      totals: parts.map((part) => part[index]?.total ?? 0),
    })),
    projects: split(
      [
        '/home/lin/work/tidewater',
        '/home/lin/work/harbour-master-console',
        'C:\\Users\\lin\\src\\浮标',
        '/home/lin/src/notes',
        '/home/lin/src/weather',
        '/srv/agents/nightly-evaluation-of-everything-that-was-merged-since-yesterday',
        '/home/lin/src/site',
        '/tmp/try',
        '/home/lin/src/maps',
        null,
      ],
      [0.4, 0.2, 0.12, 0.08, 0.05, 0.04, 0.03, 0.02, 0.01],
    ).sort((a, b) => b.use.total - a.use.total),
    programs,
    accounts: [
      {
        account_id: 1,
        account: 'Work',
        source: 'kimi-code',
        region: 'china',
        use: work?.use ?? nothing.use,
        totals: work?.totals ?? nothing.totals,
        programs: counts(work, [
          ['kimi-code', 0.8],
          ['claude-code', 0.2],
        ]),
        machines: seenOn(work, [
          [null, 0.55],
          [1, 0.3],
          [2, 0.15],
        ]),
        plan: {
          plan: workCard?.plan ?? '',
          price: { amount: '199', currency: 'CNY' },
          worth: {
            amount: (Number(work?.use.worth?.amount ?? 0) * YUAN_A_DOLLAR).toFixed(2),
            currency: 'CNY',
          },
        },
        rates: ratesOf('Work', [3, 9, 19]),
        limits: workCard?.limits ?? card({ id: 1, name: '' }).limits,
      },
      {
        account_id: 3,
        account: 'Batch jobs',
        source: 'platform',
        region: 'global',
        use: batch?.use ?? nothing.use,
        totals: batch?.totals ?? nothing.totals,
        programs: counts(batch, [['opencode', 1]]),
        machines: seenOn(batch, [[2, 1]]),
        plan: null,
        rates: ratesOf('Batch jobs', [40, 44, 48]),
        limits: batchCard?.limits ?? card({ id: 3, name: '' }).limits,
      },
      {
        account_id: null,
        account: null,
        source: null,
        region: null,
        use: unknown?.use ?? nothing.use,
        totals: unknown?.totals ?? nothing.totals,
        programs: counts(unknown, [['claude-code', 1]]),
        machines: seenOn(unknown, [[null, 1]]),
        plan: null,
        rates: none,
        limits: card({ id: 0, name: '' }).limits,
      },
    ],
    machines: [
      { machine: null, name: 'desk', ...share(desk) },
      { machine: 1, name: '笔记本', ...share(laptop) },
      { machine: 2, name: 'nightly-evaluation', ...share(nightly) },
    ],
    busiest: Array.from({ length: 7 }, (_, day) =>
      Array.from({ length: 24 }, (_, hour) => {
        const awake = hour >= 9 && hour <= 22 && day < 6;
        const tokens = awake
          ? Math.round(
              3e6 *
                (day === 1 && hour === 16 ? 1 : 0.9 * drawn('busy', day, hour)) *
                Math.exp(-(((hour - 15) / 4) ** 2)),
            )
          : 0;
        return { requests: Math.ceil(tokens / 61_000), tokens };
      }),
    ),
    unpriced: [{ name: 'kimi-k3-preview', requests: 212, tokens: totals.unpriced_tokens }],
    third_party: [{ name: 'deepseek-v4', requests: 40, tokens: 1_900_000 }],
    doubtful_times: 0,
    scan: scan(),
    ...given,
  };
}

/**
 * No log was found.
 * @param {string} by @param {string} from @param {string} to
 */
export function usageOfNothing(by, from, to) {
  const full = usage(by, from, to);
  return {
    ...full,
    used: full.buckets.map(() => use(0, 0)),
    totals: use(0, 0),
    models: [],
    projects: [],
    programs: [],
    accounts: [],
    machines: [],
    busiest: Array.from({ length: 7 }, () =>
      Array.from({ length: 24 }, () => ({ requests: 0, tokens: 0 })),
    ),
    unpriced: [],
    third_party: [],
    scan: scan({ homes: [], files_known: 0 }),
  };
}

/**
 * The machines: one that is asked over SSH and cannot be reached, two in a shared folder, and one whose usage stays.
 * @returns {import('../src/api/types').Machines}
 */
export function machines() {
  /** @param {number} days @param {number} hours */
  const coverage = (days, hours) =>
    ['kimi-code', 'claude-code', 'codex'].map((client) => ({
      client,
      from: iso(NOW - days * DAY),
      to: iso(NOW - hours * HOUR),
      has_records: client !== 'codex',
    }));
  /** @param {number} number @param {string} name @param {string | null} exchange @param {number} hours */
  const machine = (number, name, exchange, hours) => ({
    key: `m${number}`,
    number,
    id: number.toString(16).padStart(32, '7'),
    name,
    exchange,
    last_seen: iso(NOW - hours * HOUR),
    skipped: number === 2 ? 3 : 0,
    ignored: false,
    coverage: coverage(90 - 10 * number, hours),
  });
  return {
    this: {
      id: 'd'.repeat(32),
      name: 'desk',
      renewed: null,
      shares_projects: false,
      coverage: coverage(120, 0),
    },
    machines: [
      machine(1, '笔记本', 'x1', 31),
      machine(2, 'nightly-evaluation', 'x2', 0.1),
      machine(3, 'old laptop', null, 24 * 40),
    ],
    forgotten: [{ key: 'm4', id: '4'.repeat(32), name: 'build server' }],
    exchanges: [
      {
        key: 'x1',
        name: '笔记本',
        kind: 'ssh',
        place: 'lin@laptop.local',
        command: null,
        last_try: iso(NOW - HOUR / 2),
        last_done: iso(NOW - 31 * HOUR),
        failures: 4,
        next: iso(NOW + 2 * HOUR),
        problem: {
          code: 'unreachable',
          said: 'ssh: connect to host laptop.local port 22: No route to host',
        },
        underway: false,
      },
      {
        key: 'x2',
        name: 'ours',
        kind: 'folder',
        place: '/home/lin/Sync/tidemark',
        command: null,
        last_try: iso(NOW - HOUR / 10),
        last_done: iso(NOW - HOUR / 10),
        failures: 0,
        next: iso(NOW + HOUR / 15),
        problem: null,
        underway: false,
      },
    ],
  };
}

/**
 * Machines in trouble: this one has another id, and every exchange has a different problem.
 * @returns {import('../src/api/types').Machines}
 */
export function troubledMachines() {
  const usual = machines();
  const [laptop, nightly] = usual.machines;
  /** @param {number} number @param {Partial<import('../src/api/types').Exchange>} given */
  const exchange = (number, given) => ({
    key: `x${number}`,
    name: '',
    kind: /** @type {const} */ ('ssh'),
    place: '',
    command: null,
    last_try: iso(NOW - HOUR / 4),
    last_done: null,
    failures: 1,
    next: iso(NOW + HOUR / 4),
    problem: null,
    underway: false,
    ...given,
  });
  return {
    forgotten: [],
    this: { ...usual.this, name: '', renewed: 'clone', shares_projects: true, coverage: [] },
    machines: [
      ...(laptop === undefined ? [] : [{ ...laptop, last_seen: null, coverage: [] }]),
      ...(nightly === undefined
        ? []
        : [
            {
              ...nightly,
              name: 'nightly-evaluation-of-everything-that-was-merged-since-yesterday',
              skipped: 1,
              coverage: [
                {
                  client: 'kimi-code',
                  from: iso(NOW - 90 * DAY),
                  to: iso(NOW - 60 * DAY),
                  has_records: true,
                },
                {
                  client: 'kimi-code',
                  from: iso(NOW - 50 * DAY),
                  to: iso(NOW - 20 * DAY),
                  has_records: true,
                },
                { client: 'kimi-code', from: iso(NOW - 10 * DAY), to: iso(NOW), has_records: true },
                {
                  client: 'from-the-future',
                  from: iso(NOW - DAY),
                  to: iso(NOW),
                  has_records: true,
                },
              ],
            },
          ]),
    ],
    exchanges: [
      exchange(1, {
        name: '笔记本',
        place: 'lin@laptop.local',
        command: '/opt/tidemark/bin/tidemark',
        problem: { code: 'host-key', said: 'Host key verification failed.' },
      }),
      exchange(2, {
        name: 'ours',
        kind: 'folder',
        place: '/home/lin/Sync/a-folder-with-a-long-name/that-all-of-our-machines-share/tidemark',
        last_done: iso(NOW - 50 * HOUR),
        failures: 12,
        problem: { code: 'wrong-passphrase', said: null },
      }),
      exchange(3, {
        name: 'studio',
        place: 'studio',
        problem: { code: 'from-the-future', said: 'the moon is in the way' },
        underway: true,
      }),
      exchange(4, { name: 'hub', kind: 'other', failures: 0 }),
    ],
  };
}

/** The accounts of the scene with many: the six, again and again. Only the first six have events. @param {number} count */
const copies = (count) =>
  Array.from({ length: count }, (_, index) => ({ index, base: (index % 6) + 1, id: index + 1 }));
/** @param {number} id */
const copyName = (id) => `Account ${id}`;

/** The cards of many accounts. @param {number} count @returns {AccountCard[]} */
export function manyCards(count) {
  const usual = cards();
  return copies(count).flatMap(({ index, base, id }) => {
    const one = usual[base - 1];
    if (one === undefined) return [];
    const first = index < usual.length;
    return [
      {
        ...one,
        id,
        name: copyName(id),
        unseen_findings: first ? one.unseen_findings : 0,
        anomalies: first ? one.anomalies : card({ id, name: '' }).anomalies,
        known_use: one.known_use.map((known) => ({ ...known, account_id: id })),
      },
    ];
  });
}

/** @param {number} count @returns {import('../src/api/types').Account[]} */
export const manyAccounts = (count) =>
  copies(count).flatMap(({ base, id }) => {
    const one = accounts()[base - 1];
    return one === undefined ? [] : [{ ...one, id, name: copyName(id) }];
  });

/**
 * An answer of the six accounts as one of many: names are those of the copies.
 * @template T @param {T} answer @returns {T}
 */
export function renamed(answer) {
  const names = new Map(cards().map(({ id, name }) => [name, copyName(id)]));
  /** @param {unknown} value @returns {unknown} */
  const walk = (value) => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        key === 'account' && typeof inner === 'string' ? (names.get(inner) ?? inner) : walk(inner),
      ]),
    );
  };
  return /** @type {T} */ (walk(answer));
}

/**
 * @param {string} by @param {string} from @param {string} to @param {number | null} account @param {number} count
 * @returns {import('../src/api/types').History}
 */
export function manyHistory(by, from, to, account, count) {
  const all = history(by, from, to, null);
  const wanted = copies(count).filter(({ id }) => account === null || id === account);
  return {
    ...all,
    series: wanted.flatMap(({ base, id }) =>
      all.series
        .filter(({ account_id }) => account_id === base)
        .map((one) => ({ ...one, account_id: id, account: copyName(id) })),
    ),
    marks: all.marks.filter((one) => account === null || one.account_id === account),
  };
}

/** Each account whose key fails has a row. @param {number} count @returns {import('../src/api/types').Findings} */
export function manyFindings(count) {
  const all = renamed(findings());
  const [sample] = all.failures;
  const more = manyCards(count).flatMap((one) =>
    sample !== undefined && one.id > 6 && one.state === 'refused' && one.failure !== null
      ? [{ ...sample, account_id: one.id, account: one.name, from: one.failure.since }]
      : [],
  );
  return { ...all, failures: [...all.failures, ...more] };
}

/** A day on which everything is fine. @returns {import('../src/api/types').Overview} */
export function fine() {
  return overview({
    accounts: cards()
      .filter(({ id }) => id <= 3)
      .map((one) => ({
        ...one,
        unseen_findings: 0,
        not_understood: [],
        anomalies: card({ id: one.id, name: '' }).anomalies,
        meters: one.meters.map((quota) => ({
          ...quota,
          used_percent: Math.min(quota.used_percent, quota.meter === 'month-code' ? 48 : 62),
          conflict: false,
          count: null,
          forecast: quota.meter === 'month-code' ? null : { lasts: 0.97, empty: null },
        })),
      })),
  });
}

/** A history of a day on which everything is fine. @param {History} given @returns {History} */
export const withoutFaults = (given) => ({
  ...given,
  marks: given.marks.filter(({ kind }) => kind !== 'anomaly'),
  series: given.series
    .filter(({ account_id }) => account_id <= 3)
    .map((one) => ({
      ...one,
      points: one.points.map((point) => ({
        ...point,
        explained: point.explained && {
          ...point.explained,
          fully: point.explained.fully + point.explained.not,
          not: 0,
        },
      })),
    })),
});

/** Usage as the machines report it: one that never reported any has none. @param {import('../src/api/types').Usage} given @param {import('../src/api/types').Machines} known */
export function reported(given, known) {
  const silent = new Set(
    known.machines.filter(({ last_seen }) => last_seen === null).map(({ number }) => number),
  );
  const name = (/** @type {number | null} */ number) =>
    number === null ? known.this.name : known.machines.find((one) => one.number === number)?.name;
  return {
    ...given,
    machines: given.machines
      .filter(({ machine }) => machine === null || !silent.has(machine))
      .map((one) => ({ ...one, name: name(one.machine) ?? one.name })),
    accounts: given.accounts.map((one) => ({
      ...one,
      machines: one.machines.filter(({ machine }) => machine === null || !silent.has(machine)),
    })),
  };
}
