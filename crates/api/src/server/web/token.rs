//! The token that everyone has to show who asks over TCP, and the file that it is kept in.

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// The shortest token that is accepted, in characters. Ours are longer; one that a person made is not to be guessed.
const MIN_TOKEN_LEN: usize = 16;
/// The longest.
const MAX_TOKEN_LEN: usize = 512;
/// The largest file that is read for a token, in bytes.
const MAX_FILE_LEN: u64 = 4 << 10;

/// A token as it is compared. Its text is in memory only while it is compared.
#[derive(Debug)]
pub enum AccessToken {
    /// One that holds as long as this process.
    Fixed([u8; 32]),
    /// What stands in a file at the moment: a new one takes the place of the old one at once, and without the file no one
    /// is admitted.
    File(PathBuf),
}

/// Why there is no token in a file.
#[derive(Debug, thiserror::Error)]
pub enum TokenFileError {
    /// It cannot be read or written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What stands in it is no token.
    #[error("{} does not hold a token: {MIN_TOKEN_LEN} to {MAX_TOKEN_LEN} printable ASCII characters on one line", .0.display())]
    NoToken(PathBuf),
}

impl AccessToken {
    /// A token that does not change.
    #[must_use]
    pub fn fixed(token: &str) -> Self {
        Self::Fixed(digest(token))
    }

    /// The digest of what is asked for now; `None` where no token is.
    pub(super) fn known(&self) -> Option<[u8; 32]> {
        match self {
            Self::Fixed(digest) => Some(*digest),
            Self::File(path) => read_token_file(path).ok().map(|token| digest(&token)),
        }
    }

    /// Whether this is the token. Digests are compared, all of their bytes, so that the time taken says nothing about it.
    pub(super) fn admits(&self, given: &str) -> bool {
        let Some(known) = self.known() else { return false };
        let differing =
            known.iter().zip(digest(given)).fold(0, |bits, (ours, theirs)| bits | (ours ^ theirs));
        std::hint::black_box(differing) == 0
    }
}

pub(super) fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// The token of a file, without the white space around it.
///
/// # Errors
/// [`TokenFileError::Io`] if it cannot be read or is no file, [`TokenFileError::NoToken`] if it holds something else.
pub fn read_token_file(path: &Path) -> Result<String, TokenFileError> {
    let text = tidemark_files::read::text(path, MAX_FILE_LEN)
        .map_err(|source| TokenFileError::Io { path: path.to_owned(), source })?;
    let token = text.trim();
    let is_token =
        (MIN_TOKEN_LEN..=MAX_TOKEN_LEN).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_graphic());
    if is_token { Ok(token.to_owned()) } else { Err(TokenFileError::NoToken(path.to_owned())) }
}

/// A new token: 256 random bits, in characters that an address takes as they are.
#[must_use]
pub fn make_token() -> String {
    format!("{}{}", tidemark_vault::Vault::new_handle(), tidemark_vault::Vault::new_handle())
}

/// Puts a token into a file that only its owner can read, in the place of what was there.
///
/// # Errors
/// [`TokenFileError::Io`] if it cannot be written.
pub fn write_token_file(path: &Path, token: &str) -> Result<(), TokenFileError> {
    tidemark_files::private::replace(path, |out| writeln!(out, "{token}"))
        .map_err(|source| TokenFileError::Io { path: path.to_owned(), source })
}

/// Removes a token with its file. Says whether there was one.
///
/// # Errors
/// [`TokenFileError::Io`] if it cannot be removed.
pub fn revoke_token_file(path: &Path) -> Result<bool, TokenFileError> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(TokenFileError::Io { path: path.to_owned(), source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_holds_as_long_as_it_stands_in_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        let token = AccessToken::File(path.clone());
        assert!(!token.admits("") && !token.admits("anything"));
        let (first, second) = (make_token(), make_token());
        assert_ne!(first, second);
        write_token_file(&path, &first).unwrap();
        assert!(token.admits(&first) && !token.admits(&second) && !token.admits(&first[1..]));
        write_token_file(&path, &second).unwrap();
        assert!(!token.admits(&first) && token.admits(&second));
        assert!(revoke_token_file(&path).unwrap() && !revoke_token_file(&path).unwrap());
        assert!(!token.admits(&second));
    }

    #[cfg(unix)]
    #[test]
    fn a_token_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        write_token_file(&path, &make_token()).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_is_no_token_admits_no_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        for text in ["", "\n", "short", "two words of a token", "twöhundredandfiftysix", &"x".repeat(600)] {
            std::fs::write(&path, text).unwrap();
            assert!(matches!(read_token_file(&path), Err(TokenFileError::NoToken(_))), "{text}");
            assert!(!AccessToken::File(path.clone()).admits(text.trim()));
        }
        std::fs::write(&path, "\u{20}sixteen-or-more.\r\n").unwrap();
        assert_eq!(read_token_file(&path).unwrap(), "sixteen-or-more.");
        assert!(matches!(read_token_file(dir.path()), Err(TokenFileError::Io { .. })));
    }
}
