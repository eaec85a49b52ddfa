//! CloudFront's calls about invalidations (version 2020-05-31 of its API), for the one distribution that this edge is. Signatures are not
//! checked: only this machine can reach this address.
//!
//! The service's limits hold here too. Of all invalidations in progress together, 15 paths may end in `*` and 3,000 may not; a request
//! beyond that is refused with `TooManyInvalidationsInProgress`. Source: Amazon CloudFront Developer Guide, "Concurrent invalidation
//! request maximum".

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::Duration,
};

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{StatusCode, header};
use quick_xml::{
    escape::escape,
    events::{BytesText, Event},
};

use super::Edge;
use crate::names::DISTRIBUTION;

/// Paths without a wildcard that may be in progress at once.
const MOST_PATHS: usize = 3_000;
/// Paths with a wildcard that may be in progress at once.
const MOST_WILDCARDS: usize = 15;

/// The invalidations requested so far.
#[derive(Default)]
pub(super) struct Invalidations(Mutex<Asked>);

#[derive(Default)]
struct Asked {
    /// The invalidations by their caller's reference.
    all: HashMap<String, Invalidation>,
    totals: Totals,
}

/// What was requested of this edge's API since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Number of invalidations begun.
    pub begun: usize,
    /// Number of requests refused because too much was in progress.
    pub refused: usize,
    /// Number of paths without a wildcard in the invalidations begun.
    pub paths: usize,
    /// Number of paths with a wildcard in the invalidations begun.
    pub wildcards: usize,
    /// Largest number of paths with a wildcard that were in progress at once.
    pub most_wildcards: usize,
}

#[derive(Clone, Debug)]
struct Invalidation {
    id: String,
    reference: String,
    paths: Vec<String>,
    done: bool,
}

pub(super) fn router(edge: &Edge) -> Router {
    Router::new()
        .route("/2020-05-31/distribution/{distribution}/invalidation", post(create))
        .route("/2020-05-31/distribution/{distribution}/invalidation/{id}", get(read))
        .with_state(edge.clone())
}

async fn create(State(edge): State<Edge>, Path(distribution): Path<String>, body: String) -> Response {
    if edge.0.invalidations_fail.load(Ordering::Relaxed) {
        return problem(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", "CloudFront is having a bad day.");
    }
    if distribution != DISTRIBUTION {
        return problem(StatusCode::NOT_FOUND, "NoSuchDistribution", "The specified distribution does not exist.");
    }
    let (reference, paths) = match batch(&body) {
        Ok(batch) => batch,
        Err(words) => return problem(StatusCode::BAD_REQUEST, "InvalidArgument", words),
    };
    let invalidation = match edge.0.invalidations.lock().begin(reference, paths) {
        Begun::New(invalidation) => invalidation,
        Begun::Known(known) => return answer(StatusCode::CREATED, &known),
        Begun::OtherPaths => {
            let words = "The caller reference was used for other paths.";
            return problem(StatusCode::BAD_REQUEST, "InvalidArgument", words);
        }
        Begun::TooMany => {
            let words =
                "Processing your request will cause you to exceed the maximum number of in-progress invalidations.";
            return problem(StatusCode::BAD_REQUEST, "TooManyInvalidationsInProgress", words);
        }
    };
    let (reference, created) = (invalidation.reference.clone(), answer(StatusCode::CREATED, &invalidation));
    let takes = Duration::from_millis(edge.0.invalidations_take_ms.load(Ordering::Relaxed));
    tokio::spawn(async move {
        tokio::time::sleep(takes).await;
        for path in &invalidation.paths {
            edge.0.shelf.take_all(path);
        }
        if let Some(done) = edge.0.invalidations.lock().all.get_mut(&reference) {
            done.done = true;
        }
    });
    created
}

/// The outcome of a request.
enum Begun {
    /// A new invalidation, now in progress.
    New(Invalidation),
    /// An invalidation that was requested before.
    Known(Invalidation),
    /// The reference was used before for other paths.
    OtherPaths,
    /// Too much is in progress already.
    TooMany,
}

impl Invalidations {
    /// Returns what was requested so far.
    pub(super) fn totals(&self) -> Totals {
        self.lock().totals
    }

    fn lock(&self) -> MutexGuard<'_, Asked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asked {
    fn begin(&mut self, reference: String, paths: Vec<String>) -> Begun {
        if let Some(known) = self.all.get(&reference) {
            return if known.paths == paths { Begun::Known(known.clone()) } else { Begun::OtherPaths };
        }
        let running = self.all.values().filter(|one| !one.done).flat_map(|one| &one.paths);
        let (wildcards_running, paths_running) = counted(running);
        let (wildcards, plain) = counted(&paths);
        if wildcards_running + wildcards > MOST_WILDCARDS || paths_running + plain > MOST_PATHS {
            self.totals.refused += 1;
            return Begun::TooMany;
        }
        self.totals.begun += 1;
        self.totals.paths += plain;
        self.totals.wildcards += wildcards;
        self.totals.most_wildcards = self.totals.most_wildcards.max(wildcards_running + wildcards);
        let id = format!("I{:013}", self.all.len() + 1);
        let invalidation = Invalidation { id, reference: reference.clone(), paths, done: false };
        self.all.insert(reference, invalidation.clone());
        Begun::New(invalidation)
    }
}

/// Counts the paths that end in a wildcard, and those that do not.
fn counted<'a>(paths: impl IntoIterator<Item = &'a String>) -> (usize, usize) {
    let (wildcards, plain): (Vec<&String>, Vec<&String>) = paths.into_iter().partition(|path| path.ends_with('*'));
    (wildcards.len(), plain.len())
}

async fn read(State(edge): State<Edge>, Path((_, id)): Path<(String, String)>) -> Response {
    match edge.0.invalidations.lock().all.values().find(|one| one.id == id) {
        Some(one) => answer(StatusCode::OK, one),
        None => problem(StatusCode::NOT_FOUND, "NoSuchInvalidation", "The specified invalidation does not exist."),
    }
}

/// Reads the caller's reference and the paths of an `InvalidationBatch`.
fn batch(body: &str) -> Result<(String, Vec<String>), &'static str> {
    let (mut reference, mut paths, mut quantity, mut within) = (None, Vec::new(), None, Vec::new());
    let mut reader = quick_xml::Reader::from_str(body);
    let mut content = String::new();
    loop {
        match reader.read_event().map_err(|_| "The body is not well formed.")? {
            Event::Start(start) => {
                within.push(start.local_name().as_ref().to_vec());
                content.clear();
            }
            Event::Text(text) => content.push_str(&plain(&text)?),
            Event::GeneralRef(reference) => {
                let name = reference.decode().map_err(|_| "The body is not UTF-8.")?;
                content.push_str(
                    &quick_xml::escape::unescape(&format!("&{name};")).map_err(|_| "An entity is not known.")?,
                );
            }
            Event::End(_) => match within.pop().unwrap_or_default().as_slice() {
                b"Path" => paths.push(std::mem::take(&mut content)),
                b"CallerReference" => reference = Some(std::mem::take(&mut content)),
                b"Quantity" => quantity = content.trim().parse::<usize>().ok(),
                _ => {}
            },
            Event::Eof => break,
            Event::Empty(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_) => {}
        }
    }
    let reference = reference.filter(|reference| !reference.is_empty()).ok_or("There is no CallerReference.")?;
    if quantity != Some(paths.len()) || paths.is_empty() || paths.len() > MOST_PATHS {
        return Err("Quantity is not the number of paths, or there are none, or more than 3,000.");
    }
    let well_formed = |path: &String| path.starts_with('/') && !path.trim_end_matches('*').contains('*');
    if !paths.iter().all(well_formed) {
        return Err("Your request contains one or more invalid invalidation paths.");
    }
    Ok((reference, paths))
}

fn plain(text: &BytesText<'_>) -> Result<String, &'static str> {
    text.decode().map(std::borrow::Cow::into_owned).map_err(|_| "The body is not UTF-8.")
}

fn answer(status: StatusCode, invalidation: &Invalidation) -> Response {
    let Invalidation { id, reference, paths, done } = invalidation;
    let state = if *done { "Completed" } else { "InProgress" };
    let items: Vec<_> = paths.iter().map(|path| format!("<Path>{}</Path>", escape(path.as_str()))).collect();
    let body = format!(
        "<?xml version=\"1.0\"?>\n<Invalidation xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Id>{id}</Id>\
         <Status>{state}</Status><CreateTime>2020-05-31T00:00:00Z</CreateTime><InvalidationBatch><Paths><Quantity>{}</Quantity>\
         <Items>{}</Items></Paths><CallerReference>{}</CallerReference></InvalidationBatch></Invalidation>",
        paths.len(),
        items.concat(),
        escape(reference.as_str()),
    );
    let location = format!("/2020-05-31/distribution/{DISTRIBUTION}/invalidation/{id}");
    (status, [(header::CONTENT_TYPE, "text/xml"), (header::LOCATION, location.as_str())], body).into_response()
}

fn problem(status: StatusCode, code: &str, words: &str) -> Response {
    let kind = if status.is_server_error() { "Receiver" } else { "Sender" };
    let body = format!(
        "<?xml version=\"1.0\"?>\n<ErrorResponse xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Error>\
         <Type>{kind}</Type><Code>{code}</Code><Message>{words}</Message></Error><RequestId>edge</RequestId></ErrorResponse>"
    );
    (status, [(header::CONTENT_TYPE, "text/xml")], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_read_as_the_service_reads_it() {
        let body = |paths: &str, quantity: usize| {
            format!(
                "<InvalidationBatch xmlns=\"x\"><Paths><Quantity>{quantity}</Quantity><Items>{paths}</Items></Paths>\
                 <CallerReference>r&amp;1</CallerReference></InvalidationBatch>"
            )
        };
        let (reference, paths) = batch(&body("<Path>/m/a/*</Path><Path>/p/a&amp;b</Path>", 2)).unwrap();
        assert_eq!((reference.as_str(), paths), ("r&1", vec!["/m/a/*".to_owned(), "/p/a&b".to_owned()]));
        assert!(batch(&body("<Path>/m/a/*</Path>", 2)).unwrap_err().contains("Quantity"));
        assert!(batch(&body("<Path>m/a</Path>", 1)).unwrap_err().contains("invalid invalidation paths"));
        assert!(batch(&body("<Path>/m/*/a</Path>", 1)).unwrap_err().contains("invalid invalidation paths"));
        assert!(batch("<InvalidationBatch>").is_err());
    }

    fn numbered(n: usize, end: &str) -> Vec<String> {
        (0..n).map(|i| format!("/{i}{end}")).collect()
    }

    #[test]
    fn no_more_is_in_progress_at_once_than_the_service_allows() {
        let mut asked = Asked::default();
        let mut begin = |reference: &str, paths| asked.begin(reference.to_owned(), paths);
        assert!(matches!(begin("15 wildcards", numbered(15, "*")), Begun::New(_)));
        assert!(matches!(begin("one more", numbered(1, "*")), Begun::TooMany));
        assert!(matches!(begin("15 wildcards", numbered(15, "*")), Begun::Known(_)), "the same again is no more");
        assert!(matches!(begin("3,000 paths", numbered(3_000, "")), Begun::New(_)), "these are counted apart");
        assert!(matches!(begin("one path more", numbered(1, "")), Begun::TooMany));
        for one in asked.all.values_mut() {
            one.done = true;
        }
        assert!(matches!(asked.begin("later".to_owned(), numbered(15, "*")), Begun::New(_)));
        let totals = Totals { begun: 3, refused: 2, paths: 3_000, wildcards: 30, most_wildcards: 15 };
        assert_eq!(asked.totals, totals);
    }

    #[test]
    fn as_many_are_in_progress_as_the_table_of_quotas_says() {
        let quotas: serde_json::Value = serde_json::from_str(include_str!("../../../aws/quotas.json")).unwrap();
        for (key, most) in [("invalidation_paths", MOST_PATHS), ("invalidation_wildcards", MOST_WILDCARDS)] {
            assert_eq!(quotas[key]["value"], most, "{key}");
        }
    }
}
