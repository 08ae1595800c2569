//! Texts that another version or another program wrote: what is read back of them is clean and bounded.

use tidemark_core::audience::Audience;
use tidemark_core::text::{MAX_NAME_CHARS, MAX_SENTENCE_CHARS, is_clean};
use tidemark_core::wire::AnnouncementRecord;
use tidemark_core::{Failure, FailureKind};
use tidemark_store::{FILE_NAME, FailureQuery, Incident};

use crate::given::*;

#[test]
fn what_an_old_database_says_comes_out_clean() {
    let (folder, store, work) = with_account();
    store.record_failure(work.id, now(), &Failure::new(FailureKind::ServerError, "x")).unwrap();
    let incident = Incident {
        page: "status.example".into(),
        id: "i".into(),
        title: Some("Slow".into()),
        impact: Some("minor".into()),
        opened_at: now(),
        resolved_at: None,
    };
    store.upsert_incident(&incident, now()).unwrap();
    let announcement = AnnouncementRecord {
        at: now(),
        id: "a".into(),
        title: Some("Notice".into()),
        text: Some("Quotas were restored".into()),
        detail: Some("Thank you".into()),
        from: None,
        until: None,
        audience: Audience::default(),
    };
    store.upsert_announcement("china", &announcement).unwrap();
    let hostile = format!("\u{1b}]0;t\u{7}\u{9b}\u{202e}\u{200b}\n{}", "x".repeat(9000));
    let other = rusqlite::Connection::open(folder.path().join(FILE_NAME)).unwrap();
    for statement in [
        "UPDATE account SET name = ?1",
        "UPDATE incident SET title = ?1, impact = ?1, id = ?1",
        "UPDATE announcement SET id = ?1, title = ?1, text = ?1, detail = ?1",
        "UPDATE failure SET details = json_set(details, '$.message', ?1)",
    ] {
        other.execute(statement, [&hostile]).unwrap();
    }

    let account = store.account(work.id).unwrap();
    assert!(is_clean(&account.name) && account.name.chars().count() <= MAX_NAME_CHARS);
    // It is found by what is shown, and by what is stored.
    for name in [&account.name, &hostile] {
        assert_eq!(store.account_by_name(name).unwrap().map(|account| account.id), Some(work.id));
    }
    let incident = store.incidents(now(), now() + minutes(1)).unwrap().remove(0);
    let known = store.incidents_known_between(None, now() + minutes(1)).unwrap().remove(0);
    let mut failure = None;
    store
        .failures(&FailureQuery::default(), |stored| {
            failure = Some(stored);
            std::ops::ControlFlow::Break(())
        })
        .unwrap();
    let announced = store.announcements(now(), now() + minutes(1)).unwrap().remove(0);
    let words = announced.words();
    assert!(is_clean(&words) && words.chars().count() <= MAX_SENTENCE_CHARS, "{words:?}");
    let titles = [
        announced.text,
        announced.detail,
        incident.title,
        known.title,
        failure.map(|stored| stored.failure.message),
    ];
    let names = [
        Some(announced.id),
        announced.title,
        Some(incident.id),
        incident.impact,
        Some(known.id),
        known.impact,
    ];
    for (texts, longest) in [(&titles[..], MAX_SENTENCE_CHARS), (&names[..], MAX_NAME_CHARS)] {
        for text in texts {
            let text = text.as_deref().unwrap();
            assert!(is_clean(text) && text.chars().count() <= longest, "{text:?}");
        }
    }
}
