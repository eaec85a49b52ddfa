//! The two secrets by which functions recognise the edge: the one that it sends, and the one that it will send next.
//!
//! A deployment keeps the secrets in the state, which is private. A rotation makes the edge send the second, and creates another second.
//! Terraform changes the edge first and waits until all of it has changed; functions know that secret already, and get the new second one
//! afterwards. So one deployment rotates, and no request is refused meanwhile.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use local::functions::Functions;
use serde_json::Value;
use shared::runtime::ids;

use super::{account::Account, settings::Cloud};

/// The functions' environment variable with the secrets.
const VARIABLE: &str = "EDGE_SECRETS";

/// Whether a deployment makes the edge send another secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The edge sends the next secret.
    Rotate,
    /// The edge sends the same secret.
    Keep,
}

/// Returns the secrets of the next deployment. `outputs` are those of the last one.
///
/// # Errors
/// A rotation when functions do not know the next secret yet, because the last deployment did not finish.
pub async fn next(
    outputs: &BTreeMap<String, Value>,
    rotation: Rotation,
    cloud: &Cloud,
    account: &Account,
) -> Result<[String; 2]> {
    let known = known(outputs);
    if let (Rotation::Rotate, Some(known)) = (rotation, &known) {
        for function in Functions::read()?.functions.iter().filter(|one| one.environment.iter().any(|v| v == VARIABLE))
        {
            let name = cloud.function(&function.name);
            let told = account.lambda.environment(&name, Some("live")).await;
            let told = told.with_context(|| format!("cannot read the settings of {name}"))?;
            if told.get(VARIABLE) != Some(&known.join(",")) {
                bail!(
                    "{name} does not know CloudFront's new secret: the last deployment did not finish, or was rolled back. First deploy \
                     without --rotate-edge-secret"
                );
            }
        }
    }
    Ok(chosen(known, rotation))
}

/// Returns the secrets that a deployment has left in the state; `None` if it has none.
fn known(outputs: &BTreeMap<String, Value>) -> Option<[String; 2]> {
    serde_json::from_value(outputs.get("edge_secrets")?.clone()).ok()
}

fn chosen(known: Option<[String; 2]>, rotation: Rotation) -> [String; 2] {
    match (known, rotation) {
        (None, _) => [ids::secret(), ids::secret()],
        (Some(known), Rotation::Keep) => known,
        (Some([_, next]), Rotation::Rotate) => [next, ids::secret()],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn outputs(secrets: &Value) -> BTreeMap<String, Value> {
        BTreeMap::from([("edge_secrets".to_owned(), secrets.clone())])
    }

    #[test]
    fn a_deployment_goes_on_with_the_secrets_of_the_last_one() {
        let before = known(&outputs(&json!(["now", "next"])));
        assert_eq!(chosen(before, Rotation::Keep), ["now", "next"]);
    }

    #[test]
    fn after_a_rotation_the_edge_sends_what_functions_knew_before() {
        let before = known(&outputs(&json!(["now", "next"])));
        let [sent, next] = chosen(before, Rotation::Rotate);
        assert_eq!(sent, "next");
        assert!(next.len() >= 40 && next != "now", "{next}");
    }

    #[test]
    fn where_nothing_is_deployed_both_are_new() {
        for before in [BTreeMap::new(), outputs(&json!([])), outputs(&json!(null))] {
            let [sent, next] = chosen(known(&before), Rotation::Keep);
            assert!(sent.len() >= 40 && next.len() >= 40 && sent != next);
        }
    }
}
