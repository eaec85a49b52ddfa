//! Decides which requests a listener on this machine accepts: none from a stranger's web page.
//!
//! A browser runs strangers' pages, and a page may send requests to every port of the machine that shows it. Three headers reveal such a
//! request; the browser writes them, and the page cannot change them:
//!
//! | Header | Is there |
//! |---|---|
//! | `Origin` | with every request that may change something, and with every one whose answer another origin wants to read |
//! | `Sec-Fetch-Site` | with every request to a loopback address, of browsers since 2023 |
//! | `Host` | always; it is the page's own name when that name has been pointed at this machine (DNS rebinding) |
//!
//! So a host name is accepted only if it is known. An IP address as the host is always accepted: rebinding needs a name.

use std::{net::IpAddr, sync::Arc};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{self, CONTENT_TYPE, HOST, ORIGIN},
    request::Parts,
    uri::Authority,
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Largest number of characters of a header's value that a refusal repeats.
const REPEATED: usize = 100;

/// Decides which requests a listener accepts.
#[derive(Clone, Debug)]
pub struct Callers {
    /// Host names of the listener besides `localhost`, in lower case.
    names: Arc<[String]>,
    pages: Pages,
}

#[derive(Clone, Debug)]
enum Pages {
    Refused,
    Of(Arc<[String]>),
    Any,
}

impl Callers {
    /// Accepts programs, and no web page at all.
    pub fn programs() -> Self {
        Self { names: Arc::default(), pages: Pages::Refused }
    }

    /// Accepts programs, and the pages of these origins, such as `http://localhost:8080`; `*` accepts pages of any origin.
    pub fn pages_of(origins: &[String]) -> Self {
        let pages = if origins.iter().any(|origin| origin == "*") { Pages::Any } else { Pages::Of(origins.into()) };
        Self { names: Arc::default(), pages }
    }

    /// Accepts requests that address the listener by an IP address, by `localhost`, or by one of these names. The listener's service
    /// decides which page may do what.
    pub fn by_name(names: &[String]) -> Self {
        Self { names: names.iter().map(|name| name.to_ascii_lowercase()).collect(), pages: Pages::Any }
    }

    /// Returns the answer to a request that is refused: 403 with an explanation. `None` if the request is accepted.
    pub fn refusal(&self, request: &Parts) -> Option<Response> {
        if let Some(host) = self.foreign_host(request) {
            return Some(refused(&format!(
                "This machine does not answer as \"{host}\". Call it by its IP address or as localhost; for another name, start the site \
                 with --allow-host NAME."
            )));
        }
        let origin = single(&request.headers, &ORIGIN);
        match &self.pages {
            Pages::Any => None,
            Pages::Of(origins) => match origin {
                Ok(None) => None,
                Ok(Some(origin)) if origins.iter().any(|known| known == origin) => None,
                Ok(Some(origin)) => Some(refused(&format!(
                    "Pages of \"{}\" may not call the storage: it takes files from the site's own pages.",
                    repeated(origin)
                ))),
                Err(_) => Some(refused("The request has several Origin headers, or one that is not text.")),
            },
            Pages::Refused => {
                let of_a_page = origin != Ok(None) || request.headers.contains_key(SEC_FETCH_SITE);
                of_a_page.then(|| refused("This address is for programs of this machine. Web pages may not call it."))
            }
        }
    }

    /// Returns the name by which the request addresses this machine, if that is none of its names.
    fn foreign_host(&self, request: &Parts) -> Option<String> {
        let named = match single(&request.headers, &HOST) {
            Ok(Some(host)) => host,
            Ok(None) => return Some(String::new()),
            Err(several) => return Some(several.to_owned()),
        };
        // A request in proxy form names the host a second time.
        let asked = request.uri.authority().map(Authority::as_str);
        [Some(named), asked].into_iter().flatten().find(|host| !self.knows(host)).map(repeated)
    }

    fn knows(&self, host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else { return false };
        let name = authority.host().to_ascii_lowercase();
        let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&name);
        name == "localhost" || address.parse::<IpAddr>().is_ok() || self.names.contains(&name)
    }
}

/// Returns a header's value as text. An error if there are several values, or it is not text.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, &'static str> {
    let mut values = headers.get_all(name).iter();
    match (values.next().map(HeaderValue::to_str), values.next()) {
        (None, _) => Ok(None),
        (Some(Ok(value)), None) => Ok(Some(value)),
        (Some(_), _) => Err("several names, or none in plain text"),
    }
}

fn repeated(value: &str) -> String {
    value.chars().take(REPEATED).collect()
}

fn refused(words: &str) -> Response {
    let headers = [(CONTENT_TYPE, "text/plain; charset=utf-8"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (StatusCode::FORBIDDEN, headers, Body::from(format!("{words}\n"))).into_response()
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn takes(callers: &Callers, headers: &[(&str, &str)]) -> bool {
        let request = headers.iter().fold(Request::get("/"), |request, (name, value)| request.header(*name, *value));
        callers.refusal(&request.body(()).unwrap().into_parts().0).is_none()
    }

    #[test]
    fn a_host_is_an_address_or_localhost_or_a_name_that_was_given() {
        let callers = Callers::by_name(&["Photos.Example".to_owned()]);
        for known in ["127.0.0.1:8080", "127.0.0.1", "[::1]:80", "192.168.1.5:1", "localhost", "LocalHost:8080"] {
            assert!(takes(&callers, &[("host", known)]), "{known}");
            assert!(takes(&Callers::programs(), &[("host", known)]), "{known}");
        }
        assert!(takes(&callers, &[("host", "photos.example:443")]));
        for foreign in
            ["evil.example", "evil.localhost:8080", "127.0.0.1.evil.example", "localhost.evil", "", "a b", "[::1"]
        {
            assert!(!takes(&callers, &[("host", foreign)]), "{foreign}");
        }
        assert!(!takes(&callers, &[]), "no host");
        assert!(!takes(&callers, &[("host", "localhost"), ("host", "evil.example")]));
        let proxied = Request::get("http://evil.example/").header("host", "localhost").body(()).unwrap();
        assert!(callers.refusal(&proxied.into_parts().0).is_some());
    }

    #[test]
    fn pages_are_taken_where_they_are_at_home() {
        let local = ("host", "127.0.0.1:1");
        let storage = Callers::pages_of(&["http://localhost:8080".to_owned()]);
        for origin in ["null", "http://localhost", "http://localhost:80801", "https://localhost:8080", ""] {
            assert!(!takes(&storage, &[local, ("origin", origin)]), "{origin}");
            assert!(!takes(&Callers::programs(), &[local, ("origin", origin)]), "{origin}");
            assert!(takes(&Callers::by_name(&[]), &[local, ("origin", origin)]), "the site decides by route");
        }
        assert!(takes(&storage, &[local, ("origin", "http://localhost:8080")]));
        assert!(takes(&storage, &[local, ("sec-fetch-site", "same-site")]), "a picture of a page");
        assert!(!takes(&Callers::programs(), &[local, ("sec-fetch-site", "cross-site")]), "sent without an origin");
        assert!(!takes(&Callers::programs(), &[local, ("sec-fetch-site", "none")]));
        assert!(takes(&Callers::pages_of(&["*".to_owned()]), &[local, ("origin", "https://any.example")]));
    }
}
