//! The bodies of answers: every generation of `/usages`, `/me`, the balance, `/users/me`, `/models` and the
//! status page.
//!
//! Like the real service, which writes proto3 as JSON, rows leave out counts of zero and write counts as
//! strings; the map of ratios has numbers.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use tidemark_core::{Meter, Region, Source};

use crate::amount::Coins;
use crate::incident::Incident;
use crate::plan::Generation;
use crate::price::Model;
use crate::rng::mix;
use crate::snapshot::{Snapshot, WalletSnapshot, WindowSnapshot};

/// The body of the quota route of the account's source.
#[must_use]
pub(crate) fn quota(shown: &Snapshot) -> Value {
    let mut body = match shown.source {
        Source::KimiCode => usages(shown),
        Source::Platform => balance(shown),
    };
    if let Some(field) = &shown.tricks.unreadable {
        spoil(&mut body, field);
    }
    body
}

/// The quota body without what identifies a person: what is kept as evidence.
#[must_use]
pub(crate) fn evidence(shown: &Snapshot) -> Value {
    let mut body = quota(shown);
    if let Some(body) = body.as_object_mut() {
        body.remove("user");
        for wallet in ["boosterWallet", "booster_wallet"] {
            if let Some(wallet) = body.get_mut(wallet).and_then(Value::as_object_mut) {
                wallet.retain(|key, _| !matches!(key.as_str(), "id" | "userId"));
                if let Some(balance) = wallet.get_mut("balance").and_then(Value::as_object_mut) {
                    balance.retain(|key, _| !matches!(key.as_str(), "id" | "userId" | "subscriptionId"));
                }
            }
        }
    }
    body
}

fn usages(shown: &Snapshot) -> Value {
    let generation = shown.generation;
    if generation == Generation::E || shown.gauges.is_empty() {
        return json!({});
    }
    let mut body = Map::new();
    if generation == Generation::C {
        body.insert(
            "user".into(),
            json!({
                "userId": user_id(shown),
                "region": region_word(shown.region),
                "membership": {"level": shown.plan.level()},
                "businessId": "",
            }),
        );
        if shown.limited.is_some() {
            body.insert("limited".into(), true.into());
        }
    }
    if let Some(week) = shown.gauge(Meter::Week) {
        body.insert("usage".into(), row(shown, week));
    }
    if let Some(five_hour) = shown.gauge(Meter::FiveHour) {
        body.insert(
            "limits".into(),
            json!([{
                "window": {"duration": 300, "timeUnit": "TIME_UNIT_MINUTE"},
                "detail": row(shown, five_hour),
            }]),
        );
    }
    match generation {
        Generation::B => {
            body.insert("user".into(), json!({"membership": {"level": shown.plan.level()}}));
        }
        Generation::C => {
            body.insert("parallel".into(), json!({"limit": shown.concurrency.to_string()}));
            body.insert("totalQuota".into(), json!({}));
            body.insert(
                "authentication".into(),
                json!({"method": "METHOD_API_KEY", "scope": "FEATURE_CODING"}),
            );
            body.insert("subType".into(), "TYPE_PURCHASE".into());
            if let Some(wallet) = &shown.wallet {
                body.insert("boosterWallet".into(), camel_wallet(shown, wallet));
            }
            body.insert("domain".into(), "DOMAIN_NEXUS".into());
        }
        Generation::D => {
            let map: Map<String, Value> = shown
                .gauges
                .iter()
                .map(|gauge| (map_key(gauge.meter).to_owned(), ratio(shown, gauge)))
                .collect();
            body.insert("usages".into(), map.into());
            if let Some(wallet) = &shown.wallet {
                body.insert("booster_wallet".into(), snake_wallet(shown, wallet));
            }
        }
        Generation::A | Generation::E => {}
    }
    body.into()
}

/// A row of counts, written as the generation did.
fn row(shown: &Snapshot, gauge: &WindowSnapshot) -> Value {
    let (used, limit) = shown.count(gauge);
    let mut row = Map::new();
    let mut put = |key: &str, count: i64| {
        if count > 0 {
            row.insert(key.to_owned(), count.to_string().into());
        }
    };
    put("limit", limit);
    // The rows of February had only what remained. How they showed a full quota is not known; a row with only
    // a limit would be read as unused.
    if shown.generation != Generation::B || used >= limit {
        put("used", used);
    }
    put("remaining", limit - used);
    let digits = if shown.generation == Generation::A { SecondsFormat::Nanos } else { SecondsFormat::Micros };
    row.insert("resetTime".to_owned(), time(shown.row_end(gauge), digits).into());
    row.into()
}

fn ratio(shown: &Snapshot, gauge: &WindowSnapshot) -> Value {
    json!({
        "used_ratio": number(shown.ratio(gauge), 4),
        "reset_time": time(Snapshot::map_end(gauge), SecondsFormat::Secs),
    })
}

/// The key of a window in the map of ratios.
#[must_use]
pub(crate) const fn map_key(meter: Meter) -> &'static str {
    match meter {
        Meter::FiveHour => "limit_5h",
        Meter::Week => "limit_7d",
        Meter::Month => "limit_month_total",
        Meter::MonthCode => "limit_month_code",
    }
}

/// A decimal as a JSON number: `0.4372`, and `0` rather than `0.0`.
fn number(units: i64, decimals: u32) -> Value {
    let scale = 10_i64.pow(decimals);
    if units % scale == 0 { (units / scale).into() } else { (units as f64 / scale as f64).into() }
}

fn time(at: DateTime<Utc>, digits: SecondsFormat) -> String {
    // A subscription made at a full second has no fraction.
    let whole = at.timestamp_subsec_nanos() == 0;
    at.to_rfc3339_opts(if whole { SecondsFormat::Secs } else { digits }, true)
}

fn cents(amount: Coins) -> String {
    (amount / 1_000_000).to_string()
}

fn camel_wallet(shown: &Snapshot, wallet: &WalletSnapshot) -> Value {
    let currency = if shown.region == Region::China { "CNY" } else { "USD" };
    let since = time(wallet.since, SecondsFormat::Micros);
    let mut balance = json!({
        "id": uuid(shown.name_seed, 11),
        "feature": "FEATURE_OMNI",
        "type": "BOOSTER",
        "unit": "UNIT_CURRENCY",
        "periodStart": since,
        "subscriptionId": uuid(shown.name_seed, 12),
        "userId": user_id(shown),
        "createTime": since,
    });
    // Zeros are left out, also of a wallet that was emptied: what was paid in is there.
    if wallet.balance > 0 && wallet.enabled {
        balance["amountLeft"] = wallet.balance.to_string().into();
    }
    let amount = wallet.balance + wallet.month_used;
    if amount > 0 && wallet.enabled {
        balance["amount"] = amount.to_string().into();
    }
    let mut body = json!({
        "id": uuid(shown.name_seed, 13),
        "userId": user_id(shown),
        "balance": balance,
        "status": if wallet.enabled { "STATUS_ACTIVE" } else { "STATUS_DISABLED" },
        "allowTopup": true,
        "topupLimit": {"currency": currency, "priceInCents": "300000"},
        "monthlyChargeLimit": {"currency": currency, "priceInCents": cents(wallet.month_cap.unwrap_or(0))},
        "monthlyUsed": {"currency": currency, "priceInCents": cents(wallet.month_used)},
        "createdAt": since,
    });
    if wallet.month_cap.is_some() {
        body["monthlyChargeLimitEnabled"] = true.into();
    }
    body
}

/// Since September 2026: keys of the wallet in snake case, money in camel case.
fn snake_wallet(shown: &Snapshot, wallet: &WalletSnapshot) -> Value {
    let currency = if shown.region == Region::China { "CNY" } else { "USD" };
    let mut balance = json!({"type": "BOOSTER"});
    if wallet.balance > 0 && wallet.enabled {
        balance["amount_left"] = wallet.balance.to_string().into();
    }
    let amount = wallet.balance + wallet.month_used;
    if amount > 0 && wallet.enabled {
        balance["amount"] = amount.to_string().into();
    }
    let mut body = json!({
        "balance": balance,
        "status": if wallet.enabled { "STATUS_ACTIVE" } else { "STATUS_DISABLED" },
        "monthly_charge_limit": {"priceInCents": cents(wallet.month_cap.unwrap_or(0)), "currency": currency},
        "monthly_used": {"priceInCents": cents(wallet.month_used), "currency": currency},
    });
    if wallet.month_cap.is_some() {
        body["monthly_charge_limit_enabled"] = true.into();
    }
    body
}

fn balance(shown: &Snapshot) -> Value {
    let (cash, voucher) = told_money(shown);
    json!({
        "code": 0,
        "data": {
            "available_balance": number(cash.max(0) + voucher, 5),
            "voucher_balance": number(voucher, 5),
            "cash_balance": number(cash, 5),
        },
        "scode": "0x0",
        "status": true,
    })
}

/// Cash and voucher as shown, in hundred-thousandths of the currency: the balance has five decimals.
#[must_use]
pub(crate) fn told_money(shown: &Snapshot) -> (i64, i64) {
    let told = |amount: Coins| {
        let amount = if shown.tricks.zeroed { 0 } else { amount };
        (amount + 500).div_euclid(1000)
    };
    shown.balance.map_or((0, 0), |balance| (told(balance.cash), told(balance.voucher)))
}

/// The body of `/me` of Kimi Code.
#[must_use]
pub(crate) fn me(shown: &Snapshot, since: DateTime<Utc>) -> Value {
    let mut body = json!({
        "user_id": user_id(shown),
        "global_id": user_id(shown),
        "nickname": "simulated",
        "avatar": "https://example.com/simulated.png",
        "email": "simulated@example.com",
        "phone": {"country_code": "86", "number": "100****0000"},
        "status": "USER_STATUS_NORMAL",
        "region": region_word(shown.region),
        "user_level": shown.plan.level_number(),
        "user_level_name": shown.plan.name(),
        "domain": 1,
        "domain_name": "DOMAIN_NEXUS",
        "created_time": time(since, SecondsFormat::Micros),
        "last_login_time": time(shown.at, SecondsFormat::Micros),
    });
    if shown.generation == Generation::D && shown.plan.is_new() {
        body["goods_version"] = 2.into();
    }
    body
}

/// The answer of Kimi Code's own server to `/oauth/usage`, as of version 2.1.0: the map in camelCase without the
/// service's prefixes, the wallet in cents.
#[must_use]
pub(crate) fn local_usage(shown: &Snapshot) -> Value {
    let usages: Map<String, Value> = shown
        .gauges
        .iter()
        .map(|gauge| {
            let key = match gauge.meter {
                Meter::FiveHour => "limit5h",
                Meter::Week => "limit7d",
                Meter::Month => "monthTotal",
                Meter::MonthCode => "monthCode",
            };
            let end = time(Snapshot::map_end(gauge), SecondsFormat::Secs);
            (key.to_owned(), json!({"usedRatio": number(shown.ratio(gauge), 4), "resetAt": end}))
        })
        .collect();
    let cents = |amount: Coins| amount / 1_000_000;
    let extra = shown.wallet.as_ref().filter(|wallet| wallet.enabled).map(|wallet| {
        json!({
            "balanceCents": cents(wallet.balance),
            "totalCents": cents(wallet.balance + wallet.month_used),
            "monthlyChargeLimitEnabled": false,
            "monthlyChargeLimitCents": 0,
            "monthlyUsedCents": cents(wallet.month_used),
            "currency": if shown.region == Region::China { "CNY" } else { "USD" },
        })
    });
    local_answer(&json!({"kind": "ok", "quota": {"usages": usages, "extraUsage": extra}}))
}

/// The answer of Kimi Code's own server to `/oauth/userinfo`.
#[must_use]
pub(crate) fn local_user(shown: &Snapshot) -> Value {
    let mut user = json!({
        "userId": user_id(shown),
        "nickname": "simulated",
        "status": "USER_STATUS_NORMAL",
        "region": region_word(shown.region),
        "userLevel": shown.plan.level_number(),
        "userLevelName": shown.plan.name(),
        "email": "simulated@example.com",
    });
    if shown.generation == Generation::D && shown.plan.is_new() {
        user["goodsVersion"] = 2.into();
    }
    local_answer(&json!({"kind": "ok", "userInfo": user}))
}

/// What Kimi Code's own server hands on when the service refuses: a success with the failure inside.
#[must_use]
pub(crate) fn local_failure(status: u16, message: &str) -> Value {
    local_answer(&json!({"kind": "error", "status": status, "message": message}))
}

fn local_answer(data: &Value) -> Value {
    json!({"code": 0, "msg": "success", "data": data, "request_id": "simulated"})
}

/// The body of `/users/me` of the open platform.
#[must_use]
pub(crate) fn users_me(shown: &Snapshot) -> Value {
    let hex =
        |salt| format!("{:016x}{:016x}", mix(&[shown.name_seed, salt]), mix(&[shown.name_seed, salt + 1]));
    let mut organization = json!({
        "id": format!("org-{}", hex(21)),
        "max_concurrency": shown.limits.concurrency,
        "max_request_per_minute": shown.limits.requests_per_minute,
        "max_token_per_minute": shown.limits.tokens_per_minute,
    });
    if shown.limits.tokens_per_day > 0 {
        organization["max_token_quota"] = shown.limits.tokens_per_day.into();
    }
    json!({
        "code": 0,
        "data": {
            "access_key": {"id": format!("ak-{:.20}", hex(23))},
            "organization": organization,
            "project": {"id": format!("proj-{}", hex(25))},
            "user": {"id": user_id(shown), "user_state": "active"},
            "user_group_id": "enterprise-tier-1",
        },
        "scode": "0x0",
        "status": true,
    })
}

/// The body of `/models` of either product.
#[must_use]
pub(crate) fn models(source: Source) -> Value {
    let models: Vec<Value> = Model::ALL
        .iter()
        .map(|model| {
            let id = match source {
                Source::Platform => model.platform_name(),
                Source::KimiCode => model.code_name().trim_start_matches("kimi-code/"),
            };
            json!({
                "id": id,
                "object": "model",
                "created": 1_790_000_000,
                "owned_by": "moonshot",
                "context_length": 262_144,
                "supports_image_in": true,
                "supports_video_in": false,
                "supports_reasoning": true,
            })
        })
        .collect();
    json!({"object": "list", "data": models})
}

/// The body of the status page's summary, in the standard shape of Statuspage.
#[must_use]
pub(crate) fn status_summary(incidents: &[Incident], now: DateTime<Utc>) -> Value {
    let open: Vec<&Incident> = incidents.iter().filter(|incident| incident.resolved_at.is_none()).collect();
    let worst = open.iter().map(|incident| incident.impact).max();
    let (indicator, description) = match worst {
        None => ("none", "All Systems Operational"),
        Some(impact) => (impact.as_str(), impact.description()),
    };
    let component = |id: &str, name: &str| {
        json!({
            "id": id,
            "name": name,
            "status": if worst.is_some() { "degraded_performance" } else { "operational" },
            "position": 1,
            "updated_at": time(now, SecondsFormat::Millis),
        })
    };
    json!({
        "page": {
            "id": "simulated0000",
            "name": "Moonshot AI (simulated)",
            "url": "https://status.example.com",
            "time_zone": "Asia/Shanghai",
            "updated_at": time(now, SecondsFormat::Millis),
        },
        "components": [component("openapi000000", "Open API"), component("kimicode00000", "Kimi Code")],
        "incidents": open.iter().map(|incident| incident.body()).collect::<Vec<_>>(),
        "scheduled_maintenances": [],
        "status": {"indicator": indicator, "description": description},
    })
}

/// The made-up user of an account: two accounts of a scenario never share one.
fn user_id(shown: &Snapshot) -> String {
    format!("u{:016x}", mix(&[shown.name_seed, 1]))
}

fn uuid(seed: u64, salt: u64) -> String {
    let (a, b) = (mix(&[seed, salt]), mix(&[seed, salt, 1]));
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xfff,
        (b >> 48) & 0xfff,
        b & 0xffff_ffff_ffff
    )
}

const fn region_word(region: Region) -> &'static str {
    match region {
        Region::China => "REGION_CN",
        Region::Global => "REGION_OVERSEA",
    }
}

/// What stands where something readable was due.
pub(crate) const UNREADABLE: &str = "~unreadable~";

/// Puts something unreadable at a path such as `limits[0].detail.used`. Nothing happens if the path does not
/// exist.
fn spoil(body: &mut Value, path: &str) {
    let pointer: String =
        path.replace('[', ".").replace(']', "").split('.').fold(String::new(), |mut pointer, part| {
            pointer.push('/');
            pointer.push_str(part);
            pointer
        });
    if let Some(value) = body.pointer_mut(&pointer) {
        *value = UNREADABLE.into();
    }
}
