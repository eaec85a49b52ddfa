//! Facts about a photo in words, for the queue and the photo's page.

use shared::domain::{
    Photo,
    photo::{Consent, People},
    reasons::RejectReason,
};

/// Says who is in the photo.
pub fn people(people: People) -> &'static str {
    match people {
        People::None => "nobody",
        People::Adults => "adults, who have agreed",
        People::Pupils => "pupils might be visible",
    }
}

/// Says what the photo may be used for.
pub fn consent(consent: &Consent) -> String {
    let uses = [(consent.web, "this site"), (consent.social, "social networks"), (consent.press, "press")];
    uses.into_iter().filter_map(|(may, name)| may.then_some(name)).collect::<Vec<_>>().join(", ")
}

/// Returns the reasons for rejecting a photo: the name in the API, and the sentence for moderators.
pub fn reasons() -> Vec<(&'static str, &'static str)> {
    let picked = RejectReason::ALL.into_iter().filter(|reason| *reason != RejectReason::Other);
    picked.map(|reason| (reason.as_str(), reason.label())).collect()
}

/// Returns the CSS rule that reserves the space of the `n`th photo of a page before it is loaded.
pub fn shape(n: usize, photo: &Photo) -> String {
    let (width, height) =
        photo.rendered.as_ref().map_or((3, 2), |rendered| (rendered.width.max(1), rendered.height.max(1)));
    format!(".p{n}{{--ar:{:.3}}}", f64::from(width) / f64::from(height))
}
