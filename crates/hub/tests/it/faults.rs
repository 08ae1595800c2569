//! What goes wrong with servers: killed, full, failed over, of another version.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use tidemark_hub::{AuditPart, DatabaseUrl, Hub, Problem, ProblemKind, Role, audit};
use tidemark_kimi::PublicPrices;
use tokio::net::{TcpListener, TcpStream};

use crate::machine::{Machine, total};
use crate::team::{Person, Team};

/// Longer than anything here takes on a busy machine.
const TIMEOUT: Duration = Duration::from_mins(2);

/// Waits until the hub has some of what a machine gives, and not all.
async fn until_some_is_given(team: &Team) {
    let raw = team.administrator().raw().await;
    let some = async {
        loop {
            let sql = "SELECT coalesce(max(place), 0) FROM tidemark.place WHERE stream = 'request'";
            if raw.client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) > 0 {
                return;
            }
        }
    };
    tokio::time::timeout(TIMEOUT, some).await.unwrap();
}

async fn open(person: &Person) -> Hub {
    let opening = async {
        loop {
            match Hub::open(&person.url, Some(&person.password)).await {
                Ok(hub) => return hub,
                Err(Problem { kind: ProblemKind::Unreachable | ProblemKind::TimeOut, .. }) => {
                    tokio::task::yield_now().await;
                }
                Err(problem) => panic!("{problem}"),
            }
        }
    };
    tokio::time::timeout(TIMEOUT, opening).await.unwrap()
}

#[tokio::test]
async fn a_server_that_is_killed_while_it_is_given_to_has_each_request_once() {
    let mut team = Team::with_hub().await;
    let member = team.joins("Ann", Role::Member).await;
    let mut machine = Machine::new("desk");
    machine.uses(0..20_000, 0);
    let hub = member.hub().await;
    let (given, ()) = tokio::join!(machine.gives(&hub), async {
        until_some_is_given(&team).await;
        team.server.kill();
    });
    let problem = given.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Unreachable, "{problem}");
    team.server.start_again();
    let hub = open(&member).await;
    let before = total(&hub).await.0;
    assert!(before > 0 && before < 20_000, "{before}");
    machine.gives(&hub).await.unwrap();
    assert_eq!(total(&hub).await.0, 20_000);
}

#[tokio::test]
async fn a_full_disk_is_said_and_what_waits_is_given_when_there_is_room() {
    let team = Team::with_hub().await;
    let member = team.joins("Ann", Role::Member).await;
    let folder = team.server.folder().join("small");
    std::fs::create_dir(&folder).unwrap();
    // Only an administrator of the machine can make a disk that is small.
    let mounted =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m,mode=777", "tmpfs"]).arg(&folder).output();
    if !mounted.is_ok_and(|done| done.status.success()) {
        println!("no small disk could be mounted: not tested");
        return;
    }
    let _mounted = Mounted(folder.clone());
    let space = folder.join("space");
    std::fs::create_dir(&space).unwrap();
    assert!(Command::new("chown").arg("nobody").arg(&space).status().unwrap().success());
    team.sql(&format!("CREATE TABLESPACE small LOCATION '{}'", space.display()));
    team.sql("ALTER TABLE tidemark.request_key SET TABLESPACE small");
    let mut machine = Machine::new("desk");
    machine.uses(0..30_000, 0);
    let hub = member.hub().await;
    let problem = machine.gives(&hub).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Full, "{problem}");
    let before = total(&hub).await.0;
    assert!(before < 30_000, "{before}");
    team.sql("ALTER TABLE tidemark.request_key SET TABLESPACE pg_default");
    machine.gives(&hub).await.unwrap();
    assert_eq!(total(&hub).await.0, 30_000);
}

struct Mounted(std::path::PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        // Lazily: the server may have a file of it open still.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// An address whose server can be exchanged, as that of a cluster.
async fn cluster(port: Arc<AtomicU16>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let Ok(mut server) = TcpStream::connect(("127.0.0.1", port.load(Ordering::SeqCst))).await else {
                continue;
            };
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut server).await });
        }
    });
    own
}

#[tokio::test]
async fn a_failover_in_the_middle_of_giving_loses_nothing_and_doubles_nothing() {
    let mut team = Team::with_hub().await;
    let member = team.joins("Ann", Role::Member).await;
    let replica = team.server.replica();
    let server = Arc::new(AtomicU16::new(team.server.port));
    let line = cluster(Arc::clone(&server)).await;
    let url: DatabaseUrl = member
        .url
        .as_str()
        .replace(&format!(":{}/", team.server.port), &format!(":{line}/"))
        .parse()
        .unwrap();
    let member = Person { url, password: member.password };
    let mut machine = Machine::new("desk");
    machine.uses(0..20_000, 0);
    let hub = member.hub().await;
    let (given, ()) = tokio::join!(machine.gives(&hub), async {
        until_some_is_given(&team).await;
        team.server.kill();
    });
    assert_eq!(given.unwrap_err().kind, ProblemKind::Unreachable);
    replica.promote();
    server.store(replica.port, Ordering::SeqCst);
    let hub = open(&member).await;
    // The replica may be behind; what it has, it has with the place up to which that reaches.
    assert!(total(&hub).await.0 < 20_000);
    machine.gives(&hub).await.unwrap();
    assert_eq!(total(&hub).await.0, 20_000);
    team.server = replica;
}

#[tokio::test]
async fn a_program_works_on_a_hub_that_was_not_brought_up_to_date_and_init_does_that() {
    let team = Team::with_hub().await;
    let member = team.joins("Ann", Role::Member).await;
    // As the first version made it.
    team.sql(
        "DROP TABLE tidemark.audit, tidemark.verdict;
         DROP FUNCTION tidemark.claim_audit, tidemark.audit_usage, tidemark.conclude, tidemark.audited, tidemark.keep,
           tidemark.is_pruning_due, tidemark.prune, tidemark.remove_some_of, tidemark.remove_member,
           tidemark.member_to_remove, tidemark.revoke_invitation;
         DROP TYPE tidemark.claim; DROP INDEX tidemark.request_key_at, tidemark.growth_at;
         UPDATE tidemark.hub SET schema = 1",
    );
    let mut machine = Machine::new("desk");
    machine.uses([1, 2], 0);
    let agents_turn = async |person: &Person| {
        let hub = person.hub().await;
        let given = machine.gives(&hub).await.unwrap().requests;
        let audited = audit(&hub, "turn", Duration::ZERO, &PublicPrices, AuditPart::default()).await.unwrap();
        let verdicts = hub.verdicts(7).await.unwrap();
        (given, audited.accounts, verdicts.turn, hub.prune().await.unwrap())
    };
    assert_eq!(agents_turn(&member).await, (2, 0, 7, 0));
    assert_eq!(agents_turn(&team.owner()).await, (2, 0, 7, 0), "for another member, and no audit yet");
    team.make().await.unwrap();
    assert_eq!(agents_turn(&team.owner()).await.2, 7);
    assert_eq!(total(&team.owner().hub().await).await.0, 2);
    team.owner().hub().await.keep(Some(12)).await.unwrap();
}

#[tokio::test]
async fn a_machine_of_another_member_is_given_nothing_by_any_sql() {
    let team = Team::with_hub().await;
    let (ann, bob) = (team.joins("Ann", Role::Member).await, team.joins("Bob", Role::Member).await);
    let mut his = Machine::new("his");
    his.uses([1, 2], 0);
    his.gives(&bob.hub().await).await.unwrap();
    let number: i64 = team
        .administrator()
        .raw()
        .await
        .client
        .query_one("SELECT id FROM tidemark.machine", &[])
        .await
        .unwrap()
        .get(0);
    let raw = ann.raw().await;
    let page = r#"{"epoch":"x","from":0,"to":1,"requests":[]}"#;
    for sql in [
        format!("SELECT tidemark.push_requests({number}, '{page}')"),
        format!("SELECT tidemark.push_facts({number}, '{page}')"),
        format!("SELECT tidemark.end_page({number}, 'request', NULL)"),
        format!("UPDATE tidemark.request SET member = tidemark.me() WHERE machine = {number}"),
        format!("INSERT INTO tidemark.coverage VALUES ({number}, 1, 'x', now(), now())"),
        format!("DELETE FROM tidemark.machine WHERE id = {number}"),
        "SELECT tidemark.remove_of(1, 10)".to_owned(),
        "SELECT tidemark.let_go(1, false)".to_owned(),
        "SELECT tidemark.remove_member('Bob', true)".to_owned(),
    ] {
        let error = raw.client.batch_execute(&sql).await.expect_err(&sql);
        assert_eq!(error.code().unwrap().code(), "42501", "{sql}: {error}");
    }
    assert_eq!(total(&bob.hub().await).await.0, 2);
}
