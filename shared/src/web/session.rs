//! Who asks: a device by its secret, a member by a session's cookie or a key.

use axum::extract::{FromRef, FromRequestParts, MatchedPath};
use http::{HeaderMap, Method, header, request::Parts};

use super::problem::{INTERNAL, Problem};
use crate::{
    domain::{
        Refusal, access,
        ids::{Sha256Hex, UploaderId, UploaderSecret},
        people::Member,
    },
    runtime::Clock,
    store::members::Members,
};

/// The device that asks: `Authorization: Uploader <secret>`, 32 random bytes as base64url that the client made. Only a hash of it
/// is ever kept.
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
        Ok(Self(UploaderId::of(&secret)))
    }
}

/// The member that asks, by `Authorization: Bearer tgk_…` or by the session's cookie, if the route's row in [`access::TABLE`] lets
/// them pass. A route that has no row lets nobody pass.
///
/// A request by cookie that changes something must come from the site itself: browsers say where a request comes from, and one
/// from elsewhere is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn(pub Member);

impl<S> FromRequestParts<S> for SignedIn
where
    S: Send + Sync,
    Members: FromRef<S>,
    Clock: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let now = Clock::from_ref(state).now();
        let member = asks(&Members::from_ref(state), &parts.method, &parts.headers, now).await?;
        let path = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str);
        let needs = path.and_then(|path| access::needs(parts.method.as_str(), path));
        let needs = needs.ok_or_else(|| {
            let what = format!("{} {} is not in the table of access", parts.method, path.unwrap_or("an unknown route"));
            Problem { fault: Some(what), ..Problem::new(&INTERNAL, "Something broke on our side.") }
        })?;
        needs.met_by(&member, now)?;
        Ok(Self(member))
    }
}

/// Who asks, whatever they ask for.
async fn asks(
    members: &Members,
    method: &Method,
    headers: &HeaderMap,
    now: jiff::Timestamp,
) -> Result<Member, Problem> {
    if let Some(key) = authorization(headers, "Bearer") {
        return Ok(members.by_key(key, now).await?.ok_or(Refusal::NotSignedIn)?);
    }
    let token = session_token(headers).ok_or(Refusal::NotSignedIn)?;
    same_site(method, headers)?;
    Ok(members.session(&token, now).await?.ok_or(Refusal::NotSignedIn)?.member())
}

/// The session's cookie on a site of this origin. On `https` its name has the `__Host-` prefix, by which browsers keep it to the
/// very host and to encrypted connections; a plain `http` origin, such as a laptop's, cannot have that.
pub fn cookie(origin: &str, token: &str, max_age_s: i64) -> String {
    let (name, secure) = if origin.starts_with("https://") { ("__Host-session", "; Secure") } else { ("session", "") };
    format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_s}{secure}")
}

/// The secret in the session's cookie.
pub fn session_token(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == "__Host-session" || *name == "session").map(|(_, token)| token.to_owned())
}

/// Which device reports a photo, as a hash: by its secret if it sends one, else by where it asks from and what it says it is. An
/// address alone would make one device of a whole school.
pub fn reporter(headers: &HeaderMap) -> String {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let secret = authorization(headers, "Uploader").and_then(|secret| secret.parse::<UploaderSecret>().ok());
    let device = if let Some(secret) = secret {
        UploaderId::of(&secret).to_string()
    } else {
        // The CDN names the viewer. Without it the last hop is the one that nobody can make up.
        let viewer = header("cloudfront-viewer-address");
        let hop = header("x-forwarded-for").rsplit(',').next().unwrap_or_default().trim();
        let from = if viewer.is_empty() { hop } else { viewer.rsplit_once(':').map_or(viewer, |(address, _)| address) };
        format!("{from} {}", header("user-agent"))
    };
    Sha256Hex::of(format!("reporter {device}").as_bytes()).as_str()[..32].to_owned()
}

/// Passes for requests that read, and for those that the browser says to come from this site.
pub fn same_site(method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
    if method.is_safe() {
        return Ok(());
    }
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let ours = match (header("sec-fetch-site"), header("origin")) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => origin.split_once("://").map(|(_, host)| host) == header("host"),
        // Browsers always send one of the two with a request that changes something: this is a script.
        (None, None) => true,
    };
    if ours { Ok(()) } else { Err(Refusal::CrossSite) }
}

/// What stands in `Authorization` behind this scheme.
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
    fn a_request_from_another_site_is_refused() {
        let check = |pairs: &[_]| same_site(&Method::POST, &headers(pairs));
        assert_eq!(check(&[("sec-fetch-site", "cross-site")]), Err(Refusal::CrossSite));
        assert_eq!(check(&[("sec-fetch-site", "same-site")]), Err(Refusal::CrossSite));
        assert_eq!(check(&[("origin", "https://evil.example"), ("host", "site.example")]), Err(Refusal::CrossSite));
        assert_eq!(check(&[("origin", "null"), ("host", "site.example")]), Err(Refusal::CrossSite));
        assert_eq!(check(&[("origin", "https://site.example"), ("host", "site.example")]), Ok(()));
        assert_eq!(check(&[("sec-fetch-site", "same-origin")]), Ok(()));
        assert_eq!(same_site(&Method::GET, &headers(&[("sec-fetch-site", "cross-site")])), Ok(()));
    }

    #[test]
    fn the_cookie_is_kept_to_the_host_where_that_can_be() {
        assert!(
            cookie("https://x.example", "t", 60).starts_with("__Host-session=t; Path=/; HttpOnly; SameSite=Strict")
        );
        assert!(cookie("https://x.example", "t", 60).ends_with("; Secure"));
        assert!(!cookie("http://127.0.0.1:8080", "t", 60).contains("Secure"));
        assert_eq!(session_token(&headers(&[("cookie", "a=b; session=tok")])), Some("tok".into()));
        assert_eq!(session_token(&headers(&[("cookie", "asession=tok")])), None);
    }
}
