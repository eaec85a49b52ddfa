//! What is left to do before the day opens, and after it has closed. The dashboard shows it then.

use jiff::Timestamp;
use shared::{
    domain::{
        Edition, Lane, Phase,
        dashboard::Dashboard as Picture,
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

fn task(done: Option<bool>, name: &'static str, hint: String, page: Option<(String, &'static str)>) -> Task {
    Task { done, name, hint, page }
}

/// Reads what is left to do: nothing while the day is open.
///
/// # Errors
/// A [`Fault`] of the table.
pub async fn read(
    app: &App,
    edition: Option<&Edition>,
    picture: &Picture,
    member: &KeyId,
    now: Timestamp,
) -> Result<Vec<Task>, Fault> {
    let Some(edition) = edition else { return Ok(Vec::new()) };
    match edition.phase(now) {
        Phase::Before => {
            let (people, passkeys) = tokio::try_join!(app.members.people(), app.members.passkeys())?;
            Ok(tasks(edition, &people, &passkeys, member))
        }
        Phase::Grace | Phase::Closed => Ok(tasks_after(edition, picture, &app.members.people().await?, member)),
        Phase::Open | Phase::Paused => Ok(Vec::new()),
    }
}

/// Returns what is left to do after the day, in the order in which it is done. `people` may contain some who have left.
pub fn tasks_after(edition: &Edition, picture: &Picture, people: &[Person], member: &KeyId) -> Vec<Task> {
    let others = people.iter().filter(|person| person.lives() && person.id != *member).count();
    let counted = |n: i64, none: &str, waiting: &str| match n {
        0 => none.to_owned(),
        n => format!("{}: {waiting}", format::counted(n, "photo")),
    };
    let mut all = vec![
        task(
            Some(picture.pending == 0),
            "Decide about the last photos",
            counted(picture.pending, "Nothing waits.", "people who sent them are waiting to be told."),
            Some((links::queue(), "Queue")),
        ),
        task(
            Some(picture.reported == 0),
            "Answer the reports",
            counted(
                picture.reported,
                "Nothing is reported.",
                "reported, and not looked at since. Look once a day from now on.",
            ),
            Some((links::queue_lane(Lane::Reported), "Reported")),
        ),
    ];
    if !edition.draws.is_empty() {
        all.push(task(
            None,
            "Hand over the prizes",
            "Write to the winners, and record who has answered and each prize that is handed over: then their contacts are erased."
                .into(),
            Some((links::organiser_draws(), "Draws")),
        ));
    }
    all.extend([
        task(
            None,
            "Thank schools, moderators and sponsors",
            "docs/organiser/thank-you.md has letters and a report of one page; the day in figures is what they report."
                .into(),
            Some((links::stats(), "Figures")),
        ),
        task(
            None,
            "Take home what the press may have",
            "The list has the address, caption and credit of each photo that may be passed on.".into(),
            Some((format!("{}#list", links::organiser_day()), "List of photos")),
        ),
        task(
            Some(others == 0),
            "End access",
            match others {
                0 => "Nobody but you can sign in.".into(),
                n => format!(
                    "{n} besides you can sign in. Keep someone who answers reports; revoke the others, and end keys."
                ),
            },
            Some((links::people(), "People")),
        ),
    ]);
    all
}

/// Returns the tasks before the day of `edition`. `people` may contain some who have left.
pub fn tasks(edition: &Edition, people: &[Person], passkeys: &[Passkey], member: &KeyId) -> Vec<Task> {
    let proves = |person: &KeyId| passkeys.iter().any(|passkey| passkey.person == *person);
    let living = || people.iter().filter(|person| person.lives());
    let moderators = living().filter(|person| person.role >= Role::Moderator && person.id != *member);
    let (invited, ready) = moderators.fold((0, 0), |(all, ready), one| (all + 1, ready + usize::from(proves(&one.id))));
    let lead = living().find(|person| person.duties.contains(&Duty::Safeguarding));
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
    use shared::pages::{sample, sample_draws};

    use super::*;

    #[test]
    fn after_the_day_what_waits_is_told_and_prizes_only_where_there_are_some() {
        let edition = sample::edition().unwrap();
        let me = KeyId::from_bits([1; 10]);
        let owner = Person::new(me.clone(), "Sample owner", Role::Owner, &[], edition.opens_at);
        let helper = Person::new(KeyId::from_bits([2; 10]), "Sample helper", Role::Moderator, &[], edition.opens_at);
        let left = Picture { pending: 3, reported: 1, ..Picture::nothing() };
        let states = |picture: &Picture, people: &[Person]| {
            let tasks = tasks_after(&Edition { draws: Vec::new(), ..edition.clone() }, picture, people, &me);
            tasks.into_iter().filter_map(|task| task.done.map(|done| (task.name, done, task.hint))).collect::<Vec<_>>()
        };
        let (before, after) =
            (states(&left, &[owner.clone(), helper]), states(&Picture::nothing(), std::slice::from_ref(&owner)));
        assert!(
            before.iter().all(|(_, done, _)| !done) && after.iter().all(|(_, done, _)| *done),
            "{before:?} {after:?}"
        );
        assert!(before[0].2.starts_with("3 photos: ") && before[1].2.starts_with("1 photo: "), "{before:?}");
        assert!(before[2].2.starts_with("1 besides you"), "{before:?}");
        let named = |draws| {
            let tasks = tasks_after(&Edition { draws, ..edition.clone() }, &left, &[], &me);
            tasks.iter().any(|task| task.name == "Hand over the prizes")
        };
        assert!(!named(Vec::new()) && named(sample_draws::announced()));
    }

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
