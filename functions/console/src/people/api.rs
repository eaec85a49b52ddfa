//! Calls about people, keys and sessions: what each may do, and how each ends.

use axum::extract::State;
use http::StatusCode;
use jiff::SignedDuration;
use shared::{
    domain::{
        Refusal,
        access::{may_give, may_remove_passkey, may_touch},
        activity::Action,
        ids::KeyId,
        people::Member,
        states::Duty,
        text::{self, Field},
    },
    store::members::{NewKey, Person},
    web::{Json, Path, Problem, SignedIn},
};

use super::answers::{
    InviteRequest, InvitedAnswer, KeyAnswer, KeyRequest, KeyView, PeopleAnswer, PersonRequest, PersonView, SessionItem,
};
use crate::App;

/// Hours for which an activation code is valid.
const CODE_HOURS: i64 = 24;

/// Lists all people, keys and sessions.
#[utoipa::path(get, path = "/api/v1/organiser/people", tag = "organiser",
    responses((status = 200, body = PeopleAnswer)))]
pub async fn list(State(app): State<App>, SignedIn(_): SignedIn) -> Result<Json<PeopleAnswer>, Problem> {
    let now = app.clock.now();
    let (people, keys) = (app.members.people().await?, app.members.keys().await?);
    let (sessions, passkeys) = (app.members.sessions(now).await?, app.members.passkeys().await?);
    let count = |person: &Person| passkeys.iter().filter(|passkey| passkey.person == person.id).count();
    Ok(Json(PeopleAnswer {
        people: people.iter().map(|person| PersonView::new(person, count(person))).collect(),
        keys: keys.iter().map(KeyView::from).collect(),
        sessions: sessions.iter().map(SessionItem::from).collect(),
    }))
}

/// Invites a person, or makes a new code for a member.
///
/// The answer has a link with the code, which is shown once. It signs in once, within a day. Nobody can give a higher role than their own.
#[utoipa::path(post, path = "/api/v1/organiser/people", tag = "organiser", request_body = InviteRequest,
    responses((status = 201, body = InvitedAnswer)),
    extensions(("x-problems" = json!(["member-not-found", "text-too-long", "invalid"]))))]
pub async fn invite(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    Json(request): Json<InviteRequest>,
) -> Result<(StatusCode, Json<InvitedAnswer>), Problem> {
    let now = app.clock.now();
    let by = member.giver();
    let person = match request {
        InviteRequest::Again { person } => {
            let person = find(&app, &person).await?.person_of_today()?;
            may_touch(&member, person.role)?;
            // The holder of the link can sign in as that person.
            may_give(&member, person.role, &person.duties)?;
            app.activity.note(&member, Action::NewCode, &person.name, now).await?;
            person
        }
        InviteRequest::New { name, role, duties } => {
            let name = named(&name)?;
            may_give(&member, role, &duties)?;
            let person =
                app.members.welcome(&name, role, &duties, by.as_ref(), now).await?.ok_or(Refusal::NotSignedIn)?;
            app.activity.note(&member, Action::Invite, &format!("{name}, {role}{}", listed(&duties)), now).await?;
            person
        }
    };
    let code = app.members.code(&person.id, by.as_ref(), SignedDuration::from_hours(CODE_HOURS), now).await?;
    let link = format!("{}/moderation/sign-in#code={}", app.site.origin(), code.ok_or(Refusal::MemberNotFound)?);
    let passkeys = app.members.passkeys_of(&person.id).await?.len();
    Ok((StatusCode::CREATED, Json(InvitedAnswer { person: PersonView::new(&person, passkeys), link })))
}

/// Changes a member's role and duties.
///
/// The change takes effect with the member's next request. What is absent stays as it is.
#[utoipa::path(patch, path = "/api/v1/organiser/people/{id}", tag = "organiser", params(("id" = String, Path)),
    request_body = PersonRequest, responses((status = 200, body = PersonView)),
    extensions(("x-problems" = json!(["member-not-found", "last-owner"]))))]
pub async fn change(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    Path(id): Path<String>,
    Json(request): Json<PersonRequest>,
) -> Result<Json<PersonView>, Problem> {
    let now = app.clock.now();
    let id: KeyId = id.parse().map_err(|_| Refusal::MemberNotFound)?;
    let rule = |before: &Person| -> Result<Person, Problem> {
        let before = before.clone().person_of_today()?;
        may_touch(&member, before.role)?;
        let role = request.role.unwrap_or(before.role);
        let duties = request.duties.as_ref().unwrap_or(&before.duties);
        may_give(&member, role, duties)?;
        // A member who may not give a duty may not take it away either.
        let lost: Vec<Duty> = before.duties.iter().filter(|duty| !duties.contains(duty)).copied().collect();
        may_give(&member, role, &lost)?;
        Ok(before.with(role, duties))
    };
    let after = app.members.change(&id, member.giver().as_ref(), rule).await?.ok_or(Refusal::MemberNotFound)?;
    let detail = format!("{}: {}{}", after.name, after.role, listed(&after.duties));
    app.activity.note(&member, Action::ChangeRole, &detail, now).await?;
    let passkeys = app.members.passkeys_of(&after.id).await?.len();
    Ok(Json(PersonView::new(&after, passkeys)))
}

/// Ends a membership at once.
///
/// All sessions, passkeys and activation codes of the person end with it, and so do the keys that they created.
#[utoipa::path(delete, path = "/api/v1/organiser/people/{id}", tag = "organiser", params(("id" = String, Path)),
    responses((status = 204, description = "They are not a member any more.")),
    extensions(("x-problems" = json!(["member-not-found", "last-owner"]))))]
pub async fn leave(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    revoke_person(&app, &member, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a person's membership.
pub async fn revoke_person(app: &App, member: &Member, id: &str) -> Result<(), Problem> {
    let now = app.clock.now();
    let id: KeyId = id.parse().map_err(|_| Refusal::MemberNotFound)?;
    let rule = |person: &Person| may_touch(member, person.role).map_err(Problem::from);
    let left =
        app.members.revoke_person(&id, member.giver().as_ref(), rule, now).await?.ok_or(Refusal::MemberNotFound)?;
    Ok(app.activity.note(member, Action::RevokePerson, &left.name, now).await?)
}

/// Creates a key for scripts.
///
/// The key is shown once. Its role is fixed, and never higher than that of the member who creates it. The key ends with the membership of
/// that member.
#[utoipa::path(post, path = "/api/v1/organiser/keys", tag = "organiser", request_body = KeyRequest,
    responses((status = 201, body = KeyAnswer)), extensions(("x-problems" = json!(["text-too-long", "invalid"]))))]
pub async fn mint(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    Json(request): Json<KeyRequest>,
) -> Result<(StatusCode, Json<KeyAnswer>), Problem> {
    let now = app.clock.now();
    let KeyRequest { name, role, duties, days } = request;
    let name = named(&name)?;
    may_give(&member, role, &duties)?;
    if !(1..=365).contains(&days) {
        let (got, expected) = (days.to_string(), "1 to 365 days".to_owned());
        return Err(Refusal::Invalid { field: "days", got, expected }.into());
    }
    let expires_at = Some(now + SignedDuration::from_hours(24 * i64::from(days)));
    let asked =
        NewKey { name, role, duties, expires_at, maker: member.person.clone(), passkey: member.passkey.clone() };
    let (key, secret) = app.members.mint(&asked, now).await?.ok_or(Refusal::NotSignedIn)?;
    let detail = format!("{} ({}), {role}{}", key.name, key.id, listed(&key.duties));
    app.activity.note(&member, Action::MintKey, &detail, now).await?;
    Ok((StatusCode::CREATED, Json(KeyAnswer { id: key.id.to_string(), key: secret })))
}

/// Revokes a key at once.
#[utoipa::path(delete, path = "/api/v1/organiser/keys/{id}", tag = "organiser", params(("id" = String, Path)),
    responses((status = 204, description = "The key does not work any more.")), extensions(("x-problems" = json!(["member-not-found"]))))]
pub async fn revoke(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    revoke_key(&app, &member, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Revokes a key.
pub async fn revoke_key(app: &App, member: &Member, id: &str) -> Result<(), Problem> {
    let id: KeyId = id.parse().map_err(|_| Refusal::MemberNotFound)?;
    let key = app.members.key(&id).await?.ok_or(Refusal::MemberNotFound)?;
    member.role.at_least(key.role)?;
    app.members.revoke(&id, app.clock.now()).await?;
    Ok(app.activity.note(member, Action::RevokeKey, &format!("{} ({id})", key.name), app.clock.now()).await?)
}

/// Ends a session at once.
#[utoipa::path(delete, path = "/api/v1/organiser/sessions/{id}", tag = "organiser", params(("id" = String, Path)),
    responses((status = 204, description = "The session has ended.")), extensions(("x-problems" = json!(["member-not-found"]))))]
pub async fn end(
    State(app): State<App>,
    SignedIn(member): SignedIn,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    end_session(&app, &member, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends any member's session.
pub async fn end_session(app: &App, member: &Member, id: &str) -> Result<(), Problem> {
    let id: KeyId = id.parse().map_err(|_| Refusal::MemberNotFound)?;
    let now = app.clock.now();
    let session = app.members.sessions(now).await?.into_iter().find(|session| session.id == id);
    let session = session.ok_or(Refusal::MemberNotFound)?;
    let person = app.members.person(&session.person).await?.ok_or(Refusal::MemberNotFound)?;
    may_touch(member, person.role)?;
    app.members.end(&id).await?.ok_or(Refusal::MemberNotFound)?;
    Ok(app.activity.note(member, Action::EndSession, &person.name, now).await?)
}

/// Ends one of the member's own sessions.
pub async fn end_own_session(app: &App, member: &Member, id: &str) -> Result<(), Problem> {
    let id: KeyId = id.parse().map_err(|_| Refusal::MemberNotFound)?;
    let own =
        app.members.sessions(app.clock.now()).await?.into_iter().any(|one| one.id == id && one.person == member.key);
    if !own {
        return Err(Refusal::MemberNotFound.into());
    }
    app.members.end(&id).await?;
    Ok(())
}

/// Removes one of the member's own passkeys, and ends the sessions that began with it.
pub async fn remove_own_passkey(app: &App, member: &Member, id: &str) -> Result<(), Problem> {
    let now = app.clock.now();
    let rule = |own| may_remove_passkey(member, own, now).map_err(Problem::from);
    let by = member.giver().ok_or(Refusal::MemberNotFound)?;
    let removed = app.members.remove_passkey(&member.key, id, &by, rule).await?;
    let passkey = removed.ok_or(Refusal::MemberNotFound)?;
    Ok(app.activity.note(member, Action::RemovePasskey, &passkey.name, now).await?)
}

async fn find(app: &App, id: &str) -> Result<Person, Problem> {
    let id: KeyId = id.parse().map_err(|_| Refusal::MemberNotFound)?;
    Ok(app.members.person(&id).await?.ok_or(Refusal::MemberNotFound)?)
}

/// Refuses a person whose membership has ended.
trait OfToday: Sized {
    fn person_of_today(self) -> Result<Person, Refusal>;
}

impl OfToday for Person {
    fn person_of_today(self) -> Result<Person, Refusal> {
        if self.revoked_at.is_none() { Ok(self) } else { Err(Refusal::MemberNotFound) }
    }
}

fn named(name: &str) -> Result<String, Refusal> {
    let name = text::clean(Field::Name, name)?;
    if name.is_empty() {
        return Err(Refusal::Invalid { field: "name", got: name, expected: "a name".to_owned() });
    }
    Ok(name)
}

fn listed(duties: &[Duty]) -> String {
    duties.iter().flat_map(|duty| [", ", duty.as_str()]).collect()
}
