//! Reads the rows that are new.

use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tidemark_postgres::{Connection, DatabaseUrl};
use tokio::time::Instant;
use tokio_postgres::Client;

use super::connect::{DatabaseError, connect};
use super::row::Row;

/// Rows that are asked for at once.
const PAGE_LEN: usize = 500;
/// How long reading all that is new may take. What is left is read the next time.
const READ_TIMEOUT: Duration = Duration::from_mins(2);
/// The first time, rows of so many days are read.
pub const FIRST_READ_DAYS: i64 = 35;
/// Rows are written when a request ends, some of them later, and are found by when it began: so much is read again each
/// time.
const OVERLAP: i64 = 15 * 60 * MICROS;
/// And so much once in an hour.
const LONG_OVERLAP: i64 = 26 * 3600 * MICROS;
const MICROS: i64 = 1_000_000;

/// How far the table was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The latest beginning of a request that was seen, in microseconds since 1970.
    pub start: i64,
    /// When a long stretch was last read again, likewise.
    pub long_read: i64,
}

/// Rows, in the order in which their requests began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The rows.
    pub rows: Vec<Row>,
    /// How far the table is read with them.
    pub cursor: Cursor,
}

/// Reading what is new since a cursor, page by page. Rows that were read before come again where requests may have been
/// added between them.
pub struct SpendLogs {
    connection: Connection,
    columns: Columns,
    /// Behind this row the next page begins.
    after: (i64, String),
    cursor: Cursor,
    /// When a long stretch is read again: the present.
    long_read: Option<i64>,
    is_done: bool,
    deadline: Instant,
}

impl SpendLogs {
    /// Connects, and reads which columns the table has; `now` in milliseconds since 1970.
    ///
    /// # Errors
    /// As [`DatabaseError`] says.
    pub async fn open(
        url: &DatabaseUrl,
        password: Option<&SecretString>,
        from: Cursor,
        now: i64,
    ) -> Result<Self, DatabaseError> {
        let deadline = Instant::now() + READ_TIMEOUT;
        let connection = connect(url, password).await?;
        let columns = Columns::of(&connection.client).await?;
        let now = now.saturating_mul(1000);
        let earliest = now.saturating_sub(FIRST_READ_DAYS * 24 * 3600 * MICROS);
        let is_long = now.saturating_sub(from.long_read) >= 3600 * MICROS || from.long_read > now;
        let overlap = if is_long { LONG_OVERLAP } else { OVERLAP };
        // A clock set far ahead at the proxy must not hide all that comes later.
        let reached = from.start.min(now);
        Ok(Self {
            connection,
            columns,
            after: (reached.saturating_sub(overlap).max(earliest), String::new()),
            cursor: from,
            long_read: is_long.then_some(now),
            is_done: false,
            deadline,
        })
    }

    /// The next page; `None` after the last one.
    ///
    /// # Errors
    /// As [`DatabaseError`] says; what was read before is complete up to its cursor.
    pub async fn next(&mut self) -> Result<Option<Page>, DatabaseError> {
        if self.is_done {
            return Ok(None);
        }
        let asked = self.columns.page(&self.connection.client, &self.after);
        let rows =
            tokio::time::timeout_at(self.deadline, asked).await.unwrap_or(Err(DatabaseError::Timeout))?;
        self.is_done = rows.len() < PAGE_LEN;
        if let Some(last) = rows.last() {
            self.after = (last.start, last.request_id.clone());
            self.cursor.start = self.cursor.start.max(last.start);
        }
        if let Some(now) = self.long_read.filter(|_| self.is_done) {
            self.cursor.long_read = now;
        }
        Ok(Some(Page { rows, cursor: self.cursor }))
    }
}

/// The question for a page, made of the columns that the table has: its versions differ.
struct Columns {
    question: String,
}

impl Columns {
    async fn of(client: &Client) -> Result<Self, DatabaseError> {
        let found = client
            .query(
                "SELECT attname::text, atttypid::regtype::text FROM pg_attribute
                 WHERE attrelid = to_regclass('\"LiteLLM_SpendLogs\"') AND attnum > 0 AND NOT attisdropped",
                &[],
            )
            .await?;
        let mut columns: Vec<(String, String)> = Vec::with_capacity(found.len());
        for row in found {
            columns.push((row.try_get(0)?, row.try_get(1)?));
        }
        Self::from_columns(&columns)
    }

    fn from_columns(columns: &[(String, String)]) -> Result<Self, DatabaseError> {
        let of = |name: &str| columns.iter().find(|(known, _)| known == name).map(|(_, kind)| kind.as_str());
        let missing = ["request_id", "startTime", "prompt_tokens", "completion_tokens", "model"]
            .into_iter()
            .find(|name| of(name).is_none());
        if let Some(missing) = missing {
            return Err(DatabaseError::NoTable(format!("there is no column {missing}")));
        }
        let has_zone = of("startTime").is_some_and(|kind| kind.contains("with time zone"));
        let zone = if has_zone { "" } else { " AT TIME ZONE 'UTC'" };
        let text = |name: &str, most: u32| match of(name) {
            Some(_) => format!("coalesce(left(\"{name}\"::text, {most}), '')"),
            None => "''".to_owned(),
        };
        let micros = |name: &str| format!("(extract(epoch from \"{name}\") * 1000000)::bigint");
        let end = if of("endTime").is_some() {
            format!("coalesce({}, 0)", micros("endTime"))
        } else {
            "0".to_owned()
        };
        let json = of("metadata").filter(|kind| kind.starts_with("json"));
        let (usage, inner_status) = if json.is_some() {
            (
                "coalesce(left((metadata -> 'usage_object')::text, 8000), '')",
                "coalesce(metadata ->> 'status', '')",
            )
        } else {
            ("''", "''")
        };
        let status = match of("status") {
            Some(_) => format!("coalesce(nullif(\"status\"::text, ''), {inner_status})"),
            None => inner_status.to_owned(),
        };
        // Kimi's rows alone are sent over: by the model's name, the address or the provider. A shorter name of a model,
        // such as k3, is known by its address.
        let like = |name: &str| format!("({} ~* '(kimi|moonshot)')", text(name, 500));
        // An account's own address can be anything on this machine.
        let own = format!("({} ~* '//(localhost|127\\.|\\[::1\\])')", text("api_base", 500));
        let question = format!(
            "SELECT \"request_id\"::text, {start}, {end}, {model}, {provider}, {base},
               coalesce(\"prompt_tokens\", 0)::bigint, coalesce(\"completion_tokens\", 0)::bigint, left({status}, 50),
               lower({hit}) = 'true', {usage}
             FROM \"LiteLLM_SpendLogs\"
             WHERE \"startTime\" >= to_timestamp($1::float8 / 1000000){zone}
               AND ({start}, \"request_id\"::text) > ($2, $3)
               AND ({by_model} OR {by_base} OR {by_provider} OR {own})
             ORDER BY {start}, \"request_id\"::text LIMIT {PAGE_LEN}",
            start = micros("startTime"),
            model = text("model", 200),
            provider = text("custom_llm_provider", 100),
            base = text("api_base", 500),
            hit = text("cache_hit", 10),
            by_model = like("model"),
            by_base = like("api_base"),
            by_provider = like("custom_llm_provider"),
        );
        Ok(Self { question })
    }

    async fn page(&self, client: &Client, after: &(i64, String)) -> Result<Vec<Row>, DatabaseError> {
        client.batch_execute("START TRANSACTION READ ONLY").await?;
        // A second earlier, so that no rounding of the float hides a row; the pair decides exactly.
        let from = (after.0 - MICROS) as f64;
        let rows = client.query(&self.question, &[&from, &after.0, &after.1]).await?;
        client.batch_execute("COMMIT").await?;
        rows.into_iter()
            .map(|row| {
                Ok(Row {
                    request_id: row.try_get(0)?,
                    start: row.try_get(1)?,
                    end: row.try_get(2)?,
                    model: row.try_get(3)?,
                    provider: row.try_get(4)?,
                    api_base: row.try_get(5)?,
                    prompt_tokens: row.try_get(6)?,
                    completion_tokens: row.try_get(7)?,
                    status: row.try_get(8)?,
                    is_cached: row.try_get(9)?,
                    usage: row.try_get(10)?,
                })
            })
            .collect()
    }
}
