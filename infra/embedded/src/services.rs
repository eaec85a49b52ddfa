//! Starts and stops the three services together.

use std::{
    fmt,
    fs::{File, TryLockError},
    future::Future,
    net::{Ipv4Addr, TcpListener},
    path::Path,
};

use axum::{Router, extract::Request};
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    BucketPolicy, Callers, Consumer, Endpoints, Error, Message, Options, S3Service, StartError, StoredObject, database,
    database::Database,
    dynamodb::{self, DynamoDb},
    events, private,
    queue::{self, Queues, http::Front},
    s3::{self, Policies, Store},
    server::{self, GRACE, Limits},
    signature::{Service, Signatures},
};

/// The region in signatures.
pub(crate) const REGION: &str = "eu-west-2";

/// The running DynamoDB, S3 and SQS. Dropping it also stops them, without waiting for running requests.
pub struct Services {
    endpoints: Endpoints,
    database: Database,
    writer: database::Writer,
    dynamodb: DynamoDb,
    store: Store,
    s3: S3Service,
    policies: Policies,
    queues: Queues,
    tasks: Vec<JoinHandle<()>>,
    stop: watch::Sender<bool>,
    /// Held while the folder is in use.
    lock: File,
}

struct Opened {
    lock: File,
    database: Database,
    writer: database::Writer,
    store: Store,
    dynamodb: DynamoDb,
    endpoints: Endpoints,
    s3: TcpListener,
    sqs: TcpListener,
}

impl Services {
    /// Opens the folder and listens. Must be called inside a Tokio runtime, on which S3 and SQS run.
    ///
    /// # Errors
    ///
    /// [`StartError`] says which folder or port is wrong, and what to do.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        if let Some(notify) = &options.notify
            && !options.queues.iter().any(|queue| queue.name == notify.queue)
        {
            let message = format!("events of {:?} go to {:?}, which is not a queue", notify.bucket, notify.queue);
            return Err(StartError::Options(message));
        }
        let folder = options.data_dir.clone();
        let opening = options.clone();
        let opened = tokio::task::spawn_blocking(move || open(&opening)).await.map_err(|error| {
            StartError::Thread { service: "the data folder", source: std::io::Error::other(error) }
        })??;
        let Opened { lock, database, writer, store, dynamodb, endpoints, s3, sqs } = opened;
        let (stop, stopped) = watch::channel(false);
        let queues = Queues::new(database.clone(), &options.queues, stopped.clone())?;
        let buckets = options.buckets;
        database
            .write(move |connection| {
                queue::rows::release(connection)?;
                buckets.iter().try_for_each(|name| s3::rows::make_bucket(connection, name).map(|_| ()))
            })
            .await
            .map_err(|source| StartError::Database { path: folder.join(DATABASE), source: Box::new(source) })?;
        let policies = Policies::new(options.policies);
        let service = S3Service::new(store.clone(), &endpoints, &options.allowed_origins, &policies)?;
        let front = queue::http::router(Front { queues: queues.clone(), endpoint: endpoints.sqs.clone() });
        let signed = Signatures::new(Service::Sqs, &endpoints.access_key, &endpoints.secret_key).before(front);
        let pages = Callers::pages_of(&options.allowed_origins);
        let mut tasks = vec![
            listen("S3", s3, pages, Limits::public(options.connections), s3_router(service.clone()), &stopped)?,
            listen("SQS", sqs, Callers::programs(), Limits::internal(), signed, &stopped)?,
        ];
        if let Some(notify) = options.notify {
            tasks.push(tokio::spawn(events::deliver(
                store.clone(),
                queues.clone(),
                notify.queue,
                options.chaos,
                stopped,
            )));
        }
        Ok(Self { endpoints, database, writer, dynamodb, store, s3: service, policies, queues, tasks, stop, lock })
    }

    /// Returns the addresses of the services, and the credentials.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// Returns the URL of a queue; `None` if there is no such queue.
    pub fn queue_url(&self, name: &str) -> Option<String> {
        self.queues.contains(name).then(|| queue::http::queue_url(&self.endpoints.sqs, name))
    }

    /// Returns S3 as a function, for a gateway that forwards `/{bucket}/…` with the `Host` header that was signed.
    pub fn s3_service(&self) -> S3Service {
        self.s3.clone()
    }

    /// Replaces a bucket's policy, and returns the previous one.
    pub fn put_bucket_policy(&self, bucket: &str, policy: BucketPolicy) -> BucketPolicy {
        self.policies.put(bucket, policy)
    }

    /// Returns an object without a signature, for a gateway that plays the CDN; `None` if there is none.
    pub async fn object(&self, bucket: &str, key: &str) -> Result<Option<StoredObject>, Error> {
        self.store.object(bucket, key).await
    }

    /// Handles the messages of `queue` as Lambda's event source mapping does: `handler` gets up to `batch` messages (at most 10), in
    /// `concurrency` tasks, and returns the ids of those that failed. The others are deleted; the failed ones return after the visibility
    /// timeout, as do all of them after a panic.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchQueue`] if no such queue was configured.
    pub fn consume<F, Fut>(&self, queue: &str, batch: usize, concurrency: usize, handler: F) -> Result<Consumer, Error>
    where
        F: Fn(Vec<Message>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Vec<String>> + Send + 'static,
    {
        Consumer::start(&self.queues, queue, batch, concurrency, handler)
    }

    /// Writes rows into a table in bulk, each in DynamoDB's own JSON: far faster than its calls, for measurements at scale.
    ///
    /// # Errors
    ///
    /// [`Error::Load`] if a row or the table is malformed; nothing is written then.
    pub async fn load(&self, table: &str, rows: Vec<serde_json::Value>) -> Result<(), Error> {
        self.dynamodb.load(table, rows).await
    }

    /// Writes keys and sizes of objects into a bucket in bulk, without bytes and events, for measurements of listings at scale.
    ///
    /// # Errors
    ///
    /// If one of them exists already; none is written then.
    pub async fn load_objects(&self, bucket: &str, objects: Vec<(String, u64)>) -> Result<(), Error> {
        let bucket = bucket.to_owned();
        self.database.write(move |connection| s3::rows::load(connection, &bucket, &objects)).await
    }

    /// Gives running requests two seconds to finish, closes the files and frees the folder.
    pub async fn stop(self) {
        let Self { database, writer, dynamodb, tasks, stop, lock, .. } = self;
        stop.send_replace(true);
        for mut task in tasks {
            if tokio::time::timeout(GRACE, &mut task).await.is_err() {
                task.abort();
            }
        }
        dynamodb.stop().await;
        database.close();
        if !matches!(tokio::task::spawn_blocking(move || writer.join()).await, Ok(Ok(()))) {
            tracing::error!("the thread of the database panicked");
        }
        drop(lock);
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services").field("endpoints", &self.endpoints).finish_non_exhaustive()
    }
}

/// File name of the database of objects, messages and credentials.
pub(crate) const DATABASE: &str = "services.db";

fn open(options: &Options) -> Result<Opened, StartError> {
    let folder = options.data_dir.as_path();
    let lock = lock(folder)?;
    let exposed = private::close(folder).map_err(|source| StartError::DataDir { path: folder.to_owned(), source })?;
    let path = folder.join(DATABASE);
    let (database, writer) = Database::open(&path, options.durability)?;
    let bucket = options.notify.as_ref().map(|notify| notify.bucket.as_str());
    let store =
        Store::open(&folder.join("s3"), database.clone(), options.durability, bucket, options.calendar.clone())?;
    let (s3_port, s3) = bind("S3", options.s3_port)?;
    let (sqs_port, sqs) = bind("SQS", None)?;
    let (dynamodb_port, dynamodb) = bind("DynamoDB", None)?;
    let failed = |source| StartError::Database { path: path.clone(), source: Box::new(source) };
    if exposed {
        tracing::warn!("other users of this machine could read {}; it gets new credentials", path.display());
        database.forget("secret_key").map_err(failed)?;
    }
    let access_key = database.setting("access_key", &BASE32_NOPAD.encode(&random::<10>()?)).map_err(failed)?;
    let secret_key = database.setting("secret_key", &BASE64URL_NOPAD.encode(&random::<30>()?)).map_err(failed)?;
    let signatures = Signatures::new(Service::DynamoDb, &access_key, &secret_key);
    let dynamodb = dynamodb::start(&folder.join("dynamodb.db"), options.durability, dynamodb, &signatures)?;
    let endpoints = Endpoints {
        dynamodb: format!("http://127.0.0.1:{dynamodb_port}"),
        s3: format!("http://127.0.0.1:{s3_port}"),
        sqs: format!("http://127.0.0.1:{sqs_port}"),
        region: REGION.to_owned(),
        access_key,
        secret_key,
    };
    Ok(Opened { lock, database, writer, store, dynamodb, endpoints, s3, sqs })
}

/// Creates the folder and locks it. The system frees the lock when the process ends, however it ends.
fn lock(folder: &Path) -> Result<File, StartError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| StartError::DataDir { path, source }
    };
    private::folder(folder).map_err(failed(folder))?;
    let path = folder.join("lock");
    let file = private::file(&path).map_err(failed(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::InUse { path: folder.to_owned() }),
        Err(TryLockError::Error(source)) => Err(StartError::DataDir { path, source }),
    }
}

/// Listens on `preferred` if that port is free, and otherwise on any.
fn bind(service: &'static str, preferred: Option<u16>) -> Result<(u16, TcpListener), StartError> {
    let failed = |source| StartError::Port { service, source };
    let at = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = match preferred.map(at) {
        Some(Ok(listener)) => listener,
        Some(Err(error)) => {
            tracing::warn!(service, preferred, %error, "the preferred port is taken; using a free one");
            at(0).map_err(failed)?
        }
        None => at(0).map_err(failed)?,
    };
    listener.set_nonblocking(true).map_err(failed)?;
    Ok((listener.local_addr().map_err(failed)?.port(), listener))
}

fn listen(
    service: &'static str,
    listener: TcpListener,
    callers: Callers,
    limits: Limits,
    router: Router,
    stop: &watch::Receiver<bool>,
) -> Result<JoinHandle<()>, StartError> {
    let listener =
        tokio::net::TcpListener::from_std(listener).map_err(|source| StartError::Port { service, source })?;
    Ok(tokio::spawn(server::serve(listener, callers, limits, router, stop.clone())))
}

fn s3_router(service: S3Service) -> Router {
    Router::new().fallback(move |request: Request| {
        let service = service.clone();
        async move { service.call(request).await }
    })
}

fn random<const N: usize>() -> Result<[u8; N], StartError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| StartError::Options(format!("the system has no random numbers: {error}")))?;
    Ok(bytes)
}
