//! What commits a move, and what does not: the conditions of the store, asked directly, since in a story over HTTP only a race would.

use std::collections::BTreeSet;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use local::names;
use shared::{
    domain::{
        PhotoId, State,
        change::{Change, PurgeScope},
        decision::Deciding,
        ids::{KeyId, Revision},
        limits,
        people::Actor,
        photo::{Lease, Photo},
        request::Edit,
        screening::HintKind,
        states::Decision,
    },
    runtime::Clock,
    store::{
        Outcome, Photos,
        buckets::{Public, Review},
    },
};
use tests::{
    TestSystem,
    photos::{patterned, small},
    system::Setting,
};

const BY: &str = "housekeeping";

/// A photo of the system at work, and the store that it is in.
struct Scene {
    system: TestSystem,
    photos: Photos,
    id: PhotoId,
}

impl Scene {
    async fn new(send: bool) -> Self {
        let system = TestSystem::with(Setting { quiet: true, ..Setting::default() }).await;
        let device = system.device();
        let id = if send {
            device.add(&[small(1)]).await.remove(0)
        } else {
            device.reserve(&[small(1)]).await.remove(0)["id"].as_str().unwrap().to_owned()
        };
        let (photos, id) = (Photos::new(&system.laptop.table), id.parse().unwrap());
        Self { system, photos, id }
    }

    async fn row(&self) -> Photo {
        self.photos.get(&self.id).await.unwrap().unwrap()
    }

    async fn show(&self, change: &Change) -> Outcome {
        let s3 = &self.system.laptop.aws.s3;
        let (public, review) = (Public::new(s3, names::PUBLIC), Review::new(s3, names::REVIEW));
        self.photos.show(change, &public, &review).await.unwrap()
    }

    /// The revisions of which something is public.
    async fn public(&self) -> BTreeSet<String> {
        let prefix = format!("m/{}/", self.id);
        let listed =
            self.system.laptop.aws.s3.list_objects_v2().bucket(names::PUBLIC).prefix(&prefix).send().await.unwrap();
        let keys = listed.contents().iter().filter_map(|object| object.key.clone());
        keys.map(|key| key[prefix.len()..].split('/').next().unwrap().to_owned()).collect()
    }
}

fn now() -> Timestamp {
    Clock::system().now()
}

fn decide(photo: &Photo, decision: Decision, revision: u8) -> Change {
    let deciding = Deciding {
        decision,
        seen_version: photo.version,
        reason: None,
        revision: Revision::from_bits([revision; 16]),
        feed_shards: 1,
        sound: None,
        person: None,
    };
    photo.decide(&deciding, &member(), now()).unwrap()
}

fn member() -> Actor {
    Actor::Member(KeyId::from_bits([7; 10]))
}

fn edit(photo: &Photo, caption: &str) -> Change {
    let words = Edit { caption: Some(caption.to_owned()), ..Edit::default() };
    photo.edit_by(&words, photo.version, &member(), now()).unwrap().unwrap()
}

fn is_lost(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Lost(Some(_)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_is_committed_once_and_its_lost_answer_is_no_loss() {
    let scene = Scene::new(true).await;
    let seen = scene.row().await;
    let words = Edit { caption: Some("Another".to_owned()), ..Edit::default() };
    let somebody = Actor::Member(KeyId::from_bits([8; 10]));
    let one = edit(&seen, "One");
    let other = seen.edit_by(&words, seen.version, &somebody, now()).unwrap().unwrap();
    assert_eq!(scene.photos.advance(&one).await.unwrap(), Outcome::Done);
    assert_eq!(
        scene.photos.advance(&one).await.unwrap(),
        Outcome::Done,
        "its answer was lost, and it is asked for again"
    );
    assert!(is_lost(&scene.photos.advance(&other).await.unwrap()), "the same state, and a later version");
    let row = scene.row().await;
    assert_eq!((row.caption.as_str(), row.version), ("One", seen.version + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_edits_by_one_member_in_one_millisecond_only_the_first_is_told_as_done() {
    let scene = Scene::new(true).await;
    let (seen, at) = (scene.row().await, now());
    let edit = |caption: &str| {
        let words = Edit { caption: Some(caption.to_owned()), ..Edit::default() };
        seen.edit_by(&words, seen.version, &member(), at).unwrap().unwrap()
    };
    let (one, other) = (edit("One"), edit("Other"));
    assert_eq!(one.audit.hash, other.audit.hash, "their entries in the audit tell nothing of the words");
    assert_eq!(scene.photos.advance(&one).await.unwrap(), Outcome::Done);
    assert!(is_lost(&scene.photos.advance(&other).await.unwrap()));
    assert_eq!(scene.row().await.caption, "One");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_no_loss_although_the_row_has_changed_without_a_new_version() {
    let scene = Scene::new(true).await;
    let withdraws = scene.row().await.withdraw(now()).unwrap().unwrap();
    assert_eq!(scene.photos.advance(&withdraws).await.unwrap(), Outcome::Done);
    for purge in &withdraws.purges {
        scene.photos.note_erased(purge, now()).await.unwrap();
    }
    assert!(scene.photos.lease(&withdraws.after, &KeyId::from_bits([8; 10]), now()).await.unwrap());
    assert!(scene.photos.begin_attempt(&withdraws.after, 3).await.unwrap());
    let row = scene.row().await;
    assert!(row.purged.is_some() && row.lease.is_some() && row.attempts > 0, "all of it was written");
    assert_eq!(scene.photos.advance(&withdraws).await.unwrap(), Outcome::Done);

    let reserved = Scene::new(false).await;
    let seen = reserved.row().await;
    let words = Edit { caption: Some("Other words".to_owned()), ..Edit::default() };
    let edits = seen.edit(&words, now()).unwrap().unwrap();
    assert_eq!(reserved.photos.advance(&edits).await.unwrap(), Outcome::Done);
    assert!(reserved.photos.renew(&edits.after, now() + SignedDuration::from_hours(1)).await.unwrap());
    assert_eq!(reserved.photos.advance(&edits).await.unwrap(), Outcome::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_whose_address_was_renewed_meanwhile_does_not_expire() {
    let scene = Scene::new(false).await;
    let seen = scene.row().await;
    let late = seen.expires_at();
    let expires = seen.expire(BY, late).unwrap();
    let until = late + SignedDuration::from_hours(1);
    assert!(scene.photos.renew(&seen, until).await.unwrap());
    assert!(is_lost(&scene.photos.advance(&expires).await.unwrap()));
    let renewed = scene.row().await;
    assert_eq!((renewed.state, renewed.upload_until.as_second()), (State::Reserved, until.as_second()));
    let expires = renewed.expire(BY, renewed.expires_at()).unwrap();
    assert_eq!(scene.photos.advance(&expires).await.unwrap(), Outcome::Done);
    assert!(!scene.photos.renew(&renewed, until).await.unwrap(), "nor is one that has expired renewed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_copied_for_nobody_goes_at_once_and_what_is_shown_stays() {
    let scene = Scene::new(true).await;
    let seen = scene.row().await;
    let held = decide(&seen, Decision::Hold, 0);
    assert_eq!(scene.photos.advance(&held).await.unwrap(), Outcome::Done);
    assert!(is_lost(&scene.show(&decide(&seen, Decision::Publish, 1)).await), "somebody was first");
    assert_eq!(scene.public().await, BTreeSet::new());

    let publishes = decide(&scene.row().await, Decision::Publish, 2);
    let revision = publishes.after.revision.clone().unwrap();
    assert_eq!(scene.show(&publishes).await, Outcome::Done);
    let shown = BTreeSet::from([revision.to_string()]);
    assert_eq!(scene.public().await, shown);
    // Its answer is lost, and somebody has moved on from it: what is shown is what this very move has copied.
    assert_eq!(scene.photos.advance(&edit(&scene.row().await, "Other words")).await.unwrap(), Outcome::Done);
    assert!(is_lost(&scene.show(&publishes).await));
    assert_eq!(scene.public().await, shown);
    assert!(scene.row().await.names(&PurgeScope::Public(revision)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_is_noted_for_the_version_that_promised_it_and_for_no_other() {
    let scene = Scene::new(true).await;
    let publishes = decide(&scene.row().await, Decision::Publish, 1);
    assert_eq!(scene.show(&publishes).await, Outcome::Done);
    let hides = decide(&publishes.after, Decision::Hide, 0);
    assert_eq!(scene.photos.advance(&hides).await.unwrap(), Outcome::Done);
    let restores = decide(&hides.after, Decision::Restore, 2);
    assert_eq!(scene.show(&restores).await, Outcome::Done);
    let again = decide(&restores.after, Decision::Hide, 0);
    assert_eq!(scene.photos.advance(&again).await.unwrap(), Outcome::Done);
    let noted = async || {
        let row = scene.row().await;
        (row.erased_at.map(Timestamp::as_second), row.purged_at.map(Timestamp::as_second), row.purged)
    };
    for purge in &hides.purges {
        scene.photos.note_erased(purge, now()).await.unwrap();
        assert_eq!(noted().await, (None, None, None), "round {} of the first time", purge.round);
    }
    let (first, second) = (now(), now() + SignedDuration::from_secs(limits::PURGE_FENCE_SECONDS));
    scene.photos.note_erased(&again.purges[0], first).await.unwrap();
    assert_eq!(noted().await, (Some(first.as_second()), None, None));
    scene.photos.note_erased(&again.purges[1], second).await.unwrap();
    assert_eq!(noted().await, (Some(first.as_second()), Some(second.as_second()), Some(again.after.version)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_counts_until_it_is_given_back_and_no_more_are_begun_than_may_be() {
    let scene = Scene::new(false).await;
    let seen = scene.row().await;
    let attempts = async || scene.row().await.attempts;
    for n in 1..=3 {
        assert!(scene.photos.begin_attempt(&seen, 3).await.unwrap());
        assert_eq!(attempts().await, n);
    }
    assert!(!scene.photos.begin_attempt(&seen, 3).await.unwrap(), "that was the last one");
    assert_eq!(attempts().await, 3);
    scene.photos.give_attempt_back(&seen).await.unwrap();
    assert_eq!(attempts().await, 2, "a caught failure is no kill");
    for _ in 0..3 {
        scene.photos.give_attempt_back(&seen).await.unwrap();
    }
    assert_eq!(attempts().await, 0, "never below nothing");
    assert_eq!(scene.photos.advance(&seen.expire(BY, seen.expires_at()).unwrap()).await.unwrap(), Outcome::Done);
    assert!(!scene.photos.begin_attempt(&seen, 3).await.unwrap(), "it has moved on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_is_one_moderators_until_they_are_done_or_too_late() {
    let scene = Scene::new(true).await;
    let seen = scene.row().await;
    let (one, other) = (KeyId::from_bits([1; 10]), KeyId::from_bits([2; 10]));
    let begun = now();
    let until = begun + SignedDuration::from_secs(90);
    assert!(scene.photos.lease(&seen, &one, begun).await.unwrap());
    assert!(!scene.photos.lease(&seen, &other, until - SignedDuration::from_millis(1)).await.unwrap());
    assert!(
        scene.photos.lease(&seen, &one, begun + SignedDuration::from_secs(1)).await.unwrap(),
        "they look once more"
    );
    let until = until + SignedDuration::from_secs(1);
    assert!(!scene.photos.lease(&seen, &other, until - SignedDuration::from_millis(1)).await.unwrap());
    assert!(scene.photos.lease(&seen, &other, until).await.unwrap(), "who held it is too late");
    let lease = scene.row().await.lease;
    assert_eq!(lease.map(|Lease { by, .. }| by), Some(other.clone()));
    assert_eq!(scene.photos.advance(&edit(&seen, "Other words")).await.unwrap(), Outcome::Done);
    let later = until + SignedDuration::from_hours(1);
    assert!(!scene.photos.lease(&seen, &one, later).await.unwrap(), "it is not what they saw");
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_come_in_the_order_in_which_they_are_asked_for() {
    let system = TestSystem::with(Setting { quiet: true, ..Setting::default() }).await;
    let files: Vec<Bytes> = (1..=5).map(small).collect();
    let ids: Vec<PhotoId> = system.device().add(&files).await.iter().map(|id| id.parse().unwrap()).collect();
    let photos = Photos::new(&system.laptop.table);
    for turn in 0..ids.len() {
        let mut asked = ids.clone();
        asked.rotate_left(turn);
        let found: Vec<_> = photos.get_many(&asked).await.unwrap().into_iter().map(|photo| photo.id).collect();
        assert_eq!(found, asked);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_that_is_gone_looks_like_no_other() {
    let system = TestSystem::with(Setting { quiet: true, ..Setting::default() }).await;
    // The same picture, in two files.
    let mut longer = patterned(400, 300, 1).to_vec();
    longer.extend_from_slice(b"more");
    let files = [patterned(400, 300, 1), Bytes::from(longer)];
    let device = system.device();
    let ids = [device.add(&files[..1]).await.remove(0), device.add(&files[1..]).await.remove(0)];
    let photos = Photos::new(&system.laptop.table);
    let [one, other] = [&ids[0], &ids[1]].map(|id| id.parse::<PhotoId>().unwrap());
    let alike = async || {
        let photo = photos.get(&one).await.unwrap().unwrap();
        photos.alike(&photo, now()).await.unwrap()
    };
    assert_eq!(alike().await, std::slice::from_ref(&other));
    let hints = photos.get(&other).await.unwrap().unwrap().moderation.hints;
    assert_eq!(
        hints.iter().map(|hint| hint.kind).collect::<Vec<_>>(),
        [HintKind::NearDuplicate],
        "it is noticed when it comes"
    );
    let gone = decide(&photos.get(&other).await.unwrap().unwrap(), Decision::Delete, 0);
    assert_eq!(photos.advance(&gone).await.unwrap(), Outcome::Done);
    assert_eq!(alike().await, []);
}
