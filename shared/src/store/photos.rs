//! Photos: their rows, and the one transaction that changes a state.

use std::{collections::BTreeMap, fmt, str::FromStr, time::Duration};

use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, ReturnValue, TransactWriteItem, Update};
use jiff::Timestamp;

use super::{
    blocklist,
    buckets::{Public, Review},
    fault::{Fault, fault, is_refused},
    feed::{turn_sk, turns_pk},
    outbox,
    similar_photos::SimilarPhotos,
    table::{
        ATTEMPTS, Condition, MAIN, Range, SHARDS, Table, Transaction, back_off, key, number, own_pk, photo_item,
        photo_pk, read, row, sortable, text,
    },
    trust_revocations, twins, uploader_counters,
};
use crate::{
    domain::{
        audit::{self, AuditEntry},
        change::{Change, Purge, PurgeScope},
        feed::FeedRow,
        ids::{BadId, EditionSlug, KeyId, PhotoId, UploaderId},
        limits,
        photo::Photo,
        states::State,
    },
    runtime::{
        Clock,
        metrics::{self, Figure},
    },
};

/// The longest time, in seconds, between deciding a move and committing it. The feed of the wall relies on it: see [`super::wall_feed`].
pub(super) const COMMIT_SECONDS: u64 = 10;

/// The result of an attempt at a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The move is committed, by this call or by an earlier one whose answer was lost.
    Done,
    /// The photo was moved by someone else first. Contains the present photo; `None` if it does not exist. Decide again from it.
    Lost(Option<Box<Photo>>),
}

/// The result of applying a rule to a photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// There is no such photo.
    Absent,
    /// The rule requested no move.
    Unchanged(Box<Photo>),
    /// The move is committed.
    Changed(Box<Change>),
}

/// The photos of all editions.
#[derive(Clone, Debug)]
pub struct Photos {
    table: Table,
}

impl Photos {
    /// Returns a handle to the photos in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Returns the photo with this id, read consistently. (Pattern 1)
    pub async fn get(&self, id: &PhotoId) -> Result<Option<Photo>, Fault> {
        self.table.get(&photo_pk(id), MAIN).await
    }

    /// Returns many photos, in the order of `ids`; missing ones are left out.
    pub async fn get_many(&self, ids: &[PhotoId]) -> Result<Vec<Photo>, Fault> {
        let keys: Vec<_> = ids.iter().map(|id| (photo_pk(id), MAIN.to_owned())).collect();
        let mut photos: Vec<Photo> = self.table.get_many(&keys).await?;
        photos.sort_by_key(|photo| ids.iter().position(|id| *id == photo.id));
        Ok(photos)
    }

    /// Returns many photos, read with eventual consistency, in no particular order; missing ones are left out. Only for a first look that
    /// leads to nothing irreversible.
    pub async fn get_many_lately(&self, ids: &[PhotoId]) -> Result<Vec<Photo>, Fault> {
        let keys: Vec<_> = ids.iter().map(|id| (photo_pk(id), MAIN.to_owned())).collect();
        self.table.get_many_lately(&keys).await
    }

    /// Returns a photo's audit, oldest first. (Pattern 2)
    pub async fn audit(&self, photo: &Photo) -> Result<Vec<AuditEntry>, Fault> {
        Ok(audit::with_reservation(photo, self.audit_rows(&photo.id).await?))
    }

    async fn audit_rows(&self, id: &PhotoId) -> Result<Vec<AuditEntry>, Fault> {
        self.table.query_all(&photo_pk(id), Range::Prefix("A#")).await
    }

    /// Deletes the reasons from a photo's audit; the chain stays complete. Returns how many entries had one.
    pub async fn silence_audit(&self, id: &PhotoId) -> Result<usize, Fault> {
        let entries = self.audit_rows(id).await?;
        let with_words: Vec<_> = entries.into_iter().filter(|entry| entry.reason.is_some()).collect();
        for entry in &with_words {
            let silent = AuditEntry { reason: None, ..entry.clone() };
            self.table.put(row(&photo_pk(id), &format!("A#{:06}", entry.version), &silent)?).await?;
        }
        Ok(with_words.len())
    }

    /// Returns one page of an uploader's own photos of an edition, oldest first and without deleted ones: the first page, or the one after
    /// `after`; and where the next page begins, `None` if there is none. (Pattern 5)
    pub async fn own_page(
        &self,
        edition: &EditionSlug,
        uploader: &UploaderId,
        after: Option<&OwnCursor>,
    ) -> Result<(Vec<Photo>, Option<OwnCursor>), Fault> {
        let after = after.map(OwnCursor::sort_key);
        let most = i32::try_from(limits::OWN_PAGE).unwrap_or(i32::MAX);
        let page = self.table.index_page("G2", &own_pk(edition, uploader), after.as_deref(), most).await?;
        let full = page.len() >= limits::OWN_PAGE;
        let next = page.last().filter(|_| full).and_then(|(sort, _)| OwnCursor::new(sort));
        let ids: Vec<_> = page.into_iter().map(|(_, id)| id).collect();
        Ok((self.get_many(&ids).await?, next))
    }

    /// Returns other photos of the edition that look the same, as a hint for moderators. (Pattern 11)
    pub async fn alike(&self, photo: &Photo, now: Timestamp) -> Result<Vec<PhotoId>, Fault> {
        let Some(fingerprint) = photo.fingerprint() else { return Ok(Vec::new()) };
        let mut ids = SimilarPhotos::new(&self.table).find(photo, fingerprint, now).await?.photos;
        ids.truncate(limits::MAX_ALIKE);
        let there = self.get_many(&ids).await?;
        Ok(there.into_iter().filter(|other| other.state != State::Deleted).map(|other| other.id).collect())
    }

    /// Reads a photo, calls `rule` for the move, and commits it. If someone else moved the photo first, it does so again with the present
    /// photo. So a rule always sees the present photo and the present time, and its refusal is about both.
    ///
    /// # Errors
    /// The error of `rule`, and faults of the service.
    pub async fn apply<E: From<Fault>>(
        &self,
        id: &PhotoId,
        clock: &Clock,
        rule: impl Fn(&Photo, Timestamp) -> Result<Option<Change>, E>,
    ) -> Result<Applied, E> {
        for attempt in 1..=ATTEMPTS {
            let Some(photo) = self.get(id).await? else { return Ok(Applied::Absent) };
            let Some(change) = rule(&photo, clock.now())? else { return Ok(Applied::Unchanged(Box::new(photo))) };
            match self.advance(&change).await? {
                Outcome::Done => return Ok(Applied::Changed(Box::new(change))),
                Outcome::Lost(_) => back_off(attempt).await,
            }
        }
        Err(Fault::passing("apply", "others kept moving the photo").into())
    }

    /// Commits a move: the photo, its audit entry, its feed rows, counters and erasures, all or nothing. A reservation writes only its row
    /// and its device's counters, and is refused only if the photo exists already: see [`Self::reserve`].
    ///
    /// The condition is the photo that the move started from: its version, its state and, while it is reserved, the expiry of its upload
    /// address, which a renewal changes without a new version.
    ///
    /// # Errors
    /// A fault after [`ATTEMPTS`] conflicts with other writers, after [`COMMIT_SECONDS`], or when the service fails; it is then unknown
    /// whether the move is committed, and the same call may be made again.
    pub async fn advance(&self, change: &Change) -> Result<Outcome, Fault> {
        self.advance_with(change, Vec::new()).await
    }

    /// Commits a move together with the writes `more`, all or nothing. Also returns [`Outcome::Lost`] if a condition of `more` does not
    /// hold.
    ///
    /// # Errors
    /// Those of [`Self::advance`].
    pub(super) async fn advance_with(&self, change: &Change, more: Vec<TransactWriteItem>) -> Result<Outcome, Fault> {
        let mut items = if change.is_reservation() { self.begun(change)? } else { self.items(change)? };
        items.extend(more);
        let committing = self.table.transact("advance photo", items);
        let committed = tokio::time::timeout(Duration::from_secs(COMMIT_SECONDS), committing).await;
        match committed.map_err(|late| Fault::passing("advance photo", late))?? {
            Transaction::Done => {
                if change.before.as_ref().map(|photo| photo.state) != Some(change.after.state) {
                    metrics::tell(Figure::Moved(change.after.state, 1), change.audit.at);
                }
                Ok(Outcome::Done)
            }
            Transaction::Refused(_) => self.loser(change).await,
        }
    }

    /// Commits a move that makes a photo public, such as a publication. Its renditions are copied first, so that no visitor is sent to
    /// missing bytes. If the commit is lost, the copies are deleted at once; after a crash, the sweep of the public bucket finds them.
    pub async fn show(&self, change: &Change, public: &Public, review: &Review) -> Result<Outcome, Fault> {
        let after = &change.after;
        let (Some(rendered), Some(revision)) = (&after.rendered, &after.revision) else {
            return Err(Fault::broken("show photo", "it has no renditions or no revision"));
        };
        public.publish(review, after, rendered, revision).await?;
        let outcome = self.advance(change).await?;
        if let Outcome::Lost(now) = &outcome {
            // The move may be committed nevertheless, and followed by someone else's move.
            let scope = PurgeScope::Public(revision.clone());
            if now.as_ref().is_none_or(|now| !now.names(&scope)) {
                public.erase_revision(&after.id, revision).await?;
            }
        }
        Ok(outcome)
    }

    /// Commits reservations of one device, of at most as many photos as one request has, in one transaction. Photos that exist already, and
    /// those for which the device has no room left, are left out. Returns the result of each, in order: `None` if there was no room. See
    /// [`limits::OPEN_RESERVATIONS`].
    ///
    /// # Errors
    /// As for [`Self::advance`]; some reservations may be committed then, and the same call may be made again.
    pub async fn reserve(&self, reservations: &[Change]) -> Result<Vec<Option<Outcome>>, Fault> {
        let mut outcomes: Vec<Option<Outcome>> = vec![None; reservations.len()];
        let mut left: Vec<(usize, &Change)> = reservations.iter().enumerate().collect();
        while let Some((_, first)) = left.first() {
            let Photo { edition, uploader, .. } = &first.after;
            let n = i64::try_from(left.len()).unwrap_or(i64::MAX);
            let most = i64::from(limits::OPEN_RESERVATIONS) - n;
            let mut counts = BTreeMap::new();
            for (counter, n) in left.iter().flat_map(|(_, reservation)| &reservation.sender) {
                *counts.entry(*counter).or_default() += n;
            }
            let mut items = vec![uploader_counters::count(&self.table, edition, uploader, &counts, Some(most))?];
            for (_, reservation) in &left {
                items.push(self.table.put_if(photo_item(&reservation.after)?, Condition::ABSENT)?);
            }
            let committing = self.table.transact("reserve photos", items);
            let committed = tokio::time::timeout(Duration::from_secs(COMMIT_SECONDS), committing).await;
            let refused = match committed.map_err(|late| Fault::passing("reserve photos", late))?? {
                Transaction::Done => {
                    metrics::tell(Figure::Moved(State::Reserved, left.len()), first.audit.at);
                    for (place, _) in left {
                        outcomes[place] = Some(Outcome::Done);
                    }
                    break;
                }
                Transaction::Refused(refused) => refused,
            };
            let (there, new): (Vec<_>, Vec<_>) =
                (1..).zip(left).partition(|(item, _): &(usize, _)| refused.contains(item));
            // Without those that exist already, less room is needed.
            if there.is_empty() {
                break;
            }
            for (_, (place, reservation)) in there {
                outcomes[place] = Some(self.loser(reservation).await?);
            }
            left = new.into_iter().map(|(_, one)| one).collect();
        }
        Ok(outcomes)
    }

    /// The writes of one reservation.
    fn begun(&self, reservation: &Change) -> Result<Vec<TransactWriteItem>, Fault> {
        let Change { after, sender, .. } = reservation;
        let count = uploader_counters::count(&self.table, &after.edition, &after.uploader, sender, None)?;
        Ok(vec![self.table.put_if(photo_item(after)?, Condition::ABSENT)?, count])
    }

    /// How every lost attempt is resolved: read the row; if it is what this very move would have written, the move succeeded.
    async fn loser(&self, change: &Change) -> Result<Outcome, Fault> {
        let now = self.get(&change.after.id).await?;
        Ok(match now {
            Some(now) if was_written(&now, &change.after)? => Outcome::Done,
            now => Outcome::Lost(now.map(Box::new)),
        })
    }

    fn items(&self, change: &Change) -> Result<Vec<TransactWriteItem>, Fault> {
        let name = self.table.name.as_str();
        let put = |item| Put::builder().table_name(name).set_item(Some(item));
        let broken = |error| Fault::broken("advance photo", error);
        let wrap = |put: Put| TransactWriteItem::builder().put(put).build();
        let photo = put(photo_item(&change.after)?);
        let photo = match &change.before {
            None => photo.condition_expression("attribute_not_exists(PK)"),
            Some(before) => {
                let photo = photo
                    .expression_attribute_names("#s", "state")
                    .expression_attribute_names("#v", "v")
                    .expression_attribute_values(":s", text(before.state.as_str()))
                    .expression_attribute_values(":v", number(before.version));
                match before.state {
                    State::Reserved => photo
                        .condition_expression("#s = :s AND #v = :v AND upload_until = :u")
                        .expression_attribute_values(":u", number(before.upload_until.as_millisecond())),
                    State::Pending
                    | State::Published
                    | State::Hidden
                    | State::Rejected
                    | State::Expired
                    | State::Deleted
                    | State::Quarantined => photo.condition_expression("#s = :s AND #v = :v"),
                }
            }
        };
        let audit = row(&photo_pk(&change.after.id), &format!("A#{:06}", change.after.version), &change.audit)?;
        let mut items = vec![wrap(photo.build().map_err(broken)?), wrap(put(audit).build().map_err(broken)?)];
        for (partition, feed_row) in &change.feed_puts {
            let item = row(partition, &feed_row.position().sort_key(), feed_row)?;
            items.push(wrap(put(item).build().map_err(broken)?));
        }
        for (partition, feed_row) in &change.feed_deletes {
            let delete = Delete::builder().table_name(name).set_key(Some(feed_key(partition, feed_row)));
            items.push(TransactWriteItem::builder().delete(delete.build().map_err(broken)?).build());
        }
        if !change.counters.is_empty() {
            items.push(TransactWriteItem::builder().update(self.count(change)?).build());
        }
        if !change.sender.is_empty() {
            let Photo { edition, uploader, .. } = &change.after;
            items.push(uploader_counters::count(&self.table, edition, uploader, &change.sender, None)?);
        }
        if let Some(turn) = &change.turn {
            let item = row(&turns_pk(&change.after.edition), &turn_sk(turn), turn)?;
            items.push(wrap(put(item).build().map_err(broken)?));
        }
        for purge in &change.purges {
            items.push(wrap(put(outbox::item(purge)?).build().map_err(broken)?));
        }
        if let Some(sha256) = &change.blocks {
            items.push(wrap(put(blocklist::item(sha256, &change.after.id)?).build().map_err(broken)?));
        }
        if let Some(sha256) = &change.unblocks {
            let delete =
                Delete::builder().table_name(name).set_key(Some(blocklist::item_key(sha256, &change.after.id)));
            items.push(TransactWriteItem::builder().delete(delete.build().map_err(broken)?).build());
        }
        if let Some(protection) = &change.protects {
            items.push(wrap(put(twins::item(protection)?).build().map_err(broken)?));
        }
        if let Some(protection) = &change.unprotects {
            let delete = Delete::builder().table_name(name).set_key(Some(twins::item_key(protection)));
            items.push(TransactWriteItem::builder().delete(delete.build().map_err(broken)?).build());
        }
        if change.doubts {
            let Photo { edition, uploader, .. } = &change.after;
            items
                .push(wrap(put(trust_revocations::item(edition, uploader, change.audit.at)?).build().map_err(broken)?));
        }
        Ok(items)
    }

    /// One write for all counters that a move changes: they are attributes of one row in the photo's shard.
    fn count(&self, change: &Change) -> Result<Update, Fault> {
        let photo = &change.after;
        let mut update = Update::builder()
            .table_name(&self.table.name)
            .set_key(Some(key(&counter_pk(&photo.edition, photo.id.shard(SHARDS)), MAIN)));
        let mut terms = Vec::new();
        for (i, (counter, n)) in change.counters.iter().enumerate() {
            update = update
                .expression_attribute_names(format!("#c{i}"), counter)
                .expression_attribute_values(format!(":c{i}"), number(n));
            terms.push(format!("#c{i} :c{i}"));
        }
        update
            .update_expression(format!("ADD {}", terms.join(", ")))
            .build()
            .map_err(|error| Fault::broken("advance photo", error))
    }

    /// Extends the life of a reserved photo's upload address to `until`; returns whether the photo was still reserved. Does not change the
    /// version: the only move that is refused because of it is the one that would expire the photo.
    pub async fn renew(&self, photo: &Photo, until: Timestamp) -> Result<bool, Fault> {
        self.update_if(
            &photo.id,
            "SET upload_until = :u",
            "#s = :reserved",
            [(":u", number(until.as_millisecond())), (":reserved", text(State::Reserved.as_str()))],
        )
        .await
        .map(|row| row.is_some())
    }

    /// Counts the start of an attempt at decoding, so that a file that kills its worker is recognised; returns whether it may start. It may
    /// not if the photo's state has changed, or after `most` attempts.
    pub async fn begin_attempt(&self, photo: &Photo, most: u32) -> Result<bool, Fault> {
        let values = [(":n", number(1)), (":most", number(most)), (":s", text(photo.state.as_str()))];
        let below = "#s = :s AND (attribute_not_exists(attempts) OR attempts < :most)";
        self.update_if(&photo.id, "ADD attempts :n", below, values).await.map(|row| row.is_some())
    }

    /// Takes back an attempt that ended in a caught failure: attempts count kills only.
    pub async fn give_attempt_back(&self, photo: &Photo) -> Result<(), Fault> {
        let values = [(":n", number(-1)), (":none", number(0)), (":s", text(photo.state.as_str()))];
        self.update_if(&photo.id, "ADD attempts :n", "#s = :s AND attempts > :none", values).await.map(drop)
    }

    /// Records that the bytes of `purge` are erased: the first time, and with its second round for good. Only for the version that required
    /// it; does nothing if the photo has moved on.
    pub async fn note_erased(&self, purge: &Purge, now: Timestamp) -> Result<(), Fault> {
        let (version, at) = (number(purge.version), number(now.as_millisecond()));
        let first = "SET erased_at = if_not_exists(erased_at, :now)";
        let noted = if purge.round == 1 {
            self.update_if(&purge.id, first, "#v = :v", [(":v", version), (":now", at)]).await?
        } else {
            let last = format!("{first}, purged_at = :now, purged = :v");
            self.update_if(&purge.id, &last, "#v = :v", [(":v", version), (":now", at)]).await?
        };
        drop(noted);
        Ok(())
    }

    /// Leases a waiting photo to a moderator for [`limits::LEASE_SECONDS`] from `now`, or a video for [`limits::VIDEO_LEASE_SECONDS`];
    /// returns whether they have it.
    pub async fn lease(&self, photo: &Photo, by: &KeyId, now: Timestamp) -> Result<bool, Fault> {
        let seconds = if photo.is_video() { limits::VIDEO_LEASE_SECONDS } else { limits::LEASE_SECONDS };
        let until = now + jiff::SignedDuration::from_secs(seconds);
        let lease = AttributeValue::M(
            [("by".to_owned(), text(by.as_str())), ("until".to_owned(), number(until.as_millisecond()))].into(),
        );
        let values = [
            (":lease", lease),
            (":me", text(by.as_str())),
            (":now", number(now.as_millisecond())),
            (":s", text(photo.state.as_str())),
            (":v", number(photo.version)),
        ];
        let free = "#s = :s AND #v = :v AND (attribute_not_exists(lease) OR lease.#until <= :now OR lease.#by = :me)";
        self.update_if(&photo.id, "SET lease = :lease", free, values).await.map(|row| row.is_some())
    }

    /// Updates the photo's row if `condition` holds, and returns the photo afterwards; `None` if it does not hold.
    async fn update_if<const N: usize>(
        &self,
        id: &PhotoId,
        update: &str,
        condition: &str,
        values: [(&str, AttributeValue); N],
    ) -> Result<Option<Photo>, Fault> {
        let mut request = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(key(&photo_pk(id), MAIN)))
            .update_expression(update)
            .condition_expression(condition)
            .return_values(ReturnValue::AllNew);
        for (short, long) in [("#s", "state"), ("#v", "v"), ("#until", "until"), ("#by", "by")] {
            if condition.contains(short) {
                request = request.expression_attribute_names(short, long);
            }
        }
        for (name, value) in values {
            request = request.expression_attribute_values(name, value);
        }
        match request.send().await {
            Ok(answer) => answer.attributes.map(read).transpose(),
            Err(error) if is_refused(&error) => Ok(None),
            Err(error) => Err(fault("update photo")(error)),
        }
    }
}

/// Whether `now` is what a move to `after` has written, apart from the fields that change without a new version. The hash of the audit entry
/// is not enough: two moves by one member from one version in one millisecond have the same, whatever they write.
fn was_written(now: &Photo, after: &Photo) -> Result<bool, Fault> {
    let written = Photo {
        upload_until: after.upload_until,
        attempts: after.attempts,
        lease: after.lease.clone(),
        erased_at: after.erased_at,
        purged_at: after.purged_at,
        purged: after.purged,
        ..now.clone()
    };
    Ok(photo_item(&written)? == photo_item(after)?)
}

/// Where a page of an uploader's own photos begins: after the photo with this id and time of registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnCursor {
    created_at: Timestamp,
    id: PhotoId,
}

impl OwnCursor {
    fn new(sort: &str) -> Option<Self> {
        let (at, id) = sort.split_once('#')?;
        let created_at = Timestamp::from_millisecond(at.parse().ok()?).ok()?;
        Some(Self { created_at, id: id.parse().ok()? })
    }

    fn sort_key(&self) -> String {
        format!("{}#{}", sortable(self.created_at), self.id)
    }
}

impl fmt::Display for OwnCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.created_at.as_millisecond(), self.id)
    }
}

impl FromStr for OwnCursor {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let cursor = text.split_once('-').and_then(|(at, id)| Self::new(&format!("{at}#{id}")));
        cursor.ok_or(BadId { expected: "the `next` of a page of own photos" })
    }
}

fn feed_key(partition: &str, row: &FeedRow) -> super::table::Item {
    key(partition, &row.position().sort_key())
}

/// The partition of an edition's counters.
pub(super) fn counter_pk(edition: &EditionSlug, shard: u8) -> String {
    format!("ST#{edition}#{shard}")
}
