//! Whether the functions of two releases can work on the same rows, as they do for some minutes of each deployment, and for ever after an
//! older copy of the table was restored.
//!
//! A small day is played, and its whole table is kept in `tests/golden`, with what its people sign in by. Every later release has to read it
//! (`tests/stories/rows.rs`). The other way round an older release cannot be asked any more, so the rows that are written now are compared
//! with the kept ones: what each of those had is still there and of its type, and words of closed lists are among those that were known.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use shared::{
    domain::{
        change::PurgeScope,
        edition::{BannerKind, Changes, Window},
        moderation,
        photo::People,
        reasons::RejectReason,
        report::ReportReason,
        school::Nation,
        screening::HintKind,
        states::{Duty, Kind, Lane, Role, State},
    },
    runtime::Clock,
    store::{Aws, requests::Asked},
};

use crate::{TestSystem, command::techognition, photos::small};

/// A table of a release, and what is known of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Golden {
    /// When it was written.
    pub at: Timestamp,
    /// The words of closed lists that the release knows, by the list's name.
    pub words: BTreeMap<String, BTreeSet<String>>,
    /// `Authorization` of the device that sent all photos.
    pub device: String,
    /// `Authorization` of a moderator.
    pub moderator: String,
    /// The cookie of an owner who is signed in.
    pub owner: String,
    /// A code by which nobody has signed in yet.
    pub code: String,
    /// The rows, in DynamoDB's own JSON, by their keys.
    pub rows: Vec<Value>,
}

/// The words of closed lists that this release knows: of every enumeration that rows have. A row with another word cannot be read.
pub fn words() -> BTreeMap<String, BTreeSet<String>> {
    [
        ("state", known::<State>()),
        ("lane", known::<Lane>()),
        ("kind of a photo", known::<Kind>()),
        ("people in a photo", known::<People>()),
        ("hint", known::<HintKind>()),
        ("reason of a rejection", known::<RejectReason>()),
        ("stage of a redaction", known::<moderation::Stage>()),
        ("nation", known::<Nation>()),
        ("scope of an erasure", known::<PurgeScope>()),
        ("role", known::<Role>()),
        ("duty", known::<Duty>()),
        ("reason of a report", known::<ReportReason>()),
        ("request", known::<Asked>()),
        ("window of an edition", known::<Window>()),
        ("changes in an edition", known::<Changes>()),
        ("banner", known::<BannerKind>()),
    ]
    .map(|(name, words)| (name.to_owned(), words))
    .into()
}

/// The words that an enumeration is read from: serde names them all where it refuses one.
fn known<T: DeserializeOwned>() -> BTreeSet<String> {
    let refusal = match serde_json::from_value::<T>(json!("?")) {
        Ok(_) => panic!("{}: every word is read", std::any::type_name::<T>()),
        Err(refusal) => refusal.to_string(),
    };
    let (_, expected) = refusal.split_once("expected").unwrap_or_else(|| panic!("it names none: {refusal}"));
    let words: BTreeSet<_> = expected.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    assert!(!words.is_empty(), "it names none: {refusal}");
    words
}

/// Plays a small day in which rows of nearly every kind are written, on a system whose sweep is quiet.
pub async fn small_day(system: &TestSystem) -> Golden {
    let folder = system.folder();
    let register = folder.join("register.csv");
    let lines: Vec<_> = include_str!("../../infra/cli/samples/schools-england.csv").lines().take(2).collect();
    std::fs::write(&register, lines.join("\n")).expect("the folder");
    let (register, data) = (register.to_str().expect("a plain path"), folder.to_str().expect("a plain path"));
    let imported = techognition(&["import", "schools", register, "--data", data, "--json"]).await;
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));

    // Photos in every state that needs no day to pass.
    let (device, moderator) = (system.device(), system.moderator().await);
    let ids = device.add(&(0..8).map(small).collect::<Vec<_>>()).await;
    device.reserve(&[small(8)]).await;
    moderator.publish(&ids[..4]).await;
    for (id, version, action, state) in
        [(&ids[1], 3, "hide", "hidden"), (&ids[4], 2, "reject", "rejected"), (&ids[5], 2, "quarantine", "quarantined")]
    {
        assert_eq!(moderator.decide(id, version, action).await["state"], state);
    }
    let report = json!({"reason": "other", "text": "It is upside down."}).to_string();
    let kind = [("content-type", "application/json")];
    let reported =
        system.elsewhere(9).send(Method::POST, &format!("/api/v1/photos/{}/reports", ids[2]), &kind, report).await;
    assert_eq!(reported.status, 202, "{}", reported.text());

    // The schedule, before there is anything that it would bring to an end.
    let housekeeping = system.laptop.housekeeping(Clock::system()).expect("its variables");
    for task in ["index", "objects", "audit", "sweep"] {
        let task = serde_json::from_value(json!({ "task": task })).expect("a task");
        housekeeping::handle(&housekeeping, task).await.expect("the task is done");
    }
    let withdrawn = device.call(Method::DELETE, &format!("/api/v1/uploads/{}", ids[3]), &json!(null)).await;
    assert_eq!(withdrawn.status, 200, "{}", withdrawn.text());
    let refused = housekeeping::requests::Return::Refused;
    let erased = ids[6].parse().expect("an id");
    housekeeping::requests::erase(&housekeeping, &erased, refused).await.expect("it is erased");

    // People: somebody who is signed in and has a passkey, a ceremony that was begun, a link that nobody has used.
    let person = system.person(Role::Owner, &[Duty::Safeguarding]).await;
    let mut browser = system.browser(&person).await;
    assert!(browser.make_passkey().await.is_ok(), "a passkey");
    let begun = browser.call(Method::POST, "/api/v1/session/passkey/begin", &json!(null)).await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    let banner = json!({"banner": {"text": "A small day", "kind": "info"}});
    let set = browser.call(Method::PUT, "/api/v1/organiser/banner", &banner).await;
    assert_eq!(set.status, 200, "{}", set.text());
    let code = system.code(&system.person(Role::Moderator, &[]).await).await;

    Golden {
        at: Clock::system().now(),
        words: words(),
        device: device.authorization,
        moderator: moderator.authorization,
        owner: browser.cookie().to_owned(),
        code,
        rows: rows(&system.laptop.aws, local::names::TABLE).await,
    }
}

/// All rows of a table in DynamoDB's own JSON, by their keys.
pub async fn rows(aws: &Aws, table: &str) -> Vec<Value> {
    let mut pages = aws.dynamodb.scan().table_name(table).into_paginator().items().send();
    let mut rows = Vec::new();
    while let Some(row) = pages.next().await {
        rows.push(plain(&AttributeValue::M(row.expect("the table answers")))["M"].take());
    }
    rows.sort_by_key(|row| (row["PK"]["S"].to_string(), row["SK"]["S"].to_string()));
    rows
}

fn plain(value: &AttributeValue) -> Value {
    if let Ok(text) = value.as_s() {
        json!({ "S": text })
    } else if let Ok(number) = value.as_n() {
        json!({ "N": number })
    } else if let Ok(is) = value.as_bool() {
        json!({ "BOOL": is })
    } else if let Ok(list) = value.as_l() {
        json!({ "L": list.iter().map(plain).collect::<Vec<_>>() })
    } else if let Ok(map) = value.as_m() {
        json!({ "M": map.iter().map(|(name, value)| (name.clone(), plain(value))).collect::<BTreeMap<_, _>>() })
    } else if value.is_null() {
        json!({ "NULL": true })
    } else {
        // No row has sets or bytes, so reading one back fails.
        json!({ "": format!("{value:?}") })
    }
}

/// What kind of row it is: the first word of its key, of a photo's rows with what they are, of photos with their state.
pub fn kind(row: &Value) -> String {
    let word =
        |name: &str| row[name]["S"].as_str().unwrap_or_default().split('#').next().unwrap_or_default().to_owned();
    match (word("PK").as_str(), word("SK").as_str()) {
        ("P", "M") => format!("P {}", row["state"]["S"].as_str().unwrap_or_default()),
        ("P", of) => format!("P {of}"),
        (word, _) => word.to_owned(),
    }
}

/// Kinds whose attributes are counters, which are there once they are not zero.
const COUNTERS: [&str; 4] = ["ST", "DEV", "RL", "BUD"];

/// Maps that are read strictly, since people write the same in requests and settings: an earlier release refuses what it does not know
/// there. A new member wants two releases, of which the first only stops refusing it. `scope` is one of several things, and so has one member.
const STRICT: [&str; 8] = ["banner", "boxes[]", "consent", "covers[]", "disciplines[]", "scope", "sponsors[]", "trust"];

/// Whether the map at a place is read strictly.
fn is_strict(place: &str) -> bool {
    STRICT.contains(&place.rsplit('.').next().unwrap_or_default())
}

/// The same rows as a later release could write them: with one more attribute in each map in which there may be one.
pub fn with_more(rows: &[Value]) -> Vec<Value> {
    let more = |row: &Value| {
        let mut row = row.clone();
        let counter = COUNTERS.contains(&kind(&row).as_str());
        add_to("", &mut row);
        if counter {
            row["later"] = json!({"N": "0"});
        }
        row
    };
    rows.iter().map(more).collect()
}

fn add_to(place: &str, map: &mut Value) {
    for (name, value) in map.as_object_mut().into_iter().flatten() {
        let place = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
        add_within(&place, value);
    }
    // A map of numbers by name, such as what a run did, stays one.
    let numbers =
        !place.is_empty() && map.as_object().is_some_and(|map| map.values().all(|value| value["N"].is_string()));
    if !is_strict(place) {
        map["later"] = if numbers { json!({"N": "0"}) } else { json!({"S": "what nobody knows yet"}) };
    }
}

fn add_within(place: &str, value: &mut Value) {
    if value["M"].is_object() {
        add_to(place, &mut value["M"]);
    }
    let items = value.get_mut("L").and_then(Value::as_array_mut);
    items.into_iter().flatten().for_each(|item| add_within(&format!("{place}[]"), item));
}

/// Everything in the rows `new` that functions which know rows like `old` may not read, each as a sentence that begins with its place.
/// Both are of the same day.
///
/// A break is: a kind of row that is gone; an attribute that every row of its kind had and one lacks; one that is of a type that it never
/// was; one that is new where nothing may be. Elsewhere new ones break nothing, since rows are read by their names.
pub fn breaks(old: &[Value], new: &[Value]) -> Vec<String> {
    let (old, new) = (shapes(old), shapes(new));
    let mut found = Vec::new();
    for (kind, before) in &old {
        let Some(after) = new.get(kind) else {
            found.push(format!("{kind}: there are no such rows any more"));
            continue;
        };
        for (place, field) in &before.fields {
            let Some(later) = after.fields.get(place) else {
                if before.always(place) && !COUNTERS.contains(&kind.as_str()) && after.has_parent(place) {
                    found.push(format!("{kind}.{place}: it is gone"));
                }
                continue;
            };
            for added in later.types.difference(&field.types) {
                let known: Vec<_> = field.types.iter().map(String::as_str).collect();
                found.push(format!("{kind}.{place}: it is {added}, and was {} only", known.join(" or ")));
            }
            if before.always(place) && !after.always(place) && !COUNTERS.contains(&kind.as_str()) {
                found.push(format!("{kind}.{place}: every row had it, and some lack it now"));
            }
        }
    }
    for (kind, after) in &new {
        let Some(before) = old.get(kind) else { continue };
        for place in after.fields.keys().filter(|place| !before.fields.contains_key(*place)) {
            let parent = place.rsplit_once('.').map_or("", |(parent, _)| parent);
            if is_strict(parent) && before.fields.contains_key(parent) {
                found.push(format!(
                    "{kind}.{place}: it is new, and an earlier release refuses what it does not know there"
                ));
            }
        }
    }
    found
}

/// The rows of a kind, attribute by attribute: nested ones as `map.name`, elements of lists as `list[]`.
#[derive(Default)]
struct Shape {
    rows: usize,
    fields: BTreeMap<String, Field>,
}

#[derive(Default)]
struct Field {
    seen: usize,
    /// How many of them were maps, so that their members can be counted against it.
    maps: usize,
    types: BTreeSet<String>,
}

fn shapes(rows: &[Value]) -> BTreeMap<String, Shape> {
    let mut shapes: BTreeMap<String, Shape> = BTreeMap::new();
    for row in rows {
        let shape = shapes.entry(kind(row)).or_default();
        shape.rows += 1;
        shape.note_map("", row);
    }
    shapes
}

impl Shape {
    fn note_map(&mut self, within: &str, map: &Value) {
        for (name, value) in map.as_object().into_iter().flatten() {
            let place = if within.is_empty() { name.clone() } else { format!("{within}.{name}") };
            self.note(&place, value);
        }
    }

    fn note(&mut self, place: &str, value: &Value) {
        for (of, value) in value.as_object().into_iter().flatten() {
            let field = self.fields.entry(place.to_owned()).or_default();
            field.seen += 1;
            field.types.insert(of.clone());
            match of.as_str() {
                "M" => {
                    field.maps += 1;
                    self.note_map(place, value);
                }
                "L" => value.as_array().into_iter().flatten().for_each(|item| self.note(&format!("{place}[]"), item)),
                _ => {}
            }
        }
    }

    /// How often an attribute could have been there; elements of lists are as many as they are.
    fn could_be(&self, place: &str) -> usize {
        match place.rsplit_once('.') {
            None if place.ends_with("[]") => usize::MAX,
            None => self.rows,
            Some((parent, name)) if !name.ends_with("[]") => self.fields.get(parent).map_or(0, |field| field.maps),
            Some(_) => usize::MAX,
        }
    }

    fn always(&self, place: &str) -> bool {
        self.fields.get(place).is_some_and(|field| field.seen == self.could_be(place))
    }

    fn has_parent(&self, place: &str) -> bool {
        matches!(self.could_be(place), 1..usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo(id: &str, more: &Value) -> Value {
        let mut row = json!({
            "PK": {"S": format!("P#{id}")}, "SK": {"S": "M"}, "state": {"S": "published"}, "version": {"N": "3"},
            "rendered": {"M": {"hash": {"S": "aa"}, "renditions": {"L": [{"M": {"name": {"S": "640"}, "width": {"N": "640"}}}]}}},
        });
        for (name, value) in more.as_object().unwrap() {
            row[name] = value.clone();
        }
        row
    }

    fn after(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let old = [photo("1", &json!({"school": {"S": "x"}})), photo("2", &json!({}))];
        let mut new = old.clone();
        change(&mut new[0]);
        breaks(&old, &new)
    }

    #[test]
    fn what_every_row_had_must_still_be_there() {
        let gone = |row: &mut Value, name: &str| drop(row.as_object_mut().unwrap().remove(name));
        assert_eq!(after(|_| {}), [""; 0]);
        assert_eq!(after(|row| gone(row, "version")), ["P published.version: every row had it, and some lack it now"]);
        assert_eq!(after(|row| gone(row, "school")), [""; 0], "not every row had it");
        assert_eq!(
            after(|row| gone(&mut row["rendered"]["M"], "hash")),
            ["P published.rendered.hash: every row had it, and some lack it now"]
        );
        let rendition = |row: &mut Value| gone(&mut row["rendered"]["M"]["renditions"]["L"][0]["M"], "width");
        assert_eq!(
            after(rendition),
            ["P published.rendered.renditions[].width: every row had it, and some lack it now"]
        );
        let old = [photo("1", &json!({}))];
        let mut new = old.clone();
        gone(&mut new[0], "version");
        assert_eq!(breaks(&old, &new), ["P published.version: it is gone"]);
        assert_eq!(breaks(&old, &[]), ["P published: there are no such rows any more"]);
    }

    #[test]
    fn a_changed_type_is_a_break_and_an_addition_is_none() {
        assert_eq!(after(|row| row["version"] = json!({"S": "3"})), ["P published.version: it is S, and was N only"]);
        assert_eq!(after(|row| row["new"] = json!({"S": "3"})), [""; 0]);
        let width = |row: &mut Value| row["rendered"]["M"]["renditions"]["L"][0]["M"]["width"] = json!({"S": "wide"});
        assert_eq!(after(width), ["P published.rendered.renditions[].width: it is S, and was N only"]);
        let old = [photo("1", &json!({}))];
        assert_eq!(breaks(&old, &[photo("1", &json!({})), json!({"PK": {"S": "NEW#1"}, "SK": {"S": "M"}})]), [""; 0]);
    }

    #[test]
    fn nothing_is_added_where_an_earlier_release_would_refuse_it() {
        let consent = |more: &Value| {
            let mut row = photo("1", &json!({"consent": {"M": {"web": {"BOOL": true}}}}));
            for (name, value) in more.as_object().unwrap() {
                row["consent"]["M"][name] = value.clone();
            }
            row
        };
        let found = breaks(&[consent(&json!({}))], &[consent(&json!({"print": {"BOOL": true}}))]);
        assert_eq!(
            found,
            ["P published.consent.print: it is new, and an earlier release refuses what it does not know there"]
        );
        let more = with_more(&[consent(&json!({}))]).remove(0);
        assert_eq!(more["consent"], consent(&json!({}))["consent"]);
        assert!(more["later"].is_object() && more["rendered"]["M"]["renditions"]["L"][0]["M"]["later"].is_object());
    }

    #[test]
    fn counters_come_and_go() {
        let counter = |name: &str| json!({"PK": {"S": "ST#2027#1"}, "SK": {"S": "M"}, name: {"N": "1"}});
        assert_eq!(breaks(&[counter("published")], &[counter("pending")]), [""; 0]);
    }
}
