//! A change of another program's file: shown before it is made, and undone to the last byte.
//!
//! Such a file can hold keys, so what stood in it is never copied. Only what was put in, and where, is remembered.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use similar::{ChangeTag, TextDiff};

/// Such files have a few kilobytes.
const MAX_LEN: u64 = 4 * 1024 * 1024;

/// After this, lines are shown as changed though fewer may be.
const LONGEST_DIFF: Duration = Duration::from_secs(1);

/// A file before and after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub file: PathBuf,
    /// `None` where there is no file.
    pub before: Option<String>,
    /// `None` where it goes.
    pub after: Option<String>,
}

/// What was put into a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inserted {
    /// SHA-256 of the whole file after that.
    digest: String,
    /// Whether the file was made for it.
    made: bool,
    /// At which bytes, in order; empty where something was replaced.
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Piece {
    at: usize,
    len: usize,
}

/// What is left of a file without what was put into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undone {
    /// The file was changed since, so this cannot be said.
    ChangedSince,
    /// Nothing: it was made for it.
    Gone,
    /// Every byte that was there before.
    Text(String),
}

/// What was put into which file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Record(BTreeMap<String, Inserted>);

/// The text of a file, without the byte order mark that some editors put before it; `None` where there is none.
pub fn read(file: &Path) -> io::Result<Option<String>> {
    match tidemark_files::read::text(file, MAX_LEN) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

impl Change {
    pub fn is_none(&self) -> bool {
        self.before == self.after
    }

    /// The lines that go and come: `- ` and `+ `.
    pub fn lines(&self) -> Vec<(char, String)> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let (before, after) = (text(&self.before), text(&self.after));
        let all = TextDiff::configure().timeout(LONGEST_DIFF).diff_lines(&before, &after);
        let lines = all.iter_all_changes().filter_map(|change| {
            let sign = match change.tag() {
                ChangeTag::Equal => return None,
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            Some((sign, change.value().trim_end_matches(['\r', '\n']).to_owned()))
        });
        lines.collect()
    }

    /// Makes it. The file keeps its rights, and a link what it leads to.
    pub fn make(&self) -> io::Result<()> {
        let Some(after) = &self.after else { return fs::remove_file(&self.file) };
        // A person's configuration is often a link into a repository.
        let file = fs::canonicalize(&self.file).unwrap_or_else(|_| self.file.clone());
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        let rights = fs::metadata(&file).map(|metadata| metadata.permissions()).ok();
        tidemark_files::private::replace(&file, |out| out.write_all(after.as_bytes()))?;
        rights.map_or(Ok(()), |rights| fs::set_permissions(&file, rights))
    }
}

impl Inserted {
    /// What a change puts in, by the lines that it adds; nothing to undo it by where it takes any away.
    pub fn of(change: &Change) -> Option<Self> {
        let after = change.after.as_deref()?;
        let digest = digest(after);
        let Some(before) = change.before.as_deref() else {
            return Some(Self { digest, made: true, pieces: Vec::new() });
        };
        Some(Self { digest, made: false, pieces: pieces(before, after)? })
    }

    /// The text without it, exactly as it was.
    pub fn undo(&self, now: &str) -> Undone {
        if digest(now) != self.digest {
            return Undone::ChangedSince;
        }
        if self.made {
            return Undone::Gone;
        }
        let mut text = now.to_owned();
        for piece in self.pieces.iter().rev() {
            let span = piece.at..piece.at.saturating_add(piece.len);
            if text.get(span.clone()).is_none() {
                return Undone::ChangedSince;
            }
            text.replace_range(span, "");
        }
        Undone::Text(text)
    }
}

/// Where `after` has more than `before`, in one or several places; `None` where it has not all of it, in order. What is
/// equal is matched as early as whole lines allow, then byte by byte.
fn pieces(before: &str, after: &str) -> Option<Vec<Piece>> {
    let mut pieces: Vec<Piece> = Vec::new();
    let (mut left, mut right) = (before.split_inclusive('\n').peekable(), 0);
    for line in after.split_inclusive('\n') {
        match left.peek() {
            Some(expected) if *expected == line => {
                left.next();
            }
            // A last line without an end has got one; a last property is followed by another.
            Some(expected) if followed(expected, line).is_some() => {
                pieces.extend(followed(expected, line).map(|at| Piece { at: right + at, len: 1 }));
                left.next();
            }
            _ => match pieces.last_mut() {
                Some(last) if last.at + last.len == right => last.len += line.len(),
                _ => pieces.push(Piece { at: right, len: line.len() }),
            },
        }
        right += line.len();
    }
    left.next().is_none().then_some(pieces)
}

/// Where a line has got an end or a comma that it had not.
fn followed(expected: &str, line: &str) -> Option<usize> {
    let bare = expected.trim_end_matches(['\r', '\n']);
    let is_so = line.strip_suffix('\n') == Some(expected)
        || line.strip_prefix(bare).and_then(|rest| rest.strip_prefix(',')) == Some(&expected[bare.len()..]);
    is_so.then_some(bare.len())
}

fn digest(text: &str) -> String {
    tidemark_update::hex(&Sha256::digest(text.as_bytes()).into())
}

impl Record {
    /// The record of a data folder; an empty one where there is none that can be read.
    pub fn read(file: &Path) -> Self {
        let text = tidemark_files::read::text(file, MAX_LEN);
        text.ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    /// Writes it.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(self)?;
        if let Some(folder) = file.parent() {
            tidemark_files::folder::make_private(folder).map_err(io::Error::other)?;
        }
        tidemark_files::private::replace(file, |out| out.write_all(&text))
    }

    pub fn of(&self, file: &Path) -> Option<&Inserted> {
        self.0.get(&file.display().to_string())
    }

    /// Notes what was put into a file; the first change of a file that was not changed since stays the one to undo.
    pub fn note(&mut self, file: &Path, inserted: Option<Inserted>) {
        let name = file.display().to_string();
        match inserted {
            Some(inserted) => drop(self.0.insert(name, inserted)),
            None => drop(self.0.remove(&name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn change(before: Option<&str>, after: Option<&str>) -> Change {
        Change {
            file: PathBuf::from("config.toml"),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        }
    }

    #[test]
    fn the_lines_that_come_and_go_are_shown() {
        let change = change(Some("a\nb\nc\nd\n"), Some("a\nx\nc\ny\nd\n"));
        let shown: Vec<String> = change.lines().iter().map(|(sign, line)| format!("{sign}{line}")).collect();
        assert_eq!(shown, ["-b", "+x", "+y"]);
    }

    #[test]
    fn a_file_that_was_made_goes_and_one_that_was_changed_since_is_not_undone_blindly() {
        let made = Inserted::of(&change(None, Some("a\n"))).unwrap();
        assert_eq!(made.undo("a\n"), Undone::Gone);
        assert_eq!(made.undo("a\nb\n"), Undone::ChangedSince);
        assert_eq!(Inserted::of(&change(Some("a\n"), Some("b\n"))), None, "something was replaced");
        let last_line = change(Some("a = 1"), Some("a = 1\n[b]\n"));
        assert_eq!(Inserted::of(&last_line).unwrap().undo("a = 1\n[b]\n"), Undone::Text("a = 1".to_owned()));
    }

    #[test]
    fn what_stood_in_a_file_is_not_copied() {
        let secret = "api_key = \"sk-kimi-0123456789\"\n";
        let inserted = Inserted::of(&change(Some(secret), Some(&format!("{secret}[[hooks]]\n")))).unwrap();
        let kept = serde_json::to_string(&inserted).unwrap();
        assert!(!kept.contains("0123456789"), "{kept}");
    }

    proptest! {
        #[test]
        fn undoing_gives_back_every_byte(
            lines in proptest::collection::vec("[a-c]{0,2}", 0..8),
            added in proptest::collection::vec((0usize..9, "[d-f]{1,3}"), 0..5),
            ends in any::<bool>(),
        ) {
            let before = lines.join("\n") + if ends { "\n" } else { "" };
            let mut all: Vec<String> = before.split_inclusive('\n').map(str::to_owned).collect();
            if let Some(last) = all.last_mut() && !last.ends_with('\n') && !added.is_empty() {
                last.push('\n');
            }
            for (at, line) in &added {
                all.insert((*at).min(all.len()), format!("{line}\n"));
            }
            let after = all.concat();
            let inserted = Inserted::of(&change(Some(&before), Some(&after))).unwrap();
            prop_assert_eq!(inserted.undo(&after), Undone::Text(before));
        }
    }
}
