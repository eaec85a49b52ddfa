//! Decides who may call: clients that signed the request, including every `x-amz-*` header of a link, within the bucket's policy.

use http::{HeaderMap, Method, header};
use jiff::{civil::DateTime, tz::TimeZone};
use s3s::{
    S3Error, S3ErrorCode, S3Result,
    access::{S3Access, S3AccessContext},
    path::S3Path,
};

use super::policies::{BucketPolicy, Policies};
use crate::clock;

/// Operations that write an object.
const WRITES: [&str; 2] = ["PutObject", "CopyObject"];

/// Refuses anonymous requests, links with unsigned headers, and what a bucket's policy forbids, as S3 does.
pub(crate) struct Allowed(pub(crate) Policies);

#[async_trait::async_trait]
impl S3Access for Allowed {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let denied = || S3Error::with_message(S3ErrorCode::AccessDenied, "Access Denied");
        let (policy, once) = match context.s3_path() {
            S3Path::Root | S3Path::Bucket { .. } => (BucketPolicy::default(), false),
            S3Path::Object { bucket, key } => {
                let policy = self.0.of(bucket);
                (policy, policy.write_once || policy.write_once_below.is_some_and(|prefix| key.starts_with(prefix)))
            }
        };
        if context.credentials().is_none() {
            let reads = matches!(*context.method(), Method::GET | Method::HEAD);
            return if policy.public && reads { Ok(()) } else { Err(denied()) };
        }
        let query = context.uri().query().unwrap_or_default();
        if let Some(oldest) = policy.oldest_signature
            && signature_age_ms(query, context.headers()).is_some_and(|age| u128::from(age) > oldest.as_millis())
        {
            return Err(denied());
        }
        let conditional = context.headers().contains_key(header::IF_NONE_MATCH);
        if once && WRITES.contains(&context.s3_op().name()) && !conditional {
            return Err(denied());
        }
        let Some(signed) = signed_headers(query) else { return Ok(()) };
        let unsigned = context
            .headers()
            .keys()
            .map(http::HeaderName::as_str)
            .find(|name| name.starts_with("x-amz-") && !signed.iter().any(|signed| signed == name));
        match unsigned {
            None => Ok(()),
            Some(name) => Err(S3Error::with_message(
                S3ErrorCode::AccessDenied,
                format!("There were headers present in the request which were not signed: {name}"),
            )),
        }
    }
}

/// Returns the names in a link's `X-Amz-SignedHeaders`; `None` if the request was not made with a link.
fn signed_headers(query: &str) -> Option<Vec<String>> {
    let value = parameter(query, "X-Amz-SignedHeaders")?;
    Some(value.replace("%3B", ";").replace("%3b", ";").split(';').map(str::to_ascii_lowercase).collect())
}

/// Returns the milliseconds since the request was signed; `None` if it does not say when, or names a future time.
fn signature_age_ms(query: &str, headers: &HeaderMap) -> Option<u64> {
    let in_header = headers.get("x-amz-date").and_then(|value| value.to_str().ok());
    let signed = DateTime::strptime("%Y%m%dT%H%M%SZ", parameter(query, "X-Amz-Date").or(in_header)?).ok()?;
    let signed_ms = signed.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond();
    u64::try_from(clock::now_ms() - signed_ms).ok()
}

fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}
