//! The address of everything that the site prints: one function each, so that none is written by hand in a template.
//!
//! Values that come from people are percent-encoded here; the templates escape the whole once more for HTML.

use std::fmt::Write as _;

use shared::domain::{
    EditionSlug, Lane, PhotoId,
    feed::{Cursor, FeedRow},
    ids::DisciplineSlug,
    keys,
    photo::Rendition,
    school::SchoolKey,
};

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
pub fn feed(
    base: &str,
    discipline: Option<&DisciplineSlug>,
    school: Option<&SchoolKey>,
    after: Option<&Cursor>,
) -> String {
    query(
        base,
        &[
            ("discipline", discipline.map(DisciplineSlug::to_string)),
            ("school", school.map(SchoolKey::to_string)),
            ("after", after.map(Cursor::to_string)),
        ],
    )
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

/// Where the form of a report goes.
pub fn reports(id: &PhotoId) -> String {
    format!("/photos/{id}/reports")
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
pub fn day() -> String {
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

/// All about one photo, for moderators.
pub fn moderation_photo(id: &PhotoId) -> String {
    format!("/moderation/photos/{id}")
}

/// Every component and page by its sample.
pub fn styleguide() -> String {
    "/styleguide".into()
}

/// One page by its sample.
pub fn styleguide_page(name: &str) -> String {
    format!("/styleguide/{name}")
}

/// The icon.
pub fn favicon() -> String {
    "/favicon.svg".into()
}

/// The manifest of the web application.
pub fn manifest() -> String {
    "/manifest.webmanifest".into()
}

/// A published rendition.
pub fn rendition(row: &FeedRow, rendition: &Rendition) -> String {
    keys::public_path(&row.id, &row.revision, &rendition.name)
}

/// Opens a draft of a post on Bluesky.
pub fn share_bluesky(text: &str, page: &str) -> String {
    query("https://bsky.app/intent/compose", &[("text", Some(format!("{text} {page}")))])
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
pub fn share_x(text: &str, page: &str) -> String {
    query("https://x.com/intent/post", &[("text", Some(text.to_owned())), ("url", Some(page.to_owned()))])
}

/// Opens a draft of an e-mail.
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
            share_x("a&b=ŵ #", "https://x.example/p/1"),
            "https://x.com/intent/post?text=a%26b%3D%C5%B5%20%23&url=https%3A%2F%2Fx.example%2Fp%2F1"
        );
    }

    #[test]
    fn a_filtered_page_names_only_what_is_chosen() {
        assert_eq!(feed("/gallery", None, None, None), "/gallery");
        let (discipline, school) = ("science".parse().unwrap(), "sample-academy".parse().unwrap());
        let both = feed("/2027/", Some(&discipline), Some(&school), None);
        assert_eq!(both, "/2027/?discipline=science&school=sample-academy");
    }
}
