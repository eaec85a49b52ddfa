//! Plain HTTP requests to a deployed site.

use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

/// Longest time for an answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// An HTTP client.
pub struct Http(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

/// A whole answer.
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Http {
    /// Builds a client with this machine's trusted certificates.
    ///
    /// # Errors
    /// If the machine has no certificates of authorities.
    pub fn new() -> Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()
            .context("this machine has no certificates of authorities")?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self(Client::builder(TokioExecutor::new()).build(connector)))
    }

    /// Sends one request and reads the whole answer.
    pub async fn send(&self, method: Method, url: &str, headers: &[(&str, &str)], body: Bytes) -> Result<Answer> {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body))?;
        let answered = async {
            let answer = self.0.request(request).await?;
            let (parts, body) = answer.into_parts();
            anyhow::Ok(Answer { status: parts.status, headers: parts.headers, body: body.collect().await?.to_bytes() })
        };
        tokio::time::timeout(PATIENCE, answered).await.context("no answer within a minute")?
    }
}
