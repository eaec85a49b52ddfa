//! What the descriptions of all functions share.

use utoipa::{
    Modify, OpenApi, ToResponse,
    openapi::{
        Info,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::problem::ProblemBody;
use crate::domain::access;

/// A problem: `application/problem+json`, RFC 9457.
#[derive(ToResponse)]
#[response(description = "A problem, as RFC 9457 has it", content_type = "application/problem+json")]
pub struct Refused(pub ProblemBody);

/// What all parts have in common.
#[derive(Debug, OpenApi)]
#[openapi(components(responses(Refused), schemas(ProblemBody)), modifiers(&Security))]
pub struct Common;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let uploader = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
            "Authorization",
            "`Uploader ` and 32 random bytes as base64url, made by the client",
        )));
        let key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("A named key, `tgk_…`")).build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("uploader", uploader);
        components.add_security_scheme("key", SecurityScheme::Http(key));
    }
}

/// Says of each call who may make it, as the table of access has it.
fn say_who(document: &mut utoipa::openapi::OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let calls = [
            ("GET", &mut item.get),
            ("POST", &mut item.post),
            ("PUT", &mut item.put),
            ("PATCH", &mut item.patch),
            ("DELETE", &mut item.delete),
        ];
        for (method, call) in calls {
            let Some(call) = call else { continue };
            let who = access::needs(method, path).map_or_else(|| "nobody".to_owned(), access::Needs::words);
            let said = call.description.take().unwrap_or_default();
            call.description = Some(format!("{said}\n\nFor {who}.").trim().to_owned());
        }
    }
}

/// The whole description: what is common, and the part of each function.
pub fn whole(parts: Vec<utoipa::openapi::OpenApi>) -> utoipa::openapi::OpenApi {
    let mut document = Common::openapi();
    document.info = Info::new("#TECHOGNITION photo day", "1");
    document.info.description = Some(
        "Technicians upload photos of their work, moderators decide, everybody looks. Instants are RFC 3339 in UTC with \
         milliseconds. Unknown fields and query names are refused and named."
            .to_owned(),
    );
    for part in parts {
        document.merge(part);
    }
    say_who(&mut document);
    document
}
