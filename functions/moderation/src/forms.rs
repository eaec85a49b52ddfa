//! The same for the forms of the site's own pages. They answer with the page to go on to; what is refused is told there, by the name
//! of its problem, so that nobody without JavaScript is left with an answer that is meant for programs.

use axum::{
    extract::{FromRequestParts, State},
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, header, request::Parts};
use serde::{Deserialize, de::DeserializeOwned};
use shared::{
    domain::{
        Lane, PhotoId, Refusal,
        decision::Decision,
        edition::{Banner, BannerKind, Changes},
        moderation::CoverBox,
        people::Member,
        report::ReportReason,
        request::shorten,
        time::in_london,
    },
    web::{Form, Path, Problem, Query, SignedIn, problem::NOT_SIGNED_IN},
};

use crate::{
    App,
    answers::{
        CoversRequest, DecisionRequest, PhaseRequest, ReportRequest, SettingsRequest, SignInRequest, SwitchesRequest,
        WordsRequest,
    },
    decide,
    handlers::{
        day,
        people::{end_own_session, end_session as end_any_session, remove_own_passkey, revoke_key, revoke_person},
        photos,
        queue::{decide_all, may_delete_so_many},
        reports,
        session::{activate, cookie, end_session},
    },
};

/// A form as it came, right or wrong.
type Sent<T> = Result<Form<T>, Problem>;

/// Goes to `page`, and tells there what was refused.
fn back<T>(page: &str, outcome: Result<T, Problem>) -> Response {
    match outcome {
        Ok(_) => Redirect::to(page).into_response(),
        // Our own fault is told like any other: somebody must see it in the log.
        Err(problem) if problem.fault.is_some() => problem.into_response(),
        Err(problem) => {
            let separator = if page.contains('?') { '&' } else { '?' };
            Redirect::to(&format!("{page}{separator}problem={}", problem.kind.slug)).into_response()
        }
    }
}

/// What a form that could not be read is answered with.
fn read<T: DeserializeOwned>(sent: Sent<T>) -> Result<T, Problem> {
    sent.map(|Form(form)| form)
}

/// The member who sends a form. Who is not signed in, or may not, is sent to the page that says so.
#[derive(Clone, Debug)]
pub struct Asks(Member);

impl FromRequestParts<App> for Asks {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        match SignedIn::from_request_parts(parts, app).await {
            Ok(SignedIn(member)) => Ok(Self(member)),
            Err(problem) if problem.kind == &NOT_SIGNED_IN => Err(back::<()>("/moderation/sign-in", Err(problem))),
            Err(problem) if problem.fault.is_some() => Err(problem.into_response()),
            Err(problem) => Err(Redirect::to(&format!("/problems/{}", problem.kind.slug)).into_response()),
        }
    }
}

/// Begins a session; goes on to the queue.
pub async fn sign_in(State(app): State<App>, headers: HeaderMap, sent: Sent<SignInRequest>) -> Response {
    let entered = match read(sent) {
        Ok(request) => activate(&app, &headers, &request.code).await,
        Err(problem) => Err(problem),
    };
    match entered {
        Ok((cookie, _)) => ([(header::SET_COOKIE, cookie)], Redirect::to("/moderation/queue")).into_response(),
        Err(problem) => back::<()>("/moderation/sign-in", Err(problem)),
    }
}

/// Ends the session; goes on to the home page.
pub async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<impl IntoResponse, Problem> {
    end_session(&app, &headers).await?;
    Ok(([(header::SET_COOKIE, cookie(&app, "", 0))], Redirect::to("/")))
}

/// A decision as a page sends it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionForm {
    id: String,
    version: u64,
    action: Decision,
    #[serde(default)]
    reason: String,
    /// The moderator's own words, where the reason that was picked asks for them.
    #[serde(default)]
    own: String,
    /// The lane to go back to; a decision made on a photo's own page names none and goes back there.
    #[serde(default)]
    lane: Option<Lane>,
}

/// Carries one decision out; goes back to where it was made.
pub async fn decide(State(app): State<App>, Asks(member): Asks, sent: Sent<DecisionForm>) -> Response {
    let form = match read(sent) {
        Ok(form) => form,
        Err(problem) => return back::<()>("/moderation/queue", Err(problem)),
    };
    let page = match (form.lane, form.id.parse::<PhotoId>()) {
        (Some(lane), _) => format!("/moderation/queue?lane={}", lane.as_str()),
        (None, Ok(id)) => format!("/moderation/photos/{id}"),
        (None, Err(_)) => "/moderation/queue".to_owned(),
    };
    let request = form.request();
    let decided = async {
        may_delete_so_many(&app, &member, std::slice::from_ref(&request)).await?;
        decide::decide(&app, &member, &request).await
    };
    back(&page, decided.await)
}

impl DecisionForm {
    fn request(self) -> DecisionRequest {
        let own = self.own.trim();
        let reason = if own.is_empty() { self.reason } else { own.to_owned() };
        let reason = Some(reason).filter(|reason| !reason.trim().is_empty());
        DecisionRequest { id: self.id, version: self.version, action: self.action, reason }
    }
}

/// Shows all reported photos again that are ticked, each with what was looked at: `looked` is `{decision}:{version}:{id}`, as often as there
/// are such photos. Goes back to the reported lane.
pub async fn show_all(State(app): State<App>, Asks(member): Asks, sent: Sent<Vec<(String, String)>>) -> Response {
    let shown = async {
        let ticked: Vec<_> =
            read(sent)?.iter().map(|(name, value)| looked_at(name, value)).collect::<Result<_, _>>()?;
        let outcomes = decide_all(&app, &member, &ticked).await?;
        // Those that were refused are still there; what is told is told of the first.
        outcomes.into_iter().collect::<Result<Vec<_>, _>>()
    };
    back("/moderation/queue?lane=reported", shown.await)
}

/// The decision that one tick stands for. Nothing but showing again can be ticked.
fn looked_at(name: &str, value: &str) -> Result<DecisionRequest, Refusal> {
    let read = || {
        let mut parts = value.splitn(3, ':');
        let action = match parts.next()? {
            "restore" => Decision::Restore,
            "release" => Decision::Release,
            _ => return None,
        };
        let (version, id) = (parts.next()?.parse().ok()?, parts.next()?.to_owned());
        (name == "looked").then_some(DecisionRequest { id, version, action, reason: None })
    };
    let expected = "restore or release, a version and a photo’s id, such as restore:4:abc".to_owned();
    read().ok_or_else(|| Refusal::Invalid { field: "looked", got: shorten(value), expected })
}

/// The safeguarding lead's decision about what is locked away.
pub async fn unlock(State(app): State<App>, Asks(member): Asks, sent: Sent<DecisionForm>) -> Response {
    let decided = async {
        let request = read(sent)?.request();
        may_delete_so_many(&app, &member, std::slice::from_ref(&request)).await?;
        decide::decide(&app, &member, &request).await
    };
    back("/moderation/quarantine", decided.await)
}

/// New words, as a photo's page sends them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordsForm {
    version: u64,
    caption: String,
    alt: String,
    credit: String,
}

/// Changes a photo's words; goes back to its page.
pub async fn words(
    State(app): State<App>,
    Asks(member): Asks,
    Path(id): Path<String>,
    sent: Sent<WordsForm>,
) -> Response {
    let changed = match read(sent) {
        Ok(WordsForm { version, caption, alt, credit }) => {
            let request = WordsRequest { version, caption: Some(caption), alt: Some(alt), credit: Some(credit) };
            photos::reword(&app, &member, &id, &request).await
        }
        Err(problem) => Err(problem),
    };
    back(&photo_page(&id), changed)
}

/// Covers as numbers in per cent, for those who draw without a pointer and without JavaScript.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoversForm {
    version: u64,
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

/// Covers one part of a photo; goes back to its page.
pub async fn covers(
    State(app): State<App>,
    Asks(member): Asks,
    Path(id): Path<String>,
    sent: Sent<CoversForm>,
) -> Response {
    let covered = match read(sent) {
        Ok(form) => {
            let one = CoverBox {
                x: form.left / 100.0,
                y: form.top / 100.0,
                width: form.width / 100.0,
                height: form.height / 100.0,
            };
            photos::cover(&app, &member, &id, &CoversRequest { version: form.version, boxes: vec![one] }).await
        }
        Err(problem) => Err(problem),
    };
    back(&photo_page(&id), covered)
}

/// A photo's page for moderators, if that is what the id names.
fn photo_page(id: &str) -> String {
    id.parse::<PhotoId>().map_or_else(|_| "/moderation/queue".to_owned(), |id| format!("/moderation/photos/{id}"))
}

/// A report, as the public page sends it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportForm {
    reason: ReportReason,
    #[serde(default)]
    text: String,
    #[serde(default)]
    contact: String,
}

/// What the address of a form says of the page that it stands on.
#[derive(Debug, Default, Deserialize)]
pub struct Standing {
    /// Its language, where that is not English. It stands here and not in the form, so that a form which cannot be read goes back to
    /// the right page, too.
    #[serde(default)]
    lang: String,
}

impl Standing {
    /// What pages of that language have before their address.
    fn root(&self) -> &'static str {
        if self.lang == "cy" { "/cy" } else { "" }
    }
}

/// Takes a report; goes to the page that tells its reference.
pub async fn report(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(standing): Query<Standing>,
    sent: Sent<ReportForm>,
) -> Response {
    let page = id.parse::<PhotoId>().map_or_else(|_| "/safety".to_owned(), |id| format!("/p/{id}/report"));
    let page = format!("{}{page}", standing.root());
    let taken = match read(sent) {
        Ok(ReportForm { reason, text, contact }) => {
            let request = ReportRequest { reason, text: Some(text), contact: Some(contact) };
            Box::pin(reports::accept(&app, &headers, &id, &request)).await
        }
        Err(problem) => Err(problem),
    };
    match taken {
        Ok(reference) => Redirect::to(&format!("{page}?reference={reference}")).into_response(),
        Err(problem) => back::<()>(&page, Err(problem)),
    }
}

/// What a form of the page about oneself, or about people, names.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdForm {
    id: String,
}

/// Declares handlers that do one thing to what a form names, and go back to a page.
macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident $page:literal $act:path;)*) => {
        $($(#[$doc])*
        pub async fn $name(State(app): State<App>, Asks(member): Asks, sent: Sent<IdForm>) -> Response {
            let done = match read(sent) {
                Ok(IdForm { id }) => $act(&app, &member, &id).await,
                Err(problem) => Err(problem),
            };
            back($page, done)
        })*
    };
}

acts! {
    /// Removes a passkey of one's own.
    remove_passkey "/moderation/you" remove_own_passkey;
    /// Ends a session of one's own.
    end_own "/moderation/you" end_own_session;
    /// Ends somebody's membership.
    leave "/organiser/people" revoke_person;
    /// Makes a key useless.
    revoke "/organiser/people" revoke_key;
    /// Ends anybody's session.
    end "/organiser/people" end_any_session;
}

/// Carries a command about the phase out.
pub async fn phase(State(app): State<App>, Asks(member): Asks, sent: Sent<PhaseRequest>) -> Response {
    let done = match read(sent) {
        Ok(request) => day::set_phase(&app, &member, request.command()).await,
        Err(problem) => Err(problem),
    };
    back("/organiser/day", done)
}

/// Switches, as the page of the day sends them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwitchesForm {
    changes: Changes,
}

/// Sets switches.
pub async fn switches(State(app): State<App>, Asks(member): Asks, sent: Sent<SwitchesForm>) -> Response {
    let done = match read(sent) {
        Ok(SwitchesForm { changes }) => {
            let request = SwitchesRequest { changes: Some(changes), feed_shards: None };
            day::set_switches(&app, &member, request).await
        }
        Err(problem) => Err(problem),
    };
    back("/organiser/day", done)
}

/// The banner, as the page of the day sends it; without words there is none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BannerForm {
    text: String,
    kind: BannerKind,
}

/// Sets or removes the banner.
pub async fn banner(State(app): State<App>, Asks(member): Asks, sent: Sent<BannerForm>) -> Response {
    let done = match read(sent) {
        Ok(BannerForm { text, kind }) => day::set_banner(&app, &member, Some(Banner { text, kind })).await,
        Err(problem) => Err(problem),
    };
    back("/organiser/day", done)
}

/// Settings, as the page of the day sends them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingsForm {
    name: String,
    opens: String,
    closes: String,
    max_megabytes: u64,
    grace_minutes: i64,
    hashtags: String,
}

impl SettingsForm {
    fn request(self) -> Result<SettingsRequest, Refusal> {
        let tags = self.hashtags.split_whitespace().map(|tag| tag.trim_start_matches('#').to_owned());
        Ok(SettingsRequest {
            name: Some(self.name),
            opens_at: Some(in_london("opens", &self.opens)?),
            closes_at: Some(in_london("closes", &self.closes)?),
            max_bytes: Some(self.max_megabytes.saturating_mul(1_000_000)),
            grace_minutes: Some(self.grace_minutes),
            hashtags: Some(tags.collect()),
        })
    }
}

/// Changes settings.
pub async fn settings(State(app): State<App>, Asks(member): Asks, sent: Sent<SettingsForm>) -> Response {
    let done = match read(sent) {
        Ok(form) => match form.request() {
            Ok(request) => day::set_settings(&app, &member, &request).await,
            Err(refusal) => Err(refusal.into()),
        },
        Err(problem) => Err(problem),
    };
    back("/organiser/day", done)
}
