//! `/moderation/sign-in`: the form for the one-time code. The organiser's link carries the code in the fragment, which no server sees; a
//! script fills it into the form.

use askama::Template;
use axum::{extract::State, response::Response};
use serde::Deserialize;
use shared::{
    pages::{
        FlashMessage, Page,
        layout::{Layout, Nav},
        links,
    },
    web::{Problem, Query},
};

use crate::App;

/// The page with the form for the one-time code.
#[derive(Clone, Debug, Template)]
#[template(path = "session/sign_in.html")]
pub struct SignIn {
    /// The layout that all pages share.
    pub layout: Layout,
    /// What the form was refused for.
    pub told: Option<FlashMessage>,
    /// The page of the console to open after signing in.
    pub next: String,
    /// Whether the visitor asked for that page and was redirected here.
    ///
    /// Browsers do not send the session cookie, which is `SameSite=Strict`, with a request that comes from another site or a mail. Such a
    /// visitor may be signed in all the same, and this page, which belongs to the site, can ask again.
    pub sent_here: bool,
}

impl Page for SignIn {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl SignIn {
    /// Builds the page, which is the same for everybody.
    pub fn new() -> Self {
        let layout = Layout::private("Sign in", Nav::None)
            .with_modules(&["js/moderation/sign-in.js"])
            .with_styles(&["css/components/moderation.css"]);
        Self { layout, told: None, next: links::console_start(), sent_here: false }
    }

    /// Sets the page to open after signing in, if `next` is a page of the console.
    #[must_use]
    pub fn on_the_way_to(self, next: Option<String>) -> Self {
        match next.filter(|next| is_of_the_console(next)) {
            Some(next) => Self { next, sent_here: true, ..self },
            None => self,
        }
    }
}

impl Default for SignIn {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether an address leads to a page of the console and nowhere else: a path as this system writes it, and perhaps a query. Anything that
/// a browser would read differently is refused: it resolves dots, takes a backslash for a slash, and skips tabs and line ends (the URL
/// Standard, "basic URL parser").
fn is_of_the_console(address: &str) -> bool {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let Some(parts) = path.strip_prefix('/') else { return false };
    let ours = parts.split('/').all(|part| !part.is_empty() && part.bytes().all(plain));
    let console = path == links::dashboard() || ["/moderation/", "/organiser/"].iter().any(|one| path.starts_with(one));
    ours && console && query.bytes().all(|byte| plain(byte) || b"=&%+.~:".contains(&byte))
}

/// The query of the page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInQuery {
    /// The name of the problem because of which the form was refused.
    #[serde(default)]
    problem: Option<String>,
    /// The page that the visitor asked for.
    #[serde(default)]
    next: Option<String>,
}

/// `GET /moderation/sign-in`
pub async fn show(
    State(app): State<App>,
    Query(SignInQuery { problem, next }): Query<SignInQuery>,
) -> Result<Response, Problem> {
    let page = SignIn { told: FlashMessage::new(problem.as_deref()), ..SignIn::new() }.on_the_way_to(next);
    app.page(&page).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_to_pages_of_the_console_only() {
        let next = |asked: &str| SignIn::new().on_the_way_to(Some(asked.to_owned())).next;
        for page in [
            "/organiser",
            "/organiser/day",
            "/organiser/activity?after=12",
            "/moderation/you",
            "/moderation/queue?lane=reported&problem=version-outdated",
            "/moderation/photos/aeaqcaibaeaqcaibaeaqcaibae/cover",
            "/organiser/people?q=J%C3%B8rgen+M",
        ] {
            assert_eq!(next(page), page);
        }
        for page in [
            "",
            "/",
            "?lane=held",
            "moderation/queue",
            "/organisers",
            "/organiserx/day",
            "/moderation",
            "/moderation/",
            "/Moderation/queue",
            // Leads to another host.
            "//evil.example",
            "///evil.example/moderation/queue",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example/moderation/queue",
            "https:/moderation/queue",
            "javascript:alert(1)//moderation/",
            "data:text/html,/moderation/queue",
            "/moderation/queue@evil.example",
            // Leaves the console for the root, or for what a browser takes for the root.
            "/moderation/..//x",
            "/moderation/../p/x",
            "/moderation/../../evil.example",
            "/moderation/./queue",
            "/moderation/..",
            "/organiser/..",
            "/moderation/%2e%2e/x",
            "/moderation/%2E%2E//evil.example",
            "/moderation/.%2e/x",
            "/moderation/..%2f..%2fevil.example",
            "/moderation/%2f%2fevil.example",
            "/moderation/..\\..\\evil.example",
            "/moderation\\queue",
            "/moderation/%5cevil.example",
            "/moderation//evil.example",
            "/moderation/queue/",
            "/moderation/queue;x=1",
            // Characters that a browser skips, and characters that would end a header.
            "/\t/evil.example",
            "/moderation/\t../x",
            "/moderation/.\n./x",
            "\n/moderation/queue",
            " /moderation/queue",
            "/moderation/queue ",
            "/moderation/queue\r\nLocation: https://evil.example",
            "/moderation/\0",
            "/moderation/queue?lane=held\r\nSet-Cookie: a=b",
            "/moderation/queue?next=//evil.example",
            "/moderation/queue?lane=held#x",
            "/moderation/queue#//evil.example",
            // Characters that only look like dots.
            "/moderation/\u{2024}\u{2024}/x",
            "/\u{ff0f}evil.example/moderation/queue",
            "/moderation/qu\u{e9}ue",
        ] {
            assert_eq!(next(page), links::console_start(), "{page:?}");
        }
    }
}
