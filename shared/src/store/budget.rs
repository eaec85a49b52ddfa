//! The hourly budget: bytes of originals that arrived in this hour by the clock, by everybody together. (Pattern 25)
//!
//! Decision: what is counted is what arrived, not what was announced: whoever announces a flood and sends nothing costs nothing, and must
//! not close the hour for everybody else. It is a bound on what a flood may cost, and not an exact one: photos that are registered may
//! still come when it is spent, and bytes are counted in steps of 64 MB: fewer than one step count as a whole one, with as great a
//! chance as they are a part of it. So a photo hardly ever costs a write, the row stays cool when everybody comes at once, and the
//! sum of a full hour is off by some three per cent. What follows from the sum is the edition's rule: [`Edition::within_budget`].
//!
//! [`Edition::within_budget`]: crate::domain::Edition::within_budget

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Fault,
    fault::fault,
    table::{MAIN, Table, key, number},
};
use crate::runtime::ids::random;

const HOUR_SECONDS: i64 = 3_600;
/// For how long an hour's row is kept, for those who look at the last one.
const KEPT_SECONDS: i64 = 48 * HOUR_SECONDS;
/// Bytes that are counted in one write, if there are fewer.
const STEP_BYTES: u64 = 64_000_000;

/// The budget of every hour.
#[derive(Clone, Debug)]
pub struct Budget {
    table: Table,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Spent {
    #[serde(rename = "b")]
    bytes: u64,
}

impl Budget {
    /// The budget in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Bytes that arrived in the hour of `now`.
    pub async fn spent(&self, now: Timestamp) -> Result<u64, Fault> {
        let spent: Option<Spent> = self.table.get(&hour_pk(now), MAIN).await?;
        Ok(spent.unwrap_or_default().bytes)
    }

    /// Counts bytes that arrived now.
    pub async fn spend(&self, bytes: u64, now: Timestamp) -> Result<(), Fault> {
        let bytes = in_steps(bytes, STEP_BYTES, u64::from_le_bytes(random()));
        if bytes == 0 {
            return Ok(());
        }
        let request = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(key(&hour_pk(now), MAIN)))
            .update_expression("ADD b :bytes SET #ttl = :ttl")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":bytes", number(bytes))
            .expression_attribute_values(":ttl", number(now.as_second() + KEPT_SECONDS));
        request.send().await.map(drop).map_err(fault("count bytes"))
    }
}

/// Bytes to count: all where they are a step or more, a whole step where `drawn` falls within their part of it, and none otherwise. For
/// evenly drawn numbers the mean is `bytes`.
fn in_steps(bytes: u64, step: u64, drawn: u64) -> u64 {
    if bytes >= step {
        bytes
    } else if drawn % step < bytes {
        step
    } else {
        0
    }
}

fn hour_pk(now: Timestamp) -> String {
    format!("BUD#{}", now.as_second().div_euclid(HOUR_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_is_counted_seldom_and_much_always_and_on_the_whole_it_is_right() {
        assert_eq!(in_steps(5_000, 1_000, 7), 5_000);
        assert_eq!(in_steps(1_000, 1_000, 999), 1_000);
        for bytes in [0, 1, 250, 999] {
            assert_eq!((0..1_000).map(|drawn| in_steps(bytes, 1_000, drawn)).sum::<u64>(), 1_000 * bytes, "{bytes}");
        }
    }
}
