//! Metrics for CloudWatch, which extracts them from the log (its embedded metric format): each is a separate line of JSON. A metric says
//! how many or how long, and for photos the state; it never identifies a photo or a person.
//!
//! Metrics are written only in functions that call [`begin`]; elsewhere [`tell`] does nothing. `infra/aws/metrics.json` lists them for the
//! alarms. <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::{
    io::{self, Write},
    sync::OnceLock,
};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::domain::State;

/// The installation's name, which is the metrics' namespace in CloudWatch.
static NAMESPACE: OnceLock<String> = OnceLock::new();

/// A metric with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// The number of photos that entered a state.
    Moved(State, usize),
    /// The time from the storage of a photo's file until the photo waits for a decision.
    UploadToPending(SignedDuration),
    /// The time from a decision to its effect: a photo is public, or a public photo is gone, from edges too.
    DecisionToEffect(SignedDuration),
    /// How long the photo that has waited longest for a decision has waited; zero if none waits.
    OldestWaits(SignedDuration),
    /// How late the most overdue erasure is; zero if none is due.
    OutboxLate(SignedDuration),
}

impl Figure {
    /// The names of all metrics, each with the names of its dimensions, as `infra/aws/metrics.json` lists them.
    pub const NAMES: [(&str, &[&str]); 5] = [
        ("PhotosMoved", &["State"]),
        ("UploadToPending", &[]),
        ("DecisionToEffect", &[]),
        ("OldestWaits", &[]),
        ("OutboxLate", &[]),
    ];

    /// Returns the metric's line for CloudWatch.
    fn line(self, namespace: &str, at: Timestamp) -> Value {
        let (name, unit, value, state) = match self {
            Self::Moved(state, photos) => ("PhotosMoved", "Count", json!(photos), Some(state)),
            Self::UploadToPending(took) => ("UploadToPending", "Milliseconds", milliseconds(took), None),
            Self::DecisionToEffect(took) => ("DecisionToEffect", "Milliseconds", milliseconds(took), None),
            Self::OldestWaits(age) => ("OldestWaits", "Milliseconds", milliseconds(age), None),
            Self::OutboxLate(late) => ("OutboxLate", "Milliseconds", milliseconds(late), None),
        };
        let dimensions: &[&str] = if state.is_some() { &["State"] } else { &[] };
        let mut line = json!({
            "_aws": {
                "Timestamp": at.as_millisecond(),
                "CloudWatchMetrics": [{
                    "Namespace": namespace,
                    "Dimensions": [dimensions],
                    "Metrics": [{ "Name": name, "Unit": unit }],
                }],
            },
        });
        line[name] = value;
        if let Some(state) = state {
            line["State"] = state.as_str().into();
        }
        line
    }
}

/// Converts to whole milliseconds; zero if the duration is negative, because two clocks disagree.
fn milliseconds(duration: SignedDuration) -> Value {
    json!(duration.as_millis().max(0))
}

/// Enables the writing of metrics, for the installation called `name`. Only the first call has an effect.
pub fn begin(name: &str) {
    NAMESPACE.get_or_init(|| name.to_owned());
}

/// Writes a metric for the instant `at`.
pub fn tell(figure: Figure, at: Timestamp) {
    let Some(namespace) = NAMESPACE.get() else { return };
    let line = format!("{}\n", figure.line(namespace, at));
    // If the log cannot be written, nothing can be done about it.
    drop(io::stdout().lock().write_all(line.as_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_as_cloudwatch_reads_it() {
        let at = "2027-03-05T12:00:00.250Z".parse().unwrap();
        let moved = Figure::Moved(State::Published, 3).line("photo-day", at);
        insta::assert_json_snapshot!(moved, @r#"
        {
          "PhotosMoved": 3,
          "State": "published",
          "_aws": {
            "CloudWatchMetrics": [
              {
                "Dimensions": [
                  [
                    "State"
                  ]
                ],
                "Metrics": [
                  {
                    "Name": "PhotosMoved",
                    "Unit": "Count"
                  }
                ],
                "Namespace": "photo-day"
              }
            ],
            "Timestamp": 1804248000250
          }
        }
        "#);
        let late = Figure::OutboxLate(SignedDuration::from_secs(-1)).line("photo-day", at);
        assert_eq!(
            (&late["OutboxLate"], &late["_aws"]["CloudWatchMetrics"][0]["Dimensions"]),
            (&json!(0), &json!([[]]))
        );
    }

    #[test]
    fn every_figure_is_listed_for_the_alarms_with_its_dimensions() {
        let listed: Value = serde_json::from_str(include_str!("../../../infra/aws/metrics.json")).unwrap();
        let of_ours = |key: &str| key.strip_prefix("{name} ").map(str::to_owned);
        let ours: Vec<_> = listed.as_object().unwrap().keys().filter_map(|key| of_ours(key)).collect();
        let mut names = Figure::NAMES.map(|(name, _)| name.to_owned()).to_vec();
        names.sort_unstable();
        assert_eq!(ours, names);
        let took = SignedDuration::from_secs(1);
        let figures = [
            Figure::Moved(State::Pending, 1),
            Figure::UploadToPending(took),
            Figure::DecisionToEffect(took),
            Figure::OldestWaits(took),
            Figure::OutboxLate(took),
        ];
        for ((name, dimensions), figure) in Figure::NAMES.iter().zip(figures) {
            let line = figure.line("photo-day", "2027-03-05T12:00:00Z".parse().unwrap());
            let told = &line["_aws"]["CloudWatchMetrics"][0];
            assert_eq!((&told["Metrics"][0]["Name"], &told["Dimensions"]), (&json!(name), &json!([dimensions])));
            assert_eq!(listed[format!("{{name}} {name}")]["dimensions"], json!(dimensions), "{name}");
            assert!(line[*name].is_u64() && dimensions.iter().all(|dimension| line[*dimension].is_string()), "{line}");
        }
    }
}
