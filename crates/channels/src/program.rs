//! A program of the user's: it is started without arguments and given the message's JSON document on its standard input, in
//! one line. A status other than 0 is a failure, and the first line of its standard error says why.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

use crate::channel::Channel;
use crate::failure::{DeliveryFailure, FailureCode};
use crate::message::Message;

/// How long it may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The most of its standard error that is read.
const MAX_ERROR_BYTES: u64 = 4096;

pub(crate) async fn send(channel: &Channel, message: &Message) -> Result<(), DeliveryFailure> {
    let failed = |said: &str| DeliveryFailure::new(FailureCode::ProgramFailed).saying(said);
    let program = channel.program.as_ref().filter(|program| program.is_absolute());
    let program = program.ok_or(FailureCode::BadAddress)?;
    let mut child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(&error.to_string()))?;
    let mut line = message.to_json();
    line.push('\n');
    let run = async {
        let (input, errors) = (child.stdin.take(), child.stderr.take());
        let write = async {
            // One that does not read it may end with success all the same.
            if let Some(mut input) = input {
                drop(input.write_all(line.as_bytes()).await);
            }
        };
        let read = async {
            let mut said = Vec::new();
            if let Some(errors) = errors {
                let mut errors = errors.take(MAX_ERROR_BYTES);
                drop(errors.read_to_end(&mut said).await);
                // The rest is read too, so that the program is not stopped by a full pipe.
                drop(tokio::io::copy(&mut errors.into_inner(), &mut tokio::io::sink()).await);
            }
            String::from_utf8_lossy(&said).into_owned()
        };
        let ((), said) = tokio::join!(write, read);
        child.wait().await.map(|status| (status, said))
    };
    let ended = tokio::time::timeout(TIMEOUT, run).await.map_err(|_| failed("it did not end in time"))?;
    let (status, said) = ended.map_err(|error| failed(&error.to_string()))?;
    if status.success() {
        return Ok(());
    }
    let first = said.lines().map(str::trim).find(|line| !line.is_empty());
    Err(failed(first.unwrap_or(&status.to_string())))
}
