//! The events with which the function is called.
//!
//! A schedule names a task. An alarm arrives as a message from SNS, of which two members are read here: the crate with the complete types
//! depends on a date library of its own.

use serde::Deserialize;

use crate::Task;

/// An event, from the schedule or from the alarm that takes the site offline.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Event {
    /// A task, as the schedule names it.
    Task(Task),
    /// Messages from SNS.
    Messages {
        /// The messages.
        #[serde(rename = "Records")]
        records: Vec<Record>,
    },
}

/// A message from SNS.
#[derive(Debug, Deserialize)]
pub struct Record {
    #[serde(rename = "Sns")]
    sns: Sns,
}

#[derive(Debug, Deserialize)]
struct Sns {
    #[serde(rename = "Message")]
    message: String,
}

/// The alarm in a message that CloudWatch sends.
#[derive(Debug, Deserialize)]
struct Alarm {
    #[serde(rename = "NewStateValue")]
    state: String,
}

impl Event {
    /// Returns the task that the event asks for; `None` if no message is about an alarm that is in the state `ALARM`.
    pub fn task(&self) -> Option<Task> {
        match self {
            Self::Task(task) => Some(*task),
            Self::Messages { records } => {
                let rings = |record: &Record| {
                    serde_json::from_str::<Alarm>(&record.sns.message).is_ok_and(|alarm| alarm.state == "ALARM")
                };
                records.iter().any(rings).then_some(Task::Offline)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn task(event: Value) -> Option<Task> {
        serde_json::from_value::<Event>(event).unwrap().task()
    }

    /// Builds an event as SNS delivers what CloudWatch sends.
    fn message(message: &str) -> Value {
        json!({ "Records": [{
            "EventVersion": "1.0",
            "EventSource": "aws:sns",
            "EventSubscriptionArn": "arn:aws:sns:us-east-1:123456789012:techognition-offline:0",
            "Sns": {
                "Type": "Notification", "MessageId": "1", "TopicArn": "arn:aws:sns:us-east-1:123456789012:techognition-offline",
                "Subject": "ALARM", "Message": message, "Timestamp": "2027-03-05T12:00:00.000Z", "SignatureVersion": "1",
                "MessageAttributes": {},
            },
        }] })
    }

    #[test]
    fn an_alarm_that_rings_takes_the_site_offline_and_nothing_else_does() {
        let alarm = |state: &str| {
            let words = json!({ "AlarmName": "techognition-egress-offline", "NewStateValue": state, "Trigger": { "Period": 3600 } });
            task(message(&words.to_string()))
        };
        assert_eq!(alarm("ALARM"), Some(Task::Offline));
        assert_eq!((alarm("OK"), alarm("INSUFFICIENT_DATA")), (None, None));
        assert_eq!(task(message("somebody tries the topic out")), None);
        assert_eq!(task(json!({ "Records": [] })), None);
    }

    #[test]
    fn the_schedule_names_its_task() {
        assert_eq!(task(json!({ "task": "sweep" })), Some(Task::Sweep));
        assert_eq!(task(json!({ "task": "offline" })), Some(Task::Offline));
        assert!(serde_json::from_value::<Event>(json!({ "task": "swep" })).is_err());
    }
}
