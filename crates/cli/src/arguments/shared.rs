//! Options that several commands have.

use clap::{Args, ValueEnum};
use tidemark_core::account::{Region, Source};

use super::value::word;

/// Which service and where.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// Product that the key belongs to.
    #[arg(long, value_name = "SOURCE", value_parser = word::<Source>(&["kimi-code", "platform"]))]
    pub source: Source,
    /// Region of the service.
    #[arg(long, value_name = "REGION", value_parser = word::<Region>(&["china", "global"]))]
    pub region: Region,
    /// Base URL to use instead of the official one: https, or http on this machine.
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
}

/// Where a key is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Keep {
    /// In the system keyring.
    Keyring,
    /// In a file protected by a passphrase.
    EncryptedFile,
}

/// Where the passphrase of the encrypted key file comes from: a variable, else the terminal.
#[derive(Debug, Clone, Args)]
pub struct Passphrase {
    /// The environment variable that holds the passphrase of the encrypted key file.
    #[arg(long, value_name = "NAME")]
    pub passphrase_env: Option<String>,
}

/// A time_range of time: days in the zone, or instants.
#[derive(Debug, Clone, Args)]
pub struct TimeRange {
    /// From this day or time.
    #[arg(long, value_name = "WHEN")]
    pub from: Option<String>,
    /// Up to and including this day, or up to this time.
    #[arg(long, value_name = "WHEN")]
    pub to: Option<String>,
}
