//! The description of the HTTP API (OpenAPI 3.1): the parts that all calls share.
//!
//! A handler's annotation contains only what nothing else knows: its texts, its answers, and in `x-problems` the problems that other calls
//! of its kind do not have. The rest follows from the code: the permitted callers, from the table of access; the problems of every call
//! that has a body, a query or a caller, from [`problems`]; the limits, from [`limits`]; the examples, from `examples.json`.

mod examples;
pub mod problems;

use std::fmt;

use utoipa::{
    OpenApi,
    openapi::{
        Components, HeaderBuilder, InfoBuilder, LicenseBuilder, ObjectBuilder, Ref, RefOr, Required, Response, Schema,
        ServerBuilder, Type,
        path::{Operation, ParameterBuilder, ParameterIn, Paths},
        schema::AdditionalProperties,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
        tag::{Tag, TagBuilder},
    },
};

use super::problem::ProblemBody;
use crate::domain::{
    access::{self, Needs},
    limits,
};

/// The length of the largest request body that is read, in kB.
const BODY_KB: usize = super::extract::BODY_MAX_BYTES / 1024;

/// The parts that the descriptions of all functions share.
#[derive(Debug, OpenApi)]
#[openapi(components(schemas(ProblemBody)))]
struct Common;

/// The error for an incomplete description, with everything that is missing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Incomplete(Vec<String>);

impl fmt::Display for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the description of the API is incomplete: {}", self.0.join("; "))
    }
}

/// Returns the whole description, merged from the part of each function.
///
/// # Errors
/// [`Incomplete`] if a call has no summary, is not in the table of access or names an unknown problem; if a successful answer has no
/// description; if a field has no example.
pub fn whole(parts: Vec<utoipa::openapi::OpenApi>) -> Result<utoipa::openapi::OpenApi, Incomplete> {
    let mut document = Common::openapi();
    document.info = InfoBuilder::new()
        .title("#TECHOGNITION photo day")
        .version("1")
        .license(Some(LicenseBuilder::new().name(LICENSE).identifier(Some(LICENSE)).build()))
        .description(Some(introduction()))
        .build();
    let server = ServerBuilder::new().url("/").description(Some("The site that serves this description."));
    document.servers = Some(vec![server.build()]);
    document.tags = Some(tags());
    for part in parts {
        document.merge(part);
    }
    let mut components = document.components.take().unwrap_or_default();
    if let Some(RefOr::T(Schema::Object(problem))) = components.schemas.get_mut("ProblemBody") {
        problem.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(true)));
    }
    add_security_schemes(&mut components);
    let mut missing = Vec::new();
    for (method, path, call) in calls(&mut document.paths) {
        if let Err(what) = complete(method, path, call, &components) {
            missing.push(format!("{method} {path} {what}"));
        }
    }
    problems::define(&document.paths, &mut components);
    define_entity_tags(&mut components);
    missing.extend(examples::add(&mut document.paths, &components));
    open_answers(&document.paths, &mut components);
    document.components = Some(components);
    if missing.is_empty() { Ok(document) } else { Err(Incomplete(missing)) }
}

/// The project's licence as an SPDX expression.
const LICENSE: &str = "MIT OR Apache-2.0";

/// Returns what a reader must know before the first call.
fn introduction() -> String {
    format!(
        "Technicians upload photos of their work, moderators decide about them, and everybody looks at what is published.\n\n\
         ## Conventions\n\
         - Requests and answers are JSON in UTF-8. Instants are RFC 3339 in UTC with milliseconds.\n\
         - Unknown fields are refused with 400, and named. So are unknown query parameters of calls for one caller that take any; on \
         public calls they are dropped before the call is answered, so a misspelt filter has no effect there.\n\
         - Answers may get new fields, new values of an enumeration and new types of problem at any time. Ignore what you do not \
         know. Nothing is removed or renamed without notice.\n\
         - Every answer of this system has the header `X-Techognition: 1`, and in `X-Request-Id` its id in our logs. An answer \
         without `X-Techognition` comes from something in between, such as a school's web filter.\n\n\
         ## Errors\n\
         An error is `application/problem+json` (RFC 9457). Its `type` is a path on this site, such as \
         [`/problems/edition-closed`](/problems/edition-closed), whose page explains it; [`/problems/`](/problems/) lists all. \
         Decide by `type` and `status`; show `detail` and `hint` to people. Each call lists the problems that it can answer.\n\n\
         ## Trying again\n{retries}\n\n\
         ## Limits\n{limits}",
        retries = retry_rules(),
        limits = limit_table(),
    )
}

/// Returns when a call may be repeated, and when it must not be, as a list in Markdown.
pub fn retry_rules() -> String {
    format!(
        "- **429 and 503**: wait for as many seconds as `Retry-After` says, then repeat the request. Where the header is missing, and \
         after **500, 502, 504** or no answer at all, wait for a random time of up to 1 s, then 2 s, 4 s, and so on up to 60 s.\n\
         - **Other 4xx**: do not repeat the request as it is. The exceptions are `edition-paused` and `read-only`, which pass: try \
         again once a minute.\n\
         - **409** says that something is not in the state that the request needs. Read it again, then decide.\n\
         - **Registering is idempotent by `ref`**: the same `ref` with the same file from the same uploader answers 201 with the same \
         id, and changes nothing. The same `ref` with another file is the problem `ref-taken`.\n\
         - **412 from the storage**: the file is there already. It is yours, since the address was signed for its hash: go on as \
         after 200.\n\
         - **403 from the storage**: the address has expired (after {minutes} minutes), or the headers are not the signed ones. Ask for \
         a new address with `renew`, and send again.\n\
         - `GET`, `PUT`, `PATCH` and `DELETE` may be repeated. A decision names the version that was seen, so that a repeated one is \
         refused as `version-outdated` and not carried out twice. Each repeated request makes a new invitation, key or session.",
        minutes = limits::PRESIGN_SECONDS / 60,
    )
}

/// Returns every limit that a caller can meet, as a table in Markdown.
pub fn limit_table() -> String {
    let rows: [(&str, String, &str); 24] = [
        ("Body of a request", format!("{BODY_KB} kB"), "413 `body-too-large`"),
        ("Photos in one registration", format!("1 to {}", limits::MAX_PHOTOS_PER_REQUEST), "422 `wrong-count`"),
        (
            "Photos that one uploader registers or renews",
            format!("{} a minute", limits::RESERVATIONS_PER_MINUTE),
            "429 `too-many-requests`",
        ),
        (
            "Photos of one uploader that are registered and not sent",
            limits::OPEN_RESERVATIONS.to_string(),
            "429 `too-many-open`",
        ),
        (
            "Photos that new uploaders of one network register",
            format!("{} in {} minutes", limits::RESERVATIONS_PER_NETWORK, limits::NETWORK_SECONDS / 60),
            "429 `network-busy`",
        ),
        (
            "Bytes of one uploader that could not be used; of all new uploaders of one network",
            format!(
                "{} MB an hour; {} MB an hour",
                limits::UNUSABLE_BYTES_OF_A_DEVICE / 1_000_000,
                limits::UNUSABLE_BYTES_OF_A_NETWORK / 1_000_000
            ),
            "429 `unusable-files`",
        ),
        (
            "Bytes of photos from all uploaders together",
            format!(
                "{} GB an hour, or as the organiser sets; new uploaders are stopped at three quarters",
                limits::HOURLY_BYTES / 1_000_000_000
            ),
            "429 `budget-spent`",
        ),
        (
            "Bytes of one photo",
            format!("`limits.max_bytes` of `GET /api/v1/event`; never more than {} MB", limits::MAX_BYTES / 1_000_000),
            "413 `too-large`",
        ),
        ("Type of a photo", format!("`{}`", limits::TYPES.join("`, `")), "415 `unsupported-type`"),
        (
            "Bytes of one video, where an edition accepts videos",
            format!("{} MiB, in parts of {} MiB", limits::MAX_VIDEO_BYTES >> 20, limits::VIDEO_PART_BYTES >> 20),
            "413 `too-large`",
        ),
        ("Videos in one request", format!("at most {}", limits::MAX_VIDEOS_PER_REQUEST), "422 `wrong-count`"),
        ("Videos of one uploader", format!("at most {}", limits::VIDEOS_PER_UPLOADER), "409 `too-many-videos`"),
        ("Life of an upload address", format!("{} minutes", limits::PRESIGN_SECONDS / 60), "403 from the storage"),
        ("Caption", characters(limits::CAPTION_MAX), "422 `text-too-long`"),
        ("Alternative text", characters(limits::ALT_MAX), "422 `text-too-long`"),
        ("Transcript of a video", characters(limits::TRANSCRIPT_MAX), "422 `text-too-long`"),
        ("Credit", characters(limits::CREDIT_MAX), "422 `text-too-long`"),
        ("Name of a school", characters(limits::SCHOOL_MAX), "422 `text-too-long`"),
        ("Text of a report", characters(limits::REPORT_MAX), "422 `text-too-long`"),
        (
            "Reports from one address or device, but for `pupil` and `me`",
            format!("{} an hour", limits::REPORTS_PER_HOUR),
            "429 `too-many-requests`",
        ),
        (
            "Photos in one page of the gallery",
            format!("1 to {}; {} if you name no number", limits::PAGE_MAX, limits::PAGE_DEFAULT),
            "422 `invalid`",
        ),
        ("Photos in one page of an uploader's own", limits::OWN_PAGE.to_string(), "a page with `next`"),
        ("Decisions in one request", format!("1 to {}", limits::MAX_DECISIONS_PER_REQUEST), "422 `wrong-count`"),
        ("Photos in one look at the queue", format!("1 to {}", limits::QUEUE_MAX), "422 `invalid`"),
    ];
    let rows = rows.map(|(what, limit, otherwise)| format!("| {what} | {limit} | {otherwise} |"));
    format!(
        "| What | Limit | Beyond it |\n|---|---|---|\n{}\n\nCharacters are counted as a reader counts them (grapheme clusters): a flag or \
         an accented letter is one.",
        rows.join("\n")
    )
}

fn characters(most: usize) -> String {
    format!("{most} characters")
}

fn tags() -> Vec<Tag> {
    let tag = |name: &str, description: &str| TagBuilder::new().name(name).description(Some(description)).build();
    vec![
        tag("public", "What everybody may read. Answers may be cached, and each has an entity tag."),
        tag("uploads", "What an uploader does with their own photos."),
        tag("reports", "What everybody can say about a photo that should not be public."),
        tag("moderation", "Signing in, the queue, and decisions about photos."),
        tag("organiser", "The day, its settings, and the people and keys that run it."),
    ]
}

fn add_security_schemes(components: &mut Components) {
    let uploader = ApiKeyValue::with_description(
        "Authorization",
        "`Uploader`, a space, and a secret: 32 random bytes as base64url without padding (43 characters). The client makes the secret \
         once and keeps it. The secret alone proves that a photo is yours, so that a lost one cannot be replaced. The server keeps \
         only a hash of it.",
    );
    let session = ApiKeyValue::with_description(
        "__Host-session",
        "The cookie of a session, which signing in sets. It is called `session` on a site without TLS. A request that changes something \
         must come from the site's own pages, or from a program that sends no `Origin`.",
    );
    let key = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A key for scripts, `tgk_…`, which an organiser makes. It has a role and an end."))
        .build();
    components.add_security_scheme("uploader", SecurityScheme::ApiKey(ApiKey::Header(uploader)));
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
    components.add_security_scheme("key", SecurityScheme::Http(key));
}

/// Returns all calls with their methods and paths.
fn calls(paths: &mut Paths) -> impl Iterator<Item = (&'static str, &str, &mut Operation)> {
    paths.paths.iter_mut().flat_map(|(path, item)| {
        let calls = [
            ("GET", &mut item.get),
            ("POST", &mut item.post),
            ("PUT", &mut item.put),
            ("PATCH", &mut item.patch),
            ("DELETE", &mut item.delete),
        ];
        let path = path.as_str();
        calls.into_iter().filter_map(move |(method, call)| Some((method, path, call.as_mut()?)))
    })
}

/// Adds to one call who may make it, what it answers and what can go wrong.
///
/// # Errors
/// What is missing, as the end of a sentence that begins with the call.
fn complete(method: &str, path: &str, call: &mut Operation, components: &Components) -> Result<(), String> {
    let needs = access::needs(method, path).ok_or("is not in the table of access")?;
    if call.summary.as_deref().unwrap_or_default().is_empty() {
        return Err("has no summary".to_owned());
    }
    let said = call.description.take().unwrap_or_default();
    call.description = Some(format!("{said}\n\n{}", needs.words()).trim().to_owned());
    if call.security.is_none() {
        call.security = Some(security(needs));
    }
    describe_parameters(path, call)?;
    describe_successes(call, components)?;
    if method == "GET" && needs == Needs::Anyone {
        add_entity_tag(call);
    }
    problems::add(method, path, call, needs)
}

/// Returns the credentials that meet `needs`; any one of them is enough. A key never proves the use of a passkey.
fn security(needs: Needs) -> Vec<SecurityRequirement> {
    let one = |name: &str| SecurityRequirement::new::<_, [String; 0], _>(name, []);
    match needs {
        Needs::Anyone => Vec::new(),
        Needs::Uploader => vec![one("uploader")],
        Needs::Fresh(_) | Needs::Proven => vec![one("session")],
        Needs::Member | Needs::Role(_) | Needs::Duty(_) | Needs::Either(..) => vec![one("session"), one("key")],
    }
}

/// Describes the variable part of a path: which kind of id it is.
fn describe_parameters(path: &str, call: &mut Operation) -> Result<(), String> {
    for parameter in call.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        if parameter.description.is_none() {
            let (before, _) = path.split_once("/{").ok_or_else(|| format!("says nothing about {}", parameter.name))?;
            let (thing, example) = match before.rsplit('/').next() {
                Some("photos" | "uploads") => ("photo", "k5m2q7xw3bj6t4dzrfa2hy5nce"),
                Some("people") => ("person", "p7c2vq4mt3n6kd5w"),
                Some("keys") => ("key", "h3n6kd5wq2v7c4mt"),
                Some("sessions") => ("session", "t6r2xb2fq2v7c4mt"),
                Some("draws") => ("prize draw", "techognition-2027-noon"),
                Some(_) | None => return Err(format!("says nothing about {}", parameter.name)),
            };
            let said = ParameterBuilder::from(parameter.clone()).description(Some(format!("The id of the {thing}.")));
            *parameter = said.example(Some(example.into())).build();
        }
    }
    Ok(())
}

/// Gives each successful answer without a description the description of its body.
fn describe_successes(call: &mut Operation, components: &Components) -> Result<(), String> {
    for (status, answer) in &mut call.responses.responses {
        let RefOr::T(answer) = answer else { continue };
        if answer.description.is_empty() {
            let body = answer.content.values().find_map(|content| match content {
                RefOr::T(content) => described(content.schema.as_ref()?, components),
                RefOr::Ref(_) => None,
            });
            answer.description = body.ok_or_else(|| format!("says nothing about its answer {status}"))?;
        }
    }
    Ok(())
}

/// Returns the description of a schema.
fn described(schema: &RefOr<Schema>, components: &Components) -> Option<String> {
    match schema {
        RefOr::Ref(reference) => {
            described(components.schemas.get(reference.ref_location.rsplit('/').next()?)?, components)
        }
        RefOr::T(Schema::Object(object)) => object.description.clone(),
        RefOr::T(Schema::OneOf(one)) => one.description.clone(),
        RefOr::T(_) => None,
    }
}

const IF_NONE_MATCH: &str = "if-none-match";
const ETAG: &str = "etag";
const NOT_MODIFIED: &str = "not-modified";

/// Documents for a call with a cacheable answer that an unchanged answer need not be sent again.
fn add_entity_tag(call: &mut Operation) {
    let parameter = RefOr::Ref(Ref::new(format!("#/components/parameters/{IF_NONE_MATCH}")));
    call.parameters.get_or_insert_default().push(parameter);
    if let Some(RefOr::T(answer)) = call.responses.responses.get_mut("200") {
        answer.headers.insert("ETag".to_owned(), RefOr::Ref(Ref::new(format!("#/components/headers/{ETAG}"))));
    }
    let unchanged = RefOr::Ref(Ref::from_response_name(NOT_MODIFIED));
    call.responses.responses.insert("304".to_owned(), unchanged);
}

fn define_entity_tags(components: &mut Components) {
    let text = || ObjectBuilder::new().schema_type(Type::String).build();
    let parameter = ParameterBuilder::new()
        .name("If-None-Match")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "The `ETag` of an earlier answer. If the answer is still the same, it is 304 and has no body.",
        ))
        .schema(Some(text()));
    components.parameters.insert(IF_NONE_MATCH.to_owned(), RefOr::T(parameter.build()));
    let tag = HeaderBuilder::new()
        .description(Some("Names this very answer; send it as `If-None-Match` next time."))
        .schema(Some(text()));
    components.headers.insert(ETAG.to_owned(), RefOr::T(tag.build()));
    let unchanged = Response::new("The answer is the one whose `ETag` you sent as `If-None-Match`.");
    components.responses.insert(NOT_MODIFIED.to_owned(), RefOr::T(unchanged));
}

/// Allows further fields in schemas that occur only in answers: clients must accept fields that are added later.
fn open_answers(paths: &Paths, components: &mut Components) {
    let asked = examples::schemas_of_requests(paths, components);
    for (name, schema) in &mut components.schemas {
        if let RefOr::T(Schema::Object(object)) = schema
            && !asked.contains(name)
            && object
                .additional_properties
                .as_deref()
                .is_some_and(|more| matches!(more, AdditionalProperties::FreeForm(false)))
        {
            object.additional_properties = None;
        }
    }
}
