//! Going back to an older copy of the table, on an emulated AWS: what came since is undone, what was removed since stays removed, and who
//! was shut out since stays out. moto makes a copy of a table as it is now, whatever instant is asked for, so that the older copy is put
//! there as if a restore had been broken off after making it.

use std::{collections::HashMap, fs, path::Path};

use aws_sdk_dynamodb::types::{AttributeValue, PointInTimeRecoverySpecification, PutRequest, WriteRequest};
use http::Method;
use jiff::Timestamp;
use local::names;
use serde_json::{Value, json};
use shared::{
    domain::{State, states::Role},
    runtime::Clock,
    store::{
        Aws, Photos,
        members::{Members, NewKey},
        table::Table,
    },
};
use tempfile::TempDir;
use tests::{
    TestSystem,
    moto::{ACCOUNT, Moto, NAME, ROOMS, Tools},
    photos::small,
    skip,
    system::{EVENT, Setting},
};

type Item = HashMap<String, AttributeValue>;

async fn rows(aws: &Aws, table: &str) -> Vec<Item> {
    let mut pages = aws.dynamodb.scan().table_name(table).into_paginator().items().send();
    let mut rows = Vec::new();
    while let Some(row) = pages.next().await {
        rows.push(row.unwrap());
    }
    rows
}

async fn put(aws: &Aws, table: &str, rows: &[Item]) {
    for batch in rows.chunks(25) {
        let puts = batch.iter().map(|row| {
            let put = PutRequest::builder().set_item(Some(row.clone())).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        });
        aws.dynamodb.batch_write_item().request_items(table, puts.collect()).send().await.unwrap();
    }
}

fn bucket(room: &str) -> String {
    format!("{NAME}-{ACCOUNT}-{room}")
}

/// An account with the laptop's buckets, its rows as they are now, and functions that know where both are.
async fn account(moto: &Moto, system: &TestSystem) {
    let laptop = &system.laptop.aws;
    for (room, of) in ROOMS.into_iter().zip([names::ORIGINALS, names::REVIEW, names::PUBLIC, names::REMOVALS]) {
        let code = format!(
            "c('s3').create_bucket(Bucket='{}', CreateBucketConfiguration={{'LocationConstraint': 'eu-west-2'}})",
            bucket(room)
        );
        assert!(moto.python(&code).await.status.success());
        let listed = laptop.s3.list_objects_v2().bucket(of).send().await.unwrap();
        for key in listed.contents().iter().filter_map(|object| object.key.clone()) {
            let body = laptop.s3.get_object().bucket(of).key(&key).send().await.unwrap().body.collect().await.unwrap();
            let put = moto.aws.s3.put_object().bucket(bucket(room)).key(key).body(body.into_bytes().into());
            put.send().await.unwrap();
        }
    }
    Table::new(&moto.aws.dynamodb, NAME).create_if_absent().await.unwrap();
    let backups = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true).build().unwrap();
    let asked = moto.aws.dynamodb.update_continuous_backups().table_name(NAME);
    asked.point_in_time_recovery_specification(backups).send().await.unwrap();
    put(&moto.aws, NAME, &rows(laptop, names::TABLE).await).await;
    let mut queues = HashMap::new();
    for queue in ["originals", "dead-letters"] {
        let made = moto.aws.sqs.create_queue().queue_name(format!("{NAME}-{queue}")).send().await.unwrap();
        queues.insert(queue, made.queue_url.unwrap());
    }
    let told = json!({
        "TABLE": NAME, "ORIGINALS_BUCKET": bucket("originals"), "REVIEW_BUCKET": bucket("review"), "PUBLIC_BUCKET": bucket("public"),
        "REMOVALS_BUCKET": bucket("removals"), "EDGE_DISTRIBUTION": "ESAMPLE", "ORIGINALS_QUEUE_URL": queues["originals"],
        "DEAD_LETTERS_QUEUE_URL": queues["dead-letters"], "OFFLINE_LISTS": "none", "ORIGINAL_DAYS": "30", "BEACON_RELAYS": "https://relay.example", "SITE_ORIGIN": "https://sample.example",
    });
    let code = format!(
        "import io, zipfile\npackage = io.BytesIO()\nwith zipfile.ZipFile(package, 'w') as zipped:\n    zipped.writestr('bootstrap', '')\n\
         role = c('iam').create_role(RoleName='functions', AssumeRolePolicyDocument='{{}}')['Role']['Arn']\n\
         for name in ['uploads', 'renditions', 'gallery', 'console', 'housekeeping']:\n    \
         c('lambda').create_function(FunctionName='{NAME}-' + name, Runtime='provided.al2023', Role=role, Handler='bootstrap', \
         Code={{'ZipFile': package.getvalue()}}, Environment={{'Variables': {told}}})"
    );
    let made = moto.python(&code).await;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// The functions that are stopped.
async fn stopped(moto: &Moto) -> Vec<String> {
    let asked = moto.python(
        "import json\nnames = [one['FunctionName'] for one in c('lambda').list_functions()['Functions']]\n\
         print(json.dumps([name for name in names if c('lambda').get_function_concurrency(FunctionName=name).get('ReservedConcurrentExecutions') == 0]))",
    );
    let asked = asked.await;
    serde_json::from_slice(&asked.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&asked.stderr)))
}

fn facts(lines: &[Value], step: &str) -> Value {
    lines.iter().find(|line| line["step"] == step).map(|line| line["facts"].clone()).unwrap_or_default()
}

async fn state(table: &Table, id: &str) -> Option<State> {
    let photo = Photos::new(table).get(&id.parse().unwrap()).await.unwrap();
    photo.map(|photo| photo.state)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_comes_back_without_what_was_removed_since() {
    let tools = match Tools::find() {
        Ok(tools) => tools,
        Err(missing) => {
            skip("an_older_copy_comes_back_without_what_was_removed_since", missing);
            return;
        }
    };
    let folder = TempDir::new().unwrap();
    let folder: &Path = folder.path();
    fs::create_dir(folder.join("infra")).unwrap();
    fs::write(folder.join("infra/event.toml"), EVENT).unwrap();

    // A day until the instant: one photo that waits, two that are public; somebody who moderates.
    let system = TestSystem::with(Setting { quiet: true, ..Setting::default() }).await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let members = Members::new(&system.laptop.table);
    let (leaver, _) =
        members.mint(&NewKey::new("leaver", Role::Moderator), Clock::system().now()).await.unwrap().unwrap();
    let ids = device.add(&[small(1), small(2), small(3)]).await;
    moderator.publish(&ids[..2]).await;
    let then = rows(&system.laptop.aws, names::TABLE).await;

    // And after it: one public photo is withdrawn and one hidden, the one that waited is published, one more comes, and somebody leaves.
    let withdrawn = device.call(Method::DELETE, &format!("/api/v1/uploads/{}", ids[0]), &json!(null)).await;
    assert_eq!(withdrawn.status, 200, "{}", withdrawn.text());
    moderator.publish(&ids[2..]).await;
    let hidden = Photos::new(&system.laptop.table).get(&ids[1].parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(moderator.decide(&ids[1], hidden.version, "hide").await["state"], "hidden");
    let late = device.add(&[small(4)]).await.remove(0);
    assert!(members.revoke(&leaver.id, Clock::system().now()).await.unwrap().is_some());

    let moto = Moto::start(&tools).await;
    account(&moto, &system).await;
    system.stop().await;
    let table = Table::new(&moto.aws.dynamodb, NAME);
    let now = rows(&moto.aws, NAME).await;

    // A drill beside it changes nothing, and leaves nothing behind.
    let drilled = moto.techognition(folder, &["restore", "--drill", "--emulated"]).await.unwrap();
    let looked = facts(&drilled, "look");
    assert_eq!(looked["photos"], json!({"deleted": 1, "hidden": 1, "pending": 1, "published": 1}), "{looked}");
    assert_eq!((&looked["removals"]["applied"], &looked["rows"]["written"]), (&json!(0), &json!(0)), "{looked}");
    assert_eq!(looked["rows"]["rows"], now.len());
    assert_eq!(moto.aws.dynamodb.list_tables().send().await.unwrap().table_names(), [NAME], "the copy is gone");

    // The older copy, as if it had just been made.
    let at: Timestamp = facts(&drilled, "account")["earliest"].as_str().unwrap().parse().unwrap();
    let copy = format!("{NAME}-restore-{}", at.strftime("%Y%m%dT%H%M%S"));
    Table::new(&moto.aws.dynamodb, &copy).create_if_absent().await.unwrap();
    put(&moto.aws, &copy, &then).await;
    let at = at.to_string();
    let restore = ["restore", "--at", &at, "--emulated", "--yes", NAME];

    // Not for another site, not for an instant without a backup, and not while a function cannot be stopped.
    let refused =
        moto.techognition(folder, &["restore", "--at", &at, "--emulated", "--yes", "techognitoin"]).await.unwrap_err();
    assert!(refused.contains("nothing was changed"), "{refused}");
    let refused =
        moto.techognition(folder, &["restore", "--at", "2020-01-01T00:00:00Z", "--yes", NAME]).await.unwrap_err();
    assert!(refused.contains("there is no backup of"), "{refused}");
    let refused = moto.techognition(folder, &restore).await.unwrap_err();
    assert!(refused.contains("techognition-site cannot be stopped"), "{refused}");
    assert_eq!(rows(&moto.aws, NAME).await.len(), now.len());
    assert_eq!(state(&table, &late).await, Some(State::Pending), "nothing is changed before all functions stand still");
    assert_eq!(stopped(&moto).await.len(), 5);

    let code = format!(
        "role = c('iam').get_role(RoleName='functions')['Role']['Arn']\nother = c('lambda').get_function(FunctionName='{NAME}-uploads')\n\
         c('lambda').create_function(FunctionName='{NAME}-site', Runtime='provided.al2023', Role=role, Handler='bootstrap', \
         Code={{'ZipFile': b'PK\\x05\\x06' + bytes(18)}})"
    );
    let made = moto.python(&code).await;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let restored = moto.techognition(folder, &restore).await.unwrap();
    let (looked, filled, replayed) = (facts(&restored, "look"), facts(&restored, "rows"), facts(&restored, "removals"));
    println!("copy: {looked}\nrows: {filled}\nremovals: {replayed}");
    assert_eq!(looked["removals"]["applied"], 2, "the copy shows what was removed since: {looked}");
    assert_eq!(replayed["applied"], 2, "{replayed}");

    // What was removed since stays removed; what was decided since is to be decided again; what came since is gone.
    assert_eq!(state(&table, &ids[0]).await, Some(State::Deleted));
    assert_eq!(state(&table, &ids[1]).await, Some(State::Hidden));
    assert_eq!(state(&table, &ids[2]).await, Some(State::Pending));
    assert_eq!(state(&table, &late).await, None);
    // Who left since stays out.
    let key = Members::new(&table).key(&leaver.id).await.unwrap().unwrap();
    assert!(key.revoked_at.is_some());
    assert_eq!(stopped(&moto).await, [""; 0], "the site is at work again");
    assert_eq!(moto.aws.dynamodb.list_tables().send().await.unwrap().table_names(), [NAME]);

    // Everything adds up, but for what the sweeps have yet to erase: nobody has run one.
    let checked = moto.techognition(folder, &["restore-check", "--deployed"]).await.unwrap();
    assert_eq!((&checked[0]["applied"], &checked[0]["buried"]), (&json!(0), &json!(0)));
    let drilled = moto.techognition(folder, &["restore", "--drill", "--emulated"]).await.unwrap();
    let differences = facts(&drilled, "look")["differences"].clone();
    let off: Vec<_> = differences.as_object().unwrap().iter().filter(|(_, n)| **n != json!(0)).collect();
    assert!(off.is_empty(), "{differences}");
}
