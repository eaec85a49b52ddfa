//! The API description. It is generated from the code of all functions and served from a file, so that this function need not contain the
//! others. A test makes sure that the file is up to date.

use axum::response::IntoResponse;
use http::{HeaderValue, header};
use shared::web::Cache;
use utoipa::OpenApi;

use crate::{handlers, wall};

/// The description as `techognition openapi` writes it.
const DOCUMENT: &str = include_str!("../openapi.json");

/// The public calls.
#[derive(Debug, OpenApi)]
#[openapi(paths(
    handlers::event,
    handlers::editions,
    handlers::list_photos,
    handlers::get_photo,
    handlers::find_schools,
    handlers::stats,
    wall::wall,
    serve
))]
pub struct Document;

/// Returns this description.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "public",
    responses((status = 200, description = "This description, as OpenAPI 3.1.", body = serde_json::Value,
        content_type = "application/json", example = json!({"openapi": "3.1.0"}))))]
pub async fn serve() -> impl IntoResponse {
    (Cache::Text, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], DOCUMENT)
}
