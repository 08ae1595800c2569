//! SHA-256 of files.

use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

/// The bytes that are read at once.
const BLOCK: usize = 64 * 1024;

/// The SHA-256 of a file. It must be a file, and is read to its end.
///
/// # Errors
/// As the system.
pub fn of_file(path: &Path) -> io::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    add(&mut hash, &mut tidemark_files::read::open(path)?)?;
    Ok(hash.finalize().into())
}

/// Adds all that a reader has left.
pub(crate) fn add(hash: &mut Sha256, reader: &mut impl Read) -> io::Result<()> {
    let mut block = vec![0; BLOCK];
    loop {
        match reader.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(count) => hash.update(&block[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A hash in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8; 32]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
