//! Things that are no files where a program's own files are expected: pipes, devices, sockets.

use std::fs;

use crate::roots::Roots;

/// How many of the programs' own files, which say what a log does not, are no files, and how many of the folders of
/// logs are no folders. They are passed over.
#[must_use]
pub fn special_files(roots: &Roots) -> u64 {
    let (mut files, mut folders) = (0, 0);
    for (format, root) in roots.each() {
        let layout = format.layout();
        let names = layout.configuration.iter().chain(layout.lists);
        let there = |name: &&str| fs::metadata(root.join(name)).ok();
        files += names.filter_map(there).filter(|there| !there.is_file() && !there.is_dir()).count();
        folders += layout.log_folders.iter().filter_map(there).filter(|there| !there.is_dir()).count();
    }
    roots.special + (files + folders) as u64
}
