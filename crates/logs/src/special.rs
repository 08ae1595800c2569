//! Things that are no files where a program's own files are expected: pipes, devices, sockets.

use std::fs;

use crate::roots::Roots;
use crate::usage_deduper::Format;

/// How many of the programs' own files, which say what a log does not, are no files. They are passed over.
#[must_use]
pub fn special_files(roots: &Roots) -> u64 {
    let names = |format| match format {
        Format::KimiCode => &["config.toml", "config.json", "session_index.jsonl", "workspaces.json"][..],
        Format::KimiCli => &["config.toml", "config.json", "kimi.json"],
        Format::ClaudeCode => &["settings.json"],
    };
    let places =
        roots.each().flat_map(|(format, root)| names(format).iter().map(move |name| root.join(name)));
    let special =
        places.filter(|place| fs::metadata(place).is_ok_and(|there| !there.is_file() && !there.is_dir()));
    special.count() as u64
}
