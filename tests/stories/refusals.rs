//! Bad input: each gets an answer that says what to do, and nothing that was sent before is lost.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use bytes::Bytes;
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::{domain::states::Role, runtime::Clock, store::Photos};
use tests::{
    Moderator, TestSystem,
    people::{batch, put},
    photos::small,
    system::Setting,
};

/// Accents, Welsh, Arabic, a flag that is one character to its reader, and what would be markup if we let it.
const CAPTION: &str = "Prêt 🏴󠁧󠁢󠁷󠁬󠁳󠁿 Ysgol Gŵyr, مختبر العلوم <script>alert(1)</script> & \"it's\" ready";

#[tokio::test(flavor = "multi_thread")]
async fn before_the_day_nothing_is_registered_and_the_answer_says_when_it_begins() {
    let system = TestSystem::with(Setting { closed: true, ..Setting::default() }).await;
    let device = system.device();
    let refused = device.request(&batch(&[small(1)])).await;
    assert_eq!(refused.problem(), "edition-not-open");
    assert_eq!(refused.json()["opens_at"], "2027-03-05T08:00:00.000Z");
    assert!(device.own().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_day_what_was_registered_in_time_still_arrives_and_nothing_new_does() {
    let instant: jiff::Timestamp = "2027-03-05T17:59:00Z".parse().unwrap();
    let (later, reading) = {
        let later = Arc::new(AtomicI64::new(0));
        (Arc::clone(&later), later)
    };
    // The storage looks at the real clock, so only what does not reach it can be tried here.
    let clock = Clock::new(move || instant + SignedDuration::from_secs(reading.load(Ordering::SeqCst)));
    let system = TestSystem::with(Setting { closed: true, clock: Some(clock), ..Setting::default() }).await;
    let device = system.device();
    let id = device.reserve(&[small(1)]).await[0]["id"].as_str().unwrap().to_owned();
    let renew = format!("/api/v1/uploads/{id}/renew");
    later.store(120, Ordering::SeqCst);
    let refused = device.request(&batch(&[small(2)])).await;
    assert_eq!(refused.problem(), "edition-closed");
    assert_eq!(refused.json()["closed_at"], "2027-03-05T18:00:00.000Z");
    let renewed = device.call(Method::POST, &renew, &Value::Null).await;
    assert_eq!(renewed.status, 200, "grace is for bytes: {}", renewed.text());
    assert_eq!(device.own().await.len(), 1);
    later.store(31 * 60 + 60, Ordering::SeqCst);
    assert_eq!(device.call(Method::POST, &renew, &Value::Null).await.status, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_wrong_as_a_whole_is_refused_with_the_field_and_the_limit() {
    let system = TestSystem::open().await;
    let device = system.device();
    let files: Vec<_> = (0..21).map(small).collect();

    let refused = device.request(&batch(&files)).await;
    assert_eq!(refused.problem(), "wrong-count");
    assert_eq!((&refused.json()["got"], &refused.json()["limit"]), (&json!(21), &json!(20)));

    let changed = |change: &dyn Fn(&mut Value)| {
        let mut batch = batch(&files[..1]);
        change(&mut batch);
        batch
    };
    let cases: [(&str, Value, &str); 9] = [
        ("malformed-request", changed(&|batch| batch["colour"] = json!("blue")), "colour"),
        ("malformed-request", changed(&|batch| batch["photos"][0]["iso"] = json!(400)), "iso"),
        ("malformed-request", changed(&|batch| batch["photos"][0]["sha256"] = json!("abc")), "sha256"),
        ("malformed-request", changed(&|batch| batch["photos"][0]["people"] = json!("everyone")), "everyone"),
        ("malformed-request", json!({}), "consent"),
        ("invalid", changed(&|batch| batch["discipline"] = json!("alchemy")), "alchemy"),
        ("text-too-long", changed(&|batch| batch["credit"] = json!("x".repeat(61))), "61"),
        ("consent-outdated", changed(&|batch| batch["consent"]["version"] = json!("2019-1")), "2019-1"),
        ("consent-missing", changed(&|batch| batch["consent"]["web"] = json!(false)), "consent"),
    ];
    for (kind, batch, named) in cases {
        let refused = device.request(&batch).await;
        assert_eq!(refused.problem(), kind, "{}", refused.text());
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(named), "{kind} does not name {named}: {detail}");
    }
    let twice = [files[0].clone(), files[0].clone()];
    let mut twice = batch(&twice);
    twice["photos"][1]["ref"] = twice["photos"][0]["ref"].clone();
    assert_eq!(device.request(&twice).await.problem(), "ref-repeated");
    let form = [("authorization", device.authorization.as_str()), ("content-type", "text/plain")];
    let refused = system.client.send(Method::POST, "/api/v1/uploads", &form, "hello").await;
    assert_eq!(refused.problem(), "unsupported-media-type");
    assert!(device.own().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_photo_that_is_wrong_does_not_keep_the_others_out() {
    let system = TestSystem::open().await;
    let device = system.device();
    let files: Vec<_> = (0..6).map(small).collect();
    let mut request = batch(&files);
    request["photos"][1]["caption"] = json!("🏴󠁧󠁢󠁷󠁬󠁳󠁿".repeat(201));
    request["photos"][2]["type"] = json!("image/svg+xml");
    request["photos"][3]["size_bytes"] = json!(0);
    request["photos"][4]["size_bytes"] = json!(60_000_000);
    request["photos"][5]["caption"] = json!("🏴󠁧󠁢󠁷󠁬󠁳󠁿".repeat(200));
    let answer = device.request(&request).await;
    assert_eq!(answer.status, 201);
    let photos = answer.json()["photos"].as_array().unwrap().clone();
    let problem = |i: usize, kind: &str| {
        let problem = &photos[i]["problem"];
        assert_eq!(problem["type"], format!("/problems/{kind}"), "{problem}");
        assert_eq!(photos[i]["ref"], request["photos"][i]["ref"]);
        for member in ["title", "detail", "hint"] {
            assert!(problem[member].as_str().is_some_and(|words| !words.is_empty()), "{member} in {problem}");
        }
        problem.clone()
    };
    let too_long = problem(1, "text-too-long");
    assert_eq!(
        (&too_long["field"], &too_long["got"], &too_long["limit"]),
        (&json!("caption"), &json!(201), &json!(200))
    );
    problem(2, "unsupported-type");
    problem(3, "empty-file");
    problem(4, "too-large");
    for i in [0, 5] {
        assert_eq!(device.put(&photos[i], &files[i]).await.status, 200);
        device.until(photos[i]["id"].as_str().unwrap(), "pending").await;
    }
    assert_eq!(device.own().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ref_stands_for_one_file_and_never_answers_with_the_photo_of_another() {
    let system = TestSystem::open().await;
    let device = system.device();
    let first = device.reserve(&[small(1)]).await.remove(0);
    let mut again = batch(&[small(1)]);
    let same = device.request(&again).await.json()["photos"][0].clone();
    assert_eq!((&same["id"], &same["state"]), (&first["id"], &json!("reserved")), "the same file");
    let other = batch(&[small(2)]);
    for field in ["sha256", "size_bytes"] {
        again["photos"][0][field] = other["photos"][0][field].clone();
        let refused = device.request(&again).await.json()["photos"][0].clone();
        assert_eq!(refused["problem"]["type"], json!("/problems/ref-taken"), "{refused}");
        assert_eq!((&refused["id"], &refused["upload"]), (&Value::Null, &Value::Null));
    }
    assert_eq!(device.own().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_were_not_announced_are_not_shown_though_the_storage_let_them_in() {
    let system = TestSystem::open().await;
    let device = system.device();
    let reserved = device.reserve(&[small(1)]).await.remove(0);
    let id = reserved["id"].as_str().unwrap();
    let photo = Photos::new(&system.laptop.table).get(&id.parse().unwrap()).await.unwrap().unwrap();
    let body = aws_sdk_s3::primitives::ByteStream::from(small(2));
    let put = system.laptop.aws.s3.put_object().bucket(local::names::ORIGINALS).key(photo.original_key().to_string());
    put.if_none_match("*").body(body).send().await.unwrap();
    device.until(id, "rejected").await;
    let own = device.own().await.remove(0);
    assert_eq!(own["reason"], json!("The file that arrived is not the one that was announced. Add it again."));
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_of_one_request_are_a_millisecond_apart_in_their_order() {
    let system = TestSystem::open().await;
    let reserved = system.device().reserve(&(1..=5).map(small).collect::<Vec<_>>()).await;
    let ids: Vec<_> = reserved.iter().map(|photo| photo["id"].as_str().unwrap().parse().unwrap()).collect();
    let photos = Photos::new(&system.laptop.table).get_many(&ids).await.unwrap();
    let first = photos[0].created_at;
    let apart: Vec<_> = photos.iter().map(|photo| photo.created_at.duration_since(first).as_millis()).collect();
    assert_eq!(apart, [0, 1, 2, 3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_fifty_deletions_within_five_minutes_need_a_passkey() {
    // All within one stretch of the clock.
    let instant = Clock::system().now();
    let system = TestSystem::with(Setting { clock: Some(Clock::new(move || instant)), ..Setting::default() }).await;
    let (one, other) = (system.moderator().await, system.moderator().await);
    let decide = async |moderator: &Moderator, action: &str, n: usize| {
        let nobodys = json!({"id": "aeaqcaibaeaqcaibaeaqcaibae", "version": 1, "action": action});
        let body = json!({ "decisions": vec![nobodys; n] });
        moderator.client.json(Method::POST, "/api/v1/moderation/decisions", &moderator.authorization, &body).await
    };
    assert_eq!(decide(&one, "delete", 48).await.status, 200);
    assert_eq!(decide(&one, "delete", 2).await.status, 200);
    let refused = decide(&one, "delete", 1).await;
    assert_eq!((refused.status.as_u16(), refused.problem()), (403, "passkey-needed".to_owned()));
    assert_eq!(decide(&one, "hide", 48).await.status, 200, "what can be had back");
    assert_eq!(decide(&other, "delete", 48).await.status, 200, "somebody else has their own");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_storage_takes_the_bytes_that_were_registered_and_no_others() {
    let system = TestSystem::open().await;
    let device = system.device();
    let file = small(1);
    let reserved = device.reserve(std::slice::from_ref(&file)).await.remove(0);
    let upload = &reserved["upload"];
    let code = |answer: &tests::Answer| {
        let text = answer.text();
        let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
        format!("{} {}", answer.status.as_u16(), code.map_or("", |(code, _)| code))
    };

    let mut other = file.to_vec();
    *other.last_mut().unwrap() ^= 1;
    let other = Bytes::from(other);
    assert_eq!(code(&put(&system.client, upload, &other, &[]).await), "400 BadDigest");
    let shorter = file.slice(..file.len() - 1);
    assert_eq!(code(&put(&system.client, upload, &shorter, &[]).await), "403 SignatureDoesNotMatch");
    let kind = [("content-type", "text/html")];
    assert_eq!(code(&put(&system.client, upload, &file, &kind).await), "403 SignatureDoesNotMatch");
    let names: Vec<_> = upload["headers"].as_object().unwrap().keys().cloned().collect();
    let checksum = names.iter().find(|name| name.contains("sha256")).unwrap();
    let hash = data_encoding::BASE64.encode(&[7; 32]);
    let answer = put(&system.client, upload, &file, &[(checksum, &hash)]).await;
    assert_eq!(code(&answer), "403 SignatureDoesNotMatch", "another hash is another signature");
    let once = names.iter().find(|name| name.as_str() == "if-none-match").unwrap();
    let answer = put(&system.client, upload, &file, &[(once, "")]).await;
    assert_eq!(answer.status, 403, "an address that could overwrite is not the one that was signed");

    assert_eq!(device.own().await[0]["state"], "reserved", "none of this harmed the reservation");
    assert_eq!(device.put(&reserved, &file).await.status, 200);
    assert_eq!(code(&device.put(&reserved, &file).await), "412 PreconditionFailed", "once is once");
    device.until(reserved["id"].as_str().unwrap(), "pending").await;
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_has_expired_is_renewed() {
    let behind = Arc::new(AtomicI64::new(-700));
    let (seconds, system) = (Arc::clone(&behind), Clock::system());
    let clock = Clock::new(move || system.now() + SignedDuration::from_secs(seconds.load(Ordering::SeqCst)));
    let system = TestSystem::with(Setting { clock: Some(clock), ..Setting::default() }).await;
    let device = system.device();
    let file = small(1);
    let reserved = device.reserve(std::slice::from_ref(&file)).await.remove(0);
    let late = device.put(&reserved, &file).await;
    assert_eq!(late.status, 403);
    assert!(late.text().contains("Request has expired"), "{}", late.text());
    behind.store(0, Ordering::SeqCst);
    let id = reserved["id"].as_str().unwrap();
    let renewed = device.call(Method::POST, &format!("/api/v1/uploads/{id}/renew"), &Value::Null).await;
    assert_eq!(renewed.status, 200, "{}", renewed.text());
    assert_eq!(device.put(&renewed.json(), &file).await.status, 200);
    device.until(id, "pending").await;
    assert_eq!(device.own().await.len(), 1, "it is the same photo still");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_devices_photos_are_not_there() {
    let system = TestSystem::open().await;
    let (owner, stranger) = (system.device(), system.device());
    let id = owner.add(&[small(1)]).await.remove(0);
    let target = format!("/api/v1/uploads/{id}");
    for (method, target, body) in [
        (Method::POST, format!("{target}/renew"), Value::Null),
        (Method::PATCH, target.clone(), json!({"caption": "Mine now"})),
        (Method::DELETE, target, Value::Null),
    ] {
        assert_eq!(stranger.call(method, &target, &body).await.problem(), "photo-not-found", "{target}");
    }
    assert!(stranger.own().await.is_empty());
    assert_eq!(owner.own().await[0]["caption"], "Crystals on day twelve");
    assert_eq!(system.client.get("/api/v1/uploads").await.problem(), "not-signed-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_photo_is_rejected_with_what_to_do() {
    let system = TestSystem::open().await;
    let device = system.device();
    let photo = small(1);
    let files = [
        Bytes::from_static(b"This is only a text file, whatever its name says.\n"),
        photo.slice(..photo.len() / 2),
        enormous_png(),
        Bytes::from_static(b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"),
        Bytes::from_static(b"\xFF\xD8"),
    ];
    let reserved = device.reserve(&files).await;
    for (photo, file) in reserved.iter().zip(&files) {
        assert_eq!(device.put(photo, file).await.status, 200);
    }
    let mut reasons = Vec::new();
    for photo in &reserved {
        let own = device.until(photo["id"].as_str().unwrap(), "rejected").await;
        reasons.push(own["reason"].as_str().unwrap().to_owned());
    }
    for (reason, names) in reasons.iter().zip(["photo", "missing", "16384", "SVG", "photo"]) {
        assert!(reason.contains(names) && reason.ends_with('.'), "{reason}");
    }
    let moderator = system.moderator().await;
    assert!(moderator.queue("normal", 12).await.is_empty(), "nobody has to look at these");
    // The rest of the day goes on.
    device.add(&[photo]).await;
    assert_eq!(moderator.queue("normal", 12).await.len(), 1);
    assert!(system.audit().await.differences.is_zero());
}

/// A PNG whose header claims 100,000 × 100,000 pixels.
fn enormous_png() -> Bytes {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = b"IHDR".to_vec();
    header.extend(100_000_u32.to_be_bytes());
    header.extend(100_000_u32.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    // CRC-32 as the PNG specification defines it.
    let crc = !header.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & 0_u32.wrapping_sub(crc & 1)))
    });
    png.extend(13_u32.to_be_bytes());
    png.extend(header);
    png.extend(crc.to_be_bytes());
    png.into()
}

#[tokio::test(flavor = "multi_thread")]
async fn words_arrive_as_they_were_written_and_do_no_harm() {
    let system = TestSystem::open().await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let file = small(1);
    let mut request = batch(std::slice::from_ref(&file));
    request["photos"][0]["caption"] = json!(CAPTION);
    request["photos"][0]["alt"] = json!(CAPTION);
    request["credit"] = json!("<b>Gŵen</b> & co 🔬");
    let answer = device.request(&request).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let reserved = answer.json()["photos"][0].clone();
    assert_eq!(device.put(&reserved, &file).await.status, 200);
    let id = reserved["id"].as_str().unwrap().to_owned();
    assert_eq!(device.until(&id, "pending").await["caption"], CAPTION);
    assert_eq!(moderator.queue("normal", 12).await[0]["caption"], CAPTION);
    let queue = moderator.get("/moderation/queue").await;
    moderator.publish(std::slice::from_ref(&id)).await;
    let photo = system.client.get(&format!("/api/v1/photos/{id}")).await.json();
    assert_eq!(
        (&photo["caption"], &photo["alt"], &photo["credit"]),
        (&json!(CAPTION), &json!(CAPTION), &request["credit"])
    );
    let mut pages = vec![("/moderation/queue".to_owned(), queue)];
    for path in ["/".to_owned(), "/gallery".to_owned(), format!("/p/{id}"), "/s/sample-academy".to_owned()] {
        pages.push((path.clone(), system.client.get(&path).await));
    }
    pages.push(("its audit".to_owned(), moderator.get(&format!("/moderation/photos/{id}")).await));
    for (path, page) in pages {
        assert_eq!(page.status, 200, "{path}");
        let text = page.text();
        assert!(text.contains("Gŵyr") && text.contains("مختبر"), "{path} has not the words");
        assert!(!text.contains("<script>alert") && !text.contains("<b>G"), "{path} has markup of the words");
        assert!(page.header("content-security-policy").contains("script-src"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_about_what_the_photo_was_is_refused_and_says_what_it_is() {
    let system = TestSystem::open().await;
    let id = system.device().add(&[small(1)]).await.remove(0);
    let (first, second) = (system.moderator().await, system.moderator().await);
    assert_eq!(first.decide(&id, 2, "publish").await["state"], "published");
    let outdated = second.decide(&id, 2, "reject").await;
    let problem = &outdated["problem"];
    assert_eq!((&problem["type"], &problem["status"]), (&json!("/problems/version-outdated"), &json!(409)));
    assert_eq!((&problem["version"], &problem["state"]), (&json!(3), &json!("published")));
    assert_eq!(second.decide(&id, 3, "release").await["problem"]["type"], "/problems/illegal-move");
    assert_eq!(second.decide("not-an-id", 3, "publish").await["problem"]["type"], "/problems/photo-not-found");
    assert_eq!(system.client.get(&format!("/api/v1/photos/{id}")).await.status, 200);
    let many = json!({"decisions": vec![json!({"id": id, "version": 3, "action": "hide"}); 49]});
    assert_eq!(second.decisions(&many).await.problem(), "wrong-count");
    assert_eq!(system.client.get(&format!("/api/v1/photos/{id}")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_a_role_is_refused_without_it() {
    let system = TestSystem::open().await;
    let id = system.device().add(&[small(1)]).await.remove(0);
    let decision = json!({"decisions": [{"id": id, "version": 2, "action": "publish"}]});
    let routes = [
        (Method::GET, "/api/v1/moderation/queue".to_owned(), Value::Null),
        (Method::POST, "/api/v1/moderation/decisions".to_owned(), decision),
        (Method::GET, format!("/api/v1/moderation/photos/{id}/audit"), Value::Null),
        (Method::GET, "/api/v1/session".to_owned(), Value::Null),
    ];
    for (method, target, body) in routes {
        for authorization in ["", "Bearer tgk_nonsense", "Uploader nonsense", "Basic eDp5"] {
            let refused = system.client.json(method.clone(), &target, authorization, &body).await;
            assert_eq!(refused.problem(), "not-signed-in", "{method} {target} {authorization}");
        }
    }
    let viewer = system.member(Role::Viewer).await;
    let refused = viewer.decisions(&json!({"decisions": [{"id": id, "version": 2, "action": "publish"}]})).await;
    assert_eq!(refused.problem(), "role-too-low");
    let page = system.client.get("/moderation/queue").await;
    assert!(matches!(page.status.as_u16(), 303 | 401), "{}", page.status);
    assert!(!page.text().contains(&id));
    assert_eq!(system.client.get(&format!("/api/v1/photos/{id}")).await.problem(), "photo-not-found");
}
