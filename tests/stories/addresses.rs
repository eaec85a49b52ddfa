//! Addresses that nobody's browser would ask for: each gets an answer, none a fault, and none more than its caller may see.

use std::collections::BTreeSet;

use http::{Method, Uri};
use shared::domain::states::{Duty, Role};
use tests::{
    Answer, TestSystem,
    photos::small,
    routes,
    system::{Setting, Throttling},
};

/// Ways to write an address in another way than it is meant, made of one that is there.
fn twisted(address: &str) -> Vec<String> {
    let (path, last) = address.rsplit_once('/').unwrap();
    let mut all: Vec<String> = [
        ";jsessionid=1",
        ";/x",
        "%3Bx",
        "/",
        "//",
        "/.",
        "/..",
        "/%2e%2e",
        "/../../",
        "%2F",
        "%2f..%2f..",
        "%00",
        "%0a",
        "%0d%0aX-Sent:%201",
        "%20",
        "+",
        "%",
        "%zz",
        "%c0%af",
        "%ff",
        "%F0%9F%92%8E",
        ".json",
        ".jpg",
        ".html",
        ".php",
        "~",
        "*",
        "'",
        "\"",
        "%3Cscript%3E",
        "?",
        "??",
        "?&&&",
        "?=",
        "?%00=%00",
        "?a[]=1&a[]=2",
        "?colour=blue",
        "?utm_source=a&utm_medium=b&fbclid=c",
        "?limit=",
        "?limit=-1",
        "?limit=0",
        "?limit=49",
        "?limit=99999999999999999999",
        "?limit=1&limit=2",
        "?after=",
        "?after=%00",
        "?edition=",
        "?edition=..%2F",
        "?edition=2027&edition=2026",
        "?half=2027-02-30T09:30Z",
        "?half=x",
        "?q=",
        "?since=-1",
        "?since=9223372036854775808",
        "?lane=normal&lane=held",
        "?next=//evil.example",
    ]
    .iter()
    .map(|more| format!("{address}{more}"))
    .collect();
    all.extend([
        format!("/{address}"),
        format!("{path}//{last}"),
        format!("{path}/./{last}"),
        format!("{path}/x/../{last}"),
        format!("{path}%2F{last}"),
    ]);
    all.push(address.to_uppercase());
    all.push(format!("{address}?q={}", "a".repeat(3_000)));
    all
}

/// Whether an answer is one that somebody thought of.
fn sound(answer: &Answer, address: &str) {
    assert!(answer.status.as_u16() < 500, "{address}: {} {}", answer.status, answer.text());
    assert_eq!(answer.headers.get("x-sent"), None, "{address}");
    for value in answer.headers.get_all("location") {
        let to = value.to_str().unwrap_or("not text");
        let ours = to.starts_with('/') && !to.starts_with("//") && !to.starts_with("/\\");
        assert!(ours, "{address} leads to {to}");
    }
}

/// What is answered; `None` if the address is one that our client cannot send.
async fn ask(system: &TestSystem, address: &str) -> Option<Answer> {
    let whole = format!("{}{address}", system.laptop.site);
    whole.parse::<Uri>().ok()?;
    Some(system.client.undescribed().send(Method::GET, &whole, &[], "").await)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_written_in_another_way_is_answered_and_shows_nobody_more() {
    let system = TestSystem::with(Setting { throttling: Throttling::Off, ..Setting::default() }).await;
    let (device, moderator) = (system.device(), system.moderator().await);
    let ids = device.add(&[small(1), small(2)]).await;
    moderator.publish(&ids[..1]).await;
    let waiting = &ids[1];
    let (mut tried, mut statuses) = (0, BTreeSet::new());
    for route in routes::read() {
        for address in routes::addresses(&route, &ids[..1], "sample-academy") {
            for twisted in twisted(&address) {
                let Some(answer) = ask(&system, &twisted).await else { continue };
                sound(&answer, &twisted);
                assert!(!answer.text().contains(waiting), "{twisted} names a photo that waits");
                statuses.insert(answer.status.as_u16());
                tried += 1;
            }
        }
    }
    println!("{tried} addresses: {statuses:?}");
    assert!(tried > 3_000, "{tried}");
    // Written in another way, it still asks for a session.
    let queue = ["/moderation/queue", "/api/v1/moderation/queue", "/organiser", "/api/v1/organiser/people"];
    for address in queue.iter().flat_map(|address| twisted(address)) {
        let Some(answer) = ask(&system, &address).await else { continue };
        assert!(answer.status != 200 || !answer.text().contains("data-queue"), "{address}: {}", answer.text());
        assert!(!answer.text().contains("\"photos\":[{\"id\""), "{address}");
    }
    assert!(system.audit().await.differences.is_zero());
}

/// The calls that read a query and that one caller alone gets: those see every name that was sent.
const READ_A_QUERY: [&str; 3] = ["/api/v1/moderation/queue", "/api/v1/organiser/export", "/api/v1/uploads"];

#[tokio::test(flavor = "multi_thread")]
async fn a_name_in_a_query_that_is_not_known_is_refused_where_a_query_is_read_and_changes_nothing_elsewhere() {
    let system = TestSystem::open().await;
    let (device, lead) = (system.device(), system.member_with(Role::Owner, &[Duty::Safeguarding]).await);
    let id = device.add(&[small(1)]).await;
    lead.publish(&id).await;
    let owner = system.person(Role::Owner, &[]).await;
    let mut browser = system.browser(&owner).await;
    browser.make_passkey().await.unwrap();
    let mut refused = BTreeSet::new();
    for route in routes::read().iter().filter(|route| route.starts_with("/api/")) {
        for address in routes::addresses(route, &id, "sample-academy") {
            let needed = match address.as_str() {
                "/api/v1/schools" => "?q=sample&",
                "/api/v1/organiser/export" => "?consent=press&",
                _ => "?",
            };
            let mut statuses = Vec::new();
            for query in ["", "colour=blue"] {
                let target = format!("{address}{needed}{query}");
                let by = if route.contains("/uploads") { &device.authorization } else { &lead.authorization };
                let answer = if route.ends_with("/export") || route.ends_with("/contacts") {
                    browser.get(&target).await
                } else {
                    system.client.send(Method::GET, &target, &[("authorization", by)], "").await
                };
                statuses.push(answer.status.as_u16());
                if answer.status == 400 {
                    assert_eq!(answer.problem(), "malformed-request");
                    assert!(answer.json()["detail"].as_str().unwrap().contains("colour"), "{}", answer.text());
                    refused.insert(route.clone());
                }
            }
            // Nothing was removed, so nothing is told of a removal; and there is no draw.
            let plain = if route.ends_with("/removal") || route.contains("/draws/{id}") { 404 } else { 200 };
            assert_eq!(statuses[0], plain, "{address}");
            assert!(statuses[1] == plain || refused.contains(route), "{address}: {statuses:?}");
        }
    }
    assert_eq!(refused.iter().map(String::as_str).collect::<Vec<_>>(), READ_A_QUERY);
}
