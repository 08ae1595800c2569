//! The stream of events.

use std::collections::VecDeque;
use std::convert::Infallible;

use axum::extract::State;
use axum::response::sse::{Event as Frame, KeepAlive, Sse};
use futures_util::Stream;
use tidemark_monitor::{Engine, EngineEvent};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::context::Context;
use crate::transport::KEEP_ALIVE_INTERVAL;
use crate::view::Event;

pub(super) async fn listen(
    State(context): State<Context>,
) -> Sse<impl Stream<Item = Result<Frame, Infallible>>> {
    let listener =
        Listener { events: context.engine.events(), engine: context.engine, next: VecDeque::new() };
    let stream = futures_util::stream::unfold(Some(listener), |listener| async move {
        let mut listener = listener?;
        let event = listener.next().await;
        let last = matches!(event, Event::Quit {} | Event::Ended {});
        let frame = Frame::default().json_data(&event).ok()?;
        Some((Ok(frame), (!last).then_some(listener)))
    });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE_INTERVAL))
}

/// A client of the stream, and what it has not been sent yet.
struct Listener {
    events: Receiver<EngineEvent>,
    engine: Engine,
    next: VecDeque<Event>,
}

impl Listener {
    async fn next(&mut self) -> Event {
        loop {
            if let Some(event) = self.next.pop_front() {
                return event;
            }
            let received = tokio::select! {
                biased;
                received = self.events.recv() => received,
                // What was said before the end has been heard, unless it came in this very moment.
                () = self.engine.ended() => return self.last(),
            };
            match received {
                Ok(event) => self.next.extend(shown(event)),
                Err(RecvError::Lagged(_)) => self.next.extend(everything()),
                Err(RecvError::Closed) => return Event::Ended {},
            }
        }
    }

    /// How the engine ended: because the user quit, or for another reason.
    fn last(&mut self) -> Event {
        loop {
            match self.events.try_recv() {
                Ok(EngineEvent::Quit) => return Event::Quit {},
                Ok(_) | Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => return Event::Ended {},
            }
        }
    }
}

/// The event that front ends receive for one of the engine's.
fn shown(event: EngineEvent) -> Option<Event> {
    match event {
        EngineEvent::Overview => Some(Event::Overview {}),
        EngineEvent::Findings => Some(Event::Findings {}),
        EngineEvent::Settings => Some(Event::Settings {}),
        EngineEvent::Usage => Some(Event::Usage {}),
        EngineEvent::Show(account) => Some(Event::Show { account_id: account.map(|id| id.0) }),
        EngineEvent::Quit => Some(Event::Quit {}),
        // Between the engine and the agent's notifications only.
        EngineEvent::Alerts => None,
    }
}

/// What one that fell behind is sent: whatever it missed, it asks for all of it again.
fn everything() -> [Event; 4] {
    [Event::Overview {}, Event::Findings {}, Event::Settings {}, Event::Usage {}]
}
