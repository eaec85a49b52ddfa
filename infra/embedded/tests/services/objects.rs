//! Objects through the SDK.

use aws_sdk_s3::{
    error::{ProvideErrorMetadata, SdkError},
    primitives::ByteStream,
    types::{ChecksumAlgorithm, Delete, MetadataDirective, ObjectIdentifier},
};
use futures::future::join_all;

use crate::support::{ORIGINALS, PUBLIC, noise, sha256, start};

fn status<E>(error: &SdkError<E>) -> u16 {
    error.raw_response().unwrap().status().as_u16()
}

#[tokio::test]
async fn an_object_comes_back_with_what_was_said_about_it() {
    let emulated = start().await;
    let s3 = &emulated.clients.s3;
    let put = s3.put_object().bucket(PUBLIC).key("a/b.webp").content_type("image/webp").cache_control("max-age=60");
    let put = put.metadata("revision", "7").body(ByteStream::from_static(b"hello")).send().await.unwrap();
    assert_eq!(put.e_tag(), Some("\"5d41402abc4b2a76b9719d911017c592\""));
    assert!(put.checksum_crc32().is_some(), "the SDK sends CRC-32 by default");
    let get = s3.get_object().bucket(PUBLIC).key("a/b.webp").send().await.unwrap();
    assert_eq!(get.e_tag(), put.e_tag());
    assert_eq!(get.content_type(), Some("image/webp"));
    assert_eq!(get.cache_control(), Some("max-age=60"));
    assert_eq!(get.metadata().unwrap()["revision"], "7");
    assert_eq!(get.content_length(), Some(5));
    assert_eq!(get.checksum_crc32(), put.checksum_crc32());
    assert!(get.last_modified().unwrap().secs() > 1_700_000_000);
    assert_eq!(get.body.collect().await.unwrap().into_bytes().as_ref(), b"hello");
}

#[tokio::test]
async fn every_checksum_of_the_sdk_is_verified_also_behind_a_streamed_body() {
    let emulated = start().await;
    let file = emulated.folder.path().join("upload.bin");
    let body = noise(300_000, 9);
    std::fs::write(&file, &body).unwrap();
    for algorithm in [
        ChecksumAlgorithm::Crc32,
        ChecksumAlgorithm::Crc32C,
        ChecksumAlgorithm::Crc64Nvme,
        ChecksumAlgorithm::Sha1,
        ChecksumAlgorithm::Sha256,
    ] {
        let key = algorithm.as_str();
        let stream = ByteStream::from_path(&file).await.unwrap();
        let put = emulated.clients.s3.put_object().bucket(PUBLIC).key(key).checksum_algorithm(algorithm.clone());
        put.body(stream).send().await.unwrap();
        // The SDK asks for the checksum and compares it with what it reads.
        assert_eq!(emulated.clients.get(PUBLIC, key).await.unwrap(), body, "{key}");
    }
    let put = emulated.clients.s3.put_object().bucket(PUBLIC).key("wrong").checksum_sha256(sha256(b"other"));
    let error = put.body(ByteStream::from_static(b"bytes")).send().await.unwrap_err();
    assert_eq!((status(&error), error.code()), (400, Some("BadDigest")));
    let put = emulated.clients.s3.put_object().bucket(PUBLIC).key("wrong").content_md5("1B2M2Y8AsgTpgAmY7PhCfg==");
    let error = put.body(ByteStream::from_static(b"bytes")).send().await.unwrap_err();
    assert_eq!((status(&error), error.code()), (400, Some("BadDigest")));
    assert!(emulated.clients.get(PUBLIC, "wrong").await.is_none());
}

#[tokio::test]
async fn parts_of_an_object_can_be_read() {
    let emulated = start().await;
    let body = noise(1_000_000, 4);
    emulated.clients.put(PUBLIC, "big", body.clone()).await;
    let read = |range: &'static str| emulated.clients.s3.get_object().bucket(PUBLIC).key("big").range(range).send();
    for (range, part) in [
        ("bytes=0-0", 0..1),
        ("bytes=500000-700000", 500_000..700_001),
        ("bytes=999999-", 999_999..1_000_000),
        ("bytes=999990-5000000", 999_990..1_000_000),
        ("bytes=-10", 999_990..1_000_000),
    ] {
        let answer = read(range).await.unwrap();
        let expected = format!("bytes {}-{}/1000000", part.start, part.end - 1);
        assert_eq!(answer.content_range(), Some(expected.as_str()));
        assert_eq!(answer.body.collect().await.unwrap().into_bytes(), &body[part], "{range}");
    }
    assert_eq!(status(&read("bytes=1000000-").await.unwrap_err()), 416);
}

#[tokio::test]
async fn conditional_reads_answer_304_and_412() {
    let emulated = start().await;
    emulated.clients.put(PUBLIC, "a", "one").await;
    let s3 = &emulated.clients.s3;
    let tag = s3.head_object().bucket(PUBLIC).key("a").send().await.unwrap().e_tag.unwrap();
    let get = || s3.get_object().bucket(PUBLIC).key("a");
    let head = || s3.head_object().bucket(PUBLIC).key("a");
    get().if_match(&tag).send().await.unwrap();
    get().if_none_match("\"other\"").send().await.unwrap();
    let unchanged = get().if_none_match(&tag).send().await.unwrap_err();
    assert_eq!(status(&unchanged), 304);
    assert_eq!(unchanged.raw_response().unwrap().headers().get("etag"), Some(tag.as_str()));
    assert_eq!(status(&get().if_match("\"other\"").send().await.unwrap_err()), 412);
    assert_eq!(status(&head().if_none_match(&tag).send().await.unwrap_err()), 304);
    assert_eq!(status(&head().if_match("\"other\"").send().await.unwrap_err()), 412);
}

#[tokio::test]
async fn of_many_writers_without_overwriting_one_wins() {
    let emulated = start().await;
    let put = |n: u8| {
        let put = emulated.clients.s3.put_object().bucket(PUBLIC).key("once").if_none_match("*");
        put.body(ByteStream::from(noise(1000, n))).send()
    };
    let results = join_all((0..20).map(put)).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(results.iter().filter_map(|result| result.as_ref().err()).all(|error| status(error) == 412));
    assert_eq!(std::fs::read_dir(emulated.folder.path().join("s3/blobs")).unwrap().count(), 1);
}

#[tokio::test]
async fn writes_can_require_what_they_replace() {
    let emulated = start().await;
    emulated.clients.put(PUBLIC, "a", "one").await;
    let put = |tag: &'static str| {
        emulated
            .clients
            .s3
            .put_object()
            .bucket(PUBLIC)
            .key("a")
            .if_match(tag)
            .body(ByteStream::from_static(b"two"))
            .send()
    };
    assert_eq!(status(&put("\"other\"").await.unwrap_err()), 412);
    put("\"f97c5d29941bfb1b2fdab0874906ab82\"").await.unwrap();
    assert_eq!(emulated.clients.get(PUBLIC, "a").await.unwrap(), "two");
    assert_eq!(std::fs::read_dir(emulated.folder.path().join("s3/blobs")).unwrap().count(), 1, "the old bytes go");
}

#[tokio::test]
async fn a_listing_walks_all_keys_in_order() {
    let emulated = start().await;
    let mut keys: Vec<String> = (0..25).map(|n| format!("photo/{n:03}/large.webp")).collect();
    keys.push("other".to_owned());
    join_all(keys.iter().map(|key| emulated.clients.put(PUBLIC, key, key.clone()))).await;
    let list = || emulated.clients.s3.list_objects_v2().bucket(PUBLIC).prefix("photo/").max_keys(10);
    let (mut seen, mut token) = (Vec::new(), None);
    loop {
        let page = list().set_continuation_token(token).send().await.unwrap();
        for object in page.contents() {
            assert_eq!(object.e_tag().unwrap().len(), 34);
            assert_eq!(object.size(), Some(20));
            seen.push(object.key().unwrap().to_owned());
        }
        assert_eq!(page.is_truncated(), Some(page.next_continuation_token().is_some()));
        token = page.next_continuation_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(seen, keys[..25]);
    let grouped = emulated.clients.s3.list_objects_v2().bucket(PUBLIC).delimiter("/").send().await.unwrap();
    assert_eq!(grouped.common_prefixes()[0].prefix(), Some("photo/"));
    assert_eq!(grouped.contents().len(), 1);
    let grouped = list().delimiter("/").max_keys(4);
    let first = grouped.clone().send().await.unwrap();
    assert_eq!(first.common_prefixes().len(), 4);
    let second = grouped.continuation_token(first.next_continuation_token().unwrap()).send().await.unwrap();
    assert_eq!(second.common_prefixes()[0].prefix(), Some("photo/004/"));
    let after = emulated.clients.s3.list_objects_v2().bucket(PUBLIC).start_after("photo/023/large.webp").send();
    assert_eq!(after.await.unwrap().contents().len(), 1);
}

#[tokio::test]
async fn a_copy_outlives_its_source() {
    let emulated = start().await;
    let s3 = &emulated.clients.s3;
    let body = noise(50_000, 5);
    let put = s3.put_object().bucket(ORIGINALS).key("source").content_type("image/webp").cache_control("old");
    put.body(ByteStream::from(body.clone())).send().await.unwrap();
    let copy = || s3.copy_object().copy_source(format!("{ORIGINALS}/source")).bucket(PUBLIC);
    copy().key("copy").send().await.unwrap();
    let replaced = copy().key("replaced").metadata_directive(MetadataDirective::Replace);
    replaced.content_type("image/webp").cache_control("public, max-age=60").send().await.unwrap();
    assert_eq!(std::fs::read_dir(emulated.folder.path().join("s3/blobs")).unwrap().count(), 1, "copies share bytes");
    s3.delete_object().bucket(ORIGINALS).key("source").send().await.unwrap();
    assert!(emulated.clients.get(ORIGINALS, "source").await.is_none());
    assert_eq!(emulated.clients.get(PUBLIC, "copy").await.unwrap(), body);
    let head = |key: &'static str| s3.head_object().bucket(PUBLIC).key(key).send();
    assert_eq!(head("copy").await.unwrap().cache_control(), Some("old"));
    assert_eq!(head("replaced").await.unwrap().cache_control(), Some("public, max-age=60"));
    let gone = copy().key("again").send().await.unwrap_err();
    assert_eq!((status(&gone), gone.code()), (404, Some("NoSuchKey")));
    s3.delete_object().bucket(PUBLIC).key("copy").send().await.unwrap();
    s3.delete_object().bucket(PUBLIC).key("replaced").send().await.unwrap();
    assert_eq!(std::fs::read_dir(emulated.folder.path().join("s3/blobs")).unwrap().count(), 0);
}

#[tokio::test]
async fn many_objects_can_be_deleted_at_once() {
    let emulated = start().await;
    join_all(["a", "b", "c"].map(|key| emulated.clients.put(PUBLIC, key, key))).await;
    let object = |key: &str| ObjectIdentifier::builder().key(key).build().unwrap();
    let delete = Delete::builder().objects(object("a")).objects(object("c")).objects(object("absent")).build().unwrap();
    let answer = emulated.clients.s3.delete_objects().bucket(PUBLIC).delete(delete).send().await.unwrap();
    assert_eq!(answer.deleted().len(), 3);
    assert!(answer.errors().is_empty());
    assert_eq!(emulated.clients.keys(PUBLIC).await, ["b"]);
}

#[tokio::test]
async fn no_key_is_a_path() {
    let emulated = start().await;
    let longest = "k".repeat(1024);
    let keys =
        ["../escape", "../../escape", "a/../../b", "..", ".", "a//b", "ünï/日本 +&%?#.jpg", "a\\b", "con", &longest];
    for key in keys {
        emulated.clients.put(ORIGINALS, key, key.to_owned()).await;
    }
    for key in keys {
        assert_eq!(emulated.clients.get(ORIGINALS, key).await.as_deref(), Some(key.as_bytes()), "{key}");
    }
    let mut expected: Vec<String> = keys.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(emulated.clients.keys(ORIGINALS).await, expected);
    let parent: Vec<_> =
        std::fs::read_dir(emulated.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(parent.iter().all(|name| name != "escape"), "{parent:?}");
    let names = std::fs::read_dir(emulated.folder.path().join("s3/blobs")).unwrap();
    assert!(names.map(|name| name.unwrap().file_name().into_string().unwrap()).all(|name| name.len() == 32));
    let too_long = emulated.clients.s3.put_object().bucket(ORIGINALS).key("k".repeat(1025)).send().await.unwrap_err();
    assert_eq!(too_long.code(), Some("KeyTooLongError"));
}

#[tokio::test]
async fn absent_things_are_said_to_be_absent() {
    let emulated = start().await;
    let s3 = &emulated.clients.s3;
    let key = s3.get_object().bucket(PUBLIC).key("absent").send().await.unwrap_err();
    assert_eq!((status(&key), key.code()), (404, Some("NoSuchKey")));
    let head = s3.head_object().bucket(PUBLIC).key("absent").send().await.unwrap_err();
    assert!(head.as_service_error().unwrap().is_not_found());
    let bucket = s3.get_object().bucket("no-such-bucket").key("a").send().await.unwrap_err();
    assert_eq!((status(&bucket), bucket.code()), (404, Some("NoSuchBucket")));
    let put = s3.put_object().bucket("no-such-bucket").key("a").send().await.unwrap_err();
    assert_eq!(put.code(), Some("NoSuchBucket"));
    s3.delete_object().bucket(PUBLIC).key("absent").send().await.unwrap();
    assert!(s3.head_bucket().bucket("no-such-bucket").send().await.is_err());
    s3.create_bucket().bucket("no-such-bucket").send().await.unwrap();
    s3.head_bucket().bucket("no-such-bucket").send().await.unwrap();
    let buckets = s3.list_buckets().send().await.unwrap();
    let names: Vec<_> = buckets.buckets().iter().map(|bucket| bucket.name().unwrap()).collect();
    assert_eq!(names, ["no-such-bucket", ORIGINALS, PUBLIC]);
}

#[tokio::test]
async fn an_object_without_bytes_is_an_object() {
    let emulated = start().await;
    emulated.clients.put(PUBLIC, "empty", "").await;
    assert_eq!(emulated.clients.get(PUBLIC, "empty").await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_reader_keeps_the_bytes_that_it_began_to_read() {
    let emulated = start().await;
    let body = noise(3_000_000, 6);
    emulated.clients.put(PUBLIC, "a", body.clone()).await;
    let reading = emulated.clients.s3.get_object().bucket(PUBLIC).key("a").send().await.unwrap();
    emulated.clients.put(PUBLIC, "a", "new").await;
    assert_eq!(reading.body.collect().await.unwrap().into_bytes(), body);
    assert_eq!(emulated.clients.get(PUBLIC, "a").await.unwrap(), "new");
}
