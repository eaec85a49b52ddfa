//! The model and the code's own rules, step by step beside each other: what the model says that a photo, its feed rows, its counters and
//! its outbox are after a step, `domain::photo` says, too. A rule that is changed on one side alone is found here.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use model::{Ask, Budgets, Cover, Folder, Publisher, Purge, Row, Scope, Standing, Step, Worker, World, walk};
use shared::domain::{
    change::{Change, PurgeScope},
    decision::Deciding,
    edition::Edition,
    event_file,
    ids::{KeyId, NetworkId, PhotoId, Revision, Sha256Hex, UploaderId, UploaderSecret},
    moderation::{self, RequestedCovers},
    people::{Actor, Identity},
    photo::{Consent, People, Photo, Rendered},
    report::{Brake, ReportReason, Reporter, Reporting},
    request::{Edit, PhotoSpec, UploadRequest},
    states::{Decision, State},
};

const WALKS: u64 = 400;
const STEPS: usize = 70;

/// Enough of everything for a walk that ends nowhere too soon.
const BUDGETS: Budgets = Budgets {
    parts: 1,
    renewals: 0,
    puts: 3,
    lost: 2,
    repeated: 2,
    crashes: 2,
    unanswered: 2,
    publications: 5,
    hides: 2,
    edits: 2,
    withdrawals: 1,
    repeats: 0,
    fills: 2,
    slow: 1,
    covers: 3,
    quarantines: 1,
    twins: 0,
    rejections: 2,
    reports: 1,
    remarks: 1,
    rewords: 2,
    trusts: 3,
};

/// Numbers that look random, and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

/// One of the steps that are possible. What ends much is chosen seldom: else most walks are short.
fn choose(dice: &mut Dice, possible: &[Step]) -> usize {
    for _ in 0..8 {
        let chosen = dice.below(possible.len());
        let ends = matches!(
            possible[chosen],
            Step::Withdraw | Step::AddressDies | Step::SweepLooks | Step::Quarantine | Step::WorkerDies(_)
        );
        if !ends || dice.below(10) == 0 {
            return chosen;
        }
    }
    dice.below(possible.len())
}

/// What a publisher of the code has in hand: what it decided, of which version, and the addresses that it chose.
#[derive(Clone)]
struct Chosen {
    seen: Photo,
    by_trust: bool,
}

/// The code's side of a walk.
struct Code {
    edition: Edition,
    now: Timestamp,
    photo: Photo,
    feeds: BTreeSet<String>,
    counters: BTreeMap<String, i64>,
    outbox: BTreeSet<Purge>,
    erased: Option<u64>,
    locked: bool,
    /// What each worker has read.
    fetched: [Option<Photo>; 2],
    publishers: [Option<Chosen>; 2],
}

fn moderator() -> Actor {
    Actor::Member(KeyId::from_bits([2; 10]))
}

fn secret() -> UploaderSecret {
    // 32 zero bytes, in base64url.
    "A".repeat(43).parse().unwrap()
}

fn cover_of(cover: Cover) -> moderation::Cover {
    let x = match cover {
        Cover::X => 1_000,
        Cover::Y => 5_000,
    };
    moderation::Cover { x, y: 0, width: 2_000, height: 2_000 }
}

/// What was made for this version of the row: its folder's name is made of the same two things as in `renditions::ingest`.
fn rendered(folder: Folder) -> Rendered {
    let cover = match folder.cover {
        None => "none",
        Some(Cover::X) => "x",
        Some(Cover::Y) => "y",
    };
    Rendered {
        width: 4_000,
        height: 3_000,
        placeholder: String::new(),
        color: "#000000".to_owned(),
        hash: format!("{cover}-{}", folder.version),
        fingerprint: None,
        renditions: Vec::new(),
        film: None,
    }
}

fn folder_of(hash: &str) -> Folder {
    let (cover, version) = hash.rsplit_once('-').unwrap();
    let cover = match cover {
        "x" => Some(Cover::X),
        "y" => Some(Cover::Y),
        _ => None,
    };
    Folder { cover, version: version.parse().unwrap() }
}

fn revision(n: u8) -> Revision {
    Revision::from_bits([n; 16])
}

/// Which of the model's revisions this is.
fn number_of(of: &Revision) -> u8 {
    (0..=u8::MAX).find(|n| revision(*n) == *of).unwrap()
}

fn standing(state: State) -> Standing {
    match state {
        State::Reserved => Standing::Reserved,
        State::Pending => Standing::Pending,
        State::Published => Standing::Published,
        State::Hidden => Standing::Hidden,
        State::Rejected => Standing::Rejected,
        State::Expired => Standing::Expired,
        State::Deleted => Standing::Deleted,
        State::Quarantined => Standing::Quarantined,
    }
}

fn small(n: u64) -> u8 {
    u8::try_from(n).unwrap()
}

impl Code {
    fn begin() -> Self {
        let settings = event_file::read(include_str!("../../../infra/event.toml")).unwrap();
        let now: Timestamp = "2027-03-05T12:00:00Z".parse().unwrap();
        let edition = event_file::opened_now(settings, now);
        let edition = Edition { trust: Some(shared::domain::trust::Trust { after: 1, checked_percent: 1 }), ..edition };
        let asked = UploadRequest {
            consent: Consent { version: edition.consent.version.clone(), web: true, social: false, press: false },
            credit: "Sample".to_owned(),
            school: None,
            discipline: None,
            photos: vec![PhotoSpec {
                reference: "r1".parse().unwrap(),
                content_type: "image/jpeg".to_owned(),
                size_bytes: 1_000,
                sha256: Sha256Hex::digest(b"a photo"),
                caption: "Words 1".to_owned(),
                alt: String::new(),
                people: People::None,
                parts: Vec::new(),
                sound: false,
                transcript: String::new(),
            }],
        };
        let uploader = UploaderId::from_secret(&secret());
        let request = asked.photo(&uploader, None, &asked.photos[0]);
        let request = shared::domain::request::PhotoRequest { trusted: true, ..request };
        let begun = Photo::reserve(PhotoId::from_digest(&[5; 32]), &edition, &request, now).unwrap();
        let mut code = Self {
            edition,
            now,
            photo: begun.after.clone(),
            feeds: BTreeSet::new(),
            counters: BTreeMap::new(),
            outbox: BTreeSet::new(),
            erased: None,
            locked: false,
            fetched: [None, None],
            publishers: [None, None],
        };
        code.commit(&begun);
        code
    }

    /// Writes a move, as the transaction does.
    fn commit(&mut self, change: &Change) {
        self.photo = change.after.clone();
        for (feed, _) in &change.feed_deletes {
            assert!(self.feeds.remove(feed), "{feed} was there");
        }
        self.feeds.extend(change.feed_puts.iter().map(|(feed, _)| feed.clone()));
        for (name, n) in &change.counters {
            *self.counters.entry(name.clone()).or_default() += n;
        }
        for purge in &change.purges {
            let scope = match &purge.scope {
                PurgeScope::Words => continue,
                PurgeScope::Everything(_) => Scope::Everything,
                PurgeScope::Public(of) => Scope::Revision(number_of(of)),
                PurgeScope::Renditions(hash) => Scope::Renditions(folder_of(hash)),
            };
            self.outbox.insert(Purge { version: small(purge.version), round: purge.round, scope });
        }
        self.locked = (self.locked || change.blocks.is_some()) && change.unblocks.is_none();
        if self.photo.state == State::Deleted {
            self.locked = false;
        }
    }

    fn try_commit(&mut self, change: Option<&Change>) -> bool {
        if let Some(change) = change {
            self.commit(change);
        }
        change.is_some()
    }

    fn decide(&self, decision: Decision, seen: &Photo, revision: Revision) -> Option<Change> {
        let person = Identity { id: KeyId::from_bits([2; 10]), known_since: self.now - SignedDuration::from_hours(24) };
        let deciding = Deciding {
            decision,
            seen_version: seen.version,
            reason: Some("because of a walk".to_owned()),
            revision,
            feed_shards: self.edition.feed_shards,
            sound: None,
            person: Some(person),
        };
        self.photo.decide(&deciding, &moderator(), self.now).ok()
    }

    fn decided(&mut self, decision: Decision) {
        let change = self.decide(decision, &self.photo, revision(0));
        assert!(self.try_commit(change.as_ref()), "{decision} of {:?}", self.photo);
    }

    fn words(&self) -> Edit {
        let n: u32 = self.photo.caption.trim_start_matches("Words ").parse().unwrap();
        Edit { caption: Some(format!("Words {}", n + 1)), ..Edit::default() }
    }

    fn reported(&mut self, hides: bool) {
        // A device with a history, on which no brake is.
        let by = Reporter::new(&NetworkId::from_digest(&[7; 32]), Some(&UploaderId::from_secret(&secret())));
        let reason = if hides { ReportReason::Me } else { ReportReason::Other };
        let report = Reporting { by: &by, reason, reference: "EGFTZ-6SP5G", within_rate: true, again: false };
        let change = self.photo.report(&report, &Brake::default(), self.now).unwrap().change;
        assert!(self.try_commit(change.as_ref()), "{reason} of {:?}", self.photo);
    }

    /// The scope of the code that this of the model stands for.
    fn scope(&self, scope: Scope) -> PurgeScope {
        match scope {
            Scope::Everything => PurgeScope::Everything(self.photo.original_key().to_string()),
            Scope::Revision(n) => PurgeScope::Public(revision(n)),
            Scope::Renditions(folder) => PurgeScope::Renditions(rendered(folder).hash),
        }
    }

    /// Does the same as the model has done. Bytes are the model's alone.
    fn follow(&mut self, before: &World, step: Step, after: &World) {
        self.now += SignedDuration::from_secs(1);
        match step {
            Step::AddressDies => self.now = self.now.max(self.photo.upload_until),
            Step::Fetch(i) => {
                let wanted = self.photo.expects_bytes() || self.photo.moderation.covering();
                assert_eq!(before.original && wanted, after.workers[i] != Worker::Idle, "a message is acted upon");
                self.fetched[i] = (after.workers[i] != Worker::Idle).then(|| self.photo.clone());
            }
            Step::WorkerDies(i) => self.fetched[i] = None,
            Step::Commit(i) => {
                let read = self.fetched[i].take().unwrap();
                let asked = read.moderation.redaction.clone().filter(|_| read.moderation.covering());
                let cover = asked.as_ref().map(cover_in);
                let made = rendered(Folder { cover, version: small(read.version) });
                let change = match asked {
                    Some(asked) => self.photo.redacted(&asked, made, "renditions", self.now),
                    None => self.photo.ingest(made, "renditions", self.now),
                };
                self.try_commit(change.as_ref());
            }
            Step::See(i) => self.publishers[i] = Some(Chosen { seen: self.photo.clone(), by_trust: false }),
            Step::Trust(i) => self.publishers[i] = Some(Chosen { seen: self.photo.clone(), by_trust: true }),
            Step::Copy(i) if after.publishers[i] == Publisher::Idle => self.publishers[i] = None,
            Step::PublisherDies(i) => self.publishers[i] = None,
            Step::Publish(i, _) => {
                let Chosen { seen, by_trust } = self.publishers[i].take().unwrap();
                let Publisher::Copied { revision: n, .. } = before.publishers[i] else { panic!("{before:?}") };
                let change = if by_trust {
                    // Its condition is the version, which the store looks at.
                    let change = seen.show_trusted(revision(n), self.edition.feed_shards, "housekeeping", self.now);
                    change.filter(|_| seen.version == self.photo.version)
                } else {
                    let hidden = seen.state == State::Hidden;
                    let decision = if hidden { Decision::Restore } else { Decision::Publish };
                    self.decide(decision, &seen, revision(n))
                };
                self.try_commit(change.as_ref());
            }
            Step::Distrust => {
                let change = self.photo.distrust("housekeeping", self.now);
                assert!(self.try_commit(change.as_ref()));
            }
            Step::Hide => self.decided(Decision::Hide),
            Step::Reject => self.decided(Decision::Reject),
            Step::TakeUp | Step::Release => self.decided(Decision::Release),
            Step::Quarantine => self.decided(Decision::Quarantine),
            Step::Report(hides) => self.reported(hides),
            Step::Edit => {
                let change = self.photo.edit(&self.words(), self.now).unwrap();
                assert!(self.try_commit(change.as_ref()));
            }
            Step::Reword => {
                let change = self.photo.edit_by(&self.words(), self.photo.version, &moderator(), self.now).unwrap();
                assert!(self.try_commit(change.as_ref()));
            }
            Step::Redact(cover, _) => {
                let change = self.photo.redact(vec![cover_of(cover)], self.photo.version, &moderator(), self.now);
                self.commit(&change.unwrap());
            }
            Step::Withdraw => {
                let change = self.photo.withdraw(self.now).unwrap();
                assert!(self.try_commit(change.as_ref()));
            }
            Step::PurgeGoesOn => self.purges(before, after),
            Step::SweepExpires => {
                self.now = self.now.max(self.photo.expires_at());
                let looked = before.expiring.unwrap();
                let change = self.photo.expire("housekeeping", self.now);
                self.try_commit(change.filter(|_| self.photo.version == u64::from(looked)).as_ref());
            }
            Step::SweepPublic(n) => assert!(!self.photo.names(&PurgeScope::Public(revision(n)))),
            Step::SweepReview => {
                let folder = before.sweeping.unwrap();
                assert!(!self.photo.awaits_renditions() && !self.photo.names(&self.scope(Scope::Renditions(folder))));
            }
            Step::SweepCovers => assert!(self.photo.moderation.covering()),
            Step::SweepSends => assert!(self.photo.expects_bytes()),
            Step::SweepOriginal => assert_eq!(self.photo.state, State::Deleted),
            Step::Copy(_)
            | Step::FindOut(_)
            | Step::FillBegins(_)
            | Step::FillEnds
            | Step::PurgeBegins(_)
            | Step::PurgerDies
            | Step::PutBegins(_)
            | Step::PutEnds(_)
            | Step::Render(_)
            | Step::SweepJudges(_)
            | Step::SweepLooks => {}
            Step::Repeat
            | Step::Renew
            | Step::SweepDrops
            | Step::SweeperDies
            | Step::LockTwin
            | Step::WithdrawStale
            | Step::FeedFollows
            | Step::Vanish => {
                panic!("{step:?} has no budget here")
            }
        }
    }

    /// A step of a purge: what it erases, the row does not name; it is noted at the version that promised it alone, and struck off last.
    fn purges(&mut self, before: &World, after: &World) {
        let purge = before.purging.unwrap().purge;
        let (scope, struck) = (self.scope(purge.scope), !after.outbox.contains(&purge));
        let erases = before.review != after.review
            || before.public != after.public
            || (purge.scope == Scope::Everything && before.original != after.original);
        assert!(!erases || !self.photo.names(&scope), "{scope:?} is named by {:?}", self.photo);
        if after.row.as_ref().unwrap().purged == Some(purge.version) && before.row != after.row {
            self.erased = (self.photo.version == u64::from(purge.version)).then_some(self.photo.version);
        }
        if struck {
            assert!(self.outbox.remove(&purge), "{purge:?} was promised");
        }
    }

    /// Both sides say the same.
    fn agrees(&self, world: &World, way: &[Step]) {
        let row = world.row.as_ref().unwrap();
        let Row { standing: stands, version, words, revision: shown, rendered, asked, purged, .. } = row;
        let photo = &self.photo;
        let context = || format!("after {way:?}:\n{photo:?}\n{world:?}");
        assert_eq!((standing(photo.state), photo.version), (*stands, u64::from(*version)), "{}", context());
        assert_eq!(photo.revision.as_ref().map(number_of), *shown, "the revision {}", context());
        let made = photo.rendered.as_ref().map(|rendered| folder_of(&rendered.hash));
        assert_eq!(made, *rendered, "the renditions {}", context());
        let redaction = photo.moderation.redaction.as_ref().filter(|_| photo.moderation.covering());
        let wanted = redaction.map(|asked| Ask { cover: cover_in(asked), version: small(asked.version) });
        assert_eq!(wanted, *asked, "the covers {}", context());
        assert_eq!(!self.feeds.is_empty(), world.feed, "the feeds {}", context());
        let published = self.counters.get("published").copied().unwrap_or_default();
        assert_eq!(published, i64::from(world.count), "the counter {}", context());
        assert_eq!(self.outbox, world.outbox, "the outbox {}", context());
        assert_eq!(self.locked, world.locked, "the lock {}", context());
        assert_eq!(photo.is_trusted(), world.is_trusted(), "trust {}", context());
        let gone = self.erased == Some(photo.version);
        assert_eq!(gone, *purged == Some(*version), "the status {}", context());
        if photo.state != State::Deleted {
            assert_eq!(photo.caption, format!("Words {words}"), "the words {}", context());
        }
    }
}

fn cover_in(redaction: &RequestedCovers) -> Cover {
    if redaction.covers == [cover_of(Cover::X)] { Cover::X } else { Cover::Y }
}

#[test]
fn the_rules_of_the_code_do_what_the_model_does_step_by_step() {
    let (mut steps, mut pairs, mut kinds) = (0, BTreeSet::new(), BTreeMap::new());
    for seed in 0..WALKS {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut code = Code::begin();
        let mut way = Vec::new();
        for (before, step, after) in walk(BUDGETS, STEPS, |possible| choose(&mut dice, possible)) {
            way.push(step);
            code.follow(&before, step, &after);
            code.agrees(&after, &way);
            pairs.extend(before.row.zip(after.row).map(|(before, after)| (before.standing, after.standing)));
            let name = format!("{step:?}");
            *kinds.entry(name.split('(').next().unwrap().to_owned()).or_insert(0) += 1;
            steps += 1;
        }
    }
    println!("{WALKS} walks, {steps} steps, {} pairs of standings: {kinds:?}", pairs.len());
    // All but two that change nothing of this photo, and three that only mistakes have.
    assert_eq!(kinds.len(), 37);
    assert!(pairs.len() > 25, "{pairs:?}");
}
