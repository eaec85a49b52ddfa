//! `/p/{id}/report`: says what is wrong with a photo. Works without JavaScript; what it leads to is said before.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use serde::Deserialize;
use shared::{
    domain::{PhotoId, Refusal, State as PhotoState, limits, report::ReportReason},
    web::{Cache, Path, Problem, Query},
};

use super::{Page, Told};
use crate::{
    App,
    frame::{Frame, Nav},
    links,
};

/// The form of a report, or what became of it.
#[derive(Clone, Debug, Template)]
#[template(path = "report.html")]
pub struct Report {
    /// What all pages share.
    pub frame: Frame,
    /// Where the form goes.
    pub action: String,
    /// The photo's page.
    pub photo: String,
    /// Its caption.
    pub caption: String,
    /// What may be wrong.
    pub reasons: Vec<Reason>,
    /// What to quote, once it is taken.
    pub reference: Option<String>,
    /// What was refused.
    pub told: Option<Told>,
    /// The longest text.
    pub text_max: usize,
    /// The longest address.
    pub contact_max: usize,
}

/// A reason to pick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Its name in the API.
    pub value: &'static str,
    /// In words.
    pub words: &'static str,
    /// What it leads to.
    pub leads_to: &'static str,
}

impl Page for Report {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl Report {
    /// The form about the photo of this id and caption.
    pub fn of(id: &PhotoId, caption: &str, asked: &Asked) -> Self {
        let reason = |reason: ReportReason| Reason {
            value: reason.as_str(),
            words: reason.words(),
            leads_to: if reason.hides_after() == 1 {
                "The photo is hidden at once."
            } else {
                "It is hidden as soon as a second person says so."
            },
        };
        let known = asked.reference.clone().filter(|reference| {
            reference.len() <= 20 && reference.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        });
        Self {
            frame: Frame::private("Report a photo", Nav::None),
            action: links::reports(id),
            photo: links::photo(id),
            caption: if caption.is_empty() { "a photo without a caption".into() } else { caption.to_owned() },
            reasons: ReportReason::ALL.map(reason).to_vec(),
            reference: known,
            told: Told::of(asked.problem.as_deref()),
            text_max: limits::REPORT_MAX,
            contact_max: limits::CONTACT_MAX,
        }
    }

    /// The form.
    pub fn sample() -> Self {
        Self::of(&PhotoId::from_digest(&[5; 32]), "Copper sulphate crystals on day twelve", &Asked::default())
    }

    /// A report that was taken.
    pub fn sample_taken() -> Self {
        let asked = Asked { reference: Some("7K3M9-2QDXA".into()), problem: None };
        Self::of(&PhotoId::from_digest(&[5; 32]), "Copper sulphate crystals on day twelve", &asked)
    }
}

/// The query of the page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    #[serde(default)]
    reference: Option<String>,
    #[serde(default)]
    problem: Option<String>,
}

/// `GET /p/{id}/report`
pub async fn show(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let id: PhotoId = id.parse().map_err(|_| Refusal::PhotoNotFound)?;
    let photo = app.photos.get(&id).await?;
    let public = photo.filter(|photo| photo.state == PhotoState::Published);
    // Once it is reported it may be hidden: the answer is shown all the same, without the photo's words.
    let caption = match (public, &asked.reference) {
        (Some(photo), _) => photo.caption,
        (None, Some(_)) => String::new(),
        (None, None) => return Err(Refusal::PhotoNotFound.into()),
    };
    app.page(StatusCode::OK, Cache::Never, &Report::of(&id, &caption, &asked)).await
}
