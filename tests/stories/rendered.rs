//! The pages over a real table and real buckets, embedded: what is published is shown, what is not is nowhere.

use std::collections::BTreeSet;

use axum::{Router, body::Body};
use embedded::{Durability, Options, Services};
use http::{HeaderMap, Request, StatusCode, header, request};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use shared::{
    domain::{
        Edition, Photo, PhotoId, Revision, UploaderId,
        decision::Deciding,
        ids::{KeyId, Sha256Hex},
        limits,
        people::Actor,
        photo::{Consent, People, Rendered, Rendition},
        request::{PhotoRequest, PhotoSpec},
        school::School,
        states::{Decision, Role},
    },
    pages::sample,
    runtime::{Clock, Environment},
    store::{
        Aws, Photos, buckets::Review, client::Endpoints, editions::Editions, indexes::Indexes, members::Members,
        photos::Outcome, table::Table, wall_feed::WallFeed,
    },
    web::edge::EDGE_SECRET,
};
use tower::ServiceExt;

/// By what the edge is known.
const EDGE: &str = "a-secret-of-this-test";

/// The public pages and the console on this table.
fn pages(aws: &Aws, table: &str) -> [Router; 2] {
    let environment = |names: &[&'static str]| {
        let value = |name: &str| match name {
            "EDGE_SECRETS" => EDGE,
            "TABLE" => table,
            "REVIEW_BUCKET" => "review",
            "SITE_ORIGIN" => "https://photos.example",
            "UPLOAD_ORIGIN" => "https://storage.example",
            _ => "nothing",
        };
        Environment::from(names, |name| Some(value(name).to_owned())).unwrap()
    };
    let site = site::Config::from(&environment(site::Config::VARS));
    let console = console::Config::from(&environment(console::Config::VARS));
    let clock = Clock::new(noon);
    [site::router(site::App::new(&site, aws, clock.clone())), console::router(console::App::new(&console, aws, clock))]
}

/// A day at noon.
struct Day {
    /// The public pages, and the console.
    routers: [Router; 2],
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
        let table = Table::new(&aws.dynamodb, "photos");
        table.create_if_absent().await.unwrap();
        let clock = Clock::new(noon);
        let edition = sample::edition().unwrap();
        Editions::new(&table, &clock).put(&edition).await.unwrap();
        Self { routers: pages(&aws, "photos"), table, edition, aws, _services: services, _folder: folder }
    }

    /// A photo that waits for a decision, sent `n` minutes before noon.
    async fn pending(&self, n: u8, caption: &str, school: &str, discipline: &str) -> Photo {
        let uploader: UploaderId = "abcdefghijklmnopqrstuvwxyz234567".parse().unwrap();
        let consent = Consent { version: self.edition.consent.version.clone(), web: true, social: false, press: false };
        let spec = PhotoSpec {
            reference: format!("r{n}").parse().unwrap(),
            content_type: "image/jpeg".into(),
            size_bytes: 1000,
            sha256: Sha256Hex::digest(&[n]),
            caption: caption.into(),
            alt: String::new(),
            people: People::Pupils,
            parts: Vec::new(),
            sound: false,
            transcript: String::new(),
        };
        let discipline = discipline.parse().unwrap();
        let request = PhotoRequest {
            uploader: &uploader,
            consent: &consent,
            credit: "The prep room",
            school: School::named(school).unwrap(),
            discipline: Some(&discipline),
            photo: &spec,
            trusted: false,
            network: None,
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
            hash: Sha256Hex::digest(b"renditions").to_string(),
            fingerprint: None,
            renditions: limits::RENDITION_EDGES_PX.map(rendition).to_vec(),
            film: None,
        };
        let ingested = reserved.after.ingest(rendered, "renditions", sent_at).unwrap();
        self.commit(&ingested).await;
        ingested.after
    }

    async fn decide(&self, photo: &Photo, decision: Decision) -> Photo {
        let decided_at = noon() - SignedDuration::from_mins(photo.version.cast_signed());
        self.decide_at(photo, decision, decided_at).await
    }

    async fn decide_at(&self, photo: &Photo, decision: Decision, decided_at: Timestamp) -> Photo {
        let deciding = Deciding {
            decision,
            seen_version: photo.version,
            reason: Some("A pupil can be recognised.".into()),
            revision: Revision::from_bits([9; 16]),
            feed_shards: self.edition.feed_shards,
            sound: None,
            person: None,
        };
        let change = photo.decide(&deciding, &Actor::Member(KeyId::from_bits([1; 10])), decided_at).unwrap();
        self.commit(&change).await;
        change.after
    }

    async fn commit(&self, change: &shared::domain::change::Change) {
        let outcome = Photos::new(&self.table).advance(change).await.unwrap();
        assert!(matches!(outcome, Outcome::Done), "{outcome:?}");
    }

    /// As housekeeping does every minute; returns whether there was something to do.
    async fn reindex(&self) -> bool {
        let review = Review::new(&self.aws.s3, "review");
        let indexes = Indexes::new(&self.table, &review, &Clock::new(noon));
        Box::pin(indexes.refresh(&self.edition)).await.unwrap()
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// As a member of this role.
    async fn get_as(&self, role: Role, path: &str) -> Answer {
        self.ask(self.request_of(role, path).await.body(Body::empty()).unwrap()).await
    }

    /// The same as browsers ask, which take answers compressed.
    async fn get_compressed(&self, role: Role, path: &str) -> Answer {
        let request = self.request_of(role, path).await.header(header::ACCEPT_ENCODING, "gzip, br");
        self.ask(request.body(Body::empty()).unwrap()).await
    }

    async fn request_of(&self, role: Role, path: &str) -> request::Builder {
        let members = Members::new(&self.table);
        let code = members.invite("Sample", role, SignedDuration::from_hours(1), noon()).await.unwrap();
        let (_, token) = members.activate(&code, noon()).await.unwrap().unwrap();
        Request::get(path).header(header::COOKIE, format!("__Host-session={token}"))
    }

    async fn ask(&self, mut request: Request<Body>) -> Answer {
        request.headers_mut().insert(EDGE_SECRET, EDGE.parse().unwrap());
        let [site, console] = &self.routers;
        let router =
            if request.uri().path().starts_with("/moderation/") || request.uri().path().starts_with("/organiser") {
                console
            } else {
                site
            };
        let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
    }
}

/// What stands between `before` and the next `after`.
fn between<'a>(text: &'a str, before: &str, after: char) -> Option<&'a str> {
    text.split_once(before)?.1.split(after).next()
}

#[tokio::test]
async fn a_members_pages_are_compressed_and_what_the_edge_keeps_is_left_to_it() {
    let day = Day::start().await;
    let path = "/organiser/day";
    let (plain, compressed) = (day.get_as(Role::Owner, path).await, day.get_compressed(Role::Owner, path).await);
    assert_eq!((plain.status, compressed.status), (StatusCode::OK, StatusCode::OK));
    assert!(!plain.headers.contains_key(header::CONTENT_ENCODING), "nobody asked for it");
    assert_eq!(compressed.headers[header::CONTENT_ENCODING], "gzip");
    assert!(plain.body.contains("<html") && !compressed.body.contains("<html"), "it says so and is not");
    for path in ["/gallery", "/p/not-an-id", "/take-part"] {
        let answer = day.get_compressed(Role::Owner, path).await;
        assert!(!answer.headers.contains_key(header::CONTENT_ENCODING), "{path}");
    }
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
    assert!(day.get("/gallery?discipline=art").await.body.contains("No photos here yet."));
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
async fn whoever_reads_welsh_finds_the_school_the_day_and_the_report_of_a_photo() {
    let day = Day::start().await;
    let photo = day.pending(1, "Diolch ŵ", "Ysgol Enghraifft", "science").await;
    day.decide(&photo, Decision::Publish).await;
    day.reindex().await;
    let page = format!("/cy/p/{}", photo.id);
    for (path, words, leads_to) in [
        (page.clone(), "Adrodd am y llun hwn", "/cy/s/ysgol-enghraifft"),
        (format!("{page}/report"), "Beth sydd o&#39;i le arno?", &*page),
        (
            "/cy/s/ysgol-enghraifft".to_owned(),
            "Anfonwyd 1 llun (gwyddoniaeth) gan ein technegwyr yn Ysgol Enghraifft.",
            &page,
        ),
        ("/cy/s/ysgol-enghraifft/thanks".to_owned(), "Diolch am yr hyn a wnewch", "/cy/s/ysgol-enghraifft"),
        ("/cy/s/ysgol-enghraifft/certificate".to_owned(), "ddydd Gwener 5 Mawrth 2027", "/cy/s/ysgol-enghraifft"),
        ("/cy/s/ysgol-enghraifft/sheet".to_owned(), "Technegwyr <bdi>Ysgol Enghraifft", &page),
        ("/cy/schools".to_owned(), "1 ysgol neu goleg â lluniau", "/cy/s/ysgol-enghraifft"),
        ("/cy/day".to_owned(), "11:30 tan 12:00", &page),
        ("/cy/2027/".to_owned(), "y diweddaraf yn gyntaf", &page),
    ] {
        let answer = day.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(answer.body.contains(r#"<html lang="cy">"#), "{path}");
        assert!(answer.body.contains(words), "{path} does not say {words}: {}", answer.body);
        assert!(answer.body.contains(&format!("href=\"{leads_to}\"")), "{path} does not lead to {leads_to}");
    }
    // The form is told which language to answer in.
    let form = day.get(&format!("{page}/report?problem=too-many-requests")).await.body;
    assert!(form.contains(&format!("action=\"/photos/{}/reports?lang=cy\"", photo.id)), "{form}");
    assert!(form.contains("Ni chyrhaeddodd eich adroddiad"), "{form}");
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
    assert!(gone.body.contains("This photo is not being shown") && !gone.body.contains("Taken off again"));
    assert!(!gone.body.contains("The photo was withdrawn"), "nothing is said twice");
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
            // The way on is the only relative link with a cursor, but for the same page in Welsh; the page's own address is absolute.
            let mut links = body.split(" href=\"").skip(1).filter_map(|part| part.split('"').next());
            let on = |link: &&str| link.starts_with('/') && !link.starts_with("/cy/") && link.contains("after=");
            let Some(older) = links.find(on) else { break };
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
    assert!(normal.body.contains("The queue is empty."), "it is in the held lane");
    let held = day.get_as(Role::Moderator, "/moderation/queue?lane=held").await;
    assert_eq!((held.status, &held.headers[header::CACHE_CONTROL]), (StatusCode::OK, &"no-store".parse().unwrap()));
    for words in [
        "Waits with pupils",
        "Pupils might be visible.",
        "Back to the queue",
        "1 held.",
        "The oldest has waited for 7 minutes.",
    ] {
        assert!(held.body.contains(words), "{words}: {}", held.body);
    }
    let image = between(&held.body, "<img src=\"", '"').unwrap();
    assert!(
        image.starts_with("/review/") && image.contains("/1280.jpg") && image.contains("X-Amz-Signature="),
        "{image}"
    );
    let about = day.get_as(Role::Moderator, &format!("/moderation/photos/{}", photo.id)).await;
    for words in ["Arrived → pending", "value=\"delete\"", "value=\"release\""] {
        assert!(about.body.contains(words), "{words}: {}", about.body);
    }
    assert!(!about.body.contains("uploader:"), "its history names people as people do");
    assert!(!about.body.contains("value=\"hide\""), "a photo that waits cannot be hidden");
    assert!(!about.body.contains("The history has been altered"));
}

#[tokio::test]
async fn moderation_is_for_moderators() {
    let day = Day::start().await;
    let photo = day.pending(1, "Waits", "Sample Academy", "pe").await;
    for path in ["/moderation/queue".to_owned(), format!("/moderation/photos/{}", photo.id)] {
        assert_eq!(day.get(&path).await.status, StatusCode::SEE_OTHER, "{path}");
        let viewer = day.get_as(Role::Viewer, &path).await;
        assert_eq!(viewer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(viewer.body.contains("Your role does not allow this") && !viewer.body.contains("Waits"));
        assert_eq!(day.get_as(Role::Moderator, &path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_site_on_which_nothing_is_set_up_still_has_pages() {
    let mut day = Day::start().await;
    // Another table: no edition in it.
    Table::new(&day.aws.dynamodb, "empty").create_if_absent().await.unwrap();
    day.routers = pages(&day.aws, "empty");
    for path in ["/", "/gallery", "/add", "/rules", "/cy/rules", "/cy/safety", "/cy/poster", "/manifest.webmanifest"] {
        assert_eq!(day.get(path).await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(day.get("/2027/").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_search_finds_what_is_public_now_and_nothing_else() {
    let day = Day::start().await;
    let crystals = day.pending(1, "Copper sulphate crystals", "Sample Academy", "science").await;
    let glaze = day.pending(2, "Crystal glaze, second firing", "Sample Academy", "art").await;
    let waiting = day.pending(3, "Crystals nobody has looked at", "Sample Academy", "science").await;
    let crystals = day.decide(&crystals, Decision::Publish).await;
    let page_of = |photo: &Photo| format!("/p/{}", photo.id);
    // Before there is an index, and after it was made, with what came since.
    for round in 0..2 {
        let found = day.get("/gallery?q=CRYST").await.body;
        assert!(found.contains(&page_of(&crystals)), "round {round}");
        assert!(!found.contains(&page_of(&glaze)) && !found.contains(&page_of(&waiting)), "round {round}");
        assert_eq!(day.reindex().await, round == 0, "an index that is not behind is not made again");
    }
    let glaze = day.decide(&glaze, Decision::Publish).await;
    let both = day.get("/gallery?q=cryst").await.body;
    assert!(both.contains(&page_of(&crystals)) && both.contains(&page_of(&glaze)));
    let one = day.get("/gallery?q=cryst&discipline=art").await.body;
    assert!(one.contains(&page_of(&glaze)) && !one.contains(&page_of(&crystals)));
    assert!(day.get("/gallery?q=nickel").await.body.contains("No photos match."));
    // Taken down after the index was made.
    assert!(day.reindex().await);
    day.decide(&crystals, Decision::Hide).await;
    let left = day.get("/gallery?q=cryst").await.body;
    assert!(!left.contains(&page_of(&crystals)) && left.contains(&page_of(&glaze)));
}

#[tokio::test]
async fn filters_are_links_and_go_together() {
    let day = Day::start().await;
    let photo = day.pending(1, "Pipettes", "Sample Academy", "science").await;
    day.decide(&photo, Decision::Publish).await;
    let page = format!("/p/{}", photo.id);
    for (query, shown) in [
        ("half=2027-03-05T11:30Z", true),
        ("half=2027-03-05T12:00Z", false),
        ("half=2027-03-05T11:30Z&discipline=science", true),
        ("nation=wales", false),
        ("nation=wales&school=sample-academy", false),
        ("school=sample-academy&discipline=science&half=2027-03-05T11:30Z", true),
    ] {
        let answer = day.get(&format!("/gallery?{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}");
        assert_eq!(answer.body.contains(&page), shown, "{query}");
    }
    assert!(day.get("/gallery").await.body.contains("half=2027-03-05T11%3A30Z"), "a half hour with photos is offered");
    for query in ["half=noon", "nation=atlantis", "discipline=alchemy"] {
        assert_eq!(day.get(&format!("/gallery?{query}")).await.status, StatusCode::NOT_FOUND, "{query}");
    }
}

#[tokio::test]
async fn a_photo_leads_to_its_neighbours() {
    let day = Day::start().await;
    let mut pages = Vec::new();
    // Each is published a minute after the one before it in this list.
    for n in 0..3 {
        let photo = day.pending(n, &format!("Photo {n}"), "Sample Academy", "ict").await;
        day.decide_at(&photo, Decision::Publish, noon() + SignedDuration::from_mins(n.into())).await;
        pages.push(format!("/p/{}", photo.id));
    }
    let link = |page: &str, which: &str| format!("href=\"{page}\" rel=\"{which}\"");
    let middle = day.get(&pages[1]).await.body;
    assert!(middle.contains(&link(&pages[2], "prev")) && middle.contains(&link(&pages[0], "next")), "{middle}");
    assert!(!day.get(&pages[0]).await.body.contains("rel=\"next\" data-older"));
    assert!(!day.get(&pages[2]).await.body.contains("rel=\"prev\" data-newer"));
}

#[tokio::test]
async fn words_that_try_to_be_more_are_words_on_every_page() {
    let day = Day::start().await;
    let hostile = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(2)> ]]> مختبر 💎";
    let photo = day.pending(1, hostile, "\"><script>alert(3)</script> School", "science").await;
    day.decide(&photo, Decision::Publish).await;
    day.reindex().await;
    let school = photo.school.as_ref().unwrap().key();
    for path in [
        "/".to_owned(),
        "/gallery?q=alert".to_owned(),
        format!("/p/{}", photo.id),
        format!("/s/{school}"),
        format!("/s/{school}/certificate"),
        format!("/s/{school}/sheet"),
        format!("/s/{school}/thanks"),
        format!("/cy/s/{school}"),
        format!("/cy/s/{school}/certificate"),
        format!("/cy/s/{school}/sheet"),
        format!("/cy/s/{school}/thanks"),
        "/schools".to_owned(),
        "/cy/schools".to_owned(),
        "/cy/day".to_owned(),
        "/cy/2027/".to_owned(),
        "/wall".to_owned(),
        "/day".to_owned(),
        "/stats".to_owned(),
        format!("/embed/p/{}", photo.id),
        "/embed/gallery".to_owned(),
        format!("/embed/gallery?school={school}"),
    ] {
        let answer = day.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        for forbidden in ["<script>", "<img src=x", "&#38;#", "]]>"] {
            assert!(!answer.body.contains(forbidden), "{path}: {forbidden}");
        }
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        let framed = policy.contains("frame-ancestors *");
        assert_eq!(framed, path.starts_with("/embed/"), "{path}: {policy}");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}");
    }
    assert!(day.get("/schools").await.body.contains("1 school or college"));
}

#[tokio::test]
async fn a_wall_hears_of_what_comes_goes_and_returns() {
    let day = Day::start().await;
    let walls = WallFeed::new(&day.table);
    let changes = async |since| walls.changes(&day.edition, since, noon()).await.unwrap();
    let nothing = changes(None).await;
    assert_eq!((nothing.whole, nothing.photos.len(), nothing.seq), (true, 0, 0));
    let (one, other) =
        (day.pending(1, "One", "Sample Academy", "ict").await, day.pending(2, "Other", "Sample Academy", "ict").await);
    let before = noon() - SignedDuration::from_mins(30);
    let one = day.decide_at(&one, Decision::Publish, before).await;
    let first = changes(None).await;
    assert_eq!((first.whole, first.photos.len(), first.seq), (true, 1, before.as_millisecond()));
    let other = day.decide_at(&other, Decision::Publish, noon() - SignedDuration::from_mins(20)).await;
    let second = changes(Some(first.seq)).await;
    assert!(!second.whole);
    assert!(second.photos.iter().any(|row| row.id == other.id) && second.gone.is_empty());
    let hidden = day.decide_at(&one, Decision::Hide, noon() - SignedDuration::from_mins(10)).await;
    let third = changes(Some(second.seq)).await;
    assert_eq!(third.gone, std::slice::from_ref(&one.id));
    assert!(third.photos.iter().all(|row| row.id != one.id));
    let asked_again = changes(Some(third.seq)).await;
    assert_eq!(asked_again.seq, third.seq, "walls that know the same ask the same");
    day.decide_at(&hidden, Decision::Restore, noon() - SignedDuration::from_mins(5)).await;
    let fourth = changes(Some(third.seq)).await;
    assert!(fourth.gone.is_empty() && fourth.photos.iter().any(|row| row.id == one.id), "it came back");
    assert!(changes(Some(1)).await.whole, "who was away for long is told everything");
    assert!(changes(Some(i64::MAX)).await.whole, "and so is who asks for nonsense");
}
