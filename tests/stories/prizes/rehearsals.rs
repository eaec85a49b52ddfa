//! Rehearsals, which leave nothing.

use std::collections::BTreeSet;

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use http::Method;
use jiff::SignedDuration;
use local::names;
use serde_json::{Value, json};
use shared::{
    domain::{
        draw::{settings::Method as By, steps::State as Stands},
        states::Role,
    },
    runtime::Clock,
};
use tests::{TestSystem, command::techognition};

use super::{Hand, Relay, at, keeper, minute, open_draws, row, settings};

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_does_every_step_and_leaves_nothing() {
    let (hand, relay) = (Hand::new(), Relay::default());
    let system = open_draws(vec![settings("noon", "23T18:00:00", "23T18:30:00", By::Beacon)], &hand, &relay).await;
    hand.set(at("23T15:59:27"));
    minute(&system, &hand).await;
    // When the schedule ran is no trace of a rehearsal, nor is the secret of this table's contacts, which the first entry makes.
    let rows = async || {
        let mut rows = tests::rows::rows(&system.laptop.aws, names::TABLE).await;
        rows.retain(|row| row["PK"]["S"] != "RUN" && row["PK"]["S"] != "SECRET");
        rows
    };
    let (before, noon) = (rows().await, public_files(&system).await);
    assert_eq!(noon, ["commit.json", "rules.cy.html", "rules.html"].map(|name| format!("draws/2027/noon/{name}")));
    // Its own clock stands still, so that the latest round stays the one that the relay knows.
    let still = at("23T15:59:27");
    let keeper = system.laptop.housekeeping(Clock::new(move || still)).unwrap();
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
    assert_eq!(public_files(&system).await, noon, "the files of the draw itself stay");
    assert_eq!(row(&system, "noon").await.draw.state, Stands::Open, "the draw itself is as it was");
    let organiser = system.member(Role::Organiser).await;
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
    let folder = system.folder().to_str().unwrap().to_owned();
    let said = techognition(&["draw", "rehearse", "other", "--data", &folder]).await;
    assert!(String::from_utf8_lossy(&said.stderr).contains("no draw other in the settings"), "{said:?}");
}

/// The keys of all public files of draws, in order.
async fn public_files(system: &TestSystem) -> Vec<String> {
    let list = system.laptop.aws.s3.list_objects_v2().bucket(names::PUBLIC).prefix("draws/");
    let listed = list.send().await.unwrap().contents.unwrap_or_default();
    listed.into_iter().filter_map(|object| object.key).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_rehearsal_leaves_that_is_killed_is_swept_and_no_file_of_a_draw_can_be_deleted() {
    let (hand, relay) = (Hand::new(), Relay::default());
    let system = open_draws(vec![settings("noon", "23T18:00:00", "23T18:30:00", By::Observer)], &hand, &relay).await;
    hand.set(at("23T15:59:27"));
    minute(&system, &hand).await;
    let of = settings("noon", "23T18:00:00", "23T18:30:00", By::Observer);
    let trial = async || {
        let rows = tests::rows::rows(&system.laptop.aws, names::TABLE).await;
        let of = |row: &Value| {
            row["PK"]["S"].as_str().unwrap().contains("trial-") || row["SK"]["S"].as_str().unwrap().contains("trial-")
        };
        rows.into_iter().filter(of).map(|row| row["PK"]["S"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    let noon = public_files(&system).await;
    let mut deaths = 0;
    for calls in 0.. {
        system.laptop.grants.die_after("housekeeping", Some(calls));
        let done = keeper(&system.laptop, &hand).draw_steps().rehearse(&of, 1).await;
        system.laptop.grants.die_after("housekeeping", None);
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
    assert!(public_files(&system).await.len() > noon.len());

    // An hour later by the storage's clock, which wrote the files.
    let later = Clock::system().now() + SignedDuration::from_hours(1);
    let sweeper = system.laptop.housekeeping(Clock::new(move || later)).unwrap();
    while !trial().await.is_empty() || public_files(&system).await != noon {
        let swept = housekeeping::handle(&sweeper, housekeeping::Task::Objects).await.unwrap();
        assert_eq!(swept.failed, 0, "{swept:?}");
        assert!(swept.orphans > 0, "something is left that no sweep finds: {:?}", trial().await);
    }

    // Nobody of ours may delete a file of the draw itself, one by one or several at once.
    let aws = system.laptop.grants.clients(&system.laptop.aws, "housekeeping");
    let one = aws.s3.delete_object().bucket(names::PUBLIC).key(&noon[0]).send().await;
    let object = ObjectIdentifier::builder().key(&noon[0]).build().unwrap();
    let all = Delete::builder().objects(object).build().unwrap();
    let several = aws.s3.delete_objects().bucket(names::PUBLIC).delete(all).send().await;
    for refused in [format!("{:?}", one.unwrap_err()), format!("{:?}", several.unwrap_err())] {
        assert!(refused.contains("may not s3:DeleteObject on draws"), "{refused}");
    }
    assert_eq!(public_files(&system).await, noon);
}
