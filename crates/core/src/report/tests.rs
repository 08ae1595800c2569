//! The page: what people read, nothing of it running.

use std::fmt::Write as _;
use std::io::Write;

use super::*;
use crate::finding::{Finding, FindingKind};
use crate::meter::Meter;
use crate::money::{Currency, Money};
use crate::wire::{FindingRecord, Record};

/// Words that say their key and what is put in, so that a test sees both.
struct Plain;

impl Words for Plain {
    fn say(&self, key: &str, values: &[(&str, &str)]) -> String {
        if let ("report-date", [(_, year), (_, month), (_, day)]) = (key, values) {
            return format!("{year}-{:0>2}-{:0>2}", &month[1..], day);
        }
        values.iter().fold(key.to_owned(), |mut text, (name, value)| {
            let _ = write!(text, " {name}={value}");
            text
        })
    }
    fn quantity(&self, series: Series, value: f64) -> String {
        format!("{value} {}", series.unit())
    }
    fn series(&self, series: Series) -> String {
        series.to_string()
    }
    fn figures(&self, class: Anomaly, _: Series, figures: &Figures) -> String {
        format!("{}: {:?} {:?}", class.as_str(), figures.observed, figures.expected)
    }
    fn finding(&self, finding: &Finding, _: DateTime<Utc>, zone: Tz) -> (String, Vec<String>) {
        // What the finding says stands in its messages; its text is English.
        let said = finding.messages.explanation.iter().map(crate::message::Message::id).collect();
        if finding.messages.is_empty() {
            (finding.explanation.clone(), finding.evidence.clone())
        } else {
            (said, vec![zone.to_string()])
        }
    }
}

fn at(minute: u32) -> DateTime<Utc> {
    format!("2026-04-22T12:{minute:02}:00Z").parse().unwrap()
}

fn reading(minute: u32, used: u32) -> SealedRecord {
    let text = format!(
        "{{\"type\":\"reading\",\"at\":\"2026-04-22T12:{minute:02}:00Z\",\"source\":\"kimi-code\",\"region\":\"china\",\
         \"meters\":[{{\"meter\":\"week\",\"used_percent\":{used}}}]}}"
    );
    SealedRecord { text, body: Some(format!("{{\"usage\":{{\"used\":\"{used}\"}}}}")), hash: "00".to_owned() }
}

fn record(line: &Record) -> SealedRecord {
    SealedRecord { text: serde_json::to_string(line).unwrap(), body: None, hash: "00".to_owned() }
}

fn report() -> (Head, Vec<SealedRecord>) {
    let series = Some(Series::Meter(Meter::Week));
    let finding = Finding {
        kind: FindingKind::Anomaly(Anomaly::WipeOut),
        series,
        from: at(5),
        to: at(10),
        detected_at: at(10),
        observed: Some(70.0),
        expected_low: Some(0.0),
        expected_high: Some(2.0),
        confidence: 0.97,
        explanation: "It went <at once> & \"nothing\" explains it.".to_owned(),
        evidence: vec!["</script><script>alert(1)</script>".to_owned()],
        messages: crate::message::Messages::default(),
    };
    let incident = r#"{"type":"incident","at":"2026-04-22T12:06:00Z","id":"i1","state":"open","impact":"major","title":"<b>502s</b>"}"#;
    let failure = r#"{"type":"failure","at":"2026-04-22T12:07:00Z","kind":"server-error"}"#;
    let head = Head {
        made_at: at(59),
        made_by: "0.1.0".to_owned(),
        account: "Work & <play>".to_owned(),
        source: "kimi-code".to_owned(),
        region: "china".to_owned(),
        plan: Some("Pro".to_owned()),
        from: at(0),
        to: at(30),
        timezone: "Asia/Shanghai".to_owned(),
        language: "en".to_owned(),
        totals: vec![Total {
            series: Series::Meter(Meter::Week),
            deducted: 71.0,
            fully: 1.0,
            partly: 0.0,
            elsewhere: 0.0,
            not: 70.0,
            cannot_tell: 0.0,
            beyond: Some((68.0, 70.0)),
            worth: Some(Money::new("12.34".parse().unwrap(), Currency::CNY)),
            code: None,
            known_use: Some(0.92),
        }],
        marks: vec![Marked { class: Anomaly::WipeOut, series, detected_at: at(10), mark: Triage::Reported }],
    };
    let records = vec![
        reading(0, 10),
        reading(5, 11),
        SealedRecord { text: incident.to_owned(), body: None, hash: "00".to_owned() },
        SealedRecord { text: failure.to_owned(), body: None, hash: "00".to_owned() },
        reading(10, 81),
        reading(15, 81),
        record(&Record::Finding(FindingRecord::new(&finding, None))),
    ];
    (head, records)
}

fn page((head, records): &(Head, Vec<SealedRecord>), data: &str) -> String {
    let mut out = Vec::new();
    let data = |out: &mut dyn Write| Ok(out.write_all(data.as_bytes())?);
    write_page(&mut out, head, "5ea1", records.as_slice(), data, &Plain).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_page_says_it_all() {
    // The style is of no interest here.
    let page = page(&report(), "{\"data\":1}");
    let begin = page.find("<style>").unwrap();
    let end = page.find("</style>").unwrap();
    insta::assert_snapshot!(format!("{}{}", &page[..begin], &page[end..]));
}

#[test]
fn nothing_in_it_can_run_or_load() {
    let page = page(&report(), "{\"text\":\"</script><script>alert(2)</script>\"}");
    assert_eq!(page.matches("<script").count(), 1, "the data alone");
    assert_eq!(page.matches("</script>").count(), 1);
    for bad in
        ["alert(1)</script>", "<b>502s", "<play>", "http:", "https:", "src=", "href=", "@import", "url("]
    {
        assert!(!page.contains(bad), "{bad}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn the_page_says_what_was_found_in_the_readers_words() {
    let (mut head, records) = report();
    head.language = "zh-CN".to_owned();
    let messages = crate::message::Messages {
        explanation: vec![crate::message::Message::NoUsage],
        evidence: vec![crate::message::Message::NoUsageLogged],
    };
    let records = records
        .into_iter()
        .map(|sealed| match serde_json::from_str(&sealed.text).unwrap() {
            Record::Finding(line) => {
                record(&Record::Finding(FindingRecord { messages: messages.clone(), ..line }))
            }
            _ => sealed,
        })
        .collect();
    let page = page(&(head, records), "{}");
    assert!(page.contains("<p>no-usage</p><ul>\n<li>Asia/Shanghai</li>"), "{page}");
    assert!(!page.contains("explains it"), "no English in it");
}

#[test]
fn a_deduction_that_was_given_back_later_is_said_to_be() {
    let (head, mut records) = report();
    let back = |of, series| Finding {
        kind: FindingKind::Recovered { of },
        series: Some(Series::Meter(series)),
        from: at(20),
        to: at(25),
        detected_at: at(25),
        observed: Some(70.0),
        expected_low: None,
        expected_high: None,
        confidence: 1.0,
        explanation: String::new(),
        evidence: Vec::new(),
        messages: crate::message::Messages::default(),
    };
    assert!(!page(&(head.clone(), records.clone()), "{}").contains("report-given-back"));
    for other in [back(at(9), Meter::Week), back(at(10), Meter::Month)] {
        records.push(record(&Record::Finding(FindingRecord::new(&other, None))));
    }
    assert!(!page(&(head.clone(), records.clone()), "{}").contains("report-given-back"), "another's");
    records.push(record(&Record::Finding(FindingRecord::new(&back(at(10), Meter::Week), None))));
    let page = page(&(head, records), "{}");
    let said = "report-given-back amount=70 percent at=2026-04-22 20:25";
    assert_eq!(page.matches(said).count(), 2, "on the first page and with the case: {page}");
    assert!(page.contains("report-of-it-back amount=68–70 percent"), "{page}");
}

#[test]
fn an_anomaly_that_is_none_after_all_is_said_to_be() {
    let (head, mut records) = report();
    let case = records.iter().find_map(|sealed| match serde_json::from_str(&sealed.text).unwrap() {
        Record::Finding(line) => line.finding().filter(|finding| finding.anomaly().is_some()),
        _ => None,
    });
    let case = case.unwrap();
    let withdrawn = |of| Finding {
        kind: FindingKind::Withdrawn { of },
        detected_at: at(40),
        explanation: "the laptop's usage".to_owned(),
        messages: crate::message::Messages::default(),
        ..case.clone()
    };
    let other = withdrawn(at(11));
    records.push(record(&Record::Finding(FindingRecord::new(&other, None))));
    assert!(!page(&(head.clone(), records.clone()), "{}").contains("report-withdrawn"), "another's");
    records.push(record(&Record::Finding(FindingRecord::new(&withdrawn(case.detected_at), None))));
    let page = page(&(head, records), "{}");
    assert_eq!(page.matches("report-withdrawn at=2026-04-22 20:40 why=").count(), 2, "{page}");
}

#[test]
fn the_first_page_says_who_when_how_much_and_why() {
    let page = page(&report(), "{}");
    let first = &page[..page.find("class=\"appendix\"").unwrap()];
    for said in [
        "Work &amp; &lt;play&gt;",
        "report-kimi-account",
        "2026-04-22 20:00",
        "note=Asia/Shanghai, UTC+08:00",
        "68–70 percent",
        "2026-04-22<br>between from=20:05 to=20:10",
        "wipe-out: Some(70.0) Some((0.0, 2.0))",
        "report-reason-wipe-out",
        "<svg",
    ] {
        assert!(first.contains(said), "{said} is not in {first}");
    }
    assert!(!first.contains("20:05:00"), "seconds are in the appendix");
    assert!(page.contains("2026-04-22 20:05:00 +08:00"), "a reading is compared with the service's records");
}

#[test]
fn money_that_is_owed_is_in_the_readings() {
    let (head, _) = report();
    let reading = |minute: u32, cash: &str| {
        let text = format!(
            "{{\"type\":\"reading\",\"at\":\"2026-04-22T12:{minute:02}:00Z\",\"source\":\"platform\",\"region\":\"global\",\
             \"meters\":[],\"balance\":{{\"currency\":\"USD\",\"available\":\"0\",\"voucher\":\"0\",\"cash\":\"{cash}\"}}}}"
        );
        SealedRecord { text, body: None, hash: "00".to_owned() }
    };
    let page = page(&(head, vec![reading(0, "0"), reading(5, "-4.37"), reading(10, "-5")]), "{}");
    assert!(page.contains("balance-debt 4.37 USD") && page.contains("balance-debt 5 USD"), "{page}");
}

#[test]
fn a_quota_of_several_cycles_is_counted_in_cycles_and_its_share_has_no_row_of_its_own() {
    let (mut head, records) = report();
    head.totals[0].deducted = 1416.4;
    head.totals[0].fully = 963.6;
    head.totals[0].code = Some(95.62);
    let page = page(&(head, records), "{}");
    for said in [
        "<td class=\"n\">cycles-week count=14.2</td>",
        "<td class=\"n\">cycles-week count=9.6</td>",
        "<td class=\"n\">cycles-week count=0.7</td>",
        "report-of-which-code what=week amount=95.62 percent",
    ] {
        assert!(page.contains(said), "{said} is not in {page}");
    }
    // What is accused stays in points.
    assert!(page.contains("68–70 percent"), "{page}");
}

#[test]
fn the_chart_of_a_case_shows_that_a_jump_stayed() {
    let (head, mut records) = report();
    let drawn = |records: &[SealedRecord]| {
        let page = page(&(head.clone(), records.to_vec()), "{}");
        let from = page.find("class=\"seen\" d=\"").unwrap();
        page[from..].split('"').nth(3).unwrap().to_owned()
    };
    // Up at the jump, and level behind it: the last reading was the same.
    let line = drawn(&records);
    assert!(line.rsplit_once('V').unwrap().1.contains('H'), "{line}");
    records.remove(5);
    let line = drawn(&records);
    assert!(!line.rsplit_once('V').unwrap().1.contains('H'), "nothing is known behind it: {line}");
}

#[test]
fn a_range_is_as_exact_as_it_is() {
    let week = Series::Meter(Meter::Week);
    for (ends, said) in [
        ((22.8, 25.3), "23–25 percent"),
        ((7.0, 7.0), "7 percent"),
        // Ends that would be the same, and small ones, keep their decimals.
        ((22.6, 22.9), "22.6–22.9 percent"),
        ((4.2, 5.9), "4.2–5.9 percent"),
    ] {
        assert_eq!(super::glance::range(&Plain, week, ends), said);
    }
}
