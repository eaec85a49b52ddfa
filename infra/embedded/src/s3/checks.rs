//! Checks on an upload before it becomes visible, and the conditions of a read.

use data_encoding::BASE64;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use s3s::{
    S3Error, S3ErrorCode, S3Result, TrailingHeaders,
    dto::{Checksum, ETagCondition, PutObjectInput, Timestamp},
};

use super::{blobs::Upload, rows::Checksums, rows::ObjectRow};
use crate::clock;

const CRC32: HeaderName = HeaderName::from_static("x-amz-checksum-crc32");
const CRC32C: HeaderName = HeaderName::from_static("x-amz-checksum-crc32c");
const CRC64NVME: HeaderName = HeaderName::from_static("x-amz-checksum-crc64nvme");
const SHA1: HeaderName = HeaderName::from_static("x-amz-checksum-sha1");
const SHA256: HeaderName = HeaderName::from_static("x-amz-checksum-sha256");

/// Returns the checksums that the uploader promised, in the headers and after the body.
pub(crate) fn promised(input: &PutObjectInput, trailing: Option<&TrailingHeaders>) -> Checksums {
    let trailer = |name: HeaderName| {
        trailing?.read(|headers| headers.get(&name).and_then(|value| value.to_str().ok()).map(str::to_owned)).flatten()
    };
    Checksums {
        crc32: input.checksum_crc32.clone().or_else(|| trailer(CRC32)),
        crc32c: input.checksum_crc32c.clone().or_else(|| trailer(CRC32C)),
        crc64nvme: input.checksum_crc64nvme.clone().or_else(|| trailer(CRC64NVME)),
        sha1: input.checksum_sha1.clone().or_else(|| trailer(SHA1)),
        sha256: input.checksum_sha256.clone().or_else(|| trailer(SHA256)),
    }
}

/// Whether SHA-1, which is not needed otherwise, must be computed.
pub(crate) fn wants_sha1(input: &PutObjectInput, headers: &HeaderMap) -> bool {
    let announced = headers
        .get("x-amz-trailer")
        .is_some_and(|names| names.as_bytes().eq_ignore_ascii_case(SHA1.as_str().as_bytes()));
    let algorithm = input.checksum_algorithm.as_ref().is_some_and(|algorithm| algorithm.as_str() == "SHA1");
    input.checksum_sha1.is_some() || announced || algorithm
}

/// Refuses an upload that differs from what its headers say.
pub(crate) fn upload(upload: &Upload, length: u64, md5: Option<&str>, promised: &Checksums) -> S3Result<()> {
    if upload.size != length {
        return Err(S3Error::with_message(
            S3ErrorCode::IncompleteBody,
            "You did not provide the number of bytes specified by the Content-Length HTTP header",
        ));
    }
    if let Some(md5) = md5 {
        let given = BASE64.decode(md5.as_bytes()).ok().filter(|digest| digest.len() == upload.md5.len());
        let given = given.ok_or_else(|| {
            S3Error::with_message(S3ErrorCode::InvalidDigest, "The Content-MD5 you specified was invalid.")
        })?;
        if given != upload.md5 {
            return Err(bad_digest("Content-MD5"));
        }
    }
    let Checksum { checksum_crc32, checksum_crc32c, checksum_crc64nvme, checksum_sha1, checksum_sha256, .. } =
        &upload.checksums;
    let pairs = [
        ("CRC32", &promised.crc32, checksum_crc32),
        ("CRC32C", &promised.crc32c, checksum_crc32c),
        ("CRC64NVME", &promised.crc64nvme, checksum_crc64nvme),
        ("SHA1", &promised.sha1, checksum_sha1),
        ("SHA256", &promised.sha256, checksum_sha256),
    ];
    match pairs.into_iter().find(|(_, promised, computed)| promised.is_some() && promised != computed) {
        Some((name, ..)) => Err(bad_digest(name)),
        None => Ok(()),
    }
}

/// Returns the checksums that S3 reports for the object: the promised ones, or CRC-64/NVME if there were none.
pub(crate) fn kept(promised: Checksums, upload: &Upload) -> Checksums {
    if promised == Checksums::default() {
        return Checksums { crc64nvme: upload.checksums.checksum_crc64nvme.clone(), ..promised };
    }
    promised
}

/// The conditions of a read, in the order of RFC 9110 §13.2.2.
#[expect(clippy::struct_field_names, reason = "they are the names of the headers")]
pub(crate) struct ReadConditions<'a> {
    pub(crate) if_match: Option<&'a ETagCondition>,
    pub(crate) if_unmodified_since: Option<&'a Timestamp>,
    pub(crate) if_none_match: Option<&'a ETagCondition>,
    pub(crate) if_modified_since: Option<&'a Timestamp>,
}

impl ReadConditions<'_> {
    /// Answers 412 or 304 if a condition does not hold.
    pub(crate) fn check(&self, object: &ObjectRow) -> S3Result<()> {
        // HTTP dates have no fractions of a second.
        let modified = Timestamp::from(clock::system_time(object.modified_ms / 1000 * 1000));
        let precondition = match (self.if_match, self.if_unmodified_since) {
            (Some(etag), _) => matches(etag, object),
            (None, Some(since)) => modified <= *since,
            (None, None) => true,
        };
        if !precondition {
            return Err(precondition_failed());
        }
        let changed = match (self.if_none_match, self.if_modified_since) {
            (Some(etag), _) => !matches(etag, object),
            (None, Some(since)) => modified > *since,
            (None, None) => true,
        };
        if changed { Ok(()) } else { Err(not_modified(object)) }
    }
}

/// Returns the error 412.
pub(crate) fn precondition_failed() -> S3Error {
    S3Error::with_message(
        S3ErrorCode::PreconditionFailed,
        "At least one of the pre-conditions you specified did not hold",
    )
}

fn matches(condition: &ETagCondition, object: &ObjectRow) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(etag) => etag.value() == object.etag,
    }
}

fn not_modified(object: &ObjectRow) -> S3Error {
    let mut error = S3Error::new(S3ErrorCode::NotModified);
    let mut headers = HeaderMap::new();
    if let Ok(etag) = HeaderValue::try_from(format!("\"{}\"", object.etag)) {
        headers.insert(header::ETAG, etag);
    }
    if let Some(Ok(cache)) = object.facts.cache_control.as_ref().map(HeaderValue::try_from) {
        headers.insert(header::CACHE_CONTROL, cache);
    }
    error.set_headers(headers);
    error
}

fn bad_digest(name: &str) -> S3Error {
    S3Error::with_message(
        S3ErrorCode::BadDigest,
        format!("The {name} you specified did not match the calculated checksum."),
    )
}
