//! A log of any format, and all there are below the roots.

use std::io;
use std::path::Path;

use crate::collect::{Collect, Opened, Reached, Resume};
use crate::config::{Config, Provider};
use crate::ledger::{Format, Origin};
use crate::lines::Buffer;
use crate::roots::Roots;
use crate::{claude_code, kimi_cli, kimi_code};

/// A session log, found and not read yet.
#[derive(Debug, Clone)]
pub struct Log(Kind);

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
        let mut found: Vec<Self> = Vec::new();
        for home in &roots.kimi_code {
            let logs = kimi_code::paths::logs(home, roots.secondary_model.as_deref());
            found.extend(logs.into_iter().map(|log| Self(Kind::KimiCode(log))));
        }
        for root in &roots.kimi_cli {
            found.extend(kimi_cli::paths::logs(root).into_iter().map(|log| Self(Kind::KimiCli(log))));
        }
        for root in &roots.claude_code {
            found.extend(claude_code::paths::logs(root).into_iter().map(|log| Self(Kind::ClaudeCode(log))));
        }
        found.sort_by(|a, b| a.path().cmp(b.path()));
        found
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        match &self.0 {
            Kind::KimiCode(log) => &log.path,
            Kind::KimiCli(log) => &log.path,
            Kind::ClaudeCode(log) => &log.path,
        }
    }

    /// What its requests are from, unless its lines say otherwise.
    #[must_use]
    pub fn origin(&self) -> Origin {
        let (format, session, project) = match &self.0 {
            Kind::KimiCode(log) => (Format::KimiCode, &log.session, &log.project),
            Kind::KimiCli(log) => (Format::KimiCli, &log.session, &log.project),
            Kind::ClaudeCode(log) => (Format::ClaudeCode, &log.session, &log.project),
        };
        Origin { format, session: session.clone(), project: project.clone() }
    }

    fn config(&self) -> &Config {
        match &self.0 {
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

    pub(crate) fn load<C: Collect>(
        &self,
        number: u32,
        opened: &Opened,
        from: &Resume,
        buffer: &mut Buffer,
        collect: &mut C,
    ) -> io::Result<Reached> {
        match &self.0 {
            Kind::KimiCode(log) => kimi_code::load::load(log, number, opened, from, buffer, collect),
            Kind::KimiCli(log) => kimi_cli::load::load(log, number, opened, from, buffer, collect),
            Kind::ClaudeCode(log) => claude_code::load::load(log, number, opened, from, buffer, collect),
        }
    }
}
