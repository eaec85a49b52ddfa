//! `/`: the state of the day, the latest photos, the disciplines, and how it works.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use jiff::Timestamp;
use shared::{
    domain::{
        Edition,
        edition::Sponsor,
        feed::{FeedRow, Filter},
        stats::Stats,
    },
    pages::{
        Page,
        lang::{Lang, filled},
        layout::{Card, Layout, Nav},
        sample, sample_draws,
        tile::{self, DisciplineBadge, Picture, Tile, tiles},
    },
    web::{Cache, Problem},
};

use super::draws::DrawLink;
use crate::{App, state::StateLine};

/// Number of photos at the top of the home page; a phone shows six of them.
const MOSAIC: usize = 9;
/// Number of photos at the top that a phone shows: two rows.
const PHONE_SHOWS: usize = 6;
/// Number of photos below the top.
const LATEST: usize = 12;
/// Number of latest photos from which both are chosen, so that the photos that one sender sent together fill neither.
const CHOSEN_FROM: usize = 48;
/// Number of photos of one sender below the top.
const OF_ONE_SENDER: usize = 2;
/// How wide a photo at the top is shown. On phones less than it is, a third of the screen: the smallest rendition is sharp enough there,
/// and the first view of the page has to be small.
const MOSAIC_SIZES: &str = "(min-width: 60rem) 13rem, 20vw";

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
    pub claim: &'static str,
    /// The sentences below the heading.
    pub lead: String,
    /// How many photos of how many schools there are; `None` if there are none.
    pub counts: Option<String>,
    /// The photos at the top, each from another sender; empty if there are too few.
    pub mosaic: Vec<Tile>,
    /// The latest photos that are not at the top.
    pub tiles: Vec<Tile>,
    /// The disciplines.
    pub disciplines: Vec<DisciplineBadge>,
    /// The prize draws of the edition.
    pub draws: Vec<DrawLink>,
    /// The sponsors of the day.
    pub sponsors: Vec<Sponsor>,
}

impl Page for Home {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Home {
    /// Builds the home page of `edition` at `now` with its latest photos, newest first, and its statistics.
    pub fn of(
        edition: Option<&Edition>,
        (latest, stats): (&[FeedRow], Option<&Stats>),
        now: Timestamp,
        lang: Lang,
        site_origin: &str,
    ) -> Self {
        let (top, below) = chosen(latest);
        let rows: Vec<FeedRow> = top.iter().chain(&below).map(|row| (*row).clone()).collect();
        let (mut mosaic, style) = tiles(edition, &rows, lang);
        let tiles = mosaic.split_off(top.len());
        for (tile, row) in mosaic.iter_mut().zip(&rows) {
            let alt = if row.alt.is_empty() { tile.title.clone() } else { row.alt.clone() };
            tile.picture = Picture::of(row, alt, MOSAIC_SIZES.to_owned(), true);
        }
        let words = lang.words();
        let over = edition.is_some_and(|edition| edition.is_over(now));
        let counted = stats
            .filter(|stats| stats.photos > 0)
            .map(|stats| (lang.counted(stats.photos, &words.photos), lang.counted(stats.schools, &words.schools_n)));
        let with =
            |text, (photos, schools): &(String, String)| filled(text, &[("photos", photos), ("schools", schools)]);
        let state = edition.map(|edition| StateLine::of(edition, now, lang));
        let counts_down = state.as_ref().is_some_and(|state| state.countdown.is_some());
        let mut layout = Layout::public("", Nav::Home)
            .described(
                "One day a year, the technicians of schools and colleges show the work that usually nobody sees.",
            )
            .speaking(lang, "/")
            .for_edition(edition)
            .with_feed(None, &Filter::default(), "The latest photos")
            .with_styles(&["css/components/home.css"])
            .with_modules(if counts_down { &["js/countdown.js"] } else { &[] });
        layout.canonical = format!("{site_origin}{}", lang.address("/"));
        layout.page_style = style;
        let name = edition.map_or_else(|| "#TECHOGNITION photo day".to_owned(), |edition| edition.name.clone());
        layout.card = Some(Card {
            kind: "website",
            title: name.clone(),
            site_name: name,
            published_iso: String::new(),
            image: latest.first().and_then(|row| tile::card_image(row, lang, site_origin)),
        });
        Self {
            layout,
            edition_name: edition.map(|edition| edition.name.clone()).unwrap_or_default(),
            claim: if over && counted.is_some() { words.home_thanks } else { words.home_claim },
            lead: counted
                .as_ref()
                .filter(|_| over)
                .map_or_else(|| words.home_lead.to_owned(), |n| with(words.home_thanks_lead, n)),
            counts: counted.as_ref().filter(|_| !over).map(|n| with(words.home_counts, n)),
            over,
            state,
            mosaic,
            tiles,
            disciplines: edition
                .map(|e| {
                    e.disciplines
                        .iter()
                        .map(|discipline| DisciplineBadge::of(Some(e), &discipline.slug, lang))
                        .collect()
                })
                .unwrap_or_default(),
            draws: DrawLink::of(edition, lang),
            sponsors: edition
                .map(|edition| edition.sponsors.iter().cloned().map(linked_safely).collect())
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
        Self::of(
            edition.as_ref(),
            (&sample::rows(LATEST), sample::stats().as_ref()),
            sample::morning(),
            Lang::En,
            "https://photos.example",
        )
    }

    /// The same sample in Welsh.
    pub fn sample_welsh() -> Self {
        let edition = sample::edition();
        Self::of(
            edition.as_ref(),
            (&sample::rows(LATEST), sample::stats().as_ref()),
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
        Self::of(edition.as_ref(), (&[], None), early, Lang::En, "https://photos.example")
    }
}

/// Chooses the photos at the top, at most one of each sender, and those below it, at most [`OF_ONE_SENDER`] more of each. Both stay in the
/// order of `latest`. With fewer senders than a phone shows in two rows there is no top.
fn chosen(latest: &[FeedRow]) -> (Vec<&FeedRow>, Vec<&FeedRow>) {
    let mut seen: HashMap<(&str, &str), usize> = HashMap::new();
    let (mut top, mut below) = (Vec::new(), Vec::new());
    for row in latest {
        let school = row.school.as_ref().map_or("", |school| school.name.as_str());
        // Who says neither name nor school cannot be told from others who do not.
        let sender = if row.credit.is_empty() && school.is_empty() {
            (row.id.as_str(), "")
        } else {
            (row.credit.as_str(), school)
        };
        let before = seen.entry(sender).or_default();
        *before += 1;
        if *before == 1 && top.len() < MOSAIC {
            top.push(row);
        } else if *before <= 1 + OF_ONE_SENDER && below.len() < LATEST {
            below.push(row);
        }
    }
    if top.len() < PHONE_SHOWS {
        return (Vec::new(), latest.iter().take(LATEST).collect());
    }
    (top, below)
}

/// Removes a sponsor's address unless it is a web address, so that it does not become a link.
fn linked_safely(sponsor: Sponsor) -> Sponsor {
    let url = sponsor.url.filter(|url| url.starts_with("https://") || url.starts_with("http://"));
    Sponsor { url, ..sponsor }
}

/// `GET /` and `GET /cy/`
pub async fn show(State(app): State<App>, lang: Lang) -> Result<Response, Problem> {
    let edition = app.editions.current().await?;
    let (latest, stats) = match &edition {
        Some(edition) => {
            let latest = app.gallery.page(edition, &Filter::default(), None, CHOSEN_FROM).await?.photos;
            let stats = if latest.is_empty() { None } else { Some(app.gallery.stats(edition).await?) };
            (latest, stats)
        }
        None => (Vec::new(), None),
    };
    let home = Home::of(edition.as_ref(), (&latest, stats.as_ref()), app.clock.now(), lang, &app.site_origin);
    app.page(StatusCode::OK, Cache::Head, &home).await
}

#[cfg(test)]
mod tests {
    use shared::domain::PhotoId;

    use super::*;

    fn rows(senders: &[&str]) -> Vec<FeedRow> {
        let row = |(n, sender): (usize, &&str)| FeedRow {
            id: PhotoId::from_digest(&[u8::try_from(n).unwrap(); 32]),
            credit: (*sender).to_owned(),
            school: None,
            ..sample::rows(1).remove(0)
        };
        senders.iter().enumerate().map(row).collect()
    }

    fn credits(rows: &[&FeedRow]) -> String {
        rows.iter().map(|row| row.credit.as_str()).collect()
    }

    #[test]
    fn the_batch_of_one_sender_fills_neither_the_top_nor_what_is_below() {
        let latest = rows(&["a", "a", "a", "a", "a", "b", "c", "d", "e", "f", "b"]);
        let (top, below) = chosen(&latest);
        assert_eq!((credits(&top).as_str(), credits(&below).as_str()), ("abcdef", "aab"));
        let latest = rows(&["", "", "", "", "", ""]);
        assert_eq!(chosen(&latest).0.len(), 6, "nobody is named, so they may be six people");
    }

    #[test]
    fn with_few_senders_there_is_no_top() {
        let latest = rows(&["a", "b", "c", "d", "e", "e"]);
        let (top, below) = chosen(&latest);
        assert_eq!((credits(&top).as_str(), credits(&below).as_str()), ("", "abcdee"));
    }

    #[test]
    fn after_the_day_the_page_says_thank_you_with_figures() {
        let (edition, stats) = (sample::edition().unwrap(), sample::stats().unwrap());
        let late = edition.grace_ends_at;
        let home =
            |now| Home::of(Some(&edition), (&sample::rows(12), Some(&stats)), now, Lang::En, "https://photos.example");
        assert_eq!(home(late).claim, "Thank you.");
        assert!(home(late).lead.starts_with(&format!("{} photos from ", stats.photos)), "{}", home(late).lead);
        assert_eq!(home(sample::morning()).claim, "The work behind every lesson.");
        assert!(home(sample::morning()).counts.is_some());
    }
}
