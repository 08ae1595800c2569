//! Where the built programs are: beside the test executable.

use std::path::PathBuf;

/// The folder that holds the built programs (`target/<profile>`), or what `TIDEMARK_BIN_DIR` names, so that
/// journeys can run against other builds.
///
/// # Panics
/// Where the test executable's own path cannot be had.
pub fn bin_dir() -> PathBuf {
    if let Some(dir) = std::env::var_os("TIDEMARK_BIN_DIR") {
        return dir.into();
    }
    let mut dir = std::env::current_exe().expect("the test executable's path");
    dir.pop();
    if dir.ends_with("deps") {
        dir.pop();
    }
    dir
}

/// The path of one of the built programs: `tidemark`, `tidemark-desktop`, `tidemark-simulator`.
///
/// # Panics
/// Where it has not been built, with the command that builds it.
pub fn built(name: &str) -> PathBuf {
    let path = bin_dir().join(name);
    assert!(
        path.is_file(),
        "{} is missing; build it first: cargo build --workspace --all-targets",
        path.display()
    );
    path
}

/// The root of the project.
pub fn project() -> PathBuf {
    let mut dir = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    dir.pop();
    dir
}
