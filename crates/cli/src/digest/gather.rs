//! What a digest is made of, from the store alone.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::Serialize;
use tidemark_api::server::past_forecasts;
use tidemark_core::calendar::{Span, midnight};
use tidemark_core::number::decimal::to_f64;
use tidemark_core::number::timestamp::format_rfc3339;
use tidemark_core::project_filter::HiddenProjects;
use tidemark_core::{AccountId, Finding, FindingKind, Meter, Money, Series};
use tidemark_monitor::Settings;
use tidemark_store::{FindingQuery, HistoryQuery, Store, StoreError, UsageQuery};

/// So many programs, projects and machines are named at most.
const MAX_NAMED: usize = 10;
/// So many events are given at most.
const MAX_EVENTS: u32 = 500;
/// What is left of a quota that is worth saying, in percent.
const MUCH_LEFT: Decimal = Decimal::from_parts(30, 0, 0, false, 0);

/// A digest.
#[derive(Debug, Serialize)]
pub struct DigestData {
    /// `day` or `week`.
    pub period: &'static str,
    /// The zone in which its days are counted.
    pub timezone: String,
    /// Its first instant.
    pub from: String,
    /// The first instant after it.
    pub to: String,
    /// Its first day.
    #[serde(skip)]
    pub first_day: NaiveDate,
    /// What was deducted, by account and quota or currency.
    pub used: Vec<Used>,
    /// Tokens of the logs.
    pub tokens: TokenSums,
    /// What happened, by kind and class.
    pub events: Vec<EventCount>,
    /// The anomalies that were found, and what became of earlier ones.
    #[serde(skip)]
    pub notable: Vec<(String, Finding)>,
    /// How forecasts did whose cycle ended in it.
    pub forecasts: Forecasts,
    /// What will go unused if nothing changes.
    pub unused: Vec<Unused>,
}

/// What was deducted of an account's quota or money.
#[derive(Debug, Serialize)]
pub struct Used {
    /// The account's name.
    pub account: String,
    /// The quota, or `balance:CNY`.
    pub series: String,
    /// Percent or a currency.
    pub unit: String,
    /// How much; `null` where nothing is known.
    pub deducted: Option<String>,
    /// The share of the time in which polling ran.
    pub coverage: f64,
    #[serde(skip)]
    pub of: Series,
    #[serde(skip)]
    pub amount: Option<Decimal>,
}

/// Tokens of the logs.
#[derive(Debug, Default, Serialize)]
pub struct TokenSums {
    /// All of them.
    pub total: u64,
    /// Number of requests.
    pub requests: u64,
    /// By account; `null`: unassigned.
    pub by_account: Vec<Named>,
    /// By program.
    pub by_client: Vec<Named>,
    /// By project; `null`: unknown.
    pub by_project: Vec<Named>,
    /// By machine.
    pub by_machine: Vec<Named>,
}

/// Tokens of one account, program, project or machine.
#[derive(Debug, Serialize)]
pub struct Named {
    /// Its name; `null` where it has none.
    pub key: Option<String>,
    /// Number of requests.
    pub requests: u64,
    /// Tokens in all.
    pub total: u64,
}

/// How many events there were of a kind.
#[derive(Debug, Serialize)]
pub struct EventCount {
    /// `anomaly`, `reset`, `withdrawn`, …
    pub kind: String,
    /// Of an anomaly, which.
    pub class: Option<String>,
    /// How many.
    pub count: u64,
}

/// How forecasts did.
#[derive(Debug, Default, Serialize)]
pub struct Forecasts {
    /// For how many cycles one was possible.
    pub made: u64,
    /// How many said rightly whether the quota lasts.
    pub right: u64,
}

/// What will go unused.
#[derive(Debug, Serialize)]
pub struct Unused {
    /// The account's name.
    pub account: String,
    /// The quota.
    pub meter: Meter,
    /// Percent that is left now.
    pub left_percent: f64,
    /// When it is reset.
    pub resets_at: String,
    #[serde(skip)]
    pub resets: DateTime<Utc>,
}

/// Gathers a digest of the days from `from` to before `to`.
///
/// # Errors
/// Those of any read of the store.
pub fn gather(
    store: &Store,
    settings: &Settings,
    zone: Tz,
    period: &'static str,
    (first, after): (NaiveDate, NaiveDate),
    now: DateTime<Utc>,
) -> Result<DigestData, StoreError> {
    store.at_one_moment(|store| {
        let (from, to) = (midnight(first, zone), midnight(after, zone));
        let accounts: Vec<(AccountId, String)> =
            store.accounts()?.into_iter().map(|account| (account.id, account.name)).collect();
        let (events, notable) = events(store, &accounts, from, to)?;
        Ok(DigestData {
            period,
            timezone: zone.name().to_owned(),
            from: format_rfc3339(from),
            to: format_rfc3339(to),
            first_day: first,
            used: used(store, &accounts, zone, (from, to), now)?,
            tokens: tokens(store, &accounts, &HiddenProjects::by(&settings.hidden_projects), from, to)?,
            events,
            notable,
            forecasts: forecasts(store, &accounts, zone, (from, to), now)?,
            unused: unused(store, &accounts, to - from, now)?,
        })
    })
}

fn name_of(accounts: &[(AccountId, String)], id: AccountId) -> String {
    accounts.iter().find(|(known, _)| *known == id).map(|(_, name)| name.clone()).unwrap_or_default()
}

fn used(
    store: &Store,
    accounts: &[(AccountId, String)],
    zone: Tz,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<Vec<Used>, StoreError> {
    let rows = store.history(&HistoryQuery { from, to, now, span: Span::Day, account: None, zone })?;
    let mut sums: BTreeMap<(AccountId, Series), (Option<Decimal>, TimeDelta)> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry((row.account, row.series)).or_default();
        if let Some(deducted) = row.deducted {
            sum.0 = Some(sum.0.unwrap_or_default() + deducted);
        }
        sum.1 += row.covered;
    }
    let whole = (to.min(now) - from).num_seconds().max(1) as f64;
    // Kimi Code's share is a part of the month, and not a quota by itself.
    let is_own = |series: &Series| series.meter().is_none_or(Meter::is_allowance);
    Ok(sums
        .into_iter()
        .filter(|((_, series), _)| is_own(series))
        .map(|((account, series), (amount, covered))| Used {
            account: name_of(accounts, account),
            series: series.to_string(),
            unit: series.currency().map_or_else(|| "percent".to_owned(), |currency| currency.to_string()),
            deducted: amount.map(|amount| match series.currency() {
                Some(currency) => tidemark_core::money::plain(Money::new(amount, currency).amount),
                None => amount.normalize().to_string(),
            }),
            coverage: (covered.num_seconds() as f64 / whole).clamp(0.0, 1.0),
            of: series,
            amount,
        })
        .collect())
}

fn tokens(
    store: &Store,
    accounts: &[(AccountId, String)],
    hidden: &HiddenProjects,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<TokenSums, StoreError> {
    let mut machines: HashMap<_, String> =
        store.machines()?.into_iter().map(|machine| (Some(machine.id), machine.name)).collect();
    machines.extend(store.own_machine()?.map(|own| (None, own.name)));
    let mut sums: [BTreeMap<Option<String>, (u64, u64)>; 4] = std::array::from_fn(|_| BTreeMap::new());
    let mut all = TokenSums::default();
    store.for_each_usage(&UsageQuery { from, to }, |sum| {
        if sum.third {
            return;
        }
        let total = sum.tokens.total();
        all.total += total;
        all.requests += sum.requests;
        let keys = [
            sum.account.map(|id| name_of(accounts, id)),
            Some(sum.format),
            sum.project.map(|project| hidden.written(&project).to_owned()),
            machines.get(&sum.machine).cloned(),
        ];
        for (sums, key) in sums.iter_mut().zip(keys) {
            let of = sums.entry(key).or_default();
            of.0 += sum.requests;
            of.1 += total;
        }
    })?;
    let named = |sums: BTreeMap<Option<String>, (u64, u64)>| {
        let mut named: Vec<Named> =
            sums.into_iter().map(|(key, (requests, total))| Named { key, requests, total }).collect();
        named.sort_by_key(|named| std::cmp::Reverse(named.total));
        named.truncate(MAX_NAMED);
        named
    };
    [all.by_account, all.by_client, all.by_project, all.by_machine] = sums.map(named);
    Ok(all)
}

type Events = (Vec<EventCount>, Vec<(String, Finding)>);

fn events(
    store: &Store,
    accounts: &[(AccountId, String)],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Events, StoreError> {
    let query =
        FindingQuery { from: Some(from), to: Some(to), limit: Some(MAX_EVENTS), ..FindingQuery::default() };
    let mut counts: BTreeMap<(String, Option<String>), u64> = BTreeMap::new();
    let mut notable = Vec::new();
    for found in store.findings(&query)? {
        let class = found.finding.anomaly().map(|class| class.as_str().to_owned());
        *counts.entry((kind_word(&found.finding.kind).to_owned(), class)).or_default() += 1;
        if matches!(
            found.finding.kind,
            FindingKind::Anomaly(_) | FindingKind::Recovered { .. } | FindingKind::Withdrawn { .. }
        ) {
            notable.push((name_of(accounts, found.account), found.finding));
        }
    }
    let counts = counts.into_iter().map(|((kind, class), count)| EventCount { kind, class, count }).collect();
    Ok((counts, notable))
}

const fn kind_word(kind: &FindingKind) -> &'static str {
    match kind {
        FindingKind::Anomaly(_) => "anomaly",
        FindingKind::Reset { .. } => "reset",
        FindingKind::Credit { .. } => "credit",
        FindingKind::Expiry { .. } => "expiry",
        FindingKind::LimitChange { .. } => "limit-change",
        FindingKind::PlanChange { .. } => "plan-change",
        FindingKind::AccountChange => "account-change",
        FindingKind::Recovered { .. } => "recovered",
        FindingKind::Withdrawn { .. } => "withdrawn",
    }
}

fn forecasts(
    store: &Store,
    accounts: &[(AccountId, String)],
    zone: Tz,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<Forecasts, StoreError> {
    let mut did = Forecasts::default();
    for past in past_forecasts(store, accounts, zone, now)? {
        if past.cycle.to < from || past.cycle.to >= to {
            continue;
        }
        did.made += 1;
        did.right += u64::from((past.forecast.lasts >= 0.5) == past.emptied.is_none());
    }
    Ok(did)
}

/// Quotas of more than five hours that are reset within as long as the period, of which much is left.
fn unused(
    store: &Store,
    accounts: &[(AccountId, String)],
    ahead: TimeDelta,
    now: DateTime<Utc>,
) -> Result<Vec<Unused>, StoreError> {
    // A day ahead is too late to do anything about a month.
    let ahead = ahead.max(TimeDelta::days(2));
    let mut unused = Vec::new();
    for (account, _, reading) in store.last_readings()? {
        for meter in &reading.meters {
            let left = Decimal::ONE_HUNDRED - meter.used_percent;
            let Some(resets) = meter.resets_at.filter(|at| *at > now && *at <= now + ahead) else { continue };
            if meter.meter == Meter::FiveHour || !meter.meter.is_allowance() || left < MUCH_LEFT {
                continue;
            }
            unused.push(Unused {
                account: name_of(accounts, account),
                meter: meter.meter,
                left_percent: to_f64(left),
                resets_at: format_rfc3339(resets),
                resets,
            });
        }
    }
    Ok(unused)
}
