//! Reports of photos: one row for all that one reporter has said about a photo, in the same words. (Patterns 20, 29)
//!
//! The row of a report, the move that it leads to and the brake are written in one transaction. So nobody who sends many at once counts as
//! several reporters, and no report is answered that is not kept.

use super::{
    fault::Fault,
    photos::{Outcome, Photos},
    table::{ATTEMPTS, Condition, MAIN, Range, Table, Transaction, back_off, number, photo_pk, row},
};
use crate::{
    domain::{
        change::Change,
        ids::{EditionSlug, PhotoId},
        limits,
        refusal::Refusal,
        report::{Brake, Report, Reporter, Reporting},
        time,
    },
    runtime::Clock,
};

/// The reports of all photos.
#[derive(Clone, Debug)]
pub struct Reports {
    table: Table,
    photos: Photos,
}

/// A report that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// What its sender is told to quote.
    pub reference: String,
    /// What it has moved; `None` if nothing.
    pub change: Option<Box<Change>>,
    /// Whether it has put the brake on.
    pub braked: bool,
}

impl Reports {
    /// The reports in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone(), photos: Photos::new(table) }
    }

    /// Takes a report of `by`, and carries out what the rule makes of it: [`Photo::report`]. `within_rate` is whether they sent no more than
    /// [`limits::REPORTS_PER_HOUR`] in this hour. The same report once more is answered with the reference that it got at first. `None`
    /// if there is no such photo. A reporter says [`limits::REPORTS_OF_ONE_PHOTO`] things about one photo, and after that only what
    /// has another reason.
    ///
    /// [`Photo::report`]: crate::domain::Photo::report
    /// [`limits::REPORTS_PER_HOUR`]: crate::domain::limits::REPORTS_PER_HOUR
    ///
    /// # Errors
    /// What the rule refuses, and faults of the service.
    pub async fn take<E: From<Fault> + From<Refusal>>(
        &self,
        report: &Report,
        by: &Reporter,
        within_rate: bool,
        clock: &Clock,
    ) -> Result<Option<Taken>, E> {
        let (pk, theirs) = (photo_pk(&report.id), format!("R#{}#", by.id()));
        let sk = format!("{theirs}{}", report.said());
        for attempt in 1..=ATTEMPTS {
            // The photo first: whatever is read after it changes together with it only.
            let Some(photo) = self.photos.get(&report.id).await? else { return Ok(None) };
            let own = self.table.query_all::<Report>(&pk, Range::Prefix(&theirs));
            let (own, brake) = tokio::try_join!(own, self.brake(&photo.edition))?;
            let kept = own.iter().find(|kept| kept.said() == report.said());
            let again = own.iter().any(|kept| kept.reason == report.reason);
            if kept.is_none() && again && own.len() >= limits::REPORTS_OF_ONE_PHOTO {
                let retry_after_s = time::seconds_to_next_hour(clock.now());
                return Err(Refusal::TooManyRequests { retry_after_s }.into());
            }
            let reference = kept.map_or(&report.reference, |kept| &kept.reference).clone();
            if kept.is_some() && !within_rate {
                return Ok(Some(Taken { reference, change: None, braked: false }));
            }
            let reporting = Reporting { by, reason: report.reason, reference: &reference, within_rate, again };
            let reported = photo.report(&reporting, &brake, clock.now())?;
            let braked = reported.puts_brake_on();
            let mut more = Vec::new();
            if kept.is_none() {
                more.push(self.table.put_if(row(&pk, &sk, report)?, Condition::ABSENT)?);
            }
            if let Some(after) = &reported.brake {
                let seen = [(":seen", number(brake.version))];
                let unchanged = Condition { expression: "v = :seen", names: &[], values: &seen };
                let condition = if brake.version == 0 { Condition::ABSENT } else { unchanged };
                more.push(self.table.put_if(row(&brake_pk(&photo.edition), MAIN, after)?, condition)?);
            }
            let done = match &reported.change {
                Some(change) => self.photos.advance_with(change, more).await? == Outcome::Done,
                None if more.is_empty() => true,
                None => self.table.transact("take report", more).await? == Transaction::Done,
            };
            if done {
                return Ok(Some(Taken { reference, change: reported.change.map(Box::new), braked }));
            }
            back_off(attempt).await;
        }
        Err(Fault::passing("take report", "others kept moving the photo").into())
    }

    /// Some of the reports of a photo, `most` of them, the oldest first: many can write many, and an answer carries 6 MB.
    pub async fn of(&self, id: &PhotoId, most: i32) -> Result<Vec<Report>, Fault> {
        let mut reports: Vec<Report> = self.table.query_some(&photo_pk(id), "R#", most).await?;
        reports.sort_by_key(|report| report.at);
        Ok(reports)
    }

    /// What strangers' reports have hidden lately in an edition.
    pub async fn brake(&self, edition: &EditionSlug) -> Result<Brake, Fault> {
        Ok(self.table.get(&brake_pk(edition), MAIN).await?.unwrap_or_default())
    }
}

fn brake_pk(edition: &EditionSlug) -> String {
    format!("BRAKE#{edition}")
}
