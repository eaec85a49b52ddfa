//! Reserves photos and returns presigned PUTs; shows uploaders their own photos, and lets them edit and withdraw them; takes entries into
//! prize draws.
//!
//! No file comes through here: browsers send files to the storage, which enforces size, type and content itself.

mod answers;
mod draws;
mod handlers;
pub mod openapi;

use axum::Router;
use shared::{
    runtime::{Clock, Environment},
    store::{
        Aws, Photos,
        buckets::{Originals, Public, Removals, Review},
        budget::Budget,
        cdn::CdnInvalidation,
        draws::Draws,
        editions::{Editions, PhotoIds},
        outbox::{Buckets, Purger},
        rates::Rates,
        schools::Schools,
        table::Table,
        trust_revocations::TrustRevocations,
        uploader_counters::UploaderCounters,
    },
    web::{self, EdgeSecrets, routes},
};

pub use answers::{
    ErasureStatus, ErasureStep, OwnPhoto, OwnPhotos, OwnSchool, PartUpload, Renewed, Reserved, UploadAnswer,
};
pub use draws::{DrawPrize, OwnDraw, OwnDraws, OwnEntry};

/// What this function reads from its environment.
#[derive(Clone, Debug)]
pub struct Config {
    edge: EdgeSecrets,
    table: String,
    originals: String,
    review: String,
    public: String,
    site_origin: String,
    removals: String,
    distribution: String,
}

impl Config {
    /// The names of the environment variables, as `infra/functions.json` lists them.
    pub const VARS: &[&str] = &[
        "EDGE_SECRETS",
        "TABLE",
        "ORIGINALS_BUCKET",
        "REVIEW_BUCKET",
        "PUBLIC_BUCKET",
        "REMOVALS_BUCKET",
        "EDGE_DISTRIBUTION",
        "SITE_ORIGIN",
    ];

    /// Reads the configuration from the variables in [`Self::VARS`].
    pub fn from(environment: &Environment) -> Self {
        Self {
            edge: EdgeSecrets::new(&environment.get("EDGE_SECRETS")),
            table: environment.get("TABLE"),
            originals: environment.get("ORIGINALS_BUCKET"),
            review: environment.get("REVIEW_BUCKET"),
            public: environment.get("PUBLIC_BUCKET"),
            site_origin: environment.get("SITE_ORIGIN").trim_end_matches('/').to_owned(),
            removals: environment.get("REMOVALS_BUCKET"),
            distribution: environment.get("EDGE_DISTRIBUTION"),
        }
    }
}

/// The state that the handlers share.
#[derive(Clone, Debug)]
pub struct App {
    budget: Budget,
    clock: Clock,
    doubts: TrustRevocations,
    draws: Draws,
    edge: EdgeSecrets,
    editions: Editions,
    ids: PhotoIds,
    originals: Originals,
    photos: Photos,
    purger: Purger,
    rates: Rates,
    schools: Schools,
    senders: UploaderCounters,
    site_origin: String,
}

impl App {
    /// Builds the function's state on these services.
    pub fn new(config: &Config, aws: &Aws, clock: Clock) -> Self {
        let table = Table::new(&aws.dynamodb, &config.table);
        let originals = Originals::new(&aws.s3, &config.originals);
        let rooms = Buckets {
            originals: originals.clone(),
            review: Review::new(&aws.s3, &config.review),
            public: Public::new(&aws.s3, &config.public),
            removals: Removals::new(&aws.s3, &config.removals),
        };
        Self {
            budget: Budget::new(&table),
            doubts: TrustRevocations::new(&table),
            draws: Draws::new(&table),
            edge: config.edge.clone(),
            editions: Editions::new(&table, &clock),
            ids: PhotoIds::new(&table),
            photos: Photos::new(&table),
            purger: Purger::new(&table, rooms, CdnInvalidation::new(&aws.cloudfront, &config.distribution)),
            rates: Rates::new(&table),
            schools: Schools::new(&table),
            senders: UploaderCounters::new(&table),
            site_origin: config.site_origin.clone(),
            originals,
            clock,
        }
    }
}

routes! {
    calls {
        post "/api/v1/uploads" => handlers::request_uploads,
        get "/api/v1/uploads" => handlers::own_photos,
        get "/api/v1/uploads/recovery" => handlers::recovery,
        get "/api/v1/uploads/draws" => draws::own_draws,
        post "/api/v1/uploads/draws" => draws::enter_draws,
        delete "/api/v1/uploads/draws" => draws::leave_draws,
        post "/api/v1/uploads/{id}/renew" => handlers::renew,
        get "/api/v1/uploads/{id}/removal" => handlers::removal,
        patch "/api/v1/uploads/{id}" => handlers::edit,
        delete "/api/v1/uploads/{id}" => handlers::withdraw,
    }
}

/// Builds the function's router, which Lambda runs and the laptop mounts.
pub fn router(app: App) -> Router {
    web::serve("uploads", &app.edge, calls()).with_state(app)
}
