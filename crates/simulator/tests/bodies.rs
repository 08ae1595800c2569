//! The answers have the keys and the omissions of the real ones.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod common;

use common::{get, get_url, hours, idle_code, idle_platform, serve, start, wallet};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tidemark_core::{Meter, Region};
use tidemark_simulator::{Event, Generation, Impact, Plan};

fn points(n: i64) -> Decimal {
    Decimal::from(n)
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn generation_a_counts_requests() {
    let running = serve(vec![idle_code("a", Plan::Moderato, Generation::A)]).await;
    running.spend("a", Meter::FiveHour, "9.5".parse().unwrap()).unwrap();
    let body = get(&running, "a", "/usages").await.json();
    assert_eq!(keys(&body), ["limits", "usage"]);
    let row = &body["limits"][0]["detail"];
    assert_eq!(row["limit"], "200");
    assert_eq!(row["used"], "19");
    assert_eq!(row["remaining"], "181");
    assert_eq!(row["resetTime"], "2026-10-15T07:12:09.122865000Z");
    assert_eq!(body["limits"][0]["window"], json!({"duration": 300, "timeUnit": "TIME_UNIT_MINUTE"}));
    assert_eq!(body["usage"]["limit"], "2048");
}

#[tokio::test]
async fn generation_b_tells_only_what_remains() {
    let running = serve(vec![idle_code("b", Plan::Allegretto, Generation::B)]).await;
    running.spend("b", Meter::Week, points(13)).unwrap();
    let body = get(&running, "b", "/usages").await.json();
    assert_eq!(keys(&body["usage"]), ["limit", "remaining", "resetTime"]);
    assert_eq!(body["usage"]["remaining"], "87");
    assert_eq!(body["user"]["membership"]["level"], "LEVEL_INTERMEDIATE");
}

#[tokio::test]
async fn generation_c_has_user_limits_and_wallet_and_omits_zeros() {
    let running =
        serve(vec![idle_code("c", Plan::Allegretto, Generation::C).with_wallet(wallet(true))]).await;
    let unused = get(&running, "c", "/usages").await.json();
    assert_eq!(keys(&unused["usage"]), ["limit", "remaining", "resetTime"]);
    assert!(unused.get("limited").is_none());
    assert_eq!(unused["parallel"]["limit"], "20");
    assert_eq!(unused["totalQuota"], json!({}));
    assert_eq!(unused["boosterWallet"]["balance"]["amountLeft"], "3152507000");
    assert_eq!(unused["boosterWallet"]["balance"]["type"], "BOOSTER");
    assert_eq!(
        unused["boosterWallet"]["monthlyChargeLimit"],
        json!({"currency": "CNY", "priceInCents": "9900"})
    );
    running.spend("c", Meter::FiveHour, points(100)).unwrap();
    let full = get(&running, "c", "/usages").await.json();
    assert_eq!(full["limited"], true);
    assert_eq!(keys(&full["limits"][0]["detail"]), ["limit", "resetTime", "used"]);
    assert_eq!(full["usage"]["used"], "20");
}

#[tokio::test]
async fn a_disabled_wallet_has_no_amounts() {
    let running =
        serve(vec![idle_code("c", Plan::Allegretto, Generation::C).with_wallet(wallet(false))]).await;
    let body = get(&running, "c", "/usages").await.json();
    assert_eq!(body["boosterWallet"]["status"], "STATUS_DISABLED");
    assert!(body["boosterWallet"]["balance"].get("amountLeft").is_none());
}

#[tokio::test]
async fn generation_d_of_a_new_plan_has_month_and_no_week() {
    let running = serve(vec![idle_code("d", Plan::Pro, Generation::D).with_wallet(wallet(true))]).await;
    running.spend("d", Meter::FiveHour, "43.7189".parse().unwrap()).unwrap();
    let body = get(&running, "d", "/usages").await.json();
    assert_eq!(keys(&body), ["booster_wallet", "limits", "usages"]);
    assert_eq!(body["limits"][0]["detail"]["used"], "44");
    assert_eq!(keys(&body["usages"]), ["limit_5h", "limit_month_code", "limit_month_total"]);
    assert_eq!(body["usages"]["limit_5h"]["used_ratio"], 0.4372);
    assert_eq!(body["usages"]["limit_5h"]["reset_time"], "2026-10-15T07:12:08Z");
    assert_eq!(body["limits"][0]["detail"]["resetTime"], "2026-10-15T07:12:09.122865Z");
    assert_eq!(body["usages"]["limit_month_total"]["used_ratio"], 0.0273);
    assert_eq!(body["usages"]["limit_month_total"]["reset_time"], "2026-11-02T07:12:08Z");
    assert_eq!(body["booster_wallet"]["balance"]["amount_left"], "3152507000");
    assert_eq!(body["booster_wallet"]["monthly_used"], json!({"priceInCents": "0", "currency": "CNY"}));
}

#[tokio::test]
async fn generation_d_of_an_old_plan_keeps_its_week() {
    let running = serve(vec![idle_code("d", Plan::Allegretto, Generation::D)]).await;
    running.spend("d", Meter::Week, points(30)).unwrap();
    let body = get(&running, "d", "/usages").await.json();
    assert_eq!(keys(&body), ["limits", "usage", "usages"]);
    assert_eq!(keys(&body["usages"]), ["limit_5h", "limit_7d"]);
    assert_eq!(body["usages"]["limit_7d"]["used_ratio"], 0.3);
    assert_eq!(body["usage"]["used"], "30");
    assert_eq!(body["usages"]["limit_5h"]["used_ratio"], 1, "five hours hold a fifth of the week");
}

#[tokio::test]
async fn generation_e_is_empty() {
    let running =
        serve(vec![idle_code("e", Plan::Pro, Generation::E), idle_code("free", Plan::Free, Generation::D)])
            .await;
    assert_eq!(get(&running, "e", "/usages").await.json(), json!({}));
    assert_eq!(get(&running, "free", "/usages").await.json(), json!({}));
}

#[tokio::test]
async fn me_names_the_plan() {
    let running = serve(vec![idle_code("work", Plan::Pro, Generation::D)]).await;
    let body = get(&running, "work", "/me").await.json();
    assert_eq!(body["user_level_name"], "Pro");
    assert_eq!(body["region"], "REGION_CN");
    assert_eq!(body["goods_version"], 2);
    assert!(body["user_id"].as_str().unwrap().starts_with('u'));
}

#[tokio::test]
async fn the_balance_keeps_debt_in_cash_alone() {
    let running = serve(vec![idle_platform("api", Region::Global, "3.00001", "46.58893")]).await;
    let balance = |body: Value| body["data"].clone();
    let before = balance(get(&running, "api", "/users/me/balance").await.json());
    assert_eq!(
        before,
        json!({"available_balance": 49.58894, "voucher_balance": 46.58893, "cash_balance": 3.00001})
    );
    running.event("api", &Event::SpendDownTo { left: "-0.42".parse().unwrap() }).unwrap();
    let after = balance(get(&running, "api", "/users/me/balance").await.json());
    assert_eq!(after, json!({"available_balance": 0, "voucher_balance": 0, "cash_balance": -0.42}));
}

#[tokio::test]
async fn users_me_gives_the_limits() {
    let running = serve(vec![idle_platform("api", Region::China, "1", "0")]).await;
    let body = get(&running, "api", "/users/me").await.json();
    assert_eq!(body["data"]["organization"]["max_concurrency"], 15);
    assert_eq!(body["data"]["organization"]["max_request_per_minute"], 100);
    assert_eq!(body["data"]["organization"]["max_token_per_minute"], 2_000_000);
    assert!(body["data"]["access_key"]["id"].as_str().unwrap().starts_with("ak-"));
}

#[tokio::test]
async fn both_products_list_models() {
    let running = serve(vec![
        idle_code("work", Plan::Pro, Generation::D),
        idle_platform("api", Region::China, "1", "0"),
    ])
    .await;
    assert_eq!(get(&running, "work", "/models").await.json()["data"][1]["id"], "kimi-for-coding");
    assert_eq!(get(&running, "api", "/models").await.json()["data"][0]["id"], "kimi-k3");
}

#[tokio::test]
async fn an_unknown_route_gives_the_envelope() {
    let running = serve(vec![idle_code("work", Plan::Pro, Generation::D)]).await;
    for path in ["/v1/usage", "/china/coding/v1/nothing", "/", "/mars/v1/models"] {
        let got = get_url(&format!("{}{path}", running.url()), None).await.unwrap();
        assert_eq!(got.status, 404, "{path}");
        let body = got.json();
        assert_eq!((&body["code"], &body["error"]), (&json!(5), &json!("url.not_found")));
        assert_eq!((&body["scode"], &body["status"]), (&json!("0x5"), &json!(false)));
    }
}

#[tokio::test]
async fn keys_open_their_own_product_and_region_only() {
    let running = serve(vec![
        idle_code("work", Plan::Pro, Generation::D),
        idle_platform("api", Region::Global, "1", "0"),
    ])
    .await;
    let (url, work, api) = (running.url(), running.key("work").unwrap(), running.key("api").unwrap());
    for (path, key, status, words) in [
        ("/china/coding/v1/usages", Some(&work), 200, "limits"),
        ("/coding/v1/usages", Some(&work), 200, "limits"),
        ("/global/coding/v1/usages", Some(&work), 401, "invalid or may have expired"),
        ("/china/coding/v1/usages", Some(&api), 401, "invalid or may have expired"),
        ("/china/coding/v1/usages", None, 401, "invalid or may have expired"),
        ("/global/v1/users/me/balance", Some(&api), 200, "available_balance"),
        ("/china/v1/users/me/balance", Some(&api), 401, "incorrect_api_key_error"),
        ("/global/v1/models", Some(&work), 401, "incorrect_api_key_error"),
        ("/global/v1/models", None, 401, "invalid_authentication_error"),
    ] {
        let got = get_url(&format!("{url}{path}"), key.map(String::as_str)).await.unwrap();
        assert_eq!(got.status, status, "{path}");
        assert!(got.text.contains(words), "{path}: {}", got.text);
    }
}

#[tokio::test]
async fn the_status_page_shows_open_incidents() {
    let running = serve(vec![]).await;
    let summary =
        || async { get_url(&format!("{}/api/v2/summary.json", running.url()), None).await.unwrap().json() };
    assert_eq!(summary().await["status"]["indicator"], "none");
    let id = running.open_incident("Elevated errors", Impact::Major);
    let open = summary().await;
    assert_eq!(open["status"]["indicator"], "major");
    assert_eq!(open["incidents"][0]["name"], "Elevated errors");
    assert_eq!(open["incidents"][0]["id"], id.as_str());
    assert_eq!(running.resolve_incident(Some(&id)), 1);
    assert_eq!(summary().await["incidents"], json!([]));
}

#[tokio::test]
async fn an_unused_window_moves_its_end_on_and_a_used_one_keeps_it() {
    let running = serve(vec![idle_code("work", Plan::Pro, Generation::D)]).await;
    let end = || async {
        get(&running, "work", "/usages").await.json()["limits"][0]["detail"]["resetTime"].clone()
    };
    assert_eq!(end().await, "2026-10-15T07:12:09.122865Z");
    running.clock().advance(hours(1));
    assert_eq!(end().await, "2026-10-15T08:12:09.122865Z");
    running.spend("work", Meter::FiveHour, points(5)).unwrap();
    running.clock().advance(hours(3));
    assert_eq!(end().await, "2026-10-15T08:12:09.122865Z");
    running.clock().advance(hours(2));
    assert_eq!(end().await, "2026-10-15T13:12:09.122865Z");
    assert!(running.clock().now() > start());
}
