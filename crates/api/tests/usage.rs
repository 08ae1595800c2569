//! Local use as it is asked for: its sums, whose it is, its rates, and what an export says of its projects.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt as _;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tempfile::TempDir;
use tidemark_api::client::{Client, ClientError};
use tidemark_api::view;
use tidemark_core::step::{AccountState, Input, Rules, step};
use tidemark_core::{AccountId, Balance, Credential, Currency, RateLimits, Reading, Region, Source, Tokens};
use tidemark_kimi::PublicPrices;
use tidemark_monitor::Clock;
use tidemark_store::{
    AnalysisResult, MachineBatch, MachineRequest, NewAccount, NewExchange, Store, UsageBatch, UsageClaim,
    UsageModel, UsageOrigin, UsagePart, UsageProvider, UsageRequest, WhoseUse,
};

/// A Friday evening in Shanghai.
fn now() -> DateTime<Utc> {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

/// It is always that moment.
struct Still;

impl Clock for Still {
    fn now(&self) -> DateTime<Utc> {
        now()
    }
    fn steady(&self) -> Duration {
        Duration::ZERO
    }
    fn sleep(&self, _: Duration) -> tidemark_monitor::clock::Wait {
        Box::pin(std::future::pending())
    }
}

fn account(store: &Store, name: &str, source: Source, region: Region) -> AccountId {
    let new = NewAccount {
        name: name.to_owned(),
        source,
        region,
        base_url: None,
        credential: Credential::Environment { name: "NO_SUCH_KEY_HERE".to_owned() },
    };
    store.add_account(new, now() - TimeDelta::days(30)).unwrap().id
}

/// The platform account's limits, as a reading reported them.
fn told_limits(store: &Store, id: AccountId) {
    let reading = Reading {
        at: now() - TimeDelta::minutes(5),
        source: Source::Platform,
        region: Region::Global,
        plan: None,
        meters: Vec::new(),
        wallet: None,
        balance: Some(Balance {
            currency: Currency::USD,
            available: Some(Decimal::TEN),
            voucher: None,
            cash: None,
        }),
        limits: RateLimits { concurrency: Some(15), requests_per_minute: Some(100), ..RateLimits::default() },
        not_understood: Vec::new(),
        user: tidemark_core::reading::UserIds::default(),
    };
    let rules = Rules { prices: &PublicPrices, alerts: None, max_gap: TimeDelta::zero() };
    let (state, outcome) = step(&AccountState::new(), Input::Reading(&reading), &rules);
    let number = store.insert_reading(id, &reading, "{}").unwrap();
    let conclusion = AnalysisResult::new(outcome, state.to_stored().unwrap());
    store.record_analysis(id, number, &conclusion).unwrap();
}

/// A boat and a car, built with two accounts, and three requests that are apart.
fn used(store: &Store, work: AccountId, api: AccountId) {
    let provider = |name: &str, whose| {
        let provider = UsageProvider {
            home: "/home/lin/.kimi-code".to_owned(),
            name: name.to_owned(),
            base_url: None,
            modified: 0,
            whose,
        };
        Some(store.usage_provider(&provider).unwrap().0)
    };
    let (of_work, of_api) =
        (provider("one", WhoseUse::Account(work)), provider("two", WhoseUse::Account(api)));
    let model = |name: &str, third, provider| UsageModel { name: name.to_owned(), third, provider };
    let origin = |format: &str, session: &str, project: Option<&str>| UsageOrigin {
        format: format.to_owned(),
        session: session.to_owned(),
        project: project.map(str::to_owned),
    };
    let mut number = 0;
    let mut claim = |at: &str, seconds: Option<i64>, model, [input, cache_read, output]: [u64; 3]| {
        number += 1;
        let at = at.parse::<DateTime<Utc>>().unwrap().timestamp_millis();
        let tokens = Tokens { input, cache_read, output, ..Tokens::default() };
        let begun = seconds.map(|seconds| at - seconds * 1000);
        UsageClaim { request: UsageRequest { at, begun, model, tokens, fingerprint: number }, copies: 0 }
    };
    let part = |path: &str, origin, claims| UsagePart {
        file: None,
        path: path.to_owned(),
        mark: "{}".to_owned(),
        skipped: 0,
        origin,
        claims,
        named: Vec::new(),
    };
    let batch = UsageBatch {
        known: now().timestamp_millis() - 1,
        models: vec![
            model("kimi-k3", false, of_work),
            model("kimi-k2.6", false, of_api),
            model("house-blend", false, None),
            model("deepseek-chat", true, None),
        ],
        origins: vec![
            origin("kimi-code", "s1", Some("/home/lin/boat")),
            origin("opencode", "s2", Some("/home/lin/car")),
            origin("kimi-code", "s3", None),
        ],
        parts: vec![
            part(
                "/one",
                0,
                vec![
                    // The last half hour of a Wednesday in Shanghai, and the first one of the Thursday.
                    claim("2026-11-18T15:30:00Z", None, 0, [1000, 9000, 500]),
                    claim("2026-11-18T16:30:00Z", None, 0, [2000, 0, 100]),
                    // A clock set wrong.
                    claim("2019-05-05T00:00:00Z", None, 0, [1, 0, 0]),
                ],
            ),
            part(
                "/two",
                1,
                vec![
                    claim("2026-11-20T09:59:30Z", Some(30), 1, [100, 300, 50]),
                    claim("2026-11-20T09:59:40Z", Some(20), 1, [100, 300, 50]),
                ],
            ),
            part(
                "/three",
                2,
                vec![
                    claim("2026-11-20T08:00:00Z", None, 2, [7, 0, 3]),
                    claim("2026-11-20T07:00:00Z", None, 3, [40, 0, 0]),
                ],
            ),
        ],
        ..UsageBatch::default()
    };
    store.write_usage(&batch).unwrap();
}

/// Serves such a history, in Shanghai, for as long as the folder lives.
async fn served() -> (TempDir, Client) {
    served_with(used).await
}

/// Serves what is recorded of two accounts.
async fn served_with(record: impl FnOnce(&Store, AccountId, AccountId)) -> (TempDir, Client) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    {
        let store = Store::open(&data, now()).unwrap();
        let work = account(&store, "work", Source::KimiCode, Region::China);
        let api = account(&store, "api", Source::Platform, Region::Global);
        told_limits(&store, api);
        record(&store, work, api);
    }
    let client = common::served(common::engine_at(folder.path(), Arc::new(Still))).await;
    (folder, client)
}

const DAYS: &str = "/v1/usage?by=day&from=2026-11-18&to=2026-11-21";

async fn usage(client: &Client, path: &str) -> view::Usage {
    let usage: view::Usage = client.get(path).await.unwrap();
    // Whatever was asked for: every sum is the sum of its parts.
    let total = |uses: &[view::UseView]| uses.iter().map(|one| one.total).sum::<u64>();
    let all = usage.totals.total;
    assert_eq!(usage.used.len(), usage.buckets.len());
    assert_eq!(total(&usage.used), all);
    assert_eq!(usage.models.iter().map(|one| one.used.total).sum::<u64>(), all);
    assert_eq!(usage.projects.iter().map(|one| one.used.total).sum::<u64>(), all);
    assert_eq!(usage.programs.iter().map(|one| one.used.total).sum::<u64>(), all);
    for account in &usage.accounts {
        let tokens = account.programs.iter().map(|one| one.tokens).sum::<u64>();
        assert_eq!(tokens, account.used.total, "{:?}", account.account);
    }
    assert_eq!(usage.accounts.iter().map(|one| one.used.total).sum::<u64>(), all);
    assert_eq!(usage.machines.iter().map(|one| one.used.total).sum::<u64>(), all);
    assert_eq!(usage.busiest.iter().flatten().map(|hour| hour.tokens).sum::<u64>(), all);
    for (used, totals) in usage
        .models
        .iter()
        .chain(&usage.projects)
        .chain(&usage.programs)
        .map(|one| (&one.used, &one.totals))
        .chain(usage.accounts.iter().map(|one| (&one.used, &one.totals)))
    {
        assert_eq!((totals.len(), totals.iter().sum::<u64>()), (usage.buckets.len(), used.total));
    }
    usage
}

fn by_bucket(usage: &view::Usage) -> Vec<(&str, u64)> {
    usage
        .buckets
        .iter()
        .map(|bucket| bucket.key.as_str())
        .zip(usage.used.iter().map(|one| one.total))
        .collect()
}

fn worth(of: &view::UseView) -> Option<String> {
    of.worth.as_ref().map(|money| format!("{} {}", money.amount, money.currency))
}

#[tokio::test(flavor = "multi_thread")]
async fn use_by_day_in_the_pinned_zone() {
    let (_folder, client) = served().await;
    let shanghai = usage(&client, DAYS).await;
    assert_eq!((shanghai.by.as_str(), shanghai.timezone.as_str()), ("day", "Asia/Shanghai"));
    assert_eq!(by_bucket(&shanghai), [("2026-11-18", 10_500), ("2026-11-19", 2_100), ("2026-11-20", 910)]);
    assert_eq!(shanghai.from, "2026-11-17T16:00:00Z".parse::<DateTime<Utc>>().unwrap());
    let busy: Vec<(usize, usize, u64, u64)> = shanghai
        .busiest
        .iter()
        .enumerate()
        .flat_map(|(day, hours)| hours.iter().enumerate().map(move |(hour, one)| (day, hour, one)))
        .filter(|(_, _, one)| one.requests > 0)
        .map(|(day, hour, one)| (day, hour, one.requests, one.tokens))
        .collect();
    assert_eq!(busy, [(2, 23, 1, 10_500), (3, 0, 1, 2_100), (4, 16, 1, 10), (4, 17, 2, 900)]);

    let _: Value = client.send_json("PATCH", "/v1/settings", &json!({"timezone": "UTC"})).await.unwrap();
    let utc = usage(&client, DAYS).await;
    assert_eq!(by_bucket(&utc), [("2026-11-18", 12_600), ("2026-11-19", 0), ("2026-11-20", 910)]);
    let hours = usage(&client, "/v1/usage?by=hour&from=2026-11-18T15:00:00Z&to=2026-11-18T18:00:00Z").await;
    assert_eq!(hours.used.iter().map(|one| one.total).collect::<Vec<_>>(), [10_500, 2_100, 0]);
    let months = usage(&client, "/v1/usage?by=month&from=2019-05-01&to=2026-12-01").await;
    assert_eq!(by_bucket(&months).first(), Some(&("2019-05", 1)));
    assert_eq!(by_bucket(&months).last(), Some(&("2026-11", 13_510)));
    assert_eq!((months.doubtful_times, utc.doubtful_times), (1, 0));
}

/// What `used` says, and two requests of another machine: one of them is in a log here, too.
fn used_on_two_machines(store: &Store, work: AccountId, api: AccountId) {
    used(store, work, api);
    let new =
        NewExchange { name: "laptop".to_owned(), place: r#"{"kind":"ssh","host":"lin@laptop"}"#.to_owned() };
    let exchange = store.add_exchange(&new, now()).unwrap();
    let machine = store.machine_of(&"ab".repeat(16), "laptop", exchange).unwrap().unwrap();
    let request = |fingerprint, at: &str, output| MachineRequest {
        fingerprint,
        message: None,
        named: false,
        states: tidemark_store::UsageStates::First,
        at: at.parse::<DateTime<Utc>>().unwrap().timestamp_millis(),
        begun: None,
        model: "kimi-k3".to_owned(),
        source: None,
        client: "kimi-code".to_owned(),
        project: None,
        tokens: Tokens { output, ..Tokens::default() },
    };
    let requests = vec![request(1, "2026-11-18T15:30:00Z", 70), request(900, "2026-11-19T01:00:00Z", 30)];
    store.write_machine_batch(&MachineBatch { requests, ..MachineBatch::new(machine.id, now()) }).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_by_machine_counts_each_request_once() {
    let (_folder, client) = served_with(used_on_two_machines).await;
    let own = usage(&served().await.1, DAYS).await.totals;
    let all = usage(&client, DAYS).await;
    let machines: Vec<_> = all.machines.iter().map(|one| (one.machine, one.used.requests)).collect();
    let laptop = all.machines[1].machine.unwrap();
    assert_eq!(all.machines[1].name, "laptop");
    assert_eq!(all.totals.total, own.total + 30, "{machines:?}");
    assert_eq!(usage(&client, &format!("{DAYS}&machine=this")).await.totals, own);
    // Of each machine, the accounts have together what the machine has; unassigned usage is among them.
    for machine in &all.machines {
        let seen =
            all.accounts.iter().flat_map(|one| &one.machines).filter(|one| one.machine == machine.machine);
        let (requests, tokens) = seen.fold((0, 0), |(r, t), one| (r + one.requests, t + one.tokens));
        assert_eq!((requests, tokens), (machine.used.requests, machine.used.total), "{machine:?}");
    }
    for account in &all.accounts {
        let tokens: u64 = account.machines.iter().map(|one| one.tokens).sum();
        assert_eq!(tokens, account.used.total, "{account:?}");
    }
    let other = usage(&client, &format!("{DAYS}&machine={laptop}")).await;
    assert_eq!((other.totals.requests, other.totals.output), (1, 30));
    let refused = client.get::<view::Usage>(&format!("{DAYS}&machine=laptop")).await;
    assert!(matches!(refused, Err(ClientError::Refused(_))), "{refused:?}");

    let known: view::Machines = client.get("/v1/machines").await.unwrap();
    assert_eq!((known.machines[0].number, known.machines[0].id.len()), (laptop, 32));
    assert_eq!(
        (known.exchanges[0].kind, known.exchanges[0].place.as_str()),
        (view::ExchangeKind::Ssh, "lin@laptop")
    );
    let rename = json!({"name": "工作本"});
    let path = format!("/v1/machines/{}", known.machines[0].key);
    let named: view::Machines = client.send_json("PATCH", &path, &rename).await.unwrap();
    assert_eq!((named.machines[0].name.as_str(), named.exchanges[0].name.as_str()), ("工作本", "工作本"));
    let way = format!("/v1/machines/{}", known.exchanges[0].key);
    let named: view::Machines = client.send_json("PATCH", &way, &json!({"name": "studio"})).await.unwrap();
    assert_eq!((named.machines[0].name.as_str(), named.exchanges[0].name.as_str()), ("studio", "studio"));
    let left: view::Machines =
        client.send_json("DELETE", &format!("{path}?drop_use=true"), &()).await.unwrap();
    assert!(left.machines.is_empty() && left.exchanges.is_empty());
    assert_eq!(usage(&client, DAYS).await.totals, own);
}

#[tokio::test(flavor = "multi_thread")]
async fn models_projects_and_what_they_are_worth() {
    let (_folder, client) = served().await;
    let told = usage(&client, DAYS).await;
    let models: Vec<_> =
        told.models.iter().map(|m| (m.name.as_deref(), m.used.requests, worth(&m.used))).collect();
    assert_eq!(
        models,
        [
            (Some("kimi-k3"), 2, Some("0.0207 USD".to_owned())),
            (Some("kimi-k2.6"), 2, Some("0.000686 USD".to_owned())),
            (Some("house-blend"), 1, None),
        ]
    );
    let projects: Vec<_> = told.projects.iter().map(|one| (one.name.as_deref(), one.used.total)).collect();
    assert_eq!(projects, [(Some("/home/lin/boat"), 12_600), (Some("/home/lin/car"), 900), (None, 10)]);
    // What has no price is in the counts, and in no worth.
    assert_eq!((told.totals.requests, told.totals.unpriced_tokens), (5, 10));
    assert_eq!(worth(&told.totals), Some("0.021386 USD".to_owned()));
    let sent = 1000.0 + 9000.0 + 2000.0 + 800.0 + 7.0;
    assert!((told.totals.cache_hit_share.unwrap() - 9600.0 / sent).abs() < 1e-9);
    let counts = |counts: &[view::NamedCount]| -> Vec<(String, u64, u64)> {
        counts.iter().map(|one| (one.name.clone(), one.requests, one.tokens)).collect()
    };
    assert_eq!(counts(&told.unpriced), [("house-blend".to_owned(), 1, 10)]);
    assert_eq!(counts(&told.third_party), [("deepseek-chat".to_owned(), 1, 40)]);

    // Where no price in a currency is known, there is no worth in it; the counts stay.
    let _: Value =
        client.send_json("PATCH", "/v1/settings", &json!({"worth_currency": "CNY"})).await.unwrap();
    let yuan = usage(&client, DAYS).await;
    assert_eq!(yuan.currency, "CNY");
    assert_eq!(worth(&yuan.models[0].used), Some("0.138 CNY".to_owned()));
    assert_eq!(yuan.totals.total, told.totals.total);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_account_used_is_worth_something_in_its_own_currency() {
    let (_folder, client) = served().await;
    let some = |text: &str| Some(text.to_owned());
    for currency in [Value::Null, json!("USD")] {
        let _: Value =
            client.send_json("PATCH", "/v1/settings", &json!({ "worth_currency": currency })).await.unwrap();
        let all = usage(&client, DAYS).await;
        assert_eq!((all.currency.as_str(), worth(&all.totals)), ("USD", some("0.021386 USD")));
        let accounts: Vec<_> =
            all.accounts.iter().map(|one| (one.account.as_deref(), worth(&one.used))).collect();
        assert_eq!(
            accounts,
            [(Some("work"), some("0.138 CNY")), (Some("api"), some("0.000686 USD")), (None, None)]
        );
        let work = all.accounts[0].account_id.unwrap();
        let one = usage(&client, &format!("{DAYS}&account={work}")).await;
        assert_eq!((one.currency.as_str(), worth(&one.totals)), ("CNY", some("0.138 CNY")));
        assert_eq!(one.accounts[0].used, one.totals);
        let path = format!("/v1/usage/sessions?from=2026-11-18&to=2026-11-21&account={work}");
        let sessions: view::Sessions = client.get(&path).await.unwrap();
        assert!(sessions.sessions.iter().all(|one| one.worth.is_some() != (one.unpriced_tokens > 0)));
        let worths = sessions.sessions.iter().filter_map(|one| one.worth.as_ref());
        assert!(worths.clone().count() > 0 && worths.into_iter().all(|worth| worth.currency == "CNY"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_without_records_are_marked() {
    let (_folder, client) = served_with(|store, work, api| {
        used(store, work, api);
        for at in [now() - TimeDelta::minutes(10), now()] {
            store.note_own_coverage(&["kimi-code", "codex"], at).unwrap();
        }
    })
    .await;
    let machines: view::Machines = client.get("/v1/machines").await.unwrap();
    let known = |client: &str| {
        machines.this.coverage.iter().find(|span| span.client == client).map(|span| span.has_records)
    };
    assert_eq!((known("kimi-code"), known("codex")), (Some(true), Some(false)));
}

/// Claude Code's writes to the cache: in one quarter of an hour, on two days and in two months.
fn cache_writes(store: &Store, work: AccountId, _: AccountId) {
    let provider = UsageProvider {
        home: "/home/lin/.claude".to_owned(),
        name: "one".to_owned(),
        base_url: None,
        modified: 0,
        whose: WhoseUse::Account(work),
    };
    let provider = Some(store.usage_provider(&provider).unwrap().0);
    let claim = |at: &str, cache_write, cache_write_1h| {
        let at = at.parse::<DateTime<Utc>>().unwrap().timestamp_millis();
        let tokens = Tokens { cache_write, cache_write_1h, ..Tokens::default() };
        let fingerprint = at.cast_unsigned();
        UsageClaim { request: UsageRequest { at, begun: None, model: 0, tokens, fingerprint }, copies: 0 }
    };
    let batch = UsageBatch {
        known: now().timestamp_millis() - 1,
        models: vec![UsageModel { name: "kimi-k3".to_owned(), third: false, provider }],
        origins: vec![UsageOrigin {
            format: "claude-code".to_owned(),
            session: "s".to_owned(),
            project: Some("/home/lin/boat".to_owned()),
        }],
        parts: vec![UsagePart {
            file: None,
            path: "/log".to_owned(),
            mark: "{}".to_owned(),
            skipped: 0,
            origin: 0,
            claims: vec![
                claim("2026-10-20T02:00:00Z", 1_000_000, 0),
                claim("2026-11-18T02:00:00Z", 1_000_000, 1_000_000),
                claim("2026-11-18T02:05:00Z", 1_000_000, 500_000),
                claim("2026-11-19T02:00:00Z", 1_000_000, 250_000),
            ],
            named: Vec::new(),
        }],
        ..UsageBatch::default()
    };
    store.write_usage(&batch).unwrap();
}

/// A million tokens cost $3.00 for five minutes, $6.00 for an hour.
#[tokio::test(flavor = "multi_thread")]
async fn cache_writes_are_worth_what_their_lifetimes_cost() {
    let (_folder, client) = served_with(cache_writes).await;
    let of_buckets = |usage: &view::Usage| usage.used.iter().map(worth).collect::<Vec<_>>();
    let some = |texts: &[&str]| texts.iter().map(|text| Some(format!("{text} USD"))).collect::<Vec<_>>();
    let days = usage(&client, DAYS).await;
    assert_eq!(of_buckets(&days), some(&["10.50", "3.75", "0.00"]));
    let whole = &days.totals;
    assert_eq!((whole.cache_write, worth(whole)), (3_000_000, Some("14.25 USD".to_owned())));
    assert_eq!([&days.models[0].used, &days.projects[0].used], [whole, whole]);
    // The account's own currency is another.
    let of_account = &days.accounts[0].used;
    assert_eq!((of_account.requests, of_account.total), (whole.requests, whole.total));
    let months = usage(&client, "/v1/usage?by=month&from=2026-10-01&to=2026-12-01").await;
    assert_eq!(of_buckets(&months), some(&["3.00", "14.25"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_is_shown_by_the_program_whose_logs_it_was_seen_in() {
    let (_folder, client) = served().await;
    let all = usage(&client, DAYS).await;
    let programs: Vec<_> = all.programs.iter().map(|one| (one.name.as_deref(), one.used.total)).collect();
    assert_eq!(programs, [(Some("kimi-code"), 12_610), (Some("opencode"), 900)]);
    let of = |account: &view::AccountUse| {
        account.programs.iter().map(|one| (one.name.clone(), one.requests)).collect::<Vec<_>>()
    };
    let by_account: Vec<_> = all.accounts.iter().map(of).collect();
    let (kimi_code, opencode) = ("kimi-code".to_owned(), "opencode".to_owned());
    assert_eq!(by_account, [vec![(kimi_code.clone(), 2)], vec![(opencode, 2)], vec![(kimi_code, 1)]]);
    // No home folder of any program is there.
    let absent: Vec<_> = tidemark_monitor::Format::ALL.iter().map(|format| format.as_str()).collect();
    assert_eq!(all.scan.programs_absent, absent);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_account_and_what_is_nobodys() {
    let (_folder, client) = served().await;
    let all = usage(&client, DAYS).await;
    let rows: Vec<_> = all.accounts.iter().map(|one| (one.account.as_deref(), one.used.total)).collect();
    assert_eq!(rows, [(Some("work"), 12_600), (Some("api"), 900), (None, 10)]);
    let ids: Vec<Option<i64>> = all.accounts.iter().map(|one| one.account_id).collect();
    for (id, total) in ids.iter().zip([12_600, 900, 10]) {
        let asked = id.map_or_else(|| "none".to_owned(), |id| id.to_string());
        let one = usage(&client, &format!("{DAYS}&account={asked}")).await;
        assert_eq!((one.totals.total, one.accounts.len()), (total, 1), "{asked}");
        assert_eq!(one.accounts[0].account_id, *id);
    }
    let nobody = usage(&client, &format!("{DAYS}&account=4711")).await;
    assert_eq!((nobody.totals.total, nobody.accounts.len()), (0, 0));
    assert_eq!(worth(&nobody.totals), Some("0.00 USD".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn rates_beside_the_limits_whatever_stretch_is_shown() {
    let (_folder, client) = served().await;
    let told = usage(&client, "/v1/usage?by=day&from=2026-10-01&to=2026-10-03").await;
    assert_eq!(told.totals.requests, 0);
    let api = told.accounts.iter().find(|one| one.account.as_deref() == Some("api")).unwrap();
    let minute = view::RateView {
        requests: 2,
        tokens: 900,
        most_requests_a_minute: 2,
        most_tokens_a_minute: 900,
        greatest_concurrency: Some(2),
    };
    assert_eq!((api.rates.minute, api.rates.hour, api.rates.day), (minute, minute, minute));
    assert_eq!((api.limits.concurrency, api.limits.requests_per_minute), (Some(15), Some(100)));
    assert_eq!(api.limits.tokens_per_day, None);
    // Nothing ran and no limit is known: the account has no row.
    assert!(!told.accounts.iter().any(|one| one.account.as_deref() == Some("work")));
    let rest = told.accounts.last().unwrap();
    assert_eq!((rest.account_id, rest.rates.hour.requests, rest.rates.day.requests), (None, 0, 1));
    assert_eq!(rest.rates.day.greatest_concurrency, None, "no log told when it began");
}

/// Two sessions of accounts and one that is assigned to none: shares are of an account's own cost, and a price that is
/// not known leaves the share unknown.
#[tokio::test(flavor = "multi_thread")]
async fn a_span_names_the_sessions_and_requests_that_used_it() {
    let (_folder, client) = served().await;
    let path = "/v1/usage/sessions?from=2026-11-18&to=2026-11-21";
    let all = client.get::<view::Sessions>(path).await.unwrap();
    let rows: Vec<_> = all
        .sessions
        .iter()
        .map(|one| (one.session.as_deref(), one.project.as_deref(), one.requests, one.tokens, one.share))
        .collect();
    assert_eq!(
        rows,
        [
            (Some("s1"), Some("/home/lin/boat"), 2, 12_600, Some(1.0)),
            (Some("s2"), Some("/home/lin/car"), 2, 900, Some(1.0)),
            (Some("s3"), None, 1, 10, None),
        ]
    );
    assert_eq!(all.requests_kept, 5);
    assert_eq!((all.requests[0].cache_read, all.requests[0].session.as_deref()), (9000, Some("s1")));
    // Sums are of quarters of an hour; only whole ones can be taken apart.
    let path = "/v1/usage/sessions?from=2026-11-20T09:50:00Z&to=2026-11-20T10:01:00Z";
    let short = client.get::<view::Sessions>(path).await.unwrap();
    assert_eq!(short.sessions.len(), 1);
    assert_eq!(short.from.to_rfc3339(), "2026-11-20T09:45:00+00:00");
    assert_eq!(short.to.to_rfc3339(), "2026-11-20T10:15:00+00:00");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_answered_is_refused() {
    let (_folder, client) = served().await;
    for query in
        ["by=week", "by=hour&from=2020-01-01", "from=yesterday", "to=31.12.2026", "account=work", "account="]
    {
        let refused = client.get::<view::Usage>(&format!("/v1/usage?{query}")).await;
        assert!(
            matches!(&refused, Err(ClientError::Refused(why)) if why.code == "input"),
            "{query}: {refused:?}"
        );
    }
}

async fn exported(client: &Client, path: &str) -> String {
    let (status, mut body) = client.download(path).await.unwrap();
    assert_eq!(status, 200);
    let mut bytes = Vec::new();
    while let Some(block) = body.next().await {
        bytes.extend_from_slice(&block.unwrap());
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_project_is_named_in_no_export_and_counted_in_each() {
    let (_folder, client) = served().await;
    let path = |format: &str| format!("/v1/export?format={format}");
    let open = exported(&client, &path("jsonl")).await;
    assert_eq!(open.matches("/home/lin/boat").count(), 3, "{open}");
    let _: Value =
        client.send_json("PATCH", "/v1/settings", &json!({"hidden_projects": [" BOAT "]})).await.unwrap();
    let hidden = exported(&client, &path("jsonl")).await;
    assert_eq!(hidden, open.replace("/home/lin/boat", "hidden"), "nothing else changes");
    for file in [path("csv"), path("json"), path("jsonl"), "/v1/report?account=1&format=json".to_owned()] {
        let text = exported(&client, &file).await;
        assert!(!text.to_lowercase().contains("boat"), "{file}: {text}");
    }
    assert_eq!(exported(&client, &path("json")).await.matches("\"hidden\"").count(), 3);
    // The window shows what is on this machine.
    let shown = usage(&client, DAYS).await;
    assert_eq!(shown.projects[0].name.as_deref(), Some("/home/lin/boat"));
    let many: Vec<String> = (0..101).map(|number| number.to_string()).collect();
    let refused =
        client.send_json::<_, Value>("PATCH", "/v1/settings", &json!({"hidden_projects": many})).await;
    assert!(matches!(&refused, Err(ClientError::Refused(_))), "{refused:?}");
}
