//! The buckets: one for each kind of bytes (originals, renditions under review, public renditions), and a fourth for the record of
//! removals.
//!
//! They are separate so that no function can trigger itself, and no public address reaches bytes that no person has looked at.

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_s3::{
    Client,
    error::ProvideErrorMetadata,
    operation::head_object::HeadObjectError,
    presigning::PresigningConfig,
    primitives::{ByteStream, DateTime},
    types::{ChecksumAlgorithm, Delete, MetadataDirective, ObjectIdentifier},
};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::{Fault, fault};
use crate::domain::{
    ids::{EditionSlug, PhotoId, Revision, Sha256Hex},
    keys::{OriginalKey, index_key, photo_public_folder, photo_review_folder, public_folder, review_folder},
    limits,
    originals::Part,
    photo::{Photo, Rendered, Rendition},
    removal::Removal,
    time, trial,
};

/// How long caches may keep a public rendition. Its address changes with each publication, so a stale one is never shown. Five minutes is
/// the longest that an edge can keep a removed photo if invalidation does not work.
pub const PUBLIC_CACHE_CONTROL: &str = "public, max-age=60, s-maxage=300, stale-if-error=0";

/// How long caches may keep a public file of a prize draw, which never changes.
const DRAW_CACHE_CONTROL: &str = "public, max-age=3600, s-maxage=86400";

/// The time limit for reading all bytes of an original, which the client's own time-out for an attempt does not cover: 50 MB take less than
/// a second on Lambda. If a second attempt is needed, ten of the function's 20 s are left for the photo.
const ORIGINAL: Duration = Duration::from_secs(4);

/// Parts of a video that are read concurrently.
const PARTS_AT_ONCE: usize = 6;

/// Where and how to upload one file. The address accepts exactly this file, once, until it expires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PresignedUpload {
    /// Always `PUT`.
    pub method: String,
    /// The address on the storage's host. If a network blocks that host, send the same path and query to the site's own host.
    pub url: String,
    /// The headers to send, exactly these. `Host` and `Content-Length` are signed, too, and every HTTP client sends them by itself.
    pub headers: BTreeMap<String, String>,
    /// When the address expires. `POST /api/v1/uploads/{id}/renew` returns a new one.
    #[serde(with = "time::iso")]
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// The metadata of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectHead {
    /// The size in bytes.
    pub size_bytes: u64,
    /// The object's entity tag.
    pub etag: String,
    /// When the object was last written.
    pub modified_at: Timestamp,
}

/// An object in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The object's key.
    pub key: String,
    /// The size in bytes.
    pub size_bytes: u64,
    /// When the object was last written.
    pub modified_at: Timestamp,
}

/// What the storage has of a photo's file: the one object, or some parts of a video.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// The keys of its objects, in order.
    pub keys: Vec<OriginalKey>,
    /// The size of these objects together, in bytes.
    pub size_bytes: u64,
    /// When the last of them was stored; `None` if there are none.
    pub last_at: Option<Timestamp>,
}

impl StoredFile {
    /// Returns the numbers of the parts of a video; none for a photo.
    pub fn parts(&self) -> Vec<u8> {
        self.keys.iter().filter_map(|key| key.part).collect()
    }

    /// Whether this is the whole file of `photo`.
    pub fn is_whole(&self, photo: &Photo) -> bool {
        self.keys == photo.original_keys()
    }
}

/// Result of a conditional GET (`If-None-Match`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// There is no object.
    Absent,
    /// The object still has the tag that the caller knows.
    Unchanged,
    /// The object has another tag.
    New {
        /// The object's entity tag.
        etag: String,
        /// The object's bytes.
        bytes: Bytes,
    },
}

/// A bucket, by name. Functions use the four types below.
#[derive(Clone, Debug)]
struct Bucket {
    client: Client,
    name: String,
}

/// Files as they were uploaded: written once through a presigned address, never served.
#[derive(Clone, Debug)]
pub struct Originals(Bucket);

/// Renditions before a decision: `{photo id}/{hash}/{name}`, seen by moderators through short-lived addresses.
#[derive(Clone, Debug)]
pub struct Review(Bucket);

/// Public renditions: `m/{photo id}/{revision}/{name}`.
#[derive(Clone, Debug)]
pub struct Public(Bucket);

/// The public files of prize draws, `draws/{edition}/{draw}/{name}` in the public bucket, each written once and never changed. Only those of
/// rehearsals are ever deleted.
#[derive(Clone, Debug)]
pub struct DrawFiles(Bucket);

/// A published file of a prize draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The file's bytes.
    pub bytes: Bytes,
    /// When the file was written, by the storage's clock, to the second.
    pub written_at: Timestamp,
}

/// Removals, `{edition}/{photo id}/{version}-{state}`, each written once and kept as long as any older copy of the table can be restored.
#[derive(Clone, Debug)]
pub struct Removals(Bucket);

impl Originals {
    /// Returns a handle to the originals in the bucket called `name`.
    pub fn new(client: &Client, name: &str) -> Self {
        Self(Bucket::new(client, name))
    }

    /// Presigns the one PUT of a reserved photo, valid until its `upload_until`.
    ///
    /// Signed are `host`, the exact `content-length`, `content-type`, `x-amz-checksum-sha256` and `if-none-match: *`. So the storage itself
    /// refuses another size, type or content, and a second file. The checksum must be a *header*: in the query it would be ignored.
    ///
    /// # Errors
    /// A fault for a photo without a hash or whose `upload_until` has passed, which is a bug of the caller.
    pub async fn presign(&self, photo: &Photo, now: Timestamp) -> Result<PresignedUpload, Fault> {
        let sha256 = photo.sha256.as_ref();
        let sha256 = sha256.ok_or_else(|| Fault::broken("presign upload", "the photo has no hash"))?;
        self.presign_put(photo, &photo.original_key(), photo.size_bytes, sha256, now).await
    }

    /// Presigns the one PUT of a part of a reserved video. The storage refuses what it refuses of a photo: see [`Self::presign`].
    ///
    /// # Errors
    /// A fault for a video whose `upload_until` has passed, which is a bug of the caller.
    pub async fn presign_part(&self, photo: &Photo, part: &Part, now: Timestamp) -> Result<PresignedUpload, Fault> {
        self.presign_put(photo, &part.key, part.size_bytes, &part.sha256, now).await
    }

    async fn presign_put(
        &self,
        photo: &Photo,
        key: &OriginalKey,
        size_bytes: u64,
        sha256: &Sha256Hex,
        now: Timestamp,
    ) -> Result<PresignedUpload, Fault> {
        let broken = |what: &'static str| Fault::broken("presign upload", what);
        let life = photo.upload_until.duration_since(now).as_secs().min(604_800);
        let life =
            u64::try_from(life).ok().filter(|life| *life > 0).ok_or_else(|| broken("the address is dead already"))?;
        let request = self
            .0
            .client
            .put_object()
            .bucket(&self.0.name)
            .key(key.to_string())
            .content_length(i64::try_from(size_bytes).unwrap_or(i64::MAX))
            .content_type(&photo.content_type)
            .checksum_sha256(sha256.base64())
            .if_none_match("*")
            .presigned(presigning(now, life)?)
            .await
            .map_err(fault("presign upload"))?;
        let headers = request
            .headers()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .filter(|(name, _)| name != "content-length" && name != "host")
            .collect();
        Ok(PresignedUpload {
            method: "PUT".to_owned(),
            url: request.uri().to_owned(),
            headers,
            expires_at: photo.upload_until,
        })
    }

    /// Returns the size and tag of an original; `None` if there is no object.
    pub async fn head(&self, key: &OriginalKey) -> Result<Option<ObjectHead>, Fault> {
        self.0.head(&key.to_string()).await
    }

    /// Returns all bytes of an original, if it still has this tag; `None` if it is absent, has another tag, or is larger than
    /// [`limits::MAX_BYTES`], which an original cannot be, since its length was signed.
    ///
    /// # Errors
    /// A retryable fault, if reading the bytes failed or timed out twice.
    pub async fn get(&self, key: &OriginalKey, etag: &str) -> Result<Option<Bytes>, Fault> {
        self.read_twice(key, Some(etag)).await
    }

    async fn read_twice(&self, key: &OriginalKey, etag: Option<&str>) -> Result<Option<Bytes>, Fault> {
        let late = || Fault::passing("get original", "its bytes did not come in time");
        let first = tokio::time::timeout(ORIGINAL, self.read(key, etag)).await;
        match first.unwrap_or_else(|_| Err(late())) {
            Err(fault) if fault.retryable() => {
                tokio::time::timeout(ORIGINAL, self.read(key, etag)).await.unwrap_or_else(|_| Err(late()))
            }
            read => read,
        }
    }

    async fn read(&self, key: &OriginalKey, etag: Option<&str>) -> Result<Option<Bytes>, Fault> {
        let get = self.0.client.get_object().bucket(&self.0.name).key(key.to_string());
        let answer = match get.set_if_match(etag.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) if is_gone(&error) => return Ok(None),
            Err(error) => return Err(fault("get original")(error)),
        };
        if u64::try_from(answer.content_length.unwrap_or_default()).is_ok_and(|length| length > limits::MAX_BYTES) {
            return Ok(None);
        }
        let bytes = answer.body.collect().await.map_err(|error| Fault::passing("get original", error))?;
        Ok(Some(bytes.into_bytes()))
    }

    /// Deletes an original; does nothing if there is none.
    pub async fn delete(&self, key: &str) -> Result<(), Fault> {
        self.0.delete(vec![key.to_owned()]).await
    }

    /// Deletes what [`Photo::originals`] names: one original, or all parts in a folder.
    pub async fn erase(&self, originals: &str) -> Result<(), Fault> {
        if originals.ends_with('/') { self.0.erase(originals).await } else { self.delete(originals).await }
    }

    /// Returns the bytes of all parts of a video, in order; `None` if one of them is gone. Some are read concurrently.
    ///
    /// # Errors
    /// Those of [`Self::get`].
    pub async fn get_parts(&self, keys: &[OriginalKey]) -> Result<Option<Vec<Bytes>>, Fault> {
        // An object that is written once needs no tag to be the same.
        let reads = keys.iter().map(|key| self.read_twice(key, None));
        let parts: Vec<_> = stream::iter(reads.collect::<Vec<_>>()).buffered(PARTS_AT_ONCE).try_collect().await?;
        Ok(parts.into_iter().collect())
    }

    /// Returns what the storage has of a photo's file. It asks for one object, or lists the parts of a video: what the storage has decides,
    /// and nobody's memory of what was sent.
    pub async fn stored(&self, photo: &Photo) -> Result<StoredFile, Fault> {
        let objects: Vec<_> = if photo.is_video() {
            let listed = self.0.list(&photo.original_key().folder(), None).await?;
            let ours = listed.into_iter().filter_map(|listed| {
                let key = OriginalKey::parse(&listed.key).filter(|key| photo.has_original(key))?;
                Some((key, listed.size_bytes, listed.modified_at))
            });
            ours.collect()
        } else {
            let key = photo.original_key();
            self.head(&key).await?.map(|head| (key, head.size_bytes, head.modified_at)).into_iter().collect()
        };
        Ok(StoredFile {
            size_bytes: objects.iter().map(|(_, size_bytes, _)| size_bytes).sum(),
            last_at: objects.iter().map(|(.., at)| *at).max(),
            keys: objects.into_iter().map(|(key, ..)| key).collect(),
        })
    }

    /// Lists originals: up to 1,000 keys after `after`.
    pub async fn list(&self, after: Option<&str>) -> Result<Vec<Listed>, Fault> {
        self.0.list("", after).await
    }
}

impl Review {
    /// Returns a handle to the renditions under review in the bucket called `name`.
    pub fn new(client: &Client, name: &str) -> Self {
        Self(Bucket::new(client, name))
    }

    /// Writes a photo's renditions concurrently, since Lambda bills the waiting time. Their folder is named by `hash`
    /// ([`review_folder`]), so writing twice writes the same objects.
    pub async fn put(&self, id: &PhotoId, hash: &str, renditions: &[(Rendition, Bytes)]) -> Result<(), Fault> {
        let puts = renditions.iter().map(|(rendition, bytes)| {
            self.0
                .client
                .put_object()
                .bucket(&self.0.name)
                .key(format!("{}{}", review_folder(id, hash), rendition.name))
                .content_type(rendition.content_type())
                .cache_control(format!("private, max-age={}", limits::REVIEW_LINK_SECONDS))
                .checksum_algorithm(ChecksumAlgorithm::Crc32)
                .body(ByteStream::from(bytes.clone()))
                .send()
        });
        futures::future::try_join_all(puts).await.map(drop).map_err(fault("put rendition"))
    }

    /// Returns the signed address of one file of a photo for a moderator, valid for so many seconds: path and query only, on the site's own
    /// host.
    pub async fn link(
        &self,
        id: &PhotoId,
        hash: &str,
        name: &str,
        seconds: u64,
        now: Timestamp,
    ) -> Result<String, Fault> {
        let get = self.0.client.get_object().bucket(&self.0.name).key(format!("{}{name}", review_folder(id, hash)));
        let request = get.presigned(presigning(now, seconds)?).await;
        Ok(own_path(request.map_err(fault("presign rendition"))?.uri(), &self.0.name))
    }

    /// Returns signed addresses of a photo's renditions for a moderator, largest first: path and query only, on the site's own host.
    pub async fn links(&self, id: &PhotoId, rendered: &Rendered, now: Timestamp) -> Result<Vec<String>, Fault> {
        let mut links = Vec::with_capacity(rendered.renditions.len());
        for rendition in &rendered.renditions {
            let seconds = limits::REVIEW_LINK_SECONDS;
            links.push(self.link(id, &rendered.hash, &rendition.name, seconds, now).await?);
        }
        Ok(links)
    }

    /// Writes an edition's index in place of the previous one.
    pub async fn put_index(&self, edition: &EditionSlug, bytes: Bytes) -> Result<(), Fault> {
        let put = self.0.client.put_object().bucket(&self.0.name).key(index_key(edition));
        let put = put.content_type("application/json").checksum_algorithm(ChecksumAlgorithm::Crc32);
        put.body(ByteStream::from(bytes)).send().await.map(drop).map_err(fault("put index"))
    }

    /// Reads an edition's index, unless it still has the tag `known`.
    pub async fn get_index(&self, edition: &EditionSlug, known: Option<&str>) -> Result<Fetched, Fault> {
        let get = self.0.client.get_object().bucket(&self.0.name).key(index_key(edition));
        let answer = match get.set_if_none_match(known.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) if error.raw_response().is_some_and(|answer| answer.status().as_u16() == 304) => {
                return Ok(Fetched::Unchanged);
            }
            Err(error) if is_gone(&error) => return Ok(Fetched::Absent),
            // S3 answers 403 for a missing object if the caller may not list the bucket; in the first minute there is no index.
            Err(error) if error.raw_response().is_some_and(|answer| answer.status().as_u16() == 403) => {
                tracing::warn!("there is no index yet, or it may not be read");
                return Ok(Fetched::Absent);
            }
            Err(error) => return Err(fault("get index")(error)),
        };
        let etag = answer.e_tag.clone().unwrap_or_default();
        let bytes = answer.body.collect().await.map_err(|error| Fault::passing("get index", error))?;
        Ok(Fetched::New { etag, bytes: bytes.into_bytes() })
    }

    /// Returns the keys of all renditions under review of a photo.
    pub async fn of(&self, id: &PhotoId) -> Result<Vec<String>, Fault> {
        let listed = self.0.list(&photo_review_folder(id), None).await?;
        Ok(listed.into_iter().map(|listed| listed.key).collect())
    }

    /// Deletes all renditions ever made of a photo.
    pub async fn erase(&self, id: &PhotoId) -> Result<(), Fault> {
        self.0.erase(&photo_review_folder(id)).await
    }

    /// Deletes the renditions of one rendering of a photo.
    pub async fn erase_folder(&self, id: &PhotoId, hash: &str) -> Result<(), Fault> {
        self.0.erase(&review_folder(id, hash)).await
    }

    /// Lists renditions under review: up to 1,000 keys after `after`.
    pub async fn list(&self, after: Option<&str>) -> Result<Vec<Listed>, Fault> {
        self.0.list("", after).await
    }
}

impl Public {
    /// Returns a handle to the public renditions in the bucket called `name`.
    pub fn new(client: &Client, name: &str) -> Self {
        Self(Bucket::new(client, name))
    }

    /// Copies the files that a moderator saw into the public bucket, under a new revision. Called before the commit that makes the
    /// photo public; the sweep finds copies whose commit failed.
    pub async fn publish(
        &self,
        review: &Review,
        photo: &Photo,
        rendered: &Rendered,
        revision: &Revision,
    ) -> Result<(), Fault> {
        let id = &photo.id;
        let copies = photo.public_files().into_iter().map(|file| {
            let source = format!("{}/{}{}", review.0.name, review_folder(id, &rendered.hash), file.source);
            self.0
                .client
                .copy_object()
                .copy_source(source)
                .bucket(&self.0.name)
                .key(format!("{}{}", public_folder(id, revision), file.name))
                .metadata_directive(MetadataDirective::Replace)
                .content_type(file.content_type)
                .cache_control(PUBLIC_CACHE_CONTROL)
                .send()
        });
        futures::future::try_join_all(copies).await.map(drop).map_err(fault("publish rendition"))
    }

    /// Returns the keys of all public renditions of a photo.
    pub async fn of(&self, id: &PhotoId) -> Result<Vec<String>, Fault> {
        let listed = self.0.list(&photo_public_folder(id), None).await?;
        Ok(listed.into_iter().map(|listed| listed.key).collect())
    }

    /// Deletes the public renditions of one publication.
    pub async fn erase_revision(&self, id: &PhotoId, revision: &Revision) -> Result<(), Fault> {
        self.0.erase(&public_folder(id, revision)).await
    }

    /// Deletes the public renditions of all publications of a photo.
    pub async fn erase(&self, id: &PhotoId) -> Result<(), Fault> {
        self.0.erase(&photo_public_folder(id)).await
    }

    /// Lists public renditions: up to 1,000 keys after `after`.
    pub async fn list(&self, after: Option<&str>) -> Result<Vec<Listed>, Fault> {
        self.0.list("", after).await
    }
}

impl DrawFiles {
    /// Returns a handle to the files in the public bucket, which is called `name`.
    pub fn new(client: &Client, name: &str) -> Self {
        Self(Bucket::new(client, name))
    }

    /// Publishes a file if there is none with its key. Returns the file with that key afterwards: this one, or one that was published
    /// before.
    pub async fn publish(&self, key: &str, content_type: &str, text: String) -> Result<Standing, Fault> {
        let put = self.0.client.put_object().bucket(&self.0.name).key(key).if_none_match("*");
        let put = put.content_type(content_type).cache_control(DRAW_CACHE_CONTROL);
        match put.body(ByteStream::from(text.into_bytes())).send().await {
            Ok(_) => {}
            Err(error) if error.code() == Some("PreconditionFailed") => {}
            Err(error) => return Err(fault("publish draw file")(error)),
        }
        let standing = self.get(key).await?;
        standing.ok_or_else(|| Fault::passing("publish draw file", "it is published and cannot be read yet"))
    }

    /// Returns a file; `None` if there is none with this key.
    pub async fn get(&self, key: &str) -> Result<Option<Standing>, Fault> {
        let answer = match self.0.client.get_object().bucket(&self.0.name).key(key).send().await {
            Ok(answer) => answer,
            Err(error) if is_gone(&error) => return Ok(None),
            Err(error) => return Err(fault("get draw file")(error)),
        };
        let written_at = instant(answer.last_modified);
        let body = answer.body.collect().await.map_err(|error| Fault::passing("get draw file", error))?;
        Ok(Some(Standing { bytes: body.into_bytes(), written_at }))
    }

    /// Deletes a file of a rehearsal; does nothing if there is none with this key.
    ///
    /// # Errors
    /// A fault of ours for the file of a real draw, which is never deleted; faults of the service.
    pub(super) async fn delete_rehearsed(&self, key: &str) -> Result<(), Fault> {
        if trial::rehearsal_of(key).is_none() {
            return Err(Fault::broken("delete draw file", "it is not of a rehearsal"));
        }
        let deleted = self.0.client.delete_object().bucket(&self.0.name).key(key).send().await;
        deleted.map(drop).map_err(fault("delete draw file"))
    }
}

impl Removals {
    /// Returns a handle to the removals in the bucket called `name`.
    pub fn new(client: &Client, name: &str) -> Self {
        Self(Bucket::new(client, name))
    }

    /// Records a removal; does nothing if it is recorded already.
    pub async fn put(&self, removal: &Removal) -> Result<(), Fault> {
        let body = serde_json::to_vec(removal).map_err(|error| Fault::broken("put removal", error))?;
        let put = self.0.client.put_object().bucket(&self.0.name).key(removal.key()).if_none_match("*");
        match put.content_type("application/json").body(ByteStream::from(body)).send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("PreconditionFailed") => Ok(()),
            Err(error) => Err(fault("put removal")(error)),
        }
    }

    /// Returns one removal; `None` if there is no such object.
    pub async fn get(&self, key: &str) -> Result<Option<Removal>, Fault> {
        let answer = match self.0.client.get_object().bucket(&self.0.name).key(key).send().await {
            Ok(answer) => answer,
            Err(error) if is_gone(&error) => return Ok(None),
            Err(error) => return Err(fault("get removal")(error)),
        };
        let body = answer.body.collect().await.map_err(|error| Fault::passing("get removal", error))?;
        serde_json::from_slice(&body.into_bytes()).map(Some).map_err(|error| Fault::broken("get removal", error))
    }

    /// Lists removals: up to 1,000 keys after `after`, in the form of [`Removal::key`].
    pub async fn list(&self, after: Option<&str>) -> Result<Vec<Listed>, Fault> {
        self.0.list("", after).await
    }
}

impl Bucket {
    fn new(client: &Client, name: &str) -> Self {
        Self { client: client.clone(), name: name.to_owned() }
    }

    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, Fault> {
        match self.client.head_object().bucket(&self.name).key(key).send().await {
            Ok(head) => Ok(Some(ObjectHead {
                size_bytes: u64::try_from(head.content_length.unwrap_or_default()).unwrap_or_default(),
                modified_at: instant(head.last_modified),
                etag: head.e_tag.unwrap_or_default(),
            })),
            Err(error) if error.as_service_error().is_some_and(HeadObjectError::is_not_found) => Ok(None),
            Err(error) => Err(fault("head object")(error)),
        }
    }

    async fn delete(&self, keys: Vec<String>) -> Result<(), Fault> {
        let broken = |error| Fault::broken("delete objects", error);
        for keys in keys.chunks(1_000) {
            let objects = keys
                .iter()
                .map(|key| ObjectIdentifier::builder().key(key).build())
                .collect::<Result<Vec<_>, _>>()
                .map_err(broken)?;
            let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build().map_err(broken)?;
            let answer = self
                .client
                .delete_objects()
                .bucket(&self.name)
                .delete(delete)
                .send()
                .await
                .map_err(fault("delete objects"))?;
            if let Some(error) = answer.errors().first() {
                let what = format!("{} of {}", error.code().unwrap_or("error"), answer.errors().len());
                return Err(Fault::passing("delete objects", what));
            }
        }
        Ok(())
    }

    async fn erase(&self, prefix: &str) -> Result<(), Fault> {
        loop {
            let keys: Vec<_> = self.list(prefix, None).await?.into_iter().map(|listed| listed.key).collect();
            if keys.is_empty() {
                return Ok(());
            }
            self.delete(keys).await?;
        }
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Vec<Listed>, Fault> {
        let answer = self
            .client
            .list_objects_v2()
            .bucket(&self.name)
            .prefix(prefix)
            .set_start_after(after.map(str::to_owned))
            .send()
            .await
            .map_err(fault("list objects"))?;
        let listed = answer.contents.unwrap_or_default().into_iter().filter_map(|object| {
            Some(Listed {
                key: object.key?,
                size_bytes: u64::try_from(object.size.unwrap_or_default()).unwrap_or_default(),
                modified_at: instant(object.last_modified),
            })
        });
        Ok(listed.collect())
    }
}

fn instant(at: Option<DateTime>) -> Timestamp {
    let ms = at.and_then(|at| at.to_millis().ok()).unwrap_or_default();
    Timestamp::from_millisecond(ms).unwrap_or_default()
}

fn presigning(now: Timestamp, seconds: u64) -> Result<PresigningConfig, Fault> {
    PresigningConfig::builder()
        .start_time(now.into())
        .expires_in(Duration::from_secs(seconds))
        .build()
        .map_err(|error| Fault::broken("presign", error))
}

/// Converts an address in a bucket to a path of the site's own host, where the edge recognises the bucket by the first part of the path.
/// AWS has the bucket in the host's name, a laptop's storage in the path already.
pub fn own_path(url: &str, bucket: &str) -> String {
    let after_scheme = url.find("://").map_or(url, |at| &url[at + 3..]);
    let (host, path) = after_scheme.find('/').map_or((after_scheme, "/"), |at| after_scheme.split_at(at));
    let named = host.strip_prefix(bucket).is_some_and(|rest| rest.starts_with('.'));
    if named { format!("/{bucket}{path}") } else { path.to_owned() }
}

fn is_gone<R>(error: &aws_sdk_s3::error::SdkError<aws_sdk_s3::operation::get_object::GetObjectError, R>) -> bool {
    error.as_service_error().is_some_and(|error| {
        error.is_no_such_key() || matches!(error.code(), Some("PreconditionFailed" | "NoSuchKey" | "NotFound"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signed_address_becomes_a_path_that_begins_with_its_bucket() {
        for (url, path) in [
            (
                "https://day-review.s3.eu-west-2.amazonaws.com/ab/cd/640.jpg?X=a%2Fb",
                "/day-review/ab/cd/640.jpg?X=a%2Fb",
            ),
            ("http://127.0.0.1:8081/day-review/ab/cd/640.jpg?X=1", "/day-review/ab/cd/640.jpg?X=1"),
            ("https://day-review-2.example/ab?X=1", "/ab?X=1"),
        ] {
            assert_eq!(own_path(url, "day-review"), path);
        }
    }
}
