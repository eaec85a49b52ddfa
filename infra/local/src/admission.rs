//! Limits how many requests a function works on at once. Others wait for a moment, and those for whom that is not enough are rejected with
//! a time to try again. Some places are reserved for requests that may not wait: removals, reports, and those of moderators.
//!
//! Decision: a request that cannot be served soon is rejected early. Clients give up on a request that waits in a long line before it is
//! answered, so that the work for it is lost and the line never ends; a rejected request costs nothing. In the cloud, the account's
//! concurrency and the routes' throttles do the same.
//!
//! A request takes a place once it has arrived completely, as API Gateway hands it to a function: slow senders take none.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::response::{IntoResponse, Response};
use http::Method;
use shared::{
    domain::access::GUARDED,
    runtime::ids::random,
    web::problem::{Problem, UNAVAILABLE},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Number of requests that one function works on at once.
const AT_ONCE: usize = 64;
/// Number of further requests that it works on if they are [`kept`](is_kept).
const KEPT: usize = 16;
/// Longest time that a request waits for its turn.
const WAIT: Duration = Duration::from_millis(250);
/// Seconds after which rejected clients may try again. They are spread, so that the clients do not return together.
const COME_AGAIN_S: std::ops::Range<u32> = 1..6;

/// The admission of all functions.
#[derive(Clone, Debug)]
pub(crate) struct Admission(Arc<HashMap<String, Door>>);

#[derive(Debug)]
struct Door {
    places: Arc<Semaphore>,
    kept: Arc<Semaphore>,
}

impl Admission {
    /// Builds the admission of these functions.
    pub(crate) fn new<'a>(functions: impl IntoIterator<Item = &'a str>) -> Self {
        let door = || Door { places: Arc::new(Semaphore::new(AT_ONCE)), kept: Arc::new(Semaphore::new(KEPT)) };
        Self(Arc::new(functions.into_iter().map(|name| (name.to_owned(), door())).collect()))
    }

    /// Admits a request.
    ///
    /// # Errors
    /// The answer to a request that is rejected: 503 with `Retry-After`.
    pub(crate) async fn enter(
        &self,
        function: &str,
        method: &Method,
        path: &str,
    ) -> Result<Option<OwnedSemaphorePermit>, Box<Response>> {
        let Some(door) = self.0.get(function) else { return Ok(None) };
        let place = || Arc::clone(&door.places).acquire_owned();
        let permit = async {
            if !is_kept(method, path) {
                return place().await;
            }
            tokio::select! {
                biased;
                permit = place() => permit,
                permit = Arc::clone(&door.kept).acquire_owned() => permit,
            }
        };
        match tokio::time::timeout(WAIT, permit).await {
            Ok(Ok(permit)) => Ok(Some(permit)),
            Ok(Err(_)) | Err(_) => Err(Box::new(busy())),
        }
    }
}

/// Whether places are reserved for such a request: it takes a photo away from the public, or is for a page or call of moderators.
fn is_kept(method: &Method, path: &str) -> bool {
    let own = path
        .strip_prefix("/api/v1/uploads/")
        .is_some_and(|rest| method == Method::DELETE || rest.ends_with("/removal"));
    let report = path.ends_with("/reports") || path.ends_with("/report");
    own || report || GUARDED.iter().any(|guarded| path.starts_with(guarded))
}

fn busy() -> Response {
    let [chance] = random::<1>();
    let seconds = COME_AGAIN_S.start + u32::from(chance) % (COME_AGAIN_S.end - COME_AGAIN_S.start);
    let problem = Problem::new(&UNAVAILABLE, "More people are using the site than we can serve right now.");
    Problem { retry_after_s: Some(seconds), ..problem }.into_response()
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    async fn enter(admission: &Admission, route: &str) -> Result<Option<OwnedSemaphorePermit>, Box<Response>> {
        let (method, path) = route.split_once(' ').unwrap();
        admission.enter("uploads", &method.parse().unwrap(), path).await
    }

    #[tokio::test]
    async fn who_cannot_be_served_soon_is_told_when_to_come_again() {
        let admission = Admission::new(["uploads"]);
        let mut inside = Vec::new();
        for _ in 0..AT_ONCE {
            inside.push(enter(&admission, "POST /api/v1/uploads").await.unwrap());
        }
        let turned_away = enter(&admission, "POST /api/v1/uploads").await.unwrap_err();
        assert_eq!(turned_away.status(), StatusCode::SERVICE_UNAVAILABLE);
        let seconds: u32 = turned_away.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!(COME_AGAIN_S.contains(&seconds));
        // Withdrawals have reserved places, and their number is limited.
        for _ in 0..KEPT {
            inside.push(enter(&admission, "DELETE /api/v1/uploads/abc").await.unwrap());
        }
        assert!(enter(&admission, "DELETE /api/v1/uploads/abc").await.is_err());
        inside.remove(0);
        assert!(enter(&admission, "POST /api/v1/uploads").await.is_ok(), "a place was free again");
    }

    #[test]
    fn places_are_kept_for_removals_reports_and_moderators_and_for_nobody_else() {
        let mut open = Vec::new();
        for function in crate::functions::Functions::read().unwrap().functions {
            for route in function.routes.iter().filter(|route| route.contains(' ')) {
                let (method, path) = route.split_once(' ').unwrap();
                if !is_kept(&method.parse().unwrap(), path) {
                    open.push(route.clone());
                }
            }
        }
        let ours = [
            "POST /api/v1/uploads",
            "GET /api/v1/uploads",
            "GET /api/v1/uploads/recovery",
            "GET /api/v1/uploads/draws",
            "POST /api/v1/uploads/draws",
            "POST /api/v1/uploads/{id}/renew",
            "PATCH /api/v1/uploads/{id}",
            "GET /api/v1/event",
            "GET /api/v1/editions",
            "GET /api/v1/photos",
            "GET /api/v1/photos/{id}",
            "GET /api/v1/schools",
            "GET /api/v1/wall",
            "GET /api/v1/stats",
            "GET /api/v1/openapi.json",
            "GET /feed.xml",
            "GET /feed.json",
            "GET /oembed",
        ];
        assert_eq!(open, ours);
        for page in ["/moderation/queue", "/organiser/day", "/p/abc/report", "/cy/p/abc/report"] {
            assert!(is_kept(&Method::GET, page), "{page}");
        }
    }
}
