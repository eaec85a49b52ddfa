//! The public site: server-rendered pages, and the files that they need.
//!
//! A page is a struct in [`pages`] with exactly the values that its template in `templates/` prints. What all pages share (layout,
//! languages, addresses, assets) is in [`shared::pages`]; the pages of moderators and organisers are in `functions/console`.

pub mod files;
pub mod pages;
pub mod share;
pub mod state;

use std::sync::Arc;

use axum::{Router, middleware, response::Response};
use http::StatusCode;
use shared::{
    domain::limits,
    pages::{
        Page,
        respond::{self, Responder},
    },
    runtime::{Clock, Environment},
    store::{
        Aws, Photos, buckets::Review, counters::Counters, draws::Draws, editions::Editions, gallery::Gallery,
        logos::Logos, table::Table,
    },
    web::{self, Cache, EdgeSecrets, Problem, routes},
};

use crate::pages::{
    add, day, draws, embed, gallery, home, mine, photo, poster, problems, report, school, schools, stats, styleguide,
    texts, thanks, transparency, wall,
};

/// What this function reads from its environment.
#[derive(Clone, Debug)]
pub struct Config {
    edge: EdgeSecrets,
    table: String,
    review: String,
    site_origin: String,
    upload_origin: String,
    styleguide: bool,
    original_days: i64,
}

impl Config {
    /// The names of the environment variables, as `infra/functions.json` lists them.
    pub const VARS: &[&str] =
        &["EDGE_SECRETS", "TABLE", "REVIEW_BUCKET", "SITE_ORIGIN", "UPLOAD_ORIGIN", "STYLEGUIDE", "ORIGINAL_DAYS"];

    /// Reads the configuration from the variables in [`Self::VARS`]. `SITE_ORIGIN` is the site's origin, such as
    /// `https://photos.example.org`; `UPLOAD_ORIGIN` is the origin to which browsers upload photos; `STYLEGUIDE` is `on` or `off`.
    pub fn from(environment: &Environment) -> Self {
        Self {
            edge: EdgeSecrets::new(&environment.get("EDGE_SECRETS")),
            table: environment.get("TABLE"),
            review: environment.get("REVIEW_BUCKET"),
            site_origin: environment.get("SITE_ORIGIN").trim_end_matches('/').to_owned(),
            upload_origin: environment.get("UPLOAD_ORIGIN").trim_end_matches('/').to_owned(),
            styleguide: environment.get("STYLEGUIDE") == "on",
            original_days: environment.number("ORIGINAL_DAYS").unwrap_or(limits::ORIGINAL_DAYS),
        }
    }
}

/// The state that the handlers share.
#[derive(Clone, Debug)]
pub struct App {
    clock: Clock,
    counters: Counters,
    draws: Draws,
    edge: EdgeSecrets,
    editions: Editions,
    gallery: Gallery,
    logos: Logos,
    original_days: i64,
    photos: Photos,
    responder: Responder,
    site_origin: Arc<str>,
    styleguide: bool,
    upload_origin: Arc<str>,
}

impl App {
    /// Builds the function's state on these services.
    pub fn new(config: &Config, aws: &Aws, clock: Clock) -> Self {
        let table = Table::new(&aws.dynamodb, &config.table);
        let review = Review::new(&aws.s3, &config.review);
        let editions = Editions::new(&table, &clock);
        Self {
            counters: Counters::new(&table),
            draws: Draws::new(&table),
            edge: config.edge.clone(),
            gallery: Gallery::new(&table, &review, &clock),
            logos: Logos::new(&table),
            photos: Photos::new(&table),
            responder: Responder::new(&editions, &config.upload_origin),
            site_origin: config.site_origin.as_str().into(),
            original_days: config.original_days,
            styleguide: config.styleguide,
            upload_origin: config.upload_origin.as_str().into(),
            editions,
            clock,
        }
    }

    /// Answers with a page.
    async fn page(&self, status: StatusCode, cache: Cache, page: &(impl Page + Sync)) -> Result<Response, Problem> {
        self.responder.page(status, cache, page).await
    }
}

routes! {
    pages {
        get "/" => home::show,
        get "/add" => add::show,
        get "/mine" => mine::show,
        get "/gallery" => gallery::show,
        get "/p/{id}" => photo::show,
        get "/p/{id}/report" => report::show,
        get "/s/{school}" => school::show,
        get "/s/{school}/certificate" => school::certificate,
        get "/s/{school}/sheet" => school::sheet,
        get "/s/{school}/thanks" => thanks::show,
        get "/schools" => schools::show,
        get "/wall" => wall::show,
        get "/day" => day::show,
        get "/stats" => stats::show,
        get "/embed/p/{id}" => embed::photo,
        get "/embed/gallery" => embed::gallery,
        get "/draws/{id}" => draws::show,
        get "/draws/{id}/verify" => draws::verify,
        get "/poster" => poster::show,
        get "/take-part" => texts::take_part,
        get "/rules" => texts::rules,
        get "/privacy" => texts::privacy,
        get "/accessibility" => texts::accessibility,
        get "/safety" => texts::safety,
        get "/problems/" => problems::index,
        get "/problems/{name}" => problems::show,
        get "/transparency" => transparency::show,
        get "/styleguide" => styleguide::index,
        get "/styleguide/{name}" => styleguide::show,
        get "/assets/{digest}/{*path}" => files::asset,
        get "/cy/" => home::show,
        get "/cy/gallery" => gallery::show,
        get "/cy/add" => add::show,
        get "/cy/mine" => mine::show,
        get "/cy/p/{id}" => photo::show,
        get "/cy/p/{id}/report" => report::show,
        get "/cy/s/{school}" => school::show,
        get "/cy/s/{school}/certificate" => school::certificate,
        get "/cy/s/{school}/sheet" => school::sheet,
        get "/cy/s/{school}/thanks" => thanks::show,
        get "/cy/schools" => schools::show,
        get "/cy/day" => day::show,
        get "/cy/draws/{id}" => draws::show,
        get "/cy/draws/{id}/verify" => draws::verify,
        get "/cy/poster" => poster::show,
        get "/cy/take-part" => texts::take_part,
        get "/cy/rules" => texts::rules,
        get "/cy/safety" => texts::safety,
        get "/cy/{edition}/" => gallery::of_edition,
        get "/favicon.svg" => files::favicon,
        get "/favicon.ico" => files::favicon,
        get "/manifest.webmanifest" => files::manifest,
        get "/service-worker.js" => files::service_worker,
        get "/qr/{name}" => files::qr_code,
        get "/logos/{name}" => files::logo,
        get "/offline" => files::offline,
        get "/robots.txt" => files::robots,
        get "/{edition}" => gallery::to_edition,
        get "/{edition}/" => gallery::of_edition,
    }
}

/// Builds the function's router, which Lambda runs and the laptop mounts.
pub fn router(app: App) -> Router {
    let problems = middleware::from_fn_with_state(app.responder.clone(), respond::problems_as_pages);
    web::serve("site", &app.edge, pages()).layer(problems).with_state(app)
}
