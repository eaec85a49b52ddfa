//! Prize draws, from the announcement to the last prize, by virtual clocks. The beacon's rounds are true ones of 2023, so the days are of
//! then; photos are sent before the clock is set back to them, since a storage believes no signature of another day.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use local::LocalSystem;
use serde_json::{Value, json};
use shared::{
    domain::{
        Edition, EditionSlug,
        draw::{
            beacon::CHAIN,
            settings::{DrawSettings, Eligible, Method as By, Nation, PrizeSettings},
        },
        ids::DrawId,
    },
    runtime::Clock,
    store::draws::{DrawRow, Draws},
};
use tests::{
    Answer, Client, Device, TestSystem,
    command::techognition,
    photos::small,
    system::{Setting, edition},
};
use tokio::net::TcpListener;

mod by_hand;
mod day;
mod faults;
mod load;
mod privacy;
mod rehearsals;

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
        Clock::new(move || match hand.still.load(Ordering::SeqCst) {
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

async fn open_draws(draws: Vec<DrawSettings>, hand: &Hand, relay: &Relay) -> TestSystem {
    TestSystem::with(Setting {
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

fn keeper(laptop: &LocalSystem, hand: &Hand) -> housekeeping::App {
    laptop.housekeeping(hand.clock()).unwrap()
}

/// Does what the schedule does every minute; returns the numbers of moves and of failures.
async fn minute(system: &TestSystem, hand: &Hand) -> (u64, u64) {
    let report = housekeeping::handle(&keeper(&system.laptop, hand), housekeeping::Task::Draws).await.unwrap();
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

async fn row(system: &TestSystem, draw: &str) -> DrawRow {
    Draws::new(&system.laptop.table).get(&slug(), &id(draw)).await.unwrap().unwrap()
}

/// A device with a photo in each of these states.
async fn device_with(system: &TestSystem, seed: u32, published: bool) -> (Device, String) {
    let device = system.device();
    let photo = device.add(&[small(seed)]).await.remove(0);
    if published {
        system.moderator().await.publish(std::slice::from_ref(&photo)).await;
    }
    (device, photo)
}

async fn verified(system: &TestSystem, draw: &str) -> Value {
    let address = format!("{}/draws/{}/{draw}", system.laptop.site, slug());
    let said = techognition(&["draw", "verify", &address, "--json"]).await;
    let verdict: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(verdict["holds"], true, "{verdict:#}");
    verdict
}
