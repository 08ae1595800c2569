//! The data folder of an engine, and the local interface that belongs to it.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// The environment variable that names another data folder.
pub const DATA_DIR_VARIABLE: &str = "TIDEMARK_DATA_DIR";

/// The data folder: the one given, else the variable's, else the platform's own
/// (`~/.local/share/tidemark` on Linux, `~/Library/Application Support/dev.tidemark.Tidemark` on macOS,
/// `%APPDATA%\tidemark\Tidemark\data` on Windows). `None` where the user has no home folder.
#[must_use]
pub fn data_dir(given: Option<&Path>) -> Option<PathBuf> {
    let dir = given
        .map(Path::to_path_buf)
        .or_else(|| std::env::var_os(DATA_DIR_VARIABLE).filter(|v| !v.is_empty()).map(PathBuf::from))
        .or_else(|| {
            directories::ProjectDirs::from("dev", "tidemark", "Tidemark")
                .map(|dirs| dirs.data_dir().to_path_buf())
        })?;
    Some(std::path::absolute(&dir).unwrap_or(dir))
}

/// The longest path that a Unix socket can have on every supported system (macOS: 104 with the end mark).
const MAX_SOCKET_PATH_LEN: usize = 103;

/// The socket of a data folder's engine: in the folder itself, or, where that path is too long for a
/// socket, in a folder of the user's own under the system's temporary folder. Both sides compute it in the same way.
#[must_use]
pub fn socket(data_dir: &Path) -> PathBuf {
    let inside = data_dir.join("agent.sock");
    if inside.as_os_str().len() <= MAX_SOCKET_PATH_LEN {
        return inside;
    }
    let digest = id(data_dir);
    PathBuf::from(format!("/tmp/tidemark-{digest}")).join("agent.sock")
}

/// The named pipe of a data folder's engine, on Windows.
#[must_use]
pub fn pipe(data_dir: &Path) -> String {
    format!(r"\\.\pipe\tidemark-{}", id(data_dir))
}

/// A short id of a data folder: sixteen hexadecimal digits, the same in every build.
#[must_use]
pub fn id(data_dir: &Path) -> String {
    let digest = Sha256::digest(data_dir.as_os_str().as_encoded_bytes());
    let start = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{start:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_folder_still_has_a_socket() {
        let long = PathBuf::from("/home/u").join("x".repeat(200));
        assert!(socket(&long).as_os_str().len() <= MAX_SOCKET_PATH_LEN);
        assert_ne!(socket(&long), socket(&long.join("y")));
        assert_eq!(socket(Path::new("/home/u/t")), Path::new("/home/u/t/agent.sock"));
    }
}
