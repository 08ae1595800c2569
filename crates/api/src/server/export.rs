//! The recorded history as a file, written while it is read.

use std::io;
use std::ops::ControlFlow;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta};
use serde::Deserialize;
use tidemark_core::AccountId;
use tidemark_store::ExportQuery;
use tokio::runtime::Handle;
use tokio::sync::mpsc::Sender;

use super::answer::Refusal;
use super::history::instant;
use super::routes::Shared;
use crate::export::{Format, Sheet};

/// What is sent at a time.
const BLOCK: usize = 60 << 10;
/// A reader that takes nothing for so long is gone, whatever its connection says.
const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    format: Format,
    from: Option<String>,
    to: Option<String>,
    account: Option<i64>,
}

/// `GET /v1/export?format=&from=&to=&account=`
pub(super) async fn export(
    State(shared): State<Shared>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Refusal> {
    let wanted = wanted?.0;
    let zone = shared.engine.settings().timezone;
    let query = ExportQuery {
        from: wanted.from.map_or(Ok(DateTime::UNIX_EPOCH), |text| instant(&text, zone))?,
        to: wanted.to.map_or(Ok(shared.engine.now() + TimeDelta::days(1)), |text| instant(&text, zone))?,
        account: wanted.account.map(AccountId),
    };
    let (format, hidden) = (wanted.format, shared.engine.settings().hidden());
    let (blocks, read) = tokio::sync::mpsc::channel::<io::Result<Bytes>>(16);
    let engine = shared.engine.clone();
    tokio::spawn(async move {
        let (sender, runtime) = (blocks.clone(), Handle::current());
        let mut pages = Pages { page: Vec::with_capacity(BLOCK + 4096), sender, runtime };
        let done = engine
            .read_apart(move |store| {
                let mut sheet = Sheet::new(format, hidden);
                // Writing into memory cannot fail.
                let _ = sheet.begin(&mut pages.page);
                let mut gone = false;
                store.for_each_line(&query, |line| {
                    let _ = sheet.line(&mut pages.page, line);
                    gone = pages.page.len() >= BLOCK && !pages.send();
                    if gone { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                })?;
                if !gone {
                    let _ = sheet.end(&mut pages.page);
                    pages.send();
                }
                Ok(gone)
            })
            .await;
        let broken = match done {
            Ok(false) => return,
            Ok(true) => "the reader took nothing for too long".to_owned(),
            Err(error) => error.to_string(),
        };
        // A cut-off body tells the reader that something is missing. Where it has gone, nobody hears this.
        let _ = blocks.try_send(Err(io::Error::other(broken)));
    });
    let stream = futures_util::stream::unfold(read, |mut read| async move {
        let next = read.recv().await?;
        Some((next, read))
    });
    let name = format!("attachment; filename=\"tidemark.{}\"", format.word());
    let headers = [(CONTENT_TYPE, format.media_type().to_owned()), (CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(stream)).into_response())
}

/// What is written, on its way to a reader that may be slow.
struct Pages {
    page: Vec<u8>,
    sender: Sender<io::Result<Bytes>>,
    runtime: Handle,
}

impl Pages {
    /// Hands the page on; `false` where nobody takes it.
    fn send(&mut self) -> bool {
        let page = Bytes::from(std::mem::take(&mut self.page));
        let sent = self.sender.send_timeout(Ok(page), PATIENCE);
        // This runs on a thread that may wait.
        self.runtime.block_on(sent).is_ok()
    }
}
