//! The HTTP answer to every refusal and fault: `application/problem+json` (RFC 9457).
//!
//! `type` is a page that the site serves, `title` is fixed per type, `detail` and `hint` describe this case in words for the reader, and
//! further members are the facts of the refusal. A fault tells the caller only that something broke on our side; its chain of causes goes
//! to the log, once, in [`super::serve()`].

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::{
    domain::{
        Refusal,
        draw::states::{Refused, State},
        time::rfc3339,
    },
    store::{Fault, draw_steps::NotDone},
};

/// A type of problem: the text of its page, and what all its answers have in common.
#[derive(Debug, PartialEq, Eq)]
pub struct ProblemType {
    /// The name of its page, `/problems/{slug}`.
    pub slug: &'static str,
    /// The status of its answers.
    pub status: u16,
    /// A summary of what happened.
    pub title: &'static str,
    /// What the reader can do about it.
    pub hint: &'static str,
}

/// Declares the catalogue: one constant per type, and the list of all.
macro_rules! catalogue {
    ($($name:ident $slug:literal $status:literal $title:literal $hint:literal;)*) => {
        $(
            #[doc = $title]
            pub const $name: ProblemType = ProblemType { slug: $slug, status: $status, title: $title, hint: $hint };
        )*

        /// All types of problem, in the order of their statuses.
        pub const CATALOGUE: &[ProblemType] = &[$($name),*];
    };
}

catalogue! {
    MALFORMED "malformed-request" 400 "The request could not be read" "Check the request against the API's description at /api/v1/openapi.json.";
    NOT_SIGNED_IN "not-signed-in" 401 "Sign in first" "Open the link that the organiser sent you. A script must send a key.";
    CODE_REFUSED "code-refused" 401 "This code does not work" "A code works once and expires. Ask the organiser for a new link.";
    PASSKEY_REFUSED "passkey-refused" 401 "This passkey does not work here" "Try again, or ask the organiser for a new link.";
    ROLE_TOO_LOW "role-too-low" 403 "Your role does not allow this" "Ask the organiser to do it, or to give you a higher role.";
    DUTY_NEEDED "duty-needed" 403 "You do not have the duty for this" "Ask the safeguarding lead.";
    PASSKEY_NEEDED "passkey-needed" 403 "Use your passkey first" "Confirm with your passkey, then try again within five minutes. If you have lost it, ask the organiser for a new link.";
    CROSS_SITE "cross-site" 403 "The request came from another site" "Use this site's own pages.";
    PHOTO_NOT_FOUND "photo-not-found" 404 "This photo cannot be found" "Check the address. A photo is not public until a moderator has published it.";
    MEMBER_NOT_FOUND "member-not-found" 404 "This person, key or session does not exist" "Reload the page to see the current list.";
    UNKNOWN_EDITION "unknown-edition" 404 "This edition does not exist" "The gallery's page lists all editions.";
    UNKNOWN_DRAW "unknown-draw" 404 "This prize draw does not exist" "If the day has prize draws, the home page lists them.";
    NOT_FOUND "not-found" 404 "There is nothing at this address" "Start again from the home page.";
    METHOD_NOT_ALLOWED "method-not-allowed" 405 "This address does not accept that method" "The Allow header lists the methods that it accepts.";
    EDITION_NOT_OPEN "edition-not-open" 409 "Uploads have not opened yet" "Keep your photos, and add them once uploads open.";
    EDITION_CLOSED "edition-closed" 409 "Uploads have closed" "Photos that were registered in time can still finish uploading for a while. New photos cannot be added.";
    EDITION_PAUSED "edition-paused" 409 "Uploads are paused" "The organiser has paused uploads for now. Nothing is lost. Try again in a few minutes.";
    READ_ONLY "read-only" 409 "Nothing can be added or published for now" "The organiser is dealing with a problem. Nothing is lost. Try again later.";
    WRONG_PHASE "wrong-phase" 409 "This is not possible in the present phase of the day" "Reload the page to see the present phase.";
    REF_TAKEN "ref-taken" 409 "This ref belongs to another file" "Give each file its own ref.";
    VERSION_OUTDATED "version-outdated" 409 "The photo has changed since you loaded it" "Reload the photo, then decide again.";
    ILLEGAL_MOVE "illegal-move" 409 "The photo's state does not allow this" "Reload the photo to see its state.";
    BEING_COVERED "being-covered" 409 "The covers are not on the photo yet" "Wait a few seconds, then check the photo again.";
    SECOND_PERSON_NEEDED "second-person-needed" 409 "A second person must agree" "You have already agreed. Ask someone else to look at the photo.";
    AGREEMENT_REFUSED "agreement-refused" 409 "Your agreement does not count for this photo" "Ask someone who was a member before the photo was hidden. People who have joined or signed in with a new link since then do not count. Nor do keys that no member made.";
    LAST_PASSKEY "last-passkey" 409 "This is your last passkey" "Add another passkey first. Or ask the organiser for a new link, sign in with it, and then remove this passkey.";
    LAST_OWNER "last-owner" 409 "The site needs at least one owner" "Make someone else an owner first.";
    NOT_RENEWABLE "not-renewable" 409 "This cannot be done with the photo as it is" "Reload the page to see the photo's state.";
    DRAW_NOT_OPEN "draw-not-open" 409 "The prize draw has not opened yet" "Try again in a minute or two, when its commitment has been published.";
    DRAW_CLOSED "draw-closed" 409 "The prize draw has closed" "Its page says when the winners are drawn. You can enter the next draw of the day, if there is one.";
    DRAW_TOO_EARLY "draw-too-early" 409 "It is too early for this step of the prize draw" "Try again at the time given, or later.";
    DRAW_STEP "draw-step" 409 "The state of the prize draw does not allow this" "Reload the draw to see its state.";
    DRAW_FILES "draw-files" 409 "The public files of the prize draw do not match" "Compare the files on the site with the draw. Each file is written once and cannot be replaced.";
    DRAW_VALUE_MISSING "draw-value-missing" 409 "The value of the prize draw is not there yet" "Wait a minute, or give the round as any device reads it from the beacon. If an observer draws, give their name and their sentence.";
    PHOTO_NEEDED "photo-needed" 409 "Add a photo first" "Add a photo from this device, then enter.";
    CONTACT_TAKEN "contact-taken" 409 "This contact has already entered" "Each person can enter once. If you entered before, your ticket is on the device that you used.";
    ENTERED_OTHERWISE "entered-otherwise" 409 "This device has entered with another contact" "Withdraw that entry first, then enter again.";
    NOT_FOR_VIDEOS "not-for-videos" 409 "This cannot be done with a video" "Reject it with a reason, so that its uploader can choose another part.";
    TOO_MANY_VIDEOS "too-many-videos" 409 "This device has added as many videos as it may" "Withdraw a video that you do not need, or add photos.";
    PHOTO_WITHDRAWN "photo-withdrawn" 410 "This photo is not being shown" "It was public before. See the other photos in the gallery.";
    TOO_LARGE "too-large" 413 "The file is too large" "Choose a smaller file, or save this photo at a smaller size.";
    BODY_TOO_LARGE "body-too-large" 413 "The request is too large" "Send fewer photos or decisions at once.";
    UNSUPPORTED_TYPE "unsupported-type" 415 "This type of file is not accepted" "Choose a JPEG, PNG or WebP file.";
    UNSUPPORTED_MEDIA_TYPE "unsupported-media-type" 415 "The request's content type is not accepted" "Send the request as application/json.";
    INVALID "invalid" 422 "A field's value is not allowed" "Correct the field that the message names, then try again.";
    DRAW_VALUE "draw-value" 422 "The value is not the one that was announced" "Give the signature of the announced round, or the observer's sentence.";
    WRONG_COUNT "wrong-count" 422 "Too many or too few at once" "Send them in several requests.";
    TEXT_TOO_LONG "text-too-long" 422 "A text is too long" "Shorten it. What you wrote is still there.";
    REF_REPEATED "ref-repeated" 422 "Two photos in the request have the same ref" "Give each photo its own ref.";
    EMPTY_FILE "empty-file" 422 "The file is empty" "Choose the photo again. It may not have been copied completely.";
    CONSENT_OUTDATED "consent-outdated" 422 "The consent text has changed" "Read the new text and agree again.";
    CONSENT_MISSING "consent-missing" 422 "Consent is missing" "Agree that the photo may be shown on the site.";
    TOO_MANY_REQUESTS "too-many-requests" 429 "Too many requests" "Wait a moment, then try again.";
    BUDGET_SPENT "budget-spent" 429 "Too many photos have arrived this hour" "Nothing is lost. Keep your photos, and send them when the next hour begins.";
    TOO_MANY_OPEN "too-many-open" 429 "Too many registered photos have not been sent" "Send the photos that are registered, or withdraw those that you do not want to send. Then register the others.";
    NETWORK_BUSY "network-busy" 429 "Too many new photos from your network" "Nothing is lost. Wait, or use another connection, such as mobile data.";
    UNUSABLE_FILES "unusable-files" 429 "Too many files could not be used" "Your page of photos says why. Wait for the next hour, or use another device or connection.";
    INTERNAL "internal" 500 "Something went wrong on our side" "Nothing is lost. Try again in a moment.";
    FORMAT_NOT_OFFERED "format-not-offered" 501 "This format is not offered" "Ask for JSON, or leave out the format.";
    UNAVAILABLE "unavailable" 503 "We cannot answer right now" "Nothing is lost. Try again in a moment.";
}

/// One problem, ready to be an answer.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The type of the problem.
    pub kind: &'static ProblemType,
    /// What happened in this case.
    pub detail: String,
    /// What to do: the type's hint, unless this case has a better one.
    pub hint: String,
    /// Further members: the facts of the case, by name.
    pub facts: Map<String, Value>,
    /// Seconds after which to try again.
    pub retry_after_s: Option<u32>,
    /// The chain of causes, for our log and never for the caller.
    pub fault: Option<String>,
}

/// A problem as RFC 9457 defines it. Each type has further members with the facts of the case.
#[derive(Serialize, ToSchema)]
pub struct ProblemBody {
    /// The type of the problem: the path of the page that explains it. Programs decide by this member.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened; the same for all problems of this type.
    pub title: String,
    /// The HTTP status of the answer, or, for one photo of a batch, the status that it would have had by itself.
    pub status: u16,
    /// What happened in this case.
    pub detail: String,
    /// What to do about it.
    pub hint: String,
    /// The id of this answer in our logs. Null for one photo or one decision of several.
    pub instance: Option<String>,
    /// Seconds to wait before another attempt. Absent if waiting does not help.
    pub retry_after_s: Option<u32>,
    /// The field or the parameter that is wrong. Absent if the problem is not about one.
    pub field: Option<String>,
}

impl Problem {
    /// Creates a problem of a type, with what happened in this case.
    pub fn new(kind: &'static ProblemType, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            hint: kind.hint.to_owned(),
            facts: Map::new(),
            retry_after_s: None,
            fault: None,
        }
    }

    /// Returns the problem with further facts: the members of a JSON object.
    #[must_use]
    pub fn with(mut self, facts: Value) -> Self {
        if let Value::Object(facts) = facts {
            self.facts.extend(facts);
        }
        self
    }

    /// Returns the status of the answer.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Returns the body as JSON; `instance` is the request's id.
    pub fn body(&self, instance: Option<&str>) -> Value {
        let mut body = self.facts.clone();
        body.insert("type".into(), format!("/problems/{}", self.kind.slug).into());
        body.insert("title".into(), self.kind.title.into());
        body.insert("status".into(), self.kind.status.into());
        body.insert("detail".into(), self.detail.clone().into());
        body.insert("hint".into(), self.hint.clone().into());
        body.insert("instance".into(), instance.into());
        // In a batch, one photo cannot have a header of its own.
        if let Some(seconds) = self.retry_after_s {
            body.insert("retry_after_s".into(), seconds.into());
        }
        Value::Object(body)
    }
}

impl From<NotDone> for Problem {
    fn from(not_done: NotDone) -> Self {
        let said = sentence(&not_done.to_string());
        match not_done {
            NotDone::Refused(refused) => Refusal::Draw(refused).into(),
            NotDone::Fault(fault) => fault.into(),
            NotDone::Unknown(_) => Refusal::UnknownDraw.into(),
            NotDone::NotAnnounced(_) | NotDone::Incomplete(_) => Self::new(&DRAW_STEP, said),
            NotDone::NoValue(_) | NotDone::NeedsObserver => Self::new(&DRAW_VALUE_MISSING, said),
        }
    }
}

impl Problem {
    /// Creates the problem for a refused step of a prize draw.
    fn of_draw(refused: &Refused, said: String) -> Self {
        let (kind, facts) = match refused {
            Refused::WrongState { state: State::Announced, action: "enter" } => (&DRAW_NOT_OPEN, json!({})),
            Refused::WrongState { state, action } => (&DRAW_STEP, json!({"state": state, "action": action})),
            Refused::Closed { until } => (&DRAW_CLOSED, json!({"closed_at": rfc3339(*until)})),
            Refused::TooEarly { from, .. } => (&DRAW_TOO_EARLY, json!({"from": rfc3339(*from)})),
            Refused::MayAnswer { until } => (&DRAW_TOO_EARLY, json!({"from": rfc3339(*until)})),
            Refused::NoPlace | Refused::NoPrize | Refused::Delivered | Refused::Answered { .. } => {
                (&DRAW_STEP, json!({}))
            }
            Refused::Out { reason } => (&DRAW_STEP, json!({"reason": reason})),
            Refused::File(_) | Refused::Secret { .. } | Refused::Stands { .. } => (&DRAW_FILES, json!({})),
            Refused::Source(_) | Refused::ListedLate { .. } => (&DRAW_VALUE, json!({})),
        };
        Self::new(kind, said).with(facts)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let kind = if fault.retryable() { &UNAVAILABLE } else { &INTERNAL };
        Self {
            retry_after_s: fault.retryable().then_some(2),
            fault: Some(fault.chain()),
            ..Self::new(kind, "Something went wrong on our side.")
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let said = sentence(&refusal.to_string());
        let problem = |kind| Self::new(kind, said.clone());
        match refusal {
            Refusal::EditionNotOpen { opens_at } => {
                problem(&EDITION_NOT_OPEN).with(json!({"opens_at": rfc3339(opens_at)}))
            }
            Refusal::EditionClosed { closed_at } => {
                problem(&EDITION_CLOSED).with(json!({"closed_at": rfc3339(closed_at)}))
            }
            Refusal::EditionPaused => problem(&EDITION_PAUSED),
            Refusal::UnknownEdition => problem(&UNKNOWN_EDITION),
            Refusal::WrongPhotoCount { limit, got }
            | Refusal::WrongVideoCount { limit, got }
            | Refusal::WrongDecisionCount { limit, got } => {
                problem(&WRONG_COUNT).with(json!({"limit": limit, "got": got}))
            }
            Refusal::TextTooLong { field, limit, got } => {
                problem(&TEXT_TOO_LONG).with(json!({"field": field, "limit": limit, "got": got}))
            }
            Refusal::Invalid { field, got, expected } => {
                problem(&INVALID).with(json!({"field": field, "got": got, "expected": expected}))
            }
            Refusal::RefRepeated { reference } => problem(&REF_REPEATED).with(json!({"ref": reference})),
            Refusal::RefTaken => problem(&REF_TAKEN),
            Refusal::TooLarge { limit_bytes, got_bytes } => {
                problem(&TOO_LARGE).with(json!({"limit_bytes": limit_bytes, "got_bytes": got_bytes}))
            }
            Refusal::EmptyFile => problem(&EMPTY_FILE),
            Refusal::UnsupportedType { got, accepted } => {
                problem(&UNSUPPORTED_TYPE).with(json!({"got": got, "accepted": accepted}))
            }
            Refusal::ConsentOutdated { current, got } => {
                problem(&CONSENT_OUTDATED).with(json!({"current": current, "got": got}))
            }
            Refusal::ConsentMissing => problem(&CONSENT_MISSING),
            Refusal::PhotoNotFound => problem(&PHOTO_NOT_FOUND),
            Refusal::PhotoWithdrawn => problem(&PHOTO_WITHDRAWN),
            Refusal::VersionOutdated { id, version, state } => {
                problem(&VERSION_OUTDATED).with(json!({"id": id, "version": version, "state": state}))
            }
            Refusal::IllegalMove { state, decision } => {
                problem(&ILLEGAL_MOVE).with(json!({"state": state, "action": decision}))
            }
            Refusal::NotRenewable { state } => problem(&NOT_RENEWABLE).with(json!({"state": state})),
            Refusal::TooManyRequests { retry_after_s } => {
                Self { retry_after_s: Some(retry_after_s), ..problem(&TOO_MANY_REQUESTS) }
            }
            Refusal::BudgetSpent { retry_after_s } => {
                Self { retry_after_s: Some(retry_after_s), ..problem(&BUDGET_SPENT) }
            }
            Refusal::TooManyOpen { limit, open, retry_after_s } => {
                let problem = problem(&TOO_MANY_OPEN).with(json!({"limit": limit, "got": open}));
                Self { retry_after_s: Some(retry_after_s), ..problem }
            }
            Refusal::NetworkBusy { limit, retry_after_s } => {
                let problem = problem(&NETWORK_BUSY).with(json!({"limit": limit}));
                Self { retry_after_s: Some(retry_after_s), ..problem }
            }
            Refusal::UnusableFiles { whose, limit_bytes, retry_after_s } => {
                let problem = problem(&UNUSABLE_FILES).with(json!({"whose": whose, "limit_bytes": limit_bytes}));
                Self { retry_after_s: Some(retry_after_s), ..problem }
            }
            Refusal::NotSignedIn => problem(&NOT_SIGNED_IN),
            Refusal::RoleTooLow { needed } => problem(&ROLE_TOO_LOW).with(json!({"needed": needed})),
            Refusal::CodeRefused => problem(&CODE_REFUSED),
            Refusal::CrossSite => problem(&CROSS_SITE),
            Refusal::ReadOnly => problem(&READ_ONLY),
            Refusal::WrongPhase { phase, action } => {
                problem(&WRONG_PHASE).with(json!({"phase": phase, "action": action}))
            }
            Refusal::BeingCovered => problem(&BEING_COVERED),
            Refusal::SecondPersonNeeded => problem(&SECOND_PERSON_NEEDED),
            Refusal::AgreementRefused { hidden_at } => {
                problem(&AGREEMENT_REFUSED).with(json!({"hidden_at": rfc3339(hidden_at)}))
            }
            Refusal::LastPasskey => problem(&LAST_PASSKEY),
            Refusal::DutyNeeded { needed } => problem(&DUTY_NEEDED).with(json!({"needed": needed})),
            Refusal::PasskeyNeeded => problem(&PASSKEY_NEEDED),
            Refusal::PasskeyRefused => problem(&PASSKEY_REFUSED),
            Refusal::MemberNotFound => problem(&MEMBER_NOT_FOUND),
            Refusal::UnknownDraw => problem(&UNKNOWN_DRAW),
            Refusal::Draw(refused) => Self::of_draw(&refused, said),
            Refusal::PhotoNeeded => problem(&PHOTO_NEEDED),
            Refusal::ContactTaken => problem(&CONTACT_TAKEN),
            Refusal::EnteredOtherwise => problem(&ENTERED_OTHERWISE),
            Refusal::LastOwner => problem(&LAST_OWNER),
            Refusal::NotForVideos => problem(&NOT_FOR_VIDEOS),
            Refusal::TooManyVideos { limit } => problem(&TOO_MANY_VIDEOS).with(json!({"limit": limit})),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status(), self.body(None).to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.kind.status == 401 {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // Whatever finishes the answer adds its request id, or makes a page of it.
        response.extensions_mut().insert(self);
        response
    }
}

/// Turns a message into a sentence, with a capital letter and a full stop.
fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::openapi::problems::samples;

    #[test]
    fn each_kind_has_a_page_of_its_own() {
        let slugs: std::collections::BTreeSet<_> = CATALOGUE.iter().map(|kind| kind.slug).collect();
        assert_eq!(slugs.len(), CATALOGUE.len());
        assert!(CATALOGUE.iter().all(|kind| (400..=503).contains(&kind.status) && kind.hint.ends_with('.')));
    }

    #[test]
    fn a_fault_tells_the_caller_nothing_of_its_cause() {
        let problem = Problem::from(Fault::broken("get row", "secret detail"));
        assert!(!problem.body(Some("r1")).to_string().contains("secret detail"));
        assert_eq!(problem.fault.as_deref(), Some("get row failed: secret detail"));
        assert_eq!(problem.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let passing = Problem::from(Fault::passing("get row", "throttled")).into_response();
        assert_eq!(passing.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(passing.headers()["retry-after"], "2");
    }

    #[test]
    fn who_must_wait_reads_in_the_body_too_for_how_long() {
        let problem = Problem::from(Refusal::BudgetSpent { retry_after_s: 1_800 });
        assert_eq!(problem.body(None)["retry_after_s"], 1_800, "one photo of several has no header");
        assert!(Problem::from(Refusal::EmptyFile).body(None).get("retry_after_s").is_none());
    }

    #[test]
    fn every_refusal_has_words_and_facts() {
        let lines: Vec<_> = samples()
            .into_iter()
            .map(|problem| {
                let facts = Value::Object(problem.facts.clone());
                format!("{} {} | {} | {facts}", problem.kind.status, problem.kind.slug, problem.detail)
            })
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        400 malformed-request | photos[0].gps: unknown field `gps` | {"field":"photos[0].gps"}
        401 not-signed-in | You are not signed in. | {}
        401 code-refused | This code does not work. | {}
        401 passkey-refused | This passkey does not work here. | {}
        403 role-too-low | This needs the role moderator. | {"needed":"moderator"}
        403 duty-needed | This needs the duty safeguarding. | {"needed":"safeguarding"}
        403 passkey-needed | This needs a passkey used within the last five minutes. | {}
        403 cross-site | The request did not come from this site's own pages. | {}
        404 photo-not-found | This photo cannot be found. | {}
        404 member-not-found | This person, key or session does not exist. | {}
        404 unknown-edition | This edition does not exist. | {}
        404 unknown-draw | This prize draw does not exist. | {}
        404 not-found | There is nothing at this address. | {}
        405 method-not-allowed | This address does not accept PUT. | {}
        409 edition-not-open | The edition opens at 2027-03-05T18:00:00Z. | {"opens_at":"2027-03-05T18:00:00.000Z"}
        409 edition-closed | The edition closed at 2027-03-05T18:00:00Z. | {"closed_at":"2027-03-05T18:00:00.000Z"}
        409 edition-paused | Uploads are paused. | {}
        409 read-only | Nothing can be added or published for now. | {}
        409 wrong-phase | The phase of the day is closed, which does not allow extend. | {"action":"extend","phase":"closed"}
        409 ref-taken | This ref already belongs to another file. | {}
        409 version-outdated | The photo has changed: it is now published, at version 3. | {"id":"aeaqcaibaeaqcaibaeaqcaibae","state":"published","version":3}
        409 illegal-move | The photo is deleted, which does not allow publish. | {"action":"publish","state":"deleted"}
        409 being-covered | The covers are still being added to the photo. | {}
        409 second-person-needed | A second person must agree before a photo that was hidden to protect a child is shown again. | {}
        409 agreement-refused | This photo was hidden to protect a child at 2027-03-05T18:00:00Z; only people who were members before then can agree to show it. | {"hidden_at":"2027-03-05T18:00:00.000Z"}
        409 last-passkey | Only an owner, or a member who signed in with a new link, can remove a member's last passkey. | {}
        409 last-owner | This is the last owner; the site needs at least one. | {}
        409 not-renewable | The photo is pending, which does not allow this. | {"state":"pending"}
        409 draw-not-open | The draw is announced; enter does not fit. | {}
        409 draw-closed | Entries were taken until 18:00 on 5 March 2027 (GMT). | {"closed_at":"2027-03-05T18:00:00.000Z"}
        409 draw-too-early | There is time to answer until 18:00 on 5 March 2027 (GMT). | {"from":"2027-03-05T18:00:00.000Z"}
        409 draw-step | This entry has no prize to be delivered. | {}
        409 draw-files | Commit.json on the site is not the file of this draw. | {}
        409 draw-value-missing | No relay of the beacon gave round 1000: wait, or give its signature yourself, from any device that reaches the beacon. | {}
        409 photo-needed | This device has no photo in this edition, and an entry needs one. | {}
        409 contact-taken | This contact has already entered from another device. | {}
        409 entered-otherwise | This device has entered with another contact. | {}
        409 not-for-videos | A video cannot be covered. | {}
        409 too-many-videos | This device has added 10 videos, and more are not accepted from one device. | {"limit":10}
        410 photo-withdrawn | This photo is not being shown. | {}
        413 too-large | The file is 30.1 MB; the limit is 30 MB. | {"got_bytes":30000001,"limit_bytes":30000000}
        413 body-too-large | The request's body is longer than the limit of 524288 bytes. | {"limit_bytes":524288}
        415 unsupported-type | The type is "image/svg+xml"; accepted are image/jpeg, image/png, image/webp. | {"accepted":["image/jpeg","image/png","image/webp"],"got":"image/svg+xml"}
        415 unsupported-media-type | The content type is text/plain; expected application/json. | {}
        422 invalid | Discipline is "magic"; expected one of science, dt. | {"expected":"one of science, dt","field":"discipline","got":"magic"}
        422 draw-value | It is round 1001; expected round 1000, which was announced. | {}
        422 wrong-count | The request has 21 photos; it can have 1 to 20. | {"got":21,"limit":20}
        422 text-too-long | Caption has 201 characters; the limit is 200. | {"field":"caption","got":201,"limit":200}
        422 ref-repeated | The ref "r1" is used twice in this request. | {"ref":"r1"}
        422 empty-file | The file is empty. | {}
        422 consent-outdated | The consent is to version "2026-1" of the text; the current version is "2027-1". | {"current":"2027-1","got":"2026-1"}
        422 consent-missing | A photo can only be uploaded with consent to show it on the site. | {}
        429 too-many-requests | There were too many requests in a short time; try again in 60 s. | {}
        429 budget-spent | The limit on uploads is reached for this hour; try again in 1800 s. | {}
        429 too-many-open | This device has registered 200 photos that it has not sent yet; the limit is 200. | {"got":200,"limit":200}
        429 network-busy | New devices on this network have registered 3000 photos in ten minutes, which is the limit; try again in 240 s. | {"limit":3000}
        429 unusable-files | 400 MB of files from this device could not be used in this hour, which is the limit; try again in 1800 s. | {"limit_bytes":400000000,"whose":"device"}
        500 internal | Something went wrong on our side. | {}
        501 format-not-offered | The format is xml; only json is offered. | {"got":"xml"}
        503 unavailable | Something went wrong on our side. | {}
        "#);
    }
}
