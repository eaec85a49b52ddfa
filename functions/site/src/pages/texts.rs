//! `/take-part`, `/rules`, `/privacy`, `/accessibility`, `/safety`: what this system does, in plain words.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use shared::{
    domain::{Edition, limits, trust::Trust},
    pages::{
        Page, format,
        lang::{Lang, filled},
        layout::{Layout, Nav},
        links, sample,
    },
    web::{Cache, Problem},
};

use crate::App;

/// The rules.
#[derive(Clone, Debug, Template)]
#[template(path = "rules.html")]
pub struct Rules {
    /// What all pages share.
    pub layout: Layout,
    /// When photos may be added, as a sentence; empty while no edition has been set up.
    pub window: String,
    /// For how long a registered photo may still arrive, as a sentence.
    pub grace: String,
    /// Of which kind and size a photo may be, as a sentence.
    pub files: String,
    /// How long a caption may be, as a sentence.
    pub caption: String,
    /// What uploaders agree to.
    pub consent: String,
    /// Whether that is English on a page in another language.
    pub consent_is_english: bool,
    /// Who looks at a photo before everybody sees it.
    pub look: String,
}

/// How to take part.
#[derive(Clone, Debug, Template)]
#[template(path = "take-part.html")]
pub struct TakePart {
    /// What all pages share.
    pub layout: Layout,
    /// When photos may be added, as a sentence; empty while no edition has been set up.
    pub window: String,
    /// Tags to post with.
    pub tags: String,
}

/// What is kept.
#[derive(Clone, Debug, Template)]
#[template(path = "privacy.html")]
pub struct Privacy {
    /// What all pages share.
    pub layout: Layout,
    /// Days for which originals are kept, if the organiser says nothing else.
    pub original_days: i64,
    /// Days for which a report is kept.
    pub report_days: i64,
    /// Days for which the words of a decision are kept.
    pub words_days: i64,
    /// Days for which it is remembered what a moderator removed.
    pub block_days: i64,
}

/// For whom the site works, and where not yet.
#[derive(Clone, Debug, Template)]
#[template(path = "accessibility.html")]
pub struct Accessibility {
    /// What all pages share.
    pub layout: Layout,
}

/// Pupils, decisions, reports.
#[derive(Clone, Debug, Template)]
#[template(path = "safety.html")]
pub struct Safety {
    /// What all pages share.
    pub layout: Layout,
    /// Who looks at a photo before everybody sees it.
    pub look: String,
}

/// When photos of `edition` may be added, as a sentence; empty where there is none.
fn window(edition: Option<&Edition>, lang: Lang) -> String {
    let window = edition.map(|edition| {
        let (opens_at, closes_at) = (edition.opens_at, edition.closes_at);
        let same_day = format::date(opens_at) == format::date(closes_at);
        let closes = format::time(closes_at);
        let closes = if same_day { closes } else { format!("{}, {closes}", lang.day(closes_at)) };
        let facts = [("day", &*lang.day(opens_at)), ("opens", &format::time(opens_at)), ("closes", &closes)];
        filled(lang.words().window, &facts)
    });
    window.unwrap_or_default()
}

/// Who looks at a photo before everybody sees it, in sentences.
fn look(edition: Option<&Edition>, lang: Lang) -> String {
    let words = lang.words();
    let Some(Trust { after, checked_percent }) = edition.and_then(|edition| edition.trust) else {
        return words.look_every.to_owned();
    };
    let photos = lang.counted(after.into(), &words.photos);
    filled(words.look_until, &[("photos", &photos), ("percent", &checked_percent.to_string())])
}

/// A page of these words in `lang`, at `here`.
fn text(title: &str, description: &str, lang: Lang, here: &str, site_origin: &str) -> Layout {
    let mut layout = Layout::public(title, Nav::None).described(description).speaking(lang, here);
    layout.canonical = format!("{site_origin}{}", lang.address(here));
    layout
}

impl TakePart {
    /// How to take part in `edition`.
    pub fn of(edition: Option<&Edition>, lang: Lang, site_origin: &str) -> Self {
        let tags = edition.iter().flat_map(|edition| &edition.hashtags).map(|tag| format!("#{tag}"));
        let words = lang.words();
        let layout =
            text(words.take_part, words.part_description, lang, &links::take_part(), site_origin).for_edition(edition);
        Self { layout, window: window(edition, lang), tags: tags.collect::<Vec<_>>().join(" ") }
    }

    /// How to take part in the sample edition.
    pub fn sample() -> Self {
        Self::of(sample::edition().as_ref(), Lang::En, "https://photos.example")
    }

    /// The same in Welsh.
    pub fn sample_welsh() -> Self {
        Self::of(sample::edition().as_ref(), Lang::Cy, "https://photos.example")
    }
}

impl Page for TakePart {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Rules {
    /// The rules of `edition`.
    pub fn of(edition: Option<&Edition>, lang: Lang, site_origin: &str) -> Self {
        let words = lang.words();
        let minutes = edition.map_or(0, |edition| edition.grace_ends_at.duration_since(edition.closes_at).as_mins());
        let minutes = lang.counted(minutes.unsigned_abs(), &words.minutes);
        let megabytes = edition.map_or(limits::MAX_BYTES, |edition| edition.max_bytes) / 1_000_000;
        let (consent, consent_is_english) = edition.map_or(("", false), |edition| lang.consent(edition));
        Self {
            layout: text(words.rules, words.rules_description, lang, &links::rules(), site_origin),
            window: window(edition, lang),
            grace: filled(words.rules_grace, &[("minutes", &minutes)]),
            files: filled(words.rules_send_files, &[("megabytes", &megabytes.to_string())]),
            caption: filled(words.rules_send_caption, &[("max", &limits::CAPTION_MAX.to_string())]),
            consent: consent.to_owned(),
            consent_is_english,
            look: look(edition, lang),
        }
    }

    /// The rules of the sample edition.
    pub fn sample() -> Self {
        Self::of(sample::edition().as_ref(), Lang::En, "https://photos.example")
    }

    /// The same in Welsh.
    pub fn sample_welsh() -> Self {
        Self::of(sample::edition().as_ref(), Lang::Cy, "https://photos.example")
    }
}

impl Privacy {
    /// The page; it is the same everywhere.
    pub fn new() -> Self {
        Self {
            layout: Layout::public("Privacy", Nav::None).described("What this site keeps, why, and for how long."),
            original_days: limits::ORIGINAL_DAYS,
            report_days: limits::REPORT_DAYS,
            words_days: limits::AUDIT_WORDS_DAYS,
            block_days: limits::BLOCK_DAYS,
        }
    }
}

impl Accessibility {
    /// The page; it is the same everywhere.
    pub fn new() -> Self {
        Self {
            layout: Layout::public("Accessibility", Nav::None)
                .described("For whom this site works, and where not yet."),
        }
    }
}

impl Safety {
    /// How photos of `edition` are looked at.
    pub fn of(edition: Option<&Edition>, lang: Lang, site_origin: &str) -> Self {
        let words = lang.words();
        Self {
            layout: text(words.safety, words.safety_description, lang, &links::safety(), site_origin),
            look: look(edition, lang),
        }
    }

    /// What is so where the organiser trusts nobody.
    pub fn sample() -> Self {
        Self::of(sample::edition().as_ref(), Lang::En, "https://photos.example")
    }

    /// The same in Welsh.
    pub fn sample_welsh() -> Self {
        Self::of(sample::edition().as_ref(), Lang::Cy, "https://photos.example")
    }
}

impl Page for Rules {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Default for Privacy {
    fn default() -> Self {
        Self::new()
    }
}

impl Page for Privacy {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Default for Accessibility {
    fn default() -> Self {
        Self::new()
    }
}

impl Page for Accessibility {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Page for Safety {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// `GET /take-part` and `GET /cy/take-part`
pub async fn take_part(State(app): State<App>, lang: Lang) -> Result<Response, Problem> {
    let edition = app.editions.current().await?;
    app.page(StatusCode::OK, Cache::Text, &TakePart::of(edition.as_ref(), lang, &app.site_origin)).await
}

/// `GET /rules` and `GET /cy/rules`
pub async fn rules(State(app): State<App>, lang: Lang) -> Result<Response, Problem> {
    let edition = app.editions.current().await?;
    app.page(StatusCode::OK, Cache::Text, &Rules::of(edition.as_ref(), lang, &app.site_origin)).await
}

/// `GET /privacy`
pub async fn privacy(State(app): State<App>) -> Result<Response, Problem> {
    app.page(StatusCode::OK, Cache::Text, &Privacy::new()).await
}

/// `GET /accessibility`
pub async fn accessibility(State(app): State<App>) -> Result<Response, Problem> {
    app.page(StatusCode::OK, Cache::Text, &Accessibility::new()).await
}

/// `GET /safety` and `GET /cy/safety`
pub async fn safety(State(app): State<App>, lang: Lang) -> Result<Response, Problem> {
    let edition = app.editions.current().await?;
    app.page(StatusCode::OK, Cache::Text, &Safety::of(edition.as_ref(), lang, &app.site_origin)).await
}
