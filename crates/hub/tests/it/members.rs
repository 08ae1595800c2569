//! What owners do with members and invitations.

use tidemark_hub::{Hub, ProblemKind, Removed, Role, UsageBy, join, new_password};

use crate::machine::{Machine, sums};
use crate::team::{Team, now};

#[tokio::test]
async fn an_owner_removes_a_member_with_or_without_its_usage() {
    let team = Team::with_hub().await;
    let (ann, bob) = (team.joins("Ann", Role::Member).await, team.joins("Bob", Role::Auditor).await);
    let (mut hers, mut his) = (Machine::new("hers"), Machine::new("his"));
    hers.uses(0..1500, 0);
    his.uses(1400..1600, 0);
    let still_open = ann.hub().await;
    hers.gives(&still_open).await.unwrap();
    his.gives(&bob.hub().await).await.unwrap();
    let owner = team.owner().hub().await;
    let members = owner.members().await.unwrap();
    let names: Vec<_> = members.iter().map(|one| (one.name.as_str(), one.role, one.machines)).collect();
    assert_eq!(names, [("Ann", Role::Member, 1), ("Bob", Role::Auditor, 1), ("Lin", Role::Owner, 0)]);
    assert_eq!(ann.hub().await.members().await.unwrap().len(), 1, "herself");

    for (hub, name, kind) in [
        (&still_open, "Bob", ProblemKind::NotAllowed),
        (&bob.hub().await, "Ann", ProblemKind::NotAllowed),
        (&owner, "Nobody", ProblemKind::NoSuchMember),
        (&owner, "Lin", ProblemKind::Yourself),
    ] {
        for what in [Removed::Yes, Removed::No] {
            assert_eq!(hub.remove_member(name, what).await.unwrap_err().kind, kind, "{name}");
        }
    }

    owner.remove_member("Ann", Removed::Yes).await.unwrap();
    let by_member = sums(&owner, UsageBy::Member).await;
    let counted: Vec<_> = by_member.iter().map(|row| (row.0.as_deref(), row.1)).collect();
    assert_eq!(counted, [(Some("Bob"), 200)], "what his machine holds too counts for him");
    // The connection that she had open is of no use from that moment on.
    assert_eq!(hers.gives(&still_open).await.unwrap_err().kind, ProblemKind::NotAllowed);
    assert!(still_open.status().await.is_err());
    assert!(Hub::open(&ann.url, Some(&ann.password)).await.is_err());

    owner.remove_member("Bob", Removed::No).await.unwrap();
    assert_eq!(sums(&owner, UsageBy::Member).await.len(), 1, "his usage stays");
    let gone = owner.members().await.unwrap().into_iter().find(|one| one.name == "Bob").unwrap();
    assert!(gone.left_at.is_some());
    assert!(Hub::open(&bob.url, Some(&bob.password)).await.is_err());
    assert_eq!(owner.remove_member("Bob", Removed::Yes).await.unwrap_err().kind, ProblemKind::NoSuchMember);
}

#[tokio::test]
async fn an_invitation_that_was_revoked_is_good_for_no_one() {
    let team = Team::with_hub().await;
    let ann = team.joins("Ann", Role::Member).await.hub().await;
    let owner = team.owner().hub().await;
    let invitations =
        [team.invite(Role::Auditor).await, team.invite(Role::Member).await, team.invite(Role::Member).await];
    let open = owner.invitations().await.unwrap();
    assert_eq!(open.len(), 3);
    assert_eq!(ann.invitations().await.unwrap(), []);
    assert_eq!(ann.revoke(None).await.unwrap_err().kind, ProblemKind::NotAllowed);
    for id in ["", "ffffffff0", "%"] {
        assert_eq!(owner.revoke(Some(id)).await.unwrap_err().kind, ProblemKind::NoSuchInvitation, "{id}");
    }
    let of_auditor = open.iter().find(|one| one.role == Role::Auditor).unwrap();
    assert_eq!(owner.revoke(Some(&of_auditor.id)).await.unwrap(), 1);
    let refused = join(&invitations[0], "Eve", &new_password(), now()).await.err().unwrap();
    assert_eq!(refused.kind, ProblemKind::InvitationUsed);
    assert!(join(&invitations[1], "Eve", &new_password(), now()).await.is_ok());
    assert_eq!(owner.revoke(None).await.unwrap(), 1);
    assert!(join(&invitations[2], "Dan", &new_password(), now()).await.is_err());
    assert_eq!(owner.invitations().await.unwrap(), []);
    assert_eq!(owner.revoke(None).await.unwrap(), 0);
}
