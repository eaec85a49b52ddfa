//! The address of everything that the site links to: one function each, so that no address is written by hand in a template.
//!
//! Values that come from people are percent-encoded here; the templates also escape the whole address for HTML.

use std::fmt::Write as _;

use crate::domain::{
    EditionSlug, Lane, PhotoId,
    feed::{Cursor, FeedRow, Filter},
    ids::{DisciplineSlug, DrawId},
    keys,
    logo::Logo,
    photo::Rendition,
    school::SchoolKey,
    time::HalfHour,
    video::FILM_NAME,
};

use super::lang::Lang;

/// A prize draw.
pub fn draw(id: &DrawId) -> String {
    format!("/draws/{id}")
}

/// The page that computes a prize draw again.
pub fn draw_verify(id: &DrawId) -> String {
    format!("/draws/{id}/verify")
}

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

/// One page of a gallery: `base` is that of the current or of a named edition, with any filter, from the beginning or after a cursor.
pub fn feed(base: &str, filter: &Filter, after: Option<&Cursor>) -> String {
    let words = Some(filter.words.to_string()).filter(|_| !filter.words.is_empty());
    query(
        base,
        &[
            ("discipline", filter.discipline.as_ref().map(DisciplineSlug::to_string)),
            ("nation", filter.nation.map(|nation| nation.to_string())),
            ("school", filter.school.as_ref().map(SchoolKey::to_string)),
            ("half", filter.half.map(|half| half.to_string())),
            ("picked", filter.picked.then(|| "true".to_owned())),
            ("q", words),
            ("after", after.map(Cursor::to_string)),
        ],
    )
}

/// The photos of the current edition that moderators picked.
pub fn picks() -> String {
    feed(&gallery(), &Filter { picked: true, ..Filter::default() }, None)
}

/// The file of a sponsor's logo.
pub fn logo(logo: &Logo) -> String {
    format!("/logos/{}.png", logo.sha256)
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

/// The oEmbed description of one of our pages.
pub fn oembed(address: &str) -> String {
    query("/oembed", &[("url", Some(address.to_owned())), ("format", Some("json".to_owned()))])
}

/// The schools that take part.
pub fn schools() -> String {
    "/schools".into()
}

/// The wall, for a big screen.
pub fn wall() -> String {
    "/wall".into()
}

/// The wall with the photos of one school only.
pub fn wall_of(key: &SchoolKey) -> String {
    query(&wall(), &[("school", Some(key.to_string()))])
}

/// The day, half hour by half hour.
pub fn day() -> String {
    "/day".into()
}

/// One half hour of the day.
pub fn day_half(half: HalfHour) -> String {
    query("/day", &[("half", Some(half.to_string()))])
}

/// The statistics of the day.
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

/// A school's certificate, for printing.
pub fn certificate(key: &SchoolKey) -> String {
    format!("/s/{key}/certificate")
}

/// A card to thank a school's technicians, for writing on.
pub fn thanks(key: &SchoolKey) -> String {
    format!("/s/{key}/thanks")
}

/// A sheet with a school's photos, for printing.
pub fn sheet(key: &SchoolKey) -> String {
    format!("/s/{key}/sheet")
}

/// A photo in a frame on another site.
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

/// The page for adding photos.
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

/// The privacy notice: what is stored, and for how long.
pub fn privacy() -> String {
    "/privacy".into()
}

/// The accessibility statement.
pub fn accessibility() -> String {
    "/accessibility".into()
}

/// Pupils, consent, and how to report a photo.
pub fn safety() -> String {
    "/safety".into()
}

/// The list of all problems.
pub fn problems() -> String {
    "/problems/".into()
}

/// The explanation of one problem.
pub fn problem(slug: &str) -> String {
    format!("/problems/{slug}")
}

/// The sign-in page of moderators and organisers.
pub fn sign_in() -> String {
    "/moderation/sign-in".into()
}

/// The sign-in page that leads to a page of the console afterwards.
pub fn sign_in_for(next: &str) -> String {
    query(&sign_in(), &[("next", Some(next.to_owned()))])
}

/// The target of the sign-in form.
pub fn session() -> String {
    "/moderation/session".into()
}

/// The target of the sign-out form.
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

/// The page for reporting a photo.
pub fn report(id: &PhotoId) -> String {
    format!("/p/{id}/report")
}

/// The target of a report's form; the answer is in the language of the form.
pub fn reports(id: &PhotoId, lang: Lang) -> String {
    let lang = match lang {
        Lang::En => None,
        Lang::Cy => Some("cy".to_owned()),
    };
    query(&format!("/photos/{id}/reports"), &[("lang", lang)])
}

/// How many photos and reports were received, published and rejected.
pub fn transparency() -> String {
    "/transparency".into()
}

/// The console's first page, which leads on to the one that the member needs.
pub fn console_start() -> String {
    "/moderation/start".into()
}

/// The member's own passkeys and sessions.
pub fn you() -> String {
    "/moderation/you".into()
}

/// The quarantined photos.
pub fn quarantine() -> String {
    "/moderation/quarantine".into()
}

/// The target of the forms that decide about quarantined photos.
pub fn unlock() -> String {
    "/moderation/quarantine/decisions".into()
}

/// The page for drawing covers on a photo.
pub fn cover(id: &PhotoId) -> String {
    format!("/moderation/photos/{id}/cover")
}

/// The target of a cover's form.
pub fn covers(id: &PhotoId) -> String {
    format!("/moderation/photos/{id}/covers")
}

/// The target of the form for a photo's texts.
pub fn photo_words(id: &PhotoId) -> String {
    format!("/moderation/photos/{id}/words")
}

/// The event-day dashboard.
pub fn dashboard() -> String {
    "/organiser".into()
}

/// The settings of the day.
pub fn organiser_day() -> String {
    "/organiser/day".into()
}

/// The prize draws, for their organiser.
pub fn organiser_draws() -> String {
    "/organiser/draws".into()
}

/// One prize draw, for its organiser.
pub fn organiser_draw(id: &DrawId) -> String {
    format!("/organiser/draws/{id}")
}

/// The target of the forms that do a step of a prize draw.
pub fn organiser_draw_steps(id: &str) -> String {
    format!("/organiser/draws/{id}/steps")
}

/// The target of the form that rehearses a prize draw.
pub fn organiser_draw_rehearsals(id: &str) -> String {
    format!("/organiser/draws/{id}/rehearsals")
}

/// The target of the forms about a winner or a reserve of a prize draw.
pub fn organiser_draw_places(id: &str) -> String {
    format!("/organiser/draws/{id}/places")
}

/// People, keys and sessions.
pub fn people() -> String {
    "/organiser/people".into()
}

/// The activity log.
pub fn activity() -> String {
    "/organiser/activity".into()
}

/// The target of a form of the console that is named only after its action, such as `/organiser/keys/revoke`.
pub fn act(what: &str) -> String {
    format!("/{what}")
}

/// The target of the forms that decide about photos.
pub fn decisions() -> String {
    "/moderation/decisions".into()
}

/// The target of the form that picks a photo as a favourite.
pub fn photo_pick(id: &PhotoId) -> String {
    format!("/moderation/photos/{id}/pick")
}

/// The target of the form that shows several reported photos again.
pub fn shown_again() -> String {
    "/moderation/reports/shown".into()
}

/// A photo's page for moderators.
pub fn moderation_photo(id: &PhotoId) -> String {
    format!("/moderation/photos/{id}")
}

/// The style guide: a sample of every component and page.
pub fn styleguide() -> String {
    "/styleguide".into()
}

/// The sample of one public page.
pub fn styleguide_page(name: &str) -> String {
    format!("/styleguide/{name}")
}

/// The style guide of the console.
pub fn console_styleguide() -> String {
    "/moderation/styleguide".into()
}

/// The sample of one page of the console.
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

/// The service worker, which keeps the pages for adding photos on a device.
pub fn service_worker() -> String {
    "/service-worker.js".into()
}

/// The page that is shown in place of one that cannot be fetched without a network.
pub fn offline() -> String {
    "/offline".into()
}

/// The target of photos from another app's share menu; only the service worker answers there.
pub fn share_target() -> String {
    "/share".into()
}

/// The QR code of the page for adding photos, in the same language.
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

/// The file of a published video.
pub fn film(row: &FeedRow) -> String {
    keys::public_path(&row.id, &row.revision, FILM_NAME)
}

/// A draft of a post on Bluesky.
pub fn share_bluesky(text: &str) -> String {
    query("https://bsky.app/intent/compose", &[("text", Some(text.to_owned()))])
}

/// A draft of a post on Facebook.
pub fn share_facebook(page: &str) -> String {
    query("https://www.facebook.com/sharer/sharer.php", &[("u", Some(page.to_owned()))])
}

/// A draft of a post on LinkedIn.
pub fn share_linkedin(page: &str) -> String {
    query("https://www.linkedin.com/sharing/share-offsite/", &[("url", Some(page.to_owned()))])
}

/// A draft of a post on X.
pub fn share_x(text: &str) -> String {
    query("https://x.com/intent/post", &[("text", Some(text.to_owned()))])
}

/// A draft of a post on Threads.
pub fn share_threads(text: &str) -> String {
    query("https://www.threads.net/intent/post", &[("text", Some(text.to_owned()))])
}

/// A draft of a message on WhatsApp.
pub fn share_whatsapp(text: &str) -> String {
    query("https://wa.me/", &[("text", Some(text.to_owned()))])
}

/// A draft of an e-mail.
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
