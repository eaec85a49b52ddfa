//! The firewall's two lists of blocked addresses, one for each IP version. They are empty, or contain all addresses while the site is
//! offline.
//!
//! Decision: lists of the firewall, rather than a disabled distribution. A changed list takes effect, and is reverted, within seconds and
//! not minutes; the permission to change it allows no other change of the edge, whereas `UpdateDistribution` would let a function send
//! photos anywhere; and a deployment does not change it. Given up: this needs the firewall, and each blocked request still costs its own
//! price, without a byte of the site.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use serde_json::{Value, json};

use super::{
    fault::{Fault, fault},
    signed::{CallError, Request, SignedClient},
};

/// All addresses. The firewall accepts every block but `/0`: <https://docs.aws.amazon.com/waf/latest/APIReference/API_UpdateIPSet.html>
const EVERYBODY: [(&str, [&str; 2]); 2] = [("IPV4", ["0.0.0.0/1", "128.0.0.0/1"]), ("IPV6", ["::/1", "8000::/1"])];
/// Attempts to change a list that someone else keeps changing.
const TRIES: usize = 5;

/// The two lists.
#[derive(Clone, Debug)]
pub struct Offline {
    client: SignedClient,
    lists: Vec<(String, String)>,
}

impl Offline {
    /// Returns a handle to the lists that `named` gives as `NAME/ID,NAME/ID`; `none` if there is no firewall.
    pub fn new(client: &SignedClient, named: &str) -> Self {
        let pairs = named.split(',').filter_map(|list| list.split_once('/'));
        Self { client: client.clone(), lists: pairs.map(|(name, id)| (name.to_owned(), id.to_owned())).collect() }
    }

    /// Whether there is a firewall that can take the site offline.
    pub fn is_possible(&self) -> bool {
        !self.lists.is_empty()
    }

    /// Whether the site is offline: at least one list has addresses.
    ///
    /// # Errors
    /// Faults of the service.
    pub async fn is_on(&self) -> Result<bool, Fault> {
        for (name, id) in &self.lists {
            let list = self.read(name, id).await.map_err(fault("read a list of the firewall"))?;
            if list["IPSet"]["Addresses"].as_array().is_some_and(|addresses| !addresses.is_empty()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes the site offline, or brings it back. Repeating it is harmless; all edges apply it within seconds.
    ///
    /// # Errors
    /// Faults of the service. It is then possible that one list is changed and the other is not.
    pub async fn set(&self, offline: bool) -> Result<(), Fault> {
        for (name, id) in &self.lists {
            self.change(name, id, offline).await.map_err(fault("change a list of the firewall"))?;
        }
        Ok(())
    }

    async fn change(&self, name: &str, id: &str, offline: bool) -> Result<(), CallError> {
        let mut tries = TRIES;
        loop {
            let list = self.read(name, id).await?;
            let version = list["IPSet"]["IPAddressVersion"].as_str().unwrap_or_default();
            let everybody = EVERYBODY.iter().find(|(of, _)| *of == version).map_or(&[][..], |(_, addresses)| addresses);
            let update = json!({
                "Name": name, "Id": id, "Scope": "CLOUDFRONT", "LockToken": list["LockToken"],
                "Addresses": if offline { everybody } else { &[] },
            });
            tries -= 1;
            match self.call("AWSWAF_20190729.UpdateIPSet", &update).await {
                Ok(_) => return Ok(()),
                Err(error) if error.code() == Some("WAFOptimisticLockException") && tries > 0 => {}
                Err(error) => return Err(error),
            }
        }
    }

    async fn read(&self, name: &str, id: &str) -> Result<Value, CallError> {
        self.call("AWSWAF_20190729.GetIPSet", &json!({ "Name": name, "Id": id, "Scope": "CLOUDFRONT" })).await
    }

    async fn call(&self, target: &'static str, body: &Value) -> Result<Value, CallError> {
        let request = Request {
            method: "POST",
            path: "/".to_owned(),
            headers: vec![("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)],
            body: body.to_string().into_bytes(),
        };
        let answer = self.client.send(request).await?;
        Ok(serde_json::from_slice(&answer).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap,
        sync::{Arc, Mutex},
    };

    use axum::{Router, body::Bytes, extract::State, response::IntoResponse, routing::post};
    use http::{HeaderMap, StatusCode};

    use super::*;
    use crate::store::{Aws, client::Endpoints};

    /// A list, and the number of its changes, which is its lock token.
    #[derive(Default)]
    struct List {
        addresses: Vec<String>,
        changes: u32,
    }

    /// A firewall with only the operations that are used: lists by name.
    #[derive(Clone, Default)]
    struct Firewall {
        lists: Arc<Mutex<BTreeMap<String, List>>>,
        /// Changes that another client makes in between.
        others: Arc<Mutex<u32>>,
    }

    async fn answer(State(firewall): State<Firewall>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
        let asked: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(asked["Scope"], "CLOUDFRONT");
        assert!(headers["authorization"].to_str().unwrap().contains("/us-east-1/wafv2/"), "{headers:?}");
        let name = asked["Name"].as_str().unwrap().to_owned();
        let mut lists = firewall.lists.lock().unwrap();
        let List { addresses, changes } = lists.entry(name.clone()).or_default();
        let token = changes.to_string();
        if headers["x-amz-target"] == "AWSWAF_20190729.GetIPSet" {
            let version = if name.ends_with("ipv4") { "IPV4" } else { "IPV6" };
            let mut others = firewall.others.lock().unwrap();
            if *others > 0 {
                (*others, *changes) = (*others - 1, *changes + 1);
            }
            let set = json!({ "IPAddressVersion": version, "Addresses": addresses });
            return (StatusCode::OK, json!({ "IPSet": set, "LockToken": token }).to_string());
        }
        if asked["LockToken"] != token {
            return (StatusCode::BAD_REQUEST, json!({ "__type": "WAFOptimisticLockException" }).to_string());
        }
        let wanted: Vec<String> = serde_json::from_value(asked["Addresses"].clone()).unwrap();
        if wanted.iter().any(|address| address.ends_with("/0")) {
            return (StatusCode::BAD_REQUEST, json!({ "__type": "WAFInvalidParameterException" }).to_string());
        }
        (*addresses, *changes) = (wanted, *changes + 1);
        (StatusCode::OK, json!({ "NextLockToken": changes.to_string() }).to_string())
    }

    async fn lists(firewall: &Firewall, named: &str) -> Offline {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().route("/", post(answer)).with_state(firewall.clone());
        tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        let aws = Aws::at(&Endpoints {
            cloudfront: address,
            dynamodb: String::new(),
            s3: String::new(),
            sqs: String::new(),
            region: "eu-west-2".to_owned(),
            access_key: "test".to_owned(),
            secret_key: "test".to_owned(),
        });
        Offline::new(&aws.firewall, named)
    }

    #[tokio::test]
    async fn everybody_is_turned_away_and_let_in_again_also_while_somebody_else_changes_the_lists() {
        let firewall = Firewall::default();
        let offline = lists(&firewall, "a-ipv4/1,a-ipv6/2").await;
        assert!(offline.is_possible() && !offline.is_on().await.unwrap());
        *firewall.others.lock().unwrap() = 3;
        offline.set(true).await.unwrap();
        let of = |name: &str| firewall.lists.lock().unwrap()[name].addresses.join(" ");
        assert_eq!((of("a-ipv4"), of("a-ipv6")), ("0.0.0.0/1 128.0.0.0/1".to_owned(), "::/1 8000::/1".to_owned()));
        assert!(offline.is_on().await.unwrap());
        offline.set(true).await.unwrap();
        offline.set(false).await.unwrap();
        assert_eq!((of("a-ipv4"), of("a-ipv6"), offline.is_on().await.unwrap()), (String::new(), String::new(), false));

        // If the other client never stops, the error is reported.
        *firewall.others.lock().unwrap() = 99;
        assert!(offline.set(true).await.unwrap_err().chain().contains("WAFOptimisticLock"));
    }

    #[tokio::test]
    async fn where_there_is_no_firewall_nothing_is_asked() {
        let offline = lists(&Firewall::default(), "none").await;
        assert!(!offline.is_possible() && !offline.is_on().await.unwrap());
    }
}
