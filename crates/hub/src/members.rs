//! Members and invitations, as owners see and change them.

use chrono::{DateTime, Utc};
use tidemark_core::text;

use crate::connection::{Hub, within};
use crate::problem::{Problem, ProblemKind};
use crate::removing::{REMOVED_AT_ONCE, Removed, remove_and};
use crate::role::Role;

/// A member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubMember {
    /// What it is called.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Since when it is a member.
    pub joined_at: DateTime<Utc>,
    /// Since when it is none any more; what it gave is still there.
    pub left_at: Option<DateTime<Utc>>,
    /// How many machines it has.
    pub machines: u64,
    /// When one of them last gave something, by the server's clock.
    pub last_seen: Option<DateTime<Utc>>,
}

/// An invitation that no one has used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenInvitation {
    /// What distinguishes it: the end of its role's name. It is not what it is used with.
    pub id: String,
    /// What the new member may do.
    pub role: Role,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
}

fn role(word: &str) -> Role {
    // A role of a later version may do at least what a member may.
    word.parse().unwrap_or(Role::Member)
}

impl Hub {
    /// The members that this one may see: itself; for an auditor or owner, all.
    ///
    /// # Errors
    /// [`Problem`], by kind.
    pub async fn members(&self) -> Result<Vec<HubMember>, Problem> {
        let rows = within(self.client().query(
            "SELECT member.name, member.role, member.joined_at, member.left_at, count(machine.id), max(machine.seen_at)
             FROM tidemark.member LEFT JOIN tidemark.machine ON machine.member = member.id
             GROUP BY member.id, member.name, member.role, member.joined_at, member.left_at
             ORDER BY member.left_at NULLS FIRST, member.name LIMIT 5000",
            &[],
        ))
        .await?;
        let members = rows.iter().map(|row| {
            Ok(HubMember {
                name: text::sentence(row.try_get(0)?),
                role: role(row.try_get(1)?),
                joined_at: row.try_get(2)?,
                left_at: row.try_get(3)?,
                machines: row.try_get::<_, i64>(4)?.unsigned_abs(),
                last_seen: row.try_get(5)?,
            })
        });
        Ok(members.collect::<Result<_, tokio_postgres::Error>>()?)
    }

    /// The invitations that are still good; for a member that is no owner, none.
    ///
    /// # Errors
    /// [`Problem`], by kind.
    pub async fn invitations(&self) -> Result<Vec<OpenInvitation>, Problem> {
        let rows = within(self.client().query(
            "SELECT right(login, 8), role, made_at, expires_at FROM tidemark.invitation
             WHERE used_at IS NULL AND expires_at > now() ORDER BY expires_at LIMIT 5000",
            &[],
        ))
        .await?;
        let invitations = rows.iter().map(|row| {
            Ok(OpenInvitation {
                id: text::name(row.try_get(0)?),
                role: role(row.try_get(1)?),
                made_at: row.try_get(2)?,
                expires_at: row.try_get(3)?,
            })
        });
        Ok(invitations.collect::<Result<_, tokio_postgres::Error>>()?)
    }

    /// Takes back an invitation that no one has used, or with `None` all of them: how many.
    ///
    /// # Errors
    /// [`Problem`], by kind; [`ProblemKind::NotAllowed`] if this member is no owner, [`ProblemKind::NoSuchInvitation`] if
    /// there is none with that id.
    pub async fn revoke(&self, id: Option<&str>) -> Result<u64, Problem> {
        if id.is_some_and(str::is_empty) {
            return Err(Problem::new(ProblemKind::NoSuchInvitation));
        }
        let end = id.unwrap_or_default();
        let row = within(self.client().query_one("SELECT tidemark.revoke_invitation($1)", &[&end])).await?;
        let revoked = row.try_get::<_, i64>(0)?.unsigned_abs();
        if revoked == 0 && id.is_some() {
            return Err(Problem::new(ProblemKind::NoSuchInvitation));
        }
        Ok(revoked)
    }

    /// Removes another member. Of what it gave nothing stays if that is to be removed; requests that other members'
    /// machines hold too count as theirs. What was removed before something went wrong is gone.
    ///
    /// # Errors
    /// [`Problem`], by kind; [`ProblemKind::NotAllowed`] if this member is no owner, [`ProblemKind::NoSuchMember`],
    /// [`ProblemKind::Yourself`].
    pub async fn remove_member(&self, name: &str, what: Removed) -> Result<(), Problem> {
        let removes = what == Removed::Yes;
        let sql = "SELECT tidemark.remove_member($1, $2)";
        remove_and(
            removes,
            async || self.remove_some_of(name).await,
            async || within(self.client().execute(sql, &[&name, &removes])).await,
        )
        .await
    }

    /// Removes some of what a member has given; whether there is more.
    async fn remove_some_of(&self, name: &str) -> Result<bool, Problem> {
        let sql = "SELECT tidemark.remove_some_of($1, $2)";
        let row = within(self.client().query_one(sql, &[&name, &REMOVED_AT_ONCE])).await?;
        Ok(row.try_get(0)?)
    }
}
