//! The draws of the organiser's settings: the tables `[[draws]]` of `infra/event.toml`.

use std::ops::RangeInclusive;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::{
    beacon::{self, CHAIN},
    files::{Algorithm, Announcement, LEAD, MAX_PRIZES, MAX_RESERVES, OBSERVER_AFTER_HOURS, Prize, Source},
    protocol::{self, Secret},
};
use crate::domain::{
    event_error::{BadEventFile, bad_at, instant},
    ids::{BadId, DrawId},
    time::{in_words, millis},
};

/// Draws that one day may have.
pub const MAX_DRAWS: usize = 20;
/// Sentences of its own that the rules of a draw may have.
const MAX_RULES: usize = 20;
/// Characters of a name; of a prize or of who may win; of a sentence or of an address.
const NAME: RangeInclusive<usize> = 1..=100;
const LINE: RangeInclusive<usize> = 1..=200;
const SENTENCE: RangeInclusive<usize> = 1..=500;

/// A draw as the organiser has set it up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawSettings {
    /// Its name in addresses and in every hash.
    pub id: DrawId,
    /// Its name for people.
    pub name: String,
    /// What can be won, in order.
    pub prizes: Vec<PrizeSettings>,
    /// How many reserves follow the winners.
    pub reserves: u16,
    /// The first instant at which nobody can enter any more.
    #[serde(with = "millis")]
    pub freezes_at: Timestamp,
    /// When it is drawn.
    #[serde(with = "millis")]
    pub draws_at: Timestamp,
    /// Who may win.
    pub who: Eligible,
    /// Where the value comes from that nobody knows before.
    pub method: Method,
    /// What the rules say beside what every draw's rules say.
    pub rules: Vec<String>,
    /// Who promises the prizes: a name and a postal address.
    pub promoter: String,
}

/// A prize with what is shown of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrizeSettings {
    /// What it is.
    pub title: String,
    /// Who gives it.
    #[serde(default)]
    pub sponsor: Option<String>,
    /// The address of a picture.
    #[serde(default)]
    pub picture: Option<String>,
    /// An address to read more at.
    #[serde(default)]
    pub link: Option<String>,
}

/// Who may win.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Eligible {
    /// Who they are, such as `Technicians who work in a school`.
    pub roles: String,
    /// Years that they are old at least.
    pub min_age: u8,
    /// Where they live or work, in the order in which it is said.
    pub nations: Vec<Nation>,
}

impl Eligible {
    /// The rule in words.
    pub fn words(&self) -> String {
        let names: Vec<&str> = self.nations.iter().map(|nation| nation.as_str()).collect();
        let nations = match names.as_slice() {
            [] => String::new(),
            [one] => (*one).to_owned(),
            [others @ .., last] => format!("{} or {last}", others.join(", ")),
        };
        format!("{}, aged {} or over, in {nations}", self.roles, self.min_age)
    }
}

/// A nation of the United Kingdom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Nation {
    /// England.
    England,
    /// Scotland.
    Scotland,
    /// Wales.
    Wales,
    /// Northern Ireland.
    #[serde(rename = "Northern Ireland")]
    NorthernIreland,
}

impl Nation {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::England => "England",
            Self::Scotland => "Scotland",
            Self::Wales => "Wales",
            Self::NorthernIreland => "Northern Ireland",
        }
    }
}

/// Where the value comes from that nobody knows before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// From a round of drand; from an observer if that is not to be had for a day.
    #[default]
    Beacon,
    /// From a sentence that an independent person says.
    Observer,
}

/// A table `[[draws]]` as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::domain) struct DrawTable {
    id: Spanned<String>,
    name: Spanned<String>,
    freezes: Spanned<String>,
    draws: Spanned<String>,
    #[serde(default)]
    reserves: Option<Spanned<u16>>,
    #[serde(default)]
    method: Method,
    who: Spanned<Eligible>,
    #[serde(default)]
    rules: Vec<Spanned<String>>,
    promoter: Spanned<String>,
    prizes: Spanned<Vec<Spanned<PrizeSettings>>>,
}

/// Reserves of a draw that names no number.
const RESERVES: u16 = 3;

/// The file, to find lines in it, and the day that it is about.
pub(in crate::domain) struct Day<'a> {
    pub(in crate::domain) text: &'a str,
    pub(in crate::domain) date: Date,
    pub(in crate::domain) zone: &'a TimeZone,
    pub(in crate::domain) opens_at: Timestamp,
}

/// Reads the draws of a day.
///
/// # Errors
/// Each names the line, the key, what stands there and what is expected.
pub(in crate::domain) fn read(tables: Vec<DrawTable>, day: &Day<'_>) -> Result<Vec<DrawSettings>, BadEventFile> {
    if let Some(first) = tables.get(MAX_DRAWS) {
        let at = first.id.span().start;
        return Err(bad_at(day.text, at, "draws", "one more table", &format!("at most {MAX_DRAWS} tables [[draws]]")));
    }
    let mut draws: Vec<DrawSettings> = Vec::with_capacity(tables.len());
    for table in tables {
        let at = table.id.span().start;
        let settings = read_one(table, day)?;
        if draws.iter().any(|other| other.id == settings.id) {
            return Err(bad_at(day.text, at, "draws.id", settings.id.as_str(), "each id once"));
        }
        draws.push(settings);
    }
    Ok(draws)
}

fn read_one(table: DrawTable, day: &Day<'_>) -> Result<DrawSettings, BadEventFile> {
    let bad = |at: usize, key: &str, got: &str, expected: &str| bad_at(day.text, at, key, got, expected);
    let length = |at: usize, key: &str, text: &str, characters: &RangeInclusive<usize>| {
        if characters.contains(&text.trim().chars().count()) {
            return Ok(());
        }
        Err(bad(at, key, text, &format!("{} to {} characters", characters.start(), characters.end())))
    };
    let time = |key: &str, value: &Spanned<String>| {
        let at = value.span().start;
        instant(key, day.date, value.as_ref(), day.zone).map_err(|error| error.on_line_of(day.text, at))
    };
    let (at, id) = (table.id.span().start, table.id.into_inner());
    let id: DrawId = id.parse().map_err(|error: BadId| bad(at, "draws.id", &id, error.expected))?;
    length(table.name.span().start, "draws.name", table.name.as_ref(), &NAME)?;
    let (freezes_at, draws_at) = (time("draws.freezes", &table.freezes)?, time("draws.draws", &table.draws)?);
    if freezes_at <= day.opens_at {
        let at = table.freezes.span().start;
        return Err(bad(at, "draws.freezes", table.freezes.as_ref(), "a time after edition.opens"));
    }
    if draws_at.duration_since(freezes_at) < LEAD {
        let expected = format!("at least {} minutes after draws.freezes, {}", LEAD.as_mins(), table.freezes.as_ref());
        return Err(bad(table.draws.span().start, "draws.draws", table.draws.as_ref(), &expected));
    }
    if table.method == Method::Beacon && beacon::round_at(draws_at).is_none() {
        let expected = "a time after the beacon's first round, in August 2023";
        return Err(bad(table.draws.span().start, "draws.draws", table.draws.as_ref(), expected));
    }
    if let Some(reserves) = table.reserves.as_ref().filter(|reserves| *reserves.as_ref() > MAX_RESERVES) {
        let (at, got) = (reserves.span().start, reserves.as_ref().to_string());
        return Err(bad(at, "draws.reserves", &got, &format!("0 to {MAX_RESERVES}")));
    }
    let (at, who) = (table.who.span().start, table.who.into_inner());
    length(at, "draws.who.roles", &who.roles, &LINE)?;
    if who.min_age > 99 {
        return Err(bad(at, "draws.who.min_age", &who.min_age.to_string(), "0 to 99 years"));
    }
    if who.nations.is_empty() {
        return Err(bad(at, "draws.who.nations", "[]", "at least one nation of the United Kingdom"));
    }
    if let Some(rule) = table.rules.get(MAX_RULES) {
        let expected = format!("at most {MAX_RULES} sentences");
        return Err(bad(rule.span().start, "draws.rules", rule.as_ref(), &expected));
    }
    for rule in &table.rules {
        length(rule.span().start, "draws.rules", rule.as_ref(), &SENTENCE)?;
    }
    length(table.promoter.span().start, "draws.promoter", table.promoter.as_ref(), &LINE)?;
    let (at, prizes) = (table.prizes.span().start, table.prizes.into_inner());
    if !(1..=MAX_PRIZES).contains(&prizes.len()) {
        let got = format!("{} prizes", prizes.len());
        return Err(bad(at, "draws.prizes", &got, &format!("1 to {MAX_PRIZES} prizes")));
    }
    for prize in &prizes {
        let (at, prize) = (prize.span().start, prize.as_ref());
        length(at, "draws.prizes.title", &prize.title, &LINE)?;
        if let Some(sponsor) = &prize.sponsor {
            length(at, "draws.prizes.sponsor", sponsor, &NAME)?;
        }
        for (key, address) in [("draws.prizes.picture", &prize.picture), ("draws.prizes.link", &prize.link)] {
            let Some(address) = address else { continue };
            length(at, key, address, &SENTENCE)?;
            if !address.starts_with("https://") || address.chars().any(char::is_whitespace) {
                return Err(bad(at, key, address, "an address that begins with https://"));
            }
        }
    }
    Ok(DrawSettings {
        id,
        name: table.name.into_inner(),
        prizes: prizes.into_iter().map(Spanned::into_inner).collect(),
        reserves: table.reserves.map_or(RESERVES, Spanned::into_inner),
        freezes_at,
        draws_at,
        who,
        method: table.method,
        rules: table.rules.into_iter().map(Spanned::into_inner).collect(),
        promoter: table.promoter.into_inner().trim().to_owned(),
    })
}

impl DrawSettings {
    /// Returns what stands in the way of announcing the draw at `now`, one sentence each; empty if nothing does. Photos are taken from
    /// `opens_at` on.
    pub fn obstacles(&self, opens_at: Timestamp, now: Timestamp) -> Vec<String> {
        let mut obstacles = Vec::new();
        let freezes = in_words(self.freezes_at);
        if now >= self.freezes_at {
            obstacles.push(format!("Its freeze is over: {freezes}. Give it a later time in the settings."));
        }
        if self.freezes_at <= opens_at {
            let opens = in_words(opens_at);
            obstacles.push(format!(
                "It freezes at {freezes}, and photos are taken from {opens} on: nobody could enter. Give it a later time in the settings."
            ));
        }
        // Whether it can be announced does not depend on the secret.
        if let Err(bad) = self.announcement(&Secret::from_bits([0; 32])).check() {
            obstacles.push(format!("It could not be announced: {bad}."));
        }
        obstacles
    }

    /// What is announced of it, with the commitment to `secret`.
    pub fn announcement(&self, secret: &Secret) -> Announcement {
        let prize = |prize: &PrizeSettings| Prize { title: prize.title.clone(), sponsor: prize.sponsor.clone() };
        let source = match (self.method, CHAIN.parse(), beacon::round_at(self.draws_at)) {
            (Method::Beacon, Ok(chain), Some(round)) => {
                Source::Beacon { chain, round, observer_after_hours: Some(OBSERVER_AFTER_HOURS) }
            }
            // A draw of before the beacon's first round is not read.
            (Method::Beacon | Method::Observer, _, _) => Source::Observer {},
        };
        Announcement {
            algorithm: Algorithm::Tkdraw1,
            draw: self.id.clone(),
            name: self.name.clone(),
            prizes: self.prizes.iter().map(prize).collect(),
            reserves: self.reserves,
            freezes_at: self.freezes_at,
            draws_at: self.draws_at,
            eligibility: self.who.words(),
            source,
            commit: protocol::commitment(&self.id, secret),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{draw::sample, event_file};

    const EVENT: &str = include_str!("../../../../infra/event.toml");
    const DRAW: &str = r#"
[[draws]]
id = "techognition-2027-noon"
name = "Noon draw"
freezes = "12:00"
draws = "12:30"
reserves = 5
who = { roles = "Technicians who work in a school", min_age = 18, nations = ["England", "Wales", "Northern Ireland"] }
rules = ["The microscope is sent by post."]
promoter = "Sample Association, 1 Sample Street, Sampleton"

[[draws.prizes]]
title = "A microscope"
sponsor = "Sample sponsor"
link = "https://example.org/microscope"

[[draws.prizes]]
title = "A book"
"#;

    fn draws(text: &str) -> Result<Vec<DrawSettings>, String> {
        event_file::read(&format!("{EVENT}{text}")).map(|edition| edition.draws).map_err(|error| error.to_string())
    }

    #[test]
    fn the_event_has_no_draw_unless_its_settings_have_one() {
        let edition = event_file::read(EVENT).unwrap();
        assert!(edition.draws.is_empty());
        assert!(!serde_json::to_string(&edition).unwrap().contains("draws"), "and its row has no trace of it");
    }

    #[test]
    fn a_draw_is_read_with_its_times_and_prizes() {
        let second = DRAW.replace("noon", "night").replace("12:00", "18:00").replace("12:30", "18:05");
        let second = second.replace("reserves = 5\n", "method = \"observer\"\n");
        let read = draws(&format!("{DRAW}{second}")).unwrap();
        let [noon, night] = read.as_slice() else { panic!("{read:?}") };
        assert_eq!(noon.freezes_at, "2027-03-05T12:00:00Z".parse().unwrap());
        assert_eq!((noon.prizes.len(), noon.reserves, night.reserves), (2, 5, 3));
        assert_eq!((noon.method, night.method), (Method::Beacon, Method::Observer));
        let summer = event_file::read(&format!("{}{DRAW}", EVENT.replace("2027-03-05", "2027-06-11"))).unwrap();
        assert_eq!(summer.draws[0].draws_at, "2027-06-11T11:30:00Z".parse().unwrap());
        let row = serde_json::to_string(&noon).unwrap();
        assert_eq!(serde_json::from_str::<DrawSettings>(&row).unwrap(), *noon);
    }

    #[test]
    fn what_is_announced_can_be_announced() {
        for method in ["beacon", "observer"] {
            let text = DRAW.replace("reserves = 5", &format!("method = \"{method}\""));
            let settings = draws(&text).unwrap().remove(0);
            let announcement = settings.announcement(&sample::secret());
            assert_eq!(announcement.check(), Ok(()));
            assert_eq!(
                announcement.eligibility,
                "Technicians who work in a school, aged 18 or over, in England, Wales or Northern Ireland"
            );
            assert_eq!(Announcement::parse(announcement.to_text().as_bytes()).unwrap(), announcement);
            let by_beacon = matches!(announcement.source, Source::Beacon { observer_after_hours: Some(24), .. });
            assert_eq!(by_beacon, method == "beacon");
        }
    }

    #[test]
    fn what_stands_in_the_way_of_an_announcement_is_said() {
        let settings = sample::settings();
        let (opens_at, freezes_at) = ("2023-08-23T07:00:00Z".parse().unwrap(), settings.freezes_at);
        let before = freezes_at - jiff::SignedDuration::from_millis(1);
        assert_eq!(settings.obstacles(opens_at, before), [""; 0]);
        let soon = DrawSettings { draws_at: freezes_at, ..settings.clone() };
        let said = [
            settings.obstacles(opens_at, freezes_at),
            settings.obstacles(freezes_at, before),
            soon.obstacles(opens_at, before),
        ];
        insta::assert_snapshot!(said.concat().join("\n"), @r"
        Its freeze is over: 16:30 on 23 August 2023 (BST). Give it a later time in the settings.
        It freezes at 16:30 on 23 August 2023 (BST), and photos are taken from 16:30 on 23 August 2023 (BST) on: nobody could enter. Give it a later time in the settings.
        It could not be announced: commit.json: draws_at is 2023-08-23T15:30:00Z; expected at least 5 minutes after freezes_at.
        ");
    }

    #[test]
    fn mistakes_are_named_with_their_line_and_what_to_do() {
        let before = EVENT.lines().count();
        let wrong = |from: &str, to: &str| {
            assert!(DRAW.contains(from), "{from}");
            let error = draws(&DRAW.replacen(from, to, 1)).unwrap_err();
            // Counted from the draw's own first line, so that the settings above can grow.
            let (line, words) = error.strip_prefix("line ").and_then(|rest| rest.split_once(": ")).unwrap();
            format!("{}: {words}", line.parse::<usize>().unwrap() - before)
        };
        let many = format!("rules = [{}]", "\"One.\", ".repeat(21));
        insta::assert_snapshot!([
            wrong("freezes =", "freezs ="),
            wrong("name = \"Noon draw\"\n", ""),
            wrong("\"techognition-2027-noon\"", "\"Noon\""),
            wrong("\"Noon draw\"", "\" \""),
            wrong("\"12:00\"", "\"25:00\""),
            wrong("\"12:00\"", "\"08:00\""),
            wrong("\"12:30\"", "\"12:04\""),
            wrong("reserves = 5", "reserves = 1001"),
            wrong("reserves = 5", "reserves = -1"),
            wrong("reserves = 5", "method = \"dice\""),
            wrong("18", "100"),
            wrong("\"England\"", "\"France\""),
            wrong("[\"England\", \"Wales\", \"Northern Ireland\"]", "[]"),
            wrong("rules = [\"The microscope is sent by post.\"]", "rules = [\"\"]"),
            wrong("rules = [\"The microscope is sent by post.\"]", &many),
            wrong("\"Sample Association, 1 Sample Street, Sampleton\"", "\"\""),
            wrong("title = \"A book\"", "title = \"\""),
            wrong("https://example.org/microscope", "http://example.org"),
            wrong("sponsor =", "sponser ="),
        ].join("\n"), @r#"
        5: unknown key "freezs"; the nearest known key is "freezes"
        2: missing field `name`
        3: draws.id is "Noon"; expected 1 to 64 characters: a-z, 0-9, and hyphens between them
        4: draws.name is " "; expected 1 to 100 characters
        5: draws.freezes is "25:00"; expected a time of day such as "08:00" that exists on that day
        5: draws.freezes is "08:00"; expected a time after edition.opens
        6: draws.draws is "12:04"; expected at least 5 minutes after draws.freezes, 12:00
        7: draws.reserves is "1001"; expected 0 to 1000
        7: invalid value: integer `-1`, expected u16
        7: unknown variant `dice`, expected `beacon` or `observer`
        8: draws.who.min_age is "100"; expected 0 to 99 years
        8: unknown variant `France`, expected one of `England`, `Scotland`, `Wales`, `Northern Ireland`
        8: draws.who.nations is "[]"; expected at least one nation of the United Kingdom
        9: draws.rules is ""; expected 1 to 500 characters
        9: draws.rules is "One."; expected at most 20 sentences
        10: draws.promoter is ""; expected 1 to 200 characters
        17: draws.prizes.title is ""; expected 1 to 200 characters
        12: draws.prizes.link is "http://example.org"; expected an address that begins with https://
        14: unknown key "sponser"; the nearest known key is "sponsor"
        "#);
        let twice = draws(&format!("{DRAW}{DRAW}")).unwrap_err();
        assert!(twice.ends_with("draws.id is \"techognition-2027-noon\"; expected each id once"), "{twice}");
        let prizes = DRAW.find("[[draws.prizes]]").unwrap();
        let none = draws(&format!("{}prizes = []\n", &DRAW[..prizes])).unwrap_err();
        assert!(none.ends_with("draws.prizes is \"0 prizes\"; expected 1 to 1000 prizes"), "{none}");
        let all: String = (0..21).map(|number| DRAW.replace("noon", &format!("noon-{number}"))).collect();
        assert!(draws(&all).unwrap_err().ends_with("expected at most 20 tables [[draws]]"));
    }
}
