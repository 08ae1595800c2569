//! Commands about the program itself: `agent`, `update`, `completions`, `man-pages`.

use std::path::PathBuf;

use clap::Args;

/// `tidemark agent`
#[derive(Debug, Args)]
pub struct Agent {
    /// Show no tray icon.
    #[arg(long)]
    pub no_tray: bool,
    /// Run on sample data: needs no account and no network, and leaves the user's data untouched.
    #[arg(long)]
    pub demo: bool,
    /// End when standard input ends: whoever started this holds the other end of it.
    #[arg(long, hide = true)]
    pub while_stdin: bool,
    /// Ask the agent that runs to end, and wait until it has: for installers.
    #[arg(long, hide = true)]
    pub end: bool,
    /// As `end`, and its window to close.
    #[arg(long, hide = true)]
    pub quit: bool,
    /// Also serve the interface on a loopback address, protected by a token.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<std::net::SocketAddr>,
    /// Folder of web files to serve with --listen.
    #[arg(long, value_name = "DIR", requires = "listen")]
    pub ui: Option<PathBuf>,
}

/// `tidemark update`
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct Update {
    /// Ask for the newest version now.
    #[arg(long)]
    pub check: bool,
    /// Download the newest version and put it in the place of this one.
    #[arg(long)]
    pub install: bool,
    /// Check once a day from now on.
    #[arg(long)]
    pub on: bool,
    /// Check no more.
    #[arg(long)]
    pub off: bool,
    /// Install what an agent has downloaded.
    #[arg(long, hide = true)]
    pub apply: bool,
}

/// `tidemark completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// `tidemark man-pages`
#[derive(Debug, Args)]
pub struct ManPages {
    /// Folder to write them into.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}
