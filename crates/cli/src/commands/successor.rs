//! Starting an agent in the place of an older one.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tidemark_api::client::Client;
use tokio::process::Command;

/// How long it may take until it answers. It may have a history to bring up to date.
const START_TIMEOUT: Duration = Duration::from_secs(20);
/// How often it is asked meanwhile.
const START_POLL: Duration = Duration::from_millis(40);

/// Starts an agent of this program for a data folder, which outlives this command, and waits until it answers. Whether
/// it does; where not, the command goes on with an engine of its own.
pub async fn start(data_dir: &Path) -> bool {
    let Ok(program) = tidemark_files::process::own_program() else { return false };
    start_program(&program, data_dir).await
}

/// The command that runs a program's agent for a data folder, apart from this process.
pub fn agent_of(program: &Path, data_dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg("agent").arg("--data-dir").arg(data_dir);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // A Ctrl-C in this command's terminal is not meant for it.
    #[cfg(unix)]
    command.process_group(0);
    without_console(&mut command);
    command
}

/// Windows would open a console for a program that has none of its own to write to.
pub fn without_console(command: &mut Command) {
    #[cfg(windows)]
    {
        const CREATE_NO_WINDOW: u32 = 0x0800_0000;
        const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
        command.creation_flags(CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP);
    }
    #[cfg(not(windows))]
    let _ = command;
}

/// As [`start`], of another program.
pub async fn start_program(program: &Path, data_dir: &Path) -> bool {
    let Ok(mut child) = agent_of(program, data_dir).spawn() else { return false };
    let client = Client::for_data_dir(data_dir);
    let begun = Instant::now();
    while begun.elapsed() < START_TIMEOUT {
        if client.is_running().await {
            return true;
        }
        if matches!(child.try_wait(), Ok(Some(_)) | Err(_)) {
            return false;
        }
        tokio::time::sleep(START_POLL).await;
    }
    false
}
