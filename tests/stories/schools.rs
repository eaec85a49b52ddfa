//! A technician finds their school, whichever nation's register it is in, and what is not there is taken as it was typed.

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use tests::{TestSystem, command::techognition, people::batch, photos::small};

/// The registers that come with the project: schools that do not exist.
const SAMPLES: [(&str, &str); 4] = [
    ("england", include_str!("../../infra/cli/samples/schools-england.csv")),
    ("scotland", include_str!("../../infra/cli/samples/schools-scotland.csv")),
    ("wales", include_str!("../../infra/cli/samples/schools-wales.csv")),
    ("northern-ireland", include_str!("../../infra/cli/samples/schools-northern-ireland.csv")),
];

async fn import(system: &TestSystem, register: &str) -> Value {
    let file = system.folder().join("register.csv");
    std::fs::write(&file, register).unwrap();
    let (file, data) = (file.to_str().unwrap(), system.folder().to_str().unwrap());
    let output = techognition(&["import", "schools", file, "--data", data, "--json"]).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn find(system: &TestSystem, typed: &str) -> Vec<String> {
    let answer = system.client.get(&format!("/api/v1/schools?q={typed}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let schools = answer.json()["schools"].as_array().unwrap().clone();
    schools
        .iter()
        .map(|school| format!("{} {}", school["urn"].as_str().unwrap(), school["name"].as_str().unwrap()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_school_of_any_nation_is_found_by_name_town_and_postcode_and_its_number_stands_for_it() {
    let system = TestSystem::open().await;
    for (nation, register) in SAMPLES {
        let told = import(&system, register).await;
        assert_eq!((told["nation"].as_str(), told["unchanged"].as_u64()), (Some(nation), Some(0)));
    }
    assert_eq!(find(&system, "sample%20gramm").await, ["s9900001 Sample Grammar School"]);
    assert_eq!(find(&system, "YSGOL%20wyr").await, ["w9990002 Ysgol Gyfun Sampl Ŵyr"]);
    assert_eq!(find(&system, "sampletown").await, ["n9990003 Sample Technical College"]);
    assert_eq!(find(&system, "zz2%202ab").await, ["900004 St Example's Church of England Sample School"]);
    assert_eq!(find(&system, "closed").await, [""; 0]);
    assert_eq!(find(&system, "s").await, [""; 0]);
    assert_eq!(find(&system, "sampl").await.len(), 10, "at most ten");
    assert_eq!(system.client.get("/api/v1/schools").await.status, 400);
    assert_eq!(system.client.get(&format!("/api/v1/schools?q={}", "x".repeat(101))).await.problem(), "invalid");

    // It is what a photo is found under; a number that no register has leaves the name, and without one is refused.
    let device = system.device();
    let named = async |school: Value, seed: u32| {
        let file: Bytes = small(seed);
        let mut batch = batch(std::slice::from_ref(&file));
        batch["school"] = school;
        (device.request(&batch).await, file)
    };
    let (answer, file) = named(json!({"urn": "w9990001", "name": "as it was typed"}), 1).await;
    let photo = answer.json()["photos"][0].clone();
    device.put(&photo, &file).await;
    let id = photo["id"].as_str().unwrap();
    device.until(id, "pending").await;
    system.moderator().await.publish(&[id.to_owned()]).await;
    let public = system.client.get(&format!("/api/v1/photos/{id}")).await.json();
    assert_eq!((&public["school"]["urn"], &public["school"]["name"]), (&json!("w9990001"), &json!("Ysgol Enghraifft")));
    assert_eq!(named(json!({"urn": "900009", "name": "Gone Academy"}), 2).await.0.status, 201);
    assert_eq!(named(json!({"urn": "900009"}), 3).await.0.problem(), "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_register_renames_adds_and_closes_schools_and_the_same_one_changes_nothing() {
    let system = TestSystem::open().await;
    let (_, register) = SAMPLES[0];
    import(&system, register).await;
    let again = import(&system, register).await;
    assert_eq!((again["written"].as_u64(), again["unchanged"].as_u64()), (Some(0), Some(4)));
    let newer = register
        .replace("Example High School", "Renamed Exemplar School")
        .replace("Academy converter,Open", "Academy converter,Closed");
    let told = import(&system, &newer).await;
    assert_eq!((told["written"].as_u64(), told["removed"].as_u64()), (Some(1), Some(1)));
    assert_eq!(find(&system, "exemplar").await, ["900002 Renamed Exemplar School"]);
    assert_eq!(find(&system, "example%20high").await, [""; 0]);
    assert_eq!(find(&system, "sample%20academy").await, [""; 0]);
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_is_drawn_for_its_own_device_alone() {
    let system = TestSystem::open().await;
    let device = system.device();
    let code = device
        .client
        .send(Method::GET, "/api/v1/uploads/recovery", &[("authorization", &device.authorization)], "")
        .await;
    assert_eq!(
        (code.status.as_u16(), code.header("content-type"), code.header("cache-control")),
        (200, "image/svg+xml", "no-store")
    );
    let secret = device.authorization.trim_start_matches("Uploader ");
    assert!(code.text().starts_with("<svg") && !code.text().contains(secret));
    assert_eq!(system.client.get("/api/v1/uploads/recovery").await.status, 401);
}
