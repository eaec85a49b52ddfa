//! The clients that docs/API.md prints: they do what it says, on a good network and on a bad one.

use std::{
    collections::VecDeque,
    convert::Infallible,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::{
    body::{Frame, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tests::{Client, Device, TestSystem, photos::patterned};
use tokio::{net::TcpListener, process::Command};

const GUIDE: &str = include_str!("../../docs/API.md");
const DOCUMENT: &str = include_str!("../../functions/gallery/openapi.json");

/// A client of docs/API.md.
#[derive(Clone, Copy, Debug)]
enum Printed {
    Python,
    TypeScript,
}

use Printed::{Python, TypeScript};

impl Printed {
    fn file(self) -> &'static str {
        match self {
            Python => "client.py",
            TypeScript => "client.ts",
        }
    }

    /// The code that docs/API.md prints below the name of its file.
    fn code(self) -> &'static str {
        let named = format!("<!-- docs/api/{} -->\n```", self.file());
        let (_, after) = GUIDE.split_once(&named).unwrap_or_else(|| panic!("docs/API.md has no block after {named}"));
        let (_, code) = after.split_once('\n').unwrap();
        let (code, _) = code.split_once("\n```").unwrap();
        code
    }

    /// Puts the client and a photo into `folder`, as a reader of docs/API.md would; answers with what starts it.
    async fn prepare(self, folder: &Path, site: &str) -> Vec<String> {
        std::fs::write(folder.join(self.file()), format!("{}\n", self.code())).unwrap();
        std::fs::write(folder.join("photo.jpg"), patterned(1600, 1200, 7)).unwrap();
        match self {
            Python => {
                let needed = "the client of docs/API.md needs Python 3.9 or newer, and python3 does not start";
                output(folder, &["python3", "--version"], needed).await;
                vec!["python3".into(), "client.py".into()]
            }
            TypeScript => {
                let needed = "the client of docs/API.md needs Node 20 or newer, and node does not start";
                output(folder, &["node", "--version"], needed).await;
                let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/api/node_modules");
                let missing = "openapi-typescript and tsc are missing: npm --prefix tests/tools/api ci";
                assert!(tools.join(".bin/tsc").is_file(), "{}: {missing}", tools.display());
                std::os::unix::fs::symlink(&tools, folder.join("node_modules")).unwrap();
                std::fs::write(folder.join("package.json"), r#"{"type": "module"}"#).unwrap();
                let description = format!("{site}/api/v1/openapi.json");
                let lines = GUIDE.lines().filter_map(|line| line.strip_prefix("npx "));
                let mut prepared = 0;
                for line in lines {
                    let line = line.replace("https://photos.example.org/api/v1/openapi.json", &description);
                    let mut words: Vec<_> = line.split(' ').map(str::to_owned).collect();
                    words[0] = format!("node_modules/.bin/{}", words[0]);
                    output(folder, &words, "docs/API.md says so").await;
                    prepared += 1;
                }
                assert_eq!(prepared, 2, "docs/API.md says how the types are made and the client is compiled");
                vec!["node".into(), "client.js".into()]
            }
        }
    }
}

/// What a command prints; fails unless it ends well.
async fn output(folder: &Path, words: &[impl AsRef<str>], needed: &str) -> String {
    let words: Vec<_> = words.iter().map(AsRef::as_ref).collect();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).current_dir(folder).kill_on_drop(true);
    let output = command.output().await.unwrap_or_else(|error| panic!("{}: {error}: {needed}", words[0]));
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}: {}\n{said}{complained}\n{needed}", words.join(" "), output.status);
    said.into_owned()
}

/// A client that is ready, in a folder of its own.
struct Ready {
    words: Vec<String>,
    folder: PathBuf,
    site: String,
}

impl Ready {
    async fn make(printed: Printed, system: &TestSystem, site: &str) -> Self {
        let folder = system.folder().join(printed.file().replace('.', "-"));
        std::fs::create_dir(&folder).unwrap();
        let words = printed.prepare(&folder, &system.laptop.site).await;
        Self { words, folder, site: site.to_owned() }
    }

    /// The lines that it prints.
    async fn run(&self, arguments: &[&str]) -> Vec<String> {
        let mut words = self.words.clone();
        words.push(self.site.clone());
        words.extend(arguments.iter().map(|&argument| argument.to_owned()));
        let said = output(&self.folder, &words, "it reaches the system, and every answer is one that it can use").await;
        said.lines().map(str::to_owned).collect()
    }

    /// Who it is to the system.
    fn device(&self, system: &TestSystem) -> Device {
        let secret = std::fs::read_to_string(self.folder.join("uploader.key")).unwrap();
        Device { client: system.client.clone(), authorization: format!("Uploader {secret}") }
    }
}

async fn sends_and_withdraws(printed: Printed) {
    let system = TestSystem::open().await;
    let client = Ready::make(printed, &system, &system.laptop.site).await;

    let said = client.run(&["send", "photo.jpg"]).await;
    let (id, _) = said[0].split_once(' ').unwrap_or_else(|| panic!("{said:?}"));
    assert_eq!(said, [format!("{id} reserved"), format!("{id} pending")]);
    let device = client.device(&system);
    let own = device.own().await;
    assert_eq!((own.len(), &own[0]["id"], &own[0]["state"]), (1, &json!(id), &json!("pending")));

    assert_eq!(client.run(&["gallery"]).await, [""; 0], "nobody has decided yet");
    system.moderator().await.publish(&[id.to_owned()]).await;
    assert_eq!(client.run(&["gallery"]).await, [format!("{id} Crystals on day twelve")]);
    let again = client.run(&["send", "photo.jpg"]).await;
    assert_eq!(again, [format!("{id} published"), format!("{id} published")], "the same photo, once");

    let said = client.run(&["withdraw", id]).await;
    let (withdrawn, erasure) = said[0].split_once(' ').unwrap();
    let erasure: Value = serde_json::from_str(erasure).unwrap();
    assert_eq!((withdrawn, &erasure["site"]), (id, &json!("gone")), "{erasure}");
    assert_eq!(system.client.get(&format!("/api/v1/photos/{id}")).await.problem(), "photo-withdrawn");
    assert_eq!(device.own().await, [json!(null); 0]);
    assert_eq!(client.run(&["gallery"]).await, [""; 0]);
    let recount = system.audit().await;
    assert!(recount.differences.is_zero(), "{recount:?}");
    assert_eq!(recount.photos, [("deleted".to_owned(), 1)].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_client_in_python_sends_and_withdraws_a_photo() {
    Box::pin(sends_and_withdraws(Python)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_client_in_typescript_sends_and_withdraws_a_photo() {
    Box::pin(sends_and_withdraws(TypeScript)).await;
}

async fn bears_a_bad_network(printed: Printed) {
    let system = TestSystem::open().await;
    let network = Network::between(&system).await;
    let client = Ready::make(printed, &system, &network.site).await;
    let said = client.run(&["send", "photo.jpg"]).await;
    let (id, _) = said[0].split_once(' ').unwrap_or_else(|| panic!("{said:?}"));
    assert_eq!(said, [format!("{id} reserved"), format!("{id} pending")]);
    assert_eq!(network.left(), [], "every trouble was met");
    assert_eq!(client.device(&system).own().await.len(), 1);
    let recount = system.audit().await;
    assert!(recount.differences.is_zero(), "{recount:?}");
    assert_eq!(recount.photos, [("pending".to_owned(), 1)].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_client_in_python_bears_a_bad_network() {
    Box::pin(bears_a_bad_network(Python)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_client_in_typescript_bears_a_bad_network() {
    Box::pin(bears_a_bad_network(TypeScript)).await;
}

/// What happens to a request on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// A web filter answers in the place of the server.
    Filtered,
    /// The server is busy.
    Busy,
    /// The storage says that the address has expired.
    Expired,
    /// The server gets the request, and its answer is lost.
    Lost,
    /// The server gets the request, and half of its answer is lost.
    Cut,
}

/// A network between a client and the system: in front of the site, with troubles; in front of the storage, with a web filter that
/// answers everything with a page of its own.
struct Network {
    site: String,
    troubles: Troubles,
}

/// Which requests meet what, in this order.
type Troubles = Arc<Mutex<VecDeque<(Method, &'static str, Trouble)>>>;

impl Network {
    async fn between(system: &TestSystem) -> Self {
        let blocked = serve(|_| async { Some(page()) }).await;
        let troubles: Troubles = Arc::new(Mutex::new(VecDeque::from([
            (Method::GET, "/api/v1/event", Trouble::Filtered),
            (Method::GET, "/api/v1/event", Trouble::Cut),
            (Method::POST, "/api/v1/uploads", Trouble::Busy),
            (Method::POST, "/api/v1/uploads", Trouble::Lost),
            (Method::PUT, "", Trouble::Expired),
            (Method::POST, "/renew", Trouble::Busy),
            (Method::PUT, "", Trouble::Lost),
            (Method::GET, "/api/v1/uploads", Trouble::Cut),
        ])));
        let behind = Arc::new(Behind {
            client: system.client.clone(),
            storage: system.laptop.storage().to_owned(),
            blocked,
            troubles: Arc::clone(&troubles),
        });
        let site = serve(move |request| Arc::clone(&behind).pass(request)).await;
        Self { site, troubles }
    }

    fn left(&self) -> Vec<(Method, &'static str, Trouble)> {
        self.troubles.lock().unwrap().iter().cloned().collect()
    }
}

/// The system, as the network's front reaches it.
struct Behind {
    client: Client,
    storage: String,
    blocked: String,
    troubles: Troubles,
}

type Answered = Response<BoxBody<Bytes, std::io::Error>>;

impl Behind {
    /// Answers a request, or not at all.
    async fn pass(self: Arc<Self>, request: Request<Incoming>) -> Option<Answered> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        let path = parts.uri.path();
        let met = {
            let mut troubles = self.troubles.lock().unwrap();
            let meets = |(method, end, _): &(Method, &str, _)| *method == parts.method && path.ends_with(end);
            if troubles.front().is_some_and(meets) { troubles.pop_front().map(|(.., trouble)| trouble) } else { None }
        };
        let expired = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
        match met {
            Some(Trouble::Filtered) => return Some(page()),
            Some(Trouble::Busy) => {
                let busy = whole(StatusCode::SERVICE_UNAVAILABLE, "application/problem+json", "{}");
                return Some(with_header(busy, header::RETRY_AFTER, "1"));
            }
            Some(Trouble::Expired) => return Some(whole(StatusCode::FORBIDDEN, "application/xml", expired)),
            Some(Trouble::Lost | Trouble::Cut) | None => {}
        }
        let target = parts.uri.path_and_query().unwrap().as_str();
        let headers =
            parts.headers.iter().filter(|(name, _)| **name != header::HOST && **name != header::CONTENT_LENGTH);
        let headers: Vec<_> = headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        let answer = self.client.send(parts.method.clone(), target, &headers, body).await;
        let text = answer.text().replace(&self.storage, &self.blocked);
        match met {
            Some(Trouble::Lost) => None,
            Some(Trouble::Cut) => {
                let half = Bytes::copy_from_slice(&text.as_bytes()[..text.len() / 2]);
                let broken = std::io::Error::other("the line is cut");
                let parts = futures::stream::iter([Ok(Frame::data(half)), Err(broken)]);
                let cut = Response::builder().status(answer.status).header(header::CONTENT_LENGTH, text.len());
                cut.body(BodyExt::boxed(StreamBody::new(parts))).ok()
            }
            Some(Trouble::Filtered | Trouble::Busy | Trouble::Expired) | None => {
                Some(whole(answer.status, answer.header("content-type"), &text))
            }
        }
    }
}

/// What a school's web filter answers.
fn page() -> Answered {
    whole(StatusCode::OK, "text/html; charset=utf-8", "<!doctype html><title>Blocked</title>")
}

fn whole(status: StatusCode, kind: &str, text: &str) -> Answered {
    let body = Full::new(Bytes::copy_from_slice(text.as_bytes())).map_err(|never: Infallible| match never {});
    with_header(Response::builder().status(status).body(BodyExt::boxed(body)).unwrap(), header::CONTENT_TYPE, kind)
}

fn with_header(mut answer: Answered, name: header::HeaderName, value: &str) -> Answered {
    answer.headers_mut().insert(name, value.parse().unwrap());
    answer
}

/// Serves on a port of its own; where `answer` has nothing, the connection ends without an answer. Gives back the origin.
async fn serve<F>(answer: impl Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static) -> String
where
    F: Future<Output = Option<Answered>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = answer.clone();
            let service = service_fn(move |request| {
                let answered = answer(request);
                async move { answered.await.ok_or("no answer") }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    origin
}

#[test]
fn the_guide_prints_the_clients_as_their_files_are() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/api");
    for client in [Python, TypeScript] {
        let file = std::fs::read_to_string(folder.join(client.file())).unwrap();
        let advice = "copy the file into its block of docs/API.md, or the block into the file";
        assert!(file.trim_end() == client.code(), "docs/API.md and docs/api/{} differ: {advice}", client.file());
    }
}

#[test]
fn the_guide_names_every_state_and_every_problem_that_an_uploader_can_meet() {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let mut names: Vec<_> = document["components"]["schemas"]["State"]["enum"].as_array().unwrap().iter().collect();
    let calls = document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let mut problems = Vec::new();
    for call in calls.filter(|call| ["public", "uploads"].contains(&call["tags"][0].as_str().unwrap())) {
        for answer in call["responses"].as_object().unwrap().values() {
            let place = answer["$ref"].as_str().map(|place| place.trim_start_matches('#'));
            let answer = place.map_or(answer, |place| document.pointer(place).unwrap());
            let examples = answer["content"]["application/problem+json"]["examples"].as_object();
            problems.extend(examples.into_iter().flat_map(|examples| examples.keys()).map(|slug| json!(slug)));
        }
    }
    assert!(problems.len() > 20, "{problems:?}");
    names.extend(&problems);
    for name in names {
        let name = name.as_str().unwrap();
        assert!(GUIDE.contains(&format!("`{name}`")), "docs/API.md says nothing of `{name}`");
    }
}
