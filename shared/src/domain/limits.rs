//! Every limit in one table. Pages, the API's `/event`, messages and checks all read it from here.

/// Photos in one request.
pub const MAX_PHOTOS_PER_REQUEST: usize = 20;
/// Bytes of one original that an organiser may allow at most; the edition's own limit is at or below it.
pub const MAX_BYTES: u64 = 50_000_000;
/// Bytes of one original that an organiser must allow at least.
pub const LEAST_MAX_BYTES: u64 = 1_000_000;
/// Bytes of originals that may arrive in one hour, unless the organiser says otherwise: 100 GB, some ten times what the whole
/// day has brought so far.
pub const HOURLY_BYTES: u64 = 100_000_000_000;
/// Graphemes (what a reader would call characters) of a caption.
pub const CAPTION_MAX: usize = 200;
/// Graphemes of an alternative text.
pub const ALT_MAX: usize = 300;
/// Graphemes of a credit.
pub const CREDIT_MAX: usize = 60;
/// Graphemes of a school's name.
pub const SCHOOL_MAX: usize = 100;
/// Graphemes of a decision's reason.
pub const REASON_MAX: usize = 300;
/// Graphemes of a report's words.
pub const REPORT_MAX: usize = 1_000;
/// Graphemes of the address at which a reporter can be told what became of it.
pub const CONTACT_MAX: usize = 200;
/// Graphemes of the organiser's banner.
pub const BANNER_MAX: usize = 300;
/// Graphemes of a person's or a key's name.
pub const NAME_MAX: usize = 60;
/// Covers on one photo.
pub const COVERS_MAX: usize = 40;
/// Photos of one feed page.
pub const PAGE_MAX: usize = 48;
/// Photos of one feed page where the caller names no number.
pub const PAGE_DEFAULT: usize = 24;
/// Photos that one answer of an organiser's list looks at.
pub const EXPORT_MAX: usize = 2_000;
/// Bytes of one such answer. A function's answer may have 6 MB as Lambda carries it, as a string in JSON, where each byte of ours takes
/// two at most.
pub const EXPORT_BYTES: usize = 3_000_000;
/// Decisions in one request.
pub const MAX_DECISIONS_PER_REQUEST: usize = 48;
/// Photos that one look at the queue hands out at most.
pub const QUEUE_MAX: usize = 24;
/// Reservations and renewals of one uploader in one minute. A whole batch of a busy school fits many times over.
pub const RESERVATIONS_PER_MINUTE: u32 = 240;
/// Photos of one uploader whose files are still expected. A page that is sending keeps the rest to itself until some have arrived.
pub const OPEN_RESERVATIONS: u32 = 200;
/// Reservations from one network in [`NETWORK_SECONDS`], by devices of which no photo is public. A whole school is behind one
/// address: 60 people with 20 photos each are 1,200, and fit twice over.
pub const RESERVATIONS_PER_NETWORK: u32 = 3_000;
/// Seconds in which [`RESERVATIONS_PER_NETWORK`] are counted.
pub const NETWORK_SECONDS: i64 = 600;
/// Bytes in one hour of one device's files that could not be used: as many as some ten large photos have.
pub const UNUSABLE_BYTES_OF_A_DEVICE: u64 = 400_000_000;
/// Bytes in one hour of such files from one network: as many as ten devices may send.
pub const UNUSABLE_BYTES_OF_A_NETWORK: u64 = 4_000_000_000;
/// Bytes as which the smallest of them counts.
pub const UNUSABLE_FILE_BYTES: u64 = 1_000_000;
/// Photos in one page of an uploader's own photos: what one batch read takes.
pub const OWN_PAGE: usize = 100;
/// Rows that are read of each band of look-alikes. They are hints: whoever fills a band gets no more reads out of it.
pub const ALIKE_ROWS: i32 = 200;
/// Times that a photo may be begun beside others before it goes to the isolation lane as one that kills its worker.
pub const MAX_ATTEMPTS: u32 = 3;
/// Times that it may be begun at all: once more, in the isolation lane, where it can hurt nobody.
pub const MAX_ATTEMPTS_ISOLATED: u32 = MAX_ATTEMPTS + 1;

/// Seconds that a presigned upload lives. On Lambda an address dies with the role's session, so it stays short.
pub const PRESIGN_SECONDS: u64 = 600;
/// Seconds that a moderator's look at one photo keeps it from the others.
pub const LEASE_SECONDS: i64 = 90;
/// Seconds for which a passkey that was used counts as fresh.
pub const STEP_UP_SECONDS: i64 = 300;
/// Seconds without a request after which a session ends.
pub const SESSION_IDLE_SECONDS: i64 = 30 * 60;
/// Seconds after which a session ends in any case.
pub const SESSION_SECONDS: i64 = 12 * 3600;
/// Seconds in which a passkey ceremony must be finished.
pub const CEREMONY_SECONDS: i64 = 300;
/// Deletions by one member in five minutes above which a fresh passkey is asked for.
pub const DELETIONS_WITHOUT_PASSKEY: u32 = 50;
/// Reports from one address, and from one device with a history, in an hour. What concerns a child or the person in the picture is taken
/// beyond it, too, but hides nothing by itself.
pub const REPORTS_PER_HOUR: u32 = 20;
/// Different things that one reporter says about one photo; after that only another reason counts.
pub const REPORTS_OF_ONE_PHOTO: usize = 5;
/// Photos that reports from one address hide in an hour, if their sender has no history. Below [`HIDINGS_BEFORE_BRAKE`].
pub const HIDINGS_PER_ADDRESS: usize = 5;
/// Photos that reports of people without a history hide within [`BRAKE_WINDOW_SECONDS`] before the brake is put on.
pub const HIDINGS_BEFORE_BRAKE: usize = 10;
/// Seconds for which those hidings are counted.
pub const BRAKE_WINDOW_SECONDS: i64 = 300;
/// Seconds for which the brake stays on.
pub const BRAKE_SECONDS: i64 = 3_600;
/// Days for which a report's words and contact are kept.
pub const REPORT_DAYS: i64 = 90;
/// Days for which the hashes of a removed photo are known, so that it is noticed when it comes again.
pub const BLOCK_DAYS: i64 = 30;
/// Days for which the words of a decision stay in the audit.
pub const AUDIT_WORDS_DAYS: i64 = 90;
/// Look-alikes that are shown beside a photo.
pub const MAX_ALIKE: usize = 12;
/// Seconds that a moderator's address of a review rendition lives: twice as long as a look at the queue keeps its photos. The storage
/// asks nobody but the signature, so that this is how long a picture can still be had after its photo was locked away.
pub const REVIEW_LINK_SECONDS: u64 = 180;
/// Seconds after its registration until which a photo may be given fresh upload addresses. Whoever needs longer registers it again.
pub const RENEW_SECONDS: i64 = 6 * 3600;
/// Seconds after which a reserved photo's object is looked for, in case its event was lost.
pub const SWEEP_AFTER_SECONDS: i64 = 45;
/// Seconds after its last address died at which a reserved photo without an object is expired.
pub const EXPIRE_AFTER_SECONDS: i64 = 300;
/// Seconds until a take-down's second purge: presigned life 600, clock skew 60, twice a function's time-out 40, and the longest
/// fetch of an edge 60. It fits SQS's longest delay of 900.
pub const PURGE_FENCE_SECONDS: i64 = 760;

/// Days after it was sent for which an original is kept; `original_days` of the organiser's settings says so to the storage.
pub const ORIGINAL_DAYS: i64 = 30;
/// Seconds after the erasure of its bytes at which no edge can have a copy of a photo, even where invalidation never worked: the
/// longest fetch of an edge 60, and the 300 for which it may keep what it fetched.
pub const EDGE_SECONDS: i64 = 360;

/// The file types that an upload may have, as content types, in the order in which people are told of them.
pub const TYPES: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];

/// Longest edges of renditions in pixels, largest first. 4032 / 2 and 8064 / 4 are exactly 2016, which the JPEG decoder gives for
/// a quarter of the cost.
pub const RENDITION_EDGES_PX: [u32; 4] = [2016, 1280, 640, 320];

/// What the picture of a photo's card is called, before its extension: the one that social networks show beside a link.
pub const CARD_NAME: &str = "card";
/// Its width and height in pixels: what every network shows whole.
pub const CARD_PX: (u32, u32) = (1200, 630);
