//! Those who use the system while it is tortured. They are as patient as real ones: what fails they try again, and they believe only
//! what they were told.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Error, Result, bail};
use bytes::Bytes;
use http::{Method, StatusCode};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use shared::{
    domain::{Edition, PhotoId, ids::Sha256Hex},
    runtime::ids,
};
use tests::{Answer, Client};

use super::ledger::Ledger;

/// How long somebody waits for an answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// Photos that one device adds before another one comes.
const PER_DEVICE: u32 = 60;

/// What all people share.
#[derive(Clone)]
pub struct Load {
    /// Their client of the site.
    pub client: Client,
    /// What they hear.
    pub ledger: Ledger,
    /// The edition.
    pub edition: Edition,
    /// A moderator's key.
    pub key: String,
    /// Whether they go home.
    pub over: Arc<AtomicBool>,
    /// Numbers of files, so that no two are alike.
    pub files: Arc<AtomicU32>,
    /// The most photos to acknowledge.
    pub most: usize,
}

impl Load {
    async fn call(&self, method: Method, path: &str, authorization: &str, body: &Value) -> Result<Answer> {
        let mut headers = vec![("content-type", "application/json")];
        if !authorization.is_empty() {
            headers.push(("authorization", authorization));
        }
        let body = if *body == Value::Null { Bytes::new() } else { body.to_string().into() };
        let answer = tokio::time::timeout(PATIENCE, self.client.try_send(method, path, &headers, body)).await?;
        let answer = answer.map_err(Error::msg)?;
        *self.ledger.heard().answers.entry(answer.status.as_u16()).or_default() += 1;
        Ok(answer)
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    fn is_full(&self) -> bool {
        self.ledger.heard().acknowledged.len() >= self.most
    }

    /// A technician with one device after the other: adds photos, changes words, takes some back.
    pub async fn technician(self, seed: u64) {
        let mut random = StdRng::seed_from_u64(seed);
        while !self.is_over() && !self.is_full() {
            let authorization = format!("Uploader {}", ids::secret());
            let mut added = Vec::new();
            for n in 0..PER_DEVICE {
                if self.is_over() || self.is_full() {
                    return;
                }
                let file = picture(self.files.fetch_add(1, Ordering::Relaxed));
                if let Some(id) = self.add(&authorization, n, &file).await {
                    added.push(id);
                }
                if random.random_bool(0.1)
                    && let Some(id) = added.get(random.random_range(0..added.len().max(1))).cloned()
                {
                    self.withdraw(&authorization, &id).await;
                } else if random.random_bool(0.05)
                    && let Some(id) = added.last()
                {
                    let words = json!({ "caption": format!("Words number {n}") });
                    drop(self.call(Method::PATCH, &format!("/api/v1/uploads/{id}"), &authorization, &words).await);
                }
            }
        }
    }

    /// Adds one photo, again and again until it is acknowledged or everybody goes home.
    async fn add(&self, authorization: &str, n: u32, file: &Bytes) -> Option<PhotoId> {
        let request = self.request(n, file);
        while !self.is_over() {
            if let Ok(id) = self.try_add(authorization, &request, file).await {
                self.ledger.heard().acknowledged.insert(id.clone(), authorization.to_owned());
                return Some(id);
            }
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
        None
    }

    async fn try_add(&self, authorization: &str, request: &Value, file: &Bytes) -> Result<PhotoId> {
        let answer = self.call(Method::POST, "/api/v1/uploads", authorization, request).await?;
        if answer.status != StatusCode::CREATED {
            bail!("{}", answer.status);
        }
        let body: Value = serde_json::from_slice(&answer.body)?;
        let photo = &body["photos"][0];
        let id = photo["id"].as_str().context("no id")?.parse()?;
        let (state, upload) = (photo["state"].as_str().unwrap_or_default(), &photo["upload"]);
        let Some(url) = upload["url"].as_str() else {
            // It went further than its sender knows: only the bytes can have brought it there.
            if matches!(state, "pending" | "published" | "hidden" | "rejected") {
                return Ok(id);
            }
            bail!("it is {state}");
        };
        let headers: Vec<_> = upload["headers"].as_object().into_iter().flatten().collect();
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default())).collect();
        let put = self.client.try_send(Method::PUT, url, &headers, file.clone());
        let put = tokio::time::timeout(PATIENCE, put).await?.map_err(Error::msg)?;
        match put.status {
            // Already there: with our own hash in the name of our own photo, that is success.
            StatusCode::OK | StatusCode::PRECONDITION_FAILED => Ok(id),
            other => bail!("the storage says {other}"),
        }
    }

    async fn withdraw(&self, authorization: &str, id: &PhotoId) {
        self.ledger.heard().asked_to_go.insert(id.clone());
        let answer = self.call(Method::DELETE, &format!("/api/v1/uploads/{id}"), authorization, &Value::Null).await;
        if answer.is_ok_and(|answer| answer.status == StatusCode::OK) {
            self.ledger.heard().gone.insert(id.clone(), Instant::now());
        }
    }

    fn request(&self, n: u32, file: &Bytes) -> Value {
        json!({
            "consent": {"version": self.edition.consent.version, "web": true, "social": false, "press": false},
            "credit": "A sample person",
            "school": {"name": "Sample Academy"},
            "discipline": self.edition.disciplines.first().map(|discipline| discipline.slug.to_string()),
            "photos": [{
                "ref": format!("n{n}"),
                "type": "image/jpeg",
                "size_bytes": file.len(),
                "sha256": Sha256Hex::digest(file),
                "caption": format!("Sample number {n}"),
                "alt": "",
                "people": "none",
            }],
        })
    }

    /// A moderator: decides about what waits, and takes some of it away again.
    pub async fn moderator(self, seed: u64) {
        let mut random = StdRng::seed_from_u64(seed);
        let authorization = format!("Bearer {}", self.key);
        let mut published: Vec<(PhotoId, u64)> = Vec::new();
        while !self.is_over() {
            let queue =
                self.call(Method::GET, "/api/v1/moderation/queue?lane=normal&limit=12", &authorization, &Value::Null);
            let waiting: Value = match queue.await {
                Ok(answer) => serde_json::from_slice(&answer.body).unwrap_or_default(),
                Err(_) => Value::Null,
            };
            let mut decisions = Vec::new();
            for photo in waiting["photos"].as_array().into_iter().flatten() {
                let action = match random.random_range(0..20) {
                    0 => "reject",
                    1 => "delete",
                    2 => "quarantine",
                    _ => "publish",
                };
                decisions.push(
                    json!({"id": photo["id"], "version": photo["version"], "action": action, "reason": "a sample"}),
                );
            }
            if random.random_bool(0.5)
                && let Some((id, version)) = published.pop()
            {
                let action = if random.random_bool(0.7) { "hide" } else { "delete" };
                decisions.push(json!({"id": id, "version": version, "action": action, "reason": "a sample"}));
            }
            if decisions.is_empty() {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
            for decision in &decisions {
                if decision["action"] == "delete"
                    && let Some(id) = id_of(decision)
                {
                    self.ledger.heard().asked_to_go.insert(id);
                }
            }
            let body = json!({ "decisions": decisions });
            let Ok(answer) = self.call(Method::POST, "/api/v1/moderation/decisions", &authorization, &body).await
            else {
                continue;
            };
            let answer: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            for decided in answer["decisions"].as_array().into_iter().flatten() {
                match (id_of(decided), decided["state"].as_str(), decided["version"].as_u64()) {
                    (Some(id), Some("published"), Some(version)) => published.push((id, version)),
                    (Some(id), Some("deleted" | "hidden" | "quarantined"), _) => {
                        self.ledger.heard().gone.insert(id, Instant::now());
                    }
                    _ => {}
                }
            }
        }
    }

    /// Somebody who looks at everything, again and again.
    pub async fn visitor(self) {
        while !self.is_over() {
            let begun = Instant::now();
            if let Ok(met) = self.walk().await {
                self.ledger.walked(begun, &met);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn walk(&self) -> Result<Vec<PhotoId>> {
        let mut met = Vec::new();
        let mut next = Some("/api/v1/photos?limit=48".to_owned());
        while let Some(path) = next {
            let answer = self.call(Method::GET, &path, "", &Value::Null).await?;
            if answer.status != StatusCode::OK || self.is_over() {
                bail!("{}", answer.status);
            }
            let page: Value = serde_json::from_slice(&answer.body)?;
            met.extend(page["photos"].as_array().into_iter().flatten().filter_map(id_of));
            next = page["next"].as_str().map(|after| format!("/api/v1/photos?limit=48&after={after}"));
        }
        Ok(met)
    }
}

fn id_of(value: &Value) -> Option<PhotoId> {
    value["id"].as_str()?.parse().ok()
}

/// A small picture that is like no other.
fn picture(number: u32) -> Bytes {
    let mut random = StdRng::seed_from_u64(u64::from(number));
    let blocks: Vec<[u8; 3]> = (0..24).map(|_| [random.random(), random.random(), random.random()]).collect();
    let (width, height) = (48_usize, 32_usize);
    let mut rgb = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            rgb.extend(blocks[(y / 8) * 6 + x / 8]);
        }
    }
    renditions::render::encode_jpeg(48, 32, &rgb, 80).unwrap_or_default().into()
}
