//! Those who use the system, over HTTP and nothing else.

use std::time::Duration;

use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use http::Method;
use serde_json::{Value, json};
use shared::{domain::ids::Sha256Hex, runtime::ids::random};

use crate::{
    Answer, Client,
    passkey::Passkey,
    system::{edition, within},
};

/// Where requests go: the whole system over HTTP, or one function in this process.
pub trait Service: Clone {
    /// The site's origin.
    fn origin(&self) -> &str;

    /// Sends one request to a path.
    fn ask(
        &self,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> impl Future<Output = Answer> + Send;
}

/// The session's cookie on the site at `origin`.
pub fn cookie_of(origin: &str, token: &str) -> String {
    let name = if origin.starts_with("https://") { "__Host-session" } else { "session" };
    format!("{name}={token}")
}

/// A browser in which a moderator or organiser is signed in, or nobody yet.
#[derive(Clone, Debug)]
pub struct Browser<S> {
    service: S,
    cookie: String,
}

/// A technician's device, with its secret.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its client.
    pub client: Client,
    /// Its `Authorization`.
    pub authorization: String,
}

/// A moderator or organiser with a key that they made.
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
            "ref": format!("r{i}-{}", &Sha256Hex::digest(file).as_str()[..8]),
            "type": "image/jpeg",
            "size_bytes": file.len(),
            "sha256": Sha256Hex::digest(file),
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
        let (mut photos, mut query) = (Vec::new(), String::new());
        loop {
            let page = self.page(&query).await;
            photos.extend(page["photos"].as_array().expect("photos").iter().cloned());
            let Some(next) = page["next"].as_str() else { return photos };
            query = format!("?after={next}");
        }
    }

    /// One page of the device's own photos.
    pub async fn page(&self, query: &str) -> Value {
        let headers = [("authorization", self.authorization.as_str())];
        let answer = self.client.send(Method::GET, &format!("/api/v1/uploads{query}"), &headers, Bytes::new()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
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

    /// Sets the banner, or removes it with null.
    pub async fn set_banner(&self, banner: &Value) -> Answer {
        let body = json!({"banner": banner});
        self.client.json(Method::PUT, "/api/v1/organiser/banner", &self.authorization, &body).await
    }

    /// Publishes photos that are pending for the first time.
    pub async fn publish(&self, ids: &[String]) {
        for id in ids {
            let decided = self.decide(id, 2, "publish").await;
            assert_eq!(decided["state"], "published", "{decided}");
        }
    }
}

impl<S: Service> Browser<S> {
    /// A browser with this cookie; with an empty one, nobody is signed in.
    pub fn with(service: &S, cookie: String) -> Self {
        Self { service: service.clone(), cookie }
    }

    /// Signs in by a code.
    pub async fn sign_in(&mut self, code: &str) -> Answer {
        self.entering("/api/v1/session", &json!({"code": code})).await
    }

    /// Reads.
    pub async fn get(&self, target: &str) -> Answer {
        self.service.ask(Method::GET, target, &[("cookie", &self.cookie)], Bytes::new()).await
    }

    /// Calls as a page's script does.
    pub async fn call(&self, method: Method, target: &str, body: &Value) -> Answer {
        let headers =
            [("cookie", self.cookie.as_str()), ("content-type", "application/json"), ("sec-fetch-site", "same-origin")];
        self.service.ask(method, target, &headers, body.to_string().into()).await
    }

    /// Sends a form, as a page without script does; answers with where it leads, or with the title of the page that refuses it.
    pub async fn form(&self, target: &str, body: &str) -> String {
        let kind = "application/x-www-form-urlencoded";
        let headers = [("cookie", self.cookie.as_str()), ("content-type", kind), ("sec-fetch-site", "same-origin")];
        let answer = self.service.ask(Method::POST, target, &headers, Bytes::copy_from_slice(body.as_bytes())).await;
        if answer.status == 403 {
            let page = answer.text();
            let title = page.split_once("<h1>").and_then(|(_, rest)| rest.split_once("</h1>")).map(|(title, _)| title);
            return title.expect("a page with a heading").to_owned();
        }
        assert_eq!(answer.status, 303, "{target}: {}", answer.text());
        answer.header("location").to_owned()
    }

    /// The cookie; empty if nobody is signed in.
    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    /// Makes a passkey; answers with what the site says where it refuses one.
    ///
    /// # Errors
    /// The site's answer.
    pub async fn make_passkey(&mut self) -> Result<Passkey, Answer> {
        let begun = self.call(Method::POST, "/api/v1/session/passkeys/begin", &json!(null)).await;
        if begun.status != 200 {
            return Err(begun);
        }
        let (passkey, credential) = Passkey::make(self.service.origin(), &begun.json()["options"]);
        let finish = json!({"ceremony": begun.json()["ceremony"], "name": "story", "credential": credential});
        let made = self.entering("/api/v1/session/passkeys/finish", &finish).await;
        if made.status == 201 { Ok(passkey) } else { Err(made) }
    }

    /// Signs in by a passkey, or proves again who is there.
    pub async fn use_passkey(&mut self, passkey: &mut Passkey) -> Answer {
        let begun = self.call(Method::POST, "/api/v1/session/passkey/begin", &json!(null)).await;
        let credential = passkey.answer(&begun.json()["options"]);
        let finish = json!({"ceremony": begun.json()["ceremony"], "credential": credential});
        self.entering("/api/v1/session/passkey/finish", &finish).await
    }

    /// Calls what begins a session, and keeps its cookie.
    async fn entering(&mut self, target: &str, body: &Value) -> Answer {
        let answer = self.call(Method::POST, target, body).await;
        if let Some((cookie, _)) = answer.header("set-cookie").split_once(';') {
            cookie.clone_into(&mut self.cookie);
        }
        answer
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
