//! The workflows of `.github`: every action pinned by its commit, and nothing that zizmor knows as a hole.

use anyhow::{Result, bail};

use crate::python_tools;
use crate::step::{command, root, run};

const FOLDER: &str = ".github/workflows";

/// Checks them. No network is needed beyond installing zizmor.
pub(crate) fn check() -> Result<()> {
    for entry in std::fs::read_dir(root().join(FOLDER))? {
        let path = entry?.path();
        if let Some(line) = unpinned(&std::fs::read_to_string(&path)?) {
            bail!("{}: `{line}` is pinned by no commit", path.display());
        }
    }
    let zizmor = python_tools::program("zizmor", "xtask/zizmor.txt")?;
    run(command(zizmor).args(["--offline", "--no-progress", "--persona=pedantic", FOLDER]))
}

/// The first use of an action that is named by anything but a full commit: a tag can be moved.
fn unpinned(workflow: &str) -> Option<&str> {
    workflow.lines().map(str::trim).find(|line| {
        let Some(action) = line.trim_start_matches("- ").strip_prefix("uses:") else { return false };
        let action = action.split('#').next().unwrap_or_default().trim();
        let commit = action.split_once('@').map(|(_, commit)| commit).unwrap_or_default();
        let is_commit = commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit());
        let is_own = action.starts_with("./");
        !is_commit && !is_own
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_needs_a_full_commit() {
        let commit = "de0fac2e4500dabe0009e67214ff5f5447ce83dd";
        assert_eq!(unpinned(&format!("      - uses: actions/checkout@{commit} # v6.0.2\n")), None);
        assert_eq!(unpinned("      - uses: ./.github/actions/own\n"), None);
        assert_eq!(unpinned("    uses: a/b@v6\n"), Some("uses: a/b@v6"));
        assert_eq!(unpinned("- uses: a/b@de0fac2\n"), Some("- uses: a/b@de0fac2"));
        assert_eq!(unpinned("- uses: a/b\n"), Some("- uses: a/b"));
    }
}
