//! The common part of the functions that serve pages: the layout, the languages, addresses, assets, and the conversion of a page to an
//! answer.
//!
//! A page is a struct with exactly what its template prints. Its first field is a [`Layout`], and it implements [`Page`].
//! `templates/base.html` surrounds every page; `templates/parts/` has the parts that several pages include. The public pages are in
//! `functions/site`, those of moderators and organisers in `functions/console`.
//!
//! Decision: the scripts and style sheets of both functions are one tree, `assets/`, under one digest that `functions/site` serves. Modules
//! import one another by relative addresses, and most of what the console needs (dialogs, passkeys, covers, phrases) the public pages need,
//! too: with two trees, a browser would cache two copies, and no tool could follow the import lines.

pub mod assets;
pub mod code;
pub mod draw_log;
pub mod format;
pub mod lang;
pub mod layout;
pub mod links;
pub mod message;
pub mod respond;
pub mod sample;
pub mod sample_draws;
pub mod tile;

use askama::Template;

use self::layout::Layout;
use crate::web::problem::CATALOGUE;

/// A page.
pub trait Page: Template {
    /// Returns the page's layout.
    fn layout(&self) -> &Layout;
}

/// Why a form was refused, shown on the page of the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlashMessage {
    /// What happened.
    pub title: &'static str,
    /// What to do.
    pub hint: String,
}

impl FlashMessage {
    /// Returns the message for the problem with this slug; `None` if there is no such problem.
    pub fn new(problem: Option<&str>) -> Option<Self> {
        let kind = CATALOGUE.iter().find(|kind| Some(kind.slug) == problem)?;
        Some(Self { title: kind.title, hint: kind.hint.to_owned() })
    }
}
