//! The address of everything that the site prints: one function each, so that none is written by hand in a template.
//!
//! Values that come from people are percent-encoded here; the templates escape the whole once more for HTML.

use std::fmt::Write as _;

use crate::domain::{
    EditionSlug, Lane, PhotoId,
    feed::{Cursor, FeedRow, Filter},
    ids::DisciplineSlug,
    keys,
    photo::Rendition,
    school::SchoolKey,
    time::HalfHour,
};

use super::lang::Lang;

/// The home page.
pub fn home() -> String {
    "/".into()
}

/// The gallery of the current edition.
pub fn gallery() -> String {
    "/gallery".into()
}

/// The gallery of one edition.
pub fn edition(slug: &EditionSlug) -> String {
    format!("/{slug}/")
}

/// One page of a gallery: of the current edition or of the named one, filtered or not, from the beginning or after a cursor.
pub fn feed(base: &str, filter: &Filter, after: Option<&Cursor>) -> String {
    let words = Some(filter.words.to_string()).filter(|_| !filter.words.is_empty());
    query(
        base,
        &[
            ("discipline", filter.discipline.as_ref().map(DisciplineSlug::to_string)),
            ("nation", filter.nation.map(|nation| nation.to_string())),
            ("school", filter.school.as_ref().map(SchoolKey::to_string)),
            ("half", filter.half.map(|half| half.to_string())),
            ("q", words),
            ("after", after.map(Cursor::to_string)),
        ],
    )
}

/// The newest photos as RSS.
pub const RSS: &str = "/feed.xml";
/// The newest photos as JSON Feed.
pub const JSON_FEED: &str = "/feed.json";

/// The newest photos as a feed, with the same filters as a gallery.
pub fn feed_of(base: &str, edition: Option<&EditionSlug>, filter: &Filter) -> String {
    let edition = edition.map(|slug| format!("edition={slug}"));
    let address = feed(base, filter, None);
    match edition {
        Some(edition) if address.contains('?') => format!("{address}&{edition}"),
        Some(edition) => format!("{address}?{edition}"),
        None => address,
    }
}

/// What other sites are told about a page of ours.
pub fn oembed(address: &str) -> String {
    query("/oembed", &[("url", Some(address.to_owned())), ("format", Some("json".to_owned()))])
}

/// All schools that take part.
pub fn schools() -> String {
    "/schools".into()
}

/// A big screen.
pub fn wall() -> String {
    "/wall".into()
}

/// The day, half hour by half hour.
pub fn day() -> String {
    "/day".into()
}

/// Half an hour of the day.
pub fn day_half(half: HalfHour) -> String {
    query("/day", &[("half", Some(half.to_string()))])
}

/// The day in figures.
pub fn stats() -> String {
    "/stats".into()
}

/// How to take part.
pub fn take_part() -> String {
    "/take-part".into()
}

/// A poster to print.
pub fn poster() -> String {
    "/poster".into()
}

/// A school's certificate, to print.
pub fn certificate(key: &SchoolKey) -> String {
    format!("/s/{key}/certificate")
}

/// A card of thanks to a school's technicians, to write.
pub fn thanks(key: &SchoolKey) -> String {
    format!("/s/{key}/thanks")
}

/// A school's photos on a sheet of paper, to print.
pub fn sheet(key: &SchoolKey) -> String {
    format!("/s/{key}/sheet")
}

/// A photo in a layout on another site.
pub fn embed_photo(id: &PhotoId) -> String {
    format!("/embed/p/{id}")
}

/// The current gallery of one discipline.
pub fn discipline(slug: &DisciplineSlug) -> String {
    format!("/gallery?discipline={slug}")
}

/// A photo's page.
pub fn photo(id: &PhotoId) -> String {
    format!("/p/{id}")
}

/// A school's page.
pub fn school(key: &SchoolKey) -> String {
    format!("/s/{key}")
}

/// A school's page, after a cursor.
pub fn school_after(key: &SchoolKey, after: Option<&Cursor>) -> String {
    query(&school(key), &[("after", after.map(Cursor::to_string))])
}

/// Adding photos.
pub fn add() -> String {
    "/add".into()
}

/// The photos of this device.
pub fn mine() -> String {
    "/mine".into()
}

/// The rules.
pub fn rules() -> String {
    "/rules".into()
}

/// What is kept, and for how long.
pub fn privacy() -> String {
    "/privacy".into()
}

/// How usable the site is, and for whom not yet.
pub fn accessibility() -> String {
    "/accessibility".into()
}

/// Pupils, consent, and how to report a photo.
pub fn safety() -> String {
    "/safety".into()
}

/// All problems.
pub fn problems() -> String {
    "/problems/".into()
}

/// What one problem means.
pub fn problem(slug: &str) -> String {
    format!("/problems/{slug}")
}

/// Signing in as a moderator or organiser.
pub fn sign_in() -> String {
    "/moderation/sign-in".into()
}

/// Signing in, to go on to a page of the console afterwards.
pub fn sign_in_for(next: &str) -> String {
    query(&sign_in(), &[("next", Some(next.to_owned()))])
}

/// Where the sign-in form goes.
pub fn session() -> String {
    "/moderation/session".into()
}

/// Where the sign-out form goes.
pub fn session_end() -> String {
    "/moderation/session/end".into()
}

/// The queue, beginning with the normal lane.
pub fn queue() -> String {
    "/moderation/queue".into()
}

/// One lane of the queue.
pub fn queue_lane(lane: Lane) -> String {
    format!("/moderation/queue?lane={}", lane.as_str())
}

/// Reporting a photo.
pub fn report(id: &PhotoId) -> String {
    format!("/p/{id}/report")
}

/// Where the form of a report goes; what is answered is in the language that the form speaks.
pub fn reports(id: &PhotoId, lang: Lang) -> String {
    let lang = match lang {
        Lang::En => None,
        Lang::Cy => Some("cy".to_owned()),
    };
    query(&format!("/photos/{id}/reports"), &[("lang", lang)])
}

/// What was received, published and rejected.
pub fn transparency() -> String {
    "/transparency".into()
}

/// One's own passkeys and sessions.
pub fn you() -> String {
    "/moderation/you".into()
}

/// What is locked away.
pub fn quarantine() -> String {
    "/moderation/quarantine".into()
}

/// Where the forms of decisions about what is locked away go.
pub fn unlock() -> String {
    "/moderation/quarantine/decisions".into()
}

/// Drawing covers on a photo.
pub fn cover(id: &PhotoId) -> String {
    format!("/moderation/photos/{id}/cover")
}

/// Where the form of a cover goes.
pub fn covers(id: &PhotoId) -> String {
    format!("/moderation/photos/{id}/covers")
}

/// Where the form of a photo's words goes.
pub fn photo_words(id: &PhotoId) -> String {
    format!("/moderation/photos/{id}/words")
}

/// How the day goes.
pub fn dashboard() -> String {
    "/organiser".into()
}

/// What is set about the day.
pub fn organiser_day() -> String {
    "/organiser/day".into()
}

/// People, keys and sessions.
pub fn people() -> String {
    "/organiser/people".into()
}

/// What members did.
pub fn activity() -> String {
    "/organiser/activity".into()
}

/// Where a form of the console goes that names only what it acts on, such as `/organiser/keys/revoke`.
pub fn act(what: &str) -> String {
    format!("/{what}")
}

/// Where the forms of decisions go.
pub fn decisions() -> String {
    "/moderation/decisions".into()
}

/// Where the form goes that shows many reported photos again.
pub fn shown_again() -> String {
    "/moderation/reports/shown".into()
}

/// All about one photo, for moderators.
pub fn moderation_photo(id: &PhotoId) -> String {
    format!("/moderation/photos/{id}")
}

/// Every component and page by its sample.
pub fn styleguide() -> String {
    "/styleguide".into()
}

/// One public page by its sample.
pub fn styleguide_page(name: &str) -> String {
    format!("/styleguide/{name}")
}

/// The pages of the console by their samples.
pub fn console_styleguide() -> String {
    "/moderation/styleguide".into()
}

/// One page of the console by its sample.
pub fn console_styleguide_page(name: &str) -> String {
    format!("/moderation/styleguide/{name}")
}

/// The icon.
pub fn favicon() -> String {
    "/favicon.svg".into()
}

/// The manifest of the web application.
pub fn manifest() -> String {
    "/manifest.webmanifest".into()
}

/// What keeps the pages for adding photos on a device.
pub fn service_worker() -> String {
    "/service-worker.js".into()
}

/// What is shown in the place of a page that cannot be fetched without a network.
pub fn offline() -> String {
    "/offline".into()
}

/// Where another app's share menu sends photos to; only the service worker answers there.
pub fn share_target() -> String {
    "/share".into()
}

/// A QR code that leads to the page for adding photos, in the same language.
pub fn qr_add(lang: Lang) -> String {
    match lang {
        Lang::En => "/qr/add.svg".into(),
        Lang::Cy => "/qr/add-cy.svg".into(),
    }
}

/// A published rendition.
pub fn rendition(row: &FeedRow, rendition: &Rendition) -> String {
    keys::public_path(&row.id, &row.revision, &rendition.name)
}

/// Opens a draft of a post on Bluesky.
pub fn share_bluesky(text: &str) -> String {
    query("https://bsky.app/intent/compose", &[("text", Some(text.to_owned()))])
}

/// Opens a draft of a post on Facebook.
pub fn share_facebook(page: &str) -> String {
    query("https://www.facebook.com/sharer/sharer.php", &[("u", Some(page.to_owned()))])
}

/// Opens a draft of a post on LinkedIn.
pub fn share_linkedin(page: &str) -> String {
    query("https://www.linkedin.com/sharing/share-offsite/", &[("url", Some(page.to_owned()))])
}

/// Opens a draft of a post on X.
pub fn share_x(text: &str) -> String {
    query("https://x.com/intent/post", &[("text", Some(text.to_owned()))])
}

/// Opens a draft of a post on Threads.
pub fn share_threads(text: &str) -> String {
    query("https://www.threads.net/intent/post", &[("text", Some(text.to_owned()))])
}

/// Opens a message on WhatsApp.
pub fn share_whatsapp(text: &str) -> String {
    query("https://wa.me/", &[("text", Some(text.to_owned()))])
}

/// Opens a draft of an email.
pub fn share_email(subject: &str, body: &str) -> String {
    query("mailto:", &[("subject", Some(subject.to_owned())), ("body", Some(body.to_owned()))])
}

fn query(base: &str, pairs: &[(&str, Option<String>)]) -> String {
    let mut url = base.to_owned();
    let mut separator = '?';
    for (name, value) in pairs.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
        url.push(separator);
        url.push_str(name);
        url.push('=');
        url.push_str(&encoded(value));
        separator = '&';
    }
    url
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing into a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_cannot_leave_its_place_in_an_address() {
        assert_eq!(
            share_x("a&b=ŵ # https://x.example/p/1"),
            "https://x.com/intent/post?text=a%26b%3D%C5%B5%20%23%20https%3A%2F%2Fx.example%2Fp%2F1"
        );
    }

    #[test]
    fn a_filtered_page_names_only_what_is_chosen() {
        assert_eq!(feed("/gallery", &Filter::default(), None), "/gallery");
        let filter = Filter {
            discipline: "science".parse().ok(),
            school: "sample-academy".parse().ok(),
            half: "2027-03-05T09:30Z".parse().ok(),
            words: "a&b".parse().unwrap_or_default(),
            ..Filter::default()
        };
        let all = feed("/2027/", &filter, None);
        assert_eq!(all, "/2027/?discipline=science&school=sample-academy&half=2027-03-05T09%3A30Z&q=a%26b");
        assert_eq!(feed_of(RSS, "2027".parse().ok().as_ref(), &Filter::default()), "/feed.xml?edition=2027");
    }
}
