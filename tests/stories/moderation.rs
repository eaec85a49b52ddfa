//! What moderators, organisers and those who report do, over HTTP.

use bytes::Bytes;
use futures::future::join_all;
use http::Method;
use serde_json::{Value, json};
use shared::domain::states::{Duty, Role};
use tests::{
    Answer, Device, Moderator, TestSystem,
    command::rounds,
    people::batch,
    photos::{patterned, small, squares},
    system::eventually,
};

async fn report(device: &Device, id: &str, reason: &str) -> Answer {
    let target = format!("/api/v1/photos/{id}/reports");
    let body = json!({"reason": reason, "text": "Look again, please", "contact": "sample@example.org"});
    device.client.json(Method::POST, &target, &device.authorization, &body).await
}

/// The state of a photo, as its moderators' audit has it last.
async fn standing(moderator: &Moderator, id: &str) -> (String, u64) {
    let audit = moderator.get(&format!("/api/v1/moderation/photos/{id}/audit")).await.json();
    assert_eq!(audit["whole"], json!(true));
    let last = audit["entries"].as_array().unwrap().last().unwrap().clone();
    (last["to"].as_str().unwrap().to_owned(), last["version"].as_u64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_a_pupil_hides_at_once_everywhere_and_two_people_bring_it_back() {
    let system = TestSystem::open().await;
    let ids = system.device().add(&[small(1), small(2)]).await;
    let (one, other) = (system.moderator().await, system.moderator().await);
    one.publish(&ids).await;
    let feed = async || system.client.get("/api/v1/photos").await.json()["photos"].as_array().unwrap().len();
    assert_eq!(feed().await, 2);
    let public = system.client.get(&format!("/api/v1/photos/{}", ids[0])).await.json();
    let image = public["renditions"][0]["url"].as_str().unwrap().to_owned();
    assert_eq!(system.client.get(&image).await.status, 200);

    let reporter = system.device();
    let taken = report(&reporter, &ids[0], "pupil").await;
    assert_eq!(taken.status, 202, "{}", taken.text());
    let reference = taken.json()["reference"].as_str().unwrap().to_owned();
    assert_eq!(reference.len(), 11);
    assert_eq!(feed().await, 1, "gone from the feed");
    assert_eq!(system.client.get(&format!("/api/v1/photos/{}", ids[0])).await.status, 410, "gone from the API");
    assert_eq!(system.client.get(&format!("/p/{}", ids[0])).await.status, 410, "gone as a page");
    assert_eq!(system.client.get(&image).await.status, 404, "its bytes are erased");

    // The same reporter says so again: the same reference, and nothing more happens.
    let again = report(&reporter, &ids[0], "pupil").await;
    assert_eq!(again.json()["reference"], json!(reference));
    let lane = one.get("/api/v1/moderation/reports").await.json();
    assert_eq!(lane["photos"].as_array().unwrap().len(), 1);
    assert_eq!(lane["photos"][0]["reports"].as_array().unwrap().len(), 1);
    assert_eq!(lane["photos"][0]["reports"][0]["reference"], json!(reference));
    assert_eq!(one.queue("reported", 5).await[0]["safeguarding"], json!(null), "nobody has confirmed it");
    let second = Device::new(&system.elsewhere(2));
    assert_eq!(report(&second, &ids[0], "pupil").await.status, 202);
    assert_eq!(one.queue("reported", 5).await[0]["safeguarding"], json!("hidden"), "somebody independent has");

    // One person alone cannot bring it back, not even twice; a second one can.
    let (now, version) = standing(&one, &ids[0]).await;
    assert_eq!(now, "hidden");
    assert_eq!(one.decide(&ids[0], version, "restore").await["state"], json!("hidden"));
    let alone = one.decide(&ids[0], version + 1, "restore").await;
    assert_eq!(alone["problem"]["type"], json!("/problems/second-person-needed"));
    assert_eq!(feed().await, 1);
    assert_eq!(other.decide(&ids[0], version + 1, "restore").await["state"], json!("published"));
    assert_eq!(feed().await, 2);
    assert!(one.queue("reported", 5).await.is_empty(), "the decision closes the report");

    // It was looked at for this reason: the same report of somebody else does not hide it again, but it is looked at again.
    assert_eq!(report(&Device::new(&system.elsewhere(3)), &ids[0], "pupil").await.status, 202);
    assert_eq!(feed().await, 2);
    assert_eq!(one.queue("reported", 5).await.len(), 1);
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_travels_at_a_third_of_its_size_at_the_most() {
    let system = TestSystem::open().await;
    let (device, moderator) = (system.device(), system.moderator().await);
    for some in [1..=12, 13..=24] {
        device.add(&some.map(small).collect::<Vec<_>>()).await;
    }
    let get = async |accepts: &str| {
        let headers = [("authorization", moderator.authorization.as_str()), ("accept-encoding", accepts)];
        system.client.send(Method::GET, "/api/v1/moderation/queue?limit=24", &headers, "").await
    };
    let (plain, packed) = (get("identity").await, get("gzip, deflate, br, zstd").await);
    assert_eq!((plain.header("content-encoding"), packed.header("content-encoding")), ("", "gzip"));
    for answer in [&plain, &packed.unpacked()] {
        assert_eq!(answer.json()["photos"].as_array().unwrap().len(), 24);
    }
    println!("24 photos: {} bytes, {} of them compressed", plain.body.len(), packed.body.len());
    assert!(packed.body.len() * 3 < plain.body.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reported_and_rejected_photo_does_not_come_back_by_the_side_door() {
    let system = TestSystem::open().await;
    let ids = system.device().add(&[small(1)]).await;
    let (one, other) = (system.moderator().await, system.moderator().await);
    one.publish(&ids).await;
    report(&system.device(), &ids[0], "pupil").await;
    for action in ["reject", "release"] {
        let (_, version) = standing(&one, &ids[0]).await;
        assert!(one.decide(&ids[0], version, action).await["state"].is_string());
    }
    let (now, version) = standing(&one, &ids[0]).await;
    assert_eq!(now, "pending");
    assert_eq!(one.decide(&ids[0], version, "publish").await["state"], json!("pending"), "one agrees");
    assert_eq!(other.decide(&ids[0], version + 1, "publish").await["state"], json!("published"), "two do");
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn other_reports_hide_when_somebody_independent_says_so_too() {
    let system = TestSystem::open().await;
    let ids = system.device().add(&[small(1)]).await;
    let moderator = system.moderator().await;
    moderator.publish(&ids).await;
    assert_eq!(report(&system.device(), &ids[0], "offensive").await.status, 202);
    assert_eq!(standing(&moderator, &ids[0]).await.0, "published");
    assert_eq!(moderator.queue("reported", 5).await.len(), 1, "but somebody looks");
    assert_eq!(report(&system.device(), &ids[0], "unsafe").await.status, 202);
    assert_eq!(standing(&moderator, &ids[0]).await.0, "published", "another secret at the same address is nobody else");
    assert_eq!(report(&Device::new(&system.elsewhere(2)), &ids[0], "unsafe").await.status, 202);
    let (now, version) = standing(&moderator, &ids[0]).await;
    assert_eq!(now, "hidden");
    assert_eq!(
        moderator.decide(&ids[0], version, "restore").await["state"],
        json!("published"),
        "one person is enough"
    );
    let waiting = system.device().add(&[small(3)]).await;
    assert_eq!(report(&system.device(), &waiting[0], "pupil").await.problem(), "photo-not-found", "not public");
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_javascript_is_answered_with_a_page_whatever_is_wrong() {
    let system = TestSystem::open().await;
    let ids = system.device().add(&[small(1)]).await;
    let moderator = system.moderator().await;
    moderator.publish(&ids).await;
    let form = async |target: &str, authorization: &str, body: &'static str| {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", "text/html"),
            ("authorization", authorization),
        ];
        let answer = system.client.send(Method::POST, target, &headers, Bytes::from_static(body.as_bytes())).await;
        assert_eq!(answer.status, 303, "{target} {body}: {}", answer.text());
        answer.header("location").to_owned()
    };
    let report = format!("/photos/{}/reports", ids[0]);
    let page = format!("/p/{}/report", ids[0]);
    assert_eq!(form(&report, "", "reason=nonsense").await, format!("{page}?problem=malformed-request"));
    // A form goes back to the page that it came from, in its language, even where nothing of it could be read.
    let welsh = form(&format!("{report}?lang=cy"), "", "reason=nonsense").await;
    assert_eq!(welsh, format!("/cy{page}?problem=malformed-request"));
    let taken = form(&report, "", "reason=me&text=&contact=").await;
    assert!(taken.starts_with(&format!("{page}?reference=")), "{taken}");
    let thanks = system.client.get(&taken).await;
    assert_eq!(thanks.status, 200, "{}", thanks.text());
    assert!(thanks.text().contains("We have your report"), "{}", thanks.text());
    let by = &moderator.authorization;
    let wrong = form("/moderation/decisions", by, "id=x&version=one&action=publish").await;
    assert_eq!(wrong, "/moderation/queue?problem=malformed-request");
    let told = moderator.get(&wrong).await;
    assert!(told.text().contains("The request could not be read"), "{}", told.text());
    assert_eq!(form("/moderation/session", "", "code=wrong").await, "/moderation/sign-in?problem=code-refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn covers_are_drawn_from_the_original_and_what_was_seen_is_what_goes_out() {
    let system = TestSystem::open().await;
    let ids = system.device().add(&[patterned(800, 600, 1)]).await;
    let moderator = system.moderator().await;
    moderator.publish(&ids).await;
    let public = format!("/api/v1/photos/{}", ids[0]);
    let before = system.client.get(&public).await.json();
    let old = before["renditions"][0]["url"].as_str().unwrap().to_owned();
    let target = format!("/api/v1/moderation/photos/{}/redact", ids[0]);
    let boxes = json!({"version": 3, "boxes": [{"x": 0.1, "y": 0.1, "width": 0.8, "height": 0.8}]});
    let covered = moderator.client.json(Method::POST, &target, &moderator.authorization, &boxes).await;
    assert_eq!(covered.status, 202, "{}", covered.text());
    assert_eq!(system.client.get(&old).await.status, 404, "the uncovered one leaves at once");
    let again = moderator.client.json(Method::POST, &target, &moderator.authorization, &boxes).await;
    assert_eq!(again.problem(), "version-outdated");
    let waiting = eventually("the renditions with the covers", async || moderator.queue("normal", 5).await.pop()).await;
    let version = waiting["version"].as_u64().unwrap();
    assert_eq!(moderator.decide(&ids[0], version, "publish").await["state"], json!("published"));
    let after = system.client.get(&public).await.json();
    let new = after["renditions"][0]["url"].as_str().unwrap();
    assert_ne!(new, old, "another revision");
    let bytes = async |url: &str| system.client.get(url).await.body.len();
    assert!(bytes(new).await > 0);
    assert_ne!(after["placeholder"], before["placeholder"], "the placeholder knows nothing of what was covered");
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_locked_away_is_let_out_by_the_safeguarding_lead_alone() {
    let system = TestSystem::open().await;
    let ids = system.device().add(&[small(1)]).await;
    let owner = system.member(Role::Owner).await;
    assert_eq!(owner.decide(&ids[0], 2, "quarantine").await["state"], json!("quarantined"));
    for action in ["release", "delete", "publish"] {
        assert_eq!(
            owner.decide(&ids[0], 3, action).await["problem"]["type"],
            json!("/problems/duty-needed"),
            "{action}"
        );
    }
    assert_eq!(owner.get("/api/v1/moderation/quarantine").await.problem(), "duty-needed");
    let lead = system.member_with(Role::Moderator, &[Duty::Safeguarding]).await;
    let locked = lead.get("/api/v1/moderation/quarantine").await.json();
    assert_eq!(locked["photos"][0]["id"], json!(ids[0]));
    assert!(locked["photos"][0].get("caption").is_none(), "nothing to look at");
    assert_eq!(lead.decide(&ids[0], 3, "release").await["state"], json!("pending"));
    assert_eq!(lead.queue("held", 5).await.len(), 1);
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_machine_notices_puts_a_photo_into_the_held_lane_with_its_reason() {
    let system = TestSystem::open().await;
    let device = system.device();
    let file = small(1);
    let mut asked = batch(std::slice::from_ref(&file));
    asked["photos"][0]["caption"] = json!("Emily from Year 9 with her rocket");
    let reserved = device.request(&asked).await.json()["photos"][0].clone();
    assert_eq!(device.put(&reserved, &file).await.status, 200);
    device.until(reserved["id"].as_str().unwrap(), "pending").await;
    let moderator = system.moderator().await;
    assert!(moderator.queue("normal", 5).await.is_empty());
    let held = moderator.queue("held", 5).await;
    assert_eq!(held[0]["hints"][0]["kind"], json!("pupil-name"));

    // What a moderator removed is noticed when another device sends it again.
    let id = held[0]["id"].as_str().unwrap();
    assert_eq!(moderator.decide(id, 2, "delete").await["state"], json!("deleted"));
    let again = system.device().add(&[file]).await;
    let held = moderator.queue("held", 5).await;
    assert_eq!((held[0]["id"].as_str(), &held[0]["hints"][0]["kind"]), (Some(again[0].as_str()), &json!("removed")));
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moderator_is_told_that_a_file_ends_early_and_how_much_is_missing() {
    let system = TestSystem::open().await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let cut = patterned(400, 300, 1);
    let cut = cut.slice(..cut.len() * 9 / 10);
    let ids = device.add(&[cut, patterned(400, 300, 2)]).await;
    let waiting = [moderator.queue("normal", 5).await, moderator.queue("held", 5).await].concat();
    let hints = |id: &str| {
        let photo = waiting.iter().find(|photo| photo["id"] == id).unwrap();
        photo["hints"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|hint| hint["kind"] == "truncated")
            .cloned()
            .collect::<Vec<_>>()
    };
    let [told] = hints(&ids[0]).try_into().unwrap();
    let words = told["words"].as_str().unwrap();
    assert!(
        words.starts_with("The file ends early. About ") && words.contains("% of the picture is missing"),
        "{words}"
    );
    assert_eq!(hints(&ids[1]), [] as [Value; 0], "of a whole one there is nothing to tell");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_organiser_runs_the_day_and_everybody_feels_it() {
    let system = TestSystem::open().await;
    let organiser = system.member(Role::Organiser).await;
    let call = async |method: Method, path: &str, body: &Value| {
        organiser.client.json(method, &format!("/api/v1/organiser/{path}"), &organiser.authorization, body).await
    };
    let paused = call(Method::POST, "phase", &json!({"action": "pause"})).await;
    assert_eq!(paused.json()["phase"], json!("paused"), "{}", paused.text());
    eventually("uploads are paused", async || {
        let refused = system.device().request(&batch(&[small(1)])).await;
        (refused.status == 409 && refused.problem() == "edition-paused").then_some(())
    })
    .await;
    assert_eq!(call(Method::POST, "phase", &json!({"action": "open"})).await.problem(), "wrong-phase");
    assert_eq!(call(Method::POST, "phase", &json!({"action": "extend", "minutes": 0})).await.problem(), "invalid");
    assert_eq!(call(Method::POST, "phase", &json!({"action": "resume"})).await.json()["phase"], json!("open"));
    let banner = json!({"banner": {"text": "Back at noon", "kind": "info"}});
    assert_eq!(call(Method::PUT, "banner", &banner).await.json()["banner"]["text"], json!("Back at noon"));
    assert_eq!(call(Method::PUT, "switches", &json!({"feed_shards": 99})).await.problem(), "invalid");
    assert_eq!(call(Method::PUT, "settings", &json!({"grace_minutes": 999})).await.problem(), "invalid");
    let settings = call(Method::PUT, "settings", &json!({"name": "Sample day", "hashtags": ["sample"]})).await;
    assert_eq!(settings.json()["name"], json!("Sample day"), "{}", settings.text());
    let upside_down = json!({"opens_at": "2027-03-05T18:00:00Z", "closes_at": "2027-03-05T08:00:00Z"});
    assert_eq!(call(Method::PUT, "settings", &upside_down).await.problem(), "invalid");
    let window = json!({"opens_at": "2027-03-05T09:00:00Z", "closes_at": "2027-03-05T17:00:00Z"});
    let moved = call(Method::PUT, "settings", &window).await.json();
    assert_eq!(
        (&moved["opens_at"], &moved["closes_at"]),
        (&json!("2027-03-05T09:00:00.000Z"), &json!("2027-03-05T17:00:00.000Z"))
    );
    let dashboard = organiser.get("/api/v1/organiser/dashboard").await.json();
    assert_eq!(dashboard["parts"].as_array().unwrap().len(), 20);
    let queues = eventually("the queues are looked at", async || {
        let queues = organiser.get("/api/v1/organiser/dashboard").await.json()["queues"].clone();
        queues.is_object().then_some(queues)
    })
    .await;
    assert_eq!((&queues["waiting"], &queues["dead_letters"]), (&json!(0), &json!(0)), "{queues}");
    let log = organiser.get("/api/v1/organiser/activity").await.json();
    let actions: Vec<_> = log["entries"].as_array().unwrap().iter().rev().map(|e| e["action"].clone()).collect();
    assert_eq!(actions, ["pause", "resume", "set banner", "change settings", "change settings"]);
    assert_eq!(log["broken_at"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_only_removals_are_allowed_nothing_is_added_or_shown_and_everything_can_be_taken_away() {
    let system = TestSystem::open().await;
    let (organiser, moderator) = (system.member(Role::Organiser).await, system.moderator().await);
    let device = system.device();
    let ids = device.add(&[small(1), small(2), small(3), small(4)]).await;
    moderator.publish(&ids[..2]).await;
    let switch = async |to: &str| {
        let target = "/api/v1/organiser/switches";
        let body = json!({"changes": to});
        let set = organiser.client.json(Method::PUT, target, &organiser.authorization, &body).await;
        assert_eq!(set.status, 200, "{}", set.text());
    };
    switch("removals").await;
    let read_only = "/problems/read-only";
    eventually("the switch is felt", async || {
        let refused = system.device().request(&batch(&[small(9)])).await;
        (refused.status != 201 && refused.problem() == "read-only").then_some(())
    })
    .await;
    eventually("moderators feel it, too", async || {
        // A version that never was, so that nothing is shown by trying.
        let shown = moderator.decide(&ids[2], 99, "publish").await;
        (shown["problem"]["type"] == json!(read_only)).then_some(())
    })
    .await;
    assert_eq!(moderator.decide(&ids[3], 2, "reject").await["state"], json!("rejected"));
    assert_eq!(moderator.decide(&ids[0], 3, "hide").await["state"], json!("hidden"));
    let back = moderator.decide(&ids[0], 4, "restore").await;
    assert_eq!(back["problem"]["type"], json!(read_only), "{back}");
    assert_eq!(report(&system.device(), &ids[1], "pupil").await.status, 202);
    let withdrawn = device.call(Method::DELETE, &format!("/api/v1/uploads/{}", ids[1]), &Value::Null).await;
    assert_eq!(withdrawn.status, 200, "{}", withdrawn.text());
    switch("all").await;
    eventually("it is shown again", async || {
        (moderator.decide(&ids[0], 4, "restore").await["state"] == json!("published")).then_some(())
    })
    .await;
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_to_sixteen_moderators_on_the_same_photos_one_decides_each_version_and_removal_wins() {
    let system = TestSystem::open().await;
    let photos = if rounds(6) > 100 { 100 } else { 10 };
    let files: Vec<_> = (0..photos).map(small).collect();
    let device = system.device();
    let mut ids = Vec::new();
    for files in files.chunks(20) {
        ids.extend(device.add(files).await);
    }
    let moderators = join_all((0..16).map(|_| system.moderator())).await;
    let (mut decided, mut lost) = (0_u64, 0_u64);
    for round in 0..rounds(6) {
        let n = 2 + round % 15;
        let id = &ids[round % ids.len()];
        let (now, version) = standing(&moderators[0], id).await;
        // Whatever can be decided in its state, each moderator something else.
        let actions: &[&str] = match now.as_str() {
            "pending" => &["publish", "hold", "reject", "release"],
            "published" => &["hide"],
            "hidden" => &["restore", "reject"],
            _ => &["release"],
        };
        let outcomes = join_all(
            moderators
                .iter()
                .take(n)
                .enumerate()
                .map(|(i, moderator)| moderator.decide(id, version, actions[(round + i) % actions.len()])),
        )
        .await;
        let done = outcomes.iter().filter(|outcome| outcome["version"] == json!(version + 1)).count();
        assert!(done <= 1, "two decisions for version {version}: {outcomes:?}");
        assert!(
            outcomes.iter().all(|outcome| outcome["state"].is_string() || outcome["problem"]["status"] == json!(409)),
            "{outcomes:?}"
        );
        decided += u64::try_from(done).unwrap();
        lost += u64::try_from(n - done).unwrap();
    }
    println!("storm: {} rounds, {decided} decisions, {lost} refused", rounds(6));
    // A removal wins over a publication at the same moment.
    let id = &ids[0];
    let (_, version) = standing(&moderators[0], id).await;
    let (_, removed) =
        tokio::join!(moderators[1].decide(id, version, "publish"), moderators[2].decide(id, version, "delete"));
    assert_eq!(removed["state"], json!("deleted"), "{removed}");
    assert_eq!(standing(&moderators[0], id).await.0, "deleted");
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_words_of_what_is_locked_away_stand_beside_no_other_photo_and_in_no_answer() {
    let system = TestSystem::open().await;
    let file = squares(1);
    let mut asked = batch(std::slice::from_ref(&file));
    asked["photos"][0]["caption"] = json!("Wombat with a bicycle");
    let device = system.device();
    let reserved = device.request(&asked).await.json()["photos"][0].clone();
    assert_eq!(device.put(&reserved, &file).await.status, 200);
    let locked = reserved["id"].as_str().unwrap().to_owned();
    device.until(&locked, "pending").await;
    let (moderator, lead) =
        (system.moderator().await, system.member_with(Role::Moderator, &[Duty::Safeguarding]).await);
    // A copy of it, byte by byte another file.
    let copy: Bytes = [file.as_ref(), b"copied"].concat().into();
    let alike = system.device().add(&[copy]).await.remove(0);
    let beside = moderator.get("/moderation/queue").await.text();
    assert!(beside.matches("Wombat").count() > 1, "it stands in the queue, and beside the other");

    let decision = json!({"decisions": [{"id": locked, "version": 2, "action": "quarantine", "reason": "Platypus"}]});
    assert_eq!(moderator.decisions(&decision).await.json()["decisions"][0]["state"], json!("quarantined"));
    for target in [
        "/moderation/queue".to_owned(),
        "/moderation/queue?lane=held".to_owned(),
        format!("/moderation/photos/{alike}"),
        format!("/moderation/photos/{locked}"),
        format!("/moderation/photos/{locked}/cover"),
        "/api/v1/moderation/queue?lane=normal".to_owned(),
        "/api/v1/moderation/queue?lane=held".to_owned(),
        format!("/api/v1/moderation/photos/{locked}/audit"),
        format!("/api/v1/moderation/photos/{alike}/audit"),
    ] {
        let text = moderator.get(&target).await.text();
        for word in ["Wombat", "Platypus"] {
            assert!(!text.contains(word), "{target} tells {word}");
        }
    }
    let audit = format!("/api/v1/moderation/photos/{locked}/audit");
    assert_eq!(moderator.get(&audit).await.problem(), "duty-needed");
    assert!(lead.get(&audit).await.text().contains("Platypus"));
}
