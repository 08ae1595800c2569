//! One window a data folder, where there is no session bus: the first start listens on a socket beside the agent's, and
//! a later one hands its arguments over and ends. As with the agent's socket, both sides see to it that the other is the
//! same user.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tidemark_files::{folder, lock, private};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::{sleep, timeout};

/// How long the other side may take. It is a process of this user, on this machine.
const TIMEOUT: Duration = Duration::from_secs(2);
/// How long a start waits for one that has begun just before and does not listen yet.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it tries meanwhile.
const RETRY_INTERVAL: Duration = Duration::from_millis(50);
/// More arguments than a start of this program has.
const MAX_BYTES: u64 = 64 * 1024;

/// The socket of a data folder's window; its name is no longer than that of the agent's.
pub(crate) fn path(data_dir: &Path) -> PathBuf {
    tidemark_api::paths::socket(data_dir).with_file_name("win.sock")
}

/// How a start goes on.
#[derive(Debug)]
pub(crate) enum Start {
    /// It is the first, and others are to be waited for.
    First(FirstStart),
    /// Another has its arguments; this one is to end.
    Later,
}

/// Where later starts are sender.
#[derive(Debug)]
pub(crate) struct FirstStart {
    listener: UnixListener,
    /// Whoever has it listens.
    _lock: File,
}

/// Finds out whether a window is open, and hands over the arguments where one is.
///
/// # Errors
/// The socket's folder is not the user's own, or the socket cannot be made: whether a window is open is unknown then.
pub(crate) async fn begin(path: &Path, arguments: &[String]) -> io::Result<Start> {
    let dir = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    folder::make_private(dir).map_err(io::Error::other)?;
    let begun = Instant::now();
    loop {
        if hand_over(path, arguments).await? {
            return Ok(Start::Later);
        }
        if let Some(first) = listen(path)? {
            return Ok(Start::First(first));
        }
        if begun.elapsed() > PATIENCE {
            return Err(io::ErrorKind::TimedOut.into());
        }
        sleep(RETRY_INTERVAL).await;
    }
}

/// Gives arguments to the window that listens; `false` where none does.
async fn hand_over(path: &Path, arguments: &[String]) -> io::Result<bool> {
    let mut stream = match UnixStream::connect(path).await {
        Ok(stream) => stream,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(false);
        }
        Err(error) => return Err(error),
    };
    if stream.peer_cred()?.uid() != tidemark_files::user() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let exchange = async {
        stream.write_all(arguments.join("\0").as_bytes()).await?;
        stream.shutdown().await?;
        // It answers when it has understood.
        stream.read_u8().await
    };
    Ok(timeout(TIMEOUT, exchange).await.is_ok_and(|answer| answer.is_ok()))
}

/// Listens, where no other process does.
fn listen(path: &Path) -> io::Result<Option<FirstStart>> {
    let lock = private::append(&path.with_extension("lock"))?;
    if !lock::take(&lock)? {
        return Ok(None);
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    Ok(Some(FirstStart { listener, _lock: lock }))
}

impl FirstStart {
    /// Calls for each later start, with its arguments, for as long as this is awaited.
    pub(crate) async fn follow(self, started_again: impl Fn(Vec<String>)) {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    if let Ok(Some(arguments)) = timeout(TIMEOUT, arguments_of(stream)).await {
                        started_again(arguments);
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, "a later start was not sender");
                    sleep(RETRY_INTERVAL).await;
                }
            }
        }
    }
}

async fn arguments_of(mut stream: UnixStream) -> Option<Vec<String>> {
    if stream.peer_cred().ok()?.uid() != tidemark_files::user() {
        return None;
    }
    let mut bytes = Vec::new();
    (&mut stream).take(MAX_BYTES).read_to_end(&mut bytes).await.ok()?;
    let text = String::from_utf8(bytes).ok()?;
    stream.write_u8(b'\n').await.ok()?;
    Some(text.split('\0').map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    fn arguments(all: &[&str]) -> Vec<String> {
        all.iter().map(|&one| one.to_owned()).collect()
    }

    async fn first(path: &Path) -> FirstStart {
        match begin(path, &[]).await.unwrap() {
            Start::First(first) => first,
            Start::Later => panic!("another listens"),
        }
    }

    #[test]
    fn the_socket_is_beside_the_agent_s_and_its_path_is_no_longer() {
        for data_dir in ["/home/u/data".to_owned(), format!("/home/{}", "x".repeat(87))] {
            let agent = tidemark_api::paths::socket(Path::new(&data_dir));
            let own = path(Path::new(&data_dir));
            assert_eq!(own.parent(), agent.parent());
            assert!(own.as_os_str().len() <= agent.as_os_str().len(), "{own:?}");
        }
    }

    #[tokio::test]
    async fn a_later_start_hands_its_arguments_to_the_first_and_ends() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("own/win.sock");
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let first = first(&path).await;
        let listening = tokio::spawn(first.follow(move |arguments| sender.send(arguments).unwrap()));
        let later = arguments(&["tidemark-desktop", "--account", "7", "--data-dir", "/ü b"]);
        for _ in 0..3 {
            assert!(matches!(begin(&path, &later).await.unwrap(), Start::Later));
            assert_eq!(receiver.recv().await, Some(later.clone()));
        }
        listening.abort();
        let _ = listening.await;
        assert!(path.exists(), "a socket that no one listens on is in no one's way");
        assert!(matches!(begin(&path, &later).await.unwrap(), Start::First(_)));
    }

    #[tokio::test]
    async fn of_two_starts_at_once_one_is_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("win.sock");
        let start = |path: PathBuf| async move {
            match begin(&path, &arguments(&["x"])).await.unwrap() {
                Start::First(first) => {
                    tokio::spawn(first.follow(drop));
                    true
                }
                Start::Later => false,
            }
        };
        let (one, two) = tokio::join!(start(path.clone()), start(path));
        assert_ne!(one, two);
    }

    #[tokio::test]
    async fn one_who_says_nothing_keeps_no_other_waiting_for_long() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("win.sock");
        let (sender, mut receiver) = mpsc::unbounded_channel();
        tokio::spawn(first(&path).await.follow(move |arguments| sender.send(arguments).unwrap()));
        let silent = UnixStream::connect(&path).await.unwrap();
        let later = arguments(&["x"]);
        let start = tokio::time::timeout(Duration::from_secs(30), begin(&path, &later)).await.unwrap();
        assert!(matches!(start.unwrap(), Start::Later));
        assert_eq!(receiver.recv().await, Some(later));
        drop(silent);
    }
}
