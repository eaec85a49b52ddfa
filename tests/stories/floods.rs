//! Floods end at their sender: what one machine registers, sends without result or asks for costs others nothing.

use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use http::{Method, StatusCode};
use jiff::SignedDuration;
use local::Faults;
use serde_json::{Value, json};
use shared::{
    domain::{
        Edition, Photo, PhotoId, UploaderId,
        ids::{Network, UploaderSecret},
        limits,
    },
    runtime::Clock,
    store::{Photos, budget::Budget, editions::PhotoIds, rates::Rates, similar_photos::SimilarPhotos},
};
use tests::{
    Answer, Client, Device, TestSystem,
    people::batch,
    photos::small,
    system::{Setting, edition, eventually},
};

async fn metered() -> TestSystem {
    let faults = Some(Faults { metered: true, ..Faults::default() });
    TestSystem::with(Setting { faults, quiet: true, ..Setting::default() }).await
}

/// A batch of `n` photos whose files nobody has; no two are alike that have other numbers.
fn announced(from: u32, n: u32) -> Value {
    let mut asked = batch(&[Bytes::from_static(b"never sent")]);
    let one = asked["photos"][0].clone();
    let photo = |i: u32| {
        let mut photo = one.clone();
        photo["ref"] = json!(format!("a{i}"));
        photo["sha256"] = json!(format!("{i:064x}"));
        photo
    };
    asked["photos"] = (from..from + n).map(photo).collect();
    asked
}

fn problem(photo: &Value) -> &str {
    photo["problem"]["type"].as_str().unwrap_or_default().trim_start_matches("/problems/")
}

fn uploader(device: &Device) -> UploaderId {
    let secret: UploaderSecret = device.authorization.strip_prefix("Uploader ").unwrap().parse().unwrap();
    UploaderId::from_secret(&secret)
}

/// Asks for photos until nothing more is registered; answers with how many are.
async fn register_all(device: &Device, photos: u32) -> usize {
    let mut registered = 0;
    for from in (0..photos).step_by(20) {
        let answer = device.request(&announced(from, 20)).await;
        let body = if answer.status == 201 { answer.json() } else { Value::Null };
        registered += body["photos"].as_array().into_iter().flatten().filter(|photo| photo["id"].is_string()).count();
    }
    registered
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_that_never_come_make_no_look_at_the_queue_dearer() {
    let system = metered().await;
    let devices: Vec<_> = (0..8).map(|_| system.device()).collect();
    for (device, n) in devices.iter().zip(0..) {
        device.add(&[small(n)]).await;
    }
    let moderator = system.moderator().await;
    let look = async || {
        // What is read once and kept is not part of a look.
        moderator.queue("normal", 24).await;
        system.laptop.meter.take();
        let photos = moderator.queue("normal", 24).await;
        assert_eq!(photos.len(), 8);
        (photos[0]["uploader"].clone(), system.laptop.meter.take().read)
    };
    let (sent, before) = look().await;
    assert_eq!(sent, json!({"photos": 1, "published": 0, "rejected": 0}));
    join_all(devices.iter().map(|device| register_all(device, 240))).await;
    let (sent, after) = look().await;
    println!("a look at the queue: {before} read units before, {after} after 240 registrations of each sender");
    assert!(after <= before + 2.0, "{before} read units before, {after} after");
    assert_eq!(sent, json!({"photos": 1, "published": 0, "rejected": 0}), "what never came is no photo");

    // The senders' own list comes page by page.
    system.laptop.meter.take();
    let page = devices[0].page("").await;
    let units = system.laptop.meter.take().read;
    assert!(page["photos"].as_array().unwrap().len() <= limits::OWN_PAGE && page["next"].is_string());
    assert!(units <= 120.0, "{units} read units for a page of own photos");
    assert!(devices[0].own().await.len() > limits::OWN_PAGE, "the other pages have the rest");
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_photos_of_a_device_may_be_registered_and_not_sent() {
    let system = TestSystem::open().await;
    let device = system.device();
    let most = limits::OPEN_RESERVATIONS;
    // Within the rate of a minute, which is a limit of its own.
    assert_eq!(register_all(&device, most + 20).await, usize::try_from(most).unwrap());
    let answer = device.request(&announced(400, 1)).await.json();
    let refused = &answer["photos"][0]["problem"];
    assert_eq!((problem(&answer["photos"][0]), refused["status"].as_u64()), ("too-many-open", Some(429)), "{answer}");
    assert_eq!((refused["limit"].as_u64(), refused["retry_after_s"].as_u64()), (Some(most.into()), Some(30)));
    assert!(refused["hint"].as_str().unwrap().contains("withdraw"), "{answer}");

    // What is registered is found again, and beside it the new one is refused.
    let mut mixed = announced(0, 1);
    mixed["photos"].as_array_mut().unwrap().push(announced(400, 1)["photos"][0].clone());
    let answer = device.request(&mixed).await.json();
    assert!(answer["photos"][0]["upload"].is_object(), "{answer}");
    assert_eq!(problem(&answer["photos"][1]), "too-many-open", "{answer}");

    // A withdrawal makes room for one.
    let id = answer["photos"][0]["id"].as_str().unwrap();
    assert_eq!(device.call(Method::DELETE, &format!("/api/v1/uploads/{id}"), &Value::Null).await.status, 200);
    let answer = device.request(&announced(400, 2)).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(
        (answer.json()["photos"][0]["state"].as_str(), problem(&answer.json()["photos"][1])),
        (Some("reserved"), "too-many-open")
    );
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_at_once_do_not_get_past_the_limit() {
    let faults = Faults { seed: 21, conflicts: 0.4, ..Faults::default() };
    let system = TestSystem::with(Setting { faults: Some(faults), ..Setting::default() }).await;
    let device = system.device();
    let sent = device.add(&[small(1)]).await;
    let batches: Vec<_> = (0..11).map(|n| announced(20 * n, 20)).collect();
    let answers = join_all(batches.iter().map(|batch| device.request(batch))).await;
    assert!(answers.iter().all(|answer| answer.status.as_u16() < 500), "{answers:?}");
    let reserved = device.own().await.iter().filter(|photo| photo["state"] == "reserved").count();
    assert_eq!(reserved, usize::try_from(limits::OPEN_RESERVATIONS).unwrap());
    assert_eq!(sent.len(), 1);
    assert!(system.audit().await.differences.is_zero());
}

/// The project's settings with an hour of a gigabyte.
async fn with_small_hours() -> TestSystem {
    // The story waits where the hour would end in the middle of it.
    let left = 3_600 - Clock::system().now().as_second().rem_euclid(3_600);
    if left < 60 {
        tokio::time::sleep(Duration::from_secs(61)).await;
    }
    let edition = Some(Edition { hourly_bytes: 1_000_000_000, ..edition() });
    TestSystem::with(Setting { edition, ..Setting::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn junk_of_one_machine_refuses_that_machine_and_no_device_with_history() {
    let system = with_small_hours().await;
    let (table, now) = (&system.laptop.table, Clock::system().now());
    let budget = Budget::new(table);
    let honest = system.device();
    system.moderator().await.publish(&honest.add(&[small(1)]).await).await;
    let junk = system.device();
    let files: Vec<_> = (0..3).map(|n| Bytes::from(format!("no picture, number {n}"))).collect();
    let reserved = junk.reserve(&files).await;
    for (photo, file) in reserved.iter().zip(&files) {
        assert_eq!(junk.put(photo, file).await.status, 200);
    }
    for photo in &reserved {
        junk.until(photo["id"].as_str().unwrap(), "rejected").await;
    }
    let network = PhotoIds::new(table).network(&Network::from_address("127.0.0.1")).await.unwrap();
    let standing =
        async |device: &Device| budget.standing(&edition().slug, &uploader(device), &network, now).await.unwrap().0;
    let counted = eventually("its files are counted", async || {
        let hour = standing(&junk).await;
        (hour.device == 3 * limits::UNUSABLE_FILE_BYTES).then_some(hour)
    })
    .await;
    assert_eq!(counted.network, 3 * limits::UNUSABLE_FILE_BYTES);
    assert_eq!(standing(&honest).await.device, 0);

    // It goes on, with so many bytes as would take long to send here.
    let waits = junk.reserve(&[small(9)]).await[0].clone();
    budget.spend(limits::UNUSABLE_BYTES_OF_A_DEVICE, now).await.unwrap();
    budget.note_unusable(limits::UNUSABLE_BYTES_OF_A_DEVICE, &uploader(&junk), Some(&network), now).await.unwrap();
    let refused = junk.request(&announced(0, 1)).await;
    assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (429, "unusable-files"), "{}", refused.text());
    let renew = format!("/api/v1/uploads/{}/renew", waits["id"].as_str().unwrap());
    assert_eq!(junk.call(Method::POST, &renew, &Value::Null).await.problem(), "unusable-files");

    // It takes new secrets, until all new devices are stopped.
    let other = system.device();
    budget.spend(600_000_000, now).await.unwrap();
    budget.note_unusable(600_000_000, &uploader(&other), None, now).await.unwrap();
    let refused = system.device().request(&announced(0, 1)).await;
    assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (429, "budget-spent"), "{}", refused.text());
    let taken = honest.request(&announced(0, 1)).await;
    assert_eq!(taken.status, 201, "somebody of whom a photo is public is not refused: {}", taken.text());

    // The network alone stops its new devices, and nobody else's.
    budget.note_unusable(limits::UNUSABLE_BYTES_OF_A_NETWORK, &uploader(&other), Some(&network), now).await.unwrap();
    assert_eq!(system.device().request(&announced(0, 1)).await.problem(), "unusable-files");
    assert_eq!(honest.request(&announced(1, 1)).await.status, 201);
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_obeys_the_rate_and_the_hour() {
    let system = with_small_hours().await;
    let (table, now) = (&system.laptop.table, Clock::system().now());
    let (new, known) = (system.device(), system.device());
    system.moderator().await.publish(&known.add(&[small(1)]).await).await;
    let renewal = async |device: &Device, n| {
        let id = device.reserve(&[small(n)]).await[0]["id"].as_str().unwrap().to_owned();
        format!("/api/v1/uploads/{id}/renew")
    };
    let (of_new, of_known) = (renewal(&new, 2).await, renewal(&known, 3).await);
    let ask = async |device: &Device, target: &str| device.call(Method::POST, target, &Value::Null).await;
    assert_eq!(ask(&new, &of_new).await.status, 200);

    Budget::new(table).spend(800_000_000, now).await.unwrap();
    assert_eq!(ask(&new, &of_new).await.problem(), "budget-spent");
    assert_eq!(ask(&known, &of_known).await.status, 200, "the last quarter is kept for those who take part");

    let rates = Rates::new(table);
    for minute in [now, now + Duration::from_mins(1)] {
        for _ in 0..limits::RESERVATIONS_PER_MINUTE {
            rates.spend(&uploader(&known), 1, minute).await.unwrap();
        }
    }
    let refused = ask(&known, &of_known).await;
    assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (429, "too-many-requests"));
    assert!(refused.header("retry-after").parse::<u32>().unwrap() <= 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_people_behind_one_address_get_through_and_a_flood_from_there_stops_new_devices_only() {
    let system = TestSystem::open().await;
    let school = Client::at([127, 0, 0, 60], &system.laptop.site);
    let technicians: Vec<_> = (0..60).map(|_| Device::new(&school)).collect();
    let taken = join_all(technicians.iter().map(|technician| {
        let technician = technician.clone();
        async move { technician.request(&announced(0, 20)).await }
    }))
    .await;
    let sendable = |answer: &Answer| {
        let body = if answer.status == 201 { answer.json() } else { Value::Null };
        body["photos"].as_array().into_iter().flatten().filter(|photo| photo["upload"].is_object()).count()
    };
    assert_eq!(taken.iter().map(sendable).sum::<usize>(), 1_200, "{:?}", taken.iter().find(|one| one.status != 201));
    let known = Device::new(&school);
    system.moderator().await.publish(&known.add(&[small(1)]).await).await;

    // A small picture that waits makes nobody known, and costs nothing.
    let waits = Device::new(&school);
    waits.add(&[small(2)]).await;

    // Somebody there makes up one device after the other.
    let mut stopped = None;
    for _ in 0..200 {
        let answer = Device::new(&school).request(&announced(0, 20)).await;
        if answer.status != 201 {
            stopped = Some(answer);
            break;
        }
    }
    let stopped = stopped.expect("a flood of new devices ends");
    assert_eq!((stopped.status.as_u16(), stopped.problem().as_str()), (429, "network-busy"), "{}", stopped.text());
    assert!(stopped.header("retry-after").parse::<i64>().unwrap() <= limits::NETWORK_SECONDS);
    let elsewhere = Device::new(&Client::at([127, 0, 0, 61], &system.laptop.site));
    assert_eq!(elsewhere.request(&announced(0, 20)).await.status, 201, "another address has its own");
    assert_eq!(known.request(&announced(0, 20)).await.status, 201, "who takes part is no part of the flood");
    assert_eq!(waits.request(&announced(1, 20)).await.problem(), "network-busy", "what waits has convinced nobody");
    assert_eq!(technicians[0].request(&announced(0, 20)).await.status, 201, "what is registered is found again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_registrations_leaves_withdrawals_reports_and_decisions_their_throttle() {
    let system = TestSystem::open().await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let ids = device.add(&[small(1), small(2)]).await;
    moderator.publish(&ids[..1]).await;
    let flood = Client::new(&system.laptop.site);
    let nonsense = json!({"photos": []});
    let answers = join_all((0..900).map(|_| {
        let device = Device::new(&flood);
        let nonsense = &nonsense;
        async move { device.request(nonsense).await.status }
    }));
    let honest = async {
        // In the middle of it.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let report = json!({"reason": "other", "text": "Look again", "contact": ""});
        let reports = format!("/api/v1/photos/{}/reports", ids[0]);
        let reported = system.device().call(Method::POST, &reports, &report).await.status;
        let decision = json!({"decisions": [{"id": ids[1], "version": 2, "action": "publish"}]});
        let decided = moderator.decisions(&decision).await.status;
        let withdrawn = device.call(Method::DELETE, &format!("/api/v1/uploads/{}", ids[1]), &Value::Null).await.status;
        [reported, decided, withdrawn]
    };
    let (answers, honest) = futures::join!(answers, honest);
    let turned_away = answers.iter().filter(|status| **status == StatusCode::TOO_MANY_REQUESTS).count();
    assert!(turned_away > 300, "the flood is not stopped: {turned_away} of {}", answers.len());
    assert_eq!(honest.map(|status| status.as_u16()), [202, 200, 200]);
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_pictures_of_one_motif_make_no_look_at_one_of_them_dearer() {
    let system = metered().await;
    let ids = system.device().add(&[small(1)]).await;
    let id: PhotoId = ids[0].parse().unwrap();
    let photo = Photos::new(&system.laptop.table).get(&id).await.unwrap().unwrap();
    let fingerprint = photo.rendered.as_ref().and_then(|rendered| rendered.fingerprint).unwrap();
    let like = |n: u16, first: u8| {
        let mut digest = [first; 32];
        digest[..2].copy_from_slice(&n.to_be_bytes());
        Photo { id: PhotoId::from_digest(&digest), ..photo.clone() }
    };
    let alike = SimilarPhotos::new(&system.laptop.table);
    for chunk in (0..1_000).collect::<Vec<u16>>().chunks(50) {
        let noted = join_all(chunk.iter().map(|n| {
            let (alike, one) = (alike.clone(), like(*n, 1));
            async move { alike.note(&one, fingerprint).await }
        }));
        assert!(noted.await.into_iter().all(|noted| noted.is_ok()));
    }
    let moderator = system.moderator().await;
    moderator.queue("normal", 24).await;
    system.laptop.meter.take();
    let photos = moderator.queue("normal", 24).await;
    let units = system.laptop.meter.take().read;
    println!("a look at one of a thousand look-alikes: {units} read units");
    assert_eq!(photos.len(), 1);
    // Four bands of 200 rows of some 350 bytes, and the photo itself.
    assert!(units <= 100.0, "{units} read units");

    // The one that was removed is found behind all of them.
    let now = Clock::system().now();
    alike.note_removed(&like(9, 255), fingerprint, now).await.unwrap();
    let found = alike.find(&photo, fingerprint, now).await.unwrap();
    // Of the 200 rows that are read one is the removed one's, and one may be the photo's own.
    assert!(found.removed && found.photos.len() >= 198, "{} of them, {}", found.photos.len(), found.removed);
    alike.forget(&like(9, 255), fingerprint).await.unwrap();
    assert!(!alike.find(&photo, fingerprint, now).await.unwrap().removed);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_that_arrives_counts_for_its_hour_and_so_does_one_that_may_not_come_back() {
    /// Of files of 30 MB every other is counted, by chance: that none of so many is happens once in 10^12 runs.
    const MOST: u8 = 40;
    let system = TestSystem::open().await;
    let budget = Budget::new(&system.laptop.table);
    // The hour may end meanwhile.
    let spent = async || {
        let now = Clock::system().now();
        let hours = [now, now - SignedDuration::from_hours(1)].map(|hour| budget.spent(hour));
        join_all(hours).await.into_iter().map(Result::unwrap).sum::<u64>()
    };
    let large = |seed: u32| {
        let mut file = small(seed).to_vec();
        file.resize(30_000_000, 0);
        Bytes::from(file)
    };
    // A network of its own for each file: one from which many unusable files come is refused.
    let mut device = (1..=MOST).map(|n| Device::new(&system.elsewhere(n + 100)));
    while spent().await == 0 {
        device.next().expect("one is counted").add(&[large(1)]).await;
    }

    let locked = system.device().add(&[large(2)]).await.remove(0);
    assert_eq!(system.moderator().await.decide(&locked, 2, "quarantine").await["state"], json!("quarantined"));
    let before = spent().await;
    let mut device = (1..=MOST).map(|n| Device::new(&system.elsewhere(n + 150)));
    while spent().await == before {
        let device = device.next().expect("one is counted");
        let reserved = device.reserve(&[large(2)]).await.remove(0);
        assert_eq!(device.put(&reserved, &large(2)).await.status, 200);
        device.until(reserved["id"].as_str().unwrap(), "rejected").await;
    }
}
