//! This function's part of the API description.

use utoipa::OpenApi;

use crate::{draws, handlers};

/// The calls of uploaders.
#[derive(Debug, OpenApi)]
#[openapi(paths(
    handlers::request_uploads,
    handlers::renew,
    handlers::own_photos,
    handlers::recovery,
    handlers::edit,
    handlers::withdraw,
    handlers::removal,
    draws::own_draws,
    draws::enter_draws,
    draws::leave_draws
))]
pub struct Document;
