//! What begins a stay and what ends it, and who may give somebody something: the conditions of the store, asked directly, since a revocation
//! tidies up right after itself, and a story over HTTP would have to hit the moment in between.

use bytes::Bytes;
use http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::{
    domain::{
        people::{Giver, Identity},
        states::{Duty, Role},
    },
    runtime::Clock,
    store::members::{Members, NewKey, NewPasskey, Person, Proof},
    web::Problem,
};
use tests::{TestSystem, office::by_new_passkey, system::Setting};

async fn scene() -> (TestSystem, Members, Timestamp) {
    let system = TestSystem::with(Setting { quiet: true, ..Setting::default() }).await;
    let members = Members::new(&system.laptop.table);
    (system, members, Clock::system().now())
}

async fn invited(members: &Members, now: Timestamp) -> Person {
    members.welcome("story", Role::Organiser, &[], None, now).await.unwrap().unwrap()
}

/// Ends a membership, and leaves its sessions, passkeys and keys where they are.
async fn revoke(members: &Members, person: &Person, now: Timestamp) {
    let leave = |person: &Person| Ok::<_, Problem>(person.left(now));
    members.change(&person.id, None, leave).await.unwrap().unwrap();
}

/// Removes the row of a passkey, and leaves the sessions that it began.
async fn remove_passkey(system: &TestSystem, id: &str) {
    let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let delete = system.laptop.aws.dynamodb.delete_item().table_name(local::names::TABLE);
    delete.key("PK", text("CRED")).key("SK", text(id)).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_over_from_the_moment_that_its_person_has_left() {
    let (_stage, members, now) = scene().await;
    let person = invited(&members, now).await;
    let (_, token) = members.begin(&person.id, Proof::Code(None), now).await.unwrap().unwrap();
    assert!(members.session(&token, now).await.unwrap().is_some());
    revoke(&members, &person, now).await;
    assert_eq!(members.session(&token, now).await.unwrap(), None);
    assert_eq!(members.begin(&person.id, Proof::Code(None), now).await.unwrap(), None, "and none begins");
    assert_eq!(members.code(&person.id, None, SignedDuration::from_hours(1), now).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_over_from_the_moment_that_the_passkey_which_began_it_is_gone() {
    let (system, members, now) = scene().await;
    let person = invited(&members, now).await;
    let (presence, token) = by_new_passkey(&members, &person, now).await;
    let (_, by_code) = members.begin(&person.id, Proof::Code(None), now).await.unwrap().unwrap();
    assert!(members.session(&token, now).await.unwrap().is_some());
    remove_passkey(&system, &presence.session.passkey.unwrap()).await;
    assert_eq!(members.session(&token, now).await.unwrap(), None);
    assert!(members.session(&by_code, now).await.unwrap().is_some(), "another one goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_anything_who_has_left_or_whose_passkey_is_gone() {
    let (system, members, now) = scene().await;
    let somebody = invited(&members, now).await;
    let life = SignedDuration::from_hours(1);
    let gives = async |giver: &Giver| {
        let role = |person: &Person| Ok::<_, Problem>(person.with(Role::Viewer, &[]));
        let maker = Some(Identity { id: giver.person.clone(), known_since: now });
        let key = NewKey { maker, passkey: giver.passkey.clone(), ..NewKey::new("story", Role::Viewer) };
        [
            members.welcome("another", Role::Viewer, &[], Some(giver), now).await.unwrap().is_some(),
            members.code(&somebody.id, Some(giver), life, now).await.unwrap().is_some(),
            members.mint(&key, now).await.unwrap().is_some(),
            members.change(&somebody.id, Some(giver), role).await.is_ok(),
        ]
    };
    let (leaver, loser) = (invited(&members, now).await, invited(&members, now).await);
    let by = Giver { person: leaver.id.clone(), passkey: None };
    assert_eq!(gives(&by).await, [true; 4]);
    revoke(&members, &leaver, now).await;
    assert_eq!(gives(&by).await, [false; 4]);
    let passkey = by_new_passkey(&members, &loser, now).await.0.session.passkey;
    let by = Giver { person: loser.id.clone(), passkey: passkey.clone() };
    assert_eq!(gives(&by).await, [true; 4]);
    remove_passkey(&system, &passkey.unwrap()).await;
    assert_eq!(gives(&by).await, [false; 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_more_than_ten_open_codes_the_oldest_end() {
    let (_stage, members, now) = scene().await;
    let person = invited(&members, now).await;
    let mut codes = Vec::new();
    for _ in 0..12 {
        codes.push(members.code(&person.id, None, SignedDuration::from_hours(1), now).await.unwrap().unwrap());
    }
    let mut good = Vec::new();
    for code in &codes {
        good.push(members.activate(code, now).await.unwrap().is_some());
    }
    assert_eq!(good, [&[false; 2][..], &[true; 10]].concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_makes_its_person_known_when_it_is_used_and_not_when_it_was_made() {
    let (_stage, members, now) = scene().await;
    let person = invited(&members, now).await;
    let code = members.code(&person.id, None, SignedDuration::from_hours(1), now).await.unwrap().unwrap();
    let later = now + SignedDuration::from_mins(10);
    let (presence, _) = members.activate(&code, later).await.unwrap().unwrap();
    assert_eq!(presence.member().person.unwrap().known_since, later);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ceremony_is_finished_once_and_within_five_minutes() {
    let (_stage, members, now) = scene().await;
    let begin = async || members.begin_ceremony(None, "{}".to_owned(), now).await.unwrap();
    let (in_time, late) = (begin().await, begin().await);
    let end = now + SignedDuration::from_mins(5);
    assert!(members.take_ceremony(&in_time, end - SignedDuration::from_secs(1)).await.unwrap().is_some());
    assert!(members.take_ceremony(&in_time, now).await.unwrap().is_none(), "once");
    assert!(members.take_ceremony(&late, end).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_that_was_used_meanwhile_is_checked_anew_and_none_is_made_by_itself() {
    let (_stage, members, now) = scene().await;
    let person = invited(&members, now).await;
    let id = by_new_passkey(&members, &person, now).await.0.session.passkey.unwrap();
    let seen = members.passkey(&id).await.unwrap().unwrap();
    assert!(members.use_passkey(&seen, "{\"counter\":1}".to_owned(), now).await.unwrap().is_some());
    assert_eq!(members.use_passkey(&seen, "{\"counter\":1}".to_owned(), now).await.unwrap(), None);
    let seen = members.passkey(&id).await.unwrap().unwrap();
    assert!(members.use_passkey(&seen, "{\"counter\":2}".to_owned(), now).await.unwrap().is_some());
    let itself = NewPasskey {
        id: id.clone(),
        person: Identity { id: person.id, known_since: now },
        name: "story".to_owned(),
        record: "{}".to_owned(),
        made_by: Some(id),
    };
    let made = members.add_passkey(&itself, |_| Ok::<_, Problem>(()), now).await;
    assert!(matches!(made, Ok(None)), "{made:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_may_do_what_its_maker_may_now_and_nothing_once_they_have_left() {
    let (_stage, members, now) = scene().await;
    let lead = [Duty::Safeguarding];
    // Or the maker could not leave once they are the only owner.
    members.welcome("another", Role::Owner, &[], None, now).await.unwrap().unwrap();
    let maker = members.welcome("story", Role::Organiser, &lead, None, now).await.unwrap().unwrap();
    let identity = Identity { id: maker.id.clone(), known_since: now };
    let asked = NewKey { duties: lead.to_vec(), maker: Some(identity), ..NewKey::new("story", Role::Organiser) };
    let (_, key) = members.mint(&asked, now).await.unwrap().unwrap();
    let may = async || members.by_key(&key, now).await.unwrap().map(|member| (member.role, member.duties));
    assert_eq!(may().await, Some((Role::Organiser, lead.to_vec())));
    let becomes = async |role, duties: &[Duty]| {
        let rule = |person: &Person| Ok::<_, Problem>(person.with(role, duties));
        members.change(&maker.id, None, rule).await.unwrap().unwrap();
    };
    becomes(Role::Viewer, &lead).await;
    assert_eq!(may().await, Some((Role::Viewer, lead.to_vec())));
    becomes(Role::Viewer, &[]).await;
    assert_eq!(may().await, Some((Role::Viewer, Vec::new())), "the duty is lost with its maker's");
    becomes(Role::Owner, &[]).await;
    assert_eq!(may().await, Some((Role::Organiser, lead.to_vec())), "an owner gives duties without having them");
    revoke(&members, &maker, now).await;
    assert_eq!(may().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_good_with_its_own_secret_and_with_no_other() {
    let (_stage, members, now) = scene().await;
    let mint = async || members.mint(&NewKey::new("story", Role::Owner), now).await.unwrap().unwrap();
    let ((minted, key), (_, other)) = (mint().await, mint().await);
    let knows = async |key: &str| members.by_key(key, now).await.unwrap().map(|member| member.key);
    assert_eq!(knows(&key).await, Some(minted.id.clone()));
    let (name, secret) = key.rsplit_once('_').unwrap();
    let (_, others_secret) = other.rsplit_once('_').unwrap();
    let nearly = format!("{}{}", if secret.starts_with('A') { "B" } else { "A" }, &secret[1..]);
    for wrong in ["", &nearly, &secret[1..], &format!("{secret}A"), others_secret] {
        assert_eq!(knows(&format!("{name}_{wrong}")).await, None, "{wrong}");
    }
    assert_eq!(knows(name).await, None);
    assert_eq!(knows(&key[1..]).await, None);
    let late = NewKey { expires_at: Some(now), ..NewKey::new("story", Role::Owner) };
    let (_, late) = members.mint(&late, now).await.unwrap().unwrap();
    assert_eq!(knows(&late).await, None, "it has ended at that very instant");
    members.revoke(&minted.id, now).await.unwrap();
    assert_eq!(knows(&key).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organiser_gives_nothing_that_they_do_not_have_and_touches_nobody_above_them() {
    let (system, members, now) = scene().await;
    let welcome =
        async |role, duties: &[Duty]| members.welcome("story", role, duties, None, now).await.unwrap().unwrap();
    let (organiser, owner) = (welcome(Role::Organiser, &[]).await, welcome(Role::Owner, &[]).await);
    let (viewer, lead) = (welcome(Role::Viewer, &[]).await, welcome(Role::Viewer, &[Duty::Safeguarding]).await);
    let cookie = format!("session={}", by_new_passkey(&members, &organiser, now).await.1);
    let ask = async |method: Method, path: &str, body: Value| {
        let headers =
            [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin"), ("content-type", "application/json")];
        system.client.send(method, path, &headers, Bytes::from(body.to_string())).await
    };
    let people = "/api/v1/organiser/people";
    let path = |person: &Person| format!("{people}/{}", person.id);
    for (method, path, body) in [
        (Method::PATCH, path(&owner), json!({"role": "viewer"})),
        (Method::PATCH, path(&viewer), json!({"role": "owner"})),
        (Method::PATCH, path(&viewer), json!({"duties": ["safeguarding"]})),
        (Method::PATCH, path(&lead), json!({"duties": []})),
        (Method::DELETE, path(&owner), json!(null)),
        (Method::POST, people.to_owned(), json!({"person": owner.id})),
        (Method::POST, people.to_owned(), json!({"person": lead.id})),
        (Method::POST, people.to_owned(), json!({"name": "Another", "role": "owner"})),
        (Method::POST, people.to_owned(), json!({"name": "Another", "role": "viewer", "duties": ["safeguarding"]})),
    ] {
        let what = format!("{method} {path} {body}");
        let answer = ask(method, &path, body).await;
        assert_eq!((answer.status.as_u16(), answer.problem()), (403, "role-too-low".to_owned()), "{what}");
    }
    assert_eq!(ask(Method::PATCH, &path(&viewer), json!({"role": "moderator"})).await.status, 200);
    assert_eq!(ask(Method::POST, people, json!({"person": viewer.id})).await.status, 201);
    let kept = async |person: &Person| members.person(&person.id).await.unwrap().unwrap();
    assert_eq!((kept(&owner).await.role, kept(&lead).await.duties), (Role::Owner, vec![Duty::Safeguarding]));
}
