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
/// socket, in a folder of the user's own for running programs. Both sides check that it is the user's own.
#[must_use]
pub fn socket(data_dir: &Path) -> PathBuf {
    sockets(data_dir).swap_remove(0)
}

/// Where the socket of a data folder's engine can be, the likeliest first; never empty. There are several where its
/// path is long: the agent may have been started with another environment than who asks it.
#[must_use]
pub fn sockets(data_dir: &Path) -> Vec<PathBuf> {
    sockets_in(data_dir, &runtime_folders())
}

fn sockets_in(data_dir: &Path, runtime: &[PathBuf]) -> Vec<PathBuf> {
    let inside = data_dir.join("agent.sock");
    let fits = |path: &PathBuf| path.as_os_str().len() <= MAX_SOCKET_PATH_LEN;
    if fits(&inside) {
        return vec![inside];
    }
    let name = format!("tidemark-{}", id(data_dir));
    let mut places: Vec<PathBuf> =
        runtime.iter().map(|folder| folder.join(&name).join("agent.sock")).filter(fits).collect();
    if places.is_empty() {
        // It cannot be opened, and the system says why.
        places.push(inside);
    }
    places
}

/// The user's own folders for what belongs to running programs: the session's, and one that is there without a session.
/// The system's temporary folder is none: anybody can lay something there first.
fn runtime_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    #[cfg(unix)]
    {
        let session = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        folders.extend(session.filter(|folder| folder.is_absolute()));
        let usual = PathBuf::from(format!("/run/user/{}", tidemark_files::user()));
        if !folders.contains(&usual) {
            folders.push(usual);
        }
        folders.retain(|folder| tidemark_files::folder::safe(folder).is_ok());
    }
    folders.extend(directories::BaseDirs::new().map(|dirs| dirs.cache_dir().join("tidemark")));
    folders
}

/// The named pipe of a data folder's engine, on Windows.
#[must_use]
pub fn pipe(data_dir: &Path) -> String {
    format!(r"\\.\pipe\tidemark-{}", id(data_dir))
}

/// A short id of a data folder: sixteen hexadecimal digits, the same in every build.
#[must_use]
pub fn id(data_dir: &Path) -> String {
    #[cfg(windows)]
    let data_dir = &one_spelling(data_dir);
    let digest = Sha256::digest(data_dir.as_os_str().as_encoded_bytes());
    let start = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{start:016x}")
}

/// Windows makes no difference between capital and small letters, nor between the two slashes.
#[cfg(windows)]
fn one_spelling(path: &Path) -> PathBuf {
    let path = path.to_string_lossy().to_lowercase().replace('/', r"\");
    path.trim_end_matches('\\').into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(windows)]
    #[test]
    fn a_folder_has_one_pipe_however_it_is_spelled() {
        assert_eq!(pipe(Path::new(r"C:\Users\Ann\data")), pipe(Path::new("c:/users/ann/Data/")));
        assert_ne!(pipe(Path::new(r"C:\Users\Ann\data")), pipe(Path::new(r"D:\Users\Ann\data")));
    }

    #[test]
    fn a_long_folder_still_has_a_socket_of_the_users_own() {
        let long = PathBuf::from("/home/u").join("x".repeat(200));
        let runtime = [PathBuf::from("/run/user/1000"), PathBuf::from("/home/u/.cache/tidemark")];
        let places = sockets_in(&long, &runtime);
        assert_eq!(places.len(), 2);
        for (place, folder) in places.iter().zip(&runtime) {
            assert!(place.starts_with(folder) && place.as_os_str().len() <= MAX_SOCKET_PATH_LEN, "{place:?}");
        }
        assert_ne!(places, sockets_in(&long.join("y"), &runtime));
        assert_eq!(sockets_in(Path::new("/home/u/t"), &runtime), [PathBuf::from("/home/u/t/agent.sock")]);
    }

    #[test]
    fn no_socket_is_in_a_folder_that_everybody_shares() {
        let long = PathBuf::from("/home/u").join("x".repeat(200));
        for place in sockets(&long) {
            assert!(!place.starts_with(std::env::temp_dir()) && !place.starts_with("/tmp"), "{place:?}");
        }
        assert_eq!(sockets_in(&long, &[]), [long.join("agent.sock")]);
    }
}
