//! `/day` and `/cy/day`: the day from opening to closing, in half hours, and its replay.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use serde::Deserialize;
use shared::{
    domain::{
        Edition, Refusal,
        feed::{FeedRow, Filter},
        limits,
        stats::Stats,
        time::HalfHour,
    },
    pages::{
        Page, format,
        lang::{Lang, filled},
        layout::{Layout, Nav},
        links, sample,
        tile::{Tile, tiles},
    },
    web::{Cache, Problem, Query, problem::NOT_FOUND},
};

use crate::App;

/// Height of the highest bar, in units of the view box.
const HIGHEST: u64 = 100;

/// The page of the day.
#[derive(Clone, Debug, Template)]
#[template(path = "day.html")]
pub struct Day {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The date of the day and the time zone of its times, in sentences.
    pub lead: String,
    /// The half hours, in chronological order.
    pub steps: Vec<Step>,
    /// Index of the half hour that is shown, from 0.
    pub at: usize,
    /// The half hour that is shown, such as `09:30 to 10:00`.
    pub heading: String,
    /// How many photos the half hour has, in words.
    pub count: String,
    /// The first photos of the half hour.
    pub tiles: Vec<Tile>,
    /// The gallery of this half hour; `None` if all its photos are shown here.
    pub all: Option<String>,
}

/// One half hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The address of the page that shows this half hour.
    pub href: String,
    /// The time when it begins.
    pub name: String,
    /// How many photos it has, in words.
    pub photos: String,
    /// Height of its bar, of 100.
    pub height: u64,
    /// Upper edge of its bar.
    pub y: u64,
    /// Whether this half hour is shown.
    pub current: bool,
}

impl Page for Day {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Day {
    /// Builds the page of `edition` at `half`. `rows` are the first photos published in it; `more` says whether there are others.
    pub fn new(
        edition: &Edition,
        stats: &Stats,
        half: Option<HalfHour>,
        rows: &[FeedRow],
        more: bool,
        lang: Lang,
        site_origin: &str,
    ) -> Self {
        let words = lang.words();
        let (tiles, style) = tiles(Some(edition), rows, lang);
        let here = half.map_or_else(links::day, links::day_half);
        let mut layout = Layout::public(words.the_day, Nav::Day)
            .described(filled(words.day_description, &[("edition", &edition.name)]))
            .speaking(lang, &here)
            .with_modules(&["js/gallery/day.js"])
            .with_styles(&["css/components/day.css"]);
        layout.canonical = format!("{site_origin}{}", lang.address(&here));
        layout.page_style = style;
        let most = stats.halves.iter().map(|(_, photos)| *photos).max().unwrap_or_default().max(1);
        let steps: Vec<Step> = stats
            .halves
            .iter()
            .map(|(step, photos)| {
                let height = photos * HIGHEST / most;
                Step {
                    href: links::day_half(*step),
                    name: format::time(step.begins_at()),
                    photos: lang.counted(*photos, &words.photos),
                    height,
                    y: HIGHEST - height,
                    current: half == Some(*step),
                }
            })
            .collect();
        let day = lang.day(half.map_or(edition.opens_at, HalfHour::begins_at));
        let photos = stats.halves.iter().find(|(step, _)| half == Some(*step)).map_or(0, |(_, photos)| *photos);
        Self {
            layout,
            lead: filled(words.day_lead, &[("edition", &edition.name), ("day", &day)]),
            at: steps.iter().position(|step| step.current).unwrap_or_default(),
            steps,
            heading: half.map(|half| lang.half_hour(half)).unwrap_or_default(),
            count: lang.counted(photos, &words.photos),
            tiles,
            all: half.filter(|_| more).map(|half| {
                let filter = Filter { half: Some(half), ..Filter::default() };
                links::feed(&links::edition(&edition.slug), &filter, None)
            }),
        }
    }

    /// A sample of a busy day.
    pub fn sample() -> Self {
        let rows = sample::rows(6);
        Self::sampled(&rows, true, Lang::En)
    }

    /// The same sample in Welsh.
    pub fn sample_welsh() -> Self {
        let rows = sample::rows(6);
        Self::sampled(&rows, true, Lang::Cy)
    }

    /// A sample of a day that has not begun.
    pub fn sample_before() -> Self {
        Self::sampled(&[], false, Lang::En)
    }

    fn sampled(rows: &[FeedRow], begun: bool, lang: Lang) -> Self {
        match (sample::edition(), sample::stats()) {
            (Some(edition), Some(stats)) => {
                let stats = if begun { stats } else { Stats::new(&edition, &std::collections::BTreeMap::new(), 0) };
                let half = busiest(&stats);
                Self::new(&edition, &stats, half, rows, begun, lang, "https://photos.example")
            }
            (None, _) | (_, None) => Self {
                layout: Layout::default(),
                lead: String::new(),
                steps: Vec::new(),
                at: 0,
                heading: String::new(),
                count: String::new(),
                tiles: Vec::new(),
                all: None,
            },
        }
    }
}

/// Returns the first half hour in which a photo was published.
fn busiest(stats: &Stats) -> Option<HalfHour> {
    stats.halves.iter().find(|(_, photos)| *photos > 0).map(|(half, _)| *half)
}

/// The query: which half hour to show.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct At {
    half: Option<String>,
}

/// `GET /day` and `GET /cy/day`: shows the named half hour, or the first one with photos.
pub async fn show(State(app): State<App>, lang: Lang, Query(At { half }): Query<At>) -> Result<Response, Problem> {
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    let stats = app.gallery.counts(&edition).await?;
    let named = half.map(|text| text.parse()).transpose();
    let named: Option<HalfHour> = named.map_err(|_| Problem::new(&NOT_FOUND, "There is no such half hour."))?;
    let half = named.or_else(|| busiest(&stats));
    let page = match half {
        Some(half) => {
            let filter = Filter { half: Some(half), ..Filter::default() };
            Some(app.gallery.page(&edition, &filter, None, limits::PAGE_MAX).await?)
        }
        None => None,
    };
    let (rows, more) = page.map_or((Vec::new(), false), |page| (page.photos, page.next.is_some()));
    let day = Day::new(&edition, &stats, half, &rows, more, lang, &app.site_origin);
    app.page(StatusCode::OK, Cache::Deep, &day).await
}
