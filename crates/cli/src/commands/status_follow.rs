//! `tidemark status --follow`: the status again whenever it changes, for panels that read a stream.

use std::pin::Pin;
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use tidemark_api::client::Client;
use tidemark_api::transport::ClientError;
use tidemark_api::view::Event;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::context::{Context, runtime};
use super::status;
use crate::arguments::Status;
use crate::exit::{CommandOutcome, Exit};

/// The longest between two outputs: ages and countdowns grow old, and a reader that has gone is noticed by writing.
const AT_LEAST_EVERY: Duration = Duration::from_mins(1);
/// How long more is waited for after a change: an update of several accounts is several changes.
const SETTLE: Duration = Duration::from_millis(300);
/// How often an agent is looked for where none runs. Without one only commands change anything, which the next output
/// shows.
const LOOK_EVERY: Duration = Duration::from_secs(5);

type Events = Pin<Box<dyn Stream<Item = Result<Event, ClientError>>>>;

/// Prints the status now and after every change, until standard output is closed.
pub(super) fn run(context: &Context, status: &Status) -> Result<Exit, CommandOutcome> {
    let data_dir = context.data_dir()?;
    let runtime = runtime()?;
    let mut changes = Changes { client: Client::for_data_dir(&data_dir), events: None };
    // Listening comes before reading: what changes in between is printed again rather than missed.
    runtime.block_on(changes.listen());
    loop {
        // Outside the runtime: bringing an older history up to date takes one of its own.
        status::print(context, status)?;
        runtime.block_on(changes.next());
    }
}

/// What the agent says of changes, while one runs.
struct Changes {
    client: Client,
    events: Option<Events>,
}

impl Changes {
    /// Listens to the agent, if one runs and is not being listened to.
    async fn listen(&mut self) -> bool {
        if self.events.is_none() && self.client.is_running().await {
            self.events = self.client.events().await.ok().map(|events| Box::pin(events) as Events);
            return self.events.is_some();
        }
        false
    }

    /// Waits until something has changed, or for [`AT_LEAST_EVERY`].
    async fn next(&mut self) {
        let end = Instant::now() + AT_LEAST_EVERY;
        loop {
            let Some(events) = &mut self.events else {
                sleep_until(end.min(Instant::now() + LOOK_EVERY)).await;
                // A new agent may have changed anything before it was listened to.
                if self.listen().await || Instant::now() >= end {
                    return;
                }
                continue;
            };
            match timeout_at(end, events.next()).await {
                Err(_) => return,
                Ok(Some(Ok(event))) => {
                    if changes_status(&event) {
                        return self.settle().await;
                    }
                }
                // The agent ended, or its answer cannot be used.
                Ok(Some(Err(_)) | None) => {
                    self.events = None;
                    return;
                }
            }
        }
    }

    /// Takes what comes right after a change as part of it.
    async fn settle(&mut self) {
        let end = Instant::now() + SETTLE;
        let Some(events) = &mut self.events else { return };
        while let Ok(next) = timeout_at(end, events.next()).await {
            if !matches!(next, Some(Ok(_))) {
                self.events = None;
                return;
            }
        }
    }
}

/// Whether the status may say something else after it.
const fn changes_status(event: &Event) -> bool {
    match event {
        Event::Overview {} | Event::Findings {} | Event::Settings {} | Event::Usage {} => true,
        Event::Show { .. } | Event::Quit {} | Event::Ended {} => false,
    }
}
