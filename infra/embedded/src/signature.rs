//! Checks signatures version 4: only clients that know the folder's own secret can call a service.
//!
//! A request is signed again, as it arrived, by the SDK's own signer, and the two signatures are compared. Different from AWS: links and
//! sessions are not supported here (S3, whose links browsers use, is checked by `s3s`).

use std::{sync::Arc, time::Duration};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http::{
    HeaderName, HeaderValue, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, HOST},
    request::Parts,
};
use http_body_util::{BodyExt, Limited};
use serde_json::json;
use subtle::ConstantTimeEq;

use crate::{
    clock,
    server::{self, Connection},
    services::REGION,
};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const X_AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
/// Largest difference between a signature's time and now.
const SKEW: Duration = Duration::from_mins(15);
/// Longest time for a whole body.
const BODY_WITHIN: Duration = Duration::from_secs(30);

/// A service whose requests are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// DynamoDB.
    DynamoDb,
    /// SQS.
    Sqs,
    /// CloudFront, which always signs for `us-east-1`.
    CloudFront,
}

/// Checks the signatures of one service's requests.
#[derive(Clone)]
pub struct Signatures(Arc<Signer>);

struct Signer {
    service: Service,
    access_key: String,
    secret_key: String,
}

/// Why a request does not count as signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    /// There is no `Authorization` header.
    #[error("the request is not signed: it has no Authorization header")]
    Missing,
    /// A part of `Authorization` is missing or malformed.
    #[error("the signature is incomplete: {0}")]
    Incomplete(&'static str),
    /// The request is signed with an unknown key.
    #[error("the access key does not belong to this data folder")]
    UnknownKey,
    /// The request was signed more than 15 minutes ago, or for a future time.
    #[error("the signature's time is not within 15 minutes of now")]
    Expired,
    /// The request is signed with another secret, or was changed since.
    #[error("the signature does not match the request, or was made with another secret")]
    Mismatch,
}

/// What a request states about its signature.
struct Claim<'a> {
    signed_headers: Vec<&'a str>,
    signature: &'a str,
    signed_ms: i64,
    credential: &'a str,
}

impl Service {
    /// Returns the service's name and region in credential scopes.
    fn scope(self) -> (&'static str, &'static str) {
        match self {
            Self::DynamoDb => ("dynamodb", REGION),
            Self::Sqs => ("sqs", REGION),
            Self::CloudFront => ("cloudfront", "us-east-1"),
        }
    }

    /// Returns the largest size of a body, in bytes.
    fn largest_body(self) -> usize {
        match self {
            Self::DynamoDb => 16 * 1024 * 1024,
            Self::Sqs => 8 * 1024 * 1024,
            Self::CloudFront => 1024 * 1024,
        }
    }

    /// Returns an error in the service's own protocol.
    fn refuse(self, status: StatusCode, code: &str, words: &str) -> Response {
        match self {
            Self::DynamoDb | Self::Sqs => {
                // DynamoDB answers 400 to everything that is wrong with a request, including its signature.
                let status = if status == StatusCode::FORBIDDEN && self == Self::DynamoDb {
                    StatusCode::BAD_REQUEST
                } else {
                    status
                };
                let body = json!({ "__type": format!("com.amazon.coral.service#{code}"), "message": words });
                (status, [(CONTENT_TYPE, "application/x-amz-json-1.0")], body.to_string()).into_response()
            }
            Self::CloudFront => {
                let body = format!(
                    "<?xml version=\"1.0\"?>\n<ErrorResponse xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Error>\
                     <Type>Sender</Type><Code>{code}</Code><Message>{words}</Message></Error></ErrorResponse>"
                );
                (status, [(CONTENT_TYPE, "text/xml")], body).into_response()
            }
        }
    }
}

impl Unsigned {
    /// Returns the service's code for it.
    fn code(self, service: Service) -> &'static str {
        let json = match service {
            Service::DynamoDb | Service::Sqs => true,
            Service::CloudFront => false,
        };
        match self {
            Self::Missing if json => "MissingAuthenticationTokenException",
            Self::Missing => "MissingAuthenticationToken",
            Self::Incomplete(_) if json => "IncompleteSignatureException",
            Self::Incomplete(_) => "IncompleteSignature",
            Self::UnknownKey if json => "UnrecognizedClientException",
            Self::UnknownKey => "InvalidClientTokenId",
            Self::Expired | Self::Mismatch if json => "InvalidSignatureException",
            Self::Expired | Self::Mismatch => "SignatureDoesNotMatch",
        }
    }
}

impl Signatures {
    /// Builds a checker of signatures for `service` with this key.
    pub fn new(service: Service, access_key: &str, secret_key: &str) -> Self {
        Self(Arc::new(Signer { service, access_key: access_key.to_owned(), secret_key: secret_key.to_owned() }))
    }

    /// Lets only signed requests through to `router`.
    pub fn before(&self, router: Router) -> Router {
        router.layer(from_fn_with_state(self.clone(), check))
    }

    /// Checks that a whole request is signed.
    ///
    /// # Errors
    /// What is wrong with its signature.
    pub fn check(&self, request: &Parts, body: &[u8]) -> Result<(), Unsigned> {
        self.matches(&self.claim(request)?, request, body)
    }

    /// Returns the `Authorization` of the same request with another body.
    ///
    /// # Errors
    /// What is wrong with its present signature.
    pub fn of_another_body(&self, request: &Parts, body: &[u8]) -> Result<HeaderValue, Unsigned> {
        let claim = self.claim(request)?;
        let (credential, names) = (claim.credential, claim.signed_headers.join(";"));
        let signature = self.signature(&claim, request, body)?;
        HeaderValue::try_from(format!(
            "{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}"
        ))
        .map_err(|_| Unsigned::Mismatch)
    }

    /// Returns the answer to a request that is not signed.
    pub fn refusal(&self, unsigned: Unsigned) -> Response {
        let service = self.0.service;
        service.refuse(StatusCode::FORBIDDEN, unsigned.code(service), &unsigned.to_string())
    }

    /// Reads what the request states about its signature, if that is plausible. The body need not have arrived yet.
    fn claim<'a>(&self, request: &'a Parts) -> Result<Claim<'a>, Unsigned> {
        let mut values = request.headers.get_all(AUTHORIZATION).iter();
        let value = values.next().ok_or(Unsigned::Missing)?.to_str().map_err(|_| Unsigned::Missing)?;
        if values.next().is_some() {
            return Err(Unsigned::Incomplete("there are several Authorization headers"));
        }
        let fields = value.strip_prefix(ALGORITHM).and_then(|rest| rest.strip_prefix(' '));
        let fields = fields.ok_or(Unsigned::Incomplete("Authorization is not of AWS4-HMAC-SHA256"))?;
        let field = |name: &'static str| {
            let mut named = fields.split(',').filter_map(|one| one.trim().strip_prefix(name)?.strip_prefix('='));
            named.next().filter(|_| named.next().is_none())
        };
        let credential = field("Credential").ok_or(Unsigned::Incomplete("it names no Credential"))?;
        let names = field("SignedHeaders").ok_or(Unsigned::Incomplete("it names no SignedHeaders"))?;
        let signature = field("Signature").ok_or(Unsigned::Incomplete("it has no Signature"))?;
        let date = request.headers.get(X_AMZ_DATE).and_then(|date| date.to_str().ok());
        let date = date.ok_or(Unsigned::Incomplete("there is no x-amz-date"))?;
        let signed = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date).ok();
        let signed = signed.and_then(|signed| signed.to_zoned(jiff::tz::TimeZone::UTC).ok());
        let signed = signed.ok_or(Unsigned::Incomplete("x-amz-date is not a date"))?.timestamp();

        let (access_key, scope) = credential.split_once('/').ok_or(Unsigned::Incomplete("Credential has no scope"))?;
        if !bool::from(access_key.as_bytes().ct_eq(self.0.access_key.as_bytes())) {
            return Err(Unsigned::UnknownKey);
        }
        let (service, region) = self.0.service.scope();
        if scope != format!("{}/{region}/{service}/aws4_request", date.get(..8).unwrap_or_default()) {
            return Err(Unsigned::Mismatch);
        }
        if clock::now_ms().abs_diff(signed.as_millisecond()) > u64::try_from(SKEW.as_millis()).unwrap_or(u64::MAX) {
            return Err(Unsigned::Expired);
        }
        let signed_headers: Vec<_> = names.split(';').collect();
        let is_signed = |name: &HeaderName| signed_headers.contains(&name.as_str());
        let must = |name: &HeaderName| *name == HOST || name.as_str().starts_with("x-amz-");
        if !request.headers.contains_key(HOST) || !request.headers.keys().filter(|name| must(name)).all(is_signed) {
            return Err(Unsigned::Incomplete("Host and all x-amz- headers have to be signed"));
        }
        Ok(Claim { signed_headers, signature, signed_ms: signed.as_millisecond(), credential })
    }

    fn matches(&self, claim: &Claim<'_>, request: &Parts, body: &[u8]) -> Result<(), Unsigned> {
        let signature = self.signature(claim, request, body)?;
        let same = bool::from(signature.as_bytes().ct_eq(claim.signature.as_bytes()));
        if same { Ok(()) } else { Err(Unsigned::Mismatch) }
    }

    /// Returns the correct signature of a request with these headers and this body, at the time that it names.
    fn signature(&self, claim: &Claim<'_>, request: &Parts, body: &[u8]) -> Result<String, Unsigned> {
        let identity = Credentials::new(&self.0.access_key, &self.0.secret_key, None, None, "embedded").into();
        let (service, region) = self.0.service.scope();
        let mut settings = SigningSettings::default();
        // Exactly the headers that the caller has signed.
        settings.excluded_headers = None;
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(service)
            .time(clock::system_time(claim.signed_ms))
            .settings(settings)
            .build()
            .map_err(|_| Unsigned::Mismatch)?
            .into();
        let headers = claim.signed_headers.iter().flat_map(|name| {
            let values = request.headers.get_all(*name).iter();
            values.filter_map(|value| Some((*name, value.to_str().ok()?)))
        });
        let uri = request.uri.to_string();
        let request = SignableRequest::new(request.method.as_str(), uri, headers, SignableBody::Bytes(body));
        let output = sign(request.map_err(|_| Unsigned::Mismatch)?, &parameters).map_err(|_| Unsigned::Mismatch)?;
        Ok(output.into_parts().1)
    }
}

async fn check(State(signatures): State<Signatures>, request: Request, next: Next) -> Response {
    let service = signatures.0.service;
    let (parts, body) = request.into_parts();
    let claim = match signatures.claim(&parts) {
        Ok(claim) => claim,
        Err(unsigned) => return signatures.refusal(unsigned),
    };
    let body = Limited::new(body, service.largest_body()).collect();
    let body = match tokio::time::timeout(BODY_WITHIN, body).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if !server::is_pause(&*error) => {
            return service.refuse(
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestEntityTooLarge",
                "the body broke off, or is too large",
            );
        }
        Ok(Err(_)) | Err(_) => {
            return service.refuse(StatusCode::REQUEST_TIMEOUT, "RequestTimeout", "the body did not come within 30 s");
        }
    };
    if let Err(unsigned) = signatures.matches(&claim, &parts, &body) {
        return signatures.refusal(unsigned);
    }
    let _working = parts.extensions.get::<Connection>().map(Connection::working);
    next.run(Request::from_parts(parts, Body::from(body))).await
}
