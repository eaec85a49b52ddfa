//! `/take-part`, `/rules`, `/privacy`, `/accessibility`, `/safety`: what this system does, in plain words.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use shared::{
    domain::{Edition, limits, trust::Trust},
    web::{Cache, Problem},
};

use super::Page;
use crate::{
    App,
    frame::{Frame, Nav},
    lang::Lang,
    links, sample, words,
};

/// The rules.
#[derive(Clone, Debug, Template)]
#[template(path = "rules.html")]
pub struct Rules {
    /// What all pages share.
    pub frame: Frame,
    /// When photos may be added, as a sentence; empty while no edition has been set up.
    pub window: String,
    /// Minutes for which a registered photo may still arrive.
    pub grace: i64,
    /// The largest photo.
    pub max_megabytes: u64,
    /// Characters of a caption.
    pub caption_max: usize,
    /// What uploaders agree to.
    pub consent: String,
    /// Who looks at a photo before everybody sees it.
    pub look: String,
}

/// How to take part.
#[derive(Clone, Debug, Template)]
#[template(path = "take-part.html")]
pub struct TakePart {
    /// What all pages share.
    pub frame: Frame,
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
    pub frame: Frame,
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
    pub frame: Frame,
}

/// Pupils, decisions, reports.
#[derive(Clone, Debug, Template)]
#[template(path = "safety.html")]
pub struct Safety {
    /// What all pages share.
    pub frame: Frame,
    /// Who looks at a photo before everybody sees it.
    pub look: String,
}

/// When photos of `edition` may be added, as a sentence; empty where there is none.
fn window(edition: Option<&Edition>, lang: Lang) -> String {
    let window = edition.map(|edition| {
        let (opens_at, closes_at) = (edition.opens_at, edition.closes_at);
        let same_day = words::date(opens_at) == words::date(closes_at);
        let closes = words::time(closes_at);
        let closes = if same_day { closes } else { format!("{}, {closes}", lang.day(closes_at)) };
        lang.words()
            .window
            .replace("{day}", &lang.day(opens_at))
            .replace("{opens}", &words::time(opens_at))
            .replace("{closes}", &closes)
    });
    window.unwrap_or_default()
}

/// Who looks at a photo before everybody sees it, in sentences.
fn look(edition: Option<&Edition>) -> String {
    let Some(Trust { after, checked_percent }) = edition.and_then(|edition| edition.trust) else {
        return "A person looks at every photo before anybody else sees it.".to_owned();
    };
    let public = words::counted(i64::from(after), "photo");
    format!(
        "A person looks at photos before anybody else sees them, until a device has {public} that are public, and none that was \
         rejected, removed or reported. From then on its photos are shown without that look as soon as they are ready, but for {checked_percent} in every \
         hundred. Photos in which pupils might be seen, and those about which a machine noticed something, always wait for a person."
    )
}

impl TakePart {
    /// How to take part in `edition`.
    pub fn of(edition: Option<&Edition>, lang: Lang, site_origin: &str) -> Self {
        let tags = edition.iter().flat_map(|edition| &edition.hashtags).map(|tag| format!("#{tag}"));
        let mut frame = Frame::public(lang.words().take_part, Nav::None)
            .described("For technicians, for those who work with them, and for whoever puts up a screen.")
            .speaking(lang, &links::take_part())
            .for_edition(edition);
        frame.canonical = format!("{site_origin}{}", lang.address(&links::take_part()));
        Self { frame, window: window(edition, lang), tags: tags.collect::<Vec<_>>().join(" ") }
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
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl Rules {
    /// The rules of `edition`.
    pub fn of(edition: Option<&Edition>) -> Self {
        Self {
            frame: Frame::public("Rules", Nav::None).described("Who may take part, when, and with which photos."),
            window: window(edition, Lang::En),
            grace: edition.map_or(0, |edition| edition.grace_ends_at.duration_since(edition.closes_at).as_mins()),
            max_megabytes: edition.map_or(limits::MAX_BYTES, |edition| edition.max_bytes) / 1_000_000,
            caption_max: limits::CAPTION_MAX,
            consent: edition.map(|edition| edition.consent.text.clone()).unwrap_or_default(),
            look: look(edition),
        }
    }

    /// The rules of the sample edition.
    pub fn sample() -> Self {
        Self::of(sample::edition().as_ref())
    }
}

impl Privacy {
    /// The page; it is the same everywhere.
    pub fn new() -> Self {
        Self {
            frame: Frame::public("Privacy", Nav::None).described("What this site keeps, why, and for how long."),
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
            frame: Frame::public("Accessibility", Nav::None).described("For whom this site works, and where not yet."),
        }
    }
}

impl Safety {
    /// How photos of `edition` are looked at.
    pub fn of(edition: Option<&Edition>) -> Self {
        Self {
            look: look(edition),
            frame: Frame::public("Safety and reports", Nav::None)
                .described("No recognisable pupil, and how to report a photo."),
        }
    }

    /// What is so where the organiser trusts nobody.
    pub fn sample() -> Self {
        Self::of(sample::edition().as_ref())
    }
}

impl Page for Rules {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl Default for Privacy {
    fn default() -> Self {
        Self::new()
    }
}

impl Page for Privacy {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl Default for Accessibility {
    fn default() -> Self {
        Self::new()
    }
}

impl Page for Accessibility {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl Page for Safety {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// `GET /take-part` and `GET /cy/take-part`
pub async fn take_part(State(app): State<App>, lang: Lang) -> Result<Response, Problem> {
    let edition = app.editions.current().await?;
    app.page(StatusCode::OK, Cache::Text, &TakePart::of(edition.as_ref(), lang, &app.config.site_origin)).await
}

/// `GET /rules`
pub async fn rules(State(app): State<App>) -> Result<Response, Problem> {
    let edition = app.editions.current().await?;
    app.page(StatusCode::OK, Cache::Text, &Rules::of(edition.as_ref())).await
}

/// `GET /privacy`
pub async fn privacy(State(app): State<App>) -> Result<Response, Problem> {
    app.page(StatusCode::OK, Cache::Text, &Privacy::new()).await
}

/// `GET /accessibility`
pub async fn accessibility(State(app): State<App>) -> Result<Response, Problem> {
    app.page(StatusCode::OK, Cache::Text, &Accessibility::new()).await
}

/// `GET /safety`
pub async fn safety(State(app): State<App>) -> Result<Response, Problem> {
    let edition = app.editions.current().await?;
    app.page(StatusCode::OK, Cache::Text, &Safety::of(edition.as_ref())).await
}
