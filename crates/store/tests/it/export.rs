//! Export: the contract's lines, in time order.

use std::ops::ControlFlow;

use tidemark_core::audience::Audience;
use tidemark_core::wire::{AnnouncementRecord, Record};
use tidemark_core::{Failure, FailureKind, Finding, FindingKind};
use tidemark_store::{AnalysisResult, ExportQuery, Incident, Store};

use crate::given::*;

fn lines(store: &Store, query: &ExportQuery) -> Vec<String> {
    let mut lines = Vec::new();
    store
        .for_each_line(query, |line| {
            lines.push(serde_json::to_string(&line).unwrap());
            ControlFlow::Continue(())
        })
        .unwrap();
    lines
}

#[test]
fn a_history_is_told_in_the_order_in_which_it_happened() {
    let (_folder, store, work) = with_account();
    let home = store.add_account(new_account("home"), now()).unwrap();
    for (account, minute) in [(&work, 0), (&work, 10), (&home, 5), (&home, 15)] {
        let seen = reading(now() + minutes(minute), dec("1.5"), dec("5"));
        store.insert_reading(account.id, &seen, "{}").unwrap();
    }
    store.record_failure(work.id, now() + minutes(7), &Failure::new(FailureKind::ServerError, "x")).unwrap();
    store
        .upsert_incident(
            &Incident {
                page: "status.example".into(),
                id: "i1".into(),
                title: Some("Slow".into()),
                impact: Some("minor".into()),
                opened_at: now() + minutes(6),
                resolved_at: Some(now() + minutes(12)),
            },
            now() + minutes(6),
        )
        .unwrap();
    let all = ExportQuery { account: None, from: now(), to: now() + minutes(16) };
    insta::assert_snapshot!(lines(&store, &all).join("\n"));
    let some = ExportQuery { account: Some(home.id), from: now() + minutes(1), to: now() + minutes(15) };
    let told = lines(&store, &some);
    assert_eq!(told.len(), 3, "one reading, and the incident's beginning and end: {told:?}");
    for line in &told {
        serde_json::from_str::<Record>(line).unwrap();
    }
    let mut seen = 0;
    store
        .for_each_line(&all, |_| {
            seen += 1;
            ControlFlow::Break(())
        })
        .unwrap();
    assert_eq!(seen, 1);
}

#[test]
fn findings_are_told_in_the_order_in_which_they_were_made() {
    let (_folder, store, work) = with_account();
    for minute in [0, 5] {
        let at = now() + minutes(minute);
        let id = store.insert_reading(work.id, &reading(at, dec("1"), dec("5")), "{}").unwrap();
        let finding = Finding {
            kind: FindingKind::PlanChange { before: None, after: Some(minute.to_string()) },
            series: None,
            from: at,
            to: at,
            detected_at: at,
            observed: None,
            expected_low: None,
            expected_high: None,
            confidence: 1.0,
            explanation: String::new(),
            evidence: vec![],
            messages: tidemark_core::message::Messages::default(),
        };
        let told = AnalysisResult { findings: vec![finding], ..conclusion(vec![], None) };
        store.record_analysis(work.id, id, &told).unwrap();
    }
    let all = ExportQuery { account: None, from: now(), to: now() + minutes(60) };
    let told = store.finding_lines(&all).unwrap();
    assert_eq!(told.iter().map(|line| line.after.as_deref()).collect::<Vec<_>>(), [Some("0"), Some("5")]);
    assert_eq!(told[0].account.as_deref(), Some("work"));
}

#[test]
fn announcements_are_kept_with_all_their_words_since_they_were_first_read_and_exported() {
    let (_folder, store, _) = with_account();
    let line = |id: &str, minute, text: &str| AnnouncementRecord {
        at: now() + minutes(minute),
        id: id.to_owned(),
        title: None,
        text: Some(text.to_owned()),
        detail: None,
        from: Some(now() - minutes(60)),
        until: None,
        audience: Audience { levels: vec![25], ..Audience::default() },
    };
    store.upsert_announcement("china", &line("a", 1, "first words")).unwrap();
    store.upsert_announcement("china", &line("b", 2, "another")).unwrap();
    store.upsert_announcement("china", &line("a", 9, "better words")).unwrap();
    let all = ExportQuery { account: None, from: now(), to: now() + minutes(16) };
    let told: Vec<Record> =
        lines(&store, &all).iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected = [line("a", 1, "first words"), line("b", 2, "another"), line("a", 9, "better words")];
    assert_eq!(told, expected.map(Record::Announcement));
    // What is read again unchanged is no other version.
    store.upsert_announcement("china", &line("a", 11, "better words")).unwrap();
    assert_eq!(lines(&store, &all).len(), 3);
    // What was known at a time, and the present words with the time of the first.
    let known = |minute| store.announcements_known(now() + minutes(minute), |line| line.id == "a").unwrap();
    assert_eq!(known(5), [line("a", 1, "first words")]);
    assert_eq!(known(12), [line("a", 1, "better words")]);
    assert_eq!(
        store.announcements_known(now() + minutes(2), |_| true).unwrap().len(),
        1,
        "the other came later"
    );

    // A service that invents ids fills nothing.
    for number in 0..250 {
        store.upsert_announcement("global", &line(&format!("n{number}"), 3 + number, "x")).unwrap();
    }
    let kept = store.announcements(now(), now() + minutes(1_000)).unwrap();
    assert_eq!(kept.len(), 3 + 200);
    // Those of others take no room from those that are asked for.
    let own = store.announcements_known(now() + minutes(1_000), |line| line.id.len() == 1).unwrap();
    assert_eq!(own.iter().map(|line| line.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert!(kept.iter().any(|line| line.id == "n249") && kept.iter().all(|line| line.id != "n0"));
}
