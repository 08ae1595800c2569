//! What can be asked for.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Everything around the program: run it, check it, measure it, pack it.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub(crate) enum Task {
    /// Install what is missing, build, and open the dashboard.
    Run(Start),
    /// Run every check.
    Test(Test),
    /// Measure, and write docs/performance.md.
    Bench(Bench),
    /// Make a .deb and an .rpm in target/packages; on a Mac, a disk image; on Windows, an installer and a zip.
    Package(Package),
    /// Make what is published beside the packages, or try that.
    Release(Release),
    /// Photograph every page, from sample data.
    Shots(Shots),
    /// Try hostile inputs on every part that reads something from outside.
    Fuzz(Fuzz),
    /// Build, test and pack for Windows, on Debian or Ubuntu.
    Windows(Windows),
}

/// `cargo xtask run`
#[derive(Debug, Args)]
pub(crate) struct Start {
    /// Show sample data: no account is needed, and nothing of yours is touched.
    #[arg(long)]
    pub(crate) demo: bool,
    /// Install missing system packages without asking.
    #[arg(long)]
    pub(crate) yes: bool,
    /// Build with optimisation; that takes minutes.
    #[arg(long)]
    pub(crate) release: bool,
    /// Handed on to the dashboard.
    #[arg(last = true)]
    pub(crate) arguments: Vec<OsString>,
}

/// `cargo xtask test`
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Leave out what needs a desktop or a browser.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Also build and test for Windows, with Wine, and check for macOS. That needs Debian or Ubuntu.
    #[arg(long, conflicts_with = "quick")]
    pub(crate) platforms: bool,
    /// Run this many times, whatever fails, and say how often each step and test failed.
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) repeat: u32,
    /// Install missing system packages without asking.
    #[arg(long)]
    pub(crate) yes: bool,
    /// Only the steps with this in their names, after what they need.
    pub(crate) step: Option<String>,
}

/// `cargo xtask bench`
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// Only measure the parts that have this in their name: sizes, window, status, agent, history, logs,
    /// replay, machines, hub, wine; or audit.
    pub(crate) only: Option<String>,
    /// Of the audit: thousands of months, by the seeds that are kept for it, into docs/detection.md.
    #[arg(long)]
    pub(crate) full: bool,
    /// Of the audit: accounts that several machines use, by what becomes known of their usage.
    #[arg(long)]
    pub(crate) machines: bool,
    /// Install missing system packages without asking.
    #[arg(long)]
    pub(crate) yes: bool,
}

/// `cargo xtask package`
#[derive(Debug, Args)]
pub(crate) struct Package {
    /// Then install the .deb on this machine, start it, and take it off again.
    #[arg(long = "try")]
    pub(crate) trial: bool,
    /// Also make an AppImage. Tauri's bundler fetches what it is made with from GitHub.
    #[arg(long)]
    pub(crate) appimage: bool,
    /// Only lay the files of an installation out in target/packages/tree, for other packagers.
    #[arg(long, conflicts_with_all = ["trial", "appimage"])]
    pub(crate) tree: bool,
    /// Install missing system packages without asking.
    #[arg(long)]
    pub(crate) yes: bool,
}

/// `cargo xtask release`
#[derive(Debug, Args)]
pub(crate) struct Release {
    /// Do all that can be done on this machine, with a key that is thrown away, and publish nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Pack the programs that `cargo xtask test` has built, instead of building optimised ones.
    #[arg(long, requires = "dry_run")]
    pub(crate) tested: bool,
    /// Finish the release whose packages are in this folder, as the release workflow does.
    #[arg(long, value_name = "DIR", conflicts_with = "dry_run")]
    pub(crate) assets: Option<PathBuf>,
    /// Install missing system packages without asking.
    #[arg(long)]
    pub(crate) yes: bool,
}

/// `cargo xtask shots`
#[derive(Debug, Args)]
pub(crate) struct Shots {
    /// The folder for the pictures, in the project.
    #[arg(long, default_value = "shots")]
    pub(crate) out: PathBuf,
    /// Only pictures with this in their name.
    pub(crate) only: Option<String>,
    /// Install missing system packages without asking.
    #[arg(long)]
    pub(crate) yes: bool,
}

/// `cargo xtask fuzz`
#[derive(Debug, Args)]
pub(crate) struct Fuzz {
    /// Only this target: bodies, errors, log-files, log-homes, log-databases, imports, replays, settings, databases or requests.
    pub(crate) target: Option<String>,
    /// For so many minutes; 5 if neither this nor a number of inputs is given.
    #[arg(long, conflicts_with = "inputs")]
    pub(crate) minutes: Option<f64>,
    /// So many inputs.
    #[arg(long)]
    pub(crate) inputs: Option<u64>,
    /// What the inputs are made from; drawn, and said, if not given.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Only the input of this number.
    #[arg(long, requires = "seed")]
    pub(crate) index: Option<u64>,
    /// Only the input in this file.
    #[arg(long, requires = "target")]
    pub(crate) file: Option<PathBuf>,
}

/// `cargo xtask windows`
#[derive(Debug, Args)]
pub(crate) struct Windows {
    #[command(subcommand)]
    pub(crate) task: WindowsTask,
    /// Install missing system packages without asking.
    #[arg(long, global = true)]
    pub(crate) yes: bool,
    /// Use Debian's compiler and build the standard library, even where rustup has the target.
    #[arg(long, global = true)]
    pub(crate) debian: bool,
}

/// What is done for Windows.
#[derive(Debug, Subcommand)]
pub(crate) enum WindowsTask {
    /// Build both programs.
    Build {
        /// Build with optimisation; that takes minutes.
        #[arg(long)]
        release: bool,
    },
    /// Run every crate's tests, and the journeys, with Wine.
    Test {
        /// Only the tests that this nextest filter expression selects, such as `package(tidemark-store)`.
        filter: Option<String>,
        /// Only the journeys.
        #[arg(long, conflicts_with = "filter")]
        journeys: bool,
    },
    /// Make an installer, a portable zip, and their manifests for winget and Scoop, in target/windows/packages.
    Package {
        /// The address below which the files will be offered; the release's, if not given.
        #[arg(long)]
        url: Option<String>,
    },
}
