//! Receives the bodies of requests completely before a function sees them.
//!
//! Memory is limited: the first bytes of each body are free, which is enough for all calls of the project's own pages, and everything
//! beyond them shares a fixed amount.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use bytes::BytesMut;
use embedded::server::is_pause;
use http::{StatusCode, header};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Longest time that a body may take; API Gateway's own limit for a whole request.
const WITHIN: Duration = Duration::from_secs(30);
/// Largest body in bytes, as at API Gateway.
const LARGEST: usize = 10 * 1024 * 1024;
/// Bytes of each body that do not count.
const SMALL: usize = 64 * 1024;
/// Bytes beyond these that all bodies together may take.
const ROOM: usize = 64 * 1024 * 1024;

/// The memory that bodies share.
#[derive(Clone, Debug)]
pub(crate) struct Bodies(Arc<Semaphore>);

/// The memory that one body takes.
#[derive(Debug)]
pub(crate) struct Room(#[expect(dead_code, reason = "kept to be dropped")] Vec<OwnedSemaphorePermit>);

/// Why a body was not received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The connection broke.
    Broken,
    /// It did not arrive in time.
    Slow,
    /// It has more than [`LARGEST`] bytes.
    TooLarge,
    /// There is no memory for it at this moment.
    NoRoom,
}

impl Bodies {
    /// Reserves the memory for the bodies of all functions.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(ROOM)))
    }

    /// Returns the request with its whole body, and the memory that it takes, to be kept as long as the body.
    ///
    /// # Errors
    /// Why the body did not arrive.
    pub(crate) async fn whole(&self, request: Request) -> Result<(Request, Room), Refusal> {
        let (parts, body) = request.into_parts();
        let (body, room) = tokio::time::timeout(WITHIN, self.receive(body)).await.map_err(|_| Refusal::Slow)??;
        Ok((Request::from_parts(parts, body), room))
    }

    async fn receive(&self, mut body: Body) -> Result<(Body, Room), Refusal> {
        let (mut received, mut room) = (BytesMut::new(), Vec::new());
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| if is_pause(&error) { Refusal::Slow } else { Refusal::Broken })?;
            let Ok(data) = frame.into_data() else { continue };
            let before = received.len().max(SMALL);
            received.extend_from_slice(&data);
            if received.len() > LARGEST {
                return Err(Refusal::TooLarge);
            }
            let more = u32::try_from(received.len().saturating_sub(before)).map_err(|_| Refusal::TooLarge)?;
            if more > 0 {
                room.push(Arc::clone(&self.0).try_acquire_many_owned(more).map_err(|_| Refusal::NoRoom)?);
            }
        }
        Ok((Body::from(received.freeze()), Room(room)))
    }
}

impl IntoResponse for Refusal {
    /// Answers with API Gateway's wording.
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::Broken => (StatusCode::BAD_REQUEST, "Bad Request"),
            Self::Slow => (StatusCode::REQUEST_TIMEOUT, "Request Timeout"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
            Self::NoRoom => (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        };
        (status, [(header::CONTENT_TYPE, "application/json")], format!("{{\"message\":\"{message}\"}}")).into_response()
    }
}
