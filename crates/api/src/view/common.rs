//! What several views are made of.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A product, as its word: `kimi-code` or `platform`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(rename = "Source")]
pub enum SourceWord {
    /// Kimi Code, the membership with quotas.
    KimiCode,
    /// The open platform, with a prepaid balance.
    Platform,
}

/// A region, as its word: `china` or `global`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(rename = "Region")]
pub enum RegionWord {
    /// Mainland China.
    China,
    /// The rest of the world.
    Global,
}

/// An amount of money: a decimal string and a currency code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "Money")]
pub struct MoneyView {
    /// The amount in the main unit.
    pub amount: String,
    /// The ISO 4217 code.
    pub currency: String,
}
