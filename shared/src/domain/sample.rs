//! Simple sample data for the rules' tests.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{
    audit::AuditEntry,
    change::Change,
    decision::Deciding,
    edition::Edition,
    event_file,
    fingerprint::Fingerprint,
    ids::{NetworkId, PhotoId, Revision, Sha256Hex, UploaderId, UploaderSecret},
    moves::Reported,
    people::{Actor, Identity, Member},
    photo::{Consent, People, Photo, Rendered, Rendition},
    report::{Brake, ReportReason, Reporter, Reporting},
    request::{PhotoSpec, SchoolRequest, UploadRequest},
    school::School,
    states::{Decision, Role},
    uploader_counts::{self, UploaderCounts},
    video::{PartHashes, PartSpec},
};

pub fn noon() -> Timestamp {
    "2027-03-05T12:00:00Z".parse().unwrap()
}

pub fn edition() -> Edition {
    event_file::read(include_str!("../../../infra/event.toml")).unwrap()
}

pub fn uploader() -> UploaderId {
    let secret: UploaderSecret = data_encoding::BASE64URL_NOPAD.encode(&[1; 32]).parse().unwrap();
    UploaderId::from_secret(&secret)
}

pub fn photo_spec() -> PhotoSpec {
    PhotoSpec {
        reference: "r1".parse().unwrap(),
        content_type: "image/jpeg".into(),
        size_bytes: 3_500_000,
        sha256: Sha256Hex::digest(b"a photo"),
        caption: "Copper sulphate crystals on day twelve".into(),
        alt: "Blue crystals in a glass dish".into(),
        people: People::None,
        parts: Vec::new(),
        sound: false,
        transcript: String::new(),
    }
}

/// A video of this size with sound.
pub fn video_spec(size_bytes: u64) -> PhotoSpec {
    let sizes = (0..size_bytes).step_by(1 << 20).map(|start| (size_bytes - start).min(1 << 20));
    let parts: Vec<_> =
        (0_u8..).zip(sizes).map(|(n, size_bytes)| PartSpec { size_bytes, sha256: Sha256Hex::digest(&[n]) }).collect();
    let hashes: PartHashes = parts.iter().map(|part| part.sha256.clone()).collect();
    PhotoSpec {
        reference: "v1".parse().unwrap(),
        content_type: "video/mp4".into(),
        size_bytes,
        sha256: hashes.whole(),
        parts,
        sound: true,
        transcript: "A pump runs.".into(),
        ..photo_spec()
    }
}

pub fn upload_request() -> UploadRequest {
    UploadRequest {
        consent: Consent { version: edition().consent.version, web: true, social: false, press: true },
        credit: "The prep room".into(),
        school: Some(SchoolRequest { urn: None, name: Some("Sample Academy".into()) }),
        discipline: Some("science".parse().unwrap()),
        photos: vec![photo_spec()],
    }
}

pub fn reserve(edition: &Edition, spec: &PhotoSpec, now: Timestamp) -> Result<Change, super::Refusal> {
    let (request, uploader) = (upload_request(), uploader());
    let school = School::named("Sample Academy").unwrap();
    Photo::reserve(PhotoId::from_digest(&[5; 32]), edition, &request.photo(&uploader, school.as_ref(), spec), now)
}

pub fn reserved() -> Photo {
    reserve(&edition(), &photo_spec(), noon()).unwrap().after
}

pub fn rendered() -> Rendered {
    let rendition = |edge: u32| Rendition {
        name: format!("{edge}.jpg"),
        width: edge,
        height: edge * 3 / 4,
        bytes: u64::from(edge) * 200,
    };
    Rendered {
        width: 4032,
        height: 3024,
        placeholder: "1QcSHQRnh493V4dIh4eXh1h4kJUI".into(),
        color: "#4a6b8c".into(),
        hash: Sha256Hex::digest(b"renditions").to_string(),
        fingerprint: Some(Fingerprint::from_bits(0x93c1_5ea4_7d02_6bf8)),
        renditions: super::limits::RENDITION_EDGES_PX.map(rendition).to_vec(),
        film: None,
    }
}

/// The counters of a device that sent these photos and no others.
pub fn sender(of: &[Photo]) -> UploaderCounts {
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    for (name, n) in of.iter().flat_map(uploader_counts::counted) {
        *counts.entry(name).or_default() += n;
    }
    serde_json::from_value(serde_json::to_value(counts).unwrap()).unwrap()
}

pub fn pending() -> Photo {
    reserved().ingest(rendered(), "renditions", noon()).unwrap().after
}

pub fn deciding(photo: &Photo, decision: Decision) -> Deciding {
    Deciding {
        decision,
        seen_version: photo.version,
        reason: Some("because".into()),
        revision: Revision::from_bits([7; 16]),
        feed_shards: 1,
        sound: None,
        person: Some(person(2)),
    }
}

pub fn decide(photo: &Photo, decision: Decision) -> Change {
    photo.decide(&deciding(photo, decision), &moderator(), noon()).unwrap()
}

/// A reporter on the network with this number, without a device that has a history.
pub fn stranger(last: u8) -> Reporter {
    Reporter::new(&NetworkId::from_digest(&[last; 32]), None)
}

/// A reporter on that network, with this one of the devices that have a history.
pub fn known(last: u8, device: u8) -> Reporter {
    let secret: UploaderSecret = data_encoding::BASE64URL_NOPAD.encode(&[device; 32]).parse().unwrap();
    Reporter::new(&NetworkId::from_digest(&[last; 32]), Some(&UploaderId::from_secret(&secret)))
}

/// The result of a report by `by` that is within the rate limit, while the brake is off.
pub fn report(photo: &Photo, by: &Reporter, reason: ReportReason) -> Reported {
    let reporting = Reporting { by, reason, reference: "EGFTZ-6SP5G", within_rate: true, again: false };
    photo.report(&reporting, &Brake::default(), noon()).unwrap()
}

/// The photo after one stranger's report.
pub fn reported(photo: &Photo, reason: ReportReason) -> Photo {
    report(photo, &stranger(1), reason).change.unwrap().after
}

/// The photo after two strangers have said that a child is in it.
pub fn confirmed(photo: &Photo) -> Photo {
    let hidden = reported(photo, ReportReason::Pupil);
    report(&hidden, &stranger(2), ReportReason::Pupil).change.unwrap().after
}

/// A member with a role and no duties, who has not used a passkey.
pub fn member(role: Role) -> Member {
    Member {
        key: super::ids::KeyId::from_bits([2; 10]),
        name: "Sample".into(),
        role,
        duties: Vec::new(),
        verified_at: None,
        renewed_at: None,
        code_made_at: None,
        person: Some(person(2)),
        passkey: None,
    }
}

/// A person who was known a day before noon.
pub fn person(bits: u8) -> Identity {
    Identity { id: super::ids::KeyId::from_bits([bits; 10]), known_since: noon() - SignedDuration::from_hours(24) }
}

pub fn moderator() -> Actor {
    Actor::Member(super::ids::KeyId::from_bits([2; 10]))
}

pub fn published() -> Photo {
    decide(&pending(), Decision::Publish).after
}

pub fn history() -> Vec<AuditEntry> {
    let reserve = reserve(&edition(), &photo_spec(), noon()).unwrap();
    let ingest = reserve.after.ingest(rendered(), "renditions", noon()).unwrap();
    let publish = decide(&ingest.after, Decision::Publish);
    let hide = decide(&publish.after, Decision::Hide);
    [reserve, ingest, publish, hide].map(|change| change.audit).to_vec()
}
