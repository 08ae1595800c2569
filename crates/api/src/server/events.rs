//! The stream of events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event as Frame, KeepAlive, Sse};
use futures_util::Stream;
use tidemark_monitor::EngineEvent;
use tokio::sync::broadcast::error::RecvError;

use super::routes::Shared;
use crate::view::Event;

/// A line that never says anything would not be noticed to be dead.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

pub(super) async fn listen(
    State(shared): State<Shared>,
) -> Sse<impl Stream<Item = Result<Frame, Infallible>>> {
    let events = shared.engine.events();
    let stream = futures_util::stream::unfold(Some((events, shared.engine)), |state| async move {
        let (mut events, engine) = state?;
        loop {
            let event = tokio::select! {
                () = engine.ended() => {
                    return frame(&Event::Quit {}).map(|frame| (Ok(frame), None));
                }
                event = events.recv() => event,
            };
            let event = match event {
                // One that was too slow for what happened asks for everything anew.
                Ok(EngineEvent::Overview) | Err(RecvError::Lagged(_)) => Event::Overview {},
                Ok(EngineEvent::Findings) => Event::Findings {},
                Ok(EngineEvent::Settings) => Event::Settings {},
                Ok(EngineEvent::Usage) => Event::Usage {},
                Ok(EngineEvent::Show(account)) => Event::Show { account_id: account.map(|id| id.0) },
                // Between the engine and the agent's notifications only.
                Ok(EngineEvent::Alerts) => continue,
                Ok(EngineEvent::Quit) | Err(RecvError::Closed) => {
                    return frame(&Event::Quit {}).map(|frame| (Ok(frame), None));
                }
            };
            if let Some(frame) = frame(&event) {
                return Some((Ok(frame), Some((events, engine))));
            }
        }
    });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

fn frame(event: &Event) -> Option<Frame> {
    Frame::default().json_data(event).ok()
}
