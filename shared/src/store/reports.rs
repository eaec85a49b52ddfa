//! Reports of photos: one row for each distinct report of a reporter about a photo. (Patterns 20, 29)
//!
//! The row of a report, the move that it leads to and the brake are written in one transaction. So sending many reports at once does not
//! make one person count as several reporters, and no report is acknowledged that is not stored.

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

/// A report that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The reference that the reporter is given.
    pub reference: String,
    /// The move that it led to; `None` if there was none.
    pub change: Option<Box<Change>>,
    /// Whether it put the brake on.
    pub braked: bool,
}

impl Reports {
    /// Returns a handle to the reports in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone(), photos: Photos::new(table) }
    }

    /// Stores a report by `by`, and carries out the result of [`Photo::report`]. `within_rate` is whether the reporter is within
    /// [`limits::REPORTS_PER_HOUR`]. A repeated report is answered with the reference of the first one. `None` if there is no such photo.
    /// Of one reporter, [`limits::REPORTS_OF_ONE_PHOTO`] reports about one photo are accepted, and after that only those with a new reason.
    ///
    /// [`Photo::report`]: crate::domain::Photo::report
    /// [`limits::REPORTS_PER_HOUR`]: crate::domain::limits::REPORTS_PER_HOUR
    ///
    /// # Errors
    /// What the rule refuses, and faults of the service; [`Refusal::TooManyRequests`] for too many reports about one photo.
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
            // The photo is read first: everything read after it changes only together with it.
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

    /// Returns at most `most` reports of a photo, sorted by time, oldest first. Not all, since one photo can have many, and an answer is
    /// limited to 6 MB.
    pub async fn of(&self, id: &PhotoId, most: i32) -> Result<Vec<Report>, Fault> {
        let mut reports: Vec<Report> = self.table.query_some(&photo_pk(id), "R#", most).await?;
        reports.sort_by_key(|report| report.at);
        Ok(reports)
    }

    /// Returns the brake of an edition.
    pub async fn brake(&self, edition: &EditionSlug) -> Result<Brake, Fault> {
        Ok(self.table.get(&brake_pk(edition), MAIN).await?.unwrap_or_default())
    }
}

fn brake_pk(edition: &EditionSlug) -> String {
    format!("BRAKE#{edition}")
}
