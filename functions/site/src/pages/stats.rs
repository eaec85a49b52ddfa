//! `/stats`: the figures of the day. Each number says how it was counted; each plot also has its numbers as a table.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use jiff::Timestamp;
use shared::{
    domain::{
        Edition, Refusal,
        feed::Filter,
        stats::{self as methods, Stats as Figures},
    },
    pages::{
        Page, format,
        layout::{Layout, Nav},
        links, sample,
    },
    web::{Cache, Problem},
};

use crate::App;

/// Width of the plot, in units of the view box.
const PLOT_WIDTH: u64 = 1_000;
const PLOT_HEIGHT: u64 = 300;

/// The page of the figures.
#[derive(Clone, Debug, Template)]
#[template(path = "stats.html")]
pub struct Stats {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The edition's name.
    pub edition_name: String,
    /// When the figures were counted.
    pub counted: String,
    /// Number of photos, with its digits grouped.
    pub photos: String,
    /// How they were counted.
    pub photos_method: &'static str,
    /// Number of schools, with its digits grouped.
    pub schools: String,
    /// How they were counted.
    pub schools_method: &'static str,
    /// Photos in each half hour.
    pub halves: Plot,
    /// Photos in each discipline.
    pub disciplines: Plot,
    /// Photos in each nation.
    pub nations: Plot,
}

/// Numbers as a plot and as a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plot {
    /// The bars, in order.
    pub bars: Vec<Bar>,
    /// What the bars leave out, as a sentence; empty if they leave nothing out.
    pub rest: String,
    /// How the numbers were counted.
    pub method: &'static str,
    /// The highest number.
    pub most: u64,
}

/// A bar for one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// What the number counts.
    pub name: String,
    /// The address of the photos that it counts.
    pub href: String,
    /// The discipline's slug, which determines the colour.
    pub tray: Option<String>,
    /// The number.
    pub photos: u64,
    /// Left edge of the bar in a vertical plot.
    pub x: u64,
    /// Upper edge of the bar.
    pub y: u64,
    /// Width of the bar.
    pub width: u64,
    /// Height of the bar.
    pub height: u64,
    /// Length of the bar in a horizontal plot, of 1,000.
    pub length: u64,
    /// Whether a vertical plot prints the name: only every few bars, so that the names do not touch.
    pub named: bool,
}

impl Page for Stats {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Plot {
    /// Builds a plot of `numbers`: name, link, discipline, number of photos.
    fn new(numbers: Vec<(String, String, Option<String>, u64)>, rest: String, method: &'static str) -> Self {
        let most = numbers.iter().map(|(.., photos)| *photos).max().unwrap_or_default().max(1);
        let n = u64::try_from(numbers.len()).unwrap_or(1).max(1);
        let step = PLOT_WIDTH / n;
        let bars = (0_u64..)
            .zip(numbers)
            .map(|(i, (name, href, tray, photos))| {
                let height = photos * PLOT_HEIGHT / most;
                Bar {
                    name,
                    href,
                    tray,
                    photos,
                    x: i * step + step / 10,
                    y: PLOT_HEIGHT - height,
                    width: (step * 8 / 10).max(2),
                    height,
                    length: photos * 1_000 / most,
                    named: i.is_multiple_of(4),
                }
            })
            .collect();
        Self { bars, rest, method, most }
    }
}

impl Stats {
    /// Builds the page of the figures of `edition` at `now`.
    pub fn new(edition: &Edition, figures: &Figures, now: Timestamp, site_origin: &str) -> Self {
        let mut layout = Layout::public("The day in figures", Nav::Day)
            .described(format!("{} in figures: photos, schools, half hours, disciplines, nations.", edition.name))
            .with_styles(&["css/components/stats.css"]);
        layout.canonical = format!("{site_origin}{}", links::stats());
        let base = links::edition(&edition.slug);
        let to = |filter: Filter| links::feed(&base, &filter, None);
        let halves = figures.halves.iter().map(|(half, photos)| {
            let href = to(Filter { half: Some(*half), ..Filter::default() });
            (format::time(half.begins_at()), href, None, *photos)
        });
        let disciplines = figures.disciplines.iter().map(|count| {
            let href = to(Filter { discipline: count.slug.parse().ok(), ..Filter::default() });
            (count.name.clone(), href, Some(count.slug.clone()), count.photos)
        });
        let nations = figures.nations.iter().map(|(nation, photos)| {
            let href = to(Filter { nation: Some(*nation), ..Filter::default() });
            (nation.name().to_owned(), href, None, *photos)
        });
        let rest = |n: u64, words: &str| match n {
            0 => String::new(),
            n => format!("{} {words}", format::counted(i64::try_from(n).unwrap_or(i64::MAX), "photo")),
        };
        let grouped = |n: u64| format::grouped(i64::try_from(n).unwrap_or(i64::MAX));
        Self {
            layout,
            edition_name: edition.name.clone(),
            counted: format::date_and_time(now),
            photos: grouped(figures.photos),
            photos_method: methods::PHOTOS_METHOD,
            schools: grouped(figures.schools),
            schools_method: methods::SCHOOLS_METHOD,
            halves: Plot::new(
                halves.collect(),
                rest(figures.other_times, "at other times, such as after closing, when the last ones were checked."),
                methods::HALVES_METHOD,
            ),
            disciplines: Plot::new(disciplines.collect(), String::new(), methods::DISCIPLINES_METHOD),
            nations: Plot::new(
                nations.collect(),
                rest(figures.nation_unknown, "from schools we could not place."),
                methods::NATIONS_METHOD,
            ),
        }
    }

    /// A sample of a busy day.
    pub fn sample() -> Self {
        match (sample::edition(), sample::stats()) {
            (Some(edition), Some(figures)) => {
                let figures = Figures { schools: 214, ..figures };
                Self::new(&edition, &figures, sample::morning(), "https://photos.example")
            }
            (None, _) | (_, None) => Self {
                layout: Layout::default(),
                edition_name: String::new(),
                counted: String::new(),
                photos: String::new(),
                photos_method: methods::PHOTOS_METHOD,
                schools: String::new(),
                schools_method: methods::SCHOOLS_METHOD,
                halves: Plot::default(),
                disciplines: Plot::default(),
                nations: Plot::default(),
            },
        }
    }
}

/// `GET /stats`
pub async fn show(State(app): State<App>) -> Result<Response, Problem> {
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    let figures = app.gallery.stats(&edition).await?;
    let page = Stats::new(&edition, &figures, app.clock.now(), &app.site_origin);
    app.page(StatusCode::OK, Cache::Deep, &page).await
}
