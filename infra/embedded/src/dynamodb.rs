//! DynamoDB: the engine of `dynoxide-rs` behind a front of our own, on a thread and a runtime of its own, because its statements block.
//!
//! Decision: not the crate's own server. It answers every web page (`Access-Control-Allow-Origin: *`) and accepts any signature, opens its
//! port itself and does not give out its router, so that only another port could be put in front of it, and its own would stay open. Given
//! up: the exact words for requests that no SDK sends, such as a list where a string belongs; and operations that the project does not
//! call, which answer `UnknownOperationException`.
//!
//! Streams are off unless a table asks for them, and none of ours does: they slow every write in proportion to the stream's length. Expired
//! items are not removed.

use std::{path::Path, thread};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    response::{IntoResponse, Response},
};
use dynoxide::{Database, DynoxideError, ImportOptions};
use http::{HeaderMap, Method, StatusCode, header::CONTENT_TYPE};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime, sync::watch};

use crate::{
    Callers, Durability, Error, StartError, private,
    server::{self, Limits},
    signature::Signatures,
};

/// Prefix of `X-Amz-Target`.
const TARGET: &str = "DynamoDB_20120810.";

/// The running server.
pub(crate) struct DynamoDb {
    database: Database,
    stop: watch::Sender<bool>,
    thread: thread::JoinHandle<()>,
}

/// Opens the file at `path` and serves it on `listener` to clients that sign by `signatures`.
pub(crate) fn start(
    path: &Path,
    durability: Durability,
    listener: std::net::TcpListener,
    signatures: &Signatures,
) -> Result<DynamoDb, StartError> {
    let failed =
        |source: Box<dyn std::error::Error + Send + Sync>| StartError::Database { path: path.to_owned(), source };
    let name = path.to_str().ok_or_else(|| {
        StartError::Options(format!("the data folder's path must be UTF-8, unlike {}", path.display()))
    })?;
    private::file(path).map_err(|source| StartError::DataDir { path: path.to_owned(), source })?;
    let database = Database::new(name).map_err(|error| failed(error.to_string().into()))?;
    match durability {
        // This is SQLite's default.
        Durability::PowerLoss => {}
        // Despite its name, this sets `synchronous = NORMAL`, and everything else to SQLite's defaults.
        Durability::ProcessKill => database.disable_bulk_loading().map_err(|error| failed(error.to_string().into()))?,
    }
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| StartError::Thread { service: "DynamoDB", source })?;
    let (stop, stopped) = watch::channel(false);
    let front = signatures.before(router(database.clone()));
    let thread = thread::Builder::new()
        .name("dynamodb".to_owned())
        .spawn(move || {
            runtime.block_on(serve(listener, front, stopped));
            // Connections that the shutdown did not wait for end here.
            runtime.shutdown_background();
        })
        .map_err(|source| StartError::Thread { service: "DynamoDB", source })?;
    Ok(DynamoDb { database, stop, thread })
}

impl DynamoDb {
    /// Writes rows, each in DynamoDB's own JSON, in one transaction of the file, including their index entries.
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
        self.stop.send_replace(true);
        drop(self.database);
        let joined = tokio::task::spawn_blocking(move || self.thread.join()).await;
        if !matches!(joined, Ok(Ok(()))) {
            tracing::error!("the thread of DynamoDB panicked");
        }
    }
}

async fn serve(listener: std::net::TcpListener, front: Router, stop: watch::Receiver<bool>) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, "DynamoDB cannot use its port");
            return;
        }
    };
    let mut stopping = stop.clone();
    let serving = server::serve(listener, Callers::programs(), Limits::internal(), front, stop);
    tokio::pin!(serving);
    tokio::select! {
        () = &mut serving => {}
        () = server::stopped(&mut stopping) => {
            // Requests that take longer see the connection end.
            drop(tokio::time::timeout(server::GRACE, serving).await);
        }
    }
}

/// Builds the router of the service's AWS JSON 1.0 protocol. Signatures are checked and bodies limited before it.
fn router(database: Database) -> Router {
    Router::new().fallback(answer).layer(DefaultBodyLimit::disable()).with_state(database)
}

async fn answer(State(database): State<Database>, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let operation = target.and_then(|target| target.strip_prefix(TARGET)).filter(|_| method == Method::POST);
    let (status, body) = match call(&database, operation.unwrap_or_default(), &body) {
        Some(Ok(answer)) => (StatusCode::OK, answer),
        Some(Err(error)) => {
            (StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::BAD_REQUEST), error.to_json())
        }
        None => (
            StatusCode::BAD_REQUEST,
            json!({"__type": "com.amazon.coral.service#UnknownOperationException"}).to_string(),
        ),
    };
    (status, [(CONTENT_TYPE, "application/x-amz-json-1.0")], body).into_response()
}

/// Carries out one operation, which blocks this thread. `None` if it is not one of those that the project calls.
fn call(database: &Database, operation: &str, body: &[u8]) -> Option<dynoxide::Result<String>> {
    Some(match operation {
        "BatchGetItem" => run(body, |request| database.batch_get_item(request)),
        "BatchWriteItem" => run(body, |request| database.batch_write_item(request)),
        "CreateTable" => run(body, |request| database.create_table(request)),
        "DeleteItem" => run(body, |request| database.delete_item(request)),
        "DeleteTable" => run(body, |request| database.delete_table(request)),
        "DescribeTable" => run(body, |request| database.describe_table(request)),
        "GetItem" => run(body, |request| database.get_item(request)),
        "ListTables" => run(body, |request| database.list_tables(request)),
        "PutItem" => run(body, |request| database.put_item(request)),
        "Query" => run(body, |request| database.query(request)),
        "Scan" => run(body, |request| database.scan(request)),
        "TransactGetItems" => run(body, |request| database.transact_get_items(request)),
        "TransactWriteItems" => run(body, |request| database.transact_write_items(request)),
        "UpdateItem" => run(body, |request| database.update_item(request)),
        _ => return None,
    })
}

fn run<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    operate: impl FnOnce(Q) -> dynoxide::Result<A>,
) -> dynoxide::Result<String> {
    let request = serde_json::from_slice(body).map_err(|error| misread(&error))?;
    serde_json::to_string(&operate(request)?).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// Converts an engine's error about an unreadable request. Its text begins with the name of the service's error.
fn misread(error: &serde_json::Error) -> DynoxideError {
    let said = error.to_string();
    match said.split_once(':') {
        Some((kind, words)) if kind.starts_with("VALIDATION") => DynoxideError::ValidationException(words.to_owned()),
        Some((kind, words)) if kind.starts_with("SERIALIZATION") => {
            DynoxideError::SerializationException(words.to_owned())
        }
        Some(_) | None if error.is_data() => DynoxideError::ValidationException(said),
        Some(_) | None => DynoxideError::SerializationException(said),
    }
}
