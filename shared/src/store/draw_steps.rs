//! The steps of prize draws: the schedule, the organiser's command and the console do them by the same code.
//!
//! Each step publishes its file first, reads back what stands, and then moves the row by that (see [`crate::domain::draw::steps`]). So a
//! step can end anywhere, and who does it again goes on from there: also a function whose time was over in the middle of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use aws_sdk_s3::Client;
use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};

use super::{
    Fault, Photos,
    activity::ActivityLog,
    buckets::{self, DrawFiles},
    draws::{DrawRow, Draws, Reached},
    editions::Editions,
    relays::Relays,
    table::Table,
    uploader_counters::UploaderCounters,
};
use crate::{
    domain::{
        Edition, EditionSlug, UploaderId,
        activity::Action,
        draw::{
            bad_file::FileName,
            entry::{Entry, carries},
            files::{Drawn, Source},
            protocol::{Entries, Secret},
            rules, rules_cy,
            settings::DrawSettings,
            steps::{Draw, Move, Reason, Refused, Standing, State},
        },
        ids::{DrawId, Leaf},
        keys::draw_file,
        people::Actor,
    },
    runtime::{Clock, ids::random},
};

/// By how much a freeze may be late before each photo is looked at: until then the counters of devices say enough.
const PUNCTUAL: SignedDuration = SignedDuration::from_mins(2);
/// Devices whose photos are looked at side by side.
const AT_ONCE: usize = 16;
/// Attempts at one move while somebody else makes others.
const ATTEMPTS: u32 = 10;

/// Why a step is not done.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// It does not fit.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Something broke.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// There is no such draw in the settings of any edition.
    #[error("there is no draw {0} in the settings")]
    Unknown(DrawId),
    /// Something stands in the way of announcing it.
    #[error("the draw cannot be announced yet: {}", .0.join(" "))]
    Incomplete(Vec<String>),
    /// It is not announced yet.
    #[error("the draw {0} is not announced yet: commit to it first")]
    NotAnnounced(DrawId),
    /// No relay gave the value.
    #[error(
        "no relay of the beacon gave round {0}: wait, or give its signature yourself, from any device that reaches the beacon"
    )]
    NoValue(u64),
    /// An observer is to say the sentence.
    #[error("this draw is drawn by an observer: give their name and their sentence")]
    NeedsObserver,
}

/// Where the value of a draw is to come from.
#[derive(Clone, Debug)]
pub enum Value {
    /// From the beacon's relays.
    Relays,
    /// From the caller, who gives it.
    Given(Drawn),
}

/// The steps of the draws of an installation.
#[derive(Clone, Debug)]
pub struct DrawSteps {
    activity: ActivityLog,
    pub(super) clock: Clock,
    pub(super) draws: Draws,
    editions: Editions,
    pub(super) files: DrawFiles,
    photos: Photos,
    pub(super) relays: Relays,
    senders: UploaderCounters,
    pub(super) table: Table,
}

impl DrawSteps {
    /// Returns the same steps at another time, for a rehearsal.
    pub(super) fn at(&self, time: Timestamp) -> Self {
        Self { clock: Clock::new(move || time), ..self.clone() }
    }

    /// Returns the steps of the draws in `table`, whose public files are in the public bucket, which is called `public`.
    pub fn new(table: &Table, s3: &Client, public: &str, relays: Relays, clock: &Clock) -> Self {
        Self {
            activity: ActivityLog::new(table),
            clock: clock.clone(),
            draws: Draws::new(table),
            editions: Editions::new(table, clock),
            files: DrawFiles::new(s3, public),
            photos: Photos::new(table),
            relays,
            senders: UploaderCounters::new(table),
            table: table.clone(),
        }
    }

    /// Does all steps of a draw whose time has come; returns the number of moves made.
    ///
    /// # Errors
    /// Why the next step is not done. What was done before it stays done.
    pub async fn advance(&self, edition: &Edition, settings: &DrawSettings) -> Result<u64, NotDone> {
        let (slug, id, by) = (&edition.slug, &settings.id, &Actor::Function("draws"));
        let before = self.draws.get(slug, id).await?.map_or(0, |row| row.draw.version);
        let mut row = self.commit(slug, settings, by).await?;
        let done = async {
            if self.clock.now() >= row.settings.freezes_at {
                row = self.freeze(slug, id, by).await?;
            }
            let by_observer = matches!(row.draw.announcement.source, Source::Observer {});
            let due = self.clock.now() >= row.settings.draws_at && row.draw.listed.is_some();
            // What an observer has said counts, even if the process that recorded it died before the next step.
            if due
                && row.draw.beacon.is_none()
                && (!by_observer || self.standing(slug, id, FileName::Beacon).await?.is_some())
            {
                row = self.beacon(slug, id, Value::Relays, by).await?;
            }
            if row.draw.beacon.is_some() && row.draw.state == State::Frozen {
                row = self.reveal(slug, id, by).await?;
            }
            if row.draw.state == State::Revealed {
                row = self.follow(slug, id, by).await?;
            }
            Ok(())
        };
        let done = done.await;
        let after = self.draws.get(slug, id).await?.map_or(0, |row| row.draw.version);
        done.map(|()| after - before)
    }

    /// Announces a draw, publishes its commitment and its rules, and opens it. Doing it again changes nothing.
    ///
    /// # Errors
    /// A draw whose freeze is over; a file that is not this draw's.
    pub async fn commit(&self, edition: &EditionSlug, settings: &DrawSettings, by: &Actor) -> Result<DrawRow, NotDone> {
        let id = &settings.id;
        let row = if let Some(row) = self.draws.get(edition, id).await? {
            row
        } else {
            let secret = Secret::from_bits(random());
            let announced = Draw::announce(settings.announcement(&secret), &secret, by, self.clock.now())?;
            self.draws.announce(edition, settings, &secret, &announced).await?;
            self.announced(edition, id).await?
        };
        if row.draw.state != State::Announced {
            return Ok(row);
        }
        let text = row.draw.announcement.to_text();
        let standing = self.publish(edition, id, FileName::Commit, text).await?;
        let key = draw_file(edition, id, rules::FILE);
        self.files.publish(&key, "text/html; charset=utf-8", row.settings.rules_page()).await?;
        let key = draw_file(edition, id, rules_cy::FILE);
        self.files.publish(&key, "text/html; charset=utf-8", row.settings.rules_page_in_welsh()).await?;
        self.step(edition, id, |draw, now| draw.open(Some(&standing.bytes), by, now)).await
    }

    /// Shuts a draw, and publishes the list of its entries. Doing it again changes nothing.
    ///
    /// # Errors
    /// Before its time, or before it is open.
    pub async fn freeze(&self, edition: &EditionSlug, id: &DrawId, by: &Actor) -> Result<DrawRow, NotDone> {
        let row = self.step(edition, id, |draw, now| draw.freeze(by, now)).await?;
        if row.draw.listed.is_some() {
            return Ok(row);
        }
        let entered = self.draws.entries(edition, id).await?;
        let standing = if let Some(standing) = self.standing(edition, id, FileName::Entries).await? {
            standing
        } else {
            let counting = self.counting(edition, &row, &entered).await?;
            let entries =
                Entries::from_leaves(counting.into_iter().map(|entry| entry.leaf(id))).map_err(Refused::from)?;
            self.publish(edition, id, FileName::Entries, entries.to_text()).await?
        };
        // The published list counts, whichever process gathered it.
        let entries = Entries::parse(&standing.bytes).map_err(Refused::from)?;
        let left_out: Vec<Entry> = entered.into_iter().filter(|entry| !entries.contains(&entry.leaf(id))).collect();
        self.draws.remove(edition, id, &left_out).await?;
        let left_out: Vec<UploaderId> = left_out.into_iter().map(|entry| entry.uploader).collect();
        self.forget(edition, &left_out).await?;
        self.step(edition, id, |draw, now| draw.list(&standing.bytes, standing.written_at, by, now)).await
    }

    /// Publishes the value that nobody knew before. Doing it again changes nothing.
    ///
    /// # Errors
    /// Before the list stands; a value that is not the announced one; an observer before their time; a beacon that nobody can reach.
    pub async fn beacon(
        &self,
        edition: &EditionSlug,
        id: &DrawId,
        value: Value,
        by: &Actor,
    ) -> Result<DrawRow, NotDone> {
        let row = self.announced(edition, id).await?;
        if row.draw.beacon.is_some() {
            return Ok(row);
        }
        let standing = if let Some(standing) = self.standing(edition, id, FileName::Beacon).await? {
            standing
        } else {
            let now = self.clock.now();
            let drawn = match (value, &row.draw.announcement.source) {
                (Value::Given(drawn), _) => drawn,
                (Value::Relays, Source::Observer {}) => return Err(NotDone::NeedsObserver),
                (Value::Relays, Source::Beacon { round, .. }) => {
                    row.draw.expects_round(now)?;
                    self.relays.round(*round).await.ok_or(NotDone::NoValue(*round))?
                }
            };
            let file = row.draw.beacon_file(drawn, now)?;
            self.publish(edition, id, FileName::Beacon, file.to_text()).await?
        };
        self.step(edition, id, |draw, now| draw.draw(&standing.bytes, by, now)).await
    }

    /// Publishes the result with the secret. Doing it again changes nothing.
    ///
    /// # Errors
    /// Before the value stands; a file that is not this draw's.
    pub async fn reveal(&self, edition: &EditionSlug, id: &DrawId, by: &Actor) -> Result<DrawRow, NotDone> {
        let row = self.announced(edition, id).await?;
        if row.draw.state > State::Frozen {
            return Ok(row);
        }
        if row.draw.beacon.is_none() {
            return Err(Refused::WrongState { state: row.draw.state, action: "reveal" }.into());
        }
        let missing = || Refused::Stands { file: FileName::Entries };
        let list = self.standing(edition, id, FileName::Entries).await?.ok_or_else(missing)?;
        let entries = Entries::parse(&list.bytes).map_err(Refused::from)?;
        let secret = self.draws.secret(edition, id).await?;
        let outcome = row.draw.outcome(&entries, &secret)?;
        let standing = self.publish(edition, id, FileName::Result, outcome.to_text()).await?;
        self.step(edition, id, |draw, now| draw.reveal(&standing.bytes, &entries, by, now)).await
    }

    /// Passes over one of the winners and reserves, for one of the listed reasons. Doing it again changes nothing.
    ///
    /// # Errors
    /// See [`Draw::disqualify`].
    pub async fn disqualify(
        &self,
        edition: &EditionSlug,
        id: &DrawId,
        leaf: &Leaf,
        reason: Reason,
        by: &Actor,
    ) -> Result<DrawRow, NotDone> {
        self.step(edition, id, |draw, now| draw.disqualify(leaf, reason, by, now)).await?;
        self.name_winners(edition, id).await
    }

    /// Records that a winner wants their prize. Doing it again changes nothing.
    ///
    /// # Errors
    /// See [`Draw::answer`].
    pub async fn answer(
        &self,
        edition: &EditionSlug,
        id: &DrawId,
        leaf: &Leaf,
        by: &Actor,
    ) -> Result<DrawRow, NotDone> {
        self.step(edition, id, |draw, now| draw.answer(leaf, by, now)).await
    }

    /// Records that a winner has their prize. Doing it again changes nothing.
    ///
    /// # Errors
    /// See [`Draw::deliver`].
    pub async fn deliver(
        &self,
        edition: &EditionSlug,
        id: &DrawId,
        leaf: &Leaf,
        by: &Actor,
    ) -> Result<DrawRow, NotDone> {
        // Before their contact is erased: the public reads of them as they chose.
        self.name_winners(edition, id).await?;
        self.step(edition, id, |draw, now| draw.deliver(leaf, by, now)).await
    }

    /// What follows after the reveal: those who took their entries back are passed over, and winners are named as they chose.
    async fn follow(&self, edition: &EditionSlug, id: &DrawId, by: &Actor) -> Result<DrawRow, NotDone> {
        let row = self.announced(edition, id).await?;
        let gone = self.draws.withdrawn(edition, id).await?;
        for place in row.draw.places.iter().filter(|place| gone.contains(&place.leaf)) {
            match place.standing {
                Standing::Holds { .. } | Standing::Waits => {
                    let leaf = &place.leaf;
                    self.step(edition, id, |draw, now| draw.disqualify(leaf, Reason::Withdrawn, by, now)).await?;
                }
                Standing::Delivered { .. } | Standing::Out { .. } => {}
            }
        }
        self.name_winners(edition, id).await
    }

    /// Keeps with the draw how the public reads of each who holds a prize or has it, and of nobody else.
    async fn name_winners(&self, edition: &EditionSlug, id: &DrawId) -> Result<DrawRow, NotDone> {
        for _ in 0..ATTEMPTS {
            let row = self.announced(edition, id).await?;
            let holders: BTreeSet<&Leaf> = row
                .draw
                .places
                .iter()
                .filter(|place| matches!(place.standing, Standing::Holds { .. } | Standing::Delivered { .. }))
                .map(|place| &place.leaf)
                .collect();
            if row.names.keys().collect::<BTreeSet<_>>() == holders {
                return Ok(row);
            }
            let new: Vec<Leaf> =
                holders.iter().filter(|leaf| !row.names.contains_key(**leaf)).map(|leaf| (*leaf).clone()).collect();
            let mut names: BTreeMap<Leaf, Option<String>> = row
                .names
                .iter()
                .filter(|(leaf, _)| holders.contains(leaf))
                .map(|(l, n)| (l.clone(), n.clone()))
                .collect();
            for (leaf, entrant) in new.iter().zip(self.draws.reached(edition, id, &new).await?) {
                names.insert(leaf.clone(), entrant.and_then(|entrant| entrant.public_name()));
            }
            if self.draws.name(edition, &row, names).await? {
                return self.announced(edition, id).await;
            }
        }
        Err(Fault::passing("name winners", "others kept moving the draw").into())
    }

    /// Returns how winners and reserves are reached who hold a prize or may get one, and nobody else: nobody writes to the others. The look
    /// is recorded in the activity log first, so that nobody has read a contact of which the log does not know. `by` and `name` are those of
    /// the person who looks, as [`ActivityLog::note_by`] takes them.
    ///
    /// # Errors
    /// Before the result.
    pub async fn contacts(
        &self,
        edition: &EditionSlug,
        id: &DrawId,
        by: &str,
        name: &str,
    ) -> Result<Vec<Reached>, NotDone> {
        let row = self.announced(edition, id).await?;
        row.draw.tells_contacts()?;
        self.activity.note_by(by, name, Action::ReadContacts, id.as_str(), self.clock.now()).await?;
        Ok(self.draws.contacts(edition, &row).await?)
    }

    /// Erases the contacts of those among these devices that have no entry left.
    async fn forget(&self, edition: &EditionSlug, uploaders: &[UploaderId]) -> Result<(), Fault> {
        if uploaders.is_empty() {
            return Ok(());
        }
        let draws = self.draws.all(edition).await?;
        let mut gone = Vec::new();
        for some in uploaders.chunks(AT_ONCE) {
            let mut looks = Vec::with_capacity(some.len());
            for uploader in some {
                looks.push(self.draws.own(edition, &draws, uploader));
            }
            for (uploader, own) in some.iter().zip(try_join_all(looks).await?) {
                if own.iter().all(|(_, entry)| entry.withdrawn_at.is_some()) {
                    gone.push(uploader.clone());
                }
            }
        }
        self.draws.erase(edition, &gone).await
    }

    /// The entries that count: not taken back, and carried by a photo.
    async fn counting(&self, edition: &EditionSlug, row: &DrawRow, entered: &[Entry]) -> Result<Vec<Entry>, Fault> {
        let freezes_at = row.settings.freezes_at;
        let punctual = self.clock.now().duration_since(freezes_at) <= PUNCTUAL;
        let standing: Vec<&Entry> = entered.iter().filter(|entry| entry.withdrawn_at.is_none()).collect();
        let uploaders: Vec<UploaderId> = standing.iter().map(|entry| entry.uploader.clone()).collect();
        let senders = self.senders.of_devices(edition, &uploaders).await?;
        let sender = |entry: &Entry| senders.get(&entry.uploader).copied().unwrap_or_default();
        let (sure, doubtful): (Vec<&Entry>, Vec<&Entry>) =
            standing.into_iter().partition(|entry| punctual && sender(entry).carries_for_sure());
        let mut counting: Vec<Entry> = sure.into_iter().cloned().collect();
        let doubtful: Vec<&Entry> = doubtful.into_iter().filter(|entry| sender(entry).may_carry()).collect();
        for some in doubtful.chunks(AT_ONCE) {
            let mut looks = Vec::with_capacity(some.len());
            for entry in some {
                looks.push(self.has_photo(edition, &entry.uploader, freezes_at));
            }
            let found = try_join_all(looks).await?;
            counting.extend(some.iter().zip(found).filter(|(_, found)| *found).map(|(entry, _)| (*entry).clone()));
        }
        Ok(counting)
    }

    /// Whether one of a device's photos carries an entry.
    async fn has_photo(
        &self,
        edition: &EditionSlug,
        uploader: &UploaderId,
        freezes_at: Timestamp,
    ) -> Result<bool, Fault> {
        let mut after = None;
        loop {
            let (photos, next) = self.photos.own_page(edition, uploader, after.as_ref()).await?;
            if photos.iter().any(|photo| carries(photo, freezes_at)) {
                return Ok(true);
            }
            if next.is_none() {
                return Ok(false);
            }
            after = next;
        }
    }

    /// Moves a draw by `rule`, which is asked again by what the draw is now until there is nothing to do.
    async fn step(
        &self,
        edition: &EditionSlug,
        id: &DrawId,
        rule: impl Fn(&Draw, Timestamp) -> Result<Option<Move>, Refused>,
    ) -> Result<DrawRow, NotDone> {
        for _ in 0..ATTEMPTS {
            let row = self.announced(edition, id).await?;
            let Some(step) = rule(&row.draw, self.clock.now())? else { return Ok(row) };
            if self.draws.advance(edition, &row, &step).await? {
                tracing::info!(draw = %id, action = step.log.action, state = %step.after.state, "a draw has moved");
            } else {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Err(Fault::passing("move draw", "others kept moving it").into())
    }

    /// Returns where an announced draw stands.
    ///
    /// # Errors
    /// [`NotDone::NotAnnounced`].
    pub async fn announced(&self, edition: &EditionSlug, id: &DrawId) -> Result<DrawRow, NotDone> {
        self.draws.get(edition, id).await?.ok_or_else(|| NotDone::NotAnnounced(id.clone()))
    }

    /// A public file of a draw. `None` if it is not published.
    async fn standing(
        &self,
        edition: &EditionSlug,
        id: &DrawId,
        name: FileName,
    ) -> Result<Option<buckets::Standing>, Fault> {
        self.files.get(&draw_file(edition, id, name.as_str())).await
    }

    /// Publishes a file of a draw, and answers with the one that stands then.
    async fn publish(
        &self,
        edition: &EditionSlug,
        id: &DrawId,
        name: FileName,
        text: String,
    ) -> Result<buckets::Standing, Fault> {
        let kind = match name {
            FileName::Entries => "text/plain; charset=utf-8",
            FileName::Commit | FileName::Beacon | FileName::Result => "application/json",
        };
        self.files.publish(&draw_file(edition, id, name.as_str()), kind, text).await
    }

    /// All draws of the settings, and where each stands; `None` of one that is not announced yet.
    ///
    /// # Errors
    /// Faults of the service.
    pub async fn all(&self) -> Result<Vec<(DrawSettings, Option<DrawRow>)>, Fault> {
        let mut all = Vec::new();
        for edition in self.editions.all().await? {
            let rows = self.draws.all(&edition.slug).await?;
            for settings in edition.draws {
                let row = rows.iter().find(|row| *row.id() == settings.id).cloned();
                all.push((settings, row));
            }
        }
        Ok(all)
    }

    /// The draw of that id, with the edition that has it.
    ///
    /// # Errors
    /// [`NotDone::Unknown`] if no edition's settings have it.
    pub async fn find(&self, id: &DrawId) -> Result<(Edition, DrawSettings), NotDone> {
        let editions = self.editions.all().await?;
        let found = editions.into_iter().find_map(|edition| {
            let settings = edition.draws.iter().find(|settings| settings.id == *id)?.clone();
            Some((edition, settings))
        });
        found.ok_or_else(|| NotDone::Unknown(id.clone()))
    }
}
