//! The keyring of Linux desktops: the freedesktop.org Secret Service, as GNOME Keyring, KWallet and KeePassXC
//! provide it on the session bus.
//!
//! Secrets are encrypted on the bus, so that a recording of it has none. They are written and removed through
//! `zbus-secret-service-keyring-store`, and read through `secret-service` below it: the store opens a
//! password window for anything that is locked, even if it was locked only a moment after the check, and a
//! poll in the background must never do that. Everything else is asked of the service directly.
//!
//! Each operation that changes something uses a new connection: one that outlives the service is useless, and
//! the store cannot reconnect. Reading keeps its connection, since agreeing on a key for the bus costs more
//! than the rest of a poll; it is dropped when its service ends.

use std::collections::HashMap;
use std::mem::ManuallyDrop;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use keyring_core::api::CredentialStoreApi;
use secrecy::{ExposeSecret, SecretString};
use secret_service::EncryptionType;
use secret_service::blocking::SecretService as Session;
use tidemark_core::failure_cause::KeyringFault;
use zbus::blocking::{Connection, MessageIterator, connection, fdo::DBusProxy};
use zbus::message::Type;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};
use zbus::{DBusError, MatchRule};
use zbus_secret_service_keyring_store::Store;

use super::backend::{Backend, BackendError, Lock};
use crate::secret::secret;

const BUS_NAME: &str = "org.freedesktop.secrets";
const SERVICE_PATH: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const COLLECTION: &str = "org.freedesktop.Secret.Collection";
const PROMPT: &str = "org.freedesktop.Secret.Prompt";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
/// The name and the label of the collection that is made where a system has none. libsecret uses the same.
const DEFAULT_ALIAS: &str = "default";
const DEFAULT_LABEL: &str = "Default keyring";
/// How long one method may take. None of them waits for the user; starting the service may take a while.
const METHOD_TIMEOUT: Duration = Duration::from_secs(8);

/// The keyring of Linux desktops: the Secret Service.
pub(super) struct SecretService {
    service: String,
    /// The line on which the last key was read.
    line: Mutex<Option<Line>>,
}

impl SecretService {
    pub(super) fn new(service: &str) -> Self {
        Self { service: service.to_owned(), line: Mutex::new(None) }
    }

    /// The store's entry, on a connection of its own that ends with it.
    fn entry(&self, handle: &str, label: Option<&str>) -> Result<keyring_core::Entry, BackendError> {
        let store = Store::new().map_err(|error| from_store(&error))?;
        let modifiers: HashMap<&str, &str> = label.map(|label| ("label", label)).into_iter().collect();
        store.build(&self.service, handle, Some(&modifiers)).map_err(|error| from_store(&error))
    }
}

impl Drop for SecretService {
    /// The line's end waits for the bus, which must not be done on a thread that drives others' tasks.
    fn drop(&mut self) {
        let line = self.line.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        // Where no thread can be had, the line ends with the process.
        let mut line = ManuallyDrop::new(line);
        let ends = std::thread::Builder::new().spawn(move || {
            line.take();
        });
        if let Err(error) = ends {
            tracing::debug!(%error, "a line to the keyring stays open");
        }
    }
}

impl Backend for SecretService {
    fn look(&self) -> Result<Lock, BackendError> {
        let bus = Bus::connect()?;
        // Where there is no collection yet, writing makes one; nothing is locked.
        bus.default_collection()?.map_or(Ok(Lock::Open), |collection| bus.lock_of(&collection))
    }

    fn read(&self, handle: &str) -> Result<SecretString, BackendError> {
        let mut kept = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let line = match kept.take() {
            Some(line) if line.holds() => line,
            _ => Line::connect()?,
        };
        let read = line.read(&self.service, handle);
        // What a locked keyring says is no fault of the line's. Any other error may be.
        if matches!(read, Ok(_) | Err(BackendError::Locked)) {
            *kept = Some(line);
        }
        read
    }

    fn unlock(&self, handle: Option<&str>, asking: &dyn Fn()) -> Result<(), BackendError> {
        let bus = Bus::connect()?;
        if let Some(handle) = handle {
            let found = bus.search(&self.service, handle)?;
            if !found.open.is_empty() {
                return Ok(());
            }
            if !found.locked.is_empty() {
                return bus.unlock(&found.locked, asking);
            }
        }
        match bus.default_collection()? {
            Some(collection) if bus.lock_of(&collection)? == Lock::Closed => {
                bus.unlock(&[collection], asking)
            }
            Some(_) => Ok(()),
            None => bus.create_default_collection(asking),
        }
    }

    fn write(&self, handle: &str, label: &str, key: &SecretString) -> Result<(), BackendError> {
        match Bus::connect()?.find_open(&self.service, handle) {
            Ok(_) | Err(BackendError::Missing) => {}
            Err(error) => return Err(error),
        }
        let entry = self.entry(handle, Some(label))?;
        entry.set_secret(key.expose_secret().as_bytes()).map_err(|error| from_store(&error))
    }

    fn remove(&self, handle: &str) -> Result<(), BackendError> {
        Bus::connect()?.find_open(&self.service, handle)?;
        self.entry(handle, None)?.delete_credential().map_err(|error| from_store(&error))
    }
}

/// A connection, the service at its other end, and the session in which it hands out secrets.
struct Line {
    bus: Bus,
    /// The service's own name on the bus, which no other ever gets.
    owner: String,
    session: Session<'static>,
}

impl Line {
    fn connect() -> Result<Self, BackendError> {
        let bus = Bus::connect()?;
        let session = Session::connect_with_existing(EncryptionType::Dh, bus.0.clone())
            .map_err(|error| from_session(&error))?;
        Ok(Self { owner: bus.owner()?, bus, session })
    }

    /// Whether the service is still the one that the session was agreed with. A session of one that has
    /// ended could name another's by now.
    fn holds(&self) -> bool {
        self.bus.owner().is_ok_and(|owner| owner == self.owner)
    }

    fn read(&self, service: &str, handle: &str) -> Result<SecretString, BackendError> {
        let item = self.bus.find_open(service, handle)?;
        // Where it is locked by now, the service refuses, and no window appears.
        let bytes = self
            .session
            .get_item_by_path(item)
            .and_then(|item| item.get_secret())
            .map_err(|error| from_session(&error))?;
        secret(bytes).ok_or(BackendError::Missing)
    }
}

/// The items that a search found.
struct Found {
    open: Vec<OwnedObjectPath>,
    locked: Vec<OwnedObjectPath>,
}

/// A connection to the session bus, for the questions that must not make a window appear.
struct Bus(Connection);

impl Bus {
    fn connect() -> Result<Self, BackendError> {
        connection::Builder::session()
            .and_then(|builder| builder.method_timeout(METHOD_TIMEOUT).build())
            .map(Self)
            // Without a bus there is no Secret Service, whatever the reason.
            .map_err(|error| BackendError::Absent(error.to_string().into()))
    }

    fn call<B, R>(&self, path: &str, interface: &str, method: &str, body: &B) -> Result<R, BackendError>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
        R: serde::de::DeserializeOwned + zbus::zvariant::Type,
    {
        let reply = self.0.call_method(Some(BUS_NAME), path, Some(interface), method, body);
        reply.and_then(|reply| reply.body().deserialize()).map_err(|error| from_bus(&error))
    }

    /// The name on the bus of the service that answers now.
    fn owner(&self) -> Result<String, BackendError> {
        let (bus, path) = ("org.freedesktop.DBus", "/org/freedesktop/DBus");
        let reply = self.0.call_method(Some(bus), path, Some(bus), "GetNameOwner", &(BUS_NAME,));
        reply.and_then(|reply| reply.body().deserialize()).map_err(|error| from_bus(&error))
    }

    /// The items with our attributes, in all collections.
    fn search(&self, service: &str, handle: &str) -> Result<Found, BackendError> {
        let attributes = HashMap::from([("service", service), ("username", handle)]);
        let (open, locked) = self.call(SERVICE_PATH, SERVICE, "SearchItems", &(attributes,))?;
        Ok(Found { open, locked })
    }

    /// The entry, where it is there, open, and the only one of its name. A locked collection of some services
    /// does not list what is in it; so an entry that is not found while the default collection is locked is
    /// locked, not missing.
    fn find_open(&self, service: &str, handle: &str) -> Result<OwnedObjectPath, BackendError> {
        let mut found = self.search(service, handle)?;
        if found.open.len() > 1 {
            return Err(BackendError::Failed(same_name(found.open.len())));
        }
        if let Some(item) = found.open.pop() {
            return Ok(item);
        }
        if !found.locked.is_empty() {
            return Err(BackendError::Locked);
        }
        match self.default_collection()? {
            Some(collection) if self.lock_of(&collection)? == Lock::Closed => Err(BackendError::Locked),
            _ => Err(BackendError::Missing),
        }
    }

    /// The collection where new entries go, where there is one.
    fn default_collection(&self) -> Result<Option<OwnedObjectPath>, BackendError> {
        let path: OwnedObjectPath = self.call(SERVICE_PATH, SERVICE, "ReadAlias", &(DEFAULT_ALIAS,))?;
        Ok(Some(path).filter(|path| !is_none(path)))
    }

    fn lock_of(&self, collection: &ObjectPath<'_>) -> Result<Lock, BackendError> {
        let value: OwnedValue = self.call(collection.as_str(), PROPERTIES, "Get", &(COLLECTION, "Locked"))?;
        let locked = bool::try_from(value).map_err(|error| BackendError::Failed(error.to_string().into()))?;
        Ok(if locked { Lock::Closed } else { Lock::Open })
    }

    /// Unlocks collections or items, asking the user where the service must.
    fn unlock(&self, objects: &[OwnedObjectPath], asking: &dyn Fn()) -> Result<(), BackendError> {
        let (_, prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) =
            self.call(SERVICE_PATH, SERVICE, "Unlock", &(objects,))?;
        self.answered(&prompt, asking)
    }

    /// Makes the first collection of a system that has none; the service asks for its new password.
    fn create_default_collection(&self, asking: &dyn Fn()) -> Result<(), BackendError> {
        let properties =
            HashMap::from([("org.freedesktop.Secret.Collection.Label", Value::from(DEFAULT_LABEL))]);
        let (_, prompt): (OwnedObjectPath, OwnedObjectPath) =
            self.call(SERVICE_PATH, SERVICE, "CreateCollection", &(properties, DEFAULT_ALIAS))?;
        self.answered(&prompt, asking)
    }

    /// Shows a prompt and waits until the user has answered it, or the service has gone.
    fn answered(&self, prompt: &OwnedObjectPath, asking: &dyn Fn()) -> Result<(), BackendError> {
        if is_none(prompt) {
            return Ok(());
        }
        // Listen first, then ask: the answer may be quicker than we.
        let messages = MessageIterator::from(&self.0);
        let bus = DBusProxy::new(&self.0).map_err(|error| from_bus(&error))?;
        for rule in [completed(prompt), owner_changed()] {
            let rule = rule.map_err(|error| from_bus(&error))?;
            bus.add_match_rule(rule).map_err(|error| from_bus(&error.into()))?;
        }
        asking();
        self.call::<_, ()>(prompt.as_str(), PROMPT, "Prompt", &("",))?;
        for message in messages {
            let message = message.map_err(|error| from_bus(&error))?;
            if message.message_type() != Type::Signal {
                continue;
            }
            let header = message.header();
            let member = header.member().map(zbus::names::MemberName::as_str);
            if member == Some("Completed") && header.path().is_some_and(|path| *path == **prompt) {
                let body = message.body();
                let (dismissed, _): (bool, Value<'_>) =
                    body.deserialize().map_err(|error| from_bus(&error))?;
                return if dismissed { Err(BackendError::Denied(KeyringFault::Dismissed)) } else { Ok(()) };
            }
            if member == Some("NameOwnerChanged")
                && let Ok((name, _, new)) = message.body().deserialize::<(String, String, String)>()
                && name == BUS_NAME
                && new.is_empty()
            {
                return Err(BackendError::Absent(KeyringFault::EndedWhileAsking));
            }
        }
        Err(BackendError::Absent(KeyringFault::BusEnded))
    }
}

/// The Secret Service writes "none" as the root path.
fn is_none(path: &ObjectPath<'_>) -> bool {
    path.as_str() == "/"
}

fn completed(prompt: &OwnedObjectPath) -> zbus::Result<MatchRule<'_>> {
    Ok(MatchRule::builder()
        .msg_type(Type::Signal)
        .interface(PROMPT)?
        .member("Completed")?
        .path(prompt.as_str())?
        .build())
}

fn owner_changed() -> zbus::Result<MatchRule<'static>> {
    Ok(MatchRule::builder()
        .msg_type(Type::Signal)
        .sender("org.freedesktop.DBus")?
        .member("NameOwnerChanged")?
        .arg(0, BUS_NAME)?
        .build())
}

/// What an error of the bus means.
fn from_bus(error: &zbus::Error) -> BackendError {
    let text = error.to_string();
    match error {
        zbus::Error::MethodError(name, _, _) => by_name(name.as_str(), text),
        zbus::Error::FDO(error) => by_name(error.name().as_str(), text),
        zbus::Error::InputOutput(error) if error.kind() == std::io::ErrorKind::TimedOut => {
            BackendError::NoAnswer
        }
        // The bus itself is not there, or ended while we spoke.
        zbus::Error::InputOutput(_)
        | zbus::Error::Connection(..)
        | zbus::Error::Address(_)
        | zbus::Error::InterfaceNotFound => BackendError::Absent(text.into()),
        _ => BackendError::Failed(text.into()),
    }
}

/// What an error means by its name on the bus.
fn by_name(name: &str, text: String) -> BackendError {
    if let Some(problem) = name.strip_prefix("org.freedesktop.DBus.Error.") {
        return match problem {
            // The name has no owner, none could be started, or its owner ended before it answered.
            "ServiceUnknown" | "NameHasNoOwner" | "NoReply" | "Disconnected" | "NoServer" => {
                BackendError::Absent(text.into())
            }
            "AccessDenied" | "AuthFailed" => BackendError::Denied(text.into()),
            "UnknownObject" => BackendError::Missing,
            "TimedOut" | "Timeout" => BackendError::NoAnswer,
            _ if problem.starts_with("Spawn.") => BackendError::Absent(text.into()),
            _ => BackendError::Failed(text.into()),
        };
    }
    match name {
        "org.freedesktop.Secret.Error.IsLocked" => BackendError::Locked,
        "org.freedesktop.Secret.Error.NoSuchObject" => BackendError::Missing,
        _ => BackendError::Failed(text.into()),
    }
}

/// What an error of a session with the service means.
fn from_session(error: &secret_service::Error) -> BackendError {
    match error {
        secret_service::Error::Zbus(error) => from_bus(error),
        secret_service::Error::ZbusFdo(error) => by_name(error.name().as_str(), error.to_string()),
        secret_service::Error::Unavailable => BackendError::Absent(error.to_string().into()),
        secret_service::Error::Locked | secret_service::Error::Prompt => BackendError::Locked,
        secret_service::Error::NoResult => BackendError::Missing,
        other => BackendError::Failed(other.to_string().into()),
    }
}

/// What is wrong where several entries have the account's name.
fn same_name(entries: usize) -> KeyringFault {
    KeyringFault::SameName { entries: entries as u64 }
}

/// What an error of the store means. Its errors wrap those of the bus.
fn from_store(error: &keyring_core::Error) -> BackendError {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if let Some(bus) = inner.downcast_ref::<zbus::Error>() {
            return from_bus(bus);
        }
        if let Some(fdo) = inner.downcast_ref::<zbus::fdo::Error>() {
            return by_name(fdo.name().as_str(), fdo.to_string());
        }
        source = inner.source();
    }
    match error {
        keyring_core::Error::NoEntry => BackendError::Missing,
        // Something became locked between our question and the store's.
        keyring_core::Error::NoStorageAccess(_) => BackendError::Locked,
        // These carry the secret itself.
        keyring_core::Error::BadEncoding(_) | keyring_core::Error::BadDataFormat(..) => {
            BackendError::Failed(KeyringFault::NoReadableKey)
        }
        keyring_core::Error::Ambiguous(entries) => BackendError::Failed(same_name(entries.len())),
        other => BackendError::Failed(other.to_string().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_told_apart_by_their_names() {
        for (name, expected) in [
            ("org.freedesktop.DBus.Error.ServiceUnknown", "absent: x"),
            ("org.freedesktop.DBus.Error.NameHasNoOwner", "absent: x"),
            ("org.freedesktop.DBus.Error.NoReply", "absent: x"),
            ("org.freedesktop.DBus.Error.Spawn.ServiceNotFound", "absent: x"),
            ("org.freedesktop.DBus.Error.Spawn.ChildExited", "absent: x"),
            ("org.freedesktop.DBus.Error.AccessDenied", "denied: x"),
            ("org.freedesktop.DBus.Error.TimedOut", "no answer"),
            ("org.freedesktop.DBus.Error.UnknownMethod", "failed: x"),
            ("org.freedesktop.Secret.Error.IsLocked", "locked"),
            ("org.freedesktop.Secret.Error.NoSuchObject", "no such entry"),
            ("org.freedesktop.Secret.Error.NoSession", "failed: x"),
        ] {
            assert_eq!(by_name(name, "x".to_owned()).to_string(), expected, "{name}");
        }
    }

    #[test]
    fn an_error_of_the_store_never_shows_the_secret() {
        for error in [
            keyring_core::Error::BadEncoding(b"sk-kimi-canary".to_vec()),
            keyring_core::Error::BadDataFormat(
                b"sk-kimi-canary".to_vec(),
                Box::new(std::io::Error::other("why")),
            ),
        ] {
            let shown = from_store(&error);
            assert!(!format!("{shown} {shown:?}").contains("canary"), "{shown:?}");
        }
    }
}
