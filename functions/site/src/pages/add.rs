//! `/add` and `/cy/add`: the page on which photos are chosen, described and uploaded. Its scripts are in `assets/js/upload/`.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use shared::{
    domain::{Edition, Phase, edition::Discipline, limits, time},
    pages::{
        Page, assets, format,
        lang::Lang,
        layout::{Layout, Nav, Plays},
        links, sample,
    },
    store::Fault,
    web::{Cache, Problem},
};

use super::draws::DrawLink;
use crate::App;

/// The page on which photos are added.
#[derive(Clone, Debug, Template)]
#[template(path = "add.html")]
pub struct Add {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The day that photos are added to; `None` if no edition has been set up.
    pub day: Option<Day>,
    /// The prize draws of the edition.
    pub draws: Vec<DrawLink>,
}

/// What the page says about the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// When photos may be uploaded, in words.
    pub line: String,
    /// File types for the file chooser. Never `image/*`: if types are named, iPhones convert HEIC to JPEG by themselves.
    pub accept: String,
    /// The address of the script that prepares videos; `None` if no videos are accepted.
    pub films: Option<String>,
    /// The disciplines to choose from.
    pub disciplines: Vec<Discipline>,
    /// The text that uploaders agree to.
    pub consent: String,
    /// Whether that text is English on a page in another language.
    pub consent_is_english: bool,
    /// The version of that text.
    pub consent_version: String,
    /// The address of a QR code that leads a phone to this page.
    pub qr: String,
    /// The facts of the day for the script: JSON in the format of `GET /api/v1/event`, for an attribute.
    pub event: String,
}

/// The facts that the script reads from the page, so that it can begin without a request.
#[derive(Serialize)]
struct Event<'a> {
    phase: Phase,
    #[serde(serialize_with = "time::iso::serialize")]
    server_time: Timestamp,
    #[serde(serialize_with = "time::iso::serialize")]
    opens_at: Timestamp,
    #[serde(serialize_with = "time::iso::serialize")]
    closes_at: Timestamp,
    #[serde(serialize_with = "time::iso::serialize")]
    grace_ends_at: Timestamp,
    limits: Limits,
    consent: Consent<'a>,
}

/// The consent text in the page's language.
#[derive(Clone, Copy, Serialize)]
struct Consent<'a> {
    version: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct Limits {
    max_photos_per_request: usize,
    max_bytes: u64,
    caption_max: usize,
    alt_max: usize,
    credit_max: usize,
    school_max: usize,
    types: &'static [&'static str],
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    video: Option<VideoLimits>,
}

/// The limits of videos, if they are accepted.
#[derive(Serialize)]
struct VideoLimits {
    max_video_bytes: u64,
    max_video_seconds: u8,
    video_part_bytes: u64,
    transcript_max: usize,
}

/// The script that prepares videos. It is fetched when the first video was chosen.
const FILMS: &str = "js/film/adding.js";
/// The types of videos that the file chooser offers: what phones film. Both are sent as MP4.
const VIDEO_TYPES: [&str; 2] = ["video/mp4", "video/quicktime"];

impl Page for Add {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Add {
    /// Builds the page for `edition` at `now`, in `lang`. `edition` is `None` on a site without an edition.
    ///
    /// # Errors
    /// A fault, if the facts of the day cannot be written as JSON.
    pub fn new(edition: Option<&Edition>, now: Timestamp, lang: Lang, site_origin: &str) -> Result<Self, Fault> {
        let mut layout = Layout::public(lang.words().nav_add, Nav::Add)
            .described(lang.words().add_description)
            .speaking(lang, &links::add())
            .for_edition(edition)
            .with_modules(if edition.is_some() { &["js/upload/add.js"] } else { &[] })
            .with_styles(&["css/components/upload.css", "css/components/cover.css"]);
        layout.canonical = format!("{site_origin}{}", lang.address(&links::add()));
        let day = edition.map(|edition| Day::new(edition, now, lang)).transpose()?;
        if day.as_ref().is_some_and(|day| day.films.is_some()) {
            layout = layout.with_styles(&["css/components/film.css"]);
            layout.late_modules.push(FILMS);
            layout.plays = Plays::Chosen;
        }
        let draws = DrawLink::open(edition, now, lang);
        let layout = if draws.is_empty() { layout } else { layout.with_modules(&["js/upload/entering.js"]) };
        Ok(Self { layout, day, draws })
    }

    /// A sample on the morning of the day.
    pub fn sample() -> Self {
        Self::sampled(sample::morning(), Lang::En)
    }

    /// The same sample in Welsh.
    pub fn sample_welsh() -> Self {
        Self::sampled(sample::morning(), Lang::Cy)
    }

    /// A sample on the day before.
    pub fn sample_before() -> Self {
        Self::sampled(sample::morning() - jiff::SignedDuration::from_hours(24), Lang::En)
    }

    fn sampled(now: Timestamp, lang: Lang) -> Self {
        Self::new(sample::edition().as_ref(), now, lang, "https://photos.example").unwrap_or_else(|_| Self {
            layout: Layout::public(lang.words().nav_add, Nav::Add),
            day: None,
            draws: Vec::new(),
        })
    }
}

impl Day {
    fn new(edition: &Edition, now: Timestamp, lang: Lang) -> Result<Self, Fault> {
        let (text, consent_is_english) = lang.consent(edition);
        let videos = edition.video_seconds > 0;
        let consent = Consent { version: &edition.consent.version, text };
        let event = Event {
            phase: edition.phase(now),
            server_time: now,
            opens_at: edition.opens_at,
            closes_at: edition.closes_at,
            grace_ends_at: edition.grace_ends_at,
            limits: Limits {
                max_photos_per_request: limits::MAX_PHOTOS_PER_REQUEST,
                max_bytes: edition.max_bytes,
                caption_max: limits::CAPTION_MAX,
                alt_max: limits::ALT_MAX,
                credit_max: limits::CREDIT_MAX,
                school_max: limits::SCHOOL_MAX,
                types: &limits::TYPES,
                video: videos.then_some(VideoLimits {
                    max_video_bytes: limits::MAX_VIDEO_BYTES,
                    max_video_seconds: edition.video_seconds,
                    video_part_bytes: limits::VIDEO_PART_BYTES,
                    transcript_max: limits::TRANSCRIPT_MAX,
                }),
            },
            consent,
        };
        Ok(Self {
            line: line(edition, now, lang),
            accept: limits::TYPES
                .iter()
                .chain(if videos { &VIDEO_TYPES[..] } else { &[] })
                .copied()
                .collect::<Vec<_>>()
                .join(","),
            films: videos.then(|| assets::url(FILMS)),
            disciplines: lang.disciplines(edition),
            consent: text.to_owned(),
            consent_is_english,
            consent_version: edition.consent.version.clone(),
            qr: links::qr_add(lang),
            event: serde_json::to_string(&event).map_err(|error| Fault::broken("write event", error.to_string()))?,
        })
    }
}

/// Says when photos may be uploaded.
fn line(edition: &Edition, now: Timestamp, lang: Lang) -> String {
    let words = lang.words();
    let closes = format::time(edition.closes_at);
    let (phrase, closes) = match edition.phase(now) {
        Phase::Before => (words.add_before, closes),
        Phase::Open => (words.add_open, lang.time_or_day(edition.closes_at, now)),
        Phase::Grace => (words.add_grace, closes),
        Phase::Closed => (words.add_closed, closes),
        Phase::Paused => (words.add_paused, closes),
    };
    phrase
        .replace("{day}", &lang.day(edition.opens_at))
        .replace("{opens}", &format::time(edition.opens_at))
        .replace("{closes}", &closes)
}

/// `GET /add` and `GET /cy/add`
pub async fn show(State(app): State<App>, lang: Lang) -> Result<Response, Problem> {
    let edition = app.editions.current().await?;
    let page = Add::new(edition.as_ref(), app.clock.now(), lang, &app.site_origin)?;
    app.page(StatusCode::OK, Cache::Head, &page).await
}

#[cfg(test)]
mod tests {
    use shared::domain::trust::Trust;

    use super::*;

    fn page(edition: Option<&Edition>, lang: Lang) -> Add {
        Add::new(edition, sample::morning(), lang, "https://photos.example").unwrap()
    }

    #[test]
    fn what_the_organiser_writes_cannot_leave_the_attribute() {
        let mut edition = sample::edition().unwrap();
        edition.consent.text = "\"><script>alert(1)</script>'&".into();
        let html = page(Some(&edition), Lang::En).render().unwrap();
        assert!(!html.contains("<script>alert"), "{html}");
        let attribute = html.split_once("data-event=\"").unwrap().1.split_once('"').unwrap().0;
        let json = attribute
            .replace("&quot;", "\"")
            .replace("&#34;", "\"")
            .replace("&#39;", "'")
            .replace("&#x27;", "'")
            .replace("&lt;", "<")
            .replace("&#60;", "<")
            .replace("&gt;", ">")
            .replace("&#62;", ">")
            .replace("&#38;", "&")
            .replace("&amp;", "&");
        let event: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(event["consent"]["text"], edition.consent.text);
        assert_eq!(event["limits"]["max_photos_per_request"], 20);
        assert_eq!(event["opens_at"], "2027-03-05T08:00:00.000Z");
    }

    #[test]
    fn the_chooser_names_types_and_never_all_images() {
        let html = Add::sample().render().unwrap();
        assert!(html.contains(r#"accept="image/jpeg,image/png,image/webp""#));
        assert!(!html.contains("image/*"));
    }

    #[test]
    fn the_page_mentions_videos_only_where_they_are_accepted() {
        let usual = sample::edition().unwrap();
        let html = page(Some(&usual), Lang::En).render().unwrap();
        for trace in ["video/", "max_video", "data-films", "film_", "film.css", "media-src"] {
            assert!(!html.contains(trace), "{trace}");
        }
        let with = Edition { video_seconds: 45, ..usual };
        let with = page(Some(&with), Lang::En);
        assert_eq!(with.layout.plays, Plays::Chosen);
        let html = with.render().unwrap();
        assert!(html.contains(r#"accept="image/jpeg,image/png,image/webp,video/mp4,video/quicktime""#), "{html}");
        assert!(html.contains("max_video_seconds&#34;:45") && html.contains("film_keep_sound"), "{html}");
        assert!(html.contains(&format!("data-films=\"{}\"", assets::url(FILMS))), "{html}");
        assert!(!html.contains("modulepreload\" href=\"/assets/*/js/film"), "fetched only when one is chosen");
    }

    #[test]
    fn a_site_without_an_edition_says_so_and_loads_no_script() {
        let page = page(None, Lang::En);
        assert!(page.layout.modules.is_empty());
        assert!(page.render().unwrap().contains("has not been set up yet"));
    }

    #[test]
    fn the_welsh_page_shows_the_welsh_consent_and_says_so_where_there_is_none() {
        let mut edition = sample::edition().unwrap();
        let html = page(Some(&edition), Lang::Cy).render().unwrap();
        assert!(html.contains(r#"<p id="consent-text">Fi a dynnodd"#));
        assert!(html.contains(r#"<img src="/qr/add-cy.svg""#));
        assert!(html.contains("Ar agor tan 18:00, amser y DU."));
        edition.consent.text_cy = None;
        let html = page(Some(&edition), Lang::Cy).render().unwrap();
        assert!(html.contains(r#"<p id="consent-text" lang="en">I made these photos"#));
        assert!(page(Some(&edition), Lang::En).render().unwrap().contains(r#"<p id="consent-text">I made"#));
    }

    #[test]
    fn a_page_tells_its_scripts_their_words_in_its_language() {
        let edition = sample::edition();
        for (lang, word) in [(Lang::En, "Not sent yet"), (Lang::Cy, "Heb ei anfon eto")] {
            let html = page(edition.as_ref(), lang).render().unwrap();
            let words = html.split_once("<body data-words=\"").unwrap().1.split_once('"').unwrap().0;
            assert!(words.contains(word), "{words}");
            // From a module that is fetched only when its field gets the focus.
            assert!(words.contains("school_found"), "{words}");
            // From the page of the device's own photos.
            assert!(!words.contains("own_pending"), "{words}");
        }
    }

    #[test]
    fn nobody_is_told_that_a_person_looks_at_every_photo_where_devices_are_trusted() {
        let usual = sample::edition().unwrap();
        let trusting = Edition { trust: Some(Trust { after: 20, checked_percent: 10 }), ..usual.clone() };
        for (lang, every, trusted) in [
            (Lang::En, "every photo before", "when it is ready, or when a person"),
            (Lang::Cy, "pob llun cyn iddo", "pan fydd yn barod, neu pan fydd person"),
        ] {
            let usual = page(Some(&usual), lang).render().unwrap();
            assert!(usual.contains(every) && !usual.contains(trusted), "{usual}");
            let trusting = page(Some(&trusting), lang).render().unwrap();
            assert!(trusting.contains(trusted) && !trusting.contains(every), "{trusting}");
        }
    }
}
