//! Whether a client that was written for an earlier description of the API still works with a later one.
//!
//! Decision: our own comparison. It runs with the other Rust tests, knows the types of problems, which general tools do not, and compares the
//! keywords that our descriptions use: one that it does not know is refused, so that nothing goes uncompared.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Everything in `new` that can break a client of `old`, each as a sentence that begins with its place. Empty if nothing can.
///
/// A break is: a path, method, parameter, field, value of an enumeration, status, content type or problem type that is gone; something
/// new that a request must have; a changed type; a limit of a request that is narrower, or of an answer that is wider; a credential
/// that is not accepted any more. Anything may be added to answers, and anything optional to requests.
pub fn breaks(old: &Value, new: &Value) -> Vec<String> {
    let mut comparison = Comparison { old, new, found: Vec::new(), compared: BTreeSet::new() };
    comparison.calls();
    comparison.problem_types();
    comparison.found
}

/// Who writes what a schema describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    /// The client: what it may send must still be taken.
    Request,
    /// The server: what it answers must be what the client expects.
    Answer,
}

struct Comparison<'a> {
    old: &'a Value,
    new: &'a Value,
    found: Vec<String>,
    /// Pairs of named schemas that are compared already, or are being compared.
    compared: BTreeSet<(String, String, Side)>,
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
/// Keywords of schemas that are compared one by one.
const COMPARED: [&str; 9] =
    ["type", "format", "enum", "pattern", "properties", "required", "items", "additionalProperties", "propertyNames"];
/// Keywords that are for readers.
const SILENT: [&str; 6] = ["description", "title", "example", "examples", "default", "deprecated"];
/// Keywords of which a larger value admits more.
const UPPER: [&str; 5] = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"];
/// Keywords of which a smaller value admits more.
const LOWER: [&str; 5] = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"];

impl<'a> Comparison<'a> {
    fn say(&mut self, place: &str, what: impl std::fmt::Display) {
        self.found.push(format!("{place}: {what}"));
    }

    fn calls(&mut self) {
        for (path, old) in members(&self.old["paths"]) {
            let new = &self.new["paths"][path];
            if new.is_null() {
                self.say(path, "the path is gone");
                continue;
            }
            for method in METHODS.into_iter().filter(|method| !old[method].is_null()) {
                let place = format!("{} {path}", method.to_uppercase());
                if new[method].is_null() {
                    self.say(&place, "the method is gone");
                } else {
                    self.call(&place, &old[method], &new[method]);
                }
            }
        }
    }

    fn call(&mut self, place: &str, old: &'a Value, new: &'a Value) {
        if old["operationId"] != new["operationId"] {
            self.say(place, format_args!("the operationId {} is now {}", old["operationId"], new["operationId"]));
        }
        self.credentials(place, old, new);
        self.parameters(place, old, new);
        self.request(place, old, new);
        for (status, answer) in members(&old["responses"]) {
            let later = &new["responses"][status];
            if later.is_null() {
                self.say(place, format_args!("the status {status} is gone"));
            } else {
                let (answer, later) = (resolve(self.old, answer), resolve(self.new, later));
                let place = format!("{place} {status}");
                self.contents(&place, &answer["content"], &later["content"], Side::Answer);
                for (name, _) in members(&answer["headers"]) {
                    if later["headers"][name].is_null() {
                        self.say(&place, format_args!("the header {name} is gone"));
                    }
                }
            }
        }
    }

    /// Each set of credentials that was enough must be enough.
    fn credentials(&mut self, place: &str, old: &Value, new: &Value) {
        let sets = |call: &Value| -> Vec<BTreeSet<String>> {
            let sets = items(&call["security"]).map(|set| members(set).map(|(name, _)| name.clone()).collect());
            let sets: Vec<_> = sets.collect();
            if sets.is_empty() { vec![BTreeSet::new()] } else { sets }
        };
        let accepted = sets(new);
        for set in sets(old) {
            if !accepted.iter().any(|enough| enough.is_subset(&set)) {
                let named = if set.is_empty() { "no credential".to_owned() } else { Vec::from_iter(set).join(" and ") };
                self.say(place, format_args!("{named} is not enough any more"));
            }
        }
    }

    fn parameters(&mut self, place: &str, old: &'a Value, new: &'a Value) {
        let named = |document, call: &'a Value| -> Vec<&'a Value> {
            items(&call["parameters"]).map(|parameter| resolve(document, parameter)).collect()
        };
        let (before, after) = (named(self.old, old), named(self.new, new));
        let same = |a: &Value, b: &Value| a["name"] == b["name"] && a["in"] == b["in"];
        for parameter in &before {
            let place = format!("{place} parameter {}", text(&parameter["name"]));
            match after.iter().find(|later| same(parameter, later)) {
                None => self.say(&place, "it is gone"),
                Some(later) => {
                    if later["required"] == true && parameter["required"] != true {
                        self.say(&place, "it is required now");
                    }
                    self.schemas(&place, &parameter["schema"], &later["schema"], Side::Request);
                }
            }
        }
        for parameter in after.iter().filter(|later| later["required"] == true) {
            if !before.iter().any(|earlier| same(earlier, parameter)) {
                self.say(place, format_args!("the new parameter {} is required", text(&parameter["name"])));
            }
        }
    }

    fn request(&mut self, place: &str, old: &'a Value, new: &'a Value) {
        let (before, after) = (resolve(self.old, &old["requestBody"]), resolve(self.new, &new["requestBody"]));
        let place = format!("{place} request");
        if after["required"] == true && before["required"] != true {
            self.say(&place, "the body is required now");
        }
        self.contents(&place, &before["content"], &after["content"], Side::Request);
    }

    fn contents(&mut self, place: &str, old: &'a Value, new: &'a Value, side: Side) {
        for (kind, content) in members(old) {
            if new[kind].is_null() {
                self.say(place, format_args!("the content type {kind} is gone"));
                continue;
            }
            for (slug, _) in members(&content["examples"]).filter(|_| kind == "application/problem+json") {
                if new[kind]["examples"][slug].is_null() {
                    self.say(place, format_args!("the problem {slug} is gone"));
                }
            }
            self.schemas(place, &content["schema"], &new[kind]["schema"], side);
        }
    }

    /// Problems have an example each, under their slug.
    fn problem_types(&mut self) {
        let list = |document: &'a Value| members(&document["components"]["examples"]);
        for (slug, _) in list(self.old) {
            if !list(self.new).any(|(later, _)| later == slug) {
                self.say("problems", format_args!("the type {slug} is gone"));
            }
        }
    }

    fn schemas(&mut self, place: &str, old: &'a Value, new: &'a Value, side: Side) {
        if let (Some(before), Some(after)) = (old["$ref"].as_str(), new["$ref"].as_str())
            && !self.compared.insert((before.to_owned(), after.to_owned(), side))
        {
            return;
        }
        // The place of a named schema is its name: it is the same wherever it is used.
        let named = old["$ref"].as_str().and_then(|name| name.rsplit('/').next());
        let side_name = match side {
            Side::Request => "in requests",
            Side::Answer => "in answers",
        };
        let place = named.map_or_else(|| place.to_owned(), |name| format!("{name} {side_name}"));
        let (old, new) = (resolve(self.old, old), resolve(self.new, new));
        if choices(old).is_some() || choices(new).is_some() {
            return self.choices(&place, old, new, side);
        }
        self.types(&place, old, new, side);
        self.values(&place, old, new, side);
        self.limits(&place, old, new, side);
        self.fields(&place, old, new, side);
        self.more(&place, old, new, side);
        if !old["items"].is_null() {
            self.schemas(&format!("{place}[]"), &old["items"], &new["items"], side);
        }
        if old["propertyNames"] != new["propertyNames"] {
            self.say(&place, "the names that its fields may have are others");
        }
        let keywords: BTreeSet<_> = members(old).chain(members(new)).map(|(keyword, _)| keyword.as_str()).collect();
        for keyword in keywords {
            if ![&COMPARED[..], &SILENT, &UPPER, &LOWER].into_iter().any(|known| known.contains(&keyword)) {
                self.say(&place, format_args!("nobody has said how to compare the keyword {keyword}"));
            }
        }
    }

    /// Each choice of the one who reads must be among those that the other one knows.
    fn choices(&mut self, place: &str, old: &'a Value, new: &'a Value, side: Side) {
        let list = |schema: &'a Value| choices(schema).unwrap_or_else(|| vec![schema]);
        let (before, after) = (list(old), list(new));
        // What was there must still be there.
        let mut whole = true;
        for (number, choice) in before.iter().enumerate() {
            let against = after.iter().map(|later| self.tried(place, choice, later, side));
            let nearest = against.min_by_key(Vec::len).unwrap_or_default();
            if !nearest.is_empty() {
                whole = false;
                self.say(place, format_args!("choice {} is not as it was", number + 1));
                self.found.extend(nearest);
            }
        }
        if whole && side == Side::Answer {
            for (number, later) in after.iter().enumerate() {
                if !before.iter().any(|choice| self.tried(place, choice, later, side).is_empty()) {
                    self.say(place, format_args!("choice {} is new", number + 1));
                }
            }
        }
    }

    /// What a comparison would find, without keeping it.
    fn tried(&self, place: &str, old: &'a Value, new: &'a Value, side: Side) -> Vec<String> {
        let mut trial = Comparison { old: self.old, new: self.new, found: Vec::new(), compared: self.compared.clone() };
        trial.schemas(place, old, new, side);
        trial.found
    }

    fn types(&mut self, place: &str, old: &Value, new: &Value, side: Side) {
        let (before, after) = (types(old), types(new));
        let (written, read) = match side {
            Side::Request => (&before, &after),
            Side::Answer => (&after, &before),
        };
        let fits = |kind: &String| read.contains(kind) || kind == "integer" && read.contains("number");
        if !read.is_empty() && (written.is_empty() || !written.iter().all(fits)) {
            self.say(place, format_args!("the type {} is now {}", old["type"], new["type"]));
        }
        if !old["format"].is_null() && old["format"] != new["format"] {
            self.say(place, format_args!("the format {} is now {}", old["format"], new["format"]));
        }
    }

    fn values(&mut self, place: &str, old: &Value, new: &Value, side: Side) {
        for value in items(&old["enum"]).filter(|_| !new["enum"].is_null()) {
            if !items(&new["enum"]).any(|later| later == value) {
                self.say(place, format_args!("the value {value} is gone"));
            }
        }
        if old["enum"].is_null() && !new["enum"].is_null() && side == Side::Request {
            self.say(place, "only some values are taken now");
        }
    }

    fn limits(&mut self, place: &str, old: &Value, new: &Value, side: Side) {
        let keywords = UPPER.map(|keyword| (keyword, 1.0)).into_iter().chain(LOWER.map(|keyword| (keyword, -1.0)));
        for (keyword, sign) in keywords {
            // How much is admitted: no limit admits everything.
            let room = |schema: &Value| schema[keyword].as_f64().map_or(f64::INFINITY, |limit| limit * sign);
            let narrower = match side {
                Side::Request => room(new) < room(old),
                Side::Answer => room(new) > room(old),
            };
            if narrower {
                self.say(place, format_args!("{keyword} {} is now {}", old[keyword], new[keyword]));
            }
        }
        let patterns = match side {
            Side::Request => (&new["pattern"], &old["pattern"]),
            Side::Answer => (&old["pattern"], &new["pattern"]),
        };
        // Nobody can tell whether another pattern admits more: only one that is not needed any more is harmless.
        if !patterns.0.is_null() && patterns.0 != patterns.1 {
            self.say(place, format_args!("the pattern {} is now {}", old["pattern"], new["pattern"]));
        }
    }

    fn fields(&mut self, place: &str, old: &'a Value, new: &'a Value, side: Side) {
        let required = |schema: &Value, name: &str| items(&schema["required"]).any(|field| field == name);
        for (name, field) in members(&old["properties"]) {
            let place = format!("{place}.{name}");
            let later = &new["properties"][name];
            if later.is_null() {
                self.say(&place, "the field is gone");
                continue;
            }
            match (side, required(old, name), required(new, name)) {
                (Side::Request, false, true) => self.say(&place, "the field is required now"),
                (Side::Answer, true, false) => self.say(&place, "the field may be absent now"),
                (Side::Request | Side::Answer, ..) => {}
            }
            self.schemas(&place, field, later, side);
        }
        for (name, _) in members(&new["properties"]).filter(|(name, _)| old["properties"][name.as_str()].is_null()) {
            let place = format!("{place}.{name}");
            match side {
                Side::Request if required(new, name) => self.say(&place, "the new field is required"),
                Side::Answer if old["additionalProperties"] == false => {
                    self.say(&place, "the field is new, and clients were told that there are no others");
                }
                Side::Request | Side::Answer => {}
            }
        }
    }

    /// Fields without a name of their own.
    fn more(&mut self, place: &str, old: &'a Value, new: &'a Value, side: Side) {
        let (before, after) = (&old["additionalProperties"], &new["additionalProperties"]);
        let (open, closed) = match side {
            Side::Request => (before, after),
            Side::Answer => (after, before),
        };
        if *closed == false && *open != false {
            self.say(place, "whether it may have further fields has changed");
        } else if before.is_object() {
            self.schemas(&format!("{place}.*"), before, after, side);
        }
    }
}

/// The members of an object; none of anything else.
fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

/// The items of a list; none of anything else.
fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// What a reference refers to, or the value itself.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str().and_then(|place| document.pointer(place.trim_start_matches('#'))) {
        Some(target) => resolve(document, target),
        None => value,
    }
}

fn choices(schema: &Value) -> Option<Vec<&Value>> {
    schema["oneOf"].as_array().map(|choices| choices.iter().collect())
}

fn types(schema: &Value) -> BTreeSet<String> {
    let one = schema["type"].as_str();
    one.into_iter().chain(items(&schema["type"]).map(text)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use serde_json::json;

    use super::*;

    const DOCUMENT: &str = include_str!("../../functions/gallery/openapi.json");
    const ADVICE: &str = "A client that somebody has written for the earlier description would break. Change the API so that both work, \
        for instance by a new field beside the old one. If the break is meant: say under Changed or Removed in CHANGELOG.md what breaks \
        and what clients must do, and name there the file of the new description; copy functions/gallery/openapi.json to that file, \
        tests/golden/openapi-<date>.json; and delete the earlier descriptions there that it breaks.";

    #[test]
    fn clients_of_earlier_descriptions_still_work() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let read = |path: &Path| fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let changes = read(&folder.join("../CHANGELOG.md"));
        let today = serde_json::from_str(DOCUMENT).unwrap();
        let mut compared = 0;
        for entry in fs::read_dir(folder.join("golden")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            // The others are rows, which stories read.
            if !name.starts_with("openapi-") {
                continue;
            }
            let found = breaks(&serde_json::from_str(&read(&path)).unwrap(), &today);
            assert!(found.is_empty(), "against {name}:\n- {}\n\n{ADVICE}", found.join("\n- "));
            assert!(changes.contains(name), "CHANGELOG.md does not say which change {name} came with");
            compared += 1;
        }
        assert!(compared > 0, "tests/golden has no earlier description to compare with");
    }

    /// A small description with one of each thing that can change.
    fn document() -> Value {
        let photo = json!({
            "type": "object",
            "required": ["id", "state"],
            "properties": {
                "id": {"type": "string"},
                "state": {"type": "string", "enum": ["pending", "published"]},
                "count": {"type": "integer", "format": "int32", "minimum": 0},
                "next": {"type": ["string", "null"]},
                "card": {"oneOf": [{"$ref": "#/components/schemas/Card"}, {"type": "null"}]},
                "more": {"type": "array", "items": {"$ref": "#/components/schemas/Photo"}},
            },
        });
        let asked = json!({
            "type": "object",
            "required": ["caption"],
            "additionalProperties": false,
            "properties": {
                "caption": {"type": "string", "maxLength": 200},
                "people": {"type": "string", "enum": ["none", "adults"]},
                "size": {"type": "integer", "minimum": 1, "maximum": 50},
                "ref": {"type": "string", "pattern": "^[a-z]+$"},
                "photos": {"type": "array", "minItems": 1, "maxItems": 20, "items": {"type": "string"}},
            },
        });
        let answer = json!({
            "headers": {"Link": {"schema": {"type": "string"}}},
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Photo"}},
                "text/csv": {"schema": {"type": "string"}},
            },
        });
        let problem = json!({"content": {"application/problem+json": {"examples": {"gone": {}, "late": {}}}}});
        json!({
            "paths": {"/photos": {"post": {
                "operationId": "add",
                "security": [{"key": []}, {"session": []}],
                "parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Asked"}}}},
                "responses": {"200": answer, "409": problem},
            }}},
            "components": {
                "schemas": {"Photo": photo, "Asked": asked, "Card": {"type": "object", "properties": {"url": {"type": "string"}}}},
                "examples": {"gone": {}, "late": {}},
            },
        })
    }

    const CALL: &str = "/paths/~1photos/post";
    const PHOTO: &str = "/components/schemas/Photo";
    const ASKED: &str = "/components/schemas/Asked";

    /// The breaks after the member at `place` has become `value`, or has gone where that is null.
    fn after(place: &str, value: Value) -> Vec<String> {
        let (old, mut new) = (document(), document());
        let (parent, member) = place.rsplit_once('/').unwrap();
        let parent = new.pointer_mut(parent).unwrap_or_else(|| panic!("{place}"));
        let member = member.replace("~1", "/");
        match (parent, value) {
            (Value::Object(parent), Value::Null) => assert!(parent.remove(&member).is_some(), "{place}"),
            (Value::Object(parent), value) => drop(parent.insert(member, value)),
            (Value::Array(parent), value) if member == "-" => parent.push(value),
            (Value::Array(parent), Value::Null) => drop(parent.remove(member.parse().unwrap())),
            (Value::Array(parent), value) => parent[member.parse::<usize>().unwrap()] = value,
            (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_), _) => panic!("{place}"),
        }
        assert_ne!(old, new, "{place}");
        breaks(&old, &new)
    }

    fn gone(place: &str) -> Vec<String> {
        after(place, Value::Null)
    }

    /// Whether the description without what is at `place` breaks a client of the whole one. `less` is the whole one again afterwards.
    fn breaks_without(whole: &Value, less: &mut Value, place: &str) -> bool {
        let (parent, member) = place.rsplit_once('/').unwrap();
        let member = member.replace("~1", "/");
        match less.pointer_mut(parent) {
            Some(Value::Object(members)) => drop(members.remove(&member)),
            Some(Value::Array(items)) => drop(items.remove(member.parse().unwrap())),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => panic!("{place}"),
        }
        let broken = !breaks(whole, less).is_empty();
        *less.pointer_mut(parent).unwrap() = whole.pointer(parent).unwrap().clone();
        broken
    }

    #[test]
    fn nothing_can_be_removed_from_the_description_of_today_unseen() {
        let whole: Value = serde_json::from_str(DOCUMENT).unwrap();
        let mut places = Vec::new();
        for (path, item) in members(&whole["paths"]) {
            let path = format!("/paths/{}", path.replace('/', "~1"));
            for (method, call) in members(item) {
                places.push(format!("{path}/{method}"));
                places
                    .extend((0..items(&call["parameters"]).count()).map(|n| format!("{path}/{method}/parameters/{n}")));
                places.extend(
                    members(&call["responses"]).map(|(status, _)| format!("{path}/{method}/responses/{status}")),
                );
            }
            places.push(path);
        }
        for (name, schema) in members(&whole["components"]["schemas"]) {
            let place = format!("/components/schemas/{name}");
            places.extend(members(&schema["properties"]).map(|(field, _)| format!("{place}/properties/{field}")));
            places.extend((0..items(&schema["enum"]).count()).map(|n| format!("{place}/enum/{n}")));
        }
        places
            .extend(members(&whole["components"]["examples"]).map(|(slug, _)| format!("/components/examples/{slug}")));
        assert!(places.len() > 800, "{}", places.len());
        let mut less = whole.clone();
        let unseen: Vec<_> = places.iter().filter(|place| !breaks_without(&whole, &mut less, place)).collect();
        assert_eq!(less, whole, "all is as it was");
        assert!(unseen.is_empty(), "{unseen:?}");
    }

    #[test]
    fn what_is_the_same_breaks_nothing() {
        assert_eq!(breaks(&document(), &document()), [""; 0]);
    }

    #[test]
    fn what_is_removed_is_refused() {
        let call = |rest: &str| format!("{CALL}{rest}");
        assert_eq!(gone("/paths/~1photos"), ["/photos: the path is gone"]);
        assert_eq!(gone(CALL), ["POST /photos: the method is gone"]);
        assert_eq!(gone(&call("/parameters/0")), ["POST /photos parameter q: it is gone"]);
        assert_eq!(gone(&call("/responses/409")), ["POST /photos: the status 409 is gone"]);
        assert_eq!(
            gone(&call("/responses/200/content/text~1csv")),
            ["POST /photos 200: the content type text/csv is gone"]
        );
        assert_eq!(gone(&call("/responses/200/headers/Link")), ["POST /photos 200: the header Link is gone"]);
        let problem = "/responses/409/content/application~1problem+json/examples/late";
        assert_eq!(gone(&call(problem)), ["POST /photos 409: the problem late is gone"]);
        assert_eq!(gone("/components/examples/late"), ["problems: the type late is gone"]);
        assert_eq!(gone(&format!("{PHOTO}/properties/id")), ["Photo in answers.id: the field is gone"]);
        assert_eq!(gone(&format!("{ASKED}/properties/people")), ["Asked in requests.people: the field is gone"]);
        assert_eq!(
            gone(&format!("{PHOTO}/properties/state/enum/1")),
            ["Photo in answers.state: the value \"published\" is gone"]
        );
        assert_eq!(
            gone(&format!("{ASKED}/properties/people/enum/0")),
            ["Asked in requests.people: the value \"none\" is gone"]
        );
        assert_eq!(gone(&call("/security/1")), ["POST /photos: session is not enough any more"]);
        assert_eq!(
            gone("/components/schemas/Card/properties/url"),
            ["Photo in answers.card: choice 1 is not as it was", "Card in answers.url: the field is gone",]
        );
    }

    #[test]
    fn what_is_renamed_is_refused() {
        assert_eq!(
            after(&format!("{CALL}/operationId"), json!("send")),
            ["POST /photos: the operationId \"add\" is now \"send\""]
        );
        let renamed = after(&format!("{CALL}/parameters/0/name"), json!("query"));
        assert_eq!(renamed, ["POST /photos parameter q: it is gone"]);
    }

    #[test]
    fn what_a_request_must_have_anew_is_refused() {
        assert_eq!(
            after(&format!("{ASKED}/required/-"), json!("people")),
            ["Asked in requests.people: the field is required now"]
        );
        let (old, mut new) = (document(), document());
        new["components"]["schemas"]["Asked"]["properties"]["alt"] = json!({"type": "string"});
        assert_eq!(breaks(&old, &new), [""; 0], "a new field that may be absent");
        new["components"]["schemas"]["Asked"]["required"] = json!(["caption", "alt"]);
        assert_eq!(breaks(&old, &new), ["Asked in requests.alt: the new field is required"]);
        let parameter = json!({"name": "edition", "in": "query", "required": true, "schema": {"type": "string"}});
        assert_eq!(
            after(&format!("{CALL}/parameters/-"), parameter),
            ["POST /photos: the new parameter edition is required"]
        );
        assert_eq!(
            after(&format!("{CALL}/parameters/0/required"), json!(true)),
            ["POST /photos parameter q: it is required now"]
        );
        assert_eq!(
            after(&format!("{CALL}/requestBody/required"), json!(true)),
            ["POST /photos request: the body is required now"]
        );
        assert_eq!(
            after(&format!("{CALL}/security"), json!([{"key": [], "session": []}])),
            ["POST /photos: key is not enough any more", "POST /photos: session is not enough any more"]
        );
    }

    #[test]
    fn a_changed_type_is_refused() {
        let photo = |field: &str, value| after(&format!("{PHOTO}/properties/{field}"), value);
        assert_eq!(photo("id/type", json!("integer")), ["Photo in answers.id: the type \"string\" is now \"integer\""]);
        assert_eq!(
            photo("count/type", json!("number")),
            ["Photo in answers.count: the type \"integer\" is now \"number\""]
        );
        assert_eq!(
            photo("count/format", json!("int64")),
            ["Photo in answers.count: the format \"int32\" is now \"int64\""]
        );
        assert_eq!(photo("id/type", json!(["string", "null"])).len(), 1, "an answer that may be null now");
        assert_eq!(photo("next/type", json!("string")), [""; 0], "an answer that is never null any more");
        assert_eq!(photo("card", json!({"type": "string"}))[0], "Photo in answers.card: choice 1 is not as it was");
        let more = json!({"oneOf": [{"$ref": "#/components/schemas/Card"}, {"type": "null"}, {"type": "string"}]});
        assert_eq!(photo("card", more), ["Photo in answers.card: choice 3 is new"]);
        let list = "components/schemas/Asked/properties/photos/items/type";
        let items = after(&format!("/{list}"), json!("integer"));
        assert_eq!(items, ["Asked in requests.photos[]: the type \"string\" is now \"integer\""]);
        assert_eq!(
            after(&format!("{ASKED}/properties/size/type"), json!("number")),
            [""; 0],
            "a request that may be more"
        );
    }

    #[test]
    fn a_narrowed_limit_is_refused() {
        let asked = |field: &str, value| after(&format!("{ASKED}/properties/{field}"), value);
        assert_eq!(asked("caption/maxLength", json!(100)), ["Asked in requests.caption: maxLength 200 is now 100"]);
        assert_eq!(asked("caption/minLength", json!(1)), ["Asked in requests.caption: minLength null is now 1"]);
        assert_eq!(asked("size/maximum", json!(49.5)), ["Asked in requests.size: maximum 50 is now 49.5"]);
        assert_eq!(asked("size/minimum", json!(2)), ["Asked in requests.size: minimum 1 is now 2"]);
        assert_eq!(asked("photos/maxItems", json!(10)), ["Asked in requests.photos: maxItems 20 is now 10"]);
        assert_eq!(asked("photos/minItems", json!(2)), ["Asked in requests.photos: minItems 1 is now 2"]);
        assert_eq!(asked("ref/pattern", json!("^[a-y]+$")).len(), 1);
        assert_eq!(asked("caption/pattern", json!("^x")).len(), 1);
        assert_eq!(asked("caption/enum", json!(["x"])), ["Asked in requests.caption: only some values are taken now"]);
        for (field, wider) in
            [("caption/maxLength", json!(300)), ("size/minimum", json!(0)), ("ref/pattern", Value::Null)]
        {
            assert_eq!(asked(field, wider), [""; 0], "{field}");
        }
        let count = after(&format!("{PHOTO}/properties/count/minimum"), json!(-1));
        assert_eq!(count, ["Photo in answers.count: minimum 0 is now -1"], "an answer that may be less now");
    }

    #[test]
    fn an_answer_that_may_lack_what_it_had_is_refused() {
        assert_eq!(
            after(&format!("{PHOTO}/required/1"), Value::Null),
            ["Photo in answers.state: the field may be absent now"]
        );
    }

    #[test]
    fn additions_break_nothing() {
        assert_eq!(after("/paths/~1new", json!({})), [""; 0]);
        assert_eq!(after(&format!("{CALL}/responses/418"), json!({})), [""; 0]);
        assert_eq!(after(&format!("{CALL}/security/-"), json!({})), [""; 0]);
        assert_eq!(after(&format!("{PHOTO}/properties/alt"), json!({"type": "string"})), [""; 0]);
        assert_eq!(after(&format!("{PHOTO}/properties/state/enum/-"), json!("hidden")), [""; 0]);
        assert_eq!(after(&format!("{ASKED}/properties/people/enum/-"), json!("pupils")), [""; 0]);
        assert_eq!(after("/components/examples/new", json!({})), [""; 0]);
    }

    #[test]
    fn closing_what_was_open_is_refused() {
        let (mut old, new) = (document(), document());
        old["components"]["schemas"]["Asked"]["additionalProperties"] = json!(true);
        assert_eq!(breaks(&old, &new), ["Asked in requests: whether it may have further fields has changed"]);
        let (mut old, mut new) = (document(), document());
        for document in [&mut old, &mut new] {
            document["components"]["schemas"]["Photo"]["additionalProperties"] = json!(false);
        }
        new["components"]["schemas"]["Photo"]["properties"]["alt"] = json!({"type": "string"});
        assert_eq!(breaks(&old, &new).len(), 1, "a new field that clients were told could not be");
    }

    #[test]
    fn a_keyword_that_nobody_compares_is_named() {
        let place = format!("{PHOTO}/properties/id/contentEncoding");
        let found = after(&place, json!("base64"));
        assert_eq!(found, ["Photo in answers.id: nobody has said how to compare the keyword contentEncoding"]);
    }
}
