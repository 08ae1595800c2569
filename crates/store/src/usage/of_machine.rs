//! Requests of other machines. Each machine is one file that comes after all logs of this one, so that what is in the
//! logs here counts as before, and what several machines have counts once.

use std::collections::HashMap;

use rusqlite::{OptionalExtension as _, params};

use super::imported::COPIES;
use super::write::Writing;
use super::{UsageBatch, UsageClaim, UsageModel, UsageNamed, UsageRequest};
use crate::error::StoreError;
use crate::machines::{MachineBatch, MachineRequest};
use crate::store::Store;

/// How the paths begin of what stands for the logs of a machine: behind any path of a file.
const PATH_PREFIX: &str = "~machine:";

/// What stands in the place of a path for a machine's logs, and of its requests' session.
fn path(identity: &str) -> String {
    format!("{PATH_PREFIX}{identity}")
}

/// Makes what stands for a machine's logs.
pub(crate) fn make_file(store: &Store, identity: &str) -> Result<i64, StoreError> {
    let path = path(identity);
    let known: Option<i64> = store
        .db
        .prepare_cached("SELECT id FROM usage_file WHERE path = ?1")?
        .query_row([&path], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    // Without an origin it is not among the files that a scan of the logs could find.
    store.db.execute(
        "INSERT INTO usage_file (path, mark, origin, skipped, gone)
         VALUES (?1, '', 0, 0, 1)",
        [&path],
    )?;
    Ok(store.db.last_insert_rowid())
}

/// Makes what stands for a source of a machine among the providers of configurations.
pub(crate) fn make_provider(store: &Store, identity: &str, number: i64) -> Result<i64, StoreError> {
    store
        .db
        .prepare_cached("INSERT INTO usage_provider (home, name, modified) VALUES (?1, ?2, 0)")?
        .execute(params![path(identity), number.to_string()])?;
    Ok(store.db.last_insert_rowid())
}

/// Adds requests of a machine, in the transaction that is under way. `providers` are the store's numbers for the
/// machine's sources. Gives how many were not known before.
pub(crate) fn add(
    store: &Store,
    (machine, identity, file): (i64, &str, i64),
    batch: &MachineBatch,
    providers: &HashMap<i64, i64>,
) -> Result<u64, StoreError> {
    let mut models: HashMap<(&str, Option<i64>), u32> = HashMap::new();
    let mut usage = UsageBatch {
        known: batch.known.timestamp_millis(),
        cuts: batch.cuts.iter().map(chrono::DateTime::timestamp_millis).collect(),
        ..UsageBatch::default()
    };
    let mut requests: Vec<UsageRequest> = Vec::with_capacity(batch.requests.len());
    for request in &batch.requests {
        let provider = request.source.and_then(|number| providers.get(&number).copied());
        let model = *models.entry((&request.model, provider)).or_insert_with(|| {
            usage.models.push(UsageModel { name: request.model.clone(), third: false, provider });
            usage.models.len() as u32 - 1
        });
        let MachineRequest { at, begun, tokens, fingerprint, .. } = *request;
        requests.push(UsageRequest { at, begun, model, tokens, fingerprint });
    }
    let mut origins: HashMap<(&str, Option<&str>), i64> = HashMap::new();
    let mut writing = Writing::new(store, &usage)?;
    writing.paths.insert(file, path(identity));
    let mut new = 0;
    for (request, stored) in batch.requests.iter().zip(requests) {
        let last = writing.last;
        let key = (request.client.as_str(), request.project.as_deref());
        let origin = if let Some(origin) = origins.get(&key) {
            *origin
        } else {
            let origin = origin_number(store, machine, identity, request)?;
            origins.insert(key, origin);
            origin
        };
        match request.message {
            None => {
                let claim = UsageClaim { request: stored, copies: COPIES };
                writing.claim(file, origin, &claim)?;
            }
            Some(message) => {
                let MachineRequest { named, states, .. } = *request;
                let state = UsageNamed { request: stored, message, named, states, origin: None };
                writing.named(file, origin, &state)?;
            }
        }
        // Each request that becomes known has the next place.
        new += u64::from(writing.last > last);
    }
    writing.finish()?;
    Ok(new)
}

fn origin_number(
    store: &Store,
    machine: i64,
    identity: &str,
    request: &MachineRequest,
) -> Result<i64, StoreError> {
    let session = path(identity);
    let known: Option<i64> = store
        .db
        .prepare_cached(
            "SELECT id FROM usage_origin
             WHERE session = ?1 AND format = ?2 AND project IS ?3 AND machine = ?4 LIMIT 1",
        )?
        .query_row(params![session, request.client, request.project, machine], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    store
        .db
        .prepare_cached(
            "INSERT INTO usage_origin (format, session, project, machine) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![request.client, session, request.project, machine])?;
    Ok(store.db.last_insert_rowid())
}

/// Takes away the usage of a machine, in the transaction that is under way. A request that one record describes and the
/// logs of another machine hold too counts for that one; others do once that machine sends them again.
pub(crate) fn remove(store: &Store, machine: i64, file: i64) -> Result<(), StoreError> {
    let db = &store.db;
    db.execute("DELETE FROM usage_copy WHERE file = ?1", [file])?;
    let held_elsewhere: Vec<(i64, i64)> = db
        .prepare_cached(
            "SELECT DISTINCT at, fingerprint FROM usage_request JOIN usage_copy USING (at, fingerprint)
             WHERE usage_request.file = ?1",
        )?
        .query_map([file], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let none = UsageBatch::default();
    let mut writing = Writing::new(store, &none)?;
    for (at, fingerprint) in held_elsewhere {
        writing.pass_on(at, fingerprint)?;
    }
    writing.forget_states(file)?;
    writing.finish()?;
    // Sums of hours whose single requests were pruned go with the others: an origin is of one machine.
    db.execute(
        "DELETE FROM usage_sum WHERE origin IN (SELECT id FROM usage_origin WHERE machine = ?1)",
        [machine],
    )?;
    // Those of an import, too, that says that they are its own.
    db.execute(
        "DELETE FROM usage_request
         WHERE file = ?1 OR origin IN (SELECT id FROM usage_origin WHERE machine = ?2)",
        [file, machine],
    )?;
    db.execute(
        "DELETE FROM usage_growth WHERE origin IN (SELECT id FROM usage_origin WHERE machine = ?1)",
        [machine],
    )?;
    db.execute("DELETE FROM usage_origin WHERE machine = ?1", [machine])?;
    db.execute("DELETE FROM usage_file WHERE id = ?1", [file])?;
    Ok(())
}
