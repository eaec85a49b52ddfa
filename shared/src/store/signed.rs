//! Signed requests to AWS services of which we use only a call or two.
//!
//! Decision: no SDK crate for these. CloudFront's has 267,000 generated lines for our one call and took a sixth of a release build; those
//! of Lambda and CloudWatch Logs would serve only the command. Everything that matters about a call is still the SDK's: its orchestrator
//! signs, retries and gives up, with the credentials, the HTTP client and the time-outs of every other client. Given up: types for requests
//! and answers, so a service with more than a handful of calls is better served by its crate.

use std::{borrow::Cow, sync::Arc};

use aws_config::{Region, SdkConfig};
use aws_runtime::{
    auth::{
        SigV4OperationSigningConfig, SigningOptions,
        sigv4::{SCHEME_ID, SigV4AuthScheme},
    },
    retries::classifiers::AwsErrorCodeClassifier,
};
use aws_smithy_runtime::client::{
    orchestrator::operation::Operation,
    retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier},
};
use aws_smithy_runtime_api::client::{
    auth::{
        AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
        static_resolver::StaticAuthSchemeOptionResolver,
    },
    identity::SharedIdentityResolver,
    interceptors::{Intercept, SharedInterceptor},
    orchestrator::{HttpRequest, HttpResponse, OrchestratorError},
    result::SdkError,
    runtime_components::RuntimeComponentsBuilder,
    runtime_plugin::StaticRuntimePlugin,
};
use aws_smithy_types::{
    body::SdkBody, config_bag::Layer, error::ErrorMetadata, retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_types::{SigningName, region::SigningRegion, service_config::ServiceConfigKey};

/// A service, with the names that signatures and addresses use.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// The name in signatures, such as `lambda`; also the host's first label.
    pub name: &'static str,
    /// The SDK's id, which settings such as `AWS_ENDPOINT_URL_LAMBDA` contain.
    pub id: &'static str,
    /// Where the service answers.
    pub place: Place,
}

/// Where a service answers, and the region for which requests are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In each region, at a separate address.
    EachRegion,
    /// At one address without a region; requests are signed for `us-east-1`.
    OneAddress,
    /// Only in `us-east-1`, for resources that belong to no region.
    OneRegion,
}

impl Place {
    /// The region of a service whose region does not depend on where the site runs; `None` if it does.
    fn region(self) -> Option<&'static str> {
        match self {
            Self::EachRegion => None,
            Self::OneAddress | Self::OneRegion => Some("us-east-1"),
        }
    }
}

/// CloudFront, which has one address and is signed for `us-east-1`.
pub const CLOUDFRONT: Service = Service { name: "cloudfront", id: "CloudFront", place: Place::OneAddress };
/// AWS Budgets, which has one address.
pub const BUDGETS: Service = Service { name: "budgets", id: "Budgets", place: Place::OneAddress };
/// AWS WAF, for resources of CloudFront.
pub const FIREWALL: Service = Service { name: "wafv2", id: "WAFV2", place: Place::OneRegion };
/// Lambda.
pub const LAMBDA: Service = Service { name: "lambda", id: "Lambda", place: Place::EachRegion };
/// SNS, which sends the messages of alarms.
pub const SNS: Service = Service { name: "sns", id: "SNS", place: Place::EachRegion };
/// CloudWatch Logs.
pub const LOGS: Service = Service { name: "logs", id: "CloudWatch Logs", place: Place::EachRegion };
/// Service Quotas.
pub const QUOTAS: Service = Service { name: "servicequotas", id: "Service Quotas", place: Place::EachRegion };

/// A request without the host and the signature.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method, such as `POST`.
    pub method: &'static str,
    /// The path with its query, percent-encoded, beginning with `/`.
    pub path: String,
    /// The headers: names in lower case, and values.
    pub headers: Vec<(&'static str, &'static str)>,
    /// The whole body; may be empty.
    pub body: Vec<u8>,
}

/// Why a call failed: the service's own code and message, or that no answer came.
pub type CallError = SdkError<ErrorMetadata, HttpResponse>;

/// A client of one service. Clones share its credentials and connections.
#[derive(Clone)]
pub struct SignedClient {
    service: Service,
    config: Arc<SdkConfig>,
    endpoint: String,
    interceptors: Vec<SharedInterceptor>,
    call: Arc<Operation<Request, Vec<u8>, ErrorMetadata>>,
}

impl std::fmt::Debug for SignedClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedClient")
            .field("service", &self.service.id)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

impl SignedClient {
    /// Creates a client of `service` at the endpoint in `config`: at `AWS_ENDPOINT_URL_…` if set, otherwise at AWS's own address in the
    /// region.
    pub fn new(service: Service, config: &SdkConfig) -> Self {
        let told =
            ServiceConfigKey::builder().service_id(service.id).env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
        let told = told.ok().and_then(|key| config.service_config()?.load_config(key));
        let endpoint = told.or_else(|| config.endpoint_url().map(str::to_owned)).unwrap_or_else(|| {
            let region = service.place.region().or_else(|| config.region().map(Region::as_ref));
            address(service, region)
        });
        Self::at(service, config, &endpoint)
    }

    /// Creates a client of `service` at `endpoint`, such as `http://127.0.0.1:8002`.
    pub fn at(service: Service, config: &SdkConfig, endpoint: &str) -> Self {
        Self::with(service, config, endpoint, Vec::new())
    }

    /// Returns a client that also passes each call to `interceptor`.
    #[must_use]
    pub fn intercepted(&self, interceptor: impl Intercept + 'static) -> Self {
        let mut interceptors = self.interceptors.clone();
        interceptors.push(SharedInterceptor::new(interceptor));
        Self::with(self.service, &self.config, &self.endpoint, interceptors)
    }

    /// Makes a call and returns the body of its answer. Calls are repeated according to the SDK's standard retries.
    ///
    /// # Errors
    /// An answer other than success, with its code and message; no answer; no credentials.
    pub async fn send(&self, request: Request) -> Result<Vec<u8>, CallError> {
        // The orchestrator's future is large: it goes on the heap, not into the future of each caller.
        Box::pin(self.call.invoke(request)).await
    }

    fn with(service: Service, config: &SdkConfig, endpoint: &str, interceptors: Vec<SharedInterceptor>) -> Self {
        let mut operation = Operation::builder()
            .service_name(service.id)
            .operation_name("call")
            .endpoint_url(endpoint)
            .standard_retry(config.retry_config().unwrap_or(&RetryConfig::standard()))
            .retry_classifier(AwsErrorCodeClassifier::<ErrorMetadata>::new())
            .retry_classifier(TransientErrorClassifier::<ErrorMetadata>::new())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .timeout_config(config.timeout_config().cloned().unwrap_or_else(TimeoutConfig::disabled))
            .runtime_plugin(signing(service, config));
        if let Some(client) = config.http_client() {
            operation = operation.http_client(client);
        }
        if let Some(sleep) = config.sleep_impl() {
            operation = operation.sleep_impl(sleep);
        }
        for interceptor in &interceptors {
            operation = operation.interceptor(interceptor.clone());
        }
        let call = operation.serializer(|request: Request| Ok(http(request)?)).deserializer(answer).build();
        Self {
            service,
            config: Arc::new(config.clone()),
            endpoint: endpoint.to_owned(),
            interceptors,
            call: Arc::new(call),
        }
    }
}

/// Returns AWS's own address of a service.
fn address(service: Service, region: Option<&str>) -> String {
    let name = service.name;
    match (service.place, region) {
        (Place::EachRegion | Place::OneRegion, Some(region)) => format!("https://{name}.{region}.amazonaws.com"),
        (Place::OneAddress, _) | (Place::EachRegion | Place::OneRegion, None) => {
            format!("https://{name}.amazonaws.com")
        }
    }
}

/// Configures the signing of requests: version 4, with the configuration's credentials.
fn signing(service: Service, config: &SdkConfig) -> StaticRuntimePlugin {
    let region = service.place.region().map(Region::from_static).or_else(|| config.region().cloned());
    let mut options = SigningOptions::default();
    options.double_uri_encode = true;
    options.normalize_uri_path = true;
    let mut layer = Layer::new("signing");
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SigV4OperationSigningConfig {
        region: region.map(SigningRegion::from),
        name: Some(SigningName::from_static(service.name)),
        signing_options: options,
        ..SigV4OperationSigningConfig::default()
    });
    let mut components = RuntimeComponentsBuilder::new("signing")
        .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
        .with_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
            StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]),
        )));
    if let Some(credentials) = config.credentials_provider() {
        components.set_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(credentials));
    }
    StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components)
}

fn http(request: Request) -> Result<HttpRequest, aws_smithy_runtime_api::http::HttpError> {
    let mut made = HttpRequest::new(SdkBody::from(request.body));
    made.set_method(request.method)?;
    made.set_uri(request.path)?;
    for (name, value) in request.headers {
        made.headers_mut().try_insert(Cow::Borrowed(name), Cow::Borrowed(value))?;
    }
    Ok(made)
}

fn answer(response: &HttpResponse) -> Result<Vec<u8>, OrchestratorError<ErrorMetadata>> {
    let body = response.body().bytes().unwrap_or_default();
    if response.status().is_success() {
        return Ok(body.to_vec());
    }
    Err(OrchestratorError::operation(refusal(response.headers().get("x-amzn-errortype"), body)))
}

/// Reads the code and message of an error in the form of each of AWS's protocols: in a header, in JSON, or in XML.
fn refusal(kind: Option<&str>, body: &[u8]) -> ErrorMetadata {
    let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let said = |name: &str| json[name].as_str().map(str::to_owned);
    let text = String::from_utf8_lossy(body);
    let element = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(inside, _)| inside.to_owned())
    };
    let code = kind.map(str::to_owned).or_else(|| said("__type")).or_else(|| said("code")).or_else(|| element("Code"));
    // Some services write it as `namespace#Code:address`.
    let code =
        code.map(|code| code.rsplit('#').next().unwrap_or_default().split(':').next().unwrap_or_default().to_owned());
    let words = said("message").or_else(|| said("Message")).or_else(|| element("Message"));
    let mut metadata = ErrorMetadata::builder();
    if let Some(code) = code.filter(|code| !code.is_empty()) {
        metadata = metadata.code(code);
    }
    if let Some(words) = words {
        metadata = metadata.message(words);
    }
    metadata.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_is_asked_where_it_answers() {
        let asked = |service| address(service, Some(service.place.region().unwrap_or("eu-west-2")));
        assert_eq!(asked(CLOUDFRONT), "https://cloudfront.amazonaws.com");
        assert_eq!(asked(FIREWALL), "https://wafv2.us-east-1.amazonaws.com");
        assert_eq!(asked(LAMBDA), "https://lambda.eu-west-2.amazonaws.com");
    }

    #[test]
    fn a_refusal_is_read_in_each_protocol() {
        let xml = b"<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchDistribution</Code><Message>No.</Message></Error></ErrorResponse>";
        let read = |kind, body: &[u8]| {
            let read = refusal(kind, body);
            (read.code().unwrap_or_default().to_owned(), read.message().unwrap_or_default().to_owned())
        };
        let told = |code: &str, words: &str| (code.to_owned(), words.to_owned());
        assert_eq!(read(None, xml), told("NoSuchDistribution", "No."));
        let json = br#"{"Type": "User", "Message": "Function not found"}"#;
        assert_eq!(
            read(Some("ResourceNotFoundException"), json),
            told("ResourceNotFoundException", "Function not found")
        );
        let json = br#"{"__type": "com.amazonaws.logs#ResourceNotFoundException", "message": "no group"}"#;
        assert_eq!(read(None, json), told("ResourceNotFoundException", "no group"));
        assert_eq!(read(Some("TooManyRequestsException:http://internal"), b""), told("TooManyRequestsException", ""));
        assert_eq!(read(None, b"<html>"), told("", ""));
    }
}
