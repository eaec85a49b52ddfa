//! Prize draws, from the announcement to the last prize, by virtual clocks. The beacon's rounds are true ones of 2023, so the days are of
//! then; photos are sent before the clock is set back to them, since a storage believes no signature of another day.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use housekeeping::requests;
use http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use local::{Faults, Laptop, names};
use serde_json::{Value, json};
use shared::{
    domain::{
        Edition, EditionSlug,
        draw::{
            beacon::CHAIN,
            files::{Drawn, Source as Announced},
            protocol,
            settings::{DrawSettings, Eligible, Method as By, Nation, PrizeSettings},
            steps::{Reason, Refused, Standing, State as Stands},
        },
        ids::{DrawId, Leaf},
        people::Actor,
        states::Role,
    },
    runtime::Clock,
    store::{
        draw_steps::{NotDone, Value as Source},
        draws::{DrawRow, Draws},
    },
};
use tests::{
    Answer, Client, Device, Stage,
    command::techognition,
    photos::small,
    stage::{Setting, edition},
};
use tokio::net::TcpListener;

const ROUNDS: [(u64, &str); 3] = [
    (1_000, "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"),
    (1_001, "b33bf3667cbd5a82de3a24b4e0e9fe5513cc1a0e840368c6e31f5fcfa79bea03f73896b25883abf2853d10337fb8fa41"),
    (1_002, "ab066f9c12dd6de1336fca0f925192fb0c72a771c3e4c82ede1fd362c1a770f9eb05843c6308ce2530b53a99c0281a6e"),
];
const DRAWS: &str = "/api/v1/uploads/draws";

fn at(time: &str) -> Timestamp {
    format!("2023-08-{time}Z").parse().unwrap()
}

/// A clock that a story sets; until then it is the machine's.
#[derive(Clone, Default)]
struct Hand {
    /// By how many milliseconds it is ahead of the machine's.
    ahead: Arc<AtomicI64>,
    /// The instant at which it stands still, in milliseconds since 1970. 0 while it goes.
    still: Arc<AtomicI64>,
}

impl Hand {
    fn new() -> Self {
        Self::default()
    }

    fn clock(&self) -> Clock {
        let (hand, system) = (self.clone(), Clock::system());
        Clock::of(move || match hand.still.load(Ordering::SeqCst) {
            0 => system.now() + SignedDuration::from_millis(hand.ahead.load(Ordering::SeqCst)),
            still => Timestamp::from_millisecond(still).unwrap(),
        })
    }

    /// Sets it, and lets it go from there.
    fn set(&self, to: Timestamp) {
        self.ahead.store(to.as_millisecond() - Clock::system().now().as_millisecond(), Ordering::SeqCst);
        self.still.store(0, Ordering::SeqCst);
    }

    /// Sets it, and stops it.
    fn stop(&self, at: Timestamp) {
        self.still.store(at.as_millisecond(), Ordering::SeqCst);
    }
}

/// A relay of the beacon, which answers as a story tells it.
#[derive(Clone, Default)]
struct Relay(Arc<Mutex<BTreeMap<u64, Value>>>);

impl Relay {
    async fn start(&self) -> String {
        let answer = async |State(relay): State<Self>, Path(round): Path<u64>| relay.answer(round);
        let router = Router::new().route(&format!("/{CHAIN}/public/{{round}}"), get(answer));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = router.with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        address
    }

    fn answer(&self, round: u64) -> (StatusCode, String) {
        match self.0.lock().unwrap().get(&round) {
            Some(said) => (StatusCode::OK, said.to_string()),
            None => (StatusCode::TOO_EARLY, String::new()),
        }
    }

    /// Says of a round that its signature is that of `of`.
    fn says(&self, round: u64, of: u64) {
        let said = json!({"round": round, "randomness": "00", "signature": signature(of)});
        self.0.lock().unwrap().insert(round, said);
    }
}

fn signature(round: u64) -> &'static str {
    ROUNDS.iter().find(|(one, _)| *one == round).unwrap().1
}

fn settings(id: &str, freezes: &str, draws: &str, method: By) -> DrawSettings {
    let prize = |title: &str| PrizeSettings {
        title: title.to_owned(),
        sponsor: Some("Sample sponsor".to_owned()),
        picture: None,
        link: None,
    };
    DrawSettings {
        id: id.parse().unwrap(),
        name: format!("The draw of {id}"),
        prizes: vec![prize("A microscope"), prize("A book")],
        reserves: 2,
        freezes_at: at(freezes),
        draws_at: at(draws),
        who: Eligible { roles: "Technicians in schools".into(), min_age: 18, nations: vec![Nation::England] },
        method,
        rules: vec!["Prizes are sent by post.".into()],
        promoter: "Sample Association, 1 Sample Street, Sampleton".into(),
    }
}

/// An edition of 23 August 2023 that takes photos until long after.
fn edition_of(draws: Vec<DrawSettings>) -> Edition {
    Edition {
        opens_at: at("23T05:00:00"),
        closes_at: "2030-01-01T00:00:00Z".parse().unwrap(),
        grace_ends_at: "2030-01-01T01:00:00Z".parse().unwrap(),
        draws,
        ..edition()
    }
}

fn slug() -> EditionSlug {
    edition().slug
}

fn id(text: &str) -> DrawId {
    text.parse().unwrap()
}

async fn stage(draws: Vec<DrawSettings>, hand: &Hand, relay: &Relay) -> Stage {
    Stage::with(Setting {
        edition: Some(edition_of(draws)),
        closed: true,
        quiet: true,
        clock: Some(hand.clock()),
        calendar: true,
        relays: Some(relay.start().await),
        ..Setting::default()
    })
    .await
}

fn keeper(laptop: &Laptop, hand: &Hand) -> housekeeping::App {
    laptop.housekeeping(hand.clock()).unwrap()
}

/// Does what the schedule does every minute; returns the numbers of moves and of failures.
async fn minute(stage: &Stage, hand: &Hand) -> (u64, u64) {
    let report = housekeeping::handle(&keeper(&stage.laptop, hand), housekeeping::Task::Draws).await.unwrap();
    (report.drawn, report.failed)
}

fn details(contact: &str) -> Value {
    json!({"name": "Pat Planted", "contact": contact, "county": "Plantshire", "shown": "first", "eligible": true, "rules": true})
}

async fn enter(device: &Device, contact: &str) -> Answer {
    device.call(Method::POST, DRAWS, &details(contact)).await
}

/// Enters, and answers with the leaf in each draw.
async fn entered(device: &Device, contact: &str) -> BTreeMap<String, String> {
    let answer = enter(device, contact).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    leaves(&answer.json())
}

fn leaves(own: &Value) -> BTreeMap<String, String> {
    let draws = own["draws"].as_array().unwrap().iter();
    let of = |draw: &Value| Some((draw["id"].as_str()?.to_owned(), draw["entry"]["leaf"].as_str()?.to_owned()));
    draws.filter_map(of).collect()
}

async fn own(device: &Device) -> Value {
    let answer = device.call(Method::GET, DRAWS, &json!(null)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn file(draw: &str, name: &str) -> String {
    format!("/draws/{}/{draw}/{name}", slug())
}

async fn text(client: &Client, draw: &str, name: &str) -> String {
    let answer = client.get(&file(draw, name)).await;
    assert_eq!(answer.status, 200, "{name} of {draw}: {}", answer.text());
    answer.text()
}

async fn row(stage: &Stage, draw: &str) -> DrawRow {
    Draws::new(&stage.laptop.table).get(&slug(), &id(draw)).await.unwrap().unwrap()
}

/// A device with a photo in each of these states.
async fn device_with(stage: &Stage, seed: u32, published: bool) -> (Device, String) {
    let device = stage.device();
    let photo = device.add(&[small(seed)]).await.remove(0);
    if published {
        stage.moderator().await.publish(std::slice::from_ref(&photo)).await;
    }
    (device, photo)
}

async fn verified(stage: &Stage, draw: &str) -> Value {
    let address = format!("{}/draws/{}/{draw}", stage.laptop.site, slug());
    let said = techognition(&["draw", "verify", &address, "--json"]).await;
    let verdict: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(verdict["holds"], true, "{verdict:#}");
    verdict
}

#[expect(clippy::too_many_lines, reason = "a day has many hours")]
#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_three_draws_goes_from_the_announcement_to_the_last_prize() {
    let (hand, relay) = (Hand::new(), Relay::default());
    let draws = vec![
        settings("noon", "23T15:30:00", "23T15:59:24", By::Beacon),
        settings("late", "23T15:31:00", "23T15:59:27", By::Beacon),
        settings("evening", "23T18:00:00", "23T18:30:00", By::Observer),
    ];
    let stage = stage(draws, &hand, &relay).await;
    let mut devices = Vec::new();
    for seed in 0..5 {
        devices.push(device_with(&stage, seed, seed < 4).await);
    }
    let only_reserved = stage.device();
    only_reserved.reserve(&[small(40)]).await;
    let keeper = keeper(&stage.laptop, &hand);
    let by = Actor::Function("organiser");

    // Before the commitment stands, nobody enters.
    hand.set(at("23T09:00:00"));
    assert_eq!(own(&devices[0].0).await["draws"], json!([]));
    assert_eq!(enter(&devices[0].0, "p0@example.org").await.problem(), "unknown-draw");
    assert_eq!(stage.client.get(&file("noon", "commit.json")).await.status, 404);
    assert_eq!(minute(&stage, &hand).await, (6, 0), "each is announced and opened");
    assert_eq!(minute(&stage, &hand).await, (0, 0), "once");
    assert!(text(&stage.client, "noon", "commit.json").await.contains("\"round\": 1000"));
    let rules = stage.client.get(&file("noon", "rules.html")).await;
    assert!(rules.header("content-type").starts_with("text/html"), "{:?}", rules.headers);
    assert!(rules.text().contains("Sample Association"));
    assert!(text(&stage.client, "noon", "rules.cy.html").await.contains("Sut y dewisir yr enillwyr"));
    assert!(stage.client.get("/cy/draws/noon").await.unpacked().text().contains("/noon/rules.cy.html"));
    for name in ["entries.txt", "beacon.json", "result.json", "secret.json"] {
        assert_eq!(stage.client.get(&file("noon", name)).await.status, 404, "{name}");
    }

    // Entering: one for each device and for each contact, however it is written.
    let first = entered(&devices[0].0, "p0@example.org").await;
    assert_eq!(first.keys().collect::<Vec<_>>(), ["evening", "late", "noon"]);
    assert_eq!(entered(&devices[0].0, "P0+prizes@Example.org").await, first, "the same tickets");
    assert_eq!(enter(&devices[0].0, "other@example.org").await.problem(), "entered-otherwise");
    assert_eq!(enter(&devices[1].0, "p0@EXAMPLE.org").await.problem(), "contact-taken");
    let second = entered(&devices[1].0, "07700 900123").await;
    assert_eq!(enter(&devices[2].0, "+44 (0)7700 900123").await.problem(), "contact-taken");
    let third = entered(&devices[2].0, "p2@example.org").await;
    entered(&devices[3].0, "p3@example.org").await;
    let fifth = entered(&devices[4].0, "p4@example.org").await;
    entered(&only_reserved, "p5@example.org").await;
    assert_eq!(enter(&stage.device(), "p6@example.org").await.problem(), "photo-needed");
    for (field, wrong) in
        [("name", json!("")), ("contact", json!("pat")), ("eligible", json!(false)), ("rules", json!(false))]
    {
        let mut asked = details("p6@example.org");
        asked[field] = wrong;
        let refused = devices[0].0.call(Method::POST, DRAWS, &asked).await;
        assert_eq!((refused.problem().as_str(), refused.json()["field"].as_str()), ("invalid", Some(field)));
    }

    // With its last photo a device's entries go.
    let withdrawn = devices[3].0.call(Method::DELETE, &format!("/api/v1/uploads/{}", devices[3].1), &json!(null)).await;
    assert_eq!(withdrawn.status, 200, "{}", withdrawn.text());
    assert!(leaves(&own(&devices[3].0).await).is_empty());

    // The freeze, by two at once.
    let early = keeper.draw_steps().freeze(&slug(), &id("noon"), &by).await.unwrap_err();
    assert!(matches!(early, NotDone::Refused(Refused::TooEarly { .. })), "{early}");
    hand.set(at("23T15:30:00"));
    let (one, other) = tokio::join!(minute(&stage, &hand), minute(&stage, &hand));
    assert_eq!((one.1, other.1), (0, 0));
    let wanted: BTreeSet<_> = [&first, &second, &third, &fifth].map(|leaves| leaves["noon"].clone()).into();
    let listed = text(&stage.client, "noon", "entries.txt").await;
    assert_eq!(listed.lines().map(str::to_owned).collect::<BTreeSet<_>>(), wanted, "who has a photo, and no other");
    let noon = row(&stage, "noon").await;
    assert_eq!((noon.draw.state, noon.draw.version), (Stands::Frozen, 4));
    assert!(!leaves(&own(&only_reserved).await).contains_key("noon"), "an entry that does not count is no more");
    hand.set(at("23T15:31:30"));
    assert_eq!(minute(&stage, &hand).await, (2, 0), "the late one is frozen");

    // Between the freeze and the reveal: somebody enters what is left, somebody withdraws.
    assert_eq!(enter(&stage.device(), "p7@example.org").await.problem(), "photo-needed");
    let left = devices[2].0.call(Method::DELETE, DRAWS, &json!(null)).await;
    assert!(leaves(&left.json()).is_empty(), "{}", left.text());
    let stands = text(&stage.client, "noon", "entries.txt").await;
    assert!(stands.contains(&third["noon"]), "it stands in the list");

    // The beacon: silent, then lying, then true.
    hand.set(at("23T16:00:00"));
    assert_eq!(minute(&stage, &hand).await, (0, 0), "nobody answers");
    relay.says(1_000, 1_001);
    assert_eq!(minute(&stage, &hand).await, (0, 0), "a wrong signature");
    let secret = Draws::new(&stage.laptop.table).secret(&slug(), &id("noon")).await.unwrap().reveal();
    assert_eq!(stage.client.get(&file("noon", "result.json")).await.status, 404);
    relay.says(1_000, 1_000);
    let (moves, failed) = minute(&stage, &hand).await;
    assert!(moves >= 2 && failed == 0, "{moves} moves");
    assert!(text(&stage.client, "noon", "result.json").await.contains(&secret));
    let verdict = verified(&stage, "noon").await;
    assert_eq!(verdict["entries"], 4);
    let noon = row(&stage, "noon").await;
    let gone = noon.draw.places.iter().find(|place| place.leaf.as_str() == third["noon"]).unwrap();
    assert_eq!(gone.standing, Standing::Out { reason: Reason::Withdrawn });

    // The late one: from the next day on an observer could draw; the organiser pastes the signature instead.
    assert_eq!(row(&stage, "late").await.draw.state, Stands::Frozen);
    let late = id("late");
    let said = |text: &str| Source::Given(Drawn::Observer { observer: "The head".into(), sentence: text.into() });
    let early = keeper.draw_steps().beacon(&slug(), &late, said("Copper"), &by).await.unwrap_err();
    assert!(early.to_string().contains("an observer is possible from 16:59:27 on 24 August 2023 (BST)"), "{early}");
    let round = |round: u64| {
        let (chain, signature) = (CHAIN.parse().unwrap(), signature(round).parse().unwrap());
        Source::Given(Drawn::Beacon { chain, round, signature })
    };
    for wrong in [1_000, 1_002] {
        let error = keeper.draw_steps().beacon(&slug(), &late, round(wrong), &by).await.unwrap_err();
        assert!(error.to_string().contains("expected round 1001"), "{error}");
    }
    hand.set(at("23T18:00:30"));
    minute(&stage, &hand).await;
    assert_eq!(row(&stage, "evening").await.draw.listed.unwrap().count, 3);
    let kept = Draws::new(&stage.laptop.table).entrants(&slug()).await.unwrap();
    assert_eq!(kept.len(), 3, "whose entries count in no draw, or are withdrawn, is erased");
    hand.set(at("24T09:00:00"));
    keeper.draw_steps().beacon(&slug(), &late, round(1_001), &by).await.unwrap();
    keeper.draw_steps().reveal(&slug(), &late, &by).await.unwrap();
    verified(&stage, "late").await;

    // The observer's, drawn when the sentence is said.
    let evening = id("evening");
    assert!(matches!(
        keeper.draw_steps().beacon(&slug(), &evening, Source::Relays, &by).await.unwrap_err(),
        NotDone::NeedsObserver
    ));
    keeper.draw_steps().beacon(&slug(), &evening, said("Copper turns “blue”"), &by).await.unwrap();
    assert!(minute(&stage, &hand).await.0 >= 1, "it is revealed by the schedule");
    verified(&stage, "evening").await;

    // After it: contacts of winners and reserves, and of nobody else.
    let places = row(&stage, "noon").await.draw.places;
    let winners: Vec<Leaf> = places
        .iter()
        .filter(|place| matches!(place.standing, Standing::Holds { .. }))
        .map(|place| place.leaf.clone())
        .collect();
    assert_eq!(winners.len(), 2);
    let reached = keeper.draw_steps().contacts(&slug(), &id("noon"), &by.to_string(), "the story").await.unwrap();
    for one in &reached {
        let reachable = matches!(one.standing, Standing::Holds { .. } | Standing::Waits);
        assert_eq!(one.entrant.is_some(), reachable, "{one:?}");
        assert!(!format!("{one:?}").contains("example.org"), "and no log shows it");
    }
    let silent = keeper.draw_steps().disqualify(&slug(), &id("noon"), &winners[0], Reason::NoAnswer, &by).await;
    let silent = silent.unwrap_err().to_string();
    assert!(silent.contains("time to answer until") && silent.contains("on 30 August 2023 (BST)"), "{silent}");
    let after = keeper.draw_steps().disqualify(&slug(), &id("noon"), &winners[0], Reason::Declined, &by).await.unwrap();
    let next = after.draw.places.iter().find(|place| matches!(place.standing, Standing::Holds { prize: 1, .. }));
    assert_eq!(after.names.len(), 1 + usize::from(next.is_some()), "who is out is named no more");
    assert!(after.names.values().all(|name| name.as_deref() == Some("Pat, Plantshire")), "{:?}", after.names);
    for draw in ["noon", "late", "evening"] {
        let holders = row(&stage, draw).await.draw.places;
        for place in holders.iter().filter(|place| matches!(place.standing, Standing::Holds { .. })) {
            keeper.draw_steps().deliver(&slug(), &id(draw), &place.leaf, &by).await.unwrap();
            keeper.draw_steps().deliver(&slug(), &id(draw), &place.leaf, &by).await.unwrap();
        }
        assert_eq!(row(&stage, draw).await.draw.state, Stands::Settled);
    }
    minute(&stage, &hand).await;
    let draws = Draws::new(&stage.laptop.table);
    assert!(draws.entrants(&slug()).await.unwrap().is_empty(), "every contact is erased");
    let noon = row(&stage, "noon").await;
    assert!(!noon.names.is_empty(), "winners are still named as they chose");
    let log = draws.log(&slug(), &id("noon")).await.unwrap();
    let mut head = String::new();
    for (entry, version) in log.iter().zip(1..) {
        assert_eq!((entry.version, &entry.hash), (version, &entry.chained(&head)));
        head.clone_from(&entry.hash);
    }
    assert_eq!(head, noon.draw.log_head);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draw_that_is_killed_between_any_two_calls_goes_on_from_there() {
    let (hand, relay) = (Hand::new(), Relay::default());
    let stage = stage(vec![settings("noon", "23T15:30:00", "23T15:59:24", By::Beacon)], &hand, &relay).await;
    let mut entrants = Vec::new();
    for seed in 0..3 {
        entrants.push(device_with(&stage, seed, true).await.0);
    }
    relay.says(1_000, 1_000);
    let mut deaths = 0;
    for (phase, time) in ["23T09:00:00", "23T15:30:30", "23T16:00:00"].into_iter().enumerate() {
        hand.set(at(time));
        // One call more each time: whatever the one before has left behind, the next goes on from it.
        for calls in 0.. {
            stage.laptop.grants.die_after("housekeeping", Some(calls));
            let done = housekeeping::handle(&keeper(&stage.laptop, &hand), housekeeping::Task::Draws).await;
            stage.laptop.grants.die_after("housekeeping", None);
            let died = done.map_or(true, |report| report.failed > 0);
            let stands = Draws::new(&stage.laptop.table).get(&slug(), &id("noon")).await.unwrap();
            let come_to = stands.as_ref().map(|row| (row.draw.state, row.draw.listed.is_some()));
            let wanted = [Stands::Open, Stands::Frozen, Stands::Revealed][phase];
            if !died && come_to.is_some_and(|(state, listed)| state == wanted && (phase == 0 || listed)) {
                break;
            }
            deaths += u32::from(died);
            assert!(calls < 200, "it never ends: {come_to:?}");
        }
        if phase == 0 {
            for (number, device) in entrants.iter().enumerate() {
                entered(device, &format!("p{number}@example.org")).await;
            }
        }
    }
    println!("killed {deaths} times");
    assert!(deaths > 20, "{deaths}");
    let verdict = verified(&stage, "noon").await;
    assert_eq!(verdict["entries"], 3);
    let log = Draws::new(&stage.laptop.table).log(&slug(), &id("noon")).await.unwrap();
    let actions: Vec<_> = log.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["announce", "open", "freeze", "list", "draw", "reveal"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_entrants_are_frozen_and_drawn_within_a_minute() {
    const ENTRANTS: usize = 10_000;
    let (hand, relay) = (Hand::new(), Relay::default());
    let stage = Stage::with(Setting {
        edition: Some(edition_of(vec![settings("noon", "23T15:30:00", "23T15:59:24", By::Beacon)])),
        closed: true,
        quiet: true,
        clock: Some(hand.clock()),
        calendar: true,
        relays: Some(relay.start().await),
        faults: Some(Faults { metered: true, ..Faults::default() }),
        ..Setting::default()
    })
    .await;
    hand.set(at("23T09:00:00"));
    minute(&stage, &hand).await;
    // Rows as they are when each has sent a photo that is public and has entered.
    let (edition, morning) = (slug(), at("23T10:00:00").as_millisecond());
    let mut rows = Vec::with_capacity(2 * ENTRANTS);
    for number in 0..ENTRANTS {
        let name = |length: usize| letters_of(number, length);
        let (device, ticket, contact) = (name(32), name(26), name(52));
        let s = |text: &str| json!({"S": text});
        let n = |number: i64| json!({"N": number.to_string()});
        rows.push(json!({"PK": s(&format!("DEV#{edition}#{device}")), "SK": s("M"), "published": n(1)}));
        rows.push(json!({
            "PK": s(&format!("ENTRY#{edition}#noon")), "SK": s(&device), "uploader": s(&device), "ticket": s(&ticket),
            "contact": s(&contact), "at": n(morning),
        }));
    }
    stage.laptop.load(rows).await.unwrap();
    let keeper = stage.laptop.faulted_housekeeping(hand.clock()).unwrap();
    let by = Actor::Function("draws");
    stage.laptop.meter.take();
    hand.set(at("23T15:30:10"));
    let begun = Instant::now();
    let row = keeper.draw_steps().freeze(&edition, &id("noon"), &by).await.unwrap();
    let (froze, freeze) = (begun.elapsed(), stage.laptop.meter.take());
    assert_eq!(row.draw.listed.unwrap().count, ENTRANTS);
    relay.says(1_000, 1_000);
    hand.set(at("23T16:00:00"));
    let begun = Instant::now();
    keeper.draw_steps().beacon(&edition, &id("noon"), Source::Relays, &by).await.unwrap();
    keeper.draw_steps().reveal(&edition, &id("noon"), &by).await.unwrap();
    let (revealed, reveal) = (begun.elapsed(), stage.laptop.meter.take());
    println!("freeze of {ENTRANTS}: {froze:.1?}, {freeze:?}; beacon and reveal: {revealed:.1?}, {reveal:?}");
    let bytes = text(&stage.client, "noon", "entries.txt").await.len();
    assert_eq!(bytes, ENTRANTS * 65);
    verified(&stage, "noon").await;
    // Half a minute is what the function has of its five to spare, on a machine that is as slow as a test's.
    assert!(froze.as_secs() < 60 && revealed.as_secs() < 60, "{froze:?} {revealed:?}");
    assert!(freeze.read < 12_000.0 && freeze.write < 100.0 && reveal.read < 50.0, "{freeze:?} {reveal:?}");
}

/// Letters of base32 that tell a number.
fn letters_of(mut number: usize, length: usize) -> String {
    let mut letters = String::with_capacity(length);
    for _ in 0..length {
        letters.push(char::from(b"abcdefghijklmnopqrstuvwxyz234567"[number % 32]));
        number /= 32;
    }
    letters
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_gets_one_entry_from_one_device_and_is_slowed_down() {
    const TRIES: usize = 10_000;
    let (hand, relay) = (Hand::new(), Relay::default());
    let stage = stage(vec![settings("noon", "23T15:30:00", "23T15:59:24", By::Beacon)], &hand, &relay).await;
    let (device, _) = device_with(&stage, 1, true).await;
    // One minute, however slow the machine is.
    hand.stop(at("23T09:00:00"));
    minute(&stage, &hand).await;
    let mut said = BTreeMap::<String, usize>::new();
    for number in 0..TRIES {
        let answer = enter(&device, &format!("made-up-{number}@example.org")).await;
        let what = if answer.status == 201 { "entered".to_owned() } else { answer.problem() };
        *said.entry(what.clone()).or_default() += 1;
        if what == "too-many-requests" {
            break;
        }
    }
    println!("{said:?}");
    assert_eq!((said["entered"], said["too-many-requests"]), (1, 1), "{said:?}");
    assert!(said["entered-otherwise"] < 300, "{said:?}");
    let draws = Draws::new(&stage.laptop.table);
    assert_eq!(draws.entries(&slug(), &id("noon")).await.unwrap().len(), 1);
    assert_eq!(draws.entrants(&slug()).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_slept_over_freeze_and_draw_leaves_the_draw_to_an_observer() {
    // Today, since a late freeze looks at when photos were sent; the clock is set ahead only. No relay knows the announced round.
    let hand = Hand::new();
    let whole = Timestamp::from_second(Clock::system().now().as_second()).unwrap();
    let hours = |hours: i64| whole + SignedDuration::from_hours(hours);
    let draw = DrawSettings {
        freezes_at: hours(1),
        draws_at: hours(2),
        ..settings("today", "23T15:30:00", "23T15:59:24", By::Beacon)
    };
    let setting = Setting {
        edition: Some(Edition { draws: vec![draw], ..edition() }),
        quiet: true,
        clock: Some(hand.clock()),
        calendar: true,
        relays: Some(Relay::default().start().await),
        ..Setting::default()
    };
    let stage = Stage::with(setting).await;
    let (device, _) = device_with(&stage, 1, true).await;
    minute(&stage, &hand).await;
    entered(&device, "p0@example.org").await;
    // The clock is beyond both times, and nobody has frozen the draw: it takes no more entries all the same.
    hand.set(hours(2) + SignedDuration::from_mins(10));
    assert_eq!(enter(&stage.device(), "p1@example.org").await.problem(), "draw-closed");
    for _ in 0..2 {
        assert_eq!(minute(&stage, &hand).await.1, 0);
    }
    let late = row(&stage, "today").await.draw;
    assert_eq!((late.state, late.listed.as_ref().unwrap().count), (Stands::Frozen, 1));
    let (keeper, by) = (keeper(&stage.laptop, &hand), Actor::Function("organiser"));
    let Announced::Beacon { chain, round, .. } = late.announcement.source.clone() else { panic!("{late:?}") };
    let given = Drawn::Beacon { chain, round, signature: signature(1_000).parse().unwrap() };
    let said = Drawn::Observer { observer: "The head".into(), sentence: "Copper turns blue".into() };
    let refused = keeper.draw_steps().beacon(&slug(), &late.announcement.draw, Source::Given(given), &by).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("an observer must draw, not the announced round"), "{refused}");
    let observe = async || keeper.draw_steps().beacon(&slug(), &id("today"), Source::Given(said.clone()), &by).await;
    let early = observe().await.unwrap_err();
    assert!(matches!(early, NotDone::Refused(Refused::TooEarly { .. })), "{early}");
    hand.set(hours(26));
    observe().await.unwrap();
    minute(&stage, &hand).await;
    assert_eq!(verified(&stage, "today").await["entries"], 1);
}

/// Replaces a public file as only somebody with the keys of the account can.
async fn replaced(stage: &Stage, key: &str, text: &str) {
    let s3 = &stage.laptop.aws.s3;
    s3.delete_object().bucket(names::PUBLIC).key(key).send().await.unwrap();
    let put = s3.put_object().bucket(names::PUBLIC).key(key).if_none_match("*");
    put.body(text.to_owned().into_bytes().into()).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_after_the_freeze_stops_the_draw_before_anything_is_revealed() {
    let (hand, relay) = (Hand::new(), Relay::default());
    let stage = stage(vec![settings("noon", "23T15:30:00", "23T15:59:24", By::Beacon)], &hand, &relay).await;
    let mut entrants = Vec::new();
    for seed in 0..3 {
        entrants.push(device_with(&stage, seed, true).await.0);
    }
    hand.set(at("23T09:00:00"));
    minute(&stage, &hand).await;
    for (number, device) in entrants.iter().enumerate() {
        entered(device, &format!("p{number}@example.org")).await;
    }
    hand.set(at("23T15:30:30"));
    minute(&stage, &hand).await;
    let (keeper, by) = (keeper(&stage.laptop, &hand), Actor::Function("draws"));
    let reveal =
        async || Box::pin(keeper.draw_steps().reveal(&slug(), &id("noon"), &by)).await.unwrap_err().to_string();
    let (key, list) = (file("noon", "entries.txt")[1..].to_owned(), text(&stage.client, "noon", "entries.txt").await);
    hand.set(at("23T16:00:00"));
    keeper.draw_steps().beacon(&slug(), &id("noon"), Source::Relays, &by).await.unwrap_err();
    relay.says(1_000, 1_000);
    keeper.draw_steps().beacon(&slug(), &id("noon"), Source::Relays, &by).await.unwrap();

    // One entry fewer; one more; the same in another order.
    let (first, rest) = list.split_at(65);
    for other in [rest.to_owned(), format!("{}\n{list}", "0".repeat(64)), format!("{rest}{first}")] {
        replaced(&stage, &key, &other).await;
        let why = reveal().await;
        assert!(why.contains("entries.txt"), "{why}");
        assert_eq!(minute(&stage, &hand).await.0, 0);
    }
    replaced(&stage, &key, &list).await;

    // Another secret.
    let rows = tests::rows::rows(&stage.laptop.aws, names::TABLE).await;
    let kept = rows.into_iter().find(|row| row["PK"]["S"].as_str().unwrap().starts_with("DRAWSEC#")).unwrap();
    let mut other = kept.clone();
    other["secret"]["S"] = json!("9".repeat(64));
    stage.laptop.load(vec![other]).await.unwrap();
    let why = reveal().await;
    assert!(why.contains("the secret gives the commitment"), "{why}");
    assert_eq!(minute(&stage, &hand).await.0, 0);
    assert_eq!(row(&stage, "noon").await.draw.state, Stands::Frozen);
    assert_eq!(stage.client.get(&file("noon", "result.json")).await.status, 404, "nothing is revealed");

    // With what was announced it goes on.
    stage.laptop.load(vec![kept]).await.unwrap();
    assert!(minute(&stage, &hand).await.0 >= 1);
    assert_eq!(verified(&stage, "noon").await["entries"], 3);
    let steps = keeper.draw_steps();
    assert_eq!(steps.recomputed(&slug(), &id("noon")).await.unwrap(), None);
    replaced(&stage, &key, rest).await;
    assert!(steps.recomputed(&slug(), &id("noon")).await.unwrap().is_some(), "a rehearsal would find it, too");
}

#[tokio::test(flavor = "multi_thread")]
async fn entrants_who_all_withdraw_after_the_freeze_are_passed_over_and_a_prize_is_handed_over_before_the_schedule_comes()
 {
    let (hand, relay) = (Hand::new(), Relay::default());
    let draws = vec![
        settings("noon", "23T15:30:00", "23T15:59:24", By::Beacon),
        settings("late", "23T15:31:00", "23T15:59:27", By::Beacon),
    ];
    let stage = stage(draws, &hand, &relay).await;
    let mut entrants = Vec::new();
    for seed in 0..4 {
        entrants.push(device_with(&stage, seed, true).await.0);
    }
    hand.set(at("23T09:00:00"));
    minute(&stage, &hand).await;
    for (number, device) in entrants.iter().enumerate() {
        entered(device, &format!("p{number}@example.org")).await;
    }
    hand.set(at("23T15:31:30"));
    minute(&stage, &hand).await;
    relay.says(1_000, 1_000);
    relay.says(1_001, 1_001);
    hand.set(at("23T16:00:00"));

    // By hand, all in one minute: a winner has the prize before the schedule has named them.
    let (keeper, by) = (keeper(&stage.laptop, &hand), Actor::Function("organiser"));
    let steps = keeper.draw_steps();
    steps.beacon(&slug(), &id("noon"), Source::Relays, &by).await.unwrap();
    let drawn = steps.reveal(&slug(), &id("noon"), &by).await.unwrap();
    let delivered = steps.deliver(&slug(), &id("noon"), &drawn.draw.places[0].leaf, &by).await.unwrap();
    assert_eq!(delivered.names.get(&drawn.draw.places[0].leaf).unwrap().as_deref(), Some("Pat, Plantshire"));

    // Winners and reserves of the other draw have all withdrawn.
    for device in &entrants {
        assert_eq!(device.call(Method::DELETE, DRAWS, &json!(null)).await.status, 200);
    }
    minute(&stage, &hand).await;
    let late = row(&stage, "late").await;
    assert_eq!((late.draw.state, late.draw.places.len()), (Stands::Settled, 4));
    let out = Standing::Out { reason: Reason::Withdrawn };
    assert!(late.draw.places.iter().all(|place| place.standing == out), "{:?}", late.draw.places);
    assert!(late.names.is_empty(), "nobody is named");
    let noon = row(&stage, "noon").await;
    assert_eq!(noon.draw.places.iter().filter(|place| place.standing == out).count(), 3, "who has the prize keeps it");
    verified(&stage, "late").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_without_draws_has_no_trace_of_them() {
    let stage = Stage::with(Setting { quiet: true, ..Setting::default() }).await;
    let hand = Hand::new();
    let (device, _) = device_with(&stage, 1, true).await;
    assert_eq!(minute(&stage, &hand).await, (0, 0));
    assert_eq!(own(&device).await, json!({"draws": []}));
    assert_eq!(enter(&device, "pat@example.org").await.problem(), "unknown-draw");
    let rows = tests::rows::rows(&stage.laptop.aws, names::TABLE).await;
    let of_draws = ["DRAW", "ENTR"];
    let kinds =
        rows.iter().filter(|row| of_draws.iter().any(|kind| row["PK"]["S"].as_str().unwrap().starts_with(kind)));
    assert_eq!(kinds.count(), 0);
    for page in ["/", "/gallery", "/add", "/mine", "/wall", "/rules", "/privacy", "/take-part", "/api/v1/event", "/cy/"]
    {
        let answer = stage.client.get(page).await;
        assert_eq!(answer.status, 200, "{page}");
        let text = answer.unpacked().text();
        assert!(!text.contains("/draws") && !text.contains("prize") && !text.contains("To be won"), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_does_the_steps_by_hand_and_the_pages_show_them() {
    let (hand, relay) = (Hand::new(), Relay::default());
    let stage = stage(vec![settings("noon", "23T15:30:00", "23T15:59:24", By::Beacon)], &hand, &relay).await;
    let mut entrants = Vec::new();
    for seed in 0..3 {
        entrants.push(device_with(&stage, seed, true).await.0);
    }
    let folder = stage.folder().to_str().unwrap().to_owned();
    let draw = async |arguments: &[&str]| {
        let all = [&["draw"], arguments, &["--data", &folder]].concat();
        let output = techognition(&all).await;
        let words = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        (output.status.success(), words)
    };
    let page = async |path: &str| stage.client.get(path).await.unpacked();
    hand.set(at("23T09:00:00"));
    assert!(draw(&["status"]).await.1.contains("noon: not announced yet"));
    assert_eq!(page("/draws/noon").await.status, 404);
    let (done, words) = draw(&["freeze", "noon"]).await;
    assert!(!done && words.contains("commit to it first"), "{words}");
    let (done, words) = draw(&["freeze", "no-such-draw"]).await;
    assert!(!done && words.contains("no draw no-such-draw in the settings"), "{words}");
    minute(&stage, &hand).await;
    for (path, said) in [
        ("/draws/noon", "Entries are taken until Wednesday 23 August 2023, 16:30"),
        ("/cy/draws/noon", "Derbynnir ceisiadau tan Mercher 23 Awst 2023, 16:30"),
        ("/draws/noon/verify", "data-folder=\"/draws/2027/noon/\""),
        ("/", "href=\"/draws/noon\""),
        ("/", "A microscope (Sample sponsor)"),
        ("/wall", "To be won. The draw of noon: A microscope (Sample sponsor)"),
        ("/privacy", "If you enter a prize draw"),
        ("/api/v1/event", "\"draws\":[\"noon\"]"),
        ("/add", "id=\"enter-form\""),
        ("/cy/mine", "Rhoi cynnig"),
    ] {
        let answer = page(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.text().contains(said), "{path}: {}", answer.text());
    }
    let mut tickets = BTreeMap::new();
    for (number, device) in entrants.iter().enumerate() {
        let answer = enter(device, &format!("p{number}@example.org")).await.json();
        let entry = &answer["draws"][0]["entry"];
        tickets.insert(entry["leaf"].as_str().unwrap().to_owned(), entry["ticket"].as_str().unwrap().to_owned());
    }
    hand.set(at("23T15:30:30"));
    minute(&stage, &hand).await;
    let (done, words) = draw(&["freeze", "noon"]).await;
    assert!(done && words.contains("3 entries"), "done already: {words}");
    assert!(page("/draws/noon").await.text().contains("3 entries"));
    let (done, words) = draw(&["beacon", "noon", "--signature", signature(1_001)]).await;
    assert!(!done && words.contains("not quicknet's signature of round 1000"), "{words}");
    assert!(!draw(&["reveal", "noon"]).await.0);
    assert!(!draw(&["contacts", "noon"]).await.0, "there are no winners yet");
    let (done, words) = draw(&["beacon", "noon", "--signature", signature(1_000)]).await;
    assert!(done && words.contains("Its result is published next"), "{words}");
    let (done, words) = draw(&["reveal", "noon"]).await;
    assert!(done && words.contains("2 prizes are not delivered yet"), "{words}");
    assert!(page("/draws/noon").await.text().contains("somebody who does not want to be named"), "nobody is named yet");
    hand.set(at("23T16:00:00"));
    minute(&stage, &hand).await;
    assert!(page("/draws/noon").await.text().contains("Pat, Plantshire"));
    let places = row(&stage, "noon").await.draw.places;
    let ticket = |place: usize| tickets[places[place].leaf.as_str()].as_str();
    let (done, words) = draw(&["contacts", "noon"]).await;
    assert!(done && words.matches("Pat Planted <p").count() == 3, "{words}");
    let log = shared::store::activity::ActivityLog::new(&stage.laptop.table).all().await.unwrap();
    assert!(log.iter().any(|entry| entry.action == "draw-contacts" && entry.detail == "noon"), "{log:?}");
    let (done, words) = draw(&["disqualify", "noon", "--entry", ticket(0), "--reason", "silly"]).await;
    assert!(!done && words.contains("declined, no-answer"), "{words}");
    assert!(draw(&["disqualify", "noon", "--entry", ticket(0), "--reason", "declined"]).await.0);
    assert!(draw(&["deliver", "noon", "--entry", places[1].leaf.as_str()]).await.0);
    let (done, words) = draw(&["deliver", "noon", "--entry", ticket(2)]).await;
    assert!(done && words.contains("Every prize is delivered"), "{words}");
    let text = page("/draws/noon").await.text();
    assert!(text.contains("handed over") && text.contains("The entrant did not want the prize."), "{text}");
    let own = own(&entrants[0]).await;
    assert!(own["draws"][0]["entry"]["ticket"].is_string());
}

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
    let stage = Stage::with(setting).await;
    minute(&stage, &hand).await;
    let moderator = stage.moderator().await;
    let (public, photo) = device_with(&stage, 1, true).await;
    let (waiting, _) = device_with(&stage, 2, false).await;
    let (rejected, bad) = device_with(&stage, 3, false).await;
    let (reported, seen) = device_with(&stage, 4, true).await;
    let (withdrawn, _) = device_with(&stage, 5, true).await;
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
    let hidden = stage.elsewhere(9).send(Method::POST, &format!("/api/v1/photos/{seen}/reports"), &kind, report).await;
    assert_eq!(hidden.status, 202, "{}", hidden.text());
    let gone = stage.client.get(&format!("/api/v1/photos/{seen}")).await.status;
    assert!(gone.is_client_error(), "reports have hidden it: {gone}");
    let left = withdrawn.call(Method::DELETE, DRAWS, &json!(null)).await;
    assert!(leaves(&left.json()).is_empty());
    let again = entered(&withdrawn, "planted4@plant.example").await;
    wanted.insert(again["today"].clone());
    let draws = Draws::new(&stage.laptop.table);
    let secret = draws.secret(&slug(), &id("today")).await.unwrap().reveal();

    // Nothing of them is anywhere before the freeze, nor after it, nor after the result.
    let person = stage.person(Role::Owner, &[]).await;
    let mut browser = stage.browser(&person).await;
    let mut key = browser.make_passkey().await.unwrap();
    let officer = stage.person(Role::Owner, &[]).await;
    let mut desk = stage.browser(&officer).await;
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
            for answer in [stage.client.get(&path).await, browser.get(&path).await] {
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
    minute(&stage, &hand).await;
    let listed = text(&stage.client, "today", "entries.txt").await;
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
    let (keeper, by) = (keeper(&stage.laptop, &hand), Actor::Function("organiser"));
    let said = Drawn::Observer { observer: "The head".into(), sentence: "Copper turns blue".into() };
    keeper.draw_steps().beacon(&slug(), &id("today"), Source::Given(said), &by).await.unwrap();
    minute(&stage, &hand).await;
    let row = row(&stage, "today").await;
    assert_eq!((row.draw.state, row.draw.places.len()), (Stands::Revealed, 4));
    let public = leaves(&own(&public).await)["today"].parse().unwrap();
    let out = keeper.draw_steps().disqualify(&slug(), &id("today"), &public, Reason::Photo, &by).await.unwrap();
    let place = out.draw.places.iter().find(|place| place.leaf == public).unwrap();
    assert_eq!(place.standing, Standing::Out { reason: Reason::Photo });
    verified(&stage, "today").await;
    assert_eq!(desk.use_passkey(&mut passkey).await.status, 200);
    let told = desk.get(read_contacts).await;
    assert_eq!(told.status, 200, "{}", told.text());
    let people = told.json()["people"].as_array().unwrap().clone();
    let named = |person: &&Value| person["contact"].as_str().is_some_and(|contact| contact.ends_with("@plant.example"));
    assert_eq!((people.len(), people.iter().filter(named).count()), (4, 3), "{people:#?}");
    assert!(people.iter().any(|person| person["is"] == "out" && person["name"].is_null()));
    let owner = stage.member(Role::Owner).await;
    assert_eq!(owner.get(read_contacts).await.problem(), "passkey-needed", "a key cannot");
    assert_eq!(moderator.get(read_contacts).await.problem(), "role-too-low");
    let activity = desk.get("/api/v1/organiser/activity").await.text();
    assert!(activity.contains("draw-contacts"), "each look is in the log");
    // Winners have agreed to be named; how they are reached stays where it is.
    searched(&["plant.example", "pat planted"]).await;

    // Ninety days later nobody can be reached any more, whatever has become of the prizes.
    assert!(!draws.entrants(&slug()).await.unwrap().is_empty());
    hand.set(hours(2 + 24 * 90));
    minute(&stage, &hand).await;
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
    let stage = stage(vec![settings("noon", "23T15:30:00", "23T15:59:24", By::Beacon)], &hand, &relay).await;
    let (device, photo) = device_with(&stage, 1, true).await;
    hand.set(at("23T09:00:00"));
    minute(&stage, &hand).await;
    let leaves = entered(&device, "pat@example.org").await;
    let (keeper, photo) = (keeper(&stage.laptop, &hand), photo.parse().unwrap());
    let told = requests::dossier(&keeper, &photo).await.unwrap().unwrap();
    let told = serde_json::to_value(&told).unwrap();
    assert_eq!((&told["entries"][0][0], &told["entrant"]["contact"]), (&json!("noon"), &json!("pat@example.org")));
    let ticket = told["entries"][0][1]["ticket"].as_str().unwrap().parse().unwrap();
    assert_eq!(protocol::leaf(&id("noon"), &ticket).as_str(), leaves["noon"]);
    requests::erase(&keeper, &photo, requests::Return::Allowed).await.unwrap();
    let rows = tests::rows::rows(&stage.laptop.aws, names::TABLE).await;
    let left: Vec<_> = rows.iter().filter(|row| row["PK"]["S"].as_str().unwrap().starts_with("ENTR")).collect();
    assert!(left.is_empty(), "{left:#?}");
    assert!(requests::dossier(&keeper, &photo).await.unwrap().unwrap().entrant.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_does_every_step_and_leaves_nothing() {
    let (hand, relay) = (Hand::new(), Relay::default());
    let stage = stage(vec![settings("noon", "23T18:00:00", "23T18:30:00", By::Beacon)], &hand, &relay).await;
    hand.set(at("23T15:59:27"));
    minute(&stage, &hand).await;
    // When the schedule ran is no trace of a rehearsal, nor is the secret of this table's contacts, which the first entry makes.
    let rows = async || {
        let mut rows = tests::rows::rows(&stage.laptop.aws, names::TABLE).await;
        rows.retain(|row| row["PK"]["S"] != "RUN" && row["PK"]["S"] != "SECRET");
        rows
    };
    let (before, noon) = (rows().await, public_files(&stage).await);
    assert_eq!(noon, ["commit.json", "rules.cy.html", "rules.html"].map(|name| format!("draws/2027/noon/{name}")));
    // Its own clock stands still, so that the latest round stays the one that the relay knows.
    let still = at("23T15:59:27");
    let keeper = stage.laptop.housekeeping(Clock::of(move || still)).unwrap();
    let of = settings("noon", "23T18:00:00", "23T18:30:00", By::Beacon);
    let silent = keeper.draw_steps().rehearse(&of, 12).await.unwrap();
    let wrong: Vec<_> = silent.iter().filter(|check| check.wrong.is_some()).map(|check| check.what).collect();
    assert_eq!(wrong, ["a relay of the beacon gives its latest round"]);
    relay.says(1_000, 1_000);
    for entrants in [1, 2, 12] {
        let rehearsed = keeper.draw_steps().rehearse(&of, entrants).await.unwrap();
        assert!(rehearsed.iter().all(|check| check.wrong.is_none()), "{rehearsed:#?}");
        assert_eq!(rehearsed.len(), 8);
    }
    assert_eq!(rows().await, before);
    assert_eq!(public_files(&stage).await, noon, "the files of the draw itself stay");
    assert_eq!(row(&stage, "noon").await.draw.state, Stands::Open, "the draw itself is as it was");
    let organiser = stage.member(Role::Organiser).await;
    let target = "/api/v1/organiser/draws/noon/rehearsals";
    let said = organiser.client.json(Method::POST, target, &organiser.authorization, &json!(null)).await.json();
    let checks = said["checks"].as_array().unwrap();
    let mut wrong =
        checks.iter().filter(|check| !check["wrong"].is_null()).map(|check| check["what"].as_str().unwrap());
    assert_eq!(checks.len(), 8, "{said:#}");
    // By then the laptop's clock has gone on to rounds that the relay does not know.
    assert!(wrong.all(|what| what == "a relay of the beacon gives its latest round"), "{said:#}");
    let headers = [("authorization", organiser.authorization.as_str()), ("sec-fetch-site", "same-origin")];
    let target = "/organiser/draws/noon/rehearsals";
    let page = organiser.client.send(Method::POST, target, &headers, String::new()).await.unpacked();
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.text().contains("Works: anybody can compute the result again from the public files."));
    let folder = stage.folder().to_str().unwrap().to_owned();
    let said = techognition(&["draw", "rehearse", "other", "--data", &folder]).await;
    assert!(String::from_utf8_lossy(&said.stderr).contains("no draw other in the settings"), "{said:?}");
}

/// The keys of all public files of draws, in order.
async fn public_files(stage: &Stage) -> Vec<String> {
    let list = stage.laptop.aws.s3.list_objects_v2().bucket(names::PUBLIC).prefix("draws/");
    let listed = list.send().await.unwrap().contents.unwrap_or_default();
    listed.into_iter().filter_map(|object| object.key).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_rehearsal_leaves_that_is_killed_is_swept_and_no_file_of_a_draw_can_be_deleted() {
    let (hand, relay) = (Hand::new(), Relay::default());
    let stage = stage(vec![settings("noon", "23T18:00:00", "23T18:30:00", By::Observer)], &hand, &relay).await;
    hand.set(at("23T15:59:27"));
    minute(&stage, &hand).await;
    let of = settings("noon", "23T18:00:00", "23T18:30:00", By::Observer);
    let trial = async || {
        let rows = tests::rows::rows(&stage.laptop.aws, names::TABLE).await;
        let of = |row: &Value| {
            row["PK"]["S"].as_str().unwrap().contains("trial-") || row["SK"]["S"].as_str().unwrap().contains("trial-")
        };
        rows.into_iter().filter(of).map(|row| row["PK"]["S"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    let noon = public_files(&stage).await;
    let mut deaths = 0;
    for calls in 0.. {
        stage.laptop.grants.die_after("housekeeping", Some(calls));
        let done = keeper(&stage.laptop, &hand).draw_steps().rehearse(&of, 1).await;
        stage.laptop.grants.die_after("housekeeping", None);
        if done.is_ok() {
            break;
        }
        deaths += 1;
        assert!(calls < 300, "it never ends: {done:?}");
    }
    let kinds: BTreeSet<_> = trial().await.iter().map(|pk| pk.split('#').next().unwrap().to_owned()).collect();
    println!("killed {deaths} times, with rows left of {kinds:?}");
    assert!(deaths > 30, "{deaths}");
    assert_eq!(kinds.len(), 8, "rows of every kind were left: {kinds:?}");
    assert!(public_files(&stage).await.len() > noon.len());

    // An hour later by the storage's clock, which wrote the files.
    let later = Clock::system().now() + SignedDuration::from_hours(1);
    let sweeper = stage.laptop.housekeeping(Clock::of(move || later)).unwrap();
    while !trial().await.is_empty() || public_files(&stage).await != noon {
        let swept = housekeeping::handle(&sweeper, housekeeping::Task::Objects).await.unwrap();
        assert_eq!(swept.failed, 0, "{swept:?}");
        assert!(swept.orphans > 0, "something is left that no sweep finds: {:?}", trial().await);
    }

    // Nobody of ours may delete a file of the draw itself, one by one or several at once.
    let aws = stage.laptop.grants.clients(&stage.laptop.aws, "housekeeping");
    let one = aws.s3.delete_object().bucket(names::PUBLIC).key(&noon[0]).send().await;
    let object = ObjectIdentifier::builder().key(&noon[0]).build().unwrap();
    let all = Delete::builder().objects(object).build().unwrap();
    let several = aws.s3.delete_objects().bucket(names::PUBLIC).delete(all).send().await;
    for refused in [format!("{:?}", one.unwrap_err()), format!("{:?}", several.unwrap_err())] {
        assert!(refused.contains("may not s3:DeleteObject on draws"), "{refused}");
    }
    assert_eq!(public_files(&stage).await, noon);
}

/// Puts the table back to older rows.
async fn restored(stage: &Stage, older: &[Value]) {
    let key = |row: &Value| ["PK", "SK"].map(|name| row[name]["S"].as_str().unwrap().to_owned());
    let kept: BTreeSet<_> = older.iter().map(key).collect();
    for row in tests::rows::rows(&stage.laptop.aws, names::TABLE).await {
        let [pk, sk] = key(&row);
        if !kept.contains(&[pk.clone(), sk.clone()]) {
            let delete = stage.laptop.aws.dynamodb.delete_item().table_name(names::TABLE);
            delete.key("PK", AttributeValue::S(pk)).key("SK", AttributeValue::S(sk)).send().await.unwrap();
        }
    }
    stage.laptop.load(older.to_vec()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_of_the_table_never_contradicts_what_is_public() {
    const FILES: [&str; 4] = ["commit.json", "entries.txt", "beacon.json", "result.json"];
    let (hand, relay) = (Hand::new(), Relay::default());
    let stage = stage(vec![settings("noon", "23T15:30:00", "23T15:59:24", By::Beacon)], &hand, &relay).await;
    let mut entrants = Vec::new();
    for seed in 0..4 {
        entrants.push(device_with(&stage, seed, true).await.0);
    }
    hand.set(at("23T09:00:00"));
    let never = tests::rows::rows(&stage.laptop.aws, names::TABLE).await;
    minute(&stage, &hand).await;
    entered(&entrants[0], "p0@example.org").await;
    let opened = tests::rows::rows(&stage.laptop.aws, names::TABLE).await;
    for (number, device) in entrants.iter().enumerate().skip(1) {
        entered(device, &format!("p{number}@example.org")).await;
    }
    relay.says(1_000, 1_000);
    hand.set(at("23T15:30:30"));
    minute(&stage, &hand).await;
    hand.set(at("23T16:00:00"));
    minute(&stage, &hand).await;
    let mut public = Vec::new();
    for name in FILES {
        public.push(text(&stage.client, "noon", name).await);
    }
    let places = row(&stage, "noon").await.draw.places;

    // From a copy of when it was open: the same list, though the copy has one entrant of four; the same value; the same winners.
    restored(&stage, &opened).await;
    assert_eq!(row(&stage, "noon").await.draw.state, Stands::Open);
    for _ in 0..2 {
        minute(&stage, &hand).await;
    }
    let again = row(&stage, "noon").await.draw;
    assert_eq!((again.state, again.listed.unwrap().count), (Stands::Revealed, 4));
    assert_eq!(
        again.places.iter().map(|place| &place.leaf).collect::<Vec<_>>(),
        places.iter().map(|place| &place.leaf).collect::<Vec<_>>()
    );
    // From a copy of before the announcement, with another secret: it goes no further, since the commitment stands.
    restored(&stage, &never).await;
    hand.set(at("23T09:00:00"));
    for _ in 0..2 {
        minute(&stage, &hand).await;
    }
    assert_eq!(row(&stage, "noon").await.draw.state, Stands::Announced);
    assert_eq!(enter(&entrants[0], "p0@example.org").await.problem(), "draw-not-open");
    let (keeper, settings) = (keeper(&stage.laptop, &hand), row(&stage, "noon").await.settings);
    let why = keeper.draw_steps().commit(&slug(), &settings, &Actor::Function("draws")).await.unwrap_err();
    assert_eq!(why.to_string(), "commit.json on the site is not the file of this draw");
    for (name, was) in FILES.into_iter().zip(public) {
        assert_eq!(text(&stage.client, "noon", name).await, was, "{name}");
    }
    verified(&stage, "noon").await;
}

/// A value of a form, with everything escaped that could mean something there.
fn escaped(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut escaped, byte| {
        write!(escaped, "%{byte:02x}").unwrap();
        escaped
    })
}

#[expect(clippy::too_many_lines, reason = "a day has many hours")]
#[tokio::test(flavor = "multi_thread")]
async fn an_organiser_leads_draws_by_the_console_alone() {
    let (hand, relay) = (Hand::new(), Relay::default());
    let draws = vec![
        settings("missed", "23T04:00:00", "23T04:30:00", By::Beacon),
        settings("noon", "23T15:30:00", "23T15:59:24", By::Beacon),
        settings("late", "23T15:31:00", "23T15:59:27", By::Beacon),
        settings("evening", "23T18:00:00", "23T18:30:00", By::Observer),
    ];
    let stage = stage(draws, &hand, &relay).await;
    let mut entrants = Vec::new();
    for seed in 0..4 {
        entrants.push(device_with(&stage, seed, true).await.0);
    }
    let organiser = stage.member(Role::Organiser).await;
    let page = async |path: &str| {
        let answer = organiser.get(path).await.unpacked();
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.text()
    };
    let call = async |draw: &str, what: &str, body: Value| {
        let target = format!("/api/v1/organiser/draws/{draw}/{what}");
        organiser.client.json(Method::POST, &target, &organiser.authorization, &body).await
    };
    let form = async |draw: &str, what: &str, body: String| {
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let headers = [("authorization", organiser.authorization.as_str()), kind, ("sec-fetch-site", "same-origin")];
        let target = format!("/organiser/draws/{draw}/{what}");
        organiser.client.send(Method::POST, &target, &headers, body).await.unpacked()
    };
    let done = async |draw: &str, what: &str, body: &str| {
        let answer = form(draw, what, body.to_owned()).await;
        assert_eq!(answer.status, 303, "{body}: {}", answer.text());
        let to = answer.header("location");
        let (section, said) = if what == "steps" { ("draw", "Done.") } else { ("people", "Recorded.") };
        assert_eq!(to, format!("/organiser/draws/{draw}?saved={section}#{section}"));
        let text = page(to.split_once('#').unwrap().0).await;
        assert!(text.contains(said) && text.contains("All prize draws"), "{text}");
    };

    // What is missing is said, and nothing is announced until it is there.
    hand.set(at("23T09:00:00"));
    let list = page("/organiser/draws").await;
    assert_eq!((list.matches("Nothing is missing.").count(), list.matches("cannot be announced yet").count()), (3, 1));
    assert!(page("/organiser/draws/missed").await.contains("nobody could enter"));
    let missed = call("missed", "steps", json!({"action": "announce"})).await;
    assert_eq!(missed.problem(), "draw-step");
    assert!(missed.json()["detail"].as_str().unwrap().contains("nobody could enter"), "{}", missed.text());
    assert_eq!(form("missed", "steps", "action=announce".into()).await.status, 409);
    assert_eq!(call("noon", "steps", json!({"action": "freeze"})).await.problem(), "draw-step");
    assert_eq!(call("other", "steps", json!({"action": "freeze"})).await.problem(), "unknown-draw");

    // Announcing, as a form and as a call; entering; no freeze before its time.
    assert!(page("/organiser/draws/noon").await.contains("Nobody can change them afterwards"));
    done("noon", "steps", "action=announce").await;
    for draw in ["late", "evening"] {
        let opened = call(draw, "steps", json!({"action": "announce"})).await.json();
        assert_eq!((&opened["state"], &opened["entries"]), (&json!("open"), &json!(0)), "{opened}");
    }
    for (number, device) in entrants.iter().enumerate() {
        entered(device, &format!("p{number}@example.org")).await;
    }
    assert!(page("/organiser/draws/noon").await.contains("4 entries"));
    let early = form("noon", "steps", "action=freeze".into()).await;
    assert_eq!(early.status, 409);
    assert!(early.text().contains("Freeze is possible from 16:30 on 23 August 2023 (BST) on."), "{}", early.text());

    // The freeze, and the value: silence, another round, rubbish, the right one.
    hand.set(at("23T15:31:10"));
    done("noon", "steps", "action=freeze").await;
    done("late", "steps", "action=freeze").await;
    assert!(page("/organiser/draws/noon").await.contains("Round 1000 of the beacon decides, at 16:59:24"));
    let before = call("noon", "steps", json!({"action": "fetch"})).await;
    assert_eq!(
        (before.problem().as_str(), &before.json()["from"]),
        ("draw-too-early", &json!("2023-08-23T15:59:24.000Z"))
    );
    hand.set(at("23T16:00:00"));
    assert_eq!(call("noon", "steps", json!({"action": "fetch"})).await.problem(), "draw-value-missing");
    let said =
        |round: u64, of: u64| json!({"round": round, "randomness": "00", "signature": signature(of)}).to_string();
    let paste = |text: &str| format!("action=round&relay={}", escaped(text));
    for (text, status, words) in [
        ("hello", 422, "with round and signature"),
        (said(1_001, 1_001).as_str(), 422, "expected round 1000, which was announced"),
        (said(1_000, 1_001).as_str(), 422, "signature of round 1000"),
    ] {
        let refused = form("noon", "steps", paste(text)).await;
        assert!(refused.status == status && refused.text().contains(words), "{}: {}", refused.status, refused.text());
    }
    assert_eq!(call("noon", "steps", json!({"action": "reveal"})).await.problem(), "draw-step");
    done("noon", "steps", &paste(&said(1_000, 1_000))).await;
    done("noon", "steps", "action=reveal").await;
    relay.says(1_001, 1_001);
    assert_eq!(call("late", "steps", json!({"action": "fetch"})).await.json()["next"], "Its result is published next.");
    assert_eq!(call("late", "steps", json!({"action": "reveal"})).await.json()["state"], "revealed");
    for draw in ["noon", "late"] {
        assert_eq!(verified(&stage, draw).await["entries"], 4);
    }

    // Winners: one answers, one declines, one has the prize.
    let places = row(&stage, "noon").await.draw.places;
    let leaf = |place: usize| places[place].leaf.to_string();
    let answered = call("noon", "places", json!({"leaf": leaf(0), "action": "answer"})).await.json();
    assert!(
        answered["places"][0]["answered_at"].is_string() && answered["places"][0]["answer_by"].is_null(),
        "{answered}"
    );
    // The clock goes on while the story does.
    let answer_by: Timestamp = answered["places"][1]["answer_by"].as_str().unwrap().parse().unwrap();
    let since: Timestamp = answered["places"][1]["since"].as_str().unwrap().parse().unwrap();
    assert_eq!(answer_by.duration_since(since), SignedDuration::from_hours(7 * 24));
    let text = page("/organiser/draws/noon").await;
    assert_eq!(text.matches("value=\"no-answer\"").count(), 0, "there is time to answer");
    hand.set(answer_by);
    let text = page("/organiser/draws/noon").await;
    assert_eq!(text.matches("value=\"no-answer\"").count(), 1, "who has answered is not silent");
    let silent = call("noon", "places", json!({"leaf": leaf(0), "action": "disqualify", "reason": "no-answer"})).await;
    assert_eq!(silent.problem(), "draw-step");
    let unreasoned = call("noon", "places", json!({"leaf": leaf(1), "action": "disqualify"})).await;
    assert_eq!(unreasoned.json()["field"], "reason");
    assert!(text.contains("Prize 2 goes to the next reserve, who has seven days to answer."));
    done("noon", "places", &format!("leaf={}&action=disqualify&reason=declined", leaf(1))).await;
    done("noon", "places", &format!("leaf={}&action=deliver", leaf(0))).await;
    let shown = organiser.get("/api/v1/organiser/draws/noon").await.json();
    let are: Vec<_> = shown["draw"]["places"].as_array().unwrap().iter().map(|place| place["is"].clone()).collect();
    assert_eq!(are, ["delivered", "out", "holds", "waits"]);
    assert_eq!(shown["draw"]["places"][2]["prize"], 2);
    let text = page("/organiser/draws/noon").await;
    assert!(text.contains("Pat, Plantshire") && !text.contains("example.org"), "as they chose, and no contact");
    let actions: Vec<_> = shown["log"].as_array().unwrap().iter().map(|line| line["action"].clone()).collect();
    assert_eq!(
        actions,
        ["announce", "open", "freeze", "list", "draw", "reveal", "answer", "disqualify", "deliver"],
        "and nothing twice"
    );

    // An observer: after the announced time, with a name and a sentence.
    hand.set(at("23T18:01:00"));
    done("evening", "steps", "action=freeze").await;
    let said = |sentence: &str| json!({"action": "observe", "observer": "The head", "sentence": sentence});
    assert_eq!(call("evening", "steps", said("Copper")).await.problem(), "draw-too-early");
    hand.set(at("23T18:30:00"));
    assert_eq!(call("evening", "steps", said(" ")).await.json()["field"], "sentence");
    assert_eq!(call("evening", "steps", json!({"action": "fetch"})).await.problem(), "draw-value-missing");
    assert!(page("/organiser/draws/evening").await.contains("The sentence, exactly as it was said"));
    let body = format!("action=observe&observer=The+head&sentence={}", escaped("Copper turns “blue”"));
    done("evening", "steps", &body).await;
    done("evening", "steps", "action=reveal").await;
    verified(&stage, "evening").await;
    let activity = organiser.get("/api/v1/organiser/activity").await.json();
    let noted = |action: &str| {
        let entries = activity["entries"].as_array().unwrap();
        entries.iter().filter(|entry| entry["action"] == action).count()
    };
    assert_eq!(["announce draw", "freeze draw", "give draw's value", "reveal draw"].map(noted), [3; 4]);
    assert_eq!(["record winner's answer", "disqualify entry", "record delivery of prize"].map(noted), [1; 3]);
}
