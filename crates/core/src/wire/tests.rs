//! Lines survive being written and read.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::*;
use crate::account::{Region, Source};
use crate::finding::{Anomaly, CreditClass, Finding, FindingKind, Schedule};
use crate::message::{Message, Messages};
use crate::meter::{MAX_PERCENT, Meter};
use crate::money::{Currency, Money};
use crate::reading::{Balance, MeterReading, RateLimits, Reading, UserIds, Wallet};
use crate::series::Series;

const CONTRACT: &str = r#"{"type":"reading","at":"2026-09-23T02:00:00Z","account":"work","source":"kimi-code","region":"china","plan":"Pro","meters":[{"meter":"5h","used_percent":43.72,"used":"44","limit":"100","resets_at":"2026-09-23T06:47:09.122865Z","conflict":false},{"meter":"month","used_percent":78.77,"used":null,"limit":null,"resets_at":"2026-10-17T00:00:00Z","conflict":false}],"wallet":{"enabled":true,"balance":{"amount":"3.152507","currency":"CNY"},"month_used":{"amount":"0.00","currency":"CNY"},"month_cap":{"amount":"100.00","currency":"CNY"}},"balance":null,"limits":{"concurrency":20,"requests_per_minute":null,"tokens_per_minute":null,"tokens_per_day":null},"not_understood":[]}"#;

#[test]
fn a_reading_survives_its_line() {
    let line: Record = serde_json::from_str(CONTRACT).unwrap();
    assert_eq!(serde_json::to_string(&line).unwrap(), CONTRACT);
    let Record::Reading(line) = line else { panic!("not a reading") };
    let reading = Reading::from(line.clone());
    assert_eq!(ReadingRecord::new(&reading, Some("work")), line);
}

#[test]
fn unknown_keys_and_missing_keys_are_tolerated() {
    let line: Record = serde_json::from_str(
        r#"{"type":"reading","at":"2026-09-23T10:00:00+08:00","source":"platform","region":"global","later":1,"balance":{"currency":"USD","available":"49.58894","cash":3}}"#,
    )
    .unwrap();
    let Record::Reading(line) = line else { panic!("not a reading") };
    assert_eq!(line.at, "2026-09-23T02:00:00Z".parse::<DateTime<Utc>>().unwrap());
    let balance = line.balance.unwrap();
    assert_eq!((balance.voucher, balance.cash), (None, Some(Decimal::from(3))));
}

#[test]
fn findings_survive_their_line() {
    let at = "2026-04-22T12:30:00Z".parse::<DateTime<Utc>>().unwrap();
    for kind in [
        FindingKind::Anomaly(Anomaly::WipeOut),
        FindingKind::Reset {
            schedule: Schedule::Early,
            used_before: Decimal::new(785, 1),
            used_after: Decimal::ZERO,
            announced: Some(at),
        },
        FindingKind::LimitChange { limit: "week".into(), before: Some("2048".into()), after: None },
        FindingKind::PlanChange { before: None, after: Some("Pro".into()) },
        FindingKind::AccountChange,
        FindingKind::Recovered { of: at },
        FindingKind::Withdrawn { of: at },
    ] {
        let finding = Finding {
            kind,
            series: Some(Series::Meter(Meter::Week)),
            from: at,
            to: at,
            detected_at: at,
            observed: Some(78.5),
            expected_low: None,
            expected_high: Some(1.5),
            confidence: 0.9,
            explanation: "why".into(),
            evidence: vec!["fact".into()],
            messages: Messages::default(),
        };
        let text = serde_json::to_string(&Record::Finding(FindingRecord::new(&finding, None))).unwrap();
        let Record::Finding(back) = serde_json::from_str(&text).unwrap() else { panic!("not a finding") };
        assert_eq!(back.finding(), Some(finding));
    }
    let credit = Finding {
        kind: FindingKind::Credit {
            class: CreditClass::TopUp,
            amount: Money::new(Decimal::TEN, Currency::USD),
        },
        series: Some(Series::Balance(Currency::USD)),
        from: at,
        to: at,
        detected_at: at,
        observed: Some(10.0),
        expected_low: None,
        expected_high: None,
        confidence: 1.0,
        explanation: String::new(),
        evidence: vec![],
        messages: Messages::default(),
    };
    assert_eq!(FindingRecord::new(&credit, None).finding(), Some(credit));
}

#[test]
fn a_stored_finding_keeps_its_messages_and_a_printed_one_has_only_its_text() {
    let at: DateTime<Utc> = "2026-09-23T02:00:00Z".parse().unwrap();
    let finding = Finding {
        kind: FindingKind::Anomaly(Anomaly::Unexplained),
        series: Some(Series::Meter(Meter::Week)),
        from: at,
        to: at,
        detected_at: at,
        observed: Some(7.0),
        expected_low: None,
        expected_high: None,
        confidence: 0.9,
        explanation: String::new(),
        evidence: vec![],
        messages: Messages::default(),
    }
    .saying(vec![Message::NoUsage], vec![Message::FailedPolls { count: 2 }]);
    let stored = serde_json::to_string(&FindingRecord::stored(&finding)).unwrap();
    let read = |text: &str| serde_json::from_str::<FindingRecord>(text).unwrap().finding().unwrap();
    assert_eq!(read(&stored), finding);
    let printed = serde_json::to_string(&FindingRecord::new(&finding, None)).unwrap();
    assert!(!printed.contains("messages"), "{printed}");
    // A newer version may know other messages; the text stays.
    let newer = stored.replace("no-usage", "what-nobody-knows-yet");
    let read = read(&newer);
    assert!(read.messages.is_empty());
    assert_eq!(read.explanation, finding.explanation);
}

#[test]
fn what_is_null_is_unknown_and_loses_nothing_else() {
    let reading = |more: &str| {
        let text = format!(
            r#"{{"type":"reading","at":"2026-09-23T02:00:00Z","source":"kimi-code","region":"china",{more}}}"#
        );
        match TimestampedRecord::read(text.as_bytes()) {
            Ok(TimestampedRecord { record: Record::Reading(line), .. }) => line,
            other => panic!("{text}: {other:?}"),
        }
    };
    let blank = reading(r#""plan":null"#);
    for null in ["meters", "limits", "not_understood", "wallet", "balance", "account"] {
        assert_eq!(reading(&format!(r#""{null}":null"#)), blank, "{null}");
    }
    let meters = reading(
        r#""meters":[{"meter":"week","used_percent":null},{"meter":"5h","used_percent":12,"conflict":null,"used":null},null]"#,
    )
    .meters;
    assert_eq!(meters.len(), 1, "{meters:?}");
    assert_eq!((meters[0].meter, meters[0].conflict), (Meter::FiveHour, false));
    let usage = r#"{"type":"usage","at":"2026-09-23T02:00:00Z","input":5,"cache_write":null,"output":null}"#;
    let Record::Usage(usage) = TimestampedRecord::read(usage.as_bytes()).unwrap().record else {
        panic!("no usage")
    };
    assert_eq!((usage.input, usage.cache_write, usage.output), (5, 0, 0));
    let failure = r#"{"type":"failure","at":"2026-09-23T02:00:00Z","kind":"solar-flare"}"#;
    let Record::Failure(failure) = TimestampedRecord::read(failure.as_bytes()).unwrap().record else {
        panic!("no failure")
    };
    assert_eq!(failure.kind, crate::failure::FailureKind::Unknown);
}

#[test]
fn a_share_beyond_belief_is_an_error() {
    let line = |used: &str| {
        let text = format!(
            r#"{{"type":"reading","at":"2026-09-23T02:00:00Z","source":"kimi-code","region":"china","meters":[{{"meter":"week","used_percent":{used}}}]}}"#
        );
        TimestampedRecord::read(text.as_bytes()).map_err(|error| error.to_string())
    };
    for used in ["1e300", "-1e300", "1e400", "1000001", "-1000000.5", "123456789012345"] {
        let error = line(used).unwrap_err();
        assert!(error.contains("out of range"), "{used}: {error}");
    }
    for used in ["1000000", "-1000000", "1e6", "120.5", "0"] {
        assert!(line(used).is_ok(), "{used}");
    }
}

/// As a script may write it: with spaces.
fn spaced(line: &str) -> String {
    line.replace(r#"":"#, r#"": "#).replace(r#",""#, r#", ""#).replace("},{", "}, {")
}

const USAGE: &str = r#"{"type":"usage","at":"2026-09-23T01:58:30.25Z","account":"work","model":"kimi-k2.5","project":"/home/you/app","input":1200,"cache_read":45000,"cache_write":0,"output":800,"id":"00ff00ff00ff00ff","known_at":"2026-09-23T02:10:00Z"}"#;

#[test]
fn the_lines_that_come_in_masses_are_read_at_one_go() {
    let bare = r#"{"type":"reading","at":"2026-09-23T02:00:00Z","source":"platform","region":"global"}"#;
    let long = USAGE.replace(r#""cache_write":0"#, r#""cache_write":900,"cache_write_1h":700"#);
    for line in [
        CONTRACT,
        USAGE,
        bare,
        &long,
        &spaced(CONTRACT),
        &spaced(USAGE),
        &spaced(&long),
        &format!("{USAGE}\r\n"),
    ] {
        let read = scan::line(line.as_bytes());
        assert_eq!(read.as_ref(), Some(&TimestampedRecord::read_any(line.as_bytes()).unwrap()), "{line}");
    }
}

#[test]
fn the_name_of_a_machine_is_clean_and_bounded_however_its_line_is_read() {
    let long = "m".repeat(9_000);
    for (name, expected) in [
        ("laptop", Some("laptop")),
        (" laptop ", Some("laptop")),
        ("", None),
        ("  ", None),
        ("\u{202e}x", Some("\u{fffd}x")),
        (long.as_str(), Some(&*crate::text::name(&long))),
    ] {
        let usage = USAGE.replace(r#""id":"#, &format!(r#""id":"1","machine":"{name}","other":"#));
        for line in [usage.replace(r#","other":"00ff00ff00ff00ff""#, ""), usage] {
            let read = TimestampedRecord::read(line.as_bytes()).unwrap();
            let Record::Usage(usage) = &read.record else { panic!("{read:?}") };
            assert_eq!(usage.machine.as_deref(), expected, "{line}");
        }
        let line = format!(
            r#"{{"type":"log-coverage","machine":"{name}","from":"2026-09-23T02:00:00Z","to":"2026-09-23T03:00:00Z","known_at":"2026-09-23T04:00:00Z"}}"#
        );
        let read = TimestampedRecord::read(line.as_bytes());
        let machine = read.ok().and_then(|read| match read.record {
            Record::LogCoverage(coverage) => Some(coverage.machine),
            _ => None,
        });
        assert_eq!(machine.as_deref(), expected, "{line}");
    }
}

#[test]
fn a_line_of_another_form_goes_the_way_of_the_library() {
    for (form, line) in [
        ("another order", r#"{"type":"usage","input":1,"at":"2026-09-23T02:00:00Z"}"#),
        ("an unknown key", r#"{"type":"usage","at":"2026-09-23T02:00:00Z","later":1}"#),
        ("an escape", r#"{"type":"usage","at":"2026-09-23T02:00:00Z","project":"a\"b"}"#),
        ("an offset", r#"{"type":"usage","at":"2026-09-23T10:00:00+08:00"}"#),
        ("spaces at the front", r#" {"type":"usage","at":"2026-09-23T02:00:00Z"}"#),
    ] {
        let read = TimestampedRecord::read(line.as_bytes()).unwrap();
        assert_eq!(read, TimestampedRecord::read_any(line.as_bytes()).unwrap(), "{form}");
    }
    let doubled = r#"{"type":"usage","at":"2026-09-23T02:00:00Z","input":1,"input":1}"#;
    assert!(TimestampedRecord::read(doubled.as_bytes()).is_err(), "a key that stands twice");
    let more = r#"{"type":"usage","at":"2026-09-23T02:00:00Z"} {}"#;
    assert!(TimestampedRecord::read(more.as_bytes()).is_err(), "more than one object");
}

mod laws {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;
    use crate::text::name;

    fn instant() -> impl Strategy<Value = DateTime<Utc>> {
        (-2_208_988_800_i64..7_258_118_400, 0_u32..1_000_000_000)
            .prop_map(|(seconds, nanos)| DateTime::from_timestamp(seconds, nanos).unwrap())
    }

    /// Percent as a reading promises them: at most eight decimals.
    fn percent() -> impl Strategy<Value = Decimal> {
        (-1_000_000_i64..1_000_000_000, 0_u32..=8)
            .prop_map(|(n, scale)| Decimal::new(n, scale))
            .prop_filter("believable", |percent| percent.abs() <= MAX_PERCENT)
    }

    fn any_decimal() -> impl Strategy<Value = Decimal> {
        (any::<i64>(), 0_u32..=12).prop_map(|(n, scale)| Decimal::new(n, scale))
    }

    fn currency() -> impl Strategy<Value = Currency> {
        prop::sample::select(vec![Currency::CNY, Currency::USD, "EUR".parse().unwrap()])
    }

    fn money() -> impl Strategy<Value = Money> {
        (any_decimal(), currency()).prop_map(|(amount, currency)| Money { amount, currency })
    }

    prop_compose! {
        fn meter_reading()(
            meter in prop::sample::select(Meter::ALL.to_vec()),
            used_percent in percent(),
            used in option::of(any_decimal()),
            limit in option::of(any_decimal()),
            resets_at in option::of(instant()),
            conflict in any::<bool>(),
        ) -> MeterReading {
            MeterReading { meter, used_percent, used, limit, resets_at, conflict }
        }
    }

    prop_compose! {
        fn wallet()(
            enabled in option::of(any::<bool>()),
            balance in option::of(money()),
            month_used in option::of(money()),
            month_cap in option::of(money()),
            frozen in any::<bool>(),
        ) -> Wallet {
            Wallet { enabled, balance, month_used, month_cap, frozen }
        }
    }

    prop_compose! {
        fn balance()(
            currency in currency(),
            available in option::of(any_decimal()),
            voucher in option::of(any_decimal()),
            cash in option::of(any_decimal()),
        ) -> Balance {
            Balance { currency, available, voucher, cash }
        }
    }

    prop_compose! {
        fn reading()(
            at in instant(),
            (source, region) in prop::sample::select(vec![
                (Source::KimiCode, Region::China),
                (Source::KimiCode, Region::Global),
                (Source::Platform, Region::China),
                (Source::Platform, Region::Global),
            ]),
            plan in option::of(any::<String>().prop_map(|text| name(&text))),
            meters in vec(meter_reading(), 0..4),
            wallet in option::of(wallet()),
            balance in option::of(balance()),
            limits in vec(option::of(any::<u64>()), 4),
            not_understood in vec(any::<String>().prop_map(|text| name(&text)), 0..3),
            (quota, profile, organization) in
                (option::of(any::<String>()), option::of(any::<String>()), option::of(any::<String>())),
        ) -> Reading {
            Reading {
                at, source, region, plan, meters, wallet, balance,
                limits: RateLimits {
                    concurrency: limits[0],
                    requests_per_minute: limits[1],
                    tokens_per_minute: limits[2],
                    tokens_per_day: limits[3],
                },
                not_understood,
                user: UserIds { unknown: quota.is_none(), quota, profile, organization },
            }
        }
    }

    proptest! {
        #[test]
        fn any_reading_survives_its_line(reading in reading(), account in option::of(any::<String>())) {
            let line = Record::Reading(ReadingRecord::new(&reading, account.as_deref()));
            let text = serde_json::to_string(&line).unwrap();
            prop_assert!(!text.contains('\n'), "one line: {text}");
            let Record::Reading(back) = serde_json::from_str(&text).unwrap() else { panic!("not a reading") };
            prop_assert_eq!(&back.account, &account);
            let any = TimestampedRecord::read_any(text.as_bytes()).unwrap();
            prop_assert_eq!(TimestampedRecord::read(text.as_bytes()).unwrap(), any);
            prop_assert_eq!(Reading::from(back), reading);
        }

        #[test]
        fn the_tokens_of_a_request_survive_its_line(
            at in instant(),
            (input, cache_read, output) in (any::<u64>(), any::<u64>(), any::<u64>()),
            (cache_write, long) in (any::<u64>(), option::of(any::<u64>())),
            machine in option::of(any::<String>()),
        ) {
            let machine = machine.map(|text| name(text.trim())).filter(|name| !name.is_empty());
            let cache_write_1h = long.map_or(0, |long| long.min(cache_write));
            let tokens = Tokens { input, cache_read, cache_write, cache_write_1h, output };
            let record = UsageRecord { machine: machine.clone(), ..UsageRecord::new(at, None, tokens) };
            let text = serde_json::to_string(&Record::Usage(record)).unwrap();
            prop_assert_eq!(text.contains(r#""machine""#), machine.is_some(), "{}", text);
            // The contract's line, where nothing is kept for an hour.
            prop_assert_eq!(text.contains("cache_write_1h"), cache_write_1h > 0, "{}", text);
            let read = TimestampedRecord::read(text.as_bytes()).unwrap();
            prop_assert_eq!(&read, &TimestampedRecord::read_any(text.as_bytes()).unwrap());
            let Record::Usage(back) = read.record else { panic!("no usage") };
            prop_assert_eq!(back.tokens(), tokens);
            prop_assert_eq!(back.machine, machine);
        }

        #[test]
        fn a_span_of_known_logs_survives_its_line(
            (from, to, known_at) in (instant(), instant(), option::of(instant())),
            machine in "[^\\pC\\s]{1,40}",
        ) {
            let machine = name(&machine);
            let record = Record::LogCoverage(LogCoverageRecord { machine, from, to });
            let line = TimestampedRecord { record, known_at };
            let text = serde_json::to_string(&line).unwrap();
            prop_assert!(text.starts_with(r#"{"type":"log-coverage","machine":"#), "{}", text);
            prop_assert_eq!(TimestampedRecord::read(text.as_bytes()).unwrap(), line);
        }

        #[test]
        fn what_is_read_at_one_go_is_what_the_library_reads(
            line in prop::sample::select(vec![CONTRACT.to_owned(), USAGE.to_owned(), spaced(CONTRACT)]),
            // Most marks of a line, and some that may not be there.
            edits in vec((any::<prop::sample::Index>(), "[ ,:{}\"\\\\0-9a-z.+-]{0,3}", 0..4_usize), 1..4),
        ) {
            let mut line = line.into_bytes();
            for (place, text, gone) in edits {
                let place = place.index(line.len());
                let end = (place + gone).min(line.len());
                line.splice(place..end, text.into_bytes());
            }
            if let Some(read) = scan::line(&line) {
                prop_assert_eq!(read, TimestampedRecord::read_any(&line).unwrap());
            }
        }

        #[test]
        fn reading_a_line_never_panics(text in any::<String>()) {
            let _ = serde_json::from_str::<Record>(&text);
            let _ = serde_json::from_str::<Record>(&format!(
                r#"{{"type":"reading","at":"2026-01-01T00:00:00Z","source":"platform","region":"china","balance":{{"currency":"CNY","cash":{text:?}}}}}"#
            ));
        }
    }
}

#[test]
fn the_words_of_an_announcement_are_clean_and_bounded_wherever_it_was_read() {
    let hostile = format!("\u{1b}]0;t\u{7}\u{202e}\n{}", "x".repeat(9_000));
    let line = serde_json::json!({
        "type": "announcement", "at": "2026-09-23T02:00:00Z", "id": hostile, "title": hostile, "text": hostile,
        "detail": hostile,
    });
    let read = TimestampedRecord::read(line.to_string().as_bytes()).unwrap();
    let Record::Announcement(line) = read.record else { panic!("{read:?}") };
    let words = line.words();
    assert!(crate::text::is_clean(&words), "{words:?}");
    assert!(words.chars().count() <= crate::text::MAX_SENTENCE_CHARS);
}

#[test]
fn a_request_of_no_account_says_so_and_nothing_is_concluded_from_it() {
    let line =
        r#"{"type":"usage","at":"2026-06-01T08:00:00Z","model":"kimi-k3","input":5,"unassigned":true}"#;
    let Record::Usage(request) = TimestampedRecord::read(line.as_bytes()).unwrap().record else {
        panic!("a request")
    };
    assert!(request.unassigned && request.account.is_none());
    let written = serde_json::to_string(&Record::Usage(request.clone())).unwrap();
    assert!(written.contains(r#""unassigned":true"#), "{written}");
    let assigned = UsageRecord { unassigned: false, ..request.clone() };
    assert!(!serde_json::to_string(&Record::Usage(assigned)).unwrap().contains("unassigned"));
    let mut replay = crate::replay::Replay::new();
    replay.take(Record::Usage(request), &NoPrices, |_, _| panic!("a finding"));
    assert_eq!(replay.auditors().count(), 0, "it makes no account");
}

/// Nothing has a price.
struct NoPrices;

impl crate::audit::Prices for NoPrices {
    fn price(&self, _: Option<&str>, _: DateTime<Utc>) -> Option<crate::audit::Price> {
        None
    }
    fn dearest(&self, _: DateTime<Utc>) -> crate::audit::Price {
        crate::audit::Price { usd: None, cny: None }
    }
}
