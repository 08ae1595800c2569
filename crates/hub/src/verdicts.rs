//! What the audits of the hub found, as a member takes it back.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use tidemark_core::reading::UserIds;
use tidemark_core::wire::FindingRecord;
use tidemark_core::{Finding, Region, Source};
use tokio_postgres::Row;

use crate::connection::{Hub, within};
use crate::problem::Problem;
use crate::schema;

/// Findings that are taken back at once, at most.
const AT_ONCE: i64 = 1000;

/// A finding of an audit. It is the same for all members.
#[derive(Debug, Clone, PartialEq)]
pub struct HubVerdict {
    /// The hub's number of the account.
    pub account: i64,
    /// What was found, without words.
    pub finding: Finding,
}

/// An account of this member, as the hub knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HubAccount {
    /// The product.
    pub service: Option<Source>,
    /// The region.
    pub region: Option<Region>,
    /// The hashed ids of its user: which part, and the hash.
    pub users: Vec<(String, String)>,
    /// Up to when it was audited.
    pub audited_until: Option<DateTime<Utc>>,
}

impl HubAccount {
    /// Whether it is the account that readings of a product in a region with these ids are of.
    #[must_use]
    pub fn is_of(&self, service: Source, region: Region, user: &UserIds) -> bool {
        if self.service != Some(service) || self.region != Some(region) || user.unknown {
            return false;
        }
        let has = |part: &str, hash: &Option<String>| {
            hash.as_deref()
                .is_some_and(|hash| self.users.iter().any(|(of, known)| of == part && known == hash))
        };
        match &user.organization {
            Some(_) => has("organization", &user.organization),
            None => has("quota", &user.quota) || has("profile", &user.profile),
        }
    }
}

/// What the audits found since, and the accounts that they are of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Verdicts {
    /// In the order in which it became known.
    pub found: Vec<HubVerdict>,
    /// The accounts of this member, by the hub's number; for an auditor or owner, all.
    pub accounts: BTreeMap<i64, HubAccount>,
    /// Up to which turn of the hub they reach.
    pub turn: u64,
}

impl Hub {
    /// What the audits found of the accounts of this member after a turn of the hub; for an auditor or owner, of all.
    ///
    /// # Errors
    /// [`Problem`], by kind.
    pub async fn verdicts(&self, after: u64) -> Result<Verdicts, Problem> {
        if self.schema < schema::AUDIT {
            return Ok(Verdicts { turn: after, ..Verdicts::default() });
        }
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let rows = within(self.client().query(
            // A hub that was set back to an earlier backup counts its turns again.
            "SELECT turn, account, line::text FROM tidemark.verdict
             WHERE turn > $1 OR (SELECT coalesce(max(turn), 0) FROM tidemark.verdict) < $1
             ORDER BY turn, account, detected_at LIMIT $2",
            &[&after, &AT_ONCE],
        ))
        .await?;
        let mut verdicts = Verdicts { turn: after.max(0).cast_unsigned(), ..Verdicts::default() };
        // Of so many, the last turn may not be here as a whole; one alone is taken as far as it is here.
        let turns: Vec<i64> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        let is_cut =
            i64::try_from(turns.len()).is_ok_and(|count| count >= AT_ONCE) && turns.first() != turns.last();
        let whole =
            if is_cut { turns.partition_point(|turn| Some(turn) < turns.last()) } else { turns.len() };
        for (row, turn) in rows.iter().zip(turns).take(whole) {
            verdicts.turn = turn.max(0).cast_unsigned();
            verdicts.found.extend(verdict(row)?);
        }
        verdicts.accounts = self.accounts().await?;
        Ok(verdicts)
    }

    /// What the audits found last of the accounts of this member, the newest first; for an auditor or owner, of all.
    ///
    /// # Errors
    /// [`Problem`], by kind.
    pub async fn newest_verdicts(&self, most: u32) -> Result<Verdicts, Problem> {
        if self.schema < schema::AUDIT {
            return Ok(Verdicts::default());
        }
        let rows = within(self.client().query(
            "SELECT turn, account, line::text FROM tidemark.verdict ORDER BY detected_at DESC, account LIMIT $1",
            &[&i64::from(most)],
        ))
        .await?;
        let mut verdicts = Verdicts { accounts: self.accounts().await?, ..Verdicts::default() };
        for row in &rows {
            verdicts.turn = verdicts.turn.max(row.try_get::<_, i64>(0)?.max(0).cast_unsigned());
            verdicts.found.extend(verdict(row)?);
        }
        Ok(verdicts)
    }

    async fn accounts(&self) -> Result<BTreeMap<i64, HubAccount>, Problem> {
        let rows = within(self.client().query(
            "SELECT account, service, region, part, hash, audited_until FROM tidemark.audited()",
            &[],
        ))
        .await?;
        let mut accounts: BTreeMap<i64, HubAccount> = BTreeMap::new();
        for row in &rows {
            let account = accounts.entry(row.try_get(0)?).or_default();
            account.service = row.try_get::<_, &str>(1)?.parse().ok();
            account.region = row.try_get::<_, &str>(2)?.parse().ok();
            account.users.push((row.try_get(3)?, row.try_get(4)?));
            account.audited_until = row.try_get(5)?;
        }
        Ok(accounts)
    }
}

/// The finding of a row of turn, account and line; `None` where only a later version understands it.
fn verdict(row: &Row) -> Result<Option<HubVerdict>, tokio_postgres::Error> {
    let line: Result<FindingRecord, _> = serde_json::from_str(row.try_get(2)?);
    let account = row.try_get(1)?;
    Ok(line.ok().and_then(|line| line.finding()).map(|finding| HubVerdict { account, finding }))
}
