//! The local interface: a Unix socket, or a named pipe on Windows, that only its owner can open.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use axum::Router;

/// The work of serving; it continues while this is awaited.
pub type Serving = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Why the local interface could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// The socket could not be made.
    #[error("cannot open the local interface at {}: {source}", .path.display())]
    Bind {
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder for the socket belongs to someone else, or others may open it.
    #[error("{} is accessible to other users; the local interface is not opened there", .0.display())]
    NotOurs(PathBuf),
}

/// Serves a router on the local interface of a data folder until `end` resolves. Call it only while
/// holding the folder's lock: whatever socket lies there then is a dead one's.
///
/// # Errors
/// - [`LocalError::NotOurs`] if the socket's folder is another user's, or others can write to it.
/// - [`LocalError::Bind`] if the folder or the socket cannot be made, or an old socket cannot be removed.
#[cfg(unix)]
pub async fn serve_local(
    data_dir: &Path,
    router: Router,
    end: impl Future<Output = ()> + Send + 'static,
) -> Result<Serving, LocalError> {
    use std::os::unix::fs::PermissionsExt;

    let path = crate::paths::socket(data_dir);
    let bind_error = |source| LocalError::Bind { path: path.clone(), source };
    if let Some(parent) = path.parent() {
        own_folder(parent, data_dir)?;
    }
    match std::fs::remove_file(&path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(bind_error(error)),
    }
    let listener = tokio::net::UnixListener::bind(&path).map_err(bind_error)?;
    // The folder is closed to others already; this is the second lock on the same door.
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).map_err(bind_error)?;
    let socket = path.clone();
    Ok(Box::pin(async move {
        if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(end).await {
            tracing::error!(%error, "the local interface ended");
        }
        let _ = std::fs::remove_file(socket);
    }))
}

/// Makes sure that the socket's folder exists and is ours alone.
#[cfg(unix)]
fn own_folder(folder: &Path, data_dir: &Path) -> Result<(), LocalError> {
    use std::os::unix::fs::MetadataExt;

    let bind_error = |source| LocalError::Bind { path: folder.to_path_buf(), source };
    tidemark_monitor::lock::make_private_dir(folder).map_err(bind_error)?;
    let ours = std::fs::metadata(data_dir).map_err(bind_error)?.uid();
    let there = std::fs::symlink_metadata(folder).map_err(bind_error)?;
    // A data folder that the user opened to others is the user's choice; one in /tmp that is open is a trap.
    if folder != data_dir && (!there.is_dir() || there.uid() != ours || there.mode() & 0o077 != 0) {
        return Err(LocalError::NotOurs(folder.to_path_buf()));
    }
    Ok(())
}

/// Serves a router on the local interface of a data folder until `end` resolves.
///
/// Untested: written for Windows and never run there. A pipe's default access lets its owner and
/// administrators write, others only read, and a request must be written before anything can be read.
#[cfg(windows)]
pub async fn serve_local(
    data_dir: &Path,
    router: Router,
    end: impl Future<Output = ()> + Send + 'static,
) -> Result<Serving, LocalError> {
    let name = crate::paths::pipe(data_dir);
    let listener = pipe::Listener::bind(&name)
        .map_err(|source| LocalError::Bind { path: PathBuf::from(&name), source })?;
    Ok(Box::pin(async move {
        if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(end).await {
            tracing::error!(%error, "the local interface ended");
        }
    }))
}

#[cfg(windows)]
mod pipe {
    use std::io;
    use std::time::Duration;

    use tokio::net::windows::named_pipe::{NamedPipeServer, ServerOptions};

    /// A named pipe as something that connections come from: one instance waits, and when a client takes
    /// it the next one is made.
    pub(super) struct Listener {
        name: String,
        waiting: NamedPipeServer,
    }

    impl Listener {
        pub(super) fn bind(name: &str) -> io::Result<Self> {
            let waiting =
                ServerOptions::new().first_pipe_instance(true).reject_remote_clients(true).create(name)?;
            Ok(Self { name: name.to_owned(), waiting })
        }
    }

    impl axum::serve::Listener for Listener {
        type Io = NamedPipeServer;
        type Addr = ();

        async fn accept(&mut self) -> (Self::Io, Self::Addr) {
            loop {
                let connected = self.waiting.connect().await;
                let next = ServerOptions::new().reject_remote_clients(true).create(&self.name);
                match (connected, next) {
                    (Ok(()), Ok(next)) => return (std::mem::replace(&mut self.waiting, next), ()),
                    (Err(error), Ok(next)) => {
                        tracing::debug!(%error, "a client went away");
                        self.waiting = next;
                    }
                    (_, Err(error)) => {
                        tracing::warn!(%error, "cannot make another pipe instance");
                        tokio::time::sleep(Duration::from_secs(1)).await;
                    }
                }
            }
        }

        fn local_addr(&self) -> io::Result<Self::Addr> {
            Ok(())
        }
    }
}
