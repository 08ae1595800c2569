//! A log of any format, and all there are below the roots.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use crate::collect::{Collect, Opened, Reached, Resume};
use crate::config::{Config, Provider};
use crate::file_cursor::FileStat;
use crate::fingerprint::Fingerprint;
use crate::format::Format;
use crate::lines::Buffer;
use crate::log_file::LogFile;
use crate::roots::Roots;
use crate::usage_deduper::Origin;
use crate::walk::Reach;
use crate::{claude_code, cline, codex, crush, goose, kimi_cli, kimi_code, opencode, pi, qwen_code, zed};

/// What the readers make of a log: raised whenever they find something else in the same log.
const READERS: &str = concat!(env!("CARGO_PKG_VERSION"), "-2");

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
    fn of(format: Format, path: &Path, roots: &Roots) -> Arc<Self> {
        let files = format.configuration(path, &roots.configuration);
        let written = files.iter().filter_map(|file| fs::metadata(file).ok()?.modified().ok());
        let written = written.filter_map(|at| at.duration_since(UNIX_EPOCH).ok()).max().unwrap_or_default();
        let configured = i64::try_from(written.as_millis()).unwrap_or_default();
        Arc::new(Self { format, path: path.to_owned(), configured })
    }
}

/// A log by its format.
#[derive(Debug, Clone)]
enum Kind {
    KimiCode(LogFile),
    KimiCli(kimi_cli::paths::Log),
    ClaudeCode(LogFile),
    OpenCode(opencode::paths::Log),
    Codex(LogFile),
    Cline(cline::paths::Log),
    Pi(LogFile),
    QwenCode(LogFile),
    Crush(LogFile),
    Goose(LogFile),
    Zed(LogFile),
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
        for (format, root) in roots.each() {
            let home = Home::of(format, root, roots);
            let logs = Kind::logs(format, root, &reach, roots);
            found.extend(logs.into_iter().map(|kind| Self { kind, home: home.clone() }));
        }
        found.sort_by(|a, b| a.path().cmp(b.path()));
        (found, reach.left() + roots.dangling)
    }

    /// The folder of its program.
    #[must_use]
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// A print of all that says what the log's records mean, but for the log itself: while it is the same, and the log
    /// too, so is what a scan finds in it.
    #[must_use]
    pub fn context(&self) -> u64 {
        let file = self.file();
        let text = |print: Fingerprint, text: &str| print.text(text.as_bytes());
        let mut print = text(Fingerprint::of(30), READERS).number(file.config.print());
        print = text(text(print, self.home.format.as_str()), &file.session);
        print = text(print, file.project.as_deref().unwrap_or("\0"));
        match &self.kind {
            Kind::KimiCli(log) => log.print(print),
            Kind::Cline(log) => text(print, log.folder().as_deref().unwrap_or("\0")),
            _ => print,
        }
        .finish()
    }

    const fn file(&self) -> &LogFile {
        match &self.kind {
            Kind::KimiCode(file)
            | Kind::ClaudeCode(file)
            | Kind::Codex(file)
            | Kind::Pi(file)
            | Kind::QwenCode(file)
            | Kind::Crush(file)
            | Kind::Goose(file)
            | Kind::Zed(file) => file,
            Kind::KimiCli(log) => &log.file,
            Kind::Cline(log) => &log.file,
            Kind::OpenCode(log) => &log.file,
        }
    }

    /// The log's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.file().path
    }

    /// Whether it is a database, which is read by its rows, and not from a place in the file on.
    pub(crate) const fn is_database(&self) -> bool {
        match &self.kind {
            Kind::KimiCode(_)
            | Kind::KimiCli(_)
            | Kind::ClaudeCode(_)
            | Kind::Codex(_)
            | Kind::Cline(_)
            | Kind::Pi(_)
            | Kind::QwenCode(_) => false,
            Kind::OpenCode(log) => log.is_database,
            Kind::Crush(_) | Kind::Goose(_) | Kind::Zed(_) => true,
        }
    }

    /// What its directory entry says, without opening it, and those of the files beside it that it cannot be read without.
    ///
    /// # Errors
    /// As [`FileStat::at`].
    pub fn stat(&self) -> io::Result<FileStat> {
        if self.is_database() {
            return FileStat::of_database(self.path());
        }
        let mut seen = FileStat::at(self.path())?;
        if let Kind::Cline(log) = &self.kind {
            for beside in log.beside().filter_map(|path| FileStat::at(&path).ok()) {
                seen.size = seen.size.saturating_add(beside.size);
                seen.modified = seen.modified.max(beside.modified);
            }
        }
        Ok(seen)
    }

    /// What its requests are from, unless its lines say otherwise.
    #[must_use]
    pub fn origin(&self) -> Origin {
        let file = self.file();
        Origin::of(self.home.format, &file.session, file.project.as_deref())
    }

    fn config(&self) -> &Config {
        &self.file().config
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
            Kind::OpenCode(log) => opencode::load::load(log, self.home.format, number, opened, from, collect),
            Kind::Codex(log) => codex::load::load(log, number, opened, from, buffer, collect),
            Kind::Cline(log) => cline::load::load(log, number, opened, from, collect),
            Kind::Pi(log) => pi::load::load(self.home.format, log, number, opened, from, buffer, collect),
            Kind::QwenCode(log) => qwen_code::load::load(log, number, opened, from, buffer, collect),
            Kind::Crush(log) => crush::load::load(log, number, opened, from, collect),
            Kind::Goose(log) => goose::load::load(log, number, opened, from, collect),
            Kind::Zed(log) => zed::load::load(log, number, opened, from, collect),
        }
    }
}

impl Kind {
    /// The logs of a format in a folder of its program.
    fn logs(format: Format, root: &Path, reach: &Reach, roots: &Roots) -> Vec<Self> {
        let all = |files: Vec<LogFile>, kind: fn(LogFile) -> Self| files.into_iter().map(kind).collect();
        match format {
            Format::KimiCode => {
                all(kimi_code::paths::logs(root, reach, roots.secondary_model.as_deref()), Self::KimiCode)
            }
            Format::KimiCli => kimi_cli::paths::logs(root, reach).into_iter().map(Self::KimiCli).collect(),
            Format::ClaudeCode => all(claude_code::paths::logs(root, reach), Self::ClaudeCode),
            Format::OpenCode => {
                let logs = opencode::paths::logs("opencode", root, reach, &roots.configuration);
                logs.into_iter().map(Self::OpenCode).collect()
            }
            Format::Kilo => {
                let databases = opencode::paths::logs("kilo", root, reach, &roots.configuration);
                let tasks = cline::paths::logs(format, root, reach);
                let databases = databases.into_iter().map(Self::OpenCode);
                databases.chain(tasks.into_iter().map(Self::Cline)).collect()
            }
            Format::Codex => all(codex::paths::logs(root, reach), Self::Codex),
            Format::Cline | Format::Roo => {
                cline::paths::logs(format, root, reach).into_iter().map(Self::Cline).collect()
            }
            Format::Pi | Format::Omp => all(pi::paths::logs(root, reach), Self::Pi),
            Format::QwenCode => all(qwen_code::paths::logs(root, reach), Self::QwenCode),
            Format::Crush => all(crush::paths::logs(root, reach, &roots.configuration), Self::Crush),
            Format::Goose => all(goose::paths::logs(root, reach, &roots.configuration), Self::Goose),
            Format::Zed => all(zed::paths::logs(root, reach, &roots.configuration), Self::Zed),
        }
    }
}
