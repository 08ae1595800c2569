//! Where a database is.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// The longest address that is kept, in bytes.
const MAX_URL_LEN: usize = 1000;

/// The address of a PostgreSQL database, such as `postgresql://reader@127.0.0.1:5432/litellm`. It has no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseUrl(Url);

/// Why an address was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    /// It is no address of PostgreSQL.
    #[error("expected an address such as postgresql://reader@127.0.0.1:5432/litellm")]
    NotAnAddress,
    /// A password stands in it. It would be stored in plain text.
    #[error("the address must not contain a password; name a variable that holds it")]
    HoldsPassword,
    /// It names no database.
    #[error("the address must name a user and a database")]
    Incomplete,
}

impl DatabaseUrl {
    /// The host; empty for a socket on this machine.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Whether connections stay on this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        if self.socket_folder().is_some() {
            return true;
        }
        match self.0.host() {
            Some(url::Host::Domain(name)) => {
                name.eq_ignore_ascii_case("localhost")
                    || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
            }
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    /// The folder of the server's socket, as `?host=/var/run/postgresql` names it.
    #[must_use]
    pub fn socket_folder(&self) -> Option<String> {
        let (_, folder) =
            self.0.query_pairs().find(|(name, value)| name == "host" && value.starts_with('/'))?;
        Some(folder.into_owned())
    }

    /// The port; 5432 where none is given.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.0.port().unwrap_or(5432)
    }

    /// The user.
    #[must_use]
    pub fn user(&self) -> String {
        decoded(self.0.username())
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> String {
        decoded(self.0.path().trim_start_matches('/'))
    }

    /// The same database, for another user.
    #[must_use]
    pub fn with_user(&self, user: &str) -> Self {
        let mut url = self.0.clone();
        // Only for addresses that cannot have a user, of which none is parsed.
        let _ = url.set_username(user);
        Self(url)
    }

    /// The text of it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// A part of an address without percent signs.
fn decoded(text: &str) -> String {
    // A form decodes plus signs too; in other parts of an address they stand for themselves.
    let form = format!("={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(form.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, DatabaseUrlError> {
        let text = text.trim();
        if text.len() > MAX_URL_LEN {
            return Err(DatabaseUrlError::NotAnAddress);
        }
        let url = Url::parse(text).map_err(|_| DatabaseUrlError::NotAnAddress)?;
        if !matches!(url.scheme(), "postgresql" | "postgres") {
            return Err(DatabaseUrlError::NotAnAddress);
        }
        let names_password = |name: &str| matches!(name, "password" | "passfile" | "sslpassword" | "sslkey");
        if url.password().is_some() || url.query_pairs().any(|(name, _)| names_password(&name)) {
            return Err(DatabaseUrlError::HoldsPassword);
        }
        let url = Self(url);
        if url.user().is_empty()
            || url.database().is_empty()
            || url.host().is_empty() && url.socket_folder().is_none()
        {
            return Err(DatabaseUrlError::Incomplete);
        }
        Ok(url)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_user_and_database_and_no_password() {
        use DatabaseUrlError::{HoldsPassword, Incomplete, NotAnAddress};
        for (text, error) in [
            ("postgresql://reader@127.0.0.1:5433/litellm", None),
            ("postgres://reader@db.example.org/litellm", None),
            ("postgresql://reader@localhost/litellm?host=/var/run/postgresql", None),
            ("postgresql://reader:secret@127.0.0.1/litellm", Some(HoldsPassword)),
            ("postgresql://reader@127.0.0.1/litellm?password=secret", Some(HoldsPassword)),
            ("postgresql://127.0.0.1/litellm", Some(Incomplete)),
            ("postgresql://reader@127.0.0.1", Some(Incomplete)),
            ("postgresql://reader@/litellm", Some(NotAnAddress)),
            ("mysql://reader@127.0.0.1/litellm", Some(NotAnAddress)),
            ("127.0.0.1", Some(NotAnAddress)),
            ("", Some(NotAnAddress)),
        ] {
            assert_eq!(text.parse::<DatabaseUrl>().err(), error, "{text}");
        }
        assert_eq!("x".repeat(5000).parse::<DatabaseUrl>(), Err(NotAnAddress));
    }

    #[test]
    fn its_parts_are_read() {
        let url: DatabaseUrl = "postgresql://re%40der+1@[::1]:6000/lite%20llm".parse().unwrap();
        assert_eq!(
            (url.user().as_str(), url.database().as_str(), url.port()),
            ("re@der+1", "lite llm", 6000)
        );
        assert!(url.is_local());
        let socket: DatabaseUrl = "postgresql://r@localhost/d?host=/run/pg".parse().unwrap();
        assert_eq!(
            (socket.socket_folder().as_deref(), socket.port(), socket.is_local()),
            (Some("/run/pg"), 5432, true)
        );
        assert!(!"postgresql://r@db.example.org/d".parse::<DatabaseUrl>().unwrap().is_local());
    }
}
