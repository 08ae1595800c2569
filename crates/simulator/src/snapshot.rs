//! What the service shows of an account at one poll, before it is written as a body or a reading.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use tidemark_core::{Meter, Region, Source};

use crate::amount::{Coins, FULL, Points};
use crate::plan::{Generation, Plan};
use crate::spec::LimitsSpec;

/// A poll of an account, from the service's side.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    /// Time of the poll.
    pub(crate) at: DateTime<Utc>,
    /// The product: Kimi Code or the open platform.
    pub(crate) source: Source,
    /// The region whose service the account belongs to.
    pub(crate) region: Region,
    /// The account's plan.
    pub(crate) plan: Plan,
    /// The shape of the answer.
    pub(crate) generation: Generation,
    /// The quotas.
    pub(crate) gauges: Vec<WindowSnapshot>,
    /// The extra-usage wallet, if there is one.
    pub(crate) wallet: Option<WalletSnapshot>,
    /// The prepaid balance, of a platform account.
    pub(crate) balance: Option<BalanceSnapshot>,
    /// Requests at the same time that the membership may make.
    pub(crate) concurrency: u64,
    /// The open-platform account's limits.
    pub(crate) limits: LimitsSpec,
    /// The window that is used up, if one is.
    pub(crate) limited: Option<Meter>,
    /// From which the made-up names of user and organisation follow.
    pub(crate) name_seed: u64,
    /// What is wrong in this answer.
    pub(crate) tricks: Trick,
}

/// A window as it is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WindowSnapshot {
    /// Which quota it is.
    pub(crate) meter: Meter,
    /// The used part, in points.
    pub(crate) used: Points,
    /// When it is reset.
    pub(crate) ends: DateTime<Utc>,
    /// How many requests it held when requests were counted.
    pub(crate) request_limit: i64,
}

/// The wallet as it is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WalletSnapshot {
    /// Whether it is switched on.
    pub(crate) enabled: bool,
    /// The money left in it.
    pub(crate) balance: Coins,
    /// Spent this month.
    pub(crate) month_used: Coins,
    /// The user's cap on what is spent in a month.
    pub(crate) month_cap: Option<Coins>,
    /// Since when it exists.
    pub(crate) since: DateTime<Utc>,
}

/// The balance as it is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BalanceSnapshot {
    /// Money that was paid in; negative is a debt.
    pub(crate) cash: Coins,
    /// Money that the service granted.
    pub(crate) voucher: Coins,
}

/// Wrong tellings that are still to come.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tricks {
    /// How many more polls show zeros.
    pub(crate) zeroed: u32,
    /// How many more polls show ratios of 0.
    pub(crate) lying_ratio: u32,
    /// Which field is unreadable, and for how many more polls.
    pub(crate) unreadable: Option<(String, u32)>,
}

/// What is wrong in the answer to one poll.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trick {
    /// Whether all counters are shown as zero.
    pub(crate) zeroed: bool,
    /// Whether all ratios are shown as 0.
    pub(crate) lying_ratio: bool,
    /// A field that cannot be read.
    pub(crate) unreadable: Option<String>,
}

impl Tricks {
    /// What is wrong in this answer; one less is queued.
    pub(crate) fn spend(&mut self) -> Trick {
        let unreadable = self.unreadable.as_mut().and_then(|(field, left)| {
            let shown = (*left > 0).then(|| field.clone());
            *left = left.saturating_sub(1);
            shown
        });
        let trick = Trick { zeroed: self.zeroed > 0, lying_ratio: self.lying_ratio > 0, unreadable };
        self.zeroed = self.zeroed.saturating_sub(1);
        self.lying_ratio = self.lying_ratio.saturating_sub(1);
        trick
    }
}

impl Snapshot {
    /// How a window is shown.
    #[must_use]
    pub(crate) fn gauge(&self, meter: Meter) -> Option<&WindowSnapshot> {
        self.gauges.iter().find(|gauge| gauge.meter == meter)
    }

    /// A quota's used points, as shown in this answer.
    #[must_use]
    pub(crate) fn told(&self, gauge: &WindowSnapshot) -> Points {
        if self.tricks.zeroed { 0 } else { gauge.used }
    }

    /// A quota's count as shown: used and limit, in requests or in hundredths.
    #[must_use]
    pub(crate) fn count(&self, gauge: &WindowSnapshot) -> (i64, i64) {
        let limit = if self.generation == Generation::A { gauge.request_limit } else { 100 };
        let used =
            (i128::from(self.told(gauge)) * i128::from(limit) + i128::from(FULL / 2)) / i128::from(FULL);
        (used as i64, limit)
    }

    /// A quota's ratio as shown, in ten-thousandths.
    #[must_use]
    pub(crate) fn ratio(&self, gauge: &WindowSnapshot) -> i64 {
        if self.tricks.lying_ratio {
            return 0;
        }
        let step = FULL / 10_000;
        (self.told(gauge) + step / 2) / step
    }

    /// When a window ends, in the fineness of the older rows: nanoseconds in January, else microseconds.
    #[must_use]
    pub(crate) fn row_end(&self, gauge: &WindowSnapshot) -> DateTime<Utc> {
        gauge.ends.trunc_subsecs(if self.generation == Generation::A { 9 } else { 6 })
    }

    /// When a window ends, as the map of ratios has it: whole seconds, up to one less than the row's.
    #[must_use]
    pub(crate) fn map_end(gauge: &WindowSnapshot) -> DateTime<Utc> {
        (gauge.ends - TimeDelta::milliseconds(500)).trunc_subsecs(0)
    }
}
