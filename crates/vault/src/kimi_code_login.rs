//! The login of an installed Kimi Code command line: read while it is fresh, never refreshed, never written.
//!
//! Kimi Code keeps its tokens in a folder of its own, `$KIMI_CODE_HOME` or `~/.kimi-code`, in
//! `credentials/`, one file a service. The older Kimi command line uses `$KIMI_SHARE_DIR` or `~/.kimi`.
//! An access token lives for about a quarter of an hour and is renewed only while that program runs.
//! Renewing it here would end the other program's login, since both tokens change and the old ones die; so
//! a token that ran out is said to have run out, and nothing more.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tidemark_core::Region;
use tidemark_core::failure_cause::{FileFault, FileTask};
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
    /// Path of the credential file.
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

/// Of two reasons, the one that is more helpful: the later expiry, then the unreadable file.
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

/// Reads and parses a credential file; reads it a second time if the first read found it half written.
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
fn parse(text: &[u8]) -> Result<Option<Token>, FileFault> {
    #[derive(Deserialize)]
    struct File {
        access_token: Option<SecretField>,
        /// Seconds since 1970; the older program writes a fraction as well.
        expires_at: Option<f64>,
    }
    // The parser's own message may repeat what it found, so it goes no further.
    let file: File = serde_json::from_slice(text).map_err(|_| FileFault::OtherJson)?;
    let access = file.access_token.ok_or(FileFault::NoToken)?.0;
    if access.expose_secret().is_empty() {
        return Ok(None);
    }
    let expires_at = file
        .expires_at
        .filter(|seconds| (0.0..1e11).contains(seconds))
        .and_then(|seconds| DateTime::from_timestamp_millis((seconds * 1000.0) as i64))
        .ok_or(FileFault::NoExpiry)?;
    Ok(Some(Token { access, expires_at }))
}

/// The file's bytes. Only a regular file is opened, so that a pipe or a device cannot hold us up; where a
/// link leads is its owner's affair.
fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let failed = |error: io::Error| VaultError::io(FileTask::Read, path, &error);
    match fs::metadata(path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Err(VaultError::LoginMissing);
        }
        Err(error) => return Err(failed(error)),
        Ok(metadata) if !metadata.is_file() => {
            return Err(VaultError::LoginUnreadable { path: path.to_owned(), detail: FileFault::NotAFile });
        }
        Ok(metadata) if metadata.len() > LARGEST => {
            return Err(VaultError::LoginUnreadable { path: path.to_owned(), detail: FileFault::TooLarge });
        }
        Ok(_) => {}
    }
    // One buffer of the largest size, so that it never grows and leaves copies behind.
    let mut text = Zeroizing::new(Vec::with_capacity(LARGEST as usize + 1));
    tidemark_files::read::open(path)
        .and_then(|file| file.take(LARGEST).read_to_end(&mut text))
        .map_err(failed)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use sha2::{Digest as _, Sha256};

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-07-18T12:00:00Z".parse().unwrap()
    }

    fn home() -> (tempfile::TempDir, Folders) {
        let home = tempfile::tempdir().unwrap();
        let folders = Folders::new(home.path(), |_| None);
        (home, folders)
    }

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn login(token: &str, expires_at: &str) -> String {
        format!(
            r#"{{"access_token":"{token}","refresh_token":"r-canary","expires_at":{expires_at},
                "scope":"kimi-code","token_type":"Bearer","expires_in":900}}"#
        )
    }

    /// Seconds since 1970, that many after `now`.
    fn after(seconds: i64) -> String {
        (now().timestamp() + seconds).to_string()
    }

    fn shown(key: Result<SecretString, VaultError>) -> Result<String, &'static str> {
        key.map(|key| key.expose_secret().to_owned()).map_err(|error| error.code())
    }

    #[test]
    fn the_global_file_is_named_as_kimi_code_names_it() {
        let service = r#"{"oauthHost":"https://auth.kimi.ai","baseUrl":"https://api.kimi.ai/coding/v1"}"#;
        let digest = Sha256::digest(service);
        let digits: Vec<_> = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(GLOBAL_FILE, format!("kimi-code-env-{}.json", digits.concat()));
    }

    #[test]
    fn a_fresh_token_is_used_in_its_own_region_only() {
        let (home, folders) = home();
        assert_eq!(shown(folders.key(None, Region::China, now())), Err("login-missing"));
        let china = home.path().join(".kimi-code/credentials/kimi-code.json");
        write(&china, &login("jwt-china", &after(900)));
        assert_eq!(shown(folders.key(None, Region::China, now())), Ok("jwt-china".to_owned()));
        assert_eq!(shown(folders.key(None, Region::Global, now())), Err("login-missing"));
        assert_eq!(shown(folders.key(Some(&china), Region::Global, now())), Err("login-other-region"));

        let global = home.path().join(".kimi-code/credentials").join(GLOBAL_FILE);
        write(&global, &login("jwt-global", &after(900)));
        assert_eq!(shown(folders.key(None, Region::Global, now())), Ok("jwt-global".to_owned()));
        assert_eq!(shown(folders.key(Some(&global), Region::China, now())), Err("login-other-region"));
        // A file of the user's own naming is the user's affair.
        let own = home.path().join("elsewhere/login.json");
        write(&own, &login("jwt-own", &after(900)));
        assert_eq!(shown(folders.key(Some(&own), Region::Global, now())), Ok("jwt-own".to_owned()));
    }

    #[test]
    fn freshness_ends_a_little_before_the_token_does() {
        let (home, folders) = home();
        let path = home.path().join(".kimi-code/credentials/kimi-code.json");
        for (expires_at, expected) in [
            (after(900), Ok("jwt".to_owned())),
            (after(31), Ok("jwt".to_owned())),
            (after(30), Err("login-stale")),
            (after(0), Err("login-stale")),
            (after(-86400), Err("login-stale")),
            (format!("{}.261056", after(900)), Ok("jwt".to_owned())),
            (format!("{}.261056", after(-900)), Err("login-stale")),
            ("null".to_owned(), Err("login-unreadable")),
            ("-5".to_owned(), Err("login-unreadable")),
            ("1e300".to_owned(), Err("login-unreadable")),
            ("\"soon\"".to_owned(), Err("login-unreadable")),
        ] {
            write(&path, &login("jwt", &expires_at));
            assert_eq!(shown(folders.key(None, Region::China, now())), expected, "{expires_at}");
        }
        write(&path, &login("jwt", &after(-60)));
        let error = folders.key(None, Region::China, now()).unwrap_err();
        assert_eq!(error, VaultError::LoginStale { expired_at: now() - TimeDelta::seconds(60) });
        assert!(error.to_string().contains("2026-07-18T11:59:00Z"), "{error}");
    }

    #[test]
    fn the_older_program_is_looked_at_after_the_newer() {
        let (home, folders) = home();
        let newer = home.path().join(".kimi-code/credentials/kimi-code.json");
        let older = home.path().join(".kimi/credentials/kimi-code.json");
        let of = |token: &str, seconds| login(token, &after(seconds));
        for (in_newer, in_older, expected) in [
            (of("n", 900), of("o", 900), Ok("n".to_owned())),
            (of("n", -1), of("o", 900), Ok("o".to_owned())),
            (of("", 0), of("o", 900), Ok("o".to_owned())),
            ("{".to_owned(), of("o", 900), Ok("o".to_owned())),
            (of("", 0), of("o", -5), Err("login-stale")),
            (of("n", -9), of("o", -5), Err("login-stale")),
            ("{".to_owned(), of("", 0), Err("login-unreadable")),
            (of("", 0), of("", 0), Err("login-missing")),
        ] {
            write(&newer, &in_newer);
            write(&older, &in_older);
            assert_eq!(shown(folders.key(None, Region::China, now())), expected, "{in_newer} / {in_older}");
        }
    }

    #[test]
    fn the_two_variables_move_the_folders() {
        let elsewhere = tempfile::tempdir().unwrap();
        let folders = Folders::new(Path::new("/nowhere"), |name| match name {
            "KIMI_CODE_HOME" => Some(elsewhere.path().join("code").into()),
            "KIMI_SHARE_DIR" => Some(elsewhere.path().join("share").into()),
            _ => None,
        });
        write(&elsewhere.path().join("share/credentials/kimi-code.json"), &login("o", &after(900)));
        assert_eq!(shown(folders.key(None, Region::China, now())), Ok("o".to_owned()));
        write(&elsewhere.path().join("code/credentials/kimi-code.json"), &login("n", &after(900)));
        assert_eq!(shown(folders.key(None, Region::China, now())), Ok("n".to_owned()));
        let empty = Folders::new(Path::new("/h"), |_| Some(OsString::new()));
        assert_eq!(empty, Folders::new(Path::new("/h"), |_| None));
    }

    #[test]
    fn logins_are_listed_unless_signed_out() {
        let (home, folders) = home();
        assert_eq!(folders.logins(now()), []);
        let code = home.path().join(".kimi-code/credentials");
        write(&code.join("kimi-code.json"), &login("", "0"));
        write(&code.join(GLOBAL_FILE), &login("g", &after(-10)));
        let older = home.path().join(".kimi/credentials/kimi-code.json");
        write(&older, &login("o", &after(600)));
        let expected = |region, path, seconds, fresh| Login {
            region,
            path,
            expires_at: now() + TimeDelta::seconds(seconds),
            fresh,
        };
        assert_eq!(
            folders.logins(now()),
            [
                expected(Region::Global, code.join(GLOBAL_FILE), -10, false),
                expected(Region::China, older, 600, true)
            ]
        );
    }

    #[test]
    fn a_file_caught_half_written_is_looked_at_again() {
        let whole = login("jwt", &after(900));
        let half = &whole[..whole.len() / 2];
        let path = Path::new("kimi-code.json");
        let look = |first: &str, second: &str| {
            let texts = [first, second];
            let (reads, pauses) = (Cell::new(0), Cell::new(0));
            let result = token_from(
                path,
                || {
                    reads.set(reads.get() + 1);
                    Ok(Zeroizing::new(texts[reads.get() - 1].as_bytes().to_vec()))
                },
                || pauses.set(pauses.get() + 1),
            );
            let shown = result.map(|token| token.access.expose_secret().to_owned());
            (shown.map_err(|error| error.code()), reads.get(), pauses.get())
        };
        assert_eq!(look(&whole, "never read"), (Ok("jwt".to_owned()), 1, 0));
        assert_eq!(look(half, &whole), (Ok("jwt".to_owned()), 2, 1));
        assert_eq!(look("", &whole), (Ok("jwt".to_owned()), 2, 1));
        assert_eq!(look(half, half), (Err("login-unreadable"), 2, 1));
        assert_eq!(look(half, &login("", "0")), (Err("login-missing"), 2, 1));
    }

    #[test]
    fn what_is_not_a_small_regular_file_is_left_alone() {
        let (home, folders) = home();
        let path = home.path().join(".kimi-code/credentials/kimi-code.json");
        fs::create_dir_all(&path).unwrap();
        assert_eq!(shown(folders.key(None, Region::China, now())), Err("login-unreadable"));
        fs::remove_dir(&path).unwrap();
        write(&path, &" ".repeat(LARGEST as usize + 1));
        assert_eq!(shown(folders.key(None, Region::China, now())), Err("login-unreadable"));
        fs::remove_file(&path).unwrap();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
            assert_eq!(shown(folders.key(None, Region::China, now())), Err("login-unreadable"));
            fs::remove_file(&path).unwrap();
            let elsewhere = home.path().join("dotfiles/kimi.json");
            write(&elsewhere, &login("linked", &after(900)));
            std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
            assert_eq!(shown(folders.key(None, Region::China, now())), Ok("linked".to_owned()));
        }
    }

    #[test]
    fn nothing_of_a_login_is_shown_or_written() {
        let (home, folders) = home();
        let path = home.path().join(".kimi-code/credentials/kimi-code.json");
        for text in [
            login("jwt-canary", &after(-1)),
            login("jwt-canary", "\"r-canary\""),
            "[\"jwt-canary\"".to_owned(),
            r#"{"access_token": {"jwt-canary": 1}}"#.to_owned(),
        ] {
            write(&path, &text);
            let before = fs::metadata(&path).unwrap().modified().unwrap();
            let error = folders.key(None, Region::China, now()).unwrap_err();
            let shown = format!("{error} {error:?} {:?}", folders.logins(now()));
            assert!(!shown.contains("canary"), "{shown}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
            assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
        }
    }
}
