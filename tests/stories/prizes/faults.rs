//! Faults: a function that dies, a schedule that sleeps, a table that is put back to an older copy, entries that are taken back after the
//! freeze, and files and secrets that somebody changes.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use http::Method;
use jiff::{SignedDuration, Timestamp};
use local::names;
use serde_json::{Value, json};
use shared::{
    domain::{
        Edition,
        draw::{
            files::{Drawn, Source as Announced},
            settings::{DrawSettings, Method as By},
            steps::{Reason, Refused, Standing, State as Stands},
        },
        people::Actor,
    },
    runtime::Clock,
    store::{
        draw_steps::{NotDone, Value as Source},
        draws::Draws,
    },
};
use tests::{
    TestSystem,
    system::{Setting, edition},
};

use super::{
    DRAWS, Hand, Relay, at, device_with, enter, entered, file, id, keeper, minute, open_draws, row, settings,
    signature, slug, text, verified,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_draw_that_is_killed_between_any_two_calls_goes_on_from_there() {
    let (hand, relay) = (Hand::new(), Relay::default());
    let system = open_draws(vec![settings("noon", "23T15:30:00", "23T15:59:24", By::Beacon)], &hand, &relay).await;
    let mut entrants = Vec::new();
    for seed in 0..3 {
        entrants.push(device_with(&system, seed, true).await.0);
    }
    relay.says(1_000, 1_000);
    let mut deaths = 0;
    for (phase, time) in ["23T09:00:00", "23T15:30:30", "23T16:00:00"].into_iter().enumerate() {
        hand.set(at(time));
        // One call more each time: whatever the one before has left behind, the next goes on from it.
        for calls in 0.. {
            system.laptop.grants.die_after("housekeeping", Some(calls));
            let done = housekeeping::handle(&keeper(&system.laptop, &hand), housekeeping::Task::Draws).await;
            system.laptop.grants.die_after("housekeeping", None);
            let died = done.map_or(true, |report| report.failed > 0);
            let stands = Draws::new(&system.laptop.table).get(&slug(), &id("noon")).await.unwrap();
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
    let verdict = verified(&system, "noon").await;
    assert_eq!(verdict["entries"], 3);
    let log = Draws::new(&system.laptop.table).log(&slug(), &id("noon")).await.unwrap();
    let actions: Vec<_> = log.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["announce", "open", "freeze", "list", "draw", "reveal"]);
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
    let system = TestSystem::with(setting).await;
    let (device, _) = device_with(&system, 1, true).await;
    minute(&system, &hand).await;
    entered(&device, "p0@example.org").await;
    // The clock is beyond both times, and nobody has frozen the draw: it takes no more entries all the same.
    hand.set(hours(2) + SignedDuration::from_mins(10));
    assert_eq!(enter(&system.device(), "p1@example.org").await.problem(), "draw-closed");
    for _ in 0..2 {
        assert_eq!(minute(&system, &hand).await.1, 0);
    }
    let late = row(&system, "today").await.draw;
    assert_eq!((late.state, late.listed.as_ref().unwrap().count), (Stands::Frozen, 1));
    let (keeper, by) = (keeper(&system.laptop, &hand), Actor::Function("organiser"));
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
    minute(&system, &hand).await;
    assert_eq!(verified(&system, "today").await["entries"], 1);
}

/// Replaces a public file as only somebody with the keys of the account can.
async fn replaced(system: &TestSystem, key: &str, text: &str) {
    let s3 = &system.laptop.aws.s3;
    s3.delete_object().bucket(names::PUBLIC).key(key).send().await.unwrap();
    let put = s3.put_object().bucket(names::PUBLIC).key(key).if_none_match("*");
    put.body(text.to_owned().into_bytes().into()).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_after_the_freeze_stops_the_draw_before_anything_is_revealed() {
    let (hand, relay) = (Hand::new(), Relay::default());
    let system = open_draws(vec![settings("noon", "23T15:30:00", "23T15:59:24", By::Beacon)], &hand, &relay).await;
    let mut entrants = Vec::new();
    for seed in 0..3 {
        entrants.push(device_with(&system, seed, true).await.0);
    }
    hand.set(at("23T09:00:00"));
    minute(&system, &hand).await;
    for (number, device) in entrants.iter().enumerate() {
        entered(device, &format!("p{number}@example.org")).await;
    }
    hand.set(at("23T15:30:30"));
    minute(&system, &hand).await;
    let (keeper, by) = (keeper(&system.laptop, &hand), Actor::Function("draws"));
    let reveal =
        async || Box::pin(keeper.draw_steps().reveal(&slug(), &id("noon"), &by)).await.unwrap_err().to_string();
    let (key, list) = (file("noon", "entries.txt")[1..].to_owned(), text(&system.client, "noon", "entries.txt").await);
    hand.set(at("23T16:00:00"));
    keeper.draw_steps().beacon(&slug(), &id("noon"), Source::Relays, &by).await.unwrap_err();
    relay.says(1_000, 1_000);
    keeper.draw_steps().beacon(&slug(), &id("noon"), Source::Relays, &by).await.unwrap();

    // One entry fewer; one more; the same in another order.
    let (first, rest) = list.split_at(65);
    for other in [rest.to_owned(), format!("{}\n{list}", "0".repeat(64)), format!("{rest}{first}")] {
        replaced(&system, &key, &other).await;
        let why = reveal().await;
        assert!(why.contains("entries.txt"), "{why}");
        assert_eq!(minute(&system, &hand).await.0, 0);
    }
    replaced(&system, &key, &list).await;

    // Another secret.
    let rows = tests::rows::rows(&system.laptop.aws, names::TABLE).await;
    let kept = rows.into_iter().find(|row| row["PK"]["S"].as_str().unwrap().starts_with("DRAWSEC#")).unwrap();
    let mut other = kept.clone();
    other["secret"]["S"] = json!("9".repeat(64));
    system.laptop.load(vec![other]).await.unwrap();
    let why = reveal().await;
    assert!(why.contains("the secret gives the commitment"), "{why}");
    assert_eq!(minute(&system, &hand).await.0, 0);
    assert_eq!(row(&system, "noon").await.draw.state, Stands::Frozen);
    assert_eq!(system.client.get(&file("noon", "result.json")).await.status, 404, "nothing is revealed");

    // With what was announced it goes on.
    system.laptop.load(vec![kept]).await.unwrap();
    assert!(minute(&system, &hand).await.0 >= 1);
    assert_eq!(verified(&system, "noon").await["entries"], 3);
    let steps = keeper.draw_steps();
    assert_eq!(steps.recomputed(&slug(), &id("noon")).await.unwrap(), None);
    replaced(&system, &key, rest).await;
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
    let system = open_draws(draws, &hand, &relay).await;
    let mut entrants = Vec::new();
    for seed in 0..4 {
        entrants.push(device_with(&system, seed, true).await.0);
    }
    hand.set(at("23T09:00:00"));
    minute(&system, &hand).await;
    for (number, device) in entrants.iter().enumerate() {
        entered(device, &format!("p{number}@example.org")).await;
    }
    hand.set(at("23T15:31:30"));
    minute(&system, &hand).await;
    relay.says(1_000, 1_000);
    relay.says(1_001, 1_001);
    hand.set(at("23T16:00:00"));

    // By hand, all in one minute: a winner has the prize before the schedule has named them.
    let (keeper, by) = (keeper(&system.laptop, &hand), Actor::Function("organiser"));
    let steps = keeper.draw_steps();
    steps.beacon(&slug(), &id("noon"), Source::Relays, &by).await.unwrap();
    let revealed = steps.reveal(&slug(), &id("noon"), &by).await.unwrap();
    let delivered = steps.deliver(&slug(), &id("noon"), &revealed.draw.places[0].leaf, &by).await.unwrap();
    assert_eq!(delivered.names.get(&revealed.draw.places[0].leaf).unwrap().as_deref(), Some("Pat, Plantshire"));

    // Winners and reserves of the other draw have all withdrawn.
    for device in &entrants {
        assert_eq!(device.call(Method::DELETE, DRAWS, &json!(null)).await.status, 200);
    }
    minute(&system, &hand).await;
    let late = row(&system, "late").await;
    assert_eq!((late.draw.state, late.draw.places.len()), (Stands::Settled, 4));
    let out = Standing::Out { reason: Reason::Withdrawn };
    assert!(late.draw.places.iter().all(|place| place.standing == out), "{:?}", late.draw.places);
    assert!(late.names.is_empty(), "nobody is named");
    let noon = row(&system, "noon").await;
    assert_eq!(noon.draw.places.iter().filter(|place| place.standing == out).count(), 3, "who has the prize keeps it");
    verified(&system, "late").await;
}

/// Puts the table back to older rows.
async fn restored(system: &TestSystem, older: &[Value]) {
    let key = |row: &Value| ["PK", "SK"].map(|name| row[name]["S"].as_str().unwrap().to_owned());
    let kept: BTreeSet<_> = older.iter().map(key).collect();
    for row in tests::rows::rows(&system.laptop.aws, names::TABLE).await {
        let [pk, sk] = key(&row);
        if !kept.contains(&[pk.clone(), sk.clone()]) {
            let delete = system.laptop.aws.dynamodb.delete_item().table_name(names::TABLE);
            delete.key("PK", AttributeValue::S(pk)).key("SK", AttributeValue::S(sk)).send().await.unwrap();
        }
    }
    system.laptop.load(older.to_vec()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_of_the_table_never_contradicts_what_is_public() {
    const FILES: [&str; 4] = ["commit.json", "entries.txt", "beacon.json", "result.json"];
    let (hand, relay) = (Hand::new(), Relay::default());
    let system = open_draws(vec![settings("noon", "23T15:30:00", "23T15:59:24", By::Beacon)], &hand, &relay).await;
    let mut entrants = Vec::new();
    for seed in 0..4 {
        entrants.push(device_with(&system, seed, true).await.0);
    }
    hand.set(at("23T09:00:00"));
    let never = tests::rows::rows(&system.laptop.aws, names::TABLE).await;
    minute(&system, &hand).await;
    entered(&entrants[0], "p0@example.org").await;
    let opened = tests::rows::rows(&system.laptop.aws, names::TABLE).await;
    for (number, device) in entrants.iter().enumerate().skip(1) {
        entered(device, &format!("p{number}@example.org")).await;
    }
    relay.says(1_000, 1_000);
    hand.set(at("23T15:30:30"));
    minute(&system, &hand).await;
    hand.set(at("23T16:00:00"));
    minute(&system, &hand).await;
    let mut public = Vec::new();
    for name in FILES {
        public.push(text(&system.client, "noon", name).await);
    }
    let places = row(&system, "noon").await.draw.places;

    // From a copy of when it was open: the same list, though the copy has one entrant of four; the same value; the same winners.
    restored(&system, &opened).await;
    assert_eq!(row(&system, "noon").await.draw.state, Stands::Open);
    for _ in 0..2 {
        minute(&system, &hand).await;
    }
    let again = row(&system, "noon").await.draw;
    assert_eq!((again.state, again.listed.unwrap().count), (Stands::Revealed, 4));
    assert_eq!(
        again.places.iter().map(|place| &place.leaf).collect::<Vec<_>>(),
        places.iter().map(|place| &place.leaf).collect::<Vec<_>>()
    );
    // From a copy of before the announcement, with another secret: it goes no further, since the commitment stands.
    restored(&system, &never).await;
    hand.set(at("23T09:00:00"));
    for _ in 0..2 {
        minute(&system, &hand).await;
    }
    assert_eq!(row(&system, "noon").await.draw.state, Stands::Announced);
    assert_eq!(enter(&entrants[0], "p0@example.org").await.problem(), "draw-not-open");
    let (keeper, settings) = (keeper(&system.laptop, &hand), row(&system, "noon").await.settings);
    let why = keeper.draw_steps().commit(&slug(), &settings, &Actor::Function("draws")).await.unwrap_err();
    assert_eq!(why.to_string(), "commit.json on the site is not the file of this draw");
    for (name, was) in FILES.into_iter().zip(public) {
        assert_eq!(text(&system.client, "noon", name).await, was, "{name}");
    }
    verified(&system, "noon").await;
}
