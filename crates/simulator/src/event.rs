//! What can happen to an account, by its script or on command.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tidemark_core::Meter;

use crate::plan::{Generation, Plan};

/// Something that happens to an account. In JSON `{"event":"top-up","amount":"20"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// Use by hand: as much as moves `meter` by `points` percent. The other windows follow as with real
    /// use. No session log is written for it, as if another machine had done it.
    Spend {
        /// The window to move; the 5-hour window where it is left out.
        #[serde(default)]
        meter: Option<Meter>,
        /// By how many percent.
        points: Decimal,
    },
    /// Use by hand until so much of a window is used. Nothing happens where more is used already.
    SpendUpTo {
        /// The window.
        meter: Meter,
        /// Percent used.
        points: Decimal,
    },
    /// Money used by hand on the open platform (or in the wallet); posted at once.
    SpendMoney {
        /// How much.
        amount: Decimal,
    },
    /// Money used by hand on the open platform until so much is left; below 0 is a debt. Nothing happens
    /// where less is left already.
    SpendDownTo {
        /// Cash and vouchers together.
        left: Decimal,
    },
    /// A deduction that nothing explains, from one window or, with `amount`, from the money.
    WrongDeduction {
        /// The window; all the account has where it is left out.
        #[serde(default)]
        meter: Option<Meter>,
        /// How many percent.
        #[serde(default)]
        points: Decimal,
        /// How much money.
        #[serde(default)]
        amount: Decimal,
    },
    /// From now on the same use costs `factor` times as much; 1 ends it.
    Accelerate {
        /// How many times as much.
        factor: f64,
    },
    /// A window is used up, or all money gone, in one step.
    WipeOut {
        /// The window; all the account has where it is left out.
        #[serde(default)]
        meter: Option<Meter>,
    },
    /// Windows come back before their time.
    EarlyReset {
        /// The window; all the account has where it is left out.
        #[serde(default)]
        meter: Option<Meter>,
        /// Whether a new cycle begins now. Otherwise the announced end stands.
        #[serde(default)]
        move_end: bool,
    },
    /// The next reset of a window comes that much too late.
    WithholdReset {
        /// The window.
        meter: Meter,
        /// How late, in seconds.
        seconds: u32,
    },
    /// The last reset of a window (or, without one, the last credit) is taken back.
    Clawback {
        /// The window.
        #[serde(default)]
        meter: Option<Meter>,
    },
    /// The service gives points back.
    GiveBack {
        /// The window.
        meter: Meter,
        /// How many percent.
        points: Decimal,
    },
    /// The owner pays money in: to the balance, or to the wallet of a membership.
    TopUp {
        /// How much.
        amount: Decimal,
    },
    /// The service grants a voucher.
    Voucher {
        /// How much.
        amount: Decimal,
        /// After how many seconds what is left of it ends; never where it is left out.
        #[serde(default)]
        ends_after_seconds: Option<u32>,
    },
    /// All vouchers expire now.
    VoucherExpiry,
    /// An earlier deduction of money is given back, as cash.
    Refund {
        /// How much.
        amount: Decimal,
    },
    /// The wallet is switched on or off.
    Wallet {
        /// On.
        enabled: bool,
    },
    /// The key is refused from now on.
    RevokeKey,
    /// The key is good again.
    RestoreKey,
    /// Another plan; used percentages stay, the allowance behind them changes. A change between the old
    /// and the new plans begins a new billing month.
    ChangePlan {
        /// Which.
        plan: Plan,
    },
    /// The allowance itself changes: percentages stay, the same use now takes `1 / factor` of what it took.
    ChangeAllowance {
        /// New allowance as a multiple of the plan's own.
        factor: f64,
    },
    /// The account's rate limits change.
    ChangeLimits {
        /// Requests at the same time.
        #[serde(default)]
        concurrency: Option<u64>,
        /// Requests a minute (open platform).
        #[serde(default)]
        requests_per_minute: Option<u64>,
        /// Tokens a minute (open platform).
        #[serde(default)]
        tokens_per_minute: Option<u64>,
        /// Tokens a day (open platform).
        #[serde(default)]
        tokens_per_day: Option<u64>,
    },
    /// The service answers in another shape from now on.
    ChangeGeneration {
        /// Which.
        generation: Generation,
    },
    /// The next answers show every counter at zero, with the resets where they were.
    ZeroedCounters {
        /// How many answers.
        polls: u32,
    },
    /// The ratios in the next answers are 0, while the counts are right.
    LyingRatio {
        /// How many answers.
        polls: u32,
    },
    /// One field of the next answers carries something unreadable.
    Unreadable {
        /// The field, as a path: `usage.resetTime`, `limits[0].detail.used`, `usages.limit_5h.used_ratio`,
        /// `data.cash_balance`.
        field: String,
        /// How many answers.
        polls: u32,
    },
}
