//! Local use: what the index of session logs sums up to, and the rates up to now.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use chrono::{DateTime, Datelike as _, TimeDelta, Timelike as _, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::Deserialize;
use tidemark_core::calendar::Bucket;
use tidemark_core::rates::{Rates, RequestSpan, rates};
use tidemark_core::{AccountId, Currency, Money, RateLimits, Region, Tokens};
use tidemark_kimi::{PriceList, plan_price};
use tidemark_monitor::local_use::EARLIEST;
use tidemark_monitor::{AccountSnapshot, EngineError, Format, Snapshot, UsageState};
use tidemark_store::{Machine, MachineId, StoredRequest, UsageQuery, UsageSum};

use super::context::Context;
use super::convert::{limits_view, money, region_view, source_view};
use super::error::{ApiError, ApiResult};
use super::query::Buckets;
use crate::view;

#[derive(Deserialize)]
pub(super) struct Asked {
    by: Option<String>,
    from: Option<String>,
    to: Option<String>,
    /// An account's number, or `none` for unassigned usage.
    account: Option<String>,
    /// A machine's number, or `this`; all machines without.
    machine: Option<String>,
}

/// Which accounts the usage is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OwnerFilter {
    All,
    Only(Option<AccountId>),
}

impl OwnerFilter {
    fn of(text: Option<&str>) -> Result<Self, ApiError> {
        match text {
            None => Ok(Self::All),
            Some("none") => Ok(Self::Only(None)),
            Some(number) => number.parse().map(|id| Self::Only(Some(AccountId(id)))).map_err(|_| {
                ApiError::input(format!("expected an account's number or `none`, found `{number}`"))
            }),
        }
    }

    fn takes(self, account: Option<AccountId>) -> bool {
        match self {
            Self::All => true,
            Self::Only(wanted) => wanted == account,
        }
    }
}

/// Which machines the usage is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MachineFilter {
    All,
    Only(Option<MachineId>),
}

impl MachineFilter {
    fn of(text: Option<&str>) -> Result<Self, ApiError> {
        match text {
            None => Ok(Self::All),
            Some("this") => Ok(Self::Only(None)),
            Some(number) => number.parse().map(|id| Self::Only(Some(MachineId(id)))).map_err(|_| {
                ApiError::input(format!("expected a machine's number or `this`, found `{number}`"))
            }),
        }
    }

    fn takes(self, machine: Option<MachineId>) -> bool {
        match self {
            Self::All => true,
            Self::Only(wanted) => wanted == machine,
        }
    }
}

/// Reads all logs now; the answer comes when they are read.
pub(super) async fn scan(State(context): State<Context>) -> ApiResult<()> {
    if context.engine.scan_logs().await {
        return Ok(Json(()));
    }
    // Why, as the store or the system said it when what was read could not be kept.
    match context.engine.usage_problem() {
        Some(problem) => Err(ApiError::of_problem(&problem)),
        None => Err(ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "store-failed",
            "the logs could not be read",
        )),
    }
}

pub(super) async fn get_usage(
    State(context): State<Context>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> ApiResult<view::Usage> {
    let Asked { by, from, to, account, machine } = asked?.0;
    let engine = &context.engine;
    let snapshot = engine.snapshot();
    let zone = snapshot.settings.timezone;
    let now = snapshot.now;
    let Buckets { by: span, from, to, all: buckets } =
        Buckets::of(by.as_deref(), from.as_deref(), to.as_deref(), zone, now)?;
    let whose = OwnerFilter::of(account.as_deref())?;
    let machine = MachineFilter::of(machine.as_deref())?;
    let only = match whose {
        OwnerFilter::Only(id) => id,
        OwnerFilter::All => None,
    };
    let currency = worth_currency(&snapshot, only);
    // The user's own prices are a file.
    let of_engine = engine.clone();
    let prices = tokio::task::spawn_blocking(move || of_engine.prices()).await;
    let prices = prices.map_err(|_| EngineError::Internal)?;
    let mut sums = UsageAggregator::new(buckets, zone, (whose, machine), prices, currency, now);
    sums.own_currencies =
        snapshot.accounts.iter().map(|account| (account.account.id, own_currency(account))).collect();
    let (sums, recent, files, machines) = engine
        .read(move |store| {
            if let (Some(first), Some(last)) = (sums.buckets.first(), sums.buckets.last()) {
                let query = UsageQuery { from: first.start, to: last.end };
                store.for_each_usage(&query, |sum| sums.add(&sum))?;
            }
            let mut recent = store.all_requests_between(now - TimeDelta::hours(24), now)?;
            recent.retain(|request| machine.takes(request.machine));
            let own_name = store.own_machine()?.map(|own| own.name).unwrap_or_default();
            Ok((
                sums,
                recent,
                (store.usage_files_known()?, store.usage_files_dated()?),
                (own_name, store.machines()?),
            ))
        })
        .await?;
    let read = scan_view(&engine.usage_state(), files);
    let names = (machines.0.as_str(), machines.1.as_slice());
    let mut usage = sums.usage(&snapshot, &recent, read, names);
    (usage.by, usage.from, usage.to) = (span.as_str().to_owned(), from, to);
    usage.buckets = usage
        .buckets
        .into_iter()
        .map(|bucket| {
            let key = Bucket { start: bucket.start, end: bucket.end }.label(span, zone);
            view::BucketView { key, ..bucket }
        })
        .collect();
    Ok(Json(usage))
}

/// The currency of the accounts, where they are all of one; the international platform's otherwise.
fn currency_of(accounts: &[AccountSnapshot]) -> Currency {
    let china = |account: &AccountSnapshot| account.account.region == Region::China;
    if !accounts.is_empty() && accounts.iter().all(china) { Currency::CNY } else { Currency::USD }
}

/// The currency in which an account's usage is priced: that of its plan's price, or of its region's platform.
fn own_currency(account: &AccountSnapshot) -> Currency {
    plan(account).map_or_else(|| currency_of(std::slice::from_ref(account)), |(_, price)| price.currency)
}

/// The currency of one account's usage, or of all together: the one that was chosen, else what suits them.
pub(super) fn worth_currency(snapshot: &Snapshot, only: Option<AccountId>) -> Currency {
    let own = only.and_then(|id| snapshot.accounts.iter().find(|one| one.account.id == id)).map(own_currency);
    own.or(snapshot.settings.worth_currency).unwrap_or_else(|| currency_of(&snapshot.accounts))
}

/// An account's membership and its list price, where that is known.
fn plan(account: &AccountSnapshot) -> Option<(&str, Money)> {
    let plan = account.reading.as_ref()?.plan.as_deref()?;
    Some((plan, plan_price(plan, account.account.region)?))
}

/// What was used, and at what prices.
#[derive(Debug, Clone, Default)]
struct Sum {
    requests: u64,
    tokens: Tokens,
    /// What has a price is worth this; `None` where nothing has one.
    worth: Option<Decimal>,
    /// What reading from the cache saved of that.
    saved: Option<Decimal>,
    unpriced: u64,
}

impl Sum {
    fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.tokens += other.tokens;
        self.unpriced = self.unpriced.saturating_add(other.unpriced);
        if let Some(worth) = other.worth {
            self.worth = Some(self.worth.unwrap_or_default().saturating_add(worth));
        }
        if let Some(saved) = other.saved {
            self.saved = Some(self.saved.unwrap_or_default().saturating_add(saved));
        }
    }

    fn view(&self, currency: Currency) -> view::UseView {
        let Tokens { input, cache_read, cache_write, output, .. } = self.tokens;
        let nothing = self.tokens.is_zero().then_some(Decimal::ZERO);
        view::UseView {
            requests: self.requests,
            input,
            cache_read,
            cache_write,
            output,
            total: self.tokens.total(),
            cache_hit_share: self.tokens.cache_hit_share(),
            worth: self.worth.or(nothing).map(|amount| money(Money::new(amount.normalize(), currency))),
            saved: self.saved.map(|amount| money(Money::new(amount.normalize(), currency))),
            unpriced_tokens: self.unpriced,
        }
    }
}

/// What the same tokens would have cost more, had all input been sent without a cache.
fn saved(price: &tidemark_kimi::Price, tokens: &Tokens) -> Option<Decimal> {
    let input = tokens.input.checked_add(tokens.cache_read)?.checked_add(tokens.cache_write)?;
    let plain = Tokens { input, output: tokens.output, ..Tokens::default() };
    price.cost(&plain)?.checked_sub(price.cost(tokens)?)
}

/// A sum over all buckets, and the tokens in each.
#[derive(Debug, Clone)]
struct Line {
    sum: Sum,
    totals: Vec<u64>,
}

impl Line {
    fn of(buckets: usize) -> Self {
        Self { sum: Sum::default(), totals: vec![0; buckets] }
    }

    fn add(&mut self, place: usize, sum: &Sum) {
        self.sum.add(sum);
        if let Some(total) = self.totals.get_mut(place) {
            *total = total.saturating_add(sum.tokens.total());
        }
    }
}

/// Requests and tokens by name.
#[derive(Debug, Clone, Default)]
struct Counts(BTreeMap<String, (u64, u64)>);

impl Counts {
    fn add(&mut self, name: &str, row: &UsageSum) {
        let (requests, tokens) = self.0.entry(name.to_owned()).or_default();
        *requests = requests.saturating_add(row.requests);
        *tokens = tokens.saturating_add(row.tokens.total());
    }

    /// Most tokens first.
    fn views(self) -> Vec<view::NamedCount> {
        let count = |(name, (requests, tokens))| view::NamedCount { name, requests, tokens };
        let mut views: Vec<_> = self.0.into_iter().map(count).collect();
        // Stable: equals stay in the order of their names.
        views.sort_by_key(|count| std::cmp::Reverse(count.tokens));
        views
    }
}

/// Requests and tokens by machine.
type MachineCounts = BTreeMap<Option<MachineId>, (u64, u64)>;

/// Sums being added up.
struct UsageAggregator {
    buckets: Vec<Bucket>,
    zone: Tz,
    whose: OwnerFilter,
    machine: MachineFilter,
    prices: PriceList,
    cuts: Vec<DateTime<Utc>>,
    currency: Currency,
    now: DateTime<Utc>,
    used: Vec<Sum>,
    totals: Sum,
    models: BTreeMap<String, Line>,
    projects: BTreeMap<Option<String>, Line>,
    programs: BTreeMap<String, Line>,
    accounts: BTreeMap<Option<AccountId>, Line>,
    /// Requests and tokens of each account by program.
    accounts_programs: BTreeMap<Option<AccountId>, Counts>,
    /// Requests and tokens of each account by machine. This one has no number, and is first.
    accounts_machines: BTreeMap<Option<AccountId>, MachineCounts>,
    machines: BTreeMap<Option<MachineId>, Line>,
    /// In which currency each account's usage is priced.
    own_currencies: BTreeMap<AccountId, Currency>,
    busiest: Vec<Vec<view::HourUse>>,
    third: Counts,
    doubtful: u64,
    /// The price of a model in a stretch between two cuts, once it is known.
    known: HashMap<(String, usize, Currency), Option<tidemark_kimi::Price>>,
}

impl UsageAggregator {
    fn new(
        buckets: Vec<Bucket>,
        zone: Tz,
        (whose, machine): (OwnerFilter, MachineFilter),
        prices: PriceList,
        currency: Currency,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            used: vec![Sum::default(); buckets.len()],
            buckets,
            zone,
            whose,
            machine,
            cuts: prices.turning_points(),
            prices,
            currency,
            now,
            totals: Sum::default(),
            models: BTreeMap::new(),
            projects: BTreeMap::new(),
            programs: BTreeMap::new(),
            accounts_programs: BTreeMap::new(),
            accounts_machines: BTreeMap::new(),
            accounts: BTreeMap::new(),
            machines: BTreeMap::new(),
            own_currencies: BTreeMap::new(),
            busiest: vec![vec![view::HourUse::default(); 24]; 7],
            third: Counts::default(),
            doubtful: 0,
            known: HashMap::new(),
        }
    }

    fn add(&mut self, row: &UsageSum) {
        if !self.whose.takes(row.account) || !self.machine.takes(row.machine) {
            return;
        }
        if row.third {
            self.third.add(&row.model, row);
            return;
        }
        let place = self.buckets.partition_point(|bucket| bucket.end <= row.start);
        if place >= self.buckets.len() {
            return;
        }
        let sum = self.priced(row, self.currency);
        if let Some(used) = self.used.get_mut(place) {
            used.add(&sum);
        }
        self.totals.add(&sum);
        let buckets = self.buckets.len();
        self.models.entry(row.model.clone()).or_insert_with(|| Line::of(buckets)).add(place, &sum);
        self.projects.entry(row.project.clone()).or_insert_with(|| Line::of(buckets)).add(place, &sum);
        self.programs.entry(row.format.clone()).or_insert_with(|| Line::of(buckets)).add(place, &sum);
        self.accounts_programs.entry(row.account).or_default().add(&row.format, row);
        let of_account = self.accounts_machines.entry(row.account).or_default();
        let (requests, tokens) = of_account.entry(row.machine).or_default();
        *requests = requests.saturating_add(row.requests);
        *tokens = tokens.saturating_add(row.tokens.total());
        let own = row.account.and_then(|account| self.own_currencies.get(&account)).copied();
        let of_account = match own {
            Some(own) if own != self.currency => self.priced(row, own),
            _ => sum.clone(),
        };
        self.accounts.entry(row.account).or_insert_with(|| Line::of(buckets)).add(place, &of_account);
        self.machines.entry(row.machine).or_insert_with(|| Line::of(buckets)).add(place, &sum);
        let local = row.start.with_timezone(&self.zone);
        let (day, hour) = (local.weekday().num_days_from_monday() as usize, local.hour() as usize);
        let busy = &mut self.busiest[day][hour];
        busy.requests += row.requests;
        busy.tokens = busy.tokens.saturating_add(row.tokens.total());
        if row.start < EARLIEST || row.start > self.now + TimeDelta::days(1) {
            self.doubtful += row.requests;
        }
    }

    /// What the requests of a row are worth in a currency.
    fn priced(&mut self, row: &UsageSum, currency: Currency) -> Sum {
        let stretch = self.cuts.partition_point(|cut| *cut <= row.start);
        let prices = &self.prices;
        let price = *self
            .known
            .entry((row.model.clone(), stretch, currency))
            .or_insert_with(|| prices.price(&row.model, row.start, currency).copied());
        let worth = price.and_then(|price| price.cost(&row.tokens));
        Sum {
            requests: row.requests,
            tokens: row.tokens,
            worth,
            saved: price.and_then(|price| saved(&price, &row.tokens)),
            unpriced: if worth.is_some() { 0 } else { row.tokens.total() },
        }
    }

    fn usage(
        mut self,
        snapshot: &Snapshot,
        recent: &[StoredRequest],
        scan: view::ScanView,
        (own_name, machines): (&str, &[Machine]),
    ) -> view::Usage {
        let own = std::iter::once((None, own_name));
        let others = machines.iter().map(|machine| (Some(machine.id), machine.name.as_str()));
        let machines = own.chain(others).filter_map(|(id, name)| {
            let line = self.machines.remove(&id)?;
            Some(view::MachineUse {
                machine: id.map(|id| id.0),
                name: name.to_owned(),
                used: line.sum.view(self.currency),
                totals: line.totals,
            })
        });
        let machines: Vec<_> = machines.collect();
        let currency = self.currency;
        let named = |name: Option<String>, line: Line| view::NamedUse {
            name,
            used: line.sum.view(currency),
            totals: line.totals,
        };
        let unpriced = self.models.iter().filter(|(_, line)| line.sum.unpriced > 0).map(|(name, line)| {
            view::NamedCount { name: name.clone(), requests: line.sum.requests, tokens: line.sum.unpriced }
        });
        let mut unpriced: Vec<_> = unpriced.collect();
        unpriced.sort_by_key(|count| std::cmp::Reverse(count.tokens));
        let lines = AccountLines {
            uses: self.accounts,
            programs: self.accounts_programs,
            machines: self.accounts_machines,
            currencies: self.own_currencies,
        };
        let accounts = accounts(lines, self.buckets.len(), self.whose, snapshot, recent, currency);
        let mut models: Vec<_> =
            self.models.into_iter().map(|(name, line)| named(Some(name), line)).collect();
        let mut projects: Vec<_> = self.projects.into_iter().map(|(name, line)| named(name, line)).collect();
        let mut programs: Vec<_> =
            self.programs.into_iter().map(|(name, line)| named(Some(name), line)).collect();
        for uses in [&mut models, &mut projects, &mut programs] {
            // Stable: equals stay in the order of their names.
            uses.sort_by_key(|line| std::cmp::Reverse(line.used.total));
        }
        view::Usage {
            now: self.now,
            by: String::new(),
            timezone: self.zone.name().to_owned(),
            from: self.now,
            to: self.now,
            currency: currency.to_string(),
            buckets: self
                .buckets
                .iter()
                .map(|bucket| view::BucketView { key: String::new(), start: bucket.start, end: bucket.end })
                .collect(),
            used: self.used.iter().map(|sum| sum.view(currency)).collect(),
            totals: self.totals.view(currency),
            models,
            projects,
            programs,
            accounts,
            machines,
            busiest: self.busiest,
            unpriced,
            third_party: self.third.views(),
            doubtful_times: self.doubtful,
            scan,
        }
    }
}

/// What each account used.
struct AccountLines {
    uses: BTreeMap<Option<AccountId>, Line>,
    programs: BTreeMap<Option<AccountId>, Counts>,
    machines: BTreeMap<Option<AccountId>, MachineCounts>,
    currencies: BTreeMap<AccountId, Currency>,
}

/// A row per account, in the user's order, and one for unassigned usage.
fn accounts(
    mut lines: AccountLines,
    buckets: usize,
    whose: OwnerFilter,
    snapshot: &Snapshot,
    recent: &[StoredRequest],
    currency: Currency,
) -> Vec<view::AccountUse> {
    let mut ran: BTreeMap<Option<AccountId>, Vec<RequestSpan>> = BTreeMap::new();
    // The sum of a session is no call: all of its tokens would seem to have been used in one minute.
    for request in recent.iter().filter(|request| !request.is_sum && whose.takes(request.account)) {
        ran.entry(request.account).or_default().push(RequestSpan {
            begun: request.begun,
            at: request.at,
            tokens: request.tokens.total(),
        });
    }
    let seen: BTreeSet<Option<AccountId>> = lines.uses.keys().chain(ran.keys()).copied().collect();
    let mut row = |account: Option<&AccountSnapshot>| {
        let id = account.map(|account| account.account.id);
        let own = id.and_then(|id| lines.currencies.get(&id)).copied().unwrap_or(currency);
        let worth = lines.uses.get(&id).and_then(|line| line.sum.worth).unwrap_or_default();
        let line = lines.uses.remove(&id).unwrap_or_else(|| Line::of(buckets));
        let of = |back| {
            let ran = ran.get(&id).map(Vec::as_slice).unwrap_or_default();
            rate_view(rates(ran, snapshot.now, back))
        };
        let limits = account.and_then(|a| a.reading.as_ref()).map_or(RateLimits::default(), |r| r.limits);
        view::AccountUse {
            account_id: id.map(|id| id.0),
            account: account.map(|account| account.account.name.clone()),
            source: account.map(|account| source_view(account.account.source)),
            region: account.map(|account| region_view(account.account.region)),
            used: line.sum.view(own),
            totals: line.totals,
            programs: lines.programs.remove(&id).unwrap_or_default().views(),
            machines: lines
                .machines
                .remove(&id)
                .unwrap_or_default()
                .into_iter()
                .map(|(machine, (requests, tokens))| view::MachineCount {
                    machine: machine.map(|id| id.0),
                    requests,
                    tokens,
                })
                .collect(),
            plan: account.and_then(|account| {
                let (name, price) = plan(account)?;
                Some(view::PlanWorth {
                    plan: name.to_owned(),
                    price: money(price),
                    worth: money(Money::new(worth.normalize(), own)),
                })
            }),
            rates: view::RatesView {
                minute: of(TimeDelta::seconds(60)),
                hour: of(TimeDelta::hours(1)),
                day: of(TimeDelta::hours(24)),
            },
            limits: limits_view(limits),
        }
    };
    let mut rows: Vec<view::AccountUse> = snapshot
        .accounts
        .iter()
        .filter(|account| whose.takes(Some(account.account.id)))
        .map(|account| row(Some(account)))
        .collect();
    rows.retain(|row| {
        seen.contains(&row.account_id.map(AccountId)) || row.limits != view::LimitsView::default()
    });
    if seen.contains(&None) {
        rows.push(row(None));
    }
    rows
}

fn rate_view(rates: Rates) -> view::RateView {
    view::RateView {
        requests: rates.requests,
        tokens: rates.tokens,
        most_requests_a_minute: rates.most_requests_a_minute,
        most_tokens_a_minute: rates.most_tokens_a_minute,
        greatest_concurrency: rates.greatest_concurrency,
    }
}

fn scan_view(
    state: &UsageState,
    ((files_known, lines_skipped), files_dated): ((u64, u64), u64),
) -> view::ScanView {
    view::ScanView {
        running: state.running,
        slow: state.slow,
        files: state.progress.files,
        files_done: state.progress.files_done,
        bytes: state.progress.bytes,
        bytes_done: state.progress.bytes_done,
        last_done: state.last_done,
        files_known,
        files_dated,
        lines_skipped,
        files_unreadable: state.unreadable,
        homes: state
            .homes
            .iter()
            .map(|(format, path)| view::HomeView {
                format: format.as_str().to_owned(),
                path: path.display().to_string(),
            })
            .collect(),
        programs_absent: Format::ALL
            .into_iter()
            .filter(|format| state.homes.iter().all(|(there, _)| there != format))
            .map(|format| format.as_str().to_owned())
            .collect(),
        homes_missing: state.missing.iter().map(|path| path.display().to_string()).collect(),
        watching: state.watching,
    }
}
