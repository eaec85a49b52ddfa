//! What each step needs, and what it does.

use std::collections::BTreeSet;

use crate::{
    Ask, Cover, Dropping, Folder, Mistake, Publisher, Purge, Purging, Row, Scope, Standing, Step, Worker, World,
};

/// Which mistake is made, if any.
pub(crate) type Made = Option<Mistake>;

/// The steps of a purge, in their order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Look,
    Erase,
    Forget,
    Strike,
}

fn parts(scope: Scope, made: Made) -> &'static [Part] {
    match (made, scope) {
        // Renditions under review were never at an edge.
        (Some(Mistake::StrikeBeforeErasing), Scope::Renditions(_)) => &[Part::Strike, Part::Look, Part::Erase],
        (Some(Mistake::ErasesWithoutLooking), Scope::Renditions(_)) => &[Part::Erase, Part::Strike],
        (_, Scope::Renditions(_)) => &[Part::Look, Part::Erase, Part::Strike],
        (Some(Mistake::StrikeBeforeErasing), _) => &[Part::Strike, Part::Erase, Part::Forget],
        (Some(Mistake::NoInvalidation), _) => &[Part::Erase, Part::Strike],
        (_, _) => &[Part::Erase, Part::Forget, Part::Strike],
    }
}

/// Where a worker puts what it made for this version of the row.
fn folder(version: u8, ask: Option<Ask>, made: Made) -> Folder {
    let alone = matches!(made, Some(Mistake::FolderOfTheBytesAlone | Mistake::ErasesWithoutLooking));
    Folder { cover: ask.map(|ask| ask.cover), version: if alone { 0 } else { version } }
}

impl World {
    fn standing(&self) -> Option<Standing> {
        self.row.as_ref().map(|row| row.standing)
    }

    fn expects_bytes(&self, made: Made) -> bool {
        match self.standing() {
            Some(Standing::Reserved) => true,
            Some(Standing::Expired) => made != Some(Mistake::ExpiredIsTheEnd),
            Some(
                Standing::Pending
                | Standing::Published
                | Standing::Hidden
                | Standing::Rejected
                | Standing::Deleted
                | Standing::Quarantined,
            )
            | None => false,
        }
    }

    /// Whether everything has ended that began before now: what the seconds of the fence stand for. An upload that outlives its own
    /// address outlives the fence too.
    fn fence(&self) -> bool {
        !self.address
            && self.putting != Some(false)
            && self.workers.iter().all(|worker| *worker == Worker::Idle)
            && self.publishers.iter().all(|publisher| *publisher == Publisher::Idle)
            && self.filling.is_none()
            && self.dropping.is_none()
    }

    /// Whether a moderator has locked this photo away. A file without a row has no renditions.
    pub(crate) fn is_locked_away(row: &Row) -> bool {
        row.standing == Standing::Quarantined && row.rendered.is_some()
    }

    /// Whether a worker may still come to name a folder under review.
    fn is_coming(&self, made: Made) -> bool {
        self.expects_bytes(made) || self.row.as_ref().is_some_and(|row| row.asked.is_some())
    }

    /// Whether it may be shown as it is before anybody has looked at it.
    pub fn is_trusted(&self) -> bool {
        let row = self.row.as_ref();
        row.is_some_and(|row| row.standing == Standing::Pending && row.trusted.is_some() && row.asked.is_none())
    }

    fn names(&self, revision: u8) -> bool {
        let row = self.row.as_ref();
        row.is_some_and(|row| row.standing == Standing::Published && row.revision == Some(revision))
    }

    /// What can be done next.
    pub(crate) fn steps(&self, made: Made) -> Vec<Step> {
        let mut steps = Vec::new();
        let left = &self.left;
        let mut may = |yes: bool, step: Step| {
            if yes {
                steps.push(step);
            }
        };
        may(left.repeats > 0, Step::Repeat);
        may(left.puts > 0 && self.address && self.putting.is_none(), Step::PutBegins(false));
        may(left.puts > 0 && left.slow > 0 && self.address && self.putting.is_none(), Step::PutBegins(true));
        // A slow one ends when everything else has.
        if self.putting == Some(false) || (self.putting == Some(true) && self.fence()) {
            may(true, Step::PutEnds(1));
            may(left.lost > 0, Step::PutEnds(0));
            may(left.repeated > 0, Step::PutEnds(2));
        }
        may(self.address && self.putting != Some(false), Step::AddressDies);
        let reserved = self.standing() == Some(Standing::Reserved);
        may(left.renewals > 0 && reserved && !self.address, Step::Renew);
        for (i, worker) in self.workers.iter().enumerate() {
            match worker {
                Worker::Idle => may(self.messages > 0, Step::Fetch(i)),
                Worker::Fetched { .. } => may(true, Step::Render(i)),
                Worker::Rendered { .. } => may(true, Step::Commit(i)),
            }
            may(*worker != Worker::Idle && left.crashes > 0, Step::WorkerDies(i));
        }
        let covering = self.row.as_ref().is_some_and(|row| row.asked.is_some());
        let shown = matches!(self.standing(), Some(Standing::Pending | Standing::Hidden)) && !covering;
        for (i, publisher) in self.publishers.iter().enumerate() {
            match publisher {
                Publisher::Idle => {
                    may(shown && left.publications > 0, Step::See(i));
                    may(self.is_trusted() && left.trusts > 0, Step::Trust(i));
                }
                Publisher::Saw { .. } | Publisher::Owing { .. } => may(true, Step::Copy(i)),
                Publisher::Copied { .. } => {
                    may(true, Step::Publish(i, true));
                    may(left.unanswered > 0, Step::Publish(i, false));
                }
                Publisher::Unanswered { .. } => may(true, Step::FindOut(i)),
            }
            may(*publisher != Publisher::Idle && left.crashes > 0, Step::PublisherDies(i));
        }
        may(self.is_trusted() && left.trusts > 0, Step::Distrust);
        let public = self.standing() == Some(Standing::Published);
        may(left.hides > 0 && public, Step::Hide);
        let waits = matches!(self.standing(), Some(Standing::Pending | Standing::Hidden));
        may(left.rejections > 0 && waits, Step::Reject);
        may(self.standing() == Some(Standing::Rejected), Step::TakeUp);
        may(left.reports > 0 && public, Step::Report(true));
        may(left.remarks > 0 && public, Step::Report(false));
        let editable = matches!(self.standing(), Some(Standing::Pending | Standing::Published));
        may(left.edits > 0 && editable, Step::Edit);
        let decided = matches!(self.standing(), Some(Standing::Pending | Standing::Published | Standing::Hidden));
        may(left.rewords > 0 && decided, Step::Reword);
        for cover in [Cover::X, Cover::Y] {
            may(left.covers > 0 && decided, Step::Redact(cover, true));
            may(left.covers > 0 && decided && left.lost > 0, Step::Redact(cover, false));
        }
        may(left.quarantines > 0 && (decided || self.standing() == Some(Standing::Rejected)), Step::Quarantine);
        may(self.row.as_ref().is_some_and(Self::is_locked_away), Step::Release);
        may(left.twins > 0 && decided, Step::LockTwin);
        let removable = self.standing().is_some_and(|is| !matches!(is, Standing::Deleted | Standing::Quarantined));
        may(left.withdrawals > 0 && removable, Step::Withdraw);
        may(self.stale.is_some(), Step::WithdrawStale);
        may(self.feed_later.is_some(), Step::FeedFollows);
        if self.purging.is_some() {
            may(true, Step::PurgeGoesOn);
            may(left.crashes > 0, Step::PurgerDies);
        } else {
            for purge in &self.outbox {
                let first = self.outbox.contains(&Purge { round: 1, ..*purge });
                let alone = !first || made == Some(Mistake::RoundsTogether);
                let due = purge.round == 1 || (self.fence() && alone) || made == Some(Mistake::NoFence);
                may(due, Step::PurgeBegins(*purge));
            }
        }
        for revision in &self.public {
            let known = self.shown.contains(revision);
            may(left.fills > 0 && self.filling.is_none() && known, Step::FillBegins(*revision));
        }
        may(self.filling.is_some(), Step::FillEnds);
        self.sweeps(made, &mut steps);
        steps
    }

    fn sweeps(&self, made: Made, steps: &mut Vec<Step>) {
        let reserved = self.standing() == Some(Standing::Reserved);
        let quiet = self.messages == 0 && self.workers.iter().all(|worker| *worker == Worker::Idle);
        if made != Some(Mistake::NoSweepOfRows) && reserved && self.original && quiet {
            steps.push(Step::SweepSends);
        }
        if reserved && !self.address && !self.original && self.expiring.is_none() && self.putting != Some(false) {
            steps.push(Step::SweepLooks);
        }
        if self.expiring.is_some() {
            steps.push(Step::SweepExpires);
        }
        if self.dropping.is_some() {
            steps.push(Step::SweepDrops);
            if self.left.crashes > 0 {
                steps.push(Step::SweeperDies);
            }
        }
        // The sweep of covers sees those alone that a moderator could decide about.
        let hidden = made != Some(Mistake::NoSweepOfHiddenCovers) && self.standing() == Some(Standing::Hidden);
        let covering = self.row.as_ref().is_some_and(|row| row.asked.is_some())
            && (self.standing() == Some(Standing::Pending) || hidden);
        if made != Some(Mistake::NoSweepOfCovers) && covering && self.original && quiet {
            steps.push(Step::SweepCovers);
        }
        if self.sweeping.is_some() {
            steps.push(Step::SweepReview);
        }
        if made != Some(Mistake::NoSweepOfOrphans) {
            let settled = self.fence() && self.outbox.is_empty();
            for revision in &self.public {
                let young = made == Some(Mistake::SweepTakesTheYoung);
                if !self.names(*revision) && (settled || young) {
                    steps.push(Step::SweepPublic(*revision));
                }
            }
            let named = self.row.as_ref().and_then(|row| row.rendered);
            let coming = self.is_coming(made);
            for folder in self.review.iter().filter(|folder| Some(**folder) != named) {
                if self.sweeping.is_none() && !coming && settled && quiet {
                    steps.push(Step::SweepJudges(*folder));
                }
            }
            let wanted = match self.standing() {
                None => false,
                Some(Standing::Deleted) => made == Some(Mistake::LateFileStays),
                Some(Standing::Expired) => made == Some(Mistake::ExpiredIsTheEnd),
                Some(_) => true,
            };
            // Of an expired video, what is not all there.
            let stray = self.part && !self.original && made != Some(Mistake::StrayPartStays);
            let stray = stray && matches!(self.standing(), Some(Standing::Deleted | Standing::Expired));
            if ((self.original && !wanted) || stray) && settled && quiet {
                steps.push(Step::SweepOriginal);
            }
        }
        let vanishes = match made {
            Some(Mistake::TtlOnReserved) => reserved,
            Some(Mistake::TtlOnTombstones) => self.standing() == Some(Standing::Deleted) && self.outbox.is_empty(),
            _ => false,
        };
        if vanishes {
            steps.push(Step::Vanish);
        }
    }

    /// The world after a step.
    #[expect(clippy::too_many_lines, reason = "a line or two for each step; apart they would be harder to compare")]
    pub(crate) fn after(&self, step: Step, made: Made) -> Self {
        let mut world = self.clone();
        match step {
            Step::Repeat => {
                world.left.repeats -= 1;
                if world.row.is_none() {
                    world.row = Some(reserved());
                    world.address = true;
                }
            }
            Step::PutBegins(slow) => {
                world.left.puts -= 1;
                world.left.slow -= u8::from(slow);
                world.putting = Some(slow);
            }
            Step::PutEnds(deliveries) => world.put_ends(deliveries),
            Step::AddressDies => world.address = false,
            Step::Renew => {
                world.left.renewals -= 1;
                world.address = true;
                // The row has a later expiry: an expiry that follows from the earlier one is refused.
                world.expiring = None;
            }
            Step::Fetch(i) => world.fetch(i, made),
            Step::Render(i) => {
                if let Worker::Fetched { version, ask } = world.workers[i] {
                    world.review.insert(folder(version, ask, made));
                    world.workers[i] = Worker::Rendered { version, ask };
                }
            }
            Step::Commit(i) => world.commit(i, made),
            Step::WorkerDies(i) => {
                world.left.crashes -= 1;
                world.workers[i] = Worker::Idle;
                world.messages += 1;
            }
            Step::See(i) => {
                if let Some(row) = &world.row {
                    world.publishers[i] = Publisher::Saw { version: row.version, words: row.words };
                }
                world.left.publications -= 1;
            }
            Step::Trust(i) => {
                world.left.trusts -= 1;
                if let Some((row, words)) = world.row.as_ref().and_then(|row| Some((row, row.trusted?))) {
                    world.publishers[i] = Publisher::Saw { version: row.version, words };
                }
            }
            Step::Distrust => {
                world.left.trusts -= 1;
                if let Some(row) = &mut world.row {
                    row.version += 1;
                    row.trusted = None;
                }
            }
            Step::Copy(i) => world.copy(i, made),
            Step::Publish(i, answered) => world.publish(i, answered, made),
            Step::FindOut(i) => {
                if let Publisher::Unanswered { revision } = world.publishers[i]
                    && (made == Some(Mistake::NoAnswerIsALoss) || !world.names(revision))
                {
                    world.public.remove(&revision);
                }
                world.publishers[i] = Publisher::Idle;
            }
            Step::PublisherDies(i) => {
                world.left.crashes -= 1;
                world.publishers[i] = Publisher::Idle;
            }
            Step::Hide => {
                world.left.hides -= 1;
                world.take_down(Standing::Hidden, made);
            }
            Step::Reject => world.reject(made),
            Step::TakeUp => {
                if let Some(row) = &mut world.row {
                    row.standing = Standing::Pending;
                    row.version += 1;
                }
            }
            Step::Report(hides) => world.report(hides, made),
            Step::Reword => {
                world.left.rewords -= 1;
                if let Some(row) = &mut world.row {
                    row.version += 1;
                    row.words += 1;
                    // The moderator who wrote them has seen them.
                    row.trusted = row.trusted.map(|_| row.words);
                }
            }
            Step::Edit => {
                world.left.edits -= 1;
                let shown = world.standing() == Some(Standing::Published);
                let trusted = world.row.as_ref().and_then(|row| row.trusted);
                if shown {
                    world.take_down(Standing::Pending, made);
                } else if let Some(row) = &mut world.row {
                    row.version += 1;
                }
                if let Some(row) = &mut world.row {
                    row.words += 1;
                    row.trusted = trusted.filter(|_| made == Some(Mistake::TrustOutlivesWords));
                }
            }
            Step::Redact(cover, told) => world.redact(cover, told, made),
            Step::Quarantine => {
                world.left.quarantines -= 1;
                world.take_down(Standing::Quarantined, made);
                world.locked = true;
            }
            Step::Release => {
                if let Some(row) = &mut world.row {
                    row.standing = Standing::Pending;
                    row.version += 1;
                }
                world.locked = made == Some(Mistake::ReleaseKeepsTheLock);
            }
            Step::LockTwin => {
                world.left.twins -= 1;
                world.locked_elsewhere = true;
            }
            Step::Withdraw => {
                world.left.withdrawals -= 1;
                if made == Some(Mistake::WithdrawalWithoutCondition) {
                    world.stale.clone_from(&world.row);
                } else {
                    world.take_down(Standing::Deleted, made);
                }
            }
            Step::WithdrawStale => world.withdraw_stale(),
            Step::FeedFollows => {
                if let Some(feed) = world.feed_later.take() {
                    world.feed = feed;
                }
            }
            Step::PurgeBegins(purge) => world.purging = Some(Purging { purge, done: 0 }),
            Step::PurgeGoesOn => world.purge_goes_on(made),
            Step::PurgerDies => {
                world.left.crashes -= 1;
                world.purging = None;
            }
            Step::FillBegins(revision) => {
                world.left.fills -= 1;
                world.filling = Some(revision);
            }
            Step::FillEnds => world.edge.extend(world.filling.take()),
            Step::SweepSends | Step::SweepCovers => world.messages += 1,
            Step::SweepLooks => {
                world.expiring = world.row.as_ref().map(|row| row.version);
                if made == Some(Mistake::DropsBeforeExpiring) && world.part {
                    world.dropping = Some(Dropping::Deletes);
                }
            }
            Step::SweepDrops => world.drop_parts(),
            Step::SweeperDies => {
                world.left.crashes -= 1;
                world.dropping = None;
            }
            Step::SweepExpires => {
                if let (Some(version), Some(row)) = (world.expiring.take(), &mut world.row)
                    && row.version == version
                    && row.standing == Standing::Reserved
                {
                    row.standing = Standing::Expired;
                    row.version += 1;
                    world.dropping = world.dropping.or(world.part.then_some(Dropping::Looks));
                }
            }
            Step::SweepPublic(revision) => {
                world.public.remove(&revision);
            }
            Step::SweepJudges(folder) => world.sweeping = Some(folder),
            Step::SweepReview => {
                if let Some(folder) = world.sweeping.take() {
                    world.review.remove(&folder);
                }
            }
            Step::SweepOriginal => world.sweep_original(),
            Step::Vanish => world.row = None,
        }
        world
    }

    fn put_ends(&mut self, deliveries: u8) {
        self.putting = None;
        // A second file under the same name is refused; the client takes that for success, since it is the same.
        if self.original {
            return;
        }
        if self.left.parts > 1 && !self.part {
            self.part = true;
        } else {
            self.original = true;
            self.acknowledged = true;
        }
        self.left.lost -= u8::from(deliveries == 0);
        self.left.repeated -= u8::from(deliveries == 2);
        self.messages += deliveries;
    }

    fn fetch(&mut self, i: usize, made: Made) {
        self.messages -= 1;
        if self.standing() == Some(Standing::Deleted) && made != Some(Mistake::LateFileStays) {
            // Of a video, the part that the message is about.
            self.part &= self.original;
            self.original = false;
        }
        let Some(row) = &self.row else { return };
        let stopped = made == Some(Mistake::LockStopsCovers) && (self.locked || self.locked_elsewhere);
        let ask = row.asked.filter(|_| !stopped);
        let there = self.original || (made == Some(Mistake::PartIsEnough) && self.part);
        if (self.expects_bytes(made) || ask.is_some()) && there {
            self.workers[i] = Worker::Fetched { version: row.version, ask };
        }
    }

    /// Covers are drawn: a published photo leaves the site until it has them.
    fn redact(&mut self, cover: Cover, told: bool, made: Made) {
        self.left.covers -= 1;
        if self.standing() == Some(Standing::Published) {
            self.take_down(Standing::Pending, made);
        } else if let Some(row) = &mut self.row {
            row.version += 1;
        }
        if let Some(row) = &mut self.row {
            row.asked = Some(Ask { cover, version: row.version });
            row.trusted = None;
        }
        self.messages += u8::from(told);
        self.left.lost -= u8::from(!told);
    }

    fn reject(&mut self, made: Made) {
        self.left.rejections -= 1;
        self.take_down(Standing::Rejected, made);
        if made == Some(Mistake::RejectionErases)
            && let Some(row) = &mut self.row
            && let Some(folder) = row.rendered.take()
        {
            let (version, scope) = (row.version, Scope::Renditions(folder));
            self.outbox.extend([1, 2].map(|round| Purge { version, round, scope }));
        }
    }

    /// Somebody reports what is published.
    fn report(&mut self, hides: bool, made: Made) {
        if hides {
            self.left.reports -= 1;
            self.take_down(Standing::Hidden, made);
            return;
        }
        self.left.remarks -= 1;
        if let Some(row) = &mut self.row {
            row.version += 1;
            row.revision = row.revision.filter(|_| made != Some(Mistake::ReportTakesTheRevision));
        }
    }

    fn commit(&mut self, i: usize, made: Made) {
        let Worker::Rendered { version, ask } = std::mem::replace(&mut self.workers[i], Worker::Idle) else { return };
        let folder = folder(version, ask, made);
        let unconditional = made == Some(Mistake::CommitWithoutCondition);
        let wanted = self.expects_bytes(made);
        let Some(row) = &mut self.row else { return };
        let same = |asked: Ask, ask: Ask| {
            asked == ask || (made == Some(Mistake::CommitsToAnotherAsk) && asked.cover == ask.cover)
        };
        match ask {
            Some(ask) if row.asked.is_some_and(|asked| same(asked, ask)) => {
                row.version += 1;
                row.asked = None;
                row.purged = None;
                let before = row.rendered.replace(folder).filter(|before| *before != folder);
                let version = row.version;
                let scopes = before.into_iter().map(Scope::Renditions);
                self.outbox.extend(scopes.flat_map(|scope| [1, 2].map(|round| Purge { version, round, scope })));
            }
            None if wanted || unconditional => {
                row.version = if unconditional { version + 1 } else { row.version + 1 };
                row.standing = Standing::Pending;
                row.rendered = Some(folder);
                row.revision = None;
            }
            // It lost. What it wrote is left to the sweep, unless nothing can ever name it.
            Some(_) | None => {
                if row.standing == Standing::Deleted {
                    self.review.remove(&folder);
                }
            }
        }
    }

    fn copy(&mut self, i: usize, made: Made) {
        match self.publishers[i] {
            Publisher::Saw { version, words } => {
                let again = made == Some(Mistake::RevisionUsedTwice);
                let revision = if again { 1 } else { self.next_revision };
                self.next_revision += 1;
                if made == Some(Mistake::StateBeforeBytes) {
                    self.publishers[i] = Publisher::Copied { version, words, revision };
                    return;
                }
                if self.has_renditions(version) {
                    self.public.insert(revision);
                    self.publishers[i] = Publisher::Copied { version, words, revision };
                } else {
                    self.publishers[i] = Publisher::Idle;
                }
            }
            Publisher::Owing { revision } => {
                if !self.review.is_empty() {
                    self.public.insert(revision);
                }
                self.publishers[i] = Publisher::Idle;
            }
            Publisher::Idle | Publisher::Copied { .. } | Publisher::Unanswered { .. } => {}
        }
    }

    /// Whether what a publisher saw at this version can be copied. If the row has moved on, the commit is refused whatever is copied.
    fn has_renditions(&self, version: u8) -> bool {
        match self.row.as_ref().filter(|row| row.version == version).and_then(|row| row.rendered) {
            Some(folder) => self.review.contains(&folder),
            None => !self.review.is_empty(),
        }
    }

    fn publish(&mut self, i: usize, answered: bool, made: Made) {
        let Publisher::Copied { version, words, revision } = self.publishers[i] else { return };
        self.left.unanswered -= u8::from(!answered);
        let any = made == Some(Mistake::PublishWithoutVersion);
        if made == Some(Mistake::CounterWithoutCondition) {
            self.count += 1;
        }
        let mut committed = false;
        if let Some(row) = &mut self.row
            && matches!(row.standing, Standing::Pending | Standing::Hidden)
            && (row.version == version || any)
        {
            self.unseen_words |= row.words != words;
            row.standing = Standing::Published;
            row.version += 1;
            row.revision = Some(revision);
            row.purged = if made == Some(Mistake::PurgedIsAFlag) { row.purged } else { None };
            committed = true;
        }
        if committed {
            self.feed = true;
            self.shown.insert(revision);
            if made != Some(Mistake::CounterWithoutCondition) {
                self.count += 1;
            }
        }
        self.publishers[i] = match (answered, committed, made) {
            (false, ..) => Publisher::Unanswered { revision },
            (true, true, Some(Mistake::StateBeforeBytes)) => Publisher::Owing { revision },
            (true, true, _) => Publisher::Idle,
            (true, false, _) => {
                self.public.remove(&revision);
                Publisher::Idle
            }
        };
    }

    /// A take-down: the state, the feed row, the counter and the promise to erase, in one transaction.
    fn take_down(&mut self, to: Standing, made: Made) {
        let Some(row) = &mut self.row else { return };
        let (was_public, revision) = (row.standing == Standing::Published, row.revision);
        row.standing = to;
        row.version += 1;
        (row.revision, row.trusted) = (None, None);
        if made != Some(Mistake::PurgedIsAFlag) {
            row.purged = None;
        }
        let version = row.version;
        if to == Standing::Deleted {
            (row.rendered, row.asked) = (None, None);
            self.promised_gone = true;
        }
        if was_public {
            self.count -= 1;
            if made == Some(Mistake::FeedRowLater) {
                self.feed_later = Some(false);
            } else {
                self.feed = false;
            }
        }
        let scope = match (to, revision) {
            (Standing::Deleted, _) => Scope::Everything,
            (_, Some(revision)) => Scope::Revision(revision),
            (_, None) => return,
        };
        let rounds: &[u8] = if made == Some(Mistake::NoSecondPurge) { &[1] } else { &[1, 2] };
        let purges = rounds.iter().map(|round| Purge { version, round: *round, scope });
        if made == Some(Mistake::NoOutbox) {
            self.purging = Some(Purging { purge: Purge { version, round: 2, scope }, done: 0 });
        } else {
            self.outbox.extend(purges);
        }
    }

    fn withdraw_stale(&mut self) {
        let Some(seen) = self.stale.take() else { return };
        let version = seen.version + 1;
        if seen.standing == Standing::Published {
            self.count -= 1;
            self.feed = false;
        }
        self.promised_gone = true;
        self.row = Some(Row {
            standing: Standing::Deleted,
            version,
            revision: None,
            rendered: None,
            asked: None,
            purged: None,
            trusted: None,
            ..seen
        });
        self.outbox.extend([1, 2].map(|round| Purge { version, round, scope: Scope::Everything }));
    }

    fn purge_goes_on(&mut self, made: Made) {
        let Some(Purging { purge, done }) = self.purging else { return };
        let parts = parts(purge.scope, made);
        match parts[usize::from(done)] {
            Part::Look => {
                let named = self.row.as_ref().and_then(|row| row.rendered).map(Scope::Renditions);
                if named == Some(purge.scope) {
                    // It is spared, and there is nothing left to do.
                    self.outbox.remove(&purge);
                    self.purging = None;
                    return;
                }
            }
            Part::Erase => {
                match purge.scope {
                    Scope::Everything => {
                        (self.original, self.part) = (false, false);
                        (self.review, self.public) = (BTreeSet::new(), BTreeSet::new());
                    }
                    Scope::Renditions(folder) => {
                        self.review.remove(&folder);
                    }
                    Scope::Revision(_) if made == Some(Mistake::PurgeByPhoto) => self.public = BTreeSet::new(),
                    Scope::Revision(revision) => {
                        self.public.remove(&revision);
                    }
                }
                let flag = made == Some(Mistake::PurgedIsAFlag);
                if let Some(row) = &mut self.row
                    && purge.round == 2
                    && (row.version == purge.version || flag)
                {
                    row.purged = Some(purge.version);
                }
            }
            Part::Forget => match purge.scope {
                Scope::Everything => self.edge = BTreeSet::new(),
                Scope::Revision(revision) => {
                    self.edge.remove(&revision);
                }
                Scope::Renditions(_) => {}
            },
            Part::Strike => {
                self.outbox.remove(&purge);
            }
        }
        let over = usize::from(done) + 1 == parts.len();
        self.purging = (!over).then_some(Purging { purge, done: done + 1 });
    }

    fn sweep_original(&mut self) {
        match self.standing() {
            None => self.row = Some(Row { standing: Standing::Quarantined, ..reserved() }),
            Some(Standing::Deleted) => (self.original, self.part) = (false, false),
            Some(Standing::Expired) if !self.original => self.part = false,
            Some(_) => self.messages += 1,
        }
    }

    /// The sweep has expired a video: if the last part came after all, a message is sent; otherwise the others are deleted.
    fn drop_parts(&mut self) {
        match self.dropping.take() {
            Some(Dropping::Looks) if self.original => self.messages += 1,
            Some(Dropping::Looks) => self.dropping = Some(Dropping::Deletes),
            Some(Dropping::Deletes) => (self.original, self.part) = (false, false),
            None => {}
        }
    }
}

/// The row of a photo that was just reserved.
pub(crate) fn reserved() -> Row {
    Row {
        standing: Standing::Reserved,
        version: 1,
        words: 1,
        revision: None,
        rendered: None,
        asked: None,
        purged: None,
        trusted: None,
    }
}
