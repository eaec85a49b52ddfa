//! Those who use the system, over HTTP and nothing else.

use std::time::Duration;

use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use http::Method;
use serde_json::{Value, json};
use shared::{domain::ids::Sha256Hex, runtime::ids::random};

use crate::{
    Answer, Client,
    stage::{edition, within},
};

/// A technician's device, with its secret.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its client.
    pub client: Client,
    /// Its `Authorization`.
    pub authorization: String,
}

/// A moderator or organiser with a key.
#[derive(Clone, Debug)]
pub struct Moderator {
    /// Their client.
    pub client: Client,
    /// Their `Authorization`.
    pub authorization: String,
}

/// What a batch shares, with one photo for each file.
pub fn batch(files: &[Bytes]) -> Value {
    let photo = |(i, file): (usize, &Bytes)| {
        json!({
            "ref": format!("r{i}-{}", &Sha256Hex::of(file).as_str()[..8]),
            "type": "image/jpeg",
            "size_bytes": file.len(),
            "sha256": Sha256Hex::of(file),
            "caption": "Crystals on day twelve",
            "alt": "Blue crystals in a dish",
            "people": "none",
        })
    };
    json!({
        "consent": {"version": edition().consent.version, "web": true, "social": false, "press": false},
        "credit": "The prep room",
        "school": {"name": "Sample Academy"},
        "discipline": "science",
        "photos": files.iter().enumerate().map(photo).collect::<Vec<_>>(),
    })
}

impl Device {
    /// A device with a new secret.
    pub fn new(client: &Client) -> Self {
        let authorization = format!("Uploader {}", BASE64URL_NOPAD.encode(&random::<32>()));
        Self { client: client.clone(), authorization }
    }

    /// Asks for a batch as it is.
    pub async fn request(&self, batch: &Value) -> Answer {
        self.client.json(Method::POST, "/api/v1/uploads", &self.authorization, batch).await
    }

    /// Reserves one photo for each file; answers with the answer's `photos`.
    pub async fn reserve(&self, files: &[Bytes]) -> Vec<Value> {
        let answer = self.request(&batch(files)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["photos"].as_array().expect("photos").clone()
    }

    /// Sends a file where a reservation says.
    pub async fn put(&self, reserved: &Value, file: &Bytes) -> Answer {
        put(&self.client, &reserved["upload"], file, &[]).await
    }

    /// Adds photos and waits until their renditions are made; answers with their ids.
    pub async fn add(&self, files: &[Bytes]) -> Vec<String> {
        let reserved = self.reserve(files).await;
        for (photo, file) in reserved.iter().zip(files) {
            let answer = self.put(photo, file).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        let ids: Vec<_> = reserved.iter().map(|photo| photo["id"].as_str().expect("an id").to_owned()).collect();
        for id in &ids {
            self.until(id, "pending").await;
        }
        ids
    }

    /// The device's own photos.
    pub async fn own(&self) -> Vec<Value> {
        let headers = [("authorization", self.authorization.as_str())];
        let answer = self.client.send(Method::GET, "/api/v1/uploads", &headers, Bytes::new()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["photos"].as_array().expect("photos").clone()
    }

    /// Waits until one of its photos has this state; answers with it.
    pub async fn until(&self, id: &str, state: &str) -> Value {
        // Long enough for an emulated cloud that is slow.
        within(Duration::from_mins(3), &format!("{id} is {state}"), async || {
            self.own().await.into_iter().find(|photo| photo["id"] == id && photo["state"] == state)
        })
        .await
    }

    /// A call about one of its photos.
    pub async fn call(&self, method: Method, target: &str, body: &Value) -> Answer {
        self.client.json(method, target, &self.authorization, body).await
    }
}

impl Moderator {
    /// Somebody with this key.
    pub fn new(client: &Client, key: &str) -> Self {
        Self { client: client.clone(), authorization: format!("Bearer {key}") }
    }

    /// Reads.
    pub async fn get(&self, target: &str) -> Answer {
        self.client.send(Method::GET, target, &[("authorization", &self.authorization)], Bytes::new()).await
    }

    /// What waits in a lane.
    pub async fn queue(&self, lane: &str, limit: usize) -> Vec<Value> {
        let answer = self.get(&format!("/api/v1/moderation/queue?lane={lane}&limit={limit}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["photos"].as_array().expect("photos").clone()
    }

    /// Decides about one photo; answers with what became of it.
    pub async fn decide(&self, id: &str, version: u64, action: &str) -> Value {
        let decision = json!({"id": id, "version": version, "action": action, "reason": "because of a story"});
        let answer = self.decisions(&json!({"decisions": [decision]})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["decisions"][0].clone()
    }

    /// Decides as it is asked.
    pub async fn decisions(&self, body: &Value) -> Answer {
        self.client.json(Method::POST, "/api/v1/moderation/decisions", &self.authorization, body).await
    }

    /// Publishes photos that are pending for the first time.
    pub async fn publish(&self, ids: &[String]) {
        for id in ids {
            let decided = self.decide(id, 2, "publish").await;
            assert_eq!(decided["state"], "published", "{decided}");
        }
    }
}

/// Sends a file as an upload permission says, with some headers changed: an empty value leaves the header out.
pub async fn put(client: &Client, upload: &Value, file: &Bytes, changed: &[(&str, &str)]) -> Answer {
    let headers: Vec<(String, String)> = upload["headers"]
        .as_object()
        .expect("headers")
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().expect("a header's value").to_owned()))
        .filter(|(name, _)| !changed.iter().any(|(other, _)| other == name))
        .chain(changed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    client.send(Method::PUT, upload["url"].as_str().expect("an address"), &headers, file.clone()).await
}

/// Sends a file as an upload permission says, to a host that may be gone.
pub async fn try_put(client: &Client, upload: &Value, file: &Bytes) -> Result<Answer, String> {
    let headers = upload["headers"].as_object().expect("headers");
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str().expect("a header's value"))).collect();
    client.try_send(Method::PUT, upload["url"].as_str().expect("an address"), &headers, file.clone()).await
}
