//! Lambda emulator: runs the *real* bootstrap binaries as AWS does, for tests.
//!
//! Each instance of a function is a child process that polls our Runtime API on the loopback, with an environment that holds nothing but
//! what Lambda and the function's own configuration put there. Instances are started when an invocation finds none idle, up to the
//! function's limit; more invocations wait for a free one. An instance that crashes or exceeds its time is gone, and the next invocation
//! starts another. What is not imitated: the memory limit and the share of a CPU.
//!
//! Two services stand in front, each with the limits and the answers of the original:
//! - API Gateway's HTTP API, payload format 2.0 ([`Lambda::http`]),
//! - the SQS event source with partial batch answers ([`Lambda::sqs`]).
//!
//! Decision: processes and a Runtime API of our own, not the handlers in this process, because the laptop's gateway already mounts those.
//! What only this way shows: a bootstrap that does not start, a variable that is missing, a path that API Gateway decodes, a body that it
//! encodes, an answer that is too large, and work that dies with its instance.

mod api_gateway;
mod function;
mod instance;
mod runtime_api;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use axum::body::Body;
use bytes::Bytes;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;

use function::Function;
use runtime_api::Registry;

/// The largest event that a synchronous invocation takes, in bytes.
///
/// Lambda says "Request must be smaller than 6291456 bytes for the InvokeFunction operation".
pub const MAX_REQUEST: usize = 6_291_456;

/// The largest answer that a function may give, in bytes.
///
/// Lambda says "Response payload size exceeded maximum allowed payload size (6291556 bytes)": 100 bytes more than a request.
pub const MAX_RESPONSE: usize = 6_291_556;

/// How long API Gateway waits for a function: the most that an HTTP API allows.
pub const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(30);

/// One function: its binary and its configuration.
#[derive(Clone, Debug)]
pub struct FunctionSpec {
    /// The function's name, by which it is invoked.
    pub name: String,
    /// The executable file that Lambda would start.
    pub bootstrap: PathBuf,
    /// The memory that the function is told; not enforced.
    pub memory_mb: u32,
    /// Longest time for one invocation before its instance is killed.
    pub timeout: Duration,
    /// Largest number of processes that run at the same time, at least one.
    pub instances: usize,
    /// The function's own variables, including credentials and region: an instance inherits nothing from this process.
    pub environment: Vec<(String, String)>,
}

/// Why the functions could not be set up.
#[derive(Debug, Error)]
pub enum StartError {
    /// A bootstrap does not exist: build it first.
    #[error("function {function} has no bootstrap at {}", path.display())]
    NoBootstrap {
        /// Name of the function.
        function: String,
        /// Where its binary was expected.
        path: PathBuf,
    },
    /// A function has no instances, and could never answer.
    #[error("function {function} is allowed no instance")]
    NoInstances {
        /// Name of the function.
        function: String,
    },
    /// Two functions share a name.
    #[error("function {function} is there twice")]
    Twice {
        /// Name of the function.
        function: String,
    },
    /// The Runtime API found no port on the loopback.
    #[error("the Runtime API cannot listen on the loopback")]
    Listen(#[source] std::io::Error),
}

/// Why an invocation has no answer.
#[derive(Debug, Error)]
pub enum InvokeError {
    /// No function has this name.
    #[error("there is no function {name}")]
    NoSuchFunction {
        /// The requested name.
        name: String,
    },
    /// The event is larger than [`MAX_REQUEST`].
    #[error("the event has {bytes} bytes, more than Lambda takes")]
    RequestTooLarge {
        /// Size of the event in bytes.
        bytes: usize,
    },
    /// A new instance did not ask for its first event.
    #[error("{function} did not start: {reason}")]
    Init {
        /// Name of the function.
        function: String,
        /// What the process said, or how it ended, with the last lines that it printed.
        reason: String,
    },
    /// The function exceeded its time, and its instance was killed.
    #[error("{function} timed out after {after:?}")]
    TimedOut {
        /// Name of the function.
        function: String,
        /// The time limit.
        after: Duration,
    },
    /// The process ended while it was working on the event.
    #[error("{function} ended before it answered: {reason}")]
    Exited {
        /// Name of the function.
        function: String,
        /// How it ended, with the last lines that it printed.
        reason: String,
    },
    /// The function answered with an error.
    #[error("{function} failed with {kind}: {message}")]
    Function {
        /// Name of the function.
        function: String,
        /// The `errorType` of its answer.
        kind: String,
        /// The `errorMessage` of its answer.
        message: String,
    },
    /// The answer is larger than [`MAX_RESPONSE`].
    #[error("{function} answered with more than {MAX_RESPONSE} bytes")]
    ResponseTooLarge {
        /// Name of the function.
        function: String,
    },
    /// The answer is not what callers of this kind of function expect.
    #[error("the answer of {function} is not understood")]
    BadResponse {
        /// Name of the function.
        function: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// The functions have been stopped.
    #[error("the functions have been stopped")]
    Stopped,
}

/// The functions, ready to be invoked. Clones share them; the processes end with the last clone, or with [`Lambda::stop`].
#[derive(Clone)]
pub struct Lambda {
    functions: Arc<BTreeMap<String, Arc<Function>>>,
    server: Arc<Server>,
    integration_timeout: Duration,
}

impl Lambda {
    /// Opens the Runtime API on a free port of the loopback interface. No process starts before it is needed.
    pub async fn start(functions: Vec<FunctionSpec>) -> Result<Self, StartError> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.map_err(StartError::Listen)?;
        let address = listener.local_addr().map_err(StartError::Listen)?;
        let registry = Arc::new(Registry::default());
        let mut ready = BTreeMap::new();
        for spec in functions {
            let name = spec.name.clone();
            let function = Arc::new(Function::new(spec, address, Arc::clone(&registry))?);
            if ready.insert(name.clone(), function).is_some() {
                return Err(StartError::Twice { function: name });
            }
        }
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(runtime_api::serve(listener, Arc::clone(&registry), stopped));
        let server = Arc::new(Server { stop, registry });
        Ok(Self { functions: Arc::new(ready), server, integration_timeout: INTEGRATION_TIMEOUT })
    }

    /// Makes API Gateway wait for less than [`INTEGRATION_TIMEOUT`], as the settings of an integration can.
    #[must_use]
    pub fn with_integration_timeout(mut self, timeout: Duration) -> Self {
        self.integration_timeout = timeout.min(INTEGRATION_TIMEOUT);
        self
    }

    /// Invokes a function once and waits for its answer, as `Invoke` with `RequestResponse` does.
    ///
    /// The event is any JSON. If the caller goes away, the function still runs to its end.
    pub async fn invoke(&self, function: &str, payload: Bytes) -> Result<Bytes, InvokeError> {
        let Some(found) = self.functions.get(function) else {
            return Err(InvokeError::NoSuchFunction { name: function.to_owned() });
        };
        if payload.len() > MAX_REQUEST {
            return Err(InvokeError::RequestTooLarge { bytes: payload.len() });
        }
        let found = Arc::clone(found);
        let running = tokio::spawn(async move { found.invoke(payload).await });
        running.await.unwrap_or(Err(InvokeError::Stopped))
    }

    /// Sends a request through API Gateway's HTTP API to a function, and returns its answer.
    ///
    /// The client's address is the request's extension of type [`SocketAddr`], or otherwise that of the loopback interface. A function that
    /// fails in any way is answered with 500, and one that exceeds the integration's time with 503; a request of more than 10 MB, or an
    /// event of more than
    /// [`MAX_REQUEST`] bytes, with 413.
    pub async fn http(&self, function: &str, request: http::Request<Body>) -> http::Response<Body> {
        let request_id = instance::request_id();
        let event = match api_gateway::event(request, &request_id).await {
            Ok(event) => event,
            Err(refusal) => return refusal.into_response(&request_id),
        };
        match tokio::time::timeout(self.integration_timeout, self.invoke(function, event)).await {
            Ok(Ok(answer)) => api_gateway::response(function, &answer, &request_id),
            Ok(Err(error)) => api_gateway::Refusal::from(error).into_response(&request_id),
            Err(_elapsed) => api_gateway::Refusal::TimedOut.into_response(&request_id),
        }
    }

    /// Hands a batch of messages to a function, and returns the ids of the messages that it did not finish.
    ///
    /// An answer without `batchItemFailures` means that all were finished. One that names a message outside the batch counts as the failure
    /// of the whole batch, as it does at AWS. So does an `Err`, for the caller.
    pub async fn sqs(&self, function: &str, event: SqsEvent) -> Result<Vec<String>, InvokeError> {
        let bad = |source| InvokeError::BadResponse { function: function.to_owned(), source };
        let payload = serde_json::to_vec(&event).map_err(bad)?;
        let answer = self.invoke(function, payload.into()).await?;
        let answer: serde_json::Value = serde_json::from_slice(&answer).map_err(bad)?;
        if answer.get("batchItemFailures").is_none_or(serde_json::Value::is_null) {
            return Ok(Vec::new());
        }
        let answer: SqsBatchResponse = serde_json::from_value(answer).map_err(bad)?;
        let failed: Vec<_> = answer.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
        let batch: Vec<_> = event.records.into_iter().filter_map(|message| message.message_id).collect();
        if failed.iter().all(|id| batch.contains(id)) { Ok(failed) } else { Ok(batch) }
    }

    /// Returns how long each instance took from its start to its first request for an event, by function, in the order of their starts.
    pub fn init_times(&self) -> Vec<(String, Duration)> {
        let of = |(name, function): (&String, &Arc<Function>)| {
            function.init_times().into_iter().map(|time| (name.clone(), time)).collect::<Vec<_>>()
        };
        self.functions.iter().flat_map(of).collect()
    }

    /// Returns the process ids of the running instances, for tests that measure or kill them.
    pub fn processes(&self) -> Vec<(String, u32)> {
        self.server.registry.all().iter().filter_map(|one| Some((one.function.clone(), one.process?))).collect()
    }

    /// Refuses new invocations, kills every instance, and returns when all are gone. Running invocations fail.
    pub async fn stop(self) {
        for function in self.functions.values() {
            function.close();
        }
        for instance in self.server.registry.all() {
            instance.kill();
            instance.gone().await;
        }
    }
}

/// The Runtime API. Dropping it ends all instances.
struct Server {
    stop: watch::Sender<bool>,
    registry: Arc<Registry>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        for instance in self.registry.all() {
            instance.kill();
        }
    }
}
