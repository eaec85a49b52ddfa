//! Measures what the functions' requests cost, as DynamoDB itself counts it.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use serde_json::{Value, json};

/// Request units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Units {
    /// Read units.
    pub read: f64,
    /// Write units.
    pub write: f64,
}

/// Adds up what is consumed through a proxy that meters.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Mutex<Units>>);

impl Meter {
    /// Returns what was consumed since the last call.
    pub fn take(&self) -> Units {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the request with a question for its cost.
    pub(super) fn asking(body: &Bytes) -> Bytes {
        match serde_json::from_slice::<Value>(body) {
            Ok(Value::Object(mut request)) => {
                request.insert("ReturnConsumedCapacity".to_owned(), json!("TOTAL"));
                Value::Object(request).to_string().into()
            }
            Ok(_) | Err(_) => body.clone(),
        }
    }

    /// Records the cost that an answer states: one figure, or one for each table.
    pub(super) fn note(&self, operation: &str, answer: &[u8]) {
        let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
        let units = |consumed: &Value| consumed["CapacityUnits"].as_f64().unwrap_or_default();
        let consumed = &answer["ConsumedCapacity"];
        let sum = match consumed.as_array() {
            Some(tables) => tables.iter().map(units).sum(),
            None => units(consumed),
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match operation {
            "GetItem" | "BatchGetItem" | "Query" | "Scan" => all.read += sum,
            _ => all.write += sum,
        }
    }
}
