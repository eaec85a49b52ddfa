//! The part of `infra/event.toml` that says where the site runs.

use std::{fmt, path::Path};

use anyhow::{Context, Result};
use local::{PerAddress, Throttle, functions::Class};
use serde::{Deserialize, Serialize};
use shared::domain::{
    Edition,
    event_error::{BadEventFile, bad},
    event_file,
};

/// The regions that need not be enabled. All regions that AWS has opened since March 2019 must be, and in these an alarm of the edge cannot
/// call a function. <https://docs.aws.amazon.com/sns/latest/dg/lambda-prereq.html>
const ALWAYS_ENABLED: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// The settings of a deployment.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cloud {
    /// Prefix of the name of everything that is created: 3 to 20 of `a-z`, `0-9` and `-`, so that the longest bucket name fits.
    pub name: String,
    /// The region of everything except the edge.
    pub region: String,
    /// The address that gets alarms; empty for none.
    pub alarm_email: String,
    /// The telephone number that gets a text message when the day has stopped, as +44…; empty for none.
    #[serde(default)]
    pub alarm_phone: String,
    /// The monthly budget in US dollars.
    pub monthly_budget_usd: f64,
    /// Gigabytes (10⁹ bytes) from the edge in an hour that raise an alarm.
    pub egress_gb_per_hour: f64,
    /// Gigabytes from the edge in an hour after which the site takes itself offline; 0 for never.
    #[serde(default)]
    pub egress_offline_gb_per_hour: f64,
    /// The throttle of each route that reads.
    pub read: Throttle,
    /// The throttle of each route that writes.
    pub write: Throttle,
    /// The throttle of each route that registers photos.
    #[serde(default = "Throttle::register")]
    pub register: Throttle,
    /// The throttle of each route that withdraws, reports or decides.
    #[serde(default = "Throttle::urgent")]
    pub urgent: Throttle,
    /// How many requests of one address the firewall lets through.
    #[serde(default)]
    pub address_per_minute: PerAddress,
    /// Largest number of photo batches that are rendered at the same time.
    pub renditions_at_once: u32,
    /// Days for which originals are kept.
    pub original_days: u32,
    /// The processor architecture of the functions.
    pub architecture: Architecture,
    /// Whether a web application firewall protects the edge.
    pub firewall: bool,
    /// Whether X-Ray traces requests.
    pub tracing: bool,
    /// The site's own domain; `None` to use the distribution's.
    #[serde(default)]
    pub domain: Option<Domain>,
}

/// A domain and its certificate.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Domain {
    /// The domain's name, such as `photos.example.org`.
    pub name: String,
    /// The ARN of the certificate, in us-east-1.
    pub certificate_arn: String,
}

/// What functions run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum Architecture {
    /// 64-bit Arm.
    #[serde(rename = "arm64")]
    Arm64,
    /// 64-bit x86.
    #[serde(rename = "x86_64")]
    X86,
}

impl Architecture {
    /// Returns Rust's target triple with Amazon Linux's C library.
    pub fn triple(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64-unknown-linux-gnu",
            Self::X86 => "x86_64-unknown-linux-gnu",
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Arm64 => "arm64",
            Self::X86 => "x86_64",
        })
    }
}

impl std::str::FromStr for Architecture {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "arm64" => Ok(Self::Arm64),
            "x86_64" => Ok(Self::X86),
            _ => Err("expected arm64 or x86_64".to_owned()),
        }
    }
}

#[derive(Deserialize)]
struct File {
    cloud: Option<Cloud>,
}

/// Reads both halves of the settings.
///
/// # Errors
/// If the file cannot be read, has no `[cloud]` table, or has an invalid value; each error names the key.
pub fn read(path: &Path) -> Result<(Cloud, Edition)> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read {}: run this command in the project's folder", path.display()))?;
    let edition = event_file::read(&text).with_context(|| path.display().to_string())?;
    let cloud = cloud(&text).with_context(|| path.display().to_string())?;
    Ok((cloud, edition))
}

fn cloud(text: &str) -> Result<Cloud, BadEventFile> {
    let file: File = event_file::parse(text)?;
    let cloud =
        file.cloud.ok_or_else(|| bad("cloud", "", "a table [cloud], as in the project's example infra/event.toml"))?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let name = &cloud.name;
    if !(3..=20).contains(&name.len()) || !name.chars().all(plain) || name.starts_with('-') || name.ends_with('-') {
        return Err(bad("cloud.name", name, "3 to 20 lower-case letters, digits and hyphens"));
    }
    if cloud.region.split('-').count() < 3 || !cloud.region.chars().all(plain) {
        return Err(bad("cloud.region", &cloud.region, "the name of a region such as \"eu-west-2\""));
    }
    if !cloud.alarm_email.is_empty() && !cloud.alarm_email.contains('@') {
        return Err(bad("cloud.alarm_email", &cloud.alarm_email, "an e-mail address, or \"\""));
    }
    let digits = cloud.alarm_phone.strip_prefix('+').unwrap_or_default();
    let is_a_number = (8..=15).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_digit());
    if !cloud.alarm_phone.is_empty() && !is_a_number {
        let expected = "a telephone number with its country, such as \"+447700900000\", or \"\"";
        return Err(bad("cloud.alarm_phone", &cloud.alarm_phone, expected));
    }
    for (key, value) in
        [("cloud.monthly_budget_usd", cloud.monthly_budget_usd), ("cloud.egress_gb_per_hour", cloud.egress_gb_per_hour)]
    {
        if !(value >= 1.0 && value.is_finite()) {
            return Err(bad(key, &value.to_string(), "1 or more"));
        }
    }
    let offline = cloud.egress_offline_gb_per_hour;
    if offline != 0.0 {
        let (key, got) = ("cloud.egress_offline_gb_per_hour", offline.to_string());
        if !(offline.is_finite() && offline > cloud.egress_gb_per_hour) {
            return Err(bad(key, &got, "0, or more than egress_gb_per_hour, which raises the alarm first"));
        }
        if !cloud.firewall {
            return Err(bad(key, &got, "0, because only a firewall can turn visitors away"));
        }
        if !ALWAYS_ENABLED.contains(&cloud.region.as_str()) {
            let expected = format!(
                "0 in {}: alarms cannot start a function in a region that has to be enabled first",
                cloud.region
            );
            return Err(bad(key, &got, &expected));
        }
    }
    for (key, throttle) in [
        ("cloud.read", cloud.read),
        ("cloud.write", cloud.write),
        ("cloud.register", cloud.register),
        ("cloud.urgent", cloud.urgent),
    ] {
        // The account's own limit for all routes together is 10,000 in a second, and 5,000 at once.
        if !(1..=10_000).contains(&throttle.rate) || !(1..=5_000).contains(&throttle.burst) {
            let got = format!("rate {}, burst {}", throttle.rate, throttle.burst);
            return Err(bad(key, &got, "a rate of 1 to 10000 and a burst of 1 to 5000"));
        }
    }
    let PerAddress { register, remove, change, read } = cloud.address_per_minute;
    // The smallest limit that the firewall supports.
    if [register, remove, change, read].iter().any(|limit| !(100..=100_000).contains(limit)) {
        let got = format!("register {register}, remove {remove}, change {change}, read {read}");
        return Err(bad("cloud.address_per_minute", &got, "numbers of 100 to 100000"));
    }
    if !(2..=1_000).contains(&cloud.renditions_at_once) {
        return Err(bad("cloud.renditions_at_once", &cloud.renditions_at_once.to_string(), "2 to 1000"));
    }
    if !(1..=3_650).contains(&cloud.original_days) {
        return Err(bad("cloud.original_days", &cloud.original_days.to_string(), "1 to 3650"));
    }
    if let Some(domain) = &cloud.domain
        && !domain.certificate_arn.starts_with("arn:aws:acm:us-east-1:")
    {
        let expected = "a certificate in us-east-1, the only region that CloudFront uses";
        return Err(bad("cloud.domain.certificate_arn", &domain.certificate_arn, expected));
    }
    Ok(cloud)
}

impl Cloud {
    /// Returns the variables of `infra/aws`, as Terraform reads them from a file.
    pub fn variables(&self, zips: &Path, emulated: bool) -> serde_json::Value {
        serde_json::json!({
            "name": self.name,
            "region": self.region,
            "architecture": self.architecture,
            "zips": zips,
            "alarm_email": self.alarm_email,
            "alarm_phone": self.alarm_phone,
            "monthly_budget_usd": self.monthly_budget_usd,
            "egress_gb_per_hour": self.egress_gb_per_hour,
            "egress_offline_gb_per_hour": self.egress_offline_gb_per_hour,
            "throttle": {
                "read": self.read,
                "write": self.write,
                "register": self.register,
                "urgent": self.urgent,
            },
            "address_per_minute": self.address_per_minute,
            "renditions_at_once": self.renditions_at_once,
            "original_days": self.original_days,
            "domain": self.domain,
            "firewall": self.firewall,
            "tracing": self.tracing,
            "emulated": emulated,
        })
    }

    /// Returns the throttle of a route of this class.
    pub fn throttle(&self, class: Class) -> Throttle {
        match class {
            Class::Read => self.read,
            Class::Write => self.write,
            Class::Register => self.register,
            Class::Urgent => self.urgent,
            Class::Other => Throttle::OTHER,
        }
    }

    /// Returns the name of a function at AWS.
    pub fn function(&self, name: &str) -> String {
        format!("{}-{name}", self.name)
    }

    /// Returns the name of a bucket of this account.
    pub fn bucket(&self, account: &str, room: &str) -> String {
        format!("{}-{account}-{room}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = include_str!("../../../event.toml");

    #[test]
    fn the_projects_own_settings_can_be_deployed() {
        let cloud = cloud(EVENT).unwrap();
        assert_eq!((cloud.name.as_str(), cloud.architecture), ("techognition", Architecture::Arm64));
    }

    #[test]
    fn each_setting_that_cannot_be_is_named() {
        for (from, to, key) in [
            ("name = \"techognition\"", "name = \"Photo Day\"", "cloud.name"),
            ("region = \"eu-west-2\"", "region = \"London\"", "cloud.region"),
            ("alarm_email = \"\"", "alarm_email = \"me\"", "cloud.alarm_email"),
            ("alarm_phone = \"\"", "alarm_phone = \"07700 900000\"", "cloud.alarm_phone"),
            ("monthly_budget_usd = 50", "monthly_budget_usd = 0", "cloud.monthly_budget_usd"),
            ("rate = 200", "rate = 0", "cloud.read"),
            ("renditions_at_once = 10", "renditions_at_once = 1", "cloud.renditions_at_once"),
            ("original_days = 30", "original_days = 0", "cloud.original_days"),
            ("architecture = \"arm64\"", "architecture = \"arm\"", "arm64"),
            ("register = 600", "register = 9", "cloud.address_per_minute"),
            ("burst = 200 }\nurgent", "burst = 0 }\nurgent", "cloud.register"),
            ("firewall = true", "firewal = true", "firewall"),
            ("egress_offline_gb_per_hour = 200", "egress_offline_gb_per_hour = 20", "cloud.egress_offline_gb_per_hour"),
            ("egress_offline_gb_per_hour = 200", "egress_offline_gb_per_hour = -1", "cloud.egress_offline_gb_per_hour"),
            ("firewall = true", "firewall = false", "0, because only a firewall"),
            ("region = \"eu-west-2\"", "region = \"eu-south-1\"", "cloud.egress_offline_gb_per_hour"),
        ] {
            let text = EVENT.replacen(from, to, 1);
            assert_ne!(text, EVENT, "{from}");
            let refusal = cloud(&text).unwrap_err().to_string();
            assert!(refusal.contains(key), "{key}: {refusal}");
        }
    }

    #[test]
    fn every_variable_of_the_infrastructure_comes_from_the_settings() {
        let declared: std::collections::BTreeSet<_> = include_str!("../../../aws/variables.tf")
            .lines()
            .filter_map(|line| line.strip_prefix("variable \"")?.split('"').next())
            .filter(|name| !name.ends_with("_file") && *name != "edge_secrets") // no setting: `cloud::edge_secrets` makes them
            .collect();
        let variables = cloud(EVENT).unwrap().variables(Path::new("zips"), false);
        let given: std::collections::BTreeSet<_> = variables.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(given, declared);
    }
}
