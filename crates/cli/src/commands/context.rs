//! What every command works with: what was asked for, in which language and zone, and where the data are.

use std::path::PathBuf;

use chrono_tz::Tz;

use crate::arguments::Common;
use crate::exit::{CommandError, Exit};
use crate::i18n::{Catalog, Language};
use crate::output::Output;

/// What was asked for, before any command's own arguments.
#[derive(Debug, Clone)]
pub struct Context {
    /// The options that every command has.
    pub common: Common,
    /// The language that was asked for.
    pub language: Option<String>,
}

impl Context {
    /// The context of a command with these options.
    pub const fn new(common: Common, language: Option<String>) -> Self {
        Self { common, language }
    }

    /// The words for people. `setting` is the language that the settings name, where they are at hand.
    #[must_use]
    pub fn words(&self, setting: Option<&str>) -> Catalog {
        Catalog::new(Language::choose(self.language.as_deref(), setting))
    }

    /// The zone: asked for, else the settings', else the system's, else UTC.
    #[must_use]
    pub fn zone(&self, setting: Option<Tz>) -> Tz {
        self.common.timezone.or(setting).unwrap_or_else(system_zone)
    }

    /// The way to standard output.
    #[must_use]
    pub fn output(&self, language: Option<&str>, zone: Option<Tz>) -> Output {
        Output::stdout(self.common.json, self.words(language), self.zone(zone))
    }

    /// The data folder: the option's, the variable's, or the default.
    pub fn data_dir(&self) -> Result<PathBuf, CommandError> {
        tidemark_api::paths::data_dir(self.common.data_dir.as_deref())
            .ok_or_else(|| CommandError::said(Exit::Usage, "usage", "cli-no-data-dir", &[]))
    }
}

/// The zone of whoever runs this: what the variable TZ names, else the system's, or UTC where it has none that
/// is known.
#[must_use]
pub fn system_zone() -> Tz {
    std::env::var("TZ").ok().and_then(|value| zone_of_variable(&value)).unwrap_or_else(|| {
        iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
    })
}

/// The zone that a value of TZ names; `None` where it is empty or spells rules out (`CET-1CEST`).
fn zone_of_variable(value: &str) -> Option<Tz> {
    let value = value.trim();
    value.strip_prefix(':').unwrap_or(value).parse().ok()
}

/// A small runtime for a command that waits for answers.
pub fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::new(Exit::Failed, "io", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_names_a_zone_or_says_nothing() {
        for (value, zone) in [
            ("Asia/Shanghai", Some(Tz::Asia__Shanghai)),
            (":Europe/Berlin", Some(Tz::Europe__Berlin)),
            ("UTC", Some(Tz::UTC)),
            ("", None),
            (":", None),
            ("CET-1CEST", None),
            ("Europe/Atlantis", None),
        ] {
            assert_eq!(zone_of_variable(value), zone, "{value}");
        }
    }
}
