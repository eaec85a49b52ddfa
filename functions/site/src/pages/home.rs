//! `/`: a mosaic of the latest photos with the day's figures, the state of the day, more photos, the disciplines, and how it works.
//!
//! Decision: photos that were sent together have their words in common, and a visitor would take twelve of them for the whole day. So the
//! mosaic has at most [`MOSAIC_SHARE`] photos of one name and school, and of those with the same caption one card stands for all.
//!
//! The moderators' latest favourite leads the mosaic, in the place of four photos. After the day all favourites are its best.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use jiff::Timestamp;
use shared::{
    domain::{
        Edition, Phase,
        edition::Sponsor,
        feed::{FeedRow, Filter},
        limits,
    },
    pages::{
        Page,
        lang::{Lang, filled},
        layout::{Card, Layout, Nav, PageStyle},
        links, sample, sample_draws,
        tile::{self, DisciplineBadge, Tile, tiles},
    },
    web::{Cache, Problem},
};

use super::draws::DrawLink;
use crate::{App, state::StateLine};

/// Largest number of photos in the mosaic. A phone shows half of them, and does not fetch the others.
const MOSAIC: usize = 12;
/// Smallest number of photos that make a mosaic.
const MOSAIC_LEAST: usize = 6;
/// Largest number of photos in the mosaic that have the same credit and school.
const MOSAIC_SHARE: usize = 2;
/// Largest number of photos with labels below the mosaic; without a mosaic there are [`MOSAIC`].
const LABELLED: usize = 8;
/// Places in the mosaic that its first photo takes beside its own if it is a favourite: see `home.css`.
const LEAD_MORE: usize = 3;
/// How wide a picture of the mosaic is shown, and one that leads it: see `home.css`.
const MOSAIC_SIZES: &str = "(min-width: 60rem) 14vw, 33vw";
const LEAD_SIZES: &str = "(min-width: 60rem) 28vw, 66vw";
/// Largest number of favourites after the day.
const BEST_OF: usize = 12;

/// The home page.
#[derive(Clone, Debug, Template)]
#[template(path = "home.html")]
pub struct Home {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The edition's name; empty if no edition has been set up.
    pub edition_name: String,
    /// The state line of the day; `None` if no edition has been set up.
    pub state: Option<StateLine>,
    /// Whether the day is over, so that no photos can be added.
    pub over: bool,
    /// The heading.
    pub heading: String,
    /// How many photos and schools there are, and until when photos can be sent; empty before the first photo.
    pub so_far: String,
    /// The photos of the mosaic; empty if there are too few for one. If the first is a favourite, it leads.
    pub mosaic: Vec<Tile>,
    /// After the day, the moderators' favourites, latest pick first.
    pub best_of: Vec<Tile>,
    /// Whether there are favourites.
    pub any_picks: bool,
    /// The latest photos that are not in the mosaic, one of each batch.
    pub tiles: Vec<Tile>,
    /// The disciplines.
    pub disciplines: Vec<DisciplineBadge>,
    /// The prize draws of the edition.
    pub draws: Vec<DrawLink>,
    /// The prize draws that can still be entered.
    pub open_draws: Vec<DrawLink>,
    /// The sponsors of the day.
    pub sponsors: Vec<SponsorTile>,
}

impl Page for Home {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Home {
    /// Builds the home page of `edition` at `now` with its latest photos, newest first, the moderators' favourites, and its figures.
    pub fn new(
        edition: Option<&Edition>,
        latest: &[FeedRow],
        picks: &[FeedRow],
        figures: Option<Figures>,
        now: Timestamp,
        lang: Lang,
        site_origin: &str,
    ) -> Self {
        let over = edition.is_some_and(|edition| edition.is_over(now));
        let mut picks: Vec<&FeedRow> = picks.iter().collect();
        picks.sort_by_key(|row| std::cmp::Reverse(row.picked_at));
        let best_of: &[&FeedRow] = if over { picks.get(..BEST_OF).unwrap_or(&picks) } else { &[] };
        let Shown { mosaic, best_of, tiles, style } =
            Shown::new(edition, latest, picks.first().copied(), best_of, lang);
        let state = edition.map(|edition| StateLine::new(edition, now, lang));
        let counts = state.as_ref().is_some_and(|state| state.countdown.is_some());
        let mut layout = Layout::public("", Nav::Home)
            .described(
                "One day a year, the technicians of schools and colleges show the work that usually nobody sees.",
            )
            .speaking(lang, "/")
            .for_edition(edition)
            .with_feed(None, &Filter::default(), "The latest photos")
            .with_styles(&["css/components/home.css"])
            .with_modules(if counts { &["js/countdown.js"] } else { &[] });
        layout.canonical = format!("{site_origin}{}", lang.address("/"));
        layout.page_style = style;
        let name = edition.map_or_else(|| "#TECHOGNITION photo day".to_owned(), |edition| edition.name.clone());
        layout.card = Some(Card {
            kind: "website",
            title: name.clone(),
            site_name: name,
            published_iso: String::new(),
            video: None,
            image: latest.first().and_then(|row| tile::card_image(row, lang, site_origin)),
        });
        let thanks = edition.filter(|_| over && !latest.is_empty());
        Self {
            layout,
            heading: thanks.map_or_else(
                || lang.words().home_claim.to_owned(),
                |edition| filled(lang.words().home_was, &[("edition", &edition.name)]),
            ),
            so_far: figures.map(|figures| figures.so_far(edition, now, lang)).unwrap_or_default(),
            mosaic,
            best_of,
            any_picks: !picks.is_empty(),
            edition_name: edition.map(|edition| edition.name.clone()).unwrap_or_default(),
            over,
            state,
            tiles,
            disciplines: edition
                .map(|e| {
                    e.disciplines
                        .iter()
                        .map(|discipline| DisciplineBadge::new(Some(e), &discipline.slug, lang))
                        .collect()
                })
                .unwrap_or_default(),
            open_draws: DrawLink::open(edition, now, lang),
            draws: DrawLink::all(edition, now, lang),
            sponsors: edition
                .map(|edition| edition.sponsors.iter().map(|sponsor| SponsorTile::new(edition, sponsor)).collect())
                .unwrap_or_default(),
        }
    }

    /// A sample of a busy day.
    pub fn sample() -> Self {
        let edition = sample::edition().map(|edition| Edition {
            sponsors: vec![Sponsor {
                name: "Sample sponsor".into(),
                url: Some("https://example.org".into()),
                handle: None,
            }],
            draws: sample_draws::announced(),
            ..edition
        });
        Self::new(
            edition.as_ref(),
            &sample::rows(20),
            &favourites(1),
            SAMPLE,
            sample::morning(),
            Lang::En,
            "https://photos.example",
        )
    }

    /// A sample of the day after.
    pub fn sample_after() -> Self {
        let edition = sample::edition();
        let after =
            edition.as_ref().map_or(Timestamp::UNIX_EPOCH, |e| e.grace_ends_at + jiff::SignedDuration::from_hours(12));
        Self::new(
            edition.as_ref(),
            &sample::rows(20),
            &favourites(4),
            SAMPLE,
            after,
            Lang::En,
            "https://photos.example",
        )
    }

    /// The same sample in Welsh.
    pub fn sample_welsh() -> Self {
        let edition = sample::edition();
        Self::new(
            edition.as_ref(),
            &sample::rows(20),
            &favourites(1),
            SAMPLE,
            sample::morning(),
            Lang::Cy,
            "https://photos.example",
        )
    }

    /// A sample from months before the day, without photos.
    pub fn sample_before() -> Self {
        let edition = sample::edition();
        let early = edition
            .as_ref()
            .map_or(Timestamp::UNIX_EPOCH, |e| e.opens_at - jiff::SignedDuration::from_hours(24 * 102 + 11));
        Self::new(edition.as_ref(), &[], &[], None, early, Lang::En, "https://photos.example")
    }
}

/// Favourites of the samples, one for each hour before noon.
fn favourites(n: usize) -> Vec<FeedRow> {
    let hours = (0..).map(jiff::SignedDuration::from_hours);
    let rows = sample::rows(20).into_iter().skip(2).step_by(3).take(n);
    rows.zip(hours).map(|(row, before)| FeedRow { picked_at: Some(sample::morning() - before), ..row }).collect()
}

/// The figures of the samples.
const SAMPLE: Option<Figures> = Some(Figures { photos: 412, schools: 131 });

/// How many photos and schools an edition has.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// Published photos.
    pub photos: u64,
    /// Schools that have published photos.
    pub schools: u64,
}

impl Figures {
    /// Says the figures; while photos can be sent, until when. Empty without photos.
    fn so_far(self, edition: Option<&Edition>, now: Timestamp, lang: Lang) -> String {
        let words = lang.words();
        let (photos, schools) =
            (lang.counted(self.photos, &words.photos), lang.counted(self.schools, &words.schools_n));
        let facts = [("photos", &*photos), ("schools", &*schools)];
        if self.photos == 0 {
            return String::new();
        }
        match edition.filter(|edition| edition.phase(now) == Phase::Open) {
            Some(edition) => {
                let closes = lang.time_or_day(edition.closes_at, now);
                filled(words.home_so_far, &[facts[0], facts[1], ("closes", &closes)])
            }
            None => filled(words.home_figures, &facts),
        }
    }
}

/// The photos of the page.
struct Shown {
    mosaic: Vec<Tile>,
    best_of: Vec<Tile>,
    tiles: Vec<Tile>,
    style: Option<PageStyle>,
}

impl Shown {
    /// Chooses the photos of the mosaic, which `lead` leads, and of those with labels: `best_of`, and the latest that are in neither.
    fn new(
        edition: Option<&Edition>,
        latest: &[FeedRow],
        lead: Option<&FeedRow>,
        best_of: &[&FeedRow],
        lang: Lang,
    ) -> Self {
        let is_lead = |row: &FeedRow| lead.is_some_and(|lead| lead.id == row.id);
        let room = |places: usize| if lead.is_some() { places - LEAD_MORE } else { places };
        let of_one = |row: &FeedRow| (row.credit.clone(), row.school.as_ref().map(|school| school.name.clone()));
        let mut senders = BTreeMap::new();
        let mut mosaic: Vec<&FeedRow> = lead
            .into_iter()
            .chain(latest.iter().filter(|row| !is_lead(row)))
            .filter(|row| {
                let shown = senders.entry(of_one(row)).or_insert(0_usize);
                *shown += 1;
                *shown <= MOSAIC_SHARE
            })
            .take(room(MOSAIC))
            .collect();
        if mosaic.len() < room(MOSAIC_LEAST) {
            mosaic.clear();
        } else if mosaic.len() < room(MOSAIC) {
            mosaic.truncate(room(MOSAIC_LEAST));
        }
        // Without a mosaic the favourite is the first of the others.
        let first = lead.filter(|_| mosaic.is_empty());
        let mut seen = BTreeSet::new();
        let labelled: Vec<&FeedRow> = first
            .into_iter()
            .chain(latest.iter().filter(|row| first.is_none_or(|first| first.id != row.id)))
            .filter(|row| {
                mosaic.iter().chain(best_of).all(|shown| shown.id != row.id)
                    && tile::batch(row).is_none_or(|batch| seen.insert(batch))
            })
            .take(if mosaic.is_empty() { MOSAIC } else { LABELLED })
            .collect();
        let rows: Vec<FeedRow> = mosaic.iter().chain(best_of).chain(&labelled).map(|row| (*row).clone()).collect();
        let (mut tiles, style) = tiles(edition, &rows, lang);
        let mut best = tiles.split_off(mosaic.len());
        let mut others = best.split_off(best_of.len());
        for (i, tile) in tiles.iter_mut().enumerate() {
            let sizes = if i == 0 && lead.is_some() { LEAD_SIZES } else { MOSAIC_SIZES };
            sizes.clone_into(&mut tile.picture.sizes);
            if tile.picture.alt.is_empty() {
                tile.picture.alt.clone_from(&tile.title);
            }
        }
        for (tile, row) in others.iter_mut().zip(&labelled) {
            let Some(batch) = tile::batch(row) else { continue };
            let together = latest.iter().filter(|other| tile::batch(other).as_ref() == Some(&batch)).count();
            if together > 1 {
                tile.stack = lang.counted(u64::try_from(together).unwrap_or(u64::MAX), &lang.words().photos);
            }
        }
        Self { mosaic: tiles, best_of: best, tiles: others, style }
    }
}

/// A sponsor of the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SponsorTile {
    /// The sponsor's name.
    pub name: String,
    /// The address of the sponsor's website; `None` unless it is a web address.
    pub url: Option<String>,
    /// The address, the width and the height of the logo; `None` if there is none.
    pub logo: Option<(String, u32, u32)>,
}

impl SponsorTile {
    fn new(edition: &Edition, sponsor: &Sponsor) -> Self {
        let url = sponsor.url.clone().filter(|url| url.starts_with("https://") || url.starts_with("http://"));
        let logo = edition.logo_of(sponsor).map(|logo| (links::logo(logo), logo.width, logo.height));
        Self { name: sponsor.name.clone(), url, logo }
    }
}

/// `GET /` and `GET /cy/`
pub async fn show(State(app): State<App>, lang: Lang) -> Result<Response, Problem> {
    let edition = app.editions.current().await?;
    let (latest, picks, figures) = match &edition {
        Some(edition) => {
            let (all, favourites) = (Filter::default(), Filter { picked: true, ..Filter::default() });
            let (page, picks) = futures::try_join!(
                app.gallery.page(edition, &all, None, limits::PAGE_MAX),
                app.gallery.page(edition, &favourites, None, limits::PAGE_MAX)
            )?;
            let figures = app.gallery.stats(edition).await?;
            (page.photos, picks.photos, Some(Figures { photos: figures.photos, schools: figures.schools }))
        }
        None => (Vec::new(), Vec::new(), None),
    };
    let home = Home::new(edition.as_ref(), &latest, &picks, figures, app.clock.now(), lang, &app.site_origin);
    app.page(StatusCode::OK, Cache::Head, &home).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(n: usize, change: impl Fn(usize, &mut FeedRow)) -> Vec<FeedRow> {
        let mut rows = sample::rows(n);
        for (i, row) in rows.iter_mut().enumerate() {
            change(i, row);
        }
        rows
    }

    fn home(latest: &[FeedRow]) -> Home {
        Home::new(
            sample::edition().as_ref(),
            latest,
            &[],
            SAMPLE,
            sample::morning(),
            Lang::En,
            "https://photos.example",
        )
    }

    #[test]
    fn one_batch_has_two_places_of_the_mosaic_and_one_card() {
        let latest = rows(40, |i, row| {
            row.school = None;
            row.credit = if i < 20 { "Jo".into() } else { format!("Number {i}") };
            row.caption = if i < 20 { "Prep room 2".into() } else { format!("Caption {i}") };
        });
        let home = home(&latest);
        assert_eq!(home.mosaic.len(), MOSAIC);
        assert_eq!(home.mosaic.iter().filter(|tile| tile.credit == "Jo").count(), 2);
        let cards: Vec<_> = home.tiles.iter().filter(|tile| tile.credit == "Jo").map(|tile| &*tile.stack).collect();
        assert_eq!(cards, ["20 photos"]);
        assert_eq!(home.tiles.len(), LABELLED);
        assert!(home.tiles.iter().filter(|tile| tile.credit != "Jo").all(|tile| tile.stack.is_empty()));
        let ids: BTreeSet<_> = home.mosaic.iter().chain(&home.tiles).map(|tile| &tile.id).collect();
        assert_eq!(ids.len(), MOSAIC + LABELLED, "no photo is shown twice");
    }

    #[test]
    fn the_latest_favourite_leads_the_mosaic_and_after_the_day_all_are_its_best() {
        let latest = rows(40, |i, row| row.credit = format!("Number {i}"));
        let mut picks = vec![latest[3].clone(), latest[30].clone()];
        for (hour, row) in (1..).zip(&mut picks) {
            row.picked_at = Some(sample::morning() + jiff::SignedDuration::from_hours(hour));
        }
        let edition = sample::edition();
        let at = |now| Home::new(edition.as_ref(), &latest, &picks, SAMPLE, now, Lang::En, "https://photos.example");
        let during = at(sample::morning());
        assert_eq!((&during.mosaic[0].credit, during.mosaic.len()), (&"Number 30".to_owned(), MOSAIC - LEAD_MORE));
        assert!(during.mosaic[0].picked.starts_with("Moderators’ favourite at "), "{}", during.mosaic[0].picked);
        assert!(during.best_of.is_empty());
        let after = at(edition.as_ref().unwrap().grace_ends_at + jiff::SignedDuration::from_hours(1));
        let best: Vec<_> = after.best_of.iter().map(|tile| &*tile.credit).collect();
        assert_eq!(best, ["Number 30", "Number 3"]);
        assert!(after.tiles.iter().all(|tile| !best.contains(&&*tile.credit)), "they are not shown again");
        let page = after.render().unwrap();
        assert!(page.contains("Best of the day") && page.contains("mosaic-lead"), "{page}");
    }

    #[test]
    fn a_few_photos_make_no_mosaic_and_are_all_shown() {
        let latest = rows(5, |i, row| row.credit = format!("Number {i}"));
        let home = home(&latest);
        assert!(home.mosaic.is_empty());
        assert_eq!(home.tiles.len(), 5);
        assert!(!home.render().unwrap().contains("class=\"mosaic\""));
        let latest = rows(5, |_, row| (row.credit, row.school) = ("Jo".into(), None));
        let pick = FeedRow { picked_at: Some(sample::morning()), ..latest[4].clone() };
        let edition = sample::edition();
        let now = sample::morning();
        let picked = Home::new(edition.as_ref(), &latest, &[pick], SAMPLE, now, Lang::En, "https://photos.example");
        assert_eq!((&picked.tiles[0].id, picked.tiles.len()), (&latest[4].id.to_string(), 5), "it is first");
    }

    #[test]
    fn every_picture_of_the_mosaic_says_what_it_is() {
        let latest = rows(12, |i, row| {
            row.credit = format!("Number {i}");
            row.alt = String::new();
        });
        assert!(home(&latest).mosaic.iter().all(|tile| !tile.picture.alt.is_empty()));
    }

    #[test]
    fn the_figures_are_said_with_the_time_that_is_left_and_afterwards_with_thanks() {
        let latest = sample::rows(20);
        assert_eq!(home(&latest).so_far, "412 photos from 131 schools and colleges so far. Send yours before 18:00.");
        let after = Home::sample_after();
        assert_eq!(after.heading, "That was #TECHOGNITION 2027. Thank you!");
        assert_eq!(after.so_far, "412 photos from 131 schools and colleges.");
        assert_eq!(Home::sample_before().so_far, "");
        let welsh = Home::sample_welsh().so_far;
        assert!(welsh.starts_with("412 llun o 131") && welsh.ends_with("cyn 18:00."), "{welsh}");
    }
}
