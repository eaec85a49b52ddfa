//! The layout of the console's pages: who is signed in, and which pages they may see.

use jiff::Timestamp;
use shared::{
    domain::{access, people::Member},
    pages::{
        layout::{ConsoleLink, Layout, Nav},
        links,
    },
};

/// Builds the layout of a page for `member`. Its navigation has exactly the pages that the table of access allows them.
pub fn console(title: impl Into<String>, member: &Member) -> Layout {
    let pages: [(&str, String); 7] = [
        ("Queue", links::queue()),
        ("Dashboard", links::dashboard()),
        ("Day", links::organiser_day()),
        ("Draws", links::organiser_draws()),
        ("People", links::people()),
        ("Activity", links::activity()),
        ("Quarantine", links::quarantine()),
    ];
    // A page that needs a freshly used passkey would be missing from the navigation; there is no such page.
    let may = |href: &str| {
        access::needs("GET", href).is_some_and(|needs| needs.met_by(member, Timestamp::UNIX_EPOCH).is_ok())
    };
    let links = pages.into_iter().filter(|(_, href)| may(href));
    Layout {
        member: Some(member.name.clone()),
        console: links.map(|(name, href)| ConsoleLink { href, name }).collect(),
        ..Layout::private(title, Nav::None).with_styles(&["css/components/moderation.css"])
    }
}
