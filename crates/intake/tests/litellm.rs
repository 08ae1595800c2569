//! LiteLLM's table on a real PostgreSQL server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    unreachable_pub,
    reason = "a test; its server is in a module"
)]
#![cfg(unix)]

mod postgres;

use std::collections::BTreeSet;

use postgres::{PASSWORD, Postgres};
use secrecy::SecretString;
use tidemark_intake::litellm::{Cursor, DatabaseError, DatabaseUrl, Row, SpendLogs};

/// The table as the proxy's migrations make it, without what is not read.
const TABLE: &str = r#"CREATE TABLE "LiteLLM_SpendLogs" (
    "request_id" TEXT NOT NULL PRIMARY KEY, "call_type" TEXT NOT NULL, "api_key" TEXT NOT NULL DEFAULT '',
    "spend" DOUBLE PRECISION NOT NULL DEFAULT 0, "total_tokens" INTEGER NOT NULL DEFAULT 0,
    "prompt_tokens" INTEGER NOT NULL DEFAULT 0, "completion_tokens" INTEGER NOT NULL DEFAULT 0,
    "startTime" TIMESTAMP(3) NOT NULL, "endTime" TIMESTAMP(3) NOT NULL, "model" TEXT NOT NULL DEFAULT '',
    "model_group" TEXT DEFAULT '', "custom_llm_provider" TEXT DEFAULT '', "api_base" TEXT DEFAULT '',
    "cache_hit" TEXT DEFAULT '', "metadata" JSONB DEFAULT '{}', "messages" JSONB DEFAULT '{}', "status" TEXT);
  CREATE INDEX "startTime_idx" ON "LiteLLM_SpendLogs" ("startTime");
  CREATE ROLE reader LOGIN PASSWORD 'a pass''word="x"'; GRANT SELECT ON "LiteLLM_SpendLogs" TO reader;"#;

/// 2026-11-20T00:00:00Z, in milliseconds.
const NOW: i64 = 1_795_132_800_000;

fn url(postgres: &Postgres, user: &str, database: &str) -> DatabaseUrl {
    format!("postgresql://{user}@127.0.0.1:{}/{database}", postgres.port).parse().unwrap()
}

fn password(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

async fn all(url: &DatabaseUrl, from: Cursor, now: i64) -> Result<(Vec<Row>, Cursor), DatabaseError> {
    let (mut rows, mut cursor) = (Vec::new(), from);
    let mut logs = SpendLogs::open(url, Some(&password(PASSWORD)), from, now).await?;
    while let Some(page) = logs.next().await? {
        rows.extend(page.rows);
        cursor = page.cursor;
    }
    Ok((rows, cursor))
}

fn row(id: &str, start: &str, more: &str) -> String {
    format!(
        r#"INSERT INTO "LiteLLM_SpendLogs" (request_id, call_type, prompt_tokens, completion_tokens, "startTime",
             "endTime", model, custom_llm_provider, api_base, status, metadata)
           VALUES ('{id}', 'acompletion', 1200, 60, TIMESTAMP '{start}', TIMESTAMP '{start}' + INTERVAL '3 s',
             'moonshot/kimi-k3', 'moonshot', 'https://api.moonshot.cn/v1', 'success',
             '{{"usage_object": {{"prompt_tokens_details": {{"cached_tokens": 1024}}}}}}'); {more}"#
    )
}

#[tokio::test]
async fn rows_are_read_once_and_later_ones_are_found_wherever_they_are_put() {
    let postgres = Postgres::start();
    postgres.sql("postgres", "CREATE DATABASE litellm");
    postgres.sql("litellm", TABLE);
    // More than a page, at one and the same moment.
    let many = r#"INSERT INTO "LiteLLM_SpendLogs" (request_id, call_type, prompt_tokens, completion_tokens, "startTime",
        "endTime", model, api_base) SELECT 'bulk-' || n, 'acompletion', n, 1, TIMESTAMP '2026-11-18 08:00:00',
        TIMESTAMP '2026-11-18 08:00:01', 'kimi-k3', 'https://api.kimi.com/coding/v1' FROM generate_series(1, 1300) AS n"#;
    postgres.sql("litellm", many);
    postgres.sql("litellm", &row("one", "2026-11-19 22:00:00.123", ""));
    postgres.sql("litellm", &row("old", "2025-01-01 00:00:00", ""));
    let theirs = r#"UPDATE "LiteLLM_SpendLogs" SET model = 'gpt-5.5', api_base = 'https://api.openai.com/v1',
        custom_llm_provider = 'openai' WHERE request_id = 'another'"#;
    postgres.sql("litellm", &row("another", "2026-11-19 22:00:01", theirs));
    let url = url(&postgres, "reader", "litellm");

    let (rows, cursor) = all(&url, Cursor::default(), NOW).await.unwrap();
    let ids: BTreeSet<&str> = rows.iter().map(|row| row.request_id.as_str()).collect();
    assert_eq!(
        (rows.len(), ids.len()),
        (1301, 1301),
        "each once; not what is too old, nor another provider's"
    );
    let one = rows.iter().find(|row| row.request_id == "one").unwrap();
    let expected = Row {
        request_id: "one".to_owned(),
        start: 1_795_125_600_123_000,
        end: 1_795_125_603_123_000,
        model: "moonshot/kimi-k3".to_owned(),
        provider: "moonshot".to_owned(),
        api_base: "https://api.moonshot.cn/v1".to_owned(),
        prompt_tokens: 1200,
        completion_tokens: 60,
        status: "success".to_owned(),
        is_cached: false,
        usage: r#"{"prompt_tokens_details": {"cached_tokens": 1024}}"#.to_owned(),
    };
    assert_eq!(one, &expected);

    // Nothing new: only what is near the end is read again.
    let (again, same) = all(&url, cursor, NOW + 60_000).await.unwrap();
    assert_eq!(again.iter().map(|row| row.request_id.as_str()).collect::<Vec<_>>(), ["one"]);
    assert_eq!(same, cursor);

    // A request that began before the last one and ended after it, and one that took many hours.
    postgres.sql("litellm", &row("between", "2026-11-19 21:50:00", ""));
    postgres.sql("litellm", &row("long", "2026-11-19 04:00:00", ""));
    let (found, _) = all(&url, cursor, NOW + 120_000).await.unwrap();
    assert_eq!(found.iter().map(|row| row.request_id.as_str()).collect::<Vec<_>>(), ["between", "one"]);
    let (found, _) = all(&url, cursor, NOW + 2 * 3_600_000).await.unwrap();
    assert_eq!(
        found.iter().map(|row| row.request_id.as_str()).collect::<Vec<_>>(),
        ["long", "between", "one"]
    );

    // Over the socket too.
    let socket = format!(
        "postgresql://reader@localhost:{}/litellm?host={}",
        postgres.port,
        postgres.folder().display()
    );
    let (found, _) = all(&socket.parse().unwrap(), cursor, NOW + 60_000).await.unwrap();
    assert_eq!(found.iter().map(|row| row.request_id.as_str()).collect::<Vec<_>>(), ["between", "one"]);
}

#[tokio::test]
async fn a_connection_that_could_write_writes_nothing() {
    let postgres = Postgres::start();
    postgres.sql("postgres", TABLE);
    // Whoever owns the table can write; a function that does so in passing is refused by the read-only transaction.
    let trap = r#"CREATE TABLE touched (at TIMESTAMP);
      CREATE FUNCTION touch(TEXT) RETURNS TEXT LANGUAGE plpgsql AS
        'BEGIN INSERT INTO touched VALUES (now()); RETURN $1; END';
      ALTER TABLE "LiteLLM_SpendLogs" RENAME TO real_logs;
      CREATE VIEW "LiteLLM_SpendLogs" AS SELECT request_id, "startTime", "endTime", prompt_tokens, completion_tokens,
        touch(model) AS model, api_base FROM real_logs;"#;
    postgres.sql("postgres", &row("one", "2026-11-19 22:00:00", ""));
    postgres.sql("postgres", trap);
    let error = all(&url(&postgres, "owner", "postgres"), Cursor::default(), NOW).await.unwrap_err();
    assert!(matches!(&error, DatabaseError::Failed(said) if said.contains("read-only")), "{error:?}");
    postgres.sql(
        "postgres",
        "DO $$ BEGIN IF (SELECT count(*) FROM touched) > 0 THEN RAISE 'written'; END IF; END $$",
    );
}

#[tokio::test]
async fn what_is_wrong_is_said_and_nothing_hangs() {
    let mut postgres = Postgres::start();
    postgres.sql("postgres", TABLE);
    postgres.sql("postgres", "CREATE DATABASE empty; ");
    let from = Cursor::default();
    let code = |error: DatabaseError| error.code();
    let reader = url(&postgres, "reader", "postgres");
    let wrong = SpendLogs::open(&reader, Some(&password("wrong")), from, NOW).await;
    assert_eq!(wrong.err().map(code), Some("refused"));
    assert!(SpendLogs::open(&reader, None, from, NOW).await.is_err(), "a password is asked for");
    let error = |user: &str, database: &str| {
        let url = url(&postgres, user, database);
        async move { all(&url, from, NOW).await.map(|_| ()).map_err(code) }
    };
    assert_eq!(error("nobody_known", "postgres").await, Err("refused"));
    assert_eq!(error("reader", "imagined").await, Err("no-table"));
    assert_eq!(error("reader", "empty").await, Err("no-table"));
    // A table of older versions lacks columns.
    postgres.sql(
        "empty",
        r#"CREATE TABLE "LiteLLM_SpendLogs" (request_id TEXT, "startTime" TIMESTAMPTZ, "endTime" TIMESTAMPTZ, model TEXT,
             prompt_tokens INT, completion_tokens INT);
           INSERT INTO "LiteLLM_SpendLogs" VALUES ('x', '2026-11-19T22:00:00Z', '2026-11-19T22:00:04Z', 'kimi-k3', 5, 6);"#,
    );
    assert_eq!(error("reader", "empty").await, Err("no-table"), "it may not read it");
    postgres.sql("empty", r#"GRANT SELECT ON "LiteLLM_SpendLogs" TO reader"#);
    let (rows, _) = all(&url(&postgres, "reader", "empty"), from, NOW).await.unwrap();
    assert_eq!((rows.len(), rows[0].start, rows[0].status.as_str()), (1, 1_795_125_600_000_000, ""));

    postgres.stop();
    assert_eq!(all(&reader, from, NOW).await.map(|_| ()).map_err(code), Err("unreachable"));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_answer_is_not_waited_for() {
    // It accepts connections, and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let url: DatabaseUrl = format!("postgresql://reader@127.0.0.1:{port}/litellm").parse().unwrap();
    assert_eq!(all(&url, Cursor::default(), NOW).await.unwrap_err(), DatabaseError::Timeout);
}
