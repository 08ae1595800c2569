//! Becoming a member, and leaving.

use secrecy::{ExposeSecret as _, SecretString};
use tidemark_hub::{
    Hub, Invitation, NewHub, Problem, ProblemKind, Removed, Role, UsageBy, init, join, new_password,
};

use crate::machine::{Machine, sums, total};
use crate::team::{OWNERS, Team, new_hub, now};

fn kind<T>(result: Result<T, Problem>) -> Option<ProblemKind> {
    result.err().map(|problem| problem.kind)
}

#[tokio::test]
async fn a_hub_is_made_once() {
    let team = Team::empty();
    let owner = team.owner();
    let opened = Hub::open(&owner.url, Some(&owner.password)).await;
    assert_eq!(kind(opened), Some(ProblemKind::NoHub));

    let zoneless = NewHub { zone: "Mars/Olympus".to_owned(), ..new_hub() };
    let made = init(&owner.url, Some(&owner.password), &zoneless).await;
    assert_eq!(kind(made), Some(ProblemKind::Failed));
    // Two programs at the same time.
    let (one, other) = tokio::join!(team.make(), team.make());
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!((one.role, one.member.as_str(), one.zone.as_str()), (Role::Owner, "Lin", "Asia/Shanghai"));
    assert_eq!(other.status().await.unwrap().members, 1);
    // Whoever did not make it is not its owner, whatever that user may do on the server.
    let administrator = team.administrator();
    let again = init(&administrator.url, Some(&administrator.password), &new_hub()).await;
    assert_eq!(kind(again), Some(ProblemKind::AlreadyHub));
    assert_eq!(one.status().await.unwrap().members, 1);
}

#[tokio::test]
async fn an_invitation_is_good_once() {
    let team = Team::with_hub().await;
    let invitation = team.invite(Role::Auditor).await;
    let (first, second) = (new_password(), new_password());
    let (one, other) =
        tokio::join!(join(&invitation, "Ann", &first, now()), join(&invitation, "Eve", &second, now()));
    let (joined, password, refused) = match (one, other) {
        (Ok(hub), Err(refused)) => (hub, first, refused),
        (Err(refused), Ok(hub)) => (hub, second, refused),
        (one, other) => panic!("{:?} {:?}", kind(one), kind(other)),
    };
    assert_eq!(refused.kind, ProblemKind::InvitationUsed);
    assert_eq!(joined.role, Role::Auditor);
    let late = join(&invitation, "Eve", &new_password(), now()).await;
    assert_eq!(kind(late), Some(ProblemKind::InvitationUsed));
    // The answer to the first call was lost: it is asked again, with the same password.
    let again = join(&invitation, "Ann", &password, now()).await.unwrap();
    assert_eq!(again.member, joined.member);
    assert_eq!(again.status().await.unwrap().members, 2);
}

#[tokio::test]
async fn an_invitation_that_was_changed_or_has_expired_is_refused() {
    let team = Team::with_hub().await;
    let invitation = team.invite(Role::Member).await;
    let mut risen = invitation.clone();
    risen.role = Role::Owner;
    let risen: Invitation = risen.to_text().expose_secret().parse().unwrap();
    assert_eq!(kind(join(&risen, "Eve", &new_password(), now()).await), Some(ProblemKind::InvitationDamaged));
    let joined = join(&invitation, "Ann", &new_password(), now()).await.unwrap();
    assert_eq!(joined.role, Role::Member, "it is as good as before");

    // By the hub's own word, and by the server's alone.
    for expire in [
        "UPDATE tidemark.invitation SET expires_at = now() WHERE used_at IS NULL",
        "DO $$ BEGIN EXECUTE format('ALTER ROLE %I VALID UNTIL ''2001-01-01''',
           (SELECT login FROM tidemark.invitation WHERE used_at IS NULL ORDER BY made_at DESC LIMIT 1)); END $$",
    ] {
        let invitation = team.invite(Role::Member).await;
        team.sql(expire);
        let late = join(&invitation, "Ann", &new_password(), now()).await;
        assert_eq!(kind(late), Some(ProblemKind::InvitationUsed), "{expire}");
    }
    // A new one takes away the roles of those.
    team.sql("UPDATE tidemark.invitation SET expires_at = now() - interval '1 s' WHERE used_at IS NULL");
    team.invite(Role::Member).await;
    team.sql(
        "DO $$ BEGIN IF (SELECT count(*) FROM pg_roles WHERE rolname LIKE 'tidemark\\_%\\_%') <> 2
           THEN RAISE 'roles are left'; END IF; END $$",
    );
}

#[tokio::test]
async fn only_owners_invite() {
    let team = Team::with_hub().await;
    for role in [Role::Member, Role::Auditor] {
        let hub = team.joins(role.as_str(), role).await.hub().await;
        let invited = hub.invite(Role::Owner, 1, now()).await;
        assert_eq!(kind(invited), Some(ProblemKind::NotAllowed));
    }
    let second = team.joins("Second", Role::Owner).await;
    let invitation = second.hub().await.invite(Role::Member, 1, now()).await.unwrap();
    join(&invitation, "Third", &new_password(), now()).await.unwrap();
}

#[tokio::test]
async fn no_password_is_in_what_the_server_writes_down_or_in_an_error() {
    let team = Team::empty();
    team.sql("ALTER DATABASE team SET log_statement = 'all'");
    team.make().await.unwrap();
    let invitation = team.invite(Role::Member).await;
    let password = new_password();
    join(&invitation, "Ann", &password, now()).await.unwrap();
    let text = invitation.to_text();
    let handed_out = text.expose_secret();
    let wrong = SecretString::from("hunter2 is wrong");
    let refused = Hub::open(&team.url("lin"), Some(&wrong)).await.err().unwrap();
    assert_eq!(refused.kind, ProblemKind::Refused);
    let missing = Hub::open(&team.url("lin"), None).await.err().unwrap();
    assert_eq!(missing.kind, ProblemKind::Refused, "{missing}");
    let used = join(&invitation, "Ann", &wrong, now()).await.err().unwrap();
    let log = team.log();
    assert!(log.contains("tidemark.enter"), "statements are written down");
    let said = format!("{log} {refused:?} {missing:?} {used:?} {invitation:?}");
    for secret in [OWNERS, "hunter2", password.expose_secret(), handed_out, &handed_out[20..60]] {
        assert!(!said.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_given_no_password_over_a_network() {
    let team = Team::with_hub().await;
    let owner = team.owner();
    // The same server, by an address that does not say so: systems connect it to themselves.
    let far = owner.url.as_str().replace("127.0.0.1", "0.0.0.0").parse().unwrap();
    team.sql("ALTER DATABASE team SET log_statement = 'all'");
    let refused = Hub::open(&far, Some(&owner.password)).await.err().unwrap();
    assert_eq!(refused.kind, ProblemKind::NotSecret, "{refused}");
    assert!(!team.log().contains("SET statement_timeout"), "{}", team.log());
}

#[tokio::test]
async fn versions_that_only_add_live_together() {
    let team = Team::with_hub().await;
    let member = team.joins("Ann", Role::Member).await;
    team.sql(
        "UPDATE tidemark.hub SET schema = schema + 4; ALTER TABLE tidemark.machine ADD COLUMN colour text",
    );
    let mut machine = Machine::new("desk");
    machine.uses([1], 0);
    machine.gives(&member.hub().await).await.unwrap();
    team.sql("UPDATE tidemark.hub SET compatibility = compatibility + 1");
    assert_eq!(kind(Hub::open(&member.url, Some(&member.password)).await), Some(ProblemKind::Newer));
    assert_eq!(kind(team.make().await), Some(ProblemKind::Newer));
    team.sql("UPDATE tidemark.hub SET compatibility = 1, schema = 0");
    assert_eq!(kind(Hub::open(&member.url, Some(&member.password)).await), Some(ProblemKind::Older));
}

#[tokio::test]
async fn whoever_leaves_takes_what_is_theirs_if_they_ask_for_it() {
    let team = Team::with_hub().await;
    let owner = team.owner().hub().await;
    let (ann, bob) = (team.joins("Ann", Role::Member).await, team.joins("Bob", Role::Member).await);
    let (mut hers, mut his) = (Machine::new("hers"), Machine::new("his"));
    hers.uses(0..1500, 0);
    // Some of it is in his logs, too: it counts for her, whose machine was there first, until she is gone.
    his.uses(1000..1600, 0);
    hers.gives(&ann.hub().await).await.unwrap();
    his.gives(&bob.hub().await).await.unwrap();
    let counted = |name: &str, requests| (Some(name.to_owned()), requests);
    let by_member = async || {
        let rows = sums(&owner, UsageBy::Member).await;
        rows.into_iter().map(|(name, requests, _)| (name, requests)).collect::<Vec<_>>()
    };
    assert_eq!(by_member().await, [counted("Ann", 1500), counted("Bob", 100)]);

    ann.hub().await.leave(Removed::Yes).await.unwrap();
    assert_eq!(by_member().await, [counted("Bob", 600)]);
    assert_eq!(kind(Hub::open(&ann.url, Some(&ann.password)).await), Some(ProblemKind::Refused));
    team.sql(
        "DO $$ BEGIN IF EXISTS (SELECT 1 FROM tidemark.member WHERE name = 'Ann')
             OR (SELECT count(*) FROM tidemark.machine) <> 1 OR (SELECT count(DISTINCT member) FROM tidemark.request) <> 1
           THEN RAISE 'something of hers is left'; END IF; END $$",
    );

    bob.hub().await.leave(Removed::No).await.unwrap();
    assert_eq!(by_member().await, [counted("Bob", 600)], "it stays");
    assert_eq!(kind(Hub::open(&bob.url, Some(&bob.password)).await), Some(ProblemKind::Refused));
    assert_eq!(owner.status().await.unwrap().members, 1);
}

#[tokio::test]
async fn the_last_owner_stays_while_there_are_members() {
    let team = Team::with_hub().await;
    let member = team.joins("Ann", Role::Member).await;
    let mut machine = Machine::new("desk");
    machine.uses([1, 2], 0);
    machine.gives(&team.owner().hub().await).await.unwrap();
    for removed in [Removed::No, Removed::Yes] {
        let left = team.owner().hub().await.leave(removed).await;
        assert_eq!(kind(left), Some(ProblemKind::LastOwner));
    }
    assert_eq!(total(&team.owner().hub().await).await.0, 2, "nothing was removed");
    let second = team.joins("Second", Role::Owner).await;
    team.owner().hub().await.leave(Removed::Yes).await.unwrap();
    assert_eq!(kind(team.make().await), Some(ProblemKind::AlreadyHub));
    // The hub goes on, and what its owner's role made still works.
    second.hub().await.invite(Role::Member, 1, now()).await.unwrap();
    member.hub().await.leave(Removed::Yes).await.unwrap();
    second.hub().await.leave(Removed::Yes).await.unwrap();
}
