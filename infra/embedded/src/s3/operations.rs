//! The operations of S3 that the project calls. Any other is answered with 501.

use futures::StreamExt;
use s3s::{
    S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result,
    dto::{
        Bucket, Checksum, ChecksumMode, ChecksumType, CommonPrefix, CopyObjectInput, CopyObjectOutput,
        CopyObjectResult, CopySource, CreateBucketInput, CreateBucketOutput, DeleteObjectInput, DeleteObjectOutput,
        DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, ETag, ETagCondition, GetObjectInput, GetObjectOutput,
        HeadBucketInput, HeadBucketOutput, HeadObjectInput, HeadObjectOutput, ListBucketsInput, ListBucketsOutput,
        ListObjectsV2Input, ListObjectsV2Output, Metadata, MetadataDirective, Object, PutObjectInput, PutObjectOutput,
        Range, StreamingBlob, Timestamp,
    },
};

use super::{
    Store,
    blobs::Upload,
    checks::{self, ReadConditions},
    encode, read,
    rows::{self, Checksums, Condition, Facts, Listing, ObjectRow, Written},
};
use crate::{Error, clock, events, server};

const MAX_KEYS: i32 = 1000;

impl From<Error> for S3Error {
    fn from(error: Error) -> Self {
        Self::internal_error(error)
    }
}

#[async_trait::async_trait]
impl S3 for Store {
    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let S3Request { mut input, headers, trailing_headers, .. } = request;
        let length = input.content_length.and_then(|length| u64::try_from(length).ok());
        let length = length.ok_or(S3ErrorCode::MissingContentLength)?;
        let condition = condition(input.if_none_match.as_ref(), input.if_match.as_ref())?;
        let wants_sha1 = checks::wants_sha1(&input, &headers);
        let upload = self.receive(input.body.take(), wants_sha1).await?;
        let promised = checks::promised(&input, trailing_headers.as_ref());
        checks::upload(&upload, length, input.content_md5.as_deref(), &promised)?;
        let facts = Facts {
            content_type: Some(input.content_type.unwrap_or_else(|| "binary/octet-stream".to_owned())),
            cache_control: input.cache_control,
            content_disposition: input.content_disposition,
            // `aws-chunked` is how the body was sent, not what it is.
            content_encoding: input.content_encoding.filter(|encoding| encoding != "aws-chunked"),
            content_language: input.content_language,
            metadata: sorted(input.metadata),
            checksums: checks::kept(promised, &upload),
        };
        let e_tag = Some(ETag::Strong(upload.etag()));
        let mut output = PutObjectOutput { e_tag, ..PutObjectOutput::default() };
        output.checksum_crc32.clone_from(&facts.checksums.crc32);
        output.checksum_crc32c.clone_from(&facts.checksums.crc32c);
        output.checksum_crc64nvme.clone_from(&facts.checksums.crc64nvme);
        output.checksum_sha1.clone_from(&facts.checksums.sha1);
        output.checksum_sha256.clone_from(&facts.checksums.sha256);
        output.checksum_type = Some(ChecksumType::from_static(ChecksumType::FULL_OBJECT));
        self.publish(input.bucket, input.key, upload, facts, condition).await?;
        Ok(S3Response::new(output))
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = request.input;
        let (object, file) = self.read(&input.bucket, &input.key).await?;
        ReadConditions {
            if_match: input.if_match.as_ref(),
            if_unmodified_since: input.if_unmodified_since.as_ref(),
            if_none_match: input.if_none_match.as_ref(),
            if_modified_since: input.if_modified_since.as_ref(),
        }
        .check(&object)?;
        let (part, content_range) = part(input.range.as_ref(), object.size)?;
        let checksum = checksums(&object, input.checksum_mode.as_ref(), content_range.is_some());
        let length = part.end - part.start;
        let body = read::stream(file, part).await?;
        let facts = object.facts;
        Ok(S3Response::new(GetObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            body: Some(StreamingBlob::wrap(body)),
            cache_control: facts.cache_control,
            checksum_crc32: checksum.checksum_crc32,
            checksum_crc32c: checksum.checksum_crc32c,
            checksum_crc64nvme: checksum.checksum_crc64nvme,
            checksum_sha1: checksum.checksum_sha1,
            checksum_sha256: checksum.checksum_sha256,
            checksum_type: checksum.checksum_type,
            content_disposition: facts.content_disposition,
            content_encoding: facts.content_encoding,
            content_language: facts.content_language,
            content_length: i64::try_from(length).ok(),
            content_range,
            content_type: facts.content_type,
            e_tag: Some(ETag::Strong(object.etag)),
            last_modified: Some(time(object.modified_ms)),
            metadata: metadata(facts.metadata),
            ..GetObjectOutput::default()
        }))
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = request.input;
        let object = self.row(&input.bucket, &input.key).await?;
        ReadConditions {
            if_match: input.if_match.as_ref(),
            if_unmodified_since: input.if_unmodified_since.as_ref(),
            if_none_match: input.if_none_match.as_ref(),
            if_modified_since: input.if_modified_since.as_ref(),
        }
        .check(&object)?;
        let (part, content_range) = part(input.range.as_ref(), object.size)?;
        let checksum = checksums(&object, input.checksum_mode.as_ref(), content_range.is_some());
        let facts = object.facts;
        Ok(S3Response::new(HeadObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            cache_control: facts.cache_control,
            checksum_crc32: checksum.checksum_crc32,
            checksum_crc32c: checksum.checksum_crc32c,
            checksum_crc64nvme: checksum.checksum_crc64nvme,
            checksum_sha1: checksum.checksum_sha1,
            checksum_sha256: checksum.checksum_sha256,
            checksum_type: checksum.checksum_type,
            content_disposition: facts.content_disposition,
            content_encoding: facts.content_encoding,
            content_language: facts.content_language,
            content_length: i64::try_from(part.end - part.start).ok(),
            content_range,
            content_type: facts.content_type,
            e_tag: Some(ETag::Strong(object.etag)),
            last_modified: Some(time(object.modified_ms)),
            metadata: metadata(facts.metadata),
            ..HeadObjectOutput::default()
        }))
    }

    async fn copy_object(&self, request: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        let if_none_match = request.headers.get(http::header::IF_NONE_MATCH).is_some_and(|value| value == "*");
        let input = request.input;
        let CopySource::Bucket { bucket: from_bucket, key: from_key, .. } = &input.copy_source else {
            return Err(S3Error::with_message(S3ErrorCode::NotImplemented, "only copies from a bucket"));
        };
        let (from_bucket, from_key) = (from_bucket.to_string(), from_key.to_string());
        let replace =
            input.metadata_directive.as_ref().is_some_and(|directive| directive.as_str() == MetadataDirective::REPLACE);
        if from_bucket == input.bucket && from_key == input.key && !replace {
            return Err(S3Error::with_message(
                S3ErrorCode::InvalidRequest,
                "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata.",
            ));
        }
        let new_facts = replace.then(|| Facts {
            content_type: Some(input.content_type.clone().unwrap_or_else(|| "binary/octet-stream".to_owned())),
            cache_control: input.cache_control.clone(),
            content_disposition: input.content_disposition.clone(),
            content_encoding: input.content_encoding.clone(),
            content_language: input.content_language.clone(),
            metadata: sorted(input.metadata.clone()),
            checksums: Checksums::default(),
        });
        let (if_match, if_unless) = (input.copy_source_if_match.clone(), input.copy_source_if_none_match.clone());
        let (bucket, key) = (input.bucket, input.key);
        let notify = self.notifies(&bucket);
        let condition = if if_none_match { Condition::Absent } else { Condition::Always };
        let modified_ms = self.calendar.now_ms();
        // One transaction reads the source and writes the copy, so that the blob cannot be removed in between.
        let written = self
            .database
            .write(move |connection| {
                let Some(mut object) = rows::get(connection, &from_bucket, &from_key)? else { return Ok(None) };
                let unchanged = ReadConditions {
                    if_match: if_match.as_ref(),
                    if_unmodified_since: None,
                    if_none_match: if_unless.as_ref(),
                    if_modified_since: None,
                };
                if unchanged.check(&object).is_err() {
                    return Ok(Some((Written::Refused, object)));
                }
                if let Some(facts) = new_facts {
                    object.facts = Facts { checksums: object.facts.checksums, ..facts };
                }
                let copy = object.clone();
                let written = rows::put(
                    connection,
                    &bucket,
                    &key,
                    &ObjectRow { modified_ms, ..copy },
                    &condition,
                    events::Name::Copy,
                    notify,
                )?;
                Ok(Some((written, object)))
            })
            .await?;
        let Some((written, object)) = written else { return Err(S3ErrorCode::NoSuchKey.into()) };
        let modified_ms = self.settle(written, notify).await?;
        let checksum = checksums(&object, Some(&ChecksumMode::from_static(ChecksumMode::ENABLED)), false);
        Ok(S3Response::new(CopyObjectOutput {
            copy_object_result: Some(CopyObjectResult {
                checksum_crc32: checksum.checksum_crc32,
                checksum_crc32c: checksum.checksum_crc32c,
                checksum_crc64nvme: checksum.checksum_crc64nvme,
                checksum_sha1: checksum.checksum_sha1,
                checksum_sha256: checksum.checksum_sha256,
                checksum_type: checksum.checksum_type,
                e_tag: Some(ETag::Strong(object.etag)),
                last_modified: Some(time(modified_ms)),
            }),
            ..CopyObjectOutput::default()
        }))
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        let input = request.input;
        self.delete(input.bucket, vec![input.key]).await?;
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let input = request.input;
        let keys: Vec<String> = input.delete.objects.into_iter().map(|object| object.key).collect();
        if keys.is_empty() || keys.len() > 1000 {
            return Err(S3ErrorCode::MalformedXML.into());
        }
        self.delete(input.bucket, keys.clone()).await?;
        let quiet = input.delete.quiet.unwrap_or(false);
        let deleted = keys.into_iter().map(|key| DeletedObject { key: Some(key), ..DeletedObject::default() });
        let deleted = (!quiet).then(|| deleted.collect());
        Ok(S3Response::new(DeleteObjectsOutput { deleted, ..DeleteObjectsOutput::default() }))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = request.input;
        let max_keys = input.max_keys.unwrap_or(MAX_KEYS).clamp(0, MAX_KEYS);
        let after = match &input.continuation_token {
            Some(token) => Some(encode::key_of_token(token).ok_or_else(|| {
                S3Error::with_message(S3ErrorCode::InvalidArgument, "The continuation token provided is incorrect")
            })?),
            None => input.start_after.clone(),
        };
        let listing = Listing {
            bucket: input.bucket.clone(),
            prefix: input.prefix.clone().unwrap_or_default(),
            delimiter: input.delimiter.clone(),
            after,
            limit: usize::try_from(max_keys).unwrap_or_default(),
        };
        let page = self
            .database
            .read(move |connection| {
                let exists = rows::bucket_exists(connection, &listing.bucket)?;
                exists.then(|| rows::list(connection, &listing)).transpose()
            })
            .await?
            .ok_or(S3ErrorCode::NoSuchBucket)?;
        let url = input.encoding_type.as_ref().is_some_and(|encoding| encoding.as_str() == "url");
        let name = |key: String| if url { encode::key(&key) } else { key };
        let contents: Vec<Object> = page
            .objects
            .into_iter()
            .map(|(key, object)| Object {
                e_tag: Some(ETag::Strong(object.etag)),
                key: Some(name(key)),
                last_modified: Some(time(object.modified_ms)),
                size: i64::try_from(object.size).ok(),
                ..Object::default()
            })
            .collect();
        let common: Vec<CommonPrefix> =
            page.common_prefixes.into_iter().map(|prefix| CommonPrefix { prefix: Some(name(prefix)) }).collect();
        Ok(S3Response::new(ListObjectsV2Output {
            key_count: i32::try_from(contents.len() + common.len()).ok(),
            contents: Some(contents),
            common_prefixes: Some(common),
            is_truncated: Some(page.next.is_some()),
            next_continuation_token: page.next.as_deref().map(encode::token_of_key),
            continuation_token: input.continuation_token,
            name: Some(input.bucket),
            prefix: Some(input.prefix.unwrap_or_default()),
            delimiter: input.delimiter,
            max_keys: Some(max_keys),
            encoding_type: input.encoding_type,
            start_after: input.start_after,
            request_charged: None,
        }))
    }

    async fn create_bucket(&self, request: S3Request<CreateBucketInput>) -> S3Result<S3Response<CreateBucketOutput>> {
        let bucket = request.input.bucket;
        let location = Some(format!("/{bucket}"));
        let made = self.database.write(move |connection| rows::make_bucket(connection, &bucket)).await?;
        if !made {
            return Err(S3ErrorCode::BucketAlreadyOwnedByYou.into());
        }
        Ok(S3Response::new(CreateBucketOutput { location }))
    }

    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        let bucket = request.input.bucket;
        let exists = self.database.read(move |connection| rows::bucket_exists(connection, &bucket)).await?;
        if !exists {
            return Err(S3ErrorCode::NoSuchBucket.into());
        }
        let bucket_region = Some(crate::services::REGION.to_owned());
        Ok(S3Response::new(HeadBucketOutput { bucket_region, ..HeadBucketOutput::default() }))
    }

    async fn list_buckets(&self, _: S3Request<ListBucketsInput>) -> S3Result<S3Response<ListBucketsOutput>> {
        let buckets = self.database.read(rows::buckets).await?;
        let buckets = buckets
            .into_iter()
            .map(|(name, made)| Bucket { name: Some(name), creation_date: Some(time(made)), bucket_region: None })
            .collect();
        Ok(S3Response::new(ListBucketsOutput { buckets: Some(buckets), ..ListBucketsOutput::default() }))
    }
}

impl Store {
    /// Writes the body to the disk, where it is not visible yet.
    async fn receive(&self, body: Option<StreamingBlob>, with_sha1: bool) -> S3Result<Upload> {
        let mut receiving = self.blobs.receive(with_sha1)?;
        let mut body = body;
        while let Some(piece) = match body.as_mut() {
            Some(body) => body.next().await,
            None => None,
        } {
            // Dropping the received data discards it.
            let piece = piece.map_err(body_error)?;
            receiving.piece(piece).await?;
        }
        Ok(receiving.end().await?)
    }

    /// Publishes a checked upload as the object: the file first, then row and event in one transaction.
    async fn publish(
        &self,
        bucket: String,
        key: String,
        upload: Upload,
        facts: Facts,
        condition: Condition,
    ) -> S3Result<()> {
        let upload = self.blobs.keep(upload).await?;
        let modified_ms = self.calendar.now_ms();
        let object =
            ObjectRow { blob: upload.blob.clone(), size: upload.size, etag: upload.etag(), modified_ms, facts };
        let notify = self.notifies(&bucket);
        // The upload is moved into the transaction, so that its file stays if and only if the transaction succeeds, even if the caller has
        // gone.
        let written = self
            .database
            .write(move |connection| {
                let written = rows::put(connection, &bucket, &key, &object, &condition, events::Name::Put, notify)?;
                if matches!(written, Written::Done { .. }) {
                    upload.commit();
                }
                Ok(written)
            })
            .await?;
        self.settle(written, notify).await?;
        Ok(())
    }

    /// Converts the outcome of a write to S3's answer, after its follow-up work.
    async fn settle(&self, written: Written, notify: bool) -> S3Result<i64> {
        match written {
            Written::Done { modified_ms, orphan } => {
                if notify {
                    self.recorded.notify_one();
                }
                if let Some(blob) = orphan {
                    self.blobs.remove(blob).await;
                }
                Ok(modified_ms)
            }
            Written::Refused => Err(checks::precondition_failed()),
            Written::NoSuchKey => Err(S3ErrorCode::NoSuchKey.into()),
            Written::NoSuchBucket => Err(S3ErrorCode::NoSuchBucket.into()),
        }
    }

    async fn delete(&self, bucket: String, keys: Vec<String>) -> S3Result<()> {
        let orphans = self
            .database
            .write(move |connection| {
                if !rows::bucket_exists(connection, &bucket)? {
                    return Ok(None);
                }
                let orphans = keys.iter().map(|key| rows::delete(connection, &bucket, key));
                Ok(Some(orphans.collect::<Result<Vec<_>, Error>>()?))
            })
            .await?
            .ok_or(S3ErrorCode::NoSuchBucket)?;
        for blob in orphans.into_iter().flatten() {
            self.blobs.remove(blob).await;
        }
        Ok(())
    }

    async fn row(&self, bucket: &str, key: &str) -> S3Result<ObjectRow> {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        let (object, exists) = self
            .database
            .read(move |connection| {
                let object = rows::get(connection, &bucket, &key)?;
                let exists = object.is_some() || rows::bucket_exists(connection, &bucket)?;
                Ok((object, exists))
            })
            .await?;
        if !exists {
            return Err(S3ErrorCode::NoSuchBucket.into());
        }
        object.ok_or_else(|| S3Error::with_message(S3ErrorCode::NoSuchKey, "The specified key does not exist."))
    }

    /// Returns the object with its file open. The file stays readable even if the object is removed.
    async fn read(&self, bucket: &str, key: &str) -> S3Result<(ObjectRow, tokio::fs::File)> {
        let mut object = self.row(bucket, key).await?;
        loop {
            let path = self.blobs.path(&object.blob);
            match tokio::fs::File::open(&path).await {
                Ok(file) => return Ok((object, file)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    // The object was replaced or deleted since the row was read; otherwise the store has lost a file.
                    let now = self.row(bucket, key).await?;
                    if now.blob == object.blob {
                        return Err(S3Error::internal_error(error));
                    }
                    object = now;
                }
                Err(error) => return Err(S3Error::internal_error(error)),
            }
        }
    }
}

fn condition(if_none_match: Option<&ETagCondition>, if_match: Option<&ETagCondition>) -> S3Result<Condition> {
    match (if_none_match, if_match) {
        (None, None) => Ok(Condition::Always),
        (Some(ETagCondition::Any), None) => Ok(Condition::Absent),
        (None, Some(ETagCondition::Any)) => Ok(Condition::Present(None)),
        (None, Some(ETagCondition::ETag(etag))) => Ok(Condition::Present(Some(etag.value().to_owned()))),
        (Some(_), _) => Err(S3Error::with_message(
            S3ErrorCode::NotImplemented,
            "A header you provided implies functionality that is not implemented",
        )),
    }
}

/// Returns the range of bytes to answer and, if they are not all, the `Content-Range`.
fn part(range: Option<&Range>, size: u64) -> S3Result<(std::ops::Range<u64>, Option<String>)> {
    let Some(range) = range else { return Ok((0..size, None)) };
    let part = range.check(size)?;
    let text = format!("bytes {}-{}/{size}", part.start, part.end - 1);
    Ok((part, Some(text)))
}

/// Returns the checksums of the whole object, if they are requested and the answer is the whole object.
fn checksums(object: &ObjectRow, mode: Option<&ChecksumMode>, partial: bool) -> Checksum {
    if partial || mode.is_none_or(|mode| mode.as_str() != ChecksumMode::ENABLED) {
        return Checksum::default();
    }
    let checksums = object.facts.checksums.clone();
    Checksum {
        checksum_crc32: checksums.crc32,
        checksum_crc32c: checksums.crc32c,
        checksum_crc64nvme: checksums.crc64nvme,
        checksum_sha1: checksums.sha1,
        checksum_sha256: checksums.sha256,
        checksum_type: Some(ChecksumType::from_static(ChecksumType::FULL_OBJECT)),
    }
}

/// Converts an error of the body. A body that ends early, a wrong chunk signature or hash, and a long pause are the caller's fault.
fn body_error(error: s3s::StdError) -> S3Error {
    let mut refused = if server::is_pause(&*error) {
        S3Error::with_message(S3ErrorCode::RequestTimeout, "No byte of the body came for 20 s")
    } else {
        S3Error::with_message(S3ErrorCode::IncompleteBody, "The body could not be read to its end")
    };
    refused.set_source(error);
    refused
}

fn time(ms: i64) -> Timestamp {
    Timestamp::from(clock::system_time(ms))
}

fn sorted(metadata: Option<Metadata>) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = metadata.unwrap_or_default().into_iter().collect();
    pairs.sort();
    pairs
}

fn metadata(pairs: Vec<(String, String)>) -> Option<Metadata> {
    (!pairs.is_empty()).then(|| pairs.into_iter().collect())
}
