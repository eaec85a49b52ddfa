//! Forms of the day's page: phase, switches, banner and settings.

use axum::{extract::State, response::Response};
use serde::Deserialize;
use serde_json::Value;
use shared::{
    domain::{
        Edition, Refusal,
        edition::{Banner, BannerKind, Changes},
        local_time::in_london,
        people::Member,
    },
    pages::{FlashMessage, format, links},
    web::Problem,
};

use super::{
    answers::{DayAnswer, PhaseRequest, SettingsRequest, SwitchesRequest},
    api::{set_banner, set_phase, set_settings, set_switches},
    page::{OrganiserDay, Section, banner_kind},
};
use crate::{
    App,
    form::{Sent, read, saved},
    signed_in::SignedInPerson,
};

/// Executes a command that changes the phase.
pub async fn phase(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    sent: Sent<PhaseRequest>,
) -> Result<Response, Problem> {
    let done = match read(sent) {
        Ok(request) => set_phase(&app, &member, request.command()).await,
        Err(problem) => Err(problem),
    };
    answer(&app, &member, Section::Phase, done, |_| ()).await
}

/// The switches, as the form of the day's page sends them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwitchesForm {
    changes: Changes,
}

/// Sets switches.
pub async fn switches(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    sent: Sent<SwitchesForm>,
) -> Result<Response, Problem> {
    let done = match read(sent) {
        Ok(SwitchesForm { changes }) => {
            let request = SwitchesRequest { changes: Some(changes), feed_shards: None };
            set_switches(&app, &member, request).await
        }
        Err(problem) => Err(problem),
    };
    answer(&app, &member, Section::Switches, done, |_| ()).await
}

/// The banner, as the form of the day's page sends it. An empty text removes the banner.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BannerForm {
    text: String,
    kind: BannerKind,
}

/// Sets or removes the banner.
pub async fn banner(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    sent: Sent<BannerForm>,
) -> Result<Response, Problem> {
    let BannerForm { text, kind } = read(sent)?;
    let done = set_banner(&app, &member, Some(Banner { text: text.clone(), kind })).await;
    answer(&app, &member, Section::Banner, done, |page| {
        page.banner = text;
        page.banner_kind = banner_kind(kind);
    })
    .await
}

/// The settings, as the form of the day's page sends them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingsForm {
    name: String,
    opens: String,
    closes: String,
    max_megabytes: u64,
    grace_minutes: i64,
    hashtags: String,
}

impl SettingsForm {
    /// Returns what was changed of `edition`. The fields of times show whole minutes: one that comes back as it was shown changes nothing.
    fn request(&self, edition: &Edition) -> Result<SettingsRequest, Refusal> {
        let time = |name, text: &str, shown| (text != format::field(shown)).then(|| in_london(name, text)).transpose();
        let tags = self.hashtags.split_whitespace().map(|tag| tag.trim_start_matches('#').to_owned());
        Ok(SettingsRequest {
            name: Some(self.name.clone()),
            opens_at: time("opens", &self.opens, edition.opens_at)?,
            closes_at: time("closes", &self.closes, edition.closes_at)?,
            max_bytes: Some(self.max_megabytes.saturating_mul(1_000_000)),
            grace_minutes: Some(self.grace_minutes),
            hashtags: Some(tags.collect()),
        })
    }
}

/// Changes settings.
pub async fn settings(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    sent: Sent<SettingsForm>,
) -> Result<Response, Problem> {
    let form = read(sent)?;
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    let done = match form.request(&edition) {
        Ok(request) => set_settings(&app, &member, &request).await,
        Err(refusal) => Err(refusal.into()),
    };
    answer(&app, &member, Section::Settings, done, |page| {
        page.name = form.name;
        page.window = [form.opens, form.closes];
        page.max_megabytes = form.max_megabytes;
        page.grace_minutes = form.grace_minutes;
        page.hashtags = form.hashtags;
    })
    .await
}

/// Returns why a form was refused, in the words of the form: the API's own texts name the fields of its requests, and times in UTC.
fn why(problem: &Problem) -> String {
    match problem.facts.get("field").and_then(Value::as_str) {
        Some("opens" | "closes") => "Enter a day and a time for both opening and closing.".into(),
        Some("opens_at") => "The day must open in the years 2000 to 2199.".into(),
        Some("closes_at") => "The day must close 5 minutes to 7 days after it opens.".into(),
        Some("grace_minutes") => "The minutes after closing must be 0 to 240.".into(),
        Some("minutes") => "Enter 1 to 240 minutes to add.".into(),
        Some("max_bytes") => "The largest file must be 1 to 50 megabytes.".into(),
        Some("hashtags") => {
            "Enter up to ten hashtags with spaces between them. Each can have 1 to 40 letters and digits.".into()
        }
        Some(_) | None => format!("{} {}", problem.detail, problem.hint),
    }
}

/// Leads to the section, which says that it was saved. If the form was refused, answers with the page, which says why; `fill` puts what was
/// typed into it.
async fn answer(
    app: &App,
    member: &Member,
    section: Section,
    done: Result<DayAnswer, Problem>,
    fill: impl FnOnce(&mut OrganiserDay),
) -> Result<Response, Problem> {
    let problem = match done {
        Ok(_) => return Ok(saved(&links::organiser_day(), section.as_str())),
        Err(problem) if problem.fault.is_some() => return Err(problem),
        Err(problem) => problem,
    };
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    let told = Some(FlashMessage { title: "Not saved", hint: why(&problem) });
    let mut page = OrganiserDay::new(&edition, member, (told, None), app.clock.now());
    fill(&mut page);
    app.page_with(problem.status(), &page).await
}
