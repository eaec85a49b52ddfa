//! S3 and DynamoDB fail as they may, and nothing is lost by it; what a photo costs; and the great torture, at a small size.

use std::{process::Stdio, time::Duration};

use futures::future::join_all;
use local::Faults;
use serde_json::Value;
use tests::{TestSystem, photos::small, system::Setting};
use tokio::process::Command;

async fn a_day_with(faults: Faults) {
    let system = TestSystem::with(Setting { faults: Some(faults), ..Setting::default() }).await;
    let devices: Vec<_> = (0..4).map(|_| system.device()).collect();
    let moderator = system.moderator().await;
    join_all(devices.iter().zip(0..).map(async |(device, n)| {
        let mut pending = Vec::new();
        for file in (0..5).map(|i| small(n * 100 + i)) {
            // As patient as the page is: what fails is tried again, and nobody waits for ever.
            let mut tries = 0;
            let id = loop {
                tries += 1;
                assert!(tries < 200, "a photo of {} bytes is not taken", file.len());
                if tries > 1 {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                let answer = device.request(&tests::people::batch(std::slice::from_ref(&file))).await;
                if answer.status != 201 {
                    continue;
                }
                let photo = answer.json()["photos"][0].clone();
                let id = photo["id"].as_str().map(str::to_owned);
                if photo["upload"].is_null() {
                    break id;
                }
                let put = tests::people::try_put(&device.client, &photo["upload"], &file).await;
                if put.is_ok_and(|put| put.status == 200 || put.status == 412) {
                    break id;
                }
            };
            pending.extend(id);
        }
        for id in pending {
            let mut version = 2;
            // A message that fails comes back after two minutes; the sweep asks before.
            tests::system::within(Duration::from_mins(3), "it is published", async || {
                let decision = serde_json::json!({"decisions": [{"id": id, "version": version, "action": "publish"}]});
                let answer = moderator.decisions(&decision).await;
                if answer.status != 200 {
                    return None;
                }
                let decided = answer.json()["decisions"][0].clone();
                version = decided["problem"]["version"].as_u64().unwrap_or(version);
                let published = decided["state"] == "published" || decided["problem"]["state"] == "published";
                published.then_some(())
            })
            .await;
        }
    }))
    .await;
    let recount = system.audit().await;
    assert!(recount.differences.is_zero(), "{recount:?}");
    assert_eq!(recount.photos, [("published".to_owned(), 20)].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_table_and_transactions_in_conflict_lose_nothing() {
    Box::pin(a_day_with(Faults { seed: 11, throttled: 0.3, conflicts: 0.5, ..Faults::default() })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_and_broken_answers_lose_nothing_and_double_nothing() {
    Box::pin(a_day_with(Faults { seed: 12, lost: 0.1, cut: 0.05, trickled: 0.05, ..Faults::default() })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storage_that_is_slow_and_fails_loses_nothing() {
    Box::pin(a_day_with(Faults { seed: 13, storage_errors: 0.2, delayed: 0.3, delay_ms: 40, ..Faults::default() }))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_lags_loses_nothing() {
    Box::pin(a_day_with(Faults { seed: 14, stale: 0.7, stale_ms: 1_000, ..Faults::default() })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_costs_at_most_37_write_units_and_14_read_units_until_everybody_sees_it() {
    let metered = Faults { metered: true, ..Faults::default() };
    let system = TestSystem::with(Setting { faults: Some(metered), quiet: true, ..Setting::default() }).await;
    let (device, moderator) = (system.device(), system.moderator().await);
    // The first of all pays for what is read once and kept.
    let first = device.add(&[small(1)]).await;
    moderator.publish(&first).await;
    system.laptop.meter.take();
    let reserved = device.reserve(&[small(2)]).await;
    assert_eq!(device.put(&reserved[0], &small(2)).await.status, 200);
    let id: shared::domain::PhotoId = reserved[0]["id"].as_str().unwrap().parse().unwrap();
    // Its technician asks nobody meanwhile: looking is not part of a photo's life.
    let photos = shared::store::Photos::new(&system.laptop.table);
    tests::system::eventually("its renditions are made", async || {
        photos.get(&id).await.unwrap().filter(|photo| photo.state == shared::domain::State::Pending)
    })
    .await;
    moderator.publish(&[id.to_string()]).await;
    let units = system.laptop.meter.take();
    println!("one photo from its reservation to everybody: {} write units, {} read units", units.write, units.read);
    // Seven of them keep the counters of its device in its three transactions, so that nobody ever has to count its photos.
    assert!(units.write <= 37.0, "{units:?}");
    // One of them is the row of the person who made the moderator's key: a revoked person is out at once. Four are of a registration,
    // of up to 20 photos: what everybody, its device and its network have sent in this hour, and what its device has sent so far. Two look
    // for a twin that two people must agree to show, when its renditions are made and when it is published.
    assert!(units.read <= 14.0, "{units:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_under_torture() {
    let mut torture = Command::new(env!("CARGO_BIN_EXE_torture"));
    torture.args(["--minutes", "0.4", "--seed", "7", "--json"]).kill_on_drop(true).stdin(Stdio::null());
    let tortured = torture.output().await.unwrap();
    let said = String::from_utf8_lossy(&tortured.stdout).into_owned();
    println!("{said}");
    assert!(tortured.status.success(), "{said} {}", String::from_utf8_lossy(&tortured.stderr));
    let found: Value = serde_json::from_str(said.trim()).unwrap();
    assert!(found["acknowledged"].as_u64().unwrap() > 0, "{found}");
}
