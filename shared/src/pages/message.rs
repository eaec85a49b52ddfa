//! The page shown for a problem: not found, withdrawn, or broken on our side.

use askama::Template;

use super::{
    Page,
    layout::{Layout, Nav},
};
use crate::web::{
    Problem,
    problem::{NOT_FOUND, PHOTO_WITHDRAWN},
};

/// A problem as a page.
#[derive(Clone, Debug, Template)]
#[template(path = "message.html")]
pub struct Message {
    /// The layout.
    pub layout: Layout,
    /// The status and the request's id if something broke on our side; empty otherwise.
    pub status: String,
    /// The status as a number; 0 for the page that is shown without a network, which has another button.
    pub label: u16,
    /// What happened.
    pub heading: String,
    /// What happened in this case; empty if the heading says it all.
    pub text: String,
    /// What to do.
    pub hint: String,
}

impl Page for Message {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Message {
    /// Creates the page of a problem. `request_id` identifies the answer in our logs, for people who ask us about it.
    pub fn new(problem: &Problem, request_id: &str) -> Self {
        let status = problem.kind.status;
        let status = if status >= 500 { format!("{status} · reference {request_id}") } else { String::new() };
        let heading = problem.kind.title;
        let said = bare(&problem.detail) == bare(heading);
        Self {
            layout: Layout::private(heading, Nav::None),
            label: problem.kind.status,
            status,
            heading: heading.to_owned(),
            text: if said { String::new() } else { problem.detail.clone() },
            hint: problem.hint.clone(),
        }
    }

    /// Creates the page that a device shows without a network, in place of a page that it did not keep.
    pub fn offline() -> Self {
        let heading = "No connection";
        Self {
            layout: Layout::private(heading, Nav::None),
            label: 0,
            status: String::new(),
            heading: heading.to_owned(),
            text: "This page is not saved on this device. It opens again once you are online.".to_owned(),
            hint: "You can still add photos: choose them and press Send. They are sent once you are online.".to_owned(),
        }
    }

    /// A sample: not found.
    pub fn sample() -> Self {
        Self::new(&Problem::new(&NOT_FOUND, "There is nothing at this address."), "4f0c2a9d1b7e6a33")
    }

    /// A sample: a withdrawn photo.
    pub fn sample_withdrawn() -> Self {
        Self::new(&Problem::new(&PHOTO_WITHDRAWN, "This photo is not being shown."), "4f0c2a9d1b7e6a33")
    }

    /// A sample: a fault of ours.
    pub fn sample_fault() -> Self {
        let fault = crate::store::Fault::broken("query feed", "the table is not there");
        Self::new(&Problem::from(fault), "4f0c2a9d1b7e6a33")
    }
}

/// Removes the article at the beginning and the full stop, so that two sentences that say the same are equal.
fn bare(sentence: &str) -> &str {
    let sentence = sentence.trim_end_matches('.');
    ["This ", "The "].iter().find_map(|article| sentence.strip_prefix(article)).unwrap_or(sentence)
}
