//! Reads the spend logs of a LiteLLM proxy while it is turned on.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use tidemark_intake::litellm::{Cursor, DatabaseError, DatabaseUrl, Row, RowReading, SpendLogs, record};
use tokio_util::sync::CancellationToken;

use super::keep::{keep, own_addresses};
use super::state::{IntakeProblem, IntakeTally};
use crate::event::EngineEvent;
use crate::settings::LiteLlmSettings;
use crate::shared::Shared;
use crate::store_handle::StoreHandleError;

/// The word for it in the store.
const FORMAT: &str = "litellm";
/// How often the table is read.
const EVERY: Duration = Duration::from_mins(1);
/// After failures it is read after 1, 2, 4 … minutes, up to this.
const MAX_PAUSE: Duration = Duration::from_mins(30);

/// Why the table was not read to its end.
enum Failed {
    Database(DatabaseError),
    Store(StoreHandleError),
    /// The variable with the password is not set where the agent runs.
    NoPassword,
}

impl From<DatabaseError> for Failed {
    fn from(error: DatabaseError) -> Self {
        Self::Database(error)
    }
}

impl From<StoreHandleError> for Failed {
    fn from(error: StoreHandleError) -> Self {
        Self::Store(error)
    }
}

/// Reads until `end` is cancelled; what fails is tried again.
pub(super) async fn run(shared: Arc<Shared>, settings: LiteLlmSettings, end: CancellationToken) {
    // Settings were checked when they were set, and when they were read.
    let Ok(url) = settings.url.parse::<DatabaseUrl>() else { return };
    let mut pause = EVERY;
    loop {
        let done = tokio::select! {
            () = end.cancelled() => return,
            done = read(&shared, &url, &settings) => done,
        };
        let now = shared.now();
        let problem = match done {
            Ok(()) => None,
            Err(Failed::Database(error)) => Some(IntakeProblem::new(error.code(), error.said(), now)),
            Err(Failed::Store(error)) => Some(IntakeProblem::new("store", Some(&error.to_string()), now)),
            Err(Failed::NoPassword) => Some(IntakeProblem::new("password", None, now)),
        };
        pause = if problem.is_none() { EVERY } else { (pause * 2).min(MAX_PAUSE) };
        {
            let state = &mut shared.state().intake.litellm;
            if let Some(problem) = problem {
                tracing::debug!(code = problem.code, "LiteLLM's spend logs could not be read");
                state.problem = Some(problem.after(state.problem.as_ref()));
            } else {
                (state.problem, state.read_at) = (None, Some(now));
            }
        }
        shared.announce(EngineEvent::Settings);
        tokio::select! {
            () = end.cancelled() => return,
            () = shared.clock().sleep(pause) => {}
        }
    }
}

async fn read(shared: &Shared, url: &DatabaseUrl, settings: &LiteLlmSettings) -> Result<(), Failed> {
    let source = source(url);
    let asked = source.clone();
    let mark = shared.store.ask(move |store| store.intake_mark(&asked)).await?;
    let cursor: Cursor = mark.and_then(|mark| serde_json::from_str(&mark).ok()).unwrap_or_default();
    let password = match &settings.password_env {
        None => None,
        Some(name) => {
            let value = std::env::var(name).ok().filter(|value| !value.is_empty());
            Some(value.map(SecretString::from).ok_or(Failed::NoPassword)?)
        }
    };
    let own = own_addresses(shared);
    let now = shared.now().timestamp_millis();
    let mut last = cursor;
    let mut logs = SpendLogs::open(url, password.as_ref(), cursor, now).await?;
    while let Some(page) = logs.next().await? {
        let mut tally = IntakeTally::default();
        let mut records = Vec::with_capacity(page.rows.len());
        // Of rows that come again, only what is stored says whether they count.
        let is_new = |row: &Row| row.start > cursor.start;
        for row in &page.rows {
            match record(row, &own) {
                RowReading::Used(record) => records.push(*record),
                RowReading::NotKimi => tally.not_kimi += u64::from(is_new(row)),
                RowReading::Nothing => {}
                RowReading::Senseless => tally.refused += u64::from(is_new(row)),
            }
        }
        if records.is_empty() && page.cursor == last {
            continue;
        }
        last = page.cursor;
        let mark = serde_json::to_string(&page.cursor).ok();
        let outcome = keep(shared, (source.clone(), FORMAT), records, mark).await?;
        let state = &mut shared.state().intake.litellm.tally;
        state.counted += outcome.counted;
        state.in_logs += outcome.in_logs;
        state.not_kimi += tally.not_kimi;
        state.refused += tally.refused;
    }
    Ok(())
}

/// The word for a database in the store: another one is read from its beginning.
fn source(url: &DatabaseUrl) -> String {
    let digest: [u8; 32] = Sha256::digest(url.as_str()).into();
    let number = digest[..8].iter().fold(0, |all: u64, byte| all << 8 | u64::from(*byte));
    format!("{FORMAT}:{number:016x}")
}
