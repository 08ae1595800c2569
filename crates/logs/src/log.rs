//! A log of any format, and all there are below the roots.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use crate::collect::{Collect, Opened, Reached, Resume};
use crate::config::{Config, Provider};
use crate::lines::Buffer;
use crate::roots::Roots;
use crate::usage_deduper::{Format, Origin};
use crate::walk::Reach;
use crate::{claude_code, kimi_cli, kimi_code};

/// A session log, found and not read yet.
#[derive(Debug, Clone)]
pub struct Log {
    kind: Kind,
    home: Arc<Home>,
}

/// A program's folder, in which logs were found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Home {
    /// The format of its logs.
    pub format: Format,
    /// The folder itself.
    pub path: PathBuf,
    /// When its configuration was last written, in milliseconds of the epoch; 0 where there is none.
    pub configured: i64,
}

impl Home {
    fn of(format: Format, path: &Path) -> Arc<Self> {
        let files: &[&str] = match format {
            Format::KimiCode | Format::KimiCli => &["config.toml", "config.json"],
            Format::ClaudeCode => &["settings.json"],
        };
        let written = files.iter().filter_map(|name| fs::metadata(path.join(name)).ok()?.modified().ok());
        let written = written.filter_map(|at| at.duration_since(UNIX_EPOCH).ok()).max().unwrap_or_default();
        let configured = i64::try_from(written.as_millis()).unwrap_or_default();
        Arc::new(Self { format, path: path.to_owned(), configured })
    }
}

#[derive(Debug, Clone)]
enum Kind {
    KimiCode(kimi_code::paths::Log),
    KimiCli(kimi_cli::paths::Log),
    ClaudeCode(claude_code::paths::Log),
}

impl Log {
    /// All logs below the roots, in the order of their paths: of several copies of a record, that of the first
    /// counts, other things being equal.
    #[must_use]
    pub fn find(roots: &Roots) -> Vec<Self> {
        Self::find_all(roots).0
    }

    /// The same, and how many links were met that lead to places which are not the user's own, or nowhere.
    #[must_use]
    pub fn find_all(roots: &Roots) -> (Vec<Self>, u64) {
        let reach = Reach::of(roots.home.as_deref(), &roots.log_folders());
        let mut found: Vec<Self> = Vec::new();
        for root in &roots.kimi_code {
            let logs = kimi_code::paths::logs(root, &reach, roots.secondary_model.as_deref());
            found.extend(Self::each(root, Format::KimiCode, logs, Kind::KimiCode));
        }
        for root in &roots.kimi_cli {
            found.extend(Self::each(
                root,
                Format::KimiCli,
                kimi_cli::paths::logs(root, &reach),
                Kind::KimiCli,
            ));
        }
        for root in &roots.claude_code {
            let logs = claude_code::paths::logs(root, &reach);
            found.extend(Self::each(root, Format::ClaudeCode, logs, Kind::ClaudeCode));
        }
        found.sort_by(|a, b| a.path().cmp(b.path()));
        (found, reach.left() + roots.dangling)
    }

    fn each<L>(
        root: &Path,
        format: Format,
        logs: Vec<L>,
        kind: impl Fn(L) -> Kind,
    ) -> impl Iterator<Item = Self> {
        let home = Home::of(format, root);
        logs.into_iter().map(move |log| Self { kind: kind(log), home: home.clone() })
    }

    /// The folder of its program.
    #[must_use]
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// The log's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        match &self.kind {
            Kind::KimiCode(log) => &log.path,
            Kind::KimiCli(log) => &log.path,
            Kind::ClaudeCode(log) => &log.path,
        }
    }

    /// What its requests are from, unless its lines say otherwise.
    #[must_use]
    pub fn origin(&self) -> Origin {
        let (format, session, project) = match &self.kind {
            Kind::KimiCode(log) => (Format::KimiCode, &log.session, &log.project),
            Kind::KimiCli(log) => (Format::KimiCli, &log.session, &log.project),
            Kind::ClaudeCode(log) => (Format::ClaudeCode, &log.session, &log.project),
        };
        Origin::of(format, session, project.as_deref())
    }

    fn config(&self) -> &Config {
        match &self.kind {
            Kind::KimiCode(log) => &log.config,
            Kind::KimiCli(log) => &log.config,
            Kind::ClaudeCode(log) => &log.config,
        }
    }

    /// A provider of its program's configuration.
    #[must_use]
    pub fn provider(&self, name: &str) -> Option<&Provider> {
        self.config().providers().find(|(known, _)| *known == name).map(|(_, provider)| provider)
    }

    /// The providers of its program's configuration, by their names.
    pub fn providers(&self) -> impl Iterator<Item = (&str, &Provider)> {
        self.config().providers()
    }

    pub(crate) fn load<C: Collect>(
        &self,
        number: u32,
        opened: &Opened,
        from: &Resume,
        buffer: &mut Buffer,
        collect: &mut C,
    ) -> io::Result<Reached> {
        match &self.kind {
            Kind::KimiCode(log) => kimi_code::load::load(log, number, opened, from, buffer, collect),
            Kind::KimiCli(log) => kimi_cli::load::load(log, number, opened, from, buffer, collect),
            Kind::ClaudeCode(log) => claude_code::load::load(log, number, opened, from, buffer, collect),
        }
    }
}
