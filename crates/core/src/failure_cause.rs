//! Why a poll gave no reading or a key could not be had, without words: which sentence, and the facts in it.
//!
//! What the service, the keyring or the system said is an argument named `said`, and is quoted. The rest is Tidemark's
//! own, and the catalogues have its words in each language. As JSON a cause is its id with its arguments:
//! `{"id":"no-answer-in-time","host":"api.kimi.com"}`.

mod examples;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::account::Region;
use crate::message::Arg;

/// What is wrong with a file that holds a key, a login or a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum FileFault {
    /// A folder, a pipe, a device.
    #[error("it is not a file")]
    NotAFile,
    /// No such file is that large.
    #[error("it is far too large")]
    TooLarge,
    /// Others could have read it.
    #[error("it is another user's, or open to other users")]
    OpenToOthers,
    /// Its bytes are no text.
    #[error("it is not text")]
    NotText,
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// A token is one word.
    #[error("it holds more than one word")]
    SeveralWords,
    /// Kimi Code's file is JSON of a known form.
    #[error("it is not the JSON that Kimi Code writes")]
    OtherJson,
    /// The login's token is missing.
    #[error("it has no access token")]
    NoToken,
    /// The login's end is missing.
    #[error("it does not say when its token runs out")]
    NoExpiry,
    /// It is not an encrypted file, or its beginning is damaged.
    #[error("it is not an age file, or its head is altered or cut off")]
    NotEncrypted,
    /// It is encrypted in another way.
    #[error("it is not encrypted with a passphrase")]
    NoPassphrase,
    /// Whoever made it wants more work than is done for it.
    #[error("opening it would take more memory than Tidemark allows")]
    TooCostly,
    /// Its beginning is damaged.
    #[error("its head is altered or cut off")]
    HeadAltered,
    /// The rest of it is damaged.
    #[error("its body is altered or cut off")]
    BodyAltered,
    /// It is something else that was encrypted.
    #[error("its content is not what Tidemark writes")]
    OtherContent,
    /// A later version of Tidemark wrote it.
    #[error("a newer Tidemark wrote it")]
    Newer,
}

/// What is known of a keyring's trouble beyond its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "kebab-case")]
pub enum KeyringFault {
    /// The words of the system.
    Said {
        /// In its own language.
        said: String,
    },
    /// This system has none that Tidemark knows.
    Unsupported,
    /// The user dismissed its question.
    Dismissed,
    /// It ended while it was asking the user.
    EndedWhileAsking,
    /// The session bus, by which it is reached, ended.
    BusEnded,
    /// Its entry is no text.
    NoReadableKey,
    /// Several entries have the account's name.
    SameName {
        /// How many.
        entries: u64,
    },
}

impl std::fmt::Display for KeyringFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Said { said } => f.write_str(said),
            Self::Unsupported => f.write_str("no keyring is supported on this system"),
            Self::Dismissed => f.write_str("its question was dismissed"),
            Self::EndedWhileAsking => f.write_str("it ended while it was asking"),
            Self::BusEnded => f.write_str("the session bus ended"),
            Self::NoReadableKey => f.write_str("the entry holds no readable key"),
            Self::SameName { entries } => write!(f, "{entries} entries have the same name"),
        }
    }
}

impl From<String> for KeyringFault {
    fn from(said: String) -> Self {
        Self::Said { said }
    }
}

/// What was done with a file when the system refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileTask {
    /// Reading it.
    Read,
    /// Writing it.
    Write,
}

/// Why a poll gave no reading, or a key could not be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "id", rename_all = "kebab-case")]
#[allow(missing_docs, reason = "a variant's own text says what its fields are")]
pub enum FailureCause {
    /// There is no keyring, or none is running.
    KeyringAbsent {
        #[serde(flatten)]
        fault: KeyringFault,
    },
    /// The keyring is locked.
    KeyringLocked,
    /// The keyring refused.
    KeyringDenied {
        #[serde(flatten)]
        fault: KeyringFault,
    },
    /// The keyring was there earlier and went away.
    KeyringGone {
        #[serde(flatten)]
        fault: KeyringFault,
    },
    /// The keyring did not answer in time.
    KeyringNoAnswer,
    /// The keyring failed in a way of its own.
    KeyringFailed {
        #[serde(flatten)]
        fault: KeyringFault,
    },
    /// The key is not where it was kept.
    KeyMissing,
    /// The account was imported and never had a key here.
    NoKey,
    /// The key was kept in memory only.
    KeyForgotten,
    /// The key is empty.
    KeyEmpty,
    /// There is white space in the key.
    KeySeveralWords,
    /// A character of the key, by its number in Unicode and its place from 1, is in no key.
    KeyOddCharacter { character: String, place: u64 },
    /// What should name a variable does not.
    VariableName,
    /// The environment variable of a name is unset, empty or not text.
    VariableUnset { name: String },
    /// A login would go to another address than its service's.
    ForeignAddress { host: String },
    /// Kimi Code is not signed in.
    LoginMissing,
    /// Kimi Code's login ended at a time.
    LoginStale { at: DateTime<Utc> },
    /// Kimi Code's login file cannot be used.
    LoginUnreadable { path: String, fault: FileFault },
    /// The login is for another region than the account.
    LoginOtherRegion { expected: Region, found: Region },
    /// Kimi Code's server is not running; nothing answers at its address, where it has one.
    ServerNotRunning {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<String>,
    },
    /// The file with the token of Kimi Code's server cannot be used.
    ServerToken { path: String, fault: FileFault },
    /// Another user's program listens in place of Kimi Code's server.
    ServerForeign { port: u16 },
    /// The key file's passphrase was not given.
    FileLocked,
    /// The passphrase does not open the key file.
    WrongPassphrase,
    /// The passphrase is empty.
    PassphraseEmpty,
    /// The passphrase is too short.
    PassphraseShort,
    /// The key file is damaged.
    FileDamaged { path: String, fault: FileFault },
    /// The system refused to read or write a file.
    Io { task: FileTask, path: String, said: String },
    /// Work on the key file ended without a result.
    WorkEnded { said: String },

    /// The key has characters that cannot be sent.
    KeyNotSendable,
    /// No key is sent to this base URL.
    AddressRefused,
    /// The token of Kimi Code's server is sent to this machine only.
    TokenStaysHere,
    /// Encryption could not be set up.
    NoTls { said: String },
    /// The host's name has no address.
    NoAddress { host: String, said: String },
    /// There was no connection to the host.
    NotConnected { host: String, said: String },
    /// The host ended the connection without an answer.
    ConnectionEnded { host: String, said: String },
    /// The host did not answer in time.
    NoAnswerInTime { host: String },
    /// The host's answer was not finished in time.
    AnswerNotFinished { host: String, bytes: u64 },
    /// The host's answer broke off.
    AnswerBrokeOff { host: String, bytes: u64, said: String },
    /// What the host answered is not HTTP.
    NotHttp { host: String, said: String },
    /// The body is not what its headers say.
    BodyGarbled { said: String },
    /// The body is larger than an answer can be.
    BodyTooLarge { bytes: u64 },
    /// The answer leads elsewhere, where no key is sent.
    Redirected {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        host: Option<String>,
        status: u16,
    },
    /// The answer has only a status.
    StatusAlone { status: u16 },
    /// The answer has a status and a word.
    StatusWithWord { status: u16, said: String },
    /// The answer has a status that is not known, and says something.
    StatusUnknown { status: u16, said: String },
    /// The answer is a web page, with its title.
    AnswerIsPage {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        said: Option<String>,
    },
    /// The answer is JSON of another kind: `array`, `string`, `number`, `truth-value`, `null`.
    AnswerIsOtherJson { kind: String },
    /// The answer has no body.
    AnswerEmpty,
    /// The answer is not text, at a byte.
    AnswerNotText { byte: u64 },
    /// The answer is JSON that ends too early.
    AnswerCutOff { bytes: u64 },
    /// The answer is not JSON, at a line and column.
    AnswerNotJson { line: u64, column: u64 },
    /// The answer has none of the expected parts, but others, by their names.
    OtherParts { said: String },
    /// The balance is in a currency that is not known, by its name.
    OtherCurrency { said: String },
    /// The balance has no amount that can be read; the names of those that cannot.
    NoAmounts {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        said: Option<String>,
    },

    /// Kimi Code's server did not accept the token in its file.
    ServerTokenRefused,
    /// Kimi Code's server has no such interface: another version.
    ServerWithoutUsage { status: u16 },
    /// Kimi Code's server failed.
    ServerFailed {
        status: u16,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        said: Option<String>,
    },
    /// The service refused the login of Kimi Code's server.
    ServerLoginRefused {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        said: Option<String>,
    },
    /// Kimi Code's server does not say who is signed in.
    NotSaidWho,
    /// Kimi Code's server does not say in which region it is signed in.
    NotSaidWhere,
}

impl FailureCause {
    /// The id, as its JSON has it.
    #[must_use]
    pub fn id(&self) -> String {
        match self.fields().remove("id") {
            Some(Value::String(id)) => id,
            _ => String::new(),
        }
    }

    /// The arguments by name. One that may be absent and is, is left out.
    #[must_use]
    pub fn args(&self) -> Vec<(String, Arg)> {
        let fields = self.fields().into_iter().filter(|(name, _)| name != "id");
        fields.filter_map(|(name, value)| Some((name.clone(), arg(&name, value)?))).collect()
    }

    /// The words of others in it.
    pub fn said_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::KeyringAbsent { fault: KeyringFault::Said { said } }
            | Self::KeyringDenied { fault: KeyringFault::Said { said } }
            | Self::KeyringGone { fault: KeyringFault::Said { said } }
            | Self::KeyringFailed { fault: KeyringFault::Said { said } }
            | Self::Io { said, .. }
            | Self::WorkEnded { said }
            | Self::NoTls { said }
            | Self::NoAddress { said, .. }
            | Self::NotConnected { said, .. }
            | Self::ConnectionEnded { said, .. }
            | Self::AnswerBrokeOff { said, .. }
            | Self::NotHttp { said, .. }
            | Self::BodyGarbled { said }
            | Self::StatusWithWord { said, .. }
            | Self::StatusUnknown { said, .. }
            | Self::OtherParts { said }
            | Self::OtherCurrency { said } => Some(said),
            Self::AnswerIsPage { said }
            | Self::NoAmounts { said }
            | Self::ServerFailed { said, .. }
            | Self::ServerLoginRefused { said } => said.as_mut(),
            _ => None,
        }
    }

    fn fields(&self) -> serde_json::Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields,
            // Its fields are what JSON can hold.
            _ => serde_json::Map::new(),
        }
    }
}

fn arg(name: &str, value: Value) -> Option<Arg> {
    Some(match (name, value) {
        ("at", value) => Arg::Time(serde_json::from_value(value).ok()?),
        // A port or a status is a name made of digits, and not a count.
        ("port" | "status", Value::Number(number)) => Arg::Text(number.to_string()),
        (_, Value::Number(number)) => Arg::Count(number.as_u64()?),
        (_, Value::String(text)) => Arg::Text(text),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_comes_back_from_json_as_it_was() {
        for cause in FailureCause::examples() {
            let text = serde_json::to_string(&cause).unwrap();
            assert_eq!(serde_json::from_str::<FailureCause>(&text).unwrap(), cause, "{text}");
        }
    }

    #[test]
    fn every_argument_has_its_kind() {
        for cause in FailureCause::examples() {
            let fields = serde_json::to_value(&cause).unwrap().as_object().unwrap().len();
            assert_eq!(cause.args().len(), fields - 1, "{cause:?}: {:?}", cause.args());
            assert!(!cause.id().is_empty(), "{cause:?}");
        }
        let foreign = FailureCause::ServerForeign { port: 58_627 };
        assert_eq!(foreign.id(), "server-foreign");
        assert_eq!(foreign.args(), [("port".to_owned(), Arg::Text("58627".to_owned()))]);
    }

    #[test]
    fn the_words_of_others_can_be_taken_out_of_every_cause_that_has_them() {
        for mut cause in FailureCause::examples() {
            let has_words = cause.args().iter().any(|(name, _)| name == "said");
            assert_eq!(cause.said_mut().is_some(), has_words, "{cause:?}");
        }
    }
}
