//! The login of an installed Kimi Code command line: read while it is fresh, never refreshed, never written.
//!
//! Kimi Code keeps its tokens in a folder of its own, `$KIMI_CODE_HOME` or `~/.kimi-code`, in
//! `credentials/`, one file a service. The older Kimi command line uses `$KIMI_SHARE_DIR` or `~/.kimi`.
//! An access token lives for about a quarter of an hour and is renewed only while that program runs.
//! Renewing it here would end the other program's login, since both tokens change and the old ones die; so
//! a token that ran out is said to have run out, and nothing more.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tidemark_core::Region;
use zeroize::Zeroizing;

use crate::VaultError;
use crate::secret::SecretField;

/// The credential file of the mainland login, in both programs.
const CHINA_FILE: &str = "kimi-code.json";
/// The credential file of the global login. Kimi Code names the file of any other service than its default
/// after the first 16 digits of the SHA-256 of `{"oauthHost":…,"baseUrl":…}`; these are those of
/// `https://auth.kimi.ai` and `https://api.kimi.ai/coding/v1`.
const GLOBAL_FILE: &str = "kimi-code-env-0e4f99c69cc27850.json";
/// A token this close to its end is not used any more: the request must arrive before it.
const MARGIN: TimeDelta = TimeDelta::seconds(30);
/// Such a file has some three kilobytes.
const LARGEST: u64 = 64 * 1024;
/// Kimi Code writes the file in place; a reader in that moment sees half of it, and whole after this.
const WRITING: Duration = Duration::from_millis(25);

/// A login found on this machine. Never its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// Which service it is for.
    pub region: Region,
    /// The credential file.
    pub path: PathBuf,
    /// When its access token runs out, or ran out.
    pub expires_at: DateTime<Utc>,
    /// Whether the token can be used now.
    pub fresh: bool,
}

/// Where the two programs keep their files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folders {
    kimi_code: PathBuf,
    kimi: PathBuf,
}

impl Folders {
    pub(crate) fn new(home: &Path, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let folder = |name: &str, usual: &str| {
            variable(name)
                .filter(|value| !value.is_empty())
                .map_or_else(|| home.join(usual), PathBuf::from)
                .join("credentials")
        };
        Self { kimi_code: folder("KIMI_CODE_HOME", ".kimi-code"), kimi: folder("KIMI_SHARE_DIR", ".kimi") }
    }

    /// The files that may hold a login, the likelier first.
    fn files(&self) -> [(Region, PathBuf); 3] {
        [
            (Region::China, self.kimi_code.join(CHINA_FILE)),
            (Region::Global, self.kimi_code.join(GLOBAL_FILE)),
            (Region::China, self.kimi.join(CHINA_FILE)),
        ]
    }

    /// The logins that are signed in, fresh or not.
    pub(crate) fn logins(&self, now: DateTime<Utc>) -> Vec<Login> {
        self.files()
            .into_iter()
            .filter_map(|(region, path)| {
                let token = token_in(&path).ok()?;
                Some(Login { region, path, expires_at: token.expires_at, fresh: token.is_fresh(now) })
            })
            .collect()
    }

    /// The access token for a region, from the file named or from the first that has a fresh one.
    pub(crate) fn key(
        &self,
        path: Option<&Path>,
        region: Region,
        now: DateTime<Utc>,
    ) -> Result<SecretString, VaultError> {
        let files = match path {
            Some(path) => {
                let found = region_of(path);
                if let Some(found) = found.filter(|found| *found != region) {
                    return Err(VaultError::LoginOtherRegion { expected: region, found });
                }
                vec![path.to_owned()]
            }
            None => self.files().into_iter().filter(|file| file.0 == region).map(|file| file.1).collect(),
        };
        let mut worst = VaultError::LoginMissing;
        for file in files {
            match token_in(&file).and_then(|token| token.into_key(now)) {
                Ok(key) => return Ok(key),
                Err(error) => worst = more_telling(worst, error),
            }
        }
        Err(worst)
    }
}

/// Which service a file of Kimi Code's own naming belongs to.
fn region_of(path: &Path) -> Option<Region> {
    match path.file_name()?.to_str()? {
        CHINA_FILE => Some(Region::China),
        GLOBAL_FILE => Some(Region::Global),
        _ => None,
    }
}

/// Of two reasons, the one that tells more about what to do: the later end, then the unreadable file.
fn more_telling(one: VaultError, other: VaultError) -> VaultError {
    match (&one, &other) {
        (VaultError::LoginStale { expired_at: a }, VaultError::LoginStale { expired_at: b }) if b > a => {
            other
        }
        (VaultError::LoginStale { .. }, _) => one,
        (_, VaultError::LoginStale { .. }) | (VaultError::LoginMissing, _) => other,
        _ => one,
    }
}

struct Token {
    access: SecretString,
    expires_at: DateTime<Utc>,
}

impl Token {
    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        self.expires_at > now + MARGIN
    }

    fn into_key(self, now: DateTime<Utc>) -> Result<SecretString, VaultError> {
        if self.is_fresh(now) {
            Ok(self.access)
        } else {
            Err(VaultError::LoginStale { expired_at: self.expires_at })
        }
    }
}

fn token_in(path: &Path) -> Result<Token, VaultError> {
    token_from(path, || read(path), || std::thread::sleep(WRITING))
}

/// Reads and understands a credential file; looks a second time where the first look saw half of it.
fn token_from(
    path: &Path,
    mut read: impl FnMut() -> Result<Zeroizing<Vec<u8>>, VaultError>,
    pause: impl FnOnce(),
) -> Result<Token, VaultError> {
    let unreadable = |detail| VaultError::LoginUnreadable { path: path.to_owned(), detail };
    let first = parse(&read()?);
    let parsed = first.or_else(|detail| {
        pause();
        read().and_then(|text| parse(&text).map_err(|_| unreadable(detail)))
    });
    parsed.and_then(|token| token.ok_or(VaultError::LoginMissing))
}

/// `None` is a login that was signed out: Kimi Code then leaves the file with empty texts in it.
fn parse(text: &[u8]) -> Result<Option<Token>, &'static str> {
    #[derive(Deserialize)]
    struct File {
        access_token: Option<SecretField>,
        /// Seconds since 1970; the older program writes a fraction as well.
        expires_at: Option<f64>,
    }
    // The parser's own message may repeat what it found, so it goes no further.
    let file: File = serde_json::from_slice(text).map_err(|_| "it is not the JSON that Kimi Code writes")?;
    let access = file.access_token.ok_or("it has no access token")?.0;
    if access.expose_secret().is_empty() {
        return Ok(None);
    }
    let expires_at = file
        .expires_at
        .filter(|seconds| (0.0..1e11).contains(seconds))
        .and_then(|seconds| DateTime::from_timestamp_millis((seconds * 1000.0) as i64))
        .ok_or("it does not say when its token runs out")?;
    Ok(Some(Token { access, expires_at }))
}

/// The file's bytes. Only a regular file is opened, so that a pipe or a device cannot hold us up; where a
/// link leads is its owner's affair.
fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let failed = |error: io::Error| VaultError::io("reading", path, &error);
    match fs::metadata(path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Err(VaultError::LoginMissing);
        }
        Err(error) => return Err(failed(error)),
        Ok(metadata) if !metadata.is_file() => {
            return Err(VaultError::LoginUnreadable { path: path.to_owned(), detail: "it is not a file" });
        }
        Ok(metadata) if metadata.len() > LARGEST => {
            return Err(VaultError::LoginUnreadable { path: path.to_owned(), detail: "it is far too large" });
        }
        Ok(_) => {}
    }
    // One buffer of the largest size, so that it never grows and leaves copies behind.
    let mut text = Zeroizing::new(Vec::with_capacity(LARGEST as usize + 1));
    File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut text)).map_err(failed)?;
    Ok(text)
}
