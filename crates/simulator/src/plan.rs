//! Memberships and the shapes in which the service has answered for them.

use serde::{Deserialize, Serialize};

use crate::amount::{COIN, Coins};

/// A membership that may use Kimi Code. Names and prices are public; how large the quotas are is not, so
/// those here are made up, in proportion to the prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Plan {
    /// Old plan, 49 CNY a month.
    Andante,
    /// Old plan, 99 CNY.
    Moderato,
    /// Old plan, 199 CNY.
    Allegretto,
    /// Old plan, 699 CNY.
    Allegro,
    /// New plan, 99 CNY.
    Plus,
    /// New plan, 199 CNY.
    Pro,
    /// New plan, 699 CNY.
    Max,
    /// No plan: the service answers with an empty body.
    Free,
}

/// How much a membership may use, in what the same tokens would cost on the open platform in dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// What may be used in five hours.
    pub five_hour: Coins,
    /// What may be used in seven days; old plans only.
    pub week: Coins,
    /// What may be used in a billing month; new plans only.
    pub month: Coins,
}

impl Plan {
    /// Its name, as `/me` gives it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Andante => "Andante",
            Self::Moderato => "Moderato",
            Self::Allegretto => "Allegretto",
            Self::Allegro => "Allegro",
            Self::Plus => "Plus",
            Self::Pro => "Pro",
            Self::Max => "Max",
            Self::Free => "Adagio",
        }
    }

    /// The coarse level in the bodies of old plans.
    #[must_use]
    pub const fn level(self) -> &'static str {
        match self {
            Self::Andante => "LEVEL_TRIAL",
            Self::Moderato => "LEVEL_BASIC",
            Self::Allegretto | Self::Plus => "LEVEL_INTERMEDIATE",
            Self::Allegro | Self::Pro | Self::Max => "LEVEL_ADVANCED",
            Self::Free => "LEVEL_FREE",
        }
    }

    /// The level's number in `/me`.
    #[must_use]
    pub const fn level_number(self) -> u32 {
        match self {
            Self::Free => 0,
            Self::Andante => 5,
            Self::Moderato => 10,
            Self::Allegretto | Self::Plus => 15,
            Self::Allegro => 20,
            Self::Pro => 25,
            Self::Max => 30,
        }
    }

    /// Whether it is one of the plans on sale since September 2026: a month instead of a week.
    #[must_use]
    pub const fn is_new(self) -> bool {
        matches!(self, Self::Plus | Self::Pro | Self::Max)
    }

    /// How many requests it may make at the same time.
    #[must_use]
    pub const fn concurrency(self) -> u64 {
        match self {
            Self::Free => 1,
            Self::Andante | Self::Moderato | Self::Allegretto | Self::Plus => 20,
            Self::Allegro | Self::Pro | Self::Max => 30,
        }
    }

    /// How much it may use.
    #[must_use]
    pub const fn allowance(self) -> Allowance {
        let five_hour = match self {
            Self::Free => 0,
            Self::Andante => 2 * COIN,
            Self::Moderato | Self::Plus => 5 * COIN,
            Self::Allegretto | Self::Pro => 10 * COIN,
            Self::Allegro | Self::Max => 35 * COIN,
        };
        Allowance { five_hour, week: 5 * five_hour, month: 16 * five_hour }
    }

    /// Requests a week and in five hours, from the time when requests were counted (January 2026).
    #[must_use]
    pub const fn requests(self) -> (i64, i64) {
        match self {
            Self::Free => (0, 0),
            Self::Andante => (1024, 100),
            Self::Moderato | Self::Plus => (2048, 200),
            Self::Allegretto | Self::Pro => (7168, 700),
            Self::Allegro | Self::Max => (20480, 2000),
        }
    }
}

/// The shapes of `/usages` over the year 2026.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Generation {
    /// January: requests are counted; nanoseconds in times.
    A,
    /// February: percent of tokens; only `limit` and `remaining`.
    B,
    /// July: user, level, wallet, `limited`, `parallel`.
    C,
    /// September: the map `usages` with ratios.
    #[default]
    D,
    /// A body without any quota, as free accounts get it.
    E,
}
