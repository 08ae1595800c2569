use std::io::{BufReader, Write as _};

use proptest::prelude::*;
use tidemark_core::project_filter::HiddenProjects;
use tidemark_core::wire::{Record, TimestampedRecord};

use super::*;
use crate::export::Sheet;

const LINES: [&str; 7] = [
    r#"{"type":"reading","at":"2026-09-23T02:00:00.123456789Z","account":"=work, \"mine\"","source":"kimi-code","region":"china","plan":"Pro","meters":[{"meter":"5h","used_percent":43.72,"used":"44","limit":"100","resets_at":"2026-09-23T06:47:09.122865Z","conflict":true},{"meter":"month","used_percent":78.77,"used":null,"limit":null,"resets_at":null,"conflict":false}],"wallet":{"enabled":null,"balance":{"amount":"3.152507","currency":"CNY"},"month_used":{"amount":"0.00","currency":"CNY"},"month_cap":null},"balance":null,"limits":{"concurrency":null,"requests_per_minute":null,"tokens_per_minute":null,"tokens_per_day":null},"not_understood":[]}"#,
    r#"{"type":"reading","at":"2026-09-23T02:00:00.123456789Z","account":"open","source":"platform","region":"global","plan":null,"meters":[],"wallet":null,"balance":{"currency":"USD","available":"49.58894","voucher":"46.58893","cash":"3.00001"},"limits":{"concurrency":null,"requests_per_minute":null,"tokens_per_minute":null,"tokens_per_day":null},"not_understood":[]}"#,
    r#"{"type":"reading","at":"2026-09-23T02:05:00Z","account":"open","source":"platform","region":"global","plan":null,"meters":[],"wallet":null,"balance":null,"limits":{"concurrency":null,"requests_per_minute":null,"tokens_per_minute":null,"tokens_per_day":null},"not_understood":[]}"#,
    r#"{"type":"failure","at":"2026-09-23T02:10:00Z","account":"open","kind":"server-error"}"#,
    r#"{"type":"incident","at":"2026-09-23T02:11:00Z","id":"i","state":"open","impact":"minor","title":"Slow: very"}"#,
    r#"{"type":"incident","at":"2026-09-23T02:12:00Z","id":"j","state":"resolved","impact":null,"title":"No impact is said"}"#,
    r#"{"type":"usage","at":"2026-09-23T02:12:30Z","account":"open","model":"kimi-k3","project":"/a","input":1,"cache_read":2,"cache_write":3,"output":4,"id":"00ff00ff00ff00ff","known_at":"2026-09-23T02:13:00Z"}"#,
];

fn records() -> Vec<TimestampedRecord> {
    LINES.iter().map(|line| TimestampedRecord::read(line.as_bytes()).unwrap()).collect()
}

fn written(format: Format) -> Vec<u8> {
    let mut out = Vec::new();
    let mut sheet = Sheet::new(format, HiddenProjects::default());
    sheet.begin(&mut out).unwrap();
    for record in records() {
        sheet.line(&mut out, record).unwrap();
    }
    sheet.end(&mut out).unwrap();
    out
}

fn read_all(text: &[u8]) -> (Vec<TimestampedRecord>, FileReport) {
    let mut all = Vec::new();
    // As few bytes at a time as a pipe may give.
    let mut input = BufReader::with_capacity(7, text);
    let report = read(&mut input, &mut |record| {
        all.push(record);
        Ok(())
    });
    (all, report.unwrap())
}

#[test]
fn what_is_exported_is_read_back_in_every_format() {
    for format in [Format::Jsonl, Format::Json] {
        let (all, report) = read_all(&written(format));
        assert_eq!(all, records(), "{format:?}");
        assert_eq!((report.format, report.records, report.damaged), (Some(format), 7, 0));
    }
    // A sheet is about quotas and money: it has no requests.
    let (all, report) = read_all(&written(Format::Csv));
    assert_eq!(all, records()[..6]);
    assert_eq!((report.format, report.records, report.damaged), (Some(Format::Csv), 6, 0));
}

#[test]
fn other_spellings_of_the_formats_are_understood() {
    let json = String::from_utf8(written(Format::Json)).unwrap();
    let values: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    // By another program: indented, with a mark at its beginning.
    let indented = format!("\u{feff}\r\n {}", serde_json::to_string_pretty(&values).unwrap());
    assert_eq!(read_all(indented.as_bytes()).0, records());
    let lines = String::from_utf8(written(Format::Jsonl)).unwrap().replace('\n', "\r\n\r\n");
    assert_eq!(read_all(lines.as_bytes()).0, records());
    // A later version may have another column, and the columns in another order.
    let sheet = "detail,type,at,account,source,region,plan,item,used_percent,more\n\
                 ,reading,2026-09-23T02:00:00Z,a,kimi-code,china,,5h,12.5,x\n\
                 ,reading,2026-09-23T02:00:00Z,a,kimi-code,china,,9h,50,x\n\
                 ,something,2026-09-23T02:00:00Z,a,,,,,,\n\
                 \"x\ny\",announcement,2026-09-23T02:00:00Z,,,,,china:1,,\n";
    let (all, report) = read_all(sheet.as_bytes());
    assert_eq!(all.len(), 1);
    assert_eq!(report.unknown_meters, ["9h"]);
    assert_eq!((report.unknown, report.incomplete, report.damaged), (1, 1, 0));
    assert_eq!(read_all(b"").1, FileReport::default());
    assert_eq!(read_all(b" \n \n").1.format, None);
}

#[test]
fn a_sheet_of_version_0_1_wrote_line_ends_and_formulas_as_they_were() {
    let sheet = "type,at,account,source,region,plan,item,used_percent,used,limit,resets_at,conflict,amount,currency,detail\r\n\
                 reading,2026-09-23T02:00:00Z,\"=my\nwork\",kimi-code,china,Pro,5h,12.5,,,,false,,,\r\n\
                 incident,2026-09-23T02:11:00Z,,,,,i,,,,,,,,open: major: Down\r\n";
    let (all, report) = read_all(sheet.as_bytes());
    assert_eq!((all.len(), report.damaged), (2, 0));
    let Record::Reading(reading) = &all[0].record else { panic!("{all:?}") };
    assert_eq!(reading.account.as_deref(), Some("=my\nwork"));
}

#[test]
fn damage_costs_only_itself_and_is_named() {
    let good = LINES[3];
    for (text, kinds) in [
        (format!("{good}\n{{\"type\":\"failure\"}}\nnonsense\n{good}\n"), (2, 2, 0)),
        (format!("[{good},{{\"type\":\"failure\"}},\n{good}]"), (2, 1, 0)),
        (format!("[{good},{{\"type\":\"failure\",\"at\":\"2026"), (1, 1, 0)),
        (format!("{good}\n{{\"type\":\"log-coverage\",\"machine\":\"m\"}}\n"), (1, 0, 1)),
        (format!("{good}\n{}\n{good}\n", "x".repeat(5 << 20)), (2, 1, 0)),
        (format!("[{good},{{\"a\":\"{}\"}},{good}]", "x".repeat(5 << 20)), (2, 1, 0)),
    ] {
        let (all, report) = read_all(text.as_bytes());
        assert_eq!((all.len(), report.damaged, report.unknown), kinds, "{}", &text[..100]);
    }
    let (_, report) = read_all(format!("{good}\nnonsense\n").as_bytes());
    assert_eq!(report.damage[0].place, 2);
    let finding = r#"{"type":"finding","kind":"reset","schedule":"on-time","account":"a","meter":"week","from":"2026-09-23T02:00:00Z","to":"2026-09-23T02:00:00Z","detected_at":"2026-09-23T02:00:00Z","used_before":1.0,"used_after":0.0,"confidence":1.0,"explanation":"","evidence":[]}"#;
    let (all, report) = read_all(finding.as_bytes());
    assert_eq!((all.len(), report.conclusions, report.damaged), (0, 1, 0), "{report:?}");
}

#[test]
fn what_is_no_export_is_refused_as_a_whole() {
    let refused = |text: &[u8]| read(&mut { text }, &mut |_| Ok(())).unwrap_err();
    assert!(matches!(refused(b"once upon a time\n"), ImportError::NotAnExport));
    assert!(matches!(refused(b"SQLite format 3\0\0\0"), ImportError::NotAnExport));
    assert!(matches!(refused(b"\xff\xfe{\0"), ImportError::Utf16));
    let full = read(&mut LINES[3].as_bytes(), &mut |_| Err(io::ErrorKind::StorageFull.into())).unwrap_err();
    assert!(matches!(full, ImportError::Io(_)));
}

proptest! {
    #[test]
    fn no_bytes_do_harm(
        head in prop::sample::select(vec!["{", "[", "type,at,account,item\n", ""]),
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        cut in 0_usize..2000,
    ) {
        let mut text = head.as_bytes().to_vec();
        text.extend(&bytes);
        let mut whole = written(Format::Json);
        whole.truncate(cut);
        let _ = whole.write_all(&text);
        for text in [&text, &whole] {
            let mut count = 0;
            let report = read(&mut &text[..], &mut |_| { count += 1; Ok(()) });
            if let Ok(report) = report {
                prop_assert_eq!(report.records, count);
            }
        }
    }
}
