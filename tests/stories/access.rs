//! Who may do what: every route of every function, tried by every kind of caller, against the one table of the code that says so, and
//! against another one that stands here, written by hand, so that a mistake in the first is seen.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Method;
use jiff::SignedDuration;
use serde_json::json;
use shared::{
    domain::{
        access::{Needs, TABLE, needs},
        people::Identity,
        states::{Duty, Role},
    },
    runtime::Clock,
    store::members::{Members, NewKey, Person, Proof},
    web::problem::CROSS_SITE,
};
use tests::{
    Answer, TestSystem,
    office::by_new_passkey,
    system::{Setting, Throttling},
};

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
    tests::routes::routes().into_iter().map(|route| (route.method, route.path)).collect()
}

/// An address of a route: ids that are well formed and nobody's.
fn address(path: &str) -> String {
    path.replace("{digest}/{*path}", "0/x")
        .replace("{id}", "aeaqcaibaeaqcaibaeaqcaibae")
        .replace("{name}", "photo-not-found")
        .replace("{school}", "sample-academy")
        .replace("{edition}", "1999")
}

async fn ask(system: &TestSystem, caller: &Caller, method: &str, path: &str) -> Answer {
    let mut headers: Vec<(&str, &str)> = caller.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let form = !path.starts_with("/api/");
    headers.push(("content-type", if form { "application/x-www-form-urlencoded" } else { "application/json" }));
    headers.push(("sec-fetch-site", "same-origin"));
    let body =
        if method == "GET" { Bytes::new() } else { Bytes::from_static(if form { b"x=1" } else { b"{\"x\":1}" }) };
    system.client.send(method.parse::<Method>().unwrap(), &address(path), &headers, body).await
}

/// Whether an answer says that this caller may not.
fn refused(answer: &Answer) -> bool {
    // Somebody who is not signed in, and opens a page or sends a form, is sent to where that is done.
    let to = answer.headers.get("location").and_then(|to| to.to_str().ok()).unwrap_or_default();
    let sent_away = answer.status == 303 && to.split('?').next() == Some("/moderation/sign-in");
    answer.status == 401 || answer.status == 403 || sent_away
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_asks_every_caller_for_what_the_table_says() {
    let system = TestSystem::open().await;
    let (members, now) = (Members::new(&system.laptop.table), Clock::system().now());
    let bearer = |key: String| ("authorization", format!("Bearer {key}"));
    let cookie = |token: &str| ("cookie", format!("session={token}"));
    let mut callers = vec![Caller::nobody("nobody", Vec::new())];
    let device = system.device().authorization;
    callers.push(Caller { uploader: true, ..Caller::nobody("a device", vec![("authorization", device)]) });
    for (name, role) in [
        ("a viewer's key", Role::Viewer),
        ("a moderator's key", Role::Moderator),
        ("an organiser's key", Role::Organiser),
        ("an owner's key", Role::Owner),
    ] {
        let (_, key) = members.mint(&NewKey::new("story", role), now).await.unwrap().unwrap();
        callers.push(Caller::member(name, bearer(key), role, &[]));
    }
    let duties = vec![Duty::Safeguarding];
    let lead = NewKey { duties: duties.clone(), ..NewKey::new("lead", Role::Viewer) };
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
    let asked = NewKey { maker, ..NewKey::new("orphan", Role::Owner) };
    let (_, key) = members.mint(&asked, now).await.unwrap().unwrap();
    let anyway = |_: &Person| Ok::<_, shared::web::Problem>(());
    members.revoke_person(&leaver.id, None, anyway, now).await.unwrap();
    callers.push(Caller::nobody("a key whose maker has left", vec![bearer(key)]));
    let old = NewKey { expires_at: Some(now - SignedDuration::from_secs(1)), ..NewKey::new("old", Role::Owner) };
    let (_, key) = members.mint(&old, now).await.unwrap().unwrap();
    callers.push(Caller::nobody("a key that has expired", vec![bearer(key)]));
    let (minted, key) = members.mint(&NewKey::new("gone", Role::Owner), now).await.unwrap().unwrap();
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
            let answer = ask(&system, caller, method, path).await;
            cases += 1;
            assert!(
                answer.status.as_u16() < 500,
                "{} {method} {path}: {} {}",
                caller.name,
                answer.status,
                answer.text()
            );
            // Signing in refuses a wrong code or passkey from every caller.
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
    let system = TestSystem::open().await;
    let (members, now) = (Members::new(&system.laptop.table), Clock::system().now());
    let owner = system.member(Role::Owner).await;
    let person = members.welcome("story", Role::Organiser, &[], None, now).await.unwrap().unwrap();
    let sign_in = async || by_new_passkey(&members, &person, now).await;
    let status = async |token: &str, path: &str| {
        let cookie = format!("session={token}");
        system.client.send(Method::GET, path, &[("cookie", &cookie)], Bytes::new()).await.status
    };
    let queue = "/api/v1/moderation/queue";

    // Signing out.
    let (_, token) = sign_in().await;
    assert_eq!(status(&token, queue).await, 200);
    let cookie = format!("session={token}");
    let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")];
    let out = system.client.send(Method::DELETE, "/api/v1/session", &headers, Bytes::new()).await;
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

/// Those who ask, in the order of [`MATRIX`]: a stranger, a device with its secret, a moderator and an organiser each by a session without
/// and by one with a passkey that was just used, and a key of an organiser.
const WHO: [&str; 7] =
    ["stranger", "device", "moderator", "moderator, fresh", "organiser", "organiser, fresh", "organiser's key"];

/// Every route, and how it answers each of [`WHO`], who names nobody's ids and sends a body that means nothing. Written by hand.
///
/// `2`, `3`, `4`: they may, and the answer is of this class: `3` leads back to a page, `4` refuses the body, or has no such thing. `1`: they
/// must sign in, or send a device's secret. `x`: they may not, even when they are signed in.
const MATRIX: &[(&str, &str)] = &[
    // A device's own photos.
    ("POST /api/v1/uploads", "1411111"),
    ("GET /api/v1/uploads", "1211111"),
    ("GET /api/v1/uploads/recovery", "1211111"),
    ("GET /api/v1/uploads/draws", "1211111"),
    ("POST /api/v1/uploads/draws", "1411111"),
    ("DELETE /api/v1/uploads/draws", "1211111"),
    ("POST /api/v1/uploads/{id}/renew", "1411111"),
    ("GET /api/v1/uploads/{id}/removal", "1411111"),
    ("PATCH /api/v1/uploads/{id}", "1411111"),
    ("DELETE /api/v1/uploads/{id}", "1411111"),
    // What everybody may read, and report.
    ("GET /api/v1/event", "2222222"),
    ("GET /api/v1/editions", "2222222"),
    ("GET /api/v1/photos", "2222222"),
    ("GET /api/v1/photos/{id}", "4444444"),
    ("GET /api/v1/schools", "4444444"),
    ("GET /api/v1/wall", "2222222"),
    ("GET /api/v1/stats", "2222222"),
    ("GET /api/v1/openapi.json", "2222222"),
    ("GET /feed.xml", "2222222"),
    ("GET /feed.json", "2222222"),
    ("GET /oembed", "4444444"),
    ("POST /api/v1/photos/{id}/reports", "4444444"),
    ("POST /photos/{id}/reports", "3333333"),
    // Signing in, and oneself. A key has no passkeys.
    ("POST /api/v1/session", "4444444"),
    ("GET /api/v1/session", "1122222"),
    ("POST /api/v1/session/passkey/begin", "2222222"),
    ("POST /api/v1/session/passkey/finish", "4444444"),
    ("POST /api/v1/session/passkeys/begin", "1122224"),
    ("POST /api/v1/session/passkeys/finish", "1144444"),
    ("POST /moderation/session", "3333333"),
    ("GET /moderation/sign-in", "2222222"),
    ("GET /moderation/start", "1133333"),
    ("GET /moderation/you", "1122222"),
    ("POST /moderation/you/passkeys/remove", "11x3x3x"),
    ("POST /moderation/you/sessions/end", "1133333"),
    // Moderating.
    ("GET /api/v1/moderation/queue", "1122222"),
    ("GET /api/v1/moderation/waiting", "1122222"),
    ("POST /api/v1/moderation/decisions", "1144444"),
    ("PATCH /api/v1/moderation/photos/{id}", "1144444"),
    ("POST /api/v1/moderation/photos/{id}/redact", "1144444"),
    ("PUT /api/v1/moderation/photos/{id}/pick", "1144444"),
    ("GET /api/v1/moderation/photos/{id}/audit", "1144444"),
    ("GET /api/v1/moderation/reports", "1122222"),
    ("GET /moderation/queue", "1122222"),
    ("GET /moderation/photos/{id}", "1144444"),
    ("GET /moderation/photos/{id}/cover", "1144444"),
    ("POST /moderation/decisions", "1133333"),
    ("POST /moderation/reports/shown", "1133333"),
    ("POST /moderation/photos/{id}/words", "1133333"),
    ("POST /moderation/photos/{id}/pick", "1133333"),
    ("POST /moderation/photos/{id}/covers", "1133333"),
    // What is locked away is for those with the duty, which none of these has.
    ("GET /api/v1/moderation/quarantine", "11xxxxx"),
    ("GET /moderation/quarantine", "11xxxxx"),
    ("POST /moderation/quarantine/decisions", "11xxxxx"),
    // The day.
    ("GET /api/v1/organiser/dashboard", "1122222"),
    ("GET /api/v1/organiser/activity", "11xx222"),
    ("GET /api/v1/organiser/export", "11xxx4x"),
    ("GET /api/v1/organiser/draws", "11xx222"),
    ("GET /api/v1/organiser/draws/{id}", "11xx444"),
    ("POST /api/v1/organiser/draws/{id}/steps", "11xx444"),
    ("POST /api/v1/organiser/draws/{id}/places", "11xx444"),
    ("POST /api/v1/organiser/draws/{id}/rehearsals", "11xx444"),
    ("GET /api/v1/organiser/draws/{id}/contacts", "11xxx4x"),
    ("GET /organiser/draws", "11xx222"),
    ("GET /organiser/draws/{id}", "11xx444"),
    ("POST /organiser/draws/{id}/steps", "11xx333"),
    ("POST /organiser/draws/{id}/places", "11xx333"),
    ("POST /organiser/draws/{id}/rehearsals", "11xx444"),
    ("POST /api/v1/organiser/phase", "11xx444"),
    ("PUT /api/v1/organiser/switches", "11xx444"),
    ("PUT /api/v1/organiser/banner", "11xx444"),
    ("PUT /api/v1/organiser/logos", "11xx444"),
    ("PUT /api/v1/organiser/settings", "11xx444"),
    ("GET /organiser", "1122222"),
    ("GET /organiser/day", "11xx222"),
    ("GET /organiser/activity", "11xx222"),
    ("POST /organiser/day/phase", "11xx444"),
    ("POST /organiser/day/switches", "11xx444"),
    ("POST /organiser/day/banner", "11xx444"),
    ("POST /organiser/day/settings", "11xx444"),
    // People and keys: what gives somebody something asks for a passkey that was just used.
    ("GET /api/v1/organiser/people", "11xx222"),
    ("POST /api/v1/organiser/people", "11xxx4x"),
    ("PATCH /api/v1/organiser/people/{id}", "11xxx4x"),
    ("DELETE /api/v1/organiser/people/{id}", "11xx444"),
    ("POST /api/v1/organiser/keys", "11xxx4x"),
    ("DELETE /api/v1/organiser/keys/{id}", "11xx444"),
    ("DELETE /api/v1/organiser/sessions/{id}", "11xx444"),
    ("GET /organiser/people", "11xx222"),
    ("POST /organiser/people/revoke", "11xx333"),
    ("POST /organiser/keys/revoke", "11xx333"),
    ("POST /organiser/sessions/end", "11xx333"),
    // Pages for everybody.
    ("GET /", "2222222"),
    ("GET /add", "2222222"),
    ("GET /mine", "2222222"),
    ("GET /gallery", "2222222"),
    ("GET /p/{id}", "4444444"),
    ("GET /p/{id}/report", "4444444"),
    ("GET /s/{school}", "4444444"),
    ("GET /s/{school}/certificate", "4444444"),
    ("GET /s/{school}/sheet", "4444444"),
    ("GET /s/{school}/thanks", "4444444"),
    ("GET /schools", "2222222"),
    ("GET /wall", "2222222"),
    ("GET /day", "2222222"),
    ("GET /stats", "2222222"),
    ("GET /embed/p/{id}", "4444444"),
    ("GET /embed/gallery", "2222222"),
    ("GET /poster", "2222222"),
    ("GET /take-part", "2222222"),
    ("GET /rules", "2222222"),
    ("GET /privacy", "2222222"),
    ("GET /accessibility", "2222222"),
    ("GET /safety", "2222222"),
    ("GET /problems/", "2222222"),
    ("GET /problems/{name}", "2222222"),
    ("GET /draws/{id}", "4444444"),
    ("GET /draws/{id}/verify", "4444444"),
    ("GET /cy/draws/{id}", "4444444"),
    ("GET /cy/draws/{id}/verify", "4444444"),
    ("GET /transparency", "2222222"),
    ("GET /styleguide", "2222222"),
    ("GET /moderation/styleguide", "2222222"),
    ("GET /moderation/styleguide/{name}", "4444444"),
    ("GET /styleguide/{name}", "4444444"),
    ("GET /assets/{digest}/{*path}", "4444444"),
    ("GET /cy/", "2222222"),
    ("GET /cy/gallery", "2222222"),
    ("GET /cy/add", "2222222"),
    ("GET /cy/mine", "2222222"),
    ("GET /cy/p/{id}", "4444444"),
    ("GET /cy/p/{id}/report", "4444444"),
    ("GET /cy/s/{school}", "4444444"),
    ("GET /cy/s/{school}/certificate", "4444444"),
    ("GET /cy/s/{school}/sheet", "4444444"),
    ("GET /cy/s/{school}/thanks", "4444444"),
    ("GET /cy/schools", "2222222"),
    ("GET /cy/day", "2222222"),
    ("GET /cy/poster", "2222222"),
    ("GET /cy/take-part", "2222222"),
    ("GET /cy/rules", "2222222"),
    ("GET /cy/safety", "2222222"),
    ("GET /cy/{edition}/", "4444444"),
    ("GET /favicon.svg", "2222222"),
    ("GET /favicon.ico", "2222222"),
    ("GET /manifest.webmanifest", "2222222"),
    ("GET /service-worker.js", "2222222"),
    ("GET /qr/{name}", "4444444"),
    ("GET /logos/{name}", "4444444"),
    ("GET /offline", "2222222"),
    ("GET /robots.txt", "2222222"),
    ("GET /{edition}", "4444444"),
    ("GET /{edition}/", "4444444"),
    // Last, since they end the sessions of all who ask.
    ("DELETE /api/v1/session", "2222222"),
    ("POST /moderation/session/end", "3333333"),
];

/// An answer as [`MATRIX`] has it.
fn class(answer: &Answer) -> char {
    let to = answer.headers.get("location").and_then(|to| to.to_str().ok()).unwrap_or_default();
    let signs_in = to.starts_with("/moderation/sign-in?next=") || to == "/moderation/sign-in?problem=not-signed-in";
    match answer.status.as_u16() {
        401 => '1',
        403 => 'x',
        303 if signs_in => '1',
        status => char::from_digit(u32::from(status / 100), 10).unwrap_or('?'),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_everybody_as_the_matrix_says_and_none_is_missing_in_it() {
    let known: BTreeSet<String> = routes().iter().map(|(method, path)| format!("{method} {path}")).collect();
    let written: BTreeSet<String> = MATRIX.iter().map(|(route, _)| (*route).to_owned()).collect();
    assert_eq!(written.len(), MATRIX.len(), "a route stands twice in the matrix");
    let missing: Vec<_> = known.difference(&written).collect();
    assert!(missing.is_empty(), "say in the matrix how these answer whom: {missing:#?}");
    let gone: Vec<_> = written.difference(&known).collect();
    assert!(gone.is_empty(), "these are in the matrix and nowhere else: {gone:#?}");

    let system = TestSystem::with(Setting { throttling: Throttling::Off, ..Setting::default() }).await;
    let (members, now) = (Members::new(&system.laptop.table), Clock::system().now());
    let cookie = |token: &str| vec![("cookie", format!("session={token}"))];
    let mut who = vec![Vec::new(), vec![("authorization", system.device().authorization)]];
    for role in [Role::Moderator, Role::Organiser] {
        let person = system.person(role, &[]).await;
        let (_, token) = members.begin(&person.id, Proof::Code(None), now).await.unwrap().unwrap();
        who.push(cookie(&token));
        let person = system.person(role, &[]).await;
        who.push(cookie(&by_new_passkey(&members, &person, now).await.1));
    }
    who.push(vec![("authorization", system.member(Role::Organiser).await.authorization)]);
    let who: Vec<_> = WHO.into_iter().zip(who).map(|(name, headers)| Caller::nobody(name, headers)).collect();
    let mut wrong = Vec::new();
    for (route, expected) in MATRIX {
        let (method, path) = route.split_once(' ').unwrap();
        assert_eq!(expected.len(), who.len(), "{route}");
        for (caller, expected) in who.iter().zip(expected.chars()) {
            let answer = ask(&system, caller, method, path).await;
            let got = class(&answer);
            if got != expected {
                wrong.push(format!("{route}, {}: {expected} expected, {got} ({})", caller.name, answer.status));
            }
        }
    }
    println!("matrix: {} routes, {} callers", MATRIX.len(), who.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Bodies of calls that read theirs before they ask where it comes from.
const WHOLE: [(&str, &str); 5] = [
    ("POST /api/v1/photos/{id}/reports", r#"{"reason":"pupil"}"#),
    ("POST /photos/{id}/reports", "reason=pupil&text=&contact="),
    ("POST /api/v1/session", r#"{"code":"a code"}"#),
    ("POST /moderation/session", "code=a+code"),
    ("POST /api/v1/session/passkey/finish", r#"{"ceremony":"a ceremony","credential":{}}"#),
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_changed_by_a_browser_that_another_site_sent() {
    let system = TestSystem::with(Setting { throttling: Throttling::Off, ..Setting::default() }).await;
    let (members, now) = (Members::new(&system.laptop.table), Clock::system().now());
    let person = system.person(Role::Owner, &[Duty::Safeguarding]).await;
    let cookie = format!("session={}", by_new_passkey(&members, &person, now).await.1);
    let (mut tried, mut passed) = (0, Vec::new());
    for (route, _) in MATRIX {
        let (method, path) = route.split_once(' ').unwrap();
        // A device shows its secret, which no browser sends by itself.
        if method == "GET" || path.starts_with("/api/v1/uploads") {
            continue;
        }
        let api = path.starts_with("/api/");
        let (kind, body) = if api { ("application/json", "{}") } else { ("application/x-www-form-urlencoded", "x=1") };
        let body = WHOLE.iter().find(|(whole, _)| whole == route).map_or(body, |(_, body)| *body);
        for said in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let headers = [("cookie", cookie.as_str()), ("content-type", kind), said];
            let answer = system.client.send(method.parse().unwrap(), &address(path), &headers, body).await;
            let to = answer.headers.get("location").and_then(|to| to.to_str().ok()).unwrap_or_default();
            let refused = match answer.status.as_u16() {
                403 if api => answer.problem() == "cross-site",
                403 => answer.text().contains(&format!("<h1>{}</h1>", CROSS_SITE.title)),
                _ => to.contains("cross-site"),
            };
            tried += 1;
            if !refused {
                passed.push(format!("{route} with {said:?}: {} {to}", answer.status));
            }
        }
    }
    assert!(passed.is_empty(), "{}", passed.join("\n"));
    assert!(tried > 100, "{tried} cases");
    assert!(
        members.session(cookie.trim_start_matches("session="), now).await.unwrap().is_some(),
        "not even signed out"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_after_half_an_hour_of_silence_and_after_twelve_hours_and_a_code_when_it_says() {
    let system = TestSystem::open().await;
    let (members, begin) = (Members::new(&system.laptop.table), Clock::system().now());
    let person = system.person(Role::Moderator, &[]).await;
    let after = |minutes: i64, seconds: i64| begin + SignedDuration::from_secs(minutes * 60 + seconds);
    let (_, silent) = members.begin(&person.id, Proof::Code(None), begin).await.unwrap().unwrap();
    let (_, busy) = members.begin(&person.id, Proof::Code(None), begin).await.unwrap().unwrap();
    let lasts = async |token: &str, at| members.session(token, at).await.unwrap().is_some();
    assert!(lasts(&silent, after(29, 59)).await);
    for minute in (0..720).step_by(20) {
        assert!(lasts(&busy, after(minute, 0)).await, "in its minute {minute}");
    }
    assert!(lasts(&busy, after(719, 59)).await, "until its twelfth hour is over");
    assert!(!lasts(&busy, after(720, 0)).await, "however busy");
    // It was last seen in its thirtieth minute.
    assert!(lasts(&silent, after(59, 58)).await);
    assert!(!lasts(&silent, after(59 + 31, 0)).await, "after half an hour without a request");

    let code = async || members.code(&person.id, None, SignedDuration::from_hours(24), begin).await.unwrap().unwrap();
    let (in_time, late) = (code().await, code().await);
    assert!(members.activate(&in_time, after(24 * 60, -1)).await.unwrap().is_some());
    assert!(members.activate(&late, after(24 * 60, 0)).await.unwrap().is_none());
    assert!(members.activate(&in_time, after(0, 0)).await.unwrap().is_none(), "once");
}
