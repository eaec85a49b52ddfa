//! `techognition draw …`: the steps of a prize draw by hand, which the schedule does by the same code, and `draw verify`, which checks a draw
//! from its four public files and needs nothing but them: no data folder, no account.

use std::{path::Path, process::ExitCode};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::Method;
use serde_json::json;
use shared::{
    domain::{
        EditionSlug,
        draw::{
            bad_file::FileName,
            beacon::Signature,
            files::{Drawn, Source},
            protocol,
            states::Reason,
            steps::Standing,
            verify::{self, Files, Verdict},
        },
        ids::{DrawId, Leaf, Ticket},
        people::Actor,
        time::in_words,
    },
    runtime::Clock,
    store::{
        draw_rehearsal::Check,
        draw_steps::{DrawSteps, NotDone, Value},
        draws::DrawRow,
    },
};

use super::installation::{Installation, Which};
use crate::{cloud::http::Http, say};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Compute a draw again from its public files, and say what holds; exit status 1 if anything does not
    Verify(Verify),
    /// Say where each draw stands, and what happens next
    Status(Status),
    /// Announce a draw: publish its commitment and its rules, for ever, and open it
    Commit(One),
    /// Publish the list of entries, for ever; nobody can enter any more. Possible from the announced time on
    Freeze(One),
    /// Publish the value that nobody knew before, for ever: from the beacon, or as it is given
    Beacon(GiveValue),
    /// Publish the result with the secret, for ever
    Reveal(One),
    /// Pass over a winner or a reserve, for one of the listed reasons; the next reserve gets the prize
    Disqualify(PassOver),
    /// Record that a winner wants their prize: nobody passes over them for silence then
    Answer(HandOver),
    /// Record that a winner has their prize
    Deliver(HandOver),
    /// Rehearse a draw with sample entrants, in an edition of its own that no page shows; exit status 1 if anything does not work
    Rehearse(Rehearse),
    /// Print how winners and reserves are reached; each look is noted in the activity log
    Contacts(One),
}

#[derive(Clone, Debug, clap::Args)]
pub struct Verify {
    /// The folder with commit.json, entries.txt, beacon.json and result.json, or its address on the site
    #[arg(value_name = "FOLDER|URL")]
    place: String,
    /// Find the place of this ticket, too
    #[arg(long, value_name = "TICKET")]
    ticket: Option<Ticket>,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Verify(arguments) => verify(&arguments).await,
        Command::Status(arguments) => Box::pin(status(&arguments)).await,
        Command::Commit(one) => Box::pin(step(&one, Step::Commit)).await,
        Command::Freeze(one) => Box::pin(step(&one, Step::Freeze)).await,
        Command::Beacon(given) => Box::pin(step(&given.one, Step::Beacon(&given))).await,
        Command::Reveal(one) => Box::pin(step(&one, Step::Reveal)).await,
        Command::Disqualify(out) => Box::pin(step(&out.one, Step::Disqualify(&out.entry, out.reason))).await,
        Command::Answer(got) => Box::pin(step(&got.one, Step::Answer(&got.entry))).await,
        Command::Deliver(got) => Box::pin(step(&got.one, Step::Deliver(&got.entry))).await,
        Command::Rehearse(arguments) => Box::pin(rehearse(&arguments)).await,
        Command::Contacts(one) => Box::pin(contacts(&one)).await,
    }
}

async fn verify(arguments: &Verify) -> Result<ExitCode> {
    let mut files = Vec::with_capacity(FileName::ALL.len());
    for name in FileName::ALL {
        files.push(read(&arguments.place, name).await?);
    }
    let [commit, entries, beacon, result] = files.as_slice() else { bail!("a draw has four files") };
    let verdict = verify::verify(Files { commit, entries, beacon, result });
    let ticket = arguments.ticket.as_ref().map(|ticket| (ticket, place(&verdict, ticket)));
    if arguments.json {
        let announcement = verdict.announcement.as_ref();
        say(json!({
            "holds": verdict.holds(),
            "draw": announcement.map(|announcement| &announcement.draw),
            "checks": verdict.checks,
            "entries": verdict.ranking.len(),
            "winners": verdict.winners(),
            "reserves": verdict.reserves(),
            "place": ticket.as_ref().and_then(|(_, place)| *place),
        }));
    } else {
        tell(&verdict);
        if let (Some((ticket, place)), Some(_)) = (ticket, &verdict.announcement) {
            say(match place {
                Some(place) => format!("The ticket {ticket} has place {place} of {}.", verdict.ranking.len()),
                None => format!("The ticket {ticket} is not among the entries."),
            });
        }
    }
    Ok(if verdict.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Returns the place of a ticket in the recomputed ranking. `None` if it is not among the entries, or they could not be read.
fn place(verdict: &Verdict, ticket: &Ticket) -> Option<usize> {
    verdict.place(&protocol::leaf(&verdict.announcement.as_ref()?.draw, ticket))
}

fn tell(verdict: &Verdict) {
    for check in &verdict.checks {
        say(format_args!("{}  {:<10}  {}", if check.passed { "ok    " } else { "FAILED" }, check.name, check.words));
    }
    let Some(announcement) = &verdict.announcement else {
        say("The files cannot be read as those of a draw.");
        return;
    };
    for (number, (leaf, prize)) in (1..).zip(verdict.winners().iter().zip(&announcement.prizes)) {
        say(format_args!("prize {number:>4}    {leaf}  {}", prize.title));
    }
    for (number, leaf) in (1..).zip(verdict.reserves()) {
        say(format_args!("reserve {number:>2}    {}", Leaf::as_str(leaf)));
    }
    say(if verdict.holds() {
        "Everything follows from the files. When each of them was published, they cannot show: compare them with a copy from before the draw."
    } else {
        "This is not what follows from the files."
    });
}

/// Reads one file of the draw, from a folder or from the site.
async fn read(place: &str, name: FileName) -> Result<Bytes> {
    if !(place.starts_with("https://") || place.starts_with("http://")) {
        let path = Path::new(place).join(name.as_str());
        return std::fs::read(&path).map(Bytes::from).with_context(|| format!("cannot read {}", path.display()));
    }
    let url = format!("{}/{name}", place.trim_end_matches('/'));
    let answer = Http::new()?.send(Method::GET, &url, &[], Bytes::new()).await.with_context(|| url.clone())?;
    if !answer.status.is_success() {
        bail!("{url} answers {}", answer.status);
    }
    Ok(answer.body)
}

/// Which draw of which installation.
#[derive(Clone, Debug, clap::Args)]
pub struct One {
    /// The draw, by its id in the settings
    #[arg(value_name = "DRAW")]
    draw: DrawId,
    #[command(flatten)]
    which: Which,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Status {
    #[command(flatten)]
    which: Which,
    /// Print one line of JSON for each
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Debug, clap::Args)]
pub struct GiveValue {
    #[command(flatten)]
    one: One,
    /// The signature of the announced round, read from drand on any device, instead of asking the relays
    #[arg(long, value_name = "HEX", conflicts_with_all = ["observer", "sentence"])]
    signature: Option<Signature>,
    /// The name of the independent person who said a sentence
    #[arg(long, value_name = "NAME", requires = "sentence")]
    observer: Option<String>,
    /// The sentence, exactly as it was said
    #[arg(long, value_name = "SENTENCE", requires = "observer")]
    sentence: Option<String>,
}

#[derive(Clone, Debug, clap::Args)]
pub struct PassOver {
    #[command(flatten)]
    one: One,
    /// The entry: its ticket, or its leaf in the published list
    #[arg(long, value_name = "TICKET|LEAF")]
    entry: Named,
    /// Why: one of the reasons that the rules list
    #[arg(long, value_name = "REASON", value_parser = reason)]
    reason: Reason,
}

#[derive(Clone, Debug, clap::Args)]
pub struct HandOver {
    #[command(flatten)]
    one: One,
    /// The entry: its ticket, or its leaf in the published list
    #[arg(long, value_name = "TICKET|LEAF")]
    entry: Named,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Rehearse {
    #[command(flatten)]
    one: One,
    /// How many sample entrants
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    entrants: u16,
}

/// An entry, as an organiser names it.
#[derive(Clone, Debug)]
enum Named {
    Ticket(Ticket),
    Leaf(Leaf),
}

impl std::str::FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let ticket = text.parse().map(Self::Ticket);
        ticket.or_else(|_| text.parse().map(Self::Leaf)).map_err(|_| {
            "expected a ticket, 26 characters of a-z and 2-7, or a leaf, 64 digits of 0-9 and a-f".to_owned()
        })
    }
}

impl Named {
    fn leaf(&self, draw: &DrawId) -> Leaf {
        match self {
            Self::Ticket(ticket) => protocol::leaf(draw, ticket),
            Self::Leaf(leaf) => leaf.clone(),
        }
    }
}

fn reason(text: &str) -> Result<Reason, String> {
    let known = Reason::ALL.map(Reason::as_str);
    let found = Reason::ALL.into_iter().find(|reason| reason.as_str() == text);
    found.ok_or_else(|| format!("expected one of {}", known.join(", ")))
}

/// Who acts by a command.
const BY: Actor = Actor::Function("organiser");

/// A step of one draw.
enum Step<'a> {
    Commit,
    Freeze,
    Beacon(&'a GiveValue),
    Reveal,
    Disqualify(&'a Named, Reason),
    Answer(&'a Named),
    Deliver(&'a Named),
}

/// Does a step, and says where the draw stands then.
async fn step(one: &One, step: Step<'_>) -> Result<ExitCode> {
    let installation = Installation::open(&one.which).await?;
    let steps = installation.housekeeping.draw_steps();
    let done = async {
        let (edition, settings) = steps.find(&one.draw).await?;
        let (slug, id) = (&edition.slug, &one.draw);
        match step {
            Step::Commit => steps.commit(slug, &settings, &BY).await,
            Step::Freeze => steps.freeze(slug, id, &BY).await,
            Step::Beacon(given) => steps.beacon(slug, id, value(steps, slug, id, given).await?, &BY).await,
            Step::Reveal => steps.reveal(slug, id, &BY).await,
            Step::Disqualify(entry, reason) => steps.disqualify(slug, id, &entry.leaf(id), reason, &BY).await,
            Step::Answer(entry) => steps.answer(slug, id, &entry.leaf(id), &BY).await,
            Step::Deliver(entry) => steps.deliver(slug, id, &entry.leaf(id), &BY).await,
        }
    };
    let done = Box::pin(done).await;
    installation.close().await;
    show(&done?, one.json);
    Ok(ExitCode::SUCCESS)
}

/// What the organiser gives, or the relays.
async fn value(steps: &DrawSteps, edition: &EditionSlug, id: &DrawId, given: &GiveValue) -> Result<Value, NotDone> {
    if let (Some(observer), Some(sentence)) = (&given.observer, &given.sentence) {
        return Ok(Value::Given(Drawn::Observer { observer: observer.clone(), sentence: sentence.clone() }));
    }
    let Some(signature) = &given.signature else { return Ok(Value::Relays) };
    steps.announced(edition, id).await.map(|row| match row.draw.announcement.source {
        Source::Beacon { chain, round, .. } => {
            Value::Given(Drawn::Beacon { chain, round, signature: signature.clone() })
        }
        Source::Observer {} => Value::Relays,
    })
}

async fn rehearse(arguments: &Rehearse) -> Result<ExitCode> {
    let installation = Installation::open(&arguments.one.which).await?;
    let steps = installation.housekeeping.draw_steps();
    let rehearsed = async {
        let (_, settings) = steps.find(&arguments.one.draw).await?;
        steps.rehearse(&settings, arguments.entrants).await
    };
    let rehearsed = Box::pin(rehearsed).await;
    installation.close().await;
    let checks = rehearsed?;
    let passed = checks.iter().all(|check| check.wrong.is_none());
    if arguments.one.json {
        let checks: Vec<_> = checks.iter().map(|check| json!({"what": check.what, "wrong": check.wrong})).collect();
        say(json!({"passed": passed, "checks": checks}));
    } else {
        for Check { what, wrong } in &checks {
            match wrong {
                None => say(format_args!("ok      {what}")),
                Some(wrong) => say(format_args!("FAILED  {what}: {wrong}")),
            }
        }
        say("Everything that the rehearsal made is deleted.");
    }
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn status(arguments: &Status) -> Result<ExitCode> {
    let installation = Installation::open(&arguments.which).await?;
    let all = installation.housekeeping.draw_steps().all().await;
    installation.close().await;
    let all = all?;
    if all.is_empty() && !arguments.json {
        say("No edition has a prize draw: there is no table [[draws]] in the settings.");
    }
    for (settings, row) in all {
        match row {
            Some(row) => show(&row, arguments.json),
            None if arguments.json => say(json!({ "draw": settings.id, "state": null })),
            None => say(format_args!("{}: not announced yet. The schedule announces it within a minute.", settings.id)),
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(row: &DrawRow, as_json: bool) {
    let (draw, now) = (&row.draw, Clock::system().now());
    let next = draw.what_next(now);
    if as_json {
        say(json!({
            "draw": row.id(), "state": draw.state, "entries": draw.listed.as_ref().map(|listed| listed.count),
            "entries_sha256": draw.listed.as_ref().map(|listed| &listed.sha256), "places": draw.places, "next": next,
        }));
        return;
    }
    say(format_args!("{}: {}. {next}", row.id(), draw.state));
    if let Some(listed) = &draw.listed {
        say(format_args!("  {} entries, listed at {}, digest {}", listed.count, in_words(listed.at), listed.sha256));
    }
    for place in &draw.places {
        let standing = match place.standing {
            Standing::Holds { prize, since, answered_at } => {
                let answered = answered_at.map_or(String::new(), |at| format!(", and answered at {}", in_words(at)));
                format!("has won prize {prize}, since {}{answered}", in_words(since))
            }
            Standing::Waits => "is a reserve".to_owned(),
            Standing::Delivered { prize } => format!("has got prize {prize}"),
            Standing::Out { reason } => format!("is out. {}", reason.words()),
        };
        say(format_args!("  {} {standing}", place.leaf));
    }
}

/// Prints how winners and reserves are reached; the look is noted in the activity log.
async fn contacts(one: &One) -> Result<ExitCode> {
    let installation = Installation::open(&one.which).await?;
    let steps = installation.housekeeping.draw_steps();
    let read = async {
        let (edition, _) = steps.find(&one.draw).await?;
        steps.contacts(&edition.slug, &one.draw, &BY.to_string(), "the organiser's command").await
    };
    let read = Box::pin(read).await;
    installation.close().await;
    for reached in read? {
        let entrant = reached.entrant.as_ref();
        if one.json {
            say(json!({
                "leaf": reached.leaf, "standing": reached.standing, "name": entrant.map(|entrant| &entrant.name),
                "contact": entrant.map(|entrant| &entrant.contact),
            }));
            continue;
        }
        let who = entrant
            .map_or("nobody to write to".to_owned(), |entrant| format!("{} <{}>", entrant.name, entrant.contact));
        let what = match reached.standing {
            Standing::Holds { prize, .. } => format!("prize {prize}"),
            Standing::Waits => "reserve".to_owned(),
            Standing::Delivered { prize } => format!("has got prize {prize}"),
            Standing::Out { .. } => "out".to_owned(),
        };
        say(format_args!("{what:<18} {who}  {}", reached.leaf));
    }
    Ok(ExitCode::SUCCESS)
}
