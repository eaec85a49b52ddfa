//! What each move changes of a photo's row, and what it leaves unchanged. Every expected value is written by hand.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{
    decision::Deciding,
    edition::Edition,
    ids::{KeyId, Sha256Hex, UploaderId, UploaderSecret},
    moderation::{Cover, Moderation},
    moves::presigned_until,
    photo::{Lease, People, Photo, Rendered, Rendition},
    refusal::Refusal,
    removal::Removal,
    request::{Edit, PhotoSpec},
    sample::{self, decide, deciding, noon},
    school::School,
    states::{Decision, Kind, Lane, State},
    video::Video,
};

fn later() -> Timestamp {
    noon() + SignedDuration::from_hours(1)
}

fn hidden() -> Photo {
    decide(&sample::published(), Decision::Hide).after
}

/// A photo whose earlier removal was carried out.
fn erased_once(photo: Photo) -> Photo {
    Photo { removed_at: Some(noon()), erased_at: Some(noon()), purged_at: Some(noon()), purged: Some(3), ..photo }
}

fn cover(photo: &Photo) -> Photo {
    let covers = vec![Cover { x: 1, y: 2, width: 1_000, height: 1_000 }];
    photo.redact(covers, photo.version, &sample::moderator(), later()).unwrap().after
}

#[test]
fn whatever_takes_a_photo_out_of_sight_says_when_and_nothing_else_does() {
    let decided = |photo: &Photo, decision| {
        photo.decide(&deciding(photo, decision), &sample::moderator(), later()).unwrap().after.removed_at
    };
    let (pending, published) = (sample::pending(), sample::published());
    for decision in [Decision::Hide, Decision::Delete, Decision::Quarantine] {
        assert_eq!(decided(&published, decision), Some(later()), "{decision}");
    }
    assert_eq!(decided(&pending, Decision::Reject), Some(later()));
    assert_eq!(published.withdraw(later()).unwrap().unwrap().after.removed_at, Some(later()));
    assert_eq!(published.erase(&sample::moderator(), later()).unwrap().after.removed_at, Some(later()));
    assert_eq!(decided(&pending, Decision::Publish), None);
    assert_eq!(decided(&pending, Decision::Hold), None);
    assert_eq!(decided(&published, Decision::Unpublish), None);
    assert_eq!(decided(&hidden(), Decision::Restore), None);
}

#[test]
fn an_erasure_is_that_of_one_version_and_of_none_after_it() {
    let nothing = |photo: &Photo| (photo.erased_at, photo.purged_at, photo.purged);
    let before = erased_once(hidden());
    for after in [
        decide(&before, Decision::Restore).after,
        decide(&before, Decision::Delete).after,
        before.withdraw(later()).unwrap().unwrap().after,
        cover(&before),
    ] {
        assert_eq!(nothing(&after), (None, None, None), "{}", after.state);
    }
}

#[test]
fn a_removal_of_before_a_restore_is_applied_to_every_older_copy_and_to_no_later_one() {
    let published = sample::published();
    assert_eq!(published.version, 3);
    let removal = |version, state| Removal {
        id: published.id.clone(),
        edition: published.edition.clone(),
        version,
        kind: Kind::Photo,
        state,
        at: noon(),
    };
    let applied = |photo: &Photo, version, state| {
        let change = photo.reapply_removal(&removal(version, state), "housekeeping", later());
        change.map(|change| (change.after.state, change.after.removed_at, change.after.caption.is_empty()))
    };
    for state in [State::Hidden, State::Rejected, State::Quarantined] {
        assert_eq!(applied(&published, 4, state), Some((state, Some(noon()), false)), "{state}");
        assert_eq!(applied(&published, 3, state), None, "it has come as far as that: {state}");
        assert_eq!(applied(&published, 2, state), None, "it has come further: {state}");
    }
    assert_eq!(applied(&hidden(), 9, State::Hidden), None, "it is there already");
    assert_eq!(applied(&hidden(), 9, State::Rejected), Some((State::Rejected, Some(noon()), false)));
    let deleted = Some((State::Deleted, Some(noon()), true));
    for version in [1, 3, 9] {
        assert_eq!(applied(&published, version, State::Deleted), deleted, "a deletion is for good: version {version}");
    }
    assert_eq!(applied(&decide(&published, Decision::Delete).after, 9, State::Deleted), None);

    let buried = |state| Photo::tombstone_from(&removal(4, state), "housekeeping", later()).map(|change| change.after);
    let tombstone = buried(State::Deleted).unwrap();
    assert_eq!((tombstone.state, tombstone.removed_at, tombstone.version), (State::Deleted, Some(noon()), 1));
    assert_eq!((&tombstone.id, &tombstone.edition), (&published.id, &published.edition));
    for state in [State::Hidden, State::Rejected, State::Quarantined] {
        assert_eq!(buried(state), None, "what is not known cannot be shown: {state}");
    }
}

#[test]
fn a_tombstone_has_nothing_of_the_photo_but_that_there_was_one() {
    let gone = sample::published().withdraw(later()).unwrap().unwrap().after;
    assert_eq!((&gone.sha256, &gone.rendered, &gone.revision, &gone.reason), (&None, &None, &None, &None));
    assert_eq!((&*gone.caption, &*gone.alt, &*gone.credit), ("", "", ""));
    assert_eq!((&gone.school, &gone.discipline, &gone.lease), (&None, &None, &None));
    assert_eq!((gone.published_at, gone.created_at, gone.size_bytes), (Some(noon()), noon(), 3_500_000));
    let reported = sample::reported(&sample::published(), crate::domain::report::ReportReason::Other);
    let moderation = cover(&reported).withdraw(later()).unwrap().unwrap().after.moderation;
    assert_eq!(
        (moderation.hints, moderation.redaction, moderation.reports, moderation.reported),
        (vec![], None, None, 1)
    );
}

#[test]
fn a_file_without_a_row_is_locked_away_as_nobodys_and_as_if_pupils_were_in_it() {
    let key = sample::reserved().original_key();
    let change = Photo::orphan(&key, 10, "housekeeping", noon());
    let orphan = change.after;
    assert_eq!((orphan.state, orphan.version, orphan.size_bytes), (State::Quarantined, 1, 10));
    assert_eq!((&orphan.id, &orphan.edition, &orphan.uploader), (&key.id, &key.edition, &UploaderId::nobody()));
    assert_eq!((orphan.people, orphan.removed_at, orphan.created_at), (People::Pupils, Some(noon()), noon()));
    assert_eq!(orphan.reason.as_deref(), Some("This file has no record, so we do not know who sent it."));
    assert!(!orphan.consent.web && !orphan.consent.social && !orphan.consent.press, "nobody has agreed to anything");
}

#[test]
fn new_words_by_a_moderator_leave_everything_else_as_it_was() {
    let lease = Some(Lease { by: KeyId::from_bits([2; 10]), until: later() });
    let edit = Edit { caption: Some("Other words".into()), ..Edit::default() };
    for before in [sample::pending(), sample::published(), hidden()] {
        let before = Photo { lease: lease.clone(), ..before };
        let after = before.edit_by(&edit, before.version, &sample::moderator(), later()).unwrap().unwrap().after;
        let expected = Photo {
            version: before.version + 1,
            caption: "Other words".into(),
            removed_at: None,
            audit_head: after.audit_head.clone(),
            ..before
        };
        assert_eq!(after, expected);
    }
}

#[test]
fn each_field_that_an_uploader_changes_is_changed_and_the_others_stay() {
    let before = sample::pending();
    let edited = |edit: Edit| before.edit(&edit, later()).unwrap().unwrap().after;
    let told = |photo: &Photo| {
        let school = photo.school.as_ref().map(|school| school.name.clone());
        let discipline = photo.discipline.as_ref().map(ToString::to_string);
        (photo.caption.clone(), photo.alt.clone(), photo.credit.clone(), school, discipline, photo.people)
    };
    let (caption, alt, credit, school, discipline, people) = told(&before);
    assert_eq!(
        (&*credit, school.as_deref(), discipline.as_deref()),
        ("The prep room", Some("Sample Academy"), Some("science"))
    );
    let text = |text: &str| Some(text.to_owned());
    let one = edited(Edit { caption: text("New"), ..Edit::default() });
    assert_eq!(told(&one), ("New".into(), alt.clone(), credit.clone(), school.clone(), discipline.clone(), people));
    let one = edited(Edit { alt: text("New"), ..Edit::default() });
    assert_eq!(told(&one), (caption.clone(), "New".into(), credit.clone(), school.clone(), discipline.clone(), people));
    let one = edited(Edit { credit: text("New"), ..Edit::default() });
    assert_eq!(told(&one), (caption.clone(), alt.clone(), "New".into(), school.clone(), discipline.clone(), people));
    let one = edited(Edit { school: Some(School::named("Another").unwrap()), ..Edit::default() });
    assert_eq!(told(&one), (caption.clone(), alt.clone(), credit.clone(), text("Another"), discipline.clone(), people));
    let one = edited(Edit { discipline: Some("music".parse().ok()), ..Edit::default() });
    assert_eq!(told(&one), (caption.clone(), alt.clone(), credit.clone(), school.clone(), text("music"), people));
    let one = edited(Edit { people: Some(People::Adults), ..Edit::default() });
    assert_eq!(told(&one), (caption, alt, credit, school, discipline, People::Adults));
}

#[test]
fn what_is_heard_is_changed_where_there_is_sound_and_nowhere_else() {
    let edition = Edition { video_seconds: 60, ..sample::edition() };
    let with = |sound| {
        let spec = PhotoSpec { sound, ..sample::video_spec(5) };
        let reserved = sample::reserve(&edition, &spec, noon()).unwrap().after;
        reserved.ingest(sample::rendered(), "renditions", noon()).unwrap().after
    };
    let (video, silent, photo) = (with(true), with(false), sample::pending());
    let heard = |text: &str| Edit { transcript: Some(text.into()), ..Edit::default() };
    let after = video.edit(&heard(" A  bell "), later()).unwrap().unwrap().after;
    assert_eq!(after.video, video.video.clone().map(|before| Video { transcript: "A bell".into(), ..before }));
    assert_eq!((&after.caption, &after.alt, after.lane), (&video.caption, &video.alt, video.lane));
    let by = |photo: &Photo, text: &str| photo.edit_by(&heard(text), photo.version, &sample::moderator(), later());
    assert_eq!(by(&video, "A bell").unwrap().unwrap().after.video, after.video);
    assert!(after.edit(&heard("A bell"), later()).unwrap().is_none(), "nothing changes");
    let named = video.edit(&heard("Tomasz of Year 9 speaks"), later()).unwrap().unwrap().after;
    assert_eq!((named.lane, named.moderation.hints.len()), (Lane::Held, 1));

    let refused = |photo: &Photo, text: &str| photo.edit(&heard(text), later()).unwrap_err();
    assert_eq!(refused(&video, &"x".repeat(501)), Refusal::TextTooLong { field: "transcript", limit: 500, got: 501 });
    for (photo, text, got) in [(&video, " ", ""), (&silent, "A bell", "A bell"), (&photo, "A bell", "A bell")] {
        let Refusal::Invalid { field, got: told, .. } = refused(photo, text) else { panic!("{text}") };
        assert_eq!((field, told.as_str()), ("transcript", got));
    }
    assert!(silent.edit(&heard(""), later()).unwrap().is_none() && photo.edit(&heard(""), later()).unwrap().is_none());
}

#[test]
fn covers_change_the_pictures_and_not_why_it_is_hidden() {
    let before = Photo { attempts: 2, ..hidden() };
    assert_eq!(before.reason.as_deref(), Some("because"));
    let asked = cover(&before);
    assert_eq!((asked.state, asked.lane, asked.reason.as_deref()), (State::Hidden, before.lane, Some("because")));
    let made = asked.moderation.redaction.clone().unwrap();
    let rendered = Rendered { hash: "covered".into(), ..sample::rendered() };
    let done = asked.redacted(&made, rendered, "renditions", later()).unwrap().after;
    assert_eq!((done.state, done.attempts, done.reason.as_deref()), (State::Hidden, 0, Some("because")));
    assert_eq!(done.rendered.as_ref().unwrap().hash, "covered");
    assert_eq!((done.caption, done.alt), (before.caption, before.alt));
}

#[test]
fn a_file_that_could_not_be_opened_is_tried_again_from_the_beginning() {
    let killed = Photo { attempts: 3, ..sample::reserved() };
    let rejected = killed.unreadable("It is damaged.".into(), "renditions", noon()).unwrap().after;
    assert_eq!((rejected.state, rejected.reason.as_deref()), (State::Rejected, Some("It is damaged.")));
    let again = decide(&rejected, Decision::Release).after;
    assert_eq!((again.state, again.attempts), (State::Reserved, 0));
    let pending = killed.ingest(sample::rendered(), "renditions", noon()).unwrap().after;
    assert_eq!((pending.state, pending.attempts), (State::Pending, 0));
}

#[test]
fn a_photo_that_is_shown_has_its_place_in_feeds_as_wide_as_they_are() {
    let pending = sample::pending();
    let shown = |feed_shards| {
        let deciding = Deciding { feed_shards, ..deciding(&pending, Decision::Publish) };
        pending.decide(&deciding, &sample::moderator(), later()).unwrap().after
    };
    // The SHA-256 of its id, aucqkbifaucqkbifaucqkbifau, begins with 0x32.
    assert_eq!([1, 4, 16].map(|shards| shown(shards).feed_shard), [0, 2, 2]);
    assert_eq!((shown(1).published_at, shown(1).revision.is_some()), (Some(later()), true));
}

#[test]
fn the_same_photo_is_the_same_file_of_the_same_device() {
    let (photo, spec) = (sample::reserved(), sample::photo_spec());
    let secret: UploaderSecret = data_encoding::BASE64URL_NOPAD.encode(&[9; 32]).parse().unwrap();
    assert!(photo.is_for(&sample::uploader(), &spec));
    assert!(photo.is_for(&sample::uploader(), &PhotoSpec { caption: "Other words".into(), ..spec.clone() }));
    assert!(!photo.is_for(&UploaderId::from_secret(&secret), &spec), "another device");
    assert!(!photo.is_for(&sample::uploader(), &PhotoSpec { sha256: Sha256Hex::digest(b"another"), ..spec.clone() }));
    assert!(!photo.is_for(&sample::uploader(), &PhotoSpec { size_bytes: spec.size_bytes + 1, ..spec }));
}

#[test]
fn bytes_and_renditions_are_waited_for_in_these_states_and_no_others() {
    let in_state = |state| Photo { state, ..sample::pending() };
    let expects: Vec<_> = State::ALL.into_iter().filter(|state| in_state(*state).expects_bytes()).collect();
    assert_eq!(expects, [State::Reserved, State::Expired]);
    let awaits: Vec<_> = State::ALL.into_iter().filter(|state| in_state(*state).awaits_renditions()).collect();
    assert_eq!(awaits, [State::Reserved, State::Expired]);
    assert!(cover(&sample::pending()).awaits_renditions(), "its covers are being drawn");
}

#[test]
fn an_upload_address_made_at_noon_dies_at_ten_past() {
    assert_eq!(presigned_until(noon()).to_string(), "2027-03-05T12:10:00Z");
    assert_eq!(sample::reserved().upload_until.to_string(), "2027-03-05T12:10:00Z");
}

#[test]
fn a_rendition_is_served_as_what_its_name_says() {
    let named = |name: &str| Rendition { name: name.into(), width: 640, height: 480, bytes: 1 };
    let types = ["640.jpg", "640.webp", "640.avif", "film.mp4", "640"].map(|name| named(name).content_type());
    assert_eq!(types, ["image/jpeg", "image/webp", "image/avif", "video/mp4", "image/jpeg"]);
    assert!(named("640.jpg").is_whole() && !named("card.jpg").is_whole());
}

#[test]
fn a_row_keeps_all_that_moderation_knows() {
    let kept = |moderation: &Moderation| serde_json::to_value(moderation).unwrap();
    assert_eq!(kept(&Moderation::default()), serde_json::json!({}));
    let all = Moderation { reported: 2, trusted: true, decided_at: Some(noon()), ..Moderation::default() };
    assert_eq!(kept(&all), serde_json::json!({"reported": 2, "trusted": true, "decided_at": 1_804_248_000_000_i64}));
    assert_eq!(serde_json::from_value::<Moderation>(kept(&all)).unwrap(), all);
}

#[test]
fn a_photo_that_is_hidden_because_of_a_pupil_needs_two_and_for_another_reason_one() {
    let hidden = |reason: &str| {
        let deciding = Deciding { reason: Some(reason.into()), ..deciding(&sample::published(), Decision::Hide) };
        sample::published().decide(&deciding, &sample::moderator(), later()).unwrap().after
    };
    let way = hidden("pupil").moderation.safeguarding.unwrap();
    assert_eq!((way.first(), way.since), (None, Some(later())));
    assert!(hidden("name-spoken").moderation.safeguarding.is_some(), "a name says who it is");
    for other in ["agreement", "unclear", "music", "in my own words"] {
        assert_eq!(hidden(other).moderation.safeguarding, None, "{other}");
    }
    let rejecting = Deciding { reason: Some("pupil".into()), ..deciding(&sample::pending(), Decision::Reject) };
    let rejected = sample::pending().decide(&rejecting, &sample::moderator(), later()).unwrap().after;
    assert_eq!(rejected.moderation.safeguarding, None, "nobody has seen it");
}

#[test]
fn who_agrees_first_leaves_the_photo_as_it_is() {
    let hidden = sample::confirmed(&sample::published());
    let why = "Somebody asked us to look at this photo again. It is hidden until we have.";
    assert_eq!(hidden.reason.as_deref(), Some(why));
    let agreed = decide(&hidden, Decision::Restore).after;
    assert_eq!((agreed.state, agreed.lane, agreed.reason.as_deref()), (State::Hidden, Lane::Reported, Some(why)));
    assert_eq!((agreed.version, &agreed.rendered), (hidden.version + 1, &hidden.rendered));
}

#[test]
fn a_rejection_says_why_and_nothing_else_must() {
    let decided = |photo: &Photo, decision, reason: Option<&str>| {
        let deciding = Deciding { reason: reason.map(str::to_owned), ..deciding(photo, decision) };
        photo.decide(&deciding, &sample::moderator(), later()).map(|change| change.after.reason)
    };
    for nothing in [None, Some(""), Some(" \u{200b} ")] {
        let refused = decided(&sample::pending(), Decision::Reject, nothing);
        assert!(matches!(refused, Err(Refusal::Invalid { field: "reason", .. })), "{refused:?}");
        assert_eq!(decided(&sample::published(), Decision::Hide, nothing), Ok(None));
        assert_eq!(decided(&sample::pending(), Decision::Publish, nothing), Ok(None));
    }
    assert_eq!(decided(&sample::pending(), Decision::Reject, Some(" Not  this one ")), Ok(Some("Not this one".into())));
}

#[test]
fn a_lease_is_for_one_look_and_a_deletion_keeps_no_reason() {
    let lease = Some(Lease { by: KeyId::from_bits([2; 10]), until: later() });
    let leased = |photo| Photo { lease: lease.clone(), ..photo };
    for (photo, decision) in [
        (sample::pending(), Decision::Hold),
        (sample::pending(), Decision::Publish),
        (sample::published(), Decision::Unpublish),
    ] {
        assert_eq!(decide(&leased(photo), decision).after.lease, None, "{decision}");
    }
    assert_eq!(decide(&sample::published(), Decision::Hide).after.reason.as_deref(), Some("because"));
    assert_eq!(decide(&sample::published(), Decision::Delete).after.reason, None);
}

#[test]
fn who_has_agreed_did_not_know_that_a_child_would_be_reported() {
    let deciding = Deciding { reason: Some("pupil".into()), ..deciding(&sample::published(), Decision::Hide) };
    let hidden = sample::published().decide(&deciding, &sample::moderator(), noon()).unwrap().after;
    let agreed = decide(&hidden, Decision::Restore).after;
    let first = |photo: &Photo| photo.moderation.safeguarding.as_ref().unwrap().first().is_some();
    assert!(first(&agreed));
    let other = sample::reported(&agreed, crate::domain::report::ReportReason::Unsafe);
    assert!(first(&other), "another reason says nothing of a child");
    let child = sample::reported(&agreed, crate::domain::report::ReportReason::Pupil);
    assert!(!first(&child), "two must agree anew");
}
