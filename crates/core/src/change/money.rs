//! A balance or a wallet from reading to reading: use, credits, refunds, expiry.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::doubt::{Repeated, has_lasted};
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

    /// What calls can be paid from: a debt does not lessen a voucher.
    fn available(self) -> Decimal {
        match self {
            Self::Parts { cash, voucher } => cash.max(Decimal::ZERO) + voucher,
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
    /// The first reading of a fall or a rise that is not confirmed yet.
    #[serde(default, rename = "fall", skip_serializing_if = "Option::is_none")]
    pending: Option<PendingJump>,
    /// Single deductions that a refund may give back, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    spends: Vec<Spend>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct PendingJump {
    at: DateTime<Utc>,
    form: BalanceBreakdown,
    /// What has repeated it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repeated: Option<Repeated>,
}

impl PendingJump {
    /// The last reading that showed it.
    fn last(&self) -> DateTime<Utc> {
        self.repeated.map_or(self.at, |repeated| repeated.at)
    }
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
    /// When the jump was first shown that this reading confirms.
    pub(super) first_seen: Option<DateTime<Utc>>,
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
        Self { currency, at, form, pending: None, spends: Vec::new() }
    }

    pub(super) const fn currency(&self) -> Currency {
        self.currency
    }

    pub(super) const fn is_pending(&self) -> bool {
        self.pending.is_some()
    }

    pub(super) fn available(&self) -> Money {
        Money::new(self.form.available(), self.currency)
    }

    /// The movement that begins an account.
    pub(super) fn opening(&self, series: Series) -> Movement {
        Movement::opening(series, self.at, self.form.total())
    }

    /// Compares the next reading with the last one and adopts it. `unnamed` says that the account's user is known, and
    /// not whether the reading is theirs.
    pub(super) fn take(
        &mut self,
        series: Series,
        form: BalanceBreakdown,
        at: DateTime<Utc>,
        unnamed: bool,
    ) -> MoneyStep {
        let Some(before) = same_form(self.form, form) else {
            // Parts with a debt, and a figure in which no debt shows, cannot be compared.
            let spends = std::mem::take(&mut self.spends);
            *self = Self { spends, ..Self::first(self.currency, form, at) };
            return MoneyStep { movement: self.opening(series), events: Vec::new(), first_seen: None };
        };
        let previous = self.pending.map_or(self.at, |pending| pending.last()).min(at);
        let value = self.form.total();
        let now = if matches!(before, BalanceBreakdown::Whole { .. }) {
            BalanceBreakdown::Whole { amount: form.total() }
        } else {
            form
        };

        let usual = self.recent_max();
        let may_be_of_another = unnamed && is_far(before.total(), now.total());
        let pending = self.pending.take();
        let agreed = pending.filter(|jump| is_same_shape(jump.form, now) && !is_back(before, jump.form, now));
        let waits = match agreed {
            None if is_doubtful(before, now, usual) || may_be_of_another => {
                Some(PendingJump { at, form: now, repeated: None })
            }
            Some(jump) if may_be_of_another && !has_lasted(jump.at, jump.repeated, at) => {
                Some(PendingJump { repeated: Some(Repeated::next(jump.repeated, at)), ..jump })
            }
            _ => None,
        };
        if waits.is_some() {
            self.pending = waits;
            let movement = Movement {
                series,
                from: Some(previous),
                at,
                value,
                deducted: Decimal::ZERO,
                returned: Decimal::ZERO,
                resets: 0,
            };
            return MoneyStep { movement, events: Vec::new(), first_seen: None };
        }

        let mut booking = LedgerEntryBuilder {
            track: self,
            series,
            deducted: Decimal::ZERO,
            returned: Decimal::ZERO,
            events: Vec::new(),
        };
        match agreed {
            Some(jump) => {
                let expired = is_expiry(before, jump.form, usual) && stays_gone(before, now);
                booking.book(before, jump.form, booking.track.at.min(jump.at), jump.at, expired);
                booking.book(jump.form, now, jump.last().min(at), at, false);
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
        MoneyStep { movement, events, first_seen: agreed.map(|jump| jump.at) }
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

/// Whether a change is of the kind that a faulty answer shows: a figure at exactly nothing, a voucher gone at once, or
/// an amount that is implausible after the one before. The next reading decides. What use does to a balance seldom
/// ends at exactly nothing, and when it does it is booked one reading later.
fn is_doubtful(before: BalanceBreakdown, now: BalanceBreakdown, usual: Decimal) -> bool {
    if is_implausible(before.total(), now.total(), usual) {
        return true;
    }
    match (before, now) {
        (
            BalanceBreakdown::Parts { cash: cash_before, voucher: voucher_before },
            BalanceBreakdown::Parts { cash, voucher },
        ) => emptied(cash_before, cash) || emptied(voucher_before, voucher) || is_expiry(before, now, usual),
        _ => emptied(before.total(), now.total()),
    }
}

/// Whether half of a balance is gone at once, by more than use takes, or it is suddenly many times as much.
fn is_implausible(before: Decimal, now: Decimal, usual: Decimal) -> bool {
    let gone = before - now;
    let is_lost = gone >= rules::LARGE_LOSS && gone + gone >= before && gone > usual * rules::LAST_STEP;
    let is_many_times = before >= rules::NOT_LOW && now >= before * rules::MANY_TIMES;
    before > Decimal::ZERO && (is_lost || is_many_times)
}

/// Whether a balance is so far from the one before that it may be another user's.
fn is_far(before: Decimal, now: Decimal) -> bool {
    (now - before).abs() * rules::UNNAMED_PART > before.abs()
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

/// Whether a doubtful change was a faulty answer: a figure that had fallen, or risen, is back near where it was. After
/// a fall, one more than twice as high as before is new money after all was used.
fn is_back(before: BalanceBreakdown, low: BalanceBreakdown, now: BalanceBreakdown) -> bool {
    let risen = low.total() - before.total();
    if risen > Decimal::ZERO {
        let fallen = low.total() - now.total();
        return fallen + fallen >= risen;
    }
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
