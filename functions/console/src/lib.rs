//! The console of moderators and organisers: signing in, the queue, decisions, reports, and running the day.
//!
//! There is one module for each subject. It holds, side by side, the page with its template, the forms of that page, and the API calls with
//! their requests and answers. Everything works without JavaScript except for creating keys, codes and passkeys: the answers to those are
//! shown once, and only by the browser.
//!
//! `shared::domain::access` says which role may do what; no handler checks a role.

mod day;
mod draws;
mod form;
mod layout;
pub mod openapi;
mod people;
mod photo;
mod quarantine;
mod queue;
mod reports;
mod session;
mod signed_in;
pub mod styleguide;

use axum::{Router, extract::FromRef, middleware, response::Response};
use http::StatusCode;
use shared::{
    domain::limits,
    pages::{
        Page,
        respond::{self, Responder},
    },
    runtime::{Clock, Environment},
    store::{
        Aws, Photos,
        activity::ActivityLog,
        blocklist::Blocklist,
        buckets::{Originals, Public, Removals, Review},
        budget::Budget,
        cdn::CdnInvalidation,
        counters::Counters,
        draw_steps::DrawSteps,
        draws::Draws,
        editions::{Editions, PhotoIds},
        exports::Exports,
        logos::Logos,
        members::Members,
        messages::Messages,
        outbox::{Buckets, Purger},
        queue::Queue,
        rates::Rates,
        relays::Relays,
        reports::Reports,
        similar_photos::SimilarPhotos,
        table::Table,
        task_runs::TaskRuns,
        twins::Twins,
        uploader_counters::UploaderCounters,
    },
    web::{self, Cache, EdgeSecrets, Problem, Site, routes},
};

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
    styleguide: bool,
    original_days: i64,
    beacon_relays: String,
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
        "ORIGINALS_QUEUE_URL",
        "SITE_ORIGIN",
        "STYLEGUIDE",
        "ORIGINAL_DAYS",
        "BEACON_RELAYS",
    ];

    /// Reads the configuration from the variables in [`Self::VARS`]. `STYLEGUIDE` is `on` or `off`.
    pub fn from(environment: &Environment) -> Self {
        Self {
            edge: EdgeSecrets::new(&environment.get("EDGE_SECRETS")),
            table: environment.get("TABLE"),
            originals: environment.get("ORIGINALS_BUCKET"),
            review: environment.get("REVIEW_BUCKET"),
            public: environment.get("PUBLIC_BUCKET"),
            removals: environment.get("REMOVALS_BUCKET"),
            distribution: environment.get("EDGE_DISTRIBUTION"),
            originals_queue: environment.get("ORIGINALS_QUEUE_URL"),
            site_origin: environment.get("SITE_ORIGIN"),
            styleguide: environment.get("STYLEGUIDE") == "on",
            original_days: environment.number("ORIGINAL_DAYS").unwrap_or(limits::ORIGINAL_DAYS),
            beacon_relays: environment.get("BEACON_RELAYS"),
        }
    }
}

/// The state that the handlers share.
#[derive(Clone, Debug)]
pub struct App {
    activity: ActivityLog,
    blocklist: Blocklist,
    look_alikes: SimilarPhotos,
    budget: Budget,
    clock: Clock,
    counters: Counters,
    draw_steps: DrawSteps,
    draws: Draws,
    edge: EdgeSecrets,
    editions: Editions,
    exports: Exports,
    logos: Logos,
    ids: PhotoIds,
    members: Members,
    messages: Messages,
    original_days: i64,
    photos: Photos,
    public: Public,
    purger: Purger,
    queue: Queue,
    rates: Rates,
    senders: UploaderCounters,
    reports: Reports,
    responder: Responder,
    review: Review,
    runs: TaskRuns,
    site: Site,
    styleguide: bool,
    twins: Twins,
}

impl App {
    /// Builds the function's state on these services.
    pub fn new(config: &Config, aws: &Aws, clock: Clock) -> Self {
        let table = Table::new(&aws.dynamodb, &config.table);
        let (review, public) = (Review::new(&aws.s3, &config.review), Public::new(&aws.s3, &config.public));
        let rooms = Buckets {
            originals: Originals::new(&aws.s3, &config.originals),
            review: review.clone(),
            public: public.clone(),
            removals: Removals::new(&aws.s3, &config.removals),
        };
        let editions = Editions::new(&table, &clock);
        Self {
            activity: ActivityLog::new(&table),
            blocklist: Blocklist::new(&table),
            look_alikes: SimilarPhotos::new(&table),
            budget: Budget::new(&table),
            counters: Counters::new(&table),
            draw_steps: DrawSteps::new(&table, &aws.s3, &config.public, Relays::new(&config.beacon_relays), &clock),
            draws: Draws::new(&table),
            edge: config.edge.clone(),
            // No page of the console uploads photos.
            responder: Responder::new(&editions, ""),
            editions,
            exports: Exports::new(&table),
            logos: Logos::new(&table),
            ids: PhotoIds::new(&table),
            members: Members::new(&table),
            messages: Messages::new(&aws.sqs, &config.originals_queue, &config.originals),
            photos: Photos::new(&table),
            purger: Purger::new(&table, rooms, CdnInvalidation::new(&aws.cloudfront, &config.distribution)),
            queue: Queue::new(&table),
            rates: Rates::new(&table),
            senders: UploaderCounters::new(&table),
            reports: Reports::new(&table),
            runs: TaskRuns::new(&table),
            twins: Twins::new(&table),
            original_days: config.original_days,
            styleguide: config.styleguide,
            site: Site::new(&config.site_origin),
            public,
            review,
            clock,
        }
    }

    /// Answers with a page that no cache keeps.
    async fn page(&self, page: &(impl Page + Sync)) -> Result<Response, Problem> {
        self.page_with(StatusCode::OK, page).await
    }

    /// Answers with a page that no cache keeps, and this status.
    async fn page_with(&self, status: StatusCode, page: &(impl Page + Sync)) -> Result<Response, Problem> {
        self.responder.page(status, Cache::Never, page).await
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

routes! {
    calls {
        post "/api/v1/session" => session::api::sign_in,
        get "/api/v1/session" => session::api::who,
        delete "/api/v1/session" => session::api::sign_out,
        post "/api/v1/session/passkey/begin" => session::api::begin_use,
        post "/api/v1/session/passkey/finish" => session::api::finish_use,
        post "/api/v1/session/passkeys/begin" => session::api::begin_passkey,
        post "/api/v1/session/passkeys/finish" => session::api::finish_passkey,
        get "/api/v1/moderation/queue" => queue::api::queue,
        get "/api/v1/moderation/waiting" => queue::api::waiting,
        post "/api/v1/moderation/decisions" => queue::api::decisions,
        patch "/api/v1/moderation/photos/{id}" => photo::api::words,
        post "/api/v1/moderation/photos/{id}/redact" => photo::api::redact,
        put "/api/v1/moderation/photos/{id}/pick" => photo::api::pick,
        get "/api/v1/moderation/photos/{id}/audit" => photo::api::audit,
        get "/api/v1/moderation/reports" => reports::api::reported,
        get "/api/v1/moderation/quarantine" => quarantine::api::quarantine,
        post "/api/v1/photos/{id}/reports" => reports::api::report,
        get "/api/v1/organiser/dashboard" => day::api::dashboard,
        get "/api/v1/organiser/activity" => day::api::activity,
        get "/api/v1/organiser/export" => day::export::export,
        post "/api/v1/organiser/phase" => day::api::phase,
        put "/api/v1/organiser/switches" => day::api::switches,
        put "/api/v1/organiser/banner" => day::api::banner,
        put "/api/v1/organiser/logos" => day::api::logo,
        put "/api/v1/organiser/settings" => day::api::settings,
        get "/api/v1/organiser/draws" => draws::api::draws,
        get "/api/v1/organiser/draws/{id}" => draws::api::show,
        post "/api/v1/organiser/draws/{id}/steps" => draws::api::steps,
        post "/api/v1/organiser/draws/{id}/places" => draws::api::places,
        post "/api/v1/organiser/draws/{id}/rehearsals" => draws::api::rehearsals,
        get "/api/v1/organiser/draws/{id}/contacts" => draws::api::contacts,
        get "/api/v1/organiser/people" => people::api::list,
        post "/api/v1/organiser/people" => people::api::invite,
        patch "/api/v1/organiser/people/{id}" => people::api::change,
        delete "/api/v1/organiser/people/{id}" => people::api::leave,
        post "/api/v1/organiser/keys" => people::api::mint,
        delete "/api/v1/organiser/keys/{id}" => people::api::revoke,
        delete "/api/v1/organiser/sessions/{id}" => people::api::end,
    }
    pages {
        get "/moderation/sign-in" => session::sign_in_page::show,
        get "/moderation/start" => session::form::start,
        post "/moderation/session" => session::form::sign_in,
        post "/moderation/session/end" => session::form::sign_out,
        get "/moderation/you" => session::account_page::show,
        post "/moderation/you/passkeys/remove" => session::form::remove_passkey,
        post "/moderation/you/sessions/end" => session::form::end_own,
        get "/moderation/queue" => queue::page::show,
        post "/moderation/decisions" => queue::form::decision,
        post "/moderation/reports/shown" => queue::form::show_all,
        get "/moderation/photos/{id}" => photo::page::show,
        post "/moderation/photos/{id}/words" => photo::form::words,
        post "/moderation/photos/{id}/pick" => photo::form::pick,
        get "/moderation/photos/{id}/cover" => photo::cover_page::show,
        post "/moderation/photos/{id}/covers" => photo::form::covers,
        get "/moderation/quarantine" => quarantine::page::show,
        post "/moderation/quarantine/decisions" => quarantine::form::decision,
        post "/photos/{id}/reports" => reports::form::report,
        get "/organiser" => day::dashboard_page::show,
        get "/organiser/day" => day::page::show,
        post "/organiser/day/phase" => day::form::phase,
        post "/organiser/day/switches" => day::form::switches,
        post "/organiser/day/banner" => day::form::banner,
        post "/organiser/day/settings" => day::form::settings,
        get "/organiser/activity" => day::activity_page::show,
        get "/organiser/draws" => draws::list_page::show,
        get "/organiser/draws/{id}" => draws::page::show,
        post "/organiser/draws/{id}/steps" => draws::form::steps,
        post "/organiser/draws/{id}/places" => draws::form::places,
        post "/organiser/draws/{id}/rehearsals" => draws::form::rehearsals,
        get "/organiser/people" => people::page::show,
        post "/organiser/people/revoke" => people::form::leave,
        post "/organiser/keys/revoke" => people::form::revoke,
        post "/organiser/sessions/end" => people::form::end,
        get "/moderation/styleguide" => styleguide::index,
        get "/moderation/styleguide/{name}" => styleguide::show,
    }
}

/// Builds the function's router, which Lambda runs and the laptop mounts.
pub fn router(app: App) -> Router {
    let problems = middleware::from_fn_with_state(app.responder.clone(), respond::problems_as_pages);
    web::serve("console", &app.edge, calls().merge(pages().layer(problems))).with_state(app)
}
