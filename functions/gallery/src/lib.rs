//! Public reads: the event, the editions, feeds, photos, figures, what walls ask for, and the forms in which other programs take
//! the gallery along. No cookie, cacheable, each with an entity tag.

mod answers;
mod handlers;
mod oembed;
pub mod openapi;
mod syndication;
mod wall;

use std::sync::Arc;

use axum::{Router, routing::get};
use shared::{
    runtime::{Clock, Environment},
    store::{
        Aws, Photos, buckets::Review, editions::Editions, gallery::Gallery, queue::Counters, schools::Schools,
        table::Table, walls::Walls,
    },
    web::{self, EdgeSecrets},
};

pub use answers::{
    EditionView, Editions as EditionsAnswer, EventView, FeedAnswer, LimitsView, SchoolView, SchoolsAnswer, StatsAnswer,
};
pub use wall::WallAnswer;

/// What this function reads from its environment.
#[derive(Clone, Debug)]
pub struct Config {
    edge: EdgeSecrets,
    table: String,
    review: String,
    site_origin: String,
}

impl Config {
    /// The variables, as `infra/functions.json` lists them.
    pub const VARS: &[&str] = &["EDGE_SECRETS", "TABLE", "REVIEW_BUCKET", "SITE_ORIGIN"];

    /// Takes the values of [`Self::VARS`].
    pub fn from(environment: &Environment) -> Self {
        Self {
            edge: EdgeSecrets::of(&environment.get("EDGE_SECRETS")),
            table: environment.get("TABLE"),
            review: environment.get("REVIEW_BUCKET"),
            site_origin: environment.get("SITE_ORIGIN").trim_end_matches('/').to_owned(),
        }
    }
}

/// What the handlers work with.
#[derive(Clone, Debug)]
pub struct App {
    clock: Clock,
    counters: Counters,
    edge: EdgeSecrets,
    editions: Editions,
    gallery: Gallery,
    photos: Photos,
    schools: Schools,
    site_origin: Arc<str>,
    walls: Walls,
}

impl App {
    /// The function on these services.
    pub fn new(config: &Config, aws: &Aws, clock: Clock) -> Self {
        let table = Table::new(&aws.dynamodb, &config.table);
        let review = Review::new(&aws.s3, &config.review);
        Self {
            counters: Counters::new(&table),
            edge: config.edge.clone(),
            editions: Editions::new(&table, &clock),
            gallery: Gallery::new(&table, &review, &clock),
            photos: Photos::new(&table),
            schools: Schools::new(&table),
            site_origin: config.site_origin.as_str().into(),
            walls: Walls::new(&table),
            clock,
        }
    }
}

/// All routes, as `infra/functions.json` lists them.
pub const ROUTES: &[&str] = &[
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

/// The function's router: the value that Lambda runs and the laptop mounts.
pub fn router(app: App) -> Router {
    let router = Router::new()
        .route("/api/v1/event", get(handlers::event))
        .route("/api/v1/editions", get(handlers::editions))
        .route("/api/v1/photos", get(handlers::list_photos))
        .route("/api/v1/photos/{id}", get(handlers::get_photo))
        .route("/api/v1/schools", get(handlers::find_schools))
        .route("/api/v1/wall", get(wall::wall))
        .route("/api/v1/stats", get(handlers::stats))
        .route("/api/v1/openapi.json", get(openapi::serve))
        .route("/feed.xml", get(syndication::rss))
        .route("/feed.json", get(syndication::json))
        .route("/oembed", get(oembed::oembed));
    web::serve("gallery", &app.edge, router).with_state(app)
}
