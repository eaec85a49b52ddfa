//! The clients of the AWS services.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig, timeout::TimeoutConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};

use super::signed::{CLOUDFRONT, FIREWALL, SignedClient};

/// The clients of all services, which share one pool of connections.
#[derive(Clone, Debug)]
pub struct Aws {
    /// CloudFront, the delivery network.
    pub cloudfront: SignedClient,
    /// DynamoDB, the table.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// WAF, the firewall in front of the delivery network.
    pub firewall: SignedClient,
    /// S3, the buckets.
    pub s3: aws_sdk_s3::Client,
    /// SQS, the queues.
    pub sqs: aws_sdk_sqs::Client,
}

/// The addresses of the services on a laptop, and the credentials that they accept.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// The address for invalidations and for requests to the firewall, such as `http://127.0.0.1:8002`.
    pub cloudfront: String,
    /// The address of the table, such as `http://127.0.0.1:8000`.
    pub dynamodb: String,
    /// The address of the storage, such as `http://127.0.0.1:8081`.
    pub s3: String,
    /// The address of the queues, such as `http://127.0.0.1:8001`.
    pub sqs: String,
    /// The region used in signatures.
    pub region: String,
    /// The access key's id.
    pub access_key: String,
    /// The secret access key.
    pub secret_key: String,
}

impl Aws {
    /// Creates clients according to the environment: on Lambda with its role, region and services; at other addresses if
    /// `AWS_ENDPOINT_URL_…` is set.
    pub async fn from_environment() -> Self {
        Self::new(&environment().load().await, &Patience::FUNCTION)
    }

    /// Creates clients according to the environment, in the caller's region and with the patience of a command that works on an account.
    pub async fn in_region(region: &str) -> Self {
        Self::new(&environment().region(Region::new(region.to_owned())).load().await, &Patience::COMMAND)
    }

    /// Creates clients of services on this machine, which answer slowly when other work slows the machine.
    pub fn at(endpoints: &Endpoints) -> Self {
        Self::with(endpoints, &Patience::COMMAND)
    }

    fn with(endpoints: &Endpoints, patience: &Patience) -> Self {
        let credentials = Credentials::new(&endpoints.access_key, &endpoints.secret_key, None, None, "laptop");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(Builder::new().pool_idle_timeout(POOL_IDLE).build_http())
            .sleep_impl(aws_sdk_dynamodb::config::SharedAsyncSleep::new(TokioSleep))
            .region(Region::new(endpoints.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build();
        let timed = |attempt| config.to_builder().timeout_config(patience.timeouts(attempt)).build();
        Self {
            cloudfront: SignedClient::at(CLOUDFRONT, &timed(patience.cloudfront), &endpoints.cloudfront),
            firewall: SignedClient::at(FIREWALL, &timed(patience.cloudfront), &endpoints.cloudfront),
            dynamodb: aws_sdk_dynamodb::Client::from_conf(
                aws_sdk_dynamodb::config::Builder::from(&timed(patience.dynamodb))
                    .endpoint_url(&endpoints.dynamodb)
                    .build(),
            ),
            s3: aws_sdk_s3::Client::from_conf(
                aws_sdk_s3::config::Builder::from(&timed(patience.s3))
                    .endpoint_url(&endpoints.s3)
                    .force_path_style(true)
                    .build(),
            ),
            sqs: aws_sdk_sqs::Client::from_conf(
                aws_sdk_sqs::config::Builder::from(&timed(patience.sqs)).endpoint_url(&endpoints.sqs).build(),
            ),
        }
    }

    fn new(config: &SdkConfig, patience: &Patience) -> Self {
        // An address is signed for a bucket's own host, which the edge requests. If an endpoint is an IP address, which cannot have
        // subdomains, the SDK puts the bucket into the path by itself.
        let timed = |attempt| config.to_builder().timeout_config(patience.timeouts(attempt)).build();
        Self {
            cloudfront: SignedClient::new(CLOUDFRONT, &timed(patience.cloudfront)),
            firewall: SignedClient::new(FIREWALL, &timed(patience.cloudfront)),
            dynamodb: aws_sdk_dynamodb::Client::new(&timed(patience.dynamodb)),
            s3: aws_sdk_s3::Client::new(&timed(patience.s3)),
            sqs: aws_sdk_sqs::Client::new(&timed(patience.sqs)),
        }
    }
}

/// How long an attempt at a call may take before it is repeated.
#[derive(Clone, Copy, Debug)]
struct Patience {
    connect: Duration,
    cloudfront: Duration,
    dynamodb: Duration,
    s3: Duration,
    sqs: Duration,
}

impl Patience {
    /// The patience of a function. A connection may have died while its sandbox was frozen, and then no answer ever comes. The SDK makes a
    /// call up to three times, the second time at most a second after the first has failed, so two attempts at the slowest call end within
    /// the shortest `timeout_s` of `infra/functions.json`, which is 10 s.
    const FUNCTION: Self = Self {
        connect: Duration::from_secs(1),
        cloudfront: Duration::from_secs(4),
        dynamodb: Duration::from_millis(1_500),
        s3: Duration::from_secs(3),
        sqs: Duration::from_millis(1_500),
    };
    /// The patience of a command, which fetches pages of a megabyte over a home connection, and keeps only its user waiting.
    const COMMAND: Self = {
        let attempt = Duration::from_secs(10);
        Self { connect: Duration::from_secs(2), cloudfront: attempt, dynamodb: attempt, s3: attempt, sqs: attempt }
    };

    /// The time limit for one attempt at a call. For an answer whose body is streamed, it covers the time until the headers arrive.
    fn timeouts(&self, attempt: Duration) -> TimeoutConfig {
        TimeoutConfig::builder().connect_timeout(self.connect).operation_attempt_timeout(attempt).build()
    }
}

/// How long an idle connection is kept. AWS's services close theirs after about twenty seconds, and a frozen sandbox does not notice.
const POOL_IDLE: Duration = Duration::from_secs(15);

fn environment() -> aws_config::ConfigLoader {
    aws_config::defaults(BehaviorVersion::latest()).http_client(https())
}

/// Returns the HTTP client of every SDK client that leaves the machine.
pub fn https() -> SharedHttpClient {
    Builder::new().pool_idle_timeout(POOL_IDLE).tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}

#[derive(Debug)]
struct TokioSleep;

impl aws_sdk_dynamodb::config::AsyncSleep for TokioSleep {
    fn sleep(&self, duration: Duration) -> aws_sdk_dynamodb::config::Sleep {
        aws_sdk_dynamodb::config::Sleep::new(tokio::time::sleep(duration))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        time::Instant,
    };

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::{super::signed::Request, *};

    /// A service whose first connection dies after its first answer: it accepts requests, but never answers again. Other connections live.
    /// Returns its address and the number of its connections.
    async fn whose_first_connection_dies(body: &'static str) -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = connections.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let number = counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    let mut asked = 0;
                    let mut buffer = vec![0; 65_536];
                    while let Ok(1..) = stream.read(&mut buffer).await {
                        asked += 1;
                        if number == 0 && asked > 1 {
                            continue;
                        }
                        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                        stream.write_all(answer.as_bytes()).await.unwrap();
                    }
                });
            }
        });
        (address, connections)
    }

    /// The shortest time limit of a function in `infra/functions.json`.
    fn shortest() -> Duration {
        let list: serde_json::Value = serde_json::from_str(include_str!("../../../infra/functions.json")).unwrap();
        let seconds =
            list["functions"].as_array().unwrap().iter().map(|function| function["timeout_s"].as_u64().unwrap());
        Duration::from_secs(seconds.min().unwrap())
    }

    /// Makes a call twice, the second time on a connection that has died, and checks how long that takes.
    async fn within(name: &str, limit: Duration, call: impl AsyncFn() -> bool) {
        assert!(call().await, "{name}: the first call, which opens the connection");
        let begun = Instant::now();
        assert!(call().await, "{name}: the second one, on a connection that has died");
        let took = begun.elapsed();
        assert!(took > Duration::from_secs(1), "{name}: the connection has not died, in {took:?}");
        assert!(took < limit, "{name}: {took:?} of {limit:?}");
        println!("{name}: {:.1} s", took.as_secs_f64());
    }

    #[tokio::test]
    async fn a_connection_that_died_costs_a_function_one_attempt_and_not_its_time() {
        let (dynamodb, to_dynamodb) = whose_first_connection_dies("{}").await;
        let (s3, to_s3) = whose_first_connection_dies("bytes").await;
        let (sqs, to_sqs) = whose_first_connection_dies("{}").await;
        let (cloudfront, to_cloudfront) = whose_first_connection_dies("").await;
        let aws = Aws::with(
            &Endpoints {
                cloudfront,
                dynamodb,
                s3,
                sqs,
                region: "eu-west-2".to_owned(),
                access_key: "test".to_owned(),
                secret_key: "test".to_owned(),
            },
            &Patience::FUNCTION,
        );
        let limit = shortest().mul_f64(0.8);
        let request = || Request { method: "GET", path: "/".to_owned(), headers: Vec::new(), body: Vec::new() };
        tokio::join!(
            within("DynamoDB", Duration::from_secs(4), async || aws.dynamodb.list_tables().send().await.is_ok()),
            within("S3", limit, async || aws.s3.get_object().bucket("a").key("b").send().await.is_ok()),
            within("SQS", Duration::from_secs(4), async || aws.sqs.list_queues().send().await.is_ok()),
            within("CloudFront", limit, async || aws.cloudfront.send(request()).await.is_ok()),
        );
        for (name, connections) in
            [("DynamoDB", to_dynamodb), ("S3", to_s3), ("SQS", to_sqs), ("CloudFront", to_cloudfront)]
        {
            assert_eq!(connections.load(Ordering::SeqCst), 2, "{name}");
        }
    }

    #[test]
    fn the_longest_attempt_leaves_each_function_time_for_a_second_one() {
        let Patience { connect, cloudfront, dynamodb, s3, sqs } = Patience::FUNCTION;
        let pause = Duration::from_secs(1);
        for attempt in [cloudfront, dynamodb, s3, sqs] {
            assert!(connect < attempt && 2 * attempt + pause < shortest(), "{attempt:?} of {:?}", shortest());
        }
    }
}
