//! Single requests and readings are kept for some months; sums stay.

use tidemark_hub::{ProblemKind, Role};

use crate::machine::{Machine, total};
use crate::team::Team;

/// Rows in a month of requests that is long over, one that no right clock says, and one of now.
const REQUESTS: &str =
    "SELECT (SELECT count(*) FROM tidemark.request), (SELECT count(*) FROM tidemark.request_key),
    (SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname ~ '^request_20[0-9]{2}_[0-9]{2}$')";

#[tokio::test]
async fn what_is_old_is_pruned_once_and_its_sums_stay() {
    let team = Team::with_hub().await;
    let member = team.joins("Ann", Role::Member).await;
    let hub = member.hub().await;
    let mut machine = Machine::new("desk");
    // One a week, from April on, and one before any month has a table of its own.
    machine.uses((0..26).map(|week| week * 1440), 0);
    machine.gives(&hub).await.unwrap();
    team.sql("UPDATE tidemark.request_key SET at = '2019-05-01' WHERE fingerprint = (SELECT max(fingerprint) FROM tidemark.request_key);
        UPDATE tidemark.request SET at = '2019-05-01' WHERE fingerprint = (SELECT max(fingerprint) FROM tidemark.request)");
    let before = total(&hub).await;
    let raw = team.administrator().raw().await;
    let rows = async || -> (i64, i64, i64) {
        let row = raw.client.query_one(REQUESTS, &[]).await.unwrap();
        (row.get(0), row.get(1), row.get(2))
    };
    assert_eq!(rows().await.0, 26);
    assert_eq!(hub.prune().await.unwrap(), 0, "no one said how long");
    assert_eq!(hub.keep(Some(3)).await.unwrap_err().kind, ProblemKind::NotAllowed);
    let owner = team.owner().hub().await;
    owner.keep(Some(3)).await.unwrap();
    assert_eq!(owner.keep_months().await.unwrap(), Some(3));

    // Any agent does so; while one does, the others find it taken.
    raw.client.batch_execute("BEGIN; SELECT 1 FROM tidemark.hub FOR UPDATE").await.unwrap();
    assert_eq!(hub.prune().await.unwrap(), 0);
    raw.client.batch_execute("COMMIT").await.unwrap();
    assert!(hub.prune().await.unwrap() > 0);
    let sql = "SELECT count(*) FILTER (WHERE at < date_trunc('month', now(), 'UTC') - interval '3 months') FROM tidemark.request";
    let old: i64 = raw.client.query_one(sql, &[]).await.unwrap().get(0);
    let (requests, keys, months) = rows().await;
    assert_eq!((old, requests), (0, keys));
    assert!(requests < 26, "{requests}");
    assert!(months <= 4, "{months}");
    assert_eq!(total(&hub).await, before, "by hour and day all of it is there");
    assert_eq!(hub.prune().await.unwrap(), 0, "once a day");
    assert_eq!(owner.prune().await.unwrap(), 0);

    // A history that is set back gives all of it again: what is forgotten is not counted twice.
    let again = machine.copied();
    team.sql("UPDATE tidemark.place SET place = 0");
    again.gives(&hub).await.unwrap();
    assert_eq!(total(&hub).await, before);
    owner.keep(None).await.unwrap();
    assert_eq!((owner.keep_months().await.unwrap(), hub.prune().await.unwrap()), (None, 0));
}
