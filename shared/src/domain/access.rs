//! Access control: one table of roles by route, and one of decisions by photo state.
//!
//! The extractor [`SignedIn`](crate::web::SignedIn) looks up its own route here, so a handler cannot ask for less than the table says. A
//! route below one of [`GUARDED`] that is missing from the table is refused to every caller. The API's description prints the same rows,
//! and a test tries every route of every function with every role.

use jiff::Timestamp;

use super::{
    people::Member,
    refusal::Refusal,
    states::{Decision, Duty, Role, State},
};

/// What a route requires of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: public reads, reports, and the routes for signing in.
    Anyone,
    /// The secret of an uploader's device.
    Uploader,
    /// A signed-in member of any role.
    Member,
    /// At least this role.
    Role(Role),
    /// At least this role, and a passkey used within the last [`limits::STEP_UP_SECONDS`](super::limits::STEP_UP_SECONDS).
    Fresh(Role),
    /// A duty, which is given by name and independent of the role.
    Duty(Duty),
    /// At least this role, or this duty.
    Either(Role, Duty),
    /// A signed-in member who used a passkey or a new activation code within the last
    /// [`limits::STEP_UP_SECONDS`](super::limits::STEP_UP_SECONDS): [`Member::proven`].
    Proven,
}

use Needs::{Anyone, Fresh, Proven, Uploader};
const MEMBER: Needs = Needs::Member;
const VIEWER: Needs = Needs::Role(Role::Viewer);
const MODERATOR: Needs = Needs::Role(Role::Moderator);
const ORGANISER: Needs = Needs::Role(Role::Organiser);
const SAFEGUARDING: Needs = Needs::Duty(Duty::Safeguarding);
/// [`may_decide`] checks further which photos the member may decide about.
const DECIDER: Needs = Needs::Either(Role::Moderator, Duty::Safeguarding);

/// Path prefixes below which every route must be listed in [`TABLE`].
pub const GUARDED: &[&str] =
    &["/api/v1/session", "/api/v1/moderation/", "/api/v1/organiser/", "/moderation/", "/organiser"];

/// Every guarded route and its requirement.
pub const TABLE: &[(&str, Needs)] = &[
    // Signing in, and the member's own account
    ("POST /api/v1/session", Anyone),
    ("GET /api/v1/session", MEMBER),
    ("DELETE /api/v1/session", Anyone),
    ("POST /api/v1/session/passkey/begin", Anyone),
    ("POST /api/v1/session/passkey/finish", Anyone),
    ("POST /api/v1/session/passkeys/begin", MEMBER),
    ("POST /api/v1/session/passkeys/finish", MEMBER),
    ("GET /moderation/sign-in", Anyone),
    ("GET /moderation/start", MEMBER),
    ("POST /moderation/session", Anyone),
    ("POST /moderation/session/end", Anyone),
    ("GET /moderation/you", MEMBER),
    ("POST /moderation/you/passkeys/remove", Proven),
    ("POST /moderation/you/sessions/end", MEMBER),
    // Sample pages, on the laptop only
    ("GET /moderation/styleguide", Anyone),
    ("GET /moderation/styleguide/{name}", Anyone),
    // The queue
    ("GET /api/v1/moderation/queue", MODERATOR),
    ("GET /api/v1/moderation/waiting", VIEWER),
    ("POST /api/v1/moderation/decisions", DECIDER),
    ("PATCH /api/v1/moderation/photos/{id}", MODERATOR),
    ("POST /api/v1/moderation/photos/{id}/redact", MODERATOR),
    ("PUT /api/v1/moderation/photos/{id}/pick", MODERATOR),
    ("GET /api/v1/moderation/photos/{id}/audit", MODERATOR),
    ("GET /api/v1/moderation/reports", MODERATOR),
    ("GET /moderation/queue", MODERATOR),
    ("GET /moderation/photos/{id}", MODERATOR),
    ("GET /moderation/photos/{id}/cover", MODERATOR),
    ("POST /moderation/decisions", MODERATOR),
    ("POST /moderation/reports/shown", MODERATOR),
    ("POST /moderation/photos/{id}/words", MODERATOR),
    ("POST /moderation/photos/{id}/pick", MODERATOR),
    ("POST /moderation/photos/{id}/covers", MODERATOR),
    // Quarantined photos
    ("GET /api/v1/moderation/quarantine", SAFEGUARDING),
    ("GET /moderation/quarantine", SAFEGUARDING),
    ("POST /moderation/quarantine/decisions", SAFEGUARDING),
    // The day
    ("GET /api/v1/organiser/dashboard", VIEWER),
    ("GET /api/v1/organiser/activity", ORGANISER),
    ("GET /api/v1/organiser/export", Fresh(Role::Organiser)),
    ("POST /api/v1/organiser/phase", ORGANISER),
    ("PUT /api/v1/organiser/switches", ORGANISER),
    ("PUT /api/v1/organiser/banner", ORGANISER),
    ("PUT /api/v1/organiser/logos", ORGANISER),
    ("PUT /api/v1/organiser/settings", ORGANISER),
    ("GET /organiser", VIEWER),
    ("GET /organiser/day", ORGANISER),
    ("GET /organiser/activity", ORGANISER),
    ("POST /organiser/day/phase", ORGANISER),
    ("POST /organiser/day/switches", ORGANISER),
    ("POST /organiser/day/banner", ORGANISER),
    ("POST /organiser/day/settings", ORGANISER),
    // Prize draws
    ("GET /api/v1/organiser/draws", ORGANISER),
    ("GET /api/v1/organiser/draws/{id}", ORGANISER),
    ("POST /api/v1/organiser/draws/{id}/steps", ORGANISER),
    ("POST /api/v1/organiser/draws/{id}/places", ORGANISER),
    ("POST /api/v1/organiser/draws/{id}/rehearsals", ORGANISER),
    ("GET /api/v1/organiser/draws/{id}/contacts", Fresh(Role::Organiser)),
    ("GET /organiser/draws", ORGANISER),
    ("GET /organiser/draws/{id}", ORGANISER),
    ("POST /organiser/draws/{id}/steps", ORGANISER),
    ("POST /organiser/draws/{id}/places", ORGANISER),
    ("POST /organiser/draws/{id}/rehearsals", ORGANISER),
    // People and keys
    ("GET /api/v1/organiser/people", ORGANISER),
    ("POST /api/v1/organiser/people", Fresh(Role::Organiser)),
    ("PATCH /api/v1/organiser/people/{id}", Fresh(Role::Organiser)),
    ("DELETE /api/v1/organiser/people/{id}", ORGANISER),
    ("POST /api/v1/organiser/keys", Fresh(Role::Organiser)),
    ("DELETE /api/v1/organiser/keys/{id}", ORGANISER),
    ("DELETE /api/v1/organiser/sessions/{id}", ORGANISER),
    ("GET /organiser/people", ORGANISER),
    ("POST /organiser/people/revoke", ORGANISER),
    ("POST /organiser/keys/revoke", ORGANISER),
    ("POST /organiser/sessions/end", ORGANISER),
];

/// Returns the requirement of a route. `path` is the route's pattern as in `infra/functions.json` and the routers, for example
/// `/moderation/photos/{id}`. `None` for a route below one of [`GUARDED`] that the table does not list: it is refused to every caller.
pub fn needs(method: &str, path: &str) -> Option<Needs> {
    // A HEAD request reads what the GET request would.
    let method = if method == "HEAD" { "GET" } else { method };
    let known = TABLE.iter().find(|(route, _)| {
        route.strip_prefix(method).and_then(|rest| rest.strip_prefix(' ')).is_some_and(|known| known == path)
    });
    match known {
        Some((_, needs)) => Some(*needs),
        None if GUARDED.iter().any(|guarded| path.starts_with(guarded)) => None,
        None if path == "/api/v1/uploads" || path.starts_with("/api/v1/uploads/") => Some(Uploader),
        None => Some(Anyone),
    }
}

impl Needs {
    /// Passes if `member` meets the requirement at `now`.
    ///
    /// # Errors
    /// [`Refusal::RoleTooLow`], [`Refusal::DutyNeeded`], [`Refusal::PasskeyNeeded`].
    pub fn met_by(self, member: &Member, now: Timestamp) -> Result<(), Refusal> {
        match self {
            Self::Anyone | Self::Member | Self::Uploader => Ok(()),
            Self::Role(role) => member.role.at_least(role),
            Self::Duty(duty) => member.has(duty),
            Self::Either(role, duty) => member.has(duty).or_else(|_| member.role.at_least(role)),
            Self::Proven => member.proven(now),
            Self::Fresh(role) => {
                member.role.at_least(role)?;
                member.fresh(now)
            }
        }
    }

    /// The requirement as a sentence for the API's description.
    pub fn words(self) -> String {
        match self {
            Self::Anyone => "Anyone may call this.".into(),
            Self::Uploader => {
                "This needs the uploader's secret. Photos of other uploaders are answered as if they did not exist."
                    .into()
            }
            Self::Member => "This needs a session or a key, of any role.".into(),
            Self::Role(Role::Owner) => "This needs the role owner.".into(),
            Self::Role(role) => format!("This needs the role {role} or a higher one."),
            Self::Fresh(role) => format!(
                "This needs a session of the role {role} or a higher one, and a passkey used within the last five minutes. A key cannot call it."
            ),
            Self::Duty(duty) => format!("This needs the duty {duty}, whatever the role."),
            Self::Either(role, duty) => format!("This needs the role {role} or a higher one, or the duty {duty}."),
            Self::Proven => {
                "This needs a passkey used, or a new link used to sign in, within the last five minutes.".into()
            }
        }
    }
}

/// Passes if `member` may take `decision` about a photo in `state`. Only members with the safeguarding duty decide about quarantined
/// photos.
///
/// # Errors
/// [`Refusal::DutyNeeded`] for a quarantined photo, otherwise [`Refusal::RoleTooLow`].
pub fn may_decide(member: &Member, state: State, decision: Decision) -> Result<(), Refusal> {
    match (state, decision) {
        (State::Quarantined, _) => member.has(Duty::Safeguarding),
        (
            State::Reserved
            | State::Pending
            | State::Published
            | State::Hidden
            | State::Rejected
            | State::Expired
            | State::Deleted,
            Decision::Publish
            | Decision::Hold
            | Decision::Release
            | Decision::Reject
            | Decision::Unpublish
            | Decision::Hide
            | Decision::Restore
            | Decision::Delete
            | Decision::Quarantine,
        ) => member.role.at_least(Role::Moderator),
    }
}

/// Passes if `member` may read the texts and the audit of a photo in `state`. Only members with the safeguarding duty may read those of a
/// quarantined photo.
///
/// # Errors
/// [`Refusal::DutyNeeded`].
pub fn may_read(member: &Member, state: State) -> Result<(), Refusal> {
    match state {
        State::Quarantined => member.has(Duty::Safeguarding),
        State::Reserved
        | State::Pending
        | State::Published
        | State::Hidden
        | State::Rejected
        | State::Expired
        | State::Deleted => Ok(()),
    }
}

/// Passes if `member` may change a member of `role` or give them a new link: their own role must be at least as high.
///
/// # Errors
/// [`Refusal::RoleTooLow`].
pub fn may_touch(member: &Member, role: Role) -> Result<(), Refusal> {
    member.role.at_least(role)
}

/// Passes if `member` may give `role` and all of `duties`. Members give no role above their own, and a duty is given only by owners and by
/// members who have it.
///
/// # Errors
/// [`Refusal::RoleTooLow`].
pub fn may_give(member: &Member, role: Role, duties: &[Duty]) -> Result<(), Refusal> {
    member.role.at_least(role)?;
    match duties.iter().find(|duty| member.role != Role::Owner && member.has(**duty).is_err()) {
        Some(_) => Err(Refusal::RoleTooLow { needed: Role::Owner }),
        None => Ok(()),
    }
}

/// Passes if `member`, who last made a passkey at `last_made`, may make another one at `now`.
///
/// Decision: the first passkey needs no other proof, because a member who has a session and has never had a passkey has nothing else to
/// prove their identity with. A member who has ever had one must use one, or a new activation code, even if all of their passkeys are gone:
/// otherwise removing the passkey would be a way round the check. A code proves nothing against a passkey that was made after it, even if
/// the session read its person before: so of two sessions of a member without a passkey, only the first makes one without other proof.
///
/// # Errors
/// [`Refusal::PasskeyNeeded`].
pub fn may_make_passkey(member: &Member, last_made: Option<Timestamp>, now: Timestamp) -> Result<(), Refusal> {
    match last_made {
        None => Ok(()),
        Some(made_at) if member.code_made_at > Some(made_at) => member.proven(now),
        Some(_) => member.fresh(now),
    }
}

/// Passes if `member`, who has `own` passkeys, may remove one of them at `now`. The last one can be removed only by an owner or with a new
/// activation code: a member without a passkey cannot use any route that requires one until an organiser makes a new code.
///
/// # Errors
/// [`Refusal::PasskeyNeeded`], [`Refusal::LastPasskey`].
pub fn may_remove_passkey(member: &Member, own: usize, now: Timestamp) -> Result<(), Refusal> {
    member.proven(now)?;
    if own > 1 || member.renewed(now) || member.role == Role::Owner { Ok(()) } else { Err(Refusal::LastPasskey) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::{self, noon};

    #[test]
    fn a_guarded_route_that_nobody_declared_is_nobody_s() {
        assert_eq!(needs("GET", "/api/v1/moderation/secrets"), None);
        assert_eq!(needs("POST", "/organiser"), None, "declared for GET only");
        assert_eq!(needs("HEAD", "/moderation/queue"), Some(MODERATOR));
        assert_eq!(needs("GET", "/api/v1/photos/{id}"), Some(Anyone));
        assert_eq!(needs("PATCH", "/api/v1/uploads/{id}"), Some(Uploader));
    }

    #[test]
    fn each_route_stands_once_in_the_table() {
        let routes: std::collections::BTreeSet<_> = TABLE.iter().map(|(route, _)| route).collect();
        assert_eq!(routes.len(), TABLE.len());
    }

    #[test]
    fn a_passkey_is_fresh_for_five_minutes() {
        let used = |seconds| Member {
            verified_at: Some(noon() - jiff::SignedDuration::from_secs(seconds)),
            ..sample::member(Role::Owner)
        };
        let needs = Needs::Fresh(Role::Organiser);
        assert_eq!(needs.met_by(&used(299), noon()), Ok(()));
        assert_eq!(needs.met_by(&used(300), noon()), Err(Refusal::PasskeyNeeded));
        assert_eq!(needs.met_by(&sample::member(Role::Owner), noon()), Err(Refusal::PasskeyNeeded));
        let moderator = Member { role: Role::Moderator, ..used(1) };
        assert_eq!(needs.met_by(&moderator, noon()), Err(Refusal::RoleTooLow { needed: Role::Organiser }));
    }

    #[test]
    fn passkeys_are_looked_after_by_a_passkey_or_a_new_code() {
        let (lately, long_ago) =
            (Some(noon() - jiff::SignedDuration::from_secs(299)), Some(noon() - jiff::SignedDuration::from_secs(300)));
        let code =
            |made_at, used_at| Member { renewed_at: used_at, code_made_at: made_at, ..sample::member(Role::Moderator) };
        let stale = Member { verified_at: long_ago, role: Role::Owner, ..code(long_ago, long_ago) };
        let fresh = Member { verified_at: lately, ..sample::member(Role::Moderator) };
        let renewed = code(lately, lately);
        let needed = Err(Refusal::PasskeyNeeded);
        assert_eq!(may_make_passkey(&stale, None, noon()), Ok(()), "who has never had one");
        assert_eq!(may_make_passkey(&stale, long_ago, noon()), needed);
        assert_eq!(may_make_passkey(&renewed, Some(noon()), noon()), needed, "the passkey is newer than the code");
        assert_eq!(may_make_passkey(&fresh, Some(noon()), noon()), Ok(()));
        assert_eq!(may_remove_passkey(&stale, 2, noon()), needed);
        for proven in [&fresh, &renewed] {
            assert_eq!(may_make_passkey(proven, long_ago, noon()), Ok(()));
            assert_eq!(may_remove_passkey(proven, 2, noon()), Ok(()));
            assert_eq!(Proven.met_by(proven, noon()), Ok(()));
        }
        assert_eq!(Proven.met_by(&stale, noon()), needed);
        assert_eq!(may_remove_passkey(&fresh, 1, noon()), Err(Refusal::LastPasskey));
        assert_eq!(may_remove_passkey(&renewed, 1, noon()), Ok(()));
        assert_eq!(may_remove_passkey(&Member { role: Role::Owner, ..fresh }, 1, noon()), Ok(()));
    }

    #[test]
    fn a_role_or_a_duty_is_enough_where_either_is_asked_for() {
        let lead = Member { duties: vec![Duty::Safeguarding], ..sample::member(Role::Viewer) };
        assert_eq!(DECIDER.met_by(&lead, noon()), Ok(()));
        assert_eq!(DECIDER.met_by(&sample::member(Role::Moderator), noon()), Ok(()));
        let viewer = DECIDER.met_by(&sample::member(Role::Viewer), noon());
        assert_eq!(viewer, Err(Refusal::RoleTooLow { needed: Role::Moderator }));
    }

    #[test]
    fn what_is_locked_away_is_the_safeguarding_lead_s_alone() {
        let owner = sample::member(Role::Owner);
        let lead = Member { duties: vec![Duty::Safeguarding], ..sample::member(Role::Viewer) };
        let needed = Err(Refusal::DutyNeeded { needed: Duty::Safeguarding });
        for decision in Decision::ALL {
            assert_eq!(may_decide(&owner, State::Quarantined, decision), needed);
            assert_eq!(may_decide(&lead, State::Quarantined, decision), Ok(()));
            assert_eq!(may_decide(&owner, State::Pending, decision), Ok(()));
            assert!(may_decide(&lead, State::Pending, decision).is_err());
        }
        assert_eq!((may_read(&owner, State::Quarantined), may_read(&lead, State::Quarantined)), (needed, Ok(())));
        for state in State::ALL.into_iter().filter(|state| *state != State::Quarantined) {
            assert_eq!(may_read(&owner, state), Ok(()));
        }
    }

    #[test]
    fn nobody_touches_who_may_do_more_or_gives_what_they_have_not() {
        let (owner, organiser) = (sample::member(Role::Owner), sample::member(Role::Organiser));
        let lead = Member { duties: vec![Duty::Safeguarding], ..organiser.clone() };
        let needs_owner = Err(Refusal::RoleTooLow { needed: Role::Owner });
        assert_eq!(may_touch(&organiser, Role::Owner), needs_owner);
        assert_eq!(may_touch(&organiser, Role::Organiser), Ok(()));
        assert_eq!(may_give(&organiser, Role::Owner, &[]), needs_owner);
        assert_eq!(may_give(&organiser, Role::Viewer, &[Duty::Safeguarding]), needs_owner);
        assert_eq!(may_give(&lead, Role::Viewer, &[Duty::Safeguarding]), Ok(()));
        assert_eq!(may_give(&owner, Role::Owner, &[Duty::Safeguarding]), Ok(()), "without having it");
    }
}
