//! Reports of photos: one row for each device and photo. (Pattern 20)

use super::{
    fault::Fault,
    table::{Range, Table, photo_pk, row},
};
use crate::domain::{ids::PhotoId, report::Report};

/// The reports of all photos.
#[derive(Clone, Debug)]
pub struct Reports {
    table: Table,
}

impl Reports {
    /// The reports in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Keeps a report of `device`, unless it has reported the photo before; answers with the one that is kept.
    pub async fn add(&self, device: &str, report: &Report) -> Result<Report, Fault> {
        let (pk, sk) = (photo_pk(&report.id), device_sk(device));
        if self.table.put_new(row(&pk, &sk, report)?).await? {
            return Ok(report.clone());
        }
        Ok(self.table.get(&pk, &sk).await?.unwrap_or_else(|| report.clone()))
    }

    /// The report of `device` about a photo, if it has reported it.
    pub async fn by(&self, device: &str, id: &PhotoId) -> Result<Option<Report>, Fault> {
        self.table.get(&photo_pk(id), &device_sk(device)).await
    }

    /// The reports of a photo.
    pub async fn of(&self, id: &PhotoId) -> Result<Vec<Report>, Fault> {
        let mut reports: Vec<Report> = self.table.query_all(&photo_pk(id), Range::Prefix("R#")).await?;
        reports.sort_by_key(|report| report.at);
        Ok(reports)
    }
}

fn device_sk(device: &str) -> String {
    format!("R#{device}")
}
