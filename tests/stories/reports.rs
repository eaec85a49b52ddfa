//! Reports that protect people, and cannot be made a weapon of: who counts as a reporter, and what many reports at once do.

use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use futures::future::join_all;
use http::Method;
use serde_json::{Value, json};
use shared::{
    domain::{
        limits::{HIDINGS_BEFORE_BRAKE, HIDINGS_PER_ADDRESS, REPORTS_PER_HOUR},
        states::Role,
    },
    runtime::ids::random,
};
use tests::{Answer, Client, Moderator, TestSystem, photos::small};

/// A report with these words, and with what else its sender claims to be.
async fn report(client: &Client, id: &str, reason: &str, text: &str, claims: &[(&str, &str)]) -> Answer {
    let body = json!({"reason": reason, "text": text}).to_string();
    let headers: Vec<_> = [("content-type", "application/json")].iter().chain(claims).copied().collect();
    client.send(Method::POST, &format!("/api/v1/photos/{id}/reports"), &headers, body).await
}

async fn taken(client: &Client, id: &str, reason: &str) -> String {
    let answer = report(client, id, reason, "", &[]).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    answer.json()["reference"].as_str().unwrap().to_owned()
}

/// A secret that nobody has sent before.
fn fresh_secret() -> String {
    format!("Uploader {}", BASE64URL_NOPAD.encode(&random::<32>()))
}

/// Photos that a moderator has published.
async fn published(system: &TestSystem, moderator: &Moderator, photos: usize) -> Vec<String> {
    let files: Vec<_> = (0..u32::try_from(photos).unwrap()).map(small).collect();
    let mut ids = Vec::new();
    for files in files.chunks(20) {
        ids.extend(system.device().add(files).await);
    }
    moderator.publish(&ids).await;
    ids
}

/// Where each of these photos stands, in their order.
async fn states(moderator: &Moderator, ids: &[String]) -> Vec<String> {
    let mut states = Vec::new();
    for id in ids {
        let audit = moderator.get(&format!("/api/v1/moderation/photos/{id}/audit")).await.json();
        assert_eq!(audit["whole"], json!(true));
        states.push(audit["entries"].as_array().unwrap().last().unwrap()["to"].as_str().unwrap().to_owned());
    }
    states
}

async fn hidden(moderator: &Moderator, ids: &[String]) -> usize {
    states(moderator, ids).await.iter().filter(|state| *state == "hidden").count()
}

/// What waits among the reported photos, in its order.
async fn lane(moderator: &Moderator) -> Vec<Value> {
    moderator.get("/api/v1/moderation/reports").await.json()["photos"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_machine_hides_a_few_photos_whatever_it_claims_to_be_and_others_are_still_heard() {
    let system = TestSystem::open().await;
    let moderator = system.moderator().await;
    let ids = published(&system, &moderator, 30).await;
    let machine = system.elsewhere(2);
    for (n, id) in ids[..24].iter().enumerate() {
        let answer = match n % 4 {
            0 => report(&machine, id, "pupil", "", &[("authorization", &fresh_secret())]).await,
            1 => report(&machine, id, "me", "", &[("user-agent", &format!("browser {n}"))]).await,
            2 => {
                let forged = format!("203.0.113.{n}");
                let claims = [
                    ("x-viewer-address", forged.as_str()),
                    ("x-forwarded-for", forged.as_str()),
                    ("cloudfront-viewer-address", forged.as_str()),
                ];
                report(&machine, id, "pupil", "", &claims).await
            }
            _ => {
                let first = report(&machine, id, "offensive", "", &[("authorization", &fresh_secret())]).await;
                assert!([202, 429].contains(&first.status.as_u16()), "{}", first.text());
                report(&machine, id, "unsafe", "", &[("user-agent", &format!("browser {n}"))]).await
            }
        };
        let concerns_somebody = n % 4 != 3;
        assert!(answer.status == 202 || (!concerns_somebody && answer.status == 429), "{n}: {}", answer.text());
    }
    assert_eq!(hidden(&moderator, &ids).await, HIDINGS_PER_ADDRESS);
    let pairs: Vec<_> = ids[..24].iter().skip(3).step_by(4).cloned().collect();
    assert_eq!(hidden(&moderator, &pairs).await, 0, "it is no second reporter of its own");
    let waiting = lane(&moderator).await;
    assert!(waiting.len() >= 18, "nothing that concerns somebody is lost: {}", waiting.len());

    // Somebody at another address is heard at once, and so is a technician at that very address whose photos are public.
    taken(&system.elsewhere(3), &ids[24], "pupil").await;
    let technician = system.device();
    let own = technician.add(&[small(99)]).await;
    moderator.publish(&own).await;
    let known = [("authorization", technician.authorization.as_str())];
    assert_eq!(report(&system.client, &ids[25], "pupil", "", &known).await.status, 202);
    assert_eq!(states(&moderator, &ids[24..26]).await, ["hidden", "hidden"]);
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_in_one_school_lose_no_report_to_each_other() {
    let system = TestSystem::open().await;
    let moderator = system.moderator().await;
    let ids = published(&system, &moderator, 1).await;
    let school = system.elsewhere(2);
    let browser = [("user-agent", "the school's browser")];
    let said = async |reason, text| {
        let answer = report(&school, &ids[0], reason, text, &browser).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        answer.json()["reference"].as_str().unwrap().to_owned()
    };
    let first = said("other", "blurry").await;
    assert_eq!(states(&moderator, &ids).await, ["published"]);
    let second = said("pupil", "my daughter").await;
    assert_eq!(states(&moderator, &ids).await, ["hidden"], "the graver report is not dropped");
    let third = said("pupil", "my son").await;
    assert_eq!(said("pupil", "my daughter").await, second, "the same report is the same");
    let kept = lane(&moderator).await[0]["reports"].as_array().unwrap().clone();
    let told: Vec<_> =
        kept.iter().map(|one| (one["reference"].as_str().unwrap(), one["text"].as_str().unwrap())).collect();
    assert_eq!(told, [(&*first, "blurry"), (&*second, "my daughter"), (&*third, "my son")]);
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graver_reason_of_the_same_device_is_applied() {
    let system = TestSystem::open().await;
    let moderator = system.moderator().await;
    let ids = published(&system, &moderator, 1).await;
    let technician = system.device();
    moderator.publish(&technician.add(&[small(9)]).await).await;
    let known = [("authorization", technician.authorization.as_str())];
    for (reason, state) in [("other", "published"), ("offensive", "published"), ("pupil", "hidden")] {
        assert_eq!(report(&system.client, &ids[0], reason, "", &known).await.status, 202);
        assert_eq!(states(&moderator, &ids).await, [state], "{reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_device_that_reports_many_times_at_once_is_one_reporter() {
    let system = TestSystem::open().await;
    let moderator = system.moderator().await;
    let ids = published(&system, &moderator, 4).await;
    let technician = system.device();
    moderator.publish(&technician.add(&[small(9)]).await).await;
    let known = [("authorization", technician.authorization.as_str())];
    for id in &ids[..2] {
        let answers = join_all((0..4).map(|_| report(&system.client, id, "other", "the same", &known))).await;
        let references: Vec<_> = answers.iter().map(|answer| answer.json()["reference"].clone()).collect();
        assert!(references.iter().all(|reference| *reference == references[0]), "{references:?}");
    }
    for id in &ids[2..] {
        let words = ["one", "two", "three", "four"];
        let answers = join_all(words.map(|text| report(&system.client, id, "other", text, &known))).await;
        assert!(answers.iter().all(|answer| answer.status == 202));
    }
    assert_eq!(hidden(&moderator, &ids).await, 0);
    let kept: usize = lane(&moderator).await.iter().map(|photo| photo["reports"].as_array().unwrap().len()).sum();
    assert_eq!(kept, 2 + 2 * 4, "and every word of it is kept");
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn when_many_addresses_hide_photos_the_rest_is_looked_at_first_and_the_organiser_is_told() {
    let system = TestSystem::open().await;
    let (moderator, organiser) = (system.moderator().await, system.member(Role::Organiser).await);
    let ids = published(&system, &moderator, HIDINGS_BEFORE_BRAKE + 4).await;
    let dashboard = async || organiser.get("/api/v1/organiser/dashboard").await.json();
    // Somebody has said something about another photo before: it has waited longest.
    taken(&system.elsewhere(200), &ids[0], "other").await;
    for (n, id) in ids[1..=HIDINGS_BEFORE_BRAKE].iter().enumerate() {
        taken(&system.elsewhere(u8::try_from(2 + n).unwrap()), id, "pupil").await;
    }
    assert_eq!(hidden(&moderator, &ids).await, HIDINGS_BEFORE_BRAKE);
    assert_eq!(dashboard().await["reports_braked_until"], json!(null));

    let next = &ids[HIDINGS_BEFORE_BRAKE + 1];
    taken(&system.elsewhere(100), next, "pupil").await;
    assert_eq!(hidden(&moderator, &ids).await, HIDINGS_BEFORE_BRAKE, "what a moderator has looked at stays");
    assert!(dashboard().await["reports_braked_until"].is_string());
    let page = organiser.get("/organiser").await.text();
    assert!(page.contains("Reports have hidden many photos within minutes"), "{page}");
    assert_eq!(lane(&moderator).await[0]["photo"]["id"], json!(next), "the first of all");
    let handed_out = moderator.queue("reported", 1).await;
    assert_eq!((&handed_out[0]["id"], &handed_out[0]["state"]), (&json!(next), &json!("published")));
    let page = moderator.get("/moderation/queue?lane=reported").await.text();
    assert!(page.contains("Many photos were reported within minutes"), "{page}");

    // A device with a history is heard anyway.
    let technician = system.device();
    moderator.publish(&technician.add(&[small(99)]).await).await;
    let known = [("authorization", technician.authorization.as_str())];
    let id = &ids[HIDINGS_BEFORE_BRAKE + 2];
    assert_eq!(report(&system.elsewhere(101), id, "me", "", &known).await.status, 202);
    assert_eq!(states(&moderator, std::slice::from_ref(id)).await, ["hidden"]);
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_for_a_child_is_never_refused_for_the_number_of_others() {
    let system = TestSystem::open().await;
    let moderator = system.moderator().await;
    let ids = published(&system, &moderator, 6).await;
    let school = system.elsewhere(2);
    for n in 0..REPORTS_PER_HOUR {
        let id = &ids[usize::try_from(n).unwrap() % 4];
        assert_eq!(report(&school, id, "other", &format!("for reason {n}"), &[]).await.status, 202);
    }
    let refused = report(&school, &ids[4], "other", "once more", &[]).await;
    assert_eq!(refused.problem(), "too-many-requests");
    for reason in ["pupil", "me"] {
        taken(&school, &ids[5], reason).await;
    }
    let first = &lane(&moderator).await[0];
    assert_eq!((&first["photo"]["id"], &first["photo"]["state"]), (&json!(ids[5]), &json!("published")));
    assert_eq!(first["photo"]["reported_for"], json!(["pupil", "me"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_moderator_brings_back_what_strangers_hid_in_one_press_but_not_what_was_confirmed() {
    let system = TestSystem::open().await;
    let (moderator, other) = (system.moderator().await, system.moderator().await);
    let ids = published(&system, &moderator, 4).await;
    for (id, reason) in ids.iter().zip(["pupil", "me", "pupil", "other"]) {
        taken(&system.elsewhere(2), id, reason).await;
    }
    taken(&system.elsewhere(3), &ids[2], "pupil").await;
    assert_eq!(states(&moderator, &ids).await, ["hidden", "hidden", "hidden", "published"]);

    // By the API, as it lists them: two are shown, one is still public, one needs a second person.
    let decisions = lane(&moderator).await.iter().map(decision).collect::<Vec<_>>();
    let answer = moderator.decisions(&json!({"decisions": decisions})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(states(&moderator, &ids).await, ["published", "published", "hidden", "published"]);
    let left = lane(&moderator).await;
    assert_eq!((left.len(), &left[0]["photo"]["safeguarding"]), (1, &json!("agreed")));
    let again = moderator.decisions(&json!({"decisions": [decision(&left[0])]})).await.json();
    assert_eq!(again["decisions"][0]["problem"]["type"], json!("/problems/second-person-needed"));
    let second = other.decisions(&json!({"decisions": [decision(&left[0])]})).await.json();
    assert_eq!(second["decisions"][0]["state"], json!("published"));
    assert!(system.audit().await.differences.is_zero());
}

/// What shows a photo again, or goes on showing it, as it was looked at.
fn decision(reported: &Value) -> Value {
    let photo = &reported["photo"];
    let action = if photo["state"] == "hidden" { "restore" } else { "release" };
    json!({"id": photo["id"], "version": photo["version"], "action": action})
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_script_all_that_is_ticked_is_shown_and_nothing_else() {
    let system = TestSystem::open().await;
    let moderator = system.moderator().await;
    let ids = published(&system, &moderator, 3).await;
    for id in &ids {
        taken(&system.elsewhere(2), id, "pupil").await;
    }
    taken(&system.elsewhere(3), &ids[2], "pupil").await;
    let browser = system.browser(&system.person(Role::Moderator, &[]).await).await;
    let page = browser.get("/moderation/queue?lane=reported").await.text();
    let ticks: Vec<_> =
        page.split("name=\"looked\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(ticks.len(), 2, "what was confirmed is decided by itself: {ticks:?}");
    let form = async |body: &str| browser.form("/moderation/reports/shown", body).await;
    let wrong = form(&format!("looked={}", ticks[0].replace("restore", "delete"))).await;
    assert_eq!(wrong, "/moderation/queue?lane=reported&problem=invalid");
    assert_eq!(form("").await, "/moderation/queue?lane=reported&problem=wrong-count");
    assert_eq!(form(&format!("looked={}", ticks[0])).await, "/moderation/queue?lane=reported");
    assert_eq!(hidden(&moderator, &ids).await, 2, "one was ticked");
    let both = format!("looked={}&looked={}", ticks[0], ticks[1]);
    assert_eq!(form(&both).await, "/moderation/queue?lane=reported&problem=version-outdated", "one is shown already");
    assert_eq!(states(&moderator, &ids).await, ["published", "published", "hidden"]);
    let foreign = [("content-type", "application/x-www-form-urlencoded")];
    let stranger = system.client.send(Method::POST, "/moderation/reports/shown", &foreign, Bytes::new()).await;
    assert_eq!(
        (stranger.status.as_u16(), stranger.header("location")),
        (303, "/moderation/sign-in?problem=not-signed-in")
    );
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_reporter_says_a_few_things_about_a_photo_and_what_moderators_read_stays_small() {
    let system = TestSystem::open().await;
    let moderator = system.moderator().await;
    let ids = published(&system, &moderator, 1).await;
    let (machine, words) = (system.elsewhere(2), "x".repeat(900));
    let mut answers = Vec::new();
    for n in 0..30 {
        answers.push(report(&machine, &ids[0], "pupil", &format!("{n} {words}"), &[]).await.status.as_u16());
    }
    assert_eq!(answers[..5], [202; 5]);
    assert!(answers[5..].iter().all(|status| *status == 429), "{answers:?}");
    assert_eq!(report(&machine, &ids[0], "me", "It is me", &[]).await.status, 202, "another reason is heard");
    assert_eq!(report(&machine, &ids[0], "pupil", &format!("0 {words}"), &[]).await.status, 202, "and the same again");
    for address in 3..40 {
        assert_eq!(report(&system.elsewhere(address), &ids[0], "other", &words, &[]).await.status, 202);
    }
    let page = moderator.get(&format!("/moderation/photos/{}", ids[0])).await;
    assert!(page.text().len() < 200_000, "{}", page.text().len());
    let told = lane(&moderator).await;
    assert_eq!((told.len(), told[0]["reports"].as_array().unwrap().len()), (1, 5));
    assert!(system.audit().await.differences.is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_elsewhere_has_its_visitors_hide_a_photo() {
    let system = TestSystem::open().await;
    let moderator = system.moderator().await;
    let ids = published(&system, &moderator, 1).await;
    for said in [
        &[("origin", "https://evil.example")][..],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
    ] {
        let refused = report(&system.client, &ids[0], "pupil", "", said).await;
        assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (403, "cross-site"), "{said:?}");
    }
    assert_eq!(states(&moderator, &ids).await, ["published"]);
    taken(&system.client, &ids[0], "pupil").await;
    assert_eq!(states(&moderator, &ids).await, ["hidden"], "a script, and the site's own page, may");
}
