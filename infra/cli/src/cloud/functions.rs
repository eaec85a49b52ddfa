//! The deployed functions and their logs: the few calls of the APIs of Lambda (version 2015-03-31) and CloudWatch Logs that this command
//! makes. Types hold only what is read here.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use aws_config::SdkConfig;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;
use shared::store::signed::{CallError, LAMBDA, LOGS, Request, SignedClient};

/// The functions of an account in one region.
#[derive(Clone, Debug)]
pub struct LambdaApi(SignedClient);

/// The account's settings of Lambda.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccountSettings {
    account_limit: AccountLimit,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccountLimit {
    concurrent_executions: u32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    #[serde(default)]
    environment: EnvironmentVariables,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EnvironmentVariables {
    #[serde(default)]
    variables: BTreeMap<String, String>,
}

/// An alias of a function.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Alias {
    /// The version that it points to.
    #[serde(rename = "FunctionVersion")]
    pub version: String,
    /// The alias's description.
    #[serde(default)]
    pub description: String,
}

/// A published version of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The version's number.
    pub number: u64,
    /// The version's description.
    pub description: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Versions {
    versions: Vec<Version>,
    next_marker: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Version {
    version: String,
    #[serde(default)]
    description: String,
}

impl LambdaApi {
    /// Builds the client from `config`'s credentials and region.
    pub fn new(config: &SdkConfig) -> Self {
        Self(SignedClient::new(LAMBDA, config))
    }

    /// Returns how many functions may run at the same time in this account and region.
    pub async fn concurrent_executions(&self) -> Result<u32> {
        let settings: AccountSettings = self.get("/2016-08-19/account-settings").await?;
        Ok(settings.account_limit.concurrent_executions)
    }

    /// Returns the environment of a function, or of the version that `alias` points to.
    pub async fn environment(&self, function: &str, alias: Option<&str>) -> Result<BTreeMap<String, String>> {
        let qualifier = alias.map_or_else(String::new, |alias| format!("?Qualifier={alias}"));
        let read: Configuration =
            self.get(&format!("/2015-03-31/functions/{function}/configuration{qualifier}")).await?;
        Ok(read.environment.variables)
    }

    /// Returns an alias of a function.
    pub async fn alias(&self, function: &str, alias: &str) -> Result<Alias> {
        self.get(&format!("/2015-03-31/functions/{function}/aliases/{alias}")).await
    }

    /// Returns all published versions of a function, in no particular order.
    pub async fn versions(&self, function: &str) -> Result<Vec<Published>> {
        let mut published = Vec::new();
        let mut marker = String::new();
        loop {
            let page: Versions = self.get(&format!("/2015-03-31/functions/{function}/versions{marker}")).await?;
            // Besides the numbers there is `$LATEST`.
            published.extend(
                page.versions.into_iter().filter_map(|one| {
                    Some(Published { number: one.version.parse().ok()?, description: one.description })
                }),
            );
            match page.next_marker.filter(|next| !next.is_empty()) {
                Some(next) => marker = format!("?Marker={}", percent_encoded(&next)),
                None => return Ok(published),
            }
        }
    }

    /// Points an alias of a function at a version, and sets its description.
    pub async fn point(&self, function: &str, alias: &str, version: u64, description: &str) -> Result<()> {
        let request = Request {
            method: "PUT",
            path: format!("/2015-03-31/functions/{function}/aliases/{alias}"),
            headers: vec![("content-type", "application/json")],
            body: json!({ "FunctionVersion": version.to_string(), "Description": description })
                .to_string()
                .into_bytes(),
        };
        self.0.send(request).await.map_err(said)?;
        Ok(())
    }

    /// Stops a function from starting: its callers are told to try again.
    pub async fn stop(&self, function: &str) -> Result<()> {
        let request = Request {
            method: "PUT",
            path: format!("/2017-10-31/functions/{function}/concurrency"),
            headers: vec![("content-type", "application/json")],
            body: json!({ "ReservedConcurrentExecutions": 0 }).to_string().into_bytes(),
        };
        self.0.send(request).await.map(drop).map_err(said)
    }

    /// Lets a stopped function start again.
    pub async fn start(&self, function: &str) -> Result<()> {
        let path = format!("/2017-10-31/functions/{function}/concurrency");
        let request = Request { method: "DELETE", path, headers: Vec::new(), body: Vec::new() };
        self.0.send(request).await.map(drop).map_err(said)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let request = Request { method: "GET", path: path.to_owned(), headers: Vec::new(), body: Vec::new() };
        let body = self.0.send(request).await.map_err(said)?;
        serde_json::from_slice(&body).with_context(|| format!("Lambda gave an unexpected answer to {path}"))
    }
}

/// The logs of an account in one region.
#[derive(Clone, Debug)]
pub struct LogsApi(SignedClient);

/// A line that a function logged.
#[derive(Debug, Deserialize)]
pub struct LogEvent {
    /// When it was written, in milliseconds since 1970.
    #[serde(rename = "timestamp")]
    pub at_ms: i64,
    /// The line, including its line end.
    pub message: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogEvents {
    #[serde(default)]
    events: Vec<LogEvent>,
    next_token: Option<String>,
}

impl LogsApi {
    /// Builds the client from `config`'s credentials and region.
    pub fn new(config: &SdkConfig) -> Self {
        Self(SignedClient::new(LOGS, config))
    }

    /// Returns all lines of a log group from `from_ms` (milliseconds since 1970) on that match `pattern`, a filter pattern of CloudWatch
    /// Logs; all lines if it is `None`.
    pub async fn events(&self, group: &str, from_ms: i64, pattern: Option<&str>) -> Result<Vec<LogEvent>> {
        let mut events = Vec::new();
        let mut wanted = json!({ "logGroupName": group, "startTime": from_ms });
        if let Some(pattern) = pattern {
            wanted["filterPattern"] = pattern.into();
        }
        loop {
            let request = Request {
                method: "POST",
                path: "/".to_owned(),
                headers: vec![
                    ("content-type", "application/x-amz-json-1.1"),
                    ("x-amz-target", "Logs_20140328.FilterLogEvents"),
                ],
                body: wanted.to_string().into_bytes(),
            };
            let body = self.0.send(request).await.map_err(said)?;
            let page: LogEvents = serde_json::from_slice(&body).context("CloudWatch Logs gave an unexpected answer")?;
            events.extend(page.events);
            match page.next_token {
                Some(token) => wanted["nextToken"] = token.into(),
                None => return Ok(events),
            }
        }
    }
}

/// Returns the service's own message, if it sent one.
pub(super) fn said(error: CallError) -> anyhow::Error {
    let words = error.as_service_error().and_then(|said| match (said.code(), said.message()) {
        (Some(code), Some(message)) => Some(format!("{code}: {message}")),
        (code, message) => code.or(message).map(str::to_owned),
    });
    match words {
        Some(words) => anyhow::anyhow!(words),
        None => error.into(),
    }
}

fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
