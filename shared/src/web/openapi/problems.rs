//! The problems that each call can answer, and an example of each.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};
use utoipa::openapi::{
    Components, ContentBuilder, HeaderBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Type,
    example::{Example, ExampleBuilder},
    path::{Operation, ParameterIn, Paths},
};

use super::super::problem::{
    BODY_TOO_LARGE, CATALOGUE, CROSS_SITE, DUTY_NEEDED, FORMAT_NOT_OFFERED, INTERNAL, MALFORMED, METHOD_NOT_ALLOWED,
    NOT_FOUND, NOT_SIGNED_IN, PASSKEY_NEEDED, Problem, ProblemType, ROLE_TOO_LOW, TOO_MANY_REQUESTS, UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
};
use crate::{
    domain::{
        Phase, Refusal,
        access::Needs,
        draw::{self, bad_file::FileName, states::Refused},
        ids::PhotoId,
        limits,
        states::{Decision, Duty, Role, State},
    },
    store::draw_steps::NotDone,
};

/// The member of an annotation with the slugs of the problems that other calls of its kind do not have.
const OWN: &str = "x-problems";
const RETRY_AFTER: &str = "retry-after";

/// Adds an answer to `call` for each status other than success that it can have.
///
/// # Errors
/// The unknown slug in `x-problems`, as the end of a sentence.
pub(super) fn add(method: &str, path: &str, call: &mut Operation, needs: Needs) -> Result<(), String> {
    let mut slugs: BTreeSet<&str> = of_its_kind(method, path, call, needs).map(|kind| kind.slug).collect();
    let own = call.extensions.as_mut().and_then(|extensions| extensions.remove(OWN)).unwrap_or_else(|| json!([]));
    let own: Vec<String> =
        serde_json::from_value(own).map_err(|_| format!("has {OWN} that are not a list of slugs"))?;
    slugs.extend(own.iter().map(String::as_str));
    let mut by_status: BTreeMap<u16, Vec<&ProblemType>> = BTreeMap::new();
    for slug in slugs {
        let kind = CATALOGUE.iter().find(|kind| kind.slug == slug);
        let kind = kind.ok_or_else(|| format!("names the problem {slug}, which there is not"))?;
        by_status.entry(kind.status).or_default().push(kind);
    }
    for (status, kinds) in by_status {
        // Most of these answers have a single type of problem, and are defined once for all calls.
        let answer = match kinds.as_slice() {
            [one] => RefOr::Ref(Ref::from_response_name(one.slug)),
            several => RefOr::T(answer(several)),
        };
        call.responses.responses.insert(status.to_string(), answer);
    }
    Ok(())
}

/// Returns the problems of every call with such a body, such parameters and such callers.
fn of_its_kind(method: &str, path: &str, call: &Operation, needs: Needs) -> impl Iterator<Item = &'static ProblemType> {
    let has_query = call
        .parameters
        .iter()
        .flatten()
        .any(|one| matches!(one, RefOr::T(one) if one.parameter_in == ParameterIn::Query));
    let has_body = call.request_body.is_some();
    let by_cookie = match needs {
        Needs::Anyone | Needs::Uploader => false,
        Needs::Member | Needs::Role(_) | Needs::Fresh(_) | Needs::Duty(_) | Needs::Either(..) | Needs::Proven => true,
    };
    let role = matches!(needs, Needs::Role(role) | Needs::Fresh(role) | Needs::Either(role, _) if role > Role::Viewer);
    [
        (has_query || has_body, &MALFORMED),
        (has_body, &BODY_TOO_LARGE),
        (has_body, &UNSUPPORTED_MEDIA_TYPE),
        (path.contains('{'), &NOT_FOUND),
        (by_cookie || needs == Needs::Uploader, &NOT_SIGNED_IN),
        (by_cookie && method != "GET", &CROSS_SITE),
        (role, &ROLE_TOO_LOW),
        (matches!(needs, Needs::Fresh(_) | Needs::Proven), &PASSKEY_NEEDED),
        (matches!(needs, Needs::Duty(_)), &DUTY_NEEDED),
        (true, &TOO_MANY_REQUESTS),
        (true, &INTERNAL),
        (true, &UNAVAILABLE),
    ]
    .into_iter()
    .filter_map(|(can, kind)| can.then_some(kind))
}

/// Defines what the calls refer to: the answers with a single type of problem, and an example of each type.
pub(super) fn define(paths: &Paths, components: &mut Components) {
    let used = serde_json::to_string(paths).unwrap_or_default();
    for problem in samples() {
        let kind = problem.kind;
        let response = format!("\"#/components/responses/{}\"", kind.slug);
        let example = format!("\"#/components/examples/{}\"", kind.slug);
        if used.contains(&response) {
            components.responses.insert(kind.slug.to_owned(), RefOr::T(answer(&[kind])));
        }
        if used.contains(&response) || used.contains(&example) {
            components.examples.insert(kind.slug.to_owned(), RefOr::T(sample(&problem)));
        }
    }
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).build();
    let header =
        HeaderBuilder::new().description(Some("Seconds to wait before you repeat the request.")).schema(Some(seconds));
    components.headers.insert(RETRY_AFTER.to_owned(), RefOr::T(header.build()));
}

/// Returns the answer for these types of problem, all of which have the same status.
fn answer(kinds: &[&ProblemType]) -> Response {
    let lines = kinds.iter().map(|kind| {
        let ProblemType { slug, title, hint, .. } = kind;
        format!("[`{slug}`](/problems/{slug}): {title}. {hint}")
    });
    let mut said = lines.collect::<Vec<_>>().join("\n\n");
    let status = kinds.first().map_or(0, |kind| kind.status);
    if status == 429 || status == 503 {
        said.push_str("\n\nThe network in front of the functions can answer this status, too, with a body of its own and no header.");
    }
    let examples = kinds.iter().map(|kind| {
        let example = Ref::new(format!("#/components/examples/{}", kind.slug));
        (kind.slug.to_owned(), RefOr::Ref(example))
    });
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemBody"))).examples_from_iter(examples);
    let mut answer =
        ResponseBuilder::new().description(said).content("application/problem+json", content.build()).build();
    if status == 429 || status == 503 {
        let header = Ref::new(format!("#/components/headers/{RETRY_AFTER}"));
        answer.headers.insert("Retry-After".to_owned(), RefOr::Ref(header));
    }
    answer
}

fn sample(problem: &Problem) -> Example {
    let body = problem.body(Some("5f1c0a9e3b7d2468"));
    ExampleBuilder::new().summary(problem.kind.title).value(Some(body)).build()
}

/// Returns one problem of each type, in the order of the catalogue.
pub fn samples() -> Vec<Problem> {
    let refusals = refusals().into_iter().map(Problem::from);
    let detail = |kind, detail: &str, facts: Value| Problem::new(kind, detail).with(facts);
    let broken = "Something went wrong on our side.";
    let others = [
        detail(&MALFORMED, "photos[0].gps: unknown field `gps`", json!({"field": "photos[0].gps"})),
        detail(&NOT_FOUND, "There is nothing at this address.", json!({})),
        detail(&METHOD_NOT_ALLOWED, "This address does not accept PUT.", json!({})),
        detail(
            &BODY_TOO_LARGE,
            "The request's body is longer than the limit of 524288 bytes.",
            json!({"limit_bytes": 524_288}),
        ),
        detail(&UNSUPPORTED_MEDIA_TYPE, "The content type is text/plain; expected application/json.", json!({})),
        detail(&INTERNAL, broken, json!({})),
        NotDone::NoValue(1_000).into(),
        detail(&FORMAT_NOT_OFFERED, "The format is xml; only json is offered.", json!({"got": "xml"})),
        Problem { retry_after_s: Some(2), ..Problem::new(&UNAVAILABLE, broken) },
    ];
    let all: Vec<_> = refusals.chain(others).collect();
    let of = |kind: &ProblemType| all.iter().find(|problem| problem.kind == kind).cloned();
    CATALOGUE.iter().filter_map(of).collect()
}

/// One refusal of each type.
fn refusals() -> Vec<Refusal> {
    /// 5 March 2027, 18:00 UTC.
    const CLOSING: Timestamp = Timestamp::constant(1_804_269_600, 0);
    vec![
        Refusal::EditionNotOpen { opens_at: CLOSING },
        Refusal::EditionClosed { closed_at: CLOSING },
        Refusal::EditionPaused,
        Refusal::UnknownEdition,
        Refusal::WrongPhotoCount { limit: limits::MAX_PHOTOS_PER_REQUEST, got: 21 },
        Refusal::TextTooLong { field: "caption", limit: limits::CAPTION_MAX, got: 201 },
        Refusal::Invalid { field: "discipline", got: "magic".into(), expected: "one of science, dt".into() },
        Refusal::RefRepeated { reference: "r1".into() },
        Refusal::RefTaken,
        Refusal::TooLarge { limit_bytes: 30_000_000, got_bytes: 30_000_001 },
        Refusal::EmptyFile,
        Refusal::UnsupportedType { got: "image/svg+xml".into(), accepted: &limits::TYPES },
        Refusal::ConsentOutdated { current: "2027-1".into(), got: "2026-1".into() },
        Refusal::ConsentMissing,
        Refusal::PhotoNotFound,
        Refusal::PhotoWithdrawn,
        Refusal::VersionOutdated { id: PhotoId::from_digest(&[1; 32]), version: 3, state: State::Published },
        Refusal::IllegalMove { state: State::Deleted, decision: Decision::Publish },
        Refusal::NotRenewable { state: State::Pending },
        Refusal::TooManyRequests { retry_after_s: 60 },
        Refusal::BudgetSpent { retry_after_s: 1_800 },
        Refusal::TooManyOpen { limit: limits::OPEN_RESERVATIONS, open: limits::OPEN_RESERVATIONS, retry_after_s: 60 },
        Refusal::NetworkBusy { limit: limits::RESERVATIONS_PER_NETWORK, retry_after_s: 240 },
        Refusal::UnusableFiles {
            whose: "device",
            limit_bytes: limits::UNUSABLE_BYTES_OF_A_DEVICE,
            retry_after_s: 1_800,
        },
        Refusal::NotSignedIn,
        Refusal::RoleTooLow { needed: Role::Moderator },
        Refusal::CodeRefused,
        Refusal::CrossSite,
        Refusal::ReadOnly,
        Refusal::WrongPhase { phase: Phase::Closed, action: "extend" },
        Refusal::BeingCovered,
        Refusal::SecondPersonNeeded,
        Refusal::AgreementRefused { hidden_at: CLOSING },
        Refusal::DutyNeeded { needed: Duty::Safeguarding },
        Refusal::PasskeyNeeded,
        Refusal::PasskeyRefused,
        Refusal::MemberNotFound,
        Refusal::LastOwner,
        Refusal::LastPasskey,
        Refusal::NotForVideos,
        Refusal::TooManyVideos { limit: limits::VIDEOS_PER_UPLOADER },
        Refusal::UnknownDraw,
        Refused::WrongState { state: draw::states::State::Announced, action: "enter" }.into(),
        Refused::Closed { until: CLOSING }.into(),
        Refused::MayAnswer { until: CLOSING }.into(),
        Refused::NoPrize.into(),
        Refused::Stands { file: FileName::Commit }.into(),
        Refusal::PhotoNeeded,
        Refusal::ContactTaken,
        Refusal::EnteredOtherwise,
        Refused::Source("it is round 1001; expected round 1000, which was announced".to_owned()).into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_problem_has_a_sample() {
        let samples: Vec<_> = samples().iter().map(|problem| problem.kind.slug).collect();
        let catalogue: Vec<_> = CATALOGUE.iter().map(|kind| kind.slug).collect();
        assert_eq!(samples, catalogue);
    }
}
