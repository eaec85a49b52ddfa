//! Rate limits of uploaders, networks and members. (Pattern 12)

use jiff::Timestamp;

use super::{
    fault::{Fault, fault, is_refused},
    table::{Table, key, number},
};
use crate::domain::{
    ids::{NetworkId, UploaderId},
    limits,
};

/// Rate limits.
#[derive(Clone, Debug)]
pub struct Rates {
    table: Table,
}

impl Rates {
    /// Returns a handle to the rate limits in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Counts `n` reservations or renewals in this minute; returns whether they are within [`limits::RESERVATIONS_PER_MINUTE`].
    pub async fn spend(&self, uploader: &UploaderId, n: usize, now: Timestamp) -> Result<bool, Fault> {
        self.spend_on(uploader.as_str(), n, limits::RESERVATIONS_PER_MINUTE, 60, now).await
    }

    /// Counts `n` reservations by devices that are not known yet, from one network; returns whether they are within
    /// [`limits::RESERVATIONS_PER_NETWORK`].
    pub async fn spend_of_network(&self, network: &NetworkId, n: usize, now: Timestamp) -> Result<bool, Fault> {
        let most = limits::RESERVATIONS_PER_NETWORK;
        self.spend_on(&format!("net#{network}"), n, most, limits::NETWORK_SECONDS, now).await
    }

    /// Counts `n` more actions of `who` in the current window of `seconds`; returns whether they are within `most`. Actions over the limit
    /// are not counted.
    pub async fn spend_on(&self, who: &str, n: usize, most: u32, seconds: i64, now: Timestamp) -> Result<bool, Fault> {
        let window = now.as_second().div_euclid(seconds);
        let most = i64::from(most) - i64::try_from(n).unwrap_or(i64::MAX);
        if most < 0 {
            return Ok(false);
        }
        let request = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(key(&format!("RL#{who}"), &window.to_string())))
            .update_expression("ADD n :n SET #ttl = :ttl")
            .condition_expression("attribute_not_exists(n) OR n <= :most")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":n", number(n))
            .expression_attribute_values(":most", number(most))
            .expression_attribute_values(":ttl", number((window + 10) * seconds));
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_refused(&error) => Ok(false),
            Err(error) => Err(fault("count requests")(error)),
        }
    }
}
