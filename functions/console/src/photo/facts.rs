//! Facts about a photo in words, for the queue and the photo's page.

use shared::domain::{
    Photo,
    photo::{Consent, People},
    reasons::{PickedReason, RejectReason},
    states::Kind,
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

/// Returns the reasons for rejecting a photo or a video: the name in the API, and the sentence for moderators.
pub fn reasons(kind: Kind) -> Vec<(&'static str, &'static str)> {
    let own_words = PickedReason::Common(RejectReason::Other);
    let picked = PickedReason::of(kind).iter().filter(|reason| **reason != own_words);
    picked.map(|reason| (reason.as_str(), reason.label())).collect()
}

/// Returns the CSS rule that reserves the space of the `n`th photo of a page before it is loaded.
pub fn shape(n: usize, photo: &Photo) -> String {
    let (width, height) =
        photo.rendered.as_ref().map_or((3, 2), |rendered| (rendered.width.max(1), rendered.height.max(1)));
    format!(".p{n}{{--ar:{:.3}}}", f64::from(width) / f64::from(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_video_has_reasons_of_its_own_and_each_reason_of_the_queue_a_digit() {
        let names = |kind| reasons(kind).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let photo = ["pupil", "agreement", "details", "not-work", "advert", "unclear", "duplicate"];
        assert_eq!(names(Kind::Photo), photo);
        let video = names(Kind::Video);
        assert_eq!(video[..4], ["pupil", "name-spoken", "music", "shaky"]);
        assert!(video.len() <= 9, "{video:?}");
    }
}
