//! The clients of the services.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig, timeout::TimeoutConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};

use super::signed::{CLOUDFRONT, SignedClient};

/// The clients, which share one pool of connections.
#[derive(Clone, Debug)]
pub struct Aws {
    /// The delivery network.
    pub cloudfront: SignedClient,
    /// The table.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// The buckets.
    pub s3: aws_sdk_s3::Client,
    /// The queues.
    pub sqs: aws_sdk_sqs::Client,
}

/// Where the services are on a laptop, and the credentials that they know.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// Where invalidations go, such as `http://127.0.0.1:8002`.
    pub cloudfront: String,
    /// Such as `http://127.0.0.1:8000`.
    pub dynamodb: String,
    /// Such as `http://127.0.0.1:8081`.
    pub s3: String,
    /// Such as `http://127.0.0.1:8001`.
    pub sqs: String,
    /// The region that signatures name.
    pub region: String,
    /// The access key's id.
    pub access_key: String,
    /// The secret.
    pub secret_key: String,
}

impl Aws {
    /// Clients as the environment says: on Lambda its role, region and services; with `AWS_ENDPOINT_URL_…` any other place.
    pub async fn from_environment() -> Self {
        Self::of(&environment().load().await)
    }

    /// The same in a region of the caller's, for a command that works on an account.
    pub async fn in_region(region: &str) -> Self {
        Self::of(&environment().region(Region::new(region.to_owned())).load().await)
    }

    /// Clients of services on this machine.
    pub fn at(endpoints: &Endpoints) -> Self {
        let credentials = Credentials::new(&endpoints.access_key, &endpoints.secret_key, None, None, "laptop");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(Builder::new().build_http())
            .sleep_impl(aws_sdk_dynamodb::config::SharedAsyncSleep::new(TokioSleep))
            .region(Region::new(endpoints.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .timeout_config(timeouts())
            .build();
        Self {
            cloudfront: SignedClient::at(CLOUDFRONT, &config, &endpoints.cloudfront),
            dynamodb: aws_sdk_dynamodb::Client::from_conf(
                aws_sdk_dynamodb::config::Builder::from(&config).endpoint_url(&endpoints.dynamodb).build(),
            ),
            s3: aws_sdk_s3::Client::from_conf(
                aws_sdk_s3::config::Builder::from(&config).endpoint_url(&endpoints.s3).force_path_style(true).build(),
            ),
            sqs: aws_sdk_sqs::Client::from_conf(
                aws_sdk_sqs::config::Builder::from(&config).endpoint_url(&endpoints.sqs).build(),
            ),
        }
    }

    fn of(config: &SdkConfig) -> Self {
        // An address is signed for a bucket's own host, which is what the edge asks for it. Where an endpoint is an IP address, which has
        // no names below it, the SDK puts the bucket into the path by itself.
        Self {
            cloudfront: SignedClient::new(CLOUDFRONT, config),
            dynamodb: aws_sdk_dynamodb::Client::new(config),
            s3: aws_sdk_s3::Client::new(config),
            sqs: aws_sdk_sqs::Client::new(config),
        }
    }
}

fn environment() -> aws_config::ConfigLoader {
    aws_config::defaults(BehaviorVersion::latest()).http_client(https()).timeout_config(timeouts())
}

/// The HTTP client of every SDK client that leaves the machine.
pub fn https() -> SharedHttpClient {
    Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(10))
        .build()
}

#[derive(Debug)]
struct TokioSleep;

impl aws_sdk_dynamodb::config::AsyncSleep for TokioSleep {
    fn sleep(&self, duration: Duration) -> aws_sdk_dynamodb::config::Sleep {
        aws_sdk_dynamodb::config::Sleep::new(tokio::time::sleep(duration))
    }
}
