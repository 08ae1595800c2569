// @ts-check
// Made-up answers of the engine, for tests and for looking at the window while it is built.
/** @typedef {import('../src/api/types').AccountCard} AccountCard */
/** @typedef {import('../src/api/types').MeterView} MeterView */
/** @typedef {import('../src/api/types').PointView} PointView */

export const NOW = Date.parse('2026-11-22T06:20:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

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
    unconfirmed: false,
    trend,
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
        meter({ meter: '5h', used_percent: 43.72 }),
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
      unseen_findings: 2,
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
        status: 401,
        since: iso(NOW - 3 * HOUR),
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
        message: 'request reached organization max RPM: 20, please try again after 30 seconds',
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
        message: 'the keyring is locked and its prompt was not answered',
        status: null,
        since: iso(NOW - 26 * HOUR),
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
    version: '0.1.0',
    demo: false,
    paused_until: null,
    tray: 'shown',
    notifications: 'working',
    keyring: 'ready',
    timezone: 'Asia/Shanghai',
    trouble: null,
    ...given,
  };
}

/** Everything that can be wrong at once. @returns {import('../src/api/types').Overview} */
export function troubled() {
  return overview({
    agent: agent({
      demo: true,
      paused_until: iso(NOW + HOUR),
      tray: 'no-host',
      notifications: 'no-service',
      keyring: 'locked',
      trouble: { code: 'disk-full', detail: 'no space left on device', since: iso(NOW - HOUR) },
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
    notifications: true,
    quiet_hours: { from: '22:00', to: '08:00' },
    timezone: 'Asia/Shanghai',
    language: null,
    theme: null,
    start_at_login: true,
    status_page: true,
    keep_raw_days: null,
    log_homes: ['/srv/agents/kimi-code'],
    worth_currency: null,
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
  }));
}

/** @returns {import('../src/api/types').Welcome} */
export function welcome() {
  return {
    keyring: 'ready',
    kimi_code_login: { region: 'china', fresh: true, expires_at: iso(NOW + 11 * 60_000) },
    encrypted_file: 'none',
  };
}

/**
 * Whole days, hours or months at +08:00.
 * @param {string} by @param {string} from @param {string} to first day, and the day after the last
 */
function cut(by, from, to) {
  const zone = 8 * HOUR;
  const start = Date.parse(`${from}T00:00:00Z`) - zone;
  const end = Date.parse(`${to}T00:00:00Z`) - zone;
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
    return names.map((name, index) => ({
      account_id: one.id,
      account: one.name,
      series: name,
      unit: name.includes(':') ? (name.split(':')[1] ?? '') : 'percent',
      points: points(buckets, one.id * 10 + (name === 'month-code' ? index - 1 : index), by, name),
    }));
  });
  return { by, timezone: 'Asia/Shanghai', from: iso(start), to: iso(end), buckets, series };
}

/**
 * @param {import('../src/api/types').BucketView[]} buckets @param {number} seed @param {string} by @param {string} name
 * @returns {PointView[]}
 */
function points(buckets, seed, by, name) {
  const random = numbers(seed + 7);
  const size = (by === 'month' ? 30 : by === 'hour' ? 0.08 : 1) * (name === 'month-code' ? 0.6 : 1);
  const money = name.includes(':');
  return buckets.map((bucket, index) => {
    const draw = random();
    const spread = random();
    if (Date.parse(bucket.start) > NOW) {
      return {
        deducted: null,
        returned: null,
        uncertain: 0,
        coverage: 0,
        last: null,
        high: null,
        resets: 0,
      };
    }
    const gap = by !== 'month' && index % 17 >= 14 && index % 17 < 16;
    if (gap) {
      return {
        deducted: null,
        returned: null,
        uncertain: 0,
        coverage: 0,
        last: null,
        high: null,
        resets: 0,
      };
    }
    const late = by !== 'month' && index % 17 === 16;
    const quiet = draw < 0.12;
    const scale = money ? 6 : name === '5h' ? 90 : name === 'week' ? 18 : 4;
    const deducted = quiet ? 0 : Math.round(scale * size * (0.3 + spread) * 100) / 100;
    const resets =
      !money &&
      (name === '5h' ? (quiet ? 0 : 3) : index % (name === 'week' ? 7 : 23) === 4 ? 1 : 0);
    return {
      deducted,
      returned: money && index % 19 === 5 ? 50 : resets ? Math.min(100, deducted) : 0,
      uncertain: late ? Math.round(deducted * 60) / 100 : 0,
      coverage: late ? 0.55 : 0.995,
      last: money ? 80 - (index % 20) * 3 : Math.min(100, 20 + (index % 7) * 9),
      high: money ? 90 : 96,
      resets: Number(resets),
    };
  });
}

/** @returns {import('../src/api/types').Findings} */
export function findings() {
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
    schedule: null,
    used_before: null,
    used_after: null,
    announced: null,
    amount: null,
    limit: null,
    before: null,
    after: null,
    confidence: 1,
    explanation: '',
    evidence: [],
    seen: true,
  };
  return {
    findings: [
      {
        ...base,
        id: 9,
        schedule: 'early',
        used_before: 78.5,
        used_after: 0,
        announced: iso(NOW + 2 * DAY),
        confidence: 0.98,
        explanation: 'The week fell from 78.5 % to 0 % while two days were left.',
        evidence: ['14:15 used 78.5 %, resets 24 Nov 14:20', '14:20 used 0 %, resets 29 Nov 14:20'],
        seen: false,
      },
      {
        ...base,
        id: 8,
        kind: 'anomaly',
        class: 'unexplained',
        series: 'month',
        from: iso(NOW - 9 * HOUR),
        to: iso(NOW - 8 * HOUR),
        detected_at: iso(NOW - 8 * HOUR),
        confidence: 0.93,
        explanation: '14 points were deducted while nothing was sent from this machine.',
        evidence: ['expected at most 1.5 points', 'observed 14.0 points'],
        seen: false,
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
        explanation: 'Cash rose by 50.00 USD.',
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
        from: iso(NOW - 3 * HOUR),
        to: iso(NOW - 5 * 60_000),
        count: 3,
        over: false,
      },
      {
        account_id: 1,
        account: 'Work',
        kind: 'server-error',
        message: 'status 502',
        from: iso(NOW - DAY - 5 * HOUR),
        to: iso(NOW - DAY - 4 * HOUR),
        count: 11,
        over: true,
      },
    ],
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
    lines_skipped: 0,
    files_unreadable: 0,
    homes: [
      { format: 'kimi-code', path: '/home/lin/.kimi-code' },
      { format: 'kimi-cli', path: '/home/lin/.kimi' },
      { format: 'claude-code', path: '/home/lin/.claude/projects' },
    ],
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

/**
 * Local use. Every sum is the sum of its parts: a model's, a project's and an account's tokens are each
 * those of all buckets.
 * @param {string} by @param {string} from @param {string} to first day, and the day after the last
 * @param {Partial<import('../src/api/types').Usage>} [given]
 * @returns {import('../src/api/types').Usage}
 */
export function usage(by, from, to, given = {}) {
  const { start, end, buckets } = cut(by, from, to);
  const random = numbers(97);
  const size = by === 'month' ? 28 : by === 'hour' ? 0.06 : 1;
  const models = ['kimi-k2.5', 'kimi-k2-thinking', 'kimi-for-coding', 'kimi-k3-preview'];
  const parts = buckets.map((bucket) => {
    const past = Date.parse(bucket.start) <= NOW;
    const quiet = random() < 0.15;
    return models.map((_, model) => {
      const share = [0.62, 0.2, 0.13, 0.05][model] ?? 0;
      const tokens = past && !quiet ? Math.round(9e6 * size * share * (0.3 + random())) : 0;
      return use(Math.ceil(tokens / 61_000), tokens, model !== 3);
    });
  });
  const used = parts.map(together);
  const totals = together(used);
  /** @param {number} share @param {number} seed */
  const slice = (share, seed) => {
    const draw = numbers(seed);
    return used.map((one) => Math.round(one.total * Math.min(1, share * (0.6 + 0.8 * draw()))));
  };
  /** @param {(string | null)[]} names @param {number[]} shares */
  const split = (names, shares) => {
    const left = used.map((one) => one.total);
    return names.map((name, index) => {
      const last = index === names.length - 1;
      const totals = last
        ? left.slice()
        : slice(shares[index] ?? 0, 11 + index).map((part, at) => Math.min(part, left[at] ?? 0));
      totals.forEach((part, at) => (left[at] = (left[at] ?? 0) - part));
      const tokens = totals.reduce((all, part) => all + part, 0);
      return { name, use: use(Math.ceil(tokens / 61_000), tokens), totals };
    });
  };
  const none = { minute: rate(0, 0, null), hour: rate(0, 0, null), day: rate(0, 0, null) };
  const [work, batch, unknown] = split(['Work', 'Batch jobs', null], [0.55, 0.3]);
  const [workCard, , batchCard] = cards();
  const nothing = { use: use(0, 0), totals: buckets.map(() => 0) };
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
    accounts: [
      {
        account_id: 1,
        account: 'Work',
        source: 'kimi-code',
        region: 'china',
        use: work?.use ?? nothing.use,
        totals: work?.totals ?? nothing.totals,
        rates: {
          minute: rate(4, 212_000, 3),
          hour: rate(131, 6_410_000, 9),
          day: rate(1902, 88_000_000, 19),
        },
        limits: workCard?.limits ?? card({ id: 1, name: '' }).limits,
      },
      {
        account_id: 3,
        account: 'Batch jobs',
        source: 'platform',
        region: 'global',
        use: batch?.use ?? nothing.use,
        totals: batch?.totals ?? nothing.totals,
        rates: {
          minute: rate(38, 1_580_000, 40),
          hour: rate(700, 24_100_000, 44),
          day: rate(5210, 190_000_000, 48),
        },
        limits: batchCard?.limits ?? card({ id: 3, name: '' }).limits,
      },
      {
        account_id: null,
        account: null,
        source: null,
        region: null,
        use: unknown?.use ?? nothing.use,
        totals: unknown?.totals ?? nothing.totals,
        rates: none,
        limits: card({ id: 0, name: '' }).limits,
      },
    ],
    busiest: Array.from({ length: 7 }, (_, day) =>
      Array.from({ length: 24 }, (_, hour) => {
        const awake = hour >= 9 && hour <= 22 && day < 6;
        const tokens = awake ? Math.round(3e6 * random() * Math.exp(-(((hour - 15) / 4) ** 2))) : 0;
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
    accounts: [],
    busiest: Array.from({ length: 7 }, () =>
      Array.from({ length: 24 }, () => ({ requests: 0, tokens: 0 })),
    ),
    unpriced: [],
    third_party: [],
    scan: scan({ homes: [], files_known: 0 }),
  };
}
