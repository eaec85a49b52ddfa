//! S3: the protocol, signatures and policies of `s3s` over blob files and rows.
//!
//! A write goes to `tmp/`, hashed while it streams; then its length and digests are checked; then the file is flushed, renamed
//! and its folder flushed; then one transaction checks the condition and writes the object's row and its event; only then is it
//! acknowledged. What a crash leaves behind is an upload or a blob without a row, which the next start removes.

mod access;
mod blobs;
mod checks;
mod drain;
pub(crate) mod encode;
mod operations;
mod policies;
mod read;
pub(crate) mod rows;

use std::{fmt, io, path::Path, path::PathBuf, sync::Arc, time::SystemTime};

use axum::body::Body;
use data_encoding::HEXUPPER;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use tokio::sync::Notify;
use tower::{ServiceExt, service_fn};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use self::{access::Allowed, blobs::Blobs, drain::SharedBody};

pub use self::policies::BucketPolicy;
pub(crate) use self::policies::Policies;
use crate::{Calendar, Durability, Endpoints, Error, StartError, clock, database::Database};

/// The objects, and the notification about new ones.
#[derive(Clone)]
pub(crate) struct Store {
    pub(crate) database: Database,
    blobs: Blobs,
    notify_bucket: Option<Arc<str>>,
    calendar: Calendar,
    /// Notified when an event has been recorded.
    pub(crate) recorded: Arc<Notify>,
}

/// An object, for a reader inside the process that needs no signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredObject {
    /// The file with exactly the object's bytes. It never changes. It is removed when the object is deleted or replaced; readers that have
    /// it open by then can go on reading.
    pub path: PathBuf,
    /// Size in bytes.
    pub size: u64,
    /// The uploader's content type, or `binary/octet-stream`.
    pub content_type: String,
    /// The MD5 digest in hexadecimal, without quotes.
    pub etag: String,
    /// When it was written.
    pub last_modified: SystemTime,
    /// The uploader's `Cache-Control`.
    pub cache_control: Option<String>,
}

/// S3 as a function of requests. The same service listens on the port.
#[derive(Clone)]
pub struct S3Service {
    service: s3s::service::S3Service,
    cors: CorsLayer,
}

impl Store {
    /// Opens the folder, and removes what a crash has left.
    pub(crate) fn open(
        folder: &Path,
        database: Database,
        durability: Durability,
        notify_bucket: Option<&str>,
        calendar: Calendar,
    ) -> Result<Self, StartError> {
        let failed = |source| StartError::DataDir { path: folder.to_owned(), source };
        let blobs = Blobs::open(folder, durability).map_err(failed)?;
        let known = database.read_now(rows::blobs).map_err(|error| failed(io::Error::other(error)))?;
        let removed = blobs.sweep(&known).map_err(failed)?;
        if removed > 0 {
            tracing::info!(removed, "removed blobs that a crash had left without an object");
        }
        Ok(Self {
            database,
            blobs,
            notify_bucket: notify_bucket.map(Arc::from),
            calendar,
            recorded: Arc::new(Notify::new()),
        })
    }

    /// Returns the object without its bytes; `None` if there is none.
    pub(crate) async fn object(&self, bucket: &str, key: &str) -> Result<Option<StoredObject>, Error> {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        let row = self.database.read(move |connection| rows::get(connection, &bucket, &key)).await?;
        Ok(row.map(|row| StoredObject {
            path: self.blobs.path(&row.blob),
            size: row.size,
            content_type: row.facts.content_type.unwrap_or_default(),
            etag: row.etag,
            last_modified: clock::system_time(row.modified_ms),
            cache_control: row.facts.cache_control,
        }))
    }

    fn notifies(&self, bucket: &str) -> bool {
        self.notify_bucket.as_deref() == Some(bucket)
    }
}

impl S3Service {
    pub(crate) fn new(
        store: Store,
        endpoints: &Endpoints,
        origins: &[String],
        policies: &Policies,
    ) -> Result<Self, StartError> {
        let mut builder = S3ServiceBuilder::new(store);
        builder.set_auth(SimpleAuth::from_single(endpoints.access_key.clone(), endpoints.secret_key.clone()));
        builder.set_access(Allowed(policies.clone()));
        Ok(Self { service: builder.build(), cors: cors(origins)? })
    }

    /// Answers `request`, which must have the `Host` header that was signed. Bodies stream both ways.
    pub async fn call(&self, request: Request<Body>) -> Response<Body> {
        let service = self.service.clone();
        let inner = service_fn(move |request: Request<Body>| {
            let service = service.clone();
            async move { Ok::<_, std::convert::Infallible>(answer(&service, request).await) }
        });
        match tower::Layer::layer(&self.cors, inner).oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

impl fmt::Debug for S3Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Service").finish_non_exhaustive()
    }
}

async fn answer(service: &s3s::service::S3Service, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = SharedBody::new(body);
    let request = Request::from_parts(parts, s3s::Body::http_body_unsync(body.clone()));
    let mut response = match service.call(request).await {
        Ok(response) => response.map(Body::new),
        Err(error) => {
            tracing::error!(?error, "S3 could not answer");
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        }
    };
    if response.status().is_client_error() || response.status().is_server_error() {
        body.drain().await;
    }
    let mut id = [0; 8];
    if getrandom::fill(&mut id).is_ok()
        && let Ok(id) = HeaderValue::try_from(HEXUPPER.encode(&id))
    {
        response.headers_mut().insert("x-amz-request-id", id);
    }
    response
}

fn cors(origins: &[String]) -> Result<CorsLayer, StartError> {
    let origin = if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        let values = origins.iter().map(|origin| {
            HeaderValue::try_from(origin).map_err(|_| StartError::Options(format!("{origin:?} is not an origin")))
        });
        AllowOrigin::list(values.collect::<Result<Vec<_>, _>>()?)
    };
    let exposed = [
        header::ETAG,
        header::CONTENT_LENGTH,
        header::CONTENT_RANGE,
        HeaderName::from_static("x-amz-request-id"),
        HeaderName::from_static("x-amz-checksum-crc32"),
        HeaderName::from_static("x-amz-checksum-crc32c"),
        HeaderName::from_static("x-amz-checksum-crc64nvme"),
        HeaderName::from_static("x-amz-checksum-sha1"),
        HeaderName::from_static("x-amz-checksum-sha256"),
        HeaderName::from_static("x-amz-checksum-type"),
    ];
    Ok(CorsLayer::new()
        .allow_origin(origin)
        .allow_methods([Method::GET, Method::HEAD, Method::PUT])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(exposed)
        .max_age(std::time::Duration::from_mins(50)))
}
