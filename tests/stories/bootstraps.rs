//! The journey with the real bootstraps behind an emulated Lambda. `TECHOGNITION_BOOTSTRAPS` names the folder of others than this
//! build's: those of a release. `TECHOGNITION_EARLIER_BOOTSTRAPS` names that of the release before: then the journey is made twice more, with
//! functions of both beside each other, as they are for some minutes of each deployment.

use std::{os::unix::fs::symlink, path::PathBuf};

use http::Method;
use tempfile::TempDir;
use tests::{
    TestSystem,
    command::{earlier_bootstraps, release_bootstraps},
    photos::{patterned, small},
    system::Setting,
};

/// The functions, in two halves each of which writes what the other reads.
const HALVES: [[&str; 3]; 2] = [["uploads", "renditions", "site"], ["console", "gallery", "housekeeping"]];

#[tokio::test(flavor = "multi_thread")]
async fn the_journey_is_the_same_with_the_real_bootstraps() {
    assert_eq!(journey(release_bootstraps()).await, "gzip", "answers to one person are compressed");
    let Some(earlier) = earlier_bootstraps() else { return };
    for older in HALVES {
        let both = TempDir::new().unwrap();
        for function in HALVES.as_flattened() {
            let from = if older.contains(function) { earlier.clone() } else { release_bootstraps() };
            symlink(from.join(function), both.path().join(function)).unwrap();
        }
        journey(both.path().to_owned()).await;
        println!("the same with {} of the release before", older.join(", "));
    }
}

/// Makes the journey, and answers with the encoding in which a moderator's queue came.
#[expect(clippy::print_stdout, reason = "how soon functions start is told where the story is read")]
async fn journey(bootstraps: PathBuf) -> String {
    let system = TestSystem::with(Setting { bootstraps: Some(bootstraps), ..Setting::default() }).await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let ids = device.add(&[patterned(2400, 1600, 1), small(2)]).await;
    assert_eq!(moderator.queue("normal", 12).await.len(), 2);
    // What travels in base64 between a function and its gateway comes out as it was.
    let headers = [("authorization", moderator.authorization.as_str()), ("accept-encoding", "gzip, br")];
    let packed = system.client.send(Method::GET, "/api/v1/moderation/queue", &headers, "").await;
    assert_eq!(packed.status, 200);
    assert_eq!(packed.unpacked().json()["photos"].as_array().unwrap().len(), 2);
    moderator.publish(&ids).await;
    let feed = system.client.get("/api/v1/photos?discipline=science").await.json();
    assert_eq!(feed["photos"].as_array().unwrap().len(), 2);
    let photo = system.client.get(&format!("/api/v1/photos/{}", ids[0])).await.json();
    let rendition = system.client.get(photo["renditions"][0]["url"].as_str().unwrap()).await;
    assert_eq!(rendition.body.len() as u64, photo["renditions"][0]["bytes"].as_u64().unwrap());
    for page in ["/", "/gallery", "/add", "/mine", "/s/sample-academy", photo["page"].as_str().unwrap()] {
        let answer = system.client.get(page).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (200, "text/html; charset=utf-8"),
            "{page}"
        );
    }
    assert_eq!(system.client.get("/p/nothing-there").await.status, 404);
    let withdrawn = device.call(Method::DELETE, &format!("/api/v1/uploads/{}", ids[0]), &serde_json::json!(null)).await;
    assert_eq!(withdrawn.json()["site"], "gone");
    for (function, time) in system.laptop.lambda().unwrap().init_times() {
        println!("{function}: {:.1} ms from spawn to its first call of the Runtime API", time.as_secs_f64() * 1000.0);
    }
    assert!(system.audit().await.differences.is_zero());
    packed.header("content-encoding").to_owned()
}
