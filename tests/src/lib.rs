//! What the journeys through the whole stand on: a private desktop session with a real X server, bus,
//! keyring, notification daemon and tray; the real window driven through WebKitWebDriver; the agent as a
//! real process.
//!
//! ```no_run
//! use tidemark_journeys::{Desktop, Launch, Options};
//! let desktop = Desktop::start(&Options::default());
//! let window = desktop.open_window(&Launch::with_args(&["--demo"]));
//! window.click("a[href='#/history']");
//! assert!(window.axe().is_empty());
//! ```
//!
//! Nothing here is mocked, and nothing of the caller's own desktop leaks in: every session has its own home
//! folder and ends every process that ran in it, also when the test fails. The Debian packages it needs are
//! those of the group `test` in `cargo xtask`.

#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a harness that cannot do what a test told it to do ends that test, and says why"
)]

mod agent;
mod binaries;
mod desktop;
mod executable;
mod keyring;
mod lateness;
mod machine;
mod notifications;
mod other_version;
mod program;
mod service;
mod tray;
mod wait;
mod window;
mod wine;

pub use agent::{Agent, Answer};
pub use binaries::{bin_dir, built, project};
pub use desktop::{Desktop, Keyring, Options};
pub use executable::Executable;
pub use keyring::{Entry, SilentPrompter};
pub use lateness::Lateness;
pub use machine::{Ended, Ends, Machine};
pub use notifications::Notification;
pub use other_version::{OWN_VERSION, copy_of_newer_version, newer_version};
pub use program::Program;
pub use service::Service;
pub use tray::{MenuEntry, TrayItem, TrayProps};
pub use wait::{COMES_UP, FOLLOWS, SAMPLE_DATA, wait_for};
pub use window::{Launch, Window};
pub use wine::{Finished, Wine, in_windows};
