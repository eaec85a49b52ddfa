//! The pages over a real table and real buckets, embedded: what is published is shown, what is not is nowhere.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeSet;

use axum::body::Body;
use embedded::{Durability, Options, Services};
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use shared::{
    domain::{
        Edition, Photo, PhotoId, Revision, UploaderId,
        ids::{KeyId, Sha256Hex},
        limits,
        people::{Actor, Role},
        photo::{Consent, Deciding, Decision, People, Rendered, Rendition},
        request::{PhotoRequest, PhotoSpec},
        school::School,
    },
    runtime::Clock,
    store::{Aws, Photos, client::Endpoints, editions::Editions, members::Members, photos::Outcome, table::Table},
};
use site::{App, config::Config, router, sample};
use tower::ServiceExt;

/// A day at noon.
struct Day {
    app: App,
    table: Table,
    edition: Edition,
    aws: Aws,
    // Both go on living as long as the day: the services stop, and the folder goes, when they are dropped.
    _services: Services,
    _folder: tempfile::TempDir,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

fn noon() -> Timestamp {
    "2027-03-05T12:00:00Z".parse().unwrap()
}

impl Day {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            buckets: vec!["review".into()],
            durability: Durability::ProcessKill,
            ..Options::new(folder.path())
        };
        let services = Services::start(options).await.unwrap();
        let at = services.endpoints();
        let aws = Aws::at(&Endpoints {
            cloudfront: "http://127.0.0.1:9".into(),
            dynamodb: at.dynamodb.clone(),
            s3: at.s3.clone(),
            sqs: at.sqs.clone(),
            region: at.region.clone(),
            access_key: at.access_key.clone(),
            secret_key: at.secret_key.clone(),
        });
        let config = Config {
            table: "photos".into(),
            review_bucket: "review".into(),
            site_origin: "https://photos.example".into(),
            upload_origin: "https://storage.example".into(),
            styleguide: false,
        };
        let table = Table::new(&aws.dynamodb, "photos");
        table.create_if_absent().await.unwrap();
        let clock = Clock::of(noon);
        let edition = sample::edition().unwrap();
        Editions::new(&table, &clock).put(&edition).await.unwrap();
        Self { app: App::new(&aws, config, clock), table, edition, aws, _services: services, _folder: folder }
    }

    /// A photo that waits for a decision, sent `n` minutes before noon.
    async fn pending(&self, n: u8, caption: &str, school: &str, discipline: &str) -> Photo {
        let uploader: UploaderId = "abcdefghijklmnopqrstuvwxyz234567".parse().unwrap();
        let consent = Consent { version: self.edition.consent.version.clone(), web: true, social: false, press: false };
        let spec = PhotoSpec {
            reference: format!("r{n}").parse().unwrap(),
            content_type: "image/jpeg".into(),
            size_bytes: 1000,
            sha256: Sha256Hex::of(&[n]),
            caption: caption.into(),
            alt: String::new(),
            people: People::Pupils,
        };
        let discipline = discipline.parse().unwrap();
        let request = PhotoRequest {
            uploader: &uploader,
            consent: &consent,
            credit: "The prep room",
            school: School::named(school).unwrap(),
            discipline: Some(&discipline),
            photo: &spec,
        };
        let sent_at = noon() - SignedDuration::from_mins(n.into());
        let id = PhotoId::from_digest(&[n + 1; 32]);
        let reserved = Photo::reserve(id, &self.edition, &request, sent_at).unwrap();
        self.commit(&reserved).await;
        let rendition = |edge: u32| Rendition { name: format!("{edge}.jpg"), width: edge, height: edge / 2, bytes: 9 };
        let rendered = Rendered {
            width: 4000,
            height: 2000,
            placeholder: "1QcSHQRnh493V4dIh4eXh1h4kJUI".into(),
            color: "#4a6b8c".into(),
            hash: Sha256Hex::of(b"renditions").to_string(),
            fingerprint: None,
            renditions: limits::RENDITION_EDGES_PX.map(rendition).to_vec(),
        };
        let ingested = reserved.after.ingest(rendered, "renditions", sent_at).unwrap();
        self.commit(&ingested).await;
        ingested.after
    }

    async fn decide(&self, photo: &Photo, decision: Decision) -> Photo {
        let deciding = Deciding {
            decision,
            seen_version: photo.version,
            reason: Some("A pupil can be recognised.".into()),
            revision: Revision::from_bits([9; 16]),
            feed_shards: self.edition.feed_shards,
        };
        let decided_at = noon() - SignedDuration::from_mins(photo.version.cast_signed());
        let change = photo.decide(&deciding, &Actor::Member(KeyId::from_bits([1; 10])), decided_at).unwrap();
        self.commit(&change).await;
        change.after
    }

    async fn commit(&self, change: &shared::domain::change::Change) {
        let outcome = Photos::new(&self.table).advance(change).await.unwrap();
        assert!(matches!(outcome, Outcome::Done), "{outcome:?}");
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// As a member of this role.
    async fn get_as(&self, role: Role, path: &str) -> Answer {
        let members = Members::new(&self.table);
        let code = members.invite("Sample", role, SignedDuration::from_hours(1), noon()).await.unwrap();
        let (_, token) = members.activate(&code, noon()).await.unwrap().unwrap();
        let cookie = format!("session={token}");
        self.ask(Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap()).await
    }

    async fn ask(&self, request: Request<Body>) -> Answer {
        let (parts, body) = router(self.app.clone()).oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
    }
}

/// What stands between `before` and the next `after`.
fn between<'a>(text: &'a str, before: &str, after: char) -> Option<&'a str> {
    text.split_once(before)?.1.split(after).next()
}

#[tokio::test]
async fn a_published_photo_is_on_every_page_where_it_belongs() {
    let day = Day::start().await;
    let photo = day.pending(1, "Diolch <b>ŵ</b> 💎", "St. Mary's College", "science").await;
    day.decide(&photo, Decision::Publish).await;
    let page = format!("/p/{}", photo.id);
    for path in ["/", "/gallery", "/2027/", "/gallery?discipline=science", "/s/st-marys-college"] {
        let answer = day.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(answer.body.contains("Diolch &#60;b&#62;ŵ&#60;/b&#62; 💎"), "{path}");
        assert!(answer.body.contains(&page), "{path}");
    }
    // The school may be written as people write it.
    let filtered = day.get("/gallery?discipline=science&school=ST+MARYS+college&fbclid=x").await;
    assert!(filtered.body.contains("Science at St. Mary&#39;s College"), "{}", filtered.body);
    assert!(day.get("/gallery?discipline=art").await.body.contains("This tray is empty so far."));
    let shown = day.get(&page).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(shown.body.contains(&format!("https://photos.example/m/{}/", photo.id)));
    assert_eq!(day.get("/gallery?discipline=magic").await.status, StatusCode::NOT_FOUND);
    assert_eq!(day.get("/gallery?after=nonsense").await.status, StatusCode::NOT_FOUND);
    let moved = day.get("/2027").await;
    assert_eq!(
        (moved.status, &moved.headers[header::LOCATION]),
        (StatusCode::PERMANENT_REDIRECT, &"/2027/".parse().unwrap())
    );
}

#[tokio::test]
async fn what_is_not_published_is_nowhere() {
    let day = Day::start().await;
    let waiting = day.pending(1, "Nobody has seen this", "Hidden School", "art").await;
    let published = day.pending(2, "Taken off again", "Hidden School", "art").await;
    let published = day.decide(&published, Decision::Publish).await;
    let hidden = day.decide(&published, Decision::Hide).await;
    for path in
        ["/", "/gallery", "/2027/", "/gallery?discipline=art", "/gallery?school=Hidden+School", "/s/hidden-school"]
    {
        let body = day.get(path).await.body;
        assert!(!body.contains("Nobody has seen this") && !body.contains("Taken off again"), "{path}");
        assert!(!body.contains(waiting.id.as_str()) && !body.contains(hidden.id.as_str()), "{path}");
    }
    let unknown = day.get("/p/aaaaaaaaaaaaaaaaaaaaaaaaaa").await;
    let unseen = day.get(&format!("/p/{}", waiting.id)).await;
    assert_eq!((unseen.status, &unseen.body), (StatusCode::NOT_FOUND, &unknown.body), "not even that it exists");
    let gone = day.get(&format!("/p/{}", hidden.id)).await;
    assert_eq!(gone.status, StatusCode::GONE);
    assert!(gone.body.contains("This photo was withdrawn") && !gone.body.contains("Taken off again"));
}

#[tokio::test]
async fn walking_back_through_the_gallery_meets_each_photo_once() {
    let day = Day::start().await;
    for n in 0..30 {
        let photo = day.pending(n, &format!("Photo {n}"), "Sample Academy", "ict").await;
        day.decide(&photo, Decision::Publish).await;
    }
    for start in ["/gallery", "/gallery?discipline=ict", "/s/sample-academy"] {
        let (mut met, mut tiles, mut path, mut pages) = (BTreeSet::new(), 0, start.to_owned(), 0);
        loop {
            let body = day.get(&path).await.body;
            pages += 1;
            for part in body.split("href=\"/p/").skip(1) {
                met.insert(part[..26].to_owned());
                tiles += 1;
            }
            assert_eq!(body.contains("Newest photos"), pages > 1, "{path}");
            // The way on is the only relative link with a cursor; the page's own address is absolute.
            let mut links = body.split(" href=\"").skip(1).filter_map(|part| part.split('"').next());
            let Some(older) = links.find(|link| link.starts_with('/') && link.contains("after=")) else { break };
            path = older.replace("&#38;", "&");
        }
        assert_eq!((met.len(), tiles, pages), (30, 30, 2), "{start}");
    }
}

#[tokio::test]
async fn a_moderator_sees_the_queue_and_all_about_a_photo() {
    let day = Day::start().await;
    let photo = day.pending(7, "Waits with pupils", "Sample Academy", "pe").await;
    let normal = day.get_as(Role::Moderator, "/moderation/queue").await;
    assert!(normal.body.contains("Nothing here for you right now."), "it is in the held lane");
    let held = day.get_as(Role::Moderator, "/moderation/queue?lane=held").await;
    assert_eq!((held.status, &held.headers[header::CACHE_CONTROL]), (StatusCode::OK, &"no-store".parse().unwrap()));
    for words in
        ["Waits with pupils", "Pupils might be seen.", "Release", "1 photo waits. The oldest has waited for 7 minutes."]
    {
        assert!(held.body.contains(words), "{words}: {}", held.body);
    }
    let image = between(&held.body, "<img src=\"", '"').unwrap();
    assert!(
        image.starts_with("/review/") && image.contains("/1280.jpg") && image.contains("X-Amz-Signature="),
        "{image}"
    );
    let about = day.get_as(Role::Moderator, &format!("/moderation/photos/{}", photo.id)).await;
    for words in ["ingest → pending", "value=\"delete\"", "value=\"release\""] {
        assert!(about.body.contains(words), "{words}: {}", about.body);
    }
    assert!(!about.body.contains("value=\"hide\""), "a photo that waits cannot be hidden");
    assert!(!about.body.contains("The trail is not whole"));
}

#[tokio::test]
async fn moderation_is_for_moderators() {
    let day = Day::start().await;
    let photo = day.pending(1, "Waits", "Sample Academy", "pe").await;
    for path in ["/moderation/queue".to_owned(), format!("/moderation/photos/{}", photo.id)] {
        assert_eq!(day.get(&path).await.status, StatusCode::SEE_OTHER, "{path}");
        let viewer = day.get_as(Role::Viewer, &path).await;
        assert_eq!(viewer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(viewer.body.contains("Your role does not reach this far") && !viewer.body.contains("Waits"));
        assert_eq!(day.get_as(Role::Moderator, &path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_site_on_which_nothing_is_set_up_still_has_pages() {
    let mut day = Day::start().await;
    // Another table: no edition in it.
    let config = Config { table: "empty".into(), ..(*day.app.config).clone() };
    Table::new(&day.aws.dynamodb, "empty").create_if_absent().await.unwrap();
    day.app = App::new(&day.aws, config, Clock::of(noon));
    for path in ["/", "/gallery", "/add", "/rules", "/manifest.webmanifest"] {
        assert_eq!(day.get(path).await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(day.get("/2027/").await.status, StatusCode::NOT_FOUND);
}
