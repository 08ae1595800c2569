//! The router over the engine, and the places where it is served.
//!
//! | route | |
//! |---|---|
//! | `GET /v1/overview` | [`view::Overview`](crate::view::Overview) |
//! | `GET /v1/history?by=&from=&to=&account=` | [`view::History`](crate::view::History) |
//! | `GET /v1/levels?account=&series=&from=&to=&points=` | [`view::Levels`](crate::view::Levels) |
//! | `GET /v1/cycles?account=&series=&from=&to=` | [`view::Cycles`](crate::view::Cycles) |
//! | `GET /v1/usage?by=&from=&to=&account=&machine=` | [`view::Usage`](crate::view::Usage); `account` is a number, or `none`; `machine` a number, or `this` |
//! | `GET /v1/usage/sessions?from=&to=&account=` | [`view::Sessions`](crate::view::Sessions) |
//! | `POST /v1/usage/scan` | reads all logs now |
//! | `GET /v1/machines`, `POST`, `PATCH /{key}`, `DELETE /{key}?drop_use=` | [`view::Machines`](crate::view::Machines); the key `this` is this machine |
//! | `POST /v1/machines/sync` `{key}` | [`view::MachinesSynced`](crate::view::MachinesSynced) |
//! | `POST /v1/machines/export` | [`view::ExportBegun`](crate::view::ExportBegun) |
//! | `GET /v1/findings?account=&before=&limit=` | [`view::Findings`](crate::view::Findings) |
//! | `POST /v1/findings/seen` `{ids, seen}` | marks findings as seen; with `seen: false`, as not seen |
//! | `GET /v1/hindsight?account=` | [`view::Hindsight`](crate::view::Hindsight) |
//! | `GET /v1/findings/{id}/case` | [`view::Case`](crate::view::Case) |
//! | `GET /v1/findings/{id}/claim?language=` | [`view::Claim`](crate::view::Claim): what to write to the service about an anomaly |
//! | `POST /v1/findings/{id}/mark` `{as}` | [`view::FindingView`](crate::view::FindingView) as it is then |
//! | `GET /v1/incidents?from=&to=` | a list of [`view::IncidentRow`](crate::view::IncidentRow) |
//! | `GET /v1/report?from=&to=&account=&format=html\|json&language=` | the evidence report, a file |
//! | `GET /v1/accounts`, `POST`, `PATCH /{id}`, `DELETE /{id}`, `PUT /order` | [`view::AccountView`](crate::view::AccountView) |
//! | `POST /v1/accounts/test`, `POST /v1/accounts/{id}/test` | [`view::KeyTest`](crate::view::KeyTest) |
//! | `GET /v1/settings`, `PATCH` | [`view::Settings`](crate::view::Settings) |
//! | `GET /v1/intake`, `PATCH` | [`view::Intake`](crate::view::Intake) |
//! | `GET /v1/channels`, `POST`, `PUT /{name}`, `DELETE /{name}`, `POST /{name}/test` | [`view::Channels`](crate::view::Channels) |
//! | `GET /v1/update`, `POST` `{do}` | [`view::Update`](crate::view::Update) |
//! | `POST /v1/refresh` | [`view::Refreshed`](crate::view::Refreshed) |
//! | `POST /v1/poll` | [`view::Polled`](crate::view::Polled) |
//! | `POST /v1/pause`, `POST /v1/resume` | |
//! | `GET /v1/welcome` | [`view::Welcome`](crate::view::Welcome) |
//! | `GET /v1/vault`, `POST /v1/vault/unlock-file`, `POST /v1/vault/unlock-keyring` | [`view::VaultState`](crate::view::VaultState) |
//! | `GET /v1/agent` | [`view::AgentInfo`](crate::view::AgentInfo) |
//! | `POST /v1/show`, `POST /v1/notifications/test`, `POST /v1/quit`, `POST /v1/end` | |
//! | `GET /v1/export?format=csv\|json\|jsonl&from=&to=&account=` | a file |
//! | `POST /v1/import` `{file}` | [`view::Imported`](crate::view::Imported) |
//! | `GET /metrics` | time series for Prometheus, see `docs/metrics.md` |
//! | `GET /v1/events` | server-sent [`view::Event`](crate::view::Event)s |
//!
//! Errors are [`view::ApiError`](crate::view::ApiError) with a status of 400 and above.

mod accounts;
mod agent;
mod budgets;
mod case;
mod channels;
mod claim;
mod context;
mod convert;
mod cycles;
mod download;
mod error;
mod events;
mod export;
mod failures;
mod findings;
mod from_browser;
mod guard_rules;
mod hindsight;
mod history;
mod import;
mod in_process;
mod intake;
mod levels;
mod local;
mod machines;
mod message_views;
mod metrics;
mod money_view;
mod overview;
mod poll;
mod query;
#[cfg(feature = "client")]
mod relay;
mod report;
mod routes;
mod serve;
mod sessions;
mod settings;
mod update;
mod update_view;
mod usage;
mod vault;
mod web;

/// What serves requests, as [`router`] and [`relay`] make it.
pub use axum::Router;
pub use budgets::{budget, budget_state_view, budget_view};
pub use context::{Installing, Services};
pub use findings::open_anomalies;
pub use guard_rules::{guard_rules, guard_rules_view};
pub use hindsight::past_forecasts;
pub use in_process::InProcessTransport;
pub use local::{LocalError, Serving, serve_local};
pub use overview::overview;
#[cfg(feature = "client")]
pub use relay::relay;
pub use report::{DEFAULT_REPORT_SPAN, ReportQuery, StoredRecords, gather};
pub use routes::router;
pub use settings::settings_limits;
pub use web::{
    AccessToken, BasePath, BasePathError, Page, PageFile, TokenFileError, Web, WebOptions, make_token,
    read_token_file, revoke_token_file, serve_web, write_token_file,
};
