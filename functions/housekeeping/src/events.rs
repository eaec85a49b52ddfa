//! What the function is called with.
//!
//! A schedule names a task. An alarm comes as SNS sends it, of which two members are read here: the crate that has all of them brings a
//! calendar of its own.

use serde::Deserialize;

use crate::Task;

/// An event: of the schedule, or of the alarm that takes the site offline.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Event {
    /// A task, as the schedule names it.
    Task(Task),
    /// Messages of SNS.
    Messages {
        /// The messages.
        #[serde(rename = "Records")]
        records: Vec<Record>,
    },
}

/// A message of SNS.
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

/// What CloudWatch writes into a message about an alarm.
#[derive(Debug, Deserialize)]
struct Alarm {
    #[serde(rename = "NewStateValue")]
    state: String,
}

impl Event {
    /// The task that the event asks for; `None` for messages of which none is about an alarm that rings.
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

    /// As SNS delivers what CloudWatch says.
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
