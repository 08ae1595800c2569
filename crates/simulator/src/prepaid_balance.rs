//! Prepaid money: the open platform's balance with its vouchers and posting delay, and the wallet beside a
//! membership.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use tidemark_core::Region;

use crate::amount::{Coins, coins};
use crate::spec::{BalanceSpec, TopUpHabit, WalletSpec};
use crate::window::next_anniversary;

/// The balance of an open-platform account.
#[derive(Debug, Clone)]
pub(crate) struct PrepaidBalance {
    /// Paid-in money; negative is a debt.
    pub(crate) cash: Coins,
    vouchers: Vec<Voucher>,
    unposted: VecDeque<Unposted>,
    region: Region,
    top_up: Option<TopUpHabit>,
    /// When the owner will have noticed that the balance runs low.
    pub(crate) top_up_at: Option<DateTime<Utc>>,
    /// The last money that came in and whether it was a voucher; the measure of a clawback.
    last_credit: Option<(Coins, bool)>,
}

#[derive(Debug, Clone, Copy)]
struct Voucher {
    left: Coins,
    ends: Option<DateTime<Utc>>,
}

/// What was used in five minutes and is not yet deducted.
#[derive(Debug, Clone, Copy)]
struct Unposted {
    due: DateTime<Utc>,
    amount: Coins,
    earned: Coins,
}

/// Since when the platform in China takes half of each deduction from cash and half from vouchers.
fn halves_since() -> DateTime<Utc> {
    // 2026-09-01T00:00:00+08:00, from the changelog of the platform.
    DateTime::from_timestamp(1_788_192_000, 0).unwrap_or_default()
}

impl PrepaidBalance {
    /// The balance at the beginning.
    #[must_use]
    pub(crate) fn new(spec: BalanceSpec, region: Region) -> Self {
        let voucher = coins(spec.voucher);
        let vouchers = if voucher > 0 { vec![Voucher { left: voucher, ends: None }] } else { Vec::new() };
        Self {
            cash: coins(spec.cash),
            vouchers,
            unposted: VecDeque::new(),
            region,
            top_up: spec.top_up,
            top_up_at: None,
            last_credit: None,
        }
    }

    /// What is left of all vouchers.
    #[must_use]
    pub(crate) fn voucher(&self) -> Coins {
        self.vouchers.iter().map(|voucher| voucher.left).sum()
    }

    /// What calls can be paid from: a debt does not lessen the vouchers.
    #[must_use]
    pub(crate) fn available(&self) -> Coins {
        self.cash.max(0) + self.voucher()
    }

    /// Cash and vouchers together; what deductions and credits move.
    #[must_use]
    pub(crate) fn net(&self) -> Coins {
        self.cash + self.voucher()
    }

    /// Used but not yet deducted.
    #[must_use]
    pub(crate) fn unposted(&self) -> Coins {
        self.unposted.iter().map(|unposted| unposted.amount).sum()
    }

    /// Notes a use. It is deducted about ten minutes later, with what else was used in those five minutes.
    /// `earned` is what it costs at the usual price.
    pub(crate) fn use_later(&mut self, at: DateTime<Utc>, amount: Coins, earned: Coins) {
        let five = TimeDelta::minutes(5).num_seconds();
        let grid = (at.timestamp() + 8 * 60).div_euclid(five) * five + five;
        let due = DateTime::from_timestamp(grid, 0).unwrap_or(at);
        match self.unposted.back_mut() {
            Some(last) if last.due == due => {
                last.amount += amount;
                last.earned += earned;
            }
            _ => self.unposted.push_back(Unposted { due, amount, earned }),
        }
    }

    /// When something next happens to the balance by itself: a deduction, a voucher's end, a top-up.
    #[must_use]
    pub(crate) fn next(&self) -> Option<DateTime<Utc>> {
        let posting = self.unposted.front().map(|unposted| unposted.due);
        let ends = self.vouchers.iter().filter(|v| v.left > 0).filter_map(|v| v.ends).min();
        [posting, ends, self.top_up_at].into_iter().flatten().min()
    }

    /// Deducts what is due and says how much that was, and how much of it at the usual price.
    pub(crate) fn post_due(&mut self, now: DateTime<Utc>) -> (Coins, Coins) {
        let (mut posted, mut earned) = (0, 0);
        while let Some(next) = self.unposted.front().copied()
            && next.due <= now
        {
            self.unposted.pop_front();
            self.deduct(next.amount, next.due);
            posted += next.amount;
            earned += next.earned;
        }
        if let Some(habit) = self.top_up
            && self.top_up_at.is_none()
            && self.available() < coins(habit.below)
        {
            self.top_up_at = Some(now + TimeDelta::minutes(47));
        }
        (posted, earned)
    }

    /// How much the owner pays in when the time has come.
    pub(crate) fn top_up_due(&mut self, now: DateTime<Utc>) -> Option<Coins> {
        if self.top_up_at.is_some_and(|at| at <= now) {
            self.top_up_at = None;
            return self.top_up.map(|habit| coins(habit.amount));
        }
        None
    }

    /// Ends the vouchers whose time has come and says how much was left of them.
    pub(crate) fn expire_due(&mut self, now: DateTime<Utc>) -> Coins {
        let ended =
            self.vouchers.iter().filter(|v| v.ends.is_some_and(|ends| ends <= now)).map(|v| v.left).sum();
        self.vouchers.retain(|v| v.ends.is_none_or(|ends| ends > now));
        ended
    }

    /// Ends all vouchers and says how much was left of them.
    pub(crate) fn expire_all(&mut self) -> Coins {
        let ended = self.voucher();
        self.vouchers.clear();
        ended
    }

    /// Takes money at once: half and half where that rule holds, otherwise vouchers first; what neither
    /// can pay becomes a debt.
    pub(crate) fn deduct(&mut self, amount: Coins, at: DateTime<Utc>) {
        let halves = self.region == Region::China && at >= halves_since() && self.cash > 0;
        let from_voucher = if halves {
            // What cash cannot pay of its half, vouchers pay.
            let half = amount / 2;
            half.max(amount - self.cash)
        } else {
            amount
        };
        let from_voucher = from_voucher.min(self.voucher());
        self.cash -= amount - from_voucher;
        self.take_from_vouchers(from_voucher);
    }

    fn take_from_vouchers(&mut self, mut amount: Coins) {
        // The one that ends first is used first.
        self.vouchers.sort_by_key(|v| v.ends.unwrap_or(DateTime::<Utc>::MAX_UTC));
        for voucher in &mut self.vouchers {
            let taken = amount.min(voucher.left);
            voucher.left -= taken;
            amount -= taken;
        }
        self.vouchers.retain(|voucher| voucher.left > 0);
    }

    /// Adds cash.
    pub(crate) fn pay_in(&mut self, amount: Coins) {
        self.cash += amount;
        self.last_credit = Some((amount, false));
    }

    /// Adds a voucher.
    pub(crate) fn grant(&mut self, amount: Coins, ends: Option<DateTime<Utc>>) {
        self.vouchers.push(Voucher { left: amount, ends });
        self.last_credit = Some((amount, true));
    }

    /// Takes the last credit back, as far as a voucher still holds it, and says how much.
    pub(crate) fn claw_back(&mut self) -> Coins {
        match self.last_credit.take() {
            Some((amount, true)) => {
                let taken = amount.min(self.voucher());
                self.take_from_vouchers(taken);
                taken
            }
            Some((amount, false)) => {
                self.cash -= amount;
                amount
            }
            None => 0,
        }
    }

    /// Takes all available money and says how much.
    pub(crate) fn wipe_out(&mut self) -> Coins {
        let gone = self.available();
        self.vouchers.clear();
        self.cash = self.cash.min(0);
        gone
    }
}

/// The wallet beside a membership.
#[derive(Debug, Clone)]
pub(crate) struct Wallet {
    /// Whether it is switched on.
    pub(crate) enabled: bool,
    /// What is left in it.
    pub(crate) balance: Coins,
    /// What was spent from it in this billing month.
    pub(crate) month_used: Coins,
    /// The owner's cap on that.
    pub(crate) month_cap: Option<Coins>,
    /// When the billing month ends.
    pub(crate) month_ends: DateTime<Utc>,
    anchor: DateTime<Utc>,
}

impl Wallet {
    /// The wallet at the beginning.
    #[must_use]
    pub(crate) fn new(spec: WalletSpec, anchor: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        Self {
            enabled: spec.enabled,
            balance: coins(spec.balance),
            month_used: 0,
            month_cap: spec.month_cap.map(coins),
            month_ends: next_anniversary(anchor, now),
            anchor,
        }
    }

    /// Pays for a request and says how much it took; `None` where it cannot or may not.
    pub(crate) fn pay(&mut self, amount: Coins) -> Option<Coins> {
        let capped = self.month_cap.is_some_and(|cap| cap > 0 && self.month_used + amount > cap);
        if !self.enabled || self.balance < amount || capped {
            return None;
        }
        self.balance -= amount;
        self.month_used += amount;
        Some(amount)
    }

    /// Begins a new billing month where it is time.
    pub(crate) fn turn_month(&mut self, now: DateTime<Utc>) {
        if self.month_ends <= now {
            self.month_used = 0;
            self.month_ends = next_anniversary(self.anchor, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amount::COIN;
    use rust_decimal::Decimal;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn balance(region: Region, cash: i64, voucher: i64) -> PrepaidBalance {
        PrepaidBalance::new(
            BalanceSpec { cash: Decimal::from(cash), voucher: Decimal::from(voucher), top_up: None },
            region,
        )
    }

    #[test]
    fn half_and_half_since_september_in_china_only() {
        for (region, at, cash, voucher) in [
            (Region::China, "2026-09-02T00:00:00Z", 46, 6),
            (Region::China, "2026-08-31T15:59:59Z", 50, 2),
            (Region::Global, "2026-09-02T00:00:00Z", 50, 2),
        ] {
            let mut balance = balance(region, 50, 10);
            balance.deduct(8 * COIN, utc(at));
            assert_eq!((balance.cash, balance.voucher()), (cash * COIN, voucher * COIN), "{region} {at}");
        }
    }

    #[test]
    fn what_one_pocket_cannot_pay_the_other_does_and_then_it_is_debt() {
        let at = utc("2026-10-01T00:00:00Z");
        for (cash, voucher, amount, left) in [
            (1, 10, 8, (0, 3)),
            (10, 1, 8, (3, 0)),
            (0, 10, 8, (0, 2)),
            (2, 3, 8, (-3, 0)),
            (-1, 3, 8, (-6, 0)),
        ] {
            let mut balance = balance(Region::China, cash, voucher);
            balance.deduct(amount * COIN, at);
            assert_eq!((balance.cash, balance.voucher()), (left.0 * COIN, left.1 * COIN), "{cash} {voucher}");
        }
    }

    #[test]
    fn a_debt_does_not_lessen_what_vouchers_pay() {
        let balance = balance(Region::Global, -3, 5);
        assert_eq!(balance.available(), 5 * COIN);
        assert_eq!(balance.net(), 2 * COIN);
    }

    #[test]
    fn deductions_are_posted_about_ten_minutes_later() {
        let mut balance = balance(Region::Global, 5, 0);
        let at = utc("2026-10-01T10:01:00Z");
        balance.use_later(at, COIN, COIN);
        balance.use_later(at + TimeDelta::minutes(1), COIN, COIN);
        let due = balance.next().unwrap();
        assert!((8..=14).contains(&(due - at).num_minutes()), "{due}");
        assert_eq!(balance.post_due(due - TimeDelta::seconds(1)), (0, 0));
        assert_eq!(balance.net() - balance.unposted(), 3 * COIN);
        balance.post_due(due);
        assert_eq!(balance.net() - balance.unposted(), 3 * COIN);
    }

    #[test]
    fn vouchers_end_and_the_one_that_ends_first_is_used_first() {
        let mut balance = balance(Region::Global, 0, 5);
        let ends = utc("2026-10-02T00:00:00Z");
        balance.grant(4 * COIN, Some(ends));
        balance.deduct(3 * COIN, utc("2026-10-01T00:00:00Z"));
        assert_eq!(balance.next(), Some(ends));
        assert_eq!(balance.expire_due(ends), COIN);
        assert_eq!(balance.voucher(), 5 * COIN);
    }

    #[test]
    fn a_wallet_pays_up_to_its_cap() {
        let spec =
            WalletSpec { enabled: true, balance: Decimal::from(10), month_cap: Some(Decimal::from(4)) };
        let mut wallet = Wallet::new(spec, utc("2026-01-05T00:00:00Z"), utc("2026-03-10T00:00:00Z"));
        assert_eq!(wallet.pay(3 * COIN), Some(3 * COIN));
        assert_eq!(wallet.pay(2 * COIN), None);
        wallet.turn_month(utc("2026-04-05T00:00:00Z"));
        assert_eq!(wallet.pay(2 * COIN), Some(2 * COIN));
        assert_eq!(wallet.month_ends, utc("2026-05-05T00:00:00Z"));
    }
}
