//! Receives OTLP metrics while it is turned on.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tidemark_intake::otlp;
use tidemark_intake::receiver::{ListenError, NotKept, Received, Receiver, Sink};
use tokio_util::sync::CancellationToken;

use super::keep::{keep, own_addresses};
use super::state::IntakeProblem;
use crate::event::EngineEvent;
use crate::shared::Shared;

/// The word for it in the store.
const SOURCE: &str = "otlp";
/// How long after a failure listening is tried again: another program may have had the port.
const RETRY: Duration = Duration::from_secs(30);

/// Listens until `end` is cancelled; where that fails it is tried again.
pub(super) async fn run(shared: Arc<Shared>, address: SocketAddr, end: CancellationToken) {
    loop {
        match Receiver::listen(address).await {
            Ok(receiver) => {
                {
                    let state = &mut shared.state().intake.otlp;
                    (state.listening, state.problem) = (Some(receiver.address()), None);
                }
                shared.announce(EngineEvent::Settings);
                receiver.serve(Arc::new(Keeping { shared: Arc::clone(&shared) }), end.clone()).await;
                shared.state().intake.otlp.listening = None;
                return;
            }
            Err(error) => {
                tracing::warn!(%error, "metrics cannot be received");
                let (code, said) = match &error {
                    ListenError::Io { source, .. } if source.kind() == std::io::ErrorKind::AddrInUse => {
                        ("port-taken", None)
                    }
                    ListenError::Io { source, .. } => ("listen", Some(source.to_string())),
                    ListenError::NotLoopback(_) => ("listen", Some(error.to_string())),
                };
                let problem = IntakeProblem::new(code, said.as_deref(), shared.now());
                let state = &mut shared.state().intake.otlp;
                state.problem = Some(problem.after(state.problem.as_ref()));
            }
        }
        tokio::select! {
            () = end.cancelled() => return,
            () = shared.clock().sleep(RETRY) => {}
        }
    }
}

struct Keeping {
    shared: Arc<Shared>,
}

impl Sink for Keeping {
    fn take(&self, received: Received) -> Pin<Box<dyn Future<Output = Result<u64, NotKept>> + Send + '_>> {
        Box::pin(async move {
            let shared = &self.shared;
            let now = shared.now();
            let own = own_addresses(shared);
            // What the body is made into is freed before anything is waited for.
            let reading = {
                let export = received.decode().map_err(|_| NotKept::NotUnderstood)?;
                otlp::read(&export, now.timestamp_millis(), &own)
            };
            drop(received);
            let mut refused = reading.refused;
            let kept = if reading.records.is_empty() {
                Ok(tidemark_store::IntakeOutcome::default())
            } else {
                keep(shared, (SOURCE.to_owned(), SOURCE), reading.records, None).await
            };
            let mut state = shared.state();
            let state = &mut state.intake.otlp;
            match kept {
                Ok(outcome) => {
                    refused += outcome.refused;
                    state.received_at = Some(now);
                    state.exports += 1;
                    state.problem = None;
                    state.tally.counted += outcome.counted;
                    state.tally.in_logs += outcome.in_logs;
                    state.tally.not_kimi += reading.not_kimi;
                    state.tally.refused += refused;
                    Ok(refused)
                }
                Err(error) => {
                    tracing::warn!(%error, "received metrics could not be stored");
                    let problem = IntakeProblem::new("store", Some(&error.to_string()), now);
                    state.problem = Some(problem.after(state.problem.as_ref()));
                    Err(NotKept::Later)
                }
            }
        })
    }

    fn refused(&self, _: &'static str) {
        self.shared.state().intake.otlp.refused_exports += 1;
    }
}
