//! `infra/edge.json`: which paths go to which origin, and how they are cached. The infrastructure reads the same file.

use std::collections::BTreeMap;

use http::{Method, Uri};
use serde::{Deserialize, de::Error};

use crate::names;

/// The group of query names for a path that names none.
const PAGES: &str = "pages";

/// All behaviours, and the query names that are part of an address.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Behaviours {
    /// Names of query parameters that distinguish addresses, by group. All others are dropped on paths that are answered for everybody.
    queries: BTreeMap<String, Vec<String>>,
    behaviours: Vec<Behaviour>,
}

/// The handling of the paths of one pattern.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Behaviour {
    /// The pattern. `*` stands for any characters, `{originals}` and `{review}` for a bucket's name.
    pub path: String,
    /// The origin that answers.
    pub origin: Origin,
    /// For whom an answer is.
    #[serde(rename = "for")]
    pub audience: For,
    /// Whether methods other than reading pass.
    pub writes: bool,
    /// The group of query names that are part of its addresses. If the group is empty, an invalidation of the path alone is exact.
    #[serde(default = "pages")]
    queries: String,
}

fn pages() -> String {
    PAGES.to_owned()
}

/// An origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Origin {
    /// The functions.
    Api,
    /// The public bucket.
    Public,
    /// The storage, for signed requests.
    Storage,
}

/// For whom an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum For {
    /// Everybody: it may be cached, and nothing about the visitor is passed on.
    All,
    /// The visitor alone: everything is passed on, and nothing is cached.
    One,
}

impl Behaviours {
    /// Reads the file that was compiled into this build.
    pub(super) fn read() -> Result<Self, serde_json::Error> {
        let mut all: Self = serde_json::from_str(include_str!("../../../edge.json"))?;
        if let Some(unknown) = all.behaviours.iter().find(|behaviour| !all.queries.contains_key(&behaviour.queries)) {
            let words = format!("{}: there is no group of queries called {:?}", unknown.path, unknown.queries);
            return Err(serde_json::Error::custom(words));
        }
        for behaviour in &mut all.behaviours {
            behaviour.path = behaviour.path.replace("{originals}", names::ORIGINALS).replace("{review}", names::REVIEW);
        }
        // The distribution's default behaviour, for every other path.
        all.behaviours.push(Behaviour {
            path: "*".to_owned(),
            origin: Origin::Api,
            audience: For::All,
            writes: false,
            queries: pages(),
        });
        Ok(all)
    }

    /// Returns the first behaviour whose pattern matches a path.
    pub(super) fn of(&self, path: &str) -> &Behaviour {
        let (last, others) = self.behaviours.split_last().unwrap_or_else(|| unreachable!("the last fits every path"));
        others.iter().find(|behaviour| fits(&behaviour.path, path)).unwrap_or(last)
    }

    /// Returns the query names that are part of the addresses of a path.
    fn queries_of(&self, path: &str) -> &[String] {
        self.queries.get(&self.of(path).queries).map_or(&[], Vec::as_slice)
    }

    /// Returns an address with only those query parameters that are part of it, in one order.
    pub(super) fn forwarded(&self, uri: &Uri) -> Uri {
        let names = self.queries_of(uri.path());
        let mut queries: Vec<_> = uri
            .query()
            .into_iter()
            .flat_map(|query| query.split('&'))
            .filter(|one| names.iter().any(|known| one.split('=').next() == Some(known)))
            .collect();
        queries.sort_unstable();
        let path = uri.path();
        let target = if queries.is_empty() { path.to_owned() } else { format!("{path}?{}", queries.join("&")) };
        target.parse().unwrap_or_else(|_| uri.clone())
    }
}

impl Behaviour {
    /// Whether requests with this method pass.
    pub(super) fn takes(&self, method: &Method) -> bool {
        self.writes || matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
    }
}

/// Whether a path matches a pattern, in which `*` stands for any characters.
pub(super) fn fits(pattern: &str, path: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts: Vec<_> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::functions::{Functions, Trigger, path_of};

    #[test]
    fn stars_stand_for_any_characters() {
        assert!(fits("*", "/anything/at/all"));
        assert!(fits("/m/*", "/m/a/b.jpg") && !fits("/m/*", "/mine"));
        assert!(fits("/api/v1/session", "/api/v1/session") && !fits("/api/v1/session", "/api/v1/sessions"));
        assert!(fits("/api/v1/photos/*/reports", "/api/v1/photos/abc/reports"));
        assert!(!fits("/api/v1/photos/*/reports", "/api/v1/photos/abc"));
    }

    #[test]
    fn addresses_are_their_path_and_their_known_queries() {
        let behaviours = Behaviours::read().unwrap();
        let of = |uri: &str| behaviours.forwarded(&uri.parse().unwrap()).to_string();
        assert_eq!(of("/gallery?utm_source=x&school=2&edition=1"), "/gallery?edition=1&school=2");
        assert_eq!(of("/gallery?fbclid=1"), "/gallery");
        for one in ["/p/abc", "/cy/p/abc", "/embed/p/abc", "/api/v1/photos/abc", "/m/abc/def/640.jpg"] {
            assert_eq!(of(&format!("{one}?q=1")), one, "a photo's own addresses have no query");
        }
        assert_eq!(of("/api/v1/photos?q=1"), "/api/v1/photos?q=1");
        assert_eq!(of("/oembed?url=x&format=json&q=1"), "/oembed?format=json&url=x", "each path has its own group");
        assert_eq!(of("/gallery?url=x"), "/gallery");
    }

    #[test]
    fn no_cache_policy_has_more_queries_than_cloudfront_takes() {
        let quotas: serde_json::Value = serde_json::from_str(include_str!("../../../aws/quotas.json")).unwrap();
        let most = quotas["cache_policy_queries"]["value"].as_u64().unwrap();
        for (group, names) in &Behaviours::read().unwrap().queries {
            assert!(names.len() as u64 <= most, "{group} has {} queries of at most {most}", names.len());
        }
    }

    #[test]
    fn every_route_passes_the_edge_as_it_is_meant() {
        let behaviours = Behaviours::read().unwrap();
        for function in Functions::read().unwrap().functions.iter().filter(|one| one.trigger == Trigger::Http) {
            for route in function.routes.iter().filter(|route| route.contains(' ')) {
                let method: Method = route.split_once(' ').unwrap().0.parse().unwrap();
                let path: String = path_of(route)
                    .split('/')
                    .map(|part| if part.starts_with('{') { "/x" } else { part })
                    .fold(String::new(), |path, part| {
                        if part.is_empty() { path } else { format!("{path}/{}", part.trim_matches('/')) }
                    });
                let behaviour = behaviours.of(&path);
                assert!(behaviour.takes(&method), "{route}: no behaviour of infra/edge.json takes {method} of {path}");
                assert_eq!(behaviour.origin, Origin::Api, "{route}");
                let changes = !matches!(method, Method::GET | Method::HEAD);
                assert!(
                    !changes || behaviour.audience == For::One,
                    "{route}: what changes something is for one person"
                );
            }
        }
    }

    #[test]
    fn every_query_of_a_public_call_reaches_it() {
        let behaviours = Behaviours::read().unwrap();
        let document: serde_json::Value =
            serde_json::from_str(include_str!("../../../../functions/gallery/openapi.json")).unwrap();
        let mut missing = BTreeSet::new();
        for (path, calls) in document["paths"].as_object().unwrap() {
            if behaviours.of(path).audience == For::One {
                continue;
            }
            let parameters = calls["get"]["parameters"].as_array();
            for name in parameters.into_iter().flatten().filter(|one| one["in"] == "query").map(|one| &one["name"]) {
                let name = name.as_str().unwrap().to_owned();
                if !behaviours.queries_of(path).contains(&name) {
                    missing.insert(name);
                }
            }
        }
        assert!(missing.is_empty(), "the edge drops these queries; add them to infra/edge.json: {missing:?}");
    }
}
