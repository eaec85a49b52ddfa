//! The link that signs the first owner in. A deployment makes it where nobody could get in otherwise, and only there; the laptop at each start.

use jiff::SignedDuration;
use shared::{
    domain::states::Role,
    runtime::Clock,
    store::members::{Members, Person},
};
use tests::{Office, TestSystem};

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_invites_an_owner_only_if_no_owner_can_sign_in() {
    let office = Office::open().await;
    let (members, now, life) = (&office.members, office.clock.now(), SignedDuration::from_hours(24));
    let owners = async || {
        members
            .people()
            .await
            .unwrap()
            .into_iter()
            .filter(|one| one.role == Role::Owner && one.lives())
            .collect::<Vec<_>>()
    };
    office.person(Role::Organiser, &[]).await;

    // Nobody is there: somebody is invited, and only once while the link is good.
    let first = members.invite_first_owner("Organiser", life, now).await.unwrap().expect("there is no owner");
    let invited = owners().await;
    assert_eq!(invited.len(), 1);
    assert_eq!(members.invite_first_owner("Organiser", life, now).await.unwrap(), None, "the link is still good");

    // The link was lost: another one for the same person, not one more person.
    let later = now + SignedDuration::from_hours(25);
    let second = members.invite_first_owner("Organiser", life, later).await.unwrap().expect("nobody can sign in");
    assert_ne!(first, second);
    assert_eq!(owners().await.iter().map(|one| one.id.clone()).collect::<Vec<_>>(), [invited[0].id.clone()]);

    // They are signed in.
    let (presence, _) = members.activate(&second, later).await.unwrap().expect("the link signs in");
    assert_eq!(members.invite_first_owner("Organiser", life, later).await.unwrap(), None, "they are signed in");

    // The session is over, and there is no passkey: nobody could get in any more.
    let long_after = presence.until() + SignedDuration::from_hours(24);
    let third = members.invite_first_owner("Organiser", life, long_after).await.unwrap();
    assert!(third.is_some(), "nobody can sign in");
    assert_eq!(owners().await.len(), 1);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_with_a_passkey_needs_no_link() {
    let system = TestSystem::open().await;
    let (members, life) = (Members::new(&system.laptop.table), SignedDuration::from_hours(24));
    let owner = system.person(Role::Owner, &[]).await;
    system.browser(&owner).await.make_passkey().await.unwrap();
    let now = Clock::system().now();
    let years_later = now + SignedDuration::from_hours(24 * 700);
    assert_eq!(members.invite_first_owner("Organiser", life, years_later).await.unwrap(), None);

    // Who has left is no owner, whatever they have.
    let another = system.person(Role::Owner, &[]).await;
    let anyway = |_: &Person| Ok::<_, shared::web::Problem>(());
    members.revoke_person(&owner.id, None, anyway, now).await.unwrap();
    let link = members.invite_first_owner("Organiser", life, years_later).await.unwrap();
    assert!(link.is_some(), "the other owner, {}, has nothing to sign in with", another.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_start_of_the_laptop_signs_in_the_same_owner() {
    let system = TestSystem::open().await;
    let members = Members::new(&system.laptop.table);
    let mut owners = std::collections::BTreeSet::new();
    for _ in 0..4 {
        let link = system.laptop.organiser_link().await.unwrap();
        let code = link.split_once("#code=").unwrap().1;
        let (session, _) = members.activate(code, Clock::system().now()).await.unwrap().expect("the link signs in");
        owners.insert(session.person.id.to_string());
    }
    assert_eq!(owners.len(), 1, "{owners:?}");
    let people = members.people().await.unwrap();
    assert_eq!(people.iter().filter(|person| person.role == Role::Owner).count(), 1);
}
