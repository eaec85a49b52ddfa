//! Forms of the day's page: phase, switches, banner and settings.

use axum::{extract::State, response::Response};
use serde::Deserialize;
use shared::{
    domain::{
        Refusal,
        edition::{Banner, BannerKind, Changes},
        time::in_london,
    },
    pages::links,
};

use super::{
    answers::{PhaseRequest, SettingsRequest, SwitchesRequest},
    api::{set_banner, set_phase, set_settings, set_switches},
};
use crate::{
    App,
    form::{Sent, back, read},
    signed_in::SignedInPerson,
};

/// Executes a command that changes the phase.
pub async fn phase(
    State(app): State<App>,
    SignedInPerson(member): SignedInPerson,
    sent: Sent<PhaseRequest>,
) -> Response {
    let done = match read(sent) {
        Ok(request) => set_phase(&app, &member, request.command()).await,
        Err(problem) => Err(problem),
    };
    back(&links::organiser_day(), done)
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
) -> Response {
    let done = match read(sent) {
        Ok(SwitchesForm { changes }) => {
            let request = SwitchesRequest { changes: Some(changes), feed_shards: None };
            set_switches(&app, &member, request).await
        }
        Err(problem) => Err(problem),
    };
    back(&links::organiser_day(), done)
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
) -> Response {
    let done = match read(sent) {
        Ok(BannerForm { text, kind }) => set_banner(&app, &member, Some(Banner { text, kind })).await,
        Err(problem) => Err(problem),
    };
    back(&links::organiser_day(), done)
}

/// The settings, as the form of the day's page sends them.
#[derive(Debug, Deserialize)]
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
    fn request(self) -> Result<SettingsRequest, Refusal> {
        let tags = self.hashtags.split_whitespace().map(|tag| tag.trim_start_matches('#').to_owned());
        Ok(SettingsRequest {
            name: Some(self.name),
            opens_at: Some(in_london("opens", &self.opens)?),
            closes_at: Some(in_london("closes", &self.closes)?),
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
) -> Response {
    let done = match read(sent) {
        Ok(form) => match form.request() {
            Ok(request) => set_settings(&app, &member, &request).await,
            Err(refusal) => Err(refusal.into()),
        },
        Err(problem) => Err(problem),
    };
    back(&links::organiser_day(), done)
}
