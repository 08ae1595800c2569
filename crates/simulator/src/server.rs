//! The HTTP server: carries requests to the world and its answers back, with whatever is done to them.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use chrono::Utc;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream;

use crate::answer::{Answer, HTML, JSON};
use crate::control;
use crate::fault::Fault;
use crate::listen::Connection;
use crate::network::Network;
use crate::sim_state::{Incoming, SimState};

/// All routes: the services' and, under `/_sim/`, the simulator's own.
pub(crate) fn router(network: Arc<Network>) -> Router {
    Router::new().nest("/_sim", control::router()).fallback(service).with_state(network)
}

async fn service(
    State(network): State<Arc<Network>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
) -> Response {
    let world = network.world();
    let incoming = read(&request);
    let (number, mut outgoing) = world.serve(&incoming);
    let mut cut = false;
    for fault in std::mem::take(&mut outgoing.faults) {
        match fault {
            Fault::Slow { milliseconds } => tokio::time::sleep(Duration::from_millis(milliseconds)).await,
            Fault::Hang => return std::future::pending().await,
            Fault::Reset => {
                connection.cut();
                return std::future::pending().await;
            }
            Fault::CutOff => cut = true,
            // A refusal is already the answer; packing is done below.
            Fault::Refuse(_) | Fault::Gzip | Fault::NoGzip => {}
            Fault::HtmlOk => outgoing.answer = Answer::html(200, "Just a moment..."),
            Fault::Oversize { bytes } => {
                let body = &mut outgoing.answer.body;
                let missing = (bytes + 1).saturating_sub(body.len());
                body.extend(std::iter::repeat_n(b' ', missing));
            }
            Fault::Redirect { to } => {
                let to = to.unwrap_or_else(|| format!("http://127.0.0.1:9{}", incoming.path));
                outgoing.answer = Answer {
                    status: 307,
                    content_type: HTML,
                    headers: vec![("location", to)],
                    body: Vec::new(),
                };
            }
            Fault::NotJson => {
                outgoing.answer.status = 200;
                outgoing.answer.content_type = JSON;
                outgoing.answer.body = b"{\"usage\": {\"limit\": \"100\", ...".to_vec();
            }
            Fault::Empty => {
                outgoing.answer.status = 200;
                outgoing.answer.body.clear();
            }
        }
    }
    world.note_status(number, outgoing.answer.status);
    write(outgoing.answer, outgoing.gzip, cut)
}

fn read(request: &Request) -> Incoming {
    let headers = request.headers();
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let mut names: Vec<String> = headers.keys().map(|name| name.as_str().to_owned()).collect();
    names.sort_unstable();
    let key = text(header::AUTHORIZATION)
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(str::trim)
        .filter(|key| !key.is_empty());
    Incoming {
        at: Utc::now(),
        method: request.method().as_str().to_owned(),
        path: request.uri().path().to_owned(),
        headers: names,
        user_agent: text(header::USER_AGENT).map(str::to_owned),
        key: key.map(str::to_owned),
        takes_gzip: text(header::ACCEPT_ENCODING).is_some_and(|value| value.contains("gzip")),
    }
}

fn write(answer: Answer, gzip: bool, cut: bool) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    for (name, value) in &answer.headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(*name, value);
        }
    }
    let mut body = answer.body;
    if gzip
        && !body.is_empty()
        && let Ok(packed) = pack(&body)
    {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        body = packed;
    }
    let body = if cut {
        headers.insert(header::CONTENT_LENGTH, body.len().into());
        let half = Bytes::copy_from_slice(&body[..body.len() / 2]);
        let broken = std::io::Error::from(std::io::ErrorKind::ConnectionAborted);
        Body::from_stream(stream::iter([Ok(half), Err(broken)]))
    } else {
        Body::from(body)
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = headers;
    response
}

fn pack(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body)?;
    encoder.finish()
}

/// Catches the world up twice a second, so that session logs appear as the machine works.
pub(crate) async fn keep_logs(world: Arc<SimState>) {
    let mut beat = tokio::time::interval(Duration::from_millis(500));
    loop {
        beat.tick().await;
        if let Err(error) = world.catch_up() {
            tracing::warn!(%error, "could not write session logs");
        }
    }
}
