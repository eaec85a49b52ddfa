//! What the functions that serve pages have in common: the layout, the languages, addresses, assets, and how a page becomes an answer.
//!
//! A page is a struct with exactly what its template prints. Its first field is a [`Layout`](layout::Layout), and it implements
//! [`Page`]. `templates/base.html` is around every page; `templates/parts/` has what several pages include. The public pages are in
//! `functions/site`, those of moderators and organisers in `functions/console`.
//!
//! Decision: the scripts and style sheets of both functions are one tree, `assets/`, under one digest that `functions/site` serves.
//! Modules import one another by relative addresses, and most of what the console needs (dialogs, passkeys, covers, phrases) the
//! public pages need, too: two trees would be two copies in a browser's cache, and import lines that no tool can follow.

pub mod assets;
pub mod code;
pub mod format;
pub mod lang;
pub mod layout;
pub mod links;
pub mod message;
pub mod respond;
pub mod sample;
pub mod tile;

use askama::Template;

use self::layout::Layout;
use crate::web::problem::CATALOGUE;

/// A page.
pub trait Page: Template {
    /// What it shares with all other pages.
    fn layout(&self) -> &Layout;
}

/// Why a form was refused, told on the page that the form is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlashMessage {
    /// What happened.
    pub title: &'static str,
    /// What to do.
    pub hint: &'static str,
}

impl FlashMessage {
    /// What the problem of this name says; `None` if there is no such problem.
    pub fn of(problem: Option<&str>) -> Option<Self> {
        let kind = CATALOGUE.iter().find(|kind| Some(kind.slug) == problem)?;
        Some(Self { title: kind.title, hint: kind.hint })
    }
}
