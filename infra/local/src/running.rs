//! Access to a data folder, by a running laptop or by a one-off command.

use std::{collections::BTreeMap, io, path::Path, time::Duration};

use embedded::{BucketPolicy, Endpoints, QueueOptions, Services};
use serde::{Deserialize, Serialize};
use shared::{
    domain::limits,
    runtime::{Clock, Environment, ids},
    store::{Aws, client, messages::Messages, table::Table},
};

use crate::{functions::Functions, grants::Grants, laptop::StartError, names};

/// Where a running laptop can be reached: the file `running.json` in its data folder. Only its owner can read it, because it holds the
/// storage's credentials.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Running {
    /// The site's address.
    pub site: String,
    /// The process id.
    pub pid: u32,
    dynamodb: String,
    s3: String,
    sqs: String,
    region: String,
    access_key: String,
    secret_key: String,
    queue_url: String,
    #[serde(default)]
    isolation_url: String,
    #[serde(default)]
    dead_letters_url: String,
    #[serde(default)]
    cloudfront: String,
}

const FILE: &str = "running.json";

impl Running {
    pub(crate) fn new(site: &str, endpoints: &Endpoints, queues: &QueueUrls, cloudfront: &str) -> Self {
        Self {
            site: site.to_owned(),
            pid: std::process::id(),
            dynamodb: endpoints.dynamodb.clone(),
            s3: endpoints.s3.clone(),
            sqs: endpoints.sqs.clone(),
            region: endpoints.region.clone(),
            access_key: endpoints.access_key.clone(),
            secret_key: endpoints.secret_key.clone(),
            queue_url: queues.originals.clone(),
            isolation_url: queues.isolation.clone(),
            dead_letters_url: queues.dead_letters.clone(),
            cloudfront: cloudfront.to_owned(),
        }
    }

    pub(crate) fn write(&self, data: &Path) -> io::Result<()> {
        use std::{
            fs::{OpenOptions, Permissions},
            io::Write,
            os::unix::fs::{OpenOptionsExt, PermissionsExt},
        };
        let path = data.join(FILE);
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        // A file that existed already has kept its mode.
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.write_all(serde_json::to_string_pretty(self)?.as_bytes())
    }

    pub(crate) fn remove(data: &Path) {
        // A file that stays behind is harmless: a command that reads it finds no laptop at that address.
        drop(std::fs::remove_file(data.join(FILE)));
    }

    /// Reads which laptop runs on `data`; `None` if none does.
    pub fn read(data: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(data.join(FILE)).ok()?).ok()
    }

    /// Returns clients of its services.
    pub fn aws(&self) -> Aws {
        Aws::at(&self.endpoints())
    }

    fn endpoints(&self) -> client::Endpoints {
        client::Endpoints {
            cloudfront: self.cloudfront.clone(),
            dynamodb: self.dynamodb.clone(),
            s3: self.s3.clone(),
            sqs: self.sqs.clone(),
            region: self.region.clone(),
            access_key: self.access_key.clone(),
            secret_key: self.secret_key.clone(),
        }
    }
}

/// The services of a data folder, for a command that works on them whether the laptop runs or not.
pub struct DataFolder {
    /// Clients of the services.
    pub aws: Aws,
    /// The table.
    pub table: Table,
    environment: Vec<(&'static str, String)>,
    queues: QueueUrls,
    services: Option<Services>,
}

impl DataFolder {
    /// Connects to the laptop that runs on `data`, or opens the folder.
    ///
    /// # Errors
    /// If the folder does not exist: a command with a mistyped path must not begin a new one.
    pub async fn open(data: &Path) -> Result<Self, StartError> {
        if !data.is_dir() {
            return Err(StartError::NoData { path: data.to_owned() });
        }
        let opened = Services::start(options(data)).await;
        let (running, services) = match opened {
            Ok(services) => {
                let running = Running::new("", services.endpoints(), &QueueUrls::new(&services), NO_EDGES);
                (running, Some(services))
            }
            Err(embedded::StartError::InUse { path }) => match Running::read(data) {
                Some(running) => (running, None),
                None => return Err(embedded::StartError::InUse { path }.into()),
            },
            Err(error) => return Err(error.into()),
        };
        let aws = running.aws();
        let table = Table::new(&aws.dynamodb, names::TABLE);
        if services.is_some() {
            table.create_if_absent().await?;
        }
        let queues = QueueUrls {
            originals: running.queue_url.clone(),
            isolation: running.isolation_url.clone(),
            dead_letters: running.dead_letters_url.clone(),
        };
        let mut environment = environment(&running.site, &running.s3, &queues, names::BEACON_RELAYS);
        // Nobody calls the functions of a command over HTTP.
        environment.push(("EDGE_SECRETS", ids::secret()));
        Ok(Self { aws, table, environment, queues, services })
    }

    /// Returns the housekeeping of this installation, for commands that sweep or count.
    ///
    /// # Errors
    /// If housekeeping needs a variable that the laptop does not know, which a test rules out.
    pub fn housekeeping(&self, clock: Clock) -> Result<housekeeping::App, StartError> {
        let environment = named(&self.environment, housekeeping::Config::VARS)?;
        Ok(housekeeping::App::new(&housekeeping::Config::from(&environment), &self.aws, clock))
    }

    /// Returns the console function on these services, for a site at `origin` whose edge sends `edge_secret`, with its own grants only.
    ///
    /// # Errors
    /// If it needs a variable that the laptop does not know, which a test rules out.
    pub fn console(&self, origin: &str, edge_secret: &str, clock: Clock) -> Result<console::App, StartError> {
        let own = |(name, value): &(&'static str, String)| match *name {
            "SITE_ORIGIN" => ("SITE_ORIGIN", origin.to_owned()),
            "EDGE_SECRETS" => ("EDGE_SECRETS", edge_secret.to_owned()),
            other => (other, value.clone()),
        };
        let environment = self.environment.iter().map(own).collect::<Vec<_>>();
        let config = console::Config::from(&named(&environment, console::Config::VARS)?);
        let aws = Grants::read(&Functions::read()?)?.clients(&self.aws, "console");
        Ok(console::App::new(&config, &aws, clock))
    }

    /// Returns the queue of originals.
    pub fn originals(&self) -> Messages {
        Messages::new(&self.aws.sqs, &self.queues.originals, names::ORIGINALS)
    }

    /// Returns the URL of the queue of messages that could not be handled.
    pub fn dead_letters(&self) -> &str {
        &self.queues.dead_letters
    }

    /// Closes what it opened.
    pub async fn close(self) {
        if let Some(services) = self.services {
            services.stop().await;
        }
    }
}

/// Where a command that has opened a folder itself sends invalidations: nowhere, because no edge runs that could have cached anything.
const NO_EDGES: &str = "http://127.0.0.1:9";

/// Oldest signature that a private bucket accepts.
const OLDEST_SIGNATURE: Duration = Duration::from_mins(10);

/// URLs of the queues.
#[derive(Clone, Debug, Default)]
pub(crate) struct QueueUrls {
    pub(crate) originals: String,
    pub(crate) isolation: String,
    pub(crate) dead_letters: String,
}

impl QueueUrls {
    pub(crate) fn new(services: &Services) -> Self {
        let url = |name| services.queue_url(name).unwrap_or_default();
        Self {
            originals: url(names::ORIGINALS_QUEUE),
            isolation: url(names::ISOLATION_QUEUE),
            dead_letters: url(names::DEAD_LETTERS),
        }
    }
}

/// Returns the options of the embedded services that the system needs.
pub(crate) fn options(data: &Path) -> embedded::Options {
    let queue = |name: &str, dead_letter: Option<&str>| QueueOptions {
        name: name.to_owned(),
        visibility_seconds: 120,
        max_receive_count: 5,
        dead_letter: dead_letter.map(str::to_owned),
    };
    embedded::Options {
        buckets: [names::ORIGINALS, names::REVIEW, names::PUBLIC, names::REMOVALS].map(str::to_owned).to_vec(),
        policies: policies(),
        queues: vec![
            queue(names::ORIGINALS_QUEUE, Some(names::DEAD_LETTERS)),
            queue(names::ISOLATION_QUEUE, Some(names::DEAD_LETTERS)),
            queue(names::DEAD_LETTERS, None),
        ],
        notify: Some(embedded::Notify {
            bucket: names::ORIGINALS.to_owned(),
            queue: names::ORIGINALS_QUEUE.to_owned(),
        }),
        ..embedded::Options::new(data)
    }
}

/// Returns the buckets' policies, as in `infra/aws/storage.tf`. On this machine, nothing is encrypted in transit.
fn policies() -> BTreeMap<String, BucketPolicy> {
    let private = BucketPolicy { oldest_signature: Some(OLDEST_SIGNATURE), ..BucketPolicy::default() };
    let once = BucketPolicy { write_once: true, ..private };
    let published = BucketPolicy { write_once_below: Some("draws/"), ..BucketPolicy::default() };
    [(names::ORIGINALS, once), (names::REVIEW, private), (names::REMOVALS, once), (names::PUBLIC, published)]
        .map(|(bucket, policy)| (bucket.to_owned(), policy))
        .into()
}

/// Returns the variables of all functions, except `EDGE_SECRETS`.
pub(crate) fn environment(site: &str, storage: &str, queues: &QueueUrls, relays: &str) -> Vec<(&'static str, String)> {
    vec![
        ("TABLE", names::TABLE.to_owned()),
        ("ORIGINALS_BUCKET", names::ORIGINALS.to_owned()),
        ("REVIEW_BUCKET", names::REVIEW.to_owned()),
        ("PUBLIC_BUCKET", names::PUBLIC.to_owned()),
        ("REMOVALS_BUCKET", names::REMOVALS.to_owned()),
        ("EDGE_DISTRIBUTION", names::DISTRIBUTION.to_owned()),
        ("ORIGINALS_QUEUE_URL", queues.originals.clone()),
        ("ISOLATION_QUEUE_URL", queues.isolation.clone()),
        ("DEAD_LETTERS_QUEUE_URL", queues.dead_letters.clone()),
        // There is no firewall: a laptop is taken offline by ending it.
        ("OFFLINE_LISTS", "none".to_owned()),
        ("SITE_ORIGIN", site.to_owned()),
        ("UPLOAD_ORIGIN", storage.to_owned()),
        ("STYLEGUIDE", "on".to_owned()),
        ("ORIGINAL_DAYS", limits::ORIGINAL_DAYS.to_string()),
        ("BEACON_RELAYS", relays.to_owned()),
    ]
}

/// Returns the variables of one function.
pub(crate) fn named(all: &[(&'static str, String)], names: &[&'static str]) -> Result<Environment, StartError> {
    let lookup = |name: &str| all.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    Ok(Environment::from(names, lookup)?)
}
