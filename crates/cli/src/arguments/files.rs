//! Commands that write and read files: `export`, `import`, `replay`, `report`, `backup`, `restore`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use tidemark_api::export::Format;

use super::shared::TimeRange;
use super::value::{language, word};

/// `tidemark export`
#[derive(Debug, Args)]
pub struct Export {
    /// How to write it.
    #[arg(long, value_name = "FORMAT", value_parser = word::<Format>(&["csv", "json", "jsonl"]))]
    pub format: Format,
    /// Only this account.
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// The span to export.
    #[command(flatten)]
    pub time_range: TimeRange,
}

/// `tidemark import`
#[derive(Debug, Args)]
pub struct Import {
    /// The exports; `-` is standard input.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}

/// `tidemark replay`
#[derive(Debug, Args)]
pub struct Replay {
    /// JSON Lines files; standard input if none is given.
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// `tidemark report`
#[derive(Debug, Args)]
pub struct Report {
    /// Only this account.
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// The span of the report.
    #[command(flatten)]
    pub time_range: TimeRange,
    /// Form of the report: a page by default, JSON if standard output is JSON.
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<ReportFormat>,
    /// The language of the page.
    #[arg(long, value_name = "LANGUAGE", value_parser = language)]
    pub language: Option<String>,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Verify a report instead.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["account", "from", "to", "output", "language"])]
    pub check: Option<PathBuf>,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// A page that prints well.
    Html,
    /// JSON.
    Json,
}

/// `tidemark backup`
#[derive(Debug, Args)]
pub struct Backup {
    /// The file to write.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Replace the file if it exists.
    #[arg(long)]
    pub force: bool,
}

/// `tidemark restore`
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}
