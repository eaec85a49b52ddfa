//! What an organiser takes along after the day: the list of published photos, by what their senders agreed to.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::{
    domain::states::Role,
    runtime::Clock,
    store::members::{Members, Proof},
};
use tests::{Answer, TestSystem, office::by_new_passkey, people::batch, photos::small};

const LIST: &str = "/api/v1/organiser/export";

/// Adds a photo whose sender agrees to this beside its being shown on the site, and waits until it can be decided about.
async fn added(system: &TestSystem, file: &Bytes, caption: &str, social: bool, press: bool) -> String {
    let device = system.device();
    let mut asked = batch(std::slice::from_ref(file));
    asked["consent"]["social"] = json!(social);
    asked["consent"]["press"] = json!(press);
    asked["photos"][0]["caption"] = json!(caption);
    let reserved = device.request(&asked).await.json()["photos"][0].clone();
    assert_eq!(device.put(&reserved, file).await.status, 200, "{reserved}");
    let id = reserved["id"].as_str().unwrap().to_owned();
    device.until(&id, "pending").await;
    id
}

/// Somebody with a session, who used their passkey at `verified`.
async fn signed_in(system: &TestSystem, role: Role, verified: Option<Timestamp>) -> String {
    let (members, now) = (Members::new(&system.laptop.table), Clock::system().now());
    let person = members.welcome("story", role, &[], None, now).await.unwrap().unwrap();
    let (_, token) = match verified {
        Some(at) => by_new_passkey(&members, &person, at).await,
        None => members.begin(&person.id, Proof::Code(None), now).await.unwrap().unwrap(),
    };
    format!("session={token}")
}

async fn take(system: &TestSystem, cookie: &str, target: &str) -> Answer {
    system.client.send(Method::GET, target, &[("cookie", cookie)], Bytes::new()).await
}

/// The ids of a list as JSON.
fn ids(list: &Value) -> BTreeSet<String> {
    list["photos"].as_array().unwrap().iter().map(|photo| photo["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organiser_takes_along_exactly_the_photos_whose_senders_agreed() {
    let system = TestSystem::open().await;
    let formula = "=1+1, \"so they say\"";
    let press = added(&system, &small(1), formula, false, true).await;
    let neither = added(&system, &small(2), "Crystals on day two", false, false).await;
    let both = added(&system, &small(3), "Crystals on day three", true, true).await;
    let hidden = added(&system, &small(4), "Crystals on day four", true, true).await;
    let waiting = added(&system, &small(5), "Crystals on day five", true, true).await;
    let moderator = system.moderator().await;
    moderator.publish(&[press.clone(), neither.clone(), both.clone(), hidden.clone()]).await;
    assert_eq!(moderator.decide(&hidden, 3, "hide").await["state"], json!("hidden"));

    let organiser = signed_in(&system, Role::Organiser, Some(Clock::system().now())).await;
    let listed = async |consent: &str| {
        let answer = take(&system, &organiser, &format!("{LIST}?consent={consent}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!((answer.header("cache-control"), answer.header("link")), ("no-store", ""));
        answer.json()
    };
    let set = |ids: &[&String]| ids.iter().map(|id| (*id).clone()).collect::<BTreeSet<_>>();
    assert_eq!(ids(&listed("press").await), set(&[&press, &both]));
    assert_eq!(ids(&listed("social").await), set(&[&both]));
    let all = listed("web").await;
    assert_eq!(ids(&all), set(&[&press, &neither, &both]));
    assert!(!all.to_string().contains(&waiting) && all["next"].is_null(), "{all}");

    // All of a photo, with addresses that lead to it.
    let photo = all["photos"].as_array().unwrap().iter().find(|photo| photo["id"] == json!(press)).unwrap();
    assert_eq!((&photo["caption"], &photo["people"]), (&json!(formula), &json!("none")));
    assert_eq!((&photo["consent"]["press"], &photo["consent"]["social"]), (&json!(true), &json!(false)));
    for address in [&photo["page"], &photo["image"]] {
        let address = address.as_str().unwrap();
        let path = address.strip_prefix(&system.laptop.site).unwrap_or_else(|| panic!("{address} is absolute"));
        assert_eq!(system.client.get(path).await.status, 200, "{address}");
    }
    // One that is withdrawn afterwards is in no later list.
    assert_eq!(moderator.decide(&both, 3, "hide").await["state"], json!("hidden"));
    assert_eq!(ids(&listed("press").await), set(&[&press]));

    // For a spreadsheet program: recognised as UTF-8, and what somebody wrote is no formula.
    let answer = take(&system, &organiser, &format!("{LIST}?edition=2027&consent=press&format=csv")).await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"techognition-2027-press.csv\"");
    let text = answer.text();
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert!(lines[0].starts_with("\u{feff}\"id\",\"page\",\"image\",\"caption\","), "{text}");
    assert!(lines[1].starts_with(&format!("\"{press}\",\"{}/p/{press}\",", system.laptop.site)), "{text}");
    assert!(lines[1].contains(",\"'=1+1, \"\"so they say\"\"\","), "{text}");
    assert_eq!(lines.len(), 3, "{text}");

    // Who took what is in the log.
    let owner = system.member(Role::Owner).await;
    let log = owner.get("/api/v1/organiser/activity").await.json();
    assert_eq!(log["broken_at"], json!(null));
    let entries = log["entries"].as_array().unwrap().iter().rev().filter(|entry| entry["action"] == json!("export"));
    let details: Vec<_> = entries.map(|entry| entry["detail"].as_str().unwrap()).collect();
    assert_eq!(
        details,
        [
            "2027, press, json: 2 photos",
            "2027, social, json: 1 photos",
            "2027, web, json: 3 photos",
            "2027, press, json: 1 photos",
            "2027, press, csv: 1 photos",
        ]
    );
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_taken_by_a_fresh_passkey_and_part_by_part() {
    let system = TestSystem::open().await;
    let now = Clock::system().now();
    let target = format!("{LIST}?consent=press");
    for (role, verified, problem) in [
        (Role::Owner, None, "passkey-needed"),
        (Role::Organiser, Some(now - jiff::SignedDuration::from_mins(6)), "passkey-needed"),
        (Role::Moderator, Some(now), "role-too-low"),
    ] {
        let cookie = signed_in(&system, role, verified).await;
        assert_eq!(take(&system, &cookie, &target).await.problem(), problem, "{role}");
    }
    assert_eq!(system.member(Role::Owner).await.get(&target).await.problem(), "passkey-needed", "a key has none");
    assert_eq!(system.client.get(&target).await.problem(), "not-signed-in");

    let organiser = signed_in(&system, Role::Organiser, Some(now)).await;
    for (query, problem) in [
        ("", "malformed-request"),
        ("?consent=everything", "malformed-request"),
        ("?consent=press&format=xlsx", "malformed-request"),
        ("?consent=press&colour=blue", "malformed-request"),
        ("?consent=press&limit=0", "invalid"),
        ("?consent=press&limit=2001", "invalid"),
        ("?consent=press&after=x", "invalid"),
        ("?consent=press&edition=1999", "unknown-edition"),
    ] {
        assert_eq!(take(&system, &organiser, &format!("{LIST}{query}")).await.problem(), problem, "{query}");
    }

    // One looks at one photo at a time; the second of three may not be given to the press.
    let mut all = Vec::new();
    for (file, press) in [(1, true), (2, false), (3, true)] {
        all.push(added(&system, &small(file), "Crystals on day twelve", false, press).await);
    }
    system.moderator().await.publish(&all).await;
    let (mut at, mut found, mut parts) = (format!("{target}&limit=1"), BTreeSet::new(), 0);
    loop {
        let answer = take(&system, &organiser, &at).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let part = answer.json();
        parts += 1;
        found.extend(ids(&part));
        let Some(next) = part["next"].as_str() else {
            assert_eq!(answer.header("link"), "");
            break;
        };
        at = format!("{LIST}?edition=2027&consent=press&format=json&limit=1&after={next}");
        assert_eq!(answer.header("link"), format!("<{at}>; rel=\"next\""));
    }
    assert_eq!((parts, found), (3, [all[0].clone(), all[2].clone()].into()), "and one part was empty");
}
