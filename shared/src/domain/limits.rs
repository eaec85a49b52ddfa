//! Every limit in one place. Pages, the API's `/event`, messages and checks all read the limits from here.

/// The most photos in one request.
pub const MAX_PHOTOS_PER_REQUEST: usize = 20;
/// The highest limit on the bytes of one original that an organiser may set.
pub const MAX_BYTES: u64 = 50_000_000;
/// The lowest limit on the bytes of one original that an organiser may set.
pub const LEAST_MAX_BYTES: u64 = 1_000_000;
/// The longest video, in seconds, that an organiser may allow.
pub const MAX_VIDEO_SECONDS: u8 = 60;
/// The most bytes of a video's file: 24 parts of 1 MiB.
pub const MAX_VIDEO_BYTES: u64 = MAX_VIDEO_PARTS as u64 * VIDEO_PART_BYTES;
/// The most parts of a video's file.
pub const MAX_VIDEO_PARTS: u8 = 24;
/// The bytes of each part of a video's file but the last, which may have fewer: 1 MiB. On a poor connection, with a break each minute,
/// parts of this size cost 1.4 times the bytes of the file.
pub const VIDEO_PART_BYTES: u64 = 1_048_576;
/// The most parts for which one answer has upload addresses.
pub const PARTS_PER_ANSWER: usize = 8;
/// The most videos in one request.
pub const MAX_VIDEOS_PER_REQUEST: usize = 3;
/// The most videos of one uploader that are expected or with us.
pub const VIDEOS_PER_UPLOADER: u32 = 10;
/// Bytes of originals that may arrive in one hour, unless the organiser sets another budget: 100 GB, about ten times what a whole day has
/// brought so far.
pub const HOURLY_BYTES: u64 = 100_000_000_000;
/// The most graphemes (what a reader would call characters) of a caption.
pub const CAPTION_MAX: usize = 200;
/// The most graphemes of an alternative text.
pub const ALT_MAX: usize = 300;
/// The most graphemes of a transcript: the words for what is heard in a video.
pub const TRANSCRIPT_MAX: usize = 500;
/// The most graphemes of a credit.
pub const CREDIT_MAX: usize = 60;
/// The most graphemes of a school's name.
pub const SCHOOL_MAX: usize = 100;
/// The most graphemes of a decision's reason.
pub const REASON_MAX: usize = 300;
/// The most graphemes of a report's text.
pub const REPORT_MAX: usize = 1_000;
/// The most graphemes of the contact at which a reporter can be told what became of the report.
pub const CONTACT_MAX: usize = 200;
/// The most graphemes of the organiser's banner.
pub const BANNER_MAX: usize = 300;
/// The most graphemes of a person's or a key's name.
pub const NAME_MAX: usize = 60;
/// The most covers on one photo.
pub const COVERS_MAX: usize = 40;
/// The most photos of one feed page.
pub const PAGE_MAX: usize = 48;
/// The photos of one feed page if the request does not say how many.
pub const PAGE_DEFAULT: usize = 24;
/// The most photos that one answer of the organiser's export reads.
pub const EXPORT_MAX: usize = 2_000;
/// The most bytes of one such answer. Lambda limits a function's answer to 6 MB, as a string in JSON, in which each of our bytes takes at
/// most two.
pub const EXPORT_BYTES: usize = 3_000_000;
/// The most decisions in one request.
pub const MAX_DECISIONS_PER_REQUEST: usize = 48;
/// The most photos that one request to the queue leases.
pub const QUEUE_MAX: usize = 24;
/// Reservations and renewals of one uploader in one minute. A whole batch of a busy school fits many times over.
pub const RESERVATIONS_PER_MINUTE: u32 = 240;
/// The most photos of one uploader whose files are still expected. A page that is uploading holds the rest back until some have arrived.
pub const OPEN_RESERVATIONS: u32 = 200;
/// Reservations from one network in [`NETWORK_SECONDS`], by devices without a public photo. A whole school shares one address: 60 people
/// with 20 photos each make 1,200, which fits twice over.
pub const RESERVATIONS_PER_NETWORK: u32 = 3_000;
/// The period in seconds of [`RESERVATIONS_PER_NETWORK`].
pub const NETWORK_SECONDS: i64 = 600;
/// Bytes per hour of one device's unusable files: about ten large photos.
pub const UNUSABLE_BYTES_OF_A_DEVICE: u64 = 400_000_000;
/// Bytes per hour of unusable files from one network: as many as from ten devices.
pub const UNUSABLE_BYTES_OF_A_NETWORK: u64 = 4_000_000_000;
/// The least bytes that an unusable file counts as.
pub const UNUSABLE_FILE_BYTES: u64 = 1_000_000;
/// Photos in one page of an uploader's own photos: the most that one batch read takes.
pub const OWN_PAGE: usize = 100;
/// The most rows that are read of each band of look-alikes. They are only hints: filling a band does not make anyone pay for more reads.
pub const ALIKE_ROWS: i32 = 200;
/// Attempts to decode a photo beside others, before it goes to the isolation lane as one that kills its worker.
pub const MAX_ATTEMPTS: u32 = 3;
/// All attempts to decode a photo: the last one is in the isolation lane, where it affects no other photo.
pub const MAX_ATTEMPTS_ISOLATED: u32 = MAX_ATTEMPTS + 1;

/// Seconds for which a presigned upload is valid. On Lambda a presigned address expires with the role's session, so it stays short.
pub const PRESIGN_SECONDS: u64 = 600;
/// Seconds for which a moderator's lease on a photo lasts.
pub const LEASE_SECONDS: i64 = 90;
/// Seconds for which a moderator's lease on a video lasts, which has to be watched.
pub const VIDEO_LEASE_SECONDS: i64 = 180;
/// Seconds for which a passkey counts as fresh after its use.
pub const STEP_UP_SECONDS: i64 = 300;
/// Seconds without a request after which a session ends.
pub const SESSION_IDLE_SECONDS: i64 = 30 * 60;
/// Seconds after which a session ends in any case.
pub const SESSION_SECONDS: i64 = 12 * 3600;
/// Seconds in which a passkey ceremony must be finished.
pub const CEREMONY_SECONDS: i64 = 300;
/// Deletions by one member in five minutes above which a fresh passkey is required.
pub const DELETIONS_WITHOUT_PASSKEY: u32 = 50;
/// Reports per hour from one address, and from one device with a history. Beyond this, reports that concern a child or the person in the
/// picture are still accepted, but hide nothing by themselves.
pub const REPORTS_PER_HOUR: u32 = 20;
/// The most different reports of one reporter about one photo; after that only a new reason counts.
pub const REPORTS_OF_ONE_PHOTO: usize = 5;
/// The most photos that reports from one address hide in an hour, if the reporter has no history. Below [`HIDINGS_BEFORE_BRAKE`].
pub const HIDINGS_PER_ADDRESS: usize = 5;
/// The most photos that reports of people without a history hide within [`BRAKE_WINDOW_SECONDS`] before the brake is put on.
pub const HIDINGS_BEFORE_BRAKE: usize = 10;
/// Seconds for which those hidings are counted.
pub const BRAKE_WINDOW_SECONDS: i64 = 300;
/// Seconds for which the brake stays on.
pub const BRAKE_SECONDS: i64 = 3_600;
/// Days for which a report's text and contact are kept.
pub const REPORT_DAYS: i64 = 90;
/// Days for which the hashes of a removed photo are kept, so that it is recognised when it is uploaded again.
pub const BLOCK_DAYS: i64 = 30;
/// Days for which the reason of a decision is kept in the audit.
pub const AUDIT_WORDS_DAYS: i64 = 90;
/// The most look-alikes that are shown beside a photo.
pub const MAX_ALIKE: usize = 12;
/// Seconds for which a moderator's signed address of a review rendition is valid: twice as long as a lease. The storage checks only the
/// signature, so a picture can still be fetched for this long after its photo was locked away.
pub const REVIEW_LINK_SECONDS: u64 = 180;
/// Seconds for which a moderator's signed address of a video is valid: the longest that the storage accepts, since a player reads a part at
/// a time for as long as it plays.
pub const REVIEW_VIDEO_LINK_SECONDS: u64 = PRESIGN_SECONDS;
/// Seconds after its registration for which a photo may be given fresh upload addresses. After that it must be registered again.
pub const RENEW_SECONDS: i64 = 6 * 3600;
/// Seconds after which a reserved photo's object is looked for, in case its event was lost.
pub const SWEEP_AFTER_SECONDS: i64 = 45;
/// Seconds after its last address expired at which a reserved photo without an object is expired.
pub const EXPIRE_AFTER_SECONDS: i64 = 300;
/// Seconds after its last address expired at which a reserved video without all its parts is expired. Its parts are deleted then, so this
/// is longer than the slowest upload of a part that began in time.
pub const EXPIRE_VIDEO_AFTER_SECONDS: i64 = 900;
/// Seconds until the second purge after a removal: validity of a presigned address 600, clock skew 60, twice a function's time-out 40, and
/// the longest fetch of an edge 60. It fits SQS's longest delay of 900.
pub const PURGE_FENCE_SECONDS: i64 = 760;

/// Days for which an original is kept after its upload, unless `cloud.original_days` of the organiser's settings says otherwise.
pub const ORIGINAL_DAYS: i64 = 30;
/// Seconds after the erasure of a photo's bytes at which no edge can have a copy, even if invalidation never worked: the longest fetch of
/// an edge 60, and the 300 for which it may keep what it fetched.
pub const EDGE_SECONDS: i64 = 360;

/// The content types that a photo's file may have, in the order in which people are told of them.
pub const TYPES: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];
/// The content type of a video's file.
pub const VIDEO_TYPE: &str = "video/mp4";
/// The content types of an edition that accepts videos.
pub const TYPES_AND_VIDEO: [&str; 4] = ["image/jpeg", "image/png", "image/webp", VIDEO_TYPE];

/// The longest edges of renditions in pixels, largest first. 4032 / 2 and 8064 / 4 are exactly 2016, which the JPEG decoder produces for a
/// quarter of the cost. The largest may have 1920 to 2048: of the 2560 that the page sends it has 1920, which are six eighths.
pub const RENDITION_EDGES_PX: [u32; 4] = [2016, 1280, 640, 320];

/// The name, without extension, of a photo's card: the rendition that social networks show beside a link.
pub const CARD_NAME: &str = "card";
/// The card's width and height in pixels, a size that every network shows whole.
pub const CARD_PX: (u32, u32) = (1200, 630);
