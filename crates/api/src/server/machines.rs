//! Machines over the interface. Passphrases come in and never go out.

use std::collections::BTreeSet;
use std::path::PathBuf;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use tidemark_monitor::{
    EngineError, ExchangeProblem as Problem, ExchangeSnapshot, KeyPlace, MachineKey, MachinePlace as Place,
    MachineSnapshot, MachineWay, NewPassphrase, Synced, SyncedCounts,
};
use tidemark_store::{CoverageSpan, ForgottenMachine, MachineId, Store};

use super::context::Context;
use super::error::{ApiError, ApiResult};
use crate::view;

/// What routes call this machine.
const THIS: &str = "this";

pub(super) async fn list(State(context): State<Context>) -> ApiResult<view::Machines> {
    let found = context.engine.machines().await?;
    let recorded = context.engine.read(Store::recorded_formats).await?;
    Ok(Json(view::Machines {
        this: view::OwnMachine {
            id: found.this.own.id,
            name: found.this.own.name,
            renewed: found.this.own.renewed.map(|why| why.as_str().to_owned()),
            shares_projects: found.this.shares_projects,
            coverage: coverage(found.this.coverage, None, &recorded),
        },
        machines: found.machines.into_iter().map(|one| machine(one, &recorded)).collect(),
        exchanges: found.exchanges.into_iter().map(exchange).collect(),
        forgotten: found.forgotten.into_iter().map(forgotten).collect(),
    }))
}

fn machine(found: MachineSnapshot, recorded: &Recorded) -> view::Machine {
    let MachineSnapshot { machine, coverage: spans } = found;
    view::Machine {
        key: MachineKey::Machine(machine.id).to_string(),
        number: machine.id.0,
        id: machine.identity,
        name: machine.name,
        exchange: machine.exchange.map(|id| MachineKey::Exchange(id).to_string()),
        last_seen: machine.seen_at,
        skipped: machine.skipped,
        ignored: machine.ignored,
        coverage: coverage(spans, Some(machine.id), recorded),
    }
}

fn forgotten(found: ForgottenMachine) -> view::ForgottenMachine {
    view::ForgottenMachine {
        key: MachineKey::Machine(found.id).to_string(),
        id: found.identity,
        name: found.name,
    }
}

/// The formats of which requests are known, by machine.
type Recorded = BTreeSet<(Option<MachineId>, String)>;

fn coverage(
    spans: Vec<CoverageSpan>,
    machine: Option<MachineId>,
    recorded: &Recorded,
) -> Vec<view::LogCoverage> {
    let span = |CoverageSpan { format, from, to }: CoverageSpan| {
        let key = (machine, format);
        let has_records = recorded.contains(&key);
        view::LogCoverage { client: key.1, from, to, has_records }
    };
    spans.into_iter().map(span).collect()
}

fn exchange(found: ExchangeSnapshot) -> view::Exchange {
    let (kind, place, command) = match found.place {
        Some(Place::Ssh { host, command }) => (view::ExchangeKind::Ssh, host, command),
        Some(Place::Folder { folder, .. }) => {
            (view::ExchangeKind::Folder, folder.display().to_string(), None)
        }
        None => (view::ExchangeKind::Other, String::new(), None),
    };
    view::Exchange {
        key: MachineKey::Exchange(found.exchange.id).to_string(),
        name: found.exchange.name,
        kind,
        place,
        command,
        last_try: found.exchange.tried_at,
        last_done: found.exchange.done_at,
        failures: found.exchange.failures,
        next: found.next_at,
        problem: found.problem.map(problem),
        underway: found.underway,
    }
}

fn problem(problem: Problem) -> view::ExchangeProblem {
    view::ExchangeProblem { code: problem.kind.as_str().to_owned(), said: problem.said }
}

pub(super) async fn add(
    State(context): State<Context>,
    body: Result<Json<view::NewMachine>, JsonRejection>,
) -> ApiResult<view::Machines> {
    let new = body?.0;
    let engine = &context.engine;
    let way = match (new.host, new.folder) {
        (Some(host), None) => MachineWay::Ssh { host, command: new.command },
        (None, Some(folder)) => {
            let passphrase = match (new.passphrase, new.passphrase_env) {
                (Some(passphrase), None) => {
                    let place = if new.in_encrypted_file {
                        KeyPlace::EncryptedFile { passphrase: None }
                    } else {
                        KeyPlace::Keyring
                    };
                    NewPassphrase::Typed(passphrase, engine.vault_place(place).await?)
                }
                (None, Some(name)) => NewPassphrase::Variable(name),
                _ => return Err(ApiError::input("a shared folder needs one passphrase")),
            };
            MachineWay::Folder { folder: PathBuf::from(folder), passphrase }
        }
        _ => return Err(ApiError::input("either a host or a folder is to be named")),
    };
    engine.add_machine(&new.name, way).await?;
    list(State(context)).await
}

/// The key in a path; `None` is this machine.
fn key(path: Result<Path<String>, PathRejection>) -> Result<Option<MachineKey>, ApiError> {
    let Path(text) = path?;
    if text == THIS {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|()| EngineError::NoSuchMachine.into())
}

pub(super) async fn change(
    State(context): State<Context>,
    path: Result<Path<String>, PathRejection>,
    body: Result<Json<view::MachineChange>, JsonRejection>,
) -> ApiResult<view::Machines> {
    let view::MachineChange { name, shares_projects, ignored } = body?.0;
    let key = key(path)?;
    match (key, ignored) {
        (_, None) => {}
        (Some(MachineKey::Machine(id)), Some(false)) => {
            context.engine.restore_machine(id).await?;
        }
        _ => return Err(ApiError::input("a machine is ignored once it is removed, and others never are")),
    }
    match key {
        None => context.engine.change_own_machine(name.as_deref(), shares_projects).await?,
        Some(_) if shares_projects.is_some() => {
            return Err(ApiError::input("only this machine's names of projects can be shared from here"));
        }
        Some(key) => {
            if let Some(name) = name {
                context.engine.rename_machine(key, &name).await?;
            }
        }
    }
    list(State(context)).await
}

#[derive(Deserialize)]
pub(super) struct Removal {
    #[serde(default)]
    drop_use: bool,
}

pub(super) async fn remove(
    State(context): State<Context>,
    path: Result<Path<String>, PathRejection>,
    removal: Result<Query<Removal>, QueryRejection>,
) -> ApiResult<view::Machines> {
    let Some(key) = key(path)? else {
        return Err(ApiError::input("this machine cannot be removed"));
    };
    context.engine.remove_machine(key, removal?.0.drop_use).await?;
    list(State(context)).await
}

pub(super) async fn sync(
    State(context): State<Context>,
    body: Result<Json<view::MachineSync>, JsonRejection>,
) -> ApiResult<view::MachinesSynced> {
    let engine = &context.engine;
    let which = match body?.0.key {
        None => None,
        Some(text) => {
            let key: MachineKey = text.parse().map_err(|()| EngineError::NoSuchMachine)?;
            Some(match key {
                MachineKey::Exchange(id) => id,
                MachineKey::Machine(id) => {
                    let machines = engine.machines().await?.machines;
                    let machine = machines.into_iter().find(|one| one.machine.id == id);
                    machine.and_then(|one| one.machine.exchange).ok_or(EngineError::NoSuchMachine)?
                }
            })
        }
    };
    // A task of its own: whoever asked may not wait for the answer, and what came counts all the same.
    let engine = engine.clone();
    let synced = tokio::spawn(async move { engine.sync_machines(which).await }).await;
    let synced = synced.map_err(|_| EngineError::Internal)??;
    Ok(Json(view::MachinesSynced { exchanges: synced.into_iter().map(exchange_synced).collect() }))
}

fn exchange_synced(synced: Synced) -> view::ExchangeSynced {
    let (counts, failed) = match synced.result {
        Ok(counts) => (counts, None),
        Err(error) => (SyncedCounts::default(), Some(problem(error))),
    };
    view::ExchangeSynced {
        name: synced.name,
        received: counts.received,
        written: counts.written,
        skipped: counts.skipped,
        problem: failed,
        renewed: synced.renewed.map(|why| why.as_str().to_owned()),
    }
}

pub(super) async fn begin_export(State(context): State<Context>) -> ApiResult<view::ExportBegun> {
    let begun = context.engine.begin_export().await?;
    Ok(Json(view::ExportBegun {
        id: begun.own.id,
        name: begun.own.name,
        epoch: begun.own.epoch,
        run: begun.run,
        hidden_projects: begun.hidden_projects,
    }))
}
