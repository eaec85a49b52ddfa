//! `/transparency`: how many photos were received, published, rejected and reported, and how long decisions took.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use shared::{
    domain::{
        dashboard::{Dashboard, rejected_words},
        report::ReportReason,
    },
    pages::{
        Page, format,
        lang::Lang,
        layout::{Layout, Nav},
        sample,
    },
    web::{Cache, Problem},
};

use crate::App;

/// The page of the current edition's figures.
#[derive(Clone, Debug, Template)]
#[template(path = "transparency.html")]
pub struct Transparency {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The edition's name; empty if there is no edition.
    pub edition: String,
    /// The figures.
    pub figures: Vec<Figure>,
    /// Number of rejected photos for each reason.
    pub rejected: Vec<Figure>,
    /// The reasons for reports, and how many reports for each hide a photo.
    pub rules: Vec<(&'static str, u32)>,
}

/// One figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The figure's name.
    pub name: &'static str,
    /// The figure's value.
    pub value: String,
    /// How it was counted.
    pub method: &'static str,
}

impl Page for Transparency {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Transparency {
    /// Builds the page of an edition's figures.
    pub fn new(edition: &str, picture: &Dashboard) -> Self {
        let figure = |name, value: i64, method| Figure { name, value: format::grouped(value), method };
        let wait = Figure {
            name: "Half were decided within",
            value: picture.median_wait_seconds.map_or_else(|| "–".to_owned(), format::span),
            method: "From registering a photo to a person's first decision about it, to the next power of two.",
        };
        Self {
            layout: Layout::public("Transparency", Nav::None)
                .described("What was received, published, rejected and reported.")
                .with_styles(&["css/components/moderation.css"]),
            edition: edition.to_owned(),
            figures: vec![
                figure("Received", picture.received, "Photos whose file arrived, whatever became of them."),
                figure("Published", picture.published, "Photos that everybody can see now."),
                figure(
                    "Of these not looked at",
                    picture.unseen,
                    "Public photos of trusted devices that no person has looked at yet.",
                ),
                figure("Waiting", picture.pending, "Photos that nobody has decided about yet."),
                figure("Rejected", picture.rejected_in_all(), "Photos that are not shown, for the reasons below."),
                figure("Taken down", picture.hidden, "Photos that were public and are hidden now."),
                figure("Removed", picture.deleted, "Photos that their uploader or a moderator removed for good."),
                figure("Reports", picture.reports, "Reports from visitors. The same one is counted once."),
                wait,
            ],
            rejected: picture
                .rejected
                .iter()
                .map(|(name, n)| Figure { name: rejected_words(name), value: format::grouped(*n), method: "" })
                .collect(),
            rules: ReportReason::ALL.map(|reason| (Lang::En.wrong(reason), reason.hides_after())).to_vec(),
        }
    }

    /// A sample day's figures.
    pub fn sample() -> Self {
        let (name, picture) = sample::dashboard();
        Self::new(&name, &picture)
    }
}

/// `GET /transparency`
pub async fn show(State(app): State<App>) -> Result<Response, Problem> {
    let now = app.clock.now();
    let page = match app.editions.current().await? {
        Some(edition) => {
            let counters = app.counters.all(&edition.slug).await?;
            Transparency::new(&edition.name, &Dashboard::new(&edition, &counters, now))
        }
        None => Transparency::new("", &Dashboard::nothing()),
    };
    app.page(StatusCode::OK, Cache::Text, &page).await
}
