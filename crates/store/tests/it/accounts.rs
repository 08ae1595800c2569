//! Accounts and settings.

use tidemark_core::{AccountId, Credential, Region, Source};
use tidemark_store::{NewAccount, ReadingQuery, Store, StoreError};

use crate::given::*;

fn names(store: &Store) -> Vec<String> {
    store.accounts().unwrap().into_iter().map(|account| account.name).collect()
}

#[test]
fn accounts_come_back_as_they_were_added() {
    let (folder, store) = empty();
    let credentials = [
        Credential::Keyring { handle: "h1".into() },
        Credential::EncryptedFile { handle: "h2".into() },
        Credential::Environment { name: "KIMI_KEY".into() },
        Credential::ThisRun { handle: "h3".into() },
        Credential::KimiCodeLogin { path: Some("/somewhere/else.json".into()) },
    ];
    let mut added = Vec::new();
    for (number, credential) in credentials.into_iter().enumerate() {
        let new = NewAccount {
            name: format!(" account {number} "),
            source: if number % 2 == 0 { Source::KimiCode } else { Source::Platform },
            region: Region::Global,
            base_url: (number == 2).then(|| "http://127.0.0.1:9/v1".parse().unwrap()),
            credential,
        };
        added.push(store.add_account(new, now() + minutes(1)).unwrap());
    }
    drop(store);
    let store = Store::open(folder.path(), now()).unwrap();
    assert_eq!(store.accounts().unwrap(), added);
    assert_eq!(added[4].position, 4);
    assert_eq!(store.account_by_name("account 3").unwrap().as_ref(), Some(&added[3]));
    assert_eq!(store.account_by_name("nobody").unwrap(), None);
    assert_eq!(store.account(added[2].id).unwrap(), added[2]);
}

#[test]
fn names_are_unique_and_not_empty() {
    let (_folder, store, work) = with_account();
    assert!(
        matches!(store.add_account(new_account(" work"), now()), Err(StoreError::NameTaken(name)) if name == "work")
    );
    assert!(matches!(store.add_account(new_account(" "), now()), Err(StoreError::NameEmpty)));
    let home = store.add_account(new_account("home"), now()).unwrap();
    assert!(matches!(store.rename_account(home.id, "work"), Err(StoreError::NameTaken(_))));
    store.rename_account(home.id, "home").unwrap();
    store.rename_account(work.id, "office").unwrap();
    assert_eq!(names(&store), ["office", "home"]);
    assert!(matches!(
        store.rename_account(AccountId(77), "x"),
        Err(StoreError::NoSuchAccount(AccountId(77)))
    ));
}

#[test]
fn the_order_is_the_users() {
    let (_folder, store) = empty();
    let ids: Vec<_> =
        ["a", "b", "c"].map(|name| store.add_account(new_account(name), now()).unwrap().id).into();
    store.reorder_accounts(&[ids[2], ids[0], ids[1]]).unwrap();
    assert_eq!(names(&store), ["c", "a", "b"]);
    for wrong in [vec![ids[0]], vec![ids[0], ids[0], ids[1]], vec![ids[0], ids[1], AccountId(99)]] {
        assert!(matches!(store.reorder_accounts(&wrong), Err(StoreError::OrderIncomplete)));
    }
    assert_eq!(names(&store), ["c", "a", "b"]);
}

#[test]
fn a_credential_can_be_replaced() {
    let (_folder, store, account) = with_account();
    let credential = Credential::Environment { name: "OTHER".into() };
    store.set_credential(account.id, &credential).unwrap();
    assert_eq!(store.account(account.id).unwrap().credential, credential);
}

#[test]
fn an_account_goes_with_everything_of_it_and_nothing_else() {
    let (_folder, store, work) = with_account();
    let home = store.add_account(new_account("home"), now()).unwrap();
    for account in [&work, &home] {
        let reading = reading(now(), dec("5"), dec("7"));
        let id = store.insert_reading(account.id, &reading, "{\"n\":1}").unwrap();
        let moves = vec![still(FIVE_HOUR, None, now(), dec("5"))];
        store.record_analysis(account.id, id, &conclusion(moves, Some((now() - minutes(5), now())))).unwrap();
        store
            .record_failure(
                account.id,
                now(),
                &tidemark_core::Failure::new(tidemark_core::FailureKind::Timeout, "t"),
            )
            .unwrap();
        store.set_poll_state(account.id, &tidemark_store::PollState::default()).unwrap();
    }
    store.remove_account(work.id).unwrap();
    store.check_integrity().unwrap();
    assert_eq!(names(&store), ["home"]);
    let mut left = Vec::new();
    let all = ReadingQuery { account: None, from: now() - minutes(9), to: now() + minutes(9) };
    store
        .readings(&all, |stored| {
            left.push(stored.account);
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(left, [home.id]);
    assert!(matches!(store.remove_account(work.id), Err(StoreError::NoSuchAccount(_))));
    // A number is not given twice: a late click on an old notification must not open another's card.
    assert!(store.add_account(new_account("work"), now()).unwrap().id > home.id);
}

#[test]
fn settings_are_json_under_a_key() {
    let (folder, store) = empty();
    assert_eq!(store.setting::<u32>("poll_seconds").unwrap(), None);
    store.set_setting("poll_seconds", &300).unwrap();
    store.set_setting("poll_seconds", &600).unwrap();
    store.set_setting("language", &None::<String>).unwrap();
    drop(store);
    let store = Store::open(folder.path(), now()).unwrap();
    assert_eq!(store.setting::<u32>("poll_seconds").unwrap(), Some(600));
    assert_eq!(store.setting::<Option<String>>("language").unwrap(), Some(None));
    let error = store.setting::<Vec<u8>>("poll_seconds").unwrap_err();
    assert!(error.to_string().contains("poll_seconds"), "{error}");
    store.unset_setting("poll_seconds").unwrap();
    assert_eq!(store.setting::<u32>("poll_seconds").unwrap(), None);
}

/// A version that knows no account without a key reads it as one whose key was in memory.
#[test]
fn an_account_without_a_key_is_stored_as_older_versions_can_read_it() {
    let (folder, store) = empty();
    let new = NewAccount { credential: Credential::None {}, ..new_account("imported") };
    let added = store.add_account(new, now()).unwrap();
    assert_eq!(store.account(added.id).unwrap().credential, Credential::None {});
    let db = rusqlite::Connection::open(folder.path().join(tidemark_store::FILE_NAME)).unwrap();
    let stored: String = db.query_row("SELECT credential FROM account", [], |row| row.get(0)).unwrap();
    assert_eq!(stored, r#"{"kind":"this-run","handle":""}"#);
    store.set_credential(added.id, &Credential::ThisRun { handle: "h".to_owned() }).unwrap();
    assert_eq!(store.account(added.id).unwrap().credential, Credential::ThisRun { handle: "h".to_owned() });
}
