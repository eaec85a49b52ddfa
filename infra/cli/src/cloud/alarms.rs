//! Subscriptions to alarms: the one call of SNS's API (version 2010-03-31) that says whether their recipients have confirmed them.

use anyhow::{Context, Result};
use aws_config::SdkConfig;
use quick_xml::{Reader, events::Event};
use shared::store::signed::{Request, SNS, SignedClient};

use super::{functions::said, settings::Cloud};

/// The topics of an account, in the site's region and in the region of the edge's alarms.
#[derive(Clone, Debug)]
pub struct AlarmsApi {
    here: SignedClient,
    edge: SignedClient,
}

/// A topic that should have a subscription.
struct Topic {
    client: SignedClient,
    arn: String,
    /// The recipient, in words.
    told: String,
}

impl AlarmsApi {
    /// Builds the client from the configurations of the two regions.
    pub fn new(here: &SdkConfig, edge: &SdkConfig) -> Self {
        Self { here: SignedClient::new(SNS, here), edge: SignedClient::new(SNS, edge) }
    }

    /// Returns what is wrong with the subscriptions of the recipients in the settings, one sentence each; `None` if the settings name no
    /// recipient.
    pub async fn wrong(&self, cloud: &Cloud, account: &str) -> Result<Option<Vec<String>>> {
        let topics = self.topics(cloud, account);
        if topics.is_empty() {
            return Ok(None);
        }
        let mut wrong = Vec::new();
        for Topic { client, arn, told } in topics {
            let listed = client.send(list(&arn)).await.map_err(said);
            let listed = listed.with_context(|| format!("the subscriptions of {arn} cannot be read"))?;
            wrong.extend(judged(&told, &subscriptions(&listed)?));
        }
        Ok(Some(wrong))
    }

    fn topics(&self, cloud: &Cloud, account: &str) -> Vec<Topic> {
        let addresses = [("alarms", cloud.alarm_email.as_str()), ("call", cloud.alarm_phone.as_str())];
        let mut topics = Vec::new();
        for (topic, address) in addresses.into_iter().filter(|(_, address)| !address.is_empty()) {
            let (name, region) = (&cloud.name, cloud.region.as_str());
            let of = |region, topic: String, about| {
                (format!("arn:aws:sns:{region}:{account}:{name}-{topic}"), format!("{address}, for {about}"))
            };
            let (arn, told) = of(region, topic.to_owned(), "site");
            topics.push(Topic { client: self.here.clone(), arn, told });
            let (arn, told) = of(super::account::EDGE_REGION, format!("edge-{topic}"), "edge");
            topics.push(Topic { client: self.edge.clone(), arn, told });
        }
        topics
    }
}

/// The ARN of a subscription that has not been confirmed yet.
const PENDING: &str = "PendingConfirmation";

/// Returns what is wrong with the subscriptions of one topic, judged by their ARNs.
fn judged(told: &str, subscriptions: &[String]) -> Option<String> {
    if subscriptions.is_empty() {
        Some(format!("not subscribed: {told}"))
    } else if subscriptions.iter().any(|name| name == PENDING) {
        Some(format!("not confirmed yet: {told}"))
    } else {
        None
    }
}

fn list(topic: &str) -> Request {
    let topic = topic.replace(':', "%3A");
    Request {
        method: "POST",
        path: "/".to_owned(),
        headers: vec![("content-type", "application/x-www-form-urlencoded; charset=utf-8")],
        body: format!("Action=ListSubscriptionsByTopic&Version=2010-03-31&TopicArn={topic}").into_bytes(),
    }
}

/// Returns the ARNs of all subscriptions in an answer.
fn subscriptions(answer: &[u8]) -> Result<Vec<String>> {
    let mut reader = Reader::from_reader(answer);
    let (mut names, mut inside) = (Vec::new(), false);
    loop {
        match reader.read_event().context("SNS gave an unexpected answer")? {
            Event::Start(start) => inside = start.local_name().as_ref() == b"SubscriptionArn",
            Event::Text(text) if inside => names.push(text.decode()?.trim().to_owned()),
            Event::End(_) => inside = false,
            Event::Eof => return Ok(names),
            Event::Text(_)
            | Event::Empty(_)
            | Event::GeneralRef(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(arn: &str) -> String {
        format!(
            "<ListSubscriptionsByTopicResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><ListSubscriptionsByTopicResult>\
             <Subscriptions><member><TopicArn>arn:aws:sns:eu-west-2:1:x-alarms</TopicArn><Protocol>email</Protocol>\
             <SubscriptionArn>{arn}</SubscriptionArn><Owner>1</Owner><Endpoint>a@b.example</Endpoint></member></Subscriptions>\
             </ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>"
        )
    }

    #[test]
    fn a_subscription_that_was_not_confirmed_is_named() {
        let read = |arn: &str| judged("a@b.example", &subscriptions(answer(arn).as_bytes()).unwrap());
        assert_eq!(read("arn:aws:sns:eu-west-2:1:x-alarms:0123"), None);
        assert_eq!(read("PendingConfirmation").unwrap(), "not confirmed yet: a@b.example");
        let nobody = b"<ListSubscriptionsByTopicResult><Subscriptions/></ListSubscriptionsByTopicResult>";
        assert_eq!(judged("a@b.example", &subscriptions(nobody).unwrap()).unwrap(), "not subscribed: a@b.example");
        assert!(subscriptions(b"<a><b></a>").is_err());
    }
}
