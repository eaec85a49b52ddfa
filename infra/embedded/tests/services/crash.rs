//! `kill -9` under load: nothing that was acknowledged is lost.

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_lambda_events::s3::S3Event;
use embedded::{Endpoints, Services};
use tempfile::TempDir;

use crate::support::{Clients, DEAD, ORIGINALS, UPLOADS, noise, options, start_in, until};

const FOLDER: &str = "EMBEDDED_TEST_FOLDER";
const READY: &str = "ready.json";

/// The child process: this test binary again, which serves the folder until it is killed. Without the variable, nothing.
#[tokio::test]
async fn child() {
    #[expect(clippy::disallowed_methods, reason = "how the parent tells its child where to write")]
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let services = Services::start(options(folder)).await.unwrap();
    let endpoints = services.endpoints();
    let ready = serde_json::json!([
        endpoints.dynamodb,
        endpoints.s3,
        endpoints.sqs,
        endpoints.access_key,
        endpoints.secret_key
    ]);
    std::fs::write(folder.join("ready.tmp"), ready.to_string()).unwrap();
    std::fs::rename(folder.join("ready.tmp"), folder.join(READY)).unwrap();
    std::future::pending::<()>().await;
}

async fn endpoints(folder: &Path) -> Endpoints {
    let ready = until("the child's start", || async { std::fs::read(folder.join(READY)).ok() }).await;
    let [dynamodb, s3, sqs, access_key, secret_key]: [String; 5] = serde_json::from_slice(&ready).unwrap();
    Endpoints { dynamodb, s3, sqs, region: "eu-west-2".to_owned(), access_key, secret_key }
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let folder = TempDir::new().unwrap();
    let objects = Arc::new(Mutex::new(BTreeMap::new()));
    let messages = Arc::new(Mutex::new(Vec::new()));
    for round in 0..3 {
        drop(std::fs::remove_file(folder.path().join(READY)));
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::child", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let endpoints = endpoints(folder.path()).await;
        let clients = Clients::at(&endpoints);
        let queue = format!("{}/000000000000/{DEAD}", endpoints.sqs);
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let (clients, queue, objects, messages) =
                    (clients.clone(), queue.clone(), Arc::clone(&objects), Arc::clone(&messages));
                tokio::spawn(async move {
                    for n in 0..10_000_usize {
                        let key = format!("{round}/{writer}/{n}");
                        let body = noise(1000 + n * 37, writer);
                        let put = clients.s3.put_object().bucket(ORIGINALS).key(&key).body(body.clone().into());
                        if put.send().await.is_err() {
                            return;
                        }
                        objects.lock().unwrap().insert(key.clone(), body);
                        let send = clients.sqs.send_message().queue_url(&queue).message_body(&key);
                        if send.send().await.is_err() {
                            return;
                        }
                        messages.lock().unwrap().push(key);
                    }
                })
            })
            .collect();
        let enough = 40 * (round + 1);
        until("enough writes", || async { (objects.lock().unwrap().len() >= enough).then_some(()) }).await;
        child.kill().unwrap();
        child.wait().unwrap();
        for writer in writers {
            // Writers end with the first failure; the SDK's retries take a moment.
            tokio::time::timeout(Duration::from_secs(30), writer).await.unwrap().unwrap();
        }
    }
    let emulated = start_in(folder, |_| {}).await;
    let objects = objects.lock().unwrap().clone();
    for (key, body) in &objects {
        assert_eq!(emulated.clients.get(ORIGINALS, key).await.as_deref(), Some(body.as_slice()), "{key}");
    }
    let sent = emulated.clients.drain(&emulated.queue(DEAD)).await;
    for message in messages.lock().unwrap().iter() {
        assert!(sent.contains(message), "{message}");
    }
    // Every object that is there, acknowledged or not, has its event.
    let mut evented = Vec::new();
    let mut listed = Vec::new();
    let mut pages = emulated.clients.s3.list_objects_v2().bucket(ORIGINALS).into_paginator().send();
    while let Some(page) = pages.next().await {
        listed.extend(page.unwrap().contents().iter().map(|object| object.key().unwrap().to_owned()));
    }
    assert!(listed.len() >= objects.len());
    for _ in 0..200 {
        for body in emulated.clients.drain(&emulated.queue(UPLOADS)).await {
            let event: S3Event = serde_json::from_str(&body).unwrap();
            evented.push(event.records[0].s3.object.key.clone().unwrap());
        }
        if evented.len() >= listed.len() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    evented.sort();
    listed.sort();
    assert_eq!(evented, listed);
    let blobs = std::fs::read_dir(emulated.folder.path().join("s3/blobs")).unwrap().count();
    assert_eq!(blobs, listed.len(), "no blob without an object");
}
