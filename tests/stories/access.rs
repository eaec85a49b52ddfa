//! Who may do what: every route of every function, tried by every kind of caller, against the one table that says so.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Method;
use jiff::SignedDuration;
use local::functions::Functions;
use serde_json::json;
use shared::{
    domain::{
        access::{Needs, TABLE, needs},
        people::{Duty, Identity, Role},
    },
    runtime::Clock,
    store::members::{Members, NewKey, Person, Proof},
};
use tests::{Answer, Stage, office::by_new_passkey};

/// Somebody who calls.
struct Caller {
    name: &'static str,
    headers: Vec<(&'static str, String)>,
    role: Option<Role>,
    duties: Vec<Duty>,
    fresh: bool,
    renewed: bool,
    uploader: bool,
}

impl Caller {
    fn member(name: &'static str, header: (&'static str, String), role: Role, duties: &[Duty]) -> Self {
        Self { role: Some(role), duties: duties.to_vec(), ..Self::nobody(name, vec![header]) }
    }

    fn nobody(name: &'static str, headers: Vec<(&'static str, String)>) -> Self {
        Self { name, headers, role: None, duties: Vec::new(), fresh: false, renewed: false, uploader: false }
    }

    /// What the table says of this caller, worked out anew.
    fn may(&self, needs: Needs) -> bool {
        match needs {
            Needs::Anyone => true,
            Needs::Uploader => self.uploader,
            Needs::Member => self.role.is_some(),
            Needs::Role(role) => self.role >= Some(role),
            Needs::Fresh(role) => self.role >= Some(role) && self.fresh,
            Needs::Duty(duty) => self.duties.contains(&duty),
            Needs::Either(role, duty) => self.role >= Some(role) || self.duties.contains(&duty),
            Needs::Proven => self.fresh || self.renewed,
        }
    }
}

/// Every route of every function, as method and path.
fn routes() -> Vec<(String, String)> {
    let functions = Functions::read().unwrap().functions;
    let listed = functions.iter().flat_map(|function| &function.routes).filter(|route| *route != "$default");
    let listed = listed.map(|route| route.split_once(' ').unwrap()).map(|(m, p)| (m.to_owned(), p.to_owned()));
    let pages = site::ROUTES.iter().map(|(method, path)| ((*method).to_owned(), (*path).to_owned()));
    listed.chain(pages).collect()
}

/// An address of a route: ids that are well formed and nobody's.
fn address(path: &str) -> String {
    path.replace("{digest}/{*path}", "0/x")
        .replace("{id}", "aeaqcaibaeaqcaibaeaqcaibae")
        .replace("{name}", "photo-not-found")
        .replace("{school}", "sample-academy")
        .replace("{edition}", "1999")
}

async fn ask(stage: &Stage, caller: &Caller, method: &str, path: &str) -> Answer {
    let mut headers: Vec<(&str, &str)> = caller.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let form = !path.starts_with("/api/");
    headers.push(("content-type", if form { "application/x-www-form-urlencoded" } else { "application/json" }));
    headers.push(("sec-fetch-site", "same-origin"));
    let body =
        if method == "GET" { Bytes::new() } else { Bytes::from_static(if form { b"x=1" } else { b"{\"x\":1}" }) };
    stage.client.send(method.parse::<Method>().unwrap(), &address(path), &headers, body).await
}

/// Whether an answer says that this caller may not.
fn refused(answer: &Answer) -> bool {
    // Who opens a page or sends a form is sent to where signing in is done, or to the page that says why not.
    let pages = ["/moderation/sign-in", "/problems/role-too-low", "/problems/duty-needed", "/problems/passkey-needed"];
    let to = answer.headers.get("location").and_then(|to| to.to_str().ok()).unwrap_or_default();
    let sent_away = answer.status == 303 && pages.contains(&to.split('?').next().unwrap_or_default());
    answer.status == 401 || answer.status == 403 || sent_away
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_asks_every_caller_for_what_the_table_says() {
    let stage = Stage::open().await;
    let (members, now) = (Members::new(&stage.laptop.table), Clock::system().now());
    let bearer = |key: String| ("authorization", format!("Bearer {key}"));
    let cookie = |token: &str| ("cookie", format!("session={token}"));
    let mut callers = vec![Caller::nobody("nobody", Vec::new())];
    let device = stage.device().authorization;
    callers.push(Caller { uploader: true, ..Caller::nobody("a device", vec![("authorization", device)]) });
    for (name, role) in [
        ("a viewer's key", Role::Viewer),
        ("a moderator's key", Role::Moderator),
        ("an organiser's key", Role::Organiser),
        ("an owner's key", Role::Owner),
    ] {
        let (_, key) = members.mint(&NewKey::of("story", role), now).await.unwrap().unwrap();
        callers.push(Caller::member(name, bearer(key), role, &[]));
    }
    let duties = vec![Duty::Safeguarding];
    let lead = NewKey { duties: duties.clone(), ..NewKey::of("lead", Role::Viewer) };
    let (_, key) = members.mint(&lead, now).await.unwrap().unwrap();
    callers.push(Caller::member("the safeguarding lead's key", bearer(key), Role::Viewer, &duties));
    for (name, role, proof) in [
        ("a moderator's session", Role::Moderator, Proof::Code(None)),
        ("a viewer's session by a new link", Role::Viewer, Proof::Code(Some(now))),
        ("an owner's session", Role::Owner, Proof::Code(None)),
    ] {
        let person = members.welcome("story", role, &[], None, now).await.unwrap().unwrap();
        let renewed = proof == Proof::Code(Some(now));
        let (_, token) = members.begin(&person.id, proof, now).await.unwrap().unwrap();
        callers.push(Caller { renewed, ..Caller::member(name, cookie(&token), role, &[]) });
    }
    let person = members.welcome("story", Role::Owner, &[], None, now).await.unwrap().unwrap();
    let (_, token) = by_new_passkey(&members, &person, now).await;
    let owner = Caller::member("an owner with a fresh passkey", cookie(&token), Role::Owner, &[]);
    callers.push(Caller { fresh: true, ..owner });
    let leaver = members.welcome("story", Role::Owner, &[], None, now).await.unwrap().unwrap();
    let maker = Some(Identity { id: leaver.id.clone(), known_since: now });
    let asked = NewKey { maker, ..NewKey::of("orphan", Role::Owner) };
    let (_, key) = members.mint(&asked, now).await.unwrap().unwrap();
    let anyway = |_: &Person| Ok::<_, shared::web::Problem>(());
    members.revoke_person(&leaver.id, None, anyway, now).await.unwrap();
    callers.push(Caller::nobody("a key whose maker has left", vec![bearer(key)]));
    let old = NewKey { expires_at: Some(now - SignedDuration::from_secs(1)), ..NewKey::of("old", Role::Owner) };
    let (_, key) = members.mint(&old, now).await.unwrap().unwrap();
    callers.push(Caller::nobody("a key that has expired", vec![bearer(key)]));
    let (minted, key) = members.mint(&NewKey::of("gone", Role::Owner), now).await.unwrap().unwrap();
    members.revoke(&minted.id, now).await.unwrap();
    callers.push(Caller::nobody("a key that was revoked", vec![bearer(key)]));
    callers.push(Caller::nobody("a cookie that was made up", vec![cookie("made-up")]));

    let routes = routes();
    let (mut cases, mut wrong) = (0, Vec::new());
    for (method, path) in &routes {
        // A sign-out ends what the next case needs, and asks for nothing.
        if path == "/api/v1/session" && method == "DELETE" || path == "/moderation/session/end" {
            continue;
        }
        let Some(asked) = needs(method, path) else {
            panic!("{method} {path}: add it to shared::domain::access::TABLE")
        };
        for caller in &callers {
            let answer = ask(&stage, caller, method, path).await;
            cases += 1;
            assert!(
                answer.status.as_u16() < 500,
                "{} {method} {path}: {} {}",
                caller.name,
                answer.status,
                answer.text()
            );
            // What signs in refuses a wrong code or passkey, whoever asks.
            let signs_in = asked == Needs::Anyone && path.contains("/session");
            if !signs_in && refused(&answer) == caller.may(asked) {
                wrong.push(format!("{} {method} {path}: {} though {asked:?}", caller.name, answer.status));
            }
        }
    }
    println!("access: {cases} cases, {} routes, {} callers", routes.len(), callers.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases > 700, "{cases} cases");
    let known: BTreeSet<String> = routes.iter().map(|(method, path)| format!("{method} {path}")).collect();
    for (route, _) in TABLE {
        assert!(known.contains(*route), "{route} is in the table and nowhere else");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_ended_is_refused_at_the_next_request() {
    let stage = Stage::open().await;
    let (members, now) = (Members::new(&stage.laptop.table), Clock::system().now());
    let owner = stage.member(Role::Owner).await;
    let person = members.welcome("story", Role::Organiser, &[], None, now).await.unwrap().unwrap();
    let sign_in = async || by_new_passkey(&members, &person, now).await;
    let status = async |token: &str, path: &str| {
        let cookie = format!("session={token}");
        stage.client.send(Method::GET, path, &[("cookie", &cookie)], Bytes::new()).await.status
    };
    let queue = "/api/v1/moderation/queue";

    // Signing out.
    let (_, token) = sign_in().await;
    assert_eq!(status(&token, queue).await, 200);
    let cookie = format!("session={token}");
    let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")];
    let out = stage.client.send(Method::DELETE, "/api/v1/session", &headers, Bytes::new()).await;
    assert_eq!(out.status, 204);
    assert_eq!(status(&token, queue).await, 401, "replayed after signing out");

    // Somebody else ends the session.
    let (presence, token) = sign_in().await;
    let target = format!("/api/v1/organiser/sessions/{}", presence.session.id);
    let ended = owner.client.json(Method::DELETE, &target, &owner.authorization, &json!(null)).await;
    assert_eq!(ended.status, 204, "{}", ended.text());
    assert_eq!(status(&token, queue).await, 401, "replayed after the session was ended");

    // The role changes: what it does not reach any more is refused, the rest goes on.
    let (_, token) = sign_in().await;
    assert_eq!(status(&token, "/api/v1/organiser/activity").await, 200);
    let demote = |person: &Person| Ok::<_, shared::web::Problem>(person.with(Role::Moderator, &[]));
    members.change(&person.id, None, demote).await.unwrap().unwrap();
    assert_eq!(status(&token, "/api/v1/organiser/activity").await, 403, "after the role changed");
    assert_eq!(status(&token, queue).await, 200);

    // The person is revoked.
    let target = format!("/api/v1/organiser/people/{}", person.id);
    let left = owner.client.json(Method::DELETE, &target, &owner.authorization, &json!(null)).await;
    assert_eq!(left.status, 204, "{}", left.text());
    assert_eq!(status(&token, queue).await, 401, "after the person was revoked");
    assert!(members.begin(&person.id, Proof::Code(Some(now)), now).await.unwrap().is_none());

    // What happened is in the log, whole.
    let log = owner.get("/api/v1/organiser/activity").await.json();
    assert_eq!(log["broken_at"], json!(null));
    let actions: Vec<_> = log["entries"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["revoke person", "end session"]);
}
