//! A rehearsal of a prize draw: all its steps with sample entrants, in an edition of its own that no page and no list names.
//!
//! Decision: the clock of a rehearsal is set ahead, so that it takes seconds. So it is drawn by an observer, since nobody knows a round of the
//! beacon ahead; that the beacon can be read is tried with its latest round.
//!
//! Decision: nothing of a rehearsal stays. At its end its rows and its public files are deleted, and of a rehearsal that died, the objects'
//! sweep does the same when it comes to its files. The first thing that a rehearsal makes is a file and the last that it deletes are its
//! files, so that the sweep finds whatever is left. The functions may delete the files of draws of trial editions only: those of real draws
//! are as safe as before.

use jiff::{SignedDuration, Timestamp};

use super::{
    Fault,
    draw_steps::{DrawSteps, NotDone, Value},
    draws::Entered,
    table::{MAIN, row},
    uploader_counters::sender_pk,
};
use crate::{
    domain::{
        EditionSlug, UploaderId,
        draw::{
            bad_file::FileName,
            beacon,
            entry::{EnterRequest, Shown},
            files::Drawn,
            rules, rules_cy,
            settings::{DrawSettings, Method},
            steps::{Reason, Standing, State},
            verify::{self, Files},
        },
        ids::{DrawId, Leaf, UploaderSecret},
        keys::draw_file,
        people::Actor,
        trial,
        uploader_counts::UploaderCounts,
    },
    runtime::ids,
};

/// One thing that a rehearsal tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was tried.
    pub what: &'static str,
    /// What went wrong; `None` if nothing did.
    pub wrong: Option<String>,
}

impl Check {
    fn new(what: &'static str, passed: bool, wrong: impl FnOnce() -> String) -> Self {
        Self { what, wrong: (!passed).then(wrong) }
    }
}

/// The file that a rehearsal makes first, so that everything else of it can be found.
const MARKER: &str = "rehearsal.txt";

/// Who acts in a rehearsal.
const BY: Actor = Actor::Function("rehearsal");

impl DrawSteps {
    /// Rehearses a draw with this number of sample entrants; returns what was tried, in order.
    ///
    /// # Errors
    /// Why a step was not done. What the rehearsal has made is deleted even then.
    pub async fn rehearse(&self, settings: &DrawSettings, entrants: u16) -> Result<Vec<Check>, NotDone> {
        let now = self.clock.now();
        let broken = |error| Fault::broken("rehearse draw", error);
        let now = Timestamp::from_second(now.as_second()).map_err(broken)?;
        let name = ids::key_id();
        let unnamed = |error| Fault::broken("rehearse draw", error);
        let edition: EditionSlug = format!("{}{name}", trial::PREFIX).parse().map_err(unnamed)?;
        let id: DrawId = format!("rehearsal-{name}").parse().map_err(unnamed)?;
        let mut devices = Vec::with_capacity(entrants.into());
        for _ in 0..entrants {
            let secret: UploaderSecret = ids::secret().parse().map_err(unnamed)?;
            devices.push(UploaderId::from_secret(&secret));
        }
        let rehearsed = settings.rehearsed(id, now);
        let marker = draw_file(&edition, &rehearsed.id, MARKER);
        self.files
            .publish(&marker, "text/plain; charset=utf-8", "This is a rehearsal: nothing can be won.\n".into())
            .await?;
        let played = Box::pin(self.play(&edition, &rehearsed, &devices, now)).await;
        self.forget_rehearsal(&edition, &rehearsed.id).await?;
        let mut checks = played?;
        checks.push(self.reads_beacon().await);
        Ok(checks)
    }

    /// Deletes the rows of a rehearsal, and then its public files. Doing it again changes nothing, and going on after it was broken off
    /// deletes the rest.
    ///
    /// # Errors
    /// A fault of ours for an edition that is not a trial's; faults of the service.
    pub async fn forget_rehearsal(&self, edition: &EditionSlug, draw: &DrawId) -> Result<(), Fault> {
        if !trial::is_trial(edition) {
            return Err(Fault::broken("forget rehearsal", "the edition is not a trial's"));
        }
        for entry in self.draws.entries(edition, draw).await? {
            self.table.delete(&sender_pk(edition, &entry.uploader), MAIN).await?;
        }
        self.draws.forget(edition, draw).await?;
        let files = FileName::ALL.map(FileName::as_str).into_iter().chain([rules::FILE, rules_cy::FILE, MARKER]);
        for name in files {
            self.files.delete_rehearsed(&draw_file(edition, draw, name)).await?;
        }
        Ok(())
    }

    async fn play(
        &self,
        edition: &EditionSlug,
        settings: &DrawSettings,
        devices: &[UploaderId],
        now: Timestamp,
    ) -> Result<Vec<Check>, NotDone> {
        let (id, mut checks) = (&settings.id, Vec::new());
        let opened = self.at(now).commit(edition, settings, &BY).await?;
        checks.push(Check::new("it is announced and opens", opened.draw.state == State::Open, || {
            format!("it is {}", opened.draw.state)
        }));
        for (number, device) in (1..).zip(devices) {
            let entering = entrant(number).check().map_err(|refusal| Fault::broken("rehearse draw", refusal))?;
            let one = std::slice::from_ref(&opened);
            let entered = self.draws.enter(edition, one, device, &entering, settings.draws_at, now).await?;
            if entered != Entered::Done {
                return Err(Fault::broken("rehearse draw", "a sample entrant could not enter").into());
            }
            // After the entry, by which it is found again.
            let counts = UploaderCounts { published: 1, ..UploaderCounts::default() };
            self.table.put(row(&sender_pk(edition, device), MAIN, &counts)?).await?;
        }
        let frozen = self.at(settings.freezes_at).freeze(edition, id, &BY).await?;
        let listed = frozen.draw.listed.map_or(0, |listed| listed.count);
        checks.push(Check::new("every sample entrant is in the published list", listed == devices.len(), || {
            format!("{listed} of {} are", devices.len())
        }));
        let drawing = self.at(settings.draws_at);
        let said = Drawn::Observer { observer: "Rehearsal".to_owned(), sentence: format!("This is {id}.") };
        drawing.beacon(edition, id, Value::Given(said), &BY).await?;
        let drawn = drawing.reveal(edition, id, &BY).await?;
        let expected = devices.len().min(settings.prizes.len() + usize::from(settings.reserves));
        checks.push(Check::new("winners and reserves are drawn", drawn.draw.places.len() == expected, || {
            format!("there are {}; expected {expected}", drawn.draw.places.len())
        }));
        let wrong = self.recomputed(edition, id).await?;
        checks.push(Check { what: "anybody can compute the result again from the public files", wrong });
        let contacts = self.draws.contacts(edition, &drawn).await?;
        let reached = contacts.iter().filter(|one| one.entrant.is_some()).count();
        checks.push(Check::new("winners and reserves can be reached", reached == expected, || {
            format!("{reached} of {expected} can")
        }));
        let leaves: Vec<Leaf> = drawn.draw.places.iter().map(|place| place.leaf.clone()).collect();
        if let Some(first) = leaves.first() {
            let passed = drawing.disqualify(edition, id, first, Reason::Declined, &BY).await?;
            let holders =
                passed.draw.places.iter().filter(|place| matches!(place.standing, Standing::Holds { .. })).count();
            let prizes = settings.prizes.len().min(leaves.len() - 1);
            checks.push(Check::new("a reserve gets the prize that a winner does not want", holders == prizes, || {
                format!("{holders} prizes have a winner; expected {prizes}")
            }));
            let mut last = passed;
            for place in last.draw.places.clone() {
                if matches!(place.standing, Standing::Holds { .. }) {
                    drawing.answer(edition, id, &place.leaf, &BY).await?;
                    last = drawing.deliver(edition, id, &place.leaf, &BY).await?;
                }
            }
            checks.push(Check::new("prizes are handed over", last.draw.state == State::Settled, || {
                format!("the draw is {}", last.draw.state)
            }));
        }
        Ok(checks)
    }

    /// Computes a draw again from its public files; returns the first thing that does not follow from them. `None` if everything does.
    pub async fn recomputed(&self, edition: &EditionSlug, id: &DrawId) -> Result<Option<String>, Fault> {
        let mut files = Vec::with_capacity(FileName::ALL.len());
        for name in FileName::ALL {
            let Some(standing) = self.files.get(&draw_file(edition, id, name.as_str())).await? else {
                return Ok(Some(format!("{name} is not there")));
            };
            files.push(standing.bytes);
        }
        let [commit, entries, beacon, result] = files.as_slice() else { return Ok(None) };
        let verdict = verify::verify(Files { commit, entries, beacon, result });
        let failed = verdict.checks.iter().find(|check| !check.passed);
        Ok(failed.map(|check| check.words.clone()))
    }

    /// Tries whether a relay of the beacon gives its latest round.
    async fn reads_beacon(&self) -> Check {
        let what = "a relay of the beacon gives its latest round";
        let Some(round) = beacon::round_at(self.clock.now() - SignedDuration::from_secs(3)) else {
            return Check { what, wrong: Some("the clock is before the beacon's first round".to_owned()) };
        };
        let given = self.relays.round(round).await;
        Check::new(what, given.is_some(), || {
            format!("none gives round {round}; on the day, the round can be given by hand from any device")
        })
    }
}

impl DrawSettings {
    /// The settings of a rehearsal of this draw, which opens at `now`.
    fn rehearsed(&self, id: DrawId, now: Timestamp) -> Self {
        let mut rules = self.rules.clone();
        rules.push("This is a rehearsal: nothing can be won.".to_owned());
        let freezes_at = now + SignedDuration::from_hours(1);
        Self {
            id,
            name: format!("REHEARSAL: {}", self.name),
            freezes_at,
            draws_at: freezes_at + SignedDuration::from_mins(30),
            method: Method::Observer,
            rules,
            ..self.clone()
        }
    }
}

/// What a sample entrant sends.
fn entrant(number: u16) -> EnterRequest {
    EnterRequest {
        name: format!("Rehearsal {number}"),
        contact: format!("rehearsal{number}@example.org"),
        county: String::new(),
        shown: Shown::Withheld,
        eligible: true,
        rules: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::draw::sample;

    #[test]
    fn a_rehearsal_says_in_its_name_and_its_rules_that_it_is_one() {
        let (settings, now) = (sample::settings(), "2023-08-20T09:00:00Z".parse().unwrap());
        let rehearsed = settings.rehearsed("rehearsal-a".parse().unwrap(), now);
        assert_eq!(rehearsed.name, format!("REHEARSAL: {}", settings.name));
        assert_eq!(rehearsed.rules.last().map(String::as_str), Some("This is a rehearsal: nothing can be won."));
        assert!(rehearsed.obstacles(now, now).is_empty(), "{:?}", rehearsed.obstacles(now, now));
        assert_eq!(
            (rehearsed.prizes, rehearsed.reserves, rehearsed.who),
            (settings.prizes, settings.reserves, settings.who)
        );
        let request = entrant(7);
        assert!(request.check().is_ok() && request.contact.ends_with("@example.org"));
    }
}
