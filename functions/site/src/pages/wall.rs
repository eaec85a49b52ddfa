//! `/wall`: the page for a big screen that is opened once and never touched again. It contains its first photos; its script does the rest.
//! `/wall?school={school}` has the photos of one school only, for a screen of its own.

use std::collections::BTreeSet;

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::{
    domain::{
        Edition,
        feed::{FeedRow, Filter},
        limits,
        school::SchoolKey,
    },
    pages::{
        Page, assets,
        code::Code,
        format::time,
        lang::Lang,
        layout::{Layout, Nav, Plays},
        links, sample, sample_draws,
        tile::{self, Tile, tiles},
    },
    web::{Cache, Problem, Query},
};

use super::{draws::DrawLink, school::nothing};
use crate::App;

/// Number of photos in the page itself: what a screen without scripts shows, and what every screen shows first.
const FIRST: usize = 6;

/// The page of the wall.
#[derive(Clone, Debug, Template)]
#[template(path = "wall.html")]
pub struct Wall {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The edition's name.
    pub edition_name: String,
    /// Hashtags to post with.
    pub tags: String,
    /// The address at which photos are added.
    pub add: Way,
    /// When adding ends, in milliseconds since 1970.
    pub closes_ms: Option<i64>,
    /// The address at which the photos can be seen from then on.
    pub after: Way,
    /// This version of the site: a wall that meets a newer version reloads itself.
    pub build: &'static str,
    /// The names of the subjects by their slugs, as JSON.
    pub subjects: String,
    /// The first photos.
    pub tiles: Vec<Tile>,
    /// What stands in their place while there are none.
    pub none_yet: String,
    /// What can be won now, and who gives it, while the organiser announces nothing; empty if no prize draw can be entered.
    pub prizes: String,
    /// What can be won from now on, as JSON: for each prize draw that can be entered, `[until, words]`, with `until` in milliseconds since
    /// 1970.
    pub later: String,
}

/// An address that the wall advertises.
#[derive(Clone, Debug)]
pub struct Way {
    /// The address, as people type it.
    pub address: String,
    /// The same address as a QR code.
    pub code: Code,
}

impl Way {
    fn new(address: &str) -> Self {
        let typed = address.trim_start_matches("https://").trim_start_matches("http://").to_owned();
        Self { address: typed, code: Code::new(address) }
    }
}

impl Page for Wall {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Wall {
    /// Builds the wall of `edition` at `now`, with the first of `rows`, the latest photos: one of each batch. If `school` is set, they are
    /// photos of this school, and its page is advertised after the day.
    pub fn new(
        edition: Option<&Edition>,
        school: Option<&SchoolKey>,
        rows: &[FeedRow],
        now: Timestamp,
        site_origin: &str,
    ) -> Self {
        let mut seen = BTreeSet::new();
        let apart = rows.iter().filter(|row| tile::batch(row).is_none_or(|batch| seen.insert(batch)));
        let first: Vec<FeedRow> = apart.take(FIRST).cloned().collect();
        let (tiles, style) = tiles(edition, &first, Lang::En);
        let draws = DrawLink::open(edition, now, Lang::En);
        let all = school.map_or_else(links::gallery, links::school);
        let later = draws.iter().map(|draw| json!([draw.until.as_millisecond(), draw.to_be_won()]));
        let mut layout = Layout::public("Wall", Nav::None)
            .described("The latest photos for a big screen: open it, press F11, and leave it.")
            .with_styles(&["css/components/wall.css"])
            .with_modules(&["js/wall/wall.js"]);
        layout.canonical = format!("{site_origin}{}", links::wall());
        layout.page_style = style;
        layout.plays = Plays::Ours;
        let tags = edition.iter().flat_map(|edition| &edition.hashtags).map(|tag| format!("#{tag}"));
        let subjects = edition
            .iter()
            .flat_map(|edition| &edition.disciplines)
            .map(|discipline| (discipline.slug.to_string(), Value::from(&*discipline.name)));
        Self {
            layout,
            edition_name: edition.map(|edition| edition.name.clone()).unwrap_or_default(),
            tags: tags.collect::<Vec<_>>().join(" "),
            add: Way::new(&format!("{site_origin}{}", links::add())),
            closes_ms: edition.map(|edition| edition.closes_at.as_millisecond()),
            after: Way::new(&format!("{site_origin}{all}")),
            build: assets::digest(),
            subjects: Value::Object(subjects.collect()).to_string(),
            tiles,
            none_yet: match edition.filter(|edition| now < edition.opens_at) {
                Some(Edition { opens_at, .. }) => {
                    format!("The first photos appear here on {}, from {}.", Lang::En.day(*opens_at), time(*opens_at))
                }
                None => "The first photos appear here as soon as a person has checked them.".into(),
            },
            prizes: draws.first().map(DrawLink::to_be_won).unwrap_or_default(),
            later: if draws.is_empty() { String::new() } else { later.collect::<Value>().to_string() },
        }
    }

    /// A sample with photos.
    pub fn sample() -> Self {
        let edition = sample::edition();
        let edition = edition.map(|edition| Edition { draws: sample_draws::announced(), ..edition });
        Self::new(edition.as_ref(), None, &sample::rows(FIRST), sample::morning(), "https://photos.example")
    }

    /// A sample before the first photo.
    pub fn sample_empty() -> Self {
        Self::new(sample::edition().as_ref(), None, &[], sample::morning(), "https://photos.example")
    }
}

/// The query of the wall. Unknown names are ignored, as in the gallery.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct WallQuery {
    school: Option<String>,
}

/// `GET /wall` and `GET /wall?school={school}`. The wall of a school without photos is empty until its first photo is published.
pub async fn show(State(app): State<App>, Query(WallQuery { school }): Query<WallQuery>) -> Result<Response, Problem> {
    let school: Option<SchoolKey> = school.map(|key| key.parse()).transpose().map_err(|_| nothing())?;
    let edition = app.editions.current().await?;
    let filter = Filter { school: school.clone(), ..Filter::default() };
    let rows = match &edition {
        Some(edition) => app.gallery.page(edition, &filter, None, limits::PAGE_DEFAULT).await?.photos,
        None => Vec::new(),
    };
    let wall = Wall::new(edition.as_ref(), school.as_ref(), &rows, app.clock.now(), &app.site_origin);
    app.page(StatusCode::OK, Cache::Head, &wall).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_has_one_place_among_the_first_photos() {
        let mut rows = sample::rows(12);
        for row in &mut rows[..8] {
            (row.caption, row.credit, row.school) = ("Prep room 2".into(), "Jo".into(), None);
        }
        let wall = Wall::new(sample::edition().as_ref(), None, &rows, sample::morning(), "https://photos.example");
        assert_eq!(wall.tiles.iter().filter(|tile| tile.credit == "Jo").count(), 1);
        assert!(wall.tiles.len() > 1, "others are beside it");
    }

    #[test]
    fn a_draw_that_can_no_longer_be_entered_is_not_announced() {
        let edition = sample::edition().map(|edition| Edition { draws: sample_draws::announced(), ..edition });
        let announced = |now| {
            let wall = Wall::new(edition.as_ref(), None, &[], now, "https://photos.example");
            (wall.prizes, wall.later)
        };
        let until = DrawLink::all(edition.as_ref(), sample::morning(), Lang::En).last().unwrap().until;
        let (prizes, later) = announced(until - jiff::SignedDuration::from_secs(1));
        assert!(prizes.starts_with("To be won: ") && later.starts_with("[["), "{prizes} {later}");
        assert_eq!(announced(until), (String::new(), String::new()));
    }
}
