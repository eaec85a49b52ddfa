//! Which addresses edges must drop when a photo is removed or its texts change.
//!
//! Decision: there are two ways. The photo's own addresses are named exactly ([`own`]), since the delivery network takes thousands of those
//! at once and caches no variants by query (`infra/edge.json`). Everything else that shows something of a photo is named by one wildcard,
//! [`EVERYTHING`]: feeds, lists, searches, frames, the wall, pages of schools and of neighbouring photos, in each language and with each
//! filter. They have a dozen different prefixes, and only fifteen wildcards may be in progress at once, so naming them one by one would be
//! refused at the second removal in a minute; and a page that is added later could be forgotten. Given up: edges fetch everything again.
//! That costs little: only the files of the pages may be kept for longer than five minutes.

use super::{
    keys::{public_folder, public_path},
    photo::Photo,
};

/// The path that stands for everything that edges have cached.
pub const EVERYTHING: &str = "/*";

/// Returns the addresses of a photo's own pages and API answers, in each language.
pub fn pages(photo: &Photo) -> Vec<String> {
    let id = &photo.id;
    ["/p/", "/cy/p/", "/embed/p/", "/api/v1/photos/"].map(|before| format!("{before}{id}")).to_vec()
}

/// Returns the addresses of a published photo's pages and pictures. A path that ends in `*` stands for all paths with that prefix.
pub fn own(photo: &Photo) -> Vec<String> {
    let mut paths = pages(photo);
    let Some(revision) = &photo.revision else { return paths };
    let before = paths.len();
    paths.extend(photo.public_files().iter().map(|file| public_path(&photo.id, revision, file.name)));
    if paths.len() == before {
        paths.push(format!("/{}*", public_folder(&photo.id, revision)));
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{photo::Rendered, sample, video::Film};

    #[test]
    fn a_video_is_forgotten_with_its_pictures() {
        let photo = sample::published();
        let film = Some(Film { duration_ms: 1, bytes: 1, silent_bytes: None });
        let rendered = photo.rendered.clone().map(|rendered| Rendered { film, ..rendered });
        let paths = own(&Photo { rendered, ..photo.clone() });
        assert!(paths.last().unwrap().ends_with("/film.mp4"), "{paths:?}");
        assert_eq!(paths.len(), own(&photo).len() + 1);
    }

    #[test]
    fn a_photo_s_own_addresses_are_named_exactly() {
        let photo = sample::published();
        let paths = own(&photo);
        assert_eq!(paths.len(), 4 + photo.rendered.as_ref().unwrap().renditions.len());
        assert!(paths.iter().all(|path| path.contains(photo.id.as_str()) && !path.contains('*')), "{paths:?}");
        assert_eq!(pages(&photo), paths[..4]);
    }
}
