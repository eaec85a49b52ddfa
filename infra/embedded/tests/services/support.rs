//! What every test starts with.

use std::{collections::HashMap, future::Future, path::Path, time::Duration};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::{
    config::{Credentials, SharedAsyncSleep, SharedCredentialsProvider},
    operation::get_object::GetObjectError,
    presigning::PresignedRequest,
    primitives::ByteStream,
};
use aws_smithy_http_client::Builder;
use bytes::Bytes;
use data_encoding::BASE64;
use embedded::{Durability, Endpoints, Notify, Options, QueueOptions, Services};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

pub const ORIGINALS: &str = "originals";
pub const PUBLIC: &str = "public";
pub const UPLOADS: &str = "uploads";
pub const DEAD: &str = "uploads-dead";

/// Running services, the clients and the folder.
pub struct Emulated {
    pub services: Services,
    pub clients: Clients,
    pub folder: TempDir,
}

#[derive(Clone)]
pub struct Clients {
    pub s3: aws_sdk_s3::Client,
    pub sqs: aws_sdk_sqs::Client,
    pub dynamodb: aws_sdk_dynamodb::Client,
}

pub fn options(folder: &Path) -> Options {
    Options {
        buckets: vec![ORIGINALS.to_owned(), PUBLIC.to_owned()],
        queues: vec![
            QueueOptions {
                name: UPLOADS.to_owned(),
                visibility_seconds: 120,
                max_receive_count: 2,
                dead_letter: Some(DEAD.to_owned()),
            },
            QueueOptions { name: DEAD.to_owned(), visibility_seconds: 30, max_receive_count: 1, dead_letter: None },
        ],
        notify: Some(Notify { bucket: ORIGINALS.to_owned(), queue: UPLOADS.to_owned() }),
        allowed_origins: vec!["http://localhost:8080".to_owned()],
        durability: Durability::ProcessKill,
        ..Options::new(folder)
    }
}

pub async fn start() -> Emulated {
    start_with(|_| {}).await
}

pub async fn start_with(change: impl FnOnce(&mut Options)) -> Emulated {
    let folder = TempDir::new().unwrap();
    start_in(folder, change).await
}

pub async fn start_in(folder: TempDir, change: impl FnOnce(&mut Options)) -> Emulated {
    let mut options = options(folder.path());
    change(&mut options);
    let services = Services::start(options).await.unwrap();
    let clients = Clients::at(services.endpoints());
    Emulated { services, clients, folder }
}

impl Emulated {
    pub async fn restart(self) -> Self {
        self.restart_with(|_| {}).await
    }

    pub async fn restart_with(self, change: impl FnOnce(&mut Options)) -> Self {
        self.services.stop().await;
        start_in(self.folder, change).await
    }

    pub fn queue(&self, name: &str) -> String {
        self.services.queue_url(name).unwrap()
    }
}

impl Clients {
    pub fn at(endpoints: &Endpoints) -> Self {
        let credentials = Credentials::new(&endpoints.access_key, &endpoints.secret_key, None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(Builder::new().build_http())
            .sleep_impl(SharedAsyncSleep::new(TokioSleep))
            .region(Region::new(endpoints.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build();
        let s3 = aws_sdk_s3::config::Builder::from(&config).endpoint_url(&endpoints.s3).force_path_style(true);
        let sqs = aws_sdk_sqs::config::Builder::from(&config).endpoint_url(&endpoints.sqs);
        let dynamodb = aws_sdk_dynamodb::config::Builder::from(&config).endpoint_url(&endpoints.dynamodb);
        Self {
            s3: aws_sdk_s3::Client::from_conf(s3.build()),
            sqs: aws_sdk_sqs::Client::from_conf(sqs.build()),
            dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb.build()),
        }
    }

    pub async fn put(&self, bucket: &str, key: &str, body: impl Into<Bytes>) {
        let body = ByteStream::from(body.into());
        self.s3.put_object().bucket(bucket).key(key).body(body).send().await.unwrap();
    }

    pub async fn get(&self, bucket: &str, key: &str) -> Option<Bytes> {
        match self.s3.get_object().bucket(bucket).key(key).send().await {
            Ok(object) => Some(object.body.collect().await.unwrap().into_bytes()),
            Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => None,
            Err(error) => panic!("{error:?}"),
        }
    }

    pub async fn keys(&self, bucket: &str) -> Vec<String> {
        let page = self.s3.list_objects_v2().bucket(bucket).send().await.unwrap();
        page.contents().iter().map(|object| object.key().unwrap().to_owned()).collect()
    }

    /// Receives and deletes until nothing is visible any more.
    pub async fn drain(&self, queue_url: &str) -> Vec<String> {
        let mut bodies = Vec::new();
        loop {
            let batch = self.sqs.receive_message().queue_url(queue_url).max_number_of_messages(10);
            let messages = batch.send().await.unwrap().messages.unwrap_or_default();
            if messages.is_empty() {
                return bodies;
            }
            for message in messages {
                let handle = message.receipt_handle().unwrap();
                self.sqs.delete_message().queue_url(queue_url).receipt_handle(handle).send().await.unwrap();
                bodies.push(message.body.unwrap());
            }
        }
    }
}

/// Polls until `found` finds something, for ten seconds at most.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut found: impl FnMut() -> F) -> T {
    for _ in 0..500 {
        if let Some(found) = found().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{what} did not happen within ten seconds");
}

/// Sends a request without the SDK; headers of `changes` replace, or with an empty value remove, those of `headers`.
pub async fn send(
    method: &str,
    uri: &str,
    headers: &HashMap<String, String>,
    changes: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let mut headers = headers.clone();
    for (name, value) in changes {
        headers.remove(*name);
        if !value.is_empty() {
            headers.insert((*name).to_owned(), (*value).to_owned());
        }
    }
    // The client sets it from the body.
    headers.remove("content-length");
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in &headers {
        request = request.header(name, value);
    }
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request.body(Full::new(body.into())).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
}

pub fn headers(link: &PresignedRequest) -> HashMap<String, String> {
    link.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

pub fn sha256(bytes: &[u8]) -> String {
    BASE64.encode(&Sha256::digest(bytes))
}

/// Bytes that do not compress and differ by `seed`.
pub fn noise(length: usize, seed: u8) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(length + 32);
    let mut block = Sha256::digest([seed]);
    while bytes.len() < length {
        bytes.extend_from_slice(&block);
        block = Sha256::digest(block);
    }
    bytes.truncate(length);
    bytes
}

#[derive(Debug)]
struct TokioSleep;

impl aws_sdk_s3::config::AsyncSleep for TokioSleep {
    fn sleep(&self, duration: Duration) -> aws_sdk_s3::config::Sleep {
        aws_sdk_s3::config::Sleep::new(tokio::time::sleep(duration))
    }
}
