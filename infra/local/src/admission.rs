//! How many requests a function works on at once: more wait for a moment, and those for whom that is not enough are sent away at once,
//! with a time to come again.
//!
//! Decision: who cannot be served soon is told so early. A request that waits in a long line is given up by its sender before it is
//! answered, so that the work for it is in vain and the line never ends; one that is turned away costs nothing. In the cloud the
//! account's concurrency and the routes' throttles do the same.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::response::{IntoResponse, Response};
use shared::{
    runtime::ids::random,
    web::problem::{Problem, UNAVAILABLE},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Requests that one function works on at once.
const AT_ONCE: usize = 64;
/// Longest that a request waits for its turn.
const WAIT: Duration = Duration::from_millis(250);
/// Seconds after which those who were turned away may come again; they are spread, so that they do not come together.
const COME_AGAIN_S: std::ops::Range<u32> = 1..6;

/// The doors of all functions.
#[derive(Clone, Debug)]
pub(crate) struct Admission(Arc<HashMap<String, Arc<Semaphore>>>);

impl Admission {
    /// A door for each of these functions.
    pub(crate) fn new<'a>(functions: impl IntoIterator<Item = &'a str>) -> Self {
        Self(Arc::new(functions.into_iter().map(|name| (name.to_owned(), Arc::new(Semaphore::new(AT_ONCE)))).collect()))
    }

    /// Lets a request in, or says that it must come again.
    ///
    /// # Errors
    /// The answer for one that is turned away: 503 with `Retry-After`.
    pub(crate) async fn enter(&self, function: &str) -> Result<Option<OwnedSemaphorePermit>, Box<Response>> {
        let Some(door) = self.0.get(function) else { return Ok(None) };
        match tokio::time::timeout(WAIT, Arc::clone(door).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Some(permit)),
            Ok(Err(_)) | Err(_) => Err(Box::new(busy())),
        }
    }
}

fn busy() -> Response {
    let [chance] = random::<1>();
    let seconds = COME_AGAIN_S.start + u32::from(chance) % (COME_AGAIN_S.end - COME_AGAIN_S.start);
    let problem = Problem::new(&UNAVAILABLE, "More people are here at this moment than we can serve.");
    Problem { retry_after_s: Some(seconds), ..problem }.into_response()
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    #[tokio::test]
    async fn who_cannot_be_served_soon_is_told_when_to_come_again() {
        let admission = Admission::new(["gallery"]);
        let mut inside = Vec::new();
        for _ in 0..AT_ONCE {
            inside.push(admission.enter("gallery").await.unwrap());
        }
        let turned_away = admission.enter("gallery").await.unwrap_err();
        assert_eq!(turned_away.status(), StatusCode::SERVICE_UNAVAILABLE);
        let seconds: u32 = turned_away.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!(COME_AGAIN_S.contains(&seconds));
        inside.pop();
        assert!(admission.enter("gallery").await.is_ok(), "a place was free again");
    }
}
