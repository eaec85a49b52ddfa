//! What people read instead of a page: nothing here, withdrawn, something broke.

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
    /// What all pages share.
    pub layout: Layout,
    /// The status and the request's id where something broke on our side; empty otherwise.
    pub status: String,
    /// What stands on the bottle; 0 for nothing.
    pub label: u16,
    /// What happened.
    pub heading: String,
    /// The same for this case; empty where the heading says it all.
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
    /// The page of a problem. `request_id` names the answer in our logs, for whoever asks us about it.
    pub fn of(problem: &Problem, request_id: &str) -> Self {
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

    /// What a device shows without a network in the place of a page that it did not keep.
    pub fn offline() -> Self {
        let heading = "There is no connection";
        Self {
            layout: Layout::private(heading, Nav::None),
            label: 0,
            status: String::new(),
            heading: heading.to_owned(),
            text: "This page is not kept on this device. It opens again once there is a network.".to_owned(),
            hint: "Adding photos works without one: choose them and press Send, and they go as soon as they can."
                .to_owned(),
        }
    }

    /// A page that is not there.
    pub fn sample() -> Self {
        Self::of(&Problem::new(&NOT_FOUND, "There is nothing at this address."), "4f0c2a9d1b7e6a33")
    }

    /// A photo that was withdrawn.
    pub fn sample_withdrawn() -> Self {
        Self::of(&Problem::new(&PHOTO_WITHDRAWN, "The photo was withdrawn."), "4f0c2a9d1b7e6a33")
    }

    /// A fault of ours.
    pub fn sample_fault() -> Self {
        let fault = crate::store::Fault::broken("query feed", "the table is not there");
        Self::of(&Problem::from(fault), "4f0c2a9d1b7e6a33")
    }
}

/// A sentence without what tells two ways of saying the same apart: which photo is meant, and the full stop.
fn bare(sentence: &str) -> &str {
    let sentence = sentence.trim_end_matches('.');
    ["This ", "The "].iter().find_map(|article| sentence.strip_prefix(article)).unwrap_or(sentence)
}
