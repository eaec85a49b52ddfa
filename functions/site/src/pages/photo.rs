//! `/p/{id}`: one published photo, with the card that social networks show beside a link to it.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use shared::{
    domain::{
        Edition, PhotoId, Refusal,
        feed::{self, FeedRow, Filter},
        text::escape_html,
        time,
    },
    pages::{
        Page, format,
        lang::Lang,
        layout::{Alternate, Card, CardVideo, Layout, Nav, Plays},
        links, sample,
        tile::{self, DisciplineBadge, Picture},
    },
    store::feed::Neighbours,
    web::{Cache, Path, Problem},
};

use crate::{
    App,
    share::{Count, Draft, Post},
};

/// The page of a photo.
#[derive(Clone, Debug, Template)]
#[template(path = "photo.html")]
pub struct Photo {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The photo's id.
    pub id: String,
    /// The photo's caption, or a substitute if it has none.
    pub title: String,
    /// The credit line.
    pub credit: String,
    /// The photo's image.
    pub picture: Picture,
    /// The photo's file if it is a video.
    pub film: Option<Film>,
    /// The address of its largest file, for full-screen view.
    pub largest: String,
    /// The photo's school.
    pub school: Option<Link>,
    /// The photo's discipline.
    pub tray: Option<DisciplineBadge>,
    /// The photo's edition.
    pub edition: Link,
    /// That a moderator picked the photo, and when; empty if none has.
    pub picked: String,
    /// When the photo was published, for people.
    pub published: String,
    /// When the photo was published, for programs (ISO 8601).
    pub published_iso: String,
    /// Link to the next newer photo.
    pub newer: Option<Link>,
    /// Link to the next older photo.
    pub older: Option<Link>,
    /// Links that share the page on social networks.
    pub share: Vec<Draft>,
    /// The text of a post about the photo, for the device's own share dialogue.
    pub post: String,
    /// The markup with which another site embeds the photo.
    pub embed: String,
    /// The address at which the photo is reported.
    pub report: String,
}

/// A video on its page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Film {
    /// The file's address.
    pub src: String,
    /// The address of the picture that is shown before it plays.
    pub poster: String,
    /// How long it is, such as `0:34`.
    pub length: String,
    /// The file's size, such as `5.8 MB`.
    pub size: String,
    /// What is heard; empty if it has no sound.
    pub transcript: String,
    /// Whether it has sound.
    pub sound: bool,
}

impl Film {
    fn new(row: &FeedRow) -> Option<Self> {
        let film = row.film.as_ref()?;
        let jpegs: Vec<_> = row.renditions.iter().filter(|r| r.content_type() == "image/jpeg").collect();
        Some(Self {
            src: links::film(row),
            poster: tile::nearest(&jpegs, POSTER_EDGE_PX).map(|r| links::rendition(row, r)).unwrap_or_default(),
            length: format::duration(film.duration_ms),
            size: format::megabytes(film.bytes),
            transcript: film.transcript.clone(),
            sound: film.sound,
        })
    }
}

/// Longest edge of the picture that is shown before a video plays, in pixels.
const POSTER_EDGE_PX: u32 = 1280;

/// A link with its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The link's address.
    pub href: String,
    /// The link's text.
    pub name: String,
}

impl Page for Photo {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Photo {
    /// Builds the page of a published photo of `edition` between its `neighbours`, on the site at `site_origin`.
    pub fn new(
        edition: Option<&Edition>,
        row: &FeedRow,
        neighbours: &Neighbours,
        lang: Lang,
        site_origin: &str,
    ) -> Self {
        let title = tile::title(row, lang);
        let address = format!("{site_origin}{}", links::photo(&row.id));
        let edition_name = edition.map_or_else(|| row.edition.to_string(), |edition| edition.name.clone());
        let alt = if row.alt.is_empty() { title.clone() } else { row.alt.clone() };
        let published_iso = time::rfc3339(row.published_at);
        let mut layout = Layout::public(title.clone(), Nav::None)
            .described(description(row, &edition_name))
            .speaking(lang, &links::photo(&row.id))
            .with_styles(&["css/components/whole.css"])
            .with_modules(&["js/gallery/photo.js"]);
        layout.canonical = format!("{site_origin}{}", lang.address(&links::photo(&row.id)));
        layout.page_style = Some(tile::alone(row));
        layout.plays = if row.film.is_some() { Plays::Ours } else { Plays::Nothing };
        layout.alternates.push(Alternate {
            kind: "application/json+oembed",
            href: format!("{site_origin}{}", links::oembed(&address)),
            title: title.clone(),
        });
        layout.card = Some(Card {
            kind: "article",
            title: title.clone(),
            site_name: edition_name.clone(),
            published_iso: published_iso.clone(),
            image: tile::card_image(row, lang, site_origin),
            video: row.film.as_ref().map(|_| CardVideo {
                url: format!("{site_origin}{}", links::film(row)),
                width: row.width,
                height: row.height,
            }),
        });
        let shared = format!("{site_origin}{}", lang.address(&links::photo(&row.id)));
        let post = Post::about_photo(edition, row, lang, &shared);
        let link = |row: &FeedRow| Link { href: links::photo(&row.id), name: tile::title(row, lang) };
        let whole = row.renditions.iter().filter(|r| r.is_whole() && r.content_type() == "image/jpeg");
        Self {
            report: links::report(&row.id),
            layout,
            id: row.id.to_string(),
            credit: row.credit.clone(),
            picture: Picture::new(row, alt, "(min-width: 84rem) 55rem, (min-width: 64rem) 62vw, 96vw".into(), true),
            film: Film::new(row),
            largest: whole.max_by_key(|r| r.width).map(|r| links::rendition(row, r)).unwrap_or_default(),
            school: row
                .school
                .as_ref()
                .map(|school| Link { href: links::school(&school.key()), name: school.name.clone() }),
            tray: row.discipline.as_ref().map(|slug| DisciplineBadge::new(edition, slug, lang)),
            edition: Link { href: links::edition(&row.edition), name: edition_name },
            picked: tile::picked(row, lang),
            published: format!("{}, {}", lang.date(row.published_at), format::time(row.published_at)),
            published_iso,
            newer: neighbours.newer.as_ref().map(link),
            older: neighbours.older.as_ref().map(link),
            share: post.drafts(),
            post: post.text(usize::MAX, Count::Graphemes),
            embed: frame_code(
                &format!("{site_origin}{}", links::embed_photo(&row.id)),
                &tile::title(row, Lang::En),
                (row.width, row.height),
            ),
            title,
        }
    }

    /// A sample with all fields.
    pub fn sample() -> Self {
        Self::sampled(0, Lang::En)
    }

    /// A sample of a photo in portrait format.
    pub fn sample_portrait() -> Self {
        Self::sampled(1, Lang::En)
    }

    /// A sample whose caption contains markup.
    pub fn sample_hostile() -> Self {
        Self::sampled(5, Lang::En)
    }

    /// A sample of a video.
    pub fn sample_video() -> Self {
        match sample::video() {
            Some(row) => {
                let edition = sample::edition();
                Self::new(edition.as_ref(), &row, &Neighbours::default(), Lang::En, "https://photos.example")
            }
            None => Self::nothing(),
        }
    }

    /// A sample of a photo on a Welsh page.
    pub fn sample_welsh() -> Self {
        Self::sampled(2, Lang::Cy)
    }

    fn sampled(i: usize, lang: Lang) -> Self {
        let rows = sample::rows(12);
        let neighbours =
            Neighbours { newer: i.checked_sub(1).and_then(|i| rows.get(i).cloned()), older: rows.get(i + 1).cloned() };
        match rows.get(i) {
            Some(row) => Self::new(sample::edition().as_ref(), row, &neighbours, lang, "https://photos.example"),
            None => Self::nothing(),
        }
    }

    /// The sample to use if the shipped settings cannot be read; a test rules that out.
    fn nothing() -> Self {
        Self {
            report: String::new(),
            layout: Layout::default(),
            id: String::new(),
            title: String::new(),
            credit: String::new(),
            picture: Picture::default(),
            film: None,
            largest: String::new(),
            school: None,
            tray: None,
            edition: Link { href: links::gallery(), name: String::new() },
            picked: String::new(),
            published: String::new(),
            published_iso: String::new(),
            newer: None,
            older: None,
            share: Vec::new(),
            post: String::new(),
            embed: String::new(),
        }
    }
}

/// Returns the markup of a frame for another site's page: `address` is one of this site's, `title` names the photo, and `size` is its width
/// and height in pixels.
fn frame_code(address: &str, title: &str, (width, height): (u32, u32)) -> String {
    // The height of the image at a width of 640 pixels, plus its label.
    let high = u64::from(height.max(1)) * 640 / u64::from(width.max(1)) + 110;
    format!(
        "<iframe src=\"{address}\" width=\"640\" height=\"{}\" title=\"{}\" loading=\"lazy\" style=\"border:0;max-width:100%\"></iframe>",
        high.clamp(200, 900),
        escape_html(title)
    )
}

fn description(row: &FeedRow, edition: &str) -> String {
    let by = if row.credit.is_empty() { String::new() } else { format!(" by {}", row.credit) };
    let at = row.school.as_ref().map(|school| format!(", {}", school.name)).unwrap_or_default();
    let what = if row.film.is_some() { "A video" } else { "A photo" };
    let picked = tile::picked(row, Lang::En);
    let picked = if picked.is_empty() { picked } else { format!("{picked}. ") };
    format!("{picked}{what}{by}{at}. {edition}: the work of technicians in schools and colleges.")
}

/// `GET /p/{id}` and `GET /cy/p/{id}`
pub async fn show(State(app): State<App>, lang: Lang, Path(id): Path<String>) -> Result<Response, Problem> {
    let id: PhotoId = id.parse().map_err(|_| Refusal::PhotoNotFound)?;
    let row = feed::public(app.photos.get(&id).await?.as_ref())?;
    let edition = app.editions.get(&row.edition).await?;
    let neighbours = match &edition {
        Some(edition) => app.gallery.neighbours(edition, &Filter::default(), &row).await?,
        None => Neighbours::default(),
    };
    let page = Photo::new(edition.as_ref(), &row, &neighbours, lang, &app.site_origin);
    app.page(StatusCode::OK, Cache::Deep, &page).await
}
