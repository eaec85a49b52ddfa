//! Obstacles in the settings and in an account that would disturb the day, although a deployment would succeed or fail only near its end. They are reported
//! before anything is created, each with what to do.

use anyhow::Result;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use shared::{
    domain::Edition,
    store::signed::{BUDGETS, CLOUDFRONT, QUOTAS, Request, SignedClient},
};

use super::{account::Account, functions::said, money, settings::Cloud};

/// Number of concurrent functions below which the day would suffer.
const FEW: u32 = 200;
/// Number of concurrent functions to request.
const WANTED: u32 = 1_000;
/// Days before the opening from which too few concurrent functions are a warning, and not only a note.
const SOON_DAYS: i64 = 7;
/// The code of the quota for concurrent functions.
const FUNCTIONS_AT_ONCE: &str = "L-B99A9384";

/// An obstacle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Obstacle {
    /// The subject.
    pub about: &'static str,
    /// What is wrong, and what to do.
    pub says: String,
}

/// Looks for all obstacles. Something that cannot be read is reported as one, too, and stops nothing.
pub async fn obstacles(cloud: &Cloud, edition: &Edition, account: &Account, now: Timestamp) -> Vec<Obstacle> {
    let mut found = Vec::from_iter(edition.organiser.is_none().then(|| Obstacle {
        about: "organiser",
        says: "Visitors cannot see who is responsible: the settings have no table [organiser]. The law requires a name and a contact for personal \
               data, and a school must be able to call someone about a child in a photo. Fill in the table before the site is public."
            .to_owned(),
    }));
    for (about, unknown, looked) in [
        (
            "functions at once",
            "how many functions the account may run at once",
            functions_at_once(cloud, edition, account, now).await,
        ),
        ("edge", "whether the account has a CloudFront distribution", edge(account).await),
        ("budget", "whether a budget may be made", budget(cloud, account).await),
    ] {
        let says = looked.unwrap_or_else(|error| {
            Some(format!("The check could not find out {unknown} ({error:#}). It continues without this."))
        });
        found.extend(says.map(|says| Obstacle { about, says }));
    }
    found
}

/// Requests as many concurrent functions from AWS as a day needs. Returns AWS's answer.
///
/// # Errors
/// If AWS refuses.
pub async fn ask_for_functions(account: &Account) -> Result<String> {
    let wanted = json!({ "ServiceCode": "lambda", "QuotaCode": FUNCTIONS_AT_ONCE, "DesiredValue": WANTED });
    let client = SignedClient::new(QUOTAS, &account.config);
    let answer = json_call(&client, "ServiceQuotasV20190624.RequestServiceQuotaIncrease", &wanted).await?;
    Ok(answer["RequestedQuota"]["Status"].as_str().unwrap_or("asked").to_owned())
}

async fn functions_at_once(
    cloud: &Cloud,
    edition: &Edition,
    account: &Account,
    now: Timestamp,
) -> Result<Option<String>> {
    let allowed = account.lambda.concurrent_executions().await?;
    let wanted = money::at_once(cloud, edition, 10_000.0);
    if allowed >= FEW && f64::from(allowed) >= wanted {
        return Ok(None);
    }
    let asked = match open_request(account).await {
        Ok(Some(asked)) => format!("You have asked AWS for {asked:.0}, and AWS has not answered yet."),
        Ok(None) | Err(_) => {
            format!("To ask for {WANTED}, run techognition preflight --ask. It is free and takes a day or two.")
        }
    };
    let mut says = format!(
        "This account may run only {allowed} functions at once; a day of 10,000 photos needs {wanted:.0}, and visitors need more. {asked} "
    );
    let days = edition.opens_at.duration_since(now).as_hours() / 24;
    if allowed < FEW && (0..SOON_DAYS).contains(&days) {
        says =
            format!("WARNING: {says}The day opens in {days} days. With so few functions, people will be turned away.");
    }
    Ok(Some(says.trim_end().to_owned()))
}

/// Returns the number in a request that AWS has not decided about; `None` if there is no such request.
async fn open_request(account: &Account) -> Result<Option<f64>> {
    let client = SignedClient::new(QUOTAS, &account.config);
    let of = json!({ "ServiceCode": "lambda", "QuotaCode": FUNCTIONS_AT_ONCE });
    let target = "ServiceQuotasV20190624.ListRequestedServiceQuotaChangeHistoryByQuota";
    let answer = json_call(&client, target, &of).await?;
    let open = |asked: &&Value| matches!(asked["Status"].as_str(), Some("PENDING" | "CASE_OPENED"));
    let asked = answer["RequestedQuotas"].as_array().and_then(|all| all.iter().find(open));
    Ok(asked.and_then(|asked| asked["DesiredValue"].as_f64()))
}

/// A new account may not be allowed a distribution before AWS has verified it, and says so only when one is created.
async fn edge(account: &Account) -> Result<Option<String>> {
    let request = Request {
        method: "GET",
        path: "/2020-05-31/distribution?MaxItems=1".to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    let answer = SignedClient::new(CLOUDFRONT, &account.config).send(request).await.map_err(said)?;
    let answer = String::from_utf8_lossy(&answer);
    let none = answer.contains("<Quantity>0</Quantity>");
    let says = "This account has no CloudFront distribution yet. AWS must verify many new accounts before they may have one, which takes a \
                day or more. If the account is new, open a case in the support centre now (infra/README.md, an account). If AWS has \
                verified it, you need do nothing.";
    Ok(none.then(|| says.to_owned()))
}

/// An account may reserve its billing data for the root user, and with it the budget.
async fn budget(cloud: &Cloud, account: &Account) -> Result<Option<String>> {
    if cloud.alarm_email.is_empty() {
        return Ok(None);
    }
    let client = SignedClient::new(BUDGETS, &account.config);
    let of = json!({ "AccountId": account.id, "MaxResults": 1 });
    match json_call(&client, "AWSBudgetServiceGateway.DescribeBudgets", &of).await {
        Ok(_) => Ok(None),
        Err(error) if error.to_string().starts_with("AccessDenied") => Ok(Some(
            "Only the account's root user may see its bill, so the budget cannot be made. Sign in as the root user, and activate \
             \"IAM user and role access to Billing information\" (infra/README.md, who deploys)."
                .to_owned(),
        )),
        Err(error) => Err(error),
    }
}

async fn json_call(client: &SignedClient, target: &'static str, body: &Value) -> Result<Value> {
    let request = Request {
        method: "POST",
        path: "/".to_owned(),
        headers: vec![("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)],
        body: body.to_string().into_bytes(),
    };
    let answer = client.send(request).await.map_err(said)?;
    Ok(serde_json::from_slice(&answer).unwrap_or_default())
}
