//! An account of which the service reports no quota: said, not left blank.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use chrono::{TimeDelta, Utc};
use common::Home;
use tidemark_core::{Credential, Reading, Region, Source};
use tidemark_store::{NewAccount, Store};

#[test]
fn an_account_without_quotas_says_that_none_is_reported() {
    let home = Home::new();
    let now = Utc::now();
    let store = Store::open(&home.data_dir(), now).unwrap();
    let new = NewAccount {
        name: "free".to_owned(),
        source: Source::KimiCode,
        region: Region::China,
        base_url: None,
        credential: Credential::Environment { name: "NO_SUCH_KEY_HERE".to_owned() },
    };
    let account = store.add_account(new, now).unwrap();
    let reading = Reading::new(now - TimeDelta::minutes(1), Source::KimiCode, Region::China);
    store.insert_reading(account.id, &reading, "{}").unwrap();
    for (language, said) in
        [("en", "No quota is reported. A free plan has none."), ("zh-CN", "没有任何额度。")]
    {
        let ended = home.run(&["status", "--lang", language]);
        assert!(ended.status == 0 && ended.out.contains(said), "{}{}", ended.out, ended.err);
    }
}
