//! Local use: whose it is, and what an export says of it.

use std::ops::ControlFlow;

use proptest::prelude::*;
use tidemark_core::wire::Record;
use tidemark_core::{AccountId, Tokens};
use tidemark_store::{
    ExportQuery, UsageBatch, UsageClaim, UsageModel, UsageNamed, UsageOrigin, UsagePart, UsageProvider,
    UsageQuery, UsageRequest, UsageStates, WhoseUse,
};

use crate::given::*;

const ADDRESS: &str = "https://api.example.com/coding/v1";

fn provider(modified: i64, whose: WhoseUse) -> UsageProvider {
    UsageProvider {
        home: "/home/lin/.kimi-code".to_owned(),
        name: "managed".to_owned(),
        base_url: Some(ADDRESS.to_owned()),
        modified,
        whose,
    }
}

/// A configuration that was seen before is read again: is it the same provider, and is anything new?
#[test]
fn a_provider_is_another_where_its_account_or_its_address_is() {
    use WhoseUse::{Account, Nobody, NotKnownYet};
    let (a, b) = (Account(AccountId(1)), Account(AccountId(2)));
    // First seen so at 10; then so at a time; whether it is the same one, and whether anything is new.
    for (what, first, then, at, same, new) in [
        ("nothing happened", a, a, 10, true, false),
        ("rewritten, the same account", a, a, 20, true, false),
        ("another account", a, b, 20, false, true),
        ("another account, and nobody wrote: its key was moved", a, b, 10, false, true),
        ("a key that cannot be compared yet", a, NotKnownYet, 10, true, false),
        ("rewritten, with a key that cannot be compared yet", a, NotKnownYet, 20, false, true),
        ("nobody's any more", a, Nobody, 20, false, true),
        ("nobody's, and nobody's it stays", Nobody, Nobody, 20, true, false),
        ("an account that was added here later", Nobody, a, 10, true, true),
        ("nobody's before it was rewritten", Nobody, a, 20, false, true),
        ("not known yet, and then it is", NotKnownYet, a, 10, true, true),
        ("not known yet, and then nobody's", NotKnownYet, Nobody, 20, true, false),
        ("not known yet, still not", NotKnownYet, NotKnownYet, 20, true, false),
    ] {
        let (_folder, store) = empty();
        for name in ["one", "two"] {
            store.add_account(new_account(name), now()).unwrap();
        }
        let (id, is_new) = store.usage_provider(&provider(10, first)).unwrap();
        assert!(is_new, "{what}");
        let (again, changed) = store.usage_provider(&provider(at, then)).unwrap();
        assert_eq!((again == id, changed), (same, new), "{what}");
        // Asked again, it is known.
        assert_eq!(store.usage_provider(&provider(at, then)).unwrap(), (again, false), "{what}");
    }
}

/// A program's configuration loses its key and has it again: what was used meanwhile went to the same account.
#[test]
fn what_was_used_while_the_key_was_missing_is_assigned_when_it_is_back() {
    use WhoseUse::{Account, Nobody};
    let (_folder, store) = empty();
    for name in ["one", "two"] {
        store.add_account(new_account(name), now()).unwrap();
    }
    let at = |modified, whose| store.usage_provider(&provider(modified, whose)).unwrap();
    let (a, b) = (Account(AccountId(1)), Account(AccountId(2)));
    at(10, a);
    let (missing, _) = at(20, Nobody);
    assert_eq!(at(30, a), (missing, true), "the same that it was without its key");
    // Another account's key comes instead: whose the usage in between was is not known.
    let (missing, _) = at(40, Nobody);
    let (other, is_new) = at(50, b);
    assert!(other != missing && is_new);
    // Neither is it where the address was another meanwhile.
    let elsewhere =
        UsageProvider { base_url: Some("https://gate.example/v1".to_owned()), ..provider(60, Nobody) };
    let (elsewhere, _) = store.usage_provider(&elsewhere).unwrap();
    let (again, _) = at(70, b);
    assert!(again != elsewhere && again != other);
}

#[test]
fn an_address_a_name_and_a_home_tell_providers_apart() {
    let (_folder, store) = empty();
    let first = provider(10, WhoseUse::Nobody);
    let (id, _) = store.usage_provider(&first).unwrap();
    for other in [
        UsageProvider { base_url: None, ..first.clone() },
        UsageProvider { name: "own".to_owned(), ..first.clone() },
        UsageProvider { home: "/srv/kimi".to_owned(), ..first.clone() },
    ] {
        let (another, new) = store.usage_provider(&other).unwrap();
        assert!(another != id && new, "{other:?}");
    }
}

/// What was read before a configuration changed stays assigned. What could not be assigned then is assigned
/// once its account is added, if the configuration was not changed since.
#[test]
fn what_is_told_of_a_provider_holds_for_the_use_of_its_time() {
    let (_folder, store) = empty();
    let one = store.add_account(new_account("one"), now()).unwrap().id;
    let use_at = |number: u64, provider: i64| {
        let tokens = Tokens { output: 10 * number, ..Tokens::default() };
        let at = now().timestamp_millis() + number.cast_signed() * 60_000;
        let request = UsageRequest { at, begun: None, model: 0, tokens, fingerprint: number };
        let batch = UsageBatch {
            known: at,
            models: vec![UsageModel { name: "kimi-k3".to_owned(), third: false, provider: Some(provider) }],
            origins: vec![UsageOrigin {
                format: "kimi-code".to_owned(),
                session: "s".to_owned(),
                project: Some("/work/boat".to_owned()),
            }],
            parts: vec![UsagePart {
                file: None,
                path: format!("/log-{number}"),
                mark: "{}".to_owned(),
                skipped: 0,
                origin: 0,
                claims: vec![UsageClaim { request, copies: 0 }],
                named: Vec::new(),
            }],
            ..UsageBatch::default()
        };
        store.write_usage(&batch).unwrap();
    };
    let ascribed = || {
        let mut sums = Vec::new();
        let query = UsageQuery { from: now() - minutes(60), to: now() + minutes(60) };
        store.for_each_usage(&query, |sum| sums.push((sum.tokens.output, sum.account))).unwrap();
        sums.sort_unstable();
        sums
    };
    let (early, _) = store.usage_provider(&provider(10, WhoseUse::Nobody)).unwrap();
    use_at(1, early);
    assert_eq!(ascribed(), [(10, None)]);
    let (same, _) = store.usage_provider(&provider(10, WhoseUse::Account(one))).unwrap();
    use_at(2, same);
    assert_eq!(ascribed(), [(30, Some(one))], "the same provider: one sum, now that account's");
    let two = store.add_account(new_account("two"), now()).unwrap().id;
    let (later, _) = store.usage_provider(&provider(20, WhoseUse::Account(two))).unwrap();
    use_at(5, later);
    assert_eq!(ascribed(), [(30, Some(one)), (50, Some(two))]);

    let mut exported = Vec::new();
    let all = ExportQuery { account: Some(one), from: now() - minutes(60), to: now() + minutes(60) };
    store
        .for_each_line(&all, |line| {
            exported.push(line.record);
            ControlFlow::Continue(())
        })
        .unwrap();
    let [Record::Usage(first), Record::Usage(second)] = &exported[..] else { panic!("{exported:?}") };
    assert_eq!((first.output, second.output), (10, 20));
    assert_eq!((first.account.as_deref(), first.project.as_deref()), (Some("one"), Some("/work/boat")));
}

#[test]
fn requests_of_no_account_are_exported_with_those_of_all_and_say_so() {
    let (_folder, store) = empty();
    let one = store.add_account(new_account("one"), now()).unwrap().id;
    let (nobody, _) = store.usage_provider(&provider(10, WhoseUse::Nobody)).unwrap();
    let tokens = Tokens { output: 30, ..Tokens::default() };
    let at = now().timestamp_millis();
    // One of a provider that is no account's, and one of a log that names no provider, such as Claude Code's.
    let claims = [0, 1].map(|model| UsageClaim {
        request: UsageRequest { at, begun: None, model, tokens, fingerprint: model.into() },
        copies: 0,
    });
    let batch = UsageBatch {
        known: at,
        models: [Some(nobody), None]
            .map(|provider| UsageModel { name: "kimi-k3".to_owned(), third: false, provider })
            .into(),
        origins: vec![UsageOrigin { format: "kimi-code".to_owned(), session: "s".to_owned(), project: None }],
        parts: vec![UsagePart {
            file: None,
            path: "/log".to_owned(),
            mark: "{}".to_owned(),
            skipped: 0,
            origin: 0,
            claims: claims.into(),
            named: Vec::new(),
        }],
        ..UsageBatch::default()
    };
    store.write_usage(&batch).unwrap();
    for (account, exported) in [(None, 2), (Some(one), 0)] {
        let query = ExportQuery { account, from: now() - minutes(60), to: now() + minutes(60) };
        let mut lines = Vec::new();
        store
            .for_each_line(&query, |line| {
                lines.push(serde_json::to_string(&line).unwrap());
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(lines.len(), exported, "{lines:?}");
        for line in lines {
            let whole = line.contains(r#""output":30"#) && line.contains(r#""unassigned":true"#);
            assert!(whole && !line.contains(r#""account""#), "{line}");
        }
    }
}

/// A request that several logs hold counts for the one whose path comes first: also where the log that it
/// counted for has just been moved behind them, and another new one is read before it is read again.
#[test]
fn a_request_counts_for_the_first_of_its_logs_whatever_was_moved() {
    let (_folder, store) = empty();
    let tokens = Tokens { output: 10, ..Tokens::default() };
    let request =
        UsageRequest { at: now().timestamp_millis(), begun: None, model: 0, tokens, fingerprint: 7 };
    let write = |moved: Vec<(i64, String)>, logs: &[(Option<i64>, &str)]| {
        let parts = logs.iter().enumerate().map(|(number, (file, path))| UsagePart {
            file: *file,
            path: (*path).to_owned(),
            mark: "{}".to_owned(),
            skipped: 0,
            origin: number as u32,
            claims: vec![UsageClaim { request, copies: 0 }],
            named: Vec::new(),
        });
        let origins = logs.iter().map(|(_, path)| UsageOrigin {
            format: "kimi-code".to_owned(),
            session: (*path).to_owned(),
            project: None,
        });
        let batch = UsageBatch {
            known: now().timestamp_millis(),
            models: vec![UsageModel { name: "kimi-k3".to_owned(), third: false, provider: None }],
            origins: origins.collect(),
            parts: parts.collect(),
            moved,
            ..UsageBatch::default()
        };
        store.write_usage(&batch).unwrap()
    };
    let counts_for = || {
        let mut sessions = Vec::new();
        let query = UsageQuery { from: now() - minutes(60), to: now() + minutes(60) };
        store.for_each_usage(&query, |sum| sessions.push((sum.session, sum.requests))).unwrap();
        sessions
    };
    let files = write(Vec::new(), &[(None, "/a"), (None, "/c")]);
    assert_eq!(counts_for(), [(Some("/a".to_owned()), 1)]);
    write(vec![(files[0], "/z".to_owned())], &[]);
    write(Vec::new(), &[(None, "/m"), (Some(files[0]), "/z")]);
    assert_eq!(counts_for(), [(Some("/c".to_owned()), 1)]);
}

/// A record of a request: message, whether it names its request, its number, its time, output, model, file.
type Told = (u64, bool, u64, i64, u64, u8, usize);

/// Everything that was used, when records are written in this order, each by itself.
fn used(records: &[Told]) -> Vec<(i64, String, String, u64, Tokens)> {
    let (_folder, store) = empty();
    let mut files = [None; 3];
    for (message, named, number, at, output, model, file) in records {
        let path = format!("/log-{file}");
        let at = now().timestamp_millis() + at * 15 * 60 * 1000;
        let cache_write_1h = u64::from(*model);
        let tokens = Tokens { cache_write: 3, cache_write_1h, output: *output, ..Tokens::default() };
        let fingerprint = if *named { message * 10 + 1 + number } else { message * 10 };
        let batch = UsageBatch {
            known: at,
            models: vec![UsageModel { name: format!("model {model}"), third: false, provider: None }],
            origins: vec![UsageOrigin {
                format: "claude-code".to_owned(),
                session: path.clone(),
                project: None,
            }],
            parts: vec![UsagePart {
                file: files[*file],
                path,
                mark: "{}".to_owned(),
                skipped: 0,
                origin: 0,
                claims: Vec::new(),
                named: vec![UsageNamed {
                    request: UsageRequest { at, begun: None, model: 0, tokens, fingerprint },
                    message: *message,
                    named: *named,
                    states: UsageStates::Together,
                    origin: None,
                }],
            }],
            ..UsageBatch::default()
        };
        files[*file] = Some(store.write_usage(&batch).unwrap()[0]);
    }
    let mut sums = Vec::new();
    let query = UsageQuery { from: now() - minutes(60), to: now() + minutes(120) };
    store
        .for_each_usage(&query, |sum| {
            let at = sum.start.timestamp_millis();
            sums.push((at, sum.model.clone(), sum.session.unwrap_or_default(), sum.requests, sum.tokens));
        })
        .unwrap();
    sums.sort();
    sums
}

/// States of a session's sum are one request: it begins when the session began, is dated at the last change, and moves.
#[test]
fn the_sum_of_a_session_spans_it_and_moves_as_it_grows() {
    let (_folder, store) = empty();
    let minute = |minute: i64| now().timestamp_millis() + minute * 60_000;
    let write = |file, at, output, states| {
        let tokens = Tokens { output, ..Tokens::default() };
        let request =
            UsageRequest { at: minute(at), begun: Some(minute(1)), model: 0, tokens, fingerprint: 77 };
        let named = UsageNamed { request, message: 77, named: true, states, origin: None };
        let batch = UsageBatch {
            known: minute(90),
            models: vec![UsageModel { name: "kimi-k3".to_owned(), third: false, provider: None }],
            origins: vec![UsageOrigin { format: "goose".to_owned(), session: "s".to_owned(), project: None }],
            parts: vec![UsagePart {
                file,
                path: "/sessions.db".to_owned(),
                mark: "{}".to_owned(),
                skipped: 0,
                origin: 0,
                claims: Vec::new(),
                named: vec![named],
            }],
            ..UsageBatch::default()
        };
        store.write_usage(&batch).unwrap()[0]
    };
    let all = || {
        let found = store.all_requests_between(now() - minutes(60), now() + minutes(600)).unwrap();
        let found = found.iter().map(|one| (one.at.timestamp_millis(), one.tokens.output, one.is_sum));
        found.collect::<Vec<_>>()
    };
    let file = write(None, 5, 10, UsageStates::Growing);
    assert_eq!(all(), [(minute(5), 10, true)]);
    write(Some(file), 65, 40, UsageStates::Growing);
    // An older state, read again, changes nothing.
    write(Some(file), 20, 30, UsageStates::Growing);
    assert_eq!(all(), [(minute(65), 40, true)]);
    let begun = store.all_requests_between(now(), now() + minutes(600)).unwrap()[0].begun.unwrap();
    assert_eq!(begun.timestamp_millis(), minute(1));
    let mut sums = Vec::new();
    let query = UsageQuery { from: now() - minutes(60), to: now() + minutes(120) };
    store.for_each_usage(&query, |sum| sums.push((sum.requests, sum.tokens.output))).unwrap();
    assert_eq!(sums.into_iter().filter(|(requests, _)| *requests > 0).collect::<Vec<_>>(), [(1, 40)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_was_used_does_not_depend_on_the_order_of_records(
        records in prop::collection::vec(
            (0_u64..2, any::<bool>(), 0_u64..2, 0_i64..3, 0_u64..3, 0_u8..3, 0_usize..3), 0..6,
        ),
        rotation in 0_usize..6,
    ) {
        let first = used(&records);
        let mut other = records.clone();
        other.rotate_left(rotation % records.len().max(1));
        other.reverse();
        prop_assert_eq!(&used(&other), &first);
    }
}
