//! The guards of the infrastructure: they let the description pass as it is, and each of them catches its mistake.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;
use tests::{skip, terraform};

/// Mistakes that somebody could make: in which file, what, instead of what; and what the guards say.
const MISTAKES: [(&str, &str, &str, &str); 7] = [
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
    ("aws/api.tf", "for_each = local.writes\n    content", "for_each = {}\n    content", "A route has no throttle"),
    (
        "aws/functions.tf",
        "name => local.environment[name] }",
        "name => local.environment[name] if name != \"TABLE\" }",
        "A function is not told a variable that its row names",
    ),
    ("actions.json", "\"s3:DeleteObject\"", "\"s3:*\"", "A function's role has a wildcard among its actions"),
    (
        "edge.json",
        "\"path\": \"/api/v1/uploads\", \"origin\": \"api\", \"for\": \"one\"",
        "\"path\": \"/api/v1/uploads\", \"origin\": \"api\", \"for\": \"all\"",
        "A private path takes the way of public pages",
    ),
];

#[test]
fn each_guard_of_the_infrastructure_catches_its_mistake() {
    let mirror = match terraform::find() {
        Ok(mirror) => mirror,
        Err(missing) => {
            skip("each_guard_of_the_infrastructure_catches_its_mistake", missing);
            return;
        }
    };
    let folder = TempDir::new().unwrap();
    let providers = terraform::checkout(folder.path(), &mirror).unwrap();
    let infra = folder.path().join("infra");
    let zips = folder.path().join("zips");
    fs::create_dir(&zips).unwrap();
    let functions: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(infra.join("functions.json")).unwrap()).unwrap();
    for function in functions["functions"].as_array().unwrap() {
        fs::write(zips.join(format!("{}.zip", function["name"].as_str().unwrap())), "a package").unwrap();
    }
    let terraform = |arguments: &[&str]| -> Output {
        let mut command = Command::new("terraform");
        command.current_dir(infra.join("aws")).env("TF_CLI_CONFIG_FILE", &providers).env("TF_VAR_zips", &zips);
        command.args(arguments).arg("-no-color").output().unwrap()
    };
    let started = terraform(&["init", "-backend=false", "-input=false"]);
    assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
    let passed = terraform(&["test"]);
    assert!(passed.status.success(), "{}{}", said(&passed.stdout), said(&passed.stderr));
    println!("{}", said(&passed.stdout).lines().last().unwrap_or_default());

    // All mistakes at once: each guard has words of its own.
    for (file, right, wrong, _) in MISTAKES {
        make(&infra.join(file), right, wrong);
    }
    let failed = terraform(&["test"]);
    let words = format!("{}{}", said(&failed.stdout), said(&failed.stderr));
    let words = words.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    assert!(!failed.status.success(), "{words}");
    for (file, _, wrong, caught) in MISTAKES {
        assert!(words.contains(caught), "{file} with {wrong:?} passed: {words}");
        println!("{file}: {wrong:?}: {caught}");
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
