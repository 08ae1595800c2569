//! One of each cause.

use chrono::DateTime;

use super::{FailureCause, FileFault, FileTask, KeyringFault};
use crate::account::Region;

/// Every fault of a file.
const FAULTS: [FileFault; 16] = [
    FileFault::NotAFile,
    FileFault::TooLarge,
    FileFault::OpenToOthers,
    FileFault::NotText,
    FileFault::Empty,
    FileFault::SeveralWords,
    FileFault::OtherJson,
    FileFault::NoToken,
    FileFault::NoExpiry,
    FileFault::NotEncrypted,
    FileFault::NoPassphrase,
    FileFault::TooCostly,
    FileFault::HeadAltered,
    FileFault::BodyAltered,
    FileFault::OtherContent,
    FileFault::Newer,
];

impl FailureCause {
    /// One of each, with every argument and without what may be absent: for whoever proves that a catalogue has them
    /// all.
    #[must_use]
    pub fn examples() -> Vec<Self> {
        let said = || "No such file".to_owned();
        let host = || "api.kimi.com".to_owned();
        let path = || "/home/me/file".to_owned();
        let words = || KeyringFault::Said { said: said() };
        let mut all = vec![
            Self::KeyringAbsent { fault: words() },
            Self::KeyringAbsent { fault: KeyringFault::Unsupported },
            Self::KeyringAbsent { fault: KeyringFault::EndedWhileAsking },
            Self::KeyringAbsent { fault: KeyringFault::BusEnded },
            Self::KeyringDenied { fault: words() },
            Self::KeyringDenied { fault: KeyringFault::Dismissed },
            Self::KeyringGone { fault: words() },
            Self::KeyringGone { fault: KeyringFault::EndedWhileAsking },
            Self::KeyringGone { fault: KeyringFault::BusEnded },
            Self::KeyringFailed { fault: words() },
            Self::KeyringFailed { fault: KeyringFault::NoReadableKey },
            Self::KeyringFailed { fault: KeyringFault::SameName { entries: 2 } },
        ];
        for fault in FAULTS {
            all.push(Self::LoginUnreadable { path: path(), fault });
            all.push(Self::ServerToken { path: path(), fault });
            all.push(Self::FileDamaged { path: path(), fault });
        }
        all.extend([
            Self::KeyringLocked,
            Self::KeyringNoAnswer,
            Self::KeyMissing,
            Self::NoKey,
            Self::KeyForgotten,
            Self::KeyEmpty,
            Self::KeySeveralWords,
            Self::KeyOddCharacter { character: "U+200B".to_owned(), place: 4 },
            Self::VariableName,
            Self::VariableUnset { name: "WORK_KEY".to_owned() },
            Self::ForeignAddress { host: "relay.example.org".to_owned() },
            Self::LoginMissing,
            Self::LoginStale { at: DateTime::from_timestamp(1_790_128_800, 0).unwrap_or_default() },
            Self::LoginOtherRegion { expected: Region::China, found: Region::Global },
            Self::LoginOtherRegion { expected: Region::Global, found: Region::China },
            Self::ServerNotRunning { address: Some("http://127.0.0.1:58627".to_owned()) },
            Self::ServerNotRunning { address: None },
            Self::ServerForeign { port: 58_627 },
            Self::FileLocked,
            Self::WrongPassphrase,
            Self::PassphraseEmpty,
            Self::PassphraseShort,
            Self::Io { task: FileTask::Read, path: path(), said: said() },
            Self::Io { task: FileTask::Write, path: path(), said: said() },
            Self::WorkEnded { said: said() },
            Self::KeyNotSendable,
            Self::AddressRefused,
            Self::TokenStaysHere,
            Self::NoTls { said: said() },
            Self::NoAddress { host: host(), said: said() },
            Self::NotConnected { host: host(), said: said() },
            Self::ConnectionEnded { host: host(), said: said() },
            Self::NoAnswerInTime { host: host() },
            Self::AnswerNotFinished { host: host(), bytes: 512 },
            Self::AnswerBrokeOff { host: host(), bytes: 512, said: said() },
            Self::NotHttp { host: host(), said: said() },
            Self::BodyGarbled { said: said() },
            Self::BodyTooLarge { bytes: 1_048_576 },
            Self::Redirected { host: Some("example.org".to_owned()), status: 302 },
            Self::Redirected { host: None, status: 302 },
            Self::StatusAlone { status: 500 },
            Self::StatusWithWord { status: 500, said: said() },
            Self::StatusUnknown { status: 418, said: said() },
            Self::AnswerIsPage { said: Some(said()) },
            Self::AnswerIsPage { said: None },
            Self::AnswerEmpty,
            Self::AnswerNotText { byte: 7 },
            Self::AnswerCutOff { bytes: 512 },
            Self::AnswerNotJson { line: 1, column: 9 },
            Self::OtherParts { said: said() },
            Self::OtherCurrency { said: said() },
            Self::NoAmounts { said: Some(said()) },
            Self::NoAmounts { said: None },
            Self::ServerTokenRefused,
            Self::ServerWithoutUsage { status: 404 },
            Self::ServerFailed { status: 500, said: Some(said()) },
            Self::ServerFailed { status: 500, said: None },
            Self::ServerLoginRefused { said: Some(said()) },
            Self::ServerLoginRefused { said: None },
            Self::NotSaidWho,
            Self::NotSaidWhere,
        ]);
        for kind in ["array", "string", "number", "truth-value", "null"] {
            all.push(Self::AnswerIsOtherJson { kind: kind.to_owned() });
        }
        all
    }
}
