//! What the tests of the simulator share: a stepped simulator and a client.
#![allow(dead_code, reason = "each test program uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::net::SocketAddr;
use std::sync::Once;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tidemark_core::Region;
use tidemark_simulator::{
    AccountSpec, Generation, Habits, Plan, Running, Scenario, SimClock, Simulator, WalletSpec,
};

pub(crate) fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A Thursday morning in Shanghai, in the time of generation D.
pub(crate) fn start() -> DateTime<Utc> {
    utc("2026-10-15T02:20:00Z")
}

pub(crate) fn any_port() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

pub(crate) fn idle_code(name: &str, plan: Plan, generation: Generation) -> AccountSpec {
    AccountSpec::kimi_code(name, Region::China, plan, utc("2026-10-02T07:12:09.122865Z"))
        .with_generation(generation)
        .with_habits(Habits::idle())
}

pub(crate) fn idle_platform(name: &str, region: Region, cash: &str, voucher: &str) -> AccountSpec {
    AccountSpec::platform(
        name,
        region,
        cash.parse().unwrap(),
        voucher.parse().unwrap(),
        utc("2026-10-01T00:00:00Z"),
    )
    .with_habits(Habits::idle())
}

pub(crate) fn wallet(enabled: bool) -> WalletSpec {
    WalletSpec { enabled, balance: "31.52507".parse().unwrap(), month_cap: Some("99".parse().unwrap()) }
}

pub(crate) async fn serve(accounts: Vec<AccountSpec>) -> Running {
    Simulator::start(Scenario::of(accounts), SimClock::stepped(start()), any_port()).await.unwrap()
}

pub(crate) fn client() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(5))
        .no_proxy()
        .build()
        .unwrap()
}

pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// Asks for a path below an account's base URL with its own key.
pub(crate) async fn try_get(running: &Running, account: &str, path: &str) -> reqwest::Result<Got> {
    let account = running.account(account).unwrap();
    get_url(&format!("{}{path}", account.base_url), Some(&account.key)).await
}

pub(crate) async fn get(running: &Running, account: &str, path: &str) -> Got {
    try_get(running, account, path).await.unwrap()
}

pub(crate) async fn get_url(url: &str, key: Option<&str>) -> reqwest::Result<Got> {
    let mut request = client().get(url);
    if let Some(key) = key {
        request = request.bearer_auth(key);
    }
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Got { status, headers, text: response.text().await? })
}

pub(crate) async fn post(running: &Running, path: &str, body: &Value) -> Got {
    let url = format!("{}/_sim/{path}", running.url());
    let response = client().post(url).body(body.to_string()).send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Got { status, headers, text: response.text().await.unwrap() }
}

pub(crate) fn hours(hours: i64) -> TimeDelta {
    TimeDelta::hours(hours)
}
