//! The hourly budget: how many bytes may arrive in one hour by the clock, and which uploaders are stopped first when too many arrive.
//!
//! | Counted | Limit in bytes per hour | Stopped |
//! |---|---|---|
//! | unusable files of one device | [`limits::UNUSABLE_BYTES_OF_A_DEVICE`] | that device |
//! | unusable files from one network | [`limits::UNUSABLE_BYTES_OF_A_NETWORK`] | its devices that are not [known](UploaderCounts::is_known) |
//! | all files | three quarters of the organiser's setting | all devices that are not known |
//! | all usable files | the organiser's setting | all devices |
//! | all files | twice the organiser's setting | all devices |
//!
//! Decision: bytes of files that became no photo count first against their device, then against their network, and last against everyone. A
//! secret costs nothing to make, and neither do files that are not pictures: if all bytes counted alike, one machine could use up an hour
//! and keep every technician out. So a quarter of the hour is reserved for devices that have a published photo, and unusable files count
//! against them only when all files together exceed twice the hour's budget. To use that up, an attacker needs pictures that pass, from
//! many networks.

use jiff::{SignedDuration, Timestamp};

use super::{edition::Edition, limits, refusal::Refusal, time, uploader_counts::UploaderCounts};

/// Bytes that arrived in one hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hour {
    /// Bytes of all files from all devices.
    pub bytes: u64,
    /// Bytes of the files among them that became no photo.
    pub unusable: u64,
    /// Bytes of files from the requesting device that became no photo.
    pub device: u64,
    /// Bytes of files from the requesting device's network that became no photo.
    pub network: u64,
}

/// Returns the bytes that a file which became no photo counts as: at least [`limits::UNUSABLE_FILE_BYTES`]. Examining a file costs more
/// than storing it, so a small file counts, too.
pub fn unusable(size_bytes: u64) -> u64 {
    size_bytes.max(limits::UNUSABLE_FILE_BYTES)
}

impl Edition {
    /// Passes unless a device must wait for the next hour by the clock before it registers a new photo or sends the file of a registered
    /// one.
    ///
    /// Decision: in an hour in which the edition closes, there is no budget for all devices together. Anyone told to wait for the next hour
    /// would be too late. The limits for unusable files of a device or a network still apply in that hour.
    ///
    /// # Errors
    /// [`Refusal::UnusableFiles`] or [`Refusal::BudgetSpent`], with the seconds until the next hour.
    pub fn within_budget(&self, hour: &Hour, sender: &UploaderCounts, now: Timestamp) -> Result<(), Refusal> {
        let retry_after_s = time::seconds_to_next_hour(now);
        let known = sender.is_known();
        if hour.device >= limits::UNUSABLE_BYTES_OF_A_DEVICE {
            let limit_bytes = limits::UNUSABLE_BYTES_OF_A_DEVICE;
            return Err(Refusal::UnusableFiles { whose: "device", limit_bytes, retry_after_s });
        }
        if !known && hour.network >= limits::UNUSABLE_BYTES_OF_A_NETWORK {
            let limit_bytes = limits::UNUSABLE_BYTES_OF_A_NETWORK;
            return Err(Refusal::UnusableFiles { whose: "network", limit_bytes, retry_after_s });
        }
        if now + SignedDuration::from_secs(retry_after_s.into()) >= self.closes_at {
            return Ok(());
        }
        let spent = if known {
            let usable = hour.bytes.saturating_sub(hour.unusable);
            usable >= self.hourly_bytes || hour.bytes >= self.hourly_bytes.saturating_mul(2)
        } else {
            hour.bytes >= self.hourly_bytes - self.hourly_bytes / 4
        };
        if spent { Err(Refusal::BudgetSpent { retry_after_s }) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn spent(bytes: u64, unusable: u64) -> Hour {
        Hour { bytes, unusable, ..Hour::default() }
    }

    fn edition() -> Edition {
        Edition { hourly_bytes: 100, ..sample::edition() }
    }

    const KNOWN: UploaderCounts =
        UploaderCounts { reserved: 0, pending: 0, published: 1, hidden: 0, rejected: 0, doubtful: 0, videos: 0 };
    const NEW: UploaderCounts = UploaderCounts { pending: 1, published: 0, reserved: 9, ..KNOWN };

    #[test]
    fn a_spent_hour_stops_new_devices_first_and_nobody_in_the_last_one() {
        let (edition, noon) = (edition(), at("2027-03-05T12:40:00Z"));
        let refused = Err(Refusal::BudgetSpent { retry_after_s: 1_200 });
        for (bytes, new, known) in
            [(74, Ok(()), Ok(())), (75, refused.clone(), Ok(())), (100, refused.clone(), refused.clone())]
        {
            assert_eq!(edition.within_budget(&spent(bytes, 0), &NEW, noon), new, "{bytes}");
            assert_eq!(edition.within_budget(&spent(bytes, 0), &KNOWN, noon), known, "{bytes}");
        }
        assert!(edition.within_budget(&spent(100, 0), &NEW, at("2027-03-05T16:59:59Z")).is_err());
        assert_eq!(
            edition.within_budget(&spent(100, 0), &NEW, at("2027-03-05T17:00:00Z")),
            Ok(()),
            "it closes at 18:00"
        );
    }

    #[test]
    fn junk_of_others_stops_new_devices_and_known_ones_only_when_it_costs_the_hour_twice() {
        let (edition, noon) = (edition(), at("2027-03-05T12:40:00Z"));
        let within = |bytes, unusable, sender| edition.within_budget(&spent(bytes, unusable), sender, noon).is_ok();
        assert!(!within(90, 90, &NEW));
        assert!(within(190, 100, &KNOWN) && within(199, 199, &KNOWN));
        assert!(!within(200, 199, &KNOWN) && !within(120, 20, &KNOWN));
    }

    #[test]
    fn a_devices_own_junk_stops_it_whatever_else_it_has_and_a_networks_stops_its_new_ones() {
        let edition = edition();
        for now in ["2027-03-05T12:40:00Z", "2027-03-05T17:40:00Z"] {
            let retry_after_s = 1_200;
            let device = Hour { device: limits::UNUSABLE_BYTES_OF_A_DEVICE, ..Hour::default() };
            for sender in [NEW, KNOWN] {
                let refused = edition.within_budget(&device, &sender, at(now)).unwrap_err();
                let limit_bytes = limits::UNUSABLE_BYTES_OF_A_DEVICE;
                assert_eq!(refused, Refusal::UnusableFiles { whose: "device", limit_bytes, retry_after_s });
            }
            let network = Hour { network: limits::UNUSABLE_BYTES_OF_A_NETWORK, ..Hour::default() };
            assert!(matches!(
                edition.within_budget(&network, &NEW, at(now)),
                Err(Refusal::UnusableFiles { whose: "network", .. })
            ));
            assert_eq!(edition.within_budget(&network, &KNOWN, at(now)), Ok(()));
        }
    }

    #[test]
    fn tiny_files_are_not_free() {
        assert_eq!([unusable(1), unusable(30_000_000)], [limits::UNUSABLE_FILE_BYTES, 30_000_000]);
    }
}
