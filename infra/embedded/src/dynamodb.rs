//! DynamoDB: the server of `dynoxide-rs`, on a thread and a runtime of its own, because its statements block.
//!
//! Streams are off unless a table asks for them, and none of ours does: they make every write as slow as the stream is long.
//! It does not check signatures and sweeps no expired items.

use std::{path::Path, thread};

use dynoxide::{Database, ImportOptions};
use serde_json::Value;
use tokio::{net::TcpListener, runtime, sync::oneshot};

use crate::{Durability, Error, StartError};

/// The running server.
pub(crate) struct DynamoDb {
    database: Database,
    stop: oneshot::Sender<()>,
    thread: thread::JoinHandle<()>,
}

/// Opens the file at `path` and serves it on `listener`.
pub(crate) fn start(
    path: &Path,
    durability: Durability,
    listener: std::net::TcpListener,
) -> Result<DynamoDb, StartError> {
    let failed =
        |source: Box<dyn std::error::Error + Send + Sync>| StartError::Database { path: path.to_owned(), source };
    let name = path.to_str().ok_or_else(|| {
        StartError::Options(format!("the data folder's path must be UTF-8, unlike {}", path.display()))
    })?;
    let database = Database::new(name).map_err(|error| failed(error.to_string().into()))?;
    match durability {
        // What SQLite does when nobody says otherwise.
        Durability::PowerLoss => {}
        // Its name hides that it sets `synchronous = NORMAL`, and the rest to SQLite's defaults.
        Durability::ProcessKill => database.disable_bulk_loading().map_err(|error| failed(error.to_string().into()))?,
    }
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| StartError::Thread { service: "DynamoDB", source })?;
    let (stop, stopped) = oneshot::channel::<()>();
    let handle = database.clone();
    let thread = thread::Builder::new()
        .name("dynamodb".to_owned())
        .spawn(move || {
            runtime.block_on(serve(listener, database, stopped));
            // Connections that the shutdown did not wait for end here.
            runtime.shutdown_background();
        })
        .map_err(|source| StartError::Thread { service: "DynamoDB", source })?;
    Ok(DynamoDb { database: handle, stop, thread })
}

impl DynamoDb {
    /// Writes rows, each in DynamoDB's own JSON, in one transaction of the file; indexes included.
    pub(crate) async fn load(&self, table: &str, rows: Vec<Value>) -> Result<(), Error> {
        let (database, table) = (self.database.clone(), table.to_owned());
        let load = move || -> Result<(), Error> {
            let rows = rows.into_iter().map(serde_json::from_value).collect::<Result<_, _>>();
            let rows = rows.map_err(|error| Error::Load(error.to_string()))?;
            let loaded = database.import_items(&table, rows, ImportOptions::default());
            loaded.map(drop).map_err(|error| Error::Load(error.to_string()))
        };
        tokio::task::spawn_blocking(load).await.map_err(|_| Error::Stopped)?
    }

    /// Lets running requests finish, and closes the file.
    pub(crate) async fn stop(self) {
        drop(self.stop);
        drop(self.database);
        let joined = tokio::task::spawn_blocking(move || self.thread.join()).await;
        if !matches!(joined, Ok(Ok(()))) {
            tracing::error!("the thread of DynamoDB panicked");
        }
    }
}

async fn serve(listener: std::net::TcpListener, database: Database, stopped: oneshot::Receiver<()>) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, "DynamoDB cannot use its port");
            return;
        }
    };
    let (halt, halted) = oneshot::channel::<()>();
    let server = dynoxide::server::serve_with_shutdown(listener, database, async move {
        drop(halted.await);
    });
    tokio::pin!(server);
    tokio::select! {
        done = &mut server => report(done),
        _ = stopped => {
            drop(halt);
            if let Ok(done) = tokio::time::timeout(crate::services::GRACE, server).await {
                report(done);
            }
        }
    }
}

fn report(done: Result<(), String>) {
    if let Err(error) = done {
        tracing::error!(%error, "the server of DynamoDB failed");
    }
}
