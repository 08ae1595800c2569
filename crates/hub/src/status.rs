//! How a hub stands, as a member sees it.

use chrono::{DateTime, Utc};
use tidemark_core::text;

use crate::connection::{Hub, within};
use crate::problem::Problem;
use crate::role::Role;

/// Machines that are listed at most.
const MAX_MACHINES: i64 = 5000;
/// How much of a machine's id stands for a name that is not shared.
const SHORT_ID: usize = 8;

/// A machine that gives its usage to the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubMachine {
    /// Its id.
    pub identity: String,
    /// Its name; the beginning of its id where its owner does not share it.
    pub name: String,
    /// Whose it is.
    pub member: String,
    /// When it last gave something, by the server's clock.
    pub last_seen: DateTime<Utc>,
}

/// How a hub stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubStatus {
    /// What this member may do.
    pub role: Role,
    /// What this member is called.
    pub member: String,
    /// The machines that this member may see, those heard of last first.
    pub machines: Vec<HubMachine>,
    /// How many members there are.
    pub members: u64,
}

/// What stands for a machine whose name is not shared.
pub(crate) fn label(name: Option<String>, identity: &str) -> String {
    name.map_or_else(|| identity.chars().take(SHORT_ID).collect(), |name| text::sentence(&name))
}

impl Hub {
    /// How the hub stands.
    ///
    /// # Errors
    /// [`Problem`], by kind.
    pub async fn status(&self) -> Result<HubStatus, Problem> {
        let members: i64 =
            within(self.client().query_one("SELECT tidemark.member_count()", &[])).await?.try_get(0)?;
        let rows = within(self.client().query(
            "SELECT machine.identity, machine.name, member.name, machine.seen_at
             FROM tidemark.machine JOIN tidemark.member ON member.id = machine.member
             ORDER BY machine.seen_at DESC, machine.id LIMIT $1",
            &[&MAX_MACHINES],
        ))
        .await?;
        let machines = rows
            .iter()
            .map(|row| {
                let identity = text::name(row.try_get(0)?);
                Ok(HubMachine {
                    name: label(row.try_get(1)?, &identity),
                    identity,
                    member: text::sentence(row.try_get(2)?),
                    last_seen: row.try_get(3)?,
                })
            })
            .collect::<Result<_, tokio_postgres::Error>>()?;
        Ok(HubStatus {
            role: self.role,
            member: self.member.clone(),
            machines,
            members: members.unsigned_abs(),
        })
    }
}
