//! What happens to the session's keyring, and what is in it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};

use crate::{COMES_UP, Desktop, wait_for};

const SERVICE: &str = "org.freedesktop.secrets";
const SERVICE_PATH: &str = "/org/freedesktop/secrets";
const SERVICE_INTERFACE: &str = "org.freedesktop.Secret.Service";
const LOGIN: ObjectPath<'static> =
    ObjectPath::from_static_str_unchecked("/org/freedesktop/secrets/collection/login");

/// An entry as `secret-tool` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The label, which keyring programs show.
    pub label: String,
    /// The secret.
    pub secret: String,
    /// The attributes that name it, such as `service` and `username`.
    pub attributes: BTreeMap<String, String>,
}

impl Desktop {
    /// Locks the login keyring.
    ///
    /// # Panics
    /// Where no keyring runs.
    pub fn keyring_lock(&self) {
        self.bus()
            .call_method(Some(SERVICE), SERVICE_PATH, Some(SERVICE_INTERFACE), "Lock", &(vec![LOGIN],))
            .expect("the keyring locks its login collection");
        wait_for("the keyring to be locked", COMES_UP, || self.keyring_locked(), |locked| *locked);
    }

    /// Unlocks the login keyring with its password, as a login would: without a prompt.
    ///
    /// # Panics
    /// Where no keyring runs.
    pub fn keyring_unlock(&self) {
        let reply = self
            .bus()
            .call_method(
                Some(SERVICE),
                SERVICE_PATH,
                Some(SERVICE_INTERFACE),
                "OpenSession",
                &("plain", Value::from("")),
            )
            .expect("a session with the keyring");
        let (_, session): (OwnedValue, OwnedObjectPath) =
            reply.body().deserialize().expect("the keyring's answer");
        let password = self.keyring_password().as_bytes();
        let secret = (session, Vec::<u8>::new(), password, "text/plain");
        self.bus()
            .call_method(
                Some(SERVICE),
                SERVICE_PATH,
                Some("org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"),
                "UnlockWithMasterPassword",
                &(LOGIN, secret),
            )
            .expect("the keyring takes its password");
        wait_for("the keyring to be unlocked", COMES_UP, || self.keyring_locked(), |locked| !locked);
    }

    /// Whether the login keyring is locked.
    ///
    /// # Panics
    /// Where no keyring runs.
    pub fn keyring_locked(&self) -> bool {
        let reply = self
            .bus()
            .call_method(
                Some(SERVICE),
                &LOGIN,
                Some("org.freedesktop.DBus.Properties"),
                "Get",
                &("org.freedesktop.Secret.Collection", "Locked"),
            )
            .expect("the keyring says whether it is locked");
        let value: OwnedValue = reply.body().deserialize().expect("the keyring's answer");
        bool::try_from(value).expect("a yes or no")
    }

    /// Kills the keyring, as when it crashes. [`Desktop::keyring_start`] brings it back.
    ///
    /// # Panics
    /// Where none runs.
    pub fn keyring_kill(&mut self) {
        let mut daemon = self.keyring.take().expect("a running keyring");
        daemon.kill();
        self.until_off_bus(SERVICE);
    }

    /// Puts an entry in, by `secret-tool`, as another program would.
    ///
    /// # Panics
    /// Where `secret-tool` fails.
    pub fn secret_tool_store(&self, label: &str, attributes: &[(&str, &str)], secret: &str) {
        use std::io::Write;
        let mut command = self.command("secret-tool");
        command.arg("store").arg(format!("--label={label}"));
        for (name, value) in attributes {
            command.args([name, value]);
        }
        let mut child =
            command.stdin(std::process::Stdio::piped()).spawn().expect("secret-tool, from libsecret-tools");
        let mut pipe = child.stdin.take().expect("standard input is a pipe");
        pipe.write_all(secret.as_bytes()).expect("secret-tool reads the secret");
        drop(pipe);
        assert!(child.wait().expect("secret-tool's end").success(), "secret-tool store failed");
    }

    /// What `secret-tool search --all service <service>` finds: the entries with their secrets, read by a
    /// program that has nothing to do with ours.
    ///
    /// # Panics
    /// Where `secret-tool` cannot be started.
    pub fn secret_tool_search(&self, service: &str) -> Vec<Entry> {
        // It writes path, label and secret to standard output and the attributes to standard error: one
        // file keeps them in order.
        let mut command = self.command("sh");
        command.args(["-c", "exec secret-tool search --all service \"$1\" 2>&1", "sh", service]);
        let out = command.output().expect("a shell and secret-tool");
        parse_search(&String::from_utf8_lossy(&out.stdout))
    }

    /// A prompt that comes up and is not answered: from now on whoever needs the locked keyring waits.
    /// Dropping it closes it.
    ///
    /// # Panics
    /// If there is a prompter already.
    pub fn silent_prompter(&self) -> SilentPrompter {
        let prompts = Arc::new(AtomicUsize::new(0));
        let address = self.env()["DBUS_SESSION_BUS_ADDRESS"].clone();
        let connection = zbus::blocking::connection::Builder::address(address.as_str())
            .and_then(|builder| {
                builder.serve_at("/org/gnome/keyring/Prompter", Prompter { prompts: Arc::clone(&prompts) })
            })
            .and_then(|builder| builder.name("org.gnome.keyring.SystemPrompter"))
            .and_then(zbus::blocking::connection::Builder::build)
            .expect("the prompter's name on the session bus");
        SilentPrompter { prompts, _connection: connection }
    }
}

/// See [`Desktop::silent_prompter`].
#[derive(Debug)]
pub struct SilentPrompter {
    prompts: Arc<AtomicUsize>,
    _connection: zbus::blocking::Connection,
}

impl SilentPrompter {
    /// How many prompts have been asked for.
    pub fn prompts(&self) -> usize {
        self.prompts.load(Ordering::SeqCst)
    }
}

struct Prompter {
    prompts: Arc<AtomicUsize>,
}

#[zbus::interface(name = "org.gnome.keyring.internal.Prompter")]
impl Prompter {
    fn begin_prompting(&self, callback: ObjectPath<'_>) {
        drop(callback); // whoever waits there is never answered
        self.prompts.fetch_add(1, Ordering::SeqCst);
    }

    #[allow(clippy::unused_self)] // the interface's shape
    fn stop_prompting(&self, callback: ObjectPath<'_>) {
        drop(callback);
    }
}

/// Reads `secret-tool`'s blocks: `[path]`, then `name = value` lines. A secret of several lines goes on to
/// the next known name.
fn parse_search(text: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut in_secret = false;
    for line in text.lines() {
        if line.starts_with("[/") && line.ends_with(']') {
            entries.push(Entry { label: String::new(), secret: String::new(), attributes: BTreeMap::new() });
            in_secret = false;
            continue;
        }
        let Some(entry) = entries.last_mut() else { continue };
        let (name, value) = line.split_once(" = ").unwrap_or((line, ""));
        let known = ["label", "secret", "created", "modified", "schema"].contains(&name)
            || name.starts_with("attribute.");
        if in_secret && !known {
            entry.secret.push('\n');
            entry.secret.push_str(line);
            continue;
        }
        in_secret = name == "secret";
        match name {
            "label" => value.clone_into(&mut entry.label),
            "secret" => value.clone_into(&mut entry.secret),
            _ => {
                if let Some(attribute) = name.strip_prefix("attribute.") {
                    entry.attributes.insert(attribute.to_owned(), value.to_owned());
                }
            }
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_secret_tool_writes() {
        let text = "[/org/freedesktop/secrets/collection/login/1]\nlabel = Tidemark: work\nsecret = one\ntwo\n\
                    created = 2026-01-02 03:04:05\nmodified = 2026-01-02 03:04:05\n\
                    schema = org.freedesktop.Secret.Generic\nattribute.service = Tidemark\nattribute.username = a\n\
                    [/org/freedesktop/secrets/collection/login/2]\nlabel = b\nsecret = =x = y\n";
        let entries = parse_search(text);
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].label, "Tidemark: work");
        assert_eq!(entries[0].secret, "one\ntwo");
        assert_eq!(entries[0].attributes["service"], "Tidemark");
        assert_eq!(entries[0].attributes["username"], "a");
        assert_eq!(entries[1].secret, "=x = y");
    }
}
