//! Identification of the caller: a device by its secret, a member by a session cookie or a key.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, MatchedPath};
use http::{HeaderMap, Method, header, request::Parts};

use super::problem::{INTERNAL, Problem};
use crate::{
    domain::{
        Refusal, access,
        ids::{UploaderId, UploaderSecret},
        people::Member,
    },
    runtime::Clock,
    store::members::Members,
};

/// The calling device: `Authorization: Uploader <secret>`, 32 random bytes as base64url that the client made. Only a hash of them is ever
/// stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploader(pub UploaderId);

impl<S: Send + Sync> FromRequestParts<S> for Uploader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let secret = authorization(&parts.headers, "Uploader").ok_or(Refusal::NotSignedIn)?;
        let secret: UploaderSecret = secret.parse().map_err(|_| {
            let hint = "Send `Authorization: Uploader ` and 32 random bytes as base64url (43 characters).";
            Problem { hint: hint.to_owned(), ..Problem::from(Refusal::NotSignedIn) }
        })?;
        Ok(Self(UploaderId::from_secret(&secret)))
    }
}

/// The site's own origin, such as `https://photos.example`, which determines the cookie's name and which requests come from the site
/// itself.
///
/// Decision: a request that changes something is compared with the site's configured origin, never with its `Host`. Behind the edge `Host`
/// is the API's own name, and in front of it the caller can write anything there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site(Arc<str>);

impl Site {
    /// Creates the site of this origin.
    pub fn new(origin: &str) -> Self {
        Self(origin.trim_end_matches('/').into())
    }

    /// Returns the origin.
    pub fn origin(&self) -> &str {
        &self.0
    }

    /// Returns the name of the session cookie, the only one that is read. On `https` it has the `__Host-` prefix, by which browsers
    /// restrict it to exactly this host and to encrypted connections, so that no other host of the domain can set it. A plain `http`
    /// origin, such as a laptop's, cannot have the prefix.
    fn cookie_name(&self) -> &'static str {
        if self.is_secure() { "__Host-session" } else { "session" }
    }

    fn is_secure(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Returns the value of `Set-Cookie` for a session with this secret, valid for `max_age_s` seconds.
    pub fn cookie(&self, token: &str, max_age_s: i64) -> String {
        let secure = if self.is_secure() { "; Secure" } else { "" };
        format!("{}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_s}{secure}", self.cookie_name())
    }

    /// Returns the secret in the session cookie.
    pub fn session_token(&self, headers: &HeaderMap) -> Option<String> {
        let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(name, _)| *name == self.cookie_name()).map(|(_, token)| token.to_owned())
    }

    /// Passes for requests that only read, and for those that the browser says come from this site.
    ///
    /// # Errors
    /// [`Refusal::CrossSite`].
    pub fn same_site(&self, method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
        if method.is_safe() {
            return Ok(());
        }
        let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let ours = match (header("sec-fetch-site"), header("origin")) {
            (Some(site), _) => site == "same-origin" || site == "none",
            // Safari before 16.4 does not send `Sec-Fetch-Site`, nor does any browser on a site without encryption.
            (None, Some(origin)) => self.is(origin),
            // Browsers always send one of the two with a request that changes something, so this is a script.
            (None, None) => true,
        };
        if ours { Ok(()) } else { Err(Refusal::CrossSite) }
    }

    /// Whether `origin` is the site's. On a laptop, `localhost` and the addresses that it stands for are the same site.
    fn is(&self, origin: &str) -> bool {
        let loopback = ["http://localhost:", "http://127.0.0.1:", "http://[::1]:"];
        let port = |origin: &str| loopback.iter().find_map(|host| origin.strip_prefix(host)).map(str::to_owned);
        origin.eq_ignore_ascii_case(&self.0) || port(&self.0).is_some_and(|own| port(origin) == Some(own))
    }
}

/// The calling member, by `Authorization: Bearer tgk_…` or by the session cookie, if the route's row in [`access::TABLE`] lets them pass. A
/// route without a row lets no caller pass.
///
/// A request by cookie that changes something must come from the site itself: browsers say where a request comes from, and one from
/// elsewhere is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn(pub Member);

impl<S> FromRequestParts<S> for SignedIn
where
    S: Send + Sync,
    Members: FromRef<S>,
    Clock: FromRef<S>,
    Site: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let now = Clock::from_ref(state).now();
        let members = Members::from_ref(state);
        let member = asks(&members, &Site::from_ref(state), &parts.method, &parts.headers, now).await?;
        let path = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str);
        let needs = path.and_then(|path| access::needs(parts.method.as_str(), path));
        let needs = needs.ok_or_else(|| {
            let what = format!("{} {} is not in the table of access", parts.method, path.unwrap_or("an unknown route"));
            Problem { fault: Some(what), ..Problem::new(&INTERNAL, "Something went wrong on our side.") }
        })?;
        needs.met_by(&member, now)?;
        Ok(Self(member))
    }
}

/// Returns the calling member, without checking the route's requirement.
async fn asks(
    members: &Members,
    site: &Site,
    method: &Method,
    headers: &HeaderMap,
    now: jiff::Timestamp,
) -> Result<Member, Problem> {
    if let Some(key) = authorization(headers, "Bearer") {
        return Ok(members.by_key(key, now).await?.ok_or(Refusal::NotSignedIn)?);
    }
    let token = site.session_token(headers).ok_or(Refusal::NotSignedIn)?;
    site.same_site(method, headers)?;
    Ok(members.session(&token, now).await?.ok_or(Refusal::NotSignedIn)?.member())
}

/// Returns the calling device, if it sends its secret. For calls that are open to anyone: a request without a secret, or with a malformed
/// one, is answered, too.
pub fn device(headers: &HeaderMap) -> Option<UploaderId> {
    let secret: UploaderSecret = authorization(headers, "Uploader")?.parse().ok()?;
    Some(UploaderId::from_secret(&secret))
}

/// Returns the credentials in `Authorization` after this scheme.
pub fn authorization<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let (sent, rest) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    sent.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_request_from_another_site_is_refused_whatever_its_host_says() {
        let site = Site::new("https://site.example");
        let check = |pairs: &[_]| site.same_site(&Method::POST, &headers(pairs));
        let (edge, ours) = (("host", "abc.execute-api.eu-west-2.amazonaws.com"), ("origin", "https://site.example"));
        assert_eq!(check(&[("sec-fetch-site", "cross-site"), ours]), Err(Refusal::CrossSite));
        assert_eq!(check(&[("sec-fetch-site", "same-site")]), Err(Refusal::CrossSite));
        assert_eq!(check(&[("sec-fetch-site", "same-origin"), edge]), Ok(()));
        assert_eq!(check(&[ours, edge]), Ok(()), "a browser that says its origin only, behind the edge");
        assert_eq!(check(&[edge]), Ok(()), "a script");
        for origin in ["https://evil.example", "http://site.example", "https://site.example.evil.example", "null", ""] {
            let host = origin.rsplit('/').next().unwrap_or_default();
            assert_eq!(check(&[("origin", origin), ("host", host)]), Err(Refusal::CrossSite), "{origin}");
        }
        assert_eq!(site.same_site(&Method::GET, &headers(&[("sec-fetch-site", "cross-site")])), Ok(()));

        for laptop in ["http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"].map(Site::new) {
            let check = |origin| laptop.same_site(&Method::POST, &headers(&[("origin", origin)]));
            for same in ["http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"] {
                assert_eq!(check(same), Ok(()), "{same} at {laptop:?}");
            }
            for other in
                ["http://localhost:8081", "http://localhost", "https://localhost:8080", "http://192.168.0.1:8080"]
            {
                assert_eq!(check(other), Err(Refusal::CrossSite), "{other} at {laptop:?}");
            }
        }
        let check = |origin| site.same_site(&Method::POST, &headers(&[("origin", origin)]));
        assert_eq!(check("http://localhost:8080"), Err(Refusal::CrossSite), "of a site that is on no laptop");
    }

    #[test]
    fn on_https_only_the_cookie_counts_that_is_kept_to_the_host() {
        let (site, laptop) = (Site::new("https://x.example"), Site::new("http://127.0.0.1:8080"));
        assert_eq!(site.cookie("t", 60), "__Host-session=t; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure");
        assert_eq!(laptop.cookie("t", 60), "session=t; Path=/; HttpOnly; SameSite=Strict; Max-Age=60");
        let both = headers(&[("cookie", "session=theirs; a=b; __Host-session=ours")]);
        assert_eq!(site.session_token(&both).as_deref(), Some("ours"));
        assert_eq!(site.session_token(&headers(&[("cookie", "session=theirs")])), None);
        assert_eq!(laptop.session_token(&headers(&[("cookie", "a=b; session=tok")])).as_deref(), Some("tok"));
        assert_eq!(laptop.session_token(&headers(&[("cookie", "asession=tok")])), None);
    }
}
