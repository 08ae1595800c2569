// Made from crates/api/src/view.rs; do not edit. TIDEMARK_WRITE_TYPES=1 cargo test -p tidemark-api --test types

export type Overview = { 
/**
 * The engine's clock when this was made; countdowns are drawn against it.
 */
now: string, 
/**
 * The accounts, in the user's order.
 */
accounts: Array<AccountCard>, 
/**
 * The state of the agent itself.
 */
agent: AgentState, 
/**
 * What the status page says, where it could be had.
 */
service: Array<ServiceStatus>, };

export type AgentState = { 
/**
 * The program's version.
 */
version: string, 
/**
 * True where everything shown is sample data from the simulator.
 */
demo: boolean, 
/**
 * Polling is paused until then.
 */
paused_until: string | null, 
/**
 * Whether a tray icon is being shown.
 */
tray: TrayState, 
/**
 * Whether desktop notifications can be delivered.
 */
notifications: NotificationState, 
/**
 * The keyring's state as last seen.
 */
keyring: KeyringState, 
/**
 * The zone in which days and months are counted.
 */
timezone: string, 
/**
 * Something is wrong with the engine itself, such as a full disk: what, and since when.
 */
trouble: EngineProblem | null, 
/**
 * What is known of newer versions; `null` where that is not asked, as with sample data.
 */
update: Update | null, };

export type EngineProblem = { 
/**
 * A stable word that the faces have a text for: `disk-full`, `database-damaged`, `database-read-only`,
 * `database-gone`, `clock-jumped`, `settings-reset`.
 */
code: string, 
/**
 * The cause, in English.
 */
detail: string, 
/**
 * What the system said, in its own words.
 */
said: string | null, 
/**
 * So many readings could not be kept until it ended, because memory must not grow without end.
 */
lost: number, 
/**
 * When it began.
 */
since: string, };

export type TrayState = "shown" | "no-host" | "off";

export type NotificationState = "working" | "no-service" | "off";

export type KeyringState = "ready" | "absent" | "locked" | "denied" | "gone" | "unknown";

export type AccountCard = { 
/**
 * The engine's number for it.
 */
id: number, 
/**
 * The user's name for it.
 */
name: string, 
/**
 * The product: `kimi-code` or `platform`.
 */
source: Source, 
/**
 * The region: `china` or `global`.
 */
region: Region, 
/**
 * The plan, as the service names it.
 */
plan: string | null, 
/**
 * Whether the values are live, stale or missing, and why.
 */
state: CardState, 
/**
 * What went wrong last, while something is wrong.
 */
failure: FailureView | null, 
/**
 * When the values shown were read; `None` before the first reading.
 */
read_at: string | null, 
/**
 * When it is polled next.
 */
next_poll_at: string | null, 
/**
 * It is being polled now.
 */
polling: boolean, 
/**
 * The quotas.
 */
meters: Array<MeterView>, 
/**
 * The prepaid balance, of a platform account.
 */
balance: BalanceView | null, 
/**
 * The wallet for extra usage.
 */
wallet: WalletView | null, 
/**
 * The account's own rate limits.
 */
limits: LimitsView, 
/**
 * Paths of the parts of the last answer that could not be read.
 */
not_understood: Array<string>, 
/**
 * Findings not yet seen by the user.
 */
unseen_findings: number, 
/**
 * Anomalies that wait for the user.
 */
anomalies: OpenAnomalies, 
/**
 * How much of each series' usage is in the local logs.
 */
known_use: Array<KnownUse>, };

export type Source = "kimi-code" | "platform";

export type Region = "china" | "global";

export type CardState = "waiting" | "live" | "polled-through" | "stale" | "refused" | "limited" | "unreachable" | "not-understood" | "key-unavailable";

export type FailureView = { 
/**
 * The kind's word, such as `rate-limited`; front ends have a text and an advice for each.
 */
kind: string, 
/**
 * Details in English, with keys and account numbers taken out.
 */
message: string, 
/**
 * The same without words, where it is Tidemark that says it; the message in the catalogues is `cause-` and its
 * id. Without it, `message` is the service's own words.
 */
cause: MessageView | null, 
/**
 * The HTTP status, if there was an answer.
 */
status: number | null, 
/**
 * Of one without permission, what is denied: `model`, `client` or `account`.
 */
denied: string | null, 
/**
 * Of a used-up quota, which one: `5h`, `week`, `month`.
 */
meter: string | null, 
/**
 * When it happened first in this row of failures.
 */
since: string, 
/**
 * Not before then will it be tried again, because the service said so.
 */
retry_at: string | null, 
/**
 * For an unavailable key: why, as the vault's stable word, such as `keyring-locked`, `login-stale`.
 */
reason: string | null, 
/**
 * For a key in the keyring that is unavailable: how the keyring stands.
 */
keyring: KeyringState | null, };

export type MeterView = { 
/**
 * Which quota: `5h`, `week`, `month`, `month-code`.
 */
meter: string, 
/**
 * Percent used; can be above 100.
 */
used_percent: number, 
/**
 * The service's own count and its limit, where it is a count of requests and not of percent.
 */
count: CountView | null, 
/**
 * When the quota is reset next.
 */
resets_at: string | null, 
/**
 * Two figures disagree; the larger is shown.
 */
conflict: boolean, 
/**
 * It has been reset since it was read, by its announced end: what is used now is not known, and `used_percent`
 * is of before.
 */
was_reset: boolean, 
/**
 * A fall that waits for a second reading to confirm it; the value shown is the new one.
 */
unconfirmed: boolean, 
/**
 * Percent used over the last 24 hours, a point per hour; `null` where there was no poll.
 */
trend: Array<number | null>, 
/**
 * What is likely to become of it; `null` where nothing can be said.
 */
forecast: Forecast | null, };

export type Forecast = { 
/**
 * The probability that something is left at the reset, above 0 and below 1.
 */
lasts: number, 
/**
 * Where it is likelier than not to be empty before: between when and when, nine times in ten.
 */
empty: MomentSpan | null, };

export type MomentSpan = { 
/**
 * Its first instant.
 */
from: string, 
/**
 * Its last instant.
 */
to: string, };

export type CountView = { 
/**
 * How many are used.
 */
used: string, 
/**
 * How many there are in all.
 */
limit: string, };

export type Money = { 
/**
 * The amount in the main unit.
 */
amount: string, 
/**
 * The ISO 4217 code.
 */
currency: string, };

export type BalanceView = { 
/**
 * What calls can be paid from.
 */
available: Money | null, 
/**
 * Paid in; never negative here.
 */
cash: Money | null, 
/**
 * Granted by the service as vouchers.
 */
voucher: Money | null, 
/**
 * Owed: the negative part of cash, as a positive amount.
 */
debt: Money | null, 
/**
 * Spent today and this month in the pinned zone, derived from the balance's falls.
 */
spent_today: Money | null, 
/**
 * Spent in this calendar month.
 */
spent_month: Money | null, };

export type WalletView = { 
/**
 * Whether the user has switched it on.
 */
enabled: boolean | null, 
/**
 * What is left in it.
 */
balance: Money | null, 
/**
 * Spent in this billing month.
 */
month_used: Money | null, 
/**
 * The user's cap on that.
 */
month_cap: Money | null, 
/**
 * Whether the service has frozen it.
 */
frozen: boolean, };

export type LimitsView = { 
/**
 * Requests at the same time.
 */
concurrency: number | null, 
/**
 * Requests per minute (RPM).
 */
requests_per_minute: number | null, 
/**
 * Tokens per minute (TPM).
 */
tokens_per_minute: number | null, 
/**
 * Tokens per day (TPD).
 */
tokens_per_day: number | null, };

export type ServiceStatus = { 
/**
 * `none`, `minor`, `major`, `critical`, `maintenance`, or `unknown`.
 */
indicator: string, 
/**
 * The page's summary, in its own words.
 */
description: string, 
/**
 * Incidents that are open.
 */
incidents: Array<IncidentView>, 
/**
 * When the page was read.
 */
read_at: string, 
/**
 * The page's address, for the user to open.
 */
url: string, };

export type IncidentView = { 
/**
 * The page's id of it.
 */
id: string, 
/**
 * The incident's title, in the page's words.
 */
title: string, 
/**
 * The page's word for how bad it is.
 */
impact: string, 
/**
 * When it began.
 */
since: string, };

export type History = { 
/**
 * The length of a bucket: `hour`, `day` or `month`.
 */
by: string, 
/**
 * The zone in which buckets were cut.
 */
timezone: string, 
/**
 * The first instant asked for.
 */
from: string, 
/**
 * The first instant after the span.
 */
to: string, 
/**
 * The buckets, in order, without a gap: what the charts' horizontal axis shows.
 */
buckets: Array<BucketView>, 
/**
 * A line an account and meter or currency.
 */
series: Array<SeriesView>, 
/**
 * Findings in the span that are worth a mark: all but resets on time.
 */
marks: Array<HistoryMark>, 
/**
 * Incidents of the status page in the span.
 */
incidents: Array<IncidentRow>, };

export type BucketView = { 
/**
 * Its name in the zone: `2026-11-22`, `2026-11`, `2026-11-22T05:00+08:00`.
 */
key: string, 
/**
 * The first instant of the bucket.
 */
start: string, 
/**
 * The first instant after it.
 */
end: string, };

export type SeriesView = { 
/**
 * The account's number.
 */
account_id: number, 
/**
 * The account's name.
 */
account: string, 
/**
 * `5h`, `week`, `month`, `month-code`, `balance:CNY`, `wallet:USD`.
 */
series: string, 
/**
 * `percent` or a currency code.
 */
unit: string, 
/**
 * Its first reading, in the span or before it; `null` where there is none.
 */
since: string | null, 
/**
 * As many points as there are buckets.
 */
points: Array<PointView>, };

export type PointView = { 
/**
 * What was deducted, in the series' unit; `null` where there was no poll at all.
 */
deducted: number | null, 
/**
 * What was restored: resets, refunds, corrections.
 */
returned: number | null, 
/**
 * Of money: what came in, paid in or granted. `null` where there was no poll, and for a quota.
 */
credited: number | null, 
/**
 * Of money: what expired without use. `null` likewise.
 */
expired: number | null, 
/**
 * The part of `deducted` that was seen only after a gap which began before this bucket: it may belong earlier.
 */
uncertain: number, 
/**
 * Share of the bucket in which polling ran, 0 to 1. The part of a bucket that lies in the future does not count.
 */
coverage: number, 
/**
 * The last value in the bucket: percent used, or the balance.
 */
last: number | null, 
/**
 * The highest value in the bucket.
 */
high: number | null, 
/**
 * Resets seen in the bucket.
 */
resets: number, 
/**
 * How far the deductions are explained; `null` where nothing was deducted.
 */
explained: ExplainedView | null, };

export type Levels = { 
/**
 * The account's number.
 */
account_id: number, 
/**
 * `5h`, `week`, …, `balance:CNY`.
 */
series: string, 
/**
 * `percent` used, or money left in a currency.
 */
unit: string, 
/**
 * The first instant asked for.
 */
from: string, 
/**
 * The first instant after the span.
 */
to: string, 
/**
 * Whether these are all values. Where not, of each short stretch the first, lowest, highest and last are here.
 */
complete: boolean, 
/**
 * The first reading that showed a value.
 */
at: Array<number>, 
/**
 * The last reading that showed it unchanged.
 */
until: Array<number>, 
/**
 * The values: percent used, or money left.
 */
value: Array<number>, 
/**
 * Whether there is no data between the value before and this one.
 */
gap: Array<boolean>, 
/**
 * The readings that showed a reset.
 */
resets: Array<number>, };

export type Cycles = { 
/**
 * The account's number.
 */
account_id: number, 
/**
 * `5h`, `week`, `month`, `month-code`.
 */
series: string, 
/**
 * The cycles that reach into the span, the oldest first.
 */
cycles: Array<Cycle>, };

export type Cycle = { 
/**
 * The first reading of it.
 */
start: string, 
/**
 * The reading that showed the next reset; `null` for the cycle that goes on.
 */
end: string | null, 
/**
 * The highest share used, in percent.
 */
peak: number, 
/**
 * What was deducted in it, in percentage points.
 */
used: number, 
/**
 * The first reading that showed nothing left.
 */
emptied_at: string | null, 
/**
 * Some of it has no data: what was used then may be missing.
 */
gap: boolean, 
/**
 * It had begun before the first reading, so that its start is not known.
 */
partial: boolean, };

export type Sessions = { 
/**
 * The first instant that was summed up. Sums are of quarters of an hour, so this can be before what was asked for.
 */
from: string, 
/**
 * The first instant after them.
 */
to: string, 
/**
 * The sessions, most cost first.
 */
sessions: Array<SessionUse>, 
/**
 * Sessions that are not listed, because there are too many.
 */
more_sessions: number, 
/**
 * The requests with the most tokens, most first. Single requests are kept as long as raw readings.
 */
requests: Array<RequestUse>, 
/**
 * How many requests of the span are still kept.
 */
requests_kept: number, };

export type SessionUse = { 
/**
 * The session's name in its program; `null` where another machine's records do not say it.
 */
session: string | null, 
/**
 * The program, by the word of its log format.
 */
program: string, 
/**
 * The folder that was worked in; `null` if unknown.
 */
project: string | null, 
/**
 * The machine's number; `null` for this one.
 */
machine: number | null, 
/**
 * The machine's name; empty for this one if it has none.
 */
machine_name: string, 
/**
 * The account's number; `null` for unassigned usage.
 */
account_id: number | null, 
/**
 * The models, most tokens first.
 */
models: Array<string>, 
/**
 * The first quarter of an hour with use in the span.
 */
first: string, 
/**
 * The end of the last one.
 */
last: string, 
/**
 * Number of requests.
 */
requests: number, 
/**
 * Tokens of all kinds.
 */
tokens: number, 
/**
 * Its share of what the sessions of its account cost in the span, 0 to 1, by the proportions of the public
 * prices: an estimate of its share of a deduction. `null` where a price is unknown.
 */
share: number | null, 
/**
 * Worth at the open platform's prices of what has one; `null` where nothing has.
 */
worth: Money | null, 
/**
 * Tokens of models without a public price.
 */
unpriced_tokens: number, };

export type RequestUse = { 
/**
 * When it was logged.
 */
at: string, 
/**
 * The model's canonical name.
 */
model: string, 
/**
 * The program, by the word of its log format.
 */
program: string, 
/**
 * The session's name in its program.
 */
session: string | null, 
/**
 * The folder that was worked in.
 */
project: string | null, 
/**
 * Input tokens that were in no cache.
 */
input: number, 
/**
 * Input tokens read from the cache.
 */
cache_read: number, 
/**
 * Input tokens written to the cache.
 */
cache_write: number, 
/**
 * Output tokens.
 */
output: number, };

export type Usage = { 
/**
 * The engine's clock when this was made.
 */
now: string, 
/**
 * The length of a bucket: `hour`, `day` or `month`.
 */
by: string, 
/**
 * The zone in which buckets, weekdays and hours are counted.
 */
timezone: string, 
/**
 * The first instant asked for.
 */
from: string, 
/**
 * The first instant after the span.
 */
to: string, 
/**
 * The currency of every worth here, but of the accounts’, which are in their own: `USD` or `CNY`.
 */
currency: string, 
/**
 * The buckets, in order, without a gap: what the charts' horizontal axis shows.
 */
buckets: Array<BucketView>, 
/**
 * What was used in each bucket, as many as there are buckets.
 */
used: Array<UseView>, 
/**
 * Usage of the whole span.
 */
totals: UseView, 
/**
 * By model, most tokens first.
 */
models: Array<NamedUse>, 
/**
 * By project, most tokens first. A `null` name is usage whose folder is unknown.
 */
projects: Array<NamedUse>, 
/**
 * By program whose logs were read, most tokens first. A name is the word of a log format, such as `kimi-code`.
 */
programs: Array<NamedUse>, 
/**
 * By account, in the user's order: each account that has usage or whose limits are known. Last, with
 * `account_id` null, unassigned usage if there is any.
 */
accounts: Array<AccountUse>, 
/**
 * By machine: this one first, then the others that have usage, in the order in which they became known. Each
 * request is in one of them, whichever machines' logs hold it.
 */
machines: Array<MachineUse>, 
/**
 * The busiest hours: seven weekdays from Monday, 24 hours of the pinned zone each.
 */
busiest: Array<Array<HourUse>>, 
/**
 * Models without a public price, most tokens first. Their tokens are counted everywhere and priced nowhere.
 */
unpriced: Array<NamedCount>, 
/**
 * Models of other providers that ran through the same programs. They are in no figure above.
 */
third_party: Array<NamedCount>, 
/**
 * Requests whose time a clock set wrong must have written; they are counted where they say.
 */
doubtful_times: number, 
/**
 * How reading the logs goes.
 */
scan: ScanView, };

export type UseView = { 
/**
 * Number of requests.
 */
requests: number, 
/**
 * Input tokens that were in no cache.
 */
input: number, 
/**
 * Input tokens read from the cache.
 */
cache_read: number, 
/**
 * Input tokens written to the cache.
 */
cache_write: number, 
/**
 * Output tokens.
 */
output: number, 
/**
 * The sum of all four kinds.
 */
total: number, 
/**
 * Share of the input that came from the cache, 0 to 1; `null` where there was no input.
 */
cache_hit_share: number | null, 
/**
 * Worth at the open platform's prices of what has a public price; an estimate, and no bill. Cache writes whose
 * lifetime is not known are priced as kept for five minutes. `null` where tokens were used and none of them has a
 * price.
 */
worth: Money | null, 
/**
 * What the cache saved: how much more the priced tokens would have cost with all input sent in full. Below zero where
 * writing to the cache cost more than reading from it saved.
 */
saved: Money | null, 
/**
 * Tokens that have no public price and are not part of `worth`.
 */
unpriced_tokens: number, };

export type NamedUse = { 
/**
 * The model's name, the project's folder or the word of the program's log format; `null` if unknown.
 */
name: string | null, 
/**
 * Usage of the whole span.
 */
use: UseView, 
/**
 * Tokens in each bucket, as many as there are buckets.
 */
totals: Array<number>, };

export type AccountUse = { 
/**
 * The account's number; `null` for unassigned usage.
 */
account_id: number | null, 
/**
 * The account's name.
 */
account: string | null, 
/**
 * The account's product.
 */
source: Source | null, 
/**
 * The account's region.
 */
region: Region | null, 
/**
 * Usage of the whole span. What it is worth is in the account's own currency.
 */
use: UseView, 
/**
 * Tokens in each bucket, as many as there are buckets.
 */
totals: Array<number>, 
/**
 * The programs in whose logs the usage was seen, most tokens first, by the words of their log formats.
 */
programs: Array<NamedCount>, 
/**
 * The machines whose logs show the usage: this one first, then the others in the order in which they became known.
 */
machines: Array<MachineCount>, 
/**
 * The membership's price, and what its usage is worth in the same currency; `null` where the price is not known.
 */
plan: PlanWorth | null, 
/**
 * Rates up to now, whatever stretch was asked for.
 */
rates: RatesView, 
/**
 * The account's own limits, as far as the service reports them.
 */
limits: LimitsView, };

export type MachineUse = { 
/**
 * The machine's number; `null` for this machine.
 */
machine: number | null, 
/**
 * What it is called; empty for this machine if it has no name yet.
 */
name: string, 
/**
 * Usage of the whole span.
 */
use: UseView, 
/**
 * Tokens in each bucket, as many as there are buckets.
 */
totals: Array<number>, };

export type PlanWorth = { 
/**
 * The plan's name.
 */
plan: string, 
/**
 * What it costs a month.
 */
price: Money, 
/**
 * What the span's usage is worth at least at the open platform's prices, in the same currency: tokens without a
 * public price are not part of it.
 */
worth: Money, };

export type RatesView = { 
/**
 * In the last 60 seconds.
 */
minute: RateView, 
/**
 * In the last hour.
 */
hour: RateView, 
/**
 * In the last 24 hours.
 */
day: RateView, };

export type RateView = { 
/**
 * Requests in the stretch.
 */
requests: number, 
/**
 * Tokens in the stretch, all kinds.
 */
tokens: number, 
/**
 * The most requests within any 60 seconds of the stretch.
 */
most_requests_a_minute: number, 
/**
 * The most tokens within any 60 seconds of the stretch. The service counts what a request may answer at
 * most before it begins, so that its own count can be higher.
 */
most_tokens_a_minute: number, 
/**
 * The most requests that ran at the same time; `null` if no log says when requests began.
 */
greatest_concurrency: number | null, };

export type HourUse = { 
/**
 * Number of requests.
 */
requests: number, 
/**
 * Tokens of all kinds.
 */
tokens: number, };

export type NamedCount = { 
/**
 * The model's canonical name, or the word of the program's log format.
 */
name: string, 
/**
 * Number of requests.
 */
requests: number, 
/**
 * Tokens of all kinds.
 */
tokens: number, };

export type MachineCount = { 
/**
 * The machine's number; `null` for this machine.
 */
machine: number | null, 
/**
 * Number of requests.
 */
requests: number, 
/**
 * Tokens of all kinds.
 */
tokens: number, };

export type ScanView = { 
/**
 * It is going on now.
 */
running: boolean, 
/**
 * It has gone on for more than a second: worth a progress bar.
 */
slow: boolean, 
/**
 * Files that are to be read in this scan, and those done.
 */
files: number, 
/**
 * How many of these files are done.
 */
files_done: number, 
/**
 * Bytes that are to be read in this scan.
 */
bytes: number, 
/**
 * How many of these bytes are read.
 */
bytes_done: number, 
/**
 * When all logs were last read to the end; `null` before the first time.
 */
last_done: string | null, 
/**
 * Log files that are there now and were read.
 */
files_known: number, 
/**
 * How many of them have requests without a time: those count at the time when the file was last written.
 */
files_dated: number, 
/**
 * Lines that could not be read: no JSON, half-written, or with counts that are none.
 */
lines_skipped: number, 
/**
 * Files that could not be opened or read.
 */
files_unreadable: number, 
/**
 * The folders that are searched and are there.
 */
homes: Array<HomeView>, 
/**
 * Programs of which no folder is there, by the words of their log formats.
 */
programs_absent: Array<string>, 
/**
 * Folders named in the settings that are not there, or not now.
 */
homes_missing: Array<string>, 
/**
 * Whether changes are noticed at once. Where not, logs are read every few minutes all the same.
 */
watching: boolean, };

export type HomeView = { 
/**
 * The program, by the word of its log format: `kimi-code`, `claude-code` and so on.
 */
format: string, 
/**
 * The folder's path.
 */
path: string, };

export type Findings = { 
/**
 * Findings, newest first.
 */
findings: Array<FindingView>, 
/**
 * Stretches of failed polls.
 */
failures: Array<FailureRow>, 
/**
 * Incidents of the status page that fall into the same span.
 */
incidents: Array<IncidentRow>, 
/**
 * What the service announces to the users of Kimi Code, newest first: what holds, and what held until recently.
 */
announcements: Array<AnnouncementRow>, 
/**
 * How much of each series' usage is in the local logs.
 */
known_use: Array<KnownUse>, 
/**
 * The anomalies that wait for the user, newest first, however old; left out of an answer about older findings
 * (`before`).
 */
open: Array<FindingView>, 
/**
 * What was deducted beyond the expected amount, by month, account and series, the latest month first. Quotas,
 * money and accounts are never added up.
 */
unexplained: Array<UnexplainedSum>, 
/**
 * The anomalies that `unexplained` adds up, newest first, also those that were given back or are marked; left out
 * of an answer about older findings.
 */
counted: Array<FindingView>, };

export type UnexplainedSum = { 
/**
 * The month in the pinned zone, by the day on which the deduction ended: `2026-11`.
 */
month: string, 
/**
 * The account's number.
 */
account_id: number, 
/**
 * The account's name.
 */
account: string, 
/**
 * The series: `5h`, …, `balance:CNY`.
 */
series: string, 
/**
 * `percent` or a currency code.
 */
unit: string, 
/**
 * Taken beyond the expected amount, at least and at most.
 */
beyond: Interval, 
/**
 * What of it was given back since.
 */
given_back: Interval, 
/**
 * How many anomalies.
 */
cases: number, };

export type Claim = { 
/**
 * The language that it is written in: `en`, `zh-CN`.
 */
language: string, 
/**
 * A subject line.
 */
subject: string, 
/**
 * The text, with line breaks. Neither keys nor the account's name are in it.
 */
text: string, };

export type Hindsight = { 
/**
 * One row per finished cycle of a quota for which a forecast was possible.
 */
forecasts: Array<PastForecast>, };

export type PastForecast = { 
/**
 * The account's number.
 */
account_id: number, 
/**
 * The account's name.
 */
account: string, 
/**
 * The quota: `5h`, `week`, `month`.
 */
meter: string, 
/**
 * The cycle, from the reset before it to the one that ended it.
 */
cycle: MomentSpan, 
/**
 * When the forecast is made: about half-way through the cycle.
 */
at: string, 
/**
 * Percent used by then.
 */
used: number, 
/**
 * The forecast.
 */
forecast: Forecast, 
/**
 * When the quota was used up; `null` if it lasted.
 */
emptied: string | null, 
/**
 * Percent used when the cycle ended.
 */
ended_at: number, };

export type FindingView = { 
/**
 * The finding's number, as other requests name it.
 */
id: number, 
/**
 * The account's number.
 */
account_id: number, 
/**
 * The account's name.
 */
account: string, 
/**
 * The kind's word: `reset`, `credit`, `anomaly`, …
 */
kind: string, 
/**
 * Of an anomaly or a credit.
 */
class: string | null, 
/**
 * How much it asks for attention.
 */
severity: Severity, 
/**
 * What the user said of it. Only anomalies are ever anything but open.
 */
state: TriageState, 
/**
 * When the user said so.
 */
marked_at: string | null, 
/**
 * The series: `5h`, …, `balance:CNY`; `null` for the account as a whole.
 */
series: string | null, 
/**
 * `percent` or a currency code: the unit of `observed` and `expected`.
 */
unit: string | null, 
/**
 * The earliest moment at which it can have happened.
 */
from: string, 
/**
 * The latest moment at which it can have happened.
 */
to: string, 
/**
 * The reading that settled it.
 */
detected_at: string, 
/**
 * What was seen: for a deduction, what was deducted; for an overdue reset or two figures that
 * contradict each other, where the meter stood; for something given back, what came.
 */
observed: number | null, 
/**
 * The expected deduction.
 */
expected: Interval | null, 
/**
 * Of an anomaly that deducted something: how much more than expected, in `unit`.
 */
beyond: Interval | null, 
/**
 * Of an acceleration: how many times as much the same use cost.
 */
factor: Interval | null, 
/**
 * The incident on the status page during which it happened.
 */
incident: IncidentRow | null, 
/**
 * Of a reset: `on-time`, `early` or `late`.
 */
schedule: string | null, 
/**
 * Percent used before a reset.
 */
used_before: number | null, 
/**
 * Of a reset: percent used after it.
 */
used_after: number | null, 
/**
 * When the reset had been announced for.
 */
announced: string | null, 
/**
 * Of a credit or expiry.
 */
amount: Money | null, 
/**
 * Of a limit change: the limit's name.
 */
limit: string | null, 
/**
 * Of a change of limit or plan: the old value.
 */
before: string | null, 
/**
 * Of a change of limit or plan: the new value.
 */
after: string | null, 
/**
 * Of something given back or withdrawn: the number of the anomaly, where it is still on record.
 */
of: number | null, 
/**
 * Of an anomaly: the number of the finding that says that it was given back.
 */
recovered_by: number | null, 
/**
 * Of an anomaly: that usage which became known later explains it.
 */
withdrawn: Withdrawal | null, 
/**
 * Whether there is a case to show: `GET /v1/findings/{id}/case`.
 */
has_case: boolean, 
/**
 * How sure, 0 to 1.
 */
confidence: number, 
/**
 * The explanation in English, with times in UTC.
 */
explanation: string, 
/**
 * The facts that it rests on, a line each, in English.
 */
evidence: Array<string>, 
/**
 * The explanation and the facts, to be written in the reader's language.
 */
messages: MessagesView, 
/**
 * Whether the user has seen it.
 */
seen: boolean, };

export type MessagesView = { 
/**
 * The sentences of the explanation.
 */
explanation: Array<MessageView>, 
/**
 * The facts that the finding rests on.
 */
evidence: Array<MessageView>, };

export type MessageView = { 
/**
 * The message in the catalogues is `says-` and this; of a failure's cause, `cause-` and this.
 */
id: string, 
/**
 * Its arguments by name. One that may be absent and is, is left out.
 */
args: { [key in string]: ArgView }, };

export type ArgView = { "kind": "time", "value": string } | { "kind": "series", "value": string } | { "kind": "amount", "value": QuantityView } | { "kind": "level", "value": QuantityView } | { "kind": "percent", "value": number } | { "kind": "split", "value": { 
/**
 * Paid in; negative where money is owed.
 */
cash: Money, 
/**
 * Granted.
 */
voucher: Money, } } | { "kind": "number", "value": number } | { "kind": "rate-limit", "value": string } | { "kind": "text", "value": string };

export type QuantityView = { 
/**
 * The amount, in `unit`.
 */
value: number, 
/**
 * `percent` or a currency code.
 */
unit: string, };

export type Interval = { 
/**
 * Lower end, in the unit of what it is about.
 */
low: number, 
/**
 * Upper end, in the unit of what it is about.
 */
high: number, };

export type Severity = "good" | "note" | "warning" | "critical";

export type TriageState = "open" | "mine" | "reported" | "settled";

export type TriageChange = { 
/**
 * The state that it is in from now on.
 */
as: TriageState, };

export type IncidentRow = { 
/**
 * The page's id of it.
 */
id: string, 
/**
 * The incident's title, in the page's words.
 */
title: string | null, 
/**
 * The page's word for how bad it is.
 */
impact: string | null, 
/**
 * When it began.
 */
since: string, 
/**
 * When it ended; `null` while it is open.
 */
until: string | null, };

export type AnnouncementRow = { 
/**
 * The service's id of it.
 */
id: string, 
/**
 * Its words, which are the service's own: title, text and what is beneath.
 */
text: string, 
/**
 * From when on it holds.
 */
since: string, 
/**
 * Until when it holds; `null` where that is not said.
 */
until: string | null, };

export type KnownUse = { 
/**
 * The account's number.
 */
account_id: number, 
/**
 * The series: `5h`, …, `balance:CNY`.
 */
series: string, 
/**
 * The share of the deductions of recent weeks during which the logs had usage, 0 to 1: "your logs
 * explain 92 % of the week".
 */
share: number, };

export type Withdrawal = { 
/**
 * The number of the finding that says so.
 */
by: number, 
/**
 * When it was withdrawn.
 */
at: string, 
/**
 * The machine whose logs explain the deduction; `null` if these are this machine's.
 */
machine: string | null, };

export type OpenAnomalies = { 
/**
 * How many are open: neither marked, nor given back, nor withdrawn.
 */
count: number, 
/**
 * The highest severity among them.
 */
severity: Severity | null, 
/**
 * The newest of the gravest: its number, for a link.
 */
id: number | null, 
/**
 * Class of that anomaly.
 */
class: string | null, 
/**
 * Series of that anomaly.
 */
series: string | null, 
/**
 * When what it is about began and ended: the span of the case, as in every other place.
 */
from: string | null, 
/**
 * Its end.
 */
to: string | null, 
/**
 * When that anomaly was detected.
 */
detected_at: string | null, };

export type FailureRow = { 
/**
 * The account's number.
 */
account_id: number, 
/**
 * The account's name.
 */
account: string, 
/**
 * The kind of failure, as its word.
 */
kind: string, 
/**
 * The message of the last failure, in English.
 */
message: string, 
/**
 * The same without words, where it is Tidemark that says it; the message in the catalogues is `cause-` and its
 * id. Without it, `message` is the service's own words.
 */
cause: MessageView | null, 
/**
 * Time of the first failed poll.
 */
from: string, 
/**
 * Time of the last failed poll.
 */
to: string, 
/**
 * Number of failed polls.
 */
count: number, 
/**
 * Whether a reading, or a failure of another kind, has ended it.
 */
over: boolean, };

export type Case = { 
/**
 * The finding itself.
 */
finding: FindingView, 
/**
 * The series that is drawn: `5h`, …, `balance:CNY`.
 */
series: string, 
/**
 * Its unit: `percent` used, or money left in a currency.
 */
unit: string, 
/**
 * The first instant of the chart.
 */
from: string, 
/**
 * The last instant of the chart.
 */
to: string, 
/**
 * What was observed, in time order: a value holds until the next point, but not across a gap.
 */
observed: Array<CasePoint>, 
/**
 * Where the quota would have been if only the expected amount had been deducted, from the last point
 * before the finding until the next reset. Empty if nothing can be said.
 */
expected: Array<BandPoint>, 
/**
 * Other findings of the same account in the span: resets, credits, anomalies.
 */
marks: Array<HistoryMark>, 
/**
 * Incidents of the status page in the span.
 */
incidents: Array<IncidentRow>, 
/**
 * Failed polls in the span.
 */
failures: Array<FailureRow>, };

export type CasePoint = { 
/**
 * The reading that showed the value first.
 */
at: string, 
/**
 * The last reading that showed it unchanged.
 */
until: string, 
/**
 * The value: percent used, or money left.
 */
value: number, 
/**
 * There are no data between the point before and this one.
 */
gap: boolean, 
/**
 * What was deducted since the point before.
 */
deducted: number, 
/**
 * How far that is explained, where something was deducted and the audit has weighed it.
 */
verdict: VerdictView | null, };

export type VerdictView = { 
/**
 * The verdict itself.
 */
word: VerdictWord, 
/**
 * What the logged use explains of it, in the series' unit; `null` where that is unknown.
 */
explained: Interval | null, 
/**
 * What was deducted, by how far it is explained. What an anomaly holds to be taken wrongly is unexplained here,
 * whatever the word is.
 */
parts: ExplainedView, };

export type VerdictWord = "fully" | "partly" | "not" | "cannot-tell" | "elsewhere";

export type BandPoint = { 
/**
 * Time of the reading.
 */
at: string, 
/**
 * The lower end, in the series' unit.
 */
low: number, 
/**
 * The upper end, in the series' unit.
 */
high: number, };

export type HistoryMark = { 
/**
 * The finding's number.
 */
id: number, 
/**
 * The account's number.
 */
account_id: number, 
/**
 * `5h`, …, `balance:CNY`; `null` for the account as a whole.
 */
series: string | null, 
/**
 * The earliest moment at which it can have happened.
 */
from: string, 
/**
 * The latest: where the mark stands.
 */
to: string, 
/**
 * The kind's word: `reset`, `anomaly`, …
 */
kind: string, 
/**
 * Of an anomaly or a credit.
 */
class: string | null, 
/**
 * Of a reset: `on-time`, `early` or `late`.
 */
schedule: string | null, 
/**
 * How much it asks for attention.
 */
severity: Severity, 
/**
 * What the user said of it.
 */
state: TriageState, 
/**
 * Of an anomaly: that it is withdrawn, because usage that became known later explains it.
 */
withdrawn: boolean, 
/**
 * Of an anomaly that accuses a deduction: what was taken beyond the expected, at least and at most, in the
 * series' unit.
 */
beyond: Interval | null, };

export type ExplainedView = { 
/**
 * Explained by the logged usage.
 */
fully: number, 
/**
 * Partly explained.
 */
partly: number, 
/**
 * Of the monthly quota: used outside Kimi Code, beyond its share.
 */
elsewhere: number, 
/**
 * Unexplained.
 */
not: number, 
/**
 * Cannot tell, because too little is known or the deduction was never analysed.
 */
cannot_tell: number, };

export type Account = { 
/**
 * The account's number, as other requests name it.
 */
id: number, 
/**
 * The user's name for it.
 */
name: string, 
/**
 * The product: Kimi Code or the open platform.
 */
source: Source, 
/**
 * The region whose service the account belongs to.
 */
region: Region, 
/**
 * The address that its polls go to.
 */
base_url: string, 
/**
 * Where its key is: `keyring`, `encrypted-file`, `environment`, `this-run`, `kimi-code-login`,
 * `kimi-code-server`, or `none` for an imported account that has no key yet.
 */
credential: string, 
/**
 * The variable's name, or the login file's path.
 */
credential_detail: string | null, 
/**
 * When it was added to Tidemark.
 */
created_at: string, 
/**
 * The names of other accounts here that are the same account of the service.
 */
same_as: Array<string>, };

export type NewAccount = { 
/**
 * The user's name for it; made up from the source where empty.
 */
name: string, 
/**
 * Which product; guessed from the key's shape where absent.
 */
source: Source | null, 
/**
 * Which service; both are tried where absent.
 */
region: Region | null, 
/**
 * Another base URL than the service's own.
 */
base_url: string | null, 
/**
 * Where the key comes from and where it is to be kept.
 */
key: NewKey, 
/**
 * Add it even though the test of the key could not reach the service.
 */
untested: boolean, };

export type NewKey = { "kind": "keyring", 
/**
 * The key.
 */
key: string, } | { "kind": "encrypted-file", 
/**
 * The key.
 */
key: string, 
/**
 * The file's passphrase, where it is not unlocked yet.
 */
passphrase: string | null, } | { "kind": "this-run", 
/**
 * The key.
 */
key: string, } | { "kind": "environment", 
/**
 * Its name.
 */
name: string, } | { "kind": "kimi-code-login", } | { "kind": "kimi-code-server", };

export type KeyTest = { 
/**
 * Whether the poll gave a reading.
 */
ok: boolean, 
/**
 * Where it works, or where it was tried last.
 */
source: Source, 
/**
 * Where it works, or where it was tried last.
 */
region: Region, 
/**
 * What was read, so that the user sees at once that it is the right account.
 */
preview: AccountCard | null, 
/**
 * Why it does not work.
 */
failure: FailureView | null, 
/**
 * The service was not asked just now: it had been a moment ago, or it asked to wait.
 */
left_alone: Skipped | null, 
/**
 * For so many seconds the service wants not to be asked again.
 */
retry_after_seconds: number | null, 
/**
 * A name that suits: plan or product, not taken yet.
 */
suggested_name: string, };

export type AccountChange = { 
/**
 * The new name; absent if it does not change.
 */
name: string | null, 
/**
 * A new key in place of the old.
 */
key: NewKey | null, 
/**
 * The account's base URL again, by which the user says that a variable's key may go there.
 */
base_url: string | null, };

export type AccountOrder = { 
/**
 * All numbers, in the new order.
 */
ids: Array<number>, };

export type Removed = { 
/**
 * Whether the key is gone from where it was kept. `false` only where the request allowed it to stay.
 */
key_removed: boolean, };

export type Welcome = { 
/**
 * The keyring, so that the window can offer another place at once.
 */
keyring: KeyringState, 
/**
 * A login of an installed Kimi Code command line was found, and whether its token is fresh.
 */
kimi_code_login: LoginView | null, 
/**
 * Kimi Code's own server runs on this machine.
 */
kimi_code_server: boolean, 
/**
 * There is an encrypted key file already, and whether it is unlocked.
 */
encrypted_file: FileState, };

export type LoginView = { 
/**
 * Which service it is for.
 */
region: Region, 
/**
 * Its token is fresh now.
 */
fresh: boolean, 
/**
 * When the login expires.
 */
expires_at: string | null, };

export type FileState = "none" | "locked" | "unlocked";

export type Passphrase = { 
/**
 * The passphrase of the key file.
 */
passphrase: string, };

export type Settings = { 
/**
 * Seconds between two polls of an account while it is not in use; 60 to 3600.
 */
poll_seconds: number, 
/**
 * Seconds between two polls while the account is in use or a quota is above 80%.
 */
poll_seconds_busy: number, 
/**
 * Percents at which a meter's alert is given, ascending.
 */
meter_thresholds: Array<number>, 
/**
 * Alert when a balance falls below this amount, per currency.
 */
balance_thresholds: Array<Money>, 
/**
 * Notify when a quota is reset on time.
 */
notify_resets: boolean, 
/**
 * Notify when a quota is reset early or late, or money is received.
 */
notify_early_resets: boolean, 
/**
 * Tell when a key was refused.
 */
notify_refusals: boolean, 
/**
 * Tell of anomalies, and when they were given back.
 */
notify_anomalies: boolean, 
/**
 * From which probability in percent on to notify that a quota is likely to be empty before its reset; `null` never
 * does.
 */
notify_likely_empty: number | null, 
/**
 * Notify when extra usage begins to cost money.
 */
notify_extra_usage: boolean, 
/**
 * Show desktop notifications; off silences every kind.
 */
notifications: boolean, 
/**
 * No notifications between these wall-clock times (`22:00`, `08:00`); they come after.
 */
quiet_hours: QuietHours | null, 
/**
 * The zone in which days and months are counted (IANA).
 */
timezone: string, 
/**
 * `en`, `zh-CN`, or `null` for the system's.
 */
language: string | null, 
/**
 * `light`, `dark`, or `null` for the system's.
 */
theme: string | null, 
/**
 * Start the agent at login.
 */
start_at_login: boolean, 
/**
 * Read the service's status page.
 */
status_page: boolean, 
/**
 * Ask once a day for a newer version of this program; `null` until the user was asked.
 */
check_updates: boolean | null, 
/**
 * Prune raw readings older than this many days; `null` keeps them. Roll-ups always stay.
 */
keep_raw_days: number | null, 
/**
 * Additional folders that are searched for session logs, as absolute paths.
 */
log_homes: Array<string>, 
/**
 * The currency of what use is worth: `USD` or `CNY`; `null` takes that of the accounts' regions.
 */
worth_currency: string | null, 
/**
 * Words that hide the projects in whose folder they stand from exports; `*` in one is any text.
 */
hidden_projects: Array<string>, 
/**
 * From where on coding agents are warned and stopped, where a hook asks; the closest rule counts.
 */
guard: Array<GuardRule>, 
/**
 * How much may be used before it is reported; of two for the same, the later counts.
 */
budgets: Array<Budget>, };

export type QuietHours = { 
/**
 * When they begin, as `22:00`.
 */
from: string, 
/**
 * When they end, as `08:00`.
 */
to: string, };

export type Channels = { 
/**
 * In the order in which they were added.
 */
channels: Array<ChannelView>, };

export type ChannelView = { 
/**
 * The user's name for it.
 */
name: string, 
/**
 * `webhook`, `ntfy`, `telegram`, …; `null` if a newer version made it.
 */
kind: string | null, 
/**
 * Where it goes: a host, a chat, a mail address, a program.
 */
place: string, 
/**
 * Whether a token, a signing secret or a password belongs to it.
 */
has_secret: boolean, 
/**
 * Whether private addresses are allowed.
 */
allow_private: boolean, 
/**
 * The kinds of alert that it gets; empty: all.
 */
kinds: Array<string>, 
/**
 * The names of the accounts; empty: all.
 */
accounts: Array<string>, 
/**
 * The least level: `info`, `warning`, `urgent`.
 */
min_level: string, 
/**
 * Hours in which nothing is sent.
 */
quiet_hours: ChannelQuiet | null, 
/**
 * The zone of its times (IANA); `null`: that of the settings.
 */
timezone: string | null, 
/**
 * The language of its texts; `null`: that of the settings.
 */
language: string | null, 
/**
 * How often it gets a digest: `day`, `week`.
 */
digest: string | null, 
/**
 * What became of the last attempt.
 */
last: ChannelResult | null, 
/**
 * Since when messages are given up; `null` after one was delivered.
 */
failing_since: string | null, };

export type ChannelQuiet = { 
/**
 * When they begin, as `22:00`.
 */
from: string, 
/**
 * When they end, as `08:00`.
 */
to: string, };

export type ChannelResult = { 
/**
 * When.
 */
at: string, 
/**
 * A word for the failure; `null`: it was delivered.
 */
failure: string | null, 
/**
 * What the service said.
 */
said: string | null, };

export type ChannelRules = { 
/**
 * The kinds of alert; empty: all.
 */
kinds: Array<string>, 
/**
 * The names of accounts; empty: all.
 */
accounts: Array<string>, 
/**
 * The least level.
 */
min_level: string | null, 
/**
 * Hours in which nothing is sent.
 */
quiet_hours: ChannelQuiet | null, 
/**
 * The zone of its times.
 */
timezone: string | null, 
/**
 * The language of its texts.
 */
language: string | null, 
/**
 * How often it gets a digest.
 */
digest: string | null, };

export type NewChannel = { 
/**
 * The user's name for it.
 */
name: string, 
/**
 * What it is, by its word.
 */
kind: string, 
/**
 * Its address, where that is no secret.
 */
url: string | null, 
/**
 * Who gets it.
 */
to: string | null, 
/**
 * The sender of mail.
 */
from: string | null, 
/**
 * The program, by its absolute path.
 */
program: string | null, 
/**
 * Whether private addresses are allowed.
 */
allow_private: boolean, 
/**
 * Its address, where that is a secret.
 */
address: NewKey | null, 
/**
 * Its token, signing secret or password.
 */
secret: NewKey | null, 
/**
 * The kinds of alert; empty: all.
 */
kinds: Array<string>, 
/**
 * The names of accounts; empty: all.
 */
accounts: Array<string>, 
/**
 * The least level.
 */
min_level: string | null, 
/**
 * Hours in which nothing is sent.
 */
quiet_hours: ChannelQuiet | null, 
/**
 * The zone of its times.
 */
timezone: string | null, 
/**
 * The language of its texts.
 */
language: string | null, 
/**
 * How often it gets a digest.
 */
digest: string | null, };

export type ChannelChange = { 
/**
 * The user's name for it.
 */
name: string, 
/**
 * Its address, where that is no secret. An empty one takes it away.
 */
url: string | null, 
/**
 * Who gets it.
 */
to: string | null, 
/**
 * The sender of mail.
 */
from: string | null, 
/**
 * The program, by its absolute path.
 */
program: string | null, 
/**
 * Whether private addresses are allowed.
 */
allow_private: boolean, 
/**
 * Another address, where that is a secret.
 */
address: NewKey | null, 
/**
 * Another token, signing secret or password.
 */
secret: NewKey | null, 
/**
 * The kinds of alert; empty: all.
 */
kinds: Array<string>, 
/**
 * The names of accounts; empty: all.
 */
accounts: Array<string>, 
/**
 * The least level.
 */
min_level: string | null, 
/**
 * Hours in which nothing is sent.
 */
quiet_hours: ChannelQuiet | null, 
/**
 * The zone of its times.
 */
timezone: string | null, 
/**
 * The language of its texts.
 */
language: string | null, 
/**
 * How often it gets a digest.
 */
digest: string | null, };

export type ChannelTest = { 
/**
 * Its title.
 */
title: string, 
/**
 * Its text.
 */
body: string, 
/**
 * The language of both.
 */
language: string, };

export type GuardRule = { 
/**
 * The account; `null` is every one.
 */
account_id: number | null, 
/**
 * The quota; `null` is every one.
 */
meter: string | null, 
/**
 * From where on a warning is given; `null` leaves that to a wider rule.
 */
warn: GuardLimit | null, 
/**
 * From where on agents are stopped; `null` leaves that to a wider rule.
 */
stop: GuardLimit | null, };

export type GuardLimit = { "at": number } | "never";

export type Budget = { 
/**
 * The account.
 */
account_id: number, 
/**
 * The project: its folder, or the folder's name; `null` is the whole account.
 */
project: string | null, 
/**
 * `day`, `week` (from Monday) or `month`, by the calendar.
 */
period: string, 
/**
 * How much; of a project in tokens or money.
 */
limit: BudgetAmount, };

export type BudgetAmount = { "unit": "percent", 
/**
 * The quota: `5h`, `week` or `month`.
 */
meter: string, 
/**
 * How many; more than 100 of a short quota can be used in a longer period.
 */
percent: number, } | { "unit": "tokens", 
/**
 * How many.
 */
tokens: number, } | { "unit": "money", 
/**
 * How much.
 */
money: Money, };

export type BudgetState = { 
/**
 * The budget.
 */
budget: Budget, 
/**
 * The account's name.
 */
account: string, 
/**
 * When the period began that is under way.
 */
from: string, 
/**
 * When it ends.
 */
to: string, 
/**
 * What was used so far; `null` where nothing is known.
 */
used: BudgetAmount | null, 
/**
 * The same in percent of the limit, not clamped.
 */
percent: number | null, 
/**
 * `used` is worked out from prices and logs.
 */
is_estimate: boolean, 
/**
 * Not all of the period was seen, or some of it has no price: more may have been used.
 */
is_part: boolean, };

export type Budgets = { 
/**
 * In the order in which they were set.
 */
budgets: Array<BudgetState>, };

export type Pause = { 
/**
 * Until then; `null` until tomorrow's first instant in the pinned zone.
 */
until: string | null, };

export type SettingsLimits = { 
/**
 * The fewest seconds between two polls, also while busy.
 */
min_poll_seconds: number, 
/**
 * The most seconds between two polls. While busy, no longer than otherwise.
 */
max_poll_seconds: number, 
/**
 * The lowest percent of a threshold.
 */
min_meter_threshold: number, 
/**
 * The highest percent of a threshold.
 */
max_meter_threshold: number, 
/**
 * The lowest percent of a forecast's probability from which on is notified of it.
 */
min_likely_percent: number, 
/**
 * The highest such percent.
 */
max_likely_percent: number, 
/**
 * The most thresholds of quotas.
 */
max_meter_thresholds: number, 
/**
 * The fewest days for which raw readings are kept.
 */
min_keep_raw_days: number, 
/**
 * The most additional folders of logs.
 */
max_log_homes: number, 
/**
 * The most words that hide projects.
 */
max_hidden_projects: number, 
/**
 * The most characters of such a word.
 */
max_hidden_project_len: number, };

export type Refreshed = { 
/**
 * Accounts that are being polled now.
 */
polling: Array<number>, 
/**
 * Accounts that were skipped, and until when: polled a moment ago, or the service asked to wait.
 */
left_alone: Array<Skipped>, };

export type Skipped = { 
/**
 * The account's number.
 */
account_id: number, 
/**
 * Why it was skipped: `just-now`, `retry-after`, `polled-through` or `paused`.
 */
why: string, 
/**
 * When it can be polled again.
 */
until: string, };

export type Polled = { 
/**
 * Readings, findings and failures, as the command line's lines: each reading before the findings that it
 * led to, the accounts in the user's order; behind them what is known of those polled a moment ago. A
 * finding has its messages, so that it can be said in any language.
 */
lines: Array<Record<string, unknown>>, 
/**
 * What failed, in the order of the failures among the lines.
 */
failures: Array<PollFailure>, 
/**
 * Accounts that were not polled.
 */
skipped: Array<SkippedPoll>, 
/**
 * Accounts that were polled and whose reading could not be stored.
 */
not_stored: Array<NotStored>, };

export type PollFailure = { 
/**
 * The account's name.
 */
account: string, 
/**
 * The kind's word, such as `rate-limited`.
 */
kind: string, 
/**
 * The cause, in English.
 */
message: string, 
/**
 * The same without words, where it is Tidemark that says it; the message in the catalogues is `cause-` and its
 * id. Without it, `message` is the service's own words.
 */
says: MessageView | null, 
/**
 * For so many seconds the service wants not to be asked again.
 */
retry_after_seconds: number | null, 
/**
 * The failure says nothing against the key: a model or a program is denied.
 */
key_is_good?: boolean, 
/**
 * Why the key could not be read, where that is so: a word such as `file-locked`.
 */
cause: string | null, };

export type SkippedPoll = { 
/**
 * The account's name.
 */
account: string, 
/**
 * Why it was skipped: `just-now`, `retry-after`, `polled-through`, or `ended` where the agent ended before the
 * service answered.
 */
why: string, 
/**
 * When it can be polled again.
 */
until: string, 
/**
 * The kind of its last failure.
 */
kind: string | null, 
/**
 * Whole seconds until then.
 */
retry_after_seconds: number, };

export type NotStored = { 
/**
 * The account's name.
 */
account: string, 
/**
 * The cause's word: `disk-full`, `database-read-only`, `database-damaged`, `database-gone`, `database`.
 */
cause: string, 
/**
 * The cause, in English.
 */
message: string, };

export type VaultState = { 
/**
 * The keyring, as last seen.
 */
keyring: KeyringState, 
/**
 * The state of the passphrase-encrypted key file.
 */
encrypted_file: FileState, };

export type Machines = { 
/**
 * This machine.
 */
this: OwnMachine, 
/**
 * The others, in the order in which they became known.
 */
machines: Array<Machine>, 
/**
 * The ways on which records come and go, in the order in which they were added.
 */
exchanges: Array<Exchange>, 
/**
 * Machines that were removed with their usage from a shared folder, and are ignored.
 */
forgotten: Array<ForgottenMachine>, };

export type OwnMachine = { 
/**
 * Its id: 32 hexadecimal digits.
 */
id: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * Why it has another id than before: `other-host`, the history was copied here from another machine; `clone`,
 * another machine goes by the same id. `null` if it has its first one.
 */
renewed: string | null, 
/**
 * Whether other machines are given the names of projects.
 */
shares_projects: boolean, 
/**
 * From when to when its logs are known.
 */
coverage: Array<LogCoverage>, };

export type Machine = { 
/**
 * What routes call it, such as `m3`.
 */
key: string, 
/**
 * Its number, for the filter of `GET /v1/usage`.
 */
number: number, 
/**
 * Its id: 32 hexadecimal digits.
 */
id: string, 
/**
 * What it is called here.
 */
name: string, 
/**
 * The key of the exchange on which its records come; `null` if none come any more, and of a machine that is known
 * from imports alone.
 */
exchange: string | null, 
/**
 * When it last said something, by its own clock; `null` of a machine that is known from imports alone.
 */
last_seen: string | null, 
/**
 * Records of it that this version does not understand.
 */
skipped: number, 
/**
 * Whether nothing of it is taken in any more, although its usage stays.
 */
ignored: boolean, 
/**
 * From when to when its logs are known.
 */
coverage: Array<LogCoverage>, };

export type LogCoverage = { 
/**
 * The program, by the word of its log format, such as `kimi-code`.
 */
client: string, 
/**
 * The first instant.
 */
from: string, 
/**
 * The first instant after it.
 */
to: string, 
/**
 * Whether any request of the program is known; without one, its logs were looked for and none was found.
 */
has_records: boolean, };

export type Exchange = { 
/**
 * What routes call it, such as `x2`.
 */
key: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * `ssh`, `folder`, or `other` of a later version.
 */
kind: ExchangeKind, 
/**
 * The host, or the folder's path.
 */
place: string, 
/**
 * The path of `tidemark` on the host, if it was named.
 */
command: string | null, 
/**
 * When it was last tried.
 */
last_try: string | null, 
/**
 * When it last succeeded.
 */
last_done: string | null, 
/**
 * How many times in a row it failed.
 */
failures: number, 
/**
 * When it is made next.
 */
next: string, 
/**
 * Why it failed the last time; `null` if it did not.
 */
problem: ExchangeProblem | null, 
/**
 * Whether it is being made, or waits for its turn.
 */
underway: boolean, };

export type ExchangeKind = "ssh" | "folder" | "other";

export type ExchangeProblem = { 
/**
 * A word for it, such as `host-key`; the catalogues have `error-machine-<word>`.
 */
code: string, 
/**
 * What the system, `ssh` or the other machine said, in its own words.
 */
said: string | null, };

export type NewMachine = { 
/**
 * The user's name for it.
 */
name: string, 
/**
 * The host as `ssh` takes it.
 */
host: string | null, 
/**
 * The path of `tidemark` on the host; `null` where it is on the path.
 */
command: string | null, 
/**
 * The shared folder, as an absolute path.
 */
folder: string | null, 
/**
 * The folder's passphrase, to be kept.
 */
passphrase: string | null, 
/**
 * The environment variable that holds the folder's passphrase.
 */
passphrase_env: string | null, 
/**
 * Keep the passphrase in the encrypted key file instead of the system keyring. The file must be unlocked.
 */
in_encrypted_file: boolean, };

export type ForgottenMachine = { 
/**
 * What routes call it, such as `m3`.
 */
key: string, 
/**
 * Its id: 32 hexadecimal digits.
 */
id: string, 
/**
 * What it was called; its id where an earlier version forgot it.
 */
name: string, };

export type MachineChange = { 
/**
 * The new name.
 */
name: string | null, 
/**
 * Of this machine alone: whether other machines are given the names of projects.
 */
shares_projects: boolean | null, 
/**
 * Of another machine: `false` takes in again what it says, from the beginning.
 */
ignored: boolean | null, };

export type MachineSync = { 
/**
 * The key of a machine or an exchange; `null` for all.
 */
key: string | null, };

export type MachinesSynced = { 
/**
 * Each that was made.
 */
exchanges: Array<ExchangeSynced>, };

export type ExchangeSynced = { 
/**
 * Its name.
 */
name: string, 
/**
 * Requests that came, known before or not.
 */
received: number, 
/**
 * Requests that were written to a folder.
 */
written: number, 
/**
 * Lines that this version does not understand.
 */
skipped: number, 
/**
 * Why it failed; `null` if it did not.
 */
problem: ExchangeProblem | null, 
/**
 * Why this machine has another id since; `null` if it has not.
 */
renewed: string | null, };

export type Intake = { 
/**
 * Whether an agent runs, which alone receives and reads.
 */
running: boolean, 
/**
 * OTLP metrics.
 */
otlp: IntakeOtlp, 
/**
 * LiteLLM's spend logs.
 */
litellm: IntakeLiteLlm, };

export type IntakeOtlp = { 
/**
 * The loopback address that the settings name; `null` where nothing is received.
 */
listen: string | null, 
/**
 * Where it listens now.
 */
listening: string | null, 
/**
 * What is wrong.
 */
problem: IntakeProblem | null, 
/**
 * When an export last came, since the agent was started.
 */
received_at: string | null, 
/**
 * Exports that were read since then.
 */
exports: number, 
/**
 * Exports that could not be read, were too large, or came from a web page.
 */
refused_exports: number, 
/**
 * What was counted and what was not.
 */
tally: IntakeTally, };

export type IntakeLiteLlm = { 
/**
 * The address of the database; `null` where none is read.
 */
url: string | null, 
/**
 * The name of the variable that holds the password.
 */
password_env: string | null, 
/**
 * What is wrong.
 */
problem: IntakeProblem | null, 
/**
 * When all that was new was last read, since the agent was started.
 */
read_at: string | null, 
/**
 * What was counted and what was not.
 */
tally: IntakeTally, };

export type IntakeProblem = { 
/**
 * `port-taken`, `listen`, `unreachable`, `timeout`, `refused`, `not-secret`, `no-table`, `failed`, `password` or
 * `store`. The messages in the catalogues are `intake-problem-` and the code.
 */
code: string, 
/**
 * What the system or the server said, in its own words.
 */
said: string | null, 
/**
 * When it began.
 */
since: string, };

export type IntakeTally = { 
/**
 * Requests, or spans of them, that were counted.
 */
counted: number, 
/**
 * Those that are not counted because a log has them.
 */
in_logs: number, 
/**
 * Those of other models and providers.
 */
not_kimi: number, 
/**
 * Those that make no sense.
 */
refused: number, };

export type IntakeChange = { 
/**
 * OTLP metrics.
 */
otlp: IntakeOtlpChange | null, 
/**
 * LiteLLM's spend logs.
 */
litellm: IntakeLiteLlmChange | null, };

export type IntakeOtlpChange = { 
/**
 * A loopback address with a port; `null` receives none.
 */
listen: string | null, };

export type IntakeLiteLlmChange = { 
/**
 * The address of the database, without a password; `null` reads none.
 */
url: string | null, 
/**
 * The name of the variable that holds the password, where the server asks for one.
 */
password_env: string | null, };

export type AgentInfo = { 
/**
 * Its version, such as `0.2.0`.
 */
version: string, 
/**
 * The agent's process id.
 */
pid: number, 
/**
 * True where everything is sample data.
 */
demo: boolean, };

export type Update = { 
/**
 * The version of this program.
 */
version: string, 
/**
 * How it was installed: `deb`, `rpm`, `system-package`, `flatpak`, `nix`, `homebrew`, `cargo`, `scoop`, `winget`,
 * `appimage`, `windows-installer`, `mac-app` or `unknown`.
 */
installed_by: string, 
/**
 * Whether it can replace itself.
 */
replaces_itself: boolean, 
/**
 * Whether a release can be verified: without a key nothing is asked for.
 */
can_check: boolean, 
/**
 * The command by which its package manager brings a newer one, if one command does.
 */
command: string | null, 
/**
 * The page with the newest release.
 */
page: string, 
/**
 * The user's answer to whether it may be asked for; `null` before.
 */
consent: boolean | null, 
/**
 * When the newest version was last known.
 */
checked_at: string | null, 
/**
 * The newer version, if there is one.
 */
newer: string | null, 
/**
 * The day on which it was made, such as `2026-12-01`.
 */
newer_date: string | null, 
/**
 * `checking`, `downloading` or `installing`.
 */
work: string | null, 
/**
 * The version whose installation was the last thing that happened, if that succeeded.
 */
updated: string | null, 
/**
 * Why the last check or download failed, as a stable word.
 */
failure: string | null, 
/**
 * Why the last installation failed, likewise.
 */
failed_installation: string | null, 
/**
 * What there is to say of all that, in this order. The messages in the catalogues are `update-` and the ids.
 */
lines: Array<MessageView>, 
/**
 * What the user can do.
 */
actions: Array<UpdateAction>, };

export type UpdateAction = "check" | "install";

export type UpdateOrder = { 
/**
 * What.
 */
do: UpdateOrderWord, };

export type UpdateOrderWord = "check" | "download" | "install";

export type ApiError = { 
/**
 * A stable word that front ends match and have a text for, such as `name-taken`, `keyring-locked`.
 */
code: string, 
/**
 * The cause, in English.
 */
message: string, 
/**
 * What is known beyond the code, without words; the message in the catalogues is `cause-` and its id.
 */
cause?: MessageView, 
/**
 * What the service or the system said, in its own words.
 */
said?: string, };

export type Event = { "event": "overview", } | { "event": "findings", } | { "event": "settings", } | { "event": "usage", } | { "event": "show", 
/**
 * The account.
 */
account_id: number | null, } | { "event": "quit", } | { "event": "ended", };

/** What of the settings is valid, as the engine has it. */
export const SETTINGS_LIMITS: SettingsLimits = {
  "min_poll_seconds": 60,
  "max_poll_seconds": 3600,
  "min_meter_threshold": 1,
  "max_meter_threshold": 100,
  "min_likely_percent": 50,
  "max_likely_percent": 99,
  "max_meter_thresholds": 10,
  "min_keep_raw_days": 7,
  "max_log_homes": 30,
  "max_hidden_projects": 100,
  "max_hidden_project_len": 300
};
