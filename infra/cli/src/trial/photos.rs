//! Checks with photos that take the whole way: registered, uploaded, rendered, reviewed, published, withdrawn, erased.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use aws_sdk_s3::{error::ProvideErrorMetadata, presigning::PresigningConfig, primitives::ByteStream};
use bytes::Bytes;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::{
    domain::{
        Photo, State,
        keys::{public_path, review_folder},
    },
    store::buckets::{PresignedUpload, own_path},
};

use super::{AGAIN, Run, Told, checks, described, expect, file, header};
use crate::cloud::http::Answer;

/// The age of a signature that is too old, although its address is valid for much longer.
const OLD: Duration = Duration::from_mins(11);
const LONG: Duration = Duration::from_hours(1);

/// The part of an answer that holds a new address.
#[derive(Deserialize)]
struct Renewed {
    upload: PresignedUpload,
}

impl<F: FnMut(Told<'_>)> Run<'_, F> {
    pub(super) async fn whole_way(&mut self, cookie: Option<&str>) -> Result<()> {
        let (main, own) = (self.reserve("whole-way").await?, self.reserve("own-address").await?);
        let renewed = self.renewed(&main).await;
        let given = self.check(&checks::RENEWAL, renewed);
        self.refusals().await?;
        let (address, stored, others) = self.stored(&main, given.as_ref()).await?;
        let own_stored = self.by_own_host(&own, others).await?;
        self.once(&address, stored).await;

        let pending = if stored {
            let made = self.pending(&main).await;
            self.check(&checks::RENDITIONS, made)
        } else {
            self.skip(&checks::RENDITIONS, &checks::STORAGE);
            None
        };
        if own_stored && pending.is_some() {
            // Waits for its renditions, so that none are written after the clean-up.
            drop(self.pending(&own).await);
        }
        let hidden = self.get(&format!("/api/v1/photos/{}", main.id), &[]).await;
        self.check(&checks::HIDDEN, hidden.and_then(|answer| expect(&answer, &[StatusCode::NOT_FOUND])));

        let path = self.shown(&main, pending.as_ref(), cookie).await;
        if stored {
            let private = self.unsigned(&main, pending.as_ref(), path.as_deref()).await;
            self.check(&checks::UNSIGNED, private);
            let short = self.old_signature(&main, pending.as_ref()).await;
            self.check(&checks::OLD_SIGNATURE, short);
        } else {
            self.skip(&checks::UNSIGNED, &checks::STORAGE);
            self.skip(&checks::OLD_SIGNATURE, &checks::STORAGE);
        }
        self.withdrawn(&main, given.is_some(), path.as_deref()).await;
        Ok(())
    }

    /// Returns the device's `Authorization` header, as the site's pages send it.
    fn authorization(&self) -> String {
        format!("Uploader {}", self.prepared.secret)
    }

    /// Requests a new address, which the function signs with its own role.
    async fn renewed(&self, photo: &Photo) -> Result<PresignedUpload> {
        let url = self.at(&format!("/api/v1/uploads/{}/renew", photo.id));
        let answer =
            self.http.send(Method::POST, &url, &[("authorization", &self.authorization())], Bytes::new()).await?;
        expect(&answer, &[StatusCode::OK])?;
        let renewed: Renewed = serde_json::from_slice(&answer.body).context("its answer has no address")?;
        Ok(renewed.upload)
    }

    /// Returns an address signed with the caller's credentials.
    async fn signed(&self, photo: &Photo) -> Result<PresignedUpload> {
        Ok(self.originals.presign(photo, self.clock.now()).await?)
    }

    /// Puts bytes to a signed address without some of its headers.
    async fn put(&self, address: &PresignedUpload, url: &str, without: &[&str], bytes: &Bytes) -> Result<Answer> {
        let headers: Vec<(&str, &str)> = address
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| !without.contains(name))
            .collect();
        self.http.send(Method::PUT, url, &headers, bytes.clone()).await
    }

    /// Checks what the storage must refuse, each with an address of its own.
    async fn refusals(&mut self) -> Result<()> {
        let address = self.signed(&self.reserve("without-condition").await?).await?;
        let bare = self.put(&address, &address.url, &["if-none-match"], &file()).await;
        self.check(&checks::REPLACED, bare.and_then(|answer| expect(&answer, &[StatusCode::FORBIDDEN])));
        let address = self.signed(&self.reserve("other-bytes").await?).await?;
        let other = self.put(&address, &address.url, &[], &Bytes::from(vec![b'x'; file().len()])).await;
        let refusals = [StatusCode::BAD_REQUEST, StatusCode::FORBIDDEN];
        self.check(&checks::OTHER_BYTES, other.and_then(|answer| expect(&answer, &refusals)));
        Ok(())
    }

    /// Uploads the photo to the address from the site, or otherwise to one of our own, so that the later checks can be made. Returns that
    /// address, whether the photo is stored, and whether the function's addresses work.
    async fn stored(
        &mut self,
        photo: &Photo,
        given: Option<&PresignedUpload>,
    ) -> Result<(PresignedUpload, bool, bool)> {
        if let Some(given) = given {
            let stored = self.put(given, &given.url, &[], &file()).await;
            let stored = stored.and_then(|answer| expect(&answer, &[StatusCode::OK]));
            if self.check(&checks::STORAGE, stored).is_some() {
                return Ok((given.clone(), true, true));
            }
        } else {
            self.skip(&checks::STORAGE, &checks::RENEWAL);
        }
        let address = self.signed(photo).await?;
        let stored = self.put(&address, &address.url, &[], &file()).await;
        Ok((address, stored.is_ok_and(|answer| answer.status == StatusCode::OK), false))
    }

    /// Uploads a photo through the site's own host, as a page does on a network that blocks the storage's host.
    async fn by_own_host(&mut self, photo: &Photo, given: bool) -> Result<bool> {
        let address = if given { self.renewed(photo).await } else { self.signed(photo).await };
        let stored = async {
            let address = address?;
            let url = self.at(&own_path(&address.url, &self.stack.buckets.originals));
            expect(&self.put(&address, &url, &[], &file()).await?, &[StatusCode::OK])
        };
        let stored = stored.await;
        Ok(self.check(&checks::OWN_HOST, stored).is_some())
    }

    /// Checks that a stored object stays: for the same address, and for a caller who signs without the condition.
    async fn once(&mut self, address: &PresignedUpload, stored: bool) {
        if stored {
            let again = self.put(address, &address.url, &[], &file()).await;
            let refusals = [StatusCode::PRECONDITION_FAILED, StatusCode::CONFLICT];
            self.check(&checks::AGAIN, again.and_then(|answer| expect(&answer, &refusals)));
        } else {
            self.skip(&checks::AGAIN, &checks::STORAGE);
        }
        let once = self.write_once().await;
        self.check(&checks::WRITE_ONCE, once);
    }

    /// Checks that both buckets refuse the SDK's plain write with the caller's credentials.
    async fn write_once(&self) -> Result<()> {
        let mut open = Vec::new();
        for bucket in [&self.stack.buckets.originals, &self.stack.buckets.removals] {
            let key = format!("{}/write-once", self.prepared.trial.edition.slug);
            let put = self.stack.aws.s3.put_object().bucket(bucket).key(key).body(ByteStream::from_static(b"trial"));
            match put.send().await {
                Ok(_) => open.push(format!("{bucket} allowed it")),
                Err(error) if error.raw_response().is_some_and(|answer| answer.status().as_u16() == 403) => {}
                Err(error) => open.push(format!("{bucket}: {}", error.code().unwrap_or("no answer"))),
            }
        }
        if open.is_empty() { Ok(()) } else { bail!("in a write without a condition, {}", open.join(", ")) }
    }

    /// Waits until a photo's renditions exist. Returns the photo.
    async fn pending(&mut self, photo: &Photo) -> Result<Photo> {
        let begun = Instant::now();
        loop {
            let now = self.photos.get(&photo.id).await?.context("its row is gone")?;
            match now.state {
                State::Reserved if begun.elapsed() < self.patience.renditions => {
                    self.waits("the photo's renditions are not ready yet", begun, self.patience.renditions);
                    tokio::time::sleep(Duration::from_millis(250)).await;
                }
                State::Reserved => bail!("they are not ready after {} seconds", begun.elapsed().as_secs()),
                State::Pending => {
                    // No moderator should be told that a photo looks like one of a trial, so its fingerprint is removed.
                    if let Some(fingerprint) = now.rendered.as_ref().and_then(|rendered| rendered.fingerprint) {
                        self.looks.forget(&now, fingerprint).await?;
                    }
                    return Ok(now);
                }
                State::Published
                | State::Rejected
                | State::Hidden
                | State::Deleted
                | State::Expired
                | State::Quarantined => {
                    let reason = now.reason.unwrap_or_default();
                    bail!("it is {} {reason}", now.state.as_str())
                }
            }
        }
    }

    /// Reviews the photo as a moderator and publishes it. Returns the path of its image, if it is public.
    async fn shown(&mut self, photo: &Photo, pending: Option<&Photo>, cookie: Option<&str>) -> Option<String> {
        let (Some(pending), Some(cookie)) = (pending, cookie) else {
            let failed = if cookie.is_none() { &checks::SIGN_IN } else { &checks::RENDITIONS };
            self.skip(&checks::REVIEWED, failed);
            self.skip(&checks::PUBLISHED, failed);
            return None;
        };
        let seen = self.reviewed(photo, cookie).await;
        self.check(&checks::REVIEWED, seen);
        let path = self.published(pending, cookie).await;
        self.check(&checks::PUBLISHED, path)
    }

    /// Checks the image at the address on the moderators' page of the photo.
    async fn reviewed(&self, photo: &Photo, cookie: &str) -> Result<()> {
        let page = self.get(&format!("/moderation/photos/{}", photo.id), &[("cookie", cookie)]).await?;
        expect(&page, &[StatusCode::OK]).context("the moderators' page of the photo")?;
        let page = String::from_utf8_lossy(&page.body).into_owned();
        let mut links = page.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let link = links.find(|link| link.contains(&self.stack.buckets.review));
        let link = link.context("there is no picture on the moderators' page of the photo")?;
        let link = link.replace("&#38;", "&").replace("&amp;", "&");
        let url = if link.starts_with('/') { self.at(&link) } else { link };
        let picture = self.http.send(Method::GET, &url, &[], Bytes::new()).await?;
        expect(&picture, &[StatusCode::OK])?;
        let kind = header(&picture, "content-type");
        if kind.starts_with("image/") { Ok(()) } else { bail!("the answer is not a picture but {kind:?}") }
    }

    async fn published(&self, pending: &Photo, cookie: &str) -> Result<String> {
        let decision = json!({ "id": pending.id, "version": pending.version, "action": "publish" });
        let body = json!({ "decisions": [decision] }).to_string();
        let headers = [("content-type", "application/json"), ("cookie", cookie)];
        let url = self.at("/api/v1/moderation/decisions");
        let answer = self.http.send(Method::POST, &url, &headers, body.into()).await?;
        expect(&answer, &[StatusCode::OK]).context("publishing it")?;
        let decided: Value = serde_json::from_slice(&answer.body).context("the decision's answer is not JSON")?;
        if decided["decisions"][0]["state"] != "published" {
            bail!("publishing was answered with {}", decided["decisions"][0]);
        }
        let photo = self.photos.get(&pending.id).await?.context("its row is gone")?;
        let revision = photo.revision.as_ref().context("it has no public address")?;
        let renditions = photo.rendered.iter().flat_map(|rendered| &rendered.renditions);
        let rendition = renditions.min_by_key(|rendition| rendition.bytes).context("it has no picture")?;
        let path = public_path(&photo.id, revision, &rendition.name);
        let picture = self.get(&path, &[]).await?;
        expect(&picture, &[StatusCode::OK])?;
        if picture.body.len() as u64 != rendition.bytes {
            bail!("the picture has {} bytes, but {} arrived", rendition.bytes, picture.body.len());
        }
        // The edge should have cached what is removed later. If it does not cache, another check reports that.
        for _ in 0..3 {
            if header(&self.get(&path, &[]).await?, "x-cache").starts_with("Hit") {
                break;
            }
        }
        Ok(path)
    }

    /// Returns the objects that exist now, each as bucket and key: the original, a rendition under review, a public one.
    fn objects(&self, photo: &Photo, pending: Option<&Photo>, public: Option<&str>) -> Vec<(&str, String)> {
        let buckets = &self.stack.buckets;
        let mut objects = vec![(buckets.originals.as_str(), photo.original_key().to_string())];
        if let Some(rendered) = pending.and_then(|pending| pending.rendered.as_ref())
            && let Some(rendition) = rendered.renditions.first()
        {
            let key = format!("{}{}", review_folder(&photo.id, &rendered.hash), rendition.name);
            objects.push((buckets.review.as_str(), key));
        }
        objects.extend(public.map(|path| (buckets.public.as_str(), path.trim_start_matches('/').to_owned())));
        objects
    }

    /// Returns the address of an object, signed `ago`.
    async fn address(&self, bucket: &str, key: &str, ago: Duration, life: Duration) -> Result<String> {
        let since = std::time::SystemTime::from(self.clock.now()) - ago;
        let config = PresigningConfig::builder().start_time(since).expires_in(life).build()?;
        let get = self.stack.aws.s3.get_object().bucket(bucket).key(key).presigned(config).await?;
        Ok(get.uri().to_owned())
    }

    async fn unsigned(&self, photo: &Photo, pending: Option<&Photo>, public: Option<&str>) -> Result<()> {
        let mut open = Vec::new();
        for (bucket, key) in self.objects(photo, pending, public) {
            let signed = self.address(bucket, &key, Duration::ZERO, LONG).await?;
            let bare = signed.split('?').next().unwrap_or_default();
            let answer = self.http.send(Method::GET, bare, &[], Bytes::new()).await?;
            if answer.status != StatusCode::FORBIDDEN {
                open.push(format!("{bucket} answers {}", described(&answer)));
            }
        }
        if open.is_empty() { Ok(()) } else { bail!("asked for an object without a signature, {}", open.join(", ")) }
    }

    async fn old_signature(&self, photo: &Photo, pending: Option<&Photo>) -> Result<()> {
        let mut open = Vec::new();
        for (bucket, key) in self.objects(photo, pending, None) {
            let ask = async |ago| {
                let address = self.address(bucket, &key, ago, LONG).await?;
                self.http.send(Method::GET, &address, &[], Bytes::new()).await
            };
            let fresh = ask(Duration::ZERO).await?;
            if fresh.status != StatusCode::OK {
                open.push(format!("{bucket} refuses a new one, too: {}", described(&fresh)));
            }
            let old = ask(OLD).await?;
            if old.status != StatusCode::FORBIDDEN {
                let (minutes, status) = (OLD.as_secs() / 60, described(&old));
                open.push(format!("{bucket} answers one of {minutes} minutes ago with {status}"));
            }
        }
        if open.is_empty() { Ok(()) } else { bail!("{}", open.join(", ")) }
    }

    /// Withdraws the photo as its uploader, and checks that it is gone for everybody.
    async fn withdrawn(&mut self, photo: &Photo, known: bool, path: Option<&str>) {
        let deleted = if known {
            let deleted = self.deleted(photo).await;
            self.check(&checks::DELETED, deleted).is_some()
        } else {
            self.skip(&checks::DELETED, &checks::RENEWAL);
            false
        };
        match path {
            None => self.skip(&checks::GONE, &checks::PUBLISHED),
            Some(_) if !deleted => self.skip(&checks::GONE, &checks::DELETED),
            Some(path) => {
                let gone = self.gone(path).await;
                self.check(&checks::GONE, gone);
            }
        }
    }

    async fn deleted(&self, photo: &Photo) -> Result<()> {
        let url = self.at(&format!("/api/v1/uploads/{}", photo.id));
        let answer =
            self.http.send(Method::DELETE, &url, &[("authorization", &self.authorization())], Bytes::new()).await?;
        expect(&answer, &[StatusCode::OK])?;
        let now = self.photos.get(&photo.id).await?.context("its tombstone is missing")?;
        if now.state != State::Deleted || !now.caption.is_empty() {
            bail!("it is {}, and its caption is {:?}", now.state.as_str(), now.caption);
        }
        let mut left = self.review.of(&photo.id).await?;
        left.extend(self.public.of(&photo.id).await?);
        if self.originals.head(&photo.original_key()).await?.is_some() {
            left.push(photo.original_key().to_string());
        }
        if left.is_empty() { Ok(()) } else { bail!("these files are still there: {}", left.join(", ")) }
    }

    async fn gone(&mut self, path: &str) -> Result<()> {
        let begun = Instant::now();
        loop {
            let answer = self.get(path, &[]).await?;
            if [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND, StatusCode::GONE].contains(&answer.status) {
                return Ok(());
            }
            if begun.elapsed() >= self.patience.removal {
                bail!("after {} seconds the answer is still {}", begun.elapsed().as_secs(), described(&answer));
            }
            self.waits("the edge still shows the picture that was withdrawn", begun, self.patience.removal);
            tokio::time::sleep(AGAIN).await;
        }
    }
}
