//! This function's part of the API description.

use utoipa::OpenApi;

use crate::handlers;

/// The calls of uploaders.
#[derive(Debug, OpenApi)]
#[openapi(paths(
    handlers::request_uploads,
    handlers::renew,
    handlers::own_photos,
    handlers::recovery,
    handlers::edit,
    handlers::withdraw,
    handlers::removal
))]
pub struct Document;
