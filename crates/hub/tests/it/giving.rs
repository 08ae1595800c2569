//! Giving what is new: nothing is lost, and nothing counts twice.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use tidemark_hub::{Hub, ProblemKind, Removed, Role, UsageBy, UsageFilter, outbox};
use tidemark_machines::ShareProjects;

use crate::cut_line::{Way, cut_after};
use crate::machine::{Machine, sums, total};
use crate::team::Team;

/// Tokens of requests of these numbers.
fn tokens(numbers: impl IntoIterator<Item = u64>) -> u64 {
    numbers.into_iter().map(|number| number + 5).sum()
}

#[tokio::test]
async fn what_is_given_is_counted_by_day_model_program_and_project() {
    let team = Team::with_hub().await;
    let hub = team.joins("Ann", Role::Member).await.hub().await;
    let mut machine = Machine::new("desk");
    // From half past six in Shanghai on, every seven minutes.
    machine.uses(0..200, 0);
    let given = machine.gives(&hub).await.unwrap();
    assert_eq!(given.requests, 200);
    let days = sums(&hub, UsageBy::Day).await;
    let day = |day: &str, numbers: std::ops::Range<u64>| {
        (Some(day.to_owned()), numbers.end - numbers.start, tokens(numbers))
    };
    assert_eq!(days, [day("2026-04-12", 0..150), day("2026-04-13", 150..200)]);
    let all = |key: &str| vec![(Some(key.to_owned()), 200, tokens(0..200))];
    assert_eq!(sums(&hub, UsageBy::Month).await, all("2026-04"));
    assert_eq!(sums(&hub, UsageBy::Model).await, all("kimi-k3"));
    assert_eq!(sums(&hub, UsageBy::Client).await, all("claude-code"));
    assert_eq!(sums(&hub, UsageBy::Member).await, all("Ann"));
    assert_eq!(sums(&hub, UsageBy::Machine).await, all(&machine.own.id[..8]), "its name is not shared");
    assert_eq!(sums(&hub, UsageBy::Project).await, [(None, 200, tokens(0..200))]);
    let one = "2026-04-13".parse().ok();
    let filter = UsageFilter { from: one, to: one, cuts: Vec::new() };
    assert_eq!(hub.usage(UsageBy::Month, &filter).await.unwrap()[0].parts[0].requests, 50);
    let cuts = vec!["2026-04-13".parse().unwrap()];
    let parts =
        &hub.usage(UsageBy::Month, &UsageFilter { cuts, ..UsageFilter::default() }).await.unwrap()[0].parts;
    assert_eq!(parts.iter().map(|part| part.requests).collect::<Vec<_>>(), [150, 50]);

    // Once it shares names, what is given from then on has them.
    machine.uses([500], 0);
    let giving = tidemark_hub::Giving {
        shares_name: true,
        projects: ShareProjects::But(tidemark_core::project_filter::HiddenProjects::default()),
        ..machine.giving()
    };
    tidemark_hub::sync(&hub, &machine.store, &giving).await.unwrap();
    assert_eq!(sums(&hub, UsageBy::Machine).await[0].0.as_deref(), Some("desk"));
    let projects = sums(&hub, UsageBy::Project).await;
    assert_eq!(projects[1], (Some("/work/secret boat".to_owned()), 1, 505));
    let status = hub.status().await.unwrap();
    assert_eq!((status.machines[0].name.as_str(), status.machines[0].member.as_str()), ("desk", "Ann"));
}

#[tokio::test]
async fn a_request_of_which_more_is_said_later_counts_once() {
    let team = Team::with_hub().await;
    let hub = team.owner().hub().await;
    let mut machine = Machine::new("desk");
    machine.uses([3, 4], 0);
    machine.gives(&hub).await.unwrap();
    assert_eq!(total(&hub).await, (2, tokens([3, 4])));
    machine.uses([3], 1000);
    machine.gives(&hub).await.unwrap();
    assert_eq!(total(&hub).await, (2, tokens([3, 4]) + 1000));
    // Its first record did not name it.
    machine.streams(70_000, false, 9);
    machine.gives(&hub).await.unwrap();
    assert_eq!(total(&hub).await.0, 3);
    machine.streams(70_000, true, 40);
    machine.gives(&hub).await.unwrap();
    assert_eq!(total(&hub).await, (3, tokens([3, 4]) + 1040));
}

#[tokio::test]
async fn a_line_that_breaks_anywhere_loses_nothing_and_doubles_nothing() {
    let team = Team::with_hub().await;
    let member = team.joins("Ann", Role::Member).await;
    let mut machine = Machine::new("desk");
    machine.uses(0..2500, 0);
    // First while it asks: the server does not hear all of it. Then while it is answered, a little later each time, until
    // all is done: the server has done what was asked, and this side does not know.
    let there = [2_000, 60_000, 260_000].map(|bytes| (Way::There, bytes));
    let back = (300..6_000).step_by(70).map(|bytes| (Way::Back, bytes));
    let mut broken = 0;
    for (way, bytes) in there.into_iter().chain(back) {
        let url = cut_after(&member.url, way, bytes).await;
        let cut = match Hub::open(&url, Some(&member.password)).await {
            Ok(hub) => machine.gives(&hub).await.map(drop),
            Err(problem) => Err(problem),
        };
        let (requests, _) = total(&member.hub().await).await;
        match cut {
            Ok(()) => break,
            Err(problem) => assert_eq!(problem.kind, ProblemKind::Unreachable, "{problem}"),
        }
        broken += 1;
        // A page ends after 500 requests that one record describes, or 500 states of others.
        assert!([0, 500, 1000, 1500, 2166, 2500].contains(&requests), "{way:?} {bytes}: {requests}");
    }
    assert!(broken > 8, "{broken}");
    let hub = member.hub().await;
    machine.gives(&hub).await.unwrap();
    assert_eq!(total(&hub).await, (2500, tokens(0..2500)));
    assert_eq!(machine.gives(&hub).await.unwrap().requests, 0);
    assert_eq!(total(&hub).await, (2500, tokens(0..2500)));
}

#[tokio::test]
async fn two_processes_of_one_machine_and_other_machines_at_once() {
    let team = Team::with_hub().await;
    let (ann, bob) = (team.joins("Ann", Role::Member).await, team.joins("Bob", Role::Member).await);
    let (mut hers, mut his) = (Machine::new("hers"), Machine::new("his"));
    hers.uses(0..2200, 0);
    // A home that is synced between them.
    his.uses(0..2200, 0);
    let same = hers.copied();
    let (one, two, three) = (ann.hub().await, ann.hub().await, bob.hub().await);
    let (a, b, c) = tokio::join!(hers.gives(&one), same.gives(&two), his.gives(&three));
    for given in [a, b, c] {
        given.unwrap();
    }
    let owner = team.owner().hub().await;
    assert_eq!(total(&owner).await, (2200, tokens(0..2200)));
    let both = total(&one).await.0 + total(&three).await.0;
    assert_eq!(both, 2200, "each is one member's");
}

#[tokio::test]
async fn a_history_that_is_set_back_is_given_again_and_counts_once() {
    let team = Team::with_hub().await;
    let hub = team.owner().hub().await;
    let mut machine = Machine::new("desk");
    machine.uses(0..10, 0);
    machine.gives(&hub).await.unwrap();
    let mut before = machine.copied();
    machine.uses(10..30, 0);
    machine.gives(&hub).await.unwrap();
    // The disk is set back, and logs hold something else since.
    before.uses(40..45, 0);
    before.gives(&hub).await.unwrap();
    assert_eq!(total(&hub).await, (35, tokens(0..30) + tokens(40..45)));
    // The hub is set back to an earlier backup.
    team.sql("UPDATE tidemark.place SET place = 3");
    before.gives(&hub).await.unwrap();
    assert_eq!(total(&hub).await, (35, tokens(0..30) + tokens(40..45)));
}

#[tokio::test]
async fn while_the_server_is_away_the_history_keeps_what_is_to_be_given() {
    let mut team = Team::with_hub().await;
    let member = team.joins("Ann", Role::Member).await;
    let hub = member.hub().await;
    let mut machine = Machine::new("desk");
    machine.uses(0..10, 0);
    let given = machine.gives(&hub).await.unwrap();
    let epoch = machine.own.epoch.clone();
    let known = (epoch.as_str(), given.place);
    assert_eq!(outbox(&machine.store, &machine.own, known).unwrap(), 0);
    machine.uses(10..17, 0);
    assert_eq!(outbox(&machine.store, &machine.own, known).unwrap(), 7);
    assert_eq!(outbox(&machine.store, &machine.own, ("other", given.place)).unwrap(), 17);
    team.server.stop();
    assert_eq!(machine.gives(&hub).await.unwrap_err().kind, ProblemKind::Unreachable);
    let away = Hub::open(&member.url, Some(&member.password)).await.err().unwrap();
    assert_eq!(away.kind, ProblemKind::Unreachable);
    assert_eq!(outbox(&machine.store, &machine.own, known).unwrap(), 7);
}

#[tokio::test]
async fn a_clock_that_is_ahead_is_counted_and_finds_its_month_later() {
    let team = Team::with_hub().await;
    let hub = team.owner().hub().await;
    let mut machine = Machine::new("desk");
    // Some two hundred years ahead, and now.
    machine.uses([1, 15_000_000], 0);
    machine.gives(&hub).await.unwrap();
    assert_eq!(total(&hub).await.0, 2);
    team.sql(
        "DO $$ BEGIN IF (SELECT count(*) FROM tidemark.request_rest) <> 1
             OR (SELECT count(*) FROM tidemark.request_2026_04) <> 1 THEN RAISE 'not where they belong'; END IF; END $$;
         INSERT INTO tidemark.request SELECT '2021-03-05T00:00:00Z', 5, machine, member, source, begun, client, model,
           project, 1, 0, 0, 0, 0, turn, '2021-03-05T00:00:00Z' FROM tidemark.request LIMIT 1;
         SELECT tidemark.ensure_month('request', '2021-03-31T23:59:59Z');
         DO $$ BEGIN IF (SELECT count(*) FROM tidemark.request_2021_03) <> 1 THEN RAISE 'not moved'; END IF; END $$;",
    );
}

#[tokio::test]
async fn a_month_is_read_without_the_others() {
    let team = Team::with_hub().await;
    let member = team.joins("Ann", Role::Member).await;
    let mut machine = Machine::new("desk");
    // One a week, over half a year.
    machine.uses((0..26).map(|week| week * 1440), 0);
    machine.gives(&member.hub().await).await.unwrap();
    let raw = member.raw().await;
    let explained = raw
        .client
        .query(
            "EXPLAIN SELECT model, sum(output) FROM tidemark.request
             WHERE at >= '2026-06-01T00:00:00Z' AND at < '2026-07-01T00:00:00Z' GROUP BY model",
            &[],
        )
        .await
        .unwrap();
    let plan = explained.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join("\n");
    assert!(plan.contains("request_2026_06"), "{plan}");
    let others = ["request_2026_04", "request_2026_05", "request_2026_07", "request_2026_10"];
    assert!(others.iter().all(|other| !plan.contains(other)), "{plan}");
}

/// What happens to one of three machines of two members; the first two machines are one member's.
#[derive(Debug, Clone)]
enum Event {
    Uses { machine: usize, first: u64, count: u64, grown: u64 },
    Gives { machine: usize },
    Leaves { member: usize },
}

fn event() -> impl Strategy<Value = Event> {
    let machine = 0_usize..3;
    prop_oneof![
        3 => (machine.clone(), 0_u64..30, 1_u64..8, 0_u64..3)
            .prop_map(|(machine, first, count, grown)| Event::Uses { machine, first, count, grown }),
        3 => machine.prop_map(|machine| Event::Gives { machine }),
        1 => (0_usize..2).prop_map(|member| Event::Leaves { member }),
    ]
}

#[tokio::test]
async fn each_request_counts_once_in_whatever_order_machines_give() {
    let mut team = Team::empty();
    let mut runner = TestRunner::default();
    for case in 0..6 {
        let events = prop::collection::vec(event(), 1..20).new_tree(&mut runner).unwrap().current();
        team.database = format!("team{case}");
        team.server.sql("postgres", &format!("CREATE DATABASE {} OWNER lin", team.database));
        team.make().await.unwrap();
        let owner = team.owner().hub().await;
        let mut members = [team.joins("Ann", Role::Member).await, team.joins("Bob", Role::Member).await];
        let mut machines = [Machine::new("a"), Machine::new("b"), Machine::new("c")];
        let mut known: BTreeMap<u64, u64> = BTreeMap::new();
        for event in &events {
            match *event {
                Event::Uses { machine, first, count, grown } => {
                    machines[machine].uses(first..first + count, grown);
                    for number in first..first + count {
                        let total = number + 5 + if number % 3 == 0 { grown } else { 0 };
                        let most = known.entry(number).or_default();
                        *most = total.max(*most);
                    }
                }
                Event::Gives { machine } => {
                    machines[machine].gives(&members[machine / 2].hub().await).await.unwrap();
                }
                Event::Leaves { member } => {
                    members[member].hub().await.leave(Removed::Yes).await.unwrap();
                    members[member] = team.joins("Again", Role::Member).await;
                }
            }
        }
        for (number, machine) in machines.iter().enumerate() {
            machine.gives(&members[number / 2].hub().await).await.unwrap();
        }
        let expected = (known.len() as u64, known.values().sum::<u64>());
        assert_eq!(total(&owner).await, expected, "{events:?}");
        // The hours say the same, and each member's rows are a part of it.
        team.sql(&format!(
            "DO $$ BEGIN IF (SELECT sum(requests) FROM tidemark.usage_hour) <> {0}
                 OR (SELECT sum(input + output) FROM tidemark.usage_hour) <> {1}
               THEN RAISE 'hours differ from days'; END IF; END $$",
            expected.0, expected.1
        ));
        let mut parts = 0;
        for member in &members {
            parts += total(&member.hub().await).await.0;
        }
        assert_eq!(parts, expected.0, "{events:?}");
    }
}
