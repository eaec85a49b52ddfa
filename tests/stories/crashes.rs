//! `kill -9` of the whole system while photos come in: whatever was acknowledged is there afterwards.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use tempfile::TempDir;
use tests::{
    Client, Device,
    command::{Running, techognition},
    photos::small,
    system::{eventually, within},
};
use tokio::sync::Mutex;

/// Adds one photo after the other until the system is gone; notes the id of each whose PUT was answered with 200.
async fn add_until_the_end(
    client: Client,
    device: Device,
    first: u32,
    acknowledged: Arc<Mutex<Vec<(Device, String)>>>,
) {
    for seed in first.. {
        let file = small(seed);
        let request = tests::people::batch(std::slice::from_ref(&file)).to_string();
        let headers = [("content-type", "application/json"), ("authorization", device.authorization.as_str())];
        let Ok(answer) = client.try_send(http::Method::POST, "/api/v1/uploads", &headers, request).await else {
            return;
        };
        assert_eq!(answer.status, 201, "{}", answer.text());
        let photo = answer.json()["photos"][0].clone();
        let Ok(put) = tests::people::try_put(&client, &photo["upload"], &file).await else { return };
        assert_eq!(put.status, 200, "{}", put.text());
        acknowledged.lock().await.push((device.clone(), photo["id"].as_str().unwrap().to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_photo_is_there_after_ten_kills() {
    const KILLS: u32 = 10;
    let folder = TempDir::new().unwrap();
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    for kill in 0..KILLS {
        let running = Running::start(folder.path(), &["--open-window"]).await;
        let client = Client::new(&running.site);
        let adding = (0..4).map(|n| {
            let first = (kill * 4 + n) * 1_000;
            tokio::spawn(add_until_the_end(client.clone(), Device::new(&client), first, Arc::clone(&acknowledged)))
        });
        let adding: Vec<_> = adding.collect();
        // At another moment of the work each time; at least one photo is through.
        let before = acknowledged.lock().await.len();
        eventually("a photo is acknowledged", async || (acknowledged.lock().await.len() > before).then_some(())).await;
        tokio::time::sleep(Duration::from_millis(u64::from(150 + kill * 67 % 400))).await;
        running.kill().await;
        for outcome in join_all(adding).await {
            outcome.unwrap();
        }
    }
    let acknowledged = acknowledged.lock().await.clone();
    assert!(acknowledged.len() > 20, "{}", acknowledged.len());
    let running = Running::start(folder.path(), &["--open-window"]).await;
    let client = Client::new(&running.site);
    // A photo on which four workers have died is given up, with words for its sender: on a machine so slow that each kill meets the same one.
    let mut given_up = 0;
    for (device, id) in &acknowledged {
        let device = Device { client: client.clone(), ..device.clone() };
        let photo = within(Duration::from_mins(3), &format!("{id} is there"), async || {
            let photo = device.own().await.into_iter().find(|photo| photo["id"] == *id)?;
            (photo["state"] == "pending" || photo["state"] == "rejected").then_some(photo)
        })
        .await;
        if photo["state"] == "rejected" {
            assert!(photo["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{photo}");
            given_up += 1;
        }
    }
    assert!(given_up * 10 <= acknowledged.len(), "{given_up} of {} were given up", acknowledged.len());
    running.interrupt().await;
    let audit = techognition(&["audit", "--data", folder.path().to_str().unwrap(), "--json"]).await;
    let counted = String::from_utf8_lossy(&audit.stdout).into_owned();
    assert!(audit.status.success(), "{counted}");
    println!("{KILLS} kills, {} acknowledged photos, none lost, {given_up} given up: {counted}", acknowledged.len());
}
