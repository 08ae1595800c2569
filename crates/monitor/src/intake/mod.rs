//! Takes in what other programs say of their usage: OTLP metrics and the spend logs of LiteLLM. Off until the user turns
//! it on; started and stopped when the settings change.

mod keep;
mod litellm;
mod otlp;
pub(crate) mod state;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::event::EngineEvent;
use crate::shared::Shared;
pub use state::{IntakeProblem, IntakeState, IntakeTally, LiteLlmState, OtlpState};

/// Keeps what is turned on running.
pub(crate) struct Intake {
    shared: Arc<Shared>,
}

/// A part that runs, until it is dropped or stopped.
struct Part<S> {
    settings: S,
    end: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl<S: PartialEq> Part<S> {
    fn start<F>(settings: S, work: impl FnOnce(&S, CancellationToken) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let end = CancellationToken::new();
        let task = tokio::spawn(work(&settings, end.clone()));
        Self { settings, end, task }
    }

    /// Stops it, and waits until what has begun is stored.
    async fn stop(self) {
        self.end.cancel();
        let _ = self.task.await;
    }
}

impl Intake {
    pub(crate) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Runs until the engine ends.
    pub(crate) async fn run(&self) {
        if self.shared.config.demo {
            return;
        }
        let wake = Arc::clone(&self.shared.intake_wake);
        let (mut otlp, mut litellm) = (None, None);
        self.shared.state().intake.running = true;
        loop {
            let (listen, database) = {
                let settings = &self.shared.state().settings;
                (settings.intake_otlp, settings.intake_litellm.clone())
            };
            otlp = self
                .turn(otlp, listen, |shared| shared.state().intake.otlp = OtlpState::default(), otlp::run)
                .await;
            litellm = self
                .turn(
                    litellm,
                    database,
                    |shared| shared.state().intake.litellm = LiteLlmState::default(),
                    litellm::run,
                )
                .await;
            tokio::select! {
                () = self.shared.end.cancelled() => break,
                () = wake.notified() => {}
            }
        }
        if let Some(part) = otlp {
            part.stop().await;
        }
        if let Some(part) = litellm {
            part.stop().await;
        }
    }

    /// Has a part run as the settings say, or not at all.
    async fn turn<S, F>(
        &self,
        running: Option<Part<S>>,
        wanted: Option<S>,
        forget: impl FnOnce(&Shared),
        work: impl FnOnce(Arc<Shared>, S, CancellationToken) -> F,
    ) -> Option<Part<S>>
    where
        S: PartialEq + Clone,
        F: Future<Output = ()> + Send + 'static,
    {
        if running.as_ref().map(|part| &part.settings) == wanted.as_ref() {
            return running;
        }
        if let Some(part) = running {
            part.stop().await;
        }
        forget(&self.shared);
        self.shared.announce(EngineEvent::Settings);
        wanted.map(|settings| {
            Part::start(settings, |settings, end| work(Arc::clone(&self.shared), settings.clone(), end))
        })
    }
}
