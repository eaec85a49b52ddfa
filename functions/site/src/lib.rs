//! The public site: server-rendered pages, and the files that they need.
//!
//! A page is a struct in [`pages`] with exactly what its template in `templates/` prints. What all pages share (layout, languages,
//! addresses, assets) is in [`shared::pages`]; the pages of moderators and organisers are in `functions/console`.

pub mod config;
pub mod files;
pub mod pages;
pub mod share;
pub mod state;

use std::sync::Arc;

use axum::{Router, extract::FromRef, middleware, response::Response, routing::get};
use http::StatusCode;
use shared::{
    pages::{
        Page,
        respond::{self, Responder},
    },
    runtime::Clock,
    store::{
        Aws, Photos,
        activity::ActivityLog,
        buckets::Review,
        budget::Budget,
        editions::Editions,
        gallery::Gallery,
        members::Members,
        queue::{Counters, Queue},
        reports::Reports,
        runs::Runs,
        senders::Senders,
        table::Table,
    },
    web::{Cache, Problem, Site, serve},
};

use crate::{
    config::Config,
    pages::{
        add, day, embed, gallery, home, mine, moderation, organiser, photo, poster, problems, report, school, schools,
        stats, styleguide, texts, thanks, transparency, wall,
    },
};

/// What the handlers work with.
#[derive(Clone, Debug)]
pub struct App {
    /// Tells the time.
    pub clock: Clock,
    /// The editions.
    pub editions: Editions,
    /// What everybody sees.
    pub gallery: Gallery,
    /// The photos.
    pub photos: Photos,
    /// What waits for a decision.
    pub queue: Queue,
    /// What was reported.
    pub reports: Reports,
    /// What members did.
    pub activity: ActivityLog,
    /// What the schedule did.
    pub runs: Runs,
    /// What devices have sent.
    pub senders: Senders,
    /// What this hour has brought.
    pub budget: Budget,
    /// What is counted.
    pub counters: Counters,
    /// Who may decide.
    pub members: Members,
    /// Renditions before a decision.
    pub review: Review,
    /// Where a request that changes something has to come from.
    pub site: Site,
    /// Answers with pages.
    pub responder: Responder,
    /// The function's settings.
    pub config: Arc<Config>,
}

impl App {
    /// The app over these services.
    pub fn new(aws: &Aws, config: Config, clock: Clock) -> Self {
        let table = Table::new(&aws.dynamodb, &config.table);
        let review = Review::new(&aws.s3, &config.review_bucket);
        let editions = Editions::new(&table, &clock);
        Self {
            responder: Responder::new(&editions, &config.upload_origin),
            editions,
            gallery: Gallery::new(&table, &review, &clock),
            photos: Photos::new(&table),
            queue: Queue::new(&table),
            reports: Reports::new(&table),
            activity: ActivityLog::new(&table),
            runs: Runs::new(&table),
            senders: Senders::new(&table),
            budget: Budget::new(&table),
            counters: Counters::new(&table),
            members: Members::new(&table),
            site: Site::new(&config.site_origin),
            review,
            clock,
            config: Arc::new(config),
        }
    }

    /// Answers with a page.
    pub async fn page(&self, status: StatusCode, cache: Cache, page: &(impl Page + Sync)) -> Result<Response, Problem> {
        self.responder.page(status, cache, page).await
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

/// Declares the routes, and the list of them that the infrastructure is compared with.
macro_rules! routes {
    ($($path:literal => $handler:path,)*) => {
        /// Every route, as method and path. `HEAD` goes with each `GET`.
        pub const ROUTES: &[(&str, &str)] = &[$(("GET", $path)),*];

        fn routes() -> Router<App> {
            Router::new()$(.route($path, get($handler)))*
        }
    };
}

routes! {
    "/" => home::show,
    "/add" => add::show,
    "/mine" => mine::show,
    "/gallery" => gallery::show,
    "/p/{id}" => photo::show,
    "/p/{id}/report" => report::show,
    "/s/{school}" => school::show,
    "/s/{school}/certificate" => school::certificate,
    "/s/{school}/sheet" => school::sheet,
    "/s/{school}/thanks" => thanks::show,
    "/schools" => schools::show,
    "/wall" => wall::show,
    "/day" => day::show,
    "/stats" => stats::show,
    "/embed/p/{id}" => embed::photo,
    "/embed/gallery" => embed::gallery,
    "/poster" => poster::show,
    "/take-part" => texts::take_part,
    "/rules" => texts::rules,
    "/privacy" => texts::privacy,
    "/accessibility" => texts::accessibility,
    "/safety" => texts::safety,
    "/problems/" => problems::index,
    "/problems/{name}" => problems::show,
    "/moderation/sign-in" => moderation::sign_in::show,
    "/moderation/queue" => moderation::queue::show,
    "/moderation/photos/{id}" => moderation::photo::show,
    "/moderation/photos/{id}/cover" => moderation::cover::show,
    "/moderation/quarantine" => moderation::quarantine::show,
    "/moderation/you" => moderation::you::show,
    "/organiser" => organiser::dashboard::show,
    "/organiser/day" => organiser::day::show,
    "/organiser/people" => organiser::people::show,
    "/organiser/activity" => organiser::activity::show,
    "/transparency" => transparency::show,
    "/styleguide" => styleguide::index,
    "/styleguide/{name}" => styleguide::show,
    "/assets/{digest}/{*path}" => files::asset,
    "/cy/" => home::show,
    "/cy/gallery" => gallery::show,
    "/cy/add" => add::show,
    "/cy/mine" => mine::show,
    "/cy/p/{id}" => photo::show,
    "/cy/p/{id}/report" => report::show,
    "/cy/s/{school}" => school::show,
    "/cy/s/{school}/certificate" => school::certificate,
    "/cy/s/{school}/sheet" => school::sheet,
    "/cy/s/{school}/thanks" => thanks::show,
    "/cy/schools" => schools::show,
    "/cy/day" => day::show,
    "/cy/poster" => poster::show,
    "/cy/take-part" => texts::take_part,
    "/cy/rules" => texts::rules,
    "/cy/safety" => texts::safety,
    "/cy/{edition}/" => gallery::of_edition,
    "/favicon.svg" => files::favicon,
    "/favicon.ico" => files::favicon,
    "/manifest.webmanifest" => files::manifest,
    "/service-worker.js" => files::service_worker,
    "/qr/{name}" => files::qr_code,
    "/offline" => files::offline,
    "/robots.txt" => files::robots,
    "/{edition}" => gallery::to_edition,
    "/{edition}/" => gallery::of_edition,
}

/// The function's router.
pub fn router(app: App) -> Router {
    serve("site", &app.config.edge, routes())
        .layer(middleware::from_fn_with_state(app.responder.clone(), respond::problems_as_pages))
        .with_state(app)
}
