//! An example of each body, composed of the examples of its fields.
//!
//! `examples.json` has the value of each field: under `Schema.field`, or under `field` alone for all schemas that have such a field. The
//! same thing has the same value everywhere, so all examples together describe the same photo. What has no value there follows from its
//! schema: an object from its fields, a list from its items, a choice from its first member.

use std::{cell::RefCell, collections::BTreeSet};

use serde_json::{Map, Value};
use utoipa::openapi::{Components, RefOr, path::Paths, request_body::RequestBody};

/// The example values of fields.
const VALUES: &str = include_str!("examples.json");
const SCHEMAS: &str = "#/components/schemas/";

/// Adds an example to each body of a request or an answer. Returns what is missing: fields without a value, bodies that are not JSON and
/// have no example in their annotation, and values of unknown fields.
pub(super) fn add(paths: &mut Paths, components: &Components) -> Vec<String> {
    let mut missing = BTreeSet::new();
    let values = serde_json::from_str(VALUES).unwrap_or_else(|error| {
        missing.insert(format!("examples.json cannot be read: {error}"));
        Map::new()
    });
    let schemas = serde_json::to_value(&components.schemas).unwrap_or_default();
    let composer = Composer { schemas, values, used: RefCell::default() };
    for (method, path, call) in super::calls(paths) {
        let asked = call.request_body.iter_mut().filter_map(|body| match body {
            RefOr::T(RequestBody { content, .. }) => Some(content.iter_mut().collect::<Vec<_>>()),
            RefOr::Ref(_) => None,
        });
        let answered = call.responses.responses.iter_mut().filter_map(|(status, answer)| match answer {
            RefOr::T(answer) if status.starts_with('2') => Some(answer.content.iter_mut().collect()),
            RefOr::T(_) | RefOr::Ref(_) => None,
        });
        for (kind, content) in asked.chain(answered).flatten() {
            let RefOr::T(content) = content else { continue };
            if content.example.is_some() {
                continue;
            }
            if kind == "application/json" {
                let schema = serde_json::to_value(&content.schema).unwrap_or_default();
                match composer.example(&schema, "") {
                    Ok(example) => content.example = Some(example),
                    Err(field) => drop(missing.insert(format!("examples.json has no value for {field}"))),
                }
            } else {
                missing.insert(format!("{method} {path} has no example of its {kind}"));
            }
        }
    }
    let used = composer.used.into_inner();
    let unused = composer.values.keys().filter(|key| !used.contains(*key));
    missing.extend(unused.map(|key| format!("examples.json has a value for {key}, which is not a field")));
    missing.into_iter().collect()
}

/// Returns the names of all schemas that can be a part of a request.
pub(super) fn schemas_of_requests(paths: &Paths, components: &Components) -> BTreeSet<String> {
    let paths = serde_json::to_value(paths).unwrap_or_default();
    let schemas = serde_json::to_value(&components.schemas).unwrap_or_default();
    let calls = paths.as_object().into_iter().flat_map(Map::values).filter_map(Value::as_object).flat_map(Map::values);
    let mut found = BTreeSet::new();
    for call in calls {
        follow(&call["requestBody"], &schemas, &mut found);
        follow(&call["parameters"], &schemas, &mut found);
    }
    found
}

/// Adds the names of all schemas that `value` refers to.
fn follow(value: &Value, schemas: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(name) = referred(value)
                && found.insert(name.to_owned())
            {
                follow(&schemas[name], schemas, found);
            }
            members.values().for_each(|member| follow(member, schemas, found));
        }
        Value::Array(items) => items.iter().for_each(|item| follow(item, schemas, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix(SCHEMAS)
}

struct Composer {
    schemas: Value,
    values: Map<String, Value>,
    used: RefCell<BTreeSet<String>>,
}

impl Composer {
    /// Returns an example of the schema at `place`, which is the name of a schema or `Schema.field`.
    ///
    /// # Errors
    /// The place of the first field that has no value.
    fn example(&self, schema: &Value, place: &str) -> Result<Value, String> {
        if let Some(value) = self.value(place) {
            return Ok(value);
        }
        if let Some(name) = referred(schema) {
            return self.example(&self.schemas[name], name);
        }
        let choices = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
        if let Some(choices) = choices {
            let first = choices.iter().find(|choice| choice["type"] != "null");
            return first.map_or_else(|| Err(place.to_owned()), |first| self.example(first, place));
        }
        if let Some(values) = schema["enum"].as_array() {
            return values.first().cloned().ok_or_else(|| place.to_owned());
        }
        if let Some(fields) = schema["properties"].as_object() {
            let schema = place.split('.').next().unwrap_or_default();
            let field = |(name, field)| Ok((String::clone(name), self.example(field, &format!("{schema}.{name}"))?));
            return fields.iter().map(field).collect::<Result<Map<_, _>, _>>().map(Value::Object);
        }
        // Only a schema that refers to no others may use the value of its field name alone.
        let refers = schema.to_string().contains(SCHEMAS);
        let field = place.split_once('.').map_or("", |(_, field)| field);
        if let Some(value) = self.value(field).filter(|_| !refers) {
            return Ok(value);
        }
        let items = schema.get("items").ok_or_else(|| place.to_owned())?;
        self.items(items, place).map(Value::Array)
    }

    /// Returns example items of a list: one, or one of each kind if there are several.
    fn items(&self, items: &Value, place: &str) -> Result<Vec<Value>, String> {
        let target = referred(items).map_or(items, |name| &self.schemas[name]);
        let name = referred(items).unwrap_or(place);
        match target["oneOf"].as_array() {
            Some(kinds) => kinds.iter().map(|kind| self.example(kind, name)).collect(),
            None => Ok(vec![self.example(items, place)?]),
        }
    }

    fn value(&self, key: &str) -> Option<Value> {
        let value = self.values.get(key)?;
        self.used.borrow_mut().insert(key.to_owned());
        Some(value.clone())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn composer(values: Value) -> Composer {
        let photo = json!({"properties": {"id": {"type": "string"}, "state": {"$ref": "#/components/schemas/State"}}});
        let schemas = json!({
            "Photo": photo,
            "State": {"enum": ["reserved", "pending"]},
            "Page": {"properties": {
                "photos": {"type": "array", "items": {"$ref": "#/components/schemas/Photo"}},
                "next": {"type": ["string", "null"]},
            }},
            "Each": {"oneOf": [{"properties": {"id": {}}}, {"properties": {"problem": {}}}]},
        });
        let values = serde_json::from_value(values).unwrap();
        Composer { schemas, values, used: RefCell::default() }
    }

    fn of(name: &str) -> Value {
        json!({"$ref": format!("{SCHEMAS}{name}")})
    }

    #[test]
    fn an_example_is_made_of_its_fields() {
        let page = composer(json!({"id": "a", "next": null})).example(&of("Page"), "");
        assert_eq!(page, Ok(json!({"photos": [{"id": "a", "state": "reserved"}], "next": null})));
    }

    #[test]
    fn a_field_of_one_schema_may_have_a_value_of_its_own() {
        let photo = composer(json!({"id": "a", "Photo.state": "pending"})).example(&of("Photo"), "");
        assert_eq!(photo, Ok(json!({"id": "a", "state": "pending"})));
    }

    #[test]
    fn a_list_of_choices_has_one_of_each() {
        let list = json!({"type": "array", "items": of("Each")});
        let each = composer(json!({"id": "a", "problem": "none"})).example(&list, "Answer.photos");
        assert_eq!(each, Ok(json!([{"id": "a"}, {"problem": "none"}])));
    }

    #[test]
    fn a_field_without_a_value_is_named() {
        assert_eq!(composer(json!({"next": null})).example(&of("Page"), ""), Err("Photo.id".to_owned()));
    }
}
