//! One audit for each account, over what all members gave: the same for everybody, and never by two at once.

use std::process::{Command, Stdio};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Timelike as _, Utc};
use tidemark_core::audit::{Price, Prices, TokenRates};
use tidemark_core::replay::Replay;
use tidemark_core::wire::{ReadingRecord, Record};
use tidemark_core::{Finding, FindingKind};
use tidemark_hub::{AuditPart, Audited, Hub, LEASE, Role, audit};
use tidemark_kimi::PublicPrices;

use crate::facts::{account, reading};
use crate::machine::Machine;
use crate::postgres::PASSWORD;
use crate::team::{Person, Team};

/// Hours ago, by whole seconds.
fn begin() -> DateTime<Utc> {
    (Utc::now() - TimeDelta::hours(6)).with_nanosecond(0).unwrap()
}

/// A quota that moves by a point now and then, and is emptied at once in the end.
const EMPTIED: &[i64] = &[10, 10, 11, 11, 12, 12, 12, 13, 13, 13, 14, 14, 14, 100, 100, 100, 100];

/// Readings every five minutes.
fn polls(machine: &Machine, user: &str, from: DateTime<Utc>, percents: &[i64]) {
    let name = format!("{user} {}", from.timestamp());
    let account = account(machine, &name);
    for (number, percent) in (0..).zip(percents) {
        let at = from + TimeDelta::minutes(5 * number);
        machine.store.insert_reading(account.id, &reading(at, *percent, Some(user)), "{}").unwrap();
    }
}

async fn audited(hub: &Hub, holder: &str) -> Audited {
    audit(hub, holder, Duration::ZERO, &PublicPrices, AuditPart::default()).await.unwrap()
}

/// What a person sees of the audits.
async fn verdicts(person: &Person) -> Vec<(String, String, DateTime<Utc>)> {
    let raw = person.raw().await;
    let sql =
        "SELECT kind, class, detected_at FROM tidemark.verdict ORDER BY account, detected_at, kind, class";
    let rows = raw.client.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

fn anomalies(found: &[(String, String, DateTime<Utc>)]) -> usize {
    found.iter().filter(|(kind, ..)| kind == "anomaly").count()
}

#[tokio::test]
async fn an_audit_finds_what_a_replay_of_the_same_readings_finds_and_everybody_sees_it() {
    let team = Team::with_hub().await;
    let (ann, bob) = (team.joins("Ann", Role::Member).await, team.joins("Bob", Role::Member).await);
    let eve = team.joins("Eve", Role::Auditor).await;
    let (hers, his) = (Machine::new("hers"), Machine::new("his"));
    let begin = begin();
    polls(&hers, "lin", begin, EMPTIED);
    hers.gives(&ann.hub().await).await.unwrap();
    his.gives(&bob.hub().await).await.unwrap();

    assert_eq!(audited(&ann.hub().await, "ann").await, Audited::default(), "a member does not see all");
    let first = audited(&eve.hub().await, "eve").await;
    assert_eq!((first.accounts, first.held_for), (1, None));
    let mut expected: Vec<Finding> = Vec::new();
    let mut replay = Replay::new();
    for (number, percent) in (0..).zip(EMPTIED) {
        let reading = reading(begin + TimeDelta::minutes(5 * number), *percent, Some("lin"));
        replay.take(Record::Reading(ReadingRecord::new(&reading, None)), &PublicPrices, |_, finding| {
            expected.push(finding.clone());
        });
    }
    assert!(expected.iter().any(|finding| matches!(finding.kind, FindingKind::Anomaly(_))), "{expected:?}");
    let found = verdicts(&ann).await;
    assert_eq!(found.len(), expected.len(), "{found:?} {expected:?}");
    assert_eq!((anomalies(&found), first.findings), (1, found.len() as u64));
    for person in [&eve, &team.owner()] {
        assert_eq!(verdicts(person).await, found);
    }
    assert_eq!(verdicts(&bob).await, [], "he does not use that account");
    let taken = ann.hub().await.verdicts(0).await.unwrap();
    assert_eq!(taken.found.len(), found.len());
    let newest = ann.hub().await.newest_verdicts(1).await.unwrap();
    assert_eq!((newest.found.len(), &newest.accounts), (1, &taken.accounts));
    assert!(taken.found.contains(&newest.found[0]));
    assert_eq!(ann.hub().await.verdicts(taken.turn).await.unwrap().found, []);
    // The hub is set back to a backup, and what it finds since has lower numbers.
    assert_eq!(ann.hub().await.verdicts(taken.turn + 100).await.unwrap(), taken);
    assert!(taken.found[0].finding.explanation.is_empty(), "figures, no words");
    let user = reading(begin, 1, Some("lin")).user;
    let known = taken.accounts.values().next().unwrap();
    assert!(known.is_of(tidemark_core::Source::KimiCode, tidemark_core::Region::China, &user));
    assert!(known.audited_until.is_some());

    // Nothing is new; and all of it concluded again by another agent is the same.
    assert_eq!(audited(&team.owner().hub().await, "lin").await, Audited::default());
    team.sql("UPDATE tidemark.audit SET state = NULL, version = NULL, read_at = NULL, turn = 0");
    assert_eq!(audited(&team.owner().hub().await, "lin").await.accounts, 1);
    assert_eq!(verdicts(&ann).await, found);
    // A state that this version cannot read is made again, and nothing is found twice or a second time.
    team.sql("UPDATE tidemark.audit SET state = '{}', read_at = read_at - interval '10 minutes'");
    assert_eq!(audited(&eve.hub().await, "eve").await.accounts, 1);
    assert_eq!(verdicts(&ann).await, found);
}

/// A dollar for a million tokens.
struct OnePrice;

impl Prices for OnePrice {
    fn price(&self, _: Option<&str>, at: DateTime<Utc>) -> Option<Price> {
        Some(self.dearest(at))
    }

    fn dearest(&self, _: DateTime<Utc>) -> Price {
        let rates =
            TokenRates { cache_read: 0.2, input: 1.0, cache_write: 1.0, cache_write_1h: 2.0, output: 4.0 };
        Price { usd: Some(rates), cny: None }
    }
}

/// Requests of a member's machine of a million tokens each, at such minutes since a time, given in a turn.
fn used(team: &Team, member: &str, from: DateTime<Utc>, minutes: &str, (millions, turn): (i64, i64)) {
    team.sql(&format!(
        "INSERT INTO tidemark.source (machine, number, service, region, account)
           SELECT machine.id, 0, 'kimi-code', 'china', (SELECT min(id) FROM tidemark.account)
           FROM tidemark.machine JOIN tidemark.member ON member.id = machine.member WHERE member.name = '{member}'
           ON CONFLICT DO NOTHING;
         INSERT INTO tidemark.coverage (machine, member, client, start, until)
           SELECT machine.id, member.id, 'kimi-code', '{0}', now()
           FROM tidemark.machine JOIN tidemark.member ON member.id = machine.member WHERE member.name = '{member}'
           ON CONFLICT DO NOTHING;
         INSERT INTO tidemark.request (at, fingerprint, machine, member, source, client, model, project, input,
             cache_read, cache_write, cache_write_1h, output, turn, first_at)
           SELECT made.at, made.minute + {turn} * 100000, machine.id, member.id, 0, 'kimi-code', 'kimi-k3', '', {millions} * 1000000,
             0, 0, 0, 0, {turn}, made.at
           FROM tidemark.machine JOIN tidemark.member ON member.id = machine.member
           CROSS JOIN LATERAL (SELECT minute, '{0}'::timestamptz + minute * interval '1 minute' AS at FROM {minutes}) AS made
           WHERE member.name = '{member}';
         UPDATE tidemark.turn SET taken = greatest(taken, {turn});",
        from.to_rfc3339(),
    ));
}

#[tokio::test]
async fn usage_of_all_members_counts_and_late_usage_withdraws_for_everybody() {
    let team = Team::with_hub().await;
    let (ann, bob) = (team.joins("Ann", Role::Member).await, team.joins("Bob", Role::Member).await);
    let (hers, his) = (Machine::new("hers"), Machine::new("his"));
    // Some days in which a dollar is a point, and then the quota is emptied at once.
    let percents: Vec<i64> = (0..1000).map(|poll| (poll + 10) / 20).chain([100]).collect();
    let begin = begin() - TimeDelta::minutes(5 * 1000);
    polls(&hers, "lin", begin, &percents);
    hers.gives(&ann.hub().await).await.unwrap();
    his.gives(&bob.hub().await).await.unwrap();
    used(&team, "Ann", begin, "generate_series(48, 4998, 100) AS minute", (1, 50));
    let owner = team.owner().hub().await;
    let audited =
        async || audit(&owner, "lin", Duration::ZERO, &OnePrice, AuditPart::default()).await.unwrap();
    assert_eq!(audited().await.accounts, 1);
    let found = verdicts(&ann).await;
    assert_eq!(anomalies(&found), 1, "{found:?}: her usage explains all but the end");
    // His laptop was away.
    used(&team, "Bob", begin, "generate_series(4997, 4997) AS minute", (80, 60));
    assert_eq!(audited().await.accounts, 1, "without any new reading");
    let found = verdicts(&ann).await;
    assert_eq!(found.iter().filter(|(kind, ..)| kind == "withdrawn").count(), 1, "{found:?}");
    assert_eq!(verdicts(&team.owner()).await, found);
    assert_eq!(audited().await, Audited::default(), "it is taken once");

    // In the smallest parts it is the same, whether usage came in time or late, and however much at once.
    for (readings, requests) in [(7, 200), (200, 3), (2, 2)] {
        team.sql(
            "UPDATE tidemark.audit SET state = NULL, version = NULL, read_at = NULL, turn = 0, reader = NULL",
        );
        let part = AuditPart { readings, requests };
        assert_eq!(audit(&owner, "lin", Duration::ZERO, &OnePrice, part).await.unwrap().accounts, 1);
        let again = verdicts(&ann).await;
        assert_eq!(again, found, "{part:?}");
    }
    let late = "generate_series(48, 4998, 100) AS minute";
    used(&team, "Bob", begin + TimeDelta::seconds(30), late, (1, 70));
    let part = AuditPart { readings: 200, requests: 3 };
    assert_eq!(audit(&owner, "lin", Duration::ZERO, &OnePrice, part).await.unwrap().accounts, 1);
    assert_eq!(audited().await, Audited::default(), "all that became known of before was taken");
    // Since he uses the account as well, he is notified.
    team.sql("INSERT INTO tidemark.account_member SELECT member.id, account.id FROM tidemark.member, tidemark.account
        WHERE name = 'Bob'");
    assert_eq!(verdicts(&bob).await, found);
}

#[tokio::test]
async fn what_no_version_understands_holds_up_no_audit_whatever_time_it_says() {
    let team = Team::with_hub().await;
    let ann = team.joins("Ann", Role::Member).await;
    let hers = Machine::new("hers");
    let begin = begin();
    polls(&hers, "lin", begin, EMPTIED);
    hers.gives(&ann.hub().await).await.unwrap();
    let made = |line: &str, at: &str| {
        format!(
            "INSERT INTO tidemark.reading (machine, member, account, at, line)
             SELECT machine, member, account, {at}, {line} FROM tidemark.reading ORDER BY at DESC LIMIT 1"
        )
    };
    team.sql(&made("'{}'", "at + interval '5 minutes'"));
    let owner = team.owner().hub().await;
    assert_eq!(audited(&owner, "lin").await.accounts, 1);
    assert_eq!(audited(&owner, "lin").await, Audited::default(), "the last one is passed over");
    // A member’s line of another time than its row’s.
    team.sql(&made(
        "replace(line::text, 'T', 'T')::jsonb || '{\"at\":\"2100-01-01T00:00:00Z\"}'",
        "at + interval '5 minutes'",
    ));
    assert_eq!(audited(&owner, "lin").await.accounts, 1);
    assert_eq!(audited(&owner, "lin").await, Audited::default());
}

#[tokio::test]
async fn logs_of_a_member_who_left_are_not_waited_for() {
    let team = Team::with_hub().await;
    let (ann, bob) = (team.joins("Ann", Role::Member).await, team.joins("Bob", Role::Member).await);
    let (hers, his) = (Machine::new("hers"), Machine::new("his"));
    // Some days in which a dollar is a point, and then more is deducted than she used.
    let percents: Vec<i64> = (0..1000).map(|poll| (poll + 10) / 20).chain([90, 90, 90, 90]).collect();
    let begin = begin() - TimeDelta::minutes(5 * 1000);
    polls(&hers, "lin", begin, &percents);
    hers.gives(&ann.hub().await).await.unwrap();
    his.gives(&bob.hub().await).await.unwrap();
    used(&team, "Ann", begin, "generate_series(48, 4998, 100) AS minute", (1, 50));
    // His laptop has been away since some hours before.
    used(&team, "Bob", begin, "generate_series(10, 10) AS minute", (0, 51));
    team.sql(
        "UPDATE tidemark.coverage SET until = start + interval '4700 minutes' FROM tidemark.member
         WHERE member.id = coverage.member AND member.name = 'Bob'",
    );
    let owner = team.owner().hub().await;
    let confidence = async || {
        team.sql(
            "DELETE FROM tidemark.verdict;
             UPDATE tidemark.audit SET state = NULL, version = NULL, read_at = NULL, turn = 0, reader = NULL",
        );
        audit(&owner, "lin", Duration::ZERO, &OnePrice, AuditPart::default()).await.unwrap();
        let found = ann.hub().await.verdicts(0).await.unwrap().found;
        let anomaly = found.into_iter().map(|one| one.finding).find(|found| found.anomaly().is_some());
        anomaly.expect("more was deducted than she used").confidence
    };
    let waiting = confidence().await;
    team.sql("UPDATE tidemark.member SET left_at = now() WHERE name = 'Bob'");
    let alone = confidence().await;
    assert!(waiting < alone, "his logs might have explained it: {waiting}, {alone}");
}

#[tokio::test]
async fn a_request_is_taken_once_whatever_machines_hold_it_and_with_what_it_grew_by() {
    let team = Team::with_hub().await;
    let (ann, bob) = (team.joins("Ann", Role::Member).await, team.joins("Bob", Role::Member).await);
    let (mut hers, mut his) = (Machine::new("hers"), Machine::new("his"));
    let uses = "INSERT INTO tidemark.account (id, service, region) VALUES (1, 'kimi-code', 'china')
        ON CONFLICT DO NOTHING;
      INSERT INTO tidemark.source (machine, number, service, region, account)
        SELECT id, 0, 'kimi-code', 'china', 1 FROM tidemark.machine ON CONFLICT DO NOTHING";
    let owner = team.owner().raw().await;
    let sum = async |after: i64| -> (i64, i64, i64) {
        let sql = "SELECT count(*), coalesce(sum(used_input + used_output), 0)::bigint, (SELECT taken FROM tidemark.turn)
          FROM tidemark.audit_usage(1, '-infinity', $1, 'infinity', 9999, 1000)";
        // The number of the last turn is no one's to see but the tables' owner's, who this is.
        let late = sql.replace("'-infinity'", "'2026-05-01T00:00:00Z'");
        let sql = if after > 0 { late.as_str() } else { sql };
        let row = owner.client.query_one(sql, &[&after]).await.unwrap();
        (row.get(0), row.get(1), row.get(2))
    };
    // Numbers that three divides can grow; each is of 5 tokens and as many as its number.
    hers.uses([1, 3], 0);
    hers.gives(&ann.hub().await).await.unwrap();
    team.sql(uses);
    let (count, tokens, first) = sum(0).await;
    assert_eq!((count, tokens), (2, 14));
    his.uses([1, 2], 0);
    his.gives(&bob.hub().await).await.unwrap();
    team.sql(uses);
    let (count, tokens, second) = sum(first).await;
    assert_eq!((count, tokens), (1, 7), "his other one is known from hers");
    hers.uses([3], 100);
    hers.gives(&ann.hub().await).await.unwrap();
    let (count, tokens, third) = sum(second).await;
    assert_eq!((count, tokens), (1, 100), "what it grew by");
    assert_eq!(sum(third).await.1, 0);
    let (count, tokens, _) = sum(0).await;
    assert_eq!((count, tokens), (4, 14 + 7 + 100), "in all, as it became known");
}

#[tokio::test]
async fn two_auditors_never_conclude_at_once_and_one_that_is_killed_is_replaced() {
    let team = Team::with_hub().await;
    let ann = team.joins("Ann", Role::Member).await;
    let eve = team.joins("Eve", Role::Auditor).await;
    let hers = Machine::new("hers");
    let begin = begin();
    for number in 0..6 {
        polls(&hers, &format!("user {number}"), begin + TimeDelta::seconds(number), EMPTIED);
    }
    hers.gives(&ann.hub().await).await.unwrap();

    // A process takes an audit and is killed in the middle of its transaction after that.
    let mut other = Command::new("psql")
        .env("PGPASSWORD", PASSWORD)
        .args([
            "-h",
            "127.0.0.1",
            "-p",
            &team.server.port.to_string(),
            "-U",
            "owner",
            "-d",
            &team.database,
            "-qAt",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The server's administrator is a member here, so that it can audit from a shell.
    team.sql(
        "INSERT INTO tidemark.login SELECT 'owner', id, false FROM tidemark.member WHERE role = 'owner'",
    );
    {
        use std::io::{BufRead as _, Write as _};
        let input = other.stdin.as_mut().unwrap();
        let sql = "SELECT account FROM tidemark.claim_audit('killed', 99, 0, 30);\nBEGIN;\n\\echo begun\n";
        input.write_all(sql.as_bytes()).unwrap();
        input.flush().unwrap();
        let mut lines = std::io::BufReader::new(other.stdout.as_mut().unwrap()).lines();
        assert_ne!(lines.next().unwrap().unwrap(), "", "it has one");
        assert_eq!(lines.next().unwrap().unwrap(), "begun");
    }
    other.kill().unwrap();
    other.wait().unwrap();

    // Two agents at once take the others, each once.
    let (one, two) = (eve.hub().await, team.owner().hub().await);
    let (by_eve, by_lin) = tokio::join!(audited(&one, "eve"), audited(&two, "lin"));
    assert_eq!(by_eve.accounts + by_lin.accounts, 5, "{by_eve:?} {by_lin:?}");
    assert_eq!(anomalies(&verdicts(&ann).await), 5);
    let held_for = by_eve.held_for.or(by_lin.held_for).unwrap();
    assert!(held_for <= LEASE, "{held_for:?}: within a minute, with the agents' own pace");
    // Its time is over.
    team.sql("UPDATE tidemark.audit SET held_until = clock_timestamp() WHERE holder = 'killed'");
    assert_eq!(audited(&one, "eve").await.accounts, 1);
    assert_eq!(anomalies(&verdicts(&ann).await), 6);

    // One that was only stopped, and goes on too late, writes nothing.
    let raw = team.owner().raw().await;
    let late = "SELECT tidemark.conclude((SELECT min(account) FROM tidemark.audit), 'killed', 99, 'nonsense', NULL, now(), 0,
        '[]', true, 30)";
    let wrote: bool = raw.client.query_one(late, &[]).await.unwrap().get(0);
    assert!(!wrote);
    let nonsense = "SELECT count(*) FROM tidemark.audit WHERE state = 'nonsense' OR version = 99";
    let nonsense: i64 = raw.client.query_one(nonsense, &[]).await.unwrap().get(0);
    assert_eq!(nonsense, 0);
    // An older version leaves what it cannot go on from to newer ones.
    team.sql("UPDATE tidemark.audit SET version = 99, read_at = read_at - interval '1 hour'");
    assert_eq!(audited(&one, "eve").await.accounts, 0);
}

#[tokio::test]
async fn only_who_sees_all_can_audit_by_any_sql() {
    let team = Team::with_hub().await;
    let ann = team.joins("Ann", Role::Member).await.raw().await;
    for sql in [
        "SELECT tidemark.claim_audit('ann', 1, 0, 30)",
        "SELECT tidemark.audit_usage(1, now(), 0, now(), 1, 1)",
        "SELECT tidemark.conclude(1, 'ann', 1, '{}', NULL, now(), 0, '[]', true, 30)",
        "INSERT INTO tidemark.verdict VALUES (1, 'anomaly', '', '', now(), '{}', 1)",
        "UPDATE tidemark.audit SET held_until = NULL",
        "DELETE FROM tidemark.verdict",
    ] {
        let error = ann.client.batch_execute(sql).await.unwrap_err();
        assert_eq!(error.code().map(tokio_postgres::error::SqlState::code), Some("42501"), "{sql}: {error}");
    }
    let seen: i64 = ann.client.query_one("SELECT count(*) FROM tidemark.audit", &[]).await.unwrap().get(0);
    assert_eq!(seen, 0);
}
