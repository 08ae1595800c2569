//! Which of the logs that are there is which of the files that are known: by its name, by the number of its file,
//! or by how it begins. A log that is known again is read on, not from its beginning.

use std::collections::{HashMap, HashSet};

use tidemark_logs::{FileCursor, FileStat, Log};
use tidemark_store::UsageFile;

/// Logs that are gone are compared with new ones up to this many, in case they were moved to another disk.
const MAX_VANISHED: usize = 64;

/// A log that is there: where, and what its entry says.
pub(super) type Present = (Log, String, FileStat);

/// Which logs are files that were read before, perhaps under another name.
pub(super) struct FileMatches {
    /// For each log its file, by its place.
    pub(super) places: Vec<Option<usize>>,
    /// Files that have another name now.
    pub(super) moved: Vec<(i64, String)>,
    /// Files that are not there any more.
    pub(super) gone: Vec<i64>,
}

/// Knows the logs that are there again, by the cursors of the files.
pub(super) fn match_files(files: &[UsageFile], cursors: &[FileCursor], there: &[Present]) -> FileMatches {
    let mut comparing = Comparing::of(files, cursors, there);
    comparing.unmoved();
    comparing.renamed();
    comparing.copied();
    comparing.replaced();
    comparing.done()
}

/// Files that are known and logs that are there, being compared.
struct Comparing<'k> {
    files: &'k [UsageFile],
    cursors: &'k [FileCursor],
    there: &'k [Present],
    by_name: HashMap<&'k str, usize>,
    by_identity: HashMap<&'k str, usize>,
    /// The logs, by their names.
    log_by_name: HashMap<&'k str, usize>,
    places: Vec<Option<usize>>,
    taken: HashSet<usize>,
    moved: Vec<(i64, String)>,
}

impl<'k> Comparing<'k> {
    fn of(files: &'k [UsageFile], cursors: &'k [FileCursor], there: &'k [Present]) -> Self {
        let (mut by_name, mut by_identity) = (HashMap::new(), HashMap::new());
        // The name, and the number, of a file that is gone can be another one's by now: that one is meant.
        let (gone, live): (Vec<usize>, Vec<usize>) = (0..files.len()).partition(|at| files[*at].gone);
        for at in gone.into_iter().chain(live) {
            by_name.insert(files[at].path.as_str(), at);
            if cursors[at].resume.offset > 0 {
                by_identity.insert(cursors[at].identity.as_str(), at);
            }
        }
        // Of two of one name, which no walk gives, the first is meant.
        let log_by_name =
            there.iter().enumerate().rev().map(|(log, (_, name, _))| (name.as_str(), log)).collect();
        let (places, taken, moved) = (vec![None; there.len()], HashSet::new(), Vec::new());
        Self { files, cursors, there, by_name, by_identity, log_by_name, places, taken, moved }
    }

    /// Those that are still what they were: nothing can have been moved from them.
    fn unmoved(&mut self) {
        self.each(|known, log| {
            let at = known.of_its_name(log)?;
            (known.cursors[at].identity == known.there[log].2.identity).then_some(at)
        });
    }

    /// The same file under another name.
    fn renamed(&mut self) {
        self.moves(|known, log| {
            let at = *known.by_identity.get(known.there[log].2.identity.as_str())?;
            // Rewritten under its name, it is still there, whatever the file it was in is now.
            let stays = known.at_its_name(at).is_some_and(|log| known.begins(at, log));
            (!stays && known.begins(at, log)).then_some(at)
        });
    }

    /// Another file under another name, that begins as one does that is not there any more. Of several, the one
    /// of which most was read.
    fn copied(&mut self) {
        let offset = |at: usize| self.cursors[at].resume.offset;
        let mut vanished: Vec<usize> = (0..self.files.len())
            .filter(|at| !self.files[*at].gone && offset(*at) > 0 && !self.taken.contains(at))
            .filter(|at| self.at_its_name(*at).is_none())
            .collect();
        vanished.sort_by_key(|at| std::cmp::Reverse(offset(*at)));
        vanished.truncate(MAX_VANISHED);
        self.moves(|known, log| {
            if known.of_its_name(log).is_some() {
                return None;
            }
            let fits = |at: &usize| {
                !known.taken.contains(at)
                    && known.cursors[*at].resume.offset <= known.there[log].2.size
                    && known.begins(*at, log)
            };
            vanished.iter().copied().find(fits)
        });
    }

    /// Another file under the same name.
    fn replaced(&mut self) {
        self.each(Self::of_its_name);
    }

    /// Gives each log that has none yet the file that is found for it, unless that is another's already.
    /// Gives which logs have one now.
    fn each(&mut self, find: impl Fn(&Self, usize) -> Option<usize>) -> Vec<usize> {
        let mut found = Vec::new();
        for log in 0..self.there.len() {
            if self.places[log].is_none()
                && let Some(at) = find(self, log)
                && self.taken.insert(at)
            {
                self.places[log] = Some(at);
                found.push(log);
            }
        }
        found
    }

    /// The same, of files that have another name by it.
    fn moves(&mut self, find: impl Fn(&Self, usize) -> Option<usize>) {
        for log in self.each(find) {
            let file = self.places[log].map(|at| self.files[at].id);
            self.moved.extend(file.map(|id| (id, self.there[log].1.clone())));
        }
    }

    /// The file that has a log's name.
    fn of_its_name(&self, log: usize) -> Option<usize> {
        self.by_name.get(self.there[log].1.as_str()).copied()
    }

    /// The log that has a file's name.
    fn at_its_name(&self, at: usize) -> Option<usize> {
        self.log_by_name.get(self.files[at].path.as_str()).copied()
    }

    /// Whether a log begins as a file did.
    fn begins(&self, at: usize, log: usize) -> bool {
        self.cursors[at].fits(self.there[log].0.path()).unwrap_or(false)
    }

    fn done(self) -> FileMatches {
        let left = self.files.iter().enumerate().filter(|(at, file)| !file.gone && !self.taken.contains(at));
        let gone = left.map(|(_, file)| file.id).collect();
        FileMatches { places: self.places, moved: self.moved, gone }
    }
}
