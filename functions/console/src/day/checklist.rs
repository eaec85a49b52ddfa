//! What is left to do before the day opens. The dashboard shows it until then.

use jiff::Timestamp;
use shared::{
    domain::{
        Edition, Phase,
        ids::KeyId,
        states::{Duty, Role},
    },
    pages::{format, links},
    store::{
        Fault,
        members::{Passkey, Person},
    },
};

use crate::App;

/// Moderators who can sign in with a passkey that a day needs: one can then be ill.
const MODERATORS: usize = 2;

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Whether it is done; `None` if only a person can tell.
    pub done: Option<bool>,
    /// What to do.
    pub name: &'static str,
    /// How it is now, or how to do it.
    pub hint: String,
    /// The page to do it on, with the words of its link; `None` if it is done in the settings file or by the command.
    pub page: Option<(String, &'static str)>,
}

/// Reads what is left to do; nothing once the day has opened.
///
/// # Errors
/// A [`Fault`] of the table.
pub async fn read(app: &App, edition: Option<&Edition>, member: &KeyId, now: Timestamp) -> Result<Vec<Task>, Fault> {
    let Some(edition) = edition.filter(|edition| edition.phase(now) == Phase::Before) else { return Ok(Vec::new()) };
    let (people, passkeys) = tokio::try_join!(app.members.people(), app.members.passkeys())?;
    Ok(tasks(edition, &people, &passkeys, member))
}

/// Returns the tasks of `edition`. `people` may contain some who have left.
pub fn tasks(edition: &Edition, people: &[Person], passkeys: &[Passkey], member: &KeyId) -> Vec<Task> {
    let proves = |person: &KeyId| passkeys.iter().any(|passkey| passkey.person == *person);
    let living = || people.iter().filter(|person| person.lives());
    let moderators = living().filter(|person| person.role >= Role::Moderator && person.id != *member);
    let (invited, ready) = moderators.fold((0, 0), |(all, ready), one| (all + 1, ready + usize::from(proves(&one.id))));
    let lead = living().find(|person| person.duties.contains(&Duty::Safeguarding));
    let task = |done, name, hint: String, page| Task { done, name, hint, page };
    vec![
        task(
            Some(proves(member)),
            "Add a passkey",
            "It signs you in without a link. Invitations and keys ask for it.".into(),
            Some((links::you(), "You")),
        ),
        task(
            Some(edition.organiser.is_some()),
            "Say who is responsible",
            edition.organiser.as_ref().map_or_else(
                || {
                    "Fill in [organiser] in infra/event.toml and deploy again: visitors must be able to reach someone."
                        .into()
                },
                |organiser| format!("{}, {}", organiser.name, organiser.email),
            ),
            edition.organiser.is_some().then(|| (links::privacy(), "See it")),
        ),
        task(
            None,
            "Check the date",
            format!(
                "Opens {}, closes {}, London time.",
                format::date_and_time(edition.opens_at),
                format::date_and_time(edition.closes_at)
            ),
            Some((links::organiser_day(), "Change it")),
        ),
        task(
            Some(ready >= MODERATORS),
            "Invite moderators",
            format!(
                "{invited} invited, of whom {ready} have a passkey. You need at least {MODERATORS}, not counting you."
            ),
            Some((links::people(), "People")),
        ),
        task(
            Some(lead.is_some()),
            "Name a safeguarding lead",
            lead.map_or_else(|| "Only the lead can deal with quarantined photos.".into(), |lead| lead.name.clone()),
            Some((links::people(), "People")),
        ),
        task(
            Some(!edition.sponsors.is_empty()),
            "Name the sponsors",
            match edition.sponsors.len() {
                0 => "If you have any, add [[sponsors]] to infra/event.toml.".into(),
                n => format!("{n} named."),
            },
            None,
        ),
        task(
            None,
            "Send schools the poster and the link",
            "The poster has a QR code that leads to the page that adds photos.".into(),
            Some((links::poster(), "The poster")),
        ),
        task(None, "Try the whole site once", "On the command line: techognition smoke.".into(), None),
    ]
}

#[cfg(test)]
mod tests {
    use shared::pages::sample;

    use super::*;

    #[test]
    fn what_is_missing_is_told_and_what_is_there_is_ticked() {
        let edition = sample::edition().unwrap();
        let id = |n| KeyId::from_bits([n; 10]);
        let at = edition.opens_at;
        let person = |n, role, duties: &[Duty]| Person::new(id(n), "Sample person", role, duties, at);
        let done = |people: &[Person], edition: &Edition| {
            let tasks = tasks(edition, people, &[], &id(1));
            tasks.iter().filter(|task| task.done == Some(true)).map(|task| task.name).collect::<Vec<_>>()
        };
        let owner = person(1, Role::Owner, &[]);
        assert_eq!(done(std::slice::from_ref(&owner), &edition), Vec::<&str>::new());
        let lead = person(2, Role::Moderator, &[Duty::Safeguarding]);
        assert_eq!(done(&[owner.clone(), lead.clone()], &edition), ["Name a safeguarding lead"]);
        assert_eq!(done(&[owner.clone(), lead.left(at)], &edition), Vec::<&str>::new(), "who has left leads nothing");
        let known = Edition { organiser: sample::common().organiser, ..edition.clone() };
        assert_eq!(done(std::slice::from_ref(&owner), &known), ["Say who is responsible"]);
        let all = tasks(&edition, &[owner, lead.clone(), lead.with(Role::Viewer, &[])], &[], &id(1));
        let moderators = all.iter().find(|task| task.name == "Invite moderators").unwrap();
        assert!(moderators.hint.starts_with("1 invited, of whom 0 have a passkey."), "{}", moderators.hint);
    }
}
