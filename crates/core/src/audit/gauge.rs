//! What the audit knows of one series: how use moves it, what moves it otherwise, and what waits.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::candidate::Candidate;
use super::peaks::Peaks;
use super::pot::Pot;
use super::rules;
use super::scale::Scale;
use super::shift::{Manner, Shift, Shifted};
use crate::series::Series;

/// One movement of a series as a fact with a margin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Seen {
    pub(super) series: Series,
    /// The last look that was believed, and this one.
    pub(super) from: DateTime<Utc>,
    pub(super) at: DateTime<Utc>,
    pub(super) before: f64,
    pub(super) value: f64,
    pub(super) deducted: f64,
    pub(super) returned: f64,
    pub(super) resets: u32,
    /// How far rounding may have put `deducted` off, either way.
    pub(super) slack: f64,
    /// Use logged since the last look, in the gauge's own measure.
    pub(super) fresh: f64,
    /// Some of it was by models without a known price.
    pub(super) unpriced: bool,
    /// Of `fresh`, what was used before the last look and told of only now.
    pub(super) late: f64,
    /// How late use has lately been told of.
    pub(super) lateness: TimeDelta,
    /// Requests are counted, not tokens.
    pub(super) counted: bool,
    /// Of the balance, only what was granted fell.
    pub(super) granted: bool,
    /// Two figures for it disagree in this reading.
    pub(super) conflict: bool,
}

impl Seen {
    /// The least that was deducted.
    pub(super) fn low(&self) -> f64 {
        (self.deducted - self.slack).max(0.0)
    }

    /// The most that can have been deducted: what was left before a reset may all have gone.
    pub(super) fn high(&self) -> f64 {
        let hidden = if self.resets > 0 { (100.0 - self.before).max(0.0) } else { 0.0 };
        self.deducted + self.slack + hidden
    }

    pub(super) fn span(&self) -> TimeDelta {
        self.at - self.from
    }

    /// Whether two looks close to each other in one cycle made it.
    pub(super) fn is_comparable(&self) -> bool {
        self.resets == 0 && self.returned <= 0.0 && self.span() <= rules::COMPARABLE
    }

    pub(super) const fn is_money(&self) -> bool {
        !matches!(self.series, Series::Meter(_))
    }

    /// At its limit a meter cannot show what would have come.
    fn is_full(&self) -> bool {
        !self.is_money() && self.value >= 99.5
    }

    /// Whether nothing is left, or nearly nothing, of what was there.
    pub(super) fn is_emptied(&self) -> bool {
        if self.is_money() {
            // A debt beyond a trifle is use that ran on; what is taken away at once stops at nothing.
            let left = self.value / self.before;
            self.before >= 4.0 * least_money(self.series) && (-0.1..=0.02).contains(&left)
        } else {
            self.value >= rules::EMPTIED && self.before < rules::EMPTIED
        }
    }

    /// The least excess that is worth a finding.
    pub(super) fn floor(&self) -> f64 {
        if self.is_money() {
            least_money(self.series).max(self.before * rules::LEAST_SHARE)
        } else {
            rules::LEAST_POINTS
        }
    }
}

fn least_money(series: Series) -> f64 {
    if series.currency() == Some(crate::money::Currency::USD) { rules::LEAST_USD } else { rules::LEAST_CNY }
}

/// What use explains of a movement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Expect {
    pub(super) low: f64,
    pub(super) high: f64,
    /// Whether anything can be said: not without a scale, nor with use whose price nobody knows.
    pub(super) known: bool,
}

/// What the audit knows of one series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Gauge {
    #[serde(with = "super::memory::key")]
    pub(super) series: Series,
    /// The fineness of the figure: 1 for whole percents.
    #[serde(with = "super::exact")]
    pub(super) step: f64,
    coarse_run: u8,
    /// The last look that was believed.
    pub(super) at: DateTime<Utc>,
    pub(super) since: DateTime<Utc>,
    pot: Pot,
    scale: Scale,
    /// What a shift of the price that was found multiplies the scale by.
    #[serde(with = "super::exact")]
    pub(super) factor: f64,
    /// When it was last found.
    adopted: Option<DateTime<Utc>>,
    block: Block,
    /// Use that no block has taken up yet.
    #[serde(with = "super::exact")]
    unweighed: f64,
    /// Until then, deductions are not weighed.
    muted: Option<DateTime<Utc>>,
    /// The last deductions went beyond use, one after the other: by so much at a time; 0 where none did.
    #[serde(with = "super::exact")]
    pub(super) going: f64,
    shift: Shift,
    pub(super) peaks: Peaks,
    #[serde(with = "super::exact")]
    logged: f64,
    /// How many looks showed a deduction beside logged use.
    worked_looks: u32,
    #[serde(with = "super::exact")]
    unlogged: f64,
    /// Deductions whose use may still be told of, and the last of their times.
    #[serde(with = "super::exact")]
    orphan: f64,
    orphaned: Option<DateTime<Utc>>,
    halved: DateTime<Utc>,
    last_use: Option<DateTime<Utc>>,
    stint: u32,
    /// Steps in doubt, oldest first.
    pub(super) pending: Vec<Candidate>,
}

/// Use and deductions that are weighed together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Block {
    from: Option<DateTime<Utc>>,
    #[serde(with = "super::exact")]
    seen: f64,
    #[serde(with = "super::exact")]
    weight: f64,
}

impl Gauge {
    pub(super) fn new(series: Series, at: DateTime<Utc>) -> Self {
        let scale = match series {
            Series::Meter(_) => Scale::default(),
            Series::Balance(_) | Series::Wallet(_) => Scale::with_prior(1.0),
        };
        Self {
            series,
            step: 1.0,
            coarse_run: 0,
            at,
            since: at,
            pot: Pot::default(),
            scale,
            factor: 1.0,
            adopted: None,
            block: Block::default(),
            unweighed: 0.0,
            muted: None,
            going: 0.0,
            shift: Shift::default(),
            peaks: Peaks::default(),
            logged: 0.0,
            worked_looks: 0,
            unlogged: 0.0,
            orphan: 0.0,
            orphaned: None,
            halved: at,
            last_use: None,
            stint: 0,
            pending: Vec::new(),
        }
    }

    /// What is learned of a plan holds for that plan; the rest stays.
    pub(super) fn rescale(&mut self, at: DateTime<Utc>) {
        self.pot.clear();
        self.scale.forget();
        self.factor = 1.0;
        self.adopted = None;
        self.drop_block();
        self.shift = Shift::default();
        self.peaks = Peaks::default();
        self.pending.clear();
        self.going = 0.0;
        self.at = at;
        self.since = at;
    }

    /// Learns how fine the figure is: a fraction shows it at once, whole figures only after a while.
    pub(super) fn learn_step(&mut self, digits: u32, moved: bool, count_limit: Option<f64>) {
        if digits > 0 {
            let fine = if digits <= 2 { 0.01 } else { 10f64.powi(-digits.min(8).cast_signed()) };
            // More digits than two come from a count: its own step is what matters.
            self.step = match count_limit {
                Some(limit) if digits > 2 && limit > 0.0 => 100.0 / limit,
                _ => fine,
            };
            self.coarse_run = 0;
        } else if moved && self.step < 1.0 {
            self.coarse_run += 1;
            if self.coarse_run >= 4 {
                self.step = 1.0;
            }
        }
    }

    /// Adds what was logged since the last look; lets go of what waited too long.
    pub(super) fn pour(&mut self, seen: &Seen, delay: TimeDelta, last_use: Option<DateTime<Utc>>) {
        self.pot.expire(seen.from, delay);
        if seen.fresh > 0.0 {
            // What was told of late waits from now on.
            let at = last_use.unwrap_or(seen.at).max(seen.from).min(seen.at);
            if self.last_use.is_none_or(|last| at - last > rules::SETTLED) {
                self.stint = self.stint.wrapping_add(1);
            }
            self.last_use = Some(at);
            self.pot.add(at, seen.fresh);
            self.unweighed += seen.fresh;
        }
    }

    /// What the use that is not deducted yet explains. `dearer` is the factor of an acceleration that
    /// another series showed.
    pub(super) fn expect(&self, seen: &Seen, dearer: f64) -> Expect {
        let waiting = self.pot.total();
        if seen.unpriced {
            return Expect { low: 0.0, high: f64::MAX, known: false };
        }
        if waiting <= 0.0 {
            return Expect { low: 0.0, high: 0.0, known: true };
        }
        match self.scale.known() {
            Some(scale) => {
                let waiting = waiting * self.factor;
                // Of what waits, less may be due; of what was used since, all.
                let due = (seen.fresh * self.factor).min(waiting);
                let dearer = if self.factor > 1.05 { 1.0 } else { dearer };
                Expect { low: due * scale.low, high: waiting * scale.high * dearer, known: true }
            }
            None => Expect { low: 0.0, high: f64::MAX, known: false },
        }
    }

    /// Whether this machine is at work, or was so lately that its use may still be posted.
    pub(super) fn is_at_work(&self, seen: &Seen) -> bool {
        let posting = seen.is_money() && self.last_use.is_some_and(|last| seen.at - last <= rules::SETTLED);
        posting || self.has_waiting()
    }

    pub(super) fn has_waiting(&self) -> bool {
        !self.pot.is_empty()
    }

    /// What would still be explained by use that no deduction has used up, by the middle of the scale.
    pub(super) fn surplus(&self) -> f64 {
        self.scale.known().map_or(0.0, |scale| self.pot.total() * scale.middle * self.factor)
    }

    /// What use explains of the stretch of work that goes on, this look included.
    pub(super) fn worked(&self, seen: &Seen) -> f64 {
        let delay = if seen.is_money() { rules::SETTLED } else { rules::QUOTA_DELAY };
        let lately = self.last_use.is_some_and(|last| seen.from - last <= delay);
        let stretch = if lately { self.block.weight + self.unweighed } else { 0.0 };
        let weight = stretch.max(self.pot.total());
        self.scale.known().map_or(0.0, |scale| weight * scale.middle * self.factor)
    }

    /// What use explains that was told of late, at most.
    pub(super) fn late(&self, seen: &Seen) -> f64 {
        self.scale.known().map_or(0.0, |scale| seen.late * scale.high * self.factor)
    }

    /// The upper end of what a weight takes.
    pub(super) fn reach(&self, weight: f64) -> Option<f64> {
        self.scale.known().map(|scale| weight * scale.high * self.factor)
    }

    /// The share of the deductions that came while this machine was at work; `None` before enough is known.
    pub(super) fn coverage(&self) -> Option<f64> {
        let all = self.logged + self.unlogged;
        (all > 0.0).then(|| self.logged / all)
    }

    /// Whether the logs tell of all use, as far as can be known.
    pub(super) fn is_complete(&self, series: Series) -> bool {
        let enough = match series {
            Series::Meter(_) => 6.0,
            _ => 2.0 * least_money(series),
        };
        self.logged >= enough && self.coverage().is_some_and(|share| share >= rules::COMPLETE)
    }

    /// Whether that is known from so many looks that a small deduction beside all logs is nobody's first
    /// session on another machine.
    pub(super) fn is_long_complete(&self) -> bool {
        self.worked_looks >= rules::LONG_COMPLETE
    }

    /// How sure the scale is, by the number of samples.
    pub(super) fn samples(&self) -> usize {
        self.scale.count()
    }

    /// How many times the usual price use has lately cost.
    pub(super) fn leaning(&self) -> f64 {
        self.shift.leaning()
    }

    /// Whether this movement may belong to a shift of the price that is not believed yet.
    pub(super) fn suspects(&self) -> bool {
        self.shift.suspects()
    }

    /// Books a movement that was nothing unusual, `other` of which another window explains. Gives a shift
    /// of the price where it made one believed.
    pub(super) fn settle(&mut self, seen: &Seen, other: f64, stints: usize) -> Option<Shifted> {
        let worked = self.is_at_work(seen);
        self.decay(seen.at);
        if worked {
            self.logged += seen.deducted;
            self.worked_looks = self.worked_looks.saturating_add(u32::from(seen.deducted > 0.0));
        } else if seen.lateness > TimeDelta::zero() && seen.deducted > 0.0 {
            // What was used for it may be told of later.
            self.orphan += seen.deducted;
            self.orphaned = Some(seen.at);
        } else {
            self.unlogged += seen.deducted;
        }
        self.adopt_orphan(seen, worked);
        let middle = self.scale.known().map(|scale| scale.middle * self.factor);
        if seen.deducted > 0.0 {
            let explained = middle.map_or(if worked { f64::MAX } else { 0.0 }, |m| m * self.pot.total());
            self.peaks.note(seen.deducted - explained.max(other), seen.span(), seen.at);
        }
        let shifted = self.weigh(seen, worked, stints);
        match middle {
            Some(middle) if middle > 0.0 => self.pot.take(seen.deducted / middle),
            _ if seen.deducted > seen.slack => self.pot.clear(),
            _ => {}
        }
        self.at = seen.at;
        shifted
    }

    /// A deduction without use finds the use that is told of later, or turns out to be somebody else's.
    fn adopt_orphan(&mut self, seen: &Seen, worked: bool) {
        let Some(since) = self.orphaned else { return };
        if worked && seen.late > 0.0 {
            self.logged += self.orphan;
            self.block.from.get_or_insert(since);
            self.block.seen += self.orphan;
        } else if seen.at - since <= seen.lateness + seen.span() {
            return;
        } else {
            self.unlogged += self.orphan;
        }
        self.orphan = 0.0;
        self.orphaned = None;
    }

    /// Books a movement of which only `explained` was usual; little is learned from it. Gives a shift of the
    /// price where it made one believed: where the price went up, every deduction beside use looks wrong.
    pub(super) fn settle_unusual(&mut self, seen: &Seen, explained: f64, stints: usize) -> Option<Shifted> {
        let worked = self.is_at_work(seen);
        let shifted = if worked || self.block.from.is_some() {
            self.weigh(seen, worked, stints)
        } else {
            self.drop_block();
            None
        };
        if let Some(scale) = self.scale.known() {
            let middle = scale.middle * self.factor;
            if middle > 0.0 {
                self.pot.take(explained / middle);
            }
        }
        self.at = seen.at;
        shifted
    }

    /// Gives up the stretch that is being weighed.
    pub(super) fn drop_block(&mut self) {
        self.block = Block::default();
        self.unweighed = 0.0;
    }

    /// Remembers a deduction by another device.
    pub(super) fn learn_elsewhere(&mut self, amount: f64, span: TimeDelta, at: DateTime<Utc>) {
        self.unlogged += amount;
        self.peaks.note(amount, span, at);
    }

    fn weigh(&mut self, seen: &Seen, worked: bool, stints: usize) -> Option<Shifted> {
        let money = seen.is_money();
        if seen.resets > 0 || (seen.returned > 0.0 && !money) || seen.unpriced {
            self.drop_block();
            // What was used and is not posted yet belongs to no stretch.
            self.muted = money.then_some(seen.at + rules::BALANCE_DELAY);
            return None;
        }
        if self.muted.is_some_and(|until| seen.at < until) {
            self.drop_block();
            return None;
        }
        if worked {
            self.block.from.get_or_insert(seen.from);
            self.block.seen += seen.deducted;
            self.block.weight += std::mem::take(&mut self.unweighed);
        }
        // Where use is told of late, a stretch is weighed when all of it is told, or when it is long.
        let told = seen.lateness <= TimeDelta::zero()
            || self.last_use.is_none_or(|last| seen.from - last >= seen.lateness)
            || self.block.from.is_some_and(|from| seen.at - from >= seen.lateness * 8);
        if !told {
            return None;
        }
        let Block { from: Some(from), seen: sum, weight } = self.block else { return None };
        let scale = self.scale.known();
        let usual = scale.map(|scale| scale.middle * self.factor);
        let closes = if money {
            // Long enough that what is not posted yet weighs little, or all of it is posted.
            let settled = self.last_use.is_none_or(|last| seen.at - last >= rules::SETTLED);
            (settled || seen.at - from >= TimeDelta::hours(3)) && weight >= least_money(seen.series) * 0.3
        } else {
            let enough = (3.0 * self.step).max(0.4);
            match usual {
                // Much taken for little use tells of the price as well: its rounding weighs little then.
                Some(usual) => {
                    let expected = weight * usual;
                    expected >= enough || seen.is_full() || (sum >= 2.0 * enough && expected >= 0.1 * enough)
                }
                None => sum >= enough && weight > 0.0,
            }
        };
        if !closes {
            return None;
        }
        self.block = Block::default();
        // At its limit a meter shows less than was used: that can only prove that more was taken.
        if seen.is_full() && usual.is_none_or(|usual| weight * usual < 0.5 || sum < 1.25 * weight * usual) {
            return None;
        }
        let enough = if money { 2 } else { rules::SAMPLES };
        let Some(usual) = usual.filter(|_| self.scale.count() >= enough) else {
            self.scale.learn(sum / weight / self.factor);
            return None;
        };
        let expected = weight * usual;
        if expected <= 0.0 {
            return None;
        }
        let share = self.coverage().unwrap_or(1.0).max(0.1);
        let sure = self.is_long_complete() && share >= rules::SURE;
        let manner = Manner { stints, share, also_down: true, sure };
        let (shifted, ordinary) = self.shift.take(from, (sum, expected), self.stint, manner);
        for sample in ordinary {
            self.scale.learn(usual / self.factor * sample.seen / sample.expected);
        }
        shifted
    }

    /// After a shift was found: what is usual is what it is now.
    pub(super) fn adopt(&mut self, factor: f64, at: DateTime<Utc>) {
        self.factor *= factor;
        self.adopted = Some(at);
        self.shift.restart();
        self.drop_block();
    }

    /// What is learned fades: half of it in two weeks. A price that has held for as long is the usual one.
    fn decay(&mut self, at: DateTime<Utc>) {
        if self.adopted.is_some_and(|adopted| at - adopted >= TimeDelta::days(14)) {
            self.adopted = None;
            self.scale.multiply(self.factor);
            self.factor = 1.0;
        }
        if at - self.halved >= TimeDelta::days(14) {
            self.halved = at;
            self.logged *= 0.5;
            self.unlogged *= 0.5;
        }
    }
}
