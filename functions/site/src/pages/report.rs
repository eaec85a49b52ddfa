//! `/p/{id}/report` and `/cy/p/{id}/report`: the form that reports a photo. It works without JavaScript, and says what each reason leads
//! to.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use serde::Deserialize;
use shared::{
    domain::{PhotoId, Refusal, feed, limits, report::ReportReason},
    pages::{
        FlashMessage, Page,
        lang::{Lang, Messages, filled},
        layout::{Layout, Nav},
        links,
    },
    web::{
        Cache, Path, Problem, Query,
        problem::{CATALOGUE, TEXT_TOO_LONG, TOO_MANY_REQUESTS},
    },
};

use crate::App;

/// The page with the form, or with the reference of a report that was taken.
#[derive(Clone, Debug, Template)]
#[template(path = "report.html")]
pub struct Report {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The address that the form is sent to.
    pub action: String,
    /// The address of the photo's page.
    pub photo: String,
    /// The photo's caption.
    pub caption: String,
    /// The reasons to choose from.
    pub reasons: Vec<Reason>,
    /// The reference of the report; `None` until a report was taken.
    pub reference: Option<String>,
    /// Why the form was refused; `None` if it was not.
    pub told: Option<FlashMessage>,
    /// Longest text, in characters.
    pub text_max: usize,
    /// Longest contact address, in characters.
    pub contact_max: usize,
    /// How long a contact address is kept, as a sentence.
    pub contact_kept: String,
}

/// A reason to choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The reason's name in the API.
    pub value: &'static str,
    /// The reason in words.
    pub words: &'static str,
    /// What a report for this reason leads to.
    pub leads_to: &'static str,
}

impl Page for Report {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Report {
    /// Builds the form for the photo with this id and caption.
    pub fn new(id: &PhotoId, caption: &str, asked: &Asked, lang: Lang) -> Self {
        let words = lang.words();
        let reason = |reason: ReportReason| Reason {
            value: reason.as_str(),
            words: lang.wrong(reason),
            leads_to: if reason.hides_at_once() { words.report_hides } else { words.report_hides_second },
        };
        let days = lang.counted(limits::REPORT_DAYS.unsigned_abs(), &words.days);
        let known = asked.reference.clone().filter(|reference| {
            reference.len() <= 20 && reference.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        });
        Self {
            layout: Layout::private(words.report_title, Nav::None).speaking(lang, &links::report(id)),
            action: links::reports(id, lang),
            photo: links::photo(id),
            caption: if caption.is_empty() { words.untitled } else { caption }.to_owned(),
            reasons: ReportReason::ALL.map(reason).to_vec(),
            reference: known,
            told: told(asked.problem.as_deref(), words),
            text_max: limits::REPORT_MAX,
            contact_max: limits::CONTACT_MAX,
            contact_kept: filled(words.report_contact_more, &[("days", &days)]),
        }
    }

    /// A sample of the form.
    pub fn sample() -> Self {
        Self::sampled(&Asked::default(), Lang::En)
    }

    /// A sample of the form in Welsh, after it was refused.
    pub fn sample_welsh() -> Self {
        Self::sampled(&Asked { reference: None, problem: Some(TOO_MANY_REQUESTS.slug.into()) }, Lang::Cy)
    }

    /// A sample of a report that was taken.
    pub fn sample_taken() -> Self {
        Self::sampled(&Asked { reference: Some("7K3M9-2QDXA".into()), problem: None }, Lang::En)
    }

    /// The same sample in Welsh.
    pub fn sample_taken_welsh() -> Self {
        Self::sampled(&Asked { reference: Some("7K3M9-2QDXA".into()), problem: None }, Lang::Cy)
    }

    fn sampled(asked: &Asked, lang: Lang) -> Self {
        Self::new(&PhotoId::from_digest(&[5; 32]), "Copper sulphate crystals on day twelve", asked, lang)
    }
}

/// Explains to the reporter why a report was refused. The API's own texts are English and meant for programs.
fn told(problem: Option<&str>, words: &Messages) -> Option<FlashMessage> {
    let kind = CATALOGUE.iter().find(|kind| Some(kind.slug) == problem)?;
    let hint = match kind.slug {
        slug if slug == TOO_MANY_REQUESTS.slug => words.report_refused_many,
        slug if slug == TEXT_TOO_LONG.slug => words.report_refused_long,
        _ => words.report_refused_again,
    };
    Some(FlashMessage { title: words.report_refused, hint: hint.to_owned() })
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

/// `GET /p/{id}/report` and `GET /cy/p/{id}/report`
pub async fn show(
    State(app): State<App>,
    lang: Lang,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let id: PhotoId = id.parse().map_err(|_| Refusal::PhotoNotFound)?;
    let photo = app.photos.get(&id).await?;
    // A reported photo may be hidden by now: the page with the reference is shown all the same, without the photo's caption.
    let caption = match (feed::public(photo.as_ref()), &asked.reference) {
        (Ok(row), _) => row.caption,
        (Err(_), Some(_)) => String::new(),
        (Err(absent), None) => return Err(absent.into()),
    };
    app.page(StatusCode::OK, Cache::Never, &Report::new(&id, &caption, &asked, lang)).await
}
