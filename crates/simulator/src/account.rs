//! A simulated account: it is used, its quotas fill and are reset, money is spent and added.
//!
//! Time moves only by [`SimAccount::advance`]. Everything that happens has its own moment, so the result does
//! not depend on how often or when the account is polled: the same spec and seed give the same history.

use std::collections::VecDeque;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;
use tidemark_core::calendar::midnight;
use tidemark_core::{Meter, Series, Source};

use crate::amount::{Coins, FULL, Points, money, percent};
use crate::event::Event;
use crate::habits::{Machine, Request, is_working_day, requests_of_day};
use crate::plan::{Generation, Plan};
use crate::prepaid_balance::{PrepaidBalance, Wallet};
use crate::rng::{SeededRng, mix, mix_text};
use crate::snapshot::{BalanceSnapshot, Snapshot, Trick, Tricks, WalletSnapshot, WindowSnapshot};
use crate::spec::{AccountSpec, LimitsSpec, Scripted};
use crate::truth::{Record, Truth};
use crate::window::Windows;

mod apply_event;

/// The life of an account.
#[derive(Debug, Clone)]
pub struct SimAccount {
    spec: AccountSpec,
    seed: u64,
    now: DateTime<Utc>,
    next_day: NaiveDate,
    upcoming: VecDeque<Coming>,
    script: VecDeque<Scripted>,
    plan: Plan,
    generation: Generation,
    windows: Windows,
    balance: PrepaidBalance,
    wallet: Option<Wallet>,
    limits: LimitsSpec,
    concurrency: u64,
    acceleration: f64,
    revoked: bool,
    tricks: Tricks,
    record: Record,
    /// Requests since they were last taken, of the logging machine; `None` if they are not needed.
    logged: Option<Vec<Request>>,
    /// Whether those of every other machine are kept with them.
    keeps_all: bool,
}

/// Something that the owner will do.
#[derive(Debug, Clone)]
enum Coming {
    Request(Request),
    /// Other products of the membership take from the month's pool.
    OtherProducts(DateTime<Utc>, Points),
}

impl Coming {
    fn at(&self) -> DateTime<Utc> {
        match self {
            Self::Request(request) => request.at,
            Self::OtherProducts(at, _) => *at,
        }
    }
}

impl SimAccount {
    /// The life of an account from its beginning on. `seed` is the scenario's.
    #[must_use]
    pub fn new(mut spec: AccountSpec, seed: u64) -> Self {
        spec.complete();
        let begin = spec.begins();
        let windows = Windows::new(spec.plan, spec.subscribed_at, spec.phase(), begin);
        let balance = PrepaidBalance::new(spec.balance, spec.region);
        let wallet = spec.wallet.map(|wallet| Wallet::new(wallet, spec.subscribed_at, begin));
        let mut record = Record::new(begin);
        match spec.source {
            Source::KimiCode => {
                for window in windows.list() {
                    record.begin(Series::Meter(window.meter), window.used);
                }
                if let Some(wallet) = &wallet {
                    record.begin(Series::Wallet(spec.currency()), wallet.balance);
                }
            }
            Source::Platform => record.begin(Series::Balance(spec.currency()), balance.net()),
        }
        Self {
            seed: mix(&[seed, spec.seed, mix_text(&spec.name)]),
            now: begin,
            next_day: begin.with_timezone(&spec.habits.zone).date_naive(),
            upcoming: VecDeque::new(),
            script: spec.script.iter().cloned().collect(),
            plan: spec.plan,
            generation: spec.generation,
            windows,
            balance,
            wallet,
            limits: spec.limits,
            concurrency: spec.plan.concurrency(),
            acceleration: 1.0,
            revoked: false,
            tricks: Tricks::default(),
            record,
            logged: None,
            keeps_all: false,
            spec,
        }
    }

    /// What it was made from.
    #[must_use]
    pub const fn spec(&self) -> &AccountSpec {
        &self.spec
    }

    /// How far it has lived.
    #[must_use]
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The plan that the account is on now.
    #[must_use]
    pub const fn plan(&self) -> Plan {
        self.plan
    }

    /// Whether its key is refused.
    #[must_use]
    pub const fn is_revoked(&self) -> bool {
        self.revoked
    }

    /// What really happened so far.
    #[must_use]
    pub fn truth(&self) -> Truth {
        self.record.truth(&self.spec.name)
    }

    /// The present value of a series: percent used of a meter, cash and voucher together, the wallet.
    #[must_use]
    pub fn value(&self, series: Series) -> Option<Decimal> {
        match series {
            Series::Meter(meter) => self.windows.get(meter).map(|window| percent(window.used)),
            Series::Balance(_) => (self.spec.source == Source::Platform).then(|| money(self.balance.net())),
            Series::Wallet(_) => self.wallet.as_ref().map(|wallet| money(wallet.balance)),
        }
    }

    /// Money that was used and is not yet deducted; always zero for Kimi Code.
    #[must_use]
    pub fn unposted(&self) -> Decimal {
        money(self.balance.unposted())
    }

    /// From now on, keeps the requests of the logging machine for [`SimAccount::take_logged`].
    pub fn keep_logged(&mut self) {
        self.logged.get_or_insert_default();
    }

    /// The same with those of every other machine, as if their logs were read too.
    pub fn keep_all_requests(&mut self) {
        self.keep_logged();
        self.keeps_all = true;
    }

    /// The requests that are kept since the last call.
    pub fn take_logged(&mut self) -> Vec<Request> {
        self.logged.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Lives on until `to`. A time that has passed changes nothing.
    pub fn advance(&mut self, to: DateTime<Utc>) {
        while self.now < to {
            self.plan_days(to);
            let next = self.next_moment().filter(|next| *next <= to);
            let Some(next) = next else { break };
            self.now = self.now.max(next);
            self.step();
        }
        self.now = self.now.max(to);
    }

    /// Draws the owner's days up to the one after `to`, so that no request comes out of order.
    fn plan_days(&mut self, to: DateTime<Utc>) {
        let mut added = false;
        while midnight(self.next_day, self.spec.habits.zone) <= to {
            let day = self.next_day;
            let begin = self.record.since;
            let requests = requests_of_day(&self.spec.habits, self.seed, day);
            self.upcoming.extend(requests.into_iter().filter(|r| r.at >= begin).map(Coming::Request));
            self.plan_other_products(day, begin);
            self.next_day = day.checked_add_days(Days::new(1)).unwrap_or(day);
            added = true;
        }
        if added {
            // Sessions of yesterday may run past midnight.
            self.upcoming.make_contiguous().sort_by_key(Coming::at);
        }
    }

    fn plan_other_products(&mut self, day: NaiveDate, begin: DateTime<Utc>) {
        let habits = &self.spec.habits;
        if habits.other_products <= 0.0 || !is_working_day(habits, day) {
            return;
        }
        let mut chance = SeededRng::of(&[self.seed, mix_text(&day.to_string()), 2]);
        let start = midnight(day, habits.zone);
        for _ in 0..chance.count(2.0) {
            let hour = chance.between(habits.from_hour, habits.to_hour);
            let at = start + TimeDelta::seconds((hour * 3600.0) as i64);
            let share = (habits.other_products / 2.0 * chance.around(1.0, 0.5) * 1e6) as Points;
            if at >= begin {
                self.upcoming.push_back(Coming::OtherProducts(at, share));
            }
        }
    }

    fn next_moment(&self) -> Option<DateTime<Utc>> {
        [
            self.windows.next_reset(),
            self.balance.next(),
            self.wallet.as_ref().map(|wallet| wallet.month_ends),
            self.script.front().map(|scripted| scripted.at),
            self.upcoming.front().map(Coming::at),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Lets everything happen whose moment is now. Windows come back before anything is used.
    fn step(&mut self) {
        let now = self.now;
        for (meter, used) in self.windows.reset_due(now) {
            self.record.returned(now, Series::Meter(meter), used, 1);
            self.record.event(now, "reset", Some(Series::Meter(meter)), Some(used), None);
        }
        if let Some(wallet) = &mut self.wallet {
            wallet.turn_month(now);
        }
        self.step_balance(now);
        while self.script.front().is_some_and(|scripted| scripted.at <= now) {
            if let Some(scripted) = self.script.pop_front() {
                self.apply_event(&scripted.event);
            }
        }
        while self.upcoming.front().is_some_and(|coming| coming.at() <= now) {
            match self.upcoming.pop_front() {
                Some(Coming::Request(request)) => self.request(request),
                Some(Coming::OtherProducts(_, share)) => {
                    let taken = self.windows.take(Meter::Month, share);
                    self.record.deducted(now, Series::Meter(Meter::Month), taken, taken);
                }
                None => {}
            }
        }
    }

    fn step_balance(&mut self, now: DateTime<Utc>) {
        if self.spec.source != Source::Platform {
            return;
        }
        let series = Series::Balance(self.spec.currency());
        let ended = self.balance.expire_due(now);
        if ended > 0 {
            self.record.deducted(now, series, ended, 0);
            self.record.event(now, "voucher-expiry", Some(series), Some(ended), None);
        }
        let (posted, earned) = self.balance.post_due(now);
        self.record.deducted(now, series, posted, earned);
        if let Some(amount) = self.balance.top_up_due(now) {
            self.credit(series, "top-up", amount, None);
            self.balance.pay_in(amount);
        }
    }

    fn request(&mut self, request: Request) {
        let paid = match self.spec.source {
            Source::KimiCode => self.pay_by_quota(&request),
            Source::Platform => self.pay_by_balance(&request),
        };
        let hour = self.record.hour(request.at);
        if !paid {
            hour.refused_requests += 1;
            return;
        }
        hour.requests += 1;
        hour.tokens += request.tokens;
        let is_logged = request.machine == Machine::Logging;
        if is_logged {
            hour.logged_requests += 1;
            hour.logged_tokens += request.tokens;
        }
        if (is_logged || self.keeps_all)
            && let Some(logged) = &mut self.logged
        {
            logged.push(request);
        }
    }

    fn pay_by_balance(&mut self, request: &Request) -> bool {
        if self.balance.available() <= 0 {
            return false;
        }
        let cost = request.model.cost(request.tokens, self.spec.region);
        self.balance.use_later(request.at, (cost as f64 * self.acceleration).round() as Coins, cost);
        true
    }

    fn pay_by_quota(&mut self, request: &Request) -> bool {
        if self.plan == Plan::Free {
            return false;
        }
        if self.windows.exhausted().is_some() {
            let cost = request.model.cost(request.tokens, self.spec.region);
            let Some(paid) = self.wallet.as_mut().and_then(|wallet| wallet.pay(cost)) else { return false };
            self.record.deducted(request.at, Series::Wallet(self.spec.currency()), paid, paid);
            return true;
        }
        self.windows.open(request.at);
        if self.generation == Generation::A {
            self.charge_a_request(request.at);
        } else {
            self.charge(request.at, request.model.weight(request.tokens));
        }
        true
    }

    /// Takes a use from every window by its share.
    fn charge(&mut self, at: DateTime<Utc>, weight: Coins) {
        for meter in Meter::ALL {
            let share = self.windows.share(meter, weight, self.acceleration);
            let earned = self.windows.share(meter, weight, 1.0);
            self.charge_window(at, meter, share, earned);
        }
    }

    /// Takes one request from every window, from the time when requests were counted.
    fn charge_a_request(&mut self, at: DateTime<Utc>) {
        for meter in [Meter::FiveHour, Meter::Week] {
            let earned = FULL / self.request_limit(meter).max(1);
            let share = (earned as f64 * self.acceleration).round() as Points;
            self.charge_window(at, meter, share, earned);
        }
    }

    fn charge_window(&mut self, at: DateTime<Utc>, meter: Meter, share: Points, earned: Points) {
        let taken = self.windows.take(meter, share);
        self.record.deducted(at, Series::Meter(meter), taken, earned);
        let full = self.windows.get(meter).is_some_and(|window| window.used >= FULL);
        if taken > 0 && full && meter.is_allowance() {
            self.record.event(at, "exhausted", Some(Series::Meter(meter)), None, None);
        }
    }

    fn request_limit(&self, meter: Meter) -> i64 {
        let (week, five_hour) = self.plan.requests();
        if meter == Meter::FiveHour { five_hour } else { week }
    }

    fn credit(&mut self, series: Series, what: &str, amount: Coins, event: Option<Event>) {
        self.record.returned(self.now, series, amount, 0);
        self.record.event(self.now, what, Some(series), Some(amount), event);
    }

    /// What the quota route shows of the account now. Each poll uses up one of the queued wrong answers.
    pub(crate) fn look(&mut self) -> Snapshot {
        let tricks = self.tricks.spend();
        Snapshot { tricks, ..self.glance() }
    }

    /// What the service knows of the account now, without wrong answers.
    #[must_use]
    pub(crate) fn glance(&self) -> Snapshot {
        let now = self.now;
        let gauges = match self.spec.source {
            Source::Platform => Vec::new(),
            Source::KimiCode => self
                .windows
                .list()
                .iter()
                .map(|window| WindowSnapshot {
                    meter: window.meter,
                    used: window.used,
                    ends: self.windows.announced_end(window, now),
                    request_limit: self.request_limit(window.meter),
                })
                .collect(),
        };
        Snapshot {
            at: now,
            source: self.spec.source,
            region: self.spec.region,
            plan: self.plan,
            generation: self.generation,
            gauges,
            wallet: self.wallet.as_ref().map(|wallet| WalletSnapshot {
                enabled: wallet.enabled,
                balance: wallet.balance,
                month_used: wallet.month_used,
                month_cap: wallet.month_cap,
                since: self.spec.subscribed_at,
            }),
            balance: (self.spec.source == Source::Platform)
                .then(|| BalanceSnapshot { cash: self.balance.cash, voucher: self.balance.voucher() }),
            concurrency: self.concurrency,
            limits: self.limits,
            limited: self.windows.exhausted(),
            name_seed: self.seed,
            tricks: Trick::default(),
        }
    }
}
