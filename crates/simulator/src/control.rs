//! The HTTP interface that controls a running simulator, under `/_sim/`.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tidemark_core::Meter;

use crate::account::SimAccount;
use crate::event::Event;
use crate::fault::{FaultId, FaultOrder};
use crate::incident::Impact;
use crate::network::Network;
use crate::sim_state::NoSuchAccount;
use crate::spec::AccountSpec;

/// The control interface in words, for `--help`.
pub const HELP: &str = "\
Control interface (JSON over HTTP, on the same address):
  GET  /_sim/accounts                 accounts with base URL and (fake) key
  POST /_sim/accounts                 add an account: {\"name\",\"source\",\"region\",\"subscribed_at\",…}
  GET  /_sim/clock                    the simulated time
  POST /_sim/clock                    {\"set\":\"2026-10-01T08:00:00Z\"} | {\"advance_seconds\":3600} | {\"speed\":60}
                                      (speed 0 makes the clock stand until it is moved)
  POST /_sim/spend                    {\"account\":\"work\",\"points\":\"80\",\"meter\":\"5h\"} | {\"account\":\"api\",\"amount\":\"3.5\"}
  POST /_sim/events                   {\"account\":\"work\",\"event\":\"early-reset\",\"meter\":\"month\"}; all accounts without \"account\"
     spend {meter,points}             spend-up-to {meter,points}      spend-money {amount}
     spend-down-to {left}
     wrong-deduction {meter,points,amount}                            wipe-out {meter}
     accelerate {factor}              early-reset {meter,move_end}    withhold-reset {meter,seconds}
     clawback {meter}                 give-back {meter,points}        refund {amount}
     top-up {amount}                  voucher {amount,ends_after_seconds}   voucher-expiry
     wallet {enabled}                 revoke-key, restore-key         change-plan {plan}
     change-allowance {factor}        change-limits {concurrency,requests_per_minute,tokens_per_minute,tokens_per_day}
     change-generation {generation}   zeroed-counters {polls}         lying-ratio {polls}
     unreadable {field,polls}
     (meter: 5h, week, month, month-code; numbers of percent and money as strings)
  POST /_sim/faults                   {\"fault\":\"slow\",\"milliseconds\":1500,\"account\":\"work\",\"path\":\"usages\",\"times\":3,\"seconds\":60}
     slow {milliseconds}, hang, reset, cut-off, html-ok, not-json, empty, oversize {bytes}, gzip, no-gzip,
     redirect {to}, refuse {refusal,…}; refusals:
     no-key, wrong-key, membership, window-exhausted {meter}, concurrency-forbidden, permission-denied,
     not-active, overloaded {retry_after}, too-many-requests {retry_after}, tokens-per-day {current,limit},
     tokens-per-minute {current,limit}, requests-per-minute {limit,retry_after}, concurrency {limit,retry_after},
     suspended, server-error, bad-gateway, unavailable {retry_after}, gateway-timeout,
     custom {status,body,retry_after}
     Without times and seconds a fault stays until it is cleared. The status page is met only by a fault
     whose path names it (summary).
  GET  /_sim/faults                   faults in force
  DELETE /_sim/faults[/ID]            clear all, or one
  POST /_sim/incidents                {\"title\":\"…\",\"impact\":\"minor|major|critical\"}
  DELETE /_sim/incidents[/ID]         resolve all, or one
  POST /_sim/network                  {\"down_seconds\":10}: refuse connections so long (real seconds)
  GET  /_sim/requests                 every request served: arrival by the real clock, account, path, status
  DELETE /_sim/requests               forget them
  GET  /_sim/truth[?account=work]     what really happened, hour by hour, and every event
";

type Shared = State<Arc<Network>>;

/// Why a command was not carried out.
#[derive(Debug)]
enum ControlError {
    /// It could not be read.
    Malformed(String),
    /// It names something that is not there.
    NotThere(String),
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::Malformed(message) => (StatusCode::BAD_REQUEST, message),
            Self::NotThere(message) => (StatusCode::NOT_FOUND, message),
        };
        (status, json_body(&json!({"error": message}))).into_response()
    }
}

impl From<NoSuchAccount> for ControlError {
    fn from(error: NoSuchAccount) -> Self {
        Self::NotThere(error.to_string())
    }
}

pub(crate) fn router() -> Router<Arc<Network>> {
    Router::new()
        .route("/accounts", get(accounts).post(add_account))
        .route("/clock", get(clock).post(set_clock))
        .route("/spend", post(spend))
        .route("/events", post(apply_event))
        .route("/faults", get(faults).post(order).delete(clear_faults))
        .route("/faults/{id}", axum::routing::delete(clear_fault))
        .route("/incidents", post(open_incident).delete(resolve_incidents))
        .route("/incidents/{id}", axum::routing::delete(resolve_incident))
        .route("/network", post(network_down))
        .route("/requests", get(requests).delete(forget_requests))
        .route("/truth", get(truth))
}

fn json_body<T: Serialize>(value: &T) -> impl IntoResponse + use<T> {
    let text = serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned());
    ([(header::CONTENT_TYPE, "application/json")], text)
}

/// Reads a body without asking for its content type, so that `curl -d` will do.
fn parse<T: DeserializeOwned>(body: &Bytes) -> Result<T, ControlError> {
    serde_json::from_slice(body).map_err(|error| ControlError::Malformed(error.to_string()))
}

async fn accounts(State(network): Shared) -> Response {
    json_body(&network.world().announced(&origin(&network))).into_response()
}

/// `http://127.0.0.1:PORT`.
pub(crate) fn origin(network: &Network) -> String {
    format!("http://{}", network.addr())
}

async fn add_account(State(network): Shared, body: Bytes) -> Result<Response, ControlError> {
    let spec: AccountSpec = parse(&body)?;
    let name = spec.name.clone();
    network.world().add(SimAccount::new(spec, 0));
    let added = network.world().announced(&origin(&network)).into_iter().find(|a| a.name == name);
    Ok(json_body(&added).into_response())
}

async fn clock(State(network): Shared) -> Response {
    json_body(&json!({"now": network.world().clock().now()})).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetClock {
    set: Option<DateTime<Utc>>,
    advance_seconds: Option<f64>,
    speed: Option<f64>,
}

async fn set_clock(State(network): Shared, body: Bytes) -> Result<Response, ControlError> {
    let wanted: SetClock = parse(&body)?;
    let clock = network.world().clock();
    if let Some(to) = wanted.set {
        clock.set(to);
    }
    if let Some(seconds) = wanted.advance_seconds {
        clock.advance(TimeDelta::milliseconds((seconds * 1000.0) as i64));
    }
    if let Some(speed) = wanted.speed {
        clock.set_speed(speed);
    }
    Ok(json_body(&json!({"now": clock.now()})).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spend {
    account: String,
    #[serde(default)]
    meter: Option<Meter>,
    #[serde(default)]
    points: Option<Decimal>,
    #[serde(default)]
    amount: Option<Decimal>,
}

async fn spend(State(network): Shared, body: Bytes) -> Result<Response, ControlError> {
    let Spend { account, meter, points, amount } = parse(&body)?;
    if points.is_none() && amount.is_none() {
        return Err(ControlError::Malformed("expected points or amount".to_owned()));
    }
    if let Some(points) = points {
        network.world().apply_event(Some(&account), &Event::Spend { meter, points })?;
    }
    if let Some(amount) = amount {
        network.world().apply_event(Some(&account), &Event::SpendMoney { amount })?;
    }
    Ok(done())
}

#[derive(Deserialize)]
struct Happen {
    #[serde(default)]
    account: Option<String>,
    #[serde(flatten)]
    event: Event,
}

async fn apply_event(State(network): Shared, body: Bytes) -> Result<Response, ControlError> {
    let Happen { account, event } = parse(&body)?;
    network.world().apply_event(account.as_deref(), &event)?;
    Ok(done())
}

async fn faults(State(network): Shared) -> Response {
    json_body(&network.world().faults()).into_response()
}

async fn order(State(network): Shared, body: Bytes) -> Result<Response, ControlError> {
    let order: FaultOrder = parse(&body)?;
    let id = network.world().order(order)?;
    Ok(json_body(&json!({"id": id})).into_response())
}

async fn clear_faults(State(network): Shared) -> Response {
    network.world().clear_faults();
    done()
}

async fn clear_fault(State(network): Shared, Path(id): Path<u64>) -> Result<Response, ControlError> {
    if network.world().clear_fault(FaultId(id)) {
        Ok(done())
    } else {
        Err(ControlError::NotThere(format!("there is no fault {id} in force")))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenIncident {
    title: String,
    #[serde(default)]
    impact: Impact,
}

async fn open_incident(State(network): Shared, body: Bytes) -> Result<Response, ControlError> {
    let OpenIncident { title, impact } = parse(&body)?;
    let id = network.world().open_incident(&title, impact);
    Ok(json_body(&json!({"id": id})).into_response())
}

async fn resolve_incidents(State(network): Shared) -> Response {
    json_body(&json!({"resolved": network.world().resolve_incident(None)})).into_response()
}

async fn resolve_incident(State(network): Shared, Path(id): Path<String>) -> Result<Response, ControlError> {
    match network.world().resolve_incident(Some(&id)) {
        0 => Err(ControlError::NotThere(format!("there is no open incident `{id}`"))),
        resolved => Ok(json_body(&json!({"resolved": resolved})).into_response()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworkDown {
    down_seconds: f64,
}

async fn network_down(State(network): Shared, body: Bytes) -> Result<Response, ControlError> {
    let NetworkDown { down_seconds } = parse(&body)?;
    let length = Duration::try_from_secs_f64(down_seconds)
        .map_err(|error| ControlError::Malformed(format!("down_seconds: {error}")))?;
    tokio::spawn(async move {
        // Time for this answer to get through.
        tokio::time::sleep(Duration::from_millis(50)).await;
        network.down().await;
        tokio::time::sleep(length).await;
        if let Err(error) = network.up().await {
            tracing::error!(%error, "could not come back on the same port");
        }
    });
    Ok((StatusCode::ACCEPTED, json_body(&json!({"down_seconds": down_seconds}))).into_response())
}

async fn requests(State(network): Shared) -> Response {
    json_body(&network.world().served()).into_response()
}

async fn forget_requests(State(network): Shared) -> Response {
    network.world().forget_served();
    done()
}

#[derive(Deserialize)]
struct LimitScope {
    account: Option<String>,
}

async fn truth(State(network): Shared, Query(whose): Query<LimitScope>) -> Result<Response, ControlError> {
    Ok(match whose.account {
        Some(account) => json_body(&network.world().truth(&account)?).into_response(),
        None => json_body(&network.world().truths()).into_response(),
    })
}

fn done() -> Response {
    json_body(&json!({"done": true})).into_response()
}
