//! A connection to a hub, as a member.

use std::time::Duration;

use secrecy::SecretString;
use tidemark_core::text;
use tidemark_postgres::{Connection, DatabaseUrl};
use tokio_postgres::Client;

use crate::problem::{Problem, ProblemKind};
use crate::role::Role;
use crate::schema::Format;

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one call may take. The server gives up a little before, and says so.
const CALL_TIMEOUT: Duration = Duration::from_secs(35);
/// What every connection begins with.
const SESSION: &str = "SET statement_timeout = '30s'; SET lock_timeout = '20s'; \
    SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = 'error'; \
    SET search_path = pg_catalog; SET default_transaction_isolation = 'read committed'";

/// A hub, as a member is connected to it. The connection ends when this is dropped.
pub struct Hub {
    pub(crate) connection: Connection,
    pub(crate) url: DatabaseUrl,
    /// In which zone its days are counted, an IANA name.
    pub zone: String,
    /// How many migrations were applied: an owner may not have brought it up to date.
    pub(crate) schema: i32,
    /// The hub's group of members: part of its roles' names.
    pub(crate) members: String,
    /// What this member may do.
    pub role: Role,
    /// What this member is called.
    pub member: String,
}

impl Hub {
    /// Connects as a member.
    ///
    /// # Errors
    /// [`Problem`], by kind: the server is not reached or refuses, there is no hub, it is of a version that this one
    /// cannot use, or the user is no member.
    pub async fn open(url: &DatabaseUrl, password: Option<&SecretString>) -> Result<Self, Problem> {
        let connection = connect(url, password).await?;
        let found = within(connection.client.query_opt(
            "SELECT hub.schema, hub.compatibility, hub.zone, hub.members, tidemark.my_role(),
               (SELECT member.name FROM tidemark.member WHERE member.id = tidemark.me())
             FROM tidemark.hub",
            &[],
        ))
        .await
        .map_err(|problem| match problem.kind {
            // The tables are there, and are not this user's to see.
            ProblemKind::NotAllowed => Problem::new(ProblemKind::NotAMember),
            _ => problem,
        })?;
        let row = found.ok_or_else(|| Problem::new(ProblemKind::NoHub))?;
        let format = Format { schema: row.try_get(0)?, compatibility: row.try_get(1)? };
        format.usable()?;
        let role: Option<String> = row.try_get(4)?;
        // A role of a later version may do at least what a member may.
        let role = role.map(|word| word.parse().unwrap_or(Role::Member));
        let (Some(role), Some(member)) = (role, row.try_get::<_, Option<String>>(5)?) else {
            return Err(Problem::new(ProblemKind::NotAMember));
        };
        Ok(Self {
            url: url.clone(),
            zone: text::name(row.try_get(2)?),
            schema: format.schema,
            members: row.try_get(3)?,
            role,
            member: text::sentence(&member),
            connection,
        })
    }

    pub(crate) fn client(&self) -> &Client {
        &self.connection.client
    }
}

/// Connects.
pub(crate) async fn connect(
    url: &DatabaseUrl,
    password: Option<&SecretString>,
) -> Result<Connection, Problem> {
    let connecting = async {
        let connection = tidemark_postgres::open(url, password).await?;
        connection.client.batch_execute(SESSION).await?;
        Ok(connection)
    };
    let in_time = tokio::time::timeout(CONNECT_TIMEOUT, connecting).await;
    in_time.unwrap_or_else(|_| Err(Problem::new(ProblemKind::TimeOut)))
}

/// Waits for an answer, within a time.
pub(crate) async fn within<T>(
    call: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, Problem> {
    match tokio::time::timeout(CALL_TIMEOUT, call).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Problem::new(ProblemKind::TimeOut)),
    }
}
