//! Whole days: one of three draws, from the announcement to the last prize, and one without draws.

use std::collections::BTreeSet;

use http::Method;
use local::names;
use serde_json::json;
use shared::{
    domain::{
        draw::{
            beacon::CHAIN,
            files::Drawn,
            settings::Method as By,
            steps::{Reason, Refused, Standing, State as Stands},
        },
        ids::Leaf,
        people::Actor,
    },
    store::{
        draw_steps::{NotDone, Value as Source},
        draws::Draws,
    },
};
use tests::{TestSystem, photos::small, system::Setting};

use super::{
    DRAWS, Hand, Relay, at, details, device_with, enter, entered, file, id, keeper, leaves, minute, open_draws, own,
    row, settings, signature, slug, text, verified,
};

#[expect(clippy::too_many_lines, reason = "a day has many hours")]
#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_three_draws_goes_from_the_announcement_to_the_last_prize() {
    let (hand, relay) = (Hand::new(), Relay::default());
    let draws = vec![
        settings("noon", "23T15:30:00", "23T15:59:24", By::Beacon),
        settings("late", "23T15:31:00", "23T15:59:27", By::Beacon),
        settings("evening", "23T18:00:00", "23T18:30:00", By::Observer),
    ];
    let system = open_draws(draws, &hand, &relay).await;
    let mut devices = Vec::new();
    for seed in 0..5 {
        devices.push(device_with(&system, seed, seed < 4).await);
    }
    let only_reserved = system.device();
    only_reserved.reserve(&[small(40)]).await;
    let keeper = keeper(&system.laptop, &hand);
    let by = Actor::Function("organiser");

    // Before the commitment stands, nobody enters.
    hand.set(at("23T09:00:00"));
    assert_eq!(own(&devices[0].0).await["draws"], json!([]));
    assert_eq!(enter(&devices[0].0, "p0@example.org").await.problem(), "unknown-draw");
    assert_eq!(system.client.get(&file("noon", "commit.json")).await.status, 404);
    assert_eq!(minute(&system, &hand).await, (6, 0), "each is announced and opened");
    assert_eq!(minute(&system, &hand).await, (0, 0), "once");
    assert!(text(&system.client, "noon", "commit.json").await.contains("\"round\": 1000"));
    let rules = system.client.get(&file("noon", "rules.html")).await;
    assert!(rules.header("content-type").starts_with("text/html"), "{:?}", rules.headers);
    assert!(rules.text().contains("Sample Association"));
    assert!(text(&system.client, "noon", "rules.cy.html").await.contains("Sut y dewisir yr enillwyr"));
    assert!(system.client.get("/cy/draws/noon").await.unpacked().text().contains("/noon/rules.cy.html"));
    for name in ["entries.txt", "beacon.json", "result.json", "secret.json"] {
        assert_eq!(system.client.get(&file("noon", name)).await.status, 404, "{name}");
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
    assert_eq!(enter(&system.device(), "p6@example.org").await.problem(), "photo-needed");
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
    let (one, other) = tokio::join!(minute(&system, &hand), minute(&system, &hand));
    assert_eq!((one.1, other.1), (0, 0));
    let wanted: BTreeSet<_> = [&first, &second, &third, &fifth].map(|leaves| leaves["noon"].clone()).into();
    let listed = text(&system.client, "noon", "entries.txt").await;
    assert_eq!(listed.lines().map(str::to_owned).collect::<BTreeSet<_>>(), wanted, "who has a photo, and no other");
    let noon = row(&system, "noon").await;
    assert_eq!((noon.draw.state, noon.draw.version), (Stands::Frozen, 4));
    assert!(!leaves(&own(&only_reserved).await).contains_key("noon"), "an entry that does not count is no more");
    hand.set(at("23T15:31:30"));
    assert_eq!(minute(&system, &hand).await, (2, 0), "the late one is frozen");

    // Between the freeze and the reveal: somebody enters what is left, somebody withdraws.
    assert_eq!(enter(&system.device(), "p7@example.org").await.problem(), "photo-needed");
    let left = devices[2].0.call(Method::DELETE, DRAWS, &json!(null)).await;
    assert!(leaves(&left.json()).is_empty(), "{}", left.text());
    let stands = text(&system.client, "noon", "entries.txt").await;
    assert!(stands.contains(&third["noon"]), "it stands in the list");

    // The beacon: silent, then lying, then true.
    hand.set(at("23T16:00:00"));
    assert_eq!(minute(&system, &hand).await, (0, 0), "nobody answers");
    relay.says(1_000, 1_001);
    assert_eq!(minute(&system, &hand).await, (0, 0), "a wrong signature");
    let secret = Draws::new(&system.laptop.table).secret(&slug(), &id("noon")).await.unwrap().reveal();
    assert_eq!(system.client.get(&file("noon", "result.json")).await.status, 404);
    relay.says(1_000, 1_000);
    let (moves, failed) = minute(&system, &hand).await;
    assert!(moves >= 2 && failed == 0, "{moves} moves");
    assert!(text(&system.client, "noon", "result.json").await.contains(&secret));
    let verdict = verified(&system, "noon").await;
    assert_eq!(verdict["entries"], 4);
    let noon = row(&system, "noon").await;
    let gone = noon.draw.places.iter().find(|place| place.leaf.as_str() == third["noon"]).unwrap();
    assert_eq!(gone.standing, Standing::Out { reason: Reason::Withdrawn });

    // The late one: from the next day on an observer could draw; the organiser pastes the signature instead.
    assert_eq!(row(&system, "late").await.draw.state, Stands::Frozen);
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
    minute(&system, &hand).await;
    assert_eq!(row(&system, "evening").await.draw.listed.unwrap().count, 3);
    let kept = Draws::new(&system.laptop.table).entrants(&slug()).await.unwrap();
    assert_eq!(kept.len(), 3, "whose entries count in no draw, or are withdrawn, is erased");
    hand.set(at("24T09:00:00"));
    keeper.draw_steps().beacon(&slug(), &late, round(1_001), &by).await.unwrap();
    keeper.draw_steps().reveal(&slug(), &late, &by).await.unwrap();
    verified(&system, "late").await;

    // The observer's, drawn when the sentence is said.
    let evening = id("evening");
    assert!(matches!(
        keeper.draw_steps().beacon(&slug(), &evening, Source::Relays, &by).await.unwrap_err(),
        NotDone::NeedsObserver
    ));
    keeper.draw_steps().beacon(&slug(), &evening, said("Copper turns “blue”"), &by).await.unwrap();
    assert!(minute(&system, &hand).await.0 >= 1, "it is revealed by the schedule");
    verified(&system, "evening").await;

    // After it: contacts of winners and reserves, and of nobody else.
    let places = row(&system, "noon").await.draw.places;
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
        let holders = row(&system, draw).await.draw.places;
        for place in holders.iter().filter(|place| matches!(place.standing, Standing::Holds { .. })) {
            keeper.draw_steps().deliver(&slug(), &id(draw), &place.leaf, &by).await.unwrap();
            keeper.draw_steps().deliver(&slug(), &id(draw), &place.leaf, &by).await.unwrap();
        }
        assert_eq!(row(&system, draw).await.draw.state, Stands::Settled);
    }
    minute(&system, &hand).await;
    let draws = Draws::new(&system.laptop.table);
    assert!(draws.entrants(&slug()).await.unwrap().is_empty(), "every contact is erased");
    let noon = row(&system, "noon").await;
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
async fn a_day_without_draws_has_no_trace_of_them() {
    let system = TestSystem::with(Setting { quiet: true, ..Setting::default() }).await;
    let hand = Hand::new();
    let (device, _) = device_with(&system, 1, true).await;
    assert_eq!(minute(&system, &hand).await, (0, 0));
    assert_eq!(own(&device).await, json!({"draws": []}));
    assert_eq!(enter(&device, "pat@example.org").await.problem(), "unknown-draw");
    let rows = tests::rows::rows(&system.laptop.aws, names::TABLE).await;
    let of_draws = ["DRAW", "ENTR"];
    let kinds =
        rows.iter().filter(|row| of_draws.iter().any(|kind| row["PK"]["S"].as_str().unwrap().starts_with(kind)));
    assert_eq!(kinds.count(), 0);
    for page in ["/", "/gallery", "/add", "/mine", "/wall", "/rules", "/privacy", "/take-part", "/api/v1/event", "/cy/"]
    {
        let answer = system.client.get(page).await;
        assert_eq!(answer.status, 200, "{page}");
        let text = answer.unpacked().text();
        assert!(!text.contains("/draws") && !text.contains("prize") && !text.contains("To be won"), "{page}");
    }
}
