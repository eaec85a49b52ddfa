//! One instance: a child process, the event that it works on, and how it ends.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use data_encoding::HEXLOWER;
use shared::runtime::ids::random;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{Notify, mpsc, oneshot, watch};

use super::FunctionSpec;

/// How long a process may take until it asks for its first event; Lambda's own limit.
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// How many of the last lines that a process printed are reported when it ends.
const LAST_LINES: usize = 40;

/// A process, as the Runtime API and the function see it.
pub(super) struct Instance {
    /// Its name in logs.
    pub(super) id: String,
    /// The path of its Runtime API, which only this instance is told.
    pub(super) path: String,
    pub(super) function: String,
    pub(super) arn: String,
    pub(super) timeout: Duration,
    pub(super) process: Option<u32>,
    started: Instant,
    outbox: mpsc::Sender<Invocation>,
    inbox: tokio::sync::Mutex<mpsc::Receiver<Invocation>>,
    in_flight: Mutex<Option<InFlight>>,
    phase: watch::Sender<Phase>,
    killed: Notify,
    printed: Mutex<VecDeque<String>>,
}

/// An event on its way to an instance.
pub(super) struct Invocation {
    pub(super) request_id: String,
    pub(super) payload: Bytes,
    answer: oneshot::Sender<Outcome>,
}

/// What an instance reported about an event.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The function's answer.
    Answer(Bytes),
    /// The answer was larger than Lambda passes on.
    TooLarge,
    /// The function failed and said so.
    Failure { kind: String, message: String },
}

/// How an event ended.
#[derive(Debug)]
pub(super) enum Ran {
    /// The instance reported an outcome, and can take another event.
    Finished(Outcome),
    /// The process ended before it took the event: another instance may take it.
    NotTaken,
    /// The process ended while it was working on the event.
    Exited(String),
    /// The time was up; the process has been killed.
    TimedOut,
}

struct InFlight {
    request_id: String,
    answer: oneshot::Sender<Outcome>,
}

#[derive(Clone, Debug)]
enum Phase {
    Starting,
    Ready { after: Duration },
    InitFailed { reason: String },
    Gone { reason: String },
}

impl Instance {
    /// Starts the process and watches over it until it ends.
    ///
    /// Its Runtime API is a path of its own on the common port, so the address needs its scheme: the runtime joins the base's path
    /// with its own only when it can parse the base as a whole URI.
    pub(super) fn spawn(spec: &FunctionSpec, arn: &str, number: usize, api: SocketAddr) -> std::io::Result<Arc<Self>> {
        let id = format!("{}-{number}", spec.name);
        let path = format!("{id}-{}", HEXLOWER.encode(&random::<16>()));
        let mut child = command(spec, &path, number, api).spawn()?;
        let (outbox, inbox) = mpsc::channel(1);
        let instance = Arc::new(Self {
            id,
            path,
            function: spec.name.clone(),
            arn: arn.to_owned(),
            timeout: spec.timeout,
            process: child.id(),
            started: Instant::now(),
            outbox,
            inbox: tokio::sync::Mutex::new(inbox),
            in_flight: Mutex::new(None),
            phase: watch::Sender::new(Phase::Starting),
            killed: Notify::new(),
            printed: Mutex::default(),
        });
        let readers = [
            child.stdout.take().map(|pipe| tokio::spawn(Arc::clone(&instance).listen(pipe))),
            child.stderr.take().map(|pipe| tokio::spawn(Arc::clone(&instance).listen(pipe))),
        ];
        let watched = Arc::clone(&instance);
        tokio::spawn(async move {
            let reason = watched.wait_for_end(&mut child).await;
            for reader in readers.into_iter().flatten() {
                // A grandchild may keep the pipe open for ever.
                let _ = tokio::time::timeout(Duration::from_millis(200), reader).await;
            }
            let reason = watched.with_last_lines(reason);
            tracing::info!(function = %watched.function, instance = %watched.id, reason, "instance ended");
            watched.phase.send_replace(Phase::Gone { reason });
        });
        Ok(instance)
    }

    /// Waits for the first request for an event. Returns how long it took, or why it never came.
    pub(super) async fn started(&self) -> Result<Duration, String> {
        let mut phase = self.phase.subscribe();
        let settled = phase.wait_for(|phase| !matches!(phase, Phase::Starting));
        match tokio::time::timeout(INIT_LIMIT, settled).await {
            Ok(Ok(phase)) => match &*phase {
                Phase::Ready { after } => Ok(*after),
                Phase::InitFailed { reason } | Phase::Gone { reason } => Err(reason.clone()),
                Phase::Starting => Err("still starting".to_owned()),
            },
            Ok(Err(_)) => Err("nobody watches over it".to_owned()),
            Err(_) => {
                self.kill();
                Err(self.with_last_lines(format!("no request for an event within {INIT_LIMIT:?}")))
            }
        }
    }

    /// Hands over an event and waits for its outcome.
    pub(super) async fn run(&self, payload: Bytes) -> Ran {
        let (answer, mut answered) = oneshot::channel();
        let request_id = request_id();
        if self.outbox.send(Invocation { request_id: request_id.clone(), payload, answer }).await.is_err() {
            return Ran::NotTaken;
        }
        tokio::select! {
            biased;
            outcome = &mut answered => match outcome {
                Ok(outcome) => Ran::Finished(outcome),
                Err(_) => Ran::Exited("it asked for another event before it had answered".to_owned()),
            },
            reason = self.gone() => {
                // If a process ends right after it has answered, the answer counts.
                if let Ok(outcome) = answered.try_recv() {
                    return Ran::Finished(outcome);
                }
                let taken = lock(&self.in_flight).as_ref().is_some_and(|event| event.request_id == request_id);
                if taken { Ran::Exited(reason) } else { Ran::NotTaken }
            }
            () = tokio::time::sleep(self.timeout) => {
                self.kill();
                self.gone().await;
                Ran::TimedOut
            }
        }
    }

    /// Returns the next event for the process as soon as there is one. The first call ends the start.
    pub(super) async fn next(&self) -> Option<(String, Bytes)> {
        let after = self.started.elapsed();
        self.phase.send_if_modified(|phase| {
            let first = matches!(phase, Phase::Starting);
            if first {
                *phase = Phase::Ready { after };
            }
            first
        });
        let Invocation { request_id, payload, answer } = self.inbox.lock().await.recv().await?;
        *lock(&self.in_flight) = Some(InFlight { request_id: request_id.clone(), answer });
        Some((request_id, payload))
    }

    /// Returns the only chance to report the outcome of an event; `None` if the instance is not working on it.
    pub(super) fn claim(&self, request_id: &str) -> Option<oneshot::Sender<Outcome>> {
        let mut in_flight = lock(&self.in_flight);
        if in_flight.as_ref()?.request_id != request_id {
            return None;
        }
        in_flight.take().map(|event| event.answer)
    }

    /// Records that the process could not start, with its reason.
    pub(super) fn init_failed(&self, reason: String) {
        self.phase.send_if_modified(|phase| {
            let starting = matches!(phase, Phase::Starting);
            if starting {
                *phase = Phase::InitFailed { reason };
            }
            starting
        });
    }

    /// Whether the process has not ended, as far as is known.
    pub(super) fn is_there(&self) -> bool {
        matches!(*self.phase.borrow(), Phase::Starting | Phase::Ready { .. })
    }

    /// Kills the process without waiting for its end.
    pub(super) fn kill(&self) {
        self.killed.notify_one();
    }

    /// Waits until the process has ended, and returns how.
    pub(super) async fn gone(&self) -> String {
        let mut phase = self.phase.subscribe();
        loop {
            if let Phase::Gone { reason } = &*phase.borrow_and_update() {
                return reason.clone();
            }
            if phase.changed().await.is_err() {
                return "nobody watches over it".to_owned();
            }
        }
    }

    async fn wait_for_end(&self, child: &mut Child) -> String {
        let status = tokio::select! {
            status = child.wait() => status,
            () = self.killed.notified() => {
                return match child.kill().await {
                    Ok(()) => "killed".to_owned(),
                    Err(error) => format!("could not be killed: {error}"),
                };
            }
        };
        status.map_or_else(|error| format!("lost: {error}"), |status| status.to_string())
    }

    async fn listen(self: Arc<Self>, pipe: impl AsyncRead + Unpin) {
        let mut lines = BufReader::new(pipe).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            tracing::info!(target: "local::lambda::function", function = %self.function, instance = %self.id, "{line}");
            let mut printed = lock(&self.printed);
            if printed.len() == LAST_LINES {
                printed.pop_front();
            }
            printed.push_back(line);
        }
    }

    fn with_last_lines(&self, mut reason: String) -> String {
        for line in lock(&self.printed).iter() {
            reason.push_str("\n  ");
            reason.push_str(line);
        }
        reason
    }
}

/// Builds the command with Lambda's environment and the function's own, and nothing else.
fn command(spec: &FunctionSpec, path: &str, number: usize, api: SocketAddr) -> Command {
    let root = spec.bootstrap.parent().unwrap_or(&spec.bootstrap);
    let mut command = Command::new(&spec.bootstrap);
    command
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("LANG", "en_US.UTF-8")
        .env("TZ", ":UTC")
        .env("LAMBDA_TASK_ROOT", root)
        .env("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023")
        .env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
        .env("AWS_LAMBDA_RUNTIME_API", format!("http://{api}/{path}"))
        .env("AWS_LAMBDA_FUNCTION_NAME", &spec.name)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", spec.memory_mb.to_string())
        .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", spec.name))
        .env("AWS_LAMBDA_LOG_STREAM_NAME", format!("local/[$LATEST]{number:032x}"))
        .env("_HANDLER", "bootstrap")
        .envs(spec.environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Returns an id in Lambda's format that this process has not used before.
pub(super) fn request_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let now = now_ms();
    format!("{:08x}-{:04x}-4000-8000-{next:012x}", now >> 16 & 0xffff_ffff, now & 0xffff)
}

/// Returns the wall clock in milliseconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "deadlines and event times are read by another process, on its own wall clock"
)]
pub(super) fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Locks a mutex that is never held across a panic that would matter.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
