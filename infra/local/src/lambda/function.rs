//! One function: its instances, and which of them takes an event.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Semaphore;

use super::instance::{Instance, Outcome, Ran, lock};
use super::runtime_api::Registry;
use super::{FunctionSpec, InvokeError, StartError};

pub(super) struct Function {
    spec: FunctionSpec,
    arn: String,
    api: SocketAddr,
    registry: Arc<Registry>,
    /// One permit for each instance that may run.
    slots: Semaphore,
    /// Instances that wait for an event. The last one that worked is the first to work again, as at AWS.
    idle: Mutex<Vec<Arc<Instance>>>,
    spawned: AtomicUsize,
    init_times: Mutex<Vec<Duration>>,
}

impl Function {
    pub(super) fn new(spec: FunctionSpec, api: SocketAddr, registry: Arc<Registry>) -> Result<Self, StartError> {
        if spec.instances == 0 {
            return Err(StartError::NoInstances { function: spec.name });
        }
        if !spec.bootstrap.is_file() {
            return Err(StartError::NoBootstrap { function: spec.name, path: spec.bootstrap });
        }
        Ok(Self {
            arn: format!("arn:aws:lambda:eu-west-2:000000000000:function:{}", spec.name),
            slots: Semaphore::new(spec.instances),
            idle: Mutex::default(),
            spawned: AtomicUsize::new(0),
            init_times: Mutex::default(),
            spec,
            api,
            registry,
        })
    }

    pub(super) async fn invoke(&self, payload: Bytes) -> Result<Bytes, InvokeError> {
        let _slot = self.slots.acquire().await.map_err(|_closed| InvokeError::Stopped)?;
        let function = || self.spec.name.clone();
        // Every idle instance may turn out to be dead; a new one has at least asked for its first event.
        for _ in 0..=self.spec.instances {
            let instance = self.instance().await?;
            let outcome = match instance.run(payload.clone()).await {
                Ran::Finished(outcome) => outcome,
                Ran::NotTaken => continue,
                Ran::Exited(reason) => return Err(InvokeError::Exited { function: function(), reason }),
                Ran::TimedOut => return Err(InvokeError::TimedOut { function: function(), after: self.spec.timeout }),
            };
            lock(&self.idle).push(instance);
            return match outcome {
                Outcome::Answer(answer) => Ok(answer),
                Outcome::TooLarge => Err(InvokeError::ResponseTooLarge { function: function() }),
                Outcome::Failure { kind, message } => {
                    Err(InvokeError::Function { function: function(), kind, message })
                }
            };
        }
        Err(InvokeError::Exited { function: function(), reason: "no instance lived to take the event".to_owned() })
    }

    pub(super) fn init_times(&self) -> Vec<Duration> {
        lock(&self.init_times).clone()
    }

    /// Refuses new invocations from now on.
    pub(super) fn close(&self) {
        self.slots.close();
    }

    async fn instance(&self) -> Result<Arc<Instance>, InvokeError> {
        loop {
            let idle = lock(&self.idle).pop();
            match idle {
                Some(instance) if instance.is_there() => return Ok(instance),
                Some(_dead) => {}
                None => return self.start().await,
            }
        }
    }

    async fn start(&self) -> Result<Arc<Instance>, InvokeError> {
        let failed = |reason| InvokeError::Init { function: self.spec.name.clone(), reason };
        let number = self.spawned.fetch_add(1, Ordering::Relaxed) + 1;
        let instance = self
            .registry
            .add(|| Instance::spawn(&self.spec, &self.arn, number, self.api))
            .map_err(|error| failed(format!("{}: {error}", self.spec.bootstrap.display())))?;
        if self.slots.is_closed() {
            instance.kill();
            return Err(InvokeError::Stopped);
        }
        let after = instance.started().await.map_err(|reason| {
            instance.kill();
            failed(reason)
        })?;
        lock(&self.init_times).push(after);
        Ok(instance)
    }
}
