//! The tray icon: what it shows is worked out in [`model`] and drawn in [`icon`]; the platform's part puts
//! it on the panel and hands back what the user does.

mod action;
pub mod icon;
mod input;
pub mod model;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(target_os = "macos", windows))]
mod native;

#[cfg(target_os = "linux")]
pub use linux::run;
#[cfg(any(target_os = "macos", windows))]
pub use native::run;

pub use action::Action;
pub use input::TrayInput;
