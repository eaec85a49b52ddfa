//! Answers with pages: rendered, with a content security policy that fits exactly this page.

use std::any::Any;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header};

use super::{
    Page,
    layout::{Framed, Layout, Plays},
    message::Message,
};
use crate::{
    domain::{edition::Banner, organiser::Organiser},
    store::{Fault, editions::Editions},
    web::{Cache, Problem, serve::REQUEST_ID},
};

/// The header that asks search engines not to list a page.
const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// The name under which every template finds the organiser's banner.
pub const BANNER: &str = "banner";
/// The name under which every template finds who is responsible for the site.
pub const ORGANISER: &str = "organiser";

/// What every page shows of the current edition.
#[derive(Clone, Debug, Default)]
pub struct Common {
    /// The banner below the header.
    pub banner: Option<Banner>,
    /// Who is responsible for the site, in the footer and wherever visitors need to reach somebody.
    pub organiser: Option<Organiser>,
}

/// Answers with the pages of one function.
#[derive(Clone, Debug)]
pub struct Responder {
    editions: Editions,
    upload_origin: String,
}

impl Responder {
    /// Creates the responder for pages that show the banner of the current edition, and that may send photos to the origin `upload_origin`;
    /// empty if none of the function's pages sends any.
    pub fn new(editions: &Editions, upload_origin: &str) -> Self {
        Self { editions: editions.clone(), upload_origin: upload_origin.to_owned() }
    }

    /// Answers with a page, with the organiser's banner below its header and who is responsible in its footer. If these cannot be read, the
    /// page goes out without them.
    ///
    /// # Errors
    /// A [`Fault`], if the page cannot be rendered.
    pub async fn page(&self, status: StatusCode, cache: Cache, page: &(impl Page + Sync)) -> Result<Response, Problem> {
        rendered(&self.upload_origin, status, cache, page, &self.common().await)
    }

    async fn common(&self) -> Common {
        let edition = self.editions.current().await.unwrap_or_else(|fault| {
            tracing::warn!(fault = fault.chain(), "a page goes out without banner and organiser");
            None
        });
        edition.map(|edition| Common { banner: edition.day.banner, organiser: edition.organiser }).unwrap_or_default()
    }
}

/// Renders a page.
///
/// # Errors
/// A [`Fault`], if its template or its policy cannot be written.
pub fn rendered(
    upload_origin: &str,
    status: StatusCode,
    cache: Cache,
    page: &impl Page,
    common: &Common,
) -> Result<Response, Problem> {
    let banner = common.banner.as_ref().map(|banner| (BANNER, banner as &dyn Any));
    let organiser = common.organiser.as_ref().map(|organiser| (ORGANISER, organiser as &dyn Any));
    let values: Vec<_> = banner.into_iter().chain(organiser).collect();
    let html =
        page.render_with_values(&values.as_slice()).map_err(|error| Fault::broken("render page", error.to_string()))?;
    let layout = page.layout();
    let mut response = (status, cache, html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    let policy = policy(upload_origin, layout);
    let policy = HeaderValue::from_str(&policy).map_err(|error| Fault::broken("write policy", error.to_string()))?;
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    if !layout.indexed {
        headers.insert(ROBOTS, HeaderValue::from_static("noindex"));
    }
    Ok(response)
}

/// Returns the content security policy of a page: everything comes from this site, except that photos are sent to the storage; no inline
/// script or style but the one style element whose hash the policy contains; videos only on a page that plays them; no string becomes a script.
pub fn policy(upload_origin: &str, layout: &Layout) -> String {
    let ancestors = match layout.framed {
        Framed::Never => "'none'",
        Framed::Anywhere => "*",
    };
    let media = match layout.plays {
        Plays::Nothing => "",
        Plays::Ours => "media-src 'self'; ",
        Plays::Chosen => "media-src blob:; ",
    };
    let style = layout.page_style.as_ref().map(|style| format!(" {}", style.csp_source())).unwrap_or_default();
    let upload = if upload_origin.is_empty() { String::new() } else { format!(" {upload_origin}") };
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'{style}; img-src 'self' blob:{upload}; {media}\
         connect-src 'self'{upload}; manifest-src 'self'; worker-src 'self'; form-action 'self'; \
         frame-ancestors {ancestors}; base-uri 'none'; require-trusted-types-for 'script'"
    )
}

/// Middleware that turns each problem into a page, for people to read.
pub async fn problems_as_pages(State(responder): State<Responder>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let Some(problem) = response.extensions().get::<Problem>().cloned() else { return response };
    let request_id = response.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    let message = Message::new(&problem, request_id);
    let common = Common { banner: None, ..responder.common().await };
    let made = rendered(&responder.upload_origin, response.status(), Cache::Never, &message, &common);
    let Ok(made) = made else { return response };
    let (mut parts, _) = response.into_parts();
    let (made, body) = made.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(made.headers);
    Response::from_parts(parts, body)
}

#[cfg(test)]
mod tests {
    use super::super::layout::PageStyle;
    use super::*;

    #[test]
    fn the_policy_allows_exactly_the_page_s_own_style() {
        let style = PageStyle { css: ".p1{--ar:1.5}".into() };
        let layout = Layout { page_style: Some(style), ..Layout::default() };
        let policy = policy("https://storage.example", &layout);
        // Computed separately: printf '.p1{--ar:1.5}' | openssl dgst -sha256 -binary | base64
        assert!(policy.contains("style-src 'self' 'sha256-D039+rnzSgraWzJmFyPkiVhTMkqbbUcLZKQ/tI0dPY0=';"), "{policy}");
        assert!(policy.contains("connect-src 'self' https://storage.example;"));
        assert!(!policy.contains("unsafe") && !policy.contains("media-src"), "{policy}");
    }

    #[test]
    fn a_page_that_plays_videos_may_load_those_of_this_site() {
        let policy = |plays| policy("", &Layout { plays, ..Layout::default() });
        assert!(policy(Plays::Ours).contains("; media-src 'self'; connect-src 'self';"), "{}", policy(Plays::Ours));
        assert!(policy(Plays::Chosen).contains("; media-src blob:; connect-src 'self';"), "{}", policy(Plays::Chosen));
    }
}
