//! Scenarios: which accounts a simulator serves.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tidemark_core::{Region, Source};

use crate::demo::demo_accounts;
use crate::plan::{Generation, Plan};
use crate::rng::SeededRng;
use crate::spec::{AccountSpec, Habits};

/// The accounts of a simulator and the seed of their lives.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Scenario {
    /// The seed of all random draws.
    #[serde(default)]
    pub seed: u64,
    /// The accounts; names and keys are unique.
    pub accounts: Vec<AccountSpec>,
}

/// Why a scenario could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The word is none of the known ones, and no file either.
    #[error("expected demo, one-code, one-platform, fleet:N or a JSON file, found `{0}`")]
    Unknown(String),
    /// The file could not be read.
    #[error("could not read the scenario file {path}: {cause}")]
    Unreadable {
        /// Which.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
    /// The file does not hold a scenario.
    #[error("{path} does not hold a scenario: {cause}")]
    Malformed {
        /// Which.
        path: String,
        /// Why.
        cause: serde_json::Error,
    },
}

impl Scenario {
    /// A scenario of some accounts.
    #[must_use]
    pub const fn of(accounts: Vec<AccountSpec>) -> Self {
        Self { seed: 0, accounts }
    }

    /// Sample accounts with 90 days behind them; see [`demo_accounts`].
    #[must_use]
    pub fn demo(now: DateTime<Utc>, seed: u64) -> Self {
        Self { seed, accounts: demo_accounts(now) }
    }

    /// One idle account of Kimi Code, named `work`, on the new plan Pro in China; events move it.
    #[must_use]
    pub fn one_code(now: DateTime<Utc>) -> Self {
        Self::of(vec![
            AccountSpec::kimi_code("work", Region::China, Plan::Pro, now - TimeDelta::days(12))
                .with_habits(Habits::idle()),
        ])
    }

    /// One idle account of the international open platform, named `api`, with cash and a voucher.
    #[must_use]
    pub fn one_platform(now: DateTime<Utc>) -> Self {
        Self::of(vec![
            AccountSpec::platform(
                "api",
                Region::Global,
                Decimal::from(25),
                Decimal::from(5),
                now - TimeDelta::days(12),
            )
            .with_habits(Habits::idle()),
        ])
    }

    /// `n` accounts of all kinds, each living its own life for the last two weeks.
    #[must_use]
    pub fn fleet(n: usize, now: DateTime<Utc>, seed: u64) -> Self {
        let accounts = (0..n).map(|number| fleet_member(number, now, seed)).collect();
        Self { seed, accounts }
    }

    /// The scenario of a word, or of a file whose path it is.
    ///
    /// # Errors
    /// - [`ScenarioError::Unknown`] if it is neither a known word nor a path that ends in `.json`.
    /// - [`ScenarioError::Unreadable`] if the file cannot be read.
    /// - [`ScenarioError::Malformed`] if the file is not a scenario.
    pub fn named(word: &str, now: DateTime<Utc>, seed: u64) -> Result<Self, ScenarioError> {
        match word {
            "demo" => return Ok(Self::demo(now, seed)),
            "one-code" => return Ok(Self { seed, ..Self::one_code(now) }),
            "one-platform" => return Ok(Self { seed, ..Self::one_platform(now) }),
            _ => {}
        }
        if let Some(n) = word.strip_prefix("fleet:").and_then(|n| n.parse().ok()) {
            return Ok(Self::fleet(n, now, seed));
        }
        if !Path::new(word).extension().is_some_and(|ext| ext.eq_ignore_ascii_case("json")) {
            return Err(ScenarioError::Unknown(word.to_owned()));
        }
        let path = word.to_owned();
        let text = match std::fs::read_to_string(word) {
            Ok(text) => text,
            Err(cause) => return Err(ScenarioError::Unreadable { path, cause }),
        };
        serde_json::from_str(&text).map_err(|cause| ScenarioError::Malformed { path, cause })
    }
}

fn fleet_member(number: usize, now: DateTime<Utc>, seed: u64) -> AccountSpec {
    let mut chance = SeededRng::of(&[seed, number as u64, 77]);
    let region = if chance.happens(0.5) { Region::China } else { Region::Global };
    let days = chance.between(15.0, 60.0) as i64;
    // Each its own minutes, so that their windows do not end together.
    let minutes = i64::from(number as u32 % 1000) * 37;
    let since = now - TimeDelta::minutes(days * 1440 + minutes);
    let source = if number % 3 == 2 { Source::Platform } else { Source::KimiCode };
    let name = format!("{source}-{number:03}");
    let spec = match source {
        Source::Platform => {
            let money = Decimal::from(chance.between(20.0, 300.0) as i64);
            AccountSpec::platform(&name, region, money, Decimal::from(5), since)
        }
        Source::KimiCode => {
            let plans = [Plan::Moderato, Plan::Allegretto, Plan::Allegro, Plan::Plus, Plan::Pro, Plan::Max];
            let plan = plans[number % plans.len()];
            let generation =
                if plan.is_new() || number.is_multiple_of(2) { Generation::D } else { Generation::C };
            AccountSpec::kimi_code(&name, region, plan, since).with_generation(generation)
        }
    };
    spec.alive_from(now - TimeDelta::days(14)).with_seed(number as u64)
}
