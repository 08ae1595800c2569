//! What CHANGELOG.md says: which releases there were, and what changed in each.

use anyhow::{Context as _, Result};

use crate::step::root;

/// A release that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Made {
    /// `0.2.0`.
    pub version: String,
    /// `2026-11-23`.
    pub date: String,
}

/// The text of the file.
pub(crate) fn read() -> Result<String> {
    std::fs::read_to_string(root().join("CHANGELOG.md")).context("CHANGELOG.md")
}

/// The releases, the newest first. What is not released yet is none.
pub(crate) fn releases(text: &str) -> Vec<Made> {
    text.lines()
        .filter_map(|line| {
            let (version, date) = line.strip_prefix("## [")?.split_once("] - ")?;
            Some(Made { version: version.to_owned(), date: date.trim().to_owned() })
        })
        .collect()
}

/// What changed in a version, or with `Unreleased` since the last one; `None` where it has no section.
pub(crate) fn section(text: &str, version: &str) -> Option<String> {
    let mut lines = text.lines().skip_while(|line| !line.starts_with(&format!("## [{version}]")));
    lines.next()?;
    let section: Vec<&str> = lines.take_while(|line| !line.starts_with("## ")).collect();
    Some(section.join("\n").trim().to_owned() + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Changelog\n\n## [Unreleased]\n\n### Added\n- New.\n\n## [0.10.0] - 2026-11-23\n\n- Old.\n\n## [0.1.0] - 2026-01-02\nFirst.\n";

    #[test]
    fn a_section_ends_where_the_next_begins() {
        assert_eq!(section(TEXT, "Unreleased").unwrap(), "### Added\n- New.\n");
        assert_eq!(section(TEXT, "0.10.0").unwrap(), "- Old.\n");
        assert_eq!(section(TEXT, "0.1.0").unwrap(), "First.\n");
        assert_eq!(section(TEXT, "0.1"), None);
    }

    #[test]
    fn releases_have_a_date() {
        let found = releases(TEXT);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], Made { version: "0.10.0".into(), date: "2026-11-23".into() });
        assert!(!releases(&read().unwrap()).is_empty(), "CHANGELOG.md names no release");
    }
}
