//! People, keys and sessions: what each may do, and how each ends.

pub mod answers;
pub mod api;
pub mod form;
pub mod page;

use std::collections::BTreeMap;

use shared::{domain::people::Actor, store::members::Person};

/// Returns the names of members by what logs call them.
pub fn names(people: &[Person]) -> BTreeMap<String, &str> {
    people.iter().map(|person| (Actor::Member(person.id.clone()).to_string(), person.name.as_str())).collect()
}
