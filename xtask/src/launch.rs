//! `cargo xtask run`: the dashboard, with everything before it.

use anyhow::{Result, bail};

use crate::arguments::Start;
use crate::front_end;
use crate::packages::{self, Group};
use crate::step::{Steps, cargo, run, target};

/// Installs what is missing, builds, and opens the dashboard.
pub(crate) fn start(options: &Start) -> Result<()> {
    let mut steps = Steps::default();
    steps.step("system packages", || packages::ensure(&[Group::Build, Group::Run], options.yes))?;
    steps.step("npm packages", front_end::install)?;
    steps.step("the window's code", front_end::build)?;
    let profile = if options.release { "release" } else { "debug" };
    steps.step("the programs", || {
        let mut build = cargo();
        build.args(["build", "--locked", "--workspace", "--bins"]);
        if cfg!(windows) {
            build.args(["--exclude", "xtask"]); // this program runs, and its file cannot be written over
        }
        if options.release {
            build.arg("--release");
        }
        run(&mut build)
    })?;
    let has_screen = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    if cfg!(target_os = "linux") && !has_screen {
        bail!(
            "everything is built, but there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set); \
             the command line works without one: {}",
            target().join(profile).join("tidemark").display()
        );
    }
    let mut window = crate::step::command(target().join(profile).join("tidemark-desktop"));
    if options.demo {
        window.arg("--demo");
    }
    run(window.args(&options.arguments))
}
