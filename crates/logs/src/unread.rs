//! Logs that could not be read, by name: the first of them.

use std::io;
use std::path::{Path, PathBuf};

/// So many are named; all are counted.
const MAX_NAMED: usize = 10;

/// A log that could not be opened, or not read to its end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnreadLog {
    /// Where it is.
    pub path: PathBuf,
    /// What the system, or the database, said.
    pub said: String,
}

/// The first of the logs that could not be read, in the order of their paths.
#[derive(Debug, Clone, Default)]
pub(crate) struct UnreadLogs(Vec<UnreadLog>);

impl UnreadLogs {
    pub(crate) fn add(&mut self, path: &Path, error: &io::Error) {
        self.insert(UnreadLog { path: path.to_owned(), said: error.to_string() });
    }

    pub(crate) fn add_all(&mut self, others: Self) {
        others.0.into_iter().for_each(|one| self.insert(one));
    }

    /// Threads bring them in any order.
    fn insert(&mut self, one: UnreadLog) {
        let place = self.0.partition_point(|known| *known < one);
        self.0.insert(place, one);
        self.0.truncate(MAX_NAMED);
    }

    pub(crate) fn named(&self) -> &[UnreadLog] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_by_name_are_kept_whatever_their_order() {
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        let (mut up, mut down) = (UnreadLogs::default(), UnreadLogs::default());
        for number in 10..30 {
            up.add(Path::new(&format!("/log-{number}")), &denied);
            down.add(Path::new(&format!("/log-{}", 39 - number)), &denied);
        }
        assert_eq!(up.named(), down.named());
        let mut both = up.clone();
        both.add_all(UnreadLogs(vec![UnreadLog { path: "/a".into(), said: "no".to_owned() }]));
        let paths: Vec<_> = both.named().iter().map(|one| one.path.display().to_string()).collect();
        assert_eq!((paths.len(), paths[0].as_str(), paths[9].as_str()), (MAX_NAMED, "/a", "/log-18"));
    }
}
