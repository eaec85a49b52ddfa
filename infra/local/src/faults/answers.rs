//! Errors with the wording of S3 and DynamoDB.

use bytes::Bytes;
use http::{Response, StatusCode, header};
use serde_json::{Value, json};

use super::{Outcome, Service};

/// Returns the service's answer to a request that it did not carry out.
pub(super) fn refused(service: Service, outcome: Outcome, operation: &str, body: &[u8]) -> Response<Bytes> {
    match (service, outcome) {
        (Service::S3, Outcome::TooMany) => {
            storage(StatusCode::SERVICE_UNAVAILABLE, "SlowDown", "Please reduce your request rate.")
        }
        (Service::S3, _) => storage(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalError",
            "We encountered an internal error. Please try again.",
        ),
        (Service::DynamoDb, Outcome::Conflict) => conflict(body),
        (Service::DynamoDb, Outcome::TooMany) if operation == "TransactWriteItems" => table(
            StatusCode::BAD_REQUEST,
            "ThrottlingException",
            "Rate of requests exceeds the allowed throughput.",
            &json!({}),
        ),
        (Service::DynamoDb, Outcome::TooMany) => table(
            StatusCode::BAD_REQUEST,
            "ProvisionedThroughputExceededException",
            "The level of configured provisioned throughput for the table was exceeded.",
            &json!({}),
        ),
        (Service::DynamoDb, _) => {
            table(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", "Internal server error", &json!({}))
        }
    }
}

/// Returns an error of S3: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
fn storage(status: StatusCode, code: &str, message: &str) -> Response<Bytes> {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>\
         <RequestId>FAULT</RequestId><HostId>FAULT</HostId></Error>"
    );
    answer(status, "application/xml", body)
}

/// Returns the error of a transaction that lost against another: one reason for each of its items, as the service gives them.
fn conflict(body: &[u8]) -> Response<Bytes> {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let items = request["TransactItems"].as_array().map_or(1, Vec::len).max(1);
    let reasons: Vec<_> = (0..items)
        .map(|i| match i {
            0 => json!({"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}),
            _ => json!({"Code": "None"}),
        })
        .collect();
    let codes = vec!["None"; items - 1].join(", ");
    let message = format!(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict{}{codes}]",
        if items > 1 { ", " } else { "" }
    );
    let more = json!({ "CancellationReasons": reasons });
    table(StatusCode::BAD_REQUEST, "TransactionCanceledException", &message, &more)
}

fn table(status: StatusCode, code: &str, message: &str, more: &Value) -> Response<Bytes> {
    let mut body = more.clone();
    body["__type"] = json!(format!("com.amazonaws.dynamodb.v20120810#{code}"));
    body["message"] = json!(message);
    body["Message"] = json!(message);
    answer(status, "application/x-amz-json-1.0", body.to_string())
}

fn answer(status: StatusCode, kind: &str, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    if let Ok(kind) = header::HeaderValue::from_str(kind) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
}
