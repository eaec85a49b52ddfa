//! Random walks of one photo: after any sequence of requests, legal or not, the invariants must still hold. The walk itself keeps the
//! values that the photo is compared with; none come from the code that derives them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::domain::{
    change::{Change, PurgeScope},
    decision::Deciding,
    feed::FeedRow,
    ids::Revision,
    moderation::Cover,
    people::Actor,
    photo::{Photo, Rendered},
    report::{Brake, ReportReason, Reporting},
    request::Edit,
    sample::{self, known, noon, person, stranger},
    states::{Decision, State},
};

const WALKS: u64 = 1_500;
const STEPS: usize = 40;

/// Pseudo-random numbers, the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }
}

/// The contents of the feeds and counters after all moves so far, and what was erased.
#[derive(Default)]
struct World {
    feeds: BTreeMap<String, FeedRow>,
    counters: BTreeMap<String, i64>,
    erased: Vec<PurgeScope>,
    hash: String,
}

fn renditions(dice: &mut Dice) -> Rendered {
    Rendered { hash: format!("renditions-{}-{}", dice.byte(), dice.byte()), ..sample::rendered() }
}

/// Makes a random request; returns the move if the request leads to one.
fn step(photo: &Photo, dice: &mut Dice, now: Timestamp) -> Option<Change> {
    let (member, by) = (dice.one(&[2, 3, 4]), dice.one(&[1, 2]));
    let actor = Actor::Member(crate::domain::ids::KeyId::from_bits([member; 10]));
    // One request in six refers to an older version.
    let seen_version = photo.version - u64::from(photo.version > 1 && dice.below(6) == 0);
    let words = |dice: &mut Dice| Edit { caption: Some(format!("Words {}", dice.byte())), ..Edit::default() };
    match dice.below(14) {
        0 => photo.ingest(renditions(dice), "renditions", now),
        1 => photo.unreadable("damaged".to_owned(), "renditions", now),
        2 => photo.expire("housekeeping", now),
        3 => photo.withdraw(now).ok().flatten().filter(|_| dice.below(8) == 0),
        4 => photo.erase(&actor, now).filter(|_| dice.below(12) == 0),
        5 => photo.edit(&words(dice), now).unwrap_or_default(),
        6 => photo.edit_by(&words(dice), seen_version, &actor, now).unwrap_or_default(),
        7 => {
            let cover = Cover { x: u16::from(dice.byte()), y: 0, width: 100, height: 100 };
            photo.redact(vec![cover], seen_version, &actor, now).ok()
        }
        8 => {
            let asked = photo.moderation.redaction.clone()?;
            photo.redacted(&asked, renditions(dice), "renditions", now)
        }
        9 => {
            let by = if dice.below(2) == 0 { stranger(by) } else { known(by, by) };
            let reason = dice.one(&ReportReason::ALL);
            let report =
                Reporting { by: &by, reason, reference: "EGFTZ-6SP5G", within_rate: dice.below(4) > 0, again: false };
            photo.report(&report, &Brake::default(), now).ok()?.change
        }
        10 => photo.distrust("housekeeping", now),
        _ => {
            let deciding = Deciding {
                decision: dice.one(&Decision::ALL),
                seen_version,
                reason: Some("because".to_owned()),
                revision: Revision::from_bits([dice.byte(); 16]),
                feed_shards: 4,
                sound: None,
                person: Some(person(member)),
            };
            let removes = deciding.decision == Decision::Delete && dice.below(6) > 0;
            photo.decide(&deciding, &actor, now).ok().filter(|_| !removes)
        }
    }
}

/// Checks the invariants of each move.
fn check(photo: Option<&Photo>, change: &Change, world: &mut World) {
    let after = &change.after;
    assert_eq!(change.before.as_ref(), photo);
    assert_eq!(after.version, photo.map_or(0, |photo| photo.version) + 1);
    assert_eq!(
        (change.audit.version, change.audit.from, change.audit.to),
        (after.version, photo.map(|p| p.state), after.state)
    );
    assert!(change.audit.hash != world.hash, "each entry of the audit has a hash of its own");
    world.hash.clone_from(&change.audit.hash);
    assert!(photo.is_none_or(|photo| photo.state != State::Deleted), "nothing moves what is deleted");

    let public = after.state == State::Published;
    assert_eq!(after.revision.is_some(), public, "addresses of the public are there while it is");
    if public {
        assert!(
            after.rendered.is_some() && !after.moderation.covering(),
            "nothing is public without its pictures and covers"
        );
    }
    for (feed, _) in &change.feed_deletes {
        assert!(world.feeds.remove(feed).is_some(), "{feed} was not there");
    }
    world.feeds.extend(change.feed_puts.iter().cloned());
    assert_eq!(world.feeds.is_empty(), !public);
    for row in world.feeds.values() {
        assert_eq!((&row.caption, &row.credit), (&after.caption, &after.credit), "feeds say what the photo says");
    }

    for (name, n) in &change.counters {
        *world.counters.entry(name.clone()).or_default() += n;
    }
    world.counters.retain(|_, n| *n != 0);
    assert!(world.counters.values().all(|n| *n > 0), "{:?}", world.counters);
    for state in State::ALL {
        let counted = !matches!(state, State::Reserved | State::Expired);
        let expected = i64::from(counted && after.state == state);
        assert_eq!(world.counters.get(state.as_str()).copied().unwrap_or_default(), expected, "{state}");
    }

    let promised: Vec<_> = change.purges.iter().map(|purge| &purge.scope).collect();
    for scope in &promised {
        assert!(matches!(scope, PurgeScope::Words) || !after.names(scope), "{scope:?} is still needed");
    }
    let everything = promised.iter().any(|scope| matches!(scope, PurgeScope::Everything(_)));
    if let Some(revision) =
        photo.and_then(|photo| photo.revision.clone()).filter(|was| after.revision.as_ref() != Some(was))
    {
        let gone = PurgeScope::Public(revision);
        assert!(everything || promised.contains(&&gone), "what was public is erased");
    }
    assert!(after.state != State::Deleted || everything, "all of what is deleted is erased");
    world.erased.extend(promised.into_iter().cloned());
}

/// Checks that a waiting photo can be decided about, by one person or by two.
fn can_be_decided(photo: &Photo, now: Timestamp) {
    let decide = |photo: &Photo, decision, member: u8| {
        let deciding = Deciding { decision, person: Some(person(member)), ..sample::deciding(photo, decision) };
        photo.decide(&deciding, &Actor::Member(crate::domain::ids::KeyId::from_bits([member; 10])), now)
    };
    assert!(decide(photo, Decision::Reject, 8).is_ok(), "{photo:?}");
    if !photo.moderation.covering() {
        let one = decide(photo, Decision::Publish, 8).unwrap().after;
        let shown = one.state == State::Published
            || decide(&one, Decision::Publish, 9).unwrap().after.state == State::Published;
        assert!(shown, "{photo:?}");
    }
}

#[test]
fn whatever_is_asked_of_a_photo_in_whatever_order_what_must_hold_still_does() {
    let (mut reached, mut pairs) = (BTreeSet::new(), BTreeSet::new());
    for seed in 0..WALKS {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let begin = sample::reserve(&sample::edition(), &sample::photo_spec(), noon()).unwrap();
        let mut world = World::default();
        check(None, &begin, &mut world);
        let (mut photo, mut now) = (begin.after, noon());
        for _ in 0..STEPS {
            now += SignedDuration::from_secs(i64::from(dice.byte()));
            let Some(change) = step(&photo, &mut dice, now) else { continue };
            check(Some(&photo), &change, &mut world);
            pairs.insert((photo.state.as_str(), change.after.state.as_str()));
            photo = change.after;
            reached.insert(photo.state.as_str());
            if photo.state == State::Pending && photo.rendered.is_some() {
                can_be_decided(&photo, now);
            }
        }
    }
    assert_eq!(reached.len(), State::ALL.len(), "{reached:?}");
    assert!(pairs.len() > 25, "{} pairs of states", pairs.len());
}
