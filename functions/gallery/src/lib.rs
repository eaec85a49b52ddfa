//! Public reads: the event, the editions, feeds and photos. No cookie, cacheable, each with an entity tag.

mod answers;
mod handlers;
pub mod openapi;

use axum::{Router, routing::get};
use shared::{
    runtime::{Clock, Environment},
    store::{Aws, Photos, editions::Editions, feed::Feeds, queue::Counters, schools::Schools, table::Table},
    web,
};

pub use answers::{
    EditionView, Editions as EditionsAnswer, EventView, FeedAnswer, LimitsView, SchoolView, SchoolsAnswer,
};

/// What this function reads from its environment.
#[derive(Clone, Debug)]
pub struct Config {
    table: String,
}

impl Config {
    /// The variables, as `infra/functions.json` lists them.
    pub const VARS: &[&str] = &["TABLE"];

    /// Takes the values of [`Self::VARS`].
    pub fn from(environment: &Environment) -> Self {
        Self { table: environment.get("TABLE") }
    }
}

/// What the handlers work with.
#[derive(Clone, Debug)]
pub struct App {
    clock: Clock,
    counters: Counters,
    editions: Editions,
    feeds: Feeds,
    photos: Photos,
    schools: Schools,
}

impl App {
    /// The function on these services.
    pub fn new(config: &Config, aws: &Aws, clock: Clock) -> Self {
        let table = Table::new(&aws.dynamodb, &config.table);
        Self {
            counters: Counters::new(&table),
            editions: Editions::new(&table, &clock),
            feeds: Feeds::new(&table),
            photos: Photos::new(&table),
            schools: Schools::new(&table),
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
    "GET /api/v1/openapi.json",
];

/// The function's router: the value that Lambda runs and the laptop mounts.
pub fn router(app: App) -> Router {
    let router = Router::new()
        .route("/api/v1/event", get(handlers::event))
        .route("/api/v1/editions", get(handlers::editions))
        .route("/api/v1/photos", get(handlers::list_photos))
        .route("/api/v1/photos/{id}", get(handlers::get_photo))
        .route("/api/v1/schools", get(handlers::find_schools))
        .route("/api/v1/openapi.json", get(openapi::serve));
    web::serve("gallery", router).with_state(app)
}
