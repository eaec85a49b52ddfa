//! The command at a terminal: starting, finding all again, keys, renditions, the audit, and what it says when it cannot.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    process::Output,
};

use aws_sdk_dynamodb::types::AttributeValue;
use local::names::TABLE;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::{
    Client, Device, Moderator, TestSystem,
    command::{Running, techognition},
    photos::{patterned, small},
    system::EVENT,
};

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// What a failed command said, after its exit status was the expected one.
fn failure(output: &Output, status: i32) -> String {
    assert_eq!(output.status.code(), Some(status), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

async fn mint(data: &Path, role: &str) -> Value {
    let data = data.to_str().unwrap();
    let minted = techognition(&["key", "mint", "--data", data, "--role", role, "--name", "a story", "--json"]).await;
    assert!(minted.status.success(), "{minted:?}");
    lines(&minted).remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_at_the_command_line() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let text = data.to_str().unwrap();

    // Nothing is there yet, and a mistyped folder is not begun by accident.
    let audit = techognition(&["audit", "--data", text]).await;
    assert!(failure(&audit, 1).contains(&format!("there is no data folder {text}")), "{audit:?}");

    let running = Running::start(&data, &["--open-window"]).await;
    assert_eq!(running.ready["data"], data.canonicalize().unwrap().to_str().unwrap());
    let client = Client::new(&running.site);
    assert_eq!(client.get("/api/v1/event").await.json()["phase"], "open");
    let link = running.ready["organiser"].as_str().unwrap();
    // Passkeys belong to a name and not to an IP address, so every link has the name.
    for printed in [&running.site, link] {
        assert!(printed.starts_with("http://localhost:"), "{printed}");
    }
    for page in ["/", "/poster", "/add", "/feed.xml"] {
        let text = client.get(page).await.text();
        assert!(!text.contains("127.0.0.1"), "{page}: {text}");
    }
    assert!(client.get("/feed.xml").await.text().contains(&running.site));
    let code = link.split_once("#code=").unwrap().1;
    let session = client.json(http::Method::POST, "/api/v1/session", "", &json!({"code": code})).await;
    assert_eq!((session.status.as_u16(), session.json()["role"].clone()), (200, json!("owner")));
    let again = client.json(http::Method::POST, "/api/v1/session", "", &json!({"code": code})).await;
    assert_eq!(again.status, 401, "the link signs in once");

    // Keys while it runs.
    let key = mint(&data, "moderator").await;
    let moderator = Moderator::new(&client, key["key"].as_str().unwrap());
    let ids = Device::new(&client).add(&[small(1), small(2)]).await;
    moderator.publish(&ids[..1]).await;
    let audit = techognition(&["audit", "--data", text, "--json"]).await;
    assert!(audit.status.success(), "{audit:?}");
    assert_eq!(lines(&audit)[0]["photos"], json!({"pending": 1, "published": 1}));

    // A second one on the same folder is told who is there.
    let second = techognition(&["run", "--data", text, "--listen", "127.0.0.1:0"]).await;
    assert!(failure(&second, 1).contains(text), "{second:?}");

    // Ctrl-C keeps everything, and keys work on what does not run.
    running.interrupt().await;
    let listed = techognition(&["key", "list", "--data", text, "--json"]).await;
    assert_eq!(lines(&listed).iter().filter(|line| line["id"] == key["id"]).count(), 1);
    let revoked = techognition(&["key", "revoke", "--data", text, key["id"].as_str().unwrap(), "--json"]).await;
    assert!(lines(&revoked)[0]["revoked_at"].is_string(), "{revoked:?}");
    let other = mint(&data, "moderator").await;

    let running = Running::start(&data, &["--open-window"]).await;
    let client = Client::new(&running.site);
    assert_eq!(client.get("/api/v1/photos").await.json()["photos"][0]["id"], ids[0]);
    let revoked = Moderator::new(&client, key["key"].as_str().unwrap());
    assert_eq!(revoked.get("/api/v1/moderation/queue").await.status, 401);
    Moderator::new(&client, other["key"].as_str().unwrap()).publish(&ids[1..]).await;
    running.interrupt().await;
    let audit = techognition(&["audit", "--data", text, "--json"]).await;
    assert_eq!(lines(&audit)[0]["photos"], json!({"published": 2}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_day_has_two_videos_where_the_settings_accept_them() {
    let folder = TempDir::new().unwrap();
    let settings = include_str!("../../infra/event.toml").replace("video_seconds = 0", "video_seconds = 60");
    let event = folder.path().join("event.toml");
    std::fs::write(&event, settings).unwrap();
    let data = folder.path().join("data");
    let running = Running::start(&data, &["--sample", "13", "--event", event.to_str().unwrap()]).await;
    let client = Client::new(&running.site);
    let photos = client.get("/api/v1/photos?limit=48").await.json();
    let videos: Vec<_> = photos["photos"].as_array().unwrap().iter().filter(|photo| photo["kind"] == "video").collect();
    assert_eq!(videos.len(), 2, "{photos}");
    for video in videos {
        let film = client.get(video["video"]["url"].as_str().unwrap()).await;
        assert_eq!((film.status.as_u16(), film.header("content-type")), (200, "video/mp4"));
        assert_eq!(video["video"]["sound"], false);
    }
    running.interrupt().await;
    let audit = techognition(&["audit", "--data", data.to_str().unwrap(), "--json"]).await;
    assert!(audit.status.success(), "{audit:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_day_shows_a_living_site_and_says_that_it_is_a_sample() {
    let folder = TempDir::new().unwrap();
    let running = Running::start(folder.path(), &["--sample", "13"]).await;
    let client = Client::new(&running.site);
    let home = client.get("/").await.text();
    assert!(home.contains("Sample"), "{home}");
    let feed = client.get("/api/v1/photos").await.json();
    let photos = feed["photos"].as_array().unwrap();
    assert_eq!(photos.len(), 8, "{feed}");
    for photo in photos {
        let picture = client.get(photo["renditions"][0]["url"].as_str().unwrap()).await;
        assert_eq!(picture.status, 200, "{photo}");
    }
    running.interrupt().await;
    let audit = techognition(&["audit", "--data", folder.path().to_str().unwrap(), "--json"]).await;
    assert!(audit.status.success(), "{audit:?}");
    assert_eq!(lines(&audit)[0]["photos"], json!({"pending": 5, "published": 8}), "five are left to decide");
    let full =
        techognition(&["run", "--data", folder.path().to_str().unwrap(), "--listen", "127.0.0.1:0", "--sample"]).await;
    assert!(failure(&full, 1).contains("--data"), "samples are not mixed with what is there: {full:?}");
}

#[tokio::test]
async fn what_stands_in_the_way_is_named_with_what_to_do() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = failure(&techognition(&["run", "--data", &path("a"), "--listen", &address]).await, 1);
    assert!(said.contains(&address) && said.contains("--listen"), "{said}");

    std::fs::write(path("file"), "not a folder").unwrap();
    let said = failure(&techognition(&["run", "--data", &path("file"), "--listen", "127.0.0.1:0"]).await, 1);
    assert!(said.contains(&path("file")) && said.contains("--data"), "{said}");

    // Folders of the kernel's are writable for nobody, root included.
    let said = failure(&techognition(&["run", "--data", "/proc/techognition", "--listen", "127.0.0.1:0"]).await, 1);
    assert!(said.contains("/proc/techognition") && said.contains("--data"), "{said}");

    let event = path("event.toml");
    let run = ["run", "--data", &path("b"), "--listen", "127.0.0.1:0", "--event", &event];
    std::fs::write(&event, EVENT.replace("opens =", "open =")).unwrap();
    let said = failure(&techognition(&run).await, 1);
    assert!(said.contains("event.toml") && said.contains("\"open\"") && said.contains("\"opens\""), "{said}");
    std::fs::write(&event, EVENT.replace("\"2027-03-05\"", "\"2027-02-30\"")).unwrap();
    let said = failure(&techognition(&run).await, 1);
    assert!(said.contains("2027-02-30") && said.contains("date"), "{said}");
    std::fs::write(&event, EVENT.replace("closes = \"18:00\"", "closes = \"07:00\"")).unwrap();
    let said = failure(&techognition(&run).await, 1);
    assert!(said.contains("closes"), "{said}");
    let said = failure(&techognition(&["run", "--event", &path("none.toml")]).await, 1);
    assert!(said.contains("none.toml"), "{said}");

    let said = failure(&techognition(&["key", "mint", "--data", &path("c"), "--role", "king", "--name", "x"]).await, 2);
    assert!(said.contains("king") && said.contains("moderator"), "{said}");
    let said = failure(&techognition(&["runn"]).await, 2);
    assert!(said.contains("run"), "{said}");
}

#[tokio::test]
async fn render_says_what_became_of_each_file() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let good = patterned(1500, 1000, 1);
    std::fs::write(path("good.jpg"), &good).unwrap();
    std::fs::write(path("text.jpg"), "this is no photo").unwrap();
    std::fs::write(path("cut.jpg"), &good[..good.len() * 9 / 10]).unwrap();
    let out = path("out");
    let files = ["good.jpg", "text.jpg", "cut.jpg"].map(path);
    let missing = path("missing.jpg");
    let rendered = techognition(&["render", &missing, &files[0], &files[1], &files[2], "--out", &out, "--json"]).await;
    assert_eq!(rendered.status.code(), Some(1), "one of them is refused, and one is missing");
    let mut lines = lines(&rendered);
    let missed = lines.remove(0);
    assert_eq!((&missed["file"], &missed["ok"]), (&json!(missing), &json!(false)));
    assert!(missed["error"].as_str().unwrap().starts_with("cannot read the file"), "{missed}");
    assert_eq!((&lines[0]["ok"], &lines[0]["width"], &lines[0]["height"]), (&json!(true), &json!(1500), &json!(1000)));
    let widths: Vec<_> = lines[0]["renditions"].as_array().unwrap().iter().map(|r| r["width"].clone()).collect();
    assert_eq!(widths, [1500, 1500, 1280, 1280, 640, 640, 320, 320], "each as JPEG and as WebP");
    for rendition in lines[0]["renditions"].as_array().unwrap() {
        let written = std::fs::metadata(rendition["path"].as_str().unwrap()).unwrap();
        assert_eq!(rendition["bytes"], written.len());
    }
    assert!(lines[0]["cpu_ms"].as_f64().unwrap() > 0.0 && lines[0]["peak_bytes"].as_u64().unwrap() > 0);
    assert_eq!((&lines[1]["ok"], &lines[1]["refusal"]["reason"]), (&json!(false), &json!("not-an-image")));
    assert_eq!((&lines[2]["ok"], &lines[0]["missing_percent"]), (&json!(true), &json!(null)));
    let missing = lines[2]["missing_percent"].as_u64().unwrap();
    assert!((1..=25).contains(&missing), "{missing} % is missing");

    let rendered = techognition(&["render", &path("missing.jpg"), "--out", &out]).await;
    assert_eq!(rendered.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&rendered.stdout).contains("missing.jpg: cannot read the file"));
    let rendered = techognition(&["render", &files[0], "--out", &out]).await;
    assert_eq!(rendered.status.code(), Some(0));
}

/// The counters of devices, by their partitions.
async fn counters(system: &TestSystem) -> BTreeMap<String, HashMap<String, AttributeValue>> {
    let scan = system.laptop.aws.dynamodb.scan().table_name(TABLE).consistent_read(true).send().await.unwrap();
    let rows = scan.items.unwrap_or_default().into_iter();
    rows.map(|row| (row["PK"].as_s().unwrap().clone(), row)).filter(|(pk, _)| pk.starts_with("DEV#")).collect()
}

async fn without_counters(system: &TestSystem, device: &str) {
    let delete = system.laptop.aws.dynamodb.delete_item().table_name(TABLE);
    let delete = delete.key("PK", AttributeValue::S(device.to_owned())).key("SK", AttributeValue::S("M".to_owned()));
    delete.send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_of_devices_that_an_older_table_does_not_have_are_made_while_it_is_at_work() {
    let system = TestSystem::open().await;
    let (one, other, third, moderator) = (system.device(), system.device(), system.device(), system.moderator().await);
    let ids = one.add(&[small(1), small(2), small(3)]).await;
    moderator.publish(&ids[..1]).await;
    assert_eq!(moderator.decide(&ids[1], 2, "reject").await["state"], "rejected");
    other.add(&[small(4)]).await;
    third.reserve(&[small(5)]).await;
    let right = counters(&system).await;
    assert_eq!(right.len(), 3);

    // Two devices have none, as in a table of before, and the third says too much and of something that it has not.
    let devices: Vec<_> = right.keys().cloned().collect();
    for device in &devices[..2] {
        without_counters(&system, device).await;
    }
    let wrong = system.laptop.aws.dynamodb.update_item().table_name(TABLE);
    let wrong = wrong.key("PK", AttributeValue::S(devices[2].clone())).key("SK", AttributeValue::S("M".to_owned()));
    let wrong = wrong.update_expression("ADD #hidden :n, #pending :n");
    let wrong = wrong.expression_attribute_names("#hidden", "hidden").expression_attribute_names("#pending", "pending");
    wrong.expression_attribute_values(":n", AttributeValue::N("7".to_owned())).send().await.unwrap();

    let folder = system.folder().to_str().unwrap().to_owned();
    let audit = techognition(&["audit", "--data", &folder, "--json"]).await;
    assert_eq!(audit.status.code(), Some(1), "{audit:?}");
    assert!(lines(&audit)[0]["differences"]["sender_counters_wrong"].as_u64() > Some(0), "{audit:?}");
    let advice = techognition(&["audit", "--data", &folder]).await;
    assert!(String::from_utf8_lossy(&advice.stdout).contains("techognition audit --repair"), "{advice:?}");
    assert!(counters(&system).await.len() < 3, "an audit changes nothing");
    for repaired in [3, 0] {
        let audit = techognition(&["audit", "--data", &folder, "--repair", "--json"]).await;
        assert!(audit.status.success(), "{audit:?}");
        assert_eq!(lines(&audit)[0]["repaired"], json!(repaired), "{audit:?}");
    }
    let counted = |rows: &BTreeMap<String, HashMap<String, AttributeValue>>| {
        let mut counted = BTreeMap::new();
        for (device, row) in rows {
            let counters = row.iter().filter_map(|(name, n)| Some((name.clone(), n.as_n().ok()?.clone())));
            counted.insert(device.clone(), counters.filter(|(_, n)| n != "0").collect::<BTreeMap<_, _>>());
        }
        counted
    };
    assert_eq!(counted(&counters(&system).await), counted(&right));

    // A device that sends photos meanwhile is counted once, by its own moves or by the repair.
    for round in 0..4 {
        for device in counters(&system).await.keys() {
            without_counters(&system, device).await;
        }
        let arguments = ["audit", "--data", &folder, "--repair", "--json"];
        let files: Vec<_> = (0..6).map(|n| small(100 + 10 * round + n)).collect();
        let (_, added) = tokio::join!(techognition(&arguments), one.add(&files));
        moderator.publish(&added[..3]).await;
        techognition(&arguments).await;
        assert!(system.audit().await.differences.is_zero(), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_day_costs_is_the_sum_of_its_lines_grows_with_the_photos_and_stays_below_the_ceiling() {
    let event = ["--event", concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/event.toml")];
    let asked = async |arguments: &[&str]| {
        let output = techognition(&[arguments, &event, &["--json"]].concat()).await;
        assert!(output.status.success(), "{output:?}");
        let said = lines(&output).remove(0);
        let total = said["total_usd"].as_f64().unwrap();
        let sum: f64 = said["lines"].as_array().unwrap().iter().map(|line| line["usd"].as_f64().unwrap()).sum();
        assert!((total - sum).abs() < 0.01, "{said}");
        total
    };
    let small = asked(&["forecast", "--photos", "3000"]).await;
    let large = asked(&["forecast", "--photos", "30000"]).await;
    let viewed = asked(&["forecast", "--photos", "3000", "--views", "1000"]).await;
    assert!(0.0 < small && small < large && small < viewed, "{small} {large} {viewed}");
    assert!(large < asked(&["ceiling"]).await, "{large}");
    let films = asked(&["forecast", "--photos", "3000", "--videos", "1000"]).await;
    assert!(films > small + 50.0 && films < small + 100.0, "{small} {films}");

    let shown = techognition(&[&["forecast", "--photos", "3000"], &event[..]].concat()).await;
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(text.starts_with("A day of 3,000 photos with 100 views each, in US dollars"), "{text}");
    assert!(text.contains(&format!("{small:.2}\n")), "the total of {small}: {text}");
    assert!(!text.contains("video"), "the settings accept none: {text}");
    let shown = techognition(&[&["forecast", "--photos", "3000", "--videos", "1000"], &event[..]].concat()).await;
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(text.starts_with("A day of 3,000 photos and 1,000 videos with 100 views each"), "{text}");
    assert!(text.contains("\n1,000 more videos of half a minute: ") && text.contains("videos: storage"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organiser_answers_what_people_ask_about_their_photos() {
    let system = TestSystem::open().await;
    let folder = system.folder().to_str().unwrap().to_owned();
    let asked = async |command: &str, more: &[&str]| {
        let data = ["--data", &folder];
        techognition(&[&[command], more, &data].concat()).await
    };
    let device = system.device();
    let file = small(1);
    let ids = device.add(&[file.clone(), small(2)]).await;
    system.moderator().await.publish(&ids).await;

    // Somebody asks what is kept of them: all of it, whether the organiser has the id or the address.
    let page = format!("{}/p/{}", system.laptop.site, ids[0]);
    for given in [&ids[0], &page] {
        let told = asked("access-request", &[given]).await;
        assert!(told.status.success(), "{told:?}");
        let told: Value = serde_json::from_slice(&told.stdout).unwrap();
        assert_eq!((&told["photo"]["id"], &told["photo"]["state"]), (&json!(ids[0]), &json!("published")), "{told}");
        let mut steps = told["audit"].as_array().unwrap().iter().map(|step| step["action"].as_str().unwrap());
        assert_eq!(steps.next_back(), Some("publish"), "{told}");
        let places: Vec<_> = told["files"].as_array().unwrap().iter().map(|file| file[0].as_str().unwrap()).collect();
        assert_eq!(places, ["originals", "review", "review", "public", "public"], "{told}");
    }
    let unknown = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
    let said = failure(&asked("access-request", &[unknown]).await, 1);
    assert!(said.contains(&format!("there is no photo {unknown}")), "{said}");
    let said = failure(&asked("access-request", &["pat@example.org"]).await, 1);
    assert!(said.contains("give the photo's id"), "{said}");
    let said = failure(&asked("erase", &["2027"]).await, 1);
    assert!(said.contains("is not a photo's id"), "{said}");

    // One is to go, and its file must not come back; an id that is not known is said, and stops nothing.
    let table = system.laptop.aws.dynamodb.clone();
    let key = |sort: &str| {
        let text = |text: String| AttributeValue::S(text);
        HashMap::from([("PK".to_owned(), text(format!("P#{}", ids[0]))), ("SK".to_owned(), text(sort.to_owned()))])
    };
    let before = table.get_item().table_name(TABLE).set_key(Some(key("M"))).consistent_read(true).send().await.unwrap();
    let erased = asked("erase", &[unknown, &ids[0], "--safeguarding", "--json"]).await;
    assert_eq!(erased.status.code(), Some(1), "{erased:?}");
    let results: Vec<_> = lines(&erased).into_iter().map(|line| line["erased"].clone()).collect();
    assert_eq!(results, ["absent", "gone"]);
    let again = asked("erase", &[&ids[0]]).await;
    assert!(again.status.success() && String::from_utf8_lossy(&again.stdout).contains("already"), "{again:?}");
    assert_eq!(system.client.get(&format!("/p/{}", ids[0])).await.status, 410);
    assert_eq!(system.client.get(&format!("/p/{}", ids[1])).await.status, 200);
    let other = system.device();
    let reserved = other.reserve(std::slice::from_ref(&file)).await.remove(0);
    other.put(&reserved, &file).await;
    let refused = other.until(reserved["id"].as_str().unwrap(), "rejected").await;
    assert_eq!(refused["state"], "rejected", "the same file from somebody else: {refused}");

    // An older copy of the table does not know of it: that is said, and mended where it is asked for.
    let check = asked("restore-check", &["--json"]).await;
    assert!(check.status.success(), "{check:?}");
    table.put_item().table_name(TABLE).set_item(before.item).send().await.unwrap();
    let check = asked("restore-check", &[]).await;
    assert_eq!(check.status.code(), Some(1), "{check:?}");
    let said = String::from_utf8_lossy(&check.stdout).into_owned();
    assert!(said.contains("1  removed photos that the table still had") && said.contains("--apply"), "{said}");
    let mended = asked("restore-check", &["--apply", "--json"]).await;
    assert!(mended.status.success() && lines(&mended)[0]["applied"] == json!(1), "{mended:?}");
    assert!(asked("restore-check", &[]).await.status.success());

    // Nothing has failed, so nothing is processed again.
    let redriven = asked("redrive", &[]).await;
    assert_eq!(String::from_utf8_lossy(&redriven.stdout), "No messages have failed.\n", "{redriven:?}");
}
