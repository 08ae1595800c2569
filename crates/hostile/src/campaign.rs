//! What a campaign is asked to try.

use std::path::PathBuf;

use clap::Args;

/// What is tried, and for how long.
#[derive(Debug, Clone, Args)]
pub(crate) struct Campaign {
    /// Only this target.
    pub(crate) target: Option<String>,
    /// Stop after this many inputs.
    #[arg(long, default_value_t = 10_000)]
    pub(crate) inputs: u64,
    /// Stop after this many minutes instead.
    #[arg(long)]
    pub(crate) minutes: Option<f64>,
    /// What the inputs are made from.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Try only the input of this number.
    #[arg(long)]
    pub(crate) index: Option<u64>,
    /// Try only the input in this file, on the target.
    #[arg(long, requires = "target")]
    pub(crate) file: Option<PathBuf>,
    /// The folder for inputs that break a law.
    #[arg(long, default_value = "target/fuzz")]
    pub(crate) out: PathBuf,
    /// How many workers try inputs at the same time; as many as there are processors, if not given.
    #[arg(long)]
    pub(crate) workers: Option<usize>,
}
