//! The local interface: a Unix socket, or a named pipe on Windows, that only its owner can open.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use axum::Router;
use tidemark_files::folder::FolderError;

use super::serve::serve;

/// How many connections are open at once. A window has a handful, a command one.
const MAX_CONNECTIONS: usize = 256;

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
    /// The folder for the socket belongs to someone else, or others may write to it.
    #[error("the local interface is not opened where other users could replace it: {0}")]
    Folder(#[from] FolderError),
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
        // Closed before the socket is in it: whatever the mode that the socket is made with, no one else reaches it.
        tidemark_files::folder::make_private(parent)?;
    }
    match std::fs::remove_file(&path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(bind_error(error)),
    }
    let listener = tokio::net::UnixListener::bind(&path).map_err(bind_error)?;
    // The second lock on the same door; the third is that each peer is asked who it is.
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).map_err(bind_error)?;
    let socket = path.clone();
    Ok(Box::pin(async move {
        serve(Ours { listener, user: tidemark_files::user() }, router, MAX_CONNECTIONS, |()| None, end).await;
        let _ = std::fs::remove_file(socket);
    }))
}

/// A Unix socket that takes connections of one user only. The system says who a peer is.
#[cfg(unix)]
struct Ours {
    listener: tokio::net::UnixListener,
    user: u32,
}

#[cfg(unix)]
impl axum::serve::Listener for Ours {
    type Io = tokio::net::UnixStream;
    type Addr = ();

    async fn accept(&mut self) -> (Self::Io, ()) {
        loop {
            let (stream, _) = axum::serve::Listener::accept(&mut self.listener).await;
            match stream.peer_cred() {
                Ok(peer) if peer.uid() == self.user => return (stream, ()),
                Ok(peer) => tracing::warn!(user = peer.uid(), "another user tried the local interface"),
                Err(error) => tracing::debug!(%error, "a client went away"),
            }
        }
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Serves a router on the local interface of a data folder until `end` resolves.
///
/// The pipe is made so that Windows lets no one but its user open it, and no one from another machine. Whoever connects
/// asks whose it is, since a pipe of its name can be made before this one.
///
/// # Errors
/// [`LocalError::Bind`] if the pipe cannot be made, or one of that name is there already.
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
        serve(listener, router, MAX_CONNECTIONS, |()| None, end).await;
    }))
}

#[cfg(windows)]
mod pipe {
    #![allow(unsafe_code, reason = "tokio takes who may open a pipe as a pointer")]

    use std::io;
    use std::time::Duration;

    use tidemark_files::OwnPipe;
    use tokio::net::windows::named_pipe::{NamedPipeServer, ServerOptions};

    /// A named pipe as something that connections come from: one instance waits, and when a client takes
    /// it the next one is made.
    pub(super) struct Listener {
        name: String,
        waiting: NamedPipeServer,
    }

    impl Listener {
        pub(super) fn bind(name: &str) -> io::Result<Self> {
            Ok(Self { name: name.to_owned(), waiting: instance(name, true)? })
        }
    }

    /// Another instance of the pipe; the first one only where nothing of its name is there.
    fn instance(name: &str, first: bool) -> io::Result<NamedPipeServer> {
        let mut own = OwnPipe::new()?;
        let mut options = ServerOptions::new();
        options.first_pipe_instance(first).reject_remote_clients(true);
        // SAFETY: the pointer leads to a valid `SECURITY_ATTRIBUTES` for as long as `own` lives.
        unsafe { options.create_with_security_attributes_raw(name, own.as_ptr()) }
    }

    impl axum::serve::Listener for Listener {
        type Io = NamedPipeServer;
        type Addr = ();

        async fn accept(&mut self) -> (Self::Io, Self::Addr) {
            loop {
                let connected = self.waiting.connect().await;
                let next = instance(&self.name, false);
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
