//! Words that try to be more than words: a few hundred of them in every field that somebody writes into, on every page that shows it.

use std::collections::BTreeSet;

use http::Method;
use serde_json::json;
use shared::domain::states::{Duty, Role};
use tests::{
    TestSystem,
    people::batch,
    photos::small,
    routes,
    system::{Setting, Throttling, within},
};

/// What would leave the place in which words stand.
const BREAKS: [&str; 14] = [
    "",
    "\">",
    "'>",
    "\" ",
    "' ",
    "-->",
    "]]>",
    "</title>",
    "</textarea>",
    "</script>",
    "</style>",
    "</p></main>",
    "&quot;>",
    "\\u003c/script>",
];
/// What would be done from there. Every attribute is called `zq…`, so that it is known for nobody's but ours.
const DEEDS: [&str; 21] = [
    "<script zqa=1>zq()</script>",
    "<img zqb=1 src=x onerror=zq()>",
    "<svg/zqc=1/onload=zq()>",
    "<a zqd=1 href=javascript:zq()>x</a>",
    "<iframe zqe=1 srcdoc='<script>zq()</script>'>",
    "<math zqf=1><mi xlink:href=javascript:zq()>",
    "<body zqg=1 onload=zq()>",
    "<input zqh=1 autofocus onfocus=zq()>",
    "<details zqi=1 open ontoggle=zq()>",
    "<style zqj=1>@import'//evil.example'</style>",
    "<base zqk=1 href=//evil.example/>",
    "<meta zql=1 http-equiv=refresh content=0>",
    "<form zqm=1 action=//evil.example>",
    "<object zqn=1 data=javascript:zq()>",
    "<template zqo=1><s>x",
    "<!--<img zqp=1 src=x>",
    "<zqq onclick=zq()>x</zqq>",
    "zqr=1 onmouseover=zq() autofocus tabindex=1",
    "<scr\u{0}ipt zqs=1>zq()</script>",
    "＜script zqt=1＞zq()＜/script＞",
    "{{zqu}} ${zqu} <%= zqu %> %3Cscript%3E &#60;script&#62;",
];

fn payloads() -> Vec<String> {
    DEEDS.iter().flat_map(|deed| BREAKS.iter().map(move |start| format!("{start}{deed}"))).collect()
}

/// The elements of a page and their attributes, as a browser's parser would find them, and the addresses to which attributes lead.
/// Comments and declarations are told as such, and what stands between the tags of a script or a style is not looked into.
fn elements(html: &str) -> (BTreeSet<String>, Vec<String>) {
    let (mut names, mut addresses) = (BTreeSet::new(), Vec::new());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            names.insert("a comment".to_owned());
            continue;
        }
        let end = rest.starts_with('/');
        let inside = rest.trim_start_matches('/');
        if !inside.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let name_end = inside.find(|c: char| c.is_whitespace() || c == '>' || c == '/').unwrap_or(inside.len());
        let name = inside[..name_end].to_lowercase();
        rest = &inside[name_end..];
        names.insert(name.clone());
        // Attributes, up to the end of the tag.
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            if rest.is_empty() {
                break;
            }
            if let Some(after) = rest.strip_prefix('>') {
                rest = after;
                break;
            }
            let key_end = rest.find(|c: char| c.is_whitespace() || "=>/".contains(c)).unwrap_or(rest.len()).max(1);
            let key_end = (key_end..=rest.len()).find(|i| rest.is_char_boundary(*i)).unwrap_or(rest.len());
            let key = rest[..key_end].to_lowercase();
            rest = rest[key_end..].trim_start();
            let mut value = "";
            if let Some(after) = rest.strip_prefix('=') {
                let after = after.trim_start();
                let quote = after.chars().next().filter(|c| "\"'".contains(*c));
                (value, rest) = match quote {
                    Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                    None => after.split_at(after.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(after.len())),
                };
            }
            if ["href", "src", "action", "formaction", "data", "srcdoc", "content", "srcset"].contains(&&*key) {
                addresses.push(value.trim().to_lowercase());
            }
            names.insert(format!("{name} {key}"));
        }
        if !end && ["script", "style", "textarea", "title"].contains(&&*name) {
            let close = rest.to_lowercase().find(&format!("</{name}"));
            rest = close.map_or("", |at| &rest[at..]);
        }
    }
    (names, addresses)
}

/// No element, attribute or address of these words is in a page.
fn harmless(page: &str, html: &str) {
    let (names, addresses) = elements(html);
    let ours: Vec<_> = names.iter().filter(|name| name.contains("zq") || name.contains(" on")).collect();
    assert!(ours.is_empty(), "{page}: {ours:?}");
    let led: Vec<_> = addresses
        .iter()
        .filter(|to| to.starts_with("javascript:") || to.starts_with("//evil") || to.starts_with("data:text"))
        .collect();
    assert!(led.is_empty(), "{page}: {led:?}");
    for forbidden in ["iframe", "object", "math"] {
        assert!(!names.contains(forbidden), "{page} has {forbidden}");
    }
}

#[test]
fn elements_are_found_wherever_words_have_become_some() {
    for deed in &DEEDS[..17] {
        let found = elements(&format!("<p class=\"a\">{deed}")).0;
        assert!(found.iter().any(|name| name.contains("zq") || name == "a comment"), "{deed}: {found:?}");
    }
    for page in [
        "<img alt=\"x\" zqr=1 onmouseover=zq() tabindex=1\">",
        "<title>x</title><img zqb=1>",
        "<script>var a='</script><img zqb=1>'",
        "<input value='' zqr=1>",
    ] {
        assert!(elements(page).0.iter().any(|name| name.contains("zq")), "{page}");
    }
    for page in [
        "<p title=\"&lt;img zqb=1>\">&lt;img zqb=1&gt;</p>",
        "<title><img zqb=1></title>",
        "<script>'<img zqb=1>'</script>",
    ] {
        assert!(!elements(page).0.iter().any(|name| name.contains("zq")), "{page}");
    }
}

/// The beginning of a text: as many characters as a field takes.
fn fit(text: &str, limit: usize) -> String {
    text.chars().take(limit).collect()
}

/// Sends 40 photos whose fields are full of such words, each word in one of them; answers with their ids.
async fn send(system: &TestSystem, words: impl Fn(usize) -> String, count: usize) -> Vec<String> {
    let (caption, alt, credit, school) = (200, 200, 60, 100);
    let mut sent = Vec::new();
    let each = count.div_ceil(8);
    for batch_n in 0..8 {
        let device = system.device();
        let files: Vec<_> = (0..5).map(|n| small(u32::try_from(batch_n * 5 + n).unwrap())).collect();
        let mut asked = batch(&files);
        asked["credit"] = json!(fit(&words(batch_n * 37), credit));
        asked["school"] = json!({"name": fit(&format!("{} School", words(batch_n * 31 + 3)), school)});
        for n in 0..5 {
            // Several, where they fit: those of this batch, in turns.
            let own: Vec<_> = (0..each).filter(|i| i % 5 == n).map(|i| words(batch_n * each + i)).collect();
            asked["photos"][n]["caption"] = json!(fit(&own.join(" "), caption));
            asked["photos"][n]["alt"] = json!(fit(&own.iter().rev().cloned().collect::<Vec<_>>().join(" "), alt));
        }
        let answer = device.request(&asked).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let reserved = answer.json()["photos"].as_array().unwrap().clone();
        for (photo, file) in reserved.iter().zip(&files) {
            assert_eq!(device.put(photo, file).await.status, 200, "{photo}");
        }
        sent.push((device, reserved));
    }
    let mut ids = Vec::new();
    for (device, reserved) in &sent {
        for photo in reserved {
            let id = photo["id"].as_str().unwrap().to_owned();
            device.until(&id, "pending").await;
            ids.push(id);
        }
    }
    ids
}

/// What others put on pages of their own has none of these words as elements.
async fn embedded(system: &TestSystem, ids: &[String]) {
    for id in ids {
        let page = format!("{}/p/{id}", system.laptop.site).replace(':', "%3A").replace('/', "%2F");
        let answer = system.client.get(&format!("/oembed?url={page}")).await;
        if answer.status == 200 {
            let html = answer.json()["html"].as_str().unwrap_or_default().to_owned();
            assert!(!elements(&html).0.iter().any(|name| name.contains("zq")), "{html}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_words_that_try_to_be_more_are_words_on_every_page() {
    let system = TestSystem::with(Setting { throttling: Throttling::Off, ..Setting::default() }).await;
    let payloads = payloads();
    let words = |n: usize| payloads[n % payloads.len()].clone();
    let ids = send(&system, words, payloads.len()).await;
    let hostile = words(1);
    let owner = system.person(Role::Owner, &[Duty::Safeguarding]).await;
    let mut browser = system.browser(&owner).await;
    browser.make_passkey().await.unwrap();
    let mut seen = 0;
    let mut look = async |page: &str| {
        let answer = browser.get(page).await.unpacked();
        if answer.header("content-type").starts_with("text/html") {
            harmless(page, &answer.text());
            let policy = answer.header("content-security-policy").to_owned();
            assert!(policy.contains("script-src") && !policy.contains("unsafe"), "{page}: {policy}");
            seen += 1;
        } else {
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{page}");
        }
        answer
    };
    // While they wait, in every lane.
    for lane in ["normal", "held", "reported", "unseen"] {
        assert_eq!(look(&format!("/moderation/queue?lane={lane}")).await.status, 200);
    }
    let decide = async |ids: &[String], version: u64, action: &str, reason: &str| {
        for ids in ids.chunks(48) {
            let all: Vec<_> = ids
                .iter()
                .map(|id| json!({"id": id, "version": version, "action": action, "reason": reason}))
                .collect();
            let answer = browser.call(Method::POST, "/api/v1/moderation/decisions", &json!({"decisions": all})).await;
            assert!(!answer.text().contains("\"problem\""), "{}", answer.text());
        }
    };
    decide(&ids, 2, "publish", "").await;
    // What organisers, reporters and moderators write.
    for (n, id) in ids[..6].iter().enumerate() {
        let report = json!({"reason": "other", "text": words(n * 31), "contact": fit(&words(n * 37), 100)});
        let target = format!("/api/v1/photos/{id}/reports");
        let answer = system.client.json(Method::POST, &target, "", &report).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
    }
    decide(&ids[6..8], 3, "quarantine", &hostile).await;
    decide(&ids[8..10], 3, "hide", &hostile).await;
    let banner = json!({"banner": {"text": words(2), "kind": "info"}});
    let answer = browser.call(Method::PUT, "/api/v1/organiser/banner", &banner).await;
    assert!(answer.status.is_success(), "{}", answer.text());
    let guest = json!({"name": fit(&words(4), 60), "role": "viewer"});
    let answer = browser.call(Method::POST, "/api/v1/organiser/people", &guest).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let housekeeping = system.laptop.housekeeping(shared::runtime::Clock::system()).unwrap();
    housekeeping::handle(&housekeeping, housekeeping::Task::Index).await.unwrap();

    let first = system.client.get(&format!("/api/v1/photos/{}", ids[20])).await.json();
    let school = first["school"]["key"].as_str().or(first["school"]["page"].as_str()).unwrap_or_default();
    let school = school.rsplit('/').next().unwrap().to_owned();
    within(std::time::Duration::from_secs(30), "the banner is on the pages", async || {
        system.client.get("/").await.text().contains("zq").then_some(())
    })
    .await;
    for route in routes::read() {
        let shown = if route.contains("/moderation/") { &ids[..10] } else { &ids[..] };
        for address in routes::addresses(&route, shown, &school) {
            look(&address).await;
        }
    }
    for query in [
        "?q=script",
        "?q=%22%3E%3Cimg+zqb=1+src=x+onerror=zq()%3E",
        "?school=%22%3E%3Cimg%20zqb=1%3E",
        "?discipline=science",
    ] {
        for page in ["/gallery", "/cy/gallery", "/embed/gallery", "/day", "/moderation/sign-in", "/moderation/queue"] {
            look(&format!("{page}{query}")).await;
        }
    }
    for page in [
        "/moderation/sign-in?next=%22%3E%3Cimg+zqb=1%3E",
        "/moderation/sign-in?problem=%22%3E%3Cimg+zqb=1%3E",
        "/moderation/you?problem=%22%3E%3Cimg+zqb=1%3E",
        "/%22%3E%3Cimg%20zqb=1%3E",
    ] {
        look(page).await;
    }
    embedded(&system, &ids).await;
    println!("{} words in {} photos on {seen} pages", payloads.len(), ids.len());
    assert!(seen > 300, "{seen}");
}
