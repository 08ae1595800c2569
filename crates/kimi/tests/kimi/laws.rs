//! What must hold for any body.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tidemark_core::{Reading, Region, Source};
use tidemark_kimi::{explain, parse};

use crate::at;

fn read_all(body: &[u8]) {
    for region in [Region::China, Region::Global] {
        let _ = parse::usages(body, region, at());
        let _ = parse::balance(body, region, at());
    }
    let _ = parse::me(body, at());
    let _ = parse::users_me(body, at());
    let _ = parse::status(body);
    let evidence = parse::evidence(body);
    assert!(evidence.len() <= 16 * 1024);
    assert!(serde_json::from_str::<Value>(&evidence).is_ok(), "{evidence}");
    for source in [None, Some(Source::KimiCode), Some(Source::Platform)] {
        for status in [200, 403, 429] {
            let _ = explain(status, &[], source, body, at());
        }
    }
}

/// Keys that the parsers know, and some that they do not.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(vec![
            "usage", "usages", "limits", "detail", "window", "duration", "timeUnit", "limit", "used", "remaining", "resetTime",
            "reset_in", "limit_5h", "limit_7d", "limitMonthTotal", "used_ratio", "boosterWallet", "balance", "amountLeft",
            "monthlyChargeLimit", "priceInCents", "currency", "status", "user", "membership", "level", "parallel", "data",
            "quota", "code", "error", "message", "type", "available_balance", "organization", "max_concurrency", "incidents",
            "page", "indicator", "id", "components", "created_at", "user_id", "user_level_name", "ttl", "scope",
        ]).prop_map(str::to_owned),
        1 => ".{0,6}",
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-10_i64..400).prop_map(Value::from),
        (-10_i64..400).prop_map(|n| Value::from(n.to_string())),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "2026-10-02T03:00:00Z",
            "STATUS_DISABLED",
            "TIME_UNIT_MINUTE",
            "1e400",
            "-1e-400",
            "9999999999999999999999999999",
            "9999-12-31T23:59:60Z",
            "CNY",
            "0x0",
            "1e2147483647",
            "+262142-12-31T23:59:59Z",
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A quota body with every part, from a few numbers.
fn body(used: u32, limit: u32, ratio: u32, cents: u32, wallet: u64) -> Value {
    json!({
        "usage": {"limit": limit, "used": used, "remaining": limit.saturating_sub(used), "resetTime": "2026-10-06T03:00:01.25Z"},
        "limits": [{"window": {"duration": 300, "timeUnit": "TIME_UNIT_MINUTE"},
                    "detail": {"limit": limit, "used": used, "resetTime": "2026-10-02T03:00:01Z"}}],
        "usages": {"limit5h": {"usedRatio": f64::from(ratio) / 10_000.0, "resetTime": "2026-10-02T03:00:00Z"},
                   "limit7d": {"usedRatio": f64::from(ratio) / 10_000.0, "resetTime": "2026-10-06T03:00:00Z"},
                   "limitMonthTotal": {"usedRatio": f64::from(ratio) / 10_000.0, "resetTime": "2026-10-31T00:00:00Z"},
                   "limitMonthCode": {"usedRatio": f64::from(ratio) / 20_000.0, "resetTime": "2026-10-31T00:00:00Z"}},
        "user": {"membership": {"level": "LEVEL_BASIC"}},
        "parallel": {"limit": 20},
        "boosterWallet": {"status": "STATUS_ACTIVE", "balance": {"amountLeft": wallet},
                          "monthlyChargeLimit": {"currency": "CNY", "priceInCents": cents},
                          "monthlyUsed": {"currency": "CNY", "priceInCents": cents},
                          "monthlyChargeLimitEnabled": true},
    })
}

fn numbers() -> impl Strategy<Value = Value> {
    (0_u32..300, 1_u32..300, 0_u32..12_000, 1_u32..100_000, 0_u64..10_u64.pow(15))
        .prop_map(|(used, limit, ratio, cents, wallet)| body(used, limit, ratio, cents, wallet))
}

fn usages(body: &Value) -> Reading {
    parse::usages(body.to_string().as_bytes(), Region::China, at()).unwrap()
}

/// The body with every key, or every leaf, changed.
fn changed(value: &Value, keys: &dyn Fn(&str) -> String, leaves: &dyn Fn(&Value) -> Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (keys(key), changed(value, keys, leaves)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(list) => list.iter().map(|value| changed(value, keys, leaves)).collect(),
        leaf => leaves(leaf),
    }
}

fn snake(key: &str) -> String {
    let mut out = String::new();
    for (index, c) in key.chars().enumerate() {
        let boundary =
            c.is_ascii_uppercase() || key.as_bytes()[0] == b'l' && index == 5 && c.is_ascii_digit();
        if boundary {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The paths of all leaves.
fn leaves(value: &Value, path: &str, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| leaves(value, &format!("{path}/{key}"), out));
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(i, value)| leaves(value, &format!("{path}/{i}"), out));
        }
        _ => out.push(path.to_owned()),
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_parser_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&body);
    }

    #[test]
    fn no_json_makes_a_parser_panic(body in any_json()) {
        read_all(body.to_string().as_bytes());
    }

    #[test]
    fn no_cut_or_changed_byte_makes_a_parser_panic(body in numbers(), place in any::<prop::sample::Index>(), byte: u8) {
        let mut bytes = body.to_string().into_bytes();
        let place = place.index(bytes.len());
        read_all(&bytes[..place]);
        bytes[place] = byte;
        read_all(&bytes);
    }

    #[test]
    fn no_text_makes_the_explanation_panic_or_show_a_key(text in ".{0,80}", status in 0_u16..1000) {
        let message = format!("{text} sk-kimi-AbCdEf0123456789 {text}");
        let body = json!({"error": {"message": message}}).to_string();
        for body in [body.as_bytes(), message.as_bytes()] {
            let failure = explain(status, &[("Retry-After".into(), text.clone())], None, body, at());
            prop_assert!(!failure.message.contains("AbCdEf"), "{}", failure.message);
        }
    }

    #[test]
    fn snake_case_and_camel_case_say_the_same(body in numbers()) {
        let renamed = changed(&body, &snake, &Value::clone);
        prop_assert!(renamed.to_string().contains("limit_month_total") && renamed.to_string().contains("price_in_cents"));
        prop_assert!(renamed.to_string().contains("limit_5h"));
        prop_assert_eq!(usages(&renamed), usages(&body));
    }

    #[test]
    fn strings_and_numbers_say_the_same(body in numbers()) {
        let text = changed(&body, &str::to_owned, &|leaf| match leaf {
            Value::Number(number) => Value::from(format!(" {number} ")),
            other => other.clone(),
        });
        prop_assert_eq!(usages(&text), usages(&body));
    }

    #[test]
    fn one_bad_field_spoils_no_other(body in numbers(), which in any::<prop::sample::Index>()) {
        let whole = usages(&body);
        let mut paths = Vec::new();
        leaves(&body, "", &mut paths);
        let path = which.get(&paths);
        let mut spoilt = body.clone();
        *spoilt.pointer_mut(path).unwrap() = json!({"not": ["what", "it", "was"]});
        let reading = usages(&spoilt);

        // It is named, once.
        prop_assert_eq!(reading.not_understood.len(), 1, "{} {:?}", path, reading.not_understood);
        let (part, field) = (path.split('/').nth(1).unwrap(), path.rsplit('/').next().unwrap());
        prop_assert!(reading.not_understood[0].starts_with(part) && reading.not_understood[0].ends_with(field));
        // Whatever it was not about is as before.
        if part != "boosterWallet" { prop_assert_eq!(reading.wallet, whole.wallet); }
        if part != "user" { prop_assert_eq!(&reading.plan, &whole.plan); }
        if part != "parallel" { prop_assert_eq!(reading.limits, whole.limits); }
        for meter in &whole.meters {
            let about = match part {
                "usage" => meter.meter == tidemark_core::Meter::Week,
                "limits" => meter.meter == tidemark_core::Meter::FiveHour,
                "usages" => path.contains(match meter.meter {
                    tidemark_core::Meter::FiveHour => "limit5h",
                    tidemark_core::Meter::Week => "limit7d",
                    tidemark_core::Meter::Month => "limitMonthTotal",
                    tidemark_core::Meter::MonthCode => "limitMonthCode",
                }),
                _ => false,
            };
            let now = reading.meter(meter.meter);
            if about && field.to_lowercase().contains("reset") {
                // Only the time may change.
                prop_assert_eq!(now.map(|m| (m.used_percent, m.used, m.limit, m.conflict)),
                    Some((meter.used_percent, meter.used, meter.limit, meter.conflict)));
            } else if !about {
                prop_assert_eq!(now, Some(meter));
            }
        }
    }

    #[test]
    fn figures_are_the_largest_in_conflict_and_near_all_others_else(body in numbers()) {
        let reading = usages(&body);
        let ratio = rust_decimal::Decimal::from_str_exact(&body["usages"]["limit5h"]["usedRatio"].to_string()).unwrap()
            * rust_decimal::Decimal::ONE_HUNDRED;
        let meter = reading.meter(tidemark_core::Meter::FiveHour).unwrap();
        let count = meter.used.unwrap() * rust_decimal::Decimal::ONE_HUNDRED / meter.limit.unwrap();
        let apart = (count.round_dp(8) - ratio).abs() > rust_decimal::Decimal::ONE;
        prop_assert_eq!(meter.conflict, apart);
        if apart {
            prop_assert_eq!(meter.used_percent, count.round_dp(8).max(ratio).normalize());
        } else {
            prop_assert_eq!(meter.used_percent, ratio.normalize());
        }
    }
}
