// Written from crates/api/src/view.rs.

/** Everything the overview shows. */
export type Overview = { now: string, accounts: Array<AccountCard>, agent: AgentState, service: Array<ServiceStatus>, };

/** The engine's own state. */
export type AgentState = { version: string, demo: boolean, paused_until: string | null, tray: TrayState, notifications: NotificationState, keyring: KeyringState, timezone: string, trouble: Trouble | null, };

/** Trouble of the engine itself. */
export type Trouble = { code: string, detail: string, since: string, };

/** Whether there is a tray icon. */
export type TrayState = "shown" | "no-host" | "off";

/** Whether notifications can be delivered. */
export type NotificationState = "working" | "no-service" | "off";

/** The keyring. */
export type KeyringState = "ready" | "absent" | "locked" | "denied" | "gone" | "unknown";

/** One account on the overview. */
export type AccountCard = { id: number, name: string, source: Source, region: Region, plan: string | null, state: CardState, failure: FailureView | null, read_at: string | null, next_poll_at: string | null, polling: boolean, meters: Array<MeterView>, balance: BalanceView | null, wallet: WalletView | null, limits: LimitsView, not_understood: Array<string>, unseen_findings: number, };

/** `kimi-code` or `platform`. */
export type Source = "kimi-code" | "platform";

/** `china` or `global`. */
export type Region = "china" | "global";

/** How the values of a card stand. */
export type CardState = "waiting" | "live" | "stale" | "refused" | "limited" | "unreachable" | "not-understood" | "key-unavailable";

/** What went wrong with the last poll. */
export type FailureView = { kind: string, message: string, status: number | null, since: string, retry_at: string | null, keyring: KeyringState | null, };

/** A quota window. */
export type MeterView = { meter: string, used_percent: number, count: CountView | null, resets_at: string | null, conflict: boolean, unconfirmed: boolean, trend: Array<number | null>, };

/** A count of the service's and its limit. */
export type CountView = { used: string, limit: string, };

/** An amount of money: a decimal string and a currency code. */
export type Money = { amount: string, currency: string, };

/** The prepaid balance. Debt is apart: a negative cash is a debt. */
export type BalanceView = { available: Money | null, cash: Money | null, voucher: Money | null, debt: Money | null, spent_today: Money | null, spent_month: Money | null, };

/** The wallet for extra usage. */
export type WalletView = { enabled: boolean | null, balance: Money | null, month_used: Money | null, month_cap: Money | null, };

/** The account's own rate limits. */
export type LimitsView = { concurrency: number | null, requests_per_minute: number | null, tokens_per_minute: number | null, tokens_per_day: number | null, };

/** What a status page says. */
export type ServiceStatus = { indicator: string, description: string, incidents: Array<IncidentView>, read_at: string, url: string, };

/** An open incident. */
export type IncidentView = { id: string, title: string, impact: string, since: string, };

/** Consumption by hour, day or month. */
export type History = { by: string, timezone: string, from: string, to: string, buckets: Array<BucketView>, series: Array<SeriesView>, };

/** A bucket of time. */
export type BucketView = { key: string, start: string, end: string, };

/** One account's meter or money over the buckets. */
export type SeriesView = { account_id: number, account: string, series: string, unit: string, points: Array<PointView>, };

/** What happened in one bucket. */
export type PointView = { deducted: number | null, returned: number | null, uncertain: number, coverage: number, last: number | null, high: number | null, resets: number, };

/** Findings and failures, newest first. */
export type Findings = { findings: Array<FindingView>, failures: Array<FailureRow>, };

/** A finding as it is shown. */
export type FindingView = { id: number, account_id: number, account: string, kind: string, class: string | null, series: string | null, unit: string | null, from: string, to: string, detected_at: string, schedule: string | null, used_before: number | null, used_after: number | null, announced: string | null, amount: Money | null, limit: string | null, before: string | null, after: string | null, confidence: number, explanation: string, evidence: Array<string>, seen: boolean, };

/** A stretch of failed polls of one account with one kind of failure. */
export type FailureRow = { account_id: number, account: string, kind: string, message: string, from: string, to: string, count: number, over: boolean, };

/** An account as the Accounts page shows it. The key is not part of it. */
export type Account = { id: number, name: string, source: Source, region: Region, base_url: string, credential: string, credential_detail: string | null, created_at: string, };

/** What it takes to add an account. */
export type NewAccount = { name: string, source: Source | null, region: Region | null, base_url: string | null, key: NewKey, untested: boolean, };

/** Where a new key comes from and where it is to be kept. */
export type NewKey = { "kind": "keyring", key: string, } | { "kind": "encrypted-file", key: string, passphrase: string | null, } | { "kind": "this-run", key: string, } | { "kind": "environment", name: string, } | { "kind": "kimi-code-login", };

/** What a test of a key found. */
export type KeyTest = { ok: boolean, source: Source, region: Region, preview: AccountCard | null, failure: FailureView | null, suggested_name: string, };

/** What may be changed of an account. */
export type AccountChange = { name: string | null, key: NewKey | null, };

/** The order of all accounts, by number. */
export type AccountOrder = { ids: Array<number>, };

/** What a new user can start from. */
export type Welcome = { keyring: KeyringState, kimi_code_login: LoginView | null, encrypted_file: FileState, };

/** A login of an installed Kimi Code command line. */
export type LoginView = { region: Region, fresh: boolean, expires_at: string | null, };

/** The encrypted key file. */
export type FileState = "none" | "locked" | "unlocked";

/** The passphrase of the encrypted key file. */
export type Passphrase = { passphrase: string, };

/** What the user can set. Absent keys of a change leave what is. */
export type Settings = { poll_seconds: number, poll_seconds_busy: number, meter_thresholds: Array<number>, balance_thresholds: Array<Money>, notify_resets: boolean, notify_early_resets: boolean, notify_refusals: boolean, notifications: boolean, quiet_hours: QuietHours | null, timezone: string, language: string | null, theme: string | null, start_at_login: boolean, status_page: boolean, keep_raw_days: number | null, };

/** Wall-clock times between which nothing is announced. */
export type QuietHours = { from: string, to: string, };

/** Pause polling. */
export type Pause = { until: string | null, };

/** What a manual refresh did. */
export type Refreshed = { polling: Array<number>, left_alone: Array<LeftAlone>, };

/** An account that a manual refresh left alone. */
export type LeftAlone = { account_id: number, why: string, until: string, };

/** A request that failed, as the interface answers it. */
export type ApiError = { code: string, message: string, };

/** What the engine tells while it runs, as server-sent events. Faces then ask for what they show. */
export type Event = { "event": "overview", } | { "event": "findings", } | { "event": "settings", } | { "event": "show", account_id: number | null, } | { "event": "quit", };
