//! The site's figures, lists and pages, against a book that the story keeps by itself: by nothing but what it asked for, and what it was
//! answered.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde_json::{Value, json};
use shared::runtime::Clock;
use tests::{Device, Moderator, TestSystem, people::batch, photos::small, system::eventually};

const DISCIPLINES: [&str; 3] = ["science", "music", "dt"];
const SCHOOLS: [&str; 3] = ["Sample Academy", "Another Sample School", "Sample College"];

/// One photo in the book.
#[derive(Debug)]
struct Kept {
    device: usize,
    school: &'static str,
    discipline: &'static str,
    state: String,
    version: u64,
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % u64::try_from(n).unwrap()).unwrap()
    }
}

/// What a moderator may ask for in a state, as the guide for moderators says.
fn decisions(state: &str) -> &'static [&'static str] {
    match state {
        "pending" => &["publish", "publish", "publish", "reject", "delete"],
        "published" => &["hide", "hide", "unpublish", "delete"],
        "hidden" => &["restore", "restore", "restore", "delete"],
        "rejected" => &["release", "delete"],
        _ => &[],
    }
}

/// All published photos, by the pages of the API.
async fn listed(system: &TestSystem) -> BTreeSet<String> {
    let (mut ids, mut next) = (BTreeSet::new(), "/api/v1/photos?limit=5".to_owned());
    loop {
        let page = system.client.get(&next).await.json();
        for photo in page["photos"].as_array().unwrap() {
            assert!(ids.insert(photo["id"].as_str().unwrap().to_owned()), "{photo} stands twice");
        }
        match page["next"].as_str() {
            Some(after) => next = format!("/api/v1/photos?limit=5&after={after}"),
            None => return ids,
        }
    }
}

/// How many of the published photos have this.
fn count(book: &BTreeMap<String, Kept>, has: impl Fn(&Kept) -> bool) -> usize {
    book.values().filter(|photo| photo.state == "published" && has(photo)).count()
}

async fn send(devices: &[Device], dice: &mut Dice) -> BTreeMap<String, Kept> {
    let mut book = BTreeMap::new();
    for n in 0..20 {
        let (device, school, discipline) =
            (dice.below(devices.len()), SCHOOLS[dice.below(3)], DISCIPLINES[dice.below(3)]);
        let file = small(n);
        let mut asked = batch(std::slice::from_ref(&file));
        asked["school"]["name"] = json!(school);
        asked["discipline"] = json!(discipline);
        let answer = devices[device].request(&asked).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let reserved = answer.json()["photos"][0].clone();
        assert_eq!(devices[device].put(&reserved, &file).await.status, 200);
        let id = reserved["id"].as_str().unwrap().to_owned();
        devices[device].until(&id, "pending").await;
        book.insert(id, Kept { device, school, discipline, state: "pending".to_owned(), version: 2 });
    }
    book
}

/// Does one thing to a photo, if there is anything that may be done.
async fn touch(dice: &mut Dice, devices: &[Device], moderator: &Moderator, id: &str, photo: &mut Kept) {
    let may = decisions(&photo.state);
    if may.is_empty() || dice.below(2) == 0 {
        return;
    }
    if dice.below(12) == 0 {
        let target = format!("/api/v1/uploads/{id}");
        let withdrawn = devices[photo.device].call(Method::DELETE, &target, &Value::Null).await;
        assert_eq!(withdrawn.status, 200, "{}", withdrawn.text());
        "deleted".clone_into(&mut photo.state);
        return;
    }
    let action = may[dice.below(may.len())];
    let answer = moderator.decide(id, photo.version, action).await;
    let state = answer["state"].as_str().unwrap_or_else(|| panic!("{action} of {photo:?}: {answer}"));
    state.clone_into(&mut photo.state);
    photo.version += 1;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_day_of_decisions_every_figure_list_and_page_is_what_a_book_of_the_answers_says() {
    let system = TestSystem::open().await;
    let (devices, moderator) = ([system.device(), system.device(), system.device()], system.moderator().await);
    let mut dice = Dice(2_027);
    let mut book = send(&devices, &mut dice).await;
    let housekeeping = system.laptop.housekeeping(Clock::system()).unwrap();
    for _ in 0..2 {
        for (id, photo) in &mut book {
            touch(&mut dice, &devices, &moderator, id, photo).await;
        }
        let public: BTreeSet<String> =
            book.iter().filter(|(_, photo)| photo.state == "published").map(|(id, _)| id.clone()).collect();
        assert!(!public.is_empty() && public.len() < book.len(), "{book:?}");
        assert_eq!(listed(&system).await, public);
        housekeeping::handle(&housekeeping, housekeeping::Task::Index).await.unwrap();
        let figures = eventually("the schools are counted again", async || {
            let figures = system.client.get("/api/v1/stats").await.json();
            let schools = SCHOOLS.iter().filter(|school| count(&book, |photo| photo.school == **school) > 0).count();
            (figures["schools"]["count"] == json!(schools)).then_some(figures)
        })
        .await;
        assert_eq!(figures["photos"]["count"], json!(public.len()));
        for discipline in figures["disciplines"]["counts"].as_array().unwrap() {
            let expected = count(&book, |photo| photo.discipline == discipline["slug"]);
            assert_eq!(discipline["photos"], json!(expected), "{discipline}");
        }
        assert_eq!(figures["nations"]["unknown"], json!(public.len()), "every school was typed in");
        let halves =
            figures["half_hours"]["counts"].as_array().unwrap().iter().map(|half| half["photos"].as_u64().unwrap());
        let other = figures["half_hours"]["other"].as_u64().unwrap();
        assert_eq!(halves.sum::<u64>() + other, u64::try_from(public.len()).unwrap());
        let lanes = moderator.get("/api/v1/moderation/waiting").await.json();
        let waiting: u64 = lanes["lanes"].as_array().unwrap().iter().map(|lane| lane["photos"].as_u64().unwrap()).sum();
        let pending = book.values().filter(|photo| photo.state == "pending").count();
        assert_eq!(waiting, u64::try_from(pending).unwrap(), "{lanes}");
        for (id, photo) in &book {
            let status = system.client.get(&format!("/p/{id}")).await.status.as_u16();
            let expected: &[u16] = match photo.state.as_str() {
                "published" => &[200],
                _ => &[404, 410],
            };
            assert!(expected.contains(&status), "{id}, {}: {status}", photo.state);
        }
    }
    assert!(system.audit().await.differences.is_zero());
}
