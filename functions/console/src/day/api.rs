//! Calls about the day: its figures, and what the organiser sets while it runs.
//!
//! Decision: the banner is on every page, and edges keep some pages for five minutes, which is too long for "Uploads are back". So edges are
//! told to forget everything when the banner changes. Functions reuse what they read of the edition for some seconds: edges that are told
//! earlier would fetch the old banner again and keep it. That is why this call waits before it tells them.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use axum::extract::State;
use serde_json::Value;
use shared::{
    domain::{
        Edition, Refusal,
        activity::{Action, first_break},
        edition::{Banner, Changes, Day, PhaseCommand, Settings},
        logo::Logo,
        people::Member,
        time::rfc3339,
    },
    store::editions::FRESH_SECONDS,
    web::{Json, Problem, SignedIn},
};

use super::{
    answers::{
        ActivityAnswer, ActivityView, BannerRequest, DashboardAnswer, DayAnswer, LogoRequest, PhaseRequest, RunView,
        SettingsRequest, SwitchesRequest,
    },
    figures::{self, Figures},
};
use crate::App;

/// How long edges are told to forget the old banner while they are busy with other invalidations.
const PATIENCE: Duration = Duration::from_secs(5);

/// Returns the figures of the day.
///
/// They are the number of photos that arrived in each part of the day beside the number that is typical, what waits, and what has failed.
#[utoipa::path(get, path = "/api/v1/organiser/dashboard", tag = "organiser",
    responses((status = 200, body = DashboardAnswer)), extensions(("x-problems" = json!(["unknown-edition"]))))]
pub async fn dashboard(State(app): State<App>, SignedIn(_): SignedIn) -> Result<Json<DashboardAnswer>, Problem> {
    let now = app.clock.now();
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    let Figures { picture, oldest_at, queues, runs } = Box::pin(figures::read(&app, Some(&edition), now)).await?;
    let runs = runs.iter().map(RunView::from).collect();
    Ok(Json(DashboardAnswer::new(&edition, &picture, oldest_at, queues, runs, now)))
}

/// Lists what members did, except for decisions about photos.
///
/// The newest entry comes first. Each entry holds a hash of the one before it, so that a missing or changed entry is detected.
#[utoipa::path(get, path = "/api/v1/organiser/activity", tag = "organiser",
    responses((status = 200, body = ActivityAnswer)))]
pub async fn activity(State(app): State<App>, SignedIn(_): SignedIn) -> Result<Json<ActivityAnswer>, Problem> {
    let entries = app.activity.all().await?;
    let broken_at = first_break(&entries);
    let entries = entries.iter().rev().map(ActivityView::from).collect();
    Ok(Json(ActivityAnswer { entries, broken_at }))
}

/// Opens, extends, closes, pauses, resumes or reopens the day.
///
/// The whole site follows within a few seconds.
#[utoipa::path(post, path = "/api/v1/organiser/phase", tag = "organiser", request_body = PhaseRequest,
    responses((status = 200, body = DayAnswer)),
    extensions(("x-problems" = json!(["unknown-edition", "wrong-phase", "invalid"]))))]
pub async fn phase(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    Json(request): Json<PhaseRequest>,
) -> Result<Json<DayAnswer>, Problem> {
    Ok(Json(set_phase(&app, &member, request.command()).await?))
}

/// Sets switches.
///
/// A switch that is absent keeps its value.
#[utoipa::path(put, path = "/api/v1/organiser/switches", tag = "organiser", request_body = SwitchesRequest,
    responses((status = 200, body = DayAnswer)), extensions(("x-problems" = json!(["invalid", "unknown-edition"]))))]
pub async fn switches(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    Json(request): Json<SwitchesRequest>,
) -> Result<Json<DayAnswer>, Problem> {
    Ok(Json(set_switches(&app, &member, request).await?))
}

/// Sets the banner that every visitor reads, or removes it.
///
/// Answers when the delivery network was told to fetch all pages again, which takes a few seconds.
#[utoipa::path(put, path = "/api/v1/organiser/banner", tag = "organiser", request_body = BannerRequest,
    responses((status = 200, body = DayAnswer)),
    extensions(("x-problems" = json!(["text-too-long", "unknown-edition"]))))]
pub async fn banner(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    Json(request): Json<BannerRequest>,
) -> Result<Json<DayAnswer>, Problem> {
    Ok(Json(set_banner(&app, &member, request.banner).await?))
}

/// Sets the logo of a sponsor, or removes it.
///
/// The site serves the file itself. Answers when the delivery network was told to fetch all pages again, which takes a few seconds.
#[utoipa::path(put, path = "/api/v1/organiser/logos", tag = "organiser", request_body = LogoRequest,
    responses((status = 200, body = DayAnswer)),
    extensions(("x-problems" = json!(["too-large", "invalid", "unknown-edition"]))))]
pub async fn logo(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    Json(request): Json<LogoRequest>,
) -> Result<Json<DayAnswer>, Problem> {
    let LogoRequest { sponsor, png } = request;
    let read = png.map(|png| Logo::decode(&sponsor, &png)).transpose()?;
    let before = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    // The file first, so that no page names one that is missing.
    if let Some((logo, file)) = &read {
        before.with_logo(&sponsor, None)?;
        app.logos.put(&logo.sha256, file).await?;
    }
    let logo = read.map(|(logo, _)| logo);
    let action = if logo.is_some() { Action::SetLogo } else { Action::RemoveLogo };
    let answer = change(&app, &member, action, &sponsor, |edition| edition.with_logo(&sponsor, logo.clone())).await?;
    everywhere(&app, "logo", &answer).await;
    // Two sponsors may have the same file.
    let shown = app.editions.current().await?.map(|edition| edition.logos).unwrap_or_default();
    for gone in before.logos.iter().filter(|logo| !shown.iter().any(|other| other.sha256 == logo.sha256)) {
        app.logos.retire(&gone.sha256, app.clock.now()).await?;
    }
    Ok(Json(answer))
}

/// Changes settings of the edition.
///
/// A setting that is absent keeps its value.
#[utoipa::path(put, path = "/api/v1/organiser/settings", tag = "organiser", request_body = SettingsRequest,
    responses((status = 200, body = DayAnswer)),
    extensions(("x-problems" = json!(["text-too-long", "invalid", "unknown-edition"]))))]
pub async fn settings(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    Json(request): Json<SettingsRequest>,
) -> Result<Json<DayAnswer>, Problem> {
    Ok(Json(set_settings(&app, &member, &request).await?))
}

/// Executes a command that changes the phase.
pub async fn set_phase(app: &App, member: &Member, command: PhaseCommand) -> Result<DayAnswer, Problem> {
    let now = app.clock.now();
    let detail = match command {
        PhaseCommand::Extend { minutes } => format!("by {minutes} minutes"),
        PhaseCommand::Open
        | PhaseCommand::Close
        | PhaseCommand::Pause
        | PhaseCommand::Resume
        | PhaseCommand::Reopen => String::new(),
    };
    change(app, member, command.into(), &detail, |edition| edition.commanded(command, now)).await
}

/// Sets switches.
pub async fn set_switches(app: &App, member: &Member, request: SwitchesRequest) -> Result<DayAnswer, Problem> {
    let SwitchesRequest { changes, feed_shards } = request;
    let mut said = Vec::new();
    said.extend(changes.map(|changes| match changes {
        Changes::All => "all changes".to_owned(),
        Changes::Removals => "removals only".to_owned(),
    }));
    said.extend(feed_shards.map(|shards| format!("{shards} feed shards")));
    let settings = Settings { changes, feed_shards, ..Settings::default() };
    change(app, member, Action::SetSwitches, &said.join(", "), |edition| edition.with_settings(&settings)).await
}

/// Sets or removes the banner.
pub async fn set_banner(app: &App, member: &Member, banner: Option<Banner>) -> Result<DayAnswer, Problem> {
    let banner = match banner {
        Some(banner) => banner.cleaned()?,
        None => None,
    };
    let action = if banner.is_some() { Action::SetBanner } else { Action::RemoveBanner };
    let said = banner.as_ref().map(|banner| banner.text.clone()).unwrap_or_default();
    // What a function has read some seconds ago may be another banner than the one that is replaced.
    let changed = AtomicBool::new(false);
    let answer = change(app, member, action, &said, |edition| {
        changed.store(edition.day.banner != banner, Ordering::Relaxed);
        Ok(Edition { day: Day { banner: banner.clone(), ..edition.day.clone() }, ..edition.clone() })
    })
    .await?;
    if changed.into_inner() {
        everywhere(app, "banner", &answer).await;
    }
    Ok(answer)
}

/// Tells edges to forget all pages, once no function has the edition as it was before.
async fn everywhere(app: &App, what: &str, day: &DayAnswer) {
    tokio::time::sleep(Duration::from_secs(FRESH_SECONDS.unsigned_abs() + 1)).await;
    let reason = format!("{what} {} {}", day.edition, app.clock.now().as_millisecond());
    app.purger.forget_everything(&reason, PATIENCE).await;
}

/// Changes settings.
pub async fn set_settings(app: &App, member: &Member, request: &SettingsRequest) -> Result<DayAnswer, Problem> {
    let said = listed(request);
    let SettingsRequest { name, max_bytes, opens_at, closes_at, grace_minutes, hashtags } = request.clone();
    let settings = Settings { name, max_bytes, opens_at, closes_at, grace_minutes, hashtags, ..Settings::default() };
    change(app, member, Action::ChangeSettings, &said, |edition| edition.with_settings(&settings)).await
}

/// Returns the settings that are given, such as `name Photo day, max bytes 20000000`.
fn listed(request: &SettingsRequest) -> String {
    let given = serde_json::to_value(request).unwrap_or_default();
    let said = given.as_object().into_iter().flatten().map(|(field, value)| {
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Array(values) => values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
        };
        format!("{} {value}", field.replace('_', " "))
    });
    said.collect::<Vec<_>>().join(", ")
}

/// Changes the current edition, and records in the activity log who did it.
async fn change(
    app: &App,
    member: &Member,
    action: Action,
    detail: &str,
    rule: impl Fn(&Edition) -> Result<Edition, Refusal>,
) -> Result<DayAnswer, Problem> {
    let now = app.clock.now();
    let edition = app.editions.current().await?.ok_or(Refusal::UnknownEdition)?;
    let changed = app.editions.change(&edition.slug, |edition| rule(edition).map_err(Problem::from)).await?;
    let edition = changed.ok_or(Refusal::UnknownEdition)?;
    app.activity.note(member, action, detail, now).await?;
    tracing::info!(edition = %edition.slug, action = action.as_str(), opens_at = rfc3339(edition.opens_at), "the day was changed");
    Ok(DayAnswer::new(&edition, now))
}
