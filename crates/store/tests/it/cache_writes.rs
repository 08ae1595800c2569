//! How long what was written to the cache is kept: recorded, summed up, exported, and unknown where an older program
//! wrote the row.

use std::ops::ControlFlow;
use std::path::Path;

use proptest::prelude::*;
use rusqlite::Connection;
use tempfile::TempDir;
use tidemark_core::Tokens;
use tidemark_core::wire::{Record, TimestampedRecord};
use tidemark_store::{
    ExportQuery, FILE_NAME, Store, UsageBatch, UsageClaim, UsageModel, UsageNamed, UsageOrigin, UsagePart,
    UsageQuery, UsageRequest, UsageStates,
};

use crate::given::*;

/// A request of a number, some minutes after the beginning of its quarter of an hour.
fn request(number: u64, tokens: Tokens) -> UsageRequest {
    let at = (now() + minutes(number.cast_signed())).timestamp_millis();
    UsageRequest { at, begun: None, model: 0, tokens, fingerprint: number }
}

/// What one log says.
fn batch(claims: Vec<UsageRequest>, states: Vec<UsageRequest>) -> UsageBatch {
    let named = |request: UsageRequest| UsageNamed {
        request,
        message: request.fingerprint,
        named: true,
        states: UsageStates::Together,
        origin: None,
    };
    UsageBatch {
        known: now().timestamp_millis(),
        models: vec![UsageModel { name: "kimi-k3".to_owned(), third: false, provider: None }],
        origins: vec![UsageOrigin {
            format: "claude-code".to_owned(),
            session: "s".to_owned(),
            project: None,
        }],
        parts: vec![UsagePart {
            file: None,
            path: "/log".to_owned(),
            mark: "{}".to_owned(),
            skipped: 0,
            origin: 0,
            claims: claims.into_iter().map(|request| UsageClaim { request, copies: 0 }).collect(),
            named: states.into_iter().map(named).collect(),
        }],
        ..UsageBatch::default()
    }
}

fn written(cache_write: u64, cache_write_1h: u64) -> Tokens {
    Tokens { cache_write, cache_write_1h, ..Tokens::default() }
}

fn summed(store: &Store) -> Tokens {
    let query = UsageQuery { from: now() - minutes(60), to: now() + minutes(600) };
    let mut all = Tokens::default();
    store.for_each_usage(&query, |sum| all += sum.tokens).unwrap();
    all
}

fn single(store: &Store) -> Vec<Tokens> {
    let found = store.all_requests_between(now() - minutes(60), now() + minutes(600)).unwrap();
    found.into_iter().map(|request| request.tokens).collect()
}

/// The database of a folder, past the store.
fn raw(folder: &TempDir) -> Connection {
    let file: &Path = &folder.path().join(FILE_NAME);
    Connection::open(file).unwrap()
}

/// Makes of a database one that was written before lifetimes were recorded.
fn as_before(folder: &TempDir) {
    raw(folder)
        .execute_batch(
            "ALTER TABLE usage_request DROP COLUMN cache_write_1h;
             ALTER TABLE usage_state DROP COLUMN cache_write_1h;
             ALTER TABLE usage_state DROP COLUMN begun;
             ALTER TABLE usage_sum DROP COLUMN cache_write_1h;
             ALTER TABLE announcement DROP COLUMN worded_at;
             DROP TABLE former_announcement;
             DROP TABLE delivery;
             DROP TABLE channel;
             DROP INDEX usage_origin_machine;
             ALTER TABLE usage_origin DROP COLUMN machine;
             DROP INDEX usage_state_revision;
             DROP INDEX usage_state_fingerprint;
             ALTER TABLE usage_state DROP COLUMN revision;
             DROP TABLE own_machine;
             DROP TABLE own_run;
             DROP TABLE machine_source;
             DROP TABLE machine;
             DROP TABLE exchange_file;
             DROP TABLE exchange;
             DROP TABLE log_coverage;
             DROP TABLE intake_series;
             DROP TABLE intake_request;
             DROP TABLE usage_growth;
             DROP TABLE usage_recorded;
             DROP TABLE usage_record;
             DROP TABLE usage_log_sums;
             DELETE FROM migration WHERE number >= 7;",
        )
        .unwrap();
}

#[test]
fn an_older_database_is_opened_and_keeps_its_figures() {
    let (folder, store) = empty();
    store.write_usage(&batch(vec![request(1, written(50, 20))], vec![request(2, written(9, 4))])).unwrap();
    drop(store);
    as_before(&folder);

    let store = Store::open(folder.path(), now()).unwrap();
    assert_eq!(single(&store), [written(50, 0), written(9, 0)], "how long they are kept is not known");
    assert_eq!(summed(&store), written(59, 0));
    // What is recorded from now on is added to the same sums.
    store.write_usage(&batch(vec![request(3, written(7, 7))], Vec::new())).unwrap();
    assert_eq!(summed(&store), written(66, 7));
    // A request that is still being logged gets its lifetimes with its next record.
    let more = Tokens { output: 5, ..written(9, 4) };
    store.write_usage(&batch(Vec::new(), vec![request(2, more)])).unwrap();
    assert_eq!(single(&store), [written(50, 0), more, written(7, 7)]);
    assert_eq!(summed(&store), Tokens { output: 5, ..written(66, 11) });
}

/// What the version before writes, on a database that has the newer columns already.
#[test]
fn an_older_program_goes_on_writing() {
    let (folder, store) = empty();
    store.write_usage(&batch(vec![request(1, written(50, 20))], Vec::new())).unwrap();
    drop(store);
    let (start, at) = (now().timestamp_millis(), request(2, Tokens::default()).at);
    let db = raw(&folder);
    db.execute(
        "INSERT INTO usage_request (at, fingerprint, begun, known, place, file, copies, model, origin, provider,
           input, cache_read, cache_write, output) VALUES (?1, 2, NULL, ?1, 2, 1, 0, 1, 1, 0, 0, 0, 9, 0)",
        [at],
    )
    .unwrap();
    let add = "INSERT INTO usage_sum (start, model, origin, provider, requests, input, cache_read, cache_write, output)
         VALUES (?1, 1, 1, 0, ?2, 0, 0, ?3, 0)
         ON CONFLICT DO UPDATE SET requests = requests + excluded.requests,
           cache_write = cache_write + excluded.cache_write";
    db.execute(add, [start, 1, 9]).unwrap();
    let store = Store::open(folder.path(), now()).unwrap();
    assert_eq!((single(&store), summed(&store)), (vec![written(50, 20), written(9, 0)], written(59, 20)));
    drop(store);
    // It takes a request out of a sum, and leaves the part that it does not know.
    db.execute(add, [start, -1, -50]).unwrap();
    assert_eq!(
        summed(&Store::open(folder.path(), now()).unwrap()),
        written(9, 9),
        "never more than the whole"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_was_written_to_the_cache_survives_store_sum_and_export(
        all in prop::collection::vec(
            (any::<bool>(), 0_u64..1000, 0_u64..1000, 0_u64..1000, prop::option::of(0_u64..1000), 0_u64..1000),
            1..12,
        ),
    ) {
        let (_folder, store) = empty();
        let (mut claims, mut states, mut expected) = (Vec::new(), Vec::new(), Vec::new());
        for (number, (named, input, cache_read, cache_write, long, output)) in (1..).zip(all) {
            let cache_write_1h = long.map_or(0, |long| long.min(cache_write));
            let tokens = Tokens { input, cache_read, cache_write, cache_write_1h, output };
            (if named { &mut states } else { &mut claims }).push(request(number, tokens));
            expected.push(tokens);
        }
        store.write_usage(&batch(claims, states)).unwrap();
        prop_assert_eq!(single(&store), &expected[..]);
        prop_assert_eq!(summed(&store), expected.iter().copied().sum());

        let query = ExportQuery { account: None, from: now() - minutes(60), to: now() + minutes(600) };
        let mut lines = Vec::new();
        store.for_each_line(&query, |line| {
            lines.push(serde_json::to_string(&line).unwrap());
            ControlFlow::Continue(())
        }).unwrap();
        let mut exported: Vec<(i64, Tokens)> = Vec::new();
        for line in &lines {
            let Record::Usage(usage) = TimestampedRecord::read(line.as_bytes()).unwrap().record else {
                panic!("no usage: {line}")
            };
            prop_assert_eq!(line.contains("cache_write_1h"), usage.cache_write_1h > 0, "{}", line);
            exported.push((usage.at.timestamp_millis(), usage.tokens()));
        }
        exported.sort_by_key(|(at, _)| *at);
        prop_assert_eq!(exported.into_iter().map(|(_, tokens)| tokens).collect::<Vec<_>>(), expected);
    }
}
