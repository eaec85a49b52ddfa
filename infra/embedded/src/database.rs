//! One SQLite file with one writer, which commits waiting work together, and one reader.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{Durability, Error, StartError, private};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, created_ms INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS objects (
        bucket TEXT NOT NULL,
        key TEXT NOT NULL,
        blob TEXT NOT NULL,
        size INTEGER NOT NULL,
        etag TEXT NOT NULL,
        modified_ms INTEGER NOT NULL,
        facts TEXT NOT NULL,
        PRIMARY KEY (bucket, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS objects_by_blob ON objects (blob);
    CREATE TABLE IF NOT EXISTS outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        bucket TEXT NOT NULL,
        key TEXT NOT NULL,
        size INTEGER NOT NULL,
        etag TEXT NOT NULL,
        name TEXT NOT NULL,
        time_ms INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        queue TEXT NOT NULL,
        message_id TEXT NOT NULL,
        body TEXT NOT NULL,
        md5 TEXT NOT NULL,
        sent_ms INTEGER NOT NULL,
        visible_ms INTEGER NOT NULL,
        receive_count INTEGER NOT NULL DEFAULT 0,
        first_received_ms INTEGER,
        receipt TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS messages_by_visibility ON messages (queue, visible_ms, id);
";

/// Largest number of jobs that share a commit.
const SHARED_COMMIT: usize = 64;

/// The file. Clones share it.
#[derive(Clone)]
pub(crate) struct Database {
    writer: mpsc::Sender<Order>,
    reader: Arc<Mutex<Connection>>,
}

/// Ends after [`Database::close`], or when the last [`Database`] is gone.
pub(crate) type Writer = thread::JoinHandle<()>;

enum Order {
    Do(Box<dyn Job>),
    Close,
}

trait Job: Send {
    /// Does the work inside the open transaction. If it fails, only its own changes are undone.
    fn run(&mut self, connection: &Connection);
    /// Delivers the result, after the commit or its failure.
    fn finish(self: Box<Self>, committed: Result<(), Error>);
}

struct Waiting<T, F> {
    work: Option<F>,
    result: Option<Result<T, Error>>,
    answer: oneshot::Sender<Result<T, Error>>,
}

impl Database {
    /// Opens or creates the file at `path`.
    pub(crate) fn open(path: &Path, durability: Durability) -> Result<(Self, Writer), StartError> {
        let failed = |source: rusqlite::Error| StartError::Database { path: path.to_owned(), source: Box::new(source) };
        private::file(path).map_err(|source| StartError::DataDir { path: path.to_owned(), source })?;
        let writer = connect(path, durability).map_err(failed)?;
        writer.execute_batch(SCHEMA).map_err(failed)?;
        let reader = connect(path, durability).map_err(failed)?;
        reader.pragma_update(None, "query_only", true).map_err(failed)?;
        let (sender, orders) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || write_all(&writer, &orders))
            .map_err(|source| StartError::Thread { service: "S3 and SQS", source })?;
        Ok((Self { writer: sender, reader: Arc::new(Mutex::new(reader)) }, thread))
    }

    /// Does `work` in a transaction, and returns after its commit. An error of `work` undoes its changes.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    {
        self.submit(work)?.await.map_err(|_| Error::Stopped)?
    }

    fn submit<T, F>(&self, work: F) -> Result<oneshot::Receiver<Result<T, Error>>, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    {
        let (answer, wait) = oneshot::channel();
        let job = Waiting { work: Some(work), result: None, answer };
        self.writer.send(Order::Do(Box::new(job))).map_err(|_| Error::Stopped)?;
        Ok(wait)
    }

    /// Returns the value of the setting `name`; if there was none, it is `fresh` from now on. Blocks.
    pub(crate) fn setting(&self, name: &'static str, fresh: &str) -> Result<String, Error> {
        let fresh = fresh.to_owned();
        let wait = self.submit(move |connection| {
            connection.execute("INSERT INTO settings VALUES (?1, ?2) ON CONFLICT DO NOTHING", [name, &fresh])?;
            Ok(connection.query_row("SELECT value FROM settings WHERE name = ?1", [name], |row| row.get(0))?)
        })?;
        wait.blocking_recv().map_err(|_| Error::Stopped)?
    }

    /// Deletes the setting `name`. Blocks.
    pub(crate) fn forget(&self, name: &'static str) -> Result<(), Error> {
        let wait = self.submit(move |connection| {
            connection.execute("DELETE FROM settings WHERE name = ?1", [name])?;
            Ok(())
        })?;
        wait.blocking_recv().map_err(|_| Error::Stopped)?
    }

    /// Ends the writer after the work that it has received so far. Later writes return [`Error::Stopped`].
    pub(crate) fn close(&self) {
        // If nobody listens, it has ended already.
        drop(self.writer.send(Order::Close));
    }

    /// Does `work` on the committed data.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    {
        let reader = Arc::clone(&self.reader);
        tokio::task::spawn_blocking(move || work(&lock(&reader))).await.map_err(|_| Error::Stopped)?
    }

    /// Like [`read`](Self::read), on the caller's thread.
    pub(crate) fn read_now<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        work(&lock(&self.reader))
    }
}

impl<T, F> Job for Waiting<T, F>
where
    T: Send + 'static,
    F: FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
{
    fn run(&mut self, connection: &Connection) {
        self.result = self.work.take().map(|work| savepoint(connection, work));
    }

    fn finish(self: Box<Self>, committed: Result<(), Error>) {
        let Self { result, answer, .. } = *self;
        let result = committed.and_then(|()| result.unwrap_or(Err(Error::Stopped)));
        // If the request was abandoned, nobody waits for the result any more.
        drop(answer.send(result));
    }
}

fn connect(path: &Path, durability: Durability) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = match durability {
        Durability::PowerLoss => "FULL",
        Durability::ProcessKill => "NORMAL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn lock(reader: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    // A reader that panicked has not left a half-written state behind.
    reader.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write_all(connection: &Connection, orders: &mpsc::Receiver<Order>) {
    let mut open = true;
    while open {
        let mut batch = Vec::new();
        let mut next = orders.recv().ok();
        loop {
            match next {
                Some(Order::Do(job)) => batch.push(job),
                Some(Order::Close) => open = false,
                None => break,
            }
            next = if open && batch.len() < SHARED_COMMIT { orders.try_recv().ok() } else { None };
        }
        if batch.is_empty() {
            return;
        }
        let committed = transaction(connection, &mut batch).map_err(Arc::new);
        for job in batch {
            job.finish(committed.clone().map_err(Error::Transaction));
        }
    }
}

fn transaction(connection: &Connection, batch: &mut [Box<dyn Job>]) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    for job in batch {
        job.run(connection);
    }
    connection.execute_batch("COMMIT").inspect_err(|_| {
        // A failed rollback means that SQLite has already rolled back.
        drop(connection.execute_batch("ROLLBACK"));
    })
}

fn savepoint<T>(connection: &Connection, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
    connection.execute_batch("SAVEPOINT job")?;
    match work(connection) {
        Ok(done) => {
            connection.execute_batch("RELEASE job")?;
            Ok(done)
        }
        Err(error) => {
            connection.execute_batch("ROLLBACK TO job; RELEASE job")?;
            Err(error)
        }
    }
}
