//! `/s/{school}/thanks` and `/cy/s/{school}/thanks`: a card on which a school leader thanks the technicians, to be sent with the school's
//! own mail or printed.
//!
//! Decision: this site sends nothing that is written here. Messages from strangers to technicians would either have to wait for a moderator
//! as a photo does, with a lane and a way to take them down, or reach the technicians unchecked. So the form fills a mail and a card on the
//! sender's own device, which keeps what is typed until the tab is closed.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use shared::{
    domain::{Edition, school::SchoolKey},
    pages::{
        Page,
        code::Code,
        lang::{Lang, filled},
        layout::{Layout, Nav},
        links, sample,
    },
    web::{Cache, Path, Problem},
};

use super::school::{latest, name, sampled};
use crate::App;

/// Longest name of the sender or of the people who are thanked, in characters.
const NAME_MAX: usize = 120;
/// Longest text, in characters: it fits on a card of one page, and into a `mailto:` address in every browser.
const WORDS_MAX: usize = 1_200;

/// The page with the card and the fields that fill it.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "thanks.html")]
pub struct Thanks {
    /// The layout that all pages share.
    pub layout: Layout,
    /// The school's name.
    pub name: String,
    /// The edition's name.
    pub edition_name: String,
    /// The edition's date.
    pub day: String,
    /// The people who are thanked.
    pub to: String,
    /// The text that the card begins with.
    pub words: String,
    /// The subject of the mail.
    pub subject: String,
    /// The `mailto:` address that opens a mail with the text.
    pub mail: String,
    /// The address of the school's page, as people type it.
    pub address: String,
    /// The same address as a QR code.
    pub code: Code,
    /// The address to return to.
    pub back: String,
    /// Longest name, in characters.
    pub name_max: usize,
    /// Longest text, in characters.
    pub words_max: usize,
}

impl Page for Thanks {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Thanks {
    /// Builds the card for the technicians of the school called `name`.
    pub fn new(edition: &Edition, key: &SchoolKey, name: String, lang: Lang, site_origin: &str) -> Self {
        let back = lang.address(&links::school(key));
        let address = format!("{site_origin}{back}");
        let said = lang.words();
        let of_school = |phrase: &str| filled(phrase, &[("school", &name)]);
        let to = of_school(said.technicians_of);
        let words = filled(said.thanks_begun, &[("edition", &edition.name)]);
        let subject = of_school(said.thanks_subject);
        Self {
            layout: Layout::private(of_school(said.thanks_title), Nav::None)
                .speaking(lang, &links::thanks(key))
                .with_styles(&["css/components/print.css"])
                .with_modules(&["js/gallery/print.js", "js/gallery/thanks.js"]),
            mail: links::share_email(&subject, &format!("{to},\n\n{words}\n\n{address}\n")),
            code: Code::new(&address),
            address: address.trim_start_matches("https://").trim_start_matches("http://").to_owned(),
            back,
            edition_name: edition.name.clone(),
            day: lang.day(edition.opens_at),
            name_max: NAME_MAX,
            words_max: WORDS_MAX,
            name,
            to,
            words,
            subject,
        }
    }

    /// A sample for a school that is recognisable as a sample.
    pub fn sample() -> Self {
        Self::sampled(Lang::En)
    }

    /// The same sample in Welsh.
    pub fn sample_welsh() -> Self {
        Self::sampled(Lang::Cy)
    }

    fn sampled(lang: Lang) -> Self {
        match (sample::edition(), "sample-academy".parse()) {
            (Some(edition), Ok(key)) => {
                Self::new(&edition, &key, name(&sampled().photos, &key), lang, "https://photos.example")
            }
            (None, _) | (_, Err(_)) => Self::default(),
        }
    }
}

/// `GET /s/{school}/thanks` and `GET /cy/s/{school}/thanks`
pub async fn show(State(app): State<App>, lang: Lang, Path(key): Path<String>) -> Result<Response, Problem> {
    let (edition, key, page) = latest(&app, &key, None).await?;
    let thanks = Thanks::new(&edition, &key, name(&page.photos, &key), lang, &app.site_origin);
    app.page(StatusCode::OK, Cache::Deep, &thanks).await
}
