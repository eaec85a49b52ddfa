//! Many entrants, and one who would be many.

use std::{collections::BTreeMap, time::Instant};

use local::Faults;
use serde_json::json;
use shared::{
    domain::{draw::settings::Method as By, people::Actor},
    store::{draw_steps::Value as Source, draws::Draws},
};
use tests::{TestSystem, system::Setting};

use super::{Hand, Relay, at, device_with, edition_of, enter, id, minute, settings, slug, stage, text, verified};

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_entrants_are_frozen_and_drawn_within_a_minute() {
    const ENTRANTS: usize = 10_000;
    let (hand, relay) = (Hand::new(), Relay::default());
    let stage = TestSystem::with(Setting {
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
        // The function says so, or what stands before it, which answers first on a fast machine.
        let what = match answer.status.as_u16() {
            201 => "entered".to_owned(),
            429 => "slowed down".to_owned(),
            _ => answer.problem(),
        };
        *said.entry(what.clone()).or_default() += 1;
        if what == "slowed down" {
            break;
        }
    }
    println!("{said:?}");
    assert_eq!((said["entered"], said["slowed down"]), (1, 1), "{said:?}");
    assert!(said["entered-otherwise"] < 300, "{said:?}");
    let draws = Draws::new(&stage.laptop.table);
    assert_eq!(draws.entries(&slug(), &id("noon")).await.unwrap().len(), 1);
    assert_eq!(draws.entrants(&slug()).await.unwrap().len(), 1);
}
