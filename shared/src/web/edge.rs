//! Distinguishes requests that came through the edge from those sent to the API's own address, which can be found by anyone and is
//! protected by neither firewall nor cache.
//!
//! Decision: the edge sends a secret in a header of its own, and a function answers no request without it. Two secrets are valid at a time:
//! the one that the edge sends, and the one that it sends next, so that functions know a new one before any edge sends it (`techognition
//! deploy --rotate-edge-secret`). Given up: a shared secret is weaker than an identity. Signed requests (an origin access control) would
//! prove one, but API Gateway does not support them for HTTP APIs.

use std::{fmt, sync::Arc};

use http::{HeaderMap, HeaderName};
use subtle::ConstantTimeEq;

/// The header in which the edge sends its secret. CloudFront does not add headers whose names begin with `X-Edge-` or `X-Amz-`.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/add-origin-custom-headers.html>
pub const EDGE_SECRET: HeaderName = HeaderName::from_static("x-origin-secret");

/// The valid secrets of the edge. If there are none, every request is refused.
#[derive(Clone, PartialEq, Eq)]
pub struct EdgeSecrets(Arc<[String]>);

impl EdgeSecrets {
    /// Parses the secrets in a variable's value, separated by commas.
    pub fn new(value: &str) -> Self {
        Self(value.split(',').map(str::trim).filter(|secret| !secret.is_empty()).map(str::to_owned).collect())
    }

    /// Whether the edge sent these headers. The time that this takes reveals nothing about a secret but its length.
    pub fn sent(&self, headers: &HeaderMap) -> bool {
        let mut told = headers.get_all(EDGE_SECRET).iter();
        // The edge overwrites what a viewer has sent, so the header occurs once.
        let (Some(told), None) = (told.next(), told.next()) else { return false };
        self.0.iter().fold(false, |known, secret| known | bool::from(secret.as_bytes().ct_eq(told.as_bytes())))
    }
}

impl fmt::Debug for EdgeSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EdgeSecrets(…)")
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(sent: &[&'static str]) -> HeaderMap {
        sent.iter().map(|secret| (EDGE_SECRET, HeaderValue::from_static(secret))).collect()
    }

    #[test]
    fn the_edge_is_known_by_either_secret_and_by_nothing_else() {
        let secrets = EdgeSecrets::new("now-0123456789,next-0123456789");
        assert!(secrets.sent(&headers(&["now-0123456789"])) && secrets.sent(&headers(&["next-0123456789"])));
        for sent in ["", ",", "now-012345678", "now-01234567890", "now-0123456789,next-0123456789", "NOW-0123456789"] {
            assert!(!secrets.sent(&headers(&[sent])), "{sent:?}");
        }
        assert!(!secrets.sent(&HeaderMap::new()), "nothing was sent");
        assert!(!secrets.sent(&headers(&["now-0123456789", "now-0123456789"])), "somebody added one to it");
    }

    #[test]
    fn without_secrets_nobody_is_the_edge() {
        for value in ["", ",", " , "] {
            assert!(!EdgeSecrets::new(value).sent(&headers(&[""])), "{value:?}");
        }
    }

    #[test]
    fn a_secret_is_not_shown_where_things_are_logged() {
        assert_eq!(format!("{:?}", EdgeSecrets::new("now-0123456789")), "EdgeSecrets(…)");
    }
}
