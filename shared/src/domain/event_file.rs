//! The organiser's settings file, `infra/event.toml`, read into an [`Edition`].

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};

use super::{
    draw::{self, settings::DrawTable},
    edition::{ConsentText, Day, Discipline, Edition, Settings, Sponsor},
    event_error::{BadEventFile, bad, instant, line_of},
    ids::{DisciplineSlug, EditionSlug},
    limits,
    organiser::OrganiserTable,
    refusal::Refusal,
    trial,
    trust::Trust,
};

const GIGABYTE: u64 = 1_000_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    edition: EditionTable,
    limits: LimitsTable,
    #[serde(default)]
    moderation: ModerationTable,
    consent: ConsentText,
    disciplines: Vec<DisciplineTable>,
    #[serde(default)]
    hashtags: Hashtags,
    #[serde(default)]
    organiser: Option<OrganiserTable>,
    #[serde(default)]
    sponsors: Vec<Sponsor>,
    #[serde(default)]
    draws: Vec<DrawTable>,
    /// Where the site runs once it is deployed; not part of the edition. The command line reads it, by [`parse`].
    #[serde(default, rename = "cloud")]
    _cloud: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EditionTable {
    slug: EditionSlug,
    name: String,
    date: String,
    opens: String,
    closes: String,
    timezone: String,
    grace_minutes: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsTable {
    max_bytes: u64,
    #[serde(default)]
    video_seconds: u8,
    #[serde(default = "gigabytes_per_hour")]
    gigabytes_per_hour: u64,
}

fn gigabytes_per_hour() -> u64 {
    limits::HOURLY_BYTES / GIGABYTE
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DisciplineTable {
    slug: DisciplineSlug,
    name: String,
    #[serde(default)]
    name_cy: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ModerationTable {
    #[serde(default)]
    trust: Option<Trust>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hashtags {
    list: Vec<String>,
}

/// Reads the edition's settings.
///
/// # Errors
/// Unknown keys with the nearest known one, missing keys, malformed values, a window that ends before it begins, a local time that a change
/// of clocks skips, limits out of range. Each error names the key, and the line if it is known.
pub fn read(text: &str) -> Result<Edition, BadEventFile> {
    let file: File = parse(text)?;
    let window = &file.edition;
    if trial::is_trial(&window.slug) {
        let expected =
            format!("a slug that does not begin with {:?}, which is kept for trials of the site", trial::PREFIX);
        return Err(bad("edition.slug", window.slug.as_str(), &expected));
    }
    let zone = TimeZone::get(&window.timezone)
        .map_err(|_| bad("edition.timezone", &window.timezone, "the name of a time zone such as \"Europe/London\""))?;
    let date: Date =
        window.date.parse().map_err(|_| bad("edition.date", &window.date, "a day such as \"2027-03-05\""))?;
    let opens_at = instant("edition.opens", date, &window.opens, &zone)?;
    let closes_at = instant("edition.closes", date, &window.closes, &zone)?;
    if closes_at <= opens_at {
        return Err(bad("edition.closes", &window.closes, &format!("a time after edition.opens, {}", window.opens)));
    }
    let hourly = file.limits.gigabytes_per_hour;
    if !(1..=100_000).contains(&hourly) {
        return Err(bad("limits.gigabytes_per_hour", &hourly.to_string(), "1 to 100000"));
    }
    let video_seconds = file.limits.video_seconds;
    if video_seconds > limits::MAX_VIDEO_SECONDS {
        let expected = format!("0 for no videos, or 1 to {} seconds", limits::MAX_VIDEO_SECONDS);
        return Err(bad("limits.video_seconds", &video_seconds.to_string(), &expected));
    }
    if let Some(Trust { after, checked_percent }) = file.moderation.trust {
        if !(1..=1_000).contains(&after) {
            return Err(bad("moderation.trust.after", &after.to_string(), "1 to 1000 photos"));
        }
        if !(1..=100).contains(&checked_percent) {
            return Err(bad("moderation.trust.checked_percent", &checked_percent.to_string(), "1 to 100"));
        }
    }
    if file.disciplines.is_empty() {
        return Err(BadEventFile("disciplines: at least one [[disciplines]] table is needed".into()));
    }
    for (i, discipline) in file.disciplines.iter().enumerate() {
        if file.disciplines[..i].iter().any(|other| other.slug == discipline.slug) {
            return Err(bad("disciplines.slug", discipline.slug.as_str(), "each slug only once"));
        }
    }
    let version = &file.consent.version;
    if version.trim().is_empty() || version.chars().count() > 100 {
        return Err(bad("consent.version", version, "1 to 100 characters"));
    }
    let texts = [("consent.text", Some(&file.consent.text)), ("consent.text_cy", file.consent.text_cy.as_ref())];
    for (key, text) in texts {
        if let Some(text) = text.filter(|text| text.trim().is_empty()) {
            return Err(bad(key, text, "the text that senders agree to"));
        }
    }
    let draws = draw::settings::read(file.draws, &draw::settings::Day { text, date, zone: &zone, opens_at })?;
    let settings = Settings {
        name: Some(file.edition.name),
        grace_minutes: Some(file.edition.grace_minutes),
        max_bytes: Some(file.limits.max_bytes),
        hashtags: Some(file.hashtags.list),
        ..Settings::default()
    };
    let edition = Edition {
        slug: file.edition.slug,
        name: String::new(),
        opens_at,
        closes_at,
        grace_ends_at: closes_at,
        paused: false,
        max_bytes: limits::MAX_BYTES,
        video_seconds,
        hourly_bytes: hourly * GIGABYTE,
        trust: file.moderation.trust,
        feed_shards: 1,
        disciplines_cy: file
            .disciplines
            .iter()
            .filter_map(|discipline| Some((discipline.slug.clone(), discipline.name_cy.clone()?)))
            .collect(),
        disciplines: file
            .disciplines
            .into_iter()
            .map(|DisciplineTable { slug, name, .. }| Discipline { slug, name })
            .collect(),
        consent: file.consent,
        hashtags: Vec::new(),
        organiser: file.organiser.map(OrganiserTable::read).transpose()?,
        sponsors: file.sponsors,
        logos: Vec::new(),
        draws,
        day: Day::default(),
    };
    // Settings that can be changed on the console have the same limits here.
    edition.with_settings(&settings).map_err(|refusal| explain_setting(&settings, &refusal))
}

/// Names the key of a setting that was refused.
fn explain_setting(settings: &Settings, refusal: &Refusal) -> BadEventFile {
    if let Refusal::Invalid { field, got, expected } = refusal {
        let key = match *field {
            "max_bytes" => "limits.max_bytes",
            "hashtags" => "hashtags.list",
            "grace_minutes" => "edition.grace_minutes",
            "name" => "edition.name",
            other => other,
        };
        bad(key, got, expected)
    } else if let Refusal::TextTooLong { limit, got, .. } = refusal {
        let name = settings.name.as_deref().unwrap_or_default();
        bad("edition.name", name, &format!("at most {limit} characters; it has {got}"))
    } else {
        BadEventFile(refusal.to_string())
    }
}

/// Parses a settings file into any type.
///
/// # Errors
/// Unknown keys with the nearest known one, missing keys and malformed values, each with its line.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, BadEventFile> {
    toml::from_str(text).map_err(|error| explain(text, &error))
}

/// Adds the line and the nearest known key to the parser's message.
fn explain(text: &str, error: &toml::de::Error) -> BadEventFile {
    let line = error.span().map_or(String::new(), |span| format!("line {}: ", line_of(text, span.start)));
    // serde writes: unknown field `opns`, expected one of `opens`, `closes`
    let mut quoted = error.message().split('`').skip(1).step_by(2);
    match (error.message().starts_with("unknown field"), quoted.next()) {
        (true, Some(unknown)) => {
            let nearest = quoted.min_by_key(|known| strsim::damerau_levenshtein(unknown, known));
            let hint = nearest.map_or(String::new(), |known| format!("; the nearest known key is {known:?}"));
            BadEventFile(format!("{line}unknown key {unknown:?}{hint}"))
        }
        _ => BadEventFile(format!("{line}{}", error.message())),
    }
}

/// Returns the edition with a window that contains `now`, for trying out the system on another day.
pub fn opened_now(edition: Edition, now: Timestamp) -> Edition {
    let opens_at = edition.opens_at.min(now);
    let closes_at = edition.closes_at.max(now + (7 * 24).hours());
    let grace = edition.grace_ends_at.duration_since(edition.closes_at);
    Edition { opens_at, closes_at, grace_ends_at: closes_at + grace, ..edition }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::states::Phase;

    const EXAMPLE: &str = include_str!("../../../infra/event.toml");

    #[test]
    fn an_hour_takes_as_many_gigabytes_as_the_settings_say_or_a_hundred() {
        let hourly = |from: &str, to: &str| read(&EXAMPLE.replacen(from, to, 1)).unwrap().hourly_bytes;
        assert_eq!(hourly("gigabytes_per_hour = 100", "gigabytes_per_hour = 7"), 7_000_000_000);
        assert_eq!(hourly("gigabytes_per_hour = 100\n", ""), 100_000_000_000);
    }

    #[test]
    fn videos_are_accepted_only_if_the_settings_say_how_long_they_may_be() {
        let seconds = |to: &str| read(&EXAMPLE.replacen("video_seconds = 0\n", to, 1)).unwrap().video_seconds;
        assert_eq!((seconds("video_seconds = 0\n"), seconds(""), seconds("video_seconds = 45\n")), (0, 0, 45));
        let edition = read(EXAMPLE).unwrap();
        assert_eq!(edition.types(), limits::TYPES);
        assert_eq!(serde_json::to_value(&edition).unwrap().get("video_seconds"), None, "its row is as it was");
        let with = Edition { video_seconds: 45, ..edition };
        assert_eq!(with.types().last(), Some(&"video/mp4"));
        let json = serde_json::to_value(&with).unwrap();
        assert_eq!(serde_json::from_value::<Edition>(json).unwrap(), with);
    }

    #[test]
    fn the_example_is_the_edition_of_2027() {
        let edition = read(EXAMPLE).unwrap();
        assert_eq!(edition.slug.as_str(), "2027");
        assert_eq!(edition.opens_at, "2027-03-05T08:00:00Z".parse().unwrap());
        assert_eq!(edition.closes_at, "2027-03-05T18:00:00Z".parse().unwrap());
        assert_eq!(edition.grace_ends_at, "2027-03-05T18:30:00Z".parse().unwrap());
        assert_eq!(edition.disciplines.len(), 10);
    }

    #[test]
    fn a_consent_text_has_a_welsh_one_where_the_organiser_wrote_it() {
        assert!(read(EXAMPLE).unwrap().consent.text_cy.is_some_and(|text| text.ends_with("ar y wefan hon.")));
        let english: Vec<&str> = EXAMPLE.lines().filter(|line| !line.starts_with("text_cy")).collect();
        assert_eq!(read(&english.join("\n")).unwrap().consent.text_cy, None);
        for (key, from) in [("consent.text", "\ntext = "), ("consent.text_cy", "\ntext_cy = ")] {
            let blank = EXAMPLE.replacen(from, &format!("{from}\" \" # "), 1);
            let expected = format!("{key} is \" \"; expected the text that senders agree to");
            assert_eq!(read(&blank).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn a_summer_edition_is_in_summer_time() {
        let edition = read(&EXAMPLE.replace("2027-03-05", "2027-06-11")).unwrap();
        assert_eq!(edition.opens_at, "2027-06-11T07:00:00Z".parse().unwrap());
        assert_eq!(edition.closes_at, "2027-06-11T17:00:00Z".parse().unwrap());
    }

    #[test]
    fn mistakes_are_named_with_what_to_do() {
        let wrong = |from: &str, to: &str| {
            assert!(EXAMPLE.contains(from), "{from}");
            read(&EXAMPLE.replacen(from, to, 1)).unwrap_err().to_string()
        };
        insta::assert_snapshot!([
            wrong("opens =", "opns ="),
            wrong("[limits]", "[limit]"),
            wrong("\"08:00\"", "\"25:00\""),
            wrong("\"18:00\"", "\"07:00\""),
            wrong("\"2027-03-05\"", "\"5 March\""),
            wrong("Europe/London", "Europe/Londn"),
            wrong("grace_minutes = 30", "grace_minutes = 999"),
            wrong("max_bytes = 30_000_000", "max_bytes = 90_000_000"),
            wrong("max_bytes = 30_000_000", ""),
            wrong("max_bytes = 30_000_000", "max_bytes = 900_000"),
            wrong("gigabytes_per_hour = 100", "gigabytes_per_hour = 0"),
            wrong("video_seconds = 0", "video_seconds = 61"),
            wrong("video_seconds = 0", "video_seconds = -1"),
            wrong("# trust = { after = 20, checked_percent = 10 }", "trust = { after = 0, checked_percent = 10 }"),
            wrong("# trust = { after = 20, checked_percent = 10 }", "trust = { after = 20, checked_percent = 101 }"),
            wrong("slug = \"2027\"", "slug = \"trial-2027\""),
        ].join("\n"), @r#"
        line 11: unknown key "opns"; the nearest known key is "opens"
        line 25: unknown key "limit"; the nearest known key is "limits"
        edition.opens is "25:00"; expected a time of day such as "08:00" that exists on that day
        edition.closes is "07:00"; expected a time after edition.opens, 08:00
        edition.date is "5 March"; expected a day such as "2027-03-05"
        edition.timezone is "Europe/Londn"; expected the name of a time zone such as "Europe/London"
        edition.grace_minutes is "999"; expected 0 to 240
        limits.max_bytes is "90000000"; expected 1000000 to 50000000
        line 25: missing field `max_bytes`
        limits.max_bytes is "900000"; expected 1000000 to 50000000
        limits.gigabytes_per_hour is "0"; expected 1 to 100000
        limits.video_seconds is "61"; expected 0 for no videos, or 1 to 60 seconds
        line 29: invalid value: integer `-1`, expected u8
        moderation.trust.after is "0"; expected 1 to 1000 photos
        moderation.trust.checked_percent is "101"; expected 1 to 100
        edition.slug is "trial-2027"; expected a slug that does not begin with "trial-", which is kept for trials of the site
        "#);
    }

    #[test]
    fn an_hour_that_the_change_of_clocks_skips_is_refused() {
        let text = EXAMPLE.replace("2027-03-05", "2027-03-28").replace("\"08:00\"", "\"01:30\"");
        assert!(read(&text).unwrap_err().to_string().contains("exists on that day"));
    }

    #[test]
    fn a_night_in_which_clocks_change_is_as_long_as_it_is() {
        let night = |date: &str| {
            let text =
                EXAMPLE.replace("2027-03-05", date).replace("\"08:00\"", "\"00:30\"").replace("\"18:00\"", "\"03:30\"");
            let edition = read(&text).unwrap();
            (
                edition.opens_at.to_string(),
                edition.closes_at.to_string(),
                edition.closes_at.duration_since(edition.opens_at),
            )
        };
        let (opens, closes, long) = night("2027-03-28");
        assert_eq!((&*opens, &*closes, long.as_hours()), ("2027-03-28T00:30:00Z", "2027-03-28T02:30:00Z", 2));
        let (opens, closes, long) = night("2027-10-31");
        assert_eq!((&*opens, &*closes, long.as_hours()), ("2027-10-30T23:30:00Z", "2027-10-31T03:30:00Z", 4));
    }

    #[test]
    fn a_window_can_be_opened_now() {
        for now in ["2026-11-23T12:00:00Z", "2027-03-05T12:00:00Z", "2030-01-01T00:00:00Z"] {
            let now = now.parse().unwrap();
            assert_eq!(opened_now(read(EXAMPLE).unwrap(), now).phase(now), Phase::Open);
        }
    }
}
