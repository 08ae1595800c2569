//! Becoming a member, and leaving.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tidemark_core::text;
use tidemark_postgres::DatabaseUrl;

use crate::connection::{Hub, connect, within};
use crate::invitation::{Invitation, Tls};
use crate::password::{new_password, verifier};
use crate::problem::{Problem, ProblemKind};
use crate::removing::{REMOVED_AT_ONCE, Removed, remove_and};
use crate::role::Role;
use crate::schema::{self, CURRENT};

/// How long an invitation is good unless said otherwise, in hours.
pub const DEFAULT_HOURS: u16 = 72;
/// The oldest server, as it numbers its own version.
const OLDEST_SERVER: i32 = 150_000;
/// Keeps two programs from making the same hub at once: "TIDE".
const MAKING: i64 = 0x5449_4445;

/// A hub to be made.
#[derive(Debug, Clone)]
pub struct NewHub {
    /// What its first owner is called.
    pub owner: String,
    /// In which zone its days are counted, for everybody: an IANA name.
    pub zone: String,
}

/// Makes a hub in a database, with the user of the address as its owner. Where that user made one there before, its tables
/// are brought up to date.
///
/// The user needs the rights to make roles and a schema.
///
/// # Errors
/// [`Problem`], by kind; [`ProblemKind::AlreadyHub`] if there is one of which the user is no owner. Nothing was changed
/// then.
pub async fn init(url: &DatabaseUrl, password: Option<&SecretString>, new: &NewHub) -> Result<Hub, Problem> {
    let mut connection = connect(url, password).await?;
    let version: i32 =
        within(connection.client.query_one("SELECT current_setting('server_version_num')::integer", &[]))
            .await?
            .try_get(0)?;
    if version < OLDEST_SERVER {
        return Err(Problem::new(ProblemKind::ServerTooOld));
    }
    let owner = text::sentence(new.owner.trim()).chars().take(60).collect::<String>();
    within(async {
        let tx = connection.client.transaction().await?;
        tx.execute("SELECT pg_advisory_xact_lock($1)", &[&MAKING]).await?;
        let is_there: bool =
            tx.query_one("SELECT to_regclass('tidemark.hub') IS NOT NULL", &[]).await?.try_get(0)?;
        if is_there {
            let row = tx
                .query_one(
                    "SELECT (SELECT schema FROM tidemark.hub), (SELECT members FROM tidemark.hub),
                       (SELECT tableowner = current_user FROM pg_catalog.pg_tables
                        WHERE schemaname = 'tidemark' AND tablename = 'hub')",
                    &[],
                )
                .await?;
            let (schema, members, owns): (Option<i32>, Option<String>, Option<bool>) =
                (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            if let (Some(schema), Some(members), Some(true)) = (schema, members, owns)
                && schema < CURRENT.schema
            {
                schema::migrate(&tx, schema, &members).await?;
                tx.execute(
                    "UPDATE tidemark.hub SET schema = $1, compatibility = greatest(compatibility, $2)",
                    &[&CURRENT.schema, &CURRENT.compatibility],
                )
                .await?;
            }
            return tx.commit().await;
        }
        // A zone that the server does not know would fail every page later.
        tx.query_one("SELECT (now() AT TIME ZONE $1)::text", &[&new.zone]).await?;
        let id = format!("{:08x}", rand::random::<u32>());
        let members = format!("tidemark_{id}");
        tx.batch_execute(&format!("CREATE ROLE {members} NOLOGIN")).await?;
        schema::migrate(&tx, 0, &members).await?;
        tx.execute(
            "INSERT INTO tidemark.hub (single, id, schema, compatibility, zone, members)
             VALUES (1, $1, $2, $3, $4, $5)",
            &[&id, &CURRENT.schema, &CURRENT.compatibility, &new.zone, &members],
        )
        .await?;
        tx.execute(
            "WITH made AS (INSERT INTO tidemark.member (name, role) VALUES ($1, 'owner') RETURNING id)
             INSERT INTO tidemark.login (name, member, made) SELECT session_user, id, false FROM made",
            &[&owner],
        )
        .await?;
        tx.commit().await
    })
    .await?;
    drop(connection);
    let hub = Hub::open(url, password).await.map_err(|problem| match problem.kind {
        ProblemKind::NotAMember => Problem::new(ProblemKind::AlreadyHub),
        _ => problem,
    })?;
    if hub.role == Role::Owner { Ok(hub) } else { Err(Problem::new(ProblemKind::AlreadyHub)) }
}

/// Joins by an invitation, as a member that has this password from then on. Where the same call was cut off before its
/// answer came, it is no second use: whoever has the password is the member already.
///
/// # Errors
/// [`Problem`], by kind: [`ProblemKind::InvitationUsed`] if it was used or has expired,
/// [`ProblemKind::InvitationDamaged`] if it is not as it was made. It is as good as before then.
pub async fn join(
    invitation: &Invitation,
    name: &str,
    password: &SecretString,
    now: DateTime<Utc>,
) -> Result<Hub, Problem> {
    let connection = match connect(&invitation.url, Some(&invitation.secret)).await {
        Ok(connection) => connection,
        Err(refused) if refused.kind == ProblemKind::Refused => {
            return match Hub::open(&invitation.url, Some(password)).await {
                Ok(hub) => Ok(hub),
                // The server says no more than that a password is wrong.
                Err(_) if invitation.expires_at <= now => Err(Problem::new(ProblemKind::InvitationUsed)),
                Err(_) => Err(Problem { kind: ProblemKind::InvitationUsed, said: refused.said }),
            };
        }
        Err(problem) => return Err(problem),
    };
    let name = text::sentence(name.trim());
    within(
        connection
            .client
            .execute("SELECT tidemark.enter($1, $2, $3)", &[&name, &verifier(password), &invitation.hash()]),
    )
    .await?;
    drop(connection);
    Hub::open(&invitation.url, Some(password)).await
}

impl Hub {
    /// Makes an invitation, good once and for so many hours.
    ///
    /// # Errors
    /// [`Problem`], by kind; [`ProblemKind::NotAllowed`] if this member is no owner.
    pub async fn invite(&self, role: Role, hours: u16, now: DateTime<Utc>) -> Result<Invitation, Problem> {
        let login = format!("{}_{:016x}", self.members, rand::random::<u64>());
        let hours = hours.clamp(1, 8760);
        let url = self.url.with_user(&login);
        let invitation = Invitation {
            tls: Tls::of(&url),
            url,
            role,
            expires_at: DateTime::from_timestamp(now.timestamp() + i64::from(hours) * 3600, 0).unwrap_or(now),
            secret: new_password(),
        };
        within(self.client().execute(
            "SELECT tidemark.invite($1, $2, $3, $4, $5)",
            &[&login, &verifier(&invitation.secret), &invitation.hash(), &role.as_str(), &i32::from(hours)],
        ))
        .await?;
        Ok(invitation)
    }

    /// Leaves the hub. Of what this member has given, nothing stays if it is to be removed; requests that other members'
    /// machines hold too count as theirs. What was removed before something went wrong is gone.
    ///
    /// # Errors
    /// [`Problem`], by kind; [`ProblemKind::LastOwner`] if there would be no owner for the members that stay.
    pub async fn leave(self, mine: Removed) -> Result<(), Problem> {
        let removes = mine == Removed::Yes;
        if removes && self.role == Role::Owner {
            // Said before anything is removed.
            let row = within(self.client().query_one(
                "SELECT count(*) FILTER (WHERE role = 'owner'), count(*) FROM tidemark.member WHERE left_at IS NULL",
                &[],
            ))
            .await?;
            let (owners, all): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            if owners <= 1 && all > 1 {
                return Err(Problem::new(ProblemKind::LastOwner));
            }
        }
        let sql = "SELECT tidemark.leave($1)";
        remove_and(
            removes,
            async || self.remove_some().await,
            async || within(self.client().execute(sql, &[&removes])).await,
        )
        .await
    }

    /// Removes some of what this member has given; whether there is more.
    async fn remove_some(&self) -> Result<bool, Problem> {
        let row =
            within(self.client().query_one("SELECT tidemark.remove_mine($1)", &[&REMOVED_AT_ONCE])).await?;
        Ok(row.try_get::<_, i64>(0)? > 0)
    }
}
