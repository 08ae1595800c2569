//! What every command works with: what was asked for, in which language and zone, and where the data are.

use std::io::{self, Write as _};
use std::path::PathBuf;

use chrono::{DateTime, Offset as _, TimeZone as _, Utc};
use chrono_tz::Tz;
use tidemark_core::tz_variable::{TzVariable, zone_of_file, zone_of_path};

use crate::arguments::Common;
use crate::exit::{CommandError, Exit};
use crate::i18n::{Catalog, Language};
use crate::output::{Output, Style, clean};

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
        self.common.timezone.or(setting).unwrap_or_else(|| {
            let (zone, not_understood) = environment_zone();
            say_not_understood(&self.words(None), not_understood, zone);
            zone
        })
    }

    /// The way to standard output.
    #[must_use]
    pub fn output(&self, language: Option<&str>, zone: Option<Tz>) -> Output {
        Output::stdout(self.common.json, self.words(language), self.zone(zone))
    }

    /// Says in which zone the times are, where it is neither the one that was asked for nor the one of whoever
    /// reads this now.
    ///
    /// # Errors
    /// As writing to standard output does.
    pub fn say_zone(&self, output: &mut Output, now: DateTime<Utc>) -> io::Result<()> {
        if self.common.timezone.is_some() {
            return Ok(());
        }
        let (zone, not_understood) = environment_zone();
        // What is used is the zone of the settings, whatever the variable says.
        say_not_understood(&output.words, not_understood, output.zone);
        let offset = |zone: Tz| zone.offset_from_utc_datetime(&now.naive_utc()).fix();
        if offset(output.zone) == offset(zone) {
            return Ok(());
        }
        let note = output.words.with("cli-zone-note", [("zone", output.zone.name().into())]);
        output.line(output.paint(Style::Faint, &note))
    }

    /// The data folder: the option's, the variable's, or the default.
    pub fn data_dir(&self) -> Result<PathBuf, CommandError> {
        tidemark_api::paths::data_dir(self.common.data_dir.as_deref())
            .ok_or_else(|| CommandError::said(Exit::Usage, "usage", "cli-no-data-dir", &[]))
    }
}

/// The zone of whoever runs this: what the variable TZ says, else the system's, or UTC where it has none that is known.
/// With the value of TZ where it is not understood, which is not passed over in silence.
#[must_use]
pub fn environment_zone() -> (Tz, Option<String>) {
    let system = || iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC);
    let Some(value) = std::env::var_os("TZ") else { return (system(), None) };
    let value = value.to_string_lossy();
    match zone_of_variable(&value) {
        TzVariable::Zone(zone) => (zone, None),
        // The system's own file is what its other settings name.
        TzVariable::File(path) if path == "/etc/localtime" => (system(), None),
        TzVariable::Unset => (system(), None),
        TzVariable::File(_) | TzVariable::NotUnderstood => (system(), Some(value.into_owned())),
    }
}

/// What a value of TZ says, with the files that it may name looked into.
fn zone_of_variable(value: &str) -> TzVariable {
    let named = TzVariable::of(value);
    let TzVariable::File(path) = &named else { return named };
    // A link into the zone database says by its target what the file itself does not.
    let target = std::fs::canonicalize(path).ok();
    let linked = target.as_deref().and_then(|target| zone_of_path(target.to_str()?));
    linked.or_else(|| zone_of_file(&start_of_file(path)?)).map_or(named, TzVariable::Zone)
}

/// A zone file is a few kilobytes; what is longer, or no regular file, is something else.
const MAX_ZONE_FILE_LEN: u64 = 256 * 1024;

fn start_of_file(path: &str) -> Option<Vec<u8>> {
    let is_small =
        std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() <= MAX_ZONE_FILE_LEN);
    is_small.then(|| std::fs::read(path).ok()).flatten()
}

/// Says once on standard error that TZ is not understood, where it is not, and what is used instead.
fn say_not_understood(words: &Catalog, value: Option<String>, zone: Tz) {
    static SAID: std::sync::Once = std::sync::Once::new();
    let Some(value) = value else { return };
    SAID.call_once(|| {
        let value: String = clean(&value).chars().take(60).collect();
        let said = words.with("cli-zone-unknown", [("value", value.into()), ("zone", zone.name().into())]);
        // Nothing to do where the reader has gone.
        let _ = writeln!(io::stderr().lock(), "tidemark: {said}");
    });
}

/// A small runtime for a command that waits for answers.
pub fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::new(Exit::Failed, "io", &error).quoting(error))
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(unix)] // Windows has no zone files, and links only for who may make them
    fn a_file_names_the_zone_that_it_is_linked_to_or_ends_with() {
        use super::*;
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        std::fs::create_dir_all(dir.path().join("zoneinfo/Asia")).unwrap();
        std::fs::write(dir.path().join("zoneinfo/Asia/Seoul"), "TZif2\nKST-9\n").unwrap();
        std::os::unix::fs::symlink(dir.path().join("zoneinfo/Asia/Seoul"), path("link")).unwrap();
        std::fs::write(path("copy"), "TZif2\n<+0545>-5:45\n").unwrap();
        std::fs::write(path("text"), "Asia/Seoul\n").unwrap();
        assert_eq!(zone_of_variable(&path("link")), TzVariable::Zone(Tz::Asia__Seoul));
        assert_eq!(zone_of_variable(&path("copy")), TzVariable::Zone(Tz::Asia__Kathmandu));
        for other in [path("text"), path("missing"), path("")] {
            assert_eq!(zone_of_variable(&other), TzVariable::File(other.clone()));
        }
    }
}
