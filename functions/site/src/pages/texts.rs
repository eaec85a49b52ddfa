//! `/take-part`, `/rules`, `/privacy`, `/accessibility`, `/safety`: pages that explain the system in plain words.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use jiff::Timestamp;
use shared::{
    domain::{Edition, draw::entry::CONTACT_DAYS, limits, trust::Trust},
    pages::{
        Page, format,
        lang::{Lang, filled},
        layout::{Layout, Nav},
        links, sample, sample_draws,
    },
    web::{Cache, Problem},
};

use super::draws::DrawLink;
use crate::App;

/// The page of the rules.
#[derive(Clone, Debug, Template)]
#[template(path = "rules.html")]
pub struct Rules {
    /// The layout that all pages share.
    pub layout: Layout,
    /// When photos may be added, as a sentence; empty if no edition has been set up.
    pub window: String,
    /// How long a registered photo may still arrive, as a sentence.
    pub grace: String,
    /// Which file types and sizes are accepted, as a sentence.
    pub files: String,
    /// How long a video may be, as a sentence; empty if none is accepted.
    pub video: String,
    /// How long a caption may be, as a sentence.
    pub caption: String,
    /// The text that uploaders agree to.
    pub consent: String,
    /// Whether that text is English on a page in another language.
    pub consent_is_english: bool,
    /// Who looks at a photo before it is published.
    pub look: String,
    /// The prize draws of the edition.
    pub draws: Vec<DrawLink>,
}

/// The page about how to take part.
#[derive(Clone, Debug, Template)]
#[template(path = "take-part.html")]
pub struct TakePart {
    /// The layout that all pages share.
    pub layout: Layout,
    /// When photos may be added, as a sentence; empty if no edition has been set up.
    pub window: String,
    /// Hashtags to post with.
    pub tags: String,
    /// The prize draws that can still be entered.
    pub draws: Vec<DrawLink>,
}

/// The page about what is stored.
#[derive(Clone, Debug, Template)]
#[template(path = "privacy.html")]
pub struct Privacy {
    /// The layout that all pages share.
    pub layout: Layout,
    /// Days for which originals are kept unless the organiser configures something else.
    pub original_days: i64,
    /// Days for which a report is kept.
    pub report_days: i64,
    /// Days for which the text of a decision is kept.
    pub words_days: i64,
    /// Days for which the hashes of photos that a moderator removed are kept.
    pub block_days: i64,
    /// Days for which a contact is kept after the last draw; `None` if the edition has no prize draw.
    pub contact_days: Option<i64>,
    /// Whether the edition accepts videos.
    pub videos: bool,
}

/// The page about accessibility, and where it falls short.
#[derive(Clone, Debug, Template)]
#[template(path = "accessibility.html")]
pub struct Accessibility {
    /// The layout that all pages share.
    pub layout: Layout,
    /// Whether the edition accepts videos.
    pub videos: bool,
}

/// The page about pupils, decisions and reports.
#[derive(Clone, Debug, Template)]
#[template(path = "safety.html")]
pub struct Safety {
    /// The layout that all pages share.
    pub layout: Layout,
    /// Who looks at a photo before it is published.
    pub look: String,
    /// Whether the edition accepts videos.
    pub videos: bool,
}

/// Whether `edition` accepts videos.
fn takes_videos(edition: Option<&Edition>) -> bool {
    edition.is_some_and(|edition| edition.video_seconds > 0)
}

/// Says when photos of `edition` may be added; empty if there is no edition.
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

/// Says who looks at a photo before it is published.
fn look(edition: Option<&Edition>, lang: Lang) -> String {
    let words = lang.words();
    let Some(Trust { after, checked_percent }) = edition.and_then(|edition| edition.trust) else {
        return words.look_every.to_owned();
    };
    let photos = lang.counted(after.into(), &words.photos);
    filled(words.look_until, &[("photos", &photos), ("percent", &checked_percent.to_string())])
}

/// Builds the layout of a text page in `lang` at the address `here`.
fn text(title: &str, description: &str, lang: Lang, here: &str, site_origin: &str) -> Layout {
    let mut layout = Layout::public(title, Nav::None).described(description).speaking(lang, here);
    layout.canonical = format!("{site_origin}{}", lang.address(here));
    layout
}

/// Returns the sample edition with prize draws.
fn with_draws() -> Option<Edition> {
    sample::edition().map(|edition| Edition { draws: sample_draws::announced(), ..edition })
}

impl TakePart {
    /// Builds the page for `edition` at `now`.
    pub fn new(edition: Option<&Edition>, now: Timestamp, lang: Lang, site_origin: &str) -> Self {
        let tags = edition.iter().flat_map(|edition| &edition.hashtags).map(|tag| format!("#{tag}"));
        let words = lang.words();
        let layout =
            text(words.take_part, words.part_description, lang, &links::take_part(), site_origin).for_edition(edition);
        Self {
            layout,
            window: window(edition, lang),
            tags: tags.collect::<Vec<_>>().join(" "),
            draws: DrawLink::open(edition, now, lang),
        }
    }

    /// A sample for the sample edition.
    pub fn sample() -> Self {
        Self::new(with_draws().as_ref(), sample::morning(), Lang::En, "https://photos.example")
    }

    /// The same sample in Welsh.
    pub fn sample_welsh() -> Self {
        Self::new(with_draws().as_ref(), sample::morning(), Lang::Cy, "https://photos.example")
    }
}

impl Page for TakePart {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Rules {
    /// Builds the rules of `edition` at `now`.
    pub fn new(edition: Option<&Edition>, now: Timestamp, lang: Lang, site_origin: &str) -> Self {
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
            video: edition.filter(|edition| edition.video_seconds > 0).map_or_else(String::new, |edition| {
                filled(words.rules_send_video, &[("seconds", &edition.video_seconds.to_string())])
            }),
            caption: filled(words.rules_send_caption, &[("max", &limits::CAPTION_MAX.to_string())]),
            consent: consent.to_owned(),
            consent_is_english,
            look: look(edition, lang),
            draws: DrawLink::all(edition, now, lang),
        }
    }

    /// A sample for the sample edition.
    pub fn sample() -> Self {
        Self::new(with_draws().as_ref(), sample::morning(), Lang::En, "https://photos.example")
    }

    /// The same sample in Welsh.
    pub fn sample_welsh() -> Self {
        Self::new(with_draws().as_ref(), sample::morning(), Lang::Cy, "https://photos.example")
    }
}

impl Privacy {
    /// Builds the page for `edition`. The storage deletes originals after `original_days`.
    pub fn new(edition: Option<&Edition>, original_days: i64) -> Self {
        let has_draws = edition.is_some_and(|edition| !edition.draws.is_empty());
        Self {
            contact_days: has_draws.then_some(CONTACT_DAYS),
            videos: takes_videos(edition),
            layout: Layout::public("Privacy", Nav::None).described("What this site keeps, why, and for how long."),
            original_days,
            report_days: limits::REPORT_DAYS,
            words_days: limits::AUDIT_WORDS_DAYS,
            block_days: limits::BLOCK_DAYS,
        }
    }

    /// A sample for an edition with prize draws.
    pub fn sample() -> Self {
        Self::new(with_draws().as_ref(), limits::ORIGINAL_DAYS)
    }
}

impl Accessibility {
    /// Builds the page for `edition`.
    pub fn new(edition: Option<&Edition>) -> Self {
        Self {
            videos: takes_videos(edition),
            layout: Layout::public("Accessibility", Nav::None)
                .described("For whom this site works, and where not yet."),
        }
    }

    /// A sample for the sample edition.
    pub fn sample() -> Self {
        Self::new(sample::edition().as_ref())
    }
}

impl Safety {
    /// Builds the page for `edition`.
    pub fn new(edition: Option<&Edition>, lang: Lang, site_origin: &str) -> Self {
        let words = lang.words();
        Self {
            layout: text(words.safety, words.safety_description, lang, &links::safety(), site_origin),
            look: look(edition, lang),
            videos: takes_videos(edition),
        }
    }

    /// A sample for an organiser who trusts no device.
    pub fn sample() -> Self {
        Self::new(sample::edition().as_ref(), Lang::En, "https://photos.example")
    }

    /// The same sample in Welsh.
    pub fn sample_welsh() -> Self {
        Self::new(sample::edition().as_ref(), Lang::Cy, "https://photos.example")
    }
}

impl Page for Rules {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Page for Privacy {
    fn layout(&self) -> &Layout {
        &self.layout
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
    app.page(StatusCode::OK, Cache::Text, &TakePart::new(edition.as_ref(), app.clock.now(), lang, &app.site_origin))
        .await
}

/// `GET /rules` and `GET /cy/rules`
pub async fn rules(State(app): State<App>, lang: Lang) -> Result<Response, Problem> {
    let edition = app.editions.current().await?;
    app.page(StatusCode::OK, Cache::Text, &Rules::new(edition.as_ref(), app.clock.now(), lang, &app.site_origin)).await
}

/// `GET /privacy`
pub async fn privacy(State(app): State<App>) -> Result<Response, Problem> {
    let edition = app.editions.current().await?;
    app.page(StatusCode::OK, Cache::Text, &Privacy::new(edition.as_ref(), app.original_days)).await
}

/// `GET /accessibility`
pub async fn accessibility(State(app): State<App>) -> Result<Response, Problem> {
    let edition = app.editions.current().await?;
    app.page(StatusCode::OK, Cache::Text, &Accessibility::new(edition.as_ref())).await
}

/// `GET /safety` and `GET /cy/safety`
pub async fn safety(State(app): State<App>, lang: Lang) -> Result<Response, Problem> {
    let edition = app.editions.current().await?;
    app.page(StatusCode::OK, Cache::Text, &Safety::new(edition.as_ref(), lang, &app.site_origin)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_privacy_page_names_the_days_of_the_organisers_settings() {
        let page = Privacy::new(None, 14).render().unwrap();
        assert_eq!(page.matches("14 days").count(), 2, "{page}");
        assert!(!page.contains("unless the organiser"), "{page}");
    }

    #[test]
    fn videos_and_voices_are_spoken_of_where_videos_are_accepted_and_nowhere_else() {
        let with = sample::edition().map(|edition| Edition { video_seconds: 45, ..edition });
        let said = |edition: Option<&Edition>| {
            let site = "https://photos.example";
            [
                (Privacy::new(edition, 30).render(), "A voice can tell who somebody is"),
                (Accessibility::new(edition).render(), "Videos have no captions that run with the sound"),
                (
                    Rules::new(edition, sample::morning(), Lang::En, site).render(),
                    "a short video, up to 45 seconds long",
                ),
                (Rules::new(edition, sample::morning(), Lang::Cy, site).render(), "fideo byr, hyd at 45 eiliad"),
                (Safety::new(edition, Lang::En, site).render(), "a video cannot be covered"),
                (Safety::new(edition, Lang::Cy, site).render(), "ni ellir cuddio dim mewn fideo"),
            ]
            .map(|(page, words)| (page.unwrap(), words))
        };
        for (page, words) in said(with.as_ref()) {
            assert!(page.contains(words), "{words}: {page}");
        }
        for (page, _) in said(sample::edition().as_ref()).into_iter().chain(said(None)) {
            let main = page.split_once("<main").map_or(&*page, |(_, main)| main).to_lowercase();
            assert!(!["video", "voice", "fideo"].iter().any(|word| main.contains(word)), "{page}");
        }
    }
}
