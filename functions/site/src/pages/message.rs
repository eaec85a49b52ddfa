//! What people read instead of a page: nothing here, withdrawn, something broke.

use askama::Template;
use shared::web::{
    Problem,
    problem::{NOT_FOUND, PHOTO_WITHDRAWN},
};

use super::Page;
use crate::frame::{Frame, Nav};

/// A problem as a page.
#[derive(Clone, Debug, Template)]
#[template(path = "message.html")]
pub struct Message {
    /// What all pages share.
    pub frame: Frame,
    /// The status and the request's id where something broke on our side; empty otherwise.
    pub status: String,
    /// What stands on the bottle.
    pub label: u16,
    /// What happened.
    pub heading: String,
    /// The same for this case; empty where the heading says it all.
    pub text: String,
    /// What to do.
    pub hint: String,
}

impl Page for Message {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl Message {
    /// The page of a problem. `request_id` names the answer in our logs, for whoever asks us about it.
    pub fn of(problem: &Problem, request_id: &str) -> Self {
        let status = problem.kind.status;
        let status = if status >= 500 { format!("{status} · reference {request_id}") } else { String::new() };
        let heading = problem.kind.title;
        let said = problem.detail.trim_end_matches('.') == heading;
        Self {
            frame: Frame::private(heading, Nav::None),
            label: problem.kind.status,
            status,
            heading: heading.to_owned(),
            text: if said { String::new() } else { problem.detail.clone() },
            hint: problem.hint.clone(),
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
        let fault = shared::store::Fault::broken("query feed", "the table is not there");
        Self::of(&Problem::from(fault), "4f0c2a9d1b7e6a33")
    }
}
