//! This machine's own id, and whether it is the machine that it was.

use std::fs;
use std::process::{Command, Stdio};

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};
use tidemark_core::text;
use tidemark_store::{OwnMachine, Renewed, Store, StoreError};

use crate::hidden_window::without_window;

/// The longest name of a machine, in characters.
pub const MAX_NAME_CHARS: usize = text::MAX_ACCOUNT_NAME_CHARS;
/// What a machine is called whose name no one knows.
const UNNAMED: &str = "machine";
/// How long one run goes on over several processes.
const RUN: TimeDelta = TimeDelta::days(1);
/// What of a system's answer is read.
const MAX_ANSWER_LEN: usize = 4096;

/// What the system says of the machine it runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// The host name.
    pub name: String,
    /// A hash: of the system's own id of the machine if it has one (`id:…`), else of the host name (`name:…`).
    pub fingerprint: String,
}

impl Host {
    /// The machine that this process runs on. Reads a few small files, or asks the system.
    #[must_use]
    pub fn of_system() -> Self {
        let name = host_name();
        let fingerprint = match machine_id() {
            Some(id) => format!("id:{}", hash(&["tidemark machine id", &id])),
            None => format!("name:{}", hash(&["tidemark host name", name.as_deref().unwrap_or(UNNAMED)])),
        };
        Self { name: name.map_or_else(|| UNNAMED.to_owned(), |name| tidy(&name)), fingerprint }
    }

    /// Whether a fingerprint of another time is surely another machine's. The kinds cannot be compared.
    fn is_not(&self, fingerprint: &str) -> bool {
        let kind = |text: &str| text.split_once(':').map(|(kind, _)| kind.to_owned());
        kind(fingerprint) == kind(&self.fingerprint) && fingerprint != self.fingerprint
    }
}

/// This machine, as the store knows it. It is given an id where it has none, and another one where the history was
/// copied from another machine.
///
/// # Errors
/// Those of [any write](StoreError#reads-and-writes).
pub fn ensure(store: &Store, host: &Host, now: DateTime<Utc>) -> Result<OwnMachine, StoreError> {
    match store.own_machine()? {
        Some(own) if host.is_not(&own.host) => {
            let name = host.name.clone();
            renew_as(store, OwnMachine { name, ..own }, host, Renewed::OtherHost, now)
        }
        Some(own) => Ok(own),
        None => {
            let own = OwnMachine {
                id: random_id(),
                name: host.name.clone(),
                host: host.fingerprint.clone(),
                made_at: now,
                renewed: None,
                epoch: random_epoch(),
            };
            store.set_own_machine(&own)?;
            Ok(own)
        }
    }
}

/// Gives this machine another id, since another one goes by its own.
///
/// # Errors
/// Those of [any write](StoreError#reads-and-writes).
pub fn renew(store: &Store, host: &Host, now: DateTime<Utc>) -> Result<OwnMachine, StoreError> {
    let own = ensure(store, host, now)?;
    renew_as(store, own, host, Renewed::Clone, now)
}

fn renew_as(
    store: &Store,
    own: OwnMachine,
    host: &Host,
    why: Renewed,
    now: DateTime<Utc>,
) -> Result<OwnMachine, StoreError> {
    store.add_former_id(&own.id)?;
    let renewed = OwnMachine {
        id: random_id_after(&own.id),
        host: host.fingerprint.clone(),
        made_at: now,
        renewed: Some(why),
        epoch: random_epoch(),
        ..own
    };
    store.set_own_machine(&renewed)?;
    // What was written to folders was written under the other id.
    for exchange in store.exchanges()? {
        store.set_exchange_written(exchange.id, None)?;
    }
    // What was passed over as this machine's own may be the other's.
    store.forget_exchange_files()?;
    tracing::warn!(why = why.as_str(), "this machine has a new id");
    Ok(renewed)
}

/// Begins a run, under which records are given away.
///
/// # Errors
/// Those of [any write](StoreError#reads-and-writes).
pub fn begin_run(store: &Store, now: DateTime<Utc>) -> Result<String, StoreError> {
    let run = format!("{:016x}", rand::random::<u64>());
    store.add_own_run(&run, now)?;
    Ok(run)
}

/// The run of the last day, or a new one: for records that are asked for again and again, by a process each.
///
/// # Errors
/// Those of [any write](StoreError#reads-and-writes).
pub fn recent_run(store: &Store, now: DateTime<Utc>) -> Result<String, StoreError> {
    match store.last_own_run()? {
        Some((run, at)) if at <= now && now - at < RUN => Ok(run),
        _ => begin_run(store, now),
    }
}

/// 128 random bits, as 32 hexadecimal digits.
fn random_id() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// A random id that goes behind another one. What several machines hold counts for the first of them elsewhere: what was
/// used before a disk was copied is to count for the machine that kept the id.
fn random_id_after(former: &str) -> String {
    let first = former.get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or_default();
    let high = rand::random_range(first.saturating_add(1)..=u64::MAX);
    format!("{high:016x}{:016x}", rand::random::<u64>())
}

fn random_epoch() -> String {
    format!("{:08x}", rand::random::<u32>())
}

/// Whether a text is the id of a machine.
#[must_use]
pub fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// A name that fits, of what another machine or the system calls itself.
#[must_use]
pub fn tidy(name: &str) -> String {
    let name = text::composed(&text::bounded(name.trim(), MAX_NAME_CHARS));
    if name.is_empty() { UNNAMED.to_owned() } else { name }
}

fn hash(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    let first = digest.finalize().iter().take(8).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    format!("{first:016x}")
}

fn host_name() -> Option<String> {
    let of_file = || fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let of_variable = || std::env::var("COMPUTERNAME").ok();
    let of_command = || answer("hostname", &[]);
    let filled = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    of_file()
        .and_then(filled)
        .or_else(|| of_variable().and_then(filled))
        .or_else(|| of_command().and_then(filled))
}

/// What the system itself calls the machine, for good.
fn machine_id() -> Option<String> {
    if cfg!(windows) {
        let said = answer("reg", &["query", r"HKLM\SOFTWARE\Microsoft\Cryptography", "/v", "MachineGuid"])?;
        return Some(said.split_whitespace().last()?.to_owned()).filter(|id| id.len() >= 32);
    }
    if cfg!(target_os = "macos") {
        let said = answer("/usr/sbin/ioreg", &["-rd1", "-c", "IOPlatformExpertDevice"])?;
        let line = said.lines().find(|line| line.contains("IOPlatformUUID"))?;
        return Some(line.split('"').nth(3)?.to_owned()).filter(|id| id.len() >= 32);
    }
    ["/etc/machine-id", "/var/lib/dbus/machine-id"]
        .into_iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .map(|id| id.trim().to_owned())
        .find(|id| id.len() >= 32)
}

fn answer(program: &str, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stderr(Stdio::null());
    without_window(&mut command);
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text =
        String::from_utf8_lossy(&output.stdout[..output.stdout.len().min(MAX_ANSWER_LEN)]).into_owned();
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(fingerprint: &str) -> Host {
        Host { name: "desk".to_owned(), fingerprint: fingerprint.to_owned() }
    }

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), DateTime::UNIX_EPOCH).unwrap();
        (folder, store)
    }

    #[test]
    fn an_id_is_made_once() {
        let (_folder, store) = store();
        let now = DateTime::UNIX_EPOCH;
        let own = ensure(&store, &host("id:a"), now).unwrap();
        assert!(is_id(&own.id) && own.name == "desk" && own.renewed.is_none());
        for same in ["id:a", "name:x"] {
            assert_eq!(ensure(&store, &host(same), now).unwrap(), own, "{same}");
        }
    }

    #[test]
    fn a_history_that_was_copied_to_another_machine_has_another_id_there() {
        let (_folder, store) = store();
        let now = DateTime::UNIX_EPOCH;
        let own = ensure(&store, &host("id:a"), now).unwrap();
        let other = ensure(&store, &host("id:b"), now).unwrap();
        assert!(other.id != own.id && other.epoch != own.epoch);
        assert_eq!(other.renewed, Some(Renewed::OtherHost));
        assert_eq!(ensure(&store, &host("id:b"), now).unwrap(), other);
    }

    #[test]
    fn the_system_says_what_machine_it_is_and_says_it_again() {
        let host = Host::of_system();
        assert_eq!(Host::of_system(), host);
        assert!(host.fingerprint.contains(':') && !host.name.is_empty());
    }

    #[test]
    fn ids_of_machines() {
        assert!(is_id(&random_id()));
        for text in ["", "../../../../../etc/passwd/aaaaaa", "0123456789ABCDEF0123456789ABCDEF"] {
            assert!(!is_id(text), "{text}");
        }
    }
}
