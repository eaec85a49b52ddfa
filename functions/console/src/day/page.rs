//! `/organiser/day`: opens early, extends, closes and pauses uploads; sets switches, the banner and the edition's settings; exports the
//! list of photos.

use askama::Template;
use axum::{extract::State, response::Response};
use jiff::Timestamp;
use shared::{
    domain::{
        Edition, Phase, Refusal,
        edition::{BannerKind, Changes, PhaseCommand},
        people::Member,
    },
    pages::{FlashMessage, Page, format, layout::Layout, sample},
    web::{Problem, Query},
};

use crate::{App, form::ProblemQuery, layout::console, signed_in::SignedInPerson};

/// The page of the day's settings.
#[derive(Clone, Debug, Template)]
#[template(path = "day/day.html")]
pub struct OrganiserDay {
    /// The layout that all pages share.
    pub layout: Layout,
    /// Why the last form was refused; `None` if there is nothing to say.
    pub told: Option<FlashMessage>,
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
}

/// A button that changes the phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    /// The command's name in the API.
    pub action: &'static str,
    /// The button's label.
    pub name: &'static str,
    /// The button's CSS class.
    pub style: &'static str,
}

impl Page for OrganiserDay {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl OrganiserDay {
    /// Builds the page of `edition` for `member` at `now`.
    pub fn of(edition: &Edition, member: &Member, told: Option<FlashMessage>, now: Timestamp) -> Self {
        let phase = edition.phase(now);
        let fits = |command| edition.commanded(command, now).is_ok();
        let commands = [
            (PhaseCommand::Open, "Open now", "button-good"),
            (PhaseCommand::Pause, "Pause uploads", "button-quiet"),
            (PhaseCommand::Resume, "Go on", "button-good"),
            (PhaseCommand::Close, "Close now", "button-danger"),
        ];
        let (day, banner) = (&edition.day, edition.day.banner.as_ref());
        let at = |at| format::date_and_time(at);
        Self {
            layout: console("The day", member).with_modules(&["js/organiser/export.js"]),
            told,
            slug: edition.slug.to_string(),
            name: edition.name.clone(),
            phase: phase_words(phase),
            times: [at(edition.opens_at), at(edition.closes_at), at(edition.grace_ends_at)],
            commands: commands
                .into_iter()
                .filter(|(command, ..)| fits(*command))
                .map(|(command, name, style)| Command { action: command.as_str(), name, style })
                .collect(),
            extends: fits(PhaseCommand::Extend { minutes: 30 }),
            changes: match day.changes {
                Changes::All => "all",
                Changes::Removals => "removals",
            },
            banner: banner.map(|banner| banner.text.clone()).unwrap_or_default(),
            banner_kind: match banner.map(|banner| banner.kind) {
                Some(BannerKind::Warning) => "warning",
                Some(BannerKind::Info) | None => "info",
            },
            max_megabytes: edition.max_bytes / 1_000_000,
            window: [edition.opens_at, edition.closes_at].map(format::field),
            grace_minutes: edition.grace_ends_at.duration_since(edition.closes_at).as_mins(),
            hashtags: edition.hashtags.join(" "),
        }
    }

    /// A sample day in the morning.
    pub fn sample() -> Self {
        match sample::edition() {
            Some(edition) => Self::of(&edition, &sample::organiser(), None, sample::morning()),
            None => Self {
                layout: Layout::default(),
                told: None,
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
            },
        }
    }
}

/// Returns the phase in words that follow "is".
pub fn phase_words(phase: Phase) -> &'static str {
    match phase {
        Phase::Before => "not open yet",
        Phase::Open => "open",
        Phase::Grace => "closed, and takes what was registered in time",
        Phase::Closed => "over",
        Phase::Paused => "paused",
    }
}

/// `GET /organiser/day`
pub async fn show(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    Query(ProblemQuery { problem }): Query<ProblemQuery>,
) -> Result<Response, Problem> {
    app.editions.forget();
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    let told = FlashMessage::of(problem.as_deref());
    app.page(&OrganiserDay::of(&edition, &member, told, app.clock.now())).await
}
