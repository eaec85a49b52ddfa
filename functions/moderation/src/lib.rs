//! What moderators do: sign in, look at the queue, decide, read a photo's audit. Calls for programs under `/api/v1`, and the same
//! for forms under `/moderation`, so that deciding works without JavaScript.

mod answers;
mod decide;
mod forms;
mod handlers;
pub mod openapi;

use axum::{
    Router,
    extract::FromRef,
    routing::{get, post},
};
use shared::{
    runtime::{Clock, Environment},
    store::{
        Aws, Photos,
        buckets::{Originals, Public, Removals, Review},
        edges::Edges,
        editions::Editions,
        members::Members,
        outbox::{Purger, Rooms},
        queue::Queue,
        table::Table,
    },
    web,
};

pub use answers::{AuditAnswer, Decided, DecisionsAnswer, QueueAnswer, QueuePhoto, SessionView};

/// What this function reads from its environment.
#[derive(Clone, Debug)]
pub struct Config {
    table: String,
    originals: String,
    review: String,
    public: String,
    removals: String,
    distribution: String,
    site_origin: String,
}

impl Config {
    /// The variables, as `infra/functions.json` lists them.
    pub const VARS: &[&str] = &[
        "TABLE",
        "ORIGINALS_BUCKET",
        "REVIEW_BUCKET",
        "PUBLIC_BUCKET",
        "REMOVALS_BUCKET",
        "EDGE_DISTRIBUTION",
        "SITE_ORIGIN",
    ];

    /// Takes the values of [`Self::VARS`].
    pub fn from(environment: &Environment) -> Self {
        Self {
            table: environment.get("TABLE"),
            originals: environment.get("ORIGINALS_BUCKET"),
            review: environment.get("REVIEW_BUCKET"),
            public: environment.get("PUBLIC_BUCKET"),
            removals: environment.get("REMOVALS_BUCKET"),
            distribution: environment.get("EDGE_DISTRIBUTION"),
            site_origin: environment.get("SITE_ORIGIN"),
        }
    }
}

/// What the handlers work with.
#[derive(Clone, Debug)]
pub struct App {
    clock: Clock,
    editions: Editions,
    members: Members,
    photos: Photos,
    public: Public,
    purger: Purger,
    queue: Queue,
    review: Review,
    site_origin: String,
}

impl App {
    /// The function on these services.
    pub fn new(config: &Config, aws: &Aws, clock: Clock) -> Self {
        let table = Table::new(&aws.dynamodb, &config.table);
        let (review, public) = (Review::new(&aws.s3, &config.review), Public::new(&aws.s3, &config.public));
        let rooms = Rooms {
            originals: Originals::new(&aws.s3, &config.originals),
            review: review.clone(),
            public: public.clone(),
            removals: Removals::new(&aws.s3, &config.removals),
        };
        Self {
            editions: Editions::new(&table, &clock),
            members: Members::new(&table),
            photos: Photos::new(&table),
            purger: Purger::new(&table, rooms, Edges::new(&aws.cloudfront, &config.distribution)),
            queue: Queue::new(&table),
            site_origin: config.site_origin.clone(),
            public,
            review,
            clock,
        }
    }
}

impl FromRef<App> for Members {
    fn from_ref(app: &App) -> Self {
        app.members.clone()
    }
}

impl FromRef<App> for Clock {
    fn from_ref(app: &App) -> Self {
        app.clock.clone()
    }
}

/// All routes, as `infra/functions.json` lists them.
pub const ROUTES: &[&str] = &[
    "POST /api/v1/session",
    "GET /api/v1/session",
    "DELETE /api/v1/session",
    "GET /api/v1/moderation/queue",
    "POST /api/v1/moderation/decisions",
    "GET /api/v1/moderation/photos/{id}/audit",
    "POST /moderation/session",
    "POST /moderation/session/end",
    "POST /moderation/decisions",
];

/// The function's router: the value that Lambda runs and the laptop mounts.
pub fn router(app: App) -> Router {
    let session = post(handlers::sign_in).get(handlers::who).delete(handlers::sign_out);
    let router = Router::new()
        .route("/api/v1/session", session)
        .route("/api/v1/moderation/queue", get(handlers::queue))
        .route("/api/v1/moderation/decisions", post(handlers::decisions))
        .route("/api/v1/moderation/photos/{id}/audit", get(handlers::audit))
        .route("/moderation/session", post(forms::sign_in))
        .route("/moderation/session/end", post(forms::sign_out))
        .route("/moderation/decisions", post(forms::decide));
    web::serve("moderation", router).with_state(app)
}
