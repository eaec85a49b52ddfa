//! The environment, read once. Variables that name a resource have no default: a function must not start without knowing its table.

use std::collections::HashMap;

/// The values of a function's own variables.
#[derive(Clone, Debug)]
pub struct Environment(HashMap<&'static str, String>);

/// Variables that are missing or empty, all named together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment lacks {}; infra/functions.json lists what each function needs", .0.join(", "))]
pub struct Missing(pub Vec<&'static str>);

impl Environment {
    /// Reads `names` from the process's environment.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub fn read(names: &[&'static str]) -> Result<Self, Missing> {
        Self::from(names, |name| std::env::var(name).ok())
    }

    /// Reads `names` from `lookup`.
    pub fn from(names: &[&'static str], lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Missing> {
        let found: HashMap<_, _> =
            names.iter().filter_map(|name| Some((*name, lookup(name).filter(|value| !value.is_empty())?))).collect();
        let missing: Vec<_> = names.iter().copied().filter(|name| !found.contains_key(name)).collect();
        if missing.is_empty() { Ok(Self(found)) } else { Err(Missing(missing)) }
    }

    /// Returns the value of `name` as a number; `None` if it is none. `name` must be among the names that were read.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.get(name).parse().ok()
    }

    /// Returns the value of `name`, which must be among the names that were read.
    pub fn get(&self, name: &str) -> String {
        self.0.get(name).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_missing_is_named_together() {
        let lookup = |name: &str| (name == "TABLE").then(|| "photos".to_owned());
        assert_eq!(Environment::from(&["TABLE"], lookup).unwrap().get("TABLE"), "photos");
        assert_eq!(Environment::from(&["A", "TABLE", "B"], lookup).unwrap_err(), Missing(vec!["A", "B"]));
    }
}
