//! What the guard remembers of a coding agent's session: what it was given to read, and whether it may go on.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tidemark_core::{AccountId, Meter};

use super::weighing::{Level, Weighed};

/// The folder of these files, in the data folder.
const FOLDER: &str = "guard";
/// A session that was not heard of for so long is forgotten.
const KEPT: Duration = Duration::from_hours(7 * 24);
/// Characters of a session's name that are kept.
const MAX_NAME_LEN: usize = 80;
/// A file of ours is far smaller.
const MAX_FILE_LEN: u64 = 64 * 1024;

/// What is remembered of a session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    /// Until when it may go on, whatever the limits say.
    pub allowed_until: Option<DateTime<Utc>>,
    /// When it was stopped last.
    pub stopped_at: Option<DateTime<Utc>>,
    /// When the quota that stopped it is reset.
    pub resets_at: Option<DateTime<Utc>>,
    /// How the quotas stood when it last got to know.
    pub known: Vec<KnownQuota>,
}

/// What a session knows of a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownQuota {
    account: AccountId,
    meter: Meter,
    level: Level,
}

impl Session {
    /// Whether it may go on at a time, whatever the limits say.
    pub fn is_allowed(&self, now: DateTime<Utc>) -> bool {
        self.allowed_until.is_some_and(|until| now < until)
    }

    /// Whether there is something that it does not know yet: it begins, or a limit was passed since.
    pub fn is_news(&self, weighed: &[Weighed]) -> bool {
        weighed.iter().any(|one| {
            let known =
                self.known.iter().find(|known| (known.account, known.meter) == (one.account, one.meter));
            known.is_none_or(|known| known.level < one.level)
        })
    }

    /// Notes that it knows.
    pub fn note_known(&mut self, weighed: &[Weighed]) {
        let known = |one: &Weighed| KnownQuota { account: one.account, meter: one.meter, level: one.level };
        self.known = weighed.iter().map(known).collect();
    }
}

/// The sessions that are remembered in a data folder.
pub struct Sessions {
    folder: PathBuf,
}

impl Sessions {
    pub fn of(data_dir: &Path) -> Self {
        Self { folder: data_dir.join(FOLDER) }
    }

    /// What is remembered of a session; nothing where the file cannot be read.
    pub fn read(&self, name: &str) -> Session {
        let text = tidemark_files::read::text(&self.file(name), MAX_FILE_LEN);
        text.ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    /// Remembers a session, and forgets those that were not heard of for long.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn write(&self, name: &str, session: &Session) -> io::Result<()> {
        let file = self.file(name);
        if !file.exists() {
            tidemark_files::folder::make_private(&self.folder).map_err(io::Error::other)?;
            self.forget_old();
        }
        let text = serde_json::to_vec(session)?;
        tidemark_files::private::replace(&file, |out| out.write_all(&text))
    }

    /// The session that was stopped last, with its name.
    pub fn last_stopped(&self) -> Option<(String, Session)> {
        let names = self.files().filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned()));
        let sessions = names.map(|name| {
            let session = self.read(&name);
            (name, session)
        });
        sessions
            .filter(|(_, session)| session.stopped_at.is_some())
            .max_by_key(|(_, session)| session.stopped_at)
    }

    /// Whether anything is remembered of a session.
    pub fn knows(&self, name: &str) -> bool {
        self.file(name).exists()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{}.json", safe_name(name)))
    }

    fn files(&self) -> impl Iterator<Item = PathBuf> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "json"))
    }

    fn forget_old(&self) {
        let Some(before) = SystemTime::now().checked_sub(KEPT) else { return };
        for file in self.files() {
            let is_old = fs::metadata(&file).and_then(|file| file.modified()).is_ok_and(|at| at < before);
            if is_old {
                // Another process may have done so.
                let _ = fs::remove_file(file);
            }
        }
    }
}

/// A session's name as a file's: hosts choose it, and it must lead nowhere else.
pub fn safe_name(name: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' };
    let name: String = name.trim().chars().take(MAX_NAME_LEN).map(kept).collect();
    if name.is_empty() { "unnamed".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sessions_name_leads_nowhere_else() {
        for (name, expected) in [
            ("session_3f2a-91", "session_3f2a-91"),
            ("../../etc/passwd", "______etc_passwd"),
            ("a\\b:c", "a_b_c"),
            ("", "unnamed"),
            ("会话", "__"),
        ] {
            assert_eq!(safe_name(name), expected);
        }
        assert_eq!(safe_name(&"x".repeat(500)).len(), MAX_NAME_LEN);
    }

    #[test]
    fn what_is_remembered_is_there_again_and_damage_is_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let sessions = Sessions::of(dir.path());
        assert_eq!((sessions.read("a"), sessions.last_stopped()), (Session::default(), None));
        let at: DateTime<Utc> = "2026-11-22T06:00:00Z".parse().unwrap();
        let session = |minute| Session {
            stopped_at: Some(at + chrono::TimeDelta::minutes(minute)),
            ..Session::default()
        };
        for (name, minute) in [("a", 1), ("b", 3), ("c", 2)] {
            sessions.write(name, &session(minute)).unwrap();
        }
        assert_eq!(sessions.last_stopped(), Some(("b".to_owned(), session(3))));
        fs::write(dir.path().join("guard/b.json"), b"{\"known\":7").unwrap();
        assert_eq!(sessions.read("b"), Session::default());
        assert_eq!(sessions.last_stopped().unwrap().0, "c");
    }
}
