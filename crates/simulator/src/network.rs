//! The simulator's place on the network, from which it can be taken and to which it can be put back.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::listen::{Connection, CutListener};
use crate::sim_state::SimState;

/// How long to try to have the port again, should another program have taken it meanwhile.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The server's address and whether anything listens there.
#[derive(Debug)]
pub(crate) struct Network {
    world: Arc<SimState>,
    addr: SocketAddr,
    /// What is served there.
    router: fn(Arc<Network>) -> Router,
    listening: Mutex<Option<Listening>>,
}

#[derive(Debug)]
struct Listening {
    cut: CancellationToken,
    task: JoinHandle<()>,
}

impl Network {
    /// Binds an address, listens there, and serves what `router` makes of it.
    pub(crate) async fn open(
        world: Arc<SimState>,
        addr: SocketAddr,
        router: fn(Arc<Self>) -> Router,
    ) -> io::Result<Arc<Self>> {
        let listener = TcpListener::bind(addr).await?;
        let addr = listener.local_addr()?;
        let network = Arc::new(Self { world, addr, router, listening: Mutex::new(None) });
        *network.listening.lock().await = Some(network.listen(listener));
        Ok(network)
    }

    pub(crate) const fn world(&self) -> &Arc<SimState> {
        &self.world
    }

    pub(crate) const fn addr(&self) -> SocketAddr {
        self.addr
    }

    fn listen(self: &Arc<Self>, inner: TcpListener) -> Listening {
        let cut = CancellationToken::new();
        let listener = CutListener { inner, cut: cut.clone() };
        let service = (self.router)(Arc::clone(self)).into_make_service_with_connect_info::<Connection>();
        let task = tokio::spawn(async move {
            // Serving ends only when the task is aborted.
            if let Err(error) = axum::serve(listener, service).await {
                tracing::error!(%error, "the simulator stopped serving");
            }
        });
        Listening { cut, task }
    }

    /// Stops listening and cuts every connection. Does nothing where nothing listens.
    pub(crate) async fn down(&self) {
        if let Some(listening) = self.listening.lock().await.take() {
            listening.cut.cancel();
            listening.task.abort();
            // The listener is dropped, and the port free, only when the task has ended.
            let _ = listening.task.await;
        }
    }

    /// Listens again on the same port. Does nothing where it listens already.
    pub(crate) async fn up(self: &Arc<Self>) -> io::Result<()> {
        let mut listening = self.listening.lock().await;
        if listening.is_some() {
            return Ok(());
        }
        let give_up = tokio::time::Instant::now() + TIMEOUT;
        loop {
            match TcpListener::bind(self.addr).await {
                Ok(listener) => {
                    *listening = Some(self.listen(listener));
                    return Ok(());
                }
                Err(error) if tokio::time::Instant::now() >= give_up => return Err(error),
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }
}

impl Network {
    /// Stops listening without waiting for it; for the end of a handle that is dropped.
    pub(crate) fn abandon(&self) {
        if let Ok(mut listening) = self.listening.try_lock()
            && let Some(listening) = listening.take()
        {
            listening.cut.cancel();
            listening.task.abort();
        }
    }
}
