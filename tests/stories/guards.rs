//! The guards of the infrastructure: they let the description pass as it is, and each of them catches its mistake.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::{skip, terraform};

/// Mistakes that somebody could make: in which file, what, instead of what; and what the guards say.
const MISTAKES: [(&str, &str, &str, &str); 35] = [
    (
        "aws/storage.tf",
        "restrict_public_buckets = true",
        "restrict_public_buckets = false",
        "A bucket can be made public",
    ),
    (
        "aws/storage.tf",
        "deletion_protection_enabled = true",
        "deletion_protection_enabled = false",
        "The table can be deleted",
    ),
    (
        "aws/storage.tf",
        "visibility_timeout_seconds = 6 * max",
        "visibility_timeout_seconds = 2 * max",
        "The queue shows a message again while a function may still be at work",
    ),
    ("aws/api.tf", "for_each = local.classes\n    content", "for_each = {}\n    content", "A route has no throttle"),
    (
        "functions.json",
        "\"urgent\": [\"DELETE /api/v1/uploads/{id}\", \"DELETE /api/v1/uploads/draws\"]",
        "\"urgent\": []",
        "A route is not throttled by what it does",
    ),
    (
        "aws/edge.tf",
        "limit = var.address_per_minute.register,",
        "limit = 10 * var.address_per_minute.register,",
        "The firewall does not stop a flood from one address",
    ),
    (
        "aws/ops.tf",
        "each.key == \"egress-offline\" ? aws_sns_topic.offline[*].arn : []",
        "[]",
        "Nobody takes the site offline",
    ),
    (
        "aws/functions.tf",
        "[\"wafv2:GetIPSet\", \"wafv2:UpdateIPSet\"]",
        "[\"wafv2:UpdateIPSet\", \"wafv2:UpdateWebACL\"]",
        "A function may change more of the firewall than its two lists",
    ),
    (
        "functions.json",
        "\"grants\": { \"table\": [\"read\"], \"index\": [\"get\"] },\n      \"partitions\": {\n        \"read\": [\"CFG\", \"DRAW#\", \"DRAWLOG#\", \"F#\", \"P#\", \"SPONSOR\", \"ST#\"]",
        "\"grants\": { \"table\": [\"read\"], \"review\": [\"get\"], \"index\": [\"get\"] },\n      \"partitions\": {\n        \"read\": [\"CFG\", \"DRAW#\", \"DRAWLOG#\", \"F#\", \"P#\", \"SPONSOR\", \"ST#\"]",
        "A function that answers everybody can read pictures that nobody has decided about",
    ),
    (
        "functions.json",
        "\"TWO\"]\n      }",
        "\"TWO\", \"SES\"]\n      }",
        "A function that is not the console's can read or write",
    ),
    ("aws/functions.tf", "replace(resource, \"_\", \"\")", "resource", "IAM takes letters and digits only"),
    (
        "aws/edge.tf",
        "priority = 0\n    action",
        "priority = 9\n    action",
        "The firewall does not turn everybody away before all else",
    ),
    (
        "aws/functions.tf",
        "name => local.environment[name] }",
        "name => local.environment[name] if name != \"TABLE\" }",
        "A function is not told a variable that its row names",
    ),
    ("aws/functions.tf", ", { RELEASE = local.release }", "", "A function can be published apart from the others"),
    ("actions.json", "\"s3:DeleteObject\"", "\"s3:*\"", "A function's role has a wildcard among its actions"),
    (
        "edge.json",
        "\"path\": \"/api/v1/uploads\", \"origin\": \"api\", \"for\": \"one\"",
        "\"path\": \"/api/v1/uploads\", \"origin\": \"api\", \"for\": \"all\"",
        "A private path takes the way of public pages",
    ),
    ("edge.json", "\"since\"]", "\"since\", \"maxheight\", \"url\"]", "cache_policy_queries: beyond what AWS takes"),
    (
        "aws/edge.tf",
        "bucket_regional_domain_name\n    }",
        "bucket_regional_domain_name\n      origin_access_control_id = aws_cloudfront_origin_access_control.public.id\n    }",
        "The edge adds to signed requests what was not signed",
    ),
    ("aws/edge.tf", "behaviour.value.signed ?", "false ?", "A signed address does not reach its bucket"),
    (
        "aws/edge.tf",
        "], var.region) ? [var.region] : []",
        "], var.region) ? [] : [var.region]",
        "An origin has a shield in a region that has none",
    ),
    ("functions.json", "\"batch\": 1", "\"batch\": 5", "A batch of slow photos is stopped by the function's time"),
    (
        "aws/functions.tf",
        "maximum_retry_attempts       = 0",
        "maximum_retry_attempts       = 2",
        "Sweeps that could not run wait for hours",
    ),
    (
        "aws/storage.tf",
        "type        = \"Service\"\n      identifiers = [\"cloudfront.amazonaws.com\"]",
        "type        = \"*\"\n      identifiers = [\"*\"]",
        "A bucket's policy allows something to somebody other than our own edge",
    ),
    (
        "aws/ops.tf",
        ", Operation = operation.value }",
        " }",
        "Throttles of the table are on a metric that nobody publishes",
    ),
    (
        "aws/ops.tf",
        "can(each.value.below) ? \"breaching\"",
        "can(each.value.below) ? \"ignore\"",
        "A schedule that stands still tells nobody",
    ),
    ("aws/ops.tf", "\"sweeps-late\", \"table-throttles\"", "\"table-throttles\"", "What stops the day calls nobody"),
    ("aws/ops.tf", "\"date\", \"time\"", "\"date\", \"c-ip\"", "The edge's log tells who asked"),
    (
        "aws/functions.tf",
        "maximum_concurrency = local.",
        "maximum_concurrency = var.",
        "Renditions may take all functions of a new account",
    ),
    (
        "aws/edge.tf",
        "behaviour.value.private && behaviour.value.origin == \"api\" ?",
        "behaviour.value.path == \"/api/v1/uploads\" ?",
        "A function is not told the viewer's address",
    ),
    ("aws/edge.tf", "name  = \"x-origin-secret\"", "name  = \"x-edge-secret\"", "The edge adds no header of that name"),
    ("aws/functions.tf", "join(\",\", var.edge_secrets)", "join(\",\", [])", "A function does not know the edge"),
    (
        "aws/api.tf",
        "\"ANY ${path}\" => name",
        "\"ANY ${path}\" => name if path == \"/oembed\"",
        "A path's function is not asked for heads",
    ),
    (
        "aws/ops.tf",
        "metric = \"OutboxLate\", statistic = \"Maximum\", above = 600000, minutes = 5\n        of        = {}",
        "metric = \"OutboxLate\", statistic = \"Maximum\", above = 600000, minutes = 5\n        of        = { State = \"deleted\" }",
        "An alarm is on a metric that nobody publishes",
    ),
    (
        "aws/ops.tf",
        "namespace = var.name, metric = \"OldestWaits\"",
        "namespace = \"{name}\", metric = \"OldestWaits\"",
        "under another name than they publish them",
    ),
    (
        "aws/functions.tf",
        "= tostring(var.original_days)",
        "= \"31\"",
        "another day than the one on which the storage deletes originals",
    ),
];

/// Quotas of what no plan has: invalidations are made while the site runs, and the laptop's edge takes no more of them.
const NOT_PLANNED: [&str; 2] = ["invalidation_paths", "invalidation_wildcards"];

#[test]
fn each_guard_of_the_infrastructure_catches_its_mistake() {
    let Some(trial) = Trial::new("each_guard_of_the_infrastructure_catches_its_mistake") else { return };
    let passed = trial.terraform(&["test"]);
    assert!(passed.status.success(), "{}{}", said(&passed.stdout), said(&passed.stderr));
    println!("{}", said(&passed.stdout).lines().last().unwrap_or_default());

    // All mistakes at once: each guard has words of its own.
    for (file, right, wrong, _) in MISTAKES {
        make(&trial.infra.join(file), right, wrong);
    }
    let words = trial.refused(&["test"]);
    for (file, _, wrong, caught) in MISTAKES {
        assert!(words.contains(caught), "{file} with {wrong:?} passed: {words}");
        println!("{file}: {wrong:?}: {caught}");
    }
}

#[test]
fn each_quota_of_aws_is_held_against_the_plan() {
    let Some(trial) = Trial::new("each_quota_of_aws_is_held_against_the_plan") else { return };
    let file = trial.infra.join("aws/quotas.json");
    let mut quotas: BTreeMap<String, Value> = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    for (key, quota) in &mut quotas {
        let told = ["name", "unit", "source", "read"].iter().all(|word| quota[word].is_string());
        assert!(told && quota["value"].as_u64().is_some(), "{key}: {quota}");
        quota["value"] = json!(-1);
    }
    fs::write(&file, serde_json::to_vec(&quotas).unwrap()).unwrap();
    let words = trial.refused(&["test", "-filter=tests/quotas.tftest.hcl"]);
    let held = |key: &&String| words.contains(&format!("{key}: beyond what AWS takes"));
    let missed: Vec<_> = quotas.keys().filter(|key| !held(key)).collect();
    assert_eq!(missed, NOT_PLANNED, "{words}");
    println!("{} quotas are held against the plan", quotas.len() - missed.len());
}

/// The infrastructure in a folder of its own, where Terraform's tests can be run.
struct Trial {
    folder: TempDir,
    infra: PathBuf,
    providers: PathBuf,
}

impl Trial {
    /// `None` if the machine lacks Terraform or its provider; then `story` is skipped.
    fn new(story: &str) -> Option<Self> {
        let mirror = terraform::find().map_err(|missing| skip(story, missing)).ok()?;
        let folder = TempDir::new().unwrap();
        let providers = terraform::checkout(folder.path(), &mirror).unwrap();
        let infra = folder.path().join("infra");
        let zips = folder.path().join("zips");
        fs::create_dir(&zips).unwrap();
        let functions: Value =
            serde_json::from_str(&fs::read_to_string(infra.join("functions.json")).unwrap()).unwrap();
        for function in functions["functions"].as_array().unwrap() {
            fs::write(zips.join(format!("{}.zip", function["name"].as_str().unwrap())), "a package").unwrap();
        }
        let trial = Self { folder, infra, providers };
        let started = trial.terraform(&["init", "-backend=false", "-input=false"]);
        assert!(started.status.success(), "{}", said(&started.stderr));
        Some(trial)
    }

    fn terraform(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("terraform");
        command.current_dir(self.infra.join("aws")).env("TF_CLI_CONFIG_FILE", &self.providers);
        command.env("TF_VAR_zips", self.folder.path().join("zips"));
        command.args(arguments).arg("-no-color").output().unwrap()
    }

    /// Runs what must fail, and answers with what it said, in one line.
    fn refused(&self, arguments: &[&str]) -> String {
        let failed = self.terraform(arguments);
        let words = format!("{}{}", said(&failed.stdout), said(&failed.stderr));
        let words = words.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        assert!(!failed.status.success(), "{words}");
        words
    }
}

fn make(file: &Path, right: &str, wrong: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(right), "{} no longer says {right:?}", file.display());
    fs::write(file, text.replace(right, wrong)).unwrap();
}

fn said(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}
