//! Starting, stopping and starting again.

use std::time::Instant;

use embedded::{Durability, Notify, Options, Services, StartError};
use tempfile::TempDir;

use crate::support::{Clients, ORIGINALS, UPLOADS, noise, options, start, start_with};

#[tokio::test]
async fn a_second_start_finds_everything() {
    let emulated = start_with(|options| options.durability = Durability::PowerLoss).await;
    let secret = emulated.services.endpoints().secret_key.clone();
    let body = noise(200_000, 1);
    emulated.clients.put(ORIGINALS, "kept", body.clone()).await;
    let before = emulated.clients.s3.head_object().bucket(ORIGINALS).key("kept").send().await.unwrap();
    let emulated = emulated.restart().await;
    assert_eq!(emulated.services.endpoints().secret_key, secret, "signed links survive");
    let after = emulated.clients.s3.head_object().bucket(ORIGINALS).key("kept").send().await.unwrap();
    assert_eq!((before.e_tag(), before.last_modified()), (after.e_tag(), after.last_modified()));
    assert_eq!(emulated.clients.get(ORIGINALS, "kept").await.unwrap(), body);
    assert_eq!(emulated.clients.drain(&emulated.queue(UPLOADS)).await.len(), 1);
}

#[tokio::test]
async fn a_start_removes_what_a_crash_has_left() {
    let emulated = start().await;
    emulated.clients.put(ORIGINALS, "kept", "bytes").await;
    emulated.services.stop().await;
    let s3 = emulated.folder.path().join("s3");
    std::fs::write(s3.join("tmp/half"), "half").unwrap();
    std::fs::write(s3.join("blobs/0123456789abcdef0123456789abcdef"), "orphan").unwrap();
    let emulated = crate::support::start_in(emulated.folder, |_| {}).await;
    assert_eq!(std::fs::read_dir(s3.join("tmp")).unwrap().count(), 0);
    assert_eq!(std::fs::read_dir(s3.join("blobs")).unwrap().count(), 1);
    assert_eq!(emulated.clients.get(ORIGINALS, "kept").await.unwrap(), "bytes");
}

#[tokio::test]
async fn a_folder_serves_one_process_at_a_time() {
    let emulated = start().await;
    let error = Services::start(options(emulated.folder.path())).await.unwrap_err();
    assert!(matches!(error, StartError::InUse { .. }), "{error:?}");
    assert!(error.to_string().contains(emulated.folder.path().to_str().unwrap()), "{error}");
    // Stopped, it is free at once.
    emulated.services.stop().await;
    Services::start(options(emulated.folder.path())).await.unwrap().stop().await;
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_named() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Services::start(Options::new(file.join("data"))).await.unwrap_err();
    assert!(matches!(error, StartError::DataDir { .. }), "{error:?}");
    assert!(error.to_string().contains("file/data"), "{error}");
}

#[tokio::test]
async fn a_damaged_database_is_named() {
    for name in ["services.db", "dynamodb.db"] {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join(name), noise(10_000, 1)).unwrap();
        let error = Services::start(options(folder.path())).await.unwrap_err();
        assert!(matches!(error, StartError::Database { .. }), "{error:?}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[tokio::test]
async fn a_taken_port_is_replaced_by_a_free_one() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let emulated = start_with(|options| options.s3_port = Some(port)).await;
    assert_ne!(emulated.services.endpoints().s3, format!("http://127.0.0.1:{port}"));
    emulated.clients.put(ORIGINALS, "a", "a").await;
    drop(taken);
    let emulated = emulated.restart_with(|options| options.s3_port = Some(port)).await;
    assert_eq!(emulated.services.endpoints().s3, format!("http://127.0.0.1:{port}"));
}

#[tokio::test]
async fn options_that_contradict_each_other_are_refused() {
    let folder = TempDir::new().unwrap();
    let mut wrong = options(folder.path());
    wrong.notify = Some(Notify { bucket: ORIGINALS.to_owned(), queue: "nobody".to_owned() });
    assert!(matches!(Services::start(wrong).await.unwrap_err(), StartError::Options(_)));
    let mut wrong = options(folder.path());
    wrong.queues[0].dead_letter = Some("nobody".to_owned());
    assert!(matches!(Services::start(wrong).await.unwrap_err(), StartError::Options(_)));
    Services::start(options(folder.path())).await.unwrap().stop().await;
}

/// Prints numbers; the bounds are ten times what they were when this was written.
#[tokio::test]
async fn it_starts_and_stores_quickly() {
    let folder = TempDir::new().unwrap();
    let mut durable = options(folder.path());
    durable.durability = Durability::PowerLoss;
    let started = Instant::now();
    let services = Services::start(durable).await.unwrap();
    let start = started.elapsed();
    let clients = Clients::at(services.endpoints());
    let body = bytes::Bytes::from(noise(5_000_000, 1));
    let mut puts = Vec::new();
    for n in 0..11 {
        let started = Instant::now();
        clients.put(ORIGINALS, &format!("k{n}"), body.clone()).await;
        puts.push(started.elapsed());
    }
    let started = Instant::now();
    assert_eq!(clients.get(ORIGINALS, "k0").await.unwrap().len(), 5_000_000);
    let get = started.elapsed();
    puts.sort();
    let memory = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let memory = memory.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default().to_owned();
    println!("start {start:?}, PUT of 5 MB {:?} (median), GET {get:?}, {memory}", puts[5]);
    assert!(start.as_millis() < 3000 && puts[5].as_millis() < 2000, "start {start:?}, PUT {:?}", puts[5]);
    services.stop().await;
}
