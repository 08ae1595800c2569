//! `tidemark serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use tidemark_api::server::BasePath;

/// `tidemark serve`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Serve {
    /// What to do instead of serving.
    #[command(subcommand)]
    pub action: Option<ServeAction>,
    /// The address and port to listen on.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:4680")]
    pub listen: SocketAddr,
    /// The file of the token.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Let other machines ask.
    #[arg(long)]
    pub allow_remote: bool,
    /// A further name under which browsers ask.
    #[arg(long, value_name = "NAME")]
    pub allow_host: Vec<String>,
    /// The path below which a reverse proxy shows the page.
    #[arg(long, value_name = "PATH", default_value = "/")]
    pub base_path: BasePath,
    /// Refuse every change.
    #[arg(long)]
    pub read_only: bool,
    /// The folder of the window's code, instead of what is built in.
    #[arg(long, value_name = "DIR")]
    pub ui: Option<PathBuf>,
    /// End when standard input ends.
    #[arg(long, hide = true)]
    pub while_stdin: bool,
    /// Serve sample data.
    #[arg(long)]
    pub demo: bool,
}

/// What to do instead of serving.
#[derive(Debug, Subcommand)]
pub enum ServeAction {
    /// Show, change or remove the token.
    Token(ServeToken),
}

/// `tidemark serve token`
#[derive(Debug, Args)]
pub struct ServeToken {
    /// What to do.
    #[command(subcommand)]
    pub action: TokenAction,
}

/// What to do with the token.
#[derive(Debug, Subcommand)]
pub enum TokenAction {
    /// Print it.
    Show(TokenPlace),
    /// Put a new one in its place.
    Rotate(TokenPlace),
    /// Remove it.
    Revoke(TokenPlace),
}

/// Where the token is.
#[derive(Debug, Args)]
pub struct TokenPlace {
    /// The file of the token.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
}
