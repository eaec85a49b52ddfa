//! `/gallery` and `/{edition}/`: the feed of an edition in pages, filtered by discipline, nation, school, half hour and search terms.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use shared::{
    domain::{
        Edition, Refusal,
        feed::{self, Cursor, Filter},
        ids::{DisciplineSlug, EditionSlug},
        limits,
        school::{Nation, School, SchoolKey},
        search::SearchTerms,
        stats::Stats,
    },
    pages::{
        Page, format,
        lang::{Lang, Messages, filled},
        layout::{Card, Layout, Nav},
        links, sample,
        tile::{self, Tile, stacked, tiles},
    },
    web::{Cache, Path, Problem, Query, problem::NOT_FOUND},
};

use crate::App;

/// The page of the gallery.
#[derive(Clone, Debug, Template)]
#[template(path = "gallery.html")]
pub struct Gallery {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The heading.
    pub heading: String,
    /// Which part of the feed this page shows, in words.
    pub standing: String,
    /// The disciplines to choose from, beginning with "all".
    pub tabs: Vec<Tab>,
    /// The nations to choose from; empty if no photo's nation is known.
    pub nations: Vec<Tab>,
    /// The half hours to choose from.
    pub halves: Vec<Tab>,
    /// The active filters, each with the address that removes it.
    pub chosen: Vec<ActiveFilter>,
    /// The gallery's address without filters.
    pub base: String,
    /// Filters that a search keeps, as names and values.
    pub kept: Vec<(&'static str, String)>,
    /// The search terms.
    pub words: String,
    /// The photos.
    pub tiles: Vec<Tile>,
    /// What to say if there are no photos.
    pub empty: EmptyState,
    /// Whether the day is over, so that no photos can be added.
    pub over: bool,
    /// The address of the newest page; `None` on that page.
    pub newest: Option<String>,
    /// The address of the next page with older photos; `None` on the last page.
    pub older: Option<String>,
    /// Links to the other editions.
    pub editions: Vec<EditionLink>,
}

/// A filter to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    /// The address of the gallery with this filter, or without it if it is active.
    pub href: String,
    /// The filter's name.
    pub name: String,
    /// The discipline's slug, if the filter is a discipline.
    pub tray: Option<String>,
    /// Whether the filter is active.
    pub current: bool,
    /// How many photos the filter finds; `None` if they were not counted.
    pub photos: Option<String>,
}

/// An active filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveFilter {
    /// What it asks for, in words.
    pub name: String,
    /// The address of the gallery without it.
    pub without: String,
}

/// The message for a gallery without photos.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmptyState {
    /// The heading.
    pub title: &'static str,
    /// The text below it.
    pub text: &'static str,
}

/// A link to another edition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditionLink {
    /// The address of its gallery.
    pub href: String,
    /// Its name.
    pub name: String,
}

/// The gallery's query: which photos, and from where on.
#[derive(Clone, Debug)]
pub struct GalleryQuery {
    /// The gallery's address without filters.
    pub base: String,
    /// The filters.
    pub filter: Filter,
    /// The school, as the reader typed it.
    pub school_name: String,
    /// Where the page begins; `None` begins at the newest photo.
    pub after: Option<Cursor>,
    /// The language of the page.
    pub lang: Lang,
}

impl Page for Gallery {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Gallery {
    /// Builds the gallery of `edition`: `page` is the result of `wanted`, `stats` are the edition's figures, and `all` are the editions to
    /// offer.
    pub fn new(
        edition: Option<&Edition>,
        wanted: &GalleryQuery,
        page: &feed::Page,
        stats: Option<&Stats>,
        all: &[Edition],
        now: Timestamp,
        site_origin: &str,
    ) -> Self {
        let (tiles, style) = tiles(edition, &page.photos, wanted.lang);
        let tiles = stacked(tiles, &page.photos, wanted.lang);
        let filter = &wanted.filter;
        let words = wanted.lang.words();
        let over = edition.is_some_and(|edition| edition.is_over(now));
        let year = edition.map(|edition| edition.name.clone()).unwrap_or_default();
        let names = Names::new(edition, wanted, page);
        let heading = match names.heading(words) {
            Some(heading) => heading,
            None if wanted.base == links::gallery() => words.gallery.to_owned(),
            None => year.clone(),
        };
        let title = if heading == year { year.clone() } else { format!("{heading}, {year}") };
        let here = wanted.link(wanted.after.as_ref());
        let mut layout = Layout::public(
            if wanted.after.is_some() { format!("{heading}, {}", words.older_photos) } else { heading.clone() },
            Nav::Gallery,
        )
        .described(filled(words.gallery_description, &[("title", &title)]))
        .with_feed(edition.map(|edition| &edition.slug), filter, &title)
        .with_modules(&["js/gallery/gallery.js"])
        .speaking(wanted.lang, &here);
        layout.canonical = format!("{site_origin}{}", wanted.lang.address(&here));
        // The results of a search are the reader's own and should not appear in search engines.
        layout.indexed = filter.words.is_empty();
        layout.page_style = style;
        layout.card = Some(Card {
            kind: "website",
            title,
            site_name: year.clone(),
            published_iso: String::new(),
            video: None,
            image: page.photos.first().and_then(|row| tile::card_image(row, wanted.lang, site_origin)),
        });
        let standing = match (wanted.after.is_some(), tiles.is_empty()) {
            (_, true) => String::new(),
            (false, false) => format!("{year}, {}", words.newest_first),
            (true, false) => format!("{year}, {}", words.older_photos),
        };
        // A search says how much it has found.
        let counted = |n: usize| wanted.lang.counted(u64::try_from(n).unwrap_or(u64::MAX), &words.photos);
        let standing = match page.found.filter(|_| !standing.is_empty()) {
            Some(n) => format!("{}. {standing}", counted(n)),
            None => standing,
        };
        Self {
            layout,
            standing,
            tabs: wanted.disciplines(edition),
            nations: wanted.nations(stats),
            halves: wanted.halves(stats),
            chosen: wanted.chosen(&names),
            base: wanted.base.clone(),
            kept: wanted.kept(),
            words: filter.words.to_string(),
            tiles,
            over,
            empty: empty(filter, wanted.after.is_some(), over, words),
            newest: wanted.after.as_ref().map(|_| wanted.link(None)),
            older: page.next.as_ref().map(|next| wanted.link(Some(next))),
            editions: all
                .iter()
                .filter(|other| edition.is_none_or(|edition| edition.slug != other.slug))
                .map(|other| EditionLink { href: links::edition(&other.slug), name: other.name.clone() })
                .collect(),
            heading,
        }
    }

    /// A sample of a full page, followed by older photos.
    pub fn sample() -> Self {
        let photos = sample::rows(24);
        let next = photos.last().map(|row| Cursor(row.position()));
        Self::sampled(Filter::default(), photos, next, Lang::En)
    }

    /// A sample of a filter without results.
    pub fn sample_empty() -> Self {
        Self::sampled(Filter { discipline: "pe".parse().ok(), ..Filter::default() }, Vec::new(), None, Lang::En)
    }

    /// A sample of a search among the photos of a discipline and a nation.
    pub fn sample_search() -> Self {
        let filter = Filter {
            discipline: "science".parse().ok(),
            nation: Some(Nation::Wales),
            words: "crystals \"<b>".parse().unwrap_or_default(),
            ..Filter::default()
        };
        Self::sampled(filter, sample::rows(1), None, Lang::En)
    }

    /// A sample of a filter without results, in Welsh.
    pub fn sample_welsh() -> Self {
        Self::sampled(Filter { discipline: "pe".parse().ok(), ..Filter::default() }, Vec::new(), None, Lang::Cy)
    }

    fn sampled(filter: Filter, photos: Vec<feed::FeedRow>, next: Option<Cursor>, lang: Lang) -> Self {
        let edition = sample::edition();
        let earlier: Vec<Edition> = edition
            .iter()
            .filter_map(|edition| {
                Some(Edition { slug: "2024".parse().ok()?, name: "#TECHOGNITION 2024".into(), ..edition.clone() })
            })
            .collect();
        let searched = !filter.words.is_empty();
        let wanted = GalleryQuery { filter, ..GalleryQuery::all(lang) };
        let found = searched.then_some(photos.len());
        let page = feed::Page { photos, next, found };
        let stats = sample::stats();
        Self::new(
            edition.as_ref(),
            &wanted,
            &page,
            stats.as_ref(),
            &earlier,
            sample::morning(),
            "https://photos.example",
        )
    }
}

fn empty(filter: &Filter, deep: bool, over: bool, words: &Messages) -> EmptyState {
    match (filter.is_empty(), filter.words.is_empty(), deep) {
        (_, _, true) => EmptyState { title: words.last_ones, text: words.last_ones_more },
        (false, false, false) => EmptyState { title: words.nothing_says, text: words.nothing_says_more },
        (false, true, false) => EmptyState { title: words.tray_empty, text: words.tray_empty_more },
        (true, _, false) if over => EmptyState { title: words.rack_stayed_empty, text: words.rack_stayed_empty_more },
        (true, _, false) => EmptyState { title: words.rack_empty, text: words.rack_empty_more },
    }
}

/// The names of the active filters.
struct Names {
    discipline: Option<String>,
    school: Option<String>,
    nation: Option<String>,
    half: Option<String>,
    picked: Option<String>,
    words: Option<String>,
}

impl Names {
    fn new(edition: Option<&Edition>, wanted: &GalleryQuery, page: &feed::Page) -> Self {
        let filter = &wanted.filter;
        let first_school = page.photos.first().and_then(|row| row.school.as_ref()).map(|school| school.name.clone());
        let discipline = filter.discipline.as_ref().and_then(|slug| edition?.discipline(slug));
        Self {
            discipline: discipline
                .zip(edition)
                .map(|(discipline, edition)| wanted.lang.discipline(edition, discipline).to_owned()),
            school: filter.school.as_ref().map(|_| first_school.unwrap_or_else(|| wanted.school_name.clone())),
            nation: filter.nation.map(|nation| wanted.lang.nation(nation).to_owned()),
            half: filter.half.map(|half| wanted.lang.half_hour(half)),
            picked: filter.picked.then(|| wanted.lang.words().picks.to_owned()),
            words: Some(filter.words.to_string()).filter(|_| !filter.words.is_empty()),
        }
    }

    /// Returns a heading such as `Science at Sample Academy in Wales, 09:30 to 10:00: “crystals”`; `None` if no filter is active.
    fn heading(&self, words: &Messages) -> Option<String> {
        let within = |what: Option<String>, place: &Option<String>, phrase: &str, name: &str| match (what, place) {
            (Some(what), Some(place)) => Some(filled(phrase, &[("what", &what), (name, place)])),
            (what, place) => what.or_else(|| place.clone()),
        };
        let what = within(self.discipline.clone(), &self.school, words.gallery_at, "school");
        let what = within(what, &self.nation, words.gallery_in, "nation");
        let parts: Vec<String> = self.picked.clone().into_iter().chain(what).chain(self.half.clone()).collect();
        let said = parts.join(", ");
        match (&self.words, said.is_empty()) {
            (None, true) => None,
            (None, false) => Some(said),
            (Some(words), true) => Some(format!("“{words}”")),
            (Some(words), false) => Some(format!("{said}: “{words}”")),
        }
    }
}

/// The query of a gallery. Unknown names are ignored: social networks add their own to shared addresses.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Filters {
    discipline: Option<String>,
    nation: Option<String>,
    school: Option<String>,
    half: Option<String>,
    picked: Option<String>,
    q: Option<String>,
    after: Option<String>,
}

impl GalleryQuery {
    /// Reads `filters` for the gallery of `edition`, whose address is `base`.
    ///
    /// # Errors
    /// A 404 problem if a filter or the cursor names something that does not exist; a refusal if the school cannot be read.
    pub fn new(edition: &Edition, base: String, filters: &Filters, lang: Lang) -> Result<Self, Problem> {
        let discipline: Option<DisciplineSlug> =
            read(filters.discipline.as_ref(), "There is no such discipline in this edition.")?;
        if discipline.as_ref().is_some_and(|slug| edition.discipline(slug).is_none()) {
            return Err(Problem::new(&NOT_FOUND, "There is no such discipline in this edition."));
        }
        let school_name = filters.school.as_deref().map(str::trim).unwrap_or_default().to_owned();
        let filter = Filter {
            discipline,
            nation: read(filters.nation.as_ref(), "There is no such nation.")?,
            school: school_key(&school_name)?,
            half: read(filters.half.as_ref(), "There is no such half hour.")?,
            picked: filters.picked.as_deref() == Some("true"),
            words: filters.q.as_deref().unwrap_or_default().parse().unwrap_or_default(),
        };
        let after = read(filters.after.as_ref(), "There is no such page of the gallery.")?;
        Ok(Self { base, filter, school_name, after, lang })
    }

    /// The query for all photos of the current edition, beginning with the newest.
    fn all(lang: Lang) -> Self {
        let (filter, base) = (Filter::default(), links::gallery());
        Self { base, filter, school_name: String::new(), after: None, lang }
    }

    fn link(&self, after: Option<&Cursor>) -> String {
        links::feed(&self.base, &self.filter, after)
    }

    /// Returns the address of the gallery with a changed filter, beginning with the newest photo.
    fn to(&self, change: impl FnOnce(&mut Filter)) -> String {
        let mut filter = self.filter.clone();
        change(&mut filter);
        links::feed(&self.base, &filter, None)
    }

    fn disciplines(&self, edition: Option<&Edition>) -> Vec<Tab> {
        let chosen = self.filter.discipline.as_ref();
        let all = Tab {
            href: self.to(|filter| filter.discipline = None),
            name: self.lang.words().all.into(),
            tray: None,
            current: chosen.is_none(),
            photos: None,
        };
        let disciplines =
            edition.map(|edition| self.lang.disciplines(edition)).unwrap_or_default().into_iter().map(|discipline| {
                Tab {
                    href: self.to(|filter| filter.discipline = Some(discipline.slug.clone())),
                    tray: Some(discipline.slug.to_string()),
                    current: chosen == Some(&discipline.slug),
                    photos: None,
                    name: discipline.name,
                }
            });
        std::iter::once(all).chain(disciplines).collect()
    }

    fn nations(&self, stats: Option<&Stats>) -> Vec<Tab> {
        let counted = stats.iter().flat_map(|stats| &stats.nations).filter(|(_, photos)| *photos > 0);
        counted
            .map(|(nation, photos)| Tab {
                href: self.to(|filter| filter.nation = Some(*nation).filter(|_| filter.nation != Some(*nation))),
                name: self.lang.nation(*nation).to_owned(),
                tray: None,
                current: self.filter.nation == Some(*nation),
                photos: Some(self.lang.counted(*photos, &self.lang.words().photos)),
            })
            .collect()
    }

    fn halves(&self, stats: Option<&Stats>) -> Vec<Tab> {
        let counted = stats.iter().flat_map(|stats| &stats.halves).filter(|(_, photos)| *photos > 0);
        counted
            .map(|(half, photos)| Tab {
                href: self.to(|filter| filter.half = Some(*half).filter(|_| filter.half != Some(*half))),
                name: format::time(half.begins_at()),
                tray: None,
                current: self.filter.half == Some(*half),
                photos: Some(photos.to_string()),
            })
            .collect()
    }

    fn chosen(&self, names: &Names) -> Vec<ActiveFilter> {
        let mut chosen = Vec::new();
        let mut add = |name: &Option<String>, without: String| {
            chosen.extend(name.clone().map(|name| ActiveFilter { name, without }));
        };
        add(&names.discipline, self.to(|filter| filter.discipline = None));
        add(&names.nation, self.to(|filter| filter.nation = None));
        add(&names.school, self.to(|filter| filter.school = None));
        add(&names.half, self.to(|filter| filter.half = None));
        add(&names.picked, self.to(|filter| filter.picked = false));
        add(
            &names.words.as_ref().map(|words| format!("“{words}”")),
            self.to(|filter| filter.words = SearchTerms::default()),
        );
        chosen
    }

    /// Returns the filters that a search keeps: all except the search terms.
    fn kept(&self) -> Vec<(&'static str, String)> {
        let filter = &self.filter;
        [
            ("discipline", filter.discipline.as_ref().map(ToString::to_string)),
            ("nation", filter.nation.map(|nation| nation.to_string())),
            ("school", filter.school.as_ref().map(ToString::to_string)),
            ("half", filter.half.map(|half| half.to_string())),
            ("picked", filter.picked.then(|| "true".to_owned())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

/// Parses a part of the query; an empty one is `None`.
fn read<T: std::str::FromStr>(text: Option<&String>, otherwise: &'static str) -> Result<Option<T>, Problem> {
    let text = text.map(|text| text.trim()).filter(|text| !text.is_empty());
    text.map(|text| text.parse().map_err(|_| Problem::new(&NOT_FOUND, otherwise))).transpose()
}

/// Returns the key of a school that is given by its key, its number or its name.
fn school_key(written: &str) -> Result<Option<SchoolKey>, Refusal> {
    if let Ok(key) = written.parse() {
        return Ok(Some(key));
    }
    Ok(School::named(written)?.map(|school| school.key()))
}

/// `GET /gallery` and `GET /cy/gallery`
pub async fn show(State(app): State<App>, lang: Lang, Query(filters): Query<Filters>) -> Result<Response, Problem> {
    if let Some(edition) = app.editions.current().await? {
        return answer(&app, &edition, links::gallery(), &filters, lang).await;
    }
    let page = feed::Page { photos: Vec::new(), next: None, found: None };
    app.page(
        StatusCode::OK,
        Cache::Head,
        &Gallery::new(None, &GalleryQuery::all(lang), &page, None, &[], app.clock.now(), &app.site_origin),
    )
    .await
}

/// `GET /{edition}/` and `GET /cy/{edition}/`
pub async fn of_edition(
    State(app): State<App>,
    lang: Lang,
    Path(slug): Path<EditionSlug>,
    Query(filters): Query<Filters>,
) -> Result<Response, Problem> {
    let edition = app.editions.get(&slug).await?.ok_or(Refusal::UnknownEdition)?;
    answer(&app, &edition, links::edition(&slug), &filters, lang).await
}

/// `GET /{edition}`: redirects to the address with the slash.
pub async fn to_edition(State(app): State<App>, Path(slug): Path<String>) -> Result<Response, Problem> {
    let nothing = || Problem::new(&NOT_FOUND, "There is nothing at this address.");
    let slug: EditionSlug = slug.parse().map_err(|_| nothing())?;
    let edition = app.editions.get(&slug).await?.ok_or_else(nothing)?;
    Ok(Redirect::permanent(&links::edition(&edition.slug)).into_response())
}

async fn answer(
    app: &App,
    edition: &Edition,
    base: String,
    filters: &Filters,
    lang: Lang,
) -> Result<Response, Problem> {
    let wanted = GalleryQuery::new(edition, base, filters, lang)?;
    let page = app.gallery.page(edition, &wanted.filter, wanted.after.as_ref(), limits::PAGE_DEFAULT);
    let (page, stats) = futures::try_join!(page, app.gallery.counts(edition))?;
    let all = app.editions.all().await?;
    let cache = if wanted.after.is_some() { Cache::Deep } else { Cache::Head };
    app.page(
        StatusCode::OK,
        cache,
        &Gallery::new(Some(edition), &wanted, &page, Some(&stats), &all, app.clock.now(), &app.site_origin),
    )
    .await
}
