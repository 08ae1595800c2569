//! The tray icon: what it shows is worked out in [`model`] and drawn in [`icon`]; the platform's part puts
//! it on the panel and hands back what the user does.

mod action;
pub mod icon;
mod input;
pub mod model;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(any(target_os = "macos", windows))]
mod menu;
#[cfg(windows)]
mod native;

#[cfg(target_os = "linux")]
pub use linux::run;
#[cfg(target_os = "macos")]
pub use macos::{beside_event_loop, run};
#[cfg(windows)]
pub use native::run;

pub use action::Action;
pub use input::TrayInput;

/// Runs the agent. Only macOS wants an event loop on the process's first thread for its tray.
#[cfg(not(target_os = "macos"))]
pub fn beside_event_loop<T: Send>(_wanted: bool, agent: impl FnOnce() -> T + Send) -> T {
    agent()
}
