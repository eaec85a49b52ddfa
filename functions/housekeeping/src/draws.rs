//! Prize draws: brings each as far as it can be brought at this time. The schedule and the organiser's command do the same by the same code.
//!
//! Each step publishes its file first, reads back what stands, and then moves the row by that (see [`shared::domain::draw::steps`]). So a
//! step can end anywhere, and who does it again goes on from there.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use shared::{
    domain::{
        Edition, EditionSlug, UploaderId,
        draw::{
            bad_file::FileName,
            entry::{self, Entry, carries},
            files::{Drawn, Source},
            protocol::{Entries, Secret},
            rules,
            settings::DrawSettings,
            steps::{Draw, Move, Reason, Refused, Standing, State},
        },
        ids::{DrawId, Leaf},
        keys::draw_file,
        people::Actor,
    },
    runtime::ids::random,
    store::{
        Fault,
        activity::ActivityLog,
        buckets,
        draws::{DrawRow, Reached},
    },
};

use crate::{App, Report};

/// By how much a freeze may be late before each photo is looked at: until then the counters of devices say enough.
const PUNCTUAL: SignedDuration = SignedDuration::from_mins(2);
/// Devices whose photos are looked at side by side.
const AT_ONCE: usize = 16;
/// Attempts at one move while somebody else makes others.
const ATTEMPTS: u32 = 10;
/// Where it is kept for which state of an edition's draws contacts were looked through.
const PLACE: &str = "draw-contacts";

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
    /// From whoever gives it.
    Given(Drawn),
}

/// Brings all draws of all editions on.
pub async fn sweep(app: &App, report: &mut Report) -> Result<(), Fault> {
    for edition in app.editions.all().await? {
        if edition.draws.is_empty() {
            continue;
        }
        for settings in &edition.draws {
            match Box::pin(advance(app, &edition, settings)).await {
                Ok(moves) => report.drawn += moves,
                Err(NotDone::Fault(fault)) => {
                    tracing::warn!(draw = %settings.id, fault = fault.chain(), "a draw is left for the next minute");
                    report.failed += 1;
                }
                Err(why) => tracing::warn!(draw = %settings.id, why = %why, "a draw waits"),
            }
        }
        if let Err(fault) = Box::pin(prune(app, &edition.slug)).await {
            tracing::warn!(edition = %edition.slug, fault = fault.chain(), "contacts are left for the next minute");
            report.failed += 1;
        }
    }
    Ok(())
}

/// Does all steps of a draw whose time has come; returns the number of moves made.
///
/// # Errors
/// Why the next step is not done. What was done before it stays done.
pub async fn advance(app: &App, edition: &Edition, settings: &DrawSettings) -> Result<u64, NotDone> {
    let (slug, id, by) = (&edition.slug, &settings.id, &Actor::Function("draws"));
    let before = app.draws.get(slug, id).await?.map_or(0, |row| row.draw.version);
    let mut row = commit(app, slug, settings, by).await?;
    let done = async {
        if app.clock.now() >= row.settings.freezes_at {
            row = freeze(app, slug, id, by).await?;
        }
        let by_observer = matches!(row.draw.announcement.source, Source::Observer {});
        let due = app.clock.now() >= row.settings.draws_at && row.draw.listed.is_some();
        // What an observer has said stands, if whoever recorded it died before the next step.
        if due
            && row.draw.beacon.is_none()
            && (!by_observer || standing(app, slug, id, FileName::Beacon).await?.is_some())
        {
            row = beacon(app, slug, id, Value::Relays, by).await?;
        }
        if row.draw.beacon.is_some() && row.draw.state == State::Frozen {
            row = reveal(app, slug, id, by).await?;
        }
        if row.draw.state == State::Revealed {
            row = follow(app, slug, id, by).await?;
        }
        Ok(())
    };
    let done = done.await;
    let after = app.draws.get(slug, id).await?.map_or(0, |row| row.draw.version);
    done.map(|()| after - before)
}

/// Announces a draw, publishes its commitment and its rules, and opens it. Doing it again changes nothing.
///
/// # Errors
/// A draw whose freeze is over; a file that is not this draw's.
pub async fn commit(app: &App, edition: &EditionSlug, settings: &DrawSettings, by: &Actor) -> Result<DrawRow, NotDone> {
    let id = &settings.id;
    let row = if let Some(row) = app.draws.get(edition, id).await? {
        row
    } else {
        let secret = Secret::from_bits(random());
        let announced = Draw::announce(settings.announcement(&secret), &secret, by, app.clock.now())?;
        app.draws.announce(edition, settings, &secret, &announced).await?;
        read(app, edition, id).await?
    };
    if row.draw.state != State::Announced {
        return Ok(row);
    }
    let text = row.draw.announcement.to_text();
    let standing = publish(app, edition, id, FileName::Commit, text).await?;
    let key = draw_file(edition, id, rules::FILE);
    app.draw_files.publish(&key, "text/html; charset=utf-8", row.settings.rules_page()).await?;
    step(app, edition, id, |draw, now| draw.open(Some(&standing.bytes), by, now)).await
}

/// Shuts a draw, and publishes the list of its entries. Doing it again changes nothing.
///
/// # Errors
/// Before its time, or before it is open.
pub async fn freeze(app: &App, edition: &EditionSlug, id: &DrawId, by: &Actor) -> Result<DrawRow, NotDone> {
    let row = step(app, edition, id, |draw, now| draw.freeze(by, now)).await?;
    if row.draw.listed.is_some() {
        return Ok(row);
    }
    let entered = app.draws.entries(edition, id).await?;
    let standing = if let Some(standing) = standing(app, edition, id, FileName::Entries).await? {
        standing
    } else {
        let counting = counting(app, edition, &row, &entered).await?;
        let entries = Entries::of(counting.into_iter().map(|entry| entry.leaf(id))).map_err(Refused::from)?;
        publish(app, edition, id, FileName::Entries, entries.to_text()).await?
    };
    // What stands is the list, whoever has gathered it.
    let entries = Entries::parse(&standing.bytes).map_err(Refused::from)?;
    let left_out: Vec<Entry> = entered.into_iter().filter(|entry| !entries.contains(&entry.leaf(id))).collect();
    app.draws.remove(edition, id, &left_out).await?;
    let left_out: Vec<UploaderId> = left_out.into_iter().map(|entry| entry.uploader).collect();
    forget(app, edition, &left_out).await?;
    step(app, edition, id, |draw, now| draw.list(&standing.bytes, standing.written_at, by, now)).await
}

/// Publishes the value that nobody knew before. Doing it again changes nothing.
///
/// # Errors
/// Before the list stands; a value that is not the announced one; an observer before their time; a beacon that nobody can reach.
pub async fn beacon(
    app: &App,
    edition: &EditionSlug,
    id: &DrawId,
    value: Value,
    by: &Actor,
) -> Result<DrawRow, NotDone> {
    let row = read(app, edition, id).await?;
    if row.draw.beacon.is_some() {
        return Ok(row);
    }
    let standing = if let Some(standing) = standing(app, edition, id, FileName::Beacon).await? {
        standing
    } else {
        let now = app.clock.now();
        let drawn = match (value, &row.draw.announcement.source) {
            (Value::Given(drawn), _) => drawn,
            (Value::Relays, Source::Observer {}) => return Err(NotDone::NeedsObserver),
            (Value::Relays, Source::Beacon { round, .. }) => {
                row.draw.awaits_round(now)?;
                app.relays.round(*round).await.ok_or(NotDone::NoValue(*round))?
            }
        };
        let file = row.draw.beacon_file(drawn, now)?;
        publish(app, edition, id, FileName::Beacon, file.to_text()).await?
    };
    step(app, edition, id, |draw, now| draw.draw(&standing.bytes, by, now)).await
}

/// Publishes the result with the secret. Doing it again changes nothing.
///
/// # Errors
/// Before the value stands; a file that is not this draw's.
pub async fn reveal(app: &App, edition: &EditionSlug, id: &DrawId, by: &Actor) -> Result<DrawRow, NotDone> {
    let row = read(app, edition, id).await?;
    if row.draw.state > State::Frozen {
        return Ok(row);
    }
    if row.draw.beacon.is_none() {
        return Err(Refused::WrongState { state: row.draw.state, action: "reveal" }.into());
    }
    let missing = || Refused::Stands { file: FileName::Entries };
    let list = standing(app, edition, id, FileName::Entries).await?.ok_or_else(missing)?;
    let entries = Entries::parse(&list.bytes).map_err(Refused::from)?;
    let secret = app.draws.secret(edition, id).await?;
    let outcome = row.draw.outcome(&entries, &secret)?;
    let standing = publish(app, edition, id, FileName::Result, outcome.to_text()).await?;
    step(app, edition, id, |draw, now| draw.reveal(&standing.bytes, &entries, by, now)).await
}

/// Passes over one of the winners and reserves, for one of the listed reasons. Doing it again changes nothing.
///
/// # Errors
/// See [`Draw::disqualify`].
pub async fn disqualify(
    app: &App,
    edition: &EditionSlug,
    id: &DrawId,
    leaf: &Leaf,
    reason: Reason,
    by: &Actor,
) -> Result<DrawRow, NotDone> {
    step(app, edition, id, |draw, now| draw.disqualify(leaf, reason, by, now)).await?;
    name_winners(app, edition, id).await
}

/// Records that a winner has their prize. Doing it again changes nothing.
///
/// # Errors
/// See [`Draw::deliver`].
pub async fn deliver(
    app: &App,
    edition: &EditionSlug,
    id: &DrawId,
    leaf: &Leaf,
    by: &Actor,
) -> Result<DrawRow, NotDone> {
    // Before their contact is erased: the public reads of them as they chose.
    name_winners(app, edition, id).await?;
    step(app, edition, id, |draw, now| draw.deliver(leaf, by, now)).await
}

/// What follows after the reveal: those who took their entries back are passed over, and winners are named as they chose.
async fn follow(app: &App, edition: &EditionSlug, id: &DrawId, by: &Actor) -> Result<DrawRow, NotDone> {
    let row = read(app, edition, id).await?;
    let gone = app.draws.withdrawn(edition, id).await?;
    for place in row.draw.places.iter().filter(|place| gone.contains(&place.leaf)) {
        match place.standing {
            Standing::Holds { .. } | Standing::Waits => {
                let leaf = &place.leaf;
                step(app, edition, id, |draw, now| draw.disqualify(leaf, Reason::Withdrawn, by, now)).await?;
            }
            Standing::Delivered { .. } | Standing::Out { .. } => {}
        }
    }
    name_winners(app, edition, id).await
}

/// Keeps with the draw how the public reads of each who holds a prize or has it, and of nobody else.
async fn name_winners(app: &App, edition: &EditionSlug, id: &DrawId) -> Result<DrawRow, NotDone> {
    for _ in 0..ATTEMPTS {
        let row = read(app, edition, id).await?;
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
        let mut names: BTreeMap<Leaf, Option<String>> =
            row.names.iter().filter(|(leaf, _)| holders.contains(leaf)).map(|(l, n)| (l.clone(), n.clone())).collect();
        for (leaf, entrant) in new.iter().zip(app.draws.reached(edition, id, &new).await?) {
            names.insert(leaf.clone(), entrant.and_then(|entrant| entrant.public_name()));
        }
        if app.draws.name(edition, &row, names).await? {
            return read(app, edition, id).await;
        }
    }
    Err(Fault::passing("name winners", "others kept moving the draw").into())
}

/// How winners and reserves are reached who hold a prize or may get one. Of all others nothing is answered: nobody writes to them. The look is
/// noted in the activity log first.
///
/// # Errors
/// Before the result.
pub async fn contacts(app: &App, edition: &EditionSlug, id: &DrawId) -> Result<Vec<Reached>, NotDone> {
    let row = read(app, edition, id).await?;
    row.draw.tells_contacts()?;
    let (actor, name) = (Actor::Function("organiser").to_string(), "the organiser's command");
    let log = ActivityLog::new(&app.table);
    log.note_by(&actor, name, "draw-contacts", id.as_str(), app.clock.now()).await?;
    Ok(app.draws.contacts(edition, &row).await?)
}

/// Erases the contacts that nobody needs any more: once all draws of an edition are revealed, of all but those who hold a prize or may get
/// one; at the end of their time, of everybody.
async fn prune(app: &App, edition: &EditionSlug) -> Result<(), Fault> {
    let rows = app.draws.all(edition).await?;
    let Some(last_draw) = rows.iter().map(|row| row.settings.draws_at).max() else { return Ok(()) };
    let over = app.clock.now() >= entry::expires_at(last_draw);
    if !over && rows.iter().any(|row| row.draw.state < State::Revealed) {
        return Ok(());
    }
    // Looked through once for each state of the draws.
    let (place, state) = (format!("{PLACE}#{edition}"), rows.iter().map(|row| row.draw.version).sum::<u64>());
    let state = format!("{state}{}", if over { " over" } else { "" });
    if app.cursors.get(&place).await?.as_ref() == Some(&state) {
        return Ok(());
    }
    let mut needed = BTreeSet::new();
    for row in rows.iter().filter(|_| !over) {
        let waiting = row.draw.places.iter().filter(|place| match place.standing {
            Standing::Holds { .. } => true,
            Standing::Waits => row.draw.state == State::Revealed,
            Standing::Delivered { .. } | Standing::Out { .. } => false,
        });
        let leaves: Vec<Leaf> = waiting.map(|place| place.leaf.clone()).collect();
        if !leaves.is_empty() {
            let entries = app.draws.by_leaves(edition, row.id(), &leaves).await?;
            needed.extend(entries.into_iter().flatten().map(|entry| entry.uploader));
        }
    }
    let entrants = app.draws.entrants(edition).await?.into_iter().map(|entrant| entrant.uploader);
    let left: Vec<UploaderId> = entrants.filter(|uploader| !needed.contains(uploader)).collect();
    app.draws.erase(edition, &left).await?;
    if !left.is_empty() {
        tracing::info!(%edition, erased = left.len(), "contacts of entrants are erased");
    }
    app.cursors.put(&place, Some(state)).await
}

/// Erases the contacts of those among these devices that have no entry left.
async fn forget(app: &App, edition: &EditionSlug, uploaders: &[UploaderId]) -> Result<(), Fault> {
    if uploaders.is_empty() {
        return Ok(());
    }
    let draws = app.draws.all(edition).await?;
    let mut gone = Vec::new();
    for some in uploaders.chunks(AT_ONCE) {
        let mut looks = Vec::with_capacity(some.len());
        for uploader in some {
            looks.push(app.draws.own(edition, &draws, uploader));
        }
        for (uploader, own) in some.iter().zip(try_join_all(looks).await?) {
            if own.iter().all(|(_, entry)| entry.withdrawn_at.is_some()) {
                gone.push(uploader.clone());
            }
        }
    }
    app.draws.erase(edition, &gone).await
}

/// The entries that count: not taken back, and carried by a photo.
async fn counting(app: &App, edition: &EditionSlug, row: &DrawRow, entered: &[Entry]) -> Result<Vec<Entry>, Fault> {
    let freezes_at = row.settings.freezes_at;
    let punctual = app.clock.now().duration_since(freezes_at) <= PUNCTUAL;
    let standing: Vec<&Entry> = entered.iter().filter(|entry| entry.withdrawn_at.is_none()).collect();
    let uploaders: Vec<UploaderId> = standing.iter().map(|entry| entry.uploader.clone()).collect();
    let senders = app.senders.of_devices(edition, &uploaders).await?;
    let sender = |entry: &Entry| senders.get(&entry.uploader).copied().unwrap_or_default();
    let (sure, doubtful): (Vec<&Entry>, Vec<&Entry>) =
        standing.into_iter().partition(|entry| punctual && sender(entry).carries_for_sure());
    let mut counting: Vec<Entry> = sure.into_iter().cloned().collect();
    let doubtful: Vec<&Entry> = doubtful.into_iter().filter(|entry| sender(entry).may_carry()).collect();
    for some in doubtful.chunks(AT_ONCE) {
        let mut looks = Vec::with_capacity(some.len());
        for entry in some {
            looks.push(has_photo(app, edition, &entry.uploader, freezes_at));
        }
        let found = try_join_all(looks).await?;
        counting.extend(some.iter().zip(found).filter(|(_, found)| *found).map(|(entry, _)| (*entry).clone()));
    }
    Ok(counting)
}

/// Whether one of a device's photos carries an entry.
async fn has_photo(
    app: &App,
    edition: &EditionSlug,
    uploader: &UploaderId,
    freezes_at: Timestamp,
) -> Result<bool, Fault> {
    let mut after = None;
    loop {
        let (photos, next) = app.photos.own_page(edition, uploader, after.as_ref()).await?;
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
    app: &App,
    edition: &EditionSlug,
    id: &DrawId,
    rule: impl Fn(&Draw, Timestamp) -> Result<Option<Move>, Refused>,
) -> Result<DrawRow, NotDone> {
    for _ in 0..ATTEMPTS {
        let row = read(app, edition, id).await?;
        let Some(step) = rule(&row.draw, app.clock.now())? else { return Ok(row) };
        if app.draws.advance(edition, &row, &step).await? {
            tracing::info!(draw = %id, action = step.log.action, state = %step.after.state, "a draw has moved");
        } else {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    Err(Fault::passing("move draw", "others kept moving it").into())
}

async fn read(app: &App, edition: &EditionSlug, id: &DrawId) -> Result<DrawRow, NotDone> {
    app.draws.get(edition, id).await?.ok_or_else(|| NotDone::NotAnnounced(id.clone()))
}

/// A public file of a draw. `None` if it is not published.
async fn standing(
    app: &App,
    edition: &EditionSlug,
    id: &DrawId,
    name: FileName,
) -> Result<Option<buckets::Standing>, Fault> {
    app.draw_files.get(&draw_file(edition, id, name.as_str())).await
}

/// Publishes a file of a draw, and answers with the one that stands then.
async fn publish(
    app: &App,
    edition: &EditionSlug,
    id: &DrawId,
    name: FileName,
    text: String,
) -> Result<buckets::Standing, Fault> {
    let kind = match name {
        FileName::Entries => "text/plain; charset=utf-8",
        FileName::Commit | FileName::Beacon | FileName::Result => "application/json",
    };
    app.draw_files.publish(&draw_file(edition, id, name.as_str()), kind, text).await
}

/// All draws of the settings, and where each stands; `None` of one that is not announced yet.
///
/// # Errors
/// Faults of the service.
pub async fn all(app: &App) -> Result<Vec<(DrawSettings, Option<DrawRow>)>, Fault> {
    let mut all = Vec::new();
    for edition in app.editions.all().await? {
        let rows = app.draws.all(&edition.slug).await?;
        for settings in edition.draws {
            let row = rows.iter().find(|row| *row.id() == settings.id).cloned();
            all.push((settings, row));
        }
    }
    Ok(all)
}

/// Where an announced draw stands.
///
/// # Errors
/// [`NotDone::NotAnnounced`].
pub async fn announced(app: &App, edition: &EditionSlug, id: &DrawId) -> Result<DrawRow, NotDone> {
    read(app, edition, id).await
}

/// The draw of that id, with the edition that has it.
///
/// # Errors
/// [`NotDone::Unknown`] if no edition's settings have it.
pub async fn find(app: &App, id: &DrawId) -> Result<(Edition, DrawSettings), NotDone> {
    let editions = app.editions.all().await?;
    let found = editions.into_iter().find_map(|edition| {
        let settings = edition.draws.iter().find(|settings| settings.id == *id)?.clone();
        Some((edition, settings))
    });
    found.ok_or_else(|| NotDone::Unknown(id.clone()))
}
