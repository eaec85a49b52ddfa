//! `infra/functions.json`: the only list of functions. The infrastructure deploys it, the laptop mounts it, and a test compares it with the
//! code.

use std::collections::BTreeMap;

use serde::Deserialize;

/// All functions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Functions {
    /// The functions, in the order of the file.
    pub functions: Vec<Function>,
}

/// One function.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// The function's name, which is also that of its folder, crate and binary.
    pub name: String,
    /// What calls the function.
    pub trigger: Trigger,
    /// Its routes, each as `METHOD /path/{variable}`; `$default` is everything that no other function answers.
    #[serde(default)]
    pub routes: Vec<String>,
    /// Routes that are not throttled as their method suggests, by class.
    #[serde(default)]
    pub throttles: BTreeMap<Class, Vec<String>>,
    /// The queue that the function reads.
    #[serde(default)]
    pub queue: Option<String>,
    /// Largest number of messages in one batch.
    #[serde(default)]
    pub batch: Option<usize>,
    /// The queue of messages that have killed the function before, which it reads one by one.
    #[serde(default)]
    pub isolation: Option<String>,
    /// The tasks of its schedule.
    #[serde(default)]
    pub schedule: Vec<Scheduled>,
    /// Its memory, which on Lambda also determines its share of a processor.
    pub memory_mb: u32,
    /// Longest duration of one call, in seconds.
    pub timeout_s: u64,
    /// The environment variables that it reads, its `Config::VARS`.
    pub environment: Vec<String>,
    /// Its grants: resource → verbs.
    pub grants: BTreeMap<String, Vec<String>>,
    /// The partitions of the table that it may use: verb → beginnings of their keys. A verb that is not named may use all partitions. A key
    /// that begins with none of these is refused.
    #[serde(default)]
    pub partitions: BTreeMap<String, Vec<String>>,
}

/// The class that determines how a route is throttled: see `[cloud]` in `infra/event.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Reading.
    Read,
    /// Changing something.
    Write,
    /// Registering photos or renewing their addresses, which a flood would use.
    Register,
    /// Removing, reporting or deciding about a photo, which no flood may prevent.
    Urgent,
    /// A path requested with a method other than those of its routes: `HEAD`, or one that its function refuses.
    #[serde(skip)]
    Other,
}

impl Function {
    /// Returns the class of one of its routes.
    pub fn class(&self, route: &str) -> Class {
        let named = self.throttles.iter().find(|(_, routes)| routes.iter().any(|one| one == route));
        let reads = route.starts_with("GET ") || route == "$default";
        named.map_or(if reads { Class::Read } else { Class::Write }, |(class, _)| *class)
    }

    /// Returns everything that the API sends to the function, with its class: its routes, and `ANY {path}` for each path's other methods.
    pub fn entries(&self) -> BTreeMap<String, Class> {
        let paths = self.routes.iter().filter(|route| *route != "$default").map(|route| path_of(route));
        let others = paths.map(|path| (format!("ANY {path}"), Class::Other));
        self.routes.iter().map(|route| (route.clone(), self.class(route))).chain(others).collect()
    }
}

/// What calls a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trigger {
    /// HTTP requests.
    Http,
    /// Messages of a queue.
    Queue,
    /// A schedule.
    Schedule,
}

/// One task of a schedule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheduled {
    /// The task's name.
    pub task: String,
    /// Seconds between two runs.
    pub every_s: u64,
}

impl Functions {
    /// Reads the list that was compiled into this build.
    ///
    /// # Errors
    /// If the file is malformed; a test checks that it is not.
    pub fn read() -> Result<Self, serde_json::Error> {
        serde_json::from_str(include_str!("../../functions.json"))
    }
}

/// Returns the path of a route in the form that an axum router takes.
pub fn path_of(route: &str) -> &str {
    route.split_once(' ').map_or(route, |(_, path)| path)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn sorted<'a>(of: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
        of.into_iter().map(str::to_owned).collect()
    }

    /// Lists the differences between the list and the code.
    fn differences(listed: &[Function]) -> Vec<String> {
        let code: [(&str, &[&str], &[&str]); 6] = [
            ("uploads", uploads::ROUTES, uploads::Config::VARS),
            ("renditions", &[], renditions::Config::VARS),
            ("gallery", gallery::ROUTES, gallery::Config::VARS),
            ("console", console::ROUTES, console::Config::VARS),
            ("housekeeping", &[], housekeeping::Config::VARS),
            ("site", &["$default"], site::Config::VARS),
        ];
        let mut differences = Vec::new();
        for name in listed.iter().map(|function| function.name.as_str()) {
            if !code.iter().any(|(known, ..)| *known == name) {
                differences.push(format!("{name} is listed, and there is no such function"));
            }
        }
        for (name, routes, variables) in code {
            let Some(function) = listed.iter().find(|function| function.name == name) else {
                differences.push(format!("{name} is not listed"));
                continue;
            };
            let both = [("routes", &function.routes, routes), ("environment", &function.environment, variables)];
            for (what, listed, coded) in both {
                let (listed, coded) = (sorted(listed.iter().map(String::as_str)), sorted(coded.iter().copied()));
                differences.extend(listed.symmetric_difference(&coded).map(|one| format!("{what} of {name}: {one}")));
            }
        }
        differences
    }

    #[test]
    fn each_function_has_the_routes_and_variables_of_its_code() {
        assert_eq!(differences(&Functions::read().unwrap().functions), Vec::<String>::new());
    }

    #[test]
    fn a_function_a_route_or_a_variable_that_is_forgotten_in_the_list_is_found() {
        let forgetting = |forget: fn(&mut Vec<Function>)| {
            let mut functions = Functions::read().unwrap().functions;
            forget(&mut functions);
            differences(&functions)
        };
        assert_eq!(forgetting(|list| list.retain(|one| one.name != "gallery")), ["gallery is not listed"]);
        assert_eq!(
            forgetting(|list| list[0].environment.retain(|one| one != "TABLE")),
            ["environment of uploads: TABLE"]
        );
        assert_eq!(
            forgetting(|list| list[0].routes.retain(|one| one != "POST /api/v1/uploads")),
            ["routes of uploads: POST /api/v1/uploads"]
        );
    }

    #[test]
    fn what_is_throttled_otherwise_is_a_route_and_withdrawals_reports_and_decisions_are_urgent() {
        let mut urgent = BTreeSet::new();
        for function in Functions::read().unwrap().functions {
            for route in function.throttles.values().flatten() {
                assert!(function.routes.contains(route), "{route} is no route of {}", function.name);
            }
            urgent.extend(function.routes.iter().filter(|route| function.class(route) == Class::Urgent).cloned());
        }
        let taking = sorted([
            "DELETE /api/v1/uploads/draws",
            "DELETE /api/v1/uploads/{id}",
            "POST /api/v1/moderation/decisions",
            "POST /api/v1/photos/{id}/reports",
            "POST /moderation/decisions",
            "POST /moderation/quarantine/decisions",
            "POST /photos/{id}/reports",
        ]);
        assert_eq!(urgent, taking);
    }

    #[test]
    fn every_task_of_the_schedule_is_one_that_housekeeping_knows() {
        for function in Functions::read().unwrap().functions {
            for scheduled in function.schedule {
                let event = serde_json::json!({ "task": scheduled.task });
                serde_json::from_value::<housekeeping::Task>(event).unwrap();
            }
        }
    }

    #[test]
    fn no_two_functions_answer_the_same_path() {
        let mut seen = std::collections::BTreeMap::new();
        for function in Functions::read().unwrap().functions {
            for route in &function.routes {
                let other = seen.insert(path_of(route).to_owned(), function.name.clone());
                assert!(other.is_none_or(|other| other == function.name), "{route}");
            }
        }
    }
}
