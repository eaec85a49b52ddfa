//! Pages as answers: rendered, with the content security policy that fits exactly this page.

use std::any::Any;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use shared::{
    domain::edition::Banner,
    store::Fault,
    web::{Cache, Problem},
};

use crate::{
    App,
    config::Config,
    frame::{Framed, PageStyle},
    pages::{Page, message::Message},
};

/// What a page says about robots when it is not for them.
const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// The name by which every page finds what the organiser tells everybody.
pub const BANNER: &str = "banner";

/// Renders a page, with what the organiser tells everybody below its header.
pub fn page(
    config: &Config,
    status: StatusCode,
    cache: Cache,
    page: &impl Page,
    banner: Option<&Banner>,
) -> Result<Response, Problem> {
    let values = banner.map(|banner| (BANNER, banner as &dyn Any));
    let html = page.render_with_values(&values).map_err(|error| Fault::broken("render page", error.to_string()))?;
    let frame = page.frame();
    let mut response = (status, cache, html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    let policy = policy(&config.upload_origin, frame.page_style.as_ref(), frame.framed);
    let policy = HeaderValue::from_str(&policy).map_err(|error| Fault::broken("write policy", error.to_string()))?;
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    if !frame.indexed {
        headers.insert(ROBOTS, HeaderValue::from_static("noindex"));
    }
    Ok(response)
}

/// The content security policy of a page: everything from this site, but for sending photos to the storage; no inline script
/// or style but the one style element whose hash it names; no string becomes a script.
pub fn policy(upload_origin: &str, style: Option<&PageStyle>, framed: Framed) -> String {
    let ancestors = match framed {
        Framed::Never => "'none'",
        Framed::Anywhere => "*",
    };
    let style = style.map(|style| format!(" {}", style.csp_source())).unwrap_or_default();
    let upload = if upload_origin.is_empty() { String::new() } else { format!(" {upload_origin}") };
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'{style}; img-src 'self' blob:{upload}; \
         connect-src 'self'{upload}; manifest-src 'self'; worker-src 'self'; form-action 'self'; \
         frame-ancestors {ancestors}; base-uri 'none'; require-trusted-types-for 'script'"
    )
}

/// Makes a page of each problem, whoever it came from: people read it here.
pub async fn problems_as_pages(State(app): State<App>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let Some(problem) = response.extensions().get::<Problem>().cloned() else { return response };
    let request_id =
        response.headers().get(shared::web::serve::REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    let message = Message::of(&problem, request_id);
    let Ok(made) = page(&app.config, response.status(), Cache::Never, &message, None) else { return response };
    let (mut parts, _) = response.into_parts();
    let (made, body) = made.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(made.headers);
    Response::from_parts(parts, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_exactly_the_page_s_own_style() {
        let style = PageStyle { css: ".p1{--ar:1.5}".into() };
        let policy = policy("https://storage.example", Some(&style), Framed::Never);
        // Computed apart: printf '.p1{--ar:1.5}' | openssl dgst -sha256 -binary | base64
        assert!(policy.contains("style-src 'self' 'sha256-D039+rnzSgraWzJmFyPkiVhTMkqbbUcLZKQ/tI0dPY0=';"), "{policy}");
        assert!(policy.contains("connect-src 'self' https://storage.example;"));
        assert!(!policy.contains("unsafe"));
    }
}
