//! Who may call: programs that know the folder's secret, and of web pages only the site's own.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Credentials, Intercept, Region, RuntimeComponents, SharedCredentialsProvider,
        interceptors::BeforeTransmitInterceptorContextRef,
    },
    error::{BoxError, ProvideErrorMetadata},
    types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType},
};
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use http::StatusCode;

use crate::support::{Emulated, ORIGINALS, UPLOADS, send, start};

const EVIL: &str = "http://evil.example";

/// A request as the SDK would send it.
#[derive(Clone, Debug)]
struct Asked {
    uri: String,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

/// Keeps what the SDK has signed instead of sending it.
#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<Option<Asked>>>);

impl Intercept for Kept {
    fn name(&self) -> &'static str {
        "kept"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        let headers = request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let body = request.body().bytes().unwrap().to_vec();
        *self.0.lock().unwrap() = Some(Asked { uri: request.uri().to_owned(), headers, body });
        Err("kept".into())
    }
}

/// What a signed call is, and what tells that it was done.
async fn calls(emulated: &Emulated) -> [(&'static str, Asked); 2] {
    let kept = Kept::default();
    let dynamodb = emulated.clients.dynamodb.config().to_builder().interceptor(kept.clone()).build();
    let dynamodb = aws_sdk_dynamodb::Client::from_conf(dynamodb);
    let key = KeySchemaElement::builder().attribute_name("PK").key_type(KeyType::Hash).build().unwrap();
    let attribute = AttributeDefinition::builder().attribute_name("PK").attribute_type(ScalarAttributeType::S).build();
    let create = dynamodb.create_table().table_name("made").billing_mode(BillingMode::PayPerRequest);
    create.key_schema(key).attribute_definitions(attribute.unwrap()).send().await.unwrap_err();
    let table = kept.0.lock().unwrap().take().unwrap();
    let sqs =
        aws_sdk_sqs::Client::from_conf(emulated.clients.sqs.config().to_builder().interceptor(kept.clone()).build());
    sqs.send_message().queue_url(emulated.queue(UPLOADS)).message_body("made").send().await.unwrap_err();
    let message = kept.0.lock().unwrap().take().unwrap();
    [("DynamoDB", table), ("SQS", message)]
}

async fn assert_nothing_was_done(emulated: &Emulated) {
    let tables = emulated.clients.dynamodb.list_tables().send().await.unwrap();
    assert!(tables.table_names().is_empty(), "{:?}", tables.table_names());
    assert!(emulated.clients.drain(&emulated.queue(UPLOADS)).await.is_empty());
}

#[tokio::test]
async fn a_signed_call_is_done_and_a_changed_one_is_not() {
    let emulated = start().await;
    let asked = calls(&emulated).await;
    for (service, asked) in &asked {
        let changes: &[&[(&str, &str)]] = &[
            &[("authorization", "")],
            &[(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=NOBODY/20270305/eu-west-2/dynamodb/aws4_request, SignedHeaders=host, Signature=00",
            )],
            &[("authorization", "Bearer 0")],
            &[("x-amz-date", "20200101T000000Z")],
            &[("x-amz-date", "yesterday")],
            &[("x-amz-target", "DynamoDB_20120810.DeleteTable")],
            &[("x-amz-meta-more", "unsigned")],
            &[("host", "localhost:1")],
        ];
        for changes in changes {
            let answer = send("POST", &asked.uri, &asked.headers, changes, asked.body.clone()).await;
            assert!(answer.status().is_client_error(), "{service} {changes:?}: {answer:?}");
            let words = String::from_utf8_lossy(answer.body());
            assert!(words.contains("Exception"), "{service} {changes:?}: {words}");
        }
        let claim = &asked.headers["authorization"];
        let (before, signature) = claim.split_at(claim.find("Signature=").unwrap() + 10);
        let forged = signature.replace(|one: char| one.is_ascii_digit(), "0");
        let forged = format!("{before}{forged}");
        let longer = format!("{claim}0");
        let unsigned_target = claim.replace(";x-amz-target", "");
        for claim in [forged.as_str(), before, &longer, &unsigned_target] {
            let changes = [("authorization", claim)];
            let answer = send("POST", &asked.uri, &asked.headers, &changes, asked.body.clone()).await;
            assert!(answer.status().is_client_error(), "{service} {claim}: {answer:?}");
        }
        for body in [asked.body[..asked.body.len() - 1].to_vec(), [asked.body.as_slice(), b" "].concat()] {
            let answer = send("POST", &asked.uri, &asked.headers, &[], body).await;
            assert!(answer.status().is_client_error(), "{service}: {answer:?}");
        }
        let answer = send("GET", &asked.uri, &asked.headers, &[], "").await;
        assert!(answer.status().is_client_error(), "{service}: {answer:?}");
    }
    assert_nothing_was_done(&emulated).await;
    for (service, asked) in &asked {
        let answer = send("POST", &asked.uri, &asked.headers, &[], asked.body.clone()).await;
        assert_eq!(answer.status(), StatusCode::OK, "{service}: {answer:?}");
    }
    assert_eq!(emulated.clients.drain(&emulated.queue(UPLOADS)).await, ["made"]);
    assert_eq!(emulated.clients.dynamodb.list_tables().send().await.unwrap().table_names(), ["made"]);
}

/// How far a caller's clock is from ours.
#[derive(Debug)]
struct Ahead(i64);

impl TimeSource for Ahead {
    #[expect(clippy::disallowed_methods, reason = "a clock that is wrong by so much")]
    fn now(&self) -> SystemTime {
        let by = Duration::from_secs(self.0.unsigned_abs());
        if self.0 < 0 { SystemTime::now() - by } else { SystemTime::now() + by }
    }
}

#[tokio::test]
async fn another_key_region_or_time_is_refused() {
    let (emulated, other) = (start().await, start().await);
    let (ours, theirs) = (emulated.services.endpoints(), other.services.endpoints());
    assert_ne!(ours.access_key, theirs.access_key, "each folder has its own");
    assert_ne!(ours.secret_key, theirs.secret_key);
    let list = async |access_key: &str, secret: &str, region: &'static str, ahead| {
        let credentials = SharedCredentialsProvider::new(Credentials::new(access_key, secret, None, None, "test"));
        let mut config = emulated.clients.dynamodb.config().to_builder().region(Region::new(region));
        config = config.credentials_provider(credentials).time_source(SharedTimeSource::new(Ahead(ahead)));
        // Or it would learn from the first answer what time it is here.
        config = config.disable_clock_skew_correction(true);
        let client = aws_sdk_dynamodb::Client::from_conf(config.build());
        let listed = client.list_tables().send().await;
        listed.map(drop).map_err(|error| error.code().unwrap_or_default().to_owned())
    };
    let (key, secret) = (ours.access_key.as_str(), ours.secret_key.as_str());
    assert_eq!(list(key, secret, "eu-west-2", 0).await, Ok(()));
    assert_eq!(list(key, secret, "eu-west-2", 14 * 60).await, Ok(()));
    assert_eq!(list(key, secret, "eu-west-2", -14 * 60).await, Ok(()));
    let refused = |code: &str| Err(code.to_owned());
    assert_eq!(list(key, secret, "eu-west-2", -16 * 60).await, refused("InvalidSignatureException"));
    assert_eq!(list(key, secret, "eu-west-2", 16 * 60).await, refused("InvalidSignatureException"));
    assert_eq!(list(key, secret, "us-east-1", 0).await, refused("InvalidSignatureException"));
    assert_eq!(list(key, &theirs.secret_key, "eu-west-2", 0).await, refused("InvalidSignatureException"));
    assert_eq!(list(&theirs.access_key, secret, "eu-west-2", 0).await, refused("UnrecognizedClientException"));
}

#[tokio::test]
async fn a_web_page_is_refused_even_with_the_right_signature() {
    let emulated = start().await;
    let asked = calls(&emulated).await;
    for (service, asked) in &asked {
        for header in [("origin", EVIL), ("origin", "null"), ("sec-fetch-site", "cross-site"), ("host", "evil.example")]
        {
            let answer = send("POST", &asked.uri, &asked.headers, &[header], asked.body.clone()).await;
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{service} {header:?}");
            assert!(!answer.body().is_empty(), "{service} {header:?}: there are words");
        }
        let preflight = [
            ("origin", EVIL),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "x-amz-target"),
        ];
        let answer = send("OPTIONS", &asked.uri, &HashMap::new(), &preflight, "").await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{service}");
        let open: Vec<_> = answer.headers().keys().filter(|name| name.as_str().starts_with("access-control")).collect();
        assert!(open.is_empty(), "{service}: {open:?}");
    }
    assert_nothing_was_done(&emulated).await;
}

#[tokio::test]
async fn the_storage_takes_the_sites_own_pages_and_no_others() {
    let emulated = start().await;
    emulated.clients.put(ORIGINALS, "kept", "bytes").await;
    let config = aws_sdk_s3::presigning::PresigningConfig::expires_in(Duration::from_mins(5)).unwrap();
    let link = emulated.clients.s3.get_object().bucket(ORIGINALS).key("kept").presigned(config).await.unwrap();
    let ask = async |headers: &[(&str, &str)]| send("GET", link.uri(), &HashMap::new(), headers, "").await;
    assert_eq!(ask(&[]).await.body(), "bytes");
    let ours = ask(&[("origin", "http://localhost:8080")]).await;
    assert_eq!(ours.headers()["access-control-allow-origin"], "http://localhost:8080");
    assert_eq!(ask(&[("sec-fetch-site", "same-site")]).await.status(), StatusCode::OK, "an image of the site's page");
    for header in [("origin", EVIL), ("origin", "null"), ("host", "evil.example")] {
        let answer = ask(&[header]).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{header:?}");
        assert!(!answer.headers().contains_key("access-control-allow-origin"), "{header:?}");
    }
}
