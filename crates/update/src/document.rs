//! What a release says of itself.

use chrono::NaiveDate;
use semver::Version;
use serde::Deserialize;
use serde_json::Value;

use crate::error::UpdateError;

/// The format of the document that this version reads. A later one is for later versions.
pub const FORMAT: u64 = 1;
/// The most bytes of a document.
pub const MAX_DOCUMENT_BYTES: usize = 64 * 1024;
/// Whose releases these are. A key may sign those of several programs.
const PRODUCT: &str = "Tidemark";
/// The most files of a release.
const MAX_FILES: usize = 100;
/// The most bytes of a file.
const MAX_FILE_BYTES: u64 = 1 << 30;
/// The most characters of a file's name.
const MAX_NAME_LEN: usize = 120;

/// A release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Its version; never a preliminary one.
    pub version: Version,
    /// When it was made.
    pub date: NaiveDate,
    /// Its files that a program can install by itself.
    pub files: Vec<ReleaseFile>,
}

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseFile {
    /// Its name: letters, digits and `._+-` only.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The system it is for, as [`std::env::consts::OS`] names it.
    pub system: String,
    /// The processor it is for, as [`std::env::consts::ARCH`] names it.
    pub processor: String,
    /// Its length, in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub sha256: [u8; 32],
}

/// What a file of a release is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An AppImage.
    Appimage,
    /// The installer for Windows.
    WindowsInstaller,
    /// An application of macOS, packed as `.tar.gz`.
    MacApp,
}

/// How a release stands to what is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is newer.
    Newer,
    /// It is what is installed.
    Current,
}

/// The document as it is written. What this version does not know is passed over.
#[derive(Deserialize)]
struct Document {
    product: String,
    version: Version,
    date: NaiveDate,
    files: Vec<Value>,
}

#[derive(Deserialize)]
struct File {
    name: String,
    kind: Kind,
    system: String,
    processor: String,
    size: u64,
    sha256: String,
}

impl Release {
    /// Reads a document. Files of a kind that this version does not know are left out.
    ///
    /// # Errors
    /// [`UpdateError::DocumentTooLarge`], [`UpdateError::Format`] if it is of a later format, and
    /// [`UpdateError::NotUnderstood`] for anything else that is not as it must be.
    ///
    /// # Examples
    /// ```
    /// use tidemark_update::{Release, UpdateError};
    ///
    /// let document = br#"{"format":1,"product":"Tidemark","version":"0.3.0","date":"2026-12-01","files":[]}"#;
    /// assert_eq!(Release::parse(document)?.version.to_string(), "0.3.0");
    /// assert_eq!(Release::parse(br#"{"format":2}"#), Err(UpdateError::Format(2)));
    /// # Ok::<(), UpdateError>(())
    /// ```
    pub fn parse(document: &[u8]) -> Result<Self, UpdateError> {
        if document.len() > MAX_DOCUMENT_BYTES {
            return Err(UpdateError::DocumentTooLarge);
        }
        let not_understood = |why: serde_json::Error| UpdateError::NotUnderstood(why.to_string());
        let value: Value = serde_json::from_slice(document).map_err(not_understood)?;
        match value.get("format").and_then(Value::as_u64) {
            Some(FORMAT) => {}
            Some(later) if later > FORMAT => return Err(UpdateError::Format(later)),
            _ => return Err(UpdateError::NotUnderstood("it has no known format".to_owned())),
        }
        let read: Document = serde_json::from_value(value).map_err(not_understood)?;
        let must = |holds: bool, why: &str| {
            if holds { Ok(()) } else { Err(UpdateError::NotUnderstood(why.to_owned())) }
        };
        must(read.product == PRODUCT, "it is of another program")?;
        must(read.version.pre.is_empty() && read.version.build.is_empty(), "it is a preliminary version")?;
        must(read.files.len() <= MAX_FILES, "it has too many files")?;
        let mut files = Vec::new();
        for value in read.files {
            let kind = value.get("kind").cloned().unwrap_or_default();
            // A kind of a later version.
            if kind.is_string() && serde_json::from_value::<Kind>(kind).is_err() {
                continue;
            }
            let file: File = serde_json::from_value(value).map_err(not_understood)?;
            must(is_plain_name(&file.name), "a file has a name that no file of a release has")?;
            must(
                (1..=MAX_FILE_BYTES).contains(&file.size),
                "a file has a size that no file of a release has",
            )?;
            let sha256 = of_hex(&file.sha256);
            let sha256 =
                sha256.ok_or_else(|| UpdateError::NotUnderstood("a file has no SHA-256".to_owned()))?;
            let File { name, kind, system, processor, size, .. } = file;
            files.push(ReleaseFile { name, kind, system, processor, size, sha256 });
        }
        Ok(Self { version: read.version, date: read.date, files })
    }

    /// How it stands to what is installed. `newest` is the newest version that was ever offered and verified here: what
    /// was once offered does not become older again.
    ///
    /// # Errors
    /// [`UpdateError::Older`] if it is older than either.
    pub fn standing(&self, own: &Version, newest: Option<&Version>) -> Result<Standing, UpdateError> {
        let known = newest.map_or(own, |newest| newest.max(own));
        if self.version < *known {
            return Err(UpdateError::Older { offered: self.version.clone(), known: known.clone() });
        }
        Ok(if self.version > *own { Standing::Newer } else { Standing::Current })
    }

    /// Its file of a kind for a system and a processor.
    #[must_use]
    pub fn file_for(&self, kind: Kind, system: &str, processor: &str) -> Option<&ReleaseFile> {
        let fits =
            |file: &&ReleaseFile| file.kind == kind && file.system == system && file.processor == processor;
        self.files.iter().find(fits)
    }
}

/// Whether a name leads nowhere else, and means nothing to a shell, an address or a terminal.
fn is_plain_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._+-".contains(&b);
    (1..=MAX_NAME_LEN).contains(&name.len()) && name.bytes().all(plain) && !name.starts_with(['.', '-'])
}

fn of_hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "format": 1, "product": "Tidemark", "version": "0.3.0", "date": "2026-12-01",
            "files": [{
                "name": "Tidemark_0.3.0_amd64.AppImage", "kind": "appimage", "system": "linux",
                "processor": "x86_64", "size": 7, "sha256": "ab".repeat(32),
            }],
        })
    }

    fn parsed(change: impl FnOnce(&mut Value)) -> Result<Release, UpdateError> {
        let mut value = document();
        change(&mut value);
        Release::parse(value.to_string().as_bytes())
    }

    #[test]
    fn a_document_names_the_file_for_each_system() {
        let release = parsed(|_| {}).unwrap();
        assert_eq!(release.version, Version::new(0, 3, 0));
        let file = release.file_for(Kind::Appimage, "linux", "x86_64").unwrap();
        assert_eq!((file.size, file.sha256), (7, [0xab; 32]));
        assert_eq!(release.file_for(Kind::Appimage, "linux", "aarch64"), None);
        assert_eq!(release.file_for(Kind::MacApp, "linux", "x86_64"), None);
    }

    /// `cargo xtask release` writes the same file.
    #[test]
    fn what_a_release_writes_is_read() {
        let release = Release::parse(include_bytes!("../tests/release.json")).unwrap();
        assert_eq!((release.version, release.files.len()), (Version::new(1, 2, 3), 3));
        let kinds: Vec<_> = release.files.iter().map(|file| (file.kind, file.system.as_str())).collect();
        assert_eq!(
            kinds,
            [(Kind::WindowsInstaller, "windows"), (Kind::MacApp, "macos"), (Kind::Appimage, "linux")]
        );
    }

    #[test]
    fn what_a_later_version_adds_is_passed_over() {
        let release = parsed(|value| {
            value["notes"] = json!("new");
            value["files"][0]["also"] = json!(1);
            let files = value["files"].as_array_mut().unwrap();
            files.push(json!({ "kind": "snap", "anything": true }));
        });
        assert_eq!(release.unwrap().files.len(), 1);
        assert_eq!(parsed(|value| value["format"] = json!(2)), Err(UpdateError::Format(2)));
    }

    #[test]
    fn what_is_not_as_it_must_be_is_refused() {
        type Change = fn(&mut Value);
        let changes: [(&str, Change); 14] = [
            ("no format", |v| v["format"] = json!(null)),
            ("format 0", |v| v["format"] = json!(0)),
            ("another program", |v| v["product"] = json!("Other")),
            ("no version", |v| v["version"] = json!("newest")),
            ("preliminary", |v| v["version"] = json!("0.3.0-rc.1")),
            ("no date", |v| v["date"] = json!("soon")),
            ("no size", |v| v["files"][0]["size"] = json!(0)),
            ("too large", |v| v["files"][0]["size"] = json!(1_u64 << 40)),
            ("negative", |v| v["files"][0]["size"] = json!(-1)),
            ("no hash", |v| v["files"][0]["sha256"] = json!("ab")),
            ("odd hash", |v| v["files"][0]["sha256"] = json!("é".repeat(32))),
            ("a path", |v| v["files"][0]["name"] = json!("../tidemark")),
            ("an option", |v| v["files"][0]["name"] = json!("-rf")),
            ("files", |v| v["files"] = json!({})),
        ];
        for (what, change) in changes {
            let refused = parsed(change);
            assert!(matches!(refused, Err(UpdateError::NotUnderstood(_))), "{what}: {refused:?}");
        }
        for bytes in [&b""[..], b"null", b"[]", b"\xff", b"{"] {
            assert!(matches!(Release::parse(bytes), Err(UpdateError::NotUnderstood(_))), "{bytes:?}");
        }
        let large = vec![b' '; MAX_DOCUMENT_BYTES + 1];
        assert_eq!(Release::parse(&large), Err(UpdateError::DocumentTooLarge));
    }

    #[test]
    fn an_older_version_is_refused_and_versions_are_compared_as_versions() {
        let standing = |offered: &str, own: &str, newest: Option<&str>| {
            let version = |text: &str| Version::parse(text).unwrap();
            let release = Release { version: version(offered), ..parsed(|_| {}).unwrap() };
            release.standing(&version(own), newest.map(version).as_ref()).map_err(|error| error.code())
        };
        for (offered, own, newest, expected) in [
            ("0.3.0", "0.2.0", None, Ok(Standing::Newer)),
            ("0.10.0", "0.9.0", None, Ok(Standing::Newer)),
            ("0.2.0", "0.2.0", None, Ok(Standing::Current)),
            ("0.2.0", "0.2.0-dev", None, Ok(Standing::Newer)),
            ("0.1.9", "0.2.0", None, Err("older")),
            ("0.3.0", "0.2.0", Some("0.3.1"), Err("older")),
            ("0.3.1", "0.2.0", Some("0.3.1"), Ok(Standing::Newer)),
            ("0.4.0", "0.4.0", Some("0.3.1"), Ok(Standing::Current)),
        ] {
            assert_eq!(standing(offered, own, newest), expected, "{offered} {own} {newest:?}");
        }
    }
}
