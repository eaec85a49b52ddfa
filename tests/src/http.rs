//! A plain HTTP client: requests as they are, whole answers.

use std::{io::Read, net::IpAddr, time::Duration};

use bytes::Bytes;
use flate2::read::GzDecoder;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy, rt::TokioExecutor};
use serde_json::Value;

use crate::contract;

/// Sends requests to one host.
#[derive(Clone, Debug)]
pub struct Client {
    http: legacy::Client<legacy::connect::HttpConnector, Full<Bytes>>,
    origin: String,
    /// Whether answers are held against the API's description.
    described: bool,
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Client {
    /// A client of `origin`, such as `http://localhost:8080`.
    pub fn new(origin: &str) -> Self {
        Self::with(legacy::connect::HttpConnector::new(), origin)
    }

    /// A client that asks from this address of the machine, as if it were another one. All of 127.0.0.0/8 is the machine's own on Linux.
    pub fn at(address: impl Into<IpAddr>, origin: &str) -> Self {
        let mut connector = legacy::connect::HttpConnector::new();
        connector.set_local_address(Some(address.into()));
        Self::with(connector, origin)
    }

    fn with(connector: legacy::connect::HttpConnector, origin: &str) -> Self {
        Self {
            http: legacy::Client::builder(TokioExecutor::new()).build(connector),
            origin: origin.to_owned(),
            described: true,
        }
    }

    /// The same client, whose answers are not held against the API's description: for addresses that only look like those of a call.
    #[must_use]
    pub fn undescribed(&self) -> Self {
        Self { described: false, ..self.clone() }
    }

    /// Sends one request; `target` is a path, or a whole address.
    pub async fn send(&self, method: Method, target: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        self.try_send(method, target, headers, body).await.expect("the request has an answer")
    }

    /// Sends to a host that may be gone: an error if no whole answer came.
    pub async fn try_send(
        &self,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Answer, String> {
        let uri = if target.starts_with('/') { format!("{}{target}", self.origin) } else { target.to_owned() };
        let mut request = Request::builder().method(method.clone()).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body.into())).expect("the request is well formed");
        let answer = async {
            let answer = self.http.request(request).await.map_err(|error| error.to_string())?;
            let (parts, body) = answer.into_parts();
            let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
            Ok(Answer { status: parts.status, headers: parts.headers, body })
        };
        let answer = tokio::time::timeout(Duration::from_secs(30), answer).await;
        let answer = answer.unwrap_or_else(|_| Err("no answer in 30 s".to_owned()))?;
        if self.described {
            contract::check(&method, target, &answer.unpacked());
        }
        Ok(answer)
    }

    /// Reads.
    pub async fn get(&self, target: &str) -> Answer {
        self.send(Method::GET, target, &[], Bytes::new()).await
    }

    /// Sends JSON with an `authorization`, which may be empty.
    pub async fn json(&self, method: Method, target: &str, authorization: &str, body: &Value) -> Answer {
        let mut headers = vec![("content-type", "application/json")];
        if !authorization.is_empty() {
            headers.push(("authorization", authorization));
        }
        self.send(method, target, &headers, body.to_string()).await
    }
}

impl crate::people::Service for Client {
    fn origin(&self) -> &str {
        &self.origin
    }

    async fn ask(&self, method: Method, target: &str, headers: &[(&str, &str)], body: Bytes) -> Answer {
        self.send(method, target, headers, body).await
    }
}

impl Answer {
    /// The answer as it was before somebody compressed it, if its `content-encoding` is gzip.
    #[must_use]
    pub fn unpacked(&self) -> Self {
        let mut answer = self.clone();
        if self.header("content-encoding") == "gzip" {
            let mut body = Vec::new();
            GzDecoder::new(&*self.body).read_to_end(&mut body).expect("the body is what its header says");
            answer.headers.remove("content-encoding");
            answer.body = body.into();
        }
        answer
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// One header's value; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The name of the problem that this answer is: the last part of its `type`.
    pub fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}: {}", self.status, self.text());
        let body = self.json();
        assert_eq!(body["status"], self.status.as_u16(), "{body}");
        for member in ["type", "title", "detail", "hint", "instance"] {
            assert!(body[member].as_str().is_some_and(|words| !words.is_empty()), "{member} in {body}");
        }
        body["type"].as_str().and_then(|kind| kind.strip_prefix("/problems/")).expect("a type of ours").to_owned()
    }
}
