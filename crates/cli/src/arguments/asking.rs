//! Commands that ask the service: `read`, `poll`, `explain`.

use clap::Args;
use tidemark_core::account::Source;

use super::shared::{Passphrase, Place};
use super::value::{header, word};

/// `tidemark read`
#[derive(Debug, Args)]
pub struct Read {
    /// The service to poll.
    #[command(flatten)]
    pub place: Place,
    /// Where the key comes from.
    #[command(flatten)]
    pub key: ReadKey,
    /// A name to put into the output.
    #[arg(long, value_name = "ACCOUNT")]
    pub name: Option<String>,
}

/// Where the key for one reading comes from.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct ReadKey {
    /// The environment variable that holds the key.
    #[arg(long, value_name = "NAME")]
    pub key_env: Option<String>,
    /// Ask the server that Kimi Code runs on this machine.
    #[arg(long, conflicts_with = "base_url")]
    pub local_server: bool,
}

/// `tidemark poll`
#[derive(Debug, Args)]
pub struct Poll {
    /// The passphrase of the encrypted file.
    #[command(flatten)]
    pub passphrase: Passphrase,
}

/// `tidemark explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// HTTP status of the response.
    #[arg(long, value_name = "CODE", value_parser = clap::value_parser!(u16).range(100..=999))]
    pub status: u16,
    /// Header of the response; can be repeated.
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    pub header: Vec<(String, String)>,
    /// Product that responded.
    #[arg(long, value_name = "SOURCE", value_parser = word::<Source>(&["kimi-code", "platform"]))]
    pub source: Option<Source>,
}
