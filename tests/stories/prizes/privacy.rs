//! What is kept of entrants: who reads it, what is told to them, and when it is erased.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use housekeeping::requests;
use http::Method;
use jiff::{SignedDuration, Timestamp};
use local::names;
use serde_json::{Value, json};
use shared::{
    domain::{
        Edition,
        draw::{
            files::Drawn,
            protocol,
            settings::{DrawSettings, Method as By},
            steps::{Reason, Standing, State as Stands},
        },
        people::Actor,
        states::Role,
    },
    runtime::Clock,
    store::{draw_steps::Value as Source, draws::Draws},
};
use tests::{
    TestSystem,
    system::{Setting, edition},
};

use super::{
    DRAWS, Hand, Relay, at, device_with, entered, file, id, keeper, leaves, minute, open_draws, own, row, settings,
    slug, text, verified,
};

/// Where the lines go that the functions log.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[expect(clippy::too_many_lines, reason = "one day is looked at from all sides")]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_reads_a_name_or_a_contact_anywhere_and_an_entry_counts_by_what_its_photos_are() {
    let lines = Lines::default();
    let writer = lines.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::INFO)
        .with_writer(move || writer.clone())
        .init();
    // Today, so that photos come and go while the draw is open; the clock is set ahead only.
    let hand = Hand::new();
    let now = Clock::system().now();
    let whole = Timestamp::from_second(now.as_second()).unwrap();
    let hours = |hours: i64| whole + SignedDuration::from_hours(hours);
    let draw = DrawSettings {
        freezes_at: hours(1),
        draws_at: hours(2),
        ..settings("today", "23T15:30:00", "23T15:59:24", By::Observer)
    };
    let edition = Edition { draws: vec![draw], ..edition() };
    let setting = Setting {
        edition: Some(edition),
        quiet: true,
        clock: Some(hand.clock()),
        calendar: true,
        ..Setting::default()
    };
    let system = TestSystem::with(setting).await;
    minute(&system, &hand).await;
    let moderator = system.moderator().await;
    let (public, photo) = device_with(&system, 1, true).await;
    let (waiting, _) = device_with(&system, 2, false).await;
    let (rejected, bad) = device_with(&system, 3, false).await;
    let (reported, seen) = device_with(&system, 4, true).await;
    let (withdrawn, _) = device_with(&system, 5, true).await;
    let mut wanted = BTreeSet::new();
    for (number, device) in [&public, &waiting, &reported, &rejected, &withdrawn].into_iter().enumerate() {
        let leaves = entered(device, &format!("planted{number}@plant.example")).await;
        if number < 3 {
            wanted.insert(leaves["today"].clone());
        }
    }
    assert_eq!(moderator.decide(&bad, 2, "reject").await["state"], "rejected");
    let report = json!({"reason": "pupil", "text": ""}).to_string();
    let kind = [("content-type", "application/json")];
    let hidden = system.elsewhere(9).send(Method::POST, &format!("/api/v1/photos/{seen}/reports"), &kind, report).await;
    assert_eq!(hidden.status, 202, "{}", hidden.text());
    let gone = system.client.get(&format!("/api/v1/photos/{seen}")).await.status;
    assert!(gone.is_client_error(), "reports have hidden it: {gone}");
    let left = withdrawn.call(Method::DELETE, DRAWS, &json!(null)).await;
    assert!(leaves(&left.json()).is_empty());
    let again = entered(&withdrawn, "planted4@plant.example").await;
    wanted.insert(again["today"].clone());
    let draws = Draws::new(&system.laptop.table);
    let secret = draws.secret(&slug(), &id("today")).await.unwrap().reveal();

    // Nothing of them is anywhere before the freeze, nor after it, nor after the result.
    let person = system.person(Role::Owner, &[]).await;
    let mut browser = system.browser(&person).await;
    let mut key = browser.make_passkey().await.unwrap();
    let officer = system.person(Role::Owner, &[]).await;
    let mut desk = system.browser(&officer).await;
    let mut passkey = desk.make_passkey().await.unwrap();
    let mut searched = async |planted: &[&str]| {
        // An hour of silence has ended the session.
        assert_eq!(browser.use_passkey(&mut key).await.status, 200);
        let (mut read, mut found) = (0, BTreeSet::new());
        // Every route of every function, for photos and for the draw; contacts are read below, by those who may.
        let ids = [photo.clone(), "today".to_owned()];
        let routes = tests::routes::read().into_iter().filter(|path| !path.ends_with("/contacts"));
        let routes = routes.flat_map(|path| tests::routes::addresses(&path, &ids, "sample-academy"));
        let asked = ["/api/v1/schools?q=sa", "/api/v1/organiser/export?consent=web", "/gallery?q=planted"];
        let names = ["commit.json", "rules.html", "rules.cy.html", "entries.txt", "beacon.json", "result.json"];
        let files = names.map(|name| file("today", name));
        for path in routes.chain(asked.map(str::to_owned)).chain(files) {
            for answer in [system.client.get(&path).await, browser.get(&path).await] {
                found.extend((answer.status == 200).then(|| path.clone()));
                let text = answer.unpacked().text().to_lowercase();
                for planted in planted {
                    assert!(!text.contains(planted), "{planted} in {path}");
                }
                read += 1;
            }
        }
        for path in
            ["/draws/today", "/cy/draws/today/verify", "/organiser/draws/today", "/api/v1/organiser/draws/today"]
        {
            assert!(found.contains(path), "{path} is looked at");
        }
        read
    };
    let planted = ["plant.example", "pat planted", "plantshire"];
    let mut before = planted.to_vec();
    before.push(&secret);
    let read = searched(&before).await;
    // Late by so much that each photo is looked at.
    hand.set(hours(1) + SignedDuration::from_mins(10));
    minute(&system, &hand).await;
    let listed = text(&system.client, "today", "entries.txt").await;
    assert_eq!(listed.lines().map(str::to_owned).collect::<BTreeSet<_>>(), wanted);
    assert!(searched(&before).await == read && read > 200, "{read}");
    println!("{read} answers are without {before:?}");

    // Contacts are read after the result alone, and by nobody who has not used a passkey just now.
    let read_contacts = "/api/v1/organiser/draws/today/contacts";
    assert_eq!(desk.get(read_contacts).await.problem(), "not-signed-in", "after an hour of silence");
    assert_eq!(desk.use_passkey(&mut passkey).await.status, 200);
    assert_eq!(desk.get(read_contacts).await.problem(), "draw-step");
    assert_eq!(desk.get("/api/v1/organiser/draws/nothing/contacts").await.problem(), "unknown-draw");

    // After the freeze a moderator takes the photo of an entry off: it is passed over, for that reason.
    assert_eq!(moderator.decide(&photo, 3, "hide").await["state"], "hidden");
    hand.set(hours(3));
    let (keeper, by) = (keeper(&system.laptop, &hand), Actor::Function("organiser"));
    let said = Drawn::Observer { observer: "The head".into(), sentence: "Copper turns blue".into() };
    keeper.draw_steps().beacon(&slug(), &id("today"), Source::Given(said), &by).await.unwrap();
    minute(&system, &hand).await;
    let row = row(&system, "today").await;
    assert_eq!((row.draw.state, row.draw.places.len()), (Stands::Revealed, 4));
    let public = leaves(&own(&public).await)["today"].parse().unwrap();
    let out = keeper.draw_steps().disqualify(&slug(), &id("today"), &public, Reason::Photo, &by).await.unwrap();
    let place = out.draw.places.iter().find(|place| place.leaf == public).unwrap();
    assert_eq!(place.standing, Standing::Out { reason: Reason::Photo });
    verified(&system, "today").await;
    assert_eq!(desk.use_passkey(&mut passkey).await.status, 200);
    let told = desk.get(read_contacts).await;
    assert_eq!(told.status, 200, "{}", told.text());
    let people = told.json()["people"].as_array().unwrap().clone();
    let named = |person: &&Value| person["contact"].as_str().is_some_and(|contact| contact.ends_with("@plant.example"));
    assert_eq!((people.len(), people.iter().filter(named).count()), (4, 3), "{people:#?}");
    assert!(people.iter().any(|person| person["is"] == "out" && person["name"].is_null()));
    let owner = system.member(Role::Owner).await;
    assert_eq!(owner.get(read_contacts).await.problem(), "passkey-needed", "a key cannot");
    assert_eq!(moderator.get(read_contacts).await.problem(), "role-too-low");
    let activity = desk.get("/api/v1/organiser/activity").await.text();
    assert!(activity.contains("draw-contacts"), "each look is in the log");
    // Winners have agreed to be named; how they are reached stays where it is.
    searched(&["plant.example", "pat planted"]).await;

    // Ninety days later nobody can be reached any more, whatever has become of the prizes.
    assert!(!draws.entrants(&slug()).await.unwrap().is_empty());
    hand.set(hours(2 + 24 * 90));
    minute(&system, &hand).await;
    assert!(draws.entrants(&slug()).await.unwrap().is_empty());
    assert_eq!(row.draw.state, Stands::Revealed);
    let logged = String::from_utf8_lossy(&lines.0.lock().unwrap()).to_lowercase();
    assert!(logged.contains("a draw has moved"), "the log is looked at");
    for planted in planted {
        // The embedded services are no functions of ours: what they are asked is their own business.
        let line = logged.lines().find(|line| line.contains(planted));
        assert!(line.is_none(), "{planted} in {}", line.unwrap_or_default());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_an_entrant_is_told_to_them_and_erased_with_their_last_photo() {
    let (hand, relay) = (Hand::new(), Relay::default());
    let system = open_draws(vec![settings("noon", "23T15:30:00", "23T15:59:24", By::Beacon)], &hand, &relay).await;
    let (device, photo) = device_with(&system, 1, true).await;
    hand.set(at("23T09:00:00"));
    minute(&system, &hand).await;
    let leaves = entered(&device, "pat@example.org").await;
    let (keeper, photo) = (keeper(&system.laptop, &hand), photo.parse().unwrap());
    let told = requests::dossier(&keeper, &photo).await.unwrap().unwrap();
    let told = serde_json::to_value(&told).unwrap();
    assert_eq!((&told["entries"][0][0], &told["entrant"]["contact"]), (&json!("noon"), &json!("pat@example.org")));
    let ticket = told["entries"][0][1]["ticket"].as_str().unwrap().parse().unwrap();
    assert_eq!(protocol::leaf(&id("noon"), &ticket).as_str(), leaves["noon"]);
    requests::erase(&keeper, &photo, requests::Return::Allowed).await.unwrap();
    let rows = tests::rows::rows(&system.laptop.aws, names::TABLE).await;
    let left: Vec<_> = rows.iter().filter(|row| row["PK"]["S"].as_str().unwrap().starts_with("ENTR")).collect();
    assert!(left.is_empty(), "{left:#?}");
    assert!(requests::dossier(&keeper, &photo).await.unwrap().unwrap().entrant.is_none());
}
