//! Reads rounds of drand from its public relays.
//!
//! Relays are not trusted: [`beacon::verify`] checks the chain's signature of a round before the round
//! is used. So any relay will do, and the first one that gives the right signature is as good as any other.

use std::time::Duration;

use aws_sdk_dynamodb::config::{AsyncSleep, Sleep};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_types::{body::SdkBody, timeout::TimeoutConfig};

use super::client::https;
use crate::domain::draw::{
    beacon::{self, CHAIN, NotBelieved, RelayRound},
    files::Drawn,
};

/// The time limit for one relay: four of them end within the 20 s of the function whose user waits for the answer.
const PATIENCE: Duration = Duration::from_secs(4);
/// The most bytes of an answer that are read; a round has about 200.
const MOST_BYTES: usize = 4_096;

/// The relays.
#[derive(Clone, Debug)]
pub struct Relays {
    addresses: Vec<String>,
}

/// Why a relay gave no round.
#[derive(Debug, thiserror::Error)]
pub enum NoRound {
    /// The relay did not answer with a round.
    #[error("{0}")]
    NoAnswer(String),
    /// The answer is not a round.
    #[error("the answer is no round: {0}")]
    NotARound(String),
    /// The answer is not the chain's.
    #[error(transparent)]
    NotBelieved(#[from] NotBelieved),
}

impl Relays {
    /// Creates the relays at these addresses, separated by commas, such as `https://api.drand.sh,https://api2.drand.sh`.
    pub fn new(addresses: &str) -> Self {
        let each = addresses.split(',').map(|one| one.trim().trim_end_matches('/'));
        Self { addresses: each.filter(|one| !one.is_empty()).map(str::to_owned).collect() }
    }

    /// Asks one relay after another for a round of quicknet until one gives its valid signature. Each attempt is logged. `None` if none
    /// did.
    pub async fn round(&self, round: u64) -> Option<Drawn> {
        for relay in &self.addresses {
            match ask(relay, round).await {
                Ok(drawn) => {
                    tracing::info!(relay, round, "the beacon's round is read");
                    return Some(drawn);
                }
                Err(why) => tracing::warn!(relay, round, why = %why, "a relay of the beacon gave no value"),
            }
        }
        None
    }
}

async fn ask(relay: &str, round: u64) -> Result<Drawn, NoRound> {
    let request = move |path: String| {
        let mut made = HttpRequest::new(SdkBody::empty());
        made.set_uri(path)?;
        Ok(made)
    };
    let call = Operation::builder()
        .service_name("drand")
        .operation_name("round")
        .endpoint_url(relay)
        .http_client(https())
        .no_auth()
        .no_retry()
        .sleep_impl(TokioSleep)
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(PATIENCE).build())
        .serializer(request)
        .deserializer(read)
        .build();
    // The body may arrive more slowly than the headers.
    let asked = tokio::time::timeout(PATIENCE, call.invoke(format!("/{CHAIN}/public/{round}")));
    let said = asked.await.map_err(|_| NoRound::NoAnswer(format!("no answer within {} s", PATIENCE.as_secs())))?;
    let body = said.map_err(|error| {
        let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        NoRound::NoAnswer(causes.map(ToString::to_string).collect::<Vec<_>>().join(": "))
    })?;
    let said: RelayRound = serde_json::from_slice(&body).map_err(|error| NoRound::NotARound(error.to_string()))?;
    if said.round != round {
        return Err(NotBelieved::Round { expected: round, got: said.round }.into());
    }
    beacon::verify(round, &said.signature)?;
    let chain = CHAIN.parse().map_err(|_| NoRound::NotARound("of no chain".to_owned()))?;
    Ok(Drawn::Beacon { chain, round, signature: said.signature })
}

fn read(response: &HttpResponse) -> Result<Vec<u8>, OrchestratorError<NoRound>> {
    let body = response.body().bytes().unwrap_or_default();
    if !response.status().is_success() {
        let status = response.status().as_u16();
        return Err(OrchestratorError::operation(NoRound::NoAnswer(format!("it answers {status}"))));
    }
    if body.len() > MOST_BYTES {
        let words = format!("{} bytes; at most {MOST_BYTES} are read", body.len());
        return Err(OrchestratorError::operation(NoRound::NotARound(words)));
    }
    Ok(body.to_vec())
}

#[derive(Debug)]
struct TokioSleep;

impl AsyncSleep for TokioSleep {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(tokio::time::sleep(duration))
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    const SIGNATURE: &str =
        "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39";

    /// A relay that gives this answer to every request.
    async fn relay(status: &'static str, body: String) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                let mut asked = vec![0; 4_096];
                let read = stream.read(&mut asked).await.unwrap();
                let line = String::from_utf8_lossy(&asked[..read]).into_owned();
                assert!(line.starts_with(&format!("GET /{CHAIN}/public/1000 HTTP/1.1\r\n")), "{line}");
                assert!(!line.to_lowercase().contains("authorization"), "nobody signs this: {line}");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        address
    }

    fn round(round: u64, signature: &str) -> String {
        serde_json::json!({"round": round, "randomness": "ff", "signature": signature}).to_string()
    }

    #[tokio::test]
    async fn the_first_relay_that_tells_the_truth_is_believed_and_no_other() {
        let other = "b33bf3667cbd5a82de3a24b4e0e9fe5513cc1a0e840368c6e31f5fcfa79bea03f73896b25883abf2853d10337fb8fa41";
        let relays = [
            "http://127.0.0.1:9".to_owned(),
            relay("500 Internal Server Error", String::new()).await,
            relay("200 OK", "<html>".to_owned()).await,
            relay("200 OK", "x".repeat(5_000)).await,
            relay("200 OK", round(1_001, other)).await,
            relay("200 OK", round(1_000, other)).await,
        ];
        let liars = Relays::new(&relays.join(","));
        assert_eq!(liars.round(1_000).await, None);
        let why = |at: usize| {
            let relay = relays[at].clone();
            async move { ask(&relay, 1_000).await.unwrap_err().to_string() }
        };
        assert!(why(1).await.contains("it answers 500"), "{}", why(1).await);
        assert!(why(2).await.contains("the answer is no round"), "{}", why(2).await);
        assert!(why(3).await.contains("at most 4096"), "{}", why(3).await);
        assert_eq!(why(4).await, "it is round 1001; expected round 1000, which was announced");
        assert_eq!(why(5).await, "the signature is not quicknet's signature of round 1000");
        let honest = relay("200 OK", round(1_000, SIGNATURE)).await;
        let found = Relays::new(&format!("{},{honest}/", relays.join(" , "))).round(1_000).await.unwrap();
        let Drawn::Beacon { round, signature, .. } = found else { panic!("{found:?}") };
        assert_eq!((round, signature.to_string().as_str()), (1_000, SIGNATURE));
    }
}
