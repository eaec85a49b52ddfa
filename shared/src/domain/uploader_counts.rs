//! Counters of what a device has sent so far, and what it may register accordingly.
//!
//! Decision: the counters change in the transaction that moves a photo, and are derived from the same [`Change`] as the edition's. No code
//! reads all of a device's photos to count them, since registering a photo costs its uploader nothing: showing a queue, or deciding which
//! devices to trust, would otherwise pay for another uploader's flood. Given up: each move of a photo costs two write units more, and all
//! moves of one device's photos contend for one row. The audit counts the photos again and compares.
//!
//! [`Change`]: super::change::Change

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{limits, photo::Photo, refusal::Refusal, states::State};

/// The counters of one device in one edition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UploaderCounts {
    /// Photos whose files are still expected.
    pub reserved: i64,
    /// Photos that wait for a decision.
    pub pending: i64,
    /// Published photos.
    pub published: i64,
    /// Photos that were taken off the site.
    pub hidden: i64,
    /// Rejected photos, because of their files or by a decision.
    pub rejected: i64,
    /// Photos included in the counts above that count against trusting the device: see [`Photo::is_doubtful`].
    pub doubtful: i64,
    /// Videos among the photos that are counted above by their states.
    pub videos: i64,
}

impl UploaderCounts {
    /// Photos that have arrived and are not deleted, quarantined or expired.
    pub fn photos(&self) -> u64 {
        [self.pending, self.published, self.hidden, self.rejected].into_iter().map(at_least_none).sum()
    }

    /// Published photos.
    pub fn published(&self) -> u64 {
        at_least_none(self.published)
    }

    /// Rejected photos, because of their files or by a decision.
    pub fn rejected(&self) -> u64 {
        at_least_none(self.rejected)
    }

    /// Whether a photo of the device is public. Only then does the device count as a participant: making up a device costs nothing, and a
    /// small picture that waits for a decision hardly more.
    pub fn is_known(&self) -> bool {
        self.published > 0
    }

    /// Whether the device has shown that it takes part: more of its photos are public than count against it. Only then does it count as a
    /// reporter of its own, since making up a device costs nothing.
    pub fn has_history(&self) -> bool {
        self.published > self.doubtful.max(0)
    }

    /// Whether at least one of the device's photos carries an entry into a prize draw, provided that it was sent in time: see
    /// [`carries`](super::draw::entry::carries).
    pub fn carries_for_sure(&self) -> bool {
        self.pending > 0 || self.published > 0
    }

    /// Whether one of the photos may carry an entry, according to the counters: a hidden one may be waiting for a person.
    pub fn may_carry(&self) -> bool {
        self.carries_for_sure() || self.hidden > 0
    }

    /// Whether one of the photos may carry an entry, now or once its file has arrived.
    pub fn may_enter(&self) -> bool {
        self.may_carry() || self.reserved > 0
    }

    /// Refuses a video beyond those that a device may have. `before` is the number of videos before it in the same request.
    pub fn may_add_video(&self, before: usize) -> Result<(), Refusal> {
        let limit = limits::VIDEOS_PER_UPLOADER;
        let has = at_least_none(self.videos).saturating_add(u64::try_from(before).unwrap_or(u64::MAX));
        if has < u64::from(limit) { Ok(()) } else { Err(Refusal::TooManyVideos { limit }) }
    }

    /// Whether the device has no photo at all, not even one whose file is expected.
    pub fn has_nothing(&self) -> bool {
        self.reserved <= 0 && self.photos() == 0
    }

    /// Returns how many more photos the device may register before some of the expected files have arrived.
    pub fn room(&self) -> usize {
        let most = i64::from(limits::OPEN_RESERVATIONS);
        usize::try_from(most.saturating_sub(self.reserved)).unwrap_or_default()
    }
}

fn at_least_none(n: i64) -> u64 {
    u64::try_from(n).unwrap_or_default()
}

/// Returns what one photo adds to the counters of its device, by their names in [`UploaderCounts`].
pub fn counted(photo: &Photo) -> BTreeMap<&'static str, i64> {
    let state = match photo.state {
        State::Reserved | State::Pending | State::Published | State::Hidden | State::Rejected => photo.state.as_str(),
        // The photo can no longer be shown; whether it counts against its device is stored separately.
        State::Expired | State::Deleted | State::Quarantined => return BTreeMap::new(),
    };
    let mut counts = BTreeMap::from([(state, 1)]);
    if photo.is_doubtful() {
        counts.insert("doubtful", 1);
    }
    if photo.is_video() {
        counts.insert("videos", 1);
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        report::ReportReason,
        sample::{self, decide, noon, sender},
        states::Decision,
    };

    #[test]
    fn every_state_is_counted_under_a_name_that_is_read_back() {
        for state in State::ALL {
            let photo = Photo { state, ..sample::reserved() };
            let read: serde_json::Value = serde_json::to_value(sender(std::slice::from_ref(&photo))).unwrap();
            let sum: i64 = read.as_object().unwrap().values().map(|n| n.as_i64().unwrap()).sum();
            assert_eq!(sum, counted(&photo).values().sum::<i64>(), "{state}");
        }
    }

    #[test]
    fn what_has_not_arrived_is_no_photo_of_a_device_and_makes_nobody_known() {
        let unreadable = sample::reserved().unreadable("not a photo".into(), "renditions", noon()).unwrap().after;
        let nobody = sender(&[sample::reserved(), sample::reserved(), unreadable.clone()]);
        assert_eq!((nobody.photos(), nobody.reserved, nobody.rejected(), nobody.is_known()), (1, 2, 1, false));
        let known = sender(&[unreadable, sample::pending(), sample::published()]);
        assert_eq!((known.photos(), known.published(), known.is_known()), (3, 1, true));
        assert!(!sender(&[sample::pending()]).is_known(), "what waits has convinced nobody yet");
        let gone = decide(&sample::published(), Decision::Delete).after;
        assert_eq!(sender(&[gone]), UploaderCounts::default());
        assert!(UploaderCounts::default().has_nothing() && !sender(&[sample::reserved()]).has_nothing());
    }

    #[test]
    fn a_history_is_a_public_photo_that_nobody_doubts() {
        let rejected = decide(&sample::pending(), Decision::Reject).after;
        let reported = sample::reported(&sample::published(), ReportReason::Other);
        assert!(sender(&[sample::published(), sample::pending()]).has_history());
        for own in
            [vec![], vec![sample::reserved(), sample::pending()], vec![reported], vec![sample::published(), rejected]]
        {
            assert!(!sender(&own).has_history(), "{:?}", own.iter().map(|photo| photo.state).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_counter_that_is_below_nothing_counts_as_nothing() {
        let sender = UploaderCounts { pending: 1, published: 2, hidden: 4, rejected: 8, ..UploaderCounts::default() };
        assert_eq!((sender.photos(), sender.published(), sender.rejected()), (15, 2, 8));
        let below = UploaderCounts {
            pending: -1,
            published: -1,
            hidden: 3,
            rejected: -1,
            doubtful: -1,
            reserved: -1,
            videos: -1,
        };
        assert_eq!((below.photos(), below.published(), below.rejected()), (3, 0, 0));
        assert!(!below.is_known() && !below.has_history());
        assert!(UploaderCounts { reserved: -1, ..UploaderCounts::default() }.has_nothing());
        assert!(!UploaderCounts { hidden: 1, ..UploaderCounts::default() }.has_nothing());
        assert!(UploaderCounts { published: 1, doubtful: -5, ..UploaderCounts::default() }.has_history());
        assert!(
            !UploaderCounts { published: 1, doubtful: 1, ..UploaderCounts::default() }.has_history(),
            "as many doubts as photos"
        );
    }

    #[test]
    fn doubts_are_counted_with_the_photo_that_raises_them() {
        let reported = sample::reported(&sample::published(), ReportReason::Other);
        let rejected = decide(&sample::pending(), Decision::Reject).after;
        assert_eq!(sender(&[sample::published(), reported, rejected]).doubtful, 2);
    }

    #[test]
    fn videos_are_counted_beside_their_states_and_their_room_ends_at_ten() {
        let edition = crate::domain::Edition { video_seconds: 60, ..sample::edition() };
        let video = sample::reserve(&edition, &sample::video_spec(5), noon()).unwrap().after;
        let one = sender(&[video.clone(), sample::pending()]);
        assert_eq!((one.reserved, one.pending, one.videos), (1, 1, 1));
        assert_eq!(sender(&[video.withdraw(noon()).unwrap().unwrap().after]), UploaderCounts::default());
        let may_add =
            |videos, before| UploaderCounts { videos, ..UploaderCounts::default() }.may_add_video(before).is_ok();
        assert_eq!([may_add(0, 0), may_add(9, 0), may_add(-1, 9)], [true; 3]);
        assert_eq!([may_add(10, 0), may_add(11, 0), may_add(9, 1)], [false; 3]);
    }

    #[test]
    fn the_room_of_a_device_ends_at_the_limit_and_never_below_nothing() {
        let room = |reserved| UploaderCounts { reserved, ..UploaderCounts::default() }.room();
        let most = i64::from(limits::OPEN_RESERVATIONS);
        assert_eq!([room(0), room(most - 1), room(most), room(most + 9), room(-3)], [200, 1, 0, 0, 203]);
    }
}
