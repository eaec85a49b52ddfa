//! Simple samples for the style guide and the tests: the edition of the shipped settings, and photos in all shapes.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use jiff::{SignedDuration, Timestamp};

use super::respond::Common;
use crate::domain::{
    Edition, Photo, PhotoId, Revision, UploaderId,
    audit::AuditEntry,
    dashboard::{self, Dashboard},
    event_file,
    feed::{FeedFilm, FeedRow},
    ids::{KeyId, Sha256Hex},
    limits,
    organiser::{Organiser, SafeguardingContact},
    people::Member,
    photo::{Consent, People, Rendered, Rendition},
    request::{PhotoRequest, PhotoSpec},
    school::{Nation, School},
    states::{Duty, Kind, Role},
    stats::{self, Stats},
};

/// The contents of a sample row: caption, credit, school, discipline's slug, width, height, two colours.
type Row = (&'static str, &'static str, &'static str, &'static str, u32, u32, [u8; 3], [u8; 3]);

const ROWS: [Row; 12] = [
    (
        "Copper sulphate crystals, day twelve. Grown for Year 8, kept because nobody could throw them away 💎",
        "Priya, science prep room",
        "Sample Academy",
        "science",
        4032,
        3024,
        [38, 98, 160],
        [186, 214, 230],
    ),
    (
        "Forty-two jigs, one for each pair of hands on Monday",
        "The workshop",
        "Example High School",
        "dt",
        3024,
        4032,
        [168, 120, 70],
        [90, 60, 40],
    ),
    (
        "Ŵyth camera, un sioe ysgol, dim un gair ar goll. Diolch i'r tîm llwyfan 🏴󠁧󠁢󠁷󠁬󠁳󠁿",
        "Llinos a Gwyn",
        "Ysgol Enghraifft",
        "drama",
        4032,
        2268,
        [70, 20, 60],
        [230, 150, 60],
    ),
    (
        "Server room at 06:50, before anybody noticed",
        "J.",
        "Sample Sixth Form College",
        "ict",
        4032,
        3024,
        [20, 60, 70],
        [60, 150, 150],
    ),
    (
        "Two hundred pipettes, counted twice",
        "The prep room",
        "Sample Academy",
        "science",
        3024,
        4032,
        [220, 222, 214],
        [120, 150, 160],
    ),
    (
        "Glaze tests. The one that failed is our favourite <script>alert(\"kiln\")</script>",
        "Art block",
        "Test Park School",
        "art",
        4000,
        4000,
        [160, 60, 110],
        [240, 200, 180],
    ),
    ("مختبر العلوم جاهز للصباح", "ليلى", "Example High School", "science", 4032, 3024, [200, 170, 120], [90, 110, 120]),
    (
        "Thirty guitars tuned, thirty more to go",
        "Music dept",
        "Sample Sixth Form College",
        "music",
        4032,
        3024,
        [150, 90, 40],
        [60, 40, 70],
    ),
    (
        "Bread for ninety: the mise en place",
        "Sam & Jo",
        "Test Park School",
        "food",
        4032,
        3024,
        [230, 200, 150],
        [150, 110, 60],
    ),
    ("Line marking at dawn", "PE stores", "Example High School", "pe", 5000, 2000, [60, 120, 60], [180, 210, 220]),
    (
        "The lens cupboard, finally labelled",
        "Media",
        "Sample Academy",
        "media",
        3024,
        4032,
        [50, 60, 70],
        [170, 170, 160],
    ),
    ("", "Anonymous spanner", "Sample Sixth Form College", "other", 4032, 3024, [120, 110, 100], [200, 190, 170]),
];

/// Returns the edition of the settings that are shipped as the example.
pub fn edition() -> Option<Edition> {
    event_file::read(include_str!("../../../infra/event.toml")).ok()
}

/// Returns what every sample page shows of its edition.
pub fn common() -> Common {
    let safeguarding = SafeguardingContact { name: "Sample Lead".into(), phone: "01632 960 000".into() };
    let organiser = Organiser {
        name: "Sample Association".into(),
        address: "1 Sample Street, Sampleton".into(),
        email: "day@example.org".into(),
        safeguarding,
    };
    Common { banner: None, organiser: Some(organiser) }
}

/// Returns a quarter past eleven on the sample edition's day.
pub fn morning() -> Timestamp {
    edition().map_or(Timestamp::UNIX_EPOCH, |edition| edition.opens_at + SignedDuration::from_mins(195))
}

/// Returns the statistics of a busy day.
pub fn stats() -> Option<Stats> {
    let edition = edition()?;
    let mut counters: BTreeMap<String, i64> = BTreeMap::from([("published".to_owned(), 0)]);
    let mut add = |name: String, n: i64| *counters.entry(name).or_default() += n;
    for (n, discipline) in (0_i64..).zip(&edition.disciplines) {
        add(format!("published.{}", discipline.slug), 97 - 9 * n);
        add("published".to_owned(), 97 - 9 * n);
    }
    for (n, nation) in [301, 64, 82, 23].into_iter().zip(Nation::ALL) {
        add(stats::nation_counter(nation), n);
    }
    for n in [12, 31, 44, 58, 39, 47, 61] {
        let at = edition.opens_at + SignedDuration::from_mins(i64::from(n) % 7 * 30);
        add(stats::half_counter(at), n.into());
    }
    Some(Stats::new(&edition, &counters, 214))
}

/// Returns the edition's name, and the dashboard of a sample day.
pub fn dashboard() -> (String, Dashboard) {
    let counters = [
        ("received.bytes", 2_400_000_000),
        ("pending", 12),
        ("held", 3),
        ("reported", 1),
        ("published", 640),
        ("unseen", 25),
        ("hidden", 2),
        ("deleted", 5),
        ("rejected.pupil", 6),
        ("rejected.unclear", 9),
        ("rejected.unreadable", 2),
        ("reports", 4),
        ("waited.6", 300),
        ("waited.8", 200),
    ];
    let mut counters: BTreeMap<String, i64> = counters.into_iter().map(|(name, n)| (name.to_owned(), n)).collect();
    match edition() {
        Some(edition) => {
            for (i, n) in [24, 41, 52, 70, 61, 55].into_iter().enumerate() {
                let at = edition.opens_at + SignedDuration::from_mins(30 * i64::try_from(i).unwrap_or_default());
                counters.insert(dashboard::counter_of(at), n);
            }
            (edition.name.clone(), Dashboard::new(&edition, &counters, morning()))
        }
        None => (String::new(), Dashboard::nothing()),
    }
}

/// Returns `n` published photos, newest first: twelve different ones, repeated if `n` is larger.
pub fn rows(n: usize) -> Vec<FeedRow> {
    let Some(edition) = edition() else { return Vec::new() };
    ROWS.iter().cycle().take(n).zip(0_u8..).map(|(row, i)| feed_row(&edition, *row, i)).collect()
}

fn feed_row(edition: &Edition, (caption, credit, school, discipline, width, height, from, to): Row, i: u8) -> FeedRow {
    let longest = width.max(height);
    let rendition = |edge: u32| Rendition {
        name: format!("{edge}.jpg"),
        width: width * edge / longest,
        height: height * edge / longest,
        bytes: u64::from(edge) * 150,
    };
    let (card_width, card_height) = limits::CARD_PX;
    let card =
        Rendition { name: format!("{}.jpg", limits::CARD_NAME), width: card_width, height: card_height, bytes: 90_000 };
    FeedRow {
        id: PhotoId::from_digest(&[i + 1; 32]),
        kind: Kind::Photo,
        edition: edition.slug.clone(),
        caption: caption.into(),
        alt: if i == 0 { "Deep blue crystals in a glass dish on a wooden bench".into() } else { String::new() },
        credit: credit.into(),
        school: Some(School { urn: None, name: school.into(), nation: None }),
        discipline: edition
            .disciplines
            .iter()
            .find(|known| known.slug.as_str() == discipline)
            .map(|known| known.slug.clone()),
        published_at: morning() - SignedDuration::from_mins(i64::from(i) * 7),
        width,
        height,
        placeholder: placeholder(width, height, from, to),
        color: format!("#{:02x}{:02x}{:02x}", from[0], from[1], from[2]),
        renditions: limits::RENDITION_EDGES_PX.map(rendition).into_iter().chain([card]).collect(),
        revision: Revision::from_bits([i + 1; 16]),
        film: None,
        picked_at: None,
    }
}

/// Returns a published video of 34 seconds, with sound.
pub fn video() -> Option<FeedRow> {
    let row = rows(1).into_iter().next()?;
    let transcript = "A pump starts, runs for a few seconds and stops.".into();
    let film = Some(FeedFilm { duration_ms: 33_600, bytes: 5_800_000, sound: true, transcript });
    Some(FeedRow { kind: Kind::Video, caption: "A pump is tried out".into(), film, ..row })
}

/// Returns `n` photos that wait for a decision.
pub fn pending(n: usize) -> Vec<Photo> {
    rows(n).iter().filter_map(waiting).map(|(photo, _)| photo).collect()
}

/// Returns the audit of the first photo of [`pending`].
pub fn trail() -> Vec<AuditEntry> {
    rows(1).iter().filter_map(waiting).flat_map(|(_, trail)| trail).collect()
}

/// Returns the member on the samples of the moderators' pages.
pub fn member() -> Member {
    Member {
        key: KeyId::from_bits([7; 10]),
        name: "Sample moderator".into(),
        role: Role::Moderator,
        duties: Vec::new(),
        verified_at: None,
        renewed_at: None,
        code_made_at: None,
        person: None,
        passkey: None,
    }
}

/// Returns the member on the samples of the organisers' pages.
pub fn organiser() -> Member {
    Member { name: "Sample organiser".into(), role: Role::Owner, duties: vec![Duty::Safeguarding], ..member() }
}

/// Returns the photo of a row while it waits for a decision, and its audit.
fn waiting(row: &FeedRow) -> Option<(Photo, Vec<AuditEntry>)> {
    let edition = edition()?;
    let uploader: UploaderId = "abcdefghijklmnopqrstuvwxyz234567".parse().ok()?;
    let consent = Consent { version: edition.consent.version.clone(), web: true, social: true, press: false };
    let photo = PhotoSpec {
        reference: "sample".parse().ok()?,
        content_type: "image/jpeg".into(),
        size_bytes: 3_500_000,
        sha256: Sha256Hex::digest(row.id.as_str().as_bytes()),
        caption: row.caption.clone(),
        alt: row.alt.clone(),
        people: People::Adults,
        parts: Vec::new(),
        sound: false,
        transcript: String::new(),
    };
    let request = PhotoRequest {
        uploader: &uploader,
        consent: &consent,
        credit: &row.credit,
        school: row.school.clone(),
        discipline: row.discipline.as_ref(),
        trusted: false,
        network: None,
        photo: &photo,
    };
    let sent_at = morning() - SignedDuration::from_mins(3);
    let reserved = Photo::reserve(row.id.clone(), &edition, &request, sent_at).ok()?;
    let rendered = Rendered {
        width: row.width,
        height: row.height,
        placeholder: row.placeholder.clone(),
        color: row.color.clone(),
        hash: Sha256Hex::digest(b"renditions").to_string(),
        fingerprint: None,
        renditions: row.renditions.clone(),
        film: None,
    };
    let ingested = reserved.after.ingest(rendered, "renditions", sent_at + SignedDuration::from_secs(2))?;
    Some((ingested.after, vec![reserved.audit, ingested.audit]))
}

/// Returns the ThumbHash of a diagonal gradient between two colours.
fn placeholder(width: u32, height: u32, from: [u8; 3], to: [u8; 3]) -> String {
    let (w, h) = if width >= height { (32, 32 * height / width) } else { (32 * width / height, 32) };
    let mut rgba = Vec::new();
    for y in 0..h {
        for x in 0..w {
            let far = u32::midpoint(x * 255 / w, y * 255 / h);
            let mixed =
                |a: u8, b: u8| u8::try_from((u32::from(a) * (255 - far) + u32::from(b) * far) / 255).unwrap_or(u8::MAX);
            rgba.extend([mixed(from[0], to[0]), mixed(from[1], to[1]), mixed(from[2], to[2]), 255]);
        }
    }
    BASE64.encode(&thumbhash::rgba_to_thumb_hash(w as usize, h as usize, &rgba))
}
