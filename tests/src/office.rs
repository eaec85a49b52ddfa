//! The moderators' function alone, in this process, over a table of its own: for stories that repeat themselves so often that the whole
//! system would take too long.

use axum::{Router, body::Body};
use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use http::{Method, Request};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use local::DataFolder;
use shared::{
    domain::{
        Edition, event_file,
        people::Identity,
        states::{Duty, Role},
    },
    runtime::{Clock, ids::random},
    store::{
        editions::Editions,
        members::{ActiveSession, Members, NewPasskey, Person, Proof},
        table::Table,
    },
    web::{Problem, edge::EDGE_SECRET},
};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::{
    Answer, Browser,
    people::{Service, cookie_of},
    system::edition,
};

/// What the edge before it would send.
const SECRET: &str = "the secret of an edge that is not there";

/// The function, and what it stands on.
pub struct Office {
    /// Its members.
    pub members: Members,
    /// What it was deployed with: the settings of the project, open now.
    pub edition: Edition,
    /// The table.
    pub table: Table,
    /// The time.
    pub clock: Clock,
    door: Door,
    workshop: DataFolder,
    _folder: TempDir,
}

/// Where requests go in.
#[derive(Clone, Debug)]
pub struct Door {
    router: Router,
    origin: String,
}

impl Office {
    /// The function of a site at `origin`.
    pub async fn at(origin: &str) -> Self {
        let folder = TempDir::new().expect("a folder of its own");
        let workshop = DataFolder::open(folder.path()).await.expect("the folder opens");
        let (table, clock) = (workshop.table.clone(), Clock::system());
        let edition = event_file::opened_now(edition(), clock.now());
        Editions::new(&table, &clock).put(&edition).await.expect("an edition");
        let app = workshop.console(origin, SECRET, clock.clone()).expect("its variables");
        let door = Door { router: console::router(app), origin: origin.to_owned() };
        Self { members: Members::new(&table), edition, table, clock, door, workshop, _folder: folder }
    }

    /// The function of a site on this machine.
    pub async fn open() -> Self {
        Self::at("http://localhost:8080").await
    }

    /// Where requests go in.
    pub fn door(&self) -> Door {
        self.door.clone()
    }

    /// The edition as it is now.
    pub async fn now(&self) -> Edition {
        let editions = Editions::new(&self.table, &self.clock);
        editions.current().await.expect("the table answers").expect("an edition")
    }

    /// Somebody new.
    pub async fn person(&self, role: Role, duties: &[Duty]) -> Person {
        let person = self.members.welcome("story", role, duties, None, self.clock.now()).await;
        person.expect("the table answers").expect("nobody had to invite them")
    }

    /// A browser in which somebody is signed in: by a passkey that was just made if `fresh`, else by a code that proves no more than that.
    pub async fn browser(&self, person: &Person, fresh: bool) -> Browser<Door> {
        let now = self.clock.now();
        let token = if fresh {
            by_new_passkey(&self.members, person, now).await.1
        } else {
            let begun = self.members.begin(&person.id, Proof::Code(None), now).await.expect("the table answers");
            begun.expect("they have not left").1
        };
        Browser::with(&self.door, cookie_of(&self.door.origin, &token))
    }

    /// A code by which somebody signs in.
    pub async fn code(&self, person: &Person) -> String {
        let code = self.members.code(&person.id, None, SignedDuration::from_hours(1), self.clock.now()).await;
        code.expect("the table answers").expect("they have not left")
    }

    /// Closes it.
    pub async fn close(self) {
        self.workshop.close().await;
    }
}

/// A stay of somebody that began at `at` by a passkey that was made then, and its secret.
pub async fn by_new_passkey(members: &Members, person: &Person, at: Timestamp) -> (ActiveSession, String) {
    let made = NewPasskey {
        id: BASE64URL_NOPAD.encode(&random::<16>()),
        person: Identity { id: person.id.clone(), known_since: person.created_at },
        name: "story".to_owned(),
        record: "{}".to_owned(),
        made_by: None,
    };
    let made = members.add_passkey(&made, |_| Ok::<_, Problem>(()), at).await.expect("they have not left");
    let (_, presence, token) = made.expect("nobody has this passkey");
    (presence, token)
}

impl Service for Door {
    fn origin(&self) -> &str {
        &self.origin
    }

    async fn ask(&self, method: Method, target: &str, headers: &[(&str, &str)], body: Bytes) -> Answer {
        let mut request = Request::builder().method(method).uri(target).header(EDGE_SECRET, SECRET);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).expect("the request is well formed");
        let Ok(answer) = self.router.clone().oneshot(request).await;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.expect("a whole answer").to_bytes();
        Answer { status: parts.status, headers: parts.headers, body }
    }
}
