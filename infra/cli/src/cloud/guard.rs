//! Describes a plan in plain words, and refuses one that would lose photos.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// Resources that a deployment never deletes or replaces. Everything else can be created again.
const KEPT: [&str; 2] = ["aws_s3_bucket", "aws_dynamodb_table"];

/// The changes in a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Number of resources to create, by kind.
    pub made: BTreeMap<String, usize>,
    /// Addresses of resources to change in place.
    pub changed: Vec<String>,
    /// Addresses of resources to delete.
    pub deleted: Vec<String>,
    /// Addresses of resources to delete and create again.
    pub replaced: Vec<String>,
    /// Those of them that hold photos. If there are any, the plan must not be applied.
    pub losing_photos: Vec<String>,
}

impl Changes {
    /// Reads Terraform's plan.
    pub fn new(plan: &Value) -> Self {
        let mut changes = Self::default();
        for change in plan["resource_changes"].as_array().into_iter().flatten() {
            let (address, kind) = (text(&change["address"]), text(&change["type"]));
            let actions = &change["change"]["actions"];
            let does = |action: &str| actions.as_array().is_some_and(|all| all.iter().any(|one| one == action));
            let (create, delete) = (does("create"), does("delete"));
            if delete && KEPT.contains(&kind.as_str()) {
                changes.losing_photos.push(address.clone());
            }
            match (create, delete) {
                (true, true) => changes.replaced.push(address),
                (true, false) => *changes.made.entry(kind).or_default() += 1,
                (false, true) => changes.deleted.push(address),
                (false, false) if does("update") => changes.changed.push(address),
                (false, false) => {}
            }
        }
        changes
    }

    /// Returns the number of changes.
    pub fn count(&self) -> usize {
        self.made.values().sum::<usize>() + self.changed.len() + self.deleted.len() + self.replaced.len()
    }

    /// Describes the changes in one line.
    pub fn sentence(&self) -> String {
        let made: usize = self.made.values().sum();
        let parts = [
            (made, "to make"),
            (self.changed.len(), "to change"),
            (self.replaced.len(), "to replace"),
            (self.deleted.len(), "to delete"),
        ];
        let parts: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        if parts.is_empty() { "nothing to change".to_owned() } else { parts.join(", ") }
    }

    /// Describes the changes line by line.
    pub fn lines(&self) -> Vec<String> {
        let mut nouns = BTreeMap::<String, usize>::new();
        for (kind, n) in &self.made {
            *nouns.entry(noun(kind)).or_default() += n;
        }
        let made = nouns.iter().map(|(noun, n)| format!("make    {n:>3} {noun}"));
        let changed = self.changed.iter().map(|address| format!("change      {}", named(address)));
        let replaced = self.replaced.iter().map(|address| format!("replace     {}", named(address)));
        let deleted = self.deleted.iter().map(|address| format!("delete      {}", named(address)));
        made.chain(changed).chain(replaced).chain(deleted).collect()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Converts an address for people: `aws_lambda_function.functions["site"]` → `function "site"`.
fn named(address: &str) -> String {
    let kind = address.split('.').next().unwrap_or_default();
    match address.split_once('[') {
        Some((_, key)) => format!("{} {}", noun(kind), key.trim_end_matches(']')),
        None => format!("{} ({address})", noun(kind)),
    }
}

/// Returns an organiser's word for a kind of resource.
fn noun(kind: &str) -> String {
    let known = match kind {
        "aws_apigatewayv2_route" => "route of the API",
        "aws_apigatewayv2_api" | "aws_apigatewayv2_integration" | "aws_apigatewayv2_stage" => "part of the API",
        "aws_budgets_budget" => "budget",
        "aws_cloudfront_distribution" => "edge",
        "aws_cloudwatch_dashboard" => "dashboard",
        "aws_cloudwatch_event_rule" | "aws_cloudwatch_event_target" => "schedule",
        "aws_cloudwatch_log_delivery"
        | "aws_cloudwatch_log_delivery_destination"
        | "aws_cloudwatch_log_delivery_source"
        | "aws_cloudwatch_log_group"
        | "aws_cloudwatch_log_metric_filter"
        | "aws_cloudwatch_log_resource_policy" => "log",
        "aws_cloudwatch_composite_alarm" | "aws_cloudwatch_metric_alarm" => "alarm",
        "aws_dynamodb_table" => "table",
        "aws_iam_role" => "role",
        "aws_iam_role_policy" => "role's permissions",
        "aws_lambda_alias" => "live version",
        "aws_lambda_event_source_mapping" => "reading of a queue",
        "aws_lambda_function" => "function",
        "aws_lambda_function_event_invoke_config" => "rule for late calls of a function",
        "aws_lambda_permission" => "permission to call a function",
        "aws_s3_bucket" => "bucket",
        "aws_sns_topic" | "aws_sns_topic_subscription" => "alarm address",
        "aws_sqs_queue" => "queue",
        "aws_wafv2_web_acl" => "firewall",
        other => {
            return other
                .trim_start_matches("aws_")
                .replace("cloudfront_", "edge's ")
                .replace("s3_bucket_", "bucket's ")
                .replace('_', " ");
        }
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plan(changes: &[(&str, &[&str])]) -> Value {
        let changes: Vec<_> = changes
            .iter()
            .map(|(address, actions)| {
                json!({ "address": address, "type": address.split('.').next(), "change": { "actions": actions } })
            })
            .collect();
        json!({ "resource_changes": changes })
    }

    #[test]
    fn a_plan_that_deletes_or_replaces_where_photos_are_is_recognised() {
        for actions in [&["delete"][..], &["delete", "create"], &["create", "delete"]] {
            for address in ["aws_s3_bucket.photos[\"originals\"]", "aws_dynamodb_table.photos"] {
                assert_eq!(Changes::new(&plan(&[(address, actions)])).losing_photos, [address]);
            }
            assert!(Changes::new(&plan(&[("aws_lambda_alias.live[\"site\"]", actions)])).losing_photos.is_empty());
        }
        for actions in [&["create"][..], &["update"], &["no-op"], &["read"]] {
            assert!(Changes::new(&plan(&[("aws_dynamodb_table.photos", actions)])).losing_photos.is_empty());
        }
    }

    #[test]
    fn a_plan_is_told_in_plain_words() {
        let changes = Changes::new(&plan(&[
            ("aws_lambda_function.functions[\"site\"]", &["update"]),
            ("aws_sqs_queue.originals", &["create"]),
            ("aws_sqs_queue.dead_letters", &["create"]),
            ("aws_sns_topic.alarms", &["create"]),
            ("aws_sns_topic_subscription.alarms", &["create"]),
            ("aws_cloudfront_distribution.site", &["no-op"]),
            ("aws_iam_role.functions[\"old\"]", &["delete"]),
        ]));
        assert_eq!(changes.sentence(), "4 to make, 1 to change, 1 to delete");
        assert_eq!(
            changes.lines(),
            [
                "make      2 alarm address",
                "make      2 queue",
                "change      function \"site\"",
                "delete      role \"old\""
            ]
        );
        assert_eq!(Changes::default().sentence(), "nothing to change");
    }
}
