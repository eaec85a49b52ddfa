//! Queues through the SDK, and the consumer inside the process.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use aws_sdk_sqs::{
    error::ProvideErrorMetadata,
    types::{
        DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName, QueueAttributeName,
        SendMessageBatchRequestEntry,
    },
};

use crate::support::{DEAD, Emulated, UPLOADS, start, start_with, until};

async fn send(emulated: &Emulated, body: &str) {
    emulated.clients.sqs.send_message().queue_url(emulated.queue(UPLOADS)).message_body(body).send().await.unwrap();
}

async fn receive(emulated: &Emulated, queue: &str, wait: i32) -> Vec<Message> {
    let receive = emulated.clients.sqs.receive_message().queue_url(emulated.queue(queue)).max_number_of_messages(10);
    let receive = receive.wait_time_seconds(wait).message_system_attribute_names(MessageSystemAttributeName::All);
    receive.send().await.unwrap().messages.unwrap_or_default()
}

async fn counts(emulated: &Emulated, queue: &str) -> [i32; 3] {
    let names = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        QueueAttributeName::ApproximateNumberOfMessagesDelayed,
    ];
    let get = emulated.clients.sqs.get_queue_attributes().queue_url(emulated.queue(queue));
    let attributes = get.set_attribute_names(Some(names.to_vec())).send().await.unwrap().attributes.unwrap();
    names.map(|name| attributes[&name].parse().unwrap())
}

#[tokio::test]
async fn a_message_is_received_hidden_and_deleted() {
    let emulated = start().await;
    send(&emulated, "hello ü").await;
    assert_eq!(counts(&emulated, UPLOADS).await, [1, 0, 0]);
    let messages = receive(&emulated, UPLOADS, 0).await;
    let [message] = messages.as_slice() else { panic!("{messages:?}") };
    assert_eq!(message.body(), Some("hello ü"));
    let attributes = message.attributes().unwrap();
    assert_eq!(attributes[&MessageSystemAttributeName::ApproximateReceiveCount], "1");
    assert!(attributes[&MessageSystemAttributeName::SentTimestamp].parse::<u64>().unwrap() > 1_700_000_000_000);
    assert!(receive(&emulated, UPLOADS, 0).await.is_empty());
    assert_eq!(counts(&emulated, UPLOADS).await, [0, 1, 0]);
    let delete = emulated.clients.sqs.delete_message().queue_url(emulated.queue(UPLOADS));
    delete.receipt_handle(message.receipt_handle().unwrap()).send().await.unwrap();
    assert_eq!(counts(&emulated, UPLOADS).await, [0, 0, 0]);
}

#[tokio::test]
async fn visibility_can_be_changed_and_an_old_receipt_deletes_nothing() {
    let emulated = start().await;
    let (sqs, url) = (&emulated.clients.sqs, emulated.queue(UPLOADS));
    send(&emulated, "a").await;
    let first = receive(&emulated, UPLOADS, 0).await.remove(0);
    let change =
        |handle: &str| sqs.change_message_visibility().queue_url(&url).receipt_handle(handle).visibility_timeout(0);
    change(first.receipt_handle().unwrap()).send().await.unwrap();
    let second = receive(&emulated, UPLOADS, 0).await.remove(0);
    assert_eq!(first.message_id(), second.message_id());
    assert_eq!(second.attributes().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount], "2");
    sqs.delete_message().queue_url(&url).receipt_handle(first.receipt_handle().unwrap()).send().await.unwrap();
    assert_eq!(counts(&emulated, UPLOADS).await, [0, 1, 0]);
    let stale = change(first.receipt_handle().unwrap()).send().await.unwrap_err();
    assert!(stale.as_service_error().unwrap().is_message_not_inflight(), "{stale:?}");
    let malformed = change("nonsense").send().await.unwrap_err();
    assert!(malformed.as_service_error().unwrap().is_receipt_handle_is_invalid(), "{malformed:?}");
}

#[tokio::test]
async fn a_message_that_nobody_can_handle_goes_to_the_dead_letter_queue() {
    let emulated = start_with(|options| options.queues[0].visibility_seconds = 0).await;
    send(&emulated, "poison").await;
    assert_eq!(receive(&emulated, UPLOADS, 0).await.len(), 1);
    assert_eq!(receive(&emulated, UPLOADS, 0).await.len(), 1);
    assert!(receive(&emulated, UPLOADS, 0).await.is_empty(), "after two receives it moves");
    let dead = receive(&emulated, DEAD, 0).await;
    assert_eq!(dead[0].body(), Some("poison"));
    assert_eq!(counts(&emulated, UPLOADS).await, [0, 0, 0]);
}

#[tokio::test]
async fn a_delayed_message_comes_when_its_time_has_come() {
    let emulated = start().await;
    let send = |delay| {
        let send = emulated.clients.sqs.send_message().queue_url(emulated.queue(UPLOADS)).message_body("later");
        send.delay_seconds(delay).send()
    };
    let started = Instant::now();
    send(1).await.unwrap();
    assert_eq!(counts(&emulated, UPLOADS).await, [0, 0, 1]);
    assert!(receive(&emulated, UPLOADS, 0).await.is_empty());
    // A long poll wakes up for it, without another arrival.
    assert_eq!(receive(&emulated, UPLOADS, 10).await.len(), 1);
    let elapsed = started.elapsed();
    assert!(elapsed >= Duration::from_secs(1) && elapsed < Duration::from_secs(3), "{elapsed:?}");
    assert_eq!(send(901).await.unwrap_err().code(), Some("InvalidParameterValue"));
}

#[tokio::test]
async fn a_long_poll_ends_with_the_first_message_or_with_its_time() {
    let emulated = start().await;
    let started = Instant::now();
    assert!(receive(&emulated, UPLOADS, 1).await.is_empty());
    assert!(started.elapsed() >= Duration::from_secs(1));
    let url = emulated.queue(UPLOADS);
    let poll = tokio::spawn(emulated.clients.sqs.receive_message().queue_url(&url).wait_time_seconds(20).send());
    tokio::time::sleep(Duration::from_millis(100)).await;
    let sent = Instant::now();
    send(&emulated, "wake").await;
    assert_eq!(poll.await.unwrap().unwrap().messages().len(), 1);
    assert!(sent.elapsed() < Duration::from_secs(1), "{:?}", sent.elapsed());
}

#[tokio::test]
async fn batches_answer_each_entry() {
    let emulated = start().await;
    let (sqs, url) = (&emulated.clients.sqs, emulated.queue(UPLOADS));
    let entry = |id: usize| SendMessageBatchRequestEntry::builder().id(format!("e{id}")).message_body(format!("m{id}"));
    let mut entries: Vec<_> = (0..9).map(|id| entry(id).build().unwrap()).collect();
    entries.push(entry(9).delay_seconds(1000).build().unwrap());
    let sent = sqs.send_message_batch().queue_url(&url).set_entries(Some(entries)).send().await.unwrap();
    assert_eq!((sent.successful().len(), sent.failed().len()), (9, 1));
    assert_eq!(sent.failed()[0].id(), "e9");
    let messages = receive(&emulated, UPLOADS, 0).await;
    let bodies: Vec<_> = messages.iter().map(|message| message.body().unwrap()).collect();
    assert_eq!(bodies, ["m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8"]);
    let delete = |(id, message): (usize, &Message)| {
        let entry = DeleteMessageBatchRequestEntry::builder().id(format!("d{id}"));
        entry.receipt_handle(message.receipt_handle().unwrap()).build().unwrap()
    };
    let entries = messages.iter().enumerate().map(delete).collect();
    let deleted = sqs.delete_message_batch().queue_url(&url).set_entries(Some(entries)).send().await.unwrap();
    assert_eq!((deleted.successful().len(), deleted.failed().len()), (9, 0));
    assert_eq!(counts(&emulated, UPLOADS).await, [0, 0, 0]);
    let empty = sqs.send_message_batch().queue_url(&url).set_entries(Some(Vec::new())).send().await.unwrap_err();
    assert!(empty.as_service_error().unwrap().is_empty_batch_request(), "{empty:?}");
}

#[tokio::test]
async fn an_unknown_queue_is_said_to_be_unknown() {
    let emulated = start().await;
    let url = emulated.queue(UPLOADS).replace(UPLOADS, "nobody");
    let error = emulated.clients.sqs.receive_message().queue_url(&url).send().await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_queue_does_not_exist(), "{error:?}");
    let error = emulated.clients.sqs.get_queue_url().queue_name("nobody").send().await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_queue_does_not_exist(), "{error:?}");
    assert!(emulated.services.queue_url("nobody").is_none());
    assert!(emulated.services.consume("nobody", 1, 1, |_| async { Vec::new() }).is_err());
    let known = emulated.clients.sqs.get_queue_url().queue_name(UPLOADS).send().await.unwrap();
    assert_eq!(known.queue_url(), Some(emulated.queue(UPLOADS).as_str()));
}

#[tokio::test]
async fn messages_survive_a_restart() {
    let emulated = start().await;
    send(&emulated, "hidden").await;
    assert_eq!(receive(&emulated, UPLOADS, 0).await.len(), 1);
    send(&emulated, "visible").await;
    let emulated = emulated.restart().await;
    assert_eq!(counts(&emulated, UPLOADS).await, [2, 0, 0], "whoever had received the hidden one is gone");
    let messages = receive(&emulated, UPLOADS, 0).await;
    assert_eq!(messages.iter().filter_map(|message| message.body()).collect::<Vec<_>>(), ["hidden", "visible"]);
    let attributes = messages[0].attributes().unwrap();
    assert_eq!(attributes[&MessageSystemAttributeName::ApproximateReceiveCount], "2", "its first receive still counts");
}

#[tokio::test]
async fn a_consumer_deletes_what_succeeded_and_gets_the_rest_again() {
    let emulated = start_with(|options| options.queues[0].visibility_seconds = 1).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let consumer = emulated
        .services
        .consume(UPLOADS, 5, 2, move |messages| {
            let log = Arc::clone(&log);
            async move {
                assert!(messages.len() <= 5);
                log.lock().unwrap().extend(messages.iter().map(|message| message.body.clone()));
                messages.into_iter().filter(|message| message.body == "bad").map(|message| message.message_id).collect()
            }
        })
        .unwrap();
    for n in 0..10 {
        send(&emulated, &format!("good{n}")).await;
    }
    send(&emulated, "bad").await;
    until("the bad message's death", || async { (counts(&emulated, DEAD).await[0] == 1).then_some(()) }).await;
    consumer.stop().await;
    let seen = seen.lock().unwrap().clone();
    assert_eq!(seen.iter().filter(|body| *body == "bad").count(), 2);
    let good: BTreeSet<_> = seen.iter().filter(|body| body.starts_with("good")).collect();
    assert_eq!((good.len(), seen.len()), (10, 12));
    assert_eq!(counts(&emulated, UPLOADS).await, [0, 0, 0]);
}

#[tokio::test]
async fn a_panic_fails_the_batch_and_the_consumer_goes_on() {
    let emulated = start_with(|options| options.queues[0].visibility_seconds = 1).await;
    let consumer = emulated
        .services
        .consume(UPLOADS, 1, 1, |messages| async move {
            assert_ne!(messages[0].body, "panic", "as the test wants it");
            Vec::new()
        })
        .unwrap();
    send(&emulated, "panic").await;
    send(&emulated, "good").await;
    until("the panicking message's death", || async { (counts(&emulated, DEAD).await[0] == 1).then_some(()) }).await;
    assert_eq!(counts(&emulated, UPLOADS).await, [0, 0, 0]);
    consumer.stop().await;
}

#[tokio::test]
async fn stopping_a_consumer_waits_for_its_batch() {
    let emulated = start().await;
    let (started, mut begun) = tokio::sync::mpsc::channel(1);
    let consumer = emulated
        .services
        .consume(UPLOADS, 1, 1, move |_| {
            let started = started.clone();
            async move {
                started.send(()).await.unwrap();
                tokio::time::sleep(Duration::from_millis(300)).await;
                Vec::new()
            }
        })
        .unwrap();
    send(&emulated, "slow").await;
    begun.recv().await.unwrap();
    consumer.stop().await;
    assert_eq!(counts(&emulated, UPLOADS).await, [0, 0, 0], "it was handled to the end and deleted");
}
