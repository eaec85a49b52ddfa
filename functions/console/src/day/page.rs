//! `/organiser/day`: opens early, extends, closes and pauses uploads; sets switches, the banner and the edition's settings; exports the
//! list of photos.

use askama::Template;
use axum::{extract::State, response::Response};
use jiff::Timestamp;
use serde::Deserialize;
use shared::{
    domain::{
        Edition, Phase, Refusal,
        edition::{BannerKind, Changes, PhaseCommand},
        people::Member,
    },
    pages::{FlashMessage, Page, format, layout::Layout, links, sample},
    web::{Problem, Query},
};

use crate::{App, layout::console, signed_in::SignedInPerson};

/// The page of the day's settings.
#[derive(Clone, Debug, Template)]
#[template(path = "day/day.html")]
pub struct OrganiserDay {
    /// The layout that all pages share.
    pub layout: Layout,
    /// Why the last form was refused; `None` if there is nothing to say.
    pub told: Option<FlashMessage>,
    /// The section that has just been saved; `None` if none was.
    pub saved: Option<Section>,
    /// The edition's slug.
    pub slug: String,
    /// The edition's name.
    pub name: String,
    /// The phase, in words.
    pub phase: &'static str,
    /// When the day opens, when it closes, and when the grace ends.
    pub times: [String; 3],
    /// The commands that are possible in this phase.
    pub commands: Vec<Command>,
    /// Whether the day can be extended.
    pub extends: bool,
    /// Which changes are allowed, by the name in the API.
    pub changes: &'static str,
    /// The text of the banner; empty if there is none.
    pub banner: String,
    /// The kind of banner, by its name in the API.
    pub banner_kind: &'static str,
    /// Largest size of one original, in megabytes.
    pub max_megabytes: u64,
    /// When the day opens and closes, in the format of an `<input type="datetime-local">`.
    pub window: [String; 2],
    /// Minutes of grace.
    pub grace_minutes: i64,
    /// The hashtags, separated by spaces.
    pub hashtags: String,
    /// The sponsors and their logos.
    pub sponsors: Vec<SponsorRow>,
}

/// A sponsor of the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SponsorRow {
    /// The sponsor's name.
    pub name: String,
    /// The address, the width and the height of the logo; `None` if there is none.
    pub logo: Option<(String, u32, u32)>,
}

/// A section of the page that has a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Section {
    /// The window: opening, closing, pausing.
    Phase,
    /// The banner.
    Banner,
    /// The switches.
    Switches,
    /// The settings.
    Settings,
    /// The sponsors' logos.
    Logos,
}

impl Section {
    /// Returns the section's name in addresses, which is also the id of its heading.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Phase => "phase",
            Self::Banner => "banner",
            Self::Switches => "switches",
            Self::Settings => "settings",
            Self::Logos => "logos",
        }
    }
}

/// A button that changes the phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The command's name in the API.
    pub action: &'static str,
    /// The button's label.
    pub name: &'static str,
    /// The button's CSS class.
    pub style: &'static str,
    /// What happens then, which the page says before it shows the button; `None` for what the next press takes back.
    pub consequence: Option<String>,
}

impl Page for OrganiserDay {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl OrganiserDay {
    /// Builds the page of `edition` for `member` at `now`. `told` and `saved` are what became of the last form.
    pub fn new(
        edition: &Edition,
        member: &Member,
        (told, saved): (Option<FlashMessage>, Option<Section>),
        now: Timestamp,
    ) -> Self {
        let phase = edition.phase(now);
        let fits = |command| edition.commanded(command, now).is_ok();
        let commands = [
            (PhaseCommand::Open, "Open now", "button-good"),
            (PhaseCommand::Pause, "Pause uploads", "button-quiet"),
            (PhaseCommand::Resume, "Resume uploads", "button-good"),
            (PhaseCommand::Reopen, "Open again", "button-good"),
            (PhaseCommand::Close, "Close now", "button-danger"),
        ];
        let at = format::date_and_time;
        let grace_minutes = edition.grace_ends_at.duration_since(edition.closes_at).as_mins();
        let consequence = |command| match command {
            PhaseCommand::Open => Some(format!(
                "Everyone can add photos from now on, not only from {}. You cannot undo this, but you can pause uploads.",
                at(edition.opens_at)
            )),
            PhaseCommand::Close => Some(format!(
                "Nobody can add photos from now on. Registered photos have {grace_minutes} minutes to arrive. You can open again \
                 here until {}. For a short stop, pause uploads instead.",
                at(edition.closes_at)
            )),
            PhaseCommand::Extend { .. } | PhaseCommand::Pause | PhaseCommand::Resume | PhaseCommand::Reopen => None,
        };
        let (day, banner) = (&edition.day, edition.day.banner.as_ref());
        Self {
            layout: console("The day", member).with_modules(&["js/organiser/export.js", "js/organiser/logos.js"]),
            told,
            saved,
            slug: edition.slug.to_string(),
            name: edition.name.clone(),
            phase: phase_words(phase),
            times: [at(edition.opens_at), at(edition.closes_at), at(edition.grace_ends_at)],
            commands: commands
                .into_iter()
                .filter(|(command, ..)| fits(*command))
                .map(|(command, name, style)| Command {
                    action: command.as_str(),
                    name,
                    style,
                    consequence: consequence(command),
                })
                .collect(),
            extends: fits(PhaseCommand::Extend { minutes: 30 }),
            changes: match day.changes {
                Changes::All => "all",
                Changes::Removals => "removals",
            },
            banner: banner.map(|banner| banner.text.clone()).unwrap_or_default(),
            banner_kind: banner_kind(banner.map_or(BannerKind::Info, |banner| banner.kind)),
            max_megabytes: edition.max_bytes / 1_000_000,
            window: [edition.opens_at, edition.closes_at].map(format::field),
            grace_minutes,
            hashtags: edition.hashtags.join(" "),
            sponsors: edition
                .sponsors
                .iter()
                .map(|sponsor| SponsorRow {
                    name: sponsor.name.clone(),
                    logo: edition.logo_of(sponsor).map(|logo| (links::logo(logo), logo.width, logo.height)),
                })
                .collect(),
        }
    }

    /// A sample day in the morning.
    pub fn sample() -> Self {
        match sample::edition() {
            Some(edition) => Self::new(&edition, &sample::organiser(), (None, None), sample::morning()),
            None => Self {
                layout: Layout::default(),
                told: None,
                saved: None,
                slug: String::new(),
                name: String::new(),
                phase: "",
                times: [String::new(), String::new(), String::new()],
                commands: Vec::new(),
                extends: false,
                changes: "",
                banner: String::new(),
                banner_kind: "",
                max_megabytes: 0,
                window: [String::new(), String::new()],
                grace_minutes: 0,
                hashtags: String::new(),
                sponsors: Vec::new(),
            },
        }
    }
}

/// Returns a banner's kind by its name in the API.
pub fn banner_kind(kind: BannerKind) -> &'static str {
    match kind {
        BannerKind::Info => "info",
        BannerKind::Warning => "warning",
    }
}

/// Returns the phase in words that follow "is".
pub fn phase_words(phase: Phase) -> &'static str {
    match phase {
        Phase::Before => "not open yet",
        Phase::Open => "open",
        Phase::Grace => "closed, but photos registered in time can still arrive",
        Phase::Closed => "over",
        Phase::Paused => "paused",
    }
}

/// The query of the page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayQuery {
    /// The section that was saved.
    #[serde(default)]
    saved: Option<Section>,
}

/// `GET /organiser/day`
pub async fn show(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    Query(DayQuery { saved }): Query<DayQuery>,
) -> Result<Response, Problem> {
    app.editions.forget();
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    app.page(&OrganiserDay::new(&edition, &member, (None, saved), app.clock.now())).await
}
