//! A balance or a wallet from reading to reading: use, credits, refunds, expiry.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::movement::Movement;
use super::rules;
use crate::finding::CreditClass;
use crate::money::{Currency, Money};
use crate::reading::Balance;
use crate::series::Series;

/// The figures that an amount of money is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum BalanceBreakdown {
    /// Paid-in and granted money apart; a debt shows as negative cash.
    Parts { cash: Decimal, voucher: Decimal },
    /// Only the available amount is known.
    Whole { amount: Decimal },
}

impl BalanceBreakdown {
    /// The finest form in which a balance is known: its parts where both are shown, else what is
    /// available. One part alone says nothing of the whole.
    pub(super) fn of_balance(balance: &Balance) -> Option<Self> {
        let known = |figure: Option<Decimal>| figure.and_then(rules::sane);
        match (known(balance.cash), known(balance.voucher)) {
            (Some(cash), Some(voucher)) => Some(Self::Parts { cash, voucher }),
            _ => known(balance.available).map(|amount| Self::Whole { amount }),
        }
    }

    pub(super) fn total(self) -> Decimal {
        match self {
            Self::Parts { cash, voucher } => cash + voucher,
            Self::Whole { amount } => amount,
        }
    }
}

/// What is remembered of an amount of money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct MoneyTrack {
    currency: Currency,
    /// The last reading that is believed.
    at: DateTime<Utc>,
    form: BalanceBreakdown,
    /// The first low reading of a fall that is not confirmed yet.
    #[serde(default, rename = "fall", skip_serializing_if = "Option::is_none")]
    pending_drop: Option<PendingDrop>,
    /// Single deductions that a refund may give back, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    spends: Vec<Spend>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct PendingDrop {
    at: DateTime<Utc>,
    form: BalanceBreakdown,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Spend {
    at: DateTime<Utc>,
    amount: Decimal,
}

/// What one reading led to in a balance's history.
#[derive(Debug)]
pub(super) struct MoneyStep {
    pub(super) movement: Movement,
    pub(super) events: Vec<MoneyEvent>,
}

/// Something that happened to money, beyond use.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct MoneyEvent {
    pub(super) what: MoneyEventKind,
    pub(super) amount: Money,
    /// Time of the reading before it.
    pub(super) from: DateTime<Utc>,
    /// The reading that showed it first.
    pub(super) to: DateTime<Utc>,
    pub(super) before: BalanceBreakdown,
    pub(super) after: BalanceBreakdown,
    pub(super) confidence: f64,
}

/// What happened to money, apart from use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum MoneyEventKind {
    Credit(CreditClass),
    /// Given back: the time of the deduction.
    Refund(DateTime<Utc>),
    Expiry,
}

impl MoneyTrack {
    /// The first reading: nothing is deducted by it.
    pub(super) const fn first(currency: Currency, form: BalanceBreakdown, at: DateTime<Utc>) -> Self {
        Self { currency, at, form, pending_drop: None, spends: Vec::new() }
    }

    pub(super) const fn currency(&self) -> Currency {
        self.currency
    }

    pub(super) const fn is_pending(&self) -> bool {
        self.pending_drop.is_some()
    }

    /// The movement that begins an account.
    pub(super) fn opening(&self, series: Series) -> Movement {
        Movement::opening(series, self.at, self.form.total())
    }

    /// Compares the next reading with the last one and adopts it.
    pub(super) fn take(&mut self, series: Series, form: BalanceBreakdown, at: DateTime<Utc>) -> MoneyStep {
        let Some(before) = same_form(self.form, form) else {
            // Parts with a debt, and a figure in which no debt shows, cannot be compared.
            let spends = std::mem::take(&mut self.spends);
            *self = Self { spends, ..Self::first(self.currency, form, at) };
            return MoneyStep { movement: self.opening(series), events: Vec::new() };
        };
        let previous = self.pending_drop.map_or(self.at, |fall| fall.at).min(at);
        let value = self.form.total();
        let now = if matches!(before, BalanceBreakdown::Whole { .. }) {
            BalanceBreakdown::Whole { amount: form.total() }
        } else {
            form
        };

        let fall = self.pending_drop.take();
        let usual = self.recent_max();
        if fall.is_none() && is_doubtful(before, now, usual) {
            self.pending_drop = Some(PendingDrop { at, form: now });
            let movement = Movement {
                series,
                from: Some(previous),
                at,
                value,
                deducted: Decimal::ZERO,
                returned: Decimal::ZERO,
                resets: 0,
            };
            return MoneyStep { movement, events: Vec::new() };
        }

        let mut booking = LedgerEntryBuilder {
            track: self,
            series,
            deducted: Decimal::ZERO,
            returned: Decimal::ZERO,
            events: Vec::new(),
        };
        match fall.filter(|fall| is_same_shape(fall.form, now) && !is_back(before, fall.form, now)) {
            Some(fall) => {
                let expired = is_expiry(before, fall.form, usual) && stays_gone(before, now);
                booking.book(before, fall.form, booking.track.at.min(fall.at), fall.at, expired);
                booking.book(fall.form, now, fall.at.min(at), at, false);
            }
            None => booking.book(before, now, booking.track.at.min(at), at, false),
        }
        let LedgerEntryBuilder { deducted, returned, events, .. } = booking;
        self.at = at;
        self.form = form;
        let movement = Movement {
            series,
            from: Some(previous),
            at,
            value: value - deducted + returned,
            deducted,
            returned,
            resets: 0,
        };
        MoneyStep { movement, events }
    }
}

/// The older reading in a form that can be compared with the newer; `None` where there is none.
fn same_form(old: BalanceBreakdown, new: BalanceBreakdown) -> Option<BalanceBreakdown> {
    match (old, new) {
        (BalanceBreakdown::Parts { .. }, BalanceBreakdown::Parts { .. })
        | (BalanceBreakdown::Whole { .. }, BalanceBreakdown::Whole { .. }) => Some(old),
        // Without a debt, what is available is the sum of the parts.
        (BalanceBreakdown::Parts { cash, .. }, BalanceBreakdown::Whole { .. }) => {
            (cash >= Decimal::ZERO).then(|| BalanceBreakdown::Whole { amount: old.total() })
        }
        (BalanceBreakdown::Whole { .. }, BalanceBreakdown::Parts { cash, .. }) => {
            (cash >= Decimal::ZERO).then_some(old)
        }
    }
}

fn is_same_shape(one: BalanceBreakdown, other: BalanceBreakdown) -> bool {
    matches!(
        (one, other),
        (BalanceBreakdown::Parts { .. }, BalanceBreakdown::Parts { .. })
            | (BalanceBreakdown::Whole { .. }, BalanceBreakdown::Whole { .. })
    )
}

fn emptied(before: Decimal, now: Decimal) -> bool {
    before > Decimal::ZERO && now.is_zero()
}

/// Whether a fall is of the kind that a faulty answer shows: a figure at exactly nothing, or a voucher
/// gone at once. The next reading decides. What use does to a balance seldom ends at exactly nothing, and
/// when it does it is booked one reading later.
fn is_doubtful(before: BalanceBreakdown, now: BalanceBreakdown, usual: Decimal) -> bool {
    match (before, now) {
        (
            BalanceBreakdown::Parts { cash: cash_before, voucher: voucher_before },
            BalanceBreakdown::Parts { cash, voucher },
        ) => emptied(cash_before, cash) || emptied(voucher_before, voucher) || is_expiry(before, now, usual),
        _ => emptied(before.total(), now.total()),
    }
}

/// Whether a voucher ended rather than was used: it is gone (or nine tenths of it, where cash stands
/// beside it that use would have touched too), while the cash did not fall; or fell no further than use
/// makes it fall anyway, where the voucher lost far more than use takes. A step as large as other recent ones
/// is use. `usual` is what use took at most between two recent readings.
fn is_expiry(before: BalanceBreakdown, now: BalanceBreakdown, usual: Decimal) -> bool {
    match (before, now) {
        (
            BalanceBreakdown::Parts { cash: cash_before, voucher: voucher_before },
            BalanceBreakdown::Parts { cash, voucher },
        ) => {
            let gone = voucher_before - voucher;
            let nearly = cash_before > Decimal::ZERO && voucher * Decimal::TEN <= voucher_before;
            let spent = cash_before - cash;
            let by_use = if spent > Decimal::ZERO {
                spent > usual || gone <= usual * rules::BEYOND_USE
            } else {
                // Where the voucher alone pays, its last bit goes by a step as large as the others.
                gone <= usual * rules::LAST_STEP
            };
            !by_use && gone >= rules::CENT && (voucher.is_zero() || nearly)
        }
        _ => false,
    }
}

/// Whether a doubtful fall was a faulty answer: a figure that had fallen is back near where it was. One
/// more than twice as high as before is new money after all was used.
fn is_back(before: BalanceBreakdown, low: BalanceBreakdown, now: BalanceBreakdown) -> bool {
    let back = |before: Decimal, low: Decimal, now: Decimal| {
        let fallen = before - low;
        fallen > Decimal::ZERO && (now - low) + (now - low) >= fallen && now <= before + before
    };
    match (before, low, now) {
        (
            BalanceBreakdown::Parts { cash: cash_before, voucher: voucher_before },
            BalanceBreakdown::Parts { cash: cash_low, voucher: voucher_low },
            BalanceBreakdown::Parts { cash, voucher },
        ) => back(cash_before, cash_low, cash) || back(voucher_before, voucher_low, voucher),
        _ => back(before.total(), low.total(), now.total()),
    }
}

/// Whether a voucher that ended is still gone, whatever the cash did since.
fn stays_gone(before: BalanceBreakdown, now: BalanceBreakdown) -> bool {
    match (before, now) {
        (BalanceBreakdown::Parts { voucher: before, .. }, BalanceBreakdown::Parts { voucher, .. }) => {
            voucher * Decimal::TEN <= before
        }
        _ => false,
    }
}

/// What is booked for one reading.
struct LedgerEntryBuilder<'a> {
    track: &'a mut MoneyTrack,
    series: Series,
    deducted: Decimal,
    returned: Decimal,
    events: Vec<MoneyEvent>,
}

impl LedgerEntryBuilder<'_> {
    /// Books what lies between two readings: falls are deductions, rises are credits.
    fn book(
        &mut self,
        before: BalanceBreakdown,
        after: BalanceBreakdown,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        expired: bool,
    ) {
        // Each figure with the class of what comes into it.
        let steps = if let (
            BalanceBreakdown::Parts { cash: cash_before, voucher: voucher_before },
            BalanceBreakdown::Parts { cash, voucher },
        ) = (before, after)
        {
            vec![(cash - cash_before, CreditClass::TopUp), (voucher - voucher_before, CreditClass::Voucher)]
        } else {
            // A wallet is only ever filled by paying in; of a balance in one figure it is unknown.
            let class = match self.series {
                Series::Wallet(_) => CreditClass::TopUp,
                _ => CreditClass::Unknown,
            };
            vec![(after.total() - before.total(), class)]
        };
        // What expired is the voucher; cash that fell beside it was spent.
        let (ended, spent) = match (before, after) {
            (BalanceBreakdown::Parts { voucher: before, .. }, BalanceBreakdown::Parts { voucher, .. })
                if expired =>
            {
                let ended = (before - voucher).max(Decimal::ZERO);
                (ended, fall_of(&steps) - ended)
            }
            _ => (Decimal::ZERO, fall_of(&steps)),
        };
        let rises: Vec<_> = steps.iter().copied().filter(|(step, _)| *step > Decimal::ZERO).collect();
        let rise: Decimal = rises.iter().map(|(step, _)| *step).sum();
        self.deducted += ended + spent;
        self.returned += rise;
        let currency = self.track.currency;
        let event = |what: MoneyEventKind, amount: Decimal, confidence: f64| {
            let amount = Money::new(amount, currency);
            MoneyEvent { what, amount, from, to, before, after, confidence }
        };
        if expired {
            self.events.push(event(MoneyEventKind::Expiry, ended, 0.85));
        }
        if rise > Decimal::ZERO
            && let Some(spent) = self.track.take_spend(rise, to)
        {
            self.events.push(event(MoneyEventKind::Refund(spent), rise, 0.9));
        } else {
            for (amount, class) in rises.into_iter().filter(|(amount, _)| *amount >= rules::CENT) {
                let what = self
                    .track
                    .take_spend(amount, to)
                    .map_or(MoneyEventKind::Credit(class), MoneyEventKind::Refund);
                self.events.push(event(
                    what,
                    amount,
                    if matches!(what, MoneyEventKind::Refund(_)) { 0.9 } else { 0.95 },
                ));
            }
        }
        self.track.note_spend(spent, to);
    }
}

/// What fell in some steps, in sum.
fn fall_of(steps: &[(Decimal, CreditClass)]) -> Decimal {
    steps.iter().map(|(step, _)| (-*step).max(Decimal::ZERO)).sum()
}

impl MoneyTrack {
    /// What use took at most between two readings of the last days; nothing where none is remembered.
    fn recent_max(&self) -> Decimal {
        self.spends.iter().map(|spend| spend.amount).max().unwrap_or_default()
    }

    /// Remembers a single deduction, in constant space.
    fn note_spend(&mut self, amount: Decimal, at: DateTime<Utc>) {
        let is_over = |spend: &Spend| at - spend.at > rules::REFUND_WITHIN;
        if self.spends.first().is_some_and(is_over) {
            self.spends.retain(|spend| !is_over(spend));
        }
        if amount < rules::CENT {
            return;
        }
        self.spends.push(Spend { at, amount });
        if self.spends.len() > rules::SPENDS_KEPT
            && let Some(smallest) =
                self.spends.iter().enumerate().min_by_key(|(_, spend)| spend.amount).map(|(place, _)| place)
        {
            self.spends.remove(smallest);
        }
    }

    /// The time of a recent single deduction of an amount, to the cent. It can be given back once.
    fn take_spend(&mut self, amount: Decimal, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if amount < rules::CENT {
            return None;
        }
        let cents = amount.round_dp(2);
        let place = self.spends.iter().rposition(|spend| {
            spend.amount.round_dp(2) == cents && (at - spend.at) <= rules::REFUND_WITHIN && spend.at <= at
        })?;
        Some(self.spends.remove(place).at)
    }
}
