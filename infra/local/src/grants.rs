//! Checks every call of a function against its grants: the laptop's substitute for an account's IAM roles.
//!
//! `infra/functions.json` grants verbs on resources, `infra/actions.json` says which of AWS's actions a verb is, and `infra/aws` makes
//! roles from both. Here the same two files refuse a call that no grant covers before it is sent, so every story of the whole system also
//! tests the roles. The grants that were used are recorded, so that a story can find unnecessary ones.
//!
//! This works only in one process: the bootstraps' calls are not seen.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use aws_sdk_s3::{
    config::{ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeTransmitInterceptorContextRef},
    error::BoxError,
};
use serde_json::Value;
use shared::store::Aws;

use crate::{functions::Functions, names};

/// AWS's actions for each verb on a resource: resource → verb → actions.
pub type Actions = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// A call: the resource, and AWS's action.
pub type Call = (&'static str, String);

/// Verbs by function and resource, or beginnings of keys by function and verb.
type Granted = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// The grants of all functions, and their use.
#[derive(Clone, Debug)]
pub struct Grants {
    functions: Arc<RwLock<Granted>>,
    partitions: Arc<Granted>,
    actions: Arc<Actions>,
    used: Arc<Mutex<BTreeSet<(String, String, String)>>>,
    used_partitions: Arc<Mutex<BTreeSet<(String, String, String)>>>,
    lives: Arc<Mutex<HashMap<String, u64>>>,
}

impl Grants {
    /// Reads the grants that were compiled into this build.
    ///
    /// # Errors
    /// If one of the files is malformed; tests check that they are not.
    pub fn read(functions: &Functions) -> Result<Self, serde_json::Error> {
        let each = functions.functions.iter();
        let grants = each.clone().map(|function| (function.name.clone(), function.grants.clone()));
        let partitions = each.map(|function| (function.name.clone(), function.partitions.clone()));
        Ok(Self {
            functions: Arc::new(RwLock::new(grants.collect())),
            partitions: Arc::new(partitions.collect()),
            actions: Arc::new(serde_json::from_str(include_str!("../../actions.json"))?),
            used: Arc::default(),
            used_partitions: Arc::default(),
            lives: Arc::default(),
        })
    }

    /// Returns the clients of one function. A call without a grant fails before it is sent.
    #[must_use]
    pub fn clients(&self, aws: &Aws, function: &str) -> Aws {
        let guard = Guard { function: function.to_owned(), grants: self.clone() };
        Aws {
            cloudfront: aws.cloudfront.intercepted(guard.clone()),
            dynamodb: aws_sdk_dynamodb::Client::from_conf(
                aws.dynamodb.config().to_builder().interceptor(guard.clone()).build(),
            ),
            firewall: aws.firewall.intercepted(guard.clone()),
            s3: aws_sdk_s3::Client::from_conf(aws.s3.config().to_builder().interceptor(guard.clone()).build()),
            sqs: aws_sdk_sqs::Client::from_conf(aws.sqs.config().to_builder().interceptor(guard).build()),
        }
    }

    /// Lets `function` make `calls` more calls and then no other, as if it had been killed; `None` removes the limit.
    pub fn die_after(&self, function: &str, calls: Option<u64>) {
        let mut lives = self.lives.lock().unwrap_or_else(PoisonError::into_inner);
        match calls {
            Some(calls) => lives.insert(function.to_owned(), calls),
            None => lives.remove(function),
        };
    }

    /// Counts one call of a function against its limit. Returns whether it may make the call.
    fn lives(&self, function: &str) -> bool {
        let mut lives = self.lives.lock().unwrap_or_else(PoisonError::into_inner);
        match lives.get_mut(function) {
            Some(0) => false,
            Some(calls) => {
                *calls -= 1;
                true
            }
            None => true,
        }
    }

    /// Replaces the verbs that a function may use on a resource from now on, and returns the previous ones.
    pub fn replace(&self, function: &str, resource: &str, verbs: Vec<String>) -> Vec<String> {
        let mut functions = self.functions.write().unwrap_or_else(PoisonError::into_inner);
        let grants = functions.entry(function.to_owned()).or_default();
        grants.insert(resource.to_owned(), verbs).unwrap_or_default()
    }

    /// Returns the grants of which no action was used so far, each as function, resource and verb.
    pub fn unused(&self) -> BTreeSet<(String, String, String)> {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let mut unused = BTreeSet::new();
        for (function, grants) in &*self.functions.read().unwrap_or_else(PoisonError::into_inner) {
            for (resource, verb) in grants.iter().flat_map(|(on, verbs)| verbs.iter().map(move |verb| (on, verb))) {
                let any = self
                    .actions_of(resource, verb)
                    .any(|action| used.contains(&(function.clone(), resource.clone(), action.clone())));
                if !any {
                    unused.insert((function.clone(), resource.clone(), verb.clone()));
                }
            }
        }
        unused
    }

    /// Returns the actions that no function used so far, each as resource and action.
    pub fn unused_actions(&self) -> BTreeSet<(String, String)> {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let all = self.actions.iter().flat_map(|(resource, verbs)| {
            verbs.values().flatten().map(move |action| (resource.clone(), action.clone()))
        });
        all.filter(|(resource, action)| !used.iter().any(|(_, on, one)| on == resource && one == action)).collect()
    }

    /// Returns the partitions that a function may use but did not use so far, each as function, verb and the beginning of its key.
    pub fn unused_partitions(&self) -> BTreeSet<(String, String, String)> {
        let used = self.used_partitions.lock().unwrap_or_else(PoisonError::into_inner);
        let mut unused = BTreeSet::new();
        for (function, verbs) in &*self.partitions {
            for (verb, beginning) in verbs.iter().flat_map(|(verb, keys)| keys.iter().map(move |key| (verb, key))) {
                let any = used.iter().any(|(by, how, key)| by == function && how == verb && key.starts_with(beginning));
                if !any {
                    unused.insert((function.clone(), verb.clone(), beginning.clone()));
                }
            }
        }
        unused
    }

    /// Whether a function may use this partition of the table with this action. Allowed use is recorded.
    fn may_use(&self, function: &str, action: &str, partition: &str) -> bool {
        let reads = self.actions_of("table", "read").any(|one| one == action);
        let verb = if reads { "read" } else { "write" };
        let granted = self.partitions.get(function).and_then(|verbs| verbs.get(verb));
        let may = granted.is_none_or(|keys| keys.iter().any(|beginning| partition.starts_with(beginning)));
        if may {
            let used = (function.to_owned(), verb.to_owned(), partition.to_owned());
            self.used_partitions.lock().unwrap_or_else(PoisonError::into_inner).insert(used);
        }
        may
    }

    fn actions_of<'a>(&'a self, resource: &str, verb: &str) -> impl Iterator<Item = &'a String> + use<'a> {
        self.actions.get(resource).and_then(|verbs| verbs.get(verb)).into_iter().flatten()
    }

    fn may(&self, function: &str, (resource, action): &Call) -> bool {
        let functions = self.functions.read().unwrap_or_else(PoisonError::into_inner);
        let verbs = functions.get(function).and_then(|grants| grants.get(*resource));
        verbs.into_iter().flatten().any(|verb| self.actions_of(resource, verb).any(|one| one == action))
    }
}

#[derive(Clone, Debug)]
struct Guard {
    function: String,
    grants: Grants,
}

impl Intercept for Guard {
    fn name(&self) -> &'static str {
        "grants"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        let header = |name: &str| request.headers().get(name).unwrap_or_default().to_owned();
        let body = request.body().bytes().unwrap_or_default();
        let target = header("x-amz-target");
        let calls = if target.is_empty() {
            storage(request.method(), request.uri(), &header("x-amz-copy-source"), body)
        } else {
            table_or_queue(&target, body)
        };
        if !self.grants.lives(&self.function) {
            return Err(format!("{} was killed", self.function).into());
        }
        for (action, partition) in partitions(&target, body) {
            if !self.grants.may_use(&self.function, &action, &partition) {
                let whole = format!("{} may not {action} in the partition {partition}", self.function);
                return Err(format!("{whole}: infra/functions.json names none that it is in").into());
            }
        }
        for call in calls {
            if !self.grants.may(&self.function, &call) {
                let (resource, action) = call;
                return Err(format!(
                    "{} may not {action} on {resource}: infra/functions.json grants it nothing of it",
                    self.function
                )
                .into());
            }
            let used = (self.function.clone(), call.0.to_owned(), call.1);
            self.grants.used.lock().unwrap_or_else(PoisonError::into_inner).insert(used);
        }
        Ok(())
    }
}

/// Returns the calls that a request to the storage makes, by its method, its address `/{bucket}/{key}?{query}`, the source of a copy, and its
/// body, which names the keys of a deletion of several.
fn storage(method: &str, uri: &str, copied: &str, body: &[u8]) -> Vec<Call> {
    let path = uri.split_once("://").map_or(uri, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    if method == "POST" && path.ends_with(&format!("/distribution/{}/invalidation", names::DISTRIBUTION)) {
        return vec![("edge", "cloudfront:CreateInvalidation".to_owned())];
    }
    let (bucket, key) = path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_start_matches('/'), ""));
    let action = match (method, key.is_empty()) {
        ("GET", true) => "s3:ListBucket",
        ("GET" | "HEAD", false) => "s3:GetObject",
        ("PUT", false) => "s3:PutObject",
        ("DELETE", false) => "s3:DeleteObject",
        ("POST", true) if query.split('&').any(|one| one == "delete" || one == "delete=") => {
            let body = String::from_utf8_lossy(body);
            let keys = body.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next());
            let resources: BTreeSet<_> = keys.map(|key| deleted(bucket, key)).collect();
            return resources.into_iter().map(|resource| (resource, "s3:DeleteObject".to_owned())).collect();
        }
        (other, _) => return vec![(room(bucket), format!("s3:{other} of {query}"))],
    };
    let named = if action == "s3:DeleteObject" { deleted(bucket, key) } else { resource(bucket, key) };
    let mut calls = vec![(named, action.to_owned())];
    if !copied.is_empty() {
        let copied = copied.trim_start_matches('/');
        let (source, key) = copied.split_once('/').unwrap_or((copied, ""));
        calls.push((resource(source, key), "s3:GetObject".to_owned()));
    }
    calls
}

/// Returns the resource that an object belongs to: its bucket, or the index or the files of draws, which are parts of one.
fn resource(bucket: &str, key: &str) -> &'static str {
    match bucket {
        names::REVIEW if key.starts_with("index/") => "index",
        names::PUBLIC if key.starts_with("draws/") => "draws",
        _ => room(bucket),
    }
}

/// Returns the resource that a deleted object belongs to: files of rehearsals are a part of the files of draws.
fn deleted(bucket: &str, key: &str) -> &'static str {
    match resource(bucket, key) {
        "draws" if key.starts_with("draws/trial-") => "rehearsals",
        other => other,
    }
}

fn room(bucket: &str) -> &'static str {
    match bucket {
        names::ORIGINALS => "originals",
        names::REVIEW => "review",
        names::PUBLIC => "public",
        names::REMOVALS => "removals",
        _ => "a bucket that nobody knows",
    }
}

/// Returns the calls that a request to the table or a queue makes. A transaction consists of its writes, as IAM roles see it.
fn table_or_queue(target: &str, body: &[u8]) -> Vec<Call> {
    let (service, operation) = target.split_once('.').unwrap_or((target, ""));
    if service == "AmazonSQS" {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let queue = match body["QueueUrl"].as_str().and_then(|url| url.rsplit('/').next()) {
            Some(names::ISOLATION_QUEUE) => "isolation",
            Some(names::DEAD_LETTERS) => "dead_letters",
            Some(_) | None => "queue",
        };
        return vec![(queue, format!("sqs:{operation}"))];
    }
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    if operation != "TransactWriteItems" {
        let resource = if body["IndexName"].is_string() { "table_indexes" } else { "table" };
        return vec![(resource, format!("dynamodb:{operation}"))];
    }
    let items = body["TransactItems"].as_array().into_iter().flatten().filter_map(Value::as_object);
    let kinds: BTreeSet<_> = items.flat_map(serde_json::Map::keys).collect();
    kinds
        .into_iter()
        .map(|kind| {
            // A transaction's `Put` is allowed by `PutItem`, and so on; a condition check has an action of its own.
            let action = if kind == "ConditionCheck" { "ConditionCheckItem".to_owned() } else { format!("{kind}Item") };
            ("table", format!("dynamodb:{action}"))
        })
        .collect()
}

/// Returns the partitions of the table that a request uses, each with the action: AWS calls them the leading keys.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html>
fn partitions(target: &str, body: &[u8]) -> Vec<(String, String)> {
    let Some(operation) = target.strip_prefix("DynamoDB_20120810.") else { return Vec::new() };
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let key = |of: &Value| of["PK"]["S"].as_str().map(str::to_owned);
    let action = |operation: &str| format!("dynamodb:{operation}");
    let each = |value: &Value| value.as_array().cloned().unwrap_or_default();
    match operation {
        "TransactWriteItems" => each(&body["TransactItems"])
            .iter()
            .filter_map(Value::as_object)
            .flatten()
            .filter_map(|(kind, item)| {
                let check = if kind == "ConditionCheck" { "ConditionCheckItem".into() } else { format!("{kind}Item") };
                Some((action(&check), key(&item["Key"]).or_else(|| key(&item["Item"]))?))
            })
            .collect(),
        "BatchGetItem" => {
            let tables = body["RequestItems"].as_object().into_iter().flat_map(serde_json::Map::values);
            tables
                .flat_map(|table| each(&table["Keys"]))
                .filter_map(|of| Some((action(operation), key(&of)?)))
                .collect()
        }
        // Indexes are a resource of their own: AWS does not say whether their keys count as leading keys.
        "Query" if body["IndexName"].is_string() => Vec::new(),
        "Query" => {
            // The only equality in a query is that of the partition key.
            let condition = body["KeyConditionExpression"].as_str().unwrap_or_default();
            let name = condition.split_once("PK = ").and_then(|(_, rest)| rest.split([' ', ')']).next());
            let value = name.and_then(|name| body["ExpressionAttributeValues"][name]["S"].as_str());
            value.map(|value| (action(operation), value.to_owned())).into_iter().collect()
        }
        _ => key(&body["Key"]).or_else(|| key(&body["Item"])).map(|key| (action(operation), key)).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_what_roles_call_them() {
        fn call(method: &str, uri: &str, copied: &str) -> Vec<Call> {
            storage(method, uri, copied, b"")
        }
        let (get, put) = ("s3:GetObject".to_owned(), "s3:PutObject".to_owned());
        assert_eq!(call("GET", "http://h:1/techognition-review/a/b.jpg?x-id=GetObject", ""), [("review", get.clone())]);
        assert_eq!(call("GET", "/techognition-review/index/2027.json", ""), [("index", get.clone())]);
        assert_eq!(
            call("GET", "/techognition-public?list-type=2&prefix=m", ""),
            [("public", "s3:ListBucket".to_owned())]
        );
        let delete = |of| (of, "s3:DeleteObject".to_owned());
        let several = |bucket: &str, keys: &[&str]| {
            let keys: String = keys.iter().flat_map(|key| ["<Object><Key>", key, "</Key></Object>"]).collect();
            storage("POST", &format!("/{bucket}?delete"), "", format!("<Delete>{keys}</Delete>").as_bytes())
        };
        assert_eq!(several("techognition-originals", &["a", "b"]), [delete("originals")]);
        let keys = ["m/a", "draws/2027/noon/commit.json", "draws/trial-a/rehearsal-a/commit.json"];
        assert_eq!(several("techognition-public", &keys), [delete("draws"), delete("public"), delete("rehearsals")]);
        for (key, of) in keys.into_iter().zip(["public", "draws", "rehearsals"]) {
            assert_eq!(call("DELETE", &format!("/techognition-public/{key}"), ""), [delete(of)], "{key}");
        }
        assert_eq!(call("PUT", &format!("/techognition-public/{}", keys[2]), ""), [("draws", put.clone())]);
        assert_eq!(
            call("PUT", "/techognition-public/m/a", "techognition-review/a/b.jpg"),
            [("public", put), ("review", get)]
        );
        assert_eq!(table_or_queue("DynamoDB_20120810.Query", b"{}"), [("table", "dynamodb:Query".to_owned())]);
        let body = br#"{"TransactItems": [{"Put": {}}, {"Update": {}}, {"Put": {}}, {"ConditionCheck": {}}]}"#;
        let actions: Vec<_> =
            table_or_queue("DynamoDB_20120810.TransactWriteItems", body).into_iter().map(|(_, a)| a).collect();
        assert_eq!(actions, ["dynamodb:ConditionCheckItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]);
        assert_eq!(table_or_queue("AmazonSQS.SendMessage", b"{}"), [("queue", "sqs:SendMessage".to_owned())]);
    }

    #[test]
    fn the_partitions_of_every_request_are_found() {
        let of = |operation: &str, body: &str| {
            partitions(&format!("DynamoDB_20120810.{operation}"), body.as_bytes())
                .into_iter()
                .map(|(action, key)| format!("{} {key}", action.trim_start_matches("dynamodb:")))
                .collect::<Vec<_>>()
        };
        let key = r#"{"PK": {"S": "P#1"}, "SK": {"S": "M"}}"#;
        assert_eq!(of("GetItem", &format!(r#"{{"Key": {key}}}"#)), ["GetItem P#1"]);
        assert_eq!(of("PutItem", &format!(r#"{{"Item": {key}}}"#)), ["PutItem P#1"]);
        assert_eq!(
            of("BatchGetItem", &format!(r#"{{"RequestItems": {{"t": {{"Keys": [{key}]}}}}}}"#)),
            ["BatchGetItem P#1"]
        );
        let two =
            format!(r#"{{"TransactItems": [{{"Put": {{"Item": {key}}}}}, {{"ConditionCheck": {{"Key": {key}}}}}]}}"#);
        assert_eq!(of("TransactWriteItems", &two), ["PutItem P#1", "ConditionCheckItem P#1"]);
        let query = r#"{"KeyConditionExpression": "PK = :pk AND SK > :sk", "ExpressionAttributeValues": {":pk": {"S": "F#2"}}}"#;
        assert_eq!(of("Query", query), ["Query F#2"]);
    }

    #[test]
    fn a_partition_that_is_not_named_is_refused() {
        let grants = Grants::read(&Functions::read().unwrap()).unwrap();
        for secret in ["SES", "CRED", "WHO", "KEY", "SECRET", "CODE#x", "LOG", "REQ"] {
            assert!(
                !grants.may_use("site", "dynamodb:Query", secret)
                    && !grants.may_use("gallery", "dynamodb:GetItem", secret)
            );
            assert!(grants.may_use("console", "dynamodb:Query", secret), "{secret}");
            assert!(!grants.may_use("uploads", "dynamodb:PutItem", secret) || secret == "SECRET", "{secret}");
        }
        assert!(grants.may_use("site", "dynamodb:Query", "F#2027#0"));
        assert!(!grants.may_use("renditions", "dynamodb:UpdateItem", "F#2027#0"), "it publishes nothing");
    }

    #[test]
    fn every_grant_has_a_meaning_and_only_what_is_granted_may_be_done() {
        let functions = Functions::read().unwrap();
        let grants = Grants::read(&functions).unwrap();
        for function in &functions.functions {
            for (resource, verb) in
                function.grants.iter().flat_map(|(on, verbs)| verbs.iter().map(move |verb| (on, verb)))
            {
                assert!(grants.actions_of(resource, verb).next().is_some(), "{}: {verb} on {resource}", function.name);
            }
        }
        assert!(grants.may("gallery", &("table", "dynamodb:Query".to_owned())));
        assert!(!grants.may("gallery", &("table", "dynamodb:PutItem".to_owned())));
        assert!(!grants.may("gallery", &("originals", "s3:GetObject".to_owned())));
        assert!(grants.may("gallery", &("index", "s3:GetObject".to_owned())));
        assert!(
            !grants.may("gallery", &("review", "s3:GetObject".to_owned())),
            "no picture that nobody has decided about"
        );
        assert!(!grants.may("gallery", &("table_indexes", "dynamodb:Query".to_owned())));
        assert!(!grants.may("nobody", &("table", "dynamodb:Query".to_owned())));
    }
}
