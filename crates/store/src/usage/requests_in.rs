//! The largest single requests of a span, with what they are from.

use chrono::{DateTime, Utc};
use rusqlite::params;
use tidemark_core::{AccountId, Tokens};

use super::stored::tokens;
use crate::error::StoreError;
use crate::machines::MachineId;
use crate::store::Store;
use crate::text_columns;

/// A request with the session and the folder that it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginRequest {
    /// When it was logged.
    pub at: DateTime<Utc>,
    /// The model's canonical name.
    pub model: String,
    /// The log's format, by its word such as `kimi-code`.
    pub format: String,
    /// The session's name in its program; unknown of another machine's.
    pub session: Option<String>,
    /// The folder that was worked in.
    pub project: Option<String>,
    /// The machine whose logs say so; `None` for this one.
    pub machine: Option<MachineId>,
    /// Account it is assigned to, if known.
    pub account: Option<AccountId>,
    /// Its tokens, by kind.
    pub tokens: Tokens,
}

impl Store {
    /// The requests of Kimi's models in `[from, to)` with the most tokens, at most so many, most tokens first; and how
    /// many there are in all. They are kept as long as raw readings. `account`: of one account, or of all.
    ///
    /// # Errors
    /// Those of [any read](StoreError#reads-and-writes).
    pub fn largest_requests(
        &self,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        account: Option<AccountId>,
        at_most: u32,
    ) -> Result<(Vec<OriginRequest>, u64), StoreError> {
        const FROM: &str = "FROM usage_request AS request
             JOIN usage_model AS model ON model.id = request.model AND model.third = 0
             JOIN usage_origin AS origin ON origin.id = request.origin
             LEFT JOIN usage_provider AS provider ON provider.id = request.provider
             WHERE at >= ?1 AND at < ?2 AND (?3 IS NULL OR account = ?3)";
        let account = account.map(|id| id.0);
        let (from, to) = (from.timestamp_millis(), to.timestamp_millis());
        let all: i64 = self
            .db
            .prepare_cached(&format!("SELECT count(*) {FROM}"))?
            .query_row(params![from, to, account], |row| row.get(0))?;
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT at, model.name, format, session, project, account, origin.machine,
               input, cache_read, cache_write, cache_write_1h, output
             {FROM} ORDER BY input + cache_read + cache_write + output DESC, at LIMIT ?4"
        ))?;
        let mut rows = statement.query(params![from, to, account, at_most])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let machine = row.get::<_, Option<i64>>(6)?.map(MachineId);
            let session = if machine.is_none() { Some(text_columns::name(row, 3)?) } else { None };
            found.push(OriginRequest {
                at: DateTime::from_timestamp_millis(row.get(0)?).unwrap_or_default(),
                model: text_columns::name(row, 1)?,
                format: row.get(2)?,
                session,
                project: text_columns::optional_folder(row, 4)?,
                machine,
                account: row.get::<_, Option<i64>>(5)?.map(AccountId),
                tokens: tokens(row, 7)?,
            });
        }
        Ok((found, all.max(0) as u64))
    }
}
