//! The life of one photo as a model: every order in which its uploader, two ingest workers, two publishers, moderators, the sweeps, the
//! purges and an edge can act, with covers, quarantine, crashes, lost answers, and events that are lost or come twice.
//!
//! It says of the design what a test says of one run of the code: the explorer visits *every* state that the actors can reach within
//! small budgets ([`Budgets`]), and in each of them checks the promises ([`Promise`]). That the promises can be broken at all is shown
//! by [`Mistake`]s: each changes one step of the protocol, and the explorer must find a path to a broken promise for every one.
//!
//! What is a step here is one call of a service in the code, or one transaction; what the code does between two calls nobody else can
//! see. Time is only an order: the fence is "everything that began before the removal has ended", which is what its seconds stand for.
//!
//! | Here | In the code |
//! |---|---|
//! | [`World::row`], [`World::feed`], [`World::count`] | the photo's row, its feed rows, its counter: `store::photos::advance` |
//! | [`World::outbox`] and the steps of a purge | `store::outbox` |
//! | [`World::original`], [`World::part`] | all objects of an original; some of a video's parts: `Originals::parts` |
//! | a worker's steps | `renditions::ingest` |
//! | a publisher's steps | `moderation::decide`, `housekeeping::trusted` |
//! | [`Cover`], [`Ask`] and a worker's commit of them | `Photo::redact`, `Photo::redacted` |
//! | [`World::locked`] | the photo's own row in `store::blocklist` |
//! | the sweeps | `housekeeping::{reserved, covering, objects, purges}` |
//!
//! `tests/replay.rs` walks through the model and through the code's own rules at once, and compares them after each step.
//!
//! What is not here: two people who must agree, twins by their look, and an older copy of the table that comes back; the walks of
//! `domain::photo` and the stories have these.
//!
//! Every erasure looks at the row first. Of renditions under review that look is a step of its own here, because what it saw can be old
//! by the time of the erasure. Of a publication and of a deleted photo it is left out: a revision is never used again, and a deleted
//! photo never comes back, so that such a look cannot grow old.

mod check;
pub mod draw;
mod steps;

use std::collections::BTreeSet;

pub use check::{Found, explore, explore_mistake, walk};

/// Where the photo stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Its bytes may come.
    Reserved,
    /// Its bytes did not come in time.
    Expired,
    /// It waits for a decision.
    Pending,
    /// Everybody sees it.
    Published,
    /// It was taken off.
    Hidden,
    /// A moderator does not want it shown; its uploader reads why.
    Rejected,
    /// It is erased.
    Deleted,
    /// A file without a row was put aside, or a moderator locked the photo away.
    Quarantined,
}

/// What a moderator draws on the picture: two different sets of boxes are enough to tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cover {
    /// The first set.
    X,
    /// The second set.
    Y,
}

/// Covers that were asked for and that the renditions do not have yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ask {
    /// Which covers.
    pub cover: Cover,
    /// The version that asked: the same covers can be asked for twice.
    pub version: u8,
}

/// A folder of renditions under review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Folder {
    /// The covers on them. The same covers make the same bytes.
    pub cover: Option<Cover>,
    /// The version of the row for which they were made.
    pub version: u8,
}

/// The photo's row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    /// The state.
    pub standing: Standing,
    /// Grows with every move.
    pub version: u8,
    /// Which words it has.
    pub words: u8,
    /// The revision under which it is published.
    pub revision: Option<u8>,
    /// Where its renditions are; `None` until they are made, and once they are erased.
    pub rendered: Option<Folder>,
    /// The covers that its renditions do not have yet.
    pub asked: Option<Ask>,
    /// The version whose erasure is complete.
    pub purged: Option<u8>,
    /// The words with which it may be shown by trust, before anybody has looked at it.
    pub trusted: Option<u8>,
}

/// What a purge erases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everything of the photo.
    Everything,
    /// The public objects of one revision.
    Revision(u8),
    /// The renditions of one folder.
    Renditions(Folder),
}

/// A row of the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Purge {
    /// The version that promised it.
    pub version: u8,
    /// First, or second after the fence.
    pub round: u8,
    /// What goes.
    pub scope: Scope,
}

/// A purge that somebody is carrying out, and how many of its steps are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Purging {
    /// Which one.
    pub purge: Purge,
    /// Steps done.
    pub done: u8,
}

/// How far the sweep is with the parts of a video that has expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dropping {
    /// It is about to look once more whether all parts are there.
    Looks,
    /// It has seen that they are not, and is about to delete those that are.
    Deletes,
}

/// An ingest worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Worker {
    /// Waits for a message.
    Idle,
    /// Has read the row and the file; holds the message.
    Fetched {
        /// The version that it read.
        version: u8,
        /// The covers that the row asked for.
        ask: Option<Ask>,
    },
    /// Has written the renditions.
    Rendered {
        /// The version that it read.
        version: u8,
        /// The covers that the row asked for.
        ask: Option<Ask>,
    },
}

/// Somebody who publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Publisher {
    /// Looks at nothing.
    Idle,
    /// Has seen the photo.
    Saw {
        /// At this version.
        version: u8,
        /// With these words.
        words: u8,
    },
    /// Has copied it to the public bucket.
    Copied {
        /// Seen at this version.
        version: u8,
        /// With these words.
        words: u8,
        /// Under this revision.
        revision: u8,
    },
    /// Has committed, and does not know it.
    Unanswered {
        /// Under this revision.
        revision: u8,
    },
    /// Has committed without a copy (only by mistake).
    Owing {
        /// The revision that it must still copy to.
        revision: u8,
    },
}

/// What can still happen. Small numbers: each makes the space several times larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Budgets {
    /// Parts of its file: 1 for a photo, 2 for a video.
    pub parts: u8,
    /// Times that new addresses are asked for after the first have died.
    pub renewals: u8,
    /// Times that the file, or a part of it, is put.
    pub puts: u8,
    /// Events that are lost.
    pub lost: u8,
    /// Events that come twice.
    pub repeated: u8,
    /// Deaths of workers and publishers.
    pub crashes: u8,
    /// Commits whose answer is lost.
    pub unanswered: u8,
    /// Publications begun.
    pub publications: u8,
    /// Times that it is hidden.
    pub hides: u8,
    /// Times that its words are changed.
    pub edits: u8,
    /// Times that its uploader takes it back.
    pub withdrawals: u8,
    /// Times that the request which reserved it is repeated.
    pub repeats: u8,
    /// Times that an edge fetches it.
    pub fills: u8,
    /// Uploads that begin while the address lives and end after every fence.
    pub slow: u8,
    /// Times that covers are drawn.
    pub covers: u8,
    /// Times that it is locked away.
    pub quarantines: u8,
    /// Times that the same file is locked away with another photo.
    pub twins: u8,
    /// Times that it is rejected.
    pub rejections: u8,
    /// Times that it is reported for a reason that hides at once.
    pub reports: u8,
    /// Times that it is reported for a reason that does not.
    pub remarks: u8,
    /// Times that a moderator changes its words.
    pub rewords: u8,
    /// Times that it is shown by trust, or loses that trust; with none, its sender never had it.
    pub trusts: u8,
}

/// Everything.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a thing that is there or not, and they do not depend on each other"
)]
pub struct World {
    /// The row; none if it was never written or has vanished.
    pub row: Option<Row>,
    /// Whether the feed shows it.
    pub feed: bool,
    /// What the counter of published photos says.
    pub count: i8,
    /// Whether the original is there; of a video, whether all parts are present.
    pub original: bool,
    /// Whether a part of a video is there, alone or with the other.
    pub part: bool,
    /// What the sweep is about to do with the parts of a video.
    pub dropping: Option<Dropping>,
    /// Whether a PUT was acknowledged.
    pub acknowledged: bool,
    /// Whether somebody was told that it is gone.
    pub promised_gone: bool,
    /// Whether words became public that no moderator saw.
    pub unseen_words: bool,
    /// The folders of renditions in the review bucket.
    pub review: BTreeSet<Folder>,
    /// The revisions in the public bucket.
    pub public: BTreeSet<u8>,
    /// The revisions that were ever published: anybody may know their addresses.
    pub shown: BTreeSet<u8>,
    /// The next revision.
    pub next_revision: u8,
    /// Messages in the queue.
    pub messages: u8,
    /// Two workers.
    pub workers: [Worker; 2],
    /// Two publishers.
    pub publishers: [Publisher; 2],
    /// Erasures that are promised.
    pub outbox: BTreeSet<Purge>,
    /// The erasure that is being carried out.
    pub purging: Option<Purging>,
    /// The folder that the sweep of objects has found to be nobody's, and is about to erase.
    pub sweeping: Option<Folder>,
    /// Whether this photo keeps its file out of the site.
    pub locked: bool,
    /// Whether another photo with the same file does.
    pub locked_elsewhere: bool,
    /// What the edge has.
    pub edge: BTreeSet<u8>,
    /// What the edge is fetching.
    pub filling: Option<u8>,
    /// Whether the upload address still opens.
    pub address: bool,
    /// A PUT that has begun: whether it outlives the address.
    pub putting: Option<bool>,
    /// The sweep has seen that there is no object, of a row at this version.
    pub expiring: Option<u8>,
    /// The stale look of a withdrawal that does not check (only by mistake).
    pub stale: Option<Row>,
    /// A feed row that is to be removed in a write of its own (only by mistake).
    pub feed_later: Option<bool>,
    /// What can still happen.
    pub left: Budgets,
}

/// What must hold. The first eight in every state, the others once nothing more happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// The feed shows the photo exactly while it is published.
    FeedIsTrue,
    /// The counter is what a recount gives.
    CounterIsTrue,
    /// A published photo has all its bytes.
    PublishedHasBytes,
    /// Nothing becomes public that no moderator saw.
    SeenIsShown,
    /// A deleted photo never comes back.
    DeletedStays,
    /// The renditions that the row names are there.
    RenditionsAreThere,
    /// The photo keeps its file out of the site exactly while it is locked away.
    LockIsTrue,
    /// "Removed from storage" is said only while there is nothing.
    StatusIsTrue,
    /// An acknowledged photo is not forgotten: it ends decided or waiting for a decision.
    NothingLost,
    /// A photo that waits for a decision can be decided about: its renditions are there, with the covers that were asked for.
    WaitingCanBeDecided,
    /// Nothing of a deleted photo is left: no file, no rendition, no copy at an edge.
    GoneIsGone,
    /// Nothing is public of a photo that is not, and nothing lies about that no row names.
    NoOrphans,
    /// Every erasure that was promised was carried out.
    OutboxIsEmpty,
}

impl Promise {
    /// All promises.
    pub const ALL: [Self; 13] = [
        Self::FeedIsTrue,
        Self::CounterIsTrue,
        Self::PublishedHasBytes,
        Self::SeenIsShown,
        Self::DeletedStays,
        Self::RenditionsAreThere,
        Self::LockIsTrue,
        Self::StatusIsTrue,
        Self::NothingLost,
        Self::WaitingCanBeDecided,
        Self::GoneIsGone,
        Self::NoOrphans,
        Self::OutboxIsEmpty,
    ];
}

/// One wrong step. The explorer must find what it breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mistake {
    /// The ingest commits whatever the row says by now.
    CommitWithoutCondition,
    /// The counter is added to before the commit, whether or not that succeeds.
    CounterWithoutCondition,
    /// A take-down erases once.
    NoSecondPurge,
    /// The second erasure does not wait for what began before.
    NoFence,
    /// Nobody looks for objects that no row names.
    NoSweepOfOrphans,
    /// A photo is published first and copied then.
    StateBeforeBytes,
    /// A reserved row may expire by itself.
    TtlOnReserved,
    /// Bytes that come after `expired` are not wanted.
    ExpiredIsTheEnd,
    /// Publishing does not look at the version that the moderator saw.
    PublishWithoutVersion,
    /// Hiding erases every revision of the photo.
    PurgeByPhoto,
    /// Nobody looks for objects of reserved rows.
    NoSweepOfRows,
    /// A purge is struck off before it is carried out.
    StrikeBeforeErasing,
    /// Where the first erasure is late, the second does not wait for what an edge began to fetch before it.
    RoundsTogether,
    /// The edges are not told at all.
    NoInvalidation,
    /// A take-down erases by itself, without a row in the outbox.
    NoOutbox,
    /// The feed row goes in a write of its own, after the state.
    FeedRowLater,
    /// The sweep of orphans takes what is a moment old.
    SweepTakesTheYoung,
    /// A withdrawal writes what follows from an earlier look.
    WithdrawalWithoutCondition,
    /// A photo is shown again under its old revision.
    RevisionUsedTwice,
    /// "Erased" is a plain flag.
    PurgedIsAFlag,
    /// A tombstone expires by itself.
    TtlOnTombstones,
    /// An upload that outlives the fence is left where it is.
    LateFileStays,
    /// A worker that gets no answer takes the move for lost and cleans up.
    NoAnswerIsALoss,
    /// A folder is named by its bytes alone, so that one which was given up can be named again; its erasure looks first all the same.
    FolderOfTheBytesAlone,
    /// A folder is named by its bytes alone, and its erasure does not look.
    ErasesWithoutLooking,
    /// A worker commits the covers that it made, even if the same ones have been requested again since.
    CommitsToAnotherAsk,
    /// A photo that was let out of quarantine still keeps its file out.
    ReleaseKeepsTheLock,
    /// Covers are not made while the file is locked away with another photo.
    LockStopsCovers,
    /// Nobody looks for covers that were asked for and not made.
    NoSweepOfCovers,
    /// Covers that were asked for and not made are looked for while the photo is pending, and not while it is hidden.
    NoSweepOfHiddenCovers,
    /// A rejection erases the renditions under review, though the photo can be taken up again.
    RejectionErases,
    /// A report that hides nothing makes a new version without the revision under which the photo is published.
    ReportTakesTheRevision,
    /// New words of its uploader leave it trusted.
    TrustOutlivesWords,
    /// A worker takes a video of which only a part is there.
    PartIsEnough,
    /// The parts of an unfinished video are deleted before its row says that it has expired.
    DropsBeforeExpiring,
    /// A part that comes after its video has expired is left where it is.
    StrayPartStays,
}

impl Mistake {
    /// All mistakes.
    pub const ALL: [Self; 36] = [
        Self::CommitWithoutCondition,
        Self::CounterWithoutCondition,
        Self::NoSecondPurge,
        Self::NoFence,
        Self::NoSweepOfOrphans,
        Self::StateBeforeBytes,
        Self::TtlOnReserved,
        Self::ExpiredIsTheEnd,
        Self::PublishWithoutVersion,
        Self::PurgeByPhoto,
        Self::NoSweepOfRows,
        Self::StrikeBeforeErasing,
        Self::RoundsTogether,
        Self::NoInvalidation,
        Self::NoOutbox,
        Self::FeedRowLater,
        Self::SweepTakesTheYoung,
        Self::WithdrawalWithoutCondition,
        Self::RevisionUsedTwice,
        Self::PurgedIsAFlag,
        Self::TtlOnTombstones,
        Self::LateFileStays,
        Self::NoAnswerIsALoss,
        Self::FolderOfTheBytesAlone,
        Self::ErasesWithoutLooking,
        Self::CommitsToAnotherAsk,
        Self::ReleaseKeepsTheLock,
        Self::LockStopsCovers,
        Self::NoSweepOfCovers,
        Self::NoSweepOfHiddenCovers,
        Self::RejectionErases,
        Self::ReportTakesTheRevision,
        Self::TrustOutlivesWords,
        Self::PartIsEnough,
        Self::DropsBeforeExpiring,
        Self::StrayPartStays,
    ];
}

/// What somebody can do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The uploader's request is repeated.
    Repeat,
    /// A PUT begins; whether it outlives its address.
    PutBegins(bool),
    /// A PUT ends, and its event is delivered so many times.
    PutEnds(u8),
    /// The address dies.
    AddressDies,
    /// Its uploader asks for a new address.
    Renew,
    /// A worker takes a message, reads row and file.
    Fetch(usize),
    /// A worker writes the renditions.
    Render(usize),
    /// A worker commits, or finds that it lost and cleans up.
    Commit(usize),
    /// A worker dies; its message comes back.
    WorkerDies(usize),
    /// A publisher looks at the photo.
    See(usize),
    /// A publisher copies it to the public bucket.
    Copy(usize),
    /// A publisher commits, or finds that it lost and cleans up; whether the answer comes.
    Publish(usize, bool),
    /// A publisher finds out what became of a commit without an answer.
    FindOut(usize),
    /// A publisher dies.
    PublisherDies(usize),
    /// Housekeeping finds that it may be shown by trust, and goes on as a publisher does.
    Trust(usize),
    /// Its sender is no longer trusted.
    Distrust,
    /// A moderator hides it.
    Hide,
    /// A moderator rejects it.
    Reject,
    /// A moderator takes up again what was rejected.
    TakeUp,
    /// Somebody reports it; whether that hides it.
    Report(bool),
    /// Its uploader changes its words.
    Edit,
    /// A moderator changes its words.
    Reword,
    /// A moderator draws covers; whether the message about it arrives.
    Redact(Cover, bool),
    /// A moderator locks it away.
    Quarantine,
    /// The lead lets it out again.
    Release,
    /// The same file is locked away with another photo.
    LockTwin,
    /// Its uploader takes it back.
    Withdraw,
    /// A withdrawal that looked before writes now (only by mistake).
    WithdrawStale,
    /// A feed row follows the state (only by mistake).
    FeedFollows,
    /// Somebody begins to carry a purge out.
    PurgeBegins(Purge),
    /// The next step of the purge.
    PurgeGoesOn,
    /// The worker that carries out the purge dies.
    PurgerDies,
    /// An edge begins to fetch a revision.
    FillBegins(u8),
    /// The edge has it.
    FillEnds,
    /// The sweep finds the object of a reserved row and sends a message.
    SweepSends,
    /// The sweep finds no object.
    SweepLooks,
    /// The sweep expires the row.
    SweepExpires,
    /// The sweep goes on with the parts of a video that has expired.
    SweepDrops,
    /// The worker that sweeps dies.
    SweeperDies,
    /// The sweep of objects removes a public revision.
    SweepPublic(u8),
    /// The sweep of covers sends a message.
    SweepCovers,
    /// The sweep of objects finds a folder under review that is nobody's.
    SweepJudges(Folder),
    /// The sweep of objects erases it.
    SweepReview,
    /// The sweep of objects deals with the original.
    SweepOriginal,
    /// The row vanishes (only by mistake).
    Vanish,
}
