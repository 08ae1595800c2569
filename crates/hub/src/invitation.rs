//! Invitations: all that someone needs to join, in one text that is good once.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tidemark_postgres::DatabaseUrl;

use crate::role::Role;

/// How an invitation begins.
const PREFIX: &str = "tidemark-hub-1.";
/// The longest invitation that is read, in bytes.
const MAX_LEN: usize = 4096;

/// How the connection to the hub is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// By TLS, with a certificate that the system trusts.
    Verify,
    /// It stays on the machine.
    Local,
}

impl Tls {
    pub(crate) fn of(url: &DatabaseUrl) -> Self {
        if url.is_local() { Self::Local } else { Self::Verify }
    }
}

/// An invitation. Whoever has it can use it, so it is shown only where it is handed out.
#[derive(Clone)]
pub struct Invitation {
    /// Where the hub is, and as whom one connects.
    pub url: DatabaseUrl,
    /// What the new member may do. The hub has the last word on it.
    pub role: Role,
    /// How the connection is kept secret.
    pub tls: Tls,
    /// Until when it is good, by the server's clock.
    pub expires_at: DateTime<Utc>,
    pub(crate) secret: SecretString,
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitation").field("url", &self.url).field("role", &self.role).finish_non_exhaustive()
    }
}

/// A text that is no invitation, or not a whole one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an invitation that `hub invite` printed, or not all of it")]
pub struct NotAnInvitation;

#[derive(Serialize, Deserialize)]
struct Fields {
    url: String,
    role: String,
    tls: Tls,
    expires: i64,
    secret: String,
}

impl Invitation {
    /// The text that is handed out.
    #[must_use]
    pub fn to_text(&self) -> SecretString {
        let fields = Fields {
            url: self.url.as_str().to_owned(),
            role: self.role.as_str().to_owned(),
            tls: self.tls,
            expires: self.expires_at.timestamp(),
            secret: self.secret.expose_secret().to_owned(),
        };
        // A structure of texts is always JSON.
        let body = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&fields).unwrap_or_default());
        let sum = &hash(&body)[..8];
        SecretString::from(format!("{PREFIX}{body}.{sum}"))
    }

    /// What the hub knows it by.
    pub(crate) fn hash(&self) -> String {
        hash(self.to_text().expose_secret())
    }
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hexadecimal, byte| {
        use fmt::Write as _;
        // Writing to a text does not fail.
        let _ = write!(hexadecimal, "{byte:02x}");
        hexadecimal
    })
}

impl FromStr for Invitation {
    type Err = NotAnInvitation;

    fn from_str(text: &str) -> Result<Self, NotAnInvitation> {
        // A terminal or a mail may have broken it into lines.
        if text.len() > MAX_LEN {
            return Err(NotAnInvitation);
        }
        let text: String = text.chars().filter(|sign| !sign.is_whitespace()).collect();
        let (body, sum) =
            text.strip_prefix(PREFIX).and_then(|rest| rest.split_once('.')).ok_or(NotAnInvitation)?;
        if hash(body)[..8] != *sum {
            return Err(NotAnInvitation);
        }
        let bytes = URL_SAFE_NO_PAD.decode(body).map_err(|_| NotAnInvitation)?;
        let fields: Fields = serde_json::from_slice(&bytes).map_err(|_| NotAnInvitation)?;
        let url: DatabaseUrl = fields.url.parse().map_err(|_| NotAnInvitation)?;
        // A secret is given to no host in another way than it was meant for.
        if fields.tls != Tls::of(&url) {
            return Err(NotAnInvitation);
        }
        Ok(Self {
            url,
            role: fields.role.parse().map_err(|_| NotAnInvitation)?,
            tls: fields.tls,
            expires_at: DateTime::from_timestamp(fields.expires, 0).ok_or(NotAnInvitation)?,
            secret: SecretString::from(fields.secret),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn invitation() -> Invitation {
        Invitation {
            url: "postgres://tidemark_00c0ffee_1@db.example.org/team".parse().unwrap(),
            role: Role::Auditor,
            tls: Tls::Verify,
            expires_at: DateTime::from_timestamp(1_795_132_800, 0).unwrap(),
            secret: SecretString::from("made up for this test"),
        }
    }

    #[test]
    fn an_invitation_is_read_as_it_was_handed_out() {
        let text = invitation().to_text();
        let read: Invitation = text.expose_secret().parse().unwrap();
        assert_eq!((read.url, read.role, read.tls), (invitation().url, Role::Auditor, Tls::Verify));
        assert_eq!(read.expires_at, invitation().expires_at);
        assert_eq!(read.secret.expose_secret(), invitation().secret.expose_secret());
        let (first, second) = text.expose_secret().split_at(40);
        assert!(format!(" {first}\n  {second}\n").parse::<Invitation>().is_ok(), "broken into lines");
        assert!(!format!("{:?}", invitation()).contains("made up"));
    }

    proptest! {
        #[test]
        fn any_other_text_is_refused(place in 0_usize..200, sign in "[A-Za-z0-9_.-]", text: String) {
            let good = invitation().to_text().expose_secret().to_owned();
            let place = place.min(good.len() - 1);
            let changed = format!("{}{sign}{}", &good[..place], &good[place + 1..]);
            prop_assert_eq!(changed.parse::<Invitation>().is_ok(), changed == good);
            prop_assert!(good[..place].parse::<Invitation>().is_err());
            prop_assert!(text.parse::<Invitation>().is_err());
        }
    }

    #[test]
    fn a_secret_is_not_sent_in_the_clear_to_another_machine() {
        let local = Invitation { tls: Tls::Local, ..invitation() };
        assert!(local.to_text().expose_secret().parse::<Invitation>().is_err());
    }
}
