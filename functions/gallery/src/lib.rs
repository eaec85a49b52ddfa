//! Public reads: the event, editions, feeds, photos, figures, changes for walls, and the formats in which other programs take the gallery
//! (RSS, JSON Feed, oEmbed). No answer depends on a cookie; all can be cached and have an entity tag.

mod answers;
mod handlers;
mod oembed;
pub mod openapi;
mod syndication;
mod wall;

use std::sync::Arc;

use axum::Router;
use shared::{
    runtime::{Clock, Environment},
    store::{
        Aws, Photos, buckets::Review, counters::Counters, editions::Editions, gallery::Gallery, schools::Schools,
        table::Table, wall_feed::WallFeed,
    },
    web::{self, EdgeSecrets, routes},
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
    /// The names of the environment variables, as `infra/functions.json` lists them.
    pub const VARS: &[&str] = &["EDGE_SECRETS", "TABLE", "REVIEW_BUCKET", "SITE_ORIGIN"];

    /// Reads the configuration from the variables in [`Self::VARS`].
    pub fn from(environment: &Environment) -> Self {
        Self {
            edge: EdgeSecrets::new(&environment.get("EDGE_SECRETS")),
            table: environment.get("TABLE"),
            review: environment.get("REVIEW_BUCKET"),
            site_origin: environment.get("SITE_ORIGIN").trim_end_matches('/').to_owned(),
        }
    }
}

/// The state that the handlers share.
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
    walls: WallFeed,
}

impl App {
    /// Builds the function's state on these services.
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
            walls: WallFeed::new(&table),
            clock,
        }
    }
}

routes! {
    calls {
        get "/api/v1/event" => handlers::event,
        get "/api/v1/editions" => handlers::editions,
        get "/api/v1/photos" => handlers::list_photos,
        get "/api/v1/photos/{id}" => handlers::get_photo,
        get "/api/v1/schools" => handlers::find_schools,
        get "/api/v1/wall" => wall::wall,
        get "/api/v1/stats" => handlers::stats,
        get "/api/v1/openapi.json" => openapi::serve,
        get "/feed.xml" => syndication::rss,
        get "/feed.json" => syndication::json,
        get "/oembed" => oembed::oembed,
    }
}

/// Builds the function's router, which Lambda runs and the laptop mounts.
pub fn router(app: App) -> Router {
    web::serve("gallery", &app.edge, calls()).with_state(app)
}
