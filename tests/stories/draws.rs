//! Prize draws: who checks one gets the same answer from the command, from the browser's modules and from the program of docs/DRAW.md.

use std::{convert::Infallible, fs, path::Path, process::Output};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use shared::domain::{draw::protocol, ids::Ticket};
use tempfile::TempDir;
use tests::{
    command::techognition,
    draws::{self, Draws},
};
use tokio::net::TcpListener;

#[test]
fn three_implementations_agree_on_hundreds_of_draws() {
    let mut chance = Draws::new(2027);
    let mut sets: Vec<_> = (0..300).map(|_| chance.genuine()).collect();
    sets.extend((0..300).map(|_| chance.spoiled()));
    let folder = TempDir::new().unwrap();
    let all = folder.path().join("draws");
    draws::write(&all, &sets);
    let ours = draws::ours(&sets);
    assert!(!ours[..300].iter().any(|said| said == "refused"), "true draws hold");
    let refused = ours[300..].iter().filter(|said| *said == "refused").count();
    assert!(refused > 200, "{refused} of 300 spoiled draws are refused");
    same(&ours, &draws::browsers(&all), &all);
    same(&ours, &draws::documents(&all), &all);
}

fn same(ours: &[String], theirs: &[String], folder: &Path) {
    assert_eq!(ours.len(), theirs.len());
    for (number, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        assert_eq!(ours, theirs, "draw {number} in {}", folder.display());
    }
}

#[test]
fn all_three_refuse_every_malformed_file() {
    let (what, sets): (Vec<_>, Vec<_>) = draws::malformed().into_iter().unzip();
    let folder = TempDir::new().unwrap();
    let all = folder.path().join("draws");
    draws::write(&all, &sets);
    for (name, said) in [
        ("ours", draws::ours(&sets)),
        ("the browser's", draws::browsers(&all)),
        ("the document's", draws::documents(&all)),
    ] {
        assert_eq!(said.len(), what.len());
        for (what, said) in what.iter().zip(said) {
            assert_eq!(said, "refused", "{name} accepts {what}");
        }
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test]
async fn a_sceptic_checks_a_draw_from_a_saved_copy_and_from_the_site() {
    let folder = TempDir::new().unwrap();
    let mut chance = Draws::new(5);
    let set = std::iter::repeat_with(|| chance.genuine()).find(|set| set["entries.txt"].len() > 650).unwrap();
    draws::write(folder.path(), std::slice::from_ref(&set));
    let copy = folder.path().join("000000");
    let text = copy.to_str().unwrap();

    let checked = techognition(&["draw", "verify", text]).await;
    let words = said(&checked);
    assert!(checked.status.success(), "{words}");
    assert_eq!(words.lines().filter(|line| line.starts_with("ok ")).count(), 9, "{words}");
    assert!(words.contains("prize    1 ") && words.contains("cannot show"), "{words}");

    // From the site, with the place of a ticket: one that is not among the entries.
    let files = copy.clone();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/draws/2027/noon/", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let files = files.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let name = request.uri().path().strip_prefix("/draws/2027/noon/").unwrap();
                let body = Full::new(Bytes::from(fs::read(files.join(name)).unwrap()));
                async move { Ok::<_, Infallible>(Response::new(body)) }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    let ticket = Ticket::from_bits([1; 16]);
    let asked = ["draw", "verify", &url, "--ticket", ticket.as_str(), "--json"];
    let line: Value = serde_json::from_slice(&techognition(&asked).await.stdout).unwrap();
    assert_eq!((&line["holds"], &line["place"]), (&Value::Bool(true), &Value::Null));
    server.abort();

    // One winner is exchanged for an entry that was never made.
    let draw = line["draw"].as_str().unwrap().parse().unwrap();
    let (winner, other) = (line["winners"][0].as_str().unwrap(), protocol::leaf(&draw, &ticket));
    let result = fs::read_to_string(copy.join("result.json")).unwrap();
    fs::write(copy.join("result.json"), result.replace(winner, other.as_str())).unwrap();
    let checked = techognition(&["draw", "verify", text]).await;
    assert_eq!(checked.status.code(), Some(1));
    let words = said(&checked);
    assert!(words.contains("FAILED  ranking") && words.contains("not what follows"), "{words}");

    // A file that cannot be read, and one that is not there.
    fs::write(copy.join("result.json"), "{}").unwrap();
    let words = said(&techognition(&["draw", "verify", text]).await);
    assert!(words.contains("FAILED  files") && words.contains("result.json: "), "{words}");
    fs::remove_file(copy.join("beacon.json")).unwrap();
    let missing = techognition(&["draw", "verify", text]).await;
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("beacon.json"), "{missing:?}");
    let help = said(&techognition(&["draw", "verify", "--help"]).await);
    assert!(help.contains("commit.json, entries.txt, beacon.json and result.json"), "{help}");
}

/// docs/DRAW.md prints a program that a reader starts as it says.
#[test]
fn the_program_of_the_document_runs_as_printed() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("draw.py"), draws::printed()).unwrap();
    let lines = draws::printed().lines().filter(|line| !line.trim().is_empty()).count();
    assert!(lines <= 65, "{lines} lines are not some 60");
    let mut chance = Draws::new(9);
    let set = std::iter::repeat_with(|| chance.genuine()).find(|set| set["entries.txt"].len() > 650).unwrap();
    draws::write(folder.path(), std::slice::from_ref(&set));
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new("python3");
        command.arg("draw.py").args(arguments).current_dir(folder.path()).output().unwrap()
    };
    let checked = run(&["000000", "aaaaaaaaaaaaaaaaaaaaaaaaaa"]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    let words = said(&checked);
    let ours = draws::ours(&[set]).remove(0);
    let (count, leaves) = ours.split_once('|').unwrap();
    for winner in leaves.split(',').take(count.parse().unwrap()) {
        assert!(words.contains(winner), "{winner} in {words}");
    }
    assert!(words.contains("is not among the entries"), "{words}");
    let entries = folder.path().join("000000/entries.txt");
    let text = fs::read_to_string(&entries).unwrap();
    fs::write(&entries, text.split_inclusive('\n').skip(1).collect::<String>()).unwrap();
    let refused = run(&["000000"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("refused: "), "{refused:?}");
}
