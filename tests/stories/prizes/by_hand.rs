//! The steps by hand, with `techognition draw` and by the console alone, and what the pages show of them.

use std::collections::BTreeMap;

use http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::domain::{draw::settings::Method as By, states::Role};
use tests::command::techognition;

use super::{
    Hand, Relay, at, device_with, enter, entered, minute, open_draws, own, row, settings, signature, verified,
};

#[tokio::test(flavor = "multi_thread")]
async fn the_command_does_the_steps_by_hand_and_the_pages_show_them() {
    let (hand, relay) = (Hand::new(), Relay::default());
    let system = open_draws(vec![settings("noon", "23T15:30:00", "23T15:59:24", By::Beacon)], &hand, &relay).await;
    let mut entrants = Vec::new();
    for seed in 0..3 {
        entrants.push(device_with(&system, seed, true).await.0);
    }
    let folder = system.folder().to_str().unwrap().to_owned();
    let draw = async |arguments: &[&str]| {
        let all = [&["draw"], arguments, &["--data", &folder]].concat();
        let output = techognition(&all).await;
        let words = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        (output.status.success(), words)
    };
    let page = async |path: &str| system.client.get(path).await.unpacked();
    hand.set(at("23T09:00:00"));
    assert!(draw(&["status"]).await.1.contains("noon: not announced yet"));
    assert_eq!(page("/draws/noon").await.status, 404);
    let (done, words) = draw(&["freeze", "noon"]).await;
    assert!(!done && words.contains("commit to it first"), "{words}");
    let (done, words) = draw(&["freeze", "no-such-draw"]).await;
    assert!(!done && words.contains("no draw no-such-draw in the settings"), "{words}");
    minute(&system, &hand).await;
    for (path, said) in [
        ("/draws/noon", "Entries are taken until Wednesday 23 August 2023, 16:30"),
        ("/cy/draws/noon", "Derbynnir ceisiadau tan Mercher 23 Awst 2023, 16:30"),
        ("/draws/noon/verify", "data-folder=\"/draws/2027/noon/\""),
        ("/", "href=\"/draws/noon\""),
        ("/", "A microscope (Sample sponsor)"),
        ("/wall", "To be won: A microscope (Sample sponsor)"),
        ("/privacy", "If you enter a prize draw"),
        ("/api/v1/event", "\"draws\":[\"noon\"]"),
        ("/add", "id=\"enter-form\""),
        ("/cy/mine", "Rhoi cynnig"),
    ] {
        let answer = page(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.text().contains(said), "{path}: {}", answer.text());
    }
    let mut tickets = BTreeMap::new();
    for (number, device) in entrants.iter().enumerate() {
        let answer = enter(device, &format!("p{number}@example.org")).await.json();
        let entry = &answer["draws"][0]["entry"];
        tickets.insert(entry["leaf"].as_str().unwrap().to_owned(), entry["ticket"].as_str().unwrap().to_owned());
    }
    hand.set(at("23T15:30:30"));
    minute(&system, &hand).await;
    let (done, words) = draw(&["freeze", "noon"]).await;
    assert!(done && words.contains("3 entries"), "done already: {words}");
    assert!(page("/draws/noon").await.text().contains("3 entries"));
    let (done, words) = draw(&["beacon", "noon", "--signature", signature(1_001)]).await;
    assert!(!done && words.contains("not quicknet's signature of round 1000"), "{words}");
    assert!(!draw(&["reveal", "noon"]).await.0);
    assert!(!draw(&["contacts", "noon"]).await.0, "there are no winners yet");
    let (done, words) = draw(&["beacon", "noon", "--signature", signature(1_000)]).await;
    assert!(done && words.contains("Its result is published next"), "{words}");
    let (done, words) = draw(&["reveal", "noon"]).await;
    assert!(done && words.contains("2 prizes are not delivered yet"), "{words}");
    assert!(page("/draws/noon").await.text().contains("somebody who does not want to be named"), "nobody is named yet");
    hand.set(at("23T16:00:00"));
    minute(&system, &hand).await;
    assert!(page("/draws/noon").await.text().contains("Pat, Plantshire"));
    let places = row(&system, "noon").await.draw.places;
    let ticket = |place: usize| tickets[places[place].leaf.as_str()].as_str();
    let (done, words) = draw(&["contacts", "noon"]).await;
    assert!(done && words.matches("Pat Planted <p").count() == 3, "{words}");
    let log = shared::store::activity::ActivityLog::new(&system.laptop.table).all().await.unwrap();
    assert!(log.iter().any(|entry| entry.action == "draw-contacts" && entry.detail == "noon"), "{log:?}");
    let (done, words) = draw(&["disqualify", "noon", "--entry", ticket(0), "--reason", "silly"]).await;
    assert!(!done && words.contains("declined, no-answer"), "{words}");
    assert!(draw(&["disqualify", "noon", "--entry", ticket(0), "--reason", "declined"]).await.0);
    assert!(draw(&["deliver", "noon", "--entry", places[1].leaf.as_str()]).await.0);
    let (done, words) = draw(&["deliver", "noon", "--entry", ticket(2)]).await;
    assert!(done && words.contains("Every prize is delivered"), "{words}");
    let text = page("/draws/noon").await.text();
    assert!(text.contains("handed over") && text.contains("The entrant did not want the prize."), "{text}");
    let own = own(&entrants[0]).await;
    assert!(own["draws"][0]["entry"]["ticket"].is_string());
}

/// A value of a form, with everything escaped that could mean something there.
fn escaped(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut escaped, byte| {
        write!(escaped, "%{byte:02x}").unwrap();
        escaped
    })
}

#[expect(clippy::too_many_lines, reason = "a day has many hours")]
#[tokio::test(flavor = "multi_thread")]
async fn an_organiser_leads_draws_by_the_console_alone() {
    let (hand, relay) = (Hand::new(), Relay::default());
    let draws = vec![
        settings("missed", "23T04:00:00", "23T04:30:00", By::Beacon),
        settings("noon", "23T15:30:00", "23T15:59:24", By::Beacon),
        settings("late", "23T15:31:00", "23T15:59:27", By::Beacon),
        settings("evening", "23T18:00:00", "23T18:30:00", By::Observer),
    ];
    let system = open_draws(draws, &hand, &relay).await;
    let mut entrants = Vec::new();
    for seed in 0..4 {
        entrants.push(device_with(&system, seed, true).await.0);
    }
    let organiser = system.member(Role::Organiser).await;
    let page = async |path: &str| {
        let answer = organiser.get(path).await.unpacked();
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.text()
    };
    let call = async |draw: &str, what: &str, body: Value| {
        let target = format!("/api/v1/organiser/draws/{draw}/{what}");
        organiser.client.json(Method::POST, &target, &organiser.authorization, &body).await
    };
    let form = async |draw: &str, what: &str, body: String| {
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let headers = [("authorization", organiser.authorization.as_str()), kind, ("sec-fetch-site", "same-origin")];
        let target = format!("/organiser/draws/{draw}/{what}");
        organiser.client.send(Method::POST, &target, &headers, body).await.unpacked()
    };
    let done = async |draw: &str, what: &str, body: &str| {
        let answer = form(draw, what, body.to_owned()).await;
        assert_eq!(answer.status, 303, "{body}: {}", answer.text());
        let to = answer.header("location");
        let (section, said) = if what == "steps" { ("draw", "Done.") } else { ("people", "Recorded.") };
        assert_eq!(to, format!("/organiser/draws/{draw}?saved={section}#{section}"));
        let text = page(to.split_once('#').unwrap().0).await;
        assert!(text.contains(said) && text.contains("All prize draws"), "{text}");
    };

    // What is missing is said, and nothing is announced until it is there.
    hand.set(at("23T09:00:00"));
    let list = page("/organiser/draws").await;
    assert_eq!((list.matches("Nothing is missing.").count(), list.matches("cannot be announced yet").count()), (3, 1));
    assert!(page("/organiser/draws/missed").await.contains("nobody could enter"));
    let missed = call("missed", "steps", json!({"action": "announce"})).await;
    assert_eq!(missed.problem(), "draw-step");
    assert!(missed.json()["detail"].as_str().unwrap().contains("nobody could enter"), "{}", missed.text());
    assert_eq!(form("missed", "steps", "action=announce".into()).await.status, 409);
    assert_eq!(call("noon", "steps", json!({"action": "freeze"})).await.problem(), "draw-step");
    assert_eq!(call("other", "steps", json!({"action": "freeze"})).await.problem(), "unknown-draw");

    // Announcing, as a form and as a call; entering; no freeze before its time.
    assert!(page("/organiser/draws/noon").await.contains("Nobody can change them afterwards"));
    done("noon", "steps", "action=announce").await;
    for draw in ["late", "evening"] {
        let opened = call(draw, "steps", json!({"action": "announce"})).await.json();
        assert_eq!((&opened["state"], &opened["entries"]), (&json!("open"), &json!(0)), "{opened}");
    }
    for (number, device) in entrants.iter().enumerate() {
        entered(device, &format!("p{number}@example.org")).await;
    }
    assert!(page("/organiser/draws/noon").await.contains("4 entries"));
    let early = form("noon", "steps", "action=freeze".into()).await;
    assert_eq!(early.status, 409);
    assert!(early.text().contains("Freeze is possible from 16:30 on 23 August 2023 (BST) on."), "{}", early.text());

    // The freeze, and the value: silence, another round, rubbish, the right one.
    hand.set(at("23T15:31:10"));
    done("noon", "steps", "action=freeze").await;
    done("late", "steps", "action=freeze").await;
    assert!(page("/organiser/draws/noon").await.contains("Round 1000 of the beacon decides, at 16:59:24"));
    let before = call("noon", "steps", json!({"action": "fetch"})).await;
    assert_eq!(
        (before.problem().as_str(), &before.json()["from"]),
        ("draw-too-early", &json!("2023-08-23T15:59:24.000Z"))
    );
    hand.set(at("23T16:00:00"));
    assert_eq!(call("noon", "steps", json!({"action": "fetch"})).await.problem(), "draw-value-missing");
    let said =
        |round: u64, of: u64| json!({"round": round, "randomness": "00", "signature": signature(of)}).to_string();
    let paste = |text: &str| format!("action=round&relay={}", escaped(text));
    for (text, status, words) in [
        ("hello", 422, "with round and signature"),
        (said(1_001, 1_001).as_str(), 422, "expected round 1000, which was announced"),
        (said(1_000, 1_001).as_str(), 422, "signature of round 1000"),
    ] {
        let refused = form("noon", "steps", paste(text)).await;
        assert!(refused.status == status && refused.text().contains(words), "{}: {}", refused.status, refused.text());
    }
    assert_eq!(call("noon", "steps", json!({"action": "reveal"})).await.problem(), "draw-step");
    done("noon", "steps", &paste(&said(1_000, 1_000))).await;
    done("noon", "steps", "action=reveal").await;
    relay.says(1_001, 1_001);
    assert_eq!(call("late", "steps", json!({"action": "fetch"})).await.json()["next"], "Its result is published next.");
    assert_eq!(call("late", "steps", json!({"action": "reveal"})).await.json()["state"], "revealed");
    for draw in ["noon", "late"] {
        assert_eq!(verified(&system, draw).await["entries"], 4);
    }

    // Winners: one answers, one declines, one has the prize.
    let places = row(&system, "noon").await.draw.places;
    let leaf = |place: usize| places[place].leaf.to_string();
    let answered = call("noon", "places", json!({"leaf": leaf(0), "action": "answer"})).await.json();
    assert!(
        answered["places"][0]["answered_at"].is_string() && answered["places"][0]["answer_by"].is_null(),
        "{answered}"
    );
    // The clock goes on while the story does.
    let answer_by: Timestamp = answered["places"][1]["answer_by"].as_str().unwrap().parse().unwrap();
    let since: Timestamp = answered["places"][1]["since"].as_str().unwrap().parse().unwrap();
    assert_eq!(answer_by.duration_since(since), SignedDuration::from_hours(7 * 24));
    let text = page("/organiser/draws/noon").await;
    assert_eq!(text.matches("value=\"no-answer\"").count(), 0, "there is time to answer");
    hand.set(answer_by);
    let text = page("/organiser/draws/noon").await;
    assert_eq!(text.matches("value=\"no-answer\"").count(), 1, "who has answered is not silent");
    let silent = call("noon", "places", json!({"leaf": leaf(0), "action": "disqualify", "reason": "no-answer"})).await;
    assert_eq!(silent.problem(), "draw-step");
    let unreasoned = call("noon", "places", json!({"leaf": leaf(1), "action": "disqualify"})).await;
    assert_eq!(unreasoned.json()["field"], "reason");
    assert!(text.contains("Prize 2 goes to the next reserve, who has seven days to answer."));
    done("noon", "places", &format!("leaf={}&action=disqualify&reason=declined", leaf(1))).await;
    done("noon", "places", &format!("leaf={}&action=deliver", leaf(0))).await;
    let shown = organiser.get("/api/v1/organiser/draws/noon").await.json();
    let are: Vec<_> = shown["draw"]["places"].as_array().unwrap().iter().map(|place| place["is"].clone()).collect();
    assert_eq!(are, ["delivered", "out", "holds", "waits"]);
    assert_eq!(shown["draw"]["places"][2]["prize"], 2);
    let text = page("/organiser/draws/noon").await;
    assert!(text.contains("Pat, Plantshire") && !text.contains("example.org"), "as they chose, and no contact");
    let actions: Vec<_> = shown["log"].as_array().unwrap().iter().map(|line| line["action"].clone()).collect();
    assert_eq!(
        actions,
        ["announce", "open", "freeze", "list", "draw", "reveal", "answer", "disqualify", "deliver"],
        "and nothing twice"
    );

    // An observer: after the announced time, with a name and a sentence.
    hand.set(at("23T18:01:00"));
    done("evening", "steps", "action=freeze").await;
    let said = |sentence: &str| json!({"action": "observe", "observer": "The head", "sentence": sentence});
    assert_eq!(call("evening", "steps", said("Copper")).await.problem(), "draw-too-early");
    hand.set(at("23T18:30:00"));
    assert_eq!(call("evening", "steps", said(" ")).await.json()["field"], "sentence");
    assert_eq!(call("evening", "steps", json!({"action": "fetch"})).await.problem(), "draw-value-missing");
    assert!(page("/organiser/draws/evening").await.contains("The sentence, exactly as it was said"));
    let body = format!("action=observe&observer=The+head&sentence={}", escaped("Copper turns “blue”"));
    done("evening", "steps", &body).await;
    done("evening", "steps", "action=reveal").await;
    verified(&system, "evening").await;
    let activity = organiser.get("/api/v1/organiser/activity").await.json();
    let noted = |action: &str| {
        let entries = activity["entries"].as_array().unwrap();
        entries.iter().filter(|entry| entry["action"] == action).count()
    };
    assert_eq!(["announce draw", "freeze draw", "give draw's value", "reveal draw"].map(noted), [3; 4]);
    assert_eq!(["record winner's answer", "disqualify entry", "record delivery of prize"].map(noted), [1; 3]);
}
