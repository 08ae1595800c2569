//! The account that a click on a notification leads to, kept in the notification's own id: it outlives the agent that
//! showed it.

use std::sync::atomic::{AtomicU32, Ordering};

/// What every id begins with; the account's number follows.
const PREFIX: &str = "account-";

/// An id that no other notification has. A later one with the same id would take its place.
pub(super) fn new(account: Option<i64>, now_ms: i64) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let account = account.map_or_else(|| "none".to_owned(), |account| account.to_string());
    format!("{PREFIX}{account}.{now_ms}.{number}")
}

/// The account in an id of this program's; `None` where there is none in it.
pub(super) fn account(id: &str) -> Option<i64> {
    id.strip_prefix(PREFIX)?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_its_account_and_is_unlike_any_other() {
        let (one, two) = (new(Some(7), 1), new(Some(7), 1));
        assert_ne!(one, two);
        assert_eq!((account(&one), account(&two)), (Some(7), Some(7)));
        assert_eq!(account(&new(None, 1)), None);
        for other in ["", "7", "account-", "account-x.1", "other-7.1"] {
            assert_eq!(account(other), None, "{other}");
        }
    }
}
