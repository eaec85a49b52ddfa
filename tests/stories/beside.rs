//! What organisers do beside each other: a revocation, a pause and a removed passkey win, and an owner remains.

use http::Method;
use serde_json::{Value, json};
use shared::{
    domain::{edition::Changes, states::Role},
    store::editions::Editions,
};
use tests::{Answer, Browser, Office, command::rounds, office::Door, people::Service};

/// Rounds of each story; `TECHOGNITION_ROUNDS` lengthens it.
const USUAL: usize = 25;
/// Rounds after which somebody proves again who they are.
const AGAIN: usize = 25;

fn of(person: &shared::store::members::Person) -> String {
    format!("/api/v1/organiser/people/{}", person.id)
}

async fn revoke(desk: &Browser<Door>, target: &str) -> Answer {
    desk.call(Method::DELETE, target, &json!(null)).await
}

async fn give(desk: &Browser<Door>, target: &str, role: &str) -> Answer {
    desk.call(Method::PATCH, target, &json!({"role": role})).await
}

async fn set(desk: &Browser<Door>, method: Method, path: &str, body: Value) {
    let answer = desk.call(method, &format!("/api/v1/organiser/{path}"), &body).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
}

async fn removed(browser: &Browser<Door>, passkey: &str) -> String {
    browser.form("/moderation/you/passkeys/remove", &format!("id={passkey}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_wins_over_changes_of_the_role() {
    let (office, rounds) = (Office::open().await, rounds(USUAL));
    let owner = office.person(Role::Owner, &[]).await;
    let (mut desk, mut changed) = (office.browser(&owner, true).await, 0);
    for round in 0..rounds {
        if round % AGAIN == 0 {
            desk = office.browser(&owner, true).await;
        }
        let person = office.person(Role::Moderator, &[]).await;
        let (code, target) = (office.code(&person).await, of(&person));
        let (one, left, two) =
            tokio::join!(give(&desk, &target, "viewer"), revoke(&desk, &target), give(&desk, &target, "organiser"));
        assert_eq!(left.status, 204, "{}", left.text());
        for given in [one, two] {
            assert!(given.status == 200 || given.problem() == "member-not-found", "{}", given.text());
            changed += usize::from(given.status == 200);
        }
        let now = office.members.person(&person.id).await.unwrap().unwrap();
        assert!(now.revoked_at.is_some(), "round {round}: the revocation is lost");
        assert_eq!(Browser::with(&office.door(), String::new()).sign_in(&code).await.problem(), "code-refused");
    }
    println!(
        "{rounds} revocations beside {} changes of the role, {changed} of which came first: none is lost",
        2 * rounds
    );
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_wins_over_signing_in_by_a_code() {
    let (office, rounds) = (Office::open().await, rounds(USUAL));
    let owner = office.person(Role::Owner, &[]).await;
    let (mut desk, mut entered) = (office.browser(&owner, true).await, 0);
    for round in 0..rounds {
        if round % AGAIN == 0 {
            desk = office.browser(&owner, true).await;
        }
        let person = office.person(Role::Moderator, &[]).await;
        let (code, other, target) = (office.code(&person).await, office.code(&person).await, of(&person));
        let mut browser = Browser::with(&office.door(), String::new());
        let (left, signed) = tokio::join!(revoke(&desk, &target), browser.sign_in(&code));
        assert_eq!(left.status, 204, "{}", left.text());
        assert!(signed.status == 200 || signed.problem() == "code-refused", "{}", signed.text());
        entered += usize::from(signed.status == 200);
        assert_eq!(browser.get("/api/v1/session").await.status, 401, "round {round}");
        for code in [&code, &other] {
            assert_eq!(Browser::with(&office.door(), String::new()).sign_in(code).await.problem(), "code-refused");
        }
        let sessions = office.members.sessions(office.clock.now()).await.unwrap();
        assert!(sessions.iter().all(|session| session.person != person.id), "round {round}: a session is left");
    }
    println!("{rounds} revocations beside signing in by a code, {entered} of which came first: nobody stays in");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_wins_over_signing_in_by_a_passkey() {
    let (office, rounds) = (Office::open().await, rounds(USUAL));
    let owner = office.person(Role::Owner, &[]).await;
    let (mut desk, mut entered) = (office.browser(&owner, true).await, 0);
    for round in 0..rounds {
        if round % AGAIN == 0 {
            desk = office.browser(&owner, true).await;
        }
        let person = office.person(Role::Moderator, &[]).await;
        let mut browser = office.browser(&person, false).await;
        let (mut passkey, target) = (browser.make_passkey().await.unwrap(), of(&person));
        let (left, signed) = tokio::join!(revoke(&desk, &target), browser.use_passkey(&mut passkey));
        assert_eq!(left.status, 204, "{}", left.text());
        assert!(signed.status == 200 || signed.problem() == "passkey-refused", "{}", signed.text());
        entered += usize::from(signed.status == 200);
        assert_eq!(browser.get("/api/v1/session").await.status, 401, "round {round}");
        let left = office.members.passkeys().await.unwrap();
        assert!(left.iter().all(|one| one.person != person.id), "round {round}: the passkey is back");
        assert_eq!(browser.use_passkey(&mut passkey).await.problem(), "passkey-refused");
    }
    println!("{rounds} revocations beside signing in by a passkey, {entered} of which came first: nobody stays in");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_wins_over_making_a_key() {
    let (office, rounds) = (Office::open().await, rounds(USUAL));
    let owner = office.person(Role::Owner, &[]).await;
    let (mut desk, mut made) = (office.browser(&owner, true).await, 0);
    for round in 0..rounds {
        if round % AGAIN == 0 {
            desk = office.browser(&owner, true).await;
        }
        let person = office.person(Role::Organiser, &[]).await;
        let (theirs, target) = (office.browser(&person, true).await, of(&person));
        let asked = json!({"name": "script", "role": "organiser", "days": 7});
        let (left, minted) =
            tokio::join!(revoke(&desk, &target), theirs.call(Method::POST, "/api/v1/organiser/keys", &asked));
        assert_eq!(left.status, 204, "{}", left.text());
        if minted.status == 201 {
            made += 1;
            let bearer = format!("Bearer {}", minted.json()["key"].as_str().unwrap());
            let headers = [("authorization", bearer.as_str())];
            let used = office.door().ask(Method::GET, "/api/v1/session", &headers, "".into()).await;
            assert_eq!(used.status, 401, "round {round}: the key lives on");
        } else {
            assert_eq!(minted.status, 401, "{}", minted.text());
        }
    }
    println!("{rounds} revocations beside making a key, {made} of which came first: no key lives on");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_wins_over_what_the_person_makes_meanwhile() {
    let (office, rounds) = (Office::open().await, rounds(USUAL));
    let owner = office.person(Role::Owner, &[]).await;
    let (mut desk, mut made) = (office.browser(&owner, true).await, 0);
    for round in 0..rounds {
        if round % AGAIN == 0 {
            desk = office.browser(&owner, true).await;
        }
        let person = office.person(Role::Organiser, &[]).await;
        let (mut theirs, helper) = (office.browser(&person, true).await, office.person(Role::Moderator, &[]).await);
        let target = of(&person);
        if round % 2 == 0 {
            let (left, passkey) = tokio::join!(revoke(&desk, &target), theirs.make_passkey());
            assert_eq!(left.status, 204, "{}", left.text());
            made += usize::from(passkey.is_ok());
            if let Ok(mut passkey) = passkey {
                assert_eq!(theirs.use_passkey(&mut passkey).await.problem(), "passkey-refused", "round {round}");
            }
            let own = office.members.passkeys_of(&person.id).await.unwrap();
            assert!(own.is_empty(), "round {round}: a passkey is left");
        } else {
            let (people, again) = ("/api/v1/organiser/people", json!({"person": helper.id}));
            let (left, link) = tokio::join!(revoke(&desk, &target), theirs.call(Method::POST, people, &again));
            assert_eq!(left.status, 204, "{}", left.text());
            made += usize::from(link.status == 201);
            if link.status == 201 {
                let link = link.json()["link"].as_str().unwrap().to_owned();
                let code = link.split_once("#code=").unwrap().1;
                let entered = Browser::with(&office.door(), String::new()).sign_in(code).await;
                assert_eq!(entered.problem(), "code-refused", "round {round}: a link of somebody who has left");
            }
        }
        assert_eq!(theirs.get("/api/v1/session").await.status, 401, "round {round}");
    }
    println!("{rounds} revocations beside a new passkey or link, {made} of which came first: nothing of it works");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_owners_who_demote_each_other_one_remains() {
    let (office, rounds) = (Office::open().await, rounds(USUAL));
    let (one, two) = (office.person(Role::Owner, &[]).await, office.person(Role::Owner, &[]).await);
    let (mut first, mut second) = (office.browser(&one, true).await, office.browser(&two, true).await);
    let mut last = 0;
    for round in 0..rounds {
        if round % AGAIN == 0 {
            (first, second) = (office.browser(&one, true).await, office.browser(&two, true).await);
        }
        let (of_one, of_two) = (of(&one), of(&two));
        let ends = round % 2 == 0;
        let end = async |desk: &Browser<Door>, target: &str| {
            if ends { give(desk, target, "moderator").await } else { give(desk, target, "organiser").await }
        };
        let (by_one, by_two) = tokio::join!(end(&first, &of_two), end(&second, &of_one));
        let people = office.members.people().await.unwrap();
        let owners: Vec<_> = people.iter().filter(|person| person.role == Role::Owner).collect();
        assert_eq!(owners.len(), 1, "round {round}: {} and {}", by_one.text(), by_two.text());
        let (kept, refused) = if by_one.status == 200 { (by_one, by_two) } else { (by_two, by_one) };
        assert_eq!(kept.status, 200, "{}", kept.text());
        let why = refused.problem();
        assert!(why == "last-owner" || why == "role-too-low", "{}", refused.text());
        last += usize::from(why == "last-owner");
        let again =
            if owners[0].id == one.id { give(&first, &of_two, "owner") } else { give(&second, &of_one, "owner") };
        assert_eq!(again.await.status, 200);
    }
    println!("{rounds} pairs of owners who demote each other: one remains each time, {last} refused as the last owner");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_passkey_does_not_come_back_by_being_used() {
    let (office, rounds) = (Office::open().await, rounds(USUAL));
    let person = office.person(Role::Moderator, &[]).await;
    let mut desk = office.browser(&person, false).await;
    let mut stays = desk.make_passkey().await.unwrap();
    let (mut phone, mut entered) = (Browser::with(&office.door(), String::new()), 0);
    for round in 0..rounds {
        let mut goes = desk.make_passkey().await.unwrap();
        let id = goes.id();
        // Or the person who removes it would be signed out by it.
        assert_eq!(desk.use_passkey(&mut stays).await.status, 200);
        let (gone, used) = tokio::join!(removed(&desk, &id), phone.use_passkey(&mut goes));
        assert_eq!(gone, "/moderation/you");
        assert!(used.status == 200 || used.problem() == "passkey-refused", "{}", used.text());
        entered += usize::from(used.status == 200);
        assert_eq!(phone.get("/api/v1/session").await.status, 401, "round {round}: who came in by it is still in");
        let sessions = office.members.sessions(office.clock.now()).await.unwrap();
        assert!(sessions.iter().all(|one| one.passkey.as_deref() != Some(&*id)), "round {round}: a session is left");
        let left = office.members.passkeys().await.unwrap();
        assert_eq!(left.iter().map(|one| one.id.clone()).collect::<Vec<_>>(), [stays.id()], "round {round}");
        assert_eq!(phone.use_passkey(&mut goes).await.problem(), "passkey-refused");
    }
    println!(
        "{rounds} passkeys removed while they are used, {entered} used first: none comes back, and nobody stays in"
    );
    office.close().await;
}

/// What somebody with a stolen passkey gives away while its owner removes it.
#[derive(Clone, Copy, Debug)]
enum Gift {
    Key,
    Invitation,
    Link,
    Role,
    Revocation,
    Passkey,
    LastPasskey,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_passkey_gives_nothing_away_any_more() {
    let (office, rounds) = (Office::open().await, rounds(USUAL));
    let gifts =
        [Gift::Key, Gift::Invitation, Gift::Link, Gift::Role, Gift::Revocation, Gift::Passkey, Gift::LastPasskey];
    let (mut given, mut refused) = (0, 0);
    for round in 0..rounds * 2 {
        let gift = gifts[round % gifts.len()];
        let owner = office.person(Role::Owner, &[]).await;
        let helper = office.person(Role::Moderator, &[]).await;
        let mut desk = office.browser(&owner, false).await;
        let mut stays = desk.make_passkey().await.unwrap();
        let mut stolen = desk.make_passkey().await.unwrap();
        assert_eq!(desk.use_passkey(&mut stays).await.status, 200);
        let mut thief = Browser::with(&office.door(), String::new());
        assert_eq!(thief.use_passkey(&mut stolen).await.status, 200);
        let (stolen, kept) = (stolen.id(), stays.id());
        let (target, people) = (of(&helper), "/api/v1/organiser/people");
        let asked = async |thief: &mut Browser<Door>| match gift {
            Gift::Key => {
                let key = json!({"name": "script", "role": "owner", "days": 7});
                thief.call(Method::POST, "/api/v1/organiser/keys", &key).await.status.as_u16()
            }
            Gift::Invitation => {
                let guest = json!({"name": "Guest", "role": "owner"});
                thief.call(Method::POST, people, &guest).await.status.as_u16()
            }
            Gift::Link => thief.call(Method::POST, people, &json!({"person": helper.id})).await.status.as_u16(),
            Gift::Role => give(thief, &target, "owner").await.status.as_u16(),
            Gift::Revocation => revoke(thief, &target).await.status.as_u16(),
            Gift::Passkey => thief.make_passkey().await.map_or_else(|refused| refused.status.as_u16(), |_| 201),
            Gift::LastPasskey => {
                if removed(thief, &kept).await == "/moderation/you" {
                    303
                } else {
                    401
                }
            }
        };
        let removal = async { removed(&desk, &stolen).await };
        let (gone, status) = tokio::join!(removal, asked(&mut thief));
        // Where the thief was first with the owner's own passkey, the owner is out, and nothing else can be told.
        if gone != "/moderation/you" {
            assert!(matches!(gift, Gift::LastPasskey) && status == 303, "round {round}, {gift:?}: {gone}");
            continue;
        }
        assert!([200, 201, 204, 303, 401, 404].contains(&status), "round {round}, {gift:?}: {status}");
        if status < 400 {
            given += 1;
        } else {
            refused += 1;
        }
        // A passkey that was made first is one more, which its owner sees and removes.
        if !(matches!(gift, Gift::Passkey) && status == 201) {
            assert_eq!(thief.get("/api/v1/session").await.status, 401, "round {round}, {gift:?}");
            let again = asked(&mut thief).await;
            assert_eq!(again, 401, "round {round}, {gift:?}: given by a session that has ended");
        }
        // What was given came first: it is there from before the passkey went, or it is not there.
        let own = office.members.passkeys_of(&owner.id).await.unwrap();
        match gift {
            Gift::Passkey => assert_eq!(own.len(), if status == 201 { 2 } else { 1 }, "round {round}"),
            Gift::LastPasskey => assert_eq!((status, own.len()), (401, 1), "round {round}"),
            Gift::Role | Gift::Revocation => {
                let now = office.members.person(&helper.id).await.unwrap().unwrap();
                let changed = now.role == Role::Owner || now.revoked_at.is_some();
                assert_eq!(changed, status < 400, "round {round}, {gift:?}");
            }
            Gift::Key | Gift::Invitation | Gift::Link => {}
        }
    }
    println!("{} passkeys removed beside what they give: {given} came first, {refused} were refused", rounds * 2);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_last_two_passkeys_one_stays_and_of_two_first_ones_one_is_the_first() {
    let (office, rounds, mut lasts) = (Office::open().await, rounds(USUAL), 0);
    for round in 0..rounds {
        let person = office.person(Role::Moderator, &[]).await;
        let (mut desk, mut phone) = (office.browser(&person, false).await, office.browser(&person, false).await);
        let (one, two) = tokio::join!(desk.make_passkey(), phone.make_passkey());
        let (mut browser, kept, refused) = match (one, two) {
            (Ok(kept), Err(refused)) => (desk, kept, refused),
            (Err(refused), Ok(kept)) => (phone, kept, refused),
            (one, two) => panic!("round {round}: {one:?}, {two:?}"),
        };
        assert_eq!(refused.problem(), "passkey-needed");
        let other = browser.make_passkey().await.unwrap();
        let (kept, other) = (kept.id(), other.id());
        let outcomes = tokio::join!(removed(&browser, &kept), removed(&browser, &other));
        // The session was begun by the other one: with it, it may end before the second request comes.
        let refused = match [outcomes.0.as_str(), outcomes.1.as_str()] {
            ["/moderation/you", refused] | [refused, "/moderation/you"] => refused.to_owned(),
            outcomes => panic!("round {round}: {outcomes:?}"),
        };
        let last = refused == "/moderation/you?problem=last-passkey";
        assert!(last || refused.ends_with("problem=not-signed-in"), "round {round}: {refused}");
        lasts += usize::from(last);
        let own = office.members.passkeys_of(&person.id).await.unwrap();
        assert_eq!(own.len(), 1, "round {round}");
    }
    println!(
        "{rounds} pairs of first passkeys, and {rounds} pairs of last ones, {lasts} refused as the last: never two, never none"
    );
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_and_new_settings_are_both_kept() {
    let (office, rounds) = (Office::open().await, rounds(USUAL));
    let owner = office.person(Role::Owner, &[]).await;
    let desk = office.browser(&owner, true).await;
    for round in 0..rounds {
        let name = format!("Day {round}");
        let settings = json!({"name": name, "grace_minutes": round % 240});
        tokio::join!(
            set(&desk, Method::POST, "phase", json!({"action": "pause"})),
            set(&desk, Method::PUT, "settings", settings),
        );
        let now = office.now().await;
        assert_eq!((now.paused, now.name), (true, name), "round {round}");
        set(&desk, Method::POST, "phase", json!({"action": "resume"})).await;
    }
    println!("{rounds} pauses beside new settings: both are kept");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pressed_while_a_deployment_writes_is_kept() {
    let (office, rounds) = (Office::open().await, rounds(USUAL));
    let owner = office.person(Role::Owner, &[]).await;
    let desk = office.browser(&owner, true).await;
    let deployment = Editions::new(&office.table, &office.clock);
    for round in 0..rounds {
        let max_bytes = 20_000_000 + u64::try_from(round).unwrap();
        let settings = shared::domain::Edition { max_bytes, ..office.edition.clone() };
        let ((), (), deployed) = tokio::join!(
            set(&desk, Method::POST, "phase", json!({"action": "pause"})),
            set(&desk, Method::PUT, "switches", json!({"changes": "removals"})),
            deployment.put(&settings),
        );
        deployed.unwrap();
        let now = office.now().await;
        assert_eq!((now.paused, now.day.changes, now.max_bytes), (true, Changes::Removals, max_bytes), "round {round}");
        set(&desk, Method::POST, "phase", json!({"action": "resume"})).await;
        set(&desk, Method::PUT, "switches", json!({"changes": "all"})).await;
    }
    println!("{rounds} pauses and switches beside a deployment: nothing pressed is undone");
    office.close().await;
}
