//! What moderators and organisers do: sign in, look at the queue, decide, answer reports, run the day. Calls for programs under
//! `/api/v1`, and the same for forms under `/moderation` and `/organiser`, so that all of it works without JavaScript.
//!
//! Who may call what stands in `shared::domain::access`; here no handler asks for a role.

mod answers;
mod decide;
mod forms;
mod handlers;
pub mod openapi;
mod passkeys;

use axum::{
    Router,
    extract::FromRef,
    routing::{delete, get, patch, post, put},
};
use shared::{
    runtime::{Clock, Environment},
    store::{
        Aws, Photos,
        activity::ActivityLog,
        blocklist::Blocklist,
        buckets::{Originals, Public, Removals, Review},
        budget::Budget,
        edges::Edges,
        editions::{Editions, PhotoIds},
        exports::Exports,
        look_alikes::LookAlikes,
        members::{Members, Rates},
        messages::Messages,
        outbox::{Purger, Rooms},
        queue::Queue,
        reports::Reports,
        runs::Runs,
        senders::Senders,
        table::Table,
        twins::Twins,
    },
    web::{self, EdgeSecrets, Site},
};

pub use answers::{AuditAnswer, Decided, DecisionsAnswer, QueueAnswer, QueuePhoto, SessionView};

/// What this function reads from its environment.
#[derive(Clone, Debug)]
pub struct Config {
    edge: EdgeSecrets,
    table: String,
    originals: String,
    review: String,
    public: String,
    removals: String,
    distribution: String,
    originals_queue: String,
    site_origin: String,
}

impl Config {
    /// The variables, as `infra/functions.json` lists them.
    pub const VARS: &[&str] = &[
        "EDGE_SECRETS",
        "TABLE",
        "ORIGINALS_BUCKET",
        "REVIEW_BUCKET",
        "PUBLIC_BUCKET",
        "REMOVALS_BUCKET",
        "EDGE_DISTRIBUTION",
        "ORIGINALS_QUEUE_URL",
        "SITE_ORIGIN",
    ];

    /// Takes the values of [`Self::VARS`].
    pub fn from(environment: &Environment) -> Self {
        Self {
            edge: EdgeSecrets::of(&environment.get("EDGE_SECRETS")),
            table: environment.get("TABLE"),
            originals: environment.get("ORIGINALS_BUCKET"),
            review: environment.get("REVIEW_BUCKET"),
            public: environment.get("PUBLIC_BUCKET"),
            removals: environment.get("REMOVALS_BUCKET"),
            distribution: environment.get("EDGE_DISTRIBUTION"),
            originals_queue: environment.get("ORIGINALS_QUEUE_URL"),
            site_origin: environment.get("SITE_ORIGIN"),
        }
    }
}

/// What the handlers work with.
#[derive(Clone, Debug)]
pub struct App {
    activity: ActivityLog,
    blocklist: Blocklist,
    look_alikes: LookAlikes,
    budget: Budget,
    clock: Clock,
    edge: EdgeSecrets,
    editions: Editions,
    exports: Exports,
    ids: PhotoIds,
    members: Members,
    messages: Messages,
    photos: Photos,
    public: Public,
    purger: Purger,
    queue: Queue,
    rates: Rates,
    senders: Senders,
    reports: Reports,
    review: Review,
    runs: Runs,
    site: Site,
    table: Table,
    twins: Twins,
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
            activity: ActivityLog::new(&table),
            blocklist: Blocklist::new(&table),
            look_alikes: LookAlikes::new(&table),
            budget: Budget::new(&table),
            edge: config.edge.clone(),
            editions: Editions::new(&table, &clock),
            exports: Exports::new(&table),
            ids: PhotoIds::new(&table),
            members: Members::new(&table),
            messages: Messages::new(&aws.sqs, &config.originals_queue, &config.originals),
            photos: Photos::new(&table),
            purger: Purger::new(&table, rooms, Edges::new(&aws.cloudfront, &config.distribution)),
            queue: Queue::new(&table),
            rates: Rates::new(&table),
            senders: Senders::new(&table),
            reports: Reports::new(&table),
            runs: Runs::new(&table),
            twins: Twins::new(&table),
            table,
            site: Site::new(&config.site_origin),
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

impl FromRef<App> for Site {
    fn from_ref(app: &App) -> Self {
        app.site.clone()
    }
}

impl FromRef<App> for Clock {
    fn from_ref(app: &App) -> Self {
        app.clock.clone()
    }
}

/// Declares the routes, and the list of them that `infra/functions.json` is compared with.
macro_rules! routes {
    ($($method:ident $path:literal => $handler:path,)*) => {
        /// All routes, as `infra/functions.json` lists them.
        pub const ROUTES: &[&str] = &[$(routes!(@name $method $path)),*];

        fn routes() -> Router<App> {
            Router::new()$(.route($path, $method($handler)))*
        }
    };
    (@name get $path:literal) => { concat!("GET ", $path) };
    (@name post $path:literal) => { concat!("POST ", $path) };
    (@name put $path:literal) => { concat!("PUT ", $path) };
    (@name patch $path:literal) => { concat!("PATCH ", $path) };
    (@name delete $path:literal) => { concat!("DELETE ", $path) };
}

routes! {
    post "/api/v1/session" => handlers::session::sign_in,
    get "/api/v1/session" => handlers::session::who,
    delete "/api/v1/session" => handlers::session::sign_out,
    post "/api/v1/session/passkey/begin" => handlers::session::begin_use,
    post "/api/v1/session/passkey/finish" => handlers::session::finish_use,
    post "/api/v1/session/passkeys/begin" => handlers::session::begin_passkey,
    post "/api/v1/session/passkeys/finish" => handlers::session::finish_passkey,
    get "/api/v1/moderation/queue" => handlers::queue::queue,
    get "/api/v1/moderation/waiting" => handlers::queue::waiting,
    post "/api/v1/moderation/decisions" => handlers::queue::decisions,
    patch "/api/v1/moderation/photos/{id}" => handlers::photos::words,
    post "/api/v1/moderation/photos/{id}/redact" => handlers::photos::redact,
    get "/api/v1/moderation/photos/{id}/audit" => handlers::photos::audit,
    get "/api/v1/moderation/reports" => handlers::reports::reported,
    get "/api/v1/moderation/quarantine" => handlers::reports::quarantine,
    post "/api/v1/photos/{id}/reports" => handlers::reports::report,
    get "/api/v1/organiser/dashboard" => handlers::day::dashboard,
    get "/api/v1/organiser/activity" => handlers::day::activity,
    get "/api/v1/organiser/export" => handlers::export::export,
    post "/api/v1/organiser/phase" => handlers::day::phase,
    put "/api/v1/organiser/switches" => handlers::day::switches,
    put "/api/v1/organiser/banner" => handlers::day::banner,
    put "/api/v1/organiser/settings" => handlers::day::settings,
    get "/api/v1/organiser/people" => handlers::people::list,
    post "/api/v1/organiser/people" => handlers::people::invite,
    patch "/api/v1/organiser/people/{id}" => handlers::people::change,
    delete "/api/v1/organiser/people/{id}" => handlers::people::leave,
    post "/api/v1/organiser/keys" => handlers::people::mint,
    delete "/api/v1/organiser/keys/{id}" => handlers::people::revoke,
    delete "/api/v1/organiser/sessions/{id}" => handlers::people::end,
    post "/moderation/session" => forms::sign_in,
    post "/moderation/session/end" => forms::sign_out,
    post "/moderation/decisions" => forms::decide,
    post "/moderation/reports/shown" => forms::show_all,
    post "/moderation/photos/{id}/words" => forms::words,
    post "/moderation/photos/{id}/covers" => forms::covers,
    post "/moderation/quarantine/decisions" => forms::unlock,
    post "/moderation/you/passkeys/remove" => forms::remove_passkey,
    post "/moderation/you/sessions/end" => forms::end_own,
    post "/photos/{id}/reports" => forms::report,
    post "/organiser/day/phase" => forms::phase,
    post "/organiser/day/switches" => forms::switches,
    post "/organiser/day/banner" => forms::banner,
    post "/organiser/day/settings" => forms::settings,
    post "/organiser/people/revoke" => forms::leave,
    post "/organiser/keys/revoke" => forms::revoke,
    post "/organiser/sessions/end" => forms::end,
}

/// The function's router: the value that Lambda runs and the laptop mounts.
pub fn router(app: App) -> Router {
    web::serve("moderation", &app.edge, routes()).with_state(app)
}
