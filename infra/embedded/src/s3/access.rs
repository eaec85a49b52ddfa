//! Who may call: whoever signed, and signed every `x-amz-*` header of a link.

use s3s::{
    S3Error, S3ErrorCode, S3Result,
    access::{S3Access, S3AccessContext},
};

/// Refuses anonymous requests, and links with headers that the signer did not sign, as S3 does.
pub(crate) struct SignedOnly;

#[async_trait::async_trait]
impl S3Access for SignedOnly {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        if context.credentials().is_none() {
            return Err(S3Error::with_message(S3ErrorCode::AccessDenied, "Access Denied"));
        }
        let Some(signed) = signed_headers(context.uri().query().unwrap_or_default()) else { return Ok(()) };
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

/// The names in a link's `X-Amz-SignedHeaders`; `None` when the request is not made with a link.
fn signed_headers(query: &str) -> Option<Vec<String>> {
    let value = query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-SignedHeaders="))?;
    Some(value.replace("%3B", ";").replace("%3b", ";").split(';').map(str::to_ascii_lowercase).collect())
}
