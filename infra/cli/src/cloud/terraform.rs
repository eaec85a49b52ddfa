//! Runs Terraform or OpenTofu as a program, and converts its lines of JSON to progress and plain words.
//!
//! Decision: the command drives Terraform rather than the services' own APIs, because a plan can be examined, and refused, before anything
//! changes. Given up: a machine that deploys needs one more program.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::Command,
};

/// The oldest version whose state stores its lock beside itself.
const OLDEST: (u32, u32) = (1, 10);

/// What the program prints if nothing was ever deployed.
const NO_STATE: &str = "No state file was found";

/// The program, its working folder, and its environment.
pub struct Terraform {
    program: PathBuf,
    /// Its name and version, such as `Terraform 1.11.4`.
    pub version: String,
    folder: PathBuf,
    work: PathBuf,
    environment: Vec<(&'static str, String)>,
}

impl Terraform {
    /// Finds the program (`terraform`, or otherwise `tofu`) for the infrastructure in `folder`. Its own files go to `work`.
    ///
    /// # Errors
    /// If there is none on this machine, or it is too old: with where to get it.
    pub async fn find(folder: &Path, work: &Path) -> Result<Self> {
        let how = "Get Terraform from https://developer.hashicorp.com/terraform/install or OpenTofu from \
                   https://opentofu.org/docs/intro/install/, then try again";
        for (program, name) in [("terraform", "Terraform"), ("tofu", "OpenTofu")] {
            let asked = Command::new(program).args(["version", "-json"]).stderr(Stdio::null()).output().await;
            let Ok(answer) = asked else { continue };
            let told: Value = serde_json::from_slice(&answer.stdout).unwrap_or_default();
            let version = told["terraform_version"].as_str().unwrap_or_default().to_owned();
            let mut numbers = version.split('.').map_while(|part| part.parse::<u32>().ok());
            if (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) < OLDEST {
                bail!("{name} {version} is too old; expected {}.{} or newer. {how}", OLDEST.0, OLDEST.1);
            }
            private_folder(work).with_context(|| format!("cannot make the folder {}", work.display()))?;
            return Ok(Self {
                program: program.into(),
                version: format!("{name} {version}"),
                folder: folder.to_owned(),
                work: std::path::absolute(work)?,
                environment: Vec::new(),
            });
        }
        bail!("this machine has neither Terraform nor OpenTofu. {how}")
    }

    /// Adds a variable to the program's environment.
    pub fn with(&mut self, name: &'static str, value: String) {
        self.environment.push((name, value));
    }

    /// Fetches the provider and connects to the state in `bucket`.
    pub async fn init(&self, bucket: &str, key: &str, region: &str, path_style: bool) -> Result<()> {
        let mut arguments = vec!["init".to_owned(), "-input=false".into(), "-no-color".into(), "-reconfigure".into()];
        let settings = [("bucket", bucket), ("key", key), ("region", region)];
        arguments.extend(settings.map(|(name, value)| format!("-backend-config={name}={value}")));
        if path_style {
            arguments.push("-backend-config=use_path_style=true".into());
        }
        let output = self.command(&arguments).output().await.context("cannot run Terraform")?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let lines: Vec<_> = said.lines().map(str::trim).filter(|line| !line.is_empty()).take(12).collect();
        bail!("{}", lines.join("\n"))
    }

    /// Makes a plan and stores it in the working folder. `more` are further arguments. Returns the plan as JSON.
    pub async fn plan(&self, variables: &Path, more: &[String]) -> Result<Value> {
        let mut arguments = vec![
            "plan".to_owned(),
            "-json".into(),
            "-input=false".into(),
            "-lock-timeout=60s".into(),
            format!("-var-file={}", variables.display()),
            format!("-out={}", self.plan_file().display()),
        ];
        arguments.extend_from_slice(more);
        self.talk(&arguments, |_| {}).await?;
        let shown =
            self.command(&["show".into(), "-json".into(), self.plan_file().display().to_string()]).output().await?;
        serde_json::from_slice(&shown.stdout).context("Terraform's plan cannot be read")
    }

    /// Applies the plan of [`Self::plan`], and nothing else. `told` is called with the number of changes done and the address of the last
    /// one.
    pub async fn apply(&self, mut told: impl FnMut(usize, &str)) -> Result<()> {
        let arguments =
            ["apply".to_owned(), "-json".into(), "-input=false".into(), self.plan_file().display().to_string()];
        let mut done = 0;
        self.talk(&arguments, |line| {
            let address = line["hook"]["resource"]["addr"].as_str().unwrap_or_default();
            match line["type"].as_str() {
                Some("apply_complete") => {
                    done += 1;
                    told(done, address);
                }
                Some("apply_start" | "apply_progress") => told(done, address),
                _ => {}
            }
        })
        .await
    }

    /// Returns the outputs of the present state.
    pub async fn outputs(&self) -> Result<BTreeMap<String, Value>> {
        let output = self.command(&["output".into(), "-json".into()]).output().await?;
        let told: BTreeMap<String, Value> =
            serde_json::from_slice(&output.stdout).context("Terraform's outputs cannot be read")?;
        Ok(told.into_iter().map(|(name, mut output)| (name, output["value"].take())).collect())
    }

    /// Returns the addresses of everything in the state; empty if there is no state yet.
    ///
    /// # Errors
    /// If the state cannot be read: with the program's own message.
    pub async fn state(&self) -> Result<Vec<String>> {
        let output = self.command(&["state".into(), "list".into(), "-no-color".into()]).output().await?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            if said.contains(NO_STATE) {
                return Ok(Vec::new());
            }
            let lines: Vec<_> = said.lines().map(str::trim).filter(|line| !line.is_empty()).take(12).collect();
            bail!("the list of what is deployed cannot be read: {}", lines.join(" "));
        }
        Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
    }

    fn plan_file(&self) -> PathBuf {
        self.work.join("plan.bin")
    }

    fn command(&self, arguments: &[String]) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder).args(arguments).stdin(Stdio::null()).kill_on_drop(true);
        command.env("TF_DATA_DIR", self.work.join("terraform")).env("TF_IN_AUTOMATION", "1");
        command.envs(self.environment.iter().map(|(name, value)| (*name, value)));
        command
    }

    /// Runs with `-json`, passes each line to `told`, and collects errors.
    async fn talk(&self, arguments: &[String], mut told: impl FnMut(&Value)) -> Result<()> {
        let mut child = self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let mut stderr = child.stderr.take().context("no error output")?;
        let errors = tokio::spawn(async move {
            let mut text = String::new();
            drop(stderr.read_to_string(&mut text).await);
            text
        });
        let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        let mut failed = Vec::new();
        while let Some(line) = lines.next_line().await? {
            let Ok(line) = serde_json::from_str::<Value>(&line) else { continue };
            if line["type"] == "diagnostic" && line["diagnostic"]["severity"] == "error" {
                failed.push(plain(&line["diagnostic"]));
            }
            told(&line);
        }
        let status = child.wait().await?;
        if status.success() {
            return Ok(());
        }
        if failed.is_empty() {
            failed.extend(errors.await.unwrap_or_default().lines().take(12).map(str::to_owned));
        }
        failed.dedup();
        bail!("{}", failed.join("\n"))
    }
}

/// Creates a folder that no other user of this machine can read: plans contain the edge's secrets.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::create_dir_all(folder)?;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
}

/// Returns one error message as a paragraph, with what to do about common ones.
fn plain(diagnostic: &Value) -> String {
    let summary = diagnostic["summary"].as_str().unwrap_or_default();
    let detail = diagnostic["detail"].as_str().unwrap_or_default().replace('\n', " ");
    let address = diagnostic["address"].as_str().map_or(String::new(), |address| format!("{address}: "));
    let whole = format!("{summary} {detail}");
    let hint = [
        ("Instance cannot be destroyed", "This would delete photos, so it is refused."),
        (
            "Error acquiring the state lock",
            "Another deployment is running, or one was interrupted: wait, or see infra/README.md, locks.",
        ),
        ("BucketAlreadyExists", "Someone else has a bucket with that name: choose another cloud.name."),
        (
            "must be verified",
            "AWS must verify a new account before it may have a distribution, which takes a day or more: open a case in \
             the support centre, see infra/README.md, an account.",
        ),
        (
            "operation error Budgets",
            "Only the account's root user may see its bill: infra/README.md, who deploys. Everything else is done.",
        ),
        ("AccessDenied", "These credentials may not do this: infra/README.md lists what they need."),
        ("no valid credential sources", "AWS does not know who you are: infra/README.md shows how to sign in."),
        (
            "ReservedConcurrentExecutions",
            "A new account may run only 10 functions at once: ask AWS for 1,000, see techognition preflight.",
        ),
    ]
    .iter()
    .find(|(known, _)| whole.contains(known))
    .map_or(String::new(), |(_, hint)| format!(" {hint}"));
    format!("{address}{summary}. {detail}{hint}").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use tempfile::TempDir;

    use super::*;

    /// A program in Terraform's place that prints `words`, all of them errors, and fails if there are any.
    fn saying(folder: &TempDir, words: &str) -> Terraform {
        let program = folder.path().join("terraform");
        let script = format!(
            "#!/bin/sh\necho 'aws_sqs_queue.originals'\n[ -z '{words}' ] || {{ echo '{words}' >&2; exit 1; }}\n"
        );
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Terraform {
            program,
            version: String::new(),
            folder: folder.path().to_owned(),
            work: folder.path().to_owned(),
            environment: Vec::new(),
        }
    }

    #[tokio::test]
    async fn a_state_that_cannot_be_read_is_not_an_empty_one() {
        let folder = TempDir::new().unwrap();
        assert_eq!(saying(&folder, "").state().await.unwrap(), ["aws_sqs_queue.originals"]);
        // The messages of Terraform 1.11 and OpenTofu 1.10.
        let none =
            saying(&folder, "No state file was found! State management commands require a state file.").state().await;
        assert!(none.unwrap().is_empty(), "nothing was ever deployed");
        let refused = saying(&folder, "Error: error loading the remote state: AccessDenied").state().await.unwrap_err();
        assert!(
            refused.to_string().contains("cannot be read") && refused.to_string().contains("AccessDenied"),
            "{refused}"
        );
    }

    #[test]
    fn a_complaint_says_what_to_do() {
        let told = serde_json::json!({
            "severity": "error", "summary": "Instance cannot be destroyed", "detail": "Resource\nhas prevent_destroy set",
            "address": "aws_s3_bucket.photos[\"originals\"]",
        });
        let said = plain(&told);
        assert!(said.starts_with("aws_s3_bucket.photos[\"originals\"]: Instance cannot be destroyed."), "{said}");
        assert!(said.ends_with("so it is refused."), "{said}");
    }

    #[test]
    fn of_what_is_refused_the_particular_reason_is_told() {
        for (detail, hint) in [
            ("AccessDenied: Your account must be verified before you can add new CloudFront resources.", "open a case"),
            ("operation error Budgets: CreateBudget, StatusCode: 400, AccessDeniedException: denied", "root user"),
            ("operation error S3: CreateBucket, StatusCode: 403, AccessDenied: Access Denied", "may not do this"),
        ] {
            let said = plain(&serde_json::json!({ "severity": "error", "summary": "creating", "detail": detail }));
            assert!(said.contains(hint), "{said}");
        }
    }
}
