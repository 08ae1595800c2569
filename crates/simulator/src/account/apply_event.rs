//! What events do to a life.

use chrono::TimeDelta;
use rust_decimal::Decimal;
use tidemark_core::{Meter, Series, Source};

use super::SimAccount;
use crate::amount::{Coins, FULL, Points, coins, points};
use crate::event::Event;
use crate::plan::Plan;
use crate::window::Windows;

impl SimAccount {
    /// The meters of an event: the one it names, or all allowances of the account.
    fn meters(&self, named: Option<Meter>) -> Vec<Meter> {
        named.map_or_else(
            || self.windows.list().iter().map(|w| w.meter).filter(|m| m.is_allowance()).collect(),
            |meter| vec![meter],
        )
    }

    /// The series of the account's money.
    fn money_series(&self) -> Series {
        match self.spec.source {
            Source::KimiCode => Series::Wallet(self.spec.currency()),
            Source::Platform => Series::Balance(self.spec.currency()),
        }
    }

    /// Lets something happen at the moment to which the life has advanced.
    pub fn apply_event(&mut self, event: &Event) {
        let now = self.now;
        let money = self.money_series();
        let platform = self.spec.source == Source::Platform;
        match *event {
            Event::Spend { meter, points: by } => {
                let meter = meter.unwrap_or(Meter::FiveHour);
                self.windows.open(now);
                let weight = self.windows.weight_of(meter, points(by));
                self.charge(now, weight);
                self.note(event, Some(Series::Meter(meter)), points(by));
            }
            Event::SpendUpTo { meter, points: to } => {
                self.windows.open(now);
                let used = self.windows.get(meter).map_or(0, |window| window.used);
                let missing = (points(to) - used).max(0);
                let weight = self.windows.weight_of(meter, missing);
                self.charge(now, weight);
                self.note(event, Some(Series::Meter(meter)), missing);
            }
            Event::SpendMoney { amount } => {
                let amount = coins(amount);
                let spent = if platform {
                    self.balance.deduct(amount, now);
                    amount
                } else {
                    self.wallet.as_mut().and_then(|wallet| wallet.pay(amount)).unwrap_or(0)
                };
                self.record.deducted(now, money, spent, spent);
                self.note(event, Some(money), spent);
            }
            Event::SpendDownTo { left } => {
                let amount = (self.balance.net() - coins(left)).max(0);
                if platform {
                    self.balance.deduct(amount, now);
                    self.record.deducted(now, money, amount, amount);
                    self.note(event, Some(money), amount);
                }
            }
            Event::WrongDeduction { meter, points: by, amount } => {
                if by > Decimal::ZERO && !platform {
                    for meter in self.meters(meter) {
                        self.take_wrongly(event, meter, points(by));
                    }
                }
                if amount > Decimal::ZERO {
                    self.take_money_wrongly(event, coins(amount));
                }
            }
            Event::WipeOut { meter } => {
                if platform {
                    let gone = self.balance.wipe_out();
                    self.record.deducted(now, money, gone, 0);
                    self.note(event, Some(money), gone);
                } else {
                    for meter in self.meters(meter) {
                        self.take_wrongly(event, meter, FULL);
                    }
                }
            }
            Event::Accelerate { factor } => {
                self.acceleration = factor.max(0.0);
                self.note(event, None, 0);
            }
            Event::EarlyReset { meter, move_end } => {
                for meter in self.with_code(meter) {
                    let used = self.windows.reset_early(meter, move_end, now);
                    self.record.returned(now, Series::Meter(meter), used, 1);
                    self.note(event, Some(Series::Meter(meter)), used);
                }
            }
            Event::WithholdReset { meter, seconds } => {
                for meter in self.with_code(Some(meter)) {
                    if let Some(window) = self.windows.get_mut(meter) {
                        window.withheld = TimeDelta::seconds(i64::from(seconds));
                    }
                }
                self.note(event, Some(Series::Meter(meter)), 0);
            }
            Event::Clawback { meter: Some(meter) } => {
                let back = self.windows.get(meter).map_or(0, |w| w.before_reset);
                self.take_wrongly(event, meter, back);
            }
            Event::Clawback { meter: None } => {
                let gone = if platform { self.balance.claw_back() } else { 0 };
                self.record.deducted(now, money, gone, 0);
                self.note(event, Some(money), gone);
            }
            Event::GiveBack { meter, points: by } => {
                let given = self.windows.give_back(meter, points(by));
                self.record.returned(now, Series::Meter(meter), given, 0);
                self.note(event, Some(Series::Meter(meter)), given);
            }
            Event::TopUp { amount } | Event::Refund { amount } => {
                let amount = coins(amount);
                if platform {
                    self.balance.pay_in(amount);
                } else if let Some(wallet) = &mut self.wallet {
                    wallet.balance += amount;
                } else {
                    return;
                }
                self.record.returned(now, money, amount, 0);
                self.note(event, Some(money), amount);
            }
            Event::Voucher { amount, ends_after_seconds } => {
                if platform {
                    let ends = ends_after_seconds.map(|after| now + TimeDelta::seconds(i64::from(after)));
                    self.balance.grant(coins(amount), ends);
                    self.record.returned(now, money, coins(amount), 0);
                    self.note(event, Some(money), coins(amount));
                }
            }
            Event::VoucherExpiry => {
                let ended = self.balance.expire_all();
                self.record.deducted(now, money, ended, 0);
                self.note(event, Some(money), ended);
            }
            Event::Wallet { enabled } => {
                if let Some(wallet) = &mut self.wallet {
                    wallet.enabled = enabled;
                }
                self.note(event, None, 0);
            }
            Event::RevokeKey => self.revoke(true, event),
            Event::RestoreKey => self.revoke(false, event),
            Event::ChangePlan { plan } => {
                self.change_plan(plan);
                self.note(event, None, 0);
            }
            Event::ChangeAllowance { factor } => {
                self.windows.set_factor(factor);
                self.note(event, None, 0);
            }
            Event::ChangeLimits { concurrency, requests_per_minute, tokens_per_minute, tokens_per_day } => {
                self.concurrency = concurrency.unwrap_or(self.concurrency);
                let limits = &mut self.limits;
                limits.concurrency = concurrency.unwrap_or(limits.concurrency);
                limits.requests_per_minute = requests_per_minute.unwrap_or(limits.requests_per_minute);
                limits.tokens_per_minute = tokens_per_minute.unwrap_or(limits.tokens_per_minute);
                limits.tokens_per_day = tokens_per_day.unwrap_or(limits.tokens_per_day);
                self.note(event, None, 0);
            }
            Event::ChangeGeneration { generation } => {
                self.generation = generation;
                self.note(event, None, 0);
            }
            Event::ZeroedCounters { polls } => {
                self.tricks.zeroed = polls;
                self.note(event, None, 0);
            }
            Event::LyingRatio { polls } => {
                self.tricks.lying_ratio = polls;
                self.note(event, None, 0);
            }
            Event::Unreadable { ref field, polls } => {
                self.tricks.unreadable = Some((field.clone(), polls));
                self.note(event, None, 0);
            }
        }
    }

    fn revoke(&mut self, revoked: bool, event: &Event) {
        self.revoked = revoked;
        self.note(event, None, 0);
    }

    /// The quotas of a reset; the Code share is reset with its month.
    fn with_code(&self, named: Option<Meter>) -> Vec<Meter> {
        let mut meters = self.meters(named);
        if meters.contains(&Meter::Month) && !meters.contains(&Meter::MonthCode) {
            meters.push(Meter::MonthCode);
        }
        meters.retain(|meter| self.windows.get(*meter).is_some());
        meters
    }

    fn take_wrongly(&mut self, event: &Event, meter: Meter, by: Points) {
        // A window that shows use is open, whoever is to blame for the use.
        self.windows.open(self.now);
        let taken = self.windows.take(meter, by);
        self.record.deducted(self.now, Series::Meter(meter), taken, 0);
        self.note(event, Some(Series::Meter(meter)), taken);
    }

    fn take_money_wrongly(&mut self, event: &Event, amount: Coins) {
        let series = self.money_series();
        let taken = if self.spec.source == Source::Platform {
            self.balance.deduct(amount, self.now);
            amount
        } else {
            self.wallet.as_mut().map_or(0, |wallet| {
                let taken = amount.min(wallet.balance);
                wallet.balance -= taken;
                wallet.month_used += taken;
                taken
            })
        };
        self.record.deducted(self.now, series, taken, 0);
        self.note(event, Some(series), taken);
    }

    fn change_plan(&mut self, plan: Plan) {
        let (old, now) = (self.windows.clone(), self.now);
        let anchor = if plan.is_new() == self.plan.is_new() { self.spec.subscribed_at } else { now };
        self.windows = Windows::new(plan, anchor, self.spec.phase(), now);
        for window in old.list() {
            match self.windows.get_mut(window.meter) {
                Some(kept) => *kept = window.clone(),
                // A window that the new plan does not have ends with what was used of it.
                None => self.record.returned(now, Series::Meter(window.meter), window.used, 0),
            }
        }
        self.plan = plan;
        self.concurrency = plan.concurrency();
    }

    fn note(&mut self, event: &Event, series: Option<Series>, amount: i64) {
        let word = serde_json::to_value(event)
            .ok()
            .and_then(|json| json.get("event").and_then(|word| word.as_str().map(str::to_owned)))
            .unwrap_or_default();
        let amount = series.map(|_| amount);
        self.record.event(self.now, &word, series, amount, Some(event.clone()));
    }
}
