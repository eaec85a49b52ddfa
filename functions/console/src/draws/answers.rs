//! Requests and answers about prize draws.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::{
    domain::{
        Edition, Refusal,
        draw::{
            beacon::{CHAIN, Signature},
            entry::Shown,
            files::{Drawn, Source},
            next,
            settings::DrawSettings,
            steps::{self, ANSWER, LogEntry, Place, Reason, Standing},
        },
        ids::Leaf,
        time,
    },
    store::{
        draw_rehearsal::Check,
        draw_steps::Value,
        draws::{DrawRow, Reached},
    },
};
use utoipa::ToSchema;

/// The prize draws of all editions.
#[derive(Serialize, ToSchema)]
pub struct DrawsAnswer {
    /// The draws, edition by edition.
    pub draws: Vec<DrawView>,
}

/// A prize draw with its log.
#[derive(Serialize, ToSchema)]
pub struct DrawAnswer {
    /// The draw.
    pub draw: DrawView,
    /// Its log, oldest first. Nothing is ever removed from it.
    pub log: Vec<DrawLogView>,
}

/// A prize draw as its organiser sees it.
#[derive(Serialize, ToSchema)]
pub struct DrawView {
    /// The id of the draw.
    pub id: String,
    /// The slug of its edition.
    pub edition: String,
    /// Its name for people.
    pub name: String,
    /// The state; null before the draw is announced.
    #[schema(value_type = Option<String>, example = "open")]
    pub state: Option<steps::State>,
    /// What happens next, as a sentence.
    pub next: String,
    /// What stands in the way of announcing it, one sentence each. Empty if nothing does, and once it is announced.
    pub obstacles: Vec<String>,
    /// What an organiser can do now so that the draw goes on: values for `action` of `POST /api/v1/organiser/draws/{id}/steps`.
    pub steps: Vec<&'static str>,
    /// The first instant at which nobody can enter any more.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub freezes_at: Timestamp,
    /// When it is drawn.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub draws_at: Timestamp,
    /// The round of the beacon that decides; null if an observer draws, and before the draw is announced.
    pub round: Option<u64>,
    /// Number of entries: so far while the draw is open, and afterwards of the published list; null before the draw is announced and while
    /// the list is being made.
    pub entries: Option<usize>,
    /// SHA-256 of the published list of entries; null before it is published.
    pub entries_sha256: Option<String>,
    /// The winners in the order of the prizes, then the reserves in their order. Empty before the result.
    pub places: Vec<DrawPlaceView>,
}

/// A winner or a reserve.
#[derive(Serialize, ToSchema)]
pub struct DrawPlaceView {
    /// What stands for the entry in `entries.txt`.
    pub leaf: String,
    /// Whether they hold a prize, wait as a reserve, have their prize, or are out.
    pub is: DrawPlace,
    /// Which prize, counted from 1. Null if they hold none and have none.
    pub prize: Option<usize>,
    /// Since when the prize is theirs; null unless they hold one.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// Until when they have time to answer; null unless they hold a prize and have not answered.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub answer_by: Option<Timestamp>,
    /// When it was recorded that they want the prize; null if it was not.
    #[serde(serialize_with = "time::iso::option::serialize")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub answered_at: Option<Timestamp>,
    /// Why they are out. Null if they are not.
    #[schema(value_type = Option<String>)]
    pub reason: Option<Reason>,
}

/// One line of a draw's log.
#[derive(Serialize, ToSchema)]
pub struct DrawLogView {
    /// The number of the line, counted from 1.
    pub version: u64,
    /// When it happened.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who did it, as it stands in the audit. The public log leaves it out.
    pub by: String,
    /// What was done.
    pub action: String,
    /// The entry that it was done to; null if it was done to the draw.
    pub leaf: Option<String>,
    /// Why an entry was passed over; null for everything else.
    #[schema(value_type = Option<String>)]
    pub reason: Option<Reason>,
    /// SHA-256 of this line and the hash of the one before it.
    pub hash: String,
}

impl DrawView {
    /// Describes a draw of `edition` at `now`. `row` is `None` before it is announced; `entered` is the number of its entries so far.
    pub fn new(
        edition: &Edition,
        settings: &DrawSettings,
        row: Option<&DrawRow>,
        entered: Option<usize>,
        now: Timestamp,
    ) -> Self {
        let settings = row.map_or(settings, |row| &row.settings);
        let obstacles = if row.is_none() { settings.obstacles(edition.opens_at, now) } else { Vec::new() };
        let draw = row.map(|row| &row.draw);
        Self {
            id: settings.id.to_string(),
            edition: edition.slug.to_string(),
            name: settings.name.clone(),
            state: draw.map(|draw| draw.state),
            next: what_next(row, &obstacles, now),
            steps: match draw {
                Some(draw) => draw.by_hand(now).into_iter().map(next::ByHand::as_str).collect(),
                None if obstacles.is_empty() => vec![next::ByHand::Announce.as_str()],
                None => Vec::new(),
            },
            obstacles,
            freezes_at: settings.freezes_at,
            draws_at: settings.draws_at,
            round: draw.and_then(|draw| match draw.announcement.source {
                Source::Beacon { round, .. } => Some(round),
                Source::Observer {} => None,
            }),
            entries: entered,
            entries_sha256: draw.and_then(|draw| draw.listed.as_ref()).map(|listed| listed.sha256.to_string()),
            places: draw.map_or_else(Vec::new, |draw| draw.places.iter().map(DrawPlaceView::from).collect()),
        }
    }
}

/// Returns what happens next in a draw, or what stands in the way of announcing it.
pub fn what_next(row: Option<&DrawRow>, obstacles: &[String], now: Timestamp) -> String {
    match row {
        Some(row) => row.draw.what_next(now),
        None if obstacles.is_empty() => "Nothing is missing. It is announced within a minute.".to_owned(),
        None => "It cannot be announced yet.".to_owned(),
    }
}

impl From<&Place> for DrawPlaceView {
    fn from(place: &Place) -> Self {
        let (is, prize, reason) = parts(place.standing);
        let (since, answered_at) = match place.standing {
            Standing::Holds { since, answered_at, .. } => (Some(since), answered_at),
            Standing::Waits | Standing::Delivered { .. } | Standing::Out { .. } => (None, None),
        };
        let answer_by = since.filter(|_| answered_at.is_none()).map(|since| since + ANSWER);
        Self { leaf: place.leaf.to_string(), is, prize, since, answer_by, answered_at, reason }
    }
}

impl From<&LogEntry> for DrawLogView {
    fn from(entry: &LogEntry) -> Self {
        let LogEntry { version, at, by, action, leaf, reason, next: _, hash } = entry.clone();
        Self { version, at, by, action, leaf: leaf.map(|leaf| leaf.to_string()), reason, hash }
    }
}

/// What a rehearsal found.
#[derive(Serialize, ToSchema)]
pub struct RehearsalAnswer {
    /// Whether everything that was tried works.
    pub passed: bool,
    /// What was tried, in order.
    pub checks: Vec<RehearsalCheck>,
}

/// One thing that a rehearsal tried.
#[derive(Serialize, ToSchema)]
pub struct RehearsalCheck {
    /// What was tried.
    pub what: String,
    /// What went wrong; null if nothing did.
    pub wrong: Option<String>,
}

impl From<Vec<Check>> for RehearsalAnswer {
    fn from(checks: Vec<Check>) -> Self {
        let passed = checks.iter().all(|check| check.wrong.is_none());
        let check = |check: Check| RehearsalCheck { what: check.what.to_owned(), wrong: check.wrong };
        Self { passed, checks: checks.into_iter().map(check).collect() }
    }
}

/// How the winners and reserves of a draw are reached.
#[derive(Serialize, ToSchema)]
pub struct DrawContacts {
    /// The id of the draw.
    pub draw: String,
    /// The winners in the order of the prizes, then the reserves in their order.
    pub people: Vec<DrawContact>,
}

/// How a winner or a reserve is reached.
#[derive(Serialize, ToSchema)]
pub struct DrawContact {
    /// What stands for the entry in `entries.txt`.
    pub leaf: String,
    /// Whether they hold a prize, wait as a reserve, have their prize, or are out.
    pub is: DrawPlace,
    /// Which prize, counted from 1. Null if they hold none and have none.
    pub prize: Option<usize>,
    /// Why they are out. Null if they are not.
    #[schema(value_type = Option<String>)]
    pub reason: Option<Reason>,
    /// Their name. Null if they are out or have their prize, and after the contact was erased.
    pub name: Option<String>,
    /// Their e-mail address or telephone number. Null if the name is.
    pub contact: Option<String>,
    /// How the public reads of them. Null if the name is.
    pub shown: Option<Shown>,
    /// A text to send them, with their name in it. Null unless they hold a prize and can be reached.
    pub message: Option<String>,
}

/// What becomes of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DrawPlace {
    /// A prize is theirs and not delivered yet.
    Holds,
    /// They are a reserve.
    Waits,
    /// They have their prize.
    Delivered,
    /// They do not get one.
    Out,
}

fn parts(standing: Standing) -> (DrawPlace, Option<usize>, Option<Reason>) {
    match standing {
        Standing::Holds { prize, .. } => (DrawPlace::Holds, Some(prize), None),
        Standing::Waits => (DrawPlace::Waits, None, None),
        Standing::Delivered { prize } => (DrawPlace::Delivered, Some(prize), None),
        Standing::Out { reason } => (DrawPlace::Out, None, Some(reason)),
    }
}

impl DrawContact {
    /// Describes how somebody is reached. `page` is the whole address of the draw's page.
    pub fn new(reached: Reached, settings: &DrawSettings, page: &str) -> Self {
        let (is, prize, reason) = parts(reached.standing);
        let entrant = reached.entrant;
        let message = entrant.as_ref().and_then(|entrant| match reached.standing {
            Standing::Holds { prize, since, .. } => settings.message_to_winner(&entrant.name, prize, since, page),
            Standing::Waits | Standing::Delivered { .. } | Standing::Out { .. } => None,
        });
        let shown = entrant.as_ref().map(|entrant| entrant.shown);
        let (name, contact) = entrant.map(|entrant| (entrant.name, entrant.contact)).unzip();
        Self { leaf: reached.leaf.to_string(), is, prize, reason, name, contact, shown, message }
    }
}

/// A step of a draw.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawStepRequest {
    /// What to do.
    pub action: DrawStep,
    /// For `round`: the announced round.
    #[serde(default)]
    pub round: Option<u64>,
    /// For `round`: its signature, 96 digits of 0-9 and a-f, as any device reads it from drand.
    #[serde(default)]
    pub signature: Option<String>,
    /// For `observe`: the name of the independent person.
    #[serde(default)]
    pub observer: Option<String>,
    /// For `observe`: the sentence, exactly as it was said.
    #[serde(default)]
    pub sentence: Option<String>,
}

/// What to do so that a draw goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DrawStep {
    /// Publish the commitment and the rules, for ever, and open the draw.
    Announce,
    /// Publish the list of entries, for ever. Possible from the announced time on.
    Freeze,
    /// Read the announced round from the beacon's relays, and publish it, for ever.
    Fetch,
    /// Publish the announced round, as it is given, for ever.
    Round,
    /// Publish what an independent person has said, for ever.
    Observe,
    /// Publish the result and the secret, for ever.
    Reveal,
}

impl DrawStepRequest {
    /// Returns where the value of a draw is to come from.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] if a field that the action needs is missing or malformed.
    pub fn value(&self) -> Result<Value, Refusal> {
        let invalid = |field, got: &str, expected: &str| Refusal::Invalid {
            field,
            got: shared::domain::text::shorten(got),
            expected: expected.to_owned(),
        };
        let said = |field, text: &Option<String>, expected| {
            let text = text.as_deref().unwrap_or_default();
            if text.trim().is_empty() { Err(invalid(field, text, expected)) } else { Ok(text.to_owned()) }
        };
        match self.action {
            DrawStep::Round => {
                let round = self.round.ok_or_else(|| invalid("round", "", "the number of the announced round"))?;
                let signature = self.signature.as_deref().unwrap_or_default();
                let signature: Signature =
                    signature.parse().map_err(|_| invalid("signature", signature, "96 digits of 0-9 and a-f"))?;
                let chain = CHAIN.parse().map_err(|_| invalid("chain", CHAIN, "a digest"))?;
                Ok(Value::Given(Drawn::Beacon { chain, round, signature }))
            }
            DrawStep::Observe => Ok(Value::Given(Drawn::Observer {
                observer: said("observer", &self.observer, "the name of the person who said the sentence")?
                    .trim()
                    .to_owned(),
                sentence: said("sentence", &self.sentence, "the sentence, exactly as it was said")?,
            })),
            DrawStep::Announce | DrawStep::Freeze | DrawStep::Fetch | DrawStep::Reveal => Ok(Value::Relays),
        }
    }
}

/// What became of a winner or a reserve.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawPlaceRequest {
    /// What stands for the entry in `entries.txt`.
    pub leaf: String,
    /// What became of them.
    pub action: DrawPlaceAction,
    /// For `disqualify`: why. One of the reasons that the rules list.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub reason: Option<Reason>,
}

/// What became of a winner or a reserve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DrawPlaceAction {
    /// They have answered that they want their prize: nobody passes over them for silence any more.
    Answer,
    /// They have their prize.
    Deliver,
    /// They do not get a prize: the next reserve gets it.
    Disqualify,
}

impl DrawPlaceRequest {
    /// Returns the entry that the request names.
    ///
    /// # Errors
    /// [`Refusal::Invalid`].
    pub fn leaf(&self) -> Result<Leaf, Refusal> {
        self.leaf.parse().map_err(|_| Refusal::Invalid {
            field: "leaf",
            got: shared::domain::text::shorten(&self.leaf),
            expected: "64 digits of 0-9 and a-f".to_owned(),
        })
    }

    /// Returns the reason of a disqualification.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] if it is missing.
    pub fn reason(&self) -> Result<Reason, Refusal> {
        self.reason.ok_or_else(|| Refusal::Invalid {
            field: "reason",
            got: String::new(),
            expected: Reason::ALL.map(Reason::as_str).join(", "),
        })
    }
}
