//! Who may see and do what: tried with plain SQL.

use tidemark_hub::{Role, UsageBy};
use tokio_postgres::Client;

use crate::machine::{Machine, sums, total};
use crate::team::{Person, Team};

/// A page of a machine's requests as its agent gives them: two requests of an account.
fn body(first: i64, user: &str) -> String {
    format!(
        r#"{{"epoch":"ab","from":0,"to":2,"messages":[],"coverage":[{{"client":"kimi-code","from":1,"to":2}}],
            "sources":[{{"number":1,"service":"kimi-code","region":"china","user":{{"quota":"{user}"}}}}],
            "requests":[
              {{"fingerprint":{first},"at":1775900000000,"source":1,"client":"kimi-code","model":"kimi-k3","input":10}},
              {{"fingerprint":{},"at":1775900000000,"source":1,"client":"kimi-code","model":"kimi-k3","output":5}}]}}"#,
        first + 1
    )
}

async fn gives(client: &Client, machine: &str, body: &str) -> i64 {
    let number: i64 = client
        .query_one("SELECT tidemark.machine_of($1, 'desk', '0.2.0')", &[&machine])
        .await
        .unwrap()
        .get(0);
    let place: Option<i64> =
        client.query_one("SELECT tidemark.push_requests($1, $2)", &[&number, &body]).await.unwrap().get(0);
    assert_eq!(place, Some(2));
    number
}

async fn count(client: &Client, from: &str) -> i64 {
    client.query_one(&format!("SELECT count(*) FROM {from}"), &[]).await.unwrap().get(0)
}

async fn refused(client: &Client, sql: &str) {
    let error = client.batch_execute(sql).await.expect_err(sql);
    let said = error.as_db_error().unwrap();
    assert_eq!(said.code().code(), "42501", "{sql}: {}", said.message());
}

/// Three members with two requests each: Ann and Bob on one account, Cleo on another.
async fn three(team: &Team) -> [Person; 3] {
    let people = [
        team.joins("Ann", Role::Member).await,
        team.joins("Bob", Role::Member).await,
        team.joins("Cleo", Role::Member).await,
    ];
    for (number, (person, user)) in people.iter().zip(["shared", "shared", "cleos"]).enumerate() {
        let machine = format!("{number:032x}");
        gives(&person.raw().await.client, &machine, &body(10 * i64::try_from(number).unwrap() + 10, user))
            .await;
    }
    people
}

const TABLES: [(&str, i64, i64); 9] = [
    // What a member of the three sees of each, and what an auditor does.
    ("tidemark.member", 1, 5),
    ("tidemark.machine", 1, 3),
    ("tidemark.place", 1, 3),
    ("tidemark.source", 1, 3),
    ("tidemark.account", 1, 2),
    ("tidemark.request", 2, 6),
    ("tidemark.coverage", 1, 3),
    ("tidemark.usage_hour", 1, 3),
    ("tidemark.usage_day", 1, 3),
];

#[tokio::test]
async fn a_member_sees_its_own_rows_and_an_auditor_all() {
    let team = Team::with_hub().await;
    let people = three(&team).await;
    let auditor = team.joins("Dan", Role::Auditor).await;
    let (ann, dan) = (people[0].raw().await, auditor.raw().await);
    for (table, members, auditors) in TABLES {
        assert_eq!(count(&ann.client, table).await, members, "{table}");
        assert_eq!(count(&dan.client, table).await, auditors, "{table}");
    }
    assert_eq!(count(&ann.client, "tidemark.hub").await, 1);
    let second = team.joins("Eli", Role::Owner).await.raw().await;
    assert_eq!(count(&second.client, "tidemark.request").await, 6);
    assert_eq!(count(&second.client, "tidemark.invitation").await, 5);
    assert_eq!(count(&dan.client, "tidemark.invitation").await, 0);
    // Without names: what the account of Ann and Bob used in all, and nothing of Cleo's.
    let totals = people[0].hub().await.account_usage(&tidemark_hub::UsageFilter::default()).await.unwrap();
    assert_eq!(totals.len(), 1);
    assert_eq!((totals[0].parts[0].requests, totals[0].parts[0].tokens.total()), (4, 30));
    assert_eq!(total(&people[0].hub().await).await, (2, 15));
    assert_eq!(sums(&people[0].hub().await, UsageBy::Member).await, [(Some("Ann".to_owned()), 2, 15)]);
    let all = auditor.hub().await.account_usage(&tidemark_hub::UsageFilter::default()).await.unwrap();
    assert_eq!(all.len(), 2);
}

#[tokio::test]
async fn no_query_of_a_member_reads_or_changes_what_is_anothers() {
    let team = Team::with_hub().await;
    let people = three(&team).await;
    let ann = people[0].raw().await;
    let client = &ann.client;
    let mine: i64 = client.query_one("SELECT tidemark.me()", &[]).await.unwrap().get(0);
    // By any way that reads a row: none has another's.
    for from in [
        format!("tidemark.request WHERE member <> {mine}"),
        "tidemark.request WHERE fingerprint IN (20, 21, 30, 31)".to_owned(),
        format!("tidemark.request AS one JOIN tidemark.request AS other USING (at) WHERE other.member <> {mine}"),
        format!("(SELECT * FROM tidemark.usage_day UNION SELECT * FROM tidemark.usage_day) AS u WHERE member <> {mine}"),
        "tidemark.account AS account WHERE NOT EXISTS (SELECT 1 FROM tidemark.source WHERE source.account = account.id)"
            .to_owned(),
        "pg_catalog.pg_stats WHERE schemaname = 'tidemark'".to_owned(),
    ] {
        assert_eq!(count(client, &from).await, 0, "{from}");
    }
    // A function of its own that says what it sees, and costs nothing: it is given no row that is another's.
    client
        .batch_execute(
            "CREATE FUNCTION pg_temp.spy(bigint) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS
               $$ BEGIN IF $1 NOT IN (10, 11) THEN RAISE EXCEPTION 'saw %', $1; END IF; RETURN true; END $$",
        )
        .await
        .unwrap();
    assert_eq!(count(client, "tidemark.request WHERE pg_temp.spy(fingerprint)").await, 2);
    client
        .batch_execute(
            "CREATE FUNCTION pg_temp.spy2(bigint) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS
               $$ BEGIN IF $1 <> 4 THEN RAISE EXCEPTION 'saw %', $1; END IF; RETURN true; END $$",
        )
        .await
        .unwrap();
    assert_eq!(count(client, "tidemark.account_day WHERE pg_temp.spy2(requests)").await, 1);

    for sql in [
        "SELECT * FROM tidemark.request_2026_04",
        "SELECT * FROM tidemark.request_rest",
        "SELECT * FROM tidemark.request_key",
        "SELECT * FROM tidemark.account_user",
        "SELECT * FROM tidemark.account_member",
        "SELECT * FROM tidemark.login",
        "SELECT * FROM tidemark.turn",
        "COPY tidemark.request_2026_04 TO STDOUT",
        "SELECT * FROM pg_catalog.pg_authid",
        "INSERT INTO tidemark.request SELECT * FROM tidemark.request",
        "UPDATE tidemark.request SET output = 0",
        "UPDATE tidemark.member SET role = 'owner'",
        "DELETE FROM tidemark.request",
        "TRUNCATE tidemark.usage_day",
        "INSERT INTO tidemark.member (name, role) VALUES ('x', 'owner')",
        "ALTER TABLE tidemark.request DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE tidemark.request ADD COLUMN spy bigint",
        "DROP POLICY own ON tidemark.request",
        "CREATE POLICY all_of_it ON tidemark.request USING (true)",
        "CREATE TABLE tidemark.mine (x bigint)",
        "CREATE TRIGGER spy AFTER INSERT ON tidemark.request EXECUTE FUNCTION pg_temp.spy()",
        "SET ROLE lin",
        "SET SESSION AUTHORIZATION lin",
        "CREATE ROLE eve SUPERUSER",
        "SELECT tidemark.count_usage('{10}', 1)",
        "SELECT tidemark.drop_copies('{20}', '{2}')",
        "SELECT tidemark.ensure_month('request', now())",
        "SELECT tidemark.account_of('kimi-code', 'china', '{\"quota\": \"cleos\"}')",
        "SELECT tidemark.member_or_refuse()",
        "SELECT tidemark.invite('x', 'y', 'z', 'owner', 1)",
    ] {
        refused(client, sql).await;
    }
    // Row-level security cannot be switched off for oneself either.
    client.batch_execute("SET row_security = off").await.unwrap();
    refused(client, "SELECT * FROM tidemark.request").await;
    client.batch_execute("RESET row_security").await.unwrap();
    // By the group's rights no one is anyone: who connected is what counts.
    let group: String = client.query_one("SELECT members FROM tidemark.hub", &[]).await.unwrap().get(0);
    client.batch_execute(&format!("SET ROLE {group}")).await.unwrap();
    assert_eq!(count(client, "tidemark.request").await, 2);
    client.batch_execute("RESET ROLE").await.unwrap();
    // An invitation cannot be made out of membership.
    let error = client.execute("SELECT tidemark.enter('x', 'y', 'z')", &[]).await.unwrap_err();
    assert_eq!(error.code().unwrap().code(), "TM001");

    // A row of another's by its number, in the functions that write.
    let others: i64 = 2;
    refused(client, &format!("SELECT tidemark.push_requests({others}, '{}')", body(50, "shared"))).await;
    refused(client, &format!("SELECT tidemark.push_facts({others}, '{{}}')")).await;
    // Names of tables and functions are not found in a schema of the member's first.
    client
        .batch_execute(
            "CREATE TEMP TABLE login (name text, member bigint); CREATE TEMP TABLE member (id bigint, role text, left_at timestamptz);
             INSERT INTO login VALUES (session_user, 2); INSERT INTO member VALUES (2, 'owner'), (1, 'owner');
             SET search_path = pg_temp, tidemark",
        )
        .await
        .unwrap();
    let me: i64 = client.query_one("SELECT tidemark.me()", &[]).await.unwrap().get(0);
    assert_eq!(me, mine);
    assert_eq!(count(client, "tidemark.request").await, 2);
}

#[tokio::test]
async fn whoever_is_no_member_sees_and_does_nothing() {
    let team = Team::with_hub().await;
    three(&team).await;
    let invitation = team.invite(Role::Owner).await;
    let text = invitation.to_text();
    // The role of an invitation that is not used, with all that it can do.
    let secret: String = {
        use secrecy::ExposeSecret as _;
        let body = text.expose_secret().split('.').nth(1).unwrap().to_owned();
        let bytes = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, body).unwrap();
        serde_json::from_slice::<serde_json::Value>(&bytes).unwrap()["secret"].as_str().unwrap().to_owned()
    };
    let invited = Person { url: invitation.url.clone(), password: secret.into() };
    team.sql("CREATE ROLE stranger LOGIN PASSWORD 'known'");
    let stranger = Person { url: team.url("stranger"), password: "known".to_owned().into() };
    let left = team.joins("Gone", Role::Auditor).await;
    let open = left.raw().await;
    left.hub().await.leave(tidemark_hub::Removed::No).await.unwrap();
    for connection in [invited.raw().await, stranger.raw().await, open] {
        for (table, ..) in TABLES {
            refused(&connection.client, &format!("SELECT * FROM {table}")).await;
        }
        refused(&connection.client, "SELECT * FROM tidemark.account_day").await;
        refused(&connection.client, "SELECT tidemark.machine_of('', '', '')").await;
        refused(&connection.client, "SELECT tidemark.remove_mine(1)").await;
    }
}

#[tokio::test]
async fn what_a_member_gives_cannot_break_the_hub() {
    let team = Team::with_hub().await;
    let people = three(&team).await;
    let (ann, bob) = (people[0].raw().await, people[1].raw().await);
    let number: i64 = ann.client.query_one("SELECT id FROM tidemark.machine", &[]).await.unwrap().get(0);
    let page = |requests: &str| format!(r#"{{"epoch":"cd","from":0,"to":1,"requests":{requests}}}"#);
    for body in [
        "",
        "[]",
        "null",
        "{",
        r#"{"epoch":7}"#,
        r#"{"from":"x"}"#,
        r#"{"epoch":"ab","from":0}"#,
        r#"{"epoch":"ab","from":-1,"to":99999999999999999999}"#,
        &page("7"),
        &page(r#"[{"fingerprint":"x"}]"#),
        &page(r#"[{"fingerprint":99999999999999999999,"at":1}]"#),
        &format!(r#"{{"epoch":"{}"}}"#, "x".repeat(9_000_000)),
    ] {
        // Refused, or nothing of it taken: an error or a place, and never a broken connection.
        let _ = ann.client.query_one("SELECT tidemark.push_requests($1, $2)", &[&number, &body]).await;
        let _ = ann.client.query_one("SELECT tidemark.push_facts($1, $2)", &[&number, &body]).await;
        assert!(!ann.client.is_closed());
    }
    let before = total(&team.owner().hub().await).await;
    assert_eq!(before, (6, 45));
    // Counts that are none are passed over; what is too long is cut; another's request stays another's.
    let long = "x".repeat(100_000);
    let requests = format!(
        r#"[{{"fingerprint":90,"at":1775900000000,"client":"{long}","model":"{long}","project":"{long}","input":1}},
            {{"fingerprint":91,"at":1775900000000,"client":"c","model":"m","input":-1}},
            {{"fingerprint":92,"at":1775900000000,"client":"c","model":"m","output":9000000000000000000}},
            {{"fingerprint":93,"at":-5,"client":"c","model":"m"}},
            {{"fingerprint":20,"at":1775900000000,"client":"c","model":"m","input":1}}]"#
    );
    let place: Option<i64> = ann
        .client
        .query_one("SELECT tidemark.push_requests($1, $2)", &[&number, &page(&requests)])
        .await
        .unwrap()
        .get(0);
    assert_eq!(place, Some(1));
    assert_eq!(total(&team.owner().hub().await).await, (7, 46));
    assert_eq!(count(&bob.client, "tidemark.request WHERE fingerprint = 20 AND input = 10").await, 1);
    let mut machine = Machine::new("desk");
    machine.uses([1], 0);
    machine.gives(&people[0].hub().await).await.unwrap();
}
