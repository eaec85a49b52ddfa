//! The moderators' function alone, in this process, over a table of its own: for stories that repeat themselves so often that the whole
//! system would take too long.

use axum::{Router, body::Body};
use bytes::Bytes;
use http::{Method, Request};
use http_body_util::BodyExt;
use jiff::SignedDuration;
use local::Workshop;
use shared::{
    domain::{
        Edition, event_file,
        people::{Duty, Role},
    },
    runtime::Clock,
    store::{
        editions::Editions,
        members::{Members, Person, Proof},
        table::Table,
    },
};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::{
    Answer, Browser,
    people::{Service, cookie_of},
    stage::edition,
};

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
    workshop: Workshop,
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
        let workshop = Workshop::open(folder.path()).await.expect("the folder opens");
        let (table, clock) = (workshop.table.clone(), Clock::system());
        let edition = event_file::opened_now(edition(), clock.now());
        Editions::new(&table, &clock).put(&edition).await.expect("an edition");
        let app = workshop.moderation(origin, clock.clone()).expect("its variables");
        let door = Door { router: moderation::router(app), origin: origin.to_owned() };
        Self { members: Members::new(&table), edition, table, clock, door, workshop, _folder: folder }
    }

    /// The function of a site on this machine.
    pub async fn open() -> Self {
        Self::at("http://127.0.0.1:8080").await
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

    /// A browser in which somebody is signed in: by a passkey that was just used if `fresh`, else by a code that proves no more than that.
    pub async fn browser(&self, person: &Person, fresh: bool) -> Browser<Door> {
        let now = self.clock.now();
        let proof = if fresh { Proof::Passkey(person.created_at) } else { Proof::Code(None) };
        let begun = self.members.begin(&person.id, proof, now).await.expect("the table answers");
        let (_, token) = begun.expect("they have not left");
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

impl Service for Door {
    fn origin(&self) -> &str {
        &self.origin
    }

    async fn ask(&self, method: Method, target: &str, headers: &[(&str, &str)], body: Bytes) -> Answer {
        let mut request = Request::builder().method(method).uri(target);
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
