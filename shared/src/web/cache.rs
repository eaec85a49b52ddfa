//! Cache policies: the handler chooses one by name.

use std::convert::Infallible;

use axum::response::{IntoResponseParts, ResponseParts};
use http::{HeaderValue, header};

/// A cache policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cache {
    /// The newest photos and the home page: five seconds at the edge, so that a decision is visible quickly; while we are down, an older
    /// answer is served.
    Head,
    /// Deeper pages of a feed, photo and school pages.
    Deep,
    /// Texts that change only with a deployment.
    Text,
    /// Files whose address names their content.
    Immutable,
    /// Answers for one person only.
    Never,
}

impl Cache {
    /// Returns the value of `Cache-Control`.
    pub fn header(self) -> &'static str {
        match self {
            Self::Head => "public, max-age=0, s-maxage=5, stale-while-revalidate=30, stale-if-error=600",
            Self::Deep => "public, max-age=0, s-maxage=30, stale-while-revalidate=300",
            Self::Text => "public, max-age=60, s-maxage=300, stale-while-revalidate=300",
            Self::Immutable => "public, max-age=31536000, immutable",
            Self::Never => "no-store",
        }
    }
}

impl IntoResponseParts for Cache {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        parts.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(self.header()));
        Ok(parts)
    }
}
