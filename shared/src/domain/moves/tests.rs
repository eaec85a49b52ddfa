use jiff::Timestamp;

use crate::domain::{
    change::{PurgeScope, counted},
    decision::Deciding,
    edge,
    edition::Edition,
    ids::Revision,
    limits,
    moderation::{Cover, Moderation, RequestedCovers, Safeguarding},
    people::{Actor, Identity},
    photo::{People, Photo, Rendered},
    refusal::Refusal,
    report::{Brake, ReportReason, Reporter, Reporting},
    request::{Edit, PhotoSpec},
    sample::{self, confirmed, decide, deciding, known, noon, report, reported, stranger},
    states::{Decision, Lane, State},
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A photo in each state, reached by legal moves.
fn in_every_state() -> Vec<Photo> {
    let photos = vec![
        sample::reserved(),
        sample::pending(),
        sample::published(),
        decide(&sample::published(), Decision::Hide).after,
        decide(&sample::pending(), Decision::Reject).after,
        sample::reserved().expire("housekeeping", noon() + jiff::SignedDuration::from_hours(1)).unwrap().after,
        decide(&sample::pending(), Decision::Delete).after,
        decide(&sample::pending(), Decision::Quarantine).after,
    ];
    assert_eq!(photos.iter().map(|photo| photo.state).collect::<Vec<_>>(), State::ALL);
    photos
}

#[test]
fn a_photo_is_refused_once_the_edition_has_closed() {
    let refusal = sample::reserve(&sample::edition(), &sample::photo_spec(), at("2027-03-05T18:00:00Z")).unwrap_err();
    assert_eq!(refusal, Refusal::EditionClosed { closed_at: at("2027-03-05T18:00:00Z") });
    assert!(sample::reserve(&sample::edition(), &sample::photo_spec(), at("2027-03-05T17:59:59.999Z")).is_ok());
}

#[test]
fn a_wrong_photo_is_refused_with_its_numbers() {
    let refused = |spec: PhotoSpec| sample::reserve(&sample::edition(), &spec, noon()).unwrap_err();
    let spec = sample::photo_spec;
    assert_eq!(refused(PhotoSpec { size_bytes: 0, ..spec() }), Refusal::EmptyFile);
    assert_eq!(
        refused(PhotoSpec { size_bytes: 30_000_001, ..spec() }),
        Refusal::TooLarge { limit_bytes: 30_000_000, got_bytes: 30_000_001 }
    );
    assert_eq!(
        refused(PhotoSpec { content_type: "image/svg+xml".into(), ..spec() }),
        Refusal::UnsupportedType { got: "image/svg+xml".into(), accepted: &limits::TYPES }
    );
    assert_eq!(
        refused(PhotoSpec { caption: "x".repeat(201), ..spec() }),
        Refusal::TextTooLong { field: "caption", limit: 200, got: 201 }
    );
}

#[test]
fn every_pair_of_state_and_decision_is_a_legal_move_or_refused() {
    let mut table = Vec::new();
    let held = decide(&sample::pending(), Decision::Hold).after;
    for photo in in_every_state().into_iter().chain([held]) {
        for decision in Decision::ALL {
            let outcome = photo.decide(&deciding(&photo, decision), &sample::moderator(), noon());
            match outcome {
                Ok(change) => {
                    assert_eq!(change.after.version, photo.version + 1);
                    assert_eq!(change.after.revision.is_some(), change.after.state == State::Published);
                    let (lane, to) = (photo.lane.as_str(), change.after.state);
                    table.push(format!("{} {lane} {decision} -> {to} {}", photo.state, change.after.lane.as_str()));
                }
                Err(refusal) => assert_eq!(refusal, Refusal::IllegalMove { state: photo.state, decision }),
            }
        }
    }
    insta::assert_snapshot!(table.join("\n"), @"
    reserved normal delete -> deleted normal
    reserved normal quarantine -> quarantined normal
    pending normal publish -> published normal
    pending normal hold -> pending held
    pending normal reject -> rejected normal
    pending normal delete -> deleted normal
    pending normal quarantine -> quarantined normal
    published normal unpublish -> pending normal
    published normal hide -> hidden normal
    published normal delete -> deleted normal
    published normal quarantine -> quarantined normal
    hidden normal reject -> rejected normal
    hidden normal restore -> published normal
    hidden normal delete -> deleted normal
    hidden normal quarantine -> quarantined normal
    rejected normal release -> pending normal
    rejected normal delete -> deleted normal
    rejected normal quarantine -> quarantined normal
    quarantined normal release -> pending held
    quarantined normal delete -> deleted normal
    pending held publish -> published held
    pending held release -> pending normal
    pending held reject -> rejected held
    pending held delete -> deleted held
    pending held quarantine -> quarantined held
    ");
}

#[test]
fn a_decision_on_an_old_version_is_refused_but_a_removal_wins() {
    let seen = sample::pending();
    let published = decide(&seen, Decision::Publish).after;
    let late = |decision| published.decide(&deciding(&seen, decision), &sample::moderator(), noon());
    assert_eq!(
        late(Decision::Publish).unwrap_err(),
        Refusal::VersionOutdated { id: seen.id.clone(), version: published.version, state: State::Published }
    );
    assert_eq!(late(Decision::Delete).unwrap().after.state, State::Deleted);
    assert_eq!(late(Decision::Hide).unwrap().after.state, State::Hidden);
    let never_seen = Deciding { seen_version: 99, ..deciding(&seen, Decision::Delete) };
    assert!(seen.decide(&never_seen, &sample::moderator(), noon()).is_err());
}

#[test]
fn two_people_are_two_persons_who_were_known_before_the_photo_was_hidden() {
    let hour = jiff::SignedDuration::from_hours(1);
    let hidden = confirmed(&sample::published());
    let agree = |photo: &Photo, person: Option<Identity>| {
        let deciding = Deciding { person, ..deciding(photo, Decision::Restore) };
        photo.decide(&deciding, &sample::moderator(), noon() + hour).map(|change| change.after)
    };
    let refused = Err(Refusal::AgreementRefused { hidden_at: noon() });
    let newcomer = |known_since| Some(Identity { known_since, ..sample::person(9) });
    assert_eq!(agree(&hidden, None), refused, "a key that nobody made");
    assert_eq!(agree(&hidden, newcomer(noon())), refused);
    let first = agree(&hidden, Some(sample::person(1))).unwrap();
    assert_eq!((first.state, first.version), (State::Hidden, hidden.version + 1));
    // Both keys belong to the same person.
    assert_eq!(agree(&first, Some(sample::person(1))), Err(Refusal::SecondPersonNeeded));
    assert_eq!(agree(&first, newcomer(noon() + hour)), refused);
    assert_eq!(agree(&first, Some(sample::person(2))).unwrap().state, State::Published);

    // A report in between does not let people agree who were not known before the photo was hidden.
    let again = report(&first, &stranger(3), ReportReason::Pupil);
    assert_eq!(again.change, None, "moderators know it");
    let other = reported(&first, ReportReason::Me);
    assert_eq!(agree(&other, newcomer(noon())), refused);
}

#[test]
fn an_agreement_in_an_older_row_does_not_count() {
    let hidden = confirmed(&sample::published());
    let mut row = serde_json::to_value(&hidden).unwrap();
    row["moderation"]["safeguarding"] = serde_json::json!({"agreed": "aiaqcaibaeaqcaib"});
    let old: Photo = serde_json::from_value(row).unwrap();
    let agree = |photo: &Photo, person| {
        let deciding = Deciding { person: Some(person), ..deciding(photo, Decision::Restore) };
        photo.decide(&deciding, &sample::moderator(), noon()).map(|change| change.after)
    };
    let first = agree(&old, sample::person(1)).unwrap();
    assert_eq!(first.state, State::Hidden, "it was a key that agreed, or a person: nobody knows");
    let late = Identity { known_since: old.created_at, ..sample::person(2) };
    assert_eq!(agree(&first, late), Err(Refusal::AgreementRefused { hidden_at: old.created_at }));
    assert_eq!(agree(&first, sample::person(2)).unwrap().state, State::Published);
}

#[test]
fn one_strangers_word_hides_a_photo_and_one_look_shows_it_again() {
    for reason in [ReportReason::Pupil, ReportReason::Me] {
        let hidden = reported(&sample::published(), reason);
        assert_eq!(
            (hidden.state, hidden.lane, &hidden.moderation.safeguarding),
            (State::Hidden, Lane::Reported, &None)
        );
        let shown = decide(&hidden, Decision::Restore).after;
        assert_eq!((shown.state, &shown.moderation.cleared[..]), (State::Published, &[reason][..]));
        // A moderator has cleared this reason: the photo waits for a decision again, but is not hidden again.
        let again = report(&shown, &stranger(9), reason).change.unwrap().after;
        assert_eq!((again.state, again.lane, again.is_urgent()), (State::Published, Lane::Reported, false));
        assert_eq!(report(&again, &stranger(10), reason).change, None, "known");
    }
}

#[test]
fn a_child_is_confirmed_by_a_second_independent_reporter_or_by_whoever_keeps_the_photo_from_the_public() {
    let hidden = reported(&sample::published(), ReportReason::Pupil);
    let way = |photo: &Photo| photo.moderation.safeguarding.clone();
    assert_eq!(report(&hidden, &stranger(1), ReportReason::Pupil).change, None, "the same reporter");
    assert_eq!(report(&hidden, &known(1, 1), ReportReason::Pupil).change, None, "at the same address");
    let other = report(&hidden, &stranger(2), ReportReason::Unsafe).change.unwrap().after;
    assert_eq!(way(&other), None, "about something else");
    let second = report(&hidden, &stranger(2), ReportReason::Pupil).change.unwrap().after;
    let since = Some(noon());
    assert_eq!(way(&second), Some(Safeguarding { agreed: None, since }));
    assert_eq!(decide(&second, Decision::Restore).after.state, State::Hidden, "one of two has agreed");

    for decision in [Decision::Hide, Decision::Reject, Decision::Quarantine] {
        assert_eq!(way(&decide(&hidden, decision).after), Some(Safeguarding { agreed: None, since }), "{decision}");
    }
    let urgent = braked(&sample::published(), &stranger(1), ReportReason::Pupil).unwrap();
    for decision in [Decision::Hide, Decision::Unpublish] {
        assert!(way(&decide(&urgent, decision).after).is_some(), "{decision}");
    }
    let released = decide(&urgent, Decision::Release).after;
    assert_eq!((released.state, way(&released), released.is_urgent()), (State::Published, None, false));
    assert_eq!(way(&decide(&reported(&sample::published(), ReportReason::Me), Decision::Hide).after), None);
}

#[test]
fn a_reason_that_needs_two_needs_two_who_are_independent() {
    let state = |one: &Reporter, other: &Reporter| {
        let first = report(&sample::published(), one, ReportReason::Offensive).change.unwrap().after;
        assert_eq!((first.state, first.lane), (State::Published, Lane::Reported));
        report(&first, other, ReportReason::Unsafe).change.unwrap().after.state
    };
    assert_eq!(state(&stranger(1), &stranger(1)), State::Published, "one who has two reasons");
    assert_eq!(state(&stranger(1), &known(1, 1)), State::Published, "perhaps the same one");
    assert_eq!(state(&known(1, 1), &known(2, 1)), State::Published, "a device that moves");
    assert_eq!(state(&stranger(1), &stranger(2)), State::Hidden);
    assert_eq!(state(&known(1, 1), &known(1, 2)), State::Hidden, "two in one school");
}

#[test]
fn a_graver_reason_of_the_same_reporter_is_applied() {
    let first = reported(&sample::published(), ReportReason::Other);
    assert_eq!(first.state, State::Published);
    let graver = reported(&first, ReportReason::Pupil);
    let open = graver.moderation.reports.unwrap();
    assert_eq!((graver.state, open.count, open.reasons.len()), (State::Hidden, 1, 2));
}

/// Returns the photo after a report while the brake is on; `None` if the report does not change it.
fn braked(photo: &Photo, by: &Reporter, reason: ReportReason) -> Option<Photo> {
    let brake = (0..=limits::HIDINGS_BEFORE_BRAKE)
        .fold(Brake::default(), |brake, n| brake.asked(&stranger(100 + u8::try_from(n).unwrap()), noon()).1.unwrap());
    assert!(brake.on_until(noon()).is_some());
    let reporting = Reporting { by, reason, reference: "EGFTZ-6SP5G", within_rate: true, again: false };
    let reported = photo.report(&reporting, &brake, noon()).unwrap();
    assert_eq!(reported.brake, None, "it stays as it is");
    reported.change.map(|change| change.after)
}

#[test]
fn while_the_brake_is_on_what_somebody_has_looked_at_stays_and_is_looked_at_first() {
    let published = sample::published();
    let urgent = braked(&published, &stranger(1), ReportReason::Pupil).unwrap();
    assert_eq!((urgent.state, urgent.lane, urgent.is_urgent()), (State::Published, Lane::Reported, true));
    assert_eq!((&urgent.revision, urgent.reason.as_deref()), (&published.revision, None), "nothing else changes");
    assert_eq!(braked(&urgent, &stranger(1), ReportReason::Pupil), None, "known");
    let two =
        braked(&braked(&published, &stranger(1), ReportReason::Other).unwrap(), &stranger(2), ReportReason::Other);
    assert_eq!(two.map(|two| (two.state, two.is_urgent())), Some((State::Published, false)));
    // A reporter with a history still hides a photo, and a photo that no person has looked at is still hidden.
    assert_eq!(braked(&published, &known(1, 1), ReportReason::Pupil).unwrap().state, State::Hidden);
    let unseen = Photo { moderation: Moderation { trusted: true, ..Moderation::default() }, ..published };
    assert_eq!(braked(&unseen, &stranger(1), ReportReason::Pupil).unwrap().state, State::Hidden);
    // The same report hides it once the brake is off again.
    assert_eq!(reported(&urgent, ReportReason::Pupil).state, State::Hidden);
}

#[test]
fn the_report_that_puts_the_brake_on_is_kept() {
    let full = (0..limits::HIDINGS_BEFORE_BRAKE)
        .fold(Brake::default(), |brake, n| brake.asked(&stranger(100 + u8::try_from(n).unwrap()), noon()).1.unwrap());
    let by = stranger(1);
    let reporting =
        Reporting { by: &by, reason: ReportReason::Me, reference: "EGFTZ-6SP5G", within_rate: true, again: false };
    let reported = sample::published().report(&reporting, &full, noon()).unwrap();
    assert!(reported.puts_brake_on());
    assert!(reported.change.unwrap().after.is_urgent());
}

#[test]
fn what_concerns_a_child_is_taken_beyond_every_rate() {
    let published = sample::published();
    let by = known(1, 1);
    let beyond = |reason| {
        let reporting = Reporting { by: &by, reason, reference: "EGFTZ-6SP5G", within_rate: false, again: false };
        published.report(&reporting, &Brake::default(), noon())
    };
    for reason in [ReportReason::Pupil, ReportReason::Me] {
        let reported = beyond(reason).unwrap();
        assert!(reported.brake.is_none() && reported.change.unwrap().after.is_urgent(), "{reason}");
    }
    for reason in [ReportReason::MyWork, ReportReason::Unsafe, ReportReason::Offensive, ReportReason::Other] {
        assert_eq!(beyond(reason), Err(Refusal::TooManyRequests { retry_after_s: 3_600 }), "{reason}");
    }
}

#[test]
fn what_was_published_by_a_slip_waits_again_where_it_waited() {
    for waiting in [sample::pending(), decide(&sample::pending(), Decision::Hold).after] {
        let published = decide(&waiting, Decision::Publish).after;
        let back = decide(&published, Decision::Unpublish);
        assert_eq!((back.after.state, back.after.lane), (State::Pending, waiting.lane));
        assert_eq!(
            (back.feed_deletes.len(), back.purges.len()),
            (3, 2),
            "it leaves the feeds, and its copies are erased"
        );
        assert_eq!(decide(&back.after, Decision::Publish).after.published_at, published.published_at);
    }
    let held = decide(&sample::pending(), Decision::Hold).after;
    let rejected = decide(&held, Decision::Reject).after;
    assert_eq!(decide(&rejected, Decision::Release).after.lane, Lane::Held, "the same of a rejection");
}

#[test]
fn taking_off_the_site_wins_over_what_happened_meanwhile() {
    let published = sample::published();
    let reported = reported(&published, ReportReason::Offensive);
    assert_eq!((reported.state, reported.lane), (State::Published, Lane::Reported));
    let back = reported.decide(&deciding(&published, Decision::Unpublish), &sample::moderator(), noon()).unwrap().after;
    assert_eq!((back.state, back.lane), (State::Pending, Lane::Held));
    assert!(back.moderation.reports.is_some(), "nobody has decided about the report");
    let hidden = sample::reported(&published, ReportReason::Pupil);
    let refused = hidden.decide(&deciding(&published, Decision::Unpublish), &sample::moderator(), noon());
    let decision = Decision::Unpublish;
    assert_eq!(
        refused.unwrap_err(),
        Refusal::IllegalMove { state: State::Hidden, decision },
        "nobody sees it any more"
    );
}

#[test]
fn a_reported_photo_is_kept_hidden_by_somebody_who_has_seen_the_report() {
    let published = sample::published();
    let hidden = confirmed(&published);
    let unseen = hidden.decide(&deciding(&published, Decision::Hide), &sample::moderator(), noon());
    assert!(matches!(unseen, Err(Refusal::VersionOutdated { .. })), "{unseen:?}");
    let agreed = decide(&hidden, Decision::Restore).after;
    assert!(agreed.moderation.safeguarding.as_ref().is_some_and(|way| way.first().is_some()));
    let kept = decide(&agreed, Decision::Hide).after;
    assert_eq!((kept.state, kept.lane, kept.moderation.reports.is_none()), (State::Hidden, Lane::Normal, true));
    let nobody_agrees = |photo: &Photo| photo.moderation.safeguarding.as_ref().is_some_and(|way| way.first().is_none());
    assert!(nobody_agrees(&kept), "who agreed before counts no more");
    assert!(kept.decide(&deciding(&kept, Decision::Hide), &sample::moderator(), noon()).is_err(), "once");
}

#[test]
fn who_agreed_to_another_picture_or_other_words_has_not_agreed_to_these() {
    let agreed = decide(&confirmed(&sample::published()), Decision::Restore).after;
    let words = Edit { caption: Some("A name".into()), ..Edit::default() };
    let covers = vec![Cover { x: 1, y: 0, width: 1_000, height: 1_000 }];
    let reworded = agreed.edit_by(&words, agreed.version, &sample::moderator(), noon()).unwrap().unwrap().after;
    let covered = agreed.redact(covers, agreed.version, &sample::moderator(), noon()).unwrap().after;
    for other in [&reworded, &covered] {
        assert!(other.moderation.safeguarding.as_ref().is_some_and(|way| way.first().is_none()), "two must agree anew");
    }
    let by_another = Deciding { person: Some(sample::person(3)), ..deciding(&reworded, Decision::Restore) };
    let restored = reworded.decide(&by_another, &sample::moderator(), noon()).unwrap().after;
    assert_eq!(restored.state, State::Hidden, "the other one is the first now");
}

#[test]
fn what_was_found_right_by_two_needs_two_again_with_other_words() {
    let agreed = decide(&confirmed(&sample::published()), Decision::Restore).after;
    let by_another = Deciding { person: Some(sample::person(3)), ..deciding(&agreed, Decision::Restore) };
    let shown = agreed.decide(&by_another, &sample::moderator(), noon()).unwrap().after;
    assert_eq!(shown.moderation.cleared, [ReportReason::Pupil]);
    let words = Edit { caption: Some("A name".into()), ..Edit::default() };
    let waits = shown.edit(&words, noon()).unwrap().unwrap().after;
    assert_eq!((waits.state, waits.moderation.cleared.len()), (State::Pending, 0));
    assert_eq!(decide(&waits, Decision::Publish).after.state, State::Pending, "one person is not enough");
    let reworded = shown.edit_by(&words, shown.version, &sample::moderator(), noon()).unwrap().unwrap().after;
    assert_eq!(
        (reworded.state, &reworded.moderation.safeguarding),
        (State::Published, &None),
        "somebody has just seen it"
    );
    assert_eq!(
        sample::reported(&reworded, ReportReason::Pupil).state,
        State::Hidden,
        "a report of the new words counts"
    );
}

#[test]
fn a_photo_that_was_shown_again_by_a_slip_needs_two_people_again() {
    let hidden = confirmed(&sample::published());
    let agreed = decide(&hidden, Decision::Restore).after;
    let by_another = |photo: &Photo, decision| {
        let deciding = Deciding { person: Some(sample::person(3)), ..deciding(photo, decision) };
        photo.decide(&deciding, &sample::moderator(), noon()).unwrap().after
    };
    let shown = by_another(&agreed, Decision::Restore);
    assert_eq!((shown.state, &shown.moderation.safeguarding), (State::Published, &None));
    let back = decide(&shown, Decision::Unpublish).after;
    assert_eq!((back.state, back.lane), (State::Pending, Lane::Held), "what was reported once waits with more care");
    assert!(back.moderation.safeguarding.is_some());
    let agreed = decide(&back, Decision::Publish).after;
    assert_eq!(agreed.state, State::Pending, "one person agrees");
    assert_eq!(by_another(&agreed, Decision::Publish).state, State::Published, "two do");
}

#[test]
fn what_left_the_site_is_purged_twice() {
    let published = sample::published();
    let hide = decide(&published, Decision::Hide);
    assert_eq!(hide.feed_deletes.len(), 3, "all, its discipline, its school");
    assert_eq!(hide.turn.map(|turn| turn.id), Some(published.id.clone()));
    assert_eq!(hide.purges.iter().map(|purge| purge.round).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(hide.purges[0].scope, PurgeScope::Public(published.revision.clone().unwrap()));
    assert_eq!(hide.purges[1].due_at.duration_since(hide.purges[0].due_at).as_secs(), limits::PURGE_FENCE_SECONDS);
    let delete = decide(&hide.after, Decision::Delete);
    assert!(
        matches!(&delete.purges[0].scope, PurgeScope::Everything(key) if *key == published.original_key().to_string())
    );
    assert!(decide(&sample::pending(), Decision::Hold).purges.is_empty());
}

#[test]
fn a_restored_photo_keeps_its_place_and_gets_a_new_address() {
    let published = sample::published();
    let hidden = decide(&published, Decision::Hide).after;
    let deciding = Deciding { revision: Revision::from_bits([9; 16]), ..deciding(&hidden, Decision::Restore) };
    let restored =
        hidden.decide(&deciding, &sample::moderator(), noon() + jiff::SignedDuration::from_hours(2)).unwrap().after;
    assert_eq!(restored.published_at, published.published_at);
    assert_ne!(restored.revision, published.revision);
}

#[test]
fn a_tombstone_keeps_no_words_and_no_hash() {
    let gone = sample::published().withdraw(noon()).unwrap().unwrap().after;
    assert_eq!((gone.state, gone.published_at.is_some()), (State::Deleted, true));
    let json = serde_json::to_string(&gone).unwrap();
    for word in ["Copper", "crystals", "prep room", "Sample Academy", "science"] {
        assert!(!json.contains(word), "{word} in {json}");
    }
    assert_eq!(gone.withdraw(noon()), Ok(None));
}

#[test]
fn an_edited_photo_goes_back_to_the_queue_only_if_it_was_seen() {
    let edit =
        |photo: &Photo, caption: &str| photo.edit(&Edit { caption: Some(caption.into()), ..Edit::default() }, noon());
    let change = edit(&sample::published(), "Other words").unwrap().unwrap();
    assert_eq!((change.after.state, change.feed_deletes.len(), change.purges.len()), (State::Pending, 3, 2));
    assert_eq!(edit(&sample::reserved(), "Other words").unwrap().unwrap().after.state, State::Reserved);
    assert_eq!(edit(&sample::published(), &sample::published().caption), Ok(None));
    let hidden = decide(&sample::published(), Decision::Hide).after;
    assert_eq!(edit(&hidden, "x"), Err(Refusal::NotRenewable { state: State::Hidden }));
}

#[test]
fn where_pupils_may_be_seen_after_all_a_photo_waits_for_more_care_for_good() {
    let say = |photo: &Photo, edit: Edit| photo.edit(&edit, noon()).unwrap().unwrap().after;
    let people = |people| Edit { people: Some(people), ..Edit::default() };
    let waiting = say(&sample::published(), people(People::Pupils));
    assert_eq!((waiting.state, waiting.lane), (State::Pending, Lane::Held));
    assert_eq!(say(&waiting, people(People::Adults)).lane, Lane::Held);
    let elsewhere = Edit { school: Some(None), discipline: Some("music".parse().ok()), ..Edit::default() };
    let moved = say(&sample::published(), elsewhere.clone());
    assert_eq!((moved.state, moved.lane, &moved.school), (State::Pending, Lane::Normal, &None));
    assert_eq!(moved.discipline.as_ref().map(ToString::to_string), Some("music".to_owned()));
    assert_eq!(moved.edit(&elsewhere, noon()), Ok(None));
}

#[test]
fn late_and_repeated_events_change_nothing() {
    for photo in in_every_state().into_iter().filter(|photo| !photo.expects_bytes()) {
        assert_eq!(photo.ingest(sample::rendered(), "renditions", noon()), None);
        assert_eq!(photo.unreadable("no".into(), "renditions", noon()), None);
        assert_eq!(photo.expire("housekeeping", noon() + jiff::SignedDuration::from_hours(9)), None);
    }
}

#[test]
fn a_reserved_photo_expires_only_when_its_address_is_long_dead() {
    let photo = sample::reserved();
    let dead = photo.upload_until + jiff::SignedDuration::from_secs(limits::EXPIRE_AFTER_SECONDS);
    assert_eq!(photo.expire("housekeeping", dead - jiff::SignedDuration::from_millis(1)), None);
    assert_eq!(photo.expire("housekeeping", dead).unwrap().after.state, State::Expired);
}

#[test]
fn counters_move_by_what_is_counted() {
    for photo in in_every_state() {
        for decision in Decision::ALL {
            let Ok(change) = photo.decide(&deciding(&photo, decision), &sample::moderator(), noon()) else { continue };
            let mut expected = counted(&change.after);
            for (name, n) in counted(&photo) {
                *expected.entry(name).or_default() -= n;
            }
            expected.retain(|_, n| *n != 0);
            assert_eq!(change.counters, expected);
        }
    }
}

#[test]
fn a_photo_with_pupils_waits_in_the_held_lane() {
    let spec = PhotoSpec { people: People::Pupils, ..sample::photo_spec() };
    let photo = sample::reserve(&sample::edition(), &spec, noon()).unwrap().after;
    assert_eq!(photo.ingest(sample::rendered(), "renditions", noon()).unwrap().after.lane, Lane::Held);
}

#[test]
fn new_words_of_a_published_photo_reach_walls_and_edges_and_touch_no_bytes() {
    let edit = Edit { caption: Some("Other words".into()), ..Edit::default() };
    let published = sample::published();
    let change = published.edit_by(&edit, published.version, &sample::moderator(), noon()).unwrap().unwrap();
    assert_eq!(change.turn.map(|turn| turn.id), Some(published.id.clone()));
    let [told] = change.purges.as_slice() else { panic!("{:?}", change.purges) };
    assert_eq!((&told.scope, told.round, told.lists), (&PurgeScope::Words, 1, true));
    assert_eq!(told.edges, edge::pages(&published));
    let waiting = sample::pending();
    let change = waiting.edit_by(&edit, waiting.version, &sample::moderator(), noon()).unwrap().unwrap();
    assert_eq!((change.turn, change.purges), (None, Vec::new()), "nobody has seen them");
    let seen = decide(&reported(&published, ReportReason::Other), Decision::Release);
    assert_eq!((seen.turn, seen.purges), (None, Vec::new()), "it says what it said");
}

#[test]
fn edges_are_told_of_lists_once_and_of_a_photo_s_own_addresses_twice() {
    let published = sample::published();
    let hide = decide(&published, Decision::Hide);
    assert!(hide.purges.iter().all(|purge| purge.edges == edge::own(&published)));
    assert_eq!(hide.purges.iter().map(|purge| purge.lists).collect::<Vec<_>>(), [true, false]);
    let delete = decide(&hide.after, Decision::Delete);
    assert!(
        delete.purges.iter().all(|purge| purge.edges.is_empty() && !purge.lists),
        "edges were told when it was hidden"
    );
    let published_away = published.withdraw(noon()).unwrap().unwrap();
    assert!(published_away.purges.iter().all(|purge| purge.edges == edge::own(&published)));
}

#[test]
fn what_a_photo_names_is_known_by_its_row() {
    let published = sample::published();
    let (revision, hash) = (published.revision.clone().unwrap(), published.rendered.clone().unwrap().hash);
    let original = published.original_key().to_string();
    let scopes = [PurgeScope::Public(revision), PurgeScope::Renditions(hash), PurgeScope::Everything(original)];
    let names = |photo: &Photo| scopes.each_ref().map(|scope| photo.names(scope));
    assert_eq!(names(&published), [true, true, true]);
    let hidden = decide(&published, Decision::Hide).after;
    assert_eq!(names(&hidden), [false, true, true]);
    let restored = Deciding { revision: Revision::from_bits([9; 16]), ..deciding(&hidden, Decision::Restore) };
    let restored = hidden.decide(&restored, &sample::moderator(), noon()).unwrap().after;
    assert_eq!(names(&restored), [false, true, true], "it is shown under another revision");
    assert_eq!(names(&decide(&hidden, Decision::Delete).after), [false, false, false]);
}

#[test]
fn a_late_worker_does_not_bring_back_covers_that_were_replaced_not_even_by_the_same_ones() {
    let cover = |x| vec![Cover { x, y: 0, width: 1_000, height: 1_000 }];
    let asked = |photo: &Photo, x| photo.redact(cover(x), photo.version, &sample::moderator(), noon()).unwrap().after;
    let redaction = |photo: &Photo| photo.moderation.redaction.clone().unwrap();
    let made = |photo: &Photo, by: &RequestedCovers, hash: &str| {
        photo.redacted(by, Rendered { hash: hash.into(), ..sample::rendered() }, "renditions", noon())
    };
    let first = asked(&sample::pending(), 1);
    let second = asked(&first, 2);
    assert_eq!(made(&second, &redaction(&first), "x"), None, "others are asked for");
    let done = made(&second, &redaction(&second), "y").unwrap();
    assert_eq!(done.purges.len(), 2, "both rounds of the renditions before");
    let third = asked(&done.after, 1);
    assert_eq!(redaction(&third).covers, redaction(&first).covers);
    assert_eq!(made(&third, &redaction(&first), "x"), None, "the same covers, but another redaction");
    assert!(made(&third, &redaction(&third), "x").is_some());
}

#[test]
fn a_file_is_kept_out_as_long_as_its_photo_is_locked_away() {
    let pending = sample::pending();
    let locked = decide(&pending, Decision::Quarantine);
    assert_eq!((locked.blocks, locked.unblocks), (pending.sha256.clone(), None));
    let let_out = decide(&locked.after, Decision::Release);
    assert_eq!((let_out.blocks, let_out.unblocks), (None, pending.sha256.clone()));
    let deleted = decide(&locked.after, Decision::Delete);
    assert_eq!((deleted.blocks, deleted.unblocks), (None, None), "it stays out for good");
}

#[test]
fn a_doubt_is_part_of_the_move_that_takes_a_doubtful_photo_away() {
    let published = sample::published();
    let reported = reported(&published, ReportReason::Other);
    let withdrawn = |photo: &Photo| photo.withdraw(noon()).unwrap().unwrap().doubts;
    assert!(!withdrawn(&published) && withdrawn(&reported));
    assert!(withdrawn(&decide(&published, Decision::Hide).after));
    assert!(decide(&published, Decision::Delete).doubts && decide(&published, Decision::Quarantine).doubts);
    assert!(!decide(&published, Decision::Hide).doubts, "it is still in its sender's list");
    let organiser = Actor::Function("organiser");
    assert!(!published.erase(&organiser, noon()).unwrap().doubts && reported.erase(&organiser, noon()).unwrap().doubts);
}

#[test]
fn a_reserved_photo_is_not_renewed_for_ever() {
    let (photo, edition) = (sample::reserved(), sample::edition());
    let after = |seconds| photo.created_at + jiff::SignedDuration::from_secs(seconds);
    let edition = Edition { closes_at: after(2 * limits::RENEW_SECONDS), ..edition };
    assert_eq!(photo.renewable(&edition, after(limits::RENEW_SECONDS - 1)), Ok(()));
    let refused = photo.renewable(&edition, after(limits::RENEW_SECONDS)).unwrap_err();
    assert_eq!(refused, Refusal::NotRenewable { state: State::Expired }, "as its uploader's page understands it");
}

#[test]
fn a_photo_is_not_shown_without_the_covers_that_were_asked_for() {
    let covers = || vec![Cover { x: 1, y: 2, width: 1_000, height: 1_000 }];
    let ask = |photo: &Photo| photo.redact(covers(), photo.version, &sample::moderator(), noon()).unwrap().after;
    let hidden = decide(&sample::published(), Decision::Hide).after;
    for (photo, decision) in [(sample::pending(), Decision::Publish), (hidden, Decision::Restore)] {
        let before = photo.state;
        let asked = ask(&photo);
        assert_eq!(asked.state, before, "covers alone move nothing that is not public");
        let refused = asked.decide(&deciding(&asked, decision), &sample::moderator(), noon()).unwrap_err();
        assert_eq!(refused, Refusal::BeingCovered, "{decision}");
        let made = asked.moderation.redaction.clone().unwrap();
        let others = RequestedCovers { covers: vec![Cover { x: 9, ..made.covers[0] }], ..made.clone() };
        assert_eq!(
            asked.redacted(&others, sample::rendered(), "renditions", noon()),
            None,
            "other covers are no covers"
        );
        let done = asked.redacted(&made, sample::rendered(), "renditions", noon()).unwrap().after;
        assert_eq!(decide(&done, decision).after.state, State::Published, "{decision}");
    }
    assert_eq!(ask(&sample::published()).state, State::Pending, "a public photo leaves the site until it has them");
}

#[test]
fn what_is_locked_away_is_beyond_its_sender() {
    let locked = decide(&sample::pending(), Decision::Quarantine).after;
    assert_eq!(locked.withdraw(noon()), Err(Refusal::PhotoNotFound));
    let edit = Edit { caption: Some("Nothing to see".into()), ..Edit::default() };
    assert_eq!(locked.edit(&edit, noon()), Err(Refusal::PhotoNotFound));
    for photo in in_every_state() {
        let withdrawn = photo.withdraw(noon());
        match photo.state {
            State::Quarantined => assert_eq!(withdrawn, Err(Refusal::PhotoNotFound)),
            State::Deleted => assert_eq!(withdrawn, Ok(None)),
            State::Reserved | State::Pending | State::Published | State::Hidden | State::Rejected | State::Expired => {
                assert_eq!(withdrawn.unwrap().unwrap().after.state, State::Deleted);
            }
        }
    }
}

#[test]
fn a_file_that_no_row_knew_is_not_let_out_without_pictures() {
    let orphan = Photo::orphan(&sample::reserved().original_key(), 10, "housekeeping", noon()).after;
    let refused = orphan.decide(&deciding(&orphan, Decision::Release), &sample::moderator(), noon()).unwrap_err();
    assert_eq!(refused, Refusal::IllegalMove { state: State::Quarantined, decision: Decision::Release });
}

/// Written by hand, so that a counter that changes its meaning is noticed: elsewhere, actual and expected counts come from the same code.
#[test]
fn each_state_is_counted_as_people_understand_it() {
    let received = ["received.bytes=3500000", "received.1002360=1"];
    let names = |photo: &Photo| -> Vec<String> {
        counted(photo)
            .into_iter()
            .map(|(name, n)| format!("{name}={n}"))
            .filter(|one| !received.contains(&one.as_str()))
            .collect()
    };
    let told: Vec<_> = in_every_state()
        .iter()
        .map(|photo| format!("{}: {}", photo.state, names(photo).join(" ")).trim_end().to_owned())
        .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    reserved:
    pending: pending=1
    published: half.1002360=1 published=1 published.science=1 waited.0=1
    hidden: hidden=1 waited.0=1
    rejected: rejected=1 rejected.other=1 waited.0=1
    expired:
    deleted: deleted=1 waited.0=1
    quarantined: quarantined=1 waited.0=1
    ");
    let (nothing, received_by) = (sample::reserved(), sample::pending());
    assert!(counted(&nothing).is_empty(), "what has not come is no photo yet");
    assert!(received.iter().all(|one| counted(&received_by).iter().any(|(name, n)| format!("{name}={n}") == **one)));
    let held = decide(&sample::pending(), Decision::Hold).after;
    assert_eq!(names(&held), ["held=1", "pending=1"]);
    let reported = reported(&sample::published(), ReportReason::Pupil);
    assert!(
        names(&reported).iter().any(|one| one == "reports=1") && names(&reported).iter().any(|one| one == "reported=1")
    );
}

#[test]
fn a_wait_is_counted_by_powers_of_two() {
    let after = |seconds| crate::domain::change::waited(noon(), noon() + jiff::SignedDuration::from_secs(seconds));
    assert_eq!([0, 1, 2, 3, 4, 63, 64, 86_400].map(after), [0, 1, 2, 2, 3, 6, 7, 17]);
    assert_eq!(after(-5), 0, "a clock that was put back");
}

#[test]
fn two_who_say_that_a_child_is_in_a_photo_hide_it_in_spite_of_the_brake() {
    let mut brake = Brake::default();
    for last in 1..=250 {
        if let (_, Some(after)) = brake.asked(&stranger(last), noon()) {
            brake = after;
        }
    }
    assert!(brake.on_until(noon()).is_some());
    let report = |photo: &Photo, by: &Reporter, reason| {
        let reporting = Reporting { by, reason, reference: "EGFTZ-6SP5G", within_rate: true, again: false };
        photo.report(&reporting, &brake, noon()).unwrap().change
    };
    let first = report(&sample::published(), &stranger(251), ReportReason::Pupil).unwrap().after;
    assert_eq!((first.state, first.lane), (State::Published, Lane::Reported), "one is looked at first");
    let same = report(&first, &stranger(251), ReportReason::Pupil);
    assert!(same.is_none_or(|change| change.after.state == State::Published), "the same one is no second");
    assert_eq!(report(&first, &stranger(252), ReportReason::Pupil).unwrap().after.state, State::Hidden);
    let other = report(&first, &stranger(252), ReportReason::Other).unwrap().after;
    assert_eq!(other.state, State::Published, "what is no child waits for somebody who looks");
}

#[test]
fn who_was_answered_does_not_bring_a_photo_back_by_other_words() {
    let reported = reported(&sample::published(), ReportReason::Pupil);
    let shown = decide(&reported, Decision::Restore).after;
    let report = |by: &Reporter, reason, again| {
        let reporting = Reporting { by, reason, reference: "EGFTZ-6SP5G", within_rate: true, again };
        shown.report(&reporting, &Brake::default(), noon()).unwrap().change
    };
    assert_eq!(report(&stranger(1), ReportReason::Pupil, true), None);
    let other = report(&stranger(2), ReportReason::Pupil, false).unwrap().after;
    assert_eq!((other.state, other.lane), (State::Published, Lane::Reported), "somebody else is heard");
    assert!(report(&stranger(1), ReportReason::Me, false).is_some(), "and another reason is");
}
