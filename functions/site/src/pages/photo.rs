//! `/p/{id}`: one published photo, with the card that social networks show of it.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use shared::{
    domain::{
        Edition, PhotoId, Refusal, State as PhotoState,
        feed::{self, FeedRow},
        photo::{Photo as Row, Rendition},
        time,
    },
    web::{Cache, Path, Problem},
};

use super::Page;
use crate::{
    App,
    frame::{Frame, Nav},
    links, sample,
    tile::{self, Picture, Tray, nearest},
    words,
};

/// The longest edge of the image on cards, in pixels.
const CARD_EDGE_PX: u32 = 1280;

/// A photo's page.
#[derive(Clone, Debug, Template)]
#[template(path = "photo.html")]
pub struct Photo {
    /// What all pages share.
    pub frame: Frame,
    /// Its caption, or what stands for one.
    pub title: String,
    /// Whom it names.
    pub credit: String,
    /// Its image.
    pub picture: Picture,
    /// Its school.
    pub school: Option<Link>,
    /// Its discipline.
    pub tray: Option<Tray>,
    /// Its edition.
    pub edition: Link,
    /// When it was published, for people.
    pub published: String,
    /// The same for programs.
    pub published_iso: String,
    /// Where to share it.
    pub share: Vec<Link>,
    /// Where to say what is wrong with it.
    pub report: String,
    /// The card.
    pub card: Card,
}

/// A link with its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where to.
    pub href: String,
    /// What it says.
    pub name: String,
}

/// What social networks show of the page, beside its title and description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The site's name.
    pub site_name: String,
    /// The image, if there is one.
    pub image: Option<CardImage>,
}

/// A card's image: always JPEG, which every crawler reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardImage {
    /// Its absolute address.
    pub url: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl Page for Photo {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl Photo {
    /// The page of a published photo of `edition`, on the site at `site_origin`.
    pub fn of(edition: Option<&Edition>, row: &FeedRow, site_origin: &str) -> Self {
        let title = tile::title(row);
        let address = format!("{site_origin}{}", links::photo(&row.id));
        let edition_name = edition.map_or_else(|| row.edition.to_string(), |edition| edition.name.clone());
        let alt = if row.alt.is_empty() { title.clone() } else { row.alt.clone() };
        let mut frame = Frame::public(title.clone(), Nav::None).described(description(row, &edition_name));
        frame.canonical.clone_from(&address);
        frame.page_style = Some(tile::alone(row));
        Self {
            report: links::report(&row.id),
            frame,
            credit: row.credit.clone(),
            picture: Picture::of(row, alt, "(min-width: 84rem) 55rem, (min-width: 64rem) 62vw, 96vw".into(), true),
            school: row
                .school
                .as_ref()
                .map(|school| Link { href: links::school(&school.key()), name: school.name.clone() }),
            tray: row.discipline.as_ref().map(|slug| Tray::of(edition, slug)),
            edition: Link { href: links::edition(&row.edition), name: edition_name.clone() },
            published: words::date_and_time(row.published_at),
            published_iso: time::rfc3339(row.published_at),
            share: share(edition, &title, &address),
            card: Card { site_name: edition_name, image: card_image(row, site_origin) },
            title,
        }
    }

    /// A photo with everything.
    pub fn sample() -> Self {
        Self::sampled(0)
    }

    /// A photo that is higher than wide, in a right-to-left script.
    pub fn sample_portrait() -> Self {
        Self::sampled(1)
    }

    fn sampled(i: usize) -> Self {
        let mut rows = sample::rows(i + 1);
        match rows.pop() {
            Some(row) => Self::of(sample::edition().as_ref(), &row, "https://photos.example"),
            None => Self::nothing(),
        }
    }

    /// What the samples fall back to where the shipped settings cannot be read, which a test rules out.
    fn nothing() -> Self {
        Self {
            report: String::new(),
            frame: Frame::default(),
            title: String::new(),
            credit: String::new(),
            picture: Picture::default(),
            school: None,
            tray: None,
            edition: Link { href: links::gallery(), name: String::new() },
            published: String::new(),
            published_iso: String::new(),
            share: Vec::new(),
            card: Card { site_name: String::new(), image: None },
        }
    }
}

fn description(row: &FeedRow, edition: &str) -> String {
    let by = if row.credit.is_empty() { String::new() } else { format!(" by {}", row.credit) };
    let at = row.school.as_ref().map(|school| format!(", {}", school.name)).unwrap_or_default();
    format!("A photo{by}{at}. {edition}: the work of technicians in schools and colleges.")
}

fn card_image(row: &FeedRow, site_origin: &str) -> Option<CardImage> {
    let jpegs: Vec<&Rendition> =
        row.renditions.iter().filter(|rendition| rendition.content_type() == "image/jpeg").collect();
    let image = nearest(&jpegs, CARD_EDGE_PX)?;
    Some(CardImage {
        url: format!("{site_origin}{}", links::rendition(row, image)),
        width: image.width,
        height: image.height,
    })
}

fn share(edition: Option<&Edition>, title: &str, address: &str) -> Vec<Link> {
    let tags = edition.iter().flat_map(|edition| &edition.hashtags);
    let text = tags.fold(title.to_owned(), |text, tag| format!("{text} #{tag}"));
    let link = |name: &str, href| Link { href, name: name.into() };
    vec![
        link("Bluesky", links::share_bluesky(&text, address)),
        link("Facebook", links::share_facebook(address)),
        link("LinkedIn", links::share_linkedin(address)),
        link("X", links::share_x(&text, address)),
        link("E-mail", links::share_email(title, &format!("{text}\n\n{address}"))),
    ]
}

/// The row of a photo that everybody may see.
///
/// # Errors
/// Withdrawn where it was public once and is hidden or deleted now; not found otherwise, whether it exists or not.
pub fn shown(photo: Option<&Row>) -> Result<FeedRow, Refusal> {
    let photo = photo.ok_or(Refusal::PhotoNotFound)?;
    match photo.state {
        PhotoState::Published => feed::row(photo).ok_or(Refusal::PhotoNotFound),
        PhotoState::Hidden | PhotoState::Deleted if photo.published_at.is_some() => Err(Refusal::PhotoWithdrawn),
        PhotoState::Reserved
        | PhotoState::Pending
        | PhotoState::Hidden
        | PhotoState::Rejected
        | PhotoState::Expired
        | PhotoState::Deleted
        | PhotoState::Quarantined => Err(Refusal::PhotoNotFound),
    }
}

/// `GET /p/{id}`
pub async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Problem> {
    let id: PhotoId = id.parse().map_err(|_| Refusal::PhotoNotFound)?;
    let row = shown(app.photos.get(&id).await?.as_ref())?;
    let edition = app.editions.get(&row.edition).await?;
    app.page(StatusCode::OK, Cache::Deep, &Photo::of(edition.as_ref(), &row, &app.config.site_origin))
}
