//! The AWS JSON 1.0 protocol of SQS.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-json.html>

use std::{collections::HashSet, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::{
    Message, Queues, Receive,
    rows::{ACCOUNT, Changed, Receipt, Sent},
};
use crate::Error;

/// Longest message and longest batch, in bytes.
const MAX_BYTES: usize = 1_048_576;
const MAX_DELAY_SECONDS: i64 = 900;
const MAX_VISIBILITY_SECONDS: i64 = 43_200;
const MAX_WAIT_SECONDS: i64 = 20;

/// The state of the HTTP front.
#[derive(Clone)]
pub(crate) struct Front {
    pub(crate) queues: Queues,
    /// Beginning of queue URLs, such as `http://127.0.0.1:40003`.
    pub(crate) endpoint: String,
}

/// An error with the wording of SQS.
#[derive(Debug)]
struct Fault {
    status: StatusCode,
    /// The name of the error's shape in the API's model.
    code: &'static str,
    /// The code in the older query protocol, if it differs.
    query_code: &'static str,
    message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct QueueUrl {
    queue_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct QueueName {
    queue_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessage {
    queue_url: String,
    message_body: String,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessageBatch {
    queue_url: String,
    entries: Vec<SendEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendEntry {
    id: String,
    message_body: String,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReceiveMessage {
    queue_url: String,
    max_number_of_messages: Option<i64>,
    wait_time_seconds: Option<i64>,
    visibility_timeout: Option<i64>,
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeleteMessage {
    queue_url: String,
    receipt_handle: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeleteMessageBatch {
    queue_url: String,
    entries: Vec<DeleteEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeleteEntry {
    id: String,
    receipt_handle: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ChangeMessageVisibility {
    queue_url: String,
    receipt_handle: String,
    visibility_timeout: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetQueueAttributes {
    queue_url: String,
    #[serde(default)]
    attribute_names: Vec<String>,
}

/// Builds the router of the service.
pub(crate) fn router(front: Front) -> Router {
    // A batch in JSON may be longer than its messages.
    Router::new().fallback(answer).layer(DefaultBodyLimit::max(8 * MAX_BYTES)).with_state(front)
}

/// Returns the URL of a queue.
pub(crate) fn queue_url(endpoint: &str, queue: &str) -> String {
    format!("{endpoint}/{ACCOUNT}/{queue}")
}

async fn answer(State(front): State<Front>, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let operation = target.and_then(|target| target.strip_prefix("AmazonSQS.")).unwrap_or_default();
    let result = if method == Method::POST { front.call(operation, &body).await } else { Err(unknown_operation()) };
    match result {
        Ok(output) => respond(StatusCode::OK, &output),
        Err(fault) => fault.into_response(),
    }
}

impl Front {
    async fn call(&self, operation: &str, body: &[u8]) -> Result<Value, Fault> {
        match operation {
            "SendMessage" => self.send(parse(body)?).await,
            "SendMessageBatch" => self.send_batch(parse(body)?).await,
            "ReceiveMessage" => self.receive(parse(body)?).await,
            "DeleteMessage" => self.delete(parse(body)?).await,
            "DeleteMessageBatch" => self.delete_batch(parse(body)?).await,
            "ChangeMessageVisibility" => self.change_visibility(parse(body)?).await,
            "GetQueueAttributes" => self.attributes(parse(body)?).await,
            "GetQueueUrl" => self.url(&parse(body)?),
            "PurgeQueue" => self.purge(&parse(body)?).await,
            _ => Err(unknown_operation()),
        }
    }

    async fn send(&self, input: SendMessage) -> Result<Value, Fault> {
        check_body(&input.message_body, &input.message_attributes)?;
        let delay_ms = seconds("DelaySeconds", input.delay_seconds.unwrap_or(0), MAX_DELAY_SECONDS)?;
        let sent = self.queues.send(queue(&input.queue_url), vec![(input.message_body, delay_ms)]).await?;
        let sent = sent.into_iter().next().ok_or(Error::Stopped)?;
        Ok(json!({"MessageId": sent.message_id, "MD5OfMessageBody": sent.md5_of_body}))
    }

    async fn send_batch(&self, input: SendMessageBatch) -> Result<Value, Fault> {
        check_batch(input.entries.iter().map(|entry| entry.id.as_str()))?;
        if input.entries.iter().map(|entry| entry.message_body.len()).sum::<usize>() > MAX_BYTES {
            return Err(Fault::new(
                "BatchRequestTooLong",
                format!("Batch requests cannot be longer than {MAX_BYTES} bytes."),
            ));
        }
        let (mut ids, mut bodies, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        for entry in input.entries {
            let delay = check_body(&entry.message_body, &entry.message_attributes)
                .and_then(|()| seconds("DelaySeconds", entry.delay_seconds.unwrap_or(0), MAX_DELAY_SECONDS));
            match delay {
                Ok(delay_ms) => {
                    ids.push(entry.id);
                    bodies.push((entry.message_body, delay_ms));
                }
                Err(fault) => failed.push(fault.entry(&entry.id)),
            }
        }
        let sent = self.queues.send(queue(&input.queue_url), bodies).await?;
        let row = |(id, sent): (String, Sent)| json!({"Id": id, "MessageId": sent.message_id, "MD5OfMessageBody": sent.md5_of_body});
        let successful: Vec<Value> = ids.into_iter().zip(sent).map(row).collect();
        Ok(json!({"Successful": successful, "Failed": failed}))
    }

    async fn receive(&self, input: ReceiveMessage) -> Result<Value, Fault> {
        let limit = input.max_number_of_messages.unwrap_or(1);
        let limit = usize::try_from(limit).ok().filter(|limit| (1..=10).contains(limit)).ok_or_else(|| {
            invalid(format!("Value {limit} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."))
        })?;
        let wait = seconds("WaitTimeSeconds", input.wait_time_seconds.unwrap_or(0), MAX_WAIT_SECONDS)?;
        let visibility_ms = input
            .visibility_timeout
            .map(|timeout| seconds("VisibilityTimeout", timeout, MAX_VISIBILITY_SECONDS))
            .transpose()?;
        let how = Receive { limit, wait: Duration::from_millis(wait.unsigned_abs()), visibility_ms };
        let stop = self.queues.stop.clone();
        let messages = self.queues.receive(queue(&input.queue_url), how, stop).await?;
        let mut names = input.attribute_names;
        names.extend(input.message_system_attribute_names);
        let messages: Vec<Value> = messages.into_iter().map(|message| received(message, &names)).collect();
        // If there are no messages, SQS omits the member.
        Ok(if messages.is_empty() { json!({}) } else { json!({"Messages": messages}) })
    }

    async fn delete(&self, input: DeleteMessage) -> Result<Value, Fault> {
        self.queues.get(queue(&input.queue_url))?;
        let receipt = receipt(&input.receipt_handle)?;
        self.queues.delete(queue(&input.queue_url), vec![receipt]).await?;
        Ok(json!({}))
    }

    async fn delete_batch(&self, input: DeleteMessageBatch) -> Result<Value, Fault> {
        check_batch(input.entries.iter().map(|entry| entry.id.as_str()))?;
        let (mut successful, mut receipts, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        for entry in input.entries {
            match receipt(&entry.receipt_handle) {
                Ok(receipt) => {
                    successful.push(json!({"Id": entry.id}));
                    receipts.push(receipt);
                }
                Err(fault) => failed.push(fault.entry(&entry.id)),
            }
        }
        self.queues.delete(queue(&input.queue_url), receipts).await?;
        Ok(json!({"Successful": successful, "Failed": failed}))
    }

    async fn change_visibility(&self, input: ChangeMessageVisibility) -> Result<Value, Fault> {
        let visibility_ms = seconds("VisibilityTimeout", input.visibility_timeout, MAX_VISIBILITY_SECONDS)?;
        let name = queue(&input.queue_url);
        self.queues.get(name)?;
        let receipt = receipt(&input.receipt_handle)?;
        match self.queues.change_visibility(name, receipt, visibility_ms).await? {
            Changed::Done => Ok(json!({})),
            Changed::NotInFlight => Err(Fault {
                query_code: "AWS.SimpleQueueService.MessageNotInflight",
                ..Fault::new("MessageNotInflight", "The message referred to is not in flight.".to_owned())
            }),
        }
    }

    async fn attributes(&self, input: GetQueueAttributes) -> Result<Value, Fault> {
        let queue = self.queues.get(queue(&input.queue_url))?;
        let counts = self.queues.counts(&queue.name).await?;
        let mut attributes = vec![
            ("ApproximateNumberOfMessages", counts.visible.to_string()),
            ("ApproximateNumberOfMessagesNotVisible", counts.received.to_string()),
            ("ApproximateNumberOfMessagesDelayed", counts.delayed.to_string()),
            ("VisibilityTimeout", (queue.visibility_ms / 1000).to_string()),
            ("QueueArn", arn(&queue.name)),
        ];
        if let Some(dead_letter) = &queue.dead_letter {
            let policy = json!({"deadLetterTargetArn": arn(dead_letter), "maxReceiveCount": queue.max_receive_count});
            attributes.push(("RedrivePolicy", policy.to_string()));
        }
        let all = input.attribute_names.iter().any(|name| name == "All");
        let wanted = |name: &str| all || input.attribute_names.iter().any(|wanted| wanted == name);
        let chosen: Map<String, Value> = attributes
            .into_iter()
            .filter(|(name, _)| wanted(name))
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        Ok(json!({"Attributes": chosen}))
    }

    fn url(&self, input: &QueueName) -> Result<Value, Fault> {
        let queue = self.queues.get(&input.queue_name)?;
        Ok(json!({"QueueUrl": queue_url(&self.endpoint, &queue.name)}))
    }

    async fn purge(&self, input: &QueueUrl) -> Result<Value, Fault> {
        self.queues.purge(queue(&input.queue_url)).await?;
        Ok(json!({}))
    }
}

impl Fault {
    fn new(code: &'static str, message: String) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, query_code: code, message }
    }

    /// Returns the error as the failure of one entry of a batch.
    fn entry(&self, id: &str) -> Value {
        json!({"Id": id, "SenderFault": true, "Code": self.query_code, "Message": self.message})
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::NoSuchQueue(_) => Self {
                query_code: "AWS.SimpleQueueService.NonExistentQueue",
                ..Self::new("QueueDoesNotExist", "The specified queue does not exist.".to_owned())
            },
            Error::Database(_) | Error::Transaction(_) | Error::File(_) | Error::Load(_) | Error::Stopped => {
                tracing::error!(error = &error as &dyn std::error::Error, "SQS could not answer");
                let message = "The request processing has failed because of an unknown error.".to_owned();
                Self { status: StatusCode::INTERNAL_SERVER_ERROR, ..Self::new("InternalFailure", message) }
            }
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let body = json!({"__type": format!("com.amazonaws.sqs#{}", self.code), "message": self.message});
        let mut response = respond(self.status, &body);
        let side = if self.status.is_server_error() { "Receiver" } else { "Sender" };
        if let Ok(value) = HeaderValue::try_from(format!("{};{side}", self.query_code)) {
            response.headers_mut().insert("x-amzn-query-error", value);
        }
        response
    }
}

fn respond(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.0")], body.to_string()).into_response()
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(body).map_err(|error| Fault::new("SerializationException", error.to_string()))
}

fn unknown_operation() -> Fault {
    Fault::new("UnknownOperationException", "The operation is not one that is implemented.".to_owned())
}

fn invalid(message: String) -> Fault {
    Fault::new("InvalidParameterValue", message)
}

/// Returns the queue's name in a URL, whatever host the URL names.
fn queue(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

fn arn(queue: &str) -> String {
    format!("arn:aws:sqs:{}:{ACCOUNT}:{queue}", crate::services::REGION)
}

fn receipt(handle: &str) -> Result<Receipt, Fault> {
    Receipt::parse(handle).ok_or_else(|| {
        Fault::new(
            "ReceiptHandleIsInvalid",
            format!("The input receipt handle \"{handle}\" is not a valid receipt handle."),
        )
    })
}

/// Converts seconds to milliseconds. An error if they are not within 0 and `most`.
fn seconds(name: &str, value: i64, most: i64) -> Result<i64, Fault> {
    if (0..=most).contains(&value) {
        return Ok(value * 1000);
    }
    Err(invalid(format!(
        "Value {value} for parameter {name} is invalid. Reason: Must be >= 0 and <= {most}, if provided."
    )))
}

fn check_body(body: &str, attributes: &Map<String, Value>) -> Result<(), Fault> {
    if body.is_empty() || body.len() > MAX_BYTES {
        return Err(invalid(format!(
            "One or more parameters are invalid. Reason: Message must be 1 to {MAX_BYTES} bytes."
        )));
    }
    let allowed =
        |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    if !body.chars().all(allowed) {
        let message = "Invalid binary character was found in the message body.".to_owned();
        return Err(Fault::new("InvalidMessageContents", message));
    }
    if !attributes.is_empty() {
        return Err(Fault::new("UnsupportedOperation", "Message attributes are not implemented.".to_owned()));
    }
    Ok(())
}

fn check_batch<'a>(ids: impl ExactSizeIterator<Item = &'a str>) -> Result<(), Fault> {
    let count = ids.len();
    if count == 0 {
        let message = "There should be at least one entry in the request.".to_owned();
        return Err(Fault {
            query_code: "AWS.SimpleQueueService.EmptyBatchRequest",
            ..Fault::new("EmptyBatchRequest", message)
        });
    }
    if count > 10 {
        let message = format!("Maximum number of entries per request are 10. You have sent {count}.");
        return Err(Fault::new("TooManyEntriesInBatchRequest", message));
    }
    if ids.collect::<HashSet<_>>().len() != count {
        return Err(Fault::new("BatchEntryIdsNotDistinct", "Two or more batch entries have the same Id.".to_owned()));
    }
    Ok(())
}

fn received(message: Message, names: &[String]) -> Value {
    let all = names.iter().any(|name| name == "All");
    let attributes: Map<String, Value> = message
        .attributes
        .into_iter()
        .filter(|(name, _)| all || names.contains(name))
        .map(|(name, value)| (name, value.into()))
        .collect();
    let mut json = json!({
        "MessageId": message.message_id,
        "ReceiptHandle": message.receipt_handle,
        "MD5OfBody": message.md5_of_body,
        "Body": message.body,
    });
    if !attributes.is_empty() {
        json["Attributes"] = attributes.into();
    }
    json
}
