//! DynamoDB, S3 and SQS embedded in one process, for the laptop and for tests.
//!
//! [`Services::start`] opens a folder and listens on three ports of the loopback interface; the AWS SDK talks to them as it
//! talks to AWS. Everything that was acknowledged is in the folder, and the next start finds it: after `kill -9` always, after a power cut
//! with [`Durability::PowerLoss`].
//!
//! ```text
//! data_dir               mode 0700, all files in it 0600
//! data_dir/lock          held while a process has the folder open
//! data_dir/dynamodb.db   tables and items
//! data_dir/services.db   object rows, events not yet delivered, messages, the credentials
//! data_dir/s3/blobs/…    bytes of objects, immutable, under random names
//! data_dir/s3/tmp/…      uploads in progress, emptied at start
//! ```
//!
//! | Service | Protocol by | State by | Checks signatures | Takes requests of web pages |
//! |---|---|---|---|---|
//! | DynamoDB | AWS JSON 1.0, ours | `dynoxide-rs` | [yes](signature) | none |
//! | S3 | `s3s` | blob files and rows, ours | yes, and refuses anonymous requests; knows links and [policies](BucketPolicy) | of [`Options::allowed_origins`] |
//! | SQS | AWS JSON 1.0, ours | rows, ours | [yes](signature) | none |
//!
//! The access key and its secret are random and valid for this folder alone, so a process that cannot read the folder cannot call the
//! services; and every listener [refuses](Callers) requests from strangers' web pages, and requests that address this machine by a name
//! that is not its own.
//!
//! Decision: objects, their events and the queues share one SQLite file. An object's row and its event are one transaction, and moving an
//! event into the queue is one transaction, so that no crash loses an event. Given up: objects and messages wait for the same writer, which
//! commits what waits together.

mod callers;
mod clock;
mod database;
mod dynamodb;
mod events;
mod private;
mod queue;
mod s3;
pub mod server;
mod services;
pub mod signature;

use std::{collections::BTreeMap, io, path::PathBuf, sync::Arc};

pub use callers::Callers;
pub use clock::Calendar;
pub use events::Chaos;
pub use queue::{Consumer, Message};
pub use s3::{BucketPolicy, S3Service, StoredObject};
pub use services::Services;

/// What to start, and where its data is.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of all data, created if it does not exist.
    pub data_dir: PathBuf,
    /// The preferred port of S3; a free one if it is `None` or in use.
    pub s3_port: Option<u16>,
    /// The buckets, created if they do not exist. Other buckets stay.
    pub buckets: Vec<String>,
    /// The policies of buckets, by their names.
    pub policies: BTreeMap<String, BucketPolicy>,
    /// The queues. Messages of a queue that is no longer named stay in the folder.
    pub queues: Vec<QueueOptions>,
    /// The bucket whose events are delivered, and the queue that gets them.
    pub notify: Option<Notify>,
    /// How the delivery of events misbehaves; `None` delivers each exactly once and at once.
    pub chaos: Option<Chaos>,
    /// The origins from which browsers may call S3, such as `http://localhost:8080`; `*` for any.
    pub allowed_origins: Vec<String>,
    /// Largest number of connections of S3 at once.
    pub connections: usize,
    /// What an acknowledged write survives.
    pub durability: Durability,
    /// The clock of objects' modification times.
    pub calendar: Calendar,
}

impl Options {
    /// Options without buckets and queues, which survive a power cut.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            s3_port: None,
            buckets: Vec::new(),
            policies: BTreeMap::new(),
            queues: Vec::new(),
            notify: None,
            chaos: None,
            allowed_origins: Vec::new(),
            connections: 1024,
            durability: Durability::PowerLoss,
            calendar: Calendar::default(),
        }
    }
}

/// What an acknowledged write survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// A power cut: files are flushed to the disk before the answer.
    PowerLoss,
    /// The end of the process, even by `kill -9`, but not of the machine. Much faster; for tests.
    ProcessKill,
}

/// One queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueOptions {
    /// Its name, the last part of its URL.
    pub name: String,
    /// How long a received message stays hidden, in seconds: 0–43,200.
    pub visibility_seconds: u32,
    /// Number of receives without deletion after which a message moves to `dead_letter`.
    pub max_receive_count: u32,
    /// Name of the queue for messages that could not be handled; it must be one of the queues. If `None`, messages return for ever.
    pub dead_letter: Option<String>,
}

/// Sends the `ObjectCreated` events of `bucket` to `queue`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notify {
    /// The bucket's name.
    pub bucket: String,
    /// The queue's name.
    pub queue: String,
}

/// The addresses of the services, and their credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// Address of DynamoDB, such as `http://127.0.0.1:40001`.
    pub dynamodb: String,
    /// Address of S3, such as `http://127.0.0.1:40002`.
    pub s3: String,
    /// Address of SQS, such as `http://127.0.0.1:40003`.
    pub sqs: String,
    /// The region that signatures name.
    pub region: String,
    /// The access key's id, created at the folder's first start and kept.
    pub access_key: String,
    /// The secret, created and kept with the id, so that signed links survive a restart. It is replaced if others could read the folder.
    pub secret_key: String,
}

/// Why the services did not start, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The folder cannot be created or written.
    #[error("cannot write to the data folder {}", path.display())]
    DataDir {
        /// The folder or the file in it.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
    /// Another process has the folder open.
    #[error("the data folder {} is in use by another process", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// No port is free on the loopback interface.
    #[error("cannot listen on 127.0.0.1 for {service}")]
    Port {
        /// `DynamoDB`, `S3` or `SQS`.
        service: &'static str,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
    /// A database cannot be opened.
    #[error("cannot open {}: it may be damaged, or made by another version", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// The error of the database.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The options contradict each other.
    #[error("the options of the embedded services are wrong: {0}")]
    Options(String),
    /// A thread could not be started.
    #[error("cannot start a thread for {service}")]
    Thread {
        /// The service.
        service: &'static str,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
}

/// Why an operation on the embedded services failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A statement failed.
    #[error("the database of objects and queues failed")]
    Database(#[from] rusqlite::Error),
    /// A transaction could not be opened or committed; none of it took effect.
    #[error("a transaction of objects and queues failed")]
    Transaction(#[source] Arc<rusqlite::Error>),
    /// A blob could not be read or written.
    #[error("a file of the object store failed")]
    File(#[from] io::Error),
    /// No queue with this name was configured.
    #[error("there is no queue named {0:?}")]
    NoSuchQueue(String),
    /// Rows could not be loaded; none of them was stored.
    #[error("rows could not be loaded: {0}")]
    Load(String),
    /// The services have stopped.
    #[error("the embedded services have stopped")]
    Stopped,
}
