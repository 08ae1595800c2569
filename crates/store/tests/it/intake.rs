//! What programs say of themselves: counted once, in any order, and not if a log has it.

use proptest::prelude::*;
use tidemark_core::intake::InputConvention;
use tidemark_core::{AccountId, Tokens};
use tidemark_store::{
    IntakeBatch, IntakeCount, IntakeMatch, IntakeOutcome, IntakeRecord, Store, UsageBatch, UsageClaim,
    UsageModel, UsageOrigin, UsagePart, UsageProvider, UsageQuery, UsageRequest, WhoseUse,
};

use crate::given::*;

const MINUTE: i64 = 60_000;

fn at(minute: i64) -> i64 {
    now().timestamp_millis() + minute * MINUTE
}

fn delta(counts: [u64; 4]) -> [Option<IntakeCount>; 4] {
    counts.map(|count| Some(IntakeCount::Delta(count)))
}

/// A span of a session that ended at a minute.
fn span(session: &str, minute: i64, counts: [Option<IntakeCount>; 4]) -> IntakeRecord {
    let fingerprint =
        session.bytes().fold(minute.cast_unsigned() + 7, |all, byte| all.wrapping_mul(131) + u64::from(byte));
    IntakeRecord {
        fingerprint,
        at: at(minute),
        begun: Some(at(minute - 1)),
        model: "kimi-k3".to_owned(),
        origin: UsageOrigin {
            format: "otlp".to_owned(),
            session: session.to_owned(),
            project: Some("claude-code".to_owned()),
        },
        provider: None,
        counts,
        convention: InputConvention::Apart,
        seen_in: IntakeMatch::Session,
    }
}

fn write(store: &Store, records: Vec<IntakeRecord>) -> IntakeOutcome {
    let batch =
        IntakeBatch { source: "otlp".to_owned(), mark: None, known: at(30), cuts: Vec::new(), records };
    store.write_intake(&batch).unwrap()
}

/// Format, model, account, requests, and the tokens.
type Sum = (String, String, Option<AccountId>, u64, [u64; 4]);

fn sums(store: &Store) -> Vec<Sum> {
    let query = UsageQuery { from: now() - minutes(60 * 24 * 400), to: now() + minutes(60 * 24) };
    let mut found = Vec::new();
    store
        .for_each_usage(&query, |sum| {
            let Tokens { input, cache_read, cache_write, output, .. } = sum.tokens;
            found.push((
                sum.format,
                sum.model,
                sum.account,
                sum.requests,
                [input, cache_read, cache_write, output],
            ));
        })
        .unwrap();
    found.sort();
    found
}

fn total(store: &Store) -> [u64; 4] {
    sums(store).iter().fold([0; 4], |mut all, (.., tokens)| {
        all.iter_mut().zip(tokens).for_each(|(sum, count)| *sum += count);
        all
    })
}

/// A log of a session is read, with requests of this time and these tokens.
fn read_log(store: &Store, format: &str, session: &str, provider: Option<i64>, requests: &[(i64, Tokens)]) {
    let batch = UsageBatch {
        known: at(40),
        models: vec![UsageModel { name: "kimi-k3".to_owned(), third: false, provider }],
        origins: vec![UsageOrigin {
            format: format.to_owned(),
            session: session.to_owned(),
            project: Some("/work/boat".to_owned()),
        }],
        parts: vec![UsagePart {
            file: None,
            path: format!("/{format}/{session}"),
            mark: "{}".to_owned(),
            skipped: 0,
            origin: 0,
            claims: (1_000..)
                .zip(requests)
                .map(|(number, (minute, tokens))| {
                    let fingerprint = number + session.len() as u64;
                    let request =
                        UsageRequest { at: at(*minute), begun: None, model: 0, tokens: *tokens, fingerprint };
                    UsageClaim { request, copies: 0 }
                })
                .collect(),
            named: Vec::new(),
        }],
        ..UsageBatch::default()
    };
    store.write_usage(&batch).unwrap();
}

fn of(input: u64, cache_read: u64, output: u64) -> Tokens {
    Tokens { input, cache_read, output, ..Tokens::default() }
}

#[test]
fn a_span_counts_once_with_its_tokens_by_kind() {
    let (_folder, store) = empty();
    let first = write(&store, vec![span("s", 1, delta([10, 500, 20, 30]))]);
    assert_eq!(first, IntakeOutcome { counted: 1, ..IntakeOutcome::default() });
    assert_eq!(
        write(&store, vec![span("s", 1, delta([10, 500, 20, 30]))]),
        IntakeOutcome::default(),
        "repeated"
    );
    assert_eq!(sums(&store), [("otlp".to_owned(), "kimi-k3".to_owned(), None, 1, [10, 500, 20, 30])],);
    let requests = store.all_requests_between(now(), now() + minutes(60)).unwrap();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].begun.map(|begun| begun.timestamp_millis()), Some(at(0)));
    assert_eq!(requests[0].at.timestamp_millis(), at(1));
}

#[test]
fn kinds_that_come_apart_are_one_span() {
    let (_folder, store) = empty();
    let [a, b, c, d] = delta([10, 500, 20, 30]);
    for counts in [[None, None, None, d], [a, None, None, None], [None, b, c, None], [a, b, c, d]] {
        write(&store, vec![span("s", 1, counts)]);
    }
    assert_eq!(sums(&store), [("otlp".to_owned(), "kimi-k3".to_owned(), None, 1, [10, 500, 20, 30])]);
}

#[test]
fn input_whose_cache_share_is_unknown_has_a_name_without_a_price() {
    let (_folder, store) = empty();
    let whole = |counts| IntakeRecord { convention: InputConvention::Whole, ..span("s", 1, counts) };
    let [a, b, _, d] = delta([900, 800, 0, 30]);
    write(&store, vec![whole([a, None, None, d])]);
    assert_eq!(
        sums(&store),
        [("otlp".to_owned(), "kimi-k3:cache-unknown".to_owned(), None, 1, [900, 0, 0, 30])]
    );
    // Once the share is known, it is the model itself.
    write(&store, vec![whole([None, b, None, None])]);
    assert_eq!(sums(&store), [("otlp".to_owned(), "kimi-k3".to_owned(), None, 1, [100, 800, 0, 30])]);
}

#[test]
fn a_session_whose_log_is_there_is_not_counted_and_taken_back_when_it_is_read_later() {
    let (_folder, store) = empty();
    read_log(&store, "claude-code", "first", None, &[(1, of(7, 8, 9))]);
    let outcome = write(&store, vec![span("first", 1, delta([7, 8, 0, 9]))]);
    assert_eq!((outcome.counted, outcome.in_logs), (0, 1));
    assert_eq!(total(&store), [7, 8, 0, 9]);

    write(&store, vec![span("later", 2, delta([70, 80, 0, 90])), span("other", 2, delta([1, 1, 1, 1]))]);
    assert_eq!(total(&store), [78, 89, 1, 100]);
    read_log(&store, "claude-code", "later", None, &[(2, of(71, 80, 90))]);
    assert_eq!(total(&store), [79, 89, 1, 100], "the log's figures, and the session without a log");
    // It does not come back.
    write(&store, vec![span("later", 2, delta([70, 80, 0, 90])), span("later", 3, delta([5, 5, 5, 5]))]);
    assert_eq!(total(&store), [79, 89, 1, 100]);
}

#[test]
fn without_a_session_the_logs_of_the_program_count_by_their_time() {
    let by_time = |minute, model: &str| IntakeRecord {
        seen_in: IntakeMatch::Format("codex".to_owned()),
        model: model.to_owned(),
        ..span("codex_cli_rs", minute, delta([10, 20, 0, 30]))
    };
    let (_folder, store) = empty();
    read_log(&store, "codex", "r", None, &[(5, of(1, 2, 3))]);
    // Within the span and a little around it; another time; another model.
    for (minute, model, counted) in
        [(5, "kimi-k3", 0), (7, "kimi-k3", 0), (30, "kimi-k3", 1), (4, "kimi-k2.6", 1)]
    {
        let outcome = write(&store, vec![by_time(minute, model)]);
        assert_eq!((outcome.counted, outcome.in_logs), (counted, 1 - counted), "{minute} {model}");
    }
    read_log(&store, "codex", "later", None, &[(31, of(4, 5, 6))]);
    assert_eq!(total(&store), [15, 27, 0, 39], "taken back: a log of that time is there now");
}

#[test]
fn a_proxys_row_and_a_log_of_the_same_request_count_once_and_the_account_is_learned() {
    let row = |id: u64, minute, provider| IntakeRecord {
        fingerprint: id,
        seen_in: IntakeMatch::Figures,
        convention: InputConvention::Whole,
        provider,
        ..span("", minute, delta([100, 80, 0, 9]))
    };
    for is_log_first in [true, false] {
        let (_folder, store, account) = with_account();
        let provider = |name: &str, url: &str, whose| {
            let provider = UsageProvider {
                home: name.to_owned(),
                name: name.to_owned(),
                base_url: Some(url.to_owned()),
                modified: 0,
                whose,
            };
            store.usage_provider(&provider).unwrap().0
        };
        let proxied = provider("home", "http://127.0.0.1:4000/v1", WhoseUse::Nobody);
        let kimi = provider("litellm", "https://api.kimi.com/coding/v1", WhoseUse::Account(account.id));
        let log =
            || read_log(&store, "kimi-code", "s", Some(proxied), &[(1, of(20, 80, 9)), (9, of(20, 80, 9))]);
        if is_log_first {
            log();
        }
        // Two rows with the same figures, of which one has a log near it, and again as they are read again.
        for _ in 0..2 {
            write(&store, vec![row(1, 1, Some(kimi)), row(2, 2, Some(kimi))]);
        }
        if !is_log_first {
            log();
        }
        let sums = sums(&store);
        let of_format = |format: &str| -> Vec<(Option<AccountId>, u64)> {
            sums.iter().filter(|sum| sum.0 == format).map(|sum| (sum.2, sum.3)).collect()
        };
        assert_eq!(of_format("kimi-code"), [(None, 1), (Some(account.id), 1)], "{is_log_first}");
        assert_eq!(of_format("otlp"), [(Some(account.id), 1)], "{is_log_first}: one row has no log");
    }
}

#[test]
fn a_request_that_went_to_kimi_itself_is_no_proxys() {
    let (_folder, store, account) = with_account();
    let kimi = UsageProvider {
        home: "home".to_owned(),
        name: "managed".to_owned(),
        base_url: Some("https://api.kimi.com/coding/v1".to_owned()),
        modified: 0,
        whose: WhoseUse::Account(account.id),
    };
    let (kimi, _) = store.usage_provider(&kimi).unwrap();
    read_log(&store, "kimi-code", "s", Some(kimi), &[(1, of(20, 80, 9))]);
    let row = IntakeRecord {
        seen_in: IntakeMatch::Figures,
        convention: InputConvention::Whole,
        ..span("", 1, delta([100, 80, 0, 9]))
    };
    assert_eq!(write(&store, vec![row]).counted, 1);
    assert_eq!(total(&store), [40, 160, 0, 18]);
}

#[test]
fn what_was_pruned_is_known_and_can_be_taken_back() {
    let (_folder, mut store) = empty();
    write(&store, vec![span("s", 1, delta([1, 2, 3, 4]))]);
    while store.prune_step(now() + minutes(60 * 24 * 30)).unwrap().is_some() {}
    assert!(store.all_requests_between(now(), now() + minutes(60)).unwrap().is_empty());
    write(&store, vec![span("s", 1, delta([1, 2, 3, 4]))]);
    assert_eq!(total(&store), [1, 2, 3, 4]);
    read_log(&store, "claude-code", "s", None, &[(1, of(9, 9, 9))]);
    assert_eq!(total(&store), [9, 9, 0, 9]);
    let _ = &mut store;
}

#[test]
fn how_far_a_source_was_read_is_stored_with_it() {
    let (_folder, store) = empty();
    assert_eq!(store.intake_mark("litellm:1").unwrap(), None);
    for mark in ["one", "two"] {
        let batch = IntakeBatch {
            source: "litellm:1".to_owned(),
            mark: Some(mark.to_owned()),
            known: at(1),
            cuts: Vec::new(),
            records: Vec::new(),
        };
        store.write_intake(&batch).unwrap();
        assert_eq!(store.intake_mark("litellm:1").unwrap().as_deref(), Some(mark));
    }
}

/// What a program used in each minute, and how its exports are sent: all of the counts that are kept are sent again and
/// again, in any order.
fn exports() -> impl Strategy<Value = (Vec<[u64; 4]>, Vec<prop::sample::Index>)> {
    let minute = [0_u64..500, 0_u64..500, 0_u64..50, 0_u64..300];
    (prop::collection::vec(minute, 1..8), prop::collection::vec(any::<prop::sample::Index>(), 0..24))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_repetition_of_exports_gives_the_same_sums_cumulative_or_not(
        (used, order) in exports(), restart in 0_usize..8,
    ) {
        let expected = used.iter().fold([0; 4], |mut all: [u64; 4], minute| {
            all.iter_mut().zip(minute).for_each(|(sum, count)| *sum += count);
            all
        });
        let spans: Vec<IntakeRecord> =
            (1..).zip(&used).map(|(minute, counts)| span("s", minute, delta(*counts))).collect();
        // The program is started again in between, and begins to count again.
        let mut totals = [0; 4];
        let mut start = 1;
        let running: Vec<IntakeRecord> = (1_i64..)
            .zip(&used)
            .map(|(minute, counts)| {
                if minute.cast_unsigned() as usize == restart {
                    (totals, start) = ([0; 4], minute.cast_unsigned());
                }
                totals.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
                let mut kind = 0;
                let counts = totals.map(|value| {
                    kind += 1;
                    let time = minute.cast_unsigned() * 1_000_000_000;
                    Some(IntakeCount::Cumulative { series: kind, start, time, value })
                });
                span("s", minute, counts)
            })
            .collect();
        for records in [spans, running] {
            let (_folder, store) = empty();
            for index in &order {
                write(&store, vec![index.get(&records).clone()]);
            }
            write(&store, records.iter().rev().cloned().collect());
            prop_assert_eq!(total(&store), expected);
        }
    }
}
