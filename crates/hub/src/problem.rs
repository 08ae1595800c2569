//! Why a hub did not do what was asked, by what a person can do about it.

use tidemark_core::text;
use tidemark_machines::StoreAccessError;
use tidemark_postgres::OpenError;
use tokio_postgres::error::SqlState;

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// No server answers, or it went away.
    Unreachable,
    /// It did not answer in time.
    TimeOut,
    /// It refused the user or the password.
    Refused,
    /// It offers no encryption, or its certificate cannot be verified.
    NotSecret,
    /// It is older than PostgreSQL 15.
    ServerTooOld,
    /// Its disk is full.
    Full,
    /// There is no hub in the database.
    NoHub,
    /// There is one already, of someone else's.
    AlreadyHub,
    /// The hub needs a newer version of this program.
    Newer,
    /// The hub's tables are of an older version: its owner brings them up to date.
    Older,
    /// This user is no member.
    NotAMember,
    /// A member may not do that.
    NotAllowed,
    /// The invitation was used, or has expired.
    InvitationUsed,
    /// The invitation is not as it was made.
    InvitationDamaged,
    /// The last owner cannot leave while there are members.
    LastOwner,
    /// There is no member of that name.
    NoSuchMember,
    /// The member is oneself: one leaves.
    Yourself,
    /// There is no open invitation with that id.
    NoSuchInvitation,
    /// The password cannot be read from where it is kept.
    Password,
    /// The history on this machine cannot be read.
    Store,
    /// Anything else.
    Failed,
}

impl ProblemKind {
    /// All kinds.
    pub const ALL: [Self; 21] = [
        Self::Unreachable,
        Self::TimeOut,
        Self::Refused,
        Self::NotSecret,
        Self::ServerTooOld,
        Self::Full,
        Self::NoHub,
        Self::AlreadyHub,
        Self::Newer,
        Self::Older,
        Self::NotAMember,
        Self::NotAllowed,
        Self::InvitationUsed,
        Self::InvitationDamaged,
        Self::LastOwner,
        Self::NoSuchMember,
        Self::Yourself,
        Self::NoSuchInvitation,
        Self::Password,
        Self::Store,
        Self::Failed,
    ];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "hub-unreachable",
            Self::TimeOut => "hub-time-out",
            Self::Refused => "hub-refused",
            Self::NotSecret => "hub-not-secret",
            Self::ServerTooOld => "hub-server-too-old",
            Self::Full => "hub-full",
            Self::NoHub => "hub-missing",
            Self::AlreadyHub => "hub-already",
            Self::Newer => "hub-newer",
            Self::Older => "hub-older",
            Self::NotAMember => "hub-not-a-member",
            Self::NotAllowed => "hub-not-allowed",
            Self::InvitationUsed => "hub-invitation-used",
            Self::InvitationDamaged => "hub-invitation-damaged",
            Self::LastOwner => "hub-last-owner",
            Self::NoSuchMember => "hub-no-such-member",
            Self::Yourself => "hub-yourself",
            Self::NoSuchInvitation => "hub-no-such-invitation",
            Self::Password => "hub-password",
            Self::Store => "hub-store",
            Self::Failed => "hub-failed",
        }
    }

    /// Whether trying again does not help before a person has done something.
    #[must_use]
    pub const fn needs_person(self) -> bool {
        !matches!(self, Self::Unreachable | Self::TimeOut | Self::Full | Self::Store | Self::Failed)
    }
}

/// Why a hub did not do what was asked. It never has a password in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}", .kind.as_str(), .said.as_ref().map(|said| format!(": {said}")).unwrap_or_default())]
pub struct Problem {
    /// What kind of failure it is.
    pub kind: ProblemKind,
    /// What the server or the system said.
    pub said: Option<String>,
}

impl Problem {
    /// One of a kind, of which nothing more is known.
    #[must_use]
    pub const fn new(kind: ProblemKind) -> Self {
        Self { kind, said: None }
    }

    /// One of a kind, with what was said.
    #[must_use]
    pub fn saying(kind: ProblemKind, said: impl AsRef<str>) -> Self {
        let said = text::sentence(said.as_ref().trim());
        Self { kind, said: (!said.is_empty()).then_some(said) }
    }
}

impl From<tokio_postgres::Error> for Problem {
    fn from(error: tokio_postgres::Error) -> Self {
        let kind = match error.code() {
            Some(code) => kind_of(code),
            None => kind_of_client(&error.to_string()),
        };
        match kind {
            // The hub's own functions say these; the kind says it in the reader's language.
            ProblemKind::InvitationUsed
            | ProblemKind::InvitationDamaged
            | ProblemKind::LastOwner
            | ProblemKind::NoSuchMember
            | ProblemKind::Yourself => Self::new(kind),
            kind => Self::saying(kind, tidemark_postgres::said(&error)),
        }
    }
}

/// The kind of an error that is not the server's. The client has no kinds for it, only words.
fn kind_of_client(words: &str) -> ProblemKind {
    match words {
        "connection closed" | "error communicating with the server" | "error connecting to server" => {
            ProblemKind::Unreachable
        }
        // It asked for a password, and there was none; or it does not know the password itself.
        "invalid configuration" | "authentication error" => ProblemKind::Refused,
        _ => ProblemKind::Failed,
    }
}

fn kind_of(code: &SqlState) -> ProblemKind {
    match code.code() {
        "TM001" => return ProblemKind::InvitationUsed,
        "TM002" => return ProblemKind::InvitationDamaged,
        "TM003" => return ProblemKind::LastOwner,
        "TM004" => return ProblemKind::NoSuchMember,
        "TM005" => return ProblemKind::Yourself,
        // A statement or a lock that took too long.
        "57014" | "55P03" => return ProblemKind::TimeOut,
        "42501" => return ProblemKind::NotAllowed,
        "53100" => return ProblemKind::Full,
        // A schema, table or function that is not there.
        "3F000" | "42P01" | "42883" => return ProblemKind::NoHub,
        _ => {}
    }
    // The class of a state is its first two signs.
    match code.code().get(..2) {
        Some("28") => ProblemKind::Refused,
        Some("3D") => ProblemKind::NoHub,
        // Connections that break, too many of them, and a server that stops.
        Some("08" | "57") => ProblemKind::Unreachable,
        _ if *code == SqlState::TOO_MANY_CONNECTIONS => ProblemKind::Unreachable,
        _ => ProblemKind::Failed,
    }
}

impl From<OpenError> for Problem {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Unreachable(said) => Self::saying(ProblemKind::Unreachable, said),
            OpenError::NotSecret => Self::new(ProblemKind::NotSecret),
            OpenError::Tls(said) => Self::saying(ProblemKind::NotSecret, said),
            OpenError::Server(error) => error.into(),
        }
    }
}

impl From<StoreAccessError> for Problem {
    fn from(error: StoreAccessError) -> Self {
        Self::saying(ProblemKind::Store, error.to_string())
    }
}
