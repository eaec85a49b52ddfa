//! Proving who one is: a passkey that cannot be walked round, two people who are two, and requests that come from the site.

use bytes::Bytes;
use data_encoding::HEXLOWER;
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::{
    domain::states::{Duty, Role},
    runtime::Clock,
    store::members::{Members, NewKey, Person},
};
use tests::{
    Answer, Browser, Moderator, Office, TestSystem, office::Door, people::Service, photos::small, system::Setting,
};

const MINT: &str = "/api/v1/organiser/keys";

fn key_of(role: &str) -> Value {
    json!({"name": "script", "role": role, "days": 7})
}

async fn mint<S: Service>(browser: &Browser<S>) -> Answer {
    browser.call(Method::POST, MINT, &key_of("moderator")).await
}

async fn remove<S: Service>(browser: &Browser<S>, passkey: &str) -> String {
    browser.form("/moderation/you/passkeys/remove", &format!("id={passkey}")).await
}

async fn signed_in(office: &Office, code: &str) -> Browser<Door> {
    let mut browser = Browser::with(&office.door(), String::new());
    let entered = browser.sign_in(code).await;
    assert_eq!(entered.status, 200, "{}", entered.text());
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_session_neither_removes_a_passkey_nor_makes_one() {
    let office = Office::open().await;
    let owner = office.person(Role::Owner, &[]).await;
    let (code, forgotten) = (office.code(&owner).await, office.code(&owner).await);
    let mut desk = signed_in(&office, &code).await;
    let mut passkey = desk.make_passkey().await.unwrap();
    assert_eq!(mint(&desk).await.status, 201);

    // A link from before the passkey still signs in, and proves no more than that.
    let mut stale = signed_in(&office, &forgotten).await;
    assert_eq!(mint(&stale).await.problem(), "passkey-needed");
    assert_eq!(remove(&stale, &passkey.id()).await, "Use your passkey first");
    assert_eq!(stale.make_passkey().await.unwrap_err().problem(), "passkey-needed");
    assert_eq!(mint(&stale).await.problem(), "passkey-needed");

    assert_eq!(stale.use_passkey(&mut passkey).await.status, 200, "it is still there");
    assert_eq!(mint(&stale).await.status, 201);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_passkey_goes_by_a_new_link_or_by_an_owner() {
    let office = Office::open().await;
    let moderator = office.person(Role::Moderator, &[]).await;
    let (code, forgotten) = (office.code(&moderator).await, office.code(&moderator).await);
    let mut desk = signed_in(&office, &code).await;
    let mut stale = signed_in(&office, &forgotten).await;
    let first = desk.make_passkey().await.unwrap();
    assert_eq!(remove(&desk, &first.id()).await, "/moderation/you?problem=last-passkey");
    let second = desk.make_passkey().await.unwrap();
    assert_eq!(remove(&desk, &first.id()).await, "/moderation/you");
    assert_eq!(remove(&desk, &second.id()).await, "/moderation/you?problem=last-passkey");

    // The device is lost: a new link removes its passkey and makes another one.
    let mut anew = signed_in(&office, &office.code(&moderator).await).await;
    assert_eq!(remove(&anew, &second.id()).await, "/moderation/you");
    assert_eq!(stale.make_passkey().await.unwrap_err().problem(), "passkey-needed", "who once had one");
    let third = anew.make_passkey().await.unwrap();
    assert_eq!(remove(&anew, &third.id()).await, "/moderation/you?problem=last-passkey", "the link is used up");

    let owner = office.person(Role::Owner, &[]).await;
    let mut desk = signed_in(&office, &office.code(&owner).await).await;
    let own = desk.make_passkey().await.unwrap();
    assert_eq!(remove(&desk, &third.id()).await, "/moderation/you?problem=member-not-found", "somebody else's");
    assert_eq!(remove(&desk, &own.id()).await, "/moderation/you");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_passkey_ends_the_sessions_that_it_began_and_no_others() {
    let office = Office::open().await;
    let owner = office.person(Role::Owner, &[]).await;
    let mut desk = signed_in(&office, &office.code(&owner).await).await;
    let mut own = desk.make_passkey().await.unwrap();
    let mut stolen = desk.make_passkey().await.unwrap();
    assert_eq!(desk.use_passkey(&mut own).await.status, 200);
    let by_link = signed_in(&office, &office.code(&owner).await).await;
    let (mut thief, mut again) =
        (Browser::with(&office.door(), String::new()), Browser::with(&office.door(), String::new()));
    for browser in [&mut thief, &mut again] {
        assert_eq!(browser.use_passkey(&mut stolen).await.status, 200);
        assert_eq!(mint(browser).await.status, 201, "it is fresh");
    }

    assert_eq!(remove(&desk, &stolen.id()).await, "/moderation/you");
    for browser in [&mut thief, &mut again] {
        assert_eq!(browser.get("/api/v1/session").await.status, 401);
        assert_eq!(mint(browser).await.status, 401);
        assert_eq!(browser.make_passkey().await.unwrap_err().status, 401);
        assert_eq!(remove(browser, &own.id()).await, "/moderation/sign-in?problem=not-signed-in");
        assert_eq!(browser.use_passkey(&mut stolen).await.problem(), "passkey-refused");
    }
    assert_eq!(mint(&desk).await.status, 201, "another passkey began it, and it is as fresh as before");
    assert_eq!(by_link.get("/api/v1/session").await.status, 200, "a link began it");
    let listed = desk.get("/api/v1/organiser/people").await.json();
    assert_eq!(listed["sessions"].as_array().unwrap().len(), 2, "{listed}");

    // Who removes the one by which they are signed in signs in anew.
    assert_eq!(remove(&desk, &own.id()).await, "/moderation/you");
    assert_eq!(desk.get("/api/v1/session").await.status, 401);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_links_end_with_who_made_or_has_them() {
    let office = Office::open().await;
    let (owner, organiser) = (office.person(Role::Owner, &[]).await, office.person(Role::Organiser, &[]).await);
    let (boss, desk) = (office.browser(&owner, true).await, office.browser(&organiser, true).await);
    let code = office.code(&organiser).await;
    let minted = desk.call(Method::POST, MINT, &key_of("organiser")).await;
    let bearer = format!("Bearer {}", minted.json()["key"].as_str().unwrap());
    let by_key =
        async |path: &str| office.door().ask(Method::GET, path, &[("authorization", &bearer)], Bytes::new()).await;
    let (log, waiting) = ("/api/v1/organiser/activity", "/api/v1/moderation/waiting");
    assert_eq!(by_key(log).await.status, 200);

    let target = format!("/api/v1/organiser/people/{}", organiser.id);
    let demoted = boss.call(Method::PATCH, &target, &json!({"role": "moderator"})).await;
    assert_eq!(demoted.status, 200, "{}", demoted.text());
    assert_eq!(by_key(log).await.problem(), "role-too-low", "a key does no more than its maker may");
    assert_eq!(by_key(waiting).await.status, 200);

    assert_eq!(boss.call(Method::DELETE, &target, &json!(null)).await.status, 204);
    assert_eq!(by_key(waiting).await.status, 401);
    let mut late = Browser::with(&office.door(), String::new());
    assert_eq!(late.sign_in(&code).await.problem(), "code-refused");
    let people = boss.get("/api/v1/organiser/people").await.json();
    assert_eq!(people["keys"][0]["maker"], json!(organiser.id));
    assert!(people["keys"][0]["revoked_at"].is_string(), "{people}");
    office.close().await;
}

async fn restore<S: Service>(browser: &Browser<S>, id: &str, version: u64) -> Value {
    let decision = json!({"decisions": [{"id": id, "version": version, "action": "restore"}]});
    let answer = browser.call(Method::POST, "/api/v1/moderation/decisions", &decision).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["decisions"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_are_never_one_with_a_key_or_a_guest() {
    let system = TestSystem::open().await;
    let ids = system.device().add(&[small(1)]).await;
    let other = system.moderator().await;
    other.publish(&ids).await;
    let helper = system.person(Role::Moderator, &[]).await;
    let organiser = system.person(Role::Organiser, &[]).await;
    let mut desk = system.browser(&organiser).await;
    desk.make_passkey().await.unwrap();
    // The second one confirms it.
    for reporter in [&system.client, &system.elsewhere(2)] {
        let target = format!("/api/v1/photos/{}/reports", ids[0]);
        let hidden = reporter.json(Method::POST, &target, "", &json!({"reason": "pupil"})).await;
        assert_eq!(hidden.status, 202, "{}", hidden.text());
    }
    assert_eq!(restore(&desk, &ids[0], 5).await["state"], "hidden", "one agrees");

    let refused = |outcome: &Value| outcome["problem"]["type"].as_str().unwrap().replace("/problems/", "");
    // Their key.
    let minted = mint(&desk).await.json();
    let script = Moderator::new(&system.client, minted["key"].as_str().unwrap());
    assert_eq!(refused(&script.decide(&ids[0], 6, "restore").await), "second-person-needed");
    // Somebody whom they invite, and somebody whom they are by a new link; with a passkey, too.
    let people = "/api/v1/organiser/people";
    for body in [json!({"name": "Guest", "role": "moderator"}), json!({"person": helper.id})] {
        let invited = desk.call(Method::POST, people, &body).await;
        assert_eq!(invited.status, 201, "{}", invited.text());
        let link = invited.json()["link"].as_str().unwrap().to_owned();
        let mut guest = Browser::with(&system.client, String::new());
        assert_eq!(guest.sign_in(link.split_once("#code=").unwrap().1).await.status, 200);
        assert_eq!(refused(&restore(&guest, &ids[0], 6).await), "agreement-refused");
        let mut passkey = guest.make_passkey().await.unwrap();
        assert_eq!(guest.use_passkey(&mut passkey).await.status, 200);
        assert_eq!(refused(&restore(&guest, &ids[0], 6).await), "agreement-refused");
    }
    // A key that nobody made.
    let members = Members::new(&system.laptop.table);
    let asked = NewKey::new("story", Role::Owner);
    let (_, key) = members.mint(&asked, Clock::system().now()).await.unwrap().unwrap();
    let nobody = Moderator::new(&system.client, &key).decide(&ids[0], 6, "restore").await;
    assert_eq!(refused(&nobody), "agreement-refused");
    assert_eq!(system.client.get(&format!("/api/v1/photos/{}", ids[0])).await.status, 410);

    assert_eq!(other.decide(&ids[0], 6, "restore").await["state"], "published");
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn on_https_a_cookie_that_another_host_could_set_counts_for_nothing() {
    let office = Office::at("https://photos.example").await;
    let person = office.person(Role::Moderator, &[]).await;
    let entered = office
        .door()
        .ask(
            Method::POST,
            "/api/v1/session",
            &[("content-type", "application/json"), ("origin", "https://photos.example")],
            json!({"code": office.code(&person).await}).to_string().into(),
        )
        .await;
    assert_eq!(entered.status, 200, "{}", entered.text());
    let cookie = entered.header("set-cookie").split(';').next().unwrap().to_owned();
    let token = cookie.strip_prefix("__Host-session=").unwrap();
    let status =
        async |cookie: &str| Browser::with(&office.door(), cookie.to_owned()).get("/api/v1/session").await.status;
    assert_eq!(status(&cookie).await, 200);
    assert_eq!(status(&format!("session=tossed; {cookie}")).await, 200, "locks nobody out");
    assert_eq!(status(&format!("session={token}")).await, 401, "and lets nobody in");
    office.close().await;
}

/// A link for a person, made by another who is signed in; answers with its code.
async fn link_by<S: Service>(desk: &Browser<S>, person: &Person) -> String {
    let made = desk.call(Method::POST, "/api/v1/organiser/people", &json!({"person": person.id})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let link = made.json()["link"].as_str().unwrap().to_owned();
    link.split_once("#code=").unwrap().1.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_ends_with_who_made_it_and_with_what_it_was_made_for() {
    let office = Office::open().await;
    let (bad, good) = (office.person(Role::Owner, &[]).await, office.person(Role::Owner, &[]).await);
    let helper = office.person(Role::Moderator, &[]).await;
    let (theirs, ours) = (office.browser(&bad, true).await, office.browser(&good, true).await);
    let kept = link_by(&theirs, &good).await;
    let to_rise = link_by(&ours, &helper).await;
    let change = |body: Value| (Method::PATCH, format!("/api/v1/organiser/people/{}", helper.id), body);

    // Who is promoted signs in by another link than the one that anybody may have seen.
    let (method, target, body) = change(json!({"role": "organiser"}));
    assert_eq!(ours.call(method, &target, &body).await.status, 200);
    let mut anybody = Browser::with(&office.door(), String::new());
    assert_eq!(anybody.sign_in(&to_rise).await.status, 401, "it was made for a moderator");
    assert_eq!(anybody.sign_in(&link_by(&ours, &helper).await).await.status, 200);

    let gone = ours.call(Method::DELETE, &format!("/api/v1/organiser/people/{}", bad.id), &Value::Null).await;
    assert_eq!(gone.status, 204, "{}", gone.text());
    assert_eq!(anybody.sign_in(&kept).await.status, 401, "its maker has left");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duty_is_not_taken_away_by_who_may_not_give_it() {
    let office = Office::open().await;
    let lead = office.person(Role::Moderator, &[Duty::Safeguarding]).await;
    let target = format!("/api/v1/organiser/people/{}", lead.id);
    let without = json!({"duties": []});
    let organiser = office.browser(&office.person(Role::Organiser, &[]).await, true).await;
    assert_eq!(organiser.call(Method::PATCH, &target, &without).await.status, 403);
    let owner = office.browser(&office.person(Role::Owner, &[]).await, true).await;
    assert_eq!(owner.call(Method::PATCH, &target, &without).await.status, 200);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_whose_id_no_row_can_have_is_refused_and_no_fault() {
    let system = TestSystem::open().await;
    for id in [String::new(), "A".repeat(1_400)] {
        let begun = system.client.json(Method::POST, "/api/v1/session/passkey/begin", "", &Value::Null).await;
        let credential = json!({"id": id, "rawId": id, "type": "public-key", "response": {
            "clientDataJSON": "AAAA", "authenticatorData": "AAAA", "signature": "AAAA"}});
        let used = json!({"ceremony": begun.json()["ceremony"], "credential": credential});
        let refused = system.client.json(Method::POST, "/api/v1/session/passkey/finish", "", &used).await;
        assert_eq!(refused.problem(), "passkey-refused", "{} characters", id.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_a_page_elsewhere_sends_is_refused_whatever_browsers_say_of_it() {
    let system = TestSystem::open().await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let ids = device.add(&[small(1)]).await;
    moderator.publish(&ids).await;
    let target = format!("/photos/{}/reports", ids[0]);
    let site = system.laptop.site.clone();
    let report = async |said: &[(&str, &str)]| {
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
        headers.extend(said);
        let answer = system.client.send(Method::POST, &target, &headers, "reason=pupil&text=&contact=").await;
        answer.header("location").to_owned()
    };
    for said in [&[("origin", "https://evil.example")][..], &[("sec-fetch-site", "cross-site"), ("origin", &site)]] {
        assert!(report(said).await.contains("problem=cross-site"), "{said:?}");
    }
    assert_eq!(system.client.get(&format!("/api/v1/photos/{}", ids[0])).await.status, 200);
    for said in [&[("origin", site.as_str())][..], &[("sec-fetch-site", "same-origin")], &[]] {
        assert!(!report(said).await.contains("problem="), "{said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_says_its_origin_only_signs_in_decides_and_signs_out() {
    // Behind the delivery network the functions are called by any name; the origin decides.
    let allowed_hosts = ["evil.example".to_owned(), "null".to_owned()].into();
    let system = TestSystem::with(Setting { allowed_hosts, ..Setting::default() }).await;
    let person = system.person(Role::Moderator, &[]).await;
    let site = system.laptop.site.clone();
    // As Safari before 16.4 asks. `Host` is whatever its sender likes.
    let ask = async |target: &str, origin: &str, cookie: &str, body: String| {
        let host = origin.rsplit('/').next().unwrap_or_default();
        let kind = if target.starts_with("/api/") { "application/json" } else { "application/x-www-form-urlencoded" };
        let headers = [("origin", origin), ("host", host), ("content-type", kind), ("cookie", cookie)];
        system.client.send(Method::POST, target, &headers, body).await
    };
    let code = async || json!({"code": system.code(&person).await}).to_string();
    for origin in ["https://evil.example", "http://127.0.0.1:1", "null"] {
        assert_eq!(ask("/api/v1/session", origin, "", code().await).await.problem(), "cross-site", "{origin}");
    }
    let entered = ask("/api/v1/session", &site, "", code().await).await;
    assert_eq!(entered.status, 200, "{}", entered.text());
    let cookie = entered.header("set-cookie").split(';').next().unwrap().to_owned();
    let decision = json!({"decisions": [{"id": "x", "version": 1, "action": "hide"}]}).to_string();
    let decisions = "/api/v1/moderation/decisions";
    assert_eq!(ask(decisions, "https://evil.example", &cookie, decision.clone()).await.problem(), "cross-site");
    assert_eq!(ask(decisions, &site, &cookie, decision).await.status, 200);
    let numbered = site.replace("localhost", "127.0.0.1");
    assert_eq!(ask("/api/v1/session/passkey/begin", &numbered, &cookie, String::new()).await.status, 200);
    assert_eq!(ask("/moderation/session/end", &site, &cookie, String::new()).await.status, 303);
    let after = system.client.send(Method::GET, "/api/v1/session", &[("cookie", &cookie)], Bytes::new()).await;
    assert_eq!(after.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_an_older_version_are_read_and_changed() {
    let system = TestSystem::open().await;
    let now = Clock::system().now();
    let (who, code, secret) = ("aaaaaaaaaaaaaaaa", "an-old-code", "an-old-secret");
    let (soon, hash) = (now + SignedDuration::from_hours(1), |text: &str| HEXLOWER.encode(&Sha256::digest(text)));
    let (n, s) = (|n: i64| json!({"N": n.to_string()}), |text: &str| json!({"S": text}));
    let past = n(now.as_millisecond() - 60_000);
    let person = json!({
        "PK": s("WHO"), "SK": s(who), "id": s(who), "name": s("Old hand"), "role": s("organiser"), "duties": {"L": []},
        "created_at": past,
    });
    let opened = json!({
        "PK": s(&format!("CODE#{}", hash(code))), "SK": s("M"), "person": s(who),
        "until": n(soon.as_millisecond()), "ttl": n(soon.as_second()),
    });
    let session = json!({
        "PK": s("SES"), "SK": s(&hash("an-old-session")), "id": s("bbbbbbbbbbbbbbbb"), "person": s(who),
        "created_at": past, "seen_at": past, "until": n(soon.as_millisecond()), "ttl": n(soon.as_second()),
    });
    // Another one, by a passkey: an older version did not say by which.
    let verified = json!({
        "PK": s("SES"), "SK": s(&hash("an-old-verified-session")), "id": s("dddddddddddddddd"), "person": s(who),
        "created_at": past, "seen_at": past, "verified_at": past, "until": n(soon.as_millisecond()),
        "ttl": n(soon.as_second()),
    });
    let passkey = json!({
        "PK": s("CRED"), "SK": s("b2xk"), "id": s("b2xk"), "person": s(who), "name": s("Old phone"), "record": s("{}"),
        "created_at": past,
    });
    let key = json!({
        "PK": s("KEY"), "SK": s("cccccccccccccccc"), "id": s("cccccccccccccccc"), "name": s("Old script"),
        "role": s("viewer"), "created_at": past, "hash": s(&hash(secret)),
    });
    system.laptop.load(vec![person, opened, session, verified, passkey, key]).await.unwrap();

    let script = Moderator::new(&system.client, &format!("tgk_cccccccccccccccc_{secret}"));
    assert_eq!(script.get("/api/v1/moderation/waiting").await.status, 200);
    let kept = Browser::with(&system.client, "session=an-old-session".to_owned());
    assert_eq!(kept.get("/api/v1/session").await.json()["role"], "organiser");
    let by_passkey = Browser::with(&system.client, "session=an-old-verified-session".to_owned());
    assert_eq!(by_passkey.get("/api/v1/session").await.json()["role"], "organiser");
    let mut anew = Browser::with(&system.client, String::new());
    assert_eq!(anew.sign_in(code).await.status, 200);
    assert_eq!(anew.make_passkey().await.unwrap_err().problem(), "passkey-needed", "they have one");

    let owner = system.person(Role::Owner, &[]).await;
    let mut desk = system.browser(&owner).await;
    desk.make_passkey().await.unwrap();
    let target = format!("/api/v1/organiser/people/{who}");
    let changed = desk.call(Method::PATCH, &target, &json!({"role": "viewer"})).await;
    assert_eq!(changed.json()["role"], "viewer", "{}", changed.text());
    // A new link lets them look after their passkeys, and the last one may go by it.
    let link = desk.call(Method::POST, "/api/v1/organiser/people", &json!({"person": who})).await.json();
    let mut anew = Browser::with(&system.client, String::new());
    assert_eq!(anew.sign_in(link["link"].as_str().unwrap().split_once("#code=").unwrap().1).await.status, 200);
    assert_eq!(remove(&anew, "b2xk").await, "/moderation/you");
    assert_eq!(by_passkey.get("/api/v1/session").await.status, 401, "by the one that is gone, for all that is known");
    assert_eq!(kept.get("/api/v1/session").await.status, 200, "a link began it");
    assert_eq!(kept.clone().make_passkey().await.unwrap_err().problem(), "passkey-needed", "they had one");
    assert_eq!(anew.make_passkey().await.unwrap().id().len(), 22);

    assert_eq!(desk.call(Method::DELETE, "/api/v1/organiser/keys/cccccccccccccccc", &json!(null)).await.status, 204);
    assert_eq!(script.get("/api/v1/moderation/waiting").await.status, 401);
    assert_eq!(desk.call(Method::DELETE, &target, &json!(null)).await.status, 204);
    assert_eq!(kept.get("/api/v1/session").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_who_answers_for_children_decides_about_what_is_locked_away() {
    let system = TestSystem::open().await;
    let ids = system.device().add(&[small(1), small(2)]).await;
    let moderator = system.moderator().await;
    assert_eq!(moderator.decide(&ids[0], 2, "quarantine").await["state"], "quarantined");
    let lead = system.member_with(Role::Viewer, &[Duty::Safeguarding]).await;
    assert_eq!(lead.decide(&ids[0], 3, "release").await["state"], "pending");
    for (id, version) in [(&ids[0], 4), (&ids[1], 2)] {
        let refused = lead.decide(id, version, "publish").await;
        assert_eq!(refused["problem"]["type"], "/problems/role-too-low");
    }
    let viewer = system.member(Role::Viewer).await;
    assert_eq!(viewer.decisions(&json!({"decisions": []})).await.problem(), "role-too-low");
}
