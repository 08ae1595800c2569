//! Taking the data folder from a running agent.

use std::path::Path;
use std::time::{Duration, Instant};

use tidemark_api::client::{Client, ClientError};
use tidemark_monitor::lock::{Lock, LockError};

/// How long the agent, or another command, may hold the data folder before this command gives up.
const LOCK_TIMEOUT: Duration = Duration::from_secs(20);
/// How often it is tried meanwhile.
const LOCK_POLL: Duration = Duration::from_millis(20);

/// Why the data folder could not be taken.
#[derive(Debug)]
pub enum HoldError {
    /// It is still held, or cannot be locked.
    Lock(LockError),
    /// The agent could not be asked to end.
    Agent(ClientError),
}

/// Takes the data folder, and asks a running agent to end for that, which leaves windows open. Whether one was.
pub async fn hold(data_dir: &Path) -> Result<(Lock, bool), HoldError> {
    let agent = Client::for_data_dir(data_dir);
    let begun = Instant::now();
    let mut was_running = false;
    loop {
        match Lock::take(data_dir) {
            Ok(lock) => return Ok((lock, was_running)),
            Err(LockError::Taken { .. }) if begun.elapsed() < LOCK_TIMEOUT => {
                // A window may start the next one as soon as the former has ended.
                if agent.is_running().await {
                    was_running = true;
                    agent.end().await.map_err(HoldError::Agent)?;
                } else {
                    tokio::time::sleep(LOCK_POLL).await;
                }
            }
            Err(error) => return Err(HoldError::Lock(error)),
        }
    }
}
