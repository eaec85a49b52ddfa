//! This function's part of the API's description.

use utoipa::OpenApi;

use crate::handlers;

/// The calls of moderators.
#[derive(Debug, OpenApi)]
#[openapi(paths(
    handlers::sign_in,
    handlers::who,
    handlers::sign_out,
    handlers::queue,
    handlers::decisions,
    handlers::audit
))]
pub struct Document;
