//! Starts and stops the whole system.

use std::{
    collections::HashMap,
    io,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use embedded::{
    BucketPolicy, Calendar, Callers, Chaos, Consumer, Durability, Message, Services,
    server::{Limits, serve},
    signature::{self, Signatures},
};
use http::HeaderValue;
use shared::{
    domain::{Edition, event_file},
    runtime::{Clock, config::Missing, ids},
    store::{Aws, Fault, client, editions::Editions, members::Members, table::Table},
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
    connections,
    edge::{CacheMode, Edge},
    faults::{Faults, Meter, Proxy, Service},
    functions::{Function, Functions, Trigger},
    gateway::{self, Backend},
    grants::Grants,
    lambda::{FunctionSpec, Lambda},
    names,
    running::{QueueUrls, Running, environment, named, options},
    throttles::Throttles,
};

/// The settings that were compiled into this build.
const EVENT: &str = include_str!("../../event.toml");

/// The options with which the laptop starts.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of all data.
    pub data: PathBuf,
    /// The address on which the site listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Host names of the site besides `localhost`. IP addresses are always accepted.
    pub allowed_hosts: Vec<String>,
    /// The edition from the organiser's settings; `None` keeps the one in the folder.
    pub edition: Option<Edition>,
    /// Whether the edition opens at once, whatever the clock says.
    pub open_window: bool,
    /// What answers for the functions.
    pub mode: Mode,
    /// How the delivery of events misbehaves.
    pub chaos: Option<Chaos>,
    /// How S3 and DynamoDB misbehave towards the functions.
    pub faults: Option<Faults>,
    /// What an acknowledged write survives.
    pub durability: Durability,
    /// Time between two sweeps instead of the schedule's own, for tests.
    pub sweep_every: Option<Duration>,
    /// The clock of all functions in this process, and of the edge.
    pub clock: Clock,
    /// Whether the storage uses that clock, too, for objects' modification times. It never does for signatures.
    pub calendar: bool,
    /// The addresses at which drand's beacon is read, separated by commas.
    pub relays: String,
    /// What the edge in front of the functions caches.
    pub keeping: CacheMode,
    /// How many requests pass to the functions; `None` lets through as many as they can serve.
    pub throttles: Option<Throttles>,
}

impl Options {
    /// Returns the options for a system on `data`, as a person starts it.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            allowed_hosts: Vec::new(),
            edition: None,
            open_window: false,
            mode: Mode::InProcess,
            chaos: None,
            faults: None,
            durability: Durability::PowerLoss,
            sweep_every: None,
            clock: Clock::system(),
            calendar: false,
            relays: names::BEACON_RELAYS.to_owned(),
            keeping: CacheMode::Nothing,
            throttles: Throttles::read(EVENT).ok().flatten(),
        }
    }
}

/// What answers for the functions.
#[derive(Clone, Debug)]
pub enum Mode {
    /// The functions' routers and handlers, in this process.
    InProcess,
    /// The functions' real bootstraps behind an emulated Runtime API, with the limits of API Gateway.
    Bootstraps {
        /// The folder of the binaries, each named like its function.
        folder: PathBuf,
        /// Largest number of processes for each function.
        instances: usize,
    },
}

/// Why the system did not start, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is in use, or does not belong to this machine.
    #[error("cannot listen on {address}: {source}. Choose another with --listen, such as --listen 127.0.0.1:8090")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A folder that must exist does not.
    #[error("there is no data folder {}: name your installation's folder with --data", path.display())]
    NoData {
        /// Path of the folder.
        path: PathBuf,
    },
    /// The embedded services did not start.
    #[error("{problem}. {advice}")]
    Services {
        /// The problem, with its causes.
        problem: String,
        /// What can be done about it.
        advice: &'static str,
    },
    /// The bootstraps did not start.
    #[error(transparent)]
    Lambda(#[from] crate::lambda::StartError),
    /// The table could not be set up.
    #[error("the table could not be set up")]
    Table(#[from] Fault),
    /// A function needs a variable that the laptop does not know.
    #[error(transparent)]
    Environment(#[from] Missing),
    /// The list of functions is malformed.
    #[error("infra/functions.json cannot be read")]
    Functions(#[from] serde_json::Error),
    /// A file in the data folder could not be read or written.
    #[error("cannot write into the data folder {}: {source}", path.display())]
    File {
        /// Path of the folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The proxies that make the services misbehave did not start.
    #[error("the faults cannot be dealt: {0}")]
    Faults(#[source] io::Error),
    /// The list of functions names a queue that the laptop does not have.
    #[error("the functions' queue failed")]
    Queue(#[from] embedded::Error),
}

impl From<embedded::StartError> for StartError {
    fn from(error: embedded::StartError) -> Self {
        let advice = match error {
            embedded::StartError::DataDir { .. } => "Make it writable, or choose another folder with --data",
            embedded::StartError::InUse { .. } => "Stop that process, or choose another folder with --data",
            embedded::StartError::Database { .. } => "Move the folder away, or start a new one with --data",
            embedded::StartError::Port { .. } => "Check that this machine has free ports on 127.0.0.1",
            embedded::StartError::Options(_) | embedded::StartError::Thread { .. } => "This is a fault of the program",
        };
        let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        Self::Services { problem: causes.map(ToString::to_string).collect::<Vec<_>>().join(": "), advice }
    }
}

/// The running system.
pub struct LocalSystem {
    /// The site's address, such as `http://localhost:8080`. Passkeys belong to a name and not to an IP address.
    pub site: String,
    /// Clients of its services.
    pub aws: Aws,
    /// Its table.
    pub table: Table,
    /// The grants of its functions, and their use.
    pub grants: Grants,
    /// The edge in front of its functions.
    pub edge: Edge,
    /// The functions' own address, without the edge, such as `http://127.0.0.1:38210`. A deployed API has such a public address, too.
    pub api: String,
    /// The address for CloudFront's calls about invalidations, such as `http://127.0.0.1:38211`.
    pub edge_api: String,
    /// What its functions consume, if their faults are metered.
    pub meter: Meter,
    clock: Clock,
    consumers: Vec<Consumer>,
    data: PathBuf,
    lambda: Option<Arc<Lambda>>,
    /// The clients of its functions, which go through the fault proxies if there are any.
    reached: Aws,
    relays: String,
    services: Arc<Services>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// The functions that queues and schedules call.
#[derive(Clone)]
enum Workers {
    InProcess(Box<(renditions::App, housekeeping::App)>),
    Lambda(Arc<Lambda>),
}

fn localhost(port: u16) -> String {
    format!("http://localhost:{port}")
}

impl LocalSystem {
    /// Starts everything. The site answers when this returns.
    ///
    /// # Errors
    /// What is wrong, and how to change it.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let address = options.listen;
        let listener = TcpListener::bind(address).await.map_err(|source| StartError::Listen { address, source })?;
        let bound = listener.local_addr().map_err(|source| StartError::Listen { address, source })?;
        let site = format!("http://{}", host(bound));
        let connections = connections::at_once();
        let origins = vec![site.clone(), format!("http://{}", reachable(bound)), localhost(bound.port())];
        let services = Arc::new(
            Services::start(embedded::Options {
                s3_port: bound.port().checked_add(1),
                allowed_origins: origins.clone(),
                connections,
                chaos: options.chaos.clone(),
                durability: options.durability,
                calendar: calendar(&options),
                ..self::options(&options.data)
            })
            .await?,
        );
        let endpoints = services.endpoints();
        // The edge sends the first secret; functions also accept the second, which it would send next.
        let secrets = [ids::secret(), ids::secret()];
        let edge = Edge::new(options.keeping, &options.clock, header(&secrets[0]))?;
        let (control, edge_api) = any_port().await?;
        let (past_the_edge, api) = any_port().await?;
        let direct = client::Endpoints {
            cloudfront: edge_api.clone(),
            dynamodb: endpoints.dynamodb.clone(),
            s3: endpoints.s3.clone(),
            sqs: endpoints.sqs.clone(),
            region: endpoints.region.clone(),
            access_key: endpoints.access_key.clone(),
            secret_key: endpoints.secret_key.clone(),
        };
        let aws = Aws::at(&direct);
        let table = table(&aws, &options).await?;
        let functions = Functions::read()?;
        let grants = Grants::read(&functions)?;
        let queues = QueueUrls::new(&services);
        let (stop, stopped) = watch::channel(false);
        let meter = Meter::default();
        let (reached, proxies) = match &options.faults {
            None => (direct, Vec::new()),
            Some(faults) => {
                let pages = Callers::pages_of(&origins);
                let through = through(direct, pages, faults, &meter, &stopped).await;
                through.map_err(StartError::Faults)?
            }
        };
        let mut environment = environment(&site, &reached.s3, &queues, &options.relays);
        environment.push(("EDGE_SECRETS", secrets.join(",")));
        let (backend, workers) = match &options.mode {
            Mode::InProcess => in_process(&Aws::at(&reached), &grants, &options.clock, &environment)?,
            Mode::Bootstraps { folder, instances } => {
                let lambda = Arc::new(bootstraps(&functions, folder, *instances, &environment, &reached).await?);
                (Backend::Lambda(Arc::clone(&lambda)), Workers::Lambda(lambda))
            }
        };
        remove_again(&environment, &grants.clients(&aws, "housekeeping"), &options.clock).await?;
        let s3_host = reached.s3.trim_start_matches("http://").to_owned();
        let gateway = gateway::api(&backend, &functions, options.throttles.as_ref())?;
        let router = edge.in_front_of(gateway::origins(gateway.clone(), &services, &s3_host));
        let signed = Signatures::new(signature::Service::CloudFront, &endpoints.access_key, &endpoints.secret_key);
        let invalidations = signed.before(edge.control());
        let callers = Callers::by_name(&options.allowed_hosts);
        let mut tasks = vec![
            tokio::spawn(serve(listener, callers, Limits::public(connections), router, stopped.clone())),
            tokio::spawn(serve(past_the_edge, Callers::by_name(&[]), Limits::internal(), gateway, stopped.clone())),
            tokio::spawn(serve(control, Callers::programs(), Limits::internal(), invalidations, stopped.clone())),
        ];
        tasks.extend(proxies);
        let scheduled = functions.functions.iter().filter(|function| function.trigger == Trigger::Schedule);
        tasks.extend(scheduled.flat_map(|function| schedule(&workers, function, options.sweep_every, &stopped)));
        let consumers = consume_all(&functions, &services, &workers)?;
        let lambda = match workers {
            Workers::InProcess(_) => None,
            Workers::Lambda(lambda) => Some(lambda),
        };
        Running::new(&site, endpoints, &queues, &edge_api)
            .write(&options.data)
            .map_err(|source| StartError::File { path: options.data.clone(), source })?;
        Ok(Self {
            site,
            aws,
            table,
            grants,
            edge,
            api,
            edge_api,
            meter,
            clock: options.clock,
            consumers,
            data: options.data,
            lambda,
            reached: Aws::at(&reached),
            relays: options.relays,
            services,
            stop,
            tasks,
        })
    }

    /// Returns a link with which the organiser signs in once, within a day: the same member at each start, so that no start leaves another
    /// owner behind.
    ///
    /// # Errors
    /// A fault of the table.
    pub async fn organiser_link(&self) -> Result<String, Fault> {
        let life = jiff::SignedDuration::from_hours(24);
        let code = Members::new(&self.table).code_of_first_owner("Organiser", life, self.clock.now()).await?;
        Ok(format!("{}/moderation/sign-in#code={code}", self.site))
    }

    /// Returns the handler of originals on this system's services, with its own grants only, with a clock of the caller's.
    ///
    /// # Errors
    /// If renditions needs a variable that the laptop does not know, which a test rules out.
    pub fn renditions(&self, clock: Clock) -> Result<renditions::App, StartError> {
        let environment = named(&self.environment(), renditions::Config::VARS)?;
        let aws = self.grants.clients(&self.aws, "renditions");
        Ok(renditions::App::new(&renditions::Config::from(&environment), &aws, clock))
    }

    /// Returns the housekeeping of this system, with its own grants only, with a clock of the caller's.
    ///
    /// # Errors
    /// If housekeeping needs a variable that the laptop does not know, which a test rules out.
    pub fn housekeeping(&self, clock: Clock) -> Result<housekeeping::App, StartError> {
        self.housekeeping_on(&self.aws, clock)
    }

    /// Returns the same housekeeping, with the faults that the system's own functions meet.
    ///
    /// # Errors
    /// As for [`Self::housekeeping`].
    pub fn faulted_housekeeping(&self, clock: Clock) -> Result<housekeeping::App, StartError> {
        self.housekeeping_on(&self.reached, clock)
    }

    fn housekeeping_on(&self, aws: &Aws, clock: Clock) -> Result<housekeeping::App, StartError> {
        let environment = named(&self.environment(), housekeeping::Config::VARS)?;
        let aws = self.grants.clients(aws, "housekeeping");
        Ok(housekeeping::App::new(&housekeeping::Config::from(&environment), &aws, clock))
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        environment(&self.site, self.storage(), &QueueUrls::new(&self.services), &self.relays)
    }

    /// Writes rows into the table in bulk, each in DynamoDB's own JSON, for measurements at scale.
    ///
    /// # Errors
    /// If a row is malformed; none is written then.
    pub async fn load(&self, rows: Vec<serde_json::Value>) -> Result<(), embedded::Error> {
        self.services.load(names::TABLE, rows).await
    }

    /// Writes keys and sizes of objects into a bucket in bulk, without bytes, for measurements at scale.
    ///
    /// # Errors
    /// If an object exists already; none is written then.
    pub async fn load_objects(&self, bucket: &str, objects: Vec<(String, u64)>) -> Result<(), embedded::Error> {
        self.services.load_objects(bucket, objects).await
    }

    /// Replaces a bucket's policy, and returns the previous one.
    pub fn put_bucket_policy(&self, bucket: &str, policy: BucketPolicy) -> BucketPolicy {
        self.services.put_bucket_policy(bucket, policy)
    }

    /// Returns the bootstraps, if they answer for the functions.
    pub fn lambda(&self) -> Option<&Lambda> {
        self.lambda.as_deref()
    }

    /// Returns the storage's address, such as `http://127.0.0.1:8081`.
    pub fn storage(&self) -> &str {
        &self.services.endpoints().s3
    }

    /// Gives running work a moment to finish, and closes everything.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for consumer in self.consumers {
            consumer.stop().await;
        }
        for mut task in self.tasks {
            if tokio::time::timeout(Duration::from_secs(3), &mut task).await.is_err() {
                task.abort();
                drop(task.await);
            }
        }
        if let Some(lambda) = self.lambda.and_then(Arc::into_inner) {
            lambda.stop().await;
        }
        Running::remove(&self.data);
        // The edge holds its origin, which holds the services.
        drop(self.edge.in_front_of(axum::Router::new()));
        if let Some(services) = Arc::into_inner(self.services) {
            services.stop().await;
        }
    }
}

/// Returns the clock of objects' modification times.
fn calendar(options: &Options) -> Calendar {
    let clock = options.clock.clone();
    if options.calendar { Calendar::new(move || clock.now().as_millisecond()) } else { Calendar::default() }
}

/// Converts a secret to a header's value. A secret consists of letters and digits.
fn header(secret: &str) -> HeaderValue {
    HeaderValue::from_str(secret).unwrap_or_else(|_| unreachable!("a secret is base64url"))
}

/// Opens a free port of the loopback interface, and returns its address.
async fn any_port() -> Result<(TcpListener, String), StartError> {
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, format!("http://{bound}")))
}

/// Returns the address at which this machine reaches a listener on `bound`.
fn reachable(bound: SocketAddr) -> SocketAddr {
    if bound.ip().is_unspecified() { SocketAddr::from(([127, 0, 0, 1], bound.port())) } else { bound }
}

/// Returns the host and port by which links call a listener on `bound`: `localhost` instead of `127.0.0.1`.
fn host(bound: SocketAddr) -> String {
    let reachable = reachable(bound);
    if reachable.ip() == Ipv4Addr::LOCALHOST {
        format!("localhost:{}", reachable.port())
    } else {
        reachable.to_string()
    }
}

/// Opens the table and writes the edition.
async fn table(aws: &Aws, options: &Options) -> Result<Table, StartError> {
    let table = Table::new(&aws.dynamodb, names::TABLE);
    table.create_if_absent().await?;
    if let Some(edition) = &options.edition {
        let now = options.clock.now();
        let edition = if options.open_window { event_file::opened_now(edition.clone(), now) } else { edition.clone() };
        Editions::new(&table, &options.clock).put(&edition).await?;
    }
    Ok(table)
}

/// Applies the removals again that were made after this copy of the table.
async fn remove_again(environment: &[(&'static str, String)], aws: &Aws, clock: &Clock) -> Result<(), StartError> {
    let known = housekeeping::Config::from(&named(environment, housekeeping::Config::VARS)?);
    let sweeper = housekeeping::App::new(&known, aws, clock.clone());
    let replayed = housekeeping::removals::replay(&sweeper, housekeeping::removals::Mode::Apply).await?;
    if !replayed.is_current() {
        tracing::warn!(?replayed, "the table was older than what was removed since; that is removed again");
    }
    Ok(())
}

fn in_process(
    aws: &Aws,
    grants: &Grants,
    clock: &Clock,
    environment: &[(&'static str, String)],
) -> Result<(Backend, Workers), StartError> {
    macro_rules! app {
        ($function:ident) => {
            $function::App::new(
                &$function::Config::from(&named(environment, $function::Config::VARS)?),
                &grants.clients(aws, stringify!($function)),
                clock.clone(),
            )
        };
    }
    let routers = HashMap::from([
        ("uploads".to_owned(), uploads::router(app!(uploads))),
        ("gallery".to_owned(), gallery::router(app!(gallery))),
        ("console".to_owned(), console::router(app!(console))),
        ("site".to_owned(), site::router(app!(site))),
    ]);
    let workers = Workers::InProcess(Box::new((app!(renditions), app!(housekeeping))));
    Ok((Backend::InProcess(Arc::new(routers)), workers))
}

/// Returns the endpoints with a proxy in front of the buckets and one in front of the table.
async fn through(
    endpoints: client::Endpoints,
    pages: Callers,
    faults: &Faults,
    meter: &Meter,
    stop: &watch::Receiver<bool>,
) -> io::Result<(client::Endpoints, Vec<JoinHandle<()>>)> {
    let signed = Signatures::new(signature::Service::DynamoDb, &endpoints.access_key, &endpoints.secret_key);
    let s3 = Proxy::new(Service::S3, &endpoints.s3, None, faults, meter).await?;
    let dynamodb = Proxy::new(Service::DynamoDb, &endpoints.dynamodb, Some(signed), faults, meter).await?;
    let endpoints = client::Endpoints { s3: s3.address()?, dynamodb: dynamodb.address()?, ..endpoints };
    let proxies = [(s3, pages), (dynamodb, Callers::programs())];
    let proxies = proxies.map(|(proxy, callers)| tokio::spawn(proxy.serve(callers, stop.clone())));
    Ok((endpoints, proxies.into()))
}

async fn bootstraps(
    functions: &Functions,
    folder: &Path,
    instances: usize,
    environment: &[(&'static str, String)],
    endpoints: &client::Endpoints,
) -> Result<Lambda, StartError> {
    let specs = functions.functions.iter().map(|function| {
        let own = environment.iter().filter(|(name, _)| function.environment.iter().any(|wanted| wanted == name));
        let mut variables: Vec<_> = own.map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        variables.extend(
            [
                ("AWS_REGION", endpoints.region.as_str()),
                ("AWS_ACCESS_KEY_ID", &endpoints.access_key),
                ("AWS_SECRET_ACCESS_KEY", &endpoints.secret_key),
                ("AWS_ENDPOINT_URL_CLOUDFRONT", &endpoints.cloudfront),
                ("AWS_ENDPOINT_URL_DYNAMODB", &endpoints.dynamodb),
                ("AWS_ENDPOINT_URL_S3", &endpoints.s3),
                ("AWS_ENDPOINT_URL_SQS", &endpoints.sqs),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        FunctionSpec {
            name: function.name.clone(),
            bootstrap: folder.join(&function.name),
            memory_mb: function.memory_mb,
            timeout: Duration::from_secs(function.timeout_s),
            instances,
            environment: variables,
        }
    });
    Ok(Lambda::start(specs.collect()).await?)
}

/// Gives each function the messages of its queue and of its isolation lane.
fn consume_all(functions: &Functions, services: &Services, workers: &Workers) -> Result<Vec<Consumer>, StartError> {
    let mut consumers = Vec::new();
    for function in functions.functions.iter().filter(|function| function.trigger == Trigger::Queue) {
        let queue = function.queue.as_deref().unwrap_or_default();
        consumers.push(consume(services, workers, function, queue, function.batch.unwrap_or(1), 2)?);
        if let Some(queue) = &function.isolation {
            consumers.push(consume(services, workers, function, queue, 1, 1)?);
        }
    }
    Ok(consumers)
}

/// Hands a queue's messages to its function, as Lambda's event source mapping does.
fn consume(
    services: &Services,
    workers: &Workers,
    function: &Function,
    queue: &str,
    batch: usize,
    at_once: usize,
) -> Result<Consumer, StartError> {
    let timeout = Duration::from_secs(function.timeout_s);
    let (workers, function) = (workers.clone(), function.name.clone());
    let consumer = services.consume(queue, batch, at_once, move |messages: Vec<Message>| {
        let (workers, function) = (workers.clone(), function.clone());
        async move {
            let ids: Vec<_> = messages.iter().map(|message| message.message_id.clone()).collect();
            let mut event = SqsEvent::default();
            event.records = messages.into_iter().map(sqs_message).collect();
            match &workers {
                Workers::InProcess(apps) => {
                    let response = renditions::handle(&apps.0, event, std::time::Instant::now() + timeout).await;
                    response.batch_item_failures.into_iter().map(|failed| failed.item_identifier).collect()
                }
                Workers::Lambda(lambda) => lambda.sqs(&function, event).await.unwrap_or_else(|error| {
                    tracing::error!(error = &error as &dyn std::error::Error, "renditions failed");
                    ids
                }),
            }
        }
    })?;
    Ok(consumer)
}

fn sqs_message(message: Message) -> SqsMessage {
    let mut sqs = SqsMessage::default();
    sqs.message_id = Some(message.message_id);
    sqs.receipt_handle = Some(message.receipt_handle);
    sqs.body = Some(message.body);
    sqs.md5_of_body = Some(message.md5_of_body);
    sqs.attributes = message.attributes;
    sqs.event_source = Some("aws:sqs".to_owned());
    sqs
}

/// Runs each task of a schedule at its interval.
fn schedule(
    workers: &Workers,
    function: &Function,
    sweep_every: Option<Duration>,
    stop: &watch::Receiver<bool>,
) -> Vec<JoinHandle<()>> {
    let tasks = function.schedule.iter().map(|scheduled| {
        let own = Duration::from_secs(scheduled.every_s);
        let every = sweep_every.filter(|_| scheduled.task == "sweep").unwrap_or(own);
        let (workers, mut stop) = (workers.clone(), stop.clone());
        let task = serde_json::json!({ "task": scheduled.task });
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = tokio::time::sleep(every) => run_task(&workers, &task).await,
                    _ = stop.changed() => return,
                }
            }
        })
    });
    tasks.collect()
}

async fn run_task(workers: &Workers, task: &serde_json::Value) {
    let outcome = match workers {
        Workers::InProcess(apps) => match serde_json::from_value(task.clone()) {
            Ok(known) => housekeeping::handle(&apps.1, known).await.map(drop).map_err(|fault| fault.chain()),
            Err(error) => Err(error.to_string()),
        },
        Workers::Lambda(lambda) => {
            lambda.invoke("housekeeping", task.to_string().into()).await.map(drop).map_err(|error| error.to_string())
        }
    };
    if let Err(error) = outcome {
        tracing::error!(%task, error, "a task failed");
    }
}
