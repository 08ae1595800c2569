//! Bodies of every generation, in shapes that were seen, with values made up here.

use tidemark_core::money::{Currency, Money};
use tidemark_core::{FailureKind, Region, Wallet};
use tidemark_kimi::parse;

use crate::{at, meters, usages};

#[test]
fn every_generation_of_quota_bodies() {
    for (name, body, shown) in [
        (
            "A: counts of requests, nine decimals of a second",
            r#"{"usage":{"limit":"1024","used":"256","remaining":"768","resetTime":"2026-01-20T01:02:03.123456789Z"},
                "limits":[{"window":{"duration":300,"timeUnit":"TIME_UNIT_MINUTE"},
                           "detail":{"limit":"200","used":"30","remaining":"170","resetTime":"2026-01-14T05:06:07.987654321Z"}}]}"#,
            "5h 15% 30/200 until 2026-01-14T05:06:07.987654321Z\nweek 25% 256/1024 until 2026-01-20T01:02:03.123456789Z",
        ),
        (
            "B: percent-like, `used` left out",
            r#"{"usage":{"limit":"100","remaining":"61","resetTime":"2026-03-02T08:00:00.5Z"},
                "limits":[{"window":{"duration":300,"timeUnit":"TIME_UNIT_MINUTE"},
                           "detail":{"limit":"100","remaining":"100","resetTime":"2026-02-26T12:00:00.5Z"}}],
                "user":{"membership":{"level":"LEVEL_BASIC"}}}"#,
            "5h 0% 0/100 until 2026-02-26T12:00:00.500Z\nweek 39% 39/100 until 2026-03-02T08:00:00.500Z",
        ),
        (
            "C: exhausted, `remaining` left out, with everything that July brought",
            r#"{"user":{"userId":"made-up","region":"REGION_CN","membership":{"level":"LEVEL_STANDARD"},"businessId":""},"limited":true,
                "usage":{"limit":"100","used":"88","remaining":"12","resetTime":"2026-08-10T00:00:00Z"},
                "limits":[{"window":{"duration":300,"timeUnit":"TIME_UNIT_MINUTE"},
                           "detail":{"limit":"100","used":"100","resetTime":"2026-08-06T15:00:00Z"}}],
                "parallel":{"limit":"30"},"totalQuota":{"limit":"100","remaining":"99"},
                "authentication":{"method":"METHOD_API_KEY","scope":"FEATURE_CODING"},"subType":"TYPE_PURCHASE","domain":"DOMAIN_NEXUS"}"#,
            "5h 100% 100/100 until 2026-08-06T15:00:00Z\nweek 88% 88/100 until 2026-08-10T00:00:00Z",
        ),
        (
            "D: the map of ratios on a new plan, without a week",
            r#"{"limits":[{"window":{"duration":300,"timeUnit":"TIME_UNIT_MINUTE"},
                           "detail":{"limit":"100","used":"13","remaining":"87","resetTime":"2026-10-02T03:00:01.25Z"}}],
                "usages":{"limit_5h":{"used_ratio":0.1234,"reset_time":"2026-10-02T03:00:00Z"},
                          "limit_month_total":{"used_ratio":0.5,"reset_time":"2026-10-31T00:00:00Z"},
                          "limit_month_code":{"used_ratio":0.25,"reset_time":"2026-10-31T00:00:00Z"}}}"#,
            "5h 12.34% 13/100 until 2026-10-02T03:00:01.250Z\nmonth 50% -/- until 2026-10-31T00:00:00Z\nmonth-code 25% -/- until 2026-10-31T00:00:00Z",
        ),
        (
            "D: an old plan with both",
            r#"{"usage":{"limit":"100","used":"8","remaining":"92","resetTime":"2026-10-06T03:00:01.25Z"},
                "usages":{"limit_7d":{"used_ratio":0.0763,"reset_time":"2026-10-06T03:00:00Z"}}}"#,
            "week 7.63% 8/100 until 2026-10-06T03:00:01.250Z",
        ),
        ("E: the free tier", "{}", ""),
        (
            "relative seconds of the first clients",
            r#"{"usage":{"limit":10,"used":1,"reset_in":90},
                "limits":[{"window":{"duration":5,"timeUnit":"HOUR"},"detail":{"limit":10,"used":2,"window":"3600"}}]}"#,
            "5h 20% 2/10 until 2026-11-20T11:00:00Z\nweek 10% 1/10 until 2026-11-20T10:01:30Z",
        ),
        (
            "the local server's wrapper and its camelCase",
            r#"{"code":0,"data":{"kind":"ok","quota":{"extraUsage":null,
                "usages":{"limit5h":{"resetAt":"2026-10-02T03:00:00Z","usedRatio":"0.5"},
                          "limitMonthTotal":{"resetAt":"2026-10-31T00:00:00Z","usedRatio":1.2}}}}}"#,
            "5h 50% -/- until 2026-10-02T03:00:00Z\nmonth 120% -/- until 2026-10-31T00:00:00Z",
        ),
        (
            "the local server of September 2026, by its own names",
            r#"{"code":0,"msg":"success","data":{"kind":"ok","quota":{"usages":{"limit5h":{"usedRatio":0.31,"resetAt":"2026-10-02T03:00:00Z"},
                "monthTotal":{"usedRatio":0.42,"resetAt":"2026-10-31T06:12:30Z"},"monthCode":{"usedRatio":0.2,"resetAt":"2026-10-31T06:12:30Z"}},
                "extraUsage":null}},"request_id":"r1"}"#,
            "5h 31% -/- until 2026-10-02T03:00:00Z\nmonth 42% -/- until 2026-10-31T06:12:30Z\nmonth-code 20% -/- until 2026-10-31T06:12:30Z",
        ),
        (
            "the local server of before, with rows",
            r#"{"code":0,"data":{"kind":"ok","summary":{"label":"Weekly limit","used":30,"limit":100},
                "limits":[{"label":"5h limit","used":4,"limit":100}],"extra_usage":null}}"#,
            "5h 4% 4/100 until -\nweek 30% 30/100 until -",
        ),
        (
            "the website's list of products",
            r#"{"usages":[{"scope":"FEATURE_CHAT","detail":{"limit":"5","used":"5"}},
                          {"scope":"FEATURE_CODING","detail":{"limit":"100","remaining":"98","resetTime":"2026-04-20T11:00:00Z"},
                           "limits":[{"window":{"duration":300,"timeUnit":"TIME_UNIT_MINUTE"},"detail":{"limit":"100","remaining":"70"}}]}]}"#,
            "5h 30% 30/100 until -\nweek 2% 2/100 until 2026-04-20T11:00:00Z",
        ),
        ("a wrapper with nothing in it", r#"{"code":0,"data":{}}"#, ""),
    ] {
        assert_eq!(meters(body), shown, "{name}");
        assert_eq!(usages(body).unwrap().not_understood, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn plan_concurrency_and_place_of_a_reading() {
    let body = r#"{"user":{"membership":{"level":"LEVEL_ADVANCED"}},"parallel":{"limit":"30"}}"#;
    let reading = usages(body).unwrap();
    assert_eq!(reading.plan.as_deref(), Some("Allegro"));
    assert_eq!(reading.limits.concurrency, Some(30));
    assert_eq!((reading.at, reading.region), (at(), Region::China));
    for (body, concurrency) in [
        (r#"{"parallel":{"limit":20}}"#, Some(20)),
        (r#"{"parallel":{"limit":"0"}}"#, None),
        (r#"{"parallel":{}}"#, None),
    ] {
        assert_eq!(usages(body).unwrap().limits.concurrency, concurrency, "{body}");
    }
    let reading = usages(r#"{"parallel":{"limit":"many"},"user":{"membership":{"level":7}}}"#).unwrap();
    assert_eq!(reading.not_understood, ["user.membership.level", "parallel.limit"]);
}

#[test]
fn which_rows_are_five_hours_and_which_a_week() {
    for (window, meter) in [
        (r#"{"duration":300,"timeUnit":"TIME_UNIT_MINUTE"}"#, "5h"),
        (r#"{"duration":"300","time_unit":"minutes"}"#, "5h"),
        (r#"{"duration":300}"#, "5h"),
        (r#"{"duration":300,"timeUnit":""}"#, "5h"),
        (r#"{"duration":300,"timeUnit":"TIME_UNIT_UNSPECIFIED"}"#, "5h"),
        (r#"{"duration":5,"timeUnit":"TIME_UNIT_HOUR"}"#, "5h"),
        (r#"{"duration":18000,"timeUnit":"time_unit_second"}"#, "5h"),
        (r#"{"duration":18000}"#, "5h"),
        (r#"{"duration":7,"timeUnit":"TIME_UNIT_DAY"}"#, "week"),
        (r#"{"duration":1,"timeUnit":"TIME_UNIT_WEEK"}"#, "week"),
        (r#"{"duration":168,"timeUnit":"HOUR"}"#, "week"),
        (r#"{"duration":10080,"timeUnit":"MINUTE"}"#, "week"),
        (r#"{"duration":604800,"timeUnit":"SECOND"}"#, "week"),
        (r#"{"duration":604800}"#, "week"),
        (r#"{"duration":86400}"#, ""),
        (r#"{"duration":300,"timeUnit":"TIME_UNIT_SECOND"}"#, ""),
        (r#"{"duration":5,"timeUnit":"TIME_UNIT_MINUTE"}"#, ""),
        (r#"{"duration":1,"timeUnit":"TIME_UNIT_DAY"}"#, ""),
    ] {
        let body = format!(r#"{{"limits":[{{"window":{window},"detail":{{"limit":"100","used":"3"}}}}]}}"#);
        let reading = usages(&body).unwrap();
        assert_eq!(reading.meters.first().map_or("", |m| m.meter.as_str()), meter, "{window}");
        // A window of another length is named, however little of it is used.
        let named: &[&str] = if meter.is_empty() { &["limits[0].window"] } else { &[] };
        assert_eq!(reading.not_understood, named, "{window}");
    }
    for (item, path) in [
        (r#"{"window":{"duration":"long"},"detail":{"limit":"1"}}"#, "limits[0].window.duration"),
        (
            r#"{"window":{"duration":300,"timeUnit":"MOON"},"detail":{"limit":"1"}}"#,
            "limits[0].window.timeUnit",
        ),
        (r#"{"window":{"duration":300,"timeUnit":4},"detail":{"limit":"1"}}"#, "limits[0].window.timeUnit"),
        (r#"{"window":{},"detail":{"limit":"1"}}"#, "limits[0].window"),
        (r#"{"window":[],"detail":{"limit":"1"}}"#, "limits[0].window"),
        (r#"{"detail":{"limit":"1"}}"#, "limits[0].window"),
        (r#""five hours""#, "limits[0]"),
    ] {
        let reading = usages(&format!(r#"{{"limits":[{item}]}}"#)).unwrap();
        assert_eq!(
            (reading.meters.len(), &reading.not_understood[..]),
            (0, &[path.to_owned()][..]),
            "{item}"
        );
    }
    // By name, flat, and with the length itself as the window.
    for item in [
        r#"{"name":"5h limit","limit":10,"used":1}"#,
        r#"{"title":"5-hour window","detail":{"limit":10,"used":1}}"#,
        r#"{"window":300,"limit":10,"used":1}"#,
        r#"{"duration":300,"timeUnit":"MINUTE","limit":10,"used":1}"#,
    ] {
        assert_eq!(meters(&format!(r#"{{"limits":[{item}]}}"#)), "5h 10% 1/10 until -", "{item}");
    }
    assert_eq!(meters(r#"{"limits":[null,{}]}"#), "");
}

#[test]
fn an_omitted_figure_is_zero_and_a_null_is_unknown() {
    for (body, shown, paths) in [
        (r#"{"usage":{"limit":"100"}}"#, "week 0% 0/100 until -", &[][..]),
        (r#"{"usage":{"limit":"100","used":null}}"#, "", &["usage.used"]),
        (r#"{"usage":{"limit":"100","used":null,"remaining":null}}"#, "", &["usage.remaining"]),
        (r#"{"usage":{"limit":"100","used":null,"remaining":"60"}}"#, "week 40% 40/100 until -", &[]),
        (r#"{"usage":{"limit":"100","used":"7","remaining":null}}"#, "week 7% 7/100 until -", &[]),
        (
            r#"{"usages":{"limit_7d":{"used_ratio":null,"reset_time":"2026-08-10T00:00:00Z"}}}"#,
            "",
            &["usages.limit_7d.used_ratio"],
        ),
    ] {
        assert_eq!(meters(body), shown, "{body}");
        assert_eq!(usages(body).unwrap().not_understood, paths, "{body}");
    }
    let (known, paths) = wallet(r#"{"balance":{"amount":"500000000","amountLeft":null}}"#, Region::China);
    assert_eq!(
        (known.unwrap().balance, &paths[..]),
        (None, &["boosterWallet.balance.amountLeft".to_owned()][..])
    );
}

fn wallet(body: &str, region: Region) -> (Option<Wallet>, Vec<String>) {
    let body = format!(r#"{{"boosterWallet":{body}}}"#);
    let reading = parse::usages(body.as_bytes(), region, at()).unwrap();
    (reading.wallet, reading.not_understood)
}

fn money(amount: &str, currency: Currency) -> Money {
    Money::new(amount.parse().unwrap(), currency)
}

#[test]
fn wallets() {
    let china = Region::China;
    // Switched on, with a figure in units of 1e-8 and prices in cents.
    let body = r#"{"status":"STATUS_ACTIVE","balance":{"amountLeft":"123456700"},
        "monthlyChargeLimit":{"currency":"CNY","priceInCents":"20000"},"monthlyUsed":{"currency":"CNY","priceInCents":"1234"}}"#;
    let on = Wallet {
        enabled: Some(true),
        balance: Some(money("1.234567", Currency::CNY)),
        month_used: Some(money("12.34", Currency::CNY)),
        // Omitted is off: the cap is not in force.
        month_cap: None,
        frozen: false,
    };
    assert_eq!(wallet(body, china), (Some(on), vec![]));
    let capped = body.replacen('{', r#"{"monthlyChargeLimitEnabled":true,"#, 1);
    let capped = wallet(&capped, china).0.unwrap();
    assert_eq!(capped, Wallet { month_cap: Some(money("200", Currency::CNY)), ..on });
    // snake_case, numbers, no status; the currency of the cap, in whatever region.
    let body = r#"{"balance":{"amount_left":500000000},"monthly_charge_limit":{"currency":"USD","price_in_cents":900},
        "monthly_used":{"priceInCents":0},"monthly_charge_limit_enabled":true}"#;
    let dollars = Wallet {
        enabled: Some(true),
        balance: Some(money("5", Currency::USD)),
        month_used: Some(money("0", Currency::USD)),
        month_cap: Some(money("9", Currency::USD)),
        frozen: false,
    };
    assert_eq!(wallet(body, china), (Some(dollars), vec![]));
    // Off: the figure is bogus.
    let body = r#"{"status":"STATUS_DISABLED","balance":{"amountLeft":"999900000000"},"monthlyUsed":{"currency":"CNY"}}"#;
    let off = Wallet {
        enabled: Some(false),
        balance: Some(money("0", Currency::CNY)),
        month_used: Some(money("0", Currency::CNY)),
        month_cap: None,
        frozen: false,
    };
    assert_eq!(wallet(body, china), (Some(off), vec![]));
    // What is not said is not 0, and no word that the wallet is on.
    let bare =
        Wallet { enabled: Some(true), balance: None, month_used: None, month_cap: None, frozen: false };
    assert_eq!(wallet(r#"{"status":"STATUS_ENABLED"}"#, china).0, Some(bare));
    assert_eq!(wallet(r#"{"status":"STATUS_ENABLED","balance":{"type":"BOOSTER"}}"#, china).0, Some(bare));
    for nothing in [
        r#"{"balance":{}}"#,
        r#"{"balance":{"type":"BOOSTER","feature":"FEATURE_OMNI"}}"#,
        r#"{"topupLimit":{"currency":"USD"}}"#,
        r#"{"balance":{},"monthlyUsed":{}}"#,
    ] {
        assert_eq!(wallet(nothing, china), (None, vec![]), "{nothing}");
    }
    let used = wallet(r#"{"balance":{},"monthlyUsed":{"currency":"CNY","priceInCents":"30"}}"#, china).0;
    assert_eq!(used, Some(Wallet { enabled: None, month_used: Some(money("0.3", Currency::CNY)), ..bare }));
    // Paid in and all spent: a zero that was left out.
    for (region, currency) in [(china, Currency::CNY), (Region::Global, Currency::USD)] {
        let spent = wallet(r#"{"balance":{"amount":"700000000"}}"#, region).0;
        assert_eq!(spent, Some(Wallet { balance: Some(money("0", currency)), ..bare }));
    }
    let never = wallet(r#"{"balance":{"amount":"0"}}"#, china).0.unwrap();
    assert_eq!((never.enabled, never.balance), (Some(false), Some(money("0", Currency::CNY))));
    assert_eq!(wallet("{}", china), (None, vec![]));
    assert_eq!(wallet("null", china), (None, vec![]));
    // No cap.
    for cap in [
        r#""monthlyChargeLimit":{"currency":"CNY","priceInCents":"0"}"#,
        r#""monthlyChargeLimit":{"currency":"CNY"}"#,
        r#""monthlyChargeLimit":{"currency":"CNY","priceInCents":"100"},"monthlyChargeLimitEnabled":false"#,
    ] {
        for switch in ["", r#","monthlyChargeLimitEnabled":true"#] {
            // One that is given, and switched on, has its own test above.
            if cap.contains("100") && !switch.is_empty() {
                continue;
            }
            let body = format!(r#"{{"balance":{{"amount":"1","amountLeft":"1"}},{cap}{switch}}}"#);
            let (wallet, paths) = wallet(&body, china);
            assert_eq!((wallet.unwrap().month_cap, paths), (None, vec![]), "{cap}{switch}");
        }
    }
    // What cannot be read is named, and the rest stays.
    for (body, path) in [
        (r#"{"balance":{"amountLeft":"plenty"}}"#, "boosterWallet.balance.amountLeft"),
        (r#"{"status":"STATUS_ASLEEP","balance":{}}"#, "boosterWallet.status"),
        (r#"{"status":3,"balance":{}}"#, "boosterWallet.status"),
        (r#"{"balance":"none"}"#, "boosterWallet.balance"),
        (r#"{"balance":{},"monthlyUsed":"5"}"#, "boosterWallet.monthlyUsed"),
        (r#"{"balance":{},"monthlyUsed":{"priceInCents":"x"}}"#, "boosterWallet.monthlyUsed.priceInCents"),
        (r#"{"balance":{},"monthlyUsed":{"currency":"shells"}}"#, "boosterWallet.monthlyUsed.currency"),
        (
            r#"{"balance":{},"monthlyChargeLimitEnabled":"perhaps"}"#,
            "boosterWallet.monthlyChargeLimitEnabled",
        ),
    ] {
        assert_eq!(wallet(body, china).1, [path], "{body}");
    }
    assert_eq!(wallet(r#"{"status":"STATUS_ASLEEP"}"#, china).0.unwrap().enabled, None);
}

#[test]
fn money_of_another_type_is_no_wallet_and_is_named() {
    for (kind, is_wallet) in [
        ("BOOSTER", true),
        ("BALANCE_BOOSTER", true),
        ("TYPE_UNSPECIFIED", true),
        ("GIFT", false),
        ("BALANCE_GIFT", false),
        ("SUBSCRIPTION", false),
    ] {
        let body = format!(
            r#"{{"status":"STATUS_ACTIVE","balance":{{"type":"{kind}","amount":"900000000","amountLeft":"800000000"}}}}"#
        );
        let (read, paths) = wallet(&body, Region::China);
        assert_eq!(read.and_then(|wallet| wallet.balance).is_some(), is_wallet, "{kind}");
        let named: &[&str] = if is_wallet { &[] } else { &["boosterWallet.balance.type"] };
        assert_eq!(paths, named, "{kind}");
    }
}

#[test]
fn a_frozen_wallet_is_said_to_be_frozen_and_keeps_its_money() {
    let frozen = r#"{"status":"STATUS_FROZEN","balance":{"type":"BOOSTER","amountLeft":"700000000"}}"#;
    let (read, paths) = wallet(frozen, Region::China);
    let read = read.unwrap();
    assert_eq!((read.enabled, read.frozen), (Some(false), true));
    assert_eq!(read.balance, Some(money("7", Currency::CNY)));
    assert_eq!(paths, Vec::<String>::new());
    let unknown = r#"{"status":"STATUS_UNKNOWN","balance":{"amountLeft":"700000000"}}"#;
    let (read, paths) = wallet(unknown, Region::China);
    let read = read.unwrap();
    assert_eq!((read.enabled, read.balance), (None, Some(money("7", Currency::CNY))));
    assert_eq!(paths, Vec::<String>::new());
}

#[test]
fn the_wallet_of_the_local_server_is_in_cents() {
    let read = |extra: &str| {
        let body =
            format!(r#"{{"code":0,"data":{{"kind":"ok","quota":{{"usages":{{}},"extraUsage":{extra}}}}}}}"#);
        let reading = usages(&body).unwrap();
        (reading.wallet, reading.not_understood)
    };
    let (wallet, paths) = read(
        r#"{"balanceCents":1850,"totalCents":6000,"monthlyChargeLimitEnabled":true,"monthlyChargeLimitCents":4000,"monthlyUsedCents":"215","currency":"USD"}"#,
    );
    let expected = Wallet {
        enabled: Some(true),
        balance: Some(money("18.5", Currency::USD)),
        month_used: Some(money("2.15", Currency::USD)),
        month_cap: Some(money("40", Currency::USD)),
        frozen: false,
    };
    assert_eq!((wallet, paths), (Some(expected), vec![]));
    let (wallet, _) =
        read(r#"{"balanceCents":5,"monthlyChargeLimitEnabled":false,"monthlyChargeLimitCents":4000}"#);
    let wallet = wallet.unwrap();
    assert_eq!((wallet.balance, wallet.month_cap), (Some(money("0.05", Currency::CNY)), None));
    let (wallet, paths) = read(r#"{"balanceCents":"much","currency":"shells"}"#);
    assert_eq!(wallet.unwrap().balance, None);
    assert_eq!(paths, ["data.quota.extraUsage.currency", "data.quota.extraUsage.balanceCents"]);
    assert_eq!(read("null"), (None, vec![]));
}

#[test]
fn quotas_that_are_not_known_are_named_however_small() {
    for (body, paths) in [
        (
            r#"{"usages":{"limit_5h":{"used_ratio":0.1},"limit_day":{"used_ratio":0},"limit_1y":{"used_ratio":0.00001}}}"#,
            &["usages.limit_1y", "usages.limit_day"][..],
        ),
        (r#"{"usages":{"limit_30d":{"reset_time":"2026-12-01T00:00:00Z"}}}"#, &["usages.limit_30d"]),
        (
            r#"{"usages":{"limit_day":0.4,"burst":{"used":1,"limit":9}}}"#,
            &["usages.burst", "usages.limit_day"],
        ),
        // Nothing is reported of these.
        (r#"{"usages":{"limit_day":{},"limit_1y":null,"note":"x"}}"#, &[]),
        (r#"{"usage":{"limit":"100"},"dailyUsage":{"limit":"50","used":"1"}}"#, &["dailyUsage"]),
        (r#"{"usage":{"limit":"100"},"extra":[{"detail":{"limit":"50","used":"0"}}]}"#, &["extra"]),
        (r#"{"usage":{"limit":"100"},"remark":{"text":"limit"}}"#, &[]),
        (
            r#"{"limits":[{"window":{"duration":30,"timeUnit":"TIME_UNIT_DAY"},"detail":{"limit":"100"}}]}"#,
            &["limits[0].window"],
        ),
        (r#"{"limits":[{"duration":720,"unit":"HOUR","limit":"100","used":"2"}]}"#, &["limits[0]"]),
        // A limit of 0 is no quota.
        (r#"{"limits":[{"window":{"duration":1,"timeUnit":"DAY"},"detail":{"limit":"0"}}]}"#, &[]),
        // A row of another length that gives only a share, or a count without a limit.
        (
            r#"{"limits":[{"window":{"duration":1,"timeUnit":"DAY"},"detail":{"used":"21"}}]}"#,
            &["limits[0].window"],
        ),
        (
            r#"{"limits":[{"window":{"duration":1,"timeUnit":"DAY"},"detail":{"usedRatio":0.21}}]}"#,
            &["limits[0].window"],
        ),
        (r#"{"limits":[{"window":{"duration":1,"timeUnit":"DAY"},"detail":{}}]}"#, &[]),
        // A figure alone, in the map and beside it.
        (
            r#"{"usages":{"daily":0.35,"hourly":"0.1","note":"0"}}"#,
            &["usages.daily", "usages.hourly", "usages.note"],
        ),
        (r#"{"usage":{"limit":"100"},"dailyLimit":50,"requestId":7}"#, &["dailyLimit"]),
        // Under the name of a wrapper.
        (r#"{"usage":{"limit":"100"},"quota":{"limit":"70","used":"9"}}"#, &["quota"]),
        (r#"{"usage":{"limit":"100"},"data":{"daily":{"used_ratio":0.3}}}"#, &["data"]),
        // Beside whose it is.
        (r#"{"usage":{"limit":"100"},"user":{"dailyLimit":{"limit":"6","used":"2"}}}"#, &["user.dailyLimit"]),
        (
            r#"{"usage":{"limit":"100"},"user":{"id":"1","membership":{"level":"LEVEL_BASIC","quota":{"limit":"6","used":"2"}}}}"#,
            &["user.membership.quota"],
        ),
        (r#"{"parallel":{"limit":"20","weekly":{"limit":"9","used":"3"}}}"#, &["parallel.weekly"]),
        // Beside a wrapper, and around several.
        (r#"{"code":0,"data":{"usage":{"limit":"100"}},"daily":{"limit":"100","used":"50"}}"#, &["daily"]),
        (
            r#"{"data":{"quota":{"usage":{"limit":"100"}},"burst":[{"limit":"3"}]},"requestQuota":3}"#,
            &["requestQuota", "data.burst"],
        ),
    ] {
        assert_eq!(usages(body).unwrap().not_understood, paths, "{body}");
    }
}

#[test]
fn a_quota_given_as_a_share_is_read() {
    let five = r#""window":{"duration":300,"timeUnit":"TIME_UNIT_MINUTE"}"#;
    let until = r#""resetTime":"2026-11-20T15:00:00Z""#;
    for (body, shown) in [
        (
            format!(r#"{{"limits":[{{{five},"detail":{{"usedRatio":0.9312,{until}}}}}]}}"#),
            "5h 93.12% -/- until 2026-11-20T15:00:00Z",
        ),
        (format!(r#"{{"limits":[{{{five},"detail":{{"used_percent":"38.5"}}}}]}}"#), "5h 38.5% -/- until -"),
        (format!(r#"{{"limits":[{{{five},"usedPercentage":"38%"}}]}}"#), "5h 38% -/- until -"),
        (format!(r#"{{"limits":[{{{five},"detail":{{"ratio":"0.25"}}}}]}}"#), "5h 25% -/- until -"),
        (format!(r#"{{"limits":[{{{five},"detail":{{"remainingRatio":0.25}}}}]}}"#), "5h 75% -/- until -"),
        (format!(r#"{{"limits":[{{{five},"detail":{{"remainingPercent":4}}}}]}}"#), "5h 96% -/- until -"),
        (r#"{"usage":{"usedRatio":0.07}}"#.to_owned(), "week 7% -/- until -"),
        (r#"{"usage":{"usagePercent":7}}"#.to_owned(), "week 7% -/- until -"),
        (r#"{"summary":{"label":"Weekly limit","usedPercent":12}}"#.to_owned(), "week 12% -/- until -"),
        // With a limit: no count that would be made up.
        (r#"{"usage":{"limit":"100","usedRatio":0.07}}"#.to_owned(), "week 7% -/100 until -"),
        // Beside a count, the union rule.
        (r#"{"usage":{"limit":"100","used":"8","usedRatio":0.0763}}"#.to_owned(), "week 7.63% 8/100 until -"),
        (
            r#"{"usage":{"limit":"100","used":"8","usedPercent":60}}"#.to_owned(),
            "week 60% 8/100 until -, in conflict",
        ),
        (
            r#"{"usage":{"usedRatio":0.5},"usages":{"limit_7d":{"used_ratio":0.502}}}"#.to_owned(),
            "week 50.2% -/- until -",
        ),
        // In the map.
        (
            r#"{"usages":{"limit_5h":{"used_percent":31,"reset_time":"2026-11-20T15:00:00Z"}}}"#.to_owned(),
            "5h 31% -/- until 2026-11-20T15:00:00Z",
        ),
    ] {
        assert_eq!(meters(&body), shown, "{body}");
        assert_eq!(usages(&body).unwrap().not_understood, Vec::<String>::new(), "{body}");
    }
}

#[test]
fn a_row_that_says_something_and_gives_no_figure_is_named() {
    let five = |detail: &str| {
        format!(
            r#"{{"limits":[{{"window":{{"duration":300,"timeUnit":"TIME_UNIT_MINUTE"}},"detail":{detail}}}]}}"#
        )
    };
    for (body, shown, paths) in [
        (r#"{"usage":{"used":"23"}}"#.to_owned(), "", &["usage.used"][..]),
        (five(r#"{"remaining":"23"}"#), "", &["limits[0].detail.remaining"]),
        (five(r#"{"resetTime":"2026-11-20T15:00:00Z"}"#), "", &["limits[0].detail"]),
        (r#"{"usage":{"usedRatio":"most"}}"#.to_owned(), "", &["usage.usedRatio"]),
        (r#"{"usage":{"usedRatio":null}}"#.to_owned(), "", &["usage.usedRatio"]),
        (r#"{"usage":{"usedRatio":"97%"}}"#.to_owned(), "", &["usage.usedRatio"]),
        // A name that is not known may be the figure: no zero is made up in its place.
        (r#"{"usage":{"limit":"100","consumed":"81"}}"#.to_owned(), "", &["usage.consumed"]),
        (
            r#"{"usages":{"limit_5h":{"burned":0.8,"reset_time":"2026-11-20T15:00:00Z"}}}"#.to_owned(),
            "",
            &["usages.limit_5h.burned"],
        ),
        (
            r#"{"usage":{"limit":"100","used":"5","extra":{"used":"1"}}}"#.to_owned(),
            "week 5% 5/100 until -",
            &["usage.extra"],
        ),
        // Null is not known, and no free tier.
        (r#"{"usages":null}"#.to_owned(), "", &["usages"]),
        (r#"{"code":0,"data":null}"#.to_owned(), "", &["data"]),
        (r#"{"code":0,"data":{"kind":"ok","quota":{"usages":null}}}"#.to_owned(), "", &["data.quota.usages"]),
        // The window is known from elsewhere, and the row has its time alone.
        (
            r#"{"usage":{"resetTime":"2026-11-24T15:00:00Z"},"usages":{"limit_7d":{"used_ratio":0.5}}}"#
                .to_owned(),
            "week 50% -/- until 2026-11-24T15:00:00Z",
            &[],
        ),
        (five("{}"), "", &[]),
        (five(r#"{"limit":"0"}"#), "", &[]),
        (five(r#"{"used":"0","remaining":"0"}"#), "", &[]),
        (r#"{"usage":{},"limits":[]}"#.to_owned(), "", &[]),
    ] {
        let reading = usages(&body).unwrap();
        assert_eq!(crate::show(&reading), shown, "{body}");
        assert_eq!(reading.not_understood, paths, "{body}");
    }
}

#[test]
fn a_limit_near_the_largest_number_is_none() {
    for limit in ["9223372036854775807", "9223372036854775000", "4611686018427387904", "18446744073709551615"]
    {
        let body = format!(
            r#"{{"usage":{{"limit":"{limit}","used":"77"}},"usages":{{"limit_5h":{{"used_ratio":0.2}}}}}}"#
        );
        assert_eq!(meters(&body), "5h 20% -/- until -", "{limit}");
    }
}

#[test]
fn a_figure_beyond_belief_is_named() {
    for (body, path) in [
        (r#"{"usages":{"limit_5h":{"used_ratio":1e300}}}"#, "usages.limit_5h.used_ratio"),
        (r#"{"usages":{"limit_5h":{"used_ratio":1e20}}}"#, "usages.limit_5h.used_ratio"),
        (r#"{"usages":{"limit_5h":{"used_ratio":-10001}}}"#, "usages.limit_5h.used_ratio"),
        (r#"{"usage":{"limit":"1","used":"123456789012"}}"#, "usage.used"),
    ] {
        let reading = usages(body).unwrap();
        assert_eq!(
            (crate::show(&reading).as_str(), &reading.not_understood[..]),
            ("", &[path.to_owned()][..])
        );
    }
    assert_eq!(meters(r#"{"usages":{"limit_5h":{"used_ratio":12.5}}}"#), "5h 1250% -/- until -");
}

#[test]
fn the_left_over_week_of_a_new_plan_is_no_quota() {
    let map = r#""usages":{"limit_5h":{"used_ratio":0.3},"limit_7d":{"used_ratio":1},"limit_month_total":{"used_ratio":0.2}}"#;
    let week = r#""usage":{"limit":"100","used":"100"}"#;
    for head in [
        r#""goods_version":2"#,
        r#""goodsVersion":"2""#,
        r#""version":"GOODS_VERSION_V2""#,
        r#""version":"GOODS_VERSION_V2","user":{"membership":{"level":"LEVEL_ADVANCED"}}"#,
        // Number or word, in either field.
        r#""goodsVersion":"GOODS_VERSION_V2","user":{"membership":{"level":"LEVEL_BASIC"}}"#,
        r#""goods_version":"V2","user":{"membership":{"level":"LEVEL_BASIC"}}"#,
        r#""version":2,"user":{"membership":{"level":"LEVEL_BASIC"}}"#,
        r#""version":"v2","user":{"membership":{"level":"LEVEL_BASIC"}}"#,
        r#""goods_version":3,"user":{"membership":{"level":"LEVEL_BASIC"}}"#,
        r#""version":"GOODS_VERSION_V4","user":{"membership":{"level":"LEVEL_BASIC"}}"#,
        // Not said, but of its shape: a month, and neither level nor row.
        r#""parallel":{"limit":"20"}"#,
        r#""version":"1.4""#,
    ] {
        let reading = usages(&format!("{{{head},{map}}}")).unwrap();
        assert_eq!(crate::show(&reading), "5h 30% -/- until -\nmonth 20% -/- until -", "{head}");
        assert_eq!((reading.plan, reading.not_understood), (None, vec![]), "{head}");
    }
    assert_eq!(meters(&format!(r#"{{"goods_version":2,{week}}}"#)), "");
    for head in [
        r#""goods_version":1"#,
        r#""goods_version":"V1""#,
        r#""version":"GOODS_VERSION_V1""#,
        r#""version":1"#,
        r#""user":{}"#,
        r#""user":{},"version":"2.3.1""#,
        r#""user":{},"goods_version":"GOODS_VERSION_UNSPECIFIED""#,
    ] {
        assert!(meters(&format!("{{{head},{map}}}")).contains("week 100%"), "{head}");
    }
    assert!(meters(&format!("{{{week},{map}}}")).contains("week 100%"));
    // The old level names no plan, also of a later generation; its own name does.
    for (head, plan) in [
        (r#""goods_version":2,"user":{"membership":{"level":"LEVEL_STANDARD"}}"#, None),
        (r#""goods_version":3,"user":{"membership":{"level":"LEVEL_STANDARD"}}"#, None),
        (r#""goods_version":2,"user":{"membership":{"level":"Ultra"}}"#, Some("Ultra")),
        (r#""goods_version":1,"user":{"membership":{"level":"LEVEL_STANDARD"}}"#, Some("Vivace")),
    ] {
        assert_eq!(usages(&format!("{{{head}}}")).unwrap().plan.as_deref(), plan, "{head}");
    }
}

#[test]
fn a_count_rounded_up_to_the_limit_is_not_used_up() {
    for (used, ratio, shown) in [
        ("100", "0.9962", "99.62"),
        ("100", "0.995", "99.5"),
        ("100", "0.9901", "99.01"),
        ("1", "0.005", "0.5"),
        ("7", "0.067", "6.7"),
        ("21", "0.206526", "20.6526"),
    ] {
        let body = format!(
            r#"{{"usage":{{"limit":"100","used":"{used}"}},"usages":{{"limit_7d":{{"used_ratio":{ratio}}}}}}}"#
        );
        assert_eq!(meters(&body), format!("week {shown}% {used}/100 until -"));
    }
}

#[test]
fn balances() {
    let read = |body: &str| parse::balance(body.as_bytes(), Region::Global, at());
    let text = |body: &str| {
        let balance = read(body).unwrap_or_else(|failure| panic!("{failure}: {body}")).balance.unwrap();
        let one = |amount: Option<rust_decimal::Decimal>| amount.map_or("-".into(), |a| a.to_string());
        format!(
            "{} {} {} {}",
            balance.currency,
            one(balance.available),
            one(balance.voucher),
            one(balance.cash)
        )
    };
    for (body, shown) in [
        (
            r#"{"code":0,"data":{"available_balance":12.34567,"voucher_balance":10.00001,"cash_balance":2.34566},"scode":"0x0","status":true}"#,
            "USD 12.34567 10.00001 2.34566",
        ),
        (
            r#"{"code":0,"data":{"available_balance":"5.00","voucher_balance":"5.00","cash_balance":"-0.10"},"status":true}"#,
            "USD 5 5 -0.1",
        ),
        (r#"{"data":{"availableBalance":1,"voucherBalance":0,"cashBalance":1e0}}"#, "USD 1 0 1"),
        (r#"{"available_balance":1.5}"#, "USD 1.5 - -"),
        (
            r#"{"code":"0","data":{"cash_balance":"123456789012345.12345678"}}"#,
            "USD - - 123456789012345.12345678",
        ),
        (
            r#"{"code":0,"data":{"available_balance":0.1,"voucher_balance":0.2,"cash_balance":1e-7}}"#,
            "USD 0.1 0.2 0.0000001",
        ),
    ] {
        assert_eq!(text(body), shown, "{body}");
    }
    let reading =
        read(r#"{"code":0,"data":{"available_balance":1,"voucher_balance":{},"cash_balance":"x"}}"#).unwrap();
    assert_eq!(reading.not_understood, ["data.voucher_balance", "data.cash_balance"]);
    assert_eq!(reading.meters, vec![]);

    for (body, kind) in [
        (r#"{"code":0,"data":{},"status":true}"#, FailureKind::NotUnderstood),
        (r#"{"code":0,"data":{"available_balance":"x"}}"#, FailureKind::NotUnderstood),
        ("{}", FailureKind::NotUnderstood),
        (
            r#"{"code":401,"data":{"available_balance":0},"scode":"unauthorized","status":false}"#,
            FailureKind::Unauthorized,
        ),
        (
            r#"{"code":5,"error":"url.not_found","message":"nothing here","scode":"0x5","status":false}"#,
            FailureKind::NotFound,
        ),
        (r#"{"status":false,"data":{"available_balance":0}}"#, FailureKind::Unknown),
        (
            r#"{"error":{"type":"invalid_authentication_error","message":"Invalid Authentication"}}"#,
            FailureKind::Unauthorized,
        ),
    ] {
        assert_eq!(read(body).unwrap_err().kind, kind, "{body}");
    }
}

#[test]
fn what_is_no_object_is_not_understood_and_says_what_was_found() {
    for (body, found) in [
        (&b""[..], "an empty body"),
        (b" \n", "an empty body"),
        (b"[]", "a JSON array"),
        (b"\"ok\"", "a JSON string"),
        (b"42", "a JSON number"),
        (b"null", "a JSON null"),
        (b"true", "a JSON truth value"),
        (b"{\"usage\":{\"lim", "JSON that is cut off after 14 bytes"),
        (b"hello", "text that is not JSON (line 1, column 1)"),
        (
            b"<!DOCTYPE html><html><head><title>Sign in</title></head></html>",
            "an HTML page titled \"Sign in\"",
        ),
        (b"<html></html>", "an HTML page"),
        (b"\x1f\x8b\xff", "bytes that are not UTF-8 (at byte 1)"),
        (b"{\"usage\":\"\xff\"", "bytes that are not UTF-8 (at byte 10)"),
        (b"{\"usage\":nonsense", "text that is not JSON (line 1, column 11)"),
    ] {
        for failure in [
            parse::usages(body, Region::China, at()).unwrap_err(),
            parse::balance(body, Region::China, at()).unwrap_err(),
            parse::me(body, at()).unwrap_err(),
            parse::users_me(body, at()).unwrap_err(),
            parse::status(body).unwrap_err(),
        ] {
            assert_eq!(failure.kind, FailureKind::NotUnderstood);
            let (start, end) = ("expected a JSON object with ", format!(", found {found}"));
            let told = failure.message.starts_with(start) && failure.message.ends_with(&end);
            assert!(told, "{} does not end in {end}", failure.message);
        }
    }
    // A byte order mark is no reason to fail; neither is nesting beyond measure to crash.
    assert_eq!(parse::usages(b"\xef\xbb\xbf{}", Region::China, at()).unwrap().meters, vec![]);
    let deep = format!("{{\"usage\":{}", "[".repeat(100_000));
    assert_eq!(usages(&deep).unwrap_err().kind, FailureKind::NotUnderstood);
}

#[test]
fn an_error_in_a_successful_answer_is_explained() {
    for (body, kind) in [
        (
            r#"{"error":{"message":"The API Key appears to be invalid or may have expired."}}"#,
            FailureKind::Unauthorized,
        ),
        (r#"{"code":"unauthenticated"}"#, FailureKind::Unauthorized),
        (r#"{"code":16,"message":"no"}"#, FailureKind::Unauthorized),
        (r#"{"code":7,"data":{}}"#, FailureKind::Forbidden),
        (r#"{"code":429,"message":"slow down"}"#, FailureKind::RateLimited),
        (
            r#"{"message":"The engine is currently overloaded, please try again later"}"#,
            FailureKind::Overloaded,
        ),
        // In the answers of Kimi Code's local server the error is inside.
        (
            r#"{"code":0,"msg":"success","data":{"kind":"error","status":401,"message":"Sign in again."},"request_id":"r"}"#,
            FailureKind::Unauthorized,
        ),
        (r#"{"code":0,"data":{"kind":"error","status":503,"message":"later"}}"#, FailureKind::ServerError),
        (r#"{"code":0,"data":{"kind":"error"}}"#, FailureKind::Unknown),
        (
            r#"{"code":0,"data":{"error":{"message":"The engine is currently overloaded"}}}"#,
            FailureKind::Overloaded,
        ),
        (r#"{"code":40101,"msg":"unauthorized","data":null}"#, FailureKind::Unauthorized),
        (r#"{"code":0,"data":{"kind":"signed-out"}}"#, FailureKind::NotUnderstood),
        (r#"{"error":"something else"}"#, FailureKind::Unknown),
        (r#"{"code":1,"message":"no idea"}"#, FailureKind::Unknown),
        (r#"{"code":1,"usage":{"limit":"100"}}"#, FailureKind::Unknown),
        // By a truth value, a word or a number, whatever stands beside it.
        (r#"{"success":false,"data":{}}"#, FailureKind::Unknown),
        (r#"{"success":"false","data":{"usages":{}}}"#, FailureKind::Unknown),
        (r#"{"success":0,"data":{}}"#, FailureKind::Unknown),
        (r#"{"ok":false,"usages":{}}"#, FailureKind::Unknown),
        (r#"{"status":"error","data":{"usages":{}}}"#, FailureKind::Unknown),
        (r#"{"status":"STATUS_FAILED","usages":{}}"#, FailureKind::Unknown),
        (r#"{"status":"fail","data":{"limits":[]}}"#, FailureKind::Unknown),
        (r#"{"status":503,"data":{}}"#, FailureKind::ServerError),
        (r#"{"status":"unauthorized","data":{}}"#, FailureKind::Unauthorized),
        (r#"{"state":"failed","data":{}}"#, FailureKind::Unknown),
        (r#"{"result":"error","usages":{}}"#, FailureKind::Unknown),
        (r#"{"errno":7,"data":{}}"#, FailureKind::Unknown),
        (r#"{"error_code":"E17","data":{}}"#, FailureKind::Unknown),
        (r#"{"code":0,"error":"under repair","data":{}}"#, FailureKind::Unknown),
        (
            r#"{"error":{"message":"The engine is currently overloaded"},"data":{"usages":{}}}"#,
            FailureKind::Overloaded,
        ),
        (
            r#"{"errors":[{"message":"The engine is currently overloaded"}],"data":{}}"#,
            FailureKind::Overloaded,
        ),
        (r#"{"code":0,"data":{"success":false,"usages":{}}}"#, FailureKind::Unknown),
        (r#"{"message":"Please sign in","data":{}}"#, FailureKind::Unknown),
        (r#"{"type":"error","data":{"usages":{}}}"#, FailureKind::Unknown),
        (r#"{"isError":true,"data":{}}"#, FailureKind::Unknown),
    ] {
        assert_eq!(usages(body).unwrap_err().kind, kind, "{body}");
    }
    // A remark beside the quota is none.
    assert_eq!(meters(r#"{"error":"","message":"fine","usage":{"limit":"100"}}"#), "week 0% 0/100 until -");
    assert_eq!(meters(r#"{"error":null,"code":200,"usage":{"limit":"100"}}"#), "week 0% 0/100 until -");
    for well in [
        r#"{"success":true,"message":"ok","data":{}}"#,
        r#"{"status":"ok","data":{"usages":{}}}"#,
        r#"{"status":"USER_STATUS_NORMAL","usages":{}}"#,
        r#"{"code":"0","msg":"all well","errors":[],"data":{"usages":{}}}"#,
    ] {
        assert_eq!(meters(well), "", "{well}");
    }
}

#[test]
fn a_body_of_an_unknown_shape_is_no_reading_and_says_what_was_there() {
    for (body, found) in [
        (
            r#"{"windows":[{"five":1}],"\u00dcnknown key\n":2,"nothing":null}"#,
            &["windows", "?nknown?key?"][..],
        ),
        (r#"{"code":0,"data":{"windows":[]}}"#, &["windows"]),
        (r#"{"data":{"data":{"allowance":{"five":1}}}}"#, &["allowance"]),
    ] {
        let failure = usages(body).unwrap_err();
        assert_eq!(failure.kind, FailureKind::NotUnderstood, "{body}");
        assert!(failure.message.contains("expected usage, limits or usages"), "{}", failure.message);
        assert!(found.iter().all(|key| failure.message.contains(key)), "{}", failure.message);
    }
    // An account of the free tier has nothing to tell of, and one member that is known makes a reading.
    for body in ["{}", r#"{"code":0,"data":{}}"#, r#"{"windows":[],"membership":{"level":"LEVEL_FREE"}}"#] {
        assert_eq!(usages(body).unwrap().meters, vec![], "{body}");
    }
}

#[test]
fn evidence_holds_the_quota_and_no_person() {
    let body = r#"{"user":{"userId":"u-4711","region":"REGION_CN","membership":{"level":"LEVEL_BASIC"},"nickname":"Otter","email":"otter@example.org"},
        "usage":{"limit":"100","used":"4","resetTime":"2026-08-10T00:00:00Z","note":"call 13800001111"},
        "boosterWallet":{"id":"11111111-2222-3333-4444-555555555555","userId":"u-4711","status":"STATUS_ACTIVE",
            "balance":{"id":"x9","subscriptionId":"s9","amount":"13000000000","amountLeft":"5","type":"BOOSTER"},"monthlyUsed":{"currency":"CNY","priceInCents":"7"}},
        "phone":{"number":"13800001111"},"usages":{"limit_5h":{"used_ratio":0.5}},"domain":"otter@example.org"}"#;
    let evidence = parse::evidence(body.as_bytes());
    let json: serde_json::Value = serde_json::from_str(&evidence).unwrap();
    assert_eq!(json["usage"]["limit"], "100");
    assert_eq!(json["usages"]["limit_5h"]["used_ratio"], 0.5);
    assert_eq!(json["boosterWallet"]["balance"]["amountLeft"], "5");
    assert_eq!(json["boosterWallet"]["balance"]["amount"], "13000000000");
    assert_eq!(json["boosterWallet"]["monthlyUsed"]["priceInCents"], "7");
    assert_eq!(json["user"]["membership"]["level"], "LEVEL_BASIC");
    for private in ["4711", "Otter", "otter", "1111", "x9", "s9", "note", "phone", "nickname"] {
        assert!(!evidence.contains(private), "{private} in {evidence}");
    }
    assert_eq!(parse::evidence(b"<html>"), "null");
    let rows = vec![r#"{"detail":{"used":"1234567890123456789012345678901234567890"}}"#; 10_000].join(",");
    let huge = format!(r#"{{"limits":[{rows}]}}"#);
    assert!(parse::evidence(huge.as_bytes()).len() <= 16 * 1024);
}

#[test]
fn a_value_that_no_parser_takes_costs_only_itself() {
    let deep = "[".repeat(300) + &"]".repeat(300);
    for bad in [
        "1e400",
        "-1e999",
        "NaN",
        "-Infinity",
        "undefined",
        "007",
        "+5",
        "'single'",
        r#""\ud800""#,
        r#""\ud800\u0041""#,
        r#""\udc00""#,
        r#""\q""#,
        r#""\u12""#,
        "\"4\u{1}4\"",
        "\"4\n4\"",
        deep.as_str(),
    ] {
        let body = format!(
            r#"{{"usage":{{"limit":"100","used":{bad},"resetTime":"2026-11-22T00:00:00Z"}},
                "limits":[{{"window":{{"duration":300,"timeUnit":"TIME_UNIT_MINUTE"}},
                           "detail":{{"limit":"100","used":"13","resetTime":"2026-11-20T12:00:00Z"}}}}]}}"#
        );
        let reading = usages(&body).unwrap_or_else(|failure| panic!("{failure}: {bad}"));
        let shown = crate::show(&reading);
        assert!(shown.contains("5h 13% 13/100 until 2026-11-20T12:00:00Z"), "{bad}: {shown}");
        assert_eq!(reading.not_understood, ["usage.used"], "{bad}");
        let evidence = parse::evidence(body.as_bytes());
        assert!(evidence.contains("2026-11-20T12:00:00Z"), "{bad}: {evidence}");
    }
    // A byte that is not UTF-8, in a place that is not read: the part is still named.
    let body = b"{\"data\":{\"available_balance\":5,\"voucher_balance\":1e400,\"cash_balance\":4,\"note\":[\"a\xffb\"]}}";
    let reading = parse::balance(body, Region::China, at()).unwrap();
    assert_eq!(reading.balance.unwrap().cash, Some(4.into()));
    assert_eq!(reading.not_understood, ["data.voucher_balance", "data.note[0]"]);
    // Quotes, braces and escapes inside strings are no structure.
    let body = r#"{"usage":{"limit":"100","used":"7","note":"}\\\"],1e400","x":1e400}}"#;
    assert_eq!(usages(body).unwrap().not_understood, ["usage.x"]);
    // A key may be damaged, too.
    let body = b"{\"us\xffage\":1,\"usage\":{\"limit\":\"100\",\"used\":\"7\"}}";
    assert_eq!(parse::usages(body, Region::China, at()).unwrap().meters.len(), 1);
}
